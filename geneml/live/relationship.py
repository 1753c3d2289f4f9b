"""Figures about relatives: a pedigree to edit, and the loadings of a relationship matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml.live.arguments import one_of as _one_of
from geneml.live.arguments import seeded as _seeded
from geneml.live.figure import LiveFigure, figure
from geneml.pedigree import RULES, loadings, relationship_matrix

_MOST = 10  # animals that fit the width of a phone

# Name, title, and each animal with its father and mother.
PRESETS: tuple[tuple[str, str, str], ...] = (
    ("half sibs", "Half sibs", "A00 B00 C00 DAB EAC FAC GDE"),
    ("sib mating", "Brother with sister", "A00 B00 CAB DAB ECD FCD GEF"),
    ("cousins", "Cousins marry", "A00 B00 C00 DAB EAB F00 GCD HEF IHG"),
    ("backcross", "Backcross to the father", "A00 B00 CAB DAC EAD"),
    ("selfing", "A plant selfed", "A00 BAA CBB DCC"),
    ("unknown parents", "Unknown parents", "A00 B00 CA0 D0B ECD FC0 GEF"),
)


def pedigree(*, start: str = "cousins") -> LiveFigure:
    """A pedigree that the reader edits, with relationships and inbreeding computed in the page.

    By the tabular method (Emik & Terrill 1949, J Hered 40:51); beside it Wright's paths between
    the two animals of a chosen cell (Wright 1922, Am Nat 56:330). Parents that would make an
    animal its own ancestor are refused.

    Parameters
    ----------
    start : str
        The pedigree at the beginning: ``"half sibs"``, ``"sib mating"``, ``"cousins"``,
        ``"backcross"``, ``"selfing"`` or ``"unknown parents"``.
    """
    presets = [
        [key, title, [list(animal) for animal in animals.split()]]
        for key, title, animals in PRESETS
    ]
    keys = [key for key, _, _ in PRESETS]
    return figure(
        "pedigree",
        {"start": _one_of("start", start, keys), "presets": presets, "most": _MOST},
        title="A pedigree and its matrix",
        description="Choose an animal, give it other parents, add one or take one away. The "
        "matrix follows, and so does inbreeding: the small number in a box. Choose a cell to see "
        "which paths make it.",
    )


def scree(*, seed: int = 1) -> LiveFigure:
    """The loadings of a relationship matrix: keep some, and see what is left of it.

    40 animals of three kinds: families of equal size, families of different sizes, and three
    generations of random mating. Each with the ranks of the three rules of
    :func:`geneml.pedigree.loadings`.

    Parameters
    ----------
    seed : int
        Of the random mating.
    """
    rng = np.random.default_rng(_seeded(seed)["seed"])
    uneven = (12, 9, 6, 5, 3, 2, 1, 1, 1)
    cohorts = [
        _cohort("equal", "8 families of 5", "Eight families of five full sibs.", _sibs((5,) * 8)),
        _cohort(
            "uneven",
            "9 families, 12 down to 1",
            f"Nine full-sib families of {', '.join(map(str, uneven))}.",
            _sibs(uneven),
        ),
        _cohort(
            "generations",
            "4 generations",
            "Ten founders and three generations of random mating.",
            _generations(rng),
        ),
    ]
    return figure(
        "scree",
        {"cohorts": cohorts, "animals": 40},
        title="How many loadings are enough?",
        description="Keep the first m loadings and compare what they rebuild with the matrix that "
        "they came from. Three rules for the elbow are marked.",
    )


def _cohort(key: str, title: str, words: str, related: np.ndarray) -> dict[str, Any]:
    full = loadings(related, rank=len(related))
    return {
        "key": key,
        "title": title,
        "words": words,
        "lower": related[np.tril_indices(len(related))].round(6),
        "loadings": full.loadings.ravel().round(6),
        "eigenvalues": full.eigenvalues.round(6),
        "rules": [[rule, loadings(related, rule=rule).rank] for rule in RULES],
    }


def _sibs(sizes: tuple[int, ...]) -> np.ndarray:
    """Relationships of full sibs whose parents are unrelated and not in the list."""
    family = np.repeat(np.arange(len(sizes)), sizes)
    return relationship_matrix(
        np.arange(1, len(family) + 1),
        [f"father {i}" for i in family],
        [f"mother {i}" for i in family],
    )


def _generations(rng: np.random.Generator, size: int = 10, generations: int = 3) -> np.ndarray:
    """Relationships of founders and of generations of random mating, half of each male."""
    parents = np.zeros((2, size), dtype=int)  # 0 stands for an unknown parent
    for generation in range(generations):
        first = 1 + generation * size
        fathers = rng.integers(first, first + size // 2, size)
        mothers = rng.integers(first + size // 2, first + size, size)
        parents = np.hstack([parents, [fathers, mothers]])
    return relationship_matrix(np.arange(1, parents.shape[1] + 1), parents[0], parents[1])
