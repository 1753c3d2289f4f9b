"""Attention weights of a network: which position looks at which."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from geneml.interpret._network.halves import batches, halves, inputs_of, network_of
from geneml.interpret._pairs.pairs import Interactions


def attention_weights(model: Any, x: Any, *, block: int = 0, batch_size: int = 128) -> np.ndarray:
    """How strongly each position attends to every other one.

    Parameters
    ----------
    model : keras.Model or Fit
        With layers of :class:`geneml.layers.SelfAttention`, as
        :func:`geneml.models.attention` builds it.
    x : array (n, ...)
        Samples as the network takes them.
    block : int
        Which attention layer, counted from 0.
    batch_size : int
        Samples at once.

    Returns
    -------
    ndarray of float32, shape (n, heads, L, L)
        From the position that asks (third axis) to the one that answers (fourth axis). Each row
        sums to 1: a weight says how the attention is shared, not how much it matters. The
        result takes ``4 n heads L**2`` bytes.

    Raises
    ------
    TypeError
        If the model has no layers to look into.
    ValueError
        If it has no such block, or x does not fit it.
    """
    parts, layer = inputs_of(model, x), _block(model, block)
    return np.concatenate([one for one in _weights(model, parts, layer, batch_size)])


def attention_interactions(
    model: Any,
    x: Any,
    *,
    block: int = 0,
    kind: Literal["mean", "variation"] = "mean",
    batch_size: int = 128,
) -> Interactions:
    """Read pairs from attention weights, to be compared with pairs that are known.

    Attention says where a layer looked, not what it did with what it saw: other weights can
    give the same prediction (Jain & Wallace 2019, NAACL 1:3543; but see Wiegreffe & Pinter
    2019, EMNLP 11). A position of a large effect draws attention without interacting with
    anything. Nothing makes these scores an interaction; :func:`epistasis` asks the prediction
    itself.

    Parameters
    ----------
    model, x, block, batch_size
        As in :func:`attention_weights`.
    kind : {"mean", "variation"}
        ``"mean"``: mean weight over samples and heads, both directions of a pair averaged.
        ``"variation"``: standard deviation of the weight over the samples, mean over heads.
        A weight that is the same for everybody cannot carry an interaction.

    Returns
    -------
    Interactions
        ``scores`` and ``sizes`` are the same, from 0 up; all positions.

    Raises
    ------
    TypeError, ValueError
        As :func:`attention_weights`, or if ``kind`` is neither.
    """
    if kind not in ("mean", "variation"):
        raise ValueError(f'kind must be "mean" or "variation"; received {kind!r}.')
    parts, layer = inputs_of(model, x), _block(model, block)
    total: Any = 0.0
    squares: Any = 0.0
    for weights in _weights(model, parts, layer, batch_size):
        total = total + weights.sum(axis=0, dtype="float64")
        squares = squares + (weights.astype("float64") ** 2).sum(axis=0)
    n = len(parts[0])
    mean = total / n
    values = mean if kind == "mean" else np.sqrt(np.maximum(squares / n - mean**2, 0.0))
    table = values.mean(axis=0)
    table = (table + table.T) / 2
    np.fill_diagonal(table, 0.0)
    return Interactions(table, table, np.arange(len(table)), f"attention, {kind}", n)


def _block(model: Any, block: int) -> str:
    from geneml.layers import SelfAttention

    network = network_of(model).keras_model
    found = [layer.name for layer in network.layers if isinstance(layer, SelfAttention)]
    if not found:
        raise ValueError(
            f"the network {network.name!r} has no SelfAttention layer; geneml.models.attention "
            "builds one with them."
        )
    if isinstance(block, bool) or int(block) != block or not 0 <= block < len(found):
        raise ValueError(f"block must be between 0 and {len(found) - 1}; received {block!r}.")
    return found[int(block)]


def _weights(model: Any, parts: list[np.ndarray], name: str, batch_size: int) -> Any:
    import keras

    cut = halves(model, name)
    network = network_of(model).keras_model
    before = keras.Model(network.inputs, cut.layer.input)
    for _, batch in batches(parts, batch_size):
        yield keras.ops.convert_to_numpy(cut.layer.weights_of(before(batch)))
