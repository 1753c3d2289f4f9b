"""Pictures of expectiles: the point of balance, and predictions in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml.expectiles import as_level_table, as_levels, expectile
from geneml.plots._figure import (
    BLUE,
    COLOURS,
    LINES,
    VERMILION,
    CourseFigure,
    as_values,
    new_figure,
)

_INK = "#222222"
_MOST_VALUES = 60  # more dots on a beam could not be told apart


def ordered_expectiles(
    predictions: Any,
    taus: Any,
    *,
    observed: Any = None,
    unit: str = "",
    trait: str = "phenotype",
    title: str = "Predicted expectiles, in order",
) -> CourseFigure:
    """Predicted expectiles of each level, from the lowest individual to the highest.

    The picture of Lin, Zhang & Lu (figures 3 to 6). Each level is sorted by itself, so one
    rank need not be one individual, and the curves cannot show crossing
    (:func:`geneml.expectiles.crossing_rate` counts it).

    Parameters
    ----------
    predictions : array (n, t)
        One row an individual, one column a level.
    taus : array (t,)
        One to six levels, rising, strictly between 0 and 1.
    observed : array (m,), optional
        Observed trait, drawn sorted as well, in grey.
    unit : str
        Unit of the trait, for the axis.
    trait, title : str
        What is predicted; title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    TypeError
        If predictions or levels are not numbers.
    ValueError
        If shapes disagree, values are not finite, or levels do not rise or are more than six.
    """
    table, levels = as_level_table(predictions, taus)
    if levels.size > len(COLOURS):
        raise ValueError(f"taus must hold at most {len(COLOURS)} levels, received {levels.size}.")
    points = None if observed is None else np.sort(as_values(observed, "observed"))
    ordered = np.sort(table, axis=0)
    figure, axes = new_figure(width=6.8, height=4.2)
    if points is not None:
        axes.plot(_ranks(points.size), points, ".", color="#777777", markersize=3, label="observed")
    # From the highest level down, so that the legend stands in the order of the curves.
    for number in reversed(range(levels.size)):
        axes.plot(
            _ranks(len(ordered)),
            ordered[:, number],
            color=COLOURS[number],
            linestyle=LINES[number],
            linewidth=2,
            label=f"τ = {levels[number]:g}",
        )
    where = f" ({unit})" if unit else ""
    axes.set(xlabel="rank of the individual, % from the lowest", xlim=(0, 100))
    axes.set(ylabel=f"{trait}{where}", title=title)
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    listed = "; ".join(
        f"tau {level:g} from {column[0]:.3g} to {column[-1]:.3g}"
        for level, column in zip(levels, ordered.T, strict=True)
    )
    dots = (
        ""
        if points is None
        else f" Grey dots: the observed values, from {points[0]:.3g} to {points[-1]:.3g}."
    )
    figure.alt_text = (
        f"{title}: predicted {trait}{where} of {len(ordered)} individuals at "
        f"{levels.size} level{'s' if levels.size > 1 else ''}, each sorted from the lowest "
        f"to the highest. {listed}.{dots}"
    )
    return figure


def expectile_balance(
    y: Any, tau: float, *, xlabel: str = "phenotype", title: str | None = None
) -> CourseFigure:
    """An expectile as the point where a beam with unequal weights is in balance.

    Every value is a dot on the beam, of weight tau on the right of the pivot and 1 - tau on
    its left. Above the beam stands a bar for each value: as long as its distance from the
    pivot, as high as its weight. The area of a bar is the turning force of its value, and
    the expectile is where the areas of both sides are equal.

    Parameters
    ----------
    y : array (n,)
        Two to sixty values, not all equal.
    tau : float
        Level, strictly between 0 and 1.
    xlabel : str
        What is measured, with its unit.
    title : str, optional
        By default it names the level and the expectile.

    Returns
    -------
    CourseFigure

    Raises
    ------
    TypeError
        If ``tau`` is not a number.
    ValueError
        If there are too few or too many values, they are equal or not finite, or ``tau`` is
        out of range.
    """
    values = np.sort(as_values(y, "y"))
    if not 2 <= values.size <= _MOST_VALUES or values[0] == values[-1]:
        raise ValueError(
            f"y must hold 2 to {_MOST_VALUES} values that are not all equal, received "
            f"{values.size} from {values[0]:g} to {values[-1]:g}."
        )
    levels = as_levels(tau)
    if levels.size > 1:
        raise ValueError(f"tau must be one number, received {tau!r}.")
    level = float(levels[0])
    pivot = expectile(values, level)
    figure, axes = new_figure(width=6.8, height=3.9)
    weight = np.where(values < pivot, 1 - level, level)
    sides = (("left", values < pivot, VERMILION), ("right", values > pivot, BLUE))
    top, areas, names = 0.0, {}, {"left": f"1 − τ = {1 - level:g}", "right": f"τ = {level:g}"}
    for side, chosen, colour in sides:
        length = np.sort(np.abs(values[chosen] - pivot))[::-1]  # the longest lies lowest
        height = float(weight[chosen][0])
        areas[side] = height * float(length.sum())
        axes.barh(
            height * (np.arange(length.size) + 0.5),
            length if side == "right" else -length,
            height,
            left=pivot,
            color=colour,
            alpha=0.35,
            hatch="//" if side == "left" else None,
            edgecolor=colour,
            linewidth=0.8,
            label=f"{side}: {length.size} of weight {names[side]}, area {areas[side]:.3g}",
        )
        top = max(top, height * length.size)
    beam = -0.07 * top
    axes.plot([values[0], values[-1]], [beam, beam], color=_INK, linewidth=3, zorder=2)
    for _side, chosen, colour in sides:
        axes.scatter(
            values[chosen],
            np.full(chosen.sum(), beam),
            s=30 + 160 * weight[chosen],
            color=colour,
            edgecolor="white",
            linewidth=0.8,
            alpha=0.9,
            zorder=3,
        )
    at_pivot = values[values == pivot]  # without a lever these pull to neither side
    axes.plot(at_pivot, np.full(at_pivot.size, beam), "o", color=_INK, markersize=7)
    axes.plot(pivot, beam - 0.11 * top, marker="^", color=_INK, markersize=15, clip_on=False)
    axes.axvline(pivot, color=_INK, linewidth=1)
    axes.set(xlabel=xlabel, ylabel="weight, stacked", ylim=(beam - 0.19 * top, 1.06 * top))
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= 1.06 * top])
    axes.set_title(title or f"τ = {level:g}: balanced at {pivot:.3g}")
    axes.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.18))
    figure.alt_text = (
        f"{title or 'Balance of unequal weights'}: {values.size} values from {values[0]:.3g} to "
        f"{values[-1]:.3g} on a beam ({xlabel}), in balance on a pivot at {pivot:.3g}, the "
        f"{level:g}-expectile; the mean is {values.mean():.3g}. "
        + "; ".join(
            f"{chosen.sum()} values on the {side}, each of weight {weight[chosen][0]:.3g}, turn "
            f"with {areas[side]:.3g}"
            for side, chosen, _colour in sides
        )
        + ". The bars above the beam, distance times weight, have equal areas on both sides."
    )
    return figure


def _ranks(n: int) -> np.ndarray:
    """Ranks as a percentage, so that samples of different sizes share an axis."""
    return (np.arange(n) + 0.5) / n * 100
