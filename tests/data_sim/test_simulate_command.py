"""`geneml simulate`: files that read back as what was simulated, and nothing half written."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from data_sim import studies
from data_sim.commands import register, write_study


@pytest.fixture
def command():
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return lambda *arguments: CliRunner().invoke(app, ["simulate", *map(str, arguments)])


@pytest.mark.parametrize(
    ("file_format", "ending"), [("plink", "bed"), ("csv", "csv"), ("vcf", "vcf")]
)
def test_genotypes_survive_the_files(tmp_path, file_format, ending):
    from geneml import readers

    write_study("small_panel", tmp_path / "out", file_format, samples=40, seed=5)
    cohort = readers.read(
        tmp_path / "out" / f"cohort.{ending}", tmp_path / "out" / "cohort.phenotypes.csv"
    )
    study = studies.small_panel(40, seed=5)
    order = [cohort.samples.tolist().index(name) for name in study.samples]
    np.testing.assert_array_equal(cohort.genotypes[order], study.genotypes)
    np.testing.assert_allclose(cohort.traits["trait"].to_numpy()[order], study.traits["trait"])


def test_sequences_and_truth_survive_the_files(tmp_path, command):
    from geneml import readers

    result = command("thesis", "--out", tmp_path / "out", "--samples", 800, "--seed", 2)
    assert result.exit_code == 0, result.output
    study = studies.thesis(800, seed=2)
    cohort = readers.read(tmp_path / "out" / "cohort.csv")
    assert list(cohort.sequences) == study.sequences
    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    assert truth["options"] == {"seed": 2, "n": 800}
    assert truth["traits"]["trait"]["causal_loci"] == study.truth["trait"].causal_loci.tolist()
    assert truth["reference"] == study.reference


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for place in ("one", "two"):
        write_study("half_sibs", tmp_path / place, "plink", seed=1)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"cohort.bed", "pedigree.csv", "genetic_values.csv", "truth.json"} <= set(names)
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_list_names_every_study(command):
    result = command("list")
    assert result.exit_code == 0
    assert all(name in result.output for name in studies.STUDIES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "study must be one of"),
        (["regulatory", "--format", "vcf"], "only --format csv"),
        (["half_sibs", "--samples", 5], "takes no number of samples"),
        (["small_panel", "--samples", 1], "at least two individuals"),
        (["small_panel", "--seed", -1], "seed must be 0 or more"),
    ],
)
def test_bad_requests_write_nothing(tmp_path, command, arguments, message):
    result = command(*arguments, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert message in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, command):
    (tmp_path / "mine.txt").write_text("mine")
    result = command("small_panel", "--out", tmp_path)
    assert result.exit_code == 2
    assert "not empty" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
    from geneml import readers

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(readers, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        write_study("small_panel", tmp_path / "out", "csv", samples=20)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    written = write_study("small_panel", tmp_path / "out", "csv", samples=20)
    assert written
    assert all(path.parent == tmp_path / "out" for path in written)
