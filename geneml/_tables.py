"""Checks of the tables of a cohort: variants, traits, covariates and pedigree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geneml._checks import as_labels, some

VARIANT_COLUMNS = ("id", "chromosome", "position", "reference", "alternative")
PEDIGREE_COLUMNS = ("individual", "father", "mother")
UNKNOWN = "0"
"""An unknown parent or allele, as PLINK writes it."""


def as_samples(samples: np.ndarray | None, n: int) -> np.ndarray:
    """Return n identifiers; made up where None."""
    if samples is None:
        return np.array([f"sample{i + 1}" for i in range(n)])
    labels = as_labels(samples, "samples")
    if len(labels) != n:
        raise ValueError(
            f"samples: expected {n} identifiers, one for each row of the data, "
            f"received {len(labels)}"
        )
    return labels


def as_variants(variants: pd.DataFrame | None, p: int) -> pd.DataFrame | None:
    """Return the table of p variants, its columns in order; made up where None."""
    if p == 0:
        return None
    if variants is None:
        return pd.DataFrame(
            {
                "id": [f"variant{i + 1}" for i in range(p)],
                "chromosome": UNKNOWN,
                "position": np.zeros(p, dtype=np.int64),
                "reference": UNKNOWN,
                "alternative": UNKNOWN,
            }
        )
    _need_frame(variants, "variants", VARIANT_COLUMNS)
    if len(variants) != p:
        raise ValueError(
            f"variants: expected {p} rows, one for each column of genotypes, "
            f"received {len(variants)}"
        )
    more = [name for name in variants if name not in VARIANT_COLUMNS]
    table = variants[[*VARIANT_COLUMNS, *more]].reset_index(drop=True)
    table["id"] = as_labels(table["id"], "variants['id']")
    position = pd.to_numeric(table["position"], errors="coerce")
    wrong = position.isna() | (position < 0) | (position != position.round())
    if wrong.any():
        raise ValueError(
            "variants['position']: expected whole base pairs from 0 (0 if unknown), received "
            f"{table['position'][wrong].iloc[0]!r} for {table['id'][wrong].iloc[0]!r}"
        )
    table["position"] = position.astype(np.int64)
    for name in ("chromosome", "reference", "alternative"):
        table[name] = table[name].astype(str)
    return table


def as_traits(traits: pd.DataFrame | None, samples: np.ndarray) -> pd.DataFrame:
    """Return numeric traits in the order of the samples."""
    table = _by_sample(traits, samples, "traits")
    for name in table:
        column = table[name]
        if not pd.api.types.is_numeric_dtype(column):
            example = next((v for v in column if not isinstance(v, int | float)), column.iloc[0])
            raise ValueError(
                f"traits: expected numbers in {name!r}, received {example!r}; "
                "put text such as sex into the covariates"
            )
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(values).any():
            raise ValueError(
                f"traits: expected finite numbers in {name!r} (NaN where not measured), received "
                f"an infinite value for sample {samples[np.isinf(values)][0]!r}"
            )
        table[name] = values
    return table


def as_covariates(covariates: pd.DataFrame | None, samples: np.ndarray) -> pd.DataFrame:
    """Return covariates in the order of the samples."""
    return _by_sample(covariates, samples, "covariates")


def as_pedigree(pedigree: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the pedigree as text, unknown parents as "0"."""
    if pedigree is None:
        return None
    _need_frame(pedigree, "pedigree", PEDIGREE_COLUMNS)
    table = pedigree[list(PEDIGREE_COLUMNS)].reset_index(drop=True)
    as_labels(table["individual"], "pedigree['individual']")
    for name in PEDIGREE_COLUMNS:
        text = table[name].astype("string").fillna(UNKNOWN).astype(str)
        # -1 is how arrays of numbers say that a parent is unknown.
        table[name] = text.where(~text.isin(["", "-1", "nan", "None"]), UNKNOWN)
    own = (table["individual"] == table["father"]) | (table["individual"] == table["mother"])
    if own.any():
        raise ValueError(
            f"pedigree: expected parents other than the individual itself, received "
            f"{table['individual'][own].iloc[0]!r} as its own parent"
        )
    return table


def as_relationship(relationship: np.ndarray, n: int) -> np.ndarray:
    """Return a symmetric matrix of relationships as float64 of shape (n, n)."""
    matrix = np.asarray(relationship)
    if matrix.dtype.kind not in "iuf":
        raise TypeError(f"relationship: expected numbers, received dtype {matrix.dtype}")
    if matrix.shape != (n, n):
        raise ValueError(
            f"relationship: expected shape ({n}, {n}), a row and a column for each sample; "
            f"received {matrix.shape}"
        )
    matrix = matrix.astype(np.float64, copy=False)
    if not np.isfinite(matrix).all():
        raise ValueError("relationship: expected finite numbers, received NaN or infinity")
    if not np.allclose(matrix, matrix.T):
        raise ValueError("relationship: expected a symmetric matrix, received one that is not")
    return matrix


def _by_sample(table: pd.DataFrame | None, samples: np.ndarray, name: str) -> pd.DataFrame:
    """Return the table with the samples as its index, matched by identifier."""
    if table is None:
        return pd.DataFrame(index=pd.Index(samples, name="sample"))
    _need_frame(table, name, ())
    labels = as_labels(table.index, f"index of {name}")
    known, wanted = set(labels.tolist()), set(samples.tolist())
    if known != wanted:
        raise ValueError(
            f"{name}: expected an index of the {len(samples)} samples, received {len(labels)} rows"
            + (f", without {some(sorted(wanted - known))}" if wanted - known else "")
            + (f", with unknown {some(sorted(known - wanted))}" if known - wanted else "")
        )
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise ValueError(
            f"{name}: expected different column names, received {some(repeated)} twice"
        )
    matched = table.set_axis(pd.Index(labels, name="sample"))
    return matched.loc[samples].rename(columns=str)


def _need_frame(table: object, name: str, columns: tuple[str, ...]) -> None:
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"{name}: expected a pandas DataFrame, received {type(table).__name__}")
    absent = [column for column in columns if column not in table]
    if absent:
        raise ValueError(
            f"{name}: expected the columns {', '.join(columns)}; received "
            f"{some(table.columns, 8)}, without {some(absent)}"
        )
