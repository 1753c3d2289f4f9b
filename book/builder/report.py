"""The page of the book that says what building it took."""

import datetime
import os
import platform
from importlib.metadata import PackageNotFoundError, version

from builder.schedule import Executed

PACKAGES = ("geneml", "tensorflow", "keras", "numpy", "pandas", "msprime", "jupyter-book")

_TEXT = """\
# Build report

Every chapter is executed when the book is built. This page says what that took.
The numbers are written by the build itself.

```{{list-table}} Time and memory of each chapter
:header-rows: 1
:name: build-report-chapters

* - Chapter
  - Wall time (s)
  - CPU time (s)
  - Peak memory (MB)
  - Code cells
  - Slowest cell (s)
{rows}
```

All chapters together took {cpu:.0f} s of processor time.
The slowest cell of the book took {slowest:.1f} s.{cached}

## The slowest cell of each chapter

{cells}

## Where it was built

```{{list-table}} Versions
:header-rows: 1
:name: build-report-versions

* - What
  - Version
{versions}
```

Built on {date}, on a machine with {cores}.
"""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _row(*cells: str) -> str:
    first, *rest = cells
    return "\n".join([f"* - {first}", *(f"  - {cell}" for cell in rest)])


def _code(text: str) -> str:
    """Text as code, whatever back-ticks it holds."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def write_report(executed: list[Executed], *, today: datetime.date | None = None) -> str:
    """Text of the report page, MyST Markdown.

    Parameters
    ----------
    executed : list of Executed
        The chapters, in reading order.
    today : datetime.date, optional
        Date of the build.
    """
    taken = [one.measurement for one in executed]
    rows = [
        _row(
            f"{{doc}}`{one.stem}`",
            f"{one.wall_seconds:.1f}",
            f"{one.cpu_seconds:.1f}",
            f"{one.peak_bytes / 1e6:.0f}",
            str(one.cells),
            f"{one.slowest_seconds:.1f}",
        )
        for one in taken
    ]
    cells = [
        f"- {{doc}}`{one.stem}`, code cell {one.slowest_cell}: {_code(one.slowest_source)}"
        for one in taken
        if one.slowest_cell
    ]
    kept = sum(one.from_cache for one in taken)
    cached = (
        f"\n{kept} of {len(taken)} chapters had not changed and were taken from the cache; "
        "their numbers are from the build that executed them."
        if kept
        else ""
    )
    cores = os.cpu_count() or 1
    versions = [_row("Python", platform.python_version())]
    versions += [_row(package, _version(package)) for package in PACKAGES]
    return _TEXT.format(
        rows="\n".join(rows),
        cpu=sum(one.cpu_seconds for one in taken),
        slowest=max((one.slowest_seconds for one in taken), default=0.0),
        cached=cached,
        cells="\n".join(cells) or "No chapter has code.",
        versions="\n".join(versions),
        date=(today or datetime.date.today()).isoformat(),
        cores="1 processor core" if cores == 1 else f"{cores} processor cores",
    )
