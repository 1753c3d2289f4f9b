"""Records: only of runs on real data, only when asked for, and as they were."""

import json

import numpy as np
import pytest

from geneml import records
from geneml.cohort import Cohort
from geneml.intervals import Interval

SHA = "5aec95f7736460cbc98f90fbf02dc12693786d24353bea054768c0da8ae9e3a5"
REAL = Cohort(genotypes=[[0], [1]], origin=f"real: mice; sha256 {SHA}", is_real=True)
SIMULATED = Cohort(genotypes=[[0], [1]], origin="simulated")
RESULTS = {
    "h2": 0.2,
    "n": np.int64(1814),
    "r": Interval(0.31, 0.28, 0.34, 5, 0.95),
    "by_trait": {"bmi": np.float32(0.5), "body_length": [1.0, float("nan")]},
    "effects": np.array([1.5, 2.5]),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "_FOLDER", tmp_path)
    monkeypatch.setenv("GENEML_RECORD", "1")
    return tmp_path


def test_a_record_comes_back(folder):
    path = records.save("chapter_1", RESULTS, cohort=REAL, command="make record")
    assert path == folder / "chapter_1.json"
    record = records.load("chapter_1")
    assert record.results["r"] == Interval(0.31, 0.28, 0.34, 5, 0.95)
    assert record.results["n"] == 1814
    assert record.results["by_trait"] == {"bmi": 0.5, "body_length": [1.0, None]}
    assert record.results["effects"] == [1.5, 2.5]
    assert record.data_sha256 == SHA
    assert record.command == "make record"
    assert {"python", "numpy", "geneml"} <= set(record.versions)
    assert record.versions["numpy"] == np.__version__
    assert np.datetime64(record.date) <= np.datetime64("now")


def test_the_file_is_strict_json(folder):
    path = records.save("chapter_1", RESULTS, cohort=REAL)

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    json.loads(path.read_text(), parse_constant=refuse)


@pytest.mark.parametrize("cohort", [None, SIMULATED])
def test_simulated_results_are_never_kept(folder, cohort):
    assert records.save("chapter_1", RESULTS, cohort=cohort) is None
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("value", [None, "", "0"])
def test_an_ordinary_run_keeps_nothing(folder, monkeypatch, value):
    if value is None:
        monkeypatch.delenv("GENEML_RECORD")
    else:
        monkeypatch.setenv("GENEML_RECORD", value)
    assert records.save("chapter_1", RESULTS, cohort=REAL) is None
    assert list(folder.iterdir()) == []


def test_results_are_shown_side_by_side():
    record = records.Record({"a": {"r": 0.3}, "b": 2}, "2026-01-31", {}, SHA, "")
    table = records.comparison_table({"a": {"r": 0.25}, "c": 1}, record)
    assert table.columns.tolist() == ["this run", "real data, 2026-01-31"]
    assert table.loc["a.r"].tolist() == [0.25, 0.3]
    assert table.loc["b"].tolist() == [None, 2]
    assert table.loc["c"].tolist() == [1, None]


def test_every_record_of_the_repository_can_be_read():
    for path in records._FOLDER.glob("*.json"):
        record = records.load(path.stem)
        assert record.results
        assert len(record.data_sha256) == 64
