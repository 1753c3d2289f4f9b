"""Figures about interaction: two loci on a scale, and the search for pairs."""

from __future__ import annotations

from collections.abc import Sequence

from geneml.live.arguments import between as _between
from geneml.live.arguments import one_of as _one_of
from geneml.live.arguments import several as _several
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure


def epistasis(
    effects: Sequence[float] = (1.0, 1.0),
    *,
    interaction: float = 0.0,
    base: float = 4.0,
    loci: str = "diploid",
    scale: str = "value",
) -> LiveFigure:
    """Genotype values of two loci, their interaction score, and what a change of scale does.

    Values are ``base + a x_A + b x_B + interaction x_A x_B``, measured as they are, by their
    logarithm or as a power of 2. The score of a cell is both changes less each alone plus
    neither. An effect whose sign depends on the other locus (sign epistasis; Weinreich, Watson &
    Chao 2005, Evolution 59:1165) stays under every monotone change of scale.

    Parameters
    ----------
    effects : sequence of 2 floats
        Of one copy at A and at B, -2 to 2.
    interaction : float
        For one copy of each, -2 to 2.
    base : float
        Value without either, 2 to 10.
    loci : {"diploid", "haploid"}
        0, 1, 2 copies or 0, 1.
    scale : {"value", "log", "exp"}
        How the trait is measured at the start.
    """
    return figure(
        "epistasis",
        {
            "effects": _several("effects", effects, 2, -2, 2),
            "interaction": _between("interaction", interaction, -2, 2),
            "base": _between("base", base, 2, 10),
            "loci": _one_of("loci", loci, ("diploid", "haploid")),
            "scale": _one_of("scale", scale, ("value", "log", "exp")),
        },
        title="When do two loci interact?",
        description="Set the effects of two loci and choose how the trait is measured. Parallel "
        "lines mean that the effects add up; the score tells by how much they do not.",
    )


def pair_search(
    n_loci: int = 1000,
    *,
    people: int = 5000,
    variance: float = 0.01,
    r_squared: float = 1.0,
    tested: str = "all",
    alpha: float = 0.05,
) -> LiveFigure:
    """How many pairs there are, the threshold that follows, and the power that is left.

    A test of one degree of freedom for a term that explains a share q of the variance: the z
    score is taken as normal with mean ``sqrt(n q / (1 - q))`` and variance 1, the level as
    ``alpha`` divided by the number of tests (Bonferroni; too strict where tests are correlated).
    Markers see ``q r^2`` of a locus and ``q r^4`` of a pair.

    Parameters
    ----------
    n_loci : int
        Loci, 10 to 1,000,000.
    people : int
        Individuals, 100 to 1,000,000.
    variance : float
        Share of the phenotypic variance that the pair explains, 0.0002 to 0.2.
    r_squared : float
        Between a causal locus and its marker, 0.1 to 1.
    tested : {"all", "known", "screened"}
        All pairs, those with one known locus, or those within 50 loci chosen beforehand on
        other data.
    alpha : float
        Chance of any false finding that is accepted, 0.0001 to 0.5.
    """
    return figure(
        "pair_search",
        {
            "loci": _whole("n_loci", n_loci, 10, 1_000_000),
            "people": _whole("people", people, 100, 1_000_000),
            "variance": _between("variance", variance, 0.0002, 0.2),
            "r2": _between("r_squared", r_squared, 0.1, 1),
            "tested": _one_of("tested", tested, ("all", "known", "screened")),
            "alpha": _between("alpha", alpha, 0.0001, 0.5),
        },
        title="Looking for a pair among all pairs",
        description="The number of pairs grows with the square of the number of loci, and each "
        "test has to be stricter. See what is left of the chance to find a true pair.",
    )
