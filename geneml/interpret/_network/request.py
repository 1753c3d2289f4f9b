"""What every explainer of this package does first and last: ask the model, name the axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from geneml.interpret._network.continuous import Continuous, continuous
from geneml.interpret._network.inputs import (
    Inputs,
    as_inputs,
    as_outputs,
    names_of_alleles,
    whole_number,
)
from geneml.interpret._network.model import Explained, as_model
from geneml.interpret.attribution import Attribution

BATCH_SIZE = 1_024


@dataclass(frozen=True)
class Request:
    """A model, what it shall be explained for, and what it predicts there.

    Attributes
    ----------
    network : Explained
        The model, with one way to ask it.
    inputs : Inputs
        Samples to explain.
    output : int or None
        As the user said it.
    n_outputs : int
        Outputs of the model.
    outputs : list of int
        The outputs it stands for.
    predictions : ndarray (n, len(outputs))
        In the trait's unit.
    batch_size : int
        Rows computed at once.
    """

    network: Explained
    inputs: Inputs
    output: int | None
    n_outputs: int
    outputs: list[int]
    predictions: np.ndarray
    batch_size: int

    def predict(self, rows: np.ndarray, samples: Any) -> np.ndarray:
        """Predictions (m, outputs) of rows of the explained input.

        Parameters
        ----------
        rows : array (m, ...)
            The explained input.
        samples : int array (m,)
            Whose other inputs go with each row.
        """
        given = rows if self.inputs.single else self.inputs.rows(rows, samples)
        found = self.network.predict(given, batch_size=self.batch_size)
        return np.asarray(found, dtype="float64")[:, self.outputs]

    def base(self, rows: np.ndarray) -> np.ndarray:
        """Mean prediction (n, outputs) with each of ``rows`` as the explained input."""
        n, b = len(self.inputs), len(rows)
        if self.inputs.single:
            return np.tile(self.predict(rows, None).mean(axis=0), (n, 1))
        found = [self.predict(rows, np.full(b, sample)).mean(axis=0) for sample in range(n)]
        return np.stack(found)

    @property
    def scale(self) -> np.ndarray:
        """Size of one unit of the network in units of the trait, one an output."""
        whole = np.asarray(self.network.scale, dtype="float64").reshape(-1)
        return np.broadcast_to(whole, (self.n_outputs,))[self.outputs]

    def continuous(self) -> Continuous:
        """The network and the samples in a form that has derivatives.

        Raises
        ------
        TypeError
            If the model is a plain function.
        """
        if self.network.keras_model is None:
            raise TypeError(
                "this explainer needs derivatives, so a Keras network: model is a plain "
                "function. Use mutagenesis, or exact or permutation Shapley values."
            )
        return continuous(self.network.keras_model, self.inputs.parts, self.inputs.explained)

    def result(
        self,
        values: np.ndarray,
        *,
        kind: Literal["credit", "slope"],
        explainer: str,
        observed: np.ndarray,
        base: np.ndarray | None = None,
        background: np.ndarray | None = None,
        groups: bool = False,
        positions: np.ndarray | None = None,
    ) -> Attribution:
        """Name the axes of values (n, positions[, alleles], outputs) and drop a lone output."""
        where = "player" if groups else "position"
        axes: tuple[str, ...] = ("sample", where, "allele")[: values.ndim - 1]
        return Attribution(
            values=self.without_lone_output(values),
            axes=axes if self.drops_output else (*axes, "output"),
            kind=kind,
            explainer=explainer,
            observed=observed,
            predictions=self.without_lone_output(self.predictions),
            base_values=None if base is None else self.without_lone_output(base),
            background=background,
            alleles=names_of_alleles(observed),
            positions=positions,
        )

    @property
    def drops_output(self) -> bool:
        """Whether the result has no axis of outputs."""
        return self.output is not None or self.n_outputs == 1

    def without_lone_output(self, values: np.ndarray) -> np.ndarray:
        """Values (..., outputs) without their last axis where there is only one output."""
        return values[..., 0] if self.drops_output else values


def make_request(
    model: Any, x: Any, *, output: int | None, explained: int, batch_size: int
) -> Request:
    """Check what the user gave, and predict.

    Raises
    ------
    TypeError, ValueError
        If something does not fit; the model has at most predicted ``x`` then.
    """
    inputs = as_inputs(x, explained)
    size = whole_number("batch_size", batch_size)
    network = as_model(model)
    given = inputs.x if inputs.single else inputs.parts
    network.check_inputs(given)
    predictions = np.asarray(network.predict(given, batch_size=size), dtype="float64")
    n_outputs = predictions.shape[1]
    outputs = as_outputs(output, n_outputs)
    return Request(network, inputs, output, n_outputs, outputs, predictions[:, outputs], size)
