"""Checks of the lesson on epistasis. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.epistasis import attention, kennel, pairs
from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, numbers, table
from lessons.grader.exercises import NotPassed

_close = partial(close, absolute=1e-9)


def _same(received, expected) -> bool:
    """Equal numbers, with NaN in the same places."""
    return bool(np.allclose(received, expected, rtol=1e-6, atol=1e-9, equal_nan=True))


def _call(submission: Submission, errors: dict[str, str], name: str, *arguments):
    """Call a function; an error whose message holds one of these words earns that hint."""
    try:
        return submission.call(name, *arguments)
    except NotPassed as stopped:
        for words, hint in errors.items():
            if stopped.status == "error" and words in str(stopped.message):
                stopped.hint = hint
        raise


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
        "no-dogs": "One genotype has no dog at all, and a sum divided by 0 dogs stops Python. Look "
        "whether there is a dog before you divide.",
        "and": "`and` wants one yes or no, and an array holds many. Join conditions with `&`, each "
        "in parentheses: (locus_a == 0) & (locus_b == 1).",
    },
)
def check_genotype_table(submission: Submission, rng: np.random.Generator):
    a, b, trait = kennel.draw_dogs(rng)
    name = "genotype_table"
    errors = {"ZeroDivisionError": "no-dogs", "ambiguous": "and"}
    result = numbers(_call(submission, errors, name, a, b, trait), name, (3, 3))
    known = (a >= 0) & (b >= 0) & ~np.isnan(trait)
    expected = kennel.means(a[known], b[known], trait[known])
    if _same(result, expected):
        return
    for slip, wrong in kennel.slips(a, b, trait):
        require(not _same(result, wrong), hint=slip)
    counts = kennel.totals(a[known], b[known], trait[known])[1]
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
        "reference-changed": "The reference carries a mutation. A second name for `one_hot` is "
        "no copy: use `.copy()`.",
        "pair-swapped": "An index was out of range. Each change is `(position, base)`, in this "
        "order: positions go from 0 to L - 1, bases from 0 to 3.",
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
    result = _call(submission, {"IndexError": "pair-swapped"}, "double_mutants", one_hot, *changes)
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
    alike = bool((result == result[0]).all()) and not _close(result[0], one_hot)
    require(not alike, hint="not-copied")
    require(not _close(result, made([], first, changes, changes)), hint="carried-over")
    require(not _close(result, made([], first, second, changes, clear=False)), hint="not-one-hot")
    require(not _close(result, made([], first, second, changes, shift=1)), hint="counts-from-one")
    rows = {one.tobytes() for one in expected}
    require({one.tobytes() for one in result} != rows, hint="order")
    for half in (first, second):
        require(not _close(result, made([], first, second, half)), hint="not-doubled")
        require(not _close(result[0], made(half)[0]), hint="reference-changed")
    wrong = made([], first, changes, changes, clear=False)
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
        "absolute": "The signs are lost. Whether the double mutant is above or below what was "
        "expected is half of the answer.",
        "one-half": "Only one half of the table is filled. The pair (j, i) is the pair (i, j): "
        "both entries hold its score.",
        "diagonal": "The diagonal should be 0: a change does not interact with itself.",
    },
)
def check_interaction_scores(submission: Submission, rng: np.random.Generator):
    k = int(rng.integers(4, 7))
    reference = float(rng.uniform(2, 5))
    single = reference + rng.normal(size=k)
    expected = np.triu(rng.normal(size=(k, k)), 1)
    expected[0, 1:3] = abs(expected[0, 1]), -abs(expected[0, 2])  # signs matter
    expected = expected + expected.T
    double = single[:, None] + single[None, :] - reference + expected
    np.fill_diagonal(double, single)  # the same change twice is that change
    name = "interaction_scores"
    result = numbers(submission.call(name, reference, single, double), name, (k, k))
    if _close(result, expected):
        return
    raw = expected + np.diag(reference - single)

    off = ~np.eye(k, dtype=bool)

    def is_like(wrong) -> bool:
        """Whatever the diagonal holds."""
        return _close(result[off], wrong[off])

    require(not is_like(expected), hint="diagonal")
    require(not is_like(raw - reference), hint="reference-forgotten")
    require(not is_like(raw - 2 * reference), hint="reference-subtracted")
    for one in (single[:, None], single[None, :]):
        require(not is_like(double - 2 * one + reference), hint="same-single-twice")
        for extra in (0.0, reference, -reference):
            require(not is_like(double - one + extra), hint="one-single")
    require(not is_like(double - reference), hint="total-change")
    require(not is_like(-raw), hint="sign")
    require(not is_like(np.abs(raw)), hint="absolute")
    require(not (is_like(np.triu(raw)) or is_like(np.tril(raw))), hint="one-half")
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
        "one-by-one": "You took out one marker and then the other. The two are correlated, so the "
        "second step brings some of the first back. Take out all columns together.",
        "coefficients": "`np.linalg.lstsq` gives coefficients first. Columns @ coefficients is the "
        "part that the markers explain; take it away from the product.",
        "nothing-left": "Nothing is left: every entry is 0. Only ones, a and b may explain the "
        "product `a * b`, and the answer must not be rounded to whole numbers.",
        "sign": "The signs are turned round: the product minus what is explained.",
        "explained": "That is the part which the single markers explain. What is left of the "
        "product when it is taken away?",
        "constant-only": "You only subtracted the mean of the product. It is still correlated "
        "with a and with b.",
        "rescaled": "Right up to a factor. Leave the column in its own unit.",
    },
)
def check_interaction_column(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(50, 70))
    shared = rng.binomial(1, 0.4, size=n)  # linked markers: a copy in common
    a = (shared + rng.binomial(1, 0.4, size=n)).astype(float)
    b = (shared + rng.binomial(1, 0.5, size=n)).astype(float)
    name = "interaction_column"
    result = submission.call(name, a, b)
    parts = isinstance(result, tuple) and len(result) == 4
    require(not parts and np.shape([0] if parts else result) != (3,), hint="coefficients")
    result = numbers(result, name, (n,))
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
    for markers in ((a, b), (b, a)):
        left = product
        for marker in markers:
            left = without(left, one, marker)
        require(not _close(result, left), hint="one-by-one")
    require(bool((np.abs(result) > 1e-9).any()), hint="nothing-left")
    require(not _close(result, -expected), hint="sign")
    require(not _close(result, product - expected), hint="explained")
    require(not _close(result, product - product.mean()), hint="constant-only")
    size = np.sqrt(np.sum(result**2) * np.sum(expected**2))
    aligned = abs(float(result @ expected)) > (1 - 1e-9) * size if size > 0 else False
    require(not aligned, hint="rescaled")
    sums = [float(np.sum(result * (marker - marker.mean()))) for marker in (a, b)]
    require(
        float(np.abs([result.mean(), *sums]).max()) < 1e-6,
        "Your column should have the mean 0 and be uncorrelated with both markers. Its mean is "
        f"{result.mean():.4f}; its sum of products with the centred a is {sums[0]:.4f}, "
        f"with the centred b {sums[1]:.4f}.",
    )
    place = first_difference(result, expected)[0]
    require(
        False,
        f"Individual {place} (counting from 0) has {a[place]:g} and {b[place]:g} copies. What is "
        f"left of the product is {expected[place]:.4f}; yours is {result[place]:.4f}.",
    )


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
        "own-level": "You compared with 0.05, whatever `alpha` is.",
        "own-number": "You divided by 190. Twenty markers make 190 pairs; count those of this "
        "table.",
        "last-marker": "The pair of the last two markers is below the threshold and not in your "
        "list. Does a loop stop one too soon?",
        "all-pairs": "With nothing below the threshold the list is empty. Yours is not.",
    },
)
def check_significant_pairs(submission: Submission, rng: np.random.Generator):
    name, p = "significant_pairs", int(rng.choice([11, 12, 16, 17]))  # not 20, as in the text
    alpha = float(rng.choice([0.01, 0.02, 0.08]))
    m = p * (p - 1) // 2
    slips = {
        "uncorrected": [alpha],
        "markers": [alpha / p],
        "both-directions": [alpha / (2 * m), alpha / p**2],
        "own-number": [alpha / 190],
        "own-level": [0.05 / m, 0.05],
    }
    thresholds = [alpha / m, *(threshold for values in slips.values() for threshold in values)]
    p_values = pairs.draw_p_values(rng, p, thresholds)
    reported = pairs.as_pairs(submission.call(name, p_values, alpha), p)
    require(not bool((reported[:, 0] == reported[:, 1]).any()), hint="diagonal")
    unordered = {tuple(sorted(pair)) for pair in reported.tolist()}
    require(len(unordered) == len(reported), hint="each-twice")
    expected = pairs.below(p_values, alpha / m)
    for slip, values in slips.items():
        same = any(unordered == pairs.below(p_values, threshold) for threshold in values)
        require(not same, hint=slip)
    without_last = {pair for pair in expected if p - 1 not in pair}
    require(unordered != without_last, hint="last-marker")
    if unordered == expected:
        require(bool((reported[:, 0] < reported[:, 1]).all()), hint="order")
    require(
        unordered == expected,
        f"With {p} markers and alpha {alpha} the threshold is {alpha / m:.6f}. "
        f"{len(expected)} pairs are below it; you report {len(unordered)}.",
        expected=sorted(expected),
        received=sorted(unordered),
    )
    p_values = np.maximum(p_values, 1.5 * alpha / m)
    nothing = pairs.as_pairs(submission.call(name, p_values, alpha), p, nothing=True)
    require(len(nothing) == 0, hint="all-pairs")


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
        "absolute": "You ranked by size. Here a higher score is the stronger claim, and a large "
        "negative one is a low score.",
        "emptied": "Your ranking holds cells that you had set to 0. A 0 is higher than a negative "
        "score. Rank the pairs alone: scores[np.triu_indices(k, 1)].",
        "one-too-many": "You looked at one pair too many: m of them, not m + 1.",
        "one-too-few": "You looked at one pair too few: m of them, not m - 1.",
        "best-left-out": "The highest pair is missing. A slice leaves out its end: the last m of "
        "a list are [-m:], not [-m:-1].",
        "loci": "You counted loci that occur in a true pair. Both loci of one pair have to stand "
        "together in your list.",
    },
)
def check_pairs_found(submission: Submission, rng: np.random.Generator):
    trials, received = pairs.draw_trials(rng), []
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
            require(not same, hint=slip.split(",")[0])
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
        "scaled-by-length": "The scores were divided by the square root of L, the number of "
        "positions. d is the number of columns: queries.shape[1].",
        "no-exp": "The scores were divided by their sum. They have to go through np.exp first: "
        "then all weights are positive.",
        "keepdims": "What belongs to the rows was laid along the columns: NumPy lines a flat array "
        "up with the last axis. Use keepdims=True in max and in sum.",
        "not-normalised": "These rows do not sum to 1. Divide each by its sum.",
        "all-together": "You divided by the sum of the whole table. Each row has a sum of its own.",
        "swapped": "Queries and keys are swapped: row i belongs to query i.",
        "overflow": "With large scores np.exp overflows, and the weights turn into nan. Take the "
        "largest score of each row away first.",
        "one-maximum": "You took the largest score of the whole table away. In a row that is far "
        "below it, np.exp gives nothing but zeros. Each row has a largest score of its own.",
        "scores": "These are the scores. They still have to go through np.exp and the division.",
    },
)
def check_attention_weights(submission: Submission, rng: np.random.Generator):
    length, d = int(rng.integers(6, 9)), int(rng.integers(3, 6))  # never the same number
    queries, keys = rng.normal(size=(2, length, d))
    name = "attention_weights"

    def ask(factor, errors):
        result = _call(submission, errors, name, factor * queries, keys)
        return numbers(result, name, (length, length))

    result = ask(1.0, {})
    scores = queries @ keys.T / np.sqrt(d)
    expected = attention.weights(scores)
    for slip, wrong in attention.slips(queries, keys):
        require(not _close(result, wrong), hint=slip)
    if not _close(result, expected):
        i, j = first_difference(result, expected)
        require(
            False,
            f"Row {i}, column {j}: the weight should be {expected[i, j]:.4f}, yours is "
            f"{result[i, j]:.4f}. Your row sums to {result[i].sum():.4f}.",
        )
    large = ask(2_000.0, {"": "overflow"})
    wrong = attention.with_one_maximum(2_000.0 * scores)
    require(not (np.isnan(wrong).any() and _same(large, wrong)), hint="one-maximum")
    require(bool(np.isfinite(large).all()), hint="overflow")
    require(
        _close(large, attention.weights(2_000.0 * scores)),
        "With large scores the weights are off. Take the largest score of each row away before "
        "np.exp, and change nothing else.",
    )
