"""What a trait is made of: how many loci, which kinds of effect, and in what shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_sim._checks import check_choice, check_count, check_number

EFFECT_DISTRIBUTIONS = ("normal", "gamma", "equal", "geometric")
_GAMMA_SHAPE = 0.4  # Meuwissen, Hayes & Goddard 2001, Genetics 157:1819
_GEOMETRIC_RATIO = 0.9  # a geometric series of effects, as in Lande & Thompson 1990


@dataclass(frozen=True)
class Architecture:
    """The genetic architecture of a trait.

    Attributes
    ----------
    n_causal : int
        Number of causal loci, 1 or more.
    additive, dominance, pairwise, three_way : float
        Shares of the genetic variance in [0, 1]; together 1. `pairwise` and `three_way` are
        additive-by-additive epistasis of two and of three loci.
    n_pairs, n_triples : int, optional
        Number of interacting pairs and triples of causal loci. By default half and a third of
        the causal loci, at least one.
    effect_distribution : str
        Per copy of the allele: ``"normal"``; ``"gamma"`` (shape 0.4 with a random sign: few
        large, many small; Meuwissen et al. 2001); ``"equal"`` (all of one size, random sign);
        ``"geometric"`` (each 0.9 of the one before, random sign and order).

    Raises
    ------
    TypeError, ValueError
        If a field is of the wrong kind or out of range, or the shares do not sum to 1.
    """

    n_causal: int = 50
    additive: float = 1.0
    dominance: float = 0.0
    pairwise: float = 0.0
    three_way: float = 0.0
    n_pairs: int | None = None
    n_triples: int | None = None
    effect_distribution: str = "normal"

    def __post_init__(self) -> None:
        check_count("n_causal", self.n_causal)
        for name, share in self.shares.items():
            check_number(name, share, 0, 1)
        total = sum(self.shares.values())
        if abs(total - 1) > 1e-9:
            parts = ", ".join(f"{name}={share:g}" for name, share in self.shares.items())
            raise ValueError(
                "the shares of genetic variance (additive, dominance, pairwise, three_way) must "
                f"sum to 1, got {parts}, which sum to {total:g}. "
                f"With the others as they are, additive would be "
                f"{max(0.0, 1 - total + self.additive):g}."
            )
        if self.n_pairs is not None:
            check_count("n_pairs", self.n_pairs)
        if self.n_triples is not None:
            check_count("n_triples", self.n_triples)
        check_choice("effect_distribution", self.effect_distribution, EFFECT_DISTRIBUTIONS)

    @property
    def shares(self) -> dict[str, float]:
        """Share of the genetic variance by name of the component."""
        return {
            "additive": self.additive,
            "dominance": self.dominance,
            "pairwise": self.pairwise,
            "three_way": self.three_way,
        }


def draw_effects(
    distribution: str, shape: tuple[int, int], generator: np.random.Generator
) -> np.ndarray:
    """Draw effects of shape (number of terms, number of traits); never all zero."""
    count = shape[0]
    if distribution == "normal":
        return generator.standard_normal(shape)
    if distribution == "gamma":
        size = generator.gamma(_GAMMA_SHAPE, size=shape)
    elif distribution == "equal":
        size = np.ones(shape)
    else:
        series = _GEOMETRIC_RATIO ** np.arange(count)
        size = generator.permuted(np.tile(series[:, None], (1, shape[1])), axis=0)
    return size * generator.choice((-1.0, 1.0), size=shape)


def draw_groups(count: int, size: int, n_groups: int, generator: np.random.Generator) -> np.ndarray:
    """Draw `n_groups` different sets of `size` among `count` things: int (n_groups, size)."""
    groups: set[tuple[int, ...]] = set()
    # Rows of a shuffled deck first, so that partners are spread over all the loci.
    while len(groups) < n_groups:
        deck = generator.permutation(count)
        usable = deck[: count - count % size].reshape(-1, size)
        for row in usable:
            if len(groups) < n_groups:
                groups.add(tuple(sorted(int(item) for item in row)))
    return np.array(sorted(groups), dtype=np.int64).reshape(n_groups, size)
