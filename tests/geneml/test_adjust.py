"""Adjustment for covariates against scikit-learn, and without a look at the test rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import OneHotEncoder

from geneml.adjust import adjust


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    covariates = pd.DataFrame(
        {
            "sex": rng.choice(["F", "M"], 120),
            "density": rng.integers(2, 7, 120),
            "month": rng.integers(1, 5, 120),
        }
    )
    trait = (
        (covariates["sex"] == "M") * 1.5
        + 0.3 * covariates["density"]
        + covariates["month"].map({1: 0, 2: 3, 3: -1, 4: 0.5})
        + rng.normal(size=120)
    )
    return trait.to_numpy(), covariates, np.arange(80)


def test_residuals_are_those_of_a_regression_on_the_training_rows(data):
    trait, covariates, training = data
    design = make_column_transformer(
        (OneHotEncoder(), ["sex", "month"]), remainder="passthrough"
    ).fit(covariates)
    x = design.transform(covariates)
    model = LinearRegression().fit(x[training], trait[training])
    result = adjust(trait, covariates, training=training, categorical=["month"])
    np.testing.assert_allclose(result, trait - model.predict(x), atol=1e-10)


def test_training_residuals_are_free_of_every_covariate(data):
    trait, covariates, training = data
    result = adjust(trait, covariates, training=training, categorical=["month"])[training]
    rows = covariates.iloc[training]
    assert result.mean() == pytest.approx(0, abs=1e-12)
    for name in ("sex", "month"):
        means = pd.Series(result).groupby(rows[name].to_numpy()).mean()
        np.testing.assert_allclose(means, 0, atol=1e-12)
    assert np.cov(result, rows["density"])[0, 1] == pytest.approx(0, abs=1e-12)


def test_other_rows_do_not_move_the_training_residuals(data):
    trait, covariates, training = data
    before = adjust(trait, covariates, training=training)
    changed = trait.copy()
    changed[100:] += 1000
    after = adjust(changed, covariates, training=training)
    np.testing.assert_array_equal(before[:100], after[:100])
    np.testing.assert_allclose(after[100:] - before[100:], 1000)


def test_an_unseen_level_gets_the_average_effect():
    trait = np.array([1.0, 1.0, 3.0, 3.0, 7.0])
    covariates = pd.DataFrame({"cage": ["a", "a", "b", "b", "c"]})
    result = adjust(trait, covariates, training=[0, 1, 2, 3])
    np.testing.assert_allclose(result, [0, 0, 0, 0, 5], atol=1e-12)


def test_without_covariates_the_mean_is_taken_out():
    result = adjust(np.array([1.0, 3.0, 8.0]), pd.DataFrame(index=range(3)), training=[0, 1])
    np.testing.assert_allclose(result, [-1, 1, 6])


def test_a_covariate_that_never_varies_does_nothing(data):
    trait, covariates, training = data
    same = covariates.assign(constant=3.0)
    np.testing.assert_allclose(
        adjust(trait, same, training=training), adjust(trait, covariates, training=training)
    )


def test_covariates_that_repeat_each_other_are_harmless(data):
    trait, covariates, training = data
    doubled = covariates.assign(again=2 * covariates["density"] + 1)
    np.testing.assert_allclose(
        adjust(trait, doubled, training=training),
        adjust(trait, covariates, training=training),
        atol=1e-9,
    )
