"""Simulated genotypes, pedigrees and traits, always with the truth attached.

``sequences`` makes mutated copies of a reference, ``populations`` genotypes with and without
linkage disequilibrium, ``pedigrees`` families, ``traits`` phenotypes with exactly the heritability
asked for, and ``studies`` the cohorts that the chapters use. Submodules load when first used.
"""

from __future__ import annotations

import importlib
from types import ModuleType

_SUBMODULES = ("pedigrees", "populations", "sequences", "studies", "traits")

__all__ = list(_SUBMODULES)


def __getattr__(name: str) -> ModuleType:
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
