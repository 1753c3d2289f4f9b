"""Typical slips in making mutants and asking about them, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_MUTANTS = [
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
        exercise="single_mutants",
        earns="column",
        story="Takes the columns for the sites.",
        code="""
def single_mutants(x):
    mutants = []
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[:, letter] = 0
        mutant[site, letter] = 1
        mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="several-letters",
        story="Sets all other letters at once.",
        code="""
def single_mutants(x):
    mutants = []
    for site, _letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site] = 1 - mutant[site]
        mutants.append(mutant)
    return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="single_mutants",
        earns="one-site",
        story="Returns inside the loop.",
        code="""
def single_mutants(x):
    mutants = []
    for site in range(len(x)):
        for letter in range(4):
            if x[site, letter] == 0:
                mutant = x.copy()
                mutant[site] = np.eye(4)[letter]
                mutants.append(mutant)
        return np.array(mutants)
""",
    ),
    WrongAnswer(
        exercise="mutation_effects",
        earns="one-sequence",
        story="Gives predict a table instead of a stack.",
        code="""
def mutation_effects(x, network):
    effects = np.zeros(x.shape)
    for site, letter in np.argwhere(x == 0):
        mutant = x.copy()
        mutant[site] = np.eye(4)[letter]
        effects[site, letter] = predict(mutant, network) - predict(x, network)
    return effects
""",
    ),
]
