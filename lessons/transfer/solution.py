"""Reference answers of the lesson on transfer, with commentary."""

import numpy as np


# exercise: frozen_output
# The hidden layer is only a recipe for new columns: nothing in it is fitted, so everybody's
# columns can be computed at once. Fitting sees the training rows alone. The loss is a mean, and
# so the penalty has to be multiplied by the number of people before it meets a sum over them.
# The first diagonal place belongs to the intercept, which is free.
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    """Predictions of a network whose hidden layer is frozen and whose output is solved."""
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(training), 0.5)
    for _ in range(1000):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        new = np.where(theirs < ours @ output, 1 - tau, tau)
        if np.array_equal(new, weight):
            break
        weight = new
    return design @ output


# exercise: pull
# The same as plain L2, seen from another origin: replace the distance to zero by the distance to
# the source. A gradient step goes *against* the gradient, so a weight above the source's falls.
def pull(kernel, source, strength):
    """The L2-SP penalty and its gradient by the weights."""
    distance = kernel - source
    return strength * np.sum(distance**2), 2 * strength * distance


# exercise: controls
# A copy, because the real source is still needed. Values are exchanged among the rows only: the
# shuffled trait has the same values, zeros and tails as the real one, and no tie to genotypes.
# The random layer is as large as a trained one and was never shown a trait.
def controls(source, rows, shape, seed):
    """The source's trait shuffled among the rows, and a random hidden layer."""
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled[rows] = shuffled[rng.permutation(rows)]
    return shuffled, rng.normal(scale=np.sqrt(2 / shape[0]), size=shape)


# exercise: keep_transfer
# Person by person: what makes somebody hard to predict is in both losses and drops out of the
# difference. Without the pairing the standard error would be far too large, and little would
# ever be kept.
def keep_transfer(loss_with, loss_without):
    """Whether to keep transfer, the mean gain, and its standard error."""
    gains = loss_without - loss_with
    gain = gains.mean()
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    return bool(gain > error), gain, error
