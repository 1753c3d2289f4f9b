"""Tables of traits and covariates, and matching them to samples by identifier."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geneml._checks import as_labels, some
from geneml._files import read_text
from geneml.cohort import Cohort

Table = Path | str | pd.DataFrame

MISSING_WORDS = ("", "NA", "NaN", "nan", ".")
"""What stands for a missing value in a table."""


def read_phenotypes(phenotypes: Table) -> pd.DataFrame:
    """Return a table of traits.

    Parameters
    ----------
    phenotypes : path, str or pandas.DataFrame
        A .csv or .tsv file, or a table. Identifiers are in the column ``sample``, else in
        the first column (of a file) or the index (of a DataFrame); every other column is a
        trait. Empty cells and ``NA`` are missing.

    Returns
    -------
    pandas.DataFrame
        float64, the samples as index.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When it has no trait, an identifier is repeated, or a value is no finite number.
    """
    table, source = _indexed(phenotypes, "phenotypes")
    for name in table:
        column = table[name]
        # Words for missing values are only words in a file: a DataFrame has NaN.
        known = ~(column.isna() | column.isin(MISSING_WORDS))
        numbers = pd.to_numeric(column.where(known), errors="coerce").astype(float)
        wrong = known & ~np.isfinite(numbers)
        if wrong.any():
            raise ValueError(
                f"{source}: expected finite numbers (empty or NA where not measured) in column "
                f"{name!r}, received {str(column[wrong].iloc[0])!r} for sample "
                f"{column[wrong].index[0]!r}; text such as sex belongs in the covariates"
            )
        table[name] = numbers
    return table


def read_covariates(covariates: Table) -> pd.DataFrame:
    """Return a table of covariates: numbers where a whole column is numeric, else text.

    Parameters
    ----------
    covariates : path, str or pandas.DataFrame
        As for :func:`read_phenotypes`.

    Returns
    -------
    pandas.DataFrame
        The samples as index.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When it has no column but the identifiers, or an identifier is repeated.
    """
    table, _ = _indexed(covariates, "covariates")
    if isinstance(covariates, pd.DataFrame):
        return table
    for name in table:
        column = table[name].where(~table[name].isin(MISSING_WORDS))
        try:
            table[name] = pd.to_numeric(column)
        except ValueError:
            table[name] = column
    return table


def with_tables(
    cohort: Cohort, phenotypes: Table | None, covariates: Table | None, samples: str
) -> Cohort:
    """Return the cohort with its traits and covariates, matched by identifier.

    Raises
    ------
    ValueError
        When the tables have other samples and ``samples`` is "error", or no sample is in
        all of them.
    """
    if samples not in ("error", "intersection"):
        raise ValueError(f"samples: expected 'error' or 'intersection', received {samples!r}")
    tables: dict[str, tuple[pd.DataFrame, str]] = {}
    if phenotypes is not None:
        tables["traits"] = (read_phenotypes(phenotypes), "phenotypes")
    if covariates is not None:
        tables["covariates"] = (read_covariates(covariates), "covariates")
    kept = cohort.samples
    for table, name in tables.values():
        here = np.isin(kept, table.index)
        if samples == "error":
            _need_same(cohort.samples, table.index, name)
        kept = kept[here]
    if not len(kept):
        raise ValueError(
            f"samples: expected the same identifiers in all files, received none in common (such "
            f"as {cohort.samples[0]!r} and {next(iter(tables.values()))[0].index[0]!r})"
        )
    if len(kept) < cohort.n_samples:
        cohort = cohort.select(kept)
    parts: dict[str, Any] = {part: table.loc[kept] for part, (table, _) in tables.items()}
    return replace(cohort, **parts)


def read_table(path: Path | str, what: str) -> tuple[list[str], str, str]:
    """Return the header, the text and the separator of a rectangular table.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        When there is no such file.
    ValueError
        When it is empty, has no rows, repeats a column or has rows of unequal length.
    """
    text = read_text(path, what).replace("\r\n", "\n")
    separator = "\t" if ".tsv" in Path(path).name else ","
    header = [name.strip() for name in next(csv.reader(io.StringIO(text), delimiter=separator))]
    repeated = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if repeated:
        raise ValueError(
            f"{path}: expected different column names, received {some(repeated)} more than once"
        )
    rows = 0
    if '"' not in text:  # a quoted cell may hold a separator; then the parser decides
        for number, line in enumerate(text.split("\n")[1:], start=2):
            if not line:
                continue
            rows += 1
            if line.count(separator) != len(header) - 1:
                raise ValueError(
                    f"{path}: expected {len(header)} columns on every line, as in the header; "
                    f"received {line.count(separator) + 1} on line {number}; "
                    "the file may be truncated"
                )
        if not rows:
            raise ValueError(f"{path}: expected {what}, received a header without rows")
    return header, text, separator


def _indexed(source: Table, name: str) -> tuple[pd.DataFrame, str]:
    """Return a table indexed by sample, and what to call it in a message."""
    if isinstance(source, pd.DataFrame):
        table = source.set_index("sample") if "sample" in source else source.copy()
        label = name
    else:
        what = f"a table of {name} with a column 'sample'"
        header, text, separator = read_table(source, what)
        label = str(source)
        try:
            table = pd.read_csv(
                io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, header=0
            )
        except pd.errors.ParserError as error:
            raise ValueError(f"{source}: expected {what}; {error}") from None
        table.columns = header
        table = table.set_index("sample" if "sample" in header else header[0])
    if not len(table.columns):
        raise ValueError(
            f"{label}: expected at least one column besides the identifiers, received none"
        )
    labels = as_labels(table.index, f"samples of {label}")
    return table.set_axis(pd.Index(labels, name="sample")), label


def _need_same(samples: np.ndarray, index: pd.Index, name: str) -> None:
    known, wanted = set(index), set(samples.tolist())
    if known == wanted:
        return
    lacking, unknown = sorted(wanted - known), sorted(known - wanted)
    raise ValueError(
        f"{name}: expected the {len(samples)} samples of the genotypes, received {len(index)} rows"
        + (f"; {len(lacking)} without a row: {some(lacking)}" if lacking else "")
        + (f"; {len(unknown)} unknown: {some(unknown)}" if unknown else "")
        + f"; correct the identifiers, or pass samples='intersection' to keep the "
        f"{len(known & wanted)} in common"
    )
