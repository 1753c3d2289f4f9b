"""Putting comparisons together by the rows of their folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geneml.evaluation.comparison import Comparison
from geneml.evaluation.folds import fold_key, numbered
from geneml.splits import Split


def joined(comparisons: Sequence[Comparison]) -> Comparison:
    """Join comparisons; see :meth:`Comparison.joined`."""
    listed = list(comparisons)
    if not listed:
        raise ValueError("comparisons: expected at least one, received none")
    traits, n = listed[0].traits, listed[0].observed.shape[1]
    for one in listed:
        if one.traits != traits or one.observed.shape[1] != n:
            raise ValueError(
                f"comparisons: expected {n} individuals and the traits {traits} in all, "
                f"received {one.observed.shape[1]} and {one.traits}"
            )
    union: dict[str, Split] = {}
    for one in sorted(listed, key=lambda one: -len(one.folds)):
        for split in one.folds:
            union.setdefault(fold_key(split), split)
    folds = tuple(union.values())
    places = dict(zip(union, numbered(folds), strict=True))
    methods = tuple(dict.fromkeys(name for one in listed for name in one.methods))
    repeats = 1 + max(repeat for repeat, _ in places.values())
    observed = np.full((repeats, n, len(traits)), np.nan)
    predictions = np.full((len(methods), *observed.shape), np.nan)
    tables, settings = [], []
    for one in listed:
        move = {}
        for split, old in zip(one.folds, numbered(one.folds), strict=True):
            new, rows = places[fold_key(split)], split.test
            move[old] = new
            here, there = one.observed[old[0], rows], observed[new[0], rows]
            known = np.isfinite(there)
            if not np.allclose(here[known], there[known], rtol=1e-9, atol=1e-12):
                raise ValueError(
                    "comparisons: expected the same observed traits in a fold, received "
                    "others: were they corrected in the same way?"
                )
            observed[new[0], rows] = here
            for number, name in enumerate(one.methods):
                predictions[methods.index(name), new[0], rows] = one.predictions[
                    number, old[0], rows
                ]
        tables.append(_renumbered(one.table, move))
        settings.append(_renumbered(one.settings, move))
    table = pd.concat(tables, ignore_index=True)
    keys = ["method", "trait", "repeat", "fold"]
    if (twice := table.duplicated(keys)).any():
        raise ValueError(
            f"comparisons: expected a method once in each fold, received "
            f"{table.loc[twice, 'method'].iloc[0]!r} twice in the same"
        )
    return Comparison(
        table=table.sort_values(["repeat", "fold"], kind="stable", ignore_index=True),
        settings=pd.concat(settings, ignore_index=True),
        folds=folds,
        methods=methods,
        traits=traits,
        observed=observed,
        predictions=predictions,
    )


def _renumbered(table: pd.DataFrame, move: dict[tuple[int, int], tuple[int, int]]) -> pd.DataFrame:
    places = [move[place] for place in zip(table["repeat"], table["fold"], strict=True)]
    return table.assign(repeat=[place[0] for place in places], fold=[place[1] for place in places])
