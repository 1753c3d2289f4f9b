"""Reading what the filters of a convolution look for: windows, matrices, logos, motifs.

A filter is a small pattern detector. The sequences that excite it most are collected
(:func:`filter_windows`), counted column by column (:func:`position_weight_matrix`), drawn
(:func:`logo_heights`) and compared with motifs that are known (:func:`match_motif`). That a
filter looks like a motif does not say that the network uses it: :func:`silence_filters` asks
what is lost without it.

Matrices here are probabilities of shape (width, 4), letters A, C, G, T, rows summing to 1.
Importing this module is quick; only the functions that run a network load Keras.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geneml.encoding import one_hot_sequences
from geneml.interpret._motifs.filters import FilterWindows, filter_windows
from geneml.interpret._motifs.matrices import (
    as_background,
    as_matrix,
    consensus,
    information_content,
    log_odds,
    logo_heights,
    motif_matrix,
    position_weight_matrix,
    reverse_complement,
)
from geneml.interpret._motifs.silencing import Silenced, filter_importance, silence_filters

__all__ = [
    "FilterWindows",
    "MotifMatch",
    "Silenced",
    "consensus",
    "filter_importance",
    "filter_windows",
    "information_content",
    "log_odds",
    "logo_heights",
    "match_motif",
    "motif_matrix",
    "position_weight_matrix",
    "reverse_complement",
    "scan",
    "silence_filters",
]


def scan(
    x: Any,
    matrix: np.ndarray,
    *,
    background: np.ndarray | None = None,
    both_strands: bool = False,
) -> np.ndarray:
    """Score every window of every sequence by how well it fits a motif.

    The score is the log-odds in bits: log2 of how much likelier the window is under the
    matrix than under the background (Stormo 2000, Bioinformatics 16:16).

    Parameters
    ----------
    x : array (n, L, 4) or list of str
        One-hot sequences, or sequences. An unknown base (a row of zeros) scores 0.
    matrix : array (k, 4)
        Probabilities without zeros, from :func:`position_weight_matrix`.
    background : array (4,), optional
        How often each base occurs by chance; a quarter each by default.
    both_strands : bool
        Whether to read the other strand too: the same windows against the reverse complement.

    Returns
    -------
    ndarray of float64, shape (n, L - k + 1), or (n, L - k + 1, 2) for both strands
        Bits; window ``i`` covers the bases ``i`` to ``i + k - 1``. Last axis: forward, reverse.

    Raises
    ------
    ValueError
        If the shapes do not fit, the motif is longer than the sequences, or the matrix holds
        zeros, whose log-odds are infinite: make it with a pseudocount.
    """
    one_hot = as_one_hot(x)
    weights = log_odds(matrix, background=background)
    width, length = len(weights), one_hot.shape[1]
    if width > length:
        raise ValueError(f"the motif has {width} columns, but the sequences {length} bases.")
    strands = [weights]
    if both_strands:
        strands.append(log_odds(reverse_complement(matrix), background=background))
    scores = np.zeros((len(strands), len(one_hot), length - width + 1))
    for strand, columns in zip(scores, strands, strict=True):
        for place, column in enumerate(columns):
            strand += one_hot[:, place : place + length - width + 1] @ column
    return np.moveaxis(scores, 0, -1) if both_strands else scores[0]


@dataclass(frozen=True, eq=False)
class MotifMatch:
    """How well a filter's matrix fits a known motif, in the best position and orientation.

    Attributes
    ----------
    similarity : float
        Cosine between the two matrices after the background was taken off, -1 to 1; 1 for
        equal matrices.
    offset : int
        Column of the matrix at which the motif begins; negative where it begins before it.
    reverse : bool
        Whether it is the reverse complement of the motif that fits.
    overlap : int
        Columns that lie on each other.
    p_value : float
        Share of motifs with shuffled columns that fit as well, each in its own best position
        and orientation; nan without shuffles.
    null : ndarray
        The similarities of the shuffled motifs.
    """

    similarity: float
    offset: int
    reverse: bool
    overlap: int
    p_value: float
    null: np.ndarray = field(repr=False)


def match_motif(
    matrix: np.ndarray,
    motif: np.ndarray | str,
    *,
    both_strands: bool = True,
    minimum_overlap: int | None = None,
    background: np.ndarray | None = None,
    n_shuffles: int = 1_000,
    seed: int | np.random.Generator = 0,
) -> MotifMatch:
    r"""Find how a known motif fits best onto a matrix, and whether that is more than chance.

    With :math:`P` and :math:`M` the two matrices minus the background, shifted against each
    other by an offset, the similarity is
    :math:`\sum_{l,b} P_{lb} M_{lb} / (\lVert P \rVert \lVert M \rVert)`. Columns without a
    partner lie on background and add nothing to the sum, but count in the lengths: a match
    of a few columns cannot score high. Informative columns weigh more than vague ones. Choosing
    the best of many offsets and two orientations finds something in any matrix; the motifs
    with shuffled columns, which may choose as well, say how much (as Gupta et al. 2007, Genome
    Biology 8:R24, stress for comparisons of motifs; their measure is another one).

    Parameters
    ----------
    matrix : array (k, 4)
        Probabilities, for example of a filter's windows.
    motif : array (m, 4) or str
        The known motif: probabilities, or letters for :func:`motif_matrix`.
    both_strands : bool
        Whether to try the reverse complement as well.
    minimum_overlap : int, optional
        Fewest columns that must lie on each other; half of the shorter one by default.
    background : array (4,), optional
        How often each base occurs by chance; a quarter each by default.
    n_shuffles : int
        Motifs with their columns in random order. 0 leaves the p-value out.
    seed : int or Generator
        Decides the shuffles.

    Returns
    -------
    MotifMatch

    Raises
    ------
    ValueError
        If a matrix does not hold probabilities, one of them is nothing but background, or the
        overlap asked for is not possible.
    """
    base = as_background(background)
    centred = as_matrix(matrix, "matrix") - base
    known = motif_matrix(motif) if isinstance(motif, str) else as_matrix(motif, "motif")
    known = known - base
    shorter = min(len(centred), len(known))
    wanted = (shorter + 1) // 2 if minimum_overlap is None else minimum_overlap
    if not 1 <= wanted <= shorter:
        raise ValueError(
            f"minimum_overlap must lie between 1 and {shorter}, the columns of the shorter "
            f"matrix; received {minimum_overlap}."
        )
    if n_shuffles < 0:
        raise ValueError(f"n_shuffles must be at least 0; received {n_shuffles}.")
    for name, values in (("matrix", centred), ("motif", known)):
        if np.linalg.norm(values) < 1e-12:
            raise ValueError(f"{name} equals the background in every column: nothing to match.")
    flip = base[::-1] if both_strands else None
    if flip is not None and not np.allclose(flip, base):
        raise ValueError("both_strands needs a background in which A is as frequent as T, C as G.")
    offsets, similarities = _similarities(centred, known[None], wanted, both_strands)
    orientation, place = np.unravel_index(similarities[0].argmax(), similarities[0].shape)
    offset = int(offsets[place])
    overlap = min(len(centred), offset + len(known)) - max(0, offset)
    best = float(similarities[0].max())
    random = np.random.default_rng(seed)
    orders = np.array([random.permutation(len(known)) for _ in range(n_shuffles)], dtype=int)
    null = np.zeros(0)
    if n_shuffles:
        null = _similarities(centred, known[orders], wanted, both_strands)[1].max(axis=(1, 2))
    # An arrangement equal to the motif must count as equal in spite of rounding.
    reached = (null >= best - 1e-9).sum()
    p_value = float((1 + reached) / (1 + n_shuffles)) if n_shuffles else float("nan")
    return MotifMatch(best, offset, bool(orientation), int(overlap), p_value, null)


def _similarities(
    centred: np.ndarray, motifs: np.ndarray, wanted: int, both_strands: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Offsets, and cosines (motifs, orientations, offsets)."""
    width, other = len(centred), motifs.shape[1]
    offsets = np.arange(wanted - other, width - wanted + 1)
    oriented = [motifs, motifs[:, ::-1, ::-1]] if both_strands else [motifs]
    padded = np.zeros((width + 2 * other, 4))
    padded[other : other + width] = centred
    windows = np.stack([padded[other + start : 2 * other + start] for start in offsets])
    products = np.stack([np.einsum("olb,slb->so", windows, one) for one in oriented], axis=1)
    lengths = np.linalg.norm(centred) * np.linalg.norm(motifs, axis=(1, 2))
    return offsets, products / lengths[:, None, None]


def as_one_hot(x: Any) -> np.ndarray:
    """Sequences as one-hot (n, L, 4), or the one-hot array itself, checked."""
    one_hot = one_hot_sequences(x) if _is_text(x) else np.asarray(x)
    if one_hot.ndim != 3 or one_hot.shape[2] != 4 or one_hot.dtype.kind not in "iufb":
        raise ValueError(
            "x must be sequences, or a one-hot array of shape (n, L, 4); received an array of "
            f"shape {one_hot.shape} and dtype {one_hot.dtype}."
        )
    return one_hot


def _is_text(x: Any) -> bool:
    if isinstance(x, str):
        raise TypeError("x must be a list of sequences; received one string: put it in a list.")
    return not isinstance(x, np.ndarray) and len(x) > 0 and isinstance(next(iter(x)), str)
