"""What must happen to data before a model sees them, and to its output afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geneml._checks import MISSING, as_genotypes
from geneml.encoding import one_hot_genotypes, one_hot_sequences

INPUTS = ("genotypes", "dosages", "one_hot_genotypes", "one_hot_sequences")
VARIANT_COLUMNS = ("id", "chromosome", "position", "reference", "alternative")


@dataclass(frozen=True)
class Preprocessing:
    """How data become the model's input, and its output a phenotype.

    Attributes
    ----------
    inputs : str
        What the model takes: ``"genotypes"`` (stored, ``int8``, the model encodes them),
        ``"dosages"`` (``float32``, missing calls at the training mean),
        ``"one_hot_genotypes"`` (p, 3) or ``"one_hot_sequences"`` (L, 4).
    trait : str
        Name of the trait.
    mean, standard_deviation : float
        The phenotype is ``mean + standard_deviation * output``; 0 and 1 for a linear model.
    variants : DataFrame or None
        The p variants in the model's order: ``id``, ``chromosome``, ``position``,
        ``reference``, ``alternative``.
    dosage_means : float32 array (p,) or None
        Mean dosages of the training individuals.
    length : int or None
        Bases in a sequence.
    alphabet : str
        Letters, in the order of the one-hot columns.
    about : dict
        Anything to remember (scores, versions); JSON values.
    """

    inputs: str
    trait: str = "phenotype"
    mean: float = 0.0
    standard_deviation: float = 1.0
    variants: pd.DataFrame | None = None
    dosage_means: np.ndarray | None = None
    length: int | None = None
    alphabet: str = "ACGT"
    about: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.inputs not in INPUTS:
            raise ValueError(f"inputs: expected one of {INPUTS}, received {self.inputs!r}.")
        if self.inputs == "one_hot_sequences":
            if self.length is None:
                raise ValueError("length: expected the bases in a sequence, received None.")
            return
        if self.variants is None or any(name not in self.variants for name in VARIANT_COLUMNS):
            raise ValueError(
                f"variants: expected a table with the columns {', '.join(VARIANT_COLUMNS)}."
            )
        means = self.dosage_means
        if self.inputs == "dosages" and (means is None or means.shape != (self.n_variants,)):
            raise ValueError(
                f"dosage_means: expected {self.n_variants} training means, received "
                f"{None if means is None else means.shape}."
            )

    @property
    def n_variants(self) -> int:
        """Number of the model's variants; 0 for sequences."""
        return 0 if self.variants is None else len(self.variants)

    def encode_genotypes(self, genotypes: np.ndarray) -> np.ndarray:
        """Stored genotypes (n, p), in the model's order, as the model's input."""
        genotypes = as_genotypes(genotypes)
        if genotypes.shape[1] != self.n_variants:
            raise ValueError(
                f"genotypes: expected the model's {self.n_variants} variants in its order, "
                f"received {genotypes.shape[1]}; give a Cohort to have them matched by identifier"
            )
        if self.inputs == "one_hot_genotypes":
            return one_hot_genotypes(genotypes)
        if self.dosage_means is None or self.inputs == "genotypes":
            return genotypes
        return np.where(genotypes == MISSING, self.dosage_means, genotypes).astype("float32")

    def encode_sequences(self, sequences: Any) -> np.ndarray:
        """Sequences as the model's input (n, L, 4); an unknown base is four zeros."""
        one_hot = one_hot_sequences(sequences, alphabet=self.alphabet, unknown="zero")
        if one_hot.shape[1] != self.length:
            raise ValueError(
                f"sequences: expected {self.length} bases, as in training, received "
                f"{one_hot.shape[1]}"
            )
        return one_hot
