"""Relatives: additive relationships, inbreeding and loadings from a pedigree.

A pedigree is three sequences of one length, in any order: each individual and its two
parents, "0" where a parent is unknown.
"""

from geneml.pedigree.relationships import (
    from_cohort,
    inbreeding,
    inverse_relationship,
    relationship_matrix,
)
from geneml.pedigree.scree import RULES, Loadings, elbow, loadings

__all__ = [
    "RULES",
    "Loadings",
    "elbow",
    "from_cohort",
    "inbreeding",
    "inverse_relationship",
    "loadings",
    "relationship_matrix",
]
