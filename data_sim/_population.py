"""The record of a simulated population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Population:
    """Genotypes of n individuals at p loci, with what the simulator knows about them.

    Attributes
    ----------
    genotypes : numpy.ndarray of int8, shape (n, p)
        Copies of the counted (derived) allele: 0, 1, 2, or -1 where missing.
    positions : numpy.ndarray of int64, shape (p,)
        Base-pair positions, ascending within a chromosome.
    chromosomes : numpy.ndarray of str, shape (p,)
        Name of the chromosome of each locus.
    allele_frequency : numpy.ndarray of float64, shape (p,)
        Frequency of the counted allele among these individuals, missing genotypes left out.
    haplotypes : numpy.ndarray of int8, shape (n, 2, p)
        The two chromosomes of each individual, complete also where `genotypes` is missing.
    ancestry : numpy.ndarray of float64, shape (n,), or None
        Share of the genome that comes from the second population, in [0, 1].
    drawn_frequency : numpy.ndarray of float64, shape (p,), or None
        The frequency that the genotypes were drawn from, where the simulator has one.
    """

    genotypes: np.ndarray
    positions: np.ndarray
    chromosomes: np.ndarray
    allele_frequency: np.ndarray
    haplotypes: np.ndarray
    ancestry: np.ndarray | None = None
    drawn_frequency: np.ndarray | None = None

    @property
    def complete_genotypes(self) -> np.ndarray:
        """Genotypes before any was hidden: int8, shape (n, p)."""
        return self.haplotypes[:, 0] + self.haplotypes[:, 1]


def observed_frequency(genotypes: np.ndarray) -> np.ndarray:
    """Frequency of the counted allele at each locus, missing genotypes (-1) left out.

    A locus at which every genotype is missing gets NaN.
    """
    copies = np.where(genotypes > 0, genotypes, 0).sum(axis=0, dtype=np.int64)
    observed = (genotypes >= 0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return copies / (2.0 * observed)


def population_from_haplotypes(
    haplotypes: np.ndarray, positions: np.ndarray, chromosomes: np.ndarray, **others: Any
) -> Population:
    """Make a Population of complete genotypes from haplotypes of shape (n, 2, p)."""
    genotypes = haplotypes[:, 0] + haplotypes[:, 1]
    return Population(
        genotypes=genotypes,
        positions=np.asarray(positions, dtype=np.int64),
        chromosomes=np.asarray(chromosomes, dtype=str),
        allele_frequency=observed_frequency(genotypes),
        haplotypes=haplotypes,
        **others,
    )
