"""The Bayesian alphabet: all columns at once, each effect drawn from a prior.

Ridge (Meuwissen, Hayes & Goddard 2001, Genetics 157:1819), lasso (Park & Casella 2008, J. Am.
Stat. Assoc. 103:681; de los Campos et al. 2009, Genetics 182:375) and BayesC-pi (Habier et al.
2011, BMC Bioinformatics 12:186), with the default hyperparameters of Perez & de los Campos
2014 (Genetics 198:483).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geneml._checks import as_rows
from geneml.baselines._convergence import effective_size, r_hat
from geneml.baselines._table import column_means, times, training_rows
from geneml.baselines.gblup import _traits
from geneml.baselines.linear import _rows

if TYPE_CHECKING:
    import pandas as pd

PRIORS = ("ridge", "lasso", "bayes_c_pi")
# Vehtari et al. 2021: no more R-hat than this, and as many independent draws a chain.
LARGEST_R_HAT = 1.01
FEWEST_DRAWS = 100


@dataclass(frozen=True)
class BayesFit:
    """A posterior distribution. With ``y`` of shape (n, t) shapes below get a last axis t.

    Attributes
    ----------
    coefficients : float64 array (p,)
        Posterior mean of each column's effect, in units of ``y`` for each of the column's.
    coefficient_deviation : float64 array (p,)
        Posterior standard deviation of each effect.
    sign_probability : float64 array (p,)
        Posterior probability of the likelier sign, 0 to 1. An interval with equal tails
        excludes zero where this is above one minus a tail.
    inclusion : float64 array (p,) or None
        BayesC-pi: posterior probability that the effect is not zero.
    intercept : float64 array ()
        Prediction where every column is zero.
    residual_variance, genetic_variance, heritability : float64 array ()
        Posterior means. The genetic variance is that of the genetic values ``Z b`` of the
        training rows, draw by draw; heritability is its part in the sum with the residual
        variance.
    predictions : float64 array (n,)
        Intercept plus genetic value of every row.
    traces : dict of float64 array (chains, draws)
        Draws after the burn-in: ``residual_variance``, ``genetic_variance``, ``heritability``,
        ``mean``, and the prior's own: ``effect_variance`` (ridge, BayesC-pi; one for each
        block), ``penalty`` (lasso: lambda), ``pi`` (BayesC-pi: share of columns *without* an
        effect).
    convergence : pandas.DataFrame
        A row for each trait and trace: ``trait``, ``parameter``, ``mean``, ``deviation``,
        ``r_hat``, ``effective_size``.
    means : float64 array (p,)
        Training means of the columns, without a trait axis.
    prior : str
        Which.
    training : int array (m,)
        The training rows.
    """

    coefficients: np.ndarray
    coefficient_deviation: np.ndarray
    sign_probability: np.ndarray
    inclusion: np.ndarray | None
    intercept: np.ndarray
    residual_variance: np.ndarray
    genetic_variance: np.ndarray
    heritability: np.ndarray
    predictions: np.ndarray
    traces: dict[str, np.ndarray]
    convergence: pd.DataFrame
    means: np.ndarray
    prior: str
    training: np.ndarray

    @property
    def converged(self) -> bool:
        """Whether every R-hat is at most 1.01 and every effective size 100 a chain or more."""
        chains = next(iter(self.traces.values())).shape[0]
        return bool(
            (self.convergence["r_hat"] <= LARGEST_R_HAT).all()
            and (self.convergence["effective_size"] >= FEWEST_DRAWS * chains).all()
        )

    def selected(self, level: float = 0.95) -> np.ndarray:
        """Which effects have a credible interval that excludes zero.

        Parameters
        ----------
        level : float
            Probability inside the interval, which leaves equal tails; above 0, below 1.

        Returns
        -------
        bool array (p,) or (p, t)

        Raises
        ------
        ValueError
            If ``level`` is out of range.
        """
        if not 0 < level < 1:
            raise ValueError(f"level must lie above 0 and below 1, received {level}.")
        return np.asarray(self.sign_probability > (1 + level) / 2)

    def predict(self, x: Any) -> np.ndarray:
        """Predict phenotypes.

        Parameters
        ----------
        x : array (n, p)
            The same columns as in training; negative integers are missing genotypes.

        Returns
        -------
        float64 array (n,) or (n, t)

        Raises
        ------
        TypeError
            If ``x`` does not hold numbers.
        ValueError
            If the number of columns differs from that of the training table, or values are
            not finite.
        """
        table = training_rows(x, None)
        if table.shape[1] != len(self.means):
            raise ValueError(
                f"x has {table.shape[1]} columns, but this model was fitted on "
                f"{len(self.means)}. Give the same columns in the same order."
            )
        effects = self.coefficients.reshape(len(self.means), -1)
        values = self.intercept + self.means @ effects + times(table, self.means, effects)
        return values[:, 0] if self.coefficients.ndim == 1 else values


def fit_bayes(
    x: Any,
    y: Any,
    *,
    prior: str = "ridge",
    training: Any = None,
    split: Any = None,
    blocks: Any = None,
    iterations: int = 6_000,
    burn_in: int = 2_000,
    thin: int = 5,
    chains: int = 2,
    seed: int,
) -> BayesFit:
    r"""Estimate all effects together under a prior, by drawing from the posterior.

    :math:`y = \mu + Z b + e` with :math:`e \sim N(0, \sigma_e^2 I)`, Z the columns less their
    training means and a flat prior for :math:`\mu`. Each trait is fitted by itself. The prior
    of an effect is

    - ``"ridge"``: :math:`N(0, \sigma_b^2)`, one variance for all or one for each block;
    - ``"lasso"``: double exponential with rate :math:`\lambda / \sigma_e`;
    - ``"bayes_c_pi"``: exactly zero with probability :math:`\pi`, else
      :math:`N(0, \sigma_b^2)`.

    With V the phenotype's training variance, S the sum of the columns' training variances and
    :math:`R^2 = 0.5`, hyperpriors are those of BGLR: :math:`\sigma_e^2` scaled inverse
    chi-square with 5 degrees of freedom and mode :math:`V (1 - R^2)`; :math:`\sigma_b^2` the
    same with mode :math:`V R^2 / S` (for each of k blocks :math:`V R^2 / (k S)` with its own
    S; for BayesC-pi divided by 0.5, the prior share of columns with an effect);
    :math:`\lambda^2` gamma with shape 1.1 and mode :math:`2 S (1 - R^2) / R^2`;
    :math:`\pi` Beta(5, 5), 10 counts of which half.

    Ridge without blocks needs no Markov chain: all draws are independent. Otherwise a compiled
    Gibbs sampler updates one effect after the other; the first call compiles it, which takes
    some seconds. Chains start from different shares of genetic variance.

    Parameters
    ----------
    x : array (n, p)
        Dosages, stored genotypes (integers, negative missing: set to the training mean) or
        any finite numbers, such as pedigree loadings. Not rescaled: a column with twice the
        deviation is expected to explain four times the variance.
    y : array (n,) or (n, t)
        Phenotypes. Finite on the training rows; anything, NaN too, elsewhere.
    prior : {"ridge", "lasso", "bayes_c_pi"}
        See above.
    training : array of int or bool, optional
        Training rows; all rows if neither this nor ``split`` is given.
    split : Split, optional
        Anything with attributes ``training`` and ``validation``; only the training rows are
        used.
    blocks : int array (p,), optional
        For ridge: number of each column's block, 0, 1, ...; each block has its own variance.
    iterations, burn_in, thin : int
        Passes over all columns in each chain, how many of them to leave out at the start, and
        of the others every how-manieth goes into the traces. Averages of effects use all.
    chains : int
        Independent chains, at least 1.
    seed : int
        Of all random numbers. A trait's chains do not depend on the traits beside it.

    Returns
    -------
    BayesFit

    Raises
    ------
    TypeError
        If something does not hold numbers.
    ValueError
        If sizes disagree, both ``split`` and ``training`` are given, ``prior`` is not one of
        the three, ``blocks`` come with another prior, too few draws remain for the traces, no
        column varies among the training rows, or a phenotype does not vary or is not finite
        there.
    """
    from geneml.baselines._chains import Columns, joined, run
    from geneml.baselines._eigen_ridge import Draws, EigenRidge, Prior
    from geneml.baselines._gibbs import FREEDOM, Lane

    if prior not in PRIORS:
        raise ValueError(f"prior must be one of {', '.join(PRIORS)}, received {prior!r}.")
    draws = _lengths(iterations, burn_in, thin, chains)
    training, _ = _rows(split, training, None)
    whole = training_rows(x, None)
    n, p = whole.shape
    rows = np.arange(n) if training is None else as_rows(training, n)
    numbers = _blocks(blocks, p, prior)
    traits = _traits(y, n, rows)
    averages = traits.mean(axis=0)
    centred = traits - averages
    if (np.ptp(traits, axis=0) == 0).any():
        trait = int(np.flatnonzero(np.ptp(traits, axis=0) == 0)[0])
        raise ValueError(
            f"y: expected variance among the training rows, received none in trait {trait} "
            "(counting from 0): nothing to fit."
        )
    table = whole[rows]
    means = column_means(table)
    columns = Columns(table, means) if prior != "ridge" or blocks is not None else None
    rotated = EigenRidge(table, means) if columns is None else None
    seeds = [[seed, trait, chain] for trait in range(centred.shape[1]) for chain in range(chains)]
    generators = [np.random.default_rng(numbers_) for numbers_ in seeds]
    results: list[tuple[Draws, np.ndarray]] = []
    if rotated is not None:
        size = rotated.values.sum() / len(rows)
        for number, column in enumerate(centred.T):
            lane = Lane(column, np.array([size]), generators[0], 0.5)
            own = Prior(FREEDOM, lane.noise_squares, float(lane.squares[0]))
            mine = generators[number * chains : (number + 1) * chains]
            traces = rotated.draw(column, own, draws, mine)
            results.append((Draws(*rotated.effects(column, own), traces), np.empty(0)))
    else:
        sizes = np.bincount(numbers, columns.squares) / len(rows)
        lanes = [
            Lane(column, sizes, generators[number * chains + chain], (chain + 0.5) / chains)
            for number, column in enumerate(centred.T)
            for chain in range(chains)
        ]
        found = run(
            columns, prior, lanes, blocks=numbers, iterations=iterations, burn_in=burn_in, thin=thin
        )
        for number in range(centred.shape[1]):
            results.append(joined(found[number * chains : (number + 1) * chains]))
    return _assembled(results, whole, means, averages, prior, rows, np.ndim(y) == 1)


def _assembled(results, whole, means, averages, prior, rows, one_trait) -> BayesFit:
    for (draws, _), average in zip(results, averages, strict=True):
        draws.traces["mean"] += average
        genetic = draws.traces["genetic_variance"]
        draws.traces["heritability"] = genetic / (genetic + draws.traces["residual_variance"])
    effects = np.column_stack([draws.mean for draws, _ in results])
    intercept = averages - means @ effects
    names = list(results[0][0].traces)
    traces = {name: np.stack([d.traces[name] for d, _ in results], axis=-1) for name in names}
    posterior = {name: values.mean(axis=(0, 1)) for name, values in traces.items()}
    arrays = {
        "coefficients": effects,
        "coefficient_deviation": np.sqrt(np.column_stack([d.variance for d, _ in results])),
        "sign_probability": np.column_stack([draws.sign for draws, _ in results]),
        "intercept": intercept,
        "residual_variance": posterior["residual_variance"],
        "genetic_variance": posterior["genetic_variance"],
        "heritability": posterior["heritability"],
        "predictions": averages + times(whole, means, effects),
    }
    if prior == "bayes_c_pi":
        arrays["inclusion"] = np.column_stack([inclusion for _, inclusion in results])
    table = _convergence(traces)
    if one_trait:
        arrays = {name: np.asarray(values[..., 0]) for name, values in arrays.items()}
        traces = {name: values[..., 0] for name, values in traces.items()}
    arrays.setdefault("inclusion", None)
    return BayesFit(
        **arrays, traces=traces, convergence=table, means=means, prior=prior, training=rows
    )


def _convergence(traces: dict[str, np.ndarray]) -> pd.DataFrame:
    import pandas as pd

    lines = [
        {
            "trait": trait,
            "parameter": name,
            "mean": float(values[..., trait].mean()),
            "deviation": float(values[..., trait].std(ddof=1)),
            "r_hat": r_hat(values[..., trait]),
            "effective_size": effective_size(values[..., trait]),
        }
        for trait in range(next(iter(traces.values())).shape[-1])
        for name, values in traces.items()
    ]
    return pd.DataFrame(lines)


def _lengths(iterations: int, burn_in: int, thin: int, chains: int) -> int:
    """Draws that a chain leaves in its trace."""
    for name, value, least in (
        ("iterations", iterations, 1),
        ("burn_in", burn_in, 0),
        ("thin", thin, 1),
        ("chains", chains, 1),
    ):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name} must be a whole number from {least} on, received {value!r}.")
    draws = (iterations - burn_in) // thin
    if draws < 4:
        raise ValueError(
            f"expected at least 4 draws in a trace, received (iterations - burn_in) / thin = "
            f"({iterations} - {burn_in}) / {thin}. Run more iterations."
        )
    return int(draws)


def _blocks(blocks: Any, p: int, prior: str) -> np.ndarray:
    if blocks is None:
        return np.zeros(p, dtype="int64")
    if prior != "ridge":
        raise ValueError(f"blocks are for prior 'ridge', received prior {prior!r}.")
    numbers = np.asarray(blocks)
    if numbers.dtype.kind not in "iu" or numbers.shape != (p,):
        raise ValueError(
            f"blocks must hold one whole number for each of the {p} columns, received dtype "
            f"{numbers.dtype} and shape {numbers.shape}."
        )
    if not np.array_equal(np.unique(numbers), np.arange(numbers.max() + 1)):
        raise ValueError(
            "blocks must be numbered 0, 1, 2, ... without a gap, received "
            f"{np.unique(numbers)[:5].tolist()}."
        )
    return numbers.astype("int64")
