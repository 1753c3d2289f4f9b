"""In-silico mutagenesis: what it returns, closed forms, ensembles, double mutants, refusals."""

import logging

import keras
import numpy as np
import pytest

from geneml import models
from geneml.baselines import fit_ridge
from geneml.interpret._network.model import as_model
from geneml.interpret.mutagenesis import (
    explain_method,
    in_silico_mutagenesis,
    pairwise_mutagenesis,
)
from geneml.splits import random_split
from geneml.training import fit


@pytest.fixture
def x():
    return np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (5, 12))]


@pytest.fixture
def network():
    return models.cnn((12, 4), filters=4, kernel_size=3, pool_size=2, hidden=(5,), seed=1)


def linear(weights):
    return lambda x: np.tensordot(np.asarray(x, "float64"), weights, x.ndim - 1)


class Counting:
    """A function that remembers how many samples each call held."""

    def __init__(self, function):
        self.function, self.calls = function, []

    def __call__(self, x):
        self.calls.append(len(x[0] if isinstance(x, list) else x))
        return self.function(x)


def test_a_linear_function_changes_by_its_weights(x):
    weights = np.random.default_rng(1).normal(size=(12, 4))
    found = in_silico_mutagenesis(linear(weights), x)
    observed = (x * weights).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(found.values, weights - observed, atol=1e-12)
    assert (found.values[x.astype(bool)] == 0).all()
    assert found.axes == ("sample", "position", "allele")
    assert (found.kind, found.alleles) == ("change", ("A", "C", "G", "T"))
    np.testing.assert_allclose(found.predictions, linear(weights)(x))
    assert found.spread is None


def test_a_linear_network_of_dosages_changes_by_beta_per_allele():
    model = models.dense(8, hidden=(), seed=3)
    beta = np.asarray(model.layers[-1].kernel)[:, 0]
    genotypes = np.random.default_rng(2).integers(0, 3, (6, 8)).astype("float32")
    found = in_silico_mutagenesis(model, genotypes)
    expected = beta[:, None] * (np.arange(3) - genotypes[..., None])
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    assert found.alleles == ("0", "1", "2")
    inbred = in_silico_mutagenesis(model, genotypes, states=(0, 2))
    np.testing.assert_array_equal(inbred.values[..., 1], found.values[..., 2])
    assert inbred.alleles == ("0", "2")


def test_missing_genotypes_are_compared_with_not_knowing():
    genotypes = np.array([[0, -1, 2], [-1, 1, 1]], dtype="int8")
    function = lambda g: np.where(g < 0, 0.7, g) @ [1.0, 10.0, 100.0]  # noqa: E731
    found = in_silico_mutagenesis(function, genotypes).values
    np.testing.assert_allclose(found[0, 1], 10 * (np.arange(3) - 0.7))
    np.testing.assert_allclose(found[1, 0], np.arange(3) - 0.7)
    np.testing.assert_allclose(found[0, 2], [-200, -100, 0])


def test_one_hot_genotypes(network):
    genotypes = np.random.default_rng(4).integers(0, 3, (3, 9))
    x = np.eye(3)[genotypes]
    weights = np.random.default_rng(5).normal(size=(9, 3))
    found = in_silico_mutagenesis(linear(weights), x)
    assert found.alleles == ("0", "1", "2")
    own = np.take_along_axis(weights[None], genotypes[..., None], axis=2)
    np.testing.assert_allclose(found.values, weights - own, atol=1e-12)


def test_chosen_positions_and_outputs():
    model = models.cnn((12, 4), filters=4, kernel_size=3, outputs=3)
    x = np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (2, 12))]
    whole = in_silico_mutagenesis(model, x)
    assert whole.axes[-1] == "output"
    assert whole.shape == (2, 12, 4, 3)
    assert whole.predictions.shape == (2, 3)
    for method in ("incremental", "batched"):
        some = in_silico_mutagenesis(model, x, positions=[7, 0, 3], output=2, method=method)
        assert some.shape == (2, 3, 4)
        np.testing.assert_array_equal(some.positions, [7, 0, 3])
        np.testing.assert_allclose(some.values, whole.values[..., 2][:, [7, 0, 3]], atol=1e-6)
        np.testing.assert_array_equal(some.observed_alleles, x.argmax(2)[:, [7, 0, 3]])
    mask = np.isin(np.arange(12), [1, 2])
    masked = in_silico_mutagenesis(model, x, positions=mask)
    np.testing.assert_allclose(masked.values, whole.values[:, 1:3], atol=1e-6)


def test_only_the_other_alleles_are_computed_and_in_bounded_batches(x):
    count = Counting(linear(np.random.default_rng(1).normal(size=(12, 4))))
    expected = in_silico_mutagenesis(count, x).values
    assert sum(count.calls) == 5 + 5 * 12 * 3
    for batch_size in (1, 7, 1_000):
        count.calls.clear()
        found = in_silico_mutagenesis(count, x, batch_size=batch_size).values
        np.testing.assert_allclose(found, expected, atol=1e-12)
        assert max(count.calls) <= batch_size
        count.calls.clear()
        pairwise_mutagenesis(count, x, [0, 3, 5], batch_size=batch_size)
        assert max(count.calls) <= batch_size


def test_several_models_give_mean_and_spread(x):
    weights = np.random.default_rng(6).normal(size=(3, 12, 4))
    found = in_silico_mutagenesis([linear(w) for w in weights], x)
    single = np.stack([in_silico_mutagenesis(linear(w), x).values for w in weights])
    np.testing.assert_allclose(found.values, single.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.spread, single.std(axis=0, ddof=1), atol=1e-12)
    np.testing.assert_allclose(
        found.predictions, np.mean([linear(w)(x) for w in weights], axis=0), atol=1e-12
    )
    assert (found.spread[x.astype(bool)] == 0).all()


def test_a_training_run_is_explained_in_the_unit_of_the_trait(x, network):
    random = np.random.default_rng(7)
    many = np.eye(4, dtype="float32")[random.integers(0, 4, (60, 12))]
    y = 1e4 + 50 * many[:, 3, 1] + random.normal(size=60)
    run = fit(network, many, y, random_split(60, seed=1), epochs=2)
    found = in_silico_mutagenesis(run, x)
    raw = in_silico_mutagenesis(run.model, x)
    np.testing.assert_allclose(
        found.values, raw.values * run.scaler.standard_deviation[0], rtol=1e-6
    )
    np.testing.assert_allclose(found.predictions, run.predict(x), rtol=1e-6)
    # One digit more than the predictions themselves could give.
    assert np.abs(found.values).max() < 500


def test_a_baseline_is_explained_like_a_network():
    genotypes = np.random.default_rng(8).integers(0, 3, (50, 6))
    y = genotypes @ np.arange(6.0) + np.random.default_rng(9).normal(size=50)
    ridge = fit_ridge(genotypes, y, split=random_split(50, seed=0))
    found = in_silico_mutagenesis(ridge, genotypes[:3])
    steps = found.values[:, :, 2] - found.values[:, :, 1]
    np.testing.assert_allclose(steps, np.broadcast_to(ridge.coefficients, (3, 6)), atol=1e-9)


def test_double_mutants_of_a_product():
    def function(x):
        return 2.0 * x[:, 1, 0] + 3.0 * x[:, 2, 1] + 5.0 * x[:, 1, 0] * x[:, 2, 1]

    x = np.zeros((1, 4, 4))
    x[0, np.arange(4), 3] = 1
    found = pairwise_mutagenesis(function, x, [2, 1])
    assert found.axes == ("sample", "position", "allele", "other_position", "other_allele")
    values = found.values[0]
    np.testing.assert_allclose(values[0, 1, 1, 0], 10.0)
    np.testing.assert_allclose(values[1, 0, 0, 1], 10.0)
    np.testing.assert_allclose(values[0, 1, 1, 3], 3.0)  # the other position as observed
    np.testing.assert_allclose(values[0, 3, 1, 0], 2.0)
    assert values[0, 3, 1, 3] == 0
    same = values[0, :, 0, :]
    np.testing.assert_allclose(np.diag(same), [0, 3.0, 0, 0])
    assert np.isnan(same[~np.eye(4, dtype=bool)]).all()


def test_double_mutants_are_symmetric_with_unknown_genotypes_and_outputs():
    model = models.dense(6, outputs=2, encoder="one_hot")
    genotypes = np.array([[0, -1, 2, 1, 0, 1], [1, 1, -1, -1, 2, 0]], dtype="int8")
    found = pairwise_mutagenesis(model, genotypes, [1, 2, 4])
    assert found.shape == (2, 3, 3, 3, 3, 2)
    turned = found.values.transpose(0, 3, 4, 1, 2, 5)
    np.testing.assert_allclose(found.values, turned, atol=1e-6)
    before = np.asarray(model(genotypes))
    for first, second in ((0, 1), (1, 2), (2, 0)):
        for state in range(3):
            for other in range(3):
                changed = genotypes.copy()
                changed[:, [1, 2, 4][first]] = state
                changed[:, [1, 2, 4][second]] = other
                np.testing.assert_allclose(
                    found.values[:, first, state, second, other],
                    np.asarray(model(changed)) - before,
                    atol=2e-6,
                )


def test_nothing_is_printed_unless_asked_for(x, network, capsys):
    in_silico_mutagenesis(network, x)
    assert capsys.readouterr().out == ""
    in_silico_mutagenesis(network, x, progress=True)
    assert "in-silico mutagenesis" in capsys.readouterr().out
    pairwise_mutagenesis(network, x, [1, 2], progress=True)
    assert "9/10" not in capsys.readouterr().out  # the bar reaches its end


def test_the_samples_are_left_as_they_were(x, network):
    before = x.copy()
    in_silico_mutagenesis(network, x)
    in_silico_mutagenesis(network, x, method="batched")
    pairwise_mutagenesis(network, x, [1, 5])
    np.testing.assert_array_equal(x, before)


def test_what_is_explained_about_the_way(network):
    assert "cnn: incremental; a substitution takes" in explain_method(network)
    assert "plain function" in explain_method(linear(np.ones((12, 4))), np.zeros((1, 12, 4)))
    open_ended = keras.Sequential(
        [keras.Input((None, 4)), keras.layers.Conv1D(3, 5), keras.layers.GlobalMaxPooling1D()]
    )
    with pytest.raises(ValueError, match="samples are needed"):
        explain_method(open_ended)
    assert "incremental" in explain_method(open_ended, np.zeros((1, 30, 4)))
    wide = keras.Sequential(
        [
            keras.Input((40, 4)),
            keras.layers.Conv1D(8, 40, padding="same", activation="relu"),
            keras.layers.Conv1D(64, 40, padding="same"),
        ]
    )
    assert "would not pay" in explain_method(wide)
    with pytest.raises(ValueError, match="explained"):
        explain_method(network, explained=1)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": lambda x: x[0]}, ValueError, "takes (n, 12, 4), but x has (12, 4)."),
        ({"x": lambda x: x[:, :9]}, ValueError, "takes (n, 12, 4), but x has (5, 9, 4)."),
        ({"x": lambda x: 0.25 + 0 * x}, ValueError, "one-hot rows"),
        ({"x": lambda x: 2 * x}, ValueError, "one-hot rows"),
        ({"x": lambda x: x[:0]}, ValueError, "x is empty"),
        ({"x": lambda x: [x, x]}, ValueError, "2 arrays"),
        ({"positions": [3, 12]}, ValueError, "positions"),
        ({"positions": [3, 3]}, ValueError, "each position once"),
        ({"positions": []}, ValueError, "at least one"),
        ({"positions": [0.5]}, TypeError, "positions"),
        ({"output": 1}, ValueError, "output must be None or a whole number from 0 to 0"),
        ({"states": (0, 1)}, ValueError, "states are for genotypes"),
        ({"explained": 1}, ValueError, "explained"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"batch_size": 2.5}, ValueError, "batch_size"),
        ({"method": "quick"}, ValueError, "auto, incremental, batched"),
        ({"model": lambda network: []}, ValueError, "at least one model"),
        ({"model": lambda network: 3}, TypeError, "model: expected"),
        ({"model": lambda network: len}, ValueError, "one number, or one row"),
    ],
)
def test_refusals(x, network, change, error, message):
    arguments = {"model": network, "x": x}
    for name, value in change.items():
        arguments[name] = value(arguments[name]) if callable(value) else value
    with pytest.raises(error) as caught:
        in_silico_mutagenesis(**arguments)
    assert message in str(caught.value)


def test_more_refusals(x, network):
    with pytest.raises(ValueError, match="at least two"):
        pairwise_mutagenesis(network, x, [3])
    with pytest.raises(TypeError, match="one_hot_sequences"):
        in_silico_mutagenesis(linear(np.ones(3)), np.array([["A", "C", "G"]]))
    genotypes = np.zeros((2, 3), dtype="int8")
    with pytest.raises(ValueError, match="convert x to float32"):
        in_silico_mutagenesis(linear(np.ones(3)), genotypes, states=(0, 0.5))
    for states in ((1,), (0, 0), "ab"):
        with pytest.raises(ValueError, match="states"):
            in_silico_mutagenesis(linear(np.ones(3)), genotypes, states=states)
    with pytest.raises(ValueError, match="same outputs"):
        in_silico_mutagenesis([lambda g: g[:, 0], lambda g: g[:, :2]], genotypes)
    with pytest.raises(ValueError, match="must hold the same samples"):
        in_silico_mutagenesis(lambda parts: parts[0][:, 0], [genotypes, genotypes[:1]])


def test_one_door_to_every_model(x, network):
    through = as_model(network)
    np.testing.assert_allclose(through.predict(x), np.asarray(network(x)), atol=1e-6)
    np.testing.assert_allclose(through.predict(x, batch_size=2), through.predict(x), atol=1e-6)
    assert through.predict(x).dtype == np.float32
    assert as_model(through) is through
    assert (through.n_outputs, through.is_scaled) == (1, False)
    exact = as_model(lambda a: a.sum(axis=(1, 2)))
    assert exact.predict(x.astype("float64")).dtype == np.float64
    assert exact.predict(x).shape == (5, 1)
    # Wide layers make small batches; a bound that was asked for is kept.
    wide = as_model(models.cnn((4_000, 4), filters=300))
    assert wide.batch_size(None) < through.batch_size(None)
    assert wide.batch_size(5_000) == 5_000


def test_several_networks_in_a_loop_print_no_advice_on_compiling(x):
    heard = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())
    logger = logging.getLogger("tensorflow")
    logger.addHandler(handler)
    try:
        for seed in range(7):
            network = models.cnn((12, 4), filters=2, kernel_size=3, seed=seed)
            as_model(network).predict(x, batch_size=3)  # two sizes: compiled twice
        logger.warning("something else")
    finally:
        logger.removeHandler(handler)
    assert heard == ["something else"]
