"""Checks of the lesson on what breeders use. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, numbers, require_number

_close = partial(close, absolute=1e-7)


def _any_close(result, values) -> bool:
    return any(_close(result, value) for value in values)


def _solve(matrix, right):
    try:
        return np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:  # a slip may meet a matrix without an inverse
        return np.full(len(matrix), np.nan)


@exercise(
    "gblup_by_hand",
    title="GBLUP by hand",
    points=4,
    ladder=[
        "Three steps: the ratio of variances, one system of equations among the animals with a "
        "record, and the way from them to everybody.",
        "`relationship[np.ix_(training, training)]` is the block to solve in, "
        "`relationship[:, training]` leads to everybody. Take the mean off the records first, and "
        "add it again.",
        "`mean + relationship[:, training] @ np.linalg.solve(block + (1 - h2) / h2 * "
        "np.eye(len(training)), y - mean)`",
    ],
    hints={
        "inverted": "Your ratio is upside down. With a low heritability records are mostly noise: "
        "the ratio `(1 - h2) / h2` must be *large* then.",
        "h2-alone": "The ratio is not the heritability, nor one minus it. It is noise over genes: "
        "`(1 - h2) / h2`.",
        "mean-kept": "The mean was not taken off the records before they were spread over the "
        "relatives. Relationships explain deviations, not the level.",
        "mean-not-added": "You predict deviations from the mean. Add the mean at the end.",
        "own-mean": "You took the mean of the records. The mean is given, as `mean`.",
        "no-ratio": "Nothing is added to the diagonal. Every record is then believed to the last "
        "digit.",
        "everywhere": "The ratio was added to every entry of the block. Noise is each "
        "animal's own, so it belongs on the diagonal, `ratio * np.eye(len(training))`.",
        "half-scaled": "You put the heritability into the block, `h2 * G + (1 - h2) * I`. That "
        "works if the way to everybody carries it, too: `h2 * relationship[:, training]`.",
        "records-kept": "You put the records back in place of the predictions. An animal's own "
        "record is partly noise, too: it is shrunk like the others.",
        "everybody": "The equations are those of everybody. Animals without a record have nothing "
        "to add: solve in the block of those with one, `relationship[np.ix_(training, training)]`, "
        "and leave the others out.",
        "training-only": "You predict only the animals with a record. The calves without one are "
        "what it is for: use all rows, `relationship[:, training]`.",
        "others-only": "You predict only the animals without a record. Return one number for "
        "every animal, in the order of the matrix.",
        "no-solve": "You weighted the records by relationship alone. Relatives who are alike "
        "among themselves say the same thing several times; the system of equations takes that "
        "into account.",
        "marker-scale": "You divided the relationships by something, or multiplied the ratio by "
        "the number of animals or by the mean of the diagonal. They are on the right scale "
        "already; sums over markers belong to exercise 2.",
        "column": "Return one number an animal, shape `(n,)`. Yours has one axis too many.",
    },
)
def check_gblup_by_hand(submission: Submission, rng: np.random.Generator):
    for low, high in ((0.15, 0.35), (0.6, 0.85)):
        n, p = int(rng.integers(12, 18)), 60
        markers = rng.binomial(2, 0.5, (n, p)).astype(float)
        markers[1::3] = np.where(rng.random(p) < 0.6, markers[::3][: len(markers[1::3])], 1)
        centred = markers - markers.mean(axis=0)
        relationship = centred @ centred.T / p + 0.05 * np.eye(n)
        # Partly inbred: the diagonal is well above 1.
        relationship *= rng.uniform(1.3, 1.5) / np.diag(relationship).mean()
        training = np.sort(rng.permutation(n)[: n - int(rng.integers(3, 6))])
        others = np.setdiff1d(np.arange(n), training)
        h2, mean = float(rng.uniform(low, high)), float(rng.uniform(8, 15))
        y = mean + 1.5 + 2 * rng.normal(size=len(training))
        result = submission.call("gblup_by_hand", relationship, y, training, h2, mean)
        m = len(training)
        block, rows, ratio = (
            relationship[np.ix_(training, training)],
            relationship[:, training],
            (1 - h2) / h2,
        )

        def predicted(
            ratio=ratio, block=block, rows=rows, off=mean, add=mean, m=m, y=y
        ):  # the answer, and its slips
            return add + rows @ _solve(block + ratio * np.eye(m), y - off)

        expected = predicted()
        size = np.shape(result) if result is not None else ()
        require(size not in ((n, 1), (1, n)), hint="column")
        if size == (m,):
            require(False, hint="training-only")
        if size == (len(others),):
            require(False, hint="others-only")
        result = numbers(result, "gblup_by_hand", (n,))
        require(not _close(result, predicted(ratio=1 / ratio)), hint="inverted")
        require(
            not _any_close(result, (predicted(ratio=h2), predicted(ratio=1 - h2))), hint="h2-alone"
        )
        kept = (predicted(off=0, add=0), predicted(off=0))
        require(not _any_close(result, kept), hint="mean-kept")
        require(not _close(result, predicted(add=0)), hint="mean-not-added")
        own = y.mean()
        require(
            not _any_close(result, (predicted(off=own, add=own), predicted(off=own))),
            hint="own-mean",
        )
        require(not _close(result, predicted(ratio=0)), hint="no-ratio")
        everywhere = mean + rows @ _solve(block + ratio, y - mean)
        require(not _close(result, everywhere), hint="everywhere")
        require(not _any_close(result, (mean + (expected - mean) / h2,)), hint="half-scaled")
        back = expected.copy()
        back[training] = y
        require(not _close(result, back), hint="records-kept")
        whole = np.zeros(n)
        whole[training] = y - mean
        inverse = np.linalg.inv(relationship + ratio * np.eye(n))
        everybody = (
            mean + relationship @ inverse @ whole,
            mean + relationship[:, training] @ inverse[np.ix_(training, training)] @ (y - mean),
        )
        require(not _any_close(result, everybody), hint="everybody")
        total = rows.sum(axis=1)
        plain = (
            mean + rows @ (y - mean),
            mean + h2 * rows @ (y - mean),
            mean + rows @ (y - mean) / m,
            mean + rows @ (y - mean) / np.where(total == 0, 1, total),
        )
        require(not _any_close(result, plain), hint="no-solve")
        diagonal = np.diag(block).mean(), np.diag(relationship).mean()
        scaled = [predicted(ratio=ratio * size) for size in (m, n, *diagonal)]
        scaled += [
            predicted(ratio=ratio, block=block / d, rows=rows / d) for d in (m, n, *diagonal)
        ]
        require(not _any_close(result, scaled), hint="marker-scale")
        require(
            _close(result, expected),
            f"With heritability {h2:.2f} and mean {mean:.2f} the first animal should be predicted "
            f"at {expected[0]:.4f}; yours is {result[0]:.4f}.",
        )


@exercise(
    "penalty_of_heritability",
    title="From a heritability to a penalty",
    points=3,
    ladder=[
        "Two factors: the odds of noise against genes, and the variance of all markers together.",
        "The variance of each column is `genotypes.var(axis=0)`; add these up.",
        "`(1 - h2) / h2 * genotypes.var(axis=0).sum()`",
    ],
    hints={
        "inverted": "The odds are upside down. A low heritability needs a *strong* penalty.",
        "no-variances": "The sum of marker variances is missing. The penalty belongs to the "
        "effect of one marker, and the more the markers vary, the less each may do.",
        "averaged": "You took the mean of the marker variances. All markers together make the "
        "heritability: take the sum.",
        "number-of-markers": "You multiplied by the number of markers. That is right only where "
        "every marker has the variance 1.",
        "h2-alone": "The first factor is `(1 - h2) / h2`: noise over genes. Not one of the two "
        "alone.",
        "not-centred": "You added up squares of the copies. A variance is about the mean: take it "
        "off first, or use `var`.",
        "sum-of-squares": "You added up squares over the animals as well. The variance is a *mean* "
        "over animals; otherwise the penalty would grow with the herd twice.",
        "flattened": "You took one variance over the whole table. Each marker has its own mean.",
        "each": "You return a penalty for each marker. All share one: add the variances up first.",
        "rows": "You took variances over the rows, one an animal. Each column, a marker, has a "
        "variance: `axis=0`.",
        "standard-deviations": "You added up standard deviations. Variances add up, standard "
        "deviations do not.",
        "unbiased": "You divided by the number of animals less one (`ddof=1`). Here the variance "
        "is the mean squared deviation, as `np.var` has it.",
        "hardy-weinberg": "You used `2 q (1 - q)`, what the variance would be under random mating. "
        "These animals need not have mated at random: take the variance of the column.",
    },
)
def check_penalty_of_heritability(submission: Submission, rng: np.random.Generator):
    for low, high in ((0.1, 0.35), (0.6, 0.9)):
        n, p = int(rng.integers(15, 25)), int(rng.integers(6, 12))
        while True:
            genotypes = rng.binomial(2, rng.uniform(0.2, 0.8, p), (n, p)).astype(float)
            genotypes[:2] = [[0.0] * p, [2.0] * p]  # every marker varies
            variances, q = genotypes.var(axis=0), genotypes.mean(axis=0) / 2
            hardy_weinberg = (2 * q * (1 - q)).sum()
            if abs(variances.sum() / hardy_weinberg - 1) > 0.02:  # not as under random mating
                break
        h2 = float(rng.uniform(low, high))
        result = submission.call("penalty_of_heritability", genotypes, h2)
        require(np.size(result) != p, hint="each")
        require_number(result, "penalty_of_heritability")
        odds, total = (1 - h2) / h2, variances.sum()
        expected = odds * total
        require(not _close(result, total / odds), hint="inverted")
        require(not _any_close(result, (odds, 1 / odds)), hint="no-variances")
        require(
            not _any_close(result, (odds * variances.mean(), variances.mean() / odds)),
            hint="averaged",
        )
        require(not _any_close(result, (odds * p, p / odds)), hint="number-of-markers")
        alone = (h2 * total, (1 - h2) * total, total / h2, total)
        require(not _any_close(result, alone), hint="h2-alone")
        squares = (genotypes**2).sum()
        require(not _any_close(result, (odds * squares, odds * squares / n)), hint="not-centred")
        require(not _close(result, odds * n * total), hint="sum-of-squares")
        flat = genotypes.var()
        require(not _any_close(result, (odds * flat, odds * p * flat)), hint="flattened")
        rows = genotypes.var(axis=1)
        require(not _any_close(result, (odds * rows.sum(), odds * rows.mean())), hint="rows")
        deviations = odds * np.sqrt(variances).sum(), odds * np.sqrt(total)
        require(not _any_close(result, deviations), hint="standard-deviations")
        require(not _close(result, expected * n / (n - 1)), hint="unbiased")
        require(not _close(result, odds * hardy_weinberg), hint="hardy-weinberg")
        require(
            _close(result, expected),
            f"With heritability {h2:.2f} and marker variances that add up to {total:.4f} the "
            f"penalty is {expected:.4f}; you return {float(result):.4f}.",
        )


@exercise(
    "gibbs_update",
    title="One Gibbs update",
    points=4,
    ladder=[
        "Put back into the residual what this marker explained. Then it is a shrunken regression "
        "on one marker.",
        "`own = residual + z * effect`, and what is known about the effect is "
        "`z @ z + noise / prior_variance`. Both answers divide by it.",
        "`own = residual + z * effect; precision = z @ z + noise / prior_variance; "
        "return z @ own / precision, noise / precision`",
    ],
    hints={
        "own-share": "The marker's own share is not put back. `residual` has the present effect "
        "already taken out; without `residual + z * effect` the marker would explain its share "
        "twice.",
        "wrong-sign": "You took the own share out once more. It has to be *added* to the residual.",
        "no-prior": "The prior is missing: this is least squares. Add `noise / prior_variance` to "
        "`z @ z`, in both answers.",
        "variance-no-prior": "The mean is right. The variance has to know the prior as well: it "
        "divides by the same `z @ z + noise / prior_variance`.",
        "mean-no-prior": "The variance is right. The mean has to be shrunk as well: it divides by "
        "the same `z @ z + noise / prior_variance`.",
        "deviation": "The second answer is the *variance*. You returned the standard deviation, "
        "its root.",
        "no-noise": "The second answer lacks the noise: it is `noise` over what is known.",
        "ratio-inverted": "The ratio of variances is upside down. A narrow prior, a small "
        "`prior_variance`, must shrink more.",
        "prior-precision": "The prior adds `noise / prior_variance`, not `1 / prior_variance`. "
        "Otherwise data and prior stand in different units.",
        "averaged": "You took means over the people where sums belong: `z @ z` and `z @ own` add "
        "up.",
        "drawn": "You drew a value. Return mean and variance; the drawing comes later.",
        "swapped": "Mean first, then variance. Yours are the other way round.",
        "one-number": "Return two numbers: mean and variance.",
    },
)
def check_gibbs_update(submission: Submission, rng: np.random.Generator):
    for sign in (1, -1):
        n = int(rng.integers(12, 20))
        z = rng.binomial(2, 0.4, n).astype(float)
        z[:3] = (0, 1, 2)
        z -= z.mean()
        effect, noise = sign * float(rng.uniform(0.4, 0.9)), float(rng.uniform(1.4, 2.5))
        prior = float(rng.uniform(0.2, 0.6))
        residual = 0.4 * sign * z + np.sqrt(noise) * rng.normal(size=n)
        result = submission.call("gibbs_update", z, residual, effect, noise, prior)
        require(not (result is not None and np.size(result) == 1), hint="one-number")
        result = numbers(result, "gibbs_update", (2,))
        mean_given, variance_given = (float(value) for value in result)
        square, ratio = z @ z, noise / prior
        precision, own = square + ratio, z @ (residual + z * effect)
        mean, variance = own / precision, noise / precision
        require(not _close(result, (variance, mean)), hint="swapped")
        require(not _close(result, (own / square, noise / square)), hint="no-prior")
        means = {
            "own-share": (z @ residual / precision, z @ residual / square),
            "wrong-sign": ((z @ residual - square * effect) / precision,),
            "ratio-inverted": (own / (square + 1 / ratio),),
            "prior-precision": (own / (square + 1 / prior),),
            "averaged": (own / n / precision, own / n / (square / n + ratio)),
            "mean-no-prior": (own / square,),
        }
        for hint, values in means.items():
            require(not _any_close(mean_given, values), hint=hint)
        variances = {
            "variance-no-prior": (noise / square,),
            "deviation": (np.sqrt(variance), np.sqrt(noise / square)),
            "no-noise": (1 / precision, 1 / square),
            "ratio-inverted": (noise / (square + 1 / ratio),),
            "prior-precision": (noise / (square + 1 / prior),),
            "averaged": (noise / n / precision, noise / (square / n + ratio)),
        }
        for hint, values in variances.items():
            require(not _any_close(variance_given, values), hint=hint)
        # A draw is near the mean, and another time somewhere else.
        if _close(variance_given, variance) and not _close(mean_given, mean):
            again = submission.call("gibbs_update", z, residual, effect, noise, prior)
            require(_close(np.asarray(again, dtype=float)[0], mean_given), hint="drawn")
        require(
            _close(result, (mean, variance)),
            f"With z'z = {square:.4f}, z'r_own = {own:.4f}, noise {noise:.3f} and prior variance "
            f"{prior:.3f} mean and variance are {mean:.4f} and {variance:.4f}; you return "
            f"{mean_given:.4f} and {variance_given:.4f}.",
        )


@exercise(
    "r_hat",
    title="Do the chains agree?",
    points=3,
    ladder=[
        "Two variances: of the draws inside each chain, and of the chains' means. Mind which axis "
        "is which.",
        "`within = chains.var(axis=1, ddof=1).mean()` and "
        "`between = n * chains.mean(axis=1).var(ddof=1)`, with `n` the draws of a chain.",
        "`np.sqrt(((n - 1) / n * within + between / n) / within)`",
    ],
    hints={
        "within-only": "Only the variance within chains is in. Chains that sit in different places "
        "would then pass: `between / n` has to be added.",
        "pooled": "You threw all draws into one pot. That hides where a draw came from; take the "
        "variance of the chains' *means*.",
        "not-times-n": "`B` is the variance of the chains' means **times n**; divided by n "
        "afterwards it stands beside `W` on the same scale. You lost it once.",
        "between-twice": "`B` stands in the formula divided by n. You added all of it.",
        "no-factor": "The variance within counts `(n - 1) / n`; you took all of it.",
        "other-form": "You added `1 + 1 / m` times the variance of the means, as some books do for "
        "m chains. Here it is `between / n` alone.",
        "axes": "The axes are swapped: a chain is a *row*, so a chain's mean is `mean(axis=1)`.",
        "number-of-chains": "`n` is the number of draws in a chain, `chains.shape[1]`, not the "
        "number of chains.",
        "no-root": "The square root is missing.",
        "ratio-inverted": "The ratio is upside down: the variance of everything over the variance "
        "within.",
        "biased": "You divided by the number of values. Here both variances divide by one less: "
        "`ddof=1`.",
        "verdict": "Return the number itself, not whether it is small.",
    },
)
def check_r_hat(submission: Submission, rng: np.random.Generator):
    for distance in (0.6, 1.5):
        m, n = int(rng.integers(3, 5)), int(rng.integers(12, 20))
        spread = distance * np.linspace(-1, 1, m)[:, None]
        while True:
            chains = 3 + spread + rng.uniform(0.5, 1.5, (m, 1)) * rng.normal(size=(m, n))
            # Near 1 the formula and its slips say the same.
            if n * chains.mean(axis=1).var() > 4 * chains.var(axis=1).mean():
                break
        result = submission.call("r_hat", chains)
        require(not isinstance(result, bool | np.bool_), hint="verdict")
        require_number(result, "r_hat")

        def formula(within, means, n=n, times=True):
            return np.sqrt(((n - 1) / n * within + means / (1 if times else n)) / within)

        within = chains.var(axis=1, ddof=1).mean()
        means = chains.mean(axis=1).var(ddof=1)  # B / n
        expected = formula(within, means)
        alone = (np.sqrt((n - 1) / n), (n - 1) / n, 1.0, within)
        require(not _any_close(result, alone), hint="within-only")
        pooled = [chains.var(ddof=d) for d in (0, 1)]
        pots = [np.sqrt(one / within) for one in pooled] + [one / within for one in pooled]
        require(not _any_close(result, pots), hint="pooled")
        require(not _close(result, formula(within, means, times=False)), hint="not-times-n")
        require(not _close(result, formula(within, n * means)), hint="between-twice")
        require(not _close(result, np.sqrt((within + means) / within)), hint="no-factor")
        require(not _close(result, formula(within, (1 + 1 / m) * means)), hint="other-form")
        across = chains.var(axis=0, ddof=1).mean(), chains.mean(axis=0).var(ddof=1)
        require(
            not _any_close(result, (formula(*across), formula(*across, n=m))),
            hint="axes",
        )
        shrunk = (
            formula(within, means, n=m),
            np.sqrt(((m - 1) / m * within + n * means / m) / within),
        )
        require(not _any_close(result, shrunk), hint="number-of-chains")
        require(not _close(result, expected**2), hint="no-root")
        require(not _any_close(result, (1 / expected, 1 / expected**2)), hint="ratio-inverted")
        flat = chains.var(axis=1).mean(), chains.mean(axis=1).var()
        biased = (formula(*flat), formula(flat[0], means), formula(within, flat[1]))
        require(not _any_close(result, biased), hint="biased")
        require(
            _close(result, expected),
            f"With {m} chains of {n} draws, W = {within:.4f} and B = {n * means:.4f}, R-hat is "
            f"{expected:.4f}; you return {float(result):.4f}.",
        )
