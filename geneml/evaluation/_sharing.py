"""Handing large inputs to many tasks without copying them each time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from geneml.evaluation.inputs import Inputs

_NAMES = ("genotypes", "loadings", "relationship", "covariates")


@dataclass(frozen=True)
class Stored:
    """Inputs that lie in a folder, which every process of this machine maps into memory."""

    folder: str

    def get(self) -> Inputs:
        """Return the inputs; a process reads them once."""
        return _read(self.folder)


@dataclass(frozen=True, eq=False)
class Carried:
    """Inputs that travel with the task."""

    inputs: Inputs

    def get(self) -> Inputs:
        """Return the inputs."""
        return self.inputs


@contextmanager
def shared(inputs: Inputs, executor: Any) -> Iterator[Stored | Carried]:
    """Yield what a task carries in place of the inputs.

    A pool of processes on this machine, and anything that makes a pool, reads a folder; any
    other executor may be on machines that do not see it.
    """
    if executor is None or (
        isinstance(executor, Executor) and not isinstance(executor, ProcessPoolExecutor)
    ):
        yield Carried(inputs)
        return
    with tempfile.TemporaryDirectory(prefix="geneml_inputs_") as folder:
        for name in _NAMES:
            if (values := getattr(inputs, name)) is not None:
                np.save(Path(folder) / f"{name}.npy", values)
        yield Stored(folder)


@lru_cache(maxsize=1)
def _read(folder: str) -> Inputs:
    files = sorted(Path(folder).glob("*.npy"))
    if not files:
        raise RuntimeError(
            "a worker does not see the folder of this machine that holds the inputs. For workers "
            "elsewhere give their Executor itself, such as Dask's Client.get_executor(), rather "
            "than a way to make one."
        )
    return Inputs(**{file.stem: np.load(file, mmap_mode="r") for file in files})
