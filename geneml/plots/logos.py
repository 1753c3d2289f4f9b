"""Sequence logos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.plots._figure import CourseFigure, new_figure
from geneml.plots._glyphs import WIDEST, as_letters, draw_letters, figure_width, number_positions


def logo(
    heights: Any,
    *,
    alphabet: Sequence[str] = "ACGT",
    start: int = 0,
    ylabel: str = "contribution",
    title: str = "Sequence logo",
) -> CourseFigure:
    """Letters as tall as they matter, at their positions, in the order of the sequence.

    Parameters
    ----------
    heights : array (L, c)
        Height of each letter at each of at most 120 positions: information (Schneider &
        Stephens 1990, Nucleic Acids Res. 18:6097), or a signed contribution; negative letters
        hang below the line.
    alphabet : sequence of str
        Single letters, one a column.
    start : int
        Number of the first position.
    ylabel, title : str
        What the height is, with its unit; title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If the shape does not fit the alphabet, heights are not finite or all 0, or there are
        too many positions.
    """
    values = np.asarray(heights, dtype="float64")
    letters = as_letters(alphabet)
    if values.ndim != 2 or values.shape[1] != len(letters) or not 1 <= len(values) <= WIDEST:
        raise ValueError(
            f"heights must be (positions, {len(letters)}) with 1 to {WIDEST} positions, received "
            f"shape {values.shape}."
        )
    if not np.isfinite(values).all() or not values.any():
        raise ValueError("heights must be finite, and not all 0.")
    figure, axes = new_figure(width=figure_width(len(values)), height=2.6)
    axes.grid(False, axis="x")
    draw_letters(axes, values, letters, start)
    number_positions(axes, start, len(values))
    axes.set(xlabel="position (from 0)", ylabel=ylabel, title=title)
    place, letter = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    tallest = "".join(
        letters[int(np.abs(row).argmax())] if row.any() else "-" for row in values[:40]
    )
    figure.alt_text = (
        f"{title}: letters from position {start} to {start + len(values) - 1}, as tall as their "
        f"{ylabel}. The tallest letters read {tallest}{'...' if len(values) > 40 else ''}; the "
        f"tallest of all is {letters[letter]} at position {start + int(place)} "
        f"({values[place, letter]:+.3g})."
    )
    return figure
