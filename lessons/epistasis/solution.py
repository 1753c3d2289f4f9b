"""Reference answers of the lesson on epistasis, with commentary."""

import numpy as np


# exercise: genotype_table
# Nine means. An individual counts only where all three of its values are known: a genotype of -1
# would otherwise be read as "the last row". A cell that nobody is in has no mean.
def genotype_table(locus_a, locus_b, trait):
    """Mean trait of each of the nine genotypes: rows by locus A, columns by locus B."""
    known = (locus_a >= 0) & (locus_b >= 0) & ~np.isnan(trait)
    means = np.full((3, 3), np.nan)
    for a in range(3):
        for b in range(3):
            cell = known & (locus_a == a) & (locus_b == b)
            if cell.any():
                means[a, b] = trait[cell].mean()
    return means


# exercise: double_mutants
# Each of the four is a copy of its own. A base is changed by clearing its row and setting one
# entry: otherwise the position would hold two bases at once.
def double_mutants(one_hot, first, second):
    """The reference, two single mutants and the double mutant, shape (4, L, 4)."""
    four = np.stack([one_hot] * 4)
    for place, changes in ((1, [first]), (2, [second]), (3, [first, second])):
        for position, base in changes:
            four[place, position] = 0
            four[place, position, base] = 1
    return four


# exercise: interaction_scores
# single[:, None] belongs to the rows, single[None, :] to the columns. The reference is subtracted
# with each single mutant, which is once too often, so it is added back.
def interaction_scores(reference, single, double):
    """What each double mutant does beyond the sum of its two single mutants, shape (k, k)."""
    scores = double - single[:, None] - single[None, :] + reference
    np.fill_diagonal(scores, 0.0)
    return scores


# exercise: interaction_column
# Centring both dosages first would give exactly the same answer: it changes the product only by
# multiples of a, b and a constant, and all of that is taken out here.
def interaction_column(a, b):
    """The product of two dosages, without anything that the dosages say on their own."""
    product = a * b
    main_effects = np.column_stack([np.ones(len(a)), a, b])
    coefficients = np.linalg.lstsq(main_effects, product, rcond=None)[0]
    return product - main_effects @ coefficients


# exercise: significant_pairs
# np.triu_indices(p, 1) names each pair once and leaves the diagonal out; so it also counts them.
def significant_pairs(p_values, alpha):
    """Pairs (i, j), i < j, that stay below the Bonferroni threshold."""
    i, j = np.triu_indices(len(p_values), 1)
    below = p_values[i, j] < alpha / len(i)
    return np.column_stack([i[below], j[below]])


# exercise: pairs_found
# A pair has no direction: (5, 2) is (2, 5). Sorting the two numbers of each makes that so.
def pairs_found(scores, true_pairs, m):
    """How many true pairs are among the m pairs of highest score."""
    i, j = np.triu_indices(len(scores), 1)
    best = np.argsort(-scores[i, j])[:m]
    listed = {(int(a), int(b)) for a, b in zip(i[best], j[best], strict=True)}
    return len(listed & {tuple(sorted(int(one) for one in pair)) for pair in true_pairs})


# exercise: attention_weights
# Taking the row's largest score away changes nothing after the division, and keeps exp() from
# overflowing.
def attention_weights(queries, keys):
    """How much each position (row) listens to each position (column)."""
    scores = queries @ keys.T / np.sqrt(queries.shape[1])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
