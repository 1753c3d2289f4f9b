"""What is carried through a network instead of whole tensors.

A substitution changes a tensor of shape (L, C) only inside a window. ``Windows`` holds the
changes there, for a block of positions, all samples of a chunk and all alternatives at once:
``(positions, samples, alternatives, width, channels)``, and where each window starts. A
tensor of shape (F,) has one channel. Behind global pooling or a dense layer everything may
have changed, and ``Whole`` holds the changes of the complete, small tensor.

Starts depend on the position alone and may lie outside the tensor; changes there are zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided


class NotUnderstood(Exception):
    """Raised while planning, in words, where the incremental way does not go."""


@dataclass(frozen=True, eq=False)
class Form:
    """What is known about a tensor before anything is computed.

    Attributes
    ----------
    kind : {"fixed", "windows", "whole"}
        Whether the substitution reaches it, and whether everywhere.
    shape : tuple of int
        Of one sample.
    width : int
        Width of the windows.
    start : int array (positions,)
        Where the window of each position of the network's input starts; rising.
    """

    kind: str
    shape: tuple[int, ...]
    width: int = 0
    start: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=int))

    @property
    def first(self) -> int:
        """Lowest start."""
        return int(self.start[0])

    @property
    def last(self) -> int:
        """Highest start."""
        return int(self.start[-1])

    @property
    def length(self) -> int:
        """Positions along the axis of the windows."""
        return self.shape[0]

    @property
    def channels(self) -> int:
        """Numbers at a position."""
        return self.shape[1] if len(self.shape) == 2 else 1

    @property
    def size(self) -> int:
        """Numbers in the whole tensor of one sample."""
        return math.prod(self.shape)

    @property
    def changed_size(self) -> int:
        """Numbers carried for one substitution."""
        if self.kind == "fixed":
            return 0
        return self.size if self.kind == "whole" else self.width * self.channels

    def with_shape(self, *shape: int) -> Form:
        """The same windows over another shape."""
        return replace(self, shape=tuple(shape))


@dataclass
class Windows:
    """Changes (positions, samples, alternatives, width, channels) and their starts.

    Where there are only few different changes, as in a one-hot input, ``code`` (positions,
    samples, alternatives) says which row of ``dictionary`` (codes, channels) each of them is.
    """

    delta: np.ndarray
    start: np.ndarray
    code: np.ndarray | None = None
    dictionary: np.ndarray | None = None

    def having(self, delta: np.ndarray) -> Windows:
        """Other changes in the same windows."""
        return Windows(delta, self.start)


@dataclass
class Whole:
    """Changes (positions, samples, alternatives, *shape) of complete tensors."""

    delta: np.ndarray

    def having(self, delta: np.ndarray) -> Whole:
        """Other changes of the same tensors."""
        return Whole(delta)


State = Windows | Whole | None


class Padded:
    """A reference tensor from which windows are cut, also beyond its ends.

    Parameters
    ----------
    reference : array (n, L, C) or (n, F)
    low, high : int
        Windows lie between these positions.
    fill : float
        What stands beyond the ends.
    """

    def __init__(self, reference: np.ndarray, low: int, high: int, fill: float = 0.0):
        if reference.ndim == 2:
            reference = reference[:, :, None]
        n, length, channels = reference.shape
        self._low = min(low, 0)
        before, after = -self._low, max(high - length, 0)
        if before or after:
            whole = np.full((n, before + length + after, channels), fill, dtype=reference.dtype)
            whole[:, before : before + length] = reference
            reference = whole
        self._tensor = np.ascontiguousarray(reference)

    def windows(self, start: np.ndarray, width: int) -> np.ndarray:
        """Cut (positions, n, 1, width, channels); without copying where starts are a row."""
        n, length, channels = self._tensor.shape
        by_sample, by_place, by_channel = self._tensor.strides
        view = as_strided(
            self._tensor,
            (length - width + 1, n, width, channels),
            (by_place, by_sample, by_place, by_channel),
            writeable=False,
        )
        return view[as_slice(start - self._low)][:, :, None]


def padded_for(reference: np.ndarray, form: Form, fill: float = 0.0, margin: int = 0) -> Padded:
    """A reference wide enough for all windows of a form, and a margin on both sides."""
    low, high = form.first - margin, form.last + form.width + margin
    return Padded(reference, low, high, fill)


def as_slice(index: np.ndarray) -> Any:
    """An index array as a slice, where it is a row of equal, positive steps."""
    if len(index) == 1:
        return slice(int(index[0]), int(index[0]) + 1)
    steps = np.diff(index)
    if steps[0] > 0 and (steps == steps[0]).all():
        return slice(int(index[0]), int(index[-1]) + 1, int(steps[0]))
    return index


def classes(phase: np.ndarray) -> Iterator[tuple[int, Any]]:
    """Values of an array and where they stand: a slice if possible."""
    if (phase == phase[0]).all():
        yield int(phase[0]), slice(None)
        return
    for value in np.unique(phase):
        yield int(value), as_slice(np.flatnonzero(phase == value))


def silence_outside(windows: Windows, length: int) -> Windows:
    """Set to zero, in place, what lies beyond the ends of the tensor."""
    delta, start = windows.delta, windows.start
    width = delta.shape[3]
    for place in np.flatnonzero((start < 0) | (start + width > length)):
        first, last = max(-int(start[place]), 0), max(length - int(start[place]), 0)
        delta[place, :, :, :first] = 0
        delta[place, :, :, last:] = 0
    return windows


def moved(windows: Windows, start: np.ndarray, width: int) -> np.ndarray:
    """The changes as seen from other windows, which hold the old ones (but for zeros)."""
    delta = windows.delta
    if delta.shape[3] == width and (start == windows.start).all():
        return delta
    seen = np.zeros((*delta.shape[:3], width, delta.shape[4]), dtype=delta.dtype)
    for shift, where in classes(windows.start - start):
        low, high = max(shift, 0), min(shift + delta.shape[3], width)
        if high > low:
            seen[where, :, :, low:high] = delta[where, :, :, low - shift : high - shift]
    return seen


def inside(windows: Windows, length: int) -> Windows:
    """The same changes with windows that lie wholly within the tensor."""
    width = min(windows.delta.shape[3], length)
    start = np.clip(windows.start, 0, length - width)
    return Windows(moved(windows, start, width), start)


def spread_out(windows: Windows, form: Form) -> np.ndarray:
    """Changes of the complete tensors, (positions, samples, alternatives, *shape)."""
    start = np.zeros_like(windows.start)
    whole = moved(windows, start, form.length)
    return whole if len(form.shape) == 2 else whole[..., 0]
