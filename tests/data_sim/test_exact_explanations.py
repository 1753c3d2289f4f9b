"""The closed forms that explainers are scored against, checked by brute force."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from data_sim import studies
from data_sim.populations import simulate_region
from data_sim.sequences import encode_bases
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


# A whole study, at every locus -------------------------------------------------------------

ROWS = [0, 17, 250]


@pytest.fixture(scope="module")
def mutated():
    return studies.thesis(400, 60, n_causal=8, mutations="hotspots", seed=4)


def brute_force_letters(study, row, value_of):
    """Change of the genetic value for every letter at every site, by writing each letter."""
    sequence = study.sequences[row]
    mutants = [
        sequence[:site] + letter + sequence[site + 1 :]
        for site in range(len(sequence))
        for letter in "ACGT"
    ]
    return (value_of(mutants) - value_of([sequence])).reshape(len(sequence), 4)


def test_every_letter_of_a_mutated_sequence_has_its_exact_effect(mutated):
    truth, reference = mutated.truth["trait"], encode_bases(mutated.reference)

    def value_of(sequences):
        codes = np.array([encode_bases(sequence) for sequence in sequences])
        return truth.genetic_value(np.atleast_2d(codes != reference).astype(np.int8))

    effects = mutated.exact_mutation_effects(ROWS)
    assert effects.shape == (3, 60, 4)
    for place, row in enumerate(ROWS):
        np.testing.assert_allclose(
            effects[place], brute_force_letters(mutated, row, value_of), atol=1e-12
        )
        observed = encode_bases(mutated.sequences[row])
        assert np.all(effects[place, np.arange(60), observed] == 0)
    others = np.setdiff1d(np.arange(60), truth.causal_loci)
    assert not effects[:, others].any()
    assert (effects[:, truth.causal_loci] != 0).any(axis=(0, 2)).all()


def test_every_letter_around_a_motif_has_its_exact_effect():
    study = studies.regulatory(300, 48, seed=5)
    truth = study.truth["trait"]
    effects = study.exact_mutation_effects(ROWS)
    for place, row in enumerate(ROWS):
        brute = brute_force_letters(study, row, truth.genetic_value)
        np.testing.assert_allclose(effects[place], brute, atol=1e-12)
        observed = encode_bases(study.sequences[row])
        assert np.all(effects[place, np.arange(48), observed] == 0)
    assert study.exact_mutation_effects().shape == (300, 48, 4)


def test_shapley_values_of_positions_agree_with_enumeration(mutated):
    truth, mutations = mutated.truth["trait"], mutated.mutations
    background = np.arange(300, 400)
    values = mutated.exact_shapley_values(ROWS[:2], background=background)
    assert values.shape == (2, 60)
    for place, row in enumerate(ROWS[:2]):
        brute = shapley_by_enumeration(truth, mutations[row], mutations[background])
        np.testing.assert_allclose(values[place, truth.causal_loci], brute, atol=1e-12)
    others = np.setdiff1d(np.arange(60), truth.causal_loci)
    assert not values[:, others].any()
    everyone = mutated.exact_shapley_values()
    np.testing.assert_allclose(
        everyone.sum(axis=1), mutated.genetic_values["trait"], atol=1e-10
    )  # genetic values are deviations from the mean of the cohort


def test_a_mutation_weighed_by_frequency_is_a_shapley_value_where_nothing_interacts():
    study = studies.thesis(300, 40, architecture=Architecture(n_causal=6), seed=6)
    codes = np.array([encode_bases(sequence) for sequence in study.sequences])
    frequency = (codes[:, :, None] == np.arange(4)).mean(axis=0)
    contribution = -(study.exact_mutation_effects() * frequency).sum(axis=2)
    np.testing.assert_allclose(contribution, study.exact_shapley_values(), atol=1e-12)


def test_genotype_studies_have_effects_at_every_locus_too():
    study = studies.small_panel(
        80, 30, n_causal=5, architecture=ARCHITECTURES["everything"], seed=7
    )
    truth, genotypes = study.truth["trait"], study.genotypes
    effects = study.exact_mutation_effects(np.arange(80) < 4)
    assert effects.shape == (4, 30, 3)
    before = truth.genetic_value(genotypes[:4])
    for locus in range(30):
        for state in range(3):
            changed = genotypes[:4].copy()
            changed[:, locus] = state
            np.testing.assert_allclose(
                effects[:, locus, state], truth.genetic_value(changed) - before, atol=1e-12
            )
    values = study.exact_shapley_values([2])
    np.testing.assert_allclose(
        values[0, truth.causal_loci], exact_shapley_values(truth, genotypes[[2]], genotypes)[0]
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.exact_mutation_effects([400]), ValueError, "samples from 0 to 399"),
        (lambda s: s.exact_mutation_effects([]), (TypeError, ValueError), "rows must"),
        (lambda s: s.exact_mutation_effects([0.5]), TypeError, "row numbers or a mask"),
        (lambda s: s.exact_mutation_effects(trait="height"), ValueError, "trait must be one of"),
        (lambda s: s.exact_shapley_values(background=[-1]), ValueError, "background must name"),
    ],
)
def test_wrong_rows_and_traits_are_explained(mutated, call, error, message):
    with pytest.raises(error, match=message):
        call(mutated)


def test_a_study_says_why_it_has_no_exact_answer():
    with pytest.raises(ValueError, match="no closed form"):
        studies.regulatory(30, 48, seed=8).exact_shapley_values()
    hidden = studies.two_populations(60, 80, n_causal=10, hide_causal=True, length=500_000, seed=9)
    with pytest.raises(ValueError, match="are not among its genotypes"):
        hidden.exact_mutation_effects()
    several = studies.wheat_like(40, 60, n_causal=10, seed=10)
    with pytest.raises(ValueError, match="trait must be one of yield_1"):
        several.exact_shapley_values()
    holes = studies.small_panel(40, 20, n_causal=3, missing_rate=0.3, seed=11)
    with pytest.raises(ValueError, match="missing genotypes"):
        holes.exact_mutation_effects()
