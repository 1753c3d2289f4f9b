"""Reading the answers of this lesson: as numbers, as row numbers, or with a kind word."""

import numpy as np

from lessons.grader import require
from lessons.grader.requirements import kind_of


def close(received, expected) -> bool:
    """True where shapes agree and the numbers are equal to about six digits."""
    received, expected = np.asarray(received), np.asarray(expected)
    if received.shape != expected.shape or received.dtype.kind not in "biuf":
        return False
    return bool(np.allclose(received, expected, rtol=1e-5, atol=1e-8))


def numbers(result, name, shape):
    """Return the answer as floats, or explain kindly what came instead."""
    require(result is not None, f"{name} gave back nothing. Does it end with a return statement?")
    wanted = f"an array of numbers of shape {shape}" if shape else "one number"
    try:
        # Text that looks like numbers would be turned into numbers.
        text = np.asarray(result).dtype.kind in "US"
        array = None if text else np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        array = None
    require(array is not None, f"{name} should return {wanted}.", received=kind_of(result))
    require(
        array.shape == shape,
        f"{name} should return {wanted}. Yours has shape {array.shape}.",
    )
    return array


def row_numbers(result, name, n):
    """Return the answer as row numbers from 0 to n - 1, or explain what came instead."""
    try:
        rows = np.asarray(result)
    except (TypeError, ValueError):
        rows = np.zeros((0, 0))
    wanted = f"{name} should give whole numbers: the positions of rows."
    require(
        rows.dtype.kind != "b",
        f"{wanted} You gave True and False; np.flatnonzero(mask) turns them into positions.",
    )
    require(
        not (rows.ndim == 2 and len(rows) == 1),
        f"{wanted} Yours are packed once more: np.where(...) gives a tuple, of which you need "
        "the first part, np.where(...)[0].",
    )
    whole = rows.ndim == 1 and (rows.dtype.kind in "iu" or rows.size == 0)
    require(bool(whole), wanted, received=kind_of(result))
    rows = rows.astype(int)
    outside = rows[(rows < 0) | (rows >= n)]
    require(
        len(outside) == 0,
        f"{name}: there are {n} rows, numbered from 0 to {n - 1}. You gave {outside[:1]}.",
    )
    return rows
