"""Typical misconceptions, each with the hint it must earn."""

from lessons.grader import WrongAnswer


def _wrong(exercise: str, earns: str, story: str, code: str) -> WrongAnswer:
    return WrongAnswer(exercise=exercise, earns=earns, story=story, code=code)


def _nine(known: str, value: str, *, empty: str = "np.nan", entry: str = "a, b") -> str:
    """The table of means with one line changed."""
    return f"""
def genotype_table(locus_a, locus_b, trait):
    known = {known}
    means = np.full((3, 3), {empty})
    for a in range(3):
        for b in range(3):
            cell = known & (locus_a == a) & (locus_b == b)
            if cell.any():
                means[{entry}] = {value}
    return means
"""


_KNOWN = "(locus_a >= 0) & (locus_b >= 0) & ~np.isnan(trait)"


def _scores(formula: str, *, diagonal: bool = True) -> str:
    fill = "np.fill_diagonal(scores, 0.0)" if diagonal else "pass"
    return f"""
def interaction_scores(reference, single, double):
    scores = {formula}
    {fill}
    return scores
"""


def _column(design: str, answer: str = "product - design @ coefficients") -> str:
    return f"""
def interaction_column(a, b):
    product = a * b
    design = np.column_stack([{design}])
    coefficients = np.linalg.lstsq(design, product, rcond=None)[0]
    return {answer}
"""


def _pairs(threshold: str, indices: str = "np.triu_indices(len(p_values), 1)") -> str:
    return f"""
def significant_pairs(p_values, alpha):
    p = len(p_values)
    i, j = {indices}
    below = p_values[i, j] < {threshold}
    return np.column_stack([i[below], j[below]])
"""


def _found(
    indices: str = "np.triu_indices(len(scores), 1)",
    order: str = "-scores[i, j]",
    true: str = "{tuple(sorted(pair)) for pair in true_pairs.tolist()}",
    answer: str = "len(listed & true)",
) -> str:
    return f"""
def pairs_found(scores, true_pairs, m):
    i, j = {indices}
    best = np.argsort({order}, kind="stable")[:m]
    ranked = [tuple(sorted((int(a), int(b)))) for a, b in zip(i[best], j[best])]
    listed = set(ranked)
    true = {true}
    return {answer}
"""


def _attention(scores: str, answer: str) -> str:
    return f"""
def attention_weights(queries, keys):
    d = queries.shape[1]
    scores = {scores}
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return {answer}
"""


_SCALED = "queries @ keys.T / np.sqrt(d)"
_ROWS = "weights / weights.sum(axis=1, keepdims=True)"

WRONG_ANSWERS = [
    _wrong(
        "genotype_table",
        "missing-genotype",
        "Uses the genotypes as places in the table; -1 is the last row.",
        """
def genotype_table(locus_a, locus_b, trait):
    known = ~np.isnan(trait)
    sums, counts = np.zeros((3, 3)), np.zeros((3, 3))
    np.add.at(sums, (locus_a[known], locus_b[known]), trait[known])
    np.add.at(counts, (locus_a[known], locus_b[known]), 1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
""",
    ),
    _wrong(
        "genotype_table",
        "missing-as-zero",
        "Fills missing genotypes with 0.",
        _nine("~np.isnan(trait)", "trait[cell].mean()").replace(
            "    known =",
            "    locus_a, locus_b = np.maximum(locus_a, 0), np.maximum(locus_b, 0)\n    known =",
        ),
    ),
    _wrong(
        "genotype_table",
        "missing-trait",
        "Forgets that the trait may be missing.",
        _nine("(locus_a >= 0) & (locus_b >= 0)", "trait[cell].mean()"),
    ),
    _wrong(
        "genotype_table",
        "trait-as-zero",
        "Turns a missing trait into 0.",
        _nine("(locus_a >= 0) & (locus_b >= 0)", "np.nan_to_num(trait[cell]).mean()"),
    ),
    _wrong(
        "genotype_table",
        "transposed",
        "Puts locus A into the columns.",
        _nine(_KNOWN, "trait[cell].mean()", entry="b, a"),
    ),
    _wrong(
        "genotype_table",
        "empty-cell",
        "Starts from zeros, so that an empty cell looks like a mean of 0.",
        _nine(_KNOWN, "trait[cell].mean()", empty="0.0"),
    ),
    _wrong("genotype_table", "sums", "Adds up.", _nine(_KNOWN, "trait[cell].sum()")),
    _wrong("genotype_table", "counts", "Counts.", _nine(_KNOWN, "cell.sum()", empty="0.0")),
    _wrong(
        "double_mutants",
        "not-copied",
        "Gives the same array four names.",
        """
def double_mutants(one_hot, first, second):
    single, other, both = one_hot, one_hot, one_hot
    for mutant, changes in ((single, [first]), (other, [second]), (both, [first, second])):
        for position, base in changes:
            mutant[position] = 0
            mutant[position, base] = 1
    return np.stack([one_hot, single, other, both])
""",
    ),
    _wrong(
        "double_mutants",
        "carried-over",
        "Builds each mutant on the one before.",
        """
def double_mutants(one_hot, first, second):
    four, mutant = [one_hot.copy()], one_hot.copy()
    for position, base in (first, second):
        mutant[position] = 0
        mutant[position, base] = 1
        four.append(mutant.copy())
    return np.stack([*four, mutant])
""",
    ),
    _wrong(
        "double_mutants",
        "not-one-hot",
        "Sets the new base and leaves the old one.",
        """
def double_mutants(one_hot, first, second):
    four = np.stack([one_hot] * 4)
    for place, changes in ((1, [first]), (2, [second]), (3, [first, second])):
        for position, base in changes:
            four[place, position, base] = 1
    return four
""",
    ),
    _wrong(
        "double_mutants",
        "order",
        "Puts the double mutant first.",
        """
def double_mutants(one_hot, first, second):
    four = np.stack([one_hot] * 4)
    for place, changes in ((0, [first, second]), (1, [first]), (2, [second])):
        for position, base in changes:
            four[place, position] = 0
            four[place, position, base] = 1
    return four
""",
    ),
    _wrong(
        "double_mutants",
        "counts-from-one",
        "Counts positions from 1.",
        """
def double_mutants(one_hot, first, second):
    four = np.stack([one_hot] * 4)
    for place, changes in ((1, [first]), (2, [second]), (3, [first, second])):
        for position, base in changes:
            four[place, position - 1] = 0
            four[place, position - 1, base] = 1
    return four
""",
    ),
    _wrong(
        "double_mutants",
        "not-doubled",
        "Makes the double mutant from the reference and the second change.",
        """
def double_mutants(one_hot, first, second):
    four = np.stack([one_hot] * 4)
    for place, (position, base) in ((1, first), (2, second), (3, second)):
        four[place, position] = 0
        four[place, position, base] = 1
    return four
""",
    ),
    _wrong(
        "interaction_scores",
        "reference-forgotten",
        "Leaves the reference out.",
        _scores("double - single[:, None] - single[None, :]"),
    ),
    _wrong(
        "interaction_scores",
        "reference-subtracted",
        "Subtracts everything.",
        _scores("double - single[:, None] - single[None, :] - reference"),
    ),
    _wrong(
        "interaction_scores",
        "same-single-twice",
        "Lets numpy broadcast the same way twice.",
        _scores("double - single - single + reference"),
    ),
    _wrong(
        "interaction_scores",
        "one-single",
        "Compares with one single mutant.",
        _scores("double - single[:, None]"),
    ),
    _wrong(
        "interaction_scores",
        "total-change",
        "Takes the whole change of the double mutant for interaction.",
        _scores("double - reference"),
    ),
    _wrong(
        "interaction_scores",
        "sign",
        "Expected minus found.",
        _scores("single[:, None] + single[None, :] - reference - double"),
    ),
    _wrong(
        "interaction_scores",
        "diagonal",
        "Lets a change interact with itself.",
        _scores("double - single[:, None] - single[None, :] + reference", diagonal=False),
    ),
    _wrong(
        "interaction_scores",
        "one-half",
        "Fills the pairs with i < j only.",
        _scores("np.triu(double - single[:, None] - single[None, :] + reference, 1)"),
    ),
    _wrong(
        "interaction_scores",
        "absolute",
        "Returns sizes.",
        _scores("np.abs(double - single[:, None] - single[None, :] + reference)"),
    ),
    _wrong(
        "interaction_column",
        "raw",
        "Multiplies.",
        """
def interaction_column(a, b):
    return a * b
""",
    ),
    _wrong(
        "interaction_column",
        "centred-only",
        "Centres the dosages and multiplies.",
        """
def interaction_column(a, b):
    return (a - a.mean()) * (b - b.mean())
""",
    ),
    _wrong("interaction_column", "no-constant", "Forgets the ones.", _column("a, b")),
    _wrong("interaction_column", "one-marker", "Takes a out.", _column("np.ones(len(a)), a")),
    _wrong(
        "interaction_column",
        "explained",
        "Returns the fitted values.",
        _column("np.ones(len(a)), a, b", "design @ coefficients"),
    ),
    _wrong(
        "interaction_column",
        "constant-only",
        "Centres the product.",
        """
def interaction_column(a, b):
    return a * b - np.mean(a * b)
""",
    ),
    _wrong(
        "interaction_column",
        "rescaled",
        "Standardises the column at the end.",
        _column(
            "np.ones(len(a)), a, b",
            "(product - design @ coefficients) / np.std(product - design @ coefficients)",
        ),
    ),
    _wrong(
        "interaction_column",
        "one-by-one",
        "Takes a out, then b.",
        """
def interaction_column(a, b):
    left = a * b
    for marker in (a, b):
        slope, start = np.polyfit(marker, left, 1)
        left = left - start - slope * marker
    return left
""",
    ),
    _wrong(
        "interaction_column",
        "coefficients",
        "Returns what lstsq returns first.",
        _column("np.ones(len(a)), a, b", "coefficients"),
    ),
    _wrong("significant_pairs", "uncorrected", "Compares with alpha.", _pairs("alpha")),
    _wrong("significant_pairs", "markers", "Divides by the markers.", _pairs("alpha / p")),
    _wrong(
        "significant_pairs",
        "both-directions",
        "Divides by the cells of the table.",
        _pairs("alpha / p**2"),
    ),
    _wrong(
        "significant_pairs",
        "each-twice",
        "Reads the whole table without its diagonal.",
        _pairs("alpha / (p * (p - 1) / 2)", "np.nonzero(~np.eye(p, dtype=bool))"),
    ),
    _wrong(
        "significant_pairs",
        "diagonal",
        "Takes the upper half with the diagonal.",
        _pairs("alpha / (p * (p - 1) / 2)", "np.triu_indices(p)"),
    ),
    _wrong(
        "significant_pairs",
        "order",
        "Takes the lower half, where the larger number comes first.",
        _pairs("alpha / len(i)", "np.tril_indices(p, -1)"),
    ),
    _wrong(
        "significant_pairs",
        "all-pairs",
        "Returns the smallest p-value where nothing is below the threshold.",
        """
def significant_pairs(p_values, alpha):
    i, j = np.triu_indices(len(p_values), 1)
    below = p_values[i, j] < alpha / len(i)
    if not below.any():
        below = p_values[i, j] == p_values[i, j].min()
    return np.column_stack([i[below], j[below]])
""",
    ),
    _wrong(
        "significant_pairs",
        "own-number",
        "Divides by the number of the example in the text.",
        _pairs("alpha / 190"),
    ),
    _wrong(
        "pairs_found",
        "each-twice",
        "Ranks both halves of the table.",
        _found(indices="np.nonzero(~np.eye(len(scores), dtype=bool))"),
    ),
    _wrong(
        "pairs_found",
        "counted-twice",
        "Ranks both halves and counts both.",
        _found(
            indices="np.nonzero(~np.eye(len(scores), dtype=bool))",
            answer="sum(pair in true for pair in ranked)",
        ),
    ),
    _wrong(
        "pairs_found",
        "diagonal",
        "Keeps the diagonal.",
        _found(indices="np.triu_indices(len(scores))"),
    ),
    _wrong(
        "pairs_found",
        "direction",
        "Looks up pairs as they were written.",
        _found(true="{tuple(pair) for pair in true_pairs.tolist()}"),
    ),
    _wrong("pairs_found", "lowest", "Sorts upwards.", _found(order="scores[i, j]")),
    _wrong("pairs_found", "absolute", "Ranks by size.", _found(order="-abs(scores[i, j])")),
    _wrong("pairs_found", "share", "Divides by m.", _found(answer="len(listed & true) / m")),
    _wrong(
        "pairs_found",
        "share-of-true",
        "Divides by the true pairs.",
        _found(answer="len(listed & true) / len(true)"),
    ),
    _wrong(
        "pairs_found",
        "loci",
        "Counts loci of true pairs.",
        _found(
            answer="len({one for pair in listed for one in pair} "
            "& {one for pair in true for one in pair})"
        ),
    ),
    _wrong(
        "attention_weights",
        "columns",
        "Lets the columns sum to 1.",
        _attention(_SCALED, "np.exp(scores) / np.exp(scores).sum(axis=0, keepdims=True)"),
    ),
    _wrong(
        "attention_weights",
        "not-scaled",
        "Forgets the square root of d.",
        _attention("queries @ keys.T", _ROWS),
    ),
    _wrong(
        "attention_weights",
        "scaled-by-d",
        "Divides by d.",
        _attention("queries @ keys.T / d", _ROWS),
    ),
    _wrong(
        "attention_weights",
        "keepdims",
        "Lets NumPy lay the sums of the rows along the columns.",
        _attention(_SCALED, "weights / weights.sum(axis=1)"),
    ),
    _wrong(
        "attention_weights",
        "one-maximum",
        "Takes one maximum for all rows.",
        _attention(_SCALED, _ROWS).replace("scores.max(axis=1, keepdims=True)", "scores.max()"),
    ),
    _wrong(
        "attention_weights",
        "swapped",
        "Asks the keys.",
        _attention("keys @ queries.T / np.sqrt(d)", _ROWS),
    ),
    _wrong(
        "attention_weights", "not-normalised", "Stops too early.", _attention(_SCALED, "weights")
    ),
    _wrong(
        "attention_weights",
        "all-together",
        "Divides by the sum of everything.",
        _attention(_SCALED, "np.exp(scores) / np.exp(scores).sum()"),
    ),
    _wrong("attention_weights", "scores", "Returns the scores.", _attention(_SCALED, "scores")),
    _wrong(
        "attention_weights",
        "overflow",
        "Writes the formula as it stands.",
        """
def attention_weights(queries, keys):
    weights = np.exp(queries @ keys.T / np.sqrt(queries.shape[1]))
    return weights / weights.sum(axis=1, keepdims=True)
""",
    ),
]
