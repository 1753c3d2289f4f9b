"""The Bayesian alphabet against numerical integration, closed forms and simulated truth."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import betaln, logsumexp

from geneml import datasets
from geneml.baselines import fit_bayes, fit_gblup, fit_ridge, genomic_relationship
from geneml.baselines._convergence import effective_size, r_hat
from geneml.baselines._eigen_ridge import EigenRidge, Prior
from geneml.baselines._sweeps import compiled, mixture_effects, normal_effects
from geneml.baselines._table import column_means


def cohort(n, p, seed=0, h2=0.5, causal=None):
    random = np.random.default_rng(seed)
    x = random.binomial(2, random.uniform(0.2, 0.8, p), (n, p)).astype("int8")
    effects = np.zeros(p)
    chosen = slice(None) if causal is None else slice(0, causal)
    effects[chosen] = random.normal(size=effects[chosen].size)
    genetic = (x - x.mean(axis=0)) @ effects
    genetic *= np.sqrt(h2) / genetic.std()
    return x, 3 + genetic + np.sqrt(1 - h2) * random.normal(size=n)


def hyperpriors(z, y):
    """Sums of squares of the variances' priors as Perez & de los Campos 2014 set them."""
    spread, size = y.var(ddof=1), z.var(axis=0).sum()
    return spread * 0.5 * 7, spread * 0.5 / size * 7, size


def inverse_chi_square(log_variance, squares, freedom=5):
    """Log density of the logarithm of a scaled inverse chi-square variable, unnormalised."""
    return -0.5 * freedom * log_variance - 0.5 * squares * np.exp(-log_variance)


def log_marginal(z, y, effect_variances, noise):
    """Log likelihood of a centred phenotype with effects and mean integrated out, dense."""
    n = len(y)
    basis = np.linalg.svd(np.eye(n) - 1 / n)[0][:, : n - 1]
    covariance = noise * np.eye(n - 1) + (basis.T @ z * effect_variances) @ (basis.T @ z).T
    turned = basis.T @ y
    return -0.5 * (np.linalg.slogdet(covariance)[1] + turned @ np.linalg.solve(covariance, turned))


def posterior_mean(z, y, effect_variances, noise):
    return np.linalg.solve(z.T @ z + noise * np.diag(1 / effect_variances), z.T @ (y - y.mean()))


def averages(log_density, *values):
    weights = np.exp(log_density - logsumexp(log_density))
    return [np.tensordot(weights, value, axes=weights.ndim) for value in values]


def close(fit, name, expected, errors=4.5):
    """A trace's mean lies within Monte Carlo error of the exact posterior mean."""
    line = fit.convergence.set_index("parameter").loc[name]
    error = line["deviation"] / np.sqrt(line["effective_size"])
    assert abs(line["mean"] - expected) < errors * error, (name, line["mean"], expected, error)
    assert error < 0.1 * line["deviation"]


@pytest.fixture(scope="module")
def small():
    x, y = cohort(14, 3, seed=5, h2=0.6)
    return x, y, x - x.mean(axis=0)


@pytest.mark.parametrize("blocks", [None, [0, 1, 1]])
def test_ridge_matches_integration_over_its_variances(small, blocks):
    x, y, z = small
    numbers = np.zeros(3, dtype=int) if blocks is None else np.array(blocks)
    count = numbers.max() + 1
    residual_squares = hyperpriors(z, y)[0]
    block_squares = [hyperpriors(z[:, numbers == k], y)[1] / count for k in range(count)]
    points = 40 if blocks is None else 20
    noise = np.log(y.var()) + np.linspace(-2.5, 2.5, points)
    axes = [np.log(s / 7) + np.linspace(-3, 6, points) for s in block_squares]
    grid = np.stack(np.meshgrid(noise, *axes, indexing="ij"), axis=-1).reshape(-1, 1 + count)
    log_density, effects = np.empty(len(grid)), np.empty((len(grid), 3))
    for k, point in enumerate(grid):
        variances = np.exp(point[1:])[numbers]
        log_density[k] = log_marginal(z, y, variances, np.exp(point[0]))
        effects[k] = posterior_mean(z, y, variances, np.exp(point[0]))
    log_density += inverse_chi_square(grid[:, 0], residual_squares)
    for k in range(count):
        log_density += inverse_chi_square(grid[:, 1 + k], block_squares[k])
    noise_mean, effect_mean = averages(log_density, np.exp(grid[:, 0]), effects)
    fit = fit_bayes(x, y, blocks=blocks, iterations=9_000, burn_in=500, thin=1, seed=1)
    close(fit, "residual_variance", noise_mean)
    spread = 0.005 if blocks is None else 0.05
    gap = np.abs(fit.coefficients - effect_mean) / fit.coefficient_deviation
    assert gap.max() < spread


def test_lasso_matches_integration_over_effect_penalty_and_noise():
    x, y = cohort(12, 1, seed=2, h2=0.5)
    z = x[:, 0] - x[:, 0].mean()
    residual_squares, _, size = hyperpriors(z[:, None], y)
    centred = y - y.mean()
    noise = np.log(y.var()) + np.linspace(-2.5, 3, 50)[:, None, None]
    penalty = np.linspace(-7, 4, 80)[None, :, None]  # logarithm
    slope = z @ centred / (z @ z)
    effect = np.linspace(slope - 6, slope + 6, 601)[None, None, :]
    errors = centred @ centred - 2 * effect * (z @ centred) + effect**2 * (z @ z)
    rate = 0.1 / (2 * size)
    log_density = (
        -0.5 * (len(y) - 1) * noise
        - 0.5 * errors * np.exp(-noise)
        + inverse_chi_square(noise, residual_squares)
        # A gamma density of the square, for the logarithm: shape 1.1.
        + 2.2 * penalty
        - rate * np.exp(2 * penalty)
        + penalty
        - noise / 2
        - np.exp(penalty - noise / 2) * np.abs(effect)
    )
    ones = np.ones_like(log_density)
    noise_mean, penalty_mean, effect_mean, effect_square, positive = averages(
        log_density,
        np.exp(noise) * ones,
        np.exp(penalty) * ones,
        effect * ones,
        effect**2 * ones,
        (effect > 0) + 0.5 * (effect == 0) * ones,
    )
    fit = fit_bayes(x, y, prior="lasso", iterations=12_000, burn_in=500, thin=1, seed=3)
    close(fit, "residual_variance", noise_mean)
    close(fit, "penalty", penalty_mean)
    deviation = np.sqrt(effect_square - effect_mean**2)
    assert abs(fit.coefficients[0] - effect_mean) < 0.06 * deviation
    assert fit.coefficient_deviation[0] == pytest.approx(deviation, rel=0.06)
    assert fit.sign_probability[0] == pytest.approx(max(positive, 1 - positive), abs=0.015)


def test_bayes_c_pi_matches_enumeration_of_models(small):
    x, y, z = small
    residual_squares, effect_squares, _ = hyperpriors(z, y)
    effect_squares /= 0.5
    noise = np.log(y.var()) + np.linspace(-2.5, 2.5, 24)
    slab = np.log(effect_squares / 7) + np.linspace(-3, 7, 36)
    models = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T.astype(bool)
    log_density = np.empty((8, 24, 36))
    effects = np.zeros((8, 24, 36, 3))
    for m, model in enumerate(models):
        inside = int(model.sum())
        for i, a in enumerate(noise):
            for j, b in enumerate(slab):
                variances = np.full(inside, np.exp(b))
                log_density[m, i, j] = log_marginal(z[:, model], y, variances, np.exp(a))
                if inside:
                    effects[m, i, j, model] = posterior_mean(z[:, model], y, variances, np.exp(a))
        # The share without an effect is integrated out of Beta(5, 5).
        log_density[m] += betaln(5 + 3 - inside, 5 + inside)
    log_density += inverse_chi_square(noise[:, None], residual_squares)
    log_density += inverse_chi_square(slab, effect_squares)
    shape = log_density.shape
    outside_mean, noise_mean, slab_mean, inclusion, effect_mean = averages(
        log_density,
        np.broadcast_to(((5 + 3 - models.sum(axis=1)) / 13)[:, None, None], shape),
        np.broadcast_to(np.exp(noise)[:, None], shape),
        np.broadcast_to(np.exp(slab), shape),
        np.broadcast_to(models[:, None, None, :], (*shape, 3)),
        effects,
    )
    fit = fit_bayes(x, y, prior="bayes_c_pi", iterations=15_000, burn_in=500, thin=1, seed=4)
    assert fit.inclusion is not None
    close(fit, "pi", outside_mean)
    close(fit, "residual_variance", noise_mean)
    close(fit, "effect_variance", slab_mean)
    np.testing.assert_allclose(fit.inclusion, inclusion, atol=0.012)
    assert (np.abs(fit.coefficients - effect_mean) < 0.05 * fit.coefficient_deviation).all()


def test_passes_with_fixed_variances_reach_the_closed_forms(small):
    x, y, z = small
    noise, slab, odds, rounds = 0.4, 0.3, -0.5, 4_000
    random = np.random.default_rng(8)
    centred = (y - y.mean()).astype("float32")
    fixed = (np.ascontiguousarray(x.T), (z**2).sum(axis=0), x.mean(axis=0))
    chains = 4
    totals = np.zeros((2, 3))
    for number, loop in enumerate((normal_effects, mixture_effects)):
        residuals = np.tile(centred, (chains, 1))
        effects, inclusion = np.zeros((chains, 3)), np.zeros((chains, 3))
        for _ in range(rounds):
            normals = random.standard_normal((chains, 3), dtype="float32")
            state = (residuals, residuals.sum(axis=1, dtype="float64"), effects)
            if number:
                own = (np.full(chains, slab), np.full(chains, odds), np.full(chains, noise))
                logistic = random.logistic(size=(chains, 3))
                compiled(loop)(*fixed, *state, *own, normals, logistic, inclusion)
                totals[1] += (1 / (1 + np.exp(-inclusion))).mean(axis=0) / rounds
            else:
                own = (np.full((chains, 3), slab), np.full(chains, noise))
                compiled(loop)(*fixed, *state, *own, normals)
                totals[0] += effects.mean(axis=0) / rounds
        exact = centred - effects @ z.T
        np.testing.assert_allclose(
            residuals - residuals.mean(axis=1, keepdims=True), exact, atol=2e-4
        )
    expected = posterior_mean(z, y, np.full(3, slab), noise)
    deviation = np.sqrt(np.diag(np.linalg.inv(z.T @ z / noise + np.eye(3) / slab)))
    assert (np.abs(totals[0] - expected) < 0.05 * deviation).all()
    models = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T.astype(bool)
    weights = np.array(
        [log_marginal(z[:, m], y, np.full(m.sum(), slab), noise) + odds * m.sum() for m in models]
    )
    np.testing.assert_allclose(totals[1], averages(weights, models)[0], atol=0.01)


def test_ridge_effects_at_one_ratio_are_ridge_regression():
    # A prior so tight that the ratio of the variances is known.
    x, y = cohort(80, 200, seed=6)
    x[::7, ::5] = -1
    training = np.arange(60)
    table = x[training]
    means = column_means(table)
    centred = y[training] - y[training].mean()
    ridge = EigenRidge(table, means)
    prior = Prior(1e9, 1e9 * 0.5, 1e9 * 0.01)
    mean, variance, sign = ridge.effects(centred, prior)
    expected = fit_ridge(x, y, training=training, penalties=50.0)
    np.testing.assert_allclose(mean, expected.coefficients, atol=1e-6)
    z = np.where(table < 0, 0.0, table - means)
    exact = np.linalg.inv(z.T @ z / 0.5 + np.eye(200) / 0.01)
    np.testing.assert_allclose(variance, np.diag(exact), rtol=1e-3)
    assert ((sign >= 0.5) & (sign <= 1)).all()


def test_ridge_predicts_as_gblup_does():
    x, y = cohort(400, 150, seed=7, h2=0.6)
    split = SimpleNamespace(training=np.arange(300), validation=np.arange(300, 400))
    fit = fit_bayes(x, y, split=split, seed=0)
    blup = fit_gblup(genomic_relationship(x, training=split.training), y, split=split)
    assert np.corrcoef(fit.predictions[300:], blup.predictions[300:])[0, 1] > 0.999
    assert fit.heritability == pytest.approx(blup.heritability, abs=0.06)
    assert fit.residual_variance == pytest.approx(blup.residual_variance, rel=0.1)
    np.testing.assert_allclose(fit.predict(x), fit.predictions)
    assert fit.converged


def test_both_samplers_of_ridge_agree():
    x, y = cohort(150, 300, seed=9, h2=0.5)
    exact = fit_bayes(x, y, seed=1, thin=1)
    chain = fit_bayes(x, y, seed=2, blocks=np.zeros(300, dtype=int), iterations=8_000, thin=1)
    for name in ("residual_variance", "effect_variance", "genetic_variance", "heritability"):
        close(chain, name, exact.traces[name].mean(), errors=5)
        assert chain.traces[name].std() == pytest.approx(exact.traces[name].std(), rel=0.1)
    scale = exact.coefficient_deviation
    assert (np.abs(chain.coefficients - exact.coefficients) / scale).max() < 0.1
    np.testing.assert_allclose(chain.coefficient_deviation / scale, 1, atol=0.1)
    np.testing.assert_allclose(chain.sign_probability, exact.sign_probability, atol=0.04)
    np.testing.assert_array_equal(exact.selected(0.5), exact.sign_probability > 0.75)


def test_bayes_c_pi_finds_large_effects_and_their_share():
    x, y = cohort(500, 100, seed=10, h2=0.8, causal=10)
    x = np.where(np.random.default_rng(0).random(x.shape) < 0.002, -1, x).astype("int8")
    sparse = fit_bayes(x, y, prior="bayes_c_pi", iterations=2_000, burn_in=500, seed=1)
    assert sparse.inclusion is not None
    truth = np.abs(fit_ridge(x, y, penalties=1e-6).coefficients[:10]) > 0.15
    assert truth.sum() >= 5
    assert (sparse.inclusion[:10][truth] > 0.95).all()
    assert (sparse.inclusion[10:] < 0.5).mean() > 0.95
    assert sparse.traces["pi"].mean() == pytest.approx(0.9, abs=0.07)
    assert set(np.flatnonzero(sparse.selected())) <= set(range(10))


# Posterior mean, its deviation and effective size of draws by BGLR 1.0.9 (R 4.2.2), for yield of
# the wheat lines on scale(wheat.X): default priors, 12,000 iterations, 2,000 of burn-in, every
# fifth kept, set.seed(1) before each call. A row an environment; effective sizes from coda.
BGLR = {
    ("ridge", "residual_variance"): [
        (0.53545, 0.04409, 916),
        (0.57576, 0.04650, 803),
        (0.62054, 0.05074, 539),
        (0.59670, 0.04877, 582),
    ],
    ("ridge", "genetic_variance"): [
        (0.47069, 0.05130, 357),
        (0.43218, 0.05131, 334),
        (0.38768, 0.05311, 215),
        (0.41155, 0.05337, 290),
    ],
    ("lasso", "residual_variance"): [(0.54789, 0.04664, 114)],
    ("lasso", "genetic_variance"): [(0.45673, 0.05518, 79)],
    ("lasso", "penalty"): [(52.738, 6.842, 54)],
    ("bayes_c_pi", "residual_variance"): [(0.53876, 0.04514, 707)],
    ("bayes_c_pi", "genetic_variance"): [(0.46697, 0.05108, 452)],
    ("bayes_c_pi", "pi"): [(1 - 0.47789, 0.11608, 50)],
}
# Correlation of the phenotypes with the fitted values, and deviation over columns of the
# posterior mean effects, in environment 1 of the same runs.
BGLR_FIT = {
    "ridge": (0.81818, 0.007199),
    "lasso": (0.81197, 0.006934),
    "bayes_c_pi": (0.81543, 0.007192),
}


@pytest.mark.parametrize("prior", ["ridge", "lasso", "bayes_c_pi"])
def test_wheat_posteriors_are_those_of_bglr(prior):
    folder = Path(os.environ.get("GENEML_DATA", ""))
    if not (folder / "wheat.RData").is_file():
        pytest.skip("GENEML_DATA does not hold the wheat lines; the comparison needs them")
    wheat = datasets.load("wheat")
    z = wheat.genotypes - wheat.genotypes.mean(axis=0)
    z /= z.std(axis=0, ddof=1)
    y = wheat.traits.to_numpy()[:, : 4 if prior == "ridge" else 1]
    fit = fit_bayes(z, y, prior=prior, iterations=4_000, burn_in=500, seed=1)
    found = fit.convergence.set_index(["parameter", "trait"])
    for (own, name), rows in BGLR.items():
        for trait, (mean, deviation, size) in enumerate(rows if own == prior else []):
            line = found.loc[(name, trait)]
            error = np.hypot(
                deviation / np.sqrt(size), line["deviation"] / np.sqrt(line["effective_size"])
            )
            assert abs(line["mean"] - mean) < 3.5 * error, (name, trait, line["mean"], error)
            assert line["deviation"] == pytest.approx(deviation, rel=0.25), (name, trait)
    correlation, spread = BGLR_FIT[prior]
    assert np.corrcoef(fit.predictions[:, 0], y[:, 0])[0, 1] == pytest.approx(correlation, abs=0.01)
    assert fit.coefficients[:, 0].std(ddof=1) == pytest.approx(spread, rel=0.04)


def test_traits_are_fitted_one_by_one_and_a_seed_repeats():
    x, y = cohort(60, 40, seed=11)
    both = np.column_stack([-y, y**2])
    short = {"iterations": 200, "burn_in": 50, "thin": 2, "seed": 5}
    for prior in ("ridge", "lasso", "bayes_c_pi"):
        one = fit_bayes(x, -y, prior=prior, **short)
        two = fit_bayes(x, both, prior=prior, **short)
        again = fit_bayes(x, -y, prior=prior, **short)
        other = fit_bayes(x, -y, prior=prior, **short | {"seed": 6})
        assert two.coefficients.shape == two.coefficient_deviation.shape == (40, 2)
        assert two.predictions.shape == (60, 2)
        assert two.traces["mean"].shape == (2, 75, 2)
        assert two.heritability.shape == (2,)
        np.testing.assert_allclose(two.coefficients[:, 0], one.coefficients, rtol=1e-5, atol=1e-8)
        np.testing.assert_array_equal(one.traces["mean"], again.traces["mean"])
        assert (one.traces["mean"] != other.traces["mean"]).any()
        np.testing.assert_allclose(two.predict(x), two.predictions)
        assert len(two.convergence) == 2 * len(one.convergence)


def test_effective_size_and_r_hat_of_known_chains():
    random = np.random.default_rng(12)
    chains, draws, correlation = 4, 5_000, 0.8
    series = np.empty((chains, draws))
    series[:, 0] = random.normal(size=chains) / np.sqrt(1 - correlation**2)
    for i in range(1, draws):
        series[:, i] = correlation * series[:, i - 1] + random.normal(size=chains)
    expected = chains * draws * (1 - correlation) / (1 + correlation)
    assert effective_size(series) == pytest.approx(expected, rel=0.15)
    independent = random.normal(size=(chains, draws))
    assert effective_size(independent) == pytest.approx(chains * draws, rel=0.1)
    assert r_hat(independent) == pytest.approx(1, abs=0.002)
    apart = independent + np.arange(chains)[:, None]
    assert r_hat(apart) > 1.3
    assert effective_size(apart) < 20
    # Same place, different spread: only the folded draws tell.
    assert r_hat(independent * np.array([1, 1, 1, 4])[:, None]) > 1.1
    drift = independent[:1] + np.linspace(0, 3, draws)
    assert r_hat(drift) > 1.2
    assert r_hat(np.exp(independent * 20)) == pytest.approx(r_hat(independent * 20), abs=0.05)
    assert np.isnan(r_hat(np.ones((2, 10))))
    assert np.isnan(effective_size(np.ones((2, 10))))


def test_chains_that_disagree_are_reported():
    x, y = cohort(60, 300, seed=13)
    fit = fit_bayes(x, y, prior="bayes_c_pi", iterations=30, burn_in=0, thin=1, seed=1)
    assert not fit.converged
    assert fit.convergence.set_index("parameter").loc["pi", "r_hat"] > 1.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prior": "bayes_b"}, "prior must be one of"),
        ({"iterations": 100, "burn_in": 98, "thin": 1}, "at least 4 draws"),
        ({"thin": 0}, "thin must be a whole number from 1"),
        ({"chains": 1.5}, "chains must be a whole number"),
        ({"blocks": [0, 1]}, "one whole number for each of the 5 columns"),
        ({"blocks": [0, 0, 2, 2, 2]}, "without a gap"),
        ({"blocks": [0, 0, 1, 1, 1], "prior": "lasso"}, "blocks are for prior 'ridge'"),
        ({"y": np.ones(20)}, "expected variance"),
        ({"y": np.full(20, np.nan)}, "not finite"),
        ({"y": np.ones(7)}, r"must be \(20,\)"),
        ({"x": np.ones((20, 5))}, "no column of x varies"),
        ({"x": np.eye(20, 5) * [1, 1, 1, 1, 0], "blocks": [0, 0, 0, 0, 1]}, "of block 1 varies"),
        ({"training": [0, 30]}, "row numbers"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_named(change, message):
    x, y = cohort(20, 5)
    arguments = {"x": x, "y": y, "seed": 0} | change
    with pytest.raises(ValueError, match=message):
        fit_bayes(arguments.pop("x"), arguments.pop("y"), **arguments)


def test_the_compiler_is_loaded_only_when_needed():
    program = "import geneml.baselines, sys; print('numba' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr


def test_a_folder_that_cannot_be_written_costs_only_the_cache(monkeypatch):
    import numba

    def refusing(loop, **options):
        if options.pop("cache", False):
            raise RuntimeError("cannot cache function: no locator available")
        return ("machine code", loop, options["fastmath"])

    monkeypatch.setattr(numba, "njit", refusing)
    assert compiled.__wrapped__(normal_effects) == ("machine code", normal_effects, True)


def test_other_columns_cannot_be_predicted():
    x, y = cohort(20, 5)
    fit = fit_bayes(x, y, seed=0)
    with pytest.raises(ValueError, match="fitted on 5"):
        fit.predict(x[:, :4])
    with pytest.raises(ValueError, match="level must lie"):
        fit.selected(1.0)
    with pytest.raises(TypeError, match="must hold numbers"):
        fit_bayes(x.astype(str), y, seed=0)
