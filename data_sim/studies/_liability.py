"""Studies whose traits are seen through a transformation: zeros, round numbers, a ceiling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import norm

from data_sim.studies._study import Study

_QUANTILES = 1_001  # of the unknown part of the liability
_GRID = 201  # of the known part


@dataclass(frozen=True)
class LiabilityStudy(Study):
    """A study whose traits are functions of a hidden, normally distributed liability.

    `genetic_values`, `truth` and the exact explanations are on the scale of the liability, where
    effects add up. Heritability and genetic correlation are exact there.

    Attributes
    ----------
    liabilities : pandas.DataFrame
        One column a trait, indexed by sample: what was transformed into `traits`.
    expected_traits : pandas.DataFrame
        What the best possible predictor of the mean would say: the expected value of each trait
        given genotypes and covariates, in units of the trait; indexed by sample.
    """

    liabilities: pd.DataFrame = field(default_factory=pd.DataFrame)
    expected_traits: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def explained_variance(self) -> pd.Series:
        """Share of the variance of each trait, as observed, that its expected value has.

        This is what the best predictor of the mean could explain, in [0, 1]. Where there are
        covariates that matter it counts them too.
        """
        return self.expected_traits.var(ddof=0) / self.traits.var(ddof=0)


def expected_value(
    known: np.ndarray, deviation: float, observe: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Expected trait given the known part of the liability.

    The rest of the liability is normal with standard deviation `deviation`. The mean over its
    quantiles is taken on a grid of the known part, and read off between.

    Parameters
    ----------
    known : numpy.ndarray, shape (n,)
        Known part of the liability.
    deviation : float
        Of the unknown part, 0 or more.
    observe : callable
        Turns an array of liabilities into (expected) traits of the same shape.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
    """
    rest = deviation * norm.ppf((np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    grid = np.linspace(known.min(), known.max(), _GRID)
    return np.interp(known, grid, observe(grid[:, None] + rest).mean(axis=1))
