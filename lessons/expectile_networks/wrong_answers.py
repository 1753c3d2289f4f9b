"""Typical slips in the lesson on expectile networks, and the hint that each must earn."""

from lessons.grader import WrongAnswer


def _wrong(exercise: str, earns: str, story: str, code: str) -> WrongAnswer:
    return WrongAnswer(exercise=exercise, earns=earns, story=story, code=code)


def _forward(earns: str, story: str, body: str) -> WrongAnswer:
    code = f"\ndef forward(x, w1, b1, w2, b2):\n    return {body}\n"
    return _wrong("forward", earns, story, code)


def _risk(earns: str, story: str, body: str) -> WrongAnswer:
    code = f"""
def penalised_risk(y, prediction, tau, w1, w2, penalty):
    error = y - prediction
    loss = np.mean(np.where(error < 0, 1 - tau, tau) * error**2)
    squares = np.sum(w1**2) + np.sum(w2**2)
    return {body}
"""
    return _wrong("penalised_risk", earns, story, code)


def _choose(
    earns: str,
    story: str,
    *,
    best: str = "int(np.nanargmin(loss(validation)))",
    answer: str = "penalties[best], hidden[best], loss(test)[best]",
    weight: str = "np.where(error < 0, 1 - tau, tau)",
) -> WrongAnswer:
    code = f"""
def choose_network(y, predictions, tau, penalties, hidden, validation, test):
    def squares(people):
        return np.mean((y[people, None] - predictions[people]) ** 2, axis=0)

    def loss(people):
        error = y[people, None] - predictions[people]
        return np.mean({weight} * error**2, axis=0)

    best = {best}
    return {answer}
"""
    return _wrong("choose_network", earns, story, code)


def _many(earns: str, story: str, units: str, answer: str) -> WrongAnswer:
    code = f"""
def many_networks(x, w1, b1, w2, b2):
    n, (networks, p, q) = len(x), w1.shape
    units = {units}
    return {answer}
"""
    return _wrong("many_networks", earns, story, code)


_PRODUCT = 'np.einsum("np,rpq->nrq", x, w1)'
_OUTPUT = "np.sum(units * w2, axis=2) + b2"

WRONG_ANSWERS = [
    _forward("no-relu", "Forgets the bend.", "(x @ w1 + b1) @ w2 + b2"),
    _forward("bias-after", "Cuts first.", "(np.maximum(x @ w1, 0) + b1) @ w2 + b2"),
    _forward(
        "relu-on-output",
        "Cuts the output, too.",
        "np.maximum(np.maximum(x @ w1 + b1, 0) @ w2 + b2, 0)",
    ),
    _forward("no-hidden-bias", "Forgets b1.", "np.maximum(x @ w1, 0) @ w2 + b2"),
    _forward("no-output-bias", "Forgets b2.", "np.maximum(x @ w1 + b1, 0) @ w2"),
    _forward("absolute", "Takes absolute values.", "np.abs(x @ w1 + b1) @ w2 + b2"),
    _forward("column", "Keeps a column.", "(np.maximum(x @ w1 + b1, 0) @ w2 + b2)[:, None]"),
    _forward(
        "averaged", "Averages the units.", "np.mean(np.maximum(x @ w1 + b1, 0) * w2, axis=1) + b2"
    ),
    _risk(
        "as-printed",
        "Takes the equation as printed.",
        "loss + penalty * np.sum((w1**2 + w2**2) ** 2)",
    ),
    _risk("as-printed", "Squares the whole sum.", "loss + penalty * squares**2"),
    _risk("one-layer", "Charges the first layer.", "loss + penalty * np.sum(w1**2)"),
    _risk("per-snp", "Lets numpy repeat w2.", "loss + penalty * np.sum(w1**2 + w2**2)"),
    _risk("loss-summed", "Adds up the losses.", "len(y) * loss + penalty * squares"),
    _risk(
        "penalty-averaged",
        "Averages the squares.",
        "loss + penalty * (np.mean(w1**2) + np.mean(w2**2))",
    ),
    _risk("penalty-shared", "Divides by n.", "loss + penalty * squares / len(y)"),
    _risk("halved", "Halves.", "loss + penalty / 2 * squares"),
    _risk("absolute", "Writes L1.", "loss + penalty * (np.sum(np.abs(w1)) + np.sum(np.abs(w2)))"),
    _risk("root", "Takes the norm.", "loss + penalty * np.sqrt(squares)"),
    _risk("symmetric", "Forgets the level.", "np.mean(error**2) + penalty * squares"),
    _risk(
        "swapped",
        "Swaps the sides.",
        "np.mean(np.where(error < 0, tau, 1 - tau) * error**2) + penalty * squares",
    ),
    _risk("no-penalty", "Forgets the penalty.", "loss"),
    _risk("penalty-alone", "Forgets the loss.", "penalty * squares"),
    _choose(
        "by-mse",
        "Chooses by mean squared error.",
        best="int(np.nanargmin(squares(validation)))",
    ),
    _choose("on-test", "Chooses on test people.", best="int(np.nanargmin(loss(test)))"),
    _choose(
        "everybody", "Lets everybody choose.", best="int(np.nanargmin(loss(np.arange(len(y)))))"
    ),
    _choose("mirrored", "Swaps the sides.", weight="np.where(error < 0, tau, 1 - tau)"),
    _choose("nan-chosen", "Uses argmin.", best="int(np.argmin(loss(validation)))"),
    _choose("worst", "Takes the highest.", best="int(np.nanargmax(loss(validation)))"),
    _choose(
        "validation-reported",
        "Reports the validation loss.",
        answer="penalties[best], hidden[best], loss(validation)[best]",
    ),
    _choose(
        "mse-reported",
        "Reports mean squared error.",
        answer="penalties[best], hidden[best], squares(test)[best]",
    ),
    _choose("index-returned", "Returns the place.", answer="best, best, loss(test)[best]"),
    _choose("order", "Swaps two values.", answer="hidden[best], penalties[best], loss(test)[best]"),
    _many(
        "mixed",
        "Reshapes without moving axes.",
        "np.maximum((x @ w1.reshape(p, networks * q)).reshape(n, networks, q) + b1, 0)",
        _OUTPUT,
    ),
    _many(
        "units-mixed",
        "Takes the product apart the wrong way round.",
        "np.maximum((x @ w1.transpose(1, 0, 2).reshape(p, -1)).reshape(n, q, networks)"
        ".transpose(0, 2, 1) + b1, 0)",
        _OUTPUT,
    ),
    _many(
        "units-mixed",
        "Puts units before networks.",
        "np.maximum((x @ w1.transpose(1, 2, 0).reshape(p, -1)).reshape(n, networks, q) + b1, 0)",
        _OUTPUT,
    ),
    _many(
        "transposed",
        "Puts networks in rows.",
        f"np.maximum({_PRODUCT} + b1, 0)",
        f"({_OUTPUT}).T",
    ),
    _many(
        "added-up",
        "Adds up over networks.",
        f"np.maximum({_PRODUCT} + b1, 0)",
        f"({_OUTPUT}).sum(axis=1)",
    ),
    _many("no-relu", "Forgets the bend.", f"{_PRODUCT} + b1", _OUTPUT),
    _many("no-hidden-bias", "Forgets b1.", f"np.maximum({_PRODUCT}, 0)", _OUTPUT),
    _many(
        "no-output-bias",
        "Forgets b2.",
        f"np.maximum({_PRODUCT} + b1, 0)",
        "np.sum(units * w2, axis=2)",
    ),
    _many("bias-after", "Cuts first.", f"np.maximum({_PRODUCT}, 0) + b1", _OUTPUT),
    _many(
        "first-network",
        "Uses the first network for all.",
        "np.maximum(x @ w1[0] + b1[0], 0)",
        "np.repeat((units @ w2[0] + b2[0])[:, None], networks, axis=1)",
    ),
]
