"""Confidence intervals for results over replicates and over cross-validation folds.

Replicates that were simulated afresh are independent: Student's t fits. Folds of one
data set share most of their training samples, so their scores move together and an
ordinary t interval is too narrow; Nadeau & Bengio's correction widens it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from geneml._checks import as_vector


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval.

    Attributes
    ----------
    mean, low, high : float
        The mean and the two ends, in the units of the values.
    n : int
        Number of values.
    confidence : float
        Coverage, in (0, 1).
    """

    mean: float
    low: float
    high: float
    n: int
    confidence: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        """Write the mean and the ends to the digits that the width supports."""
        half = (self.high - self.low) / 2
        decimals = 2
        if 0 < half < 0.01:
            decimals = min(int(np.ceil(-np.log10(half))), 8)
        elif half >= 10:
            decimals = 0
        return format(self, f".{decimals}f")

    def __format__(self, spec: str) -> str:
        """Apply a number's format to all three, as in ``f"{interval:.3f}"``."""
        if not spec:
            return str(self)
        # Adding 0.0 turns a rounded "-0.00" into "0.00".
        decimals = spec[1:-1] if spec.startswith(".") and spec.endswith("f") else ""
        values: tuple[float, ...] = (self.mean, self.low, self.high)
        if decimals.isdigit():
            values = tuple(round(value, int(decimals)) + 0.0 for value in values)
        mean, low, high = (format(value, spec) for value in values)
        return f"{mean} [{low}, {high}]"


def mean_interval(values: np.ndarray, *, confidence: float = 0.95) -> Interval:
    """Return Student's t interval for the mean of independent values.

    Parameters
    ----------
    values : array_like, shape (n,)
        One value a replicate; at least two.
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    Interval

    Raises
    ------
    TypeError, ValueError
        When there are fewer than two finite values, or the confidence is out of range.
    """
    array = as_vector(values, "values")
    return _t_interval(array, 1 / len(array), confidence, "values")


def paired_interval(a: np.ndarray, b: np.ndarray, *, confidence: float = 0.95) -> Interval:
    """Return Student's t interval for the mean difference a - b over paired replicates.

    Pairing removes what both share, such as an easy data set, and so narrows the
    interval.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        Values of the two methods on the same n replicates, in the same order.
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    Interval

    Raises
    ------
    TypeError, ValueError
        When the two do not have the same number of finite values, at least two.
    """
    first = as_vector(a, "a")
    difference = first - as_vector(b, "b", len(first))
    return _t_interval(difference, 1 / len(difference), confidence, "a and b")


def fold_interval(
    a: np.ndarray,
    b: np.ndarray | None,
    training_size: int,
    test_size: int,
    *,
    confidence: float = 0.95,
) -> Interval:
    """Return the corrected resampled t interval for scores over folds.

    Nadeau & Bengio (2003, Machine Learning 52:239): with k folds (or repeated random
    splits) of ``training_size`` and ``test_size`` samples, the variance of the mean is
    estimated by (1/k + test_size/training_size) s^2 rather than s^2 / k, because the
    training parts overlap. They derive it for repeated random splits; for the folds of a
    cross-validation it is an approximation in common use (Bouckaert & Frank 2004, LNCS
    3056:3). It covers the luck of the split. It does not cover another cohort.

    Parameters
    ----------
    a, b : array_like, shape (k,)
        Scores of two methods on the same folds; the interval is for a - b. ``b=None``
        gives the interval for a alone.
    training_size, test_size : int
        Samples in the training and in the test part of a fold.
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    Interval

    Raises
    ------
    TypeError, ValueError
        When the scores do not fit together or a size is not positive.
    """
    difference = as_vector(a, "a")
    if b is not None:
        difference = difference - as_vector(b, "b", len(difference))
    for name, size in (("training_size", training_size), ("test_size", test_size)):
        if not size > 0:
            raise ValueError(f"{name}: expected a positive number of samples, received {size}")
    return _t_interval(difference, 1 / len(difference) + test_size / training_size, confidence, "a")


def _t_interval(
    values: np.ndarray, variance_factor: float, confidence: float, name: str
) -> Interval:
    if len(values) < 2:
        raise ValueError(f"{name}: expected at least two values, received {len(values)}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: expected a number in (0, 1), received {confidence}")
    n = len(values)
    mean = float(values.mean())
    half = float(
        stats.t.ppf((1 + confidence) / 2, n - 1) * np.sqrt(variance_factor * values.var(ddof=1))
    )
    return Interval(mean, mean - half, mean + half, n, confidence)
