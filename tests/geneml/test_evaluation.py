"""Comparisons: folds, blindness, scores, intervals, resuming."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import mean_squared_error, r2_score

from geneml.chunks import process_pool
from geneml.evaluation import (
    Comparison,
    Correction,
    Inputs,
    Predicted,
    compare,
    repeated_k_fold,
)
from geneml.evaluation.methods import Mean
from geneml.splits import Split

N = 60


@dataclass(frozen=True)
class Truth:
    """Knows the traits, with an error of its own."""

    values: tuple
    error: float = 0.0

    def __call__(self, inputs, y, split, seed):
        values = np.array(self.values)
        return values + np.random.default_rng(seed).normal(0, 1, values.shape) * self.error


def _data(traits=2):
    random = np.random.default_rng(1)
    genotypes = random.integers(0, 3, (N, 30)).astype("int8")
    y = genotypes[:, :traits] + random.normal(0, 1, (N, traits))
    return Inputs(genotypes), y


def _known(y, error=0.0):
    return Truth(tuple(map(tuple, y)), error)


# Folds


def test_repeats_cover_every_sample_and_differ():
    folds = repeated_k_fold(53, 5, repeats=3, seed=4)
    assert len(folds) == 15
    for repeat in range(3):
        part = folds[5 * repeat : 5 * repeat + 5]
        assert sorted(np.concatenate([s.test for s in part])) == list(range(53))
        # scikit-learn's folds differ by at most one sample too.
        assert {len(s.test) for s in part} == {10, 11}
        for split in part:
            everyone = np.concatenate([split.training, split.validation, split.test])
            assert sorted(everyone) == list(range(53))
            assert len(split.validation) == pytest.approx(0.2 * (53 - len(split.test)), abs=1)
    assert len({tuple(s.test) for s in folds}) == 15


def test_first_repeats_do_not_depend_on_how_many_follow():
    few, many = (repeated_k_fold(40, 4, repeats=r, seed=9) for r in (2, 5))
    for a, b in zip(few, many, strict=False):
        assert all(
            np.array_equal(getattr(a, part), getattr(b, part))
            for part in ("training", "validation", "test")
        )


def test_groups_stay_whole():
    groups = np.repeat(np.arange(15), 4)
    for split in repeated_k_fold(N, 5, repeats=3, groups=groups, seed=0):
        parts = [set(groups[rows]) for rows in (split.training, split.validation, split.test)]
        assert not parts[0] & parts[1]
        assert not parts[0] & parts[2]
        assert not parts[1] & parts[2]


def test_stratified_folds_hold_the_same_share_of_a_category():
    category = np.array(["a"] * 20 + ["b"] * 40)
    for split in repeated_k_fold(N, 5, repeats=3, stratify=category, seed=0):
        assert (category[split.test] == "a").sum() == 4


def test_folds_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="repeats: expected at least 1"):
        repeated_k_fold(20, repeats=0, seed=0)
    with pytest.raises(TypeError, match="repeats: expected a whole number"):
        repeated_k_fold(20, repeats=2.5, seed=0)


# Scores


def test_scores_agree_with_other_libraries():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=2, seed=0)
    found = compare({"rough": _known(y, 1.0)}, inputs, y, folds)
    assert list(found.table["repeat"]) == [0] * 6 + [1] * 6
    for number, split in enumerate(folds):
        for column, trait in enumerate(("trait_1", "trait_2")):
            row = found.table.query("repeat == @number // 3 and fold == @number % 3").set_index(
                "trait"
            )
            row = row.loc[trait]
            predicted = found.predictions[0, number // 3, split.test, column]
            observed = y[split.test, column]
            slope, _, r, _, _ = stats.linregress(predicted, observed)
            assert row["mse"] == pytest.approx(mean_squared_error(observed, predicted))
            assert row["r2"] == pytest.approx(r2_score(observed, predicted))
            assert row["r"] == pytest.approx(r)
            assert row["calibration_slope"] == pytest.approx(slope)
    np.testing.assert_array_equal(found.observed[0], y)


def test_the_truth_scores_one_and_the_mean_has_no_correlation():
    inputs, y = _data()
    found = compare(
        {"truth": _known(y), "mean": Mean()}, inputs, y, repeated_k_fold(N, 3, repeats=1, seed=0)
    )
    truth = found.summary("trait_1").loc["truth"]
    assert truth["r"] == truth["r2"] == truth["distance_correlation"] == pytest.approx(1)
    assert truth["mse"] == 0
    mean = found.summary().loc[("trait_2", "mean")]
    assert np.isnan(mean["r"])
    assert np.isnan(mean["calibration_slope"])
    assert mean["folds"] == 3
    assert mean["markers"] == 0
    assert np.isnan(truth["markers"])
    with pytest.raises(ValueError, match="r of 'mean' is undefined in 3 of 3 folds"):
        found.difference("truth", "mean", trait="trait_1")
    assert found.difference("truth", "mean", measure="mse", trait="trait_1").mean < 0


def test_the_mean_is_that_of_training_and_validation():
    inputs, y = _data()
    (split, *_) = repeated_k_fold(N, 3, repeats=1, seed=0)
    found = compare({"mean": Mean()}, inputs, y, [split])
    rest = np.concatenate([split.training, split.validation])
    expected = np.broadcast_to(y[rest].mean(axis=0), (len(split.test), 2))
    np.testing.assert_allclose(found.predictions[0, 0, split.test], expected)
    assert np.isnan(found.predictions[0, 0, rest]).all()


# Blindness


def _copies(inputs, y, split, seed):
    return y


def test_traits_of_test_rows_are_out_of_sight():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    seen = []

    def watches(inputs, y, split, seed):
        seen.append((np.isnan(y[split.test]).all(), np.isfinite(y[split.training]).all()))
        seen.append((True, np.isfinite(y[split.validation]).all()))
        return np.zeros_like(y)

    compare({"watches": watches}, inputs, y, folds)
    assert np.all(seen)
    with pytest.raises(ValueError, match="method 'copies': expected finite predictions"):
        compare({"copies": _copies}, inputs, y, folds)
    leaky = compare({"copies": _copies}, inputs, y, folds, blind=False)
    assert (leaky.table["mse"] == 0).all()


def test_a_method_cannot_change_what_others_see():
    inputs, y = _data()
    before = y.copy()

    def spoils(inputs, y, split, seed):
        y[:] = 0
        return y

    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    found = compare({"spoils": spoils, "truth": _known(y)}, inputs, y, folds, blind=False)
    np.testing.assert_array_equal(y, before)
    assert found.summary("trait_1").loc["truth", "mse"] == 0


def test_corrections_are_fitted_without_the_test_rows():
    inputs, y = _data(1)
    sex = np.arange(N) % 2
    table = pd.DataFrame({"sex": np.where(sex == 1, "m", "f")})
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    found = compare({"mean": Mean()}, inputs, y, folds, adjust=Correction(table))
    for split in folds:
        rest = np.concatenate([split.training, split.validation])
        means = np.array([y[rest][sex[rest] == level].mean() for level in (0, 1)])
        np.testing.assert_allclose(
            found.observed[0, split.test, 0], y[split.test, 0] - means[sex[split.test]], atol=1e-12
        )


# Differences


def test_interval_of_a_difference_is_the_corrected_t_interval():
    inputs, y = _data()
    folds = repeated_k_fold(N, 5, repeats=2, seed=0)
    found = compare({"a": _known(y, 1.0), "b": _known(y, 2.0)}, inputs, y, folds)
    wide = found.table.query("trait == 'trait_1'").pivot_table(
        index=["repeat", "fold"], columns="method", values="r"
    )
    values = (wide["a"] - wide["b"]).to_numpy()
    half = stats.t.ppf(0.975, 9) * np.sqrt((1 / 10 + 12 / 48) * values.var(ddof=1))
    interval = found.difference("a", "b", trait="trait_1")
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half)
    assert interval.high == pytest.approx(values.mean() + half)
    assert interval.n == 10
    won = found.wins("a", "b", trait="trait_1")
    assert won == ((values > 0).sum(), (values < 0).sum(), 0)
    # A smaller error wins.
    errors = found.table.query("trait == 'trait_1'").pivot_table(
        index=["repeat", "fold"], columns="method", values="mse"
    )
    won = found.wins("a", "b", measure="mse", trait="trait_1")
    assert won.a == (errors["a"] < errors["b"]).sum()


def test_differences_name_what_is_unknown():
    inputs, y = _data()
    found = compare(
        {"a": _known(y, 1.0), "b": _known(y)}, inputs, y, repeated_k_fold(N, 3, repeats=1, seed=0)
    )
    with pytest.raises(ValueError, match="trait: expected one of"):
        found.difference("a", "b")
    with pytest.raises(ValueError, match="b: expected one of"):
        found.difference("a", "c", trait="trait_1")
    with pytest.raises(ValueError, match="measure: expected one of"):
        found.difference("a", "b", trait="trait_1", measure="accuracy")


# Joining


def test_slow_methods_are_compared_on_the_folds_they_share():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=3, seed=0)
    fast = {"fast": _known(y, 1.0), "mean": Mean()}
    slow = {"slow": _known(y, 2.0)}
    together = compare(fast | slow, inputs, y, folds)
    # The slow one comes in two pieces, which start in the middle of a repeat.
    pieces = [
        compare(slow, inputs, y, folds[4:6]),
        compare(fast, inputs, y, folds),
        compare(slow, inputs, y, folds[1:3]),
    ]
    found = Comparison.joined(pieces)
    shared = [(0, 1), (0, 2), (1, 1), (1, 2)]
    everything = together.table.query("method == 'slow'").set_index(["repeat", "fold"])
    expected = everything.loc[shared].set_index("trait", append=True)
    mine = found.table.query("method == 'slow'").set_index(["repeat", "fold", "trait"])
    for measure in ("mse", "r"):
        pd.testing.assert_series_equal(mine[measure].loc[expected.index], expected[measure])
    assert len(mine) == len(expected)
    both = found.difference("slow", "fast", trait="trait_1")
    assert both.n == 4
    wide = together.table.query("trait == 'trait_1'").pivot_table(
        index=["repeat", "fold"], columns="method", values="r"
    )
    rows = wide.loc[shared]
    assert both.mean == pytest.approx((rows["slow"] - rows["fast"]).mean())
    slow_row = found.predictions[found.methods.index("slow")]
    np.testing.assert_array_equal(
        slow_row[1, folds[4].test], together.predictions[2, 1, folds[4].test]
    )
    assert np.isnan(slow_row[2]).all()


def test_joining_refuses_what_does_not_belong_together():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    one = compare({"mean": Mean()}, inputs, y, folds)
    with pytest.raises(ValueError, match="'mean' twice in the same"):
        Comparison.joined([one, one])
    other = compare({"b": Mean()}, inputs, y, folds, adjust=lambda y, rows: 2 * y)
    with pytest.raises(ValueError, match="corrected in the same way"):
        Comparison.joined([one, other])
    named = compare({"b": Mean()}, inputs, pd.DataFrame(y, columns=["u", "v"]), folds)
    with pytest.raises(ValueError, match="the traits"):
        Comparison.joined([one, named])
    with pytest.raises(ValueError, match="at least one"):
        Comparison.joined([])


# Where it runs


def test_executors_give_what_one_after_the_other_gives():
    inputs, y = _data()
    inputs = Inputs(inputs.genotypes, loadings=np.random.default_rng(0).normal(size=(N, 3)))
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    methods = {"mean": Mean(), "pattern": Pattern()}
    alone = compare(methods, inputs, y, folds, seed=5)
    timing = ["seconds", "wall_seconds"]
    with ThreadPoolExecutor(2) as threads:
        for executor in (threads, process_pool(1)):
            found = compare(methods, inputs, y, folds, seed=5, executor=executor)
            pd.testing.assert_frame_equal(
                found.table.drop(columns=timing), alone.table.drop(columns=timing)
            )
    np.testing.assert_array_equal(found.predictions, alone.predictions)
    assert compare(methods, inputs, y, folds, seed=6).table["mse"].iloc[2] != pytest.approx(
        alone.table["mse"].iloc[2]
    )


@dataclass(frozen=True)
class Pattern:
    """Needs all inputs and its seed."""

    def __call__(self, inputs, y, split, seed):
        noise = np.random.default_rng(seed).normal(size=y.shape)
        values = inputs.genotypes[:, :1] + inputs.loadings[:, :1] + noise
        return Predicted(values, markers=[1, 2], settings={"weight": 0.5})


def test_seeds_do_not_depend_on_company():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    rough = _known(y, 1.0)
    alone = compare({"rough": rough}, inputs, y, folds[1:])
    company = compare({"mean": Mean(), "rough": rough}, inputs, y, folds)
    np.testing.assert_array_equal(
        alone.predictions[0, 0, folds[1].test], company.predictions[1, 0, folds[1].test]
    )


def test_an_interrupted_comparison_goes_on(tmp_path):
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=2, seed=0)
    calls = []
    broken = [True]

    @dataclass(frozen=True)
    class Fragile:
        scale: float = 1.0

        def __call__(self, inputs, y, split, seed):
            if broken[0] and len(calls) == 4:
                raise KeyboardInterrupt
            calls.append(seed)
            return Predicted(np.nan_to_num(y) + self.scale, settings={"scale": self.scale})

    with pytest.raises(KeyboardInterrupt):
        compare({"f": Fragile()}, inputs, y, folds, folder=tmp_path, label="study")
    broken[0] = False
    seen = []
    found = compare(
        {"f": Fragile()},
        inputs,
        y,
        folds,
        folder=tmp_path,
        label="study",
        on_result=lambda done, of: seen.append((done, of)),
    )
    assert len(calls) == len(set(calls)) == 6
    assert seen == [(4, 6), (5, 6), (6, 6)]
    again = compare({"f": Fragile()}, inputs, y, folds, folder=tmp_path, label="study")
    assert len(calls) == 6
    pd.testing.assert_frame_equal(again.table, found.table)
    assert set(found.settings["value"]) == {1.0}
    others = [
        {"methods": {"f": Fragile(2.0)}},
        {"seed": 1},
        {"blind": False},
        {"y": y + 1},
        {"folds": folds[:3]},
        {"label": "another"},
        {"inputs": Inputs(2 - inputs.genotypes)},
    ]
    given = {"methods": {"f": Fragile()}, "inputs": inputs, "y": y, "folds": folds}
    for other in others:
        with pytest.raises(ValueError, match="another study"):
            compare(**(given | {"folder": tmp_path, "label": "study"} | other))
    assert len(calls) == 6


def test_time_is_that_of_the_method_and_not_of_its_preparation():
    inputs, y = _data()

    class Busy:
        prepared = 0

        def prepare(self):
            self.prepared += 1
            _work(0.3)

        def __call__(self, inputs, y, split, seed):
            _work(0.05)
            return np.zeros_like(y)

    busy = Busy()
    found = compare({"busy": busy}, inputs, y, repeated_k_fold(N, 3, repeats=1, seed=0))
    assert busy.prepared == 3
    assert found.table["seconds"].between(0.04, 0.25).all()


def _work(seconds):
    import time

    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


# Names and errors


def test_traits_have_the_names_of_the_table():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    table = pd.DataFrame(y, columns=["length", "weight"])
    assert compare({"m": Mean()}, inputs, table, folds).traits == ("length", "weight")
    assert compare({"m": Mean()}, inputs, table["length"], folds).traits == ("length",)
    alone = compare({"m": Mean(), "t": _known(y[:, :1])}, inputs, y[:, 0], folds)
    assert alone.traits == ("y",)
    assert alone.difference("t", "m", measure="mse").mean < 0


def test_bad_arguments_are_refused_before_any_fit():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)

    def never(inputs, y, split, seed):
        raise AssertionError("a fit was begun")

    gap = y.copy()
    gap[3, 1] = np.nan
    cases = [
        ({"methods": {}}, ValueError, "methods: expected at least one"),
        ({"methods": [never]}, TypeError, "methods: expected a mapping"),
        ({"methods": {"m": Mean}}, TypeError, "to be callable as method"),
        ({"inputs": inputs.genotypes}, TypeError, "inputs: expected Inputs"),
        ({"y": y[:-1]}, ValueError, "y: expected shape"),
        ({"y": gap}, ValueError, "y: expected finite values in the folds"),
        ({"y": y.astype(str)}, TypeError, "y: expected numbers"),
        ({"folds": []}, TypeError, "folds: expected at least one Split"),
        ({"folds": [folds[0], folds[0]]}, ValueError, "received one twice"),
        ({"folds": [Split([0, 1], [2], [3, N])]}, ValueError, "were they made for this y"),
        ({"folds": [Split([0, 1], [2], [3])]}, ValueError, "at least two test rows"),
        ({"seed": None}, TypeError, "seed: expected a whole number"),
        ({"adjust": lambda y, rows: y[:, :1]}, ValueError, "adjust: expected finite traits"),
    ]
    for change, error, message in cases:
        given = {"methods": {"n": never}, "inputs": inputs, "y": y, "folds": folds} | change
        with pytest.raises(error, match=message):
            compare(**given)


def test_methods_must_predict_everybody():
    inputs, y = _data()
    folds = repeated_k_fold(N, 3, repeats=1, seed=0)
    with pytest.raises(ValueError, match=r"method 'short': expected predictions of shape"):
        compare({"short": lambda i, y, s, seed: y[s.test]}, inputs, y, folds)

    def counts_wrongly(inputs, y, split, seed):
        return Predicted(np.zeros_like(y), markers=[1, 2, 3])

    with pytest.raises(ValueError, match="expected one value of markers, or one for each of the 2"):
        compare({"counts": counts_wrongly}, inputs, y, folds)


def test_what_methods_used_and_chose_is_reported_trait_by_trait():
    inputs, y = _data()
    inputs = Inputs(inputs.genotypes, loadings=np.ones((N, 1)))
    found = compare({"p": Pattern()}, inputs, y, repeated_k_fold(N, 3, repeats=1, seed=0))
    assert list(found.summary()["markers"]) == [1, 2]
    assert found.summary()["loadings"].isna().all()
    assert len(found.settings) == 6
    assert set(found.settings["trait"]) == {"trait_1", "trait_2"}
    assert (found.settings["value"] == 0.5).all()


def test_inputs_are_checked_and_travel():
    genotypes = np.zeros((4, 3), dtype="int8")
    with pytest.raises(ValueError, match="loadings: expected 4 rows"):
        Inputs(genotypes, loadings=np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"relationship: expected shape \(4, 4\)"):
        Inputs(genotypes, relationship=np.zeros((4, 3)))
    with pytest.raises(ValueError, match="finite"):
        Inputs(genotypes, covariates=np.full((4, 1), np.nan))
    with pytest.raises(TypeError, match="loadings: expected numbers"):
        Inputs(genotypes, loadings=np.full((4, 1), "a"))
    with pytest.raises(ValueError, match="genotypes"):
        Inputs(genotypes + 5)
    back = pickle.loads(pickle.dumps(Inputs(genotypes, loadings=np.ones(4))))
    assert back.loadings.shape == (4, 1)
    with pytest.raises(ValueError, match="expected relationship for Gblup"):
        back.need("relationship", "Gblup")
