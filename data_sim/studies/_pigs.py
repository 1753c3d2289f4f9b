"""Pigs of a nucleus herd over several overlapping generations, with a dense marker array."""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_count
from data_sim._random import Seed, as_generator
from data_sim.pedigrees import Pedigree, drop_genes, relationship_matrix
from data_sim.populations import simulate_region
from data_sim.studies._study import Study, name_samples, pedigree_table, table, variant_table
from data_sim.traits import Architecture, simulate_traits

_PIGS, _PEDIGREE = 2_314, 6_473
# Megabases of the autosomes 1 to 18 of the pig, assembly Sscrofa11.1, rounded.
_LENGTHS = (
    274, 152, 133, 131, 105, 171, 122, 139, 140, 70, 79, 62, 208, 142, 140, 80, 64, 56,
)  # fmt: skip
_BATCHES = 9  # of litters after the founders
_FOUNDER_SHARE = 0.04
_EFFECTIVE_SIZE = 200
_MINIMUM_FREQUENCY = 0.01


def pigs_like(
    n: int = _PIGS,
    p: int = 52_843,
    *,
    n_pedigree: int | None = None,
    n_causal: int = 300,
    heritability: tuple[float, ...] = (0.07, 0.16, 0.38, 0.58, 0.62),
    seed: Seed = 0,
) -> Study:
    """Simulate pigs of a breeding nucleus, with five traits, inside a larger pedigree.

    Imitates the cohort of Cleveland, Hickey & Forni (2012, G3 2:429), of which Fan & Waldmann
    (2025) used 2,314 genotyped pigs and a pedigree of 6,473. Founders come from the coalescent.
    Nine batches of litters follow; boars and sows come from the last three, so that generations
    overlap. Genes are dropped down the pedigree. As in the real cohort the map is anonymised:
    markers stand in random order and their places are not given. The numbers are made up.

    Parameters
    ----------
    n, p : int
        Genotyped pigs (60 or more) and markers (200 or more).
    n_pedigree : int, optional
        Pigs in the pedigree, at least 2 n; by default 2.8 n, which is 6,473 for 2,314.
    n_causal : int
        Additive causal markers, at least as many as traits and at most p.
    heritability : tuple of float
        Of each trait, in [0, 1]; exact in this cohort. By default the five published with the
        real cohort, from low to high.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        Traits ``trait_1`` and so on, with mean 0 and variance 1; covariates ``family`` (full
        sibs) and ``batch`` (1 to 9, the order of birth); the whole pedigree and the
        `relationship` of the genotyped pigs. At full size the genotypes fill 122 MB.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, p = check_count("n", n, 60), check_count("p", p, 200)
    n_causal = check_count("n_causal", n_causal)
    shares = np.array(heritability, dtype=float)
    if shares.ndim != 1 or not shares.size or not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(f"heritability must be one or more shares in [0, 1]; got {heritability}.")
    if not shares.size <= n_causal <= p:
        raise ValueError(
            f"n_causal must be {shares.size} (the traits) to {p} (the markers, p), got {n_causal}."
        )
    if n_pedigree is None:
        n_pedigree = round(n * _PEDIGREE / _PIGS)
    n_pedigree = check_count("n_pedigree", n_pedigree, 2 * n)
    generator = as_generator(seed)
    pedigree = _pedigree(n_pedigree, generator)
    chosen = _genotyped(pedigree, n, generator)
    family = np.unique(pedigree.family[chosen], return_inverse=True)[1]

    genotypes = np.empty((n, p), dtype=np.int8)
    order = generator.permutation(p)  # the anonymous place of each marker of the map
    ends = np.round(np.cumsum(_LENGTHS) / np.sum(_LENGTHS) * p).astype(int)
    start = 0
    for length, end in zip(_LENGTHS, ends, strict=True):
        # One chromosome at a time: the haplotypes of all pigs together would fill 700 MB.
        if end > start:
            haplotypes, positions = _founder_haplotypes(
                pedigree.founders.size, end - start, length * 1_000_000, generator
            )
            dropped = drop_genes(pedigree, haplotypes, positions, seed=generator)
            genotypes[:, order[start:end]] = dropped[chosen, 0] + dropped[chosen, 1]
        start = end

    traits = simulate_traits(
        genotypes,
        heritability=shares,
        genetic_correlation=np.eye(shares.size),
        architecture=Architecture(n_causal=n_causal, effect_distribution="gamma"),
        seed=generator,
    )
    samples = name_samples("pig", n)
    names = name_samples("ancestor", n_pedigree).astype(object)
    names[chosen] = samples
    labels = [f"trait_{i}" for i in range(1, shares.size + 1)]
    return Study(
        name="pigs_like",
        samples=samples,
        traits=table(samples, dict(zip(labels, traits.phenotypes.T, strict=True))),
        genetic_values=table(samples, dict(zip(labels, traits.genetic_values.T, strict=True))),
        truth={label: trait.truth for label, trait in zip(labels, traits, strict=True)},
        description=(
            f"{n} simulated pigs at {p} markers in a pedigree of {n_pedigree} over {_BATCHES} "
            "batches of litters, after the pigs of Cleveland et al. (2012). The shape and the "
            "heritabilities are theirs; the numbers are made up."
        ),
        genotypes=genotypes,
        variants=variant_table(np.full(p, "0"), np.zeros(p, dtype=np.int64), generator),
        covariates=table(
            samples, {"family": family.astype(int), "batch": pedigree.generation[chosen]}
        ),
        pedigree=pedigree_table(pedigree, names.astype(str)),
        relationship=relationship_matrix(pedigree)[np.ix_(chosen, chosen)],
        family=family.astype(int),
    )


def _pedigree(total: int, generator: np.random.Generator) -> Pedigree:
    """Batches of litters; a batch counts as one generation, but its parents may be older."""
    founders = max(16, round(_FOUNDER_SHARE * total))
    sizes = np.diff(np.round(np.linspace(founders, total, _BATCHES + 1)).astype(int))
    fathers, mothers = np.full(total, -1), np.full(total, -1)
    sex = 1 + np.arange(total) % 2
    generation = np.repeat(np.arange(_BATCHES + 1), [founders, *sizes])
    first = founders
    for batch, size in enumerate(sizes, start=1):
        stock = np.flatnonzero((generation < batch) & (generation >= batch - 3))
        # Few boars and more sows; a litter leaves about four recorded piglets.
        sows = max(4, size // 4)
        boars = max(2, sows // 6)
        sires = generator.choice(stock[sex[stock] == 1], size=boars, replace=False)
        dams = generator.choice(stock[sex[stock] == 2], size=sows)
        litter = np.sort(generator.integers(0, sows, size=size))
        sire_of_litter = generator.choice(sires, size=sows)
        fathers[first : first + size] = sire_of_litter[litter]
        mothers[first : first + size] = dams[litter]
        first += size
    return Pedigree(
        individual=np.arange(total), father=fathers, mother=mothers, generation=generation, sex=sex
    )


def _genotyped(pedigree: Pedigree, n: int, generator: np.random.Generator) -> np.ndarray:
    """Pigs of the later batches, those with offspring twice as often as others; in no order."""
    later = pedigree.individual[pedigree.generation > _BATCHES // 3]
    parents = np.isin(later, np.concatenate([pedigree.father, pedigree.mother]))
    weight = np.where(parents, 2.0, 1.0)
    return generator.permutation(
        generator.choice(later, size=n, replace=False, p=weight / weight.sum())
    )


def _founder_haplotypes(
    n: int, p: int, length: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Haplotypes (n, 2, p) of one chromosome, and positions; common loci preferred.

    Makers of arrays choose loci that vary in many breeds. So a locus is kept with a probability
    in proportion to its heterozygosity.
    """
    # About 4 N mu L loci for each e-fold of the allele frequency: three times those needed.
    rate = 3 * p / (4 * _EFFECTIVE_SIZE * length)
    while True:
        region = simulate_region(
            n,
            length=length,
            population_size=_EFFECTIVE_SIZE,
            mutation_rate=rate,
            minimum_allele_frequency=_MINIMUM_FREQUENCY,
            seed=generator,
        )
        if region.positions.size >= p:
            break
        rate *= 2
    found = region.allele_frequency
    weight = found * (1 - found)
    kept = np.sort(generator.choice(found.size, size=p, replace=False, p=weight / weight.sum()))
    return region.haplotypes[:, :, kept], region.positions[kept]
