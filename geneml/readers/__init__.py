"""Cohorts from files and to files: PLINK 1, VCF, and tables of sequences or dosages.

``read`` and ``write`` go by the ending of the name; the functions of each format are
there for its own options. Samples are matched by identifier, never by order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from geneml._files import Writer, write_files
from geneml.cohort import Cohort
from geneml.readers.matching import read_covariates, read_phenotypes
from geneml.readers.plink import plink_files, read_plink, write_plink
from geneml.readers.tables import (
    csv_files,
    phenotype_files,
    read_dosages_csv,
    read_sequences_csv,
    table_has_sequences,
    write_csv,
    write_phenotypes,
)
from geneml.readers.vcf import read_vcf, vcf_files, write_vcf

__all__ = [
    "read",
    "read_covariates",
    "read_dosages_csv",
    "read_phenotypes",
    "read_plink",
    "read_sequences_csv",
    "read_vcf",
    "write",
    "write_csv",
    "write_phenotypes",
    "write_plink",
    "write_vcf",
]

_PLINK = (".bed", ".bim", ".fam")
_VCF = (".vcf", ".vcf.gz")
_TABLE = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_ENDINGS = ", ".join(_PLINK + _VCF + _TABLE)


def read(
    path: Path | str,
    phenotypes: Path | str | pd.DataFrame | None = None,
    covariates: Path | str | pd.DataFrame | None = None,
    *,
    samples: str = "error",
) -> Cohort:
    """Read a cohort, going by the ending of the file's name.

    Parameters
    ----------
    path : path or str
        ``.bed`` (or its prefix), ``.vcf``, ``.vcf.gz``, or a ``.csv`` or ``.tsv`` table of
        sequences (it has a column ``sequence``) or dosages.
    phenotypes, covariates : path, str or pandas.DataFrame, optional
        Tables with a column ``sample`` (or the identifiers in the first column).
    samples : {"error", "intersection"}
        What to do when the tables do not have the same samples: refuse, or keep those
        that all have.

    Returns
    -------
    Cohort

    Raises
    ------
    FileNotFoundError
        When a file is not there.
    ValueError
        When the ending is unknown, or a file is not what its name says.
    """
    name = str(path)
    options: dict[str, Any] = {
        "phenotypes": phenotypes,
        "covariates": covariates,
        "samples": samples,
    }
    if name.endswith(_VCF):
        return read_vcf(path, **options)
    if name.endswith(_TABLE):
        reader = read_sequences_csv if table_has_sequences(path) else read_dosages_csv
        return reader(path, **options)
    if name.endswith(_PLINK) or Path(f"{name}.bed").exists():
        return read_plink(path, **options)
    raise ValueError(f"path: expected a name that ends in one of {_ENDINGS}; received {name!r}")


def write(cohort: Cohort, path: Path | str) -> list[Path]:
    """Write a cohort, going by the ending of the name, its traits and covariates beside it.

    Parameters
    ----------
    cohort : Cohort
        What to write.
    path : path or str
        As for :func:`read`. ``name.bed`` brings ``name.phenotypes.csv`` and
        ``name.covariates.csv`` with it, where there are any.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError
        When the folder cannot be written to.
    ValueError
        When the ending is unknown, or the format cannot hold this cohort. Nothing is
        written then.
    """
    name = str(path)
    endings = [ending for ending in _PLINK + _VCF + _TABLE if name.endswith(ending)]
    if not endings:
        raise ValueError(f"path: expected a name that ends in one of {_ENDINGS}; received {name!r}")
    files: dict[Path, Writer]
    if name.endswith(_PLINK):
        files = plink_files(cohort, path)
    elif name.endswith(_VCF):
        files = vcf_files(cohort, path)
    else:
        files = csv_files(cohort, path)
    files |= phenotype_files(cohort, name.removesuffix(max(endings, key=len)))
    write_files(files)
    return list(files)
