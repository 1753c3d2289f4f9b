"""The figure in which a reader changes genotypes and sees the predicted expectiles move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.expectiles import as_levels
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure
from geneml.live.network_export import export_network

_MOST_PEOPLE, _MOST_INPUTS, _MOST_SHOWN = 500, 300, 8


def expectile_network(
    networks: Any,
    genotypes: np.ndarray,
    *,
    names: Sequence[str] | None = None,
    observed: Sequence[float] | None = None,
    shown: int | Sequence[int] = 6,
    unit: str = "",
) -> LiveFigure:
    """Let a reader change the genotypes of people and see their predicted expectiles.

    The weights travel inside the page as float32, and plain JavaScript runs one network for
    each level. Levels that cross are named. People are sorted by the level nearest to 0.5.

    Parameters
    ----------
    networks : geneml.replicates.Networks
        Two to six networks with p inputs, one for each level, levels rising; trained on
        dosages. Predictions are in the unit of their trait.
    genotypes : array (n, p)
        Copies of the counted allele, 0, 1 or 2, of 2 to 500 people.
    names : sequence of str, optional
        Of the p SNPs; by default ``SNP 0``, ``SNP 1``, ...
    observed : sequence of float, optional
        The observed trait of the n people, in its unit.
    shown : int or sequence of int
        How many SNPs the reader can change, 1 to 8, or which columns. A number picks those
        whose change from 0 to 2 copies moves the predictions of these people most, as the
        mean over people and levels of the absolute change.
    unit : str
        Of the trait, for the axis.

    Returns
    -------
    LiveFigure

    Raises
    ------
    TypeError
        If ``networks`` has no plan of levels, or something is of the wrong kind.
    ValueError
        If levels do not rise, sizes disagree or a genotype is not 0, 1 or 2.
    """
    if not all(hasattr(networks, name) for name in ("plan", "model", "predict", "mean", "scale")):
        raise TypeError(
            f"networks: expected geneml.replicates.Networks, got {type(networks).__name__}"
        )
    taus = as_levels(networks.plan.tau, "networks")
    if not 2 <= len(taus) <= 6 or (np.diff(taus) <= 0).any():
        raise ValueError(
            f"networks: expected two to six levels that rise, got {taus.tolist()}; sort them "
            "with networks.take(np.argsort(networks.plan.tau))"
        )
    table = _checked_genotypes(genotypes)
    n, p = table.shape
    inputs = networks.weights[0][0].shape[0]
    if p != inputs:
        raise ValueError(f"genotypes: expected {inputs} columns as in training, got {p}")
    labels = [f"SNP {i}" for i in range(p)] if names is None else [str(name) for name in names]
    if len(labels) != p or len(set(labels)) != p:
        raise ValueError(f"names: expected {p} different names, got {len(labels)}")
    if observed is not None and np.shape(observed) != (n,):
        raise ValueError(f"observed: expected {n} numbers, got shape {np.shape(observed)}")
    columns = _columns(networks, table, shown)
    return figure(
        "expectile_network",
        {
            "levels": [
                {
                    "tau": float(tau),
                    "layers": _export(networks.model(row), p),
                    "mean": float(networks.mean[row]),
                    "scale": float(networks.scale[row]),
                }
                for row, tau in enumerate(taus)
            ],
            "people": ["".join(map(str, row)) for row in table.tolist()],
            "observed": None if observed is None else np.asarray(observed, dtype=float),
            "shown": columns,
            "names": [labels[column] for column in columns],
            "unit": unit,
        },
        title="Change a genotype, watch the levels",
        description="Pick a person, then change a genotype. One network for each level runs "
        "inside this page.",
    )


def influence(networks: Any, genotypes: np.ndarray) -> np.ndarray:
    """How far each SNP moves the predictions when it goes from 0 to 2 copies, (p,).

    The mean over people and levels of the absolute change, in the unit of the trait. All other
    SNPs stay as they are, also those in linkage disequilibrium with it.
    """
    table = np.asarray(genotypes, dtype="float32")
    moves = np.empty(table.shape[1])
    for column in range(table.shape[1]):
        ends = []
        for copies in (0, 2):
            changed = table.copy()
            changed[:, column] = copies
            ends.append(networks.predict(changed))
        moves[column] = np.abs(ends[1] - ends[0]).mean()
    return moves


def _columns(networks: Any, table: np.ndarray, shown: int | Sequence[int]) -> list[int]:
    p = table.shape[1]
    if isinstance(shown, int):
        count = _whole("shown", shown, 1, min(p, _MOST_SHOWN))
        best = np.argsort(-influence(networks, table), kind="stable")[:count]
        return sorted(int(column) for column in best)
    columns = [_whole(f"shown[{i}]", column, 0, p - 1) for i, column in enumerate(shown)]
    if not 1 <= len(set(columns)) == len(columns) <= _MOST_SHOWN:
        raise ValueError(
            f"shown: expected 1 to {_MOST_SHOWN} different columns, got {list(columns)}"
        )
    return columns


def _checked_genotypes(genotypes: Any) -> np.ndarray:
    table = np.asarray(genotypes)
    if table.ndim != 2 or table.dtype.kind not in "iuf":
        raise ValueError(
            f"genotypes: expected a table of numbers (n, p), got {table.dtype} {table.shape}"
        )
    n, p = table.shape
    if not (2 <= n <= _MOST_PEOPLE and 1 <= p <= _MOST_INPUTS):
        raise ValueError(
            f"genotypes: expected 2 to {_MOST_PEOPLE} people and 1 to {_MOST_INPUTS} SNPs, got "
            f"{n} and {p}; the page would grow too large"
        )
    if not np.isin(table, (0, 1, 2)).all():
        raise ValueError("genotypes: expected 0, 1 or 2 everywhere; fill missing ones first")
    return table.astype("int64")


def _export(model: Any, p: int) -> list[dict[str, Any]]:
    """A network with p inputs as layers that the page can run."""
    import keras

    return export_network(keras.Sequential([keras.Input((1, p)), keras.layers.Flatten(), model]))
