"""Gated residual blocks: what a network makes of its inputs, mixed with the inputs themselves."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

GATES = ("sigmoid", "hard_sigmoid")


def hard_sigmoid(values: Any) -> Any:
    r"""Straight line through 1/2, cut off at 0 and 1: :math:`\max(0, \min(1, 0.2 a + 0.5))`.

    As in the paper of :class:`GatedResidual` ("Training procedure"). Keras 3's function of this
    name has slope 1/6.

    Parameters
    ----------
    values : tensor
        Any shape.

    Returns
    -------
    tensor
        Same shape, 0 to 1; exactly 0 from -2.5 down and exactly 1 from 2.5 up.
    """
    return ops.clip(0.2 * values + 0.5, 0.0, 1.0)


@keras.saving.register_keras_serializable(package="geneml")
class GatedResidual(keras.layers.Layer):
    r"""Gated residual block of GRVSNN (Fan & Waldmann 2025, "Gated residual block").

    .. math::
        f_1 = \text{ELU}(W_1 x + b_1), \quad f_2 = \text{dropout}(L f_1), \quad
        h = W_2 f_2 + b_2, \quad g = \sigma(W_3 f_2 + b_3)

        z = g h + (1 - g) x, \qquad \hat z = \text{LayerNorm}(z)

    The paper writes that features go through the block one by one, and this is the default:
    each feature (marker, loading) has ``units`` hidden units of its own, and only the linear
    map L is shared. Then z has the dimension of x, and the number of weights grows with the
    number of features, ``columns * (4 * units + 2) + units**2``, and twice ``columns`` for the
    layer normalisation. A feature's output depends on that feature alone but for the
    normalisation: additive and dominance effects, no epistasis.

    At the start h is 0 and g the same constant everywhere, so z is proportional to x, and
    what follows sees the additive model until training earns anything beyond it.

    Parameters
    ----------
    units : int
        Hidden units: of each feature, or of the whole layer where ``per_feature=False``.
    per_feature : bool
        ``False``: dense layers from all features to ``units``, a learned projection in place
        of x, no second linear map, and dropout after the normalisation, as in the authors'
        Keras code. The output has ``units`` columns that stand for no feature.
    gate : "sigmoid" or "hard_sigmoid"
        Sigma; the second is :func:`hard_sigmoid`, which can shut a gate completely.
    dropout : float
        Share switched off in each training step, from 0 to below 1.
    layer_norm : bool
        Whether each individual's z is brought to mean 0 and variance 1 over its columns,
        with a learned slope and offset for each column. ``False``: z itself, and the block
        is exactly linear in x at the start.
    epsilon : float
        Added to the variance in the normalisation.
    kernel_regularizer : keras regularizer, optional
        Penalty on W1, L, W2, W3 (and on the projection); biases are free.
    seed : int or None
        Decides the initial weights and the dropout masks.

    Raises
    ------
    ValueError
        If ``units``, ``gate`` or ``dropout`` is impossible; when built, if the input is not
        a table (individuals, features).

    Notes
    -----
    Input ``(batch, columns)``; output the same, or ``(batch, units)``. The hidden units are
    held as ``units`` tables of the input's size, one after the other: a tensor ``(batch,
    columns, units)`` never exists. Columns should have about mean 0 and variance 1.
    """

    def __init__(
        self,
        units: int = 4,
        per_feature: bool = True,
        gate: str = "sigmoid",
        dropout: float = 0.0,
        layer_norm: bool = True,
        epsilon: float = 1e-3,
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if int(units) != units or units < 1:
            raise ValueError(f"units must be a whole number from 1, received {units}.")
        if gate not in GATES:
            raise ValueError(f"gate must be one of {GATES}, received {gate!r}.")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be at least 0 and below 1, received {dropout}.")
        self.units = int(units)
        self.per_feature = bool(per_feature)
        self.gate = gate
        self.dropout = float(dropout)
        self.layer_norm = bool(layer_norm)
        self.epsilon = float(epsilon)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.seed = seed
        self._drop = keras.layers.Dropout(self.dropout, seed=self._seed(0))
        self._normal = keras.layers.LayerNormalization(epsilon=self.epsilon)

    def _seed(self, number: int) -> int | None:
        return None if self.seed is None else self.seed + number

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Create the weights: tables (units, columns), or dense layers."""
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                "GatedResidual expects a table (individuals, features) of known width, received "
                f"an input of shape {tuple(input_shape)}."
            )
        columns = int(input_shape[-1])
        if self.per_feature:
            self._build_tables(columns)
        else:
            self._build_dense(columns)
        if self.layer_norm:
            self._normal.build((None, columns if self.per_feature else self.units))
        self.built = True

    def _build_tables(self, columns: int) -> None:
        def table(name: str, shape: tuple[int, ...], initializer: Any) -> Any:
            penalty = self.kernel_regularizer
            return self.add_weight(
                name=name, shape=shape, initializer=initializer, regularizer=penalty
            )

        # A unit has one input, of variance 1: weights of variance 1 keep it.
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=self._seed(1))
        glorot = keras.initializers.GlorotUniform(seed=self._seed(2))
        self.w1 = table("w1", (self.units, columns), normal)
        self.b1 = self.add_weight(name="b1", shape=(self.units, columns), initializer="zeros")
        # Without a bias of its own: it would only add to b2 and b3.
        self.linear = table("linear", (self.units, self.units), glorot)
        self.w2 = table("w2", (self.units, columns), "zeros")
        self.b2 = self.add_weight(name="b2", shape=(columns,), initializer="zeros")
        self.w3 = table("w3", (self.units, columns), "zeros")
        self.b3 = self.add_weight(name="b3", shape=(columns,), initializer="zeros")

    def _build_dense(self, columns: int) -> None:
        sizes = {"f1": columns, "h": self.units, "g": self.units, "projection": columns}
        for number, (name, width) in enumerate(sizes.items(), start=1):
            layer = keras.layers.Dense(
                self.units,
                kernel_initializer=keras.initializers.GlorotUniform(seed=self._seed(number)),
                kernel_regularizer=self.kernel_regularizer,
                name=name,
            )
            layer.build((None, width))
            setattr(self, f"_{name}", layer)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Normalised mixture of the inputs and of what the block makes of them."""
        if self.per_feature:
            return self._normalised(self._mixed(inputs, *self._planes(inputs, training)))
        f1 = ops.elu(self._f1(inputs))
        mixed = self._mixed(self._projection(inputs), self._h(f1), self._g(f1))
        return self._drop(self._normalised(mixed), training=training)

    def _planes(self, x: Any, training: bool | None) -> tuple[Any, Any]:
        """h, and the gate before its sigmoid, each ``(batch, columns)``."""
        units = range(self.units)
        hidden = [ops.elu(x * self.w1[k] + self.b1[k]) for k in units]
        w2, w3 = self.w2, self.w3
        if self.dropout and training:
            hidden = [
                self._drop(sum(hidden[k] * self.linear[k, j] for k in units), training=True)
                for j in units
            ]
        else:  # The two linear maps in one: the same numbers with 1 / units of the work.
            w2, w3 = ops.matmul(self.linear, w2), ops.matmul(self.linear, w3)
        h = sum((hidden[k] * w2[k] for k in units), self.b2)
        return h, sum((hidden[k] * w3[k] for k in units), self.b3)

    def _mixed(self, x: Any, h: Any, before_gate: Any) -> Any:
        sigma = ops.sigmoid if self.gate == "sigmoid" else hard_sigmoid
        return x + sigma(before_gate) * (h - x)

    def _normalised(self, z: Any) -> Any:
        return self._normal(z) if self.layer_norm else z

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the input, or ``units`` columns."""
        return tuple(input_shape) if self.per_feature else (input_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the layer can be made again."""
        return {
            **super().get_config(),
            "units": self.units,
            "per_feature": self.per_feature,
            "gate": self.gate,
            "dropout": self.dropout,
            "layer_norm": self.layer_norm,
            "epsilon": self.epsilon,
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "seed": self.seed,
        }
