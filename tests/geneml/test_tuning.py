"""Hyperparameter search: finds what is there, repeats itself, and never sees the test part."""

import gc
import itertools
import subprocess
import sys
import weakref

import numpy as np
import pytest
from scipy.stats import kstest

from geneml.splits import random_split
from geneml.tuning import DEFAULT_SPACE, Range, search, tune


def bowl(settings):
    """Lowest, 0, at x = 0.3, y = -1, n = 7."""
    x, y, n = settings["x"], settings["y"], settings["n"]
    return (x - 0.3) ** 2 + (y + 1) ** 2 + (n - 7) ** 2 / 100


BOWL = {"x": (-2.0, 2.0), "y": Range(-3, 3.0), "n": (1, 20)}


def test_the_estimator_beats_as_many_random_trials():
    wins, losses = 0, []
    for seed in range(20):
        found = search(bowl, BOWL, trials=40, stop_after=None, seed=seed)
        random = np.random.default_rng(1_000 + seed)
        drawn = [
            bowl({"x": random.uniform(-2, 2), "y": random.uniform(-3, 3), "n": n})
            for n in random.integers(1, 21, size=40)
        ]
        wins += found.loss < min(drawn)
        losses.append(found.loss)
        assert found.loss == bowl(found.settings) == found.table["loss"].min()
        assert found.settings["n"] == found.table["n"][found.best_trial]
    # A draw lies within 0.2 of the minimum with a probability below 1 %.
    assert np.median(losses) < 0.2
    assert wins >= 15  # chance alone gives 10, and so many in 2 of 100 such tests


def test_ranges_are_drawn_within_their_ends_and_by_magnitude_when_asked():
    space = {"rate": Range(1e-5, 1e-1, log=True), "share": (0.1, 0.5), "rows": (3, 5), "k": [(), 2]}
    rows = [
        search(lambda settings: 0.0, space, trials=10, seed=seed).table for seed in range(40)
    ]  # the first ten trials of a search are random
    drawn = {name: np.concatenate([table[name] for table in rows]) for name in space}
    assert kstest((np.log10(drawn["rate"]) + 5) / 4, "uniform").pvalue > 1e-3
    assert kstest((drawn["share"] - 0.1) / 0.4, "uniform").pvalue > 1e-3
    assert kstest((drawn["rate"] - 1e-5) / (0.1 - 1e-5), "uniform").pvalue < 1e-9
    assert set(drawn["rows"]) == {3, 4, 5}
    assert set(drawn["k"]) == {(), 2}


def test_whole_numbers_stay_whole_and_choices_themselves():
    kinds = set()
    layers = [(16,), (32, 8)]

    def objective(settings):
        kinds.add((type(settings["n"]), type(settings["x"])))
        assert any(settings["hidden"] is choice for choice in layers)
        return settings["n"] + settings["x"] + len(settings["hidden"])

    found = search(objective, {"n": (2, 9), "x": (0, 1.0), "hidden": layers}, trials=15)
    assert kinds == {(int, float)}
    assert found.settings["hidden"] == (16,)
    assert list(found.table) == ["trial", "n", "x", "hidden", "state", "loss", "seconds"]


def test_a_search_repeats_itself_and_leaves_the_seeds_of_others_alone():
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second, other = (search(bowl, BOWL, trials=14, seed=seed) for seed in (5, 5, 6))
    assert first.table.drop(columns="seconds").equals(second.table.drop(columns="seconds"))
    assert not first.table["x"].equals(other.table["x"])
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_a_search_ends_when_nothing_better_comes():
    losses = iter([3.0, 2.0, 2.0, 5.0, 2.0, 1.0])
    found = search(lambda s: next(losses), {"x": (0.0, 1.0)}, trials=6, stop_after=3)
    assert (found.n_trials, found.stopped, found.loss, found.best_trial) == (5, "stop_after", 2, 1)
    all_made = search(bowl, BOWL, trials=4, stop_after=None)
    assert (all_made.n_trials, all_made.stopped) == (4, "trials")


def test_failed_trials_are_told_and_survived():
    losses = iter([np.nan, np.inf, 4.0, np.nan])
    found = search(lambda s: next(losses), {"x": (0.0, 1.0)}, trials=4)
    assert found.table["state"].tolist() == ["diverged", "diverged", "complete", "diverged"]
    assert found.loss == 4
    with pytest.raises(ValueError, match="none of 3 trials had a finite loss"):
        search(lambda s: np.nan, {"x": (0.0, 1.0)}, trials=3)


def test_nothing_is_printed_written_or_left_changed(tmp_path):
    program = (
        "import optuna\n"
        "from geneml.tuning import search\n"
        "before = optuna.logging.get_verbosity()\n"
        "search(lambda s: s['x'], {'x': (0.0, 1.0)}, trials=3)\n"
        "assert optuna.logging.get_verbosity() == before\n"
        "optuna.create_study(study_name='of the user')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    # One line: that of the study which the user made, whose level is as it was.
    assert len(done.stderr.splitlines()) == 1
    assert "of the user" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_search_needs_neither_keras_nor_optuna_to_be_imported():
    program = (
        "import sys, geneml.tuning\n"
        "print([m for m in ('keras', 'tensorflow', 'optuna') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("space", "error", "message"),
    [
        ([1], TypeError, "space must be a dict"),
        ({}, ValueError, "space is empty"),
        ({3: (0, 1)}, TypeError, "settings have names"),
        ({"loss": (0, 1)}, ValueError, "column of the table"),
        ({"x": (0, 1, 2)}, TypeError, "'x' must be a Range"),
        ({"x": []}, TypeError, "'x' must be a Range"),
        ({"x": 0.1}, TypeError, "'x' must be a Range"),
        ({"x": ("a", "b")}, TypeError, "low of a Range must be a number"),
        ({"x": (1, 1)}, ValueError, "to a larger one"),
        ({"x": (0.0, np.inf)}, ValueError, "finite"),
    ],
)
def test_impossible_spaces_are_named(space, error, message):
    with pytest.raises(error, match=message):
        search(lambda settings: pytest.fail("a trial was made"), space)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"trials": 0}, ValueError, "trials must be from 1"),
        ({"trials": 2.5}, TypeError, "trials must be a whole number"),
        ({"stop_after": 0}, ValueError, "stop_after"),
        ({"objective": 3}, TypeError, "objective must be callable"),
        ({"objective": lambda settings: "low"}, TypeError, "loss must be a number"),
    ],
)
def test_impossible_searches_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        search(**{"objective": bowl, "space": BOWL, **settings})


def test_a_logarithmic_range_begins_above_zero():
    with pytest.raises(ValueError, match="above 0"):
        Range(0, 1, log=True)


def test_the_default_space_is_the_papers():
    ends = {name: (values.low, values.high) for name, values in DEFAULT_SPACE.items()}
    assert ends == {
        "batch_size": (64, 512),
        "learning_rate": (1e-5, 1e-3),
        "dropout": (0.1, 0.5),
    }


# Networks: a marker with a strong effect, and a setting that hides it from the network.


def cohort():
    random = np.random.default_rng(0)
    x = random.binomial(2, 0.4, (120, 6)).astype("float32")
    y = 30 + 5 * x[:, 0] + random.normal(size=120)
    return x, y, random_split(120, seed=1)


def build(shut=False, dropout=0.0):
    import keras

    entry = keras.Input((6,))
    values = entry * 0.0 if shut else entry
    values = keras.layers.Dropout(dropout, seed=1)(values)
    head = keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed=2))
    return keras.Model(entry, head(values))


NETWORKS = {"shut": [True, False], "learning_rate": Range(0.03, 0.1, log=True)}
QUICK = {
    "space": NETWORKS,
    "trials": 4,
    "epochs": 12,
    "batch_size": 8,
    "warmup": 0.0,
    "seed": 7,
}


@pytest.mark.slow
def test_tuning_finds_the_open_network_without_the_test_part():
    x, y, split = cohort()
    built = []

    def watched(**settings):
        model = build(**settings)
        built.append(weakref.ref(model))
        return model

    first = tune(watched, x, y, split, **QUICK)
    assert first.settings["shut"] is False
    assert first.n_trials == 4
    assert first.model is first.fit.model
    # The trials are as the fits are, and networks of other trials are gone.
    assert first.loss == first.fit.history["validation_loss"].min()
    row = first.table.loc[first.best_trial]
    assert row["best_epoch"] == first.fit.best_epoch
    assert row["epochs"] == first.fit.history["epoch"].max()
    gc.collect()
    assert [ref() for ref in built if ref() is not None] == [first.model]
    # A shut network can do no better than the mean: 1 on the training part.
    shut = first.table.loc[first.table["shut"], "loss"]
    assert len(shut)
    assert (shut > 4 * first.loss).all()

    other_x, other_y = x.copy(), y.copy()
    other_x[split.test], other_y[split.test] = 2 - x[split.test], -1e6
    second = tune(build, other_x, other_y, split, **QUICK)
    assert first.table.drop(columns="seconds").equals(second.table.drop(columns="seconds"))
    for a, b in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.isnan(first.fit.observed[split.test]).all()
    seen = np.concatenate([split.training, split.validation])
    np.testing.assert_array_equal(first.fit.observed[seen], y[seen])
    residual = y[split.test] - first.fit.predictions[split.test]
    assert residual.var() < 0.5 * y[split.test].var()


@pytest.mark.slow
def test_hopeless_trials_are_given_up():
    x, y, split = cohort()
    number = itertools.count()
    settings = {"trials": 6, "epochs": 6, "prune_after": 2, "warmup": 0.0, "learning_rate": 0.1}
    found = tune(
        lambda dropout: build(next(number) == 5, dropout),
        x, y, split, space={"dropout": (0.0, 0.1)}, **settings,
    )  # fmt: skip
    assert set(found.table["state"][:5]) == {"complete"}
    given_up = found.table.loc[5]
    assert given_up["state"] == "pruned"
    assert given_up["epochs"] == 2
    assert given_up["loss"] > found.table["loss"].median()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"build": 3}, TypeError, "build must be a function"),
        ({"build": lambda: None}, TypeError, "must take the settings"),
        ({"build": lambda shut: "network"}, TypeError, "must return a keras.Model"),
        ({"space": {"batch_size": (0, 9)}}, ValueError, "batch_size must be from 1"),
        ({"space": {"batch_size": (1.0, 9.0)}}, ValueError, "range of whole numbers"),
        ({"space": {"learning_rate": (-1.0, 1.0)}}, ValueError, "learning_rate must be from"),
        ({"epochs": -1}, ValueError, "epochs"),
        ({"prune_after": 0}, ValueError, "prune_after"),
        ({"learning_rate": 0.1}, ValueError, "fixed and in the space"),
        ({"momentum": 0.1}, TypeError, "no arguments that tune passes on"),
        ({"y": np.zeros(120)}, ValueError, "constant in the training part"),
    ],
)
def test_impossible_tuning_is_named(changes, error, message):
    x, y, split = cohort()
    with pytest.raises(error, match=message):
        tune(**{"build": build, "x": x, "y": y, "split": split, **QUICK, **changes})


@pytest.mark.slow
def test_a_test_part_that_shares_individuals_is_refused():
    from types import SimpleNamespace

    x, y, split = cohort()
    parts = {"training": split.training, "validation": split.validation}
    with pytest.raises(ValueError, match="share individuals"):
        tune(build, x, y, SimpleNamespace(**parts, test=split.training[:3]), **QUICK)
