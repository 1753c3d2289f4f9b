"""Single-marker regression, beside scipy's and scikit-learn's."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import linregress, t
from sklearn.feature_selection import r_regression

from geneml.baselines import single_marker_regression
from geneml.baselines.association import minus_log10_p_value
from geneml.encoding import one_hot_genotypes, one_hot_sequences

random = np.random.default_rng(0)
GENOTYPES = random.integers(0, 3, (80, 25)).astype("int8")
TRAIT = GENOTYPES[:, 3] * 0.8 - GENOTYPES[:, 7] * 0.5 + random.normal(size=80) + 50


def test_every_locus_agrees_with_scipy():
    fit = single_marker_regression(GENOTYPES, TRAIT)
    for locus in range(25):
        other = linregress(GENOTYPES[:, locus], TRAIT)
        assert fit.effects[locus] == pytest.approx(other.slope, rel=1e-9)
        assert fit.standard_errors[locus] == pytest.approx(other.stderr, rel=1e-9)
        assert fit.p_values[locus] == pytest.approx(other.pvalue, rel=1e-8)
        assert fit.minus_log10_p[locus] == pytest.approx(-np.log10(other.pvalue), rel=1e-8)
    assert fit.importance is fit.minus_log10_p
    assert fit.importance.argmax() == 3


@pytest.mark.parametrize("kind", ["int8", "float"])
def test_missing_genotypes_leave_the_individual_out_at_that_locus(kind):
    holes = random.random(GENOTYPES.shape) < 0.2
    if kind == "int8":
        table = np.where(holes, -1, GENOTYPES).astype("int8")
    else:
        table = np.where(holes, np.nan, GENOTYPES.astype(float))
    fit = single_marker_regression(table, TRAIT)
    np.testing.assert_array_equal(fit.n_observed, (~holes).sum(axis=0))
    for locus in range(25):
        keep = ~holes[:, locus]
        other = linregress(GENOTYPES[keep, locus], TRAIT[keep])
        assert fit.effects[locus] == pytest.approx(other.slope, rel=1e-9)
        assert fit.p_values[locus] == pytest.approx(other.pvalue, rel=1e-8)


def test_encodings_of_one_cohort_give_one_answer():
    holes = np.where(random.random(GENOTYPES.shape) < 0.1, -1, GENOTYPES).astype("int8")
    stored = single_marker_regression(holes, TRAIT)
    hot = single_marker_regression(one_hot_genotypes(holes), TRAIT)
    np.testing.assert_allclose(hot.effects, stored.effects, rtol=1e-6)
    np.testing.assert_array_equal(hot.n_observed, stored.n_observed)


def test_sequences_are_tested_for_another_letter_than_the_commonest():
    letters = random.choice(list("ACGT"), size=(60, 12), p=[0.7, 0.1, 0.1, 0.1])
    sequences = ["".join(row) for row in letters]
    y = random.normal(size=60)
    fit = single_marker_regression(one_hot_sequences(sequences), y)
    carries = (letters != "A").astype(float)  # the commonest everywhere at 70 %
    expected = r_regression(carries, y)
    statistic = expected * np.sqrt(58 / (1 - expected**2))
    np.testing.assert_allclose(fit.statistics, statistic, rtol=1e-6)


def test_training_rows_alone_are_read():
    rows = np.arange(10, 60)
    some = single_marker_regression(GENOTYPES, TRAIT, training=rows)
    alone = single_marker_regression(GENOTYPES[rows], TRAIT[rows])
    np.testing.assert_array_equal(some.p_values, alone.p_values)
    mask = np.isin(np.arange(80), rows)
    masked = single_marker_regression(GENOTYPES, TRAIT, training=mask)
    np.testing.assert_array_equal(masked.p_values, alone.p_values)


def test_a_locus_that_does_not_vary_says_nothing():
    table = GENOTYPES.astype(float)
    table[:, 4] = 2
    table[:, 5] = np.nan
    fit = single_marker_regression(table, TRAIT)
    for locus in (4, 5):
        assert fit.effects[locus] == 0
        assert np.isinf(fit.standard_errors[locus])
        assert fit.p_values[locus] == 1
        assert fit.importance[locus] == 0
    assert fit.threshold() == pytest.approx(0.05 / 23)


def test_p_values_are_uniform_where_nothing_is_associated():
    p = single_marker_regression(random.integers(0, 3, (200, 5_000)), random.normal(size=200))
    shares = np.histogram(p.p_values, bins=10, range=(0, 1))[0] / 5_000
    assert np.abs(shares - 0.1).max() < 0.02
    assert p.significant().sum() <= 3  # Bonferroni: expected 0.05
    assert p.significant(0.999).sum() >= p.significant(0.01).sum()


def test_unbelievable_associations_can_still_be_ranked():
    # The series where p is too small to be held, against the survival function where it is not.
    freedom = np.array([5.0, 30.0, 500.0, 9_000.0])
    for size in (8.0, 9.0, 12.0, 30.0):
        ordinary = -np.log10(2 * t.sf(size, freedom))
        seen = np.isfinite(ordinary)
        ours = minus_log10_p_value(np.full(4, size), freedom)
        np.testing.assert_allclose(ours[seen], ordinary[seen], rtol=1e-10)
    huge = minus_log10_p_value(np.array([60.0, -60.0, 200.0, np.inf, 0.0]), np.full(5, 9_000.0))
    for place, size in ((0, 60.0), (2, 200.0)):
        # The tail by numerical integration, in units of the density where it begins.
        start = t.logpdf(size, 9_000)
        tail = quad(lambda u, s=size, b=start: np.exp(t.logpdf(s + u, 9_000) - b), 0, 5)[0]
        expected = -(np.log(2 * tail) + start) / np.log(10)
        assert huge[place] == pytest.approx(expected, rel=1e-7)
    assert huge[1] == huge[0] > 600
    assert np.isinf(huge[3])
    assert huge[4] == 0
    x = np.arange(50.0)[:, None]
    perfect = single_marker_regression(x, 3 * x[:, 0])
    assert perfect.effects[0] == pytest.approx(3)
    assert perfect.minus_log10_p[0] > 300


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: single_marker_regression(GENOTYPES, TRAIT[:-1]), ValueError, "one phenotype"),
        (lambda: single_marker_regression(GENOTYPES, np.ones(80)), ValueError, "vary"),
        (lambda: single_marker_regression(GENOTYPES, TRAIT * np.nan), ValueError, "80 of them"),
        (lambda: single_marker_regression(GENOTYPES[0], TRAIT[:25]), ValueError, "individuals"),
        (lambda: single_marker_regression(GENOTYPES.astype(str), TRAIT), TypeError, "numbers"),
        (lambda: single_marker_regression(GENOTYPES / 0.0, TRAIT), ValueError, "infinite"),
        (
            lambda: single_marker_regression(GENOTYPES, TRAIT).threshold(1.5),
            ValueError,
            "alpha must",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:(divide|invalid)")
def test_bad_arguments_are_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()
