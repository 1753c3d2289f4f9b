"""Figures of chapter 16 against closed forms, SciPy and what a record says."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from geneml import live
from geneml.evaluation.implied import (
    expected_best,
    normal_distance_correlation,
    smallest_mse,
)
from geneml.live.figure import page as html_page


@pytest.mark.parametrize(("k", "n"), [(1, 30), (2, 20), (20, 100), (200, 363)])
def test_the_expected_best_look_is_that_of_python(javascript, k, n):
    found = javascript("peeking", "m.expectedBest(v.k, v.n, kit)", k=k, n=n)
    assert found == pytest.approx(expected_best(k, n), abs=2e-5)


@pytest.mark.parametrize("alike", [0.0, 0.6])
def test_looks_are_correlations_of_noise_with_noise(javascript, alike):
    n = 24
    drawn = javascript(
        "peeking",
        "(() => { const random = kit.generator(7); return Array.from({ length: 8000 },"
        " () => m.looks(2, v.n, v.alike, random)); })()",
        n=n,
        alike=alike,
    )
    first, second = np.array(drawn).T
    # One correlation of noise, whatever the looks share: t on n - 2 degrees of freedom.
    t = first * np.sqrt((n - 2) / (1 - first**2))
    assert stats.kstest(t, stats.t(n - 2).cdf).pvalue > 1e-3
    # Two predictions that share a part, made individual by individual.
    rng = np.random.default_rng(3)
    shape = (8_000, n)
    y, common, *own = (rng.normal(size=shape) for _ in range(4))
    made = [np.sqrt(alike) * common + np.sqrt(1 - alike) * part for part in own]

    def r(a, b):
        a, b = (one - one.mean(axis=1, keepdims=True) for one in (a, b))
        return (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))

    expected = np.array([r(one, y) for one in made])
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(np.corrcoef(expected)[0, 1], abs=0.04)
    best = np.maximum(first, second)
    assert best.mean() == pytest.approx(expected.max(axis=0).mean(), abs=0.01)


def test_the_curve_for_looks_that_are_alike_is_near_the_draws(javascript):
    drawn = javascript("peeking", "kit.mean(m.trainings(20, 100, 0.5, 3, kit).best)")
    assert drawn == pytest.approx(np.sqrt(0.5) * expected_best(20, 100), abs=0.012)


def test_a_trait_that_normal_predictions_meet(javascript):
    found = javascript("ceiling", "m.shown(0.4, 0.7)")
    r = 0.7 * np.sqrt(0.4)
    assert found["r"] == pytest.approx(r)
    assert found["mse"] == pytest.approx(smallest_mse(r))
    assert found["dependence"] == pytest.approx(normal_distance_correlation(r))
    grid = np.linspace(-1, 1, 21)
    values = javascript("ceiling", "v.r.map(m.distanceCorrelation)", r=grid.tolist())
    assert_allclose(values, normal_distance_correlation(grid), atol=1e-7)


def test_a_row_holds_what_the_record_holds(javascript, contest_results):
    sets = live.contest(contest_results).data["sets"]
    assert [one["label"] for one in sets] == ["mice, body length", "pigs, body length"]

    def rows(measure, protocol="families", place=0):
        return javascript(
            "contest",
            "m.rowsOf(v.set, v.protocol, 'markers', v.measure)",
            set=sets[place],
            protocol=protocol,
            measure=measure,
        )

    recorded = contest_results["mice"]["protocols"]["families"]["body_length"]["scores"]["markers"]
    by_name = {row["method"]: row for row in rows("r")}
    assert set(by_name) == {"GBLUP", "GRVSNN"}  # the mean has no correlation
    assert by_name["GBLUP"]["mean"] == pytest.approx(recorded["GBLUP"]["r"]["mean"])
    assert by_name["GRVSNN"]["published"] == 0.7
    assert by_name["GBLUP"]["published"] is None
    assert {row["method"] for row in rows("mse")} == {"GBLUP", "GRVSNN", "mean"}
    seconds = {row["method"]: row for row in rows("seconds")}
    assert seconds["GRVSNN"]["published"] == 480
    features = {row["method"]: row for row in rows("features")}
    assert features["GRVSNN"]["mean"] == pytest.approx(103.3)
    assert all(row["published"] is None for row in rows("r", "honest", 1))
    assert rows("r", "authors", 1) == []


def test_axes_hold_every_mark(javascript, contest_results):
    sets = live.contest(contest_results).data["sets"]
    for measure in ("r", "mse", "distance_correlation", "calibration_slope", "features", "seconds"):
        rows, (low, high) = javascript(
            "contest",
            "(() => { const rows = m.rowsOf(v.set, 'honest', 'markers', v.measure);"
            " return [rows, m.domainOf(rows, v.measure)]; })()",
            set=sets[0],
            measure=measure,
        )
        marks = [row[key] for row in rows for key in ("mean", "published") if row[key] is not None]
        assert low <= min(marks) <= max(marks) <= high


def test_points_are_on_the_scale_of_the_trait(contest_results):
    figure = live.ceiling(contest_results, printed_variance={"mice": 2.0})
    (trait,) = figure.data["traits"]
    assert trait["heritability"] == 0.25
    assert {point["mse"] for point in trait["ours"]} == {1.68, 1.7}
    assert [point["mse"] for point in trait["published"]] == [0.07, 0.07]
    assert len(trait["ours"]) == 4  # two methods, two kinds of input; the mean has no r


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: live.contest({}), ValueError, "results: expected at least one record"),
        (lambda: live.contest({"a": {}}), ValueError, "lacks protocols, published, audit"),
        (lambda: live.ceiling({}), ValueError, "results"),
        (lambda: live.peeking(looks=0), ValueError, "looks"),
        (lambda: live.peeking(test_size=10), ValueError, "test_size"),
        (lambda: live.peeking(alike=1), ValueError, "alike"),
        (lambda: live.peeking(seed=-1), ValueError, "seed"),
    ],
)
def test_arguments_are_checked(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_a_ceiling_needs_a_published_table(contest_results):
    with pytest.raises(ValueError, match="published table"):
        live.ceiling({"pigs": contest_results["pigs"]})
    with pytest.raises(ValueError, match="accuracy"):
        live.ceiling(contest_results, accuracy=2)
    with pytest.raises(ValueError, match="printed_variance"):
        live.ceiling(contest_results, printed_variance={"mice": 0.0})


def finding(page):
    return page.locator(".gl-finding").inner_text()


@pytest.mark.browser
def test_the_reader_goes_through_the_tables(visit, contest_results):
    page = visit(live.contest(contest_results).page())
    assert "GBLUP has correlation r 0.300 there" in finding(page)
    assert "better than GBLUP GRVSNN; worse none" in finding(page)
    page.get_by_role("radio", name="what loadings add").check()
    assert "loadings help none; hurt GRVSNN" in finding(page)
    page.get_by_role("radio", name="families kept together").check()
    assert "GBLUP has correlation r 0.310 there" in finding(page)
    page.get_by_role("radio", name="pigs").check()
    assert "There is no such run for the pigs" in finding(page)
    page.get_by_role("radio", name="MSE").check()
    assert "GBLUP has MSE 1.700" in finding(page)


@pytest.mark.browser
def test_more_looks_find_more_and_a_larger_fold_less(visit):
    page = visit(live.peeking().page())
    best = re.compile(r"shows a correlation of (\S+) on average")
    before = float(best.search(finding(page))[1])
    page.get_by_role("button", name="A fold of 363").click()
    assert float(best.search(finding(page))[1]) < 0.7 * before
    page.get_by_role("button", name="A fold of 40").click()
    assert float(best.search(finding(page))[1]) > 1.3 * before
    slider = page.get_by_label("Looks at the fold")
    slider.focus()
    page.keyboard.press("Home")
    assert "One look is honest" in finding(page)
    page.get_by_role("button", name="Back to the start").click()
    assert float(best.search(finding(page))[1]) == before


@pytest.mark.browser
def test_the_heritability_moves_the_line(visit, contest_results):
    page = visit(live.ceiling(contest_results).page())
    assert "Heritability 0.25 allows r up to 0.50" in finding(page)
    assert "2 of 2 published correlations lie to the right" in finding(page)
    slider = page.get_by_label("Heritability")
    slider.focus()
    page.keyboard.press("End")
    assert "0 of 2 published correlations lie to the right" in finding(page)
    page.get_by_role("button", name="Back to the start").click()
    assert "allows r up to 0.50" in finding(page)


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360])
def test_labels_are_not_cut_on_a_phone(visit, contest_results, width):
    figures = [live.contest(contest_results), live.peeking(), live.ceiling(contest_results)]
    page = visit(html_page(*figures), viewport={"width": width, "height": 740})
    cut = page.locator(".gl-svg text").evaluate_all(
        """all => all.filter((one) => {
          const text = one.getBoundingClientRect();
          const box = one.closest("svg").getBoundingClientRect();
          return text.left < box.left - 1 || text.right > box.right + 1;
        }).map((one) => one.textContent)"""
    )
    assert cut == []
