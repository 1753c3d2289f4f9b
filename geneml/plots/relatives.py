"""Pictures of relatives: pedigrees, relationship matrices, loadings and their eigenvalues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geneml.pedigree import inbreeding
from geneml.pedigree._order import as_names
from geneml.plots._figure import (
    BLUE,
    COLOURS,
    LINES,
    VERMILION,
    CourseFigure,
    as_values,
    light_to,
    new_figure,
)

_WITH_NUMBERS = 12  # animals whose relationships can be written into their cells
_TREE = 60  # animals that a drawn pedigree can hold


def pedigree(individual: Any, father: Any, mother: Any, *, title: str = "") -> CourseFigure:
    """A pedigree, generation below generation; inbred animals carry their coefficient.

    Parameters
    ----------
    individual, father, mother : sequence of str
        Each animal once, in any order, and its parents; "0" where unknown. Parents without a
        place of their own in `individual` are not drawn.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure
        Solid lines to the father, dashed ones to the mother.

    Raises
    ------
    TypeError, ValueError
        As in :func:`geneml.pedigree.inbreeding`; ValueError also for more than 60 animals.
    """
    coefficients = inbreeding(individual, father, mother)
    names, *sides = (as_names(side, "pedigree") for side in (individual, father, mother))
    if len(names) > _TREE:
        raise ValueError(
            f"individual: expected at most {_TREE} animals to draw, received {len(names)}. "
            "Draw a part of the pedigree."
        )
    place = {name: i for i, name in enumerate(names)}
    parents = [[place.get(parent, -1) for parent in pair] for pair in zip(*sides, strict=True)]
    row, column = _places(parents)
    width = 1.2 + 0.95 * max(np.bincount(row))
    figure, axes = new_figure(width=max(width, 3.6), height=0.7 + 0.85 * (max(row) + 1))
    axes.grid(False)
    axes.axis("off")
    for child, pair in enumerate(parents):
        for side, parent in enumerate(pair):
            if parent < 0:
                continue
            # Side by side where one plant is both parents.
            shift = (0.04 if side else -0.04) * (pair[0] == pair[1])
            # A line past other rows bows outwards, or it would hide behind the boxes there.
            middle = (column[child] + column[parent]) / 2
            outward = (2 * side - 1) if abs(middle - 0.5) < 0.01 else np.sign(middle - 0.5)
            bow = 0.35 * outward if row[child] - row[parent] > 1 else 0.0
            along = np.linspace(0, 1, 25)
            straight = column[child] + along * (column[parent] - column[child])
            axes.plot(
                np.clip(straight + shift + bow * 2 * along * (1 - along), -0.04, 1.04),
                row[child] + along * (row[parent] - row[child]),
                color=COLOURS[side],
                linestyle=LINES[side],
                linewidth=1.8,
                zorder=1,
            )
    said = []
    for i, name in enumerate(names):
        inbred = coefficients[i] > 0
        label = f"{name}\nF {coefficients[i]:.3g}" if inbred else name
        axes.text(
            column[i],
            row[i],
            label,
            ha="center",
            va="center",
            fontsize=10,
            zorder=2,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "#555555"},
        )
        known = [names[parent] if parent >= 0 else "unknown" for parent in parents[i]]
        origin = "founder" if known == ["unknown"] * 2 else f"from {known[0]} and {known[1]}"
        said.append(f"{name} {origin}" + (f", F {coefficients[i]:.3g}" if inbred else ""))
    axes.set(ylim=(max(row) + 0.6, -0.6), xlim=(-0.05, 1.05), title=title)
    figure.alt_text = f"{title or 'A pedigree'}: {'; '.join(said)}."
    return figure


def relationship_map(
    relationship: Any, *, names: Any = None, title: str = "Additive relationships"
) -> CourseFigure:
    """A relationship matrix as a map; with its numbers where there are few animals.

    Parameters
    ----------
    relationship : array (n, n)
        Symmetric; of any kind of relationship.
    names : sequence of str, length n, optional
        Written at the edge, for at most 12 animals.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If the matrix is not square and finite, or the names do not fit.
    """
    table = _square(relationship)
    n = len(table)
    if names is not None and len(names) != n:
        raise ValueError(f"names: expected {n}, one for each animal, received {len(names)}.")
    few = n <= _WITH_NUMBERS
    side = 1.2 + 0.52 * n if few else 5.0
    figure, axes = new_figure(width=max(side, 3.2) + (0 if few else 0.7), height=max(side, 3.0))
    axes.grid(False)
    top = max(1.0, float(table.max()))
    image = axes.imshow(table, cmap=light_to(BLUE), vmin=0, vmax=top, interpolation="nearest")
    if few:
        for i, j in np.ndindex(n, n):
            # Black is the better read of the two on all but the darkest blue.
            ink = "white" if table[i, j] > 0.9 * top else "black"
            axes.text(j, i, f"{table[i, j]:.4g}", ha="center", va="center", fontsize=9, color=ink)
        labels = [str(i + 1) for i in range(n)] if names is None else [str(one) for one in names]
        axes.set_xticks(range(n), labels)
        axes.set_yticks(range(n), labels)
    else:
        figure.colorbar(image, ax=axes, label="relationship", shrink=0.85)
        axes.set(xlabel="animal (from 0)", ylabel="animal (from 0)")
    axes.set_title(title)
    pairs = table[np.triu_indices(n, k=1)]
    said = (
        f"{np.mean(np.isclose(pairs, 0)):.0%} of all pairs at 0, the largest at {pairs.max():.3g}; "
        if n > 1
        else ""
    )
    figure.alt_text = (
        f"{title}: map of {n} by {n} relationships. {said}the diagonal from "
        f"{table.diagonal().min():.4g} to {table.diagonal().max():.4g}."
    )
    return figure


def scree(
    eigenvalues: Any,
    *,
    ranks: Mapping[str, int] | None = None,
    shown: int | None = None,
    title: str = "Scree plot",
) -> CourseFigure:
    """Eigenvalues in descending order, and where rules stop.

    Parameters
    ----------
    eigenvalues : array (n,)
        Descending.
    ranks : dict of str to int, optional
        Name of a rule, or of a publication, and how many it keeps.
    shown : int, optional
        How many eigenvalues to draw, from the largest; all by default.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If the eigenvalues are not finite and descending, or a rank is out of range.
    """
    values = as_values(eigenvalues, "eigenvalues")
    n = len(values)
    if np.any(np.diff(values) > 1e-9 * max(1.0, abs(values[0]))):
        raise ValueError("eigenvalues must descend. Sort them: np.sort(values)[::-1].")
    count = n if shown is None else shown
    for name, rank in [("shown", count), *(ranks or {}).items()]:
        if not 1 <= rank <= n:
            raise ValueError(f"{name}: expected 1 to {n}, the eigenvalues given, received {rank}.")
    figure, axes = new_figure(height=3.6)
    axes.plot(np.arange(1, count + 1), values[:count], ".", color=BLUE, markersize=5)
    for number, (name, rank) in enumerate((ranks or {}).items()):
        look = {
            "color": COLOURS[(number + 1) % len(COLOURS)],
            "linestyle": LINES[(number + 1) % len(LINES)],
            "linewidth": 1.8,
        }
        if rank <= count:
            axes.axvline(rank + 0.5, label=f"{name}: {rank}", **look)
        else:  # beyond the eigenvalues shown, which a line would squeeze
            axes.plot([], [], label=f"{name}: {rank}, further right", **look)
    if ranks:
        axes.legend(frameon=False, fontsize=9)
    axes.set(
        xlabel="rank of the eigenvalue (from 1)", ylabel="eigenvalue", title=title, xlim=(0, None)
    )
    stops = "".join(f" {name} keeps {rank}." for name, rank in (ranks or {}).items())
    figure.alt_text = (
        f"{title}: the first {count} of {n} eigenvalues, from {values[0]:.3g} down to "
        f"{values[count - 1]:.3g}.{stops}"
    )
    return figure


def loadings_map(
    loadings: Any, *, edges: Any = (), title: str = "Loadings", unit: str = "loading"
) -> CourseFigure:
    """Loadings as a map: animals in rows, loadings in columns, above zero blue, below red.

    Parameters
    ----------
    loadings : array (n, m)
        In the order of the animals.
    edges : sequence of int, optional
        Rows where a new family begins; a line is drawn there.
    title, unit : str
        Title of the figure; what its colours mean.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If the table is not two-dimensional and finite.
    """
    from matplotlib.colors import LinearSegmentedColormap

    table = np.asarray(loadings, dtype="float64")
    if table.ndim != 2 or table.size == 0 or not np.isfinite(table).all():
        raise ValueError(
            f"loadings must be a table of finite numbers (n, m), received shape {table.shape}."
        )
    figure, axes = new_figure(width=4.6, height=4.2)
    axes.grid(False)
    limit = float(np.abs(table).max()) or 1.0
    palette = LinearSegmentedColormap.from_list("signs", [VERMILION, "#F7F7F7", BLUE])
    image = axes.imshow(
        table, cmap=palette, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest"
    )
    figure.colorbar(image, ax=axes, label=unit, shrink=0.85)
    for edge in edges:
        axes.axhline(edge - 0.5, color="black", linewidth=0.8)
    columns = table.shape[1]
    if columns <= 15:
        axes.set_xticks(range(columns), [str(k + 1) for k in range(columns)])
    axes.set(xlabel="loading (from 1)", ylabel="animal", title=title)
    figure.alt_text = (
        f"{title}: map of {columns} loadings of {len(table)} animals, from {table.min():.2f} to "
        f"{table.max():.2f}; {np.mean(np.abs(table) < 0.01 * limit):.0%} of the cells are at zero."
    )
    return figure


def _places(parents: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Row and place within the row, 0 to 1, of each animal; founders just above offspring."""
    n = len(parents)
    level = np.full(n, -1)
    while (level < 0).any():  # no circles are left here
        for i, pair in enumerate(parents):
            above = [level[p] for p in pair if p >= 0]
            if level[i] < 0 and all(one >= 0 for one in above):
                level[i] = max(above, default=-1) + 1
    children = [[j for j in range(n) if i in parents[j]] for i in range(n)]
    row = level.copy()
    for i in range(n):
        if children[i] and max(parents[i]) < 0:
            row[i] = min(level[j] for j in children[i]) - 1
    column = np.zeros(n)
    rows = [[i for i in range(n) if row[i] == r] for r in range(row.max() + 1)]

    def spread(members: list[int], near: list[list[int]]) -> None:
        wish = {i: np.mean([column[j] for j in near[i]]) if near[i] else column[i] for i in members}
        members.sort(key=lambda i: (wish[i], i))
        for k, i in enumerate(members):
            column[i] = (k + 0.5) / len(members)

    none: list[list[int]] = [[] for _ in range(n)]
    known = [[p for p in pair if p >= 0] for pair in parents]
    for members in rows:
        spread(members, none)
    for _ in range(4):
        for members in rows:
            spread(members, known)
        for members in reversed(rows):
            spread(members, children)
    return row, column


def _square(relationship: Any) -> np.ndarray:
    table = np.asarray(relationship, dtype="float64")
    if table.ndim != 2 or table.shape[0] != table.shape[1] or table.size == 0:
        raise ValueError(f"relationship must be square, (n, n), received shape {table.shape}.")
    if not np.isfinite(table).all():
        raise ValueError("relationship holds values that are not finite.")
    return table
