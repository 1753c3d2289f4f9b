"""Products with a centred table that never exists as a whole in floating point.

A stored table may hold 10,000 x 50,000 one-byte genotypes; as ``float64`` that is 4 GB. Every
function here converts some thousand columns or rows at once, sets missing values to the column's
training mean and subtracts that mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

_AT_ONCE = 4_096


def training_rows(x: Any, rows: np.ndarray | None) -> np.ndarray:
    """The chosen rows as a two-dimensional table; one-hot positions laid side by side.

    Raises
    ------
    TypeError
        If ``x`` does not hold numbers.
    ValueError
        If it is not a table, or holds values that are not finite.
    """
    x = np.asarray(x)
    if x.dtype.kind not in "iufb":
        raise TypeError(f"x must hold numbers, received an array of {x.dtype}.")
    if x.ndim < 2 or 0 in x.shape:
        raise ValueError(
            "x must be (individuals, columns) or one-hot (individuals, positions, channels), "
            f"received shape {x.shape}."
        )
    table = (x if rows is None else x[rows]).reshape(len(x) if rows is None else len(rows), -1)
    if table.dtype.kind == "f" and not np.isfinite(table).all():
        raise ValueError(
            "x holds values that are not finite. Store missing genotypes as -1 in an integer "
            "array, or impute them from the training rows first."
        )
    return table


def column_means(table: np.ndarray) -> np.ndarray:
    """Mean of each column over its observed values (negative integers are missing)."""
    means = np.empty(table.shape[1])
    for part in _parts(table.shape[1]):
        block = table[:, part].astype("float64")
        if table.dtype.kind != "i":
            means[part] = block.mean(axis=0)
            continue
        observed = block >= 0
        count = observed.sum(axis=0)
        if (count == 0).any():
            column = part.start + int(np.flatnonzero(count == 0)[0])
            raise ValueError(
                f"column {column} (counting from 0) of x has no observed genotype among the "
                "training rows. Leave such variants out."
            )
        means[part] = np.where(observed, block, 0.0).sum(axis=0) / count
    return means


def project(table: np.ndarray, means: np.ndarray, part: slice) -> np.ndarray:
    """Some columns as ``float64``, centred, missing values at zero."""
    block = table[:, part].astype("float64")
    missing = block < 0 if table.dtype.kind == "i" else None
    block -= means[part]
    if missing is not None:
        block[missing] = 0.0
    return block


def gram(table: np.ndarray, means: np.ndarray, *, columns: bool) -> np.ndarray:
    """``Z.T @ Z`` (``columns=True``) or ``Z @ Z.T`` of the centred table Z."""
    if columns:
        total = np.zeros((table.shape[1], table.shape[1]))
        for rows in _parts(len(table)):
            block = project(table[rows], means, slice(None))
            total += block.T @ block
        return total
    total = np.zeros((len(table), len(table)))
    for part in _parts(table.shape[1]):
        block = project(table, means, part)
        total += block @ block.T
    return total


def times(table: np.ndarray, means: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``Z @ right`` for ``right`` of shape (columns, m)."""
    total = np.zeros((len(table), right.shape[1]))
    for part in _parts(table.shape[1]):
        total += project(table, means, part) @ right[part]
    return total


def weighted_sum(table: np.ndarray, means: np.ndarray, left: np.ndarray) -> np.ndarray:
    """``Z.T @ left`` for ``left`` of shape (rows, m)."""
    total = np.empty((table.shape[1], left.shape[1]))
    for part in _parts(table.shape[1]):
        total[part] = project(table, means, part).T @ left
    return total


def _parts(width: int) -> Iterator[slice]:
    for start in range(0, width, _AT_ONCE):
        yield slice(start, min(start + _AT_ONCE, width))
