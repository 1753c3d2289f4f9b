"""The result of an explainer, on a linear model whose every explanation is known by hand."""

import subprocess
import sys

import numpy as np
import pytest

from geneml.interpret import Attribution

random = np.random.default_rng(0)
N, L, A, T = 30, 9, 4, 2
LETTERS = random.integers(0, A, (N, L))
ONE_HOT = np.eye(A)[LETTERS]
BETA = random.normal(size=(L, A, T))
FREQUENCY = ONE_HOT.mean(axis=0)
PREDICTIONS = 5.0 + np.einsum("nla,lat->nt", ONE_HOT, BETA)
MEAN = 5.0 + np.einsum("la,lat->t", FREQUENCY, BETA)
AT_OBSERVED = np.take_along_axis(BETA[None], LETTERS[:, :, None, None], axis=2)  # (n, L, 1, t)
# beta (x - E[x]): what the observed letter adds to the mean of the population.
EXACT = AT_OBSERVED[:, :, 0] - np.einsum("la,lat->lt", FREQUENCY, BETA)


def explained(kind, /, **other):
    """What a change, a slope and a credit are for this model, with both outputs."""
    values = {
        "change": BETA[None] - AT_OBSERVED,
        "slope": np.repeat(BETA[None], N, axis=0),
        "credit": (ONE_HOT - FREQUENCY)[..., None] * BETA,
    }[kind]
    fields = {
        "values": values,
        "axes": ("sample", "position", "allele", "output"),
        "kind": kind,
        "explainer": "by hand",
        "observed": ONE_HOT,
        "predictions": PREDICTIONS,
        "alleles": tuple("ACGT"),
    }
    if kind == "credit":
        fields["base_values"] = np.tile(MEAN, (N, 1))
    return Attribution(**fields | other)


@pytest.mark.parametrize("kind", ["change", "slope", "credit"])
def test_weighed_by_frequency_every_kind_gives_beta_times_x_minus_its_mean(kind):
    attribution = explained(kind)
    np.testing.assert_allclose(attribution.per_position(FREQUENCY), EXACT, atol=1e-12)
    np.testing.assert_allclose(
        attribution.importance(FREQUENCY), np.abs(EXACT).mean(axis=0), atol=1e-12
    )
    for output in range(T):
        one = attribution.output(output)
        assert one.axes == ("sample", "position", "allele")
        np.testing.assert_allclose(one.per_position(FREQUENCY), EXACT[..., output], atol=1e-12)


@pytest.mark.parametrize("kind", ["change", "slope"])
def test_without_frequency_the_other_letters_count_alike(kind):
    mean_of_others = (BETA.sum(axis=1)[None] - AT_OBSERVED[:, :, 0]) / (A - 1)
    expected = AT_OBSERVED[:, :, 0] - mean_of_others
    np.testing.assert_allclose(explained(kind).per_position(), expected, atol=1e-12)


def test_a_frequency_of_one_letter_compares_with_that_letter():
    reference = np.zeros((L, A))
    reference[:, 2] = 1
    expected = AT_OBSERVED[:, :, 0] - BETA[:, 2]
    np.testing.assert_allclose(explained("change").per_position(reference), expected, atol=1e-12)


def test_credits_keep_their_promise_and_a_gap_is_reported():
    attribution = explained("credit")
    np.testing.assert_allclose(attribution.additivity_gap, 0, atol=1e-12)
    assert "largest additivity gap" in str(attribution)
    short = explained("credit", values=attribution.values * 0.9)
    expected = 0.1 * (PREDICTIONS - MEAN)
    np.testing.assert_allclose(short.additivity_gap, expected, atol=1e-12)
    np.testing.assert_allclose(short.output(1).additivity_gap, expected[:, 1], atol=1e-12)
    assert explained("change").additivity_gap is None
    assert explained("slope").additivity_gap is None
    assert "gap" not in str(explained("change"))


def test_the_observed_letter_is_known_and_a_missing_one_is_not():
    np.testing.assert_array_equal(explained("change").observed_alleles, LETTERS)
    holes = ONE_HOT.copy()
    holes[3, 5] = 0
    changes = BETA[None] - np.einsum("nla,lat->nlt", holes, BETA)[:, :, None]
    attribution = explained("change", observed=holes, values=changes)
    assert attribution.observed_alleles[3, 5] == -1
    # Nothing stands there: every letter is an alternative, and the population is all of them.
    unweighted, weighted = attribution.per_position(), attribution.per_position(FREQUENCY)
    np.testing.assert_allclose(unweighted[3, 5], -BETA[5].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(weighted[3, 5], -FREQUENCY[5] @ BETA[5], atol=1e-12)
    rest = np.ones((N, L), dtype=bool)
    rest[3, 5] = False
    np.testing.assert_allclose(weighted[rest], EXACT[rest], atol=1e-12)


def test_genotypes_are_alleles_of_three_states():
    genotypes = np.array([[0, 2, 1], [-1, 1, 0]], dtype="int8")
    effect = np.array([1.0, -2.0, 0.5])
    changes = effect[:, None] * (np.arange(3) - np.maximum(genotypes, 0)[..., None])
    attribution = Attribution(
        changes,
        ("sample", "position", "allele"),
        "change",
        "by hand",
        genotypes,
        np.maximum(genotypes, 0) @ effect,
        alleles=tuple("012"),
    )
    np.testing.assert_array_equal(attribution.observed_alleles, genotypes)
    shares = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.5, 0.5, 0.0]])
    contribution = attribution.per_position(shares)
    expected = effect * (np.maximum(genotypes, 0) - shares @ np.arange(3))
    np.testing.assert_allclose(contribution, expected, atol=1e-12)


def test_dosages_and_credits_without_alleles_are_as_they_are():
    dosages = random.random((5, 7))
    credits_ = random.normal(size=(5, 7))
    attribution = Attribution(
        credits_, ("sample", "position"), "credit", "by hand", dosages, np.zeros(5)
    )
    np.testing.assert_array_equal(attribution.per_position(), credits_)
    np.testing.assert_array_equal(attribution.observed_alleles, np.full((5, 7), -1))
    np.testing.assert_array_equal(attribution.importance(), np.abs(credits_).mean(axis=0))


def test_chosen_positions_keep_their_numbers():
    chosen = np.array([1, 4, 6])
    part = explained("change", values=explained("change").values[:, chosen], positions=chosen)
    np.testing.assert_array_equal(part.observed_alleles, LETTERS[:, chosen])
    np.testing.assert_allclose(part.per_position(FREQUENCY[chosen]), EXACT[:, chosen], atol=1e-12)
    np.testing.assert_array_equal(explained("change").positions, np.arange(L))


def test_an_output_takes_everything_of_its_own():
    spread = random.random((N, L, A, T))
    one = explained("credit", spread=spread).output(1)
    np.testing.assert_array_equal(one.predictions, PREDICTIONS[:, 1])
    np.testing.assert_array_equal(one.base_values, np.full(N, MEAN[1]))
    np.testing.assert_array_equal(one.spread, spread[..., 1])
    with pytest.raises(ValueError, match="no output axis"):
        one.output(0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        explained("credit").output(2)


def test_it_is_an_array_where_one_is_wanted():
    attribution = explained("change")
    assert np.asarray(attribution).shape == attribution.shape == (N, L, A, T)
    assert np.asarray(attribution, dtype="float32").dtype == np.float32
    changed = np.array(attribution)
    changed[:] = 0
    assert attribution.values.any()
    assert str(attribution) == "by hand: sample 30, position 9, allele 4, output 2"


def test_it_goes_into_the_shap_library():
    shap = pytest.importorskip("shap")
    explanation = explained("credit").output(0).to_shap()
    assert isinstance(explanation, shap.Explanation)
    np.testing.assert_allclose(explanation.values, EXACT[..., 0], atol=1e-12)
    np.testing.assert_array_equal(explanation.data, LETTERS)
    total = explanation.values.sum(axis=1) + explanation.base_values
    np.testing.assert_allclose(total, PREDICTIONS[:, 0], atol=1e-12)
    assert explanation.feature_names[2] == "position 2"
    with pytest.raises(ValueError, match="kind 'change'"):
        explained("change").to_shap()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"kind": "guess"}, "kind must be one of credit, change, slope"),
        ({"axes": ("sample", "position")}, "4 axes .* but 2 names"),
        ({"axes": ("position", "sample", "allele", "output")}, "axes must begin with sample"),
        ({"observed": ONE_HOT[:3]}, "values hold 30 samples"),
        ({"predictions": PREDICTIONS[:3]}, "values hold 30 samples"),
        ({"positions": np.arange(3)}, "9 positions"),
        ({"spread": np.zeros((N, L))}, "spread must have the shape of values"),
        ({"base_values": np.zeros(N)}, "base_values must have the shape of predictions"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(other, message):
    with pytest.raises(ValueError, match=message):
        explained("change", **other)


@pytest.mark.parametrize(
    ("frequency", "message"),
    [
        (FREQUENCY[:3], r"must have the shape \(9, 4\)"),
        (FREQUENCY * 2, "sum to 1"),
        (np.tile([1.5, -0.5, 0, 0], (L, 1)), "sum to 1"),
    ],
)
def test_frequencies_must_be_shares(frequency, message):
    with pytest.raises(ValueError, match=message):
        explained("change").per_position(frequency)


def test_pairs_have_no_single_contribution():
    pairs = Attribution(
        np.zeros((2, 3, 4, 3, 4)),
        ("sample", "position", "allele", "other_position", "other_allele"),
        "change",
        "pairs",
        ONE_HOT[:2, :3],
        np.zeros(2),
    )
    with pytest.raises(ValueError, match="per_position needs the axes"):
        pairs.per_position()


def test_the_package_is_quick_to_import():
    program = (
        "import sys, geneml.interpret, geneml.interpret.truth, geneml.interpret.controls, "
        "geneml.plots, geneml.baselines\n"
        "print([m for m in ('keras', 'tensorflow', 'shap') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
