"""Figures about judging a prediction: replicates, test sets, relatives, shift, imbalance."""

from __future__ import annotations

from geneml.live.arguments import between as _between
from geneml.live.arguments import seeded as _seeded
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure


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


def quiet_test(
    *, n_models: int = 50, test_size: int = 100, accuracy: float = 0.3, seed: int = 1
) -> LiveFigure:
    """Many equally good models, the best chosen by its test score: how much too good it looks.

    Parameters
    ----------
    n_models : int
        Models tried at the start, 1 to 300.
    test_size : int
        Individuals in the test set at the start, 20 to 2,000.
    accuracy : float
        True correlation of every model, 0 to 0.8.
    seed : int
        Of the 400 simulated studies.
    """
    return figure(
        "quiet_test",
        _seeded(
            seed,
            models=_whole("n_models", n_models, 1, 300),
            size=_whole("test_size", test_size, 20, 2000),
            accuracy=_between("accuracy", accuracy, 0, 0.8),
        ),
        title="The test set that quietly became a validation set",
        description="Every model here is equally good. The one with the best score on the test "
        "set is chosen, then it meets new individuals.",
    )


def relatives(
    *, family_size: int = 6, family_effect: float = 0.3, heritability: float = 0.2, seed: int = 1
) -> LiveFigure:
    """Genomic prediction of full sibs, split by individual and split by family.

    Parameters
    ----------
    family_size : int
        Children in each family, 1 to 12.
    family_effect : float
        Share of the variance that a family has in common (cage, litter, home), 0 to 0.6.
    heritability : float
        Share of the variance due to genes, 0 to 0.4.
    seed : int
        Of the 30 simulated studies.
    """
    return figure(
        "relatives",
        _seeded(
            seed,
            size=_whole("family_size", family_size, 1, 12),
            shared=_between("family_effect", family_effect, 0, 0.6),
            heritability=_between("heritability", heritability, 0, 0.4),
        ),
        title="Brothers and sisters on both sides of the split",
        description="240 people in families are simulated, and a predictor is trained and tested "
        "twice: with individuals dealt to folds, and with whole families.",
    )


def imbalance(
    *, prevalence: float = 0.05, separation: float = 1.5, weight: float = 19.0, seed: int = 1
) -> LiveFigure:
    """Rare cases under four remedies: recall, precision and calibration of each.

    A logistic regression is fitted in the page to 2,000 individuals; what it does to all
    individuals is exact, from two normal distributions.

    Parameters
    ----------
    prevalence : float
        Share of rare cases, 0.01 to 0.5.
    separation : float
        Distance between the mean scores of both groups in standard deviations, 0.5 to 3.
    weight : float
        What a rare case counts, 1 to 100; 19 balances a prevalence of 5 %.
    seed : int
        Of the training individuals.
    """
    return figure(
        "imbalance",
        _seeded(
            seed,
            prevalence=_between("prevalence", prevalence, 0.01, 0.5),
            separation=_between("separation", separation, 0.5, 3),
            weight=_between("weight", weight, 1, 100),
        ),
        title="Finding the rare ones, and what it costs",
        description="Few individuals are extreme. Compare weights, over-sampling and a lower "
        "threshold: which cases are found, and are the predicted chances still true?",
    )
