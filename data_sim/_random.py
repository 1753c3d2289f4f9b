"""One way to turn a seed into a random generator."""

from __future__ import annotations

import numpy as np

Seed = int | np.integer | np.random.Generator


def as_generator(seed: Seed) -> np.random.Generator:
    """Turn a seed into a NumPy generator; a generator is passed through.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        A non-negative integer starts a fresh stream: the same integer gives the same data.
        A generator is used as it stands, and moves on.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    TypeError
        If `seed` is neither an integer nor a generator.
    ValueError
        If `seed` is negative.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(
            "seed must be a non-negative integer or a numpy.random.Generator, "
            f"got {type(seed).__name__}. Give for example seed=1."
        )
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed}.")
    return np.random.default_rng(int(seed))


def integer_seed(generator: np.random.Generator) -> int:
    """Draw a seed for a library that takes integers only (msprime: 1 to 2**32 - 1)."""
    return int(generator.integers(1, 2**31))
