"""A stand-in for the CIMMYT wheat lines: same shape, same names, other numbers."""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._random import Seed, as_generator
from data_sim.pedigrees import (
    Pedigree,
    drop_genes,
    make_gametes,
    recombination_fractions,
    relationship_matrix,
    simulate_pedigree,
)
from data_sim.populations import simulate_independent_loci
from data_sim.studies._study import Study, name_samples, table, variant_table
from data_sim.traits import Architecture, simulate_traits

_CHROMOSOMES = 21
_LENGTH = 120_000_000  # 1.2 Morgan at 1 centimorgan per megabase
_FOUNDERS, _PARENTS, _GENERATIONS = 40, 120, 5
# Grain yield in the first environment goes its own way, the others go together; made to
# resemble the correlations of the published yields (-0.02 to -0.19 and 0.39 to 0.66).
_GENETIC = np.array(
    [
        [1.0, -0.05, -0.25, -0.15],
        [-0.05, 1.0, 0.80, 0.55],
        [-0.25, 0.80, 1.0, 0.50],
        [-0.15, 0.55, 0.50, 1.0],
    ]
)
_ENVIRONMENTAL = np.array(
    [
        [1.0, 0.0, -0.1, -0.1],
        [0.0, 1.0, 0.5, 0.25],
        [-0.1, 0.5, 1.0, 0.25],
        [-0.1, 0.25, 0.25, 1.0],
    ]
)


def wheat_like(
    n: int = 599,
    p: int = 1_279,
    *,
    n_causal: int = 100,
    heritability: float = 0.5,
    seed: Seed = 0,
) -> Study:
    """Simulate inbred lines like the CIMMYT wheat, with yield in four environments.

    Imitates the cohort of Crossa et al. (2010, Genetics 186:713): 599 inbred lines and 1,279
    markers that are there or not, so that dosages are 0 or 2. Forty founders mate at random
    for five generations; the lines are doubled gametes of the last. The numbers are made up.

    Parameters
    ----------
    n, p : int
        Lines (20 or more) and markers (4 or more).
    n_causal : int
        Additive causal markers, 4 or more and at most half of p.
    heritability : float
        Of the mean yield of a line in each environment, in [0, 1]; exact in this cohort.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        Traits ``yield_1`` to ``yield_4`` (mean 0, variance 1); `relationship` from the pedigree,
        with 2 on the diagonal for fully inbred lines. The pedigree is of the lines' parents
        and grandparents, who are no samples; the two gametes of a line are one and the same.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, p = check_count("n", n, 20), check_count("p", p, 4)
    n_causal = check_count("n_causal", n_causal, 4)
    if 2 * n_causal > p:
        raise ValueError(f"n_causal must be at most half of the {p} markers (p), got {n_causal}.")
    share = check_number("heritability", heritability, 0, 1)
    generator = as_generator(seed)
    pedigree = simulate_pedigree(_FOUNDERS, _GENERATIONS, n_offspring=_PARENTS, seed=generator)
    last = pedigree.individual[pedigree.generation == _GENERATIONS]
    parent = np.sort(generator.choice(last, size=n))
    genotypes, chromosomes, positions = _lines(pedigree, parent, p, generator)

    # A doubled gamete draws one allele: kinship with another line is that of the parents, for
    # one parent (1 + F) / 2, and with itself 1. Relationships are twice the kinship.
    among = relationship_matrix(pedigree)
    relationship = among[np.ix_(parent, parent)]
    np.fill_diagonal(relationship, 2.0)
    traits = simulate_traits(
        genotypes,
        heritability=np.full(4, share),
        genetic_correlation=_GENETIC,
        environmental_correlation=_ENVIRONMENTAL,
        architecture=Architecture(n_causal=n_causal),
        seed=generator,
    )
    samples = name_samples("line", n)
    names = [f"yield_{i}" for i in range(1, 5)]
    return Study(
        name="wheat_like",
        samples=samples,
        traits=table(samples, dict(zip(names, traits.phenotypes.T, strict=True))),
        genetic_values=table(samples, dict(zip(names, traits.genetic_values.T, strict=True))),
        truth={name: trait.truth for name, trait in zip(names, traits, strict=True)},
        description=(
            f"{n} simulated inbred lines at {p} markers, with yield in four environments, after "
            "the wheat of Crossa et al. (2010). The shape is theirs; the numbers are made up."
        ),
        genotypes=genotypes,
        variants=variant_table(
            (chromosomes + 1).astype(str), positions, generator, prefix="marker"
        ),
        covariates=table(samples),
        relationship=relationship,
    )


def _lines(
    pedigree: Pedigree, parent: np.ndarray, p: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Doubled gametes of the given parents at p markers that vary, and where the markers lie."""
    spare = 2 * p  # some markers drift to fixation on the way
    chromosomes = np.sort(np.arange(spare) * _CHROMOSOMES // spare)
    positions = generator.integers(1, _LENGTH, size=spare)
    positions = positions[np.lexsort((positions, chromosomes))]
    founders = simulate_independent_loci(
        _FOUNDERS, spare, allele_frequency_range=(0.15, 0.92), inbreeding=0.9, seed=generator
    ).haplotypes
    haplotypes = drop_genes(pedigree, founders, positions, chromosomes=chromosomes, seed=generator)
    switch = recombination_fractions(positions, chromosomes=chromosomes)
    genotypes = 2 * make_gametes(haplotypes, parent, switch, generator)
    varying = np.flatnonzero(genotypes.min(axis=0) != genotypes.max(axis=0))
    kept = np.sort(generator.choice(varying, size=p, replace=False))
    return np.ascontiguousarray(genotypes[:, kept]), chromosomes[kept], positions[kept]
