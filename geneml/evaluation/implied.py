"""What one number of a report says about another: closed forms to hold a table against.

Three of them hold for normal traits and predictions alone; the bounds on squared error hold
for any.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate, stats

# Of Szekely, Rizzo & Bakirov 2007: what makes the distance correlation 1 at r = 1.
_WHOLE = 1 + np.pi / 3 - np.sqrt(3)


def smallest_mse(r: Any, variance: float = 1.0) -> Any:
    """Return the least mean squared error that goes with a correlation.

    A prediction that correlates with the trait by r, on whatever scale, has at best the error
    of the trait's regression on it, variance (1 - r^2); with a correlation below zero at best
    that of predicting the mean.

    Parameters
    ----------
    r : float or array
        Correlation of prediction and trait, in [-1, 1].
    variance : float
        Of the trait, with the divisor n, in the rows that are scored; above 0.

    Returns
    -------
    float or array
        In squared units of the trait.

    Raises
    ------
    TypeError, ValueError
        If something is no number or out of range.
    """
    r, variance = _numbers("r", r, -1, 1), _positive("variance", variance)
    return _plain(variance * (1 - np.maximum(r, 0) ** 2))


def smallest_r(mse: Any, variance: float = 1.0) -> Any:
    """Return the least correlation that goes with a mean squared error; 0 if none is needed.

    The reverse of :func:`smallest_mse`: an error below the variance of the trait asks for a
    correlation of at least sqrt(1 - mse / variance).

    Parameters
    ----------
    mse : float or array
        At least 0, in squared units of the trait.
    variance : float
        Of the trait, with the divisor n, in the rows that are scored; above 0.

    Returns
    -------
    float or array
        In [0, 1].

    Raises
    ------
    TypeError, ValueError
        If something is no number or out of range.
    """
    mse, variance = _numbers("mse", mse, 0, np.inf), _positive("variance", variance)
    return _plain(np.sqrt(np.maximum(1 - mse / variance, 0)))


def normal_distance_correlation(r: Any) -> Any:
    """Return the distance correlation of two normal variables that correlate by r.

    Szekely, Rizzo & Bakirov (2007, Ann. Stat. 35:2769, theorem 7). It is at most the absolute
    value of r, and about nine tenths of it for small r. The one computed from n pairs
    (:func:`geneml.metrics.distance_correlation`) lies above it in small samples.

    Parameters
    ----------
    r : float or array
        In [-1, 1].

    Returns
    -------
    float or array
        In [0, 1].

    Raises
    ------
    TypeError, ValueError
        If r is no number or out of range.
    """
    r = np.abs(_numbers("r", r, -1, 1))
    squared = (
        r * np.arcsin(r) + np.sqrt(1 - r**2) - r * np.arcsin(r / 2) - np.sqrt(4 - r**2) + 1
    ) / _WHOLE
    return _plain(np.sqrt(np.clip(squared, 0, 1)))


def expected_best(looks: int, test_size: int) -> float:
    """Return the mean of the best of several test correlations where nothing can be predicted.

    ``looks`` predictions that have nothing to do with a normal trait, nor with each other, are
    scored on the same ``test_size`` individuals, and the highest correlation is kept. One
    correlation is distributed as t / sqrt(t^2 + n - 2), with Student's t on n - 2 degrees of
    freedom; the mean of the highest of k is 1 less the integral of the k-th power of its
    distribution function.

    Parameters
    ----------
    looks : int
        Number of predictions, at least 1.
    test_size : int
        Individuals, at least 3.

    Returns
    -------
    float
        0 for one look.

    Raises
    ------
    TypeError, ValueError
        If something is no whole number or too small.
    """
    for name, value, least in (("looks", looks, 1), ("test_size", test_size, 3)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name}: expected a whole number, received {type(value).__name__}")
        if value < least:
            raise ValueError(f"{name}: expected at least {least}, received {value}")
    if looks == 1:
        return 0.0
    degrees = int(test_size) - 2

    def below(r: float) -> float:
        return float(stats.t.cdf(r * np.sqrt(degrees / (1 - r * r)), degrees)) ** int(looks)

    # Where the function climbs, so that the integration does not step over it.
    spread = 1 / np.sqrt(test_size)
    points = [s * spread for s in (1, 2, 3, 4, 5) if s * spread < 1]
    area, _ = integrate.quad(below, -1, 1, points=points, limit=400, epsabs=1e-9)
    return float(max(1 - area, 0.0))


def _numbers(name: str, value: Any, low: float, high: float) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name}: expected numbers, received dtype {array.dtype}")
    array = array.astype("float64")
    if not (np.isfinite(array) & (array >= low) & (array <= high)).all():
        raise ValueError(f"{name}: expected finite numbers from {low:g} to {high:g}")
    return array


def _positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name}: expected a number, received {type(value).__name__}")
    if not 0 < value < np.inf:
        raise ValueError(f"{name}: expected a number above 0, received {value}")
    return float(value)


def _plain(value: np.ndarray) -> Any:
    return float(value) if np.ndim(value) == 0 else value
