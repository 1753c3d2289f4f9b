"""PLINK 1 binary genotypes: .bed, .bim and .fam.

The format is documented at https://www.cog-genomics.org/plink/1.9/formats#bed. A .bed
starts with three bytes, then holds for every variant two bits a sample, four samples a
byte, the first sample in the lowest bits. It is checked here, so that a damaged or swapped
file gets a clear answer, and decoded by bed-reader.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from geneml._checks import MISSING, some
from geneml._files import Writer, existing, read_text, write_files
from geneml.cohort import Cohort
from geneml.readers.matching import Table, with_tables

_MAGIC = bytes([0x6C, 0x1B])
_VARIANT_MAJOR = 0x01
# Two bits: 00 two copies of allele 1, 01 missing, 10 one copy, 11 none.
_BITS_OF_DOSAGE = np.array([0b11, 0b10, 0b00, 0b01], dtype=np.uint8)  # the last for -1
_BLOCK = 1024  # variants encoded at once

_SEX = {"1": "M", "2": "F"}
_SEX_CODE = {"M": "1", "F": "2", "male": "1", "female": "2"}


def read_plink(
    prefix: Path | str,
    phenotypes: Table | None = None,
    covariates: Table | None = None,
    *,
    samples: str = "error",
) -> Cohort:
    """Read a cohort from .bed, .bim and .fam.

    Genotypes count allele 1 (the fifth column of .bim), which becomes ``alternative``.
    From .fam come the samples (the within-family identifier, or ``family:individual``
    where that is not unique), the pedigree, the covariates ``sex`` and ``family``, and,
    without a table of phenotypes, the trait ``phenotype`` (-9 is missing).

    Parameters
    ----------
    prefix : path or str
        Path without the ending, or that of one of the three files.
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
        When one of the files is not there.
    ValueError
        When a file is empty, truncated, swapped with another or not of this format.
    """
    bed, bim, fam = (existing(p, f"a {p.suffix} file") for p in _paths(prefix))
    people = _read_fam(fam)
    variants = _read_bim(bim)
    cohort = Cohort(
        genotypes=_read_bed(bed, len(people), len(variants)),
        variants=variants,
        origin=f"{bed.name}",
        **_parts(people, use_phenotype=phenotypes is None, fam=fam),
    )
    return with_tables(cohort, phenotypes, covariates, samples)


def write_plink(cohort: Cohort, prefix: Path | str) -> None:
    """Write .bed, .bim and .fam, all three or none.

    A single trait goes into .fam; several do not fit there, see ``write_phenotypes``.

    Parameters
    ----------
    cohort : Cohort
        With genotypes.
    prefix : path or str
        Path without the ending, or that of one of the three files.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError
        When the folder cannot be written to.
    ValueError
        When the cohort has no genotypes, or an identifier holds white space.
    """
    write_files(plink_files(cohort, prefix))


def plink_files(cohort: Cohort, prefix: Path | str) -> dict[Path, Writer]:
    """Return what :func:`write_plink` writes: a function for each of the three files."""
    genotypes = cohort.genotypes
    if genotypes is None:
        raise ValueError("cohort: expected genotypes to write as PLINK, received sequences only")
    bed, bim, fam = _paths(prefix)
    bim_text, fam_text = _bim_text(cohort), _fam_text(cohort)

    def write_bed(stream) -> None:
        n, p = genotypes.shape
        stream.write(_MAGIC + bytes([_VARIANT_MAJOR]))
        for start in range(0, p, _BLOCK):
            bits = _BITS_OF_DOSAGE[genotypes[:, start : start + _BLOCK].T]
            # The last byte of a variant is filled up with zero bits.
            bits = np.pad(bits, ((0, 0), (0, -n % 4))).reshape(len(bits), -1, 4)
            packed = bits[..., 0] | bits[..., 1] << 2 | bits[..., 2] << 4 | bits[..., 3] << 6
            stream.write(packed.astype(np.uint8).tobytes())

    return {
        bed: write_bed,
        bim: lambda stream: stream.write(bim_text.encode()),
        fam: lambda stream: stream.write(fam_text.encode()),
    }


def _paths(prefix: Path | str) -> tuple[Path, Path, Path]:
    if not isinstance(prefix, str | Path):
        raise TypeError(f"prefix: expected a path, received {type(prefix).__name__}")
    name = str(prefix)
    for ending in (".bed", ".bim", ".fam"):
        name = name.removesuffix(ending)
    return Path(f"{name}.bed"), Path(f"{name}.bim"), Path(f"{name}.fam")


def _read_bed(path: Path, n: int, p: int) -> np.ndarray:
    row = (n + 3) // 4
    with open(path, "rb") as stream:
        head = stream.read(3)
    if head[:2] != _MAGIC:
        raise ValueError(
            f"{path}: expected a .bed file, which starts with the bytes 6c 1b; received "
            f"{head[:2].hex(' ')}; is it another file by that name?"
        )
    if len(head) == 3 and head[2] != _VARIANT_MAJOR:
        raise ValueError(
            f"{path}: expected genotypes variant by variant (third byte 01), received "
            f"{head[2]:02x}; rewrite it with PLINK 1.9: plink --bfile old --make-bed --out new"
        )
    size, expected = path.stat().st_size, 3 + row * p
    if size != expected:
        raise ValueError(
            f"{path}: expected {expected} bytes for the {n} samples of .fam and the {p} variants "
            f"of .bim, received {size}; the file is "
            f"{'truncated' if size < expected else 'longer'}, or belongs to another .fam or .bim"
        )
    from bed_reader import open_bed

    with open_bed(path, iid_count=n, sid_count=p, properties={}) as bed:
        genotypes = bed.read(dtype="int8")
    genotypes[genotypes < 0] = MISSING  # bed-reader marks missing by -127
    return genotypes


def _read_bim(path: Path) -> pd.DataFrame:
    table = _read_columns(
        path, ("chromosome", "id", "centimorgan", "position", "alternative", "reference")
    )
    for name, kind in (("centimorgan", float), ("position", int)):
        table[name] = _numbers(table[name], kind, path, name)
    for name in ("alternative", "reference"):
        numeric = table[name].str.fullmatch(r"-?\d*\.\d+|-\d+|\d{2,}")
        if numeric.any():
            raise ValueError(
                f"{path}: expected alleles in columns 5 and 6, received "
                f"{table[name][numeric].iloc[0]!r}; is this a .fam file?"
            )
    # A negative position is PLINK's way of leaving a variant out.
    if (table["position"] < 0).any():
        raise ValueError(f"{path}: expected positions from 0, received a negative one")
    if (table["centimorgan"] == 0).all():
        table = table.drop(columns="centimorgan")
    return table


def _read_fam(path: Path) -> pd.DataFrame:
    table = _read_columns(path, ("family", "individual", "father", "mother", "sex", "phenotype"))
    sex = pd.to_numeric(table["sex"], errors="coerce")
    # A .bim has a position here, and a letter in the next column.
    wrong = sex.isna() | (sex > 9)
    if wrong.any():
        raise ValueError(
            f"{path}: expected sex (0, 1 or 2) in column 5, received "
            f"{table['sex'][wrong].iloc[0]!r}; is this a .bim file?"
        )
    missing = table["phenotype"].isin(["NA", "na", "NaN", "nan"])
    table["phenotype"] = _numbers(
        table["phenotype"].where(~missing, "-9"), float, path, "phenotype"
    )
    return table


def _read_columns(path: Path, names: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(read_text(path, f"a {path.suffix} file").splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != len(names):
            raise ValueError(
                f"{path}: expected {len(names)} columns ({', '.join(names)}) separated by white "
                f"space, received {len(cells)} on line {number}"
            )
        rows.append(cells)
    return pd.DataFrame(rows, columns=list(names), dtype=str)


def _numbers(column: pd.Series, kind: type, path: Path, name: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = ~np.isfinite(numbers.astype(float))
    if kind is int:
        wrong |= numbers != numbers.round()
    if wrong.any():
        raise ValueError(
            f"{path}: expected {'whole ' if kind is int else ''}numbers as {name}, received "
            f"{column[wrong].iloc[0]!r} on line {int(np.flatnonzero(wrong)[0]) + 1}; "
            "were .bim and .fam swapped?"
        )
    return numbers.astype(kind)


def _parts(people: pd.DataFrame, *, use_phenotype: bool, fam: Path) -> dict:
    """Return samples, traits, covariates and pedigree of a .fam table."""
    unique = people["individual"].is_unique
    joined = people["family"] + ":" + people["individual"]
    labels = people["individual"] if unique else joined
    if not labels.is_unique:
        raise ValueError(
            f"{fam}: expected each sample once, received {some(labels[labels.duplicated()])} again"
        )
    index = pd.Index(labels, name="sample")
    covariates = pd.DataFrame(index=index)
    sex = people["sex"].map(_SEX).fillna("unknown").to_numpy()
    if (sex != "unknown").any():
        covariates["sex"] = sex
    family = people["family"]
    # A family of its own for everyone, or the same for all, says nothing.
    if unique and 1 < family.nunique() < len(family):
        covariates["family"] = family.to_numpy()
    parts = {"samples": labels.to_numpy(), "covariates": covariates}
    if ((people["father"] != "0") | (people["mother"] != "0")).any():
        pedigree = people[["individual", "father", "mother"]].copy()
        if not unique:
            pedigree["individual"] = joined
            for parent in ("father", "mother"):
                named = people["family"] + ":" + people[parent]
                pedigree[parent] = named.where(people[parent] != "0", "0")
        parts["pedigree"] = pedigree
    values = people["phenotype"].to_numpy(copy=True)
    # 0 is missing too where the others are 1 (control) and 2 (case).
    absent = np.isin(values, (-9, 0)) if np.isin(values, (-9, 0, 1, 2)).all() else values == -9
    if use_phenotype and not absent.all():
        values[absent] = np.nan
        parts["traits"] = pd.DataFrame({"phenotype": values}, index=index)
    return parts


def _bim_text(cohort: Cohort) -> str:
    table = cohort.variants
    map_position = table["centimorgan"] if "centimorgan" in table else np.zeros(len(table))
    columns = [
        _words(table["chromosome"], "chromosome"),
        _words(table["id"], "variant id"),
        [f"{value:.10g}" for value in map_position],
        [str(value) for value in table["position"]],
        _words(table["alternative"], "alternative"),
        _words(table["reference"], "reference"),
    ]
    return "".join("\t".join(row) + "\n" for row in zip(*columns, strict=True))


def _fam_text(cohort: Cohort) -> str:
    samples = _words(cohort.samples, "sample")
    covariates = cohort.covariates
    n = cohort.n_samples
    family = _words(covariates["family"], "family") if "family" in covariates else ["0"] * n
    sex = [_SEX_CODE.get(str(value), "0") for value in covariates.get("sex", ["0"] * n)]
    parents = {}
    if cohort.pedigree is not None:
        known = cohort.pedigree.itertuples(index=False)
        parents = {row.individual: (row.father, row.mother) for row in known}
    trait = ["-9"] * n
    if len(cohort.traits.columns) == 1:
        values = cohort.traits.iloc[:, 0]
        trait = ["-9" if np.isnan(value) else repr(float(value)) for value in values]
    lines = []
    for i, sample in enumerate(samples):
        father, mother = _words(parents.get(sample, ("0", "0")), "parent")
        lines.append("\t".join((family[i], sample, father, mother, sex[i], trait[i])) + "\n")
    return "".join(lines)


def _words(values, name: str) -> list[str]:
    """Return values as text without white space, which separates columns."""
    words = [str(value) for value in values]
    wrong = [word for word in words if not word or word.split() != [word]]
    if wrong:
        raise ValueError(
            f"{name}: expected text without white space, which PLINK files cannot hold; "
            f"received {some(wrong)}"
        )
    return words
