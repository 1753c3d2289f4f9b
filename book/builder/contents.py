"""What the table of contents lists, and whether every file of it is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
import yaml

from builder import BuildError

REPORT = "build_report"
"""Stem of the page that the builder writes itself."""


@dataclass(frozen=True)
class Page:
    """One page of the book.

    Parameters
    ----------
    stem : str
        File name without its ending, which is also the name of its HTML page.
    path : Path
        The source file.
    is_notebook : bool
        Whether its header names a kernel, so that it is to be executed.
    """

    stem: str
    path: Path
    is_notebook: bool

    @property
    def title(self) -> str:
        """Text of the first heading of level one; the stem where there is none."""
        for line in self.path.read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                return line[2:].strip()
        return self.stem


def _stems(entry: object) -> Iterator[str]:
    """File names in a table of contents, in reading order."""
    if isinstance(entry, list):
        for item in entry:
            yield from _stems(item)
    elif isinstance(entry, dict):
        for key in ("root", "file"):
            if key in entry:
                yield str(entry[key]).removesuffix(".md")
        for key in ("parts", "chapters", "sections", "subtrees", "entries"):
            yield from _stems(entry.get(key, []))


def read_contents(book: Path) -> dict:
    """Read ``_toc.yml`` of the book in folder `book`.

    Raises
    ------
    BuildError
        Where there is no such file, or it is not a mapping with a ``root``.
    """
    path = book / "_toc.yml"
    if not path.is_file():
        raise BuildError(f"There is no _toc.yml in {book}: the list of chapters is missing.")
    contents = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(contents, dict) or "root" not in contents:
        raise BuildError(f"{path} should be a mapping with a 'root' and its chapters.")
    return contents


def absent(book: Path) -> list[str]:
    """Stems that ``_toc.yml`` lists though there is no such file, the report aside."""
    stems = _stems(read_contents(book))
    return [stem for stem in stems if stem != REPORT and not (book / f"{stem}.md").is_file()]


def is_notebook(path: Path) -> bool:
    """Whether a MyST Markdown file names a kernel in its header."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].strip() != "---":
        return False
    for line in lines[1:]:
        if line.strip() == "---":
            return False
        if line.strip().startswith("kernelspec"):
            return True
    return False


def pages(book: Path, *, missing: str = "error") -> list[Page]:
    """Pages of the book in reading order, without the build report.

    Parameters
    ----------
    book : Path
        Folder with ``_toc.yml`` and the chapters.
    missing : {"error", "skip"}
        What to do about a listed file that is not there.

    Returns
    -------
    list of Page

    Raises
    ------
    BuildError
        Where a listed file is missing (and `missing` is "error"); names all of them.
    """
    missing_files = [f"{stem}.md" for stem in absent(book)]
    if missing_files and missing == "error":
        raise BuildError(
            f"_toc.yml lists {', '.join(missing_files)}, but {book} has no such file. "
            "Write the file, or take its line out of _toc.yml."
        )
    paths = {stem: book / f"{stem}.md" for stem in _stems(read_contents(book))}
    return [
        Page(stem, path, is_notebook(path))
        for stem, path in paths.items()
        if stem != REPORT and path.is_file()
    ]


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a MyST Markdown notebook.

    Raises
    ------
    BuildError
        Where the file cannot be parsed as a notebook.
    """
    try:
        return jupytext.read(path, fmt="md:myst")
    except Exception as error:
        raise BuildError(f"{path.name} is not a readable MyST notebook: {error}") from error
