"""Training: reproducible, honest about parts, and right where a closed form exists."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from geneml._engines import KerasEngine, make_engine, rows_at_once
from geneml._optimizers import WarmUp
from geneml.layers import GenotypeEncoder
from geneml.losses import ExpectileLoss
from geneml.metrics import expectile_loss
from geneml.models import cnn, dense
from geneml.scaling import PhenotypeScaler
from geneml.splits import random_split
from geneml.training import fit

pytestmark = pytest.mark.slow


def cohort(n=300, p=20, *, noise=0.5, seed=0):
    random = np.random.default_rng(seed)
    x = random.binomial(2, 0.4, (n, p)).astype("int8")
    y = x[:, :3] @ np.array([1.0, -0.7, 0.5])
    return x, 50 + 8 * (y + random.normal(scale=noise, size=n))


@pytest.fixture(scope="module")
def run():
    x, y = cohort()
    split = random_split(len(y), seed=4)
    network = dense(20, hidden=(16,), encoder="dosage", dropout=0.1, seed=5)
    trained = fit(network, x, y, split, epochs=40, patience=8, seed=6, learning_rate=0.01)
    return SimpleNamespace(x=x, y=y, split=split, fit=trained)


def again(run, *, y=None, seed=6, **settings):
    network = dense(20, hidden=(16,), encoder="dosage", dropout=0.1, seed=5)
    settings = {"epochs": 40, "patience": 8, "learning_rate": 0.01, **settings}
    return fit(network, run.x, run.y if y is None else y, run.split, seed=seed, **settings)


def test_two_runs_with_one_seed_are_equal_to_the_last_bit(run):
    second = again(run)
    for a, b in zip(run.fit.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert run.fit.history.equals(second.history)
    np.testing.assert_array_equal(run.fit.predictions, second.predictions)


def test_convolution_networks_are_reproducible_too():
    x = np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (300, 60))]
    y = x[:, 5, 1] - x[:, 30, 2] + np.random.default_rng(1).normal(size=300)
    split = random_split(300, seed=0)
    first, second = (
        fit(cnn((60, 4), pool_size=2, dropout=0.2, seed=3), x, y, split, epochs=5, baseline=False)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.predictions, second.predictions)


def test_another_seed_gives_another_run(run):
    assert not np.array_equal(again(run, seed=7).predictions, run.fit.predictions)


def test_global_randomness_is_neither_used_nor_changed(run):
    np.random.seed(1)  # noqa: NPY002 (the global state is the point)
    keras.utils.set_random_seed(12)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    second = again(run)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    np.testing.assert_array_equal(second.predictions, run.fit.predictions)


def test_the_network_has_the_weights_of_its_best_epoch(run):
    rows = run.split.validation
    mean, sd = run.y[run.split.training].mean(), run.y[run.split.training].std()
    outputs = np.asarray(run.fit.model.predict(run.x[rows], verbose=0))[:, 0]
    loss = np.mean((outputs - (run.y[rows] - mean) / sd) ** 2)
    history = run.fit.history.set_index("epoch")["validation_loss"]
    assert loss == pytest.approx(history.min(), rel=1e-5)
    assert run.fit.best_epoch == history.idxmin()


def test_the_curve_starts_with_the_untrained_network(run):
    untrained = dense(20, hidden=(16,), encoder="dosage", dropout=0.1, seed=5)
    untrained.layers[0].adapt(run.x[run.split.training])
    rows = run.split.training
    mean, sd = run.y[rows].mean(), run.y[rows].std()
    outputs = np.asarray(untrained.predict(run.x[rows], verbose=0))[:, 0]
    expected = np.mean((outputs - (run.y[rows] - mean) / sd) ** 2)
    assert run.fit.history["epoch"].iloc[0] == 0
    assert run.fit.history["training_loss"].iloc[0] == pytest.approx(expected, rel=1e-5)


def test_training_stops_when_patience_is_over(run):
    if run.fit.stopped == "patience":
        assert len(run.fit.history) - 1 == run.fit.best_epoch + 8
    short = again(run, patience=1, epochs=500)
    assert short.stopped == "patience"
    losses = short.history["validation_loss"].to_numpy()
    assert (np.diff(losses)[:-1] < 0).all()  # falling until the last epoch, which did not
    assert losses[-1] >= losses[-2]


def test_without_patience_it_runs_to_the_end_and_may_keep_the_last_weights(run):
    full = again(run, patience=None, epochs=60, restore_best=False, baseline=False)
    assert len(full.history) == 61
    assert full.stopped == "epochs"
    assert full.baselines == {}
    rows = run.split.validation
    loss = np.mean(full.scaler.transform(full.predictions[rows] - full.scaler.mean[0]) ** 2)
    assert np.isfinite(loss)
    scaled = (full.predictions[rows] - run.y[rows]) / full.scaler.standard_deviation[0]
    assert np.mean(scaled**2) == pytest.approx(full.history["validation_loss"].iloc[-1], rel=1e-4)


def test_test_individuals_leave_no_trace_in_the_model(run):
    x, y = run.x.copy(), run.y.copy()
    x[run.split.test] = 2 - x[run.split.test]
    y[run.split.test] = 1e6 * np.arange(len(run.split.test))
    other = again(SimpleNamespace(x=x, y=y, split=run.split))
    for a, b in zip(run.fit.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert run.fit.history.equals(other.history)
    np.testing.assert_array_equal(
        run.fit.baselines["ridge"].coefficients, other.baselines["ridge"].coefficients
    )


def test_scaling_and_imputation_are_learned_from_the_training_part(run):
    training = run.split.training
    assert run.fit.scaler.mean[0] == pytest.approx(run.y[training].mean())
    assert run.fit.scaler.standard_deviation[0] == pytest.approx(run.y[training].std())
    encoder = run.fit.model.layers[0]
    assert isinstance(encoder, GenotypeEncoder)
    np.testing.assert_allclose(encoder.mean, run.x[training].mean(axis=0), rtol=1e-6)


def test_predictions_are_in_the_traits_unit(run):
    assert run.fit.predictions[run.split.test].mean() == pytest.approx(run.y.mean(), rel=0.1)
    np.testing.assert_allclose(run.fit.predict(run.x), run.fit.predictions, rtol=1e-5)
    scores = run.fit.scores["test"]
    error = run.y[run.split.test] - run.fit.predictions[run.split.test]
    assert scores["mse"] == pytest.approx(np.mean(error**2))
    assert scores["r2"] > 0.5


def test_a_linear_network_finds_least_squares():
    x, y = cohort(200, 5)
    split = random_split(200, seed=0)
    x = x.astype("float32")
    settings = {"epochs": 150, "patience": None, "restore_best": False, "learning_rate": 0.05}
    run = fit(dense(5, hidden=()), x, y, split, batch_size=200, **settings)
    expected = LinearRegression().fit(x[split.training], y[split.training]).predict(x)
    np.testing.assert_allclose(run.predictions, expected, atol=0.02 * y.std())


def test_a_linear_network_with_squared_penalty_finds_ridge():
    x, y = cohort(200, 30)
    split = random_split(200, seed=0)
    x = x.astype("float32")
    x -= x[split.training].mean(axis=0)  # then the free intercept plays no part
    l2, n = 0.05, len(split.training)
    settings = {"epochs": 200, "patience": None, "restore_best": False, "learning_rate": 0.05}
    run = fit(dense(30, hidden=(), l2=l2), x, y, split, batch_size=200, **settings)
    # Mean squared error + l2 |b|^2 is ridge's sum of squares + n l2 |b|^2, over n.
    expected = Ridge(alpha=n * l2).fit(x[split.training], y[split.training]).predict(x)
    np.testing.assert_allclose(run.predictions, expected, atol=0.02 * y.std())


def test_weights_of_individuals_give_weighted_least_squares():
    x, y = cohort(150, 4)
    x, split = x.astype("float32"), random_split(150, seed=0)
    weight = np.random.default_rng(1).uniform(0.1, 5, 150)
    settings = {"epochs": 150, "patience": None, "restore_best": False, "learning_rate": 0.05}
    run = fit(dense(4, hidden=()), x, y, split, batch_size=150, sample_weight=weight, **settings)
    rows = split.training
    expected = LinearRegression().fit(x[rows], y[rows], weight[rows]).predict(x)
    np.testing.assert_allclose(run.predictions, expected, atol=0.02 * y.std())


def test_repeated_training_rows_count_twice():
    x, y = cohort(120, 4)
    x, split = x.astype("float32"), random_split(120, seed=0)
    rows = np.concatenate([split.training, split.training[:20], split.training[:20]])
    twice = SimpleNamespace(training=rows, validation=split.validation, test=split.test)
    settings = {"epochs": 150, "patience": None, "restore_best": False, "learning_rate": 0.05}
    run = fit(dense(4, hidden=()), x, y, twice, batch_size=200, **settings)
    expected = LinearRegression().fit(x[rows], y[rows]).predict(x)
    np.testing.assert_allclose(run.predictions, expected, atol=0.02 * y.std())


def test_the_quick_and_the_general_engine_take_the_same_steps(monkeypatch):
    x, y = cohort(100, 6)
    split = random_split(100, seed=0)
    runs = []
    for engine in (None, KerasEngine):
        if engine is not None:
            monkeypatch.setattr("geneml.training.loop.make_engine", engine)
        network = dense(6, hidden=(8,), encoder="dosage", l2=1e-3, seed=1)
        runs.append(fit(network, x, y, split, epochs=4, batch_size=16, seed=2, baseline=False))
    np.testing.assert_allclose(runs[0].predictions, runs[1].predictions, rtol=1e-4)
    np.testing.assert_allclose(runs[0].history, runs[1].history, rtol=1e-4)


def wide(*shape):
    """A table that takes no memory."""
    return np.broadcast_to(np.int8(0), shape)


@pytest.mark.parametrize(
    ("x", "batch_size", "rows"),
    [
        (wide(9, 16_384), 64, 1_024),  # 2**24 values exactly
        (wide(9, 16_385), 64, 1_023),
        (wide(9, 50_000), 64, 335),
        (wide(9, 12_500, 4), 64, 335),
        ((wide(9, 50_000), wide(9, 169)), 64, 334),
        (wide(9, 50_000), 512, 512),  # training holds a batch anyway
        (wide(9, 10**8), 1, 1),
        (wide(9, 500), 4_096, 1_024),
    ],
)
def test_fewer_rows_are_predicted_at_once_where_each_is_wide(x, batch_size, rows):
    assert rows_at_once(x, batch_size) == rows


@pytest.mark.parametrize("engine", [make_engine, KerasEngine])
def test_predictions_in_groups_are_those_of_the_network(engine, monkeypatch):
    x, y = cohort(50, 6)
    network = dense(6, hidden=(8,), seed=1)
    network.compile("adam", "mse")
    monkeypatch.setattr("geneml._engines.VALUES_AT_ONCE", 43)
    rows = np.random.default_rng(0).permutation(50)[:40]  # in groups of 7, the last of 5
    values = x.astype("float32")
    found = engine(network, values, y[:, None].astype("float32"), None, 4).predict(rows)
    np.testing.assert_allclose(found, np.asarray(network(values[rows])), rtol=1e-5, atol=1e-6)


def test_noise_is_not_said_to_be_learned():
    random = np.random.default_rng(2)
    x = random.integers(0, 3, (200, 50)).astype("int8")
    y = random.normal(size=200)
    run = fit(dense(50, encoder="dosage"), x, y, random_split(200, seed=0), epochs=15)
    assert not run.beats_ridge
    assert "does not beat ridge" in run.summary()
    assert "not clearly beat predicting the mean" in run.summary()


def test_a_trait_that_no_line_can_describe_is_said_to_be_learned():
    random = np.random.default_rng(3)
    x = random.choice([0, 2], (500, 2)).astype("int8")
    y = np.where(x[:, 0] == x[:, 1], 1.0, -1.0) + random.normal(scale=0.2, size=500)
    network = dense(2, hidden=(16,), encoder="dosage")
    run = fit(network, x, y, random_split(500, seed=0), epochs=60, learning_rate=0.01)
    assert run.beats_ridge
    assert "The network beats ridge regression" in run.summary()
    gain = run.gain_over("ridge").mean
    difference = run.baseline_scores["ridge"]["test"]["mse"] - run.scores["test"]["mse"]
    assert gain == pytest.approx(difference / run.scaler.standard_deviation[0] ** 2)
    table = run.scores_table().set_index(["model", "part"])["r2"]
    assert table["network", "test"] > table["ridge", "test"]


def test_several_traits_are_learned_together():
    x, y = cohort(200, 8)
    both = np.column_stack([y, -3 * y])
    network = dense(8, hidden=(8,), encoder="dosage", outputs=2)
    run = fit(network, x, both, random_split(200, seed=0), epochs=30, learning_rate=0.01)
    assert run.predictions.shape == (200, 2)
    assert np.corrcoef(run.predictions.T)[0, 1] < -0.8
    assert len(run.baselines["ridge"]) == 2
    assert run.predict(x[:3]).shape == (3, 2)


def test_several_inputs_are_fed_together():
    x, y = cohort(150, 6)
    left, right = keras.Input((3,)), keras.Input((3,))
    joined = keras.layers.Concatenate()([left, right])
    network = keras.Model([left, right], keras.layers.Dense(1)(joined))
    halves = [x[:, :3].astype("float32"), x[:, 3:].astype("float32")]
    run = fit(network, halves, y, random_split(150, seed=0), epochs=60, learning_rate=0.05)
    assert run.scores["test"]["r2"] > 0.4
    np.testing.assert_allclose(run.predict(halves), run.predictions, rtol=1e-5)


def test_a_split_without_test_is_judged_on_validation_and_says_so(run):
    split = SimpleNamespace(training=run.split.training, validation=run.split.validation)
    network = dense(20, hidden=(4,), encoder="dosage")
    trained = fit(network, run.x, run.y, split, epochs=3)
    assert trained.judged_on == "validation"
    assert "too kind" in trained.summary()


def test_divergence_is_noticed_and_undone():
    x, y = cohort(100, 5)
    network = dense(5, hidden=(8, 8), activation="relu", encoder="dosage")
    run = fit(
        network, x, y, random_split(100, seed=0), optimizer="sgd", learning_rate=1e6, epochs=50
    )
    assert run.stopped == "diverged"
    assert np.isfinite(run.predictions).all()
    assert "DIVERGED" in run.summary()


def test_every_epoch_is_told_and_nothing_is_printed(run, capsys):
    told = []
    second = again(run, on_epoch=lambda *row: told.append(row), epochs=5)
    assert capsys.readouterr() == ("", "")
    np.testing.assert_array_equal(np.array(told), second.history.to_numpy()[1:])


def test_a_progress_bar_appears_when_asked_for(run, capsys):
    again(run, epochs=2, progress=True)
    assert "validation" in capsys.readouterr().out


def test_optimizers_and_schedules_are_accepted():
    x, y = cohort(60, 4)
    split = random_split(60, seed=0)
    schedule = keras.optimizers.schedules.CosineDecay(0.05, 100)
    for settings in (
        {"optimizer": keras.optimizers.SGD(0.01)},
        {"optimizer": "adamw", "learning_rate": schedule},
        {"loss": "huber"},
    ):
        run = fit(dense(4, encoder="dosage", hidden=()), x, y, split, epochs=2, **settings)
        assert np.isfinite(run.history.to_numpy()).all()


def test_convolution_networks_train_on_one_hot_genotypes():
    x, y = cohort(200, 12)
    network = cnn(12, filters=4, kernel_size=3, encoder="one_hot", hidden=(8,))
    run = fit(network, x, y, random_split(200, seed=0), epochs=40, learning_rate=0.01)
    assert run.scores["test"]["r2"] > 0.4


def test_the_learning_rate_grows_to_its_value():
    schedule = WarmUp(0.01, 4)
    rates = [float(schedule(step)) for step in range(6)]
    np.testing.assert_allclose(rates, [0.0025, 0.005, 0.0075, 0.01, 0.01, 0.01], rtol=1e-6)
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert again.get_config() == schedule.get_config()


def test_the_first_epoch_takes_short_steps():
    x, y = cohort(100, 6)
    moved = []
    for warmup in (0, 1, 50):
        network = dense(6, hidden=(8,), encoder="dosage", seed=1)
        before = network.get_layer("hidden_1").get_weights()[0]
        settings = {"epochs": 1, "batch_size": 10, "baseline": False, "restore_best": False}
        fit(network, x, y, random_split(100, seed=0), warmup=warmup, **settings)
        moved.append(np.abs(network.get_layer("hidden_1").get_weights()[0] - before).sum())
    assert moved[0] > moved[1] > 5 * moved[2] > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_convolution_networks_do_not_die_on_copies_of_one_sequence(seed):
    random = np.random.default_rng(9)
    mutated = random.random((400, 80)) < 0.05
    bases = (random.integers(0, 4, 80) + mutated * random.integers(1, 4, mutated.shape)) % 4
    y = mutated[:, :8] @ random.normal(size=8) + random.normal(scale=0.1, size=400)
    x, split = np.eye(4, dtype="float32")[bases], random_split(400, seed=0)
    run = fit(cnn((80, 4), seed=seed), x, y, split, epochs=30, patience=None, baseline=False)
    assert run.history["training_loss"].iloc[-1] < 0.5  # a dead network stays at 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.ones(60)}, "constant"),
        ({"y": np.isin(np.arange(60), random_split(60, seed=0).training[:5])}, "in the valid"),
        ({"y": np.full(60, np.nan)}, "training part have a phenotype that is not finite"),
        ({"y": np.ones((60, 1, 1))}, r"\(n,\) or \(n, t\)"),
        ({"y": np.arange(59.0)}, "x has \\[60\\] rows, y has 59"),
        ({"y": np.ones((60, 2)) * np.arange(60)[:, None]}, "outputs=2"),
        ({"x": np.zeros((60, 5), "int8")}, "takes individuals of shape \\(4,\\)"),
        ({"epochs": -1}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"patience": 0}, "patience"),
        ({"warmup": -1}, "warmup"),
        ({"sample_weight": -np.ones(60)}, "sample_weight"),
        ({"sample_weight": np.ones(3)}, "sample_weight"),
        ({"split": SimpleNamespace(training=[0, 1], validation=[1, 2])}, "must be apart"),
        ({"split": SimpleNamespace(training=[0, 1], validation=[2])}, "at least two"),
        ({"split": SimpleNamespace(training=[0, 60], validation=[2, 3])}, "outside 0 to 59"),
    ],
)
def test_bad_input_is_refused_before_training(change, message):
    x, y = cohort(60, 4)
    network = dense(4, encoder="dosage")
    before = network.get_weights()
    arguments = {"x": x, "y": y, "split": random_split(60, seed=0), **change}
    with pytest.raises(ValueError, match=message):
        fit(network, **arguments)
    for a, b in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_wrong_kinds_are_refused():
    x, y = cohort(60, 4)
    with pytest.raises(TypeError, match=r"keras\.Model"):
        fit("dense", x, y, random_split(60, seed=0))
    halves = SimpleNamespace(training=[0.5, 1.5], validation=[2, 3])
    with pytest.raises(TypeError, match="row numbers"):
        fit(dense(4, encoder="dosage"), x, y, halves)


def test_scaler_goes_there_and_back():
    y = np.random.default_rng(0).normal(100, 15, (30, 2))
    scaler = PhenotypeScaler.learn(y, np.arange(20))
    np.testing.assert_allclose(scaler.inverse(scaler.transform(y)), y)
    np.testing.assert_allclose(scaler.transform(y)[:20].std(axis=0), 1)


# --- Trained for an expectile --------------------------------------------------------


@pytest.fixture(scope="module")
def high():
    x, y = cohort()
    split = random_split(len(y), seed=4)
    network = dense(20, hidden=(), encoder="dosage", seed=5)
    trained = fit(
        network, x, y, split, loss=ExpectileLoss(0.9), epochs=60, learning_rate=0.03, seed=6
    )
    return SimpleNamespace(y=y, split=split, fit=trained)


def test_scores_of_an_expectile_network_hold_the_loss_it_was_trained_for(high):
    assert (high.fit.loss, high.fit.tau) == ("expectile_loss", 0.9)
    rows = high.split.test
    for predictions, scores in (
        (high.fit.predictions, high.fit.scores),
        (high.fit.baseline_predictions["ridge"], high.fit.baseline_scores["ridge"]),
    ):
        error = high.y[rows] - predictions[rows]
        expected = np.mean(np.where(error < 0, 0.1, 0.9) * error**2)
        assert scores["test"]["expectile_loss"] == pytest.approx(expected)
    # The loss of training is the same in units of the training phenotype's variance.
    rows = high.split.validation
    lowest = high.fit.history["validation_loss"].min() * high.fit.scaler.standard_deviation[0] ** 2
    assert high.fit.scores["validation"]["expectile_loss"] == pytest.approx(lowest, rel=1e-4)


def test_an_expectile_network_is_not_judged_by_what_it_does_not_aim_at(high):
    scores, ridge = high.fit.scores["test"], high.fit.baseline_scores["ridge"]["test"]
    assert scores["mse"] > ridge["mse"]  # it predicts too high on purpose
    assert scores["expectile_loss"] < ridge["expectile_loss"]
    summary = high.fit.summary()
    assert "Use ridge" not in summary
    assert "expectiles (tau = 0.9)" in summary
    assert "fit_expectile_regression" in summary
    assert f"expectile loss {scores['expectile_loss']:.4g}" in summary
    assert "predicting the mean scores" not in summary


def test_the_middle_expectile_is_the_mean_and_is_judged_so():
    x, y = cohort(100, 5)
    settings = {"epochs": 10, "learning_rate": 0.03}
    split = random_split(100, seed=0)
    run = fit(dense(5, encoder="dosage"), x, y, split, loss=ExpectileLoss(0.5), **settings)
    for part in ("training", "test"):
        scores = run.scores[part]
        assert scores["expectile_loss"] == pytest.approx(scores["mse"] / 2)
    assert "ridge regression" in run.verdict()
    assert "expectiles" not in run.verdict()


def test_each_column_is_scored_at_its_own_level():
    x, y = cohort(100, 5)
    both, split = np.column_stack([y, y]), random_split(100, seed=0)
    network = dense(5, hidden=(), encoder="dosage", outputs=2)
    run = fit(network, x, both, split, loss=ExpectileLoss([0.1, 0.9]), epochs=10)
    assert run.tau == [0.1, 0.9]
    rows = split.test
    expected = np.mean(
        [expectile_loss(y[rows], run.predictions[rows, i], tau) for i, tau in enumerate(run.tau)]
    )
    assert run.scores["test"]["expectile_loss"] == pytest.approx(expected)


def test_other_losses_are_named_and_add_no_score(run):
    assert (run.fit.loss, run.fit.tau) == ("mean_squared_error", None)
    assert "expectile_loss" not in run.fit.scores["test"]
    assert "predicting the mean scores" in run.fit.summary()
    assert again(run, loss=keras.losses.Huber(), epochs=1).loss == "huber_loss"
