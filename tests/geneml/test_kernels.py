"""Relationship and Gaussian kernels against written-out formulas, scikit-learn and invariances."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel

from geneml.baselines import gaussian_kernel, genomic_relationship


def cohort(n=40, p=90, seed=0):
    random = np.random.default_rng(seed)
    return random.binomial(2, random.uniform(0.1, 0.9, p), (n, p)).astype("int8")


def test_method_one_is_vanradens_written_out():
    x = cohort()
    p = x.mean(axis=0) / 2
    expected = np.zeros((40, 40))
    for j in range(90):
        expected += np.outer(x[:, j] - 2 * p[j], x[:, j] - 2 * p[j])
    expected /= 2 * sum(f * (1 - f) for f in p)
    np.testing.assert_allclose(genomic_relationship(x), expected, atol=1e-12)


def test_method_two_is_the_correlation_of_individuals_scaled_by_expected_variance():
    x = cohort()
    p = x.mean(axis=0) / 2
    scaled = (x - 2 * p) / np.sqrt(2 * p * (1 - p))
    expected = scaled @ scaled.T / 90
    np.testing.assert_allclose(genomic_relationship(x, method="vanraden2"), expected, atol=1e-12)


def test_methods_agree_where_all_frequencies_are_the_same():
    x = cohort()
    half = np.full(90, 0.5)
    np.testing.assert_allclose(
        genomic_relationship(x, frequency=half),
        genomic_relationship(x, method="vanraden2", frequency=half),
        atol=1e-12,
    )
    # With p = 1/2 a heterozygote is at the centre: only homozygotes are related, or opposed.
    everywhere = np.array([[0] * 5, [1] * 5, [2] * 5])
    expected = [[2, 0, -2], [0, 0, 0], [-2, 0, 2]]
    np.testing.assert_allclose(genomic_relationship(everywhere, frequency=half[:5]), expected)


def test_random_mating_gives_a_diagonal_of_one_and_full_sibs_half():
    # The expectation over many loci, with the true frequencies: VanRaden's whole point.
    random = np.random.default_rng(1)
    p = random.uniform(0.1, 0.9, 40_000)
    gametes = random.random((4, p.size)) < p
    parents = gametes.reshape(2, 2, -1)
    children = [
        sum(np.where(random.random(p.size) < 0.5, one[0], one[1]).astype(int) for one in parents)
        for _ in range(2)
    ]
    x = np.vstack([parents.sum(axis=1), children])
    expected = [[1, 0, 0.5, 0.5], [0, 1, 0.5, 0.5], [0.5, 0.5, 1, 0.5], [0.5, 0.5, 0.5, 1]]
    for method in ("vanraden", "vanraden2"):
        got = genomic_relationship(x, frequency=p, method=method)
        np.testing.assert_allclose(got, expected, atol=0.04)


@pytest.mark.parametrize("method", ["vanraden", "vanraden2"])
def test_the_counted_allele_does_not_matter(method):
    x = cohort()
    other = x.copy()
    other[:, ::3] = 2 - other[:, ::3]
    np.testing.assert_allclose(
        genomic_relationship(x, method=method),
        genomic_relationship(other, method=method),
        atol=1e-12,
    )
    np.testing.assert_allclose(gaussian_kernel(x), gaussian_kernel(other), atol=1e-12)


@pytest.mark.parametrize(
    "kernel",
    [
        genomic_relationship,
        lambda x, **rows: genomic_relationship(x, method="vanraden2", **rows),
        gaussian_kernel,
    ],
)
def test_only_training_rows_set_the_scale(kernel):
    x = cohort()
    x[np.random.default_rng(2).random(x.shape) < 0.1] = -1
    training = np.arange(5, 30)
    first = kernel(x, training=training)
    np.testing.assert_allclose(first, first.T, atol=1e-14)
    assert np.linalg.eigvalsh(first).min() > -1e-10
    changed = x.copy()
    changed[30:] = 2
    second = kernel(changed, training=training)
    np.testing.assert_array_equal(first[:30, :30], second[:30, :30])
    np.testing.assert_allclose(first[5:30, 5:30], kernel(x[training]), atol=1e-12)
    mask = np.isin(np.arange(40), training)
    np.testing.assert_array_equal(kernel(x, training=mask), first)


def test_missing_genotypes_are_the_mean_of_the_training_rows():
    x = cohort()
    x[np.random.default_rng(3).random(x.shape) < 0.2] = -1
    seen = np.where(x < 0, np.nan, x)
    filled = np.where(x < 0, np.nanmean(seen[:25], axis=0), x)
    np.testing.assert_allclose(
        genomic_relationship(x, training=range(25)),
        genomic_relationship(filled, training=range(25)),
        atol=1e-12,
    )
    np.testing.assert_allclose(
        gaussian_kernel(x, training=range(25)),
        gaussian_kernel(filled, training=range(25)),
        atol=1e-12,
    )


def test_tables_are_read_in_blocks_with_the_same_result(monkeypatch):
    x = cohort()
    calls = (genomic_relationship(x), genomic_relationship(x, method="vanraden2"))
    monkeypatch.setattr("geneml.baselines._table._AT_ONCE", 7)
    np.testing.assert_allclose(genomic_relationship(x), calls[0], atol=1e-12)
    np.testing.assert_allclose(genomic_relationship(x, method="vanraden2"), calls[1], atol=1e-12)


def test_a_variant_that_does_not_vary_changes_nothing():
    x = cohort()
    wider = np.hstack([x, np.full((40, 3), 2, "int8"), np.zeros((40, 2), "int8")])
    for method in ("vanraden", "vanraden2"):
        np.testing.assert_allclose(
            genomic_relationship(wider, method=method), genomic_relationship(x, method=method)
        )
    np.testing.assert_allclose(gaussian_kernel(wider), gaussian_kernel(x), atol=1e-12)


@pytest.mark.parametrize("bandwidth", [0.2, 1.0, 5.0])
def test_gaussian_kernel_is_scikit_learns(bandwidth):
    x = cohort().astype(float)
    training = np.arange(24)
    pairs = [np.sum((x[i] - x[j]) ** 2) for i in range(24) for j in range(i)]
    expected = rbf_kernel(x, gamma=bandwidth / np.median(pairs))
    got = gaussian_kernel(x, bandwidth=bandwidth, training=training)
    np.testing.assert_allclose(got, expected, rtol=1e-10)


def test_copies_have_a_gaussian_kernel_of_exactly_one():
    x = cohort()
    x[7] = x[3]
    kernel = gaussian_kernel(x, bandwidth=50.0)
    assert kernel[7, 3] == 1.0
    np.testing.assert_array_equal(np.diag(kernel), 1.0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: genomic_relationship(x, method="yang"), ValueError, "'yang'"),
        (lambda x: genomic_relationship(x.astype(str)), TypeError, "numbers"),
        (lambda x: genomic_relationship(x[0]), ValueError, r"\(90,\)"),
        (lambda x: genomic_relationship(x + 1), ValueError, "1 to 3"),
        (lambda x: genomic_relationship(x - 1.0), ValueError, "-1.0 to 1.0"),
        (lambda x: genomic_relationship(x * np.nan), ValueError, "not finite"),
        (lambda x: genomic_relationship(x * 0), ValueError, "frequency of 0 or 1"),
        (lambda x: genomic_relationship(x, frequency=[0.5]), ValueError, "90 values"),
        (lambda x: genomic_relationship(x, frequency=[1.5] * 90), ValueError, "1.5 to 1.5"),
        (
            lambda x: genomic_relationship(x, frequency=[0.5] * 90, training=[0, 1]),
            ValueError,
            "not both",
        ),
        (lambda x: genomic_relationship(x, training=[50]), ValueError, "0 to 39"),
        (lambda x: genomic_relationship(np.full_like(x, -1)), ValueError, "no observed genotype"),
        (lambda x: gaussian_kernel(x, bandwidth=0), ValueError, "received 0"),
        (lambda x: gaussian_kernel(x, bandwidth=[1, 2]), ValueError, "above 0"),
        (lambda x: gaussian_kernel(x, training=[3]), ValueError, "at least two"),
        (lambda x: gaussian_kernel(x * 0), ValueError, "Leave copies out"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call(cohort())
