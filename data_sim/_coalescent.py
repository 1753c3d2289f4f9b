"""What the coalescent simulators share: checks, mutations, and reading haplotypes from trees.

msprime (Baumdicker et al. 2022, Genetics 220:iyab229) is imported where it is used, so that
``import data_sim`` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data_sim._checks import check_number
from data_sim._random import integer_seed

if TYPE_CHECKING:
    import tskit


def varying_haplotypes(
    trees: tskit.TreeSequence,
    mutation_rate: float,
    minimum: float,
    n_loci: int | None,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Throw mutations on trees and return haplotypes (n, 2, p) and positions of varying loci."""
    import msprime

    trees = msprime.sim_mutations(
        trees,
        rate=mutation_rate,
        model=msprime.BinaryMutationModel(),
        random_seed=integer_seed(generator),
    )
    chromosomes = trees.num_samples
    counts = np.zeros(trees.num_sites, dtype=np.int64)
    single = np.bincount(trees.mutations_site, minlength=trees.num_sites) == 1
    for tree in trees.trees():
        for site in tree.sites():
            # A locus hit more than once is left out: its alleles are not one change.
            if single[site.id]:
                counts[site.id] = tree.num_samples(site.mutations[0].node)
    rarer = np.minimum(counts, chromosomes - counts)
    kept = np.flatnonzero((rarer > 0) & (rarer >= minimum * chromosomes))
    if kept.size == 0:
        raise ValueError(
            "no locus varies enough in this sample: raise length or mutation_rate, or lower "
            f"minimum_allele_frequency (now {minimum})."
        )
    if n_loci is not None:
        if kept.size < n_loci:
            raise ValueError(
                f"n_loci asks for {n_loci} loci but the simulation gave {kept.size}: raise "
                "length or mutation_rate, or lower minimum_allele_frequency."
            )
        kept = np.sort(generator.choice(kept, size=n_loci, replace=False))
    dropped = np.setdiff1d(np.arange(trees.num_sites), kept)
    trees = trees.delete_sites(dropped)
    matrix = np.ascontiguousarray(trees.genotype_matrix().T, dtype=np.int8)
    haplotypes = matrix.reshape(chromosomes // 2, 2, kept.size)
    return haplotypes, trees.sites_position.astype(np.int64)


def check_rates(
    population_size: float, recombination_rate: float, mutation_rate: float
) -> tuple[float, float, float]:
    return (
        check_number("population_size", population_size, 1),
        check_number("recombination_rate", recombination_rate, 0, 0.5),
        check_number("mutation_rate", mutation_rate, 0, 1, low_open=True),
    )


def check_minimum(value: float) -> float:
    return check_number("minimum_allele_frequency", value, 0, 0.5, high_open=True)
