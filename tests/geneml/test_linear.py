"""Linear baselines against scikit-learn, closed forms and invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, Ridge

from geneml.baselines import fit_least_squares, fit_mean, fit_ridge
from geneml.encoding import impute_mean
from geneml.splits import random_split


def cohort(n, p, seed=0):
    random = np.random.default_rng(seed)
    x = random.binomial(2, random.uniform(0.1, 0.5, p), (n, p)).astype("int8")
    effects = random.normal(size=p)
    y = x @ effects
    return x, 3 + y + random.normal(scale=y.std(), size=n)


@pytest.mark.parametrize(("n", "p"), [(60, 10), (30, 200), (40, 40)])
@pytest.mark.parametrize("penalty", [0.1, 5.0, 300.0])
def test_ridge_is_scikit_learns(n, p, penalty):
    x, y = cohort(n, p)
    training = np.arange(0, n, 2)
    ours = fit_ridge(x, y, training=training, penalties=penalty)
    theirs = Ridge(alpha=penalty).fit(x[training].astype(float), y[training])
    np.testing.assert_allclose(ours.coefficients, theirs.coef_, rtol=1e-6, atol=1e-9)
    assert ours.intercept == pytest.approx(theirs.intercept_, rel=1e-8)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x.astype(float)), rtol=1e-8)


def test_ridge_solves_its_normal_equations():
    x, y = cohort(50, 8)
    fitted = fit_ridge(x, y, penalties=7.0)
    design = np.column_stack([np.ones(50), x])
    penalty = np.diag([0.0] + [7.0] * 8)  # the intercept is free
    expected = np.linalg.solve(design.T @ design + penalty, design.T @ y)
    np.testing.assert_allclose([fitted.intercept, *fitted.coefficients], expected, rtol=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_both_ways_of_solving_agree(seed, penalty):
    # Columns that do not vary change nothing, but there are then more of them than rows.
    x, y = cohort(25, 12, seed)
    narrow = fit_ridge(x, y, penalties=penalty)
    wide = fit_ridge(np.hstack([x, np.ones((25, 30), "int8")]), y, penalties=penalty)
    np.testing.assert_allclose(narrow.coefficients, wide.coefficients[:12], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(wide.coefficients[12:], 0, atol=1e-12)


@pytest.mark.parametrize("p", [9, 120])
def test_heritability_gives_genomic_blup(p):
    x, y = cohort(60, p)
    training, new = np.arange(40), np.arange(40, 60)
    fitted = fit_ridge(x, y, training=training, heritability=0.4)
    centred = x - x[training].mean(axis=0)
    # Relationship matrix scaled to a mean diagonal of one among the training individuals.
    relationship = centred @ centred.T / np.sum(x[training].var(axis=0))
    inner = relationship[np.ix_(training, training)] + 0.6 / 0.4 * np.eye(40)
    mean = y[training].mean()
    blup = mean + relationship[np.ix_(new, training)] @ np.linalg.solve(inner, y[training] - mean)
    np.testing.assert_allclose(fitted.predict(x[new]), blup, rtol=1e-8)


@pytest.mark.parametrize("p", [6, 70])
def test_leaving_one_out_in_closed_form_is_leaving_one_out(p):
    x, y = cohort(24, p)
    penalties = [0.5, 4.0, 60.0]
    fitted = fit_ridge(x, y, penalties=penalties)
    for penalty in penalties:
        errors = []
        for row in range(24):
            others = np.delete(np.arange(24), row)
            model = Ridge(alpha=penalty).fit(x[others].astype(float), y[others])
            errors.append(y[row] - model.predict(x[[row]].astype(float))[0])
        assert fitted.tried[penalty] == pytest.approx(np.mean(np.square(errors)), rel=1e-6)
    assert fitted.penalty == min(fitted.tried, key=fitted.tried.get)


@pytest.mark.parametrize("p", [15, 150])
def test_the_penalty_of_the_lowest_validation_error_is_kept(p):
    x, y = cohort(100, p)
    split = random_split(100, seed=1)
    fitted = fit_ridge(x, y, split=split)
    for penalty, loss in fitted.tried.items():
        model = Ridge(alpha=penalty).fit(x[split.training].astype(float), y[split.training])
        error = y[split.validation] - model.predict(x[split.validation].astype(float))
        assert loss == pytest.approx(np.mean(error**2), rel=1e-6)
    assert fitted.tried[fitted.penalty] == min(fitted.tried.values())


def test_test_individuals_do_not_matter():
    x, y = cohort(80, 30)
    split = random_split(80, seed=2)
    first = fit_ridge(x, y, split=split)
    x2, y2 = x.copy(), y.copy()
    x2[split.test], y2[split.test] = 0, np.nan
    second = fit_ridge(x2, y2, split=split)
    np.testing.assert_array_equal(first.coefficients, second.coefficients)


def test_missing_genotypes_are_the_training_mean():
    x, y = cohort(50, 20)
    x[np.random.default_rng(1).random(x.shape) < 0.1] = -1
    training = np.arange(30)
    dosages, _ = impute_mean(x, training)
    stored = fit_ridge(x, y, training=training, penalties=3.0)
    filled = fit_ridge(dosages.astype(float), y, training=training, penalties=3.0)
    np.testing.assert_allclose(stored.predict(x), filled.predict(dosages), rtol=1e-5)


@pytest.mark.parametrize("p", [17, 90])
def test_tables_are_read_in_blocks_with_the_same_result(p, monkeypatch):
    x, y = cohort(40, p)
    whole = fit_ridge(x, y)
    monkeypatch.setattr("geneml.baselines._table._AT_ONCE", 7)
    np.testing.assert_allclose(fit_ridge(x, y).coefficients, whole.coefficients, rtol=1e-8)
    np.testing.assert_allclose(fit_ridge(x, y).predict(x), whole.predict(x), rtol=1e-10)


def test_one_hot_input_is_laid_out_by_position():
    random = np.random.default_rng(3)
    one_hot = np.eye(4, dtype="float32")[random.integers(0, 4, (60, 5))]
    y = 2 * one_hot[:, 3, 2] - one_hot[:, 0, 1] + random.normal(scale=0.01, size=60)
    coefficients = fit_ridge(one_hot, y, penalties=1e-3).coefficients.reshape(5, 4)
    # Only contrasts between the bases of a position are defined.
    contrast = coefficients - coefficients.mean(axis=1, keepdims=True)
    assert np.unravel_index(np.abs(contrast).argmax(), (5, 4)) == (3, 2)
    assert coefficients[3, 2] - coefficients[3, 0] == pytest.approx(2, abs=0.05)


def test_least_squares_is_scikit_learns():
    x, y = cohort(50, 8)
    ours, theirs = fit_least_squares(x, y), LinearRegression().fit(x, y)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_, rtol=1e-8)
    assert ours.intercept == pytest.approx(theirs.intercept_)


def test_least_squares_with_too_many_columns_is_the_limit_of_ridge():
    x, y = cohort(20, 60)
    shortest = fit_least_squares(x, y)
    np.testing.assert_allclose(shortest.predict(x), y, atol=1e-8)  # it fits any noise
    nearly = fit_ridge(x, y, penalties=1e-7)
    np.testing.assert_allclose(shortest.coefficients, nearly.coefficients, atol=1e-5)


def test_the_mean_is_the_training_mean():
    x, y = cohort(20, 3)
    assert (fit_mean(x, y, training=[1, 4, 7]).predict(x) == y[[1, 4, 7]].mean()).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.ones(20)}, "constant"),
        ({"y": np.full(20, np.nan)}, "not finite"),
        ({"y": np.ones(19)}, "one phenotype for each of the 20"),
        ({"x": np.ones(20)}, "x must be"),
        ({"x": np.full((20, 3), np.nan)}, "not finite"),
        ({"x": np.ones((20, 3), "int8")}, "no column of x varies"),
        ({"x": np.full((20, 3), -1, "int8")}, "no observed genotype"),
        ({"penalties": 0}, "above 0"),
        ({"penalties": []}, "above 0"),
        ({"penalties": [1, np.inf]}, "above 0"),
        ({"heritability": 1.0}, "below 1"),
        ({"heritability": 0.5, "penalties": 1.0}, "not both"),
        ({"training": [0, 1, 2], "validation": [2, 3]}, "share rows"),
        ({"training": [0]}, "at least two"),
        ({"training": [0, 1], "split": random_split(20, seed=0)}, "not both"),
    ],
)
def test_bad_input_is_refused(change, message):
    x, y = cohort(20, 3)
    with pytest.raises(ValueError, match=message):
        fit_ridge(**{"x": x, "y": y, **change})


def test_text_is_refused():
    with pytest.raises(TypeError, match="must hold numbers"):
        fit_ridge(np.full((20, 2), "A"), np.arange(20.0))


def test_other_columns_are_refused_when_predicting():
    x, y = cohort(20, 3)
    with pytest.raises(ValueError, match="2 columns, but this model was fitted on 3"):
        fit_ridge(x, y).predict(x[:, :2])
