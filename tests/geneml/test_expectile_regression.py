"""Expectile regression against least squares, ridge, a general optimiser and its own slope."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression, Ridge

from geneml.baselines import expectile_ridge, fit_expectile_regression, fit_least_squares
from geneml.encoding import impute_mean
from geneml.expectiles import expectile
from geneml.splits import random_split


def cohort(n, p, seed=0):
    random = np.random.default_rng(seed)
    x = random.binomial(2, random.uniform(0.1, 0.5, p), (n, p)).astype("int8")
    # Skewed, and more spread where the first genotype is high: the levels have other slopes.
    return x, 3 + x @ random.normal(size=p) + (1 + x[:, 0]) * random.gamma(1, 2, n)


def objective(solution, x, y, tau, penalty):
    residual = y - solution[0] - x @ solution[1:]
    weight = np.where(residual < 0, 1 - tau, tau)
    slope = -2 * weight * residual / len(y)
    value = np.mean(weight * residual**2) + penalty * np.sum(solution[1:] ** 2)
    return value, np.r_[slope.sum(), x.T @ slope + 2 * penalty * solution[1:]]


@pytest.mark.parametrize(("n", "p"), [(60, 10), (30, 90)])
@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_a_half_is_scikit_learns_ridge(n, p, penalty):
    x, y = cohort(n, p)
    training = np.arange(0, n, 2)
    ours = fit_expectile_regression(x, y, 0.5, penalty=penalty, training=training)
    alpha = 2 * len(training) * penalty
    theirs = Ridge(alpha=alpha).fit(x[training].astype(float), y[training])
    np.testing.assert_allclose(ours.coefficients, theirs.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x.astype(float)), rtol=1e-8)


def test_a_half_without_penalty_is_least_squares():
    x, y = cohort(50, 8)
    ours, theirs = fit_expectile_regression(x, y, 0.5), LinearRegression().fit(x, y)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_, rtol=1e-8)
    assert ours.intercept == pytest.approx(theirs.intercept_)


@pytest.mark.parametrize("tau", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("penalty", [0.0, 0.2])
def test_a_general_optimiser_finds_the_same(tau, penalty):
    x, y = cohort(80, 4)
    arguments = (x, y, tau, penalty)
    found = minimize(
        objective, np.zeros(5), arguments, jac=True, method="BFGS", options={"gtol": 1e-10}
    )
    ours = fit_expectile_regression(x, y, tau, penalty=penalty)
    np.testing.assert_allclose([ours.intercept, *ours.coefficients], found.x, atol=1e-6)
    assert ours.iterations <= 12


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(2, 60),
    st.integers(0, 6),
    st.sampled_from([0.001, 0.1, 0.5, 0.8, 0.999]),
    st.sampled_from([0.0, 1e-6, 0.1, 100.0]),
)
def test_the_slope_is_zero_at_the_answer(seed, n, k, tau, penalty):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, k)) * 10.0 ** random.integers(-3, 4, k)
    if k > 3:
        x[:, 1], x[:, 2] = -2 * x[:, 0], 0.1  # columns that depend on each other, a constant
    y = 100 + random.standard_t(2, n)
    intercept, coefficients = expectile_ridge(x, y, tau, penalty)
    _, slope = objective(np.r_[intercept, coefficients], x, y, tau, penalty)
    size = np.r_[1.0, np.abs(x).max(axis=0, initial=0)] * np.abs(y - y.mean()).max()
    assert (np.abs(slope) <= 1e-8 * size).all()


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.99])
def test_without_features_it_is_the_expectile(tau):
    y = np.random.default_rng(1).gamma(1, 5, 70)
    intercept, none = expectile_ridge(np.empty((70, 0)), y, tau)
    assert none.shape == (0,)
    assert intercept == pytest.approx(expectile(y, tau), rel=1e-9)
    for constant in (np.zeros((70, 2)), np.full((70, 3), 0.1)):
        for penalty in (0.0, 0.5):
            intercept, coefficients = expectile_ridge(constant, y, tau, penalty)
            assert (coefficients == 0).all()
            assert intercept == pytest.approx(expectile(y, tau), rel=1e-9)
    x, y = cohort(60, 4)
    heavy = fit_expectile_regression(x, y, tau, penalty=1e9)
    assert heavy.intercept == pytest.approx(expectile(y, tau), rel=1e-6)


def test_copies_share_an_effect():
    x, y = cohort(60, 3)
    once = fit_expectile_regression(x, y, 0.8)
    twice = fit_expectile_regression(np.hstack([x, x[:, :1]]), y, 0.8)
    np.testing.assert_allclose(twice.predict(np.hstack([x, x[:, :1]])), once.predict(x))
    np.testing.assert_allclose(twice.coefficients[[0, 3]], once.coefficients[0] / 2, rtol=1e-6)


def test_nearly_equal_columns_are_told_apart():
    random = np.random.default_rng(3)
    first = random.normal(size=80)
    x = np.column_stack([first, first + 1e-4 * random.normal(size=80)])
    y = x @ [1.0, 2.0] + random.gamma(1, 1, 80)
    for tau in (0.1, 0.5, 0.9):
        intercept, coefficients = expectile_ridge(x, y, tau)
        residual = y - intercept - x @ coefficients
        weight = np.sqrt(np.where(residual < 0, 1 - tau, tau))
        # At the answer, weighted least squares with its own weights gives it back.
        design = np.column_stack([np.ones(80), x]) * weight[:, None]
        again = np.linalg.lstsq(design, y * weight, rcond=None)[0]
        np.testing.assert_allclose([intercept, *coefficients], again, rtol=1e-6)


@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_units_of_the_trait_do_not_matter(penalty):
    x, y = cohort(80, 5)
    first = fit_expectile_regression(x, y, 0.9, penalty=penalty)
    second = fit_expectile_regression(x, 1000 * y - 50, 0.9, penalty=penalty)
    np.testing.assert_allclose(second.predict(x), 1000 * first.predict(x) - 50, rtol=1e-8)
    mirrored = fit_expectile_regression(x, -y, 0.1, penalty=penalty)
    np.testing.assert_allclose(mirrored.predict(x), -first.predict(x), rtol=1e-8)


@pytest.mark.parametrize("penalty", [1e-3, 1.0])
def test_more_columns_than_rows_are_solved_the_other_way_with_the_same_result(penalty):
    x, y = cohort(25, 12)
    narrow = fit_expectile_regression(x, y, 0.8, penalty=penalty)
    wide = fit_expectile_regression(
        np.hstack([x, np.ones((25, 30), "int8")]), y, 0.8, penalty=penalty
    )
    np.testing.assert_allclose(narrow.coefficients, wide.coefficients[:12], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(wide.coefficients[12:], 0, atol=1e-12)
    x, y = cohort(30, 200)
    fitted = fit_expectile_regression(x, y, 0.8, penalty=penalty)
    solution = np.r_[fitted.intercept, fitted.coefficients]
    _, slope = objective(solution, x, y, 0.8, penalty)
    np.testing.assert_allclose(slope, 0, atol=1e-9)


def test_without_penalty_too_many_columns_fit_any_noise():
    x, y = cohort(20, 60)
    for tau in (0.1, 0.5, 0.9):
        fitted = fit_expectile_regression(x, y, tau)
        np.testing.assert_allclose(fitted.predict(x), y, atol=1e-8)
    shortest = fit_least_squares(x, y).coefficients
    np.testing.assert_allclose(fitted.coefficients, shortest, atol=1e-8)


def test_two_groups_have_the_expectile_of_each():
    # One 0/1 column without penalty: each group's line is its own expectile.
    random = np.random.default_rng(4)
    group = np.repeat([0, 1], [40, 60]).astype("int8")
    y = np.where(group, random.gamma(1, 9, 100), random.normal(5, 1, 100))
    for tau in (0.1, 0.9):
        fitted = fit_expectile_regression(group[:, None], y, tau).predict([[0], [1]])
        expected = [expectile(y[group == one], tau) for one in (0, 1)]
        np.testing.assert_allclose(fitted, expected, rtol=1e-8)


def test_only_training_rows_matter_and_missing_genotypes_are_their_mean():
    x, y = cohort(80, 10)
    x[np.random.default_rng(1).random(x.shape) < 0.1] = -1
    split = random_split(80, seed=2)
    first = fit_expectile_regression(x, y, 0.7, penalty=0.1, split=split)
    others = np.setdiff1d(np.arange(80), split.training)
    x2, y2 = x.copy(), y.copy()
    x2[others], y2[others] = 0, np.nan
    second = fit_expectile_regression(x2, y2, 0.7, penalty=0.1, training=split.training)
    np.testing.assert_array_equal(first.coefficients, second.coefficients)
    dosages, _ = impute_mean(x, split.training)
    filled = fit_expectile_regression(dosages.astype(float), y, 0.7, penalty=0.1, split=split)
    np.testing.assert_allclose(first.predict(x), filled.predict(dosages), rtol=1e-5)


def test_levels_of_a_spreading_trait_spread():
    x, y = cohort(2_000, 3)
    slopes = [fit_expectile_regression(x, y, tau).coefficients[0] for tau in (0.1, 0.5, 0.9)]
    assert slopes[0] < slopes[1] < slopes[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tau": 1.0}, "strictly between 0 and 1"),
        ({"tau": [0.1, 0.9]}, "one number"),
        ({"penalty": -1}, "at least 0"),
        ({"penalty": np.nan}, "at least 0"),
        ({"penalty": np.inf}, "at least 0"),
        ({"y": np.ones(20)}, "constant"),
        ({"y": np.full(20, np.nan)}, "not finite"),
        ({"y": np.ones(19)}, "one phenotype for each of the 20"),
        ({"x": np.ones(20)}, "x must be"),
        ({"training": [0, 1], "split": random_split(20, seed=0)}, "not both"),
    ],
)
def test_bad_input_is_refused(change, message):
    x, y = cohort(20, 3)
    with pytest.raises(ValueError, match=message):
        fit_expectile_regression(**{"x": x, "y": y, "tau": 0.5, **change})


@pytest.mark.parametrize(
    ("features", "y", "message"),
    [
        (np.ones(5), np.ones(5), r"features must be \(n, k\)"),
        (np.ones((5, 2)), np.ones((5, 1)), r"y \(n,\)"),
        (np.ones((0, 2)), np.ones(0), "at least 1"),
        (np.full((5, 2), np.nan), np.ones(5), "finite"),
        (np.ones((5, 2)), np.full(5, np.inf), "finite"),
    ],
)
def test_bad_features_are_refused(features, y, message):
    with pytest.raises(ValueError, match=message):
        expectile_ridge(features, y, 0.5)


def test_a_level_in_words_is_refused():
    with pytest.raises(TypeError, match="tau: expected numbers"):
        fit_expectile_regression(*cohort(20, 3), "high")
