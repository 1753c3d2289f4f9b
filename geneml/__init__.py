"""Predicting traits from genotypes with neural networks, on anyone's data.

Submodules are loaded when first used, so ``import geneml`` is quick and a
command that trains nothing never waits for TensorFlow.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

try:
    __version__ = version("geneml")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

_SUBMODULES = (
    "adjust",
    "alignment",
    "baselines",
    "cohort",
    "datasets",
    "encoding",
    "evaluation",
    "expectiles",
    "interpret",
    "intervals",
    "layers",
    "live",
    "losses",
    "metrics",
    "models",
    "notice",
    "pedigree",
    "plots",
    "predictor",
    "readers",
    "records",
    "regularizers",
    "splits",
    "training",
    "tuning",
    "workflow",
)

__all__ = ["__version__", *_SUBMODULES]


def __getattr__(name: str) -> ModuleType:
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
