"""Splits: parts that are disjoint and complete, spread alike, and whole in their groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geneml.splits import Split, grouped_split, k_fold, random_split, stratified_split


def _all(split):
    return np.sort(np.concatenate([split.training, split.validation, split.test]))


@settings(deadline=None)
@given(st.integers(5, 400), st.integers(0, 1000))
def test_three_parts_hold_every_sample_once_in_the_ratio_asked_for(n, seed):
    split = random_split(n, seed=seed)
    np.testing.assert_array_equal(_all(split), np.arange(n))
    for size, share in zip(split.sizes.values(), (3, 1, 1), strict=True):
        assert abs(size - n * share / 5) <= 1


def test_a_multiple_of_five_is_divided_exactly():
    assert random_split(9000, seed=1).sizes == {
        "training": 5400,
        "validation": 1800,
        "test": 1800,
    }


def test_a_seed_gives_the_same_split_and_another_seed_another():
    first, again, other = (random_split(100, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)


def test_a_generator_moves_on():
    generator = np.random.default_rng(0)
    first, second = (random_split(100, seed=generator) for _ in range(2))
    assert not np.array_equal(first.test, second.test)


def test_each_sample_is_as_likely_as_any_other_to_be_tested():
    counts = np.zeros(20)
    for seed in range(1000):
        counts[random_split(20, seed=seed).test] += 1
    # 1,000 draws of 4 of 20: binomial(1000, 0.2); 4.5 standard deviations.
    assert np.abs(counts - 200).max() < 4.5 * np.sqrt(1000 * 0.2 * 0.8)


def test_a_share_of_zero_leaves_a_part_empty():
    split = random_split(10, (4, 0, 1), seed=0)
    assert split.sizes == {"training": 8, "validation": 0, "test": 2}


def test_a_stratified_split_spreads_a_skewed_trait_alike():
    rng = np.random.default_rng(3)
    distances = {stratified_split: [], "random": []}
    for seed in range(30):
        trait = rng.lognormal(sigma=1.5, size=300)
        for kind in distances:
            make = stratified_split if kind is stratified_split else None
            split = make(trait, seed=seed) if make else random_split(300, seed=seed)
            ks = stats.ks_2samp(trait[split.training], trait[split.test]).statistic
            distances[kind].append(ks)
    # In every block of five sorted samples one is tested: the two distribution functions
    # differ by at most one sample of the test part, and one of the training part.
    assert max(distances[stratified_split]) <= 1 / 60 + 3 / 180
    assert np.mean(distances["random"]) > 2 * np.mean(distances[stratified_split])


def test_a_rare_category_is_in_every_part():
    disease = np.zeros(500, dtype=int)
    disease[:15] = 1
    for seed in range(20):
        split = stratified_split(disease, seed=seed)
        counts = [disease[rows].sum() for rows in (split.training, split.validation, split.test)]
        assert counts == [9, 3, 3]


def test_categories_may_be_text():
    sex = np.array(["F", "M"] * 50)
    split = stratified_split(sex, seed=0)
    assert (sex[split.test] == "F").sum() == 10


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(10, 60))
def test_no_group_is_divided(seed, n_groups):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, n_groups, 200)
    split = grouped_split(groups, seed=seed)
    np.testing.assert_array_equal(_all(split), np.arange(200))
    parts = [set(groups[rows]) for rows in (split.training, split.validation, split.test)]
    assert sum(len(part) for part in parts) == len(set.union(*parts))
    largest = np.bincount(groups).max()
    for size, share in zip(split.sizes.values(), (3, 1, 1), strict=True):
        assert abs(size - 200 * share / 5) <= largest


def test_large_families_are_not_all_in_training():
    groups = np.repeat(np.arange(110), [20] * 10 + [2] * 100)
    in_test = np.zeros(10)
    for seed in range(50):
        split = grouped_split(groups, seed=seed)
        assert split.sizes == {"training": 240, "validation": 80, "test": 80}
        in_test[np.unique(groups[split.test][groups[split.test] < 10])] += 1
    assert in_test.sum() == 100  # 2 of the 10 each time
    assert in_test.min() > 0


def test_as_many_groups_as_parts_give_each_part_one():
    for seed in range(10):
        sizes = grouped_split(np.repeat([0, 1, 2], 10), seed=seed).sizes
        assert set(sizes.values()) == {10}


@pytest.mark.parametrize("how", ["random", "groups", "stratify"])
def test_folds_test_every_sample_once(how):
    rng = np.random.default_rng(5)
    values = {"groups": rng.integers(0, 30, 203), "stratify": rng.normal(size=203)}
    options = {} if how == "random" else {how: values[how]}
    folds = k_fold(203, 5, seed=1, **options)
    assert len(folds) == 5
    np.testing.assert_array_equal(
        np.sort(np.concatenate([fold.test for fold in folds])), np.arange(203)
    )
    for fold in folds:
        np.testing.assert_array_equal(_all(fold), np.arange(203))
        if how != "groups":
            assert len(fold.test) in (40, 41)
            assert abs(len(fold.validation) - 0.2 * (203 - len(fold.test))) <= 1
        else:
            groups = values["groups"]
            assert not set(groups[fold.test]) & set(groups[fold.training])
            assert not set(groups[fold.validation]) & set(groups[fold.training])


def test_stratified_folds_have_nearly_equal_means():
    trait = np.random.default_rng(6).lognormal(size=500)
    means = [trait[fold.test].mean() for fold in k_fold(500, stratify=trait, seed=0)]
    plain = [trait[fold.test].mean() for fold in k_fold(500, seed=0)]
    assert np.ptp(means) < 0.5 * np.ptp(plain)


def test_folds_without_validation():
    assert all(len(f.validation) == 0 for f in k_fold(20, 4, validation_fraction=0, seed=0))


def test_a_split_is_sorted_and_prints_its_sizes():
    split = Split([3, 1], [0], [2], "by hand")
    np.testing.assert_array_equal(split.training, [1, 3])
    assert str(split) == "training 2, validation 1, test 1 (by hand)"
