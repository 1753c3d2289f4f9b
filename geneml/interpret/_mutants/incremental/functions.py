"""Activation functions on numpy arrays, equal to those of Keras."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from scipy.special import erf, expit

from geneml.interpret._mutants.incremental.pointwise import Pointwise, Rectifier, Same
from geneml.interpret._mutants.incremental.states import NotUnderstood
from geneml.interpret._mutants.incremental.steps import Step

_HALF_ROOT = float(np.sqrt(0.5))
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Exponential linear unit."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def gelu(x: np.ndarray) -> np.ndarray:
    """X times the normal distribution function at x."""
    return x * (0.5 * (1 + erf(x * _HALF_ROOT)))


def softmax(x: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """Sigmoid of three straight lines."""
    return np.clip(x + 3, 0, 6) / 6


# Name in Keras: the function, and whether it never falls.
_ELEMENTWISE: dict[str, tuple[Callable[[np.ndarray], np.ndarray], bool]] = {
    "relu6": (lambda x: np.clip(x, 0, 6), True),
    "sigmoid": (expit, True),
    "tanh": (np.tanh, True),
    "softplus": (softplus, True),
    "softsign": (lambda x: x / (1 + np.abs(x)), True),
    "elu": (elu, True),
    "selu": (lambda x: _SELU_SCALE * elu(x, _SELU_ALPHA), True),
    "gelu": (gelu, False),
    "silu": (lambda x: x * expit(x), False),
    "mish": (lambda x: x * np.tanh(softplus(x)), False),
    "exponential": (np.exp, True),
    "hard_sigmoid": (hard_sigmoid, True),
    "hard_silu": (lambda x: x * hard_sigmoid(x), False),
    "hard_tanh": (lambda x: np.clip(x, -1, 1), True),
    "log_sigmoid": (lambda x: -softplus(-x), True),
    "tanh_shrink": (lambda x: x - np.tanh(x), True),
}


def activation_step(function: Callable[..., object] | None) -> Step:
    """Make the step for an activation of Keras.

    Raises
    ------
    NotUnderstood
        For any other function, which might mix positions.
    """
    if function is None or function is keras.activations.linear:
        return Same()
    if function is keras.activations.relu:
        return Rectifier()
    if function is keras.activations.leaky_relu:
        return Rectifier(0.2)
    if function is keras.activations.softmax:
        return Pointwise(softmax, over_channels=True)
    for name, (own, rising) in _ELEMENTWISE.items():
        if function is getattr(keras.activations, name, None):
            return Pointwise(own, rising=rising)
    name = getattr(function, "__name__", type(function).__name__)
    raise NotUnderstood(f"its activation {name!r} is not one that is known to act on each number")
