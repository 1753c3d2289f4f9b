"""Figures about gates: one marker's gated residual block, and softmax beside sparsemax."""

from __future__ import annotations

from collections.abc import Sequence

from geneml.live.arguments import between as _between
from geneml.live.arguments import one_of as _one_of
from geneml.live.arguments import seeded as _seeded
from geneml.live.arguments import several as _several
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure

_GATES = {"sigmoid": "sigmoid", "hard_sigmoid": "hard"}


def gated_block(
    weights: Sequence[float] = (1.5, 0, 1, 0, 0, 1),
    *,
    gate: str = "sigmoid",
    allele_frequency: float = 0.5,
) -> LiveFigure:
    """One marker through a gated residual block with one hidden unit, by copies of its allele.

    The arithmetic is that of :class:`geneml.layers.GatedResidual` without its normalisation:
    ``f = ELU(w1 x + b1)``, ``h = w2 f + b2``, ``g = sigma(w3 f + b3)``, ``z = g h + (1 - g) x``
    (Fan & Waldmann 2025, "Gated residual block"). The reader bends the line of three genotypes.

    Parameters
    ----------
    weights : sequence of float
        Where the sliders begin: w1, b1, w2, b2, w3, b3, each -6 to 6.
    gate : "sigmoid" or "hard_sigmoid"
        The gate at the start.
    allele_frequency : float
        Frequency of the counted allele, 0.05 to 0.95: x is the genotype with mean 0 and
        variance 1 under Hardy-Weinberg proportions.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If a number is out of range, there are not six weights, or the gate is unknown.
    TypeError
        If something is no number.
    """
    return figure(
        "gated_block",
        {
            "weights": _several("weights", weights, 6, -6, 6),
            "gate": _GATES[_one_of("gate", gate, tuple(_GATES))],
            "frequency": _between("allele_frequency", allele_frequency, 0.05, 0.95),
        },
        title="What does the block make of a marker?",
        description="A block with one hidden unit. Move its weights, or press a button, and watch "
        "the three genotypes leave the dashed line.",
    )


def soft_selection(
    scores: Sequence[float] = (2.4, 1.6, 1.5, 0.9, 0.3, -0.3, -1.2, -2.0),
    *,
    temperature: float = 1.0,
    features: int = 10,
    mean_one: bool = False,
    seed: int = 1,
) -> LiveFigure:
    """Scores of a few features, their weights by softmax and sparsemax, and a threshold.

    Beyond those shown there are as many features with the score 0 as make `features` in all.
    Sparsemax is the projection of Martins & Astudillo (2016, Proc. Mach. Learn. Res. 48:1614),
    as in :func:`geneml.layers.sparsemax`.

    Parameters
    ----------
    scores : sequence of float
        8 to 12 scores, each -4 to 4; the reader can move them. With more than 8 they are close
        together on the smallest phones.
    temperature : float
        By which scores are divided, 0.2 to 5.
    features : int
        Features in all at the start, 10 to 10,000.
    mean_one : bool
        Whether weights begin with mean 1, and a threshold of 1; else with sum 1, and a
        threshold of 0.05.
    seed : int
        Of the scores that the reader can draw instead.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If a number is out of range, or there are too few or too many scores.
    TypeError
        If something is no number.
    """
    listed = list(scores)
    if not 8 <= len(listed) <= 12:
        raise ValueError(f"scores: expected 8 to 12 numbers, got {len(listed)}")
    return figure(
        "soft_selection",
        _seeded(
            seed,
            scores=_several("scores", listed, len(listed), -4, 4),
            temperature=_between("temperature", temperature, 0.2, 5),
            features=_whole("features", features, 10, 10_000),
            meanOne=bool(mean_one),
        ),
        title="Who is selected?",
        description="Drag the scores. Softmax gives everybody something; sparsemax gives most "
        "nothing. Then let the number of features grow, and watch the threshold.",
    )
