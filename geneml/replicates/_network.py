"""A Keras network that holds R small networks, and its full-batch steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import get_ident
from typing import Any

import keras
import numpy as np
from keras import ops

from geneml._engines import make_steps
from geneml.layers.replicates import ReplicateDense
from geneml.models._parts import layer_seeds


class PackedExpectileLoss(keras.losses.Loss):
    """Sum over replicates of each one's mean expectile loss on its own training rows.

    Replicates differ in their rows, in the scale of the trait and in tau; Keras hands a loss
    one table. So ``y_true`` holds three tables side by side, each (n, R): the standardised
    trait, and the weights of a squared error where the trait lies below the prediction and
    where it does not: (1 - tau) / training rows and tau / training rows, 0 outside training.
    """

    def __init__(self) -> None:
        super().__init__(name="packed_expectile", reduction="sum")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of each row (n,), summed over replicates."""
        target, below, above = ops.split(y_true, 3, axis=1)
        error = target - y_pred
        return ops.sum(ops.where(error < 0, below, above) * ops.square(error), axis=1)


class Side:
    """R networks of one shape: p inputs, hidden layers of given (padded) sizes, one output.

    Parameters
    ----------
    p, replicates : int
        Inputs and networks.
    hidden : tuple of int
        Padded units of each hidden layer.
    activation : str
        Of the hidden layers.
    learning_rate : float
        Of Adam, which works on every weight alone: networks trained together take the steps
        they would take alone (Kingma & Ba 2015, arXiv:1412.6980).
    """

    def __init__(
        self,
        p: int,
        replicates: int,
        hidden: tuple[int, ...],
        activation: str,
        learning_rate: float,
    ):
        inputs = keras.Input((p,), dtype="float32")
        self.layers = [
            *(ReplicateDense(replicates, units, activation) for units in hidden),
            ReplicateDense(replicates, 1),
        ]
        values: Any = inputs
        for layer in self.layers:
            values = layer(values)
        self.model = keras.Model(inputs, keras.layers.Reshape((replicates,))(values))
        self.model.compile(
            optimizer=keras.optimizers.Adam(learning_rate), loss=PackedExpectileLoss()
        )
        self._steps = make_steps(self.model)

    def begin(
        self,
        weights: Sequence[tuple[np.ndarray, np.ndarray]],
        hidden: np.ndarray,
        penalty: np.ndarray,
        pull: np.ndarray,
    ) -> None:
        """Set the weights, forget what the optimizer remembers, set penalties.

        Parameters
        ----------
        weights : list of (kernel, bias)
            Padded, in the shapes of :class:`~geneml.layers.replicates.ReplicateDense`.
        hidden : int (R, layers)
            Units that exist.
        penalty : float (R,)
            Squared penalty on the kernels.
        pull : bool (R,)
            Whether the penalty of the hidden layers pulls towards ``weights`` and not to zero.
        """
        last = len(self.layers) - 1
        self.set_weights(weights)
        for number, (layer, (kernel, _)) in enumerate(zip(self.layers, weights, strict=True)):
            layer.penalty.assign(penalty)
            pulled = (pull & (number < last)).reshape((-1, 1, 1) if number else (1, -1, 1))
            layer.centre.assign(np.where(pulled, kernel, 0).astype("float32"))
            if number:
                exists = np.arange(kernel.shape[1]) < hidden[:, [number - 1]]
                layer.used.assign(exists[:, :, None].astype("float32"))
        optimizer = self.model.optimizer
        optimizer.build(self.model.trainable_variables)
        for variable in optimizer.variables:
            if variable is not optimizer.learning_rate:
                variable.assign(np.zeros(variable.shape, dtype=str(variable.dtype)))

    def steps(self, x: np.ndarray, rows: np.ndarray, packed: np.ndarray, count: int) -> None:
        """Take ``count`` steps of Adam; individual i has the inputs ``x[rows[i]]``."""
        self._steps(x, rows, packed, count)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Standardised predictions (n, R) float32."""
        return ops.convert_to_numpy(self.model(x, training=False))

    def set_weights(self, weights: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        """Set kernels and biases, and nothing else."""
        for layer, (kernel, bias) in zip(self.layers, weights, strict=True):
            layer.kernel.assign(kernel)
            layer.bias.assign(bias)

    def weights(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Kernels and biases as they are now."""
        return [
            (np.array(ops.convert_to_numpy(a.kernel)), np.array(ops.convert_to_numpy(a.bias)))
            for a in self.layers
        ]


def side_by_side(
    p: int, replicates: int, hidden: tuple[int, ...], activation: str, learning_rate: float
) -> Side:
    """The networks of this shape, traced once in each thread that trains them."""
    return _traced(get_ident(), p, replicates, hidden, activation, learning_rate)


# Tracing a network takes as long as hundreds of its steps, and a study trains thousands of
# chunks of few shapes. `Side.begin` sets everything that another chunk could have left.
@lru_cache(maxsize=32)
def _traced(thread: int, *shape: Any) -> Side:
    return Side(*shape)


def initial_weights(
    p: int, hidden: np.ndarray, seeds: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Initial weights as ``geneml.models.enn`` draws them for each seed, padded with zeros.

    Parameters
    ----------
    p : int
        Inputs.
    hidden : int (R, layers)
        Units of each network.
    seeds : int (R,)
        Seed of each network.

    Returns
    -------
    list of (kernel, bias)
        One pair a layer, the output last.
    """
    r, widest = len(hidden), hidden.max(axis=0)
    sizes = [p, *widest, 1]
    pairs = []
    for number, (inputs, units) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        shape = (inputs, r, units) if number == 0 else (r, inputs, units)
        pairs.append((np.zeros(shape, "float32"), np.zeros((r, units), "float32")))
    for row, (units, seed) in enumerate(zip(hidden.tolist(), seeds.tolist(), strict=True)):
        draws = layer_seeds(seed)
        for number, (inputs, outputs) in enumerate(zip([p, *units], [*units, 1], strict=True)):
            draw = keras.initializers.GlorotUniform(seed=next(draws))((inputs, outputs))
            kernel = pairs[number][0]
            place = kernel[:, row] if number == 0 else kernel[row]
            place[:inputs, :outputs] = ops.convert_to_numpy(draw)
    return pairs
