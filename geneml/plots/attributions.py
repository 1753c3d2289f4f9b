"""Pictures of explanations: what each letter of a sequence contributes to a prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from geneml.encoding import one_hot_sequences
from geneml.interpret.attribution import Attribution
from geneml.interpret.truth import locus_recovery
from geneml.plots._figure import VERMILION, CourseFigure, style
from geneml.plots._glyphs import (
    WIDEST,
    as_letters,
    draw_letters,
    figure_width,
    number_positions,
    signed_colours,
)

_MOST = 400  # positions whose cells can still be seen


def attribution_map(
    attribution: Any,
    *,
    sample: int = 0,
    observed: Any = None,
    window: tuple[int, int] | None = None,
    causal_loci: Any = None,
    with_logo: bool = True,
    frequency: Any = None,
    alphabet: Sequence[str] = "ACGT",
    label: str = "",
    title: str = "Attribution map",
) -> CourseFigure:
    """What each letter would do at each position of one sequence, as a heat map.

    Above it the sequence itself, each observed letter as tall as its contribution: how much
    higher the prediction is with it than with the other letters, on average.

    Parameters
    ----------
    attribution : Attribution, or array (L, c)
        With axes sample, position and allele; or the changes of one sample.
    sample : int
        Which sample of an Attribution, counted from 0.
    observed : str or array (L, c), optional
        The sequence that an array explains; an Attribution knows it. Without it no letter is
        marked, and there is no logo.
    window : (start, stop), optional
        Positions to draw, stop excluded; at most 400.
    causal_loci : array of int, optional
        Positions to mark below the map.
    with_logo : bool
        Whether to draw the letters above; above 120 positions nobody could read them.
    frequency : array (L, c), optional
        Weighs the alternatives in the letters' heights; see ``Attribution.per_position``.
    alphabet : sequence of str
        Names of the c rows, where the Attribution names none.
    label : str
        What the colour means; chosen by the kind of the attribution when empty.
    title : str
        Title of the figure.

    Returns
    -------
    CourseFigure

    Raises
    ------
    IndexError
        If there is no such sample.
    ValueError
        If the axes do not fit, or the window is empty, too wide or outside the sequence.
    """
    explained = _only(_as_attribution(attribution, observed, tuple(alphabet)), sample)
    values = explained.values[0]
    letters = as_letters(explained.alleles or alphabet)
    if values.shape[1] != len(letters):
        raise ValueError(f"alphabet has {len(letters)} letters for {values.shape[1]} columns.")
    known = explained.observed_alleles[0]
    start, stop = _window(window, len(values))
    marked = np.unique(np.asarray([] if causal_loci is None else causal_loci, dtype=int))
    marked = marked[(marked >= start) & (marked < stop)]
    with_logo = with_logo and stop - start <= WIDEST and bool((known >= 0).any())

    width = figure_width(stop - start) + 0.7
    figure = CourseFigure(
        figsize=(width, 3.6 if with_logo else 2.2), layout="constrained", facecolor="white"
    )
    ratios = (1, 1.1) if with_logo else (1,)
    grid = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=ratios)
    panels = grid[:, 0]
    for axes in panels:
        style(axes)
    if with_logo:
        contribution = explained.per_position(frequency)[0]
        heights = np.where(known[:, None] == np.arange(len(letters)), contribution[:, None], 0.0)
        panels[0].grid(False, axis="x")
        draw_letters(panels[0], heights[start:stop], letters, start)
        panels[0].set_ylabel("contribution\nof the letter")
        panels[0].tick_params(labelbottom=False)
    axes = panels[-1]
    axes.grid(False)
    limit = float(np.abs(values[start:stop]).max()) or 1.0
    image = axes.imshow(
        values[start:stop].T,
        cmap=signed_colours(),
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
        extent=(start - 0.5, stop - 0.5, len(letters) - 0.5, -0.5),
    )
    meaning = label or _MEANING[explained.kind]
    figure.colorbar(image, ax=axes, label=meaning, pad=0.01)
    places = np.arange(start, stop)[known[start:stop] >= 0]
    axes.plot(places, known[places], ".", color="#222222", markersize=4)
    _mark_loci(axes, marked, len(letters) - 0.5)
    axes.set_yticks(range(len(letters)), list(letters))
    number_positions(axes, start, stop - start)
    axes.set_xlim(start - 0.5, stop - 0.5)
    axes.set_xlabel("position (from 0)" + (", ▲ causal" if marked.size else ""))
    panels[0].set_title(title)
    figure.alt_text = _say_map(title, meaning, values, known, letters, start, stop, marked)
    return figure


_MEANING = {
    "change": "change of the prediction",
    "credit": "credit",
    "slope": "slope of the prediction",
}


def _as_attribution(given: Any, observed: Any, alphabet: tuple[str, ...]) -> Attribution:
    """An Attribution with one output and an axis of alleles, also of a plain array."""
    if isinstance(given, Attribution):
        if given.axes != ("sample", "position", "allele"):
            raise ValueError(
                "attribution must have the axes sample, position, allele; this one has "
                f"{', '.join(given.axes)}. Choose an output with attribution.output(k); credits "
                "without alleles go into locus_track."
            )
        if given.positions is not None and not np.array_equal(
            given.positions, np.arange(given.observed.shape[1])
        ):
            raise ValueError("attribution must hold every position, not a choice of them.")
        return given
    values = np.asarray(given, dtype="float64")
    if values.ndim != 2 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(
            "attribution must be an Attribution, or finite changes (positions, letters) of one "
            f"sample; received shape {values.shape}."
        )
    if observed is None:
        letters = np.zeros(values.shape)
    elif isinstance(observed, str):
        letters = one_hot_sequences([observed], alphabet="".join(alphabet))[0]
    else:
        letters = np.asarray(observed)
    if letters.shape != values.shape:
        raise ValueError(
            f"observed must fit the attribution of shape {values.shape}, received {letters.shape}."
        )
    return Attribution(
        values[None],
        ("sample", "position", "allele"),
        "change",
        "given",
        letters[None],
        np.zeros(1),
        alleles=alphabet,
    )


def _only(explained: Attribution, sample: int) -> Attribution:
    """The part of one sample."""
    n = len(explained.values)
    if not 0 <= sample < n:
        raise IndexError(f"sample must lie from 0 to {n - 1}, received {sample}.")
    one = slice(sample, sample + 1)
    return Attribution(
        explained.values[one],
        explained.axes,
        explained.kind,
        explained.explainer,
        explained.observed[one],
        explained.predictions[one],
        alleles=explained.alleles,
    )


def _window(window: tuple[int, int] | None, length: int) -> tuple[int, int]:
    start, stop = (0, length) if window is None else window
    if not 0 <= start < stop <= length or stop - start > _MOST:
        raise ValueError(
            f"window must be (start, stop) within 0 to {length} and at most {_MOST} positions "
            f"wide, received ({start}, {stop})."
        )
    return int(start), int(stop)


def _mark_loci(axes: Axes, loci: np.ndarray, level: float) -> None:
    """Triangles on the lower edge of a map."""
    if loci.size:
        axes.plot(
            loci,
            np.full(loci.size, level),
            "^",
            color=VERMILION,
            markeredgecolor="#222222",
            markersize=7,
            clip_on=False,
            zorder=5,
        )


def _say_map(
    title: str,
    meaning: str,
    values: np.ndarray,
    known: np.ndarray,
    letters: tuple[str, ...],
    start: int,
    stop: int,
    marked: np.ndarray,
) -> str:
    shown = values[start:stop]
    place, letter = np.unravel_index(int(np.abs(shown).argmax()), shown.shape)
    site = start + int(place)
    if known[site] < 0 or known[site] == letter:
        what = letters[letter]
    else:
        what = f"{letters[known[site]]} to {letters[letter]}"
    text = (
        f"{title}: heat map of the {meaning} for {len(letters)} letters at positions "
        f"{start} to {stop - 1}; dots mark the observed letters. The largest is "
        f"{shown[place, letter]:+.3g}, {what} at position {site}."
    )
    if marked.size:
        score = locus_recovery(np.abs(shown).mean(axis=1), marked - start)
        text += (
            f" Of the {marked.size} causal positions in view, {score.found:.3g} are among the "
            f"{marked.size} with the largest mean size."
        )
    return text
