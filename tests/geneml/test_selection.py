"""Sparsemax against its definition, the selection block, and what is selected over folds."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from geneml.interpret.selection import (
    selected_features,
    selection_stability,
    selection_weights,
)
from geneml.layers import VariableSelection, sparsemax
from geneml.models import dense, grvsnn


def projection(scores):
    """Nearest point of the simplex, by trying every size of the support."""
    ordered = np.sort(scores.astype("float64"))[::-1]
    for size in range(len(ordered), 0, -1):
        tau = (ordered[:size].sum() - 1) / size
        if ordered[size - 1] > tau:
            return np.maximum(scores - tau, 0)
    raise AssertionError


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, st.integers(1, 12), elements=st.floats(-4, 4, width=32)))
def test_sparsemax_is_the_projection_on_the_simplex(scores):
    got = np.asarray(sparsemax(scores[None]))[0]
    np.testing.assert_allclose(got, projection(scores), atol=1e-6)
    assert got.sum() == pytest.approx(1, abs=1e-6)


def test_sparsemax_solves_the_quadratic_programme():
    for seed in range(3):
        scores = np.random.default_rng(seed).normal(size=7)
        solved = minimize(
            lambda p, s=scores: ((p - s) ** 2).sum(),
            np.full(7, 1 / 7),
            jac=lambda p, s=scores: 2 * (p - s),
            bounds=[(0, 1)] * 7,
            constraints={"type": "eq", "fun": lambda p: p.sum() - 1},
            options={"ftol": 1e-12},
        )
        np.testing.assert_allclose(np.asarray(sparsemax(scores)), solved.x, atol=1e-5)


def test_sparsemax_gives_exact_zeros_and_ignores_a_shift():
    scores = np.array([0.5, 0.4, 0.3, -1.0], dtype="float32")
    got = np.asarray(sparsemax(scores))
    np.testing.assert_allclose(got, np.array([13, 10, 7, 0]) / 30, atol=1e-6)
    assert got[3] == 0.0
    np.testing.assert_allclose(np.asarray(sparsemax(scores + 64)), got, atol=1e-5)
    np.testing.assert_array_equal(np.asarray(sparsemax(9 * scores + [9, 0, 0, 0])), [1, 0, 0, 0])


def test_sparsemax_works_along_any_axis_and_as_an_activation(tmp_path):
    table = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")
    expected = np.apply_along_axis(projection, 1, table)
    np.testing.assert_allclose(np.asarray(sparsemax(table, axis=1)), expected, atol=1e-6)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, activation=sparsemax)])
    model.save(tmp_path / "sparsemax.keras")
    again = keras.saving.load_model(tmp_path / "sparsemax.keras", safe_mode=True)
    shares = np.asarray(again(table[:, 0]))
    np.testing.assert_array_equal(shares, np.asarray(model(table[:, 0])))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)


def test_gradient_of_sparsemax_is_that_of_finite_differences():
    scores = np.array([[0.3, 0.1, -0.2, -1.5, 0.25]])
    ahead = np.array([1.0, -2.0, 0.5, 4.0, 0.7])
    tf = pytest.importorskip("tensorflow")
    with tf.GradientTape() as tape:
        x = tf.constant(scores)
        tape.watch(x)
        value = tf.reduce_sum(sparsemax(x) * ahead)
    got = tape.gradient(value, x).numpy()[0]
    step = 1e-6
    for i in range(5):
        up, down = scores[0].copy(), scores[0].copy()
        up[i] += step
        down[i] -= step
        expected = (projection(up) - projection(down)) @ ahead / (2 * step)
        assert got[i] == pytest.approx(expected, abs=1e-6)
    assert got[3] == 0


def test_sparsemax_keeps_its_sum_over_50_000_nearly_equal_scores():
    scores = np.random.default_rng(0).normal(scale=1e-5, size=50_000).astype("float32")
    got = np.asarray(sparsemax(scores[None]))[0].astype("float64")
    expected = projection(scores.astype("float64"))
    assert 1_000 < (expected > 0).sum() < 50_000
    assert got.sum() == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(got, expected, atol=1e-8)


@pytest.fixture
def table():
    return np.random.default_rng(0).normal(size=(9, 6)).astype("float32")


def randomised(layer, seed=1):
    layer.build((None, 6))
    random = np.random.default_rng(seed)
    layer.set_weights([random.normal(size=weight.shape) for weight in layer.get_weights()])
    return layer


@pytest.mark.parametrize("score", ["affine", "context", "identity", "dense"])
@pytest.mark.parametrize("activation", ["softmax", "sparsemax"])
@pytest.mark.parametrize("mean_one", [True, False])
def test_scores_weights_and_output_follow_their_formulas(table, score, activation, mean_one):
    layer = randomised(VariableSelection(score, activation, rank=2, mean_one=mean_one))
    w = {weight.name: np.asarray(weight) for weight in layer.weights}
    scores = {
        "affine": lambda: w["slope"] * table + w["offset"],
        "context": lambda: w["slope"] * table + w["offset"] + table @ w["down"] @ w["up"],
        "identity": lambda: table,
        "dense": lambda: table @ w["kernel"] + w["offset"],
    }[score]()
    if activation == "softmax":
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    else:
        shares = np.stack([projection(row) for row in scores])
        assert (shares == 0).any()
    weights = shares * (6 if mean_one else 1)
    np.testing.assert_allclose(np.asarray(layer.weights_of(table)), weights, atol=1e-5)
    np.testing.assert_allclose(np.asarray(layer(table)), weights * table, atol=1e-5)


@pytest.mark.parametrize("score", ["affine", "context"])
@pytest.mark.parametrize("activation", ["softmax", "sparsemax"])
def test_all_weights_are_one_at_the_start(table, score, activation):
    layer = VariableSelection(score, activation, seed=1)
    np.testing.assert_allclose(np.asarray(layer(table)), table, atol=1e-6)


def test_features_may_be_listed_in_any_order(table):
    layer = randomised(VariableSelection())
    order = np.random.default_rng(2).permutation(6)
    other = VariableSelection()
    other.build((None, 6))
    other.set_weights([weight[order] for weight in layer.get_weights()])
    expected = np.asarray(layer(table))[:, order]
    np.testing.assert_allclose(np.asarray(other(table[:, order])), expected, atol=1e-6)


@pytest.mark.parametrize("score", ["affine", "context", "dense"])
def test_configuration_makes_the_same_layer_again(score):
    layer = VariableSelection(score, "sparsemax", 3, False, keras.regularizers.L2(0.1), seed=4)
    again = VariableSelection.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    layer.build((None, 6))
    again.build((None, 6))
    for one, other in zip(layer.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"score": "linear"}, "score must be"),
        ({"activation": "relu"}, "activation must be"),
        ({"rank": 0}, "rank must be"),
    ],
)
def test_impossible_blocks_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        VariableSelection(**arguments)
    with pytest.raises(ValueError, match="individuals, features"):
        VariableSelection().build((None, 3, 4))


def test_weights_of_a_network_are_means_over_individuals(table):
    loadings = np.random.default_rng(3).normal(size=(9, 4)).astype("float32")
    model = grvsnn(6, loadings=4, encoder=None, selection="sparsemax", seed=1)
    offsets = np.array([0, 0, 0, 0, 0, -99.0])
    model.get_layer("markers_selection").set_weights([np.ones(6), offsets])
    weights = selection_weights(model, [table, loadings], batch_size=4)
    assert list(weights) == ["markers_selection", "loadings_selection"]
    z = (table - table.mean(axis=1, keepdims=True)) / np.sqrt(
        table.var(axis=1, keepdims=True) + 4e-3  # z is half of x at the start, and 1e-3 is added
    )
    expected = 6 * np.mean([projection(row + offsets) for row in z], axis=0)
    np.testing.assert_allclose(weights["markers_selection"], expected, atol=1e-5)
    np.testing.assert_allclose(weights["loadings_selection"], 1, atol=1e-6)
    assert selected_features(expected, threshold=0).tolist() == [0, 1, 2, 3, 4]
    alone = selection_weights(grvsnn(6, encoder=None), table)
    np.testing.assert_allclose(alone["markers_selection"], 1, atol=1e-6)
    with pytest.raises(ValueError, match="no VariableSelection"):
        selection_weights(dense(6), table)


def test_selected_features_are_those_above_the_threshold():
    weights = np.array([[0.0, 3.0, 1.0, 0.0], [0.0, 1.0, 1.0, 2.0]])
    assert selected_features(weights).tolist() == [1]
    assert selected_features(weights, threshold=0.5).tolist() == [1, 2, 3]
    assert selected_features(weights, threshold=0).tolist() == [1, 2, 3]
    assert selected_features(np.ones(5)).size == 0


def test_nogueira_stability_follows_its_definition_and_knows_chance():
    assert selection_stability([[1, 2], [2, 1], [1, 2]], 9) == pytest.approx(1)
    # Two sets of k of P features with an overlap of r: (r - k^2 / P) / (k - k^2 / P), which is
    # Kuncheva's index (2007), a special case by theorem 5 of the paper.
    for overlap, a, b in ((0, [0, 1, 2], [3, 4, 5]), (2, [0, 1, 2], [1, 2, 7])):
        kuncheva = (overlap - 9 / 10) / (3 - 9 / 10)
        assert selection_stability([a, b], 10) == pytest.approx(kuncheva)
    random = np.random.default_rng(0)
    sets = [random.choice(200, random.integers(20, 60), replace=False) for _ in range(60)]
    assert selection_stability(sets, 200) == pytest.approx(0, abs=0.02)
    assert np.isnan(selection_stability([[], []], 5))
    assert np.isnan(selection_stability([range(5), range(5)], 5))


def test_jaccard_is_the_mean_over_pairs():
    sets = [[0, 1, 2], [1, 2, 3], [0, 1, 2]]
    assert selection_stability(sets, 9, measure="jaccard") == pytest.approx((0.5 + 1 + 0.5) / 3)
    assert selection_stability([[], [1]], 9, measure="jaccard") == 0
    assert np.isnan(selection_stability([[], []], 9, measure="jaccard"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: selected_features(np.ones((2, 2, 2))), "shape"),
        (lambda: selected_features([1.0, -1.0]), "at least 0"),
        (lambda: selected_features([1.0, np.nan]), "finite"),
        (lambda: selected_features([1.0], threshold=-1), "threshold"),
        (lambda: selection_stability([[1]], 5), "at least two"),
        (lambda: selection_stability([[1], [5]], 5), "from 0 to 4"),
        (lambda: selection_stability([[1], [2, 2]], 5), "each once"),
        (lambda: selection_stability([[1], [2]], 5, measure="dice"), "measure"),
    ],
)
def test_impossible_questions_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
