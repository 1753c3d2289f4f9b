"""Running one pass over the training rows, quickly on TensorFlow and correctly elsewhere.

Small networks spend most of their time between steps, not in them. On TensorFlow a whole
epoch is therefore one compiled call (:mod:`geneml._tensorflow_engine`). Other Keras backends
use Keras's own step functions. Both see the same batches in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import keras
import numpy as np

ROWS_AT_ONCE = 1_024
VALUES_AT_ONCE = 2**24  # of the inputs: 64 MiB once they are float32


class Engine(Protocol):
    """What training needs from a backend."""

    def epoch(self, order: np.ndarray) -> None:
        """One pass over the rows in this order, updating the weights."""

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Outputs (rows, t) ``float32`` without dropout."""


def make_engine(
    model: keras.Model, x: Any, y: np.ndarray, weights: np.ndarray | None, batch_size: int
) -> Engine:
    """Choose the engine for the running backend.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    x : array, or a tuple, list or dict of arrays
        Inputs of all individuals; only the rows asked for are ever used.
    y : float32 array (n, t)
        Scaled phenotypes.
    weights : float32 array (n,) or None
        Weight of each individual in the loss.
    batch_size : int
        Individuals in a step.
    """
    if keras.backend.backend() == "tensorflow":
        from geneml._tensorflow_engine import TensorFlowEngine

        return TensorFlowEngine(model, x, y, weights, batch_size)
    return KerasEngine(model, x, y, weights, batch_size)


def make_steps(model: keras.Model) -> Callable[..., None]:
    """A function ``steps(x, rows, y, count)`` that takes steps on all individuals at once.

    Individual i has the inputs ``x[rows[i]]`` and the phenotypes ``y[i]``: people with the same
    genotypes share a row, which need not be computed for each of them.

    Parameters
    ----------
    model : keras.Model
        Compiled; one input, one output.

    Returns
    -------
    callable
        Trains the model in place.
    """
    if keras.backend.backend() == "tensorflow":
        from geneml._tensorflow_engine import full_batch_steps

        return full_batch_steps(model)

    def steps(x: np.ndarray, rows: np.ndarray, y: np.ndarray, count: int) -> None:
        inputs = x[rows]
        for _ in range(count):
            model.train_on_batch(inputs, y)

    return steps


class KerasEngine:
    """Keras's own steps, on any backend."""

    def __init__(
        self,
        model: keras.Model,
        x: Any,
        y: np.ndarray,
        weights: np.ndarray | None,
        batch_size: int,
    ):
        self._model, self._x, self._y = model, x, y
        self._weights, self._size = weights, int(batch_size)
        self._at_once = rows_at_once(x, self._size)

    def _take(self, rows: np.ndarray) -> Any:
        return keras.tree.map_structure(lambda part: part[rows], self._x)

    def epoch(self, order: np.ndarray) -> None:
        """One pass over the rows in this order, updating the weights."""
        for start in range(0, len(order), self._size):
            rows = order[start : start + self._size]
            weight = None if self._weights is None else self._weights[rows]
            self._model.train_on_batch(self._take(rows), self._y[rows], sample_weight=weight)

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Outputs (rows, t) ``float32`` without dropout."""
        return np.concatenate(
            [
                np.asarray(self._model.predict_on_batch(self._take(part)))
                for part in chunks(rows, self._at_once)
            ]
        )


def rows_at_once(x: Any, batch_size: int) -> int:
    """How many individuals to predict at once: fewer where each has many inputs.

    At most ``ROWS_AT_ONCE``, and at most ``VALUES_AT_ONCE`` values of all inputs together. But
    not fewer than a batch, which training holds in memory anyway.
    """
    width = sum(int(np.prod(np.shape(part)[1:])) for part in keras.tree.flatten(x))
    return min(ROWS_AT_ONCE, max(batch_size, VALUES_AT_ONCE // max(width, 1)))


def chunks(rows: np.ndarray, size: int) -> list[np.ndarray]:
    """The rows in groups of a size."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]
