"""Checks of the lesson on Shapley values. NumPy only: feedback comes at once."""

from itertools import combinations, permutations
from math import factorial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, numbers
from lessons.grader.exercises import NotPassed


def _game(rng: np.random.Generator, letters: str) -> dict[str, float]:
    """Heights of all coalitions, in which no two gains are alike."""
    names = ["".join(c) for k in range(len(letters) + 1) for c in combinations(letters, k)]
    return {
        name: round(float(120 + 4 * len(name) + rng.uniform(-3, 3)), 2) if name else 130.5
        for name in names
    }


def _walk(game, order, *, start=None):
    """Gains of the letters, by arrival in this order."""
    gains, present, height = {}, "", game[""] if start is None else start
    for letter in order:
        present = "".join(sorted(present + letter))
        gains[letter] = game[present] - height
        height = game[present]
    return gains


def _mean(game, orders, **settings):
    walks = [_walk(game, order, **settings) for order in orders]
    return {letter: float(np.mean([walk[letter] for walk in walks])) for letter in orders[0]}


def _all_orders(letters):
    return list(permutations(letters))


def _alone(game, letters):
    return {letter: game[letter] - game[""] for letter in letters}


def _last(game, letters):
    everyone = "".join(sorted(letters))
    return {letter: game[everyone] - game[everyone.replace(letter, "")] for letter in letters}


def _unweighted(game, letters):
    """Mean gain over the coalitions of the others, all counting the same (Banzhaf)."""
    gains = {letter: [] for letter in letters}
    for name in game:
        for letter in set(letters) - set(name):
            gains[letter].append(game["".join(sorted(name + letter))] - game[name])
    return {letter: float(np.mean(values)) for letter, values in gains.items()}


def _times(credit, factor):
    return {letter: factor * value for letter, value in credit.items()}


def _credits(submission, name, letters, game, *arguments):
    """Call a function that should return {letter: number} for these letters."""
    try:
        result = submission.call(name, game, *arguments)
    except NotPassed as stopped:
        if stopped.status == "error" and "KeyError" in str(stopped.message):
            stopped.hint = "unsorted-name"
        raise
    require(result is not None, "Your function gave back nothing. Is the `return` missing?")
    require(
        isinstance(result, dict),
        "Return a dictionary with one number for each letter.",
        received=type(result).__name__,
    )
    require(
        set(result) == set(letters),
        f"The dictionary should have the letters {', '.join(sorted(letters))} as keys.",
        received=", ".join(map(str, result)),
    )
    require(
        all(is_number(value) for value in result.values()),
        "Each letter should have one number.",
    )
    return {letter: float(result[letter]) for letter in letters}


def _same(result, expected):
    letters = sorted(expected)
    return close([result[a] for a in letters], [expected[a] for a in letters], absolute=1e-6)


def _shown(credit):
    return ", ".join(f"{letter} {value:.2f}" for letter, value in sorted(credit.items()))


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
        "unsorted-name": "The game has no name with its letters in that order: all names are in "
        'alphabetical order. Sort those who are present: `"".join(sorted(present))`.',
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
    },
)
def check_contributions(submission: Submission, rng: np.random.Generator):
    for letters in ("ABC", "ABCD"):
        game = _game(rng, letters)
        # Neither alphabetical nor its reverse.
        order = "".join(rng.permutation(list(letters)))
        while order in (letters, letters[::-1]):
            order = "".join(rng.permutation(list(letters)))
        result = _credits(submission, "contributions", letters, game, order)
        expected = _walk(game, order)
        if _same(result, expected):
            continue
        heights = _walk(game, order)
        present = ""
        for letter in order:
            present = "".join(sorted(present + letter))
            heights[letter] = game[present]
        require(not _same(result, _alone(game, letters)), hint="alone")
        require(not _same(result, _last(game, letters)), hint="last")
        require(not _same(result, _walk(game, order, start=0.0)), hint="no-base")
        require(not _same(result, _walk(game, letters)), hint="order-ignored")
        require(not _same(result, _walk(game, order[::-1])), hint="backwards")
        require(not _same(result, heights), hint="heights")
        require(
            False,
            f"With the heights {game} and the order {order} the gains are {_shown(expected)}; "
            f"you return {_shown(result)}.",
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
        "unsorted-name": "The game has no name with its letters in that order: all names are in "
        'alphabetical order. Sort those who are present: `"".join(sorted(present))`.',
        "unweighted": "You averaged over the groups that a locus can join, all counting the same. "
        "The empty and the full group come up in more orders than the middle ones. Average over "
        "*orders*, or weight each group by the share of orders in which it is met.",
        "one-order": "You took a single order. Another order gives other gains: average over all.",
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
        game = _game(rng, letters)
        result = _credits(submission, "shapley", letters, game)
        orders = _all_orders(letters)
        expected = _mean(game, orders)
        if _same(result, expected):
            continue
        k, count = len(letters), factorial(len(letters))
        alone, last = _alone(game, letters), _last(game, letters)
        halves = {a: (alone[a] + last[a]) / 2 for a in letters}
        rotations = [letters[i:] + letters[:i] for i in range(k)]
        whole = game[letters] - game[""]
        share = _times(alone, whole / sum(alone.values()))
        require(not _same(result, _unweighted(game, letters)), hint="unweighted")
        require(not any(_same(result, _walk(game, order)) for order in orders), hint="one-order")
        require(not _same(result, halves), hint="first-and-last")
        require(k == 3 or not _same(result, _times(expected, count / 6)), hint="six-orders")
        require(not _same(result, _times(expected, count)), hint="not-divided")
        require(not _same(result, _times(expected, count / k)), hint="divided-by-loci")
        require(not _same(result, _mean(game, rotations)), hint="rotations")
        require(not _same(result, _mean(game, orders, start=0.0)), hint="no-base")
        require(not _same(result, share), hint="proportional")
        require(not _same(result, alone), hint="alone")
        require(not _same(result, last), hint="last")
        require(
            False,
            f"With the heights {game} the credits are {_shown(expected)}; you return "
            f"{_shown(result)}. Yours add up to {sum(result.values()):.2f}, the gain of all "
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
    },
)
def check_fill_in(submission: Submission, rng: np.random.Generator):
    for _ in range(2):
        b, p = int(rng.integers(5, 8)), int(rng.integers(6, 9))
        background = rng.integers(0, 3, size=(b, p))
        background[0], background[1], background[2] = 0, 1, 2  # every column varies
        background = rng.permuted(background, axis=0)
        x = rng.integers(1, 3, size=p)
        present = sorted(int(column) for column in rng.choice(p, size=p // 2 - 1, replace=False))
        result = submission.call("fill_in", x, background, present)
        chosen = np.isin(np.arange(p), present)
        expected = np.where(chosen, x, background)
        mean = np.where(chosen, x, background.mean(axis=0))
        shape = np.shape(result) if isinstance(result, (np.ndarray, list)) else ()
        single = shape in ((p,), (1, p))
        if single:
            require(not close(np.reshape(result, p), mean[:p]), hint="mean-genotype")
        require(not single, hint="one-row")
        result = numbers(result, "fill_in", (b, p))
        if close(result, expected):
            continue
        require(not close(result, np.where(chosen, background, x)), hint="swapped")
        require(not close(result, np.tile(mean, (b, 1))), hint="mean-genotype")
        require(not close(result, np.tile(np.floor(mean), (b, 1))), hint="mean-genotype")
        require(not close(result, np.where(chosen, np.tile(x, (b, 1)), 0)), hint="zeros")
        same = any(close(result, np.tile(np.where(chosen, x, r), (b, 1))) for r in background)
        require(not close(result, background), hint="nothing-filled")
        require(not close(result, np.tile(x, (b, 1))), hint="everything-filled")
        require(not same, hint="same-animal")
        i, j = first_difference(result, expected)
        source = "x" if chosen[j] else f"row {i} of the background"
        require(
            False,
            f"Present columns: {present}. Row {i}, column {j} (counting from 0) should be "
            f"{expected[i, j]}, from {source}; yours is {result[i, j]:g}.",
        )


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
    },
)
def check_linear_credit(submission: Submission, rng: np.random.Generator):
    n, b, p = int(rng.integers(3, 5)), int(rng.integers(9, 14)), int(rng.integers(5, 8))
    frequency = rng.permutation(np.linspace(0.1, 0.9, p))
    background = rng.binomial(2, frequency, size=(b, p))
    background[0], background[1] = 2, 0
    x = rng.integers(0, 3, size=(n, p))
    x[0] = 2 * np.arange(p) % 3
    beta = rng.uniform(0.5, 2.0, size=p) * rng.choice([-1.0, 1.0], size=p)
    beta[:2] = abs(beta[0]), -abs(beta[1])
    raw = submission.call("linear_credit", beta, x, background)
    mean = background.mean(axis=0)
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
    require(not any(close(result, beta * (x - row)) for row in background), hint="first-row")
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
        "unsorted-name": "The game has no name with its letters in that order: all names are in "
        'alphabetical order. Sort those who are present: `"".join(sorted(present))`.',
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
        game = _game(rng, letters)
        orders: list[str] = []
        while len(orders) < 3:
            order = "".join(rng.permutation(list(letters)))
            if order not in orders and order[::-1] not in orders:
                orders.append(order)
        result = _credits(submission, "antithetic", letters, game, orders)
        backwards = [order[::-1] for order in orders]
        expected = _mean(game, orders + backwards)
        if _same(result, expected):
            continue
        pairs = [_mean(game, [order, order[::-1]]) for order in orders]
        require(not _same(result, _mean(game, orders)), hint="forwards-only")
        require(not _same(result, _mean(game, backwards)), hint="backwards-only")
        require(not _same(result, _times(expected, 6)), hint="not-divided")
        require(not _same(result, _times(expected, 2)), hint="halved-walks")
        require(not any(_same(result, pair) for pair in pairs), hint="one-pair")
        require(not _same(result, _mean(game, _all_orders(letters))), hint="all-orders")
        require(
            False,
            f"With the heights {game} and the orders {orders} the mean gains are "
            f"{_shown(expected)}; you return {_shown(result)}.",
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
    for wrong in (credits.sum(), credits.sum(axis=0)):
        require(not close(result, predictions - base - wrong), hint="wrong-axis")
    require(
        False,
        f"Animal 0: the prediction is {predictions[0]:.3f}, the base value {base:.3f} and the "
        f"credits add up to {total[0]:.3f}. The gap is {gap[0]:.3f}; yours is {result[0]:.3f}.",
    )
