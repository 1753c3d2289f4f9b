"""Running every method on every fold."""

from __future__ import annotations

import gc
import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geneml import chunks
from geneml.evaluation._identity import digest
from geneml.evaluation._sharing import Carried, Stored, shared
from geneml.evaluation.comparison import Comparison
from geneml.evaluation.folds import fold_key, non_test_rows, numbered
from geneml.evaluation.inputs import Inputs, Predicted
from geneml.metrics import score
from geneml.splits import Split

Method = Callable[[Inputs, np.ndarray, Split, int], Any]


def compare(
    methods: Mapping[str, Method],
    inputs: Inputs,
    y: Any,
    folds: Sequence[Split],
    *,
    adjust: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    folder: str | os.PathLike[str] | None = None,
    label: str = "",
    seed: int = 0,
    blind: bool = True,
    on_result: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Let every method predict the test part of every fold, and score it there.

    Parameters
    ----------
    methods : mapping of str to callable
        Called as ``method(inputs, y, split, seed)``; gives predictions of all individuals,
        (n, t), or :class:`~geneml.evaluation.Predicted`. It may use the training and the
        validation rows as it likes: fit on one and choose on the other, or fit on both. Tuning
        happens inside, so that every fold tunes anew (nested). A method that has
        ``prepare()`` is prepared first, which is not timed: a place for slow imports. Those of
        :mod:`geneml.evaluation.methods` are ready.
    inputs : Inputs
        What methods predict from.
    y : array (n,), (n, t) or DataFrame
        Traits, with names if it is a DataFrame; finite in the folds.
    folds : sequence of Split
        As from :func:`~geneml.evaluation.repeated_k_fold`: the same for all methods.
    adjust : callable, optional
        ``adjust(y, rows)`` returns corrected traits (n, t), with effects estimated on ``rows``:
        the training and validation rows of each fold. See
        :class:`~geneml.evaluation.Correction`. Test rows are scored on what it returns.
    executor : Executor, or callable that makes one, optional
        Where fits run (:func:`geneml.chunks.run`); a fit is one method in one fold. With
        processes, methods must be importable there.
    folder : path, optional
        Keeps the predictions of every fit: an interrupted comparison goes on with what is
        missing. A folder holds one comparison; of others with the same traits and some of the
        same folds, see :meth:`Comparison.joined`.
    label : str
        Goes with the folder, beside a digest of all data and settings.
    seed : int
        Each fit gets its own seed, from this, the method's name and the fold's rows.
    blind : bool
        Whether methods receive NaN in place of the traits of test rows. ``False`` hands over
        everything, to show what leakage does.
    on_result : callable, optional
        Called as ``on_result(done, of)`` after each fit.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, before any fit; if a method returns anything but finite
        predictions of the right shape; if the folder holds another comparison.
    """
    table, traits = _traits(y, inputs)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed: expected a whole number, received {type(seed).__name__}")
    folds = tuple(folds)
    _check(methods, folds, table)
    corrected = [_corrected(adjust, table, split) for split in folds]
    keys = [fold_key(split) for split in folds]
    names = list(methods)
    everything = [dict(methods), vars(inputs), corrected, traits, seed, blind]
    everything += [[one.training, one.validation, one.test] for one in folds]
    with shared(inputs, executor) as handed:
        tasks = [
            Task(
                name,
                methods[name],
                handed,
                _blinded(trait, split) if blind else trait,
                split,
                _seed(seed, name, key),
            )
            for split, trait, key in zip(folds, corrected, keys, strict=True)
            for name in names
        ]
        results = chunks.run(
            evaluate,
            tasks,
            executor=executor,
            folder=folder,
            label=f"{label} {digest(everything)}".strip(),
            on_result=on_result,
        )
    places = numbered(folds)
    observed = np.full((1 + places[-1][0], *table.shape), np.nan)
    predictions = np.full((len(names), *observed.shape), np.nan)
    rows, settings = [], []
    for number, found in enumerate(results):
        of, which = divmod(number, len(names))
        (repeat, fold), test = places[of], folds[of].test
        observed[repeat, test] = corrected[of][test]
        predictions[which, repeat, test] = found["predictions"]
        for column, trait in enumerate(traits):
            where = {"method": names[which], "trait": trait, "repeat": repeat, "fold": fold}
            scores = score(corrected[of][test, column], found["predictions"][:, column])
            counts = {name: float(found[name][column]) for name in ("markers", "loadings")}
            times = {name: float(found[name]) for name in ("seconds", "wall_seconds")}
            rows.append(where | scores | counts | times)
            for name, value in zip(found["setting"], found["value"], strict=True):
                settings.append(where | {"setting": str(name), "value": float(value[column])})
    columns = ["method", "trait", "repeat", "fold", "setting", "value"]
    return Comparison(
        table=pd.DataFrame(rows),
        settings=pd.DataFrame(settings, columns=columns),
        folds=folds,
        methods=tuple(names),
        traits=traits,
        observed=observed,
        predictions=predictions,
    )


@dataclass(frozen=True, eq=False)
class Task:
    """One method in one fold. It carries the traits of the test rows only if it may see them."""

    name: str
    method: Method
    inputs: Stored | Carried
    y: np.ndarray
    split: Split
    seed: int


def evaluate(task: Task) -> dict[str, np.ndarray]:
    """Run one task: predictions of the test rows, what was used, and the time it took."""
    inputs, method = task.inputs.get(), task.method
    prepare = getattr(method, "prepare", None)
    if prepare is not None:
        prepare()
    gc.collect()  # networks of earlier tasks hold on to themselves
    wall, processor = time.perf_counter(), time.process_time()
    found = method(inputs, task.y.copy(), task.split, task.seed)
    seconds, wall_seconds = time.process_time() - processor, time.perf_counter() - wall
    if not isinstance(found, Predicted):
        found = Predicted(found)
    n, traits = task.y.shape
    values = np.asarray(found.values, dtype="float64")
    if values.shape != (n, traits) and not (traits == 1 and values.shape == (n,)):
        raise ValueError(
            f"method {task.name!r}: expected predictions of shape ({n}, {traits}), received "
            f"{values.shape}"
        )
    values = values.reshape(n, traits)[task.split.test]
    if broken := int((~np.isfinite(values)).sum()):
        raise ValueError(
            f"method {task.name!r}: expected finite predictions of the test rows, received "
            f"{broken} of {values.size} that are not ({task.split.description or 'one fold'}). "
            "Traits of test rows are NaN, so that nothing can be learned from them."
        )

    def by_trait(name: str, value: Any) -> np.ndarray:
        array = np.asarray(np.nan if value is None else value, dtype="float64")
        if array.shape not in ((), (1,), (traits,)):
            raise ValueError(
                f"method {task.name!r}: expected one value of {name}, or one for each of the "
                f"{traits} trait(s), received shape {array.shape}"
            )
        return np.broadcast_to(array, traits)

    return {
        "predictions": values,
        "markers": by_trait("markers", found.markers),
        "loadings": by_trait("loadings", found.loadings),
        "seconds": np.array(seconds),
        "wall_seconds": np.array(wall_seconds),
        "setting": np.array(list(found.settings), dtype="U"),
        "value": np.array([by_trait(*item) for item in found.settings.items()]).reshape(-1, traits),
    }


def _traits(y: Any, inputs: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    if not isinstance(inputs, Inputs):
        raise TypeError(f"inputs: expected Inputs, received {type(inputs).__name__}")
    table = np.asarray(y)
    if table.dtype.kind not in "iufb":
        raise TypeError(f"y: expected numbers, received dtype {table.dtype}")
    if table.ndim not in (1, 2) or len(table) != inputs.n or not table.size:
        raise ValueError(
            f"y: expected shape ({inputs.n},) or ({inputs.n}, traits), a row for each of the "
            f"genotypes, received {table.shape}"
        )
    if isinstance(y, pd.DataFrame):
        names = tuple(str(name) for name in y.columns)
    elif isinstance(y, pd.Series) and y.name is not None:
        names = (str(y.name),)
    else:
        names = (
            ("y",) if table.ndim == 1 else tuple(f"trait_{i + 1}" for i in range(table.shape[1]))
        )
    if len(set(names)) < len(names):
        raise ValueError(f"y: expected a different name for each trait, received {names}")
    return table.reshape(inputs.n, -1).astype("float64"), names


def _check(methods: Any, folds: tuple[Split, ...], y: np.ndarray) -> None:
    if not isinstance(methods, Mapping):
        raise TypeError(f"methods: expected a mapping of names, received {type(methods).__name__}")
    if not methods or not all(isinstance(name, str) and name for name in methods):
        raise ValueError(f"methods: expected at least one, each with a name, received {methods}")
    for name, method in methods.items():
        if not callable(method) or isinstance(method, type):
            raise TypeError(
                f"methods: expected {name!r} to be callable as method(inputs, y, split, seed), "
                f"received {method!r}"
            )
    if not folds or not all(isinstance(split, Split) for split in folds):
        raise TypeError("folds: expected at least one Split, as from repeated_k_fold")
    if len({fold_key(split) for split in folds}) < len(folds):
        raise ValueError("folds: expected folds that differ, received one twice")
    for number, split in enumerate(folds):
        rows = np.concatenate([split.training, split.validation, split.test])
        if rows.max() >= len(y):
            raise ValueError(
                f"folds: expected rows from 0 to {len(y) - 1}, received {rows.max()} in number "
                f"{number}: were they made for this y?"
            )
        if len(split.test) < 2:
            raise ValueError(f"folds: expected at least two test rows, number {number} has less")
        if not np.isfinite(y[rows]).all():
            raise ValueError(
                f"y: expected finite values in the folds, received "
                f"{int((~np.isfinite(y[rows])).sum())} that are not in number {number}; leave "
                "individuals without a trait out"
            )
        if (np.ptp(y[split.test], axis=0) == 0).any():
            raise ValueError(f"y: expected values that differ in test part {number}")


def _corrected(adjust: Any, y: np.ndarray, split: Split) -> np.ndarray:
    if adjust is None:
        return y
    corrected = np.asarray(adjust(y.copy(), non_test_rows(split)), dtype="float64")
    rows = np.concatenate([non_test_rows(split), split.test])
    if corrected.shape != y.shape or not np.isfinite(corrected[rows]).all():
        raise ValueError(
            f"adjust: expected finite traits of shape {y.shape}, received shape {corrected.shape} "
            f"with {int((~np.isfinite(corrected)).sum())} values that are not finite"
        )
    return corrected


def _blinded(y: np.ndarray, split: Split) -> np.ndarray:
    hidden = y.copy()
    hidden[split.test] = np.nan
    return hidden


def _seed(seed: int, name: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}|{name}|{key}".encode()).digest()[:4], "little")
