"""Toy books, each a small repository of its own, for the tests of the builder."""

import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"
sys.path.insert(0, str(BOOK))

HEADER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


@dataclass
class Toy:
    """A repository with three tiny packages, a lock file and a book."""

    repository: Path

    @property
    def book(self) -> Path:
        return self.repository / "book"

    def page(self, stem: str, text: str) -> Path:
        path = self.book / f"{stem}.md"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def chapter(self, stem: str, *cells: str, title: str = "A chapter", text: str = "") -> Path:
        blocks = [
            f"```{{code-cell}} ipython3\n{textwrap.dedent(cell).strip()}\n```" for cell in cells
        ]
        body = "\n\n".join([f"# {title}", textwrap.dedent(text).strip(), *blocks])
        return self.page(stem, HEADER + body + "\n")

    def contents(self, *stems: str) -> None:
        lines = ["format: jb-book", "root: index", "chapters:"]
        lines += [f"  - file: {stem}" for stem in stems]
        (self.book / "_toc.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def layout(self):
        from builder.layout import Layout

        return Layout.of(self.book)

    def notebooks(self):
        from builder.contents import pages

        return [page for page in pages(self.book) if page.is_notebook]


@pytest.fixture
def toy(tmp_path, monkeypatch) -> Toy:
    """A toy book with a home page and no chapters yet."""
    monkeypatch.delenv("GENEML_REPOSITORY", raising=False)
    for package in ("geneml", "data_sim", "lessons"):
        folder = tmp_path / "repository" / package
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("NAME = 'toy'\n", encoding="utf-8")
    made = Toy(tmp_path / "repository")
    made.book.mkdir()
    (made.repository / "requirements.lock").write_text("numpy==1\n", encoding="utf-8")
    made.page("index", "# Home\n\nWelcome.\n")
    made.contents()
    return made
