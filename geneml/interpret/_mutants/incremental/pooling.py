"""Pooling: a maximum or a mean over neighbouring positions, or over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.interpret._mutants.incremental.convolution import Sliding
from geneml.interpret._mutants.incremental.states import (
    Form,
    NotUnderstood,
    Padded,
    State,
    Whole,
    Windows,
    classes,
    padded_for,
    silence_outside,
)
from geneml.interpret._mutants.incremental.steps import Step, count_work


class _Pool(Step):
    def __init__(self, size: int, stride: int, padding: str):
        self.settings = (size, stride, padding)

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if form.kind == "whole" or len(form.shape) != 2:
            raise NotUnderstood("it slides over something that changes everywhere at once")
        size, stride, padding = self.settings
        self.sliding = Sliding(size, stride, 1, padding, form.length)
        self.input_form = form
        self.form = self.sliding.form(form, (self.sliding.length, form.channels))
        self.work = count_work(self, form, 2.0)
        return self.form

    def _places(self, phase: int, output: int) -> range:
        """Places, counted from the start of the window, that an output looks at."""
        zero = self.sliding.looks(phase, output)
        return range(zero, zero + self.sliding.size)

    def _empty(self, windows: Windows) -> np.ndarray:
        outer, (width, channels) = windows.delta.shape[:3], windows.delta.shape[3:]
        shape = (*outer, self.sliding.width(width), channels)
        return np.zeros(shape, dtype=windows.delta.dtype)


class MaxPool(_Pool):
    """The maximum over neighbours.

    Everything is measured from the old maximum, so that a neighbour that was the maximum and
    stays it hands on its change unrounded.
    """

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        padded = self.sliding.pad(references[0], -np.inf)
        result = None
        for seen in self.sliding.inputs(padded):
            result = seen.copy() if result is None else np.maximum(result, seen, out=result)
        assert result is not None
        return result

    def prepare(self, references: Sequence[np.ndarray], result: np.ndarray) -> Any:
        """See :class:`Step`."""
        margin = self.sliding.size + self.sliding.stride
        around = padded_for(references[0], self.input_form, -np.inf, margin)
        return around, padded_for(result, self.form)

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        delta, starts = windows.delta, self.sliding.start(windows.start)
        around, maxima = prepared
        result = self._empty(windows)
        for phase, where in classes(self.sliding.phase(windows.start)):
            changes = delta[where]
            low = self._places(phase, 0).start
            high = self._places(phase, result.shape[3] - 1).stop
            seen = around.windows(windows.start[where] + low, high - low)
            old = maxima.windows(starts[where], result.shape[3])
            direct = isinstance(where, slice)
            best = result[where] if direct else np.zeros_like(result[where])
            for output in range(result.shape[3]):
                self._one(best[..., output, :], changes, seen, old, phase, output, low)
            if not direct:
                result[where] = best
        return silence_outside(Windows(result, starts), self.sliding.length)

    def _one(
        self,
        best: np.ndarray,
        changes: np.ndarray,
        seen: np.ndarray,
        old: np.ndarray,
        phase: int,
        output: int,
        low: int,
    ) -> None:
        """One output, zero so far: the neighbours outside of the window, then those inside."""
        places, width = self._places(phase, output), changes.shape[3]
        inside = [place for place in places if 0 <= place < width]
        if not inside:
            return
        maximum = old[..., output, :]
        outside = [place for place in places if not 0 <= place < width]
        highest = None
        if outside:
            highest = seen[..., outside[0] - low, :]
            for place in outside[1:]:
                highest = np.maximum(highest, seen[..., place - low, :])
            highest = highest - maximum
        scratch = None
        for number, place in enumerate(inside):
            below = seen[..., place - low, :] - maximum
            if number == 0:
                np.add(changes[..., place, :], below, out=best)
                continue
            scratch = np.add(changes[..., place, :], below, out=scratch)
            np.maximum(best, scratch, out=best)
        if highest is not None:
            np.maximum(best, highest, out=best)


class AveragePool(_Pool):
    """The mean over neighbours; padding does not count."""

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        form = super().plan(forms)
        ones = self.sliding.pad(np.ones((1, forms[0].length, 1)))
        self.share = 1 / np.sum(list(self.sliding.inputs(ones)), axis=0)
        if form.kind == "windows":
            self.shares = padded_for(self.share, form)
        return form

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        result = sum(self.sliding.inputs(self.sliding.pad(references[0])))
        return np.asarray(result * self.share.astype(references[0].dtype))

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        delta, starts = windows.delta, self.sliding.start(windows.start)
        result = self._empty(windows)
        for phase, where in classes(self.sliding.phase(windows.start)):
            for output in range(result.shape[3]):
                for place in self._places(phase, output):
                    if 0 <= place < delta.shape[3]:
                        result[where, :, :, output] += delta[where, :, :, place]
        result *= self.shares.windows(starts, result.shape[3]).astype(delta.dtype)
        return silence_outside(Windows(result, starts), self.sliding.length)


class _GlobalPool(Step):
    def __init__(self, keep_axis: bool = False):
        self.keep_axis = keep_axis

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if len(form.shape) != 2 or form.kind == "whole":
            raise NotUnderstood("it pools something that changes everywhere at once")
        self.input_form = form
        self.work = count_work(self, form, 1.0)
        shape = (1, form.channels) if self.keep_axis else (form.channels,)
        return Form("fixed" if form.kind == "fixed" else "whole", shape)

    def _shaped(self, delta: np.ndarray) -> Whole:
        return Whole(delta[..., None, :] if self.keep_axis else delta)


class GlobalAveragePool(_GlobalPool):
    """The mean over all positions."""

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return references[0].mean(axis=1, keepdims=self.keep_axis)

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        return self._shaped(windows.delta.sum(axis=3) / self.input_form.length)


class GlobalMaxPool(_GlobalPool):
    """The maximum over all positions: inside the window, and the highest before and after."""

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return references[0].max(axis=1, keepdims=self.keep_axis)

    def prepare(self, references: Sequence[np.ndarray], result: np.ndarray) -> Any:
        """See :class:`Step`."""
        below = references[0] - references[0].max(axis=1, keepdims=True)
        form = self.input_form
        window = form.width
        before = np.maximum.accumulate(below, axis=1)
        after = np.maximum.accumulate(below[:, ::-1], axis=1)[:, ::-1]
        # Shifted by the padding: highest before position 0 is nothing, and so at the end.
        ends = [
            Padded(_shifted(before, 1), form.first, form.last + 1, -np.inf),
            Padded(after, form.first + window, form.last + window + 1, -np.inf),
        ]
        return Padded(below, form.first, form.last + window, -np.inf), *ends

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        below, before, after = prepared
        width, length = windows.delta.shape[3], self.input_form.length
        start, end = np.minimum(windows.start, length), np.maximum(windows.start + width, 0)
        inner = windows.delta + below.windows(windows.start, width)
        highest = inner.max(axis=3)
        np.maximum(highest, before.windows(start, 1)[..., 0, :], out=highest)
        np.maximum(highest, after.windows(end, 1)[..., 0, :], out=highest)
        return self._shaped(highest)


def _shifted(array: np.ndarray, by: int) -> np.ndarray:
    """One position later, with nothing (minus infinity) at the front and one more at the end."""
    empty = np.full_like(array[:, :by], -np.inf)
    return np.concatenate([empty, array], axis=1)
