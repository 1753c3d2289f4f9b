"""Reference answers for the lesson "Relatives", one section per exercise."""

import numpy as np


# exercise: add_animal
# The tabular method, one row of it. The unknown parent is the trap: in NumPy an
# index of -1 is the last row, so an unknown father would silently become the
# youngest animal of the herd.
def add_animal(A, father, mother):
    """The relationship matrix with one animal more.

    Parameters
    ----------
    A : array of float, shape (n, n)
        Additive relationships of the animals so far.
    father, mother : int
        Rows of the parents, -1 where unknown.

    Returns
    -------
    array of float, shape (n + 1, n + 1)
        The new animal is the last row and column.
    """
    n = len(A)
    row = np.zeros(n)
    for parent in (father, mother):
        if parent >= 0:
            row += 0.5 * A[parent]
    known = father >= 0 and mother >= 0
    grown = np.zeros((n + 1, n + 1))
    grown[:n, :n] = A
    grown[n, :n] = grown[:n, n] = row
    grown[n, n] = 1 + (0.5 * A[father, mother] if known else 0.0)
    return grown


# exercise: inbreeding_of_crosses
# Half of the relationship of the parents. Two arrays of positions pick pair by pair,
# A[fathers, mothers]; A[fathers][:, mothers] would pick every father with every mother.
def inbreeding_of_crosses(A, fathers, mothers):
    """Inbreeding coefficient of the offspring of each cross.

    Parameters
    ----------
    A : array of float, shape (n, n)
    fathers, mothers : array of int, shape (k,)
        Rows of the parents, -1 where unknown.

    Returns
    -------
    array of float, shape (k,)
    """
    fathers, mothers = np.asarray(fathers), np.asarray(mothers)
    known = (fathers >= 0) & (mothers >= 0)
    return np.where(known, 0.5 * A[fathers, mothers], 0.0)


# exercise: pedigree_loadings
# eigh is made for symmetric matrices. It gives eigenvalues in ascending order and
# eigenvectors in columns, so both are turned round. Rounding may leave an eigenvalue
# of zero a hair below it, where it has no root.
def pedigree_loadings(A, rank, genotyped):
    """Loadings of the genotyped animals.

    Parameters
    ----------
    A : array of float, shape (n, n)
        Additive relationships of the whole pedigree.
    rank : int
        How many loadings to keep, 1 to n.
    genotyped : array of int, shape (m,)
        Rows of the genotyped animals.

    Returns
    -------
    array of float, shape (m, rank)
        L = Q sqrt(Lambda), the column of the largest eigenvalue first.
    """
    values, vectors = np.linalg.eigh(A)
    values, vectors = values[::-1][:rank], vectors[:, ::-1][:, :rank]
    loadings = vectors * np.sqrt(np.maximum(values, 0))
    return loadings[genotyped]


# exercise: chord_rank
# np.linspace is the straight line. Counting from 0, the position of the elbow is the
# number of eigenvalues before it.
def chord_rank(eigenvalues):
    """How many eigenvalues the chord rule keeps.

    Parameters
    ----------
    eigenvalues : array of float, shape (n,)
        In any order.

    Returns
    -------
    int
        At least 1.
    """
    values = np.sort(eigenvalues)[::-1]
    line = np.linspace(values[0], values[-1], len(values))
    return max(1, int(np.argmax(line - values)))
