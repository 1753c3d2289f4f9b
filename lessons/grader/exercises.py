"""What an exercise is, what a wrong answer is, and why an exercise is not passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

CheckFunction = Callable[[Any, np.random.Generator], None]


class NotPassed(Exception):
    """The reason why an exercise earned no points, in words for the learner.

    Parameters
    ----------
    message : str
        What was found. May be empty when `hint` says it all.
    status : {"wrong", "not-started", "error", "stopped", "refused"}
        Kind of outcome.
    hint : str, optional
        Name of one of the exercise's own hints.
    expected, received : optional
        Values to show side by side.
    line : str, optional
        The learner's own line where an error arose.
    """

    def __init__(
        self,
        message: str,
        *,
        status: str = "wrong",
        hint: str | None = None,
        expected: Any = None,
        received: Any = None,
        line: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.hint = hint
        self.expected = expected
        self.received = received
        self.line = line


@dataclass(frozen=True)
class Exercise:
    """One graded exercise and the function that checks it.

    Parameters
    ----------
    name : str
        As in the worksheet's ``# exercise: NAME`` line.
    title : str
        What the learner reads.
    points : int
        Earned all together when the check passes.
    ladder : tuple of str
        General hints from vague to almost the answer, taken one at a time.
    hints : mapping of str to str
        Hints that only a particular mistake earns, by name.
    check : callable
        ``check(submission, rng)``; raises `NotPassed` through `require`.
    seconds : float
        Longest time the learner's code may take in this exercise.
    keras : bool
        Whether the learner's code needs Keras: such a lesson gets more time and memory.
    """

    name: str
    title: str
    points: int
    ladder: tuple[str, ...]
    hints: Mapping[str, str]
    check: CheckFunction = field(compare=False)
    seconds: float = 10.0
    keras: bool = False


@dataclass(frozen=True)
class WrongAnswer:
    """A typical misconception, kept to prove that the check explains it.

    Parameters
    ----------
    exercise : str
        Name of the exercise.
    earns : str
        Name of the hint that this answer must earn.
    story : str
        How somebody comes to think so.
    code : str
        Replaces the exercise's section of the solution.
    """

    exercise: str
    earns: str
    story: str
    code: str


def exercise(
    name: str,
    *,
    title: str,
    points: int,
    ladder: Sequence[str],
    hints: Mapping[str, str],
    seconds: float = 10.0,
    keras: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Mark a function of ``checks.py`` as the check of one exercise.

    Parameters
    ----------
    name, title, points, ladder, hints, seconds, keras
        See `Exercise`.

    Returns
    -------
    callable
        Decorator that leaves the function as it was.

    Raises
    ------
    TypeError
        If `points` is no whole number, or `ladder` is one string.
    ValueError
        If `name` is no Python name, `points` or `seconds` is not positive, or a hint is empty.
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"name must be a Python name such as 'one_hot', received {name!r}")
    if isinstance(points, bool) or not isinstance(points, int):
        raise TypeError(f"points must be a whole number, received {type(points).__name__}")
    if points < 1:
        raise ValueError(f"points must be 1 or more, received {points}")
    if isinstance(ladder, str):
        raise TypeError("ladder must be a list of hints, received one string")
    if not seconds > 0:
        raise ValueError(f"seconds must be positive, received {seconds}")
    for text in (*ladder, *hints.values()):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"exercise {name!r}: every hint must be text, received {text!r}")

    def mark(check: CheckFunction) -> CheckFunction:
        described = Exercise(
            name, title, points, tuple(ladder), dict(hints), check, float(seconds), keras
        )
        check.__exercise__ = described  # type: ignore[attr-defined]
        return check

    return mark
