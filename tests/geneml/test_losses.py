"""The expectile loss against loops, finite differences and Keras's own squared error."""

import keras
import numpy as np
import pytest

from geneml.expectiles import expectile
from geneml.losses import ExpectileLoss
from geneml.metrics import expectile_loss

random = np.random.default_rng(0)
Y = random.normal(size=(30, 2)).astype("float32")
F = random.normal(size=(30, 2)).astype("float32")


def by_hand(y, f, tau):
    total = 0.0
    for one, other in zip(y.ravel().tolist(), f.ravel().tolist(), strict=True):
        total += (tau if one >= other else 1 - tau) * (one - other) ** 2
    return total / y.size


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
def test_it_is_the_mean_over_individuals_and_outputs(tau):
    assert float(ExpectileLoss(tau)(Y, F)) == pytest.approx(by_hand(Y, F, tau), rel=1e-5)


def test_each_output_can_have_its_level():
    expected = (by_hand(Y[:, 0], F[:, 0], 0.1) + by_hand(Y[:, 1], F[:, 1], 0.8)) / 2
    assert float(ExpectileLoss((0.1, 0.8))(Y, F)) == pytest.approx(expected, rel=1e-5)
    swapped = float(ExpectileLoss([0.8, 0.1])(Y, F))
    assert swapped != pytest.approx(expected, rel=1e-3)


def test_one_trait_at_all_levels():
    expected = (by_hand(Y[:, 0], F[:, 0], 0.1) + by_hand(Y[:, 0], F[:, 1], 0.8)) / 2
    for trait in (Y[:, 0], Y[:, :1]):
        assert float(ExpectileLoss([0.1, 0.8])(trait, F)) == pytest.approx(expected, rel=1e-5)


def test_a_half_is_half_the_squared_error():
    squared = float(keras.losses.MeanSquaredError()(Y, F))
    assert float(ExpectileLoss(0.5)(Y, F)) == pytest.approx(squared / 2, rel=1e-6)


@pytest.mark.parametrize("observed", [Y[:, 0], Y[:, :1]])
@pytest.mark.parametrize("predicted", [F[:, 0], F[:, :1]])
def test_rows_and_columns_are_never_paired_with_everyone(observed, predicted):
    expected = expectile_loss(Y[:, 0], F[:, 0], 0.7)
    assert float(ExpectileLoss(0.7)(observed, predicted)) == pytest.approx(expected, rel=1e-5)
    each = np.asarray(ExpectileLoss(0.7, reduction=None)(observed, predicted))
    assert each.shape == (30,)
    weight = np.arange(30.0)
    weighted = float(ExpectileLoss(0.7)(observed, predicted, sample_weight=weight))
    assert weighted == pytest.approx(float(np.mean(weight * each)), rel=1e-5)


def test_the_best_constant_is_the_expectile():
    constants = np.linspace(-1, 1, 401)
    y = Y[:, 0]
    for tau in (0.2, 0.9):
        losses = [float(ExpectileLoss(tau)(y, np.full(30, c, "float32"))) for c in constants]
        assert constants[np.argmin(losses)] == pytest.approx(expectile(y, tau), abs=0.006)


@pytest.mark.parametrize("tau", [0.1, [0.3, 0.9]])
def test_its_slope_is_that_of_finite_differences(tau):
    import tensorflow as tf

    prediction, loss = tf.constant(F), ExpectileLoss(tau)
    with tf.GradientTape() as tape:
        tape.watch(prediction)
        value = loss(Y, prediction)
    slope = tape.gradient(value, prediction).numpy()
    # By hand in double precision: a float32 difference would be mostly rounding.
    columns = np.broadcast_to(tau, 2)

    def mean_loss(f):
        return np.mean([expectile_loss(Y[:, t], f[:, t], columns[t]) for t in range(2)])

    for row, column in [(0, 0), (3, 1), (17, 0), (29, 1)]:
        step = np.zeros((30, 2))
        step[row, column] = 1e-6
        difference = (mean_loss(F + step) - mean_loss(F - step)) / 2e-6
        assert slope[row, column] == pytest.approx(difference, rel=1e-3)


def test_it_is_made_again_from_its_configuration():
    for tau in (0.25, [0.1, 0.9], (0.5,), np.array([0.2, 0.4])):
        loss = ExpectileLoss(tau, reduction="sum", name="other")
        again = keras.losses.deserialize(keras.losses.serialize(loss))
        assert type(again) is ExpectileLoss
        assert again.get_config() == loss.get_config()
        np.testing.assert_array_equal(again.tau, tau)


def test_a_compiled_network_keeps_its_loss(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(loss=ExpectileLoss([0.1, 0.9]))
    x = random.normal(size=(30, 3)).astype("float32")
    model.fit(x, Y, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert again.loss.tau == [0.1, 0.9]
    assert again.evaluate(x, Y, verbose=0) == pytest.approx(model.evaluate(x, Y, verbose=0))


@pytest.mark.parametrize("tau", [0, 1, -0.1, float("nan"), [], [0.5, 1.0], [[0.5]]])
def test_levels_out_of_range_are_refused(tau):
    with pytest.raises(ValueError, match="tau: expected"):
        ExpectileLoss(tau)


@pytest.mark.parametrize("tau", ["0.5", None, True, [0.5, "0.9"]])
def test_levels_that_are_no_numbers_are_refused(tau):
    with pytest.raises(TypeError, match="tau: expected numbers"):
        ExpectileLoss(tau)


@pytest.mark.parametrize(
    ("tau", "y", "f", "message"),
    [
        ([0.1, 0.5, 0.9], Y, F, r"tau: expected predictions of shape \(n, 3\)"),
        (0.5, Y[:, :1], F, r"y: expected observations of shape \(n, 2\)"),
        (0.5, Y, F[:, :1], r"y: expected observations of shape \(n, 1\)"),
        (0.5, Y[:, 0], F, r"y: expected observations"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(tau, y, f, message):
    with pytest.raises(ValueError, match=message):
        ExpectileLoss(tau)(y, f)
