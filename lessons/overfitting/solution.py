"""Reference answers of the lesson on overfitting, with commentary."""

import numpy as np


# exercise: split_3_1_1
# One shuffle, two cuts. Parts cut from one shuffled list can't overlap. What rounding leaves
# over goes to the test part, so that no fly is lost.
def split_3_1_1(n, seed):
    """Row numbers of the training, validation and test part."""
    rows = np.random.default_rng(seed).permutation(n)
    n_training, n_validation = 3 * n // 5, n // 5
    return (
        rows[:n_training],
        rows[n_training : n_training + n_validation],
        rows[n_training + n_validation :],
    )


# exercise: early_stopping
# The comparison is with the best loss so far, not with the previous epoch: a loss that
# zigzags upwards would otherwise never stop. At the end one goes back to the best epoch: the
# epochs of waiting have already done some harm.
def early_stopping(validation_losses, patience):
    """Epoch after which training stops, and the epoch to go back to, counted from 1."""
    best_loss, best_epoch = np.inf, 1
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(validation_losses), best_epoch


# exercise: penalised_loss
# The penalty is a plain sum over all layers. It isn't divided by the number of weights:
# strength sets how much it counts.
def penalised_loss(y, prediction, layers, strength):
    """Mean squared error plus the L2 penalty on the weights of all layers."""
    penalty = sum(np.sum(weights**2) for weights, _bias in layers)
    return np.mean((y - prediction) ** 2) + strength * penalty


# exercise: dropout
# A share of 1 - rate stays. Dividing by it keeps the expected sum unchanged, so that nothing has
# to be rescaled when the network predicts and all neurons are on.
def dropout(activations, uniform, rate):
    """Activations after dropout, scaled so that their expected value is unchanged."""
    return np.where(uniform < rate, 0.0, activations / (1.0 - rate))


# exercise: choose_and_report
# The validation scores choose. Their highest value is too good, because it was chosen for being
# high. The test score of the chosen model had no say, so it carries no such bonus.
def choose_and_report(validation_scores, test_scores):
    """Index of the model to take and the R2 to report for it."""
    chosen = int(np.nanargmax(validation_scores))
    return chosen, float(test_scores[chosen])
