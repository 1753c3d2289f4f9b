"""Pictures of genotypes: their effect, their frequencies, their linkage."""

from __future__ import annotations

from typing import Any

import numpy as np

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


def genotype_trait(
    genotypes: Any,
    phenotype: Any,
    *,
    trait: str = "phenotype",
    title: str = "Genotype and trait",
    line: bool = True,
    seed: int | np.random.Generator = 0,
) -> CourseFigure:
    """The trait of the carriers of 0, 1 and 2 copies of an allele.

    Parameters
    ----------
    genotypes : int array (n,)
        Copies at one variant; -1 missing, left out.
    phenotype : array (n,)
        The trait.
    trait, title : str
        What is measured; title of the figure.
    line : bool
        Whether to draw the least-squares line, whose slope is the effect of one copy.
    seed : int or Generator
        Decides the sideways scatter of the dots.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If lengths differ or nothing is observed.
    """
    genotypes, phenotype = np.asarray(genotypes), as_values(phenotype, "phenotype")
    if genotypes.shape != phenotype.shape:
        raise ValueError(
            f"genotypes has shape {genotypes.shape} and phenotype {phenotype.shape}: one variant, "
            "the same individuals."
        )
    keep = genotypes >= 0
    genotypes, phenotype = genotypes[keep].astype(int), phenotype[keep]
    if genotypes.size == 0:
        raise ValueError("genotypes holds no observed call.")
    figure, axes = new_figure(width=5.0, height=3.8)
    spread = np.random.default_rng(seed).uniform(-0.18, 0.18, genotypes.size)
    axes.scatter(genotypes + spread, phenotype, s=9, color=BLUE, alpha=0.3, linewidths=0)
    said = []
    for copies in np.unique(genotypes):
        group = phenotype[genotypes == copies]
        axes.plot([copies - 0.28, copies + 0.28], [group.mean()] * 2, color="black", linewidth=2.5)
        said.append(f"{copies} copies: n {group.size}, mean {group.mean():.2f}")
    if line and np.ptp(genotypes) > 0:
        slope, intercept = np.polyfit(genotypes, phenotype, 1)
        ends = np.array([genotypes.min(), genotypes.max()])
        axes.plot(
            ends,
            intercept + slope * ends,
            color=VERMILION,
            linestyle=LINES[1],
            label=f"{slope:+.2f} a copy",
        )
        axes.legend(frameon=False, fontsize=9)
        said.append(f"least-squares line {slope:+.2f} a copy")
    axes.set_xticks([0, 1, 2])
    axes.set(xlabel="copies of the counted allele", ylabel=trait, title=title)
    figure.alt_text = f"{title}: {trait} by genotype. {'; '.join(said)}."
    return figure


def allele_frequency_spectrum(
    frequencies: Any,
    *,
    minor: bool = True,
    bins: int = 25,
    title: str = "Allele frequency spectrum",
) -> CourseFigure:
    """How many variants have which allele frequency.

    Parameters
    ----------
    frequencies : array (p,), or dict of str to array
        Allele frequencies, 0 to 1; several sets are drawn as lines of shares.
    minor : bool
        Whether to fold at one half, to the rarer allele.
    bins : int
        Bins between 0 and 0.5 (or 1).
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        If a frequency lies outside 0 to 1.
    """
    named = frequencies if isinstance(frequencies, dict) else {"variants": frequencies}
    figure, axes = new_figure()
    said = []
    edges = np.linspace(0, 0.5 if minor else 1, bins + 1)
    for number, (name, values) in enumerate(named.items()):
        values = as_values(values, name)
        if values.min() < 0 or values.max() > 1:
            raise ValueError(
                f"{name} must lie from 0 to 1, received {values.min():.3g} to {values.max():.3g}."
            )
        values = np.minimum(values, 1 - values) if minor else values
        weights = np.full(values.size, 1 / values.size)
        colour, line = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
        if len(named) == 1:
            axes.hist(values, edges, color=colour, edgecolor="white", linewidth=0.5)
        else:
            axes.hist(
                values,
                edges,
                weights=weights,
                histtype="step",
                color=colour,
                linestyle=line,
                linewidth=1.8,
                label=name,
            )
        said.append(
            f"{name}: {values.size}, {np.mean(values < 0.05):.0%} below 0.05, median "
            f"{np.median(values):.2f}"
        )
    kind = "minor allele frequency" if minor else "frequency of the counted allele"
    axes.set(
        xlabel=kind,
        ylabel="variants" if len(named) == 1 else "share of variants",
        title=title,
    )
    if len(named) > 1:
        axes.legend(frameon=False, fontsize=9)
    figure.alt_text = f"{title}: histogram of {kind}. {'; '.join(said)}."
    return figure


def linkage_disequilibrium(
    genotypes: Any,
    *,
    positions: Any = None,
    title: str = "Linkage disequilibrium",
) -> CourseFigure:
    """Squared correlation between variants, as a heat map in map order.

    Parameters
    ----------
    genotypes : int array (n, p)
        At most 1,000 variants; -1 missing, set to the variant's mean.
    positions : array (p,), optional
        Base pairs, named in the axis labels.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure
        Variants that do not vary have no correlation and are left blank.

    Raises
    ------
    ValueError
        If the table is too wide or empty, or positions do not fit.
    """
    table = np.asarray(genotypes).astype("float64")
    if table.ndim != 2 or len(table) < 2 or not 2 <= table.shape[1] <= 1_000:
        raise ValueError(
            "genotypes must be (individuals, variants) with 2 to 1,000 variants, received shape "
            f"{table.shape}. Cut a window out."
        )
    p = table.shape[1]
    if positions is not None and np.shape(positions) != (p,):
        raise ValueError(f"positions must hold {p} values, received shape {np.shape(positions)}.")
    observed = table >= 0
    count = np.maximum(observed.sum(axis=0), 1)
    means = np.where(observed, table, 0).sum(axis=0) / count
    centred = np.where(observed, table - means, 0)
    scale = np.sqrt((centred**2).sum(axis=0))
    varies = scale > 1e-9
    unit = centred / np.where(varies, scale, 1)
    squared = (unit.T @ unit) ** 2
    squared[~varies] = np.nan
    squared[:, ~varies] = np.nan
    figure, axes = new_figure(width=5.4, height=4.6)
    axes.grid(False)
    image = axes.imshow(squared, cmap=light_to(BLUE), vmin=0, vmax=1, interpolation="nearest")
    figure.colorbar(image, ax=axes, label="r²", shrink=0.85)
    if positions is not None:
        ticks = np.linspace(0, p - 1, 5).round().astype(int)
        labels = [f"{np.asarray(positions)[tick] / 1e3:,.0f}" for tick in ticks]
        axes.set_xticks(ticks, labels)
        axes.set_yticks(ticks, labels)
        axes.set(xlabel="position (kb)", ylabel="position (kb)")
    else:
        axes.set(xlabel="variant (from 0)", ylabel="variant (from 0)")
    axes.set_title(title)
    neighbours = np.diagonal(squared, offset=1)
    far = squared[np.triu_indices(p, k=max(1, p // 2))]
    figure.alt_text = (
        f"{title}: heat map of r squared between {p} variants in {len(table)} individuals. Mean r "
        f"squared of neighbours {_mean(neighbours)}, of variants at least half the map apart "
        f"{_mean(far)}."
    )
    return figure


def _mean(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    return f"{known.mean():.2f}" if known.size else "unknown"
