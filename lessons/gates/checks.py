"""Checks of the lesson on gates and variable selection. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, numbers, row_numbers

_close = partial(close, absolute=1e-7)


def _any_close(result, values) -> bool:
    return any(_close(result, value) for value in values)


def _elu(values):
    return np.where(values > 0, values, np.expm1(np.minimum(values, 0)))


def _sigmoid(values):
    return 1 / (1 + np.exp(-values))


def _hard(values, slope=0.2):
    return np.clip(slope * values + 0.5, 0, 1)


def _flat(result, n) -> bool:
    """Whether a result is the answer with one axis too many."""
    return isinstance(result, np.ndarray) and result.shape in ((n, 1), (1, n)) and n > 1


@exercise(
    "gated_residual",
    title="One marker through its block",
    points=4,
    ladder=[
        "Four steps: the hidden units, the proposal, the gate, the mixture. Give `x` a second "
        "axis, so that each animal gets all units.",
        "`before = x[:, None] * w1 + b1` has the shape `(n, d)`. `np.where(before > 0, before, "
        "np.exp(before) - 1)` is the ELU. Proposal and gate are `units @ w2 + b2` and the sigmoid "
        "of `units @ w3 + b3`.",
        "With `a = units @ w3 + b3` the gate is `np.clip(0.2 * a + 0.5, 0, 1) if hard else 1 / "
        "(1 + np.exp(-a))`. Return `g * h + (1 - g) * x`.",
    ],
    hints={
        "swapped": "The gate stands on the wrong branch. Shut (g = 0) the marker passes as it is: "
        "`g` belongs to the proposal and `1 - g` to `x`.",
        "no-residual": "The marker itself is missing. Add `(1 - g) * x` to the gated proposal.",
        "plain-sum": "You added all of `x`. Of the marker only `(1 - g)` passes: the two shares "
        "add up to 1.",
        "keras-slope": "Your hard sigmoid has slope 1/6, as that of Keras 3. The paper's has "
        "slope 0.2.",
        "not-clipped": "The hard sigmoid has to stop at 0 and at 1: `np.clip(..., 0, 1)`.",
        "hard-ignored": "With `hard=True` the gate should be the hard sigmoid; yours is the smooth "
        "one.",
        "always-hard": "With `hard=False` the gate should be the smooth sigmoid; yours is the hard "
        "one.",
        "sigmoid-on-h": "You put the proposal through the sigmoid, too. Only the gate is squeezed "
        "between 0 and 1.",
        "no-elu": "The hidden units are not bent. Below zero the ELU gives `exp(a) - 1`.",
        "relu": "You used a ReLU. The ELU goes down to -1 below zero, not to 0.",
        "elu-shift": "Your ELU is `exp(a)` below zero. The 1 that is subtracted makes both halves "
        "meet at zero.",
        "no-gate-sigmoid": "The gate is not squeezed: put `units @ w3 + b3` through the sigmoid.",
        "no-gate-bias": "The bias `b3` of the gate is missing.",
        "no-proposal-bias": "The bias `b2` of the proposal is missing.",
        "gate-from-x": "Your gate reads the marker instead of the hidden units.",
        "column": "Return one number an animal, shape `(n,)`. Yours has one axis too many.",
    },
)
def check_gated_residual(submission: Submission, rng: np.random.Generator):
    for hard in (False, True, False, True):
        arguments, slips, expected, words = _one_block(rng, hard)
        keywords = {"hard": True} if hard else {}
        result = submission.call("gated_residual", *arguments, **keywords)
        n = len(expected)
        require(not _flat(result, n), hint="column")
        result = numbers(result, "gated_residual", (n,))
        for hint, answers in slips.items():
            require(not _any_close(result, answers), hint=hint)
        require(_close(result, expected), f"{words}; yours is {result[0]:.4f}.")


def _one_block(rng, hard):
    """A block whose slips all give other answers than it does: (arguments, slips, z, words)."""
    sigma = _hard if hard else _sigmoid
    while True:
        n, d = int(rng.integers(15, 25)), int(rng.integers(2, 5))
        x = rng.normal(size=n)
        w1, b1, w2, w3 = rng.normal(0, 1.5, (4, d))
        b2, b3 = (float(b) for b in rng.uniform(0.4, 1.2, 2) * rng.choice((-1, 1), 2))
        before = x[:, None] * w1 + b1
        units = _elu(before)
        h, a = units @ w2 + b2, units @ w3 + b3

        def mixed(h, g, x=x):
            return g * h + (1 - g) * x

        def with_units(other, w2=w2, b2=b2, w3=w3, b3=b3, x=x):
            gate = sigma(other @ w3 + b3)
            return gate * (other @ w2 + b2) + (1 - gate) * x

        g = sigma(a)
        expected = mixed(h, g)
        lifted = np.where(before > 0, before, np.exp(np.minimum(before, 0)))
        slips = {
            "swapped": [mixed(x, g, h)],
            "no-residual": [g * h, h],
            "plain-sum": [g * h + x, h + x],
            "sigmoid-on-h": [mixed(sigma(h), g), mixed(_sigmoid(h), g)],
            "no-gate-sigmoid": [mixed(h, a)],
            "no-elu": [with_units(before)],
            "relu": [with_units(np.maximum(before, 0))],
            "elu-shift": [with_units(lifted)],
            "gate-from-x": [mixed(h, sigma(x * w3.sum() + b3)), mixed(h, sigma(x))],
            "no-gate-bias": [mixed(h, sigma(a - b3))],
            "no-proposal-bias": [mixed(h - b2, g)],
        }
        if hard:
            slips["keras-slope"] = [mixed(h, _hard(a, 1 / 6))]
            slips["not-clipped"] = [mixed(h, 0.2 * a + 0.5)]
            slips["hard-ignored"] = [mixed(h, _sigmoid(a))]
        else:
            slips["always-hard"] = [mixed(h, _hard(a))]
        # Slips must be told from the answer and from each other.
        groups = [[expected], *slips.values()]
        apart = min(
            np.abs(p - q).max()
            for i, group in enumerate(groups)
            for other in groups[:i]
            for p in group
            for q in other
        )
        if apart > 0.005 and 0.1 < g.mean() < 0.9:
            words = (
                f"For x = {x[0]:.3f} with hard={hard} the proposal is {h[0]:.4f} and the gate "
                f"{g[0]:.4f}, so z should be {expected[0]:.4f}"
            )
            return (x, w1, b1, w2, b2, w3, b3), slips, expected, words


def _project(scores):
    """Sparsemax, and how many weights are above zero."""
    ordered = np.sort(scores)[::-1]
    tau = (np.cumsum(ordered) - 1) / np.arange(1, len(scores) + 1)
    size = int(np.flatnonzero(ordered > tau)[-1]) + 1
    return np.maximum(scores - tau[size - 1], 0), size


def _scores(rng, size, P):
    """Scores of which `size` stay, clearly: no tie, and the next one well below tau."""
    while True:
        weights = rng.dirichlet(np.full(size, 6.0))
        scores = np.concatenate([weights, -rng.uniform(0.05, 2.5, P - size)])
        scores = rng.permutation(scores + rng.uniform(-1, 1))
        found, support = _project(scores)
        soft = np.exp(scores - scores.max())
        mixed = not np.allclose(found, np.sort(found)) and not np.allclose(found, -np.sort(-found))
        faint = (soft / soft.sum()).min() < 0.04
        if support == size and found[found > 0].min() > 0.02 and mixed and faint:
            return scores, found


@exercise(
    "sparsemax",
    title="Sparsemax",
    points=4,
    ladder=[
        "Sort the scores from the highest down. For each k compute the tau that leaves a sum of 1 "
        "among the k highest; then find the largest k whose k-th score is above its tau.",
        "`ordered = np.sort(scores)[::-1]` and `tau = (np.cumsum(ordered) - 1) / np.arange(1, P + "
        "1)`. The right k is the last place where `ordered > tau`.",
        "`last = np.flatnonzero(ordered > tau)[-1]`, and the answer is `np.maximum(scores - "
        "tau[last], 0)`.",
    ],
    hints={
        "softmax": "This is softmax: every weight is above zero. Sparsemax subtracts one number "
        "and cuts.",
        "softmax-cut": "You computed softmax and set small weights to zero. Sparsemax subtracts "
        "tau from the *scores*; nothing is exponentiated.",
        "clipped": "You cut the scores and divided by their sum. Nothing was projected: "
        "adding a constant to all scores should change nothing.",
        "all-stay": "You let all scores stay: some weights are below zero, or they were cut "
        "afterwards. Find first how many stay.",
        "k-too-small": "One feature too few stays, and the rest gets too much or does not sum to "
        "1. The right k is the *largest* that fulfils the condition.",
        "k-too-large": "One feature too many stays in your tau. The k-th score has to be above "
        "tau.",
        "only-the-best": "You give everything to the highest score.",
        "sorted": "The weights are right, but in sorted order. Subtract tau from the scores as "
        "they came.",
        "sum": "The weights do not sum to 1. Choose tau so that what stays adds up to 1.",
        "negative": "Some weights are below zero. Cut at zero.",
        "order-reversed": "The lowest scores got the weights. Sort from the highest down.",
    },
)
def check_sparsemax(submission: Submission, rng: np.random.Generator):
    for size, P in ((3, 8), (5, 9), (4, 12), (2, 7)):
        scores, expected = _scores(rng, size, P)
        result = numbers(submission.call("sparsemax", scores), "sparsemax", (P,))
        soft = np.exp(scores - scores.max())
        soft /= soft.sum()
        require(not _close(result, soft), hint="softmax")
        for line in (1 / P, 0.05, np.sort(soft)[::-1][size - 1]):
            cut = np.where(soft >= line, soft, 0)
            require(not _any_close(result, (cut, cut / cut.sum())), hint="softmax-cut")
        top = (scores == scores.max()).astype(float)
        require(not _close(result, top), hint="only-the-best")
        positive = np.maximum(scores, 0)
        parts = (positive, scores - scores.min(), np.maximum(scores - scores.mean(), 0))
        scaled = [part / part.sum() for part in parts if part.sum() > 0]
        require(not _any_close(result, [*scaled, positive]), hint="clipped")
        every = scores - (scores.sum() - 1) / P
        cut = np.maximum(every, 0)
        require(not _any_close(result, (every, cut, cut / cut.sum())), hint="all-stay")
        ordered = np.sort(scores)[::-1]
        require(not _close(result, np.sort(expected)[::-1]), hint="sorted")
        require(not _close(result, np.sort(expected)), hint="sorted")
        for step, hint in ((-1, "k-too-small"), (1, "k-too-large")):
            k = size + step
            if k >= 1:
                tau = (ordered[:k].sum() - 1) / k
                plain = np.maximum(scores - tau, 0)
                kept = np.where(scores >= ordered[k - 1], scores - tau, 0)
                require(not _any_close(result, (plain, kept)), hint=hint)
        mirrored = _project(-scores)[0]
        require(not _close(result, mirrored), hint="order-reversed")
        require((result > -1e-9).all(), hint="negative")
        require(abs(result.sum() - 1) < 1e-6, hint="sum")
        require(
            _close(result, expected),
            f"For the scores {np.round(scores, 3).tolist()} the weights should be "
            f"{np.round(expected, 3).tolist()}; yours are {np.round(result, 3).tolist()}.",
        )


def _columns(mask):
    return set(np.flatnonzero(mask).tolist())


@exercise(
    "selected_markers",
    title="Which markers does it use?",
    points=3,
    ladder=[
        "Three steps: one contribution a marker, one line for all markers, and the numbers of the "
        "columns above it.",
        "The contribution is `np.abs(head) * features.std(axis=0)`. The line is one number, the "
        "largest of the whole table `null`.",
        "`np.flatnonzero(np.abs(head) * features.std(axis=0) > null.max())`",
    ],
    hints={
        "paper-rule": "You asked which features are at least 0.05 on average. That line depends "
        "on how many features there are; take it from the shuffled fits.",
        "head-only": "You compared the weights of the head alone. A large weight on a feature that "
        "hardly varies does nothing.",
        "spread-only": "You compared the spread of the features alone. Multiply by the size of "
        "the head.",
        "sign-lost": "Markers with a negative weight in the head got lost. Take its size, "
        "`np.abs(head)`.",
        "mean-size": "You used the mean size of the features. A feature may be large and the same "
        "for everybody: take the standard deviation.",
        "variance": "You used the variance of the features. Take the standard deviation.",
        "own-null": "You compared each marker with its own shuffled contributions. With many "
        "markers some pass by chance: take one line for all.",
        "middle-of-null": "Your line is the middle of the shuffled contributions. Half of what is "
        "not real lies above it: take the largest.",
        "first-fit": "Your line comes from one shuffled fit. Take the largest of all of them.",
        "share-of-largest": "You took a share of the largest contribution. That says nothing about "
        "chance.",
        "mask": "Return the numbers of the columns, not `True` and `False`: `np.flatnonzero`.",
        "order": "The columns are right, but not in ascending order.",
        "below": "You return the markers that are *not* above the line.",
    },
)
def check_selected_markers(submission: Submission, rng: np.random.Generator):
    for R in (3, 4):
        n, P = int(rng.integers(30, 40)), 40
        target = np.full(P, 0.1)  # contributions in units of the line
        roles = iter(rng.permutation(P))
        place = {name: [next(roles) for _ in range(count)] for name, count in ROLES.items()}
        features = rng.normal(size=(n, P))
        features = (features - features.mean(axis=0)) / features.std(axis=0)
        spread, offset = rng.uniform(0.5, 1.5, P), np.zeros(P)
        target[place["real"]] = rng.uniform(1.3, 2.5, len(place["real"]))
        target[place["real"][2]] = 2.5
        target[place["near"]] = rng.uniform(0.75, 0.84, len(place["near"]))
        target[place["near"][0]] = 0.93  # above the first fit's line, below that of all
        target[place["real"][1]], spread[place["real"][1]] = 1.3, 0.5  # its variance is smaller
        spread[place["still"]] = 0.01  # large in the head, hardly varies
        target[place["still"]] = 0.4
        offset[place["shifted"]] = 30.0  # large for everybody
        target[place["shifted"]] = 0.3
        spread[place["wide"]] = 6.0  # varies, and the head is small
        sizes = target / spread
        head = sizes * rng.choice((-1, 1), P)
        head[place["real"][:3]] = -np.abs(head[place["real"][:3]])
        features = features * spread + offset
        null = rng.uniform(0.2, 0.7, (R, P))
        null[:, place["real"][0]] = 0.3
        null[:, place["still"] + place["shifted"]] = rng.uniform(0.5, 0.7)
        null[R - 1, place["quiet"][0]] = 1.0  # the line: one marker of the last fit
        null[R - 1, place["near"][1]] = 0.95
        null[0, place["quiet"][1]] = 0.85
        contribution = np.abs(head) * features.std(axis=0)
        # Sizes are in units of the line, which is 1: another unit each time.
        unit = float(rng.uniform(0.8, 1.2))
        head, null, contribution = head * unit, null * unit, contribution * unit
        expected = np.flatnonzero(contribution > null.max())
        result = submission.call("selected_markers", features, head, null)
        mask = isinstance(result, np.ndarray) and result.dtype.kind == "b"
        require(not mask, hint="mask")
        value = row_numbers(result, "selected_markers", P)
        chosen = set(value.tolist())
        wrong = {
            "sign-lost": _columns(head * features.std(axis=0) > null.max()),
            "paper-rule": _columns(np.abs(features * head).mean(axis=0) >= 0.05),
            "head-only": _columns(np.abs(head) > null.max()),
            "spread-only": _columns(features.std(axis=0) > null.max()),
            "mean-size": _columns(np.abs(head) * np.abs(features).mean(axis=0) > null.max()),
            "variance": _columns(np.abs(head) * features.var(axis=0) > null.max()),
            "own-null": _columns(contribution > null.max(axis=0)),
            "first-fit": _columns(contribution > null[0].max()),
            "share-of-largest": _columns(contribution > 0.05 * contribution.max()),
            "below": _columns(contribution <= null.max()),
        }
        middles = (np.median(null), null.mean(), np.median(null.max(axis=0)))
        require(
            all(chosen != _columns(contribution > line) for line in middles), hint="middle-of-null"
        )
        for more in (
            ("paper-rule", _columns(features.mean(axis=0) >= 0.05)),
            ("paper-rule", _columns((features * head).mean(axis=0) >= 0.05)),
            ("paper-rule", _columns(contribution >= 0.05)),
            ("first-fit", _columns(contribution > null.max(axis=1).min())),
            ("first-fit", _columns(contribution > null.max(axis=1).mean())),
        ):
            require(chosen != more[1], hint=more[0])
        for hint, columns in wrong.items():
            require(chosen != columns, hint=hint)
        if chosen == set(expected.tolist()):
            require(len(value) == len(expected), "Name each marker once.")
            require((np.diff(value) > 0).all(), hint="order")
        require(
            value.shape == expected.shape and (value == expected).all(),
            f"The line is {null.max():.3f}; above it are the columns {expected.tolist()}. You "
            f"return {value.tolist()}.",
        )


ROLES = {"real": 7, "near": 4, "still": 3, "shifted": 3, "wide": 3, "quiet": 4}


@exercise(
    "penalty_from_heritability",
    title="The penalty is the heritability",
    points=3,
    ladder=[
        "Three steps: keep the heritabilities off the ends, use the formula, and take a quarter "
        "where features are not normalised. T is the number of heritabilities.",
        "`np.clip(h2, 0.01, 0.99)` keeps them off the ends. `len(h2)` is T.",
        "`penalty = (1 - h2) / (h2 * n * len(h2))`; return `penalty if normalised else penalty / "
        "4`.",
    ],
    hints={
        "inverted": "The ratio is upside down. A trait of low heritability needs the larger "
        "penalty: `(1 - h2) / h2`.",
        "no-n": "You did not divide by `n`. The loss is a mean over animals, so the same pull of "
        "the penalty is n times as strong.",
        "no-traits": "You did not divide by the number of traits. The loss is a mean over traits, "
        "too.",
        "no-clip": "At a heritability of 0 or 1 your penalty is infinite or zero. Keep it between "
        "0.01 and 0.99 first.",
        "no-quarter": "Without normalisation the features come in halved. Take a quarter of the "
        "penalty there.",
        "half": "Halved features have a quarter of the square, so the penalty is a quarter, not a "
        "half.",
        "times-four": "You made the penalty four times as large. Smaller features need a smaller "
        "penalty: their weights have to be larger.",
        "always-quarter": "You took the quarter for normalised features, too.",
        "simple-ratio": "You divided by 1 instead of the heritability: the ratio of the two "
        "variances is `(1 - h2) / h2`.",
        "averaged": "All traits got the same penalty. Each has a heritability of its own.",
    },
)
def check_penalty_from_heritability(submission: Submission, rng: np.random.Generator):
    for normalised, traits, ends in (
        (True, 2, False), (True, 3, False), (False, 3, False), (True, 4, True), (False, 3, True),
    ):  # fmt: skip
        n = int(rng.integers(200, 900))
        h2 = rng.uniform(0.15, 0.45, traits)
        if ends:
            h2[:2] = (0.0, 1.0)
        keywords = {} if normalised else {"normalised": False}
        result = submission.call("penalty_from_heritability", h2, n, **keywords)
        result = numbers(result, "penalty_from_heritability", (traits,))
        if ends and np.isfinite(result[2:]).all():
            require(bool(np.isfinite(result).all() and (result > 0).all()), hint="no-clip")
        kept = np.clip(h2, 0.01, 0.99)
        factor = 1 if normalised else 0.25
        expected = factor * (1 - kept) / (kept * n * traits)
        loose = partial(close, absolute=1e-12)
        turned = factor * kept / ((1 - kept) * n * traits)
        require(not loose(result, turned), hint="inverted")
        require(not loose(result, expected * n), hint="no-n")
        require(not loose(result, expected * traits), hint="no-traits")
        require(not loose(result, expected * n * traits), hint="no-n")
        require(not loose(result, factor * (1 - kept) / (n * traits)), hint="simple-ratio")
        if normalised:
            require(not loose(result, expected / 4), hint="always-quarter")
        else:
            require(not loose(result, expected * 4), hint="no-quarter")
            require(not loose(result, expected * 2), hint="half")
            require(not loose(result, expected * 16), hint="times-four")
        require(np.ptp(result) > 1e-12, hint="averaged")
        require(
            bool(np.allclose(result, expected, rtol=1e-6, atol=0)),
            f"With h2 = {np.round(h2, 3).tolist()}, n = {n} and normalised={normalised} the "
            f"penalties should be {np.round(expected, 7).tolist()}; yours are "
            f"{np.round(result, 7).tolist()}.",
        )
