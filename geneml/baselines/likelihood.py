"""The restricted likelihood over all heritabilities, not only at its highest point."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml._checks import as_rows
from geneml.baselines._reml import projected
from geneml.baselines.gblup import _check_semidefinite, _design, _kernels, _traits
from geneml.baselines.linear import _rows


def restricted_likelihood(
    kernel: Any,
    y: Any,
    heritabilities: Any,
    *,
    training: Any = None,
    split: Any = None,
    covariates: Any = None,
) -> np.ndarray:
    r"""Restricted log likelihood of one kernel at given heritabilities.

    The model is that of :func:`~geneml.baselines.fit_gblup`; at each heritability the total
    variance takes its best value, so this is a profile likelihood (Patterson & Thompson 1971,
    Biometrika 58:545). Heritabilities whose value lies within 1.92 of the highest make an
    interval of about 95 %, half the 0.95 quantile of a chi-square with one degree of freedom
    (Venzon & Moolgavkar 1988, J. R. Stat. Soc. C 37:87). At the edge, 0 or 1, that is only a
    rough guide.

    Parameters
    ----------
    kernel : array (n, n)
        Symmetric and positive semidefinite.
    y : array (n,) or (n, t)
        Phenotypes. Finite on the training rows; anything, NaN too, elsewhere.
    heritabilities : array (h,)
        From 0 to below 1: share of the variance among the training individuals, as
        ``GblupFit.heritability`` has it.
    training, split, covariates
        As in :func:`~geneml.baselines.fit_gblup`.

    Returns
    -------
    float64 array (h,) or (h, t)
        Natural logarithm; its highest value is ``GblupFit.log_likelihood``.

    Raises
    ------
    TypeError
        If something does not hold numbers.
    ValueError
        If a heritability is out of range, several kernels are given, or as in ``fit_gblup``.
    """
    shares = np.asarray(heritabilities)
    if shares.dtype.kind not in "iuf":
        raise TypeError(f"heritabilities must hold numbers, received dtype {shares.dtype}.")
    if shares.ndim != 1 or not shares.size or not ((shares >= 0) & (shares < 1)).all():
        raise ValueError(
            "heritabilities must be a row of numbers from 0 to below 1, received shape "
            f"{shares.shape}."
        )
    matrices = _kernels(kernel)
    if len(matrices) != 1:
        raise ValueError(f"kernel: expected one, received {len(matrices)}. Use fit_gblup.")
    training, _ = _rows(split, training, None)
    n = len(matrices[0])
    rows = np.arange(n) if training is None else as_rows(training, n)
    traits, design = _traits(y, n, rows), _design(covariates, n)[rows]
    left, singular, _ = np.linalg.svd(design, full_matrices=False)
    basis = left[:, singular > singular.max() * rows.size * np.finfo(float).eps]
    m, r = rows.size - basis.shape[1], basis.shape[1]
    if m < 2:
        raise ValueError(
            f"training: expected at least two individuals more than fixed effects ({r} with the "
            f"constant), received {rows.size}."
        )
    block = matrices[0][np.ix_(rows, rows)]
    _check_semidefinite(block, 0)
    values, vectors = np.linalg.eigh(
        projected(block, basis) - basis @ basis.T * np.abs(block).max()
    )
    values, vectors = np.maximum(values[r:], 0.0), vectors[:, r:]
    if not values.mean() > 1e-10 * np.abs(block).max():
        raise ValueError("kernel tells no training individuals apart once the mean is taken out.")
    squares = (vectors.T @ traits) ** 2
    if not (squares.sum(axis=0) > 1e-20 * (traits**2).sum(axis=0)).all():
        raise ValueError("y: expected variance among the training rows after the fixed effects.")
    # V / sigma^2 has these eigenvalues, with a mean of 1.
    spectrum = 1 + shares[:, None] * (values / values.mean() - 1)
    variance = (1 / spectrum) @ squares / m
    logs = np.log(spectrum).sum(axis=1)[:, None]
    result = -0.5 * (m * (np.log(2 * np.pi * variance) + 1) + logs)
    return np.asarray(result[:, 0] if np.ndim(y) == 1 else result)
