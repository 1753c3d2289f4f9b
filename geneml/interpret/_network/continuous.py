"""Networks as functions of numbers that may lie between genotypes.

Derivatives and straight paths need inputs that vary smoothly. One-hot sequences and dosages
do. Stored genotypes (``int8``, -1 missing) do not: they are turned into dosages with missing
calls at the training mean, or into one column a genotype, whichever the network's encoder
does, and the rest of the network is differentiated by that.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from geneml.interpret._network.gradients import Derivative, compiled_derivative
from geneml.layers import GenotypeEncoder, OneHotGenotypes, genotype_encoders

_TWINS: weakref.WeakKeyDictionary[Any, dict] = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class Continuous:
    """A network and its input in the form by which it can be differentiated.

    Attributes
    ----------
    model : keras.Model
        The network.
    inputs : list of ndarray
        All inputs; the explained one is ``float32``.
    explained : int
        Which of them is explained.
    skipped : int
        How many first layers of a Sequential network ``inputs`` has passed already.
    layered : bool
        Whether its layers are called one by one, past its own conversion to integers.
    twin : keras.Model or None
        A copy that takes floating-point numbers where the network insists on integers.
    """

    model: keras.Model
    inputs: list[np.ndarray]
    explained: int
    skipped: int
    layered: bool
    twin: keras.Model | None

    @property
    def x(self) -> np.ndarray:
        """The explained input, ``float32``."""
        return self.inputs[self.explained]

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Other rows of the explained input in the same form."""
        return _encode(self.model, rows, skipped=self.skipped)

    def derivative(self, outputs: list[int]) -> Derivative:
        """A compiled function: inputs -> derivatives (batch, *input, outputs)."""
        skipped, twin, layered = self.skipped, self.twin, self.layered

        def forward(model: Any, parts: list) -> Any:
            return _forward(model, parts, skipped, layered, twin)

        return compiled_derivative(
            self.model,
            forward,
            key=(skipped, layered, twin is not None),
            explained=self.explained,
            outputs=outputs,
            inputs=self.inputs,
        )

    def forward(self, outputs: list[int]) -> Callable:
        """The network as a function of its only input, in Keras: (batch, len(outputs))."""

        def chosen(values: Any) -> Any:
            found = _forward(self.model, [values], self.skipped, self.layered, self.twin)
            return keras.ops.stack([found[:, output] for output in outputs], axis=1)

        return chosen

    def all_layers(self) -> list[Any]:
        """Every layer of the network, those of nested networks included."""
        return _all_layers(self.model)


def continuous(
    model: keras.Model, inputs: list[np.ndarray], explained: int, *, behind_encoder: bool = False
) -> Continuous:
    """Bring a network and its inputs into the form by which it can be differentiated.

    Parameters
    ----------
    model : keras.Model
        Sequential, functional or subclassed.
    inputs : list of ndarray
        One array for each input of the network.
    explained : int
        Which one is explained.
    behind_encoder : bool
        Start behind an encoder of dosages too, where the network begins with one.

    Raises
    ------
    ValueError
        If stored genotypes become one-hot columns inside a network that is not Sequential,
        so that there is no place to differentiate by.
    """
    layers = model.layers
    sequential = isinstance(model, keras.Sequential)
    kinds = (OneHotGenotypes, GenotypeEncoder) if behind_encoder else (OneHotGenotypes,)
    skipped = int(sequential and bool(layers) and isinstance(layers[0], kinds))
    if not skipped and any(isinstance(layer, OneHotGenotypes) for layer in layers):
        raise ValueError(
            "inside this network stored genotypes become one column a genotype, which has no "
            "derivative by the number of copies. Explain the network behind that layer, with "
            "geneml.encoding.one_hot_genotypes(x) as its input, or use mutagenesis or exact or "
            "permutation Shapley values."
        )
    inputs = list(inputs)
    inputs[explained] = _encode(model, inputs[explained], skipped=skipped)
    integers = not skipped and _takes_integers(model, explained)
    twin = None if sequential or not integers else _floating_twin(model, explained)
    layered = bool(skipped or (sequential and integers))
    return Continuous(model, inputs, explained, skipped, layered, twin)


def _forward(
    model: keras.Model, parts: list, skipped: int, layered: bool, twin: keras.Model | None
) -> Any:
    """Outputs (batch, t) of the network, of its later layers, or of its twin."""
    if layered:
        values = parts[0]
        for layer in model.layers[skipped:]:
            values = layer(values)
        return _columns(values)
    asked = model if twin is None else twin
    return _columns(asked(parts if len(parts) > 1 else parts[0], training=False))


def _all_layers(model: keras.Model) -> list[Any]:
    found: list[Any] = []
    for layer in model.layers:
        found.append(layer)
        if isinstance(layer, keras.Model):
            found += _all_layers(layer)
    return found


def _columns(outputs: Any) -> Any:
    """All outputs side by side, (batch, t)."""
    tables = [
        keras.ops.reshape(one, (-1, int(np.prod(one.shape[1:], dtype=int))))
        for one in keras.tree.flatten(outputs)
    ]
    return tables[0] if len(tables) == 1 else keras.ops.concatenate(tables, axis=1)


def _takes_integers(model: keras.Model, explained: int) -> bool:
    declared = keras.tree.flatten(getattr(model, "inputs", None) or [])
    if explained >= len(declared):
        return False  # a subclassed network: it takes what it is given
    return not keras.backend.standardize_dtype(declared[explained].dtype).startswith("float")


def _floating_twin(model: keras.Model, explained: int) -> keras.Model:
    twins = _TWINS.setdefault(model, {})
    if explained not in twins:
        tensors = [
            keras.Input(batch_shape=one.shape, dtype="float32" if place == explained else one.dtype)
            for place, one in enumerate(keras.tree.flatten(model.input))
        ]
        tensors = keras.tree.pack_sequence_as(model.input, tensors)
        twins[explained] = keras.models.clone_model(model, input_tensors=tensors)
    twins[explained].set_weights(model.get_weights())  # those of now: it may have been trained
    return twins[explained]


def _encode(model: keras.Model, rows: np.ndarray, *, skipped: int) -> np.ndarray:
    rows = np.asarray(rows)
    if skipped:
        return keras.ops.convert_to_numpy(model.layers[0](rows))
    values = rows.astype("float32")
    missing = ~(values >= 0)
    if values.ndim != 2 or not missing.any():
        return values
    encoders = [
        one for one in genotype_encoders(model) if tuple(one.mean.shape) == values.shape[1:]
    ]
    if len(encoders) != 1:  # numbers of another kind, such as standardised dosages
        return values
    mean = keras.ops.convert_to_numpy(encoders[0].mean)
    return np.where(missing, mean, values)
