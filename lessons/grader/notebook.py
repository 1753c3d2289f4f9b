"""The notebook's door: check the answers where they are, in the learner's own process.

Nobody needs protection from themselves. The same checks run in a child for a class.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lessons.grader.engine import run_checks
from lessons.grader.lesson import LESSONS_FOLDER, Lesson, lesson_names, load_lesson
from lessons.grader.render import as_html, as_text
from lessons.grader.report import LessonReport
from lessons.grader.submission import InProcessSubmission


class Feedback:
    """The outcome of a check, as a notebook shows it.

    Parameters
    ----------
    report : LessonReport
        Outcome.
    following : str
        Name of the lesson after this one.
    """

    def __init__(self, report: LessonReport, following: str = "") -> None:
        self.report = report
        self._following = following

    def _repr_html_(self) -> str:
        return as_html(self.report, self._following)

    def __repr__(self) -> str:
        return as_text(self.report, self._following)


def check(
    lesson: str,
    namespace: dict[str, Any],
    *,
    exercise: str | None = None,
    seed: int | None = None,
    widgets: bool | None = None,
    root: Path = LESSONS_FOLDER,
) -> Feedback:
    """Check answers that live in a namespace of this process.

    Parameters
    ----------
    lesson : str
        Name of the lesson.
    namespace : dict
        The learner's variables.
    exercise : str, optional
        Check this exercise alone.
    seed : int, optional
        Draws the inputs; fresh by default.
    widgets : bool, optional
        Whether to add a button for the next hint. By default where a notebook can show one.
    root : Path
        Folder that holds the lessons.

    Returns
    -------
    Feedback
        What the notebook shows.

    Raises
    ------
    ValueError
        If there is no such lesson or exercise.
    """
    found = load_lesson(lesson, root)
    report = run_checks(found, InProcessSubmission(namespace), seed=seed, exercise=exercise)
    following = following_lesson(found, root)
    return Feedback(report, following)


def following_lesson(lesson: Lesson, root: Path = LESSONS_FOLDER) -> str:
    """Return the name of the lesson after this one; empty after the last."""
    names = lesson_names(root)
    place = names.index(lesson.name) + 1
    return names[place] if place < len(names) else ""
