"""Which features a network selects, and whether it would select them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import keras
import numpy as np

from geneml.interpret._network.halves import batches, inputs_of, network_of
from geneml.layers import VariableSelection

__all__ = ["selected_features", "selection_stability", "selection_weights"]

_MEASURES = ("nogueira", "jaccard")


def selection_weights(model: Any, x: Any, *, batch_size: int = 256) -> dict[str, np.ndarray]:
    """Weights of a network's selection blocks, averaged over individuals.

    Parameters
    ----------
    model : keras.Model or Fit
        A network with :class:`geneml.layers.VariableSelection`, such as
        :func:`geneml.models.grvsnn`.
    x : array (n, p), or a list of the network's inputs
        Individuals.
    batch_size : int
        Individuals at once.

    Returns
    -------
    dict of str to float64 array (columns,)
        By the name of the block's layer. With the blocks of ``grvsnn``'s default layout the
        columns are the markers, or the loadings, and the weights have mean 1.

    Raises
    ------
    TypeError
        If there is no Keras network.
    ValueError
        If the network has no such block, or the inputs do not fit it.
    """
    seen = network_of(model)
    network = seen.keras_model
    layers = [layer for layer in network.layers if isinstance(layer, VariableSelection)]
    if not layers:
        raise ValueError(
            f"the network {seen.name!r} has no VariableSelection layer, so there are no "
            "weights to read. Build it with geneml.models.grvsnn(..., selection='softmax')."
        )
    parts = inputs_of(seen, x)
    entry = network.inputs if len(parts) > 1 else network.inputs[0]
    before = keras.Model(entry, [layer.input for layer in layers])
    sums = [np.zeros(int(layer.input.shape[-1])) for layer in layers]
    for _, batch in batches(parts, batch_size):
        found = before(batch if len(batch) > 1 else batch[0], training=False)
        values = found if isinstance(found, list | tuple) else [found]
        for total, layer, value in zip(sums, layers, values, strict=True):
            weights = keras.ops.convert_to_numpy(layer.weights_of(value))
            total += weights.sum(axis=0, dtype="float64")
    return {layer.name: total / len(parts[0]) for layer, total in zip(layers, sums, strict=True)}


def selected_features(weights: Any, *, threshold: float = 1.0) -> np.ndarray:
    """Features whose weight, averaged over individuals, is above a threshold.

    Parameters
    ----------
    weights : array (P,) or (n, P)
        Weights of features, or of individuals and features.
    threshold : float
        At least 0. Of weights with mean 1, a threshold of 1 keeps those above the average, and
        none where all are alike; 0 keeps the support of sparsemax.

    Returns
    -------
    int array
        Column numbers, ascending.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or the threshold is negative.

    Notes
    -----
    The paper of GRVSNN counts features with z' of 0.05 and above, of weights that sum to 1:
    fewer than 20 features can have such a weight, whatever their number.
    """
    weights = np.asarray(weights, dtype="float64")
    if weights.ndim not in (1, 2) or weights.size == 0:
        raise ValueError(
            "weights must have the shape (features,) or (individuals, features), received "
            f"{weights.shape}."
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("weights must be finite and at least 0.")
    if not 0 <= threshold < np.inf:
        raise ValueError(f"threshold must be a finite number from 0, received {threshold}.")
    mean = weights if weights.ndim == 1 else weights.mean(axis=0)
    return np.flatnonzero(mean > threshold)


def selection_stability(
    sets: Sequence[Iterable[int]], n_features: int, *, measure: str = "nogueira"
) -> float:
    r"""How well sets of selected features agree, for example those of the folds.

    Parameters
    ----------
    sets : sequence of iterables of int
        Column numbers that each fold selected, at least two sets.
    n_features : int
        Features that there were to select from.
    measure : "nogueira" or "jaccard"
        ``"nogueira"``, corrected for chance (Nogueira, Sechidis & Brown 2018, J. Mach. Learn.
        Res. 18:174, equation 4):

        .. math:: 1 - \frac{\frac1P \sum_f \frac{M}{M-1} p_f (1 - p_f)}
            {\frac{\bar k}{P} (1 - \frac{\bar k}{P})}

        for M sets of on average k-bar of P features, with p_f the share of sets that have
        feature f. 1: the same sets; about 0: what random sets give, and below: less than
        that. ``"jaccard"``: size of the intersection over size of the union, mean over
        pairs of sets, 0 to 1, which grows with the sets' size by chance.

    Returns
    -------
    float
        ``NaN`` where it is undefined: for ``"nogueira"`` when all sets are empty or all hold
        everything; for ``"jaccard"`` when two sets are empty.

    Raises
    ------
    ValueError
        If there are fewer than two sets, or a set names a feature that is not there or one
        twice.
    """
    if measure not in _MEASURES:
        raise ValueError(f"measure must be one of {_MEASURES}, received {measure!r}.")
    listed = [[int(feature) for feature in one] for one in sets]
    if len(listed) < 2:
        raise ValueError(f"sets must hold at least two sets, received {len(listed)}.")
    chosen = [set(one) for one in listed]
    for one, members in zip(listed, chosen, strict=True):
        if len(members) < len(one) or (one and not 0 <= min(one) <= max(one) < n_features):
            raise ValueError(
                f"a set must name features from 0 to {n_features - 1}, each once; received {one}."
            )
    if measure == "jaccard":
        pairs = [(len(a & b), len(a | b)) for a, b in combinations(chosen, 2)]
        return float(np.mean([both / either if either else np.nan for both, either in pairs]))
    counts = np.bincount(np.concatenate([np.array(one, int) for one in listed]))
    share = counts / len(listed)
    variance = np.sum(share * (1 - share)) * len(listed) / (len(listed) - 1) / n_features
    size = np.sum(share) / n_features
    return float(1 - variance / (size * (1 - size))) if 0 < size < 1 else float("nan")
