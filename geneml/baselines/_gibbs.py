"""Gibbs samplers for the Bayesian alphabet: variances around the compiled passes.

A lane is one chain of one trait; it has its own random numbers, so that a trait's draws do not
depend on which other traits are fitted beside it. After each pass over the effects a lane's
hyperparameters are drawn with the auxiliary variances integrated out where that is possible,
and effects and their scale are moved together by a Metropolis step: with many more columns
than rows the effects alone pin the scale down and a plain Gibbs sampler would crawl (Liu &
Sabatti 2000, Biometrika 87:353; Yu & Meng 2011, J. Comput. Graph. Stat. 20:531).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FREEDOM = 5.0
EXPLAINED = 0.5
LASSO_SHAPE = 1.1
COUNTS = 10.0
SHARE_IN = 0.5

# Standard deviations of the steps in the logarithm of the scale, from fine to coarse.
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass
class Lane:
    """State of one chain of one trait; ``sizes`` are sums of column variances by block."""

    y: np.ndarray
    sizes: np.ndarray
    random: np.random.Generator
    start: float
    noise: float = field(init=False)
    penalty: float = field(init=False)
    variances: np.ndarray = field(init=False)
    outside: float = field(init=False)

    def __post_init__(self) -> None:
        self.spread = float(self.y @ self.y) / (len(self.y) - 1)
        self.noise = self.spread * (1 - self.start)
        self.noise_squares = self.spread * (1 - EXPLAINED) * (FREEDOM + 2)
        blocks = len(self.sizes)
        self.variances = self.spread * self.start / blocks / self.sizes
        # Prior of block variances: mode at an equal part of half the phenotype's variance.
        self.squares = self.spread * EXPLAINED / blocks / self.sizes * (FREEDOM + 2)
        self.penalty = float(np.sqrt(2 * (1 - self.start) / self.start * self.sizes[0]))
        self.rate = (LASSO_SHAPE - 1) / (2 * (1 - EXPLAINED) / EXPLAINED * self.sizes[0])
        self.outside = 1 - self.start

    def draw_noise(self, residual: np.ndarray) -> None:
        """Residual variance given the effects; the mean is integrated out."""
        total = float(residual @ residual) + self.noise_squares
        self.noise = total / self.random.chisquare(len(residual) - 1 + FREEDOM)

    def state(self, prior: str, genetic: np.ndarray) -> dict[str, float]:
        """The numbers that a trace keeps; the mean is drawn here."""
        n = len(self.y)
        kept = {
            "residual_variance": self.noise,
            "genetic_variance": float(genetic @ genetic) / (n - 1),
            "mean": self.random.normal(0, np.sqrt(self.noise / n)),
        }
        if prior == "lasso":
            return kept | {"penalty": self.penalty}
        if prior == "bayes_c_pi":
            return kept | {"effect_variance": self.variances[0], "pi": self.outside}
        if len(self.variances) == 1:
            return kept | {"effect_variance": self.variances[0]}
        return kept | {
            f"effect_variance_{number}": value for number, value in enumerate(self.variances)
        }

    def scale_step(self, residual: np.ndarray, genetic: np.ndarray, freedom: float, pull: float):
        """Factor on all effects of ``genetic``, their prior variance going along.

        ``freedom`` and ``pull`` are those of the variance's prior: a chi-square's degrees of
        freedom, and half its sum of squares over the present variance.
        """
        cross, own = float(residual @ genetic), float(genetic @ genetic)

        def log_density(log_factor: float) -> float:
            change = np.exp(log_factor) - 1
            fit = (change * cross - 0.5 * change**2 * own) / self.noise
            return fit - freedom * log_factor - pull * np.expm1(-2 * log_factor)

        place, height = 0.0, 0.0
        for size in _STEPS:
            tried = place + size * self.random.standard_normal()
            tried_height = log_density(tried)
            if np.log(self.random.uniform()) < tried_height - height:
                place, height = tried, tried_height
        return float(np.exp(place))


def ridge_step(lane: Lane, effects, residual, blocks, variances) -> np.ndarray:
    """Residual variance, a common scale of all blocks, then the variance of each block."""
    lane.draw_noise(residual)
    genetic = lane.y - residual
    pull = float((lane.squares / (2 * lane.variances)).sum())
    factor = lane.scale_step(residual, genetic, FREEDOM * len(lane.sizes), pull)
    effects *= factor
    width = np.bincount(blocks, minlength=len(lane.sizes))
    total = np.bincount(blocks, effects**2, minlength=len(lane.sizes)) + lane.squares
    lane.variances = total / lane.random.chisquare(width + FREEDOM)
    variances[:] = lane.variances[blocks]
    return residual - (factor - 1) * genetic


def lasso_step(lane: Lane, effects, residual, variances) -> np.ndarray:
    """Residual variance and penalty given the effects, then the effects' own variances.

    The first two with the variances of the effects integrated out (Park & Casella's double
    exponential), the variances last: a block draw of all three.
    """
    n, p = residual.size, effects.size
    random = lane.random
    # The penalty in units of the residual deviation stays, so the effects' prior does too.
    ratio = lane.penalty**2 / lane.noise
    total = float(residual @ residual) + lane.noise_squares
    tried = total / random.chisquare(n - 1 + FREEDOM - 2 * LASSO_SHAPE)
    if np.log(random.uniform()) < -lane.rate * ratio * (tried - lane.noise):
        lane.noise = tried
    lane.penalty = float(np.sqrt(ratio * lane.noise))
    genetic = lane.y - residual
    factor = lane.scale_step(residual, genetic, 2 * LASSO_SHAPE, lane.rate * lane.penalty**2)
    effects *= factor
    residual = residual - (factor - 1) * genetic
    deviation = np.sqrt(lane.noise)
    lane.penalty = _penalty(lane, float(np.abs(effects).sum()) / deviation, p)
    variances[:] = lane.noise * _mixing(effects / deviation, lane.penalty, random)
    return residual


def _penalty(lane: Lane, size: float, p: int) -> float:
    """From penalty^(p + 2 shape - 1) exp(-size penalty - rate penalty^2), by rejection.

    The square lies above its tangent at the mode, which leaves a gamma density above.
    """
    power = p + 2 * LASSO_SHAPE - 1
    root = np.sqrt(size**2 + 8 * lane.rate * power)
    mode = 2 * power / (size + root)
    while True:
        tried = lane.random.gamma(power + 1) / (size + 2 * lane.rate * mode)
        if np.log(lane.random.uniform()) < -lane.rate * (tried - mode) ** 2:
            return float(tried)


def _mixing(standard: np.ndarray, penalty: float, random: np.random.Generator) -> np.ndarray:
    """Variances of the effects: reciprocals of inverse Gaussian numbers.

    With mean penalty / |b| and shape penalty^2, by the two roots of Michael, Schucany & Haas
    1976 (Am. Stat. 30:88), written so that an effect of zero divides by nothing.
    """
    inverse_mean = np.abs(standard) / penalty
    half = random.standard_normal(standard.size) ** 2 / (2 * penalty**2)
    larger = inverse_mean + half + np.sqrt(half * (2 * inverse_mean + half))
    first = random.uniform(size=standard.size) * (larger + inverse_mean) <= larger
    return np.maximum(np.where(first, larger, inverse_mean**2 / larger), 1e-30)


def mixture_step(lane: Lane, effects, residual) -> np.ndarray:
    """Variance of the effects that are not zero, and the share of those that are."""
    lane.draw_noise(residual)
    genetic = lane.y - residual
    squares = lane.squares[0] / SHARE_IN
    factor = lane.scale_step(residual, genetic, FREEDOM, squares / (2 * lane.variances[0]))
    effects *= factor
    residual = residual - (factor - 1) * genetic
    count = int(np.count_nonzero(effects))
    lane.variances[0] = (float(effects @ effects) + squares) / lane.random.chisquare(
        count + FREEDOM
    )
    lane.outside = float(
        lane.random.beta(effects.size - count + COUNTS * (1 - SHARE_IN), count + COUNTS * SHARE_IN)
    )
    return residual
