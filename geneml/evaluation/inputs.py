"""What methods are given, and what they give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geneml._checks import as_genotypes
from geneml.adjust import adjust


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything that methods may predict from; rows are individuals, in one order.

    Attributes
    ----------
    genotypes : int8 array (n, p)
        Copies of the counted allele, 0 to 2; -1 for missing.
    loadings : float64 array (n, q), optional
        Loadings of a pedigree (:func:`geneml.pedigree.loadings`). They come from relationships
        alone, never from a trait, so that those of all individuals may be used.
    relationship : float64 array (n, n), optional
        Relationships from a pedigree.
    covariates : float64 array (n, c), optional
        For methods of one's own. Those of :mod:`geneml.evaluation.methods` leave it alone; a
        correction for sex or litter goes into ``compare(adjust=...)``.

    Raises
    ------
    TypeError
        If something does not hold numbers.
    ValueError
        If rows disagree, or values are not finite.
    """

    genotypes: np.ndarray
    loadings: np.ndarray | None = None
    relationship: np.ndarray | None = None
    covariates: np.ndarray | None = None

    def __post_init__(self) -> None:
        genotypes = as_genotypes(self.genotypes)
        object.__setattr__(self, "genotypes", genotypes)
        n = len(genotypes)
        for name in ("loadings", "relationship", "covariates"):
            if (values := getattr(self, name)) is not None:
                table = _as_table(values, name, n)
                if name == "relationship" and table.shape != (n, n):
                    raise ValueError(
                        f"relationship: expected shape ({n}, {n}), received {table.shape}"
                    )
                object.__setattr__(self, name, table)

    @property
    def n(self) -> int:
        """Number of individuals."""
        return len(self.genotypes)

    def need(self, name: str, method: str) -> np.ndarray:
        """Return the input of this name.

        Raises
        ------
        ValueError
            If it was not given.
        """
        values = getattr(self, name)
        if values is None:
            raise ValueError(
                f"inputs: expected {name} for {method}, received none. Give "
                f"Inputs(genotypes, {name}=...), or a method that does without."
            )
        return values


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictions of a method, with what it used.

    Attributes
    ----------
    values : float array (n,) or (n, t)
        Predictions of all individuals, in units of the traits; finite in the test rows.
    markers, loadings : float or array (t,), optional
        How many of them carry the prediction, of each trait. Left out: not counted.
    settings : mapping of str to float or array (t,)
        What was estimated or chosen on the way, such as a heritability or a number of epochs.
    """

    values: np.ndarray
    markers: Any = None
    loadings: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Correction:
    """Takes known influences, such as sex and litter, out of the traits.

    Called as ``correction(y, rows)``: the effects are estimated on these rows alone, and
    taken out of everybody (:func:`geneml.adjust.adjust`).

    Attributes
    ----------
    covariates : DataFrame, n rows
        One column an influence.
    categorical : sequence of str
        Numeric columns that name categories, such as a month.
    """

    covariates: pd.DataFrame
    categorical: Sequence[str] = ()

    def __call__(self, y: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the corrected traits, of the shape of ``y``.

        Parameters
        ----------
        y : array (n,) or (n, t)
            Traits.
        rows : int array
            Rows that set the effects.
        """
        table = np.asarray(y, dtype="float64")
        corrected = [
            adjust(trait, self.covariates, training=rows, categorical=self.categorical)
            for trait in table.reshape(len(table), -1).T
        ]
        return np.column_stack(corrected).reshape(table.shape)


def _as_table(values: Any, name: str, n: int) -> np.ndarray:
    table = np.asarray(values)
    if table.dtype.kind not in "iufb":
        raise TypeError(f"{name}: expected numbers, received dtype {table.dtype}")
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2 or len(table) != n or not table.size:
        raise ValueError(
            f"{name}: expected {n} rows, one for each of the genotypes, received shape "
            f"{np.shape(values)}"
        )
    table = table.astype("float64", copy=False)
    if not np.isfinite(table).all():
        raise ValueError(f"{name}: expected finite numbers, received some that are not")
    return table
