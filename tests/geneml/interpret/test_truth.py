"""Scores against the truth: other libraries, every order of ties, and what chance gives."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score

from geneml.interpret import truth
from geneml.interpret.truth import (
    effect_recovery,
    locus_recovery,
    over_replicates,
    pair_recovery,
    recovery_table,
    spread_over_loci,
)
from geneml.intervals import Interval, mean_interval

random = np.random.default_rng(0)


# Loci ------------------------------------------------------------------------------------


def test_average_precision_agrees_with_scikit_learn():
    for seed in range(20):
        draw = np.random.default_rng(seed)
        importance = draw.random(60)
        causal = draw.choice(60, 7, replace=False)
        found = locus_recovery(importance, causal)
        expected = average_precision_score(np.isin(np.arange(60), causal), importance)
        assert found.average_precision == pytest.approx(expected, abs=1e-12)


def test_counts_and_ranks_of_an_easy_case():
    importance = np.zeros(30)
    importance[[4, 9, 20, 25]] = [4.0, 3.0, 2.0, 1.0]
    found = locus_recovery(importance, [25, 4, 20], top=4)
    assert found.rank_of_each.tolist() == [4, 1, 3]
    assert found.wanted.tolist() == [25, 4, 20]
    assert (found.found, found.found_in_top, found.n_causal) == (2, 3, 3)
    assert found.average_precision == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 3)
    assert "2 of 3 causal loci in the top 3 of 30" in str(found)


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.integers(0, 2), min_size=2, max_size=6),
    marks=st.lists(st.booleans(), min_size=6, max_size=6),
    top=st.integers(1, 6),
)
def test_ties_are_the_mean_over_all_orders(values, marks, top):
    importance = np.array(values, dtype=float)
    causal = np.flatnonzero(marks[: len(values)])
    if causal.size == 0:
        causal = np.array([0])
    precisions, found, in_top = [], [], []
    for order in permutations(range(len(values))):
        ranking = sorted(order, key=lambda locus: -importance[locus])  # keeps the order of ties
        hits = np.isin(ranking, causal)
        precisions.append((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())
        found.append(hits[: causal.size].sum())
        in_top.append(hits[:top].sum())
    score = locus_recovery(importance, causal, top=top)
    assert score.average_precision == pytest.approx(np.mean(precisions), abs=1e-12)
    assert score.found == pytest.approx(np.mean(found), abs=1e-12)
    assert score.found_in_top == pytest.approx(np.mean(in_top), abs=1e-12)


@pytest.mark.parametrize("level", [0.0, 3.0])
def test_a_constant_importance_scores_exactly_what_chance_does(level):
    score = locus_recovery(np.full(200, level), np.arange(16))
    assert score.average_precision == score.chance
    assert score.found == score.chance_found == pytest.approx(16 * 16 / 200)
    assert score.found_in_top == score.chance_found_in_top == pytest.approx(20 * 16 / 200)
    assert set(score.rank_of_each) == {100.5}


def test_chance_is_what_random_rankings_score_on_average():
    draw = np.random.default_rng(1)
    scores = [locus_recovery(draw.random(80), np.arange(0, 80, 10)) for _ in range(2_000)]
    values = [score.average_precision for score in scores]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values) - scores[0].chance) < 4 * error
    found = [score.found for score in scores]
    assert abs(np.mean(found) - scores[0].chance_found) < 4 * np.std(found) / np.sqrt(len(found))


def test_the_order_of_loci_and_the_unit_make_no_difference():
    importance = random.random(50)
    causal = np.array([3, 14, 15])
    order = random.permutation(50)
    here = locus_recovery(importance, causal)
    there = locus_recovery(importance[order] * 1e6, np.flatnonzero(np.isin(order, causal)))
    assert here.measures() == there.measures()
    best = locus_recovery(np.isin(np.arange(50), causal), causal)
    assert best.average_precision == 1
    assert best.found == 3


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: locus_recovery(np.ones((3, 4)), [0]), ValueError, r"attribution.importance\(\)"),
        (lambda: locus_recovery([1.0, np.nan], [0]), ValueError, "must be finite"),
        (lambda: locus_recovery([1.0, -0.5], [0]), ValueError, "np.abs"),
        (lambda: locus_recovery([1.0, 2.0], []), ValueError, "at least one locus"),
        (lambda: locus_recovery([1.0, 2.0], [2]), ValueError, "from 0 to 1"),
        (lambda: locus_recovery([1.0, 2.0], [-1]), ValueError, "from 0 to 1"),
        (lambda: locus_recovery([1.0, 2.0], [0, 0]), ValueError, "each locus once"),
        (lambda: locus_recovery([1.0, 2.0], [0.0]), TypeError, "whole numbers"),
        (lambda: locus_recovery([1.0, 2.0], [0], top=0), ValueError, "top must be 1"),
        (lambda: locus_recovery([1.0, 2.0], [0], top=2.5), TypeError, "whole number"),
        (lambda: pair_recovery(np.ones((3, 4)), [[0, 1]]), ValueError, "square table"),
        (lambda: pair_recovery([[0, 1], [2, 0]], [[0, 1]]), ValueError, "symmetric"),
        (lambda: pair_recovery(np.ones((3, 3)), [[1, 1]]), ValueError, "two different loci"),
        (lambda: pair_recovery(np.ones((3, 3)), [[0, 1], [1, 0]]), ValueError, "named once"),
        (lambda: pair_recovery(np.ones((3, 3)), [0, 1]), ValueError, r"\(pairs, 2\)"),
        (lambda: pair_recovery(np.ones((3, 3)), [[0, 1]], positions=[1]), ValueError, "name the 3"),
        (lambda: pair_recovery(np.ones((3, 3)), [[0, 1]], among=[2]), ValueError, "no pair"),
        (lambda: effect_recovery(np.ones((3, 4)), np.ones(4)), ValueError, "one shape"),
        (lambda: effect_recovery(np.ones(4), np.zeros(4)), ValueError, "0 everywhere"),
        (lambda: effect_recovery([1.0, np.inf], [1.0, 2.0]), ValueError, "estimated must be"),
        (lambda: spread_over_loci(np.ones((5, 2)), [1, 2, 3], 9), ValueError, "of the 3 causal"),
        (lambda: over_replicates([{"a": 1.0}]), ValueError, "two or more"),
        (lambda: over_replicates([{"a": 1.0}, {"b": 1.0}]), ValueError, "the same scores"),
        (lambda: over_replicates([1.0, 2.0]), TypeError, "received float"),
        (lambda: recovery_table({}), ValueError, "methods is empty"),
        (lambda: recovery_table({"chance": [{"a": 1.0}]}), ValueError, "must not be called"),
        (lambda: recovery_table({"a": [{"r": 1}], "b": []}), ValueError, "same replicates"),
        (
            lambda: recovery_table({"a": [{"r": 1.0}]}, measures=["q"]),
            ValueError,
            r"among \['r'\]",
        ),
    ],
)
def test_bad_arguments_are_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()


# Pairs -----------------------------------------------------------------------------------


def symmetric(k, seed=0):
    table = np.random.default_rng(seed).normal(size=(k, k))
    return table + table.T


def test_pairs_are_ranked_like_any_candidates():
    scores = symmetric(12)
    pairs = np.array([[3, 1], [4, 7], [0, 11]])
    upper = np.triu_indices(12, 1)
    wanted = [(min(pair), max(pair)) for pair in pairs.tolist()]
    is_pair = [pair in wanted for pair in zip(*(i.tolist() for i in upper), strict=True)]
    found = pair_recovery(scores, pairs)
    expected = average_precision_score(is_pair, np.abs(scores[upper]))
    assert found.average_precision == pytest.approx(expected, abs=1e-12)
    assert found.n_candidates == 66
    order = np.abs(scores[upper])
    ranks = [1 + int((order > abs(scores[i, j])).sum()) for i, j in pairs]
    assert found.rank_of_each.tolist() == ranks


def test_the_size_of_a_score_ranks_and_the_diagonal_never():
    scores = np.eye(4) * 100
    scores[1, 2] = scores[2, 1] = -5
    found = pair_recovery(scores, [[2, 1]], positions=[10, 20, 30, 40])
    assert found.found == 0
    assert np.isinf(found.rank_of_each).all()
    assert found.average_precision == 0
    named = pair_recovery(scores, [[30, 20]], positions=[10, 20, 30, 40])
    assert named.average_precision == 1
    assert named.wanted.tolist() == [[20, 30]]


def test_true_pairs_that_nobody_scored_count_as_missed():
    scores = symmetric(6)
    all_here = pair_recovery(scores, [[0, 1]])
    one_away = pair_recovery(scores, [[0, 1], [2, 9]])
    assert one_away.n_causal == 2
    assert one_away.average_precision == pytest.approx(all_here.average_precision / 2)
    assert one_away.chance == pytest.approx(all_here.chance / 2)


def test_pairs_among_chosen_loci_are_the_same_as_a_smaller_table():
    scores, kept = symmetric(10), np.array([1, 4, 6, 8])
    inside = pair_recovery(scores, [[4, 8]], among=kept)
    small = pair_recovery(scores[np.ix_(kept, kept)], [[4, 8]], positions=kept)
    assert inside.measures() == small.measures()
    assert inside.n_candidates == 6
    nothing = pair_recovery(np.zeros((10, 10)), [[4, 8]])
    assert nothing.average_precision == nothing.chance


# Effects ---------------------------------------------------------------------------------


def test_effects_agree_with_scipy():
    exact = np.zeros((40, 30))
    causal = [2, 9, 17, 25]
    exact[:, causal] = random.normal(size=(40, 4)) * [0.1, 0.5, 1, 2]
    estimated = 0.5 * exact + 0.2 * random.normal(size=exact.shape)
    found = effect_recovery(estimated, exact)
    guess, right = estimated[:, causal], exact[:, causal]
    assert found.n_loci == 4
    assert found.correlation == pytest.approx(pearsonr(guess.ravel(), right.ravel()).statistic)
    sizes = np.abs(guess).mean(axis=0), np.abs(right).mean(axis=0)
    assert found.rank_correlation == pytest.approx(spearmanr(*sizes).statistic)
    assert found.sign_agreement == pytest.approx((np.sign(guess) == np.sign(right)).mean())
    slope = np.polyfit(guess.ravel(), right.ravel(), 1)[0]
    assert found.calibration_slope == pytest.approx(slope)


@pytest.mark.parametrize("factor", [0.5, 1.0, 4.0])
def test_a_scaled_copy_of_the_truth_is_perfect_but_for_its_size(factor):
    exact = np.concatenate([random.normal(size=8), np.zeros(20)])
    found = effect_recovery(factor * exact, exact)
    assert found.rank_correlation == pytest.approx(1)
    assert found.correlation == pytest.approx(1)
    assert found.sign_agreement == 1
    assert found.calibration_slope == pytest.approx(1 / factor)
    turned = effect_recovery(-factor * exact, exact)
    assert turned.sign_agreement == 0
    assert turned.correlation == pytest.approx(-1)
    assert turned.rank_correlation == pytest.approx(1)  # sizes have no sign


def test_an_explanation_that_says_nothing_has_no_correlation():
    found = effect_recovery(np.zeros(5), np.arange(5.0))
    assert np.isnan(found.correlation)
    assert np.isnan(found.rank_correlation)
    assert np.isnan(found.calibration_slope)
    assert found.sign_agreement == 0


def test_loci_can_be_chosen():
    exact = np.concatenate([random.normal(size=8), np.zeros(20)])
    noise = random.normal(size=28)
    assert effect_recovery(noise, exact, loci=np.arange(28)).n_loci == 28
    assert effect_recovery(noise, exact, loci=[0, 3]).n_loci == 2


def test_numbers_of_causal_loci_go_where_they_belong():
    values = random.normal(size=(3, 2))
    spread = spread_over_loci(values, [5, 1], 7)
    np.testing.assert_array_equal(spread[:, [5, 1]], values)
    assert np.abs(spread).sum() == pytest.approx(np.abs(values).sum())
    np.testing.assert_array_equal(spread_over_loci([2.0], [1], 3), [0, 2, 0])


# Over replicates -------------------------------------------------------------------------


def replicate(seed, signal):
    draw = np.random.default_rng(seed)
    effects = np.zeros(50)
    effects[:5] = draw.normal(size=5)
    importance = np.abs(signal * effects + 0.3 * draw.normal(size=50))
    return (
        locus_recovery(importance, np.arange(5), top=10),
        effect_recovery(signal * effects + 0.3 * draw.normal(size=50), effects),
    )


def test_replicates_get_students_interval():
    replicates = [replicate(seed, 1.0) for seed in range(12)]
    intervals = over_replicates(replicates)
    assert set(intervals) == {
        "average_precision",
        "found",
        "found_in_top",
        "rank_correlation",
        "correlation",
        "sign_agreement",
        "calibration_slope",
    }
    values = [loci.average_precision for loci, _ in replicates]
    assert intervals["average_precision"] == mean_interval(values)
    plain = over_replicates([{"r2": 0.5}, {"r2": 0.7}], confidence=0.9)
    assert plain == {"r2": mean_interval([0.5, 0.7], confidence=0.9)}


def test_a_score_that_is_not_defined_is_left_out_and_counted():
    replicates = [{"slope": 1.0}, {"slope": float("nan")}, {"slope": 2.0}]
    assert over_replicates(replicates)["slope"].n == 2
    assert over_replicates([{"a": 1, "b": np.nan}, {"a": 2, "b": np.nan}]).keys() == {"a"}


def test_the_table_shows_methods_beside_chance():
    methods = {
        "clear": [replicate(seed, 3.0) for seed in range(10)],
        "noise": [replicate(seed, 0.0) for seed in range(10)],
    }
    table = recovery_table(methods, caption="Recovery of five loci.")
    assert table.index.tolist() == ["clear", "noise", "chance"]
    assert table.columns[:3].tolist() == [
        "average precision",
        "causal loci in the top 5, of 5",
        "causal loci in the top 10, of 5",
    ]
    assert isinstance(table.loc["clear", "average precision"], Interval)
    first = methods["clear"][0][0]
    assert table.loc["chance", "average precision"] == round(first.chance, 3)
    assert table.loc["chance", "sign agreement"] == 0.5
    assert table.loc["clear", "average precision"].low > table.loc["noise"].iloc[0].high
    assert table.attrs["caption"].startswith("Recovery of five loci. Means over 10 replicates")
    assert "[" in table.to_html()
    two = recovery_table(methods, measures=["correlation", "found"])
    assert two.columns.tolist() == ["correlation", "causal loci in the top 5, of 5"]


def test_one_replicate_and_plain_numbers_make_a_table_too():
    table = recovery_table({"ridge": [{"r2": 0.51234}], "network": [{"r2": 0.6}]})
    expected = pd.DataFrame(
        {"r2": [0.512, 0.6]}, index=pd.Index(["ridge", "network"], name="method"), dtype=object
    )
    pd.testing.assert_frame_equal(table, expected)
    assert table.attrs["caption"] == "One replicate."


def test_pairs_and_loci_stand_beside_each_other_in_a_table():
    both = (
        locus_recovery(random.random(8), [1, 2]),
        pair_recovery(symmetric(8), [[1, 2]]),
    )
    table = recovery_table({"network": [both]})
    assert table.shape == (2, 6)
    assert table.columns.is_unique
    assert "average precision of pairs" in table.columns
    # Replicates with other numbers of loci lose the numbers in the name, not the row.
    other = (locus_recovery(random.random(8), [1]), pair_recovery(symmetric(8), [[1, 2]]))
    assert "found" in recovery_table({"network": [both, other]}).columns


def test_everything_public_is_there():
    assert all(hasattr(truth, name) for name in truth.__all__)
