"""Reference answers for the lesson "Data curation", one section per exercise."""

import numpy as np


# exercise: scale_with_training_statistics
# Learn on the training rows, apply to all rows. A column that does not vary has a
# standard deviation of 0, and dividing by it would give infinities or NaN; among
# the training rows it says nothing, so it becomes 0 everywhere.
def scale_with_training_statistics(x, training):
    """All rows of x, scaled by mean and standard deviation of the training rows.

    Parameters
    ----------
    x : array of float, shape (n, p)
    training : array of int, shape (m,)
        Positions of the training rows.

    Returns
    -------
    array of float, shape (n, p)
        Columns of the training rows have mean 0 and standard deviation 1, or are
        0 where the column does not vary among them.
    """
    x = np.asarray(x, dtype=float)
    mean, deviation = x[training].mean(axis=0), x[training].std(axis=0)
    varies = deviation > 0
    return np.where(varies, (x - mean) / np.where(varies, deviation, 1.0), 0.0)


# exercise: grouped_split
# The families are shuffled, not the individuals. Counting individuals, not
# families, keeps the test part near the size asked for when families differ.
def grouped_split(families, test_fraction, seed):
    """Row numbers of training and test, no family on both sides.

    Parameters
    ----------
    families : array, shape (n,)
        The family of each individual, as numbers or names.
    test_fraction : float
        The test part holds at least this share of the individuals.
    seed : int
        The same seed gives the same split.

    Returns
    -------
    tuple of two arrays of int
        (training, test), row numbers.
    """
    families = np.asarray(families)
    in_test = np.zeros(len(families), dtype=bool)
    for family in np.random.default_rng(seed).permutation(np.unique(families)):
        if in_test.sum() >= test_fraction * len(families):
            break
        in_test |= families == family
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


# exercise: find_duplicates
# A set answers "is it in there?" at once, however long the list, so the work grows
# with the sum of the two lengths and not with their product.
def find_duplicates(training_sequences, test_sequences):
    """Positions in the test list of sequences that training holds too.

    Parameters
    ----------
    training_sequences, test_sequences : list of str

    Returns
    -------
    list of int
        In rising order.
    """
    known = set(training_sequences)
    return [i for i, sequence in enumerate(test_sequences) if sequence in known]


# exercise: kolmogorov_smirnov_statistic
# np.searchsorted(..., side="right") counts the values at or below each point. The
# staircases are flat between observed values, so the largest gap is found at one of
# them, of either sample; with the absolute value, whichever staircase is on top.
def kolmogorov_smirnov_statistic(a, b):
    """Largest gap between the cumulative distributions of two samples.

    Parameters
    ----------
    a, b : array of float, shapes (n,) and (m,)

    Returns
    -------
    float
        Between 0 and 1.
    """
    a, b = np.sort(a), np.sort(b)
    points = np.concatenate([a, b])
    share_a = np.searchsorted(a, points, side="right") / len(a)
    share_b = np.searchsorted(b, points, side="right") / len(b)
    return float(np.abs(share_a - share_b).max())


# exercise: inverse_frequency_weights
# n individuals in k classes: if each class is to have the total n / k, each of its
# `count` members gets n / (k * count). All totals together are n: the mean is 1.
def inverse_frequency_weights(classes):
    """One weight an individual, so that every class has the same total.

    Parameters
    ----------
    classes : array, shape (n,)
        The class of each individual, any labels.

    Returns
    -------
    array of float, shape (n,)
        Mean 1.
    """
    values, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    return len(which) / (len(values) * counts[which])


# exercise: oversample_training
# Only training rows may be drawn. `difference` rows are missing to balance the two
# kinds; drawing is with replacement, because there are too few to draw from.
def oversample_training(rare, training, seed):
    """Training rows, the rare ones drawn again until both kinds are equally many.

    Parameters
    ----------
    rare : array of bool, shape (n,)
        True for rare individuals, of the whole cohort.
    training : array of int, shape (m,)
        Positions of the training rows; at least one is rare, fewer than half are.
    seed : int
        The same seed gives the same rows.

    Returns
    -------
    array of int
        Every training row once, and rare ones again.
    """
    rare, training = np.asarray(rare), np.asarray(training)
    few = training[rare[training]]
    difference = len(training) - 2 * len(few)
    again = np.random.default_rng(seed).choice(few, size=difference, replace=True)
    return np.concatenate([training, again])
