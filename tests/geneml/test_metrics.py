"""Metrics against scikit-learn, SciPy and formulas written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import mean_squared_error as sklearn_mse
from sklearn.metrics import r2_score

from geneml import metrics


@pytest.fixture
def pair():
    rng = np.random.default_rng(1)
    y = rng.normal(3, 2, 157)
    return y, 0.6 * y + rng.normal(size=157)


def _doubly_centred(values):
    distances = squareform(pdist(values[:, None]))
    return (
        distances
        - distances.mean(axis=0)
        - distances.mean(axis=1, keepdims=True)
        + distances.mean()
    )


def _distance_correlation(x, y):
    """Definition 5 of Szekely, Rizzo & Bakirov 2007, literally."""
    a, b = _doubly_centred(x), _doubly_centred(y)
    return np.sqrt((a * b).mean() / np.sqrt((a * a).mean() * (b * b).mean()))


def test_against_other_libraries(pair):
    y, prediction = pair
    assert metrics.mean_squared_error(y, prediction) == pytest.approx(sklearn_mse(y, prediction))
    assert metrics.r_squared(y, prediction) == pytest.approx(r2_score(y, prediction))
    assert metrics.pearson_correlation(y, prediction) == pytest.approx(
        stats.pearsonr(y, prediction).statistic
    )
    assert metrics.calibration_slope(y, prediction) == pytest.approx(
        stats.linregress(prediction, y).slope
    )
    assert metrics.distance_correlation(y, prediction) == pytest.approx(
        _distance_correlation(y, prediction)
    )


def test_distance_correlation_sees_what_pearson_misses():
    x = np.linspace(-1, 1, 201)
    assert metrics.pearson_correlation(x, x**2) == pytest.approx(0, abs=1e-12)
    assert metrics.distance_correlation(x, x**2) == pytest.approx(_distance_correlation(x, x**2))
    assert metrics.distance_correlation(x, x**2) > 0.4


@settings(deadline=None)
@given(st.floats(-50, 50), st.floats(0.01, 100), st.booleans())
def test_distance_correlation_ignores_units(shift, scale, mirrored):
    rng = np.random.default_rng(2)
    y, prediction = rng.normal(size=40), rng.normal(size=40)
    changed = shift + (-scale if mirrored else scale) * prediction
    assert metrics.distance_correlation(y, changed) == pytest.approx(
        metrics.distance_correlation(y, prediction)
    )
    assert metrics.distance_correlation(y, shift + scale * y) == pytest.approx(1)


def test_distance_correlation_in_blocks_is_the_same():
    # More samples than one block of rows.
    rng = np.random.default_rng(3)
    y = rng.normal(size=1500)
    prediction = np.sin(y) + rng.normal(size=1500)
    assert metrics.distance_correlation(y, prediction) == pytest.approx(
        _distance_correlation(y, prediction)
    )


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
def test_the_constant_that_minimises_the_loss_is_the_expectile(tau):
    y = np.random.default_rng(4).gamma(2, size=300)
    best = optimize.minimize_scalar(
        lambda value: metrics.expectile_loss(y, np.full_like(y, value), tau),
        bounds=(y.min(), y.max()),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert best.x == pytest.approx(stats.expectile(y, tau), rel=1e-6)


def test_expectile_loss_by_hand():
    # Under-prediction by 2 costs 0.8 * 4, over-prediction by 1 costs 0.2 * 1.
    assert metrics.expectile_loss([2, 0], [0, 1], 0.8) == pytest.approx((3.2 + 0.2) / 2)


def test_half_expectile_loss_is_half_the_mse(pair):
    assert metrics.expectile_loss(*pair, 0.5) == pytest.approx(
        metrics.mean_squared_error(*pair) / 2
    )


def test_the_mean_has_no_correlation_and_r2_of_zero(pair):
    y, _ = pair
    constant = np.full_like(y, y.mean())
    result = metrics.score(y, constant)
    assert result["r2"] == pytest.approx(0)
    assert np.isnan(result["r"])
    assert np.isnan(result["calibration_slope"])
    assert result["distance_correlation"] == 0


def test_a_perfect_prediction():
    y = np.arange(10.0)
    assert metrics.score(y, y) == pytest.approx(
        {"mse": 0, "r": 1, "r2": 1, "distance_correlation": 1, "calibration_slope": 1}
    )


def test_an_inflated_prediction_has_a_slope_below_one():
    y = np.random.default_rng(5).normal(size=50)
    assert metrics.calibration_slope(y, 4 * y + 1) == pytest.approx(0.25)
    assert metrics.pearson_correlation(y, 4 * y + 1) == pytest.approx(1)
    assert metrics.r_squared(y, 4 * y + 1) < 0


@pytest.mark.parametrize("unit", [1e-180, 1e180])
def test_extreme_units_neither_underflow_nor_overflow(pair, unit):
    y, prediction = pair
    for measure in (metrics.pearson_correlation, metrics.distance_correlation):
        assert measure(y * unit, prediction) == pytest.approx(measure(y, prediction))
    assert metrics.calibration_slope(y, prediction * unit) * unit == pytest.approx(
        metrics.calibration_slope(y, prediction)
    )


def test_a_column_of_predictions_is_taken_as_a_vector(pair):
    y, prediction = pair
    assert metrics.score(y, prediction[:, None]) == metrics.score(y, prediction)
