"""Networks: their arithmetic against numpy, their seeds, their refusals."""

import keras
import numpy as np
import pytest

from geneml.models import cnn, dense, thesis_network


@pytest.fixture
def one_hot():
    bases = np.random.default_rng(0).integers(0, 4, (6, 30))
    return np.eye(4, dtype="float32")[bases]


def weights(model, name):
    return [np.asarray(w, dtype="float64") for w in model.get_layer(name).get_weights()]


def test_convolution_network_computes_what_its_definition_says(one_hot):
    model = cnn((30, 4), filters=5, kernel_size=4, pool_size=3, hidden=(7,), seed=2)
    (kernel, bias), (w1, b1), (w2, b2) = (
        weights(model, name) for name in ("convolution", "hidden_1", "prediction")
    )
    for individual, output in zip(one_hot, np.asarray(model(one_hot)), strict=True):
        convolved = np.array(
            [
                [
                    np.sum(individual[start : start + 4] * kernel[:, :, f]) + bias[f]
                    for f in range(5)
                ]
                for start in range(27)
            ]
        )
        active = np.maximum(convolved, 0)
        pooled = np.array([active[3 * i : 3 * i + 3].max(axis=0) for i in range(9)])
        hidden = np.maximum(pooled.ravel() @ w1 + b1, 0)
        np.testing.assert_allclose(output, hidden @ w2 + b2, rtol=1e-4, atol=1e-5)


def test_without_hidden_layers_the_network_is_linear(one_hot):
    model = dense((30, 4), hidden=(), seed=1)
    kernel, bias = weights(model, "prediction")
    expected = one_hot.reshape(6, -1) @ kernel + bias
    np.testing.assert_allclose(np.asarray(model(one_hot)), expected, rtol=1e-4, atol=1e-6)


def test_gelu_is_x_times_the_normal_distribution_function(one_hot):
    from scipy.stats import norm

    model = dense((30, 4), hidden=(5,), seed=1)
    (w1, b1), (w2, b2) = weights(model, "hidden_1"), weights(model, "prediction")
    z = one_hot.reshape(6, -1) @ w1 + b1
    expected = (z * norm.cdf(z)) @ w2 + b2
    np.testing.assert_allclose(np.asarray(model(one_hot)), expected, rtol=1e-4, atol=1e-6)


def test_global_pooling_does_not_see_where_a_motif_lies():
    model = cnn((40, 4), filters=6, kernel_size=5, pool_size="global", seed=3)
    motif = np.eye(4, dtype="float32")[[0, 3, 3, 1, 2]]
    inputs = np.zeros((3, 40, 4), dtype="float32")
    for row, start in enumerate((5, 17, 30)):
        inputs[row, start : start + 5] = motif
    outputs = np.asarray(model(inputs))
    assert np.ptp(outputs) < 1e-6
    position_aware = np.asarray(cnn((40, 4), filters=6, kernel_size=5, seed=3)(inputs))
    assert np.ptp(position_aware) > 1e-3


def test_thesis_network_has_the_published_sizes():
    model = thesis_network(200)
    windows = (200 - 3 + 1) // 4
    expected = (3 * 4 + 1) * 256 + (windows * 256 + 1) * 32 + 33 * 8 + 9 * 32 + 33
    assert model.count_params() == expected
    assert model.get_layer("convolution").activation is keras.activations.linear
    assert [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)] == [
        32,
        8,
        32,
        1,
    ]


@pytest.mark.parametrize("build", [dense, cnn])
def test_one_seed_one_network(build):
    first, second, other = (build((20, 4), dropout=0.1, seed=s).get_weights() for s in (7, 7, 8))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_seeds_leave_global_randomness_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (the global state is the point)
    first = float(keras.random.normal((1,), seed=1)[0])
    dense(5, dropout=0.5, seed=3)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert float(keras.random.normal((1,), seed=1)[0]) == first


def test_layers_of_one_network_start_differently():
    model = dense(16, hidden=(16, 16), seed=0)
    first, second = model.get_layer("hidden_1"), model.get_layer("hidden_2")
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])


@pytest.mark.parametrize("build", [dense, cnn])
@pytest.mark.parametrize("encoder", ["dosage", "one_hot"])
def test_stored_genotypes_go_in_as_they_are(build, encoder):
    genotypes = np.array([[0, 1, 2, -1, 0, 1, 2, 2, 1, 0]] * 2, dtype="int8")
    model = build(10, encoder=encoder, outputs=3)
    assert model(genotypes).shape == (2, 3)
    assert str(model.inputs[0].dtype) == "int8"


def test_dropout_is_off_when_predicting(one_hot):
    model = dense((30, 4), dropout=0.5, seed=0)
    assert np.array_equal(np.asarray(model(one_hot)), np.asarray(model(one_hot)))
    trained = np.asarray(model(one_hot, training=True))
    assert not np.array_equal(trained, np.asarray(model(one_hot)))


def test_penalties_appear_in_the_loss(one_hot):
    model = dense((30, 4), l1=0.01, l2=0.02, group_lasso=0.03, hidden=(5,), seed=0)
    model(one_hot)
    first, last = weights(model, "hidden_1")[0], weights(model, "prediction")[0]
    lengths = np.sqrt((first.reshape(30, -1) ** 2).sum(axis=1)).sum()
    expected = (
        0.01 * np.abs(first).sum() + 0.02 * ((first**2).sum() + (last**2).sum()) + 0.03 * lengths
    )
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    "model",
    [
        dense((12, 4), group_lasso=0.1, dropout=0.2),
        dense(12, encoder="dosage", l1=0.1),
        cnn(12, kernel_size=3, encoder="one_hot", l2=0.1),
        thesis_network(12),
    ],
    ids=["dense", "dosage", "cnn", "thesis"],
)
def test_saved_and_loaded_networks_predict_the_same(model, tmp_path):
    shape = (4, *model.input_shape[1:])
    x = np.random.default_rng(0).integers(0, 2, shape).astype(model.inputs[0].dtype)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(again(x)), np.asarray(model(x)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"input_shape": (3, 4, 5)}, "input_shape must be"),
        ({"input_shape": (0, 4)}, "input_shape must be"),
        ({"hidden": (0,)}, "hidden sizes"),
        ({"hidden": (3.5,)}, "hidden sizes"),
        ({"outputs": 0}, "hidden sizes"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"l2": -1}, "l2 must be at least 0"),
        ({"encoder": "dosages"}, "encoder must be None"),
        ({"encoder": "dosage"}, "input_shape must be \\(variants,\\)"),
    ],
)
@pytest.mark.parametrize("build", [dense, cnn])
def test_impossible_networks_are_refused(build, settings, message):
    with pytest.raises(ValueError, match=message):
        build(**{"input_shape": (20, 4), **settings})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel_size": 21}, "longer than the input"),
        ({"kernel_size": 0}, "kernel_size"),
        ({"filters": 0}, "filters"),
        ({"pool_size": 14}, "wider than the 13 windows"),
        ({"pool_size": "all"}, "pool_size"),
        ({"pool_size": 0}, "pool_size"),
    ],
)
def test_windows_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        cnn((20, 4), **settings)


def test_a_shape_of_the_wrong_kind_is_refused():
    with pytest.raises(TypeError, match="shape of one individual"):
        dense("wide")
