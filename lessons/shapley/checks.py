"""Checks of the lesson on Shapley values. NumPy only: feedback comes at once."""

from itertools import permutations
from math import factorial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, numbers
from lessons.grader.exercises import NotPassed
from lessons.shapley import games


@exercise(
    "contributions",
    title="One order of arrival",
    points=2,
    ladder=[
        "Keep two things while you go through the order: who is present, and the height so far.",
        'The height starts at `game[""]`. The present letters, sorted, are the next name: '
        '`"".join(sorted(present + letter))`.',
        "In the loop: make the new name, set `gains[letter] = game[name] - height`, then "
        "`height = game[name]`.",
    ],
    hints={
        **games.KEY_HINTS,
        "alone": "Each locus is compared with the cow that has none. Then it does not matter who "
        "is there already. Compare with the height just before the locus arrived.",
        "last": "Each locus is compared with the cow that has all the others. That is what it "
        "gains if it arrives *last*; in this order most arrive earlier.",
        "no-base": 'Your first gain is a whole height. A cow without any tall allele, `game[""]`, '
        "is not zero cm high: start from her.",
        "order-ignored": "You went through the loci in alphabetical order. Follow `order`.",
        "backwards": "You went through the order from its end. The first letter arrives first.",
        "heights": "You return the heights after each arrival. The gain is the difference from "
        "the height before.",
        "not-moved-on": "Each gain is measured from the cow without any tall allele, so it holds "
        "the gains of those before. Remember the height after each arrival.",
        "sign": "The gains are turned round: the height after an arrival minus the height before.",
        "absolute": "The signs are lost. In another game an arrival may make the cow smaller.",
    },
)
def check_contributions(submission: Submission, rng: np.random.Generator):
    for letters in ("ABC", "ABCD"):
        game = games.draw(rng, letters)
        # Neither alphabetical nor its reverse.
        order = "".join(rng.permutation(list(letters)))
        while order in (letters, letters[::-1]):
            order = "".join(rng.permutation(list(letters)))
        result = games.credits(submission, "contributions", letters, game, order)
        expected = games.walk(game, order)
        if games.same(result, expected):
            continue
        heights = games.walk(game, order)
        present = ""
        for letter in order:
            present = "".join(sorted(present + letter))
            heights[letter] = game[present]
        require(not games.same(result, games.alone(game, letters)), hint="alone")
        require(not games.same(result, games.last(game, letters)), hint="last")
        require(not games.same(result, games.walk(game, order, start=0.0)), hint="no-base")
        require(not games.same(result, games.walk(game, letters)), hint="order-ignored")
        require(not games.same(result, games.walk(game, order[::-1])), hint="backwards")
        require(not games.same(result, heights), hint="heights")
        since = {letter: height - game[""] for letter, height in heights.items()}
        require(not games.same(result, since), hint="not-moved-on")
        require(not games.same(result, games.times(expected, -1)), hint="sign")
        sizes = {letter: abs(gain) for letter, gain in expected.items()}
        require(not games.same(result, sizes), hint="absolute")
        require(
            False,
            f"With the heights {game} and the order {order} the gains are {games.shown(expected)}; "
            f"you return {games.shown(result)}.",
        )


@exercise(
    "shapley",
    title="The Shapley value",
    points=4,
    ladder=[
        "Two loops: over all orders, and inside over the letters of one order, as in exercise 1.",
        '`for order in permutations(letters):` gives tuples of letters; `"".join(order)` makes '
        "a text of them. Add each letter's gain to its total.",
        "At the end divide each total by the number of orders: 6 for three loci, 24 for four.",
    ],
    hints={
        **games.KEY_HINTS,
        "unweighted": "You averaged over the groups that a locus can join, all counting the same. "
        "The empty and the full group come up in more orders than the middle ones. Average over "
        "*orders*, or weight each group by the share of orders in which it is met.",
        "one-order": "You took a single order. Another order gives other gains: average over all.",
        "two-orders": "You took two orders, there and back. Average over all.",
        "equal-shares": "Every locus has the same share. Their credit should depend on what each "
        "of them does.",
        "used-up": "All your credits are 0: no order was gone through. `permutations(...)` can be "
        "read only once; `list(permutations(...))` keeps the orders.",
        "first-and-last": "You averaged the gain of arriving first and that of arriving last. "
        "With three loci or more, one can also arrive in between.",
        "not-divided": "You added the gains up and did not divide. There are k! orders.",
        "divided-by-loci": "You divided by the number of loci. Divide by the number of orders, "
        "which is k! and not k.",
        "six-orders": "With three loci your credits are right, with four they are not: three loci "
        "have 6 orders, four have 24. Count the orders instead of writing a number down.",
        "rotations": "You used one order for each locus that may come first. There are more: "
        "`permutations` gives them all.",
        "no-base": 'The whole height has been shared. The part of `game[""]` is nobody\'s '
        "credit: each order starts from there.",
        "proportional": "You shared the whole gain in proportion to what each locus does alone. A "
        "locus that only helps would get nothing.",
        "alone": "You return what each locus gains on its own. What they do together is missing.",
        "last": "You return what each locus gains when it arrives last. What they do together is "
        "then counted several times.",
    },
)
def check_shapley(submission: Submission, rng: np.random.Generator):
    for letters in ("ABC", "ABCD"):
        game = games.draw(rng, letters)
        result = games.credits(submission, "shapley", letters, game)
        orders = list(permutations(letters))
        expected = games.mean(game, orders)
        if games.same(result, expected):
            continue
        k, count = len(letters), factorial(len(letters))
        alone, last = games.alone(game, letters), games.last(game, letters)
        halves = {a: (alone[a] + last[a]) / 2 for a in letters}
        rotations = [letters[i:] + letters[:i] for i in range(k)]
        whole = game[letters] - game[""]
        share = games.times(alone, whole / sum(alone.values()))
        require(not games.same(result, games.unweighted(game, letters)), hint="unweighted")
        require(
            not any(games.same(result, games.walk(game, order)) for order in orders),
            hint="one-order",
        )
        require(not games.same(result, halves), hint="first-and-last")
        there_and_back = games.mean(game, [letters, letters[::-1]])
        require(not games.same(result, there_and_back), hint="two-orders")
        require(not games.same(result, dict.fromkeys(letters, whole / k)), hint="equal-shares")
        require(not games.same(result, dict.fromkeys(letters, 0)), hint="used-up")
        six = games.times(expected, count / 6)
        require(k == 3 or not games.same(result, six), hint="six-orders")
        require(not games.same(result, games.times(expected, count)), hint="not-divided")
        require(not games.same(result, games.times(expected, count / k)), hint="divided-by-loci")
        require(not games.same(result, games.mean(game, rotations)), hint="rotations")
        require(not games.same(result, games.mean(game, orders, start=0.0)), hint="no-base")
        require(not games.same(result, share), hint="proportional")
        require(not games.same(result, alone), hint="alone")
        require(not games.same(result, last), hint="last")
        require(
            False,
            f"With the heights {game} the credits are {games.shown(expected)}; you return "
            f"{games.shown(result)}. Yours add up to {sum(result.values()):.2f}, the gain of all "
            f"loci together is {whole:.2f}.",
        )


@exercise(
    "fill_in",
    title="Rows for an absent locus",
    points=2,
    ladder=[
        "As many rows as the background has. Most of each row is background already.",
        "Make a copy: `rows = background.copy()`. Then overwrite the present columns.",
        "`rows[:, present] = x[present]`",
    ],
    hints={
        "swapped": "Absent and present are swapped. The *present* loci come from `x`, all others "
        "from the background.",
        "mean-genotype": "The absent columns hold the mean of the background. An animal with 0.7 "
        "copies does not exist, and a curved model says something odd about it. Keep the rows "
        "apart; the mean is taken later, over predictions.",
        "zeros": "The absent columns are zero. A genotype of 0 is a real genotype, with two "
        "copies of the other allele. Absent loci take the background's genotypes.",
        "one-row": "You made a single row. Make one for each animal of the background.",
        "same-animal": "Every row has the absent columns of the same animal. Row i takes those of "
        "row i of the background.",
        "nothing-filled": "These are the rows of the background, unchanged. Overwrite the present "
        "columns with those of `x`.",
        "everything-filled": "All columns come from `x`. Only the present ones should.",
        "rows": "You overwrote rows. The loci are the columns: `rows[:, present]`.",
        "counted-from-one": "Your columns are one place too far to the left. They are counted "
        "from 0.",
        "by-place": "The first numbers of `x` went into the present columns. Column j takes "
        "`x[j]`: `x[present]`.",
        "one-column": "Only one of the present columns was filled. Does `return` stand inside the "
        "loop?",
        "first-row": "Only the first row was filled. Every row has the present loci of `x`.",
    },
)
def check_fill_in(submission: Submission, rng: np.random.Generator):
    for size in (2, 3, 0):
        x, background, present = _animals(rng, size)
        b, p = background.shape
        result = submission.call("fill_in", x, background, present)
        chosen = np.isin(np.arange(p), present)
        expected = np.where(chosen, x, background)
        mean = np.where(chosen, x, background.mean(axis=0))
        shape = np.shape(result) if isinstance(result, (np.ndarray, list)) else ()
        single = shape in ((p,), (1, p))
        if single:
            require(not close(np.reshape(result, p), mean[:p]), hint="mean-genotype")
        require(not single, hint="one-row")
        require(
            size > 0 or result is not None,
            "With no locus present your function gave back nothing. Return the rows all the same.",
        )
        result = numbers(result, "fill_in", (b, p))
        if close(result, expected):
            continue
        for slip, wrong in _slips(x, background, present):
            require(not close(result, wrong), hint=slip)
        i, j = first_difference(result, expected)
        source = "x" if chosen[j] else f"row {i} of the background"
        require(
            False,
            f"Present columns: {present}. Row {i}, column {j} (counting from 0) should be "
            f"{expected[i, j]}, from {source}; yours is {result[i, j]:g}.",
        )


def _animals(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """An animal, a background and present columns for which no two slips give the same rows."""
    while True:
        b, p = int(rng.integers(5, 8)), int(rng.integers(6, 9))
        background = rng.integers(0, 3, size=(b, p))
        background[0], background[1], background[2] = 0, 1, 2  # every column varies
        background = rng.permuted(background, axis=0)
        x = rng.integers(1, 3, size=p)
        present = sorted(int(column) for column in rng.choice(p, size=size, replace=False))
        right = np.where(np.isin(np.arange(p), present), x, background).astype(float)
        answers = [("right", right), *_slips(x, background, present)]
        hints = {(rows.tobytes(), slip) for slip, rows in answers}
        told_apart = len(hints) == len({rows for rows, _ in hints})
        if size == 0 or (told_apart and present[-1] < b):
            return x, background, present


def _slips(x, background, present) -> list[tuple[str, np.ndarray]]:
    """Hints, and the rows that earn them."""
    b, p = background.shape
    chosen = np.isin(np.arange(p), present)
    mean, every = np.where(chosen, x, background.mean(axis=0)), np.tile(x, (b, 1))
    found = [
        ("swapped", np.where(chosen, background, x)),
        ("mean-genotype", np.tile(mean, (b, 1))),
        ("mean-genotype", np.tile(np.floor(mean), (b, 1))),
        ("zeros", np.where(chosen, every, 0)),
        ("nothing-filled", background),
        ("everything-filled", every),
    ]
    found += [("same-animal", np.tile(np.where(chosen, x, row), (b, 1))) for row in background]
    if len(present) > 1:
        left, placed = background.copy(), background.copy()
        left[:, np.array(present) - 1] = x[np.array(present) - 1]
        placed[:, present] = x[: len(present)]
        found += [("counted-from-one", left), ("by-place", placed)]
        for column in (present[0], present[-1]):
            found.append(("one-column", np.where(np.arange(p) == column, x, background)))
        first = np.where(chosen & (np.arange(b) == 0)[:, None], x, background)
        over = np.where(np.isin(np.arange(b), present)[:, None], x, background)
        found += [("first-row", first), ("rows", over)]
    return [(slip, np.asarray(rows, dtype=float)) for slip, rows in found]


@exercise(
    "linear_credit",
    title="When the model is a straight line",
    points=2,
    ladder=[
        "The credit is the effect times a distance. From where is the distance measured?",
        "`background.mean(axis=0)` has one mean for each column, (p,).",
        "`beta * (x - background.mean(axis=0))`",
    ],
    hints={
        "zero-background": "You measured from a genotype of zero: beta times x. The credit is "
        "measured from the mean of the background.",
        "own-mean": "You took the mean of the animals that are explained. Then the answer for a "
        "cow depends on who is explained together with her. Take the background's.",
        "one-mean": "You took one mean of the whole table. Each locus has its own: axis=0.",
        "first-row": "You measured from one animal of the background. Take the mean of all.",
        "sign": "The signs are turned round: x minus the mean, not the mean minus x.",
        "absolute": "Your credits are all positive. An allele can make an animal smaller: keep "
        "the sign.",
        "summed": "You added the credits of each animal up. One credit for each locus is asked.",
        "no-effect": "The distances are right, but not multiplied by the effects.",
        "whole-numbers": "The mean was cut to a whole number. A mean number of copies has "
        "decimals: divide with `/`, and round nothing.",
        "median": "You took the median of the background. The credit is measured from its mean.",
        "distance": "You took the size of the distance. An animal with fewer copies than the mean "
        "has a negative distance.",
        "parentheses": "Python multiplies first: you subtracted the mean from beta times x. Put "
        "the difference in parentheses.",
        "wrong-axis": "Arrays of different lengths met. The background has one mean for each "
        "locus with axis=0, and one for each animal with axis=1.",
    },
)
def check_linear_credit(submission: Submission, rng: np.random.Generator):
    n, b, p = int(rng.integers(3, 5)), int(rng.integers(9, 14)), int(rng.integers(5, 8))
    frequency = rng.permutation(np.linspace(0.1, 0.9, p))
    while True:  # median, rounded mean and each animal differ
        background = rng.binomial(2, frequency, size=(b, p))
        background[0], background[1] = 2, 0
        mean, middle = background.mean(axis=0), np.median(background, axis=0)
        centres = {tuple(one) for one in (*background, middle, np.floor(mean), np.round(mean))}
        if len(centres) == len({tuple(row) for row in background}) + 3:
            break
    x = rng.integers(0, 3, size=(n, p))
    x[0] = 2 * np.arange(p) % 3
    beta = rng.uniform(0.5, 2.0, size=p) * rng.choice([-1.0, 1.0], size=p)
    beta[:2] = abs(beta[0]), -abs(beta[1])
    try:
        raw = submission.call("linear_credit", beta, x, background)
    except NotPassed as stopped:
        if stopped.status == "error" and "broadcast" in str(stopped.message):
            stopped.hint = "wrong-axis"
        raise
    expected = beta * (x - mean)
    if isinstance(raw, np.ndarray) and raw.shape == (n,):
        require(not close(raw, expected.sum(axis=1)), hint="summed")
    result = numbers(raw, "linear_credit", (n, p))
    if close(result, expected):
        return
    require(not close(result, beta * x), hint="zero-background")
    require(not close(result, beta * (x - x.mean(axis=0))), hint="own-mean")
    whole = (background.mean(), x.mean())
    require(not any(close(result, beta * (x - m)) for m in whole), hint="one-mean")
    for cut in (np.floor(mean), np.round(mean)):
        require(not close(result, beta * (x - cut)), hint="whole-numbers")
    require(not close(result, beta * (x - middle)), hint="median")
    require(not any(close(result, beta * (x - row)) for row in background), hint="first-row")
    require(not close(result, beta * abs(x - mean)), hint="distance")
    require(not close(result, beta * x - mean), hint="parentheses")
    require(not close(result, -expected), hint="sign")
    require(not close(result, np.abs(expected)), hint="absolute")
    require(not close(result, x - mean), hint="no-effect")
    i, j = first_difference(result, expected)
    require(
        False,
        f"Animal {i}, locus {j} (counting from 0): the effect is {beta[j]:.3f}, the genotype "
        f"{x[i, j]} and the mean of the background {mean[j]:.3f}. The credit is "
        f"{expected[i, j]:.3f}; yours is {result[i, j]:.3f}.",
    )


@exercise(
    "antithetic",
    title="Forwards and backwards",
    points=3,
    ladder=[
        "First make the list of all walks: every order, and every order backwards.",
        "`order[::-1]` is a text backwards. With your `contributions` from exercise 1 each walk "
        "is one line.",
        "Add up the gains of each letter over all walks, and divide by their number: "
        "`2 * len(orders)`.",
    ],
    hints={
        **games.KEY_HINTS,
        "forwards-only": "You used the orders forwards only. Each goes backwards, too.",
        "backwards-only": "You used the orders backwards only. Each goes forwards, too.",
        "not-divided": "You added the gains of all walks up. Divide by the number of walks.",
        "halved-walks": "There are twice as many walks as orders. You divided by the number of "
        "orders.",
        "one-pair": "You used a single order of the list. All of them count.",
        "all-orders": "You went through all orders there are. For many loci there are too many: "
        "use those of the list.",
    },
)
def check_antithetic(submission: Submission, rng: np.random.Generator):
    for letters in ("ABCD", "ABCDE"):
        game = games.draw(rng, letters)
        orders: list[str] = []
        while len(orders) < 3:
            order = "".join(rng.permutation(list(letters)))
            if order not in orders and order[::-1] not in orders:
                orders.append(order)
        result = games.credits(submission, "antithetic", letters, game, orders)
        backwards = [order[::-1] for order in orders]
        expected = games.mean(game, orders + backwards)
        if games.same(result, expected):
            continue
        pairs = [games.mean(game, [order, order[::-1]]) for order in orders]
        require(not games.same(result, games.mean(game, orders)), hint="forwards-only")
        require(not games.same(result, games.mean(game, backwards)), hint="backwards-only")
        require(not games.same(result, games.times(expected, 6)), hint="not-divided")
        require(not games.same(result, games.times(expected, 2)), hint="halved-walks")
        pairs += [games.times(pair, 1 / len(orders)) for pair in pairs]
        require(not any(games.same(result, pair) for pair in pairs), hint="one-pair")
        require(
            not games.same(result, games.mean(game, list(permutations(letters)))), hint="all-orders"
        )
        require(
            False,
            f"With the heights {game} and the orders {orders} the mean gains are "
            f"{games.shown(expected)}; you return {games.shown(result)}.",
        )


@exercise(
    "additivity_gap",
    title="Does it add up?",
    points=2,
    ladder=[
        "For each animal: take the prediction and take away what has been explained.",
        "Explained are the base value and the sum of the animal's credits: one sum for each row.",
        "`predictions - base_value - credits.sum(axis=1)`",
    ],
    hints={
        "no-base": "The base value is forgotten. The credits explain the distance from it, not "
        "the whole prediction.",
        "absolute": "The sign is lost. It says whether too little or too much was explained.",
        "sign": "The sign is turned round. The gap is what is missing: prediction minus the rest.",
        "mean": "You took the mean of the credits. They are parts of a whole: add them up.",
        "base-added": "You added the base value. It has been explained already: take it away.",
        "credits-added": "You added the credits. They have been explained already: take them away.",
        "largest": "One number is too few. Each animal has its own gap.",
        "wrong-axis": "You added up over the animals. Add up over the loci of each: axis=1.",
    },
)
def check_additivity_gap(submission: Submission, rng: np.random.Generator):
    n = p = int(rng.integers(5, 9))  # as many loci as animals: a sum over the wrong axis fits
    credits = rng.normal(size=(n, p))
    base = float(rng.uniform(120, 140))
    gap = rng.permutation(np.linspace(-0.5, 0.7, n))
    predictions = base + credits.sum(axis=1) + gap
    result = submission.call("additivity_gap", predictions, base, credits)
    if is_number(result):
        one = (gap.sum(), gap.mean(), np.abs(gap).max(), gap.max(), np.abs(gap).mean())
        require(not any(close(result, value) for value in one), hint="largest")
    result = numbers(result, "additivity_gap", (n,))
    if close(result, gap, absolute=1e-6):
        return
    total = credits.sum(axis=1)
    require(not close(result, predictions - total), hint="no-base")
    require(not close(result, np.abs(gap), absolute=1e-6), hint="absolute")
    require(not close(result, -gap, absolute=1e-6), hint="sign")
    require(not close(result, predictions - base - credits.mean(axis=1)), hint="mean")
    require(not close(result, predictions + base - total), hint="base-added")
    require(not close(result, predictions - base + total), hint="credits-added")
    for wrong in (credits.sum(), credits.sum(axis=0)):
        require(not close(result, predictions - base - wrong), hint="wrong-axis")
    require(
        False,
        f"Animal 0: the prediction is {predictions[0]:.3f}, the base value {base:.3f} and the "
        f"credits add up to {total[0]:.3f}. The gap is {gap[0]:.3f}; yours is {result[0]:.3f}.",
    )
