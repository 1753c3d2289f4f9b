"""Predictors: the same predictions after a journey through a file, and safe loading."""

import json
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from geneml.cohort import Cohort
from geneml.encoding import impute_mean, one_hot_genotypes, one_hot_sequences
from geneml.models import cnn, dense
from geneml.predictor import Predictor, Preprocessing, load_predictor
from geneml.readers import write
from geneml.splits import random_split
from geneml.training import fit
from geneml.workflow import train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cohort():
    random = np.random.default_rng(0)
    genotypes = random.binomial(2, 0.4, (120, 12)).astype("int8")
    trait = 170 + 5.0 * genotypes[:, 0] + random.normal(size=120)
    genotypes[random.random(genotypes.shape) < 0.05] = -1
    samples = [f"person{i}" for i in range(120)]
    variants = pd.DataFrame(
        {
            "id": [f"rs{i}" for i in range(12)],
            "chromosome": "1",
            "position": np.arange(12) * 1000 + 1,
            "reference": "A",
            "alternative": "G",
        }
    )
    return Cohort(
        genotypes=genotypes,
        samples=samples,
        variants=variants,
        traits=pd.DataFrame({"height": trait}, index=samples),
        covariates=pd.DataFrame({"family": np.arange(120) // 4}, index=samples),
    )


@pytest.fixture(scope="module")
def run(cohort):
    network = dense(12, hidden=(8,), encoder="dosage")
    split = random_split(120, seed=0)
    return fit(network, cohort.genotypes, cohort.trait("height"), split, epochs=15)


@pytest.fixture(scope="module")
def predictor(run, cohort):
    return Predictor.from_fit(run, cohort, trait="height", about={"note": "a test"})


@pytest.fixture
def file(predictor, tmp_path):
    return predictor.save(tmp_path / "model.geneml")


def test_a_loaded_predictor_predicts_the_same(run, cohort, file):
    loaded = load_predictor(file)
    predictions = loaded.predict(cohort)
    np.testing.assert_array_equal(predictions, load_predictor(file).predict(cohort))
    np.testing.assert_allclose(predictions, run.predictions, rtol=1e-6)
    assert list(predictions.index) == list(cohort.samples)
    assert predictions.name == "height"
    assert loaded.preprocessing.about == {"note": "a test"}


def test_a_file_is_predicted_in_one_call(run, cohort, predictor, tmp_path):
    for name in ("new.bed", "new.vcf", "new.csv"):
        write(cohort, tmp_path / name)
        predictions = predictor.predict(tmp_path / name)
        np.testing.assert_allclose(predictions[list(cohort.samples)], run.predictions, rtol=1e-6)


def test_a_shuffled_file_counted_the_other_way_gives_the_same(run, cohort, predictor):
    order = np.random.default_rng(1).permutation(12)
    genotypes = cohort.genotypes[:, order]
    swapped = cohort.variants.iloc[order].reset_index(drop=True)
    swapped = swapped.rename(columns={"reference": "alternative", "alternative": "reference"})
    turned = np.where(genotypes == -1, -1, 2 - genotypes).astype("int8")
    other = replace(cohort, genotypes=turned, variants=swapped)
    predictions, alignment = predictor.predict_cohort(other)
    np.testing.assert_allclose(predictions, run.predictions, rtol=1e-6)
    assert len(alignment.flipped) == 12


def test_absent_variants_are_imputed_with_training_means(run, cohort, predictor):
    fewer = replace(
        cohort,
        genotypes=cohort.genotypes[:, 1:],
        variants=cohort.variants.iloc[1:].reset_index(drop=True),
    )
    with pytest.raises(ValueError, match="absent: 'rs0'"):
        predictor.predict(fewer)
    missing = cohort.genotypes.copy()
    missing[:, 0] = -1
    np.testing.assert_allclose(
        predictor.predict(fewer, tolerance=0.1), run.predict(missing), rtol=1e-6
    )


@pytest.mark.parametrize("inputs", ["dosages", "one_hot_genotypes"])
def test_networks_without_an_encoder_get_encoded_input(cohort, inputs, tmp_path):
    split = random_split(120, seed=0)
    if inputs == "dosages":
        x, means = impute_mean(cohort.genotypes, split.training)
    else:
        x, means = one_hot_genotypes(cohort.genotypes), None
    run = fit(dense(x.shape[1:], hidden=(4,)), x, cohort.trait("height"), split, epochs=3)
    predictor = Predictor.from_fit(run, cohort, trait="height")
    assert predictor.preprocessing.inputs == inputs
    if means is not None:
        np.testing.assert_allclose(predictor.preprocessing.dosage_means, means)
    loaded = load_predictor(predictor.save(tmp_path / "m.geneml"))
    np.testing.assert_allclose(loaded.predict(cohort), run.predictions, rtol=1e-6)


def test_sequences_are_encoded(tmp_path):
    random = np.random.default_rng(0)
    sequences = ["".join(row) for row in random.choice(list("ACGT"), (60, 12))]
    y = np.array([s[3] == "A" for s in sequences]) + random.normal(scale=0.1, size=60)
    cohort = Cohort(sequences=tuple(sequences))
    x = one_hot_sequences(sequences)
    run = fit(cnn((12, 4), kernel_size=3), x, y, random_split(60, seed=0), epochs=3)
    predictor = Predictor.from_fit(run, cohort, trait="yield")
    loaded = load_predictor(predictor.save(tmp_path / "m.geneml"))
    np.testing.assert_allclose(loaded.predict(cohort), run.predictions, rtol=1e-6)
    np.testing.assert_allclose(loaded.predict(sequences[:5]), run.predictions[:5], rtol=1e-5)
    with pytest.raises(ValueError, match="expected 12 bases"):
        loaded.predict(["ACGT"])
    with pytest.raises(ValueError, match="expected sequences"):
        loaded.predict(Cohort(genotypes=np.ones((2, 3), "int8")))


@pytest.mark.parametrize("baseline", ["ridge", "mean"])
def test_baselines_can_be_kept_instead(run, cohort, tmp_path, baseline):
    predictor = Predictor.from_fit(run, cohort, trait="height", baseline=baseline)
    path = predictor.save(tmp_path / "linear.geneml")
    assert "model.keras" not in zipfile.ZipFile(path).namelist()
    loaded = load_predictor(path)
    assert loaded.model.method == baseline
    np.testing.assert_array_equal(loaded.predict(cohort), run.baseline_predictions[baseline])


def test_an_array_must_be_in_the_models_order(run, cohort, predictor):
    np.testing.assert_allclose(predictor.predict(cohort.genotypes), run.predictions, rtol=1e-6)
    with pytest.raises(ValueError, match="12 variants in its order, received 11"):
        predictor.predict(cohort.genotypes[:, :11])


def test_nothing_is_left_behind_by_a_failed_save(predictor, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        predictor.save(tmp_path / "nowhere" / "model.geneml")
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        predictor.save(tmp_path / "model.geneml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"no archive", "another or a damaged file")],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / "model.geneml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_predictor(path)


def test_a_truncated_file_is_refused(file):
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ValueError, match="damaged"):
        load_predictor(file)


def rewritten(file, change=None, without=None, add=None):
    """The archive with its description changed, a member dropped or replaced."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    if change:
        description = json.loads(members["preprocessing.json"])
        members["preprocessing.json"] = json.dumps({**description, **change}).encode()
    members.pop(without, None)
    members.update(add or {})
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"change": {"format": "other"}}, "another or a damaged"),
        ({"change": {"format_version": 99}}, "update geneml"),
        ({"change": {"inputs": "pictures"}}, "complete predictor"),
        ({"change": {"variants": {"id": ["rs1"]}}}, "complete predictor"),
        ({"without": "model.keras"}, "complete predictor"),
        ({"without": "preprocessing.json"}, "another or a damaged"),
    ],
)
def test_changed_archives_are_refused(file, settings, message):
    with pytest.raises(ValueError, match=message):
        load_predictor(rewritten(file, **settings))


def test_pickled_arrays_are_not_opened(file, tmp_path):
    np.save(tmp_path / "bad.npy", np.array([{"code": 1}], dtype=object), allow_pickle=True)
    content = (tmp_path / "bad.npy").read_bytes()
    with pytest.raises(ValueError, match=r"allow_pickle|pickled"):
        load_predictor(rewritten(file, add={"dosage_means.npy": content}))


def test_code_in_a_model_is_not_run(file, tmp_path):
    network = keras.Sequential([keras.Input((12,)), keras.layers.Lambda(lambda x: x * 2)])
    network.save(tmp_path / "lambda.keras")
    content = (tmp_path / "lambda.keras").read_bytes()
    with pytest.raises(ValueError, match="(?i)lambda|unsafe|safe_mode"):
        load_predictor(rewritten(file, add={"model.keras": content}))


def test_a_model_of_other_data_is_refused(run, cohort):
    other = Cohort(genotypes=np.ones((5, 4), "int8"))
    with pytest.raises(ValueError, match=r"shape \(12,\)"):
        Predictor.from_fit(run, other, trait="height")
    with pytest.raises(ValueError, match="baseline"):
        Predictor.from_fit(run, cohort, trait="height", baseline="gblup")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"inputs": "pictures"}, "inputs"),
        ({"inputs": "one_hot_sequences"}, "length"),
        ({"inputs": "genotypes"}, "variants"),
    ],
)
def test_incomplete_preprocessing_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Preprocessing(**settings)


@pytest.mark.parametrize("model", ["dense", "ridge"])
def test_training_a_cohort_gives_a_predictor_and_an_honest_statement(cohort, model):
    genotypes = cohort.genotypes.copy()
    genotypes[:, 11] = -1  # nobody has it
    traits = cohort.traits.copy()
    traits.iloc[7, 0] = np.nan
    holed = replace(cohort, genotypes=genotypes, traits=traits)
    settings = {"epochs": 3} if model == "dense" else {}
    trained = train(holed, "height", model=model, groups="family", **settings)
    assert trained.left_out == {
        "individuals without the trait": 1,
        "variants without a genotype in the training part": 1,
    }
    family = trained.cohort.covariates["family"].to_numpy()
    parts = [set(family[rows]) for rows in (trained.split.training, trained.split.test)]
    assert not parts[0] & parts[1]
    assert "ridge" in trained.statement.lower()
    assert trained.predictor.predict(holed).notna().all()
    assert {"ridge", "mean"} <= set(trained.scores)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "forest"}, "model: expected one of dense, cnn, ridge"),
        ({"encoding": "bits"}, "encoding"),
        ({"groups": "cage"}, "groups"),
        ({"trait": "weight"}, "trait"),
    ],
)
def test_unknown_choices_are_refused(cohort, settings, message):
    with pytest.raises(ValueError, match=message):
        train(cohort, **{"trait": "height", **settings})
