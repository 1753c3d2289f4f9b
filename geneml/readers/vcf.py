"""Variant call format: the genotypes (GT) of a .vcf or .vcf.gz file.

Follows the specification of VCF 4.2 and later (https://samtools.github.io/hts-specs/).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from geneml._checks import MISSING, some
from geneml._files import Writer, read_text, write_files
from geneml.cohort import Cohort
from geneml.readers.matching import Table, with_tables

_FIXED = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
_ALLELE = re.compile(r"[ACGTNacgtn]+")
_ALTERNATIVE = re.compile(r"[ACGTNacgtn*]+|<[^<>\s,]+>|\.")
_CALLS = np.array([b"./.\t", b"0/0\t", b"0/1\t", b"1/1\t"])  # for -1, 0, 1, 2


def read_vcf(
    path: Path | str,
    phenotypes: Table | None = None,
    covariates: Table | None = None,
    *,
    samples: str = "error",
) -> Cohort:
    """Read a cohort from a .vcf or .vcf.gz file.

    A genotype counts the copies of an alternative allele, phased or not. A record with
    several alternatives becomes one variant for each, named ``id:allele``. A call with
    any missing allele (``./.``, ``./1``) is missing. A haploid call counts twice (``1`` is
    2), as PLINK stores it. A record without identifier is named
    ``chromosome:position:reference:alternative``.

    Parameters
    ----------
    path : path or str
        The file.
    phenotypes, covariates : path, str or pandas.DataFrame, optional
        Tables with a column ``sample``.
    samples : {"error", "intersection"}
        What to do when the tables have other samples.

    Returns
    -------
    Cohort

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When it is empty, truncated, not VCF, or a call cannot be read.
    """
    lines = read_text(path, "a VCF file").split("\n")
    if not lines[0].startswith("##fileformat=VCF"):
        raise ValueError(
            f"{path}: expected a VCF file, which starts with ##fileformat=VCF; received "
            f"{lines[0][:40]!r}"
        )
    header = next((i for i, line in enumerate(lines) if line.startswith("#CHROM")), len(lines))
    names = lines[header].rstrip("\r").split("\t") if header < len(lines) else []
    if names[:9] != _FIXED or len(names) < 10:
        raise ValueError(
            f"{path}: expected a line with the columns {' '.join(_FIXED)} and the samples, "
            f"received {' '.join(names[:10]) or 'none'}"
        )
    labels = names[9:]
    rows, columns = [], []
    for number, line in enumerate(lines[header + 1 :], start=header + 2):
        if line and line != "\r":
            try:
                variants, dosages = _record(line.rstrip("\r"), len(labels))
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: {error}") from None
            rows += variants
            columns += dosages
    if not rows:
        raise ValueError(f"{path}: expected at least one variant, received none")
    table = pd.DataFrame(rows, columns=["id", "chromosome", "position", "reference", "alternative"])
    repeated = table["id"][table["id"].duplicated()]
    if len(repeated):
        raise ValueError(
            f"{path}: expected each variant once, received {some(repeated)} again; "
            "merge the records, or give them different identifiers"
        )
    cohort = Cohort(
        genotypes=np.stack(columns, axis=1),
        samples=np.array(labels),
        variants=table,
        origin=Path(path).name,
    )
    return with_tables(cohort, phenotypes, covariates, samples)


def write_vcf(cohort: Cohort, path: Path | str) -> None:
    """Write the genotypes as VCF 4.2, unphased; packed by gzip if the name ends in .gz.

    Parameters
    ----------
    cohort : Cohort
        With genotypes, and alleles that VCF can hold.
    path : path or str
        Ends in .vcf or .vcf.gz.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError
        When the folder cannot be written to.
    ValueError
        When the cohort has no genotypes, or an identifier or allele is not fit for VCF.
    """
    write_files(vcf_files(cohort, path))


def vcf_files(cohort: Cohort, path: Path | str) -> dict[Path, Writer]:
    """Return what :func:`write_vcf` writes: a function for the one file."""
    genotypes = cohort.genotypes
    if genotypes is None:
        raise ValueError("cohort: expected genotypes to write as VCF, received sequences only")
    table = cohort.variants
    for name, pattern in (("reference", _ALLELE), ("alternative", _ALTERNATIVE)):
        wrong = [allele for allele in table[name] if not pattern.fullmatch(allele)]
        if wrong:
            raise ValueError(
                f"variants[{name!r}]: expected DNA letters, as VCF demands; received "
                f"{some(wrong)}; write PLINK or CSV instead"
            )
    for name, values in (("samples", cohort.samples), ("chromosome", table["chromosome"])):
        wrong = [value for value in values if "\t" in value or "\n" in value or not value]
        if wrong:
            raise ValueError(f"{name}: expected text without tabs, received {some(wrong)}")
    wrong = [name for name in table["id"] if re.search(r"[\s;]", name)]
    if wrong:
        raise ValueError(
            f"variants['id']: expected no white space or semicolon, received {some(wrong)}"
        )

    def write(stream) -> None:
        head = ["##fileformat=VCFv4.2"]
        head += [f"##contig=<ID={name}>" for name in dict.fromkeys(table["chromosome"])]
        head.append('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
        head.append("\t".join([*_FIXED, *cohort.samples]))
        stream.write(("\n".join(head) + "\n").encode())
        for j, row in enumerate(table.itertuples(index=False)):
            fixed = f"{row.chromosome}\t{row.position}\t{row.id}\t{row.reference}\t"
            fixed += f"{row.alternative}\t.\t.\t.\tGT\t"
            calls = _CALLS[genotypes[:, j] + 1].tobytes()
            stream.write(fixed.encode() + calls[:-1] + b"\n")

    return {Path(path): write}


def _record(line: str, n: int) -> tuple[list[tuple], list[np.ndarray]]:
    """Return the variants of one line, and their dosages."""
    cells = line.split("\t", 9)
    if len(cells) < 10:
        raise ValueError(
            f"expected {9 + n} columns separated by tabs, received {len(cells)}; "
            "the file may be truncated"
        )
    chromosome, position, name, reference, alternatives, *_, layout, calls = cells
    if not position.isdigit():
        raise ValueError(f"expected a position from 0, received {position!r}")
    if not reference or not alternatives:
        raise ValueError("expected a reference and an alternative allele, received an empty one")
    if layout.split(":")[0] != "GT":
        raise ValueError(f"expected genotypes (GT first in FORMAT), received {layout!r}")
    alleles = alternatives.split(",")
    first, second = _calls(calls, n)
    if max(first.max(), second.max()) > (0 if alternatives == "." else len(alleles)):
        raise ValueError(
            f"expected alleles 0 to {len(alleles)} (ALT is {alternatives}), received "
            f"{max(first.max(), second.max())}"
        )
    missing = (first < 0) | (second < 0)
    variants, dosages = [], []
    for number, allele in enumerate(alleles, start=1):
        label = f"{chromosome}:{position}:{reference}:{allele}" if name == "." else name
        if name != "." and len(alleles) > 1:
            label = f"{name}:{allele}"
        variants.append((label, chromosome, int(position), reference, allele))
        copies = (first == number).astype(np.int8) + (second == number)
        dosages.append(np.where(missing, MISSING, copies).astype(np.int8))
    return variants, dosages


def _calls(text: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the two alleles of every sample, -1 where missing."""
    if len(text) == 4 * n - 1 and text.isascii():
        # Nearly all lines hold n calls of three characters: read the bytes at once.
        cells = np.frombuffer(text.encode() + b"\t", dtype=np.uint8).reshape(n, 4)
        alleles = np.where(cells == ord("."), -1, cells.astype(np.int16) - ord("0"))
        fits = (
            (cells[:, 3] == ord("\t"))
            & np.isin(cells[:, 1], (ord("/"), ord("|")))
            & ((alleles[:, [0, 2]] >= -1) & (alleles[:, [0, 2]] <= 9)).all(axis=1)
        )
        if fits.all():
            return alleles[:, 0], alleles[:, 2]
    fields = text.split("\t")
    if len(fields) != n:
        raise ValueError(f"expected {n} genotypes, received {len(fields)}; it may be truncated")
    calls = [field.split(":", 1)[0] for field in fields]
    known = {call: _call(call) for call in set(calls)}
    pairs = np.array([known[call] for call in calls], dtype=np.int16)
    return pairs[:, 0], pairs[:, 1]


def _call(call: str) -> tuple[int, int]:
    """Return the two alleles of one call such as 0/1, 1|1, ./. or, haploid, 1."""
    parts = re.split(r"[/|]", call)
    if len(parts) > 2 or not all(part == "." or part.isdigit() for part in parts):
        raise ValueError(f"expected a genotype such as 0/1 or ./., received {call!r}")
    alleles = [-1 if part == "." else int(part) for part in parts]
    return alleles[0], alleles[-1]
