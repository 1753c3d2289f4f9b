"""Checks of what an explainer is given: the input, the background, which output."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

NUCLEOTIDES = ("A", "C", "G", "T")
GENOTYPES = ("0", "1", "2")


@dataclass(frozen=True)
class Inputs:
    """The inputs of a model, one of which is explained.

    Attributes
    ----------
    parts : list of ndarray
        One array an input, all with the same number of samples.
    explained : int
        Which of them is explained.
    """

    parts: list[np.ndarray]
    explained: int

    @property
    def x(self) -> np.ndarray:
        """The explained input, (n, p) or (n, L, alleles)."""
        return self.parts[self.explained]

    @property
    def single(self) -> bool:
        """Whether the model has this one input alone."""
        return len(self.parts) == 1

    def __len__(self) -> int:
        return len(self.x)

    def rows(self, explained_rows: np.ndarray, samples: Any) -> list[np.ndarray]:
        """Inputs in which the explained one is replaced, and the others are of ``samples``."""
        parts = [part if place == self.explained else part[samples]
                 for place, part in enumerate(self.parts)]  # fmt: skip
        parts[self.explained] = explained_rows
        return parts


def as_inputs(x: Any, explained: int = 0, name: str = "x") -> Inputs:
    """Check what is to be explained.

    Parameters
    ----------
    x : array, or list or tuple of arrays
        Several arrays are the inputs of a model with several inputs.
    explained : int
        Which of them is explained.

    Raises
    ------
    TypeError
        If the values are not numbers.
    ValueError
        If shapes are impossible, samples disagree, or there is no such input.
    """
    parts = [np.asarray(part) for part in x] if isinstance(x, list | tuple) else [np.asarray(x)]
    if isinstance(x, list) and parts and all(part.ndim == 0 for part in parts):
        parts = [np.asarray(x)]
    if not 0 <= explained < len(parts):
        raise ValueError(
            f"explained must be between 0 and {len(parts) - 1}, because {name} holds "
            f"{len(parts)} input(s); received {explained}."
        )
    for place, part in enumerate(parts):
        label = name if len(parts) == 1 else f"{name}[{place}]"
        if part.dtype.kind not in "iufb":
            raise TypeError(
                f"{label} must hold numbers, received dtype {part.dtype}. Encode sequences first: "
                "geneml.encoding.one_hot_sequences."
            )
        if part.size == 0:
            raise ValueError(f"{label} is empty: shape {part.shape}.")
    if parts[explained].ndim not in (2, 3):
        raise ValueError(
            f"{name} must have the shape (n, length, alleles) for one-hot input or (n, variants) "
            f"for genotypes or dosages; received {parts[explained].shape}. For one sample write "
            f"{name}[np.newaxis]."
        )
    if len({len(part) for part in parts}) > 1:
        raise ValueError(
            f"the inputs in {name} must hold the same samples; they have "
            f"{[len(part) for part in parts]}."
        )
    return Inputs(parts, explained)


def as_background(background: Any, x: np.ndarray, name: str = "background") -> np.ndarray:
    """Check the reference samples against the explained input.

    Parameters
    ----------
    background : array (b, ...) or (...)
        Real samples, for instance 50 to 100 training rows; one row may come without its
        first axis.
    x : ndarray
        The explained input.

    Returns
    -------
    ndarray (b, ...)

    Raises
    ------
    TypeError, ValueError
        If the values are not numbers, or the shape does not fit that of ``x``.

    Warns
    -----
    UserWarning
        If ``x`` holds whole genotypes or one-hot sequences and the background does not: a
        mean genotype is nobody's, and the network was never trained on such a thing.
    """
    rows = np.asarray(background)
    if rows.dtype.kind not in "iufb":
        raise TypeError(f"{name} must hold numbers, received dtype {rows.dtype}.")
    if rows.shape == x.shape[1:]:
        rows = rows[np.newaxis]
    if rows.ndim != x.ndim or rows.shape[1:] != x.shape[1:] or len(rows) == 0:
        expected = ", ".join(str(size) for size in x.shape[1:])
        raise ValueError(
            f"{name} must hold samples like those of x, shape (b, {expected}), with at least one "
            f"row; received {rows.shape}. Give for instance 50 to 100 training samples."
        )
    if not np.isfinite(rows).all() and np.isfinite(x).all():
        raise ValueError(f"{name} holds values that are not finite.")
    if _is_whole(x) and not _is_whole(rows):
        warnings.warn(
            f"{name} holds fractions where x holds whole alleles: such a sample, for instance a "
            "mean genotype, does not exist, and what a network says of it is an extrapolation. "
            "Give real samples; the values are averaged over them.",
            UserWarning,
            stacklevel=3,
        )
    return rows


def _is_whole(values: np.ndarray) -> bool:
    return values.dtype.kind in "iub" or bool((values == np.rint(values)).all())


def as_outputs(output: int | None, n_outputs: int) -> list[int]:
    """Which outputs to explain: all, or the chosen one.

    Raises
    ------
    ValueError
        If there is no such output.
    """
    if output is None:
        return list(range(n_outputs))
    whole = isinstance(output, int | np.integer) and not isinstance(output, bool)
    if not whole or not 0 <= output < n_outputs:
        raise ValueError(
            f"output must be None or a whole number from 0 to {n_outputs - 1}; received {output!r}."
        )
    return [int(output)]


def whole_number(name: str, value: Any, lowest: int = 1) -> int:
    """Check a count such as steps or batch_size.

    Raises
    ------
    ValueError
        If it is not a whole number from ``lowest``.
    """
    if isinstance(value, bool) or not np.isreal(value) or int(value) != value or value < lowest:
        raise ValueError(f"{name} must be a whole number from {lowest}; received {value!r}.")
    return int(value)


def names_of_alleles(x: np.ndarray) -> tuple[str, ...]:
    """Names along the last axis: bases, genotypes, or none for dosages."""
    if x.ndim == 2:
        return ()
    known = {4: NUCLEOTIDES, 3: GENOTYPES}
    return known.get(x.shape[2], tuple(str(code) for code in range(x.shape[2])))
