"""Run the checks of a lesson on a submission. Every way of failing earns no points."""

from __future__ import annotations

import secrets
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from lessons.grader.child import ChildSubmission
from lessons.grader.exercises import Exercise, NotPassed
from lessons.grader.lesson import Lesson
from lessons.grader.limits import Limits, Protections
from lessons.grader.report import ExerciseReport, LessonReport
from lessons.grader.requirements import kind_of
from lessons.grader.source import Cell, SubmissionError, read_cells
from lessons.grader.submission import Submission, plain

# Fifteen digits: spreadsheets keep no more, and a seed is for copying out of a table.
_SEED_BITS = 48


def fresh_seed() -> int:
    """Return a seed that nobody can guess, for the inputs of one run."""
    return secrets.randbits(_SEED_BITS)


def run_checks(
    lesson: Lesson,
    submission: Submission,
    *,
    seed: int | None = None,
    exercise: str | None = None,
) -> LessonReport:
    """Check a submission.

    Parameters
    ----------
    lesson : Lesson
        What is asked.
    submission : Submission
        The answers.
    seed : int, optional
        Draws the inputs; fresh by default and kept in the report.
    exercise : str, optional
        Check this exercise alone.

    Returns
    -------
    LessonReport
        Points and messages.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    seed = fresh_seed() if seed is None else seed
    chosen = lesson.exercises if exercise is None else (lesson.exercise(exercise),)
    reports = tuple(_run_one(lesson, one, submission, seed) for one in chosen)
    return LessonReport(lesson.name, lesson.title, seed, reports)


def check_cells(
    lesson: Lesson,
    cells: list[Cell],
    *,
    seed: int | None = None,
    exercise: str | None = None,
    hidden: tuple[Path, ...] = (),
    limits: Limits | None = None,
    protections: Protections | None = None,
) -> LessonReport:
    """Check code in a disposable child process.

    Parameters
    ----------
    lesson, seed, exercise
        As for `run_checks`.
    cells : list of Cell
        The learner's code.
    hidden : tuple of Path
        Folders that the child must not read besides the lessons: the class, for instance.
    limits : Limits, optional
        Those that the lesson needs by default.
    protections : Protections, optional
        All that the machine offers by default.

    Returns
    -------
    LessonReport
        With the names of the protections that were active.
    """
    with ExitStack() as stack:
        submission = stack.enter_context(
            ChildSubmission(lesson, cells, hidden=hidden, limits=limits, protections=protections)
        )
        report = run_checks(lesson, submission, seed=seed, exercise=exercise)
        return LessonReport(
            report.lesson,
            report.title,
            report.seed,
            report.exercises,
            tuple(submission.notes),
            tuple(submission.active_protections),
        )


def check_file(
    lesson: Lesson,
    path: str | Path,
    *,
    seed: int | None = None,
    exercise: str | None = None,
    hidden: tuple[Path, ...] = (),
) -> LessonReport:
    """Check a notebook, MyST notebook or Python file in a disposable child process.

    Parameters
    ----------
    lesson, seed, exercise, hidden
        As for `check_cells`.
    path : str or Path
        The learner's file.

    Returns
    -------
    LessonReport
        A file that cannot be read earns nothing and says why.
    """
    path = Path(path)
    seed = fresh_seed() if seed is None else seed
    try:
        cells = read_cells(path)
    except SubmissionError as error:
        reports = tuple(_unread(one, str(error)) for one in lesson.exercises)
        return LessonReport(lesson.name, lesson.title, seed, reports, (str(error),))
    hidden = (path.resolve().parent, *hidden)
    return check_cells(lesson, cells, seed=seed, exercise=exercise, hidden=hidden)


def _unread(exercise: Exercise, message: str) -> ExerciseReport:
    return ExerciseReport(exercise.name, exercise.title, exercise.points, "refused", message)


def _run_one(
    lesson: Lesson, exercise: Exercise, submission: Submission, seed: int
) -> ExerciseReport:
    place = zlib.crc32(f"{lesson.name}/{exercise.name}".encode())
    recorder = _LastValue(submission)
    submission.begin(exercise)
    try:
        exercise.check(recorder, np.random.default_rng([seed, place]))
    except NotPassed as outcome:
        return _not_passed(exercise, outcome)
    except Exception as error:
        # The check met a value it was not written for. That is never a pass.
        received = kind_of(recorder.last) if recorder.asked else "nothing"
        message = "Your answer is of a kind that this check cannot use."
        detail = plain(f"{type(error).__name__}: {error}", 200)
        return _not_passed(exercise, NotPassed(f"{message} ({detail})", received=received))
    if not recorder.asked:
        raise AssertionError(f"the check of {exercise.name!r} asked the submission nothing")
    return ExerciseReport(exercise.name, exercise.title, exercise.points, "passed")


def _not_passed(exercise: Exercise, outcome: NotPassed) -> ExerciseReport:
    return ExerciseReport(
        exercise.name,
        exercise.title,
        exercise.points,
        outcome.status,
        outcome.message,
        outcome.hint,
        exercise.hints.get(outcome.hint or "", ""),
        in_words(outcome.expected),
        in_words(outcome.received),
        outcome.line,
    )


class _LastValue(Submission):
    """Pass everything on, and remember the last value for messages."""

    def __init__(self, inner: Submission) -> None:
        super().__init__(inner.cells)
        self._inner = inner
        self.asked = False
        self.last: Any = None

    def call(self, name: str, /, *arguments: Any, **keywords: Any) -> Any:
        self.asked = True
        self.last = None
        self.last = self._inner.call(name, *arguments, **keywords)
        return self.last

    def value(self, name: str) -> Any:
        self.asked = True
        self.last = None
        self.last = self._inner.value(name)
        return self.last

    def model(self, name: str, /, *arguments: Any, **keywords: Any) -> Any:
        self.asked = True
        self.last = None
        self.last = self._inner.model(name, *arguments, **keywords)
        return self.last


def in_words(value: Any) -> str:
    """Return a short text of a value for "expected" and "received".

    Parameters
    ----------
    value : any
        Text is taken as it is; arrays are shortened; None is empty.

    Returns
    -------
    str
        At most a few lines.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return plain(value, 300)
    if isinstance(value, np.ndarray):
        shown = np.array2string(value, threshold=24, edgeitems=3, precision=4, max_line_width=80)
        text = shown if value.ndim <= 2 and len(shown) < 400 else ""
        return plain(f"{kind_of(value)[2:]}\n{text}".strip(), 600)
    if isinstance(value, np.generic):
        value = value.item()
    return plain(repr(value), 300)
