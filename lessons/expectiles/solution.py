"""Reference answers of the lesson on expectiles, with commentary."""

import numpy as np


# exercise: expectile_loss
# The weight depends on the side only, so `np.where` is all that is needed. With tau = 0.5 both
# weights are one half, and the loss is half the mean squared error.
def expectile_loss(y, prediction, tau):
    """Mean of the squared errors, weighted by the side on which they lie."""
    weight = np.where(y < prediction, 1 - tau, tau)
    return np.mean(weight * (y - prediction) ** 2)


# exercise: expectile
# The condition of balance, solved for e, says: e is a weighted mean. Its weights depend on e, so
# one starts with the mean and goes round. As soon as nobody changes sides the weights stay, and
# so does e: it is exact then, not merely close.
def expectile(y, tau):
    """The number at which the weighted distances on both sides agree."""
    y = np.asarray(y, dtype=float)
    e = y.mean()
    for _ in range(1000):
        weight = np.where(y < e, 1 - tau, tau)
        new = np.sum(weight * y) / np.sum(weight)
        if new == e:
            break
        e = new
    return e


# exercise: expectile_line
# The two equations of weighted least squares, in matrix form. The weights stand once, not
# squared: np.polyfit, which squares what it is given, would need their square roots.
def expectile_line(x, y, tau):
    """Intercept and slope of the line of level tau."""
    design = np.column_stack([np.ones(len(x)), x])
    weight = np.ones(len(y))
    for _ in range(1000):
        weighted = design * weight[:, None]
        line = np.linalg.solve(weighted.T @ design, weighted.T @ y)
        new = np.where(y < design @ line, 1 - tau, tau)
        if np.array_equal(new, weight):
            break
        weight = new
    intercept, slope = line
    return intercept, slope


# exercise: spread_snp
# The columns are found by their level, not by their place. A narrowing counts like a widening,
# hence the absolute value; and a difference says nothing without its error.
def spread_snp(slopes, errors, taus):
    """Row of the SNP whose lines fan out, or close, most clearly."""
    difference = slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)]
    return int(np.argmax(np.abs(difference) / errors))
