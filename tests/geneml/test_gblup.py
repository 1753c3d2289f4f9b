"""GBLUP by REML against ridge regression, dense algebra, closed forms and simulated truth."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_triangular
from scipy.optimize import minimize
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge

from geneml import datasets
from geneml.adjust import adjust
from geneml.baselines import fit_gblup, gaussian_kernel, genomic_relationship
from geneml.baselines._reml import SMALLEST_RESIDUAL


def cohort(n, p, seed=0, h2=0.5, traits=None):
    random = np.random.default_rng(seed)
    x = random.binomial(2, random.uniform(0.1, 0.9, p), (n, p)).astype("int8")
    shape = (p,) if traits is None else (p, traits)
    genetic = (x - x.mean(axis=0)) @ random.normal(size=shape)
    genetic *= np.sqrt(h2) / genetic.std(axis=0)
    return x, 3 + genetic + np.sqrt(1 - h2) * random.normal(size=genetic.shape)


def families(sizes):
    return np.kron(np.eye(sizes[0]), np.ones((sizes[1], sizes[1])))


def restricted(components, kernels, x, y):
    """Log restricted likelihood from the textbook, with dense inverses (Harville 1974)."""
    v = sum(c * k for c, k in zip(components, [*kernels, np.eye(len(y))], strict=True))
    inverse = np.linalg.inv(v)
    middle = x.T @ inverse @ x
    p = inverse - inverse @ x @ np.linalg.inv(middle) @ x.T @ inverse
    logs = [np.linalg.slogdet(m)[1] for m in (v, middle, x.T @ x)]
    free = len(y) - x.shape[1]
    return -0.5 * (free * np.log(2 * np.pi) + logs[0] + logs[1] - logs[2] + y @ p @ y)


def brute_force(kernels, x, y):
    """Highest restricted likelihood from several starts, with components kept at or above zero."""
    best = None
    for start in np.eye(len(kernels) + 1) * 0.8 + 0.1:
        found = minimize(
            lambda c: -restricted(c, kernels, x, y),
            start * y.var(),
            bounds=[(0, None)] * len(kernels) + [(1e-6, None)],
            method="L-BFGS-B",
            options={"ftol": 1e-14, "gtol": 1e-9},
        )
        best = found if best is None or found.fun < best.fun else best
    return best.x, -best.fun


def components(fit):
    return np.append(fit.genetic_variances, fit.residual_variance)


@pytest.mark.parametrize(("n", "p"), [(60, 15), (90, 200)])
def test_prediction_is_ridge_regression_on_markers(n, p):
    x, y = cohort(n, p, h2=0.8)
    training = np.arange(0, n, 2)
    fit = fit_gblup(genomic_relationship(x, training=training), y, training=training)
    frequency = x[training].mean(axis=0) / 2
    ratio = float(fit.residual_variance / fit.genetic_variances[0])
    alpha = ratio * 2 * (frequency * (1 - frequency)).sum()
    assert 0.01 < fit.heritability < 0.99
    ridge = Ridge(alpha=alpha).fit(x[training].astype(float), y[training])
    np.testing.assert_allclose(fit.predictions, ridge.predict(x.astype(float)), rtol=1e-7)


def test_prediction_is_kernel_ridge_regression_around_the_mean():
    x, y = cohort(60, 80, seed=4)
    training = np.arange(40)
    kernel = gaussian_kernel(x, training=training)
    fit = fit_gblup(kernel, y, training=training)
    ratio = float(fit.residual_variance / fit.genetic_variances[0])
    model = KernelRidge(kernel="precomputed", alpha=ratio)
    model.fit(kernel[:40, :40], y[:40] - fit.intercept)
    expected = fit.intercept + model.predict(kernel[:, :40])
    np.testing.assert_allclose(fit.predictions, expected, rtol=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_one_kernel_is_the_brute_force_optimum(seed):
    x, y = cohort(40, 60, seed)
    random = np.random.default_rng(seed)
    covariates = random.normal(size=(40, 2))
    y = y + covariates @ [1.0, -2.0]
    kernel = genomic_relationship(x)
    fit = fit_gblup(kernel, y, covariates=covariates)
    design = np.column_stack([np.ones(40), covariates])
    expected, likelihood = brute_force([kernel], design, y)
    np.testing.assert_allclose(components(fit), expected, atol=2e-4)
    assert fit.log_likelihood == pytest.approx(likelihood, abs=1e-7)
    assert fit.log_likelihood == pytest.approx(
        restricted(components(fit), [kernel], design, y), abs=1e-9
    )
    assert fit.converged
    # Henderson's mixed-model equations give the same effects and genetic values.
    v = fit.genetic_variances[0] * kernel + fit.residual_variance * np.eye(40)
    weights = np.linalg.inv(v)
    effects = np.linalg.solve(design.T @ weights @ design, design.T @ weights @ y)
    np.testing.assert_allclose([fit.intercept, *fit.effects], effects, rtol=1e-8)
    values = fit.genetic_variances[0] * kernel @ weights @ (y - design @ effects)
    np.testing.assert_allclose(fit.genetic_values[0], values, atol=1e-9)
    np.testing.assert_allclose(fit.predictions, design @ effects + values, rtol=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_two_kernels_are_the_brute_force_optimum(seed):
    x, y = cohort(48, 70, seed, h2=0.4)
    random = np.random.default_rng(seed)
    kernels = [genomic_relationship(x), families((12, 4))]
    y = y + np.repeat(random.normal(size=12), 4)
    fit = fit_gblup(kernels, y)
    expected, likelihood = brute_force(kernels, np.ones((48, 1)), y)
    assert fit.converged
    assert fit.log_likelihood >= likelihood - 1e-8
    np.testing.assert_allclose(components(fit), expected, atol=5e-4)
    assert fit.log_likelihood == pytest.approx(
        restricted(components(fit), kernels, np.ones((48, 1)), y), abs=1e-9
    )


@pytest.mark.parametrize("seed", range(8))
def test_kernels_hard_to_tell_from_the_residual_reach_the_same_likelihood(seed):
    # A narrow Gaussian kernel is nearly the identity; some components end at zero.
    random = np.random.default_rng(seed)
    x = random.binomial(2, 0.4, (40, 30)).astype("int8")
    kernels = [genomic_relationship(x), gaussian_kernel(x, bandwidth=4), families((10, 4))]
    y = random.normal(size=40) * [0.1, 1.0][seed % 2]
    y += genomic_relationship(x) @ random.normal(size=40) * [0.0, 1.0][seed // 2 % 2]
    y += np.repeat(random.normal(size=10), 4) * (seed // 4 % 2)
    fit = fit_gblup(kernels, y)
    _, likelihood = brute_force(kernels, np.ones((40, 1)), y)
    assert fit.log_likelihood > likelihood - 1e-4
    assert fit.iterations < 60
    # Where nothing is left for the residual, the fit says so.
    assert fit.converged == (fit.heritability < 1 - 10 * SMALLEST_RESIDUAL)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 3.0), st.floats(0.0, 3.0))
def test_two_kernels_satisfy_the_conditions_of_an_optimum(seed, first, second):
    # At zero the likelihood falls into the inside; elsewhere it is flat.
    random = np.random.default_rng(seed)
    kernels = [families((10, 3)), np.kron(np.ones((5, 5)), np.eye(6))]
    y = random.normal(size=30)
    y += np.sqrt(first) * np.repeat(random.normal(size=10), 3)
    y += np.sqrt(second) * np.tile(random.normal(size=6), 5)
    fit = fit_gblup(kernels, y)
    assert fit.converged
    at = components(fit)
    unit = at.sum()
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-5 * unit
        above = restricted(at + step, kernels, np.ones((30, 1)), y)
        if at[i] < 1e-9 * unit:
            assert above < fit.log_likelihood + 1e-8
        else:
            step = step * min(1.0, 0.5 * at[i] / step[i])
            above = restricted(at + step, kernels, np.ones((30, 1)), y)
            below = restricted(at - step, kernels, np.ones((30, 1)), y)
            assert abs(above - below) / (2 * step[i]) * unit < 1e-2


@pytest.mark.parametrize("seed", range(3))
def test_balanced_one_way_design_is_the_analysis_of_variance(seed):
    random = np.random.default_rng(seed)
    groups, size = 15, 4
    y = np.repeat(random.normal(size=groups), size) + random.normal(size=groups * size)
    table = y.reshape(groups, size)
    between = size * table.mean(axis=1).var(ddof=1)
    within = table.var(axis=1, ddof=1).mean()
    assert between > within  # otherwise the estimate is zero
    fit = fit_gblup(families((groups, size)), y)
    assert fit.genetic_variances[0] == pytest.approx((between - within) / size, rel=1e-8)
    assert fit.residual_variance == pytest.approx(within, rel=1e-8)
    # Predicted group means are shrunk as every textbook has it.
    shrunk = y.mean() + (1 - within / between) * (table.mean(axis=1) - y.mean())
    np.testing.assert_allclose(fit.predictions, np.repeat(shrunk, size), rtol=1e-8)


def test_groups_more_alike_than_by_chance_would_be_estimate_zero():
    # Every group has the same mean: the analysis of variance would be negative.
    y = np.tile([-1.5, 0.0, 0.5, 1.0], 10)
    fit = fit_gblup(families((10, 4)), y)
    assert fit.genetic_variances[0] == 0
    assert fit.heritability == 0
    assert fit.converged
    assert fit.residual_variance == pytest.approx(y.var(ddof=1))
    np.testing.assert_allclose(fit.predictions, y.mean(), atol=1e-12)


def test_balanced_crossed_design_is_the_analysis_of_variance():
    random = np.random.default_rng(5)
    a, b, size = 8, 6, 3
    y = random.normal(size=(a, b, size))
    y += 1.5 * random.normal(size=(a, 1, 1)) + random.normal(size=(1, b, 1))
    rows = np.arange(a * b * size).reshape(y.shape)
    first, second = rows // (b * size), rows // size % b
    kernels = [np.equal.outer(g.ravel(), g.ravel()).astype(float) for g in (first, second)]
    fit = fit_gblup(kernels, y.ravel())
    mean_a = b * size * y.mean(axis=(1, 2)).var(ddof=1)
    mean_b = a * size * y.mean(axis=(0, 2)).var(ddof=1)
    total = ((y - y.mean()) ** 2).sum()
    residual = (total - (a - 1) * mean_a - (b - 1) * mean_b) / (y.size - a - b + 1)
    expected = [(mean_a - residual) / (b * size), (mean_b - residual) / (a * size), residual]
    np.testing.assert_allclose(components(fit), expected, rtol=1e-5)


def test_a_second_kernel_without_variance_changes_nothing():
    # The second kernel groups people at odds with the first one's truth.
    x, y = cohort(80, 120, seed=6)
    training = np.arange(60)
    kernel = genomic_relationship(x, training=training)
    groups = np.kron(np.eye(20), np.ones((4, 4)))
    table = y.reshape(20, 4)
    y = (table - table.mean(axis=1, keepdims=True)).ravel()
    one = fit_gblup(kernel, y, training=training)
    two = fit_gblup([kernel, groups], y, training=training)
    assert two.genetic_variances[1] == 0
    assert two.shares[1] == 0
    assert two.converged
    assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(two.genetic_variances[0], one.genetic_variances[0], rtol=1e-4)
    np.testing.assert_allclose(two.predictions, one.predictions, atol=1e-4)


def test_a_kernel_given_twice_is_that_kernel():
    x, y = cohort(60, 90, seed=7)
    kernel = genomic_relationship(x)
    one, two = fit_gblup(kernel, y), fit_gblup([kernel, 2 * kernel], y)
    total = two.genetic_variances[0] + 2 * two.genetic_variances[1]
    assert total == pytest.approx(one.genetic_variances[0], rel=1e-4)
    np.testing.assert_allclose(two.predictions, one.predictions, atol=1e-5)


@pytest.mark.parametrize("count", [1, 2])
def test_shift_scale_and_order_change_only_the_units(count):
    x, y = cohort(60, 90, seed=8)
    training = np.arange(45)
    kernels = [genomic_relationship(x, training=training), gaussian_kernel(x, bandwidth=3)][:count]
    fit = fit_gblup(kernels, y, training=training)
    scaled = fit_gblup(kernels, 1000 + 20 * y, training=training)
    np.testing.assert_allclose(scaled.shares, fit.shares, atol=1e-6)
    np.testing.assert_allclose(scaled.predictions, 1000 + 20 * fit.predictions, rtol=1e-5)
    assert scaled.residual_variance == pytest.approx(400 * fit.residual_variance, rel=1e-5)
    assert scaled.log_likelihood == pytest.approx(fit.log_likelihood - 44 * np.log(20), abs=1e-6)
    # A kernel in other units, with another base population.
    moved = fit_gblup([5 * kernel + 2 for kernel in kernels], y, training=training)
    np.testing.assert_allclose(moved.shares, fit.shares, atol=1e-5)
    np.testing.assert_allclose(moved.predictions, fit.predictions, atol=1e-5)
    order = np.random.default_rng(0).permutation(60)
    shuffled = fit_gblup(
        [kernel[np.ix_(order, order)] for kernel in kernels],
        y[order],
        training=np.flatnonzero(order < 45),
    )
    np.testing.assert_allclose(shuffled.predictions, fit.predictions[order], atol=1e-5)


def test_other_rows_need_no_phenotype_and_have_no_say():
    x, y = cohort(60, 90, seed=9)
    training = np.arange(40)
    kernel = genomic_relationship(x, training=training)
    covariates = x[:, 0].astype(float)
    hidden = y.copy()
    hidden[40:] = np.nan
    split = SimpleNamespace(training=training, validation=np.arange(40, 60))
    first = fit_gblup(kernel, y, training=training, covariates=covariates)
    second = fit_gblup(kernel, hidden, split=split, covariates=covariates)
    mask = fit_gblup(kernel, hidden, training=np.arange(60) < 40, covariates=covariates)
    for other in (second, mask):
        np.testing.assert_array_equal(first.predictions, other.predictions)
    assert np.isfinite(first.predictions).all()
    assert first.effects.shape == (1,)


@pytest.mark.parametrize("count", [1, 2])
def test_several_traits_are_each_trait_alone(count):
    x, y = cohort(50, 70, seed=10, traits=3)
    y[:, 1] = np.random.default_rng(0).normal(size=50)
    kernels = [genomic_relationship(x), gaussian_kernel(x, bandwidth=4)][:count]
    together = fit_gblup(kernels, y, covariates=x[:, :2])
    assert together.predictions.shape == (50, 3)
    assert together.genetic_values.shape == (count, 50, 3)
    for trait in range(3):
        alone = fit_gblup(kernels, y[:, trait], covariates=x[:, :2])
        for name in vars(alone):
            if name not in ("training", "iterations"):
                np.testing.assert_allclose(
                    getattr(together, name)[..., trait], getattr(alone, name), atol=1e-7
                )


def test_covariates_that_say_the_same_twice_change_nothing():
    x, y = cohort(50, 70, seed=11)
    sex = np.arange(50) % 2.0
    kernel = genomic_relationship(x)
    one = fit_gblup(kernel, y, covariates=sex)
    both = fit_gblup(kernel, y, covariates=np.column_stack([sex, 1 - sex]))
    np.testing.assert_allclose(one.predictions, both.predictions, rtol=1e-7)
    assert one.log_likelihood == pytest.approx(both.log_likelihood, abs=1e-8)
    # The trait may be shifted by what the covariates explain.
    shifted = fit_gblup(kernel, y + 5 * sex, covariates=sex)
    assert shifted.heritability == pytest.approx(one.heritability, abs=1e-7)
    assert shifted.effects[0] == pytest.approx(one.effects[0] + 5)


@pytest.mark.parametrize("h2", [0.3, 0.7])
def test_heritability_is_unbiased(h2):
    random = np.random.default_rng(12)
    n, replicates = 150, 400
    x = random.binomial(2, random.uniform(0.1, 0.9, 60), (n, 60))
    kernel = genomic_relationship(x)
    kernel *= (n - 1) / np.trace(kernel)
    values, vectors = np.linalg.eigh(kernel)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    y = np.sqrt(h2) * root @ random.normal(size=(n, replicates))
    y += np.sqrt(1 - h2) * random.normal(size=y.shape)
    fit = fit_gblup(kernel, y)
    assert fit.converged.all()
    for estimate, truth in (
        (fit.heritability, h2),
        (fit.genetic_variances[0], h2),
        (fit.residual_variance, 1 - h2),
    ):
        error = estimate.std(ddof=1) / np.sqrt(replicates)
        assert error < 0.02
        assert abs(estimate.mean() - truth) < 3.5 * error


def test_a_trait_without_noise_is_said_not_to_converge():
    x, _ = cohort(40, 10)
    fit = fit_gblup(genomic_relationship(x), x[:, :4].sum(axis=1).astype(float))
    assert not fit.converged
    assert fit.heritability == pytest.approx(1, abs=2 * SMALLEST_RESIDUAL)


def test_real_mice():
    """On 907 mice and every fourth marker, corrected for sex, litter, cage density and month."""
    folder, file = os.environ.get("GENEML_DATA", ""), datasets.SOURCES["mice"].files[0].name
    if not (Path(folder) / file).is_file():
        pytest.skip(f"no mice here: set GENEML_DATA to a folder with {file}")
    mice = datasets.load("mice")
    known = mice.covariates[["sex", "litter", "cage_density", "month"]]
    groups = ["litter", "cage_density", "month"]
    training, others = np.arange(0, 1814, 2), np.arange(1, 1814, 2)
    y = np.column_stack(
        [adjust(mice.trait(t), known, training=training, categorical=groups) for t in mice.traits]
    )
    kernel = genomic_relationship(mice.genotypes[:, ::4], training=training)
    fit = fit_gblup(kernel, y, training=training)
    assert fit.converged.all()
    # Part of the differences is inherited, most is not; relatives are predicted a little.
    assert (fit.heritability > 0.1).all()
    assert (fit.heritability < 0.5).all()
    for trait in range(2):
        assert np.corrcoef(fit.predictions[others, trait], y[others, trait])[0, 1] > 0.15
    # The likelihood written with a dense matrix falls on either side of the estimate.
    kernel, y, n = kernel[np.ix_(training, training)], y[training], len(training)
    ratio = fit.genetic_variances[0] / (fit.genetic_variances[0] + fit.residual_variance)
    for trait in range(2):
        heights = []
        for share in ratio[trait] + np.array([-0.02, 0.0, 0.02]):
            factor = np.linalg.cholesky(share * kernel + (1 - share) * np.eye(n))
            a, one = solve_triangular(
                factor, np.column_stack([y[:, trait], np.ones(n)]), lower=True
            ).T
            rest = a @ a - (a @ one) ** 2 / (one @ one)
            height = -(n - 1) * np.log(rest) - np.log(one @ one)
            heights.append(height / 2 - np.log(np.diag(factor)).sum())
        assert heights[1] > max(heights[0], heights[2])
        assert heights[0] == pytest.approx(heights[2], abs=0.1)


X, Y = cohort(20, 30)
K = genomic_relationship(X)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: fit_gblup([], Y), ValueError, "at least one"),
        (lambda: fit_gblup(K[:5], Y), ValueError, r"\(5, 20\)"),
        (lambda: fit_gblup(K.astype(str), Y), TypeError, "numbers"),
        (lambda: fit_gblup([K, K[:9, :9]], Y), ValueError, r"\(20, 20\) and \(9, 9\)"),
        (lambda: fit_gblup(K * np.nan, Y), ValueError, "not finite"),
        (lambda: fit_gblup(np.triu(K), Y), ValueError, "symmetric"),
        (lambda: fit_gblup(-K, Y), ValueError, "semidefinite"),
        (lambda: fit_gblup([K, -K], Y), ValueError, "kernel 1 .*semidefinite"),
        (lambda: fit_gblup(np.eye(20), Y), ValueError, "apart"),
        (lambda: fit_gblup(np.ones((20, 20)), Y), ValueError, "apart"),
        (lambda: fit_gblup([K, np.ones((20, 20))], Y), ValueError, "kernel 1 .*apart"),
        (lambda: fit_gblup([K, np.eye(20)], Y), ValueError, "kernel 1 .*apart"),
        (lambda: fit_gblup(K, Y[:9]), ValueError, r"\(9,\)"),
        (lambda: fit_gblup(K, Y.astype(str)), TypeError, "numbers"),
        (lambda: fit_gblup(K, np.where(Y > 3, np.nan, Y)), ValueError, "not finite"),
        (lambda: fit_gblup(K, np.full(20, 2.5)), ValueError, "nothing to fit"),
        (lambda: fit_gblup(K, Y, covariates=Y), ValueError, "nothing to fit"),
        (lambda: fit_gblup(K, Y, training=[0, 1]), ValueError, "at least two"),
        (lambda: fit_gblup(K, Y, training=[0, 1, 30]), ValueError, "0 to 19"),
        (lambda: fit_gblup(K, Y, training=[0], split=SimpleNamespace()), ValueError, "not both"),
        (lambda: fit_gblup(K, Y, covariates=Y[:4]), ValueError, r"\(4,\)"),
        (lambda: fit_gblup(K, Y, covariates=["a"] * 20), TypeError, "0 and 1"),
        (lambda: fit_gblup(K, Y, covariates=Y * np.inf), ValueError, "not finite"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
