"""Reference answers for the lesson "From genotype to trait", one section per exercise."""

import numpy as np


# exercise: allele_frequency
# Every observed individual carries two copies, so the denominator is
# twice the number of *observed* individuals, counted separately for each
# SNP. A missing genotype must leave both the numerator and the
# denominator: it is neither a minus one nor a zero. Where nobody was
# typed there is no answer, and NaN says so.
def allele_frequency(genotypes):
    """Frequency of the counted allele at each SNP.

    Parameters
    ----------
    genotypes : array of int, shape (n, p)
        Copies of the counted allele, 0, 1 or 2; -1 where missing.

    Returns
    -------
    array of float, shape (p,)
        Between 0 and 1; NaN where every genotype is missing.
    """
    genotypes = np.asarray(genotypes)
    observed = genotypes >= 0
    copies = np.where(observed, genotypes, 0).sum(axis=0)
    chromosomes = 2 * observed.sum(axis=0)
    frequency = np.full(genotypes.shape[1], np.nan)
    np.divide(copies, chromosomes, out=frequency, where=chromosomes > 0)
    return frequency


# exercise: hardy_weinberg_expected
# Under random mating the two copies of an individual are two independent
# draws. Zero copies: (1 - f)(1 - f). Two copies: f * f. One copy can come
# about in two ways, from the mother or from the father, hence the 2 in 2
# f (1 - f). Shares times the number of observed individuals are expected
# counts.
def hardy_weinberg_expected(genotypes):
    """Counts of 0, 1 and 2 copies expected at one SNP under Hardy-Weinberg.

    Parameters
    ----------
    genotypes : array of int, shape (n,)
        Copies of the counted allele; -1 where missing.

    Returns
    -------
    array of float, shape (3,)
        Expected number of individuals with 0, 1 and 2 copies.
    """
    genotypes = np.asarray(genotypes)
    observed = genotypes[genotypes >= 0]
    f = observed.mean() / 2
    return len(observed) * np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])


# exercise: phenotype_with_heritability
# Heritability is a share of variance, and variance grows with the square
# of a factor: so the factors are square roots. Both parts are centred and
# brought to unit variance first, otherwise the factors would act on
# unknown scales. In a finite sample the drawn environment is always a
# little correlated with the genetic values; that part is taken out, so
# that the variances simply add up.
def phenotype_with_heritability(genetic_value, environment, heritability):
    """Trait with exactly the heritability asked for, and variance 1.

    Parameters
    ----------
    genetic_value, environment : array of float, shape (n,)
        Any scale, any mean.
    heritability : float
        Share of the trait's variance that is genetic, between 0 and 1.

    Returns
    -------
    array of float, shape (n,)
    """
    g = np.asarray(genetic_value, dtype=float)
    e = np.asarray(environment, dtype=float)
    g = (g - g.mean()) / g.std()
    e = e - e.mean()
    e = e - g * np.mean(g * e)
    e = e / e.std()
    return np.sqrt(heritability) * g + np.sqrt(1 - heritability) * e


# exercise: expected_accuracy
# Two factors. The first says how well the genetic value is known from n
# individuals and so many independent loci (Daetwyler et al. 2008, with
# lambda = n / loci). The second says how much of the phenotype the
# genetic value decides at all: correlation sqrt(h2), the square root of a
# share of variance.
def expected_accuracy(n, n_loci, heritability):
    """Correlation to expect between a prediction and new phenotypes.

    Parameters
    ----------
    n : int
        Number of training individuals.
    n_loci : int
        Number of independent loci whose effects are estimated.
    heritability : float
        Between 0 and 1.

    Returns
    -------
    float
    """
    ratio = n / n_loci
    signal = ratio * heritability
    with_genetic_value = np.sqrt(signal / (signal + 1))
    ceiling = np.sqrt(heritability)
    return float(with_genetic_value * ceiling)


# exercise: remove_group_effect
# The means are learned on the training rows and then used on every row,
# exactly as a model would be. A group that the training rows never met
# has no mean of its own; the overall training mean is the best guess
# left.
def remove_group_effect(trait, group, training):
    """Trait minus the mean of its group, learned on training rows only.

    Parameters
    ----------
    trait : array of float, shape (n,)
    group : array, shape (n,)
        The group of each row, for example "F" or "M".
    training : array of int, shape (m,)
        Positions of the training rows.

    Returns
    -------
    array of float, shape (n,)
    """
    trait = np.asarray(trait, dtype=float)
    group = np.asarray(group)
    training = np.asarray(training)
    mean = np.full(len(trait), trait[training].mean())
    for name in np.unique(group[training]):
        members = training[group[training] == name]
        mean[group == name] = trait[members].mean()
    return trait - mean
