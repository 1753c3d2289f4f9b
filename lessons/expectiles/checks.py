"""Checks of the lesson on expectiles. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from geneml.baselines.expectile import fit_expectile_regression
from geneml.expectiles import expectile
from geneml.metrics import expectile_loss
from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, is_number, require_number

_close = partial(close, absolute=1e-7)


def _any_close(result, values) -> bool:
    return any(_close(result, value) for value in values)


@exercise(
    "expectile_loss",
    title="A lopsided loss",
    points=2,
    ladder=[
        "Start from the mean squared error. Each squared error gets a weight before the mean is "
        "taken.",
        "`y < prediction` is True for people below their prediction. They have weight `1 - tau`, "
        "all others `tau`.",
        "`np.mean(np.where(y < prediction, 1 - tau, tau) * (y - prediction) ** 2)`",
    ],
    hints={
        "symmetric": "Both sides cost the same: this is the mean squared error. Weight each "
        "squared error by its side first.",
        "tau-everywhere": "Everybody has the weight `tau`. That only rescales the mean squared "
        "error; those below their prediction have weight `1 - tau`.",
        "swapped": "The two weights are on the wrong sides. Where the value lies at or above the "
        "prediction, the weight is `tau`.",
        "pinball": "You took the distance, not its square. That is the loss of the quantile.",
        "inside-square": "The weight is squared too. Square the error alone, then multiply.",
        "summed": "You added up. The loss is the *mean* over people.",
        "weighted-mean": "You divided by the sum of the weights. Divide by the number of people.",
        "root": "You took the square root. The loss is the mean of the weighted squares itself.",
        "each-side": "You averaged each side by itself. Take one mean over all people.",
    },
)
def check_expectile_loss(submission: Submission, rng: np.random.Generator):
    for low, high in ((0.05, 0.3), (0.7, 0.95)):
        n = int(rng.integers(15, 25))
        y = rng.gamma(2.0, 6.0, size=n)
        prediction = y.mean() + rng.normal(size=n) * 2
        tau = float(rng.uniform(low, high))
        result = submission.call("expectile_loss", y, prediction, tau)
        require_number(result, "expectile_loss")
        error = y - prediction
        below = error < 0
        weight = np.where(below, 1 - tau, tau)
        square = np.mean(error**2)
        require(not _any_close(result, (square, square / 2, n * square)), hint="symmetric")
        require(not _any_close(result, (tau * square, (1 - tau) * square)), hint="tau-everywhere")
        require(not _close(result, expectile_loss(y, prediction, 1 - tau)), hint="swapped")
        distance = weight * np.abs(error)
        require(not _any_close(result, (distance.mean(), distance.sum())), hint="pinball")
        require(not _close(result, np.mean((weight * error) ** 2)), hint="inside-square")
        expected = expectile_loss(y, prediction, tau)
        require(not _close(result, n * expected), hint="summed")
        require(not _close(result, n * expected / weight.sum()), hint="weighted-mean")
        require(not _close(result, np.sqrt(expected)), hint="root")
        sides = tau * np.mean(error[~below] ** 2) + (1 - tau) * np.mean(error[below] ** 2)
        require(not _close(result, sides), hint="each-side")
        require(
            _close(result, expected),
            f"On a fresh example with tau = {tau:.3f} the loss is {expected:.5f}; yours is "
            f"{float(result):.5f}.",
        )


def _round(y, tau, start):
    """One round of reweighting for a single number."""
    return np.average(y, weights=np.where(y < start, 1 - tau, tau))


def _skewed(rng, low, high):
    """Values and a level for which one round from the mean is not enough."""
    while True:
        y = rng.gamma(1.2, 12.0, size=int(rng.integers(20, 35)))
        tau = float(rng.uniform(low, high))
        even = 2 * np.sum(y >= y.mean()) == len(y)
        if not even and not np.isclose(_round(y, tau, y.mean()), expectile(y, tau), rtol=0.005):
            return y, tau


@exercise(
    "expectile",
    title="Where the beam balances",
    points=4,
    seconds=20,
    ladder=[
        "Pick any e. If the people above pull harder than those below, e has to go up; otherwise "
        "down. How far can be found by halving an interval, or by a weighted mean.",
        "The condition can be solved for e: it is the weighted mean of all values, with weight "
        "`tau` for those at or above e and `1 - tau` for those below. But e stands on both sides.",
        "Start with `e = y.mean()`. Repeat, a hundred times or more: `weight = np.where(y < e, "
        "1 - tau, tau)` and `e = np.sum(weight * y) / np.sum(weight)`.",
    ],
    hints={
        "mean": "This is the mean, whatever the level. Only for tau = 0.5 is it the expectile.",
        "quantile": "This is the quantile: it counts the people on both sides. An expectile adds "
        "up their *distances*.",
        "mirrored": "This is the expectile of level `1 - tau`. Those at or above e have weight "
        "`tau`.",
        "one-round": "You renewed the weights once. With the new e other people lie above it: go "
        "round until nothing changes.",
        "not-converged": "You are close, but not there: stop later. The answer should be right to "
        "six digits.",
        "means-not-sums": "You mixed the mean of those above with the mean of those below. The "
        "*sums* of the distances have to agree: many people on one side pull harder than few.",
        "between-extremes": "You went a share tau of the way from the lowest to the highest value. "
        "The people in between count as well.",
        "squared-weights": "Your weights are squared somewhere. The weights are tau and 1 - tau.",
        "ties": "Right for values that all differ, wrong when some are equal, or all of them.",
    },
)
def check_expectile(submission: Submission, rng: np.random.Generator):
    for low, high in ((0.75, 0.97), (0.03, 0.25)):
        y, tau = _skewed(rng, low, high)
        expected = expectile(y, tau)
        result = submission.call("expectile", y, tau)
        require_number(result, "expectile")
        require(not _close(result, y.mean()), hint="mean")
        kinds = ("linear", "lower", "higher", "inverted_cdf", "midpoint", "hazen")
        quantiles = [np.quantile(y, tau, method=kind) for kind in kinds]
        require(not _any_close(result, quantiles), hint="quantile")
        require(not _close(result, expectile(y, 1 - tau)), hint="mirrored")
        # From a lucky start one round is enough: then nothing can be said.
        rounds = [_round(y, tau, e) for e in (y.mean(), np.median(y), np.quantile(y, tau))]
        rounds = [value for value in rounds if not _close(value, expected)]
        require(not _any_close(result, rounds), hint="one-round")
        level = tau**2 / (tau**2 + (1 - tau) ** 2)
        require(not _close(result, expectile(y, level)), hint="squared-weights")
        above = y >= y.mean()
        mixed = tau * y[above].mean() + (1 - tau) * y[~above].mean()
        require(not _close(result, mixed), hint="means-not-sums")
        stretch = y.min() + tau * (y.max() - y.min())
        require(not _close(result, stretch), hint="between-extremes")
        near = abs(result - expected) < 0.02 * np.std(y)
        require(not near or abs(result - expected) < 1e-5 * expected, hint="not-converged")
        require(
            _close(result, expected),
            f"For {len(y)} fresh values and tau = {tau:.3f} the expectile is {expected:.5f}; you "
            f"return {float(result):.5f}. The mean is {y.mean():.5f}.",
        )
    tau = float(rng.uniform(0.6, 0.9))
    heaps = rng.integers(0, 4, size=30).astype(float) * 5
    same = np.full(4, float(rng.integers(3, 30)))
    for y in (heaps, same):
        result = submission.call("expectile", y, tau)
        require_number(result, "expectile")
        require(_close(result, expectile(y, tau)), hint="ties")
    y = rng.normal(20, 3, size=12)
    result = submission.call("expectile", y, 0.5)
    require_number(result, "expectile")
    require(_close(result, y.mean()), "At tau = 0.5 the expectile is the mean.")


def _line(x, y, weight):
    """Intercept and slope by weighted least squares."""
    design = np.column_stack([np.ones(len(x)), x])
    return np.linalg.solve((design.T * weight) @ design, (design.T * weight) @ y)


def _one_round(x, y, tau):
    """The line after the weights were renewed once."""
    intercept, slope = _line(x, y, np.ones(len(x)))
    return _line(x, y, np.where(y >= intercept + slope * x, tau, 1 - tau))


def _reference(x, y, tau):
    fit = fit_expectile_regression(x[:, None], y, tau)
    return np.array([fit.intercept, fit.coefficients[0]])


def _people(rng, low, high, spread):
    """Genotypes, a trait and a level for which one round is not enough."""
    while True:
        n = int(rng.integers(60, 90))
        x = rng.permutation(np.resize([0.0, 1.0, 2.0], n))
        y = 12 + rng.uniform(-1, 1) * x + (2 + spread * x) * rng.gamma(2.0, 1.0, size=n)
        tau = float(rng.uniform(low, high))
        if np.max(np.abs(_one_round(x, y, tau) - _reference(x, y, tau))) > 0.01:
            return x, y, tau


@exercise(
    "expectile_line",
    title="A line through a level",
    points=4,
    seconds=20,
    ladder=[
        "Fit a line by least squares. Who lies above it? Give weights, fit again, and go on until "
        "the weights no longer change.",
        "Weighted least squares: `design = np.column_stack([np.ones(len(x)), x])`, then "
        "`np.linalg.solve(design.T @ (w[:, None] * design), design.T @ (w * y))` gives intercept "
        "and slope.",
        "Start with `w = np.ones(len(y))`. Repeat a hundred times: solve for the line, then `w = "
        "np.where(y < design @ line, 1 - tau, tau)`. Return `line[0], line[1]`.",
    ],
    hints={
        "least-squares": "This is the line of least squares, for the mean. The level has no say "
        "in it.",
        "one-round": "You renewed the weights once. The new line has other people above it: go "
        "round until nobody changes sides.",
        "mirrored": "This is the line of level `1 - tau`. Those on or above the line have weight "
        "`tau`.",
        "squared-weights": "Your weights count squared. `np.polyfit` and `np.linalg.lstsq` square "
        "what they are given: hand them the square *roots* of the weights.",
        "order": "The two values are in the wrong order: `(intercept, slope)`.",
        "through-origin": "Your line is forced through zero. Add a column of ones for the "
        "intercept.",
        "parallel": "Your line has the slope of least squares and only its height is moved. The "
        "slope belongs to the level, too.",
        "not-converged": "You are close, but not there: go round more often.",
    },
)
def check_expectile_line(submission: Submission, rng: np.random.Generator):
    for low, high, spread in ((0.8, 0.95, 0.6), (0.05, 0.2, 0.6), (0.65, 0.75, -0.3)):
        x, y, tau = _people(rng, low, high, spread)
        result = submission.call("expectile_line", x, y, tau)
        pair = result.tolist() if isinstance(result, np.ndarray) else result
        good = isinstance(pair, (tuple, list)) and len(pair) == 2
        require(good and all(is_number(v) for v in pair), "Return two numbers: `(a, b)`.")
        pair = np.array([float(value) for value in pair])
        expected, plain = _reference(x, y, tau), _line(x, y, np.ones(len(x)))
        require(not _close(pair, plain), hint="least-squares")
        orders = (expected, plain, _reference(x, y, 1 - tau))
        require(not any(_close(pair[::-1], line) for line in orders), hint="order")
        require(not _close(pair, _reference(x, y, 1 - tau)), hint="mirrored")
        require(not _close(pair, _one_round(x, y, tau)), hint="one-round")
        level = tau**2 / (tau**2 + (1 - tau) ** 2)
        require(not _close(pair, _reference(x, y, level)), hint="squared-weights")
        require(not (_close(pair[0], 0.0) and pair[1] != 0), hint="through-origin")
        moved = expectile(y - plain[1] * x, tau)
        require(not _close(pair, np.array([moved, plain[1]])), hint="parallel")
        away = np.max(np.abs(pair - expected))
        require(not 1e-4 < away < 0.02 * np.std(y), hint="not-converged")
        require(
            bool(np.allclose(pair, expected, rtol=1e-5, atol=1e-5)),
            f"On fresh people with tau = {tau:.3f} the line is {expected[0]:.4f} + "
            f"{expected[1]:.4f} x; yours is {pair[0]:.4f} + {pair[1]:.4f} x.",
        )


# Slopes at the levels 0.1, 0.5 and 0.9, and the standard error, of SNPs made to tempt.
_TEMPTING = {
    "answer": ((0.20, 0.00, -0.20), 0.05),
    "mean-effect": ((0.70, 0.74, 0.74), 0.05),
    "steepest": ((0.68, 0.55, 0.90), 0.20),
    "no-error": ((-0.35, 0.02, 0.36), 0.40),
    "signed": ((-0.12, 0.01, 0.13), 0.05),
    "wrong-columns": ((0.30, -0.45, 0.34), 0.05),
}


def _ten_snps(rng, direction):
    """Slopes, errors, levels and the row of each tempting SNP; the answer's next row is dull."""
    names = [*_TEMPTING, *(f"dull {i}" for i in range(4))]
    order = [str(name) for name in rng.permutation(names)]
    place = order.index("answer")
    while place in (0, 9) or order[place + 1] not in ("dull 1", "dull 2", "dull 3"):
        order = [str(name) for name in rng.permutation(names)]
        place = order.index("answer")
    slopes, errors = [], []
    for name in order:
        values, error = _TEMPTING.get(name, ((0.0, 0.0, 0.0), 0.06))
        turn = direction if name == "answer" else 1.0
        # One of the dull ones has exactly parallel lines: the least evidence of all.
        noise = 0.0 if name == "dull 0" else 0.01 * rng.normal(size=3)
        slopes.append(turn * np.array(values) + noise)
        errors.append(error * rng.uniform(0.95, 1.05))
    # Neither the lowest and the highest level stand at the two ends.
    columns = [[1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1]][int(rng.integers(4))]
    taus = np.array([0.1, 0.5, 0.9])[columns]
    rows = {name: i for i, name in enumerate(order)}
    return np.round(np.array(slopes)[:, columns], 4), np.round(errors, 4), taus, rows


@exercise(
    "spread_snp",
    title="Which SNP changes the spread?",
    points=3,
    ladder=[
        "Parallel lines have equal slopes. What you look for is a *difference* between slopes of "
        "one SNP, in standard errors.",
        "`np.argmax(taus)` is the column of the highest level, `np.argmin(taus)` that of the "
        "lowest. A narrowing is a change, too: take the absolute value.",
        "`z = (slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)]) / errors`, then "
        "`np.argmax(np.abs(z))`.",
    ],
    hints={
        "mean-effect": "You took the SNP with the largest effect on the mean. Its lines are "
        "parallel: it moves everybody alike.",
        "steepest": "You took the SNP with the steepest single line. One steep line is no fan: "
        "compare the slopes of one SNP with each other.",
        "no-error": "You took the largest difference, and it is badly measured. Divide by the "
        "standard error first.",
        "signed": "You looked for a widening only. An allele may also narrow the spread: take the "
        "absolute value.",
        "wrong-columns": "You took columns by their place. They come in any order: find the "
        "highest and the lowest level in `taus`.",
        "counts-from-one": "Your row is one too high: rows are counted from 0.",
        "smallest": "You took the SNP with the *least* evidence.",
        "not-a-row": "Return the number of a row, a whole number.",
    },
)
def check_spread_snp(submission: Submission, rng: np.random.Generator):
    # A row is quickly guessed: many draws. First the lines close, then they close or open.
    for direction in (1.0, 1.0, -1.0, 1.0, -1.0, 1.0):
        slopes, errors, taus, rows = _ten_snps(rng, direction)
        result = submission.call("spread_snp", slopes, errors, taus)
        good = is_number(result) and np.asarray(result).dtype.kind != "b"
        require(good and float(result).is_integer(), hint="not-a-row")
        chosen, answer = int(result), rows["answer"]
        for slip in ("mean-effect", "steepest", "no-error", "signed", "wrong-columns"):
            require(chosen != rows[slip], hint=slip)
        require(chosen != answer + 1, hint="counts-from-one")
        z = (slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)]) / errors
        require(chosen != int(np.argmin(np.abs(z))), hint="smallest")
        require(
            chosen == answer,
            f"Row {answer} has the strongest evidence, a difference of {z[answer]:+.1f} standard "
            f"errors; you chose row {chosen}.",
        )
