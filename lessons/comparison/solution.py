"""Reference answers of the lesson on honest comparisons, with commentary."""

import numpy as np


# exercise: corrected_interval
# An easy fold is easy for both methods; the difference takes that out. What is left still moves
# together from fold to fold, because the training rows are mostly the same, and the second term
# pays for that. It does not shrink when folds are added.
def corrected_interval(a, b, n_training, n_test, t):
    """Mean difference a - b over folds, and the two ends of its interval."""
    difference = a - b
    variance = (1 / len(difference) + n_test / n_training) * difference.var(ddof=1)
    half = t * np.sqrt(variance)
    return difference.mean(), difference.mean() - half, difference.mean() + half


# exercise: honest_pipeline
# Only what is learned has to come from the training rows: two means, a slope, the deviations, the
# choice. It is then applied to everybody. The choice of markers is the one that does the harm, for
# it is the only step that can carry the answers of the test rows into the model.
def honest_pipeline(x, y, covariate, training, test, keep, penalty):
    """Predictions of the test rows, with every step learned from the training rows."""
    centred = covariate - covariate[training].mean()
    slope = centred[training] @ y[training] / (centred[training] @ centred[training])
    y = y - slope * centred
    x = (x - x[training].mean(axis=0)) / x[training].std(axis=0)
    mean = y[training].mean()
    correlation = np.abs(x[training].T @ (y[training] - mean))
    best = np.sort(np.argsort(-correlation)[:keep])
    a = x[training][:, best]
    effects = np.linalg.solve(a.T @ a + penalty * np.eye(keep), a.T @ (y[training] - mean))
    return mean + x[test][:, best] @ effects


# exercise: nested_score
# Each fold chooses for itself, so folds may choose differently. That is no fault: the score is of
# the whole procedure, choice included, and that is what a user will run.
def nested_score(validation_mse, test_r):
    """Column chosen in each fold, and the mean test correlation of the chosen."""
    chosen = np.nanargmin(validation_mse, axis=1)
    return chosen, test_r[np.arange(len(chosen)), chosen].mean()


# exercise: implied
# Three numbers of a table that cannot be chosen freely. If one of them breaks the bound, then the
# numbers are not of the same predictions, or not of what their names say.
def implied(r, variance, h2):
    """Highest possible r, lowest possible squared error for this r, accuracy."""
    return np.sqrt(h2), variance * (1 - r**2), r / np.sqrt(h2)
