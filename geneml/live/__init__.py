"""Figures that readers can move, on a static page and in a notebook alike.

Every figure is one block of HTML: its data, its drawing code and nothing else.
It asks no server, no kernel and no other file, so it runs in JupyterLab, in the
built book and in a page opened from a disk.

>>> from geneml import live
>>> live.heritability()                              # doctest: +SKIP
>>> live.shift().save("shift.html")                  # doctest: +SKIP
"""

from __future__ import annotations

from geneml.live.curation import imbalance, quiet_test, relatives, replicates, shift
from geneml.live.figure import LiveFigure, figure
from geneml.live.genetics import convolution, dominance, heritability, linkage, one_hot
from geneml.live.mutate import mutate
from geneml.live.training import descent, early_stopping, overfit

__all__ = [
    "LiveFigure",
    "convolution",
    "descent",
    "dominance",
    "early_stopping",
    "figure",
    "heritability",
    "imbalance",
    "linkage",
    "mutate",
    "one_hot",
    "overfit",
    "quiet_test",
    "relatives",
    "replicates",
    "shift",
]
