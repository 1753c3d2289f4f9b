"""Attention weights, as asked for and with typical slips."""

from collections.abc import Iterator

import numpy as np


def weights(scores: np.ndarray, axis: int = 1) -> np.ndarray:
    """Softmax along an axis."""
    raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def slips(queries: np.ndarray, keys: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Hints, and the tables that earn them."""
    length, d = queries.shape
    plain = queries @ keys.T
    scores = plain / np.sqrt(d)
    shifted = np.exp(scores - scores.max(axis=1))  # keepdims forgotten
    yield "columns", weights(scores, axis=0)
    yield "columns", weights(scores).T
    yield "not-scaled", weights(plain)
    yield "scaled-by-d", weights(plain / d)
    yield "scaled-by-length", weights(plain / np.sqrt(length))
    yield "swapped", weights(scores.T)
    yield "no-exp", scores / scores.sum(axis=1, keepdims=True)
    yield "keepdims", shifted / shifted.sum(axis=1)
    yield "keepdims", shifted / shifted.sum(axis=1, keepdims=True)
    for raised in (np.exp(scores), np.exp(scores - scores.max(axis=1, keepdims=True))):
        yield "keepdims", raised / raised.sum(axis=1)
        yield "all-together", raised / raised.sum()
        yield "not-normalised", raised
    yield "scores", scores
    yield "scores", plain


def with_one_maximum(scores: np.ndarray) -> np.ndarray:
    """What comes out when the largest score of the whole table is taken away."""
    with np.errstate(invalid="ignore", divide="ignore"):
        raised = np.exp(scores - scores.max())
        return raised / raised.sum(axis=1, keepdims=True)
