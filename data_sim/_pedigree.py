"""The record of a pedigree, and the relationships it implies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Pedigree:
    """Who descends from whom; parents always stand before their offspring.

    Attributes
    ----------
    individual : numpy.ndarray of int64, shape (n,)
        0, 1, ..., n - 1.
    father, mother : numpy.ndarray of int64, shape (n,)
        The parents' numbers, -1 where unknown (founders). Equal where a plant was selfed.
    generation : numpy.ndarray of int64, shape (n,)
        0 for founders.
    sex : numpy.ndarray of int64, shape (n,)
        1 male, 2 female, 0 both (selfing), as in PLINK.
    """

    individual: np.ndarray
    father: np.ndarray
    mother: np.ndarray
    generation: np.ndarray
    sex: np.ndarray

    @property
    def founders(self) -> np.ndarray:
        """Numbers of the individuals without known parents."""
        return self.individual[(self.father < 0) & (self.mother < 0)]

    @property
    def family(self) -> np.ndarray:
        """One number per pair of parents, (n,); -1 for founders."""
        pairs = np.column_stack([self.father, self.mother])
        known = self.father >= 0
        family = np.full(len(pairs), -1, dtype=np.int64)
        family[known] = np.unique(pairs[known], axis=0, return_inverse=True)[1].ravel()
        return family

    def to_frame(self) -> pd.DataFrame:
        """One row per individual: individual, father, mother, generation, sex."""
        return pd.DataFrame(
            {
                "individual": self.individual,
                "father": self.father,
                "mother": self.mother,
                "generation": self.generation,
                "sex": self.sex,
            }
        )


def relationship_matrix(pedigree: Pedigree) -> np.ndarray:
    """Additive relationships A by the tabular method (Emik & Terrill 1949): twice the kinship.

    Diagonal 1 + F, full sibs 0.5, half sibs 0.25 (of unrelated parents). Shape (n, n), float64,
    so about 8 n^2 bytes.

    Raises
    ------
    TypeError
        If `pedigree` is not a Pedigree.
    """
    if not isinstance(pedigree, Pedigree):
        raise TypeError(f"pedigree must be a Pedigree, got {type(pedigree).__name__}.")
    n = pedigree.individual.size
    # The last row and column, index -1, stay zero: they stand for an unknown parent.
    relationship = np.zeros((n + 1, n + 1))
    for i, (father, mother) in enumerate(zip(pedigree.father, pedigree.mother, strict=True)):
        parents = 0.5 * (relationship[father, :i] + relationship[mother, :i])
        relationship[i, :i] = relationship[:i, i] = parents
        relationship[i, i] = 1 + 0.5 * relationship[father, mother]
    return relationship[:n, :n]
