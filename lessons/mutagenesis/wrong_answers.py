"""Typical slips in the lesson on mutagenesis, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="single_mutants",
        earns="in-place",
        story="Mutates x itself, without a copy.",
        code="""
def single_mutants(x):
    mutants = []
    for site in range(len(x)):
        for letter in range(4):
            if x[site, letter] == 0:
                mutant = x
                mutant[site] = 0
                mutant[site, letter] = 1
                mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="in-place",
        story="Copies once, before the loops.",
        code="""
def single_mutants(x):
    mutants, mutant = [], x.copy()
    for site in range(len(x)):
        for letter in range(4):
            if x[site, letter] == 0:
                mutant[site] = 0
                mutant[site, letter] = 1
                mutants.append(mutant.copy())
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="old-letter-kept",
        story="Sets the new letter and does not clear the old one.",
        code="""
def single_mutants(x):
    mutants = []
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site, letter] = 1
        mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="erased",
        story="Takes the letter away and puts none there.",
        code="""
def single_mutants(x):
    mutants = []
    for site, _letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site] = 0
        mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="unchanged-included",
        story="Puts all four letters at every site.",
        code="""
def single_mutants(x):
    mutants = []
    for site in range(len(x)):
        for letter in range(4):
            mutant = x.copy()
            mutant[site] = np.eye(4)[letter]
            mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="one-letter",
        story="Moves each letter on to the next one, once a site.",
        code="""
def single_mutants(x):
    mutants = []
    for site in range(len(x)):
        mutant = x.copy()
        mutant[site] = np.roll(mutant[site], 1)
        mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="site-missing",
        story="Counts sites from 1 and misses the first.",
        code="""
def single_mutants(x):
    mutants = []
    for site in range(1, len(x)):
        for letter in range(4):
            if x[site, letter] == 0:
                mutant = x.copy()
                mutant[site] = np.eye(4)[letter]
                mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="order",
        story="Goes letter by letter, and through the sites for each.",
        code="""
def single_mutants(x):
    mutants = []
    for letter in range(4):
        for site in range(len(x)):
            if x[site, letter] == 0:
                mutant = x.copy()
                mutant[site] = np.eye(4)[letter]
                mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="double-mutants",
        story="Mutates each site together with its neighbour.",
        code="""
def single_mutants(x):
    mutants = []
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        for place in (site, (site + 1) % len(x)):
            mutant[place] = np.roll(mutant[place], 1)
        mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="sign",
        story="Wild type minus mutant.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    reference = predict(x[None], network)[0]
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site] = np.eye(4)[letter]
        effects[site, letter] = reference - predict(mutant[None], network)[0]
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="absolute",
        story="Calls the size of the change its effect.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    reference = predict(x[None], network)[0]
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site] = np.eye(4)[letter]
        effects[site, letter] = abs(predict(mutant[None], network)[0] - reference)
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="not-a-change",
        story="Returns what the network says of each mutant.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    for site in range(len(x)):
        for letter in range(4):
            mutant = x.copy()
            mutant[site] = np.eye(4)[letter]
            effects[site, letter] = predict(mutant[None], network)[0]
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="in-place",
        story="Does not copy: earlier mutations stay.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    reference = predict(x[None], network)[0]
    for site in range(len(x)):
        for letter in range(4):
            if x[site, letter] == 0:
                mutant = x
                mutant[site] = np.eye(4)[letter]
                effects[site, letter] = predict(mutant[None], network)[0] - reference
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="against-nothing",
        story="Compares with a table of zeros, the baseline of other methods.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    reference = predict(np.zeros((1, *x.shape)), network)[0]
    for site in range(len(x)):
        for letter in range(4):
            mutant = x.copy()
            mutant[site] = np.eye(4)[letter]
            effects[site, letter] = predict(mutant[None], network)[0] - reference
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="against-erased",
        story="Erases the site and compares with that.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    for site in range(len(x)):
        erased = x.copy()
        erased[site] = 0
        for letter in range(4):
            mutant = erased.copy()
            mutant[site, letter] = 1
            pair = predict(np.stack([mutant, erased]), network)
            effects[site, letter] = pair[0] - pair[1]
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="centred",
        story="Takes the mean of the four letters away, as some maps are drawn.",
        code="""
def mutation_effects(x, network):
    predictions = np.zeros(x.shape)
    for site in range(len(x)):
        for letter in range(4):
            mutant = x.copy()
            mutant[site] = np.eye(4)[letter]
            predictions[site, letter] = predict(mutant[None], network)[0]
    return predictions - predictions.mean(axis=1, keepdims=True)
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="old-letter-kept",
        story="Forgets to clear the old letter.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    reference = predict(x[None], network)[0]
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site, letter] = 1
        effects[site, letter] = predict(mutant[None], network)[0] - reference
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="scaled",
        story="Gives the change as a share of the wild type.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    reference = predict(x[None], network)[0]
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site] = np.eye(4)[letter]
        effects[site, letter] = predict(mutant[None], network)[0] / reference - 1
    return effects
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="not-zero",
        story="Fills the observed letters with one.",
        code="""
def mutation_effects(x, network):
    effects = np.ones(x.shape)
    reference = predict(x[None], network)[0]
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site] = np.eye(4)[letter]
        effects[site, letter] = predict(mutant[None], network)[0] - reference
    return effects
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="not-divided",
        story="Returns the rise, not the rise a step.",
        code="""
def saliency(x, network, step=1e-4):
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = predict(up[None], network)[0] - predict(down[None], network)[0]
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="distance",
        story="Goes two steps and divides by one.",
        code="""
def saliency(x, network, step=1e-4):
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = (predict(up[None], network)[0] - predict(down[None], network)[0]) / step
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="sign",
        story="Down minus up.",
        code="""
def saliency(x, network, step=1e-4):
    nudges = step * np.eye(x.size).reshape(x.size, *x.shape)
    fall = predict(x - nudges, network) - predict(x + nudges, network)
    return (fall / (2 * step)).reshape(x.shape)
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="absolute",
        story="Returns the size of the slope, as many saliency maps show it.",
        code="""
def saliency(x, network, step=1e-4):
    nudges = step * np.eye(x.size).reshape(x.size, *x.shape)
    rise = predict(x + nudges, network) - predict(x - nudges, network)
    return np.abs(rise / (2 * step)).reshape(x.shape)
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="in-place",
        story="Nudges the same table again and again.",
        code="""
def saliency(x, network, step=1e-4):
    slopes, start = np.zeros(x.shape), predict(x[None], network)[0]
    moving = x.copy()
    for place in np.ndindex(x.shape):
        moving[place] += step
        slopes[place] = (predict(moving[None], network)[0] - start) / step
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="whole-step",
        story="Puts the whole letter there and calls it a slope.",
        code="""
def saliency(x, network, step=1e-4):
    slopes, start = np.zeros(x.shape), predict(x[None], network)[0]
    for site, letter in np.ndindex(x.shape):
        mutant = x.copy()
        mutant[site] = np.eye(4)[letter]
        slopes[site, letter] = predict(mutant[None], network)[0] - start
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="observed-only",
        story="Nudges only the letters that are there.",
        code="""
def saliency(x, network, step=1e-4):
    slopes = np.zeros(x.shape)
    for site, letter in np.argwhere(x == 1):
        up, down = x.copy(), x.copy()
        up[site, letter] += step
        down[site, letter] -= step
        rise = predict(up[None], network)[0] - predict(down[None], network)[0]
        slopes[site, letter] = rise / (2 * step)
    return slopes
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="new-letter-only",
        story="Takes the gradient for the effect.",
        code="""
def effects_from_slopes(gradient, x):
    return gradient * (1 - x)
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="old-letter-only",
        story="Counts only what the old letter takes along.",
        code="""
def effects_from_slopes(gradient, x):
    return -(gradient * x).sum(axis=1, keepdims=True) * (1 - x)
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="times-input",
        story="Gradient times input.",
        code="""
def effects_from_slopes(gradient, x):
    return gradient * x
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="sign",
        story="Old minus new.",
        code="""
def effects_from_slopes(gradient, x):
    return (gradient * x).sum(axis=1, keepdims=True) - gradient
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="row-mean",
        story="Subtracts the mean of the four slopes.",
        code="""
def effects_from_slopes(gradient, x):
    return gradient - gradient.mean(axis=1, keepdims=True)
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="absolute",
        story="Loses the direction.",
        code="""
def effects_from_slopes(gradient, x):
    return np.abs(gradient - (gradient * x).sum(axis=1, keepdims=True))
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="added",
        story="Adds both slopes.",
        code="""
def effects_from_slopes(gradient, x):
    return (gradient + (gradient * x).sum(axis=1, keepdims=True)) * (1 - x)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="sign",
        story="The average change, not turned round.",
        code="""
def contributions(effects, frequency):
    return (frequency * effects).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="uniform",
        story="All three other letters count the same.",
        code="""
def contributions(effects, frequency):
    return -effects.sum(axis=1) / 3
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="own-letter-left-out",
        story="Leaves the strain's own letter out of the population.",
        code="""
def contributions(effects, frequency):
    others = np.where(effects == 0, 0, frequency)
    return -(others * effects).sum(axis=1) / others.sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="absolute",
        story="Adds up sizes.",
        code="""
def contributions(effects, frequency):
    return (frequency * np.abs(effects)).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="not-summed",
        story="Keeps the four letters apart.",
        code="""
def contributions(effects, frequency):
    return -frequency * effects
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="sites-summed",
        story="Sums over the wrong axis.",
        code="""
def contributions(effects, frequency):
    return -(frequency * effects).sum(axis=0)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="commonest-only",
        story="Compares with the commonest letter.",
        code="""
def contributions(effects, frequency):
    return -effects[np.arange(len(effects)), frequency.argmax(axis=1)]
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="lowest-first",
        story="argsort sorts upwards.",
        code="""
def average_precision(importance, causal):
    found = np.isin(np.argsort(importance), causal)
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return precision[found].mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="all-ranks",
        story="Averages the precision over the whole list.",
        code="""
def average_precision(importance, causal):
    found = np.isin(np.argsort(-importance), causal)
    return (np.cumsum(found) / np.arange(1, len(found) + 1)).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="top-k",
        story="Share of causal sites among the first k.",
        code="""
def average_precision(importance, causal):
    return np.isin(np.argsort(-importance)[: len(causal)], causal).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="only-the-first",
        story="Averages one over the rank.",
        code="""
def average_precision(importance, causal):
    ranks = np.flatnonzero(np.isin(np.argsort(-importance), causal)) + 1
    return (1 / ranks).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="ranks-from-zero",
        story="Counts ranks from 0.",
        code="""
def average_precision(importance, causal):
    ranks = np.flatnonzero(np.isin(np.argsort(-importance), causal))
    return (np.arange(1, len(ranks) + 1) / ranks).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="not-averaged",
        story="Adds the precisions up.",
        code="""
def average_precision(importance, causal):
    found = np.isin(np.argsort(-importance), causal)
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return precision[found].sum()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="mean-rank",
        story="Returns the mean rank of the causal sites.",
        code="""
def average_precision(importance, causal):
    ranks = np.flatnonzero(np.isin(np.argsort(-importance), causal)) + 1
    return ranks.mean()
""",
    ),
]
