"""Scores of a ranking in which some candidates are wanted and many may be tied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RankingScores:
    """Expected scores of one ranking, over all orders of what is tied.

    Attributes
    ----------
    average_precision : float
        Mean over the wanted candidates of the precision at their rank, in (0, 1].
    found, found_in_top : float
        Wanted candidates among the first ``n_wanted``, and among the first ``top``.
    ranks : ndarray of float, shape (n_wanted,)
        Rank of each wanted candidate from 1; tied candidates share the mean of their ranks.
    """

    average_precision: float
    found: float
    found_in_top: float
    ranks: np.ndarray


def score_ranking(
    sizes: np.ndarray, wanted: np.ndarray, *, top: int, missed: int = 0
) -> RankingScores:
    """Score the ranking of candidates by size, largest first.

    Average precision is the mean over the wanted candidates of (wanted ones up to and with
    this one) / (its rank), as in information retrieval (Zhu 2004, technical report,
    University of Waterloo). Where m candidates of which c are wanted are tied behind N others
    of which C are wanted, each order of the m is as likely, and place j (from 0) of the m
    holds a wanted one with probability c / m and then C + 1 + j (c - 1) / (m - 1) wanted ones
    on average; the expectation is the sum of that over (N + j + 1).

    Parameters
    ----------
    sizes : ndarray of float, shape (m,)
        What is ranked by; finite.
    wanted : ndarray of int, shape (k,)
        Which candidates are wanted: indices of ``sizes``.
    top : int
        Length of the list for ``found_in_top``.
    missed : int
        Wanted things that are no candidates at all; they count in the denominator alone.

    Returns
    -------
    RankingScores
    """
    is_wanted = np.zeros(sizes.size, dtype=bool)
    is_wanted[wanted] = True
    _, block = np.unique(-sizes, return_inverse=True)
    counts = np.bincount(block)
    hits = np.bincount(block, weights=is_wanted)
    before = np.cumsum(counts) - counts
    hits_before = np.cumsum(hits) - hits
    total = 0.0
    for place in np.flatnonzero(hits):
        m, c = int(counts[place]), float(hits[place])
        j = np.arange(m)
        so_far = hits_before[place] + 1 + (j * (c - 1) / (m - 1) if m > 1 else 0.0)
        total += float((c / m * so_far / (before[place] + j + 1)).sum())
    n_wanted = wanted.size + missed

    def within(length: int) -> float:
        share = np.clip((length - before) / counts, 0.0, 1.0)
        return float((hits * share).sum())

    ranks = before + (counts + 1) / 2
    return RankingScores(
        total / n_wanted, within(n_wanted), within(top), ranks[block[wanted]].astype(float)
    )
