"""Gated residual variable selection network, for markers and pedigree loadings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from geneml.layers import GatedResidual, VariableSelection, adapt_encoders
from geneml.models._parts import (
    check_numbers,
    checked_shape,
    dense_head,
    input_layers,
    layer_seeds,
)
from geneml.scaling import PhenotypeScaler, as_table

_AT_ONCE = 256

LAYOUTS = {"per_feature": 4, "dense": 128}
"""Layouts, and the hidden units each has by default."""


def grvsnn(
    n_markers: int,
    *,
    loadings: int = 0,
    traits: int = 1,
    layout: str = "per_feature",
    units: int | None = None,
    gate: str = "sigmoid",
    selection: str | None = "softmax",
    score: str = "affine",
    rank: int = 4,
    hidden: Sequence[int] = (),
    activation: str | None = "elu",
    dropout: float = 0.0,
    l2: float = 0.0,
    block_l2: float = 0.0,
    loadings_share: float = 0.5,
    layer_norm: bool = True,
    encoder: str | None = "dosage",
    seed: int | np.random.Generator | None = 0,
) -> keras.Model:
    r"""Build a gated residual variable selection network (Fan & Waldmann 2025).

    A gated residual block transforms each feature, a selection block weights the features, and
    a linear head predicts all traits from them. Each block of inputs (markers, loadings) has
    blocks of its own, and is multiplied by sqrt(share / columns) before the head, so that 169
    loadings are not drowned by 10,000 markers.

    Until it is trained the network is linear in the markers of an individual, brought to mean
    0 and variance 1 within that individual (exactly linear with ``layer_norm=False``). Its
    head is then ridge regression, the same as GBLUP, with ``l2 = (1 - h2) / (h2 * n *
    traits)`` for heritability h2 and n training individuals: shares add up to 1, and the loss
    is the mean over individuals and traits. :func:`ridge_start` puts that solution into the
    head, so that training begins from it.

    Parameters
    ----------
    n_markers : int
        Columns of the genotypes.
    loadings : int
        Columns of a second input, for pedigree loadings; 0: markers alone.
    traits : int
        Traits predicted together.
    layout : "per_feature" or "dense"
        ``"per_feature"``: hidden units and a selection weight for each feature.
        ``"dense"``: the authors' Keras code, for comparison: dense layers from all inputs to
        ``units``, and a selection among these units, which stand for no feature. Their own
        setting has ``block_l2=0.01``. It takes ``score``, ``rank``, ``layer_norm`` and
        ``loadings_share`` as they come by default, and no others.
    units : int, optional
        Hidden units of each feature (4 by default), or of the dense layout (128).
    gate : "sigmoid" or "hard_sigmoid"
        As in :class:`geneml.layers.GatedResidual`.
    selection : "softmax", "sparsemax" or None
        As in :class:`geneml.layers.VariableSelection`; ``None`` leaves the block out.
    score : "affine", "context" or "identity"
        Scores of the selection.
    rank : int
        Of ``score="context"``.
    hidden : sequence of int
        Dense layers before the head. Genotypes that go through the blocks one by one meet
        first in the head: without a hidden layer there is no epistasis but through the
        normalisations.
    activation : str or None
        Of the hidden layers.
    dropout : float
        Share switched off in each training step: of the features' hidden units, and of the
        hidden layers' units.
    l2 : float
        Penalty on the squared weights of the head and of the hidden layers.
    block_l2 : float
        Penalty on the squared weights of the gated residual and selection blocks.
    loadings_share : float
        Share of the loadings, between 0 and 1; the markers have the rest.
    layer_norm : bool
        Whether the gated residual blocks normalise over features.
    encoder : "dosage" or None
        ``"dosage"``: stored genotypes (``int8``, -1 missing) go in and are standardised with
        the training mean and deviation. With loadings :func:`geneml.training.fit` cannot know
        which input is meant: call ``model.get_layer("encoder").adapt(genotypes[training])``
        before. ``None``: markers are standardised ``float32`` already.
    seed : int, Generator or None
        Decides the initial weights and the dropout masks. ``None``: different every time.

    Returns
    -------
    keras.Model
        Input ``(batch, n_markers)``, or this and ``(batch, loadings)``, ``float32`` columns
        that were centred and scaled on the training rows; output ``(batch, traits)``. Not
        compiled, not trained. Layers ``markers_gate``, ``markers_selection``,
        ``loadings_gate``, ``loadings_selection`` (``gate``, ``selection`` in the dense
        layout), ``prediction``.

    Raises
    ------
    ValueError
        If a size, a rate, a name or a penalty is impossible.

    References
    ----------
    Fan, Y. & Waldmann, P. (2025), the paper of the method. Where it leaves room, this follows
    its equations.
    """
    if encoder not in (None, "dosage"):
        raise ValueError(f"encoder must be None or 'dosage', received {encoder!r}.")
    (width,) = checked_shape(n_markers if isinstance(n_markers, tuple) else int(n_markers), encoder)
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {tuple(LAYOUTS)}, received {layout!r}.")
    units = LAYOUTS[layout] if units is None else units
    check_numbers(
        hidden=(units, rank, *hidden), outputs=traits, dropout=dropout, l2=l2, block_l2=block_l2
    )
    if int(loadings) != loadings or loadings < 0:
        raise ValueError(f"loadings must be a whole number from 0, received {loadings}.")
    if not 0 < loadings_share < 1:
        raise ValueError(f"loadings_share must be between 0 and 1, received {loadings_share}.")
    if score == "dense":
        raise ValueError(
            "score='dense' has a weight for each pair of features; use score='context' here."
        )
    default = (score, rank, layer_norm, loadings_share) == ("affine", 4, True, 0.5)
    if layout == "dense" and not default:
        raise ValueError(
            "layout='dense' has scores of its own, one block and its normalisation: leave score, "
            "rank, layer_norm and loadings_share out."
        )
    seeds = layer_seeds(seed)
    penalty = keras.regularizers.L2(block_l2) if block_l2 else None
    gates = {
        "units": int(units),
        "gate": gate,
        "dropout": dropout,
        "layer_norm": layer_norm,
        "kernel_regularizer": penalty,
    }
    scores: dict[str, Any] = {"kernel_regularizer": penalty, "activation": selection}
    first, *encoding = input_layers((width,), encoder)
    inputs, values = [first], encoding[0](first) if encoding else first
    blocks = {"markers": values}
    if loadings:
        inputs.append(keras.Input((int(loadings),), dtype="float32", name="loadings"))
        blocks["loadings"] = inputs[1]
    if layout == "dense":
        joined = _joined(list(blocks.values()))
        gates["per_feature"] = False
        scores |= {"score": "dense", "mean_one": False}
        values = _selected(joined, "", gates, scores, seeds)
    else:
        scores |= {"score": score, "rank": int(rank)}
        shares = [1 - loadings_share, loadings_share] if loadings else [1.0]
        parts = []
        for (name, block), share in zip(blocks.items(), shares, strict=True):
            chosen = _selected(block, f"{name}_", gates, scores, seeds)
            scale = float(np.sqrt(share / int(block.shape[-1])))
            parts.append(keras.layers.Rescaling(scale, name=f"{name}_scale")(chosen))
        values = _joined(parts)
    head = dense_head(
        hidden, activation=activation, dropout=dropout, outputs=traits, seeds=seeds, l2=l2
    )
    for layer in head:
        values = layer(values)
    return keras.Model(inputs if loadings else first, values, name="grvsnn")


def _joined(parts: list[Any]) -> Any:
    return keras.layers.Concatenate(name="features")(parts) if len(parts) > 1 else parts[0]


def _selected(
    values: Any, prefix: str, gates: dict, scores: dict, seeds: Iterator[int | None]
) -> Any:
    """The values through a gated residual and a selection block."""
    values = GatedResidual(**gates, seed=next(seeds), name=f"{prefix}gate")(values)
    if scores["activation"] is None:
        return values
    return VariableSelection(**scores, seed=next(seeds), name=f"{prefix}selection")(values)


def ridge_start(
    model: keras.Model, x: Any, y: Any, *, rows: Any, l2: float | Sequence[float]
) -> keras.Model:
    r"""Set a network's linear head to the ridge regression on what enters it.

    For the untrained :func:`grvsnn` without hidden layers these are GBLUP's predictions, and
    :func:`geneml.training.fit` starts from there: a network has to earn what it adds.

    Parameters
    ----------
    model : keras.Model
        Network that ends with a dense layer named ``prediction``, such as those of
        :mod:`geneml.models`. Its encoder is adapted to the rows as ``fit`` does it.
    x : array (n, p), or a list of the network's inputs
        Inputs.
    y : array (n,) or (n, traits)
        Phenotypes in their own unit; standardised on the rows, as ``fit`` does it.
    rows : int array (m,)
        Training individuals.
    l2 : float or sequence of float
        Penalty of each trait in the mean squared error over individuals and traits, above 0.
        ``(1 - h2) / (h2 * m * traits)`` for heritability h2.

    Returns
    -------
    keras.Model
        The network itself, its head changed.

    Raises
    ------
    ValueError
        If there is no such layer, or rows, phenotypes or penalties do not fit.

    Notes
    -----
    Solved with an m x m matrix (the relationships), in time m**2 columns + m**3; what enters the
    head is held for all rows, 4 bytes a feature and individual.
    """
    head = model.layers[-1]
    if not isinstance(head, keras.layers.Dense) or head.name != "prediction":
        raise ValueError(
            "the network must end with a Dense layer named 'prediction', received "
            f"{type(head).__name__} {head.name!r}."
        )
    parts = [np.asarray(part) for part in (x if isinstance(x, list | tuple) else [x])]
    table, rows = as_table(y), np.asarray(rows)
    if rows.ndim != 1 or rows.size < 2 or rows.dtype.kind not in "iu":
        raise ValueError("rows must be the numbers of at least two individuals.")
    if rows.min() < 0 or rows.max() >= len(table):
        raise ValueError(f"rows must be from 0 to {len(table) - 1}: were they made for this y?")
    if {len(part) for part in parts} != {len(table)} or table.shape[1] != head.units:
        raise ValueError(
            f"x and y must hold the same individuals, and y {head.units} trait(s); received "
            f"{[len(part) for part in parts]} rows and y of shape {table.shape}."
        )
    if not np.isfinite(table[rows]).all():
        raise ValueError("y must be finite in all rows.")
    penalties = np.broadcast_to(np.asarray(l2, dtype="float64"), (head.units,))
    if not ((penalties > 0) & np.isfinite(penalties)).all():
        raise ValueError(f"l2 must be finite and above 0, received {l2}.")
    adapt_encoders(model, parts[0][rows] if len(parts) == 1 else parts)
    target = PhenotypeScaler.learn(table, rows).transform(table[rows])
    entry = model.inputs if len(parts) > 1 else model.inputs[0]
    entering = keras.Model(entry, head.input)
    features = []
    for start in range(0, rows.size, _AT_ONCE):
        batch = [part[rows[start : start + _AT_ONCE]] for part in parts]
        found = entering(batch if len(batch) > 1 else batch[0], training=False)
        features.append(keras.ops.convert_to_numpy(found))
    z = np.concatenate(features)
    mean = z.mean(axis=0, dtype="float64")
    columns = [slice(start, start + _AT_ONCE) for start in range(0, z.shape[1], _AT_ONCE)]
    relationship = np.zeros((rows.size, rows.size))
    for part in columns:  # a few columns at once: the table exists in float32 alone
        centred = z[:, part] - mean[part]
        relationship += centred @ centred.T
    offset = target.mean(axis=0)
    dual = np.empty(target.shape)
    for trait, penalty in enumerate(penalties * rows.size * head.units):
        whole = relationship + penalty * np.eye(rows.size)
        dual[:, trait] = np.linalg.solve(whole, target[:, trait] - offset[trait])
    kernel = np.concatenate([(z[:, part] - mean[part]).T @ dual for part in columns])
    head.set_weights([kernel, offset - mean @ kernel])
    return model
