"""The scan of pairs, against plain least squares written out in full for each pair."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from data_sim import studies
from data_sim.traits import Architecture
from geneml.baselines.pairs import scan_pairs


def _one_by_one(x: np.ndarray, y: np.ndarray, i: int, j: int, main_effects: str) -> tuple:
    """Effect, t and p of one product, from the normal equations of the whole model."""
    mains = {"all": range(x.shape[1]), "pair": (i, j), "none": ()}[main_effects]
    design = np.column_stack([x[:, i] * x[:, j], np.ones(len(x)), *(x[:, k] for k in mains)])
    inverse = np.linalg.inv(design.T @ design)
    solution = inverse @ design.T @ y
    freedom = len(y) - design.shape[1]
    variance = np.sum((y - design @ solution) ** 2) / freedom
    t = solution[0] / np.sqrt(variance * inverse[0, 0])
    return solution[0], t, 2 * stats.t.sf(abs(t), freedom)


@pytest.fixture(scope="module")
def panel() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    x = rng.binomial(2, [0.2, 0.5, 0.35, 0.1, 0.4], size=(80, 5)).astype(np.int8)
    y = x[:, 0] + 0.7 * x[:, 1] * x[:, 2] + rng.normal(size=80) + 3.0
    return x, y


@pytest.mark.parametrize("main_effects", ["all", "pair", "none"])
def test_every_pair_agrees_with_least_squares_in_full(panel, main_effects: str) -> None:
    x, y = panel
    scan = scan_pairs(x, y, main_effects=main_effects)
    for i in range(5):
        for j in range(i):
            expected = _one_by_one(x.astype(float), y, i, j, main_effects)
            found = (scan.effects[i, j], scan.statistics[i, j], scan.p_values[i, j])
            np.testing.assert_allclose(found, expected, rtol=1e-8)
    for table in (scan.effects, scan.statistics, scan.p_values):
        np.testing.assert_array_equal(table, table.T)
    np.testing.assert_array_equal(np.diag(scan.p_values), 1.0)
    np.testing.assert_array_equal(np.diag(scan.scores), 0.0)


@pytest.mark.parametrize("main_effects", ["all", "pair"])
def test_beside_main_effects_it_does_not_matter_which_allele_is_counted(
    panel, main_effects: str
) -> None:
    x, y = panel
    flipped = x.copy()
    flipped[:, 2] = 2 - flipped[:, 2]
    one, other = (scan_pairs(g, y, main_effects=main_effects) for g in (x, flipped))
    np.testing.assert_allclose(one.p_values, other.p_values, rtol=1e-9)
    np.testing.assert_allclose(one.effects[1, 2], -other.effects[1, 2], rtol=1e-9)


def test_only_the_training_rows_count_and_missing_genotypes_are_set_to_their_mean(panel) -> None:
    x, y = panel
    rows = np.arange(10, 70)
    expected = scan_pairs(x[rows], y[rows])
    np.testing.assert_allclose(scan_pairs(x, y, training=rows).p_values, expected.p_values)
    holes = x.copy()
    holes[[11, 15, 40], [0, 2, 2]] = -1
    filled = holes.astype(float)
    for column in range(5):
        known = holes[rows, column] >= 0
        filled[holes[:, column] < 0, column] = holes[rows, column][known].mean()
    with_holes = scan_pairs(holes, y, training=rows)
    imputed = scan_pairs(filled, y, training=rows)
    np.testing.assert_allclose(with_holes.p_values, imputed.p_values, rtol=1e-9)


def test_p_values_of_a_trait_without_interactions_are_uniform() -> None:
    p_values = []
    for seed in range(6):
        study = studies.small_panel(300, 25, n_causal=8, heritability=0.6, seed=seed)
        scan = scan_pairs(study.genotypes, study.traits["trait"].to_numpy())
        p_values.append(scan.p_values[np.triu_indices(25, 1)])
    assert stats.kstest(np.concatenate(p_values), "uniform").pvalue > 0.001
    assert scan.n_tests == 300


def test_the_pairs_of_a_trait_made_of_pairs_are_found() -> None:
    design = Architecture(
        n_causal=6, additive=0.5, pairwise=0.5, n_pairs=3, effect_distribution="equal"
    )
    study = studies.small_panel(
        1_500, 20, heritability=0.8, architecture=design,
        allele_frequency_range=(0.2, 0.5), seed=3,
    )  # fmt: skip
    found = scan_pairs(study.genotypes, study.traits["trait"].to_numpy()).significant()
    assert {tuple(pair) for pair in found} >= {tuple(p) for p in study.truth["trait"].pairs}


def test_the_raw_product_alone_stands_for_its_main_effects() -> None:
    study = studies.small_panel(1_000, 20, n_causal=4, heritability=0.6, seed=2)
    y = study.traits["trait"].to_numpy()
    assert len(scan_pairs(study.genotypes, y, main_effects="none").significant()) > 5
    assert len(scan_pairs(study.genotypes, y).significant(1e-4)) == 0


def test_products_that_say_nothing_new_are_left_untested() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, size=(60, 4))
    x[:, 2] = x[:, 1]  # a copy; the product of two copies of a 0/1 marker is the marker
    x[:, 3] = 1 - x[:, 0]  # never both
    y = rng.normal(size=60)
    for main_effects in ("all", "pair"):
        scan = scan_pairs(x, y, main_effects=main_effects)
        assert scan.p_values[1, 2] == scan.p_values[0, 3] == 1
        assert np.isfinite(scan.statistics).all()
        np.testing.assert_allclose(scan.p_values[0, 1], scan.p_values[0, 2], rtol=1e-9)
    alone = scan_pairs(x[:, :2], y).p_values[0, 1]
    np.testing.assert_allclose(scan_pairs(x[:, :3], y).p_values[0, 1], alone, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"x": np.zeros(5)}, ValueError, "shape"),
        ({"x": np.zeros((80, 1))}, ValueError, "two markers"),
        ({"y": np.zeros(3)}, ValueError, "one value for each"),
        ({"y": np.ones(80)}, ValueError, "constant"),
        ({"y": np.full(80, np.nan)}, ValueError, "finite"),
        ({"training": np.arange(6)}, ValueError, "too few"),
        ({"main_effects": "both"}, ValueError, "main_effects"),
        ({"x": np.full((80, 5), "A")}, TypeError, "numbers"),
    ],
)
def test_bad_input_is_named(panel, change: dict, error: type, says: str) -> None:
    x, y = panel
    with pytest.raises(error, match=says):
        scan_pairs(**({"x": x, "y": y} | change))


def test_alpha_must_be_a_chance(panel) -> None:
    with pytest.raises(ValueError, match="alpha"):
        scan_pairs(*panel).significant(0)
