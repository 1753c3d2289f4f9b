"""What a comparison with the truth gives back: scores, and what chance would score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True, eq=False)
class _Recovery:
    """How well a ranking finds what it should; see :class:`LocusRecovery`."""

    average_precision: float
    found: float
    found_in_top: float
    rank_of_each: np.ndarray
    wanted: np.ndarray
    n_candidates: int
    top: int
    chance: float
    chance_found: float
    chance_found_in_top: float
    _what: ClassVar[str]
    _prefix: ClassVar[str]

    @property
    def n_causal(self) -> int:
        """How many there are to find."""
        return len(self.wanted)

    def measures(self) -> dict[str, float]:
        """The scores by name, for :func:`over_replicates`."""
        values = (self.average_precision, self.found, self.found_in_top)
        return dict(zip(self._names(), values, strict=True))

    def chance_measures(self) -> dict[str, float]:
        """The same scores, expected of a ranking by chance."""
        values = (self.chance, self.chance_found, self.chance_found_in_top)
        return dict(zip(self._names(), values, strict=True))

    def labels(self) -> dict[str, str]:
        """What to call each score above a column."""
        texts = (
            "average precision" if not self._prefix else "average precision of pairs",
            f"{self._what} in the top {self.n_causal}, of {self.n_causal}",
            f"{self._what} in the top {self.top}, of {self.n_causal}",
        )
        return dict(zip(self._names(), texts, strict=True))

    def _names(self) -> tuple[str, str, str]:
        return tuple(  # type: ignore[return-value]
            f"{self._prefix}{name}" for name in ("average_precision", "found", "found_in_top")
        )

    def __str__(self) -> str:
        return (
            f"{self.found:.3g} of {self.n_causal} {self._what} in the top {self.n_causal} of "
            f"{self.n_candidates} ({self.chance_found:.2g} by chance), {self.found_in_top:.3g} "
            f"in the top {self.top}; average precision {self.average_precision:.2f} "
            f"({self.chance:.2f} by chance)"
        )


class LocusRecovery(_Recovery):
    """How well a ranking of loci finds the causal ones.

    Tied loci are ranked in every order, and the scores are the means over these orders. So a
    constant importance scores exactly what chance does, and counts need not be whole numbers.

    Attributes
    ----------
    average_precision : float
        Area under the curve of precision and recall, in steps: the mean over the causal loci
        of the precision at their rank. 1 where they fill the top.
    found : float
        Causal loci among the first ``n_causal`` of the ranking.
    found_in_top : float
        Causal loci among the first ``top``.
    rank_of_each : ndarray of float, shape (n_causal,)
        Rank of each, from 1; tied loci share their mean rank.
    wanted : ndarray of int, shape (n_causal,)
        The causal loci, in the order of ``rank_of_each``.
    n_candidates : int
        Loci that were ranked.
    top : int
        Length of the list of ``found_in_top``.
    chance, chance_found, chance_found_in_top : float
        What a random ranking scores on average.
    """

    _what = "causal loci"
    _prefix = ""


class PairRecovery(_Recovery):
    """How well a ranking of pairs finds those that interact.

    Attributes are those of :class:`LocusRecovery`, with pairs for loci: ``wanted`` is
    (n_pairs, 2). A true pair that was no candidate has the rank infinity and counts as missed.
    """

    _what = "true pairs"
    _prefix = "pair_"


@dataclass(frozen=True)
class EffectRecovery:
    """How well the numbers of an explanation agree with the exact ones.

    Attributes
    ----------
    rank_correlation : float
        Spearman's, between the loci's mean sizes. NaN where one side is constant.
    correlation : float
        Pearson's, between signed numbers, over all samples and loci compared.
    sign_agreement : float
        Share of the exact numbers, other than 0, whose sign is met.
    calibration_slope : float
        Slope of the exact numbers on the estimated ones: 1 where sizes are right, above 1
        where the explanation is too small, below 1 where it is too large or noisy.
    n_loci : int
        Loci compared.
    """

    rank_correlation: float
    correlation: float
    sign_agreement: float
    calibration_slope: float
    n_loci: int

    def measures(self) -> dict[str, float]:
        """The scores by name, for :func:`over_replicates`."""
        names = ("rank_correlation", "correlation", "sign_agreement", "calibration_slope")
        return {name: getattr(self, name) for name in names}

    def chance_measures(self) -> dict[str, float]:
        """The same scores, expected of numbers that have nothing to do with the truth."""
        return dict(zip(self.measures(), (0.0, 0.0, 0.5, 0.0), strict=True))

    def labels(self) -> dict[str, str]:
        """What to call each score above a column."""
        return {name: name.replace("_", " ") for name in self.measures()}
