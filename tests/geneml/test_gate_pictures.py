"""Contributions of features against closed forms, and the pictures of gates and selection."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import Ridge

from geneml import plots
from geneml.interpret.contributions import feature_contributions
from geneml.models import dense, grvsnn, ridge_start


def test_untrained_network_contributes_what_ridge_on_standardised_markers_does():
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 6)).astype("float32")
    y = x @ np.array([2.0, -1.0, 0, 0, 0.5, 0]) + random.normal(size=80)
    model = grvsnn(6, encoder=None, layer_norm=False, seed=1)
    rows = np.arange(80)
    # The gate is half open and the block is scaled by 1 / sqrt(6): features are x / (2 sqrt 6).
    ridge_start(model, x, y, rows=rows, l2=0.01)
    found = feature_contributions(model, x, batch_size=17)
    target = (y - y.mean()) / y.std()
    ridge = Ridge(alpha=0.01 * 80).fit(x / (2 * np.sqrt(6)), target)
    expected = np.abs(ridge.coef_) * x.std(axis=0) / (2 * np.sqrt(6))
    assert found.shape == (6, 1)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-3, atol=1e-5)


def test_markers_come_first_then_loadings_one_column_a_trait():
    random = np.random.default_rng(1)
    x, loadings = (random.normal(size=(30, k)).astype("float32") for k in (5, 2))
    model = grvsnn(5, loadings=2, traits=3, encoder=None, layer_norm=False, seed=1)
    kernel = np.zeros((7, 3), dtype="float32")
    kernel[5, 1], kernel[0, 2] = 2.0, -3.0
    model.get_layer("prediction").set_weights([kernel, np.zeros(3, "float32")])
    found = feature_contributions(model, [x, loadings])
    expected = np.zeros((7, 3))
    # Shares of one half each; the gate lets half of the input through.
    expected[5, 1] = 2 * loadings[:, 0].std() / 2 * np.sqrt(0.5 / 2)
    expected[0, 2] = 3 * x[:, 0].std() / 2 * np.sqrt(0.5 / 5)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_large_offset_costs_no_digits():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1, use_bias=False)(inputs))
    model.set_weights([np.ones((2, 1), "float32")])
    x = np.array([[4096.0, 0], [4096.5, 0], [4097.0, 0]], dtype="float32")
    np.testing.assert_allclose(feature_contributions(model, x)[:, 0], [x[:, 0].std(), 0])


def test_networks_without_a_weight_for_each_feature_are_refused():
    x = np.zeros((4, 6), "float32")
    with pytest.raises(ValueError, match="behind hidden layers"):
        feature_contributions(grvsnn(6, hidden=(4,), encoder=None), x)
    with pytest.raises(ValueError, match="takes"):
        feature_contributions(grvsnn(6, encoder=None), np.zeros((4, 5), "float32"))
    with pytest.raises(ValueError, match="3 columns"):
        feature_contributions(dense(6, hidden=(3,), encoder=None), x)
    with pytest.raises(TypeError, match="Keras network"):
        feature_contributions(lambda values: values, x)
    inputs = keras.Input((6,))
    headless = keras.Model(inputs, keras.layers.Dropout(0.1)(inputs))
    with pytest.raises(ValueError, match="Dense layer"):
        feature_contributions(headless, x)
    # As many hidden units as inputs: the width alone would not tell.
    with pytest.raises(ValueError, match="behind hidden layers"):
        feature_contributions(grvsnn(6, hidden=(6,), encoder=None), x)


def test_genotype_curves_tell_additive_and_dominance_effects():
    values = np.array([[0.0, 1.0], [1.0, 4.0], [2.0, 3.0]])
    figure = plots.genotype_curves(values, names=["first", "second"], truth=values[:, ::-1])
    assert "first: additive 1.00, dominance 0.00, in truth 1.00 and 2.00" in figure.alt_text
    assert "second: additive 1.00, dominance 2.00, in truth 1.00 and 0.00" in figure.alt_text
    drawn = figure.axes[1].lines[-1].get_ydata()
    np.testing.assert_allclose(drawn, values[:, 1] - values[:, 1].mean())


def test_ordered_weights_fall_and_count_what_is_above_the_line_and_zero():
    figure = plots.ordered_weights({"all": [0.2, 3, 1, 0, 2]}, threshold=1.0)
    (axes,) = figure.axes
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [3, 2, 1, 0.2])
    assert "all: 2 above the line, 1 zeros, of 5; heaviest 3" in figure.alt_text


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.genotype_curves(np.zeros((3, 7)), names=list("abcdefg")), "1 to 6"),
        (lambda: plots.genotype_curves(np.zeros((2, 1)), names=["a"]), "shape"),
        (lambda: plots.genotype_curves(np.full((3, 1), np.nan), names=["a"]), "finite"),
        (
            lambda: plots.genotype_curves(np.zeros((3, 1)), names=["a"], truth=np.zeros((3, 2))),
            "truth must hold",
        ),
        (lambda: plots.ordered_weights({}), "1 to 6 sets"),
        (lambda: plots.ordered_weights({"a": [1.0, -1.0]}), "at least 0"),
        (lambda: plots.ordered_weights({"a": [np.nan]}), "finite"),
        (lambda: plots.ordered_weights({"a": [1.0]}, threshold=0), "threshold"),
    ],
)
def test_impossible_pictures_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
