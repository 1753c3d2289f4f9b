"""Typical slips in the lesson on motifs, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
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
        earns="added-after",
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
    WrongAnswer(
        exercise="information_content",
        earns="nats",
        story="Takes the natural logarithm.",
        code="""
def information_content(matrix):
    logs = np.log(np.where(matrix > 0, matrix, 1.0))
    return 2 + (matrix * logs).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="information_content",
        earns="entropy",
        story="Returns the uncertainty.",
        code="""
def information_content(matrix):
    logs = np.log2(np.where(matrix > 0, matrix, 1.0))
    return -(matrix * logs).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="information_content",
        earns="summed",
        story="Adds up all places.",
        code="""
def information_content(matrix):
    logs = np.log2(np.where(matrix > 0, matrix, 1.0))
    return (2 + (matrix * logs).sum(axis=1)).sum()
""",
    ),
    WrongAnswer(
        exercise="information_content",
        earns="sign",
        story="Subtracts a sum that is negative already.",
        code="""
def information_content(matrix):
    logs = np.log2(np.where(matrix > 0, matrix, 1.0))
    return 2 - (matrix * logs).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="information_content",
        earns="zero",
        story="Takes the logarithm of zero.",
        code="""
def information_content(matrix):
    with np.errstate(all="ignore"):
        return 2 + (matrix * np.log2(matrix)).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="information_content",
        earns="zero-shifted",
        story="Adds a little to every probability.",
        code="""
def information_content(matrix):
    raised = matrix + 1e-4
    return 2 + (raised * np.log2(raised)).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="one-strand",
        story="Searches one strand.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = np.log2(matrix / 0.25)
    width = len(table)
    best = None
    for strand, one in (("+", table),):
        for start in range(len(codes) - width + 1):
            score = np.sum(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="not-reversed",
        story="Swaps the bases but reads on in the same direction.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = np.log2(matrix / 0.25)
    width = len(table)
    best = None
    for strand, one in (("+", table), ("-", table[:, ::-1])):
        for start in range(len(codes) - width + 1):
            score = np.sum(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="not-complemented",
        story="Reads backwards without swapping the bases.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = np.log2(matrix / 0.25)
    width = len(table)
    best = None
    for strand, one in (("+", table), ("-", table[::-1])):
        for start in range(len(codes) - width + 1):
            score = np.sum(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="start-turned",
        story="Counts along the other strand.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = np.log2(matrix / 0.25)
    width = len(table)
    best = None
    for strand, one in (("+", table), ("-", table[::-1, ::-1])):
        for start in range(len(codes) - width + 1):
            score = np.sum(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best if best[1] == "+" else (len(codes) - width - best[0], *best[1:])
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="no-background",
        story="Forgets what chance would give.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = np.log2(matrix)
    width = len(table)
    best = None
    for strand, one in (("+", table), ("-", table[::-1, ::-1])):
        for start in range(len(codes) - width + 1):
            score = np.sum(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="natural-logarithm",
        story="Takes the natural logarithm.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = np.log(matrix / 0.25)
    width = len(table)
    best = None
    for strand, one in (("+", table), ("-", table[::-1, ::-1])):
        for start in range(len(codes) - width + 1):
            score = np.sum(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="product",
        story="Multiplies the ratios.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = matrix / 0.25
    width = len(table)
    best = None
    for strand, one in (("+", table), ("-", table[::-1, ::-1])):
        for start in range(len(codes) - width + 1):
            score = np.prod(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="strands-swapped",
        story="Calls the given strand the other one.",
        code="""
def best_site(sequence, matrix):
    codes = np.array(["ACGT".index(base) for base in sequence])
    table = np.log2(matrix / 0.25)
    width = len(table)
    best = None
    for strand, one in (("-", table), ("+", table[::-1, ::-1])):
        for start in range(len(codes) - width + 1):
            score = np.sum(one[np.arange(width), codes[start : start + width]])
            if best is None or score > best[2]:
                best = (start, strand, float(score))
    return best
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="from-one",
        story="Counts the places from 1.",
        code="""
def best_site(sequence, matrix):
    log_odds = np.log2(matrix / 0.25)
    width = len(matrix)
    sites = []
    for strand, table in (("+", log_odds), ("-", log_odds[::-1, ::-1])):
        for j in range(len(sequence) - width + 1):
            score = sum(table[i, ALPHABET.index(sequence[j + i])] for i in range(width))
            sites.append((j + 1, strand, score))
    return max(sites, key=lambda site: site[2])
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="end",
        story="Returns where the window ends.",
        code="""
def best_site(sequence, matrix):
    log_odds = np.log2(matrix / 0.25)
    width = len(matrix)
    sites = []
    for strand, table in (("+", log_odds), ("-", log_odds[::-1, ::-1])):
        for j in range(len(sequence) - width + 1):
            score = sum(table[i, ALPHABET.index(sequence[j + i])] for i in range(width))
            sites.append((j + width, strand, score))
    return max(sites, key=lambda site: site[2])
""",
    ),
    WrongAnswer(
        exercise="best_site",
        earns="last-window",
        story="Forgets the last window.",
        code="""
def best_site(sequence, matrix):
    log_odds = np.log2(matrix / 0.25)
    width = len(matrix)
    sites = []
    for strand, table in (("+", log_odds), ("-", log_odds[::-1, ::-1])):
        for j in range(len(sequence) - width):
            score = sum(table[i, ALPHABET.index(sequence[j + i])] for i in range(width))
            sites.append((j, strand, score))
    return max(sites, key=lambda site: site[2])
""",
    ),
    WrongAnswer(
        exercise="lost_by_silencing",
        earns="zero",
        story="Switches the filters off.",
        code="""
def lost_by_silencing(activations, weights, bias, y, filters):
    def r2(values):
        residuals = y - (values @ weights + bias)
        return 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()

    silenced = activations.copy()
    silenced[:, filters] = 0
    return r2(activations) - r2(silenced)
""",
    ),
    WrongAnswer(
        exercise="lost_by_silencing",
        earns="one-by-one",
        story="Silences one at a time and adds up.",
        code="""
def lost_by_silencing(activations, weights, bias, y, filters):
    def r2(values):
        residuals = y - (values @ weights + bias)
        return 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()

    silenced = activations.copy()
    total = 0.0
    for one in filters:
        silenced = activations.copy()
        silenced[:, one] = activations[:, one].mean()
        total += r2(activations) - r2(silenced)
    return total
""",
    ),
    WrongAnswer(
        exercise="lost_by_silencing",
        earns="sign",
        story="Turns the difference round.",
        code="""
def lost_by_silencing(activations, weights, bias, y, filters):
    def r2(values):
        residuals = y - (values @ weights + bias)
        return 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()

    silenced = activations.copy()
    silenced[:, filters] = activations[:, filters].mean(axis=0)
    return r2(silenced) - r2(activations)
""",
    ),
    WrongAnswer(
        exercise="lost_by_silencing",
        earns="after",
        story="Returns what is left.",
        code="""
def lost_by_silencing(activations, weights, bias, y, filters):
    def r2(values):
        residuals = y - (values @ weights + bias)
        return 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()

    silenced = activations.copy()
    silenced[:, filters] = activations[:, filters].mean(axis=0)
    return r2(silenced)
""",
    ),
    WrongAnswer(
        exercise="lost_by_silencing",
        earns="one-mean",
        story="Uses one mean for all of them.",
        code="""
def lost_by_silencing(activations, weights, bias, y, filters):
    def r2(values):
        residuals = y - (values @ weights + bias)
        return 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()

    silenced = activations.copy()
    silenced[:, filters] = activations[:, filters].mean()
    return r2(activations) - r2(silenced)
""",
    ),
    WrongAnswer(
        exercise="lost_by_silencing",
        earns="correlation",
        story="Uses the squared correlation.",
        code="""
def lost_by_silencing(activations, weights, bias, y, filters):
    silenced = activations.copy()
    silenced[:, filters] = activations[:, filters].mean(axis=0)
    before = np.corrcoef(y, activations @ weights + bias)[0, 1] ** 2
    return before - np.corrcoef(y, silenced @ weights + bias)[0, 1] ** 2
""",
    ),
    WrongAnswer(
        exercise="lost_by_silencing",
        earns="wrote-into",
        story="Writes into the array before the first R².",
        code="""
def lost_by_silencing(activations, weights, bias, y, filters):
    def r2(values):
        residuals = y - (values @ weights + bias)
        return 1 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()

    silenced = activations
    silenced[:, filters] = activations[:, filters].mean(axis=0)
    return r2(activations) - r2(silenced)
""",
    ),
    WrongAnswer(
        exercise="gene_p_values",
        earns="uncorrected",
        story="Returns the smallest p-value.",
        code="""
def gene_p_values(p_values, genes):
    return {
        gene: min(p_values[m] for m in markers)
        for gene, markers in genes.items()
    }
""",
    ),
    WrongAnswer(
        exercise="gene_p_values",
        earns="all-markers",
        story="Pays for all markers.",
        code="""
def gene_p_values(p_values, genes):
    return {
        gene: min(1.0, len(p_values) * min(p_values[m] for m in markers))
        for gene, markers in genes.items()
    }
""",
    ),
    WrongAnswer(
        exercise="gene_p_values",
        earns="above-one",
        story="Goes beyond 1.",
        code="""
def gene_p_values(p_values, genes):
    return {
        gene: len(markers) * min(p_values[m] for m in markers)
        for gene, markers in genes.items()
    }
""",
    ),
    WrongAnswer(
        exercise="gene_p_values",
        earns="averaged",
        story="Averages the p-values.",
        code="""
def gene_p_values(p_values, genes):
    return {
        gene: float(np.mean(p_values[markers]))
        for gene, markers in genes.items()
    }
""",
    ),
    WrongAnswer(
        exercise="gene_p_values",
        earns="all-genes",
        story="Pays for the number of genes.",
        code="""
def gene_p_values(p_values, genes):
    return {
        gene: min(1.0, len(genes) * min(p_values[m] for m in markers))
        for gene, markers in genes.items()
    }
""",
    ),
    WrongAnswer(
        exercise="gene_p_values",
        earns="from-one",
        story="Counts markers from 1.",
        code="""
def gene_p_values(p_values, genes):
    return {
        gene: min(1.0, len(markers) * min(p_values[m - 1] for m in markers))
        for gene, markers in genes.items()
    }
""",
    ),
]
