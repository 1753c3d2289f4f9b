"""One effect, one estimate, three priors: what shrinkage does, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml.baselines.bayes import PRIORS


@dataclass(frozen=True)
class Shrunk:
    """Posteriors of effects, each from its own estimate.

    Attributes
    ----------
    mean : float64 array, shape of the estimates
        Posterior mean, in units of the estimates.
    inclusion : float64 array, same shape
        Posterior probability that the effect is not zero; 1 where the prior has no spike.
    """

    mean: np.ndarray
    inclusion: np.ndarray


def prior_density(
    effects: Any, *, prior: str, deviation: float = 1.0, zeros: float = 0.9
) -> np.ndarray:
    """Density of a prior, without the spike at zero.

    Parameters
    ----------
    effects : array
        Where to take it.
    prior, deviation, zeros
        As in :func:`shrink`.

    Returns
    -------
    float64 array, shape of the effects
        Its area is 1, for ``"bayes_c_pi"`` one less ``zeros``.

    Raises
    ------
    ValueError, TypeError
        As in :func:`shrink`.
    """
    _checked(prior, deviation, zeros)
    b = _numbers("effects", effects)
    if prior == "lasso":
        rate = np.sqrt(2) / deviation
        return np.asarray(rate / 2 * np.exp(-rate * np.abs(b)))
    share = 1 - zeros if prior == "bayes_c_pi" else 1.0
    width = deviation / np.sqrt(share)
    return np.asarray(share * np.exp(-0.5 * (b / width) ** 2) / (width * np.sqrt(2 * np.pi)))


def shrink(
    estimates: Any, errors: Any, *, prior: str, deviation: float = 1.0, zeros: float = 0.9
) -> Shrunk:
    r"""Posterior mean of an effect whose estimate is normal around it.

    All priors have mean 0 and the same standard deviation s, so that they differ in shape
    alone. With e the standard error of the estimate b:

    - ``"ridge"``, normal: :math:`b\, s^2 / (s^2 + e^2)`;
    - ``"lasso"``, double exponential: Pericchi & Smith 1992 (J. R. Stat. Soc. B 54:793);
    - ``"bayes_c_pi"``, zero with probability ``zeros``, else normal with variance
      :math:`s^2 / (1 - zeros)`: the normal's mean times the posterior probability of not being
      zero (Mitchell & Beauchamp 1988, J. Am. Stat. Assoc. 83:1023).

    In a fit of many markers an effect meets this rule given all others, once for each pass of
    a Gibbs sampler.

    Parameters
    ----------
    estimates : array
        Least squares estimates, finite.
    errors : array or float
        Their standard errors, above 0; broadcast against the estimates.
    prior : {"ridge", "lasso", "bayes_c_pi"}
        Shape of the prior, named as in :func:`~geneml.baselines.fit_bayes`.
    deviation : float
        Standard deviation of the prior, above 0, in units of the estimates.
    zeros : float
        Prior probability of an effect of zero, above 0 and below 1.

    Returns
    -------
    Shrunk

    Raises
    ------
    ValueError
        If the prior is unknown or a number is out of range.
    TypeError
        If something does not hold numbers.
    """
    from scipy.special import expit, log_ndtr

    _checked(prior, deviation, zeros)
    b, e = np.broadcast_arrays(_numbers("estimates", estimates), _numbers("errors", errors))
    if not (e > 0).all():
        raise ValueError(f"errors must be above 0, received {float(e.min())}.")
    ones = np.ones(b.shape)
    if prior == "ridge":
        return Shrunk(b * deviation**2 / (deviation**2 + e**2), ones)
    if prior == "lasso":
        rate = np.sqrt(2) / deviation
        pull = rate * e**2
        above = -rate * b + log_ndtr((b - pull) / e)
        below = rate * b + log_ndtr(-(b + pull) / e)
        return Shrunk(b + pull * (1 - 2 * expit(above - below)), ones)
    slab = deviation**2 / (1 - zeros)
    share = slab / (slab + e**2)
    log_odds = np.log((1 - zeros) / zeros) + 0.5 * (np.log1p(-share) + (b / e) ** 2 * share)
    inclusion = expit(log_odds)
    return Shrunk(inclusion * share * b, inclusion)


def _checked(prior: str, deviation: Any, zeros: Any) -> None:
    if prior not in PRIORS:
        raise ValueError(f"prior must be one of {', '.join(PRIORS)}, received {prior!r}.")
    for name, value, high in (("deviation", deviation, np.inf), ("zeros", zeros, 1)):
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise TypeError(f"{name} must be a number, received {type(value).__name__}.")
        if not 0 < value < high:
            raise ValueError(f"{name} must be above 0 and below {high:g}, received {value}.")


def _numbers(name: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold numbers, received dtype {array.dtype}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite.")
    return array.astype("float64")
