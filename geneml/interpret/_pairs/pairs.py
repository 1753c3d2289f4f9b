"""What a search for pairs of loci says: one score for every two positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from geneml._checks import as_rows


@dataclass(frozen=True, eq=False)
class Interactions:
    """Scores of pairs of positions.

    Attributes
    ----------
    scores : ndarray of float64, shape (k, k)
        Signed, the mean over the samples; symmetric, zero on the diagonal.
    sizes : ndarray of float64, shape (k, k)
        Mean size, without sign: it stays where effects of both signs cancel in the mean.
    positions : ndarray of int, shape (k,)
        Which positions the rows and columns are.
    explainer : str
        Name of the method.
    n_samples : int
        Backgrounds over which the mean was taken.
    """

    scores: np.ndarray = field(repr=False)
    sizes: np.ndarray = field(repr=False)
    positions: np.ndarray
    explainer: str
    n_samples: int

    def __post_init__(self) -> None:
        k = len(self.positions)
        if self.scores.shape != (k, k) or self.sizes.shape != (k, k):
            raise ValueError(
                f"scores and sizes must have the shape ({k}, {k}) of {k} positions; received "
                f"{self.scores.shape} and {self.sizes.shape}."
            )

    def table(self, top: int | None = 10, *, by: Literal["size", "score"] = "size") -> pd.DataFrame:
        """The strongest pairs.

        Parameters
        ----------
        top : int or None
            How many; None for all.
        by : {"size", "score"}
            Rank by mean size, or by the size of the signed mean.

        Returns
        -------
        DataFrame
            ``position``, ``other_position`` (the smaller first), ``score``, ``size``.

        Raises
        ------
        ValueError
            If ``by`` is neither.
        """
        first, second = np.triu_indices(len(self.positions), 1)
        ranked = np.abs(self._chosen(by)[first, second])
        order = np.argsort(-ranked, kind="stable")[:top]
        ends = np.sort(np.stack([self.positions[first], self.positions[second]]), axis=0)
        return pd.DataFrame(
            {
                "position": ends[0, order],
                "other_position": ends[1, order],
                "score": self.scores[first, second][order],
                "size": self.sizes[first, second][order],
            }
        )

    def matrix(self, length: int, values: Literal["size", "score"] = "size") -> np.ndarray:
        """Scores of all pairs of a sequence; zero where a pair was not looked at.

        Parameters
        ----------
        length : int
            Positions of the sequence.
        values : {"size", "score"}
            Which of the two.

        Returns
        -------
        ndarray of float64, shape (length, length)

        Raises
        ------
        ValueError
            If the length does not hold all positions, or ``values`` is neither.
        """
        if length <= self.positions.max():
            raise ValueError(
                f"length must be above the last position, {self.positions.max()}; received "
                f"{length}."
            )
        whole = np.zeros((length, length))
        whole[np.ix_(self.positions, self.positions)] = self._chosen(values)
        return whole

    def _chosen(self, values: str) -> np.ndarray:
        if values not in ("size", "score"):
            raise ValueError(f'expected "size" or "score"; received {values!r}.')
        return self.sizes if values == "size" else self.scores

    def __str__(self) -> str:
        best = self.table(1)
        text = f"{self.explainer}: {len(self.positions)} positions, {self.n_samples} samples"
        if best.empty:
            return text
        one = best.iloc[0]
        return (
            f"{text}; strongest pair {one.position:.0f} and {one.other_position:.0f}, "
            f"score {one.score:.3g}"
        )


def choose_positions(importance: Any, k: int = 20, *, spacing: int = 1) -> np.ndarray:
    """The positions to look for pairs among: those of the highest importance.

    Pairs grow with the square of the positions, so a first look at single positions chooses.
    It misses pairs whose members do nothing alone.

    Parameters
    ----------
    importance : array (L,)
        For example ``Attribution.importance()``; the size counts, not the sign.
    k : int
        How many; fewer where there are not so many.
    spacing : int
        Least distance between two chosen positions: neighbouring bases of one motif, or
        markers in linkage disequilibrium, otherwise fill the list with one signal.

    Returns
    -------
    ndarray of int64, ascending

    Raises
    ------
    ValueError
        If the importance is not one finite number a position, or k or spacing is below 1.
    """
    values = np.abs(np.asarray(importance, dtype=float))
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(
            f"importance must hold one finite number a position; received shape {values.shape}."
        )
    for name, value in (("k", k), ("spacing", spacing)):
        if int(value) != value or value < 1:
            raise ValueError(f"{name} must be a whole number from 1; received {value}.")
    chosen: list[int] = []
    for position in np.argsort(-values, kind="stable"):
        if all(abs(int(position) - other) >= spacing for other in chosen):
            chosen.append(int(position))
        if len(chosen) == k:
            break
    return np.sort(np.array(chosen, dtype=np.int64))


def checked_positions(positions: Any, length: int, most: int, reason: str) -> np.ndarray:
    """Position numbers, each once; all where none were given and they are not too many.

    Raises
    ------
    TypeError, ValueError
        If they are no positions, fewer than two, repeated, or too many are meant.
    """
    if positions is None:
        if length > most:
            raise ValueError(
                f"positions: all {length} were asked for, {length * (length - 1) // 2} pairs, "
                f"{reason}. Choose some, for example choose_positions(importance, 20)."
            )
        return np.arange(length)
    chosen = as_rows(positions, length, "positions")
    if len(chosen) < 2 or len(np.unique(chosen)) != len(chosen):
        raise ValueError(
            f"positions must name at least two positions, each once; received {chosen.tolist()}."
        )
    return chosen
