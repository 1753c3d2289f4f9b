"""From a cohort to a predictor: what is chosen, on which rows, and by what."""

import numpy as np
import pandas as pd
import pytest

from geneml import workflow
from geneml.cohort import Cohort
from geneml.models import dense
from geneml.splits import random_split
from geneml.training import fit


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(0)
    genotypes = rng.integers(0, 3, (150, 12)).astype("int8")
    milk = 1.0 * genotypes[:, 0] - genotypes[:, 1] + rng.normal(size=150)
    samples = np.array([f"cow{i}" for i in range(150)])
    return Cohort(
        genotypes=genotypes,
        samples=samples,
        traits=pd.DataFrame({"milk": milk}, index=samples),
        covariates=pd.DataFrame({"herd": np.arange(150) // 5}, index=samples),
    )


def test_the_dense_network_with_the_lowest_validation_loss_is_kept(cohort, monkeypatch):
    settings = {"epochs": 15, "patience": 5}
    monkeypatch.setattr(workflow, "DENSE", (((4,), 5.0), ((8,), 1e-3)))
    trained = workflow.train(cohort, "milk", seed=3, **settings)
    split = random_split(150, seed=3)
    losses = {}
    for hidden, penalty in workflow.DENSE:
        network = dense(12, hidden=hidden, group_lasso=penalty, encoder="dosage", seed=3)
        run = fit(network, cohort.genotypes, cohort.trait("milk"), split, seed=3, **settings)
        losses[penalty] = run.history["validation_loss"].min()
    low, high = sorted(losses.values())
    assert high > 1.002 * low
    assert trained.fit.history["validation_loss"].min() == pytest.approx(low, rel=1e-4)
    assert set(trained.scores) == {"dense", "ridge", "mean"}


def test_test_rows_choose_nothing(cohort, monkeypatch):
    monkeypatch.setattr(workflow, "DENSE", (((4,), 0.02), ((8,), 1e-3)))
    split = random_split(150, seed=3)
    milk = cohort.trait("milk").copy()
    milk[split.test] = 100 - 7 * milk[split.test]
    other = Cohort(
        genotypes=cohort.genotypes,
        samples=cohort.samples,
        traits=pd.DataFrame({"milk": milk}, index=cohort.samples),
    )
    settings = {"epochs": 5, "patience": 5, "seed": 3}
    first = workflow.train(cohort, "milk", **settings).fit
    second = workflow.train(other, "milk", **settings).fit
    np.testing.assert_array_equal(first.predictions, second.predictions)


def test_groups_stay_together(cohort):
    split = workflow.train(cohort, "milk", model="ridge", groups="herd", seed=1).split
    herds = cohort.covariates["herd"].to_numpy()
    parts = [set(herds[rows]) for rows in (split.training, split.validation, split.test)]
    assert all(parts)
    assert not parts[0] & parts[1]
    assert not (parts[0] | parts[1]) & parts[2]
