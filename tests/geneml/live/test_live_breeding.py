"""Figures of chapter 14 against integration, fit_gblup and closed forms."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from geneml import live
from geneml.baselines import fit_gblup, shrink
from geneml.live.figure import page as html_page

MINUS = "\u2212"
KINDS = ["normal", "laplace", "spike"]


def density_of(kind, spread, zeros):
    """Prior density of the part that is not a spike, by SciPy."""
    if kind == "normal":
        return stats.norm(0, spread).pdf
    if kind == "laplace":
        return stats.laplace(0, spread / np.sqrt(2)).pdf
    slab = stats.norm(0, spread / np.sqrt(1 - zeros))
    return lambda b: (1 - zeros) * slab.pdf(b)


def integrated(kind, estimate, error, spread, zeros):
    """Posterior mean and chance of zero by adaptive integration."""
    prior = density_of(kind, spread, zeros)

    def part(power):
        def term(b):
            return b**power * prior(b) * stats.norm.pdf(estimate, b, error)

        edges = [-30, min(estimate, 0), max(estimate, 0), 30]
        return sum(
            integrate.quad(term, low, high, epsabs=1e-13, limit=200)[0]
            for low, high in zip(edges, edges[1:], strict=False)
            if high > low
        )

    spike = zeros * stats.norm.pdf(estimate, 0, error) if kind == "spike" else 0
    whole = part(0) + spike
    return part(1) / whole, spike / whole


@pytest.mark.parametrize("kind", KINDS)
def test_posteriors_are_those_of_numerical_integration(javascript, kind):
    for estimate, error, spread, zeros in [
        (1.2, 0.5, 0.5, 0.9),
        (-0.4, 1.5, 0.3, 0.2),
        (3.9, 0.3, 0.4, 0.95),
        (0.0, 2.0, 2.0, 0.5),
    ]:
        prior = {"kind": kind, "spread": spread, "zeros": zeros}
        mean, zero, area, first = javascript(
            "shrinkage",
            "(() => { const p = m.posterior(v.b, v.se, v.prior, kit);"
            " let area = 0, first = 0; for (let x = -12; x < 12; x += 0.001) {"
            " area += 0.001 * p.density(x); first += 0.001 * x * p.density(x); }"
            " return [p.mean, p.zero, area, first]; })()",
            b=estimate,
            se=error,
            prior=prior,
        )
        expected = integrated(kind, estimate, error, spread, zeros)
        assert_allclose([mean, zero], expected, rtol=1e-6, atol=1e-9)
        # The curve that is drawn is the same distribution.
        assert area == pytest.approx(1 - expected[1], abs=2e-3)
        assert first == pytest.approx(expected[0], abs=4e-3)


def test_the_page_shrinks_as_the_package_does(javascript):
    names = dict(zip(KINDS, ("ridge", "lasso", "bayes_c_pi"), strict=True))
    estimates = np.linspace(-4, 4, 33)
    for kind, prior in names.items():
        for error, spread, zeros in [(0.2, 2.0, 0.05), (2.0, 0.2, 0.99), (0.5, 0.5, 0.9)]:
            found = javascript(
                "shrinkage",
                "v.b.map((b) => { const p = m.posterior(b, v.se, v.prior, kit);"
                " return [p.mean, 1 - p.zero]; })",
                b=estimates.tolist(),
                se=error,
                prior={"kind": kind, "spread": spread, "zeros": zeros},
            )
            expected = shrink(estimates, error, prior=prior, deviation=spread, zeros=zeros)
            assert_allclose(found, np.transpose([expected.mean, expected.inclusion]), atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_all_priors_have_the_deviation_that_is_asked_for(javascript, kind):
    zero, area, square = javascript(
        "shrinkage",
        "(() => { const p = m.priorDensity(v.prior, kit); let area = 0, square = 0;"
        " for (let x = -30; x < 30; x += 0.001) {"
        " area += 0.001 * p.density(x); square += 0.001 * x * x * p.density(x); }"
        " return [p.zero, area, square]; })()",
        prior={"kind": kind, "spread": 0.7, "zeros": 0.8},
    )
    assert zero + area == pytest.approx(1, abs=1e-3)
    assert np.sqrt(square) == pytest.approx(0.7, abs=1e-3)


def test_far_estimates_lose_a_fixed_piece_under_the_double_exponential(javascript):
    """Its tails are exponential, so far out mean and mode agree: the soft threshold."""
    found = javascript(
        "shrinkage",
        "[[40, 1], [-40, 1], [0.5, 1]].map(([b, s]) => ["
        "m.posterior(b, s, { kind: 'laplace', spread: 0.5 }, kit).mean,"
        " m.softThreshold(b, s, 0.5)])",
    )
    pull = np.sqrt(2) / 0.5
    assert_allclose(found[:2], [[40 - pull] * 2, [pull - 40] * 2], rtol=1e-9)
    assert found[2][1] == 0


def unfolded(data):
    n = data["animals"]
    table = np.zeros((n, n))
    table[np.tril_indices(n)] = data["lower"]
    return table + np.tril(table, -1).T


def test_the_cohort_is_one_of_relatives(javascript):
    data = live.gblup(seed=3).data
    table, known = unfolded(data), data["known"]
    assert (known, data["animals"]) == (72, 120)
    # Scaled: the mean eigenvalue over contrasts of the animals with records is 1.
    block = table[:known, :known]
    centring = np.eye(known) - 1 / known
    assert np.trace(centring @ block @ centring) / (known - 1) == pytest.approx(1, abs=1e-4)
    # Three litter mates, and the two other litters of the sire.
    calf = table[known]
    assert calf[:3].mean() > 0.35 > calf[3:9].mean() > 0.1 > calf[9:].mean()
    assert_allclose(np.std(data["values"][:known]), 1, atol=1e-4)


@pytest.mark.parametrize("truth", [0.3, 0.7])
def test_the_pages_gblup_is_that_of_fit_gblup(javascript, truth):
    data = live.gblup(seed=2).data
    table, known = unfolded(data), data["known"]
    y = np.sqrt(truth) * np.array(data["values"]) + np.sqrt(1 - truth) * np.array(data["noise"])
    fit = fit_gblup(table, y, training=np.arange(known))
    run = (
        "(() => { const table = m.unfoldTable(v.lower, v.n);"
        " const y = m.records(v.values, v.noise, v.truth);"
        " const at = (h2) => { const ready = m.prepare(table, v.n, v.known, h2);"
        " return [ready, m.fit(ready, y.slice(0, v.known))]; };"
        " const [ready, one] = at(v.h2);"
        " return { one, y, near: [-0.01, 0.01].map((d) => at(v.h2 + d)[1].likelihood),"
        " weights: m.weights(ready, v.known + 4) }; })()"
    )
    found = javascript(
        "gblup",
        run,
        lower=data["lower"],
        n=data["animals"],
        known=known,
        values=data["values"],
        noise=data["noise"],
        truth=truth,
        h2=float(fit.heritability),
    )
    one = found["one"]
    assert_allclose(found["y"], y, rtol=1e-12)
    assert_allclose(one["values"], fit.genetic_values[0], atol=1e-6)
    assert one["mean"] == pytest.approx(float(fit.intercept), abs=1e-6)
    total = float(fit.residual_variance + fit.genetic_variances[0])
    assert one["variance"] == pytest.approx(total, rel=1e-5)
    # REML's estimate is the top of the page's curve.
    assert all(one["likelihood"] > other for other in found["near"])
    # Weights: the prediction is linear in the records, and a constant is taken out.
    assert found["weights"] @ y[:known] == pytest.approx(fit.genetic_values[0, known + 4], abs=1e-6)
    assert sum(found["weights"]) == pytest.approx(0, abs=1e-10)


def test_differences_of_the_likelihood_are_those_of_a_direct_formula(javascript):
    """Restricted likelihood from error contrasts: a normal density of n - 1 differences."""
    data = live.gblup(seed=4).data
    table, known = unfolded(data), data["known"]
    y = np.array(data["values"][:known]) + np.array(data["noise"][:known])
    contrasts = np.linalg.svd(np.ones((1, known)))[2][1:]

    def direct(h2):
        v = contrasts @ (h2 * table[:known, :known] + (1 - h2) * np.eye(known)) @ contrasts.T
        z = contrasts @ y
        v *= z @ np.linalg.solve(v, z) / (known - 1)
        return stats.multivariate_normal(cov=v).logpdf(z)

    found = javascript(
        "gblup",
        "v.h2.map((h2) => m.fit(m.prepare(m.unfoldTable(v.lower, v.n), v.n, v.known, h2), v.y)"
        ".likelihood)",
        h2=[0.1, 0.5, 0.9],
        lower=data["lower"],
        n=data["animals"],
        known=known,
        y=y.tolist(),
    )
    assert_allclose(np.diff(found), np.diff([direct(h) for h in (0.1, 0.5, 0.9)]), rtol=1e-8)


def test_the_gibbs_sampler_has_the_posterior_and_its_memory(javascript):
    r, n, prior, effects = 0.8, 40, 1.0, [0.5, 0.0]
    precision = n * np.array([[1, r], [r, 1]]) + np.eye(2) / prior
    covariance = np.linalg.inv(precision)
    means = covariance @ (n * np.array([[1, r], [r, 1]]) @ effects)
    goal, chain, memory = javascript(
        "gibbs",
        "(() => { const goal = m.target(v.r, v.n, v.prior, v.effects);"
        " const random = kit.generator(5); let at = [0, 0]; const chain = [];"
        " for (let i = 0; i < 60000; i += 1) {"
        " at = m.pass(at, goal, [random.normal(), random.normal()]); chain.push(at); }"
        " return [goal, chain, m.autocorrelation(chain.map(([a]) => a), 3)]; })()",
        r=r,
        n=n,
        prior=prior,
        effects=effects,
    )
    chain = np.array(chain)
    assert_allclose(goal["means"], means, rtol=1e-10)
    assert goal["deviation"] == pytest.approx(np.sqrt(covariance[0, 0]))
    rho = covariance[0, 1] / covariance[0, 0]
    assert goal["correlation"] == pytest.approx(rho)
    assert_allclose(chain.mean(axis=0), means, atol=0.02)
    assert_allclose(np.cov(chain.T), covariance, rtol=0.1)
    # Roberts & Sahu 1997: the square of the posterior correlation, to the power of the lag.
    assert_allclose(memory, rho ** (2 * np.arange(4)), atol=0.03)


def test_autocorrelation_of_a_chain_that_alternates(javascript):
    found = javascript("gibbs", "m.autocorrelation(v.x, 2)", x=[1, -1] * 50)
    assert_allclose(found, [1, -0.99, 0.98])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: live.shrinkage("cauchy"), ValueError, "prior: expected one of normal"),
        (lambda: live.shrinkage(estimate=5), ValueError, "estimate"),
        (lambda: live.shrinkage(error=0), ValueError, "error"),
        (lambda: live.shrinkage(spread="wide"), TypeError, "spread"),
        (lambda: live.shrinkage(zeros=1), ValueError, "zeros"),
        (lambda: live.gblup(heritability=1), ValueError, "heritability"),
        (lambda: live.gblup(assumed=0), ValueError, "assumed"),
        (lambda: live.gblup(seed=-1), ValueError, "seed"),
        (lambda: live.gibbs(linkage=1), ValueError, "linkage"),
        (lambda: live.gibbs(people=5.5), TypeError, "people"),
    ],
)
def test_arguments_are_checked(make, error, words):
    with pytest.raises(error, match=words):
        make()


def finding(page):
    return page.locator(".gl-finding").inner_text()


@pytest.mark.browser
def test_the_reader_drags_an_estimate_and_changes_the_prior(visit):
    page = visit(live.shrinkage().page())
    assert "The estimate 1.20 ± 0.50 becomes 0.60. That is 50 % of it." in finding(page)
    picture = page.locator(".gl-svg").first
    box = picture.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 100, steps=4)
    page.mouse.up()
    moved = float(re.search(r"estimate ([\d.]+) ±", finding(page))[1])
    assert moved > 2.8
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 100)
    assert f"estimate {moved:.2f} " in finding(page)
    page.get_by_role("radio", name="spike and slab").check()
    assert "chance that this marker does something rises from 10 % to 100 %" in finding(page)
    page.get_by_role("button", name="A weak signal").click()
    assert "from 10 % to" in finding(page)
    page.get_by_role("radio", name="double exponential").check()
    assert "The estimate 0.60 ± 0.50 becomes" in finding(page)


@pytest.mark.browser
def test_the_heritability_moves_everything_together(visit):
    page = visit(live.gblup().page())
    before = finding(page)
    page.get_by_role("button", name="Take the REML estimate").click()
    reml = re.search(r"REML finds ([\d.]+)", finding(page))[1]
    assert f"With h² = {reml} " in finding(page)
    spread = re.compile(r"spread by ([\d.]+)")
    slider = page.get_by_label("Heritability assumed")
    slider.focus()
    page.keyboard.press("Home")
    shrunk = float(spread.search(finding(page))[1])
    page.keyboard.press("End")
    assert shrunk < 0.2 < float(spread.search(finding(page))[1])
    page.get_by_role("button", name="New records").click()
    page.get_by_role("button", name="Back to the start").click()
    assert finding(page).endswith(before)


@pytest.mark.browser
def test_linkage_makes_the_sampler_slow(visit):
    page = visit(live.gibbs().page(), reduced_motion="reduce")
    page.get_by_role("button", name="One pass").click()
    assert finding(page).startswith("After 1 pass ")
    page.get_by_role("button", name="100 passes").click()
    assert finding(page).startswith("After 101 passes ")
    page.get_by_role("button", name="Run").click()
    assert finding(page).startswith("After 400 passes ")
    cost = re.compile(r"long run (\d+) pass")
    quick = int(cost.search(finding(page))[1])
    slider = page.get_by_label("Linkage")
    slider.focus()
    page.keyboard.press("End")
    assert int(cost.search(finding(page))[1]) > 10 * quick
    assert "Nothing is drawn yet" in finding(page)


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360])
def test_labels_are_not_cut_on_a_phone(visit, width):
    figures = [live.shrinkage("spike"), live.gblup(), live.gibbs()]
    page = visit(html_page(*figures), viewport={"width": width, "height": 740})
    cut = page.locator(".gl-svg text").evaluate_all(
        """all => all.filter((one) => {
          const text = one.getBoundingClientRect();
          const box = one.closest("svg").getBoundingClientRect();
          return text.left < box.left - 1 || text.right > box.right + 1;
        }).map((one) => one.textContent)"""
    )
    assert cut == []
