"""A fully connected network."""

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
from geneml.regularizers import FirstLayerPenalty


def dense(
    input_shape: int | tuple[int, ...],
    *,
    hidden: Sequence[int] = (64, 32),
    activation: str | None = "gelu",
    dropout: float = 0.0,
    l1: float = 0.0,
    l2: float = 0.0,
    group_lasso: float = 0.0,
    outputs: int = 1,
    encoder: str | None = None,
    seed: int | np.random.Generator | None = 0,
) -> keras.Model:
    """Build a fully connected network.

    Parameters
    ----------
    input_shape : int or tuple
        Shape of one individual: ``(L, 4)`` for one-hot sequences, ``(p, 3)`` for one-hot
        genotypes, ``(p,)`` or ``p`` for dosages or stored genotypes.
    hidden : sequence of int
        Units of each hidden layer. ``()`` gives a linear model trained by gradient descent.
    activation : str or None
        Activation of the hidden layers. The default, GELU, is x times the normal
        distribution function at x (Hendrycks & Gimpel 2016, arXiv:1606.08415).
    dropout : float
        Share of hidden units switched off in each training step (Srivastava et al. 2014,
        J. Mach. Learn. Res. 15:1929), from 0 to below 1.
    l1 : float
        Lasso penalty on the first layer's weights: the layer that chooses its inputs.
    l2 : float
        Penalty on the squared weights of every layer; biases are free.
    group_lasso : float
        Group lasso on the first layer, one group for each position or variant
        (:class:`geneml.regularizers.GroupLasso`).
    outputs : int
        Traits predicted together.
    encoder : None, "dosage" or "one_hot"
        ``None``: the input is already numeric (``float32``). Otherwise the input is stored
        genotypes (``int8``, -1 missing) and the first layer encodes them: as standardised
        dosages with missing calls at the training mean, or as one column a genotype.
    seed : int, Generator or None
        Decides the initial weights and the dropout masks. ``None``: different every time.

    Returns
    -------
    keras.Model
        Input ``(batch, *input_shape)``, output ``(batch, outputs)``; not compiled, not
        trained: :func:`geneml.training.fit` does both.

    Raises
    ------
    TypeError
        If ``input_shape`` is not a shape.
    ValueError
        If a size, a rate or a penalty is impossible.
    """
    shape = checked_shape(input_shape, encoder)
    check_numbers(
        hidden=hidden, outputs=outputs, dropout=dropout, l1=l1, l2=l2, group_lasso=group_lasso
    )
    seeds = layer_seeds(seed)
    layers = input_layers(shape, encoder)
    columns = 3 if encoder == "one_hot" else (shape[1] if len(shape) == 2 else 1)
    if len(shape) == 2 or encoder == "one_hot":
        layers.append(keras.layers.Flatten(name="flatten"))
    layers += dense_head(
        hidden,
        activation=activation,
        dropout=dropout,
        outputs=outputs,
        seeds=seeds,
        l2=l2,
        first_penalty=FirstLayerPenalty(l1, l2, group_lasso, columns)
        if l1 or group_lasso
        else None,
    )
    return keras.Sequential(layers, name="dense")
