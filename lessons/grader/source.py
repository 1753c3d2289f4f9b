"""The learner's work as a list of code cells, whichever file it came in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

SUFFIXES = (".ipynb", ".md", ".py")
MAX_BYTES = 10 * 2**20

_MARKER = re.compile(r"^#[ \t]*exercise:[ \t]*([A-Za-z_]\w*)[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,})\{code-cell\}")


class SubmissionError(ValueError):
    """A file that cannot be read as somebody's work."""


@dataclass(frozen=True)
class Cell:
    """One code cell.

    Parameters
    ----------
    text : str
        Python source.
    label : str
        How messages call the place, for instance ``"cell 3"``.
    exercise : str or None
        Name in the cell's ``# exercise: NAME`` line.
    explore : bool
        Whether the cell is for looking around and is not run when checking.
    first_line : int
        Line of the file at which the cell starts, where lines are counted through the file.
    """

    text: str
    label: str
    exercise: str | None = None
    explore: bool = False
    first_line: int = 1


def read_cells(path: str | Path) -> list[Cell]:
    """Read the code cells of a notebook, a MyST notebook or a Python file.

    Parameters
    ----------
    path : str or Path
        File with suffix .ipynb, .md or .py. A symbolic link is not followed.

    Returns
    -------
    list of Cell
        In the order of the file.

    Raises
    ------
    SubmissionError
        If the file is missing, a link, too large, of another kind, or malformed.
    """
    path = Path(path)
    if path.is_symlink():
        raise SubmissionError(f"{path.name} is a symbolic link; hand in the file itself")
    if not path.is_file():
        raise SubmissionError(f"{path.name} is not there, or is no file")
    if path.suffix.lower() not in SUFFIXES:
        raise SubmissionError(f"{path.name}: expected one of {', '.join(SUFFIXES)}")
    if path.stat().st_size > MAX_BYTES:
        raise SubmissionError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB")
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise SubmissionError(f"{path.name} cannot be read as text: {error}") from error
    return parse_cells(text, path.suffix.lower())


def parse_cells(text: str, suffix: str) -> list[Cell]:
    """Split text into code cells.

    Parameters
    ----------
    text : str
        Content of the file.
    suffix : {".ipynb", ".md", ".py"}
        What kind of file it is.

    Returns
    -------
    list of Cell
        In the order of the file.

    Raises
    ------
    SubmissionError
        If a notebook is not valid JSON.
    """
    if suffix == ".ipynb":
        return _from_notebook(text)
    if suffix == ".md":
        return _from_myst(text)
    return _from_python(text)


def replace_exercise(cells: list[Cell], exercise: str, code: str) -> list[Cell]:
    """Return the cells with another answer to one exercise.

    Parameters
    ----------
    cells : list of Cell
        A submission.
    exercise : str
        Name of the exercise.
    code : str
        The other answer.

    Returns
    -------
    list of Cell
        A new list.

    Raises
    ------
    ValueError
        If no cell answers that exercise.
    """
    if all(cell.exercise != exercise for cell in cells):
        raise ValueError(f"exercise must be one of the cells' exercises, received {exercise!r}")
    return [
        replace(cell, text=code, first_line=1) if cell.exercise == exercise else cell
        for cell in cells
    ]


def exercise_text(cells: list[Cell], exercise: str) -> str:
    """Return the source of one exercise without its marker line; empty if there is none."""
    texts = [cell.text for cell in cells if cell.exercise == exercise]
    return _MARKER.sub("", "\n".join(texts)).strip("\n")


def _cell(text: str, number: int, tags: Any, first_line: int = 1) -> Cell:
    marker = _MARKER.search(text)
    name = marker.group(1) if marker else None
    label = f"exercise {name}" if name else f"cell {number}"
    return Cell(text, label, name, isinstance(tags, list) and "explore" in tags, first_line)


def _from_notebook(text: str) -> list[Cell]:
    try:
        notebook = json.loads(text)
        found = []
        for number, cell in enumerate(notebook["cells"], start=1):
            if cell["cell_type"] != "code":
                continue
            source = cell["source"]
            source = source if isinstance(source, str) else "".join(source)
            found.append(_cell(source, number, cell.get("metadata", {}).get("tags")))
        return found
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SubmissionError("the notebook file is damaged: it is not valid JSON") from error


def _from_myst(text: str) -> list[Cell]:
    lines = text.splitlines()
    found: list[Cell] = []
    position = 0
    while position < len(lines):
        fence = _FENCE.match(lines[position])
        position += 1
        if not fence:
            continue
        start = position
        while position < len(lines) and not lines[position].startswith(fence.group(1)):
            position += 1
        body = lines[start:position]
        position += 1
        options, used = _myst_options(body)
        tags = re.findall(r"[\w-]+", options.partition("tags:")[2])
        found.append(_cell("\n".join(body[used:]), len(found) + 1, tags, start + used + 1))
    return found


def _myst_options(body: list[str]) -> tuple[str, int]:
    """Return the options of a code cell, in either of MyST's two ways, and their lines."""
    if body and body[0].strip() == "---":
        for end in range(1, len(body)):
            if body[end].strip() == "---":
                return "\n".join(body[1:end]), end + 1
    used = 0
    while used < len(body) and re.match(r"^:[\w-]+:", body[used]):
        used += 1
    return "\n".join(line[1:].replace(":", ": ", 1) for line in body[:used]), used


def _from_python(text: str) -> list[Cell]:
    """Cut a Python file before every exercise marker and every ``# %%``."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if _MARKER.match(line) or line.startswith("# %%")]
    edges = sorted({0, *starts, len(lines)})
    found: list[Cell] = []
    for start, end in zip(edges, edges[1:], strict=False):
        section = "\n".join(lines[start:end])
        if section.strip():
            tags = ["explore"] if re.match(r"^# %%.*explore", lines[start]) else []
            found.append(_cell(section, len(found) + 1, tags, start + 1))
    return found
