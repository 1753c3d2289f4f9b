"""Expectile regression: a straight line through a chosen level of the distribution.

The linear rival of an expectile network. The loss is a convex function made of quadratic
pieces, so Newton's method, which here is least squares with weights renewed from the signs of
the residuals (Newey & Powell 1987, Econometrica 55:819), ends at the exact answer after a few
steps. Each step is shortened until the loss falls enough, which makes the end certain
(Mangasarian 2002, Optim. Methods Softw. 17:913).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml.baselines._table import column_means, gram, project, weighted_sum
from geneml.baselines.linear import LinearFit, _checked, _rows
from geneml.expectiles import as_levels

_MOST_STEPS = 200
_SMALL = 1e-13  # smallest eigenvalue of a Hessian of unit diagonal that counts as information


@dataclass(frozen=True)
class ExpectileFit(LinearFit):
    """A fitted expectile regression; attributes and prediction as :class:`LinearFit`.

    Attributes
    ----------
    tau : float
        The level, strictly between 0 and 1.
    iterations : int
        Newton steps taken.
    """

    tau: float = 0.5
    iterations: int = 0


def fit_expectile_regression(
    x: Any,
    y: Any,
    tau: float,
    *,
    penalty: float = 0.0,
    training: Any = None,
    split: Any = None,
) -> ExpectileFit:
    r"""Fit expectile regression, with a ridge penalty where asked for.

    Minimises :math:`\frac{1}{n} \sum_i |\tau - 1(r_i < 0)| r_i^2 + \lambda \sum_j b_j^2` with
    :math:`r_i = y_i - b_0 - x_i^T b`; the intercept is free and columns are not rescaled. At
    :math:`\tau = 0.5` it is ridge regression with the penalty :math:`2 n \lambda` of
    :func:`~geneml.baselines.fit_ridge`. Because the loss is a mean, the same :math:`\lambda`
    serves training parts of any size, and a trait in any unit.

    Parameters
    ----------
    x : array (n, k) or (n, L, c)
        Dosages, stored genotypes (integers, negative missing) or one-hot input. Missing
        genotypes are set to the mean of the training rows.
    y : array (n,)
        Phenotypes; finite on the rows used.
    tau : float
        Level, strictly between 0 and 1.
    penalty : float
        :math:`\lambda`, at least 0. At 0 with columns that depend on each other many
        coefficients fit equally well; copies of a column then share its effect.
    training : array of int, optional
        Training rows; all rows if neither this nor ``split`` is given.
    split : Split, optional
        Anything with attributes ``training`` and ``validation``; only the training rows are
        used.

    Returns
    -------
    ExpectileFit

    Raises
    ------
    TypeError
        If ``x`` or ``tau`` does not hold numbers.
    ValueError
        If ``tau`` or ``penalty`` is out of range, sizes disagree, both ``split`` and
        ``training`` are given, or the phenotype is constant or not finite on the training
        rows.
    """
    level, strength = _checked_settings(tau, penalty)
    training, _ = _rows(split, training, None)
    table, y_train, _ = _checked(x, y, training, None)
    means = column_means(table)
    n, k = table.shape
    if k < n:
        features, back = _without_constants(project(table, means, slice(None)), means), None
    else:
        # The best coefficients are combinations of the n rows, so at most n directions of
        # the k-dimensional space matter; along them the sum of squares is the same.
        values, vectors = np.linalg.eigh(gram(table, means, columns=False))
        kept = values > values.max() * n * np.finfo(float).eps
        features = vectors[:, kept] * np.sqrt(values[kept])
        back = vectors[:, kept] / np.sqrt(values[kept])
    intercept, coefficients, steps = _newton(features, y_train, level, strength)
    if back is not None:
        coefficients = weighted_sum(table, means, (back @ coefficients)[:, None])[:, 0]
    return ExpectileFit(
        coefficients=coefficients,
        intercept=float(intercept - means @ coefficients),
        penalty=strength,
        means=means,
        method="expectile regression",
        tau=level,
        iterations=steps,
    )


def expectile_ridge(
    features: np.ndarray, y: np.ndarray, tau: float, penalty: float = 0.0
) -> tuple[float, np.ndarray]:
    """Solve expectile ridge regression for a narrow table of numbers.

    The quick core of :func:`fit_expectile_regression`, for the same objective: the output
    layer of a network whose hidden layer is frozen is such a problem.

    Parameters
    ----------
    features : float64 array (n, k)
        Finite; k may be 0, and columns may be constant or depend on each other.
    y : float64 array (n,)
        Finite.
    tau : float
        Level, strictly between 0 and 1.
    penalty : float
        Weight of the sum of squared coefficients beside the mean loss, at least 0.

    Returns
    -------
    intercept : float
    coefficients : float64 array (k,)
        Zero for constant columns.

    Raises
    ------
    TypeError
        If ``tau`` is not a number.
    ValueError
        If sizes disagree, values are not finite, or ``tau`` or ``penalty`` is out of range.
    """
    level, strength = _checked_settings(tau, penalty)
    features, y = np.asarray(features, dtype="float64"), np.asarray(y, dtype="float64")
    if features.ndim != 2 or y.shape != features.shape[:1] or y.size == 0:
        raise ValueError(
            "features must be (n, k) and y (n,) with n at least 1, received shapes "
            f"{features.shape} and {y.shape}."
        )
    if not (np.isfinite(features).all() and np.isfinite(y).all()):
        raise ValueError("features and y must hold finite numbers; some are NaN or infinite.")
    means = features.mean(axis=0)
    centred = _without_constants(features - means, means)
    intercept, coefficients, _ = _newton(centred, y, level, strength)
    return float(intercept - means @ coefficients), coefficients


def _checked_settings(tau: Any, penalty: Any) -> tuple[float, float]:
    levels = as_levels(tau)
    if np.ndim(tau) or levels.size != 1:
        raise ValueError(f"tau: expected one number, received {tau!r}; fit each level by itself.")
    if not 0 <= penalty < np.inf:
        raise ValueError(f"penalty must be a finite number of at least 0, received {penalty!r}.")
    return float(levels[0]), float(penalty)


def _without_constants(centred: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Zero the columns that hold nothing but the rounding error of a constant."""
    centred[:, np.abs(centred).max(axis=0) <= 1e-12 * np.abs(means)] = 0.0
    return centred


def _newton(
    centred: np.ndarray, y: np.ndarray, tau: float, penalty: float
) -> tuple[float, np.ndarray, int]:
    """Intercept for centred columns, coefficients, steps taken."""
    n, k = centred.shape
    design = np.empty((n, k + 1))
    design[:, 0], design[:, 1:] = 1.0, centred
    ridge = np.full(k + 1, n * penalty)
    ridge[0] = 0.0
    middle = y.mean()
    solution, residual = np.zeros(k + 1), y - middle
    below = residual < 0
    weight = np.where(below, 1 - tau, tau)
    value = start = float(weight @ residual**2)
    steps, settled = 0, False
    while not settled and steps < _MOST_STEPS and value > 0:
        downhill = design.T @ (weight * residual) - ridge * solution
        hessian = (design.T * weight) @ design
        hessian[np.diag_indices(k + 1)] += ridge
        step = _solve(hessian, downhill)
        gain = float(downhill @ step)
        # What the whole step wins if no sign changes; below this, rounding is all there is.
        if not gain > 1e-22 * start:
            break
        change, share = design @ step, 1.0
        while True:
            trial, trial_residual = solution + share * step, residual - share * change
            trial_below = trial_residual < 0
            trial_weight = np.where(trial_below, 1 - tau, tau)
            trial_value = float(trial_weight @ trial_residual**2 + ridge @ trial**2)
            if trial_value <= value - 1e-4 * share * gain or share < 1e-9:
                break
            share /= 2
        if not trial_value <= value:
            break  # rounding is larger than what is left to win
        steps += 1
        # A whole step without a change of sign ends at the minimum of the right piece.
        settled = share == 1 and bool((trial_below == below).all())
        solution, residual, below = trial, trial_residual, trial_below
        weight, value = trial_weight, trial_value
    return middle + float(solution[0]), solution[1:], steps


def _solve(hessian: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve with a symmetric matrix that may be singular; nothing along its null space."""
    size = np.sqrt(np.diag(hessian))
    size[size == 0] = 1.0
    values, vectors = np.linalg.eigh(hessian / np.outer(size, size))
    used = values > _SMALL * values[-1]
    vectors = vectors[:, used]
    return vectors @ (vectors.T @ (right / size) / values[used]) / size
