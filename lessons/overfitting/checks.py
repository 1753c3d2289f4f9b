"""Checks of the lesson on overfitting. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, require_number, table
from lessons.grader.exercises import NotPassed

_close = partial(close, absolute=1e-7)
_first_difference = partial(first_difference, absolute=1e-7)


def _pair(result, names: str):
    """The two values of an answer that should be a pair."""
    values = result.tolist() if isinstance(result, np.ndarray) else result
    require(
        isinstance(values, (tuple, list)) and len(values) == 2,
        f"Return two values: `({names})`.",
    )
    require(all(is_number(value) for value in values), f"`({names})` should be two numbers.")
    return values


@exercise(
    "split_3_1_1",
    title="An honest split",
    points=2,
    ladder=[
        "Shuffle all row numbers once. Then cut the shuffled list in three pieces.",
        "`np.random.default_rng(seed).permutation(n)` shuffles 0 to n - 1.",
        "The cuts are at `3 * n // 5` and at `3 * n // 5 + n // 5`. The last piece runs to the "
        "end.",
    ],
    hints={
        "overlap": "Some rows are in more than one part. A fly that was trained on then counts as "
        "new. Shuffle once and cut; don't draw three times.",
        "not-shuffled": "The parts are stretches of the original order. Data files are often "
        "sorted, by family, by batch, or by the trait itself. Shuffle first.",
        "rows-lost": "Some rows are in no part. What rounding leaves over belongs to the test "
        "part.",
        "seed-ignored": "The same seed gave two different splits, or different seeds gave the "
        "same one. Nobody could repeat your work. Make the generator from `seed`.",
        "counts-from-one": "Your row numbers run from 1 to n. Rows are counted from 0 to n - 1.",
        "masks": "You returned True and False. Row numbers are asked for; np.flatnonzero(mask) "
        "gives them.",
        "ratio": "The sizes are off. Training gets three fifths, rounded down; validation one "
        "fifth, rounded down; test the rest.",
    },
)
def check_split(submission: Submission, rng: np.random.Generator):
    # A remainder of 3 or 4 leaves rows over after both roundings.
    n = 5 * int(rng.integers(20, 40)) + int(rng.integers(3, 5))
    seed = int(rng.integers(1, 10_000))
    result = submission.call("split_3_1_1", n, seed)
    require(
        isinstance(result, (tuple, list)) and len(result) == 3,
        "Return three arrays: `(training, validation, test)`.",
    )
    parts = [np.asarray(part) for part in result]
    require(not any(part.dtype.kind == "b" for part in parts), hint="masks")
    require(
        all(part.ndim == 1 and part.dtype.kind in "iu" for part in parts),
        "Each part should be an array of row numbers.",
    )
    rows = np.concatenate(parts)
    require(len(set(rows.tolist())) == len(rows), hint="overlap")
    sizes = tuple(len(part) for part in parts)
    expected = (3 * n // 5, n // 5, n - 3 * n // 5 - n // 5)
    lost = sizes[:2] == expected[:2] and sizes[2] < expected[2]
    require(not lost, hint="rows-lost")
    require(sizes == expected, hint="ratio")
    require(sorted(rows.tolist()) != list(range(1, n + 1)), hint="counts-from-one")
    require(
        sorted(rows.tolist()) == list(range(n)),
        f"The parts together should hold the rows 0 to {n - 1}, each once.",
    )
    require(not all(np.all(np.diff(part) == 1) for part in parts), hint="not-shuffled")
    again = submission.call("split_3_1_1", n, seed)
    same = all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))
    require(same, hint="seed-ignored")
    other = submission.call("split_3_1_1", n, seed + 1)
    require(not np.array_equal(parts[2], other[2]), hint="seed-ignored")


def _expected_stop(losses, patience, *, against_previous=False, ties=False, reset=True):
    """Early stopping as asked, or with one of the typical slips."""
    best, best_epoch, waited = np.inf, 1, 0
    for epoch, loss in enumerate(losses, start=1):
        reference = losses[epoch - 2] if against_previous and epoch > 1 else best
        improved = loss <= reference if ties else loss < reference
        if loss < best or (ties and loss <= best):
            best, best_epoch = loss, epoch
        waited = (0 if reset else waited) if improved else waited + 1
        if waited >= patience:
            return epoch, best_epoch
    return len(losses), best_epoch


def _check_one_stop(submission, rng):
    patience = int(rng.integers(2, 5))
    falls = int(rng.integers(4, 8))
    falling = np.linspace(1.0, 0.5, falls) + rng.uniform(0, 0.01, size=falls)[::-1]
    # Two bumps on the way down, too short to stop at: the waiting starts anew after each.
    falling = np.insert(falling, [2, 3], falling[1:3] + 0.02)
    falls += 2
    # Upwards in a zigzag, one value equal to the best, and a late bargain after the stop.
    zigzag = 0.6 + 0.02 * np.arange(14) + 0.05 * np.resize([1.0, -1.0], 14)
    losses = np.concatenate([falling, zigzag, [0.1, 0.4]])
    losses[falls + 1] = falling[-1]
    losses = np.round(losses, 4)
    result = _pair(
        submission.call("early_stopping", losses.tolist(), patience), "stop_epoch, best_epoch"
    )
    epochs = all(float(value).is_integer() for value in result)
    require(epochs, hint="not-epochs", received=tuple(result))
    result = tuple(int(value) for value in result)
    stop, best = _expected_stop(losses, patience)
    if result == (stop, best):
        return
    require(result != (stop, stop), hint="no-restore")
    require(result != (best, stop), hint="order")
    require(result != (stop - 1, best - 1), hint="counts-from-zero")
    require(result != _expected_stop(losses, patience, ties=True), hint="ties")
    require(result != (stop + 1, best), hint="one-too-patient")
    require(result != (stop - 1, best), hint="one-too-early")
    never_reset = _expected_stop(losses, patience, reset=False)
    require(result != never_reset, hint="not-reset")
    lowest = int(np.argmin(losses)) + 1
    require(result not in ((stop, lowest), (lowest, lowest)), hint="looked-ahead")
    slip = _expected_stop(losses, patience, against_previous=True)
    require(result[0] not in (slip[0], len(losses)), hint="previous-epoch")
    require(
        False,
        f"With patience {patience} training stops after epoch {stop} and goes back to epoch "
        f"{best}; you return {result}. The losses were {losses.tolist()}.",
    )


@exercise(
    "early_stopping",
    title="Stop in time",
    points=3,
    ladder=[
        "Go through the losses in order. You need to remember two things: the lowest loss so far "
        "and the epoch it came from.",
        "`for epoch, loss in enumerate(validation_losses, start=1):` counts epochs from 1.",
        "If the loss is lower than the best, remember it. Otherwise, if `epoch - best_epoch >= "
        "patience`, return `(epoch, best_epoch)`. After the loop return "
        "`(len(validation_losses), best_epoch)`.",
    ],
    hints={
        "no-restore": "You return the stopping epoch twice. The epochs spent waiting have already "
        "made the network worse: go back to the best one.",
        "previous-epoch": "You compare each loss with the one before it. A curve that zigzags "
        "upwards then never stops. Compare with the *lowest so far*.",
        "looked-ahead": "You looked for the lowest loss of the whole list. The epochs after the "
        "stop have not happened: nobody knows their losses.",
        "counts-from-zero": "Both epochs are one too small: you count from 0. Here the first "
        "epoch is epoch 1.",
        "one-too-patient": "You wait one epoch too long. Stop as soon as `patience` epochs have "
        "brought no new lowest loss.",
        "one-too-early": "Your best epoch is right, your stop one epoch too early. Count the "
        "epochs from 1, and wait until `patience` epochs have brought no new lowest loss.",
        "not-reset": "You count all epochs without a new lowest loss since the beginning. Only "
        "those *in a row* count: with every new lowest loss the waiting starts anew.",
        "not-epochs": "One of the two values is no whole number: it looks like a loss. Return the "
        "numbers of two epochs.",
        "ties": "An equal loss is no new best. Ask for strictly lower.",
        "order": "The two values are in the wrong order: `(stop_epoch, best_epoch)`.",
        "never-stops": "Patience may never run out. Then the training ends with the last epoch of "
        "the list and there is still a best one: return both.",
    },
)
def check_early_stopping(submission: Submission, rng: np.random.Generator):
    # Whole numbers are quickly guessed: several curves in one check.
    for _ in range(4):
        _check_one_stop(submission, rng)
    patience = int(rng.integers(2, 5))
    steady = np.round(np.linspace(1.0, 0.5, 6), 3)
    try:
        result = submission.call("early_stopping", steady.tolist(), patience)
    except NotPassed as stopped:
        # Whoever waits for the stop runs past the end of the list.
        stopped.hint = "never-stops" if stopped.status == "error" else stopped.hint
        raise
    require(result is not None, hint="never-stops")
    result = tuple(_pair(result, "stop_epoch, best_epoch"))
    require(result == (6, 6), hint="never-stops")


@exercise(
    "penalised_loss",
    title="Charge for large weights",
    points=2,
    ladder=[
        "The loss has two terms. Write them one by one and add them.",
        "The penalty is a sum over layers of `np.sum(weights ** 2)`. Leave each bias alone.",
        "`np.mean((y - prediction) ** 2) + strength * sum(np.sum(w ** 2) for w, b in layers)`",
    ],
    hints={
        "absolute": "You charge for absolute weights. That is the L1 penalty; L2 charges for "
        "*squares*, so large weights pay more than their share.",
        "root": "You took the square root of the sum of squares. The L2 penalty of deep-learning "
        "libraries is the sum of squares itself.",
        "averaged": "You averaged the squared weights. The penalty is their sum.",
        "biases": "The biases are charged too. Leave them out: they shift all predictions alike.",
        "one-layer": "Not every layer pays. Add up over all layers in the list.",
        "halved": "You halved the penalty. Some books do, to make the derivative shorter; here "
        "the strength multiplies the whole sum.",
        "strength-misplaced": "The strength belongs to the penalty, and to the penalty alone: "
        "error + strength * sum of squares.",
        "error-left-out": "You returned the penalty alone. Add the mean squared error.",
        "sum-squared": "You squared the sum of the weights. Square each weight first, then add: "
        "otherwise positive and negative weights cancel.",
        "subtracted": "The penalty is subtracted: it rewards large weights. Add it.",
        "sum-of-errors": "The first term should be the *mean* squared error, not the sum.",
    },
)
def check_penalised_loss(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(8, 15))
    widths = [int(width) for width in rng.integers(3, 7, size=3)] + [1]
    layers = [
        (rng.normal(size=(a, b)), rng.normal(size=b) + 1.0)
        for a, b in zip(widths[:-1], widths[1:], strict=True)
    ]
    y, prediction = rng.normal(size=n), rng.normal(size=n)
    strength = float(rng.uniform(0.01, 0.1))
    result = submission.call("penalised_loss", y, prediction, layers, strength)
    require_number(result, "penalised_loss")
    error = np.mean((y - prediction) ** 2)
    squares = [np.sum(weights**2) for weights, _ in layers]
    absolutes = sum(np.sum(np.abs(weights)) for weights, _ in layers)
    biases = sum(np.sum(bias**2) for _, bias in layers)
    roots = (np.sqrt(sum(squares)), sum(np.sqrt(square) for square in squares))
    count = sum(weights.size for weights, _ in layers)
    means = (sum(squares) / count, sum(np.mean(weights**2) for weights, _ in layers))
    require(not _close(result, error + strength * absolutes), hint="absolute")
    require(not any(_close(result, error + strength * root) for root in roots), hint="root")
    require(not any(_close(result, error + strength * mean) for mean in means), hint="averaged")
    require(not _close(result, error + strength * (sum(squares) + biases)), hint="biases")
    some = (*squares, squares[0] + squares[1], squares[1] + squares[2])
    require(not any(_close(result, error + strength * part) for part in some), hint="one-layer")
    require(not _close(result, error - strength * sum(squares)), hint="subtracted")
    require(not _close(result, error * n + strength * sum(squares)), hint="sum-of-errors")
    require(not _close(result, error + strength / 2 * sum(squares)), hint="halved")
    misplaced = (error + sum(squares), (error + strength) * sum(squares))
    misplaced += (strength * (error + sum(squares)),)
    require(not any(_close(result, value) for value in misplaced), hint="strength-misplaced")
    require(not _close(result, strength * sum(squares)), hint="error-left-out")
    sums = [np.sum(weights) for weights, _ in layers]
    squared = (sum(value**2 for value in sums), sum(sums) ** 2)
    require(not any(_close(result, error + strength * s) for s in squared), hint="sum-squared")
    expected = error + strength * sum(squares)
    require(
        _close(result, expected),
        f"On a fresh example the loss is {error:.4f} + {strength:.4f} x {sum(squares):.4f} = "
        f"{expected:.4f}; yours is {float(result):.4f}.",
    )


@exercise(
    "dropout",
    title="Silence some neurons",
    points=2,
    ladder=[
        "Two things happen: some activations become 0, the others grow a little.",
        "The ones to switch off are `uniform < rate`. A share of `1 - rate` stays.",
        "`np.where(uniform < rate, 0, activations / (1 - rate))`",
    ],
    hints={
        "not-scaled": "The neurons that stay are not turned up, so the next layer receives less "
        "during training than later, when all neurons are on. Divide by the share that stays.",
        "scaled-by-rate": "You divided by `rate`, the share that goes. Divide by the share that "
        "stays, `1 - rate`.",
        "scaled-down": "You multiplied by `1 - rate`; the neurons get quieter instead of louder. "
        "Divide.",
        "measured-share": "You divided by the share that happened to stay this time. Divide by "
        "`1 - rate`: it is the average over many draws that should stay the same.",
        "swapped": "You keep those that should go. Switch off where the number is *below* `rate`.",
        "all-scaled": "Nothing is switched off, or everything is. Compare `uniform` with `rate`, "
        "number by number.",
    },
)
def check_dropout(submission: Submission, rng: np.random.Generator):
    shape = (int(rng.integers(5, 9)), int(rng.integers(10, 15)))
    activations = rng.uniform(0.5, 2.0, size=shape)
    rate = float(rng.choice([0.2, 0.3, 0.4]))
    uniform = rng.uniform(size=shape)
    uniform.flat[0], uniform.flat[1] = 0.05, 0.95
    # The share that stays by chance is not the one expected, so that the two can be told apart.
    while abs(np.mean(uniform >= rate) - (1 - rate)) < 0.02:
        uniform.flat[2:] = rng.uniform(size=uniform.size - 2)
    result = submission.call("dropout", activations, uniform, rate)
    result = table(result, shape, "The result should have the shape of `activations`.")
    kept = uniform >= rate
    scaled = activations / (1 - rate)
    everything = (activations, scaled, np.zeros(shape))
    require(not any(_close(result, value) for value in everything), hint="all-scaled")
    require(not _close(result, kept * activations), hint="not-scaled")
    require(not _close(result, kept * activations / rate), hint="scaled-by-rate")
    require(not _close(result, kept * activations * (1 - rate)), hint="scaled-down")
    factors = (1.0, 1 / (1 - rate), 1 / rate, 1 - rate)
    swapped = any(_close(result, ~kept * activations * factor) for factor in factors)
    require(not swapped, hint="swapped")
    require(not _close(result, kept * activations / kept.mean()), hint="measured-share")
    expected = kept * scaled
    if not _close(result, expected):
        i, j = _first_difference(result, expected)
        require(
            False,
            f"Row {i}, column {j} (counting from 0): the random number is {uniform[i, j]:.3f}, the "
            f"rate {rate} and the activation {activations[i, j]:.3f}. After dropout it should be "
            f"{expected[i, j]:.3f}, yours is {result[i, j]:.3f}.",
        )


@exercise(
    "choose_and_report",
    title="Report the winner honestly",
    points=3,
    ladder=[
        "Two questions, two sets of flies. Which flies may choose? Which may judge?",
        "`np.nanargmax(validation_scores)` finds the best network and steps over `nan`.",
        "Return that index, and `test_scores` at that index.",
    ],
    hints={
        "chosen-on-test": "You chose the network that does best on the test flies. Then the test "
        "score is high partly by luck, and says too much. Choose on the validation flies.",
        "validation-reported": "You report the validation score of the winner. It was picked for "
        "being high, so it is too good. Report its test score.",
        "best-test-reported": "The network is chosen well, but the score you report belongs to "
        "another one: the best on the test flies. Report what *your* network does.",
        "worst-chosen": "You took the lowest score. For R², higher is better; only for a loss is "
        "lower better.",
        "nan-chosen": "You chose a network whose score is `nan`: its training broke down. Step "
        "over `nan`: `np.nanargmax`.",
        "counts-from-one": "Your index is one too high. Python counts from 0: the first network "
        "is number 0.",
        "index-shifted": "You took the broken networks out of the list first. The others then "
        "moved up, and your index belongs to another network. Keep all in place: `np.nanargmax`.",
        "order": "The two values are in the wrong order: `(chosen, reported)`.",
        "score-for-index": "`chosen` should be the index of a network, not its score: "
        "`np.nanargmax` gives the index, `np.nanmax` the score.",
        "optimistic-maximum": "You report the higher of two scores. Decide before you look: the "
        "test score of the chosen network, even if it is lower.",
    },
)
def check_choose(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(7, 12))
    validation = np.round(rng.permutation(np.linspace(0.1, 0.5, n)), 3)
    order = np.argsort(validation)
    # The first network will break down. The best is far from the first, the last, the worst and
    # the favourite of the test flies, so that an index that is off by one shows as that.
    others = {0, 1, n - 1}
    while order[-1] in others or {order[0], order[1]} & {0, order[-1] - 1, order[-1] + 1}:
        validation = rng.permutation(validation)
        order = np.argsort(validation)
    test = np.round(0.25 + 0.1 * rng.uniform(-1, 1, size=n), 4)
    # The favourite of the validation flies is no favourite of the test flies. First it does
    # better on the test flies than on the validation flies, then worse: so the higher of the
    # two scores can be told from the validation score.
    test[order[1]] = round(float(rng.uniform(0.6, 0.65)), 4)
    for low, slip in ((0.52, "validation-reported"), (0.18, "optimistic-maximum")):
        test[order[-1]] = round(float(rng.uniform(low, low + 0.06)), 4)
        pair = _pair(submission.call("choose_and_report", validation, test), "chosen, reported")
        _judge_choice(pair, validation, test, slip)
    broken = validation.copy()
    broken[0] = np.nan
    pair = _pair(submission.call("choose_and_report", broken, test), "chosen, reported")
    require(not np.isnan(pair[0]) and pair[0] != 0, hint="nan-chosen")
    require(pair[0] != order[-1] - 1, hint="index-shifted")
    _judge_choice(pair, broken, test, "optimistic-maximum")


def _judge_choice(pair, validation, test, slip):
    """Compare an index and a reported score with the honest ones."""
    if not float(pair[0]).is_integer():
        require(not float(pair[1]).is_integer(), hint="order")
        require(not np.isclose(validation, pair[0]).any(), hint="score-for-index")
        require(False, "`chosen` should be the index of a network.", received=pair[0])
    chosen, reported = int(pair[0]), float(pair[1])
    best, best_test = int(np.nanargmax(validation)), int(np.argmax(test))
    require(chosen != best + 1, hint="counts-from-one")
    require(chosen != best_test, hint="chosen-on-test")
    require(chosen != int(np.nanargmin(validation)), hint="worst-chosen")
    require(chosen == best, f"Network {best} has the highest validation score; you chose {chosen}.")
    require(not _close(reported, validation[best]), hint=slip)
    require(not _close(reported, test[best_test]), hint="best-test-reported")
    require(
        _close(reported, test[best]),
        f"The R2 to report for network {best} is {test[best]:.4f}; you report {reported:.4f}.",
    )
