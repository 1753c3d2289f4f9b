"""Pictures of how sequences and genotypes become numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from geneml.plots._figure import BLUE, VERMILION, CourseFigure, light_to, new_figure


def one_hot_map(
    one_hot: Any,
    *,
    alphabet: Sequence[str] = "ACGT",
    start: int = 0,
    title: str = "One-hot encoding",
) -> CourseFigure:
    """A one-hot encoded sequence as a grid: one row a letter, one column a position.

    Parameters
    ----------
    one_hot : array (L, c)
        At most 120 positions, so that the columns can be told apart.
    alphabet : sequence of str
        Names of the c channels: ``"ACGT"``, or ``("0", "1", "2")`` for genotypes.
    start : int
        Number of the first position (positions count from 0).
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If the shape does not fit the alphabet or there are too many positions.
    """
    values = np.asarray(one_hot, dtype="float64")
    if values.ndim != 2 or values.shape[1] != len(alphabet) or not 1 <= len(values) <= 120:
        raise ValueError(
            f"one_hot must be (positions, {len(alphabet)}) with 1 to 120 positions, received shape "
            f"{values.shape}. Give one individual, cut to a window."
        )
    length = len(values)
    figure, axes = new_figure(width=min(8.0, 2.6 + 0.16 * length), height=1.3 + 0.3 * len(alphabet))
    axes.grid(False)
    axes.imshow(values.T, cmap=light_to(BLUE), vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(len(alphabet)), list(alphabet))
    axes.set_xticks(np.arange(length + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(alphabet) + 1) - 0.5, minor=True)
    axes.grid(True, which="minor", color="white", linewidth=1)
    axes.tick_params(which="minor", length=0)
    step = max(1, length // 12)
    axes.set_xticks(range(0, length, step), [str(start + i) for i in range(0, length, step)])
    letters = "".join(str(alphabet[int(row.argmax())]) if row.any() else "?" for row in values[:40])
    for position, row in enumerate(values):
        if length <= 40 and row.any():
            axes.text(
                position,
                row.argmax(),
                alphabet[int(row.argmax())],
                ha="center",
                va="center",
                color="white",
                fontsize=8,
            )
    axes.set(xlabel="position (from 0)", title=title)
    figure.alt_text = (
        f"{title}: a grid of {len(alphabet)} rows ({', '.join(map(str, alphabet))}) and {length} "
        "columns, one a position; the filled cell of a column is its letter. It reads "
        f"{letters}{'...' if length > 40 else ''}."
    )
    return figure


def encoding(genotypes: Any, *, title: str = "Three ways to hold a genotype") -> CourseFigure:
    """Stored genotypes, dosages with missing calls at the mean, and one-hot, side by side.

    Parameters
    ----------
    genotypes : int array (n, p)
        Small: at most 12 individuals and 12 variants; -1 is missing.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If the table is too large, or a variant has no observed genotype.
    """
    stored = np.asarray(genotypes)
    if stored.ndim != 2 or not (1 <= stored.shape[0] <= 12 and 1 <= stored.shape[1] <= 12):
        raise ValueError(
            "genotypes must be a small table, at most 12 individuals by 12 variants, received "
            f"shape {stored.shape}."
        )
    observed = stored >= 0
    if not observed.any(axis=0).all():
        raise ValueError("a variant has no observed genotype, so it has no mean.")
    means = np.where(observed, stored, 0).sum(axis=0) / observed.sum(axis=0)
    dosage = np.where(observed, stored, means)
    one_hot = (stored[:, :, None] == np.arange(3)).astype(float).reshape(len(stored), -1)
    n, p = stored.shape
    figure, panels = new_figure(
        width=min(9.5, 3.6 + 0.55 * p), height=1.5 + 0.3 * n, columns=3, ratios=(p, p, 2 * p)
    )
    palette = light_to(BLUE)
    for axes, table, name in (
        (panels[0], np.where(observed, stored, np.nan), "stored (−1 missing)"),
        (panels[1], dosage, "dosage"),
        (panels[2], one_hot * 2, "one-hot: 0, 1, 2"),
    ):
        axes.grid(False)
        axes.imshow(table, cmap=palette, vmin=0, vmax=2, aspect="auto")
        axes.set(title=name, xticks=[], yticks=[])
    for (i, k), value in np.ndenumerate(stored):
        missing = value < 0
        _write(panels[0], k, i, "−1" if missing else str(value), dark=missing or value < 2)
        text = f"{means[k]:.1f}" if missing else str(value)
        _write(panels[1], k, i, text, dark=bool(dosage[i, k] < 1.4))
        if missing:
            for axes in panels[:2]:
                frame = Rectangle((k - 0.42, i - 0.42), 0.84, 0.84, fill=False)
                frame.set(edgecolor=VERMILION, linewidth=2)
                axes.add_patch(frame)
    for k in range(1, p):
        panels[2].axvline(3 * k - 0.5, color="#888888", linewidth=1)
    panels[0].set_ylabel("individuals")
    figure.supxlabel("variants", fontsize=11)
    figure.suptitle(title, fontsize=12)
    figure.alt_text = (
        f"{title}: {n} individuals by {p} variants. Left, the stored counts with "
        f"{int((~observed).sum())} missing calls, framed, as -1. Middle, dosages with missing "
        "calls at the variant's mean. Right, three columns a variant, of which one is filled, or "
        "none where the call is missing."
    )
    return figure


def _write(axes: Any, column: int, row: int, text: str, *, dark: bool) -> None:
    ink = "#222222" if dark else "white"
    axes.text(column, row, text, ha="center", va="center", fontsize=9, color=ink)
