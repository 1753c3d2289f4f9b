"""The figure in which a filter slides over sequences and its windows become a logo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.live.arguments import between
from geneml.live.figure import LiveFigure, figure

_MOST_LETTERS = 60_000


def motif_scan(
    sequences: Sequence[str],
    weights: Any = None,
    *,
    motif: str | None = None,
    threshold: float = 0.5,
    known: str | None = None,
    names: Sequence[str] | None = None,
) -> LiveFigure:
    """A filter slides over sequences; windows above a threshold make a matrix and its logo.

    The threshold is a share of the filter's largest activation over all windows, one half in
    Kelley, Snoek & Rinn (2016, Genome Research 26:990). Bits are ``2 + sum f log2 f``, against
    equal base frequencies and without a correction for few windows (Schneider & Stephens 1990,
    Nucleic Acids Research 18:6097).

    Parameters
    ----------
    sequences : sequence of str
        1 to 500 sequences of A, C, G and T, at most 60,000 letters in all, each at least as long
        as the filter.
    weights : array (k, 4) or (k, 4, f), optional
        One filter or up to 8, positions x bases A, C, G, T: the kernel of a Keras Conv1D on
        one-hot sequences, or some of its filters, ``np.asarray(layer.kernel)[..., [0, 3]]``. k is
        2 to 30.
    motif : str, optional
        Instead of weights: +1 for its bases and -1 for the others.
    threshold : float
        Where the slider starts, 0.05 to 1.
    known : str, optional
        A motif that the most frequent bases are compared with, on both strands.
    names : sequence of str, optional
        A name for each filter; numbers from 1 otherwise.

    Returns
    -------
    LiveFigure

    Raises
    ------
    TypeError, ValueError
        If the sequences or the filter cannot be shown.
    """
    if (weights is None) == (motif is None):
        raise ValueError("weights, motif: expected one of them")
    filters = _filters(weights) if motif is None else _matches(_bases("motif", motif, 2, 30))
    letters = _sequences(sequences, len(filters[0]))
    labels = [f"filter {i + 1}" for i in range(len(filters))] if names is None else list(names)
    if len(labels) != len(filters):
        raise ValueError(f"names: expected {len(filters)} names, got {len(labels)}")
    return figure(
        "motif_scan",
        {
            "sequences": letters,
            "filters": filters,
            "names": [str(one) for one in labels],
            "threshold": between("threshold", threshold, 0.05, 1),
            "known": None if known is None else _bases("known", known, 2, 30),
        },
        title="From a filter to a motif",
        description="The filter slides along each sequence. Windows that excite it beyond the "
        "threshold are stacked, and their bases drawn as a logo.",
    )


def _bases(name: str, text: Any, least: int, most: int) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name}: expected a str, got {type(text).__name__}")
    if not least <= len(text) <= most or set(text) - set("ACGT"):
        raise ValueError(f"{name}: expected {least} to {most} letters of ACGT, got {text[:40]!r}")
    return text


def _matches(motif: str) -> list[list[list[float]]]:
    return [[[1.0 if base == letter else -1.0 for base in "ACGT"] for letter in motif]]


def _filters(weights: Any) -> list[list[list[float]]]:
    kernel = np.asarray(weights, dtype="float64")
    if kernel.ndim == 2:
        kernel = kernel[:, :, np.newaxis]
    if kernel.ndim != 3 or kernel.shape[1] != 4 or not 2 <= kernel.shape[0] <= 30:
        raise ValueError(
            "weights: expected (positions 2 to 30, bases 4) or (positions, bases, filters), got "
            f"{np.shape(weights)}"
        )
    if not 1 <= kernel.shape[2] <= 8:
        raise ValueError(
            f"weights: expected 1 to 8 filters, got {kernel.shape[2]}; choose some, for instance "
            "np.asarray(kernel)[..., [0, 3, 5]]"
        )
    if not np.isfinite(kernel).all():
        raise ValueError("weights: expected finite numbers, got NaN or infinity")
    return [[[float(f"{one:.7g}") for one in row] for row in f] for f in np.moveaxis(kernel, 2, 0)]


def _sequences(sequences: Sequence[str], shortest: int) -> list[str]:
    if isinstance(sequences, str):
        raise TypeError("sequences: expected a list of str, got one str")
    letters = [_bases(f"sequences[{i}]", one, 1, 10**6) for i, one in enumerate(sequences)]
    if not 1 <= len(letters) <= 500:
        raise ValueError(f"sequences: expected 1 to 500, got {len(letters)}")
    if min(map(len, letters)) < shortest:
        raise ValueError(
            f"sequences: expected each at least as long as the filter ({shortest}), got one of "
            f"{min(map(len, letters))}"
        )
    if sum(map(len, letters)) > _MOST_LETTERS:
        raise ValueError(
            f"sequences: expected at most {_MOST_LETTERS:,} letters in all, got "
            f"{sum(map(len, letters)):,}; give fewer sequences"
        )
    return letters
