"""How much each feature moves the predictions of a network with a linear head."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from geneml.interpret._network.halves import batches, inputs_of, network_of

__all__ = ["feature_contributions"]


def feature_contributions(model: Any, x: Any, *, batch_size: int = 256) -> np.ndarray:
    r"""Standard deviation, over individuals, of what each feature adds to the prediction.

    For a network that ends with a dense layer of weights B on features z', such as
    :func:`geneml.models.grvsnn` without hidden layers, the prediction is
    :math:`\sum_i z'_i B_i` and a constant. A selection weight alone does not say whether a
    feature matters: it is multiplied by the feature and by its weight in the head. This is the
    whole product, :math:`|B_i|\,\text{sd}(z'_i)`. For linear regression on standardised
    markers it is the size of the effect.

    Parameters
    ----------
    model : keras.Model or Fit
        Network whose last layer is dense, without an activation, and reads one feature for
        each column of its inputs.
    x : array (n, p), or a list of the network's inputs
        Individuals.
    batch_size : int
        Individuals at once.

    Returns
    -------
    float64 array (P, traits)
        At least 0; markers first, then loadings. In units of the network's output: standard
        deviations of the training phenotype where :func:`geneml.training.fit` trained it.

    Raises
    ------
    TypeError
        If there is no Keras network.
    ValueError
        If the network does not end that way, or the inputs do not fit it.
    """
    seen = network_of(model)
    network = seen.keras_model
    head = network.layers[-1]
    columns = sum(int(np.prod(entry.shape[1:])) for entry in network.inputs)
    if not isinstance(head, keras.layers.Dense) or head.activation is not keras.activations.linear:
        raise ValueError(
            "the network must end with a Dense layer without an activation, received "
            f"{type(head).__name__} {head.name!r}."
        )
    hidden = any(isinstance(layer, keras.layers.Dense) for layer in network.layers[:-1])
    if hidden or int(head.input.shape[-1]) != columns:
        raise ValueError(
            f"the last layer must read the network's {columns} inputs one by one, and reads "
            f"{int(head.input.shape[-1])} columns: behind hidden layers a feature has no weight "
            "of its own. Ask an explainer, such as geneml.interpret.shapley."
        )
    parts = inputs_of(seen, x)
    entry = network.inputs if len(parts) > 1 else network.inputs[0]
    before = keras.Model(entry, head.input)
    total, squares = np.zeros(columns), np.zeros(columns)
    first = None
    for _, batch in batches(parts, batch_size):
        found = before(batch if len(batch) > 1 else batch[0], training=False)
        values = np.asarray(keras.ops.convert_to_numpy(found), dtype="float64")
        # Shifted by one row, so that the difference of two large sums loses no digits.
        first = values[0] if first is None else first
        total += (values - first).sum(axis=0)
        squares += ((values - first) ** 2).sum(axis=0)
    n = len(parts[0])
    variance = np.maximum(squares / n - (total / n) ** 2, 0)
    kernel = np.asarray(keras.ops.convert_to_numpy(head.kernel), dtype="float64")
    return np.sqrt(variance)[:, None] * np.abs(kernel)
