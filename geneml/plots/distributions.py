"""Pictures of distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geneml.plots._figure import COLOURS, LINES, CourseFigure, as_values, new_figure


def distributions(
    samples: Mapping[str, Any],
    *,
    xlabel: str = "phenotype",
    title: str = "Distributions",
    bins: int = 30,
) -> CourseFigure:
    """Histograms and cumulative distributions of a few samples.

    With exactly two samples the largest distance between the cumulative curves is drawn: the
    statistic D of the two-sample Kolmogorov-Smirnov test (Smirnov 1948, Ann. Math. Stat.
    19:279), with its p value.

    Parameters
    ----------
    samples : dict of str to array
        One to six samples, of any sizes.
    xlabel, title : str
        What is measured; title of the figure.
    bins : int
        Bins of the histograms, the same for all.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If there is no sample, more than six, or one is empty or not finite.
    """
    from scipy.stats import ks_2samp

    if not 1 <= len(samples) <= len(COLOURS):
        raise ValueError(f"samples must hold 1 to {len(COLOURS)} samples, received {len(samples)}.")
    values = {name: np.sort(as_values(sample, name)) for name, sample in samples.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(values.values())), bins=bins)
    figure, (left, right) = new_figure(width=7.6, height=3.6, columns=2)
    for number, (name, sample) in enumerate(values.items()):
        colour, line = COLOURS[number], LINES[number]
        left.hist(sample, edges, density=True, histtype="stepfilled", color=colour, alpha=0.18)
        left.hist(
            sample,
            edges,
            density=True,
            histtype="step",
            color=colour,
            linestyle=line,
            linewidth=1.6,
        )
        heights = np.arange(1, sample.size + 1) / sample.size
        right.step(sample, heights, where="post", color=colour, linestyle=line, label=name)
    left.set(xlabel=xlabel, ylabel="density", title=title)
    right.set(xlabel=xlabel, ylabel="share at or below", ylim=(0, 1.02))
    text = "; ".join(
        f"{name}: n {sample.size}, mean {sample.mean():.2f}, sd {sample.std():.2f}"
        for name, sample in values.items()
    )
    if len(values) == 2:
        first, second = values.values()
        test = ks_2samp(first, second)
        place = float(test.statistic_location)
        ends = [np.searchsorted(one, place, side="right") / one.size for one in (first, second)]
        right.plot([place, place], ends, color="black", linewidth=2.5)
        result = f"D = {test.statistic:.2f}, p = {test.pvalue:.2g}"
        right.set_title(result, fontsize=11)
        text += f". Largest distance between the cumulative curves: {result}"
    right.legend(frameon=False, fontsize=9, loc="lower right")
    figure.alt_text = f"{title}. Histograms and cumulative curves of {xlabel}. {text}."
    return figure
