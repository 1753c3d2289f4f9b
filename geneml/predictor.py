"""A trained model together with all that must happen to data before it and after it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geneml._archive import read_archive, write_archive
from geneml.alignment import Alignment, align_genotypes
from geneml.baselines.linear import LinearFit
from geneml.cohort import Cohort
from geneml.encoding import impute_mean
from geneml.preprocessing import VARIANT_COLUMNS, Preprocessing

__all__ = ["Predictor", "Preprocessing", "load_predictor"]


@dataclass(frozen=True)
class Predictor:
    """A model that predicts from files.

    Attributes
    ----------
    model : keras.Model or LinearFit
        With one output.
    preprocessing : Preprocessing
        What surrounds it.
    """

    model: Any
    preprocessing: Preprocessing

    @classmethod
    def from_fit(
        cls,
        fit: Any,
        cohort: Cohort,
        *,
        trait: str,
        baseline: str | None = None,
        about: dict[str, Any] | None = None,
    ) -> Predictor:
        """Make a predictor from a training run.

        Parameters
        ----------
        fit : geneml.training.Fit
            Of one trait, trained on the genotypes or sequences of ``cohort``, in its order.
        cohort : Cohort
            The individuals of the run.
        trait : str
            Name of the trait.
        baseline : str, optional
            ``"ridge"`` or ``"mean"``: keep that baseline instead of the network.
        about : dict, optional
            Anything to remember; JSON values.

        Returns
        -------
        Predictor

        Raises
        ------
        ValueError
            If the network's input fits neither the genotypes nor the sequences, or several
            traits were trained.
        """
        if fit.observed.ndim != 1:
            raise ValueError("fit: expected one trait, received several.")
        shape, whole_numbers = _network_input(fit.model)
        inputs = _guess_inputs(shape, whole_numbers, cohort)
        scale: dict[str, Any] = {
            "mean": float(fit.scaler.mean[0]),
            "standard_deviation": float(fit.scaler.standard_deviation[0]),
        }
        model = fit.model
        if baseline is not None:
            if baseline not in fit.baselines:
                raise ValueError(
                    f"baseline: expected one of {sorted(fit.baselines)}, received {baseline!r}."
                )
            model, scale = fit.baselines[baseline], {}
        known: dict[str, Any] = {"trait": trait, "about": about or {}, **scale}
        if cohort.genotypes is None or cohort.variants is None or inputs == "one_hot_sequences":
            return cls(model, Preprocessing(inputs, length=shape[0], **known))
        variants = cohort.variants[list(VARIANT_COLUMNS)].reset_index(drop=True)
        _, means = impute_mean(cohort.genotypes[fit.parts["training"]])
        return cls(model, Preprocessing(inputs, variants=variants, dosage_means=means, **known))

    def predict(self, data: Any, *, tolerance: float = 0.05) -> pd.Series | np.ndarray:
        """Predict phenotypes, in the trait's own unit.

        Parameters
        ----------
        data : Cohort, path, array or list of str
            A cohort or a file that :func:`geneml.readers.read` can read: variants are matched
            by identifier and allele (:func:`geneml.alignment.align_genotypes`). An ``int``
            array (n, p) of stored genotypes must be in the model's order. A list of
            sequences is encoded.
        tolerance : float
            Largest share of the model's variants that may be absent.

        Returns
        -------
        Series indexed by sample, or float64 array (n,) for an array or list

        Raises
        ------
        TypeError, ValueError
            If the data are not what the model was trained on.
        """
        if isinstance(data, str | Path):
            from geneml.readers import read

            data = read(data)
        if isinstance(data, Cohort):
            return self.predict_cohort(data, tolerance=tolerance)[0]
        if self.preprocessing.inputs == "one_hot_sequences":
            return self._outputs(self.preprocessing.encode_sequences(data))
        return self._outputs(self.preprocessing.encode_genotypes(np.asarray(data)))

    def predict_cohort(
        self, cohort: Cohort, *, tolerance: float = 0.05
    ) -> tuple[pd.Series, Alignment | None]:
        """Predict a cohort, and tell how its variants were matched; see :meth:`predict`.

        Returns
        -------
        Series indexed by sample, and an Alignment (``None`` for sequences)

        Raises
        ------
        ValueError
            If the cohort does not hold what the model was trained on.
        """
        know, alignment = self.preprocessing, None
        if know.inputs == "one_hot_sequences":
            if cohort.sequences is None:
                raise ValueError("data: expected sequences, as in training; the cohort has none")
            encoded = know.encode_sequences(cohort.sequences)
        else:
            if cohort.genotypes is None or cohort.variants is None or know.variants is None:
                raise ValueError("data: expected genotypes, as in training; the cohort has none")
            alignment = align_genotypes(
                cohort.genotypes, cohort.variants, know.variants, tolerance=tolerance
            )
            encoded = know.encode_genotypes(alignment.genotypes)
        index = pd.Index(cohort.samples, name="sample")
        return pd.Series(self._outputs(encoded), index, name=know.trait), alignment

    def save(self, path: Path | str) -> Path:
        """Write the predictor to one file, whole or not at all.

        Parameters
        ----------
        path : path or str
            By custom it ends in ``.geneml``.

        Returns
        -------
        Path

        Raises
        ------
        FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError
            If no file can be written there.
        """
        write_archive(path, self.model, self.preprocessing)
        return Path(path)

    def _outputs(self, encoded: np.ndarray) -> np.ndarray:
        if isinstance(self.model, LinearFit):
            return self.model.predict(encoded)
        from geneml.result import predict_in_batches

        know = self.preprocessing
        outputs = predict_in_batches(self.model, encoded)[:, 0].astype("float64")
        return know.mean + know.standard_deviation * outputs


def load_predictor(path: Path | str) -> Predictor:
    """Read a predictor that :meth:`Predictor.save` wrote.

    Parameters
    ----------
    path : path or str
        The file.

    Returns
    -------
    Predictor

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ValueError
        If it is no such file, is damaged, or was written by a newer version.
    """
    return Predictor(*read_archive(path))


def _network_input(model: Any) -> tuple[tuple[int, ...], bool]:
    """Shape of one individual, and whether the network takes stored whole numbers."""
    if len(model.inputs) != 1:
        raise ValueError("model: expected a network with one input.")
    return tuple(model.inputs[0].shape[1:]), "int" in str(model.inputs[0].dtype)


def _guess_inputs(shape: tuple[int, ...], whole_numbers: bool, cohort: Cohort) -> str:
    p = cohort.n_variants
    if p and shape == (p,):
        return "genotypes" if whole_numbers else "dosages"
    if p and shape == (p, 3):
        return "one_hot_genotypes"
    if cohort.sequences is not None and shape == (len(cohort.sequences[0]), 4):
        return "one_hot_sequences"
    raise ValueError(
        f"fit: its network takes individuals of shape {shape}, which is neither the {p} variants "
        "nor the sequences of this cohort"
    )
