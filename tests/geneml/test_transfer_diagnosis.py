"""Diagnosis of transfer: intervals and rates against the normal and Student's distribution."""

import numpy as np
import pytest
from scipy import stats

from geneml.transfer import accept_transfer, diagnose_transfer

SIZES = {"training_size": 400, "test_size": 100}


def losses(*gains, k=40, spread=0.05, seed=0, level=2.0):
    """Losses of networks whose gains over the first, exactly on average, are the given ones."""
    random = np.random.default_rng(seed)
    base = level + random.normal(size=k)  # easy and hard splits, shared by all networks
    noise = random.normal(size=(len(gains), k)) * spread
    noise -= noise.mean(axis=1, keepdims=True)
    return base, *(base - gain + one for gain, one in zip(gains, noise, strict=True))


# --- Verdicts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [(0.3, "transfer helps"), (-0.3, "transfer hurts"), (0.004, "undecided"), (0.0, "undecided")],
)
def test_the_verdict_follows_the_gain(gain, verdict):
    without, ours = losses(gain)
    found = diagnose_transfer(ours, without, **SIZES)
    assert found.verdict == verdict
    assert found.gain.mean == pytest.approx(gain, abs=1e-12)
    opposite = diagnose_transfer(without, ours, **SIZES)
    turned = {"transfer helps": "transfer hurts", "transfer hurts": "transfer helps"}
    assert opposite.verdict == turned.get(verdict, verdict)


def test_the_interval_is_that_of_nadeau_and_bengio_by_hand():
    ours, without = [0.27, 0.30, 0.29, 0.30, 0.26], [0.30, 0.34, 0.28, 0.35, 0.31]
    gain = diagnose_transfer(ours, without, **SIZES).gain
    differences = [0.03, 0.04, -0.01, 0.05, 0.05]
    squares = sum((d - 0.032) ** 2 for d in differences) / 4
    half = 2.7764451051977987 * ((1 / 5 + 100 / 400) * squares) ** 0.5  # t(0.975, 4)
    assert (gain.low, gain.high) == pytest.approx((0.032 - half, 0.032 + half))


@pytest.mark.parametrize(
    ("controls", "verdict"),
    [
        ({"permuted source": 0.05, "random layer": 0.0}, "transfer helps"),
        ({"permuted source": 0.05, "random layer": 0.3}, "no more than a control"),
        ({"permuted source": 0.4, "random layer": 0.05}, "no more than a control"),
        ({"permuted source": 0.295, "random layer": 0.05}, "no more than a control"),
        ({"random layer": -0.2}, "transfer helps"),
    ],
)
def test_a_gain_that_a_control_has_too_is_not_called_transfer(controls, verdict):
    without, ours, *others = losses(0.3, *controls.values())
    given = dict(zip(controls, others, strict=True))
    found = diagnose_transfer(ours, without, controls=given, **SIZES)
    assert found.verdict == verdict
    for name, gain in controls.items():
        assert found.control_gains[name].mean == pytest.approx(gain, abs=1e-12)
        assert found.over_controls[name].mean == pytest.approx(0.3 - gain, abs=1e-12)
        assert found.share(name) == pytest.approx(gain / 0.3)


def test_a_control_of_which_nothing_can_be_said_leaves_it_undecided():
    without, ours, _ = losses(0.3, 0.1)
    noisy = losses(0.3, 0.1, spread=2.0)[2]
    found = diagnose_transfer(ours, without, controls={"random layer": noisy}, **SIZES)
    assert found.gain.low > 0 > found.control_gains["random layer"].low
    assert found.verdict == "undecided"


def test_controls_do_not_turn_harm_into_help():
    without, ours, worse = losses(-0.3, -0.6)
    found = diagnose_transfer(ours, without, controls={"random layer": worse}, **SIZES)
    assert found.verdict == "transfer hurts"
    assert np.isnan(found.share("random layer"))


def test_it_is_said_in_plain_sentences():
    without, ours, near, far = losses(0.3, 0.295, 0.06)
    alone = str(diagnose_transfer(ours, without, **SIZES))
    assert alone.startswith("The test loss is lower with transfer, by 0.30 [0.")
    assert "95% interval over 40 splits" in alone
    assert "Without a control it is not known" in alone
    helped = str(diagnose_transfer(ours, without, controls={"random layer": far}, **SIZES))
    assert "'random layer' lowers it by 0.06" in helped
    assert "20% of the gain; transfer gains 0.24 [" in helped
    assert helped.endswith("Transfer helps, beyond what the controls do.")
    named = {"far": far, "near": near}
    alike = str(diagnose_transfer(ours, without, controls=named, **SIZES))
    assert "'near' lowers it by 0.2" in alike
    assert "'far'" not in alike
    assert "not shown to be transfer" in alike
    noisy = losses(0.3, 0.1, spread=2.0)[2]  # a control that nothing can be said of
    unsure = str(diagnose_transfer(ours, without, controls={"noisy": noisy}, **SIZES))
    assert unsure.endswith("how much a smaller model, is undecided.")
    harmed = str(diagnose_transfer(without, ours, controls={"far": far}, **SIZES))
    assert harmed.startswith("Transfer hurts (negative transfer): it raises the test loss by 0.30")
    assert len(harmed.split(". ")) == 1


def test_the_losses_given_are_neither_kept_nor_changed():
    without, ours = losses(0.3)
    before = ours.copy()
    found = diagnose_transfer(ours, without, **SIZES)
    ours[:] = 0
    np.testing.assert_array_equal(found.with_transfer, before)


# --- Coverage ------------------------------------------------------------------------


def covered(k, ratio, correlation, *, runs=4000, seed=1):
    """How often the interval holds the true gain, for differences of this correlation."""
    random = np.random.default_rng(seed)
    shared = np.sqrt(correlation) * random.normal(size=(runs, 1))
    gains = 0.7 + shared + np.sqrt(1 - correlation) * random.normal(size=(runs, k))
    base = random.normal(size=(runs, k))
    sizes = {"training_size": 1000, "test_size": 1000 * ratio}
    return np.mean([
        0.7 in diagnose_transfer(b - g, b, **sizes).gain for b, g in zip(base, gains, strict=True)
    ])  # fmt: skip


# Binomial(4000, p): four standard deviations are 0.014 at p = 0.95.
@pytest.mark.parametrize(("k", "ratio"), [(5, 0.25), (10, 1 / 9), (50, 1 / 3)])
def test_independent_differences_are_covered_as_students_t_says(k, ratio):
    # The interval is sqrt(1 + k * ratio) times as wide as independent differences need.
    half = stats.t.ppf(0.975, k - 1) * np.sqrt(1 + k * ratio)
    expected = 1 - 2 * stats.t.sf(half, k - 1)
    assert covered(k, ratio, 0.0) == pytest.approx(expected, abs=0.014)


@pytest.mark.parametrize(("k", "ratio"), [(5, 0.25), (10, 1 / 9), (50, 1 / 3)])
def test_differences_that_overlap_as_assumed_are_covered_as_often_as_said(k, ratio):
    # Nadeau & Bengio's assumption: correlation test / (test + training) between splits.
    assert covered(k, ratio, ratio / (1 + ratio)) == pytest.approx(0.95, abs=0.014)


def test_without_overlap_to_speak_of_it_is_students_interval():
    assert covered(8, 1e-9, 0.0) == pytest.approx(0.95, abs=0.014)


def test_useless_transfer_is_seldom_said_to_help_or_hurt():
    random = np.random.default_rng(5)
    verdicts = []
    for _ in range(3000):
        shared, own = random.normal(), random.normal(size=(2, 10))
        # Variance of the differences 1, correlation 1 / 10 between splits.
        gains = np.sqrt(0.1) * shared + np.sqrt(0.9) * own[0]
        sizes = {"training_size": 900, "test_size": 100}
        verdicts.append(diagnose_transfer(own[1] - gains, own[1], **sizes).verdict)
    # Two-sided 5 %, 2.5 % each: four standard deviations are 0.0114.
    for verdict in ("transfer helps", "transfer hurts"):
        assert verdicts.count(verdict) / 3000 == pytest.approx(0.025, abs=0.0114)


# --- Accept or decline ---------------------------------------------------------------


def accepted(change, n, c, *, runs=2500, seed=2):
    """Share accepted, and the normal distribution's answer.

    Squared errors of two networks that miss the truth by independent normal errors: those with
    transfer have the variance 0.5 - change, those without 0.5; the noise has 1.
    """
    random = np.random.default_rng(seed)
    with_variance, without_variance = 0.5 - change, 0.5
    kept = []
    for _ in range(runs):
        noise, a, b = random.normal(size=(3, n))
        ours = (noise + np.sqrt(with_variance) * a) ** 2
        theirs = (noise + np.sqrt(without_variance) * b) ** 2
        kept.append(bool(accept_transfer(ours, theirs, standard_errors=c)))
    # Var X^2 = 2 Var(X)^2 for a normal X; Cov(X^2, Y^2) = 2 Cov(X, Y)^2, and here Cov = 1.
    variance = 2 * (1 + with_variance) ** 2 + 2 * (1 + without_variance) ** 2 - 4
    return np.mean(kept), stats.norm.cdf(np.sqrt(n / variance) * change - c)


@pytest.mark.parametrize("c", [0.0, 1.0, 1.645])
@pytest.mark.parametrize("change", [-0.3, 0.0, 0.1, 0.4])
def test_transfer_is_accepted_as_often_as_the_normal_distribution_says(change, c):
    rate, expected = accepted(change, 400, c)
    # Binomial(2500, 1/2): four standard deviations are 0.04; 0.005 for the skew of squares.
    margin = 4 * np.sqrt(max(expected * (1 - expected), 0.001) / 2500) + 0.005
    assert rate == pytest.approx(expected, abs=margin)


def test_harmful_transfer_is_nearly_always_declined_and_helpful_transfer_kept():
    harmful, helpful = accepted(-0.3, 800, 1.0)[0], accepted(0.4, 800, 1.0)[0]
    assert harmful < 0.005
    assert helpful > 0.99


def test_choosing_on_test_data_flatters_and_choosing_on_validation_data_does_not():
    random = np.random.default_rng(4)
    chosen_on_test, chosen_on_validation = [], []
    for _ in range(3000):  # two networks of equal worth: the true loss of both is 1
        validation, test = random.normal(size=(2, 2, 100)) ** 2
        by_test, by_validation = (
            bool(accept_transfer(one[0], one[1], standard_errors=0)) for one in (test, validation)
        )
        chosen_on_test.append(test[0 if by_test else 1].mean())
        chosen_on_validation.append(test[0 if by_validation else 1].mean())
    # The smaller of two normal numbers lies sd / sqrt(pi) below their mean; sd = sqrt(2 / 100).
    error = np.sqrt(2 / 100 / 3000)
    expected = 1 - np.sqrt(2 / 100 / np.pi)
    assert np.mean(chosen_on_test) == pytest.approx(expected, abs=4 * error)
    assert np.mean(chosen_on_validation) == pytest.approx(1, abs=4 * error)


def test_the_rule_by_hand_and_its_reason():
    ours, theirs = [1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 3.0, 0.0]  # gains 0, 1, 2, -1
    decision = accept_transfer(ours, theirs)
    assert decision.gain == 0.5
    assert decision.standard_error == pytest.approx((5 / 3 / 4) ** 0.5)  # 0.645
    assert not decision
    assert str(decision) == decision.reason
    assert decision.reason.startswith("Transfer is declined: on 4 validation individuals")
    kept = accept_transfer(ours, theirs, standard_errors=0.7)
    assert kept
    assert kept.reason.startswith("Transfer is kept")
    assert "by 0.5, more than 0.7 standard errors" in kept.reason


def test_no_gain_at_all_is_declined_even_where_any_gain_is_enough():
    assert not accept_transfer([1.0, 2.0], [1.0, 2.0], standard_errors=0)
    assert accept_transfer([1.0, 2.0], [1.5, 2.5], standard_errors=3)  # every gain is alike


# --- Refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"with_transfer": [1.0, np.nan]}, ValueError, "with_transfer: expected finite"),
        ({"with_transfer": [1.0]}, ValueError, "with_transfer: expected .* two splits, received 1"),
        ({"without": [1.0, 2.0, 3.0]}, ValueError, "without: expected 2 values, received 3"),
        ({"controls": [[1.0, 2.0]]}, TypeError, "controls: expected a mapping.* received list"),
        ({"controls": {"random": [1.0]}}, ValueError, r"controls\['random'\]: expected 2 values"),
        ({"training_size": 0}, ValueError, "training_size: expected .* received 0"),
        ({"confidence": 1.0}, ValueError, "confidence: expected .* received 1.0"),
    ],
)
def test_losses_that_do_not_fit_are_refused(change, error, message):
    arguments = {"with_transfer": [1.0, 2.0], "without": [1.5, 2.5], **SIZES, **change}
    with pytest.raises(error, match=message):
        diagnose_transfer(**arguments)


def test_unknown_controls_and_impossible_rules_are_refused():
    without, ours = losses(0.3)
    with pytest.raises(ValueError, match=r"control: expected one of \[\], received 'random'"):
        diagnose_transfer(ours, without, **SIZES).share("random")
    for wrong in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="standard_errors: expected .* received"):
            accept_transfer([1.0, 2.0], [1.0, 2.0], standard_errors=wrong)
    with pytest.raises(ValueError, match="two individuals, received 1"):
        accept_transfer([1.0], [1.0])
