"""The figures about explanation in a browser: substitutions by mouse and keyboard, and more."""

import re

import keras
import numpy as np
import pytest

from geneml import live
from geneml.live.figure import page as html_page

pytestmark = pytest.mark.browser

START = "ACGTTGCAAG" * 3


def truth(sequences):
    return [2.0 * (s[4] == "A") + (s[20] == "G") * (s[4] == "C") for s in sequences]


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(5)
    return keras.Sequential(
        [
            keras.Input((30, 4)),
            keras.layers.Conv1D(8, 5, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(6, activation="gelu"),
            keras.layers.Dense(1),
        ]
    )


@pytest.fixture(scope="module")
def figure(network):
    return live.mutagenesis(network, START, phenotype=truth, causal=[4, 20])


def predictions(network, *sequences):
    code = np.array([[[b == a for a in "ACGT"] for b in s] for s in sequences], dtype="float32")
    return network.predict(code, verbose=0)[:, 0]


def shown(value, plus=False):
    text = f"{value:+.2f}" if plus else f"{value:.2f}"
    if float(text) == 0:
        text = "0.00"
    return text.replace("-", "\N{MINUS SIGN}")


def finding(page):
    return page.locator(".gl-finding").inner_text()


def labels(page):
    """Change of every substitution in the close-up, as its buttons say it."""
    words = page.locator(".gl-cell-button").evaluate_all(
        "all => all.map((one) => one.getAttribute('aria-label'))"
    )
    parts = [re.fullmatch(r"Position (\d+), (\w) to (\w): ([^,]+)(, truth .+)?", w) for w in words]
    return {(int(p[1]), p[3]): p[4] for p in parts if p}


def test_a_cell_makes_its_substitution_and_the_map_is_that_of_keras(visit, network, figure):
    page = visit(figure.page())
    page.get_by_role("button", name="Position 4, T to A").click()
    changed = START[:4] + "A" + START[5:]
    before, after = predictions(network, START, changed)
    assert finding(page).startswith(
        f"T to A at position 4: the prediction went from {shown(before)} to {shown(after)}"
    )
    assert "The true value moved by +2.00." in finding(page)
    mutants = {
        (i, b): changed[:i] + b + changed[i + 1 :] for i in range(30) for b in "ACGT"
        if b != changed[i]
    }  # fmt: skip
    values = predictions(network, *mutants.values()) - after
    expected = dict(zip(mutants, values, strict=True))
    found = labels(page)
    assert len(found) > 60
    assert all(abs(_number(text) - expected[key]) < 0.006 for key, text in found.items())
    strongest = sorted(expected, key=lambda key: -abs(expected[key]))[0]
    first = page.locator(".gl-table tbody tr").first.inner_text()
    place, letter = strongest
    assert f"{changed[place]}{place}{letter}" in first
    assert shown(expected[strongest], plus=True) in first


def _number(text):
    return float(text.replace("\N{MINUS SIGN}", "-").replace("+", ""))


def test_keys_move_and_set_bases_and_one_button_is_in_the_tab_order(visit, figure):
    page = visit(figure.page())
    start = page.get_by_role("button", name="Position 4: T, causal")
    start.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    assert "at position 5" in finding(page)
    assert page.get_by_role("button", name="Position 5: C, was G").count() == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert finding(page).startswith("C to A at position 5")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "Position 29, G to A"
    )
    assert page.get_by_label("Look at position").input_value() == "29"
    assert page.locator(".gl-close-up button[tabindex='0']").count() == 1
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert "Position 0 is A now" in page.evaluate(
        "document.activeElement.getAttribute('aria-label')"
    )


def test_undo_and_back_restore_the_map(visit, figure):
    page = visit(figure.page())
    first = labels(page)
    undo = page.get_by_role("button", name="Undo")
    assert undo.is_disabled()
    page.get_by_role("button", name="Largest rise").click()
    second = labels(page)
    page.get_by_role("button", name="Largest fall").click()
    assert labels(page) != second
    undo.click()
    assert labels(page) == second
    undo.click()
    assert labels(page) == first
    assert "0 bases now differ" in finding(page)
    page.get_by_role("button", name="Largest rise").click()
    page.get_by_role("button", name="Back to the reference").click()
    assert labels(page) == first
    assert finding(page).startswith("The network predicts")
    assert undo.is_disabled()


def test_largest_rise_and_fall_are_the_extremes_of_the_map(visit, network, figure):
    mutants = [START[:i] + b + START[i + 1 :] for i in range(30) for b in "ACGT"]
    values = predictions(network, *mutants)
    for name, extreme in (("Largest rise", values.max()), ("Largest fall", values.min())):
        page = visit(figure.page())
        page.get_by_role("button", name=name).click()
        assert f"to {shown(extreme)} (" in finding(page)


def test_truth_track_and_table_can_be_shown(visit, figure):
    page = visit(figure.page())
    assert page.locator(".gl-split").count() == 0
    page.get_by_label("True effects beside").check()
    assert page.locator(".gl-split").count() > 0
    name = page.get_by_role("button", name="Position 4, T to A").get_attribute("aria-label")
    assert name.endswith(", truth +2.00")
    page.get_by_label("one number a base").check()
    assert page.locator(".gl-chart-title").first.inner_text().startswith("What each base")
    page.get_by_text("The whole map as a table").click()
    rows = page.locator(".gl-tall tbody tr")
    rows.nth(29).wait_for()  # the table is filled once it has been opened
    assert rows.count() == 30
    cells = rows.nth(4).locator("td").all_inner_texts()
    assert cells[3] == "–"
    assert labels(page)[4, "A"] == cells[0]


def test_the_overview_and_the_slider_move_the_close_up(visit, network):
    wide = keras.Sequential([keras.Input((300, 4)), keras.layers.Flatten(), keras.layers.Dense(1)])
    page = visit(
        live.mutagenesis(wide, "ACGTA" * 60).page(), viewport={"width": 360, "height": 800}
    )
    page.get_by_label("Look at position").fill("250")
    assert page.get_by_role("button", name="Position 250:").count() == 1
    box = page.locator(".gl-click").bounding_box()
    page.mouse.click(box["x"] + 0.5 * (box["width"] + 70), box["y"] + 40)
    place = int(page.get_by_label("Look at position").input_value())
    assert 130 < place < 170
    assert page.get_by_role("button", name=f"Position {place}:").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_two_networks_on_one_page_keep_apart(visit, network, figure):
    other = live.mutagenesis(network, "T" * 30)
    page = visit(html_page(figure, other))
    before = page.locator(".gl-finding").all_inner_texts()
    page.get_by_role("button", name="Largest rise").first.click()
    after = page.locator(".gl-finding").all_inner_texts()
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_multiplying_effects_take_the_slider_along(visit):
    page = visit(live.epistasis((1.0, 1.25), scale="log").page())
    page.get_by_label("Let the effects multiply").check()
    assert "logarithms add up" in finding(page)
    assert page.get_by_label("Interaction A × B").is_disabled()
    assert page.locator("output").nth(2).inner_text() == "+0.31"
    page.get_by_label("Let the effects multiply").uncheck()
    assert page.get_by_label("Interaction A × B").is_enabled()


def test_a_sliding_filter_stops_at_the_end_and_at_once_without_motion(visit):
    sequences = ["ACGTTGACGTCATTTACG", "GGGGTGACGTGGGG"]
    calm = visit(live.motif_scan(sequences, motif="TGACGTCA").page(), reduced_motion="reduce")
    calm.get_by_role("button", name="Slide").click()
    calm.wait_for_function("() => document.querySelector('.gl-button').textContent === 'Slide'")
    assert calm.get_by_label("Window begins at").input_value() == "10"
    calm.get_by_role("button", name="To the strongest window").click()
    assert "TGACGTCA in sequence 1, activation 8.00" in finding(calm)
    page = visit(live.motif_scan(sequences, motif="TGACGTCA").page())
    page.get_by_role("button", name="Slide").click()
    page.get_by_role("button", name="Pause").click()
    assert int(page.get_by_label("Window begins at").input_value()) < 10
