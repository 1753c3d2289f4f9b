"""Changes of several models, one model in memory at a time."""

from __future__ import annotations

import numpy as np

from geneml.interpret._mutants.variants import Subject
from geneml.interpret._network.model import Explained
from geneml.interpret.attribution import Attribution


class Ensemble:
    """Mean and spread of the changes over models, one model in memory at a time."""

    def __init__(self) -> None:
        self.n = 0

    def add(self, changes: np.ndarray, reference: np.ndarray, model: Explained) -> None:
        """Add a model's changes (..., t) and outputs (n, t), in the network's own unit."""
        changes = changes * model.scale.astype(changes.dtype) if model.is_scaled else changes
        predictions = reference
        if model.is_scaled:
            predictions = model.offset + model.scale * reference.astype("float64")
        self.n += 1
        if self.n == 1:
            self.mean, self.predictions = changes, predictions
            return
        if changes.shape != self.mean.shape:
            raise ValueError(
                f"model: the models of a list must have the same outputs; received "
                f"{self.mean.shape[-1]} and {changes.shape[-1]}."
            )
        if self.n == 2:
            self.squares = np.zeros_like(self.mean)
        step = changes - self.mean
        self.mean = self.mean + step / self.n
        self.squares += step * (changes - self.mean)
        self.predictions = self.predictions + (predictions - self.predictions) / self.n

    @property
    def spread(self) -> np.ndarray | None:
        """Standard deviation over the models; ``None`` for one model."""
        return np.sqrt(self.squares / (self.n - 1)) if self.n > 1 else None

    def attribution(
        self,
        subject: Subject,
        places: np.ndarray,
        axes: tuple[str, ...],
        output: int | None,
        name: str,
    ) -> Attribution:
        """The result, for all outputs or for one."""
        values, spread, predictions = self.mean, self.spread, self.predictions
        if output is None and values.shape[-1] > 1:
            axes = (*axes, "output")
        else:
            chosen = output or 0
            values, predictions = values[..., chosen], predictions[:, chosen]
            spread = None if spread is None else spread[..., chosen]
        return Attribution(
            values=values,
            axes=axes,
            kind="change",
            explainer=name,
            observed=subject.array,
            predictions=predictions,
            spread=spread,
            alleles=subject.alleles,
            positions=places,
        )
