"""Controls and rivals: what they are by definition, and what they see in known designs."""

import numpy as np
import pytest

from data_sim import studies
from geneml.baselines import fit_least_squares, fit_mean, fit_ridge, single_marker_regression
from geneml.encoding import one_hot_genotypes, one_hot_sequences
from geneml.interpret import controls
from geneml.interpret.truth import effect_recovery, locus_recovery

random = np.random.default_rng(0)
GENOTYPES = random.integers(0, 3, (60, 12)).astype("int8")


# Frequency -------------------------------------------------------------------------------


def test_genotypes_are_ranked_by_expected_heterozygosity():
    frequency = random.uniform(0.05, 0.95, 300)
    heterozygosity = 2 * frequency * (1 - frequency)
    genotypes = random.binomial(2, frequency, (4_000, 300)).astype("int8")
    control = controls.frequency_control(genotypes)
    np.testing.assert_allclose(control, heterozygosity, atol=0.03)
    # In Hardy-Weinberg proportions that is the variance of the copies.
    np.testing.assert_allclose(control, genotypes.var(axis=0), atol=0.06)


def test_missing_genotypes_and_the_counted_allele_make_no_difference():
    holes = np.where(random.random(GENOTYPES.shape) < 0.1, -1, GENOTYPES).astype("int8")
    control = controls.frequency_control(holes)
    floating = np.where(holes < 0, np.nan, holes.astype(float))
    np.testing.assert_allclose(controls.frequency_control(floating), control)
    np.testing.assert_allclose(controls.frequency_control(one_hot_genotypes(holes)), control)
    flipped = np.where(holes < 0, -1, 2 - holes).astype("int8")
    np.testing.assert_allclose(controls.frequency_control(flipped), control)


def test_sequences_are_ranked_by_the_share_of_other_letters():
    sequences = ["AAC", "AAG", "ATT", "ACA"]
    control = controls.frequency_control(one_hot_sequences(sequences))
    np.testing.assert_allclose(control, [0, 0.5, 0.75])


def test_frequency_finds_the_causal_sites_of_a_design_that_gives_them_away():
    for mutations, low, high in (("hotspots", 0.99, 1.0), ("uniform", 0.0, 0.4)):
        study = studies.thesis(2_000, 120, n_causal=10, mutations=mutations, seed=3)
        importance = controls.frequency_control(one_hot_sequences(study.sequences))
        score = locus_recovery(importance, study.truth["trait"].causal_loci)
        assert low <= score.average_precision <= high


# Shuffled labels -------------------------------------------------------------------------


def test_labels_change_hands_and_nothing_else_does():
    x, y = GENOTYPES, random.normal(size=60)
    seen = {}

    def train(rows, labels):
        seen["x"], seen["y"] = rows, labels
        return "model"

    def explain(model, rows):
        assert model == "model"
        return np.arange(12.0)

    importance = controls.shuffled_label_control(train, x, y, explain, seed=1)
    np.testing.assert_array_equal(importance, np.arange(12.0))
    assert seen["x"] is x
    assert (seen["y"] != y).mean() > 0.9
    np.testing.assert_array_equal(np.sort(seen["y"]), np.sort(y))
    first = seen["y"]
    controls.shuffled_label_control(train, x, y, explain, seed=1)
    np.testing.assert_array_equal(seen["y"], first)
    controls.shuffled_label_control(train, x, y, explain, seed=2)
    assert (seen["y"] != first).any()


def test_several_traits_stay_together():
    y = np.column_stack([np.arange(60), np.arange(60) * 10])
    rows = []
    controls.shuffled_label_control(
        lambda x, labels: rows.append(labels), GENOTYPES, y, lambda model, x: np.ones(12), seed=0
    )
    np.testing.assert_array_equal(rows[0][:, 1], rows[0][:, 0] * 10)


def test_a_fair_design_leaves_nothing_to_a_model_of_shuffled_labels():
    def train(x, y):
        return fit_ridge(x, y, heritability=0.5)

    real, shuffled = [], []
    for seed in range(12):
        study = studies.small_panel(300, 80, n_causal=8, heritability=0.7, seed=seed)
        x, y = study.genotypes, study.traits["trait"].to_numpy()
        causal = study.truth["trait"].causal_loci
        real.append(locus_recovery(controls.ridge_importance(train(x, y), x), causal))
        control = controls.shuffled_label_control(
            train, x, y, controls.linear_credit, seed=100 + seed
        )
        shuffled.append(locus_recovery(control, causal))
    chance = real[0].chance
    control = np.array([score.average_precision for score in shuffled])
    found = np.array([score.average_precision for score in real])
    assert abs(control.mean() - chance) < 4 * control.std(ddof=1) / np.sqrt(12)
    assert (found - control).min() > 0


# Linear rivals ---------------------------------------------------------------------------


def test_the_credit_of_a_linear_model_is_beta_times_x_minus_its_mean():
    y = GENOTYPES[:, 2] * 0.7 + random.normal(size=60)
    holes = np.where(random.random(GENOTYPES.shape) < 0.1, -1, GENOTYPES).astype("int8")
    fit = fit_ridge(holes, y, heritability=0.5)
    attribution = controls.linear_credit(fit, holes)
    filled = np.where(holes < 0, fit.means, holes)
    np.testing.assert_allclose(
        attribution.values, fit.coefficients * (filled - fit.means), atol=1e-12
    )
    np.testing.assert_allclose(attribution.additivity_gap, 0, atol=1e-12)
    np.testing.assert_allclose(attribution.predictions, fit.predict(holes), atol=1e-12)
    np.testing.assert_allclose(
        controls.ridge_importance(fit, holes), np.abs(attribution.values).mean(axis=0)
    )
    np.testing.assert_array_equal(
        controls.ridge_importance(fit, holes, weighted=False), np.abs(fit.coefficients)
    )


def test_sequences_have_one_credit_a_position():
    study = studies.thesis(400, 30, n_causal=5, mutation_rate=0.2, seed=4)
    x, y = one_hot_sequences(study.sequences), study.traits["trait"].to_numpy()
    fit = fit_ridge(x, y)
    attribution = controls.linear_credit(fit, x)
    assert attribution.axes == ("sample", "position", "allele")
    assert attribution.alleles == tuple("ACGT")
    np.testing.assert_allclose(attribution.additivity_gap, 0, atol=1e-10)
    coefficients = fit.coefficients.reshape(30, 4)
    weighted = np.abs(attribution.per_position())
    letters = x.argmax(axis=2)
    for row in (0, 5):
        for site in (0, 7, 29):
            mean = coefficients[site] @ fit.means.reshape(30, 4)[site]
            expected = abs(coefficients[site, letters[row, site]] - mean)
            assert weighted[row, site] == pytest.approx(expected, abs=1e-9)
    # The norm is blind to a constant that all letters of a site share.
    norms = controls.ridge_importance(fit, x, weighted=False)
    spread = np.sqrt(((coefficients - coefficients.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
    np.testing.assert_allclose(norms, spread)


def test_least_squares_meets_the_exact_effects_of_an_additive_trait():
    study = studies.small_panel(500, 30, n_causal=6, heritability=1.0, seed=5)
    fit = fit_least_squares(study.genotypes, study.traits["trait"].to_numpy())
    exact = study.exact_shapley_values()
    estimated = controls.linear_credit(fit, study.genotypes).per_position()
    np.testing.assert_allclose(estimated, exact, atol=1e-9)
    score = effect_recovery(estimated, exact)
    assert score.calibration_slope == pytest.approx(1)
    assert score.sign_agreement == 1
    loci = study.truth["trait"].causal_loci
    assert locus_recovery(controls.ridge_importance(fit, study.genotypes), loci).found == 6
    single = single_marker_regression(study.genotypes, study.traits["trait"].to_numpy())
    assert locus_recovery(single.importance, loci).found >= 4


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: controls.frequency_control(GENOTYPES[0]), ValueError, "individuals, loci"),
        (lambda: controls.frequency_control([["A", "C"]]), TypeError, "must hold numbers"),
        (lambda: controls.frequency_control(GENOTYPES * 3.0), ValueError, "0 to 2 copies"),
        (lambda: controls.frequency_control(-np.ones((4, 2), int)), ValueError, "no observation"),
        (
            lambda: controls.shuffled_label_control(1, GENOTYPES, [1] * 60, len, seed=0),
            TypeError,
            "must be functions",
        ),
        (
            lambda: controls.shuffled_label_control(max, GENOTYPES, [1, 2], len, seed=0),
            ValueError,
            "each of the 60",
        ),
        (
            lambda: controls.shuffled_label_control(
                lambda x, y: 0, GENOTYPES, [1] * 60, lambda model, x: np.ones((3, 4)), seed=0
            ),
            ValueError,
            "one number a locus",
        ),
        (lambda: controls.linear_credit("fit", GENOTYPES), TypeError, "must be a LinearFit"),
        (
            lambda: controls.linear_credit(fit_mean(GENOTYPES, range(60)), GENOTYPES[:, :3]),
            ValueError,
            "fitted on 12",
        ),
        (
            lambda: controls.ridge_importance(
                fit_mean(GENOTYPES, range(60)), GENOTYPES[:, :3], weighted=False
            ),
            ValueError,
            "fitted on 12",
        ),
    ],
)
def test_bad_arguments_are_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()
