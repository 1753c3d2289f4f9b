"""What a learner's folder remembers: exercises passed and hints taken."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from lessons.grader.report import LessonReport

FILE_NAME = ".geneml-progress.json"
_VERSION = 1


class Progress:
    """The memory of one learner's folder.

    Parameters
    ----------
    folder : str or Path
        The learner's folder. Nothing is written before there is something to remember.

    Notes
    -----
    A damaged file is kept beside as ``.geneml-progress.damaged-TIME.json`` and a new one is
    started; a check never fails because of it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / FILE_NAME
        self._lessons = self._read()

    def _read(self) -> dict[str, Any]:
        if not self.path.is_file():
            return {}
        try:
            lessons = json.loads(self.path.read_text("utf-8"))["lessons"]
            for exercises in lessons.values():
                for entry in exercises.values():
                    entry["hints"] = int(entry.get("hints", 0))
            return dict(lessons)
        except (ValueError, KeyError, TypeError, AttributeError):
            stamp = time.strftime("%Y%m%d-%H%M%S")
            os.replace(self.path, self.path.with_name(f".geneml-progress.damaged-{stamp}.json"))
            return {}

    def _entry(self, lesson: str, exercise: str) -> dict[str, Any]:
        return self._lessons.setdefault(lesson, {}).setdefault(exercise, {"hints": 0})

    def record(self, report: LessonReport) -> None:
        """Remember which exercises passed, and write it down.

        Parameters
        ----------
        report : LessonReport
            Outcome of a check. What passed once stays passed.
        """
        for exercise in report.exercises:
            if exercise.passed:
                entry = self._entry(report.lesson, exercise.name)
                entry["points"] = exercise.points
                entry.setdefault("passed", time.strftime("%Y-%m-%d"))
        if any(exercise.passed for exercise in report.exercises):
            self._write()

    def passed(self, lesson: str, exercise: str) -> bool:
        """Whether the exercise has ever passed."""
        return "passed" in self._lessons.get(lesson, {}).get(exercise, {})

    def hints_taken(self, lesson: str, exercise: str) -> int:
        """How many steps of the hint ladder have been taken."""
        return int(self._lessons.get(lesson, {}).get(exercise, {}).get("hints", 0))

    def take_hint(self, lesson: str, exercise: str, ladder: tuple[str, ...]) -> tuple[int, str]:
        """Take the next step of a hint ladder; the last one again when there is no more.

        Parameters
        ----------
        lesson, exercise : str
            Names.
        ladder : tuple of str
            The hints.

        Returns
        -------
        number : int
            Which step, counted from 1.
        text : str
            The hint.
        """
        entry = self._entry(lesson, exercise)
        entry["hints"] = min(entry["hints"] + 1, len(ladder))
        self._write()
        return entry["hints"], ladder[entry["hints"] - 1]

    def forget(self, lesson: str) -> None:
        """Forget everything about a lesson."""
        if self._lessons.pop(lesson, None) is not None:
            self._write()

    def _write(self) -> None:
        text = json.dumps({"version": _VERSION, "lessons": self._lessons}, indent=1)
        write_atomically(self.path, text + "\n")


def write_atomically(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    text : str
        Its content.

    Raises
    ------
    OSError
        If it cannot be written. An earlier file is then still there.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".geneml-", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
