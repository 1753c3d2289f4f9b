"""A dense layer in which a unit sees only its own group of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="geneml")
class GroupedDense(keras.layers.Layer):
    r"""Nodes that are wired to chosen inputs, for example genes to their own markers.

    .. math:: \text{output}_g = \phi\Big(b_g + \sum_{i \in \text{group } g} w_{gi} x_i\Big)

    One weight an edge: a dense layer with a mask would hold a table of inputs times nodes, of
    which nearly all is zero. Here the inputs of the edges are gathered, multiplied and summed
    by node, so memory and time grow with the number of edges.

    Parameters
    ----------
    sources, targets : sequence of int
        The edges: edge e leads from input ``sources[e]`` to node ``targets[e]``.
    names : sequence of str
        Names of the nodes; their number is the number of nodes.
    units : int
        Numbers a node computes.
    activation : str or None
        Of every node.
    kernel_regularizer : keras regularizer, optional
        Penalty on the weights of the edges, shape (edges, channels, units).
    seed : int or None
        Decides the initial weights.

    Raises
    ------
    ValueError
        If the edges do not fit each other or the nodes.

    Notes
    -----
    Input ``(batch, inputs)`` or ``(batch, inputs, channels)``, output ``(batch, nodes,
    units)``. A weight is drawn with the variance 1 / (edges of its node * channels), so that
    large and small groups begin alike.
    """

    def __init__(
        self,
        sources: Sequence[int] | np.ndarray,
        targets: Sequence[int] | np.ndarray,
        names: Sequence[str],
        units: int = 1,
        activation: Any = None,
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.names = [str(name) for name in names]
        edges = np.stack([np.asarray(sources), np.asarray(targets)])
        whole = edges.ndim == 2 and edges.size > 0 and edges.dtype.kind in "iu"
        if not whole or edges.min() < 0 or edges[1].max() >= len(self.names):
            raise ValueError(
                "sources and targets must be as many whole numbers from 0, at least one, with "
                f"targets below {len(self.names)}, the number of names."
            )
        # By node: sums over neighbouring edges are quick, and saved files comparable.
        order = np.lexsort((edges[0], edges[1]))
        self._sources, self._targets = edges[:, order].astype("int32")
        self.units = int(units)
        self.activation = keras.activations.get(activation)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.seed = seed

    @property
    def sources(self) -> np.ndarray:
        """Input of each edge, ordered by node."""
        return self._sources.copy()

    @property
    def targets(self) -> np.ndarray:
        """Node of each edge, ascending."""
        return self._targets.copy()

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Create one weight an edge and one bias a node."""
        if len(input_shape) not in (2, 3) or self._sources.max() >= (input_shape[1] or np.inf):
            raise ValueError(
                f"the layer is wired to inputs up to number {self._sources.max()}, received an "
                f"input of shape {tuple(input_shape)}."
            )
        channels = int(input_shape[2]) if len(input_shape) == 3 else 1
        counts = np.bincount(self._targets, minlength=len(self.names))
        width = np.sqrt(1.0 / (channels * counts[self._targets]))
        random = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)

        def kernel(shape: Any, dtype: Any = None) -> Any:
            return random(shape, dtype=dtype) * ops.cast(width[:, None, None], dtype)

        self.kernel = self.add_weight(
            name="kernel",
            shape=(self._sources.size, channels, self.units),
            initializer=kernel,
            regularizer=self.kernel_regularizer,
        )
        self.bias = self.add_weight(
            name="bias", shape=(len(self.names), self.units), initializer="zeros"
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Outputs of the nodes ``(batch, nodes, units)``."""
        values = ops.expand_dims(inputs, -1) if len(inputs.shape) == 2 else inputs
        by_input = ops.transpose(values, (1, 0, 2))
        edges = ops.take(by_input, self._sources, axis=0)
        products = ops.einsum("enc,ecu->enu", edges, self.kernel)
        sums = ops.segment_sum(products, self._targets, num_segments=len(self.names))
        return self.activation(ops.transpose(sums, (1, 0, 2)) + self.bias)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One row of units a node."""
        return (input_shape[0], len(self.names), self.units)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the layer can be made again."""
        return {
            **super().get_config(),
            "sources": self._sources.tolist(),
            "targets": self._targets.tolist(),
            "names": self.names,
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "seed": self.seed,
        }
