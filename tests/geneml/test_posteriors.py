"""Shrinkage and the restricted likelihood against integration and dense algebra; their plots."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from geneml import plots
from geneml.baselines import (
    fit_gblup,
    fit_ridge,
    genomic_relationship,
    prior_density,
    restricted_likelihood,
    shrink,
)
from geneml.baselines.bayes import PRIORS


def by_integration(b, e, prior, deviation, zeros):
    """Posterior mean and chance of an effect, by adaptive quadrature over the likelihood."""
    slab = deviation / np.sqrt(1 - zeros)
    density = {
        "ridge": stats.norm(0, deviation).pdf,
        "lasso": stats.laplace(0, deviation / np.sqrt(2)).pdf,
        "bayes_c_pi": lambda x: (1 - zeros) * stats.norm(0, slab).pdf(x),
    }[prior]
    spike = zeros * stats.norm(0, e).pdf(b) if prior == "bayes_c_pi" else 0.0
    edges = np.unique([b - 12 * e, min(b, 0), max(b, 0), b + 12 * e])

    def moment(power):
        def term(x):
            return x**power * density(x) * stats.norm(x, e).pdf(b)

        return sum(
            integrate.quad(term, low, high, epsabs=1e-14)[0]
            for low, high in zip(edges, edges[1:], strict=False)
        )

    return moment(1) / (moment(0) + spike), moment(0) / (moment(0) + spike)


@pytest.mark.parametrize("prior", PRIORS)
def test_shrinkage_is_what_integration_gives(prior):
    for b, e, deviation, zeros in [
        (0.3, 0.5, 0.2, 0.9),
        (-2.0, 0.6, 1.1, 0.3),
        (4.0, 0.4, 0.5, 0.97),
    ]:
        found = shrink([b], e, prior=prior, deviation=deviation, zeros=zeros)
        mean, inclusion = by_integration(b, e, prior, deviation, zeros)
        assert_allclose(found.mean, [mean], rtol=1e-6)
        assert_allclose(found.inclusion, [inclusion], rtol=1e-6)


@pytest.mark.parametrize("prior", PRIORS)
def test_priors_differ_in_shape_and_not_in_variance(prior):
    x = np.linspace(-60, 60, 240_001)
    density = prior_density(x, prior=prior, deviation=0.8, zeros=0.7)
    area = 0.3 if prior == "bayes_c_pi" else 1.0
    assert integrate.trapezoid(density, x) == pytest.approx(area, rel=1e-5)
    assert integrate.trapezoid(density * x**2, x) == pytest.approx(0.64, rel=1e-4)


def test_far_estimates_tell_the_three_priors_apart():
    """A share is kept, a fixed piece is lost, or almost nothing is lost."""
    b, e, s = np.array([60.0, -80.0]), 1.0, 0.5
    assert_allclose(shrink(b, e, prior="ridge", deviation=s).mean, b / 5)
    piece = np.sqrt(2) / s * e**2
    assert_allclose(shrink(b, e, prior="lasso", deviation=s).mean, b - np.sign(b) * piece)
    # A slab of variance s^2 / (1 - zeros).
    slab = s**2 / 0.01
    kept = shrink(b, e, prior="bayes_c_pi", deviation=s, zeros=0.99)
    assert_allclose(kept.mean, b * slab / (slab + 1))
    assert_allclose(kept.inclusion, 1)


def test_shrinkage_is_odd_and_never_turns_a_sign():
    b = np.linspace(-9, 9, 181)
    for prior in PRIORS:
        mean = shrink(b, 0.7, prior=prior, deviation=0.4, zeros=0.8).mean
        assert_allclose(mean, -mean[::-1], atol=1e-12)
        assert (mean * b >= 0).all()
        assert (np.abs(mean) <= np.abs(b)).all()
        assert (np.diff(mean) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"prior": "horseshoe"}, ValueError, "prior must be one of"),
        ({"prior": "ridge", "deviation": 0}, ValueError, "deviation"),
        ({"prior": "ridge", "deviation": "1"}, TypeError, "deviation"),
        ({"prior": "bayes_c_pi", "zeros": 1}, ValueError, "zeros"),
    ],
)
def test_bad_priors_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        shrink([1.0], 0.5, **arguments)
    with pytest.raises(error, match=words):
        prior_density([1.0], **arguments)


def test_bad_estimates_are_refused():
    with pytest.raises(ValueError, match="errors must be above 0"):
        shrink([1.0], 0.0, prior="ridge")
    with pytest.raises(ValueError, match="estimates must be finite"):
        shrink([np.nan], 1.0, prior="ridge")
    with pytest.raises(TypeError, match="estimates must hold numbers"):
        shrink(["1"], 1.0, prior="ridge")


def cohort(seed=0, n=70, p=90):
    random = np.random.default_rng(seed)
    x = random.binomial(2, random.uniform(0.1, 0.9, p), (n, p)).astype("int8")
    y = (x - x.mean(axis=0)) @ random.normal(size=p)
    return x, 2 + y / y.std() + random.normal(size=n), random


def direct(kernel, y, design, share):
    """Density of error contrasts of unit length, the total variance at its best."""
    contrasts = np.linalg.svd(design.T)[2][design.shape[1] :]
    inner = contrasts @ kernel @ contrasts.T
    m = len(contrasts)
    v = share * inner / (np.trace(inner) / m) + (1 - share) * np.eye(m)
    z = contrasts @ y
    return stats.multivariate_normal(cov=v * (z @ np.linalg.solve(v, z) / m)).logpdf(z)


def test_the_likelihood_is_the_density_of_error_contrasts():
    x, y, random = cohort()
    kernel = genomic_relationship(x)
    sex = random.integers(0, 2, len(y))
    shares = np.array([0.0, 0.2, 0.6, 0.95])
    found = restricted_likelihood(kernel, y, shares, covariates=sex)
    design = np.column_stack([np.ones(len(y)), sex])
    assert_allclose(found, [direct(kernel, y, design, share) for share in shares], rtol=1e-9)


def test_its_top_is_the_reml_estimate_and_traits_stand_side_by_side():
    x, y, _ = cohort(seed=3)
    training = np.arange(50)
    kernel = 7.0 * genomic_relationship(x, training=training)
    both = np.column_stack([y, -(y**2)])
    both[50:] = np.nan
    fit = fit_gblup(kernel, both, training=training)
    grid = np.linspace(0, 0.99, 100)
    found = restricted_likelihood(kernel, both, grid, training=training)
    assert found.shape == (100, 2)
    for trait in range(2):
        at = restricted_likelihood(
            kernel, both[:, trait], [fit.heritability[trait]], training=training
        )
        assert_allclose(at, fit.log_likelihood[trait], rtol=1e-10)
        assert (found[:, trait] <= fit.log_likelihood[trait] + 1e-9).all()
        assert abs(grid[found[:, trait].argmax()] - fit.heritability[trait]) < 0.011


def test_ridge_at_that_heritability_predicts_what_gblup_predicts():
    """The equality that the chapter shows; the penalty's variance is that of the columns."""
    x, y, _ = cohort(seed=5, n=200)
    training = np.arange(150)
    frequency = x[training].mean(axis=0) / 2
    kernel = genomic_relationship(x, training=training)
    fit = fit_gblup(kernel, y, training=training)
    assert 0.1 < fit.heritability < 0.9
    ratio = float(fit.residual_variance / fit.genetic_variances[0])
    penalty = ratio * 2 * (frequency * (1 - frequency)).sum()
    ridge = fit_ridge(x, y, training=training, penalties=penalty)
    assert_allclose(ridge.predict(x), fit.predictions, rtol=1e-8)


@pytest.mark.parametrize(
    ("shares", "error", "words"),
    [
        ([1.0], ValueError, "from 0 to below 1"),
        ([], ValueError, "heritabilities"),
        (["a"], TypeError, "heritabilities must hold numbers"),
    ],
)
def test_bad_heritabilities_are_refused(shares, error, words):
    x, y, _ = cohort()
    with pytest.raises(error, match=words):
        restricted_likelihood(genomic_relationship(x), y, np.array(shares))


def test_kernels_and_traits_that_say_nothing_are_refused():
    x, y, _ = cohort(n=20)
    kernel = genomic_relationship(x)
    with pytest.raises(ValueError, match="expected one, received 2"):
        restricted_likelihood([kernel, kernel], y, [0.5])
    with pytest.raises(ValueError, match="tells no training individuals apart"):
        restricted_likelihood(np.ones((20, 20)), y, [0.5])
    with pytest.raises(ValueError, match="expected variance"):
        restricted_likelihood(kernel, np.full(20, 3.0), [0.5])
    with pytest.raises(ValueError, match="two individuals more"):
        restricted_likelihood(kernel, y, [0.5], training=[0, 1])


def test_the_plot_of_shrinkage_draws_what_shrink_gives():
    figure = plots.shrinkage(error=0.4, deviation=0.6, zeros=0.8, reach=2.0)
    lines = {line.get_label(): line for line in figure.axes[1].lines}
    for prior, name in (("ridge", "ridge"), ("lasso", "lasso"), ("bayes_c_pi", "BayesC-π")):
        x, shown = lines[name].get_data()
        expected = shrink(x, 0.4, prior=prior, deviation=0.6, zeros=0.8).mean
        assert_allclose(shown, expected)
    assert "P(0) = 0.8" in [text.get_text() for text in figure.axes[0].texts]
    # Ridge keeps 0.36 / (0.36 + 0.16).
    assert "ridge 0.69 and 1.38" in figure.alt_text
    with pytest.raises(ValueError, match="reach"):
        plots.shrinkage(reach=0)


def test_traces_of_chains_that_disagree_are_called_so():
    random = np.random.default_rng(1)
    good = random.normal(size=(2, 400))
    figure = plots.traces(good, name="variance", truth=0.0)
    assert "R-hat 1.0" in figure.axes[0].get_title()
    assert "true value is 0" in figure.alt_text
    bad = plots.traces(good + [[0], [4]], name="variance")
    reduction = float(bad.axes[0].get_title().split("R-hat ")[1].split(",")[0])
    assert reduction > 1.5
    for line, chain in zip(figure.axes[0].lines, good, strict=False):
        assert_allclose(line.get_ydata(), chain)
    with pytest.raises(ValueError, match="draws must be finite"):
        plots.traces(good[0], name="variance")
    with pytest.raises(ValueError, match="chains that move, received 2 throughout"):
        plots.traces(np.full((2, 9), 2.0), name="variance")


def test_the_likelihood_curve_marks_top_and_interval():
    h2 = np.linspace(0.05, 0.95, 91)
    figure = plots.likelihood_curve(h2, -100 - 50 * (h2 - 0.4) ** 2, truth=0.5)
    # 50 d^2 = 1.92 at d = 0.196.
    assert "highest at 0.40" in figure.alt_text
    assert "from 0.21 to 0.59" in figure.alt_text
    assert "true heritability is 0.50" in figure.alt_text
    with pytest.raises(ValueError, match="rising"):
        plots.likelihood_curve(h2[::-1], h2)
