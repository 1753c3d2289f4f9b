"""Reference answers for the lesson "Encoding", one section per exercise."""

import numpy as np


# exercise: one_hot_sequences
# One table for every sequence, made once: letter -> column. The code of a
# letter must never depend on which other letters a sequence happens to
# hold. Anything outside the table (N, a gap) keeps its row of zeros: no
# base, no evidence.
def one_hot_sequences(sequences):
    """One-hot code of DNA sequences.

    Parameters
    ----------
    sequences : list of str, length n
        All of the same length L. Letters outside ACGT are unknown.

    Returns
    -------
    array of float, shape (n, L, 4)
        Columns A, C, G, T; a row of zeros for an unknown letter.
    """
    column = {"A": 0, "C": 1, "G": 2, "T": 3}
    shape = (len(sequences), len(sequences[0]), 4)
    encoded = np.zeros(shape, dtype=np.float32)
    for i, sequence in enumerate(sequences):
        for j, letter in enumerate(sequence):
            if letter in column:
                encoded[i, j, column[letter]] = 1
    return encoded


# exercise: decode_sequences
# argmax gives the column of the one. On a row of zeros it gives 0, which
# would read as A: so rows without any one must be found separately.
def decode_sequences(encoded):
    """Sequences back from their one-hot code.

    Parameters
    ----------
    encoded : array, shape (n, L, 4)
        Columns A, C, G, T; rows of zeros stand for an unknown letter.

    Returns
    -------
    list of str, length n
        Unknown letters are written N.
    """
    encoded = np.asarray(encoded)
    letters = np.array(list("ACGT"))[encoded.argmax(axis=2)]
    letters[encoded.sum(axis=2) == 0] = "N"
    return ["".join(row) for row in letters]


# exercise: one_hot_genotypes
# Comparing the table with 0, 1 and 2 gives three tables of True and
# False. A missing genotype equals none of the three, so its row is zero
# without any special case. (Indexing np.eye(3) with -1 would silently
# give the last row.)
def one_hot_genotypes(genotypes):
    """One column each for 0, 1 and 2 copies.

    Parameters
    ----------
    genotypes : array of int, shape (n, p)
        0, 1, 2 copies; -1 where missing.

    Returns
    -------
    array of float, shape (n, p, 3)
        A row of zeros where the genotype is missing.
    """
    genotypes = np.asarray(genotypes)
    return (genotypes[:, :, np.newaxis] == np.arange(3)).astype(np.float32)


# exercise: additive_and_dominance
# Three classes, three means: no straight line is needed. The additive
# effect is half the distance between the homozygotes. The dominance
# effect is how far the heterozygote stands from the point half-way
# between them.
def additive_and_dominance(genotypes, trait):
    """Additive and dominance effect of one SNP from its three class means.

    Parameters
    ----------
    genotypes : array of int, shape (n,)
        0, 1, 2 copies, each present; -1 where missing.
    trait : array of float, shape (n,)

    Returns
    -------
    tuple of float
        a, half the difference between two copies and none; d, the
        heterozygote minus the midpoint of the homozygotes.
    """
    genotypes, trait = np.asarray(genotypes), np.asarray(trait)
    none, one, two = (trait[genotypes == k].mean() for k in range(3))
    return float((two - none) / 2), float(one - (two + none) / 2)


# exercise: impute_with_training_means
# Three points. The means are of observed genotypes only; they are learned
# on the training rows and used for all rows; and the table must become
# floats before a mean such as 0.7 is written into it, for an integer
# array would cut it to 0.
def impute_with_training_means(genotypes, training):
    """Dosages, the gaps filled with the training mean of their SNP.

    Parameters
    ----------
    genotypes : array of int, shape (n, p)
        0, 1, 2 copies; -1 where missing.
    training : array of int, shape (m,)
        Positions of the training rows. Each SNP is observed in one or more.

    Returns
    -------
    array of float, shape (n, p)
    """
    dosages = np.asarray(genotypes).astype(float)
    dosages[dosages < 0] = np.nan
    means = np.nanmean(dosages[training], axis=0)
    return np.where(np.isnan(dosages), means, dosages)
