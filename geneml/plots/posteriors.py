"""Pictures of Bayesian fits: priors and what they do, traces, likelihood of a heritability."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml.plots._figure import COLOURS, LINES, CourseFigure, as_values, new_figure

_NAMES = {"ridge": "ridge", "lasso": "lasso", "bayes_c_pi": "BayesC-π"}
_DROP = 1.92  # half the 0.95 quantile of a chi-square with one degree of freedom


def shrinkage(
    *, error: float = 0.5, deviation: float = 0.5, zeros: float = 0.9, reach: float = 3.0
) -> CourseFigure:
    """The three priors, and the posterior mean that each makes of an estimate.

    Parameters
    ----------
    error : float
        Standard error of the estimates, above 0.
    deviation : float
        Standard deviation of every prior, above 0.
    zeros : float
        Prior probability of zero for BayesC-pi, above 0 and below 1.
    reach : float
        Largest effect and estimate that is drawn, above 0.

    Returns
    -------
    CourseFigure
        Left the densities (the spike as an arrow), right the posterior means, as
        :func:`geneml.baselines.shrink` has them.

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If something is no number.
    """
    from geneml.baselines.shrinkage import prior_density, shrink

    if not isinstance(reach, int | float) or not 0 < reach < np.inf:
        raise ValueError(f"reach must be a finite number above 0, received {reach!r}.")
    figure, (left, right) = new_figure(width=8.2, height=3.6, columns=2)
    grid = np.linspace(-reach, reach, 401)
    said = []
    top = 0.0
    for number, (prior, name) in enumerate(_NAMES.items()):
        look = {"color": COLOURS[number], "linestyle": LINES[number], "linewidth": 2.2}
        density = prior_density(grid, prior=prior, deviation=deviation, zeros=zeros)
        top = max(top, float(density.max()))
        left.plot(grid, density, label=name, **look)
        shrunk = shrink(grid, error, prior=prior, deviation=deviation, zeros=zeros).mean
        right.plot(grid, shrunk, label=name, **look)
        at = shrink([1.0, 2.0], error, prior=prior, deviation=deviation, zeros=zeros).mean
        said.append(f"{name} {at[0]:.2f} and {at[1]:.2f}")
    left.annotate(
        "",
        (0, zeros * top),
        (0, 0),
        arrowprops={"arrowstyle": "-|>", "color": COLOURS[2], "linewidth": 2.5},
    )
    left.text(0.06 * reach, 0.9 * zeros * top, f"P(0) = {zeros:g}", color="#222222", fontsize=10)
    left.set(xlabel="effect of a marker", ylabel="prior density", title="What we expect")
    right.plot(grid, grid, color="#555555", linewidth=1, label="not shrunk")
    right.set(
        xlabel="least squares estimate", ylabel="posterior mean", title="What we then believe"
    )
    right.legend(fontsize=9)
    figure.alt_text = (
        f"Left, three priors of standard deviation {deviation:g}: a bell, a peak with long tails, "
        f"and a spike of probability {zeros:g} at zero with a low wide bell. Right, the posterior "
        f"mean against the estimate, standard error {error:g}. Of the estimates 1 and 2 become: "
        f"{'; '.join(said)}."
    )
    return figure


def traces(draws: Any, *, name: str, truth: float | None = None, title: str = "") -> CourseFigure:
    """Draws of one quantity, chain by chain, with R-hat and effective sample size.

    Parameters
    ----------
    draws : array (chains, draws)
        From ``BayesFit.traces``; at least 4 draws a chain.
    name : str
        What was drawn, for the axis.
    truth : float, optional
        Marked by a line.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure
        Left the traces, right what each chain says the distribution is.

    Raises
    ------
    ValueError
        If the draws have another shape, are not finite, or are all the same.
    """
    from geneml.baselines._convergence import effective_size, r_hat

    chains = np.asarray(draws, dtype="float64")
    if chains.ndim != 2 or chains.shape[1] < 4 or not np.isfinite(chains).all():
        raise ValueError(
            f"draws must be finite, (chains, draws) with 4 draws or more, received {chains.shape}."
        )
    if np.ptp(chains) == 0:
        raise ValueError(f"draws: expected chains that move, received {chains[0, 0]:g} throughout.")
    figure, (left, right) = new_figure(width=8.2, height=2.9, columns=2, ratios=[3, 1])
    bins = np.linspace(chains.min(), chains.max(), 26)
    for number, chain in enumerate(chains):
        colour = COLOURS[number % len(COLOURS)]
        left.plot(chain, color=colour, linewidth=0.9, alpha=0.9, label=f"chain {number + 1}")
        right.hist(
            chain,
            bins=bins,
            orientation="horizontal",
            histtype="step",
            color=colour,
            linewidth=1.8,
            linestyle=LINES[number % len(LINES)],
        )
    if truth is not None:
        for axes in (left, right):
            axes.axhline(truth, color="#222222", linestyle="--", linewidth=1.2)
    reduction, size = r_hat(chains), effective_size(chains)
    left.set(xlabel="draw kept", ylabel=name)
    left.set_title(
        f"{title + ': ' if title else ''}R-hat {reduction:.2f}, effective size {size:.0f}"
    )
    right.set(xlabel="draws")
    right.tick_params(labelleft=False)
    figure.alt_text = (
        f"{title or 'Traces'}: {chains.shape[1]} draws of {name} in each of {len(chains)} chains. "
        f"Means of the chains: {', '.join(f'{chain.mean():.3g}' for chain in chains)}. R-hat "
        f"{reduction:.2f}, effective sample size {size:.0f}."
        + (f" The true value is {truth:.3g}." if truth is not None else "")
    )
    return figure


def likelihood_curve(
    heritabilities: Any, log_likelihood: Any, *, truth: float | None = None, title: str = ""
) -> CourseFigure:
    """A likelihood over heritabilities: its top, and what lies within 1.92 of it.

    Parameters
    ----------
    heritabilities : array (h,)
        In rising order, at least 3.
    log_likelihood : array (h,)
        From :func:`geneml.baselines.restricted_likelihood`.
    truth : float, optional
        Marked by a line.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than three, or heritabilities do not rise.
    """
    h2 = as_values(heritabilities, "heritabilities")
    values = as_values(log_likelihood, "log_likelihood")
    if h2.shape != values.shape or h2.size < 3 or not (np.diff(h2) > 0).all():
        raise ValueError(
            "heritabilities and log_likelihood must be of one length, at least 3, the first "
            f"rising, received {h2.size} and {values.size}."
        )
    relative = values - values.max()
    inside = h2[relative >= -_DROP]
    best = float(h2[relative.argmax()])
    figure, axes = new_figure(width=6.4, height=3.2)
    axes.plot(h2, relative, color=COLOURS[0], linewidth=2.2)
    axes.axhline(-_DROP, color="#555555", linestyle=":", linewidth=1.5)
    axes.fill_between(
        h2, -_DROP, relative, where=relative >= -_DROP, color=COLOURS[0], alpha=0.2, linewidth=0
    )
    axes.plot([best], [0], "o", color=COLOURS[0], markersize=8, label=f"REML {best:.2f}")
    if truth is not None:
        axes.axvline(truth, color=COLOURS[1], linestyle="--", label=f"truth {truth:.2f}")
    axes.set(
        xlabel="heritability",
        ylabel="log likelihood,\nless the highest",
        ylim=(max(relative.min(), -8) - 0.2, 0.6),
        title=title,
    )
    axes.legend(fontsize=9, loc="lower center")
    figure.alt_text = (
        f"{title or 'Restricted likelihood'} against heritability: highest at {best:.2f}, within "
        f"{_DROP} of the highest from {inside[0]:.2f} to {inside[-1]:.2f}."
        + (f" The true heritability is {truth:.2f}." if truth is not None else "")
    )
    return figure
