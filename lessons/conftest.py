"""The pytest door: ``pytest lessons`` checks a folder of work, one test an exercise.

``pytest lessons --work geneml-lessons`` checks that folder. Without ``--work`` it is the
folder geneml-lessons if there is one, and otherwise the lessons' own solutions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lessons.grader.engine import check_file
from lessons.grader.exercises import Exercise
from lessons.grader.lesson import Lesson, load_lesson
from lessons.grader.render import exercise_lines, heading
from lessons.grader.report import ExerciseReport, LessonReport
from lessons.grader.workspace import DEFAULT_FOLDER, find_work


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--work``."""
    parser.addoption("--work", type=Path, default=None, help="folder of worksheets to check")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take every lesson's check file for a set of tests."""
    if file_path.name == "checks.py" and file_path.parent.parent == Path(__file__).parent:
        return CheckFile.from_parent(parent, path=file_path)
    return None


class CheckFile(pytest.File):
    """The checks of one lesson."""

    _report: LessonReport | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Return one test for each exercise."""
        lesson = load_lesson(self.path.parent.name)
        for exercise in lesson.exercises:
            yield CheckItem.from_parent(self, name=exercise.name, lesson=lesson, exercise=exercise)

    def report(self, lesson: Lesson) -> LessonReport | None:
        """Check the work once for all exercises; None if there is none."""
        if self._report is None:
            path = self._work(lesson)
            if path is None:
                return None
            self._report = check_file(lesson, path)
        return self._report

    def _work(self, lesson: Lesson) -> Path | None:
        folder = self.config.getoption("--work", default=None)
        if folder is None and DEFAULT_FOLDER.is_dir():
            folder = DEFAULT_FOLDER
        return lesson.solution if folder is None else find_work(lesson, folder)


class CheckItem(pytest.Item):
    """One exercise."""

    def __init__(self, *, lesson: Lesson, exercise: Exercise, **options: Any) -> None:
        super().__init__(**options)
        self._lesson = lesson
        self._exercise = exercise

    def runtest(self) -> None:
        """Check, and fail with the feedback that a learner reads."""
        assert isinstance(self.parent, CheckFile)
        report = self.parent.report(self._lesson)
        if report is None:
            pytest.skip(f"start it with: geneml start {self._lesson.name}")
        outcome = report[self._exercise.name]
        self.user_properties += [("points", outcome.earned), ("possible", outcome.points)]
        if not outcome.passed:
            raise NotPassedYet(outcome)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show feedback in place of a traceback."""
        if isinstance(excinfo.value, NotPassedYet):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Say where this is."""
        return self.path, None, f"{self._lesson.name}: {self._exercise.name}"


class NotPassedYet(Exception):
    """An exercise that has not passed."""

    def __init__(self, outcome: ExerciseReport) -> None:
        lines = [f"{label}: {text}" if label else text for label, text in exercise_lines(outcome)]
        super().__init__("\n".join([heading(outcome), *lines]))
