"""What is to be trained: one row for each network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Plan:
    """The settings of R networks, one array element a network.

    Attributes
    ----------
    split : int (R,)
        Number of the split that the network is trained and judged on.
    tau : float (R,)
        Level of the expectile, strictly between 0 and 1.
    penalty : float (R,)
        Strength of the squared penalty on its weights, at least 0, beside the mean loss of the
        standardised trait.
    hidden : int (R, layers)
        Units of each hidden layer; shape (R,) is read as one layer.
    seed : int (R,)
        Decides the initial weights: those of ``geneml.models.enn`` with this seed.
    patience : int (R,)
        Epochs without a new lowest validation loss after which the network stops and goes back
        to its best; 0 trains for all epochs.

    One number given for an attribute holds for all networks.

    Raises
    ------
    TypeError
        If an attribute does not hold numbers of its kind.
    ValueError
        If lengths disagree or a value is out of range.
    """

    split: Any
    tau: Any
    penalty: Any = 0.0
    hidden: Any = 5
    seed: Any = 0
    patience: Any = 0

    def __post_init__(self) -> None:
        arrays = {f.name: self._checked(f.name, getattr(self, f.name)) for f in fields(self)}
        hidden = arrays["hidden"]
        arrays["hidden"] = hidden.reshape(len(hidden), -1) if hidden.ndim else hidden.reshape(1, 1)
        rows = {len(np.atleast_1d(array)) for array in arrays.values()} - {1}
        if len(rows) > 1:
            raise ValueError(
                "a plan has one value a network in each column; received "
                + ", ".join(f"{name} {len(np.atleast_1d(a))}" for name, a in arrays.items())
                + "."
            )
        n = rows.pop() if rows else 1
        for name, array in arrays.items():
            wide = array if name == "hidden" else np.atleast_1d(array)
            if len(wide) == 0:
                raise ValueError("a plan needs at least one network.")
            shape = (n, *wide.shape[1:])
            object.__setattr__(self, name, np.ascontiguousarray(np.broadcast_to(wide, shape)))

    @staticmethod
    def _checked(name: str, values: Any) -> np.ndarray:
        array = np.asarray(values)
        whole = name not in ("tau", "penalty")
        if array.dtype.kind not in ("iu" if whole else "iuf"):
            kind = "whole numbers" if whole else "numbers"
            raise TypeError(f"{name} must hold {kind}, received dtype {array.dtype}.")
        if array.ndim > (2 if name == "hidden" else 1):
            raise ValueError(f"{name} must have one value a network, received {array.shape}.")
        if name == "tau" and not ((array > 0) & (array < 1)).all():
            raise ValueError("tau must lie strictly between 0 and 1.")
        lowest = 1 if name == "hidden" else 0
        if not (np.isfinite(array) & (array >= lowest)).all():
            raise ValueError(f"{name} must be finite and at least {lowest}.")
        return array.astype("int64" if whole else "float64")

    @classmethod
    def grid(
        cls,
        *,
        splits: int | Sequence[int],
        taus: Sequence[float],
        penalties: Sequence[float] = (0.0,),
        hidden: Sequence[int] = (5,),
        patience: int = 0,
        seed: int | np.random.Generator = 0,
    ) -> Plan:
        """Every combination of splits, levels, penalties and hidden sizes, in this order.

        Parameters
        ----------
        splits : int or sequence of int
            How many splits, or their numbers.
        taus, penalties, hidden : sequence
            Values to combine.
        patience : int
            Of all networks.
        seed : int or Generator
            Gives each network a seed of its own.
        """
        numbers = range(splits) if isinstance(splits, int | np.integer) else splits
        rows = list(product(numbers, taus, penalties, hidden))
        if not rows:
            raise ValueError("a plan needs at least one split, tau, penalty and hidden size.")
        split, tau, penalty, units = (np.array(column) for column in zip(*rows, strict=True))
        seeds = np.random.default_rng(seed).integers(2**31 - 1, size=len(rows))
        return cls(split, tau, penalty, units, seeds, patience)

    def __len__(self) -> int:
        return len(self.split)

    def take(self, rows: Any) -> Plan:
        """The plan of some of the networks, by row number or mask."""
        return Plan(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def table(self) -> pd.DataFrame:
        """One row a network; ``hidden`` as text such as 8-4 where there are several layers."""
        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        one_layer = self.hidden.shape[1] == 1
        columns["hidden"] = (
            self.hidden[:, 0] if one_layer else ["-".join(map(str, row)) for row in self.hidden]
        )
        return pd.DataFrame(columns)


def in_chunks(plan: Plan, n_training: Sequence[int], activations: int) -> list[np.ndarray]:
    """Rows of the plan that are trained together.

    Networks of one split read only its training rows, so splits are mixed only where a split has
    few networks. Networks are sorted by size, so that little is padded.

    Parameters
    ----------
    plan : Plan
        What is to be trained.
    n_training : sequence of int
        Training rows of every split.
    activations : int
        Most activations (rows x networks x units) of a layer in a chunk: what fits a
        processor's cache is several times quicker than what does not.

    Returns
    -------
    list of int arrays
        Each row of the plan once.
    """
    few = 8
    counts = np.bincount(plan.split, minlength=len(n_training))
    group = np.where(counts[plan.split] >= few, plan.split, -1)
    width = plan.hidden.max(axis=1)
    chunks: list[list[int]] = []
    for number in np.unique(group):
        rows = np.flatnonzero(group == number)
        rows = rows[np.lexsort((rows, *plan.hidden[rows].T[::-1], width[rows]))]
        # Mixed splits together train on nearly every row.
        n = n_training[number] if number >= 0 else max(n_training) * 5 // 3
        chunk: list[int] = []
        for row in rows:
            widest, members = int(width[row]), len(chunk) + 1
            padded = widest * members
            wasteful = members > few and padded > 1.15 * (width[chunk].sum() + widest)
            if chunk and (n * padded > activations or wasteful):
                chunks.append(chunk)
                chunk = []
            chunk.append(int(row))
        chunks.append(chunk)
    return [np.array(chunk) for chunk in chunks]
