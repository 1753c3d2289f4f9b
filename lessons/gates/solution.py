"""Reference answers of the lesson on gates and variable selection, with commentary."""

import numpy as np


# exercise: gated_residual
# The proposal h and the gate read the same hidden units, each with weights of its own. Only the
# gate goes through a sigmoid: h has no bounds. With the gate shut (g = 0) the marker passes
# unchanged, so (1 - g) belongs to x.
def gated_residual(x, w1, b1, w2, b2, w3, b3, hard=False):
    """One marker through its gated residual block, shape (n,)."""
    before = x[:, None] * w1 + b1
    # expm1 keeps its digits near zero; the minimum keeps large values from overflowing.
    units = np.where(before > 0, before, np.expm1(np.minimum(before, 0)))
    h = units @ w2 + b2
    a = units @ w3 + b3
    g = np.clip(0.2 * a + 0.5, 0, 1) if hard else 1 / (1 + np.exp(-a))
    return g * h + (1 - g) * x


# exercise: sparsemax
# If the k highest scores stay, they lose the same tau each, and what is left sums to 1. The right k
# is the largest for which the lowest of them still lies above tau.
def sparsemax(scores):
    """The weights nearest to the scores: at least 0, sum 1; shape (P,)."""
    ordered = np.sort(scores)[::-1]
    k = np.arange(1, len(scores) + 1)
    tau = (np.cumsum(ordered) - 1) / k
    last = np.flatnonzero(ordered > tau)[-1]
    return np.maximum(scores - tau[last], 0)


# exercise: selected_markers
# A weight is multiplied by the feature and by the head, so the whole product counts. The line is
# the largest contribution that *any* marker had in *any* fit to shuffled phenotypes: whatever is
# above it is larger than the best that chance had to offer.
def selected_markers(features, head, null):
    """Markers whose contribution is above the largest of the shuffled fits, ascending."""
    contribution = np.abs(head) * features.std(axis=0)
    return np.flatnonzero(contribution > null.max())


# exercise: penalty_from_heritability
# GBLUP's ratio of variances is (1 - h2) / h2. The loss is a mean over n animals and T traits, so
# the ratio is divided by both. Without the normalisation features come in halved, their squares
# add up to a quarter, and so does the penalty.
def penalty_from_heritability(h2, n, normalised=True):
    """Penalty of the head for each trait, shape (T,)."""
    h2 = np.clip(h2, 0.01, 0.99)
    penalty = (1 - h2) / (h2 * n * len(h2))
    return penalty if normalised else penalty / 4
