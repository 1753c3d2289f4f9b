"""The figures in a real browser: drawn, moved by keyboard, accessible, calm and alone."""

from itertools import product

import keras
import numpy as np
import pandas as pd
import pytest

from geneml import live
from geneml.live.figure import page as html_page
from geneml.live.transfer import AXES, CONTROLS, METHODS, RIVALS
from geneml.replicates import Plan, train
from geneml.splits import random_split

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"width": 360, "height": 740}
MOTIFS = ["GATTGACGTCAACT", "CCTGACGTCAGT", "TTTTGACGTGATTACC", "ACACACACACAC"]
PEOPLE = np.random.default_rng(1).integers(0, 3, (40, 6))
KERNEL = np.stack([[[b == a for a in "ACGT"] for b in "TGACGTCA"], np.eye(4)[[0] * 8]], axis=-1)


def small_network():
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.Input((30, 4)),
            keras.layers.Conv1D(8, 5, activation="relu"),
            keras.layers.MaxPooling1D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )


def level_networks():
    """Expectile networks of three levels on six SNPs."""
    x, y = PEOPLE, np.random.default_rng(2).gamma(2.0, 5.0, 40)
    return train(
        x, y, [random_split(40, seed=1)], Plan.grid(splits=1, taus=(0.1, 0.5, 0.9)), epochs=30
    )


def truth(sequences):
    return [2.0 * (s[4] == "A") + (s[20] == "G") * (s[4] == "C") for s in sequences]


def transfer_table():
    """A small map of transfer: numbers without meaning."""
    cells = product(
        ["tuned", "no penalty"], [0.1, 0.5], [500, 3_888], [0.05, 0.1], [-0.8, 0.0, 0.75]
    )
    table = pd.DataFrame(cells, columns=AXES)
    rng = np.random.default_rng(3)
    intervals = [f"loss: {one}" for one in METHODS]
    intervals += [f"gain: {one}" for one in ("copied", "pulled", "frozen", *CONTROLS)]
    intervals += [f"frozen gains over: {one}" for one in RIVALS]
    numbers = {name: rng.normal(size=len(table)) for name in intervals}
    numbers |= {f"{name} ±": rng.uniform(0.1, 1, len(table)) for name in intervals}
    for name in ("frozen", "copied", "frozen, shuffled source"):
        numbers[f"pattern: {name}"] = rng.integers(0, 11, len(table)) / 10
    rest = {"cohorts": 10, "accepted": 0.5, "accepted and better, or declined and not": 0.5}
    return table.assign(**numbers, **rest)


@pytest.fixture(scope="module")
def network():
    return small_network()


@pytest.fixture(scope="module")
def figures(network, contest_results):
    """Every figure once, by name."""
    epochs = np.arange(60)
    history = {
        "training_loss": 0.1 + np.exp(-epochs / 12),
        "validation_loss": 0.4 + 0.8 * np.exp(-epochs / 9) + 0.004 * epochs,
    }
    made = [
        live.ceiling(contest_results),
        live.contest(contest_results),
        live.convolution(),
        live.descent(),
        live.disagreement(),
        live.dominance(),
        live.early_stopping(history),
        live.epistasis(),
        live.expectile_balance(),
        live.expectile_fan(),
        live.expectile_network(level_networks(), PEOPLE, observed=np.arange(40), unit="drinks"),
        live.gated_block(),
        live.gblup(),
        live.gibbs(),
        live.heritability(),
        live.selection_index(),
        live.imbalance(),
        live.linkage(),
        live.linked_credit(),
        live.motif_scan(MOTIFS, KERNEL, known="TGACGTCA", names=["a motif", "none"]),
        live.mutagenesis(network, "ACGTTGCAAG" * 3, phenotype=truth, causal=[4, 20], unit="cm"),
        live.mutate(network, "ACGTTGCAAG" * 3, phenotype=truth, causal=[4, 20], unit="cm"),
        live.one_hot(),
        live.overfit(),
        live.pair_search(),
        live.pedigree(),
        live.peeking(),
        live.quiet_test(),
        live.relatives(),
        live.replicates(),
        live.scree(),
        live.shapley_game(),
        live.shift(),
        live.shrinkage(),
        live.soft_selection(),
        live.transfer_map(transfer_table(), people=500),
    ]
    return {figure.name: figure for figure in made}


def settle(page):
    """Wait until no figure computes any more."""
    page.wait_for_function("() => !document.querySelector('.gl-finding[aria-busy]')")


def findings(page):
    return page.locator(".gl-finding").all_inner_texts()


def test_every_figure_is_drawn_with_words_and_without_a_request(visit, figures):
    page = visit(html_page(*figures.values()))
    settle(page)
    texts = findings(page)
    assert len(texts) == len(figures)
    assert all(len(text) > 40 for text in texts)
    assert not any("NaN" in text or "undefined" in text for text in texts)
    pictures = page.locator(".gl-chart [role=img]")
    labels = pictures.evaluate_all("all => all.map((one) => one.getAttribute('aria-label'))")
    assert len(labels) >= 2 * len(figures) - 3
    assert all(len(label) > 30 and "NaN" not in label for label in labels)
    bad = page.locator(".geneml-live svg *").evaluate_all(
        "all => all.filter((one) => Array.from(one.attributes)"
        ".some(({ value }) => /NaN|Infinity|undefined/.test(value))).length"
    )
    assert bad == 0


def test_identifiers_are_unique_and_every_input_has_a_label(visit, figures):
    page = visit(html_page(*figures.values(), live.shift(), live.shift()))
    ids = page.locator(".geneml-live [id]").evaluate_all("all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))
    unlabelled = page.locator(".geneml-live input").evaluate_all(
        "all => all.filter((one) => one.labels.length !== 1).length"
    )
    assert unlabelled == 0


def test_two_equal_figures_move_independently(visit):
    page = visit(html_page(live.shift(), live.shift()))
    before = findings(page)
    assert before[0] == before[1]
    page.locator("input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    after = findings(page)
    assert after[0] != before[0]
    assert after[1] == before[1]


@pytest.mark.parametrize("place", ["light", "dark", "phone", "phone in the dark"])
def test_no_violation_of_wcag(visit, figures, place):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    viewport = PHONE if "phone" in place else {"width": 1000, "height": 800}
    theme = "dark" if "dark" in place else "light"
    page = visit(html_page(*figures.values(), theme=theme), viewport=viewport)
    settle(page)
    rules = {"runOnly": {"type": "tag", "values": WCAG}}
    found = axe.Axe().run(page, options=rules).response
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
    assert any(one["id"] == "color-contrast" for one in found["passes"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_svg_text_has_enough_contrast(visit, figures, theme):
    """Axe does not look at SVG text: its colour against the fill below it is computed here."""
    page = visit(html_page(*figures.values(), theme=theme))
    settle(page)
    ratios = page.evaluate(
        """() => {
          const light = (text) => {
            const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
              const c = v / 255;
              return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          return Array.from(document.querySelectorAll(".geneml-live svg text"), (text) => {
            const card = getComputedStyle(text.closest(".geneml-live")).backgroundColor;
            const below = text.previousElementSibling;
            const bare = text.classList.contains("gl-bare");
            const style = bare && below?.tagName === "rect" ? getComputedStyle(below) : null;
            let ground = light(card);
            if (style) {
              const share = Number(style.fillOpacity);
              const mix = (a, b) => a.match(/[\\d.]+/g).slice(0, 3)
                .map((v, i) => share * v + (1 - share) * b.match(/[\\d.]+/g)[i]);
              ground = light(mix(style.fill, card).join(","));
            }
            return [ratio(light(getComputedStyle(text).fill), ground), text.textContent];
          });
        }"""
    )
    assert len(ratios) > 200
    assert min(ratios) >= [4.5], min(ratios)


@pytest.mark.parametrize("width", [320, 360, 640])
def test_nothing_is_wider_than_the_page_and_targets_are_large(visit, figures, width):
    page = visit(html_page(*figures.values()), viewport={"width": width, "height": 740})
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.locator(".geneml-live :is(input, button):visible").evaluate_all(
        """all => all.map((one) => [one, one.getBoundingClientRect()])
          .filter(([one, box]) => box.width < 24 || box.height < 24)
          .map(([one]) => one.outerHTML)"""
    )
    assert small == []
    cut = page.locator(".gl-svg text").evaluate_all(
        """all => all.filter((one) => {
          const text = one.getBoundingClientRect();
          const box = one.closest("svg").getBoundingClientRect();
          return text.left < box.left - 1 || text.right > box.right + 1;
        }).map((one) => one.textContent)"""
    )
    assert cut == []


def test_every_slider_moves_by_keyboard_and_changes_its_figure(visit, figures):
    page = visit(html_page(*figures.values()))
    settle(page)
    for name in figures:
        figure = page.locator(f"[data-geneml-live^='{name}-']")
        for index in range(figure.locator("input[type=range]").count()):
            slider = figure.locator("input[type=range]").nth(index)
            output = figure.locator("output").nth(index)
            picture = figure.locator(".gl-charts").evaluate("(one) => one.innerHTML")
            old = output.inner_text()
            slider.focus()
            for key in ("ArrowLeft", "ArrowLeft", "PageDown", "ArrowRight", "PageUp", "PageUp"):
                page.keyboard.press(key)
                if output.inner_text() != old:
                    break
            assert output.inner_text() != old, (name, index)
            assert slider.get_attribute("aria-valuetext") == output.inner_text()
            settle(page)
            changed = figure.locator(".gl-charts").evaluate("(one) => one.innerHTML")
            assert changed != picture, (name, index)


@pytest.mark.parametrize(
    "name",
    [
        "contest",
        "convolution",
        "descent",
        "disagreement",
        "epistasis",
        "expectile_balance",
        "expectile_network",
        "gated_block",
        "gblup",
        "gibbs",
        "imbalance",
        "linked_credit",
        "motif_scan",
        "one_hot",
        "pair_search",
        "peeking",
        "replicates",
        "shapley_game",
        "soft_selection",
        "transfer_map",
    ],
)
def test_every_choice_and_button_works_by_keyboard(visit, figures, name):
    page = visit(html_page(figures[name]), reduced_motion="reduce")
    for index in range(page.locator("fieldset").count()):
        group = page.locator("fieldset").nth(index)
        before = findings(page)
        group.locator("input:checked").focus()
        page.keyboard.press("ArrowRight")
        assert findings(page) != before, index
    button = page.locator(".gl-button")
    for index in range(button.count()):
        settle(page)
        before = findings(page)
        button.nth(index).focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "(old) => document.querySelector('.gl-finding').textContent !== old", arg=before[0]
        )


def test_focus_is_visible(visit, figures):
    page = visit(html_page(figures["descent"]))
    for _ in range(5):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        assert style[0] == "solid"
        assert style[1] >= 2


def test_descent_runs_in_steps_pauses_and_respects_reduced_motion(visit, figures):
    page = visit(html_page(figures["descent"]))
    page.get_by_role("button", name="Back to the start").click()
    assert findings(page)[0].startswith("After 0 steps")
    page.get_by_role("button", name="One step").click()
    assert findings(page)[0].startswith("After 1 step ")
    page.get_by_role("button", name="Run").click()
    page.wait_for_function(
        "() => /After ([5-9]|\\d\\d+) /.test(document.querySelector('.gl-finding').textContent)"
    )
    page.get_by_role("button", name="Pause").click()
    held = findings(page)[0]
    assert not held.startswith("After 200 steps")
    page.wait_for_timeout(150)
    assert findings(page)[0] == held
    calm = visit(html_page(figures["descent"]), reduced_motion="reduce")
    calm.get_by_role("button", name="Run").click()
    assert findings(calm)[0].startswith("After 200 steps")


def test_training_in_the_page_leaves_it_responsive(visit, figures):
    page = visit(html_page(figures["overfit"]))
    settle(page)
    before = findings(page)
    slider = page.get_by_label("Training individuals")
    slider.fill(str(slider.get_attribute("max")))
    # The slider has answered while training still goes on in slices.
    assert page.locator(".gl-finding[aria-busy=true]").count() == 1
    settle(page)
    assert findings(page) != before


def test_mutating_by_keyboard_gives_the_prediction_of_keras(visit, figures, network):
    page = visit(html_page(figures["mutate"]))
    settle(page)
    page.get_by_label("Position 4: T").click()  # T is followed by A
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    settle(page)
    letters = page.locator(".gl-base").all_inner_texts()
    expected = list("ACGTTGCAAG" * 3)
    expected[4:6] = "AC"
    assert letters == expected
    code = np.array([[[base == one for one in "ACGT"] for base in letters]], dtype="float32")
    prediction = float(network.predict(code, verbose=0)[0, 0])
    shown = f"{prediction:.2f}".replace("-", "\N{MINUS SIGN}")
    assert f"the network predicts {shown}" in findings(page)[0]
    assert "the true genetic value is 2.00" in findings(page)[0]
    assert "2 bases changed" in findings(page)[0]
    assert page.locator(".gl-base[tabindex='0']").count() == 1
    page.get_by_role("button", name="Back to the start").click()
    assert page.locator(".gl-base").all_inner_texts() == list("ACGTTGCAAG" * 3)


def test_prediction_in_chromium_agrees_with_keras(browser, network, visit, figures):
    from geneml.live.bundle import figure_module

    page = visit(html_page(figures["mutate"]))
    rng = np.random.default_rng(0)
    sequences = ["".join(rng.choice(list("ACGT"), 30)) for _ in range(20)]
    found = page.evaluate(
        f"([data, all]) => {{ const m = {figure_module('mutate')};"
        " return all.map((one) => m.sequenceModel(data).predict(Array.from(one))); }",
        [figures["mutate"].data, sequences],
    )
    code = np.array([[[b == a for a in "ACGT"] for b in s] for s in sequences], dtype="float32")
    np.testing.assert_allclose(found, network.predict(code, verbose=0)[:, 0], atol=1e-5)


def test_strange_letters_are_named_and_left_out(visit, figures):
    page = visit(html_page(figures["one_hot"]))
    field = page.get_by_label("Sequence")
    field.fill("ACXGU")
    assert "Not a base: X, U" in page.locator(".gl-help").inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    assert findings(page)[0].startswith("3 bases in the one-hot code: 12 numbers.")
    field.fill("")
    assert findings(page)[0].startswith("0 bases")


@pytest.mark.parametrize(
    ("root", "body", "scheme", "dark"),
    [
        ("", "", "light", False),
        ("", "", "dark", True),
        ('data-theme="light"', "", "dark", False),
        ('data-theme="dark"', "", "light", True),
        ("", 'data-jp-theme-light="true"', "dark", False),
        ("", 'data-jp-theme-light="false"', "light", True),
    ],
)
def test_colours_follow_the_page_then_the_system(visit, root, body, scheme, dark):
    html = (
        f'<!DOCTYPE html><html lang="en" {root}><head><link rel="icon" href="data:,"></head>'
        f"<body {body}>{live.shift()._repr_html_()}</body></html>"
    )
    page = visit(html, color_scheme=scheme)
    colour = page.locator(".geneml-live").evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert (colour != "rgb(255, 255, 255)") == dark


def test_a_notebook_output_runs_when_its_scripts_are_put_in_later(visit):
    """JupyterLab sets the HTML of an output and then puts fresh copies of its scripts in."""
    html = (
        '<!DOCTYPE html><html lang="en"><head><link rel="icon" href="data:,"></head><body>'
        f"<template>{live.heritability()._repr_html_()}</template><div id='out'></div>"
        "</body></html>"
    )
    page = visit(html, ready=False)
    insert = """() => {
      const host = document.createElement("div");
      host.innerHTML = document.querySelector("template").innerHTML;
      for (const old of host.querySelectorAll("script")) {
        const fresh = document.createElement("script");
        for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
        fresh.textContent = old.textContent;
        old.replaceWith(fresh);
      }
      document.getElementById("out").replaceChildren(host);
    }"""
    for _ in range(2):  # the cell is run, and run again
        page.evaluate(insert)
        page.wait_for_selector(".geneml-live[data-gl-ready] .gl-finding")
        assert findings(page)[0].startswith("Genes explain 40 %")
    assert page.locator("#geneml-live-style").count() == 1


def test_without_javascript_a_sentence_tells_what_is_missing(visit):
    page = visit(live.shift().page(), ready=False, java_script_enabled=False)
    assert "switch JavaScript on" in page.locator(".gl-fallback").inner_text()
    assert page.locator(".gl-title").inner_text() == live.shift().title


def test_figures_redraw_when_the_width_changes(visit, figures):
    page = visit(html_page(*figures.values()))
    settle(page)
    page.set_viewport_size(PHONE)
    page.wait_for_function(
        "() => Array.from(document.querySelectorAll('.geneml-live .gl-plot > svg'))"
        ".every((one) => one.getAttribute('width') <= 340)"
    )
