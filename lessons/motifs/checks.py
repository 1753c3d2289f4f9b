"""Checks of the lesson on motifs. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, numbers, require_number
from lessons.motifs import windows

_close = partial(close, absolute=1e-7)
_first_difference = partial(first_difference, absolute=1e-7)


@exercise(
    "exciting_windows",
    title="The windows that excite a filter",
    points=3,
    ladder=[
        "Three steps: the activation of every window of every sequence; the highest of them all; "
        "and then which windows come near it.",
        "A sequence of L bases has `L - len(weights) + 1` windows. The activation of a window is "
        "`sum(weights[place][ALPHABET.index(base)] for place, base in enumerate(window))`.",
        "Keep two lists of equal length, one of windows and one of activations. The threshold is "
        "`share * max(activations)`, and a window is kept where its activation is `>=` it.",
    ],
    hints={
        "share-as-threshold": "You compare the activation with `share` itself. It is a share *of "
        "the highest activation*: multiply the two.",
        "maximum-of-each": "You take a new maximum for each sequence. Then a sequence without the "
        "motif lowers the bar for itself, and its random windows slip in.",
        "maximum-of-first": "You take the maximum of the first sequence for all of them. Look "
        "through all sequences before you choose a window.",
        "possible-maximum": "You take the highest sum that this filter could reach. Take the "
        "highest one *found*: it may be that no window is perfect.",
        "best-only": "You return one window of each sequence. A sequence may hold several windows "
        "above the threshold, or none.",
        "last-window": "The last window of a sequence is missing. It begins at "
        "`len(sequence) - width`, so the range must run to one more.",
        "strict": "A window exactly at the threshold counts: *at least* means `>=`. With a share "
        "of 1 the best window itself must be left.",
        "repeats-lost": "A window that occurs twice must be there twice. Its frequency is what "
        "the matrix is made of.",
        "too-short": "Some of your windows are shorter than the filter: your range runs beyond the "
        "last whole window, which begins at `len(sequence) - width`.",
        "sorted": "These are the right windows in another order. Go through the sequences as they "
        "come, and from left to right in each.",
    },
)
def check_windows(submission: Submission, rng: np.random.Generator):
    while True:
        sequences, weights, share, expected, slips = windows.draw_task(rng)
        once = list(dict.fromkeys(expected))
        answers = [expected, *slips.values(), once, sorted(expected)]
        if len({tuple(one) for one in answers}) == len(answers):
            break
    texts = [windows.text(codes) for codes in sequences]
    result = submission.call("exciting_windows", texts, weights, share)
    require(
        isinstance(result, (list, tuple, np.ndarray)) and all(isinstance(w, str) for w in result),
        "Return a list of windows, each a text such as 'ACGT'.",
    )
    result = [str(window) for window in result]
    for slip, answer in slips.items():
        require(result != answer, hint=slip.split(":")[0])
    require(sorted(result) != sorted(set(expected)), hint="repeats-lost")
    require(sorted(result) != sorted(expected) or result == expected, hint="sorted")
    require(
        result == expected,
        f"With share {share:.3f} {len(expected)} windows should be kept, beginning with "
        f"{expected[:3]}; you keep {len(result)}, beginning with {result[:3]}.",
    )
    eighths = np.round(weights * 8) / 8  # sums without rounding
    best = submission.call("exciting_windows", texts, eighths, 1.0)
    values = [windows.activations(codes, eighths) for codes in sequences]
    top = max(one.max() for one in values)
    wanted = windows.where(sequences, len(weights), [one >= top for one in values])
    require(isinstance(best, (list, tuple, np.ndarray)) and len(best) > 0, hint="strict")
    require([str(window) for window in best] == wanted, "With share 1 the best windows stay.")


@exercise(
    "position_weight_matrix",
    title="From windows to a matrix",
    points=2,
    ladder=[
        "For each place count how many windows have an A there, how many a C, a G and a T.",
        "Add the pseudocount to each of the four counts. Only then divide.",
        "`counts / counts.sum(axis=1, keepdims=True)`: each row is divided by its own sum.",
    ],
    hints={
        "no-pseudocount": "A base that was not seen has probability 0. In a search it would forbid "
        "a site for ever, because the logarithm of 0 is minus infinity. Add the pseudocount.",
        "added-after": "You add the pseudocount after dividing. Add it to the counts, and divide "
        "afterwards, by the sum of what you then have.",
        "divided-by-windows": "Your rows sum to more than 1: you divide by the number of windows. "
        "With a pseudocount in each of the four, divide by n + 4 pseudocounts.",
        "shared": "You share one pseudocount among the four bases. Here *each* count gets it.",
        "wrong-axis": "You divide by the sums over the places. A row is a place: the four bases "
        "of one place must sum to 1.",
        "transposed": "Your matrix lies on its side. One row for each place, one column for each "
        "base.",
        "counts": "These are counts. Divide them by their sum to get probabilities.",
        "zeros-only": "You add the pseudocount only where the count is 0. Every count gets it.",
        "repeats-lost": "A window that occurs twice counts twice.",
    },
)
def check_matrix(submission: Submission, rng: np.random.Generator):
    width, n = int(rng.integers(5, 8)), int(rng.integers(9, 15))
    probabilities = rng.dirichlet(np.full(4, 0.5), size=width)
    codes = np.array([[rng.choice(4, p=row) for row in probabilities] for _ in range(n)])
    codes[:, 0] = codes[0, 0]  # a place at which three bases were never seen
    codes[-1] = codes[0]  # a window that occurs again
    pseudocount = float(np.round(rng.uniform(0.3, 2.0), 2))
    counts = (codes[:, :, None] == np.arange(4)).sum(axis=0).astype(float)
    expected = (counts + pseudocount) / (n + 4 * pseudocount)
    texts = [windows.text(row) for row in codes]
    result = submission.call("position_weight_matrix", texts, pseudocount)
    require(np.shape(result) != (4, width), hint="transposed")
    result = numbers(result, "position_weight_matrix", (width, 4))
    require(not _close(result, counts / n), hint="no-pseudocount")
    late = counts / n + pseudocount
    require(not _close(result, late), hint="added-after")
    require(not _close(result, late / late.sum(axis=1, keepdims=True)), hint="added-after")
    for total in (n, n + pseudocount):
        wrong = (counts + pseudocount) / total
        require(not _close(result, wrong), hint="divided-by-windows")
    require(not _close(result, (counts + pseudocount / 4) / (n + pseudocount)), hint="shared")
    raised = counts + pseudocount
    require(not _close(result, raised / raised.sum(axis=0)), hint="wrong-axis")
    require(not _close(result, raised) and not _close(result, counts), hint="counts")
    patched = np.where(counts == 0, pseudocount, counts)
    patched /= patched.sum(axis=1, keepdims=True)
    require(not _close(result, patched), hint="zeros-only")
    distinct = np.unique(codes, axis=0)
    once = (distinct[:, :, None] == np.arange(4)).sum(axis=0) + pseudocount
    require(not _close(result, once / once.sum(axis=1, keepdims=True)), hint="repeats-lost")
    if not _close(result, expected):
        place, base = _first_difference(result, expected)
        require(
            False,
            f"At place {place}, {int(counts[place, base])} of {n} windows have "
            f"{windows.ALPHABET[base]}. With pseudocount {pseudocount} its probability is "
            f"{expected[place, base]:.4f}; yours is {result[place, base]:.4f}.",
        )


@exercise(
    "information_content",
    title="How much a place says",
    points=2,
    ladder=[
        "Take one place. Multiply each probability by its own logarithm, and add the four "
        "products. The sum is negative or zero.",
        "Bits need the logarithm to base 2: `np.log2`. Add 2 to the sum.",
        "`np.log2(np.where(matrix > 0, matrix, 1))` has 0 where the probability is 0, and 0 times "
        "0 is 0.",
    ],
    hints={
        "nats": "Your logarithm is the natural one. Bits need `np.log2`.",
        "entropy": "This is the uncertainty, which is largest where a place says nothing. The "
        "information is what is missing from 2 bits.",
        "zero": "A probability of 0 made your answer nan. It should add nothing: p log p goes to 0 "
        "with p.",
        "zero-shifted": "You added a little to every probability to be rid of the zeros. That "
        "makes certain places look less certain. Treat the zeros alone.",
        "summed": "You added up the places. One number for each place is asked for.",
        "sign": "Your numbers exceed 2 bits, which no place can. The sum of p log p is negative "
        "already: add it to 2.",
    },
)
def check_information(submission: Submission, rng: np.random.Generator):
    width = int(rng.integers(5, 8))
    matrix = rng.dirichlet(np.full(4, 0.7), size=width)
    matrix[1] = rng.permutation([0.0, 0.0, 0.0, 1.0])
    share = float(np.round(rng.uniform(0.1, 0.4), 2))
    matrix[3] = rng.permutation([0.0, 0.0, share, 1 - share])
    negative = (matrix * np.log2(np.where(matrix > 0, matrix, 1.0))).sum(axis=1)
    expected = 2.0 + negative
    result = submission.call("information_content", matrix)
    one = is_number(result) and np.isclose(float(result), expected.sum(), rtol=1e-4)
    require(not one, hint="summed")
    result = numbers(result, "information_content", (width,))
    others = np.setdiff1d(np.arange(width), [1, 3])
    broken = np.isnan(result[[1, 3]]).any() and np.isfinite(result[others]).all()
    require(not broken, hint="zero")
    nats = (2.0 + negative * np.log(2), np.log(4) + negative * np.log(2), 2 - negative * np.log(2))
    require(not any(_close(result, one) for one in nats), hint="nats")
    require(not _close(result, -negative), hint="entropy")
    require(not _close(result, 2.0 - negative), hint="sign")
    shifted = bool(np.allclose(result, expected, atol=0.05)) and not _close(result, expected)
    require(not shifted, hint="zero-shifted")
    if not _close(result, expected):
        (place,) = _first_difference(result, expected)
        require(
            False,
            f"A place with the probabilities {matrix[place].round(3).tolist()} says "
            f"{expected[place]:.3f} bits; yours says {result[place]:.3f}.",
        )


def _best(codes: np.ndarray, tables: dict[str, np.ndarray]) -> tuple[int, str, float]:
    scores = {strand: windows.activations(codes, table) for strand, table in tables.items()}
    strand = max(scores, key=lambda one: scores[one].max())
    start = int(scores[strand].argmax())
    return start, strand, float(scores[strand][start])


def _same_site(a, b) -> bool:
    return a[0] == b[0] and a[1] == b[1] and bool(np.isclose(a[2], b[2], rtol=1e-5, atol=1e-7))


def _check_one_site(submission, rng, strand, at_the_end=False):
    width = int(rng.integers(5, 8))
    while True:
        matrix = rng.dirichlet(np.full(4, 0.6), size=width) * 0.9 + 0.025
        table = np.log2(matrix / 0.25)
        codes = rng.integers(0, 4, size=int(rng.integers(25, 40)))
        best = _best(codes, {"+": table, "-": table[::-1, ::-1]})
        slips = {
            "one-strand": _best(codes, {"+": table}),
            "not-reversed": _best(codes, {"+": table, "-": table[:, ::-1]}),
            "not-complemented": _best(codes, {"+": table, "-": table[::-1]}),
            "start-turned": (len(codes) - width - best[0], *best[1:]),
        }
        answers = [best, (best[0] + 1, *best[1:]), *slips.values()]
        if at_the_end != (best[0] == len(codes) - width):
            continue
        told_apart = len({(one[0], one[1], round(one[2], 6)) for one in answers}) == len(answers)
        if best[1] == strand and (strand == "+" or told_apart):
            break
    start, _, score = best
    result = submission.call("best_site", windows.text(codes), matrix)
    values = result.tolist() if isinstance(result, np.ndarray) else result
    require(
        isinstance(values, (tuple, list)) and len(values) == 3,
        "Return three values: `(start, strand, score)`.",
    )
    require(values[1] in ("+", "-"), 'The strand should be "+" or "-".', received=values[1])
    for value, name in ((values[0], "start"), (values[2], "score")):
        require(is_number(value) and np.isfinite(float(value)), f"The {name} should be one number.")
    found = (int(values[0]), values[1], float(values[2]))
    background = (score - 2.0 * width, (score - 2.0 * width) * np.log(2))
    require(not np.isclose(found[2], background, rtol=1e-5).any(), hint="no-background")
    require(not np.isclose(found[2], score * np.log(2), rtol=1e-5), hint="natural-logarithm")
    require(not np.isclose(found[2], 2.0**score, rtol=1e-5), hint="product")
    if strand == "-":
        for slip, answer in slips.items():
            require(not _same_site(found, answer), hint=slip)
    score_fits = bool(np.isclose(found[2], score, rtol=1e-5))
    right = found[1] == strand and score_fits
    require(not (right and found[0] == start + 1), hint="from-one")
    require(not (right and found[0] in (start + width, start + width - 1)), hint="end")
    require(not (at_the_end and found[2] < score - 1e-6), hint="last-window")
    flipped = found[0] == start and np.isclose(found[2], score) and found[1] != strand
    require(not flipped, hint="strands-swapped")
    require(
        _same_site(found, best),
        f"In {windows.text(codes)} the best site begins at {start} on strand {strand} with "
        f"{score:.3f} bits; you return {found}.",
    )


@exercise(
    "best_site",
    title="Find it, on both strands",
    points=4,
    ladder=[
        "Solve it for one strand first: the score of every window, and the best of them.",
        "The other strand of a window: read it backwards and swap A with T and C with G. Or leave "
        "the windows and turn the matrix round.",
        "`log_odds[::-1, ::-1]` is the matrix of the other strand: its places in reverse order, "
        "and A exchanged with T and C with G, because the order of the columns is A, C, G, T.",
    ],
    hints={
        "one-strand": "You search the strand that is written down. The best site of this promoter "
        "is on the other one.",
        "not-reversed": "You swapped the bases of the other strand but did not read it backwards. "
        "The two strands run in opposite directions.",
        "not-complemented": "You read the window backwards but did not swap the bases. Opposite an "
        "A is a T, opposite a C is a G.",
        "start-turned": "Your start is counted along the other strand. Give the place in the "
        "sequence as it was given, whichever strand fits.",
        "no-background": "Your score is the logarithm of the probability alone. Divide by 0.25, "
        "what chance would give, before taking the logarithm.",
        "natural-logarithm": "Your logarithm is the natural one. Bits need `np.log2`.",
        "product": "You multiplied the ratios. The score in bits is the sum of their logarithms.",
        "from-one": "Your start is one too large. The first place of the sequence is number 0.",
        "end": "This is where the window ends. Give the place where it begins, in the sequence as "
        "given, for either strand.",
        "last-window": "The best window of this promoter is the last one. It begins at "
        "`len(sequence) - len(matrix)`, so the range must run to one more.",
        "strands-swapped": 'The place is right and the strand is not: "+" is the strand as given.',
    },
)
def check_best_site(submission: Submission, rng: np.random.Generator):
    for strand, at_the_end in (("-", False), ("+", False), ("-", False), ("+", True)):
        _check_one_site(submission, rng, strand, at_the_end)


def _r_squared(y, prediction) -> float:
    return float(1 - ((y - prediction) ** 2).sum() / ((y - y.mean()) ** 2).sum())


@exercise(
    "lost_by_silencing",
    title="Silence it",
    points=3,
    ladder=[
        "Write the prediction and its R² for the activations as they are. Then the same for "
        "changed activations.",
        "Change a copy: `silenced = activations.copy()`. A filter is a column.",
        "`silenced[:, filters] = activations[:, filters].mean(axis=0)` puts each filter's own mean "
        "in every row. Then R² of the first minus R² of the second.",
    ],
    hints={
        "zero": "You set the filters to 0. That is a value the network may never have seen, and it "
        "shifts all predictions. Use the mean of each filter.",
        "one-by-one": "You silenced the filters one at a time and added up the losses. Two filters "
        "that stand in for each other then look as if they were of little use. Silence them "
        "together.",
        "sign": "Your sign is turned round. What is lost is R² before minus R² after.",
        "after": "You return the R² that is left. What was lost is asked for.",
        "one-mean": "You used one mean for all the silenced filters. Each filter has its own: "
        "`mean(axis=0)`.",
        "correlation": "You used the squared correlation. It does not see predictions that are "
        "shifted or too large. Use 1 minus the squared errors over the squared deviations.",
        "wrote-into": "Your function changed `activations` itself: called again, it gives another "
        "answer. Work on a copy.",
    },
)
def check_silencing(submission: Submission, rng: np.random.Generator):
    while True:
        task, expected, slips = _silencing_task(rng)
        answers = np.sort([expected, 0.0, *slips.values()])
        if np.diff(answers).min() > 1e-4:
            break
    activations, weights, bias, y, filters = task
    result = submission.call("lost_by_silencing", activations, weights, bias, y, filters)
    require_number(result, "lost_by_silencing")
    again = submission.call("lost_by_silencing", activations, weights, bias, y, filters)
    value = float(result)
    for slip, answer in slips.items():
        require(not np.isclose(value, answer, rtol=1e-5), hint=slip)
    # Written into, the whole network is silenced as well: nothing seems lost.
    require(not np.isclose(value, 0.0, atol=1e-9), hint="wrote-into")
    require(
        bool(np.isclose(value, expected, rtol=1e-5)),
        f"With the filters {filters} held at their means R² falls by {expected:.4f}; "
        f"you say {value:.4f}.",
    )
    require(is_number(again) and bool(np.isclose(float(again), value)), hint="wrote-into")


def _silencing_task(rng):
    """What is given, what is lost, and what the typical slips find lost."""
    n, width = int(rng.integers(60, 90)), 6
    signal = rng.normal(size=n)
    loadings = rng.uniform(0.5, 1.2, size=width)
    activations = 2.0 + rng.normal(size=width) + np.outer(signal, loadings)
    activations += 0.5 * rng.normal(size=(n, width))
    weights, bias = rng.uniform(0.2, 0.6, size=width), float(rng.normal() + 3.0)
    y = activations @ weights + bias + 0.4 * rng.normal(size=n)
    filters = sorted(rng.choice(width, size=3, replace=False).tolist())

    def prediction(held, value):
        silent = activations.copy()
        silent[:, held] = value
        return silent @ weights + bias

    whole = _r_squared(y, activations @ weights + bias)
    means = activations.mean(axis=0)
    silenced = prediction(filters, means[filters])
    expected = whole - _r_squared(y, silenced)
    slips = {
        "zero": whole - _r_squared(y, prediction(filters, 0.0)),
        "one-by-one": sum(whole - _r_squared(y, prediction([f], means[f])) for f in filters),
        "sign": -expected,
        "after": _r_squared(y, silenced),
        "one-mean": whole - _r_squared(y, prediction(filters, means[filters].mean())),
        "correlation": float(
            np.corrcoef(y, activations @ weights)[0, 1] ** 2 - np.corrcoef(y, silenced)[0, 1] ** 2
        ),
    }
    return (activations, weights, bias, y, filters), expected, slips


@exercise(
    "gene_p_values",
    title="A p-value for a gene",
    points=2,
    ladder=[
        "Go through the genes. Each has its own list of markers, and its own number of them.",
        "`min(p_values[marker] for marker in markers)` times `len(markers)`.",
        "A probability is at most 1: `min(1.0, ...)` around the product.",
    ],
    hints={
        "uncorrected": "You return the smallest p-value as it is. A gene of twenty markers has had "
        "twenty chances. Multiply by the number of its markers.",
        "all-markers": "You multiply by the number of all markers. That is the correction for "
        "searching the genome marker by marker. Here each gene pays for its own.",
        "above-one": "A p-value above 1 is no probability. Stop at 1.",
        "averaged": "You averaged the p-values. One strong marker among twenty would be drowned.",
        "all-genes": "You multiply by the number of genes. That correction comes later, when genes "
        "are chosen; here each gene pays for its own markers.",
        "from-one": "Your marker numbers are off by one. They are counted from 0.",
    },
)
def check_genes(submission: Submission, rng: np.random.Generator):
    sizes = rng.permutation([1, 2, 4, 6, 9, 12])
    p_values = rng.uniform(0.001, 0.05, size=int(sizes.sum()) + 3)
    order = rng.permutation(len(p_values) - 1)  # the last marker lies in no gene
    ends = np.cumsum(sizes)
    genes = {
        f"gene_{rng.integers(100, 999)}{letter}": order[end - size : end].tolist()
        for letter, size, end in zip("abcdef", sizes, ends, strict=True)
    }
    unlucky = max(genes, key=lambda gene: len(genes[gene]))
    p_values[genes[unlucky]] = rng.uniform(0.4, 0.9, size=len(genes[unlucky]))

    def answers(factor, ceiling=1.0, summary=np.min, shift=0):
        return {
            gene: min(ceiling, factor(markers) * float(summary(p_values[np.add(markers, shift)])))
            for gene, markers in genes.items()
        }

    expected = answers(len)
    result = submission.call("gene_p_values", p_values, genes)
    if hasattr(result, "to_dict") and np.ndim(result) == 1:
        result = result.to_dict()
    require(
        isinstance(result, dict) and set(result) == set(genes),
        "Return a dictionary with one p-value for each gene.",
    )
    for value in result.values():
        require(is_number(value), "Each p-value should be one number.")

    def equals(other) -> bool:
        return all(np.isclose(float(result[gene]), other[gene], rtol=1e-5) for gene in genes)

    everywhere = answers(lambda markers: len(p_values))
    unstopped = answers(lambda markers: len(p_values), ceiling=np.inf)
    require(not equals(answers(lambda markers: 1)), hint="uncorrected")
    require(not equals(everywhere) and not equals(unstopped), hint="all-markers")
    require(not equals(answers(len, ceiling=np.inf)), hint="above-one")
    means = (answers(lambda markers: 1, summary=np.mean), answers(len, summary=np.mean))
    require(not any(equals(one) for one in means), hint="averaged")
    by_genes = [answers(lambda markers: len(genes), ceiling=c) for c in (1.0, np.inf)]
    require(not any(equals(one) for one in by_genes), hint="all-genes")
    require(not equals(answers(len, shift=-1)), hint="from-one")
    for gene, markers in genes.items():
        require(
            bool(np.isclose(float(result[gene]), expected[gene], rtol=1e-5)),
            f"The smallest of {len(markers)} p-values is {p_values[markers].min():.5f}. The gene "
            f"gets {expected[gene]:.5f}; you say {float(result[gene]):.5f}.",
        )
