"""Which steps a Keras layer consists of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from geneml.interpret._mutants.incremental.convolution import Convolution, Depthwise
from geneml.interpret._mutants.incremental.dense import Dense, Wired
from geneml.interpret._mutants.incremental.functions import activation_step, elu
from geneml.interpret._mutants.incremental.graph import Call
from geneml.interpret._mutants.incremental.merging import Merge
from geneml.interpret._mutants.incremental.pointwise import Affine, Pointwise, Rectifier, Same
from geneml.interpret._mutants.incremental.pooling import (
    AveragePool,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool,
)
from geneml.interpret._mutants.incremental.shapes import Margins, Repeat, Reshape
from geneml.interpret._mutants.incremental.states import NotUnderstood
from geneml.interpret._mutants.incremental.steps import Step
from geneml.layers import GenotypeEncoder, GroupedDense, OneHotGenotypes


def steps_of(call: Call) -> list[Step]:
    """Steps, one after the other, of a layer or operation.

    Raises
    ------
    NotUnderstood
        If windows cannot go through it.
    """
    layer = call.operation
    make = _LAYERS.get(type(layer))
    if make is not None:
        if getattr(layer, "quantization_mode", None):
            raise NotUnderstood("its weights are quantised")
        if getattr(layer, "data_format", "channels_last") != "channels_last":
            raise NotUnderstood("its channels come first")
        return make(layer)
    by_axis = _BY_AXIS.get(type(layer))
    if by_axis is not None:
        axes = list(layer.axis) if isinstance(layer.axis, list | tuple) else [layer.axis]
        rank = len(call.shape) + 1
        if [axis % rank for axis in axes] != [rank - 1]:
            raise NotUnderstood("it normalises along another axis than the last")
        return by_axis(layer)
    kind = _OPERATIONS.get(type(layer).__name__)
    from_keras = type(layer).__module__.startswith("keras.")
    if kind is not None and from_keras and not isinstance(layer, layers.Layer):
        return kind(call)
    raise NotUnderstood("its kind is not one that changes can be followed through")


def array(variable: Any) -> np.ndarray | None:
    """Weights as a numpy array."""
    if isinstance(variable, keras.Variable):
        return np.asarray(variable.numpy())  # several times quicker than by keras.ops
    return None if variable is None else np.asarray(keras.ops.convert_to_numpy(variable))


def _weights(variable: Any) -> np.ndarray:
    values = array(variable)
    assert values is not None
    return values


def _activated(step: Step, layer: Any) -> list[Step]:
    activation = activation_step(layer.activation)
    return [step] if isinstance(activation, Same) else [step, activation]


def _convolution(layer: Any) -> list[Step]:
    step = Convolution(
        _weights(layer.kernel),
        array(layer.bias),
        layer.strides[0],
        layer.dilation_rate[0],
        layer.groups,
        layer.padding,
    )
    return _activated(step, layer)


def _depthwise(layer: Any) -> list[Step]:
    settings = (layer.strides[0], layer.dilation_rate[0], layer.padding)
    return _activated(Depthwise(_weights(layer.kernel), array(layer.bias), *settings), layer)


def _separable(layer: Any) -> list[Step]:
    settings = (layer.strides[0], layer.dilation_rate[0], layer.padding)
    along = Depthwise(_weights(layer.depthwise_kernel), None, *settings)
    across = Dense(_weights(layer.pointwise_kernel)[0], array(layer.bias))
    return [along, *_activated(across, layer)]


def _dense(layer: Any) -> list[Step]:
    return _activated(Dense(_weights(layer.kernel), array(layer.bias)), layer)


def _batch_normalisation(layer: Any) -> list[Step]:
    mean, variance = _weights(layer.moving_mean), _weights(layer.moving_variance)
    scale = 1 / np.sqrt(variance + np.asarray(layer.epsilon, variance.dtype))
    if layer.scale:
        scale = scale * _weights(layer.gamma)
    shift = -mean * scale
    if layer.center:
        shift = shift + _weights(layer.beta)
    return [Affine(scale, shift)]


def _normalisation(layer: Any) -> list[Step]:
    if layer.invert:
        raise NotUnderstood("it inverts a normalisation")
    mean, deviation = _weights(layer.mean)[0], np.sqrt(_weights(layer.variance)[0])
    scale = 1 / np.maximum(deviation, np.asarray(keras.config.epsilon(), deviation.dtype))
    return [Affine(scale, -mean * scale)]


def _rescaling(layer: Any) -> list[Step]:
    dtype = layer.compute_dtype
    return [Affine(np.asarray(layer.scale, dtype), np.asarray(layer.offset, dtype))]


def _relu(layer: Any) -> list[Step]:
    if layer.threshold:
        raise NotUnderstood("it has a threshold")
    slope = float(layer.negative_slope)
    if layer.max_value is None:
        return [Rectifier(slope)]
    top = float(layer.max_value)

    def limited(x: np.ndarray) -> np.ndarray:
        return np.clip(x, 0, top) + slope * np.minimum(x, 0)

    return [Pointwise(limited, rising=slope >= 0)]


def _prelu(layer: Any) -> list[Step]:
    alpha = _weights(layer.alpha)
    return [Pointwise(lambda x, a: np.maximum(x, 0) + a * np.minimum(x, 0), [alpha])]


def _layer_normalisation(layer: Any) -> list[Step]:
    if getattr(layer, "rms_scaling", False):
        raise NotUnderstood("it scales without centring")
    gamma = _weights(layer.gamma) if layer.scale else np.ones(1, layer.compute_dtype)
    beta = _weights(layer.beta) if layer.center else np.zeros(1, layer.compute_dtype)
    epsilon = np.asarray(layer.epsilon, gamma.dtype)

    def normalise(x: np.ndarray) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        return centred / np.sqrt(variance + epsilon) * gamma + beta

    return [Pointwise(normalise, over_channels=True)]


def _pooling(kind: Callable[..., Step]) -> Callable[[Any], list[Step]]:
    return lambda layer: [kind(layer.pool_size[0], layer.strides[0], layer.padding)]


def _encoder(layer: GenotypeEncoder) -> list[Step]:
    mean, scale = _weights(layer.mean), _weights(layer.scale)

    def impute(x: np.ndarray, m: np.ndarray) -> np.ndarray:
        return np.where(x >= 0, x, m)

    def standardise(x: np.ndarray, m: np.ndarray, s: np.ndarray) -> np.ndarray:
        return (impute(x, m) - m) / s

    if layer.standardise:
        return [Pointwise(standardise, [mean, scale])]
    return [Pointwise(impute, [mean])]


def _one_hot_encoder(layer: OneHotGenotypes) -> list[Step]:
    def encode(x: np.ndarray) -> np.ndarray:
        return (x[..., None] == np.arange(3, dtype=x.dtype)).astype(x.dtype)

    return [Pointwise(encode, channels=3)]


def _wired(layer: GroupedDense) -> list[Step]:
    step = Wired(layer.sources, layer.targets, _weights(layer.kernel), _weights(layer.bias))
    return _activated(step, layer)


_NOTHING = [
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.ActivityRegularization,
    layers.Identity,
]

_LAYERS: dict[type, Callable[[Any], list[Step]]] = {
    layers.Conv1D: _convolution,
    layers.DepthwiseConv1D: _depthwise,
    layers.SeparableConv1D: _separable,
    layers.Dense: _dense,
    layers.Normalization: _normalisation,
    layers.Rescaling: _rescaling,
    layers.Activation: lambda layer: [activation_step(layer.activation)],
    layers.ReLU: _relu,
    layers.LeakyReLU: lambda layer: [Rectifier(float(layer.negative_slope))],
    layers.ELU: lambda layer: [Pointwise(lambda x: elu(x, layer.alpha), rising=layer.alpha >= 0)],
    layers.PReLU: _prelu,
    layers.MaxPooling1D: _pooling(MaxPool),
    layers.AveragePooling1D: _pooling(AveragePool),
    layers.GlobalMaxPooling1D: lambda layer: [GlobalMaxPool(layer.keepdims)],
    layers.GlobalAveragePooling1D: lambda layer: [GlobalAveragePool(layer.keepdims)],
    layers.Flatten: lambda layer: [Reshape()],
    layers.Reshape: lambda layer: [Reshape(tuple(layer.target_shape))],
    layers.ZeroPadding1D: lambda layer: [Margins(*layer.padding)],
    layers.Cropping1D: lambda layer: [Margins(*(-size for size in layer.cropping))],
    layers.UpSampling1D: lambda layer: [Repeat(int(layer.size))],
    layers.Add: lambda layer: [Merge("sum")],
    layers.Subtract: lambda layer: [Merge("difference")],
    layers.Average: lambda layer: [Merge("mean")],
    layers.Multiply: lambda layer: [Merge("product")],
    layers.Maximum: lambda layer: [Merge("maximum")],
    layers.Minimum: lambda layer: [Merge("minimum")],
    layers.Concatenate: lambda layer: [Merge("concatenation", layer.axis)],
    GenotypeEncoder: _encoder,
    OneHotGenotypes: _one_hot_encoder,
    GroupedDense: _wired,
    **{layer: lambda layer: [Same()] for layer in _NOTHING},
}

_BY_AXIS: dict[type, Callable[[Any], list[Step]]] = {
    layers.BatchNormalization: _batch_normalisation,
    layers.LayerNormalization: _layer_normalisation,
    layers.Softmax: lambda layer: [activation_step(keras.activations.softmax)],
}


def _operator(kind: str) -> Callable[[Call], list[Step]]:
    """An operation such as ``a + b`` or ``2 * a`` in a functional network."""

    def make(call: Call) -> list[Step]:
        if len(call.inputs) == 2:
            return [Merge(kind)]
        constants = [value for value in call.constants if isinstance(value, int | float)]
        if len(constants) != 1 or kind not in ("sum", "product"):
            raise NotUnderstood("it combines a tensor with something else than one number")
        number = float(constants[0])
        pair = (1.0, number) if kind == "sum" else (number, 0.0)
        return [Affine(*(np.asarray(value, dtype="float32") for value in pair))]

    return make


_OPERATIONS: dict[str, Callable[[Call], list[Step]]] = {
    "Add": _operator("sum"),
    "Subtract": _operator("difference"),
    "Multiply": _operator("product"),
    "Maximum": _operator("maximum"),
    "Minimum": _operator("minimum"),
    "Relu": lambda call: [Rectifier()],
}
