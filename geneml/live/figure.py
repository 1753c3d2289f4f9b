"""The block of HTML that holds one live figure."""

from __future__ import annotations

import hashlib
import html
import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from geneml.live.bundle import figure_module, figure_names, source, toolbox

FALLBACK = (
    "This figure is drawn by a small program inside the page. To see it move, switch JavaScript "
    "on; in a notebook, trust the notebook or run the cell."
)


@dataclass(frozen=True)
class LiveFigure:
    """One interactive figure. A notebook shows it when it is the value of a cell.

    Attributes
    ----------
    name : str
        Which figure, one of :func:`geneml.live.bundle.figure_names`.
    title : str
        Heading above the figure.
    description : str
        What the reader sees and can do, in a sentence or two; also its text alternative.
    data : dict
        Values handed to the drawing code; anything that JSON can hold.
    """

    name: str
    title: str
    description: str
    data: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Live figure: {self.title}. {self.description}"

    def _repr_html_(self) -> str:
        data = _json(self.data)
        digest = hashlib.sha256(f"{self.name}|{self.title}|{data}".encode()).hexdigest()
        key = f"{self.name}-{digest[:10]}"
        styles = json.dumps(source("live.css")).replace("</", "<\\/")
        return (
            f'<figure class="geneml-live" data-geneml-live="{key}">\n'
            f'<figcaption class="gl-caption"><strong class="gl-title">{html.escape(self.title)}'
            f'</strong> <span class="gl-description">{html.escape(self.description)}</span>'
            "</figcaption>\n"
            f'<div class="gl-stage"><p class="gl-fallback">{FALLBACK}</p></div>\n'
            f'<script type="application/json">{data}</script>\n'
            "</figure>\n"
            '<script type="module">\n'
            f"const kit = {toolbox()};\n"
            f"const figure = {figure_module(self.name)};\n"
            f"kit.mount({json.dumps(key)}, figure.render, kit, {styles});\n"
            "</script>\n"
        )

    def page(self, *, theme: str | None = None) -> str:
        """Return a whole HTML page that holds this figure alone.

        Parameters
        ----------
        theme : {"light", "dark"}, optional
            Fixed colours; by default the page follows the reader's system.
        """
        return page(self, title=self.title, theme=theme)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the figure as a page that opens from disk, and return its path.

        Parameters
        ----------
        path : path
            File to write; its folder must exist.
        """
        target = Path(path)
        unfinished = target.with_name(f".{target.name}.unfinished")
        try:
            unfinished.write_text(self.page(), encoding="utf-8")
            os.replace(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)
        return target


def figure(
    name: str, data: dict[str, Any] | None = None, *, title: str, description: str
) -> LiveFigure:
    """Make a live figure from its name and the values it starts with.

    Parameters
    ----------
    name : str
        One of the figures of this package, for instance ``"heritability"``.
    data : dict, optional
        Starting values and data. Arrays become lists; numbers must be finite.
    title, description : str
        Words above the figure. Both are needed: they are its text alternative.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If there is no such figure, a text is empty or a number is not finite.
    TypeError
        If `data` is no dict or holds something that JSON cannot.
    """
    known = figure_names()
    if name not in known:
        raise ValueError(f"name: there is no live figure {name!r}; there are {', '.join(known)}")
    for argument, text in (("title", title), ("description", description)):
        if not isinstance(text, str):
            raise TypeError(f"{argument}: expected a str, got {type(text).__name__}")
        if not text.strip():
            raise ValueError(f"{argument}: expected words for those who cannot see the figure")
    if data is not None and not isinstance(data, dict):
        raise TypeError(f"data: expected a dict or None, got {type(data).__name__}")
    return LiveFigure(name, title, description, _plain(data or {}, "data"))


def page(*figures: LiveFigure, title: str = "Live figures", theme: str | None = None) -> str:
    """Return one HTML page that holds several figures, each independent of the others."""
    if theme not in (None, "light", "dark"):
        raise ValueError(f'theme: expected None, "light" or "dark", got {theme!r}')
    attribute = f' data-theme="{theme}"' if theme else ""
    body = "\n".join(one._repr_html_() for one in figures)
    return (
        f'<!DOCTYPE html>\n<html lang="en"{attribute}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n"
        '<link rel="icon" href="data:,">\n'
        "<style>body{max-width:56rem;margin:0 auto;padding:0 1rem;font-family:system-ui,sans-serif;"
        "background:#fff}html[data-theme=dark] body{background:#10151b}"
        "@media(prefers-color-scheme:dark){html:not([data-theme]) body{background:#10151b}}"
        "@media(max-width:480px){body{padding:0 .5rem}}</style>\n"
        f"</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _plain(value: Any, where: str) -> Any:
    """Turn arrays and NumPy numbers into what JSON holds; refuse the rest by its name."""
    if isinstance(value, dict):
        return {str(key): _plain(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), where)
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, np.generic):
        return _plain(value.item(), where)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where}: expected finite numbers, got {value}")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{where}: a figure cannot hold a {type(value).__name__}")


def _json(data: dict[str, Any]) -> str:
    """JSON that may stand inside a script element: no tag and no comment can begin in it."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
