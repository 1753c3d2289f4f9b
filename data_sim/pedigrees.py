"""Founders, mating designs, and genes dropped down the pedigree that they make."""

from __future__ import annotations

import numpy as np

from data_sim._checks import check_choice, check_count
from data_sim._pedigree import Pedigree, relationship_matrix
from data_sim._random import Seed, as_generator
from data_sim.gene_dropping import drop_genes, make_gametes, recombination_fractions

__all__ = [
    "Pedigree",
    "drop_genes",
    "make_gametes",
    "recombination_fractions",
    "relationship_matrix",
    "simulate_pedigree",
]

DESIGNS = ("random", "full_sib", "half_sib", "sib_mating", "selfing")


def simulate_pedigree(
    n_founders: int,
    n_generations: int = 1,
    *,
    mating: str = "random",
    n_offspring: int | None = None,
    family_size: int | None = None,
    dams_per_sire: int = 4,
    seed: Seed,
) -> Pedigree:
    """Simulate discrete generations under a mating design.

    Parameters
    ----------
    n_founders : int
        Unrelated founders, half of them male; 2 or more (1 or more for selfing).
    n_generations : int
        Generations after the founders, 1 or more.
    mating : str
        ``"random"``: every offspring draws a father and a mother from the generation before.
        ``"full_sib"``: males and females form couples at random, each with a family of full sibs.
        ``"half_sib"``: each male has `dams_per_sire` females of his own, so that his offspring
        of different mothers are half sibs.
        ``"sib_mating"``: brother mates with sister within each line; a line begins with a couple
        and is one brother and one sister per generation.
        ``"selfing"``: every individual fertilises itself and leaves one offspring.
    n_offspring : int, optional
        Only for ``"random"``: offspring per generation; by default `n_founders`.
    family_size : int, optional
        Offspring of each mother, for ``"full_sib"`` (default 2) and ``"half_sib"`` (default 1).
    dams_per_sire : int
        Only for ``"half_sib"``.
    seed : int or numpy.random.Generator
        The same seed gives the same pedigree.

    Returns
    -------
    Pedigree
        Founders first, then one generation after another.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a value is out of range, an option does not belong to the design, or the design needs
        more males or females than a generation has.
    """
    check_choice("mating", mating, DESIGNS)
    n_founders = check_count("n_founders", n_founders, 1 if mating == "selfing" else 2)
    n_generations = check_count("n_generations", n_generations)
    dams_per_sire = check_count("dams_per_sire", dams_per_sire)
    if n_offspring is not None:
        n_offspring = check_count("n_offspring", n_offspring, 2)
        if mating != "random":
            raise ValueError(
                f'n_offspring belongs to mating="random", not to "{mating}": use family_size.'
            )
    if family_size is not None:
        family_size = check_count("family_size", family_size)
        if mating not in ("full_sib", "half_sib"):
            raise ValueError(
                f'family_size belongs to mating="full_sib" or "half_sib", not to "{mating}".'
            )
    if mating == "sib_mating" and n_founders % 2:
        raise ValueError(
            f"sib_mating needs an even number of founders, two per line; got n_founders="
            f"{n_founders}."
        )
    generator = as_generator(seed)
    sex = np.zeros(n_founders, dtype=np.int64)
    if mating != "selfing":
        sex = 1 + np.arange(n_founders) % 2
    unknown = np.full(n_founders, -1, dtype=np.int64)
    fathers, mothers, sexes = [unknown], [unknown], [sex]
    parents = np.arange(n_founders)
    first = n_founders
    for _ in range(n_generations):
        if mating == "random":
            size = n_founders if n_offspring is None else n_offspring
            pair = _random_mating(parents, sexes[-1], size, generator)
        elif mating == "full_sib":
            pair = _couples(parents, sexes[-1], family_size or 2, generator)
        elif mating == "half_sib":
            pair = _harems(parents, sexes[-1], dams_per_sire, family_size or 1, generator)
        elif mating == "sib_mating":
            pair = np.repeat(parents[0::2], 2), np.repeat(parents[1::2], 2)
        else:
            pair = parents.copy(), parents.copy()
        count = len(pair[0])
        if mating == "selfing":
            new = np.zeros(count, dtype=np.int64)
        else:
            new = 1 + np.arange(count) % 2
            if mating != "sib_mating":
                generator.shuffle(new)
        fathers.append(pair[0])
        mothers.append(pair[1])
        sexes.append(new)
        parents = np.arange(first, first + count)
        first += count
    return Pedigree(
        individual=np.arange(first),
        father=np.concatenate(fathers),
        mother=np.concatenate(mothers),
        generation=np.repeat(np.arange(n_generations + 1), [len(part) for part in sexes]),
        sex=np.concatenate(sexes),
    )


def _random_mating(
    parents: np.ndarray, sex: np.ndarray, size: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    return (
        generator.choice(parents[sex == 1], size=size),
        generator.choice(parents[sex == 2], size=size),
    )


def _couples(
    parents: np.ndarray, sex: np.ndarray, family_size: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    males = generator.permutation(parents[sex == 1])
    females = generator.permutation(parents[sex == 2])
    couples = min(males.size, females.size)
    if couples == 0:
        raise ValueError("full_sib needs a male and a female in every generation: raise the size.")
    return np.repeat(males[:couples], family_size), np.repeat(females[:couples], family_size)


def _harems(
    parents: np.ndarray,
    sex: np.ndarray,
    dams_per_sire: int,
    family_size: int,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    males = generator.permutation(parents[sex == 1])
    females = generator.permutation(parents[sex == 2])
    sires = min(males.size, females.size // dams_per_sire)
    if sires == 0:
        raise ValueError(
            f"half_sib needs a male and {dams_per_sire} females (dams_per_sire) in every "
            f"generation, but one has {males.size} and {females.size}: use more founders, "
            "a larger family_size or fewer dams per sire."
        )
    fathers = np.repeat(males[:sires], dams_per_sire)
    return (
        np.repeat(fathers, family_size),
        np.repeat(females[: sires * dams_per_sire], family_size),
    )
