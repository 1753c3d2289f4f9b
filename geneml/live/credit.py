"""Figures about sharing credit: Shapley values by hand, linked markers, explainers that differ."""

from __future__ import annotations

from collections.abc import Sequence

from geneml.live.arguments import between as _between
from geneml.live.arguments import one_of as _one_of
from geneml.live.arguments import several as _several
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure


def shapley_game(
    effects: Sequence[float] = (2.0, 1.0, -1.0),
    *,
    interaction: float = 1.5,
    genotype: Sequence[int] = (2, 1, 1),
    background: float = 0.0,
    names: Sequence[str] = ("A", "B", "C"),
) -> LiveFigure:
    """Three loci that arrive in six orders; what each adds, and the average: Shapley values.

    The trait is ``sum(effect * copies) + interaction * copies_A * copies_B``. Before a locus has
    arrived it counts with the background's copies, after that with the person's. The trait is
    linear in each locus, so the background may be an average over independent loci.

    Parameters
    ----------
    effects : sequence of 3 floats
        Of one copy at each locus, -3 to 3.
    interaction : float
        Of the first two loci, -3 to 3.
    genotype : sequence of 3 ints
        The person's copies: 0, 1 or 2.
    background : float
        Copies of a locus that has not arrived, 0 to 2.
    names : sequence of 3 str
        Short names of the loci.

    References
    ----------
    Shapley (1953), Contributions to the Theory of Games 2:307.
    """
    labels = list(names)
    if (
        len(labels) != 3
        or len(set(labels)) != 3
        or any(not 1 <= len(str(one)) <= 8 for one in labels)
    ):
        raise ValueError(f"names: expected 3 different names of 1 to 8 letters, got {labels}")
    return figure(
        "shapley_game",
        {
            "effects": _several("effects", effects, 3, -3, 3),
            "interaction": _between("interaction", interaction, -3, 3),
            "genotype": [_whole("genotype", one, 0, 2) for one in _three(genotype)],
            "background": _between("background", background, 0, 2),
            "names": [str(one) for one in labels],
        },
        title="Who gets the credit? Three loci arrive in six orders",
        description="A locus that arrives swaps the background's copies for this person's. "
        "Each row is one order of arrival; the average of what a locus adds is its Shapley value.",
    )


def _three(genotype: Sequence[int]) -> list[int]:
    copies = list(genotype)
    if len(copies) != 3:
        raise ValueError(f"genotype: expected 3 numbers of copies, got {len(copies)}")
    return copies


def linked_credit(
    r: float = 0.8,
    *,
    effect: float = 0.2,
    people: int = 1000,
    penalty: float = 0.5,
    time: float = 1.0,
) -> LiveFigure:
    """Two markers in linkage disequilibrium, one causal: how methods share the effect.

    All rows are closed forms of a large population with both markers of variance 1: regression
    on one marker, least squares, ridge ``(S + penalty I)^-1 S b``, gradient descent stopped at
    ``time`` (steps times learning rate), and the standard deviation over people of each marker's
    Shapley value in a chosen model, against an independent background or with absent markers
    predicted from present ones. The chance that the marker without effect has the larger test
    statistic is exact for two normal scores.

    Parameters
    ----------
    r : float
        Correlation of the markers, 0 to 0.99.
    effect : float
        Standard deviations of the trait for one of the causal marker, 0.02 to 0.6.
    people : int
        Size of the study for the last number, 100 to 100,000.
    penalty : float
        Ridge penalty divided by the number of people, 0.001 to 10.
    time : float
        Steps of descent times their size, 0.1 to 1,000.

    References
    ----------
    Janzing, Minorics & Blöbaum (2020), AISTATS 108:2907, on the two kinds of background.
    """
    return figure(
        "linked_credit",
        {
            "r": _between("r", r, 0, 0.99),
            "effect": _between("effect", effect, 0.02, 0.6),
            "people": _whole("people", people, 100, 100_000),
            "penalty": _between("penalty", penalty, 0.001, 10),
            "time": _between("time", time, 0.1, 1000),
        },
        title="Two linked markers, one of them causal",
        description="Both markers travel together, only marker 1 acts. Raise their correlation "
        "and see which methods give credit to the innocent neighbour.",
    )


def disagreement(
    function: str = "saturating", *, r: float = 0.9, point: Sequence[float] = (1.0, 1.0)
) -> LiveFigure:
    """Explainers side by side on a small function of two correlated inputs, one of them causal.

    Nature is ``y = x1``. The learned function is chosen from some that agree with it in people
    whose two inputs are equal. Shown at an adjustable point: gradient, gradient times input,
    integrated gradients (Sundararajan et al. 2017), mutagenesis (an input set to 0), ablation
    (set to the average person), Shapley values against 0 and against people, and the experiment.

    Parameters
    ----------
    function : {"saturating", "and", "or", "average", "cause", "proxy"}
        ``min(1, x1 + x2)``, ``x1 x2``, ``x1 + x2 - x1 x2``, their average, ``x1``, ``x2``.
    r : float
        Correlation of the two inputs in people, each 0 or 1 with frequency one half; 0 to 1.
    point : sequence of 2 floats
        The point that is explained, each 0 to 1.
    """
    return figure(
        "disagreement",
        {
            "function": _one_of(
                "function", function, ("saturating", "and", "or", "average", "cause", "proxy")
            ),
            "r": _between("r", r, 0, 1),
            "point": _several("point", point, 2, 0, 1),
        },
        title="One prediction, many explanations",
        description="Only x₁ acts in nature; x₂ mostly copies it. Choose what a network has "
        "learned and where to look, and compare what each method says about both inputs.",
    )
