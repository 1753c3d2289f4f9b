"""Matrices of a motif: counting windows, information, logos, log-odds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.encoding import one_hot_sequences

ALPHABET = "ACGT"
_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVNacgtryswkmbdhvn", "TGCAYRSWMKVHDBNtgcayrswmkvhdbn")
# Letters for several bases (IUPAC-IUB, Cornish-Bowden 1985, Nucleic Acids Res. 13:3021).
_IUPAC = {
    **{letter: letter for letter in ALPHABET},
    **{"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"},
    **{"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT"},
}


def position_weight_matrix(
    windows: Any,
    *,
    pseudocount: float = 1.0,
    weights: np.ndarray | None = None,
    background: np.ndarray | None = None,
) -> np.ndarray:
    """Count the bases of aligned windows, column by column, as probabilities.

    Parameters
    ----------
    windows : FilterWindows, array (m, k, 4) or list of str
        Windows of one width.
    pseudocount : float
        Windows of pure background that are counted besides, so that a base that was never
        seen is unlikely rather than impossible. At least 0.
    weights : array (m,), optional
        How much each window counts, for example its activation; 1 each by default.
    background : array (4,), optional
        How often each base occurs by chance; a quarter each by default.

    Returns
    -------
    ndarray of float64, shape (k, 4)
        Rows sum to 1. (:func:`log_odds` makes the scoring matrix of it.)

    Raises
    ------
    ValueError
        If there are no windows and no pseudocount, the shape does not fit, or a weight is
        negative.
    """
    one_hot = getattr(windows, "windows", windows)
    if not isinstance(one_hot, np.ndarray):
        one_hot = one_hot_sequences(one_hot)
    if one_hot.ndim != 3:
        raise ValueError(
            "windows must be sequences of one width or a one-hot array (windows, width, 4); "
            f"received shape {one_hot.shape}."
        )
    base = as_background(background, one_hot.shape[2])
    if not pseudocount >= 0:
        raise ValueError(f"pseudocount must be at least 0; received {pseudocount}.")
    each = np.ones(len(one_hot)) if weights is None else np.asarray(weights, dtype=float)
    if each.shape != (len(one_hot),) or not (np.isfinite(each) & (each >= 0)).all():
        raise ValueError(
            f"weights must hold {len(one_hot)} finite numbers from 0, one a window; received "
            f"shape {each.shape}."
        )
    counts = np.tensordot(each, one_hot.astype(float), axes=1) + pseudocount * base
    total = counts.sum(axis=1, keepdims=True)
    if (total <= 0).any():
        raise ValueError(
            "there is no window to count (the filter may never be active). Lower the threshold, "
            "or give a pseudocount."
        )
    return counts / total


def motif_matrix(motif: str, *, certainty: float = 0.97) -> np.ndarray:
    """Write a known motif as probabilities.

    Parameters
    ----------
    motif : str
        Bases A, C, G, T, or the letters for several of them, such as R for A or G and N for any.
    certainty : float
        Probability of the letter, shared where it stands for several bases; the rest is shared
        by the other bases. Above 0.75 and below 1: at a few mismatches a site may still be one.

    Returns
    -------
    ndarray of float64, shape (len(motif), 4)

    Raises
    ------
    ValueError
        If the motif is empty or holds another letter, or the certainty is out of range.
    """
    unknown = sorted(set(motif.upper()) - set(_IUPAC))
    if not motif or unknown:
        raise ValueError(
            f"motif must hold letters {''.join(sorted(_IUPAC))}; received {motif!r}"
            + (f" with {', '.join(unknown)}." if unknown else ".")
        )
    if not 0.75 < certainty < 1:
        raise ValueError(f"certainty must lie above 0.75 and below 1; received {certainty}.")
    rows = []
    for letter in motif.upper():
        meant = np.array([base in _IUPAC[letter] for base in ALPHABET])
        others = 4 - meant.sum()
        inside = certainty if others else 1.0
        rows.append(np.where(meant, inside / meant.sum(), (1 - inside) / max(others, 1)))
    return np.array(rows)


def reverse_complement(motif: Any) -> Any:
    """The other strand, read in its own direction.

    Parameters
    ----------
    motif : str, or array (..., k, 4)
        A sequence, or one-hot sequences or matrices with the letters A, C, G, T.

    Returns
    -------
    str or ndarray
        The same kind. Turning twice gives the motif back.

    Raises
    ------
    ValueError
        If the last axis of an array does not hold four letters.
    """
    if isinstance(motif, str):
        return motif.translate(_COMPLEMENT)[::-1]
    array = np.asarray(motif)
    if array.ndim < 2 or array.shape[-1] != 4:
        raise ValueError(
            f"motif must have the shape (..., width, 4), letters A, C, G, T; received {array.shape}"
        )
    return array[..., ::-1, ::-1]


def log_odds(matrix: np.ndarray, *, background: np.ndarray | None = None) -> np.ndarray:
    """How much likelier each base is under the motif than by chance, in bits.

    Parameters
    ----------
    matrix : array (k, 4)
        Probabilities without zeros.
    background : array (4,), optional
        How often each base occurs by chance; a quarter each by default.

    Returns
    -------
    ndarray of float64, shape (k, 4)
        log2 of probability over background.

    Raises
    ------
    ValueError
        If the rows are no probabilities, or one of them is zero.
    """
    probabilities = as_matrix(matrix, "matrix")
    if (probabilities <= 0).any():
        raise ValueError(
            "matrix holds a probability of zero, whose log-odds are infinite. Make it with a "
            "pseudocount (position_weight_matrix)."
        )
    return np.log2(probabilities / as_background(background, probabilities.shape[1]))


def information_content(
    matrix: np.ndarray, *, n_windows: float | None = None, background: np.ndarray | None = None
) -> np.ndarray:
    r"""Bits that each column of a motif tells: 2 where the base is certain, 0 where it is not.

    Without a background :math:`R = \log_2 4 + \sum_b p_b \log_2 p_b - e`, where
    :math:`e = 3 / (2 n \ln 2)` takes off what few windows pretend to know (Schneider et al.
    1986, J. Mol. Biol. 188:415). With a background it is the relative entropy
    :math:`\sum_b p_b \log_2 (p_b / q_b)`, minus the same.

    Parameters
    ----------
    matrix : array (k, 4)
        Probabilities.
    n_windows : float, optional
        Windows behind the matrix, for the small-sample correction; left out by default.
    background : array (4,), optional
        How often each base occurs by chance; a quarter each by default, where both formulas
        agree.

    Returns
    -------
    ndarray of float64, shape (k,)
        Bits, not below 0.

    Raises
    ------
    ValueError
        If the rows are no probabilities, or ``n_windows`` is not positive.
    """
    probabilities = as_matrix(matrix, "matrix")
    letters = probabilities.shape[1]
    base = as_background(background, letters)
    ratio = np.where(probabilities > 0, probabilities / base, 1.0)
    bits = (probabilities * np.log2(ratio)).sum(axis=1)
    if n_windows is not None:
        if not n_windows > 0:
            raise ValueError(f"n_windows must be above 0; received {n_windows}.")
        bits = bits - (letters - 1) / (2 * n_windows * np.log(2))
    return np.maximum(bits, 0.0)


def logo_heights(
    matrix: np.ndarray, *, n_windows: float | None = None, background: np.ndarray | None = None
) -> np.ndarray:
    """How high each letter stands in a sequence logo.

    The column's information, shared among the bases by their probability (Schneider & Stephens
    1990, Nucleic Acids Res. 18:6097).

    Parameters
    ----------
    matrix, n_windows, background
        As in :func:`information_content`.

    Returns
    -------
    ndarray of float64, shape (k, 4)
        Bits.

    Raises
    ------
    ValueError
        As :func:`information_content`.
    """
    bits = information_content(matrix, n_windows=n_windows, background=background)
    return as_matrix(matrix, "matrix") * bits[:, None]


def consensus(matrix: np.ndarray, *, minimum: float = 0.5) -> str:
    """The most probable base of each column; N where none is probable enough.

    Parameters
    ----------
    matrix : array (k, 4)
        Probabilities.
    minimum : float
        Least probability for a letter of its own, 0 to 1.

    Returns
    -------
    str
        k letters.

    Raises
    ------
    ValueError
        If the rows are no probabilities of four bases, or ``minimum`` is out of range.
    """
    probabilities = as_matrix(matrix, "matrix")
    if probabilities.shape[1] != 4:
        raise ValueError(f"matrix must have four columns; received shape {probabilities.shape}.")
    if not 0 <= minimum <= 1:
        raise ValueError(f"minimum must lie between 0 and 1; received {minimum}.")
    return "".join(ALPHABET[row.argmax()] if row.max() >= minimum else "N" for row in probabilities)


def as_matrix(matrix: Any, name: str) -> np.ndarray:
    """Probabilities (k, letters) as float64, checked."""
    array = np.asarray(matrix, dtype=float)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must have the shape (width, 4); received {array.shape}.")
    if not (array >= 0).all() or not np.allclose(array.sum(axis=1), 1.0, atol=1e-4):
        raise ValueError(f"{name} must hold probabilities: each row from 0 up, summing to 1.")
    return array


def as_background(background: Sequence[float] | np.ndarray | None, letters: int = 4) -> np.ndarray:
    """How often each letter occurs by chance, checked; all alike when not given."""
    if background is None:
        return np.full(letters, 1.0 / letters)
    array = np.asarray(background, dtype=float)
    if array.shape != (letters,) or not (array > 0).all() or abs(array.sum() - 1) > 1e-4:
        raise ValueError(
            f"background must hold {letters} shares above 0 that sum to 1; received {background!r}."
        )
    return array
