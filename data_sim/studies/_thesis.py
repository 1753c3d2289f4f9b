"""Mutated copies of one sequence, with a trait at sites that act where they stand."""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_choice, check_count, check_number
from data_sim._random import Seed, as_generator
from data_sim.sequences import simulate_sequences
from data_sim.studies._study import Study, name_samples, table
from data_sim.traits import Architecture, simulate_trait

_HOTSPOT = 9.0  # how much more often a causal site mutates in the thesis's example


def thesis(
    n: int = 9_000,
    length: int = 200,
    *,
    mutations: str = "uniform",
    mutation_rate: float | None = None,
    n_causal: int = 16,
    heritability: float = 0.986,
    architecture: Architecture | None = None,
    unique: bool = False,
    seed: Seed = 0,
) -> Study:
    """Mutated copies of one sequence, with a trait at 16 fixed sites and their interactions.

    After the practical example of the thesis that this course grew from (Fernandez Oliveras
    2025, section 10). Its text describes the simulation in one sentence: random sequences with a
    fictitious complex trait. It gives no effect sizes, rates or formula. From the example's
    published code come 9,000 sequences of 200 bases, 16 causal sites, and that these mutate nine
    times as often as the others, which lets the number of variants alone give them away; ask for
    ``mutations="hotspots"`` to see that happen.

    The trait is our own, on purpose. There, effects are multiplied and divided, which gives heavy
    tails, and the heritability comes out as it may. Here the components are orthogonal and the
    heritability is exact, so that exact effects and credits are known (see
    ``Study.exact_mutation_effects``). The mutation rates are ours too: with hotspots some 310 of
    2,250 test sequences also occur in training, against 186 in the example as published, and a
    rate near 0.0115 would give as many.

    Parameters
    ----------
    n, length : int
        Sequences and bases.
    mutations : {"uniform", "hotspots"}
        Whether all sites mutate alike, or causal sites nine times as often.
    mutation_rate : float, optional
        Probability that a site that is not causal differs from the reference; by default 0.05
        for uniform mutations and 0.01 for hotspots. With hotspots at most 1/9.
    n_causal : int
        Causal sites of the default architecture.
    heritability : float
        In [0, 1]; exact in this cohort. The default is the most that could be predicted in the
        thesis's example.
    architecture : Architecture, optional
        Replaces `n_causal`; by default 80 % additive and 20 % pairwise with six pairs. A site
        is either mutated or not, so there can be no dominance.
    unique : bool
        Whether all sequences differ, so that no test sequence is also a training sequence.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        One trait, ``trait``; `sequences`, `reference`, and `mutations` (n, length), which is
        the matrix that the truth reads. Which of the three other bases a site mutates to makes
        no difference to the trait.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, length = check_count("n", n, 10), check_count("length", length, 2)
    hot = check_choice("mutations", mutations, ("uniform", "hotspots")) == "hotspots"
    factor = _HOTSPOT if hot else 1.0
    if mutation_rate is None:
        mutation_rate = 0.01 if hot else 0.05
    rate = check_number("mutation_rate", mutation_rate, 0, 1 / factor, low_open=True)
    if architecture is None:
        count = check_count("n_causal", n_causal, 2)
        architecture = Architecture(
            n_causal=count,
            additive=0.8,
            pairwise=0.2,
            n_pairs=min(6, count * (count - 1) // 2),
        )
    if not isinstance(architecture, Architecture):
        raise TypeError(f"architecture must be an Architecture, got {type(architecture).__name__}.")
    if architecture.n_causal > length:
        raise ValueError(
            f"{architecture.n_causal} causal sites do not fit in {length} bases: raise length or "
            "lower n_causal."
        )
    check_number("heritability", heritability, 0, 1)
    generator = as_generator(seed)
    causal = np.sort(generator.choice(length, size=architecture.n_causal, replace=False))
    rates = np.full(length, rate)
    rates[causal] *= factor
    copies = simulate_sequences(n, length, site_rates=rates, unique=unique, seed=generator)
    never = causal[~copies.is_mutant[:, causal].any(axis=0)]
    if never.size:
        raise ValueError(
            f"{never.size} of the {causal.size} causal sites mutated in none of the {n} sequences: "
            f"raise n or mutation_rate (now {rate:g})."
        )
    trait = simulate_trait(
        copies.is_mutant.astype(np.int8),
        heritability=heritability,
        architecture=architecture,
        causal_loci=causal,
        seed=generator,
    )
    samples = name_samples("sequence", n)
    how = (
        "causal sites mutate nine times as often as the others"
        if hot
        else ("all sites mutate alike")
    )
    return Study(
        name="thesis",
        samples=samples,
        traits=table(samples, {"trait": trait.phenotype}),
        genetic_values=table(samples, {"trait": trait.genetic_value}),
        truth={"trait": trait.truth},
        description=(
            f"{n} mutated copies of one sequence of {length} bases; {how}. The trait has "
            f"heritability {heritability:g} and {causal.size} causal sites."
        ),
        sequences=copies.strings,
        covariates=table(samples),
        reference=copies.reference,
    )
