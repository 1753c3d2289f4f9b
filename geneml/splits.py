"""Dividing samples into training, validation and test parts.

The training part sets the weights, the validation part decides when to stop, the
test part is looked at once. What the three must share and what they must not
depends on the question, so there are three ways of dividing: at random, with the
trait evenly spread (stratified), and with relatives kept together (grouped).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geneml._dealing import as_codes, as_ranks, deal, deal_groups, deal_in_order

Seed = int | np.random.Generator

_PARTS = ("training", "validation", "test")


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of the three parts.

    Attributes
    ----------
    training, validation, test : numpy.ndarray
        int64, sorted, no row in two of them. Validation and test may be empty.
    description : str
        How the samples were divided.

    Raises
    ------
    TypeError
        When a part does not hold whole numbers.
    ValueError
        When training is empty, a row number is negative, or a row is used twice.
    """

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    description: str = ""

    def __post_init__(self) -> None:
        for name in _PARTS:
            rows = np.asarray(getattr(self, name))
            if rows.size and rows.dtype.kind not in "iu":
                raise TypeError(f"{name}: expected row numbers, received dtype {rows.dtype}")
            if rows.ndim != 1:
                raise ValueError(f"{name}: expected one dimension, received shape {rows.shape}")
            object.__setattr__(self, name, np.sort(rows.astype(np.int64)))
        if not len(self.training):
            raise ValueError("training: expected at least one row, received none")
        rows = np.concatenate([self.training, self.validation, self.test])
        if rows.min() < 0:
            raise ValueError(f"split: expected row numbers from 0, received {rows.min()}")
        values, counts = np.unique(rows, return_counts=True)
        if (counts > 1).any():
            raise ValueError(
                f"split: expected every row in one part only, received row "
                f"{values[counts > 1][0]} more than once"
            )

    @property
    def sizes(self) -> dict[str, int]:
        """Number of rows of each part."""
        return {name: len(getattr(self, name)) for name in _PARTS}

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} {size}" for name, size in self.sizes.items())
        return f"{sizes} ({self.description})" if self.description else sizes


def random_split(n: int, ratio: Sequence[float] = (3, 1, 1), *, seed: Seed) -> Split:
    """Divide n samples at random.

    Parameters
    ----------
    n : int
        Number of samples.
    ratio : sequence of three numbers
        Relative sizes of training, validation and test. A zero leaves a part empty.
    seed : int or numpy.random.Generator
        The same seed gives the same split.

    Returns
    -------
    Split

    Raises
    ------
    TypeError
        When n is no whole number.
    ValueError
        When the ratio is not three such numbers, or n is too small for it.
    """
    shares = _check_ratio(ratio)
    labels = deal(_check_n(n), shares)
    return _split(np.random.default_rng(seed).permutation(labels), shares, "at random")


def stratified_split(trait: np.ndarray, ratio: Sequence[float] = (3, 1, 1), *, seed: Seed) -> Split:
    """Divide samples so that the trait is spread alike over the three parts.

    Samples are sorted by the trait and each run of neighbours is dealt to the parts
    in the given ratio, so every range of the trait, tails included, is present
    everywhere. Categories are treated alike, whatever their type.

    Parameters
    ----------
    trait : array_like, shape (n,)
        A trait, or a category such as sex.
    ratio : sequence of three numbers
        Relative sizes of training, validation and test.
    seed : int or numpy.random.Generator
        The same seed gives the same split.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        When the trait is not finite, or the ratio does not fit.
    """
    shares = _check_ratio(ratio)
    ranks = as_ranks(trait, "trait")
    block = int(np.ceil(shares.sum() / shares[shares > 0].min()))
    labels = deal_in_order(ranks, deal(len(ranks), shares), block, np.random.default_rng(seed))
    return _split(labels, shares, "stratified by the trait")


def grouped_split(groups: np.ndarray, ratio: Sequence[float] = (3, 1, 1), *, seed: Seed) -> Split:
    """Divide samples so that a group, such as a family, is never divided.

    Parameters
    ----------
    groups : array_like, shape (n,)
        The group of every sample.
    ratio : sequence of three numbers
        Relative sizes of training, validation and test; met as nearly as whole groups
        allow.
    seed : int or numpy.random.Generator
        The same seed gives the same split.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        When there are fewer groups than parts, or the ratio does not fit.
    """
    shares = _check_ratio(ratio)
    codes = as_codes(groups, "groups")
    labels = deal_groups(codes, shares, np.random.default_rng(seed))
    return _split(labels, shares, f"{codes.max() + 1} groups kept whole")


def k_fold(
    n: int,
    k: int = 5,
    *,
    validation_fraction: float = 0.2,
    groups: np.ndarray | None = None,
    stratify: np.ndarray | None = None,
    seed: Seed,
) -> list[Split]:
    """Divide n samples into k splits whose test parts are disjoint and cover all.

    Parameters
    ----------
    n : int
        Number of samples.
    k : int
        Number of folds.
    validation_fraction : float
        Share of the samples outside the test fold that goes to validation, in [0, 1).
    groups : array_like, shape (n,), optional
        Groups to keep whole, in the test folds and in the validation parts.
    stratify : array_like, shape (n,), optional
        A trait or category to spread alike; not together with `groups`.
    seed : int or numpy.random.Generator
        The same seed gives the same splits.

    Returns
    -------
    list of Split
        k of them.

    Raises
    ------
    TypeError
        When n is no whole number.
    ValueError
        When k does not fit, or both `groups` and `stratify` are given.
    """
    n = _check_n(n)
    if not 2 <= k <= n:
        raise ValueError(f"k: expected 2 to {n} folds for {n} samples, received {k}")
    if not 0 <= validation_fraction < 1:
        raise ValueError(
            f"validation_fraction: expected a number in [0, 1), received {validation_fraction}"
        )
    if groups is not None and stratify is not None:
        raise ValueError("groups and stratify: expected at most one of them, received both")
    rng = np.random.default_rng(seed)
    codes = ranks = None
    how = "at random"
    if groups is not None:
        codes, how = as_codes(groups, "groups", n), "groups kept whole"
        folds = deal_groups(codes, np.ones(k), rng)
    elif stratify is not None:
        ranks, how = as_ranks(stratify, "stratify", n), "stratified by the trait"
        folds = deal_in_order(ranks, deal(n, np.ones(k)), k, rng)
    else:
        folds = rng.permutation(deal(n, np.ones(k)))

    inner = np.array([1 - validation_fraction, validation_fraction])
    splits = []
    for fold in range(k):
        rest = np.flatnonzero(folds != fold)
        if validation_fraction == 0:
            labels = np.zeros(len(rest), dtype=int)
        elif codes is not None:
            labels = deal_groups(np.unique(codes[rest], return_inverse=True)[1], inner, rng)
        elif ranks is not None:
            block = int(np.ceil(1 / inner.min()))
            labels = deal_in_order(ranks[rest], deal(len(rest), inner), block, rng)
        else:
            labels = rng.permutation(deal(len(rest), inner))
        test = np.flatnonzero(folds == fold)
        description = f"fold {fold + 1} of {k}, {how}"
        splits.append(Split(rest[labels == 0], rest[labels == 1], test, description))
    return splits


def _split(labels: np.ndarray, shares: np.ndarray, how: str) -> Split:
    parts = [np.flatnonzero(labels == number) for number in range(3)]
    for name, rows, share in zip(_PARTS, parts, shares, strict=True):
        if share > 0 and not len(rows):
            raise ValueError(
                f"ratio: expected enough samples for every part, received {len(labels)} samples "
                f"for {tuple(shares.tolist())}: {name} would be empty"
            )
    shown = ":".join(f"{share:g}" for share in shares)
    return Split(parts[0], parts[1], parts[2], f"{shown}, {how}")


def _check_ratio(ratio: Sequence[float]) -> np.ndarray:
    shares = np.asarray(ratio, dtype=float)
    if shares.shape != (3,) or not np.isfinite(shares).all() or (shares < 0).any():
        raise ValueError(
            "ratio: expected three numbers, none negative, for training, validation and test; "
            f"received {ratio!r}"
        )
    if shares[0] == 0:
        raise ValueError(f"ratio: expected a training share above 0, received {ratio!r}")
    return shares


def _check_n(n: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"n: expected a whole number of samples, received {type(n).__name__}")
    if n < 1:
        raise ValueError(f"n: expected at least one sample, received {n}")
    return int(n)
