"""Checks of arguments, made before any work, with messages that say what to do."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_count(name: str, value: Any, minimum: int = 1) -> int:
    """Return `value` as an int, or raise: TypeError for a kind, ValueError below `minimum`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(
            f"{name} must be a whole number, got {type(value).__name__} ({value!r}). "
            f"Give an int of {minimum} or more."
        )
    if value < minimum:
        raise ValueError(f"{name} must be {minimum} or more, got {value}.")
    return int(value)


def check_number(
    name: str,
    value: Any,
    low: float = -np.inf,
    high: float = np.inf,
    *,
    low_open: bool = False,
    high_open: bool = False,
) -> float:
    """Return `value` as a float inside the interval, or raise TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a number, got {type(value).__name__} ({value!r}).")
    number = float(value)
    below = number < low or (low_open and number == low)
    above = number > high or (high_open and number == high)
    if not np.isfinite(number) or below or above:
        left, right = "(" if low_open else "[", ")" if high_open else "]"
        raise ValueError(f"{name} must lie in {left}{low:g}, {high:g}{right}, got {value}.")
    return number


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`, or raise TypeError or ValueError."""
    if not isinstance(value, str):
        raise TypeError(
            f"{name} must be a string, one of {', '.join(choices)}; got {type(value).__name__}."
        )
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; got {value!r}.")
    return value


def check_genotypes(name: str, genotypes: Any, *, complete: bool = True) -> np.ndarray:
    """Return `genotypes` as an int8 matrix of 0, 1, 2 (and -1 unless `complete`), or raise."""
    array = np.asarray(genotypes)
    if array.dtype.kind not in "iufb":
        raise TypeError(
            f"{name} must hold numbers (copies of an allele), got dtype {array.dtype}. "
            "Pass the array of genotypes, for example population.genotypes."
        )
    if array.ndim != 2:
        raise ValueError(f"{name} must be a matrix (individuals, loci), got shape {array.shape}.")
    if array.shape[0] < 2 or array.shape[1] < 1:
        raise ValueError(
            f"{name} needs at least two individuals and one locus, got shape {array.shape}."
        )
    low, high = array.min(), array.max()
    if array.dtype.kind == "f" and not np.array_equal(array, np.round(array)):
        raise ValueError(f"{name} must hold whole numbers 0, 1 or 2, got fractions or NaN.")
    if complete and low == -1:
        count = int((array == -1).sum())
        raise ValueError(
            f"{name} has {count} missing genotypes (-1), and a simulated trait needs them all. "
            "Use population.complete_genotypes, or simulate the trait before hiding genotypes."
        )
    if low < (0 if complete else -1) or high > 2:
        raise ValueError(
            f"{name} must hold 0, 1 or 2 copies of an allele, got values from {low} to {high}."
        )
    return array.astype(np.int8, copy=False)
