"""Typical slips in the lesson on motifs, and the hint that each must earn."""

from lessons.grader import WrongAnswer
from lessons.motifs.wrong_windows import WRONG_WINDOWS

WRONG_ANSWERS = [
    *WRONG_WINDOWS,
    WrongAnswer(
        exercise="exciting_windows",
        earns="too-short",
        story="Goes on to the last base.",
        code="""
def exciting_windows(sequences, weights, share):
    found = []
    for sequence in sequences:
        for start in range(len(sequence)):
            window = sequence[start : start + len(weights)]
            found.append((window, sum(weights[i][ALPHABET.index(b)] for i, b in enumerate(window))))
    highest = max(value for _, value in found)
    return [window for window, value in found if value >= share * highest]
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
