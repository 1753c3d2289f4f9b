"""Expectile networks against exact solutions and finite differences."""

import keras
import numpy as np
import pytest

from geneml.baselines import fit_expectile_regression
from geneml.expectiles import expectile
from geneml.losses import ExpectileLoss
from geneml.metrics import expectile_loss
from geneml.models import dense, enn
from geneml.splits import random_split
from geneml.training import fit

SPLIT = random_split(200, seed=1)
random = np.random.default_rng(0)
X = random.normal(size=(200, 4)).astype("float32")
Y = 20 + X @ [5, -3, 2, 0] + (1.5 + np.tanh(X[:, 0])) * random.gamma(1, 6, 200)


def train(model, x, loss, epochs=300, rate=0.1):
    """To the bottom: all training rows in each step, a step size that dies out."""
    return fit(
        model,
        x,
        Y,
        SPLIT,
        loss=loss,
        epochs=epochs,
        batch_size=len(SPLIT.training),
        learning_rate=keras.optimizers.schedules.CosineDecay(rate, epochs),
        patience=None,
        restore_best=False,
        baseline=False,
    )


@pytest.mark.parametrize("tau", [0.1, 0.9])
@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_without_hidden_layers_it_reaches_expectile_regression(tau, penalty):
    fitted = train(enn(4, hidden=(), l2=penalty, seed=1), X, ExpectileLoss(tau))
    exact = fit_expectile_regression(X, Y, tau, penalty=penalty, split=SPLIT)
    np.testing.assert_allclose(fitted.predictions, exact.predict(X), atol=1e-3 * Y.std())


@pytest.mark.parametrize("tau", [0.1, 0.9])
def test_alike_individuals_get_the_expectile_of_the_training_part(tau):
    fitted = train(enn(4, hidden=(3,), seed=1), np.zeros_like(X), ExpectileLoss(tau))
    expected = expectile(Y[SPLIT.training], tau)
    np.testing.assert_allclose(fitted.predictions, expected, atol=1e-3 * Y.std())


def test_a_half_is_least_squares():
    # Half the squared error beside half the penalty has the same minimum; plain descent with
    # twice the step then takes the same path, up to rounding.
    def descend(loss, l2, rate):
        optimizer = keras.optimizers.SGD(rate)
        model = enn(4, hidden=(3,), l2=l2, activation="tanh", seed=1)
        return fit(model, X, Y, SPLIT, loss=loss, epochs=30, optimizer=optimizer, baseline=False)

    ours = descend(ExpectileLoss(0.5), 0.01, 0.1)
    theirs = descend("mean_squared_error", 0.02, 0.05)
    np.testing.assert_allclose(ours.predictions, theirs.predictions, rtol=1e-4)
    np.testing.assert_allclose(
        2 * ours.history["training_loss"], theirs.history["training_loss"], rtol=1e-4
    )


def test_higher_levels_lie_higher():
    means = [
        train(enn(4, seed=2), X, ExpectileLoss(tau), epochs=150, rate=0.05).predictions.mean()
        for tau in (0.1, 0.5, 0.9)
    ]
    assert means[0] < means[1] < means[2]


def test_one_network_can_predict_several_levels():
    taus = [0.1, 0.5, 0.9]
    model = enn(4, hidden=(), outputs=3, seed=1)
    table = np.repeat(Y[:, None], 3, axis=1)
    fitted = fit(
        model,
        X,
        table,
        SPLIT,
        loss=ExpectileLoss(taus),
        epochs=300,
        batch_size=len(SPLIT.training),
        learning_rate=keras.optimizers.schedules.CosineDecay(0.1, 300),
        patience=None,
        restore_best=False,
        baseline=False,
    )
    for column, tau in enumerate(taus):
        exact = fit_expectile_regression(X, Y, tau, split=SPLIT).predict(X)
        np.testing.assert_allclose(fitted.predictions[:, column], exact, atol=1e-3 * Y.std())


def test_the_learning_curve_is_the_expectile_loss_of_the_standardised_trait():
    fitted = train(enn(4, seed=3), X, ExpectileLoss(0.8), epochs=20)
    observed = fitted.scaler.transform(fitted.observed)
    predicted = fitted.scaler.transform(fitted.predictions)
    for part, column in (("training", "training_loss"), ("validation", "validation_loss")):
        rows = fitted.parts[part]
        expected = expectile_loss(observed[rows], predicted[rows], 0.8)
        assert fitted.history[column].iloc[-1] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_the_slope_is_that_of_finite_differences(activation):
    import tensorflow as tf

    model = enn(4, hidden=(5,), activation=activation, l2=0.1, seed=4)
    standardised = ((Y - Y.mean()) / Y.std()).astype("float32")[:, None]
    loss = ExpectileLoss(0.9)
    with tf.GradientTape() as tape:
        value = loss(standardised, model(X)) + sum(model.losses)
    slopes = tape.gradient(value, model.trainable_variables)

    functions = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh}
    functions["sigmoid"] = lambda z: 1 / (1 + np.exp(-z))

    def by_hand(weights):
        w1, b1, w2, b2 = weights
        output = functions[activation](X @ w1 + b1) @ w2 + b2
        penalty = 0.1 * (np.sum(w1**2) + np.sum(w2**2))  # plain L2, biases free
        return expectile_loss(standardised, output, 0.9) + penalty

    weights = [w.astype("float64") for w in model.get_weights()]
    assert float(value) == pytest.approx(by_hand(weights), rel=1e-5)
    for number, slope in enumerate(slopes):
        place = (0,) * weights[number].ndim
        ends = []
        for step in (1e-6, -1e-6):
            moved = [w.copy() for w in weights]
            moved[number][place] += step
            ends.append(by_hand(moved))
        difference = (ends[0] - ends[1]) / 2e-6
        assert slope.numpy()[place] == pytest.approx(difference, rel=1e-3, abs=1e-5)


def test_it_is_the_dense_network_with_the_papers_settings():
    network = enn(7, seed=5)
    other = dense(7, hidden=(5,), activation="relu", seed=5)
    assert network.name == "enn"
    assert [layer.name for layer in network.layers] == ["hidden_1", "prediction"]
    assert network.count_params() == (7 + 1) * 5 + 5 + 1
    x = random.normal(size=(6, 7)).astype("float32")
    np.testing.assert_array_equal(np.asarray(network(x)), np.asarray(other(x)))
    deep = enn(7, hidden=(4, 3), outputs=2, seed=5)
    assert [layer.name for layer in deep.layers] == ["hidden_1", "hidden_2", "prediction"]


def test_it_takes_stored_genotypes_and_is_saved(tmp_path):
    model = enn(6, encoder="dosage", seed=0)
    genotypes = np.array([[0, 1, 2, -1, 0, 1]] * 3, dtype="int8")
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert again.name == "enn"
    np.testing.assert_array_equal(np.asarray(again(genotypes)), np.asarray(model(genotypes)))


def test_seeds():
    first, second, other = (enn(4, seed=seed).get_weights()[0] for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    unseeded = [enn(4).get_weights()[0] for _ in range(2)]
    assert not np.array_equal(*unseeded)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "gelu"}, "activation must be one of"),
        ({"activation": None}, "activation must be one of"),
        ({"hidden": (0,)}, "hidden sizes"),
        ({"l2": -1}, "l2 must be at least 0"),
        ({"outputs": 0}, "hidden sizes"),
        ({"input_shape": (0,)}, "input_shape must be"),
    ],
)
def test_impossible_networks_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        enn(**{"input_shape": 4, **settings})
