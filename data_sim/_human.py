"""Haplotypes of people of African and European ancestry in one region, by the coalescent.

Demography: Gravel et al. (2011, PNAS 108:11983), with recent admixture as Browning et al.
(2018, PLoS Genet. 14:e1007385) add it. Recombination: hot spots on a cold background, after
Myers et al. (2005, Science 310:321).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data_sim._coalescent import varying_haplotypes
from data_sim._random import integer_seed

if TYPE_CHECKING:
    import msprime

# Gravel et al. 2011, exon and low-coverage data together; a generation is 25 years.
_SIZES = {"ancestral": 7_310, "african": 14_474, "out_of_africa": 1_861}
_EUROPEANS, _EUROPEAN_GROWTH = 1_032, 0.0038
_ASIANS, _ASIAN_GROWTH = 554, 0.0048
_TO_AFRICAN_SIZE, _OUT_OF_AFRICA, _EUROPE_ASIA = 5_920, 2_040, 920
_MIGRATION = {
    ("AFR", "EUR"): 2.5e-5,
    ("AFR", "ASN"): 0.78e-5,
    ("EUR", "ASN"): 3.11e-5,
}
_EARLY_MIGRATION = 15e-5  # between Africa and those who had left it
MUTATION_RATE = 2.36e-8  # the rate with which Gravel et al. turned diversity into sizes
# Browning et al. 2018: a pulse 12 generations ago, then growth by 5 % a generation.
_PULSE, _ADMIXED, _ADMIXED_GROWTH = 12, 30_000, 0.05
# Bryc et al. 2015, Am. J. Hum. Genet. 96:37: European share of African American genomes.
EUROPEAN_SHARE = 0.24
_MEAN_RATE = 1.2e-8  # crossovers per base and generation, about 1.2 centimorgan per megabase
_HOT_SHARE = 0.9  # of the crossovers; Myers et al. find 80 % in 10 to 20 % of the sequence
_HOT_SPACING, _HOT_WIDTH = 25_000, 2_000
_TRIES = 4


def african_european_demography(european_share: float = EUROPEAN_SHARE) -> msprime.Demography:
    """Populations AFR, EUR and ADMIX (African Americans), with those that they descend from.

    Parameters
    ----------
    european_share : float
        Share of the founders of ADMIX who come from EUR, in (0, 1).

    Returns
    -------
    msprime.Demography
    """
    import msprime

    demography = msprime.Demography()
    demography.add_population(name="AFR", initial_size=_SIZES["african"])
    for name, size, growth in (
        ("EUR", _EUROPEANS, _EUROPEAN_GROWTH),
        ("ASN", _ASIANS, _ASIAN_GROWTH),
    ):
        today = size * np.exp(growth * _EUROPE_ASIA)
        demography.add_population(name=name, initial_size=today, growth_rate=growth)
    # Sizes are those of today: 30,000 was the size at the pulse.
    today = _ADMIXED * np.exp(_ADMIXED_GROWTH * _PULSE)
    demography.add_population(name="ADMIX", initial_size=today, growth_rate=_ADMIXED_GROWTH)
    demography.add_population(name="OOA", initial_size=_SIZES["out_of_africa"])
    demography.add_population(name="AMH", initial_size=_SIZES["african"])
    demography.add_population(name="ancestral", initial_size=_SIZES["ancestral"])
    for pair, rate in _MIGRATION.items():
        demography.set_symmetric_migration_rate(pair, rate)
    demography.add_admixture(
        time=_PULSE,
        derived="ADMIX",
        ancestral=["AFR", "EUR"],
        proportions=[1 - european_share, european_share],
    )
    demography.add_population_split(time=_EUROPE_ASIA, derived=["EUR", "ASN"], ancestral="OOA")
    demography.add_symmetric_migration_rate_change(
        time=_EUROPE_ASIA, populations=["AFR", "OOA"], rate=_EARLY_MIGRATION
    )
    demography.add_population_split(time=_OUT_OF_AFRICA, derived=["AFR", "OOA"], ancestral="AMH")
    demography.add_population_split(time=_TO_AFRICAN_SIZE, derived=["AMH"], ancestral="ancestral")
    return demography


def hot_spot_map(length: int, generator: np.random.Generator) -> msprime.RateMap:
    """Recombination in hot spots of 2 kb about every 25 kb, with a cold background.

    Parameters
    ----------
    length : int
        Bases, at least 25,000.
    generator : numpy.random.Generator
        Moves each hot spot a little from its place.

    Returns
    -------
    msprime.RateMap
        Mean rate 1.2e-8; nine tenths of it in the hot spots.
    """
    import msprime

    number = max(1, length // _HOT_SPACING)
    spacing = length / number
    free = spacing - _HOT_WIDTH
    starts = spacing * np.arange(number) + free * generator.uniform(0.25, 0.75, size=number)
    edges = np.concatenate([[0.0], np.column_stack([starts, starts + _HOT_WIDTH]).ravel()])
    edges = np.concatenate([edges, [float(length)]])
    hot_bases = number * _HOT_WIDTH
    cold = _MEAN_RATE * (1 - _HOT_SHARE) * length / (length - hot_bases)
    hot = _MEAN_RATE * _HOT_SHARE * length / hot_bases
    rates = np.where(np.arange(edges.size - 1) % 2 == 1, hot, cold)
    return msprime.RateMap(position=edges, rate=rates)


def human_haplotypes(
    people: dict[str, int],
    length: int,
    n_loci: int | None,
    generator: np.random.Generator,
    *,
    minimum_allele_frequency: float = 0.05,
) -> tuple[np.ndarray, np.ndarray]:
    """Loci of people of several populations in one region.

    Where the region has too few common loci that differ, mutations are thrown anew on the same
    genealogy at twice the rate: this changes how many loci there are, not what they look like.

    Parameters
    ----------
    people : dict of str to int
        How many of each population of `african_european_demography`.
    length : int
        Bases of the region.
    n_loci : int or None
        How many loci, evenly spaced among those that differ; None keeps all that vary.
    generator : numpy.random.Generator
        Source of chance.
    minimum_allele_frequency : float
        Of the rarer allele in all people together.

    Returns
    -------
    haplotypes : numpy.ndarray of int8, shape (n, 2, n_loci)
        Populations in the order of `people`. With `n_loci`, no locus repeats another in the
        genotypes.
    positions : numpy.ndarray of int64, shape (n_loci,)
        Bases from the start of the region.

    Raises
    ------
    ValueError
        If the region has too few loci even so.
    """
    import msprime

    trees = msprime.sim_ancestry(
        samples=people,
        demography=african_european_demography(),
        recombination_rate=hot_spot_map(length, generator),
        random_seed=integer_seed(generator),
    )
    rate = MUTATION_RATE
    if n_loci is None:
        return varying_haplotypes(trees, rate, minimum_allele_frequency, None, generator)
    for _ in range(_TRIES):
        try:
            haplotypes, positions = varying_haplotypes(
                trees, rate, minimum_allele_frequency, None, generator
            )
        except ValueError:
            positions = np.zeros(0)
        if positions.size >= n_loci:
            kept = distinct_loci(haplotypes[:, 0] + haplotypes[:, 1])
            if kept.size >= n_loci:
                kept = evenly_spaced(kept, n_loci)
                return np.ascontiguousarray(haplotypes[:, :, kept]), positions[kept]
        rate *= 2
    raise ValueError(
        f"n_loci asks for {n_loci} loci that differ from one another, more than a region of "
        f"{length} bases gives for {sum(people.values())} people: ask for fewer."
    )


def distinct_loci(genotypes: np.ndarray) -> np.ndarray:
    """Columns that are no copy of an earlier one, the counted allele swapped or not."""
    seen: set[bytes] = set()
    kept = []
    for place, column in enumerate(np.ascontiguousarray(genotypes.T)):
        key, swapped = column.tobytes(), (2 - column).astype(column.dtype).tobytes()
        if key not in seen and swapped not in seen:
            kept.append(place)
        seen.add(key)
    return np.array(kept, dtype=np.int64)


def evenly_spaced(places: np.ndarray, number: int) -> np.ndarray:
    """`number` of the sorted `places`, at even steps of rank."""
    return places[np.round(np.linspace(0, places.size - 1, number)).astype(np.int64)]
