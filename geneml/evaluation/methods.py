"""Methods that are ready to be compared.

Each is a frozen dataclass of settings, called as ``method(inputs, y, split, seed)``. Whatever a
method takes from data (allele frequencies, means and deviations of markers and loadings,
variance components, penalties) it takes from the training and validation rows. Methods that
need no validation part, such as those that estimate variances by restricted likelihood, are
fitted on both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml.baselines import fit_gblup, gaussian_kernel, genomic_relationship
from geneml.evaluation.folds import non_test_rows
from geneml.evaluation.inputs import Inputs, Predicted
from geneml.evaluation.kernels import loadings_kernel, varying
from geneml.evaluation.networks import Grvsnn
from geneml.evaluation.regressions import Bayes, ElasticNet, LassoNet
from geneml.evaluation.tuned import Tuned
from geneml.splits import Split

__all__ = [
    "Bayes",
    "ElasticNet",
    "Gblup",
    "Grvsnn",
    "LassoNet",
    "Mean",
    "Rkhs",
    "StoppedOnTest",
    "Tuned",
]


@dataclass(frozen=True)
class Mean:
    """Predicts the mean of the training and validation rows: what all others have to beat."""

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Return the mean for everybody."""
        mean = y[non_test_rows(split)].mean(axis=0)
        return Predicted(np.broadcast_to(mean, y.shape), markers=0, loadings=0)


@dataclass(frozen=True)
class Gblup:
    """Best linear unbiased prediction with a kernel for each kind of input.

    Attributes
    ----------
    markers : bool
        Whether the genomic relationship matrix is a kernel.
    loadings : bool
        Whether the loadings are one, each brought to mean 0 and variance 1
        (:func:`geneml.evaluation.kernels.loadings_kernel`).
    relationship : bool
        Whether ``inputs.relationship`` is one, as it is.
    scaling : str
        Of :func:`~geneml.baselines.genomic_relationship`: ``"vanraden"`` or ``"vanraden2"``.
    """

    markers: bool = True
    loadings: bool = False
    relationship: bool = False
    scaling: str = "vanraden"

    def __post_init__(self) -> None:
        if not (self.markers or self.loadings or self.relationship):
            raise ValueError("Gblup: expected markers, loadings or relationship, received none")

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Fit by restricted likelihood on the training and validation rows."""
        rows = non_test_rows(split)
        kernels, names = [], []
        if self.markers:
            kernels.append(
                genomic_relationship(inputs.genotypes, method=self.scaling, training=rows)
            )
            names.append("markers")
        if self.loadings:
            kernels.append(loadings_kernel(inputs.need("loadings", "Gblup"), rows))
            names.append("loadings")
        if self.relationship:
            kernels.append(inputs.need("relationship", "Gblup"))
            names.append("relationship")
        found = fit_gblup(kernels, y, training=rows)
        settings = {f"{name}_share": share for name, share in zip(names, found.shares, strict=True)}
        return Predicted(
            found.predictions,
            markers=varying(inputs, rows) if self.markers else 0,
            loadings=inputs.loadings.shape[1] if self.loadings else 0,  # type: ignore[union-attr]
            settings={"heritability": found.heritability, "converged": found.converged} | settings,
        )


@dataclass(frozen=True)
class Rkhs:
    """Regression in a space of functions, with a Gaussian kernel between genotypes.

    Attributes
    ----------
    bandwidths : sequence of float
        Of :func:`~geneml.baselines.gaussian_kernel`; the one with the highest restricted
        likelihood is taken, trait by trait.
    loadings : bool
        Whether the loadings are a second, linear kernel.
    """

    bandwidths: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    loadings: bool = False

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Fit by restricted likelihood on the training and validation rows."""
        rows = non_test_rows(split)
        others = [loadings_kernel(inputs.need("loadings", "Rkhs"), rows)] if self.loadings else []
        base = gaussian_kernel(inputs.genotypes, bandwidth=1.0, training=rows)
        best = np.full(y.shape[1], -np.inf)
        values, chosen = np.empty(y.shape), np.empty(y.shape[1])
        heritability = np.empty(y.shape[1])
        for bandwidth in self.bandwidths:
            found = fit_gblup([base**bandwidth, *others], y, training=rows)
            better = found.log_likelihood > best
            best[better] = found.log_likelihood[better]
            values[:, better] = found.predictions[:, better]
            chosen[better], heritability[better] = bandwidth, found.heritability[better]
        return Predicted(
            values,
            markers=varying(inputs, rows),
            loadings=inputs.loadings.shape[1] if self.loadings else 0,  # type: ignore[union-attr]
            settings={"bandwidth": chosen, "heritability": heritability},
        )


@dataclass(frozen=True)
class StoppedOnTest:
    """A leak on display: the method's validation part is the fold on which it is scored.

    So it stops, and scales, with the test rows in sight, as some published code does. Needs
    ``compare(..., blind=False)`` and a method that does not learn weights from its validation
    part (``Grvsnn(refit=False)``).

    Attributes
    ----------
    method : callable
        The method.
    """

    method: Any

    def prepare(self) -> None:
        """Prepare the method."""
        if hasattr(self.method, "prepare"):
            self.method.prepare()

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Any:
        """Call the method with the test rows as its validation part."""
        if not np.isfinite(y[split.test]).all():
            raise ValueError(
                "StoppedOnTest: expected the traits of the test rows, received NaN. This leak has "
                "to be asked for: compare(..., blind=False)."
            )
        return self.method(
            inputs, y, Split(non_test_rows(split), split.test, np.empty(0, dtype=int)), seed
        )
