"""All chapters, several at a time, each through the cache."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat

from builder import BuildError
from builder.contents import Page
from builder.execution import CellFailed, Measurement, execute
from builder.fingerprint import chapter_key, environment_key
from builder.layout import Layout


@dataclass(frozen=True)
class Executed:
    """An executed chapter: its page, its notebook with outputs, and what it took."""

    page: Page
    notebook: nbformat.NotebookNode
    measurement: Measurement


class Cache:
    """Executed chapters on disk: one notebook and one file of numbers under each key."""

    def __init__(self, folder: Path):
        self.folder = folder

    def _files(self, stem: str, key: str) -> tuple[Path, Path]:
        return self.folder / f"{stem}-{key}.ipynb", self.folder / f"{stem}-{key}.json"

    def load(self, page: Page, key: str) -> Executed | None:
        """The chapter executed under this key; None where there is none."""
        notebook, numbers = self._files(page.stem, key)
        if not notebook.is_file() or not numbers.is_file():
            return None
        taken = json.loads(numbers.read_text(encoding="utf-8"))
        measurement = Measurement(**{**taken, "from_cache": True})
        return Executed(page, nbformat.read(notebook, as_version=4), measurement)

    def newest(self, page: Page) -> Executed | None:
        """The chapter as it was last executed, whatever has changed since."""
        files = sorted(
            self.folder.glob(f"{page.stem}-*.json"), key=lambda path: path.stat().st_mtime
        )
        if not files:
            return None
        return self.load(page, files[-1].stem.removeprefix(f"{page.stem}-"))

    def save(self, executed: Executed, key: str) -> None:
        """Keep a chapter under `key` and forget what was kept for it before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = executed.page.stem
        notebook, numbers = self._files(stem, key)
        old = [path for path in self.folder.glob(f"{stem}-*") if key not in path.name]
        # The file of numbers goes last: a chapter counts as kept once it is there.
        write(notebook, nbformat.writes(executed.notebook))
        write(numbers, json.dumps(executed.measurement.as_dict(), indent=1))
        for path in old:
            path.unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """Write a file in one step: it is there whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def execute_all(
    pages: list[Page],
    layout: Layout,
    *,
    workers: int,
    fresh: bool = False,
    tell: Callable[[str], None] = lambda message: None,
    cell_timeout: float | None = None,
) -> list[Executed]:
    """Execute chapters in parallel; take from the cache what has not changed.

    Parameters
    ----------
    pages : list of Page
        Notebooks, in reading order.
    layout : Layout
        Where the packages and the cache are.
    workers : int
        Kernels at a time.
    fresh : bool
        Execute every chapter, cached or not.
    tell : callable
        Receives one line for every chapter that is done.
    cell_timeout : float, optional
        Seconds that one cell may take.

    Returns
    -------
    list of Executed
        In reading order.

    Raises
    ------
    BuildError
        After all chapters were tried, with an account of every failed cell.
    """
    cache = Cache(layout.executed)
    environment = environment_key(layout.repository)
    keys = {page.stem: chapter_key(page.path, environment) for page in pages}
    done: dict[str, Executed] = {}
    waiting = []
    for page in pages:
        kept = None if fresh else cache.load(page, keys[page.stem])
        if kept is None:
            waiting.append(page)
        else:
            done[page.stem] = kept
            tell(f"{page.stem}: unchanged, taken from the cache")
    # The longest chapter of the last build starts first, so that none is left alone at the end.
    last = {page.stem: cache.newest(page) for page in waiting}
    waiting.sort(
        key=lambda page: -last[page.stem].measurement.wall_seconds if last[page.stem] else -1e9
    )
    # A fixed share of the cores, so that a chapter runs alike alone and beside others.
    threads = max(1, (os.cpu_count() or 1) // max(1, workers))
    options = {"threads": threads}
    if cell_timeout is not None:
        options["cell_timeout"] = cell_timeout

    failures: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        running = {
            pool.submit(execute, page, layout.repository, **options): page for page in waiting
        }
        for future in as_completed(running):
            page = running[future]
            try:
                notebook, measurement = future.result()
            except CellFailed as error:
                failures[page.stem] = str(error)
                write(layout.failed / f"{page.stem}.ipynb", nbformat.writes(error.notebook))
                tell(f"{page.stem}: FAILED")
                continue
            executed = Executed(page, notebook, measurement)
            cache.save(executed, keys[page.stem])
            done[page.stem] = executed
            tell(
                f"{page.stem}: executed in {measurement.wall_seconds:.1f} s "
                f"(slowest cell {measurement.slowest_seconds:.1f} s)"
            )
    if failures:
        accounts = [failures[page.stem] for page in pages if page.stem in failures]
        rule = "\n\n" + "-" * 72 + "\n"
        raise BuildError(
            rule.join(accounts) + f"\n\nEach notebook as far as it ran is in {layout.failed}."
        )
    return [done[page.stem] for page in pages]
