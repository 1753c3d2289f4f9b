"""Pictures of comparisons: scores beside published ones, who wins where, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geneml.intervals import Interval
from geneml.plots._figure import (
    BLUE,
    COLOURS,
    MARKERS,
    VERMILION,
    CourseFigure,
    light_to,
    new_figure,
)

_INK = "#222222"


def method_scores(
    scores: Mapping[str, Any],
    *,
    published: Mapping[str, float] | None = None,
    reference: str | None = None,
    measure: str = "correlation r",
    title: str = "",
) -> CourseFigure:
    """Methods under one another: our scores as dots, published ones as rings.

    Parameters
    ----------
    scores : mapping of str to Interval or (mean, standard deviation)
        One entry a method, drawn from top to bottom; the bar is the interval, or one standard
        deviation to either side.
    published : mapping of str to float, optional
        Values that others report for some of these methods.
    reference : str, optional
        Method at whose mean a line is drawn.
    measure : str
        Label of the axis.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If there is no method, a number is not finite, or a name is unknown.
    """
    drawn = {name: _ends(value, name) for name, value in scores.items()}
    if not drawn:
        raise ValueError("scores: expected at least one method, received none.")
    published = dict(published or {})
    for name in (*published, *([reference] if reference else [])):
        if name not in drawn:
            raise ValueError(f"expected one of the methods {list(drawn)}, received {name!r}.")
    for name, value in published.items():
        if not np.isfinite(value):
            raise ValueError(f"published: expected a finite number for {name!r}, received {value}.")
    figure, axes = new_figure(width=6.8, height=1.2 + 0.34 * len(drawn))
    names = list(drawn)
    for row, (mean, low, high) in enumerate(drawn.values()):
        axes.plot([low, high], [row, row], color=BLUE, linewidth=2)
        axes.plot(mean, row, "o", color=BLUE, markersize=6)
    if reference:
        axes.axvline(drawn[reference][0], color=BLUE, linestyle="--", linewidth=1.2)
    for name, value in published.items():
        axes.plot(value, names.index(name), "o", markerfacecolor="none", markeredgecolor=VERMILION,
                  markeredgewidth=1.8, markersize=9)  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel=measure, title=title)
    if published:
        for marker, colour, label in (("o", BLUE, "ours"), ("o", VERMILION, "published")):
            axes.plot([], [], marker, color=colour, label=label,
                      markerfacecolor=colour if label == "ours" else "none")  # fmt: skip
        axes.legend(fontsize=9, loc="best")
    told = (
        f"{name} {mean:.3g}" + (f" (published {published[name]:.3g})" if name in published else "")
        for name, (mean, _, _) in drawn.items()
    )
    figure.alt_text = f"{title or 'Methods compared'}, {measure}: {'; '.join(told)}."
    return figure


def who_wins_where(
    scores: pd.DataFrame, *, measure: str = "score", title: str = ""
) -> CourseFigure:
    """A map of situations and methods, with the best of every situation framed.

    Parameters
    ----------
    scores : DataFrame of float or Interval
        One row a situation, one column a method; larger is better.
    measure : str
        What the numbers are.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure
        The colour is the distance to the best of the row, so that rows can be compared.

    Raises
    ------
    ValueError
        If the table is empty or a number is not finite.
    """
    if not isinstance(scores, pd.DataFrame) or scores.empty:
        raise ValueError("scores: expected a DataFrame with situations and methods.")
    means = np.array([[float(_mean(value)) for value in row] for row in scores.to_numpy()])
    if not np.isfinite(means).all():
        raise ValueError("scores: expected finite numbers, received some that are not.")
    behind = means.max(axis=1, keepdims=True) - means
    figure, axes = new_figure(width=2.6 + 1.5 * means.shape[1], height=1.2 + 0.6 * means.shape[0])
    axes.grid(False)
    axes.imshow(-behind, cmap=light_to(BLUE), aspect="auto", vmin=-max(behind.max(), 1e-9), vmax=0)
    best = means.argmax(axis=1)
    for (row, column), value in np.ndenumerate(means):
        dark = behind[row, column] < 0.35 * behind.max()
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=11,
                  fontweight="bold" if column == best[row] else "normal",
                  color="white" if dark else _INK)  # fmt: skip
        if column == best[row]:
            axes.add_patch(_frame(column - 0.47, row - 0.46, 0.94, 0.92, VERMILION))
    axes.set_xticks(range(means.shape[1]), [str(name) for name in scores.columns])
    axes.set_yticks(range(means.shape[0]), [str(name) for name in scores.index])
    axes.tick_params(length=0)
    axes.set(title=title, xlabel=f"{measure}; framed: the best of its row")
    told = (
        f"{name}: "
        + ", ".join(f"{method} {value:.2f}" for method, value in zip(scores, row, strict=True))
        for name, row in zip(scores.index, means, strict=True)
    )
    figure.alt_text = f"{title or 'Who wins where'}, {measure}. {'. '.join(told)}."
    return figure


def gain_and_time(
    gains: Mapping[str, Interval],
    seconds: Mapping[str, float],
    *,
    reference: str = "GBLUP",
    title: str = "",
) -> CourseFigure:
    """What a method gains over the one to beat, against the time that it takes.

    Parameters
    ----------
    gains : mapping of str to Interval
        Difference in correlation from the reference, method by method.
    seconds : mapping of str to float
        Processor time of a fit, of the same methods and of the reference; above 0.
    reference : str
        The method to beat, drawn at zero.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If a method has no time, or a time is not above 0.
    """
    for name in (*gains, reference):
        if not seconds.get(name, np.nan) > 0:
            raise ValueError(f"seconds: expected a time above 0 of {name!r}.")
    figure, axes = new_figure(width=7.0, height=4.0)
    axes.axhline(0, color=_INK, linewidth=1)
    axes.plot(seconds[reference], 0, "*", color=_INK, markersize=13, label=reference, zorder=3)
    told = []
    for number, (name, gain) in enumerate(gains.items()):
        colour = COLOURS[number % len(COLOURS)]
        axes.plot([seconds[name]] * 2, [gain.low, gain.high], color=colour, linewidth=2)
        axes.plot(seconds[name], gain.mean, MARKERS[(number + number // 6) % 6], color=colour,
                  markersize=7, label=name)  # fmt: skip
        told.append(f"{name} {gain:.3f} in {seconds[name]:.3g} s")
    axes.set(xscale="log", xlabel="seconds of processor time for a fit",
             ylabel=f"r minus that of {reference}", title=title)  # fmt: skip
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.alt_text = (
        f"{title or 'Gain and time'}. {reference} takes {seconds[reference]:.3g} s. Difference "
        f"in r from {reference} with its 95 % interval, and time: {'; '.join(told)}."
    )
    return figure


def _ends(value: Any, name: str) -> tuple[float, float, float]:
    if isinstance(value, Interval):
        ends = (value.mean, value.low, value.high)
    else:
        mean, deviation = value
        ends = (mean, mean - deviation, mean + deviation)
    if not np.isfinite(ends).all():
        raise ValueError(f"scores: expected finite numbers for {name!r}, received {value}.")
    return ends


def _mean(value: Any) -> float:
    return value.mean if isinstance(value, Interval) else value


def _frame(left: float, bottom: float, width: float, height: float, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((left, bottom), width, height, fill=False, edgecolor=colour, linewidth=2.5)
