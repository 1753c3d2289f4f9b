"""Figures about expectiles: the beam that balances, and the fan of lines at one SNP."""

from __future__ import annotations

from collections.abc import Sequence

from geneml.live.arguments import between as _between
from geneml.live.arguments import seeded as _seeded
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure


def expectile_balance(
    tau: float = 0.8,
    *,
    values: Sequence[float] = (1, 4, 6, 9, 11, 14, 17, 38),
    domain: tuple[float, float] = (0, 40),
    step: float = 0.5,
    unit: str = "cigarettes a day",
    seed: int = 1,
) -> LiveFigure:
    """People on a beam; the expectile is the pivot at which their weighted pulls agree.

    The expectile e of level tau solves ``tau * sum (y - e) over y >= e`` =
    ``(1 - tau) * sum (e - y) over y < e``, the first-order condition of the loss
    ``|tau - 1(y < e)| (y - e)^2`` (Newey & Powell 1987, Econometrica 55:819).
    The quantile beside it is that of NumPy (linear interpolation).

    Parameters
    ----------
    tau : float
        Where the level starts, 0.02 to 0.98.
    values : sequence of float
        2 to 12 values inside `domain`, in its unit; the reader can move them.
    domain : tuple of float
        Lowest and highest value of the axis.
    step : float
        How far one press of an arrow key moves a person, above 0, at most the axis.
    unit : str
        Of the values, for the axis.
    seed : int
        Of the people that the reader can draw instead.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If a value or the level is out of range, or the axis has no length.
    TypeError
        If something is no number.
    """
    low, high = (_between(f"domain[{i}]", end, -1e9, 1e9) for i, end in enumerate(domain))
    if not low < high:
        raise ValueError(f"domain: expected a lower and a higher end, got {low:g} and {high:g}")
    people = list(values)
    if not 2 <= len(people) <= 12:
        raise ValueError(f"values: expected 2 to 12 numbers, got {len(people)}")
    return figure(
        "expectile_balance",
        _seeded(
            seed,
            tau=_between("tau", tau, 0.02, 0.98),
            values=[_between(f"values[{i}]", v, low, high) for i, v in enumerate(people)],
            domain=[low, high],
            step=_between("step", step, (high - low) / 1000, high - low),
            unit=unit,
        ),
        title="Where does the beam balance?",
        description="Each dot is a person. Those above the pivot weigh τ, those below it 1 − τ. "
        "Move the level, the people or the pivot.",
    )


def expectile_fan(
    *,
    shift: float = 0.0,
    spread: float = 0.3,
    tail: float = 0.0,
    n: int = 1000,
    allele_frequency: float = 0.4,
    seed: int = 1,
) -> LiveFigure:
    """Expectile lines by genotype at one SNP that acts on the mean, the spread or one tail.

    The trait of somebody with g alleles is ``shift g + (1 + spread g) z``, with z standard
    normal and multiplied by ``1 + tail g`` where it is above zero. Without `tail` the line of
    level tau has the slope ``shift + spread e(tau)``, e(tau) the normal expectile.

    Parameters
    ----------
    shift : float
        Change of everybody's trait per allele, in standard deviations, -0.6 to 0.6.
    spread : float
        Change of the standard deviation per allele, as a share, -0.3 to 0.6.
    tail : float
        Stretch of the upper half per allele, as a share, 0 to 0.6.
    n : int
        People, 50 to 5,000.
    allele_frequency : float
        Of the counted allele, 0.05 to 0.95.
    seed : int
        Of the people.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If something is no number.
    """
    return figure(
        "expectile_fan",
        _seeded(
            seed,
            shift=_between("shift", shift, -0.6, 0.6),
            spread=_between("spread", spread, -0.3, 0.6),
            tail=_between("tail", tail, 0, 0.6),
            size=_whole("n", n, 50, 5000),
            frequency=_between("allele_frequency", allele_frequency, 0.05, 0.95),
        ),
        title="What does the allele move?",
        description="Expectile lines of the levels 0.10, 0.25, 0.50, 0.75 and 0.90. Parallel "
        "lines mean that everybody moves alike; a fan, that the spread changes.",
    )
