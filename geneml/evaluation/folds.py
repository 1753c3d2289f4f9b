"""Repeated cross-validation: every method meets the same folds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.splits import Seed, Split, k_fold


def repeated_k_fold(
    n: int,
    k: int = 5,
    *,
    repeats: int = 10,
    groups: Any = None,
    stratify: Any = None,
    validation_fraction: float = 0.2,
    seed: Seed,
) -> list[Split]:
    """Divide n samples into k folds, several times over.

    Each repeat deals the samples anew, so that the luck of one dealing averages out. The
    first repeats are the same however many follow: a slow method with two repeats shares
    these with a fast one with ten.

    Parameters
    ----------
    n : int
        Number of samples.
    k : int
        Folds of each repeat.
    repeats : int
        Number of dealings.
    groups : array_like, shape (n,), optional
        Groups, such as families, to keep whole, in the test folds and in the validation parts.
    stratify : array_like, shape (n,), optional
        A trait or category to spread alike; not together with `groups`.
    validation_fraction : float
        Share of the samples outside the test fold that goes to validation, in [0, 1).
    seed : int or numpy.random.Generator
        The same seed gives the same folds.

    Returns
    -------
    list of Split
        k * repeats of them, repeat by repeat. The test parts of a repeat are disjoint and
        cover all samples.

    Raises
    ------
    TypeError
        When n or `repeats` is no whole number.
    ValueError
        When k or `repeats` does not fit, or both `groups` and `stratify` are given.
    """
    if isinstance(repeats, bool) or not isinstance(repeats, int | np.integer):
        raise TypeError(f"repeats: expected a whole number, received {type(repeats).__name__}")
    if repeats < 1:
        raise ValueError(f"repeats: expected at least 1, received {repeats}")
    random = np.random.default_rng(seed)
    folds: list[Split] = []
    for repeat in range(int(repeats)):
        dealt = k_fold(
            n,
            k,
            validation_fraction=validation_fraction,
            groups=groups,
            stratify=stratify,
            seed=random,
        )
        folds += [
            Split(
                one.training,
                one.validation,
                one.test,
                f"repeat {repeat + 1} of {repeats}, {one.description}",
            )
            for one in dealt
        ]
    return folds


def non_test_rows(split: Split) -> np.ndarray:
    """Return the training and validation rows together, sorted: all that a fit may see."""
    return np.sort(np.concatenate([split.training, split.validation]))


def fold_key(split: Split) -> str:
    """Return a text that is the same for folds with the same test and the same other rows."""
    parts = (split.test, non_test_rows(split))
    joined = b"|".join(np.asarray(rows, dtype="<i8").tobytes() for rows in parts)
    return hashlib.sha256(joined).hexdigest()


def numbered(folds: Sequence[Split]) -> list[tuple[int, int]]:
    """Return the repeat and the fold in it, from 0, of every split.

    A repeat ends where a test part meets a row that the repeat has tested before.
    """
    numbers = []
    repeat, fold = 0, 0
    tested: set[int] = set()
    for split in folds:
        rows = set(split.test.tolist())
        if tested & rows:
            repeat, fold, tested = repeat + 1, 0, set()
        numbers.append((repeat, fold))
        tested |= rows
        fold += 1
    return numbers
