"""The hierarchical proximal operator, and a dense network's loss and gradient written out.

The operator acts on the skip weights and the first layer together, which no Keras optimizer
does. NumPy carries it out on the features still in play, the same under every backend.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SLOPES: dict[str, tuple[Callable, Callable]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype)),
    "elu": (
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda a: np.minimum(a, 0) + 1,
    ),
    "tanh": (np.tanh, lambda a: 1 - a * a),
}
"""Activations, and their slopes as a function of their value."""


def hierarchical_proximal(
    skip: np.ndarray, first: np.ndarray, penalty: float, hierarchy: float
) -> tuple[np.ndarray, np.ndarray]:
    r"""Minimise :math:`\frac12 (\|v - b\|^2 + \|u - w\|^2) + \lambda \|b\|_2`, a feature at a time.

    Under :math:`\max_k |w_k| \le M \|b\|_2` (Lemhadri et al. 2021, Algorithm 2; its group form
    for several outputs).

    Parameters
    ----------
    skip : array (p, t)
        v: weights of each feature in the linear part, one a trait.
    first : array (p, k)
        u: its weights in the first hidden layer.
    penalty : float
        :math:`\lambda`, at least 0.
    hierarchy : float
        M, at least 0; at 0 the first layer is set to zero.

    Returns
    -------
    skip, first : arrays (p, t) and (p, k)
        b and w.
    """
    norm = np.sqrt((skip * skip).sum(axis=1))
    size = np.abs(first)
    ordered = -np.sort(-size, axis=1)
    zero = np.zeros((len(skip), 1), dtype=size.dtype)
    sums = np.concatenate([zero, np.cumsum(ordered, axis=1)], axis=1)
    counts = (1 + np.arange(sums.shape[1]) * hierarchy**2).astype(size.dtype)
    lengths = np.maximum(norm[:, None] + hierarchy * sums - penalty, 0) / counts
    # Clipping the m largest is right where the bound lies above the next one.
    clipped = np.argmax(hierarchy * lengths >= np.concatenate([ordered, zero], axis=1), axis=1)
    length = lengths[np.arange(len(skip)), clipped].astype(skip.dtype)
    # Without a direction of its own the skip weight may point anywhere.
    somewhere = np.full_like(skip, 1 / np.sqrt(skip.shape[1]))
    direction = np.where(norm[:, None] > 0, skip / np.where(norm > 0, norm, 1)[:, None], somewhere)
    bound = (hierarchy * length)[:, None].astype(first.dtype)
    return direction * length[:, None], np.sign(first) * np.minimum(size, bound)


def forward(
    features: np.ndarray, weights: list[np.ndarray], activation: str
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Output of the network, and the values of its hidden layers.

    ``weights`` are the skip (p, t), then kernel and bias of each dense layer.
    """
    act = SLOPES[activation][0]
    skip, first, bias = weights[:3]
    width = skip.shape[1]
    both = features @ np.concatenate([skip, first], axis=1)  # one pass over the wide table
    hidden = [act(both[:, width:] + bias)]
    for kernel, bias in zip(weights[3:-2:2], weights[4:-2:2], strict=True):
        hidden.append(act(hidden[-1] @ kernel + bias))
    return both[:, :width] + hidden[-1] @ weights[-2] + weights[-1], hidden


def half_error(output: np.ndarray, target: np.ndarray) -> float:
    """Half the squared error, summed over traits, mean over individuals."""
    return float(((output - target) ** 2).sum(dtype="float64")) / (2 * len(target))


def gradient(
    features: np.ndarray, target: np.ndarray, weights: list[np.ndarray], activation: str
) -> tuple[float, list[np.ndarray]]:
    """Half squared error and its slope by every weight."""
    slope = SLOPES[activation][1]
    output, hidden = forward(features, weights, activation)
    error = (output - target) / np.float32(len(target))
    back, found = error, []
    for depth in range(len(hidden) - 1, -1, -1):
        found += [back.sum(axis=0), hidden[depth].T @ back]
        back = (back @ weights[3 + 2 * depth].T) * slope(hidden[depth])
    wide = features.T @ np.concatenate([error, back], axis=1)
    width = target.shape[1]
    slopes = [wide[:, :width], wide[:, width:], back.sum(axis=0), *found[::-1]]
    return half_error(output, target), slopes


def descend(
    features: np.ndarray,
    target: np.ndarray,
    weights: list[np.ndarray],
    *,
    activation: str,
    penalty: float,
    hierarchy: float,
    steps: int,
    curvature: float,
) -> tuple[list[np.ndarray], float]:
    """Accelerated proximal steps on all individuals, each as long as the curvature allows.

    Beck & Teboulle 2009 (SIAM J. Imaging Sci. 2:183) with backtracking, restarted where the
    momentum points uphill (O'Donoghue & Candes 2015, Found. Comput. Math. 15:715).

    Returns
    -------
    weights : list of arrays
    curvature : float
        One over the last step's length.
    """
    ahead, momentum = weights, 1.0
    for _ in range(steps):
        loss, slopes = gradient(features, target, ahead, activation)
        while True:
            pace = np.float32(1 / curvature)
            trial = [w - pace * s for w, s in zip(ahead, slopes, strict=True)]
            trial[:2] = hierarchical_proximal(trial[0], trial[1], penalty / curvature, hierarchy)
            moves = [t - w for t, w in zip(trial, ahead, strict=True)]
            reached = half_error(forward(features, trial, activation)[0], target)
            bound = loss + sum(
                float(np.vdot(s, m)) + curvature / 2 * float(np.vdot(m, m))
                for s, m in zip(slopes, moves, strict=True)
            )
            if reached <= bound + 1e-6 * loss or curvature > 1e12:
                break
            curvature *= 2
        steady = [t - w for t, w in zip(trial, weights, strict=True)]
        if sum(float(np.vdot(m, s)) for m, s in zip(moves, steady, strict=True)) < 0:
            momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        share = np.float32((momentum - 1) / following)
        ahead = [t + share * s for t, s in zip(trial, steady, strict=True)]
        weights, momentum, curvature = trial, following, curvature * 0.97
    return weights, curvature
