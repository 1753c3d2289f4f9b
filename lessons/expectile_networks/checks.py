"""Checks of the lesson on expectile networks. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from geneml.expectiles import expectile
from geneml.metrics import expectile_loss, mean_squared_error
from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, is_number, numbers, require_number

_close = partial(close, absolute=1e-7)


def _any_close(result, values) -> bool:
    return any(_close(result, value) for value in values)


def _relu(values):
    return np.maximum(values, 0)


def _small_network(rng, p, q):
    """Weights and biases that all matter; some units are cut, some outputs are negative."""
    w1 = rng.normal(size=(p, q))
    b1 = rng.uniform(0.5, 1.5, size=q) * rng.choice((-1, 1), size=q)
    return w1, b1, rng.normal(size=q), float(rng.uniform(0.5, 1.5))


@exercise(
    "forward",
    title="One prediction, by hand",
    points=3,
    ladder=[
        "Two steps: the units of the hidden layer, then the output. Each is a matrix product and "
        "a bias.",
        "`x @ w1 + b1` adds up for all people and units at once. `np.maximum(values, 0)` cuts at "
        "zero.",
        "`np.maximum(x @ w1 + b1, 0) @ w2 + b2`",
    ],
    hints={
        "no-relu": "Nothing is cut at zero. Without the bend the whole network is a straight "
        "line, however many units it has.",
        "bias-after": "You cut at zero first and add the bias of the units afterwards. The bias "
        "belongs inside: it says from where on a unit is awake.",
        "relu-on-output": "You cut the output at zero as well. It is meant to have no bend: a "
        "predicted level may be negative.",
        "no-hidden-bias": "The biases `b1` of the hidden units are missing.",
        "no-output-bias": "The bias `b2` of the output is missing.",
        "absolute": "You took absolute values. ReLU turns what is below zero into *zero*.",
        "column": "Return one number a person, shape `(n,)`. Yours has one axis too many; `w2` "
        "has one axis, so `units @ w2` gives the right shape.",
        "averaged": "You averaged over the units. The output adds them up.",
    },
)
def check_forward(submission: Submission, rng: np.random.Generator):
    for _ in range(2):
        n, p, q = int(rng.integers(14, 20)), int(rng.integers(4, 7)), int(rng.integers(2, 4))
        while True:
            w1, b1, w2, b2 = _small_network(rng, p, q)
            x = rng.integers(0, 3, (n, p)).astype(float)
            before = x @ w1 + b1
            expected = _relu(before) @ w2 + b2
            cut = np.mean(before < 0)
            if 0.2 < cut < 0.8 and (expected < -0.1).any() and (expected > 0.1).any():
                break
        result = submission.call("forward", x, w1, b1, w2, b2)
        size = np.size(result) if result is not None else 0
        require(not (size == n and np.shape(result) in ((n, 1), (1, n))), hint="column")
        result = numbers(result, "forward", (n,))
        require(not _close(result, before @ w2 + b2), hint="no-relu")
        require(not _close(result, (_relu(x @ w1) + b1) @ w2 + b2), hint="bias-after")
        require(not _close(result, _relu(expected)), hint="relu-on-output")
        require(not _close(result, _relu(x @ w1) @ w2 + b2), hint="no-hidden-bias")
        require(not _close(result, expected - b2), hint="no-output-bias")
        require(not _close(result, np.abs(before) @ w2 + b2), hint="absolute")
        require(not _close(result, (expected - b2) / q + b2), hint="averaged")
        require(
            _close(result, expected),
            f"For a person with the genotypes {x[0].astype(int).tolist()} the prediction should "
            f"be {expected[0]:.4f}; yours is {result[0]:.4f}.",
        )


@exercise(
    "penalised_risk",
    title="What training makes small",
    points=3,
    ladder=[
        "The risk has two terms. Write the lopsided loss first, then add the penalty.",
        "The loss is a mean over people, with weight `1 - tau` where `y < prediction`. The penalty "
        "adds `np.sum(w1 ** 2)` and `np.sum(w2 ** 2)`.",
        "`np.mean(np.where(y < prediction, 1 - tau, tau) * (y - prediction) ** 2) + penalty * "
        "(np.sum(w1 ** 2) + np.sum(w2 ** 2))`",
    ],
    hints={
        "as-printed": "You took equation 6 as it is printed, with the square of a sum of squares. "
        "Small weights then cost nearly nothing. A plain sum of squares is meant.",
        "one-layer": "Only one of the layers pays. Charge the weights of both.",
        "per-snp": "The output weights are charged once for every SNP. Each weight pays once.",
        "loss-summed": "You added the losses up. The loss is the *mean* over people; beside a sum "
        "the same penalty would mean less the more people there are.",
        "penalty-averaged": "You averaged the squared weights. The penalty is their sum.",
        "penalty-shared": "You divided the penalty by the number of people. It stands beside the "
        "mean loss as it is.",
        "halved": "You halved the penalty. Some books do; here the whole sum counts.",
        "absolute": "You charged absolute weights. That is the L1 penalty; L2 charges squares.",
        "root": "You took the root of the sum of squares. The penalty is the sum itself.",
        "symmetric": "The loss does not know its level: weight each squared error by its side.",
        "swapped": "The two sides are swapped. Weight `tau` where `y >= prediction`.",
        "no-penalty": "The penalty is missing, or counts as nothing.",
        "penalty-alone": "You returned the penalty alone. Add the loss.",
    },
)
def check_penalised_risk(submission: Submission, rng: np.random.Generator):
    for low, high in ((0.05, 0.3), (0.7, 0.95)):
        n, p, q = int(rng.integers(15, 25)), int(rng.integers(3, 6)), int(rng.integers(2, 5))
        w1, w2 = rng.normal(size=(p, q)), rng.normal(size=q)
        y, prediction = rng.normal(size=n), 0.5 * rng.normal(size=n)
        tau, strength = float(rng.uniform(low, high)), float(rng.uniform(0.05, 0.4))
        result = submission.call("penalised_risk", y, prediction, tau, w1, w2, strength)
        require_number(result, "penalised_risk")
        loss = expectile_loss(y, prediction, tau)
        first, second = np.sum(w1**2), np.sum(w2**2)
        charge = strength * (first + second)
        printed = strength * np.sum((w1**2 + w2**2) ** 2)
        whole = strength * (first + second) ** 2
        require(not _any_close(result, (loss + printed, loss + whole)), hint="as-printed")
        one = (loss + strength * first, loss + strength * second)
        require(not _any_close(result, one), hint="one-layer")
        require(not _close(result, loss + strength * (first + p * second)), hint="per-snp")
        require(not _any_close(result, (n * loss + charge, n * loss)), hint="loss-summed")
        averaged = (
            strength * (np.mean(w1**2) + np.mean(w2**2)),
            strength * (first + second) / (w1.size + w2.size),
        )
        require(not _any_close(result, [loss + a for a in averaged]), hint="penalty-averaged")
        require(not _any_close(result, (loss + charge / n,)), hint="penalty-shared")
        require(not _close(result, loss + charge / 2), hint="halved")
        l1 = strength * (np.abs(w1).sum() + np.abs(w2).sum())
        require(not _close(result, loss + l1), hint="absolute")
        norms = (np.sqrt(first + second), np.sqrt(first) + np.sqrt(second))
        require(not _any_close(result, [loss + strength * a for a in norms]), hint="root")
        plain = np.mean((y - prediction) ** 2)
        equal = (plain, plain / 2, tau * plain)
        require(not _any_close(result, [a + charge for a in equal]), hint="symmetric")
        mirrored = expectile_loss(y, prediction, 1 - tau)
        require(not _close(result, mirrored + charge), hint="swapped")
        require(not _close(result, loss), hint="no-penalty")
        require(not _close(result, charge), hint="penalty-alone")
        require(
            _close(result, loss + charge),
            f"With tau = {tau:.2f} and penalty {strength:.2f} the loss is {loss:.4f} and the "
            f"penalty {charge:.4f}, together {loss + charge:.4f}; you return {float(result):.4f}.",
        )


# How far each network is from the best constant of a part, in standard deviations of the trait.
_DISTANCE = {  # name: (validation, test, all others)
    "answer": (0.0, 0.6, 1.6),
    "on-test": (0.9, 0.0, 1.4),
    "everybody": (0.7, 0.6, 0.0),
    "by-mse": (None, 1.1, 1.0),
    "mirrored": (None, 1.2, 1.1),
    "dull": (1.3, 1.3, 1.3),
    "worst": (3.0, 2.0, 2.0),
    "broken": (np.nan, np.nan, np.nan),
}


def _losses(y, predictions, tau, rows):
    """Expectile loss (R,) of columns of predictions; NaN for networks that broke down."""
    error = y[rows, None] - predictions[rows]
    return np.mean(np.where(error < 0, 1 - tau, tau) * error**2, axis=0)


def _one_study(rng, tau):
    """A trait, predictions of eight networks, their settings, and the name of each by place."""
    n = 300
    y = rng.gamma(2.0, 6.0, size=n)
    order = rng.permutation(n)
    validation, test, others = np.sort(order[:80]), np.sort(order[80:140]), np.sort(order[140:])
    names = [str(name) for name in rng.permutation(list(_DISTANCE))]
    predictions = np.empty((n, len(names)))
    side = 1.0 if tau > 0.5 else -1.0  # away from the mean, where nobody else is
    for column, name in enumerate(names):
        for rows, distance in zip((validation, test, others), _DISTANCE[name], strict=True):
            if name == "by-mse" and distance is None:
                centre = y[rows].mean()
            elif name == "mirrored" and distance is None:
                centre = expectile(y[rows], 1 - tau)
            else:
                centre = expectile(y[rows], tau) + side * (distance or 0.0) * y.std()
            predictions[rows, column] = centre + 0.01 * y.std() * rng.normal(size=len(rows))
    penalties = np.round(rng.permutation(np.geomspace(0.001, 1.0, len(names))), 4)
    hidden = rng.permutation(np.arange(3, 3 + len(names)))
    return y, predictions, penalties, hidden, validation, test, names


@exercise(
    "choose_network",
    title="Choose, and report",
    points=4,
    ladder=[
        "Three questions: which loss chooses, on which people, and what do you report? Compute "
        "one loss a network, take the lowest, then look at the test people once.",
        "For all networks at once: `error = y[validation, None] - predictions[validation]`, then "
        "the mean over people with `axis=0`. `np.nanargmin` passes over `nan`.",
        "Write a small function `loss(people)` that returns `np.mean(np.where(error < 0, 1 - tau, "
        "tau) * error ** 2, axis=0)`. With `best = np.nanargmin(loss(validation))` return "
        "`penalties[best], hidden[best], loss(test)[best]`.",
    ],
    hints={
        "by-mse": "You chose by mean squared error. At this level it prefers a network that stays "
        "near the mean, which answers another question. Use the loss of the level.",
        "on-test": "The test people chose. Whoever chooses cannot judge: choose on validation "
        "people.",
        "everybody": "All people had a say, those of training and test included. Choose on the "
        "validation people alone.",
        "mirrored": "Your loss has its sides swapped: you chose for level `1 - tau`.",
        "nan-chosen": "You chose a network that broke down: `np.argmin` takes `nan` for the "
        "lowest. Use `np.nanargmin`.",
        "worst": "You took the network with the *highest* loss.",
        "validation-reported": "The network is right, but you report its validation loss. It was "
        "chosen for being low there; report the test people.",
        "mse-reported": "The network is right, but you report its mean squared error. Report the "
        "loss of the level.",
        "index-returned": "You return the place of the network. Return its penalty and its number "
        "of hidden units.",
        "order": "The values are in the wrong order: `(penalty, hidden units, test loss)`.",
    },
)
def check_choose_network(submission: Submission, rng: np.random.Generator):
    for tau in (0.9, 0.1, 0.85):
        y, predictions, penalties, hidden, validation, test, names = _one_study(rng, tau)
        result = submission.call(
            "choose_network", y, predictions, tau, penalties, hidden, validation, test
        )
        values = result.tolist() if isinstance(result, np.ndarray) else result
        good = isinstance(values, (tuple, list)) and len(values) == 3
        require(
            good and all(is_number(v) and np.asarray(v).dtype.kind != "b" for v in values),
            "Return three numbers: `(penalty, hidden units, test loss)`.",
        )
        penalty, units, loss = (float(value) for value in values)
        place = {name: i for i, name in enumerate(names)}
        answer = place["answer"]
        expected = _losses(y, predictions, tau, test)[answer]
        right = (penalties[answer], hidden[answer], expected)
        index = {(i, float(i)) for i in range(len(names))}
        require((penalty, units) not in index, hint="index-returned")
        swapped = _close(penalty, right[1]) and _close(units, right[0])
        require(not swapped, hint="order")
        chosen = next(
            (name for name, i in place.items() if (penalty, units) == (penalties[i], hidden[i])),
            None,
        )
        require(
            chosen is not None,
            "Penalty and hidden units should be those of one of the networks: take both from the "
            "same place.",
        )
        require(chosen != "broken", hint="nan-chosen")
        for slip in ("by-mse", "on-test", "everybody", "mirrored", "worst"):
            require(chosen != slip, hint=slip)
        require(
            chosen == "answer",
            f"At tau = {tau:g} the lowest validation loss is that of penalty {right[0]:g} with "
            f"{right[1]} units; you chose penalty {penalty:g} with {units:g} units.",
        )
        on_validation = _losses(y, predictions, tau, validation)[answer]
        require(not _close(loss, on_validation), hint="validation-reported")
        squared = mean_squared_error(y[test], predictions[test, answer])
        require(not _close(loss, squared), hint="mse-reported")
        require(
            _close(loss, expected),
            f"The chosen network has a test loss of {expected:.4f}; you report {loss:.4f}.",
        )


@exercise(
    "many_networks",
    title="Many networks at once",
    points=4,
    seconds=20,
    ladder=[
        "The hidden units of all networks are one matrix product with `x`, if the first layers "
        "stand side by side. The output layers do not mix: each network adds up its own units.",
        "`w1.transpose(1, 0, 2).reshape(p, R * q)` puts them side by side; "
        "`.reshape(n, R, q)` takes the product apart again. Or "
        '`np.einsum("np,rpq->nrq", x, w1, optimize=True)`.',
        "With `units = np.maximum(product + b1, 0)` of shape `(n, R, q)` the answer is "
        "`np.sum(units * w2, axis=2) + b2`.",
    ],
    hints={
        "mixed": "The networks are mixed up. `reshape` does not move axes: `(R, p, q)` must first "
        "become `(p, R, q)`, with `transpose(1, 0, 2)`.",
        "units-mixed": "After the product the units are dealt out in another order than the "
        "weights were put side by side. Columns run over networks first, units last: reshape to "
        "`(n, R, q)`.",
        "transposed": "Rows and columns are swapped: one row a person, one column a network.",
        "added-up": "You added up over the networks as well. Each network has a column of its own.",
        "no-relu": "Nothing is cut at zero.",
        "no-hidden-bias": "The biases `b1` of the hidden units are missing.",
        "no-output-bias": "The biases `b2` of the outputs are missing.",
        "first-network": "All columns are alike: one network's weights were used for all.",
        "bias-after": "The bias of the units comes before the cut at zero, not after it.",
    },
)
def check_many_networks(submission: Submission, rng: np.random.Generator):
    # Sizes that fit by accident would hide swapped axes: all different.
    for n, networks, p, q in ((9, 4, 6, 3), (60, 25, 11, 5)):
        w1, w2 = rng.normal(size=(networks, p, q)), rng.normal(size=(networks, q))
        b1, b2 = rng.normal(size=(networks, q)), rng.normal(size=networks)
        x = rng.integers(0, 3, (n, p)).astype(float)
        before = np.einsum("np,rpq->nrq", x, w1)

        def out(units, weights=w2, bias=b2):
            return np.sum(units * weights, axis=2) + bias

        expected = out(_relu(before + b1))
        result = submission.call("many_networks", x, w1, b1, w2, b2)
        shape = np.shape(result) if isinstance(result, np.ndarray) else None
        require(shape != (networks, n), hint="transposed")
        require(shape not in ((n,), (n, 1)), hint="added-up")
        result = numbers(result, "many_networks", (n, networks))
        mixed = (x @ w1.reshape(p, networks * q)).reshape(n, networks, q)
        require(not _close(result, out(_relu(mixed + b1))), hint="mixed")
        product = x @ w1.transpose(1, 0, 2).reshape(p, networks * q)
        dealt = product.reshape(n, q, networks).transpose(0, 2, 1)
        require(not _close(result, out(_relu(dealt + b1))), hint="units-mixed")
        other = (x @ w1.transpose(1, 2, 0).reshape(p, -1)).reshape(n, networks, q)
        require(not _close(result, out(_relu(other + b1))), hint="units-mixed")
        require(not _close(result, out(before + b1)), hint="no-relu")
        require(not _close(result, out(_relu(before))), hint="no-hidden-bias")
        require(not _close(result, expected - b2), hint="no-output-bias")
        require(not _close(result, out(_relu(before) + b1)), hint="bias-after")
        require(np.ptp(result, axis=1).max() > 1e-6, hint="first-network")
        require(
            _close(result, expected),
            f"Person 0 and network 1 should have {expected[0, 1]:.4f}; yours is "
            f"{result[0, 1]:.4f}.",
        )
