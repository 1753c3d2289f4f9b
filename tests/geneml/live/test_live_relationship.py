"""The editable pedigree against geneml.pedigree and Wright's paths; the scree against NumPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geneml import live
from geneml.live.relationship import PRESETS
from geneml.pedigree import inbreeding, relationship_matrix


def random_pedigree(seed, n=9):
    """Names, fathers and mothers in random order; some parents unknown, some plants selfed."""
    rng = np.random.default_rng(seed)
    parents = [
        [int(p) if i and rng.random() < 0.8 else -1 for p in rng.integers(0, max(i, 1), 2)]
        for i in range(n)
    ]
    order = rng.permutation(n)
    name = [chr(65 + i) for i in range(n)]
    rows = [[name[i], *("0" if p < 0 else name[p] for p in parents[i])] for i in order]
    return rows


def expected(rows):
    return relationship_matrix(*zip(*rows, strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_relationships_match_geneml_in_any_order(javascript, seed):
    rows = random_pedigree(seed)
    found = javascript("pedigree", "m.relationships(m.fromNames(v.rows))", rows=rows)
    assert_allclose(np.reshape(found, (len(rows),) * 2), expected(rows), atol=1e-15)


@pytest.mark.parametrize("seed", range(8))
def test_wrights_paths_add_up_to_the_tabular_method(javascript, seed):
    """Two independent roads: paths between animals, and half of the parents' rows."""
    rows = random_pedigree(seed)
    found = javascript(
        "pedigree",
        "(() => { const animals = m.fromNames(v.rows); const table = m.relationships(animals);"
        " return animals.map((_, i) => animals.map((_, j) =>"
        " m.paths(animals, i, j, table).reduce((sum, path) => sum + path.share, 0))); })()",
        rows=rows,
    )
    assert_allclose(found, expected(rows), atol=1e-12)


def test_every_preset_is_what_its_name_says(javascript):
    """Inbreeding of the last animal, from the textbook."""
    textbook = {
        "half sibs": 1 / 8,
        "sib mating": 3 / 8,
        "cousins": 1 / 16,
        "backcross": 3 / 8,
        "selfing": 7 / 8,
        "unknown parents": 1 / 8,
    }
    data = live.pedigree().data
    assert [key for key, _, _ in PRESETS] == list(textbook)
    for key, _, rows in data["presets"]:
        table = javascript("pedigree", "m.relationships(m.fromNames(v.rows))", rows=rows)
        assert table[-1] - 1 == pytest.approx(textbook[key])
        assert inbreeding(*zip(*rows, strict=True))[-1] == pytest.approx(textbook[key])
        assert len(rows) <= data["most"]


def test_a_circle_is_refused_with_its_line(javascript):
    rows = [list(animal) for animal in ["A00", "B00", "CAB", "DC0"]]
    run = "m.withParent(m.fromNames(v.rows), v.child, 0, v.parent)"
    refused = javascript("pedigree", run, rows=rows, child=0, parent=3)["refused"]
    assert "D descends from A (A → C → D)" in refused
    assert "animals" not in javascript("pedigree", run, rows=rows, child=2, parent=2)
    # What the page allows has no circle, and geneml accepts it.
    allowed = javascript("pedigree", run, rows=rows, child=0, parent=1)["animals"]
    assert allowed[0]["parents"] == [1, -1]
    same = javascript("pedigree", "m.fromNames(v.rows)", rows=rows)
    assert same[3] == {"name": "D", "parents": [2, -1]}


def test_removing_a_parent_leaves_offspring_with_an_unknown_one(javascript):
    rows = [list(animal) for animal in ["A00", "B00", "CAB", "DCB"]]
    left = javascript("pedigree", "m.without(m.fromNames(v.rows), 0)", rows=rows)
    assert left == [
        {"name": "B", "parents": [-1, -1]},
        {"name": "C", "parents": [-1, 0]},
        {"name": "D", "parents": [1, 0]},
    ]


@pytest.mark.parametrize("seed", range(4))
def test_parents_are_drawn_above_their_offspring_and_nobody_on_top_of_another(javascript, seed):
    rows = random_pedigree(seed)
    shape = javascript("pedigree", "m.layout(m.fromNames(v.rows))", rows=rows)
    place = {name: i for i, (name, _, _) in enumerate(rows)}
    for i, (_, *parents) in enumerate(rows):
        for parent in parents:
            if parent != "0":
                assert shape["row"][place[parent]] < shape["row"][i]
    spots = list(zip(shape["row"], np.round(shape["x"], 6), strict=True))
    assert len(set(spots)) == len(spots)
    assert min(shape["row"]) == 0


def test_a_cell_is_accounted_for_in_words(javascript):
    rows = [list(animal) for animal in ["A00", "B00", "CAB", "DAB", "ECD"]]
    words = javascript(
        "pedigree",
        "(() => { const a = m.fromNames(v.rows); const t = m.relationships(a);"
        " return [m.account(a, t, 4, 4), m.account(a, t, 0, 4), m.account(a, t, 0, 1)]; })()",
        rows=rows,
    )
    assert "1 + F = 1.25" in words[0]
    assert "half of that is F = 0.25" in words[0]
    assert "A and E: 0.5, the mean of what the parents of E have with A: 0.5 for C" in words[1]
    assert "founders are taken as unrelated" in words[2]


def test_the_scree_rebuilds_and_misses_as_eigenvalues_say(javascript):
    for cohort in live.scree(seed=3).data["cohorts"]:
        n = 40
        table = np.zeros((n, n))
        table[np.tril_indices(n)] = cohort["lower"]
        table += np.tril(table, -1).T
        values = np.linalg.eigvalsh(table)[::-1]
        assert_allclose(cohort["eigenvalues"], values, atol=1e-5)
        for m in (1, 7, 25, 40):
            error, flat = javascript(
                "scree",
                "(() => { const a = m.unfold(v.lower, 40); const b = m.rebuilt(v.l, 40, v.m);"
                " return [m.distance(a, b), a]; })()",
                lower=cohort["lower"],
                l=cohort["loadings"],
                m=m,
            )
            assert_allclose(np.reshape(flat, (n, n)), table)
            # Eckart & Young: what is missed are the eigenvalues left out.
            missed = np.sqrt((values[m:] ** 2).sum() / (values**2).sum())
            assert error == pytest.approx(missed, abs=2e-5)


def test_full_sib_families_have_the_eigenvalues_of_the_textbook():
    """(n + 1) / 2 for each family of n, and 1/2 for all others; all rules count the families."""
    cohorts = {one["key"]: one for one in live.scree().data["cohorts"]}
    assert_allclose(cohorts["equal"]["eigenvalues"], [3.0] * 8 + [0.5] * 32, atol=1e-6)
    assert [rank for _, rank in cohorts["equal"]["rules"]] == [8, 8, 8]
    uneven = [6.5, 5, 3.5, 3, 2, 1.5, 1, 1, 1]
    assert_allclose(cohorts["uneven"]["eigenvalues"], uneven + [0.5] * 31, atol=1e-6)
    assert [rank for _, rank in cohorts["uneven"]["rules"]] == [9, 9, 9]
    assert len({rank for _, rank in cohorts["generations"]["rules"]}) > 1


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="start: expected one of half sibs"):
        live.pedigree(start="twins")
    with pytest.raises(ValueError, match="seed"):
        live.scree(seed=-1)
    with pytest.raises(TypeError, match="seed"):
        live.scree(seed=1.5)


@pytest.mark.browser
def test_a_pedigree_is_edited_by_keyboard(visit):
    page = visit(live.pedigree(start="backcross").page(), viewport={"width": 320, "height": 700})
    finding = page.locator(".gl-finding")

    def cells():
        return page.locator(".gl-grid-table tbody td").all_inner_texts()

    assert "F = 0.375" in finding.inner_text()
    cell = page.locator(".gl-grid-table td[tabindex='0']")
    cell.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.textContent") == ".75"  # D with A
    assert "D and A: 0.75" in finding.inner_text()
    page.get_by_label("Animal", exact=True).select_option(label="A")
    page.get_by_label("Its mother").select_option(label="E")
    assert "E descends from A (A → E)" in finding.inner_text()
    assert page.get_by_label("Its mother").input_value() == "-1"
    page.get_by_role("button", name="Add an animal").press("Enter")
    assert len(cells()) == 36
    page.get_by_label("Its father").select_option(label="E")
    page.get_by_label("Its mother").select_option(label="E")
    assert "F = 0.6875" in finding.inner_text()  # half of 1.375
    page.get_by_role("button", name="Remove it").press("Enter")
    assert len(cells()) == 25
    for _ in range(4):
        page.get_by_role("button", name="Undo").press("Enter")
    assert page.get_by_role("button", name="Undo").is_disabled()
    page.locator(".gl-animal").nth(3).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent").startswith("D")
    assert page.get_by_label("Animal", exact=True).input_value() == "3"
    before = cells()
    page.get_by_role("button", name="Swap its parents").press("Enter")
    assert "No relationship changed" in finding.inner_text()
    assert cells() == before


@pytest.mark.browser
def test_the_rules_move_the_slider(visit):
    figure = live.scree()
    page = visit(figure.page())
    page.get_by_role("radio", name="4 generations").check()
    rules = figure.data["cohorts"][2]["rules"]
    for rule, rank in rules:
        page.get_by_role("button", name=f"Stop by the {rule} rule").press("Enter")
        assert page.locator("output").inner_text() == str(rank)
        assert f"{rank} of 40 loadings are kept" in page.locator(".gl-finding").inner_text()
