"""New haplotypes that copy given ones piece by piece, after Li & Stephens (2003)."""

from __future__ import annotations

import numpy as np

_POPULATION_SIZE = 10_000  # effective number of diploid people
_RECOMBINATION_RATE = 1.2e-8  # per base and generation


def mosaic(
    haplotypes: np.ndarray, positions: np.ndarray, n: int, generator: np.random.Generator
) -> np.ndarray:
    """Make n haplotypes as mosaics of k given ones.

    The copying model of Li & Stephens (2003, Genetics 165:2213) without mutation. A new
    haplotype starts as a copy of one drawn at random. Between neighbouring loci d bases apart
    it jumps to another random one with probability 1 - exp(-4 N r d / k), with N = 10,000 people
    and r = 1.2e-8. So allele frequencies are those of the source in expectation, and the
    correlation of two loci is that of the source times exp(-4 N r d / k). With many given
    haplotypes jumps are rare: new haplotypes share long pieces with one another, as those of
    distant relatives do. They are no independent draws from a population.

    Parameters
    ----------
    haplotypes : numpy.ndarray of int8, shape (k, p)
        Haplotypes of one population.
    positions : numpy.ndarray of int64, shape (p,)
        Base pairs, ascending.
    n : int
        How many to make.
    generator : numpy.random.Generator
        Source of chance.

    Returns
    -------
    numpy.ndarray of int8, shape (n, p)
    """
    k, p = haplotypes.shape
    jump = jump_probability(positions, k)
    made = np.empty((n, p), dtype=np.int8)
    loci = np.arange(p)
    for row in range(n):
        # Where the copy starts anew: at the first locus, and at each jump.
        new = generator.random(p) < jump
        new[0] = True
        starts = np.flatnonzero(new)
        copied = generator.integers(0, k, size=starts.size)
        made[row] = haplotypes[np.repeat(copied, np.diff(np.append(starts, p))), loci]
    return made


def jump_probability(positions: np.ndarray, k: int) -> np.ndarray:
    """Probability of a jump just before each locus; shape (p,), 0 for the first."""
    distance = np.diff(positions, prepend=positions[0])
    return -np.expm1(-4 * _POPULATION_SIZE * _RECOMBINATION_RATE * distance / k)
