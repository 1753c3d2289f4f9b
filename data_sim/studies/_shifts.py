"""Two populations: what was learned in one, asked of the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._random import Seed, as_generator
from data_sim.populations import simulate_admixture
from data_sim.studies._study import Study, name_samples, table, variant_table
from data_sim.traits import Architecture, simulate_trait


def two_populations(
    n: int = 2_000,
    p: int = 1_000,
    *,
    share_b: float = 0.5,
    divergence_generations: float = 4_000,
    n_causal: int = 40,
    heritability: float = 0.5,
    environment_shift: float = 0.5,
    length: int = 2_000_000,
    hide_causal: bool = False,
    seed: Seed = 0,
) -> Study:
    """Two populations that parted long ago, with other allele frequencies and other linkage.

    A coalescent simulation (`simulate_admixture` without admixed people). The effects of the
    causal loci are the same in both. What differs is the frequency of alleles, the linkage
    disequilibrium between markers and causal loci, and, if asked for, the environment.

    Parameters
    ----------
    n : int
        Individuals of both populations together.
    p : int
        Markers given to the reader.
    share_b : float
        Share of the individuals that are of population B, in (0, 1).
    divergence_generations : float
        Generations since A and B parted.
    n_causal : int
        Additive causal loci.
    heritability : float
        Share of the phenotypic variance before the shift, in [0, 1]; exact in this cohort.
    environment_shift : float
        Added to the phenotype of everyone in B, in standard deviations of the trait.
    length : int
        Bases of the region; longer gives more loci and less linkage.
    hide_causal : bool
        Whether the causal loci are left out of the markers, as on most genotyping chips, so that
        markers tell about them by linkage disequilibrium alone. Their genotypes are then
        `causal_genotypes` of the study, and the truth reads those.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        One trait, ``trait``; the covariate ``population`` is "A" or "B"; A comes first.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a value is out of range or too few loci vary.
    """
    n, p = check_count("n", n, 10), check_count("p", p)
    n_causal = check_count("n_causal", n_causal)
    share_b = check_number("share_b", share_b, 0, 1, low_open=True, high_open=True)
    check_number("heritability", heritability, 0, 1)
    shift = check_number("environment_shift", environment_shift)
    if not isinstance(hide_causal, bool | np.bool_):
        raise TypeError(f"hide_causal must be True or False, got {type(hide_causal).__name__}.")
    if not hide_causal and n_causal > p:
        raise ValueError(f"n_causal is {n_causal}, more than the {p} markers (p).")
    generator = as_generator(seed)
    population = simulate_admixture(
        n,
        proportions=(1 - share_b, share_b, 0),
        divergence_generations=divergence_generations,
        length=length,
        n_loci=p + n_causal if hide_causal else p,
        minimum_allele_frequency=0.02,
        seed=generator,
    )
    trait = simulate_trait(
        population.genotypes,
        heritability=heritability,
        architecture=Architecture(n_causal=n_causal),
        seed=generator,
    )
    in_b = np.asarray(population.ancestry) == 1
    phenotype = trait.phenotype + shift * in_b
    truth = replace(
        trait.truth,
        variance_components={
            **trait.truth.variance_components,
            "shift": float(np.var(shift * in_b)),
        },
    )
    kept, causal = np.arange(population.positions.size), None
    if hide_causal:
        kept = np.delete(kept, truth.causal_loci)
        causal = np.ascontiguousarray(population.genotypes[:, truth.causal_loci])
        places = np.arange(n_causal)
        function = replace(truth.function, loci=places)  # additive: no pairs to renumber
        truth = replace(truth, causal_loci=places, function=function)
    samples = name_samples("person", n)
    return Study(
        name="two_populations",
        samples=samples,
        traits=table(samples, {"trait": phenotype}),
        genetic_values=table(samples, {"trait": trait.genetic_value}),
        truth={"trait": truth},
        description=(
            f"{np.count_nonzero(~in_b)} people of population A and {np.count_nonzero(in_b)} of "
            f"population B, which parted {divergence_generations:g} generations ago; {p} markers; "
            f"the environment of B adds {shift:g} standard deviations."
        ),
        genotypes=np.ascontiguousarray(population.genotypes[:, kept]),
        variants=variant_table(population.chromosomes[kept], population.positions[kept], generator),
        causal_genotypes=causal,
        covariates=table(samples, {"population": np.where(in_b, "B", "A")}),
    )
