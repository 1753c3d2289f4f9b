"""Genomic best linear unbiased prediction (GBLUP), with variances by restricted likelihood.

The mixed model of animal and plant breeding: phenotype = fixed effects + a genetic value that
individuals share as far as a kernel says they are alike + residual (Henderson 1975, Biometrics
31:423). The kernel is a genomic relationship matrix (VanRaden 2008, J. Dairy Sci. 91:4414), a
pedigree's, a Gaussian kernel (de los Campos et al. 2010, Genet. Res. 92:295), or several at
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml._checks import as_rows
from geneml.baselines._reml import one_kernel, projected, several_kernels
from geneml.baselines.linear import _rows


@dataclass(frozen=True)
class GblupFit:
    """A fitted mixed model. With ``y`` of shape (n, t) every shape below gets a last axis t.

    Attributes
    ----------
    genetic_variances : float64 array (k,)
        Variance component of each of the k kernels, at least 0, in squared units of ``y``.
    residual_variance : float64 array ()
        Variance of the residual.
    shares : float64 array (k,)
        Part of the variance among the training individuals, after the fixed effects, that
        each kernel explains, 0 to 1: component times mean eigenvalue of the kernel over the
        error contrasts. It stays the same when a kernel is multiplied by a number or gets a
        constant added (Legarra 2016, Theor. Popul. Biol. 107:26). With a mean diagonal of 1
        and a mean of 0 it is component / sum of components.
    heritability : float64 array ()
        Sum of the shares.
    intercept : float64 array ()
        Prediction with all covariates and genetic values at zero.
    effects : float64 array (q,)
        Effect of each covariate, in units of ``y`` for each of the covariate's. Where
        covariates depend on each other, the shortest vector that fits.
    genetic_values : float64 array (k, n)
        Predicted genetic value of every individual, training or not, by kernel.
    predictions : float64 array (n,)
        Fixed effects plus genetic values.
    log_likelihood : float64 array ()
        Natural logarithm of the restricted likelihood. To compare kernels, not covariates.
    converged : bool array ()
        Whether the maximum was reached. False also where the likelihood still rises as the
        residual variance goes to zero.
    iterations : int array ()
        Steps of the search.
    training : int array (m,)
        The training rows.
    """

    genetic_variances: np.ndarray
    residual_variance: np.ndarray
    shares: np.ndarray
    heritability: np.ndarray
    intercept: np.ndarray
    effects: np.ndarray
    genetic_values: np.ndarray
    predictions: np.ndarray
    log_likelihood: np.ndarray
    converged: np.ndarray
    iterations: np.ndarray
    training: np.ndarray


def fit_gblup(
    kernels: Any, y: Any, *, training: Any = None, split: Any = None, covariates: Any = None
) -> GblupFit:
    r"""Estimate variance components by REML and predict everybody.

    :math:`y = X b + \sum_k u_k + e` with :math:`u_k \sim N(0, \sigma_k^2 K_k)` and
    :math:`e \sim N(0, \sigma_e^2 I)`; X is a constant and the covariates. Individuals outside
    the training rows are predicted through their kernel with those inside. One kernel costs
    one eigendecomposition for any number of traits (Kang et al. 2008, Genetics 178:1709);
    several are fitted by average information (Gilmour et al. 1995, Biometrics 51:1440), one
    trait after the other. The likelihood of several kernels may have more than one maximum;
    the search starts from equal shares.

    Parameters
    ----------
    kernels : array (n, n), or a sequence of them
        Symmetric and positive semidefinite, such as from
        :func:`~geneml.baselines.genomic_relationship`; rows in the order of ``y``.
    y : array (n,) or (n, t)
        Phenotypes. Finite on the training rows; anything, NaN too, elsewhere.
    training : array of int or bool, optional
        Training rows; all rows if neither this nor ``split`` is given.
    split : Split, optional
        Anything with attributes ``training`` and ``validation``; only the training rows are
        used.
    covariates : array (n,) or (n, q), optional
        Known influences, as finite numbers; a constant is added. Not penalised.

    Returns
    -------
    GblupFit

    Raises
    ------
    TypeError
        If something does not hold numbers.
    ValueError
        If sizes disagree, both ``split`` and ``training`` are given, a kernel is not finite,
        symmetric and positive semidefinite or tells no individuals apart, or a phenotype is
        not finite, or left without variance by the fixed effects, on the training rows.
    """
    training, _ = _rows(split, training, None)
    matrices = _kernels(kernels)
    n = len(matrices[0])
    rows = np.arange(n) if training is None else as_rows(training, n)
    traits, design = _traits(y, n, rows), _design(covariates, n)
    left, singular, _ = np.linalg.svd(design[rows], full_matrices=False)
    basis = left[:, singular > singular.max() * rows.size * np.finfo(float).eps]
    contrasts = rows.size - basis.shape[1]
    if contrasts < 2:
        raise ValueError(
            f"training: expected at least two individuals more than fixed effects "
            f"({basis.shape[1]} with the constant), received {rows.size} individuals."
        )
    left_over = traits - basis @ (basis.T @ traits)
    explained = (left_over**2).sum(axis=0) <= 1e-20 * (traits**2).sum(axis=0)
    if explained.any():
        raise ValueError(
            f"y: expected variance among the training rows after the fixed effects, received "
            f"none in trait {int(np.flatnonzero(explained)[0])} (counting from 0): nothing to fit."
        )
    inner, scales = [], []
    for number, kernel in enumerate(matrices):
        block = kernel[np.ix_(rows, rows)]
        _check_semidefinite(block, number)
        reduced = projected(block, basis)
        scale = float(np.trace(reduced)) / contrasts
        if not scale > 1e-10 * np.abs(block).max():
            raise _tells_nobody_apart(number)
        reduced /= scale
        # All error contrasts with one variance: that is what the residual is.
        if np.abs(reduced + basis @ basis.T - np.eye(rows.size)).max() < 1e-8:
            raise _tells_nobody_apart(number)
        inner.append(reduced)
        scales.append(scale)
    if len(inner) == 1:
        found = one_kernel(inner[0], basis, left_over)
    else:
        found = [several_kernels(inner, basis, column) for column in left_over.T]

    scaled = np.array([one.components for one in found]).T  # (k + 1, t)
    weighted = np.column_stack([one.weighted for one in found])
    variances = scaled[:-1] / np.array(scales)[:, None]
    values = np.stack(
        [
            (kernel[:, rows] @ weighted) * variance
            for kernel, variance in zip(matrices, variances, strict=True)
        ]
    )
    # What neither the genetic values nor the residuals V^-1 (y - X b) account for is X b.
    fitted = traits - values[:, rows].sum(axis=0) - scaled[-1] * weighted
    effects = np.linalg.lstsq(design[rows], fitted, rcond=None)[0]
    shares = scaled[:-1] / scaled.sum(axis=0)
    one_trait = np.ndim(y) == 1
    results = {
        "genetic_variances": variances,
        "residual_variance": scaled[-1],
        "shares": shares,
        "heritability": shares.sum(axis=0),
        "intercept": effects[0],
        "effects": effects[1:],
        "genetic_values": values,
        "predictions": design @ effects + values.sum(axis=0),
        "log_likelihood": np.array([one.log_likelihood for one in found]),
        "converged": np.array([one.converged for one in found]),
        "iterations": np.array([one.iterations for one in found]),
    }
    if one_trait:
        results = {name: np.asarray(array[..., 0]) for name, array in results.items()}
    return GblupFit(**results, training=rows)


def _kernels(kernels: Any) -> list[np.ndarray]:
    many = getattr(kernels, "ndim", 0) == 3
    if isinstance(kernels, list | tuple):
        many = not kernels or np.ndim(kernels[0]) == 2
    listed = list(kernels) if many else [kernels]
    if not listed:
        raise ValueError("kernels: expected at least one (n, n) array, received none.")
    checked: list[np.ndarray] = []
    for number, kernel in enumerate(listed):
        matrix = np.asarray(kernel)
        if matrix.dtype.kind not in "iuf":
            raise TypeError(f"kernel {number} must hold numbers, received dtype {matrix.dtype}.")
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
            raise ValueError(f"kernel {number} must have shape (n, n), received {matrix.shape}.")
        if checked and matrix.shape != checked[0].shape:
            raise ValueError(
                f"kernels must be of one size, received {checked[0].shape} and {matrix.shape}. "
                "Give the same individuals in the same order."
            )
        matrix = matrix.astype("float64", copy=False)
        if not np.isfinite(matrix).all():
            raise ValueError(f"kernel {number} holds values that are not finite.")
        if np.abs(matrix - matrix.T).max() > 1e-5 * np.abs(matrix).max():
            raise ValueError(f"kernel {number} must be symmetric, received one that is not.")
        checked.append(matrix)
    return checked


def _check_semidefinite(kernel: np.ndarray, number: int) -> None:
    slack = 1e-5 * float(np.abs(kernel).max()) * np.eye(len(kernel))
    try:
        np.linalg.cholesky(kernel + slack)
    except np.linalg.LinAlgError:
        raise ValueError(
            f"kernel {number} must be positive semidefinite, received one with negative "
            "eigenvalues. A relationship matrix that was rounded or pieced together needs a "
            "small number added to its diagonal."
        ) from None


def _tells_nobody_apart(number: int) -> ValueError:
    return ValueError(
        f"kernel {number} tells no training individuals apart once the fixed effects are taken "
        "out: its variance cannot be separated from that of the residual or of the mean."
    )


def _traits(y: Any, n: int, rows: np.ndarray) -> np.ndarray:
    traits = np.asarray(y)
    if traits.dtype.kind not in "iufb":
        raise TypeError(f"y must hold numbers, received dtype {traits.dtype}.")
    if traits.ndim not in (1, 2) or len(traits) != n or 0 in traits.shape:
        raise ValueError(
            f"y must be ({n},) or ({n}, traits), a row for each of the kernel's, received shape "
            f"{traits.shape}."
        )
    chosen = traits.reshape(n, -1)[rows].astype("float64")
    broken = int((~np.isfinite(chosen)).sum())
    if broken:
        raise ValueError(
            f"y has {broken} values among the training rows that are not finite. Leave "
            "individuals without a phenotype out, or fit each trait on its own rows."
        )
    return chosen


def _design(covariates: Any, n: int) -> np.ndarray:
    if covariates is None:
        return np.ones((n, 1))
    table = np.asarray(covariates)
    if table.dtype.kind not in "iufb":
        raise TypeError(
            f"covariates must hold numbers, received dtype {table.dtype}. Write categories as "
            "one column of 0 and 1 a level."
        )
    if table.ndim not in (1, 2) or len(table) != n:
        raise ValueError(
            f"covariates must be ({n},) or ({n}, columns), received shape {table.shape}."
        )
    table = table.reshape(n, -1).astype("float64")
    if not np.isfinite(table).all():
        raise ValueError("covariates hold values that are not finite. Fill these in first.")
    return np.column_stack([np.ones(n), table])
