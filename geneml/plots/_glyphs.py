"""What pictures of explanations share: letters that stretch, and colours with a sign."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from geneml.plots._figure import BLUE, COLOURS, GREEN, ORANGE, VERMILION

_BASES = {"A": GREEN, "C": BLUE, "G": ORANGE, "T": VERMILION, "U": VERMILION}
_WIDTH = 0.9  # of a position
WIDEST = 120
"""Positions whose letters can still be read."""


@lru_cache(maxsize=64)
def _unit_shape(letter: str) -> Path:
    """The letter's outline, stretched to fill the square from (0, 0) to (1, 1)."""
    outline = TextPath((0, 0), letter, size=1, prop=FontProperties(weight="bold"))
    box = outline.get_extents()
    return (
        Affine2D()
        .translate(-box.x0, -box.y0)
        .scale(1 / box.width, 1 / box.height)
        .transform_path(outline)
    )


def letter_colours(alphabet: tuple[str, ...]) -> list[str]:
    """One colour a letter; bases have those that sequence logos usually give them."""
    return [
        _BASES.get(letter, COLOURS[number % len(COLOURS)]) for number, letter in enumerate(alphabet)
    ]


def draw_letters(axes: Axes, heights: np.ndarray, alphabet: tuple[str, ...], start: int) -> None:
    """Stack letters at every position: the tallest farthest from the line, in their order.

    Parameters
    ----------
    axes : matplotlib Axes
        Where to draw.
    heights : ndarray (L, c)
        Signed; negative letters hang below the line at 0.
    alphabet : tuple of str
        c single letters.
    start : int
        Number of the first position.
    """
    colours = letter_colours(alphabet)
    for offset, row in enumerate(heights):
        for sign in (1, -1):
            reached = 0.0
            for letter in np.argsort(sign * row, kind="stable"):
                size = sign * row[letter]
                if size <= 0:
                    continue
                place = Affine2D().scale(_WIDTH, sign * size)
                place = place.translate(start + offset - _WIDTH / 2, reached)
                shape = place.transform_path(_unit_shape(alphabet[letter]))
                if sign < 0:  # stand upright below the line instead of on the head
                    flip = Affine2D().scale(1, -1).translate(0, 2 * reached - size)
                    shape = flip.transform_path(shape)
                axes.add_patch(PathPatch(shape, facecolor=colours[letter], linewidth=0))
                reached += sign * size
    below = np.minimum(heights, 0).sum(axis=1).min(initial=0.0)
    above = np.maximum(heights, 0).sum(axis=1).max(initial=0.0)
    room = 0.05 * ((above - below) or 1.0)
    axes.set_ylim(below - room if below < 0 else 0, above + room)
    axes.set_xlim(start - 0.5, start + len(heights) - 0.5)
    if below < 0:
        axes.axhline(0, color="#222222", linewidth=0.8)


def signed_colours() -> Any:
    """Vermilion below 0, white at 0, blue above: as in the live figures, apart for every reader."""
    palette = LinearSegmentedColormap.from_list("signed", [VERMILION, "#FFFFFF", BLUE])
    return palette.with_extremes(bad="#E4E4E4")


def as_letters(alphabet: Sequence[str]) -> tuple[str, ...]:
    """The alphabet as single letters, or a ValueError."""
    letters = tuple(str(letter) for letter in alphabet)
    if not letters or any(len(letter) != 1 or letter.isspace() for letter in letters):
        raise ValueError(f"alphabet must hold single letters, received {letters}.")
    return letters


def figure_width(length: int) -> float:
    """Inches for so many positions."""
    return float(np.clip(1.4 + 0.16 * length, 3.6, 9.0))


def number_positions(axes: Axes, start: int, length: int) -> None:
    """About a dozen ticks at round numbers."""
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100) if length <= 14 * size or size == 100)
    axes.set_xticks(range(-(-start // step) * step, start + length, step))
