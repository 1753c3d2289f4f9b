"""Figures about genotypes and traits: heritability, dominance, linkage, encoding."""

from __future__ import annotations

from collections.abc import Sequence

from geneml.live.arguments import between as _between
from geneml.live.arguments import seeded as _seeded
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure


def heritability(
    heritability: float = 0.4,
    *,
    training_size: int = 1000,
    effective_segments: int = 300,
    seed: int = 1,
) -> LiveFigure:
    """Genetic value against phenotype, and how much of the phenotype can be predicted.

    The ceiling of R2 for any predictor from genotypes is the heritability. The curve below it
    is the expectation of Daetwyler, Villanueva & Woolliams (2008, PLoS ONE 3:e3395):
    reliability ``N h2 / (N h2 + M)`` for N training individuals and M independent segments.

    Parameters
    ----------
    heritability : float
        Where the slider starts, 0 to 1.
    training_size : int
        Number of training individuals N at the start, 10 to 100,000.
    effective_segments : int
        Number of independent segments M, 10 to 10,000.
    seed : int
        Of the simulated individuals.
    """
    return figure(
        "heritability",
        _seeded(
            seed,
            heritability=_between("heritability", heritability, 0, 1),
            trainingSize=_whole("training_size", training_size, 10, 100_000),
            segments=_whole("effective_segments", effective_segments, 10, 10_000),
        ),
        title="What share of a trait is written in the genotype?",
        description="Move the heritability. The left chart shows 300 simulated individuals; the "
        "right one shows how well a predictor trained on more and more of them can do.",
    )


def dominance(
    allele_frequency: float = 0.4, *, additive: float = 1.0, dominance: float = 0.75
) -> LiveFigure:
    """One locus with dominance: a straight line in the dosage against one mean per genotype.

    Additive and dominance variance are those of Falconer & Mackay (1996, chapter 8):
    ``VA = 2pq(a + d(q - p))^2`` and ``VD = (2pqd)^2`` under Hardy-Weinberg proportions.

    Parameters
    ----------
    allele_frequency : float
        Of the counted allele, 0.05 to 0.95.
    additive : float
        Half the distance between the homozygotes (a), 0 to 2.
    dominance : float
        Deviation of the heterozygote from their midpoint (d), -2 to 2.
    """
    return figure(
        "dominance",
        {
            "frequency": _between("allele_frequency", allele_frequency, 0.05, 0.95),
            "additive": _between("additive", additive, 0, 2),
            "dominance": _between("dominance", dominance, -2, 2),
        },
        title="Is the heterozygote halfway? Dosage against one-hot",
        description="Move the heterozygote away from the midpoint. A dosage code fits one line; "
        "a one-hot code fits each genotype's own mean.",
    )


def linkage(*, generations: int = 20, length: float = 20.0, seed: int = 1) -> LiveFigure:
    """Recombination breaks up the chromosomes of two founder lines; r2 fades with distance.

    Expected disequilibrium after t generations is ``(1 - c)^t`` of the first, so r2 falls as
    ``(1 - c)^(2t)`` (Falconer & Mackay 1996, chapter 1); c follows Haldane's (1919) map function.

    Parameters
    ----------
    generations : int
        Since the lines met, 0 to 200.
    length : float
        Length of the piece of chromosome in centimorgans, 1 to 100.
    seed : int
        Of the chromosomes.
    """
    return figure(
        "linkage",
        _seeded(
            seed,
            generations=_whole("generations", generations, 0, 200),
            length=_between("length", length, 1, 100),
        ),
        title="Why a marker can stand for its neighbour",
        description="Two founder lines met some generations ago. Let generations pass and watch "
        "recombination cut their chromosomes into blocks.",
    )


def one_hot(sequence: str = "ACGTTGCANATC") -> LiveFigure:
    """Type a sequence and see it in three codes, with the distance each puts between bases.

    Parameters
    ----------
    sequence : str
        1 to 40 letters of A, C, G, T and N.
    """
    return figure(
        "one_hot",
        {"sequence": _bases("sequence", sequence, 1, 40, "ACGTN")},
        title="Turning letters into numbers",
        description="Type a sequence and choose a code. Each column is a base as the network "
        "receives it; the table shows how far apart the code puts two bases.",
    )


def convolution(
    sequence: str = "GCGATATAAGGCATCCTGATTCAGCTATAAATGCCG",
    *,
    motifs: Sequence[str] = ("TATAA", "GATTC"),
) -> LiveFigure:
    """A convolution filter slides along a sequence: multiply, add, ReLU, pool.

    Parameters
    ----------
    sequence : str
        12 to 80 letters of A, C, G and T.
    motifs : sequence of str
        1 to 4 different motifs of 2 to 12 letters. Each makes a filter with +1 for the motif's
        base and -1 for the others.
    """
    if isinstance(motifs, str) or not 1 <= len(motifs) <= 4 or len(set(motifs)) != len(motifs):
        raise ValueError(f"motifs: expected 1 to 4 different motifs in a list, got {motifs!r}")
    return figure(
        "convolution",
        {
            "sequence": _bases("sequence", sequence, 12, 80, "ACGT"),
            "motifs": [_bases("motifs", motif, 2, 12, "ACGT") for motif in motifs],
        },
        title="A filter slides along the sequence",
        description="At each position the filter multiplies the one-hot code under it by its "
        "weights and adds up. Move it, or let it slide.",
    )


def _bases(name: str, text: str, least: int, most: int, alphabet: str) -> str:
    """Return `text` if it is a sequence of the right letters and length."""
    if not isinstance(text, str):
        raise TypeError(f"{name}: expected a str, got {type(text).__name__}")
    if not least <= len(text) <= most or set(text) - set(alphabet):
        raise ValueError(f"{name}: expected {least} to {most} letters of {alphabet}, got {text!r}")
    return text


def selection_index(
    genetic_correlation: float = 0.5,
    *,
    own_reliability: float = 0.2,
    source_reliability: float = 0.6,
    seed: int = 1,
) -> LiveFigure:
    """Two related traits, and what a prediction of one adds to a prediction of the other.

    The selection index of Hazel (1943, Genetics 28:476) for two predictions that were made from
    different people: with reliabilities R1 (target) and R2 (source) and genetic correlation r,
    ``(R1 + r^2 R2 - 2 r^2 R1 R2) / (1 - r^2 R1 R2)``.

    Parameters
    ----------
    genetic_correlation : float
        Where the slider starts, -1 to 1.
    own_reliability, source_reliability : float
        Share of the genetic variance of its own trait that each prediction explains at the
        start, 0 to 0.95.
    seed : int
        Of the people shown.
    """
    return figure(
        "selection_index",
        _seeded(
            seed,
            correlation=_between("genetic_correlation", genetic_correlation, -1, 1),
            own=_between("own_reliability", own_reliability, 0, 0.95),
            other=_between("source_reliability", source_reliability, 0, 0.95),
        ),
        title="What can a related trait tell at best?",
        description="Move the genetic correlation, and how well each trait is known. The left "
        "chart shows genetic values of 300 people; the right one how much of the target's "
        "genetic variance both predictions together explain.",
    )
