"""Reading an answer before it is judged: as numbers, a table or rows, or with a kind word.

A learner may return a list, an array or a single number; the checks of all lessons accept
the same, and say in the same words what came instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.grader.requirements import kind_of, require


def close(received: Any, expected: Any, *, absolute: float = 1e-8) -> bool:
    """True where shapes agree and the numbers are equal to about five digits.

    Parameters
    ----------
    received, expected : array-like
        Of any shape.
    absolute : float
        Difference that passes near zero.
    """
    received, expected = np.asarray(received), np.asarray(expected)
    if received.shape != expected.shape or received.dtype.kind not in "biuf":
        return False
    return bool(np.allclose(received, expected, rtol=1e-5, atol=absolute))


def first_difference(received: Any, expected: Any, *, absolute: float = 1e-8) -> tuple[int, ...]:
    """Where the first number is that differs; NaN differs from everything."""
    differs = ~np.isclose(received, expected, atol=absolute)
    return tuple(int(place) for place in np.argwhere(differs)[0])


def is_number(value: Any) -> bool:
    """True for a single number, also when it comes as an array without axes."""
    return np.asarray(value).shape == () and np.asarray(value).dtype.kind in "biuf"


def require_number(value: Any, name: str) -> None:
    """Require one number from the function `name`, and say what came instead."""
    message = f"`{name}` should return one number."
    require(is_number(value), message, received=kind_of(value))


def table(result: Any, shape: tuple[int, ...], what: str, *, hint: str | None = None) -> np.ndarray:
    """Return the answer as an array of numbers of that shape.

    Parameters
    ----------
    result : any
        What came back.
    shape : tuple of int
        Shape that it must have.
    what : str
        The message otherwise.
    hint : str, optional
        Hint earned otherwise.

    Raises
    ------
    NotPassed
        When it is something else.
    """
    require(result is not None, "Your function gave back nothing. Is the `return` missing?")
    try:
        array = np.asarray(result)
    except ValueError:  # rows of different lengths
        array = np.asarray(None)
    same = array.shape == shape and array.dtype.kind in "biuf"
    require(same, what, hint=hint, expected=f"shape {shape}", received=kind_of(result))
    return array


def numbers(
    result: Any, name: str, shape: tuple[int, ...], *, hint: str | None = None
) -> np.ndarray:
    """Return the answer of the function `name` as floats of that shape; ``()`` is one number.

    Raises
    ------
    NotPassed
        When it is something else; a wrong shape earns `hint`.
    """
    require(result is not None, f"{name} gave back nothing. Does it end with a return statement?")
    wanted = f"an array of numbers of shape {shape}" if shape else "one number"
    array = None
    try:
        # Text that looks like numbers would be turned into numbers.
        if np.asarray(result).dtype.kind not in "US":
            array = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        pass
    if array is None:
        require(False, f"{name} should return {wanted}.", received=kind_of(result))
        raise AssertionError("require(False) raises")
    require(
        array.shape == shape,
        f"{name} should return {wanted}. Yours has shape {array.shape}.",
        hint=hint,
    )
    return array


def row_numbers(result: Any, name: str, n: int) -> np.ndarray:
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


def shape_of(result: Any) -> tuple[int, ...] | None:
    """Return the shape of an answer, or None when it has none (ragged lists, for instance)."""
    try:
        return np.shape(result)
    except ValueError:
        return None
