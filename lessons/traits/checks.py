"""Checks for the lesson "From genotype to trait" (no network is trained here)."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import numbers, shape_of

as_floats = partial(numbers, hint="shape")


def draw_genotypes(rng, n, p, *, missing=0.2):
    """Genotypes with common and rare counted alleles and some missing entries."""
    frequency = np.linspace(0.15, 0.85, p)
    genotypes = rng.binomial(2, frequency, size=(n, p)).astype(np.int8)
    genotypes[rng.random((n, p)) < missing] = -1
    genotypes[0], genotypes[1], genotypes[2] = 2, 0, -1  # every SNP: both alleles, one gap
    genotypes[3] = np.resize([1, 2, 0], p)  # one mouse without a gap
    return genotypes


SHAPE_HINT = (
    "Look at the shape your function returns: print(result.shape). The worksheet says which shape "
    "is asked for, and along which axis to average."
)


@exercise(
    "allele_frequency",
    title="Count alleles when some genotypes are missing",
    points=2,
    ladder=[
        "Work on one SNP first, on paper: genotypes 2, 1, -1, 0. Three mice were typed. "
        "They carry six copies in all. How many of the six are the counted allele?",
        "Make a table of True and False first: observed = genotypes >= 0. "
        "Its column sums say how many mice were typed at each SNP.",
        "copies = np.where(observed, genotypes, 0).sum(axis=0); "
        "divide by 2 * observed.sum(axis=0). Put NaN where that is zero.",
    ],
    hints={
        "shape": SHAPE_HINT,
        "missing-as-minus-one": "The -1 of a missing genotype took part in your average as if it "
        "were a number of copies. It pulls the frequency down. Leave those entries out.",
        "missing-as-zero": "Missing genotypes are in your denominator, as if they were known to "
        "carry no copy. Divide by the number of copies that were really seen: "
        "twice the number of typed mice, SNP by SNP.",
        "two-copies": "Your numbers are twice as large as they should be. Each mouse carries two "
        "copies of the SNP, so n typed mice carry 2n.",
        "per-mouse": "You averaged along the SNPs of each mouse. The question is about each SNP: "
        "average along the mice, axis 0.",
        "folded": "You returned the frequency of the rarer allele. The question is about the "
        "counted allele, and that one may well be common: 0.8 should stay 0.8.",
        "other-allele": "You returned the frequency of the other allele, 1 minus the right one. "
        "The numbers in the table count copies of the counted allele.",
        "zero-left-out": "Mice without a copy (genotype 0) are left out. They were typed, and they "
        "belong in the denominator: only -1 is missing. Ask for genotypes >= 0.",
        "complete-cases": "You dropped every mouse with a gap anywhere. A gap at one SNP says "
        "nothing against the mouse at the others: count the typed mice SNP by SNP.",
        "gap-spreads": "One missing mouse made the whole SNP NaN. A mean with a NaN in it is NaN: "
        "use np.nanmean, or leave the gaps out yourself.",
        "small-integers": "Your sums ran over. The table holds small integers (int8), which reach "
        "no further than 127 and then go on at -128. Python's own sum() keeps that type. Use "
        "array.sum(), or convert first: genotypes.astype(int).",
        "nobody-observed": "At one SNP no mouse was typed. There the frequency is unknown: "
        "return NaN, not a number that looks like knowledge.",
    },
)
def check_allele_frequency(submission: Submission, rng: np.random.Generator):
    # So many mice that sums of a common allele do not fit into eight bits.
    n, p = int(rng.integers(130, 160)), int(rng.integers(6, 10))
    genotypes = draw_genotypes(rng, n, p)
    seen = genotypes >= 0
    copies = np.where(seen, genotypes, 0)
    expected = copies.sum(0) / (2 * seen.sum(0))

    raw = submission.call("allele_frequency", genotypes)
    require(shape_of(raw) != (n,), hint="per-mouse")
    result = as_floats(raw, "allele_frequency", (p,))
    require(not np.allclose(result, genotypes.mean(0) / 2), hint="missing-as-minus-one")
    require(not np.allclose(result, copies.mean(0) / 2), hint="missing-as-zero")
    require(not np.allclose(result, 2 * expected), hint="two-copies")
    require(not np.allclose(result, np.minimum(expected, 1 - expected)), hint="folded")
    require(not np.allclose(result, 1 - expected), hint="other-allele")
    require(
        not np.allclose(result, copies.sum(0) / (2 * (copies > 0).sum(0))), hint="zero-left-out"
    )
    complete = genotypes[seen.all(1)]
    dropped = complete.mean(0) / 2 if len(complete) else np.full(p, np.nan)
    typed_everywhere = np.where(seen.all(0), expected, np.nan)
    require(not np.allclose(result, typed_everywhere, equal_nan=True), hint="gap-spreads")
    require(not np.allclose(result, dropped, equal_nan=True), hint="complete-cases")
    ran_over = copies.sum(0).astype(np.int8)
    require(not np.allclose(result, ran_over / (2 * seen.sum(0))), hint="small-integers")
    wrong = int(np.argmax(~np.isclose(result, expected)))
    require(
        np.allclose(result, expected),
        f"At SNP {wrong} (counting from 0) the typed mice carry {copies[:, wrong].sum()} of "
        f"{2 * seen[:, wrong].sum()} copies: {expected[wrong]:.4f}. "
        f"Your function says {result[wrong]:.4f}.",
    )

    empty = genotypes.copy()
    empty[:, 2] = -1
    result = as_floats(submission.call("allele_frequency", empty), "allele_frequency", (p,))
    require(np.isnan(result[2]), hint="nobody-observed")
    require(
        np.allclose(np.delete(result, 2), np.delete(expected, 2)),
        "One SNP without any typed mouse should not change the answer at the others.",
    )


@exercise(
    "hardy_weinberg_expected",
    title="How many heterozygotes should there be?",
    points=2,
    ladder=[
        "Begin with the allele frequency f of the typed mice. Each mouse draws two copies. "
        "What is the chance that both are the counted allele?",
        "The shares are (1 - f) squared, 2 f (1 - f) and f squared. They add up to 1.",
        "Multiply the three shares by the number of typed mice: len(observed) * np.array([...]).",
    ],
    hints={
        "shape": "Return three numbers: the expected counts of mice with 0, 1 and 2 copies.",
        "two-ways": "Your heterozygotes are too few by half. One copy can come from the mother or "
        "from the father: two ways, so 2 f (1 - f).",
        "order": "Your counts are right but in the order 2, 1, 0 copies. "
        "The worksheet asks for 0, 1, 2.",
        "shares-not-counts": "You returned shares that add up to 1. Multiply them by the number of "
        "typed mice to get counts.",
        "missing-in-total": "Your counts add up to all mice, the missing ones too. Only typed mice "
        "can be expected in one of the three classes.",
        "missing-in-frequency": "The missing mice pulled your allele frequency down: their -1 was "
        "taken for a number of copies. Keep the typed mice first, genotypes[genotypes >= 0], and "
        "work with those alone.",
        "frequency-not-halved": "Your frequency is twice as large as it should be, and 1 - f may "
        "be negative. A mouse carries two copies: f is the mean number of copies divided by 2.",
        "rounded": "You rounded. Expected counts are averages over many such samples, and need "
        "not be whole: return them as they are.",
        "small-integers": "Your sum of copies ran over. The genotypes are small integers (int8), "
        "which reach no further than 127. Python's own sum() keeps that type. Use typed.sum() or "
        "typed.mean(), or convert first: genotypes.astype(int).",
        "observed-counts": "You returned the counts that were seen. The question is how many "
        "Hardy-Weinberg expects, given the allele frequency.",
    },
)
def check_hardy_weinberg_expected(submission: Submission, rng: np.random.Generator):
    # Fewer heterozygotes than expected, so that observed and expected counts differ; and more of
    # one homozygote than of the other, so that the order of the counts can be told.
    counts = np.array([rng.integers(12, 25), rng.integers(8, 16), rng.integers(70, 100)])
    missing = int(rng.integers(5, 15))
    n = int(counts.sum()) + missing
    genotypes = np.repeat([0, 1, 2, -1], [*counts, missing]).astype(np.int8)
    rng.shuffle(genotypes)
    typed = genotypes[genotypes >= 0]
    f = typed.mean() / 2
    shares = np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
    expected = len(typed) * shares

    raw = submission.call("hardy_weinberg_expected", genotypes)
    result = as_floats(raw, "hardy_weinberg_expected", (3,))
    require(not np.allclose(result, expected / [1, 2, 1]), hint="two-ways")
    require(not np.allclose(result, shares), hint="shares-not-counts")
    require(not np.allclose(result, expected[::-1]), hint="order")
    require(not np.allclose(result, n * shares), hint="missing-in-total")
    require(not np.allclose(result, counts), hint="observed-counts")

    def hardy_weinberg(f, total):
        return total * np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])

    for total in (len(typed), n):
        wrong = hardy_weinberg(genotypes.mean() / 2, total)
        require(not np.allclose(result, wrong), hint="missing-in-frequency")
    require(not np.allclose(result, hardy_weinberg(2 * f, len(typed))), hint="frequency-not-halved")
    ran_over = typed.sum().astype(np.int8) / (2 * len(typed))
    require(not np.allclose(result, hardy_weinberg(ran_over, len(typed))), hint="small-integers")
    if not np.allclose(result, expected):  # which may happen to be whole
        cut = [np.round(expected), np.floor(expected), np.ceil(expected)]
        require(not any(np.array_equal(result, whole) for whole in cut), hint="rounded")
    require(
        np.allclose(result, expected),
        f"With {len(typed)} typed mice and allele frequency {f:.3f} the expected counts are "
        f"{np.round(expected, 2).tolist()}. Your function says {np.round(result, 2).tolist()}.",
    )


@exercise(
    "phenotype_with_heritability",
    title="Make a trait with the heritability you ask for",
    points=3,
    ladder=[
        "Heritability is a share of variance. If you multiply a variable by 3, "
        "its variance grows by 9. Which factor gives a variance of 0.4?",
        "First bring both parts to mean 0 and variance 1. Then the factors are "
        "np.sqrt(heritability) and np.sqrt(1 - heritability).",
        "Before scaling the environment, take out what it shares with the genetic value: "
        "with g standardised, e = e - g * np.mean(g * e). Then divide by e.std().",
    ],
    hints={
        "shape": SHAPE_HINT,
        "variance-not-factor": "You multiplied by the heritability itself. Variance grows with the "
        "square of the factor: take the square root.",
        "not-standardised": "You used the right factors, but on parts whose variance is not 1. "
        "Standardise the genetic value and the environment first.",
        "correlated-environment": "Very close. By chance the environment you were given is "
        "a little correlated with the genetic value, so the variances do not simply add up. "
        "Take that part out of the environment before you scale it.",
        "not-rescaled": "You took the shared part out of the environment, and with it some of its "
        "variance. Bring what is left back to variance 1 before you scale it.",
        "environment-ignored": "What your trait holds besides the genetic value is not the "
        "environment that was given. Use each mouse's own environment.",
        "swapped": "The two factors are swapped: your trait has heritability 1 minus the one asked "
        "for.",
        "unit-variance": "The share is right, but the trait's variance is not 1.",
    },
)
def check_phenotype_with_heritability(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(60, 90))
    raw_g = 3.0 + 2.5 * rng.standard_normal(n)
    raw_e = -1.0 + 0.4 * (rng.standard_normal(n) + 0.15 * (raw_g - raw_g.mean()))
    g = (raw_g - raw_g.mean()) / raw_g.std()
    e = (raw_e - raw_e.mean()) / raw_e.std()
    for heritability in (float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.6, 0.8))):
        raw = submission.call("phenotype_with_heritability", raw_g, raw_e, heritability)
        y = as_floats(raw, "phenotype_with_heritability", (n,))
        require(np.isfinite(y).all() and y.std() > 0, "The trait should vary and hold no NaN.")

        def resembles(other, y=y):
            return np.allclose(y - y.mean(), other - other.mean())

        a, b = np.sqrt(heritability), np.sqrt(1 - heritability)
        pure = e - g * np.mean(g * e)
        pure = pure / pure.std()
        weights = [(heritability, 1 - heritability, e), (heritability, 1 - heritability, pure)]
        unscaled = [raw_e, raw_e - raw_e.mean()]
        require(
            not any(resembles(u * g + v * w) for u, v, w in weights), hint="variance-not-factor"
        )
        require(
            not resembles(heritability * raw_g + (1 - heritability) * raw_e),
            hint="variance-not-factor",
        )
        require(not any(resembles(a * raw_g + b * w) for w in unscaled), hint="not-standardised")
        require(not any(resembles(b * g + a * w) for w in (e, pure)), hint="swapped")
        shared = a * g + b * e
        for mixed in (shared, shared / shared.std()):
            require(not resembles(mixed), hint="correlated-environment")
        require(not resembles(a * g + b * (e - g * np.mean(g * e))), hint="not-rescaled")

        share = np.corrcoef(y, raw_g)[0, 1] ** 2
        require(
            np.isclose(share, heritability, atol=1e-6),
            f"Asked for heritability {heritability:.3f}. In your trait the genetic value accounts "
            f"for {share:.3f} of the variance.",
        )
        require(np.isclose(y.var(), 1, rtol=2 / n), hint="unit-variance")
        rest = y - y.mean() - g * np.mean(g * y)
        alike = abs(np.corrcoef(rest, pure)[0, 1])
        require(np.isclose(alike, 1, atol=1e-5), hint="environment-ignored")
        require(
            np.corrcoef(y, raw_g)[0, 1] > 0 and np.corrcoef(y, pure)[0, 1] > 0,
            "Mice with a higher genetic value should have a higher trait, and the same for the "
            "environment. One of your signs is turned round.",
        )


@exercise(
    "expected_accuracy",
    title="How well can anyone predict?",
    points=2,
    ladder=[
        "There are two steps on the way from the markers to the phenotype. First: how well is the "
        "genetic value known? Second: how much of the phenotype does it decide?",
        "First step: np.sqrt(r * h2 / (r * h2 + 1)) with r = n / n_loci. "
        "Second step: np.sqrt(h2). Correlations multiply along the way.",
        "np.sqrt(heritability) * np.sqrt(ratio * heritability / (ratio * heritability + 1))",
    ],
    hints={
        "shape": "Return one number, not a list or an array.",
        "genetic-not-phenotype": "This is the correlation with the genetic value. Nobody sees "
        "that. The correlation with the phenotype is smaller: multiply by the ceiling.",
        "ceiling-only": "You returned the ceiling, sqrt(h2). With few individuals the effects are "
        "not known exactly, and the accuracy stays below it.",
        "share-not-correlation": "You multiplied by h2. That is a share of variance. "
        "The correlation is its square root.",
        "squared": "You returned the squared accuracy, a share of variance. "
        "Take the square root at the end.",
        "parentheses": "Python divides first and adds 1 last. Put the whole denominator into "
        "parentheses: x / (x + 1).",
        "whole-ratio": "Your ratio n / n_loci is a whole number: // cuts the decimals off. Use /.",
        "ratio-upside-down": "Your accuracy falls when more individuals are measured. "
        "The ratio is individuals per locus, n / n_loci.",
    },
)
def check_expected_accuracy(submission: Submission, rng: np.random.Generator):
    for _ in range(3):
        n, n_loci = int(rng.integers(300, 5000)), int(rng.integers(50, 280))
        h2 = float(rng.uniform(0.15, 0.85))
        genetic = np.sqrt(n * h2 / (n * h2 + n_loci))
        upside_down = np.sqrt(n_loci * h2 / (n_loci * h2 + n))
        expected = genetic * np.sqrt(h2)
        raw = submission.call("expected_accuracy", n, n_loci, h2)
        result = float(as_floats(raw, "expected_accuracy", ()))
        require(not np.isclose(result, genetic), hint="genetic-not-phenotype")
        require(not np.isclose(result, np.sqrt(h2), rtol=1e-9), hint="ceiling-only")
        require(not np.isclose(result, genetic * h2), hint="share-not-correlation")
        require(not np.isclose(result, expected**2), hint="squared")
        require(not np.isclose(result, upside_down * np.sqrt(h2)), hint="ratio-upside-down")
        require(not np.isclose(result, np.sqrt(h2) * np.sqrt(h2**2 + 1)), hint="parentheses")
        whole = n // n_loci * h2
        cut = np.sqrt(whole / (whole + 1)) * np.sqrt(h2)
        require(not np.isclose(result, cut, rtol=1e-9) or n % n_loci == 0, hint="whole-ratio")
        require(
            np.isclose(result, expected),
            f"With {n} individuals, {n_loci} loci and heritability {h2:.3f} one expects "
            f"{expected:.4f}. Your function says {result:.4f}.",
        )


@exercise(
    "remove_group_effect",
    title="Correct for sex without looking at the test mice",
    points=3,
    ladder=[
        "Which rows may you learn from? Only those in `training`. "
        "Which rows do you correct? All of them.",
        "Write the mean to subtract into an array of length n. "
        "Start it at trait[training].mean(), then fill in the groups one after another.",
        "for name in np.unique(group[training]): "
        "members = training[group[training] == name]; mean[group == name] = trait[members].mean()",
    ],
    hints={
        "all-rows": "Your group means were computed with all the rows. The test mice helped to "
        "decide their own correction: that is leakage. Use trait[training] only.",
        "one-mean": "You subtracted one mean from everybody. Each group has a mean of its own.",
        "training-only": "You returned the training rows only. "
        "The other mice must be corrected too, with the same means.",
        "unseen-group": "One group has no training mouse, and so no training mean of its own. "
        "From its mice subtract the mean of all training mice.",
        "test-rows-left": "The training mice are corrected, the others are not. Use the training "
        "means for every mouse.",
        "mean-added-back": "You added a mean back after the correction. That is often done, but "
        "here the corrected value is the trait minus the mean of the group, and no more.",
        "shape": SHAPE_HINT,
    },
)
def check_remove_group_effect(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(50, 70))
    group = rng.choice(["F", "M"], size=n)
    group[:4] = ["F", "M", "F", "M"]
    trait = 8 + 1.5 * (group == "M") + rng.standard_normal(n)
    training = np.sort(np.concatenate([[0, 1], rng.choice(np.arange(4, n), n // 2, replace=False)]))

    def corrected(trait, group, rows, unseen):
        mean = np.full(len(trait), unseen, dtype=float)
        for name in np.unique(group[rows]):
            mean[group == name] = trait[rows][group[rows] == name].mean()
        return trait - mean

    raw = submission.call("remove_group_effect", trait, group, training)
    require(shape_of(raw) != (len(training),), hint="training-only")
    result = as_floats(raw, "remove_group_effect", (n,))
    everybody = np.arange(n)
    require(not np.allclose(result, corrected(trait, group, everybody, 0)), hint="all-rows")
    for mean in (trait.mean(), trait[training].mean()):
        require(not np.allclose(result, trait - mean), hint="one-mean")
    expected = corrected(trait, group, training, trait[training].mean())
    others = np.setdiff1d(everybody, training)
    right = np.isclose(result, expected)
    left = right[training].all() and not right[others].any()
    require(not left, hint="test-rows-left")
    means = (trait.mean(), trait[training].mean())
    require(not any(np.allclose(result, expected + m) for m in means), hint="mean-added-back")
    mouse = int(np.argmin(right))
    require(
        right.all(),
        f"Mouse {mouse} (counting from 0) should be left with {expected[mouse]:.4f}: its trait "
        f"{trait[mouse]:.4f} minus the mean of the training mice of its group. "
        f"Your function says {result[mouse]:.4f}.",
    )

    group = group.astype("<U7")
    group[2] = "unknown"  # row 2 is never a training row
    result = submission.call("remove_group_effect", trait, group, training)
    result = as_floats(result, "remove_group_effect", (n,))
    expected = corrected(trait, group, training, trait[training].mean())
    require(np.isclose(result[2], expected[2]), hint="unseen-group")
    require(
        np.allclose(result, expected),
        "A test mouse of unknown sex should not change the correction of the others.",
    )
