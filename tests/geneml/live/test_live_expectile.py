"""The figures about expectiles: their arithmetic against SciPy, their handles in a browser."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize, stats

from geneml import live
from geneml.live.figure import page as html_page

TAUS = [0.1, 0.25, 0.5, 0.75, 0.9]


@pytest.mark.parametrize("tau", [0.02, 0.1, 0.5, 0.8, 0.98])
def test_expectile_is_that_of_scipy_also_with_weights_and_ties(javascript, tau):
    rng = np.random.default_rng(1)
    for values in (rng.gamma(1.0, 10.0, 25), rng.integers(0, 5, 30), [3.0, 3.0, 3.0], [1.0, 9.0]):
        found = javascript(
            "expectile_balance", "m.expectile(v.y, v.tau)", y=list(map(float, values)), tau=tau
        )
        assert_allclose(found, stats.expectile(values, tau), rtol=1e-9)
    y, shares = rng.normal(size=12), rng.integers(1, 6, 12)
    found = javascript(
        "expectile_balance",
        "m.expectile(v.y, v.tau, v.w)",
        y=y.tolist(),
        tau=tau,
        w=shares.tolist(),
    )
    assert_allclose(found, stats.expectile(np.repeat(y, shares), tau), rtol=1e-8, atol=1e-9)


def test_pulls_agree_at_the_expectile_and_are_half_the_slope_of_the_loss(javascript):
    values, tau = [1.0, 4, 6, 9, 11, 14, 17, 38], 0.8
    best = stats.expectile(values, tau)
    at_best = javascript("expectile_balance", "m.pulls(v.y, v.e, v.t)", y=values, e=best, t=tau)
    assert_allclose(at_best["left"], at_best["right"], rtol=1e-9)
    # The derivative of the loss by the pivot is twice (left - right).
    e, h = 12.3, 1e-5
    pull = javascript("expectile_balance", "m.pulls(v.y, v.e, v.t)", y=values, e=e, t=tau)
    high, low = javascript(
        "expectile_balance",
        "[v.e + v.h, v.e - v.h].map((e) => m.expectileLoss(v.y, e, v.t))",
        y=values,
        e=e,
        h=h,
        t=tau,
    )
    assert_allclose((high - low) / (2 * h), 2 * (pull["left"] - pull["right"]), rtol=1e-6)


def test_the_loss_is_mean_squared_error_at_one_half_and_lowest_at_the_expectile(javascript):
    y = [0.0, 1.0, 5.0]
    half = javascript("expectile_balance", "m.expectileLoss(v.y, 2, 0.5)", y=y)
    assert half == pytest.approx(np.mean((np.array(y) - 2) ** 2) / 2)
    place = optimize.minimize_scalar(
        lambda e: np.mean(np.where(np.array(y) < e, 0.1, 0.9) * (np.array(y) - e) ** 2),
        bounds=(0, 5),
        method="bounded",
        options={"xatol": 1e-9},
    ).x
    found = javascript("expectile_balance", "m.expectile(v.y, 0.9)", y=y)
    assert_allclose(found, place, atol=1e-6)


@pytest.mark.parametrize("tau", [0.05, 0.5, 0.9])
def test_expectile_line_minimises_the_convex_loss(javascript, tau):
    rng = np.random.default_rng(4)
    x = rng.integers(0, 3, 80)
    y = 0.3 * x + (1 + 0.4 * x) * rng.normal(size=80)

    def loss(line):
        residual = y - line[0] - line[1] * x
        return np.sum(np.where(residual < 0, 1 - tau, tau) * residual**2)

    expected = optimize.minimize(loss, [0, 0], method="BFGS", options={"gtol": 1e-10}).x
    found = javascript(
        "expectile_fan", "m.expectileLine(v.x, v.y, v.t)", x=x.tolist(), y=y.tolist(), t=tau
    )
    assert_allclose(found, expected, atol=1e-5)
    if tau == 0.5:
        assert_allclose(found, np.polyfit(x, y, 1)[::-1], rtol=1e-9)


def test_a_single_genotype_gives_a_flat_line(javascript):
    found = javascript("expectile_fan", "m.expectileLine([1, 1, 1], [0, 2, 7], 0.7)")
    assert found == pytest.approx([stats.expectile([0, 2, 7], 0.7), 0])


def test_population_lines_have_the_slopes_of_the_closed_form(javascript):
    """trait = shift g + (1 + spread g) z: slope shift + spread e(tau), intercept e(tau)."""
    lines = javascript(
        "expectile_fan",
        "m.population(0.4, { shift: 0.2, spread: 0.3, tail: 0 }, kit)",
    )
    z = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    normal = np.array([stats.expectile(z, tau) for tau in TAUS])
    assert_allclose(np.array(lines)[:, 0], normal, atol=1e-3)
    assert_allclose(np.array(lines)[:, 1], 0.2 + 0.3 * normal, atol=1e-3)


def test_a_stretched_upper_half_moves_upper_expectiles_more_than_lower_ones(javascript):
    lines = javascript(
        "expectile_fan", "m.population(0.4, { shift: 0, spread: 0, tail: 0.4 }, kit)"
    )
    slopes = np.array(lines)[:, 1]
    assert np.all(np.diff(slopes) > 0)
    assert slopes[0] > 0
    assert slopes[-1] > 3 * slopes[0]


def test_people_of_the_fan_are_in_hardy_weinberg_proportions(javascript):
    crowd = javascript("expectile_fan", "m.people(20000, 0.3, 5, kit)")
    counts = np.bincount([one["g"] for one in crowd], minlength=3)
    assert stats.chisquare(counts, 20_000 * np.array([0.49, 0.42, 0.09])).pvalue > 1e-3
    assert stats.kstest([one["z"] for one in crowd], "norm").pvalue > 1e-3


def test_dots_that_would_touch_are_stacked(javascript):
    found = javascript("expectile_balance", "m.levels([0, 10, 20, 60, 60, 60], 26)")
    assert found == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: live.expectile_balance(1.0), ValueError, "tau: expected a number from 0.02"),
        (lambda: live.expectile_balance("0.5"), TypeError, "tau"),
        (lambda: live.expectile_balance(values=[1]), ValueError, "values: expected 2 to 12"),
        (lambda: live.expectile_balance(values=[1, 99]), ValueError, r"values\[1\]"),
        (lambda: live.expectile_balance(domain=(3, 3)), ValueError, "a lower and a higher end"),
        (lambda: live.expectile_balance(step=0), ValueError, "step"),
        (lambda: live.expectile_fan(spread=0.9), ValueError, "spread"),
        (lambda: live.expectile_fan(n=10.0), TypeError, "whole number"),
        (lambda: live.expectile_fan(allele_frequency=0), ValueError, "allele_frequency"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def finding(page):
    return page.locator(".gl-finding").inner_text()


@pytest.mark.browser
def test_a_person_moves_by_arrow_keys_and_the_balance_follows(visit):
    page = visit(live.expectile_balance(0.8, values=[2, 10, 20]).page())
    person = page.get_by_role("slider", name="Person 3")
    person.focus()
    for key in ("ArrowRight", "ArrowUp", "PageUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert person.get_attribute("aria-valuenow") == "24.5"
    expected = f"{stats.expectile([2, 10, 24.5], 0.8):.1f}"
    assert f"balances at {expected}: the 0.80 expectile" in finding(page)
    for key, value in (("Home", "0"), ("End", "40"), ("End", "40")):
        page.keyboard.press(key)
        assert person.get_attribute("aria-valuenow") == value
    page.get_by_role("button", name="Back to the start").click()
    assert person.get_attribute("aria-valuenow") == "20"


@pytest.mark.browser
def test_a_person_can_be_dragged_also_when_the_beam_is_tilted(visit):
    page = visit(live.expectile_balance(0.5, values=[5, 15]).page())
    page.get_by_role("slider", name="Pivot").focus()
    page.keyboard.press("Home")
    assert "tips to the right" in finding(page)
    person = page.get_by_role("slider", name="Person 2")
    box = person.bounding_box()
    page.mouse.move(box["x"] + 13, box["y"] + 13)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 13, steps=4)
    page.mouse.up()
    value = float(person.get_attribute("aria-valuenow"))
    moved = person.bounding_box()
    assert value > 15
    assert moved["x"] + 13 == pytest.approx(box["x"] + 80, abs=8)
    page.mouse.move(10, 10)
    assert float(person.get_attribute("aria-valuenow")) == value


@pytest.mark.browser
def test_moving_the_pivot_takes_the_beam_out_of_balance_and_the_switch_brings_it_back(visit):
    page = visit(live.expectile_balance().page())
    switch = page.get_by_role("checkbox", name="Keep the beam in balance")
    assert switch.is_checked()
    page.get_by_role("slider", name="Pivot").focus()
    page.keyboard.press("Home")
    assert not switch.is_checked()
    assert "tips to the right" in finding(page)
    switch.check()
    assert "The beam balances at" in finding(page)


@pytest.mark.browser
def test_other_people_come_in_whole_steps_inside_the_axis(visit):
    page = visit(live.expectile_balance(step=0.5).page())
    seen = set()
    for _ in range(5):
        page.get_by_role("button", name="Other people").click()
        drawn = page.locator(".gl-handle").evaluate_all(
            "all => all.map((one) => Number(one.getAttribute('aria-valuenow')))"
        )
        assert all(0 <= value <= 40 and (2 * value).is_integer() for value in map(float, drawn))
        seen.add(tuple(drawn))
    assert len(seen) == 5


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 900])
def test_handles_stay_apart_and_inside(visit, width):
    figure = live.expectile_balance(values=[0, 0, 0.5, 1, 20, 39.5, 40, 40])
    page = visit(html_page(figure), viewport={"width": width, "height": 740})
    boxes = [one.bounding_box() for one in page.locator(".gl-handle").all()]
    assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes)
    frame = page.locator(".geneml-live").bounding_box()
    for i, one in enumerate(boxes):
        assert one["x"] >= frame["x"]
        assert one["x"] + one["width"] <= frame["x"] + frame["width"]
        for other in boxes[:i]:
            across, along = abs(one["x"] - other["x"]), abs(one["y"] - other["y"])
            assert max(across, along) >= 23.9


@pytest.mark.browser
def test_focus_on_a_person_is_visible(visit):
    page = visit(live.expectile_balance().page())
    page.get_by_role("slider", name="Person 1").focus()
    page.keyboard.press("ArrowRight")
    style = page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement);"
        " return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"
    )
    assert style == ["solid", 3]
