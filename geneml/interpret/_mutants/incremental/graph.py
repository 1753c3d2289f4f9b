"""Reading a Keras network as a list of operations on numbered tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from geneml.interpret._mutants.incremental.states import NotUnderstood


@dataclass
class Call:
    """One call of a layer or operation.

    Attributes
    ----------
    operation : keras.Operation
        What is called.
    inputs : list of int
        Numbers of the tensors it takes.
    output : int
        Number of the tensor it gives (the first, where there are several).
    n_outputs : int
        How many it gives.
    constants : list
        Positional arguments that are no tensors.
    function : callable
        The call itself, from arrays to an array.
    """

    operation: Any
    inputs: list[int]
    output: int
    n_outputs: int
    constants: list[Any]
    function: Callable[..., Any] = field(repr=False)
    shape: tuple[Any, ...] = ()

    @property
    def label(self) -> str:
        """Name and kind of the operation."""
        return f"{self.operation.name!r} ({type(self.operation).__name__})"


@dataclass
class Graph:
    """Calls in the order in which they can be made, and where inputs and outputs are."""

    calls: list[Call]
    inputs: list[int]
    outputs: list[int]


def read_graph(model: keras.Model) -> Graph:
    """Read a functional or sequential model, nested ones included.

    Raises
    ------
    NotUnderstood
        If the model is neither.
    """
    reader = _Reader()
    if not is_graph(model):
        raise NotUnderstood("it is a model of its own class, whose inside cannot be read")
    inputs = [reader.number() for _ in model.inputs]
    outputs = reader.model(model, inputs)
    return Graph(reader.calls, inputs, outputs)


def is_graph(model: Any) -> bool:
    """Whether a model consists of layers that are called one after the other."""
    kind = type(model)
    known = kind is keras.Sequential or (
        kind.__name__ == "Functional" and kind.__module__.startswith("keras.")
    )
    return known and model.built


class _Reader:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._count = 0

    def number(self, how_many: int = 1) -> int:
        self._count += how_many
        return self._count - how_many

    def model(self, model: Any, inputs: Sequence[int]) -> list[int]:
        """Read all calls behind a model's outputs; its inputs have these numbers."""
        known = {id(tensor): place for tensor, place in zip(model.inputs, inputs, strict=True)}
        for tensor in model.outputs:
            self._walk(tensor, known)
        return [known[id(tensor)] for tensor in model.outputs]

    def _walk(self, wanted: Any, known: dict[int, int]) -> None:
        waiting = [wanted]
        while waiting:
            tensor = waiting[-1]
            if id(tensor) in known:
                waiting.pop()
                continue
            history = tensor._keras_history
            node = history.operation._inbound_nodes[history.node_index]
            missing = [source for source in node.input_tensors if id(source) not in known]
            if missing:
                waiting += missing
            elif not node.input_tensors:
                raise NotUnderstood(f"{history.operation.name!r} is an input that is not given")
            else:
                self._read(node, known)

    def _read(self, node: Any, known: dict[int, int]) -> None:
        operation, tensors = node.operation, list(node.input_tensors)
        places = [known[id(tensor)] for tensor in tensors]
        outputs = list(node.output_tensors)
        plain = len(node.arguments.args) == 1 or not isinstance(operation, keras.Model)
        if isinstance(operation, keras.Model) and is_graph(operation) and plain:
            results = self.model(operation, places)
            for tensor, place in zip(outputs, results, strict=True):
                known[id(tensor)] = place
            return
        first = self.number(len(outputs))
        for offset, tensor in enumerate(outputs):
            known[id(tensor)] = first + offset
        self.calls.append(
            Call(
                operation,
                places,
                first,
                len(outputs),
                [value for value in node.arguments.args if not _holds_tensor(value)],
                _caller(node, tensors),
                tuple(outputs[0].shape[1:]),
            )
        )


def _holds_tensor(value: Any) -> bool:
    return any(isinstance(part, keras.KerasTensor) for part in keras.tree.flatten(value))


def _caller(node: Any, tensors: Sequence[Any]) -> Callable[..., np.ndarray]:
    def call(*arrays: np.ndarray) -> np.ndarray:
        given = {
            id(tensor): keras.ops.convert_to_tensor(np.ascontiguousarray(array))
            for tensor, array in zip(tensors, arrays, strict=True)
        }
        args, kwargs = node.arguments.fill_in(given)
        return np.asarray(keras.ops.convert_to_numpy(node.operation(*args, **kwargs)))

    return call
