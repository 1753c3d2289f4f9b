"""Explaining a trained network, and scoring the explanation against a known truth.

One verb a module: :mod:`~geneml.interpret.saliency` follows gradients,
:mod:`~geneml.interpret.mutagenesis` changes one base at a time,
:mod:`~geneml.interpret.shapley` shares the prediction out,
:mod:`~geneml.interpret.interactions` looks for epistasis,
:mod:`~geneml.interpret.motifs` reads filters, :mod:`~geneml.interpret.visible` reads the
nodes of a network wired by biology, and :mod:`~geneml.interpret.truth` says how far any of
them can be believed.
"""

from geneml.interpret.attribution import Attribution

__all__ = ["Attribution"]
