"""The figures about gates: arithmetic against the Keras layers, handles in a browser."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geneml import live
from geneml.live.figure import page as html_page

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize("gate", ["sigmoid", "hard_sigmoid"])
@pytest.mark.parametrize("units", [1, 3])
def test_the_block_is_that_of_keras(javascript, gate, units):
    from geneml.layers import GatedResidual

    rng = np.random.default_rng(units)
    layer = GatedResidual(units, gate=gate, layer_norm=False)
    layer.build((None, 1))
    layer.set_weights([rng.normal(0, 1.5, weight.shape) for weight in layer.get_weights()])
    x = np.linspace(-2.5, 2.5, 11, dtype="float32")[:, None]
    weights = {
        name: np.asarray(getattr(layer, name))[:, 0].tolist() for name in ("w1", "b1", "w2", "w3")
    }
    weights |= {name: float(getattr(layer, name)[0]) for name in ("b2", "b3")}
    weights["linear"] = np.asarray(layer.linear).tolist()
    found = javascript(
        "gated_block",
        "v.x.map((x) => m.gatedResidual(x, v.weights, v.gate).z)",
        x=x[:, 0].tolist(),
        weights=weights,
        gate="hard" if gate == "hard_sigmoid" else gate,
    )
    assert_allclose(found, np.asarray(layer(x))[:, 0], atol=2e-5)


def test_the_hard_gate_has_the_papers_slope_of_one_fifth(javascript):
    found = javascript("gated_block", "[-9, -2.5, -1, 0, 1, 2.5, 9].map(m.GATES.hard)")
    assert_allclose(found, [0, 0, 0.3, 0.5, 0.7, 1, 1], atol=1e-12)


def test_genotypes_are_standardised_as_under_hardy_weinberg(javascript):
    p = 0.3
    found = np.array(javascript("gated_block", "[0, 1, 2].map((g) => m.standardise(g, v.p))", p=p))
    shares = np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])
    assert shares @ found == pytest.approx(0, abs=1e-12)
    assert shares @ found**2 == pytest.approx(1)


def test_additive_and_dominance_effects_give_the_three_values_back(javascript):
    values = [0.3, 1.7, -0.4]
    found = javascript("gated_block", "m.effects(v.z)", z=values)
    middle = (values[0] + values[2]) / 2
    assert_allclose(
        [middle - found["a"], middle + found["d"], middle + found["a"]], values, atol=1e-12
    )


@pytest.mark.parametrize("seed", range(4))
def test_softmax_and_sparsemax_are_those_of_the_layers(javascript, seed):
    import keras

    from geneml.layers import sparsemax

    rng = np.random.default_rng(seed)
    tables = [rng.normal(0, 2, 12), np.round(rng.normal(0, 1, 40)), np.zeros(9), [3.0, -3.0]]
    for scores in (np.asarray(table, dtype="float64") for table in tables):
        soft = javascript("soft_selection", "m.softmax(v.s)", s=scores.tolist())
        sparse = javascript("soft_selection", "m.sparsemax(v.s)", s=scores.tolist())
        assert_allclose(soft, np.asarray(keras.ops.softmax(scores)), atol=1e-6)
        assert_allclose(sparse, np.asarray(sparsemax(scores)), atol=1e-6)
        # The projection: what was cut off lies below tau, all others are moved alike.
        kept = np.array(sparse) > 0
        tau = (scores - sparse)[kept]
        assert np.ptp(tau) < 1e-9
        assert (scores[~kept] <= tau[0] + 1e-9).all()


def test_sparsemax_of_four_scores_by_hand(javascript):
    found = javascript("soft_selection", "m.sparsemax([0.5, 0.4, 0.3, -1])")
    assert_allclose(found, np.array([13, 10, 7, 0]) / 30, atol=1e-12)


def test_features_that_are_not_shown_weigh_as_score_zero(javascript):
    scores = [2.0, 1.0, 0.0, -1.0]
    found = javascript("soft_selection", "m.weigh(v.s, 100, 0.5, m.softmax)", s=scores)
    powers = np.exp(np.concatenate([scores, np.zeros(96)]) / 0.5)
    assert_allclose(found["shown"], (powers / powers.sum())[:4], rtol=1e-12)
    assert found["rest"] == pytest.approx(1 / powers.sum())


@pytest.mark.parametrize("p", [10, 19, 20, 21, 10_346])
def test_equal_weights_pass_the_papers_line_up_to_twenty_features_and_the_mean_never(javascript, p):
    flat = [1 / p] * p
    assert javascript("soft_selection", "m.passing(v.w, false)", w=flat) == (p if p <= 20 else 0)
    assert javascript("soft_selection", "m.passing(v.w, true)", w=flat) == 0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: live.gated_block([1, 2]), ValueError, "weights: expected 6 numbers"),
        (lambda: live.gated_block([9, 0, 0, 0, 0, 0]), ValueError, r"weights\[0\]"),
        (lambda: live.gated_block(gate="tanh"), ValueError, "gate: expected one of sigmoid"),
        (lambda: live.gated_block(allele_frequency=0), ValueError, "allele_frequency"),
        (lambda: live.soft_selection([1.0] * 7), ValueError, "scores: expected 8 to 12"),
        (lambda: live.soft_selection([5.0] * 8), ValueError, r"scores\[0\]"),
        (lambda: live.soft_selection(temperature=0), ValueError, "temperature"),
        (lambda: live.soft_selection(features=9), ValueError, "features"),
        (lambda: live.soft_selection(features=10.5), TypeError, "whole number"),
    ],
)
def test_bad_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def finding(page):
    return page.locator(".gl-finding").inner_text()


@pytest.mark.browser
def test_the_reader_bends_the_line_into_dominance_and_back(visit):
    page = visit(live.gated_block().page())
    additive = page.get_by_role("button", name="Start: additive")
    additive.click()
    assert f"{MINUS}0.71, 0.00, 0.71" in finding(page)
    assert "acts additively" in finding(page)
    page.get_by_role("button", name="Dominance", exact=True).click()
    assert "complete dominance" in finding(page)
    page.get_by_role("button", name="Overdominance").click()
    assert "overdominance" in finding(page)
    page.get_by_role("button", name="Gate shut").click()
    assert "The gate is open by 0 %" in finding(page) or "gate is shut" in finding(page)
    assert f"{MINUS}1.41, 0.00, 1.41" in finding(page).replace("1.42", "1.41")
    page.get_by_role("radio", name="hard sigmoid").check()
    # Exactly shut, as only the hard sigmoid can be.
    assert f"{MINUS}1.41, 0.00, 1.41" in finding(page)
    additive.click()
    assert "acts additively" in finding(page)


@pytest.mark.browser
def test_scores_move_by_keyboard_and_by_mouse(visit):
    page = visit(live.soft_selection().page())
    score = page.get_by_role("slider", name="Score of feature 1", exact=True)
    score.focus()
    for key in ("ArrowUp", "ArrowRight", "PageDown", "ArrowDown"):
        page.keyboard.press(key)
    assert float(score.get_attribute("aria-valuenow")) == pytest.approx(1.5)
    for key, value in (("End", 4), ("Home", -4)):
        page.keyboard.press(key)
        assert float(score.get_attribute("aria-valuenow")) == value
    box = score.bounding_box()
    page.mouse.move(box["x"] + 13, box["y"] + 13)
    page.mouse.down()
    page.mouse.move(box["x"] + 13, box["y"] - 60, steps=4)
    page.mouse.up()
    moved = float(score.get_attribute("aria-valuenow"))
    assert moved > -3
    assert score.bounding_box()["y"] + 13 == pytest.approx(box["y"] - 60, abs=4)
    page.mouse.move(10, 10)
    assert float(score.get_attribute("aria-valuenow")) == moved
    page.get_by_role("button", name="Back to the start").click()
    assert score.get_attribute("aria-valuenow") == "2.4"


@pytest.mark.browser
def test_with_many_features_nothing_passes_the_line_but_the_mean_keeps_its_meaning(visit):
    page = visit(live.soft_selection().page())
    assert re.search(r"Of 10 features \d pass with softmax", finding(page))
    slider = page.get_by_label("Features in all, P")
    slider.focus()
    page.keyboard.press("End")
    assert "Of 10,000 features none passes with softmax" in finding(page)
    page.get_by_role("radio", name="mean 1").check()
    assert re.search(r"Of 10,000 features \d pass with softmax", finding(page))


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 900])
def test_handles_are_inside_and_large_enough(visit, width):
    figure = live.soft_selection([0.0] * 8)
    page = visit(html_page(figure), viewport={"width": width, "height": 740})
    boxes = [one.bounding_box() for one in page.locator(".gl-handle").all()]
    assert len(boxes) == 8
    frame = page.locator(".geneml-live").bounding_box()
    for one in boxes:
        assert min(one["width"], one["height"]) >= 24
        assert one["x"] >= frame["x"]
        assert one["x"] + one["width"] <= frame["x"] + frame["width"]
    # All at one height: neighbours are apart by what a finger needs.
    assert min(np.diff([one["x"] for one in boxes])) >= 24
