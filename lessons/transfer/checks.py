"""Checks of the lesson on transfer. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from geneml.baselines.expectile import expectile_ridge
from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, table

_close = partial(close, absolute=1e-7)


def _round_of_ridge(design, y, weight, penalty, *, whole=False):
    """Weighted ridge regression of one round; the intercept's penalty only where asked for."""
    ridge = penalty * np.eye(design.shape[1])
    if not whole:
        ridge[0, 0] = 0
    weighted = design * weight[:, None]
    return np.linalg.solve(weighted.T @ design + ridge, weighted.T @ y)


def _reweighted(design, y, tau, penalty, *, rounds=200, whole=False):
    """Expectile ridge regression by reweighting; `penalty` stands beside the sum."""
    weight = np.full(len(y), 0.5)
    for _ in range(rounds):
        output = _round_of_ridge(design, y, weight, penalty, whole=whole)
        weight = np.where(y < design @ output, 1 - tau, tau)
    return output


def _people(rng, tau):
    """Genotypes, trait, training rows and a hidden layer with units on and off."""
    n, p, units = int(rng.integers(60, 80)), 6, 3
    x = rng.binomial(2, 0.4, size=(n, p)).astype(float)
    kernel, bias = rng.normal(size=(p, units)), rng.normal(size=units) * 0.5
    h = x @ kernel + bias
    # Some people on each side of every unit's bend, so that leaving it out shows.
    bias = bias - np.quantile(h, 0.35, axis=0)
    h = np.maximum(0, x @ kernel + bias)
    y = 20 + h @ rng.normal(size=units) * 4 + rng.gamma(1.0, 8.0, size=n)
    training = np.sort(rng.permutation(n)[: int(0.6 * n)])
    return x, y, training, kernel, bias, tau


def _predicted(h, y, training, tau, penalty, how=None):
    """Predictions of everybody; `how` replaces the exact solution."""
    design = np.column_stack([np.ones(len(h)), h])
    if how is None:
        intercept, slopes = expectile_ridge(h[training], y[training], tau, penalty)
        return intercept + h @ slopes
    return design @ how(design[training], y[training])


@exercise(
    "frozen_output",
    title="A frozen hidden layer",
    points=4,
    seconds=20,
    ladder=[
        "Two steps. First the hidden values of everybody: they need no fitting. Then expectile "
        "regression of `y` on these few columns, with the training rows.",
        "`hidden = np.maximum(0, x @ kernel + bias)`, then a column of ones in front. For fixed "
        "weights w the solution is that of `(D'WD + n * penalty * J) c = D'Wy`, where J is the "
        "identity with a 0 in the intercept's place.",
        "Start with all weights 0.5. Repeat: solve for c with the training rows, renew `weight = "
        "np.where(y < D @ c, 1 - tau, tau)`, stop when the weights stay. At the end return "
        "`design @ c` with the rows of everybody.",
    ],
    hints={
        "no-bend": "Hidden values below zero are still there. The units are cut off at zero: "
        "`np.maximum(0, ...)`.",
        "no-bias": "The biases of the hidden units are missing. They were learned as well, and "
        "belong to the frozen layer.",
        "everyone-trained": "You fitted to everybody. Those outside `training` must not be seen.",
        "mean": "This is the solution for the mean, whatever tau is. Weight people by their side.",
        "mirrored": "This is the solution for level `1 - tau`. People at or above their "
        "prediction have weight `tau`.",
        "one-round": "You renewed the weights once. With the new predictions other people lie "
        "above: go round until the weights stay.",
        "penalty-beside-sum": "Your penalty stands beside the *sum* over people. The loss is a "
        "mean: multiply the penalty by the number of training people before you add it to a sum.",
        "no-penalty": "The penalty is missing.",
        "penalty-divided": "You divided the penalty by the number of people. Beside a sum it "
        "has to be *multiplied* by it.",
        "intercept-charged": "The intercept is charged too, which pulls all predictions to zero. "
        "Leave its place in the penalty at 0.",
        "no-intercept": "The intercept is missing. Put a column of ones in front.",
        "training-only": "You returned predictions for the training people. Everybody's are "
        "asked for, one for each row of `x`.",
    },
)
def check_frozen_output(submission: Submission, rng: np.random.Generator):
    for low, high in ((0.08, 0.2), (0.8, 0.92)):
        tau, penalty = float(rng.uniform(low, high)), float(rng.uniform(0.05, 0.1))
        x, y, training, kernel, bias, tau = _people(rng, tau)
        raw = x @ kernel + bias
        h, n = np.maximum(0, raw), len(training)
        result = submission.call("frozen_output", x, y, training, kernel, bias, tau, penalty)
        require(np.shape(result) != (n,), hint="training-only")
        found = table(result, (len(x),), "Return one prediction for each row of `x`.")
        answer = partial(_predicted, h, y, training, tau, penalty)
        for columns, hint in (
            (raw, "no-bend"),
            (np.maximum(0, x @ kernel), "no-bias"),
        ):
            require(not _close(found, _predicted(columns, y, training, tau, penalty)), hint=hint)
        for strength in (penalty, penalty * n / len(x)):
            everyone = _predicted(h, y, np.arange(len(x)), tau, strength)
            require(not _close(found, everyone), hint="everyone-trained")
        slips = {
            "mean": lambda d, t, n=n, s=penalty: _round_of_ridge(d, t, np.full(n, 0.5), n * s),
            "one-round": lambda d, t, n=n, s=penalty, tau=tau: _reweighted(
                d, t, tau, n * s, rounds=2
            ),
            "penalty-beside-sum": lambda d, t, s=penalty, tau=tau: _reweighted(d, t, tau, s),
            "penalty-divided": lambda d, t, n=n, s=penalty, tau=tau: _reweighted(d, t, tau, s / n),
            "no-penalty": lambda d, t, tau=tau: _reweighted(d, t, tau, 0),
            "mirrored": lambda d, t, n=n, s=penalty, tau=tau: _reweighted(d, t, 1 - tau, n * s),
            "intercept-charged": lambda d, t, n=n, s=penalty, tau=tau: _reweighted(
                d, t, tau, n * s, whole=True
            ),
        }
        for hint, how in slips.items():
            require(not _close(found, answer(how)), hint=hint)
        unweighted = answer(lambda d, t, n=n, s=penalty: _round_of_ridge(d, t, np.ones(n), n * s))
        require(not _close(found, unweighted), hint="mean")
        bare = h @ _reweighted(h[training], y[training], tau, n * penalty, whole=True)
        require(not _close(found, bare), hint="no-intercept")
        expected = answer()
        if not _close(found, expected):
            (place,) = first_difference(found, expected, absolute=1e-7)
            require(
                False,
                f"With tau = {tau:.3f} and penalty {penalty:.3f} the prediction for row {place} "
                f"is {expected[place]:.5f}; yours is {float(found[place]):.5f}.",
            )


@exercise(
    "pull",
    title="Pulled towards the source",
    points=3,
    ladder=[
        "Plain L2 charges for the square of each weight. Here the *distance* of each weight from "
        "the source's weight is squared.",
        "With `distance = kernel - source` the penalty is `strength` times the sum of its squares.",
        "The derivative of `strength * d ** 2` by d is `2 * strength * d`; the gradient is that, "
        "weight by weight.",
    ],
    hints={
        "to-zero": "This is plain L2: it pulls to zero. The origin is the source's weight.",
        "gradient-half": "The 2 is missing from the gradient: the derivative of d² is 2d.",
        "gradient-sign": "Your gradient points the wrong way. The penalty grows when a weight "
        "moves *away* from the source.",
        "gradient-without-strength": "The gradient lacks the strength.",
        "root": "You took the length of the difference, not its square.",
        "absolute": "You added up absolute distances. L2-SP squares them.",
        "averaged": "You took a mean over the weights. They are added up.",
        "gradient-summed": "The gradient is one number for each weight, not their sum.",
        "order": "The penalty comes first, then the gradient.",
    },
)
def check_pull(submission: Submission, rng: np.random.Generator):
    shape = (int(rng.integers(4, 8)), int(rng.integers(2, 5)))
    kernel, source = rng.normal(size=shape), rng.normal(size=shape)
    strength = float(rng.uniform(0.05, 0.4))
    result = submission.call("pull", kernel, source, strength)
    require(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "Return two things: `(penalty, gradient)`.",
    )
    penalty, gradient = result
    require(not (np.shape(penalty) == shape and is_number(gradient)), hint="order")
    require(is_number(penalty), "The penalty should be one number.")
    require(not is_number(gradient), hint="gradient-summed")
    gradient = table(gradient, shape, "The gradient should have the shape of the weights.")
    distance = kernel - source
    expected, slope = strength * np.sum(distance**2), 2 * strength * distance
    require(not _close(penalty, strength * np.sum(kernel**2)), hint="to-zero")
    require(not _close(gradient, 2 * strength * kernel), hint="to-zero")
    require(not _close(penalty, strength * np.linalg.norm(distance)), hint="root")
    require(not _close(penalty, strength * np.abs(distance).sum()), hint="absolute")
    require(not _close(penalty, expected / distance.size), hint="averaged")
    require(
        _close(penalty, expected),
        f"On a fresh example the penalty is {expected:.5f}; yours is {float(penalty):.5f}.",
    )
    require(not _close(gradient, slope / 2), hint="gradient-half")
    require(not _close(gradient, -slope), hint="gradient-sign")
    require(not _close(gradient, 2 * distance), hint="gradient-without-strength")
    require(
        _close(gradient, slope),
        "The gradient is not the derivative of the penalty: move one weight a little and see how "
        "the penalty changes.",
    )


@exercise(
    "controls",
    title="Two controls",
    points=3,
    ladder=[
        "Shuffling among some rows: take their values, and put them back in another order.",
        "Start with `shuffled = np.array(source)`, a copy. `rng.permutation(rows)` is the same "
        "rows in another order.",
        "`shuffled[rows] = shuffled[rng.permutation(rows)]`, and `rng.normal(scale=np.sqrt(2 / "
        "shape[0]), size=shape)` for the layer.",
    ],
    hints={
        "all-shuffled": "People outside the split got new values. Shuffle within `rows` only.",
        "with-replacement": "Some values occur more often than before, others are gone. "
        "Shuffling keeps every value once: `permutation`, not `choice`.",
        "not-shuffled": "The people of the split still have their own values. That is the real "
        "source, not a control.",
        "shifted": "You moved all values by the same number of places. Neighbours in a file are "
        "often alike; shuffle at random.",
        "seed-ignored": "The same seed gave two different controls, or two seeds the same one. "
        "Make the generator from `seed`.",
        "only-rows": "You returned the values of the split only. Return the trait of everybody.",
        "wrong-spread": "The weights have the wrong spread. Their standard deviation is "
        "`np.sqrt(2 / p)`, with p the number of SNPs.",
        "all-positive": "All your weights lie above zero, as uniform numbers do. They come from a "
        "normal distribution around 0.",
        "transposed": "The table has units by SNPs. It should have SNPs by units, as `shape` says.",
    },
)
def check_controls(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(80, 120))
    source = np.round(rng.gamma(1.0, 15.0, size=n), 3)
    rows = np.sort(rng.permutation(n)[: int(0.7 * n)])
    outside = np.setdiff1d(np.arange(n), rows)
    shape, seed = (int(rng.integers(150, 200)), int(rng.integers(8, 12))), int(rng.integers(10**6))

    def ask(seed):
        result = submission.call("controls", source, rows, shape, seed)
        require(
            isinstance(result, (tuple, list)) and len(result) == 2,
            "Return two things: `(shuffled, kernel)`.",
        )
        require(np.shape(result[0]) != (len(rows),), hint="only-rows")
        shuffled = table(result[0], (n,), "The shuffled trait should hold one value a person.")
        require(np.shape(result[1]) != shape[::-1], hint="transposed")
        return shuffled, table(result[1], shape, "The layer should have the asked shape.")

    shuffled, kernel = ask(seed)
    require(np.isfinite(shuffled).all() and np.isfinite(kernel).all(), "Some numbers are missing.")
    require(_close(shuffled[outside], source[outside]), hint="all-shuffled")
    require(_close(np.sort(shuffled[rows]), np.sort(source[rows])), hint="with-replacement")
    require(np.mean(shuffled[rows] == source[rows]) < 0.3, hint="not-shuffled")
    # A hundred random permutations in a row would not contain a plain shift.
    moved = any(
        _close(shuffled[rows], np.roll(source[rows], k)) for k in range(1, len(rows))
    ) or _close(shuffled[rows], source[rows][::-1])
    require(not moved, hint="shifted")
    require(not (kernel >= 0).all(), hint="all-positive")
    spread = np.sqrt(2 / shape[0])
    # 1,200 numbers and more: five standard errors of a spread are 10 %, of a mean 15 %.
    require(abs(kernel.std() / spread - 1) < 0.12, hint="wrong-spread")
    require(abs(kernel.mean() / spread) < 0.15, "The weights should have mean 0.")
    again, same = ask(seed)
    require(np.array_equal(shuffled, again) and np.array_equal(kernel, same), hint="seed-ignored")
    other, another = ask(seed + 1)
    require(
        not np.array_equal(shuffled, other) and not np.array_equal(kernel, another),
        hint="seed-ignored",
    )


@exercise(
    "keep_transfer",
    title="Keep it, or say no",
    points=3,
    ladder=[
        "Take the difference of the two losses for each person first. Everything else is about "
        "this one list of numbers.",
        "`gains = loss_without - loss_with`. The standard error of their mean is their standard "
        "deviation divided by the square root of how many there are.",
        "`error = gains.std(ddof=1) / np.sqrt(len(gains))`, and keep where `gain > error`.",
    ],
    hints={
        "any-gain": "You keep transfer for any gain above zero. Useless transfer has one in half "
        "of all cases; ask for more than one standard error.",
        "sign": "Your gain has the wrong sign. A loss is better when it is *lower*: without minus "
        "with.",
        "unpaired": "You took the two losses as two independent samples. They belong to the same "
        "people: take the differences first.",
        "spread": "This is the standard deviation of one person's gain. The mean of n gains is "
        "surer, by the square root of n.",
        "population": "You divided by n in the variance. Divide by n - 1: `ddof=1`.",
        "two-errors": "You ask for about two standard errors. The rule here asks for one.",
        "relative": "Your gain is a share of the loss. The plain difference is asked for.",
        "declined-where-kept": "Your answer is turned round: True means that transfer is kept.",
    },
)
def check_keep_transfer(submission: Submission, rng: np.random.Generator):
    answers = []
    # In standard errors of the gain: harmful, useless, small, between one and two, clear.
    for wanted in rng.permutation([-3.0, -0.5, 0.5, 1.5, 3.0]):
        n = int(rng.integers(30, 50))
        hard = rng.gamma(1.0, 20.0, size=n)
        noise = rng.normal(size=n)
        noise = (noise - noise.mean()) / noise.std(ddof=1)
        gains = noise + (wanted + rng.uniform(-0.2, 0.2)) / np.sqrt(n)
        with_it, without = hard + 5, hard + 5 + gains
        result = submission.call("keep_transfer", with_it, without)
        require(
            isinstance(result, (tuple, list)) and len(result) == 3,
            "Return three things: `(keep, gain, standard_error)`.",
        )
        keep, gain, error = result
        require(
            np.asarray(keep).shape == () and np.asarray(keep).dtype.kind == "b",
            "`keep` should be True or False.",
        )
        require(is_number(gain) and is_number(error), "Gain and standard error should be numbers.")
        expected, spread = gains.mean(), gains.std(ddof=1)
        theirs = spread / np.sqrt(n)
        require(not _close(gain, -expected), hint="sign")
        require(not _close(gain, expected / without.mean()), hint="relative")
        require(
            _close(gain, expected),
            f"The mean gain of this example is {expected:.5f}; yours is {float(gain):.5f}.",
        )
        apart = np.sqrt((with_it.var(ddof=1) + without.var(ddof=1)) / n)
        require(not _close(error, apart), hint="unpaired")
        require(not _close(error, spread), hint="spread")
        require(not _close(error, gains.std() / np.sqrt(n)), hint="population")
        require(not _close(error, gains.std()), hint="spread")
        require(
            _close(error, theirs),
            f"The standard error of this example is {theirs:.5f}; yours is {float(error):.5f}.",
        )
        answers.append((bool(expected > theirs), bool(keep), expected / theirs))
    require(not all(kept != right for right, kept, _ in answers), hint="declined-where-kept")
    for right, kept, size in answers:
        require(not (kept and not right and size > 0), hint="any-gain")
        require(not (right and not kept and size < 2), hint="two-errors")
        require(
            kept == right,
            f"A gain of {size:.2f} standard errors should be {'kept' if right else 'declined'}.",
        )
