"""Keras chains run in plain JavaScript, and what is refused before anything is written."""

import json

import keras
import numpy as np
import pytest
from keras import layers
from numpy.testing import assert_allclose

from geneml import live
from geneml.live.network_export import ACTIVATIONS, export_network

LENGTH = 24


def chain(*parts, shape=(LENGTH, 4)):
    keras.utils.set_random_seed(7)
    return keras.Sequential([keras.Input(shape), *parts])


def run_in_javascript(javascript, model, x):
    return np.array(
        javascript(
            "mutate",
            "(() => { const network = m.loadNetwork(v.layers); return v.x.map((one) =>"
            " network(Float32Array.from(one), v.length, v.channels)); })()",
            layers=export_network(model),
            x=x.reshape(len(x), -1).tolist(),
            length=x.shape[1],
            channels=x.shape[2],
        )
    )


def agrees(javascript, model, x=None, tolerance=1e-5):
    if x is None:
        bases = np.random.default_rng(1).integers(0, model.input_shape[2], (5, LENGTH))
        x = np.eye(model.input_shape[2], dtype="float32")[bases]
    expected = model.predict(x, verbose=0).reshape(len(x), -1)
    found = run_in_javascript(javascript, model, x)
    assert found.shape == expected.shape
    assert np.ptp(expected) > 1e-3, "a constant output would agree with anything"
    assert_allclose(found, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())


def normalisation(**settings):
    """Batch normalisation with moving averages and scales that are not the trivial ones."""
    layer = layers.BatchNormalization(**settings)

    def trained(channels):
        rng = np.random.default_rng(0)
        layer.build((None, LENGTH, channels))
        layer.set_weights(
            [rng.uniform(0.5, 2, weight.shape).astype("float32") for weight in layer.weights]
        )
        return layer

    return trained


ARCHITECTURES = {
    "dense": lambda: chain(layers.Flatten(), layers.Dense(9, activation="gelu"), layers.Dense(1)),
    "thesis": lambda: chain(
        layers.Conv1D(32, 3),
        layers.MaxPooling1D(4),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(8, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(1),
    ),
    "same padding, even kernel, strides": lambda: chain(
        layers.Conv1D(6, 4, strides=3, padding="same", activation="elu"),
        layers.AveragePooling1D(3, strides=2, padding="same"),
        layers.Flatten(),
        layers.Dense(2),
    ),
    "dilated and causal": lambda: chain(
        layers.Conv1D(5, 3, dilation_rate=3, padding="causal", activation="tanh"),
        layers.Conv1D(5, 3, dilation_rate=2, padding="same", activation="softplus"),
        layers.Conv1D(3, 2, dilation_rate=4, padding="valid", use_bias=False),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, use_bias=False),
    ),
    "max pooling same": lambda: chain(
        layers.Conv1D(4, 5, padding="same"),
        layers.MaxPooling1D(5, strides=4, padding="same"),
        layers.GlobalAveragePooling1D(),
        layers.Dense(3, activation="softmax"),
    ),
    "normalised": lambda: chain(
        layers.Rescaling(1.7, offset=-0.3),
        layers.Conv1D(6, 3),
        normalisation()(6),
        layers.ReLU(),
        layers.Dropout(0.5),
        layers.SpatialDropout1D(0.3),
        layers.Conv1D(4, 3, padding="same"),
        normalisation(scale=False, center=False, epsilon=0.1)(4),
        layers.LeakyReLU(negative_slope=0.13),
        layers.GaussianNoise(0.2),
        layers.Flatten(),
        layers.Dense(4),
        layers.ELU(alpha=0.7),
        layers.Dense(1, activation="sigmoid"),
    ),
    "dense on every position": lambda: chain(
        layers.Dense(6, activation="silu"),
        layers.Softmax(),
        layers.ReLU(max_value=6.0),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1),
    ),
    "models inside a model": lambda: chain(
        keras.Sequential([keras.Input((LENGTH, 4)), layers.Conv1D(4, 3, activation="relu")]),
        layers.Flatten(),
        layers.Dense(1),
    ),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_javascript_agrees_with_keras(javascript, name):
    agrees(javascript, ARCHITECTURES[name]())


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_agrees_with_keras_far_from_zero_too(javascript, name):
    model = chain(layers.Activation(name))
    x = np.linspace(-9, 9, 3 * LENGTH * 4, dtype="float32").reshape(3, LENGTH, 4)
    agrees(javascript, model, x)


def test_functional_chain_of_three_channels_agrees(javascript):
    keras.utils.set_random_seed(1)
    start = keras.Input((LENGTH, 3))
    flow = layers.Conv1D(4, 6, activation="mish")(start)
    agrees(javascript, keras.Model(start, layers.Dense(1)(layers.Flatten()(flow))))


def test_mutate_predicts_in_the_units_of_the_phenotype(javascript):
    model = ARCHITECTURES["thesis"]()
    sequences = ["ACGT" * 6, "TTTT" * 6, "GATC" * 6]
    figure = live.mutate(model, sequences[0], output_mean=170.0, output_scale=6.5)
    x = np.array([[[b == a for a in "ACGT"] for b in s] for s in sequences], dtype="float32")
    expected = 170.0 + 6.5 * model.predict(x, verbose=0)[:, 0]
    found = javascript(
        "mutate",
        "v.sequences.map((s) => m.sequenceModel(v.data).predict(Array.from(s)))",
        data=figure.data,
        sequences=sequences,
    )
    assert_allclose(found, expected, rtol=1e-5)


def epistatic(sequences):
    return [
        10.0 + 2 * (s[3] != "T") - 1.5 * (s[9] == "G") + 3.0 * (s[3] == "A") * (s[20] == "C")
        for s in sequences
    ]


def test_tabulated_truth_equals_the_function_it_came_from(javascript):
    model = ARCHITECTURES["dense"]()
    figure = live.mutate(model, "ACGT" * 6, phenotype=epistatic, causal=[3, 9, 20])
    rng = np.random.default_rng(5)
    sequences = ["".join(rng.choice(list("ACGT"), LENGTH)) for _ in range(50)]
    found = javascript(
        "mutate",
        "v.sequences.map((s) => m.trueValue(v.truth, Array.from(s)))",
        truth=figure.data["truth"],
        sequences=sequences,
    )
    assert len(set(found)) > 3
    assert_allclose(found, epistatic(sequences), atol=1e-9)


def branched():
    start = keras.Input((LENGTH, 4))
    one = layers.Conv1D(4, 3, padding="same")(start)
    return keras.Model(start, layers.Dense(1)(layers.Flatten()(layers.Add()([one, start]))))


def skipped():
    """Two convolutions that both read the input: no layer has two inputs."""
    start = keras.Input((LENGTH, 4))
    one = layers.Conv1D(4, 3, padding="same")
    one(start)
    two = layers.Conv1D(4, 3, padding="same")(start)
    return keras.Model(start, [one(start), two])


@keras.saving.register_keras_serializable("test_live")
class Dense(layers.Layer):
    """A layer that borrows the name of another one."""

    def call(self, inputs):
        """Double the inputs."""
        return 2 * inputs


REFUSED = {
    "a branch": (branched, "Add"),
    "two outputs": (skipped, "one input and one output"),
    "recurrent": (lambda: chain(layers.LSTM(3), layers.Dense(1)), "LSTM"),
    "grouped": (lambda: chain(layers.Conv1D(4, 3, groups=2), layers.Flatten()), "groups"),
    "own layer": (lambda: chain(Dense(), layers.Flatten(), layers.Dense(1)), "Dense"),
    "activation": (lambda: chain(layers.Conv1D(4, 3, activation="log_softmax")), "log_softmax"),
    "slope": (lambda: chain(layers.ReLU(negative_slope=0.1), layers.Flatten()), "threshold"),
    "axis": (
        lambda: chain(layers.BatchNormalization(axis=1), layers.Flatten(), layers.Dense(1)),
        "axis",
    ),
    "no fixed length": (
        lambda: chain(layers.GlobalMaxPooling1D(), layers.Dense(1), shape=(None, 4)),
        "fixed shape",
    ),
    "table of numbers": (lambda: chain(layers.Dense(1), shape=(7,)), "fixed shape"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_networks_that_cannot_run_are_refused_by_name(name):
    build, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        live.mutate(build(), "ACGT" * 6)


def test_weights_that_are_not_numbers_are_refused():
    model = ARCHITECTURES["dense"]()
    model.layers[1].bias.assign(np.full(9, np.nan))
    with pytest.raises(ValueError, match="finite weights"):
        live.mutate(model, "ACGT" * 6)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"sequence": "ACGU" * 6}, ValueError, "letters of ACGT"),
        ({"sequence": "ACGT"}, ValueError, "expects"),
        ({"sequence": ""}, ValueError, "1 to 240"),
        ({"sequence": 5}, TypeError, "expected a str"),
        ({"alphabet": "AACG"}, ValueError, "different letters"),
        ({"output_scale": 0.0}, ValueError, "above 0"),
        ({"phenotype": epistatic}, ValueError, "both or neither"),
        ({"phenotype": epistatic, "causal": [3, 9]}, ValueError, "does not list"),
        ({"phenotype": epistatic, "causal": [3, 99]}, ValueError, "positions from 0 to 23"),
        ({"phenotype": lambda s: [1.0], "causal": [3]}, ValueError, "finite values"),
        ({"model": "network.keras"}, TypeError, "Keras model"),
    ],
)
def test_bad_arguments_are_named(change, error, words):
    arguments = {"model": ARCHITECTURES["dense"](), "sequence": "ACGT" * 6, **change}
    with pytest.raises(error, match=words):
        live.mutate(**arguments)


def test_three_way_epistasis_is_refused_rather_than_shown_wrong():
    def three(sequences):
        return [float(s[0] == "C" and s[1] == "A" and s[2] == "A") for s in sequences]

    with pytest.raises(ValueError, match="three or more"):
        live.mutate(ARCHITECTURES["dense"](), "ACGT" * 6, phenotype=three, causal=[0, 1, 2])


def test_early_stopping_rule_is_that_of_keras(javascript):
    curve = (1 + np.random.default_rng(2).normal(0, 0.1, 60) - np.linspace(0, 0.1, 60)).tolist()

    class Still(keras.Model):
        def call(self, inputs):
            return inputs

    for patience, least in [(1, 0.0), (5, 0.0), (5, 0.02), (20, 0.01), (100, 0.0)]:
        callback = keras.callbacks.EarlyStopping("val_loss", patience=patience, min_delta=least)
        callback.set_model(Still())
        callback.model.stop_training = False
        callback.on_train_begin()
        last = 0
        for epoch, value in enumerate(curve):
            last = epoch
            callback.on_epoch_end(epoch, {"val_loss": value})
            if callback.model.stop_training:
                break
        found = javascript(
            "early_stopping", "m.stopping(v.c, v.p, v.l)", c=curve, p=patience, l=least
        )
        assert (found["stop"], found["best"]) == (last, callback.best_epoch)


@pytest.mark.parametrize(("method", "rate"), [("descent", 0.05), ("adam", 0.1)])
def test_walks_follow_the_optimisers_of_keras(javascript, method, rate):
    path = javascript("descent", "m.walk(m.SURFACES.banana, v.m, v.r, 25)", m=method, r=rate / 5)
    point = keras.Variable([-1.5, 2.6])
    optimiser = (keras.optimizers.SGD if method == "descent" else keras.optimizers.Adam)(rate / 5)
    optimiser.build([point])
    for step in range(25):
        now = keras.ops.convert_to_numpy(point)
        assert_allclose(path[step], now, rtol=2e-4, atol=2e-4)
        x, y = (float(one) for one in now)
        slope = [-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)]
        optimiser.apply_gradients([(keras.ops.array(slope), point)])


def test_exported_figure_holds_every_weight_as_float32():
    model = ARCHITECTURES["thesis"]()
    figure = live.mutate(model, "ACGT" * 6)
    size = len(json.dumps(figure.data["layers"]))
    assert size < 4 * model.count_params() * 4 / 3 * 1.05 + 2000
