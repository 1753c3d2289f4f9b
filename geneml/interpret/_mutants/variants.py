"""What can be changed in a sample, and the changed samples themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from geneml._checks import as_rows
from geneml.interpret._network.inputs import as_inputs, names_of_alleles


@dataclass(frozen=True)
class Rows:
    """Places and what is written there: row r holds as many variants as alternatives.

    Attributes
    ----------
    sample, position : int arrays (rows,)
        Where.
    alternatives : int array (rows, k)
        Numbers of the alleles written there, one variant each.
    """

    sample: np.ndarray
    position: np.ndarray
    alternatives: np.ndarray

    def __len__(self) -> int:
        return len(self.sample)

    @property
    def n_variants(self) -> int:
        """How many changed samples these rows stand for."""
        return self.alternatives.size

    def take(self, part: Any) -> Rows:
        """Some of the rows."""
        return Rows(self.sample[part], self.position[part], self.alternatives[part])


@dataclass(frozen=True, eq=False)
class Subject:
    """The samples to explain: all inputs, and which of them is changed.

    Attributes
    ----------
    inputs : tuple of arrays
        All inputs of the model.
    several : bool
        Whether the model takes a list of inputs.
    explained : int
        Which input is changed: one-hot (n, L, A), or dosages (n, p).
    states : array or None
        The values a dosage can take; ``None`` for one-hot.
    """

    inputs: tuple[np.ndarray, ...]
    several: bool
    explained: int
    states: np.ndarray | None

    @classmethod
    def checked(cls, x: Any, explained: int, states: Sequence[float] | None) -> Subject:
        """Check the arrays and hold them.

        Raises
        ------
        TypeError, ValueError
            If they are no numbers, no samples, neither one-hot nor dosages, or ``explained``
            or ``states`` do not fit them.
        """
        several = isinstance(x, list | tuple)
        parts = tuple(as_inputs(x, explained).parts)
        array = parts[explained]
        if array.ndim == 2:
            return cls(parts, several, explained, _checked_states(states, array))
        if states is not None:
            raise ValueError(
                "states are for genotypes (n, p); a one-hot x has its own alleles, so leave "
                "states out."
            )
        _check_one_hot(array)
        return cls(parts, several, explained, None)

    @property
    def array(self) -> np.ndarray:
        """The input that is changed."""
        return self.inputs[self.explained]

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.array)

    @property
    def length(self) -> int:
        """Number of positions."""
        return self.array.shape[1]

    @property
    def n_alleles(self) -> int:
        """How many alleles or states can stand at a position."""
        return self.array.shape[2] if self.states is None else len(self.states)

    @property
    def alleles(self) -> tuple[str, ...]:
        """Their names."""
        if self.states is not None:
            return tuple(f"{state:g}" for state in self.states)
        return names_of_alleles(self.array)

    @cached_property
    def observed(self) -> np.ndarray:
        """Number of the allele that stands there, (n, L) int8; -1 where none does."""
        if self.states is None:
            found = self.array.argmax(axis=2).astype(np.int8)
            return np.where(self.array.any(axis=2), found, np.int8(-1))
        found = np.full(self.array.shape, -1, dtype=np.int8)
        for number, state in enumerate(self.states):
            found[self.array == state] = number
        return found

    def rows(self, samples: np.ndarray, positions: np.ndarray) -> Rows:
        """Every other allele for all these places, ordered by position, then sample.

        Where no allele is known (a missing call, an unknown base), all are alternatives: such
        a place takes two rows of the same width, of which the second repeats some.
        """
        position, sample = (grid.ravel() for grid in np.meshgrid(positions, samples, indexing="ij"))
        here = self.observed[sample, position].astype(np.intp)
        width = self.n_alleles - 1
        known = here >= 0
        # 0, 1, ... with the observed allele left out: those from it onwards move up by one.
        alternatives = np.arange(width) + (np.arange(width) >= here[:, None])
        if known.all():
            return Rows(sample, position, alternatives)
        alternatives[~known] = np.arange(width)
        again = np.repeat(np.arange(len(sample)), np.where(known, 1, 2))
        second = np.r_[False, again[1:] == again[:-1]]
        alternatives = alternatives[again]
        alternatives[second] = np.arange(width)[::-1] + 1
        return Rows(sample[again], position[again], alternatives)

    def blocks(self, samples: np.ndarray, positions: np.ndarray, size: int) -> Iterator[Rows]:
        """:meth:`rows` in parts of at most ``size`` variants (but at least one row)."""
        per_row = self.n_alleles - 1
        step = max(1, size // max(1, per_row * len(samples)))
        for start in range(0, len(positions), step):
            rows = self.rows(samples, positions[start : start + step])
            most = max(1, size // per_row)
            for first in range(0, len(rows), most):
                yield rows.take(slice(first, first + most))

    def values_of(self, alleles: np.ndarray) -> np.ndarray:
        """What is stored for these alleles: one-hot (..., A) or states (...)."""
        if self.states is None:
            return np.eye(self.n_alleles, dtype=self.array.dtype)[alleles]
        return self.states.astype(self.array.dtype)[alleles]

    def changed(self, rows: Rows, first: int = 0, last: int | None = None) -> Any:
        """Write out the changed samples, variants ``first`` to ``last`` of the rows.

        The alternatives of a row follow each other. The result is as the model takes it.
        """
        variants = np.arange(rows.n_variants)[first:last]
        row, column = np.divmod(variants, rows.alternatives.shape[1])
        sample = rows.sample[row]
        parts = [part[sample] for part in self.inputs]
        written = self.values_of(rows.alternatives[row, column])
        parts[self.explained][np.arange(len(row)), rows.position[row]] = written
        return parts if self.several else parts[0]

    def given(self, samples: Any = slice(None)) -> Any:
        """The samples as they are, as the model takes them."""
        parts = [part[samples] for part in self.inputs]
        return parts if self.several else parts[0]

    def checked_positions(self, positions: Any) -> np.ndarray:
        """Position numbers; all where none were chosen."""
        if positions is None:
            return np.arange(self.length)
        chosen = as_rows(positions, self.length, "positions")
        if len(np.unique(chosen)) != len(chosen):
            raise ValueError("positions: expected each position once; some are repeated.")
        return chosen


def _checked_states(states: Sequence[float] | None, array: np.ndarray) -> np.ndarray:
    values = np.asarray((0, 1, 2) if states is None else states)
    if values.dtype.kind not in "fiu" or values.ndim != 1 or len(np.unique(values)) != len(values):
        raise ValueError(f"states: expected different numbers, received {states!r}.")
    if len(values) < 2:
        raise ValueError(f"states: expected at least two, received {states!r}.")
    if array.dtype.kind == "b":
        raise TypeError("x: expected genotypes or dosages as numbers, received true and false.")
    if (values.astype(array.dtype) != values).any():
        raise ValueError(
            f"states: {states!r} cannot be stored in x, whose type is {array.dtype}; convert x "
            "to float32 first."
        )
    return values


def _check_one_hot(array: np.ndarray) -> None:
    if array.shape[2] < 2:
        raise ValueError(
            f"x: expected at least two alleles on the last axis, received shape {array.shape}."
        )
    wrong = ~np.isin(array, (0, 1)).all(axis=2) | (array.sum(axis=2) > 1)
    if wrong.any():
        sample, position = np.argwhere(wrong)[0]
        raise ValueError(
            "x: expected one-hot rows (a single 1, or all 0 where the base is unknown); received "
            f"{array[sample, position].tolist()} at sample {sample}, position {position} "
            f"({int(wrong.sum())} such rows)."
        )
