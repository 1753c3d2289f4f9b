"""A small self-attention network whose weights can be asked for."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from geneml.layers import AlleleEmbedding, PositionSum, SelfAttention
from geneml.models._parts import (
    check_numbers,
    checked_shape,
    dense_head,
    input_layers,
    layer_seeds,
)


def attention(
    input_shape: int | tuple[int, ...],
    *,
    dimension: int = 8,
    heads: int = 2,
    blocks: int = 1,
    hidden: Sequence[int] = (32,),
    activation: str | None = "gelu",
    dropout: float = 0.0,
    l2: float = 0.0,
    outputs: int = 1,
    encoder: str | None = None,
    seed: int | np.random.Generator | None = 0,
) -> keras.Model:
    """Build a network in which every position can look at every other one.

    A vector for each position, one or more layers of self-attention, the sum over the
    positions, and a dense head. :func:`geneml.interpret.interactions.attention_weights` shows
    where it looks. Time and memory grow with the square of the positions: some hundred are
    comfortable. It learns additive effects first and may rest there for many epochs: train
    with ``learning_rate=3e-3`` and enough patience.

    Parameters
    ----------
    input_shape : int or tuple
        Shape of one individual: ``(L, 4)`` for one-hot sequences, ``(p, 3)`` for one-hot
        genotypes, ``(p,)`` or ``p`` for dosages or stored genotypes.
    dimension : int
        Numbers in the vector of a position; a multiple of ``heads``.
    heads : int
        Attentions side by side in a layer.
    blocks : int
        Attention layers behind each other.
    hidden : sequence of int
        Units of the dense layers behind the sum. They can form interactions too, past the
        attention. ``()`` leaves interactions to attention alone, which finds them from some
        initial weights only.
    activation : str or None
        Activation of the hidden layers.
    dropout : float
        Share of hidden units switched off in each training step, from 0 to below 1.
    l2 : float
        Penalty on the squared weights of the dense layers; biases are free.
    outputs : int
        Traits predicted together.
    encoder : None, "dosage" or "one_hot"
        As in :func:`geneml.models.dense`.
    seed : int, Generator or None
        Decides the initial weights and the dropout masks. ``None``: different every time.

    Returns
    -------
    keras.Model
        Input ``(batch, *input_shape)``, output ``(batch, outputs)``; not compiled, not
        trained. Layers ``embedding``, ``attention_1`` and on, ``sum``, ``hidden_1`` and on,
        ``prediction``.

    Raises
    ------
    TypeError
        If ``input_shape`` is not a shape.
    ValueError
        If a size, a rate or a penalty is impossible.
    """
    shape = checked_shape(input_shape, encoder)
    check_numbers(hidden=hidden, outputs=outputs, dropout=dropout, l2=l2)
    for name, value in (("dimension", dimension), ("heads", heads), ("blocks", blocks)):
        if int(value) != value or value < 1:
            raise ValueError(f"{name} must be a whole number from 1, received {value}.")
    if dimension % heads:
        raise ValueError(
            f"dimension must be a multiple of heads, received dimension={dimension} and "
            f"heads={heads}."
        )
    seeds = layer_seeds(seed)
    layers = input_layers(shape, encoder)
    layers.append(AlleleEmbedding(int(dimension), seed=next(seeds), name="embedding"))
    for number in range(1, int(blocks) + 1):
        layers.append(SelfAttention(int(heads), seed=next(seeds), name=f"attention_{number}"))
    layers.append(PositionSum(name="sum"))
    layers += dense_head(
        hidden, activation=activation, dropout=dropout, outputs=outputs, seeds=seeds, l2=l2
    )
    return keras.Sequential(layers, name="attention")
