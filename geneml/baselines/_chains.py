"""Chains of the Gibbs sampler, run side by side over one copy of the columns."""

from __future__ import annotations

import numpy as np

from geneml.baselines._eigen_ridge import Draws
from geneml.baselines._gibbs import Lane, lasso_step, mixture_step, ridge_step
from geneml.baselines._sweeps import compiled, mixture_effects, normal_effects
from geneml.baselines._table import _parts, project, times

# Rounding of the residuals in single precision: about 1e-4 of their deviation in this many passes.
_REFRESH = 500


class Columns:
    """The training table column after column, in the smallest type that holds it."""

    def __init__(self, table: np.ndarray, means: np.ndarray) -> None:
        self.table, self.means = table, means
        n, p = table.shape
        whole = table.dtype.kind in "iub" and table.min() >= 0 and table.max() <= 127
        self.stored = np.empty((p, n), dtype="int8" if whole else "float32")
        self.squares = np.empty(p)
        for part in _parts(p):
            centred = project(table, means, part)
            self.squares[part] = (centred**2).sum(axis=0)
            self.stored[part] = table[:, part].T if whole else centred.T
        # Columns stored centred have a mean of zero.
        self.offsets = means if whole else np.zeros(p)

    def residuals(self, y: np.ndarray, effects: np.ndarray) -> np.ndarray:
        """``y - Z b`` for each chain, in double precision; (chains, n)."""
        return y - times(self.table, self.means, effects.T).T


def run(
    columns: Columns,
    prior: str,
    lanes: list[Lane],
    *,
    blocks: np.ndarray,
    iterations: int,
    burn_in: int,
    thin: int,
) -> list[tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]:
    """Run all lanes; for each the averages over its draws and the traces.

    Averages: ``mean``, ``square`` and ``positive`` and ``negative`` (shares of the draws) of
    each effect, and ``inclusion``. They use every draw after the burn-in; traces every
    ``thin``-th.
    """
    n, p = columns.table.shape
    count = len(lanes)
    y = np.stack([lane.y for lane in lanes])
    effects = np.zeros((count, p))
    variances = np.stack([lane.variances[blocks] for lane in lanes])
    normals, logistic = np.empty((count, p), dtype="float32"), np.empty((count, p))
    inclusion = np.zeros((count, p))
    sweep = compiled(mixture_effects if prior == "bayes_c_pi" else normal_effects)
    fixed = (columns.stored, columns.squares, columns.offsets)
    names = ["mean", "square", "positive", "negative", "inclusion"]
    sums = {name: np.zeros((count, p)) for name in names}
    kept = range(burn_in + thin - 1, iterations, thin)
    traces: list[dict[str, np.ndarray]] = [{} for _ in lanes]
    residuals = y.copy()
    for iteration in range(iterations):
        if iteration % _REFRESH == 0 and iteration:
            residuals = columns.residuals(y, effects)
        for c, lane in enumerate(lanes):
            lane.random.standard_normal(p, dtype="float32", out=normals[c])
        noise = np.array([lane.noise for lane in lanes])
        single = residuals.astype("float32")
        state = (single, single.sum(axis=1, dtype="float64"), effects)
        if prior == "bayes_c_pi":
            for c, lane in enumerate(lanes):
                uniform = lane.random.random(p)
                logistic[c] = np.log(uniform) - np.log1p(-uniform)
            slab = np.array([lane.variances[0] for lane in lanes])
            odds = np.array([np.log1p(-lane.outside) - np.log(lane.outside) for lane in lanes])
            sweep(*fixed, *state, slab, odds, noise, normals, logistic, inclusion)
        else:
            sweep(*fixed, *state, variances, noise, normals)
        residuals = single.astype("float64")
        residuals -= residuals.mean(axis=1, keepdims=True)
        for c, lane in enumerate(lanes):
            if prior == "lasso":
                residuals[c] = lasso_step(lane, effects[c], residuals[c], variances[c])
            elif prior == "bayes_c_pi":
                residuals[c] = mixture_step(lane, effects[c], residuals[c])
            else:
                residuals[c] = ridge_step(lane, effects[c], residuals[c], blocks, variances[c])
        if iteration < burn_in:
            continue
        sums["mean"] += effects
        sums["square"] += effects**2
        sums["positive"] += effects > 0
        sums["negative"] += effects < 0
        if prior == "bayes_c_pi":
            sums["inclusion"] += 1 / (1 + np.exp(-np.clip(inclusion, -500, 500)))
        if iteration in kept:
            place = (iteration - kept.start) // thin
            for c, lane in enumerate(lanes):
                for name, value in lane.state(prior, y[c] - residuals[c]).items():
                    traces[c].setdefault(name, np.empty(len(kept)))[place] = value
    averages = [
        {name: total[c] / (iterations - burn_in) for name, total in sums.items()}
        for c in range(count)
    ]
    return list(zip(averages, traces, strict=True))


def joined(
    lanes: list[tuple[dict[str, np.ndarray], dict[str, np.ndarray]]],
) -> tuple[Draws, np.ndarray]:
    """One trait's chains taken together: its posterior, and the inclusion probabilities."""
    means = {name: np.mean([lane[0][name] for lane in lanes], axis=0) for name in lanes[0][0]}
    draws = Draws(
        means["mean"],
        np.maximum(means["square"] - means["mean"] ** 2, 0.0),
        np.maximum(means["positive"], means["negative"]),
        {name: np.stack([lane[1][name] for lane in lanes]) for name in lanes[0][1]},
    )
    return draws, means["inclusion"]
