"""Dense layers: the first one is updated by the few inputs that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from geneml.interpret._mutants.incremental.states import (
    Form,
    NotUnderstood,
    State,
    Whole,
    Windows,
    inside,
)
from geneml.interpret._mutants.incremental.steps import Step


class Dense(Step):
    """A dense layer over the last axis, without activation.

    On (L, C) it works at each position by itself. On (F,) with windows it meets the changes
    with the rows of its kernel that belong to the window, of which it takes views: the kernel
    is never copied.

    Parameters
    ----------
    kernel : array (inputs, units)
    bias : array (units,) or None
    """

    def __init__(self, kernel: np.ndarray, bias: np.ndarray | None):
        self.kernel, self.bias = np.ascontiguousarray(kernel), bias
        self.for_changes = self.kernel

    def scale_changes(self, scale: np.ndarray) -> None:
        """Let changes leave multiplied: the one step that follows does nothing else to them."""
        self.for_changes = self.kernel * scale

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        inputs, units = self.kernel.shape
        shape = (*form.shape[:-1], units)
        self.by_position = form.kind == "windows" and len(form.shape) == 2
        self.length = form.length
        self.work = (float(form.changed_size * units), float(form.size * units))
        if self.by_position:
            return form.with_shape(*shape)
        return Form("fixed" if form.kind == "fixed" else "whole", shape)

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        result = references[0] @ self.kernel
        return result if self.bias is None else result + self.bias

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (state,) = states
        assert state is not None
        if isinstance(state, Whole):
            return Whole(_product(state.delta, self.for_changes))
        if self.by_position:
            return Windows(_product(state.delta, self.for_changes), state.start)
        return Whole(self._update(inside(state, self.length)))

    def _update(self, windows: Windows) -> np.ndarray:
        delta, kernel = windows.delta, self.for_changes
        outer, width, units = delta.shape[:3], delta.shape[3], kernel.shape[1]
        result = np.empty((*outer, units), dtype=delta.dtype)
        by_row, by_unit = kernel.strides
        for places, count, first, step in _runs(windows.start):
            n_groups = (places.stop - places.start) // count
            rows = as_strided(
                kernel[first:],
                (n_groups, width, units),
                (step * by_row, by_row, by_unit),
                writeable=False,
            )
            meeting = delta[places].reshape(n_groups, -1, width)
            target = result[places].reshape(n_groups, -1, units)
            np.matmul(meeting, rows, out=target)
        return result


class Wired(Step):
    """Nodes that see chosen inputs only (:class:`geneml.layers.GroupedDense`), no activation.

    Parameters
    ----------
    sources, targets : int arrays (edges,)
        Which input an edge leads from, and to which node.
    kernel : array (edges, channels, units)
    bias : array (nodes, units)
    """

    def __init__(
        self, sources: np.ndarray, targets: np.ndarray, kernel: np.ndarray, bias: np.ndarray
    ):
        order = np.argsort(sources, kind="stable")
        self.sources, self.targets = sources[order], targets[order]
        self.kernel, self.bias = kernel[order], bias

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if form.kind == "whole":
            raise NotUnderstood("everything it sees changes at once")
        self.length = form.length
        per_input = self.kernel.size / form.length
        self.work = (form.width * per_input, float(self.kernel.size))
        return Form("whole", self.bias.shape)

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        values = references[0].reshape(len(references[0]), self.length, -1)
        products = np.einsum("nec,ecu->enu", values[:, self.sources], self.kernel)
        sums = np.zeros((len(self.bias), *products.shape[1:]), dtype=products.dtype)
        np.add.at(sums, self.targets, products)
        return sums.swapaxes(0, 1) + self.bias

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (state,) = states
        assert isinstance(state, Windows)
        windows = inside(state, self.length)
        delta = windows.delta
        result = np.zeros((*delta.shape[:3], *self.bias.shape), dtype=delta.dtype)
        for place, start in enumerate(windows.start):
            for offset in range(delta.shape[3]):
                first, last = np.searchsorted(self.sources, (start + offset, start + offset + 1))
                for edge in range(first, last):
                    reached = delta[place, :, :, offset] @ self.kernel[edge]
                    result[place, :, :, self.targets[edge]] += reached
        return Whole(result)


def _product(delta: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """One large product instead of many small ones."""
    rows = delta.reshape(-1, delta.shape[-1]) @ kernel
    return rows.reshape(*delta.shape[:-1], kernel.shape[1])


def _runs(start: np.ndarray) -> Iterator[tuple[slice, int, int, int]]:
    """Stretches of equally many windows at starts of equal steps.

    Yields the places, how many follow each other at one start, the first start, the step.
    """
    bounds = np.flatnonzero(np.r_[True, np.diff(start) != 0])
    counts = np.diff(np.r_[bounds, len(start)])
    values = start[bounds]
    group = 0
    while group < len(bounds):
        step = int(values[group + 1] - values[group]) if group + 1 < len(bounds) else 0
        end = group + 1
        while end < len(bounds) and counts[end] == counts[group]:
            if values[end] - values[end - 1] != step or step < 0:
                break
            end += 1
        count = int(counts[group])
        places = slice(int(bounds[group]), int(bounds[group]) + (end - group) * count)
        yield places, count, int(values[group]), step
        group = end
