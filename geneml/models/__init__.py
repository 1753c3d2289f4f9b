"""Networks: functions that return an untrained ``keras.Model``."""

from geneml.models.attention import attention
from geneml.models.cnn import cnn, thesis_network
from geneml.models.dense import dense
from geneml.models.enn import enn
from geneml.models.grvsnn import grvsnn, ridge_start
from geneml.models.lassonet import lassonet
from geneml.models.visible import rewired, visible

__all__ = [
    "attention",
    "cnn",
    "dense",
    "enn",
    "grvsnn",
    "lassonet",
    "rewired",
    "ridge_start",
    "thesis_network",
    "visible",
]
