"""Many trained networks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geneml.replicates.plan import Plan

if TYPE_CHECKING:
    import keras

_COLUMNS_AT_ONCE = 512

ACTIVATIONS = {
    "relu": lambda z: np.maximum(z, 0, out=z),
    "tanh": lambda z: np.tanh(z, out=z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
"""Hidden activations, by name, as functions of float32 arrays."""


@dataclass(frozen=True, eq=False)
class Networks:
    """R networks after training, in the order of the plan.

    Attributes
    ----------
    plan : Plan
        What was asked for.
    weights : tuple of (kernel, bias)
        One pair a layer, float32: first kernel (p, R, units), later ones (R, inputs, units),
        the output (R, inputs, 1); biases (R, units). Padded with zeros where a network is
        smaller than the widest.
    activation : str
        Of the hidden layers.
    mean, scale : float64 (R,)
        Of the trait in the training part of each network's split; the networks see
        (y - mean) / scale.
    epochs : int (R,)
        Epoch of the weights kept.
    training_loss, validation_loss, test_loss : float64 (R,)
        Mean expectile loss of the standardised trait, without penalty; NaN for an empty part,
        not finite where training diverged.
    history : float32 (epochs + 1, R, 2) or None
        Training and validation loss before training and after every epoch, if asked for. A
        network that has stopped repeats its last values.
    """

    plan: Plan
    weights: tuple[tuple[np.ndarray, np.ndarray], ...]
    activation: str
    mean: np.ndarray
    scale: np.ndarray
    epochs: np.ndarray
    training_loss: np.ndarray
    validation_loss: np.ndarray
    test_loss: np.ndarray
    history: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.plan)

    def take(self, rows: Any) -> Networks:
        """Some of the networks, by row number or mask; a row may be taken more than once."""
        weights = tuple(
            (kernel[:, rows] if number == 0 else kernel[rows], bias[rows])
            for number, (kernel, bias) in enumerate(self.weights)
        )
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        vectors = ("mean", "scale", "epochs", "training_loss", "validation_loss", "test_loss")
        kept |= {name: kept[name][rows] for name in vectors}
        kept |= {"plan": self.plan.take(rows), "weights": weights}
        if self.history is not None:
            kept["history"] = self.history[:, rows]
        return Networks(**kept)

    def hidden(self, x: np.ndarray) -> np.ndarray:
        """Outputs of the last hidden layer, float32 (n, R, units); padding holds no meaning.

        Parameters
        ----------
        x : array (n, p)
            Inputs as in training.

        Raises
        ------
        ValueError
            If x does not have p columns.
        """
        x = np.asarray(x, dtype="float32")
        p = self.weights[0][0].shape[0]
        if x.ndim != 2 or x.shape[1] != p:
            raise ValueError(f"x must have shape (n, {p}) as in training, received {x.shape}.")
        function = ACTIVATIONS[self.activation]
        values = x
        for number, (kernel, bias) in enumerate(self.weights[:-1]):
            if number == 0:
                values = (x @ kernel.reshape(p, -1)).reshape(len(x), *kernel.shape[1:])
            else:
                values = np.einsum("nrk,rku->nru", values, kernel, optimize=True)
            values = function(values + bias)
        return values

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Predicted expectiles in the trait's own unit, float64 (n, R).

        Parameters
        ----------
        x : array (n, p)
            Inputs as in training.

        Raises
        ------
        ValueError
            If x does not have p columns.
        """
        at_once = max(1, _COLUMNS_AT_ONCE // self.weights[0][0].shape[2])
        parts = []
        for start in range(0, len(self), at_once):
            some = self.take(slice(start, start + at_once))
            kernel, bias = some.weights[-1]
            output = np.einsum("nrk,rk->nr", some.hidden(x), kernel[:, :, 0]) + bias[:, 0]
            parts.append(output * some.scale + some.mean)
        return np.concatenate(parts, axis=1)

    def model(self, row: int) -> keras.Model:
        """One of the networks as a Keras model of its own; it predicts the standardised trait.

        Parameters
        ----------
        row : int
            Which one.
        """
        from geneml.models import enn

        units = self.plan.hidden[row].tolist()
        sizes = [self.weights[0][0].shape[0], *units, 1]
        model = enn((sizes[0],), hidden=units, activation=self.activation)
        values = []
        for number, (kernel, bias) in enumerate(self.weights):
            own = kernel[:, row] if number == 0 else kernel[row]
            values += [own[: sizes[number], : sizes[number + 1]], bias[row, : sizes[number + 1]]]
        model.set_weights(values)
        return model

    def table(self) -> pd.DataFrame:
        """The plan with the epochs and losses, one row a network."""
        names = ("epochs", "training_loss", "validation_loss", "test_loss")
        return self.plan.table().assign(**{name: getattr(self, name) for name in names})
