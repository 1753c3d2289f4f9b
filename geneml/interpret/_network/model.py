"""One way to ask any model for predictions: a Keras network, a training run, a function.

Explainers ask for very many predictions of arrays that differ in one position. They go
through here, in batches of a bounded size and through one compiled call a model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from geneml._quiet import without_retracing_advice
from geneml.result import Fit

_MEMORY = 64_000_000  # bytes that the widest layer of one batch may take
_SMALLEST, _LARGEST = 16, 2_048  # rows of an automatic batch


@dataclass(frozen=True, eq=False)
class Explained:
    """A model as the explainers see it; made by :func:`as_model`.

    Attributes
    ----------
    function : callable
        Takes one array, or a list of arrays where there are several inputs.
    keras_model : keras.Model or None
        The network behind it, for methods that need gradients or layers.
    scale, offset : float64 array (t,) or (1,)
        The trait's own unit: prediction = offset + scale * output of the network. One and zero
        unless a :class:`geneml.training.Fit` was given.
    n_outputs : int or None
        Columns of a prediction; ``None`` where only a call can tell.
    name : str
        For messages.
    """

    function: Callable[[Any], Any] = field(repr=False)
    keras_model: keras.Model | None
    scale: np.ndarray
    offset: np.ndarray
    n_outputs: int | None
    name: str

    def predict(self, x: Any, batch_size: int | None = None) -> np.ndarray:
        """Predictions in the trait's own unit.

        Parameters
        ----------
        x : array (n, ...), or a list or tuple of such arrays
            As the model takes it. Types are kept: stored ``int8`` genotypes stay so.
        batch_size : int, optional
            Most rows in one call. Default: as many as keep the widest layer near 64 MB.

        Returns
        -------
        array (n, t)
            ``float32`` for a network, ``float64`` for a training run or a function that
            returns it.
        """
        outputs = self.outputs(x, batch_size)
        if not self.is_scaled:
            return outputs
        return self.offset + self.scale * outputs.astype("float64")

    @property
    def is_scaled(self) -> bool:
        """Whether predictions differ from what the network itself gives."""
        return bool((self.scale != 1).any() or (self.offset != 0).any())

    def outputs(self, x: Any, batch_size: int | None = None) -> np.ndarray:
        """What the network itself gives, (n, t): in a training run, standardised phenotypes.

        Differences should be taken of these and multiplied by ``scale``: a large ``offset``
        would swallow their digits.
        """
        parts = [np.asarray(part) for part in input_arrays(x)]
        n = len(parts[0])
        if n == 0 or any(len(part) != n for part in parts):
            raise ValueError(
                "x: expected arrays with the same, positive number of samples; received "
                f"shapes {', '.join(str(part.shape) for part in parts)}."
            )
        size = self.batch_size(batch_size, n)
        call = self._call_for(-(-n // size))
        single = not isinstance(x, list | tuple)
        collected = []
        with without_retracing_advice():
            for start in range(0, n, size):
                rows = [part[start : start + size] for part in parts]
                collected.append(_as_table(call(rows[0] if single else rows), len(rows[0])))
        return np.concatenate(collected)

    def batch_size(self, asked: int | None, n: int | None = None) -> int:
        """Rows in a call: what was asked for, or as many as fit the memory of a batch.

        Raises
        ------
        ValueError
            If the size asked for is not a whole number from 1.
        """
        if asked is not None:
            if isinstance(asked, bool) or int(asked) != asked or asked < 1:
                raise ValueError(
                    f"batch_size must be a whole number from 1, or None; received {asked!r}."
                )
            size = int(asked)
        else:
            fitting = _MEMORY // _bytes_of_a_row(self.keras_model)
            size = max(_SMALLEST, min(fitting, _LARGEST))
        return size if n is None else max(1, min(size, n))

    def check_inputs(self, x: Any) -> None:
        """Raise ValueError where ``x`` does not have the shapes that the network takes."""
        if self.keras_model is None or not self.keras_model.built:
            return
        try:
            expected = [tuple(tensor.shape) for tensor in self.keras_model.inputs]
        except (AttributeError, TypeError, ValueError):  # a subclassed model has no such list
            return
        received = [np.shape(part) for part in input_arrays(x)]
        fits = len(expected) == len(received) and all(
            len(want) == len(have)
            and all(w is None or w == h for w, h in zip(want[1:], have[1:], strict=True))
            for want, have in zip(expected, received, strict=True)
        )
        if not fits:
            raise ValueError(
                f"x: the model {self.name!r} takes {_shapes(expected)}, but x has "
                f"{_shapes(received, received=True)}. A single sample needs a leading axis: "
                "x[np.newaxis]."
            )

    def input_shapes(self) -> list[tuple[int, ...]]:
        """Shapes of one sample of each input, as far as the network tells; else one unknown.

        Raises
        ------
        ValueError
            If a size is left open by the network.
        """
        try:
            shapes = [tuple(tensor.shape)[1:] for tensor in self.keras_model.inputs]  # type: ignore[union-attr]
        except (AttributeError, TypeError, ValueError):
            return [()]
        if any(size is None for shape in shapes for size in shape):
            raise ValueError(
                f"x: the model {self.name!r} takes inputs of any length, so samples are needed."
            )
        return shapes

    def _call_for(self, n_batches: int) -> Callable[[Any], Any]:
        model = self.keras_model
        if model is None:
            return self.function
        # Compiling costs more than one small batch takes.
        if n_batches == 1 and model.predict_function is None:
            return lambda x: model(x, training=False)
        return model.predict_on_batch


def as_model(model: Any) -> Explained:
    """See a model through the one door that the explainers use.

    Parameters
    ----------
    model : keras.Model, geneml.training.Fit, callable, or an object with ``predict``
        A network; a training run, whose predictions are in the trait's own unit; a function
        from an array (or a list of arrays) to ``(n,)`` or ``(n, t)`` numbers; a baseline such
        as :class:`geneml.baselines.LinearFit`.

    Returns
    -------
    Explained

    Raises
    ------
    TypeError
        If it is none of these.
    """
    one, zero = np.ones(1), np.zeros(1)
    if isinstance(model, Explained):
        return model
    if isinstance(model, Fit):
        network = as_model(model.model)
        return Explained(
            network.function,
            network.keras_model,
            np.asarray(model.scaler.standard_deviation, dtype="float64"),
            np.asarray(model.scaler.mean, dtype="float64"),
            network.n_outputs,
            network.name,
        )
    if isinstance(model, keras.Model):
        return Explained(model, model, one, zero, _count_outputs(model), model.name)
    if callable(model):
        name = getattr(model, "__name__", type(model).__name__)
        return Explained(model, None, one, zero, None, name)
    if callable(getattr(model, "predict", None)):
        return Explained(model.predict, None, one, zero, None, type(model).__name__)
    raise TypeError(
        "model: expected a keras.Model, a geneml.training.Fit, a function of an array, or an "
        f"object with a method predict; received {type(model).__name__}."
    )


def input_arrays(x: Any) -> tuple[Any, ...]:
    """The arrays of all inputs, one or several."""
    return tuple(x) if isinstance(x, list | tuple) else (x,)


def _as_table(outputs: Any, n: int) -> np.ndarray:
    """Whatever a model returned as (n, t): several outputs stand side by side."""
    tables = []
    for part in keras.tree.flatten(outputs):
        array = np.asarray(keras.ops.convert_to_numpy(part))
        if array.shape[:1] != (n,) or array.dtype.kind not in "fiub":
            raise ValueError(
                f"model: expected one number, or one row of numbers, for each of {n} samples; "
                f"received an array of shape {array.shape} and type {array.dtype}."
            )
        tables.append(array.reshape(n, -1))
    if not tables:
        raise ValueError("model: expected predictions, received nothing.")
    table = np.concatenate(tables, axis=1)
    return table if table.dtype.kind == "f" else table.astype("float64")


def _count_outputs(model: keras.Model) -> int | None:
    try:
        shapes = [tuple(tensor.shape)[1:] for tensor in model.outputs]
    except (AttributeError, TypeError, ValueError):
        return None
    if not shapes or any(size is None for shape in shapes for size in shape):
        return None
    return sum(math.prod(shape) for shape in shapes)


def _bytes_of_a_row(model: keras.Model | None) -> int:
    """Size of the widest layer's output for one row, four bytes a number."""
    widest = 8_192  # where nothing is known: the batches of a plain function
    for layer in _all_layers(model) if model is not None else ():
        try:
            shapes = keras.tree.flatten(keras.tree.map_structure(_width, layer.output))
        except (AttributeError, ValueError):
            continue
        widest = max(widest, 4 * sum(shapes))
    return widest


def _width(tensor: Any) -> int:
    return math.prod(size or 1 for size in tensor.shape[1:])


def _all_layers(model: keras.Model) -> list[Any]:
    found: list[Any] = []
    for layer in model.layers:
        found += _all_layers(layer) if isinstance(layer, keras.Model) else [layer]
    return found


def _shapes(shapes: Sequence[tuple[Any, ...]], received: bool = False) -> str:
    texts = [
        "(" + ", ".join(str(size) for size in (shape if received else ("n", *shape[1:]))) + ")"
        for shape in shapes
    ]
    return texts[0] if len(texts) == 1 else f"{len(texts)} arrays: {', '.join(texts)}"
