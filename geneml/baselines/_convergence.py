"""Have several chains of draws found the same distribution, and how much do they know?

Split, rank-normalised R-hat and the bulk effective sample size of Vehtari, Gelman, Simpson,
Carpenter & Buerkner 2021, Bayesian Anal. 16:667.
"""

from __future__ import annotations

import numpy as np


def r_hat(draws: np.ndarray) -> float:
    """Potential scale reduction: the larger of that of location and that of spread.

    Parameters
    ----------
    draws : array (chains, draws)
        At least 4 draws a chain. Each chain is cut in two halves, so that one chain is enough.

    Returns
    -------
    float
        1 where all halves agree; NaN where nothing moved (eqs. 1-4 and 14, and the folded
        draws of section 4).
    """
    halves = _halves(draws)
    if np.ptp(halves) == 0:
        return float("nan")
    folded = np.abs(halves - np.median(halves))
    return max(_reduction(_normal_scores(part)) for part in (halves, folded))


def effective_size(draws: np.ndarray) -> float:
    """Bulk effective sample size: independent draws that would tell as much.

    Parameters
    ----------
    draws : array (chains, draws)
        At least 4 draws a chain.

    Returns
    -------
    float
        Of the rank-normalised halves (eqs. 10 to 12), autocorrelations added up by Geyer's
        initial monotone sequence (Geyer 1992, Stat. Sci. 7:473); at most
        ``size * log10(size)``, where draws alternate. NaN where nothing moved.
    """
    halves = _halves(draws)
    if np.ptp(halves) == 0:
        return float("nan")
    scores = _normal_scores(halves)
    chains, length = scores.shape
    within, total = _variances(scores)
    correlation = 1 - (within - _autocovariances(scores).mean(axis=0)) / total
    correlation[0] = 1.0
    pairs = correlation[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    pairs = np.minimum.accumulate(pairs[: negative[0] if negative.size else None])
    size = chains * length
    time = max(-1 + 2 * float(pairs.sum()), 1 / np.log10(size))
    return size / time


def _halves(draws: np.ndarray) -> np.ndarray:
    draws = np.asarray(draws, dtype="float64")
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, draws.shape[1] - half :]])


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """Normal quantiles of the ranks over all chains (eq. 14)."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(values, method="average").reshape(values.shape)
    return np.asarray(ndtri((ranks - 0.375) / (values.size + 0.25)))


def _variances(values: np.ndarray) -> tuple[float, float]:
    """Variance within chains, and the estimate of the whole that differences add to."""
    length = values.shape[1]
    within = float(values.var(axis=1, ddof=1).mean())
    between = float(values.mean(axis=1).var(ddof=1))
    return within, within * (length - 1) / length + between


def _reduction(values: np.ndarray) -> float:
    within, total = _variances(values)
    return float(np.sqrt(total / within)) if within > 0 else float("inf")


def _autocovariances(values: np.ndarray) -> np.ndarray:
    """Autocovariance of every chain at all lags, by the Fourier transform."""
    length = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, n=2 * length, axis=1)
    sums = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :length]
    return np.asarray(sums / (length - 1))
