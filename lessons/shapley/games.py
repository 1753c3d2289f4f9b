"""Games: heights of all groups of loci, ways to share them, and reading an answer."""

import re
from itertools import combinations

import numpy as np

from lessons.grader import require
from lessons.grader.answers import close, is_number
from lessons.grader.exercises import NotPassed
from lessons.grader.requirements import kind_of

KEY_HINTS = {
    "unsorted-name": "The game has no name with its letters in that order: all names are in "
    'alphabetical order. Sort those who are present: `"".join(sorted(present))`.',
    "no-text": 'The names of the game are texts such as "AB", not tuples: `"".join(...)` makes a '
    "text of letters.",
    "no-entry": "Your dictionary has no entry yet for that letter. Begin with a 0 for each: "
    "`dict.fromkeys(letters, 0)`.",
}


def draw(rng: np.random.Generator, letters: str) -> dict[str, float]:
    """Heights of all groups of loci, in which no two gains are alike."""
    names = ["".join(c) for k in range(len(letters) + 1) for c in combinations(letters, k)]
    return {
        name: round(float(120 + 4 * len(name) + rng.uniform(-3, 3)), 2) if name else 130.5
        for name in names
    }


def walk(game, order, *, start=None):
    """Gains of the letters, by arrival in this order."""
    gains, present, height = {}, "", game[""] if start is None else start
    for letter in order:
        present = "".join(sorted(present + letter))
        gains[letter] = game[present] - height
        height = game[present]
    return gains


def mean(game, orders, **settings):
    """Mean gain over orders of arrival."""
    walks = [walk(game, order, **settings) for order in orders]
    return {letter: float(np.mean([walk[letter] for walk in walks])) for letter in orders[0]}


def alone(game, letters):
    """What each letter does on its own."""
    return {letter: game[letter] - game[""] for letter in letters}


def last(game, letters):
    """What each letter does when all others are there."""
    everyone = "".join(sorted(letters))
    return {letter: game[everyone] - game[everyone.replace(letter, "")] for letter in letters}


def unweighted(game, letters):
    """Mean gain over the groups of the others, all counting the same (Banzhaf)."""
    gains = {letter: [] for letter in letters}
    for name in game:
        for letter in set(letters) - set(name):
            gains[letter].append(game["".join(sorted(name + letter))] - game[name])
    return {letter: float(np.mean(values)) for letter, values in gains.items()}


def times(credit, factor):
    """Every number times a factor."""
    return {letter: factor * value for letter, value in credit.items()}


def _read(stopped: NotPassed) -> None:
    """Give a KeyError the hint for what was looked up."""
    found = re.search(r"KeyError: ['\"]?(.*?)['\"]?$", str(stopped.message))
    if stopped.status != "error" or found is None:
        return
    key = found.group(1)
    if key.startswith("("):
        stopped.hint = "no-text"
    elif len(key) == 1 and key.isalpha():
        stopped.hint = "no-entry"
    elif len(key) > 1 and key.isalpha():
        stopped.hint = "unsorted-name"


def credits(submission, name, letters, game, *arguments):
    """Call a function that should return {letter: number} for these letters."""
    try:
        result = submission.call(name, game, *arguments)
    except NotPassed as stopped:
        _read(stopped)
        raise
    require(result is not None, "Your function gave back nothing. Is the `return` missing?")
    if hasattr(result, "to_dict") and np.ndim(result) == 1:
        result = result.to_dict()
    require(
        isinstance(result, dict),
        "Return a dictionary with one number for each letter.",
        received=kind_of(result),
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


def same(result, expected):
    """True where two {letter: number} agree."""
    letters = sorted(expected)
    return close([result[a] for a in letters], [expected[a] for a in letters], absolute=1e-6)


def shown(credit):
    """{letter: number} in words."""
    return ", ".join(f"{letter} {value:.2f}" for letter, value in sorted(credit.items()))
