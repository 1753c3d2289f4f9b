"""Reference answers of the lesson on mutagenesis, with commentary."""

import numpy as np


def predict(sequences, network):
    """Predicted activity (n,) of one-hot sequences (n, L, 4)."""
    flat = np.asarray(sequences, dtype=float).reshape(len(sequences), -1)
    hidden = np.tanh(flat @ network["first"] + network["bias"])
    return hidden @ network["last"]


# exercise: single_mutants
# Each mutant starts from a fresh copy. Without the copy, all mutants are one and the same array,
# and each mutation stays in place when the next one is made.
def single_mutants(x):
    """All sequences (3L, L, 4) that differ from x (L, 4) at exactly one site."""
    mutants = []
    for site, row in enumerate(x):
        for letter in range(4):
            if row[letter] == 1:
                continue
            mutant = x.copy()
            mutant[site] = 0
            mutant[site, letter] = 1
            mutants.append(mutant)
    return np.array(mutants)


# exercise: mutation_effects
# A mutant for every cell of the table, one call of the network for all of them: a network reads
# a thousand sequences nearly as fast as one. Where the letter does not change, the difference is
# zero but for rounding, and is set to zero.
def mutation_effects(x, network):
    """Change (L, 4) of the prediction when one site is replaced by one letter."""
    length = len(x)
    mutants = np.repeat(x[None], 4 * length, axis=0).reshape(length, 4, length, 4)
    for site in range(length):
        for letter in range(4):
            mutants[site, letter, site] = np.eye(4)[letter]
    predictions = predict(mutants.reshape(4 * length, length, 4), network).reshape(length, 4)
    return np.where(x == 1, 0.0, predictions - predict(x[None], network)[0])


# exercise: saliency
# The nudge goes both ways, so that the bend of the curve cancels. The tables with one nudged
# number are the rows of an identity matrix, added and subtracted.
def saliency(x, network, step=1e-4):
    """Slope (L, 4) of the prediction for each number of the one-hot table x."""
    nudges = step * np.eye(x.size).reshape(x.size, *x.shape)
    rise = predict(x + nudges, network) - predict(x - nudges, network)
    return (rise / (2 * step)).reshape(x.shape)


# exercise: effects_from_slopes
# The letter that comes rises by one, the letter that goes falls by one. The slope of the observed
# letter is the one where x is 1: multiplied by x and summed over the row, it is picked out.
def effects_from_slopes(gradient, x):
    """Change (L, 4) of the prediction that the slopes promise for every mutation."""
    gone = (gradient * x).sum(axis=1, keepdims=True)
    return gradient - gone


# exercise: contributions
# A random member of the population has letter b with its frequency, and going there changes the
# prediction by the effect of b. The average change leads from the strain to the population; what
# the strain has ahead of the population is the same with the sign turned. Its own letter takes
# part with effect 0: the more common it is, the less the site makes the strain special.
def contributions(effects, frequency):
    """What each site (L,) of one sequence contributes, against a random member."""
    return -(frequency * effects).sum(axis=1)


# exercise: average_precision
# At the rank of each causal site: how many causal sites have been met, out of how many sites?
def average_precision(importance, causal):
    """Mean, over the causal sites, of the precision at the rank of each."""
    order = np.argsort(-np.asarray(importance))
    is_causal = np.isin(order, causal)
    precision = np.cumsum(is_causal) / np.arange(1, len(order) + 1)
    return float(precision[is_causal].mean())
