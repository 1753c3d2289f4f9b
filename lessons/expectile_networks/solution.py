"""Reference answers of the lesson on expectile networks, with commentary."""

import numpy as np


# exercise: forward
# The cut at zero comes after the bias: the bias says from where on a unit is awake. The output
# has no cut, so a prediction may be negative; on a standardised trait half of them are.
def forward(x, w1, b1, w2, b2):
    """Predictions of a network with one hidden layer, shape (n,)."""
    units = np.maximum(x @ w1 + b1, 0)
    return units @ w2 + b2


# exercise: penalised_risk
# The loss is a mean and the penalty a sum: the same penalty then does the same for training parts
# of any size. With the loss summed, a penalty of 0.1 beside 2,333 people would be nothing.
# Read literally, the printed equation squares the sum of squares. Small weights would then cost
# next to nothing, and every output weight would be charged once for each SNP.
def penalised_risk(y, prediction, tau, w1, w2, penalty):
    """Mean expectile loss plus the L2 penalty on the weights of both layers."""
    weight = np.where(y < prediction, 1 - tau, tau)
    loss = np.mean(weight * (y - prediction) ** 2)
    return loss + penalty * (np.sum(w1**2) + np.sum(w2**2))


# exercise: choose_network
# The loss of the level chooses. Mean squared error would prefer the network that stays near the
# mean, which is a good answer to another question. The test people have no say; they are asked
# once, about the network that was chosen. nanargmin passes over networks that broke down.
def choose_network(y, predictions, tau, penalties, hidden, validation, test):
    """Penalty and hidden units of the network to take, and the loss to report for it."""

    def loss(people):
        error = y[people, None] - predictions[people]
        return np.mean(np.where(error < 0, 1 - tau, tau) * error**2, axis=0)

    best = int(np.nanargmin(loss(validation)))
    return penalties[best], hidden[best], loss(test)[best]


# exercise: many_networks
# The networks' axis has to stand beside that of the units before the two are joined: (R, p, q)
# becomes (p, R, q), then (p, R * q). Without the transposition `reshape` would deal the numbers
# out in another order and mix the networks. The output layers do not mix at all: each network
# adds up its own units.
# np.einsum("np,rpq->nrq", x, w1, optimize=True) does the same product.
def many_networks(x, w1, b1, w2, b2):
    """Predictions of R networks for n people, shape (n, R)."""
    networks, p, q = w1.shape
    side_by_side = w1.transpose(1, 0, 2).reshape(p, networks * q)
    units = (x @ side_by_side).reshape(len(x), networks, q)
    units = np.maximum(units + b1, 0)
    return np.sum(units * w2, axis=2) + b2
