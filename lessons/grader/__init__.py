"""The engine that marks lessons: one set of checks behind four doors.

A check file needs only what is imported here::

    from lessons.grader import Submission, exercise, require

The learner's code runs in a disposable child process (`lessons.grader.process`); the
checks, the expected values and the score stay in the parent.
"""

from lessons.grader.exercises import Exercise, NotPassed, WrongAnswer, exercise
from lessons.grader.requirements import (
    require,
    require_array,
    require_close,
    require_equal,
    require_shape,
)
from lessons.grader.submission import Submission

__all__ = [
    "Exercise",
    "NotPassed",
    "Submission",
    "WrongAnswer",
    "exercise",
    "require",
    "require_array",
    "require_close",
    "require_equal",
    "require_shape",
]
