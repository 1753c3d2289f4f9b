"""Many networks at once: each must come out as if it had been trained alone."""

import numpy as np
import pytest

from geneml import training
from geneml.baselines.expectile import fit_expectile_regression
from geneml.losses import ExpectileLoss
from geneml.metrics import expectile_loss
from geneml.models import enn
from geneml.replicates import Networks, Plan, train
from geneml.replicates.plan import in_chunks
from geneml.splits import Split, random_split

N, P = 160, 7


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(4)
    x = random.integers(0, 3, size=(N, P)).astype("float32") - 1
    y = 5 + 2 * x[:, 0] + np.exp(0.7 * random.normal(size=N) + 0.4 * x[:, 1])
    return x, y, [random_split(N, seed=seed) for seed in range(3)]


def mixed_plan(patience=0, n=12, seed=0):
    """Networks that differ in everything."""
    random = np.random.default_rng(seed)
    return Plan(
        split=random.integers(0, 3, n),
        tau=random.choice([0.1, 0.5, 0.9], n),
        penalty=random.choice([0.0, 1e-3, 0.1], n),
        hidden=random.integers(2, 7, n),
        seed=random.integers(0, 1_000, n),
        patience=patience,
    )


def alone(data, plan, row, activation="relu", epochs=60, patience=None):
    """One network of the plan, through the package's ordinary training."""
    x, y, splits = data
    split = splits[plan.split[row]]
    model = enn(
        (P,),
        hidden=plan.hidden[row].tolist(),
        activation=activation,
        l2=float(plan.penalty[row]),
        seed=int(plan.seed[row]),
    )
    fit = training.fit(
        model,
        x,
        y,
        split,
        loss=ExpectileLoss(float(plan.tau[row])),
        epochs=epochs,
        batch_size=N,
        learning_rate=0.01,
        patience=patience,
        restore_best=patience is not None,
        baseline=False,
    )
    return model, fit


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_each_network_is_as_if_trained_alone(data, activation):
    plan = mixed_plan(n=9)
    nets = train(*data, plan, activation=activation, epochs=60)
    assert len(np.unique(plan.hidden)) > 2, "padding must be at work"
    for row in range(0, 9, 2):
        model, fit = alone(data, plan, row, activation)
        for ours, theirs in zip(nets.model(row).get_weights(), model.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-5)
        np.testing.assert_allclose(nets.predict(data[0])[:, row], fit.predictions, rtol=1e-4)


def test_early_stopping_is_each_network_s_own(data):
    plan = mixed_plan(patience=np.array([3, 0, 8, 3, 5, 3, 4, 6]), n=8, seed=2)
    nets = train(*data, plan, epochs=150, learning_rate=0.01)
    stops = set()
    for row in (0, 2, 3, 5):
        model, fit = alone(data, plan, row, epochs=150, patience=int(plan.patience[row]))
        assert nets.epochs[row] == fit.best_epoch
        stops.add(int(nets.epochs[row]))
        for ours, theirs in zip(nets.model(row).get_weights(), model.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    assert nets.epochs[1] == 150
    assert len(stops) > 1, "the networks must stop at different epochs"


def test_several_hidden_layers_with_padding(data):
    plan = Plan(
        split=[0, 1, 0], tau=[0.5, 0.9, 0.1], penalty=0.01, hidden=[[4, 3], [2, 5], [6, 2]],
        seed=[1, 2, 3],
    )  # fmt: skip
    nets = train(*data, plan, activation="sigmoid", epochs=40)
    for row in range(3):
        model, fit = alone(data, plan, row, "sigmoid", epochs=40)
        for ours, theirs in zip(nets.model(row).get_weights(), model.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=5e-4, atol=5e-5)
        np.testing.assert_allclose(nets.predict(data[0])[:, row], fit.predictions, rtol=2e-4)


def test_chunks_do_not_change_the_answer(data):
    plan = mixed_plan(n=20)
    together, apart = (train(*data, plan, epochs=30, activations=a) for a in (10**7, 1))
    np.testing.assert_allclose(
        together.predict(data[0]), apart.predict(data[0]), rtol=1e-4, atol=1e-4
    )


def test_what_the_padding_holds_changes_nothing(data):
    nets = train(*data, mixed_plan(n=9), activation="sigmoid", epochs=30)
    for row, units in enumerate(nets.plan.hidden[:, 0]):
        assert not nets.weights[0][0][:, row, units:].any()
        assert not nets.weights[1][0][row, units:].any()


def test_a_long_training_reaches_the_exact_optimum_without_hidden_signal(data):
    # With inputs that are constant, a network can only learn the expectile itself.
    x, y, splits = data
    plan = Plan.grid(splits=1, taus=(0.1, 0.5, 0.9), hidden=(3,))
    nets = train(np.ones_like(x), y, splits, plan, epochs=2_000)
    from scipy.stats import expectile

    expected = [expectile(y[splits[0].training], tau) for tau in plan.tau]
    np.testing.assert_allclose(nets.predict(np.ones((1, P)))[0], expected, rtol=2e-3)


def test_losses_are_those_of_the_predictions(data):
    x, y, splits = data
    plan = mixed_plan(n=6)
    nets = train(x, y, splits, plan, epochs=25)
    prediction = nets.predict(x)
    for row in range(6):
        split = splits[plan.split[row]]
        for part in ("training", "validation", "test"):
            rows = getattr(split, part)
            loss = expectile_loss(y[rows], prediction[rows, row], plan.tau[row])
            np.testing.assert_allclose(
                getattr(nets, f"{part}_loss")[row] * nets.scale[row] ** 2, loss, rtol=1e-4
            )


def test_history_begins_before_training_and_ends_with_the_kept_losses(data):
    plan = mixed_plan(n=5)
    nets = train(*data, plan, epochs=12, history=True)
    assert nets.history.shape == (13, 5, 2)
    np.testing.assert_allclose(nets.history[-1, :, 0], nets.training_loss, rtol=1e-4)
    np.testing.assert_allclose(nets.history[-1, :, 1], nets.validation_loss, rtol=1e-4)
    untrained = train(*data, plan, epochs=0)
    np.testing.assert_allclose(nets.history[0, :, 0], untrained.training_loss, rtol=1e-4)
    without = train(*data, plan, epochs=12)
    np.testing.assert_allclose(nets.predict(data[0]), without.predict(data[0]), rtol=1e-4)


def test_a_copied_network_goes_on_where_the_source_stood(data):
    x, y, splits = data
    plan = mixed_plan(n=6)
    source = train(x, y, splits, plan, epochs=20)
    copied = train(x, y, splits, plan, start=source, epochs=0)
    for ours, theirs in zip(copied.weights, source.weights, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
    further = train(x, y, splits, plan, start=source, epochs=20)
    assert (
        further.training_loss[plan.penalty == 0] < source.training_loss[plan.penalty == 0]
    ).all()


def test_a_strong_pull_holds_the_hidden_layer_at_the_source(data):
    x, y, splits = data
    random = np.random.default_rng(1)
    first = Plan.grid(splits=1, taus=(0.5,) * 9, hidden=(4,), seed=3)
    source = train(x, y, splits, first, epochs=100)
    distances = {}
    for penalty in (0.0, 0.1, 30.0):
        plan = Plan(first.split, first.tau, penalty, first.hidden, first.seed)
        pulled = train(x, random.permutation(y), splits, plan, start=source, pull=True, epochs=300)
        plain = train(x, random.permutation(y), splits, plan, start=source, epochs=300)
        distances[penalty] = np.abs(pulled.weights[0][0] - source.weights[0][0]).mean()
        if penalty == 30:
            assert np.abs(plain.weights[0][0]).mean() < 0.01, "plain L2 pulls to zero"
            assert np.abs(pulled.weights[1][0]).mean() < 0.01, "the output keeps the plain penalty"
    assert distances[0.0] > distances[0.1] > distances[30.0]
    assert distances[30.0] < 0.02


def test_frozen_features_and_an_exact_output(data):
    # The output layer on given hidden units is expectile regression: no epochs needed.
    x, y, splits = data
    nets = train(x, y, splits, Plan.grid(splits=1, taus=(0.75,), hidden=(4,)), epochs=3_000)
    features = nets.hidden(x)[:, 0]
    rows = splits[0].training
    exact = fit_expectile_regression(features[rows], y[rows], 0.75)
    best = expectile_loss(y[rows], exact.predict(features[rows]), 0.75)
    assert best <= expectile_loss(y[rows], nets.predict(x)[rows, 0], 0.75) <= 1.02 * best


def test_one_split_may_stand_for_a_list_of_one(data):
    x, y, splits = data
    plan = Plan(0, [0.5, 0.9], seed=[1, 2])
    one, several = (train(x, y, given, plan, epochs=3) for given in (splits[0], splits[:1]))
    np.testing.assert_allclose(one.predict(x), several.predict(x), rtol=1e-6)


def test_take_repeats_and_reorders(data):
    nets = train(*data, mixed_plan(n=6), epochs=5)
    again = nets.take([4, 0, 4])
    np.testing.assert_allclose(again.predict(data[0]), nets.predict(data[0])[:, [4, 0, 4]])
    assert isinstance(again, Networks)
    assert again.table().shape[0] == 3


def test_every_network_is_in_one_chunk_and_splits_are_mixed_only_where_small():
    many = Plan.grid(splits=2, taus=(0.1, 0.5, 0.9), penalties=(0, 1), hidden=range(3, 11))
    chunks = in_chunks(many, [100, 100], 20_000)
    assert sorted(np.concatenate(chunks)) == list(range(len(many)))
    for rows in chunks:
        assert len(np.unique(many.split[rows])) == 1
        assert 100 * len(rows) * many.hidden[rows].max() <= 20_000
    few = Plan(split=np.arange(40), tau=0.5)
    assert len(in_chunks(few, [100] * 40, 10**7)) == 1


def test_a_grid_has_every_combination_once():
    plan = Plan.grid(splits=2, taus=(0.1, 0.9), penalties=(0, 1, 10), hidden=(3, 4), seed=1)
    table = plan.table()
    assert len(plan) == 24
    assert not table[["split", "tau", "penalty", "hidden"]].duplicated().any()
    assert len(np.unique(plan.seed)) == 24


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"tau": [0.5, 1.0]}, ValueError, "strictly between 0 and 1"),
        ({"penalty": [0.1, -1]}, ValueError, "penalty must be finite and at least 0"),
        ({"hidden": [3, 0]}, ValueError, "hidden must be finite and at least 1"),
        ({"hidden": [3.5, 2]}, TypeError, "whole numbers"),
        ({"seed": [1, 2, 3]}, ValueError, "one value a network"),
        ({"split": [[0, 1]]}, ValueError, "one value a network"),
        ({"split": np.zeros(0, dtype=int)}, ValueError, "one value a network"),
    ],
)
def test_plans_that_are_none(change, error, message):
    with pytest.raises(error, match=message):
        Plan(**({"split": [0, 1], "tau": [0.5, 0.5]} | change))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.zeros((N, P, 2))}, ValueError, "table of numbers"),
        ({"x": np.full((N, P), np.nan)}, ValueError, "not finite"),
        ({"y": np.zeros(3)}, ValueError, "y must have shape"),
        ({"y": np.zeros(N)}, ValueError, "constant"),
        ({"y": np.full(N, np.nan)}, ValueError, "y in split 0"),
        ({"splits": []}, ValueError, "there are 0 splits"),
        ({"splits": [Split([0, 1], [2], [N + 3])]}, ValueError, "beyond"),
        ({"plan": "grid"}, TypeError, "must be a Plan"),
        ({"epochs": -1}, ValueError, "epochs"),
        ({"learning_rate": 0}, ValueError, "learning_rate"),
        ({"activation": "gelu"}, ValueError, "activation must be one of"),
        ({"pull": True}, ValueError, "give start"),
        ({"start": "source"}, ValueError, "start must hold one network"),
    ],
)
def test_bad_input_is_refused_before_any_work(data, change, error, message):
    x, y, splits = data
    given = {"x": x, "y": y, "splits": splits, "plan": Plan([0], 0.5)} | change
    settings = {k: given.pop(k) for k in list(given) if k not in ("x", "y", "splits", "plan")}
    with pytest.raises(error, match=message):
        train(*given.values(), **settings)
