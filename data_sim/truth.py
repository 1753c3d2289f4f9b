"""What a simulated trait really is, and the exact answers that explainers are scored against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from data_sim._checks import check_genotypes


def _no_groups(size: int) -> np.ndarray:
    return np.zeros((0, size), dtype=np.int64)


@dataclass(frozen=True)
class GenotypeFunction:
    """The genetic value of any genotype, as a polynomial of allele copies x.

    ``g(x) = intercept + sum_j linear_j x_j + sum_j heterozygote_j [x_j = 1]
    + sum_(i,j) pair_effects x_i x_j + sum_(i,j,k) triple_effects x_i x_j x_k``

    Attributes
    ----------
    loci : numpy.ndarray of int, shape (k,)
        Columns of the genotype matrix that the polynomial reads.
    intercept : float
        Value of an individual without any copy of a counted allele.
    linear, heterozygote : numpy.ndarray of float, shape (k,)
        Coefficients of the copies and of being heterozygous.
    pairs, triples : numpy.ndarray of int, shapes (m, 2) and (q, 3)
        Columns of the genotype matrix that are multiplied.
    pair_effects, triple_effects : numpy.ndarray of float, shapes (m,) and (q,)
        Coefficients of those products.
    """

    loci: np.ndarray
    intercept: float
    linear: np.ndarray
    heterozygote: np.ndarray
    pairs: np.ndarray = field(default_factory=lambda: _no_groups(2))
    pair_effects: np.ndarray = field(default_factory=lambda: np.zeros(0))
    triples: np.ndarray = field(default_factory=lambda: _no_groups(3))
    triple_effects: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def __call__(self, genotypes: np.ndarray) -> np.ndarray:
        """Genetic values (n,) of complete genotypes (n, p)."""
        copies = _causal_copies(self, genotypes, "genotypes")
        value = self.intercept + copies @ self.linear + (copies == 1) @ self.heterozygote
        for columns, effect in zip(self.local(self.pairs), self.pair_effects, strict=True):
            value += effect * copies[:, columns].prod(axis=1)
        for columns, effect in zip(self.local(self.triples), self.triple_effects, strict=True):
            value += effect * copies[:, columns].prod(axis=1)
        return value

    def local(self, groups: np.ndarray) -> np.ndarray:
        """Where the loci of pairs or triples stand within `loci`."""
        order = np.argsort(self.loci)
        return order[np.searchsorted(self.loci, groups, sorter=order)].reshape(groups.shape)

    def rescaled(self, factor: float, shift: float = 0.0) -> GenotypeFunction:
        """The same function in other units: ``factor * g + shift``."""
        return GenotypeFunction(
            self.loci,
            factor * self.intercept + shift,
            factor * self.linear,
            factor * self.heterozygote,
            self.pairs,
            factor * self.pair_effects,
            self.triples,
            factor * self.triple_effects,
        )


@dataclass(frozen=True)
class Truth:
    """Everything that made a simulated trait.

    The component effects say what each part of the genetic variance is made of. A dominance or
    epistatic component is kept orthogonal to the additive one, as in the classical partition
    (Fisher 1918; Cockerham 1954), so `additive_effects` are average effects of an allele
    substitution in this cohort. `function` gives the genetic value of any genotype; its linear
    coefficients differ from `additive_effects` where there is dominance or epistasis.

    Attributes
    ----------
    causal_loci : numpy.ndarray of int64, shape (k,), ascending
        Columns of the genotype matrix.
    additive_effects : numpy.ndarray of float64, shape (k,)
        Average effect of one more copy of the counted allele.
    dominance_effects : numpy.ndarray of float64, shape (k,)
        By how much a heterozygote lies above the midpoint of the two homozygotes, in the
        dominance component.
    pairs : numpy.ndarray of int64, shape (m, 2)
        Columns of interacting loci; `pair_effects` (m,) multiply their products of copies.
    triples : numpy.ndarray of int64, shape (q, 3)
        Columns that interact three by three; `triple_effects` (q,) multiply their products.
    heritability : float
        Share of the phenotypic variance that is genetic; all components, so broad sense.
    variance_components : mapping of str to float
        Realised variance of each component and of the environment, in squared trait units.
    function : GenotypeFunction
        The genetic value of any genotype.
    """

    causal_loci: np.ndarray
    additive_effects: np.ndarray
    dominance_effects: np.ndarray
    pairs: np.ndarray
    pair_effects: np.ndarray
    triples: np.ndarray
    triple_effects: np.ndarray
    heritability: float
    variance_components: Mapping[str, float]
    function: GenotypeFunction

    def genetic_value(self, genotypes: np.ndarray) -> np.ndarray:
        """Genetic values (n,) of complete genotypes (n, p), also of individuals never seen."""
        return self.function(genotypes)


def exact_mutation_effects(
    truth: Truth, genotypes: np.ndarray, *, states: Sequence[int] = (0, 1, 2)
) -> np.ndarray:
    """Change in genetic value when one causal genotype is replaced, everything else kept.

    The polynomial is linear in the copies at a locus, given the others, so the change needs no
    re-evaluation: ``slope_j(x) (c - x_j) + heterozygote_j ([c = 1] - [x_j = 1])``.

    Parameters
    ----------
    truth : Truth
        From a simulated trait.
    genotypes : numpy.ndarray, shape (n, p)
        Complete genotypes 0, 1, 2.
    states : sequence of int
        The genotypes to put in; ``(0, 1)`` for sequences that either carry a mutation or not.

    Returns
    -------
    numpy.ndarray of float64, shape (n, k, len(states))
        Axes: individual, causal locus in the order of ``truth.causal_loci``, new genotype.
        At loci that are not causal the change is exactly 0.

    Raises
    ------
    TypeError, ValueError
        If `genotypes` or `states` are not complete genotypes, or have too few columns.
    """
    function = _function_of(truth)
    replaced = np.asarray(states)
    if replaced.ndim != 1 or replaced.size == 0 or not np.isin(replaced, (0, 1, 2)).all():
        raise ValueError(f"states must be a list of genotypes 0, 1 or 2, got {states!r}.")
    copies = _causal_copies(function, genotypes, "genotypes")
    slope = np.tile(function.linear, (len(copies), 1))
    for (i, j), effect in zip(function.local(function.pairs), function.pair_effects, strict=True):
        slope[:, i] += effect * copies[:, j]
        slope[:, j] += effect * copies[:, i]
    for group, effect in zip(
        function.local(function.triples), function.triple_effects, strict=True
    ):
        for place in range(3):
            others = np.delete(group, place)
            slope[:, group[place]] += effect * copies[:, others].prod(axis=1)
    change = slope[:, :, None] * (replaced - copies[:, :, None])
    became = (replaced == 1).astype(float) - (copies[:, :, None] == 1)
    return change + function.heterozygote[:, None] * became


def exact_shapley_values(truth: Truth, genotypes: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Exact Shapley values of the causal loci, against an empirical background.

    The game: a coalition S of loci has the value ``mean_b g(x_S, b_rest)``, the mean over the
    rows b of the background (Strumbelj & Kononenko 2014; Lundberg & Lee 2017, interventional).
    Linkage disequilibrium of the background is included. For an additive and pairwise model
    with background means mu and covariances cov::

        phi_i = beta_i (x_i - mu_i) + sum_j gamma_ij / 2 [(x_i - mu_i)(x_j + mu_j) - cov_ij]

    Products of three loci need the background means of pairs and triples besides; a coalition
    of the two others is met with weights 1/3, 1/6, 1/6, 1/3.

    Parameters
    ----------
    truth : Truth
        From a simulated trait.
    genotypes : numpy.ndarray, shape (n, p)
        Complete genotypes to explain.
    background : numpy.ndarray, shape (b, p)
        Complete genotypes to compare with, for example training individuals.

    Returns
    -------
    numpy.ndarray of float64, shape (n, k)
        Axes: individual, causal locus in the order of ``truth.causal_loci``. Rows sum to
        ``g(x) - mean g(background)``; loci that are not causal have exactly 0.

    Raises
    ------
    TypeError, ValueError
        If either matrix does not hold complete genotypes or has too few columns.
    """
    function = _function_of(truth)
    x = _causal_copies(function, genotypes, "genotypes")
    b = _causal_copies(function, background, "background")
    mean = b.mean(axis=0)
    values = function.linear * (x - mean)
    values += function.heterozygote * ((x == 1) - (b == 1).mean(axis=0))
    for (i, j), effect in zip(function.local(function.pairs), function.pair_effects, strict=True):
        together = (b[:, i] * b[:, j]).mean()
        for one, other in ((i, j), (j, i)):
            alone = x[:, one] * mean[other] - together
            joining = (x[:, one] - mean[one]) * x[:, other]
            values[:, one] += effect * (alone + joining) / 2
    for group, effect in zip(
        function.local(function.triples), function.triple_effects, strict=True
    ):
        together = b[:, group].prod(axis=1).mean()
        for place in range(3):
            one, (j, k) = group[place], np.delete(group, place)
            x1, xj, xk = x[:, one], x[:, j], x[:, k]
            first = x1 * (b[:, j] * b[:, k]).mean() - together
            after_j = xj * (x1 * mean[k] - (b[:, one] * b[:, k]).mean())
            after_k = xk * (x1 * mean[j] - (b[:, one] * b[:, j]).mean())
            last = (x1 - mean[one]) * xj * xk
            values[:, one] += effect * (2 * first + after_j + after_k + 2 * last) / 6
    return values


def _function_of(truth: Truth) -> GenotypeFunction:
    if not isinstance(truth, Truth):
        raise TypeError(
            f"truth must be a Truth, as a simulated trait carries; got {type(truth).__name__}."
        )
    return truth.function


def _causal_copies(function: GenotypeFunction, genotypes: np.ndarray, name: str) -> np.ndarray:
    """The causal columns as float64 (n, k); one individual is enough here."""
    array = np.asarray(genotypes)
    if array.ndim != 2:
        raise ValueError(f"{name} must be a matrix (individuals, loci), got shape {array.shape}.")
    if array.shape[1] <= function.loci.max(initial=-1):
        raise ValueError(
            f"{name} has {array.shape[1]} loci but the trait reads locus {function.loci.max()}: "
            "pass the same columns that the trait was simulated on."
        )
    causal = array[:, function.loci]
    if len(causal) == 1:
        causal = np.repeat(causal, 2, axis=0)
        return check_genotypes(name, causal)[:1].astype(np.float64)
    return check_genotypes(name, causal).astype(np.float64)
