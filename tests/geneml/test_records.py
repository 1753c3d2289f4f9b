"""Records: of real data or of studies that say they are simulated, only when asked for."""

import json
import platform
from pathlib import Path
from types import SimpleNamespace

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


def test_a_simulated_study_is_kept_as_what_it_is(folder):
    study = SimpleNamespace(description="9000 sequences, ten networks. ")
    path = records.save("long_study", RESULTS, simulated=study, command="make recovery")
    assert path == folder / "long_study.json"
    record = records.load("long_study")
    assert record.is_simulated
    assert record.simulated == "9000 sequences, ten networks."
    assert record.data_sha256 == ""
    assert record.results["r"] == Interval(0.31, 0.28, 0.34, 5, 0.95)
    assert records.comparison_table({}, record).columns[1] == f"simulated, {record.date}"
    records.save("other", RESULTS, simulated="in words")
    assert records.load("other").simulated == "in words"


@pytest.mark.parametrize("value", [None, "0"])
def test_an_ordinary_run_keeps_no_simulated_study_either(folder, monkeypatch, value):
    if value is None:
        monkeypatch.delenv("GENEML_RECORD")
    else:
        monkeypatch.setenv("GENEML_RECORD", value)
    assert records.save("long_study", RESULTS, simulated="in words") is None
    assert list(folder.iterdir()) == []


def test_a_record_names_its_machine_and_nothing_that_is_private(folder):
    records.save("chapter_1", RESULTS, cohort=REAL, command="make record")
    record = records.load("chapter_1")
    assert not record.is_simulated
    assert set(record.machine) == {"processor", "cores"}
    assert isinstance(record.machine["cores"], int)
    assert record.machine["cores"] >= 1
    text = (folder / "chapter_1.json").read_text()
    for secret in (platform.node(), str(Path.home()), str(Path.cwd()), str(folder)):
        assert not secret or secret not in text
    made = f"made on {record.date} by `make record` on {record.machine['processor']}"
    assert record.made.startswith(made)
    assert record.made.endswith(("1 core", " cores"))


def test_a_record_from_before_machines_were_kept_still_loads(folder):
    old = {"results": {"r": 0.5}, "date": "2026-01-31", "versions": {}, "data_sha256": SHA}
    (folder / "old.json").write_text(json.dumps(old | {"command": "make book"}))
    record = records.load("old")
    assert record.machine == {}
    assert not record.is_simulated
    assert record.made == "made on 2026-01-31 by `make book`"


@pytest.mark.parametrize(
    ("other", "error", "message"),
    [
        ({"simulated": 3}, TypeError, "a sentence or a study"),
        ({"simulated": SimpleNamespace(description=None)}, TypeError, "a sentence or a study"),
        ({"simulated": "  "}, ValueError, "say what was simulated"),
        ({"simulated": "words", "cohort": REAL}, ValueError, "received both"),
        ({"simulated": "words", "cohort": SIMULATED}, ValueError, "received both"),
    ],
)
def test_a_simulated_study_must_say_so_in_words(folder, other, error, message):
    with pytest.raises(error, match=message):
        records.save("long_study", RESULTS, **other)
    assert list(folder.iterdir()) == []


def test_every_record_of_the_repository_can_be_read():
    paths = list(records._FOLDER.glob("*.json"))
    assert paths
    for path in paths:
        record = records.load(path.stem)
        assert record.results
        assert record.is_simulated == (record.data_sha256 == "")
        assert record.is_simulated or len(record.data_sha256) == 64
