"""Typical misconceptions for the lesson "Data curation", each with the hint it earns."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="all-rows",
        story="Scales first and splits later.",
        code="""
def scale_with_training_statistics(x, training):
    return (x - x.mean(axis=0)) / x.std(axis=0)
""",
    ),
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="own-statistics",
        story="Treats the test rows as a data set of their own.",
        code="""
def scale_with_training_statistics(x, training):
    scaled = np.empty_like(x)
    test = np.setdiff1d(np.arange(len(x)), training)
    for rows in (training, test):
        scaled[rows] = (x[rows] - x[rows].mean(axis=0)) / x[rows].std(axis=0)
    return scaled
""",
    ),
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="one-number",
        story="Forgets axis=0.",
        code="""
def scale_with_training_statistics(x, training):
    return (x - x[training].mean()) / x[training].std()
""",
    ),
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="constant-column",
        story="Divides by a standard deviation of zero.",
        code="""
def scale_with_training_statistics(x, training):
    with np.errstate(all="ignore"):
        return (x - x[training].mean(axis=0)) / x[training].std(axis=0)
""",
    ),
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="training-only",
        story="Returns what it learned from.",
        code="""
def scale_with_training_statistics(x, training):
    known = x[training]
    return (known - known.mean(axis=0)) / known.std(axis=0)
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="family-on-both-sides",
        story="Shuffles individuals, as always.",
        code="""
def grouped_split(families, test_fraction, seed):
    n = len(families)
    order = np.random.default_rng(seed).permutation(n)
    size = int(np.ceil(test_fraction * n))
    return order[size:], order[:size]
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="counted-families",
        story="Takes a fraction of the families, which differ in size.",
        code="""
def grouped_split(families, test_fraction, seed):
    names = np.random.default_rng(seed).permutation(np.unique(families))
    chosen = names[: int(np.ceil(test_fraction * len(names)))]
    in_test = np.isin(families, chosen)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="not-shuffled",
        story="Takes the families in the order of their names.",
        code="""
def grouped_split(families, test_fraction, seed):
    in_test = np.zeros(len(families), dtype=bool)
    for family in np.unique(families):
        if in_test.sum() >= test_fraction * len(families):
            break
        in_test |= families == family
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="seed-ignored",
        story="Makes a generator without the seed.",
        code="""
def grouped_split(families, test_fraction, seed):
    in_test = np.zeros(len(families), dtype=bool)
    for family in np.random.default_rng().permutation(np.unique(families)):
        if in_test.sum() >= test_fraction * len(families):
            break
        in_test |= families == family
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="swapped",
        story="Returns the test part first.",
        code="""
def grouped_split(families, test_fraction, seed):
    in_test = np.zeros(len(families), dtype=bool)
    for family in np.random.default_rng(seed).permutation(np.unique(families)):
        if in_test.sum() >= test_fraction * len(families):
            break
        in_test |= families == family
    return np.flatnonzero(in_test), np.flatnonzero(~in_test)
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="rows-lost",
        story="Keeps one member of each training family.",
        code="""
def grouped_split(families, test_fraction, seed):
    in_test = np.zeros(len(families), dtype=bool)
    for family in np.random.default_rng(seed).permutation(np.unique(families)):
        if in_test.sum() >= test_fraction * len(families):
            break
        in_test |= families == family
    training = [int(np.flatnonzero(families == f)[0]) for f in set(families[~in_test])]
    return np.array(training), np.flatnonzero(in_test)
""",
    ),
    WrongAnswer(
        exercise="find_duplicates",
        earns="positions-in-training",
        story="Walks through the wrong list.",
        code="""
def find_duplicates(training_sequences, test_sequences):
    return [i for i, s in enumerate(training_sequences) if s in test_sequences]
""",
    ),
    WrongAnswer(
        exercise="find_duplicates",
        earns="sequences",
        story="Returns what is shared, not where it is.",
        code="""
def find_duplicates(training_sequences, test_sequences):
    return sorted(set(training_sequences) & set(test_sequences))
""",
    ),
    WrongAnswer(
        exercise="find_duplicates",
        earns="same-row",
        story="Compares the two lists row by row.",
        code="""
def find_duplicates(training_sequences, test_sequences):
    pairs = enumerate(zip(training_sequences, test_sequences))
    return [i for i, (a, b) in pairs if a == b]
""",
    ),
    WrongAnswer(
        exercise="find_duplicates",
        earns="within-test",
        story="Counts a sequence that the test holds twice.",
        code="""
def find_duplicates(training_sequences, test_sequences):
    everything = list(training_sequences) + list(test_sequences)
    return [i for i, s in enumerate(test_sequences) if everything.count(s) > 1]
""",
    ),
    WrongAnswer(
        exercise="find_duplicates",
        earns="first-only",
        story="Looks each training sequence up once.",
        code="""
def find_duplicates(training_sequences, test_sequences):
    known = set(training_sequences)
    return sorted(test_sequences.index(s) for s in known if s in test_sequences)
""",
    ),
    WrongAnswer(
        exercise="kolmogorov_smirnov_statistic",
        earns="signed",
        story="Forgets that either staircase may be on top.",
        code="""
def kolmogorov_smirnov_statistic(a, b):
    points = np.concatenate([a, b])
    return float(max(np.mean(a <= t) - np.mean(b <= t) for t in points))
""",
    ),
    WrongAnswer(
        exercise="kolmogorov_smirnov_statistic",
        earns="one-sample",
        story="Looks at the values of the first sample only.",
        code="""
def kolmogorov_smirnov_statistic(a, b):
    return float(max(abs(np.mean(a <= t) - np.mean(b <= t)) for t in a))
""",
    ),
    WrongAnswer(
        exercise="kolmogorov_smirnov_statistic",
        earns="means",
        story="Thinks that distributions differ where means differ.",
        code="""
def kolmogorov_smirnov_statistic(a, b):
    return float(abs(np.mean(a) - np.mean(b)))
""",
    ),
    WrongAnswer(
        exercise="kolmogorov_smirnov_statistic",
        earns="p-value",
        story="Returns the p value of the test.",
        code="""
def kolmogorov_smirnov_statistic(a, b):
    from scipy.stats import ks_2samp
    return float(ks_2samp(a, b).pvalue)
""",
    ),
    WrongAnswer(
        exercise="kolmogorov_smirnov_statistic",
        earns="counts",
        story="Forgets to divide by the sizes.",
        code="""
def kolmogorov_smirnov_statistic(a, b):
    points = np.concatenate([a, b])
    return float(max(abs(np.sum(a <= t) - np.sum(b <= t)) for t in points))
""",
    ),
    WrongAnswer(
        exercise="kolmogorov_smirnov_statistic",
        earns="ties",
        story="Walks through all values and measures the gap in the middle of a tie.",
        code="""
def kolmogorov_smirnov_statistic(a, b):
    steps = np.concatenate([np.full(len(a), 1 / len(a)), np.full(len(b), -1 / len(b))])
    order = np.argsort(np.concatenate([a, b]), kind="stable")
    return float(np.abs(np.cumsum(steps[order])).max())
""",
    ),
    WrongAnswer(
        exercise="inverse_frequency_weights",
        earns="frequency",
        story="Weights by frequency.",
        code="""
def inverse_frequency_weights(classes):
    values, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    weights = counts[which] / len(classes)
    return weights / weights.mean()
""",
    ),
    WrongAnswer(
        exercise="inverse_frequency_weights",
        earns="mean-not-one",
        story="Stops at one over the count.",
        code="""
def inverse_frequency_weights(classes):
    values, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    return 1 / counts[which]
""",
    ),
    WrongAnswer(
        exercise="inverse_frequency_weights",
        earns="one-per-class",
        story="Returns a weight for each class.",
        code="""
def inverse_frequency_weights(classes):
    values, counts = np.unique(classes, return_counts=True)
    return len(classes) / (len(values) * counts)
""",
    ),
    WrongAnswer(
        exercise="inverse_frequency_weights",
        earns="two-classes",
        story="Writes a 2 where the number of classes belongs.",
        code="""
def inverse_frequency_weights(classes):
    values, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    return len(classes) / (2 * counts[which])
""",
    ),
    WrongAnswer(
        exercise="inverse_frequency_weights",
        earns="square-root",
        story="Softens the weights, as some do, where equal totals were asked for.",
        code="""
def inverse_frequency_weights(classes):
    values, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[which])
    return weights / weights.mean()
""",
    ),
    WrongAnswer(
        exercise="oversample_training",
        earns="test-rows",
        story="Draws rare individuals from the whole cohort.",
        code="""
def oversample_training(rare, training, seed):
    missing = len(training) - 2 * int(rare[training].sum())
    few = np.flatnonzero(rare)
    return np.concatenate([training, np.random.default_rng(seed).choice(few, size=missing)])
""",
    ),
    WrongAnswer(
        exercise="oversample_training",
        earns="threw-away",
        story="Drops common individuals instead.",
        code="""
def oversample_training(rare, training, seed):
    few, many = training[rare[training]], training[~rare[training]]
    kept = np.random.default_rng(seed).choice(many, size=len(few), replace=False)
    return np.concatenate([few, kept])
""",
    ),
    WrongAnswer(
        exercise="oversample_training",
        earns="not-balanced",
        story="Adds as many as there are common ones, and forgets those that were there.",
        code="""
def oversample_training(rare, training, seed):
    few, many = training[rare[training]], training[~rare[training]]
    again = np.random.default_rng(seed).choice(few, size=len(many))
    return np.concatenate([training, again])
""",
    ),
    WrongAnswer(
        exercise="oversample_training",
        earns="seed-ignored",
        story="Makes a generator without the seed.",
        code="""
def oversample_training(rare, training, seed):
    few = training[rare[training]]
    again = np.random.default_rng().choice(few, size=len(training) - 2 * len(few))
    return np.concatenate([training, again])
""",
    ),
    WrongAnswer(
        exercise="oversample_training",
        earns="mask",
        story="Returns a mask.",
        code="""
def oversample_training(rare, training, seed):
    mask = np.zeros(len(rare), dtype=bool)
    mask[training] = True
    return mask
""",
    ),
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="parentheses",
        story="Forgets the parentheses.",
        code="""
def scale_with_training_statistics(x, training):
    known = x[training]
    return x - known.mean(axis=0) / known.std(axis=0)
""",
    ),
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="rows-not-columns",
        story="Takes the other axis.",
        code="""
def scale_with_training_statistics(x, training):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
""",
    ),
    WrongAnswer(
        exercise="scale_with_training_statistics",
        earns="range",
        story="Scales from 0 to 1.",
        code="""
def scale_with_training_statistics(x, training):
    low, high = x[training].min(axis=0), x[training].max(axis=0)
    return (x - low) / (high - low)
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="too-few",
        story="Stops before the family that would bring it over the line.",
        code="""
def grouped_split(families, test_fraction, seed):
    in_test = np.zeros(len(families), dtype=bool)
    for family in np.random.default_rng(seed).permutation(np.unique(families)):
        more = in_test | (families == family)
        if more.sum() > test_fraction * len(families):
            break
        in_test = more
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
""",
    ),
    WrongAnswer(
        exercise="grouped_split",
        earns="too-many",
        story="Looks at the size after another family has been added.",
        code="""
def grouped_split(families, test_fraction, seed):
    in_test = np.zeros(len(families), dtype=bool)
    for family in np.random.default_rng(seed).permutation(np.unique(families)):
        enough = in_test.sum() >= test_fraction * len(families)
        in_test |= families == family
        if enough:
            break
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)
""",
    ),
    WrongAnswer(
        exercise="find_duplicates",
        earns="counts-from-one",
        story="Counts positions from 1.",
        code="""
def find_duplicates(training_sequences, test_sequences):
    known = set(training_sequences)
    return [i for i, sequence in enumerate(test_sequences, start=1) if sequence in known]
""",
    ),
    WrongAnswer(
        exercise="oversample_training",
        earns="rare-replaced",
        story="Draws all rare rows anew.",
        code="""
def oversample_training(rare, training, seed):
    few, many = training[rare[training]], training[~rare[training]]
    drawn = np.random.default_rng(seed).choice(few, size=len(many), replace=True)
    return np.concatenate([many, drawn])
""",
    ),
]
