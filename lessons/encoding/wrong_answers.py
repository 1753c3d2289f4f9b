"""Typical misconceptions for the lesson "Encoding", each with the hint it earns."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="one_hot_sequences",
        earns="not-one-hot",
        story="Numbers the letters.",
        code="""
def one_hot_sequences(sequences):
    return np.array([["ACGTN".index(letter) for letter in s] for s in sequences])
""",
    ),
    WrongAnswer(
        exercise="one_hot_sequences",
        earns="channels-first",
        story="Writes the letters as rows, as in a figure of a printed article.",
        code="""
def one_hot_sequences(sequences):
    letters = np.array([list(s) for s in sequences])
    return np.stack([letters == base for base in "ACGT"], axis=1).astype(float)
""",
    ),
    WrongAnswer(
        exercise="one_hot_sequences",
        earns="alphabet-order",
        story="Uses the order A, C, T, G of another publication.",
        code="""
def one_hot_sequences(sequences):
    letters = np.array([list(s) for s in sequences])
    return np.stack([letters == base for base in "ACTG"], axis=2).astype(float)
""",
    ),
    WrongAnswer(
        exercise="one_hot_sequences",
        earns="per-sequence",
        story="Fits the table of letters on each sequence anew.",
        code="""
def one_hot_sequences(sequences):
    encoded = np.zeros((len(sequences), len(sequences[0]), 4))
    for i, sequence in enumerate(sequences):
        letters = sorted(set(sequence))
        for j, letter in enumerate(sequence):
            encoded[i, j, letters.index(letter) % 4] = 1
    return encoded
""",
    ),
    WrongAnswer(
        exercise="one_hot_sequences",
        earns="unknown-letter",
        story="Looks letters up with a default, so that N becomes A.",
        code="""
def one_hot_sequences(sequences):
    column = {"A": 0, "C": 1, "G": 2, "T": 3}
    codes = np.array([[column.get(letter, 0) for letter in s] for s in sequences])
    return np.eye(4)[codes]
""",
    ),
    WrongAnswer(
        exercise="decode_sequences",
        earns="unknown-as-A",
        story="Takes argmax and forgets that four zeros have one too.",
        code="""
def decode_sequences(encoded):
    return ["".join("ACGT"[k] for k in row) for row in encoded.argmax(axis=2)]
""",
    ),
    WrongAnswer(
        exercise="decode_sequences",
        earns="letters-apart",
        story="Leaves the letters in lists.",
        code="""
def decode_sequences(encoded):
    return [["ACGT"[k] for k in row] for row in encoded.argmax(axis=2)]
""",
    ),
    WrongAnswer(
        exercise="decode_sequences",
        earns="one-string",
        story="Joins everything.",
        code="""
def decode_sequences(encoded):
    return "".join("ACGT"[k] for k in encoded.argmax(axis=2).ravel())
""",
    ),
    WrongAnswer(
        exercise="decode_sequences",
        earns="alphabet-order",
        story="Reads the columns in another order than they were written.",
        code="""
def decode_sequences(encoded):
    letters = np.array(list("ACTG"))[encoded.argmax(axis=2)]
    letters[encoded.sum(axis=2) == 0] = "N"
    return ["".join(row) for row in letters]
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="all-rows",
        story="Learns the means on the whole table.",
        code="""
def impute_with_training_means(genotypes, training):
    dosages = np.where(genotypes < 0, np.nan, genotypes)
    return np.where(np.isnan(dosages), np.nanmean(dosages, axis=0), dosages)
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="zero",
        story="Takes missing for no copy.",
        code="""
def impute_with_training_means(genotypes, training):
    return np.where(genotypes < 0, 0, genotypes).astype(float)
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="minus-one-in-mean",
        story="Takes the mean before marking the missing entries.",
        code="""
def impute_with_training_means(genotypes, training):
    means = genotypes[training].mean(axis=0)
    return np.where(genotypes < 0, means, genotypes)
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="one-mean",
        story="Fills every gap with the mean of the whole table.",
        code="""
def impute_with_training_means(genotypes, training):
    known = genotypes[training]
    return np.where(genotypes < 0, known[known >= 0].mean(), genotypes)
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="integer-array",
        story="Writes the means into the table of small integers.",
        code="""
def impute_with_training_means(genotypes, training):
    dosages = np.where(genotypes < 0, np.nan, genotypes)
    means = np.nanmean(dosages[training], axis=0)
    filled = genotypes.copy()
    rows, columns = np.nonzero(genotypes < 0)
    filled[rows, columns] = means[columns]
    return filled
""",
    ),
    WrongAnswer(
        exercise="one_hot_genotypes",
        earns="missing-wraps",
        story="Indexes the identity matrix with -1.",
        code="""
def one_hot_genotypes(genotypes):
    return np.eye(3)[genotypes]
""",
    ),
    WrongAnswer(
        exercise="one_hot_genotypes",
        earns="missing-as-zero-copies",
        story="Mends the negative positions with a zero.",
        code="""
def one_hot_genotypes(genotypes):
    return np.eye(3)[np.maximum(genotypes, 0)]
""",
    ),
    WrongAnswer(
        exercise="one_hot_genotypes",
        earns="flat",
        story="Puts the three columns of all the SNPs side by side.",
        code="""
def one_hot_genotypes(genotypes):
    encoded = genotypes[:, :, np.newaxis] == np.arange(3)
    return encoded.reshape(len(genotypes), -1).astype(float)
""",
    ),
    WrongAnswer(
        exercise="one_hot_genotypes",
        earns="cumulative",
        story="One column for each threshold: at least none, at least one, at least two.",
        code="""
def one_hot_genotypes(genotypes):
    return (genotypes[:, :, np.newaxis] >= np.arange(3)).astype(float)
""",
    ),
    WrongAnswer(
        exercise="one_hot_genotypes",
        earns="dosage-column",
        story="Writes the number of copies where a one belongs.",
        code="""
def one_hot_genotypes(genotypes):
    encoded = genotypes[:, :, np.newaxis] == np.arange(3)
    return encoded * np.arange(3.0)
""",
    ),
    WrongAnswer(
        exercise="additive_and_dominance",
        earns="full-difference",
        story="Takes the whole distance between the homozygotes.",
        code="""
def additive_and_dominance(genotypes, trait):
    none, one, two = (trait[genotypes == k].mean() for k in range(3))
    return two - none, one - (two + none) / 2
""",
    ),
    WrongAnswer(
        exercise="additive_and_dominance",
        earns="from-zero-class",
        story="Compares the heterozygote with the homozygote without copies.",
        code="""
def additive_and_dominance(genotypes, trait):
    none, one, two = (trait[genotypes == k].mean() for k in range(3))
    return (two - none) / 2, one - none
""",
    ),
    WrongAnswer(
        exercise="additive_and_dominance",
        earns="regression-slope",
        story="Fits a straight line.",
        code="""
def additive_and_dominance(genotypes, trait):
    known = genotypes >= 0
    none, one, two = (trait[genotypes == k].mean() for k in range(3))
    return np.polyfit(genotypes[known], trait[known], 1)[0], one - (two + none) / 2
""",
    ),
    WrongAnswer(
        exercise="additive_and_dominance",
        earns="missing",
        story="Lets the untyped mice into the class without copies.",
        code="""
def additive_and_dominance(genotypes, trait):
    none = trait[genotypes < 1].mean()
    one, two = trait[genotypes == 1].mean(), trait[genotypes == 2].mean()
    return (two - none) / 2, one - (two + none) / 2
""",
    ),
    WrongAnswer(
        exercise="additive_and_dominance",
        earns="sign",
        story="Subtracts the wrong way round.",
        code="""
def additive_and_dominance(genotypes, trait):
    none, one, two = (trait[genotypes == k].mean() for k in range(3))
    return (none - two) / 2, (two + none) / 2 - one
""",
    ),
    WrongAnswer(
        exercise="one_hot_sequences",
        earns="unknown-letter",
        story="Has never met an N.",
        code="""
def one_hot_sequences(sequences):
    column = {"A": [1, 0, 0, 0], "C": [0, 1, 0, 0], "G": [0, 0, 1, 0], "T": [0, 0, 0, 1]}
    return np.array([[column[letter] for letter in s] for s in sequences])
""",
    ),
    WrongAnswer(
        exercise="decode_sequences",
        earns="positions-as-letters",
        story="Takes argmax along the positions.",
        code="""
def decode_sequences(encoded):
    return ["".join("ACGT"[k % 4] for k in row) for row in encoded.argmax(axis=1)]
""",
    ),
    WrongAnswer(
        exercise="decode_sequences",
        earns="unknown-lost",
        story="Leaves out what nobody knows.",
        code="""
def decode_sequences(encoded):
    return ["".join("ACGT"[row.argmax()] for row in s if row.any()) for s in encoded]
""",
    ),
    WrongAnswer(
        exercise="one_hot_genotypes",
        earns="reversed",
        story="Counts the copies of the other letter.",
        code="""
def one_hot_genotypes(genotypes):
    return (genotypes[:, :, np.newaxis] == np.array([2, 1, 0])).astype(float)
""",
    ),
    WrongAnswer(
        exercise="additive_and_dominance",
        earns="parentheses",
        story="Forgets the parentheses.",
        code="""
def additive_and_dominance(genotypes, trait):
    none, one, two = (trait[genotypes == k].mean() for k in range(3))
    return two - none / 2, one - (two + none) / 2
""",
    ),
    WrongAnswer(
        exercise="additive_and_dominance",
        earns="medians",
        story="Takes medians for means.",
        code="""
def additive_and_dominance(genotypes, trait):
    none, one, two = (np.median(trait[genotypes == k]) for k in range(3))
    return (two - none) / 2, one - (two + none) / 2
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="median",
        story="Fills with the most common kind of middle.",
        code="""
def impute_with_training_means(genotypes, training):
    dosages = np.where(genotypes < 0, np.nan, genotypes)
    return np.where(np.isnan(dosages), np.nanmedian(dosages[training], axis=0), dosages)
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="frequency",
        story="Takes the allele frequency for the mean.",
        code="""
def impute_with_training_means(genotypes, training):
    dosages = np.where(genotypes < 0, np.nan, genotypes)
    return np.where(np.isnan(dosages), np.nanmean(dosages[training], axis=0) / 2, dosages)
""",
    ),
    WrongAnswer(
        exercise="impute_with_training_means",
        earns="gaps-left",
        story="Takes the ordinary mean of a column with NaN.",
        code="""
def impute_with_training_means(genotypes, training):
    dosages = np.where(genotypes < 0, np.nan, genotypes)
    return np.where(np.isnan(dosages), dosages[training].mean(axis=0), dosages)
""",
    ),
]
