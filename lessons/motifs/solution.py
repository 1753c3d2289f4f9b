"""Reference answers of the lesson on motifs, with commentary."""

import numpy as np

ALPHABET = "ACGT"


# exercise: exciting_windows
# The maximum is taken over all sequences: a sequence without the motif must not lower the bar for
# itself. `range(... + 1)` keeps the last window, which ends where the sequence ends.
def exciting_windows(sequences, weights, share):
    """Windows whose activation is at least `share` of the highest one of all sequences."""
    width = len(weights)
    windows = [
        sequence[start : start + width]
        for sequence in sequences
        for start in range(len(sequence) - width + 1)
    ]
    activations = np.array(
        [
            sum(weights[place][ALPHABET.index(base)] for place, base in enumerate(window))
            for window in windows
        ]
    )
    threshold = share * activations.max()
    return [
        window
        for window, activation in zip(windows, activations, strict=True)
        if activation >= threshold
    ]


# exercise: position_weight_matrix
# Every place gets four pseudocounts, so the divisor is the number of windows plus four of them.
# Dividing by the row sums says that without having to think of it.
def position_weight_matrix(windows, pseudocount):
    """Probability of A, C, G and T at each place of the windows, shape (width, 4)."""
    counts = np.array(
        [[column.count(base) for base in ALPHABET] for column in zip(*windows, strict=True)],
        dtype=float,
    )
    counts += pseudocount
    return counts / counts.sum(axis=1, keepdims=True)


# exercise: information_content
# 0 log 0 is 0 in the limit, but nan for NumPy. A one in the place of each zero has the logarithm
# 0, and the product with the zero itself is 0 as well.
def information_content(matrix):
    """Information content of each place in bits, shape (width,)."""
    matrix = np.asarray(matrix, dtype=float)
    logarithms = np.log2(np.where(matrix > 0, matrix, 1.0))
    return 2.0 + (matrix * logarithms).sum(axis=1)


# exercise: best_site
# Instead of turning every window round, turn the matrix round once: reverse the places, and, since
# A pairs with T and C with G, reverse the order of the columns too. The start then needs no
# conversion: both strands are scored window by window of the sequence as given.
def best_site(sequence, matrix):
    """Start, strand and score in bits of the best match on either strand."""
    codes = np.array([ALPHABET.index(base) for base in sequence])
    log_odds = np.log2(np.asarray(matrix) / 0.25)
    width = len(log_odds)
    places = np.arange(width)
    sites = []
    for strand, table in (("+", log_odds), ("-", log_odds[::-1, ::-1])):
        for start in range(len(codes) - width + 1):
            score = table[places, codes[start : start + width]].sum()
            sites.append((start, strand, float(score)))
    return max(sites, key=lambda site: site[2])


# exercise: lost_by_silencing
# The mean of each filter is its own. A copy is changed: whoever writes into `activations` also
# changes the array of the caller.
def lost_by_silencing(activations, weights, bias, y, filters):
    """How far R² falls when these filters are held at their means."""

    def r_squared(values):
        residuals = y - (values @ weights + bias)
        return 1.0 - (residuals**2).sum() / ((y - y.mean()) ** 2).sum()

    silenced = activations.copy()
    silenced[:, filters] = activations[:, filters].mean(axis=0)
    return float(r_squared(activations) - r_squared(silenced))


# exercise: gene_p_values
# With m markers the chance that at least one p-value falls below p is at most m p, however the
# markers hang together. For markers in linkage disequilibrium that is too strict, never too mild.
def gene_p_values(p_values, genes):
    """Bonferroni-corrected smallest p-value of each gene."""
    return {
        gene: min(1.0, len(markers) * min(float(p_values[marker]) for marker in markers))
        for gene, markers in genes.items()
    }
