"""The notebook's door: check the answers where they are, in the learner's own process.

Nobody needs protection from themselves. The same checks run in a child for a class.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from lessons.grader.engine import run_checks
from lessons.grader.lesson import LESSONS_FOLDER, Lesson, following_lesson, load_lesson
from lessons.grader.render import as_html, as_text
from lessons.grader.report import LessonReport
from lessons.grader.state import FILE_NAME, Progress
from lessons.grader.submission import InProcessSubmission


class Feedback:
    """The outcome of a check, as a notebook shows it.

    Parameters
    ----------
    lesson : Lesson
        What was checked.
    report : LessonReport
        Outcome.
    progress : Progress or None
        Where hints are counted; None where nothing is remembered.
    following : str
        Name of the lesson after this one.
    widgets : bool
        Whether to show a button for the next hint.
    """

    def __init__(
        self,
        lesson: Lesson,
        report: LessonReport,
        progress: Progress | None = None,
        following: str = "",
        widgets: bool = False,
    ) -> None:
        self.report = report
        self._lesson = lesson
        self._progress = progress
        self._following = following
        self._widgets = widgets
        self._taken: dict[str, int] = {}

    def next_hint(self, exercise: str | None = None) -> str:
        """Return the next hint of an exercise, by default of the first that is open.

        Parameters
        ----------
        exercise : str, optional
            Name of the exercise.

        Returns
        -------
        str
            Number and text of the hint; a sentence when everything has passed.
        """
        if exercise is None:
            open_ones = [one.name for one in self.report.exercises if not one.passed]
            if not open_ones:
                return "All exercises passed."
            exercise = open_ones[0]
        found = self._lesson.exercise(exercise)
        if self._progress is not None:
            number, text = self._progress.take_hint(self._lesson.name, exercise, found.ladder)
        else:
            number = min(self._taken.get(exercise, 0) + 1, len(found.ladder))
            self._taken[exercise] = number
            text = found.ladder[number - 1]
        return f"{found.title}, hint {number} of {len(found.ladder)}: {text}"

    def hint_button(self) -> Any:
        """Return a button that shows the next hint below itself.

        Returns
        -------
        ipywidgets.VBox
            Button and text.
        """
        import html

        import ipywidgets

        button = ipywidgets.Button(description="Next hint", icon="lightbulb-o")
        shown = ipywidgets.HTML()

        def pressed(_: object) -> None:
            shown.value = f'<div role="status">{html.escape(self.next_hint())}</div>'

        button.on_click(pressed)
        return ipywidgets.VBox([button, shown])

    def _repr_html_(self) -> str:
        return as_html(self.report, self._following)

    def __repr__(self) -> str:
        return as_text(self.report, self._following)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": self._repr_html_(), "text/plain": repr(self)}, raw=True)
        if self._widgets and not self.report.passed:
            display(self.hint_button())


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
        Whether to add a button for the next hint. By default in a notebook with ipywidgets,
        unless the environment variable GENEML_PLAIN is set.
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
    # Only a learner's own folder remembers; a chapter of the book leaves nothing behind.
    progress = Progress(Path()) if _is_learner_folder(lesson) else None
    if progress is not None:
        progress.record(report)
    shows = _widgets_usable() if widgets is None else widgets
    return Feedback(found, report, progress, following_lesson(found, root), shows)


def _is_learner_folder(lesson: str) -> bool:
    return Path(FILE_NAME).is_file() or Path(f"{lesson}.ipynb").is_file()


def _widgets_usable() -> bool:
    """Whether a notebook's kernel runs here and ipywidgets is installed."""
    if os.environ.get("GENEML_PLAIN") or "ipykernel" not in sys.modules:
        return False
    try:
        import ipywidgets  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")
