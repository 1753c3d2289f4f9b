"""Typical slips in the lesson on Shapley values, and the hint that each must earn."""

from lessons.grader import WrongAnswer
from lessons.shapley.slips_of_code import SLIPS

_WALK = """
def walk(game, order, start=None):
    gains, present, height = {}, "", game[""] if start is None else start
    for letter in order:
        present = "".join(sorted(present + letter))
        gains[letter] = game[present] - height
        height = game[present]
    return gains


def total(walks):
    return {letter: sum(walk[letter] for walk in walks) for letter in walks[0]}


"""

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="contributions",
        earns="alone",
        story="Gives each locus what it does on its own.",
        code="""
def contributions(game, order):
    return {letter: game[letter] - game[""] for letter in order}
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="last",
        story="Takes each locus away from the full cow.",
        code="""
def contributions(game, order):
    everyone = "".join(sorted(order))
    return {a: game[everyone] - game[everyone.replace(a, "")] for a in order}
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="no-base",
        story="Starts at zero cm.",
        code="""
def contributions(game, order):
    gains, present, height = {}, "", 0
    for letter in order:
        present = "".join(sorted(present + letter))
        gains[letter] = game[present] - height
        height = game[present]
    return gains
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="unsorted-name",
        story="Looks names up in the order of arrival.",
        code="""
def contributions(game, order):
    gains = {}
    for i, letter in enumerate(order):
        gains[letter] = game[order[: i + 1]] - game[order[:i]]
    return gains
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="order-ignored",
        story="Sorts the order instead of the names.",
        code="""
def contributions(game, order):
    order = "".join(sorted(order))
    return {a: game[order[: i + 1]] - game[order[:i]] for i, a in enumerate(order)}
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="heights",
        story="Returns the heights on the way.",
        code="""
def contributions(game, order):
    return {a: game["".join(sorted(order[: i + 1]))] for i, a in enumerate(order)}
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="backwards",
        story="Takes loci away from the end of the order, the first one first.",
        code="""
def contributions(game, order):
    gains, left = {}, order
    for letter in order:
        rest = left.replace(letter, "")
        gains[letter] = game["".join(sorted(left))] - game["".join(sorted(rest))]
        left = rest
    return gains
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="unweighted",
        story="Averages over coalitions without weights.",
        code="""
def shapley(game):
    letters = max(game, key=len)
    credit = {}
    for letter in letters:
        gains = [
            game["".join(sorted(name + letter))] - game[name]
            for name in game if letter not in name
        ]
        credit[letter] = sum(gains) / len(gains)
    return credit
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="one-order",
        story="Takes the alphabetical order alone.",
        code=_WALK
        + """
def shapley(game):
    return walk(game, max(game, key=len))
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="not-divided",
        story="Adds up over the orders.",
        code=_WALK
        + """
def shapley(game):
    return total([walk(game, order) for order in permutations(max(game, key=len))])
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="divided-by-loci",
        story="Divides by n instead of n!.",
        code=_WALK
        + """
def shapley(game):
    letters = max(game, key=len)
    summed = total([walk(game, order) for order in permutations(letters)])
    return {letter: gain / len(letters) for letter, gain in summed.items()}
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="six-orders",
        story="Divides by 6, however many loci there are.",
        code=_WALK
        + """
def shapley(game):
    letters = max(game, key=len)
    summed = total([walk(game, order) for order in permutations(letters)])
    return {letter: gain / 6 for letter, gain in summed.items()}
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="first-and-last",
        story="Averages arriving first and arriving last.",
        code="""
def shapley(game):
    everyone = max(game, key=len)
    return {
        a: (game[a] - game[""] + game[everyone] - game[everyone.replace(a, "")]) / 2
        for a in everyone
    }
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="no-base",
        story="Shares the whole height.",
        code=_WALK
        + """
def shapley(game):
    letters = max(game, key=len)
    walks = [walk(game, order, start=0) for order in permutations(letters)]
    return {letter: gain / len(walks) for letter, gain in total(walks).items()}
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="rotations",
        story="Lets each locus come first once.",
        code=_WALK
        + """
def shapley(game):
    letters = max(game, key=len)
    walks = [walk(game, letters[i:] + letters[:i]) for i in range(len(letters))]
    return {letter: gain / len(walks) for letter, gain in total(walks).items()}
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="proportional",
        story="Shares the gain in proportion to what each does alone.",
        code="""
def shapley(game):
    letters = max(game, key=len)
    alone = {a: game[a] - game[""] for a in letters}
    return {a: alone[a] / sum(alone.values()) * (game[letters] - game[""]) for a in letters}
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="last",
        story="Takes each locus away from the full cow.",
        code="""
def shapley(game):
    everyone = max(game, key=len)
    return {a: game[everyone] - game[everyone.replace(a, "")] for a in everyone}
""",
    ),
    WrongAnswer(
        exercise="shapley",
        earns="unsorted-name",
        story="Looks names up in the order of arrival.",
        code="""
def shapley(game):
    letters = max(game, key=len)
    orders = ["".join(order) for order in permutations(letters)]
    credit = dict.fromkeys(letters, 0)
    for order in orders:
        for i, letter in enumerate(order):
            credit[letter] += (game[order[: i + 1]] - game[order[:i]]) / len(orders)
    return credit
""",
    ),
    WrongAnswer(
        exercise="fill_in",
        earns="mean-genotype",
        story="Puts in the mean genotype.",
        code="""
def fill_in(x, background, present):
    row = background.mean(axis=0)
    row[present] = x[present]
    return np.tile(row, (len(background), 1))
""",
    ),
    WrongAnswer(
        exercise="fill_in",
        earns="zeros",
        story="Takes absent to mean zero.",
        code="""
def fill_in(x, background, present):
    rows = np.zeros_like(background)
    rows[:, present] = x[present]
    return rows
""",
    ),
    WrongAnswer(
        exercise="fill_in",
        earns="swapped",
        story="Fills in the background where the locus is present.",
        code="""
def fill_in(x, background, present):
    rows = np.tile(x, (len(background), 1))
    rows[:, present] = background[:, present]
    return rows
""",
    ),
    WrongAnswer(
        exercise="fill_in",
        earns="one-row",
        story="Uses one animal of the background.",
        code="""
def fill_in(x, background, present):
    row = background[0].copy()
    row[present] = x[present]
    return row
""",
    ),
    WrongAnswer(
        exercise="fill_in",
        earns="same-animal",
        story="Repeats one animal of the background.",
        code="""
def fill_in(x, background, present):
    rows = np.tile(background[0], (len(background), 1))
    rows[:, present] = x[present]
    return rows
""",
    ),
    WrongAnswer(
        exercise="fill_in",
        earns="nothing-filled",
        story="Fills in a copy and returns the other.",
        code="""
def fill_in(x, background, present):
    rows = background.copy()
    rows[:, present] = x[present]
    return background
""",
    ),
    WrongAnswer(
        exercise="linear_credit",
        earns="zero-background",
        story="Uses zero as the background.",
        code="""
def linear_credit(beta, x, background):
    return beta * x
""",
    ),
    WrongAnswer(
        exercise="linear_credit",
        earns="own-mean",
        story="Measures from the mean of those explained.",
        code="""
def linear_credit(beta, x, background):
    return beta * (x - x.mean(axis=0))
""",
    ),
    WrongAnswer(
        exercise="linear_credit",
        earns="one-mean",
        story="Forgets the axis.",
        code="""
def linear_credit(beta, x, background):
    return beta * (x - background.mean())
""",
    ),
    WrongAnswer(
        exercise="linear_credit",
        earns="first-row",
        story="Takes one animal as the background.",
        code="""
def linear_credit(beta, x, background):
    return beta * (x - background[0])
""",
    ),
    WrongAnswer(
        exercise="linear_credit",
        earns="sign",
        story="Subtracts the wrong way round.",
        code="""
def linear_credit(beta, x, background):
    return beta * (background.mean(axis=0) - x)
""",
    ),
    WrongAnswer(
        exercise="linear_credit",
        earns="absolute",
        story="Returns sizes.",
        code="""
def linear_credit(beta, x, background):
    return np.abs(beta * (x - background.mean(axis=0)))
""",
    ),
    WrongAnswer(
        exercise="linear_credit",
        earns="summed",
        story="Adds the loci up.",
        code="""
def linear_credit(beta, x, background):
    return (x - background.mean(axis=0)) @ beta
""",
    ),
    WrongAnswer(
        exercise="antithetic",
        earns="forwards-only",
        story="Forgets the way back.",
        code=_WALK
        + """
def antithetic(game, orders):
    walks = [walk(game, order) for order in orders]
    return {letter: gain / len(walks) for letter, gain in total(walks).items()}
""",
    ),
    WrongAnswer(
        exercise="antithetic",
        earns="backwards-only",
        story="Replaces the orders by their reverses.",
        code=_WALK
        + """
def antithetic(game, orders):
    walks = [walk(game, order[::-1]) for order in orders]
    return {letter: gain / len(walks) for letter, gain in total(walks).items()}
""",
    ),
    WrongAnswer(
        exercise="antithetic",
        earns="halved-walks",
        story="Divides by the number of orders.",
        code=_WALK
        + """
def antithetic(game, orders):
    walks = [walk(game, way) for order in orders for way in (order, order[::-1])]
    return {letter: gain / len(orders) for letter, gain in total(walks).items()}
""",
    ),
    WrongAnswer(
        exercise="antithetic",
        earns="not-divided",
        story="Adds up.",
        code=_WALK
        + """
def antithetic(game, orders):
    return total([walk(game, way) for order in orders for way in (order, order[::-1])])
""",
    ),
    WrongAnswer(
        exercise="antithetic",
        earns="one-pair",
        story="Returns inside the loop.",
        code=_WALK
        + """
def antithetic(game, orders):
    for order in orders:
        there, back = walk(game, order), walk(game, order[::-1])
        return {letter: (there[letter] + back[letter]) / 2 for letter in order}
""",
    ),
    WrongAnswer(
        exercise="antithetic",
        earns="all-orders",
        story="Computes the exact value and leaves the list aside.",
        code=_WALK
        + """
def antithetic(game, orders):
    walks = [walk(game, order) for order in permutations(orders[0])]
    return {letter: gain / len(walks) for letter, gain in total(walks).items()}
""",
    ),
    WrongAnswer(
        exercise="additivity_gap",
        earns="no-base",
        story="Forgets the base value.",
        code="""
def additivity_gap(predictions, base_value, credits):
    return predictions - credits.sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="additivity_gap",
        earns="absolute",
        story="Returns the size of the gap.",
        code="""
def additivity_gap(predictions, base_value, credits):
    return np.abs(predictions - base_value - credits.sum(axis=1))
""",
    ),
    WrongAnswer(
        exercise="additivity_gap",
        earns="sign",
        story="Subtracts the prediction.",
        code="""
def additivity_gap(predictions, base_value, credits):
    return base_value + credits.sum(axis=1) - predictions
""",
    ),
    WrongAnswer(
        exercise="additivity_gap",
        earns="mean",
        story="Averages the credits.",
        code="""
def additivity_gap(predictions, base_value, credits):
    return predictions - base_value - credits.mean(axis=1)
""",
    ),
    WrongAnswer(
        exercise="additivity_gap",
        earns="largest",
        story="Reports the largest gap only.",
        code="""
def additivity_gap(predictions, base_value, credits):
    return np.abs(predictions - base_value - credits.sum(axis=1)).max()
""",
    ),
    WrongAnswer(
        exercise="additivity_gap",
        earns="wrong-axis",
        story="Adds up over the animals.",
        code="""
def additivity_gap(predictions, base_value, credits):
    return predictions - base_value - credits.sum(axis=0)
""",
    ),
    WrongAnswer(
        exercise="additivity_gap",
        earns="base-added",
        story="Loses a minus in a pair of parentheses.",
        code="""
def additivity_gap(predictions, base_value, credits):
    return predictions - (credits.sum(axis=1) - base_value)
""",
    ),
    *SLIPS,
]
