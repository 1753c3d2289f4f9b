"""Write a trained Keras chain as plain numbers that JavaScript can run."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

SUPPORTED = (
    "Conv1D, MaxPooling1D, AveragePooling1D, GlobalMaxPooling1D, GlobalAveragePooling1D, Flatten, "
    "Dense, Activation, ReLU, LeakyReLU, ELU, Softmax, BatchNormalization, Rescaling, Dropout and "
    "other layers that do nothing when predicting"
)
ACTIVATIONS = frozenset(
    [
        "linear",
        "relu",
        "relu6",
        "leaky_relu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "mish",
        "tanh",
        "sigmoid",
        "hard_sigmoid",
        "softplus",
        "softsign",
        "exponential",
        "softmax",
    ]
)
_SILENT = [
    "InputLayer",
    "Dropout",
    "SpatialDropout1D",
    "GaussianDropout",
    "GaussianNoise",
    "AlphaDropout",
    "ActivityRegularization",
]


def export_network(model: Any) -> list[dict[str, Any]]:
    """Turn a chain of Keras layers into a list of dicts that JSON can hold.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, one input (length, channels), one output, no branches.
        Models inside the model are unfolded.

    Returns
    -------
    list of dict
        One per layer that changes its input: ``type``, its settings, and its weights as base64
        of little-endian float32. ``geneml/live/part_network.js`` runs them; the results agree
        with ``model.predict`` to about 1e-6 of their size.

    Raises
    ------
    TypeError
        If `model` is not a Keras model.
    ValueError
        If a layer cannot be written, or the layers are not one chain. Nothing is returned then.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise TypeError(f"model: expected a Keras model, got {type(model).__name__}")
    shapes = model.input_shape, model.output_shape
    if any(isinstance(shape, list | dict) or isinstance(shape[0], tuple) for shape in shapes):
        raise ValueError("model: expected one input and one output, got several")
    if len(shapes[0]) != 3 or None in shapes[0][1:]:
        raise ValueError(
            f"model: expected inputs of a fixed shape (length, channels), got {shapes[0][1:]}"
        )
    layers = list(_unfold(model))
    exported = [_layer(layer) for layer in layers]
    _check_chain(model, layers)
    return [entry for entry in exported if entry is not None]


def _unfold(model: Any) -> Any:
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _unfold(layer)
        else:
            yield layer


def _check_chain(model: Any, layers: list[Any]) -> None:
    """Layers run one after another must give what the model gives; a branch would not."""
    import keras

    x = np.random.default_rng(0).normal(size=(3, *model.input_shape[1:])).astype("float32")
    flow = x
    message = "model: the layers are not one chain from input to output; branches cannot be shown"
    try:
        for layer in layers:
            if type(layer).__name__ not in _SILENT:
                flow = layer(flow, training=False)
        expected, found = (keras.ops.convert_to_numpy(y) for y in (model(x, training=False), flow))
    except Exception as error:
        raise ValueError(message) from error
    if expected.shape != found.shape or not np.allclose(expected, found, rtol=1e-4, atol=1e-5):
        raise ValueError(message)


def _numbers(values: Any) -> str:
    array = np.ascontiguousarray(np.asarray(values), dtype="<f4")
    if not np.isfinite(array).all():
        raise ValueError("model: expected finite weights, got NaN or infinity; train it again")
    return base64.b64encode(array.tobytes()).decode("ascii")


def _activation(layer: Any, function: Any) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    name = {"swish": "silu", "hard_swish": "hard_silu"}.get(name, name)
    if name not in ACTIVATIONS:
        raise ValueError(
            f"model: layer {layer.name!r} has activation {name!r}; the figure can run "
            f"{', '.join(sorted(ACTIVATIONS))}"
        )
    return name


def _layer(layer: Any) -> dict[str, Any] | None:
    kind = type(layer).__name__
    # A class of the same name from elsewhere may compute something else.
    writer = _WRITERS.get(kind) if type(layer).__module__.startswith("keras.") else None
    if kind in _SILENT and type(layer).__module__.startswith("keras."):
        return None
    if writer is None:
        raise ValueError(
            f"model: layer {layer.name!r} is a {kind}, which the figure cannot run; it can run "
            f"{SUPPORTED}"
        )
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise ValueError(f"model: layer {layer.name!r} has its channels first; expected last")
    return writer(layer)


def _convolution(layer: Any) -> dict[str, Any]:
    if layer.groups != 1:
        raise ValueError(f"model: layer {layer.name!r} has {layer.groups} groups; expected 1")
    return {
        "type": "convolution",
        "kernel": _numbers(layer.kernel),
        "bias": _numbers(layer.bias) if layer.use_bias else None,
        "size": int(layer.kernel_size[0]),
        "filters": int(layer.filters),
        "strides": int(layer.strides[0]),
        "dilation": int(layer.dilation_rate[0]),
        "padding": layer.padding,
        "activation": _activation(layer, layer.activation),
    }


def _dense(layer: Any) -> dict[str, Any]:
    return {
        "type": "dense",
        "kernel": _numbers(layer.kernel),
        "bias": _numbers(layer.bias) if layer.use_bias else None,
        "units": int(layer.units),
        "activation": _activation(layer, layer.activation),
    }


def _pooling(how: str) -> Any:
    return lambda layer: {
        "type": "pooling",
        "how": how,
        "size": int(layer.pool_size[0]),
        "strides": int(layer.strides[0]),
        "padding": layer.padding,
    }


def _batch_normalisation(layer: Any) -> dict[str, Any]:
    if layer.axis not in (-1, layer.input_spec.ndim - 1):
        raise ValueError(f"model: layer {layer.name!r} normalises axis {layer.axis}; expected -1")
    mean, spread = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    factor = 1 / np.sqrt(spread.astype("float64") + layer.epsilon)
    if layer.scale:
        factor = factor * np.asarray(layer.gamma)
    offset = -mean * factor + (np.asarray(layer.beta) if layer.center else 0)
    return {"type": "affine", "factor": _numbers(factor), "offset": _numbers(offset)}


def _rescaling(layer: Any) -> dict[str, Any]:
    factor, offset = np.atleast_1d(layer.scale), np.atleast_1d(layer.offset)
    if factor.size != 1 or offset.size != 1:
        raise ValueError(f"model: layer {layer.name!r} rescales by arrays; expected one number")
    return {"type": "affine", "factor": [float(factor[0])], "offset": [float(offset[0])]}


def _relu(layer: Any) -> dict[str, Any]:
    if layer.threshold or layer.negative_slope or layer.max_value not in (None, 6, 6.0):
        raise ValueError(f"model: layer {layer.name!r} is a ReLU with a threshold, slope or limit")
    return {"type": "activation", "activation": "relu6" if layer.max_value else "relu"}


_WRITERS: dict[str, Any] = {
    "Conv1D": _convolution,
    "Dense": _dense,
    "MaxPooling1D": _pooling("max"),
    "AveragePooling1D": _pooling("average"),
    "GlobalMaxPooling1D": lambda layer: {"type": "global_pooling", "how": "max"},
    "GlobalAveragePooling1D": lambda layer: {"type": "global_pooling", "how": "average"},
    "Flatten": lambda layer: {"type": "flatten"},
    "BatchNormalization": _batch_normalisation,
    "Rescaling": _rescaling,
    "ReLU": _relu,
    "LeakyReLU": lambda layer: {
        "type": "activation",
        "activation": "leaky_relu",
        "slope": float(layer.negative_slope),
    },
    "ELU": lambda layer: {"type": "activation", "activation": "elu", "slope": float(layer.alpha)},
    "Softmax": lambda layer: {"type": "activation", "activation": "softmax"},
    "Activation": lambda layer: {
        "type": "activation",
        "activation": _activation(layer, layer.activation),
    },
}
