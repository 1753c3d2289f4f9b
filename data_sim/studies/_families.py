"""Cohorts of relatives, for what happens when relatives fall on both sides of a split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._random import Seed, as_generator
from data_sim.pedigrees import Pedigree, drop_genes, relationship_matrix, simulate_pedigree
from data_sim.populations import simulate_independent_loci
from data_sim.studies._environment import shared_environment
from data_sim.studies._study import Study, name_samples, pedigree_table, table, variant_table
from data_sim.traits import Architecture, simulate_trait

_CHROMOSOMES = 10
_MORGAN = 100_000_000  # base pairs at 1 centimorgan per megabase


def full_sib_families(
    n_families: int = 60,
    family_size: int = 10,
    p: int = 1_000,
    *,
    n_causal: int = 100,
    heritability: float = 0.4,
    family_environment: float = 0.2,
    seed: Seed = 0,
) -> Study:
    """Families of full sibs, with unrelated parents and a family environment.

    The founders' loci are independent, so every association between loci that lie apart comes
    from the families. A model may then predict a sib from its sibs, and a stranger hardly at
    all: the leakage of a split that ignores families.

    Parameters
    ----------
    n_families, family_size : int
        At least 4 families of at least 2.
    p : int
        Loci, spread over ten chromosomes of one Morgan.
    n_causal : int
        Additive causal loci, at most p.
    heritability, family_environment : float
        Shares of the phenotypic variance, in [0, 1], together at most 1; exact in this cohort.
        The family environment (a common nest, a common pen) is shared by sibs, and not
        inherited.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        One trait, ``trait``; `family` numbers the families; the covariate ``family`` is the
        same; `relationship` is 1 on the diagonal and 0.5 between sibs; the parents are in
        the pedigree and not among the samples.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n_families = check_count("n_families", n_families, 4)
    family_size = check_count("family_size", family_size, 2)
    _check_trait(p, n_causal, heritability, family_environment)
    generator = as_generator(seed)
    pedigree = simulate_pedigree(
        2 * n_families, mating="full_sib", family_size=family_size, seed=generator
    )
    return _family_study(
        "full_sib_families",
        f"{n_families} families of {family_size} full sibs",
        pedigree,
        pedigree.family[2 * n_families :],
        p,
        n_causal,
        heritability,
        family_environment,
        generator,
    )


def half_sibs(
    n_sires: int = 30,
    dams_per_sire: int = 20,
    p: int = 1_000,
    *,
    n_causal: int = 100,
    heritability: float = 0.4,
    family_environment: float = 0.0,
    seed: Seed = 0,
) -> Study:
    """Paternal half sibs, as from artificial insemination: one sire, many dams, one calf each.

    Parameters
    ----------
    n_sires, dams_per_sire : int
        At least 4 sires with at least 2 dams each.
    p, n_causal, heritability, family_environment, seed
        As in `full_sib_families`; the family is the sire's.

    Returns
    -------
    Study
        As `full_sib_families`, with 0.25 between the offspring of one sire.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n_sires = check_count("n_sires", n_sires, 4)
    dams = check_count("dams_per_sire", dams_per_sire, 2)
    _check_trait(p, n_causal, heritability, family_environment)
    generator = as_generator(seed)
    founders = n_sires * (1 + dams)
    fathers = np.repeat(np.arange(n_sires), dams)
    unknown = np.full(founders, -1)
    pedigree = Pedigree(
        individual=np.arange(founders + fathers.size),
        father=np.concatenate([unknown, fathers]),
        mother=np.concatenate([unknown, n_sires + np.arange(fathers.size)]),
        generation=np.repeat([0, 1], [founders, fathers.size]),
        sex=np.concatenate(
            [np.repeat([1, 2], [n_sires, fathers.size]), 1 + np.arange(fathers.size) % 2]
        ),
    )
    return _family_study(
        "half_sibs",
        f"{n_sires} sires with {dams} offspring each, of different mothers",
        pedigree,
        fathers,
        p,
        n_causal,
        heritability,
        family_environment,
        generator,
    )


def _check_trait(p: int, n_causal: int, heritability: float, shared: float) -> None:
    p, n_causal = check_count("p", p), check_count("n_causal", n_causal)
    if n_causal > p:
        raise ValueError(f"n_causal is {n_causal}, more than the {p} loci (p): ask for fewer.")
    total = check_number("heritability", heritability, 0, 1) + check_number(
        "family_environment", shared, 0, 1
    )
    if total > 1 + 1e-12:
        raise ValueError(
            f"heritability and family_environment are shares of one variance and must sum to at "
            f"most 1, got {total:g}."
        )


def _family_study(
    name: str,
    design: str,
    pedigree: Pedigree,
    family: np.ndarray,
    p: int,
    n_causal: int,
    heritability: float,
    shared: float,
    generator: np.random.Generator,
) -> Study:
    """Drop genes down a pedigree of one generation and give the offspring a trait."""
    founders = pedigree.founders.size
    n = pedigree.individual.size - founders
    haplotypes = simulate_independent_loci(founders, p, seed=generator).haplotypes
    chromosomes = np.sort(np.arange(p) * _CHROMOSOMES // p)
    positions = np.empty(p, dtype=np.int64)
    for chromosome in range(_CHROMOSOMES):
        here = chromosomes == chromosome
        positions[here] = np.linspace(1, _MORGAN, int(here.sum()) + 1, dtype=np.int64)[:-1]
    dropped = drop_genes(pedigree, haplotypes, positions, chromosomes=chromosomes, seed=generator)[
        founders:
    ]
    genotypes = dropped[:, 0] + dropped[:, 1]
    trait = simulate_trait(
        genotypes,
        heritability=heritability,
        architecture=Architecture(n_causal=n_causal),
        seed=generator,
    )
    common, own = shared_environment(
        trait.genetic_value[:, None],
        family,
        np.array([shared]),
        np.array([1 - heritability]),
        generator,
    )
    phenotype = trait.genetic_value + common[:, 0] + own[:, 0]
    truth = replace(
        trait.truth,
        variance_components={
            "additive": float(trait.genetic_value.var()),
            "family": float(common.var()),
            "environment": float(own.var()),
        },
    )
    samples = name_samples("animal", n)
    parents = np.where(pedigree.sex[:founders] == 1, "sire", "dam")
    names = np.concatenate(
        [[f"{role}_{i:04d}" for i, role in enumerate(parents, start=1)], samples]
    )
    return Study(
        name=name,
        samples=samples,
        traits=table(samples, {"trait": phenotype}),
        genetic_values=table(samples, {"trait": trait.genetic_value}),
        truth={"trait": truth},
        description=(
            f"{design}, at {p} loci; of the variance of the trait {heritability:g} is additive "
            f"and {shared:g} a common environment of the family."
        ),
        genotypes=genotypes,
        variants=variant_table((chromosomes + 1).astype(str), positions, generator),
        covariates=table(samples, {"family": family.astype(int)}),
        pedigree=pedigree_table(pedigree, names),
        relationship=relationship_matrix(pedigree)[founders:, founders:],
        family=family.astype(int),
    )
