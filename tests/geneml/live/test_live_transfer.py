"""The map of transfer: its cells, its verdict against TransferDiagnosis, its words in a browser."""

import itertools

import numpy as np
import pandas as pd
import pytest

from geneml import live
from geneml.live.transfer import AXES, CONTROLS, METHODS, RIVALS, verdicts

VALUES = {
    "penalties": ["tuned", "no penalty"],
    "tau": [0.1, 0.5],
    "people": [500, 3_888],
    "heritability": [0.05, 0.3],
    "genetic correlation": [-0.8, 0.0, 0.75],
}


def made_up(seed=1):
    """A map of random numbers, in random order."""
    rng = np.random.default_rng(seed)
    names = [f"loss: {one}" for one in METHODS]
    names += [f"gain: {one}" for one in ("copied", "pulled", "frozen", *CONTROLS)]
    names += [f"frozen gains over: {one}" for one in RIVALS]
    rows = []
    for cell in itertools.product(*VALUES.values()):
        row = dict(zip(VALUES, cell, strict=True))
        for name in names:
            row |= {name: rng.normal() * 3, f"{name} ±": rng.uniform(0.1, 3)}
        for name in ("frozen", "copied", "frozen, shuffled source"):
            row[f"pattern: {name}"] = rng.integers(0, 11) / 10
        row["cohorts"] = 10
        row["accepted"] = row["accepted and better, or declined and not"] = 0.5
        rows.append(row)
    return pd.DataFrame(rows).sample(frac=1, random_state=seed)


def test_every_cell_is_read_where_it_stands(javascript):
    table = made_up()
    data = live.transfer_map(table, people=500, heritability=0.05).data
    assert data["axes"] == list(AXES)
    assert data["values"][0] == ["tuned", "no penalty"]
    places = list(itertools.product(*(range(len(values)) for values in data["values"])))
    found = javascript(
        "transfer_map",
        "v.places.map((place) => { const cell = m.readCell(v.data, place);"
        " return [cell.interval('gain: frozen'), cell.share('pattern: copied')]; })",
        data=data,
        places=places,
    )
    for place, (gain, share) in zip(places, found, strict=True):
        cell = [values[at] for values, at in zip(data["values"], place, strict=True)]
        row = table[(table[list(AXES)] == cell).all(axis=1)]
        assert len(row) == 1
        assert gain["mean"] == pytest.approx(row["gain: frozen"].item(), abs=0.006)
        assert gain["half"] == pytest.approx(row["gain: frozen ±"].item(), abs=0.006)
        assert share == pytest.approx(row["pattern: copied"].item())


def test_the_verdict_is_that_of_the_diagnosis(javascript):
    """Random intervals; both read them from the same two decimals."""
    seen = set()
    for seed in range(12):
        table = made_up(seed)
        data = live.transfer_map(table, people=500, heritability=0.05).data
        places = list(itertools.product(*(range(len(values)) for values in data["values"])))
        found = javascript(
            "transfer_map",
            "v.places.map((place) => m.verdict(m.readCell(v.data, place)))",
            data=data,
            places=places,
        )
        # What the figure was given: the same numbers to two decimals.
        given = pd.DataFrame(data["rows"], columns=data["columns"])
        words = {
            "helps": "transfer helps",
            "hurts": "transfer hurts",
            "control": "no more than a control",
            "undecided": "undecided",
        }
        assert [words[one] for one in found] == verdicts(given).tolist()
        seen |= set(found)
    assert seen == set(words)


def test_verdicts_of_a_map_written_by_hand():
    """Gain over alone, over both controls; and the gain of the controls themselves."""
    cells = {
        "transfer helps": (3, 2, 2, 0),
        "transfer hurts": (-3, 2, 2, 0),
        "undecided": (0.5, 2, 2, 0),
        "no more than a control": (3, 0.5, 2, 2.5),
    }
    rows = [
        {
            "cohorts": 10,
            "gain: frozen": gain,
            "gain: frozen, shuffled source": control,
            "gain: frozen, random layer": 0,
            "frozen gains over: frozen, shuffled source": shuffled,
            "frozen gains over: frozen, random layer": random,
        }
        for gain, shuffled, random, control in cells.values()
    ]
    table = pd.DataFrame(rows)
    for name in list(table)[1:]:
        table[f"{name} ±"] = 1.0
    assert verdicts(table).tolist() == list(cells)


@pytest.mark.parametrize(
    ("ends", "reach"), [([0.3, -1], 2), ([2.01], 5), ([-48, 3], 50), ([1200], 1200), ([], 2)]
)
def test_the_axis_is_the_smallest_round_reach(javascript, ends, reach):
    assert javascript("transfer_map", "m.reachOf(v.ends)", ends=ends) == reach


def test_a_bad_map_is_refused():
    table = made_up()
    with pytest.raises(TypeError, match="DataFrame"):
        live.transfer_map({"tau": [0.5]})
    with pytest.raises(ValueError, match="lacks loss: alone"):
        live.transfer_map(table.drop(columns=["loss: alone"]))
    with pytest.raises(ValueError, match="every combination"):
        live.transfer_map(table.iloc[1:], people=500)
    with pytest.raises(ValueError, match="every combination"):
        live.transfer_map(pd.concat([table, table.iloc[:1]]))
    with pytest.raises(ValueError, match="heritability: expected one of 0.05, 0.3, got 0.1"):
        live.transfer_map(table)
    with pytest.raises(ValueError, match="penalties: expected one of"):
        live.transfer_map(table, heritability=0.3, penalties="none")
    broken = table.assign(**{"loss: alone": np.nan})
    with pytest.raises(ValueError, match="finite"):
        live.transfer_map(broken, heritability=0.3)


@pytest.mark.browser
def test_the_words_and_the_frame_follow_the_sliders(visit):
    table = made_up(3)
    page = visit(live.transfer_map(table, genetic_correlation=0.0, heritability=0.3).page())

    def shown(correlation, heritability, people, tau, penalties):
        cell = [penalties, tau, people, heritability, correlation]
        return table[(table[list(AXES)] == cell).all(axis=1)].iloc[0]

    def says(row):
        gain = f"{round(row['gain: frozen'], 2):+.1f}".replace("-", "\N{MINUS SIGN}")
        text = page.locator(".gl-finding").inner_text()
        assert f"Over the network alone it gains {gain} %" in text

    says(shown(0.0, 0.3, 3_888, 0.5, "tuned"))
    page.get_by_role("slider", name="Genetic correlation").focus()
    frame = page.locator("rect.gl-frame")
    before = frame.get_attribute("x")
    page.keyboard.press("ArrowRight")
    says(shown(0.75, 0.3, 3_888, 0.5, "tuned"))
    assert float(frame.get_attribute("x")) > float(before)
    page.get_by_role("slider", name="People").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("radio", name="none").check()
    page.get_by_role("radio", name="0.1").check()
    says(shown(0.75, 0.3, 500, 0.1, "no penalty"))
    page.get_by_role("radio", name="the paper's pattern").check()
    shares = page.locator("text.gl-bare").all_text_contents()
    words = page.locator(".gl-finding").inner_text()
    row = shown(0.75, 0.3, 500, 0.1, "no penalty")
    assert f"in {10 * row['pattern: frozen']:.0f} of 10 cohorts when frozen" in words
    assert f"in {10 * row['pattern: copied']:.0f} when copied" in words
    row = shown(-0.8, 0.05, 500, 0.1, "no penalty")
    assert shares[0] == f"{100 * row['pattern: frozen']:.0f}"
    assert len(shares) == 6
