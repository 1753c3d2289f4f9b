"""Typical slips from a filter to a matrix, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_WINDOWS = [
    WrongAnswer(
        exercise="exciting_windows",
        earns="share-as-threshold",
        story="Takes the share for the threshold.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)
    kept = []
    everything = [
        sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
        for s in sequences
        for j in range(len(s) - width + 1)
    ]
    for s in sequences:
        own = [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]
        kept += [s[j : j + width] for j, a in enumerate(own) if a >= share]
    return kept
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="maximum-of-each",
        story="Lowers the bar for each sequence.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)
    kept = []
    everything = [
        sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
        for s in sequences
        for j in range(len(s) - width + 1)
    ]
    for s in sequences:
        own = [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]
        kept += [s[j : j + width] for j, a in enumerate(own) if a >= share * max(own)]
    return kept
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="best-only",
        story="Keeps the best window of each sequence.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)
    kept = []
    everything = [
        sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
        for s in sequences
        for j in range(len(s) - width + 1)
    ]
    for s in sequences:
        own = [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]
        j = int(np.argmax(own))
        kept.append(s[j : j + width])
    return kept
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="last-window",
        story="Stops one window too early.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)
    kept = []
    everything = [
        sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
        for s in sequences
        for j in range(len(s) - width + 1)
    ]
    for s in sequences:
        own = [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]
        kept += [
            s[j : j + width] for j, a in enumerate(own[:-1]) if a >= share * max(everything)
        ]
    return kept
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="strict",
        story="Leaves out what lies on the threshold.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)
    kept = []
    everything = [
        sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
        for s in sequences
        for j in range(len(s) - width + 1)
    ]
    for s in sequences:
        own = [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]
        kept += [s[j : j + width] for j, a in enumerate(own) if a > share * max(everything)]
    return kept
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="repeats-lost",
        story="Keeps each window once.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)
    kept = []
    everything = [
        sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
        for s in sequences
        for j in range(len(s) - width + 1)
    ]
    for s in sequences:
        own = [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]
        for j, a in enumerate(own):
            if a >= share * max(everything) and s[j : j + width] not in kept:
                kept.append(s[j : j + width])
    return kept
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="sorted",
        story="Sorts the windows by activation.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)
    found = []
    for s in sequences:
        for j in range(len(s) - width + 1):
            a = sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            found.append((a, s[j : j + width]))
    highest = max(a for a, window in found)
    return [window for a, window in sorted(found, reverse=True) if a >= share * highest]
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="maximum-of-first",
        story="Takes the first sequence for all.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)

    def activations(s):
        return [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]

    highest = max(activations(sequences[0]))
    return [
        s[j : j + width]
        for s in sequences
        for j, a in enumerate(activations(s))
        if a >= share * highest
    ]
""",
    ),
    WrongAnswer(
        exercise="exciting_windows",
        earns="possible-maximum",
        story="Takes the highest sum that is possible.",
        code="""
def exciting_windows(sequences, weights, share):
    width = len(weights)

    def activations(s):
        return [
            sum(weights[i][ALPHABET.index(s[j + i])] for i in range(width))
            for j in range(len(s) - width + 1)
        ]

    highest = np.max(weights, axis=1).sum()
    return [
        s[j : j + width]
        for s in sequences
        for j, a in enumerate(activations(s))
        if a >= share * highest
    ]
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="no-pseudocount",
        story="Forgets the pseudocount.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in "ACGT"] for c in zip(*windows)], dtype=float)
    return counts / len(windows)
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="added-after",
        story="Divides first and adds the pseudocount later.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in "ACGT"] for c in zip(*windows)], dtype=float)
    return counts / len(windows) + pseudocount
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="divided-by-windows",
        story="Divides by the number of windows alone.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in "ACGT"] for c in zip(*windows)], dtype=float)
    return (counts + pseudocount) / len(windows)
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="shared",
        story="Shares one pseudocount among the bases.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in "ACGT"] for c in zip(*windows)], dtype=float)
    return (counts + pseudocount / 4) / (len(windows) + pseudocount)
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="wrong-axis",
        story="Divides by the sums of the columns.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in "ACGT"] for c in zip(*windows)], dtype=float)
    return (counts + pseudocount) / (counts + pseudocount).sum(axis=0)
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="transposed",
        story="Puts the bases in the rows.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in "ACGT"] for c in zip(*windows)], dtype=float)
    return ((counts + pseudocount) / (len(windows) + 4 * pseudocount)).T
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="counts",
        story="Returns the counts.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in "ACGT"] for c in zip(*windows)], dtype=float)
    return counts + pseudocount
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="zeros-only",
        story="Adds the pseudocount to zeros alone.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in ALPHABET] for c in zip(*windows)], dtype=float)
    counts = np.where(counts == 0, pseudocount, counts)
    return counts / counts.sum(axis=1, keepdims=True)
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="repeats-lost",
        story="Counts each window once.",
        code="""
def position_weight_matrix(windows, pseudocount):
    windows = sorted(set(windows))
    counts = np.array([[c.count(b) for b in ALPHABET] for c in zip(*windows)], dtype=float)
    counts = counts + pseudocount
    return counts / counts.sum(axis=1, keepdims=True)
""",
    ),
    WrongAnswer(
        exercise="position_weight_matrix",
        earns="added-after",
        story="Adds the pseudocount to shares, and divides again.",
        code="""
def position_weight_matrix(windows, pseudocount):
    counts = np.array([[c.count(b) for b in ALPHABET] for c in zip(*windows)], dtype=float)
    shares = counts / len(windows) + pseudocount
    return shares / shares.sum(axis=1, keepdims=True)
""",
    ),
]
