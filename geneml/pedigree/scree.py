"""Loadings of a relationship matrix, and how many of them to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from geneml._tables import as_relationship

RULES = ("chord", "eigenvalue", "ratio")
_ROUNDING = 1e-8  # of the largest eigenvalue


@dataclass(frozen=True, eq=False)
class Loadings:
    """Eigen-loadings of a relationship matrix.

    Attributes
    ----------
    loadings : numpy.ndarray
        float64, shape (n, rank): L = Q sqrt(Lambda) of the leading eigenvectors; L L' is the
        best approximation of the matrix at this rank.
    eigenvalues : numpy.ndarray
        float64, shape (n,), descending, at least 0: all of them, for the scree plot.
    rank : int
        Number of loadings kept.
    rule : str
        The rule that chose the rank, or ``"given"``.
    """

    loadings: np.ndarray
    eigenvalues: np.ndarray
    rank: int
    rule: str


def loadings(relationship: np.ndarray, *, rank: int | None = None, rule: str = "chord") -> Loadings:
    """Return the eigen-loadings L = Q sqrt(Lambda) of a relationship matrix.

    They carry a pedigree into any model that takes features (Fan & Waldmann 2025). That paper
    keeps the loadings up to "the elbow point" of the sorted eigenvalues without a formula, so
    the rule is stated here.

    Parameters
    ----------
    relationship : numpy.ndarray, shape (n, n)
        Symmetric, without eigenvalues below 0. For genotyped animals inside a larger pedigree
        either their own matrix, or, as in the paper, that of the whole pedigree, of whose
        loadings their rows are kept.
    rank : int, optional
        How many to keep, 1 to n. Overrides `rule`.
    rule : str
        ``"chord"``: the elbow is where the scree curve lies farthest below the straight line
        from the first eigenvalue to the last; those before the elbow are kept, not the elbow
        itself. ``"eigenvalue"``: those of at least 1, as much as one unrelated animal has.
        ``"ratio"``: up to the largest ratio of an eigenvalue to the next (Ahn & Horenstein 2013,
        Econometrica 81:1203).

    Returns
    -------
    Loadings
        The sign of each column makes its largest entry positive. Among equal eigenvalues the
        columns may be rotated: L L' is defined, a single loading is not.

    Raises
    ------
    TypeError
        When the matrix holds no numbers, or `rank` is not a whole number.
    ValueError
        When the matrix is not square, finite, symmetric and positive semidefinite, the rank is
        out of range, the rule unknown, or the eigenvalues have no elbow.
    """
    matrix = _as_square(relationship)
    n = len(matrix)
    _check_rule(rule)
    if rank is not None:
        if isinstance(rank, bool) or not isinstance(rank, int | np.integer):
            raise TypeError(f"rank: expected a whole number, received {type(rank).__name__}")
        if not 1 <= rank <= n:
            raise ValueError(f"rank: expected 1 to {n}, the number of animals, received {rank}")
    # Divide and conquer: five times as fast where families make many eigenvalues equal.
    values, vectors = eigh(matrix, driver="evd")
    values, vectors = values[::-1], vectors[:, ::-1]
    if values[-1] < -_ROUNDING * max(values[0], 1):
        raise ValueError(
            f"relationship: expected no eigenvalue below 0, received {values[-1]:.3g}; an additive "
            "relationship matrix has none: was it edited, or put together from parts?"
        )
    values = np.maximum(values, 0)
    kept = _rank(values, rule) if rank is None else int(rank)
    vectors = vectors[:, :kept]
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(kept)]
    return Loadings(
        loadings=vectors * np.sqrt(values[:kept]) * np.where(largest < 0, -1.0, 1.0),
        eigenvalues=values,
        rank=kept,
        rule=rule if rank is None else "given",
    )


def elbow(eigenvalues: np.ndarray, *, rule: str = "chord") -> int:
    """Return how many eigenvalues a rule keeps, where they are at hand already.

    Parameters
    ----------
    eigenvalues : numpy.ndarray, shape (n,)
        Descending, at least 0; such as those of :class:`Loadings`.
    rule : str
        As in :func:`loadings`.

    Returns
    -------
    int
        1 to n.

    Raises
    ------
    TypeError
        When they are no numbers.
    ValueError
        When they do not descend, one is below 0 or not finite, the rule is unknown, or the
        eigenvalues have no elbow.
    """
    _check_rule(rule)
    values = np.asarray(eigenvalues)
    if values.dtype.kind not in "iuf":
        raise TypeError(f"eigenvalues: expected numbers, received dtype {values.dtype}")
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(
            f"eigenvalues: expected a row of finite numbers, received shape {values.shape}"
        )
    values = values.astype("float64")
    slack = _ROUNDING * max(values[0], 1)
    if values[-1] < -slack or np.any(np.diff(values) > slack):
        raise ValueError(
            "eigenvalues: expected them in descending order and at least 0, received "
            f"{values[0]:.3g} first and {values[-1]:.3g} last; sort them, the largest first"
        )
    return _rank(np.maximum(values, 0), rule)


def _check_rule(rule: str) -> None:
    if rule not in RULES:
        raise ValueError(f"rule: expected one of {', '.join(RULES)}, received {rule!r}")


def _as_square(relationship: object) -> np.ndarray:
    matrix = np.asarray(relationship)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(
            f"relationship: expected a square matrix (n, n), received shape {matrix.shape}"
        )
    return as_relationship(matrix, len(matrix))


def _rank(values: np.ndarray, rule: str) -> int:
    """Return how many of the descending eigenvalues a rule keeps."""
    slack = _ROUNDING * values[0]
    if rule == "eigenvalue":
        return max(1, int((values >= 1 - slack).sum()))
    if values[0] - values[-1] <= slack:
        raise ValueError(
            f"relationship: expected eigenvalues with an elbow, received {len(values)} that are "
            "all the same, as of unrelated animals; there is nothing to leave out: give rank"
        )
    if rule == "ratio":
        positive = values[values > slack]
        return (
            len(positive) if len(positive) < 2 else 1 + int(np.argmax(positive[:-1] / positive[1:]))
        )
    # The distance to a straight line is largest where the vertical distance is.
    drop = np.linspace(values[0], values[-1], len(values)) - values
    return max(1, int(np.argmax(drop)))
