"""Dealing samples to parts: evenly, along an order, or group by group."""

from __future__ import annotations

import numpy as np

from geneml._checks import as_vector


def deal(n: int, ratio: np.ndarray) -> np.ndarray:
    """Return n part numbers whose every beginning follows the ratio closely.

    Webster's method: the j-th sample of a part falls due at time (j + 1/2) / ratio.
    Unlike rounding, it never takes a sample back when n grows.
    """
    due = np.concatenate(
        [(np.arange(n) + 0.5) / share if share > 0 else np.full(n, np.inf) for share in ratio]
    )
    return np.argsort(due, kind="stable")[:n] // n


def deal_in_order(
    ranks: np.ndarray, labels: np.ndarray, block: int, rng: np.random.Generator
) -> np.ndarray:
    """Give labels along the order of the ranks, shuffled within short blocks."""
    # Ties, and each block, in random order: lexsort sorts by its last key first.
    order = np.lexsort((rng.random(len(ranks)), ranks))
    blocks = np.arange(len(labels)) // block
    shuffled = labels[np.lexsort((rng.random(len(labels)), blocks))]
    dealt = np.empty(len(labels), dtype=np.int64)
    dealt[order] = shuffled
    return dealt


def deal_groups(codes: np.ndarray, ratio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give whole groups to the part that is least full for its share, larger groups first.

    Fullness is relative, so large groups are spread over the parts like small ones; and
    small groups, coming last, even the parts out. No part with a share stays empty.
    """
    sizes = np.bincount(codes)
    wanted = ratio > 0
    if len(sizes) < wanted.sum():
        raise ValueError(
            f"groups: expected at least {wanted.sum()} groups, one for each part, "
            f"received {len(sizes)}"
        )
    filled = np.zeros(len(ratio))
    part = np.empty(len(sizes), dtype=np.int64)
    # Equal sizes in random order: lexsort sorts by its last key first.
    order = np.lexsort((rng.random(len(sizes)), -sizes))
    for done, group in enumerate(order):
        empty = wanted & (filled == 0)
        open_parts = empty if empty.sum() == len(order) - done else wanted
        fullness = np.full(len(ratio), np.inf)
        fullness[open_parts] = (filled[open_parts] + sizes[group] / 2) / ratio[open_parts]
        part[group] = rng.choice(np.flatnonzero(fullness == fullness.min()))
        filled[part[group]] += sizes[group]
    return part[codes]


def as_codes(groups: np.ndarray, name: str, n: int | None = None) -> np.ndarray:
    """Return groups as numbers from 0."""
    array = np.asarray(groups)
    if array.ndim != 1 or not array.size or (n is not None and len(array) != n):
        expected = "one value a sample" if n is None else f"{n} values"
        raise ValueError(f"{name}: expected {expected}, received shape {array.shape}")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{name}: expected a group for every sample, received NaN")
    if array.dtype.kind == "O":
        array = array.astype(str)
    return np.unique(array, return_inverse=True)[1]


def as_ranks(trait: np.ndarray, name: str, n: int | None = None) -> np.ndarray:
    """Return a trait, or the numbers of categories, to sort by."""
    if np.asarray(trait).dtype.kind in "iufb":
        return as_vector(trait, name, n)
    return as_codes(trait, name, n).astype(float)
