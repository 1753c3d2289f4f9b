"""Genes dropped down a pedigree, and along chromosomes.

Gene dropping (MacCluer et al. 1986): every founder carries two haplotypes, every meiosis passes
on a mosaic of the parent's two, with crossovers as in Haldane (1919), that is without
interference.
"""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_number
from data_sim._pedigree import Pedigree
from data_sim._random import Seed, as_generator

_BLOCK = 8_000_000  # random numbers drawn at once


def drop_genes(
    pedigree: Pedigree,
    founder_haplotypes: np.ndarray,
    positions: np.ndarray,
    *,
    chromosomes: np.ndarray | None = None,
    recombination_rate: float = 1e-8,
    seed: Seed,
) -> np.ndarray:
    """Drop the founders' haplotypes down a pedigree.

    Parameters
    ----------
    pedigree : Pedigree
        With n individuals of whom f are founders.
    founder_haplotypes : numpy.ndarray of int8, shape (f, 2, p)
        In the order of ``pedigree.founders``. Any small integers: alleles 0 and 1, or a
        different number for each founder haplotype, to follow identity by descent.
    positions : numpy.ndarray, shape (p,)
        Base pairs, not descending within a chromosome.
    chromosomes : numpy.ndarray, shape (p,), optional
        Loci on different chromosomes are inherited independently; loci of one chromosome stand
        together. By default there is one chromosome.
    recombination_rate : float
        Crossovers per base and meiosis (1e-8 is 1 centimorgan per megabase).
    seed : int or numpy.random.Generator
        The same seed gives the same haplotypes.

    Returns
    -------
    numpy.ndarray, shape (n, 2, p), dtype of `founder_haplotypes`
        Axis 1: the haplotype from the father, then the one from the mother.

    Raises
    ------
    TypeError
        If `pedigree` is not a Pedigree or `founder_haplotypes` not whole numbers.
    ValueError
        If shapes do not match, positions descend, or the rate is out of range.
    """
    if not isinstance(pedigree, Pedigree):
        raise TypeError(f"pedigree must be a Pedigree, got {type(pedigree).__name__}.")
    founders = np.asarray(founder_haplotypes)
    if founders.dtype.kind not in "iu":
        raise TypeError(f"founder_haplotypes must be whole numbers, got dtype {founders.dtype}.")
    expected = pedigree.founders.size
    if founders.ndim != 3 or founders.shape[:2] != (expected, 2):
        raise ValueError(
            f"founder_haplotypes must have shape ({expected}, 2, p), two haplotypes for each "
            f"founder of the pedigree; got {founders.shape}."
        )
    switch = recombination_fractions(
        positions, chromosomes=chromosomes, recombination_rate=recombination_rate
    )
    p = founders.shape[2]
    if switch.size != p:
        raise ValueError(f"positions has {switch.size} loci but founder_haplotypes has {p}.")
    generator = as_generator(seed)
    haplotypes = np.empty((pedigree.individual.size, 2, p), dtype=founders.dtype)
    haplotypes[pedigree.founders] = founders
    rows = max(1, _BLOCK // max(p, 1))
    for generation in np.unique(pedigree.generation)[1:]:
        members = pedigree.individual[pedigree.generation == generation]
        for side, parents in enumerate((pedigree.father, pedigree.mother)):
            for start in range(0, members.size, rows):
                block = members[start : start + rows]
                haplotypes[block, side] = make_gametes(
                    haplotypes, parents[block], switch, generator
                )
    return haplotypes


def make_gametes(
    haplotypes: np.ndarray,
    parents: np.ndarray,
    switch: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    """One gamete (p loci) of each of the given parents: shape (len(parents), p).

    `switch` is the probability of a recombination between each locus and the one before, with
    0.5 at the first locus, where either haplotype may be passed on.
    """
    crossed = generator.random((len(parents), switch.size), dtype=np.float32) < switch.astype(
        np.float32
    )
    second = np.logical_xor.accumulate(crossed, axis=1)
    return np.where(second, haplotypes[parents, 1], haplotypes[parents, 0])


def recombination_fractions(
    positions: np.ndarray,
    *,
    chromosomes: np.ndarray | None = None,
    recombination_rate: float = 1e-8,
) -> np.ndarray:
    """Recombination fraction between each locus and the one before, by Haldane's map function.

    ``r = (1 - exp(-2 d)) / 2`` for a distance of d Morgan; 0.5 at the first locus of each
    chromosome. Shape (p,). Arguments and errors as in `drop_genes`.
    """
    rate = check_number("recombination_rate", recombination_rate, 0)
    places = np.asarray(positions, dtype=np.float64)
    if places.ndim != 1 or places.size == 0:
        raise ValueError(f"positions must be a list of base pairs, got shape {places.shape}.")
    names = np.zeros(places.size) if chromosomes is None else np.asarray(chromosomes)
    if names.shape != places.shape:
        raise ValueError(
            f"chromosomes must name the chromosome of each of the {places.size} loci, got shape "
            f"{names.shape}."
        )
    new = np.concatenate([[True], names[1:] != names[:-1]])
    if int(new.sum()) != np.unique(names).size:
        raise ValueError("the loci of a chromosome must stand together: sort by chromosome.")
    distance = np.diff(places, prepend=places[0])
    if np.any(distance[~new] < 0):
        raise ValueError("positions must not descend within a chromosome: sort them.")
    return np.where(new, 0.5, (1 - np.exp(-2 * rate * np.where(new, 0, distance))) / 2)
