"""Restricted maximum likelihood (REML) for one kernel and for several.

Both work on what the fixed effects leave: with Q an orthonormal basis of the fixed effects'
columns and S = I - QQ', the likelihood is that of the n - r error contrasts of unit length
(Patterson & Thompson 1971, Biometrika 58:545; the constant as in Harville 1974, Biometrika
61:383). Kernels come here as S K S, divided by their mean eigenvalue over the contrasts, so
that a variance component is the variance it adds to a contrast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import brentq, minimize_scalar, nnls

# The residual keeps at least this share of the variance: at none the likelihood can be
# infinite.
SMALLEST_RESIDUAL = 1e-6
# Shares of the kernel that are looked at first; the likelihood may have several maxima. Close
# to 0 and to 1 they are even on the logit scale.
_SHARES = np.concatenate(
    [[0.0], 1 / (1 + np.exp(-np.linspace(-9.0, 13.0, 89))), [1 - SMALLEST_RESIDUAL]]
)
_MOST_STEPS = 200


@dataclass(frozen=True)
class Estimate:
    """REML estimate of one trait: components (k + 1,), the residual last, and ``P y`` (n,)."""

    components: np.ndarray
    weighted: np.ndarray
    log_likelihood: float
    converged: bool
    iterations: int


def projected(kernel: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """``S K S`` with two products of (n, n) by (n, r)."""
    across = kernel @ basis
    result = kernel - across @ basis.T
    result -= basis @ across.T
    result += basis @ (basis.T @ across) @ basis.T
    return (result + result.T) / 2


def one_kernel(kernel: np.ndarray, basis: np.ndarray, y: np.ndarray) -> list[Estimate]:
    """Fit one kernel to each trait by one eigendecomposition (Kang et al. 2008, Genetics 178:1709).

    Parameters
    ----------
    kernel : array (n, n)
        Projected and scaled.
    basis : array (n, r)
        Q.
    y : array (n, t)
        Traits, projected.

    Returns
    -------
    list of Estimate
    """
    n, r = basis.shape
    # The fixed effects would hide among the kernel's own null vectors: their eigenvalues are
    # moved below all others.
    values, vectors = np.linalg.eigh(kernel - basis @ basis.T)
    values, vectors = np.maximum(values[r:], 0.0), vectors[:, r:]
    rotated = vectors.T @ y
    squares = rotated**2
    m = n - r
    # V / sigma^2 = share * kernel + (1 - share) * I has these eigenvalues.
    spectrum = 1 + _SHARES[:, None] * (values - 1)
    profiles = m * np.log((1 / spectrum) @ squares / m) + np.log(spectrum).sum(axis=1)[:, None]
    found = []
    for trait in range(y.shape[1]):
        share, steps = _best_share(values, squares[:, trait], profiles[:, trait])
        spectrum_at = 1 + share * (values - 1)
        variance = float((squares[:, trait] / spectrum_at).sum() / m)
        log_likelihood = -0.5 * (
            m * (np.log(2 * np.pi * variance) + 1) + float(np.log(spectrum_at).sum())
        )
        found.append(
            Estimate(
                variance * np.array([share, 1 - share]),
                vectors @ (rotated[:, trait] / (variance * spectrum_at)),
                log_likelihood,
                share < _SHARES[-1],
                steps,
            )
        )
    return found


def _best_share(values: np.ndarray, squares: np.ndarray, profile: np.ndarray) -> tuple[float, int]:
    m = values.size

    def deviance(share: float) -> float:
        spectrum = 1 + share * (values - 1)
        return m * np.log((squares / spectrum).sum() / m) + np.log(spectrum).sum()

    def slope(share: float) -> float:
        spectrum = 1 + share * (values - 1)
        fall = (squares * (values - 1) / spectrum**2).sum() / (squares / spectrum).sum()
        return float(((values - 1) / spectrum).sum() - m * fall)

    best = int(np.argmin(profile))
    low, high = _SHARES[max(best - 1, 0)], _SHARES[min(best + 1, _SHARES.size - 1)]
    if best == 0 and slope(0.0) >= 0:
        return 0.0, 1
    if best == _SHARES.size - 1 and slope(high) <= 0:
        return float(high), 1
    if slope(low) < 0 < slope(high):
        root, report = brentq(slope, low, high, xtol=1e-14, full_output=True)
        return float(root), int(report.iterations)
    # Two turning points between neighbours: the likelihood itself decides.
    search = minimize_scalar(deviance, bounds=(low, high), method="bounded")
    ends = {float(search.x): search.fun, float(_SHARES[best]): profile[best]}
    return min(ends, key=lambda share: ends[share]), int(search.nfev)


def several_kernels(kernels: list[np.ndarray], basis: np.ndarray, y: np.ndarray) -> Estimate:
    """Fit several kernels to one trait.

    By average information (Gilmour et al. 1995, Biometrics 51:1440).
    A step goes where the quadratic model of the likelihood is highest among components that
    are not negative, so that they can reach zero and leave it again. A step that does not
    raise the likelihood is halved, and where that fails a step of expectation-maximisation,
    which cannot lower it, is taken: the likelihood never falls.

    Parameters
    ----------
    kernels : list of array (n, n)
        Projected and scaled.
    basis : array (n, r)
        Q.
    y : array (n,)
        Trait, projected.
    """
    n, r = basis.shape
    m = n - r
    unit = float(y @ y) / m
    y = y / np.sqrt(unit)
    fixed = basis @ basis.T
    least = np.append(np.zeros(len(kernels)), SMALLEST_RESIDUAL)

    def likelihood(theta: np.ndarray) -> tuple[float, tuple | None, np.ndarray]:
        # On the fixed effects' space V is the identity: its logarithm adds nothing there.
        total = (1 - theta[-1]) * fixed
        total[np.diag_indices(n)] += theta[-1]
        for component, kernel in zip(theta, kernels, strict=False):
            if component > 0:
                total += component * kernel
        try:
            factor = cho_factor(total, lower=True, overwrite_a=True, check_finite=False)
        except np.linalg.LinAlgError:
            return -np.inf, None, y
        weighted = cho_solve(factor, y)
        log_determinant = 2 * float(np.log(np.diag(factor[0])).sum())
        return -0.5 * (m * np.log(2 * np.pi) + log_determinant + y @ weighted), factor, weighted

    theta = np.full(len(kernels) + 1, 1 / (len(kernels) + 1))
    value, factor, weighted = likelihood(theta)
    converged = False
    step = 0
    while step < _MOST_STEPS:
        step += 1
        inverse = cho_solve(factor, np.eye(n), overwrite_b=True, check_finite=False)
        traces = [float(np.vdot(inverse, kernel)) for kernel in kernels]
        traces.append(float(np.trace(inverse)) - r)
        moved = np.column_stack([*(kernel @ weighted for kernel in kernels), weighted])
        score = 0.5 * (weighted @ moved - traces)
        information = 0.5 * moved.T @ inverse @ moved
        direction = _step(information, score, least - theta)
        gain = float(score @ direction)
        if gain < 1e-10:
            converged = True
            break
        size, better = 1.0, False
        while size > 1e-3 and not better:
            trial = np.maximum(theta + size * direction, least)
            new = likelihood(trial)
            better = new[0] > value
            size /= 2
        if not better:
            # Expectation-maximisation: theta^2 / m * (2 * score) more than before.
            trial = np.maximum(theta + 2 * theta**2 / m * score, least)
            new = likelihood(trial)
            if not new[0] > value:
                # Rounding is all that is left where no step can raise the likelihood.
                converged = gain < 1e-5
                break
        theta, (value, factor, weighted) = trial, new
    return Estimate(
        theta * unit,
        weighted / np.sqrt(unit),
        float(value - 0.5 * m * np.log(unit)),
        bool(converged and theta[-1] > SMALLEST_RESIDUAL),
        step,
    )


def _step(information: np.ndarray, score: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    """The d >= lowest that maximises ``score @ d - d @ information @ d / 2``."""
    values, vectors = np.linalg.eigh(information)
    # Kernels that say the same leave a direction without information: there, hardly move.
    root = np.sqrt(np.maximum(values, 1e-10 * values[-1]))[:, None] * vectors.T
    target = (vectors.T @ score) / np.sqrt(np.maximum(values, 1e-10 * values[-1]))
    return lowest + nnls(root, target - root @ lowest)[0]
