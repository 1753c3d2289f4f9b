"""Typical misconceptions for the lesson "From genotype to trait", each with the hint it earns."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="allele_frequency",
        earns="missing-as-minus-one",
        story="Takes the mean of the table as it is: -1 counts as a number of copies.",
        code="""
def allele_frequency(genotypes):
    return genotypes.mean(axis=0) / 2
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="missing-as-zero",
        story="Replaces missing genotypes by zero copies and divides by everybody.",
        code="""
def allele_frequency(genotypes):
    filled = np.where(genotypes < 0, 0, genotypes)
    return filled.sum(axis=0) / (2 * len(genotypes))
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="two-copies",
        story="Divides by the number of typed mice instead of the number of their chromosomes.",
        code="""
def allele_frequency(genotypes):
    observed = genotypes >= 0
    return np.where(observed, genotypes, 0).sum(axis=0) / observed.sum(axis=0)
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="per-mouse",
        story="Averages over the SNPs of each mouse.",
        code="""
def allele_frequency(genotypes):
    observed = genotypes >= 0
    return np.where(observed, genotypes, 0).sum(axis=1) / (2 * observed.sum(axis=1))
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="folded",
        story="Believes that allele frequency always means minor allele frequency.",
        code="""
def allele_frequency(genotypes):
    observed = genotypes >= 0
    f = np.where(observed, genotypes, 0).sum(axis=0) / (2 * observed.sum(axis=0))
    return np.minimum(f, 1 - f)
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="nobody-observed",
        story="Avoids the division by zero with a made-up zero.",
        code="""
def allele_frequency(genotypes):
    observed = genotypes >= 0
    copies = np.where(observed, genotypes, 0).sum(axis=0)
    return copies / np.maximum(2 * observed.sum(axis=0), 1)
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="two-ways",
        story="Forgets that a heterozygote can arise in two ways.",
        code="""
def hardy_weinberg_expected(genotypes):
    observed = genotypes[genotypes >= 0]
    f = observed.mean() / 2
    return len(observed) * np.array([(1 - f) ** 2, f * (1 - f), f**2])
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="order",
        story="Writes p squared, 2pq, q squared with p the counted allele: 2, 1, 0 copies.",
        code="""
def hardy_weinberg_expected(genotypes):
    observed = genotypes[genotypes >= 0]
    p = observed.mean() / 2
    q = 1 - p
    return len(observed) * np.array([p**2, 2 * p * q, q**2])
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="shares-not-counts",
        story="Returns proportions.",
        code="""
def hardy_weinberg_expected(genotypes):
    f = genotypes[genotypes >= 0].mean() / 2
    return np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="missing-in-total",
        story="Multiplies by all mice, typed or not.",
        code="""
def hardy_weinberg_expected(genotypes):
    f = genotypes[genotypes >= 0].mean() / 2
    return len(genotypes) * np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="observed-counts",
        story="Counts what is there.",
        code="""
def hardy_weinberg_expected(genotypes):
    return np.array([(genotypes == k).sum() for k in range(3)])
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="variance-not-factor",
        story="Mixes the parts in proportion to their share of variance.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    g = (genetic_value - genetic_value.mean()) / genetic_value.std()
    e = (environment - environment.mean()) / environment.std()
    return heritability * g + (1 - heritability) * e
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="not-standardised",
        story="Right factors on parts of unknown variance.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    return np.sqrt(heritability) * genetic_value + np.sqrt(1 - heritability) * environment
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="correlated-environment",
        story="Forgets that two finite samples are never exactly uncorrelated.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    g = (genetic_value - genetic_value.mean()) / genetic_value.std()
    e = (environment - environment.mean()) / environment.std()
    return np.sqrt(heritability) * g + np.sqrt(1 - heritability) * e
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="swapped",
        story="Gives the environment the genetic share.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    g = (genetic_value - genetic_value.mean()) / genetic_value.std()
    e = environment - environment.mean()
    e = e - g * np.mean(g * e)
    e = e / e.std()
    return np.sqrt(1 - heritability) * g + np.sqrt(heritability) * e
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="unit-variance",
        story="Scales the environment to the genetic values and leaves the total as it falls.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    g = genetic_value - genetic_value.mean()
    e = environment - environment.mean()
    e = e - g * np.mean(g * e) / np.mean(g * g)
    e = e * np.sqrt((1 - heritability) / heritability) * g.std() / e.std()
    return g + e
""",
    ),
    WrongAnswer(
        exercise="remove_group_effect",
        earns="all-rows",
        story="Learns the means on all rows: the test mice leak into their own correction.",
        code="""
def remove_group_effect(trait, group, training):
    group = np.asarray(group)
    result = np.array(trait, dtype=float)
    for name in np.unique(group):
        result[group == name] -= trait[group == name].mean()
    return result
""",
    ),
    WrongAnswer(
        exercise="remove_group_effect",
        earns="one-mean",
        story="Centres the trait and never looks at the groups.",
        code="""
def remove_group_effect(trait, group, training):
    return trait - trait[training].mean()
""",
    ),
    WrongAnswer(
        exercise="remove_group_effect",
        earns="training-only",
        story="Corrects the training rows and forgets the others.",
        code="""
def remove_group_effect(trait, group, training):
    trait, group = trait[training], np.asarray(group)[training]
    result = np.array(trait, dtype=float)
    for name in np.unique(group):
        result[group == name] -= trait[group == name].mean()
    return result
""",
    ),
    WrongAnswer(
        exercise="remove_group_effect",
        earns="unseen-group",
        story="A group without training rows is left uncorrected.",
        code="""
def remove_group_effect(trait, group, training):
    group = np.asarray(group)
    result = np.array(trait, dtype=float)
    for name in np.unique(group[training]):
        members = training[group[training] == name]
        result[group == name] -= trait[members].mean()
    return result
""",
    ),
    WrongAnswer(
        exercise="expected_accuracy",
        earns="genetic-not-phenotype",
        story="Stops at the correlation with the genetic value.",
        code="""
def expected_accuracy(n, n_loci, heritability):
    return np.sqrt(n * heritability / (n * heritability + n_loci))
""",
    ),
    WrongAnswer(
        exercise="expected_accuracy",
        earns="ceiling-only",
        story="Believes that a good model always reaches the ceiling.",
        code="""
def expected_accuracy(n, n_loci, heritability):
    return np.sqrt(heritability)
""",
    ),
    WrongAnswer(
        exercise="expected_accuracy",
        earns="share-not-correlation",
        story="Takes the heritability for the ceiling of the correlation.",
        code="""
def expected_accuracy(n, n_loci, heritability):
    return heritability * np.sqrt(n * heritability / (n * heritability + n_loci))
""",
    ),
    WrongAnswer(
        exercise="expected_accuracy",
        earns="squared",
        story="Forgets the square roots.",
        code="""
def expected_accuracy(n, n_loci, heritability):
    return heritability * (n * heritability / (n * heritability + n_loci))
""",
    ),
    WrongAnswer(
        exercise="expected_accuracy",
        earns="ratio-upside-down",
        story="Divides loci by individuals.",
        code="""
def expected_accuracy(n, n_loci, heritability):
    ratio = n_loci / n
    return np.sqrt(heritability) * np.sqrt(ratio * heritability / (ratio * heritability + 1))
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="small-integers",
        story="Adds with Python's sum, which keeps the eight bits.",
        code="""
def allele_frequency(genotypes):
    frequencies = []
    for column in genotypes.T:
        typed = [g for g in column if g >= 0]
        frequencies.append(sum(typed) / (2 * len(typed)) if typed else np.nan)
    return np.array(frequencies)
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="zero-left-out",
        story="Takes zero copies for missing.",
        code="""
def allele_frequency(genotypes):
    seen = genotypes > 0
    return np.where(seen, genotypes, 0).sum(axis=0) / (2 * seen.sum(axis=0))
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="complete-cases",
        story="Keeps only the mice without any gap.",
        code="""
def allele_frequency(genotypes):
    complete = genotypes[(genotypes >= 0).all(axis=1)]
    return complete.mean(axis=0) / 2
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="gap-spreads",
        story="Marks the gaps with NaN and then takes the ordinary mean.",
        code="""
def allele_frequency(genotypes):
    return np.where(genotypes < 0, np.nan, genotypes).mean(axis=0) / 2
""",
    ),
    WrongAnswer(
        exercise="allele_frequency",
        earns="other-allele",
        story="Counts the copies of the other letter.",
        code="""
def allele_frequency(genotypes):
    seen = genotypes >= 0
    return 1 - np.where(seen, genotypes, 0).sum(axis=0) / (2 * seen.sum(axis=0))
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="small-integers",
        story="Adds with Python's sum, which keeps the eight bits.",
        code="""
def hardy_weinberg_expected(genotypes):
    typed = [g for g in genotypes if g >= 0]
    f = sum(typed) / (2 * len(typed))
    return len(typed) * np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="missing-in-frequency",
        story="Leaves the missing mice out of the count, not out of the mean.",
        code="""
def hardy_weinberg_expected(genotypes):
    f = genotypes.mean() / 2
    return (genotypes >= 0).sum() * np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="frequency-not-halved",
        story="Takes the mean number of copies for the frequency.",
        code="""
def hardy_weinberg_expected(genotypes):
    typed = genotypes[genotypes >= 0]
    f = typed.mean()
    return len(typed) * np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2])
""",
    ),
    WrongAnswer(
        exercise="hardy_weinberg_expected",
        earns="rounded",
        story="Thinks that mice come in whole numbers.",
        code="""
def hardy_weinberg_expected(genotypes):
    typed = genotypes[genotypes >= 0]
    f = typed.mean() / 2
    return np.round(len(typed) * np.array([(1 - f) ** 2, 2 * f * (1 - f), f**2]))
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="not-rescaled",
        story="Takes the shared part out and forgets that this makes it smaller.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    g = (genetic_value - genetic_value.mean()) / genetic_value.std()
    e = (environment - environment.mean()) / environment.std()
    e = e - g * np.mean(g * e)
    return np.sqrt(heritability) * g + np.sqrt(1 - heritability) * e
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="environment-ignored",
        story="Draws a new environment.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    g = (genetic_value - genetic_value.mean()) / genetic_value.std()
    e = np.random.default_rng(0).standard_normal(len(g))
    e = e - e.mean()
    e = e - g * np.mean(g * e)
    return np.sqrt(heritability) * g + np.sqrt(1 - heritability) * e / e.std()
""",
    ),
    WrongAnswer(
        exercise="phenotype_with_heritability",
        earns="correlated-environment",
        story="Scales the sum at the end.",
        code="""
def phenotype_with_heritability(genetic_value, environment, heritability):
    g = (genetic_value - genetic_value.mean()) / genetic_value.std()
    e = (environment - environment.mean()) / environment.std()
    y = np.sqrt(heritability) * g + np.sqrt(1 - heritability) * e
    return (y - y.mean()) / y.std()
""",
    ),
    WrongAnswer(
        exercise="expected_accuracy",
        earns="whole-ratio",
        story="Divides two whole numbers with //.",
        code="""
def expected_accuracy(n, n_loci, heritability):
    ratio = n // n_loci
    return np.sqrt(heritability) * np.sqrt(ratio * heritability / (ratio * heritability + 1))
""",
    ),
    WrongAnswer(
        exercise="expected_accuracy",
        earns="parentheses",
        story="Writes the fraction on one line as it is spoken.",
        code="""
def expected_accuracy(n, n_loci, heritability):
    ratio = n / n_loci
    genetic = np.sqrt(ratio * heritability / ratio * heritability + 1)
    return np.sqrt(heritability) * genetic
""",
    ),
    WrongAnswer(
        exercise="remove_group_effect",
        earns="test-rows-left",
        story="Corrects the rows it learned from.",
        code="""
def remove_group_effect(trait, group, training):
    corrected = trait.copy()
    for name in np.unique(group[training]):
        members = training[group[training] == name]
        corrected[members] -= trait[members].mean()
    return corrected
""",
    ),
    WrongAnswer(
        exercise="remove_group_effect",
        earns="mean-added-back",
        story="Keeps the trait on its old level.",
        code="""
def remove_group_effect(trait, group, training):
    mean = np.full(len(trait), trait[training].mean())
    for name in np.unique(group[training]):
        mean[group == name] = trait[training[group[training] == name]].mean()
    return trait - mean + trait[training].mean()
""",
    ),
]
