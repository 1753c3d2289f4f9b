"""Where branches of a network meet: windows are brought to a common width first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.interpret._mutants.incremental.states import (
    Form,
    NotUnderstood,
    Padded,
    State,
    Whole,
    Windows,
    moved,
    padded_for,
)
from geneml.interpret._mutants.incremental.steps import Step, count_work


class Merge(Step):
    """Combine tensors number by number, or side by side.

    Parameters
    ----------
    kind : {"sum", "difference", "mean", "product", "maximum", "minimum", "concatenation"}
    axis : int
        Of a concatenation.
    """

    def __init__(self, kind: str, axis: int = -1):
        self.kind, self.axis = kind, axis

    def plan(self, forms: Sequence[Form]) -> Form:
        """See :class:`Step`."""
        kinds = {form.kind for form in forms}
        if {"windows", "whole"} <= kinds:
            raise NotUnderstood(
                "it joins what changes in a window with what changes everywhere at once"
            )
        kind = next((name for name in ("windows", "whole") if name in kinds), "fixed")
        shape = self._shape(forms, kind)
        self.forms = forms
        if kind != "windows":
            self.form = Form(kind, shape)
        else:
            moving = [form for form in forms if form.kind == "windows"]
            start = np.min([form.start for form in moving], axis=0)
            width = int(np.max([form.start + form.width - start for form in moving]))
            self.form = Form("windows", shape, width, start)
        self.work = count_work(self, self.form, 1.0)
        return self.form

    def _shape(self, forms: Sequence[Form], kind: str) -> tuple[int, ...]:
        shapes = [form.shape for form in forms]
        if self.kind == "concatenation":
            rank = len(shapes[0])
            axis = self.axis - 1 if self.axis > 0 else rank + self.axis
            if axis != rank - 1 or (kind == "windows" and rank == 1):
                raise NotUnderstood("it joins tensors along another axis than the channels")
            return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))
        if len({len(shape) for shape in shapes}) > 1:
            raise NotUnderstood("it joins tensors of different rank")
        shape = tuple(np.broadcast_shapes(*shapes))
        if any(form.kind != "fixed" and form.shape != shape for form in forms):
            raise NotUnderstood("it repeats what changes over a larger shape")
        return shape

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """See :class:`Step`."""
        return self._combined(list(references))

    def _combined(self, values: list[np.ndarray]) -> np.ndarray:
        if self.kind == "concatenation":
            return np.concatenate(values, axis=-1)
        if self.kind == "difference":
            return values[0] - values[1]
        function = {"product": np.multiply, "maximum": np.maximum, "minimum": np.minimum}
        combine = function.get(self.kind, np.add)
        result = values[0]
        for value in values[1:]:
            result = combine(result, value)
        return result / np.asarray(len(values), result.dtype) if self.kind == "mean" else result

    def prepare(self, references: Sequence[np.ndarray], result: np.ndarray) -> Any:
        """See :class:`Step`."""
        if self.kind in ("sum", "difference", "mean"):
            return None
        if self.kind == "concatenation":
            return [reference.shape[-1] for reference in references]
        if self.form.kind == "whole":
            return [reference[None, :, None] for reference in references], result[None, :, None]
        shape = (len(result), *self.form.shape)
        wide = [np.broadcast_to(reference, shape) for reference in references]
        return [padded_for(reference, self.form) for reference in wide], None

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """See :class:`Step`."""
        deltas, start = self._aligned(states)
        some = next(delta for delta in deltas if delta is not None)
        if self.kind == "concatenation":
            parts = [
                np.zeros((*some.shape[:-1], width), dtype=some.dtype) if delta is None else delta
                for delta, width in zip(deltas, prepared, strict=True)
            ]
            return self._state(np.concatenate(parts, axis=-1), start)
        if self.kind in ("sum", "difference", "mean"):
            signs = [1, -1] if self.kind == "difference" else [1] * len(deltas)
            total: np.ndarray | None = None
            for delta, sign in zip(deltas, signs, strict=True):
                if delta is not None:
                    part = delta if sign > 0 else -delta
                    total = part if total is None else total + part
            assert total is not None
            share = len(deltas) if self.kind == "mean" else 1
            return self._state(
                total / np.asarray(share, total.dtype) if share > 1 else total, start
            )
        references, result = prepared
        if start is not None:
            width = some.shape[3]
            references = [padded.windows(start, width) for padded in references]
        if self.kind == "product":
            return self._state(_product_change(deltas, references), start)
        new = [
            reference if delta is None else reference + delta
            for delta, reference in zip(deltas, references, strict=True)
        ]
        return self._state(self._combined(new) - self._combined(list(references)), start)

    def _aligned(
        self, states: Sequence[State]
    ) -> tuple[list[np.ndarray | None], np.ndarray | None]:
        windows = [state for state in states if isinstance(state, Windows)]
        if not windows:
            return [state.delta if isinstance(state, Whole) else None for state in states], None
        start = np.min([state.start for state in windows], axis=0)
        return [
            moved(state, start, self.form.width) if isinstance(state, Windows) else None
            for state in states
        ], start

    @staticmethod
    def _state(delta: np.ndarray, start: np.ndarray | None) -> State:
        return Whole(delta) if start is None else Windows(delta, start)


def _product_change(
    deltas: Sequence[np.ndarray | None], references: Sequence[np.ndarray | Padded]
) -> np.ndarray:
    """Change of a product, factor by factor: (a + da)(b + db) - ab = da b + (a + da) db."""
    change: np.ndarray | None = None
    so_far: Any = None
    for delta, reference in zip(deltas, references, strict=True):
        assert isinstance(reference, np.ndarray)
        if so_far is None:
            change, so_far = delta, reference
            continue
        first = None if change is None else change * reference
        if delta is None:
            change = first
        else:
            moved_on = so_far if change is None else so_far + change
            second = moved_on * delta
            change = second if first is None else first + second
        so_far = so_far * reference
    assert change is not None
    return change
