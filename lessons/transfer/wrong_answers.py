"""Typical slips in the lesson on transfer, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="frozen_output",
        earns="no-bend",
        story="Leaves the units linear.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = x @ kernel + bias
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="no-bias",
        story="Forgets the biases of the hidden units.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="everyone-trained",
        story="Fits to everybody.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[:], y[:]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="mean",
        story="Never renews the weights.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(1):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="mirrored",
        story="Gives the weight tau to those below.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, tau, 1 - tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="one-round",
        story="Renews the weights once.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(2):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="penalty-beside-sum",
        story="Adds the penalty to a sum over people.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="no-penalty",
        story="Leaves the penalty out.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = 0.0 * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="intercept-charged",
        story="Charges for the intercept.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    assert ridge[0, 0] > 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return design @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="training-only",
        story="Predicts the training people only.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    design = np.column_stack([np.ones(len(x)), hidden])
    ours, theirs = design[training], y[training]
    ridge = len(training) * penalty * np.eye(design.shape[1])
    ridge[0, 0] = 0
    weight = np.full(len(theirs), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return ours @ output
""",
    ),
    WrongAnswer(
        exercise="frozen_output",
        earns="no-intercept",
        story="Solves for the slopes alone.",
        code="""
def frozen_output(x, y, training, kernel, bias, tau, penalty):
    hidden = np.maximum(0, x @ kernel + bias)
    ours, theirs = hidden[training], y[training]
    ridge = len(training) * penalty * np.eye(hidden.shape[1])
    weight = np.full(len(training), 0.5)
    for _ in range(100):
        weighted = ours * weight[:, None]
        output = np.linalg.solve(weighted.T @ ours + ridge, weighted.T @ theirs)
        weight = np.where(theirs < ours @ output, 1 - tau, tau)
    return hidden @ output
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="to-zero",
        story="Writes plain L2.",
        code="""
def pull(kernel, source, strength):
    return strength * np.sum(kernel**2), 2 * strength * kernel
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="gradient-half",
        story="Forgets the 2 of the derivative.",
        code="""
def pull(kernel, source, strength):
    distance = kernel - source
    return strength * np.sum(distance**2), strength * distance
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="gradient-sign",
        story="Returns the step instead of the gradient.",
        code="""
def pull(kernel, source, strength):
    distance = kernel - source
    return strength * np.sum(distance**2), -2 * strength * distance
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="gradient-without-strength",
        story="Forgets the strength in the gradient.",
        code="""
def pull(kernel, source, strength):
    distance = kernel - source
    return strength * np.sum(distance**2), 2 * distance
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="root",
        story="Takes the length of the difference.",
        code="""
def pull(kernel, source, strength):
    distance = kernel - source
    return strength * np.linalg.norm(distance), 2 * strength * distance
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="absolute",
        story="Writes L1 towards the source.",
        code="""
def pull(kernel, source, strength):
    distance = kernel - source
    return strength * np.sum(np.abs(distance)), 2 * strength * distance
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="gradient-summed",
        story="Adds the gradient up.",
        code="""
def pull(kernel, source, strength):
    distance = kernel - source
    return strength * np.sum(distance**2), np.sum(2 * strength * distance)
""",
    ),
    WrongAnswer(
        exercise="pull",
        earns="order",
        story="Returns the gradient first.",
        code="""
def pull(kernel, source, strength):
    distance = kernel - source
    return 2 * strength * distance, strength * np.sum(distance**2)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="all-shuffled",
        story="Shuffles the whole file.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled = rng.permutation(shuffled)
    return shuffled, rng.normal(scale=np.sqrt(2 / shape[0]), size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="with-replacement",
        story="Draws values again and again.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled[rows] = rng.choice(shuffled[rows], size=len(rows))
    return shuffled, rng.normal(scale=np.sqrt(2 / shape[0]), size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="not-shuffled",
        story="Shuffles the row numbers and puts every value back in its place.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    order = rng.permutation(rows)
    shuffled[order] = shuffled[order]
    return shuffled, rng.normal(scale=np.sqrt(2 / shape[0]), size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="shifted",
        story="Moves everybody's value to the next person.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled[rows] = np.roll(shuffled[rows], 1)
    return shuffled, rng.normal(scale=np.sqrt(2 / shape[0]), size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="seed-ignored",
        story="Draws from a generator of its own.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng()
    shuffled = np.array(source)
    shuffled[rows] = shuffled[rng.permutation(rows)]
    return shuffled, rng.normal(scale=np.sqrt(2 / shape[0]), size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="only-rows",
        story="Returns the people of the split.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled[rows] = shuffled[rng.permutation(rows)]
    return shuffled[rows], rng.normal(scale=np.sqrt(2 / shape[0]), size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="wrong-spread",
        story="Leaves the standard deviation at 1.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled[rows] = shuffled[rng.permutation(rows)]
    return shuffled, rng.normal(size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="all-positive",
        story="Draws uniform numbers.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled[rows] = shuffled[rng.permutation(rows)]
    return shuffled, rng.uniform(size=shape)
""",
    ),
    WrongAnswer(
        exercise="controls",
        earns="transposed",
        story="Swaps SNPs and units.",
        code="""
def controls(source, rows, shape, seed):
    rng = np.random.default_rng(seed)
    shuffled = np.array(source)
    shuffled[rows] = shuffled[rng.permutation(rows)]
    return shuffled, rng.normal(scale=np.sqrt(2 / shape[0]), size=shape[::-1])
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="any-gain",
        story="Takes whatever is lower.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = loss_without - loss_with
    gain, error = gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))
    return bool(gain > 0), gain, error
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="sign",
        story="Subtracts the wrong way round.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = loss_with - loss_without
    gain, error = gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))
    return bool(gain > error), gain, error
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="unpaired",
        story="Compares two independent samples.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = loss_without - loss_with
    gain, error = gains.mean(), np.sqrt((loss_with.var(ddof=1) + loss_without.var(ddof=1)) / len(gains))
    return bool(gain > error), gain, error
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="spread",
        story="Takes the spread of persons for that of the mean.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = loss_without - loss_with
    gain, error = gains.mean(), gains.std(ddof=1)
    return bool(gain > error), gain, error
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="population",
        story="Divides by n.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = loss_without - loss_with
    gain, error = gains.mean(), gains.std() / np.sqrt(len(gains))
    return bool(gain > error), gain, error
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="two-errors",
        story="Asks for two standard errors.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = loss_without - loss_with
    gain, error = gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))
    return bool(gain > 1.96 * error), gain, error
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="relative",
        story="Gives the gain as a share.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = (loss_without - loss_with) / loss_without.mean()
    gain, error = gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))
    return bool(gain > error), gain, error
""",
    ),
    WrongAnswer(
        exercise="keep_transfer",
        earns="declined-where-kept",
        story="Says whether to decline.",
        code="""
def keep_transfer(loss_with, loss_without):
    gains = loss_without - loss_with
    gain, error = gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))
    return bool(gain <= error), gain, error
""",
    ),
]
