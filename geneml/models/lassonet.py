"""LassoNet: a linear model and a network that may only use what the linear model keeps."""

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

ACTIVATIONS = ("relu", "elu", "tanh")


def lassonet(
    n_markers: int,
    *,
    loadings: int = 0,
    traits: int = 1,
    hidden: Sequence[int] = (64, 32),
    activation: str = "relu",
    encoder: str | None = "dosage",
    seed: int | np.random.Generator | None = 0,
) -> keras.Model:
    """Build a LassoNet (Lemhadri, Ruan, Abraham & Tibshirani 2021, J. Mach. Learn. Res. 22:127).

    The prediction is a linear function of the features plus a dense network of the same
    features. :func:`geneml.training.fit_lassonet` trains both together and lets a feature
    into the network only as far as its linear weight allows.

    Parameters
    ----------
    n_markers : int
        Columns of the genotypes.
    loadings : int
        Columns of a second input, for pedigree loadings; 0: markers alone.
    traits : int
        Traits predicted together.
    hidden : sequence of int
        Units of each hidden layer, one layer at least.
    activation : "relu", "elu" or "tanh"
        Of the hidden layers.
    encoder : "dosage" or None
        ``"dosage"``: stored genotypes (``int8``, -1 missing), standardised with the training
        mean and deviation. ``None``: markers are standardised ``float32`` already.
    seed : int, Generator or None
        Decides the initial weights. ``None``: different every time.

    Returns
    -------
    keras.Model
        Input ``(batch, n_markers)``, or this and ``(batch, loadings)``, ``float32``, centred
        and scaled on the training rows; output ``(batch, traits)``. Not compiled, not trained.
        Layers ``skip`` (the linear part), ``hidden_1``, ..., ``prediction``, ``sum``.

    Raises
    ------
    ValueError
        If a size or a name is impossible.
    """
    if encoder not in (None, "dosage"):
        raise ValueError(f"encoder must be None or 'dosage', received {encoder!r}.")
    (width,) = checked_shape(n_markers if isinstance(n_markers, tuple) else int(n_markers), encoder)
    check_numbers(hidden=hidden, outputs=traits, dropout=0.0)
    if not len(hidden):
        raise ValueError("hidden must name one layer at least; for none, fit_elastic_net is exact.")
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {ACTIVATIONS}, received {activation!r}.")
    if int(loadings) != loadings or loadings < 0:
        raise ValueError(f"loadings must be a whole number from 0, received {loadings}.")
    seeds = layer_seeds(seed)
    first, *encoding = input_layers((width,), encoder)
    inputs, features = [first], encoding[0](first) if encoding else first
    if loadings:
        inputs.append(keras.Input((int(loadings),), dtype="float32", name="loadings"))
        features = keras.layers.Concatenate(name="features")([features, inputs[1]])
    linear = keras.layers.Dense(
        int(traits),
        use_bias=False,
        kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        name="skip",
    )(features)
    values = features
    for layer in dense_head(
        hidden, activation=activation, dropout=0.0, outputs=int(traits), seeds=seeds
    ):
        values = layer(values)
    output = keras.layers.Add(name="sum")([linear, values])
    return keras.Model(inputs if loadings else first, output, name="lassonet")
