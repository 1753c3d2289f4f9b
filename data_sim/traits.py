"""Traits on given genotypes, with exactly the heritability and genetic correlation asked for.

How: the additive component uses centred copies of the allele. Dominance is what the
heterozygotes add beyond every additive effect (a least-squares residual), pairwise epistasis
what products of two loci add beyond additive and dominance, and so on. Each component is scaled
to its share, and the environment is made orthogonal to all of them. So variances add up exactly
in the cohort at hand, and not only on average. Variances divide by n.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from data_sim._basis import Basis
from data_sim._checks import check_count, check_genotypes, check_number
from data_sim._random import Seed, as_generator
from data_sim.architecture import Architecture, draw_effects, draw_groups
from data_sim.truth import GenotypeFunction, Truth, exact_mutation_effects, exact_shapley_values

__all__ = [
    "Architecture",
    "GenotypeFunction",
    "Trait",
    "Traits",
    "Truth",
    "exact_mutation_effects",
    "exact_shapley_values",
    "simulate_trait",
    "simulate_traits",
]


@dataclass(frozen=True)
class Trait:
    """One simulated trait of n individuals.

    Attributes
    ----------
    phenotype : numpy.ndarray of float64, shape (n,)
        ``genetic_value + environment``; mean 0 and variance 1 as simulated.
    genetic_value, environment : numpy.ndarray of float64, shape (n,)
        Uncorrelated with each other in this cohort.
    components : dict of str to numpy.ndarray of float64, shape (n,)
        Parts of the genetic value with a positive share, among ``"additive"``, ``"dominance"``,
        ``"pairwise"``, ``"three_way"``; each with mean 0, uncorrelated with the others.
    truth : Truth
        What made the trait.
    """

    phenotype: np.ndarray
    genetic_value: np.ndarray
    environment: np.ndarray
    components: dict[str, np.ndarray]
    truth: Truth

    def rescaled(self, standard_deviation: float = 1.0, mean: float = 0.0) -> Trait:
        """The same trait in other units: times `standard_deviation`, the phenotype plus `mean`.

        The mean is carried by the phenotype and by ``truth.function``; the genetic value and
        the environment stay deviations, as breeding values are.
        """
        factor = check_number("standard_deviation", standard_deviation, 0, low_open=True)
        shift = check_number("mean", mean)
        old = self.truth
        truth = Truth(
            causal_loci=old.causal_loci,
            additive_effects=factor * old.additive_effects,
            dominance_effects=factor * old.dominance_effects,
            pairs=old.pairs,
            pair_effects=factor * old.pair_effects,
            triples=old.triples,
            triple_effects=factor * old.triple_effects,
            heritability=old.heritability,
            variance_components={
                name: factor**2 * variance for name, variance in old.variance_components.items()
            },
            function=old.function.rescaled(factor, shift),
        )
        return Trait(
            phenotype=factor * self.phenotype + shift,
            genetic_value=factor * self.genetic_value,
            environment=factor * self.environment,
            components={name: factor * part for name, part in self.components.items()},
            truth=truth,
        )


@dataclass(frozen=True)
class Traits:
    """Several traits of the same individuals; ``traits[i]`` is a Trait.

    Attributes
    ----------
    traits : tuple of Trait
        One after another.
    genetic_correlation, environmental_correlation : numpy.ndarray, shape (t, t)
        As realised, which is as asked for.
    """

    traits: tuple[Trait, ...]
    genetic_correlation: np.ndarray
    environmental_correlation: np.ndarray

    def __len__(self) -> int:
        return len(self.traits)

    def __iter__(self) -> Iterator[Trait]:
        return iter(self.traits)

    def __getitem__(self, index: int) -> Trait:
        return self.traits[index]

    @property
    def phenotypes(self) -> np.ndarray:
        """Phenotypes of all traits, shape (n, t)."""
        return np.column_stack([trait.phenotype for trait in self.traits])

    @property
    def genetic_values(self) -> np.ndarray:
        """Genetic values of all traits, shape (n, t)."""
        return np.column_stack([trait.genetic_value for trait in self.traits])


def simulate_trait(
    genotypes: np.ndarray,
    *,
    heritability: float,
    architecture: Architecture | None = None,
    causal_loci: np.ndarray | None = None,
    seed: Seed,
) -> Trait:
    """Simulate one trait on given genotypes.

    Parameters
    ----------
    genotypes : numpy.ndarray, shape (n, p)
        Complete genotypes 0, 1, 2 (or mutations 0, 1).
    heritability : float
        Share of the phenotypic variance that is genetic, in [0, 1]. The realised share in this
        cohort is exactly this. It is the broad-sense heritability; the narrow one is this times
        ``architecture.additive``.
    architecture : Architecture, optional
        By default 50 additive loci with normal effects.
    causal_loci : array of int, shape (k,), optional
        Columns that are causal; replaces ``architecture.n_causal``. By default drawn among the
        loci that vary.
    seed : int or numpy.random.Generator
        The same seed gives the same trait.

    Returns
    -------
    Trait
        With phenotypic mean 0 and variance 1; see ``Trait.rescaled`` for other units.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a value is out of range, genotypes are missing, too few loci vary, or the cohort
        cannot hold a component apart from the others (for example dominance where there is
        no heterozygote).
    """
    share = check_number("heritability", heritability, 0, 1)
    return _simulate(
        genotypes, np.array([share]), np.eye(1), np.eye(1), architecture, causal_loci, seed
    )[0]


def simulate_traits(
    genotypes: np.ndarray,
    *,
    heritability: np.ndarray,
    genetic_correlation: np.ndarray,
    environmental_correlation: np.ndarray | None = None,
    architecture: Architecture | None = None,
    causal_loci: np.ndarray | None = None,
    seed: Seed,
) -> Traits:
    """Simulate several traits that share their causal loci.

    Within every component the raw values of the traits are whitened and then coloured with the
    genetic correlation, so the realised correlation of the genetic values is exact.

    Parameters
    ----------
    genotypes : numpy.ndarray, shape (n, p)
        Complete genotypes 0, 1, 2.
    heritability : array of float, shape (t,)
        Of each trait, in [0, 1].
    genetic_correlation : array of float, shape (t, t)
        A correlation matrix; may be singular (a correlation of 1).
    environmental_correlation : array of float, shape (t, t), optional
        By default none.
    architecture, causal_loci, seed
        As in `simulate_trait`. There must be at least as many causal loci, pairs and triples
        as traits.

    Returns
    -------
    Traits

    Raises
    ------
    TypeError, ValueError
        As in `simulate_trait`, and if a correlation matrix is not one.
    """
    shares = np.asarray(heritability, dtype=np.float64)
    if shares.ndim != 1 or shares.size == 0:
        raise ValueError(
            f"heritability must be one number per trait, shape (t,), got shape {shares.shape}."
        )
    for place, share in enumerate(shares):
        check_number(f"heritability[{place}]", share, 0, 1)
    genetic = _correlation("genetic_correlation", genetic_correlation, shares.size)
    if environmental_correlation is None:
        environmental = np.eye(shares.size)
    else:
        environmental = _correlation(
            "environmental_correlation", environmental_correlation, shares.size
        )
    traits = _simulate(genotypes, shares, genetic, environmental, architecture, causal_loci, seed)
    return Traits(tuple(traits), genetic, environmental)


def _simulate(
    genotypes: np.ndarray,
    heritability: np.ndarray,
    genetic: np.ndarray,
    environmental: np.ndarray,
    architecture: Architecture | None,
    causal_loci: np.ndarray | None,
    seed: Seed,
) -> list[Trait]:
    """Simulate t traits whose arguments have been checked, except genotypes and loci."""
    architecture = Architecture() if architecture is None else architecture
    if not isinstance(architecture, Architecture):
        raise TypeError(f"architecture must be an Architecture, got {type(architecture).__name__}.")
    matrix = check_genotypes("genotypes", genotypes)
    n, t = len(matrix), heritability.size
    shares = {name: share for name, share in architecture.shares.items() if share > 0}
    needed = t * (len(shares) + 1) + 2
    if n < needed:
        raise ValueError(
            f"genotypes has {n} individuals, but {t} trait(s) of {len(shares)} component(s) and "
            f"an environment, all uncorrelated, need at least {needed}."
        )
    given = None if causal_loci is None else _given_loci(causal_loci, matrix)
    n_causal = architecture.n_causal if given is None else given.size
    n_pairs, n_triples = _numbers_of_groups(architecture, n_causal, t)
    generator = as_generator(seed)
    loci = _draw_loci(matrix, n_causal, generator) if given is None else given
    pairs = draw_groups(n_causal, 2, n_pairs, generator)
    triples = draw_groups(n_causal, 3, n_triples, generator)
    basis = Basis(matrix[:, loci], pairs, triples, full=set(shares) != {"additive"})

    total = {}
    for name, share in shares.items():
        raw = draw_effects(architecture.effect_distribution, (basis.size(name), t), generator)
        coefficients = basis.component(name, raw)
        values = basis.evaluate(coefficients)
        mixing = _colour(values, genetic, f"the {name} component")
        mixing = mixing * np.sqrt(share * heritability)
        total[name] = (coefficients @ mixing, values @ mixing)

    known = np.column_stack([np.ones(n)] + [values for _, values in total.values()])
    noise = generator.standard_normal((n, t))
    for _ in range(2):  # the second pass removes what rounding left
        noise -= known @ np.linalg.lstsq(known, noise, rcond=None)[0]
    noise = noise @ (_colour(noise, environmental, "the environment"))
    noise = noise * np.sqrt(1 - heritability)

    coefficients = sum(part for part, _ in total.values())
    return [
        _trait(
            basis.function(loci, coefficients[:, i]),
            {name: values[:, i] for name, (_, values) in total.items()},
            {name: basis.terms(name, part[:, i]) for name, (part, _) in total.items()},
            noise[:, i],
            loci,
            (loci[pairs], loci[triples]),
            float(heritability[i]),
        )
        for i in range(t)
    ]


def _trait(
    function: GenotypeFunction,
    components: dict[str, np.ndarray],
    effects: dict[str, np.ndarray],
    environment: np.ndarray,
    loci: np.ndarray,
    groups: tuple[np.ndarray, np.ndarray],
    heritability: float,
) -> Trait:
    """Put one trait and its truth together."""
    genetic_value = np.sum(list(components.values()), axis=0)
    none = np.zeros(loci.size)
    variances = {name: float(np.var(part)) for name, part in components.items()}
    truth = Truth(
        causal_loci=loci,
        additive_effects=effects.get("additive", none),
        dominance_effects=effects.get("dominance", none),
        pairs=groups[0],
        pair_effects=effects.get("pairwise", np.zeros(0)),
        triples=groups[1],
        triple_effects=effects.get("three_way", np.zeros(0)),
        heritability=heritability,
        variance_components=variances | {"environment": float(np.var(environment))},
        function=function,
    )
    return Trait(genetic_value + environment, genetic_value, environment, components, truth)


def _colour(values: np.ndarray, correlation: np.ndarray, what: str) -> np.ndarray:
    """Matrix that gives centred columns variance 1 and exactly this correlation."""
    covariance = values.T @ values / len(values)
    strength, axes = np.linalg.eigh(covariance)
    if strength[-1] <= 0 or strength[0] < 1e-10 * strength[-1]:
        raise ValueError(
            f"{what} cannot be made to differ between {len(covariance)} traits: use more causal "
            "loci (or pairs, triples) or more individuals."
        )
    whiten = axes / np.sqrt(strength)
    weight, directions = np.linalg.eigh(correlation)
    return whiten @ (directions * np.sqrt(np.clip(weight, 0, None))).T


def _numbers_of_groups(architecture: Architecture, n_causal: int, t: int) -> tuple[int, int]:
    """How many pairs and triples, after checking that there can be so many."""
    if n_causal < t:
        raise ValueError(f"{t} traits need at least {t} causal loci, got {n_causal}.")
    numbers = []
    for name, size, asked, share in (
        ("n_pairs", 2, architecture.n_pairs, architecture.pairwise),
        ("n_triples", 3, architecture.n_triples, architecture.three_way),
    ):
        number = 0
        if share > 0:
            number = max(1, t, n_causal // size) if asked is None else asked
            if number > comb(n_causal, size) or number < t:
                raise ValueError(
                    f"{name} is {number}, but {n_causal} causal loci have {comb(n_causal, size)} "
                    f"different sets of {size}, and {t} trait(s) need at least {t}."
                )
        numbers.append(number)
    return numbers[0], numbers[1]


def _given_loci(causal_loci: Any, genotypes: np.ndarray) -> np.ndarray:
    loci = np.asarray(causal_loci)
    if loci.dtype.kind not in "iu":
        raise TypeError(f"causal_loci must be whole numbers (columns), got dtype {loci.dtype}.")
    if loci.ndim != 1 or loci.size == 0:
        raise ValueError(f"causal_loci must be a list of columns, got shape {loci.shape}.")
    p = genotypes.shape[1]
    if loci.min() < 0 or loci.max() >= p:
        raise ValueError(f"causal_loci must lie between 0 and {p - 1}, got {loci.tolist()}.")
    loci = np.sort(loci).astype(np.int64)
    if np.any(np.diff(loci) == 0):
        raise ValueError(f"causal_loci must all differ, got {loci.tolist()}.")
    constant = loci[np.ptp(genotypes[:, loci], axis=0) == 0]
    if constant.size:
        raise ValueError(
            f"causal_loci {constant.tolist()} do not vary in this cohort: choose others."
        )
    return loci


def _draw_loci(genotypes: np.ndarray, n_causal: int, generator: np.random.Generator) -> np.ndarray:
    varying = np.flatnonzero(genotypes.min(axis=0) != genotypes.max(axis=0))
    check_count("n_causal", n_causal)
    if varying.size < n_causal:
        raise ValueError(
            f"architecture.n_causal is {n_causal} but only {varying.size} of "
            f"{genotypes.shape[1]} loci vary in this cohort: ask for fewer."
        )
    return np.sort(generator.choice(varying, size=n_causal, replace=False)).astype(np.int64)


def _correlation(name: str, value: Any, t: int) -> np.ndarray:
    matrix = np.asarray(value, dtype=np.float64)
    if matrix.shape != (t, t):
        raise ValueError(f"{name} must have shape ({t}, {t}), got {matrix.shape}.")
    if not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1):
        raise ValueError(f"{name} must be symmetric with ones on its diagonal.")
    if np.linalg.eigvalsh(matrix).min() < -1e-9:
        raise ValueError(f"{name} is no correlation matrix: it has a negative eigenvalue.")
    return matrix
