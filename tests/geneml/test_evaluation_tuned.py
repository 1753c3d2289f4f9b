"""Nested tuning, on methods whose best settings are known."""

from dataclasses import dataclass

import numpy as np
import pytest

from geneml.evaluation import Inputs, Predicted, compare, repeated_k_fold
from geneml.evaluation.methods import ElasticNet, Gblup, Tuned
from geneml.splits import Split


@dataclass(frozen=True)
class Shrunk:
    """Predicts the first marker's least-squares line, multiplied by a factor."""

    factor: float = 1.0
    refit: bool = True

    def __call__(self, inputs, y, split, seed):
        rows = split.training
        if self.refit:
            rows = np.sort(np.concatenate([rows, split.validation]))
        x = inputs.genotypes[:, 0].astype(float)
        slope, start = np.polyfit(x[rows], y[rows, 0], 1)
        return Predicted((start + self.factor * slope * x)[:, None], settings={"slope": slope})


@pytest.fixture
def data():
    random = np.random.default_rng(5)
    genotypes = random.binomial(2, 0.5, (400, 3)).astype("int8")
    y = genotypes[:, :1] * 2.0 + random.normal(size=(400, 1))
    return Inputs(genotypes), y


def test_search_finds_the_setting_that_predicts_the_validation_rows_best(data):
    inputs, y = data
    split = repeated_k_fold(len(y), 4, repeats=1, seed=0)[0]
    hidden = y.copy()
    hidden[split.test] = np.nan
    tuned = Tuned(Shrunk(), {"factor": (-1.0, 3.0)}, trials=40)
    found = tuned(inputs, hidden, split, 1)
    x = inputs.genotypes[:, 0].astype(float)
    slope, start = np.polyfit(x[split.training], y[split.training, 0], 1)
    held = split.validation
    # Least squares on the validation rows, start fixed: the factor that a search can reach.
    line = slope * x[held]
    best = line @ (y[held, 0] - start) / (line @ line)
    assert found.settings["factor"] == pytest.approx(best, abs=0.1)
    assert found.settings["trials"] == 40
    # The final fit learns from training and validation rows together.
    both = np.sort(np.concatenate([split.training, held]))
    assert found.settings["slope"] == pytest.approx(np.polyfit(x[both], y[both, 0], 1)[0])


def test_test_rows_decide_nothing(data):
    inputs, y = data
    split = repeated_k_fold(len(y), 4, repeats=1, seed=0)[0]
    other = y.copy()
    other[split.test] = 1e6
    tuned = Tuned(Shrunk(), {"factor": (-1.0, 3.0)}, trials=12)
    one, two = tuned(inputs, y, split, 1), tuned(inputs, other, split, 1)
    assert one.settings == two.settings


def test_tuned_method_is_compared_like_any_other(data):
    inputs, y = data
    folds = repeated_k_fold(len(y), 2, repeats=1, seed=0)
    methods = {
        "fixed": Shrunk(factor=0.2),
        "tuned": Tuned(Shrunk(factor=0.2), {"factor": [0.2, 1.0]}, trials=4),
    }
    found = compare(methods, inputs, y, folds)
    assert found.wins("tuned", "fixed", measure="mse").a == 2
    chosen = found.settings.query("setting == 'factor' and method == 'tuned'")
    assert (chosen["value"] == 1.0).all()


def test_a_ready_method_is_tuned(data):
    inputs, y = data
    split = repeated_k_fold(len(y), 4, repeats=1, seed=0)[0]
    hidden = y.copy()
    hidden[split.test] = np.nan
    found = Tuned(ElasticNet(), {"mixing": [0.5, 1.0]}, trials=3)(inputs, hidden, split, 0)
    assert found.settings["trials"] == 3
    assert np.isfinite(found.values).all()


def test_methods_that_always_learn_from_validation_rows_are_refused():
    with pytest.raises(TypeError, match="refit"):
        Tuned(Gblup(), {"markers": [True]})
    with pytest.raises(TypeError, match="refit"):
        Tuned(lambda inputs, y, split, seed: y, {"factor": [1]})


def test_settings_that_the_method_lacks_are_refused():
    with pytest.raises(ValueError, match="received rate"):
        Tuned(Shrunk(), {"rate": (0.1, 1.0)})
    with pytest.raises(ValueError, match="batch_size"):
        Tuned(ElasticNet())


def test_split_without_validation_is_refused_by_the_search(data):
    inputs, y = data
    bare = Split(np.arange(300), np.empty(0, dtype=int), np.arange(300, 400))
    with pytest.raises(ValueError, match="validation"):
        Tuned(Shrunk(), {"factor": [0.5, 1.0]}, trials=2)(inputs, y, bare, 0)
