"""What an explainer says: one array with named axes, and what it was measured against."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np

from geneml.interpret._credit.library import import_shap

Kind = Literal["credit", "change", "slope"]
_KINDS = ("credit", "change", "slope")


@dataclass(frozen=True, eq=False)
class Attribution:
    """The answer of an explainer for a group of samples.

    Attributes
    ----------
    values : ndarray of float
        One number for each combination of the axes.
    axes : tuple of str
        Names of the axes of ``values``, in order: ``sample``, ``position`` (a base of a
        sequence or a marker; ``player`` where positions share credit as a group), then
        ``allele`` where the explainer tells alleles apart, then ``output`` where the model has
        several outputs and none was chosen. Double mutants have ``other_position`` and
        ``other_allele`` as well.
    kind : {"credit", "change", "slope"}
        ``credit``: parts that sum to the prediction minus the base value (Shapley values,
        integrated gradients). ``change``: how far the prediction moves when the observed
        allele is replaced. ``slope``: derivatives of the prediction by the input.
    explainer : str
        Name of the method, as written under a figure.
    observed : ndarray
        What was explained: one-hot (n, L, A), or genotypes or dosages (n, p).
    predictions : ndarray
        The model's predictions for ``observed``, (n,) or (n, outputs).
    base_values : ndarray, optional
        What the credit is measured from, the shape of ``predictions``.
    background : ndarray, optional
        The reference samples behind the base value.
    spread : ndarray, optional
        Standard deviation over several models, the shape of ``values``.
    alleles : tuple of str
        Names along the allele axis.
    positions : ndarray of int
        Which positions of ``observed`` the position axis holds; all unless some were chosen.
        With groups of positions as players, the numbers of the groups.

    Raises
    ------
    ValueError
        If the axes do not fit the values, or arrays that belong together differ in size.
    """

    values: np.ndarray
    axes: tuple[str, ...]
    kind: Kind
    explainer: str
    observed: np.ndarray
    predictions: np.ndarray
    base_values: np.ndarray | None = None
    background: np.ndarray | None = field(default=None, repr=False)
    spread: np.ndarray | None = field(default=None, repr=False)
    alleles: tuple[str, ...] = ()
    positions: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"kind must be one of {', '.join(_KINDS)}; received {self.kind!r}.")
        if len(self.axes) != self.values.ndim:
            raise ValueError(
                f"values has {self.values.ndim} axes of shape {self.values.shape}, but "
                f"{len(self.axes)} names were given: {', '.join(self.axes)}."
            )
        if self.axes[:1] != ("sample",) or self.axes[1:2] not in (("position",), ("player",)):
            raise ValueError(
                "axes must begin with sample and position (or player); received "
                f"{', '.join(self.axes)}."
            )
        if self.positions is None:
            object.__setattr__(self, "positions", np.arange(self.values.shape[1]))
        n = len(self.values)
        sizes = {"observed": len(self.observed), "predictions": len(self.predictions)}
        if set(sizes.values()) != {n} or len(np.asarray(self.positions)) != self.values.shape[1]:
            raise ValueError(
                f"values hold {n} samples and {self.values.shape[1]} positions; received "
                f"{sizes} and {len(np.asarray(self.positions))} positions."
            )
        for name in ("spread", "base_values"):
            part, like = getattr(self, name), "values" if name == "spread" else "predictions"
            if part is not None and part.shape != getattr(self, like).shape:
                raise ValueError(
                    f"{name} must have the shape of {like}, {getattr(self, like).shape}; "
                    f"received {part.shape}."
                )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype, copy=copy)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of ``values``."""
        return self.values.shape

    @property
    def observed_alleles(self) -> np.ndarray:
        """Index of the observed allele, (n, positions) int; -1 where it is not known."""
        kept = self.observed[:, self.positions]
        if kept.ndim == 3:
            return np.where(kept.max(axis=-1) > 0, kept.argmax(axis=-1), -1)
        whole = np.isin(kept, np.arange(max(len(self.alleles), 1)))
        return np.where(whole, kept, -1).astype(int)

    @property
    def additivity_gap(self) -> np.ndarray | None:
        """What the credits miss of the prediction, the shape of ``predictions``.

        Prediction minus base value minus the sum of the credits; zero where the explainer
        keeps its promise. None for the kinds that promise no sum.
        """
        if self.kind != "credit" or self.base_values is None:
            return None
        summed = tuple(
            axis for axis, name in enumerate(self.axes) if name not in ("sample", "output")
        )
        return self.predictions - self.base_values - self.values.sum(axis=summed)

    def output(self, index: int) -> Self:
        """The part for one output of the model.

        Parameters
        ----------
        index : int
            Which output, counted from 0.

        Raises
        ------
        ValueError
            If there is no axis of outputs, or not so many of them.
        """
        if "output" not in self.axes:
            raise ValueError("This attribution is for one output already; it has no output axis.")
        axis = self.axes.index("output")
        if not 0 <= index < self.values.shape[axis]:
            raise ValueError(
                f"index must be between 0 and {self.values.shape[axis] - 1}; received {index}."
            )
        return replace(
            self,
            values=self.values.take(index, axis=axis),
            axes=tuple(name for name in self.axes if name != "output"),
            predictions=self.predictions[:, index],
            base_values=None if self.base_values is None else self.base_values[:, index],
            spread=None if self.spread is None else self.spread.take(index, axis=axis),
        )

    def per_position(self, frequency: np.ndarray | None = None) -> np.ndarray:
        """One signed number a sample and position: what the observed allele contributes.

        Credits are summed over the alleles. Changes and slopes are turned round: how much
        higher the prediction is with the observed allele than with the alleles that could
        stand there, averaged. Slopes by a dosage, without alleles, stay slopes. Without
        ``frequency`` every other allele counts the same; with it, each allele counts as often
        as it occurs, so that the result is the mean difference from a random member of the
        population (the quantity that Shapley values estimate where positions do not interact).

        Parameters
        ----------
        frequency : ndarray of shape (positions, alleles), optional
            How often each allele occurs at each position; rows sum to 1. Ignored for credits.

        Returns
        -------
        ndarray of shape (n, positions) or (n, positions, outputs)
        """
        if self.axes[:2] == ("sample", "player"):
            return self.values
        if self.axes[:2] != ("sample", "position") or "other_position" in self.axes:
            raise ValueError(
                "per_position needs the axes sample and position; this attribution has "
                f"{', '.join(self.axes)}."
            )
        if "allele" not in self.axes:
            return self.values
        if self.kind == "credit":
            return self.values.sum(axis=2)
        several = self.values.ndim == 4
        values = self.values if several else self.values[..., np.newaxis]
        observed = self.observed_alleles
        is_observed = np.arange(values.shape[2]) == observed[..., np.newaxis]
        if self.kind == "slope":
            values = values - (values * is_observed[..., np.newaxis]).sum(axis=2, keepdims=True)
        weights = self._weights(is_observed, frequency)
        contribution = -(values * weights[..., np.newaxis]).sum(axis=2)
        return contribution if several else contribution[..., 0]

    def _weights(self, is_observed: np.ndarray, frequency: np.ndarray | None) -> np.ndarray:
        if frequency is None:
            others = 1.0 - is_observed
            return others / others.sum(axis=-1, keepdims=True)
        frequency = np.asarray(frequency, dtype=float)
        if frequency.shape != is_observed.shape[1:]:
            raise ValueError(
                f"frequency must have the shape {is_observed.shape[1:]} (positions, alleles); "
                f"received {frequency.shape}."
            )
        if not np.allclose(frequency.sum(axis=1), 1.0, atol=1e-4) or (frequency < 0).any():
            raise ValueError(
                "frequency must hold shares that sum to 1 at each position; the sums go from "
                f"{frequency.sum(axis=1).min():.4g} to {frequency.sum(axis=1).max():.4g}."
            )
        return np.broadcast_to(frequency, is_observed.shape)

    def importance(self, frequency: np.ndarray | None = None) -> np.ndarray:
        """Mean size over the samples of what each position contributes, without sign.

        Parameters
        ----------
        frequency : ndarray of shape (positions, alleles), optional
            See :meth:`per_position`.

        Returns
        -------
        ndarray of shape (positions,) or (positions, outputs)
        """
        return np.abs(self.per_position(frequency)).mean(axis=0)

    def to_shap(self) -> Any:
        """The same as a ``shap.Explanation``, one feature a position, for shap's own plots.

        Returns
        -------
        shap.Explanation
            ``values`` are those of :meth:`per_position`, ``data`` the observed alleles or
            dosages.

        Raises
        ------
        ImportError
            If the library ``shap`` is not installed.
        ValueError
            If this is not a credit: shap's plots promise a sum that only credits keep.
        """
        if self.kind != "credit":
            raise ValueError(
                "Only credits, which sum to the prediction, go into a shap.Explanation; this "
                f"attribution holds the kind {self.kind!r}."
            )
        shap = import_shap()

        what = self.axes[1]
        if what == "player":
            data = None
        elif self.observed.ndim == 3:
            data = self.observed_alleles
        else:
            data = self.observed[:, self.positions]
        return shap.Explanation(
            values=self.per_position(),
            base_values=self.base_values,
            data=data,
            feature_names=[f"{what} {number}" for number in np.asarray(self.positions)],
        )

    def __str__(self) -> str:
        sizes = ", ".join(
            f"{name} {size}" for name, size in zip(self.axes, self.shape, strict=True)
        )
        text = f"{self.explainer}: {sizes}"
        gap = self.additivity_gap
        if gap is None:
            return text
        return f"{text}; largest additivity gap {np.abs(gap).max():.2g}"
