"""Derivatives against numpy, completeness of integrated gradients, stored genotypes."""

import gc
import importlib.util
import os
import subprocess
import sys
import weakref

import keras
import numpy as np
import pytest
from keras import layers as kl

from geneml.encoding import one_hot_genotypes
from geneml.interpret.saliency import gradient, gradient_times_input, integrated_gradients
from geneml.layers import GenotypeEncoder, OneHotGenotypes
from geneml.models import cnn, dense
from geneml.result import Fit
from geneml.training import PhenotypeScaler

LENGTH = 7


@pytest.fixture(scope="module")
def sequences():
    return np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (10, LENGTH))]


@pytest.fixture(scope="module")
def genotypes():
    return np.random.default_rng(1).integers(-1, 3, (40, 5)).astype("int8")


def build(*layers, shape=(LENGTH, 4), dtype="float32"):
    keras.utils.set_random_seed(6)
    return keras.Sequential([keras.Input(shape, dtype=dtype), *layers])


@pytest.fixture(scope="module")
def smooth():
    return build(kl.Flatten(), kl.Dense(6, activation="tanh"), kl.Dense(2))


def by_hand(network, x):
    """Outputs and derivatives of the smooth network, in float64."""
    first, bias, last, constant = (w.astype("float64") for w in network.get_weights())
    hidden = np.tanh(x.reshape(len(x), -1) @ first + bias)
    slopes = np.einsum("ph,nh,ht->npt", first, 1 - hidden**2, last)
    return hidden @ last + constant, slopes.reshape(*x.shape, -1)


# --- gradients --------------------------------------------------------------------------


def test_derivatives_are_those_of_the_formula(smooth, sequences):
    found = gradient(smooth, sequences)
    predictions, slopes = by_hand(smooth, sequences.astype("float64"))
    assert found.kind == "slope"
    assert found.axes == ("sample", "position", "allele", "output")
    assert found.alleles == ("A", "C", "G", "T")
    np.testing.assert_allclose(found.values, slopes, atol=1e-6)
    np.testing.assert_allclose(found.predictions, predictions, atol=1e-6)
    assert found.additivity_gap is None


def test_one_output_and_any_batch_size(smooth, sequences):
    whole = gradient(smooth, sequences)
    one = gradient(smooth, sequences, output=1, batch_size=3)
    assert one.axes == ("sample", "position", "allele")
    np.testing.assert_allclose(one.values, whole.values[..., 1], atol=1e-6)


def test_a_linear_network_has_the_same_slopes_everywhere(sequences):
    network = build(kl.Flatten(), kl.Dense(1))
    weights = network.get_weights()[0].reshape(LENGTH, 4)
    found = gradient(network, sequences)
    np.testing.assert_allclose(found.values, np.tile(weights, (10, 1, 1)), atol=1e-6)
    # The observed base against the mean of the three others.
    observed = (weights * sequences).sum(axis=2)
    others = (weights.sum(axis=1) - observed) / 3
    np.testing.assert_allclose(found.per_position(), observed - others, atol=1e-6)


def test_gradient_times_input_is_the_slope_of_the_observed_allele(smooth, sequences):
    slopes = gradient(smooth, sequences, output=0).values
    found = gradient_times_input(smooth, sequences, output=0)
    assert found.kind == "credit"
    np.testing.assert_allclose(found.values, slopes * sequences, atol=1e-6)
    np.testing.assert_allclose(found.per_position(), (slopes * sequences).sum(axis=2), atol=1e-6)
    assert np.abs(found.additivity_gap).max() > 1e-3  # it promises no sum, and says so


def test_gradient_times_input_is_complete_without_bias_and_bends(sequences):
    network = build(kl.Conv1D(4, 3, activation="relu", use_bias=False), kl.Flatten())
    network.add(kl.Dense(1, use_bias=False))
    found = gradient_times_input(network, sequences)
    np.testing.assert_allclose(found.base_values, 0, atol=1e-7)
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-6)


# --- integrated gradients ---------------------------------------------------------------


@pytest.mark.parametrize("rule", ["gauss_legendre", "trapezoid", "midpoint"])
def test_the_parts_sum_to_the_difference(smooth, sequences, rule):
    few = integrated_gradients(smooth, sequences, steps=4, rule=rule)
    many = integrated_gradients(smooth, sequences, steps=300, rule=rule)
    assert np.abs(many.additivity_gap).max() < 2e-5
    assert np.abs(few.additivity_gap).max() > np.abs(many.additivity_gap).max()
    zero = smooth.predict_on_batch(np.zeros((1, LENGTH, 4), "float32"))
    np.testing.assert_allclose(many.base_values, np.tile(zero, (10, 1)), atol=1e-6)


def test_a_kinked_network_closes_its_gap_with_the_steps(sequences):
    network = build(kl.Conv1D(5, 3, activation="relu"), kl.Flatten(), kl.Dense(1))
    start = sequences[9]
    gaps = [
        np.abs(integrated_gradients(network, sequences[:9], baseline=start, steps=n).additivity_gap)
        for n in (3, 300)
    ]
    assert gaps[0].mean() > 10 * gaps[1].mean() > 0


def test_the_square_of_a_sum_has_a_closed_form(sequences):
    # f = (w.x)^2: credit_i = w_i (x_i - b_i) w.(x + b), and two points are enough.
    network = build(kl.Flatten(), kl.Dense(1, use_bias=False), kl.Lambda(keras.ops.square))
    w = network.get_weights()[0].reshape(LENGTH, 4)
    start = sequences[9]
    found = integrated_gradients(network, sequences[:4], baseline=start, steps=2)
    both = ((sequences[:4] + start) * w).sum(axis=(1, 2))
    expected = w * (sequences[:4] - start) * both[:, None, None]
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    np.testing.assert_allclose(found.base_values, np.full(4, (start * w).sum() ** 2), atol=1e-5)


def test_what_is_not_read_earns_nothing(sequences):
    network = build(kl.Cropping1D((2, 0)), kl.Flatten(), kl.Dense(3, activation="tanh"))
    network.add(kl.Dense(1))
    found = integrated_gradients(network, sequences)
    np.testing.assert_array_equal(found.values[:, :2], 0)
    assert (np.abs(found.values[:, 2:]).sum(axis=(0, 2)) > 0).all()


def test_positions_that_do_the_same_earn_the_same():
    network = build(kl.Lambda(lambda z: keras.ops.sum(z, axis=1)), kl.Dense(5, activation="tanh"))
    network.add(kl.Dense(1))
    x = np.tile(np.eye(4, dtype="float32")[[2]], (1, LENGTH, 1))
    found = integrated_gradients(network, x).per_position()
    np.testing.assert_allclose(found, np.broadcast_to(found[:, :1], found.shape), atol=1e-6)


def test_several_baselines_are_averaged(smooth, sequences):
    rows = sequences[6:]
    found = integrated_gradients(smooth, sequences[:3], baseline=rows, output=0)
    single = [integrated_gradients(smooth, sequences[:3], baseline=r, output=0) for r in rows]
    np.testing.assert_allclose(found.values, np.mean([s.values for s in single], 0), atol=1e-6)
    np.testing.assert_allclose(found.base_values, np.mean([s.base_values for s in single], 0))
    np.testing.assert_array_equal(found.background, rows)
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-5)


# --- any network ------------------------------------------------------------------------


def two_inputs():
    keras.utils.set_random_seed(2)
    first, second = keras.Input((LENGTH, 4)), keras.Input((3,))
    joined = kl.Concatenate()([kl.Flatten()(first), second])
    hidden = kl.Dense(4, activation="softplus")(joined)
    return keras.Model([first, second], [kl.Dense(1)(hidden), kl.Dense(2)(hidden)])


def test_one_of_several_inputs_is_explained_and_the_other_stays(sequences):
    network = two_inputs()
    other = np.random.default_rng(3).normal(size=(10, 3)).astype("float32")
    found = integrated_gradients(network, [sequences, other], baseline=sequences[9])
    assert found.shape == (10, LENGTH, 4, 3)  # outputs of both heads side by side
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-5)
    start = np.tile(sequences[9], (10, 1, 1))
    base = np.concatenate(network.predict_on_batch([start, other]), axis=1)
    np.testing.assert_allclose(found.base_values, base, atol=1e-6)
    second = gradient(network, [sequences, other], explained=1, output=2)
    assert second.axes == ("sample", "position")
    step = np.zeros((10, 3), "float32")
    step[:, 1] = 1e-2
    up, down = (network.predict_on_batch([sequences, other + s])[1][:, 1] for s in (step, -step))
    np.testing.assert_allclose(second.values[:, 1], (up - down) / 2e-2, atol=1e-3)


class Written(keras.Model):
    """A subclassed network."""

    def __init__(self):
        super().__init__()
        self.flat, self.hidden, self.last = kl.Flatten(), kl.Dense(4, "tanh"), kl.Dense(1)

    def call(self, x):
        return self.last(self.hidden(self.flat(x)))


@pytest.mark.parametrize("make", [Written, lambda: build(kl.LSTM(4), kl.Dense(1))])
def test_subclassed_and_recurrent_networks(make, sequences):
    network = make()
    network(sequences[:1])
    found = integrated_gradients(network, sequences[:4], baseline=sequences[8])
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-5)


def test_batch_normalisation_and_dropout_are_as_in_prediction(sequences):
    network = build(
        kl.Conv1D(4, 3), kl.BatchNormalization(), kl.Dropout(0.5), kl.Flatten(), kl.Dense(1)
    )
    one, again = gradient(network, sequences), gradient(network, sequences[:2])
    np.testing.assert_allclose(one.values[:2], again.values, atol=1e-6)  # no batch statistics


def test_a_fit_is_explained_in_the_unit_of_the_trait(smooth, sequences):
    scaler = PhenotypeScaler(np.array([10.0, 20.0]), np.array([3.0, 0.5]))
    run = Fit(smooth, None, 0, "epochs", 0.0, scaler, np.zeros((10, 2)), None, {}, {})
    plain, scaled = integrated_gradients(smooth, sequences), integrated_gradients(run, sequences)
    np.testing.assert_allclose(scaled.values, plain.values * [3.0, 0.5], atol=1e-6)
    np.testing.assert_allclose(scaled.predictions, plain.predictions * [3, 0.5] + [10, 20])
    np.testing.assert_allclose(scaled.additivity_gap, 0, atol=1e-5)
    one = gradient(run, sequences, output=1)
    np.testing.assert_allclose(one.values, 0.5 * gradient(smooth, sequences).values[..., 1])


# --- stored genotypes -------------------------------------------------------------------


def functional(genotypes):
    """The same as a Sequential network, but functional: its input insists on integers."""
    entry = keras.Input((5,), dtype="int8")
    encoder = GenotypeEncoder()
    network = keras.Model(entry, kl.Dense(1)(kl.Dense(4, "softplus")(encoder(entry))))
    encoder.adapt(genotypes)
    return network


def sequential(genotypes):
    network = dense(5, hidden=(4,), activation="softplus", encoder="dosage", seed=1)
    network.layers[0].adapt(genotypes)
    return network


@pytest.mark.parametrize("make", [functional, sequential])
def test_stored_genotypes_are_explained_as_dosages(make, genotypes):
    network = make(genotypes)
    found = integrated_gradients(network, genotypes, baseline=genotypes[:6])
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-5)
    assert found.axes == ("sample", "position")
    missing = genotypes < 0
    assert missing.any()
    means = [column[column >= 0].mean() for column in genotypes.T]
    dosages = np.where(missing, means, genotypes)
    np.testing.assert_allclose(found.observed, dosages, atol=1e-6)
    np.testing.assert_array_equal(found.background, genotypes[:6])
    # The slope by the number of copies, not by the standardised dosage.
    first, bias, last, _ = (w.astype("float64") for w in network.get_weights()[-4:])
    deviation = dosages.std(axis=0)
    z = (dosages - dosages.mean(axis=0)) / deviation
    inner = 1 / (1 + np.exp(-(z @ first + bias)))
    expected = (inner * last[:, 0]) @ first.T / deviation
    np.testing.assert_allclose(gradient(network, genotypes).values, expected, atol=1e-5)


def test_newly_trained_weights_are_seen(genotypes):
    for make in (functional, sequential):
        network = make(genotypes)
        before = gradient(network, genotypes).values
        network.layers[-1].kernel.assign(2 * network.layers[-1].kernel)
        np.testing.assert_allclose(gradient(network, genotypes).values, 2 * before, atol=1e-6)


def test_genotypes_as_columns_are_explained_column_by_column(genotypes):
    network = dense(5, hidden=(4,), activation="tanh", encoder="one_hot", seed=1)
    found = integrated_gradients(network, genotypes)
    assert found.axes == ("sample", "position", "allele")
    assert found.alleles == ("0", "1", "2")
    np.testing.assert_array_equal(found.observed, one_hot_genotypes(genotypes))
    np.testing.assert_allclose(found.additivity_gap, 0, atol=1e-5)


def test_columns_inside_another_network_are_refused(genotypes):
    entry = keras.Input((5,), dtype="int8")
    network = keras.Model(entry, kl.Dense(1)(kl.Flatten()(OneHotGenotypes()(entry))))
    with pytest.raises(ValueError, match=r"one column a genotype.*one_hot_genotypes\(x\)"):
        gradient(network, genotypes)


# --- what is left behind ----------------------------------------------------------------


def test_the_compiled_function_does_not_keep_a_network_alive(sequences):
    network = build(kl.Flatten(), kl.Dense(1))
    gradient(network, sequences)
    left = weakref.ref(network)
    del network
    gc.collect()
    assert left() is None


def test_the_network_is_left_alone(genotypes):
    for make in (functional, sequential):
        network = make(genotypes)
        nodes = [len(layer._inbound_nodes) for layer in network.layers]
        weights = [w.copy() for w in network.get_weights()]
        integrated_gradients(network, genotypes)
        assert [len(layer._inbound_nodes) for layer in network.layers] == nodes
        for one, other in zip(weights, network.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


# --- what cannot be ---------------------------------------------------------------------


def test_plain_functions_have_no_derivatives(sequences):
    for explain in (gradient, gradient_times_input, integrated_gradients):
        with pytest.raises(TypeError, match="needs derivatives"):
            explain(lambda x: x.sum(axis=(1, 2)), sequences)


def test_a_step_in_the_way_is_named(sequences):
    network = build(kl.Flatten(), kl.Lambda(lambda z: keras.ops.cast(z > 0.5, "float32")))
    network.add(kl.Dense(1))
    with pytest.raises(ValueError, match="no derivative by input 0.*not smooth"):
        gradient(network, sequences)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps must be a whole number from 1; received 0"),
        ({"steps": 1, "rule": "trapezoid"}, "steps must be a whole number from 2"),
        ({"rule": "simpson"}, "rule must be one of gauss_legendre, trapezoid, midpoint"),
        ({"baseline": np.zeros((3, 4))}, r"baseline must hold .* shape \(b, 7, 4\)"),
        ({"output": 2}, "output must be None or a whole number from 0 to 1; received 2"),
        ({"explained": 1}, "explained must be between 0 and 0"),
        ({"batch_size": 0}, "batch_size must be a whole number from 1"),
    ],
)
def test_impossible_settings(smooth, sequences, settings, message):
    with pytest.raises(ValueError, match=message):
        integrated_gradients(smooth, sequences, **settings)


def test_a_wrong_shape_is_refused(smooth, sequences):
    with pytest.raises(ValueError, match="takes"):
        gradient(smooth, sequences[:, :5])
    with pytest.raises(ValueError, match=r"x\[np.newaxis\]"):
        gradient(smooth, sequences[0, 0])
    with pytest.raises(TypeError, match="x must hold numbers"):
        gradient(smooth, np.full((2, LENGTH, 4), "A"))


_PROGRAM = """
import numpy as np, keras
from geneml.interpret.saliency import gradient, integrated_gradients
from geneml.models import cnn, dense
x = np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (6, 9))]
network = cnn((9, 4), filters=3, kernel_size=3, activation="gelu", convolution_activation=None)
found = integrated_gradients(network, x, baseline=x[5], steps=20)
assert np.abs(found.additivity_gap).max() < 1e-5, found
linear = dense((9, 4), hidden=())
weights = keras.ops.convert_to_numpy(linear.layers[-1].kernel).reshape(9, 4)
assert np.allclose(gradient(linear, x).values, weights, atol=1e-6)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_has_the_same_derivatives(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed (it is not among the locked packages)")
    environment = {**os.environ, "KERAS_BACKEND": backend}
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr[-2000:]


def test_the_thesis_kind_of_network_is_taken_as_it_is(sequences):
    network = cnn((LENGTH, 4), filters=4, kernel_size=3, pool_size=2, outputs=2)
    found = integrated_gradients(network, sequences, baseline=sequences[8:], steps=200)
    size = np.abs(found.predictions - found.base_values).max()
    assert np.abs(found.additivity_gap).max() < 0.03 * size  # kinks: the gap falls as 1 / steps
