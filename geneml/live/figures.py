"""One function per live figure that needs no data of the reader's own."""

from __future__ import annotations

from typing import Any

from geneml.live.figure import LiveFigure, figure


def _between(name: str, value: float, low: float, high: float) -> float:
    """Return `value` as a float, or say which range it has to be in."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value:g}")
    return float(value)


def _whole(name: str, value: int, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected a whole number, got {type(value).__name__}")
    return int(_between(name, value, low, high))


def _seeded(seed: int, **data: Any) -> dict[str, Any]:
    return {**data, "seed": _whole("seed", seed, 0, 2**31 - 1)}


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


def replicates(
    truth: float = 0.3, *, spread: float = 0.1, study_size: int = 10, seed: int = 1
) -> LiveFigure:
    """Many replicates of one study, each with its Student t interval, against the truth.

    Parameters
    ----------
    truth : float
        The value every study tries to measure, -10 to 10.
    spread : float
        Standard deviation of one measurement, above 0, at most 10.
    study_size : int
        Measurements (seeds, folds) per study, 2 to 50.
    seed : int
        Of the draws.
    """
    return figure(
        "replicates",
        _seeded(
            seed,
            truth=_between("truth", truth, -10, 10),
            spread=_between("spread", spread, 1e-6, 10),
            size=_whole("study_size", study_size, 2, 50),
        ),
        title="One study, done again and again",
        description="Each row is a whole study: its mean and its interval. Draw more studies and "
        "count how many intervals hold the true value.",
    )


def shift(
    difference: float = 0.5, *, ratio: float = 1.0, sample_size: int = 100, seed: int = 1
) -> LiveFigure:
    """Two samples, their distribution functions and the Kolmogorov-Smirnov gap between them.

    The p value is Kolmogorov's limiting distribution at ``sqrt(n m / (n + m)) D``.

    Parameters
    ----------
    difference : float
        Shift of the mean in standard deviations, -2 to 2.
    ratio : float
        Standard deviation of the second population over that of the first, 0.25 to 3.
    sample_size : int
        Individuals in each sample, 10 to 2,000.
    seed : int
        Of the draws.
    """
    return figure(
        "shift",
        _seeded(
            seed,
            difference=_between("difference", difference, -2, 2),
            ratio=_between("ratio", ratio, 0.25, 3),
            size=_whole("sample_size", sample_size, 10, 2000),
        ),
        title="Does the new population look like the training population?",
        description="Move the second population. The Kolmogorov-Smirnov distance D is the largest "
        "gap between the two cumulative curves.",
    )
