"""Mutagenesis by plan: blocks of positions, chunks of samples."""

from __future__ import annotations

from functools import partial

import numpy as np

from geneml.interpret._mutants.engines import Changes
from geneml.interpret._mutants.incremental.plan import Plan
from geneml.interpret._mutants.incremental.states import Windows
from geneml.interpret._mutants.incremental.workers import count_workers, in_order
from geneml.interpret._mutants.variants import Rows, Subject
from geneml.interpret._network.model import Explained

_BLOCK = 6_000_000  # bytes of the widest step in one block: larger ones leave the cache
_REFERENCES = 128_000_000  # bytes of the unchanged tensors of one chunk of samples
_HEAVY = 1e10  # multiplications in all, above which blocks side by side pay for their threads


class IncrementalEngine:
    """Only what a substitution reaches is computed anew."""

    def __init__(self, model: Explained, plan: Plan, batch_size: int | None):
        self._model, self._plan, self._batch_size = model, plan, batch_size
        self._workers = count_workers()
        self._known: tuple[Subject, list] | None = None

    def predict(self, subject: Subject) -> np.ndarray:
        """See :class:`geneml.interpret._mutants.engines.Engine`."""
        chunks = self._chunks(subject)
        outputs = []
        for samples in chunks:
            output, prepared = self._plan.prepare([part[samples] for part in _numbers(subject)])
            outputs.append(output)
        if len(chunks) == 1:
            self._known = (subject, prepared)
        return np.concatenate(outputs)

    def run(self, subject: Subject, positions: np.ndarray, reference: np.ndarray) -> Changes:
        """See :class:`geneml.interpret._mutants.engines.Engine`."""
        plan, order, workers = self._plan, np.sort(positions), self._workers
        inputs = _numbers(subject)
        most = self._variants_at_once()
        for samples in self._chunks(subject):
            if self._known is not None and self._known[0] is subject:
                prepared = self._known[1]
            else:
                prepared = plan.prepare([part[samples] for part in inputs])[1]
            count = max(1, most // (len(samples) * subject.n_alleles))
            n_blocks = -(-len(order) // count)
            variants = len(samples) * len(order) * subject.n_alleles
            heavy = variants * plan.work[0] > _HEAVY
            if heavy and n_blocks % workers:  # all workers end together
                n_blocks = min(len(order), n_blocks + workers - n_blocks % workers)
            calls = (
                partial(self._block, subject, inputs[subject.explained], samples, block, prepared)
                for block in np.array_split(order, n_blocks)
            )
            yield from in_order(calls, workers if heavy else 1)

    def _variants_at_once(self) -> int:
        """Variants in a block, so that all workers together stay within the batch size."""
        most = _BLOCK // (np.dtype(self._plan.dtype).itemsize * self._plan.widest)
        if self._batch_size is not None:
            most = min(most, self._batch_size // self._workers)
        return max(1, most)

    def _chunks(self, subject: Subject) -> list[np.ndarray]:
        """Samples whose unchanged tensors are held together."""
        most = self._variants_at_once()
        bytes_each = np.dtype(self._plan.dtype).itemsize * self._plan.reference_size
        size = max(1, min(_REFERENCES // bytes_each, most // (8 * subject.n_alleles)))
        return np.array_split(np.arange(subject.n), -(-subject.n // size))

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
        observed = subject.observed[samples][:, block].T[:, :, None]
        windows = Windows(delta, block)
        if subject.states is None:
            windows.code, windows.dictionary = _coded(
                observed, alternatives, subject.n_alleles, dtype
            )
        changes = self._plan.change(windows, prepared)
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


def _coded(
    observed: np.ndarray, alternatives: np.ndarray, n_alleles: int, dtype: str
) -> tuple[np.ndarray, np.ndarray]:
    """Which of the few changes of a one-hot position each change is, and a list of them."""
    alleles = np.eye(n_alleles, dtype=dtype)
    before = np.concatenate([np.zeros_like(alleles[:1]), alleles])  # nothing, then each of them
    dictionary = (alleles[None] - before[:, None]).reshape(-1, n_alleles)
    return (observed.astype(np.intp) + 1) * n_alleles + alternatives, dictionary


def _numbers(subject: Subject) -> list[np.ndarray]:
    """All inputs; missing calls as a number, from which something can be subtracted."""
    inputs = list(subject.inputs)
    values = inputs[subject.explained]
    if values.dtype.kind == "f" and np.isnan(values).any():
        inputs[subject.explained] = np.where(np.isnan(values), np.asarray(-1, values.dtype), values)
    return inputs
