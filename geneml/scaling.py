"""Standardising phenotypes with numbers learned from the training part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class PhenotypeScaler:
    """Mean and standard deviation of each trait among the training individuals.

    Attributes
    ----------
    mean, standard_deviation : float64 arrays (t,)
        One value a trait, in the trait's own unit.
    """

    mean: np.ndarray
    standard_deviation: np.ndarray

    @classmethod
    def learn(cls, phenotypes: Any, training: Any) -> PhenotypeScaler:
        """Learn from the training rows alone.

        Parameters
        ----------
        phenotypes : array (n,) or (n, t)
            Phenotypes; finite on the training rows.
        training : array of int
            Training rows.

        Raises
        ------
        ValueError
            If a training phenotype is not finite, or a trait is constant among them.
        """
        table = as_table(phenotypes)[np.asarray(training)]
        if not np.isfinite(table).all():
            raise ValueError(
                f"{int((~np.isfinite(table)).sum())} training phenotypes are not finite. Leave "
                "individuals without a phenotype out of the split."
            )
        if len(table) < 2 or (np.ptp(table, axis=0) == 0).any():
            raise ValueError(
                "a phenotype is constant among the training individuals, so there is nothing "
                f"to learn from it ({len(table)} individuals)."
            )
        return cls(table.mean(axis=0), table.std(axis=0))

    def transform(self, phenotypes: Any) -> np.ndarray:
        """Phenotypes in training standard deviations from the training mean, shape kept."""
        values = np.asarray(phenotypes, dtype="float64")
        scaled = (as_table(values) - self.mean) / self.standard_deviation
        return scaled.reshape(values.shape)

    def inverse(self, scaled: Any) -> np.ndarray:
        """Back to the trait's own unit, shape kept."""
        values = np.asarray(scaled, dtype="float64")
        return (as_table(values) * self.standard_deviation + self.mean).reshape(values.shape)


def as_table(phenotypes: Any) -> np.ndarray:
    """Phenotypes as a ``float64`` table (n, t); one trait becomes one column.

    Raises
    ------
    ValueError
        If there are more than two dimensions.
    """
    values = np.asarray(phenotypes, dtype="float64")
    if values.ndim not in (1, 2):
        raise ValueError(f"phenotypes must be (n,) or (n, t), received shape {values.shape}.")
    return values[:, None] if values.ndim == 1 else values
