"""Typical slips in the lesson on overfitting, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="split_3_1_1",
        earns="overlap",
        story="Draws each part anew, so that flies occur in several parts.",
        code="""
def split_3_1_1(n, seed):
    rng = np.random.default_rng(seed)
    a, b = 3 * n // 5, n // 5
    sizes = (a, b, n - a - b)
    return tuple(rng.choice(n, size=size, replace=False) for size in sizes)
""",
    ),
    WrongAnswer(
        exercise="split_3_1_1",
        earns="not-shuffled",
        story="Takes the rows in the order of the file.",
        code="""
def split_3_1_1(n, seed):
    rows = np.arange(n)
    a, b = 3 * n // 5, n // 5
    return rows[:a], rows[a : a + b], rows[a + b :]
""",
    ),
    WrongAnswer(
        exercise="split_3_1_1",
        earns="rows-lost",
        story="Cuts one fifth for the test part and loses what rounding left.",
        code="""
def split_3_1_1(n, seed):
    rows = np.random.default_rng(seed).permutation(n)
    a, b = 3 * n // 5, n // 5
    return rows[:a], rows[a : a + b], rows[a + b : a + 2 * b]
""",
    ),
    WrongAnswer(
        exercise="split_3_1_1",
        earns="seed-ignored",
        story="Shuffles without the seed.",
        code="""
def split_3_1_1(n, seed):
    rows = np.random.permutation(n)
    a, b = 3 * n // 5, n // 5
    return rows[:a], rows[a : a + b], rows[a + b :]
""",
    ),
    WrongAnswer(
        exercise="split_3_1_1",
        earns="ratio",
        story="Reads 3:1:1 as three thirds.",
        code="""
def split_3_1_1(n, seed):
    rows = np.random.default_rng(seed).permutation(n)
    return rows[: n // 3], rows[n // 3 : 2 * n // 3], rows[2 * n // 3 :]
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="no-restore",
        story="Stops at the right time but keeps the last weights.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch = np.inf, 1
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, epoch
    return len(validation_losses), len(validation_losses)
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="previous-epoch",
        story="Compares each epoch with the one before.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch, waited = np.inf, 1, 0
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        if epoch > 1 and loss >= validation_losses[epoch - 2]:
            waited += 1
        else:
            waited = 0
        if waited >= patience:
            return epoch, best_epoch
    return len(validation_losses), best_epoch
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="looked-ahead",
        story="Takes the lowest loss of the whole recorded curve.",
        code="""
def early_stopping(validation_losses, patience):
    lowest = int(np.argmin(validation_losses)) + 1
    best, best_epoch = np.inf, 1
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, lowest
    return len(validation_losses), lowest
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="counts-from-zero",
        story="Counts epochs from 0, as Python does.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(validation_losses):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(validation_losses) - 1, best_epoch
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="one-too-patient",
        story="Waits until more than patience epochs have passed.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch = np.inf, 1
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch > patience:
            return epoch, best_epoch
    return len(validation_losses), best_epoch
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="ties",
        story="Counts an equal loss as a new best.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch = np.inf, 1
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss <= best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(validation_losses), best_epoch
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="never-stops",
        story="Forgets the case in which patience never runs out.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch = np.inf, 1
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, best_epoch
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="absolute",
        story="Writes L1 instead of L2.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    penalty = sum(np.sum(np.abs(weights)) for weights, bias in layers)
    return np.mean((y - prediction) ** 2) + strength * penalty
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="root",
        story="Uses the norm, the root of the sum of squares.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    penalty = sum(np.linalg.norm(weights) for weights, bias in layers)
    return np.mean((y - prediction) ** 2) + strength * penalty
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="biases",
        story="Charges for the biases as well.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    penalty = sum(np.sum(weights**2) + np.sum(bias**2) for weights, bias in layers)
    return np.mean((y - prediction) ** 2) + strength * penalty
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="one-layer",
        story="Charges for the first layer only.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    weights, bias = layers[0]
    return np.mean((y - prediction) ** 2) + strength * np.sum(weights**2)
""",
    ),
    WrongAnswer(
        exercise="dropout",
        earns="not-scaled",
        story="Switches off without turning up the rest.",
        code="""
def dropout(activations, uniform, rate):
    return np.where(uniform < rate, 0.0, activations)
""",
    ),
    WrongAnswer(
        exercise="dropout",
        earns="scaled-by-rate",
        story="Divides by the share that goes.",
        code="""
def dropout(activations, uniform, rate):
    return np.where(uniform < rate, 0.0, activations / rate)
""",
    ),
    WrongAnswer(
        exercise="dropout",
        earns="scaled-down",
        story="Multiplies by the share that stays.",
        code="""
def dropout(activations, uniform, rate):
    return np.where(uniform < rate, 0.0, activations * (1 - rate))
""",
    ),
    WrongAnswer(
        exercise="dropout",
        earns="swapped",
        story="Keeps those that should be switched off.",
        code="""
def dropout(activations, uniform, rate):
    return np.where(uniform < rate, activations / (1 - rate), 0.0)
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="chosen-on-test",
        story="Takes the network with the best test score.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.argmax(test_scores))
    return chosen, float(test_scores[chosen])
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="validation-reported",
        story="Reports the score that made the network win.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.nanargmax(validation_scores))
    return chosen, float(validation_scores[chosen])
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="best-test-reported",
        story="Chooses honestly, then reports the best test score of all.",
        code="""
def choose_and_report(validation_scores, test_scores):
    return int(np.nanargmax(validation_scores)), float(np.max(test_scores))
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="optimistic-maximum",
        story="Reports the higher of the two scores of the winner.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.nanargmax(validation_scores))
    return chosen, float(max(validation_scores[chosen], test_scores[chosen]))
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="nan-chosen",
        story="np.argmax takes nan for the highest score.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.argmax(validation_scores))
    return chosen, float(test_scores[chosen])
""",
    ),
    WrongAnswer(
        exercise="dropout",
        earns="all-scaled",
        story="Turns everything up and switches nothing off.",
        code="""
def dropout(activations, uniform, rate):
    return activations / (1 - rate)
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="worst-chosen",
        story="Treats R2 as a loss and takes the lowest.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.nanargmin(validation_scores))
    return chosen, float(test_scores[chosen])
""",
    ),
    WrongAnswer(
        exercise="split_3_1_1",
        earns="counts-from-one",
        story="Numbers the flies from 1.",
        code="""
def split_3_1_1(n, seed):
    rows = np.random.default_rng(seed).permutation(np.arange(1, n + 1))
    first, second = 3 * n // 5, 3 * n // 5 + n // 5
    return rows[:first], rows[first:second], rows[second:]
""",
    ),
    WrongAnswer(
        exercise="split_3_1_1",
        earns="masks",
        story="Marks the flies of each part.",
        code="""
def split_3_1_1(n, seed):
    place = np.random.default_rng(seed).permutation(n)
    first, second = 3 * n // 5, 3 * n // 5 + n // 5
    return place < first, (place >= first) & (place < second), place >= second
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="not-reset",
        story="Counts bad epochs and never starts anew.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(validation_losses), best_epoch
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="one-too-early",
        story="Counts the stopping epoch from 0 and the best one from 1.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch = np.inf, 0
    for position, loss in enumerate(validation_losses):
        if loss < best:
            best, best_epoch = loss, position + 1
        elif position + 1 - best_epoch >= patience:
            return position, best_epoch
    return len(validation_losses), best_epoch
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="not-epochs",
        story="Returns the best loss.",
        code="""
def early_stopping(validation_losses, patience):
    best, best_epoch = np.inf, 0
    for epoch, loss in enumerate(validation_losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            return epoch, best
    return len(validation_losses), best
""",
    ),
    WrongAnswer(
        exercise="early_stopping",
        earns="never-stops",
        story="Waits for the stop and runs past the end.",
        code="""
def early_stopping(validation_losses, patience):
    epoch = best_epoch = waited = 0
    best = np.inf
    while waited < patience:
        loss = validation_losses[epoch]
        epoch += 1
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
    return epoch, best_epoch
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="halved",
        story="Writes the half that makes the derivative shorter.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    squares = sum(np.sum(w**2) for w, b in layers)
    return np.mean((y - prediction) ** 2) + strength / 2 * squares
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="strength-misplaced",
        story="Forgets the strength.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    squares = sum(np.sum(w**2) for w, b in layers)
    return np.mean((y - prediction) ** 2) + squares
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="error-left-out",
        story="Returns the penalty.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    squares = sum(np.sum(w**2) for w, b in layers)
    return strength * squares
""",
    ),
    WrongAnswer(
        exercise="penalised_loss",
        earns="sum-squared",
        story="Adds first and squares later.",
        code="""
def penalised_loss(y, prediction, layers, strength):
    squares = sum(np.sum(w) ** 2 for w, b in layers)
    return np.mean((y - prediction) ** 2) + strength * squares
""",
    ),
    WrongAnswer(
        exercise="dropout",
        earns="measured-share",
        story="Measures which share stayed.",
        code="""
def dropout(activations, uniform, rate):
    kept = uniform >= rate
    return activations * kept / kept.mean()
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="counts-from-one",
        story="Counts networks from 1.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.nanargmax(validation_scores))
    return chosen + 1, test_scores[chosen]
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="score-for-index",
        story="Returns the highest score where its place is asked for.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.nanargmax(validation_scores))
    return validation_scores[chosen], test_scores[chosen]
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="index-shifted",
        story="Throws the broken networks away, then counts.",
        code="""
def choose_and_report(validation_scores, test_scores):
    kept = validation_scores[~np.isnan(validation_scores)]
    chosen = int(np.argmax(kept))
    return chosen, test_scores[chosen]
""",
    ),
    WrongAnswer(
        exercise="choose_and_report",
        earns="order",
        story="Returns the score first.",
        code="""
def choose_and_report(validation_scores, test_scores):
    chosen = int(np.nanargmax(validation_scores))
    return test_scores[chosen], chosen
""",
    ),
]
