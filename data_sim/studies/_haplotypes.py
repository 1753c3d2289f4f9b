"""People of one region: simulated once, or made from haplotypes that are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from data_sim._human import distinct_loci, evenly_spaced
from data_sim._mosaic import mosaic

AFRICAN, EUROPEAN = "AFR", "EUR"  # as the 1000 Genomes Project names its super-populations
MINIMUM_ALLELE_FREQUENCY = 0.05


@dataclass(frozen=True)
class HaplotypePanel:
    """Haplotypes of n people at p loci of one region, on which traits can be drawn again and again.

    Attributes
    ----------
    haplotypes : numpy.ndarray of int8, shape (2n, p)
        Whether the counted allele is there, 0 or 1; rows 2i and 2i + 1 are person i.
    ancestry : numpy.ndarray of str, shape (n,)
        Ancestry of each person, such as "AFR" or "EUR".
    positions : numpy.ndarray of int64, shape (p,)
        Base pairs, ascending.
    genes : numpy.ndarray of str, shape (p,)
        Gene that each locus is counted to.
    chromosome : str
        Name of the chromosome.
    """

    haplotypes: np.ndarray
    ancestry: np.ndarray
    positions: np.ndarray
    genes: np.ndarray
    chromosome: str

    @property
    def genotypes(self) -> np.ndarray:
        """Copies of the counted allele: int8, shape (n, p)."""
        return self.haplotypes[0::2] + self.haplotypes[1::2]


def group_sizes(n: int, labels: np.ndarray, african_share: float) -> dict[str, int]:
    """How many of n people each ancestry gets.

    With AFR and EUR, as asked for; with other labels, as many as their share of `labels`.
    """
    names, counts = np.unique(labels, return_counts=True)
    if names.tolist() == [AFRICAN, EUROPEAN]:
        shares = np.array([african_share, 1 - african_share])
    else:
        shares = counts / counts.sum()
    edges = np.round(np.cumsum(shares) * n).astype(int)
    sizes = np.diff(np.concatenate([[0], edges]))
    return dict(zip(names.tolist(), sizes.tolist(), strict=True))


def draw_people(
    panel: HaplotypePanel,
    n: int,
    n_loci: int,
    african_share: float,
    generator: np.random.Generator,
) -> HaplotypePanel:
    """N of the people of a panel, nobody twice, at n_loci evenly spaced loci."""
    if n_loci > panel.positions.size:
        raise ValueError(
            f"n_loci asks for {n_loci} loci, but the haplotypes have {panel.positions.size}: ask "
            "for fewer."
        )
    chosen = []
    for name, size in group_sizes(n, panel.ancestry, african_share).items():
        there = np.flatnonzero(panel.ancestry == name)
        if size > there.size:
            raise ValueError(
                f"n={n} asks for {size} people of ancestry {name}, but the panel has "
                f"{there.size}: ask for fewer, or simulate more haplotypes."
            )
        # Everybody: in order, so that a whole panel stays as it is.
        whole = size == there.size
        chosen.append(there if whole else np.sort(generator.choice(there, size, replace=False)))
    people = np.concatenate(chosen)
    loci = evenly_spaced(np.arange(panel.positions.size), n_loci)
    rows = np.column_stack([2 * people, 2 * people + 1]).ravel()
    return HaplotypePanel(
        haplotypes=np.ascontiguousarray(panel.haplotypes[np.ix_(rows, loci)]),
        ancestry=panel.ancestry[people],
        positions=panel.positions[loci],
        genes=panel.genes[loci],
        chromosome=panel.chromosome,
    )


def people_from_haplotypes(
    haplotypes: Any,
    ancestry: Any,
    positions: Any,
    n: int,
    n_loci: int,
    african_share: float,
    generator: np.random.Generator,
) -> HaplotypePanel:
    """N people from haplotypes of shape (N, p), with common loci that differ.

    Within each ancestry haplotypes are paired at random. Where there are too few, new ones are
    made as mosaics of those given.
    """
    source, labels, places = _checked(haplotypes, ancestry, positions)
    made, names = [], []
    for name, size in group_sizes(n, labels, african_share).items():
        there = source[labels == name]
        if 2 * size <= len(there):
            made.append(there[generator.permutation(len(there))[: 2 * size]])
        elif positions is None:
            raise ValueError(
                f"n={n} needs {2 * size} haplotypes of ancestry {name}, but {len(there)} are "
                "given: give positions too, so that mosaics of them can be made, or ask for "
                "fewer people."
            )
        else:
            made.append(mosaic(there, places, 2 * size, generator))
        names.append(np.repeat(name, size))
    people = np.concatenate(made)
    genotypes = people[0::2] + people[1::2]
    frequency = genotypes.mean(axis=0) / 2
    common = np.minimum(frequency, 1 - frequency) >= MINIMUM_ALLELE_FREQUENCY
    kept = np.flatnonzero(common)
    kept = kept[distinct_loci(genotypes[:, kept])]
    if kept.size < n_loci:
        raise ValueError(
            f"n_loci asks for {n_loci} loci, but {kept.size} of the {places.size} given have a "
            f"minor allele frequency of {MINIMUM_ALLELE_FREQUENCY:g} or more and differ from one "
            "another: ask for fewer."
        )
    kept = evenly_spaced(kept, n_loci)
    return HaplotypePanel(
        haplotypes=np.ascontiguousarray(people[:, kept]),
        ancestry=np.concatenate(names).astype(str),
        positions=places[kept],
        genes=np.full(n_loci, "region"),
        chromosome="0",
    )


def _checked(
    haplotypes: Any, ancestry: Any, positions: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    source = np.asarray(haplotypes)
    if source.dtype.kind not in "iub":
        raise TypeError(
            "haplotypes must be a HaplotypePanel or an array of whole numbers 0 and 1, got "
            f"dtype {source.dtype}."
        )
    if source.ndim != 2 or len(source) < 4 or source.shape[1] < 1:
        raise ValueError(
            "haplotypes must have shape (haplotypes, loci), with four or more haplotypes, got "
            f"shape {source.shape}."
        )
    if source.min() < 0 or source.max() > 1:
        raise ValueError(
            "haplotypes must hold 0 and 1, one row a chromosome, got values from "
            f"{source.min()} to {source.max()}. Genotypes 0, 1, 2 are no haplotypes."
        )
    count, p = source.shape
    labels = np.full(count, "all") if ancestry is None else np.asarray(ancestry).astype(str)
    if labels.shape != (count,):
        raise ValueError(
            f"ancestry must be one label a haplotype, shape ({count},), got shape {labels.shape}."
        )
    places = np.arange(1, p + 1) if positions is None else np.asarray(positions)
    if places.shape != (p,) or places.dtype.kind not in "iuf":
        raise ValueError(
            f"positions must be one number a locus, shape ({p},), got shape {places.shape}."
        )
    if np.any(np.diff(places) < 0):
        raise ValueError("positions must ascend: sort the loci by position first.")
    return source.astype(np.int8, copy=False), labels, places.astype(np.int64)
