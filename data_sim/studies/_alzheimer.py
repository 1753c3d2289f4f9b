"""A stand-in for the Alzheimer's Disease Neuroimaging Initiative: APOE, hippocampus, MMSE."""

from __future__ import annotations

import numpy as np
from scipy.stats import nbinom, norm

from data_sim._checks import check_count, check_number
from data_sim._components import _colour
from data_sim._human import human_haplotypes
from data_sim._random import Seed, as_generator
from data_sim.studies._haplotypes import AFRICAN, EUROPEAN
from data_sim.studies._liability import LiabilityStudy, expected_value
from data_sim.studies._smoking import check_correlation, check_heritability
from data_sim.studies._study import name_samples, table, variant_table
from data_sim.truth import GenotypeFunction, Truth

# 100 kb around APOE on chromosome 19 (GRCh37), and the SNP that tells allele e4 from e3.
_CHROMOSOME, _START, _LENGTH, _APOE = "19", 45_360_000, 100_000, 45_411_941
_FREQUENCY = 0.14  # of e4 in Europeans, about
_NEAR = 15  # the main locus is one of this many SNPs nearest to that place
_TRAITS = ("hippocampus", "mmse")
# What one standard deviation of a covariate adds to the liability, in standard deviations of
# genes and environment together: the hippocampus shrinks with age, schooling lifts the score.
_COVARIATES = {
    "hippocampus": {"sex": 0.10, "age": -0.40, "education": 0.0},
    "mmse": {"sex": 0.05, "age": -0.15, "education": 0.25},
}
_VOLUME = (4.4, 0.7)  # thousandths of the volume inside the skull: mean, standard deviation
# Negative binomial deficit: P(deficit <= 3) = 0.80, mean 2.03, variance 5.5.
_DEFICIT, _BEST = (1.2, 0.3714715), 30


def alzheimer(
    n: int = 677,
    n_loci: int = 165,
    *,
    heritability: float | tuple[float, float] = 0.10,
    genetic_correlation: float = 0.8,
    environmental_correlation: float = 0.2,
    main_share: float = 0.5,
    n_causal: int = 8,
    african_share: float = 0.05,
    seed: Seed = 0,
) -> LiabilityStudy:
    """Simulate the volume of the hippocampus, a score of memory, and SNPs around APOE.

    Imitates the cohort of Lin, Zhang & Lu (the Alzheimer's Disease Neuroimaging Initiative): 677
    people, 165 SNPs, three covariates, the normalised volume of the hippocampus and the
    Mini-Mental State Examination, 0 to 30, where 80 % of people score 27 to 30. The haplotypes
    are made as those of `smoking_haplotypes`, mostly of European ancestry. One main locus near
    the place of allele e4, of about its frequency, lowers both traits; smaller loci add to it.

    Liabilities are sums of genes, environment and covariates. Volume is linear in its liability.
    The score is 30 minus a deficit with a negative binomial distribution (size 1.2, probability
    0.371), which a Gaussian copula ties to the liability. All numbers are made up.

    Parameters
    ----------
    n, n_loci : int
        People (40 or more) and SNPs (20 or more), of minor allele frequency 0.05 or more.
    heritability : float or (float, float)
        For hippocampus and mmse, the share of the variance of the liability that is left when
        the covariates are taken out, in [0, 1]; exact in this cohort.
    genetic_correlation : float
        Between the liabilities, in [-1, 1] and at least 2 `main_share` - 1, as the main locus
        moves both traits in one direction; exact in this cohort.
    environmental_correlation : float
        In [-1, 1]; exact in this cohort.
    main_share : float
        Share of the genetic variance of each trait that the main locus explains together with
        what it tells about the others by linkage, in [0, 1).
    n_causal : int
        Smaller additive loci, 2 or more; with the main one, at most `n_loci`.
    african_share : float
        Share of people of African ancestry, in (0, 1); our guess.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    LiabilityStudy
        Traits ``hippocampus`` (thousandths of the volume inside the skull) and ``mmse``;
        covariates ``sex`` (male 1, female 2), ``age`` and ``education`` (years) and
        ``ancestry``. The main locus is the row of `variants` whose id is ``apoe``.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, n_loci = check_count("n", n, 40), check_count("n_loci", n_loci, 20)
    shares = check_heritability(heritability)
    genetic = check_correlation("genetic_correlation", genetic_correlation)
    environmental = check_correlation("environmental_correlation", environmental_correlation)
    main = check_number("main_share", main_share, 0, 1, high_open=True)
    n_causal = check_count("n_causal", n_causal, 2)
    check_number("african_share", african_share, 0, 1, low_open=True, high_open=True)
    if n_causal + 1 > n_loci:
        raise ValueError(
            f"n_causal is {n_causal}, and with the main locus more than the {n_loci} SNPs "
            "(n_loci): ask for fewer."
        )
    if genetic_correlation < 2 * main - 1:
        raise ValueError(
            f"genetic_correlation is {genetic_correlation:g}, but a main locus with the share "
            f"{main:g} of both traits makes it {2 * main - 1:g} or more: lower main_share."
        )
    generator = as_generator(seed)
    africans = max(1, round(n * african_share))
    people = {"ADMIX": africans, "EUR": n - africans}
    haplotypes, places = human_haplotypes(people, _LENGTH, n_loci, generator)
    genotypes = haplotypes[:, 0] + haplotypes[:, 1]
    positions = _START + places
    causal = _causal_loci(genotypes, positions, n_causal, generator)
    effects = _effects(genotypes[:, causal].astype(float), genetic, main, generator)
    effects = effects * np.sqrt(shares)
    copies = genotypes[:, causal] - genotypes[:, causal].mean(axis=0)
    values = copies @ effects

    samples = name_samples("person", n)
    covariates = _covariates(n, generator)
    known = np.column_stack([np.ones(n), copies, *covariates.values()])
    noise = generator.standard_normal((n, 2))
    for _ in range(2):  # the second pass removes what rounding left
        noise -= known @ np.linalg.lstsq(known, noise, rcond=None)[0]
    noise = noise @ _colour(noise, environmental, "the environment") * np.sqrt(1 - shares)

    traits, expected, liabilities, truths = {}, {}, {}, {}
    order = np.argsort(causal)
    for i, name in enumerate(_TRAITS):
        fixed = sum(
            effect * _standardised(covariates[covariate])
            for covariate, effect in _COVARIATES[name].items()
        )
        liability = fixed + values[:, i] + noise[:, i]
        rest = float(np.sqrt(1 - shares[i]))
        if name == "hippocampus":
            mean, deviation = _VOLUME
            traits[name] = mean + deviation * liability
            expected[name] = mean + deviation * (fixed + values[:, i])
        else:
            spread = liability.std()
            traits[name] = _score(liability / spread)
            expected[name] = expected_value((fixed + values[:, i]) / spread, rest / spread, _score)
        liabilities[name] = liability
        variances = {"additive": values[:, i].var(), "environment": noise[:, i].var()}
        truths[name] = _truth(
            causal[order], effects[order, i], genotypes, float(shares[i]), variances
        )
    variants = variant_table(np.full(n_loci, _CHROMOSOME), positions, generator)
    variants.loc[causal[0], "id"] = "apoe"
    ancestry = np.repeat([AFRICAN, EUROPEAN], [africans, n - africans])
    return LiabilityStudy(
        name="alzheimer",
        samples=samples,
        traits=table(samples, traits),
        genetic_values=table(samples, dict(zip(_TRAITS, values.T, strict=True))),
        truth=truths,
        description=(
            f"{n} people ({africans} {AFRICAN}, {n - africans} {EUROPEAN}) at {n_loci} SNPs around "
            "APOE, with the volume of the hippocampus and the Mini-Mental State Examination, "
            "after the Alzheimer's Disease Neuroimaging Initiative as Lin, Zhang & Lu used it. "
            "The shape is theirs; the numbers are made up."
        ),
        genotypes=genotypes,
        variants=variants,
        covariates=table(samples, {**covariates, "ancestry": ancestry}),
        liabilities=table(samples, liabilities),
        expected_traits=table(samples, expected),
    )


def _causal_loci(
    genotypes: np.ndarray, positions: np.ndarray, number: int, generator: np.random.Generator
) -> np.ndarray:
    """The main locus first, then others at random."""
    frequency = genotypes.mean(axis=0) / 2
    rarer = np.minimum(frequency, 1 - frequency)
    near = np.argsort(np.abs(positions - _APOE), kind="stable")[:_NEAR]
    main = near[np.argmin(np.abs(rarer[near] - _FREQUENCY))]
    others = np.delete(np.arange(positions.size), main)
    return np.concatenate([[main], generator.choice(others, size=number, replace=False)])


def _effects(
    copies: np.ndarray, genetic: np.ndarray, main_share: float, generator: np.random.Generator
) -> np.ndarray:
    """Effects (k, 2) that give genetic values of variance 1 and exactly the correlation asked for.

    What the smaller loci add beyond the main one (a least-squares residual) is coloured so that
    both parts together have the correlation.
    """
    copies = copies - copies.mean(axis=0)
    n = len(copies)
    main = copies[:, 0] / copies[:, 0].std()
    # The rarer allele lowers both traits; centred copies of it are skewed to the right.
    if (main**3).mean() > 0:
        main = -main
    per_copy = (main @ copies[:, 0]) / (copies[:, 0] @ copies[:, 0])
    raw = generator.standard_normal((copies.shape[1] - 1, 2))
    small = copies[:, 1:] @ raw
    slope = main @ small / n
    r = (genetic[0, 1] - main_share) / (1 - main_share)
    mixing = _colour(small - main[:, None] * slope, np.array([[1, r], [r, 1]]), "the smaller loci")
    effects = np.vstack([-slope * per_copy, raw]) @ mixing * np.sqrt(1 - main_share)
    effects[0] += np.sqrt(main_share) * per_copy
    return effects


def _covariates(n: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Sex, age and education, about as in a cohort of older volunteers."""
    return {
        "sex": 1 + (generator.random(n) < 0.45).astype(np.int64),
        "age": np.clip(np.round(generator.normal(75, 7, size=n), 1), 55, 92),
        "education": np.clip(np.round(generator.normal(15.5, 3, size=n)), 6, 20).astype(np.int64),
    }


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def _score(liability: np.ndarray) -> np.ndarray:
    """Whole score from a standardised liability: the better it is, the smaller the deficit."""
    # The quantile of the distribution, by its steps: the first whose probability suffices.
    steps = nbinom.cdf(np.arange(_BEST), *_DEFICIT)
    return _BEST - np.searchsorted(steps, norm.sf(liability))


def _truth(
    loci: np.ndarray,
    effects: np.ndarray,
    genotypes: np.ndarray,
    heritability: float,
    variances: dict[str, float],
) -> Truth:
    centre = -float(genotypes[:, loci].mean(axis=0) @ effects)
    function = GenotypeFunction(loci, centre, effects, np.zeros(loci.size))
    return Truth(
        causal_loci=loci,
        additive_effects=effects,
        dominance_effects=np.zeros(loci.size),
        pairs=function.pairs,
        pair_effects=function.pair_effects,
        triples=function.triples,
        triple_effects=function.triple_effects,
        heritability=heritability,
        variance_components={name: float(value) for name, value in variances.items()},
        function=function,
    )
