"""Pictures of pairs of loci that act together."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import Circle

from geneml.interpret.truth import pair_recovery
from geneml.plots._figure import CourseFigure, new_figure
from geneml.plots._glyphs import signed_colours

_MOST = 400  # rows that a heat map of this size can show


def interaction_map(
    scores: Any,
    positions: Any = None,
    *,
    pairs: Any = None,
    label: str = "interaction score",
    title: str = "Interactions",
) -> CourseFigure:
    """Interaction scores of every two loci as a heat map, with the true pairs ringed.

    Parameters
    ----------
    scores : array (k, k)
        Symmetric, signed; the diagonal is left blank.
    positions : array of int (k,), optional
        Which loci the rows are, from 0; 0 to k - 1 by default.
    pairs : array of int (m, 2), optional
        The pairs that truly interact. Those without a row are named in the text alone.
    label, title : str
        What the colour means, with its unit; title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    TypeError, ValueError
        As :func:`~geneml.interpret.truth.pair_recovery`, and if there are more than 400 rows.
    """
    table = np.array(scores, dtype="float64")
    k = len(table) if table.ndim else 0
    names = np.arange(k) if positions is None else np.asarray(positions)
    # Any pair will do to have the table checked where no true pair is given.
    wanted = names[:2][None] if pairs is None and k > 1 else pairs
    score = pair_recovery(table, wanted, positions=names)
    if k > _MOST:
        raise ValueError(f"scores must have at most {_MOST} rows to be seen, received {k}.")
    np.fill_diagonal(table, np.nan)
    figure, axes = new_figure(width=5.8, height=4.8)
    axes.grid(False)
    limit = float(np.nanmax(np.abs(table))) or 1.0
    image = axes.imshow(
        table, cmap=signed_colours(), vmin=-limit, vmax=limit, interpolation="nearest"
    )
    figure.colorbar(image, ax=axes, label=label, shrink=0.85)
    row_of = {int(name): row for row, name in enumerate(names)}
    missed = []
    for one, other in score.wanted.tolist() if pairs is not None else []:
        if one not in row_of or other not in row_of:
            missed.append(f"{one} and {other}")
            continue
        for x, y in ((row_of[one], row_of[other]), (row_of[other], row_of[one])):
            ring = Circle((x, y), max(0.75, k / 40), fill=False, edgecolor="#222222", linewidth=1.8)
            ring.set_clip_on(False)
            axes.add_patch(ring)
    step = max(1, round(k / 20))
    ticks = range(0, k, step)
    axes.set_xticks(ticks, [str(names[tick]) for tick in ticks], rotation=90)
    axes.set_yticks(ticks, [str(names[tick]) for tick in ticks])
    axes.set(xlabel="position (from 0)", ylabel="position (from 0)", title=title)
    one, other = np.unravel_index(int(np.nanargmax(np.abs(table))), table.shape)
    text = (
        f"{title}: heat map of the {label} of every two of {k} loci. The largest is "
        f"{table[one, other]:+.3g}, between positions {names[one]} and {names[other]}."
    )
    if pairs is not None:
        text += (
            f" Rings mark the true pairs: {score.found:.3g} of {score.n_causal} are among the "
            f"{score.n_causal} largest ({score.chance_found:.2g} by chance)."
        )
    if missed:
        text += f" Not among these loci: {', '.join(missed)}."
    figure.alt_text = text
    return figure
