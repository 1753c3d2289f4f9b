"""The plain way to the predictions of all changed samples: in batches of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from geneml.interpret._mutants.variants import Rows, Subject
from geneml.interpret._network.model import Explained

Changes = Iterator[tuple[Rows, np.ndarray]]


class Engine(Protocol):
    """What mutagenesis needs: changes of the network's own outputs."""

    def predict(self, subject: Subject) -> np.ndarray:
        """The network's outputs (n, t) for the samples as they are; asked for before a run."""

    def run(self, subject: Subject, positions: np.ndarray, reference: np.ndarray) -> Changes:
        """All single changes of all samples at these positions, part by part.

        Parameters
        ----------
        subject : Subject
            The samples.
        positions : int array
            Where they are changed.
        reference : array (n, t)
            The network's outputs for the samples as they are.

        Yields
        ------
        Rows, array (rows, k, t)
            What was changed, and by how much that moved the outputs.
        """


class BatchedEngine:
    """Every changed sample is written out and goes through the model in a batch."""

    def __init__(self, model: Explained, batch_size: int | None):
        self._model, self._batch_size = model, batch_size

    def predict(self, subject: Subject) -> np.ndarray:
        """See :class:`Engine`."""
        return self._model.outputs(subject.given(), self._batch_size)

    def run(self, subject: Subject, positions: np.ndarray, reference: np.ndarray) -> Changes:
        """See :class:`Engine`."""
        n, per_row = subject.n, subject.n_alleles - 1
        size = self._model.batch_size(self._batch_size, n * len(positions) * per_row)
        for rows in subject.blocks(np.arange(n), positions, size):
            parts = [
                self._model.outputs(subject.changed(rows, first, first + size), size)
                for first in range(0, rows.n_variants, size)
            ]
            outputs = np.concatenate(parts).reshape(len(rows), per_row, -1)
            yield rows, outputs - reference[rows.sample][:, None]
