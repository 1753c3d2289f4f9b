"""Linear baselines: the mean, least squares, and ridge regression.

Ridge regression on dosages is the marker form of genomic best linear unbiased prediction
(Whittaker et al. 2000, Genet. Res. 75:249; Meuwissen et al. 2001, Genetics 157:1819). With
many more variants than individuals it is solved through the matrix of individuals, otherwise
through the matrix of variants; the answer is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geneml.baselines._table import column_means, gram, project, times, training_rows, weighted_sum

# Shares of variance that the ridge penalty is tried at when none is given: from almost
# nothing to almost everything.
DEFAULT_HERITABILITIES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class LinearFit:
    """A fitted linear model.

    Attributes
    ----------
    coefficients : float64 array (k,)
        One a column; for one-hot input ``(n, L, c)`` the columns are ordered as in
        ``x.reshape(n, L * c)``. For dosages: change of the phenotype for each copy.
    intercept : float
        Prediction where every column is zero.
    penalty : float
        The ridge penalty used; 0 for least squares, infinite for the mean.
    means : float64 array (k,)
        Training means, which stand in for missing values.
    tried : dict
        Each penalty that was tried and its mean squared error on the held-out rows.
    method : str
        ``"mean"``, ``"least squares"`` or ``"ridge"``.
    """

    coefficients: np.ndarray
    intercept: float
    penalty: float
    means: np.ndarray
    tried: dict[Any, float] = field(default_factory=dict)
    method: str = "ridge"

    def predict(self, x: Any) -> np.ndarray:
        """Predict phenotypes.

        Parameters
        ----------
        x : array (n, k) or (n, L, c)
            The same columns as in training; negative integers are missing genotypes.

        Returns
        -------
        float64 array (n,)

        Raises
        ------
        ValueError
            If the number of columns differs from that of the training table.
        """
        table = training_rows(x, None)
        if table.shape[1] != self.coefficients.size:
            raise ValueError(
                f"x has {table.shape[1]} columns, but this model was fitted on "
                f"{self.coefficients.size}. Give the same columns in the same order."
            )
        centre = self.intercept + float(self.means @ self.coefficients)
        return centre + times(table, self.means, self.coefficients[:, None])[:, 0]


def fit_mean(x: Any, y: Any, *, training: Any = None, split: Any = None) -> LinearFit:
    """Predict the training mean for everybody: what any model has to beat first.

    Parameters
    ----------
    x : array (n, k) or (n, L, c)
        Only its shape matters.
    y : array (n,)
        Phenotypes.
    training : array of int, optional
        Training rows; all rows if neither this nor ``split`` is given.
    split : Split, optional
        Anything with an attribute ``training``.

    Returns
    -------
    LinearFit

    Raises
    ------
    ValueError
        If sizes disagree, both ``split`` and ``training`` are given, or the phenotype is
        constant or not finite on the training rows.
    """
    training, _ = _rows(split, training, None)
    table, y, _ = _checked(x, y, training, None)
    width = table.shape[1]
    return LinearFit(np.zeros(width), float(y.mean()), float("inf"), np.zeros(width), {}, "mean")


def fit_least_squares(x: Any, y: Any, *, training: Any = None, split: Any = None) -> LinearFit:
    """Fit by ordinary least squares.

    With more columns than individuals, or columns that depend on each other (the four
    columns of a one-hot base do), many coefficients fit equally well and the shortest vector
    of coefficients is returned.

    Parameters
    ----------
    x : array (n, k) or (n, L, c)
        Dosages, stored genotypes (integers, negative missing) or one-hot input.
    y : array (n,)
        Phenotypes.
    training, split
        As in :func:`fit_mean`.

    Returns
    -------
    LinearFit

    Raises
    ------
    ValueError
        As in :func:`fit_mean`.
    """
    training, _ = _rows(split, training, None)
    table, y, _ = _checked(x, y, training, None)
    means = column_means(table)
    centred = project(table, means, slice(None))
    coefficients = np.linalg.lstsq(centred, y - y.mean(), rcond=None)[0]
    intercept = float(y.mean() - means @ coefficients)
    return LinearFit(coefficients, intercept, 0.0, means, {}, "least squares")


def fit_ridge(
    x: Any,
    y: Any,
    *,
    split: Any = None,
    training: Any = None,
    validation: Any = None,
    penalties: float | Sequence[float] | None = None,
    heritability: float | Sequence[float] | None = None,
) -> LinearFit:
    r"""Fit by ridge regression (Hoerl & Kennard 1970, Technometrics 12:55).

    Minimises :math:`\sum_i (y_i - b_0 - x_i^T b)^2 + \lambda \sum_j b_j^2`; the intercept is
    free and columns are centred, not rescaled. The penalty :math:`\lambda` is the ratio of
    the residual variance to the variance of one effect. A heritability :math:`h^2` sets it
    to :math:`\lambda = \frac{1 - h^2}{h^2} \sum_j s_j^2` with :math:`s_j^2` the training
    variance of column j, which makes the prediction genomic BLUP with that heritability.

    Parameters
    ----------
    x : array (n, k) or (n, L, c)
        Dosages, stored genotypes (integers, negative missing) or one-hot input. Missing
        genotypes are set to the mean of the training rows.
    y : array (n,)
        Phenotypes; finite on the rows used.
    split : Split, optional
        Anything with attributes ``training`` and ``validation``; instead of the two below.
    training : array of int, optional
        Training rows; all rows by default.
    validation : array of int, optional
        Rows on which the penalty is chosen. Without them it is chosen by leaving out one
        training row at a time (in closed form, at no extra cost). Copies and close relatives
        among the training rows make that too kind; give validation rows then.
    penalties : float or sequence, optional
        Penalties to try, above zero.
    heritability : float or sequence, optional
        Heritabilities to try instead, above 0 and below 1. By default a range from 0.01 to
        0.99.

    Returns
    -------
    LinearFit
        With the penalty of the lowest held-out error.

    Raises
    ------
    ValueError
        If both ``penalties`` and ``heritability`` are given, values are out of range, the
        phenotype is constant or not finite, rows overlap, or sizes disagree.
    """
    training, validation = _rows(split, training, validation)
    table, y_train, held_out = _checked(x, y, training, validation)
    means = column_means(table)
    n, p = table.shape
    by_columns = p <= n
    matrix = gram(table, means, columns=by_columns)
    # The trace of either matrix is the sum of squares over the whole centred table.
    lambdas = _penalties(penalties, heritability, total_variance=float(np.trace(matrix)) / n)
    values, vectors = np.linalg.eigh(matrix)
    values = np.clip(values, 0.0, None)
    centred_y = y_train - y_train.mean()
    shrink = 1.0 / (values[:, None] + lambdas[None, :])
    leverage = None
    if by_columns:
        moment = weighted_sum(table, means, centred_y[:, None])
        solutions = vectors @ (shrink * (vectors.T @ moment))
    else:
        dual = vectors @ (shrink * (vectors.T @ centred_y[:, None]))
        solutions = weighted_sum(table, means, dual)
        leverage = (vectors**2) @ (values[:, None] * shrink)
    if held_out is not None:
        held_table, y_held = held_out
        errors = y_held[:, None] - y_train.mean() - times(held_table, means, solutions)
    elif lambdas.size > 1:
        if leverage is None:
            rotated = times(table, means, vectors)
            leverage = (rotated**2) @ shrink
        residual = centred_y[:, None] - times(table, means, solutions)
        errors = residual / np.maximum(1.0 - 1.0 / n - leverage, 1e-12)
    else:
        errors = np.full((1, 1), np.nan)
    losses = (errors**2).mean(axis=0)
    best = int(np.argmin(losses)) if np.isfinite(losses).any() else 0
    coefficients = solutions[:, best]
    return LinearFit(
        coefficients,
        float(y_train.mean() - means @ coefficients),
        float(lambdas[best]),
        means,
        dict(zip(lambdas.tolist(), losses.tolist(), strict=True)),
        "ridge",
    )


def _penalties(penalties: Any, heritability: Any, total_variance: float) -> np.ndarray:
    if penalties is not None and heritability is not None:
        raise ValueError("give penalties or heritability, not both.")
    if penalties is not None:
        values = np.atleast_1d(np.asarray(penalties, dtype="float64"))
        if values.ndim != 1 or values.size == 0 or not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"penalties must be finite numbers above 0, received {penalties!r}.")
        return values
    shares = DEFAULT_HERITABILITIES if heritability is None else heritability
    values = np.atleast_1d(np.asarray(shares, dtype="float64"))
    if values.ndim != 1 or values.size == 0 or not ((values > 0) & (values < 1)).all():
        raise ValueError(f"heritability must lie above 0 and below 1, received {heritability!r}.")
    if not total_variance > 0:
        raise ValueError("no column of x varies among the training rows: nothing to fit.")
    return (1 - values) / values * total_variance


def _rows(split: Any, training: Any, validation: Any) -> tuple[Any, Any]:
    if split is None:
        return training, validation
    if training is not None or validation is not None:
        raise ValueError("give split, or training and validation, not both.")
    return split.training, split.validation


def _checked(
    x: Any, y: Any, training: Any, validation: Any
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray] | None]:
    y = np.asarray(y, dtype="float64")
    n = len(x)
    if y.shape != (n,):
        raise ValueError(
            f"y must hold one phenotype for each of the {n} rows of x, received shape {y.shape}."
        )
    rows = np.arange(n) if training is None else np.asarray(training)
    table, y_train = training_rows(x, rows), y[rows]
    if rows.size < 2:
        raise ValueError(f"at least two training rows are needed, received {rows.size}.")
    if not np.isfinite(y_train).all():
        raise ValueError(
            f"y has {int((~np.isfinite(y_train)).sum())} values among the training rows that are "
            "not finite. Leave individuals without a phenotype out."
        )
    if np.ptp(y_train) == 0:
        raise ValueError(f"y is constant ({y_train[0]}) among the training rows: nothing to learn.")
    if validation is None or len(validation) == 0:
        return table, y_train, None
    held = np.asarray(validation)
    if np.intersect1d(rows, held).size:
        raise ValueError("training and validation share rows; they must be apart.")
    if not np.isfinite(y[held]).all():
        raise ValueError("y has values among the validation rows that are not finite.")
    return table, y_train, (training_rows(x, held), y[held])
