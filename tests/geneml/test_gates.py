"""The gated residual block against its equations in NumPy, and what it can express."""

import keras
import numpy as np
import pytest

from geneml.layers import GatedResidual
from geneml.layers.gates import hard_sigmoid


@pytest.fixture
def table():
    return np.random.default_rng(0).normal(size=(8, 6)).astype("float32")


def randomised(layer, columns, seed=1, size=0.7):
    """The layer with all weights drawn anew: at the start most are zero."""
    if not layer.built:
        layer.build((None, columns))
    random = np.random.default_rng(seed)
    layer.set_weights(
        [
            random.normal(0, size, weight.shape) if weight.dtype.kind == "f" else weight
            for weight in layer.get_weights()
        ]
    )
    return layer


def normalised(z, slope, offset, epsilon=1e-3):
    centred = z - z.mean(axis=1, keepdims=True)
    return slope * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + epsilon) + offset


def by_name(layer):
    return {
        weight.path.split("/", 1)[-1]: np.asarray(weight, "float64") for weight in layer.weights
    }


def normalisation(layer):
    found = {name.split("/")[-1]: weight for name, weight in by_name(layer).items()}
    return found["gamma"], found["beta"]


def elu(values):
    return np.where(values > 0, values, np.expm1(np.minimum(values, 0)))


SIGMA = {
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "hard_sigmoid": lambda a: np.maximum(0, np.minimum(1, 0.2 * a + 0.5)),
}


@pytest.mark.parametrize("gate", SIGMA)
@pytest.mark.parametrize("layer_norm", [True, False])
def test_equations_of_the_paper_feature_by_feature(table, gate, layer_norm):
    layer = randomised(GatedResidual(3, gate=gate, layer_norm=layer_norm), 6, size=1.5)
    w = {
        name: np.asarray(getattr(layer, name))
        for name in ("w1", "b1", "linear", "w2", "b2", "w3", "b3")
    }
    z = np.empty(table.shape)
    for sample in range(8):
        for i in range(6):
            x = float(table[sample, i])
            f2 = w["linear"].T @ elu(w["w1"][:, i] * x + w["b1"][:, i])
            h = w["w2"][:, i] @ f2 + w["b2"][i]
            g = SIGMA[gate](w["w3"][:, i] @ f2 + w["b3"][i])
            z[sample, i] = g * h + (1 - g) * x
    if layer_norm:
        z = normalised(z, *normalisation(layer))
    np.testing.assert_allclose(np.asarray(layer(table)), z, atol=2e-5)


def test_hard_sigmoid_is_the_papers_and_not_that_of_keras():
    a = np.array([-9, -2.5, -1, 0, 1, 2.5, 9], dtype="float32")
    np.testing.assert_allclose(np.asarray(hard_sigmoid(a)), [0, 0, 0.3, 0.5, 0.7, 1, 1], atol=1e-7)
    assert float(keras.ops.hard_sigmoid(1.0)) == pytest.approx(0.5 + 1 / 6)


def test_dense_layout_follows_the_authors_code(table):
    layer = randomised(GatedResidual(4, per_feature=False), 6)
    w = by_name(layer)
    f1 = elu(table @ w["f1/kernel"] + w["f1/bias"])
    g = SIGMA["sigmoid"](f1 @ w["g/kernel"] + w["g/bias"])
    h = f1 @ w["h/kernel"] + w["h/bias"]
    z = g * h + (1 - g) * (table @ w["projection/kernel"] + w["projection/bias"])
    expected = normalised(z, *normalisation(layer))
    np.testing.assert_allclose(np.asarray(layer(table)), expected, atol=2e-5)
    assert layer.compute_output_shape((None, 6)) == (None, 4)


@pytest.mark.parametrize(("columns", "units"), [(6, 3), (50, 2), (11, 16)])
def test_number_of_weights_is_that_of_the_formulas(columns, units):
    def count(layer):
        layer.build((None, columns))
        return layer.count_params()

    assert count(GatedResidual(units)) == columns * (4 * units + 2) + units**2 + 2 * columns
    dense = 2 * (columns * units + units) + 2 * (units**2 + units) + 2 * units
    assert count(GatedResidual(units, per_feature=False)) == dense


def test_block_starts_as_its_input(table):
    exact = GatedResidual(3, layer_norm=False, seed=1)
    np.testing.assert_allclose(np.asarray(exact(table)), table / 2, atol=1e-6)
    whole = GatedResidual(3, dropout=0.4, seed=1, epsilon=1e-12)
    expected = normalised(table, 1, 0, 0)
    np.testing.assert_allclose(np.asarray(whole(table)), expected, atol=1e-5)
    np.testing.assert_allclose(np.asarray(whole(table, training=True)), expected, atol=1e-5)


def test_a_feature_is_alone_with_itself_but_for_the_normalisation(table):
    layer = randomised(GatedResidual(3, layer_norm=False), 6)
    changed = table.copy()
    changed[:, 2] += 1
    difference = np.abs(np.asarray(layer(changed)) - np.asarray(layer(table))).max(axis=0)
    assert difference[2] > 1e-2
    assert (np.delete(difference, 2) == 0).all()


def test_features_may_be_listed_in_any_order(table):
    layer = randomised(GatedResidual(3), 6)
    order = np.random.default_rng(2).permutation(6)
    other = GatedResidual(3)
    other.build((None, 6))
    # The table that all features share stays as it is.
    other.set_weights([w if w.shape == (3, 3) else w[..., order] for w in layer.get_weights()])
    expected = np.asarray(layer(table))[:, order]
    np.testing.assert_allclose(np.asarray(other(table[:, order])), expected, atol=1e-5)


def test_dropout_keeps_the_mean_and_is_decided_by_the_seed():
    x = np.full((20_000, 1), 0.8, dtype="float32")

    def build():
        return randomised(GatedResidual(4, dropout=0.5, layer_norm=False, seed=3), 1)

    layer = build()
    layer.w3.assign(0 * layer.w3)  # a constant gate: then the mean goes through
    dropped, kept = np.asarray(layer(x, training=True)), np.asarray(layer(x))
    assert dropped.std() > 0.1
    assert dropped.mean() == pytest.approx(float(kept[0, 0]), abs=5 * float(dropped.std()) / 141)
    first, second = (np.asarray(build()(x, training=True)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_block_learns_dominance_which_no_linear_model_can():
    x = np.array([[-1.0], [0.0], [1.0]], dtype="float32")
    y = (x == 0).astype("float32")
    layers = [keras.Input((1,)), GatedResidual(4, layer_norm=False, seed=1)]
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.03), "mean_squared_error")
    model.fit(np.tile(x, (150, 1)), np.tile(y, (150, 1)), batch_size=3, shuffle=False, verbose=0)
    assert float(model.evaluate(x, y, verbose=0)) < 0.1 * y.var()  # a line leaves all of it


@pytest.mark.parametrize("per_feature", [True, False])
def test_configuration_and_file_make_the_same_layer_again(per_feature, table, tmp_path):
    penalty = keras.regularizers.L2(0.1)
    layer = GatedResidual(
        3, per_feature, "hard_sigmoid", 0.2, epsilon=1e-4, kernel_regularizer=penalty, seed=5
    )
    assert GatedResidual.from_config(layer.get_config()).get_config() == layer.get_config()
    model = keras.Sequential([keras.Input((6,)), layer])
    randomised(layer, 6)
    model.save(tmp_path / "gate.keras")
    again = keras.saving.load_model(tmp_path / "gate.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(again(table)), np.asarray(model(table)))
    kernels = [w for n, w in by_name(layer).items() if n.split("/")[-1][0] in "wlk"]
    assert len(kernels) == 4
    penalties = sum((w**2).sum() for w in kernels)
    assert float(sum(again.losses)) == pytest.approx(0.1 * penalties, rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"units": 0}, "units must be"),
        ({"units": 1.5}, "units must be"),
        ({"gate": "tanh"}, "gate must be"),
        ({"dropout": 1.0}, "dropout must be"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        GatedResidual(**settings)


def test_a_wrong_shape_is_refused():
    for shape in ((None, 3, 4), (None, None)):
        with pytest.raises(ValueError, match="individuals, features"):
            GatedResidual().build(shape)
