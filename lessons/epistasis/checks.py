"""Checks of the lesson on epistasis. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, numbers, shape_of, table
from lessons.grader.exercises import NotPassed

_close = partial(close, absolute=1e-9)


def _same(received, expected) -> bool:
    """Equal numbers, with NaN in the same places."""
    return bool(np.allclose(received, expected, rtol=1e-6, atol=1e-9, equal_nan=True))


def _means(a, b, trait) -> tuple[np.ndarray, np.ndarray]:
    """Sums and numbers of dogs of the nine genotypes; -1 counts from the end, as in Python."""
    sums, counts = np.zeros((3, 3)), np.zeros((3, 3))
    np.add.at(sums, (a, b), trait)
    np.add.at(counts, (a, b), 1)
    return sums, counts


def _divided(sums, counts, empty=np.nan) -> np.ndarray:
    return np.where(counts > 0, sums / np.maximum(counts, 1), empty)


@exercise(
    "genotype_table",
    title="Nine means",
    points=3,
    ladder=[
        "First say which dogs are complete: both genotypes are 0 or more, and the trait is no "
        "`nan`.",
        "Start with np.full((3, 3), np.nan). For each a and b, pick the complete dogs with "
        "locus_a == a and locus_b == b.",
        "If there is such a dog, the entry [a, b] is trait[those dogs].mean(). If there is none, "
        "leave the nan.",
    ],
    hints={
        "missing-genotype": "A genotype of -1 was used as a place in the table. In Python -1 means "
        "the last row or column, so these dogs ended up among those with 2 copies. Leave them out.",
        "missing-as-zero": "Missing genotypes were counted as 0 copies. Nobody knows what they "
        "are: leave those dogs out.",
        "missing-trait": "One dog without a measured trait turns the mean of its whole cell into "
        "`nan`. Leave dogs out whose trait is `nan`.",
        "trait-as-zero": "A missing trait was counted as 0. That pulls the mean down. Leave those "
        "dogs out.",
        "transposed": "Rows and columns are swapped: locus A belongs to the rows.",
        "empty-cell": "One genotype has no dog at all. It has no mean: its entry is `nan`, not 0.",
        "sums": "These are sums. Divide each by the number of its dogs.",
        "counts": "These are numbers of dogs. The mean of their trait is asked for.",
    },
)
def check_genotype_table(submission: Submission, rng: np.random.Generator):
    a, b = np.repeat(np.arange(3), 3), np.tile(np.arange(3), 3)
    dogs = np.repeat(np.arange(9), rng.integers(4, 9, size=9))
    empty = int(rng.choice([1, 3, 5, 7]))  # never on the diagonal: so a transpose shows
    dogs = rng.permutation(dogs[dogs != empty])
    a, b = a[dogs], b[dogs]
    trait = rng.uniform(1, 2, size=len(dogs)) + a + 0.3 * b
    # Holes in different dogs, so that each slip moves the table in its own way.
    holes = rng.permutation(len(dogs))[:9]
    a[holes[:3]], b[holes[3:6]] = -1, -1
    full = (a >= 0) & (b >= 0)
    sums, counts = _means(a[full], b[full], trait[full])
    # A trait goes missing where there are others in the cell.
    crowded = np.flatnonzero(full & (counts[a, b] > 2))
    trait[rng.choice(crowded, size=2, replace=False)] = np.nan
    name = "genotype_table"
    result = numbers(submission.call(name, a, b, trait), name, (3, 3))

    known = full & ~np.isnan(trait)
    measured = ~np.isnan(trait)
    sums, counts = _means(a[known], b[known], trait[known])
    expected = _divided(sums, counts)
    if _same(result, expected):
        return
    require(not _same(result, expected.T), hint="transposed")
    require(not _same(result, _divided(sums, counts, 0.0)), hint="empty-cell")
    for wrong in (sums, np.where(counts > 0, sums, np.nan)):
        require(not _same(result, wrong), hint="sums")
    for wrong in (counts, np.where(counts > 0, counts, np.nan)):
        require(not _same(result, wrong), hint="counts")
    for empty_value in (np.nan, 0.0):
        for rows in (measured, np.ones(len(a), dtype=bool)):
            wrapped = _divided(*_means(a[rows], b[rows], trait[rows]), empty_value)
            require(not _same(result, wrapped), hint="missing-genotype")
            filled = _means(np.maximum(a, 0)[rows], np.maximum(b, 0)[rows], trait[rows])
            require(not _same(result, _divided(*filled, empty_value)), hint="missing-as-zero")
        unmeasured = _divided(*_means(a[full], b[full], trait[full]), empty_value)
        require(not _same(result, unmeasured), hint="missing-trait")
        as_zero = _divided(*_means(a[full], b[full], np.nan_to_num(trait[full])), empty_value)
        require(not _same(result, as_zero), hint="trait-as-zero")
    i, j = np.argwhere(~np.isclose(result, expected, equal_nan=True))[0]
    require(
        False,
        f"Row {i}, column {j}: {int(counts[i, j])} complete dogs have {i} copies at A and {j} at "
        f"B. Their mean is {expected[i, j]:.4f}, yours is {result[i, j]:.4f}.",
    )


@exercise(
    "double_mutants",
    title="Four sequences",
    points=2,
    ladder=[
        "np.stack([one_hot] * 4) gives four separate copies.",
        "A position is changed in two steps: set its whole row to 0, then one entry to 1.",
        "`first` belongs into copies 1 and 3, `second` into copies 2 and 3.",
    ],
    hints={
        "not-copied": "All four sequences are the same. You changed one array four times instead "
        "of four copies: use `.copy()`.",
        "carried-over": "Your second mutant carries the first change as well. Start it from the "
        "reference again.",
        "not-one-hot": "A changed position holds two bases at once. Set its row to 0 before you "
        "set the new base to 1.",
        "order": "The sequences are right, but not in the order asked for: the reference, the "
        "first mutant, the second mutant, the double mutant.",
        "counts-from-one": "Your changes are one position too far to the left. Positions are "
        "counted from 0, so the first one is position 0.",
        "not-doubled": "Your double mutant holds one of the two changes only.",
    },
)
def check_double_mutants(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(8, 12))
    bases = rng.integers(0, 4, size=length)
    places = np.sort(rng.choice(np.arange(2, length - 1, 2), size=2, replace=False))
    if rng.uniform() < 0.5:
        places = places[::-1]
    changes = [
        (int(place), int((bases[place] + rng.integers(1, 4)) % 4)) for place in places.tolist()
    ]
    for position, base in changes:
        # The base to the left is another one, so that counting from 1 shows.
        bases[position - 1] = (base + 1 + rng.integers(0, 3)) % 4
    one_hot = np.eye(4)[bases]
    shape = (4, length, 4)
    result = submission.call("double_mutants", one_hot, *changes)
    result = table(result, shape, f"Return one array of shape {shape}.").astype(float)

    def made(*groups, shift=0, clear=True):
        four = np.stack([one_hot] * 4)
        for place, group in enumerate(groups):
            for position, base in group:
                four[place, position - shift] *= 0 if clear else 1
                four[place, position - shift, base] = 1
        return four

    first, second = ([change] for change in changes)
    expected = made([], first, second, changes)
    if _close(result, expected):
        return
    require(not all(np.array_equal(result[0], one) for one in result[1:]), hint="not-copied")
    require(not _close(result, made([], first, changes, changes)), hint="carried-over")
    require(not _close(result, made([], first, second, changes, clear=False)), hint="not-one-hot")
    require(not _close(result, made([], first, second, changes, shift=1)), hint="counts-from-one")
    rows = {one.tobytes() for one in expected}
    require({one.tobytes() for one in result} != rows, hint="order")
    for half in (first, second):
        require(not _close(result, made([], first, second, half)), hint="not-doubled")
    for clear in (True, False):
        wrong = made([], first, changes, changes, clear=clear)
        require(not _close(result, wrong), hint="carried-over")
    place, position, _ = first_difference(result, expected)
    name = ("reference", "first mutant", "second mutant", "double mutant")[place]
    require(
        False,
        f"The {name} is wrong at position {position}: it should be "
        f"{expected[place, position].astype(int).tolist()}, yours is "
        f"{result[place, position].tolist()}. Asked for: {changes[0]} and {changes[1]}.",
    )


@exercise(
    "interaction_scores",
    title="The interaction score",
    points=2,
    ladder=[
        "Two single predictions are subtracted from each double one: that of its row and that of "
        "its column.",
        "single[:, None] has one value for each row, single[None, :] one for each column.",
        "double - single[:, None] - single[None, :] + reference; then np.fill_diagonal(..., 0).",
    ],
    hints={
        "reference-forgotten": "The reference is missing. Both single predictions contain it, so "
        "it was subtracted once too often: add it back.",
        "reference-subtracted": "The reference has the wrong sign. It is subtracted with each of "
        "the two single predictions, once too often: add it back.",
        "same-single-twice": "You subtracted the same single prediction twice. Row i needs "
        "single[i], column j needs single[j]: use single[:, None] and single[None, :].",
        "one-single": "You subtracted one single prediction only. The pair (i, j) has two.",
        "total-change": "That is how far the double mutant lies from the reference. Most of it may "
        "be the two single changes: take them out.",
        "sign": "The sign is turned round. A double mutant that is *higher* than expected has a "
        "positive score.",
        "diagonal": "The diagonal should be 0: a change does not interact with itself.",
    },
)
def check_interaction_scores(submission: Submission, rng: np.random.Generator):
    k = int(rng.integers(4, 7))
    reference = float(rng.uniform(2, 5))
    single = reference + rng.normal(size=k)
    surprise = np.triu(rng.normal(size=(k, k)), 1)
    surprise = surprise + surprise.T
    double = single[:, None] + single[None, :] - reference + surprise
    np.fill_diagonal(double, single)  # the same change twice is that change
    name = "interaction_scores"
    result = numbers(submission.call(name, reference, single, double), name, (k, k))
    expected = surprise
    if _close(result, expected):
        return
    raw = expected + np.diag(reference - single)

    def is_like(wrong) -> bool:
        """Also where the diagonal was set to zero."""
        emptied = np.array(wrong)
        np.fill_diagonal(emptied, 0)
        return _close(result, wrong) or _close(result, emptied)

    require(not _close(result, raw), hint="diagonal")
    require(not is_like(raw - reference), hint="reference-forgotten")
    require(not is_like(raw - 2 * reference), hint="reference-subtracted")
    for one in (single[:, None], single[None, :]):
        require(not is_like(double - 2 * one + reference), hint="same-single-twice")
        for extra in (0.0, reference, -reference):
            require(not is_like(double - one + extra), hint="one-single")
    require(not is_like(double - reference), hint="total-change")
    require(not is_like(-raw), hint="sign")
    i, j = first_difference(result, expected)
    require(
        False,
        f"Row {i}, column {j}: double {double[i, j]:.3f}, singles {single[i]:.3f} and "
        f"{single[j]:.3f}, reference {reference:.3f}. The score should be {expected[i, j]:.3f}, "
        f"yours is {result[i, j]:.3f}.",
    )


@exercise(
    "interaction_column",
    title="A product that owes nothing to anybody",
    points=3,
    ladder=[
        "Three columns explain the product as well as single markers can: ones, a and b. Put them "
        "side by side with np.column_stack.",
        "np.linalg.lstsq(columns, product, rcond=None)[0] gives the three coefficients.",
        "Return product - columns @ coefficients.",
    ],
    hints={
        "raw": "That is the plain product. It rises with each of the two dosages, so it takes "
        "credit for what they do on their own.",
        "centred-only": "You centred the dosages and multiplied them. That removes most, not all: "
        "in any sample two markers are a little correlated and the product keeps a trace of them. "
        "Take it out by least squares.",
        "no-constant": "The mean of your column is not 0. Put a column of ones beside a and b.",
        "one-marker": "You took out one of the two markers. Both a and b have to go.",
        "explained": "That is the part which the single markers explain. What is left of the "
        "product when it is taken away?",
        "constant-only": "You only subtracted the mean of the product. It is still correlated "
        "with a and with b.",
        "rescaled": "Right in shape, but not in size: leave the column in its own unit.",
    },
)
def check_interaction_column(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(50, 70))
    shared = rng.binomial(1, 0.4, size=n)  # linked markers: a copy in common
    a = (shared + rng.binomial(1, 0.4, size=n)).astype(float)
    b = (shared + rng.binomial(1, 0.5, size=n)).astype(float)
    name = "interaction_column"
    result = numbers(submission.call(name, a, b), name, (n,))
    product = a * b

    def without(values, *columns):
        design = np.column_stack(columns)
        return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]

    one = np.ones(n)
    expected = without(product, one, a, b)
    if _close(result, expected):
        return
    centred = (a - a.mean()) * (b - b.mean())
    require(not _close(result, product), hint="raw")
    require(
        not any(_close(result, wrong) for wrong in (centred, centred - centred.mean())),
        hint="centred-only",
    )
    require(not _close(result, without(product, a, b)), hint="no-constant")
    for marker in (a, b):
        for columns in ((one, marker), (marker,)):
            require(not _close(result, without(product, *columns)), hint="one-marker")
    require(not _close(result, product - expected), hint="explained")
    require(not _close(result, product - product.mean()), hint="constant-only")
    size = np.sqrt(np.sum(result**2) * np.sum(expected**2))
    aligned = abs(float(result @ expected)) > (1 - 1e-9) * size if size > 0 else False
    require(not aligned, hint="rescaled")
    correlations = [float(np.sum(result * (marker - marker.mean()))) for marker in (a, b)]
    require(
        False,
        "Your column should have the mean 0 and be uncorrelated with both markers. Its mean is "
        f"{result.mean():.4f}; its sum of products with the centred a is {correlations[0]:.4f}, "
        f"with the centred b {correlations[1]:.4f}.",
    )


def _as_pairs(result, p: int) -> np.ndarray:
    """Rows of two marker numbers from an answer, or a kind word."""
    wanted = "Return pairs of marker numbers: an array of shape (number of pairs, 2), or a list."
    require(result is not None, "Your function gave back nothing. Is the `return` missing?")
    shape = shape_of(result)
    if shape is not None and len(shape) >= 1 and shape[0] == 0 and shape in ((0,), (0, 2)):
        return np.zeros((0, 2), dtype=int)
    right = shape is not None and len(shape) == 2 and shape[1] == 2
    turned = shape is not None and len(shape) == 2 and shape[0] == 2 and shape[1] != 2
    require(not turned, f"{wanted} Yours has shape {shape}: stack the two as columns, not as rows.")
    require(right, wanted, received=f"shape {shape}")
    pairs = np.asarray(result)
    require(pairs.dtype.kind in "biuf", wanted, received=f"{pairs.dtype}")
    whole = np.isfinite(pairs.astype(float)) & (pairs == np.floor(pairs.astype(float)))
    require(pairs.dtype.kind != "b" and bool(whole.all()), wanted)
    pairs = pairs.astype(int)
    inside = bool(((pairs >= 0) & (pairs < p)).all())
    require(inside, f"There are {p} markers, numbered from 0 to {p - 1}.")
    return pairs


@exercise(
    "significant_pairs",
    title="How many pairs were asked?",
    points=2,
    ladder=[
        "p markers make p * (p - 1) / 2 pairs. The threshold is alpha divided by that.",
        "i, j = np.triu_indices(p, 1) lists each pair once, without the diagonal; p_values[i, j] "
        "are their p-values.",
        "np.column_stack([i[below], j[below]]), where `below` says which are under the threshold.",
    ],
    hints={
        "uncorrected": "You compared with alpha itself. Many questions were asked: divide alpha by "
        "the number of pairs.",
        "markers": "You divided by the number of markers. Pairs were tested, and there are many "
        "more of them.",
        "both-directions": "Your threshold is too strict. (i, j) and (j, i) are one test, and the "
        "diagonal is none: there are p * (p - 1) / 2 pairs.",
        "each-twice": "Some pairs are in your list twice, as (i, j) and as (j, i). One half of the "
        "table is enough: np.triu_indices.",
        "diagonal": "A marker is paired with itself. Leave the diagonal out.",
        "order": "In each row the smaller number comes first.",
        "all-pairs": "With nothing below the threshold the list is empty. Yours is not.",
    },
)
def check_significant_pairs(submission: Submission, rng: np.random.Generator):
    p = int(rng.integers(11, 16))
    alpha = float(rng.choice([0.01, 0.05, 0.1]))
    i, j = np.triu_indices(p, 1)
    m = len(i)
    edges = [0.0, alpha / p**2, alpha / (2 * m), alpha / m, alpha / p, alpha]
    values = rng.uniform(1.1 * alpha, 1, size=m)
    where = rng.permutation(m)
    # Two p-values between every two thresholds that somebody might take.
    low, high = np.repeat(edges[:-1], 2), np.repeat(edges[1:], 2)
    between = low + (high - low) * rng.uniform(0.2, 0.8, size=len(low))
    values[where[: len(between)]] = between
    p_values = np.zeros((p, p))  # a diagonal of 0: whoever reads it will report it
    p_values[i, j] = p_values[j, i] = values
    pairs = _as_pairs(submission.call("significant_pairs", p_values, alpha), p)

    require(not bool((pairs[:, 0] == pairs[:, 1]).any()), hint="diagonal")
    unordered = {tuple(sorted(pair)) for pair in pairs.tolist()}
    require(len(unordered) == len(pairs), hint="each-twice")

    def below(threshold) -> set:
        kept = values < threshold
        return set(zip(i[kept].tolist(), j[kept].tolist(), strict=True))

    for threshold in (alpha / (2 * m), alpha / p**2):
        require(unordered != below(threshold), hint="both-directions")
    require(unordered != below(alpha), hint="uncorrected")
    require(unordered != below(alpha / p), hint="markers")
    expected = below(alpha / m)
    if unordered == expected:
        require(bool((pairs[:, 0] < pairs[:, 1]).all()), hint="order")
    require(
        unordered == expected,
        f"With {p} markers and alpha {alpha} the threshold is {alpha / m:.6f}. "
        f"{len(expected)} pairs are below it; you report {len(unordered)}.",
        expected=sorted(expected),
        received=sorted(unordered),
    )
    p_values[i, j] = p_values[j, i] = np.maximum(values, 1.5 * alpha / m)
    nothing = _as_pairs(submission.call("significant_pairs", p_values, alpha), p)
    require(len(nothing) == 0, hint="all-pairs")


def _listed(scores, m, *, twice=False, diagonal=False, lowest=False) -> list[tuple[int, int]]:
    """The pairs that a method lists, as asked or with one of the typical slips."""
    rows, columns = np.indices(scores.shape)
    kept = rows < columns
    if twice:
        kept = rows != columns
    if diagonal:
        kept = kept | (rows == columns)
    i, j = rows[kept], columns[kept]
    values = scores[i, j] * (1 if lowest else -1)
    best = np.argsort(values, kind="stable")[:m]
    return list(zip(i[best].tolist(), j[best].tolist(), strict=True))


def _answers(scores, true_pairs, m) -> dict[str, float]:
    """The right answer and those of typical slips, by the name of the hint."""
    true = {tuple(sorted(pair)) for pair in true_pairs.tolist()}
    as_written = {tuple(pair) for pair in true_pairs.tolist()}
    listed = _listed(scores, m)
    right = len(true & set(listed))
    cells = _listed(scores, m, twice=True)
    return {
        "right": right,
        "each-twice": len(true & {tuple(sorted(pair)) for pair in cells}),
        "counted-twice": sum(tuple(sorted(pair)) in true for pair in cells),
        "diagonal": len(true & set(_listed(scores, m, diagonal=True))),
        "direction": len(as_written & set(listed)),
        "lowest": len(true & set(_listed(scores, m, lowest=True))),
        "share": right / m,
        "share-of-true": right / len(true),
        "loci": len({one for pair in listed for one in pair} & {one for t in true for one in t}),
    }


@exercise(
    "pairs_found",
    title="How good is a list of pairs?",
    points=2,
    ladder=[
        "List each pair once: i, j = np.triu_indices(len(scores), 1).",
        "np.argsort(-scores[i, j])[:m] gives the m highest. Make a set of pairs of them.",
        "Sort the two numbers of each true pair before you look it up: tuple(sorted(pair)).",
    ],
    hints={
        "each-twice": "You ranked the whole table, in which every pair stands twice. So half of "
        "your m places went to copies. Use one half of the table.",
        "counted-twice": "You ranked the whole table and counted a pair for (i, j) and again for "
        "(j, i). A pair is one pair: use one half of the table.",
        "diagonal": "The diagonal is in your ranking, and takes places from real pairs. It means "
        "nothing: leave it out.",
        "direction": "True pairs whose larger number comes first were not recognised. (5, 2) and "
        "(2, 5) are the same pair.",
        "lowest": "You took the lowest scores. np.argsort sorts upwards: use -scores.",
        "share": "That is a share. The number of true pairs is asked for.",
        "share-of-true": "That is the share of the true pairs that were found. Their number is "
        "asked for.",
        "loci": "You counted loci that occur in a true pair. Both loci of one pair have to stand "
        "together in your list.",
    },
)
def check_pairs_found(submission: Submission, rng: np.random.Generator):
    trials, received = [], []
    while len(trials) < 6:
        k, m = int(rng.integers(8, 11)), int(rng.choice([5, 7]))  # six pairs are true
        scores = np.triu(rng.uniform(size=(k, k)), 1)
        deck = rng.permutation(np.column_stack(np.triu_indices(k, 1)))
        true = deck[:6]
        scores[true[:, 0], true[:, 1]] += rng.uniform(0, 0.8, size=6)
        scores = scores + scores.T
        np.fill_diagonal(scores, np.where(rng.uniform(size=k) < 0.4, 3.0, 0.5))
        flip = rng.uniform(size=6) < 0.5
        true = np.where(flip[:, None], true[:, ::-1], true)
        answers = _answers(scores, true, m)
        slips = [answers[name] for name in answers if name != "right"]
        # In these tables every slip gives a number of its own.
        if answers["right"] in slips or answers["each-twice"] == answers["diagonal"]:
            continue
        trials.append((scores, true, m, answers))
    for scores, true, m, _ in trials:
        result = submission.call("pairs_found", scores, true, m)
        require(
            is_number(result) and np.asarray(result).dtype.kind != "b",
            "`pairs_found` should return one number.",
        )
        received.append(float(result))
    for slip in trials[0][3]:
        if slip != "right":
            same = _close(received, [float(answers[slip]) for *_, answers in trials])
            require(not same, hint=slip)
    for (scores, true, m, answers), number in zip(trials, received, strict=True):
        require(
            number == answers["right"],
            f"{len(scores)} things, {len(true)} true pairs, m = {m}: {answers['right']} true pairs "
            f"are among the {m} highest, you say {number:g}.",
        )


@exercise(
    "attention_weights",
    title="Who listens to whom?",
    points=2,
    ladder=[
        "queries @ keys.T gives all scores at once: row i, column j. Divide by np.sqrt(d).",
        "Take scores.max(axis=1, keepdims=True) away, then np.exp.",
        "Divide by the sum over axis=1, with keepdims=True, so that each row sums to 1.",
    ],
    hints={
        "columns": "Your columns sum to 1. It is the rows that should: each position shares its "
        "own attention out. axis=1.",
        "not-scaled": "The scores were not divided by the square root of d, the number of columns "
        "of the queries.",
        "scaled-by-d": "The scores were divided by d. Its square root is asked for.",
        "not-normalised": "These rows do not sum to 1. Divide each by its sum.",
        "all-together": "You divided by the sum of the whole table. Each row has a sum of its own.",
        "swapped": "Queries and keys are swapped: row i belongs to query i.",
        "overflow": "With large scores np.exp overflows, and the weights turn into nan. Take the "
        "largest score of each row away first.",
        "scores": "These are the scores. They still have to go through np.exp and the division.",
    },
)
def check_attention_weights(submission: Submission, rng: np.random.Generator):
    length, d = int(rng.integers(5, 8)), int(rng.integers(3, 6))
    queries, keys = rng.normal(size=(2, length, d))
    name = "attention_weights"

    def ask(factor):
        return numbers(submission.call(name, factor * queries, keys), name, (length, length))

    def weights(scores, axis=1):
        raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
        return raised / raised.sum(axis=axis, keepdims=True)

    result = ask(1.0)
    plain = queries @ keys.T
    scores = plain / np.sqrt(d)
    expected = weights(scores)
    for slip, wrong in {
        "columns": weights(scores, axis=0),
        "not-scaled": weights(plain),
        "scaled-by-d": weights(plain / d),
        "swapped": weights(scores.T),
        "all-together": np.exp(scores) / np.exp(scores).sum(),
    }.items():
        require(not _close(result, wrong), hint=slip)
    raised = (np.exp(scores), np.exp(scores - scores.max(axis=1, keepdims=True)))
    require(not any(_close(result, one) for one in raised), hint="not-normalised")
    require(not any(_close(result, one) for one in (scores, plain)), hint="scores")
    if not _close(result, expected):
        i, j = first_difference(result, expected)
        require(
            False,
            f"Row {i}, column {j}: the weight should be {expected[i, j]:.4f}, yours is "
            f"{result[i, j]:.4f}. Your row sums to {result[i].sum():.4f}.",
        )
    try:
        large = ask(2_000.0)
    except NotPassed as stopped:
        stopped.hint = "overflow" if stopped.status == "error" else stopped.hint
        raise
    require(bool(np.isfinite(large).all()), hint="overflow")
    require(
        _close(large, weights(2_000.0 * scores)),
        "With large scores the weights are off. Take the largest score of each row away, and of "
        "no other.",
        hint="overflow",
    )
