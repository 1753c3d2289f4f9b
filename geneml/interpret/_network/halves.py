"""A network cut at one layer: what stands before it, and what is made of its output."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml.metrics import r_squared

_CUT: weakref.WeakKeyDictionary[Any, dict] = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class Halves:
    """Two networks that share the weights of one.

    Attributes
    ----------
    layer : keras.layers.Layer
        Where the network is cut.
    before : keras.Model
        Inputs to the layer's output.
    behind : keras.Model
        Inputs and the layer's output to the prediction; connections that pass the layer by
        stay as they are. None where the layer's output is the prediction.
    scale, offset : ndarray (t,) or (1,)
        Unit of the predictions: that of the trait where a fit was given, else 1 and 0.
    """

    layer: Any
    before: Any
    behind: Any
    scale: np.ndarray
    offset: np.ndarray

    def values(self, parts: list[np.ndarray]) -> np.ndarray:
        """The layer's output for a batch of inputs."""
        return _numpy(self.before(parts, training=False))

    def predict(self, parts: list[np.ndarray], values: np.ndarray) -> np.ndarray:
        """Predictions (batch, t) for a batch of inputs and any output of the layer."""
        predicted = values
        if self.behind is not None:
            predicted = _numpy(self.behind([*parts, values], training=False))
        return self.offset + self.scale * predicted.reshape(len(values), -1)


def halves(model: Any, layer: str) -> Halves:
    """Cut a network at a layer.

    Parameters
    ----------
    model : keras.Model or Fit
        Sequential or functional; of a :class:`geneml.training.Fit` the trained network.
    layer : str
        Name of the layer.

    Raises
    ------
    TypeError
        If the model is a plain function or a subclassed network, which have no graph to cut.
    ValueError
        If there is no such layer.
    """
    import keras

    seen = network_of(model)
    network = seen.keras_model
    known = _CUT.setdefault(network, {})
    names = [one.name for one in network.layers]
    if layer not in names:
        raise ValueError(f"layer: the network has no layer {layer!r}; it has {', '.join(names)}.")
    if layer not in known:
        found = network.get_layer(layer)
        before = keras.Model(network.inputs, found.output)
        last = found.output is network.outputs[0]
        behind = None if last else keras.Model([*network.inputs, found.output], network.outputs[0])
        known[layer] = (found, before, behind)
    found, before, behind = known[layer]
    return Halves(found, before, behind, seen.scale, seen.offset)


def network_of(model: Any) -> Any:
    """A model as every explainer sees it, and with layers to look into.

    Raises
    ------
    TypeError
        If there is no Keras network, or it was written as a subclass.
    """
    from geneml.interpret._network.model import as_model

    seen = as_model(model)
    if seen.keras_model is None:
        raise TypeError(
            "model must be a Keras network or a Fit: this needs its layers. Received "
            f"{type(model).__name__}."
        )
    if not getattr(seen.keras_model, "inputs", None):
        raise TypeError(
            f"the network {seen.name!r} is a subclass of keras.Model, whose layers form no graph. "
            "Build it as a Sequential or functional network."
        )
    return seen


def inputs_of(model: Any, x: Any) -> list[np.ndarray]:
    """Inputs as a list of arrays with the same samples, checked against the network."""
    parts = [np.asarray(part) for part in x] if isinstance(x, list | tuple) else [np.asarray(x)]
    network_of(model).check_inputs(parts)
    if len({len(part) for part in parts}) > 1 or len(parts[0]) == 0:
        raise ValueError(
            "x must hold the same samples in all inputs, at least one; the inputs hold "
            f"{[len(part) for part in parts]}."
        )
    return parts


def batches(parts: list[np.ndarray], batch_size: int) -> Iterator[tuple[slice, list[np.ndarray]]]:
    """Rows of all inputs in groups of ``batch_size``.

    Raises
    ------
    ValueError
        If ``batch_size`` is not a whole number from 1.
    """
    if int(batch_size) != batch_size or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number from 1; received {batch_size}.")
    for start in range(0, len(parts[0]), int(batch_size)):
        rows = slice(start, start + int(batch_size))
        yield rows, [part[rows] for part in parts]


@dataclass(frozen=True)
class Held:
    """What a network predicts whole, and with groups of units of a layer held at their mean.

    Attributes
    ----------
    predictions : ndarray (n, t)
        Of the whole network.
    held : ndarray (groups, n, t)
        With each group held.
    """

    predictions: np.ndarray
    held: np.ndarray


def hold_at_mean(
    cut: Halves, parts: list[np.ndarray], groups: list[list[Any]], *, axis: int, batch_size: int
) -> Held:
    """Predict with groups of units of a layer fixed at their mean over the samples.

    Parameters
    ----------
    cut : Halves
        The network.
    parts : list of ndarray
        Its inputs.
    groups : list of list of int
        Units that are held together, counted along ``axis``.
    axis : int
        Axis of the layer's output that counts the units.
    batch_size : int
        Samples at once.
    """
    n = len(parts[0])
    total: Any = 0.0
    for _, batch in batches(parts, batch_size):
        total = total + cut.values(batch).sum(axis=0, dtype="float64")
    mean = (total / n).astype("float32")[np.newaxis]
    whole, held = [], []
    for _, batch in batches(parts, batch_size):
        values = cut.values(batch)
        whole.append(cut.predict(batch, values))
        rows = []
        for group in groups:
            place: list[Any] = [slice(None)] * values.ndim
            place[axis] = group
            changed = values.copy()
            changed[tuple(place)] = mean[tuple(place)]
            rows.append(cut.predict(batch, changed))
        held.append(np.stack(rows))
    return Held(np.concatenate(whole), np.concatenate(held, axis=1))


def mean_r_squared(y: np.ndarray, predictions: np.ndarray) -> float:
    """R² of predictions (n, t), the mean over the traits."""
    table = y.reshape(len(predictions), -1)
    if table.shape != predictions.shape:
        raise ValueError(
            f"y holds {table.shape[1]} trait(s), but the network predicts {predictions.shape[1]}."
        )
    return float(np.mean([r_squared(a, b) for a, b in zip(table.T, predictions.T, strict=True)]))


def checked_phenotypes(y: Any, n: int) -> Any:
    """Phenotypes (n,) or (n, t), or None.

    Raises
    ------
    ValueError
        If there are not n of them.
    """
    if y is None:
        return None
    array = np.asarray(y, dtype=float)
    if array.ndim not in (1, 2) or len(array) != n or not np.isfinite(array).all():
        raise ValueError(
            f"y must hold a finite phenotype for each of the {n} samples of x; received shape "
            f"{array.shape}."
        )
    return array


def _numpy(tensor: Any) -> np.ndarray:
    import keras

    return keras.ops.convert_to_numpy(tensor)
