"""Expectiles against scipy, the condition of balance, and what a location must satisfy."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from geneml.expectiles import crossing_rate, expectile
from geneml.metrics import expectile_loss

LEVELS = np.array([0.001, 0.1, 0.25, 0.5, 0.9, 0.999])
# Hundredths: no differences so small that the balance is lost in rounding.
samples = st.lists(st.integers(-100_000, 100_000), min_size=1, max_size=40).map(
    lambda whole: np.array(whole) / 100
)
levels = st.floats(0.001, 0.999)


def drawn(seed=0, n=200):
    return np.random.default_rng(seed).gamma(1, 20, n)


@pytest.mark.parametrize("n", [1, 2, 3, 200])
@pytest.mark.parametrize("tau", LEVELS)
def test_it_is_scipys(n, tau):
    y = drawn(n=n)
    assert expectile(y, tau) == pytest.approx(scipy.stats.expectile(y, tau), rel=1e-9)


@pytest.mark.parametrize("tau", LEVELS)
def test_weights_are_counts(tau):
    y, counts = drawn(1, 30), np.random.default_rng(2).integers(0, 4, 30)
    repeated = scipy.stats.expectile(np.repeat(y, counts), tau)
    assert expectile(y, tau, weights=counts) == pytest.approx(repeated, rel=1e-9)
    assert expectile(y, tau, weights=counts * 1e-9) == pytest.approx(repeated, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(samples, levels)
def test_both_sides_are_in_balance(y, tau):
    e = expectile(y, tau)
    above, below = np.sum((y - e)[y > e]), np.sum((e - y)[y < e])
    assert tau * above == pytest.approx((1 - tau) * below, abs=1e-9 * (np.ptp(y) + 1) * len(y))


@settings(max_examples=40, deadline=None)
@given(samples, levels, st.floats(0.01, 100), st.integers(-1000, 1000))
def test_units_do_not_matter_and_signs_mirror(y, tau, scale, shift):
    close = {"rel": 1e-9, "abs": 1e-7}
    assert expectile(scale * y + shift, tau) == pytest.approx(
        scale * expectile(y, tau) + shift, **close
    )
    assert expectile(-y, tau) == pytest.approx(-expectile(y, 1 - tau), **close)


def test_it_is_the_mean_at_a_half_and_rises_to_the_extremes():
    y = drawn(3)
    assert expectile(y, 0.5) == pytest.approx(y.mean(), rel=1e-12)
    found = expectile(y, np.linspace(0.001, 0.999, 300))
    assert found.shape == (300,)
    assert (np.diff(found) > 0).all()
    assert expectile(y, 1 - 1e-12) == pytest.approx(y.max(), rel=1e-6)
    assert expectile(y, 1e-12) == pytest.approx(y.min(), abs=1e-6)


def test_no_other_constant_has_a_smaller_loss():
    y = drawn(4)
    for tau in LEVELS:
        best = expectile_loss(y, np.full(200, expectile(y, tau)), tau)
        for other in np.linspace(y.min(), y.max(), 101):
            assert best <= expectile_loss(y, np.full(200, other), tau) + 1e-12


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
def test_two_values_have_a_closed_form(tau):
    # tau (1 - e) = (1 - tau) e, so the expectile of 0 and 1 is tau.
    assert expectile([1, 0], tau) == pytest.approx(tau)
    assert expectile([5, 5, 5], tau) == 5
    # Values as large as numbers go, and offsets that dwarf the differences.
    assert expectile([1.6e308, -1.6e308], tau) == pytest.approx((2 * tau - 1) * 1.6e308)
    assert expectile([1.7e308, 1.6e308], tau) == pytest.approx((1.6 + tau / 10) * 1e308)
    assert expectile([1e-310, 0], tau) == pytest.approx(tau * 1e-310, rel=1e-9)
    assert expectile([1e9, 1e9 + 1], tau) - 1e9 == pytest.approx(tau, abs=1e-6)


def test_many_copies_and_the_next_number():
    y = np.full(100_000, 0.1)
    y[0] = np.nextafter(0.1, 1)
    assert 0.1 <= expectile(y, 0.9) <= y[0]


def test_expectiles_of_a_uniform_distribution():
    # Balance on [0, 1]: tau (1 - e)^2 = (1 - tau) e^2.
    tau = np.array([0.1, 0.5, 0.8])
    root = np.sqrt(tau / (1 - tau))
    grid = (np.arange(200_000) + 0.5) / 200_000
    np.testing.assert_allclose(expectile(grid, tau), root / (1 + root), atol=1e-6)


def test_crossings_are_counted_by_individual():
    predictions = [[1, 2, 3], [1, 3, 2], [3, 2, 1], [2, 1, 3], [1, 1, 1]]
    assert crossing_rate(predictions, [0.1, 0.5, 0.9]) == pytest.approx(3 / 5)


def test_crossings_agree_with_every_pair():
    table = np.random.default_rng(5).normal(size=(300, 4)) + np.arange(4)
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    crossed = np.any([table[:, i] > table[:, j] for i, j in pairs], axis=0)
    assert 0 < crossed.mean() < 1
    assert crossing_rate(table, [0.1, 0.3, 0.5, 0.7]) == crossed.mean()


def test_expectiles_of_one_sample_never_cross():
    y = np.random.default_rng(6).normal(size=(50, 30))
    taus = [0.05, 0.5, 0.6, 0.95]
    assert crossing_rate([expectile(row, taus) for row in y], taus) == 0
