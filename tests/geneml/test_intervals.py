"""Intervals against SciPy, the published formula, and their coverage."""

import numpy as np
import pytest
from scipy import stats

from geneml.intervals import Interval, fold_interval, mean_interval, paired_interval


def test_mean_interval_is_scipys():
    values = np.random.default_rng(0).normal(size=12)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    interval = mean_interval(values, confidence=0.9)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    assert (interval.mean, interval.n) == (pytest.approx(values.mean()), 12)


def test_paired_interval_is_scipys():
    rng = np.random.default_rng(1)
    a = rng.normal(size=10)
    b = a + rng.normal(0.1, 0.1, size=10)
    expected = stats.ttest_rel(a, b).confidence_interval()
    interval = paired_interval(a, b)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_fold_interval_is_the_published_formula():
    """Nadeau & Bengio 2003: (1/J + n2/n1) times the sample variance, t with J - 1."""
    a, b = np.array([0.30, 0.34, 0.28, 0.35, 0.31]), np.array([0.27, 0.30, 0.29, 0.30, 0.26])
    differences = [0.03, 0.04, -0.01, 0.05, 0.05]
    mean = 0.032
    squares = sum((d - mean) ** 2 for d in differences) / 4
    half = 2.7764451051977987 * ((1 / 5 + 100 / 400) * squares) ** 0.5  # t(0.975, 4)
    interval = fold_interval(a, b, 400, 100)
    assert interval.mean == pytest.approx(mean)
    assert (interval.low, interval.high) == pytest.approx((mean - half, mean + half))


def test_fold_interval_is_wider_than_the_paired_one():
    a, b = np.random.default_rng(2).normal(size=(2, 5))
    paired, corrected = paired_interval(a, b), fold_interval(a, b, 80, 20)
    widths = [interval.high - interval.low for interval in (paired, corrected)]
    # k-fold cross-validation: n2/n1 = 1/(k-1), so (1/5 + 1/4) / (1/5) = 2.25 = 1.5^2.
    assert widths[1] / widths[0] == pytest.approx(1.5)


def test_without_a_second_method_the_interval_is_for_the_scores():
    a = np.array([0.2, 0.3, 0.4])
    assert fold_interval(a, None, 80, 20) == fold_interval(a, np.zeros(3), 80, 20)


def test_mean_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(3)
    covered = [0.7 in mean_interval(rng.normal(0.7, 2, 8)) for _ in range(2000)]
    # Binomial(2000, 0.95): 4 standard deviations are 0.0195.
    assert np.mean(covered) == pytest.approx(0.95, abs=0.0195)


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0.31, 0.28, 0.34, 10, 0.95), "0.31 [0.28, 0.34]"),
        (Interval(-0.0001, -0.2, 0.2, 10, 0.95), "0.00 [-0.20, 0.20]"),
        (Interval(0.0012, 0.0009, 0.0015, 10, 0.95), "0.0012 [0.0009, 0.0015]"),
        (Interval(412.3, 380.1, 444.5, 10, 0.95), "412 [380, 444]"),
        (Interval(1.0, 1.0, 1.0, 10, 0.95), "1.00 [1.00, 1.00]"),
    ],
)
def test_an_interval_is_written_to_the_digits_it_supports(interval, text):
    assert str(interval) == text
    assert f"{interval}" == text


def test_an_interval_takes_a_format():
    assert f"{Interval(0.31, 0.28, 0.34, 10, 0.95):.3f}" == "0.310 [0.280, 0.340]"
    assert f"{Interval(0.31, 0.28, 0.34, 10, 0.95):.0%}" == "31% [28%, 34%]"
