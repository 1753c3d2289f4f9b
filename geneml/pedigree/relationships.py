"""Additive relationships, their inverse, and inbreeding.

With T tracing genes from ancestors to descendants and D the variances of Mendelian sampling,
A = T D T' (Henderson 1976, Biometrics 32:69), where the inverse of T is I - P and row i of P
holds 1/2 for each known parent of animal i.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, diags_array, eye_array
from scipy.sparse.linalg import SuperLU, splu

from geneml.cohort import Cohort
from geneml.pedigree._order import Ordered, order

_BLOCK = 256  # rows of the tabular method filled at once
_NUMBERS = 4_000_000  # numbers held at once where relationships are solved for
_SMALL = 2_000  # so many ancestors fit a full matrix whatever is asked for


def relationship_matrix(
    individual: object,
    father: object,
    mother: object,
    *,
    of: object | None = None,
    separate_sexes: bool = False,
) -> np.ndarray:
    """Return the additive (numerator) relationship matrix A: twice the kinship.

    Full sibs of unrelated parents have 1/2, half sibs 1/4; the diagonal is 1 + F, with F the
    inbreeding coefficient. Founders are taken as unrelated and not inbred.

    Parameters
    ----------
    individual : sequence of str or int, length n
        Each animal (or plant) once, in any order.
    father, mother : sequence of str or int, length n
        Their parents; unknown ones as "0", "", None, NaN or -1. Parents that are no
        `individual` are founders. Father and mother are the same where a plant was selfed.
    of : sequence of str or int, optional
        The m animals whose relationships are wanted, such as those with genotypes; by
        default all of `individual`.
    separate_sexes : bool
        Whether an animal that is both a father and a mother is a mistake.

    Returns
    -------
    numpy.ndarray
        float64, symmetric, in the order of `of` (m, m) or of `individual` (n, n).

    Raises
    ------
    TypeError
        When one string is given instead of a sequence.
    ValueError
        When lengths differ, an animal has no identifier, is listed twice, is its own parent
        or ancestor, or breaks `separate_sexes`; when `of` names one that is not in the
        pedigree, or one twice.

    Notes
    -----
    Only ancestors of the asked animals are looked at. Where these are few enough, by the
    tabular method (Emik & Terrill 1949, J Hered 40:51), in about 16 N^2 bytes for N of them;
    for few animals with many ancestors by the indirect method (Colleau 2002, Genet Sel Evol
    34:409), which never holds the full matrix.
    """
    pedigree = order(individual, father, mother, separate_sexes)
    asked = pedigree.listed if of is None else pedigree.positions(of)
    keep = pedigree.ancestors(asked)
    pedigree, asked = pedigree.pruned(keep), np.searchsorted(keep, asked)
    if len(keep) <= max(_SMALL, 2 * len(asked)):
        return _tabular(pedigree)[np.ix_(asked, asked)]
    return _indirect(pedigree, asked)


def inbreeding(
    individual: object, father: object, mother: object, *, separate_sexes: bool = False
) -> np.ndarray:
    """Return the inbreeding coefficient F of every animal, without building A.

    F is half the relationship of the parents. Level by level, the relationships of each father
    with its mates (or of each mother, whichever are fewer) are solved for with the sparse
    factor of A (Sargolzaei, Iwaisaki & Colleau 2005, J Anim Breed Genet 122:325), which gives
    what Meuwissen & Luo (1992, Genet Sel Evol 24:305) trace path by path.

    Parameters
    ----------
    individual, father, mother, separate_sexes
        As in :func:`relationship_matrix`.

    Returns
    -------
    numpy.ndarray
        float64, shape (n,), in [0, 1], in the order of `individual`.

    Raises
    ------
    TypeError, ValueError
        As in :func:`relationship_matrix`.
    """
    pedigree = order(individual, father, mother, separate_sexes)
    return _inbreeding(pedigree, _factor(pedigree))[pedigree.listed]


def inverse_relationship(
    individual: object, father: object, mother: object, *, separate_sexes: bool = False
) -> tuple[csr_array, np.ndarray]:
    """Return the inverse of A, sparse, by Henderson's rules with inbreeding.

    A^-1 = (I - P)' D^-1 (I - P) (Henderson 1976, Biometrics 32:69; with inbreeding Quaas 1976,
    Biometrics 32:949). It is sparse only for the whole pedigree, so it covers parents without
    a row of their own, too.

    Parameters
    ----------
    individual, father, mother, separate_sexes
        As in :func:`relationship_matrix`.

    Returns
    -------
    inverse : scipy.sparse.csr_array
        float64, shape (N, N).
    animals : numpy.ndarray
        str, shape (N,): whom its rows and columns stand for. First the n of `individual` in
        their order, then N - n parents that have no row.

    Raises
    ------
    TypeError, ValueError
        As in :func:`relationship_matrix`; ValueError also when an animal of fully inbred
        parents is their exact copy, so that A has no inverse.
    """
    pedigree = order(individual, father, mother, separate_sexes)
    variance = _sampling_variance(pedigree, _inbreeding(pedigree, _factor(pedigree)))
    if variance.min() <= 0:
        copy = pedigree.names[int(np.argmin(variance))]
        raise ValueError(
            f"pedigree: expected new variation in every animal, received {copy!r}, the exact copy "
            "of fully inbred parents, so A has no inverse; leave out such generations"
        )
    transmission = _transmission(pedigree)
    inverse = csr_array(transmission.T @ diags_array(1 / variance) @ transmission)
    rows = np.concatenate([pedigree.listed, pedigree.extra])
    return csr_array(inverse[rows][:, rows]), np.array(pedigree.names)[rows]


def from_cohort(cohort: Cohort) -> np.ndarray:
    """Return the additive relationships of a cohort's samples.

    Parameters
    ----------
    cohort : Cohort
        With a ``pedigree``, from which they are computed, or else the ``relationship`` that
        its authors published.

    Returns
    -------
    numpy.ndarray
        float64, shape (n, n), in the order of the samples.

    Raises
    ------
    ValueError
        When the cohort has neither, or a sample is not in the pedigree.
    """
    if cohort.pedigree is not None:
        table = cohort.pedigree
        return relationship_matrix(
            table["individual"], table["father"], table["mother"], of=cohort.samples
        )
    if cohort.relationship is None:
        raise ValueError(
            "cohort: expected one with a pedigree or a relationship matrix, received one without"
        )
    return cohort.relationship.copy()


def _tabular(pedigree: Ordered) -> np.ndarray:
    """Fill A in blocks of animals that are not each other's parents, (N, N)."""
    n = len(pedigree.names)
    # The last row and column, index -1, stay zero: they stand for an unknown parent.
    related = np.zeros((n + 1, n + 1))
    edges = np.searchsorted(pedigree.level, np.arange(pedigree.level[-1] + 2))
    for begin, end in zip(edges[:-1], edges[1:], strict=True):
        for start in range(begin, end, _BLOCK):
            rows = slice(start, min(start + _BLOCK, end))
            father, mother = pedigree.father[rows], pedigree.mother[rows]
            older = 0.5 * (related[father, :start] + related[mother, :start])
            related[rows, :start] = older
            related[:start, rows] = older.T
            among = 0.5 * (related[rows][:, father] + related[rows][:, mother])
            np.fill_diagonal(among, 1 + 0.5 * related[father, mother])
            related[rows, rows] = (among + among.T) / 2  # alike to the last bit
    return related[:n, :n]


def _indirect(pedigree: Ordered, asked: np.ndarray) -> np.ndarray:
    """Return the relationships of a few animals, columns of T D T' at a time, (m, m)."""
    factor = _factor(pedigree)
    variance = _sampling_variance(pedigree, _inbreeding(pedigree, factor))
    related = np.empty((len(asked), len(asked)))
    step = max(1, _NUMBERS // len(variance))
    for start in range(0, len(asked), step):
        columns = _columns(factor, variance, asked[start : start + step])
        related[:, start : start + step] = columns[asked]
    return (related + related.T) / 2


def _columns(factor: SuperLU, variance: np.ndarray, animals: np.ndarray) -> np.ndarray:
    """Return some columns of A = T D T', (N, number of animals)."""
    chosen = np.zeros((len(variance), len(animals)))
    chosen[animals, np.arange(len(animals))] = 1
    return factor.solve(variance[:, None] * factor.solve(chosen, trans="T"))


def _transmission(pedigree: Ordered) -> csr_array:
    """Return I - P, the inverse of T: unit lower triangular, at most three numbers a row."""
    n = len(pedigree.names)
    parents = np.concatenate([pedigree.father, pedigree.mother])
    children = np.tile(np.arange(n), 2)[parents >= 0]
    parents = parents[parents >= 0]
    # Where father and mother are one, as in selfing, the two halves add up.
    half = csr_array((np.full(len(parents), 0.5), (children, parents)), shape=(n, n))
    return csr_array(eye_array(n) - half)


def _factor(pedigree: Ordered) -> SuperLU:
    """Return a solver for I - P and its transpose; triangular already, so nothing fills in."""
    return splu(_transmission(pedigree).tocsc(), permc_spec="NATURAL", diag_pivot_thresh=0)


def _sampling_variance(pedigree: Ordered, coefficients: np.ndarray) -> np.ndarray:
    """Return D, (N,): 1 less a quarter of 1 + F of each known parent (Quaas 1976)."""
    own = np.append(1 + coefficients, 0)  # the last stands for an unknown parent
    return 1 - 0.25 * (own[pedigree.father] + own[pedigree.mother])


def _inbreeding(pedigree: Ordered, factor: SuperLU) -> np.ndarray:
    """Return F of all N animals."""
    coefficients = np.zeros(len(pedigree.names))
    step = max(1, _NUMBERS // len(coefficients))
    known = (pedigree.father >= 0) & (pedigree.mother >= 0)
    edges = np.searchsorted(pedigree.level, np.arange(pedigree.level[-1] + 2))
    for begin, end in zip(edges[1:-1], edges[2:], strict=True):
        child = begin + np.flatnonzero(known[begin:end])
        # Those of later levels are still wrong, but no ancestor of these parents is there.
        variance = _sampling_variance(pedigree, coefficients)
        one, other = pedigree.father[child], pedigree.mother[child]
        if len(np.unique(other)) < len(np.unique(one)):
            one, other = other, one
        parents, column = np.unique(one, return_inverse=True)
        for start in range(0, len(parents), step):
            some = parents[start : start + step]
            here = (column >= start) & (column < start + len(some))
            related = _columns(factor, variance, some)
            coefficients[child[here]] = 0.5 * related[other[here], column[here] - start]
    return coefficients
