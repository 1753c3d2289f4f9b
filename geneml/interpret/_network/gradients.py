"""Derivatives of a network's outputs by one of its inputs, on every Keras backend.

Keras has no common way to differentiate by an input, so this module asks the backend that is
running: a compiled gradient tape under TensorFlow, ``jax.grad`` under JAX, autograd under
torch. Beside the quick epoch (:mod:`geneml._tensorflow_engine`) it is the one module that
names backends.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from geneml._quiet import without_retracing_advice

Inputs = list[np.ndarray]
Derivative = Callable[[Inputs], np.ndarray]

_COMPILED: weakref.WeakKeyDictionary[Any, dict] = weakref.WeakKeyDictionary()


def compiled_derivative(
    owner: Any,
    forward: Callable[[Any, list], Any],
    *,
    key: tuple,
    explained: int,
    outputs: Sequence[int],
    inputs: Inputs,
) -> Derivative:
    """A function that gives d output / d input for a batch, compiled once for each network.

    Parameters
    ----------
    owner : object
        The network. The compiled function is kept as long as this object lives, and does
        not keep it alive.
    forward : callable
        ``forward(owner, inputs) -> outputs (batch, t)``; may not hold the owner itself.
    key : tuple
        What tells this ``forward`` from others of the same owner.
    explained : int
        By which of the inputs to differentiate.
    outputs : sequence of int
        Which outputs to differentiate, each on its own.
    inputs : list of ndarray
        One batch, for shapes and types.

    Returns
    -------
    callable
        ``derivative(inputs) -> float32 array (batch, *input, len(outputs))``.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise NotImplementedError(
            f"derivatives are written for tensorflow, jax and torch; Keras runs on {backend}. "
            "Use mutagenesis or exact or permutation Shapley values: they need no derivatives."
        )
    shapes = tuple((part.shape[1:], str(part.dtype)) for part in inputs)
    known = _COMPILED.setdefault(owner, {})
    whole_key = (key, explained, tuple(outputs), shapes)
    if whole_key not in known:
        reference = weakref.ref(owner)
        known[whole_key] = _BACKENDS[backend](
            lambda parts: forward(reference(), parts), explained, tuple(outputs), inputs
        )
    return known[whole_key]


def no_path(explained: int) -> ValueError:
    """The error for a network whose output does not depend smoothly on the input."""
    return ValueError(
        f"the network has no derivative by input {explained}: between that input and the output "
        "stands a step that is not smooth, such as a comparison or a conversion to integers. "
        "Give the network's encoded input (one-hot or dosages), or use mutagenesis or exact or "
        "permutation Shapley values, which need no derivatives."
    )


def _tensorflow(forward: Callable, explained: int, outputs: tuple, inputs: Inputs) -> Derivative:
    import tensorflow as tf

    signature = [tf.TensorSpec([None, *part.shape[1:]], part.dtype) for part in inputs]

    @tf.function(autograph=False, input_signature=signature)
    def slopes(*parts):
        with tf.GradientTape(persistent=len(outputs) > 1, watch_accessed_variables=False) as tape:
            tape.watch(parts[explained])
            predicted = forward(list(parts))
            columns = [predicted[:, output] for output in outputs]
        found = [tape.gradient(column, parts[explained]) for column in columns]
        if any(one is None for one in found):
            raise no_path(explained)
        return tf.stack([tf.convert_to_tensor(one) for one in found], axis=-1)

    def quietly(parts: Inputs) -> np.ndarray:
        with without_retracing_advice():
            return slopes(*map(tf.convert_to_tensor, parts)).numpy()

    return quietly


def _jax(forward: Callable, explained: int, outputs: tuple, inputs: Inputs) -> Derivative:
    import jax

    # Compiled anew at each call of an explainer, because weights are constants in it.
    def slopes(parts):
        def summed(explained_part, output):
            whole = [*parts[:explained], explained_part, *parts[explained + 1 :]]
            return forward(whole)[:, output].sum()

        found = [jax.grad(summed)(parts[explained], output) for output in outputs]
        return jax.numpy.stack(found, axis=-1)

    return lambda parts: np.asarray(slopes([jax.numpy.asarray(part) for part in parts]))


def _torch(forward: Callable, explained: int, outputs: tuple, inputs: Inputs) -> Derivative:
    import torch

    def slopes(parts: Inputs) -> np.ndarray:
        tensors = [keras.ops.convert_to_tensor(part) for part in parts]
        with torch.enable_grad():
            tensors[explained] = tensors[explained].detach().requires_grad_(True)
            predicted = forward(tensors)
            try:
                found = [
                    torch.autograd.grad(
                        predicted[:, output].sum(), tensors[explained], retain_graph=True
                    )[0]
                    for output in outputs
                ]
            except RuntimeError as error:
                raise no_path(explained) from error
        return keras.ops.convert_to_numpy(torch.stack(found, dim=-1))

    return slopes


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
