"""Cohorts of unrelated individuals at independent loci: quick, and nothing hides in them."""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._random import Seed, as_generator
from data_sim.populations import simulate_independent_loci
from data_sim.studies._study import Study, name_samples, table, variant_table
from data_sim.traits import Architecture, simulate_trait
from data_sim.truth import GenotypeFunction, Truth


def small_panel(
    n: int = 1_000,
    p: int = 200,
    *,
    n_causal: int = 20,
    heritability: float = 0.5,
    architecture: Architecture | None = None,
    allele_frequency_range: tuple[float, float] = (0.05, 0.5),
    missing_rate: float = 0.0,
    seed: Seed = 0,
) -> Study:
    """A quick cohort: n unrelated individuals, p independent loci, one trait.

    Parameters
    ----------
    n, p : int
        Individuals and loci.
    n_causal : int
        Causal loci of the default architecture, at most p.
    heritability : float
        In [0, 1]; exact in this cohort.
    architecture : Architecture, optional
        Replaces `n_causal`; by default all additive, normal effects.
    allele_frequency_range : (float, float)
        As in `simulate_independent_loci`.
    missing_rate : float
        Share of genotypes hidden (-1) after the trait was made, in [0, 1).
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        One trait, ``trait``.

    Raises
    ------
    TypeError, ValueError
        As in `simulate_independent_loci` and `simulate_trait`.
    """
    if architecture is None:
        architecture = Architecture(n_causal=check_count("n_causal", n_causal))
    check_number("heritability", heritability, 0, 1)
    generator = as_generator(seed)
    population = simulate_independent_loci(
        n,
        p,
        allele_frequency_range=allele_frequency_range,
        missing_rate=missing_rate,
        seed=generator,
    )
    trait = simulate_trait(
        population.complete_genotypes,
        heritability=heritability,
        architecture=architecture,
        seed=generator,
    )
    samples = name_samples("person", n)
    return Study(
        name="small_panel",
        samples=samples,
        traits=table(samples, {"trait": trait.phenotype}),
        genetic_values=table(samples, {"trait": trait.genetic_value}),
        truth={"trait": trait.truth},
        description=(
            f"{n} unrelated individuals at {p} independent loci in Hardy-Weinberg proportions, "
            f"with a trait of heritability {heritability:g} at {trait.truth.causal_loci.size} "
            "causal loci."
        ),
        genotypes=population.genotypes,
        variants=variant_table(population.chromosomes, population.positions, generator),
        covariates=table(samples),
    )


def rare_extremes(
    n: int = 3_000,
    p: int = 100,
    *,
    extreme_fraction: float = 0.03,
    extreme_effect: float = 4.0,
    n_causal: int = 20,
    heritability: float = 0.8,
    seed: Seed = 0,
) -> Study:
    """A cohort in which a few individuals are extreme, because two rare alleles meet.

    Twenty loci act additively. Besides, whoever carries both of two further alleles gets
    `extreme_effect` added for each product of their copies. So most individuals say nothing
    about the extreme group: an imbalance.

    Parameters
    ----------
    n, p : int
        Individuals and loci; p at least `n_causal` + 2.
    extreme_fraction : float
        Expected share of individuals who carry both alleles, in (0, 0.5].
    extreme_effect : float
        Effect of carrying one copy of each, in standard deviations of the additive genetic
        value.
    n_causal : int
        Additive loci.
    heritability : float
        Share of the phenotypic variance that is genetic, the extremes included, in (0, 1];
        exact in this cohort.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        One trait, ``trait``, with variance 1; the covariate ``extreme`` says who carries both.
        ``truth["trait"].pairs`` names the two loci. Their ``additive_effects`` are 0, the
        coefficients of the polynomial: the average effects that the pair has besides are not
        taken out here, as they are in `simulate_trait`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range, or no individual happens to carry
        both alleles.
    """
    n, n_causal = check_count("n", n, 10), check_count("n_causal", n_causal)
    p = check_count("p", p, n_causal + 2)
    fraction = check_number("extreme_fraction", extreme_fraction, 0, 0.5, low_open=True)
    effect = check_number("extreme_effect", extreme_effect)
    share = check_number("heritability", heritability, 0, 1, low_open=True)
    generator = as_generator(seed)
    # Both carried with probability f: each with sqrt(f) = 1 - (1 - q)^2.
    frequency = 1 - np.sqrt(1 - np.sqrt(fraction))
    genotypes = simulate_independent_loci(n, p, seed=generator).genotypes
    chosen = generator.choice(p, size=n_causal + 2, replace=False)
    pair = np.sort(chosen[:2])
    genotypes[:, pair] = generator.binomial(2, frequency, size=(n, 2)).astype(np.int8)
    product = genotypes[:, pair].prod(axis=1, dtype=np.float64)
    if not product.any():
        raise ValueError(
            f"no individual carries both alleles: raise n (now {n}) or extreme_fraction "
            f"(now {fraction:g})."
        )
    base = simulate_trait(
        genotypes,
        heritability=1.0,
        architecture=Architecture(n_causal=n_causal),
        causal_loci=np.sort(chosen[2:]),
        seed=generator,
    )
    value = base.genetic_value + effect * product
    factor = np.sqrt(share / value.var())
    value = factor * (value - value.mean())
    known = np.column_stack([np.ones(n), value])
    noise = generator.standard_normal(n)
    noise -= known @ np.linalg.lstsq(known, noise, rcond=None)[0]
    noise *= np.sqrt(1 - share) / noise.std()
    loci = np.sort(chosen)
    linear = np.zeros(loci.size)
    linear[np.searchsorted(loci, base.truth.causal_loci)] = base.truth.additive_effects
    function = GenotypeFunction(
        loci, 0.0, linear, np.zeros(loci.size), pair[None], np.array([effect])
    ).rescaled(factor)
    function = function.rescaled(1.0, -float(function(genotypes).mean()))
    truth = Truth(
        causal_loci=loci,
        additive_effects=function.linear,
        dominance_effects=np.zeros(loci.size),
        pairs=function.pairs,
        pair_effects=function.pair_effects,
        triples=function.triples,
        triple_effects=function.triple_effects,
        heritability=share,
        variance_components={"genetic": share, "environment": float(noise.var())},
        function=function,
    )
    samples = name_samples("person", n)
    positions = np.arange(1, p + 1) * 100_000
    return Study(
        name="rare_extremes",
        samples=samples,
        traits=table(samples, {"trait": value + noise}),
        genetic_values=table(samples, {"trait": value}),
        truth={"trait": truth},
        description=(
            f"{n} unrelated individuals at {p} independent loci. The {(product > 0).mean():.1%} "
            "who carry both of two rare alleles have extreme values."
        ),
        genotypes=genotypes,
        variants=variant_table(np.full(p, "1"), positions, generator),
        covariates=table(samples, {"extreme": product > 0}),
    )
