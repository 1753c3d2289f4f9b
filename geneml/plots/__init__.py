"""Pictures: each function returns a figure that carries its own alternative text.

The figures use colours that remain apart for colour-blind readers (Okabe & Ito 2008), never
colour alone, and no global matplotlib setting. In a notebook a figure shows itself as an image
with its alternative text; :func:`show` does so from the middle of a cell, for any matplotlib
figure.
"""

from geneml.plots._figure import COLOURS, LINES, MARKERS, CourseFigure, new_figure, show, to_html
from geneml.plots.attributions import attribution_map
from geneml.plots.contests import gain_and_time, method_scores, who_wins_where
from geneml.plots.distributions import distributions
from geneml.plots.encodings import encoding, one_hot_map
from geneml.plots.expectiles import expectile_balance, ordered_expectiles
from geneml.plots.genotypes import (
    allele_frequency_spectrum,
    genotype_trait,
    linkage_disequilibrium,
)
from geneml.plots.interactions import interaction_map
from geneml.plots.logos import logo
from geneml.plots.posteriors import likelihood_curve, shrinkage, traces
from geneml.plots.relatives import loadings_map, pedigree, relationship_map, scree
from geneml.plots.results import (
    comparison,
    learning_curve,
    predicted_vs_observed,
)
from geneml.plots.selection import genotype_curves, ordered_weights
from geneml.plots.tracks import locus_track

__all__ = [
    "COLOURS",
    "LINES",
    "MARKERS",
    "CourseFigure",
    "allele_frequency_spectrum",
    "attribution_map",
    "comparison",
    "distributions",
    "encoding",
    "expectile_balance",
    "gain_and_time",
    "genotype_curves",
    "genotype_trait",
    "interaction_map",
    "learning_curve",
    "likelihood_curve",
    "linkage_disequilibrium",
    "loadings_map",
    "locus_track",
    "logo",
    "method_scores",
    "new_figure",
    "one_hot_map",
    "ordered_expectiles",
    "ordered_weights",
    "pedigree",
    "predicted_vs_observed",
    "relationship_map",
    "scree",
    "show",
    "shrinkage",
    "to_html",
    "traces",
    "who_wins_where",
]
