"""Single-marker regression: one locus at a time, as a genome-wide association study does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from geneml.baselines._alleles import allele_copies

_AT_ONCE = 4_096  # loci in floating point at the same time


@dataclass(frozen=True, eq=False)
class Association:
    """The regression of a trait on each locus by itself.

    A locus that does not vary among the individuals says nothing: effect 0, p-value 1.

    Attributes
    ----------
    effects : float64 array (p,)
        Slope: change of the trait for one more copy of the counted allele (for sequences, for
        carrying another letter than the commonest), in the trait's unit.
    standard_errors : float64 array (p,)
        Of the slopes; infinite where a locus does not vary.
    statistics : float64 array (p,)
        Student's t, the slope over its standard error.
    p_values : float64 array (p,)
        Two-sided; below about 1e-308 they are 0, so rank by ``minus_log10_p``.
    minus_log10_p : float64 array (p,)
        Exact where the p-value itself is too small to be held; infinite for a perfect fit.
    n_observed : int array (p,)
        Individuals with a genotype at the locus.
    """

    effects: np.ndarray
    standard_errors: np.ndarray
    statistics: np.ndarray
    p_values: np.ndarray
    minus_log10_p: np.ndarray
    n_observed: np.ndarray

    @property
    def importance(self) -> np.ndarray:
        """What a Manhattan plot shows and loci are ranked by: ``minus_log10_p``."""
        return self.minus_log10_p

    def threshold(self, alpha: float = 0.05) -> float:
        """The p-value below which a locus stands out among all those tested.

        Bonferroni's: ``alpha`` over the number of loci that vary, so that the chance of any
        false discovery is at most ``alpha``, whatever the linkage between loci.

        Raises
        ------
        ValueError
            If ``alpha`` does not lie between 0 and 1.
        """
        if not 0 < alpha < 1:
            raise ValueError(f"alpha must lie between 0 and 1, received {alpha}.")
        return alpha / max(int(np.isfinite(self.standard_errors).sum()), 1)

    def significant(self, alpha: float = 0.05) -> np.ndarray:
        """Which loci lie below :meth:`threshold`: bool (p,)."""
        return self.p_values < self.threshold(alpha)


def single_marker_regression(x: Any, y: Any, *, training: Any = None) -> Association:
    """Regress a trait on one locus after the other.

    Each locus is fitted by least squares with an intercept, on the individuals whose genotype
    is known there. Nothing is corrected for relatives or populations.

    Parameters
    ----------
    x : array (n, p), (n, p, 3) or (n, L, 4)
        Dosages or stored genotypes (missing: negative integers, or NaN); one-hot genotypes; or
        one-hot sequences, which are tested for carrying another letter than the commonest.
    y : array (n,)
        The trait; finite on the rows used.
    training : array of int or mask, optional
        Rows to use; all by default.

    Returns
    -------
    Association

    Raises
    ------
    TypeError
        If ``x`` does not hold numbers.
    ValueError
        If sizes disagree, the trait is not finite or constant on the rows used, or these are
        fewer than three.
    """
    y = np.asarray(y, dtype="float64")
    rows = np.arange(len(y)) if training is None else np.asarray(training)
    if y.ndim != 1 or len(x) != len(y):
        raise ValueError(
            f"y must hold one phenotype for each of the {len(x)} rows of x, received shape "
            f"{y.shape}."
        )
    copies, trait = allele_copies(np.asarray(x)[rows]), y[rows]
    if not np.isfinite(trait).all() or np.ptp(trait) == 0 or trait.size < 3:
        raise ValueError(
            "y must be finite and vary over three individuals or more; received "
            f"{trait.size} rows, {int((~np.isfinite(trait)).sum())} of them not finite."
        )
    trait = trait - trait.mean()  # keeps the sums below small
    p = copies.shape[1]
    effects, errors, counts = np.zeros(p), np.full(p, np.inf), np.zeros(p, dtype=int)
    for part in _parts(p):
        fitted = _regress(copies[:, part].astype("float64"), trait)
        effects[part], errors[part], counts[part] = fitted
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = np.where(effects == 0, 0.0, effects / errors)
    freedom = np.maximum(counts - 2, 1)
    return Association(
        effects,
        errors,
        statistics,
        2 * stats.t.sf(np.abs(statistics), freedom),
        minus_log10_p_value(statistics, freedom),
        counts,
    )


def minus_log10_p_value(t: np.ndarray, degrees_of_freedom: np.ndarray) -> np.ndarray:
    """-log10 of the two-sided p-value of Student's t, also where that is too small for a float.

    For large t it goes by the incomplete beta function, I_x(a, 1/2) with a half the degrees of
    freedom and x = 1 / (1 + t^2 / (2 a)), as a logarithm of its series (DLMF 8.17.8).

    Parameters
    ----------
    t, degrees_of_freedom : float64 array (p,)
        The statistics, and how many degrees of freedom each has.

    Returns
    -------
    float64 array (p,)
        0 or more; infinite for an infinite t.
    """
    size = np.abs(np.asarray(t, dtype="float64"))
    freedom = np.broadcast_to(np.asarray(degrees_of_freedom, dtype="float64"), size.shape)
    result = np.full(size.shape, np.inf)
    small, large = size < 8, (size >= 8) & np.isfinite(size)
    result[small] = -np.log10(2 * stats.t.sf(size[small], freedom[small]))
    a, squared = freedom[large] / 2, size[large] ** 2
    x = 1 / (1 + squared / (2 * a))
    series = special.hyp2f1(a + 0.5, 1.0, a + 1.0, x)
    log_p = a * np.log(x) + 0.5 * np.log1p(-x) - np.log(a) - special.betaln(a, 0.5) + np.log(series)
    result[large] = -log_p / np.log(10)
    return np.maximum(result, 0.0) + 0.0


def _regress(copies: np.ndarray, trait: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, their standard errors and the individuals observed, for some loci."""
    observed = ~np.isnan(copies)
    n = observed.sum(axis=0)
    at_least_one = np.maximum(n, 1)
    whole = bool(observed.all())
    x_mean = np.where(observed, copies, 0.0).sum(axis=0) / at_least_one
    y_sum = trait.sum() if whole else trait @ observed
    y_mean = y_sum / at_least_one
    x = np.where(observed, copies - x_mean, 0.0)
    xx, xy = (x**2).sum(axis=0), trait @ x  # x is centred, so y need not be
    yy = ((trait**2).sum() if whole else (trait**2) @ observed) - n * y_mean**2
    usable = (n >= 3) & (xx > 1e-12 * at_least_one)
    divisor = np.where(usable, xx, 1.0)
    slope = np.where(usable, xy / divisor, 0.0)
    residual = np.maximum(yy - slope * xy, 0.0) / np.maximum(n - 2, 1)
    return slope, np.where(usable, np.sqrt(residual / divisor), np.inf), n


def _parts(width: int) -> Iterator[slice]:
    for start in range(0, width, _AT_ONCE):
        yield slice(start, min(start + _AT_ONCE, width))
