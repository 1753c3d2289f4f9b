"""Random sequences with a trait that depends on a motif, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data_sim._checks import check_count, check_number
from data_sim._random import Seed, as_generator
from data_sim.sequences import ALPHABET, encode_bases
from data_sim.studies._study import Study, name_samples, table

_LETTERS = np.array(list(ALPHABET))


@dataclass(frozen=True)
class MotifTruth:
    """A trait that counts how well a motif is matched, wherever it stands.

    Every window of the sequence adds ``strength ** mismatches``, as a transcription factor binds
    a site the less, the more bases differ (Berg & von Hippel 1987). The genetic value is
    ``scale`` times that sum plus ``offset``.

    Attributes
    ----------
    motif : str
        The sequence bound best.
    strength : float
        Factor in (0, 1) per mismatch.
    scale, offset : float
        To the units of the trait.
    starts : tuple of tuple of int
        Where copies of the motif were planted in each sequence, ascending.
    heritability : float
        Realised share of the phenotypic variance.
    variance_components : mapping of str to float
        ``"motif"`` and ``"environment"``.
    """

    motif: str
    strength: float
    scale: float
    offset: float
    starts: tuple[tuple[int, ...], ...]
    heritability: float
    variance_components: Mapping[str, float]

    def genetic_value(self, sequences: Sequence[str]) -> np.ndarray:
        """Genetic values (n,) of any sequences at least as long as the motif."""
        return self.scale * occupancy(_codes(sequences), self.motif, self.strength) + self.offset

    def mutation_effects(self, sequences: str | Sequence[str]) -> np.ndarray:
        """Change in genetic value for every base at every site.

        Shape (length, 4) for one sequence, (n, length, 4) for a list of them; A, C, G, T.
        """
        one = isinstance(sequences, str)
        codes = _codes([sequences] if isinstance(sequences, str) else sequences)
        changes = self.scale * _occupancy_changes(codes, self.motif, self.strength)
        return changes[0] if one else changes


def regulatory(
    n: int = 3_000,
    length: int = 100,
    *,
    motif: str = "TGACGTCA",
    max_copies: int = 3,
    max_mismatches: int = 2,
    strength: float = 0.2,
    heritability: float = 0.8,
    seed: Seed = 0,
) -> Study:
    """Random sequences whose trait depends on a motif, wherever in the sequence it stands.

    Each sequence gets 0 to `max_copies` copies of the motif at random places that do not
    overlap, each copy with 0 to `max_mismatches` bases changed. No single site means anything,
    so a linear model of sites cannot learn this; a convolution slides over all places.

    Parameters
    ----------
    n, length : int
        Sequences and bases; the copies must fit in half the length.
    motif : str
        Letters A, C, G, T; at least 3. The default is the cyclic-AMP response element
        (Montminy et al. 1986).
    max_copies, max_mismatches : int
        Each number from 0 up is equally likely; at least one copy; fewer mismatches than bases.
    strength : float
        What one mismatch leaves of the effect, in (0, 1).
    heritability : float
        In [0, 1]; exact in this cohort.
    seed : int or numpy.random.Generator
        The same seed gives the same study.

    Returns
    -------
    Study
        One trait, ``trait``, with mean 0 and variance 1; ``truth["trait"]`` is a MotifTruth.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range, or the copies do not fit.
    """
    n, length = check_count("n", n, 10), check_count("length", length, 3)
    core = encode_bases(motif)
    if core.size < 3:
        raise ValueError(f"motif must have at least 3 bases, got {motif!r}.")
    copies = check_count("max_copies", max_copies)
    changed = check_count("max_mismatches", max_mismatches, 0)
    if changed >= core.size:
        raise ValueError(f"max_mismatches must be below {core.size}, got {changed}.")
    if 2 * copies * core.size > length:
        raise ValueError(
            f"{copies} copies of {core.size} bases need a length of at least "
            f"{2 * copies * core.size}, got {length}: lengthen the sequence or lower max_copies."
        )
    kept = check_number("strength", strength, 0, 1, low_open=True, high_open=True)
    share = check_number("heritability", heritability, 0, 1)
    generator = as_generator(seed)
    bases = generator.integers(0, 4, size=(n, length), dtype=np.uint8)
    starts = _plant(bases, core, copies, changed, generator)
    raw = occupancy(bases, motif, kept)
    scale = float(np.sqrt(share) / raw.std())
    value = scale * (raw - raw.mean())
    known = np.column_stack([np.ones(n), raw])
    noise = generator.standard_normal(n)
    noise -= known @ np.linalg.lstsq(known, noise, rcond=None)[0]
    noise *= np.sqrt(1 - share) / noise.std()
    samples = name_samples("sequence", n)
    return Study(
        name="regulatory",
        samples=samples,
        traits=table(samples, {"trait": value + noise}),
        genetic_values=table(samples, {"trait": value}),
        truth={
            "trait": MotifTruth(
                motif=motif,
                strength=kept,
                scale=scale,
                offset=-scale * float(raw.mean()),
                starts=starts,
                heritability=share,
                variance_components={
                    "motif": float(value.var()),
                    "environment": float(noise.var()),
                },
            )
        },
        description=(
            f"{n} random sequences of {length} bases. The trait has heritability {share:g} and "
            f"depends on how many copies of {motif} a sequence holds, and how exact they are."
        ),
        sequences=["".join(row) for row in _LETTERS[bases]],
        covariates=table(samples),
    )


def occupancy(bases: np.ndarray, motif: str, strength: float) -> np.ndarray:
    """Sum over all windows of ``strength ** mismatches``: (n,) for coded bases (n, length).

    Raises
    ------
    ValueError
        If the sequences are shorter than the motif.
    """
    core = encode_bases(motif)
    mismatches = _mismatches(bases, core)
    return (strength ** np.arange(core.size + 1.0))[mismatches].sum(axis=1)


def _mismatches(bases: np.ndarray, core: np.ndarray) -> np.ndarray:
    """How many bases of each window differ from the motif: (n, windows)."""
    n, length = bases.shape
    windows = length - core.size + 1
    if windows < 1:
        raise ValueError(f"sequences have {length} bases, fewer than the {core.size} of the motif.")
    mismatches = np.zeros((n, windows), dtype=np.int16)
    for place, base in enumerate(core):
        mismatches += bases[:, place : place + windows] != base
    return mismatches


def _occupancy_changes(bases: np.ndarray, motif: str, strength: float) -> np.ndarray:
    """By how much `occupancy` changes with each base at each site: (n, length, 4).

    A site touches only the windows that it stands in, one for each base of the motif.
    """
    core = encode_bases(motif)
    weight = strength ** np.arange(core.size + 1.0)
    mismatches = _mismatches(bases, core)
    windows = mismatches.shape[1]
    changes = np.zeros((*bases.shape, 4))
    for place, base in enumerate(core):
        wrong = bases[:, place : place + windows] != base
        for letter in range(4):
            after = mismatches - wrong + np.int16(letter != base)
            changes[:, place : place + windows, letter] += weight[after] - weight[mismatches]
    return changes


def _plant(
    bases: np.ndarray, core: np.ndarray, copies: int, changed: int, generator: np.random.Generator
) -> tuple[tuple[int, ...], ...]:
    """Write copies of the motif into the rows of `bases`, and say where."""
    n, length = bases.shape
    planted = []
    for row in range(n):
        count = int(generator.integers(0, copies + 1))
        # Choose gaps among the free bases: places that cannot overlap.
        free = length - count * core.size
        gaps = np.sort(generator.integers(0, free + 1, size=count))
        starts = gaps + np.arange(count) * core.size
        for start in starts:
            copy = core.copy()
            wrong = generator.choice(
                core.size, size=int(generator.integers(0, changed + 1)), replace=False
            )
            copy[wrong] = (copy[wrong] + generator.integers(1, 4, size=wrong.size)) % 4
            bases[row, start : start + core.size] = copy
        planted.append(tuple(int(start) for start in starts))
    return tuple(planted)


def _codes(sequences: Sequence[str]) -> np.ndarray:
    """Strings of one length as codes (n, length)."""
    if isinstance(sequences, str):
        raise TypeError("sequences must be a list of strings, got one string: put it in a list.")
    texts = list(sequences)
    if not texts or len({len(text) for text in texts}) != 1:
        raise ValueError("sequences must be one or more strings of one length.")
    return encode_bases("".join(texts)).reshape(len(texts), -1)
