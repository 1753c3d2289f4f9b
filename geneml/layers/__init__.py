"""Keras layers: genotypes into numbers, attention, wiring by groups, gates, replicates.

Only ``keras.ops`` is used, so the layers run on every Keras backend and are saved together
with the network.
"""

from geneml.layers.attention import AlleleEmbedding, PositionSum, SelfAttention
from geneml.layers.gates import GatedResidual
from geneml.layers.genotypes import (
    GenotypeEncoder,
    OneHotGenotypes,
    adapt_encoders,
    genotype_encoders,
    genotype_moments,
)
from geneml.layers.replicates import ReplicateDense
from geneml.layers.selection import VariableSelection, sparsemax
from geneml.layers.wiring import GroupedDense

__all__ = [
    "AlleleEmbedding",
    "GatedResidual",
    "GenotypeEncoder",
    "GroupedDense",
    "OneHotGenotypes",
    "PositionSum",
    "ReplicateDense",
    "SelfAttention",
    "VariableSelection",
    "adapt_encoders",
    "genotype_encoders",
    "genotype_moments",
    "sparsemax",
]
