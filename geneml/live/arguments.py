"""Checks that the figures share: what an argument may be, said before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def between(name: str, value: float, low: float, high: float) -> float:
    """Return `value` as a float, or say which range it has to be in."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value:g}")
    return float(value)


def whole(name: str, value: int, low: int, high: int) -> int:
    """Return `value`, or say that a whole number in a range is needed."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected a whole number, got {type(value).__name__}")
    return int(between(name, value, low, high))


def seeded(seed: int, **data: Any) -> dict[str, Any]:
    """Return `data` with a checked seed."""
    return {**data, "seed": whole("seed", seed, 0, 2**31 - 1)}


def several(name: str, values: Sequence[float], count: int, low: float, high: float) -> list[float]:
    """Return `values` as a list of `count` floats in a range, or say what is wrong."""
    items = list(values)
    if len(items) != count:
        raise ValueError(f"{name}: expected {count} numbers, got {len(items)}")
    return [between(f"{name}[{i}]", item, low, high) for i, item in enumerate(items)]


def one_of(name: str, value: str, known: Sequence[str]) -> str:
    """Return `value`, or say which words there are."""
    if value not in known:
        raise ValueError(f"{name}: expected one of {', '.join(known)}, got {value!r}")
    return value
