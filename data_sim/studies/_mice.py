"""A stand-in for the heterogeneous stock mice: same shape, same names, other numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from data_sim._checks import check_count
from data_sim._random import Seed, as_generator
from data_sim.gene_dropping import make_gametes, recombination_fractions
from data_sim.studies._environment import shared_environment
from data_sim.studies._study import Study, name_samples, table, variant_table
from data_sim.traits import Architecture, simulate_traits

# Centimorgans that the markers of the real cohort span on chromosomes 1 to 19 and X, rounded.
_MAP = (118, 108, 90, 102, 107, 90, 90, 81, 86, 83, 93, 69, 70, 60, 64, 63, 63, 64, 54, 61)
# Its number of markers on each.
_MARKERS = (
    875, 802, 758, 719, 556, 652, 535, 479, 531, 334,
    647, 490, 415, 438, 432, 440, 375, 347, 249, 272,
)  # fmt: skip
_FAMILIES, _MICE = 169, 1_814
_STRAINS = 8  # Valdar et al. 2006: descended from eight inbred strains
# Chosen so that linkage disequilibrium falls with distance about as in the real cohort: the
# generations that break up the strains' chromosomes, the distance over which the strains keep
# their pattern of alleles, and the share of markers with a pattern of their own.
_GENERATIONS = 15
_BLOCK_CENTIMORGAN = 2.0
_OWN_PATTERN = 0.3
_BASES_PER_CENTIMORGAN = 2_000_000  # about half a centimorgan per megabase in the mouse
_MONTHS = 12


def mice_like(
    n: int = _MICE,
    p: int = 10_346,
    *,
    n_causal: int = 200,
    heritability: tuple[float, float] = (0.20, 0.145),
    cage_environment: tuple[float, float] = (0.20, 0.15),
    seed: Seed = 0,
) -> Study:
    """Simulate mice like the heterogeneous stock: families, cages, two traits, covariates.

    Imitates the cohort of Valdar et al. (2006, Nature Genetics 38:879) as packaged by Perez &
    de los Campos (2014, Genetics 198:483): 1,814 mice, 10,346 markers on 20 chromosomes, 169
    families of full sibs. Parents are mosaics of eight inbred strains;
    offspring get their genes by gene dropping; males have one X, counted as two copies.
    Males are larger. Month, cage density and cage matter. The numbers themselves are made up.

    Parameters
    ----------
    n, p : int
        Mice (40 or more) and markers (200 or more). Families are as many for their number as
        in the real cohort, and at least 8.
    n_causal : int
        Additive causal markers, at most p.
    heritability, cage_environment : (float, float)
        Shares for body length and BMI of the variance that is left when sex, month and cage
        density are taken out; each pair sums to at most 1. Exact in this cohort. The default
        heritabilities are about what markers explain of the real traits.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        Traits ``body_length`` and ``bmi``; covariates ``sex``, ``litter``, ``cage``,
        ``cage_density``, ``month``; `family`, `relationship` (1, and 0.5 between full sibs) and
        the pedigree, whose parents are no samples. Variants have a column ``centimorgan``.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, p = check_count("n", n, 40), check_count("p", p, 200)
    n_causal = check_count("n_causal", n_causal, 2)
    if n_causal > p:
        raise ValueError(f"n_causal is {n_causal}, more than the {p} markers (p): ask for fewer.")
    heritable, caged = np.array(heritability, dtype=float), np.array(cage_environment, dtype=float)
    for name, shares in (("heritability", heritable), ("cage_environment", caged)):
        if shares.shape != (2,) or np.any(shares < 0) or np.any(heritable + caged > 1):
            raise ValueError(
                f"{name} must be two shares in [0, 1] (body_length, bmi), which with the other "
                f"pair sum to at most 1; got {shares.tolist()}."
            )
    generator = as_generator(seed)
    chromosome, centimorgan = _marker_map(p, generator)
    family = _family_of_each(n, generator)
    covariates = _covariates(family, generator)
    male = (covariates["sex"] == "M").to_numpy()
    genotypes = _genotypes(family, male, chromosome, centimorgan, generator)

    correlation = np.array([[1.0, -0.3], [-0.3, 1.0]])
    traits = simulate_traits(
        genotypes,
        heritability=heritable,
        genetic_correlation=correlation,
        architecture=Architecture(n_causal=n_causal, effect_distribution="gamma"),
        seed=generator,
    )
    values = traits.genetic_values
    cages = np.unique(covariates["cage"], return_inverse=True)[1]
    common, own = shared_environment(
        values, cages, caged, 1 - heritable, generator, correlation=correlation
    )
    samples = name_samples("mouse", n)
    units = {"body_length": (7.60, 0.54, 0.56), "bmi": (-0.457, 0.052, 1.1)}
    phenotypes, genetic, truths = {}, {}, {}
    month = covariates["month"].to_numpy(dtype=int) - 1
    density = covariates["cage_density"].to_numpy(dtype=float)
    for i, (name, (mean, deviation, sex_difference)) in enumerate(units.items()):
        fixed = sex_difference * (male - male.mean())
        fixed = fixed + generator.normal(0, 0.2, size=_MONTHS)[month]
        fixed = fixed - 0.05 * (density - density.mean())
        phenotypes[name] = mean + deviation * (fixed + values[:, i] + common[:, i] + own[:, i])
        scaled = traits[i].rescaled(deviation)
        genetic[name] = scaled.genetic_value
        truths[name] = replace(
            scaled.truth,
            variance_components={
                "additive": float(np.var(scaled.genetic_value)),
                "cage": float(np.var(deviation * common[:, i])),
                "environment": float(np.var(deviation * own[:, i])),
            },
        )
    covariates.index = pd.Index(samples, name="sample")
    variants = variant_table(
        np.where(chromosome == 20, "X", chromosome.astype(str)),
        np.round(1 + centimorgan * _BASES_PER_CENTIMORGAN),
        generator,
    )
    return Study(
        name="mice_like",
        samples=samples,
        traits=table(samples, phenotypes),
        genetic_values=table(samples, genetic),
        truth=truths,
        description=(
            f"{n} simulated mice in {family.max() + 1} families of full sibs, {p} markers on 20 "
            "chromosomes, after the heterogeneous stock of Valdar et al. (2006). The shape is "
            "theirs; the numbers are made up."
        ),
        genotypes=genotypes,
        variants=variants.assign(centimorgan=centimorgan),
        covariates=covariates,
        pedigree=_pedigree(family, samples),
        relationship=np.where(np.eye(n, dtype=bool), 1.0, 0.5 * (family[:, None] == family)),
        family=family,
    )


def _marker_map(p: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Chromosome (1 to 20) and centimorgan of each of p markers."""
    share = np.cumsum(_MARKERS) / np.sum(_MARKERS)
    counts = np.diff(np.concatenate([[0], np.round(share * p).astype(int)]))
    chromosome = np.repeat(np.arange(1, 21), counts)
    places = [np.sort(generator.uniform(0, _MAP[c], size=count)) for c, count in enumerate(counts)]
    return chromosome, np.concatenate(places)


def _family_of_each(n: int, generator: np.random.Generator) -> np.ndarray:
    """Family of each mouse: as uneven in size as the real ones (1 to about 50)."""
    count = max(8, round(_FAMILIES * n / _MICE))
    weight = generator.gamma(1.6, size=count)
    sizes = 1 + generator.multinomial(n - count, weight / weight.sum())
    return np.repeat(np.arange(count), sizes)


def _covariates(family: np.ndarray, generator: np.random.Generator) -> pd.DataFrame:
    """Sex, litter, cage, cage density and month: litters come a month apart, cages hold sibs."""
    n = family.size
    sex = np.where(generator.random(n) < 0.515, "M", "F")
    size = np.bincount(family)
    within = np.arange(n) - np.repeat(np.cumsum(size) - size, size)
    litter = 1 + within // 6
    start = generator.integers(0, _MONTHS, size=size.size)
    month = 1 + (start[family] + litter - 1) % _MONTHS
    order = np.lexsort((litter, sex, family))
    key = np.array([f"{family[i]}{sex[i]}" for i in order])
    new = np.concatenate([[True], key[1:] != key[:-1]])
    run = np.arange(n) - np.maximum.accumulate(np.where(new, np.arange(n), 0))
    number = np.cumsum(new | (run % 4 == 0)) - 1
    cage = np.empty(n, dtype=int)
    cage[order] = number
    occupants = np.bincount(cage)
    drawn = generator.choice(
        [2, 3, 4, 5, 6, 7], p=[0.01, 0.08, 0.40, 0.23, 0.25, 0.03], size=occupants.size
    )
    density = np.maximum(drawn, occupants)[cage]
    letters = np.array(list("ABCDEFGHIJKLMNOPQR"))
    names = np.array(
        [f"{1 + c // letters.size}{letters[c % letters.size]}" for c in range(occupants.size)]
    )
    return pd.DataFrame(
        {
            "sex": sex,
            "litter": litter,
            "cage": names[cage],
            "cage_density": density,
            "month": pd.Categorical(month, categories=range(1, _MONTHS + 1)),
        }
    )


def _genotypes(
    family: np.ndarray,
    male: np.ndarray,
    chromosome: np.ndarray,
    centimorgan: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    """Genotypes of the offspring of strain mosaics."""
    p, families = chromosome.size, int(family.max()) + 1
    step = np.diff(centimorgan, prepend=0.0)
    new = np.concatenate([[True], chromosome[1:] != chromosome[:-1]])

    # Which strains carry the counted allele: the pattern holds over short distances.
    count = generator.integers(1, _STRAINS // 2 + 1, size=p)
    rank = generator.random((_STRAINS, p)).argsort(axis=0)
    pattern = rank < count
    fresh = new | (generator.random(p) > np.exp(-step / _BLOCK_CENTIMORGAN))
    source = np.maximum.accumulate(np.where(fresh, np.arange(p), 0))
    source = np.where(generator.random(p) < _OWN_PATTERN, np.arange(p), source)
    pattern = pattern[:, source]
    pattern = np.where(generator.random(p) < 0.65, pattern, ~pattern).astype(np.int8)

    # Parents: mosaics of the strains after generations of recombination.
    shape = (4 * families, p)
    jump = new | (
        generator.random(shape, dtype=np.float32)
        > np.exp(-_GENERATIONS * step / 100).astype(np.float32)
    )
    since = np.maximum.accumulate(np.where(jump, np.arange(p), 0), axis=1)
    strain = np.take_along_axis(
        generator.integers(0, _STRAINS, size=shape, dtype=np.int8), since, axis=1
    )
    parents = pattern[strain, np.arange(p)].reshape(2 * families, 2, p)
    on_x = np.flatnonzero(chromosome == 20)
    fathers, mothers = 2 * family, 2 * family + 1
    sires = np.arange(0, 2 * families, 2)[:, None]
    parents[sires, 1, on_x] = parents[sires, 0, on_x]  # a father has one X

    switch = recombination_fractions(centimorgan, chromosomes=chromosome, recombination_rate=0.01)
    maternal = make_gametes(parents, mothers, switch, generator)
    paternal = make_gametes(parents, fathers, switch, generator)
    # A son gets his mother's X only; it is counted twice, as genotyping arrays report it.
    paternal[np.ix_(male, on_x)] = maternal[np.ix_(male, on_x)]
    return maternal + paternal


def _pedigree(family: np.ndarray, samples: np.ndarray) -> pd.DataFrame:
    fathers = np.array([f"father_{f + 1:04d}" for f in range(family.max() + 1)])
    mothers = np.array([f"mother_{f + 1:04d}" for f in range(family.max() + 1)])
    unknown = np.full(2 * fathers.size, "0")
    return pd.DataFrame(
        {
            "individual": np.concatenate([fathers, mothers, samples]),
            "father": np.concatenate([unknown, fathers[family]]),
            "mother": np.concatenate([unknown, mothers[family]]),
        }
    )
