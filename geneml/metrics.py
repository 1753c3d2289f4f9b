"""How well predictions follow a trait: error, agreement, dependence and calibration."""

from __future__ import annotations

import numpy as np

from geneml._checks import as_vector

_BLOCK = 1024  # rows of the distance matrices held at once


def mean_squared_error(y: np.ndarray, prediction: np.ndarray) -> float:
    """Return the mean squared difference, in squared units of the trait.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Observed and predicted trait.

    Raises
    ------
    TypeError, ValueError
        When the two are not finite numbers of the same length.
    """
    y, prediction = _pair(y, prediction)
    return float(np.mean((y - prediction) ** 2))


def pearson_correlation(y: np.ndarray, prediction: np.ndarray) -> float:
    """Return Pearson's correlation, in [-1, 1]; the field's predictive ability.

    NaN where one of the two is constant: a model that predicts the same for everyone
    has no correlation, rather than a correlation of zero.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Observed and predicted trait.

    Raises
    ------
    TypeError, ValueError
        When the two are not finite numbers of the same length.
    """
    y, prediction = _pair(y, prediction)
    if _is_constant(y) or _is_constant(prediction):
        return float("nan")
    y, prediction = _centred_and_scaled(y), _centred_and_scaled(prediction)
    correlation = y @ prediction / np.sqrt((y @ y) * (prediction @ prediction))
    return float(np.clip(correlation, -1, 1))


def r_squared(y: np.ndarray, prediction: np.ndarray) -> float:
    """Return the coefficient of determination, 1 - MSE / variance of y.

    1 is perfect, 0 is no better than the mean of y, and below 0 is worse. It is not the
    square of Pearson's correlation, which forgives a wrong scale.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Observed and predicted trait.

    Raises
    ------
    TypeError, ValueError
        When the two are not finite numbers of the same length, or y is constant.
    """
    y, prediction = _pair(y, prediction)
    if _is_constant(y):
        raise ValueError("y: expected values that differ, received a constant; R2 is undefined")
    return float(1 - np.sum((y - prediction) ** 2) / np.sum((y - y.mean()) ** 2))


def distance_correlation(y: np.ndarray, prediction: np.ndarray) -> float:
    """Return the distance correlation of a sample, in [0, 1].

    The V-statistic of Szekely, Rizzo & Bakirov (2007, Ann. Stat. 35:2769, definition 5).
    It sees relations that are not straight, which Pearson's correlation misses. What it
    estimates is 0 only under independence; the estimate lies above 0 even then, the more
    so the smaller the sample, so compare it with its value for a shuffled trait. The
    product of the centred distance matrices is expanded into sums of distances, so no
    matrix of n x n is kept. 0 where one of the two is constant.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Observed and predicted trait.

    Raises
    ------
    TypeError, ValueError
        When the two are not finite numbers of the same length.
    """
    y, prediction = _pair(y, prediction)
    if _is_constant(y) or _is_constant(prediction):
        return 0.0
    y, prediction = _centred_and_scaled(y), _centred_and_scaled(prediction)
    covariance = _distance_covariance(y, prediction)
    scale = np.sqrt(_distance_covariance(y, y) * _distance_covariance(prediction, prediction))
    return float(np.sqrt(np.clip(covariance / scale, 0, 1)))


def expectile_loss(y: np.ndarray, prediction: np.ndarray, tau: float) -> float:
    """Return the mean asymmetric squared loss, |tau - 1(y < prediction)| (y - prediction)^2.

    Newey & Powell (1987, Econometrica 55:819). The constant that minimises it is the
    tau-expectile of y; tau = 0.5 gives half the mean squared error.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Observed and predicted trait.
    tau : float
        Strictly between 0 and 1; above 0.5, under-prediction costs more.

    Raises
    ------
    TypeError, ValueError
        When the two are not finite numbers of the same length, or tau is out of range.
    """
    y, prediction = _pair(y, prediction)
    if not 0 < tau < 1:
        raise ValueError(f"tau: expected a number strictly between 0 and 1, received {tau}")
    weights = np.where(y < prediction, 1 - tau, tau)
    return float(np.mean(weights * (y - prediction) ** 2))


def calibration_slope(y: np.ndarray, prediction: np.ndarray) -> float:
    """Return the slope of the regression of y on the prediction.

    1 is calibrated; below 1 the predictions spread too widely (inflated). NaN where
    the prediction is constant.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Observed and predicted trait.

    Raises
    ------
    TypeError, ValueError
        When the two are not finite numbers of the same length.
    """
    y, prediction = _pair(y, prediction)
    if _is_constant(prediction):
        return float("nan")
    scale = np.abs(prediction - prediction.mean()).max()
    centred = _centred_and_scaled(prediction)
    return float(centred @ (y - y.mean()) / (centred @ centred) / scale)


def score(y: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """Return all measures by name.

    Parameters
    ----------
    y, prediction : array_like, shape (n,)
        Observed and predicted trait.

    Returns
    -------
    dict
        ``mse``, ``r``, ``r2``, ``distance_correlation``, ``calibration_slope``.

    Raises
    ------
    TypeError, ValueError
        When the two are not finite numbers of the same length, or y is constant.
    """
    return {
        "mse": mean_squared_error(y, prediction),
        "r": pearson_correlation(y, prediction),
        "r2": r_squared(y, prediction),
        "distance_correlation": distance_correlation(y, prediction),
        "calibration_slope": calibration_slope(y, prediction),
    }


def _pair(y: object, prediction: object) -> tuple[np.ndarray, np.ndarray]:
    observed = as_vector(y, "y")
    return observed, as_vector(prediction, "prediction", len(observed))


def _is_constant(values: np.ndarray) -> bool:
    return bool(values.min() == values.max())


def _centred_and_scaled(values: np.ndarray) -> np.ndarray:
    """Return values of mean 0 within [-1, 1], so that no square under- or overflows."""
    centred = values - values.mean()
    return centred / np.abs(centred).max()


def _distance_covariance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared distance covariance, from sums of distances.

    mean(A B) - 2 mean(row means of A * row means of B) + mean(A) mean(B), with A and B
    the matrices of pairwise distances; equal to the mean product of the doubly centred
    matrices.
    """
    n = len(a)
    product = 0.0
    rows_a, rows_b = np.empty(n), np.empty(n)
    for start in range(0, n, _BLOCK):
        block = slice(start, start + _BLOCK)
        distances_a = np.abs(a[block, None] - a)
        distances_b = np.abs(b[block, None] - b)
        rows_a[block], rows_b[block] = distances_a.mean(axis=1), distances_b.mean(axis=1)
        product += np.vdot(distances_a, distances_b)
    return product / n**2 - 2 * np.mean(rows_a * rows_b) + rows_a.mean() * rows_b.mean()
