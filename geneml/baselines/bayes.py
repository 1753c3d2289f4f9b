"""The Bayesian alphabet: all columns at once, each effect drawn from a prior.

Ridge (Meuwissen, Hayes & Goddard 2001, Genetics 157:1819), lasso (Park & Casella 2008, J. Am.
Stat. Assoc. 103:681; de los Campos et al. 2009, Genetics 182:375) and BayesC-pi (Habier et al.
2011, BMC Bioinformatics 12:186), with the default hyperparameters of Perez & de los Campos
2014 (Genetics 198:483).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml._checks import as_rows
from geneml.baselines._posterior import BayesFit, assembled
from geneml.baselines._table import column_means, training_rows
from geneml.baselines.gblup import _traits
from geneml.baselines.linear import _rows

__all__ = ["PRIORS", "BayesFit", "fit_bayes"]

PRIORS = ("ridge", "lasso", "bayes_c_pi")


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

    With thousands of columns and a trait of many small effects, :math:`\pi` and
    :math:`\sigma_b^2` of BayesC-pi move slowly: the data hardly tell them apart, though they
    do tell the genetic variance. ``converged`` is then False, and ``convergence`` shows which
    parameters to believe.

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
    _whole("seed", seed, 0)
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
    if (table == table[0]).all():
        raise ValueError("no column of x varies among the training rows: nothing to fit.")
    means = column_means(table)
    generators = [
        [np.random.default_rng([seed, trait, chain]) for chain in range(chains)]
        for trait in range(centred.shape[1])
    ]
    results: list[tuple[Draws, np.ndarray]] = []
    if prior == "ridge" and blocks is None:
        rotated = EigenRidge(table, means)
        size = rotated.values.sum() / len(rows)
        for column, own in zip(centred.T, generators, strict=True):
            lane = Lane(column, np.array([size]), own[0], 0.5)
            known = Prior(FREEDOM, lane.noise_squares, float(lane.squares[0]))
            traces = rotated.draw(column, known, draws, own)
            results.append((Draws(*rotated.effects(column, known), traces), np.empty(0)))
    else:
        columns = Columns(table, means)
        sizes = np.bincount(numbers, columns.squares) / len(rows)
        if not (sizes > 0).all():
            raise ValueError(
                f"blocks: no column of block {int(np.argmin(sizes))} varies among the training "
                "rows. Leave it out."
            )
        lanes = [
            Lane(column, sizes, generator, (chain + 0.5) / chains)
            for column, own in zip(centred.T, generators, strict=True)
            for chain, generator in enumerate(own)
        ]
        found = run(
            columns, prior, lanes, blocks=numbers, iterations=iterations, burn_in=burn_in, thin=thin
        )
        for start in range(0, len(found), chains):
            results.append(joined(found[start : start + chains]))
    return assembled(results, whole, means, averages, prior, rows, np.ndim(y) == 1)


def _lengths(iterations: int, burn_in: int, thin: int, chains: int) -> int:
    """Draws that a chain leaves in its trace."""
    _whole("iterations", iterations, 1)
    _whole("burn_in", burn_in, 0)
    _whole("thin", thin, 1)
    _whole("chains", chains, 1)
    draws = (iterations - burn_in) // thin
    if draws < 4:
        raise ValueError(
            f"expected at least 4 draws in a trace, received (iterations - burn_in) / thin = "
            f"({iterations} - {burn_in}) / {thin}. Run more iterations."
        )
    return int(draws)


def _whole(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be a whole number from {least} on, received {value!r}.")


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
