"""A pedigree checked and sorted, so that parents stand before their offspring."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geneml._checks import some

# "-1" is how arrays of numbers say that a parent is unknown, the others are texts of files.
UNKNOWN = ("0", "", "-1", "nan", "None", "<NA>")


@dataclass(frozen=True)
class Ordered:
    """A pedigree of N animals: those with a row, then parents without one; sorted.

    Attributes
    ----------
    names : list of str
        N identifiers, parents before offspring.
    father, mother : numpy.ndarray
        int64, shape (N,): positions of the parents, -1 where unknown.
    level : numpy.ndarray
        int64, shape (N,), ascending: the longest line of ancestors, 0 for founders.
    listed : numpy.ndarray
        int64, shape (n,): position of each row of the pedigree as it was given.
    extra : numpy.ndarray
        int64, shape (N - n,): positions of the parents that have no row.
    """

    names: list[str]
    father: np.ndarray
    mother: np.ndarray
    level: np.ndarray
    listed: np.ndarray
    extra: np.ndarray

    def positions(self, asked: object) -> np.ndarray:
        """Return where the asked animals stand, int64; errors where one is not here."""
        names = as_names(asked, "of")
        _check_unique(names, "of")
        place = {name: i for i, name in enumerate(self.names)}
        unknown = [name for name in names if name not in place]
        if unknown:
            raise ValueError(
                f"of: expected animals of the pedigree (such as {self.names[0]!r}), "
                f"received {some(unknown)}"
            )
        return np.array([place[name] for name in names], dtype=np.int64)

    def ancestors(self, positions: np.ndarray) -> np.ndarray:
        """Return the positions of some animals and of all their ancestors, ascending."""
        needed = np.zeros(len(self.names) + 1, dtype=bool)
        needed[positions] = True
        for i in range(len(self.names) - 1, -1, -1):
            if needed[i]:
                # An unknown parent, -1, marks the spare place at the end.
                needed[self.father[i]] = needed[self.mother[i]] = True
        return np.flatnonzero(needed[:-1])

    def pruned(self, keep: np.ndarray) -> Ordered:
        """Return the pedigree of the animals at `keep`, which holds all their ancestors."""
        new = np.full(len(self.names) + 1, -1, dtype=np.int64)
        new[keep] = np.arange(len(keep))
        return Ordered(
            names=[self.names[i] for i in keep],
            father=new[self.father[keep]],
            mother=new[self.mother[keep]],
            level=self.level[keep],
            listed=np.arange(len(keep)),
            extra=np.zeros(0, dtype=np.int64),
        )


def order(individual: object, father: object, mother: object, separate_sexes: bool) -> Ordered:
    """Check a pedigree and sort it; arguments and errors as in `relationship_matrix`."""
    names = as_names(individual, "individual")
    parents = [as_names(father, "father"), as_names(mother, "mother")]
    for label, side in zip(("father", "mother"), parents, strict=True):
        if len(side) != len(names):
            raise ValueError(
                f"{label}: expected {len(names)} values, one for each individual, "
                f"received {len(side)}"
            )
    _check_individuals(names)
    fathers, mothers = ([None if p in UNKNOWN else p for p in side] for side in parents)
    _check_parents(names, fathers, mothers, separate_sexes)

    n = len(names)
    place = {name: i for i, name in enumerate(names)}
    for parent in fathers + mothers:
        if parent is not None and parent not in place:
            place[parent] = len(place)
    every = list(place)
    index = np.full((2, len(every)), -1, dtype=np.int64)
    for row, known in zip(index, (fathers, mothers), strict=True):
        row[:n] = [-1 if parent is None else place[parent] for parent in known]
    sequence = _founders_first(index, every)

    new = np.full(len(every) + 1, -1, dtype=np.int64)
    new[sequence] = np.arange(len(every))
    sorted_parents = new[index[:, sequence]]
    level = [-1] * (len(every) + 1)  # the last stays, for unknown parents
    for i, (one, other) in enumerate(sorted_parents.T.tolist()):
        level[i] = 1 + max(level[one], level[other])
    return Ordered(
        names=[every[i] for i in sequence],
        father=sorted_parents[0],
        mother=sorted_parents[1],
        level=np.array(level[:-1], dtype=np.int64),
        listed=new[:n],
        extra=new[n:-1],
    )


def as_names(values: object, name: str) -> list[str]:
    """Return identifiers as text; whole numbers without a point, unknown ones as "0".

    Raises
    ------
    TypeError
        When one string is given, a set, or something that is no sequence.
    ValueError
        When there is none, or there is more than one dimension.
    """
    # A set has no order, so its animals and their parents cannot be matched.
    if isinstance(values, str | bytes | set) or not hasattr(values, "__iter__"):
        raise TypeError(
            f"{name}: expected a sequence of identifiers, received {type(values).__name__}"
        )
    shape = getattr(values, "shape", (0,))
    if len(shape) != 1:
        raise ValueError(f"{name}: expected one identifier an animal, received shape {shape}")
    array = pd.Series(list(values), dtype=object)  # keeps each value as it came
    if len(array) == 0:
        raise ValueError(f"{name}: expected at least one identifier, received none")
    missing = pd.isna(array)
    return [
        "0" if absent else _as_text(value) for value, absent in zip(array, missing, strict=True)
    ]


def _as_text(value: object) -> str:
    # A column of numbers with a gap is read as floating point: 12.0 is animal 12.
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _check_unique(names: list[str], name: str) -> None:
    repeated = [animal for animal, count in Counter(names).items() if count > 1]
    if repeated:
        raise ValueError(
            f"{name}: expected each animal once, received {some(repeated)} more than once"
        )


def _check_individuals(names: list[str]) -> None:
    blank = [i for i, name in enumerate(names) if name in UNKNOWN]
    if blank:
        raise ValueError(
            f"individual: expected an identifier everywhere, received none, or one that stands "
            f"for an unknown parent ('0', '-1' or a blank), at position {blank[0]}; rename it, "
            "for example by counting animals from 1"
        )


def _check_parents(
    names: list[str],
    fathers: list[str | None],
    mothers: list[str | None],
    separate_sexes: bool,
) -> None:
    first: dict[str, tuple[str | None, str | None]] = {}
    for name, pair in zip(names, zip(fathers, mothers, strict=True), strict=True):
        if name in pair:
            raise ValueError(
                f"pedigree: expected parents other than the animal itself, received {name!r} as "
                "its own parent"
            )
        if name in first:
            same = first[name] == pair
            raise ValueError(
                f"individual: expected each animal once, received {name!r} twice, with "
                + (
                    "the same parents; drop the repeated row"
                    if same
                    else f"parents {_pair(first[name])} and {_pair(pair)}; keep the right ones"
                )
            )
        first[name] = pair
    if separate_sexes:
        both = sorted({p for p in fathers if p} & {p for p in mothers if p})
        if both:
            raise ValueError(
                f"pedigree: expected each parent as father or as mother, received {some(both)} as "
                "both; correct the pedigree, or leave out separate_sexes where one individual "
                "may be both, as in most plants"
            )


def _pair(parents: tuple[str | None, str | None]) -> str:
    return " x ".join(parent or "unknown" for parent in parents)


def _founders_first(index: np.ndarray, names: list[str]) -> list[int]:
    """Sort so that parents come first, level by level (Kahn 1962)."""
    offspring: list[list[int]] = [[] for _ in names]
    waiting = (index >= 0).sum(axis=0).tolist()
    for side in index.tolist():
        for child, parent in enumerate(side):
            if parent >= 0:
                offspring[parent].append(child)
    ready = [i for i, count in enumerate(waiting) if count == 0]
    for parent in ready:  # grows while it is read
        for child in offspring[parent]:
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    if len(ready) < len(names):
        shown = [repr(name) for name in _cycle(index, waiting, names)]
        if len(shown) > 10:
            shown = [*shown[:8], f"{len(shown) - 9} more", shown[-1]]
        circle = " -> ".join(shown)
        raise ValueError(
            f"pedigree: expected no animal among its own ancestors, received the circle {circle} "
            "(from offspring to parent); correct one of these parents"
        )
    return ready


def _cycle(index: np.ndarray, waiting: list[int], names: list[str]) -> list[str]:
    """Walk from offspring to parent among the animals left over until one comes again."""
    animal = next(i for i, count in enumerate(waiting) if count > 0)
    path: dict[int, int] = {}
    while animal not in path:
        path[animal] = len(path)
        # Whoever is left over waits for a parent that is left over, too.
        animal = next(p for p in index[:, animal].tolist() if p >= 0 and waiting[p] > 0)
    return [names[i] for i in [*list(path)[path[animal] :], animal]]
