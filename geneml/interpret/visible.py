"""Reading the nodes of a network wired by biology: which genes and pathways it relies on.

The nodes of :func:`geneml.models.visible` have names, so what they do can be asked for by name.
A name on a node is no proof that the gene is causal. Nodes of many markers have more to vary
with; markers in linkage disequilibrium share their signal among neighbouring genes; and two
networks that predict alike can lean on different nodes (Esser-Skala & Fortelny 2023, npj Syst.
Biol. Appl. 9:50). Train several, and compare with a network whose groups were rewired
(:func:`geneml.models.rewired`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geneml.interpret._network.halves import (
    Halves,
    batches,
    checked_phenotypes,
    halves,
    hold_at_mean,
    inputs_of,
    mean_r_squared,
    network_of,
)

__all__ = ["NodeActivations", "NodeImportance", "node_activations", "node_importance"]

_METHODS = ("ablation", "credit")


@dataclass(frozen=True, eq=False)
class NodeActivations:
    """What the nodes of a layer compute for each sample.

    Attributes
    ----------
    values : ndarray of float32, shape (n, nodes) or (n, nodes, units)
        The last axis where a node has several units.
    names : tuple of str
        Names of the nodes.
    layer : str
        Which layer.
    """

    values: np.ndarray = field(repr=False)
    names: tuple[str, ...]
    layer: str


@dataclass(frozen=True, eq=False)
class NodeImportance:
    """How much a prediction owes to each node.

    Attributes
    ----------
    names : tuple of str
        Names of the nodes.
    values : ndarray of float64, shape (n, nodes)
        Signed, for each sample, in the unit of the prediction: prediction minus prediction
        with the node held at its mean (``ablation``), or the node's part of the difference
        from the base value (``credit``).
    r2_drop : ndarray of float64, shape (nodes,), or None
        How much R² falls with the node held, where phenotypes were given (``ablation`` only).
    sizes : ndarray of int, shape (nodes,)
        Inputs of each node. Large nodes are important more easily.
    layer, method : str
        Which layer, and how it was asked.
    additivity_gap : ndarray of float64, shape (n,), or None
        What credits miss of prediction minus base value.
    """

    names: tuple[str, ...]
    values: np.ndarray = field(repr=False)
    r2_drop: np.ndarray | None = field(repr=False)
    sizes: np.ndarray = field(repr=False)
    layer: str
    method: str
    additivity_gap: np.ndarray | None = field(default=None, repr=False)

    @property
    def importance(self) -> np.ndarray:
        """Mean size over the samples, (nodes,)."""
        return np.abs(self.values).mean(axis=0)

    def table(self, top: int | None = 10) -> pd.DataFrame:
        """The most important nodes.

        Parameters
        ----------
        top : int or None
            How many; None for all.

        Returns
        -------
        DataFrame
            ``node``, ``importance``, ``inputs`` (its size) and, where it is known, ``r2_drop``.
        """
        order = np.argsort(-self.importance, kind="stable")[:top]
        table = pd.DataFrame(
            {
                "node": [self.names[place] for place in order],
                "importance": self.importance[order],
                "inputs": self.sizes[order],
            }
        )
        if self.r2_drop is not None:
            table["r2_drop"] = self.r2_drop[order]
        return table


def node_activations(
    model: Any, x: Any, layer: str = "genes", *, batch_size: int = 1_024
) -> NodeActivations:
    """What the nodes of a layer compute.

    Parameters
    ----------
    model : keras.Model or Fit
        With :class:`geneml.layers.GroupedDense` layers, as :func:`geneml.models.visible`.
    x : array (n, p)
        Genotypes as the network takes them.
    layer : str
        ``"genes"`` or ``"pathways"``.
    batch_size : int
        Samples at once.

    Returns
    -------
    NodeActivations

    Raises
    ------
    TypeError
        If the model has no layers to look into.
    ValueError
        If there is no such layer of named nodes, or x does not fit.
    """
    cut = _cut_at_nodes(model, layer)
    parts = inputs_of(model, x)
    values = np.concatenate([cut.values(batch) for _, batch in batches(parts, batch_size)])
    if values.shape[2] == 1:
        values = values[..., 0]
    return NodeActivations(values, tuple(cut.layer.names), layer)


def node_importance(
    model: Any,
    x: Any,
    layer: str = "genes",
    *,
    method: str = "ablation",
    y: Any = None,
    output: int = 0,
    steps: int = 20,
    batch_size: int = 1_024,
) -> NodeImportance:
    r"""How much the prediction owes to each gene or pathway.

    Parameters
    ----------
    model : keras.Model or Fit
        With :class:`geneml.layers.GroupedDense` layers. With a Fit, values are in the trait's
        unit.
    x : array (n, p)
        Samples; means are taken over these.
    layer : str
        ``"genes"`` or ``"pathways"``.
    method : {"ablation", "credit"}
        ``"ablation"``: each node alone is held at its mean, and the prediction compared. Nodes
        that stand in for each other seem unimportant. ``"credit"``: integrated gradients from
        the mean of all nodes to their values (Sundararajan et al. 2017, ICML, eq. 1), with
        Gauss-Legendre points; parts sum to the prediction minus that at the mean. Where the
        prediction is linear in the nodes, as behind the last layer, the two agree.
    y : array (n,), optional
        Phenotypes in the unit of the prediction, for the fall of R² (``ablation``).
    output : int
        Which output of the network.
    steps : int
        Points of the integral (``credit``).
    batch_size : int
        Samples at once.

    Returns
    -------
    NodeImportance

    Raises
    ------
    TypeError
        If the model has no layers to look into.
    ValueError
        If there is no such layer, method or output, or ``y`` does not fit ``x``.
    """
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(_METHODS)}; received {method!r}.")
    if int(steps) != steps or steps < 1:
        raise ValueError(f"steps must be a whole number from 1; received {steps}.")
    cut = _cut_at_nodes(model, layer)
    parts = inputs_of(model, x)
    n_outputs = network_of(model).n_outputs or 1
    if isinstance(output, bool) or int(output) != output or not 0 <= output < n_outputs:
        raise ValueError(f"output must be between 0 and {n_outputs - 1}; received {output!r}.")
    observed = checked_phenotypes(y, len(parts[0]))
    if observed is not None and observed.ndim == 2:
        observed = observed[:, output if observed.shape[1] > 1 else 0]
    names = tuple(cut.layer.names)
    sizes = np.bincount(cut.layer.targets, minlength=len(names))
    if method == "credit":
        values, gap = _credit(cut, parts, int(output), int(steps), batch_size)
        return NodeImportance(names, values, None, sizes, layer, method, gap)
    groups = [[node] for node in range(len(names))]
    held = hold_at_mean(cut, parts, groups, axis=1, batch_size=batch_size)
    whole, without = held.predictions[:, output], held.held[..., output]
    drop = None
    if observed is not None:
        known = mean_r_squared(observed, whole[:, None])
        drop = np.array([known - mean_r_squared(observed, one[:, None]) for one in without])
    return NodeImportance(names, (whole - without).T, drop, sizes, layer, method)


def _cut_at_nodes(model: Any, layer: str) -> Halves:
    from geneml.layers import GroupedDense

    network = network_of(model).keras_model
    found = [one.name for one in network.layers if isinstance(one, GroupedDense)]
    if layer not in found:
        raise ValueError(
            f"layer must be one with named nodes; {network.name!r} has "
            f"{', '.join(found) or 'none (geneml.models.visible builds some)'}; received {layer!r}."
        )
    cut = halves(model, layer)
    if cut.behind is None:
        raise ValueError(f"layer {layer!r} is the prediction itself; nothing stands behind it.")
    return cut


def _credit(
    cut: Halves, parts: list[np.ndarray], output: int, steps: int, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Integrated gradients by the nodes: credits (n, nodes) and the additivity gap (n,)."""
    from geneml.interpret._network.gradients import compiled_derivative

    total: Any = 0.0
    for _, batch in batches(parts, batch_size):
        total = total + cut.values(batch).sum(axis=0, dtype="float64")
    mean = (total / len(parts[0])).astype("float32")[np.newaxis]
    places, weights = np.polynomial.legendre.leggauss(steps)
    places, weights = (places + 1) / 2, weights / 2
    scale = float(cut.scale[output if cut.scale.size > 1 else 0])
    credits, gaps = [], []
    for _, batch in batches(parts, batch_size):
        values = cut.values(batch)
        base = np.broadcast_to(mean, values.shape).astype("float32")
        derivative = compiled_derivative(
            cut.behind,
            lambda behind, inputs: behind(inputs, training=False),
            key=("nodes",),
            explained=len(batch),
            outputs=[output],
            inputs=[*batch, values],
        )
        slope: Any = 0.0
        for place, weight in zip(places, weights, strict=True):
            between = (base + place * (values - base)).astype("float32")
            slope = slope + weight * derivative([*batch, between])[..., 0].astype("float64")
        credit = scale * (slope * (values - base)).sum(axis=2)
        moved = cut.predict(batch, values)[:, output] - cut.predict(batch, base)[:, output]
        credits.append(credit)
        gaps.append(moved - credit.sum(axis=1))
    return np.concatenate(credits), np.concatenate(gaps)
