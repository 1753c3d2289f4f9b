"""Populations against Hardy-Weinberg, coalescent theory and the definition of Fst."""

import numpy as np
import pytest
from scipy import stats

from data_sim.populations import (
    simulate_admixture,
    simulate_independent_loci,
    simulate_region,
)


def genotype_chi_square(population, inbreeding):
    """P value of the genotype counts of all loci together, given the drawn frequencies."""
    q = population.drawn_frequency
    shared = inbreeding * q * (1 - q)
    expected = np.array([(1 - q) ** 2 + shared, 2 * q * (1 - q) - 2 * shared, q**2 + shared])
    expected *= len(population.genotypes)
    observed = np.array([(population.genotypes == copies).sum(axis=0) for copies in range(3)])
    statistic = ((observed - expected) ** 2 / expected).sum()
    return stats.chi2.sf(statistic, df=2 * q.size)


def test_genotypes_are_in_hardy_weinberg_proportions():
    population = simulate_independent_loci(2_000, 300, seed=1)
    assert 0.001 < genotype_chi_square(population, 0.0) < 0.999


def test_inbreeding_moves_the_proportions_as_wright_says():
    population = simulate_independent_loci(2_000, 300, inbreeding=0.3, seed=2)
    assert 0.001 < genotype_chi_square(population, 0.3) < 0.999
    assert genotype_chi_square(population, 0.0) < 1e-10


def test_full_inbreeding_leaves_no_heterozygote():
    population = simulate_independent_loci(100, 50, inbreeding=1.0, seed=3)
    assert not (population.genotypes == 1).any()


def test_loci_are_independent():
    genotypes = simulate_independent_loci(3_000, 40, seed=4).genotypes
    r2 = np.corrcoef(genotypes.T)[np.triu_indices(40, 1)] ** 2
    # n r^2 of independent loci is chi-square with 1 degree of freedom.
    assert stats.kstest(3_000 * r2, stats.chi2(1).cdf).pvalue > 0.001


def test_frequencies_stay_in_their_range_and_missing_ones_are_counted():
    population = simulate_independent_loci(
        500, 400, allele_frequency_range=(0.2, 0.3), missing_rate=0.1, seed=5
    )
    assert population.drawn_frequency.min() >= 0.2
    assert population.drawn_frequency.max() <= 0.3
    missing = population.genotypes == -1
    assert stats.binomtest(int(missing.sum()), missing.size, 0.1).pvalue > 0.001
    assert population.complete_genotypes.min() == 0
    seen = np.where(missing, np.nan, population.complete_genotypes)
    np.testing.assert_allclose(population.allele_frequency, np.nanmean(seen, axis=0) / 2)


def test_blocks_of_individuals_join_without_seams(monkeypatch):
    whole = simulate_independent_loci(50, 20, seed=6).drawn_frequency
    monkeypatch.setattr("data_sim.populations._BLOCK", 100)
    pieces = simulate_independent_loci(50, 20, inbreeding=0.5, missing_rate=0.2, seed=6)
    np.testing.assert_array_equal(pieces.drawn_frequency, whole)
    np.testing.assert_array_equal(
        np.where(pieces.genotypes < 0, pieces.complete_genotypes, pieces.genotypes),
        pieces.complete_genotypes,
    )
    assert len(np.unique(pieces.genotypes, axis=0)) > 45


def regions(replicates, n, **settings):
    return [
        simulate_region(n, minimum_allele_frequency=0, seed=seed, **settings)
        for seed in range(replicates)
    ]


def test_heterozygosity_and_segregating_sites_follow_theta():
    n, length = 10, 50_000
    theta = 4 * 10_000 * 1e-8 * length
    drawn = regions(80, n, length=length)
    chromosomes = 2 * n
    pairwise, segregating = [], []
    for region in drawn:
        count = region.haplotypes.sum(axis=(0, 1))
        pairwise.append(
            (2 * count * (chromosomes - count)).sum() / (chromosomes * (chromosomes - 1))
        )
        segregating.append(count.size)
    harmonic = (1 / np.arange(1, chromosomes)).sum()
    for values, expected in ((pairwise, theta), (segregating, theta * harmonic)):
        error = stats.sem(values)
        assert error < 0.12 * expected
        assert abs(np.mean(values) - expected) < 3 * error


def test_linkage_disequilibrium_decays_as_coalescent_theory_says():
    # E[D^2] / E[pq p'q'] = (10 + rho) / (22 + 13 rho + rho^2), Ohta & Kimura 1971 (Hudson 1985),
    # with rho = 4 N r d.
    edges = np.array([0, 1_000, 4_000, 12_000, 30_000, 60_000, 100_000])
    observed, weight, expected, distances = np.zeros((4, 6))
    for region in regions(60, 250, length=100_000, population_size=10_000):
        haplotypes = region.haplotypes.reshape(-1, region.positions.size).astype(np.float32)
        q = haplotypes.mean(axis=0)
        deviation = haplotypes - q
        disequilibrium = deviation.T @ deviation / len(haplotypes)
        i, j = np.triu_indices(q.size, 1)
        heterozygosity = (q * (1 - q))[i] * (q * (1 - q))[j]
        distance = region.positions[j] - region.positions[i]
        rho = 4 * 10_000 * 1e-8 * distance
        place = np.digitize(distance, edges) - 1
        for total, part in (
            (observed, disequilibrium[i, j] ** 2),
            (weight, heterozygosity),
            (expected, heterozygosity * (10 + rho) / (22 + 13 * rho + rho**2)),
            (distances, heterozygosity * distance),
        ):
            total += np.bincount(place, weights=part, minlength=6)
    observed, expected, distances = observed / weight, expected / weight, distances / weight
    assert np.all(np.diff(observed) < 0)
    np.testing.assert_allclose(observed, expected, rtol=0.15)
    # The simpler curve of Sved (1971) is met in order, not in value.
    assert stats.spearmanr(observed, 1 / (1 + 4 * 10_000 * 1e-8 * distances)).statistic == 1


def test_no_recombination_means_no_four_gametes():
    region = simulate_region(20, length=100_000, recombination_rate=0, seed=9)
    haplotypes = region.haplotypes.reshape(-1, region.positions.size)
    for i in range(0, haplotypes.shape[1] - 1):
        codes = 2 * haplotypes[:, i] + haplotypes[:, i + 1]
        assert np.unique(codes).size < 4


def test_a_region_keeps_its_promises():
    region = simulate_region(100, minimum_allele_frequency=0.05, n_loci=150, seed=10)
    assert region.genotypes.shape == (100, 150)
    assert region.genotypes.dtype == np.int8
    assert np.all(np.diff(region.positions) > 0)
    frequency = region.genotypes.mean(axis=0) / 2
    np.testing.assert_allclose(region.allele_frequency, frequency)
    assert np.minimum(frequency, 1 - frequency).min() >= 0.05
    again = simulate_region(100, minimum_allele_frequency=0.05, n_loci=150, seed=10)
    np.testing.assert_array_equal(region.genotypes, again.genotypes)


def fst(population, n_a, n_b):
    """Hudson's estimator as a ratio of averages (Bhatia et al. 2013)."""
    haplotypes = population.haplotypes
    a = haplotypes[:n_a].reshape(2 * n_a, -1).mean(axis=0)
    b = haplotypes[n_a : n_a + n_b].reshape(2 * n_b, -1).mean(axis=0)
    within_a = a * (1 - a) / (2 * n_a - 1)
    within_b = b * (1 - b) / (2 * n_b - 1)
    between = a * (1 - b) + b * (1 - a)
    return ((a - b) ** 2 - within_a - within_b).sum(), between.sum()


def test_two_populations_differ_as_much_as_their_split_is_old():
    split, size = 4_000, 5_000
    parts = []
    for seed in range(40):
        population = simulate_admixture(
            40,
            proportions=(0.5, 0.5, 0),
            divergence_generations=split,
            population_size=size,
            length=200_000,
            minimum_allele_frequency=0,
            seed=seed,
        )
        parts.append(fst(population, 20, 20))
    numerator, denominator = np.array(parts).T
    estimate = numerator.sum() / denominator.sum()
    residual = numerator - estimate * denominator
    error = np.sqrt((residual**2).sum()) / denominator.sum()
    assert error < 0.05
    assert abs(estimate - split / (split + 2 * size)) < 3 * error


def test_ancestry_is_the_share_of_the_pulse_and_shows_in_the_genotypes():
    population = simulate_admixture(
        300,
        proportions=(0.3, 0.3, 0.4),
        admixture_fraction=0.25,
        divergence_generations=20_000,
        length=20_000_000,
        population_size=2_000,
        mutation_rate=1e-9,
        seed=3,
    )
    ancestry = population.ancestry
    assert np.all(ancestry[:90] == 0)
    assert np.all(ancestry[90:180] == 1)
    admixed = ancestry[180:]
    assert admixed.min() >= 0
    assert admixed.max() <= 1
    assert admixed.mean() == pytest.approx(0.25, abs=0.06)
    # Loci where the two populations are fixed for different alleles tell ancestry by counting.
    a, b = (population.genotypes[part].mean(axis=0) / 2 for part in (slice(90), slice(90, 180)))
    telling = np.abs(a - b) == 1
    copies = population.genotypes[180:][:, telling]
    from_b = np.where(b[telling] == 1, copies, 2 - copies).mean(axis=1) / 2
    assert np.corrcoef(from_b, admixed)[0, 1] > 0.98


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be 1 or more"),
        ({"p": "many"}, TypeError, "p must be a whole number"),
        ({"allele_frequency_range": 0.3}, TypeError, "two numbers"),
        ({"allele_frequency_range": (0.5, 0.1)}, ValueError, r"must be \(low, high\)"),
        ({"allele_frequency_range": (0.0, 0.5)}, ValueError, "allele_frequency_range"),
        ({"inbreeding": -0.1}, ValueError, "inbreeding must lie in"),
        ({"missing_rate": 1.0}, ValueError, "missing_rate must lie in"),
        ({"seed": "1"}, TypeError, "seed must be"),
    ],
)
def test_bad_arguments_of_independent_loci(arguments, error, message):
    with pytest.raises(error, match=message):
        simulate_independent_loci(**({"n": 5, "p": 5, "seed": 1} | arguments))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"length": 1}, ValueError, "length must be 2 or more"),
        ({"length": 1e6}, TypeError, "length must be a whole number"),
        ({"population_size": 0}, ValueError, "population_size must lie in"),
        ({"recombination_rate": -1e-8}, ValueError, "recombination_rate must lie in"),
        ({"mutation_rate": 0}, ValueError, "mutation_rate must lie in"),
        ({"minimum_allele_frequency": 0.5}, ValueError, "minimum_allele_frequency"),
        ({"n_loci": 0}, ValueError, "n_loci must be 1 or more"),
        ({"n_loci": 10**6, "length": 1_000}, ValueError, "n_loci asks for 1000000|no locus"),
        ({"mutation_rate": 1e-15, "length": 100}, ValueError, "no locus varies enough"),
    ],
)
def test_bad_arguments_of_a_region(arguments, error, message):
    with pytest.raises(error, match=message):
        simulate_region(**({"n": 5, "seed": 1} | arguments))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"proportions": (0.5, 0.5)}, ValueError, "three shares"),
        ({"proportions": (0.5, 0.5, 0.5)}, ValueError, "sum to 1"),
        ({"proportions": (1.5, -0.5, 0.0)}, ValueError, "0 or more"),
        ({"divergence_generations": 5}, ValueError, "more than admixture_generations"),
        ({"admixture_fraction": 0.0}, ValueError, "admixture_fraction must lie in"),
        ({"admixture_generations": 0}, ValueError, "admixture_generations must lie in"),
        ({"n": 1}, ValueError, "n must be 2 or more"),
    ],
)
def test_bad_arguments_of_admixture(arguments, error, message):
    with pytest.raises(error, match=message):
        simulate_admixture(**({"n": 10, "seed": 1} | arguments))
