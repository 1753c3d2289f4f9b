"""Bringing new genotypes into the order and counting of the ones a model was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geneml._checks import MISSING, some

_UNKNOWN = "0"
_COMPLEMENT = {"A": "T", "T": "A", "C": "G", "G": "C"}


@dataclass(frozen=True)
class Alignment:
    """New genotypes in a model's order.

    Attributes
    ----------
    genotypes : int8 array (n, p)
        One column for each of the model's variants; -1 where it is not in the file.
    flipped : tuple of str
        Variants that the file counts by the other allele; their counts were turned round.
    absent : tuple of str
        Variants the file does not have.
    mismatched : tuple of str
        Variants with other alleles in the file; treated as absent.
    """

    genotypes: np.ndarray
    flipped: tuple[str, ...]
    absent: tuple[str, ...]
    mismatched: tuple[str, ...]

    @property
    def absent_share(self) -> float:
        """Share of the model's variants that could not be used."""
        return (len(self.absent) + len(self.mismatched)) / self.genotypes.shape[1]

    def __str__(self) -> str:
        p = self.genotypes.shape[1]
        used = p - len(self.absent) - len(self.mismatched)
        parts = [f"{used} of {p} variants matched"]
        for count, what in (
            (len(self.flipped), "counted by the other allele and turned round"),
            (len(self.absent), "not in the file"),
            (len(self.mismatched), "with other alleles, not used"),
        ):
            if count:
                parts.append(f"{count} {what}")
        return ", ".join(parts)


def align_genotypes(
    genotypes: np.ndarray, variants: pd.DataFrame, wanted: pd.DataFrame, *, tolerance: float = 0.05
) -> Alignment:
    """Match variants by identifier and allele, never by order.

    Where the file names the same two alleles the other way round, copies c become 2 - c. A
    variant whose alleles are unknown on either side ("0") is matched by its identifier alone.
    Alleles read from the other strand of the DNA do not match and are not guessed at: for
    A/T and C/G variants that guess could be wrong.

    Parameters
    ----------
    genotypes : int8 array (n, m)
        Copies of the alternative allele, -1 missing.
    variants : DataFrame of m rows
        ``id``, ``reference``, ``alternative`` of those columns.
    wanted : DataFrame of p rows
        The same of the model's variants.
    tolerance : float
        Largest share of the model's variants that may be absent, 0 to 1.

    Returns
    -------
    Alignment

    Raises
    ------
    ValueError
        If more variants than that are absent, or the tolerance is out of range.
    """
    if not 0 <= tolerance <= 1:
        raise ValueError(f"tolerance must lie from 0 to 1, received {tolerance}.")
    rows = pd.Index(variants["id"].astype(str)).get_indexer(pd.Index(wanted["id"].astype(str)))
    found = rows >= 0
    theirs = variants.iloc[rows[found]]
    same = np.zeros(len(rows), dtype=bool)
    swapped = np.zeros(len(rows), dtype=bool)
    same[found] = _fits(wanted[found], theirs["reference"], theirs["alternative"])
    swapped[found] = _fits(wanted[found], theirs["alternative"], theirs["reference"])
    swapped &= ~same
    used = same | swapped
    table = np.full((len(genotypes), len(rows)), MISSING, dtype=np.int8)
    table[:, used] = genotypes[:, rows[used]]
    block = table[:, swapped]
    table[:, swapped] = np.where(block == MISSING, MISSING, 2 - block)
    names = wanted["id"].astype(str).to_numpy()
    alignment = Alignment(
        table, tuple(names[swapped]), tuple(names[~found]), tuple(names[found & ~used])
    )
    if not used.any() or alignment.absent_share > tolerance:
        raise ValueError(_explain(alignment, tolerance, variants, wanted))
    return alignment


def _fits(wanted: pd.DataFrame, reference: pd.Series, alternative: pd.Series) -> np.ndarray:
    """Whether the alleles agree, an unknown one agreeing with any."""
    result = np.ones(len(wanted), dtype=bool)
    for ours, theirs in ((wanted["reference"], reference), (wanted["alternative"], alternative)):
        a, b = ours.astype(str).to_numpy(), theirs.astype(str).to_numpy()
        result &= (a == b) | (a == _UNKNOWN) | (b == _UNKNOWN)
    return result


def _explain(
    alignment: Alignment, tolerance: float, variants: pd.DataFrame, wanted: pd.DataFrame
) -> str:
    text = (
        f"genotypes: expected at least {1 - tolerance:.0%} of the model's "
        f"{len(wanted)} variants, received a file in which {alignment}"
    )
    if alignment.absent:
        text += f"; absent: {some(alignment.absent)}"
    if alignment.mismatched:
        name = alignment.mismatched[0]
        ours = wanted[wanted["id"].astype(str) == name].iloc[0]
        theirs = variants[variants["id"].astype(str) == name].iloc[0]
        text += (
            f"; {name!r} is {ours['reference']}/{ours['alternative']} in the model and "
            f"{theirs['reference']}/{theirs['alternative']} in the file"
        )
        turned = {_COMPLEMENT.get(theirs[side], "?") for side in ("reference", "alternative")}
        if turned == {ours["reference"], ours["alternative"]}:
            text += " (read from the other strand? turn the file's alleles first)"
    return text + "; use the same variants as in training, or allow more with tolerance"
