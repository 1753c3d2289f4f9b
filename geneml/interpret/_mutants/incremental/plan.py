"""The steps of a whole network, and running changes through them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

from geneml.interpret._mutants.incremental.convolution import Convolution
from geneml.interpret._mutants.incremental.dense import Dense
from geneml.interpret._mutants.incremental.graph import Call, read_graph
from geneml.interpret._mutants.incremental.lowering import steps_of
from geneml.interpret._mutants.incremental.pointwise import Affine, Pointwise, Rectifier, Same
from geneml.interpret._mutants.incremental.pooling import GlobalMaxPool, MaxPool
from geneml.interpret._mutants.incremental.shapes import AnyLayer
from geneml.interpret._mutants.incremental.states import (
    Form,
    NotUnderstood,
    State,
    Whole,
    Windows,
    spread_out,
)
from geneml.interpret._mutants.incremental.steps import Step


@dataclass
class Plan:
    """How the changes of one input reach the outputs of a network.

    Attributes
    ----------
    steps : list of Step
        In order.
    inputs : list of int
        Numbers of the network's inputs.
    outputs : list of int
        Numbers of its outputs.
    forms : dict
        Number of a tensor to what is known about it.
    explained : int
        Which input changes.
    dtype : str
        In which the network computes.
    """

    steps: list[Step]
    inputs: list[int]
    outputs: list[int]
    forms: dict[int, Form]
    explained: int
    dtype: str

    @property
    def work(self) -> tuple[float, float]:
        """Multiplications for one substitution: by this plan, and in full."""
        return sum(step.work[0] for step in self.steps), sum(step.work[1] for step in self.steps)

    @property
    def widest(self) -> int:
        """Most numbers that any step carries for one substitution."""
        return max(form.changed_size for form in self.forms.values())

    @property
    def reference_size(self) -> int:
        """Numbers of all unchanged tensors of one sample."""
        return sum(form.size for form in self.forms.values())

    def prepare(self, inputs: Sequence[np.ndarray]) -> tuple[np.ndarray, list[Any]]:
        """Outputs (n, t) of unchanged samples, and what the steps need of them."""
        references = {
            number: np.asarray(array, dtype=self.dtype)
            for number, array in zip(self.inputs, inputs, strict=True)
        }
        last_use = self._last_use()
        prepared: list[Any] = []
        for position, step in enumerate(self.steps):
            given = [references[number] for number in step.inputs]
            result = step.forward(given)
            references[step.output] = result
            moves = self.forms[step.output].kind != "fixed"
            prepared.append(step.prepare(given, result) if moves else None)
            for number in step.inputs:
                if last_use[number] == position:
                    references.pop(number, None)
        n = len(inputs[0])
        tables = [references[number].reshape(n, -1) for number in self.outputs]
        return np.concatenate(tables, axis=1), prepared

    def change(self, windows: Windows, prepared: Sequence[Any]) -> np.ndarray:
        """Changes of the outputs, (positions, samples, alternatives, t).

        Parameters
        ----------
        windows : Windows
            Changes of the input, one position wide; starts rise.
        prepared : list
            From :meth:`prepare`, for the same samples.
        """
        delta = windows.delta
        states: dict[int, State] = {self.inputs[self.explained]: windows}
        last_use = self._last_use()
        for position, (step, context) in enumerate(zip(self.steps, prepared, strict=True)):
            if self.forms[step.output].kind != "fixed":
                given = [states.get(number) for number in step.inputs]
                states[step.output] = step.change(given, context)
            for number in step.inputs:
                if last_use[number] == position:
                    states.pop(number, None)
        parts = []
        for number in self.outputs:
            state, form = states.get(number), self.forms[number]
            if state is None:
                part = np.zeros((*delta.shape[:3], form.size), dtype=delta.dtype)
            elif isinstance(state, Whole):
                part = state.delta.reshape(*delta.shape[:3], -1)
            else:
                part = spread_out(state, form).reshape(*delta.shape[:3], -1)
            parts.append(part)
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    def _last_use(self) -> dict[int, int]:
        last = {number: -1 for number in self.forms}
        for position, step in enumerate(self.steps):
            last.update(dict.fromkeys(step.inputs, position))
        last.update(dict.fromkeys(self.outputs, len(self.steps)))
        return last


def make_plan(model: keras.Model, shapes: Sequence[tuple[int, ...]], explained: int) -> Plan:
    """Plan how changes of one input go through a network.

    Parameters
    ----------
    model : keras.Model
        Its weights are read now.
    shapes : list of tuple
        Of one sample of each input.
    explained : int
        Which input changes.

    Raises
    ------
    NotUnderstood
        If some layer on the way lets no windows through; the message names it.
    """
    graph = read_graph(model)
    if len(graph.inputs) != len(shapes):
        raise NotUnderstood(f"it takes {len(graph.inputs)} inputs, not {len(shapes)}")
    forms = {
        number: Form("fixed", tuple(shape))
        for number, shape in zip(graph.inputs, shapes, strict=True)
    }
    changing = shapes[explained]
    forms[graph.inputs[explained]] = Form("windows", tuple(changing), 1, np.arange(changing[0]))
    planner = _Planner(forms)
    for call in graph.calls:
        try:
            planner.add(call)
        except NotUnderstood as reason:
            raise NotUnderstood(f"the layer {call.label}: {reason}") from None
    dtype = planner.dtype or "float32"
    plan = Plan(planner.steps, graph.inputs, graph.outputs, forms, explained, dtype)
    _pool_first(plan)
    _fold_factors(plan)
    return plan


class _Planner:
    def __init__(self, forms: dict[int, Form]):
        self.forms, self.steps = forms, []
        self.dtype: str | None = None
        self._spare = -1

    steps: list[Step]

    def add(self, call: Call) -> None:
        forms = [self.forms[number] for number in call.inputs]
        moving = {form.kind for form in forms} - {"fixed"}
        self._check(call)
        if not moving:
            self._place([self._called(call, "")], call)
            return
        try:
            self._place(steps_of(call), call)
        except NotUnderstood as reason:
            if "windows" in moving:
                raise
            self._place([self._called(call, str(reason))], call)

    def _check(self, call: Call) -> None:
        layer = call.operation
        if call.n_outputs != 1:
            raise NotUnderstood("it has several outputs")
        if isinstance(layer, layers.Masking) or getattr(layer, "mask_zero", False):
            raise NotUnderstood("it hides positions from later layers")
        policy = getattr(layer, "dtype_policy", None)
        if policy is not None:
            compute = str(policy.compute_dtype)
            if compute not in ("float32", "float64") or self.dtype not in (None, compute):
                raise NotUnderstood(f"it computes in {compute}")
            self.dtype = compute

    @staticmethod
    def _called(call: Call, reason: str) -> AnyLayer:
        return AnyLayer(call.function, call.shape, reason)

    def _place(self, steps: list[Step], call: Call) -> None:
        numbers = tuple(call.inputs)
        placed, forms = [], dict(self.forms)
        for step in steps:
            step.inputs = numbers
            step.output = call.output if step is steps[-1] else self._next()
            step.form = step.plan([forms[number] for number in numbers])
            forms[step.output] = step.form
            numbers = (step.output,)
            placed.append(step)
        self.forms.update(forms)
        self.steps += placed

    def _next(self) -> int:
        self._spare -= 1
        return self._spare


def _consumers(plan: Plan) -> Counter[int]:
    counts = Counter(number for step in plan.steps for number in step.inputs)
    counts.update(plan.outputs)
    return counts


def _pool_first(plan: Plan) -> None:
    """Let a maximum go before a rising function: the same result from fewer numbers."""
    swapped = True
    while swapped:
        swapped = False
        counts = _consumers(plan)
        makers = {step.output: place for place, step in enumerate(plan.steps)}
        for place, pool in enumerate(plan.steps):
            if not isinstance(pool, MaxPool | GlobalMaxPool):
                continue
            before = makers.get(pool.inputs[0])
            if before is None or counts[pool.inputs[0]] != 1:
                continue
            function = plan.steps[before]
            rising = isinstance(function, Pointwise | Rectifier) and function.rising
            if not rising or plan.forms[function.inputs[0]].kind != "windows":
                continue
            _swap(plan, before, place)
            swapped = True
            break


def _swap(plan: Plan, before: int, place: int) -> None:
    function, pool = plan.steps[before], plan.steps[place]
    between, end = function.output, pool.output
    pool.inputs, pool.output = function.inputs, between
    function.inputs, function.output = (between,), end
    pool.form = pool.plan([plan.forms[pool.inputs[0]]])
    plan.forms[between] = pool.form
    function.form = function.plan([pool.form])
    plan.forms[end] = function.form
    # Both stand where the pooling stood: nothing else uses what is between them.
    plan.steps[place : place + 1] = [pool, function]
    del plan.steps[before]


def _fold_factors(plan: Plan) -> None:
    """Let a product leave with the factors of the normalisation that follows it."""
    counts = _consumers(plan)
    makers = {step.output: step for step in plan.steps}
    for step in plan.steps:
        if not isinstance(step, Affine):
            continue
        maker = makers.get(step.inputs[0])
        while isinstance(maker, Same) and counts[maker.output] == 1:
            maker = makers.get(maker.inputs[0])
        factors = step.by_channel
        if factors is None or factors.ndim != 1 or counts[step.inputs[0]] != 1:
            continue
        if not isinstance(maker, Convolution | Dense) or counts[maker.output] != 1:
            continue
        if plan.forms[maker.output].kind != "fixed":
            maker.scale_changes(factors)
            step.folded = True
