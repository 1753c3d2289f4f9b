"""Checks for the lesson "Data curation" (no network is trained here)."""

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, numbers, row_numbers


@exercise(
    "scale_with_training_statistics",
    title="Scale with what you know",
    points=2,
    ladder=[
        "x[training] is the table of training rows. Take mean and standard deviation of its "
        "columns: axis=0.",
        "Use these two rows of numbers for the whole of x: (x - mean) / deviation.",
        "A deviation of 0 must not divide: np.where(deviation > 0, deviation, 1), and 0 for those "
        "columns.",
    ],
    hints={
        "all-rows": "Your means and standard deviations come from all rows, the test rows too. "
        "In a real study those have not been seen yet. Use x[training].",
        "own-statistics": "You scaled training and test rows each by their own statistics. Then "
        "the same value means one thing in training and another in the test, and a single new "
        "individual can't be scaled at all. Use the training numbers for both.",
        "one-number": "You used one mean and one deviation for the whole table. Each column has "
        "its own unit: axis=0.",
        "not-divided": "The columns are centred, but their spread is as it was. Divide by the "
        "standard deviation.",
        "parentheses": "Python divides before it subtracts: x - mean / deviation divides the mean "
        "alone. Put the difference into parentheses.",
        "rows-not-columns": "You scaled each row by itself. Rows are individuals, columns are what "
        "was measured: axis=0.",
        "range": "You scaled by smallest and largest value. Here it is mean and standard "
        "deviation.",
        "variance": "You divided by the variance. It is the square of the standard deviation.",
        "training-only": "You returned the training rows only. All rows should be scaled.",
        "constant-column": "One column does not vary among the training rows, so its standard "
        "deviation is 0 and dividing by it fails. Such a column becomes 0 in all rows.",
    },
)
def check_scale(submission: Submission, rng: np.random.Generator):
    name = "scale_with_training_statistics"
    n, p = int(rng.integers(30, 40)), int(rng.integers(3, 6))
    x = rng.normal(rng.uniform(5, 20, p), rng.uniform(2, 6, p), size=(n, p))
    training = np.sort(rng.choice(n, size=2 * n // 3, replace=False))
    test = np.setdiff1d(np.arange(n), training)
    x[test] = 1.5 * x[test] + 4  # the test rows differ, so that it matters who is asked
    known = x[training]
    mean, deviation = known.mean(axis=0), known.std(axis=0)

    raw = submission.call(name, x, training)
    require(np.shape(np.asarray(raw)) != (len(training), p), hint="training-only")
    result = numbers(raw, name, (n, p))
    sample = known.std(axis=0, ddof=1)  # as good a choice, but not the one asked for
    require(not close(result, (x - x.mean(axis=0)) / x.std(axis=0)), hint="all-rows")
    require(not close(result, (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)), hint="all-rows")
    own = np.empty_like(x)
    for rows in (training, test):
        own[rows] = (x[rows] - x[rows].mean(axis=0)) / x[rows].std(axis=0)
    require(not close(result, own), hint="own-statistics")
    for whole in (known, x):
        require(not close(result, (x - whole.mean()) / whole.std()), hint="one-number")
    require(not close(result, x - mean), hint="not-divided")
    require(not close(result, (x - mean) / known.var(axis=0)), hint="variance")
    require(
        not close(result, (x - mean) / sample),
        "Almost: your standard deviation divides by n - 1. Here it is NumPy's default, by n.",
    )
    require(not close(result, x - mean / deviation), hint="parentheses")
    for divisor in (0, 1):
        row_spread = x.std(axis=1, ddof=divisor, keepdims=True)
        by_row = (x - x.mean(axis=1, keepdims=True)) / row_spread
        require(not close(result, by_row), hint="rows-not-columns")
    require(not close(result, (x - known.min(0)) / np.ptp(known, axis=0)), hint="range")
    expected = (x - mean) / deviation
    if not close(result, expected):
        i, j = (int(k) for k in np.argwhere(~np.isclose(result, expected))[0])
        require(
            False,
            f"Row {i}, column {j} holds {x[i, j]:.3f}. The training rows of that column have mean "
            f"{mean[j]:.3f} and standard deviation {deviation[j]:.3f}, so it should become "
            f"{expected[i, j]:.3f}. Yours is {result[i, j]:.3f}.",
        )

    x[training, 0] = float(rng.integers(1, 9))
    expected[:, 0] = 0.0
    result = numbers(submission.call(name, x, training), name, (n, p))
    require(close(result, expected), hint="constant-column")


def _draw_families(rng):
    """Family labels in mixed order, of sizes that differ."""
    sizes = rng.permutation([1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14])
    labels = rng.permutation(np.arange(100, 100 + len(sizes)))
    return rng.permutation(np.repeat(labels, sizes))


@exercise(
    "grouped_split",
    title="Keep families together",
    points=3,
    ladder=[
        "Shuffle the families, not the individuals: "
        "np.random.default_rng(seed).permutation(np.unique(families)).",
        "Go through the shuffled families. Keep a True/False array in_test, and set it with "
        "in_test |= families == family.",
        "Leave the loop once in_test.sum() >= test_fraction * len(families). Then "
        "np.flatnonzero(~in_test) and np.flatnonzero(in_test).",
    ],
    hints={
        "family-on-both-sides": "Some families are on both sides. Their members in the test have "
        "brothers or sisters in training. Deal out families, not individuals.",
        "rows-lost": "Some individuals are in neither part, or in one of them twice. Everybody "
        "belongs to exactly one.",
        "swapped": "The parts are exchanged: return training first, then test.",
        "counted-families": "Your test part always has the same number of families, whatever "
        "their sizes. Count individuals, and stop as soon as there are enough.",
        "too-few": "Your test part is smaller than asked: it should hold *at least* the fraction. "
        "The family that brings it over the line belongs to it.",
        "too-many": "Your test part is larger than needed: without its last family it would still "
        "hold enough. Look at the size before you add another family.",
        "not-shuffled": "The test families are the first ones in order of name. Labels are often "
        "given by date, by place or by breeder. Shuffle the families first.",
        "seed-ignored": "The same seed gave two different splits, or different seeds gave the "
        "same one. Nobody could repeat your work. Make the generator from `seed`.",
    },
)
def check_grouped_split(submission: Submission, rng: np.random.Generator):
    families = _draw_families(rng)
    n, fraction = len(families), float(rng.uniform(0.22, 0.28))
    seeds = rng.choice(10_000, size=12, replace=False).tolist()

    def split(seed):
        result = submission.call("grouped_split", families, fraction, seed)
        pair = isinstance(result, (tuple, list)) and len(result) == 2
        require(pair, "Return two arrays of row numbers: `(training, test)`.")
        return [row_numbers(part, "grouped_split", n) for part in result]

    splits = [split(seed) for seed in seeds]
    for training, test in splits:
        require(not np.isin(families[test], families[training]).any(), hint="family-on-both-sides")
        rows = np.sort(np.concatenate([training, test]))
        require(np.array_equal(rows, np.arange(n)), hint="rows-lost")

    def enough(part):
        """Holds the share asked for, and would not without one of its families."""
        sizes = np.unique(families[part], return_counts=True)[1]
        wanted = fraction * n
        return len(sizes) > 0 and len(part) >= wanted and len(part) - sizes.max() < wanted

    exchanged = not all(enough(test) for _, test in splits)
    require(not (exchanged and all(enough(first) for first, _ in splits)), hint="swapped")
    counts = {len(np.unique(families[test])) for _, test in splits}
    by_count = {int(cut(fraction * 12)) for cut in (np.floor, np.ceil, np.round)}
    right_size = all(enough(test) for _, test in splits)
    fixed = len(counts) == 1 and counts <= by_count
    require(right_size or not fixed, hint="counted-families")
    sizes = [len(test) for _, test in splits]
    require(not any(size < fraction * n for size in sizes), hint="too-few")
    require(right_size, hint="too-many")
    in_order = all(set(families[test]) == _first_families(families, fraction) for _, test in splits)
    require(not in_order, hint="not-shuffled")
    for seed, (_, test) in zip(seeds[:3], splits, strict=False):
        require(np.array_equal(np.sort(split(seed)[1]), np.sort(test)), hint="seed-ignored")
    different = {tuple(np.sort(test).tolist()) for _, test in splits}
    require(len(different) > 1, hint="seed-ignored")


def _first_families(families, fraction):
    """The families that come into the test part when they are taken in order of name."""
    chosen: set = set()
    for family in np.unique(families):
        if np.isin(families, list(chosen)).sum() >= fraction * len(families):
            break
        chosen.add(family)
    return chosen


@exercise(
    "find_duplicates",
    title="Have we met before?",
    points=2,
    ladder=[
        "Go through the test list with enumerate: it gives the position and the sequence.",
        "Ask whether the sequence is among the training sequences: `sequence in known`. With "
        "known = set(training_sequences) this is fast.",
        "[i for i, sequence in enumerate(test_sequences) if sequence in known]",
    ],
    hints={
        "positions-in-training": "These are positions in the training list. The ones asked for "
        "are positions in the test list.",
        "sequences": "You returned the sequences. Return their positions in the test list.",
        "same-row": "You compared row with row. A copy can sit anywhere in the training list.",
        "within-test": "Some of your positions are sequences that occur twice within the test "
        "list, but never in training. Nothing leaks there.",
        "first-only": "A training sequence may occur several times in the test list. Each of "
        "these positions counts.",
        "counts-from-one": "Your positions are one too high. Python counts from 0.",
        "similar": "You also report sequences that are merely similar. Here only identical ones "
        "count.",
    },
)
def check_find_duplicates(submission: Submission, rng: np.random.Generator):
    length = 12
    drawn: set = set()
    while len(drawn) < 40:
        drawn.add("".join(rng.choice(list("ACGT"), length)))
    pool = [str(s) for s in rng.permutation(sorted(drawn))]
    training, fresh = pool[:25], pool[25:]
    copies = [training[i] for i in rng.choice(np.arange(5, 25), size=4, replace=False)]
    # Similar to a training sequence, and not the same: one letter differs.
    near, place = training[0], int(rng.integers(6, length))
    near = near[:place] + ("A" if near[place] != "A" else "C") + near[place + 1 :]
    while near in training:
        near = near[:-1] + str(rng.choice(list("ACGT")))
    test = [*fresh, fresh[0], near, *copies, copies[0]]
    test = [test[i] for i in rng.permutation(len(test))]
    # One copy sits in the same row of both lists, so that comparing row by row finds something.
    here, there = test.index(copies[1]), training.index(copies[1])
    training[here], training[there] = training[there], training[here]
    expected = [i for i, sequence in enumerate(test) if sequence in training]

    result = submission.call("find_duplicates", training, test)
    result = result.tolist() if isinstance(result, np.ndarray) else result
    listed = isinstance(result, (list, tuple, set))
    require(listed, "Return a list of positions in the test list.")
    result = list(result)
    require(
        not (result and all(isinstance(value, str) for value in result)),
        hint="sequences",
    )
    received = row_numbers(result, "find_duplicates", max(len(test), len(training)))
    there = [training.index(test[i]) for i in expected]
    require(set(received.tolist()) != set(there), hint="positions-in-training")
    same_row = [i for i, (a, b) in enumerate(zip(training, test, strict=False)) if a == b]
    require(received.tolist() != same_row, hint="same-row")
    require(received.tolist() != [i + 1 for i in expected], hint="counts-from-one")
    received_set, extra = set(received.tolist()), set(received.tolist()) - set(expected)
    repeated = {i for i, s in enumerate(test) if s == fresh[0]}
    require(not (extra and extra <= repeated), hint="within-test")
    require(extra != {test.index(near)}, hint="similar")
    missed = [i for i in expected if i not in received_set]
    only_once = {test.index(s) for s in copies}
    require(not (missed and received_set == only_once), hint="first-only")
    require(
        received.tolist() == expected,
        f"Training holds {len(training)} sequences and the test {len(test)}. The positions should "
        f"be {expected}. Yours are {received.tolist()}.",
    )


@exercise(
    "kolmogorov_smirnov_statistic",
    title="The largest gap",
    points=3,
    ladder=[
        "At a point t, the share of a at or below it is np.mean(a <= t).",
        "Points to look at: np.concatenate([a, b]). Compute both shares at each of them.",
        "gaps = [abs(np.mean(a <= t) - np.mean(b <= t)) for t in points]; the answer is max(gaps).",
    ],
    hints={
        "signed": "You took the largest difference, but not its absolute value. When the other "
        "staircase is on top, the gap is negative and you miss it.",
        "one-sample": "You missed the place of the largest gap. Both staircases step at their own "
        "values: look at all values of a and at all values of b.",
        "ties": "It works until values are tied. At a value that occurs several times, as dosages "
        "0, 1, 2 do, both staircases take their whole step before the gap is measured.",
        "means": "You compared the means. Two samples may have the same mean and differ in "
        "everything else.",
        "values-not-shares": "You compared the sorted values, rank by rank. That is the "
        "horizontal gap, in units of the trait. The vertical gap, between shares, is asked for.",
        "p-value": "That is the p value of the test. The statistic D itself is asked for.",
        "counts": "Your answer is above 1. Divide the counts by the sizes of the samples: a gap "
        "between shares can't exceed 1.",
    },
)
def check_kolmogorov_smirnov(submission: Submission, rng: np.random.Generator):
    name = "kolmogorov_smirnov_statistic"

    def ask(a, b):
        return float(numbers(submission.call(name, a, b), name, ()))

    for trial, shift in enumerate(rng.permutation([-0.9, 0.9])):
        n, m = int(rng.integers(20, 30)), int(rng.integers(35, 50))
        # Equal sizes once, so that a comparison rank by rank is possible at all.
        m = n if trial else m
        a, b = rng.normal(0, 1, n), rng.normal(shift, 1.3, m)
        while not _slips_differ(_gaps(a, b)):
            a, b = rng.normal(0, 1, n), rng.normal(shift, 1.3, m)
        received, facts = ask(a, b), _gaps(a, b)
        require(not close(received, abs(a.mean() - b.mean())), hint="means")
        require(not received > 1, hint="counts")
        if n == m:
            ranks = np.abs(np.sort(a) - np.sort(b))
            horizontal = any(close(received, value) for value in (ranks.max(), ranks.mean()))
            require(not horizontal, hint="values-not-shares")
        if not close(received, facts["D"]):
            require(not close(ask(a, a.copy()), 1), hint="p-value")  # no gap at all: p is 1
            for slip in ("one-sample", "signed"):
                require(not any(close(received, v) for v in facts[slip]), hint=slip)
        _agree(received, facts["D"])

    # A case in which the staircase of the second sample is on top, and one in which the gap is
    # at a value of one sample only: few values against many.
    for low, high in ((0.0, 2.0), (2.0, 0.0)):
        a = np.sort(rng.uniform(low, low + 1, 6))
        b = np.sort(rng.uniform(high, high + 1, 5))
        b[0], a[0] = a[2] + 1e-3, b[1] - 1e-3
        received, facts = ask(a, b), _gaps(a, b)
        if not close(received, facts["D"]):
            for slip in ("one-sample", "signed"):
                require(not any(close(received, v) for v in facts[slip]), hint=slip)
        _agree(received, facts["D"])

    # Nearly the same sample twice: whoever stops within a tie sees a gap that is not there.
    a = rng.permutation(np.repeat([0.0, 1.0, 2.0], rng.integers(4, 9, size=3)))
    b = rng.permutation(np.append(a, [2.0, 2.0]))
    require(close(ask(a, b), _gaps(a, b)["D"]), hint="ties")


def _slips_differ(facts):
    """True where the two slips give different wrong answers, so that they can be told apart."""
    wrong = [[v for v in facts[slip] if v != facts["D"]] for slip in ("signed", "one-sample")]
    return not any(close(u, v) for u in wrong[0] for v in wrong[1])


def _agree(received, expected):
    require(
        close(received, expected),
        f"The largest gap is {expected:.4f}. Your function says {received:.4f}.",
    )


def _gaps(a, b):
    """The statistic, and what typical slips give."""

    def shares(sample, points):
        return (sample <= points[:, None]).mean(axis=1)

    points = np.concatenate([a, b])
    gap = shares(a, points) - shares(b, points)
    alone = [np.abs(shares(a, one) - shares(b, one)).max() for one in (a, b)]
    return {
        "D": np.abs(gap).max(),
        "signed": (gap.max(), -gap.min(), gap.min(), np.abs(gap.max())),
        "one-sample": alone,
    }


@exercise(
    "inverse_frequency_weights",
    title="Let the few speak as loudly as the many",
    points=2,
    ladder=[
        "Count the members of each class: np.unique(classes, return_counts=True).",
        "A member of a class with `count` members weighs n / (k * count), with n individuals and "
        "k classes.",
        "values, which, counts = np.unique(classes, return_inverse=True, return_counts=True); "
        "counts[which] is the size of each individual's own class.",
    ],
    hints={
        "frequency": "Your weights grow with the size of the class: the many became even louder. "
        "Divide by the count.",
        "mean-not-one": "The classes are balanced, but the mean weight is not 1. Then the loss, "
        "and with it the step of the optimiser, changes its size. Multiply by n / k.",
        "one-per-class": "You returned one weight for each class. A loss needs one for each "
        "individual, in their order.",
        "two-classes": "It works for two classes, but not for three. k is the number of different "
        "labels.",
        "square-root": "Your weights are softer than asked: the classes do not have equal totals. "
        "Divide by the count itself, not by its square root.",
    },
)
def check_weights(submission: Submission, rng: np.random.Generator):
    name = "inverse_frequency_weights"
    two = rng.permutation(np.repeat(["well", "ill"], [int(rng.integers(30, 50)), 6]))
    three = rng.permutation(np.repeat([7, 2, 5], [int(rng.integers(20, 30)), 9, 3]))
    for classes in (two, three):
        n = len(classes)
        values, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
        k = len(values)
        raw = submission.call(name, classes)
        require(np.shape(np.asarray(raw)) != (k,), hint="one-per-class")
        result = numbers(raw, name, (n,))
        expected = n / (k * counts[which])
        require(np.all(np.isfinite(result)).item(), "Every weight should be a finite number.")
        if close(result, expected):
            continue
        growing = np.corrcoef(result, counts[which])[0, 1] if np.ptp(result) > 0 else 0.0
        require(not growing > 0.5, hint="frequency")
        soft = np.sqrt(expected)
        root = 1 / np.sqrt(counts[which])
        softened = (soft, root / root.mean(), root, np.sqrt(n) * root)
        require(not any(close(result, one) for one in softened), hint="square-root")
        totals = np.bincount(which, weights=result)
        balanced = np.allclose(totals, totals[0], rtol=1e-6)
        require(not (balanced and k > 2 and close(result.mean(), k / 2)), hint="two-classes")
        require(not balanced, hint="mean-not-one")
        require(
            False,
            f"The classes {values.tolist()} have {counts.tolist()} members. Their weights should "
            f"be {np.round(n / (k * counts), 3).tolist()}; the totals of yours are "
            f"{np.round(totals, 3).tolist()} and should be equal.",
        )


@exercise(
    "oversample_training",
    title="Draw the few again",
    points=2,
    ladder=[
        "The rare training rows are training[rare[training]].",
        "How many rows are missing? As many as there are common ones minus rare ones.",
        "np.random.default_rng(seed).choice(few, size=missing, replace=True), and then "
        "np.concatenate([training, again]).",
    ],
    hints={
        "test-rows": "Among your rows are some that are not in training. Copies of test "
        "individuals in the training part give their answers away. Draw from the training rows.",
        "threw-away": "Some training rows are missing. Leaving common individuals out is "
        "*under*-sampling; here every training row is kept.",
        "rare-replaced": "Some rare training rows are missing: you drew all rare rows anew. Keep "
        "every training row once, and *add* what is missing.",
        "not-balanced": "Rare and common rows should be equally many. Count what is missing: "
        "common minus rare. The rare rows that are there already count too.",
        "common-repeated": "Some common rows were drawn again too. Only rare ones are.",
        "seed-ignored": "The same seed gave different rows, or different seeds the same. "
        "Make the generator from `seed` and draw with it.",
        "mask": "You returned True and False. Row numbers are asked for, because a row can occur "
        "more than once.",
    },
)
def check_oversample(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(100, 120))
    rare = np.zeros(n, dtype=bool)
    rare[rng.choice(n, size=29, replace=False)] = True
    order = rng.permutation(n)
    few, many = order[rare[order]], order[~rare[order]]
    # Four rare rows outside training, of which none may be drawn. So many inside that drawing all
    # of them anew would leave some out.
    training = rng.permutation(np.concatenate([few[:25], many[: n // 2]]))
    seeds = rng.choice(10_000, size=3, replace=False).tolist()

    def ask(seed):
        raw = submission.call("oversample_training", rare, training, seed)
        require(np.asarray(raw).dtype.kind != "b", hint="mask")
        return row_numbers(raw, "oversample_training", n)

    drawn = [ask(seed) for seed in seeds]
    for rows in drawn:
        require(np.isin(rows, training).all().item(), hint="test-rows")
        lost = training[~np.isin(training, rows)]
        require(len(lost) == 0 or not rare[lost].all(), hint="rare-replaced")
        require(len(lost) == 0, hint="threw-away")
        common = rows[~rare[rows]]
        require(len(common) == len(np.unique(common)), hint="common-repeated")
        require(int(rare[rows].sum()) == len(common), hint="not-balanced")
    require(np.array_equal(np.sort(drawn[0]), np.sort(ask(seeds[0]))), hint="seed-ignored")
    different = {tuple(np.sort(rows).tolist()) for rows in drawn}
    require(len(different) > 1, hint="seed-ignored")
