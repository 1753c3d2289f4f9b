"""The records of simulated traits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data_sim._checks import check_number
from data_sim.truth import Truth


@dataclass(frozen=True)
class Trait:
    """One simulated trait of n individuals.

    Attributes
    ----------
    phenotype : numpy.ndarray of float64, shape (n,)
        ``genetic_value + environment``; mean 0 and variance 1 as simulated.
    genetic_value, environment : numpy.ndarray of float64, shape (n,)
        Uncorrelated with each other in this cohort.
    components : dict of str to numpy.ndarray of float64, shape (n,)
        Parts of the genetic value with a positive share, among ``"additive"``, ``"dominance"``,
        ``"pairwise"``, ``"three_way"``; each with mean 0, uncorrelated with the others.
    truth : Truth
        What made the trait.
    """

    phenotype: np.ndarray
    genetic_value: np.ndarray
    environment: np.ndarray
    components: dict[str, np.ndarray]
    truth: Truth

    def rescaled(self, standard_deviation: float = 1.0, mean: float = 0.0) -> Trait:
        """The same trait in other units: times `standard_deviation`, the phenotype plus `mean`.

        The mean is carried by the phenotype and by ``truth.function``; the genetic value and
        the environment stay deviations, as breeding values are.
        """
        factor = check_number("standard_deviation", standard_deviation, 0, low_open=True)
        shift = check_number("mean", mean)
        old = self.truth
        truth = Truth(
            causal_loci=old.causal_loci,
            additive_effects=factor * old.additive_effects,
            dominance_effects=factor * old.dominance_effects,
            pairs=old.pairs,
            pair_effects=factor * old.pair_effects,
            triples=old.triples,
            triple_effects=factor * old.triple_effects,
            heritability=old.heritability,
            variance_components={
                name: factor**2 * variance for name, variance in old.variance_components.items()
            },
            function=old.function.rescaled(factor, shift),
        )
        return Trait(
            phenotype=factor * self.phenotype + shift,
            genetic_value=factor * self.genetic_value,
            environment=factor * self.environment,
            components={name: factor * part for name, part in self.components.items()},
            truth=truth,
        )


@dataclass(frozen=True)
class Traits:
    """Several traits of the same individuals; ``traits[i]`` is a Trait.

    Attributes
    ----------
    traits : tuple of Trait
        One after another.
    genetic_correlation, environmental_correlation : numpy.ndarray, shape (t, t)
        As realised, which is as asked for.
    """

    traits: tuple[Trait, ...]
    genetic_correlation: np.ndarray
    environmental_correlation: np.ndarray

    def __len__(self) -> int:
        return len(self.traits)

    def __iter__(self) -> Iterator[Trait]:
        return iter(self.traits)

    def __getitem__(self, index: int) -> Trait:
        return self.traits[index]

    @property
    def phenotypes(self) -> np.ndarray:
        """Phenotypes of all traits, shape (n, t)."""
        return np.column_stack([trait.phenotype for trait in self.traits])

    @property
    def genetic_values(self) -> np.ndarray:
        """Genetic values of all traits, shape (n, t)."""
        return np.column_stack([trait.genetic_value for trait in self.traits])
