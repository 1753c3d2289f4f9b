"""What the networks share: checks, seeds, the input and the dense head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from geneml.layers import GenotypeEncoder, OneHotGenotypes

ENCODERS = ("dosage", "one_hot")


def layer_seeds(seed: int | np.random.Generator | None) -> Iterator[int | None]:
    """An endless row of seeds, one for each random thing in a network.

    Every initialiser and every dropout layer gets its own, so that two networks built with
    one seed are equal to the last bit and Keras's global seed is left alone. ``None`` gives
    ``None``: Keras then draws a seed itself.
    """
    if seed is None:
        while True:
            yield None
    random = np.random.default_rng(seed)
    while True:
        yield int(random.integers(2**31 - 1))


def checked_shape(input_shape: Any, encoder: str | None) -> tuple[int, ...]:
    """The input shape of one individual as a tuple of one or two whole numbers."""
    shape = (input_shape,) if isinstance(input_shape, int | np.integer) else input_shape
    try:
        shape = tuple(int(size) for size in shape)
    except (TypeError, ValueError):
        raise TypeError(
            "input_shape must be the shape of one individual, such as (200, 4) or (500,), "
            f"received {input_shape!r}."
        ) from None
    if len(shape) not in (1, 2) or min(shape) < 1:
        raise ValueError(
            "input_shape must be (length, channels) for one-hot input or (variants,) for "
            f"dosages, without the number of individuals; received {shape}."
        )
    if encoder is not None and encoder not in ENCODERS:
        raise ValueError(f"encoder must be None or one of {ENCODERS}, received {encoder!r}.")
    if encoder is not None and len(shape) != 1:
        raise ValueError(
            f"encoder={encoder!r} takes stored genotypes, so input_shape must be (variants,); "
            f"received {shape}."
        )
    return shape


def check_numbers(
    *, hidden: Sequence[int], outputs: int, dropout: float, **penalties: float
) -> None:
    """Raise ValueError for impossible sizes, rates and penalties."""
    for units in (*hidden, outputs):
        if int(units) != units or units < 1:
            raise ValueError(
                "hidden sizes and outputs must be whole numbers from 1, "
                f"received hidden={tuple(hidden)}, outputs={outputs}."
            )
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must be at least 0 and below 1, received {dropout}.")
    for name, value in penalties.items():
        if not value >= 0:
            raise ValueError(f"{name} must be at least 0, received {value}.")


def input_layers(shape: tuple[int, ...], encoder: str | None) -> list[Any]:
    """The input, and the layer that turns stored genotypes into numbers when asked for."""
    if encoder is None:
        return [keras.Input(shape, dtype="float32", name="input")]
    layer = (
        GenotypeEncoder(standardise=True, name="encoder")
        if encoder == "dosage"
        else OneHotGenotypes(name="encoder")
    )
    return [keras.Input(shape, dtype="int8", name="genotypes"), layer]


def dense_head(
    hidden: Sequence[int],
    *,
    activation: str | None,
    dropout: float,
    outputs: int,
    seeds: Iterator[int | None],
    l2: float = 0.0,
    first_penalty: keras.regularizers.Regularizer | None = None,
) -> list[keras.layers.Layer]:
    """Hidden dense layers, each followed by dropout when asked for, and a linear output."""
    layers: list[keras.layers.Layer] = []
    for number, units in enumerate((*hidden, outputs), start=1):
        last = number == len(hidden) + 1
        penalty = first_penalty if number == 1 and first_penalty is not None else _l2(l2)
        layers.append(
            keras.layers.Dense(
                int(units),
                activation=None if last else activation,
                kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
                kernel_regularizer=penalty,
                name="prediction" if last else f"hidden_{number}",
            )
        )
        if dropout and not last:
            layers.append(keras.layers.Dropout(dropout, seed=next(seeds), name=f"drop_{number}"))
    return layers


def _l2(strength: float) -> keras.regularizers.Regularizer | None:
    return keras.regularizers.L2(strength) if strength else None
