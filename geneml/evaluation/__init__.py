"""Comparing methods on the same folds, honestly.

A comparison is only as good as what it holds equal: the same folds for every method, traits
of the test rows that no method can see, corrections and tuning inside each fold, and
differences whose interval respects that folds share their training rows.
"""

from geneml.evaluation.comparison import Comparison, Wins
from geneml.evaluation.folds import repeated_k_fold
from geneml.evaluation.inputs import Correction, Inputs, Predicted
from geneml.evaluation.running import compare

__all__ = [
    "Comparison",
    "Correction",
    "Inputs",
    "Predicted",
    "Wins",
    "compare",
    "repeated_k_fold",
]
