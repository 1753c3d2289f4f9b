"""The closed forms that explainers are scored against, checked by brute force."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from data_sim.populations import simulate_region
from data_sim.traits import (
    Architecture,
    exact_mutation_effects,
    exact_shapley_values,
    simulate_trait,
)

ARCHITECTURES = {
    "additive": Architecture(n_causal=6),
    "dominant": Architecture(n_causal=6, additive=0.5, dominance=0.5),
    "pairs": Architecture(n_causal=6, additive=0.5, pairwise=0.5, n_pairs=5),
    "everything": Architecture(6, 0.4, 0.2, 0.2, 0.2, n_pairs=4, n_triples=5),
}


@pytest.fixture(scope="module")
def genotypes():
    return simulate_region(150, length=100_000, minimum_allele_frequency=0.15, seed=1).genotypes


@pytest.fixture(params=ARCHITECTURES)
def truth(request, genotypes):
    architecture = ARCHITECTURES[request.param]
    return simulate_trait(genotypes, heritability=0.8, architecture=architecture, seed=2).truth


def shapley_by_enumeration(truth, row, background):
    """The definition, over all coalitions: phi = mean over orders of the marginal gains."""
    loci = truth.causal_loci
    k = len(loci)

    def worth(coalition):
        mixed = background.copy()
        mixed[:, loci[list(coalition)]] = row[loci[list(coalition)]]
        return truth.genetic_value(mixed).mean()

    values = np.zeros(k)
    for player in range(k):
        others = [place for place in range(k) if place != player]
        for size in range(k):
            weight = factorial(size) * factorial(k - size - 1) / factorial(k)
            for coalition in combinations(others, size):
                values[player] += weight * (worth((*coalition, player)) - worth(coalition))
    return values


def test_shapley_values_agree_with_enumeration(truth, genotypes):
    background, explained = genotypes[40:], genotypes[:3]
    exact = exact_shapley_values(truth, explained, background)
    brute = [shapley_by_enumeration(truth, row, background) for row in explained]
    np.testing.assert_allclose(exact, brute, atol=1e-12)


def test_shapley_values_add_up_to_the_difference_from_the_background(truth, genotypes):
    background = genotypes[40:]
    exact = exact_shapley_values(truth, genotypes, background)
    value = truth.genetic_value(genotypes)
    np.testing.assert_allclose(
        exact.sum(axis=1), value - truth.genetic_value(background).mean(), atol=1e-12
    )


def test_shapley_values_of_pairs_as_published(genotypes):
    # phi_i = beta_i (x_i - mu_i) + sum_j gamma_ij / 2 [(x_i - mu_i)(x_j + mu_j) - cov_ij]
    # For 0/1 mutations no heterozygote term enters, so this is the whole of it.
    mutations = (genotypes > 0).astype(np.int8)
    varying = np.flatnonzero((mutations.mean(axis=0) > 0.2) & (mutations.mean(axis=0) < 0.8))
    truth = simulate_trait(
        mutations,
        heritability=0.8,
        architecture=ARCHITECTURES["pairs"],
        causal_loci=varying[:: len(varying) // 6][:6],
        seed=3,
    ).truth
    function = truth.function
    x = mutations[:, truth.causal_loci].astype(float)
    mean, covariance = x.mean(axis=0), np.cov(x.T, ddof=0)
    assert np.abs(covariance[np.triu_indices(6, 1)]).max() > 0.01  # linkage matters here
    expected = function.linear * (x - mean)
    for pair, effect in zip(function.pairs, function.pair_effects, strict=True):
        i, j = np.searchsorted(truth.causal_loci, pair)
        for one, two in ((i, j), (j, i)):
            expected[:, one] += (effect / 2) * (
                (x[:, one] - mean[one]) * (x[:, two] + mean[two]) - covariance[one, two]
            )
    np.testing.assert_allclose(
        exact_shapley_values(truth, mutations, mutations), expected, atol=1e-13
    )


def test_mutation_effects_agree_with_changing_one_genotype(truth, genotypes):
    few = genotypes[:20]
    exact = exact_mutation_effects(truth, few)
    before = truth.genetic_value(few)
    for place, locus in enumerate(truth.causal_loci):
        for state in range(3):
            changed = few.copy()
            changed[:, locus] = state
            np.testing.assert_allclose(
                exact[:, place, state], truth.genetic_value(changed) - before, atol=1e-12
            )


def test_loci_that_are_not_causal_change_nothing(truth, genotypes):
    changed = genotypes.copy()
    others = np.setdiff1d(np.arange(genotypes.shape[1]), truth.causal_loci)
    changed[:, others] = 2 - changed[:, others]
    np.testing.assert_array_equal(truth.genetic_value(changed), truth.genetic_value(genotypes))


def test_states_can_be_chosen_and_one_individual_is_enough(truth, genotypes):
    one = genotypes[:1]
    every = exact_mutation_effects(truth, one)
    assert every.shape == (1, 6, 3)
    np.testing.assert_array_equal(exact_mutation_effects(truth, one, states=(1,)), every[..., 1:2])
    assert exact_shapley_values(truth, one, genotypes).shape == (1, 6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t, g: exact_mutation_effects("truth", g), TypeError, "must be a Truth"),
        (lambda t, g: exact_mutation_effects(t, g, states=(3,)), ValueError, "states must be"),
        (lambda t, g: exact_mutation_effects(t, g, states=()), ValueError, "states must be"),
        (lambda t, g: exact_mutation_effects(t, g[0]), ValueError, "must be a matrix"),
        (lambda t, g: exact_mutation_effects(t, g[:, :1]), ValueError, "same columns"),
        (lambda t, g: exact_shapley_values(t, g, g - 1), ValueError, "background has"),
        (lambda t, g: t.genetic_value(g + 5), ValueError, "0, 1 or 2 copies"),
    ],
)
def test_bad_arguments_are_explained(truth, genotypes, call, error, message):
    with pytest.raises(error, match=message):
        call(truth, genotypes)
