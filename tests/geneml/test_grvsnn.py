"""GRVSNN: an additive model at the start, its two layouts, training, saving, size."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import Ridge

from geneml.models import grvsnn, ridge_start
from geneml.splits import random_split
from geneml.training import fit


@pytest.fixture
def markers():
    return np.random.default_rng(0).normal(size=(30, 12)).astype("float32")


@pytest.fixture
def loadings():
    return np.random.default_rng(1).normal(size=(30, 3)).astype("float32")


def within(x):
    """Each individual's columns with mean 0 and variance 1, normalised from x / 2 as the block is.

    The normalisation adds 0.001 to the variance of x / 2.
    """
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 4e-3)


@pytest.mark.parametrize("selection", ["softmax", "sparsemax", None])
def test_untrained_network_is_a_linear_model_of_both_blocks(markers, loadings, selection):
    model = grvsnn(
        12, loadings=3, traits=2, selection=selection, loadings_share=0.2, encoder=None,
        layer_norm=False, seed=1,
    )  # fmt: skip
    kernel, bias = model.get_layer("prediction").get_weights()
    # The gate is half open: half of x comes through.
    features = np.hstack([markers * np.sqrt(0.8 / 12), loadings * np.sqrt(0.2 / 3)]) / 2
    expected = features @ kernel + bias
    np.testing.assert_allclose(np.asarray(model([markers, loadings])), expected, atol=1e-6)


def test_with_layer_norm_blocks_enter_with_their_share(markers, loadings):
    model = grvsnn(12, loadings=3, encoder=None, loadings_share=0.2, seed=1)
    kernel, bias = model.get_layer("prediction").get_weights()
    features = np.hstack([within(markers) * np.sqrt(0.8 / 12), within(loadings) * np.sqrt(0.2 / 3)])
    expected = features @ kernel + bias
    np.testing.assert_allclose(np.asarray(model([markers, loadings])), expected, atol=1e-5)
    np.testing.assert_allclose((features[:, :12] ** 2).sum(axis=1), 0.8, rtol=0.02)


def test_head_with_the_stated_penalty_is_gblup(markers):
    # The docstring's l2 makes training of the head alone end at GBLUP's predictions.
    random = np.random.default_rng(2)
    n, h2, traits = 30, 0.4, 2
    y = random.normal(size=(n, traits)).astype("float32")
    l2 = (1 - h2) / (h2 * n * traits)
    model = grvsnn(12, traits=traits, l2=l2, encoder=None, seed=1)
    for layer in model.layers:
        layer.trainable = layer.name == "prediction"
    entering = keras.Model(model.input, model.get_layer("prediction").input)
    z = np.asarray(entering(markers), dtype="float64")
    model.compile(keras.optimizers.Adam(0.05), "mean_squared_error")
    steps = [np.tile(values, (400, 1)) for values in (markers, y)]
    model.fit(*steps, batch_size=n, shuffle=False, verbose=0)
    relationship = z @ z.T
    np.testing.assert_allclose(np.diag(relationship), 1, atol=0.02)
    centred = np.eye(n) - 1 / n
    blup = centred @ relationship @ centred
    blup = blup @ np.linalg.solve(blup + (1 - h2) / h2 * np.eye(n), centred @ y) + y.mean(axis=0)
    np.testing.assert_allclose(np.asarray(model(markers)), blup, atol=5e-3)


def test_ridge_start_is_scikit_learns_ridge_and_a_resting_point_of_fit(loadings):
    random = np.random.default_rng(3)
    genotypes = random.integers(-1, 3, (30, 300)).astype("int8")
    y = random.normal(5, 3, (30, 2))
    split = random_split(30, seed=1)
    rows = split.training
    h2, m = np.array([0.4, 0.2]), len(rows)
    l2 = (1 - h2) / (h2 * m * 2)
    model = grvsnn(300, loadings=3, traits=2, seed=1)
    model.get_layer("encoder").adapt(genotypes[rows])
    x = (genotypes, loadings)
    assert ridge_start(model, x, y, rows=rows, l2=l2) is model
    entering = keras.Model(model.input, model.get_layer("prediction").input)
    z = np.asarray(entering([*x]), dtype="float64")
    trained = fit(model, x, y, split, epochs=0, baseline=False)
    for trait in range(2):
        ridge = Ridge(alpha=(1 - h2[trait]) / h2[trait]).fit(z[rows], y[rows, trait])
        np.testing.assert_allclose(trained.predictions[:, trait], ridge.predict(z), atol=1e-3)


def test_ridge_start_rests_where_the_penalised_loss_has_no_slope(markers):
    y = np.random.default_rng(3).normal(size=30)
    model = grvsnn(12, encoder=None, l2=0.03, layer_norm=False, seed=1)
    ridge_start(model, markers, y, rows=np.arange(30), l2=0.03)
    before = model.get_layer("prediction").get_weights()
    for layer in model.layers:
        layer.trainable = layer.name == "prediction"
    model.compile(keras.optimizers.SGD(1.0), "mean_squared_error")
    model.train_on_batch(markers, (y - y.mean())[:, None] / y.std())
    for old, new in zip(before, model.get_layer("prediction").get_weights(), strict=True):
        np.testing.assert_allclose(new, old, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": keras.Sequential([keras.Input((12,)), keras.layers.Dense(1)])}, "prediction"),
        ({"rows": np.array([0.5, 1.0])}, "rows must be"),
        ({"rows": np.array([0, 30])}, "from 0 to 29"),
        ({"y": np.zeros(29)}, "same individuals"),
        ({"y": np.zeros((30, 2))}, "1 trait"),
        ({"y": np.full(30, np.nan)}, "finite"),
        ({"l2": 0.0}, "l2 must be"),
    ],
)
def test_impossible_starts_are_refused(changes, message, markers):
    arguments = {"x": markers, "y": np.arange(30.0), "rows": np.arange(20), "l2": 0.1}
    arguments = {"model": grvsnn(12, encoder=None), **arguments, **changes}
    with pytest.raises(ValueError, match=message):
        ridge_start(**arguments)


def test_dense_layout_has_the_authors_number_of_weights():
    # 10,346 markers and 169 loadings of the mice, 128 units, two traits: Dense layers for f1,
    # the projection, h, g, the scores and the output, and a layer normalisation.
    model = grvsnn(10_346, loadings=169, traits=2, layout="dense", encoder=None)
    p, u, t = 10_346 + 169, 128, 2
    peers = [keras.Sequential([keras.Input((p,)), keras.layers.Dense(u)])] * 2
    peers += [keras.Sequential([keras.Input((u,)), keras.layers.Dense(u)])] * 3
    peers += [keras.Sequential([keras.Input((u,)), keras.layers.LayerNormalization()])]
    peers += [keras.Sequential([keras.Input((u,)), keras.layers.Dense(t)])]
    assert model.count_params() == sum(peer.count_params() for peer in peers) == 2_742_146


def test_dense_layout_selects_units_with_weights_that_sum_to_one(markers, loadings):
    model = grvsnn(12, loadings=3, layout="dense", units=5, block_l2=0.01, encoder=None, seed=1)
    block = model.get_layer("selection")
    inner = keras.Model(model.inputs, block.input)([markers, loadings])
    weights = np.asarray(block.weights_of(inner))
    assert weights.shape == (30, 5)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    kernels = [w for w in model.weights if w.name == "kernel" and "prediction" not in w.path]
    assert len(kernels) == 5
    expected = 0.01 * sum((np.asarray(w) ** 2).sum() for w in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_number_of_weights_grows_with_features_alone():
    model = grvsnn(1_000, loadings=50, traits=3, units=2, encoder=None)
    assert model.count_params() == 1_050 * (4 * 2 + 2 + 2 + 2 + 3) + 2 * 2**2 + 3


def test_features_may_be_listed_in_any_order(markers):
    model = grvsnn(12, encoder=None, seed=1)
    random = np.random.default_rng(3)
    model.set_weights([random.normal(0, 0.5, w.shape) for w in model.get_weights()])
    order = random.permutation(12)
    other = grvsnn(12, encoder=None, seed=2)
    for name in ("markers_gate", "markers_selection"):
        weights = model.get_layer(name).get_weights()
        other.get_layer(name).set_weights(
            [w[..., order] if w.shape[-1] == 12 else w for w in weights]
        )
    kernel, bias = model.get_layer("prediction").get_weights()
    other.get_layer("prediction").set_weights([kernel[order], bias])
    expected = np.asarray(model(markers))
    np.testing.assert_allclose(np.asarray(other(markers[:, order])), expected, atol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        {"gate": "hard_sigmoid", "selection": "sparsemax", "score": "context", "hidden": (4,)},
        {"selection": None, "dropout": 0.2, "l2": 0.01, "block_l2": 0.02},
        {"layout": "dense", "units": 6, "dropout": 0.2},
    ],
)
def test_saving_keeps_predictions_and_encoder(settings, loadings, tmp_path):
    genotypes = np.random.default_rng(4).integers(-1, 3, (30, 12)).astype("int8")
    model = grvsnn(12, loadings=3, traits=2, seed=np.random.default_rng(5), **settings)
    assert str(model.inputs[0].dtype) == "int8"
    model.get_layer("encoder").adapt(genotypes)
    random = np.random.default_rng(6)
    for layer in model.layers:
        if layer.name != "encoder":
            kept = layer.get_weights()  # the states of dropout are whole numbers
            layer.set_weights(
                [random.normal(0, 0.5, w.shape) if w.dtype.kind == "f" else w for w in kept]
            )
    model.save(tmp_path / "grvsnn.keras")
    again = keras.saving.load_model(tmp_path / "grvsnn.keras", safe_mode=True)
    predicted = np.asarray(model([genotypes, loadings]))
    np.testing.assert_array_equal(np.asarray(again([genotypes, loadings])), predicted)
    assert float(sum(again.losses)) == pytest.approx(float(sum(model.losses)))


def test_one_seed_one_network():
    first, second, other = (
        grvsnn(9, score="context", dropout=0.1, seed=s).get_weights() for s in (7, 7, 8)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_it_is_trained_by_fit_and_finds_dominance_beyond_ridge():
    random = np.random.default_rng(0)
    x = random.binomial(2, 0.5, (400, 8)).astype("int8")
    y = 2.0 * (x[:, 2] == 1) + 0.5 * x[:, 5] + random.normal(0, 0.4, 400)
    split = random_split(400, seed=1)
    model = grvsnn(8, layer_norm=False, seed=1)
    trained = fit(model, x, y, split, epochs=60, learning_rate=3e-2)
    assert trained.scores["test"]["r2"] > trained.baseline_scores["ridge"]["test"]["r2"] + 0.2


def test_fit_takes_markers_and_loadings_and_several_traits():
    random = np.random.default_rng(0)
    x = random.binomial(2, 0.5, (200, 10)).astype("int8")
    loadings = random.normal(size=(200, 3)).astype("float32")
    noise = random.normal(0, 0.3, (200, 2))
    y = np.stack([loadings[:, 0] + x[:, 1], loadings[:, 1] - x[:, 4]], axis=1) + noise
    split = random_split(200, seed=1)
    model = grvsnn(10, loadings=3, traits=2, layer_norm=False, seed=1)
    with pytest.raises(TypeError, match="several inputs"):
        fit(model, (x, loadings), y, split)
    model.get_layer("encoder").adapt(x[split.training])
    trained = fit(model, (x, loadings), y, split, epochs=40, learning_rate=3e-2, baseline=False)
    assert trained.scores["test"]["r2"] > 0.7


def test_50_000_markers_take_a_step():
    random = np.random.default_rng(0)
    x = random.integers(0, 3, (64, 50_000), dtype="int8")
    model = grvsnn(50_000, units=2, dropout=0.1, selection="sparsemax", seed=1)
    model.get_layer("encoder").adapt(x)
    before = {weight.path: weight.numpy().copy() for weight in model.trainable_weights}
    model.compile(keras.optimizers.Adam(0.01), "mean_squared_error", jit_compile=False)
    assert np.isfinite(model.train_on_batch(x, random.normal(size=(64, 1))))
    for weight in model.trainable_weights:
        assert np.isfinite(np.asarray(weight)).all()
        # w1 and b1 are behind weights that begin at zero: they move from the second step on.
        hidden = weight.path.split("/")[-1] in ("w1", "b1", "linear")
        assert np.array_equal(before[weight.path], np.asarray(weight)) == hidden, weight.path


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_markers": 0}, "input_shape"),
        ({"loadings": -1}, "loadings must be"),
        ({"loadings": 1.5}, "loadings must be"),
        ({"traits": 0}, "outputs"),
        ({"layout": "joint"}, "layout must be"),
        ({"units": 0}, "hidden sizes"),
        ({"rank": 0}, "hidden sizes"),
        ({"gate": "tanh"}, "gate must be"),
        ({"selection": "argmax"}, "activation must be"),
        ({"score": "dense"}, "score='context'"),
        ({"dropout": 1}, "dropout"),
        ({"l2": -1}, "l2"),
        ({"block_l2": -1}, "block_l2"),
        ({"loadings_share": 1}, "loadings_share"),
        ({"encoder": "one_hot"}, "encoder must be"),
        ({"layout": "dense", "score": "context"}, "leave score"),
    ],
)
def test_impossible_networks_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        grvsnn(**{"n_markers": 12, **settings})
