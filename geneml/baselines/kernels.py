"""How alike individuals are, from their genotypes: kernels for genomic prediction.

What a kernel takes from the data (allele frequencies, means that stand in for missing
genotypes, the median distance) comes from the training rows only, so that a test set can be
predicted without having had a say. The table is read some thousand columns at a time; memory
is that of the (n, n) result and of one such block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml._checks import as_rows, as_vector
from geneml.baselines._table import _parts, column_means, gram, project, training_rows


def genomic_relationship(
    genotypes: Any, *, method: str = "vanraden", frequency: Any = None, training: Any = None
) -> np.ndarray:
    r"""Genomic relationship matrix (VanRaden 2008, J. Dairy Sci. 91:4414).

    With Z the copies of the counted allele minus :math:`2 p_j`, method 1 is
    :math:`Z Z^T / (2 \sum_j p_j (1 - p_j))`; method 2 divides each column by its own
    :math:`2 p_j (1 - p_j)` and takes the mean over columns, so that rare alleles weigh more.

    Parameters
    ----------
    genotypes : array (n, p)
        Copies of the counted allele, 0 to 2: integers with negative values for missing, or
        imputed dosages in floating point. A missing genotype counts as :math:`2 p_j`.
    method : str
        ``"vanraden"`` (method 1) or ``"vanraden2"`` (method 2, for which variants with a
        frequency of 0 or 1 are left out).
    frequency : array (p,), optional
        Frequency of the counted allele, 0 to 1, for instance of a base population. Default:
        that of the training rows.
    training : array of int or bool, optional
        Rows that set the frequencies; all rows by default. Not to be given with
        ``frequency``.

    Returns
    -------
    float64 array (n, n)
        Symmetric, without a unit. About 1 on the diagonal for individuals that are not
        inbred, in a population with these frequencies.

    Raises
    ------
    TypeError
        If the genotypes are not numbers.
    ValueError
        If a value is above 2, no variant varies, a variant has no observed genotype among
        the training rows, ``method`` is unknown, or sizes disagree.
    """
    if method not in ("vanraden", "vanraden2"):
        raise ValueError(f"method must be 'vanraden' or 'vanraden2', received {method!r}.")
    table = _dosages(genotypes)
    if frequency is None:
        rows = slice(None) if training is None else as_rows(training, len(table))
        means = column_means(table[rows])
    elif training is not None:
        raise ValueError("give frequency, or the training rows to take it from, not both.")
    else:
        means = 2 * as_vector(frequency, "frequency", table.shape[1])
        if means.min() < 0 or means.max() > 2:
            raise ValueError(
                "frequency must lie from 0 to 1, received "
                f"{means.min() / 2:g} to {means.max() / 2:g}."
            )
    spread = means * (1 - means / 2)
    if not spread.max() > 0:
        raise ValueError(
            "every variant has a frequency of 0 or 1: no relationship can be computed. "
            "Give variants that vary among the training rows."
        )
    if method == "vanraden":
        return gram(table, means, columns=False) / spread.sum()
    # A variant that does not vary would be divided by zero.
    weights = np.divide(1.0, np.sqrt(spread), out=np.zeros_like(spread), where=spread > 0)
    total = np.zeros((len(table), len(table)))
    for part in _parts(table.shape[1]):
        block = project(table, means, part) * weights[part]
        total += block @ block.T
    return total / np.count_nonzero(spread)


def gaussian_kernel(genotypes: Any, *, bandwidth: float = 1.0, training: Any = None) -> np.ndarray:
    r"""Gaussian kernel of the distance between genotypes, for RKHS regression.

    :math:`\exp(-h \, d_{ij}^2 / m)` with d the Euclidean distance between two rows of
    dosages and m the median squared distance over pairs of training rows, so that a
    bandwidth h means the same for any number of variants (de los Campos et al. 2010, Genet.
    Res. 92:295). A small bandwidth comes close to the genomic relationship; a large one
    regards all but close relatives as strangers, which lets alleles act together.

    Parameters
    ----------
    genotypes : array (n, p)
        As in :func:`genomic_relationship`; missing genotypes are set to the mean of the
        training rows.
    bandwidth : float
        h, above 0; without a unit.
    training : array of int or bool, optional
        Rows that set the means and the median; all rows by default.

    Returns
    -------
    float64 array (n, n)
        Symmetric, from 0 to 1, with 1 on the diagonal.

    Raises
    ------
    TypeError
        If the genotypes are not numbers.
    ValueError
        If ``bandwidth`` is not above 0, a value is above 2, there are fewer than two training
        rows, or more than half of their pairs are copies of each other.
    """
    if not isinstance(bandwidth, int | float | np.number) or not 0 < float(bandwidth) < np.inf:
        raise ValueError(f"bandwidth must be a finite number above 0, received {bandwidth!r}.")
    table = _dosages(genotypes)
    rows = np.arange(len(table)) if training is None else as_rows(training, len(table))
    if rows.size < 2:
        raise ValueError(f"at least two training rows are needed, received {rows.size}.")
    distance = gram(table, column_means(table[rows]), columns=False)
    lengths = np.diag(distance).copy()
    distance *= -2
    distance += lengths[:, None]
    distance += lengths
    # Rounding leaves copies a hair apart or even closer than zero.
    distance[distance < 1e-12 * lengths.max()] = 0.0
    np.fill_diagonal(distance, 0.0)
    # Each pair twice, which leaves the median as it is.
    median = float(np.median(distance[np.ix_(rows, rows)][~np.eye(rows.size, dtype=bool)]))
    if not median > 0:
        raise ValueError(
            "more than half of the pairs of training rows have the same genotypes: their median "
            "distance is 0. Leave copies out, or give more variants."
        )
    distance *= -float(bandwidth) / median
    return np.exp(distance, out=distance)


def _dosages(genotypes: Any) -> np.ndarray:
    shape = np.shape(genotypes)
    if len(shape) != 2:
        raise ValueError(f"genotypes must be (individuals, variants), received shape {shape}.")
    table = training_rows(genotypes, None)
    if table.max() > 2 or (table.dtype.kind == "f" and table.min() < 0):
        raise ValueError(
            "genotypes must hold 0 to 2 copies of the counted allele, received "
            f"{table.min()} to {table.max()}. Missing genotypes are negative integers."
        )
    return table
