"""How far an explanation can be believed, where the truth is known.

An explainer ranks loci: :func:`locus_recovery` says how many causal loci stand at the top of
that ranking. It puts numbers on them: :func:`effect_recovery` compares these with the exact ones.
It names pairs: :func:`pair_recovery`. One cohort proves nothing: :func:`over_replicates` and
:func:`recovery_table` bring the scores of many together, each with its interval. The rankings
to compare with are in :mod:`geneml.interpret.controls`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from geneml.interpret._scores.ranking import score_ranking
from geneml.interpret._scores.recovery_tables import over_replicates, recovery_table
from geneml.interpret.recovery import EffectRecovery, LocusRecovery, PairRecovery
from geneml.metrics import calibration_slope, pearson_correlation

__all__ = [
    "EffectRecovery",
    "LocusRecovery",
    "PairRecovery",
    "effect_recovery",
    "locus_recovery",
    "over_replicates",
    "pair_recovery",
    "recovery_table",
    "spread_over_loci",
]


def locus_recovery(importance: Any, causal_loci: Any, *, top: int = 20) -> LocusRecovery:
    """Score a ranking of loci against the causal ones.

    Parameters
    ----------
    importance : array of float, shape (L,)
        Size of what each locus contributes, 0 or more; as ``Attribution.importance`` gives.
    causal_loci : array of int, shape (k,)
        Which loci are causal, counted from 0; each once.
    top : int
        Length of the list that a reader would follow up.

    Returns
    -------
    LocusRecovery

    Raises
    ------
    TypeError
        If ``causal_loci`` or ``top`` are no whole numbers.
    ValueError
        If ``importance`` is not one finite number of 0 or more a locus, or the causal loci
        are none, repeated, or outside the ranking.
    """
    sizes = np.asarray(importance, dtype=float)
    if sizes.ndim != 1 or sizes.size == 0:
        raise ValueError(
            f"importance must hold one number a locus, received shape {sizes.shape}. Of an "
            "Attribution give attribution.importance()."
        )
    _check_finite("importance", sizes)
    if (sizes < 0).any():
        raise ValueError(
            f"importance must be a size, 0 or more; received {sizes.min():.3g} at locus "
            f"{int(sizes.argmin())}. Rank signed effects by their size: np.abs(effects)."
        )
    loci = _as_loci(causal_loci, sizes.size, "causal_loci")
    if np.unique(loci).size != loci.size:
        raise ValueError("causal_loci must name each locus once; some are repeated.")
    return LocusRecovery(**_recovery(sizes, loci, loci, _as_top(top)))


def pair_recovery(
    scores: Any,
    pairs: Any,
    *,
    positions: Any = None,
    among: Any = None,
    top: int = 20,
) -> PairRecovery:
    """Score a ranking of pairs of loci against those that interact.

    Parameters
    ----------
    scores : array of float, shape (k, k)
        Symmetric interaction scores; ranked by size, each pair once, the diagonal never.
    pairs : array of int, shape (m, 2)
        The pairs that truly interact, in either order.
    positions : array of int, shape (k,), optional
        Which loci the rows of ``scores`` are; 0 to k - 1 by default.
    among : array of int, optional
        Rank pairs of these loci alone, such as the causal ones.
    top : int
        Length of the list that a reader would follow up.

    Returns
    -------
    PairRecovery
        True pairs with a locus that has no row, or is not in ``among``, count as missed.

    Raises
    ------
    TypeError
        If loci are no whole numbers.
    ValueError
        If ``scores`` is not a symmetric table of finite numbers, or pairs do not fit.
    """
    table = np.asarray(scores, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 2:
        raise ValueError(
            f"scores must be a square table of two loci or more, received shape {table.shape}."
        )
    upper = np.triu_indices(len(table), 1)
    _check_finite("scores", table[upper])
    if not np.allclose(table[upper], table.T[upper], rtol=1e-3, atol=1e-6 * np.ptp(table[upper])):
        raise ValueError(
            "scores must be symmetric: the score of a pair has no order. Give "
            "(scores + scores.T) / 2 if that is what is meant."
        )
    names = np.arange(len(table)) if positions is None else np.asarray(positions)
    if names.shape != (len(table),) or names.dtype.kind not in "iu":
        raise ValueError(
            f"positions must name the {len(table)} rows of scores by whole numbers, received "
            f"shape {names.shape} of {names.dtype}."
        )
    first, second = names[upper[0]], names[upper[1]]
    sizes = np.abs(table[upper])
    if among is not None:
        kept = np.isin(first, among) & np.isin(second, among)
        if not kept.any():
            raise ValueError("among leaves no pair to rank: give two loci or more that have rows.")
        first, second, sizes = first[kept], second[kept], sizes[kept]
    truth = np.sort(_as_pairs(pairs), axis=1)
    place = {
        (min(one, other), max(one, other)): index
        for index, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True))
    }
    where = [place.get((one, other), -1) for one, other in truth.tolist()]
    return PairRecovery(**_recovery(sizes, np.array(where), truth, _as_top(top)))


def effect_recovery(estimated: Any, exact: Any, *, loci: Any = None) -> EffectRecovery:
    """Compare the numbers of an explanation with the exact ones.

    Only loci that truly do something are compared: :func:`locus_recovery` judges the others.

    Parameters
    ----------
    estimated : array of float, shape (n, L) or (L,)
        Signed numbers: contributions of each sample's alleles, as ``Attribution.per_position``
        gives, or one effect a locus.
    exact : array of float, the same shape
        What they should be.
    loci : array of int, optional
        Loci to compare; by default those whose exact number is not 0 in every sample.

    Returns
    -------
    EffectRecovery

    Raises
    ------
    TypeError
        If ``loci`` are no whole numbers.
    ValueError
        If shapes differ, numbers are not finite, or nothing is left to compare.
    """
    guess, right = np.asarray(estimated, dtype=float), np.asarray(exact, dtype=float)
    if guess.shape != right.shape or guess.ndim not in (1, 2) or guess.size == 0:
        raise ValueError(
            "estimated and exact must have one shape, (samples, loci) or (loci,); received "
            f"{guess.shape} and {right.shape}. See spread_over_loci for effects of causal loci."
        )
    _check_finite("estimated", guess)
    _check_finite("exact", right)
    guess, right = np.atleast_2d(guess), np.atleast_2d(right)
    if loci is None:
        compared = np.flatnonzero((right != 0).any(axis=0))
        if compared.size == 0:
            raise ValueError("exact is 0 everywhere: there is no effect to compare with.")
    else:
        compared = _as_loci(loci, right.shape[1], "loci")
    guess, right = guess[:, compared], right[:, compared]
    sizes, true_sizes = np.abs(guess).mean(axis=0), np.abs(right).mean(axis=0)
    at_effect = right != 0
    same = np.sign(guess[at_effect]) == np.sign(right[at_effect])
    return EffectRecovery(
        rank_correlation=_of_ranks(true_sizes, sizes),
        correlation=pearson_correlation(right.ravel(), guess.ravel()),
        sign_agreement=float(same.mean()) if same.size else float("nan"),
        calibration_slope=calibration_slope(right.ravel(), guess.ravel()),
        n_loci=int(compared.size),
    )


def spread_over_loci(values: Any, causal_loci: Any, n_loci: int) -> np.ndarray:
    """Put numbers of the causal loci where they belong among all loci, and 0 elsewhere.

    Parameters
    ----------
    values : array of float, shape (n, k) or (k,)
        One number a causal locus.
    causal_loci : array of int, shape (k,)
        Where they stand, counted from 0.
    n_loci : int
        How many loci there are.

    Returns
    -------
    ndarray of float, shape (n, n_loci) or (n_loci,)

    Raises
    ------
    TypeError
        If loci are no whole numbers.
    ValueError
        If sizes disagree.
    """
    numbers = np.asarray(values, dtype=float)
    loci = _as_loci(causal_loci, n_loci, "causal_loci")
    if numbers.ndim not in (1, 2) or numbers.shape[-1] != loci.size:
        raise ValueError(
            f"values must hold one number for each of the {loci.size} causal loci on its last "
            f"axis, received shape {numbers.shape}."
        )
    spread = np.zeros((*numbers.shape[:-1], n_loci))
    spread[..., loci] = numbers
    return spread


def _recovery(sizes: np.ndarray, places: np.ndarray, wanted: np.ndarray, top: int) -> dict:
    """The fields of a recovery; a place below 0 is no candidate."""
    known = places >= 0
    missed = int((~known).sum())
    scores = score_ranking(sizes, places[known], top=top, missed=missed)
    chance = score_ranking(np.zeros(sizes.size), places[known], top=top, missed=missed)
    ranks = np.full(places.size, np.inf)
    ranks[known] = scores.ranks
    return {
        "average_precision": scores.average_precision,
        "found": scores.found,
        "found_in_top": scores.found_in_top,
        "rank_of_each": ranks,
        "wanted": wanted,
        "n_candidates": sizes.size,
        "top": top,
        "chance": chance.average_precision,
        "chance_found": chance.found,
        "chance_found_in_top": chance.found_in_top,
    }


def _of_ranks(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's correlation; NaN where a side does not vary."""
    if a.size < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(stats.rankdata(a), stats.rankdata(b))[0, 1])


def _check_finite(name: str, values: np.ndarray) -> None:
    broken = ~np.isfinite(values)
    if broken.any():
        raise ValueError(f"{name} must be finite, received {int(broken.sum())} that are not.")


def _as_top(top: int) -> int:
    if isinstance(top, bool) or not isinstance(top, int | np.integer):
        raise TypeError(f"top must be a whole number, received {type(top).__name__}.")
    if top < 1:
        raise ValueError(f"top must be 1 or more, received {top}.")
    return int(top)


def _as_loci(loci: Any, n_loci: int, name: str) -> np.ndarray:
    array = np.asarray(loci)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{name} must be whole numbers, received {array.dtype}.")
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must name at least one locus, received shape {array.shape}.")
    if array.min() < 0 or array.max() >= n_loci:
        raise ValueError(
            f"{name} must lie from 0 to {n_loci - 1}, received {array.min()} to {array.max()}."
        )
    return array.astype(int)


def _as_pairs(pairs: Any) -> np.ndarray:
    array = np.asarray(pairs)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"pairs must be whole numbers, received {array.dtype}.")
    if array.ndim != 2 or array.shape[-1] != 2 or len(array) == 0:
        raise ValueError(f"pairs must be (pairs, 2) with one or more, received {array.shape}.")
    unordered = np.sort(array, axis=1)
    if (array[:, 0] == array[:, 1]).any() or len(np.unique(unordered, axis=0)) != len(array):
        raise ValueError("pairs must be of two different loci, and each pair named once.")
    return array.astype(int)
