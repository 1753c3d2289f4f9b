"""Shapley values against the definition, closed forms, and the shap library's own answers."""

import math
from itertools import permutations

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data_sim.traits import Architecture, exact_shapley_values, simulate_trait
from geneml.interpret.saliency import integrated_gradients
from geneml.interpret.shapley import (
    EXPLAINERS,
    exact_shapley,
    expected_gradients,
    permutation_shapley,
    shapley_values,
)


def by_definition(worth, k):
    """Average over all k! orders of joining, of what each player changes."""
    credit = np.zeros(k)
    for order in permutations(range(k)):
        inside = np.zeros(k, dtype=int)
        before = worth(inside)
        for player in order:
            inside[player] = 1
            credit[player] += worth(inside) - before
            before = worth(inside)
    return credit / math.factorial(k)


def averaged_game(function, x, background):
    """The worth of a coalition of positions, by filling in each background row."""

    def worth(inside):
        mask = inside.astype(bool).reshape(-1, *[1] * (x.ndim - 1))
        return float(np.mean([function(np.where(mask, x, b)[None])[0] for b in background]))

    return worth


@pytest.fixture(scope="module")
def cohort():
    random = np.random.default_rng(3)
    linked = random.integers(0, 3, (150, 10))
    linked[:, 1] = np.where(random.random(150) < 0.8, linked[:, 0], linked[:, 1])
    genotypes = linked.astype("int8")
    trait = simulate_trait(
        genotypes,
        heritability=0.8,
        architecture=Architecture(n_causal=8, additive=0.5, pairwise=0.5, n_pairs=4),
        seed=1,
    )
    return genotypes, trait.truth


# --- the definition ---------------------------------------------------------------------


def test_three_loci_by_hand():
    found = exact_shapley(
        lambda z: z[:, 0] * z[:, 1] + z[:, 2], np.array([[1, 1, 1]]), np.array([[0, 0, 0]])
    )
    np.testing.assert_allclose(found.values, [[0.5, 0.5, 1.0]], atol=1e-12)
    assert found.base_values.tolist() == [0.0]
    assert found.kind == "credit"
    assert found.axes == ("sample", "position")


numbers = st.floats(-10, 10, allow_nan=False, width=32)


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, 16, elements=numbers), st.integers(0, 100))
def test_any_game_of_four_is_solved_as_defined(table, seed):
    def function(rows):
        return table[rows @ (1 << np.arange(4))]

    expected = by_definition(lambda inside: function(inside[None])[0], 4)
    x, background = np.ones((1, 4), int), np.zeros((1, 4), int)
    np.testing.assert_allclose(
        exact_shapley(function, x, background).values[0], expected, atol=1e-12
    )
    # All 24 orderings would be needed in general; 200 antithetic ones come near.
    many = permutation_shapley(function, x, background, n_permutations=200, seed=seed)
    error = 6 * many.standard_error[0] + 1e-9
    assert (np.abs(many.values[0] - expected) <= error).all()
    np.testing.assert_allclose(many.additivity_gap, 0, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(
    arrays(np.float64, (5, 5), elements=numbers),
    arrays(np.int8, (4, 5), elements=st.integers(0, 2)),
    arrays(np.int8, (3, 5), elements=st.integers(0, 2)),
)
def test_efficiency_symmetry_and_the_player_who_does_nothing(weights, x, background):
    weights = weights + weights.T
    weights[3] = weights[2]
    weights[:, 3] = weights[:, 2]  # 2 and 3 do the same
    weights[2, 3] = weights[3, 2] = 0.5
    weights[4] = weights[:, 4] = 0  # 4 does nothing
    x[:, 3], background[:, 3] = x[:, 2], background[:, 2]

    def function(rows):
        rows = rows.astype(float)
        return np.sin(np.einsum("ni,ij,nj->n", rows, weights, rows) / 50)

    for found in (
        exact_shapley(function, x, background),
        permutation_shapley(function, x, background, n_permutations=1),
    ):
        np.testing.assert_allclose(
            found.values.sum(axis=1), function(x) - function(background).mean(), atol=1e-12
        )
        np.testing.assert_array_equal(found.values[:, 4], 0)
    exact = exact_shapley(function, x, background).values
    np.testing.assert_allclose(exact[:, 2], exact[:, 3], atol=1e-12)


def test_the_shortcut_past_equal_alleles_changes_nothing():
    # Eight positions of a sequence, few of which differ from each background row.
    random = np.random.default_rng(0)
    reference = random.integers(0, 4, 6)
    codes = np.where(random.random((9, 6)) < 0.4, random.integers(0, 4, (9, 6)), reference)
    rows = np.eye(4)[codes]
    weights = random.normal(size=(6, 4, 3))

    def function(z):
        return np.tanh(np.einsum("nla,lah->nh", z, weights)).prod(axis=1)

    found = exact_shapley(function, rows[:2], rows[2:])
    for sample in range(2):
        game = averaged_game(function, rows[sample], rows[2:])
        np.testing.assert_allclose(found.values[sample], by_definition(game, 6), atol=1e-12)


# --- closed forms -----------------------------------------------------------------------


def test_linear_model_credits_are_effects_times_deviations(cohort):
    genotypes, _ = cohort
    beta = np.random.default_rng(1).normal(size=10)
    x, background = genotypes[:20], genotypes[50:100]
    expected = beta * (x - background.mean(axis=0))
    for explain in (exact_shapley, permutation_shapley):
        found = explain(lambda z: z @ beta + 3.0, x, background)
        np.testing.assert_allclose(found.values, expected, atol=1e-12)


def test_pairs_under_linkage_meet_the_closed_form_with_one_ordering(cohort):
    genotypes, truth = cohort
    x, background = genotypes[:20], genotypes[50:100]
    expected = np.zeros((20, 10))
    expected[:, truth.causal_loci] = exact_shapley_values(truth, x, background)
    exact = exact_shapley(truth.genetic_value, x, background)
    once = permutation_shapley(truth.genetic_value, x, background, n_permutations=1, seed=7)
    np.testing.assert_allclose(exact.values, expected, atol=1e-12)
    np.testing.assert_allclose(once.values, expected, atol=1e-12)
    assert once.standard_error is None  # one ordering cannot say how far it is off
    twice = permutation_shapley(truth.genetic_value, x, background, n_permutations=2)
    np.testing.assert_allclose(twice.standard_error, 0, atol=1e-12)


def test_triples_need_sampling_and_the_standard_error_is_honest():
    random = np.random.default_rng(5)
    genotypes = random.integers(0, 3, (90, 8)).astype("int8")
    architecture = Architecture(n_causal=8, additive=0.3, three_way=0.7, n_triples=4)
    truth = simulate_trait(genotypes, heritability=0.9, architecture=architecture, seed=2).truth
    x, background = genotypes[:30], genotypes[60:]
    expected = np.zeros((30, 8))
    expected[:, truth.causal_loci] = exact_shapley_values(truth, x, background)
    exact = exact_shapley(truth.genetic_value, x, background)
    np.testing.assert_allclose(exact.values, expected, atol=1e-12)
    sampled = permutation_shapley(truth.genetic_value, x, background, n_permutations=4, seed=3)
    assert np.abs(sampled.values - expected).max() > 1e-4
    z = (sampled.values - expected) / sampled.standard_error
    assert 0.8 < np.sqrt(np.mean(z**2)) < 1.25  # 240 errors; about 1 if estimated well


# --- players ----------------------------------------------------------------------------


def test_groups_join_together(cohort):
    genotypes, truth = cohort
    x, background = genotypes[:2], genotypes[50:60]
    groups = [[0, 1, 2], [3], [4, 9, 7], [5, 6, 8]]
    found = exact_shapley(truth.genetic_value, x, background, players=groups)
    assert found.axes == ("sample", "player")
    for sample in range(2):
        whole = averaged_game(truth.genetic_value, x[sample], background)

        def worth(inside, whole=whole):
            mask = np.zeros(10, int)
            for player, group in enumerate(groups):
                mask[group] = inside[player]
            return whole(mask)

        np.testing.assert_allclose(found.values[sample], by_definition(worth, 4), atol=1e-12)
    sampled = permutation_shapley(truth.genetic_value, x, background, players=groups)
    np.testing.assert_allclose(sampled.values, found.values, atol=1e-12)
    assert sampled.importance().shape == (4,)


def test_chosen_positions_play_and_the_others_stay(cohort):
    genotypes, truth = cohort
    x, background = genotypes[:3], genotypes[50:60]
    found = exact_shapley(truth.genetic_value, x, background, players=[7, 2])
    assert found.positions.tolist() == [7, 2]
    for sample in range(3):
        rows = np.tile(x[sample], (10, 1))
        rows[:, [7, 2]] = background[:, [7, 2]]
        assert found.base_values[sample] == pytest.approx(truth.genetic_value(rows).mean())
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-12)
    everyone = exact_shapley(truth.genetic_value, x, background, players=list(range(10)))
    free = exact_shapley(truth.genetic_value, x, background)
    np.testing.assert_array_equal(everyone.values, free.values)


def test_several_outputs_and_several_inputs():
    random = np.random.default_rng(2)
    x, other = random.integers(0, 3, (4, 3)), random.normal(size=(4, 2))
    background = random.integers(0, 3, (5, 3))

    def function(parts):
        a, b = parts
        return np.stack([a.prod(axis=1) * b[:, 0], a.sum(axis=1) + b[:, 1]], axis=1)

    found = exact_shapley(function, [x, other], background)
    assert found.axes == ("sample", "position", "output")
    np.testing.assert_allclose(found.output(1).values, x - background.mean(axis=0), atol=1e-12)
    for sample in range(4):
        game = averaged_game(
            lambda a, s=sample: a.prod(axis=1) * other[s, 0], x[sample], background
        )
        expected = by_definition(game, 3)
        np.testing.assert_allclose(found.output(0).values[sample], expected, atol=1e-12)
    alone = exact_shapley(function, [x, other], background, output=0)
    np.testing.assert_allclose(alone.values, found.output(0).values, atol=1e-12)
    sampled = permutation_shapley(function, [x, other], background, seed=4)
    assert sampled.output(0).standard_error.shape == (4, 3)
    second = exact_shapley(function, [x, other], random.normal(size=(6, 2)), explained=1)
    assert second.shape == (4, 2, 2)


@pytest.mark.parametrize("explain", [exact_shapley, permutation_shapley])
def test_never_more_rows_than_batch_size_and_the_same_values(cohort, explain):
    genotypes, truth = cohort
    seen = []

    def function(rows):
        seen.append(len(rows))
        assert rows.dtype == np.int8
        return truth.genetic_value(rows)

    x, background = genotypes[:3], genotypes[50:57]
    small = explain(function, x, background, batch_size=13)
    assert max(seen) == 13
    np.testing.assert_allclose(small.values, explain(function, x, background).values, atol=1e-12)


def test_a_seed_decides_the_orderings():
    random = np.random.default_rng(0)
    x, background = random.normal(size=(3, 5)), random.normal(size=(4, 5))

    def function(z):
        return z.prod(axis=1)

    one, same, other = (
        permutation_shapley(function, x, background, n_permutations=1, seed=seed).values
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


# --- networks ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(4)
    return keras.Sequential(
        [
            keras.Input((6, 4)),
            keras.layers.Conv1D(5, 3, activation="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )


@pytest.fixture(scope="module")
def sequences():
    return np.eye(4, dtype="float32")[np.random.default_rng(8).integers(0, 4, (14, 6))]


def float64_network(network):
    """The same network in numpy with 53 bits: convolution, tanh, dense."""
    kernel, bias, dense, last = (w.astype("float64") for w in network.get_weights())

    def function(z):
        windows = np.stack([z[:, i : i + 3].reshape(len(z), -1) for i in range(4)], axis=1)
        hidden = np.tanh(windows @ kernel.reshape(12, 5) + bias)
        return hidden.reshape(len(z), -1) @ dense + last

    return function


def test_a_network_gives_what_its_float64_copy_gives(network, sequences):
    x, background = sequences[:3], sequences[6:]
    found = exact_shapley(network, x, background)
    reference = exact_shapley(float64_network(network), x.astype("float64"), background)
    assert found.axes == ("sample", "position", "output")
    np.testing.assert_allclose(found.values, reference.values, atol=2e-6)
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-6)


@pytest.mark.parametrize("algorithm", ["exact", "kernel", "sampling"])
def test_the_librarys_explainers_agree(network, sequences, algorithm):
    x, background = sequences[:3], sequences[6:]
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    theirs = shapley_values(network, x, background, explainer=f"shap_{algorithm}", output=1)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    ours = exact_shapley(network, x, background, output=1)
    tolerance = 0.05 * np.abs(ours.values).max() if algorithm == "sampling" else 1e-5
    np.testing.assert_allclose(theirs.values, ours.values, atol=tolerance)
    np.testing.assert_allclose(theirs.additivity_gap, 0, atol=1e-5)


@pytest.mark.slow  # the library compiles for some seconds at its first use
def test_the_librarys_permutations_agree(network, sequences):
    x, background = sequences[:2], sequences[6:]
    theirs = shapley_values(network, x, background, explainer="shap_permutation", output=0)
    ours = exact_shapley(network, x, background, output=0)
    assert np.corrcoef(theirs.values.ravel(), ours.values.ravel())[0, 1] > 0.99


def test_the_library_is_asked_only_about_sequences(sequences):
    def function(rows):
        assert (rows.sum(axis=2) == 1).all()
        assert np.isin(rows, (0, 1)).all()
        return rows[:, :, 1].sum(axis=1) ** 2

    found = shapley_values(function, sequences[:2], sequences[6:], explainer="shap_sampling")
    exact = exact_shapley(function, sequences[:2], sequences[6:])
    np.testing.assert_allclose(found.values, exact.values, atol=0.3)


# --- expected gradients -----------------------------------------------------------------


@pytest.fixture(scope="module")
def quadratic():
    """The square of a weighted sum: only pairs interact."""
    entry = keras.Input((6, 4))
    score = keras.layers.Dense(1, name="score")(keras.layers.Flatten()(entry))
    keras.utils.set_random_seed(2)
    return keras.Model(entry, keras.layers.Multiply()([score, score]))


def test_expected_gradients_are_shapley_values_where_only_pairs_interact(quadratic, sequences):
    x, background = sequences[:4], sequences[6:]
    exact = exact_shapley(quadratic, x, background)
    found = expected_gradients(quadratic, x, background, steps=2)
    assert found.axes == ("sample", "position", "allele")
    np.testing.assert_allclose(found.per_position(), exact.values, atol=1e-5)
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-5)


def test_expected_gradients_are_integrated_gradients_from_every_row(network, sequences):
    x, background = sequences[:4], sequences[6:]
    whole = expected_gradients(network, x, background, steps=8)
    np.testing.assert_allclose(whole.additivity_gap, 0, atol=1e-5)  # tanh is smooth
    paths = [integrated_gradients(network, x, baseline=b, steps=8).values for b in background]
    np.testing.assert_allclose(whole.values, np.mean(paths, axis=0), atol=1e-6)
    pieces = expected_gradients(network, x, background, steps=8, batch_size=7)
    np.testing.assert_allclose(pieces.values, whole.values, atol=1e-6)


def test_drawn_rows_leave_a_gap_that_is_reported(network, sequences):
    x, background = sequences[:4], sequences[6:]
    drawn = expected_gradients(network, x, background, steps=8, n_rows=2, seed=1)
    assert np.abs(drawn.additivity_gap).max() > 1e-3
    everyone = expected_gradients(network, x, background, steps=8, n_rows=len(background))
    np.testing.assert_allclose(everyone.additivity_gap, 0, atol=1e-5)


def test_the_librarys_gradients_come_near(network, sequences):
    x, background = sequences[:3], sequences[6:]
    theirs = shapley_values(network, x, background, explainer="shap_gradient", output=0, seed=1)
    ours = expected_gradients(network, x, background, output=0)
    assert theirs.axes == ours.axes
    assert np.corrcoef(theirs.values.ravel(), ours.values.ravel())[0, 1] > 0.95


# --- one door ---------------------------------------------------------------------------


@pytest.mark.parametrize("explainer", sorted(set(EXPLAINERS) - {"shap_permutation"}))
def test_one_door_gives_one_kind_of_result(network, sequences, explainer):
    x, background = sequences[:2], sequences[6:]
    found = shapley_values(network, x, background, explainer=explainer, output=0)
    assert found.kind == "credit"
    assert found.per_position().shape == (2, 6)
    expected = network.predict_on_batch(background)[:, 0].mean()
    np.testing.assert_allclose(found.base_values, expected, atol=1e-5)
    np.testing.assert_array_equal(found.background, background)
    assert found.additivity_gap.shape == (2,)
    assert found.explainer in str(found)


def test_shaps_own_plots_take_the_result(cohort):
    import shap

    genotypes, truth = cohort
    x, background = genotypes[:12], genotypes[50:80]
    one = exact_shapley(truth.genetic_value, x, background).to_shap()
    groups = [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]
    several = exact_shapley(truth.genetic_value, x, background, players=groups).to_shap()
    onehot = np.eye(3)[x]
    sequence = permutation_shapley(
        lambda z: truth.genetic_value(z.argmax(axis=2)), onehot, np.eye(3)[background]
    ).to_shap()
    assert one.values.shape == sequence.values.shape == (12, 10)
    for explanation in (one, several, sequence):
        shap.plots.waterfall(explanation[0], show=False)
        shap.plots.bar(explanation, show=False)
        plt.close("all")
    for explanation in (one, sequence):
        shap.plots.beeswarm(explanation, show=False, plot_size=None)
        labels = [tick.get_text() for tick in plt.gca().get_yticklabels()]
        plt.close("all")
        assert any("position" in label for label in labels)


# --- what cannot be ---------------------------------------------------------------------


def untouched(rows):
    raise AssertionError("the model was asked before the arguments were checked")


X, BACKGROUND = np.zeros((2, 4), int), np.ones((3, 4), int)


@pytest.mark.parametrize(
    ("background", "players", "message"),
    [
        (np.zeros((3, 5)), None, r"shape \(b, 4\).*received \(3, 5\)"),
        (np.zeros((0, 4)), None, "at least one row"),
        (BACKGROUND, [0, 4], "positions from 0 to 3; received 4 to 4"),
        (BACKGROUND, [[0, 1], [1]], "position 1 belongs to more than one player"),
        (BACKGROUND, [[0], []], "at least one position for each player"),
        (BACKGROUND, [], "at least one position for each player"),
        (np.full((3, 4), np.nan), None, "not finite"),
    ],
)
@pytest.mark.parametrize("explain", [exact_shapley, permutation_shapley])
def test_impossible_arguments_are_refused_first(explain, background, players, message):
    with pytest.raises(ValueError, match=message):
        explain(untouched, X, background, players=players)


def test_kinds_that_are_wrong():
    with pytest.raises(TypeError, match="whole numbers"):
        exact_shapley(untouched, X, BACKGROUND, players=[0.5])
    with pytest.raises(TypeError, match="background must hold numbers"):
        exact_shapley(untouched, X, np.full((3, 4), "A"))
    with pytest.raises(TypeError, match="expected a keras.Model"):
        exact_shapley("a network", X, BACKGROUND)
    with pytest.raises(TypeError, match="needs derivatives"):
        expected_gradients(lambda rows: rows.sum(axis=1), X, BACKGROUND)


def test_too_many_players_are_refused_with_the_price():
    x, background = np.zeros((2, 20), int), np.ones((5, 20), int)
    with pytest.raises(ValueError, match=r"up to 20 here, so 1e\+07 predictions for 2 sample"):
        exact_shapley(lambda z: z.sum(axis=1), x, background)
    background[:, 10:] = 0  # ten that differ are few enough
    found = exact_shapley(lambda z: z.sum(axis=1), x, background)
    np.testing.assert_allclose(found.values[:, :10], -1)


def test_numbers_that_are_impossible(network, sequences):
    with pytest.raises(ValueError, match="n_permutations must be a whole number from 1"):
        permutation_shapley(untouched, X, BACKGROUND, n_permutations=0)
    with pytest.raises(ValueError, match="at most the 8 rows"):
        expected_gradients(network, sequences[:2], sequences[6:], n_rows=9)
    with pytest.raises(ValueError, match="from 0 to 1; received 2"):
        exact_shapley(network, sequences[:2], sequences[6:], output=2)
    with pytest.raises(ValueError, match="evaluations must be at least 13"):
        shapley_values(
            network, sequences[:1], sequences[6:], explainer="shap_permutation", evaluations=5
        )
    with pytest.raises(ValueError, match=r"x\[np.newaxis\]"):
        exact_shapley(network, sequences[0, 0], sequences[6:])


def test_a_mean_genotype_is_taken_with_a_warning(cohort):
    genotypes, truth = cohort
    beta = np.arange(10.0)
    mean = genotypes.mean(axis=0)
    with pytest.warns(UserWarning, match="mean genotype, does not exist"):
        found = exact_shapley(lambda z: z @ beta, genotypes[:3], mean)
    np.testing.assert_allclose(found.values, beta * (genotypes[:3] - mean), atol=1e-12)


def test_unknown_explainers_and_settings_are_named(network, sequences):
    with pytest.raises(ValueError, match="explainer must be one of exact, permutation"):
        shapley_values(network, sequences[:2], sequences[6:], explainer="lime")
    with pytest.raises(TypeError, match="'exact' has no setting 'seed'; it has players, output"):
        shapley_values(network, sequences[:2], sequences[6:], explainer="exact", seed=1)
    with pytest.raises(ValueError, match="must be one-hot"):
        shapley_values(network, sequences[:2] / 2, sequences[6:], explainer="shap_exact")
