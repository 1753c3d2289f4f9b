"""Pictures of gates and selection: what a marker became, and how weights fall off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geneml.plots._figure import (
    BLUE,
    COLOURS,
    LINES,
    VERMILION,
    CourseFigure,
    as_values,
    new_figure,
)

_MOST_PANELS = 6


def genotype_curves(
    values: Any,
    *,
    names: Sequence[str],
    truth: Any = None,
    ylabel: str = "predicted phenotype",
    title: str = "What the network made of each marker",
) -> CourseFigure:
    """Predictions for 0, 1 and 2 copies of an allele, one panel a marker.

    A dashed line joins the homozygotes: a heterozygote on it means an additive effect, its
    distance from it is the dominance deviation (Falconer & Mackay 1996, chapter 7).

    Parameters
    ----------
    values : array (3, m)
        Predictions for 0, 1 and 2 copies of m markers; each panel is drawn around its mean.
    names : sequence of str
        One a marker, one to six.
    truth : array (3, m), optional
        True genotypic values, drawn around their mean as well.
    ylabel, title : str
        What is predicted; title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If shapes disagree, values are not finite, or there are more than six markers.
    """
    names = list(names)
    if not 1 <= len(names) <= _MOST_PANELS:
        raise ValueError(f"names must hold 1 to {_MOST_PANELS} markers, received {len(names)}.")
    drawn = {"values": values} if truth is None else {"values": values, "truth": truth}
    tables = {}
    for name, given in drawn.items():
        table = np.asarray(given, dtype="float64")
        if table.shape != (3, len(names)) or not np.isfinite(table).all():
            raise ValueError(
                f"{name} must hold finite numbers of shape (3, {len(names)}), one row for each of "
                f"0, 1 and 2 copies, received shape {table.shape}."
            )
        tables[name] = table - table.mean(axis=0)
    figure, panels = new_figure(width=1.9 * len(names) + 1.0, height=2.9, columns=len(names))
    reach = 1.15 * max(np.abs(table).max() for table in tables.values()) or 1.0
    texts = []
    for column, (axes, name) in enumerate(zip(np.atleast_1d(panels), names, strict=True)):
        found = tables["values"][:, column]
        if truth is not None:
            axes.plot([0, 1, 2], tables["truth"][:, column], "s:", color=VERMILION, label="truth")
        axes.plot([0, 2], found[[0, 2]], "--", color="#777777", linewidth=1.2)
        axes.plot([0, 1, 2], found, "o-", color=BLUE, linewidth=2, label="network")
        axes.set(ylim=(-reach, reach), xlim=(-0.3, 2.3), xlabel="copies")
        axes.set_xticks([0, 1, 2])
        axes.set_title(name, fontsize=10)
        if column:
            axes.tick_params(labelleft=False)
        size, bend = (found[2] - found[0]) / 2, found[1] - (found[0] + found[2]) / 2
        text = f"{name}: additive {size:.2f}, dominance {bend:.2f}"
        if truth is not None:
            true = tables["truth"][:, column]
            text += f", in truth {(true[2] - true[0]) / 2:.2f}"
            text += f" and {true[1] - (true[0] + true[2]) / 2:.2f}"
        texts.append(text)
    first = np.atleast_1d(panels)[0]
    first.set_ylabel(ylabel)
    if truth is not None:
        first.legend(frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=12)
    figure.alt_text = f"{title}. {ylabel} for 0, 1 and 2 copies. {'; '.join(texts)}."
    return figure


def ordered_weights(
    weights: Mapping[str, Any],
    *,
    threshold: float = 1.0,
    title: str = "Selection weights, from the heaviest down",
) -> CourseFigure:
    """Weights of each method in falling order, on logarithmic axes, with a threshold.

    Parameters
    ----------
    weights : dict of str to array (P,)
        One to six sets of weights of 0 and more. Zeros are not drawn; the label counts them.
    threshold : float
        Drawn as a line, above 0.
    title : str
        Of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If there is no set or more than six, a weight is negative or not finite, or the
        threshold is not above 0.
    """
    if not 1 <= len(weights) <= len(COLOURS):
        raise ValueError(f"weights must hold 1 to {len(COLOURS)} sets, received {len(weights)}.")
    if not 0 < threshold < np.inf:
        raise ValueError(f"threshold must be above 0, received {threshold}.")
    figure, axes = new_figure(width=6.8, height=3.8)
    texts = []
    for number, (name, given) in enumerate(weights.items()):
        values = np.sort(as_values(given, name))[::-1]
        if values[-1] < 0:
            raise ValueError(f"weights of {name!r} must be at least 0, received {values[-1]:.3g}.")
        positive, above = values[values > 0], int((values > threshold).sum())
        zeros = values.size - positive.size
        label = f"{name}: {above} above the line" + (f", {zeros:,} zeros" if zeros else "")
        ranks = np.arange(1, positive.size + 1)
        axes.plot(ranks, positive, color=COLOURS[number], linestyle=LINES[number], linewidth=2,
                  label=label)  # fmt: skip
        texts.append(f"{label}, of {values.size:,}; heaviest {values[0]:.3g}")
    axes.axhline(threshold, color="#555555", linestyle="--", linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel="rank of the feature", ylabel="weight")
    axes.set_title(title)
    axes.legend(frameon=False, fontsize=9)
    figure.alt_text = f"{title}, with a line at {threshold:g}. {'; '.join(texts)}."
    return figure
