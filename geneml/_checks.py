"""Checks shared by everything that accepts genotypes, labels or indices.

Every message has the same four parts: which argument, what was expected, what
was received, and what to do about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

MISSING = -1
"""How a missing genotype is stored."""


def some(values: Iterable[object], limit: int = 3) -> str:
    """Write the first few values, and how many more there are."""
    values = list(values)
    text = ", ".join(repr(str(value)) for value in values[:limit])
    return text if len(values) <= limit else f"{text} and {len(values) - limit} more"


def as_genotypes(genotypes: object, name: str = "genotypes") -> np.ndarray:
    """Return genotypes as int8 of shape (n, p), missing as -1.

    Parameters
    ----------
    genotypes : array_like, shape (n, p)
        Copies of the counted allele: 0, 1 or 2. Missing is -1, or NaN in an
        array of floating point numbers.
    name : str
        The argument's name, for the message.

    Returns
    -------
    numpy.ndarray
        int8, shape (n, p). The array itself where it already is int8.

    Raises
    ------
    TypeError
        When the values are not numbers.
    ValueError
        When the array is not two-dimensional, is empty, or holds another value.
    """
    array = np.asarray(genotypes)
    if array.dtype.kind not in "iufb":
        raise TypeError(
            f"{name}: expected numbers (0, 1, 2, and -1 for missing), received an array of dtype "
            f"{array.dtype}; convert the alleles to copies of the counted allele first"
        )
    if array.ndim != 2:
        raise ValueError(
            f"{name}: expected two dimensions (samples, variants), received shape {array.shape}"
        )
    if array.size == 0:
        raise ValueError(
            f"{name}: expected at least one sample and one variant, received shape {array.shape}"
        )
    if array.dtype == np.int8:
        lowest, highest = int(array.min()), int(array.max())
        if lowest >= MISSING and highest <= 2:
            return array
    codes = np.where(np.isnan(array), MISSING, array) if array.dtype.kind == "f" else array
    wrong = ~np.isin(codes, (MISSING, 0, 1, 2))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"{name}: expected 0, 1 or 2 copies of an allele, or -1 for missing; received "
            f"{codes[row, column]} at sample {row}, variant {column} "
            f"({int(wrong.sum())} such values); whole dosages only: round or drop the others"
        )
    return codes.astype(np.int8)


def as_vector(values: object, name: str, length: int | None = None) -> np.ndarray:
    """Return finite numbers as float64 of shape (n,).

    Raises
    ------
    TypeError
        When the values are not numbers.
    ValueError
        When they are not one-dimensional, empty, of another length, or not finite.
    """
    array = np.asarray(values)
    if array.dtype == object:
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            raise TypeError(f"{name}: expected numbers, received objects that are none") from None
    if array.dtype.kind not in "iufb":
        raise TypeError(f"{name}: expected numbers, received dtype {array.dtype}")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"{name}: expected one value a sample, received an array of shape {array.shape}"
        )
    if length is not None and len(array) != length:
        raise ValueError(f"{name}: expected {length} values, received {len(array)}")
    array = array.astype(np.float64)
    broken = ~np.isfinite(array)
    if broken.any():
        raise ValueError(
            f"{name}: expected finite numbers, received {int(broken.sum())} that are NaN or "
            f"infinite (first at position {int(np.flatnonzero(broken)[0])}); "
            "drop these samples or fill them in"
        )
    return array


def as_rows(rows: object, n: int, name: str = "training") -> np.ndarray:
    """Return row numbers in [0, n) as int64, from row numbers or a mask of length n.

    Raises
    ------
    TypeError
        When the rows are neither whole numbers nor a mask.
    ValueError
        When there are none, or one lies outside the data.
    """
    array = np.asarray(rows)
    if array.dtype == bool:
        if array.shape != (n,):
            raise ValueError(f"{name}: expected a mask of shape ({n},), received {array.shape}")
        array = np.flatnonzero(array)
    elif array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected row numbers or a mask, received dtype {array.dtype}")
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: expected at least one row, received shape {array.shape}")
    array = array.astype(np.int64)
    if array.min() < 0 or array.max() >= n:
        raise ValueError(
            f"{name}: expected row numbers from 0 to {n - 1}, "
            f"received {array.min()} to {array.max()}"
        )
    return array


def as_labels(values: object, name: str) -> np.ndarray:
    """Return identifiers as an array of str, unique and not empty.

    Raises
    ------
    TypeError
        When one string is given instead of many.
    ValueError
        When they are not one-dimensional, empty, blank, or repeated.
    """
    if isinstance(values, str | bytes):
        raise TypeError(f"{name}: expected a sequence of identifiers, received one string")
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: expected at least one identifier, received shape {array.shape}")
    labels = np.array([str(value) for value in array])
    blank = [i for i, label in enumerate(labels) if not label.strip() or label == "nan"]
    if blank:
        raise ValueError(
            f"{name}: expected an identifier everywhere, received a blank at position {blank[0]}"
        )
    repeated = [label for label, count in Counter(labels.tolist()).items() if count > 1]
    if repeated:
        raise ValueError(
            f"{name}: expected unique identifiers, received {some(repeated)} more than once; "
            "rename or remove the duplicates"
        )
    return labels
