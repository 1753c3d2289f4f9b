"""Figures that readers can move, on a static page and in a notebook alike.

Every figure is one block of HTML: its data, its drawing code and nothing else.
It asks no server, no kernel and no other file, so it runs in JupyterLab, in the
built book and in a page opened from a disk.

>>> from geneml import live
>>> live.heritability()                              # doctest: +SKIP
>>> live.shift().save("shift.html")                  # doctest: +SKIP
"""

from __future__ import annotations

from geneml.live.breeding import gblup, gibbs, shrinkage
from geneml.live.comparing import ceiling, contest, peeking
from geneml.live.credit import disagreement, linked_credit, shapley_game
from geneml.live.curation import imbalance, quiet_test, relatives, replicates, shift
from geneml.live.expectile import expectile_balance, expectile_fan
from geneml.live.expectile_network import expectile_network
from geneml.live.figure import LiveFigure, figure
from geneml.live.gates import gated_block, soft_selection
from geneml.live.genetics import (
    convolution,
    dominance,
    heritability,
    linkage,
    one_hot,
    selection_index,
)
from geneml.live.interactions import epistasis, pair_search
from geneml.live.motifs import motif_scan
from geneml.live.mutagenesis import mutagenesis
from geneml.live.mutate import mutate
from geneml.live.relationship import pedigree, scree
from geneml.live.training import descent, early_stopping, overfit
from geneml.live.transfer import transfer_map

__all__ = [
    "LiveFigure",
    "ceiling",
    "contest",
    "convolution",
    "descent",
    "disagreement",
    "dominance",
    "early_stopping",
    "epistasis",
    "expectile_balance",
    "expectile_fan",
    "expectile_network",
    "figure",
    "gated_block",
    "gblup",
    "gibbs",
    "heritability",
    "imbalance",
    "linkage",
    "linked_credit",
    "motif_scan",
    "mutagenesis",
    "mutate",
    "one_hot",
    "overfit",
    "pair_search",
    "pedigree",
    "peeking",
    "quiet_test",
    "relatives",
    "replicates",
    "scree",
    "selection_index",
    "shapley_game",
    "shift",
    "shrinkage",
    "soft_selection",
    "transfer_map",
]
