"""Expectiles: the points of balance of a sample, and whether predicted ones stay in order.

The tau-expectile of a sample is the number e with

    tau * sum of (y - e) over the y above e  =  (1 - tau) * sum of (e - y) over the y below e,

which is where the mean of |tau - 1(y < e)| (y - e)^2 is smallest (Newey & Powell 1987,
Econometrica 55:819). At tau = 0.5 it is the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml._checks import as_vector


def expectile(y: Any, tau: Any, *, weights: Any = None) -> Any:
    """Return the expectile of a sample, exactly.

    Between two neighbouring values the condition of balance is linear, so after sorting the
    right pair of neighbours is looked up and the expectile follows in closed form.

    Parameters
    ----------
    y : array_like, shape (n,)
        Finite numbers, in any unit.
    tau : float, or array_like, shape (t,)
        Levels, strictly between 0 and 1.
    weights : array_like, shape (n,), optional
        How often each value counts, at least 0; 1 each by default.

    Returns
    -------
    float, or float64 array of shape (t,)
        In the unit of ``y``.

    Raises
    ------
    TypeError
        When the values, the levels or the weights are not numbers.
    ValueError
        When values are not finite, a level lies outside (0, 1), or weights are negative, all
        zero or of another length.
    """
    y = as_vector(y, "y")
    levels = as_levels(tau)
    weights = np.ones(len(y)) if weights is None else as_vector(weights, "weights", len(y))
    if weights.min() < 0 or not weights.any():
        raise ValueError(
            "weights: expected numbers of at least 0 that are not all 0, received a smallest "
            f"weight of {weights.min()} and a largest of {weights.max()}"
        )
    order = np.argsort(y[weights > 0], kind="stable")
    values, weights = y[weights > 0][order], weights[weights > 0][order]
    if values[0] == values[-1]:
        found = np.full(levels.shape, values[0])
    else:
        found = _between_neighbours(values, weights / weights.max(), levels)
    return found if np.ndim(tau) else float(found[0])


def crossing_rate(predictions: Any, taus: Any) -> float:
    """Return the share of individuals whose predicted expectiles are out of order.

    Expectiles of one distribution rise with their level. Models fitted one level at a time
    know nothing of each other, so their predictions can cross.

    Parameters
    ----------
    predictions : array_like, shape (n, t)
        One row an individual, one column a level; finite.
    taus : array_like, shape (t,)
        The levels of the columns: at least two, rising, strictly between 0 and 1.

    Returns
    -------
    float
        In [0, 1]: for how many individuals at least one lower level lies above a higher one.

    Raises
    ------
    TypeError
        When the predictions or levels are not numbers.
    ValueError
        When shapes disagree, values are not finite, or the levels do not rise.
    """
    table, _ = as_level_table(predictions, taus)
    if table.shape[1] < 2:
        raise ValueError("taus: expected at least two levels to compare, received 1")
    # A lower level above any higher one means that some neighbours are out of order.
    return float((np.diff(table, axis=1) < 0).any(axis=1).mean())


def as_levels(tau: Any, name: str = "tau") -> np.ndarray:
    """Return one or more levels as float64 of shape (t,).

    Raises
    ------
    TypeError
        When they are not numbers.
    ValueError
        When there is none, or one is not strictly between 0 and 1.
    """
    levels = np.asarray(tau)
    if levels.dtype.kind not in "iuf":
        raise TypeError(f"{name}: expected numbers between 0 and 1, received {tau!r}")
    levels = np.atleast_1d(levels).astype("float64")
    if levels.ndim != 1 or levels.size == 0:
        raise ValueError(f"{name}: expected a number or a row of numbers, received {tau!r}")
    if not ((levels > 0) & (levels < 1)).all():
        raise ValueError(f"{name}: expected numbers strictly between 0 and 1, received {tau!r}")
    return levels


def as_level_table(predictions: Any, taus: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions (n, t) and their rising levels (t,), both float64.

    Raises
    ------
    TypeError, ValueError
        As :func:`crossing_rate`.
    """
    levels = as_levels(taus, "taus")
    if (np.diff(levels) <= 0).any():
        raise ValueError(f"taus: expected levels that rise, received {levels.tolist()}")
    table = np.asarray(predictions)
    if table.dtype.kind not in "iuf":
        raise TypeError(f"predictions: expected numbers, received dtype {table.dtype}")
    if table.ndim != 2 or table.shape[1] != levels.size or len(table) == 0:
        raise ValueError(
            f"predictions: expected shape (individuals, {levels.size}), one column a level, "
            f"received {table.shape}"
        )
    if not np.isfinite(table).all():
        raise ValueError(
            "predictions: expected finite numbers, received "
            f"{int((~np.isfinite(table)).sum())} that are NaN or infinite"
        )
    return table.astype("float64"), levels


def _between_neighbours(values: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Expectiles of sorted values that are not all equal."""
    # Within [-2, 2] by a power of two (exactly), then centred and within [-1, 1]: no sum
    # overflows or loses the differences.
    unit = np.ldexp(1.0, int(np.frexp(np.abs(values).max())[1]) - 1)
    z = values / unit
    middle = z.mean()
    z = z - middle
    scale = np.abs(z).max()
    z = z / scale
    weight_below, moment_below = np.cumsum(weights), np.cumsum(weights * z)
    weight_above = weight_below[-1] - weight_below
    moment_above = moment_below[-1] - moment_below
    # Each value is itself an expectile: of the level at which it balances the others.
    pull_below = np.maximum(z * weight_below - moment_below, 0)
    pull_above = np.maximum(moment_above - z * weight_above, 0)
    own_level = np.maximum.accumulate(pull_below / (pull_below + pull_above))
    k = np.clip(np.searchsorted(own_level, levels, side="right") - 1, 0, len(z) - 2)
    top = levels * moment_above[k] + (1 - levels) * moment_below[k]
    balance = top / (levels * weight_above[k] + (1 - levels) * weight_below[k])
    return unit * (middle + scale * np.clip(balance, z[k], z[k + 1]))
