"""Environments that the members of a family or cage share."""

from __future__ import annotations

import numpy as np


def shared_environment(
    genetic_values: np.ndarray,
    groups: np.ndarray,
    shared: np.ndarray,
    total: np.ndarray,
    generator: np.random.Generator,
    *,
    correlation: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw an environment common to each group, and one of each individual's own.

    Both are uncorrelated with all genetic values and with each other in this cohort, so the
    variances add up exactly.

    Parameters
    ----------
    genetic_values : numpy.ndarray, shape (n, t)
        Genetic values of t traits.
    groups : numpy.ndarray of int, shape (n,)
        Group of each individual, 0 to g - 1; g above 2t + 1, or `shared` all zero.
    shared, total : numpy.ndarray, shape (t,)
        Variance of the common environment, and of the whole environment.
    generator : numpy.random.Generator
        Source of randomness.
    correlation : numpy.ndarray, shape (t, t), optional
        Of both environments between traits, in expectation.

    Returns
    -------
    common, own : numpy.ndarray, shape (n, t)
    """
    n, t = genetic_values.shape
    root = np.linalg.cholesky(np.eye(t) if correlation is None else correlation)
    fixed = np.column_stack([np.ones(n), genetic_values])
    common = np.zeros((n, t))
    if np.any(shared > 0):
        n_groups = int(groups.max()) + 1
        sums = np.zeros((n_groups, t + 1))
        np.add.at(sums, groups, fixed)
        effects = generator.standard_normal((n_groups, t)) @ root.T
        # Group effects whose spread over the individuals is orthogonal to `fixed`.
        for _ in range(2):
            effects -= sums @ np.linalg.lstsq(sums.T @ sums, sums.T @ effects, rcond=None)[0]
        common = effects[groups]
        common *= np.sqrt(shared) / common.std(axis=0)
    own = generator.standard_normal((n, t)) @ root.T
    known = np.column_stack([fixed, common])
    for _ in range(2):
        own -= known @ np.linalg.lstsq(known, own, rcond=None)[0]
    own *= np.sqrt(total - shared) / own.std(axis=0)
    return common, own
