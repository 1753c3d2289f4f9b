"""Tables of sequences or dosages, and the tables of traits that go with them.

``name.csv`` holds one row a sample: ``sample,sequence``, or ``sample`` and one column a
variant. ``name.variants.csv`` beside it, where there is one, gives the positions and
alleles of the dosages. Traits are in a table of their own.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geneml._checks import MISSING, as_labels, some
from geneml._files import Writer, read_text, write_files
from geneml._tables import VARIANT_COLUMNS
from geneml.cohort import Cohort
from geneml.encoding import check_equal_lengths, one_hot_sequences
from geneml.readers.matching import MISSING_WORDS, Table, read_table, with_tables


def read_sequences_csv(
    path: Path | str,
    phenotypes: Table | None = None,
    covariates: Table | None = None,
    *,
    samples: str = "error",
    alphabet: str = "ACGTN",
) -> Cohort:
    """Read a cohort from a table with the columns ``sample`` and ``sequence``.

    Further columns are traits, unless a table of phenotypes is given.

    Parameters
    ----------
    path : path or str
        A .csv or .tsv file, perhaps packed (.gz).
    phenotypes, covariates : path, str or pandas.DataFrame, optional
        Tables with a column ``sample``.
    samples : {"error", "intersection"}
        What to do when the tables have other samples.
    alphabet : str
        The letters that may occur, in upper or lower case.

    Returns
    -------
    Cohort
        Sequences in upper case.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When a column is absent, an identifier repeats, lengths differ or a letter lies
        outside the alphabet.
    """
    header, text, separator = read_table(path, "a table of sequences")
    absent = [name for name in ("sample", "sequence") if name not in header]
    if absent:
        raise ValueError(
            f"{path}: expected the columns sample and sequence, received {some(header, 6)}, "
            f"without {some(absent)}"
        )
    table = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
    table.columns = header
    sequences = table["sequence"].str.strip().str.upper().tolist()
    try:
        labels = as_labels(table["sample"], "sample")
        check_equal_lengths(sequences)
        one_hot_sequences(sequences, alphabet=alphabet)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    more = table.drop(columns="sequence")
    if phenotypes is None and len(more.columns) > 1:
        phenotypes = more
    cohort = Cohort(sequences=tuple(sequences), samples=labels, origin=Path(path).name)
    return with_tables(cohort, phenotypes, covariates, samples)


def read_dosages_csv(
    path: Path | str,
    phenotypes: Table | None = None,
    covariates: Table | None = None,
    *,
    samples: str = "error",
    variants: Path | str | None = None,
) -> Cohort:
    """Read a cohort from a table of dosages: a column ``sample``, and one a variant.

    Parameters
    ----------
    path : path or str
        A .csv or .tsv file, perhaps packed (.gz). Cells hold 0, 1 or 2 copies of the
        alternative allele; empty, ``NA`` or -1 is missing.
    phenotypes, covariates : path, str or pandas.DataFrame, optional
        Tables with a column ``sample``.
    samples : {"error", "intersection"}
        What to do when the tables have other samples.
    variants : path or str, optional
        A table with the columns id, chromosome, position, reference and alternative.
        Default: ``name.variants.csv`` beside ``name.csv``, where there is one.

    Returns
    -------
    Cohort

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When a cell is no whole dosage, an identifier repeats, or the table of variants
        does not have the same variants.
    """
    header, text, separator = read_table(path, "a table of dosages")
    key = "sample" if "sample" in header else header[0]
    names = [name for name in header if name != key]
    if not names:
        raise ValueError(f"{path}: expected a column for each variant, received only {key!r}")
    try:
        # float32 holds every dosage exactly, in half the memory.
        kinds: dict[str, Any] = {name: np.float32 for name in names} | {key: str}
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            names=header,
            header=0,
            dtype=kinds,
            keep_default_na=False,
            na_values=list(MISSING_WORDS),
        )
    except ValueError:
        cells = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
        cells.columns = header
        raise _wrong_cell(cells, key, names, path) from None
    try:
        labels = as_labels(table[key], key)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    dosages = table[names].to_numpy()
    codes = np.where(np.isnan(dosages), MISSING, dosages)
    wrong = ~np.isin(codes, (MISSING, 0, 1, 2))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"{path}: expected 0, 1 or 2 copies (empty, NA or -1 if missing), received "
            f"{codes[row, column]:g} for sample {str(labels[row])!r}, variant "
            f"{str(names[column])!r}; "
            "is this a table of phenotypes?"
        )
    cohort = Cohort(
        genotypes=codes.astype(np.int8),
        samples=labels,
        variants=_read_variants(path, variants, names),
        origin=Path(path).name,
    )
    return with_tables(cohort, phenotypes, covariates, samples)


def write_csv(cohort: Cohort, path: Path | str, *, content: str | None = None) -> None:
    """Write the sequences, or the dosages with a table of their variants.

    Parameters
    ----------
    cohort : Cohort
        What to write.
    path : path or str
        Ends in .csv or .tsv, perhaps followed by .gz.
    content : {"sequences", "dosages"}, optional
        Default: the sequences where there are any.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError
        When the folder cannot be written to.
    ValueError
        When the cohort has no such content, or an identifier holds a separator.
    """
    write_files(csv_files(cohort, path, content=content))


def write_phenotypes(cohort: Cohort, path: Path | str) -> None:
    """Write the traits as a table with a column ``sample``.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError
        When the folder cannot be written to.
    ValueError
        When the cohort has no traits.
    """
    if not len(cohort.traits.columns):
        raise ValueError("cohort: expected at least one trait to write, received none")
    write_files({Path(path): _table_writer(cohort.traits, path)})


def csv_files(
    cohort: Cohort, path: Path | str, *, content: str | None = None
) -> dict[Path, Writer]:
    """Return what :func:`write_csv` writes: a function for each file."""
    if content not in (None, "sequences", "dosages"):
        raise ValueError(f"content: expected 'sequences' or 'dosages', received {content!r}")
    chosen = content or ("sequences" if cohort.sequences is not None else "dosages")
    path = Path(path)
    separator = _separator(path)
    samples = _plain(cohort.samples, "samples", separator)
    if chosen == "sequences" and cohort.sequences is not None:
        lines = [separator.join(("sample", "sequence"))]
        lines += [separator.join(row) for row in zip(samples, cohort.sequences, strict=True)]
        return {path: lambda stream: stream.write(("\n".join(lines) + "\n").encode())}

    genotypes = cohort.genotypes
    if chosen == "sequences" or genotypes is None:
        raise ValueError(f"content: expected a cohort with {chosen}, received one without")
    header = separator.join(["sample", *_plain(cohort.variants["id"], "variants", separator)])
    words = np.array(["NA", "0", "1", "2"], dtype=object)  # for -1, 0, 1, 2

    def write(stream) -> None:
        stream.write((header + "\n").encode())
        for sample, row in zip(samples, genotypes, strict=True):
            stream.write((separator.join([sample, *words[row + 1]]) + "\n").encode())

    table = cohort.variants.set_index("id")
    beside = _variants_path(path)
    return {path: write, beside: _table_writer(table, beside)}


def phenotype_files(cohort: Cohort, prefix: str) -> dict[Path, Writer]:
    """Return functions that write traits and covariates beside ``prefix``."""
    tables = {"phenotypes": cohort.traits, "covariates": cohort.covariates}
    return {
        Path(f"{prefix}.{name}.csv"): _table_writer(table, f"{prefix}.{name}.csv")
        for name, table in tables.items()
        if len(table.columns)
    }


def table_has_sequences(path: Path | str) -> bool:
    """Return whether a table has a column ``sequence``."""
    first = read_text(path, "a table of sequences or dosages").split("\n", 1)[0]
    cells = next(csv.reader([first.rstrip("\r")], delimiter=_separator(Path(path))))
    return "sequence" in [cell.strip() for cell in cells]


def _read_variants(path: Path | str, variants: Path | str | None, names: list[str]):
    beside = _variants_path(Path(path)) if variants is None else Path(variants)
    if variants is None and not beside.exists():
        return pd.DataFrame(
            {"id": names, "chromosome": "0", "position": 0, "reference": "0", "alternative": "0"}
        )
    header, text, separator = read_table(beside, "a table of variants")
    absent = [name for name in VARIANT_COLUMNS if name not in header]
    if absent:
        raise ValueError(
            f"{beside}: expected the columns {', '.join(VARIANT_COLUMNS)}; received "
            f"{some(header, 8)}, without {some(absent)}"
        )
    # Alleles such as NA and chromosomes such as 01 are text.
    kinds = {name: str for name in VARIANT_COLUMNS if name != "position"}
    table = pd.read_csv(io.StringIO(text), sep=separator, dtype=kinds, keep_default_na=False)
    table.columns = header
    if set(table["id"]) != set(names) or len(table) != len(names):
        raise ValueError(
            f"{beside}: expected the {len(names)} variants of {path}, received {len(table)} "
            f"with other identifiers"
        )
    return table.set_index("id").loc[names].reset_index()


def _wrong_cell(cells: pd.DataFrame, key: str, names: list[str], path: Path | str) -> ValueError:
    for name in names:
        column = cells[name]
        numbers = pd.to_numeric(column.where(~column.isin(MISSING_WORDS)), errors="coerce")
        wrong = numbers.isna() & ~column.isin(MISSING_WORDS)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            return ValueError(
                f"{path}: expected numbers (0, 1, 2; empty, NA or -1 if missing), received "
                f"{column.iloc[row]!r} for sample {cells[key].iloc[row]!r}, variant {name!r}; "
                "is this a table of sequences?"
            )
    return ValueError(f"{path}: expected a table of numbers, received one that cannot be read")


def _separator(path: Path) -> str:
    return "\t" if ".tsv" in path.name else ","


def _variants_path(path: Path) -> Path:
    name = path.name.removesuffix(".gz")
    return path.with_name(f"{name.rsplit('.', 1)[0]}.variants.csv")


def _table_writer(table: pd.DataFrame, path: Path | str) -> Writer:
    text = table.to_csv(sep=_separator(Path(path)), na_rep="NA", lineterminator="\n")
    return lambda stream: stream.write(text.encode())


def _plain(values, name: str, separator: str) -> list[str]:
    words = [str(value) for value in values]
    wrong = [word for word in words if any(mark in word for mark in (separator, '"', "\n", "\r"))]
    if wrong:
        raise ValueError(
            f"{name}: expected identifiers without separators, quotes and line ends, "
            f"received {some(wrong)}"
        )
    return words
