"""A submission whose code runs in a disposable child process."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from lessons.grader.exercises import Exercise, NotPassed
from lessons.grader.lesson import Lesson
from lessons.grader.limits import Limits, Protections
from lessons.grader.process import Child, Stopped
from lessons.grader.source import Cell
from lessons.grader.submission import Submission, error_to_feedback

# A cell that kills the child is left out of the next one; a file full of them is given up.
_MOST_STARTS = 4


class ChildSubmission(Submission):
    """Answers that are run in a child process. Use as a context manager.

    Parameters
    ----------
    lesson : Lesson
        Says how much time and memory the work may need.
    cells : list of Cell
        The learner's code.
    hidden : tuple of Path
        Further folders that the child must not read.
    limits : Limits, optional
        Those that the lesson needs by default.
    protections : Protections, optional
        All that the machine offers by default.
    """

    def __init__(
        self,
        lesson: Lesson,
        cells: list[Cell],
        *,
        hidden: tuple[Path, ...] = (),
        limits: Limits | None = None,
        protections: Protections | None = None,
    ) -> None:
        super().__init__(cells)
        self.notes: list[str] = []
        self.active_protections: list[str] = []
        self._hidden = (lesson.folder.resolve().parent, *hidden)
        self._limits = limits or Limits.for_lesson(lesson)
        self._protections = protections or Protections()
        self._seconds_left = self._limits.load_seconds
        self._child: Child | None = None
        self._skipped: set[int] = set()
        self._stops: list[tuple[Cell, NotPassed]] = []
        self._failures: list[tuple[Cell, NotPassed]] = []
        self._starts = 0
        self._given_up: NotPassed | None = None

    def __enter__(self) -> ChildSubmission:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def begin(self, exercise: Exercise) -> None:
        """Give the next exercise its own time."""
        self._seconds_left = exercise.seconds

    def _ask(
        self, message: dict[str, Any], blobs: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        child = self._ready_child()
        try:
            reply, received, seconds = child.ask(message, blobs, self._seconds_left)
        except Stopped as stop:
            self._close()
            raise NotPassed(str(stop), status="stopped") from stop
        self._seconds_left = max(self._seconds_left - seconds, 0.01)
        return reply, received

    def _ready_child(self) -> Child:
        """Return a child that has run the cells; start another one after a stop."""
        while self._child is None:
            if self._given_up is not None:
                raise self._given_up
            self._starts += 1
            if self._starts > _MOST_STARTS + len(self._skipped):
                self._given_up = NotPassed("Your code was stopped too often.", status="stopped")
                raise self._given_up
            self._start()
        return self._child

    def _start(self) -> None:
        child = Child(self._limits, self._protections, self._hidden)
        number = -1
        try:
            self.active_protections = child.start()
            self.notes, self._failures = [], []
            seconds_left = self._limits.load_seconds
            for number, cell in enumerate(self.cells):
                if cell.explore or number in self._skipped:
                    continue
                message = {
                    "op": "cell",
                    "text": cell.text,
                    "label": cell.label,
                    "first_line": cell.first_line,
                }
                reply, _, seconds = child.ask(message, [], seconds_left)
                seconds_left = max(seconds_left - seconds, 0.01)
                self._note(cell, reply)
        except Stopped as stop:
            child.close()
            text = str(stop) if number < 0 else f"In {self.cells[number].label}: {stop}"
            if number < 0 or len(self._skipped) >= _MOST_STARTS:
                self._given_up = NotPassed(text, status="stopped")
            self._skipped.add(number)
            if number >= 0:
                self._stops.append((self.cells[number], NotPassed(text, status="stopped")))
            return
        except BaseException:
            child.close()
            raise
        self._child = child

    def _note(self, cell: Cell, reply: dict[str, Any]) -> None:
        error = reply.get("error")
        if reply.get("status") == "error" and isinstance(error, dict):
            feedback = error_to_feedback(error)
            self._failures.append((cell, feedback))
            if len(self.notes) < 5:
                self.notes.append(f"{feedback.message} ({feedback.line or 'place unknown'})")

    def _failed_cells(self) -> list[tuple[Cell, NotPassed]]:
        return [*self._stops, *self._failures]

    def _close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None
