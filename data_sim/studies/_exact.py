"""Exact explanations of a study, at every locus, for explainers to be scored against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from data_sim.sequences import encode_bases
from data_sim.truth import Truth, exact_mutation_effects, exact_shapley_values

if TYPE_CHECKING:
    from data_sim.studies._study import Study


def mutation_effects(study: Study, rows: Any, trait: str | None) -> np.ndarray:
    """See ``Study.exact_mutation_effects``."""
    truth = _truth(study, trait)
    chosen = _rows("rows", rows, len(study.samples))
    if not isinstance(truth, Truth):
        return truth.mutation_effects([study.sequences[row] for row in chosen])  # type: ignore[index]
    if study.sequences is None:
        genotypes = _genotypes(study)
        changes = exact_mutation_effects(truth, genotypes[chosen])
        return _at_loci(changes, truth.causal_loci, genotypes.shape[1])
    mutations, loci = study.mutations, truth.causal_loci
    changes = exact_mutation_effects(truth, mutations[chosen], states=(0, 1))
    # Any letter but the reference's is the same mutation.
    mutated = np.arange(4) != encode_bases(study.reference or "")[loci, None]
    by_letter = np.where(mutated, changes[:, :, 1, None], changes[:, :, 0, None])
    return _at_loci(by_letter, loci, mutations.shape[1])


def shapley_values(study: Study, rows: Any, background: Any, trait: str | None) -> np.ndarray:
    """See ``Study.exact_shapley_values``."""
    truth = _truth(study, trait)
    if not isinstance(truth, Truth):
        raise ValueError(
            f"the study {study.name!r} has no closed form for Shapley values: its motif acts "
            "wherever it stands, so all positions depend on each other. Use "
            "exact_mutation_effects, or enumerate the coalitions of a few positions."
        )
    n = len(study.samples)
    matrix = _genotypes(study) if study.sequences is None else study.mutations
    explained, compared = matrix[_rows("rows", rows, n)], matrix[_rows("background", background, n)]
    values = exact_shapley_values(truth, explained, compared)
    return _at_loci(values, truth.causal_loci, matrix.shape[1])


def _truth(study: Study, trait: str | None) -> Any:
    if trait is None and len(study.truth) == 1:
        return next(iter(study.truth.values()))
    if trait is None or trait not in study.truth:
        raise ValueError(f"trait must be one of {', '.join(study.truth)}; got {trait!r}.")
    return study.truth[trait]


def _genotypes(study: Study) -> np.ndarray:
    if study.genotypes is None or study.causal_genotypes is not None:
        raise ValueError(
            f"the causal loci of the study {study.name!r} are not among its genotypes, so no "
            "locus in view has an exact effect of its own."
        )
    return study.genotypes


def _rows(name: str, rows: Any, n: int) -> np.ndarray:
    """Row numbers, from numbers, a mask or None for all."""
    if rows is None:
        return np.arange(n)
    array = np.atleast_1d(np.asarray(rows))
    if array.dtype == bool and array.shape == (n,):
        array = np.flatnonzero(array)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be row numbers or a mask of {n} samples, got {array.dtype}.")
    if array.size == 0 or array.min() < 0 or array.max() >= n:
        raise ValueError(f"{name} must name samples from 0 to {n - 1}, at least one.")
    return array


def _at_loci(values: np.ndarray, loci: np.ndarray, n_loci: int) -> np.ndarray:
    """Values (n, k, ...) of the causal loci among zeros: (n, n_loci, ...)."""
    spread = np.zeros((len(values), n_loci, *values.shape[2:]))
    spread[:, loci] = values + 0.0  # no negative zeros
    return spread
