"""Transfer beside its controls on one split."""

import numpy as np
import pytest
from scipy.stats import expectile

from geneml.baselines.expectile import fit_expectile_regression
from geneml.replicates import METHODS, compare_transfer
from geneml.replicates.comparison import standardised
from geneml.splits import random_split

N, P = 400, 6
TAUS = (0.25, 0.5)
SETTINGS = {"taus": TAUS, "penalties": (0.0, 0.01), "hidden": (3, 4), "epochs": 150, "seed": 1}


@pytest.fixture(scope="module")
def data():
    """Two traits made by the same product of two loci, the target with far more noise."""
    random = np.random.default_rng(0)
    x = random.integers(0, 3, size=(N, P)).astype(float)
    signal = (x[:, 0] - 1) * (x[:, 1] - 1)
    source = 10 + 4 * signal + 0.3 * random.normal(size=N)
    target = 50 - 3 * signal + 3 * random.normal(size=N)
    return x, source, target, random_split(N, seed=2)


@pytest.fixture(scope="module")
def comparisons(data):
    return compare_transfer(*data, tuned_penalties=[(0.0, 0.01), (0.0,)], **SETTINGS)


def loss(comparison, method, data, part):
    _, _, target, split = data
    rows = getattr(split, part)
    prediction = comparison.predictions[comparison.methods.index(method)][:, rows]
    weight = np.where(
        target[rows] < prediction, 1 - comparison.taus[:, None], comparison.taus[:, None]
    )
    return (weight * (target[rows] - prediction) ** 2).mean(axis=1)


def test_every_method_has_predictions_in_the_unit_of_the_trait(comparisons, data):
    assert len(comparisons) == 2
    for comparison in comparisons:
        assert comparison.methods == tuple(METHODS)
        assert comparison.predictions.shape == (len(METHODS), len(TAUS), N)
        assert np.isfinite(comparison.predictions).all()
        assert abs(comparison.predictions[:, 1].mean() - data[2].mean()) < 2


def test_the_intercept_is_the_expectile_of_the_training_part(comparisons, data):
    _, _, target, split = data
    expected = [expectile(target[split.training], tau) for tau in TAUS]
    for comparison in comparisons:
        np.testing.assert_allclose(comparison.predictions[0][:, 5], expected, rtol=1e-6)
        assert np.ptp(comparison.predictions[0], axis=1).max() == 0


def test_the_straight_line_is_expectile_regression(comparisons, data):
    x, _, target, split = data
    table = standardised(x, split.training)
    for row, tau in enumerate(TAUS):
        fit = fit_expectile_regression(
            table[split.training],
            target[split.training],
            tau,
            penalty=comparisons[0].penalty[1, row],
        )
        np.testing.assert_allclose(
            comparisons[0].predictions[1][row], fit.predict(table), rtol=1e-5
        )


def test_penalties_come_from_the_grid_asked_for(comparisons):
    tuned, free = comparisons
    assert set(np.unique(tuned.penalty)) <= {0.0, 0.01}
    assert not free.penalty.any()
    transferred = [
        tuned.methods.index(m) for m in METHODS if m not in ("intercept", "linear", "alone")
    ]
    assert (tuned.hidden[transferred] == tuned.hidden[transferred[0]]).all(), "the source's size"


def test_what_the_source_knows_helps_and_what_a_shuffled_one_knows_does_not(comparisons, data):
    tuned = comparisons[0]
    frozen, shuffled, line = (
        loss(tuned, m, data, "test") for m in ("frozen", "frozen, shuffled source", "linear")
    )
    # The product of two loci has no straight part, so a line sees nothing of it.
    assert (frozen < 0.9 * line).all()
    assert (frozen < 0.9 * shuffled).all()


def test_a_free_output_layer_is_no_worse_than_a_constant_in_training(comparisons, data):
    # Slopes of zero are among its choices, so the exact solution cannot lose to them.
    free = comparisons[1]
    assert (
        loss(free, "frozen", data, "training") <= loss(free, "intercept", data, "training")
    ).all()


def test_the_same_seed_gives_the_same_comparison(data, comparisons):
    again = compare_transfer(*data, **SETTINGS)[0]
    np.testing.assert_allclose(again.predictions, comparisons[0].predictions, rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(again.penalty, comparisons[0].penalty)


def test_test_phenotypes_are_never_used(data, comparisons):
    x, source, target, split = data
    other = target.copy()
    other[split.test] = 1e3
    again = compare_transfer(x, source, other, split, **SETTINGS)[0]
    np.testing.assert_allclose(again.predictions, comparisons[0].predictions, rtol=1e-3, atol=1e-3)


def test_standardised_learns_from_training_rows_and_silences_constants():
    x = np.array([[0.0, 1.0], [2.0, 1.0], [9.0, 5.0]])
    np.testing.assert_array_equal(standardised(x, [0, 1]), [[-1, 0], [1, 0], [8, 0]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tuned_penalties": [(0.5,)]}, "grids out of penalties"),
        ({"tuned_penalties": [()]}, "grids out of penalties"),
        ({"taus": (0.5, 1.0)}, "between 0 and 1"),
        ({"source": np.zeros(3)}, "y must have shape"),
    ],
)
def test_bad_input(data, change, message):
    x, source, target, split = data
    arguments = {"x": x, "source": source, "target": target, "split": split, **SETTINGS}
    with pytest.raises(ValueError, match=message):
        compare_transfer(**(arguments | change))


def test_a_split_without_validation_is_refused(data):
    x, source, target, _ = data
    with pytest.raises(ValueError, match="validation"):
        compare_transfer(x, source, target, random_split(N, (3, 0, 1), seed=0), **SETTINGS)
