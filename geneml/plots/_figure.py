"""The figure all plots share: its style, its alternative text, how it is shown."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito 2008, "Color Universal Design": apart under all common colour blindness. The
# order starts with the pair of strongest contrast; black is for text and reference lines.
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
)
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
_INK, _GRID = "#222222", "#DDDDDD"
_DPI = 144


class CourseFigure(Figure):
    """A matplotlib figure that knows what to tell a reader who cannot see it.

    Attributes
    ----------
    alt_text : str
        What the picture shows, in a sentence or two.
    """

    alt_text: str = ""

    def _repr_html_(self) -> str:
        return to_html(self)


def new_figure(
    *, width: float = 6.4, height: float = 3.8, columns: int = 1, ratios: Any = None
) -> tuple[CourseFigure, Any]:
    """Make a figure (size in inches) and its styled axes: one, or an array of them."""
    figure = CourseFigure(figsize=(width, height), layout="constrained", facecolor="white")
    axes = figure.subplots(1, columns, width_ratios=ratios)
    for one in np.atleast_1d(axes).ravel():
        style(one)
    return figure, axes


def style(axes: Axes) -> Axes:
    """Light grid behind the data, no box, dark text of a readable size."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(True, color=_GRID, linewidth=0.8)
    axes.tick_params(labelsize=10, colors=_INK)
    axes.xaxis.label.set_fontsize(11)
    axes.yaxis.label.set_fontsize(11)
    axes.title.set_fontsize(12)
    return axes


def show(figure: Figure, alt_text: str | None = None) -> None:
    """Show a figure in a notebook, as an image with alternative text.

    Parameters
    ----------
    figure : matplotlib Figure
        One of this package's, or any other.
    alt_text : str, optional
        What the picture shows; needed for a figure that has no ``alt_text`` of its own.

    Raises
    ------
    TypeError
        If ``figure`` is not a matplotlib figure.
    ValueError
        If there is no alternative text.
    """
    from IPython.display import HTML, display

    display(HTML(to_html(figure, alt_text)))


def to_html(figure: Figure, alt_text: str | None = None) -> str:
    """HTML of a figure: an ``img`` element of class ``geneml-figure`` with its data inside.

    Parameters, errors: see :func:`show`.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"figure must be a matplotlib Figure, received {type(figure).__name__}.")
    text = alt_text if alt_text is not None else getattr(figure, "alt_text", "")
    if not text.strip():
        raise ValueError(
            "this figure has no alternative text. Say what it shows: show(figure, alt_text=...)."
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = round(figure.get_figwidth() * 100)
    return (
        f'<img class="geneml-figure" src="data:image/png;base64,{data}" '
        f'alt="{html.escape(text.strip(), quote=True)}" '
        f'style="width:{width}px;max-width:100%;height:auto">'
    )


def as_values(values: Any, name: str) -> np.ndarray:
    """A one-dimensional, non-empty array of finite ``float64``, or a ValueError."""
    array = np.asarray(values, dtype="float64")
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be a row of finite numbers, received shape {array.shape} with "
            f"{int((~np.isfinite(array)).sum())} values that are not finite."
        )
    return array


def light_to(colour: str) -> Any:
    """Colour map from pale grey to a colour; missing values stay white."""
    from matplotlib.colors import LinearSegmentedColormap

    palette = LinearSegmentedColormap.from_list("light", ["#F2F2F2", colour])
    return palette.with_extremes(bad="#FFFFFF")
