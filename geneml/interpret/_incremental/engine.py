"""Mutagenesis by plan: blocks of positions, chunks of samples."""

from __future__ import annotations

import numpy as np

from geneml.interpret._engines import Changes
from geneml.interpret._incremental.plan import Plan
from geneml.interpret._model import Explained
from geneml.interpret._variants import Rows, Subject

_BLOCK = 12_000_000  # bytes of the widest step in one block: larger ones leave the cache
_REFERENCES = 128_000_000  # bytes of the unchanged tensors of one chunk of samples
_TOLERANCE = 1e-3


class ReferenceDiffers(Exception):
    """The plan and the network disagree about unchanged samples."""


class IncrementalEngine:
    """Only what a substitution reaches is computed anew."""

    def __init__(self, model: Explained, plan: Plan, batch_size: int | None):
        self._model, self._plan, self._batch_size = model, plan, batch_size

    def run(self, subject: Subject, positions: np.ndarray, reference: np.ndarray) -> Changes:
        """See :class:`geneml.interpret._engines.Engine`.

        Raises
        ------
        ReferenceDiffers
            If the plan gives other predictions than the network. Then the network does
            something that cannot be seen from its layers.
        """
        plan, order = self._plan, np.sort(positions)
        item = np.dtype(plan.dtype).itemsize
        most = max(1, _BLOCK // (item * plan.widest))
        if self._batch_size is not None:
            most = min(most, self._batch_size)
        inputs = [np.asarray(part) for part in subject.inputs]
        inputs[subject.explained] = _without_nan(inputs[subject.explained])
        chunk = max(1, min(_REFERENCES // (item * plan.reference_size), most // subject.n_alleles))
        for first in range(0, subject.n, chunk):
            samples = np.arange(first, min(first + chunk, subject.n))
            outputs, prepared = plan.prepare([part[samples] for part in inputs])
            _compare(outputs, reference[samples])
            place = 0
            while place < len(order):
                count = max(1, most // (len(samples) * subject.n_alleles))
                block = order[place : place + count]
                place += count
                yield self._block(subject, inputs[subject.explained], samples, block, prepared)

    def _block(
        self,
        subject: Subject,
        values: np.ndarray,
        samples: np.ndarray,
        block: np.ndarray,
        prepared: list,
    ) -> tuple[Rows, np.ndarray]:
        dtype = self._plan.dtype
        alternatives = _alternatives(subject, samples, block)
        before = values[samples][:, block].astype(dtype).swapaxes(0, 1)[:, :, None]
        delta = subject.values_of(alternatives).astype(dtype) - before
        delta = delta.reshape(*alternatives.shape, 1, -1)
        changes = self._plan.change(delta, block, prepared)
        observed = subject.observed[samples][:, block].T[:, :, None]
        changes[alternatives == observed] = 0
        shape = (len(block) * len(samples), alternatives.shape[2])
        rows = Rows(
            np.tile(samples, len(block)),
            np.repeat(block, len(samples)),
            alternatives.reshape(shape),
        )
        return rows, changes.reshape(*shape, -1)


def _alternatives(subject: Subject, samples: np.ndarray, block: np.ndarray) -> np.ndarray:
    """The other alleles (positions, samples, k); all where some are not known."""
    observed = subject.observed[samples][:, block].T.astype(np.intp)[:, :, None]
    if (observed < 0).any():
        shape = (*observed.shape[:2], subject.n_alleles)
        return np.broadcast_to(np.arange(subject.n_alleles), shape)
    others = np.arange(subject.n_alleles - 1)
    return others + (others >= observed)


def _without_nan(values: np.ndarray) -> np.ndarray:
    """Missing calls written as a number, from which something can be subtracted."""
    if values.dtype.kind != "f" or not np.isnan(values).any():
        return values
    return np.where(np.isnan(values), np.asarray(-1, values.dtype), values)


def _compare(own: np.ndarray, reference: np.ndarray) -> None:
    size = np.abs(reference).max()
    if not np.allclose(own, reference, rtol=_TOLERANCE, atol=_TOLERANCE * max(float(size), 1e-3)):
        raise ReferenceDiffers
