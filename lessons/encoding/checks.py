"""Checks for the lesson "Encoding" (no network is trained here)."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import numbers, shape_of
from lessons.grader.exercises import NotPassed
from lessons.grader.requirements import kind_of

ALPHABET = "ACGT"
as_floats = partial(numbers, hint="shape")


def draw_sequences(rng, n, length):
    """Sequences among which are some that lack a letter, and some with an unknown one."""
    sequences = ["".join(rng.choice(list(ALPHABET), length)) for _ in range(n - 4)]
    sequences += ["".join(rng.choice(list(pair), length)) for pair in ("AC", "GT", "CT")]
    sequences += ["A" * (length // 2) + "C" * (length - length // 2)]
    order = rng.permutation(len(sequences))
    return ["CATG" + sequences[i] for i in order]


def encode(sequences, alphabet=ALPHABET):
    """One-hot code of sequences, the columns in the order of `alphabet`."""
    letters = np.array([list(sequence) for sequence in sequences])
    return (letters[:, :, np.newaxis] == np.array(list(alphabet))).astype(float)


SHAPE_HINT = (
    "Look at the shape your function returns: print(result.shape). "
    "The worksheet says what each axis stands for."
)


@exercise(
    "one_hot_sequences",
    title="Turn letters into numbers",
    points=3,
    ladder=[
        "Make an array of zeros of shape (n, L, 4) first. Then write the ones.",
        "Keep one table for all sequences: column = {'A': 0, 'C': 1, 'G': 2, 'T': 3}.",
        "Loop over sequences i and letters j; "
        "if letter in column: encoded[i, j, column[letter]] = 1",
    ],
    hints={
        "shape": SHAPE_HINT,
        "not-one-hot": "You returned one number per letter. With A=0, C=1, G=2, T=3 a model must "
        "believe that T is three times C. Give each letter a column of its own.",
        "channels-first": "Your axes are in the order sequence, letter, position. "
        "Here it is sequence, position, letter: (n, L, 4).",
        "alphabet-order": "Your columns are in another order. Here it is A, C, G, T. No order is "
        "better than another, but everybody who reads the array must use the same one.",
        "per-sequence": "The code of a letter changes from one sequence to the next. "
        "It looks as if the table is made anew for each sequence, from the letters found in it: "
        "then AACC and GGTT get the same code. Make one table, before you see any sequence.",
        "unknown-letter": "The letter N means that nobody knows the base. It should be a row of "
        "four zeros, and the other letters of that sequence should stay as they are.",
    },
)
def check_one_hot_sequences(submission: Submission, rng: np.random.Generator):
    n, length = int(rng.integers(7, 11)), int(rng.integers(9, 14))
    sequences = draw_sequences(rng, n, length - 4)
    expected = encode(sequences)
    raw = submission.call("one_hot_sequences", sequences)
    numbers = shape_of(raw) == (n, length) and np.asarray(raw).dtype.kind in "biuf"
    require(not numbers, hint="not-one-hot")
    require(shape_of(raw) != (n, 4, length), hint="channels-first")
    result = as_floats(raw, "one_hot_sequences", (n, length, 4))
    require(np.all((result == 0) | (result == 1)), "A one-hot code holds only zeros and ones.")
    for alphabet in ("ACTG", "AGCT", "ATCG", "ATGC", "AGTC", "TCGA", "TGCA", "CAGT"):
        require(not np.array_equal(result, encode(sequences, alphabet)), hint="alphabet-order")

    # The published slip, looked for directly: two sequences without a letter in common.
    low, high = "AACCAACC", "GGTTGGTT"
    pair = submission.call("one_hot_sequences", [low, high])
    pair = as_floats(pair, "one_hot_sequences", (2, 8, 4))
    require(not np.array_equal(pair[0], pair[1]), hint="per-sequence")

    wrong = np.argwhere((result != expected).any(axis=2))
    if len(wrong):
        i, j = (int(k) for k in wrong[0])
        require(
            False,
            f"In {sequences[i]} the letter at position {j} (counting from 0) is {sequences[i][j]}. "
            f"Its code should be {expected[i, j].astype(int).tolist()}, "
            f"yours is {result[i, j].astype(int).tolist()}.",
        )

    unknown = [sequences[0][:-2] + "N" + sequences[0][-1], *sequences[1:]]
    try:
        result = submission.call("one_hot_sequences", unknown)
    except NotPassed as stopped:
        # The most common way of meeting an N: a table of letters that does not hold it.
        stopped.hint = "unknown-letter" if stopped.status == "error" else stopped.hint
        raise
    result = as_floats(result, "one_hot_sequences", (n, length, 4))
    require(np.array_equal(result, encode(unknown)), hint="unknown-letter")


@exercise(
    "decode_sequences",
    title="Read the numbers back",
    points=2,
    ladder=[
        "Which column holds the one? np.argmax along the last axis says it.",
        "np.array(list('ACGT'))[encoded.argmax(axis=2)] gives the letters. Join each row.",
        "Rows of zeros: encoded.sum(axis=2) == 0. Put 'N' there before you join.",
    ],
    hints={
        "list": "Return a list of strings, one string for each sequence: ['ACGT', 'GGTA'].",
        "one-string": "All the sequences ended up in one string. Return a list of n strings.",
        "letters-apart": "Each sequence should be one string, 'ACGT', not a list of letters. "
        "Join them: ''.join(letters).",
        "alphabet-order": "Your letters are exchanged: the columns stand for A, C, G, T, "
        "in this order.",
        "positions-as-letters": "You looked for the ones along the wrong axis: each of your "
        "sequences has four letters. The columns, where the letters are, are the last axis, 2.",
        "unknown-lost": "An unknown letter should leave an N. Then every sequence keeps its "
        "length, and the letters after it keep their places.",
        "unknown-as-A": "A row of zeros has no one to look up: it stands for an unknown letter, N. "
        "argmax of four zeros is 0, which reads as A. Find the rows without any one first.",
    },
)
def check_decode_sequences(submission: Submission, rng: np.random.Generator):
    n, length = int(rng.integers(6, 9)), int(rng.integers(9, 14))
    sequences = draw_sequences(rng, n, length - 4)
    encoded = encode(sequences).astype(np.float32)
    result = submission.call("decode_sequences", encoded)
    result = result.tolist() if hasattr(result, "tolist") else result
    require(result is not None, "decode_sequences gave back nothing. Is the return missing?")
    require(not isinstance(result, str), hint="one-string")
    listed = isinstance(result, list | tuple) and len(result) == n
    require(listed, hint="list", received=kind_of(result))
    require(not any(isinstance(s, list | tuple) for s in result), hint="letters-apart")
    require(all(isinstance(s, str) for s in result), hint="list")
    for alphabet in ("ACTG", "AGCT", "ATCG", "ATGC", "AGTC", "TCGA", "TGCA", "CAGT"):
        swapped = [s.translate(str.maketrans(ALPHABET, alphabet)) for s in sequences]
        require(list(result) != swapped, hint="alphabet-order")
    require(not all(len(s) == 4 for s in result), hint="positions-as-letters")
    for i in range(n):
        require(
            result[i] == sequences[i],
            f"Sequence {i} (counting from 0) is {sequences[i]}. Yours is {result[i]}.",
        )

    unknown = [sequences[0][:2] + "N" + sequences[0][3:], *sequences[1:]]
    try:
        result = submission.call("decode_sequences", encode(unknown).astype(np.float32))
    except NotPassed as stopped:
        stopped.hint = "unknown-as-A" if stopped.status == "error" else stopped.hint
        raise
    result = result.tolist() if hasattr(result, "tolist") else result
    listed = isinstance(result, list | tuple) and len(result) == n
    require(listed and all(isinstance(s, str) for s in result), hint="list")
    first = result[0]
    require(not (len(first) == length and first[2] in ALPHABET), hint="unknown-as-A")
    require(len(first) == length, hint="unknown-lost", expected=unknown[0], received=first)
    require(
        list(result) == unknown,
        "A row of four zeros should become N.",
        expected=unknown[0],
        received=first,
    )


@exercise(
    "one_hot_genotypes",
    title="Three columns for three genotypes",
    points=2,
    ladder=[
        "Ask three questions of the table: is it 0? is it 1? is it 2?",
        "genotypes == 1 is a table of True and False. "
        "Stack three such tables along a new last axis.",
        "(genotypes[:, :, np.newaxis] == np.arange(3)).astype(np.float32)",
    ],
    hints={
        "shape": SHAPE_HINT,
        "missing-wraps": "Missing genotypes came out as two copies. np.eye(3)[-1] is the last "
        "row: Python counts negative positions from the end. Missing should be three zeros.",
        "missing-as-zero-copies": "Missing genotypes came out as zero copies. "
        "Nobody knows how many there are: three zeros.",
        "flat": "Your table is flat, (n, 3p). Keep the SNPs apart: (n, p, 3).",
        "dosage-column": "You put the number of copies into the columns. "
        "A one-hot code holds only zeros and ones.",
        "reversed": "Your columns stand for 2, 1 and 0 copies. Here they are 0, 1 and 2.",
        "cumulative": "A genotype of 2 has a one in more than one column. "
        "Exactly one column is one: 'two copies' is a class of its own.",
    },
)
def check_one_hot_genotypes(submission: Submission, rng: np.random.Generator):
    n, p = int(rng.integers(8, 14)), int(rng.integers(4, 7))
    genotypes = rng.integers(0, 3, size=(n, p)).astype(np.int8)
    genotypes[rng.random((n, p)) < 0.15] = -1
    genotypes[:4, 0] = [0, 1, 2, -1]
    expected = (genotypes[:, :, None] == np.arange(3)).astype(float)
    gap = genotypes < 0

    raw = submission.call("one_hot_genotypes", genotypes)
    require(shape_of(raw) != (n, 3 * p), hint="flat")
    result = as_floats(raw, "one_hot_genotypes", (n, p, 3))
    require(not (result > 1).any(), hint="dosage-column")
    known = np.array_equal(result[~gap], expected[~gap])
    require(not (known and (result[gap] == [0, 0, 1]).all()), hint="missing-wraps")
    require(not (known and (result[gap] == [1, 0, 0]).all()), hint="missing-as-zero-copies")
    require((result[~gap].sum(axis=-1) <= 1).all(), hint="cumulative")
    require(not np.array_equal(result[~gap], expected[~gap][:, ::-1]), hint="reversed")
    require(
        known,
        "Columns 0, 1 and 2 stand for 0, 1 and 2 copies. Print a small table and its code, "
        "and compare them by eye.",
    )
    require(
        np.array_equal(result, expected),
        f"A missing genotype should be three zeros. Yours is {result[gap][0].round(3).tolist()}.",
    )


@exercise(
    "additive_and_dominance",
    title="Is the heterozygote half-way?",
    points=2,
    ladder=[
        "You need three numbers first: the mean trait of each genotype class.",
        "Draw them: none, one, two. The additive effect is half of two minus none.",
        "d = one - (two + none) / 2; return a, d",
    ],
    hints={
        "shape": "Return two numbers, first the additive effect a and then the dominance effect d.",
        "full-difference": "Your a is the whole distance between the homozygotes. They differ by "
        "two copies; a is the effect of one: half of it.",
        "from-zero-class": "You compared the heterozygote with one homozygote. "
        "Compare it with the point half-way between the two.",
        "sign": "Your signs are turned round. Two copies minus none; heterozygote minus midpoint.",
        "regression-slope": "Your a is the slope of a straight line through all the mice. "
        "When the trait has dominance that slope depends on how common the allele is. "
        "Use the three class means instead.",
        "missing": "Mice without a genotype (-1) took part. Leave them out.",
        "order": "You returned d before a.",
        "parentheses": "Python divides before it adds and subtracts: two - none / 2 halves none "
        "alone. Put the sum or the difference into parentheses, then divide.",
        "medians": "You compared the medians of the classes. The question is about their means.",
    },
)
def check_additive_and_dominance(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(70, 100))
    f = float(rng.uniform(0.25, 0.35))
    genotypes = rng.binomial(2, f, size=n).astype(np.int8)
    genotypes[rng.random(n) < 0.1] = -1
    genotypes[:8] = [0, 1, 2, -1, 2, 2, 0, -1]
    a_true, d_true = float(rng.uniform(0.8, 1.2)), float(rng.uniform(0.5, 0.9))
    effect = np.array([-a_true, d_true, a_true, 4.0])  # untyped mice happen to be large
    trait = 10 + effect[genotypes] + 0.3 * rng.standard_normal(n)

    none, one, two = (trait[genotypes == k].mean() for k in range(3))
    a, d = (two - none) / 2, one - (two + none) / 2
    typed = genotypes >= 0
    slope = np.polyfit(genotypes[typed], trait[typed], 1)[0]
    none_with_missing = trait[genotypes <= 0].mean()
    two_with_missing = trait[(genotypes == 2) | ~typed].mean()
    slope_with_missing = np.polyfit(genotypes, trait, 1)[0]

    raw = submission.call("additive_and_dominance", genotypes, trait)
    result = as_floats(raw, "additive_and_dominance", (2,))
    require(not np.allclose(result, [d, a]), hint="order")
    require(not np.isclose(result[0], two - none), hint="full-difference")
    require(
        not np.isclose(result[0], slope) and not np.isclose(result[0], slope_with_missing),
        hint="regression-slope",
    )
    require(
        not np.isclose(result[0], (two - none_with_missing) / 2)
        and not np.isclose(result[0], (two_with_missing - none) / 2),
        hint="missing",
    )
    slips = [two - none / 2, two / 2 - none], [one - two + none / 2, one - none + two / 2]
    slips[1].append(one - (two + none / 2))
    for number, wrong in zip(result, slips, strict=True):
        require(not any(np.isclose(number, value) for value in wrong), hint="parentheses")
    middle = [np.median(trait[genotypes == k]) for k in range(3)]
    medians = (middle[2] - middle[0]) / 2, middle[1] - (middle[2] + middle[0]) / 2
    require(not np.allclose(result, medians), hint="medians")
    require(not np.isclose(result[0], -a) and not np.isclose(result[1], -d), hint="sign")
    for homozygote in (none, two):
        require(not np.isclose(result[1], one - homozygote), hint="from-zero-class")
    require(
        np.allclose(result, [a, d]),
        f"The class means are {none:.3f}, {one:.3f} and {two:.3f}: a is {a:.3f} and d is {d:.3f}. "
        f"Your function says {result[0]:.3f} and {result[1]:.3f}.",
    )


@exercise(
    "impute_with_training_means",
    title="Fill the gaps without looking ahead",
    points=3,
    ladder=[
        "Turn the table into floats, and -1 into np.nan. Then NumPy knows what is missing.",
        "np.nanmean(dosages[training], axis=0) is the mean of each SNP over the training rows.",
        "np.where(np.isnan(dosages), means, dosages)",
    ],
    hints={
        "shape": SHAPE_HINT,
        "all-rows": "Your means were learned on all rows, the test rows too. In a real study the "
        "test individuals have not been seen yet. Use the training rows only.",
        "zero": "Missing genotypes became zero: you declared everybody untyped to carry no copy. "
        "Fill in the mean of the SNP.",
        "minus-one-in-mean": "The -1 of missing genotypes took part in the means and pulled them "
        "down. Leave them out: np.nanmean, or a mask.",
        "one-mean": "You filled every gap with the same number. A common allele and a rare one "
        "need different means: one mean for each SNP.",
        "median": "You filled the gaps with the median of the SNP. The mean is asked for.",
        "frequency": "You filled in allele frequencies. The table holds numbers of copies, from 0 "
        "to 2: fill in the mean number, which is twice the frequency.",
        "gaps-left": "Some gaps are still NaN. A mean with a NaN in it is NaN: use np.nanmean. "
        "And fill the gaps of all rows, not of the training rows alone.",
        "integer-array": "The means lost their decimals. You wrote 0.7 into an array of integers, "
        "and it became 0. Convert first: genotypes.astype(float).",
        "training-only": "You returned the training rows only. All rows need their gaps filled.",
    },
)
def check_impute_with_training_means(submission: Submission, rng: np.random.Generator):
    n, p = int(rng.integers(40, 55)), int(rng.integers(5, 8))
    genotypes = rng.binomial(2, np.linspace(0.2, 0.8, p), size=(n, p)).astype(np.int8)
    genotypes[rng.random((n, p)) < 0.2] = -1
    genotypes[0], genotypes[1], genotypes[2] = 0, 2, -1
    training = np.sort(np.concatenate([[0, 1], rng.choice(np.arange(2, n), n // 2, replace=False)]))

    gap = genotypes < 0
    values = np.where(gap, np.nan, genotypes.astype(float))
    means = np.nanmean(values[training], axis=0)
    expected = np.where(gap, means, values)

    raw = submission.call("impute_with_training_means", genotypes, training)
    require(shape_of(raw) != (len(training), p), hint="training-only")
    result = as_floats(raw, "impute_with_training_means", (n, p))

    def filled(with_what):
        return np.where(gap, with_what, values)

    pulled = [genotypes[training].mean(0), genotypes.mean(0)]
    single = [np.nanmean(values), np.nanmean(values[training]), np.nanmedian(values), 1]
    per_mouse = np.nanmean(np.where(gap.all(1)[:, None], 1, values), axis=1, keepdims=True)
    require(not np.allclose(result, filled(0)), hint="zero")
    require(not np.allclose(result, filled(np.nanmean(values, axis=0))), hint="all-rows")
    require(not any(np.allclose(result, filled(m)) for m in pulled), hint="minus-one-in-mean")
    require(not any(np.allclose(result, filled(m)) for m in single), hint="one-mean")
    middle = np.nanmedian(values[training], axis=0)
    require(not np.allclose(result, filled(middle)), hint="median")
    require(not np.allclose(result, filled(means / 2)), hint="frequency")
    require(not np.isnan(result[gap]).any(), hint="gaps-left")
    require(np.asarray(raw).dtype.kind not in "biu", hint="integer-array")
    require(
        not np.allclose(result[3:], filled(per_mouse)[3:]),
        "You filled the gaps with the mean of the mouse. Use the mean of the SNP: axis 0.",
    )
    require(
        np.allclose(result[~gap], values[~gap]),
        "Some genotypes that were not missing have changed. Only the gaps should be filled.",
    )
    away = np.abs(result - expected)
    i, j = (int(k) for k in np.argwhere(away == away.max())[0])
    require(
        np.allclose(result, expected),
        f"Row {i}, SNP {j} was missing. The training mean of this SNP is {expected[i, j]:.6g}. "
        f"Your function filled in {result[i, j]:.6g}.",
    )
