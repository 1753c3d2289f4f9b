"""Where things are: the sources, the working folders and the finished site."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Folders of one book.

    Parameters
    ----------
    book : Path
        Folder with ``_toc.yml``, ``_config.yml`` and the chapters.
    build : Path
        Folder for everything that the builder writes.
    """

    book: Path
    build: Path

    @classmethod
    def of(cls, book: Path, build: Path | None = None) -> "Layout":
        """Layout of the book in `book`; its build folder is ``book/_build`` unless given."""
        book = Path(book).resolve()
        return cls(book=book, build=Path(build).resolve() if build else book / "_build")

    @property
    def repository(self) -> Path:
        """Folder that holds the packages, the lock file and the book."""
        return self.book.parent

    @property
    def executed(self) -> Path:
        """Cache of executed chapters, shared by full and single-chapter builds."""
        return self.build / "executed"

    @property
    def failed(self) -> Path:
        """Notebooks as far as they ran before a cell failed, for a look."""
        return self.build / "failed"

    def stage(self, only: str | None = None) -> Path:
        """Folder that Jupyter Book reads."""
        return self.build / "only" / only / "source" if only else self.build / "source"

    def site(self, only: str | None = None) -> Path:
        """Folder of the finished website."""
        return self.build / "only" / only / "html" if only else self.build / "html"
