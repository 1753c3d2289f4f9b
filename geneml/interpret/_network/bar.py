"""A progress bar over counted work that exists only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting_bar(total: int, what: str, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Give a function to call with how much more has been done."""
    if not shown:
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, advance=done)
