"""Two populations that parted long ago, and people who descend from both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._coalescent import check_minimum, check_rates, varying_haplotypes
from data_sim._population import Population, population_from_haplotypes
from data_sim._random import Seed, as_generator, integer_seed

if TYPE_CHECKING:
    import tskit


def simulate_admixture(
    n: int,
    *,
    proportions: Sequence[float] = (0.4, 0.4, 0.2),
    divergence_generations: float = 2_000,
    admixture_generations: float = 10,
    admixture_fraction: float = 0.5,
    length: int = 1_000_000,
    population_size: float = 10_000,
    recombination_rate: float = 1e-8,
    mutation_rate: float = 1e-8,
    minimum_allele_frequency: float = 0.01,
    n_loci: int | None = None,
    seed: Seed,
) -> Population:
    """Simulate two populations and admixed people, by the coalescent.

    An ancestral population splits in two, A and B, each of the same size and without migration.
    Later a single pulse founds an admixed population, with `admixture_fraction` of its
    founders from B. Between A and B, Hudson's Fst is expected to be T / (T + 2N), for a split
    T generations ago (Slatkin 1991; Bhatia et al. 2013 for the estimator).

    Parameters
    ----------
    n : int
        Number of diploid individuals in all.
    proportions : three floats
        Shares of the individuals that come from A, from B, and from the admixed population;
        they sum to 1. Individuals are returned in that order.
    divergence_generations : float
        Generations since A and B parted; more than `admixture_generations`.
    admixture_generations : float
        Generations since the pulse of admixture, 1 or more.
    admixture_fraction : float
        Share of the founders of the admixed population that come from B, in (0, 1).
    length, population_size, recombination_rate, mutation_rate : numbers
        As in `simulate_region`; each of the populations has this size.
    minimum_allele_frequency : float
        In the whole sample, in [0, 0.5).
    n_loci : int, optional
        Keep this many of the loci, drawn at random and kept in order.
    seed : int or numpy.random.Generator
        The same seed gives the same genotypes.

    Returns
    -------
    Population
        `ancestry` is the realised share of each genome that comes from B: 0 in A, 1 in B, and
        for admixed people the exact length of their segments from B, read from the trees.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range, or too few loci vary.
    """
    n, length = check_count("n", n, 2), check_count("length", length, 2)
    counts = _group_sizes(n, proportions)
    population_size, recombination_rate, mutation_rate = check_rates(
        population_size, recombination_rate, mutation_rate
    )
    admixed_at = check_number("admixture_generations", admixture_generations, 1)
    split_at = check_number("divergence_generations", divergence_generations, 1)
    if split_at <= admixed_at + 1:
        raise ValueError(
            "divergence_generations must be more than admixture_generations + 1, got "
            f"{divergence_generations} and {admixture_generations}."
        )
    fraction = check_number(
        "admixture_fraction", admixture_fraction, 0, 1, low_open=True, high_open=True
    )
    minimum = check_minimum(minimum_allele_frequency)
    n_loci = None if n_loci is None else check_count("n_loci", n_loci)
    generator = as_generator(seed)
    import msprime

    demography = msprime.Demography()
    for name in ("A", "B", "admixed", "ancestral"):
        demography.add_population(name=name, initial_size=population_size)
    demography.add_admixture(
        time=admixed_at,
        derived="admixed",
        ancestral=["A", "B"],
        proportions=[1 - fraction, fraction],
    )
    # A census node on every lineage just above the pulse tells which population it came from.
    demography.add_census(time=admixed_at + 0.5)
    demography.add_population_split(time=split_at, derived=["A", "B"], ancestral="ancestral")
    trees = msprime.sim_ancestry(
        samples=dict(zip(("A", "B", "admixed"), counts, strict=True)),
        demography=demography,
        sequence_length=length,
        recombination_rate=recombination_rate,
        random_seed=integer_seed(generator),
    )
    ancestry = _share_from_b(trees, counts, admixed_at + 0.5)
    haplotypes, positions = varying_haplotypes(trees, mutation_rate, minimum, n_loci, generator)
    return population_from_haplotypes(
        haplotypes, positions, np.full(positions.size, "1"), ancestry=ancestry
    )


def _group_sizes(n: int, proportions: Sequence[float]) -> tuple[int, int, int]:
    """Divide n individuals among A, B and the admixed."""
    shares = np.asarray(proportions, dtype=np.float64)
    if shares.shape != (3,):
        raise ValueError(
            "proportions must be three shares (A, B, admixed), got "
            f"{shares.size if shares.ndim == 1 else shares.shape}."
        )
    if np.any(shares < 0) or not np.isclose(shares.sum(), 1.0):
        raise ValueError(
            f"proportions must be 0 or more and sum to 1, got {tuple(shares.tolist())}."
        )
    edges = np.round(np.cumsum(shares) * n).astype(int)
    sizes = np.diff(np.concatenate([[0], edges]))
    return int(sizes[0]), int(sizes[1]), int(sizes[2])


def _share_from_b(
    trees: tskit.TreeSequence, counts: tuple[int, int, int], time: float
) -> np.ndarray:
    """Share of each individual's genome whose lineage was in B at `time`."""
    n_a, n_b, n_admixed = counts
    ancestry = np.concatenate([np.zeros(n_a), np.ones(n_b), np.zeros(n_admixed)])
    if n_admixed == 0:
        return ancestry
    first = 2 * (n_a + n_b)
    samples = np.arange(first, first + 2 * n_admixed)
    census = np.flatnonzero(trees.nodes_time == time)
    links = trees.tables.link_ancestors(samples, census)
    from_b = trees.nodes_population[links.parent] == 1
    lengths = np.bincount(
        links.child[from_b] - first,
        weights=(links.right - links.left)[from_b],
        minlength=2 * n_admixed,
    )
    ancestry[n_a + n_b :] = lengths.reshape(n_admixed, 2).sum(axis=1) / (2 * trees.sequence_length)
    return ancestry
