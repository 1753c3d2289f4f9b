"""Bayesian ridge regression without a Markov chain.

With one variance for all effects the n training rows, turned to the eigenvectors of their
relationship matrix Z Z', are independent given the ratio of the two variances, and the
residual variance can be integrated out. What is left is a density of one variable. Draws of
the ratio are therefore independent draws, and effects have a normal distribution for each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geneml.baselines._table import _parts, gram, project

_NODES = 64


@dataclass(frozen=True)
class Prior:
    """Scaled inverse chi-square priors: degrees of freedom and sums of squares."""

    freedom: float
    residual: float
    effects: float


@dataclass(frozen=True)
class Draws:
    """What the posterior says of one trait; traces are (chains, draws)."""

    mean: np.ndarray
    variance: np.ndarray
    sign: np.ndarray
    traces: dict[str, np.ndarray]


class EigenRidge:
    """The rotated training rows, good for any number of traits."""

    def __init__(self, table: np.ndarray, means: np.ndarray) -> None:
        self.table, self.means = table, means
        values, vectors = np.linalg.eigh(gram(table, means, columns=False))
        kept = values > values.max() * len(table) * np.finfo(float).eps
        self.values, self.vectors = values[kept], vectors[:, kept]

    def log_density(self, ratio: np.ndarray, y: np.ndarray, prior: Prior) -> np.ndarray:
        """Log posterior of log(ratio), up to a constant; ratio is effect / residual variance."""
        spread = 1 + self.values * ratio[:, None]
        return (
            -0.5 * np.log(spread).sum(axis=1)
            - 0.5 * prior.freedom * np.log(ratio)
            - 0.5 * self._freedom(prior) * np.log(self._squares(ratio, y, prior))
        )

    def _freedom(self, prior: Prior) -> float:
        return len(self.table) - 1 + 2 * prior.freedom

    def _squares(self, ratio: np.ndarray, y: np.ndarray, prior: Prior) -> np.ndarray:
        rotated = self.vectors.T @ y
        outside = max(float(y @ y - rotated @ rotated), 0.0)
        inside = (1 / (1 + self.values * ratio[:, None])) @ rotated**2
        return np.asarray(inside + outside + prior.residual + prior.effects / ratio)

    def quantiles(self, share: np.ndarray, y: np.ndarray, prior: Prior) -> np.ndarray:
        """The ratio at shares of its posterior distribution."""
        centre = np.log(len(self.table) / self.values.sum())
        grid = centre + np.linspace(-25, 25, 501)
        for _ in range(2):  # once to find where the mass is, once to resolve it
            density = self.log_density(np.exp(grid), y, prior)
            inside = np.flatnonzero(density > density.max() - 40)
            low, high = max(inside[0] - 1, 0), min(inside[-1] + 1, grid.size - 1)
            grid = np.linspace(grid[low], grid[high], 1_001)
        density = np.exp((log := self.log_density(np.exp(grid), y, prior)) - log.max())
        steps = (density[1:] + density[:-1]) / 2
        cumulative = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        return np.asarray(np.exp(np.interp(share, cumulative, grid)))

    def draw(
        self, y: np.ndarray, prior: Prior, size: int, generators: list[np.random.Generator]
    ) -> dict[str, np.ndarray]:
        """Independent draws of the variances for a centred phenotype, a row a chain."""
        n, rotated = len(y), self.vectors.T @ y
        traces: dict[str, list[np.ndarray]] = {}
        for random in generators:
            ratio = self.quantiles(random.uniform(size=size), y, prior)
            squares = self._squares(ratio, y, prior)
            residual = squares / random.chisquare(self._freedom(prior), size)
            genetic = np.empty(size)
            for rows in _parts(size):
                shrink = self.values / (self.values + 1 / ratio[rows, None])
                noise = random.standard_normal(shrink.shape)
                values = shrink * rotated + noise * np.sqrt(shrink * residual[rows, None])
                genetic[rows] = (values**2).sum(axis=1) / (n - 1)
            drawn = {
                "residual_variance": residual,
                "genetic_variance": genetic,
                "mean": random.normal(0, np.sqrt(residual / n)),
                "effect_variance": ratio * residual,
            }
            for name, values in drawn.items():
                traces.setdefault(name, []).append(values)
        return {name: np.stack(values) for name, values in traces.items()}

    def effects(self, y: np.ndarray, prior: Prior) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Posterior mean, variance and probability of the likelier sign, over quantiles."""
        from scipy.special import ndtr

        share = (np.arange(_NODES) + 0.5) / _NODES
        ratio = self.quantiles(share, y, prior)
        residual = self._squares(ratio, y, prior) / (self._freedom(prior) - 2)
        shrink = (1 / (self.values + 1 / ratio[:, None])).T  # (rank, nodes)
        weights = shrink * (self.vectors.T @ y)[:, None]
        width = self.table.shape[1]
        mean, variance, positive = np.empty(width), np.empty(width), np.empty(width)
        for part in _parts(width):
            loadings = project(self.table, self.means, part).T @ self.vectors
            centre = loadings @ weights
            # The prior variance less what the rows have told; directions that no row shows
            # keep the prior's.
            spread = residual * ratio * (1 - np.clip((loadings**2) @ shrink, 0, 1))
            mean[part] = centre.mean(axis=1)
            variance[part] = spread.mean(axis=1) + centre.var(axis=1)
            positive[part] = ndtr(centre / np.sqrt(spread)).mean(axis=1)
        return mean, variance, np.maximum(positive, 1 - positive)
