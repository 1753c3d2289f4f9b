"""Rankings that an explainer has to beat before it has found anything.

Two controls know nothing of the trait: how often each locus varies, and the explainer itself
on a model trained on shuffled labels. If one of them ranks the causal loci on top, the design
of the data gives them away. And two rivals know the trait but are no network: the coefficients
of ridge regression, and (in :mod:`geneml.baselines.association`) one locus at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from geneml.baselines._alleles import allele_copies
from geneml.baselines.linear import LinearFit
from geneml.interpret.attribution import Attribution


def frequency_control(x: Any) -> np.ndarray:
    """How often each locus varies: a ranking without any trait.

    Parameters
    ----------
    x : array (n, p), (n, p, 3) or (n, L, 4)
        Genotypes (missing: negative integers or NaN), one-hot genotypes, or one-hot sequences.

    Returns
    -------
    ndarray of float64, shape (loci,)
        Genotypes: expected heterozygosity 2 q (1 - q) with q the frequency of the counted
        allele (Nei 1973, PNAS 70:3321). Sequences: share of the letters that are not the
        commonest one.

    Raises
    ------
    TypeError, ValueError
        If ``x`` does not hold genotypes or sequences, or a locus was observed nowhere.
    """
    copies = allele_copies(x).astype("float64")
    observed = ~np.isnan(copies)
    counts = observed.sum(axis=0)
    if (counts == 0).any():
        raise ValueError(f"x has no observation at locus {int((counts == 0).argmax())}.")
    mean = np.where(observed, copies, 0.0).sum(axis=0) / counts
    if np.ndim(x) == 3 and np.shape(x)[2] != 3:
        return mean
    if mean.min() < 0 or mean.max() > 2:
        raise ValueError(
            f"x must hold 0 to 2 copies of an allele, received means from {mean.min():.3g} to "
            f"{mean.max():.3g}. Give genotypes before they are standardised."
        )
    return mean * (1 - mean / 2)


def shuffled_label_control(
    train: Callable[[Any, np.ndarray], Any],
    x: Any,
    y: Any,
    explain: Callable[[Any, Any], Any],
    *,
    seed: int | np.random.Generator,
) -> np.ndarray:
    """The importance that the same method gives where there is nothing to learn.

    The phenotypes change hands at random, so that no genotype has to do with its phenotype any
    more, while both look as before. A method that ranks the causal loci on top all the same
    does not read them out of the trait (Adebayo et al. 2018, NeurIPS, the data randomisation
    test).

    Parameters
    ----------
    train : callable
        ``train(x, y)`` returns a trained model, exactly as for the real labels.
    x : array (n, ...)
        Encoded individuals.
    y : array (n,) or (n, t)
        Their phenotypes.
    explain : callable
        ``explain(model, x)`` returns an importance (loci,) or an Attribution.
    seed : int or numpy.random.Generator
        Decides the order.

    Returns
    -------
    ndarray of float64, shape (loci,)

    Raises
    ------
    TypeError
        If ``train`` or ``explain`` cannot be called.
    ValueError
        If ``x`` and ``y`` have different lengths, or the importance is not one number a locus.
    """
    if not callable(train) or not callable(explain):
        raise TypeError("train and explain must be functions: train(x, y) and explain(model, x).")
    labels = np.asarray(y)
    if labels.ndim == 0 or len(labels) != len(x):
        raise ValueError(f"y must hold one row for each of the {len(x)} individuals of x.")
    order = np.random.default_rng(seed).permutation(len(labels))
    explained = explain(train(x, labels[order]), x)
    if isinstance(explained, Attribution):
        explained = explained.importance()
    importance = np.asarray(explained, dtype=float)
    if importance.ndim != 1:
        raise ValueError(
            f"explain must return one number a locus, received shape {importance.shape}."
        )
    return importance


def linear_credit(fit: LinearFit, x: Any) -> Attribution:
    """What each locus contributes to the predictions of a linear model, exactly.

    The contribution of a column is its coefficient times its distance from the training mean:
    the Shapley value of a linear model (Strumbelj & Kononenko 2014, Knowl. Inf. Syst. 41:647),
    which every explainer of such a model should give.

    Parameters
    ----------
    fit : LinearFit
        From :mod:`geneml.baselines.linear`.
    x : array (n, p) or (n, L, c)
        Encoded as in training; missing stored genotypes contribute 0.

    Returns
    -------
    Attribution
        Kind ``credit``, measured from the prediction for the training means.

    Raises
    ------
    TypeError
        If ``fit`` is no LinearFit.
    ValueError
        If ``x`` has other columns than the model.
    """
    _check_fit(fit)
    predictions = fit.predict(x)  # checks x as well
    table = np.asarray(x)
    centred = table - fit.means.reshape(table.shape[1:])
    if table.dtype.kind == "i":
        centred[table < 0] = 0.0
    axes = ("sample", "position", "allele")[: table.ndim]
    return Attribution(
        centred * fit.coefficients.reshape(table.shape[1:]),
        axes,
        "credit",
        f"{fit.method}, exact",
        table,
        predictions,
        base_values=np.full(len(table), fit.intercept + float(fit.means @ fit.coefficients)),
        alleles=_NAMES.get(table.shape[2], ()) if table.ndim == 3 else (),
    )


def ridge_importance(fit: LinearFit, x: Any, *, weighted: bool = True) -> np.ndarray:
    """How much each locus matters to a linear model.

    Parameters
    ----------
    fit : LinearFit
        A ridge regression, or another linear fit.
    x : array (n, p) or (n, L, c)
        The individuals to average over, encoded as in training.
    weighted : bool
        True: mean size of the locus's contribution over the individuals, which a rare allele
        has little of; to be compared with ``Attribution.importance(frequency)``. False: the
        size of the effect of an allele however rare: the coefficient for dosages, and for
        one-hot the root of the sum over the alleles of (coefficient - their mean) squared.

    Returns
    -------
    ndarray of float64, shape (loci,)

    Raises
    ------
    TypeError, ValueError
        As :func:`linear_credit`.
    """
    if weighted:
        return linear_credit(fit, x).importance()
    _check_fit(fit)
    shape = np.shape(x)[1:]
    if int(np.prod(shape)) != fit.coefficients.size:
        raise ValueError(
            f"x has {int(np.prod(shape))} columns, but this model was fitted on "
            f"{fit.coefficients.size}. Give the same columns in the same order."
        )
    coefficients = fit.coefficients.reshape(shape)
    if coefficients.ndim == 1:
        return np.abs(coefficients)
    return np.linalg.norm(coefficients - coefficients.mean(axis=1, keepdims=True), axis=1)


_NAMES = {4: tuple("ACGT"), 3: tuple("012")}


def _check_fit(fit: Any) -> None:
    if not isinstance(fit, LinearFit):
        raise TypeError(
            f"fit must be a LinearFit, as fit_ridge returns, received {type(fit).__name__}."
        )
