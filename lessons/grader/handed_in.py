"""Who handed in what: files of a class, told apart by learner and by lesson."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from lessons.grader.lesson import Lesson
from lessons.grader.report import LessonReport
from lessons.grader.source import SUFFIXES, SubmissionError, read_cells

_DEEPEST = 4
_MOST_FILES = 500


@dataclass
class Learner:
    """One learner's files and outcomes.

    Parameters
    ----------
    name : str
        From the sub-folder or file name.
    files : dict of str to Path
        File by lesson.
    notes : list of str
        Remarks for the teacher.
    reports : dict of str to LessonReport
        Outcome by lesson; empty before grading.
    """

    name: str
    files: dict[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    reports: dict[str, LessonReport] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """Points earned in all lessons."""
        return sum(report.earned for report in self.reports.values())


def collect(folder: Path, lessons: list[Lesson]) -> list[Learner]:
    """Find out whose files are in a folder, and which lesson each belongs to.

    Parameters
    ----------
    folder : Path
        The class.
    lessons : list of Lesson
        What may have been handed in.

    Returns
    -------
    list of Learner
        By name. Symbolic links are named in the notes and never followed.
    """
    learners: dict[str, Learner] = {}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_symlink():
            learner = learners.setdefault(path.stem, Learner(path.stem))
            learner.notes.append(f"{entry.name} is a symbolic link and was not read")
        elif entry.is_dir(follow_symlinks=False):
            learner = learners.setdefault(entry.name, Learner(entry.name))
            for file in _files_below(path, learner):
                _add(learner, file, lessons)
        elif path.suffix.lower() in SUFFIXES:
            lesson = _lesson_of(path, lessons)
            name = _learner_name(path.stem, lesson)
            _add(learners.setdefault(name, Learner(name)), path, lessons)
    for learner in learners.values():
        if not learner.files and not learner.notes:
            learner.notes.append("no worksheet found: expected " + ", ".join(SUFFIXES))
    return list(learners.values())


def _files_below(folder: Path, learner: Learner) -> list[Path]:
    """Return a learner's files, not following links, not without end."""
    found: list[Path] = []
    waiting = [(folder, 0)]
    seen = 0
    while waiting:
        current, depth = waiting.pop()
        for entry in sorted(os.scandir(current), key=lambda entry: entry.name):
            seen += 1
            if seen > _MOST_FILES:
                learner.notes.append(f"more than {_MOST_FILES} files; the rest was not read")
                return found
            if entry.is_symlink():
                learner.notes.append(f"{entry.name} is a symbolic link and was not read")
            elif entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST and not entry.name.startswith("."):
                    waiting.append((Path(entry.path), depth + 1))
            elif entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                path = Path(entry.path)
                if path.suffix.lower() in SUFFIXES and ".backup-" not in path.name:
                    found.append(path)
    return found


def _add(learner: Learner, path: Path, lessons: list[Lesson]) -> None:
    lesson = _lesson_of(path, lessons)
    if lesson is None:
        if path.name.lower() not in ("readme.md",):
            learner.notes.append(f"{path.name} belongs to no lesson that is graded")
        return
    other = learner.files.get(lesson)
    if other is None:
        learner.files[lesson] = path
        return
    better = max(path, other, key=lambda one: (one.stem == lesson, one.stat().st_mtime))
    learner.files[lesson] = better
    start = f"more than one file for {lesson}; "
    learner.notes[:] = [note for note in learner.notes if not note.startswith(start)]
    learner.notes.append(f"{start}{better.name} was graded")


def _lesson_of(path: Path, lessons: list[Lesson]) -> str | None:
    """Tell the lesson from the notebook's own mark, the file's name, or the exercises."""
    names = [lesson.name for lesson in lessons]
    if path.stem in names:
        return path.stem
    if path.suffix.lower() == ".ipynb" and (marked := _marked_lesson(path)) is not None:
        return marked if marked in names else None
    for name in names:
        if re.search(rf"(^|[^a-z]){name}([^a-z]|$)", path.stem.lower()):
            return name
    try:
        cells = read_cells(path)
    except SubmissionError:
        return None
    there = {cell.exercise for cell in cells if cell.exercise}
    shares = {
        lesson.name: len(there & {one.name for one in lesson.exercises}) for lesson in lessons
    }
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] > 0 else None


def _marked_lesson(path: Path) -> str | None:
    try:
        if path.stat().st_size > 10 * 2**20:
            return None
        marked = json.loads(path.read_text("utf-8"))["metadata"]["geneml"]["lesson"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return marked if isinstance(marked, str) else None


def _learner_name(stem: str, lesson: str | None) -> str:
    """Return a file's name without the lesson's, for instance "ada" of "ada_encoding"."""
    if lesson is None or stem == lesson:
        return stem
    return re.sub(rf"[\s_.-]*{lesson}[\s_.-]*", "", stem, flags=re.IGNORECASE) or stem
