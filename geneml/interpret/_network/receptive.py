"""Which stretch of the input a place of a layer sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class View:
    """What one place of a layer's output sees of the input.

    Attributes
    ----------
    width : int
        Input positions that reach one place.
    step : int
        Input positions between two neighbouring places.
    first : int
        Where the first place begins to look; negative where the input was padded.
    places : int
        Places of the output.
    """

    width: int
    step: int
    first: int
    places: int

    def _whole(self, length: int) -> np.ndarray:
        starts = self.first + self.step * np.arange(self.places)
        return (starts >= 0) & (starts + self.width <= length)

    def inside(self, values: np.ndarray, length: int) -> np.ndarray:
        """Outputs (n, places, ...) of the places that see no padding."""
        kept = self._whole(length)
        if not kept.any():
            raise ValueError(
                f"each place of this layer sees {self.width} positions, more than the {length} of "
                "the input without its padding. Choose an earlier layer."
            )
        return values[:, kept]

    def starts(self, length: int) -> np.ndarray:
        """Where the windows of those places begin."""
        return self.first + self.step * np.flatnonzero(self._whole(length))


def receptive_field(network: Any, layer: str) -> View:
    """Follow a chain of convolutions and pools from a layer back to the input.

    Parameters
    ----------
    network : keras.Model
        Sequential or functional.
    layer : str
        Name of a layer with an output (batch, places, channels).

    Raises
    ------
    ValueError
        If the layer's output has no places, or a layer on the way mixes positions in another
        manner than a convolution or a pool.
    """
    found = network.get_layer(layer)
    if len(found.output.shape) != 3:
        raise ValueError(
            f"layer {layer!r} gives an output of shape {tuple(found.output.shape)}, without places "
            "along the sequence. Name a convolution, or a layer directly behind it."
        )
    width, step, first = 1, 1, 0
    for one in _chain(network, found):
        if isinstance(one, _pointwise()):
            continue
        if not hasattr(one, "padding"):
            raise ValueError(
                f"layer {layer!r} cannot be followed back to the input: {one.name!r} "
                f"({type(one).__name__}) stands between, which is no convolution or pool."
            )
        size = (getattr(one, "kernel_size", None) or one.pool_size)[0]
        stride = one.strides[0]
        dilation = getattr(one, "dilation_rate", (1,))[0]
        reach = (size - 1) * dilation + 1
        before = _padding_before(one.padding, reach, stride, one.input.shape[1])
        width += (reach - 1) * step
        first -= before * step
        step *= stride
    return View(width, step, first, int(found.output.shape[1]))


def _padding_before(padding: str, reach: int, stride: int, length: int) -> int:
    if padding == "causal":
        return reach - 1
    if padding == "same":
        return max((-(-length // stride) - 1) * stride + reach - length, 0) // 2
    return 0


def _chain(network: Any, layer: Any) -> list[Any]:
    """Layers from the input to this one, each fed by the one before alone."""
    chain = [layer]
    while not any(chain[0].input is tensor for tensor in network.inputs):
        if isinstance(chain[0].input, list | tuple | dict):
            raise ValueError(
                f"layer {layer.name!r} cannot be followed back to the input: {chain[0].name!r} "
                "joins several branches."
            )
        sources = [one for one in network.layers if one.output is chain[0].input]
        if not sources:
            raise ValueError(
                f"layer {layer.name!r} cannot be followed back to the input beyond "
                f"{chain[0].name!r}."
            )
        chain.insert(0, sources[0])
    return chain


def _pointwise() -> tuple[type, ...]:
    """Layers that treat every position alone."""
    from keras import layers

    return (
        layers.InputLayer,
        layers.Activation,
        layers.ReLU,
        layers.LeakyReLU,
        layers.ELU,
        layers.PReLU,
        layers.BatchNormalization,
        layers.LayerNormalization,
        layers.Dropout,
        layers.SpatialDropout1D,
        layers.GaussianNoise,
        layers.GaussianDropout,
        layers.Rescaling,
    )
