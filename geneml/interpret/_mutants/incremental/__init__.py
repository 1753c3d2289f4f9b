"""Mutagenesis that computes only what a substitution reaches.

A plan (:mod:`~geneml.interpret._mutants.incremental.plan`) is made of the layers of a network
(:mod:`~geneml.interpret._mutants.incremental.graph`,
:mod:`~geneml.interpret._mutants.incremental.lowering`). Each layer becomes steps that know how a
change passes through them: convolutions and dense layers are linear, so that changes go
through the same weights; activations and pooling compare before and after inside the window.
What is carried are changes, not activations, which also keeps digits that the difference of
two nearly equal predictions would lose.
"""

from geneml.interpret._mutants.incremental.engine import IncrementalEngine
from geneml.interpret._mutants.incremental.plan import Plan, make_plan
from geneml.interpret._mutants.incremental.states import NotUnderstood

__all__ = ["IncrementalEngine", "NotUnderstood", "Plan", "make_plan"]
