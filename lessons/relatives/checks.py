"""Checks for the lesson "Relatives" (no network is trained here)."""

import numpy as np

from geneml.pedigree import elbow, loadings, relationship_matrix
from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, is_number, numbers, shape_of


def _herd(rng, founders=4, offspring=8):
    """Parents of a small herd, -1 where unknown, and its relationships."""
    parents = np.full((founders + offspring, 2), -1)
    for i in range(founders, len(parents)):
        parents[i] = rng.choice(i, size=2, replace=False)
        if rng.random() < 0.15:
            parents[i, rng.integers(2)] = -1
    return parents, relationship_matrix(np.arange(1, len(parents) + 1), *(parents.T + 1))


def _from_diagonals(between, mean):
    """Corners made of the mean diagonal of the parents: half of it, with or without the 1."""
    both = 0.5 * (mean + between)
    return (mean, mean / 2, 1 + mean, 1 + mean / 2, 1 + mean / 4, mean - 1, both)


def _grown(A, row, diagonal):
    return np.block([[A, row[:, None]], [row[None], np.array([[diagonal]])]])


@exercise(
    "add_animal",
    title="A calf is born",
    points=3,
    ladder=[
        "The row of the calf with all older animals is 0.5 * A[father] + 0.5 * A[mother]. It is "
        "its column as well.",
        "Start with zeros of shape (n + 1, n + 1), set the block [:n, :n] to A, the last row and "
        "the last column to the row, and the corner to 1 + F.",
        "row = sum(0.5 * A[parent] for parent in (father, mother) if parent >= 0), and the corner "
        "is 1 + 0.5 * A[father, mother] if both parents are known, otherwise 1. (Without a known "
        "parent the row is np.zeros(n).)",
    ],
    hints={
        "sum": "You added the rows of the parents without halving them. A calf gets only half of "
        "what each parent has.",
        "row-only": "You returned the row of the calf. The whole matrix is wanted, with the calf "
        "as last row and column.",
        "diagonal-one": "With itself the calf has 1 here, although its parents are related. The "
        "diagonal is 1 + F.",
        "diagonal-not-halved": "F is *half* of the relationship between the parents.",
        "diagonal-f": "The corner holds F. With itself an animal has 1 + F.",
        "diagonal-of-parents": "The corner is made from the parents' own diagonals. It needs the "
        "relationship *between* them, A[father, mother].",
        "one-side": "Row and column differ, or one of them is empty. What the calf has with its "
        "aunt, the aunt has with the calf.",
        "unknown-is-last": "A parent of -1 is unknown, but to NumPy the index -1 is the last row: "
        "you gave the calf the youngest animal as a parent.",
        "zero-is-known": "Animal 0 is an animal like any other: rows are counted from 0. Only "
        "negative numbers mean that a parent is unknown.",
        "other-unknown": "With one parent unknown your row is empty. The known parent still passes "
        "on half of what it has.",
        "quarter": "You halved twice. Half of each parent's row, and their sum: no more.",
        "diagonal-empty": "What the calf has with itself is missing. The corner is 1 + F.",
        "known-parent-whole": "With one parent unknown you took the whole row of the other. It "
        "still passes on only half.",
        "one-parent": "One of the two parents has no part in your row.",
        "old-changed": "The relationships of the older animals have changed. A birth does not "
        "alter them.",
        "selfed": "It works for two parents, but not for a plant that is both. The two rules stay "
        "as they are: half of its row twice, and F is half of what it has with itself.",
    },
)
def check_add_animal(submission: Submission, rng: np.random.Generator):
    name = "add_animal"

    def ask(A, father, mother):
        raw = submission.call(name, A.copy(), father, mother)
        require(shape_of(raw) not in ((n,), (n + 1,), (1, n)), hint="row-only")
        result = numbers(raw, name, (n + 1, n + 1))
        require(close(result[:n, :n], A), hint="old-changed")
        return result

    def differ(result, expected, father, mother):
        if close(result, expected):
            return
        i, j = (int(k) for k in np.argwhere(~np.isclose(result, expected))[0])
        require(
            False,
            f"For a calf of father {father} and mother {mother}, row {i}, column {j} should be "
            f"{expected[i, j]:.4f}. Yours is {result[i, j]:.4f}.",
        )

    while True:  # parents that are related, inbred at least once, and not the youngest
        parents, A = _herd(rng)
        n = len(A)
        father, mother = (int(k) for k in rng.choice(n - 1, size=2, replace=False))
        between, own = A[father, mother], A[father, father] + A[mother, mother]
        if between > 0.2 and own > 2 and 1 + between / 2 not in _from_diagonals(between, own / 2):
            break
    result = ask(A, father, mother)
    row, corner = 0.5 * (A[father] + A[mother]), 1 + 0.5 * A[father, mother]
    expected = _grown(A, row, corner)
    if not close(result, expected):
        last, column = result[n, :n], result[:n, n]
        require(not (close(last, 2 * row) or close(column, 2 * row)), hint="sum")
        require(not (close(last, row / 2) or close(column, row / 2)), hint="quarter")
        halves = [part for k in (father, mother) for part in (A[k], 0.5 * A[k])]
        require(not any(close(last, half) for half in halves), hint="one-parent")
        require(close(last, column), hint="one-side")
        if close(last, row):
            own = result[n, n]
            require(not close(own, 0.0), hint="diagonal-empty")
            require(not close(own, 1.0), hint="diagonal-one")
            require(not close(own, 1 + A[father, mother]), hint="diagonal-not-halved")
            require(not close(own, corner - 1), hint="diagonal-f")
            mixed = _from_diagonals(A[father, mother], np.diag(A)[[father, mother]].mean())
            require(not any(close(own, value) for value in mixed), hint="diagonal-of-parents")
    differ(result, expected, father, mother)

    for one, other in ((father, -1), (-1, mother)):
        known = max(one, other)
        result = ask(A, one, other)
        expected = _grown(A, 0.5 * A[known], 1.0)
        if close(result, expected):
            continue
        taken = 0.5 * (A[known] + A[-1])
        wrong_corner = 1 + 0.5 * A[known, -1]
        last = result[n, :n]
        require(not close(last, taken), hint="unknown-is-last")
        require(
            not (close(result[n, n], wrong_corner) and wrong_corner > 1),
            hint="unknown-is-last",
        )
        require(not close(last, A[known]), hint="known-parent-whole")
        require(not close(last, np.zeros(n)), hint="other-unknown")
        differ(result, expected, one, other)
    result, expected = ask(A, -1, -1), _grown(A, np.zeros(n), 1.0)
    require(not close(result[n, :n], A[-1]), hint="unknown-is-last")
    differ(result, expected, -1, -1)

    mate = 1 + int(np.argmax(A[0, 1:-1]))  # the closest relative of animal 0
    for one, other in ((0, mate), (mate, 0)):
        expected = _grown(A, 0.5 * (A[0] + A[mate]), 1 + 0.5 * A[0, mate])
        require(close(ask(A, one, other), expected), hint="zero-is-known")

    plant = int(np.argmax(np.diag(A)))
    result = ask(A, plant, plant)
    require(close(result, _grown(A, A[plant], 1 + 0.5 * A[plant, plant])), hint="selfed")


@exercise(
    "inbreeding_of_crosses",
    title="Which cross is too close?",
    points=2,
    ladder=[
        "The offspring's F depends on how its two parents are related to each other, and on "
        "nothing else.",
        "A[fathers, mothers] picks one cell for each cross. F is half of it.",
        "np.where((fathers >= 0) & (mothers >= 0), 0.5 * A[fathers, mothers], 0.0)",
    ],
    hints={
        "not-halved": "You returned the relationship of the parents. F is half of it: the "
        "offspring draws one copy from each parent, and each parent has two.",
        "quarter": "You halved twice. Relationship is twice the kinship, so one half is enough.",
        "one-plus-f": "You returned 1 + F, what the offspring has with itself. F alone is asked "
        "for.",
        "parents-f": "You used the inbreeding of the parents themselves. Inbred parents that are "
        "not related to each other have offspring that are not inbred at all.",
        "all-pairs": "You got a table: every father with every mother. The crosses are pairs; "
        "A[fathers, mothers] with two arrays picks pair by pair.",
        "unknown-is-last": "A parent of -1 is unknown, but to NumPy -1 is the last row. F is 0 "
        "there.",
        "zero-is-known": "Animal 0 is an animal like any other: rows are counted from 0. Only "
        "negative numbers mean that a parent is unknown.",
        "unknown-left-out": "Crosses with an unknown parent are missing from your answer. Each "
        "cross has its place; theirs is 0.",
        "unknown-nan": "Where a parent is unknown you gave NaN. By convention F is 0: unknown "
        "parents count as strangers.",
    },
)
def check_inbreeding(submission: Submission, rng: np.random.Generator):
    name = "inbreeding_of_crosses"
    while True:
        _, A = _herd(rng, offspring=10)
        n = len(A)
        fathers, mothers = rng.integers(0, n, 7), rng.integers(0, n, 7)
        fathers[0] = mothers[0] = int(np.argmax(np.diag(A)))  # selfed
        fathers[1], mothers[1] = 0, 1 + int(np.argmax(A[0, 1:]))
        fathers[2], mothers[3] = -1, -1
        related = A[fathers, mothers]
        inner = np.diag(A)[fathers] + np.diag(A)[mothers] - 2
        if (related[4:] > 0).sum() > 1 and related[1:4].min() > 0 and inner[4:].max() > 0:
            break
    known = (fathers >= 0) & (mothers >= 0)
    raw = submission.call(name, A.copy(), fathers.copy(), mothers.copy())
    shape = shape_of(raw)
    require(shape != (len(fathers), len(fathers)), hint="all-pairs")
    require(shape != (int(known.sum()),), hint="unknown-left-out")
    result = numbers(raw, name, (len(fathers),))
    missing = np.isnan(result[~known]).any() and close(result[known], related[known] / 2)
    require(not missing, hint="unknown-nan")
    expected = np.where(known, related / 2, 0.0)
    if close(result, expected):
        return
    seen = result[known]
    for factor, slip in ((2, "not-halved"), (0.5, "quarter")):
        require(not close(seen, factor * expected[known]), hint=slip)
    require(not close(seen, 1 + expected[known]), hint="one-plus-f")
    inner = (inner / 2)[known]
    require(not any(close(seen, k * inner) for k in (0.5, 1, 2)), hint="parents-f")
    own = [(np.diag(A)[side])[known] for side in (fathers, mothers)]
    own += [one - 1 for one in own]
    require(not any(close(seen, k * one) for one in own for k in (0.5, 1)), hint="parents-f")
    as_last = np.isclose(result[~known], related[~known] / 2).any()
    require(not (close(seen, expected[known]) and as_last), hint="unknown-is-last")
    zero = known & ((fathers == 0) | (mothers == 0))
    only_zero = close(result[~zero], expected[~zero]) and not np.any(result[zero])
    require(not (only_zero and expected[zero].any()), hint="zero-is-known")
    k = int(np.argwhere(~np.isclose(result, expected))[0, 0])
    require(
        False,
        f"Father {fathers[k]} and mother {mothers[k]}"
        + (f" have a relationship of {related[k]:.4f}" if known[k] else " are not both known")
        + f". F should be {expected[k]:.4f}; yours is {result[k]:.4f}.",
    )


def _distinct_herd(rng):
    """Relationships whose leading eigenvalues differ, so that columns have one meaning."""
    while True:
        _, A = _herd(rng, founders=5, offspring=12)
        values = np.linalg.eigvalsh(A)[::-1]
        if np.min(values[:5] - values[1:6]) > 0.05:
            return A


def _same_columns(result, expected):
    """Equal but for the signs of columns."""
    signs = np.where((result * expected).sum(axis=0) < 0, -1.0, 1.0)
    return close(result * signs, expected, absolute=1e-6)


@exercise(
    "pedigree_loadings",
    title="A pedigree as columns",
    points=4,
    ladder=[
        "values, vectors = np.linalg.eigh(A). The columns of vectors are the eigenvectors, and "
        "values come in ascending order.",
        "Turn both round: values[::-1] and vectors[:, ::-1]. Multiply each column by the square "
        "root of its eigenvalue.",
        "(vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0)))[genotyped, :rank]",
    ],
    hints={
        "vectors-only": "These are the eigenvectors, all of length one. Each has to be stretched "
        "by the square root of its eigenvalue.",
        "not-rooted": "You multiplied by the eigenvalue. L L' would then be A A. Take its square "
        "root.",
        "divided": "You divided by the square root of the eigenvalue. Multiply: strong directions "
        "count more.",
        "ascending": "You kept the *smallest* eigenvalues. np.linalg.eigh sorts them in ascending "
        "order; the largest are last.",
        "order": "The right columns, in the wrong order: the largest eigenvalue comes first.",
        "values-not-sorted": "You turned the vectors round, but not the eigenvalues (or the other "
        "way about), so columns and eigenvalues do not belong together.",
        "rows-not-kept": "You returned all animals. Keep the rows of the genotyped ones.",
        "first-rows": "You kept the first rows. `genotyped` says which rows to keep, and in which "
        "order.",
        "sorted-rows": "The right animals, sorted. They should stand in the order of `genotyped`, "
        "since that is the order of their genotypes.",
        "own-matrix": "You decomposed the matrix of the genotyped animals. Here the whole pedigree "
        "is decomposed, and their rows are kept afterwards.",
        "rows-as-vectors": "You took the rows of Q. Eigenvectors are its columns: vectors[:, k].",
        "all-columns": "You returned all columns. Keep the first `rank`.",
        "transposed": "Rows and columns are exchanged: one row for each genotyped animal.",
        "root-of-vectors": "Some of your numbers are NaN, although all eigenvalues are above zero. "
        "Take the root of the eigenvalues alone: entries of eigenvectors may be negative.",
        "nan": "Some of your numbers are NaN: rounding left an eigenvalue a hair below zero, and "
        "it has no root. np.maximum(values, 0) helps.",
    },
)
def check_loadings(submission: Submission, rng: np.random.Generator):
    name = "pedigree_loadings"
    A = _distinct_herd(rng)
    n, rank = len(A), int(rng.integers(3, 5))
    genotyped = np.sort(rng.choice(np.arange(2, n), size=7, replace=False))
    genotyped = np.concatenate([genotyped[3:], genotyped[:3]])
    values, vectors = np.linalg.eigh(A)
    up, v_up = values, vectors
    down, v_down = values[::-1], vectors[:, ::-1]

    raw = submission.call(name, A.copy(), rank, genotyped.copy())
    shape = shape_of(raw)
    require(shape not in ((n, rank), (n, n)), hint="rows-not-kept")
    require(shape != (len(genotyped), n), hint="all-columns")
    require(shape != (rank, len(genotyped)), hint="transposed")
    result = numbers(raw, name, (len(genotyped), rank))
    require(not np.isnan(result).any(), hint="root-of-vectors")
    expected = (v_down * np.sqrt(down))[genotyped, :rank]
    if _same_columns(result, expected):
        _check_copies(submission, rng, name)
        return
    slips = {
        "vectors-only": [v_down],
        "not-rooted": [v_down * down],
        "divided": [v_down / np.sqrt(down)],
        "ascending": [v_up * np.sqrt(up), v_up, v_up * up],
        "values-not-sorted": [v_down * np.sqrt(up), v_up * np.sqrt(down)],
    }
    for slip, tables in slips.items():
        require(not any(_same_columns(result, t[genotyped, :rank]) for t in tables), hint=slip)
    require(not _same_columns(result, expected[:, ::-1]), hint="order")
    full = v_down * np.sqrt(down)
    require(not _same_columns(result, full[: len(genotyped), :rank]), hint="first-rows")
    require(not _same_columns(result, full[np.sort(genotyped), :rank]), hint="sorted-rows")
    own, v_own = np.linalg.eigh(A[np.ix_(genotyped, genotyped)])
    require(not _same_columns(result, (v_own * np.sqrt(own))[:, ::-1][:, :rank]), hint="own-matrix")
    turned = [v.T * np.sqrt(w) for v in (v_up, v_down) for w in (up, down)]
    turned += [np.sqrt(w)[:, None] * v.T for v, w in ((v_up, up), (v_down, down))]
    turned = [t[genotyped, :rank] for t in (*turned, v_up.T, v_down.T)]
    require(not any(_same_columns(result, t) for t in turned), hint="rows-as-vectors")
    gap = float(np.abs(result @ result.T - expected @ expected.T).max())
    require(
        False,
        f"With the first {rank} loadings, L L' of the genotyped animals should begin with "
        f"{(expected @ expected.T)[0, 0]:.4f}. Yours begins with {(result @ result.T)[0, 0]:.4f}; "
        f"the largest difference anywhere is {gap:.4f}.",
    )


def _check_copies(submission, rng, name):
    """A matrix with eigenvalues of zero: clones have the same row. All columns are kept."""
    A = _distinct_herd(rng)
    twin = np.append(np.arange(len(A)), [3, 5, 8])
    A = A[np.ix_(twin, twin)]
    genotyped = rng.permutation(len(A))[:6]
    result = numbers(submission.call(name, A.copy(), len(A), genotyped), name, (6, len(A)))
    require(not np.isnan(result).any(), hint="nan")
    whole = loadings(A, rank=len(A)).loadings[genotyped]
    require(
        close(result @ result.T, whole @ whole.T, absolute=1e-6),
        "With all columns, L L' of the genotyped animals should be their part of A.",
    )


@exercise(
    "chord_rank",
    title="Where is the elbow?",
    points=3,
    ladder=[
        "values = np.sort(eigenvalues)[::-1] is the curve. np.linspace(values[0], values[-1], "
        "len(values)) is the straight line.",
        "np.argmax(line - values) is the position of the elbow, counted from 0. How many stand "
        "before it?",
        "Counting from 0, as many stand before a position as its number: "
        "max(1, int(np.argmax(line - values))).",
    ],
    hints={
        "elbow-kept": "One too many: you kept the elbow itself. Counted from 0, its position is "
        "the number of those before it.",
        "one-too-few": "One too few. Counted from 0, the position of the elbow *is* the number of "
        "those before it; there is nothing to take away.",
        "not-sorted": "The eigenvalues may come in any order. Sort them first, the largest first.",
        "ascending": "You sorted from the smallest up. The curve begins with the largest.",
        "largest-drop": "You looked for the largest step from one value to the next. The chord "
        "rule asks for the largest distance to the straight line.",
        "ratio": "That is the ratio rule. Here the distance to the straight line decides.",
        "eigenvalue": "You counted eigenvalues of at least 1. That is another rule.",
        "line-to-zero": "Your line ends at zero. It ends at the last eigenvalue.",
        "largest-bend": "You looked for the largest change of slope. The chord rule asks for the "
        "largest distance to the straight line.",
        "above": "You took the place where the curve is highest above the line (or the distance "
        "without its sign). It has to lie *below*.",
        "value": "You returned an eigenvalue or a distance. How many are kept is asked for.",
        "at-least-one": "Where the curve never falls below its line you kept none, but at least "
        "one loading is kept.",
    },
)
def check_chord(submission: Submission, rng: np.random.Generator):
    name = "chord_rank"

    def ask(values):
        raw = submission.call(name, values)
        require(is_number(raw), f"{name} should return one whole number.")
        return float(raw)

    guilty: set | None = None
    for _ in range(8):
        values = _curve(rng)
        received = ask(values.copy())
        if received != elbow(values):
            # Whoever makes one slip makes it every time; others agree with it by chance.
            suspects = {key for key, value in _slips(values).items() if received == value}
            guilty = suspects if guilty is None else guilty & suspects
    if guilty is not None:
        for slip, _ in sorted(guilty, key=lambda key: (key[0] not in _PLAIN, -key[1])):
            require(False, hint=slip)
        require(received == int(received), hint="value")
        require(
            False,
            f"For {len(values)} eigenvalues from {values[0]:.2f} down to {values[-1]:.2f} the "
            f"curve lies farthest below its line at position {elbow(values)}, counted from 0. You "
            f"return {received:g}.",
        )
    require(ask(rng.permutation(values)) == elbow(values), hint="not-sorted")
    require(ask(values[::-1].copy()) == elbow(values), hint="not-sorted")
    # A curve that lies farther above its line than it ever falls below.
    hump = np.array([10.0, 9.9, 9.8, 9.7, 9.6, 0.3, 0.2, 0.1, 0.0])
    require(ask(hump) == elbow(hump), hint="above")
    # One that never falls below; its line is exact whatever way it is computed.
    require(ask(np.array([8.0, 7.5, 7.0, 6.0, 4.0])) == 1, hint="at-least-one")


def _curve(rng):
    """Descending eigenvalues on which every slip looks at another place than the rule.

    A steep beginning with the largest drop; a bend; a stretch that is steeper than the line to
    the last value and flatter than one to zero, at whose end the elbow is; a long tail with the
    largest ratio, above 1.
    """
    while True:
        n, bend = int(rng.integers(26, 31)), 3
        start, elbow_at = bend + int(rng.integers(3, 5)), int(rng.integers(10, 13))
        cut = int(rng.integers(elbow_at + 3, n - 3))
        first, foot, last = 60.0, 9.8, 6.0
        values = np.empty(n)
        values[cut + 1 :] = last + 0.03 * np.arange(n - cut - 2, -1, -1)
        values[elbow_at : cut + 1] = foot - 0.03 * np.arange(cut + 1 - elbow_at)
        slope = (first - last / 2) / (n - 1)
        back = np.arange(elbow_at - start, 0, -1)
        values[start:elbow_at] = foot + slope * back
        values[bend:start] = values[start] + 3.0 * np.arange(start - bend, 0, -1)
        steep = first - values[bend]
        values[:bend] = first - steep * np.array([0.0, 0.33, 0.69])
        values *= rng.uniform(0.5, 2.0)
        slips = _slips(values)
        hints = {key: value for key, value in slips.items() if key[1] == 1 or key[0] in _PLAIN}
        told_apart = len(set(hints.values())) == len(hints)
        if told_apart and elbow(values) == elbow_at and elbow_at not in slips.values():
            return values


_PLAIN = ("elbow-kept", "eigenvalue", "line-to-zero")  # slips that count as they should


def _slips(values):
    """What typical slips return for a descending curve, by hint and variant."""
    n = len(values)
    below = np.linspace(values[0], values[-1], n) - values
    rising = values[::-1]
    up = int(np.argmax(np.linspace(rising[0], rising[-1], n) - rising))
    places = {
        "largest-drop": int(np.argmax(-np.diff(values))),
        "ratio": int(np.argmax(values[:-1] / values[1:])),
        "largest-bend": int(np.argmax(np.diff(values, 2))),
    }
    found = {(slip, shift): place + shift for slip, place in places.items() for shift in (1, 0)}
    return found | {
        ("elbow-kept", 0): int(np.argmax(below)) + 1,
        ("one-too-few", 0): int(np.argmax(below)) - 1,
        ("above", 0): int(np.argmin(below)),
        ("line-to-zero", 0): int(np.argmax(np.linspace(values[0], 0, n) - values)),
        ("ascending", 0): up,
        ("ascending", 1): up + 1,
        ("eigenvalue", 0): int((values >= 1).sum()),
        ("value", 0): float(below.max()),
        ("value", 1): float(values[np.argmax(below)]),
    }
