"""The elastic net against scikit-learn's own, and against its conditions of optimality."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet

from geneml.baselines import fit_elastic_net


@pytest.fixture(scope="module")
def cohort():
    random = np.random.default_rng(1)
    genotypes = random.integers(0, 3, (90, 200)).astype("int8")
    genotypes[:, 1::2] = np.where(random.random((90, 100)) < 0.8, genotypes[:, ::2], 1)
    y = 4 + genotypes[:, :5] @ np.array([1.0, 0, -1, 0, 1]) + random.normal(size=90)
    genotypes[random.random((90, 200)) < 0.02] = -1
    split = SimpleNamespace(training=np.arange(60), validation=np.arange(60, 90))
    return genotypes, y, split


def _imputed(genotypes, rows):
    values = np.where(genotypes < 0, np.nan, genotypes.astype(float))
    return np.where(np.isnan(values), np.nanmean(values[rows], axis=0), values)


@pytest.mark.parametrize("mixing", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("penalty", [0.4, 0.05, 0.01])
def test_fixed_penalty_is_scikit_learns(cohort, mixing, penalty):
    genotypes, y, split = cohort
    rows = split.training
    found = fit_elastic_net(genotypes, y, training=rows, mixing=mixing, penalties=penalty)
    peer = ElasticNet(alpha=penalty, l1_ratio=mixing, tol=1e-12, max_iter=500_000)
    whole = _imputed(genotypes, rows)
    peer.fit(whole[rows], y[rows])
    np.testing.assert_allclose(found.predict(genotypes), peer.predict(whole), atol=5e-3)

    def objective(coefficients, intercept):
        residual = y[rows] - intercept - whole[rows] @ coefficients
        size = mixing * np.abs(coefficients).sum() + (1 - mixing) / 2 * (coefficients**2).sum()
        return (residual**2).mean() / 2 + penalty * size

    reached = objective(found.coefficients, found.intercept)
    assert reached == pytest.approx(objective(peer.coef_, peer.intercept_), rel=1e-5)


@pytest.mark.parametrize("mixing", [0.1, 1.0])
def test_slopes_meet_the_conditions_of_optimality(cohort, mixing):
    genotypes, y, split = cohort
    rows, penalty = split.training, 0.05
    found = fit_elastic_net(genotypes, y, training=rows, mixing=mixing, penalties=penalty)
    whole = _imputed(genotypes, rows)[rows]
    residual = y[rows] - found.predict(genotypes)[rows]
    assert residual.mean() == pytest.approx(0, abs=1e-10)
    slopes = (whole - whole.mean(axis=0)).T @ residual / len(rows)
    slopes -= penalty * (1 - mixing) * found.coefficients
    kept, limit = found.selected, penalty * mixing
    assert 0 < kept.sum() < 200
    np.testing.assert_allclose(slopes[kept], limit * np.sign(found.coefficients[kept]), rtol=0.02)
    assert (np.abs(slopes[~kept]) <= limit * 1.002).all()


def test_path_starts_where_the_first_column_enters(cohort):
    genotypes, y, split = cohort
    rows = split.training
    whole = _imputed(genotypes, rows)[rows]
    largest = np.abs((whole - whole.mean(axis=0)).T @ (y[rows] - y[rows].mean())).max() / 60
    beyond = fit_elastic_net(genotypes, y, training=rows, mixing=1.0, penalties=largest * 1.001)
    assert not beyond.selected.any()
    np.testing.assert_allclose(beyond.predict(genotypes), y[rows].mean())
    below = fit_elastic_net(genotypes, y, training=rows, mixing=1.0, penalties=largest * 0.995)
    assert below.selected.sum() == 1
    path = fit_elastic_net(genotypes, y, split=split, mixing=0.5)
    assert max(penalty for _, penalty in path.tried) == pytest.approx(largest / 0.5, rel=1e-5)


def test_choice_has_the_lowest_validation_error(cohort):
    genotypes, y, split = cohort
    found = fit_elastic_net(genotypes, y, split=split)
    assert {mixing for mixing, _ in found.tried} == {0.1, 0.5, 0.9, 1.0}
    lowest = min(found.tried.values())
    assert found.tried[found.mixing, found.penalty] == lowest
    held = split.validation
    error = ((y[held] - found.predict(genotypes)[held]) ** 2).mean()
    assert error == pytest.approx(lowest)
    assert lowest < 0.8 * ((y[held] - y[split.training].mean()) ** 2).mean()


def test_other_rows_and_another_origin_change_nothing(cohort):
    genotypes, y, split = cohort
    changed = np.concatenate([genotypes, genotypes[::-1]])
    trait = np.concatenate([y, np.full(90, np.nan)])
    first = fit_elastic_net(genotypes, y, split=split)
    second = fit_elastic_net(changed, 100 + trait, split=split)
    np.testing.assert_allclose(second.coefficients, first.coefficients, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mixing": 0.0}, "mixing must"),
        ({"mixing": [0.5, 1.1]}, "mixing must"),
        ({"penalties": -1.0}, "penalties must"),
        ({"penalties": []}, "penalties must"),
        ({"split": None}, "validation rows are needed"),
        ({"validation": np.arange(60, 90)}, "not both"),
        ({"y": np.zeros(90)}, "constant"),
        ({"y": np.zeros(89)}, "one phenotype"),
        ({"x": np.ones((90, 3))}, "nothing to fit"),
    ],
)
def test_impossible_requests_are_refused(cohort, changes, message):
    genotypes, y, split = cohort
    arguments = {"x": genotypes, "y": y, "split": split, **changes}
    with pytest.raises(ValueError, match=message):
        fit_elastic_net(**arguments)
