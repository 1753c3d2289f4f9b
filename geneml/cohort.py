"""People, animals or plants with their genotypes, traits and relatives.

A :class:`Cohort` is the one shape in which data reach the rest of the package,
whichever file they came from. Rows are joined by identifier, never by order, and
everything is checked once, when the cohort is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from geneml import _tables
from geneml._checks import MISSING, as_genotypes, as_labels, as_rows, some
from geneml.encoding import _as_texts, check_equal_lengths

_MADE_UP: Any = None  # a default that is replaced when the cohort is made


@dataclass(frozen=True, eq=False)
class Cohort:
    """Samples with genotypes or sequences, and what is known about them.

    Attributes
    ----------
    genotypes : numpy.ndarray or None
        int8, shape (n, p): copies of the alternative allele, -1 for missing.
    sequences : tuple of str or None
        n sequences of one length. At least one of the two must be there.
    samples : numpy.ndarray
        str, shape (n,): unique identifiers.
    variants : pandas.DataFrame
        p rows with ``id``, ``chromosome``, ``position`` (base pairs, 0 if unknown),
        ``reference`` and ``alternative`` ("0" if unknown); more columns may follow.
        None without genotypes.
    traits : pandas.DataFrame
        Index the samples, one numeric column a trait; NaN where not measured.
    covariates : pandas.DataFrame
        Index the samples: sex, cage, family and the like.
    pedigree : pandas.DataFrame or None
        ``individual``, ``father``, ``mother`` as str, "0" where unknown. May hold
        ancestors that are no samples.
    relationship : numpy.ndarray or None
        float64, shape (n, n), symmetric: additive relationships of the samples.
    origin : str
        Where the data came from, in words.
    is_real : bool
        False for simulated data, and where nobody said otherwise.

    Raises
    ------
    TypeError
        When an attribute is of the wrong kind.
    ValueError
        When shapes do not fit, identifiers repeat or do not match, or values are
        impossible.
    """

    genotypes: np.ndarray | None = None
    sequences: tuple[str, ...] | None = None
    samples: np.ndarray = _MADE_UP
    variants: pd.DataFrame = _MADE_UP
    traits: pd.DataFrame = _MADE_UP
    covariates: pd.DataFrame = _MADE_UP
    pedigree: pd.DataFrame | None = None
    relationship: np.ndarray | None = field(default=None, repr=False)
    origin: str = ""
    is_real: bool = False

    def __post_init__(self) -> None:
        if self.genotypes is None and self.sequences is None:
            raise ValueError("cohort: expected genotypes or sequences, received neither")
        n = 0
        if self.genotypes is not None:
            self._set("genotypes", as_genotypes(self.genotypes))
            n = len(self.genotypes)
        if self.sequences is not None:
            texts = tuple(_as_texts(self.sequences))
            check_equal_lengths(texts)
            if n and len(texts) != n:
                raise ValueError(
                    f"sequences: expected {n}, one for each row of genotypes, received {len(texts)}"
                )
            self._set("sequences", texts)
            n = len(texts)
        samples = _tables.as_samples(self.samples, n)
        self._set("samples", samples)
        self._set("variants", _tables.as_variants(self.variants, self.n_variants))
        self._set("traits", _tables.as_traits(self.traits, samples))
        self._set("covariates", _tables.as_covariates(self.covariates, samples))
        self._set("pedigree", _tables.as_pedigree(self.pedigree))
        if self.relationship is not None:
            self._set("relationship", _tables.as_relationship(self.relationship, n))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @property
    def n_variants(self) -> int:
        """Number of variants; 0 without genotypes."""
        return 0 if self.genotypes is None else self.genotypes.shape[1]

    def __repr__(self) -> str:
        parts = [f"{self.n_samples} samples"]
        if self.genotypes is not None:
            parts.append(f"{self.n_variants} variants")
        if self.sequences is not None:
            parts.append(f"sequences of {len(self.sequences[0])} letters")
        if len(self.traits.columns):
            parts.append(f"traits {', '.join(map(str, self.traits.columns))}")
        if self.origin:
            parts.append(self.origin)
        return f"Cohort({'; '.join(parts)})"

    def trait(self, name: str) -> np.ndarray:
        """Return one trait, ready to be learned.

        Parameters
        ----------
        name : str
            A column of ``traits``.

        Returns
        -------
        numpy.ndarray
            float64, shape (n,).

        Raises
        ------
        ValueError
            When there is no such trait, a value is missing (see :meth:`measured`), or
            all values are the same.
        """
        self._check_trait(name)
        values = self.traits[name].to_numpy(dtype=np.float64, copy=True)
        missing = np.isnan(values)
        if missing.any():
            raise ValueError(
                f"trait {name!r}: expected a value for every sample, received {missing.sum()} "
                f"missing of {len(values)} (such as sample {self.samples[missing][0]!r}); "
                f"keep the others with cohort.measured({name!r})"
            )
        if values.min() == values.max():
            raise ValueError(
                f"trait {name!r}: expected values that differ, received {values[0]:g} for all "
                f"{len(values)} samples; nothing can be learned from a constant"
            )
        return values

    def measured(self, name: str) -> Cohort:
        """Return the samples for which a trait was measured.

        Raises
        ------
        ValueError
            When there is no such trait, or no sample has it.
        """
        self._check_trait(name)
        here = self.traits[name].notna().to_numpy()
        if not here.any():
            raise ValueError(f"trait {name!r}: expected measured values, received none")
        return self.select(np.flatnonzero(here))

    def select(self, samples: Iterable[str] | np.ndarray) -> Cohort:
        """Return a cohort of some samples, in the order given.

        Parameters
        ----------
        samples : iterable of str, or array of int or bool
            Identifiers, or row numbers such as a part of a split.

        Returns
        -------
        Cohort

        Raises
        ------
        TypeError, ValueError
            When an identifier is unknown or a row lies outside the cohort, or one is
            named twice.
        """
        if isinstance(samples, str | bytes):
            raise TypeError("samples: expected several identifiers, received one string")
        chosen = np.asarray(samples if isinstance(samples, np.ndarray) else list(samples))
        if chosen.size and chosen.dtype.kind in "biu":
            rows = as_rows(chosen, self.n_samples, "samples")
            if len(np.unique(rows)) < len(rows):
                raise ValueError("samples: expected each row once, received one more than once")
        else:
            labels = as_labels(chosen, "samples")
            rows = pd.Index(self.samples).get_indexer(pd.Index(labels))
            unknown = labels[rows < 0]
            if len(unknown):
                raise ValueError(
                    f"samples: expected identifiers of this cohort (such as {self.samples[0]!r}), "
                    f"received {some(unknown)}"
                )
        related = self.relationship
        return replace(
            self,
            genotypes=None if self.genotypes is None else self.genotypes[rows],
            sequences=None
            if self.sequences is None
            else tuple(self.sequences[row] for row in rows),
            samples=self.samples[rows],
            traits=self.traits.iloc[rows],
            covariates=self.covariates.iloc[rows],
            relationship=None if related is None else related[np.ix_(rows, rows)],
        )

    def allele_frequency(self) -> np.ndarray:
        """Return the frequency of the alternative allele among observed genotypes.

        Returns
        -------
        numpy.ndarray
            float64, shape (p,), in [0, 1]; NaN for a variant never observed.

        Raises
        ------
        ValueError
            When the cohort has no genotypes.
        """
        genotypes = self._need_genotypes("allele_frequency")
        observed = genotypes != MISSING
        counts = observed.sum(axis=0)
        copies = np.sum(genotypes, axis=0, where=observed, dtype=np.int64)
        return np.divide(copies, 2 * counts, out=np.full(len(counts), np.nan), where=counts > 0)

    def missing_rate(self) -> np.ndarray:
        """Return the share of samples whose genotype is missing, for every variant.

        Returns
        -------
        numpy.ndarray
            float64, shape (p,), in [0, 1].

        Raises
        ------
        ValueError
            When the cohort has no genotypes.
        """
        return (self._need_genotypes("missing_rate") == MISSING).mean(axis=0)

    def _need_genotypes(self, purpose: str) -> np.ndarray:
        if self.genotypes is None:
            raise ValueError(
                f"{purpose}: expected a cohort with genotypes, received one of sequences only"
            )
        return self.genotypes

    def _check_trait(self, name: str) -> None:
        if name not in self.traits:
            raise ValueError(
                f"trait: expected one of {some(self.traits.columns, 10) or 'none at all'}, "
                f"received {name!r}"
            )


def from_study(study: object) -> Cohort:
    """Return the cohort of a simulated study.

    Parameters
    ----------
    study : object
        Anything with (some of) the attributes of :class:`Cohort`; ``name`` and
        ``description`` become the origin, and ``family`` a covariate. What the
        simulator knows beyond what a real study would, such as genetic values, is
        left behind.

    Returns
    -------
    Cohort
        Not real; samples in the order of the study.

    Raises
    ------
    TypeError
        When the object has neither genotypes nor sequences.
    ValueError
        When its parts do not fit together.
    """
    if not (hasattr(study, "genotypes") or hasattr(study, "sequences")):
        raise TypeError(
            f"study: expected an object with genotypes or sequences, received "
            f"{type(study).__name__}"
        )
    copied = {f.name for f in fields(Cohort)} - {"origin", "is_real"}
    parts: dict[str, Any] = {name: getattr(study, name, None) for name in copied}
    family = getattr(study, "family", None)
    if family is not None:
        covariates = parts["covariates"]
        index = parts["samples"] if covariates is None else covariates.index
        covariates = pd.DataFrame(index=index) if covariates is None else covariates.copy()
        if "family" not in covariates:
            # Families follow the order of the study's samples, like the genotypes do.
            by_sample = pd.Series(
                np.asarray(family), index=np.asarray(parts["samples"]).astype(str)
            )
            covariates["family"] = by_sample.reindex(covariates.index.astype(str)).to_numpy()
        parts["covariates"] = covariates
    words = [str(getattr(study, name, "") or "") for name in ("name", "description")]
    origin = "simulated: " + ": ".join(word for word in words if word)
    return Cohort(**parts, origin=origin.rstrip(": "), is_real=False)
