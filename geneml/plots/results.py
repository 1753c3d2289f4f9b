"""Pictures of training and of what came out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geneml.metrics import pearson_correlation, r_squared
from geneml.plots._figure import (
    BLUE,
    COLOURS,
    LINES,
    MARKERS,
    VERMILION,
    CourseFigure,
    as_values,
    new_figure,
)


def learning_curve(
    history: Any,
    *,
    best_epoch: int | None = None,
    references: Mapping[str, float] | None = None,
    title: str = "Learning curve",
    log: bool = False,
) -> CourseFigure:
    """Training and validation loss after each epoch.

    Parameters
    ----------
    history : Fit or DataFrame
        A :class:`geneml.training.Fit`, or its ``history`` with the columns ``epoch``,
        ``training_loss`` and ``validation_loss``.
    best_epoch : int, optional
        Epoch to mark; by default that of the lowest validation loss.
    references : dict of str to float, optional
        Losses to compare with, drawn as level lines. For a ``Fit`` with baselines the
        validation loss of ridge regression is drawn unless this is given.
    title : str
        Title of the figure.
    log : bool
        Whether the loss has a logarithmic axis.

    Returns
    -------
    CourseFigure

    Raises
    ------
    TypeError
        If ``history`` is neither.
    ValueError
        If a column is missing or there is no epoch.
    """
    if references is None:
        references = _ridge_loss(history)
    table = getattr(history, "history", history)
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"history must be a Fit or a DataFrame, received {type(table).__name__}.")
    needed = ["epoch", "training_loss", "validation_loss"]
    if missing := [name for name in needed if name not in table]:
        raise ValueError(f"history lacks the columns {missing}; it has {list(table.columns)}.")
    if table.empty:
        raise ValueError("history holds no epoch.")
    row = int(np.nanargmin(table["validation_loss"].to_numpy()))
    if best_epoch is not None:
        if best_epoch not in set(table["epoch"]):
            raise ValueError(f"best_epoch={best_epoch} is not among the epochs of the history.")
        row = int(np.flatnonzero(table["epoch"] == best_epoch)[0])
    best_row = table.iloc[row]

    figure, axes = new_figure()
    axes.plot(
        table["epoch"], table["training_loss"], color=BLUE, linestyle=LINES[1], label="training"
    )
    axes.plot(table["epoch"], table["validation_loss"], color=VERMILION, label="validation")
    axes.plot(
        best_row["epoch"],
        best_row["validation_loss"],
        marker="o",
        color=VERMILION,
        linestyle="none",
        markeredgecolor="black",
        label=f"lowest validation loss (epoch {int(best_row['epoch'])})"
        if best_epoch is None
        else f"epoch {int(best_row['epoch'])}",
    )
    for number, (name, value) in enumerate(references.items()):
        axes.axhline(
            value, color="black", linewidth=1.2, linestyle=LINES[3 - number % 3], label=name
        )
    if log:
        axes.set_yscale("log")
    axes.set(xlabel="epoch", ylabel="loss", title=title)
    axes.legend(frameon=False, fontsize=9)
    last = table.iloc[-1]
    figure.alt_text = (
        f"{title}. Training loss falls from {table['training_loss'].iloc[0]:.2f} to "
        f"{last['training_loss']:.2f} over {int(last['epoch'])} epochs; validation loss is "
        f"{best_row['validation_loss']:.2f} at epoch {int(best_row['epoch'])} (marked) and "
        f"{last['validation_loss']:.2f} at the end."
        + "".join(f" Level line: {name} {value:.2f}." for name, value in references.items())
    )
    return figure


def _ridge_loss(fit: Any) -> dict[str, float]:
    if "ridge" not in getattr(fit, "baseline_predictions", {}):
        return {}
    rows = fit.parts["validation"]
    error = fit.baseline_predictions["ridge"][rows] - fit.observed[rows]
    scale = fit.scaler.standard_deviation
    scale = scale[0] if fit.observed.ndim == 1 else scale
    return {"ridge, validation": float(np.mean((error / scale) ** 2))}


def predicted_vs_observed(
    y: Any,
    prediction: Any,
    *,
    title: str = "Predicted and observed",
    trait: str = "phenotype",
) -> CourseFigure:
    """Scatter of predictions against observations, with the line of perfect prediction.

    Parameters
    ----------
    y, prediction : array (n,)
        Observed and predicted phenotypes, in the same unit.
    title, trait : str
        Title of the figure, and what the axes measure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If lengths differ or values are not finite.
    """
    y, prediction = as_values(y, "y"), as_values(prediction, "prediction")
    if y.shape != prediction.shape:
        raise ValueError(f"y has {y.size} values and prediction has {prediction.size}.")
    figure, axes = new_figure(width=4.8, height=4.4)
    low, high = (
        float(np.min([y.min(), prediction.min()])),
        float(np.max([y.max(), prediction.max()])),
    )
    axes.plot([low, high], [low, high], color="black", linestyle=LINES[1], linewidth=1.2)
    axes.scatter(prediction, y, s=14, color=BLUE, alpha=0.55, linewidths=0)
    r, r2 = pearson_correlation(y, prediction), r_squared(y, prediction)
    axes.annotate(
        f"R² = {r2:.2f}\nr = {r:.2f}",
        (0.04, 0.96),
        xycoords="axes fraction",
        va="top",
        fontsize=10,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )
    axes.set(xlabel=f"predicted {trait}", ylabel=f"observed {trait}", title=title)
    figure.alt_text = (
        f"{title}: scatter of {y.size} individuals, observed {trait} against predicted, with the "
        f"diagonal of perfect prediction. R squared {r2:.2f}, correlation {r:.2f}."
    )
    return figure


def comparison(
    intervals: Mapping[str, Any],
    *,
    xlabel: str,
    title: str = "",
    reference: float | None = None,
    reference_label: str = "",
) -> CourseFigure:
    """Dots with their intervals, one row a method.

    Parameters
    ----------
    intervals : dict of str to Interval, or to (mean, low, high)
        What :mod:`geneml.intervals` returns.
    xlabel : str
        What is measured, with its unit.
    title : str
        Title of the figure.
    reference : float, optional
        A value to compare with, drawn as an upright line.
    reference_label : str
        Its name.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    if not intervals:
        raise ValueError("intervals is empty: give at least one method.")
    rows = {name: _interval(name, value) for name, value in intervals.items()}
    figure, axes = new_figure(height=1.3 + 0.42 * len(rows))
    for number, (_name, (mean, low, high)) in enumerate(rows.items()):
        colour = COLOURS[number % len(COLOURS)]
        axes.plot([low, high], [number, number], color=colour, linewidth=2.5)
        axes.plot(mean, number, MARKERS[number % len(MARKERS)], color=colour, markersize=8)
        axes.annotate(
            f"{mean:.2f}",
            (mean, number),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    if reference is not None:
        axes.axvline(
            reference, color="black", linestyle=LINES[1], linewidth=1.2, label=reference_label
        )
        if reference_label:
            axes.legend(frameon=False, fontsize=9)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.4, -0.7)  # first method on top
    axes.set(xlabel=xlabel, title=title)
    axes.grid(False, axis="y")
    listed = "; ".join(
        f"{name} {mean:.2f}, from {low:.2f} to {high:.2f}"
        for name, (mean, low, high) in rows.items()
    )
    line = "" if reference is None else f" Reference line {reference_label} at {reference:.2f}."
    figure.alt_text = f"{title or xlabel}. Mean {xlabel} with intervals: {listed}.{line}"
    return figure


def _interval(name: str, value: Any) -> tuple[float, float, float]:
    numbers = (value.mean, value.low, value.high) if hasattr(value, "low") else tuple(value)
    if len(numbers) != 3 or not np.isfinite(numbers).all():
        raise ValueError(
            f"intervals[{name!r}] must be an Interval or (mean, low, high): {value!r}."
        )
    mean, low, high = (float(number) for number in numbers)
    return mean, low, high
