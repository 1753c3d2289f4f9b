"""Between which alleles an interaction is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Contrast:
    """Which alleles are exchanged at each chosen position.

    Attributes
    ----------
    states : array or None
        The values that dosages (n, p) are set to; None for one-hot.
    ends : int array (k, 2) or None
        Numbers of the alleles from and to which each position is changed. None: from the
        observed allele to every other one.
    distance : float
        Copies between the two, by whose square the contrast is divided: 1 for bases.
    """

    states: tuple[float, float] | None
    ends: np.ndarray | None
    distance: float

    def of_double_mutants(self, changes: np.ndarray, observed: np.ndarray) -> tuple:
        """Signed and unsigned scores (n, k, k) from changes (n, k, A, k, A) of double mutants."""
        if self.ends is None:
            return self._over_all(changes, observed)
        rows = np.arange(len(self.ends))
        ends = {"from": self.ends[:, 0], "to": self.ends[:, 1]}

        def at(one: str, other: str) -> np.ndarray:
            return changes[
                :, rows[:, None], ends[one][:, None], rows[None, :], ends[other][None, :]
            ]

        cycle = at("to", "to") - at("to", "from") - at("from", "to") + at("from", "from")
        cycle = cycle / self.distance**2
        return cycle, np.abs(cycle)

    def _over_all(self, changes: np.ndarray, observed: np.ndarray) -> tuple:
        k, alleles = changes.shape[1:3]
        place, allele = np.arange(k), np.arange(alleles)
        single = changes[:, place[:, None], allele, place[:, None], allele]
        # Zero by itself wherever one of the two alleles is the observed one.
        cycle = changes - single[:, :, :, None, None] - single[:, None, None, :, :]
        others = alleles - (observed >= 0)
        pairs = others[:, :, None] * others[:, None, :]
        return cycle.sum(axis=(2, 4)) / pairs, np.abs(cycle).sum(axis=(2, 4)) / pairs


def mutant_alleles(x: np.ndarray) -> np.ndarray:
    """The commonest allele at each position, and the one that is next.

    Parameters
    ----------
    x : array (n, L, A)
        One-hot samples of the whole population rather than of a few.

    Returns
    -------
    ndarray of int64, shape (L, 2)
        Numbers of the commonest and the second commonest allele. Where a position does not
        vary the second one is -1.

    Raises
    ------
    ValueError
        If x is not one-hot (n, L, A).
    """
    array = np.asarray(x)
    if array.ndim != 3 or array.shape[2] < 2:
        raise ValueError(f"x must be one-hot, of shape (n, L, A); received {array.shape}.")
    counts = array.sum(axis=0)
    order = np.argsort(-counts, axis=1, kind="stable")[:, :2].astype(np.int64)
    second = np.take_along_axis(counts, order[:, 1:], axis=1)[:, 0]
    order[second == 0, 1] = -1
    return order


def contrast_of(x: np.ndarray, positions: np.ndarray, alleles: Any) -> Contrast:
    """Turn what was asked for into a contrast.

    Parameters
    ----------
    x : array
        One-hot (n, L, A), or genotypes or dosages (n, p).
    positions : int array (k,)
        The chosen positions.
    alleles : None, "all", "mutant", pair, or array (k, 2) or (L, 2)
        As in :func:`geneml.interpret.interactions.epistasis`.

    Raises
    ------
    ValueError
        If it does not fit the input.
    """
    dosages = x.ndim == 2
    genotypes = dosages or x.shape[2] == 3
    if alleles is None:
        alleles = (0, 2) if genotypes else "all"
    if isinstance(alleles, str):
        return _named(x, positions, alleles, dosages)
    ends = np.asarray(alleles)
    if ends.shape == (2,):
        if ends[0] == ends[1]:
            raise ValueError(f"alleles must name two different ones; received {alleles!r}.")
        distance = float(ends[1] - ends[0]) if genotypes else 1.0
        if dosages:
            pair = (float(ends[0]), float(ends[1]))
            return Contrast(pair, np.tile([0, 1], (len(positions), 1)), distance)
        ends = np.tile(ends, (len(positions), 1))
        return Contrast(None, _checked_ends(ends, x, positions, alleles), distance)
    if dosages:
        raise ValueError(
            "alleles must be a pair such as (0, 2) for genotypes and dosages; received "
            f"{alleles!r}."
        )
    if ends.shape == (x.shape[1], 2):
        ends = ends[positions]
    return Contrast(None, _checked_ends(ends, x, positions, alleles), 1.0)


def _named(x: np.ndarray, positions: np.ndarray, alleles: str, dosages: bool) -> Contrast:
    if alleles not in ("all", "mutant"):
        raise ValueError(
            f'alleles must be "all", "mutant", a pair or an array (k, 2); received {alleles!r}.'
        )
    if dosages:
        raise ValueError(
            f"alleles={alleles!r} is for one-hot input. For genotypes and dosages give the two "
            "copy numbers to compare, (0, 2) by default."
        )
    if alleles == "all":
        return Contrast(None, None, 1.0)
    return Contrast(None, _checked_ends(mutant_alleles(x)[positions], x, positions, alleles), 1.0)


def _checked_ends(ends: np.ndarray, x: np.ndarray, positions: np.ndarray, given: Any) -> np.ndarray:
    if ends.shape != (len(positions), 2) or ends.dtype.kind not in "iu":
        raise ValueError(
            f"alleles must hold the numbers of two alleles for each of {len(positions)} positions; "
            f"received shape {ends.shape} and dtype {ends.dtype}."
        )
    fixed = positions[(ends < 0).any(axis=1)]
    if fixed.size:
        some = ", ".join(map(str, fixed[:5].tolist()))
        raise ValueError(
            f"alleles: {fixed.size} chosen position(s) do not vary in x (first {some}): there is "
            'no mutant allele to compare. Leave them out, use alleles="all", or give '
            "alleles=mutant_alleles(population) of more samples."
        )
    if (ends >= x.shape[2]).any() or (ends[:, 0] == ends[:, 1]).any():
        raise ValueError(
            f"alleles must name two different ones of {x.shape[2]}, counted from 0; received "
            f"{given!r}."
        )
    return ends
