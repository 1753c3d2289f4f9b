"""Convolutional networks over sequences or ordered variants."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from geneml.models._parts import (
    check_numbers,
    checked_shape,
    dense_head,
    input_layers,
    layer_seeds,
)


def cnn(
    input_shape: int | tuple[int, ...],
    *,
    filters: int = 32,
    kernel_size: int = 8,
    pool_size: int | str = 1,
    hidden: Sequence[int] = (32,),
    activation: str | None = "relu",
    convolution_activation: str | None = "relu",
    dropout: float = 0.0,
    l2: float = 0.0,
    outputs: int = 1,
    encoder: str | None = None,
    seed: int | np.random.Generator | None = 0,
) -> keras.Model:
    """Build a network with one convolution, optional max pooling and a dense head.

    Parameters
    ----------
    input_shape : int or tuple
        Shape of one individual: ``(L, 4)`` for one-hot sequences, ``(p, 3)`` for one-hot
        genotypes, ``(p,)`` or ``p`` for dosages or stored genotypes in map order.
    filters : int
        Patterns searched for along the sequence.
    kernel_size : int
        Positions a pattern spans.
    pool_size : int or "global"
        Neighbouring windows merged into their maximum. 1, the default, keeps every position
        apart, which traits with causal loci at fixed positions need: pooling forgets where
        exactly a pattern was. ``"global"`` keeps only whether it was anywhere, for motifs
        that may lie anywhere.
    hidden : sequence of int
        Units of the dense layers behind the convolution.
    activation : str or None
        Activation of the hidden layers. Copies of one sequence differ at few positions, so
        a hidden unit gets nearly the same sum from everybody, and one large step can push it
        below zero for all of them at once. With ``"relu"`` it then has no slope left and
        stays dead: hence the warm-up of :func:`geneml.training.fit`.
    convolution_activation : str or None
        Activation of the convolution. ``None`` makes it linear.
    dropout : float
        Share of units switched off in each training step, after the convolution and after
        each hidden layer; from 0 to below 1.
    l2 : float
        Penalty on the squared weights of every layer; biases are free.
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
        trained.

    Raises
    ------
    TypeError
        If ``input_shape`` is not a shape.
    ValueError
        If a size, a rate or a penalty is impossible, a filter is longer than the sequence,
        or a pool wider than what the convolution leaves.
    """
    shape = checked_shape(input_shape, encoder)
    check_numbers(hidden=hidden, outputs=outputs, dropout=dropout, l2=l2)
    _check_windows(shape[0], filters, kernel_size, pool_size)
    seeds = layer_seeds(seed)
    layers = input_layers(shape, encoder)
    if len(shape) == 1 and encoder != "one_hot":
        layers.append(keras.layers.Reshape((shape[0], 1), name="one_channel"))
    layers.append(
        keras.layers.Conv1D(
            int(filters),
            int(kernel_size),
            activation=convolution_activation,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
            name="convolution",
        )
    )
    if pool_size == "global":
        layers.append(keras.layers.GlobalMaxPooling1D(name="pool"))
    else:
        if int(pool_size) > 1:
            layers.append(keras.layers.MaxPooling1D(int(pool_size), name="pool"))
        layers.append(keras.layers.Flatten(name="flatten"))
    if dropout:
        layers.append(keras.layers.Dropout(dropout, seed=next(seeds), name="drop_0"))
    layers += dense_head(
        hidden, activation=activation, dropout=dropout, outputs=outputs, seeds=seeds, l2=l2
    )
    return keras.Sequential(layers, name="cnn")


def thesis_network(
    length: int, *, seed: int | np.random.Generator | None = 0, outputs: int = 1
) -> keras.Model:
    """Build the network of the bachelor thesis that this course grew from.

    256 filters of 3 bases without an activation, max pooling of 4, and dense layers of 32,
    8 and 32 units (Fernandez Oliveras 2025, practical example). It is kept for comparison.

    Parameters
    ----------
    length : int
        Bases in a sequence.
    seed : int, Generator or None
        Decides the initial weights.
    outputs : int
        Traits predicted together.

    Returns
    -------
    keras.Model
        Input ``(batch, length, 4)``, output ``(batch, outputs)``.
    """
    network = cnn(
        (length, 4),
        filters=256,
        kernel_size=3,
        pool_size=4,
        hidden=(32, 8, 32),
        activation="relu",
        convolution_activation=None,
        outputs=outputs,
        seed=seed,
    )
    network.name = "thesis_network"
    return network


def _check_windows(length: int, filters: int, kernel_size: int, pool_size: int | str) -> None:
    for name, value in (("filters", filters), ("kernel_size", kernel_size)):
        if int(value) != value or value < 1:
            raise ValueError(f"{name} must be a whole number from 1, received {value}.")
    if kernel_size > length:
        raise ValueError(
            f"kernel_size={kernel_size} is longer than the input, which has {length} positions."
        )
    if pool_size == "global":
        return
    if isinstance(pool_size, str) or int(pool_size) != pool_size or pool_size < 1:
        raise ValueError(
            f'pool_size must be a whole number from 1, or "global"; received {pool_size!r}.'
        )
    windows = length - kernel_size + 1
    if pool_size > windows:
        raise ValueError(
            f"pool_size={pool_size} is wider than the {windows} windows that the convolution "
            "leaves."
        )
