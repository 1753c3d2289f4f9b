"""What a check requires of an answer; whatever does not hold is said in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from lessons.grader.exercises import NotPassed


def require(
    condition: bool,
    message: str = "",
    *,
    hint: str | None = None,
    expected: Any = None,
    received: Any = None,
) -> None:
    """Go on if `condition` holds; otherwise the exercise is not passed.

    Parameters
    ----------
    condition : bool
        One truth value; reduce an array with ``.all()`` first.
    message : str
        What the learner reads. May be left out when `hint` is given.
    hint : str, optional
        Name of the exercise's hint that this mistake earns.
    expected, received : optional
        Shown side by side under the message.

    Raises
    ------
    NotPassed
        If the condition does not hold.
    TypeError
        If `condition` is not a single truth value. An empty array would otherwise pass.
    """
    if not isinstance(condition, (bool, np.bool_)):
        raise TypeError(
            f"condition must be True or False, received {type(condition).__name__}; "
            "reduce an array with .all() or .any()"
        )
    if not condition:
        raise NotPassed(message, hint=hint, expected=expected, received=received)


def require_shape(
    result: Any, shape: tuple[int, ...], *, hint: str | None = None, name: str = "the result"
) -> None:
    """Require a NumPy array of the given shape.

    Parameters
    ----------
    result : any
        What came back.
    shape : tuple of int
        Shape that it must have.
    hint : str, optional
        Hint earned otherwise.
    name : str
        How the message calls it.

    Raises
    ------
    NotPassed
        If `result` is no array, or of another shape.
    """
    require_array(result, name=name, hint=hint)
    require(
        result.shape == tuple(shape),
        f"{name} has another shape than expected.",
        hint=hint,
        expected=f"shape {tuple(shape)}",
        received=f"shape {result.shape}",
    )


def require_array(result: Any, *, name: str = "the result", hint: str | None = None) -> None:
    """Require a NumPy array of numbers or truth values.

    Parameters
    ----------
    result : any
        What came back.
    name : str
        How the message calls it.
    hint : str, optional
        Hint earned otherwise.

    Raises
    ------
    NotPassed
        If it is anything else.
    """
    require(
        isinstance(result, np.ndarray) and result.dtype.kind in "biuf",
        f"{name} should be a NumPy array of numbers.",
        hint=hint,
        expected="a NumPy array of numbers",
        received=kind_of(result),
    )


def require_close(
    result: Any,
    expected: Any,
    message: str = "",
    *,
    hint: str | None = None,
    name: str = "the result",
    relative: float = 1e-5,
    absolute: float = 1e-8,
) -> None:
    """Require numbers equal to the expected ones up to rounding; NaN never passes for a number.

    Parameters
    ----------
    result : any
        What came back: a number, a list of numbers or an array.
    expected : array_like
        What it must be, of the same shape.
    message : str
        What the learner reads; a general sentence by default.
    hint : str, optional
        Hint earned otherwise.
    name : str
        How the default message calls it.
    relative, absolute : float
        Tolerances, as in `numpy.isclose`.

    Raises
    ------
    NotPassed
        If shape or any value differs.
    """
    wanted = np.asarray(expected, dtype=float)
    try:
        got = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        got = None
    same = (
        got is not None
        and got.shape == wanted.shape
        and bool(np.allclose(got, wanted, rtol=relative, atol=absolute, equal_nan=True))
    )
    require(
        same,
        message or ("" if hint else f"{name} is not what was expected."),
        hint=hint,
        expected=expected,
        received=result,
    )


def require_equal(
    result: Any,
    expected: Any,
    message: str = "",
    *,
    hint: str | None = None,
    name: str = "the result",
) -> None:
    """Require exactly the expected value: text, lists, whole numbers or arrays of them.

    Parameters
    ----------
    result, expected : any
        What came back and what it must be.
    message : str
        What the learner reads; a general sentence by default.
    hint : str, optional
        Hint earned otherwise.
    name : str
        How the default message calls it.

    Raises
    ------
    NotPassed
        If they differ.
    """
    if isinstance(expected, np.ndarray) or isinstance(result, np.ndarray):
        # A ragged or foreign result makes NumPy raise; that is a difference, not an accident.
        try:
            same = bool(np.array_equal(np.asarray(result), np.asarray(expected)))
        except (TypeError, ValueError):
            same = False
    else:
        if isinstance(expected, np.generic):
            expected = expected.item()
        numbers = (int, float)
        alike = type(result) is type(expected) or (
            type(result) in numbers and type(expected) in numbers
        )
        same = alike and bool(result == expected)
    require(
        same,
        message or ("" if hint else f"{name} is not what was expected."),
        hint=hint,
        expected=expected,
        received=result,
    )


def kind_of(value: Any) -> str:
    """Say in words what kind of value this is.

    Parameters
    ----------
    value : any
        A value that came back from the learner's code.

    Returns
    -------
    str
        For instance ``"a float64 array of shape (3, 4)"``.
    """
    if isinstance(value, np.ndarray):
        return f"a {value.dtype} array of shape {value.shape}"
    if value is None:
        return "None (is the `return` missing?)"
    if isinstance(value, (list, tuple, dict, str)):
        return f"a {type(value).__name__} of length {len(value)}"
    kind = type(value).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
