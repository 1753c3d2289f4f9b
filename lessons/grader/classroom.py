"""Grade a folder of submissions: one sub-folder or one file a learner."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lessons.grader.engine import check_file, fresh_seed
from lessons.grader.handed_in import Learner, collect
from lessons.grader.isolation import PROTECTIONS
from lessons.grader.lesson import Lesson
from lessons.grader.render import as_text
from lessons.grader.state import write_atomically


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
            if all(one.status == "refused" for one in report.exercises):
                learner.notes.append(f"{lesson.name}: {report.exercises[0].message}")
            if report.protections:
                missing |= set(PROTECTIONS) - set(report.protections)
        said(f"{learner.name}: {learner.points} points")
    return ClassResult(tuple(lessons), tuple(learners), seed, tuple(sorted(missing)))


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
