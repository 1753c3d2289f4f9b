"""What one number of a report says about another, against simulation and limits."""

import numpy as np
import pytest
from scipy import stats

from geneml.evaluation.implied import (
    expected_best,
    normal_distance_correlation,
    smallest_mse,
    smallest_r,
)
from geneml.metrics import distance_correlation, mean_squared_error, pearson_correlation


def test_no_rescaled_prediction_has_a_smaller_error():
    rng = np.random.default_rng(1)
    y = rng.gamma(2.0, size=60)
    prediction = 0.3 * y + rng.normal(size=60)
    r = pearson_correlation(y, prediction)
    bound = smallest_mse(r, y.var())
    slope, level = np.polyfit(prediction, y, 1)
    assert mean_squared_error(y, level + slope * prediction) == pytest.approx(bound)
    for slope in np.linspace(0, 2, 9):
        for shift in (-0.5, 0.0, 0.5):
            scaled = y.mean() + shift + slope * (prediction - prediction.mean())
            assert mean_squared_error(y, scaled) >= bound - 1e-12


def test_both_bounds_are_each_others_reverse():
    r = np.linspace(0, 1, 11)
    np.testing.assert_allclose(smallest_r(smallest_mse(r, 2.5), 2.5), r, atol=1e-7)
    assert smallest_r(3.0, 2.5) == 0  # worse than the mean: no correlation is needed
    assert smallest_mse(-0.7, 2.5) == 2.5


@pytest.mark.parametrize("r", [-0.3, 0.68, 0.95])
def test_distance_correlation_of_normal_pairs(r):
    rng = np.random.default_rng(2)
    pairs = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=6_000)
    # The one of a sample, from distances between all pairs, knows nothing of normals.
    found = distance_correlation(pairs[:, 0], pairs[:, 1])
    assert normal_distance_correlation(r) == pytest.approx(found, abs=0.02)


def test_distance_correlation_at_its_ends():
    assert normal_distance_correlation(1.0) == pytest.approx(1)
    assert normal_distance_correlation(0) == pytest.approx(0, abs=1e-7)
    # The slope at zero that the paper of 2007 gives.
    limit = 1 / (2 * np.sqrt(1 + np.pi / 3 - np.sqrt(3)))
    assert normal_distance_correlation(1e-3) / 1e-3 == pytest.approx(limit, rel=1e-3)


@pytest.mark.parametrize(("looks", "n"), [(2, 3), (5, 10), (40, 60), (200, 400)])
def test_the_best_of_several_looks_is_that_of_simulation(looks, n):
    rng = np.random.default_rng(looks)
    t = stats.t.rvs(n - 2, size=(6_000, looks), random_state=rng)
    best = (t / np.sqrt(t**2 + n - 2)).max(axis=1)
    error = best.std() / np.sqrt(len(best))
    assert expected_best(looks, n) == pytest.approx(best.mean(), abs=4 * error)


def test_one_look_promises_nothing_and_many_looks_follow_extreme_values():
    assert expected_best(1, 50) == 0
    # Two normals: the mean of the larger is 1 / sqrt(pi) standard deviations.
    assert expected_best(2, 100_000) * np.sqrt(100_000) == pytest.approx(
        1 / np.sqrt(np.pi), rel=1e-3
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: smallest_mse(1.2), ValueError, "r: expected finite numbers from -1 to 1"),
        (lambda: smallest_mse("a"), TypeError, "r: expected numbers"),
        (lambda: smallest_mse(0.5, 0), ValueError, "variance: expected a number above 0"),
        (lambda: smallest_r(-1), ValueError, "mse"),
        (lambda: smallest_r(1, "a"), TypeError, "variance"),
        (lambda: normal_distance_correlation(np.nan), ValueError, "r: expected finite"),
        (lambda: expected_best(0, 10), ValueError, "looks: expected at least 1"),
        (lambda: expected_best(2.5, 10), TypeError, "looks"),
        (lambda: expected_best(2, 2), ValueError, "test_size"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
