"""A progress bar that exists only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(epochs: int, *, shown: bool) -> Iterator[Callable[[float, float], None]]:
    """Give a function to call after each epoch with the training and validation loss."""
    if not shown:
        yield lambda training, validation: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns) as bar:
        task = bar.add_task("training", total=epochs)

        def advance(training: float, validation: float) -> None:
            text = f"loss {training:.3f}, validation {validation:.3f}"
            bar.update(task, advance=1, description=text)

        yield advance
