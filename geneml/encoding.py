"""Turning DNA and genotypes into numbers a network can read, and back again.

Two encodings of each:

* a sequence of *L* bases becomes a one-hot array ``(L, 4)``;
* a genotype, stored as copies of one allele, stays a dosage (0, 1, 2) or becomes
  a one-hot array of three classes, which lets a network see dominance.

All functions work on whole arrays: a base is looked up by its byte in a table of
256 entries, so 9,000 sequences of 200 bases take a few hundredths of a second
(``benchmarks/encoding.json``).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from geneml._checks import MISSING, as_genotypes, as_rows

_UNKNOWN_BASE = "N"


def one_hot_sequences(
    sequences: Iterable[str], *, alphabet: str = "ACGT", unknown: str = "error"
) -> np.ndarray:
    """Encode sequences of equal length as one-hot arrays.

    Parameters
    ----------
    sequences : iterable of str, length n
        Sequences of the same length *L*. Upper and lower case mean the same base
        (lower case marks repeats in many reference files).
    alphabet : str
        The letters, in the order of the last axis.
    unknown : {"error", "zero"}
        What to do with a letter outside the alphabet, such as ``N``: refuse it, or
        leave its row zero, which says "no base is favoured".

    Returns
    -------
    numpy.ndarray
        float32, shape (n, L, len(alphabet)).

    Raises
    ------
    TypeError
        When `sequences` is one string, or holds something that is no string.
    ValueError
        When there are none, lengths differ, or a letter lies outside the alphabet.

    Examples
    --------
    >>> one_hot_sequences(["AC"]).astype(int).tolist()
    [[[1, 0, 0, 0], [0, 1, 0, 0]]]
    """
    if unknown not in ("error", "zero"):
        raise ValueError(f"unknown: expected 'error' or 'zero', received {unknown!r}")
    table = _code_table(alphabet)
    texts = _as_texts(sequences)
    length = check_equal_lengths(texts)

    joined = "".join(texts)
    # np.take copies whole rows; indexing with an array does the same six times slower.
    codes = np.take(table, np.frombuffer(joined.encode("ascii", "replace"), dtype=np.uint8))
    if unknown == "error" and (codes == len(alphabet)).any():
        where = int(np.flatnonzero(codes == len(alphabet))[0])
        raise ValueError(
            f"sequences: expected only the letters {alphabet}, received {joined[where]!r} in "
            f"sequence {where // length}, position {where % length} (counting from 0); "
            "correct the letter, or pass unknown='zero'"
        )
    # One more row of zeros than letters: what an unknown letter points at.
    rows = np.eye(len(alphabet) + 1, len(alphabet), dtype=np.float32)
    return np.take(rows, codes, axis=0).reshape(len(texts), length, len(alphabet))


def decode_sequences(one_hot: np.ndarray, *, alphabet: str = "ACGT") -> list[str]:
    """Turn one-hot arrays back into sequences; a row of zeros becomes ``N``.

    Parameters
    ----------
    one_hot : array_like, shape (n, L, len(alphabet))
        Each row holds one 1, or only zeros.
    alphabet : str
        The letters, in the order of the last axis.

    Returns
    -------
    list of str
        n sequences of length L, in upper case.

    Raises
    ------
    ValueError
        When the shape does not fit, or a row is not one-hot.
    """
    _code_table(alphabet)
    codes = _decode_classes(one_hot, len(alphabet), "one_hot")
    letters = np.frombuffer((alphabet.upper() + _UNKNOWN_BASE).encode(), dtype=np.uint8)
    return [row.tobytes().decode("ascii") for row in letters[codes]]


def one_hot_genotypes(genotypes: np.ndarray) -> np.ndarray:
    """Encode genotypes as three classes: 0, 1 and 2 copies of the counted allele.

    Parameters
    ----------
    genotypes : array_like, shape (n, p)
        0, 1, 2, and -1 (or NaN) for missing.

    Returns
    -------
    numpy.ndarray
        float32, shape (n, p, 3). A missing genotype is all zero.

    Raises
    ------
    TypeError, ValueError
        When `genotypes` is not an array of such values.
    """
    # The two lowest bits of -1 are 3: the fourth row, of zeros.
    rows = np.eye(4, 3, dtype=np.float32)
    return np.take(rows, as_genotypes(genotypes) & 3, axis=0)


def decode_genotypes(one_hot: np.ndarray) -> np.ndarray:
    """Turn one-hot genotypes back into copies of the counted allele.

    Parameters
    ----------
    one_hot : array_like, shape (n, p, 3)
        Each row holds one 1, or only zeros (missing).

    Returns
    -------
    numpy.ndarray
        int8, shape (n, p): 0, 1, 2, or -1 for missing.

    Raises
    ------
    ValueError
        When the shape does not fit, or a row is not one-hot.
    """
    codes = _decode_classes(one_hot, 3, "one_hot").astype(np.int8)
    codes[codes == 3] = MISSING
    return codes


def impute_mean(
    genotypes: np.ndarray, training: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Replace missing genotypes by the mean dosage of the training rows.

    Only training rows may set the means: a mean over all rows carries the test set
    into the training set.

    Parameters
    ----------
    genotypes : array_like, shape (n, p)
        0, 1, 2, and -1 (or NaN) for missing.
    training : array_like of int or bool, optional
        The rows that set the means. Default: all of them.

    Returns
    -------
    dosages : numpy.ndarray
        float32, shape (n, p), nothing missing.
    means : numpy.ndarray
        float32, shape (p,): the mean dosage of every variant over the training rows
        in which it was observed. 0 where it was observed in none.

    Raises
    ------
    TypeError, ValueError
        When `genotypes` is not an array of such values, or a row lies outside it.
    """
    codes = as_genotypes(genotypes)
    rows = codes if training is None else codes[as_rows(training, len(codes))]
    observed = rows != MISSING
    counts = observed.sum(axis=0)
    sums = np.sum(rows, axis=0, where=observed, dtype=np.int64)
    means = (sums / np.maximum(counts, 1)).astype(np.float32)
    dosages = codes.astype(np.float32)
    missing_rows, missing_columns = np.nonzero(codes == MISSING)
    dosages[missing_rows, missing_columns] = means[missing_columns]
    return dosages, means


def check_equal_lengths(sequences: list[str] | tuple[str, ...]) -> int:
    """Return the common length of the sequences.

    Raises
    ------
    ValueError
        When there are none, they are empty, or their lengths differ.
    """
    if not sequences:
        raise ValueError("sequences: expected at least one sequence, received none")
    length = len(sequences[0])
    for number, sequence in enumerate(sequences):
        if len(sequence) != length:
            raise ValueError(
                f"sequences: expected {length} letters in each, as in sequence 0; received "
                f"{len(sequence)} in sequence {number}; align or trim them to one length"
            )
    if length == 0:
        raise ValueError("sequences: expected at least one letter in each, received empty ones")
    return length


def _as_texts(sequences: object) -> list[str]:
    if isinstance(sequences, str | bytes):
        raise TypeError(
            "sequences: expected a list of sequences, received one string; "
            "put it in a list: [sequence]"
        )
    if not isinstance(sequences, Iterable):
        raise TypeError(f"sequences: expected a list of str, received {type(sequences).__name__}")
    texts = list(sequences)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                f"sequences: expected str, received {type(text).__name__} as sequence {number}"
            )
    return texts


def _code_table(alphabet: str) -> np.ndarray:
    """Return, for each of 256 bytes, the place of its letter in the alphabet."""
    if not isinstance(alphabet, str):
        raise TypeError(f"alphabet: expected str, received {type(alphabet).__name__}")
    letters = alphabet.upper()
    if not letters or not letters.isascii() or len(set(letters)) != len(letters) or "?" in letters:
        raise ValueError(
            f"alphabet: expected different ASCII letters such as 'ACGT', received {alphabet!r}"
        )
    table = np.full(256, len(letters), dtype=np.uint8)
    for code, letter in enumerate(letters):
        table[[ord(letter), ord(letter.lower())]] = code
    return table


def _decode_classes(one_hot: object, n_classes: int, name: str) -> np.ndarray:
    """Return the class of each row; a row of zeros is class `n_classes`."""
    array = np.asarray(one_hot)
    if array.dtype.kind not in "iufb":
        raise TypeError(f"{name}: expected numbers, received dtype {array.dtype}")
    if array.ndim != 3 or array.shape[-1] != n_classes:
        raise ValueError(f"{name}: expected shape (n, L, {n_classes}), received {array.shape}")
    codes = np.full(array.shape[:-1], n_classes, dtype=np.uint8)
    ones = np.zeros(array.shape[:-1], dtype=np.uint8)
    wrong = np.zeros(array.shape[:-1], dtype=bool)
    for number in range(n_classes):
        column = array[..., number]
        is_one = column == 1
        wrong |= ~is_one & (column != 0)
        ones += is_one
        codes[is_one] = number
    wrong |= ones > 1
    if wrong.any():
        row, position = np.argwhere(wrong)[0]
        raise ValueError(
            f"{name}: expected one 1 or only zeros in each row, received "
            f"{array[row, position].tolist()} at row {row}, position {position}"
        )
    return codes
