"""Pictures of importance along a sequence or a map, as in a Manhattan plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from geneml.interpret.truth import locus_recovery
from geneml.plots._figure import BLUE, VERMILION, CourseFigure, style


def locus_track(
    importance: Any,
    causal_loci: Any,
    *,
    controls: Mapping[str, Any] | None = None,
    top: int | None = None,
    positions: Any = None,
    xlabel: str = "position (from 0)",
    title: str = "What each locus contributes",
) -> CourseFigure:
    """The importance of every locus along the sequence, with the causal loci marked.

    One track a method, as in a Manhattan plot, and below them one track a control: the same
    ranking made by something that knows nothing of the trait. A method has found something
    only where it does better than its controls.

    Parameters
    ----------
    importance : array (L,), or dict of str to array (L,)
        Sizes, 0 or more; each track has its own scale and is drawn as shares of its largest.
    causal_loci : array of int
        Indices of the causal loci, from 0.
    controls : dict of str to array (L,), optional
        Such as ``{"shuffled labels": ..., "variant frequency": ...}``.
    top : int, optional
        The dashed line lets as many loci through, and the titles say how many of them are
        causal; by default the number of causal loci.
    positions : array (L,), optional
        Where the loci stand on the axis; their index by default.
    xlabel, title : str
        What the axis counts, and from where; title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    ValueError
        As :func:`~geneml.interpret.truth.locus_recovery`, and if lengths differ or a method
        and a control have one name.
    """
    methods = importance if isinstance(importance, Mapping) else {"importance": importance}
    controls = {} if controls is None else controls
    if not methods or set(methods) & set(controls):
        raise ValueError("importance must hold a method, and no name that a control has too.")
    tracks = {name: np.asarray(values, dtype=float) for name, values in methods.items()}
    tracks |= {name: np.asarray(values, dtype=float) for name, values in controls.items()}
    if len({values.size for values in tracks.values()}) != 1:
        sizes = {name: values.size for name, values in tracks.items()}
        raise ValueError(f"importance and controls must have as many loci, received {sizes}.")
    n_loci = next(iter(tracks.values())).size
    causal = np.unique(np.asarray(causal_loci, dtype=int))
    line = causal.size if top is None else top
    if top is not None and not 1 <= line <= n_loci:
        raise ValueError(f"top must lie from 1 to {n_loci}, received {top}.")
    scores = {
        name: locus_recovery(values, causal_loci, top=max(line, 1))
        for name, values in tracks.items()
    }
    x = np.arange(n_loci) if positions is None else np.asarray(positions)
    if x.shape != (n_loci,):
        raise ValueError(f"positions must hold {n_loci} values, received shape {x.shape}.")

    figure = CourseFigure(
        figsize=(8.0, 0.9 + 1.25 * len(tracks)), layout="constrained", facecolor="white"
    )
    panels = np.atleast_1d(figure.subplots(len(tracks), 1, sharex=True))
    others = np.setdiff1d(np.arange(n_loci), causal)
    said = []
    for axes, (name, values) in zip(panels, tracks.items(), strict=True):
        style(axes)
        is_control, score = name in controls, scores[name]
        share = values / (values.max() or 1.0)
        _stems(axes, x[others], share[others], BLUE, ".", "other loci")
        _stems(axes, x[causal], share[causal], VERMILION, "D", "causal loci")
        # Between the last locus that is in the list and the first that is not.
        ordered = np.sort(share)[::-1]
        level = ordered[line - 1 : line + 1].mean()
        axes.axhline(level, color="#222222", linestyle="--", linewidth=1, label=f"top {line}")
        axes.set(ylim=(0, 1.12), yticks=[0, 0.5, 1])
        found = f"{score.found_in_top:.3g} of {score.n_causal} in the top {line}"
        axes.set_title(
            f"{name}{' (control)' if is_control else ''}: {found}, average precision "
            f"{score.average_precision:.2f}",
            loc="left",
            fontsize=10,
        )
        if is_control:
            axes.set_facecolor("#F4F4F4")
        said.append(
            f"{'control, ' if is_control else ''}{name}: {found} "
            f"({score.chance_found_in_top:.2g} by chance), "
            f"average precision {score.average_precision:.2f}"
        )
    panels[0].legend(
        frameon=False, fontsize=9, ncols=3, loc="lower right", bbox_to_anchor=(1.0, 1.12)
    )
    panels[-1].set_xlabel(xlabel)
    figure.supylabel("importance (share of the largest)", fontsize=11)
    figure.suptitle(title, fontsize=12, x=0.02, ha="left")
    missing = "" if controls else " No control is drawn beside it."
    figure.alt_text = (
        f"{title}: importance of {n_loci} loci, the {causal.size} causal ones marked by diamonds, "
        f"one track each. {'; '.join(said)}.{missing}"
    )
    return figure


def _stems(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str, marker: str, label: str) -> None:
    axes.vlines(x, 0, y, color=colour, linewidth=1.2, alpha=0.6)
    axes.plot(x, y, marker, color=colour, markersize=4.5, label=label, zorder=3)
