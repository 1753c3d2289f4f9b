"""A reference sequence and its mutated copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._random import Seed, as_generator

ALPHABET = "ACGT"
_LETTERS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)


@dataclass(frozen=True)
class Sequences:
    """Mutated copies of one reference.

    Attributes
    ----------
    reference : str
        The unmutated sequence, of letters A, C, G, T.
    bases : numpy.ndarray of uint8, shape (n, length)
        The copies, as codes 0, 1, 2, 3 for A, C, G, T.
    mutation_rates : numpy.ndarray of float64, shape (length,)
        Probability that a copy differs from the reference, for each site.
    """

    reference: str
    bases: np.ndarray
    mutation_rates: np.ndarray

    @property
    def strings(self) -> list[str]:
        """The copies as n strings of letters."""
        length = self.bases.shape[1]
        text = _LETTERS[self.bases].tobytes().decode("ascii")
        return [text[start : start + length] for start in range(0, len(text), length)]

    @property
    def is_mutant(self) -> np.ndarray:
        """Whether each base differs from the reference: bool, shape (n, length)."""
        return self.bases != encode_bases(self.reference)


def encode_bases(sequence: str) -> np.ndarray:
    """Turn one string of A, C, G, T into codes 0, 1, 2, 3 (uint8).

    Raises
    ------
    TypeError
        If `sequence` is not a string.
    ValueError
        If it is empty or holds another letter.
    """
    if not isinstance(sequence, str):
        raise TypeError(f"a sequence must be a string, got {type(sequence).__name__}.")
    if not sequence:
        raise ValueError("a sequence must have at least one base, got an empty string.")
    strange = sorted(set(sequence) - set(ALPHABET))
    if strange:
        raise ValueError(
            f"a sequence may hold only the letters {ALPHABET}, got {', '.join(map(repr, strange))}."
        )
    table = np.zeros(256, dtype=np.uint8)
    table[_LETTERS] = np.arange(4, dtype=np.uint8)
    return table[np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)]


def simulate_sequences(
    n: int,
    length: int,
    *,
    mutation_rate: float = 0.05,
    site_rates: np.ndarray | None = None,
    reference: str | None = None,
    unique: bool = False,
    seed: Seed,
) -> Sequences:
    """Simulate n copies of a reference in which every site may mutate.

    Sites mutate independently. A mutation puts one of the three other bases there, each as
    likely (the substitution model of Jukes & Cantor 1969, one step).

    Parameters
    ----------
    n : int
        Number of copies, 1 or more.
    length : int
        Number of bases, 1 or more.
    mutation_rate : float
        Probability in [0, 1] that a site of a copy differs from the reference.
    site_rates : array of float, shape (length,), optional
        That probability for each site; replaces `mutation_rate`.
    reference : str, optional
        The sequence to mutate; drawn at random when not given.
    unique : bool
        Whether no two copies may be equal. Copies that repeat an earlier one are drawn again,
        so that no test sequence can also be a training sequence.
    seed : int or numpy.random.Generator
        The same seed gives the same sequences.

    Returns
    -------
    Sequences

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a value is out of range, `reference` or `site_rates` has another length than
        `length`, or `unique` asks for more different sequences than the rates allow.
    """
    n, length = check_count("n", n), check_count("length", length)
    if site_rates is None:
        rates = np.full(length, check_number("mutation_rate", mutation_rate, 0, 1))
    else:
        rates = np.asarray(site_rates, dtype=np.float64)
        if rates.shape != (length,):
            raise ValueError(
                f"site_rates must have one rate per site, shape ({length},), got {rates.shape}."
            )
        if not np.all((rates >= 0) & (rates <= 1)):
            raise ValueError("site_rates must be probabilities in [0, 1].")
    if reference is not None:
        codes = encode_bases(reference)
        if codes.size != length:
            raise ValueError(
                f"reference has {codes.size} bases but length is {length}: make them equal."
            )
    if not isinstance(unique, bool | np.bool_):
        raise TypeError(f"unique must be True or False, got {type(unique).__name__}.")
    if unique:
        _check_room(n, rates)
    generator = as_generator(seed)
    if reference is None:
        codes = generator.integers(0, 4, size=length, dtype=np.uint8)
    bases = _mutate(codes, n, rates, generator)
    if unique:
        bases = _replace_duplicates(bases, codes, rates, generator)
    return Sequences(_LETTERS[codes].tobytes().decode("ascii"), bases, rates)


def _mutate(
    reference: np.ndarray, n: int, rates: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Draw n mutated copies of the coded reference."""
    shape = (n, reference.size)
    mutated = generator.random(shape, dtype=np.float32) < rates.astype(np.float32)
    # A step of 1, 2 or 3 around the four codes never lands on the base it left.
    step = generator.integers(1, 4, size=shape, dtype=np.uint8)
    return (reference + np.where(mutated, step, 0).astype(np.uint8)) % 4


def _check_room(n: int, rates: np.ndarray) -> None:
    """Raise if there are fewer than n different sequences."""
    choices = np.where(rates == 0, 0.0, np.where(rates == 1, np.log(3.0), np.log(4.0)))
    if choices.sum() < np.log(n) - 1e-9:
        raise ValueError(
            f"unique asks for {n} different sequences but these rates allow only "
            f"{round(np.exp(choices.sum()))}: use a longer sequence, more sites that "
            "mutate, or unique=False."
        )


def _replace_duplicates(
    bases: np.ndarray, reference: np.ndarray, rates: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Draw repeated rows again until all differ, or give up with an error."""
    n = len(bases)
    for _ in range(200):
        _, first = np.unique(bases, axis=0, return_index=True)
        if len(first) == n:
            return bases
        repeated = np.ones(n, dtype=bool)
        repeated[first] = False
        bases[repeated] = _mutate(reference, int(repeated.sum()), rates, generator)
    raise ValueError(
        f"unique asks for {n} different sequences, but at these mutation rates they hardly ever "
        "differ: raise mutation_rate or length, or lower n."
    )
