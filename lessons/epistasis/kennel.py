"""The dogs of the first exercise, and the tables that typical slips make of them."""

import numpy as np


def draw_dogs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Genotypes at two loci and a trait, with holes; slips of different hints differ."""
    while True:
        dogs = _dogs(rng)
        found = {(np.nan_to_num(table, nan=-1).tobytes(), hint) for hint, table in slips(*dogs)}
        if len(found) == len({table for table, _ in found}):
            return dogs


def _dogs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Genotypes at two loci and a trait, with holes."""
    a, b = np.repeat(np.arange(3), 3), np.tile(np.arange(3), 3)
    dogs = np.repeat(np.arange(9), rng.integers(4, 9, size=9))
    empty = int(rng.choice([1, 3, 5, 7]))  # never on the diagonal: so a transpose shows
    dogs = rng.permutation(dogs[dogs != empty])
    a, b = a[dogs], b[dogs]
    trait = rng.uniform(1, 2, size=len(dogs)) + a + 0.3 * b
    # Holes in different dogs, so that each slip moves the table in its own way.
    holes = rng.permutation(len(dogs))[:9]
    a[holes[:3]], b[holes[3:6]] = -1, -1
    full = (a >= 0) & (b >= 0)
    _, counts = totals(a[full], b[full], trait[full])
    # A trait goes missing where there are others in the cell.
    crowded = np.flatnonzero(full & (counts[a, b] > 2))
    trait[rng.choice(crowded, size=2, replace=False)] = np.nan
    return a, b, trait


def totals(a, b, trait) -> tuple[np.ndarray, np.ndarray]:
    """Sums and numbers of dogs of the nine genotypes; -1 counts from the end, as in Python."""
    sums, counts = np.zeros((3, 3)), np.zeros((3, 3))
    np.add.at(sums, (a, b), trait)
    np.add.at(counts, (a, b), 1)
    return sums, counts


def means(a, b, trait, empty=np.nan) -> np.ndarray:
    """Mean trait of the nine genotypes; `empty` where there is no dog."""
    sums, counts = totals(a, b, trait)
    return np.where(counts > 0, sums / np.maximum(counts, 1), empty)


def slips(a, b, trait) -> list[tuple[str, np.ndarray]]:
    """Hints, and the tables that earn them; the likelier slip first."""
    measured, full = ~np.isnan(trait), (a >= 0) & (b >= 0)
    known = full & measured
    complete = a[known], b[known], trait[known]
    sums, counts = totals(*complete)
    found = [
        ("transposed", means(*complete).T),
        ("empty-cell", means(*complete, 0.0)),
        ("sums", sums),
        ("sums", np.where(counts > 0, sums, np.nan)),
        ("counts", counts),
        ("counts", np.where(counts > 0, counts, np.nan)),
        ("counts", totals(a[full], b[full], trait[full])[1]),
    ]
    for empty in (np.nan, 0.0):
        for rows in (measured, np.ones(len(a), dtype=bool)):
            found.append(("missing-genotype", means(a[rows], b[rows], trait[rows], empty)))
            zeroed = np.maximum(a, 0)[rows], np.maximum(b, 0)[rows]
            found.append(("missing-as-zero", means(*zeroed, trait[rows], empty)))
        filled = np.nan_to_num(trait)
        found.append(("missing-trait", means(a[full], b[full], trait[full], empty)))
        found.append(("trait-as-zero", means(a[full], b[full], filled[full], empty)))
    return found
