"""Real chromosomes, one row each: what linkage disequilibrium looks like in people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from geneml._checks import some


@dataclass(frozen=True, eq=False)
class Haplotypes:
    """Haplotypes of one region, with the populations that they come from.

    Attributes
    ----------
    haplotypes : numpy.ndarray
        int8, shape (h, p): whether the alternative allele is there, 0 or 1. Rows 2i and
        2i + 1 are the two chromosomes of person i.
    positions : numpy.ndarray
        int64, shape (p,): base pairs, ascending.
    ids : numpy.ndarray
        str, shape (p,): names of the variants.
    population, super_population : numpy.ndarray
        str, shape (h,): where each haplotype comes from, such as "YRI" in "AFR".
    origin : str
        Where the data came from, in words.
    is_real : bool
        False for simulated data.
    """

    haplotypes: np.ndarray = field(repr=False)
    positions: np.ndarray = field(repr=False)
    ids: np.ndarray = field(repr=False)
    population: np.ndarray = field(repr=False)
    super_population: np.ndarray = field(repr=False)
    origin: str = ""
    is_real: bool = False

    def frequency(self) -> np.ndarray:
        """Return the frequency of the alternative allele: float64, shape (p,)."""
        return self.haplotypes.mean(axis=0)

    def select(
        self, super_populations: Iterable[str] | None = None, *, minimum_frequency: float = 0.0
    ) -> Haplotypes:
        """Return the haplotypes of some super-populations, at variants that are common there.

        Parameters
        ----------
        super_populations : iterable of str, optional
            Such as ``("AFR", "EUR")``; all by default. Rows keep their order.
        minimum_frequency : float
            Variants whose rarer allele is less frequent among the rows kept are left out,
            in [0, 0.5].

        Returns
        -------
        Haplotypes

        Raises
        ------
        TypeError
            When `super_populations` is one string.
        ValueError
            When a super-population is unknown, the frequency is out of range, or no
            variant is left.
        """
        check_minimum(minimum_frequency)
        there = np.unique(self.super_population)
        if isinstance(super_populations, str):
            raise TypeError(
                f"super_populations: expected several names, received the string "
                f"{super_populations!r}; write ({super_populations!r},)"
            )
        chosen = list(there if super_populations is None else super_populations)
        unknown = [name for name in chosen if name not in there]
        if unknown or not chosen:
            raise ValueError(
                f"super_populations: expected some of {', '.join(there)}; received "
                f"{some(unknown) if unknown else 'none'}"
            )
        rows = np.isin(self.super_population, chosen)
        frequency = self.haplotypes[rows].mean(axis=0)
        kept = np.minimum(frequency, 1 - frequency) >= minimum_frequency
        if not kept.any():
            raise ValueError(
                f"minimum_frequency: expected one that some variant reaches, received "
                f"{minimum_frequency:g}"
            )
        return Haplotypes(
            haplotypes=np.ascontiguousarray(self.haplotypes[np.ix_(rows, kept)]),
            positions=self.positions[kept],
            ids=self.ids[kept],
            population=self.population[rows],
            super_population=self.super_population[rows],
            origin=self.origin,
            is_real=self.is_real,
        )


def check_minimum(value: float) -> None:
    """Raise where a minimum frequency is not in [0, 0.5]."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"minimum_frequency: expected a number, received {type(value).__name__}")
    if not 0 <= value <= 0.5:
        raise ValueError(f"minimum_frequency: expected a share in [0, 0.5], received {value:g}")


def from_panel(panel: object, origin: str) -> Haplotypes:
    """Return the haplotypes of a simulated panel, as a stand-in.

    Parameters
    ----------
    panel : object
        With ``haplotypes`` (2n, p), ``positions`` (p,) and ``ancestry`` (n,), such as
        ``data_sim.studies.HaplotypePanel``.
    origin : str
        Where it came from, in words.
    """
    absent = [x for x in ("haplotypes", "positions", "ancestry") if not hasattr(panel, x)]
    if absent:
        raise TypeError(
            "stand_in: expected a function that returns haplotypes, positions and ancestry; "
            f"received {type(panel).__name__}, without {some(absent)}"
        )
    haplotypes = np.asarray(panel.haplotypes, dtype=np.int8)  # type: ignore[attr-defined]
    positions = np.asarray(panel.positions, dtype=np.int64)  # type: ignore[attr-defined]
    ancestry = np.repeat(np.asarray(panel.ancestry).astype(str), 2)  # type: ignore[attr-defined]
    return Haplotypes(
        haplotypes=haplotypes,
        positions=positions,
        ids=np.array([f"variant{i + 1}" for i in range(positions.size)]),
        population=ancestry,
        super_population=ancestry,
        origin=origin,
    )
