"""Many small networks trained at once: splits, levels, penalties, sizes and seeds differ.

A study of 50 splits, five levels of the expectile, five penalties and eight hidden sizes has
10,000 networks, each too small to keep a processor busy. Here they are trained along a replicate
axis, and a test shows that each comes out as if it had been trained alone.
"""

from geneml.replicates.comparison import METHODS, TransferComparison, compare_transfer
from geneml.replicates.networks import Networks
from geneml.replicates.plan import Plan
from geneml.replicates.training import train

__all__ = ["METHODS", "Networks", "Plan", "TransferComparison", "compare_transfer", "train"]
