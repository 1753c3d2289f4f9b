"""Figures that readers can move, on a static page and in a notebook alike.

Every figure is one block of HTML: its data, its drawing code and nothing else.
It asks no server, no kernel and no other file, so it runs in JupyterLab, in the
built book and in a page opened from a disk.

>>> from geneml import live
>>> live.heritability()                              # doctest: +SKIP
>>> live.figure("shift", title="...", description="...").save("shift.html")  # doctest: +SKIP
"""

from __future__ import annotations

from geneml.live.figure import LiveFigure, figure
from geneml.live.figures import (
    dominance,
    heritability,
    replicates,
    shift,
)

__all__ = [
    "LiveFigure",
    "dominance",
    "figure",
    "heritability",
    "replicates",
    "shift",
]
