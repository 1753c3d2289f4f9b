"""The learner's own folder: worksheets are copied there and never overwritten."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lessons.grader.lesson import Lesson
from lessons.grader.source import SUFFIXES
from lessons.grader.state import FILE_NAME, write_atomically

DEFAULT_FOLDER = Path("geneml-lessons")


def learner_folder(chosen: Path | None = None) -> Path:
    """Return the learner's folder.

    Parameters
    ----------
    chosen : Path, optional
        What the learner named; it wins.

    Returns
    -------
    Path
        The working folder if it is one already, otherwise ``geneml-lessons`` below it.
    """
    if chosen is not None:
        return chosen
    inside = Path(FILE_NAME).is_file() or Path.cwd().name == DEFAULT_FOLDER.name
    return Path() if inside else DEFAULT_FOLDER


def start_lesson(lesson: Lesson, folder: Path, *, reset: bool = False) -> tuple[Path, Path | None]:
    """Copy a worksheet into the learner's folder as a notebook.

    Parameters
    ----------
    lesson : Lesson
        What to start.
    folder : Path
        The learner's folder; made if it is not there.
    reset : bool
        Start anew. The old notebook is kept under another name.

    Returns
    -------
    notebook : Path
        The learner's notebook.
    backup : Path or None
        Where the old one is, after a reset.

    Raises
    ------
    FileExistsError
        If there is one already and `reset` is not set.
    """
    target = folder / f"{lesson.name}.ipynb"
    if target.exists() and not reset:
        raise FileExistsError(
            f"{target} is there already and was left as it is. "
            f"To start anew: geneml start {lesson.name} --reset (keeps a copy of the old one)."
        )
    text = worksheet_notebook(lesson)
    folder.mkdir(parents=True, exist_ok=True)
    backup = _set_aside(target) if target.exists() else None
    write_atomically(target, text)
    return target, backup


def _set_aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for attempt in range(1000):
        extra = f"-{attempt}" if attempt else ""
        backup = path.with_name(f"{path.stem}.backup-{stamp}{extra}{path.suffix}")
        if not backup.exists():
            os.replace(path, backup)
            return backup
    raise FileExistsError(f"too many backups of {path}")


def worksheet_notebook(lesson: Lesson) -> str:
    """Return the worksheet as the text of a Jupyter notebook.

    Parameters
    ----------
    lesson : Lesson
        The lesson.

    Returns
    -------
    str
        The same text every time.
    """
    # Jupytext takes a second to import: only starting a lesson needs it.
    import jupytext
    import nbformat

    notebook = jupytext.reads(lesson.worksheet.read_text("utf-8"), fmt="md:myst")
    notebook.metadata.pop("jupytext", None)
    notebook.metadata["geneml"] = {"lesson": lesson.name}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{lesson.name.replace('_', '-')}-{number}"
    return str(nbformat.writes(notebook))


def find_work(lesson: Lesson, folder: Path) -> Path | None:
    """Return the learner's file for a lesson, the newest if there are several.

    Parameters
    ----------
    lesson : Lesson
        The lesson.
    folder : Path
        Where to look.

    Returns
    -------
    Path or None
        ``LESSON.ipynb``, ``.md`` or ``.py``.
    """
    found = [folder / f"{lesson.name}{suffix}" for suffix in SUFFIXES]
    there = [path for path in found if path.is_file()]
    return max(there, key=lambda path: path.stat().st_mtime) if there else None
