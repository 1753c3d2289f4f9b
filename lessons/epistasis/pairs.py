"""Lists of pairs: the tables that are asked about, and what typical slips make of them."""

import numpy as np

from lessons.grader import require
from lessons.grader.answers import shape_of


def as_pairs(result, p: int, *, nothing: bool = False) -> np.ndarray:
    """Rows of two marker numbers from an answer, or a kind word."""
    wanted = "Return pairs of marker numbers: an array of shape (number of pairs, 2), or a list."
    require(
        result is not None,
        "No p-value is below the threshold here, and your function gave back None. Return an "
        "empty array or an empty list."
        if nothing
        else "Your function gave back nothing. Is the `return` missing?",
    )
    if isinstance(result, (set, frozenset)):
        result = list(result)
    shape = shape_of(result)
    if shape in ((0,), (0, 2)):
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


def draw_p_values(rng: np.random.Generator, p: int, thresholds: list[float]) -> np.ndarray:
    """A symmetric table of p-values, with two between every two of the thresholds."""
    edges = [0.0, *sorted(thresholds)]
    low, high = np.repeat(edges[:-1], 2), np.repeat(edges[1:], 2)
    between = low + (high - low) * rng.uniform(0.2, 0.8, size=len(low))
    i, j = np.triu_indices(p, 1)
    values = rng.uniform(1.1 * edges[-1], 1, size=len(i))
    # The smallest stand at both ends, for those whose loop stops too soon.
    ends = [0, len(i) - 1]
    others = rng.permutation(np.arange(1, len(i) - 1))
    where = np.concatenate([ends, others])[: len(between)]
    values[where] = between
    p_values = np.zeros((p, p))  # a diagonal of 0: whoever reads it will report it
    p_values[i, j] = p_values[j, i] = values
    return p_values


def below(p_values: np.ndarray, threshold: float) -> set[tuple[int, int]]:
    """The pairs under a threshold."""
    i, j = np.triu_indices(len(p_values), 1)
    kept = p_values[i, j] < threshold
    return set(zip(i[kept].tolist(), j[kept].tolist(), strict=True))


def draw_scores(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Scores of all pairs, six true pairs in either order, and how many are listed."""
    k, m = int(rng.integers(8, 11)), int(rng.choice([5, 7]))
    scores = np.triu(rng.uniform(-1, 0.4, size=(k, k)), 1)
    true = rng.permutation(np.column_stack(np.triu_indices(k, 1)))[:6]
    scores[true[:, 0], true[:, 1]] += rng.uniform(0, 0.9, size=6)
    scores = scores + scores.T
    np.fill_diagonal(scores, np.where(rng.uniform(size=k) < 0.4, 3.0, 0.5))
    flip = rng.uniform(size=6) < 0.5
    return scores, np.where(flip[:, None], true[:, ::-1], true), m


def _listed(values: np.ndarray, kept: np.ndarray, m: int) -> list[tuple[int, int]]:
    """The m cells of highest value among those kept."""
    i, j = np.nonzero(kept)
    best = np.argsort(-values[i, j], kind="stable")[:m]
    return list(zip(i[best].tolist(), j[best].tolist(), strict=True))


def counts_of_slips(scores, true_pairs, m) -> dict[str, float]:
    """The right count and those of typical slips, by the name of the hint."""
    rows, columns = np.indices(scores.shape)
    upper, whole = rows < columns, np.ones(scores.shape, dtype=bool)
    true = {tuple(sorted(pair)) for pair in true_pairs.tolist()}
    listed = _listed(scores, upper, m)
    right = len(true & set(listed))
    cells = [tuple(sorted(pair)) for pair in _listed(scores, rows != columns, m)]
    loci = {one for pair in listed for one in pair}
    return {
        "right": right,
        "each-twice": len(true & set(cells)),
        "counted-twice": sum(pair in true for pair in cells),
        "counted-twice, all": 2 * right,
        "diagonal": len(true & set(_listed(scores, rows <= columns, m))),
        "direction": len({tuple(pair) for pair in true_pairs.tolist()} & set(listed)),
        "lowest": len(true & set(_listed(-scores, upper, m))),
        "absolute": len(true & set(_listed(np.abs(scores), upper, m))),
        "emptied": len(true & set(_listed(np.triu(scores, 1), whole, m))),
        "one-too-many": len(true & set(_listed(scores, upper, m + 1))),
        "one-too-few": len(true & set(_listed(scores, upper, m - 1))),
        "best-left-out": len(true & set(listed[1:])),
        "share": right / m,
        "share-of-true": right / len(true),
        "loci": len(loci & {one for pair in true for one in pair}),
    }


def draw_trials(rng: np.random.Generator, n: int = 8) -> list[tuple]:
    """Tables of scores in which no two slips count alike, each with what slips make of it."""
    while True:
        drawn = [draw_scores(rng) for _ in range(n)]
        trials = [(*one, counts_of_slips(*one)) for one in drawn]
        answers = {tuple(trial[3][slip] for trial in trials) for slip in trials[0][3]}
        if len(answers) == len(trials[0][3]):
            return trials
