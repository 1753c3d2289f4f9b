"""Integrals of a network's derivatives along straight paths between samples."""

from __future__ import annotations

import numpy as np

from geneml.interpret._network.continuous import Continuous
from geneml.interpret._network.inputs import whole_number

RULES = ("gauss_legendre", "trapezoid", "midpoint")


def quadrature(steps: int, rule: str = "gauss_legendre") -> tuple[np.ndarray, np.ndarray]:
    """Points in [0, 1] and their weights, which sum to 1.

    Parameters
    ----------
    steps : int
        Number of points; the trapezoid rule needs two.
    rule : {"gauss_legendre", "trapezoid", "midpoint"}

    Raises
    ------
    ValueError
        If the rule is unknown or the number impossible.
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}; received {rule!r}.")
    steps = whole_number("steps", steps, 2 if rule == "trapezoid" else 1)
    if rule == "gauss_legendre":
        nodes, weights = np.polynomial.legendre.leggauss(steps)
        return (nodes + 1) / 2, weights / 2
    if rule == "midpoint":
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    weights = np.full(steps, 1 / (steps - 1))
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, steps), weights


def path_credits(
    view: Continuous,
    starts: np.ndarray,
    nodes: np.ndarray,
    weights: np.ndarray,
    outputs: list[int],
    *,
    batch_size: int,
    chosen: np.ndarray | None = None,
) -> np.ndarray:
    """Credits of every sample, averaged over the paths that end in it.

    Parameters
    ----------
    view : Continuous
        The network and the samples.
    starts : float32 array (b, ...)
        Where the paths start.
    nodes, weights : arrays (steps,)
        From :func:`quadrature`.
    outputs : list of int
        Outputs to differentiate.
    batch_size : int
        Points differentiated at once.
    chosen : int array (n, m), optional
        Which starts each sample uses; all by default.

    Returns
    -------
    float64 array (n, ..., outputs)
    """
    derivative = view.derivative(outputs)
    x, n, steps = view.x, len(view.x), len(nodes)
    if chosen is None:
        chosen = np.broadcast_to(np.arange(len(starts)), (n, len(starts)))
    m = chosen.shape[1]
    total = n * m * steps
    credits_ = np.zeros((*x.shape, len(outputs)))
    trailing = (1,) * (x.ndim - 1)
    # One long list of points, sample by sample, path by path, cut into batches.
    for begin in range(0, total, batch_size):
        point = np.arange(begin, min(begin + batch_size, total))
        path, step = np.divmod(point, steps)
        sample, row = np.divmod(path, m)
        start = starts[chosen[sample, row]]
        difference = x[sample] - start
        share = nodes[step].astype("float32").reshape(-1, *trailing)
        inputs = [part[sample] for part in view.inputs]
        inputs[view.explained] = start + share * difference
        weight = (weights[step] / m).reshape(-1, *trailing)
        parts = derivative(inputs) * (weight * difference)[..., np.newaxis]
        first = sample[0]
        edges = np.flatnonzero(np.diff(sample, prepend=first - 1))
        credits_[sample[edges]] += np.add.reduceat(parts, edges, axis=0)
    return credits_
