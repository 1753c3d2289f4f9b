"""Windows of sequences: a filter's sums, and which windows typical slips keep."""

import numpy as np

ALPHABET = np.array(list("ACGT"))


def text(codes) -> str:
    """Bases from their numbers."""
    return "".join(ALPHABET[codes])


def activations(codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum of the weights for each window of one sequence, shape (windows,)."""
    width = len(weights)
    windows = np.lib.stride_tricks.sliding_window_view(codes, width)
    return weights[np.arange(width), windows].sum(axis=1)


def where(sequences, width, keep) -> list[str]:
    """The kept windows, sequence by sequence."""
    return [
        text(codes[start : start + width])
        for codes, kept in zip(sequences, keep, strict=True)
        for start in np.flatnonzero(kept)
    ]


def draw_task(rng):
    """Sequences, filter, share, the windows to keep, and what the typical slips keep."""
    width = int(rng.integers(4, 7))
    weights = np.round(rng.normal(size=(width, 4)), 3)
    best, worst = weights.argmax(axis=1), weights.argmin(axis=1)
    sequences = [rng.integers(0, 4, size=size) for size in rng.integers(24, 34, size=6)]
    ranked = np.sort(weights, axis=1)
    weakest = int(np.argmin(ranked[:, -1] - ranked[:, -2]))
    good = best.copy()  # no window is perfect
    good[weakest] = int(np.argsort(weights[weakest])[-2])
    sequences[1][3 : 3 + width] = good
    sequences[2][:] = np.resize(worst, len(sequences[2]))  # nothing like the motif
    sequences[3][-width:] = good  # it occurs again, as the last window of its sequence
    sequences[4][5 : 5 + width] = good
    sequences[4][5] = int(np.argsort(weights[0])[-2])  # a near miss
    sequences[5][1 - width :] = good[:-1]  # cut off at the end
    values = [activations(codes, weights) for codes in sequences]
    highest = max(one.max() for one in values)
    share = 0.5
    # No activation may lie on the threshold by rounding.
    while any(np.any(np.abs(one - share * highest) < 1e-6) for one in values):
        share += 0.0137
    above = [one >= share * highest for one in values]
    best_of_each = [np.arange(len(one)) == one.argmax() for one in values]
    slips = {
        "maximum-of-each": [one >= share * one.max() for one in values],
        "maximum-of-first": [one >= share * values[0].max() for one in values],
        "possible-maximum": [one >= share * weights.max(axis=1).sum() for one in values],
        "share-as-threshold": [one >= share for one in values],
        "last-window": [kept & (np.arange(len(kept)) < len(kept) - 1) for kept in above],
        "best-only": best_of_each,
        "best-only: above": [a & b for a, b in zip(above, best_of_each, strict=True)],
    }
    slips = {slip: where(sequences, width, kept) for slip, kept in slips.items()}
    slips["too-short"] = _with_ends(sequences, weights, share)
    return sequences, weights, share, where(sequences, width, above), slips


def _with_ends(sequences, weights, share) -> list[str]:
    """What is kept by a loop that runs on to the last base."""
    found = []
    for codes in sequences:
        for start in range(len(codes)):
            window = codes[start : start + len(weights)]
            found.append((text(window), weights[np.arange(len(window)), window].sum()))
    highest = max(value for _, value in found)
    return [window for window, value in found if value >= share * highest]
