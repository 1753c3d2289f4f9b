"""Grade a folder of submissions: one sub-folder or one file a learner."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lessons.grader.engine import check_file, fresh_seed
from lessons.grader.isolation import PROTECTIONS
from lessons.grader.lesson import Lesson
from lessons.grader.render import as_text
from lessons.grader.report import LessonReport
from lessons.grader.source import SUFFIXES, SubmissionError, read_cells
from lessons.grader.state import write_atomically

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


@dataclass(frozen=True)
class ClassResult:
    """The outcome for a class.

    Parameters
    ----------
    lessons : tuple of Lesson
        What was graded.
    learners : tuple of Learner
        By name.
    seed : int
        What the inputs were drawn with, the same for everybody.
    missing_protections : tuple of str
        Protections that this machine did not give.
    """

    lessons: tuple[Lesson, ...]
    learners: tuple[Learner, ...]
    seed: int
    missing_protections: tuple[str, ...]


def grade_folder(
    folder: str | Path,
    lessons: list[Lesson],
    *,
    seed: int | None = None,
    said: Callable[[str], None] = lambda text: None,
) -> ClassResult:
    """Check every submission in a folder, each in disposable processes of its own.

    Parameters
    ----------
    folder : str or Path
        The class.
    lessons : list of Lesson
        What to grade.
    seed : int, optional
        Draws the inputs; fresh by default.
    said : callable
        Told a line for each learner.

    Returns
    -------
    ClassResult
        Learners in the order of their names.

    Raises
    ------
    ValueError
        If there is no such folder, or nothing in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"submissions must be a folder, received {str(folder)!r}")
    learners = collect(folder, lessons)
    if not learners:
        raise ValueError(f"{folder} holds no submissions: expected sub-folders or files")
    seed = fresh_seed() if seed is None else seed
    missing: set[str] = set()
    for learner in learners:
        for lesson in lessons:
            if lesson.name not in learner.files:
                continue
            path = learner.files[lesson.name]
            report = check_file(lesson, path, seed=seed, hidden=(folder.resolve(),))
            learner.reports[lesson.name] = report
            if report.protections:
                missing |= set(PROTECTIONS) - set(report.protections)
        said(f"{learner.name}: {learner.points} points")
    return ClassResult(tuple(lessons), tuple(learners), seed, tuple(sorted(missing)))


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
        elif path.suffix in SUFFIXES:
            lesson = _lesson_of(path, lessons)
            name = _learner_name(path.stem, lesson)
            _add(learners.setdefault(name, Learner(name)), path, lessons)
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
                if path.suffix in SUFFIXES and ".backup-" not in path.name:
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
    learner.notes.append(f"two files for {lesson}; {better.name} was graded")


def _lesson_of(path: Path, lessons: list[Lesson]) -> str | None:
    """Tell the lesson from the notebook's own mark, the file's name, or the exercises."""
    names = [lesson.name for lesson in lessons]
    if path.stem in names:
        return path.stem
    if path.suffix == ".ipynb" and (marked := _marked_lesson(path)) is not None:
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


def write_grades(result: ClassResult, path: str | Path) -> None:
    """Write the table of grades, whole or not at all.

    Parameters
    ----------
    result : ClassResult
        The outcome.
    path : str or Path
        CSV file: learner, points, possible, one column a lesson, seed, notes. A lesson that
        was not handed in is an empty cell.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    names = [lesson.name for lesson in result.lessons]
    possible = sum(exercise.points for lesson in result.lessons for exercise in lesson.exercises)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["learner", "points", "possible", *names, "seed", "notes"])
    for learner in result.learners:
        points = [learner.reports[n].earned if n in learner.reports else "" for n in names]
        notes = "; ".join(learner.notes)
        writer.writerow(
            [_harmless(learner.name), learner.points, possible, *points, result.seed,
             _harmless(notes)]
        )  # fmt: skip
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, stream.getvalue())


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text


def write_reports(result: ClassResult, folder: str | Path) -> list[Path]:
    """Write what each learner should read, one text file each.

    Parameters
    ----------
    result : ClassResult
        The outcome.
    folder : str or Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The files.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for learner in result.learners:
        parts = [f"{learner.name}: {learner.points} points", ""]
        for lesson in result.lessons:
            if lesson.name in learner.reports:
                parts += [as_text(learner.reports[lesson.name]), ""]
            else:
                parts += [f"{lesson.title}: not handed in", ""]
        parts += [f"Note: {note}" for note in learner.notes]
        parts.append(f"Seed of the inputs: {result.seed}")
        stem = re.sub(r"[^\w-]", "_", learner.name)[:80] or "learner"
        path = folder / f"{stem}.txt"
        number = 2
        while path in written:
            path = folder / f"{stem}-{number}.txt"
            number += 1
        write_atomically(path, "\n".join(parts) + "\n")
        written.append(path)
    return written
