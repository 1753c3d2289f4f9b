"""Smokers, drinkers and older people: exact where exactness is promised, plausible elsewhere."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from data_sim import studies
from data_sim._human import african_european_demography, hot_spot_map, human_haplotypes
from data_sim._mosaic import jump_probability, mosaic
from data_sim.studies import _smoking
from data_sim.traits import Architecture


@pytest.fixture(scope="module")
def panel():
    return studies.smoking_haplotypes(seed=1)


@pytest.fixture(scope="module")
def smokers(panel):
    return studies.smoking(haplotypes=panel, seed=2)


def correlation(table):
    return np.corrcoef(table.to_numpy().T)[0, 1]


def r_squared(matrix):
    """Squared correlation of every two columns."""
    return np.corrcoef(matrix.T.astype(float)) ** 2


def decay(matrix, positions, edges):
    """Mean squared correlation of pairs of loci, by distance."""
    first, second = np.triu_indices(positions.size, 1)
    distance, r2 = positions[second] - positions[first], r_squared(matrix)[first, second]
    return np.array([r2[(distance > a) & (distance <= b)].mean() for a, b in edges])


def differentiation(haplotypes, labels):
    """Hudson's F_ST (Bhatia et al. 2013, equation 10), ratio of averages over loci."""
    frequencies, sizes = [], []
    for name in np.unique(labels):
        there = haplotypes[labels == name]
        frequencies.append(there.mean(axis=0))
        sizes.append(len(there))
    (p, q), (n, m) = frequencies, sizes
    above = (p - q) ** 2 - p * (1 - p) / (n - 1) - q * (1 - q) / (m - 1)
    return above.sum() / (p * (1 - q) + q * (1 - p)).sum()


# Haplotypes -------------------------------------------------------------------------------


def test_smokers_have_the_shape_of_the_paper(smokers):
    assert smokers.genotypes.shape == (3888, 149)
    assert list(smokers.traits) == ["cigarettes", "drinks"]
    assert smokers.covariates["ancestry"].value_counts().to_dict() == {"EUR": 2592, "AFR": 1296}
    genes = smokers.variants["gene"]
    # In the order of chromosome 15, each gene in one piece, and each with a share.
    assert genes[genes != genes.shift()].tolist() == ["CHRNA5", "CHRNA3", "CHRNB4"]
    assert genes.value_counts().min() >= 10
    assert smokers.variants["position"].between(78_845_000, 78_945_000).all()


@pytest.mark.parametrize("make", [studies.smoking, studies.alzheimer])
def test_loci_are_common_and_none_repeats_another(make):
    genotypes = make(seed=5).genotypes
    frequency = genotypes.mean(axis=0) / 2
    assert np.minimum(frequency, 1 - frequency).min() >= 0.05
    r2 = r_squared(genotypes)
    np.fill_diagonal(r2, 0)
    assert r2.max() < 1 - 1e-9  # 1 would be a copy, with or without the alleles swapped


def test_linkage_falls_with_distance_and_comes_in_blocks():
    """Loci between two hot spots go together more than equally distant ones on both sides."""
    near, far, within, across = [], [], [], []
    for seed in range(6):
        panel = studies.smoking_haplotypes(1500, seed=seed)
        # The map is the first thing drawn from the seed.
        map_ = hot_spot_map(100_000, np.random.default_rng(seed))
        hot = 78_845_000 + map_.left[np.asarray(map_.rate) > 1e-8]
        first, second = np.triu_indices(149, 1)
        distance = panel.positions[second] - panel.positions[first]
        europeans = np.repeat(panel.ancestry == "EUR", 2)
        with np.errstate(invalid="ignore", divide="ignore"):
            r2 = r_squared(panel.haplotypes[europeans])[first, second]
        block = np.searchsorted(hot, panel.positions)
        same = block[first] == block[second]
        middle = (distance > 5_000) & (distance < 15_000)
        for values, chosen in (
            (near, distance < 5_000),
            (far, distance > 60_000),
            (within, middle & same),
            (across, middle & ~same),
        ):
            values.append(np.nanmean(r2[chosen]))
    assert np.mean(near) > 2 * np.mean(far)
    assert np.mean(within) > 1.2 * np.mean(across)


def test_hot_spots_hold_most_of_an_average_rate():
    map_ = hot_spot_map(100_000, np.random.default_rng(0))
    assert map_.mean_rate == pytest.approx(1.2e-8)
    hot = np.asarray(map_.rate) > 1.2e-8
    assert map_.span[hot].sum() == 8_000
    assert (map_.rate * map_.span)[hot].sum() == pytest.approx(0.9 * 1.2e-8 * 100_000)


def test_africans_and_europeans_differ_as_published():
    """Published estimates for West Africans and Europeans lie between 0.10 and 0.16; Bhatia et
    al. (2013, Genome Res. 23:1514) tell why they vary.

    Expected coalescence times of 150 regions, without mutations: F_ST = 1 - within / between
    (Slatkin 1991). Admixed people differ less.
    """
    import msprime

    generator = np.random.default_rng(0)
    pairs = []
    for seed in range(1, 151):
        trees = msprime.sim_ancestry(
            {"AFR": 10, "EUR": 10, "ADMIX": 10},
            demography=african_european_demography(),
            recombination_rate=hot_spot_map(100_000, generator),
            random_seed=seed,
        )
        rows = trees.nodes_population[trees.samples()]
        africans, europeans, admixed = (trees.samples()[rows == i] for i in (0, 1, 3))
        pairs.append(
            trees.divergence(
                [africans, europeans, admixed],
                indexes=[(0, 0), (1, 1), (0, 1), (2, 2), (1, 2)],
                mode="branch",
            )
        )
    african, european, between, admixed, to_admixed = np.mean(pairs, axis=0)
    assert 0.10 < 1 - (african + european) / 2 / between < 0.16
    assert african > european  # fewer ancestors went out of Africa
    assert 0.05 < 1 - (admixed + european) / 2 / to_admixed < 0.12


def test_admixed_people_are_a_quarter_european():
    slopes = []
    for seed in range(10):
        people = {"AFR": 300, "EUR": 300, "ADMIX": 300}
        haplotypes, _ = human_haplotypes(people, 100_000, 100, np.random.default_rng(seed))
        africans, europeans, admixed = haplotypes.reshape(3, 600, -1).mean(axis=1)
        apart = europeans - africans
        slopes.append((apart @ (admixed - africans)) / (apart @ apart))
    # One region holds few independent ancestors at the pulse: ten of them, with an interval.
    error = np.std(slopes, ddof=1) / np.sqrt(10)
    assert np.mean(slopes) == pytest.approx(0.24, abs=3 * error)
    assert error < 0.03


def test_traits_can_be_drawn_again_on_the_same_people(panel, smokers):
    again = studies.smoking(haplotypes=panel, seed=2)
    other = studies.smoking(haplotypes=panel, seed=3, heritability=0.2)
    np.testing.assert_array_equal(studies.smoking(seed=1).genotypes, panel.genotypes)
    np.testing.assert_array_equal(smokers.genotypes, panel.genotypes)
    np.testing.assert_array_equal(other.genotypes, panel.genotypes)
    pd.testing.assert_frame_equal(smokers.traits, again.traits)
    assert not smokers.traits.equals(other.traits)


def test_fewer_people_are_drawn_from_a_panel_each_once(panel):
    few = studies.smoking(300, 50, haplotypes=panel, seed=0)
    assert few.genotypes.shape == (300, 50)
    assert few.covariates["ancestry"].value_counts().to_dict() == {"EUR": 200, "AFR": 100}
    places = np.searchsorted(panel.positions, few.variants["position"])
    whole = {row.tobytes() for row in panel.genotypes[:, places]}
    assert all(row.tobytes() in whole for row in few.genotypes)
    everybody = studies.smoking(3888, 149, haplotypes=panel, seed=9).genotypes
    assert np.array_equal(everybody, panel.genotypes)  # nobody twice, nobody left out


# Traits of smokers ------------------------------------------------------------------------


@pytest.mark.parametrize("shares", [(0.05, 0.05), (0.3, 0.1)])
@pytest.mark.parametrize("r", [0.0, 0.5, 1.0, -0.3])
def test_heritability_and_correlations_are_exact(panel, r, shares):
    study = studies.smoking(
        500,
        haplotypes=panel,
        heritability=shares,
        genetic_correlation=r,
        environmental_correlation=0.25,
        seed=1,
    )
    values, liabilities = study.genetic_values, study.liabilities
    np.testing.assert_allclose(liabilities.var(ddof=0), 1, rtol=1e-9)
    np.testing.assert_allclose(values.var(ddof=0), shares, rtol=1e-9)
    assert correlation(values) == pytest.approx(r, abs=1e-9)
    assert correlation(liabilities - values) == pytest.approx(0.25, abs=1e-9)


def test_without_heritability_nothing_can_be_explained(panel):
    study = studies.smoking(500, haplotypes=panel, heritability=0.0, seed=1)
    np.testing.assert_allclose(study.genetic_values, 0, atol=1e-12)
    np.testing.assert_allclose(study.explained_variance, 0, atol=1e-12)


def test_counts_are_whole_bounded_heaped_and_often_zero(smokers):
    cigarettes, drinks = smokers.traits["cigarettes"], smokers.traits["drinks"]
    assert smokers.traits.dtypes.tolist() == [np.int64, np.int64]
    assert cigarettes.between(0, 240).all()
    assert drinks.between(0, 258).all()
    for trait, share in ((cigarettes, 0.20), (drinks, 0.05)):
        zeros = int((trait == 0).sum())
        assert stats.binomtest(zeros, trait.size, share).pvalue > 1e-3
    smoked, drunk = cigarettes[cigarettes > 0], drinks[drinks > 0]
    # 85 % round to fives, and one in five of the rest hits a multiple by chance.
    assert (smoked % 5 == 0).mean() == pytest.approx(0.85 + 0.15 / 5, abs=0.025)
    assert (drunk % 5 == 0).mean() == pytest.approx(0.2, abs=0.05)


def test_the_mean_and_variance_of_drinks_are_plausible():
    """The test errors at level 0.5 of Lin, Zhang & Lu are 433 to 439; theirs cannot be below the
    variance by much, as SNPs explain little."""
    variances, means = [], []
    for seed in range(12):
        drinks = studies.smoking(1500, seed=seed).traits["drinks"]
        variances.append(drinks.var())
        means.append(drinks.mean())
    assert np.mean(variances) == pytest.approx(430, abs=25)
    assert 15 < np.mean(means) < 21


def test_the_expected_count_has_its_closed_form(panel):
    """Mean of a lognormal number between a threshold and a ceiling, given the genetic value."""
    share = 0.3
    study = studies.smoking(haplotypes=panel, heritability=share, seed=4)
    mean, deviation, zeros, ceiling, _ = _smoking._COUNTS["drinks"]
    value, rest = study.genetic_values["drinks"].to_numpy(), 1 - share
    low, high = stats.norm.ppf(zeros), (np.log(ceiling) - mean) / deviation
    between = stats.norm.cdf((value + deviation * rest - low) / np.sqrt(rest)) - stats.norm.cdf(
        (value + deviation * rest - high) / np.sqrt(rest)
    )
    expected = np.exp(mean + deviation * value + deviation**2 * rest / 2) * between
    expected += ceiling * stats.norm.cdf((value - high) / np.sqrt(rest))
    # Rounding to whole numbers is not in the formula; it matters little.
    np.testing.assert_allclose(study.expected_traits["drinks"], expected, rtol=0.006)


@pytest.mark.parametrize("trait", ["cigarettes", "drinks"])
def test_the_expected_count_is_what_the_best_predictor_says(panel, trait):
    """The regression of the count on it has slope 1 and intercept 0."""
    study = studies.smoking(haplotypes=panel, heritability=0.3, seed=6)
    fit = stats.linregress(study.expected_traits[trait], study.traits[trait])
    assert fit.slope == pytest.approx(1, abs=4 * fit.stderr)
    assert fit.intercept == pytest.approx(0, abs=4 * fit.intercept_stderr)
    assert fit.rvalue**2 == pytest.approx(study.explained_variance[trait], rel=0.25)


def test_by_default_little_of_the_counts_can_be_explained():
    shares = np.mean([studies.smoking(1500, seed=seed).explained_variance for seed in range(8)], 0)
    assert np.all((shares > 0.03) & (shares < 0.05))


def test_ancestry_matters_by_the_causal_snps_alone(panel):
    """Without genes, the two ancestries do not differ (analysis of variance, over 20 draws)."""
    small = []
    for seed in range(20):
        study = studies.smoking(haplotypes=panel, heritability=0.0, seed=seed)
        european = (study.covariates["ancestry"] == "EUR").to_numpy()
        liability = study.liabilities["drinks"].to_numpy()
        small.append(stats.ttest_ind(liability[european], liability[~european]).pvalue < 0.05)
    assert sum(small) <= 5  # P(more) is below 0.001 if 5 % are


def test_every_gene_has_causal_snps(smokers):
    genes = smokers.variants["gene"].to_numpy()
    causal = genes[smokers.truth["drinks"].causal_loci]
    assert np.unique(causal, return_counts=True)[1].tolist() == [4, 4, 4]


def test_the_architecture_may_hold_dominance_and_epistasis(panel):
    shape = Architecture(n_causal=12, additive=0.5, dominance=0.2, pairwise=0.3)
    truth = studies.smoking(haplotypes=panel, architecture=shape, seed=0).truth["drinks"]
    parts = truth.variance_components
    assert parts["dominance"] == pytest.approx(0.2 * 0.05)
    assert parts["pairwise"] == pytest.approx(0.3 * 0.05)


# Given haplotypes -------------------------------------------------------------------------


def test_given_haplotypes_are_paired_within_ancestry():
    generator = np.random.default_rng(0)
    haplotypes = generator.integers(0, 2, size=(200, 40)).astype(np.int8)
    labels = np.repeat(["x", "y"], [60, 140])
    haplotypes[:, 0] = labels == "y"  # a locus that tells which
    study = studies.smoking(100, 40, haplotypes=haplotypes, ancestry=labels, seed=0)
    ancestry = study.covariates["ancestry"]
    assert ancestry.value_counts().to_dict() == {"y": 70, "x": 30}
    np.testing.assert_array_equal(study.genotypes[:, 0], np.where(ancestry == "y", 2, 0))
    # Everyone is needed, so nobody is used twice: the sums agree.
    np.testing.assert_array_equal(study.genotypes.sum(axis=0), haplotypes.sum(axis=0))


def test_mosaics_keep_frequencies_and_lose_linkage_at_the_known_rate():
    """D of a mosaic is D of its source times the chance of no jump between the loci."""
    generator = np.random.default_rng(1)
    source = np.repeat(generator.integers(0, 2, size=(20, 1)), 3, axis=1).astype(np.int8)
    source[3, 2] ^= 1
    positions = np.array([1_000, 31_000, 91_000])
    made = mosaic(source, positions, 40_000, generator)
    np.testing.assert_allclose(made.mean(axis=0), source.mean(axis=0), atol=0.012)
    before, after = np.cov(source.T, bias=True), np.cov(made.T, bias=True)
    for i, j, distance in ((0, 1, 30_000), (1, 2, 60_000), (0, 2, 90_000)):
        stays = np.exp(-4 * 10_000 * 1.2e-8 * distance / 20)
        assert after[i, j] == pytest.approx(before[i, j] * stays, abs=0.006)
    assert jump_probability(positions, 20)[0] == 0


def test_real_haplotypes_carry_the_same_traits(real_data):
    """149 common SNPs of Africans and Europeans around LCT: frequencies and linkage remain."""
    from geneml.datasets import haplotypes

    if not (real_data / "LCT.haplotypes.rda").is_file():
        pytest.skip("no LCT.haplotypes.rda in GENEML_DATA")
    real = haplotypes("lct", super_populations=("AFR", "EUR"))
    study = studies.smoking(
        haplotypes=real.haplotypes,
        ancestry=real.super_population,
        positions=real.positions,
        seed=1,
    )
    assert study.genotypes.shape == (3888, 149)
    frequency = study.genotypes.mean(axis=0) / 2
    assert np.minimum(frequency, 1 - frequency).min() >= 0.05
    assert correlation(study.genetic_values) == pytest.approx(0.8)
    np.testing.assert_allclose(study.genetic_values.var(ddof=0), 0.05)
    positions = study.variants["position"].to_numpy()
    # Six positions are shared by two variants, so the rows of the source are found with care.
    places = np.searchsorted(real.positions, positions)
    unique = np.isin(positions, real.positions[np.unique(places)]) & np.array(
        [np.count_nonzero(real.positions == x) == 1 for x in positions]
    )
    edges = ((0, 10_000), (10_000, 50_000), (50_000, 150_000), (150_000, 300_000))
    for name in ("AFR", "EUR"):
        source = real.haplotypes[real.super_population == name][:, places[unique]]
        made = study.genotypes[(study.covariates["ancestry"] == name).to_numpy()][:, unique]
        k, p = len(source), source.mean(axis=0)
        n = 2 * len(made)
        error = np.sqrt(p * (1 - p) / n)
        # Copies are drawn at random, so the binomial error of n haplotypes is all there is.
        assert np.all(np.abs(made.mean(axis=0) / 2 - p) < 4.5 * error + 1e-9)
        varies = (p > 0.02) & (p < 0.98)
        before = decay(source[:, varies], positions[unique][varies], edges)
        after = decay(made[:, varies], positions[unique][varies], edges)
        middle = np.array([np.mean(edge) for edge in edges])
        stays = np.exp(-2 * 4 * 10_000 * 1.2e-8 * middle / k)
        np.testing.assert_allclose(after, before * stays, atol=0.03)
        assert before[0] > before[-1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n": 10}, ValueError, "n must be 20 or more"),
        ({"n_loci": 1}, ValueError, "n_loci must be 2 or more"),
        ({"heritability": 1.2}, ValueError, "heritability must lie in"),
        ({"heritability": "high"}, TypeError, "heritability must be a number"),
        ({"heritability": (0.1, 0.1, 0.1)}, TypeError, "one for each trait"),
        ({"genetic_correlation": 2}, ValueError, "genetic_correlation must lie in"),
        ({"environmental_correlation": None}, TypeError, "environmental_correlation must be"),
        ({"n_causal": 150}, ValueError, "more than the 149 SNPs"),
        ({"architecture": "additive"}, TypeError, "must be an Architecture"),
        ({"african_share": 0.0}, ValueError, "african_share must lie in"),
        ({"positions": np.arange(3)}, ValueError, "describe an array of haplotypes"),
        ({"haplotypes": np.full((8, 3), 0.5)}, TypeError, "whole numbers 0 and 1"),
        ({"haplotypes": np.full((8, 3), 2)}, ValueError, "Genotypes 0, 1, 2 are no haplotypes"),
        ({"haplotypes": np.ones(8, dtype=int)}, ValueError, "must have shape"),
        (
            {"haplotypes": np.ones((8, 3), dtype=int), "ancestry": ["a"] * 4},
            ValueError,
            "one label a haplotype",
        ),
        (
            {"haplotypes": np.ones((8, 3), dtype=int), "positions": [3, 2, 1]},
            ValueError,
            "must ascend",
        ),
        ({"haplotypes": np.eye(8, dtype=int)}, ValueError, "give positions too"),
        ({"seed": -1}, ValueError, "seed must be 0 or more"),
    ],
)
def test_bad_requests_for_smokers_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        studies.smoking(**options)


def test_a_panel_cannot_give_more_than_it_has(panel):
    with pytest.raises(ValueError, match="but the panel has 1296"):
        studies.smoking(4000, haplotypes=panel)
    with pytest.raises(ValueError, match="the haplotypes have 149"):
        studies.smoking(100, 150, haplotypes=panel)


# Older people -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def elders():
    return studies.alzheimer(seed=3)


def test_elders_have_the_shape_of_the_paper(elders):
    assert elders.genotypes.shape == (677, 165)
    assert list(elders.traits) == ["hippocampus", "mmse"]
    assert list(elders.covariates) == ["sex", "age", "education", "ancestry"]
    assert set(elders.covariates["sex"]) == {1, 2}
    assert (elders.covariates["ancestry"] == "AFR").mean() == pytest.approx(0.05, abs=0.002)
    assert elders.traits["mmse"].between(0, 30).all()
    assert elders.traits["mmse"].dtype == np.int64


@pytest.fixture(scope="module")
def scores():
    """The scores of many cohorts together."""
    return np.concatenate([studies.alzheimer(seed=s).traits["mmse"] for s in range(15)])


def test_four_in_five_score_27_or_more(scores):
    share = np.count_nonzero(scores >= 27)
    assert stats.binomtest(share, scores.size, 0.80).pvalue > 1e-3
    assert 5 < scores.var() < 6


def test_the_deficit_is_negative_binomial(scores):
    """Chi-squared against scipy's distribution; liabilities are standardised in each cohort, so
    scores vary a little less than independent draws, and the test errs on the safe side."""
    size, probability = 1.2, 0.3714715
    assert stats.nbinom.cdf(3, size, probability) == pytest.approx(0.80, abs=1e-5)
    deficit = np.minimum(30 - scores, 12)
    observed = np.bincount(deficit, minlength=13)
    expected = stats.nbinom.pmf(np.arange(13), size, probability)
    expected[12] = stats.nbinom.sf(11, size, probability)
    assert stats.chisquare(observed, expected * scores.size).pvalue > 1e-3


def test_better_liabilities_score_by_the_quantiles_of_scipy(elders):
    liability = elders.liabilities["mmse"]
    chance = stats.norm.sf(liability / liability.std(ddof=0))
    np.testing.assert_array_equal(
        elders.traits["mmse"], 30 - np.minimum(stats.nbinom.ppf(chance, 1.2, 0.3714715), 30)
    )


@pytest.mark.parametrize("r", [0.0, 0.8, 1.0])
def test_the_genes_of_elders_are_exact(r):
    study = studies.alzheimer(
        heritability=(0.2, 0.1), genetic_correlation=r, environmental_correlation=0.4, seed=1
    )
    values = study.genetic_values
    np.testing.assert_allclose(values.var(ddof=0), (0.2, 0.1), rtol=1e-9)
    assert correlation(values) == pytest.approx(r, abs=1e-9)
    for name, truth in study.truth.items():
        assert truth.variance_components["environment"] == pytest.approx(1 - truth.heritability)
        # What the covariates and genes leave is the environment: regress them out.
        age = study.covariates[["sex", "age", "education"]].to_numpy(dtype=float)
        known = np.column_stack([np.ones(677), values[name], age])
        rest = study.liabilities[name].to_numpy()
        rest = rest - known @ np.linalg.lstsq(known, rest, rcond=None)[0]
        assert rest.var() == pytest.approx(1 - truth.heritability, rel=1e-9)


def test_the_main_locus_has_its_share_and_does_harm(elders):
    main = int(np.flatnonzero(elders.variants["id"] == "apoe")[0])
    assert abs(elders.variants["position"][main] - 45_411_941) < 20_000
    copies = elders.genotypes[:, main].astype(float)
    frequency = copies.mean() / 2
    rarer = copies if frequency <= 0.5 else 2 - copies
    assert min(frequency, 1 - frequency) == pytest.approx(0.14, abs=0.07)
    for trait in elders.genetic_values:
        fit = stats.linregress(rarer, elders.genetic_values[trait])
        assert fit.rvalue**2 == pytest.approx(0.5, rel=1e-9)
        assert fit.slope < 0


def test_age_shrinks_the_hippocampus_and_schooling_lifts_the_score():
    for seed in range(3):
        study = studies.alzheimer(seed=seed)
        covariates = study.covariates
        assert np.corrcoef(study.traits["hippocampus"], covariates["age"])[0, 1] < -0.25
        assert np.corrcoef(study.traits["mmse"], covariates["education"])[0, 1] > 0.1
        assert np.corrcoef(study.traits["mmse"], covariates["age"])[0, 1] < 0
        assert correlation(study.traits) > 0.1


def test_the_expected_score_is_what_the_best_predictor_says():
    expected, scores = [], []
    for seed in range(8):
        study = studies.alzheimer(seed=seed)
        expected.append(study.expected_traits)
        scores.append(study.traits)
    expected, scores = pd.concat(expected), pd.concat(scores)
    for trait in scores:
        fit = stats.linregress(expected[trait], scores[trait])
        assert fit.slope == pytest.approx(1, abs=4 * fit.stderr)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n": 30}, ValueError, "n must be 40 or more"),
        ({"n_loci": 10}, ValueError, "n_loci must be 20 or more"),
        ({"heritability": -0.1}, ValueError, "heritability must lie in"),
        ({"genetic_correlation": -0.5}, ValueError, "lower main_share"),
        ({"main_share": 1.0}, ValueError, "main_share must lie in"),
        ({"n_causal": 165}, ValueError, "more than the 165 SNPs"),
        ({"n": 50.0}, TypeError, "n must be a whole number"),
    ],
)
def test_bad_requests_for_elders_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        studies.alzheimer(**options)


# Files and cohorts ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["smoking", "alzheimer"])
@pytest.mark.parametrize("form", ["csv csv", "plink bed", "vcf vcf"])
def test_both_survive_the_files(tmp_path, name, form):
    from data_sim.commands import write_study
    from geneml import readers

    file_format, ending = form.split()
    write_study(name, tmp_path / "out", file_format, samples=250, seed=4)
    study = studies.STUDIES[name](250, seed=4)
    cohort = readers.read(
        tmp_path / "out" / f"cohort.{ending}", tmp_path / "out" / "cohort.phenotypes.csv"
    )
    order = [cohort.samples.tolist().index(sample) for sample in study.samples]
    np.testing.assert_array_equal(cohort.genotypes[order], study.genotypes)
    np.testing.assert_allclose(cohort.traits.to_numpy()[order], study.traits.to_numpy())
    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    assert list(truth["traits"]) == list(study.traits)


def test_a_cohort_keeps_genes_and_leaves_the_truth_behind(smokers):
    from geneml.cohort import from_study

    cohort = from_study(smokers)
    assert cohort.variants["gene"].tolist() == smokers.variants["gene"].tolist()
    assert list(cohort.covariates) == ["ancestry"]
    assert not hasattr(cohort, "expected_traits")


def test_the_stand_in_for_real_haplotypes_has_their_shape():
    panel = studies.lct_like_haplotypes(seed=0)
    people, counts = np.unique(panel.ancestry, return_counts=True)
    assert dict(zip(people, counts, strict=True)) == {"AFR": 661, "EAS": 504, "EUR": 503}
    assert panel.haplotypes.shape == (2 * 1668, panel.positions.size)
    assert np.ptp(panel.positions) < 300_000
    labels = np.repeat(panel.ancestry, 2)
    two = labels != "EAS"
    assert differentiation(panel.haplotypes[two], labels[two]) > 0.02
