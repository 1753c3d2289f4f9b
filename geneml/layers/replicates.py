"""Many dense layers side by side, so that many small networks are one network."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="geneml")
class ReplicateDense(keras.layers.Layer):
    r"""R dense layers that know nothing of each other, computed together.

    .. math:: \text{output}_{nru} = \phi\Big(b_{ru} + \sum_k x_{n(r)k}\, w_{kru}\Big)

    The first such layer of a network reads one table that all replicates share, (n, p), and is
    a single matrix product with R * units columns. A later one reads the outputs of the
    replicate before it, (n, R, k).

    Parameters
    ----------
    replicates : int
        R, the number of layers.
    units : int
        Units of each; replicates with fewer are padded, see ``used``.
    activation : str or None
        Of every unit.

    Attributes
    ----------
    kernel : variable (p, R, units) or (R, k, units)
        Weights, zero at first: whoever builds the network gives them.
    bias : variable (R, units)
    used : variable (1, R, 1) or (R, k, 1)
        1 where an input of a replicate exists, 0 where it is padding; it multiplies the kernel,
        so that padding has neither an effect nor a gradient, whatever the activation.
    penalty : variable (R,)
        Strength of the squared penalty on each replicate's kernel, at least 0.
    centre : variable, shape of the kernel
        What the penalty pulls towards: zero for plain L2.

    Raises
    ------
    ValueError
        If a size is below one.
    """

    def __init__(self, replicates: int, units: int, activation: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        for name, value in (("replicates", replicates), ("units", units)):
            if int(value) != value or value < 1:
                raise ValueError(f"{name} must be a whole number from 1, received {value!r}.")
        self.replicates, self.units = int(replicates), int(units)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: tuple) -> None:
        """Make the variables for input (n, p) or (n, R, k)."""
        size, shared = int(input_shape[-1]), len(input_shape) == 2
        if not shared and int(input_shape[1]) != self.replicates:
            raise ValueError(
                f"expected the outputs of {self.replicates} replicates, shape (n, "
                f"{self.replicates}, k); received {tuple(input_shape)}."
            )
        shape = (
            (size, self.replicates, self.units) if shared else (self.replicates, size, self.units)
        )
        used = (1, self.replicates, 1) if shared else (self.replicates, size, 1)
        axes = (0, 2) if shared else (1, 2)

        def fixed(name: str, shape: tuple, start: str) -> Any:
            return self.add_weight(shape=shape, initializer=start, trainable=False, name=name)

        self.penalty = fixed("penalty", (self.replicates,), "zeros")
        self.centre = fixed("centre", shape, "zeros")
        self.used = fixed("used", used, "ones")

        def penalise(kernel: Any) -> Any:
            return ops.sum(self.penalty * ops.sum(ops.square(kernel - self.centre), axis=axes))

        self.kernel = self.add_weight(
            shape=shape, initializer="zeros", regularizer=penalise, name="kernel"
        )
        self.bias = self.add_weight(
            shape=(self.replicates, self.units), initializer="zeros", name="bias"
        )

    def call(self, inputs: Any) -> Any:
        """Outputs (n, R, units) for inputs (n, p) or (n, R, k)."""
        kernel = self.kernel * self.used
        if len(inputs.shape) == 2:
            flat = ops.matmul(inputs, ops.reshape(kernel, (-1, self.replicates * self.units)))
            result = ops.reshape(flat, (-1, self.replicates, self.units))
        elif self.units == 1:  # a sum of products: a product of matrices would be far slower
            result = ops.sum(inputs * kernel[:, :, 0], axis=-1, keepdims=True)
        else:
            result = ops.einsum("nrk,rku->nru", inputs, kernel)
        return self.activation(result + self.bias)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Shape (n, R, units)."""
        return (input_shape[0], self.replicates, self.units)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the layer can be made again."""
        return {
            **super().get_config(),
            "replicates": self.replicates,
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
        }
