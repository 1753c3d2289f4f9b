"""Genotypes of populations: independent loci, a region with linkage disequilibrium, admixture."""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._coalescent import check_minimum, check_rates, varying_haplotypes
from data_sim._population import Population, observed_frequency, population_from_haplotypes
from data_sim._random import Seed, as_generator, integer_seed
from data_sim.admixture import simulate_admixture

__all__ = [
    "Population",
    "observed_frequency",
    "population_from_haplotypes",
    "simulate_admixture",
    "simulate_independent_loci",
    "simulate_region",
]

_BLOCK = 8_000_000  # random numbers drawn at once: keeps memory flat for large cohorts


def simulate_independent_loci(
    n: int,
    p: int,
    *,
    allele_frequency_range: tuple[float, float] = (0.05, 0.5),
    inbreeding: float = 0.0,
    missing_rate: float = 0.0,
    seed: Seed,
) -> Population:
    """Simulate loci that know nothing of each other.

    Each locus draws its frequency q uniformly from `allele_frequency_range`. Genotypes follow
    Hardy-Weinberg proportions, or with inbreeding coefficient F those of Wright (1951):
    (1-q)^2 + Fq(1-q), 2q(1-q)(1-F), q^2 + Fq(1-q).

    Parameters
    ----------
    n, p : int
        Numbers of individuals and of loci, 1 or more.
    allele_frequency_range : (float, float)
        Lowest and highest frequency of the counted allele, 0 < low <= high < 1.
    inbreeding : float
        Inbreeding coefficient F in [0, 1].
    missing_rate : float
        Probability in [0, 1) that a genotype is missing (-1), whatever its value.
    seed : int or numpy.random.Generator
        The same seed gives the same genotypes.

    Returns
    -------
    Population
        `drawn_frequency` holds q; `haplotypes` stay complete.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, p = check_count("n", n), check_count("p", p)
    low, high = _frequency_range(allele_frequency_range)
    inbreeding = check_number("inbreeding", inbreeding, 0, 1)
    missing_rate = check_number("missing_rate", missing_rate, 0, 1, high_open=True)
    generator = as_generator(seed)
    frequency = generator.uniform(low, high, size=p)
    threshold = frequency.astype(np.float32)
    haplotypes = np.empty((n, 2, p), dtype=np.int8)
    genotypes = np.empty((n, p), dtype=np.int8)
    rows = max(1, _BLOCK // (2 * p))
    for start in range(0, n, rows):
        block = slice(start, min(start + rows, n))
        size = block.stop - block.start
        haplotypes[block] = generator.random((size, 2, p), dtype=np.float32) < threshold
        if inbreeding > 0:
            # Identical by descent: the second copy repeats the first.
            identical = generator.random((size, p), dtype=np.float32) < np.float32(inbreeding)
            haplotypes[block, 1] = np.where(identical, haplotypes[block, 0], haplotypes[block, 1])
        genotypes[block] = haplotypes[block, 0] + haplotypes[block, 1]
        if missing_rate > 0:
            hidden = generator.random((size, p), dtype=np.float32) < np.float32(missing_rate)
            genotypes[block][hidden] = -1
    return Population(
        genotypes=genotypes,
        positions=np.arange(1, p + 1, dtype=np.int64) * 100_000,
        chromosomes=np.full(p, "1"),
        allele_frequency=observed_frequency(genotypes),
        haplotypes=haplotypes,
        drawn_frequency=frequency,
    )


def simulate_region(
    n: int,
    *,
    length: int = 1_000_000,
    population_size: float = 10_000,
    recombination_rate: float = 1e-8,
    mutation_rate: float = 1e-8,
    minimum_allele_frequency: float = 0.01,
    n_loci: int | None = None,
    seed: Seed,
) -> Population:
    """Simulate a region with realistic linkage disequilibrium, by the coalescent.

    Standard coalescent with recombination (Hudson 1983) of a population of constant size,
    simulated by msprime. The expected heterozygosity per base is 4 N mu, and the expected
    linkage disequilibrium of two common loci falls with distance d about as
    1 / (1 + 4 N r d) (Sved 1971).

    Parameters
    ----------
    n : int
        Number of diploid individuals, 1 or more.
    length : int
        Length of the region in base pairs.
    population_size : float
        Effective number N of diploid individuals.
    recombination_rate, mutation_rate : float
        Per base and generation.
    minimum_allele_frequency : float
        Loci whose rarer allele is less frequent in the sample are left out, in [0, 0.5).
        With 0 every locus that varies in the sample is kept.
    n_loci : int, optional
        Keep this many of the loci, drawn at random and kept in order.
    seed : int or numpy.random.Generator
        The same seed gives the same genotypes (with the same version of msprime).

    Returns
    -------
    Population

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a value is out of range, no locus is left, or fewer than `n_loci` are.
    """
    n, length = check_count("n", n), check_count("length", length, 2)
    population_size, recombination_rate, mutation_rate = check_rates(
        population_size, recombination_rate, mutation_rate
    )
    minimum = check_minimum(minimum_allele_frequency)
    n_loci = None if n_loci is None else check_count("n_loci", n_loci)
    generator = as_generator(seed)
    import msprime

    trees = msprime.sim_ancestry(
        samples=n,
        sequence_length=length,
        population_size=population_size,
        recombination_rate=recombination_rate,
        random_seed=integer_seed(generator),
    )
    haplotypes, positions = varying_haplotypes(trees, mutation_rate, minimum, n_loci, generator)
    return population_from_haplotypes(haplotypes, positions, np.full(positions.size, "1"))


def _frequency_range(value: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = value
    except (TypeError, ValueError):
        raise TypeError(
            f"allele_frequency_range must be two numbers (low, high), got {value!r}."
        ) from None
    low = check_number("allele_frequency_range[0]", low, 0, 1, low_open=True, high_open=True)
    high = check_number("allele_frequency_range[1]", high, 0, 1, low_open=True, high_open=True)
    if low > high:
        raise ValueError(f"allele_frequency_range must be (low, high), got ({low}, {high}).")
    return low, high
