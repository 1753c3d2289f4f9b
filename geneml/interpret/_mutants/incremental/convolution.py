"""Convolutions along the positions. They are linear: changes go through the same kernel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from geneml.interpret._mutants.incremental.states import (
    Form,
    NotUnderstood,
    State,
    Windows,
    classes,
    silence_outside,
)
from geneml.interpret._mutants.incremental.steps import Step


class Sliding:
    """Where a sliding window of taps looks, and which outputs an input reaches.

    Output ``o`` with tap ``t`` looks at input ``o * stride + t * dilation - left``.
    """

    def __init__(self, size: int, stride: int, dilation: int, padding: str, length: int):
        self.size, self.stride, self.dilation = size, stride, dilation
        self.reach = (size - 1) * dilation
        self.left = 0
        if padding == "valid":
            self.length = (length - self.reach - 1) // stride + 1
        else:
            self.length = -(-length // stride)
            missing = max((self.length - 1) * stride + self.reach + 1 - length, 0)
            self.left = self.reach if padding == "causal" else missing // 2
        self.input_length = length

    def start(self, start: np.ndarray) -> np.ndarray:
        """First output that a window from ``start`` reaches."""
        return -((self.reach - self.left - start) // self.stride)

    def phase(self, start: np.ndarray) -> np.ndarray:
        """Offset between windows and outputs, from 0 to below the stride."""
        return self.start(start) * self.stride - (start + self.left - self.reach)

    def width(self, width: int) -> int:
        """Outputs that a window of this width reaches, at most."""
        return (width - 1 + self.reach) // self.stride + 1

    def form(self, form: Form, shape: tuple[int, ...]) -> Form:
        """Windows of the output."""
        if self.length < 1:
            raise NotUnderstood("the sequences are shorter than the window that slides over them")
        if form.kind != "windows":
            return Form(form.kind, shape)
        return Form("windows", shape, self.width(form.width), self.start(form.start))

    def looks(self, phase: int, output: int) -> int:
        """Place of tap 0 of an output, counted from the start of the window of changes."""
        return phase + output * self.stride - self.reach

    def taps(self, phase: int, output: int, width: int) -> tuple[int, int, int]:
        """Taps of an output that see the window: first, beyond the last, place of the first."""
        zero = self.looks(phase, output)
        first = max(0, -(zero // self.dilation))
        last = min(self.size, (width - 1 - zero) // self.dilation + 1)
        return first, last, zero + first * self.dilation

    def inputs(self, padded: np.ndarray) -> Iterator[np.ndarray]:
        """For each tap, what all outputs see through it."""
        span = (self.length - 1) * self.stride + 1
        for tap in range(self.size):
            begin = tap * self.dilation
            yield padded[:, begin : begin + span : self.stride]

    def pad(self, reference: np.ndarray, fill: float = 0.0) -> np.ndarray:
        """The reference with what padding adds on both sides."""
        right = (self.length - 1) * self.stride + self.reach + 1 - self.left - reference.shape[1]
        if not self.left and right <= 0:
            return reference
        ends = ((0, 0), (self.left, max(right, 0)), (0, 0))
        return np.pad(reference, ends, constant_values=fill)


class Convolution(Step):
    """A convolution, possibly strided, dilated or in groups of channels, without activation.

    Parameters
    ----------
    kernel : array (size, channels of a group, filters)
    bias : array (filters,) or None
    stride, dilation, groups : int
    padding : {"valid", "same", "causal"}
    """

    def __init__(
        self,
        kernel: np.ndarray,
        bias: np.ndarray | None,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        padding: str = "valid",
    ):
        self.kernel, self.bias = kernel, bias
        self.settings = (stride, dilation, padding)
        self.groups = groups
        self.for_changes = kernel

    def scale_changes(self, scale: np.ndarray) -> None:
        """Let changes leave multiplied: the one step that follows does nothing else to them."""
        self.for_changes = self.kernel * scale

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if form.kind == "whole" or len(form.shape) != 2:
            raise NotUnderstood("it slides over something that changes everywhere at once")
        stride, dilation, padding = self.settings
        size, channels, filters = self.kernel.shape
        self.sliding = Sliding(size, stride, dilation, padding, form.length)
        out = self.sliding.form(form, (self.sliding.length, filters))
        if form.kind == "windows":
            full = float(out.length * size * channels * filters)
            self.work = (float(form.width * size * channels * filters) / stride, full)
        return out

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        padded = self.sliding.pad(references[0])
        channels, filters = self.kernel.shape[1:]
        if self.groups == 1 and channels < filters:  # few numbers to gather: one product
            seen = np.concatenate(list(self.sliding.inputs(padded)), axis=-1)
            result = seen @ self.kernel.reshape(-1, filters)
            return result if self.bias is None else result + self.bias
        result = None
        for seen, taps in zip(self.sliding.inputs(padded), self.kernel, strict=True):
            part = self._multiplied(seen, taps)
            result = part if result is None else np.add(result, part, out=result)
        assert result is not None
        return result if self.bias is None else result + self.bias

    def _multiplied(self, seen: np.ndarray, taps: np.ndarray) -> np.ndarray:
        if self.groups == 1:
            return np.ascontiguousarray(seen) @ taps
        channels, filters = taps.shape[0], taps.shape[1] // self.groups
        return np.concatenate(
            [
                np.ascontiguousarray(seen[..., g * channels : (g + 1) * channels])
                @ taps[:, g * filters : (g + 1) * filters]
                for g in range(self.groups)
            ],
            axis=-1,
        )

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        delta, sliding = windows.delta, self.sliding
        width = sliding.width(delta.shape[3])
        shape = (*delta.shape[:3], width, self.kernel.shape[2])
        start = sliding.start(windows.start)
        if delta.shape[3] == sliding.stride == sliding.dilation == self.groups == 1:
            result = self._of_one(windows).reshape(shape)
            return silence_outside(Windows(result, start), sliding.length)
        result = np.empty(shape, dtype=delta.dtype)
        for phase, where in classes(sliding.phase(windows.start)):
            if isinstance(where, slice) and where == slice(None):
                self._into(result, delta, phase)
            else:
                part = np.empty((*delta[where].shape[:3], *shape[3:]), dtype=delta.dtype)
                self._into(part, np.ascontiguousarray(delta[where]), phase)
                result[where] = part
        return silence_outside(Windows(result, start), sliding.length)

    def _of_one(self, windows: Windows) -> np.ndarray:
        """One changed position reaches each output through one tap: a single product."""
        size, channels, filters = self.kernel.shape
        backwards = self.for_changes[::-1].transpose(1, 0, 2).reshape(channels, size * filters)
        if windows.code is None or windows.dictionary is None:
            return windows.delta.reshape(-1, channels) @ backwards
        return (windows.dictionary @ backwards)[windows.code]

    def _into(self, result: np.ndarray, delta: np.ndarray, phase: int) -> None:
        """One product an output, over exactly the taps that see changes."""
        sliding, kernel, groups = self.sliding, self.for_changes, self.groups
        width, channels = delta.shape[3:]
        filters = kernel.shape[2]
        rows = delta.reshape(-1, width, channels)
        target = result.reshape(-1, result.shape[3] * filters)
        for output in range(result.shape[3]):
            first, last, place = sliding.taps(phase, output, width)
            here = target[:, output * filters : (output + 1) * filters]
            if last <= first:
                here[:] = 0
                continue
            end = place + (last - 1 - first) * sliding.dilation + 1
            seen, taps = rows[:, place : end : sliding.dilation], kernel[first:last]
            if groups == 1:
                np.matmul(_flat(seen), taps.reshape(-1, filters), out=here)
                continue
            per, share = channels // groups, filters // groups
            for g in range(groups):
                part = _flat(seen[..., g * per : (g + 1) * per])
                own = np.ascontiguousarray(taps[..., g * share : (g + 1) * share])
                here[:, g * share : (g + 1) * share] = part @ own.reshape(-1, share)


class Depthwise(Step):
    """A convolution of each channel by itself, without activation.

    Parameters
    ----------
    kernel : array (size, channels, multiplier)
    bias : array (channels * multiplier,) or None
    stride, dilation : int
    padding : {"valid", "same", "causal"}
    """

    def __init__(
        self,
        kernel: np.ndarray,
        bias: np.ndarray | None,
        stride: int = 1,
        dilation: int = 1,
        padding: str = "valid",
    ):
        self.kernel, self.bias = kernel, bias
        self.settings = (stride, dilation, padding)

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if form.kind == "whole" or len(form.shape) != 2:
            raise NotUnderstood("it slides over something that changes everywhere at once")
        stride, dilation, padding = self.settings
        size, channels, multiplier = self.kernel.shape
        self.sliding = Sliding(size, stride, dilation, padding, form.length)
        out = self.sliding.form(form, (self.sliding.length, channels * multiplier))
        self.work = (float(out.changed_size * size), float(out.size * size))
        return out

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        padded = self.sliding.pad(references[0])
        seen = self.sliding.inputs(padded)
        parts = (part[..., None] * taps for part, taps in zip(seen, self.kernel, strict=True))
        result = sum(parts, start=np.zeros((), dtype=padded.dtype))
        result = np.asarray(result).reshape(*padded.shape[:1], self.sliding.length, -1)
        return result if self.bias is None else result + self.bias

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        delta, sliding = windows.delta, self.sliding
        outer, (width, channels) = delta.shape[:3], delta.shape[3:]
        n_outputs = sliding.width(width)
        result = np.zeros((*outer, n_outputs, channels, self.kernel.shape[2]), dtype=delta.dtype)
        for phase, where in classes(sliding.phase(windows.start)):
            for output in range(n_outputs):
                first, last, place = sliding.taps(phase, output, width)
                for tap in range(first, last):
                    seen = delta[where, :, :, place + (tap - first) * sliding.dilation]
                    result[where, :, :, output] += seen[..., None] * self.kernel[tap]
        result = result.reshape(*outer, n_outputs, -1)
        return silence_outside(Windows(result, sliding.start(windows.start)), sliding.length)


def _flat(seen: np.ndarray) -> np.ndarray:
    """(rows, taps, channels) as (rows, taps * channels), without copying where possible."""
    return seen.reshape(len(seen), -1)
