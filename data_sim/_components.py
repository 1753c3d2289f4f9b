"""Building the components of traits: orthogonal, scaled to their shares, correlated as asked.

How: the additive component uses centred copies of the allele. Dominance is what the
heterozygotes add beyond every additive effect (a least-squares residual), pairwise epistasis
what products of two loci add beyond additive and dominance, and so on. Each component is scaled
to its share, and the environment is made orthogonal to all of them. So variances add up exactly
in the cohort at hand, and not only on average. Variances divide by n.
"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from data_sim._basis import Basis
from data_sim._checks import check_genotypes
from data_sim._random import Seed, as_generator
from data_sim._trait import Trait
from data_sim.architecture import Architecture, draw_effects, draw_groups
from data_sim.truth import GenotypeFunction, Truth


def simulate_components(
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
    if varying.size < n_causal:
        raise ValueError(
            f"architecture.n_causal is {n_causal} but only {varying.size} of "
            f"{genotypes.shape[1]} loci vary in this cohort: ask for fewer."
        )
    return np.sort(generator.choice(varying, size=n_causal, replace=False)).astype(np.int64)
