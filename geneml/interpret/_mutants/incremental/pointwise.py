"""Steps that treat every number, or every position, by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geneml.interpret._mutants.incremental.states import (
    Form,
    NotUnderstood,
    Padded,
    State,
    Whole,
    Windows,
    padded_for,
)
from geneml.interpret._mutants.incremental.steps import Step, count_work


class Same(Step):
    """Nothing happens: dropout and noise outside of training."""

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        return forms[0]

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return references[0]

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        return states[0]


class Affine(Step):
    """Multiply and add constants: batch normalisation outside of training, rescaling.

    Parameters
    ----------
    scale, shift : array
        To be broadcast over the shape of a sample.
    """

    def __init__(self, scale: np.ndarray, shift: np.ndarray):
        self.scale, self.shift = scale, shift
        self.folded = False

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        try:
            scale = np.broadcast_to(self.scale, form.shape)
        except ValueError:
            raise NotUnderstood("its constants do not have the shape of a sample") from None
        self.constant = form.kind != "windows" or bool((scale == scale[:1]).all())
        if not self.constant:
            self.windows = padded_for(np.ascontiguousarray(scale)[None], form)
        self.first_row = scale[0] if form.kind == "windows" else scale
        self.work = count_work(self, form, 1.0)
        return form

    @property
    def by_channel(self) -> np.ndarray | None:
        """The factor of each channel, if it is the same at all positions."""
        return np.atleast_1d(self.first_row) if self.constant else None

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return references[0] * self.scale + self.shift

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (state,) = states
        assert state is not None
        if self.folded:
            return state
        if self.constant:
            return state.having(state.delta * self.first_row)
        assert isinstance(state, Windows)
        factors = self.windows.windows(state.start, state.delta.shape[3])
        return state.having(state.delta * factors)


class Pointwise(Step):
    """A function of each number, or of the channels at each position.

    Parameters
    ----------
    function : callable
        From an array (and the parameters) to an array of the same shape.
    parameters : arrays
        To be broadcast over the shape of a sample; cut into windows where they vary.
    rising : bool
        Whether it never falls, so that it may change places with a maximum.
    over_channels : bool
        Whether it needs all channels of a position.
    channels : int, optional
        How many channels it makes of one, in a new last axis.
    """

    def __init__(
        self,
        function: Callable[..., np.ndarray],
        parameters: Sequence[np.ndarray] = (),
        *,
        rising: bool = False,
        over_channels: bool = False,
        channels: int | None = None,
    ):
        self.function, self.parameters = function, parameters
        self.rising, self.over_channels, self.channels = rising, over_channels, channels

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        (form,) = forms
        if form.kind == "windows" and self.over_channels and len(form.shape) == 1:
            raise NotUnderstood("it takes all numbers of a sample together")
        self.input_form = form
        self.values = [np.broadcast_to(value, form.shape) for value in self.parameters]
        if form.kind == "windows":
            self.cut = [
                padded_for(np.ascontiguousarray(value)[None], form) for value in self.values
            ]
        out = form
        if self.channels is not None:
            if len(form.shape) != 1 or form.kind == "whole":
                raise NotUnderstood("it is not applied to what is stored at each variant")
            out = form.with_shape(form.length, self.channels)
        self.work = count_work(self, out, 4.0)
        return out

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return self.function(references[0], *self.values)

    def prepare(self, references: Sequence[np.ndarray], result: np.ndarray) -> Any:
        """See :class:`Step`."""
        if self.input_form.kind != "windows":
            return references[0][None, :, None], result[None, :, None]
        return padded_for(references[0], self.input_form)

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (state,) = states
        assert state is not None
        if isinstance(state, Whole):
            before, after = prepared
            return Whole(self.function(state.delta + before, *self.values) - after)
        assert isinstance(prepared, Padded)
        width = state.delta.shape[3]
        before = prepared.windows(state.start, width)
        parameters = [cut.windows(state.start, width) for cut in self.cut]
        if self.channels is not None:  # a stored value becomes several numbers
            squeezed = [parameter[..., 0] for parameter in parameters]
            new = self.function((state.delta + before)[..., 0], *squeezed)
            return state.having(new - self.function(before[..., 0], *squeezed))
        new = self.function(state.delta + before, *parameters)
        return state.having(new - self.function(before, *parameters))


class Rectifier(Step):
    """ReLU, with a slope below zero if wanted. Exact where a unit stays on its side.

    Parameters
    ----------
    slope : float
        Below zero; from 0 to 1.
    """

    rising = True

    def __init__(self, slope: float = 0.0):
        self.slope = slope

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        self.input_form = forms[0]
        self.work = count_work(self, forms[0], 2.0)
        return forms[0]

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        result = np.maximum(references[0], 0)
        return result if not self.slope else result + self.slope * np.minimum(references[0], 0)

    def prepare(self, references: Sequence[np.ndarray], result: np.ndarray) -> Any:
        """See :class:`Step`."""
        below = -references[0]
        off = np.maximum(below, 0)
        if self.input_form.kind == "windows":
            return padded_for(below, self.input_form), padded_for(off, self.input_form)
        return below[None, :, None], off[None, :, None]

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        (state,) = states
        assert state is not None
        below, off = prepared
        if isinstance(state, Windows):
            width = state.delta.shape[3]
            below, off = below.windows(state.start, width), off.windows(state.start, width)
        # relu(r + d) - relu(r) = max(d, -r) - max(-r, 0): nothing is added and taken off again.
        delta = np.maximum(state.delta, below)
        delta -= off
        if self.slope:
            delta *= 1 - self.slope
            delta += self.slope * state.delta
        return state.having(delta)
