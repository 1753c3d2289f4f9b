"""What methods make of markers and loadings, with training rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml.evaluation.inputs import Inputs

_AT_ONCE = 4_096
_SAYS_NOTHING = 0.3


def standardised_loadings(loadings: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Loadings with mean 0 and variance 1 on these rows.

    Parameters
    ----------
    loadings : array (n, q)
        Loadings.
    rows : int array
        Training rows. A loading that varies on them less than 0.3 times as much as it would if
        these were like everybody becomes 0: it is about individuals that are not among them.

    Returns
    -------
    float64 array (n, q)
    """
    part = loadings[rows]
    centre, spread = part.mean(axis=0), part.std(axis=0)
    # A family outside the training rows leaves a loading that is almost nothing there, and large
    # for the family itself: divided by its deviation it would explode.
    flat = spread <= _SAYS_NOTHING * np.sqrt(np.mean(loadings**2, axis=0))
    return np.where(flat, 0.0, (loadings - centre) / np.where(flat, 1.0, spread))


def loadings_kernel(loadings: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Kernel of loadings, L L' / q of the standardised ones: about 1 on the diagonal.

    Parameters
    ----------
    loadings : array (n, q)
        Loadings.
    rows : int array
        Training rows, which set means and variances.

    Returns
    -------
    float64 array (n, n)
    """
    table = standardised_loadings(np.asarray(loadings), rows)
    return table @ table.T / table.shape[1]


def same_length(kernel: np.ndarray) -> np.ndarray:
    """Kernel of vectors that are brought to length 1: 1 on the diagonal.

    Parameters
    ----------
    kernel : array (n, n)
        Kernel. Who has length 0 keeps it.

    Returns
    -------
    float64 array (n, n)
    """
    length = np.sqrt(np.diag(kernel))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return kernel * scale[:, None] * scale


def varying(inputs: Inputs, rows: np.ndarray) -> int:
    """Return the number of markers that vary among these rows: all that a kernel uses.

    Parameters
    ----------
    inputs : Inputs
        Genotypes.
    rows : int array
        Training rows.

    Returns
    -------
    int
    """
    used = 0
    for start in range(0, inputs.genotypes.shape[1], _AT_ONCE):
        block: Any = inputs.genotypes[rows, start : start + _AT_ONCE]
        highest = block.max(axis=0)
        lowest = np.where(block < 0, highest, block).min(axis=0)
        used += int((highest > lowest).sum())
    return used


def columns(genotypes: np.ndarray, rows: np.ndarray, *, standardise: bool = True) -> np.ndarray:
    """Markers as numbers, with missing genotypes at the mean of these rows.

    Parameters
    ----------
    genotypes : int8 array (n, p)
        Genotypes, -1 for missing.
    rows : int array
        Training rows.
    standardise : bool
        Whether to bring them to mean 0 and variance 1 on the rows; a marker that does not
        vary there becomes 0. Otherwise they remain dosages.

    Returns
    -------
    float32 array (n, p)
    """
    table = np.empty(genotypes.shape, dtype="float32")
    for start in range(0, genotypes.shape[1], _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        block = genotypes[:, part].astype("float64")
        block[block < 0] = np.nan
        seen = np.isfinite(block[rows])
        sums = np.where(seen, block[rows], 0).sum(axis=0)
        means = sums / np.maximum(seen.sum(axis=0), 1)
        block = np.where(np.isnan(block), means, block)
        if standardise:
            spread = block[rows].std(axis=0)
            block = np.where(spread > 0, block - means, 0) / np.where(spread > 0, spread, 1)
        table[:, part] = block
    return table
