"""The result of a comparison: scores of all methods on the same folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from geneml.evaluation.folds import non_test_rows, numbered
from geneml.intervals import Interval, fold_interval
from geneml.splits import Split

MEASURES = ("mse", "r", "r2", "distance_correlation", "calibration_slope")
"""What :func:`geneml.metrics.score` measures, on the test rows of a fold."""

COUNTS = ("markers", "loadings", "seconds", "wall_seconds")
"""What else a fold tells: features used, and time."""


class Wins(NamedTuple):
    """Folds in which one of two methods was better, the other was, or neither."""

    a: int
    b: int
    ties: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scores of several methods on the same folds, and their predictions.

    Attributes
    ----------
    table : DataFrame
        A row for each method, trait, repeat and fold (repeats and folds count from 0): ``mse``,
        ``r``, ``r2``, ``distance_correlation``, ``calibration_slope`` on the test rows;
        ``markers`` and ``loadings`` used (NaN where a method does not count them);
        ``seconds`` of processor time and ``wall_seconds`` that the method took in this fold,
        for all traits together. ``r`` and ``calibration_slope`` are NaN where a method
        predicts the same for everybody.
    settings : DataFrame
        What methods chose or estimated: ``method``, ``trait``, ``repeat``, ``fold``,
        ``setting``, ``value``.
    folds : tuple of Split
        The folds, in the order of their numbers.
    methods, traits : tuple of str
        Names.
    observed : float64 array (repeats, n, t)
        The traits as they were scored, which a correction may change from fold to fold; NaN
        for individuals that were not in a test part of the repeat.
    predictions : float64 array (methods, repeats, n, t)
        Of each individual by the fit that did not see it; NaN where there is none.
    """

    table: pd.DataFrame
    settings: pd.DataFrame
    folds: tuple[Split, ...]
    methods: tuple[str, ...]
    traits: tuple[str, ...]
    observed: np.ndarray
    predictions: np.ndarray

    def summary(self, trait: str | None = None) -> pd.DataFrame:
        """Mean and standard deviation over folds, method by method.

        Parameters
        ----------
        trait : str, optional
            One trait; otherwise all.

        Returns
        -------
        DataFrame
            A row for each trait and method, or, with ``trait``, each method: ``folds``, their
            number, and of every measure its mean (``r``) and standard deviation (``r_sd``),
            which is NaN for one fold. Both are NaN where the measure is undefined in any of
            the folds, such as ``r`` of a method that predicts the mean: leaving such folds out
            would flatter it. Folds share training rows: the standard deviation divided by
            the root of their number is no standard error; see :meth:`difference`.

        Raises
        ------
        ValueError
            If there is no such trait.
        """
        chosen = self.traits if trait is None else (self._trait(trait),)
        rows = []
        for one in chosen:
            for method in self.methods:
                part = self._rows(method, one)
                row: dict[str, object] = {"trait": one, "method": method, "folds": len(part)}
                for name in (*MEASURES, *COUNTS):
                    values = part[name].to_numpy(dtype="float64")
                    row[name] = values.mean() if len(values) else np.nan
                    row[f"{name}_sd"] = values.std(ddof=1) if len(values) > 1 else np.nan
                rows.append(row)
        found = pd.DataFrame(rows)
        if trait is None:
            return found.set_index(["trait", "method"])
        return found.drop(columns="trait").set_index("method")

    def difference(
        self,
        a: str,
        b: str,
        *,
        measure: str = "r",
        trait: str | None = None,
        confidence: float = 0.95,
    ) -> Interval:
        """Mean difference a - b over the folds that both have, with its interval.

        Nadeau & Bengio's corrected interval (:func:`geneml.intervals.fold_interval`), with
        training and validation rows counted as training, for a method may use both. It covers
        the luck of the split, not another cohort.

        Parameters
        ----------
        a, b : str
            Methods.
        measure : str
            A column of ``table``: one of the measures, a count, or seconds.
        trait : str, optional
            Needed where there are several.
        confidence : float
            Coverage, in (0, 1).

        Returns
        -------
        Interval

        Raises
        ------
        ValueError
            If a name is unknown, fewer than two folds are shared, or the measure is undefined
            in one of them.
        """
        first, second, folds = self._shared(a, b, measure, trait)
        sizes = [(len(non_test_rows(one)), len(one.test)) for one in folds]
        training, test = np.mean(sizes, axis=0)
        return fold_interval(first, second, training, test, confidence=confidence)

    def wins(self, a: str, b: str, *, measure: str = "r", trait: str | None = None) -> Wins:
        """Count the shared folds in which each of two methods was better.

        Parameters
        ----------
        a, b : str
            Methods.
        measure : str
            Smaller is better for ``mse``, ``markers``, ``loadings`` and seconds, nearer to 1
            for ``calibration_slope``, larger for the others.
        trait : str, optional
            Needed where there are several.

        Returns
        -------
        Wins
            Folds won by ``a``, by ``b``, and tied.

        Raises
        ------
        ValueError
            As for :meth:`difference`.
        """
        first, second, _ = self._shared(a, b, measure, trait)
        if measure == "calibration_slope":
            first, second = -np.abs(first - 1), -np.abs(second - 1)
        elif measure == "mse" or measure in COUNTS:
            first, second = -first, -second
        return Wins(
            int((first > second).sum()), int((first < second).sum()), int((first == second).sum())
        )

    @staticmethod
    def joined(comparisons: Sequence[Comparison]) -> Comparison:
        """Put comparisons of the same individuals and traits together.

        So a slow method may have fewer repeats than a fast one, and either may come from
        another folder. Folds are known by their rows, not by their number;
        :meth:`difference` uses the folds that two methods share.

        Parameters
        ----------
        comparisons : sequence of Comparison
            A method may come in several, on other folds in each.

        Returns
        -------
        Comparison
            Folds numbered anew, those of the longest comparison first.

        Raises
        ------
        ValueError
            If there are none, individuals or traits differ, a method has the same fold twice, or
            the traits were corrected in different ways.
        """
        from geneml.evaluation._joining import joined  # which makes a Comparison

        return joined(comparisons)

    def _rows(self, method: str, trait: str) -> pd.DataFrame:
        return self.table[(self.table["method"] == method) & (self.table["trait"] == trait)]

    def _trait(self, trait: str | None) -> str:
        if trait is None and len(self.traits) == 1:
            return self.traits[0]
        if trait not in self.traits:
            raise ValueError(f"trait: expected one of {self.traits}, received {trait!r}")
        return trait

    def _shared(
        self, a: str, b: str, measure: str, trait: str | None
    ) -> tuple[np.ndarray, np.ndarray, list[Split]]:
        """The values of two methods on the folds that both have, and these folds."""
        trait = self._trait(trait)
        for name, method in (("a", a), ("b", b)):
            if method not in self.methods:
                raise ValueError(f"{name}: expected one of {self.methods}, received {method!r}")
        if measure not in (*MEASURES, *COUNTS):
            raise ValueError(
                f"measure: expected one of {(*MEASURES, *COUNTS)}, received {measure!r}"
            )
        columns = [
            self._rows(method, trait).set_index(["repeat", "fold"])[measure] for method in (a, b)
        ]
        places = dict(zip(numbered(self.folds), self.folds, strict=True))
        both = [place for place in places if all(place in column.index for column in columns)]
        if len(both) < 2:
            raise ValueError(
                f"{a!r} and {b!r} share {len(both)} fold(s); a difference needs at least two"
            )
        first, second = (column.loc[both].to_numpy(dtype="float64") for column in columns)
        for method, values in ((a, first), (b, second)):
            if not np.isfinite(values).all():
                raise ValueError(
                    f"{measure} of {method!r} is undefined in {int((~np.isfinite(values)).sum())} "
                    f"of {len(both)} folds, as r is for a method that predicts the same for "
                    "everybody. Compare another measure, such as 'mse'."
                )
        return first, second, [places[place] for place in both]
