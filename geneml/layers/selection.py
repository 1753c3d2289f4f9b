"""Soft selection of features by weights that sum to a constant."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

SCORES = ("affine", "context", "identity", "dense")
ACTIVATIONS = ("softmax", "sparsemax")


@keras.saving.register_keras_serializable(package="geneml")
def sparsemax(scores: Any, axis: int = -1) -> Any:
    r"""The probabilities nearest to the scores; low scores get exactly zero.

    .. math:: \text{sparsemax}(s) = \arg\min_{p \ge 0,\ \sum p = 1} \|p - s\|^2
        = \max(0, s - \tau)

    with tau such that they sum to 1 (Martins & Astudillo 2016, Proc. Mach. Learn. Res.
    48:1614). Its derivative is exact too: the support is found by sorting, which is not
    differentiated, and tau is a mean over the support.

    Parameters
    ----------
    scores : tensor
        Any shape; can be a layer's input (``Dense(3, activation=sparsemax)``).
    axis : int
        Along which the probabilities sum to 1.

    Returns
    -------
    tensor
        Same shape, at least 0.

    Notes
    -----
    ``keras.ops.sparsemax`` of Keras 3.15 adds up too much for tau: four zeros for the scores
    (0.5, 0.4, 0.3, -1), which have the answer (13, 10, 7, 0) / 30.
    """
    scores = ops.moveaxis(ops.convert_to_tensor(scores), axis, -1)
    # Shifted scores give the same answer, and small numbers keep the sums exact.
    scores = scores - ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    fixed = ops.stop_gradient(scores)
    ordered = -ops.sort(-fixed, axis=-1)
    ranks = ops.arange(1, int(scores.shape[-1]) + 1, dtype=scores.dtype)
    inside = 1.0 + ranks * ordered > ops.cumsum(ordered, axis=-1)
    size = ops.sum(ops.cast(inside, "int32"), axis=-1, keepdims=True)
    last = ops.take_along_axis(ordered, ops.maximum(size - 1, 0), axis=-1)
    support = ops.cast(fixed >= last, scores.dtype)
    tau = (ops.sum(support * scores, axis=-1, keepdims=True) - 1.0) / ops.sum(
        support, axis=-1, keepdims=True
    )
    return ops.moveaxis(ops.relu(scores - tau) * support, -1, axis)


@keras.saving.register_keras_serializable(package="geneml")
class VariableSelection(keras.layers.Layer):
    r"""Variable selection block of GRVSNN (Fan & Waldmann 2025, "Variable selection block").

    .. math:: w = P\,\text{softmax}(s(\hat z)), \qquad z'_i = w_i \hat z_i

    with scores s for each of the P features. Weights are multiplied by P, so that their mean
    is 1 for any number of features and a threshold means the same everywhere; in the paper
    they sum to 1, and with 10,000 features their mean is 0.0001.

    Parameters
    ----------
    score : "affine", "context", "identity" or "dense"
        ``"affine"``: a_i zhat_i + b_i, a slope and an offset for each feature. ``"context"``:
        the same plus U V zhat with V of ``rank`` rows, so that a feature's weight can depend
        on the others. ``"identity"``: zhat itself, the paper's equation. ``"dense"``: a dense
        layer on zhat with columns**2 weights, for few columns, as in the authors' Keras code.
        ``"affine"`` and ``"context"`` are zero at the start: all weights are 1.
    activation : "softmax" or "sparsemax"
        How scores become weights; with :func:`sparsemax` many are exactly zero.
    rank : int
        Rows of V in ``score="context"``.
    mean_one : bool
        ``False``: weights that sum to 1, as in the paper.
    kernel_regularizer : keras regularizer, optional
        Penalty on a, U and V, or on the dense layer's weights; offsets are free.
    seed : int or None
        Decides the initial V or dense layer.

    Raises
    ------
    ValueError
        If a setting is impossible; when built, if the input is not a table.

    Notes
    -----
    Input and output ``(batch, P)``. Each individual has weights of its own:
    :meth:`weights_of`, and :func:`geneml.interpret.selection.selection_weights` for those of a
    network.
    """

    def __init__(
        self,
        score: str = "affine",
        activation: str = "softmax",
        rank: int = 4,
        mean_one: bool = True,
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if score not in SCORES:
            raise ValueError(f"score must be one of {SCORES}, received {score!r}.")
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {ACTIVATIONS}, received {activation!r}.")
        if int(rank) != rank or rank < 1:
            raise ValueError(f"rank must be a whole number from 1, received {rank}.")
        self.score = score
        self.activation = activation
        self.rank = int(rank)
        self.mean_one = bool(mean_one)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.seed = seed

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Create the weights of the scores."""
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                "VariableSelection expects a table (individuals, features) of known width, "
                f"received an input of shape {tuple(input_shape)}."
            )
        columns = int(input_shape[-1])

        def table(name: str, shape: tuple[int, ...], initializer: Any) -> Any:
            penalty = self.kernel_regularizer
            return self.add_weight(
                name=name, shape=shape, initializer=initializer, regularizer=penalty
            )

        if self.score in ("affine", "context"):
            self.slope = table("slope", (columns,), "zeros")
        if self.score == "context":
            # Sums over all columns of variance 1 begin with variance 1.
            normal = keras.initializers.RandomNormal(stddev=columns**-0.5, seed=self.seed)
            self.down = table("down", (columns, self.rank), normal)
            self.up = table("up", (self.rank, columns), "zeros")
        if self.score == "dense":
            glorot = keras.initializers.GlorotUniform(seed=self.seed)
            self.kernel = table("kernel", (columns, columns), glorot)
        if self.score != "identity":
            self.offset = self.add_weight(name="offset", shape=(columns,), initializer="zeros")
        self.built = True

    def scores_of(self, inputs: Any) -> Any:
        """Scores ``(batch, P)`` before softmax or sparsemax."""
        if self.score == "identity":
            return inputs
        if self.score == "dense":
            return ops.matmul(inputs, self.kernel) + self.offset
        scores = inputs * self.slope + self.offset
        if self.score == "context":
            scores = scores + ops.matmul(ops.matmul(inputs, self.down), self.up)
        return scores

    def weights_of(self, inputs: Any) -> Any:
        """Weights ``(batch, P)``: at least 0, each row with mean 1 (or sum 1)."""
        scores = self.scores_of(inputs)
        share = sparsemax(scores) if self.activation == "sparsemax" else ops.softmax(scores)
        return share * int(inputs.shape[-1]) if self.mean_one else share

    def call(self, inputs: Any) -> Any:
        """Features ``(batch, P)`` multiplied by their weights."""
        return self.weights_of(inputs) * inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the output: that of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the layer can be made again."""
        return {
            **super().get_config(),
            "score": self.score,
            "activation": self.activation,
            "rank": self.rank,
            "mean_one": self.mean_one,
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "seed": self.seed,
        }
