"""Traits: exact heritability, orthogonal components, exact correlations, known effects."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sim.populations import simulate_independent_loci, simulate_region
from data_sim.traits import Architecture, simulate_trait, simulate_traits

MIXED = Architecture(n_causal=20, additive=0.4, dominance=0.2, pairwise=0.3, three_way=0.1)


@pytest.fixture(scope="module")
def linked():
    return simulate_region(400, length=500_000, minimum_allele_frequency=0.05, seed=1).genotypes


def rows(trait):
    return np.array([*trait.components.values(), trait.environment])


def covariance(values):
    return np.cov(values, ddof=0)


@settings(max_examples=20, deadline=None)
@given(
    heritability=st.floats(0, 1),
    weights=st.lists(st.floats(0.05, 1), min_size=4, max_size=4),
    distribution=st.sampled_from(["normal", "gamma", "equal", "geometric"]),
    seed=st.integers(0, 2**32),
)
def test_variances_add_up_exactly_whatever_the_architecture(
    linked, heritability, weights, distribution, seed
):
    shares = np.array(weights) / sum(weights)
    names = ("additive", "dominance", "pairwise", "three_way")
    architecture = Architecture(
        n_causal=15, effect_distribution=distribution, **dict(zip(names, shares, strict=True))
    )
    trait = simulate_trait(linked, heritability=heritability, architecture=architecture, seed=seed)
    expected = np.append(heritability * shares, 1 - heritability)
    np.testing.assert_allclose(covariance(rows(trait)), np.diag(expected), atol=1e-10)
    assert trait.genetic_value.var() / trait.phenotype.var() == pytest.approx(
        heritability, abs=1e-10
    )
    assert np.abs(rows(trait).mean(axis=1)).max() < 1e-10
    np.testing.assert_allclose(trait.phenotype, trait.genetic_value + trait.environment, atol=1e-12)


def test_dominance_and_epistasis_hide_nothing_additive(linked):
    trait = simulate_trait(linked, heritability=0.7, architecture=MIXED, seed=2)
    causal = linked[:, trait.truth.causal_loci].astype(float)
    design = np.column_stack([np.ones(len(causal)), causal])
    for name in ("dominance", "pairwise", "three_way"):
        slopes = np.linalg.lstsq(design, trait.components[name], rcond=None)[0]
        assert np.abs(slopes).max() < 1e-9
    # So the additive effects are what a regression on the causal loci finds.
    slopes = np.linalg.lstsq(design, trait.genetic_value, rcond=None)[0]
    np.testing.assert_allclose(slopes[1:], trait.truth.additive_effects, atol=1e-9)


def test_naive_products_would_have_been_mostly_additive():
    # What this design prevents: products of copies lean on the single loci.
    # At frequency 1/2 copies have mean 1 and variance 1/2, so the two loci alone explain
    # 2 (1/2) of a total of 2 (1/2) + (1/2)^2.
    genotypes = simulate_independent_loci(
        20_000, 2, allele_frequency_range=(0.5, 0.5), seed=3
    ).genotypes.astype(float)
    product = genotypes.prod(axis=1)
    design = np.column_stack([np.ones(20_000), genotypes])
    fitted = design @ np.linalg.lstsq(design, product, rcond=None)[0]
    assert fitted.var() / product.var() == pytest.approx(0.8, abs=0.02)


def test_the_additive_effect_of_one_locus_is_fishers_average_effect():
    # alpha = a + d (q - p) for genotypic values -a, d, a (Falconer & Mackay 1996, chapter 7),
    # in exact Hardy-Weinberg proportions with q the frequency of the other allele.
    p = 0.3
    counts = np.round(10_000 * np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])).astype(int)
    genotypes = np.repeat([0, 1, 2], counts)[:, None]
    trait = simulate_trait(
        genotypes,
        heritability=0.5,
        architecture=Architecture(n_causal=1, additive=0.6, dominance=0.4),
        seed=4,
    )
    value = trait.truth.genetic_value(np.array([[0], [1], [2]]))
    a = (value[2] - value[0]) / 2
    d = value[1] - (value[0] + value[2]) / 2
    assert trait.truth.additive_effects[0] == pytest.approx(a + d * (1 - 2 * p), rel=1e-9)
    assert trait.truth.dominance_effects[0] == pytest.approx(d, rel=1e-9)
    # And the variances are 2pq alpha^2 and (2pq d)^2 (chapter 8).
    two_pq = 2 * p * (1 - p)
    assert trait.truth.variance_components["additive"] == pytest.approx(
        two_pq * (a + d * (1 - 2 * p)) ** 2, rel=1e-9
    )
    assert trait.truth.variance_components["dominance"] == pytest.approx(
        (two_pq * d) ** 2, rel=1e-9
    )


@settings(max_examples=12, deadline=None)
@given(
    correlation=st.floats(-1, 1),
    environmental=st.floats(-1, 1),
    heritability=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)),
    seed=st.integers(0, 2**32),
)
def test_two_traits_have_exactly_the_correlations_asked_for(
    linked, correlation, environmental, heritability, seed
):
    genetic = np.array([[1, correlation], [correlation, 1]])
    other = np.array([[1, environmental], [environmental, 1]])
    traits = simulate_traits(
        linked,
        heritability=heritability,
        genetic_correlation=genetic,
        environmental_correlation=other,
        architecture=MIXED,
        seed=seed,
    )
    scale = np.sqrt(heritability)
    np.testing.assert_allclose(
        covariance(traits.genetic_values.T), genetic * np.outer(scale, scale), atol=1e-9
    )
    rest = np.sqrt(1 - np.array(heritability))
    noise = np.array([trait.environment for trait in traits])
    np.testing.assert_allclose(covariance(noise), other * np.outer(rest, rest), atol=1e-9)
    both = covariance(np.vstack([traits.genetic_values.T, noise]))
    np.testing.assert_allclose(both[:2, 2:], 0, atol=1e-9)


def test_five_traits_at_once(linked):
    root = np.random.default_rng(5).standard_normal((5, 5))
    matrix = root @ root.T
    scale = np.sqrt(np.diag(matrix))
    matrix /= np.outer(scale, scale)
    traits = simulate_traits(
        linked, heritability=np.linspace(0.2, 0.9, 5), genetic_correlation=matrix, seed=5
    )
    assert len(traits) == 5
    assert traits.phenotypes.shape == (400, 5)
    np.testing.assert_allclose(np.corrcoef(traits.genetic_values.T), matrix, atol=1e-10)
    for trait, share in zip(traits, np.linspace(0.2, 0.9, 5), strict=True):
        assert trait.genetic_value.var() == pytest.approx(share, abs=1e-10)
        assert trait.truth.heritability == share
        np.testing.assert_allclose(
            trait.truth.genetic_value(linked), trait.genetic_value, atol=1e-10
        )


@pytest.mark.parametrize("distribution", ["normal", "gamma", "equal", "geometric"])
def test_effect_distributions_have_their_shape(distribution):
    genotypes = simulate_independent_loci(300, 500, seed=6).genotypes
    architecture = Architecture(n_causal=200, effect_distribution=distribution)
    truth = simulate_trait(genotypes, heritability=1, architecture=architecture, seed=6).truth
    size = np.sort(np.abs(truth.additive_effects))[::-1]
    assert 0.3 < (truth.additive_effects > 0).mean() < 0.7
    if distribution == "equal":
        np.testing.assert_allclose(size, size[0])
    elif distribution == "geometric":
        np.testing.assert_allclose(size[1:] / size[:-1], 0.9)
    else:
        # E|x|^2 / E x^2: 2 / pi for a normal, shape / (1 + shape) for a gamma.
        expected = 2 / np.pi if distribution == "normal" else 0.4 / 1.4
        assert size.mean() ** 2 / (size**2).mean() == pytest.approx(expected, abs=0.1)


def test_given_loci_are_the_causal_ones_and_groups_are_among_them(linked):
    loci = np.array([7, 3, 90, 40, 41])
    architecture = Architecture(additive=0.5, pairwise=0.3, three_way=0.2, n_pairs=4, n_triples=3)
    truth = simulate_trait(
        linked, heritability=0.5, architecture=architecture, causal_loci=loci, seed=7
    ).truth
    np.testing.assert_array_equal(truth.causal_loci, np.sort(loci))
    assert truth.pairs.shape == (4, 2)
    assert truth.triples.shape == (3, 3)
    for groups in (truth.pairs, truth.triples):
        assert set(groups.ravel().tolist()) <= set(loci.tolist())
        assert np.all(np.diff(groups, axis=1) > 0)
        assert len({tuple(group) for group in groups.tolist()}) == len(groups)
    assert truth.pair_effects.shape == (4,)
    assert np.all(truth.dominance_effects == 0)


def test_mutations_that_are_there_or_not_can_interact():
    mutations = (np.random.default_rng(8).random((500, 30)) < 0.3).astype(np.int8)
    architecture = Architecture(n_causal=8, additive=0.5, pairwise=0.5)
    trait = simulate_trait(mutations, heritability=0.9, architecture=architecture, seed=8)
    assert np.all(trait.truth.function.heterozygote == 0)
    np.testing.assert_allclose(
        trait.truth.genetic_value(mutations), trait.genetic_value, atol=1e-10
    )


def test_other_units(linked):
    trait = simulate_trait(linked, heritability=0.3, architecture=MIXED, seed=9)
    tall = trait.rescaled(7.0, 170.0)
    np.testing.assert_allclose(tall.phenotype, 170 + 7 * trait.phenotype)
    assert tall.phenotype.mean() == pytest.approx(170)
    assert tall.phenotype.std() == pytest.approx(7)
    np.testing.assert_allclose(tall.truth.genetic_value(linked), 170 + tall.genetic_value)
    assert sum(tall.truth.variance_components.values()) == pytest.approx(49)
    with pytest.raises(ValueError, match="standard_deviation must lie in"):
        trait.rescaled(0.0)


def test_the_seed_decides_everything(linked):
    first = simulate_trait(linked, heritability=0.5, architecture=MIXED, seed=10)
    again = simulate_trait(linked, heritability=0.5, architecture=MIXED, seed=10)
    other = simulate_trait(linked, heritability=0.5, architecture=MIXED, seed=11)
    np.testing.assert_array_equal(first.phenotype, again.phenotype)
    assert not np.array_equal(first.phenotype, other.phenotype)
    assert linked.dtype == np.int8


HETEROZYGOTES_ONLY = np.tile(np.array([[0], [2]], dtype=np.int8), (50, 20))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"genotypes": [[0, 1], ["a", "b"]]}, TypeError, "genotypes must hold numbers"),
        ({"genotypes": np.zeros(5, int)}, ValueError, "must be a matrix"),
        ({"genotypes": np.zeros((1, 5), int)}, ValueError, "at least two individuals"),
        ({"genotypes": np.full((5, 5), 3)}, ValueError, "0, 1 or 2 copies"),
        ({"genotypes": np.full((5, 5), 0.5)}, ValueError, "whole numbers"),
        ({"genotypes": np.full((5, 5), np.nan)}, ValueError, "whole numbers"),
        ({"genotypes": np.full((9, 5), -1)}, ValueError, "45 missing genotypes"),
        ({"genotypes": np.zeros((9, 60), int)}, ValueError, "only 0 of 60 loci vary"),
        ({"genotypes": np.eye(3, 60, dtype=int)}, ValueError, "need at least 4"),
        ({"heritability": 1.2}, ValueError, "heritability must lie in"),
        ({"heritability": -0.1}, ValueError, "heritability must lie in"),
        ({"heritability": "high"}, TypeError, "heritability must be a number"),
        ({"architecture": "additive"}, TypeError, "must be an Architecture"),
        ({"architecture": Architecture(n_causal=10**6)}, ValueError, "ask for fewer"),
        ({"causal_loci": [0.5]}, TypeError, "causal_loci must be whole numbers"),
        ({"causal_loci": []}, TypeError, "causal_loci must be whole numbers"),
        ({"causal_loci": [[1, 2]]}, ValueError, "causal_loci must be a list"),
        ({"causal_loci": [-1]}, ValueError, "causal_loci must lie between"),
        ({"causal_loci": [10**6]}, ValueError, "causal_loci must lie between"),
        ({"causal_loci": [3, 3]}, ValueError, "causal_loci must all differ"),
        (
            {"genotypes": HETEROZYGOTES_ONLY, "architecture": Architecture(5, 0.5, 0.5)},
            ValueError,
            "the dominance component cannot be told",
        ),
        (
            {
                "causal_loci": [1, 2, 3],
                "architecture": Architecture(additive=0.5, pairwise=0.5, n_pairs=4),
            },
            ValueError,
            "n_pairs is 4",
        ),
        (
            {
                "causal_loci": [1, 2],
                "architecture": Architecture(additive=0.5, three_way=0.5),
            },
            ValueError,
            "n_triples is 1",
        ),
        ({"seed": None}, TypeError, "seed must be"),
    ],
)
def test_bad_arguments_are_explained(linked, change, error, message):
    arguments = {"genotypes": linked, "heritability": 0.5, "seed": 1} | change
    with pytest.raises(error, match=message):
        simulate_trait(**arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heritability": 0.5}, "one number per trait"),
        ({"heritability": [0.5, 1.5]}, r"heritability\[1\] must lie in"),
        ({"genetic_correlation": np.eye(3)}, r"shape \(2, 2\)"),
        ({"genetic_correlation": [[1, 0.5], [0.2, 1]]}, "symmetric"),
        ({"genetic_correlation": [[2, 0], [0, 2]]}, "ones on its diagonal"),
        ({"genetic_correlation": [[1, 1.5], [1.5, 1]]}, "negative eigenvalue"),
        ({"environmental_correlation": np.eye(1)}, "environmental_correlation must have"),
        ({"causal_loci": [4]}, "2 traits need at least 2 causal loci"),
    ],
)
def test_bad_correlations_are_explained(linked, change, message):
    arguments = {
        "genotypes": linked,
        "heritability": [0.5, 0.5],
        "genetic_correlation": np.eye(2),
        "seed": 1,
    } | change
    with pytest.raises(ValueError, match=message):
        simulate_traits(**arguments)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"pairwise": 0.5}, ValueError, "must sum to 1"),
        ({"additive": -0.5, "dominance": 1.5}, ValueError, "must lie in"),
        ({"n_causal": 0}, ValueError, "n_causal must be 1 or more"),
        ({"n_pairs": 0}, ValueError, "n_pairs must be 1 or more"),
        ({"n_triples": 1.5}, TypeError, "n_triples must be a whole number"),
        ({"effect_distribution": "cauchy"}, ValueError, "effect_distribution must be one of"),
        ({"additive": "all"}, TypeError, "additive must be a number"),
    ],
)
def test_bad_architectures_are_explained(fields, error, message):
    with pytest.raises(error, match=message):
        Architecture(**fields)
