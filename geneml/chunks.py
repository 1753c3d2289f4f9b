"""Working through the chunks of a long study: in parallel, after a crash, after a break.

A study is a function and a list of tasks that know nothing of each other. Where they run is the
business of a ``concurrent.futures.Executor``: a process pool on one machine, or the one that a
Dask cluster gives (``Client.get_executor()``).
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from geneml._files import write_files

Result = dict[str, np.ndarray]


def run(
    function: Callable[[Any], Mapping[str, Any]],
    tasks: Sequence[Any],
    *,
    executor: Executor | Callable[[], Executor] | None = None,
    folder: str | os.PathLike[str] | None = None,
    label: str = "",
    attempts: int = 3,
    on_result: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Apply a function to every task and return the results in the order of the tasks.

    Parameters
    ----------
    function : callable
        Takes a task, returns a mapping of names to arrays, numbers or text. A process of its own
        must be able to import it.
    tasks : sequence
        What it is called with, one at a time. A task should carry its own seed: then it does not
        matter where or in which order tasks run.
    executor : Executor, or callable that makes one, optional
        Where they run; by default here, one after the other. A process pool is of no more use
        once a worker has died, so give a way to make one (:func:`process_pool`) rather than the
        pool itself: the chunks of a dead worker are then run again. A cluster does that by
        itself.
    folder : path, optional
        Every result is kept here as soon as it is there. A study that was interrupted goes on
        with what is missing.
    label : str
        Says which study the folder holds, with all its settings: results of another study are
        refused rather than mixed in.
    attempts : int
        How often the workers may die, in a row without a single result, before the study gives
        up.
    on_result : callable, optional
        Called as ``on_result(done, of)`` after each result, with those found in the folder.

    Returns
    -------
    list of dict
        Names to arrays.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these, or the folder holds another study.
    RuntimeError
        If workers keep dying, or a given pool is broken and cannot be made anew.
    Exception
        Whatever the function raises; results that were there before are kept.
    """
    tasks = list(tasks)
    if not callable(function):
        raise TypeError(f"function must be callable, received {type(function).__name__}.")
    if int(attempts) != attempts or attempts < 1:
        raise ValueError(f"attempts must be a whole number from 1, received {attempts!r}.")
    store = _Store(None if folder is None else Path(folder), label, len(tasks))
    results: dict[int, Result] = store.found()

    def keep(number: int, result: Any) -> None:
        results[number] = store.kept(number, result)
        if on_result is not None:
            on_result(len(results), len(tasks))

    if on_result is not None and results:
        on_result(len(results), len(tasks))
    failures = 0
    while missing := [number for number in range(len(tasks)) if number not in results]:
        if executor is None:
            for number in missing:
                keep(number, function(tasks[number]))
            continue
        before = len(results)
        try:
            _submit(function, tasks, missing, executor, keep)
        except BrokenExecutor as error:
            if isinstance(executor, Executor):
                raise RuntimeError(
                    f"a worker died with {len(tasks) - len(results)} of {len(tasks)} tasks "
                    "undone, and this pool cannot be used again. Give a way to make a pool, such "
                    "as geneml.chunks.process_pool(2), and the tasks are run again."
                ) from error
            failures = 1 if len(results) > before else failures + 1
            if failures >= attempts:
                raise RuntimeError(
                    f"workers died {failures} times without finishing a task; "
                    f"{len(tasks) - len(results)} of {len(tasks)} are undone. Often memory is "
                    "short: try fewer workers."
                ) from error
    return [results[number] for number in range(len(tasks))]


def process_pool(workers: int | None = None, *, threads: int = 1) -> Callable[[], Executor]:
    """A way to make a pool of processes, each with its own share of the processor.

    Parameters
    ----------
    workers : int, optional
        Processes; by default one for each core that this process may use.
    threads : int
        Threads of each. Small networks gain more from many processes than from many threads.

    Returns
    -------
    callable
        Makes the pool. Processes are started afresh, not copied: a copy of a process in which
        TensorFlow runs is not sound.

    Raises
    ------
    ValueError
        If a number is below one.
    """
    if workers is None:
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
        workers = workers or os.cpu_count() or 1
    for name, value in (("workers", workers), ("threads", threads)):
        if int(value) != value or value < 1:
            raise ValueError(f"{name} must be a whole number from 1, received {value!r}.")

    def make() -> Executor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(
            workers, mp_context=context, initializer=_limit_threads, initargs=(threads,)
        )

    return make


def _limit_threads(threads: int) -> None:
    # TensorFlow reads these when it is imported, which a worker does with its first task.
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import threadpoolctl

    threadpoolctl.threadpool_limits(threads)


def _submit(
    function: Callable[[Any], Mapping[str, Any]],
    tasks: list[Any],
    missing: list[int],
    executor: Executor | Callable[[], Executor],
    keep: Callable[[int, Any], None],
) -> None:
    # A pool that was handed in is left running: it is not ours to close.
    scope: Any = nullcontext(executor) if isinstance(executor, Executor) else executor()
    with scope as pool:
        futures: dict[Future, int] = {pool.submit(function, tasks[n]): n for n in missing}
        try:
            for future in as_completed(futures):
                keep(futures[future], future.result())
        except BaseException:
            for future in futures:
                future.cancel()
            raise


class _Store:
    """A folder of results, one file a task; without a folder, nothing is kept."""

    def __init__(self, folder: Path | None, label: str, tasks: int):
        self._folder = folder
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        path, study = folder / "study.json", {"label": label, "tasks": tasks}
        if not path.exists():
            write_files({path: lambda stream: stream.write(json.dumps(study).encode())})
        elif json.loads(path.read_text(encoding="utf-8")) != study:
            raise ValueError(
                f"folder: {folder} holds results of another study, or of the same with other "
                "settings. Give another folder, or empty this one."
            )

    def _path(self, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"task_{number:06d}.npz"

    def found(self) -> dict[int, Result]:
        if self._folder is None:
            return {}
        results = {}
        for path in sorted(self._folder.glob("task_*.npz")):
            with np.load(path, allow_pickle=False) as file:
                results[int(path.stem.removeprefix("task_"))] = dict(file)
        return results

    def kept(self, number: int, result: Any) -> Result:
        if not isinstance(result, Mapping):
            raise TypeError(
                f"function must return a mapping of names to arrays, received "
                f"{type(result).__name__} for task {number}."
            )
        arrays = {str(name): np.asarray(value) for name, value in result.items()}
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise TypeError(
                    f"function must return arrays, numbers or text; {name!r} of task {number} is "
                    "none of these."
                )
        if self._folder is not None:
            buffer = io.BytesIO()
            np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
            write_files({self._path(number): lambda stream: stream.write(buffer.getvalue())})
        return arrays
