"""Keras layers: genotypes into numbers, self-attention, wiring by groups, replicates.

Only ``keras.ops`` is used, so the layers run on every Keras backend and are saved together
with the network.
"""

from geneml.layers.attention import AlleleEmbedding, PositionSum, SelfAttention
from geneml.layers.genotypes import (
    GenotypeEncoder,
    OneHotGenotypes,
    adapt_encoders,
    genotype_encoders,
    genotype_moments,
)
from geneml.layers.replicates import ReplicateDense
from geneml.layers.wiring import GroupedDense

__all__ = [
    "AlleleEmbedding",
    "GenotypeEncoder",
    "GroupedDense",
    "OneHotGenotypes",
    "PositionSum",
    "ReplicateDense",
    "SelfAttention",
    "adapt_encoders",
    "genotype_encoders",
    "genotype_moments",
]
