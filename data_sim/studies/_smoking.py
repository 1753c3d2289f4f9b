"""A stand-in for the Study of Addiction: smoking, drinking and the nicotinic receptor genes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import norm

from data_sim._checks import check_count, check_number
from data_sim._human import human_haplotypes
from data_sim._random import Seed, as_generator
from data_sim.studies._haplotypes import (
    AFRICAN,
    EUROPEAN,
    HaplotypePanel,
    draw_people,
    people_from_haplotypes,
)
from data_sim.studies._liability import LiabilityStudy, expected_value
from data_sim.studies._study import name_samples, table, variant_table
from data_sim.traits import Architecture, simulate_traits

# The cluster on chromosome 15, about 100 kb (GRCh37). A locus between two genes is counted to
# the nearer one; the numbers are the bases where one gene's share of the region ends.
_CHROMOSOME, _START, _LENGTH = "15", 78_845_000, 100_000
_GENES = np.array(["CHRNA5", "CHRNA3", "CHRNB4"])
_ENDS = np.array([78_886_500, 78_915_100])
_N, _LOCI, _AFRICAN_SHARE = 3_888, 149, 1 / 3

# From liability to counts: log mean and log standard deviation, the share of zeros, the
# ceiling, and the share of people who round to fives. Chosen for a variance of drinks of about
# 430, as the test errors of Lin, Zhang & Lu suggest; the rest is plausible and made up.
_COUNTS = {
    "cigarettes": (2.88, 0.74, 0.20, 240, 0.85),
    "drinks": (2.65, 0.85, 0.05, 258, 0.0),
}


def smoking(
    n: int = _N,
    n_loci: int = _LOCI,
    *,
    heritability: float | tuple[float, float] = 0.05,
    genetic_correlation: float = 0.8,
    environmental_correlation: float = 0.3,
    n_causal: int = 12,
    architecture: Architecture | None = None,
    african_share: float = _AFRICAN_SHARE,
    haplotypes: HaplotypePanel | np.ndarray | None = None,
    ancestry: np.ndarray | None = None,
    positions: np.ndarray | None = None,
    seed: Seed = 0,
) -> LiabilityStudy:
    """Simulate smoking and drinking, and the SNPs of three nicotinic receptor genes.

    Imitates the cohort of Lin, Zhang & Lu (the Study of Addiction: Genetics and Environment):
    3,888 people of African and European ancestry, 149 SNPs, the largest numbers of cigarettes
    smoked (0 to 240) and of drinks drunk (0 to 258) in 24 hours. The paper shows one table for
    each of CHRNA5, CHRNA3 and CHRNB4 and does not say whether 149 counts one gene or all; here
    it counts all, and each gene has its share.

    A liability of each trait, normal and with mean 0 and variance 1, is turned into counts:
    zero below a threshold, exp(a + b x) above, cut off at the ceiling, in whole numbers; most
    people round cigarettes to fives. Both ancestries have the same effects and environment, so
    their means differ only by what the causal SNPs do. All numbers are made up.

    Parameters
    ----------
    n, n_loci : int
        People (20 or more) and SNPs, of minor allele frequency 0.05 or more.
    heritability : float or (float, float)
        Of the liabilities of cigarettes and drinks, in [0, 1]; exact in this cohort.
    genetic_correlation, environmental_correlation : float
        Between the two liabilities, in [-1, 1]; exact in this cohort.
    n_causal : int
        Additive causal SNPs, 2 or more, spread evenly over the genes; at most `n_loci`.
    architecture : Architecture, optional
        Replaces `n_causal` and may add dominance and epistasis.
    african_share : float
        Share of people of African ancestry, in (0, 1). The paper does not give it; a third is
        our guess.
    haplotypes : HaplotypePanel or numpy.ndarray of int, shape (N, p), optional
        What `smoking_haplotypes` returned: n of its people are drawn, nobody twice, and no
        coalescent is run. Or an array of 0 and 1, such as real haplotypes: these are paired at
        random within each ancestry, and where there are fewer than needed, mosaics of them are
        made (Li & Stephens 2003), who are no independent people. Loci are then filtered as
        those of the simulation; their gene is called "region" and their chromosome "0".
    ancestry : numpy.ndarray of str, shape (N,), optional
        Of each row of an array of haplotypes. With "AFR" and "EUR", `african_share` holds; with
        other labels, people are shared out as the haplotypes are.
    positions : numpy.ndarray of int, shape (p,), optional
        Base pairs of the columns of an array of haplotypes, ascending; needed for mosaics.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    LiabilityStudy
        Traits ``cigarettes`` and ``drinks``; covariate ``ancestry``; variants have a column
        ``gene``. `genetic_values` and `truth` are on the scale of the liabilities;
        `explained_variance` tells what the best predictor explains of the counts.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range, or there are too few people or loci
        in the haplotypes given.
    """
    n, n_loci = check_count("n", n, 20), check_count("n_loci", n_loci, 2)
    shares = check_heritability(heritability)
    genetic = check_correlation("genetic_correlation", genetic_correlation)
    environmental = check_correlation("environmental_correlation", environmental_correlation)
    n_causal = check_count("n_causal", n_causal, 2)
    if architecture is None:
        architecture = Architecture(n_causal=n_causal)
    if not isinstance(architecture, Architecture):
        raise TypeError(f"architecture must be an Architecture, got {type(architecture).__name__}.")
    if architecture.n_causal > n_loci:
        raise ValueError(
            f"n_causal is {architecture.n_causal}, more than the {n_loci} SNPs (n_loci): ask for "
            "fewer."
        )
    check_number("african_share", african_share, 0, 1, low_open=True, high_open=True)
    is_array = haplotypes is not None and not isinstance(haplotypes, HaplotypePanel)
    if not is_array and (ancestry is not None or positions is not None):
        raise ValueError(
            "ancestry and positions describe an array of haplotypes: give that too, or leave "
            "them out."
        )
    generator = as_generator(seed)
    if haplotypes is None:
        panel = _simulate_panel(n, n_loci, african_share, generator)
    elif isinstance(haplotypes, HaplotypePanel):
        panel = draw_people(haplotypes, n, n_loci, african_share, generator)
    else:
        panel = people_from_haplotypes(
            haplotypes, ancestry, positions, n, n_loci, african_share, generator
        )
    genotypes = panel.genotypes
    traits = simulate_traits(
        genotypes,
        heritability=shares,
        genetic_correlation=genetic,
        environmental_correlation=environmental,
        architecture=architecture,
        causal_loci=spread_causal_loci(panel.genes, architecture.n_causal, generator),
        seed=generator,
    )
    samples = name_samples("person", n)
    names = list(_COUNTS)
    counts, expected = {}, {}
    for name, trait, share in zip(names, traits, shares, strict=True):
        rounds = generator.random(n) < _COUNTS[name][-1]
        counts[name] = _count(trait.phenotype, name, rounds)
        expected[name] = expected_value(
            trait.genetic_value, float(np.sqrt(1 - share)), _mean_count(name)
        )
    chromosome = np.full(n_loci, panel.chromosome)
    variants = variant_table(chromosome, panel.positions, generator)
    names_there, sizes = np.unique(panel.ancestry, return_counts=True)
    people = ", ".join(f"{size} {name}" for size, name in zip(sizes, names_there, strict=True))
    return LiabilityStudy(
        name="smoking",
        samples=samples,
        traits=table(samples, counts),
        genetic_values=table(samples, dict(zip(names, traits.genetic_values.T, strict=True))),
        truth={name: trait.truth for name, trait in zip(names, traits, strict=True)},
        description=(
            f"{n} people ({people}) at {n_loci} SNPs of one region, with the largest numbers of "
            "cigarettes and of drinks in 24 hours, after the Study of Addiction as Lin, Zhang & "
            "Lu used it. The shape is theirs; the numbers are made up."
        ),
        genotypes=genotypes,
        variants=variants.assign(gene=panel.genes),
        covariates=table(samples, {"ancestry": panel.ancestry}),
        liabilities=table(samples, dict(zip(names, traits.phenotypes.T, strict=True))),
        expected_traits=table(samples, expected),
    )


def smoking_haplotypes(
    n: int = _N,
    n_loci: int = _LOCI,
    *,
    african_share: float = _AFRICAN_SHARE,
    seed: Seed = 0,
) -> HaplotypePanel:
    """Simulate the haplotypes of `smoking` once, for many draws of traits.

    ``smoking(haplotypes=smoking_haplotypes(seed=1), seed=2)`` takes a fraction of a second, and
    with a smaller `n` draws that many of the people.

    Demography of Gravel et al. (2011) with the recent admixture of Browning et al. (2018):
    people of African ancestry are African Americans, 24 % European on average (Bryc et al.
    2015). A region of 100 kb with hot spots of recombination; SNPs of minor allele frequency
    0.05 or more in all people together, none a copy of another, evenly spaced among these.

    Parameters
    ----------
    n, n_loci : int
        People (20 or more) and SNPs.
    african_share : float
        Share of people of African ancestry, in (0, 1).
    seed : int or numpy.random.Generator
        The same seed gives the same haplotypes (with the same version of msprime).

    Returns
    -------
    HaplotypePanel
        People of African ancestry ("AFR") first, then "EUR"; genes CHRNA5, CHRNA3, CHRNB4.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, n_loci = check_count("n", n, 20), check_count("n_loci", n_loci, 2)
    check_number("african_share", african_share, 0, 1, low_open=True, high_open=True)
    return _simulate_panel(n, n_loci, african_share, as_generator(seed))


def _simulate_panel(
    n: int, n_loci: int, african_share: float, generator: np.random.Generator
) -> HaplotypePanel:
    africans = round(n * african_share)
    people = {"ADMIX": africans, "EUR": n - africans}
    haplotypes, places = human_haplotypes(people, _LENGTH, n_loci, generator)
    positions = _START + places
    return HaplotypePanel(
        haplotypes=haplotypes.reshape(2 * n, n_loci),
        ancestry=np.repeat([AFRICAN, EUROPEAN], [africans, n - africans]),
        positions=positions,
        genes=_GENES[np.searchsorted(_ENDS, positions)],
        chromosome=_CHROMOSOME,
    )


def spread_causal_loci(genes: np.ndarray, number: int, generator: np.random.Generator) -> Any:
    """Causal loci drawn at random, each gene giving as many as any other while it has them."""
    order = generator.permutation(genes.size)
    rank = np.empty(genes.size, dtype=int)
    for gene in np.unique(genes):
        there = np.flatnonzero(genes[order] == gene)
        rank[there] = np.arange(there.size)
    return np.sort(order[np.argsort(rank, kind="stable")[:number]])


def check_heritability(value: Any) -> np.ndarray:
    """Two shares, from one number or two."""
    shares = np.atleast_1d(np.asarray(value))
    if shares.shape not in ((1,), (2,)) or shares.dtype.kind not in "iuf":
        raise TypeError(f"heritability must be a number, or one for each trait, got {value!r}.")
    shares = np.broadcast_to(shares.astype(float), 2).copy()
    for share in shares:
        check_number("heritability", float(share), 0, 1)
    return shares


def check_correlation(name: str, value: Any) -> np.ndarray:
    """A correlation matrix of two, from their correlation."""
    r = check_number(name, value, -1, 1)
    return np.array([[1.0, r], [r, 1.0]])


def _count(liability: np.ndarray, name: str, rounds: np.ndarray | bool) -> np.ndarray:
    """Whole numbers from liabilities; `rounds` says who rounds to fives."""
    mean, deviation, zeros, ceiling, _ = _COUNTS[name]
    amount = np.exp(mean + deviation * liability)
    step = np.where(rounds, 5, 1)
    # Someone who smoked at all reports at least one step.
    number = np.clip(step * np.round(amount / step), step, ceiling)
    return np.where(liability < norm.ppf(zeros), 0, number).astype(np.int64)


def _mean_count(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Expected count given the liability: the mean over who rounds."""
    share = _COUNTS[name][-1]
    count = partial(_count, name=name)
    return lambda x: share * count(x, rounds=True) + (1 - share) * count(x, rounds=False)
