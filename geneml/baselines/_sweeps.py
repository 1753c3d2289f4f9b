"""One pass of the Gibbs sampler over all columns, compiled.

Plain loops for numba; a column is read once for all chains and traits. Columns are stored one
after the other, not centred: centring is done with the sum of the residuals. Random numbers
come from outside, so that a seed means the same here as in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np


def normal_effects(x, squares, means, residuals, sums, effects, variances, noise, normals):
    """Redraw every effect from its normal full conditional; changes residuals and effects.

    ``x`` (p, n); ``squares`` and ``means`` (p,), of the centred columns; ``residuals``
    (chains, n) float32 and their ``sums``; ``effects``, prior ``variances`` and standard
    ``normals`` (chains, p); ``noise``: residual variances (chains,).
    """
    p, n = x.shape
    for j in range(p):
        for c in range(residuals.shape[0]):
            dot = np.float32(0.0)
            for i in range(n):
                dot += np.float32(x[j, i]) * residuals[c, i]
            old = effects[c, j]
            moment = dot - means[j] * sums[c] + squares[j] * old
            precision = squares[j] + noise[c] / variances[c, j]
            new = moment / precision + normals[c, j] * np.sqrt(noise[c] / precision)
            effects[c, j] = new
            step = np.float32(new - old)
            for i in range(n):
                residuals[c, i] -= step * np.float32(x[j, i])
            sums[c] -= step * n * means[j]


def mixture_effects(
    x, squares, means, residuals, sums, effects, slab, odds, noise, normals, logistic, inclusion
):
    """Redraw every effect from a spike at zero and a normal slab, the effect integrated out.

    As :func:`normal_effects`; ``slab``: variance of an effect that is not zero (chains,);
    ``odds``: prior log odds of that (chains,); ``logistic``: standard logistic numbers
    (chains, p); ``inclusion`` (chains, p) receives the log odds given all other effects.
    """
    p, n = x.shape
    for j in range(p):
        for c in range(residuals.shape[0]):
            dot = np.float32(0.0)
            for i in range(n):
                dot += np.float32(x[j, i]) * residuals[c, i]
            old = effects[c, j]
            moment = dot - means[j] * sums[c] + squares[j] * old
            precision = squares[j] + noise[c] / slab[c]
            log_odds = odds[c] + 0.5 * (
                moment * moment / (noise[c] * precision) - np.log(slab[c] * precision / noise[c])
            )
            inclusion[c, j] = log_odds
            new = 0.0
            if logistic[c, j] < log_odds:
                new = moment / precision + normals[c, j] * np.sqrt(noise[c] / precision)
            if new != old:
                effects[c, j] = new
                step = np.float32(new - old)
                for i in range(n):
                    residuals[c, i] -= step * np.float32(x[j, i])
                sums[c] -= step * n * means[j]


@cache
def compiled(loop: Callable[..., None]) -> Callable[..., None]:
    """The loop as machine code, kept on disk where there is a folder to keep it in."""
    import numba

    try:
        return numba.njit(loop, fastmath=True, nogil=True, error_model="numpy", cache=True)
    except RuntimeError:  # neither beside this file nor in the user's cache may be written
        return numba.njit(loop, fastmath=True, nogil=True, error_model="numpy")
