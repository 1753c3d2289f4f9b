"""Reference answers of the lesson on what breeders use, with commentary."""

import numpy as np


# exercise: gblup_by_hand
# The matrix that is inverted belongs to the animals with a record: how alike they are among
# themselves decides how much each of them adds. The rows outside it lead from them to everybody.
# A low heritability makes the ratio large, and then nobody's record is believed much.
def gblup_by_hand(relationship, y, training, h2, mean):
    """Predicted phenotypes of all animals, shape (n,)."""
    ratio = (1 - h2) / h2
    block = relationship[np.ix_(training, training)]
    weighted = np.linalg.solve(block + ratio * np.eye(len(training)), y - mean)
    return mean + relationship[:, training] @ weighted


# exercise: penalty_of_heritability
# All markers together are to have the share h2 of the variance. One effect then has the variance
# h2 / sum of marker variances, and the noise has 1 - h2: the penalty is their ratio.
def penalty_of_heritability(genotypes, h2):
    """Ridge penalty on marker effects under which their share of the variance is h2."""
    return (1 - h2) / h2 * genotypes.var(axis=0).sum()


# exercise: gibbs_update
# Marker j must see everything that the others leave unexplained, so its own share is put back
# into the residual first. The prior adds to what the data know: without it the posterior would be
# least squares.
def gibbs_update(z, residual, effect, noise, prior_variance):
    """Mean and variance of the normal distribution from which the effect is drawn anew."""
    own = residual + z * effect
    precision = z @ z + noise / prior_variance
    return z @ own / precision, noise / precision


# exercise: r_hat
# If all chains have found the same place, the variance within a chain is as large as that of all
# together. Means that differ make the second larger.
def r_hat(chains):
    """Gelman and Rubin's R-hat of an array (chains, draws)."""
    n = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = n * chains.mean(axis=1).var(ddof=1)
    return np.sqrt(((n - 1) / n * within + between / n) / within)
