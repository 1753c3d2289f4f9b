"""Recoveries of many replicates, brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geneml.intervals import Interval, mean_interval

CHANCE = "chance"
"""Name of the row that a random ranking gets."""


def over_replicates(replicates: Sequence[Any], *, confidence: float = 0.95) -> dict[str, Interval]:
    """Mean and interval of every score, over replicates simulated afresh.

    Parameters
    ----------
    replicates : sequence
        One entry a replicate: a recovery, a mapping of names to numbers, or a tuple of these.
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    dict of str to Interval
        Student's t intervals. A score that is not defined in a replicate (a correlation with
        a constant) is left out there; ``Interval.n`` says how many replicates entered. A score
        defined in fewer than two is left out altogether.

    Raises
    ------
    TypeError
        If an entry holds no scores.
    ValueError
        If there are fewer than two replicates, or they do not have the same scores.
    """
    values = _collected(replicates, "measures")
    if len(replicates) < 2:
        raise ValueError(
            f"replicates must be two or more for an interval, received {len(replicates)}."
        )
    return {
        name: mean_interval(numbers[np.isfinite(numbers)], confidence=confidence)
        for name, numbers in values.items()
        if np.isfinite(numbers).sum() >= 2
    }


def recovery_table(
    methods: Mapping[str, Sequence[Any]],
    *,
    measures: Sequence[str] | None = None,
    caption: str = "",
) -> pd.DataFrame:
    """Scores of several methods over the same replicates, with what chance scores.

    Parameters
    ----------
    methods : mapping of str to sequence
        For each method its replicates, as for :func:`over_replicates`.
    measures : sequence of str, optional
        Which scores to show, and in which order; all by default.
    caption : str
        What the table shows. A sentence about the intervals is added.

    Returns
    -------
    pandas.DataFrame
        One row a method, then ``chance``: what a random ranking scores on average. Cells are
        :class:`~geneml.intervals.Interval`, or numbers where there is a single replicate.
        ``attrs["caption"]`` holds the caption.

    Raises
    ------
    TypeError
        If an entry holds no scores.
    ValueError
        If there is no method, a method is called ``chance``, methods have different numbers of
        replicates, or a measure is not known.
    """
    if not methods:
        raise ValueError("methods is empty: give at least one method.")
    if CHANCE in methods:
        raise ValueError(f"methods must not be called {CHANCE!r}: that row is added.")
    counts = {name: len(replicates) for name, replicates in methods.items()}
    if len(set(counts.values())) != 1 or not min(counts.values()):
        raise ValueError(f"methods must have the same replicates, received {counts}.")
    rows = {name: _cells(replicates) for name, replicates in methods.items()}
    known = list(dict.fromkeys(name for row in rows.values() for name in row))
    shown = known if measures is None else list(measures)
    if unknown := [name for name in shown if name not in known]:
        raise ValueError(f"measures must be among {known}; received {unknown}.")
    first = next(iter(methods.values()))
    chance = {
        name: float(np.mean(numbers))
        for name, numbers in _collected(first, "chance_measures").items()
    }
    labels = _labels(methods)
    if chance:
        rows[CHANCE] = _rounded(chance)
    table = pd.DataFrame(
        [[row.get(name) for name in shown] for row in rows.values()],
        index=pd.Index(list(rows), name="method"),
        columns=[labels.get(name, name.replace("_", " ")) for name in shown],
        dtype=object,
    )
    n = next(iter(counts.values()))
    note = f"Means over {n} replicates with their 95% intervals." if n > 1 else "One replicate."
    table.attrs["caption"] = f"{caption.strip()} {note}".strip()
    return table


def _cells(replicates: Sequence[Any]) -> dict[str, Any]:
    if len(replicates) > 1:
        return dict(over_replicates(replicates))
    return _rounded({name: float(v[0]) for name, v in _collected(replicates, "measures").items()})


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


def _labels(methods: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """Column names; where replicates differ in their counts, the name without counts."""
    labels: dict[str, str] = {}
    for replicates in methods.values():
        for replicate in replicates:
            for part in _parts(replicate):
                for name, text in getattr(part, "labels", dict)().items():
                    same = labels.setdefault(name, text) == text
                    labels[name] = text if same else name.replace("_", " ")
    return labels


def _collected(replicates: Sequence[Any], method: str) -> dict[str, np.ndarray]:
    """Each score as an array over the replicates."""
    rows = []
    for replicate in replicates:
        row: dict[str, float] = {}
        for part in _parts(replicate):
            if isinstance(part, Mapping):
                row |= {} if method == "chance_measures" else dict(part)
            elif hasattr(part, method):
                row |= getattr(part, method)()
            else:
                raise TypeError(
                    "replicates must hold recoveries or dicts of numbers, received "
                    f"{type(part).__name__}."
                )
        rows.append(row)
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError(
            "replicates must all have the same scores; they have "
            f"{sorted({', '.join(sorted(row)) for row in rows})}."
        )
    return {name: np.array([row[name] for row in rows], dtype=float) for name in (rows or [{}])[0]}


def _parts(replicate: Any) -> tuple[Any, ...]:
    return tuple(replicate) if isinstance(replicate, tuple | list) else (replicate,)
