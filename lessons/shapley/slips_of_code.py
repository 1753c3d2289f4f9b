"""Slips of the hand rather than of thought, and the hint that each must earn."""

from lessons.grader import WrongAnswer


def _slip(exercise: str, earns: str, story: str, code: str) -> WrongAnswer:
    return WrongAnswer(exercise=exercise, earns=earns, story=story, code=code)


def _walk(gain: str, then: str = "height = game[name]") -> str:
    return f"""
def contributions(game, order):
    gains, present, height = {{}}, "", game[""]
    for letter in order:
        present += letter
        name = "".join(sorted(present))
        gains[letter] = {gain}
        {then}
    return gains
"""


def _rows(*lines: str) -> str:
    body = "\n".join(f"    {line}" for line in ("rows = background.copy()", *lines))
    return f"""
def fill_in(x, background, present):
{body}
    return rows
"""


def _credit(formula: str) -> str:
    return f"""
def linear_credit(beta, x, background):
    return {formula}
"""


SLIPS = [
    _slip("contributions", "sign", "Before minus after.", _walk("height - game[name]")),
    _slip("contributions", "absolute", "Loses signs.", _walk("abs(game[name] - height)")),
    _slip("contributions", "not-moved-on", "Stays.", _walk("game[name] - height", "pass")),
    _slip(
        "contributions",
        "no-text",
        "Looks up a tuple of letters.",
        _walk("game[tuple(name)] - height"),
    ),
    _slip(
        "shapley",
        "no-entry",
        "Adds to an entry that is not there yet.",
        """
def shapley(game):
    total = {}
    for order in permutations(max(game, key=len)):
        for i, letter in enumerate(order):
            before, after = ("".join(sorted(order[:k])) for k in (i, i + 1))
            total[letter] += game[after] - game[before]
    return total
""",
    ),
    _slip(
        "shapley",
        "used-up",
        "Counts the orders, and then there are none left.",
        """
def shapley(game):
    letters = max(game, key=len)
    orders = permutations(letters)
    count = len(list(orders))
    credit = dict.fromkeys(letters, 0)
    for order in orders:
        for i, letter in enumerate(order):
            before, after = ("".join(sorted(order[:k])) for k in (i, i + 1))
            credit[letter] += (game[after] - game[before]) / count
    return credit
""",
    ),
    _slip(
        "shapley",
        "equal-shares",
        "Divides the whole gain by the number of loci.",
        """
def shapley(game):
    letters = max(game, key=len)
    return dict.fromkeys(letters, (game[letters] - game[""]) / len(letters))
""",
    ),
    _slip("fill_in", "rows", "Overwrites rows.", _rows("rows[present] = x")),
    _slip(
        "fill_in",
        "counted-from-one",
        "Counts columns from 1.",
        _rows("for j in present:", "    rows[:, j - 1] = x[j - 1]"),
    ),
    _slip(
        "fill_in",
        "by-place",
        "Takes the numbers of x one after the other.",
        _rows("for k, j in enumerate(present):", "    rows[:, j] = x[k]"),
    ),
    _slip(
        "fill_in",
        "one-column",
        "Returns inside the loop.",
        _rows("for j in present:", "    rows[:, j] = x[j]", "    return rows"),
    ),
    _slip("fill_in", "first-row", "Fills row 0.", _rows("rows[0, present] = x[present]")),
    _slip("linear_credit", "median", "Median.", _credit("beta * (x - np.median(background, 0))")),
    _slip(
        "linear_credit",
        "parentheses",
        "Leaves the parentheses out.",
        _credit("beta * x - background.mean(axis=0)"),
    ),
    _slip(
        "linear_credit",
        "distance",
        "Takes the size of the distance.",
        _credit("beta * np.abs(x - background.mean(axis=0))"),
    ),
    _slip(
        "linear_credit",
        "wrong-axis",
        "One mean for each animal.",
        _credit("beta * (x - background.mean(axis=1))"),
    ),
    _slip(
        "additivity_gap",
        "credits-added",
        "Loses a minus in a pair of parentheses.",
        """
def additivity_gap(predictions, base_value, credits):
    return predictions - (base_value - credits.sum(axis=1))
""",
    ),
]
