"""One number a locus: how many copies of an allele, whatever the encoding."""

from __future__ import annotations

from typing import Any

import numpy as np


def allele_copies(x: Any) -> np.ndarray:
    """Return copies of one allele (n, loci), NaN or a negative integer turned to NaN if missing.

    Parameters
    ----------
    x : array (n, p), (n, p, 3) or (n, L, c)
        Genotypes or dosages; one-hot genotypes 0, 1, 2; or one-hot letters of any other
        number c, of which the letters other than the commonest count 1.

    Returns
    -------
    ndarray, shape (n, loci)
        Floating point; ``x`` itself where it is a floating point table already.

    Raises
    ------
    TypeError
        If ``x`` does not hold numbers.
    ValueError
        If it has another shape, is empty, or holds infinities.
    """
    table = np.asarray(x)
    if table.dtype.kind not in "iufb":
        raise TypeError(f"x must hold numbers, received an array of {table.dtype}.")
    if table.ndim not in (2, 3) or table.size == 0:
        raise ValueError(
            "x must be (individuals, loci) or one-hot (individuals, loci, channels), received "
            f"shape {table.shape}."
        )
    if table.dtype.kind == "f" and np.isinf(table).any():
        raise ValueError("x holds infinite values; missing genotypes are NaN, or -1 in integers.")
    if table.ndim == 2:
        if table.dtype.kind != "i":
            return table if table.dtype.kind == "f" else table.astype("float32")
        return np.where(table < 0, np.float32(np.nan), table.astype("float32"))
    known = table.any(axis=2)
    if table.shape[2] == 3:
        copies = table @ np.array([0.0, 1.0, 2.0], dtype="float32")
    else:
        commonest = table.sum(axis=0).argmax(axis=1)
        copies = 1 - np.take_along_axis(table, commonest[None, :, None], axis=2)[..., 0]
    return np.where(known, copies, np.nan)
