"""A stand-in for the loblolly pines: same shape, same names, other numbers."""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._random import Seed, as_generator
from data_sim.pedigrees import Pedigree, drop_genes, relationship_matrix
from data_sim.studies._study import Study, name_samples, pedigree_table, table, variant_table
from data_sim.traits import Architecture, simulate_trait

_TREES, _PEDIGREE = 926, 2_034
# Of the real pedigree: trees without known parents, those of them that were crossed, trees of
# the second cycle that were crossed, and crosses.
_FOUNDERS, _CROSSED, _SECOND, _CROSSES = 42, 30, 13, 78
_MEASURED = 861 / 926  # trees whose diameter is known
_FIXED = 24 / 4_853  # markers that do not vary
_SPARE = 1.25  # loci simulated for each marker kept
_CHROMOSOMES, _LENGTH = 12, 140_000_000  # 1.4 Morgan each at 1 centimorgan per megabase


def pines_like(
    n: int = _TREES,
    p: int = 4_853,
    *,
    n_causal: int = 200,
    heritability: tuple[float, float] = (0.2, 0.43),
    missing_rate: float = 0.038,
    seed: Seed = 0,
) -> Study:
    """Simulate pines like the clonally tested loblolly pines, inside their pedigree.

    Imitates the trees of Resende et al. (2012, Genetics 190:1503) and their pedigree: founders
    and a few trees of a second cycle stand in a circle, each crossed with its neighbours, and
    more crosses are drawn at random. A tree may be mother in one cross and father in another.
    About half of the trees are genotyped, none of the parents. Loci of the founders are
    independent: what loci share, they share through the families. The numbers are made up.

    Parameters
    ----------
    n, p : int
        Genotyped trees (60 or more) and markers (50 or more). The pedigree grows with n: 2,034
        trees for 926.
    n_causal : int
        Additive causal loci, 2 or more, not among the markers.
    heritability : (float, float)
        Of the number of roots and the diameter, in [0, 1]; exact in this cohort, before
        diameters are hidden. The defaults are about what markers explain of the real traits.
        What is left of the deregressed number of roots is the error of the breeding value, whose
        size hardly differs among the real trees.
    missing_rate : float
        Share of the genotypes that is missing, in [0, 1), whatever their value.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        Traits ``root_number`` and ``diameter``, the latter NaN for 7 % of the trees;
        covariate ``family`` of full sibs; the whole pedigree and the `relationship` of the
        genotyped trees. As in the real cohort the counted allele is mostly the commoner one.
        The truth reads ``causal_genotypes``.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.
    """
    n, p = check_count("n", n, 60), check_count("p", p, 50)
    n_causal = check_count("n_causal", n_causal, 2)
    shares = np.array(heritability, dtype=float)
    if shares.shape != (2,) or not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(
            "heritability must be two shares in [0, 1] (root_number, diameter); got "
            f"{shares.tolist()}."
        )
    missing_rate = check_number("missing_rate", missing_rate, 0, 1, high_open=True)
    generator = as_generator(seed)
    pedigree = _pedigree(n, generator)
    chosen = _genotyped(pedigree, n, generator)
    family = np.unique(pedigree.family[chosen], return_inverse=True)[1]

    total = round(_SPARE * p) + 2 * n_causal  # some loci are fixed in the genotyped trees
    chromosomes = np.sort(np.arange(total) * _CHROMOSOMES // total)
    positions = generator.integers(1, _LENGTH, size=total)
    positions = positions[np.lexsort((positions, chromosomes))]
    founders = _founder_haplotypes(pedigree.founders.size, total, generator)
    haplotypes = drop_genes(pedigree, founders, positions, chromosomes=chromosomes, seed=generator)
    genotypes = haplotypes[chosen].sum(axis=1, dtype=np.int8)
    markers, hidden = _markers_and_causal(genotypes, p, n_causal, generator)
    causal, genotypes = genotypes[:, hidden], np.ascontiguousarray(genotypes[:, markers])

    samples = name_samples("pine", n)
    units = {"root_number": (0.32, 0.96), "diameter": (0.29, 1.55)}
    phenotypes, genetic, truths = {}, {}, {}
    for (name, (mean, deviation)), share in zip(units.items(), shares, strict=True):
        trait = simulate_trait(
            causal,
            heritability=float(share),
            architecture=Architecture(n_causal=n_causal, effect_distribution="gamma"),
            causal_loci=np.arange(n_causal),
            seed=generator,
        ).rescaled(deviation, mean)
        phenotypes[name], genetic[name] = trait.phenotype, trait.genetic_value
        truths[name] = trait.truth
    unmeasured = generator.choice(n, size=n - round(_MEASURED * n), replace=False)
    phenotypes["diameter"][unmeasured] = np.nan
    genotypes[generator.random(genotypes.shape, dtype=np.float32) < np.float32(missing_rate)] = -1

    names = name_samples("tree", pedigree.individual.size).astype(object)
    names[chosen] = samples
    return Study(
        name="pines_like",
        samples=samples,
        traits=table(samples, phenotypes),
        genetic_values=table(samples, genetic),
        truth=truths,
        description=(
            f"{n} simulated pines in {family.max() + 1} families of full sibs, {p} markers, in a "
            f"pedigree of {names.size} trees, after the loblolly pines of Resende et al. (2012). "
            "The shape is theirs; the numbers are made up."
        ),
        genotypes=genotypes,
        variants=variant_table(
            (chromosomes[markers] + 1).astype(str), positions[markers], generator
        ),
        covariates=table(samples, {"family": family.astype(int)}),
        pedigree=pedigree_table(pedigree, names.astype(str)),
        relationship=relationship_matrix(pedigree)[np.ix_(chosen, chosen)],
        family=family.astype(int),
        causal_genotypes=np.ascontiguousarray(causal),
    )


def _pedigree(n: int, generator: np.random.Generator) -> Pedigree:
    """Founders, second-cycle parents, and the families of a circle with more crosses."""
    scale = n / _TREES
    founders = max(12, round(_FOUNDERS * scale))
    second = max(4, round(_SECOND * scale))
    crossed = max(8, round(_CROSSED * scale))
    crosses = max(20, round(_CROSSES * scale))
    total = round(n * _PEDIGREE / _TREES)
    couples = np.array([generator.choice(founders, size=2, replace=False) for _ in range(second)])
    first = generator.choice(founders, size=crossed, replace=False)
    circle = generator.permutation(np.concatenate([first, founders + np.arange(second)]))
    pairs = {
        frozenset(pair) for pair in zip(circle.tolist(), np.roll(circle, 1).tolist(), strict=True)
    }
    while len(pairs) < crosses:
        pairs.add(frozenset(generator.choice(circle, size=2, replace=False).tolist()))
    # In an order that the seed alone decides; who is mother is a matter of chance.
    mated = np.array([generator.permutation(pair) for pair in sorted(map(sorted, pairs))])
    sizes = generator.multinomial(
        total - founders - second, generator.dirichlet(np.full(len(mated), 40.0))
    )
    parents = np.concatenate([np.full((founders, 2), -1), couples, np.repeat(mated, sizes, axis=0)])
    return Pedigree(
        individual=np.arange(total),
        father=parents[:, 0],
        mother=parents[:, 1],
        generation=np.repeat([0, 1, 2], [founders, second, total - founders - second]),
        sex=np.zeros(total, dtype=np.int64),
    )


def _genotyped(pedigree: Pedigree, n: int, generator: np.random.Generator) -> np.ndarray:
    """Trees of most, not all, of the families; in no order."""
    family = pedigree.family
    tested = pedigree.individual[pedigree.generation == 2]
    families = generator.permutation(np.unique(family[tested]))
    left_out = families[: families.size // 10]
    from_others = tested[~np.isin(family[tested], left_out)]
    return generator.permutation(generator.choice(from_others, size=n, replace=False))


def _markers_and_causal(
    genotypes: np.ndarray, p: int, n_causal: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Columns of p markers, of which a few do not vary, and of causal loci, which all do."""
    varies = np.ptp(genotypes, axis=0) > 0
    fixed = np.flatnonzero(~varies)[: round(_FIXED * p)]
    drawn = generator.permutation(np.flatnonzero(varies))
    if drawn.size < n_causal + p - fixed.size:
        raise ValueError(
            f"n_causal is {n_causal}, but only {max(drawn.size - p, 0)} loci that vary are left "
            "besides the markers: ask for fewer causal loci, or for more trees (n)."
        )
    markers = np.concatenate([fixed, drawn[n_causal : n_causal + p - fixed.size]])
    return np.sort(markers), np.sort(drawn[:n_causal])


def _founder_haplotypes(n: int, p: int, generator: np.random.Generator) -> np.ndarray:
    """Independent loci, many with a rare allele: about the frequencies of the real cohort."""
    rare = 0.5 * generator.beta(0.6, 1.6, size=p).astype(np.float32)
    haplotypes = (generator.random((2 * n, p), dtype=np.float32) >= rare).astype(np.int8)
    fixed = np.flatnonzero(haplotypes.min(axis=0) == 1)
    haplotypes[generator.integers(0, 2 * n, size=fixed.size), fixed] = 0
    return haplotypes.reshape(n, 2, p)
