"""The command line: what it writes, says and refuses."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from geneml import __version__, cli, doctor
from geneml.cohort import Cohort
from geneml.readers import write

runner = CliRunner()


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    genotypes = random.binomial(2, 0.4, (100, 8)).astype("int8")
    samples = [f"person{i}" for i in range(100)]
    trait = genotypes[:, 0] - genotypes[:, 1] + random.normal(scale=0.5, size=100)
    traits = pd.DataFrame({"height": trait}, index=samples)
    covariates = pd.DataFrame({"family": np.arange(100) // 5}, index=samples)
    cohort = Cohort(genotypes=genotypes, samples=samples, traits=traits, covariates=covariates)
    write(cohort, tmp_path / "people.csv")
    return tmp_path


def run(*arguments):
    return runner.invoke(cli.build_app([str(a) for a in arguments]), [str(a) for a in arguments])


def training(folder, *more, trait="height"):
    table = folder / "people.phenotypes.csv"
    command = ("train", folder / "people.csv", "--phenotypes", table, "--trait", trait)
    return run(*command, "--out", folder / "model.geneml", *more)


def test_ridge_is_trained_and_predicts_a_file(folder):
    result = training(folder, "--model", "ridge")
    assert result.exit_code == 0, result.output
    for word in ("ridge", "mean", "validation", "test", "R2", "beats predicting the mean"):
        assert word in result.output
    out = folder / "predictions.csv"
    result = run("predict", folder / "model.geneml", folder / "people.csv", "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out, index_col="sample")
    observed = pd.read_csv(folder / "people.phenotypes.csv", index_col="sample")
    assert list(table.columns) == ["height"]
    assert table["height"].corr(observed["height"]) > 0.7
    printed = run("predict", folder / "model.geneml", folder / "people.csv")
    assert out.read_text() in printed.output


@pytest.mark.slow
def test_a_network_is_trained_beside_its_baselines(folder):
    result = training(
        folder,
        *("--covariates", folder / "people.covariates.csv", "--groups", "family"),
        *("--epochs", "5"),
    )
    assert result.exit_code == 0, result.output
    for word in ("dense", "ridge", "mean", "20 groups kept whole", "ridge regression"):
        assert word in " ".join(result.output.split())
    result = run("predict", folder / "model.geneml", folder / "people.csv")
    assert result.exit_code == 0
    assert "8 of 8 variants matched" in result.output


def message_of(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["geneml", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def test_errors_are_one_message_and_write_nothing(folder, monkeypatch, capsys):
    people, table = folder / "people.csv", folder / "people.phenotypes.csv"
    train = ("train", people, "--phenotypes", table, "--trait")
    before = sorted(folder.iterdir())
    for arguments, words in [
        ((*train, "weight"), "expected one of 'height', received 'weight'"),
        ((*train, "height", "--model", "forest"), "expected one of dense, cnn, ridge"),
        ((*train, "height", "--groups", "herd"), "groups: expected one of the covariates"),
        ((*train, "height", "--out", folder / "no" / "model.geneml"), "does not exist"),
        (("train", folder / "x.bed", "--phenotypes", table, "--trait", "height"), "x.bed"),
        (("predict", people, people), "saved by geneml"),
        (("predict", folder / "none.geneml", people), "no existing file"),
    ]:
        said = message_of(monkeypatch, capsys, *arguments)
        assert words in said
        assert "Traceback" not in said
    assert sorted(folder.iterdir()) == before


def test_missing_options_are_explained(folder):
    result = run("train", folder / "people.csv")
    assert result.exit_code == 2
    assert "--trait" in result.output


def test_help_and_version_load_nothing_heavy():
    program = (
        "import sys; from geneml import cli\n"
        "app = cli.build_app(['train'])\n"
        "heavy = {'keras', 'tensorflow', 'pandas', 'numpy', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert __version__ in run("--version").output
    text = run("--help").output
    for command in ("train", "predict", "doctor"):
        assert command in text


class Entry:
    def __init__(self, name, register):
        self.name, self._register = name, register

    def load(self):
        return self._register


def test_commands_of_others_are_found_and_a_broken_one_is_survived(monkeypatch):
    def register(app):
        @app.command()
        def greet():
            print("good morning")

    def broken(app):
        raise ImportError("no such simulator")

    entries = [Entry("broken", broken), Entry("greet", register)]
    monkeypatch.setattr(
        cli.importlib.metadata, "entry_points", lambda group: entries if "geneml" in group else []
    )
    assert "good morning" in run("greet").output
    monkeypatch.setattr(
        cli.importlib.metadata, "entry_points", lambda group: pytest.fail("looked for in vain")
    )
    cli.build_app(["doctor"])


def test_doctor_reports_and_ends_well():
    result = run("doctor")
    assert "Keras backend" in result.output
    assert result.exit_code == (1 if "problem(s) found" in result.output else 0)


@pytest.mark.parametrize(
    ("variable", "value", "name", "state"),
    [
        ("KERAS_BACKEND", "abacus", "Keras backend", "problem"),
        ("GENEML_DATA", "no/such/folder", "Real data", "problem"),
        ("GENEML_DATA", "", "Real data", "note"),
    ],
)
def test_doctor_sees_what_is_wrong(monkeypatch, variable, value, name, state):
    monkeypatch.setenv(variable, value)
    found = {finding.name: finding for finding in doctor.examine()}
    assert found[name].state == state
    assert found[name].advice


def test_doctor_fails_on_a_problem(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "abacus")
    result = run("doctor")
    assert result.exit_code == 1
    assert "set KERAS_BACKEND=tensorflow" in " ".join(result.output.split())


def test_doctor_sees_a_folder_that_cannot_be_written_to(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", refuse)
    assert {f.name: f.state for f in doctor.examine()}["This folder"] == "problem"


def test_the_backend_is_found_without_keras(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert doctor.configured_backend() == "tensorflow"
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    assert doctor.configured_backend() == "jax"
    (tmp_path / "keras.json").write_text("not json")
    assert doctor.configured_backend() == "tensorflow"


@pytest.mark.slow
def test_doctor_trains_a_small_network():
    found = {finding.name: finding for finding in doctor.examine(run_network=True)}
    assert found["A small network"].state == "ok", found["A small network"]
