"""Traits on given genotypes, with exactly the heritability and genetic correlation asked for.

Components of the genetic variance and the environment are made orthogonal in the cohort at
hand, so that variances add up exactly, and not only on average. Variances divide by n.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from data_sim._checks import check_number
from data_sim._components import simulate_components
from data_sim._random import Seed
from data_sim._trait import Trait, Traits
from data_sim.architecture import Architecture
from data_sim.truth import GenotypeFunction, Truth, exact_mutation_effects, exact_shapley_values

__all__ = [
    "Architecture",
    "GenotypeFunction",
    "Trait",
    "Traits",
    "Truth",
    "exact_mutation_effects",
    "exact_shapley_values",
    "simulate_trait",
    "simulate_traits",
]


def simulate_trait(
    genotypes: np.ndarray,
    *,
    heritability: float,
    architecture: Architecture | None = None,
    causal_loci: np.ndarray | None = None,
    seed: Seed,
) -> Trait:
    """Simulate one trait on given genotypes.

    Parameters
    ----------
    genotypes : numpy.ndarray, shape (n, p)
        Complete genotypes 0, 1, 2 (or mutations 0, 1).
    heritability : float
        Share of the phenotypic variance that is genetic, in [0, 1]. The realised share in this
        cohort is exactly this; in a part of it, such as a test set, only about this. It is the
        broad-sense heritability; the narrow one is this times ``architecture.additive``.
    architecture : Architecture, optional
        By default 50 additive loci with normal effects.
    causal_loci : array of int, shape (k,), optional
        Columns that are causal; replaces ``architecture.n_causal``. By default drawn among the
        loci that vary.
    seed : int or numpy.random.Generator
        The same seed gives the same trait.

    Returns
    -------
    Trait
        With phenotypic mean 0 and variance 1; see ``Trait.rescaled`` for other units.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a value is out of range, genotypes are missing, too few loci vary, or the cohort
        cannot hold a component apart from the others (for example dominance where there is
        no heterozygote).
    """
    share = check_number("heritability", heritability, 0, 1)
    return simulate_components(
        genotypes, np.array([share]), np.eye(1), np.eye(1), architecture, causal_loci, seed
    )[0]


def simulate_traits(
    genotypes: np.ndarray,
    *,
    heritability: np.ndarray,
    genetic_correlation: np.ndarray,
    environmental_correlation: np.ndarray | None = None,
    architecture: Architecture | None = None,
    causal_loci: np.ndarray | None = None,
    seed: Seed,
) -> Traits:
    """Simulate several traits that share their causal loci.

    Within every component the raw values of the traits are whitened and then coloured with the
    genetic correlation, so the realised correlation of the genetic values is exact.

    Parameters
    ----------
    genotypes : numpy.ndarray, shape (n, p)
        Complete genotypes 0, 1, 2.
    heritability : array of float, shape (t,)
        Of each trait, in [0, 1].
    genetic_correlation : array of float, shape (t, t)
        A correlation matrix; may be singular (a correlation of 1).
    environmental_correlation : array of float, shape (t, t), optional
        By default none.
    architecture, causal_loci, seed
        As in `simulate_trait`. There must be at least as many causal loci, pairs and triples
        as traits.

    Returns
    -------
    Traits

    Raises
    ------
    TypeError, ValueError
        As in `simulate_trait`, and if a correlation matrix is not one.
    """
    shares = np.asarray(heritability, dtype=np.float64)
    if shares.ndim != 1 or shares.size == 0:
        raise ValueError(
            f"heritability must be one number per trait, shape (t,), got shape {shares.shape}."
        )
    for place, share in enumerate(shares):
        check_number(f"heritability[{place}]", share, 0, 1)
    genetic = _correlation("genetic_correlation", genetic_correlation, shares.size)
    if environmental_correlation is None:
        environmental = np.eye(shares.size)
    else:
        environmental = _correlation(
            "environmental_correlation", environmental_correlation, shares.size
        )
    traits = simulate_components(
        genotypes, shares, genetic, environmental, architecture, causal_loci, seed
    )
    return Traits(tuple(traits), genetic, environmental)


def _correlation(name: str, value: Any, t: int) -> np.ndarray:
    matrix = np.asarray(value, dtype=np.float64)
    if matrix.shape != (t, t):
        raise ValueError(f"{name} must have shape ({t}, {t}), got {matrix.shape}.")
    if not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1):
        raise ValueError(f"{name} must be symmetric with ones on its diagonal.")
    if np.linalg.eigvalsh(matrix).min() < -1e-9:
        raise ValueError(f"{name} is no correlation matrix: it has a negative eigenvalue.")
    return matrix
