"""The record that every study returns, and the tables that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data_sim._pedigree import Pedigree
from data_sim.sequences import encode_bases
from data_sim.studies import _exact

_LETTERS = np.array(list("ACGT"))


@dataclass(frozen=True)
class Study:
    """A simulated cohort with its truth.

    Attributes
    ----------
    name : str
        Name of the function that made it.
    samples : numpy.ndarray of str, shape (n,)
        Unique identifiers.
    traits : pandas.DataFrame
        Phenotypes, indexed by sample.
    genetic_values : pandas.DataFrame
        True genetic values of the same traits, as deviations; indexed by sample.
    truth : dict of str to Truth or MotifTruth
        For each trait, what made it.
    description : str
        What the study imitates and how, in words for a reader.
    genotypes : numpy.ndarray of int8, shape (n, p), or None
        Copies of the alternative allele: 0, 1, 2, or -1 where missing.
    sequences : list of str, or None
        n sequences of one length.
    variants : pandas.DataFrame or None
        p rows: id, chromosome, position, reference, alternative.
    covariates : pandas.DataFrame
        What else is known, indexed by sample; may have no column.
    pedigree : pandas.DataFrame or None
        individual, father, mother as text, "0" where unknown; may hold parents that are no
        samples.
    relationship : numpy.ndarray of float64, shape (n, n), or None
        Expected additive relationships of the samples.
    family : numpy.ndarray of int, shape (n,), or None
        Number of the family of each sample.
    reference : str or None
        The sequence that `sequences` are mutated copies of, where they are.
    causal_genotypes : numpy.ndarray of int8, shape (n, k), or None
        Genotypes at the causal loci, only where these are hidden from `genotypes`; then it is
        this matrix that the truth reads.
    """

    name: str
    samples: np.ndarray
    traits: pd.DataFrame
    genetic_values: pd.DataFrame
    truth: Mapping[str, Any]
    description: str
    genotypes: np.ndarray | None = None
    sequences: list[str] | None = None
    variants: pd.DataFrame | None = None
    covariates: pd.DataFrame = field(default_factory=pd.DataFrame)
    pedigree: pd.DataFrame | None = None
    relationship: np.ndarray | None = None
    family: np.ndarray | None = None
    reference: str | None = None
    causal_genotypes: np.ndarray | None = None

    @property
    def mutations(self) -> np.ndarray:
        """Where sequences differ from their reference: int8 0 or 1, shape (n, length).

        This is the matrix that ``truth[trait].genetic_value`` and the exact explanations read
        in a study of mutated sequences.

        Raises
        ------
        ValueError
            If the study has no reference sequence.
        """
        if self.reference is None or self.sequences is None:
            raise ValueError(
                f"the study {self.name!r} has no reference sequence, so no mutations: "
                "read study.genotypes or study.sequences instead."
            )
        text = np.frombuffer("".join(self.sequences).encode("ascii"), dtype=np.uint8)
        bases = text.reshape(len(self.sequences), len(self.reference))
        letters = np.frombuffer(b"ACGT", dtype=np.uint8)
        return (bases != letters[encode_bases(self.reference)]).astype(np.int8)

    def exact_mutation_effects(self, rows: Any = None, *, trait: str | None = None) -> np.ndarray:
        """How much the genetic value changes with every single mutation of every sample.

        Parameters
        ----------
        rows : array of int or mask, optional
            Which samples; all by default.
        trait : str, optional
            Which trait; needed where there are several.

        Returns
        -------
        numpy.ndarray of float64
            Sequences: (rows, length, 4), the letters in the order A, C, G, T. Genotypes:
            (rows, p, 3), for 0, 1 and 2 copies. Exactly 0 for what is observed, and at loci that
            are not causal.

        Raises
        ------
        TypeError
            If `rows` are no row numbers.
        ValueError
            If there is no such sample or trait, genotypes are missing at causal loci, or the
            causal loci are hidden.
        """
        return _exact.mutation_effects(self, rows, trait)

    def exact_shapley_values(
        self, rows: Any = None, *, background: Any = None, trait: str | None = None
    ) -> np.ndarray:
        """How much each position contributes to the genetic value of every sample.

        Shapley values with positions (or loci) as players, against an empirical background; see
        ``data_sim.traits.exact_shapley_values``.

        Parameters
        ----------
        rows : array of int or mask, optional
            Samples to explain; all by default.
        background : array of int or mask, optional
            Samples to compare with; all by default.
        trait : str, optional
            Which trait; needed where there are several.

        Returns
        -------
        numpy.ndarray of float64, shape (rows, length) or (rows, p)
            Rows sum to the genetic value minus its mean over the background.

        Raises
        ------
        TypeError, ValueError
            As `exact_mutation_effects`, and if the trait has no closed form: that of a motif.
        """
        return _exact.shapley_values(self, rows, background, trait)


def name_samples(prefix: str, n: int) -> np.ndarray:
    """Identifiers such as plant_0001, as wide as they need to be."""
    width = max(4, len(str(n)))
    return np.array([f"{prefix}_{number:0{width}d}" for number in range(1, n + 1)])


def table(samples: np.ndarray, columns: Mapping[str, np.ndarray] | None = None) -> pd.DataFrame:
    """A table indexed by sample; without columns, an empty one."""
    return pd.DataFrame(dict(columns or {}), index=pd.Index(samples, name="sample"))


def variant_table(
    chromosomes: np.ndarray,
    positions: np.ndarray,
    generator: np.random.Generator,
    *,
    prefix: str = "snp",
) -> pd.DataFrame:
    """Identifiers, places and a random pair of different letters for each locus."""
    p = len(positions)
    reference = generator.integers(0, 4, size=p)
    alternative = (reference + generator.integers(1, 4, size=p)) % 4
    return pd.DataFrame(
        {
            "id": name_samples(prefix, p),
            "chromosome": np.asarray(chromosomes).astype(str),
            "position": np.asarray(positions, dtype=np.int64),
            "reference": _LETTERS[reference],
            "alternative": _LETTERS[alternative],
        }
    )


def pedigree_table(pedigree: Pedigree, names: np.ndarray) -> pd.DataFrame:
    """A pedigree in the names of its individuals, "0" for an unknown parent."""
    known = np.concatenate([names.astype(object), ["0"]])  # the index -1 is the last
    return pd.DataFrame(
        {
            "individual": names.astype(str),
            "father": known[pedigree.father].astype(str),
            "mother": known[pedigree.mother].astype(str),
        }
    )
