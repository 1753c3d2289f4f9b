"""Steps that only move numbers: flattening, padding, cropping, repeating; and any other layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geneml.interpret._mutants.incremental.states import (
    Form,
    NotUnderstood,
    State,
    Whole,
    Windows,
    silence_outside,
)
from geneml.interpret._mutants.incremental.steps import Step


class Reshape(Step):
    """Another shape for the same numbers.

    Parameters
    ----------
    shape : tuple of int or None
        Of one sample; ``None`` flattens.
    """

    def __init__(self, shape: tuple[int, ...] | None = None):
        self.shape = shape

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        shape = self.shape
        if shape is None:
            shape = (form.size,)
        elif -1 in shape:
            known = int(np.prod([size for size in shape if size != -1], dtype=int))
            shape = tuple(form.size // known if size == -1 else size for size in shape)
        self.target = shape
        self.kind = form.kind
        self.factor = 1
        if form.kind != "windows":
            return Form(form.kind, shape)
        old = (form.length, form.channels)
        if shape in ((form.length,), old):
            return form.with_shape(*shape)
        if shape in ((form.size,), (form.size, 1)):
            self.factor = form.channels
            return Form("windows", shape, form.width * self.factor, form.start * self.factor)
        raise NotUnderstood(f"it changes the shape {form.shape} to {shape}")

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return references[0].reshape(len(references[0]), *self.target)

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (state,) = states
        assert state is not None
        if isinstance(state, Whole):
            return Whole(state.delta.reshape(*state.delta.shape[:3], *self.target))
        delta = state.delta
        if self.factor > 1:
            delta = delta.reshape(*delta.shape[:3], -1, 1)
        return Windows(delta, state.start * self.factor)


class Margins(Step):
    """Positions of zeros added at the ends, or positions cut off (negative numbers)."""

    def __init__(self, before: int, after: int):
        self.before, self.after = before, after

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if form.kind == "whole" or len(form.shape) != 2:
            raise NotUnderstood("it moves something that changes everywhere at once")
        self.length = form.length + self.before + self.after
        shape = (self.length, form.channels)
        return Form(form.kind, shape, form.width, form.start + self.before)

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        before, after = max(self.before, 0), max(self.after, 0)
        padded = np.pad(references[0], ((0, 0), (before, after), (0, 0)))
        begin = max(-self.before, 0)
        return padded[:, begin : begin + self.length]

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        start = windows.start + self.before
        return silence_outside(Windows(windows.delta.copy(), start), self.length)


class Repeat(Step):
    """Each position several times."""

    def __init__(self, times: int):
        self.times = times

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if form.kind == "whole" or len(form.shape) != 2:
            raise NotUnderstood("it repeats something that changes everywhere at once")
        times = self.times
        shape = (form.length * times, form.channels)
        return Form(form.kind, shape, form.width * times, form.start * times)

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return np.repeat(references[0], self.times, axis=1)

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (windows,) = states
        assert isinstance(windows, Windows)
        return Windows(np.repeat(windows.delta, self.times, axis=3), windows.start * self.times)


class AnyLayer(Step):
    """A layer that is simply called, where it is given complete tensors.

    Parameters
    ----------
    function : callable
        From the inputs, arrays (m, ...), to the output (m, ...).
    reason : str
        Why windows cannot go through it.
    """

    def __init__(self, function: Callable[..., np.ndarray], shape: tuple[int, ...], reason: str):
        self.function, self.shape, self.reason = function, shape, reason

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        if any(form.kind == "windows" for form in forms):
            raise NotUnderstood(self.reason)
        whole = any(form.kind == "whole" for form in forms)
        if None in self.shape:
            raise NotUnderstood("the size of its output is not known")
        return Form("whole" if whole else "fixed", self.shape)

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return self.function(*references)

    def prepare(self, references: Sequence[np.ndarray], result: np.ndarray) -> Any:
        """See :class:`Step`."""
        return references, result

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        references, result = prepared
        outer = next(state.delta.shape[:3] for state in states if isinstance(state, Whole))
        values = []
        for state, reference in zip(states, references, strict=True):
            value = np.broadcast_to(reference[None, :, None], (*outer, *reference.shape[1:]))
            if isinstance(state, Whole):
                value = value + state.delta
            values.append(value.reshape(-1, *reference.shape[1:]))
        output = self.function(*values)
        return Whole(output.reshape(*outer, *result.shape[1:]) - result[None, :, None])
