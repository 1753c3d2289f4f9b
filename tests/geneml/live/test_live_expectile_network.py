"""The expectile networks in the page: Keras agrees, crossing is named, keys and phones work."""

import json
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geneml import live
from geneml.live.expectile_network import influence
from geneml.live.figure import page as html_page
from geneml.replicates import Plan, train
from geneml.splits import random_split

TAUS = (0.1, 0.25, 0.5, 0.75, 0.9)


@pytest.fixture(scope="module")
def cohort():
    """Eleven SNPs, the fourth by far the strongest; a count with a long tail."""
    rng = np.random.default_rng(3)
    x = rng.binomial(2, 0.4, (400, 11))
    y = np.round(np.exp(2 + 0.5 * x[:, 3] + 0.1 * x[:, 7] + 0.6 * rng.normal(size=400)))
    return x, y


@pytest.fixture(scope="module")
def networks(cohort):
    x, y = cohort
    plan = Plan.grid(splits=1, taus=TAUS, hidden=(6,), seed=4)
    return train(x, y, [random_split(len(y), seed=1)], plan, epochs=150)


def test_the_page_predicts_what_keras_predicts(javascript, cohort, networks):
    x, _ = cohort
    figure = live.expectile_network(networks, x[:60])
    found = javascript(
        "expectile_network",
        "(() => { const f = m.levelNetworks(v.data);"
        " return v.data.people.map((one) => f(m.genotypesOf(one))); })()",
        data=figure.data,
    )
    columns = [
        float(networks.mean[row])
        + float(networks.scale[row])
        * networks.model(row).predict(x[:60].astype("float32"), verbose=0)[:, 0]
        for row in range(len(TAUS))
    ]
    expected = np.column_stack(columns)
    assert expected.std(axis=0).min() > 1, "constant predictions would agree with anything"
    assert_allclose(found, expected, rtol=2e-6, atol=2e-6 * np.abs(expected).max())


def test_people_travel_as_they_are(cohort, networks):
    x, y = cohort
    data = live.expectile_network(networks, x[:9], observed=y[:9]).data
    assert [[int(g) for g in one] for one in data["people"]] == x[:9].tolist()
    assert data["observed"] == y[:9].tolist()
    json.dumps(data, allow_nan=False)


def test_neighbours_out_of_order_cross(javascript):
    found = javascript(
        "expectile_network", "v.rows.map(m.crossings)", rows=[[1, 2, 3], [3, 2, 1], [1, 1, 0.5]]
    )
    assert found == [[], [[0, 1], [1, 2]], [[1, 2]]]


def test_the_middle_level_is_the_one_nearest_to_the_mean(javascript):
    found = javascript(
        "expectile_network",
        "v.rows.map(m.middle)",
        rows=[TAUS, [0.1, 0.9], [0.6, 0.7], [0.2, 0.45]],
    )
    assert found == [2, 0, 0, 1]


def test_the_strongest_snp_is_shown_and_influence_is_the_change_from_none_to_two(cohort, networks):
    x, _ = cohort
    moves = influence(networks, x[:50])
    assert int(np.argmax(moves)) == 3
    none, two = x[:50].astype("float32"), x[:50].astype("float32")
    none[:, 7], two[:, 7] = 0, 2
    by_hand = np.mean(np.abs(networks.predict(two) - networks.predict(none)))
    assert moves[7] == pytest.approx(by_hand, rel=1e-6)
    assert 3 in live.expectile_network(networks, x[:50], shown=2).data["shown"]
    data = live.expectile_network(networks, x[:50], shown=[5, 0]).data
    assert (data["shown"], data["names"]) == ([5, 0], ["SNP 5", "SNP 0"])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"networks": object()}, TypeError, "geneml.replicates.Networks"),
        ({"networks": "falling"}, ValueError, "levels that rise"),
        ({"genotypes": np.zeros((5, 4), int)}, ValueError, "11 columns as in training"),
        ({"genotypes": np.full((5, 11), -1)}, ValueError, "0, 1 or 2 everywhere"),
        ({"genotypes": np.zeros((1, 11), int)}, ValueError, "2 to 500 people"),
        ({"genotypes": np.zeros((5, 11), str)}, ValueError, "table of numbers"),
        ({"names": ["a"] * 11}, ValueError, "11 different names"),
        ({"observed": [1.0]}, ValueError, "observed: expected 5 numbers"),
        ({"shown": 9}, ValueError, "shown: expected a number from 1 to 8"),
        ({"shown": [1, 1]}, ValueError, "different columns"),
        ({"shown": [11]}, ValueError, r"shown\[0\]"),
    ],
)
def test_bad_arguments_are_named(networks, change, error, words):
    if change.get("networks") == "falling":
        change = {"networks": networks.take([4, 3, 2, 1, 0])}
    arguments = {"networks": networks, "genotypes": np.zeros((5, 11), int)} | change
    with pytest.raises(error, match=words):
        live.expectile_network(arguments.pop("networks"), arguments.pop("genotypes"), **arguments)


def finding(page):
    return page.locator(".gl-finding").inner_text()


def levels_in(text):
    listed = text.split("Predicted", 1)[1].split(".  ")[0]
    return [
        float(value.replace("−", "-")) for value in re.findall(r"0\.\d\d: (−?[\d,.]+\d)", listed)
    ]


@pytest.mark.browser
def test_a_changed_genotype_moves_the_levels_as_in_python(visit, cohort, networks):
    x, y = cohort
    people = x[:60]
    page = visit(live.expectile_network(networks, people, observed=y[:60], shown=[3, 7]).page())
    ranked = people[np.argsort(networks.predict(people)[:, 2], kind="stable")]
    slider = page.locator("input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    assert "Person 1 of 60" in finding(page)
    assert_allclose(levels_in(finding(page)), networks.predict(ranked[:1])[0], atol=0.051)
    for copies in (2, 0):
        page.get_by_role("group", name="SNP 3").get_by_role("radio", name=str(copies)).check()
        changed = ranked[:1].copy()
        changed[0, 3] = copies
        assert_allclose(levels_in(finding(page)), networks.predict(changed)[0], atol=0.051)
    page.get_by_role("button", name="Back to this person's genotypes").click()
    assert "own genotypes" in finding(page)
    assert_allclose(levels_in(finding(page)), networks.predict(ranked[:1])[0], atol=0.051)


@pytest.mark.browser
def test_arrow_keys_change_genotypes_and_a_rare_combination_is_named(visit, cohort, networks):
    x, _ = cohort
    page = visit(live.expectile_network(networks, x[:60], shown=[3]).page())
    chosen = page.get_by_role("group", name="SNP 3").get_by_role("radio", checked=True)
    chosen.focus()
    before = finding(page)
    page.keyboard.press("ArrowRight")
    assert finding(page) != before
    assert "With 1 genotype changed" in finding(page)
    text = finding(page)
    assert "Nobody here has exactly these genotypes" in text or "exactly these genotypes." in text


@pytest.mark.browser
def test_people_whose_levels_cross_are_found_and_flagged(visit, cohort, networks):
    x, _ = cohort
    # Two levels that trade places cross for everybody.
    swapped = networks.take([1, 3])
    swapped = type(swapped)(**{**vars(swapped), "mean": swapped.mean + np.array([30.0, -30.0])})
    page = visit(live.expectile_network(swapped, x[:20], shown=1).page())
    page.get_by_role("button", name="Somebody whose levels cross").click()
    assert "Levels cross: 0.75 lies below 0.25" in finding(page)
    page = visit(live.expectile_network(swapped.take([0, 1]), x[:20], shown=1).page(theme="dark"))
    apart = type(swapped)(**{**vars(swapped), "mean": swapped.mean + np.array([-90.0, 90.0])})
    page = visit(live.expectile_network(apart, x[:20], shown=1).page())
    assert "The levels are in order" in finding(page)
    assert page.get_by_role("button", name="Somebody whose levels cross").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 900])
def test_nothing_is_wider_than_the_page(visit, cohort, networks, width):
    x, y = cohort
    figure = live.expectile_network(networks, x[:60], observed=y[:60], unit="cigarettes")
    page = visit(html_page(figure), viewport={"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    slider = page.locator("input[type=range]").bounding_box()
    assert slider["x"] >= 0
    assert slider["x"] + slider["width"] <= width
