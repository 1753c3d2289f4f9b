"""Nested tuning: a search for settings inside every fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np

from geneml.evaluation.inputs import Inputs, Predicted
from geneml.splits import Split
from geneml.tuning import DEFAULT_SPACE, search

_EMPTY = np.empty(0, dtype=int)


@dataclass(frozen=True)
class Tuned:
    """A method whose settings are searched for in each fold, then fitted with the best.

    Each trial learns from the training rows and is judged by its mean squared error on the
    validation rows, each trait divided by its training variance. The test rows play no part,
    which makes the tuning nested. The number of trials goes with the result: a method that was
    tuned had more looks at the validation rows than one that was not.

    Attributes
    ----------
    method : dataclass
        A method with a field ``refit``, such as :class:`geneml.evaluation.methods.Grvsnn` or
        ``ElasticNet``: during the search it must learn nothing from the validation rows but
        when to stop.
    space : mapping
        Names of the method's fields to what :func:`geneml.tuning.search` takes: a ``Range``, a
        tuple ``(low, high)`` or a list of choices. By default batch size, learning rate and
        dropout in the ranges of Fan & Waldmann (2025).
    trials : int
        Most trials in a fold.
    stop_after : int or None
        Trials in a row without a lower loss after which the search ends.

    Raises
    ------
    TypeError
        If the method is no dataclass with a field ``refit``.
    ValueError
        If the space names something that is no field of the method.
    """

    method: Any
    space: Mapping[str, Any] = field(default_factory=lambda: dict(DEFAULT_SPACE))
    trials: int = 20
    stop_after: int | None = 30

    def __post_init__(self) -> None:
        known = [one.name for one in fields(self.method)] if is_dataclass(self.method) else []
        if "refit" not in known:
            raise TypeError(
                "Tuned: expected a method that can leave the validation rows alone (a dataclass "
                f"with a field 'refit'), received {self.method!r}."
            )
        if unknown := [name for name in self.space if name not in known]:
            raise ValueError(
                f"Tuned: expected settings of {type(self.method).__name__} ({', '.join(known)}), "
                f"received {', '.join(unknown)}."
            )

    def prepare(self) -> None:
        """Prepare the method."""
        if hasattr(self.method, "prepare"):
            self.method.prepare()

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Search on the training and validation rows, then fit with the settings found."""
        if len(split.validation) < 2:
            raise ValueError(
                "Tuned: expected a validation part to choose on, received a split without; give "
                "repeated_k_fold(..., validation_fraction=0.2)"
            )
        known = Split(split.training, split.validation, _EMPTY)
        variance = y[split.training].var(axis=0)

        def loss(settings: dict[str, Any]) -> float:
            trial = replace(self.method, **settings, refit=False)
            found = trial(inputs, y, known, seed)
            values = np.asarray(getattr(found, "values", found)).reshape(y.shape)
            error = (values - y)[split.validation] ** 2
            return float((error.mean(axis=0) / variance).mean())

        best = search(loss, self.space, trials=self.trials, stop_after=self.stop_after, seed=seed)
        found = replace(self.method, **best.settings)(inputs, y, split, seed)
        if not isinstance(found, Predicted):
            found = Predicted(found)
        chosen = {
            name: value
            for name, value in best.settings.items()
            if isinstance(value, int | float | np.number)
        }
        told = {"trials": best.n_trials, "validation_loss": best.loss}
        return replace(found, settings={**found.settings, **chosen, **told})
