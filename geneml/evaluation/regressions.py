"""Regressions on all columns as methods to be compared: the Bayesian alphabet and sparse ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml.baselines import fit_bayes, fit_elastic_net
from geneml.evaluation.folds import non_test_rows
from geneml.evaluation.inputs import Inputs, Predicted
from geneml.evaluation.kernels import columns, standardised_loadings, varying
from geneml.splits import Split

_EMPTY = np.empty(0, dtype=int)


@dataclass(frozen=True)
class Bayes:
    """The Bayesian alphabet, fitted on training and validation rows.

    Attributes
    ----------
    prior : "ridge", "lasso" or "bayes_c_pi"
        As in :func:`geneml.baselines.fit_bayes`.
    loadings : bool
        Whether loadings are further columns. They are scaled so that all of them together
        vary as much as all markers together; with the ridge prior they also have a variance of
        their own.
    iterations, burn_in, chains : int
        As there.

    Notes
    -----
    Markers enter as dosages. Those that count as used are all that vary; with BayesC-pi it is
    the expected number that have an effect, the sum of the inclusion probabilities. How many
    have a 95 % credible interval without zero is a setting, ``credible_markers``; so are
    ``largest_r_hat`` and ``smallest_effective_size`` of the hyperparameters.
    """

    prior: str = "ridge"
    loadings: bool = False
    iterations: int = 6_000
    burn_in: int = 2_000
    chains: int = 2

    def prepare(self) -> None:
        """Compile the sampler, which takes seconds."""
        tiny = np.tile(np.array([[0, 1, 2], [1, 0, 2], [2, 1, 0]], dtype="int8"), (4, 1))
        x, y = (tiny.astype("float32") if self.loadings else tiny), np.arange(12.0)
        blocks = np.array([0, 0, 1]) if self.prior == "ridge" and self.loadings else None
        short = {"iterations": 40, "burn_in": 0, "thin": 1, "chains": 1}
        fit_bayes(x, y, prior=self.prior, blocks=blocks, seed=0, **short)  # type: ignore[arg-type]

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Fit on the training and validation rows."""
        rows, p = non_test_rows(split), inputs.genotypes.shape[1]
        x: Any = inputs.genotypes
        blocks = None
        if self.loadings:
            extra = standardised_loadings(inputs.need("loadings", "Bayes"), rows)
            markers = columns(inputs.genotypes, rows, standardise=False)
            total = float(markers[rows].var(axis=0, dtype="float64").sum())
            extra *= np.sqrt(total / extra.shape[1])
            x = np.concatenate([markers, extra.astype("float32")], axis=1)
            if self.prior == "ridge":
                blocks = np.repeat([0, 1], [p, extra.shape[1]])
        found = fit_bayes(
            x,
            y,
            prior=self.prior,
            training=rows,
            blocks=blocks,
            iterations=self.iterations,
            burn_in=self.burn_in,
            chains=self.chains,
            seed=seed,
        )
        used: Any = (varying(inputs, rows), x.shape[1] - p)
        if found.inclusion is not None:
            used = (found.inclusion[:p].sum(axis=0), found.inclusion[p:].sum(axis=0))
        by_trait = found.convergence.groupby("trait")
        return Predicted(
            found.predictions,
            markers=used[0],
            loadings=used[1],
            settings={
                "heritability": found.heritability,
                "credible_markers": found.selected()[:p].sum(axis=0),
                "largest_r_hat": by_trait["r_hat"].max().to_numpy(),
                "smallest_effective_size": by_trait["effective_size"].min().to_numpy(),
            },
        )


@dataclass(frozen=True)
class ElasticNet:
    """Elastic net: penalty and mixing chosen on the validation rows, trait by trait.

    Attributes
    ----------
    loadings : bool
        Whether loadings are further columns. All columns have mean 0 and variance 1.
    mixing : float or sequence
        As in :func:`geneml.baselines.fit_elastic_net`; 1 is the lasso.
    refit : bool
        Whether the chosen penalty is applied once more to training and validation rows.
    """

    loadings: bool = False
    mixing: float | Sequence[float] = (0.1, 0.5, 0.9, 1.0)
    refit: bool = True

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Choose on the validation rows, fit on both."""
        rest, p = non_test_rows(split), inputs.genotypes.shape[1]
        x = _standardised(inputs, split.training, self.loadings, "ElasticNet")
        parts: dict[str, Any] = {"training": split.training, "validation": split.validation}
        fits = [fit_elastic_net(x, one, mixing=self.mixing, **parts) for one in y.T]
        if self.refit:
            x = _standardised(inputs, rest, self.loadings, "ElasticNet")
            fits = [
                fit_elastic_net(x, one, training=rest, mixing=fit.mixing, penalties=fit.penalty)
                for one, fit in zip(y.T, fits, strict=True)
            ]
        return Predicted(
            np.column_stack([fit.predict(x) for fit in fits]),
            markers=[int(fit.selected[:p].sum()) for fit in fits],
            loadings=[int(fit.selected[p:].sum()) for fit in fits],
            settings={
                "mixing": [fit.mixing for fit in fits],
                "penalty": [fit.penalty for fit in fits],
            },
        )


@dataclass(frozen=True)
class LassoNet:
    """LassoNet: the network of the path with the lowest validation loss.

    It is not fitted again with the validation rows: on a path, what a penalty keeps depends on
    all penalties before. So it learns from fewer individuals than methods that use both.

    Attributes
    ----------
    loadings : bool
        Whether loadings are a second input.
    hidden : tuple of int
        As in :func:`geneml.models.lassonet`.
    hierarchy : float
        As in :func:`geneml.training.fit_lassonet`.
    """

    loadings: bool = False
    hidden: tuple[int, ...] = (64, 32)
    hierarchy: float = 10.0

    def prepare(self) -> None:
        """Load Keras, which takes seconds."""
        import geneml.models
        import geneml.training  # noqa: F401

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Fit on the training rows, choose on the validation rows."""
        from geneml.models import lassonet
        from geneml.training import fit_lassonet

        rows, p = split.training, inputs.genotypes.shape[1]
        x: Any = inputs.genotypes
        width = 0
        if self.loadings:
            extra = standardised_loadings(inputs.need("loadings", "LassoNet"), rows)
            x, width = [x, extra.astype("float32")], extra.shape[1]
        model = lassonet(p, loadings=width, traits=y.shape[1], hidden=self.hidden, seed=seed)
        model.get_layer("encoder").adapt(inputs.genotypes[rows])
        parts = Split(rows, split.validation, _EMPTY)
        path = fit_lassonet(model, x, y, parts, hierarchy=self.hierarchy, seed=seed)
        chosen = path.table.iloc[path.best]
        return Predicted(
            path.predict(x),
            markers=int(path.selected[:p].sum()),
            loadings=int(path.selected[p:].sum()),
            settings={"penalty": chosen["penalty"], "penalties": len(path.table) - 1},
        )


def _standardised(inputs: Inputs, rows: np.ndarray, loadings: bool, method: str) -> np.ndarray:
    """All columns with mean 0 and variance 1 on these rows, float32."""
    parts = [columns(inputs.genotypes, rows)]
    if loadings:
        extra = standardised_loadings(inputs.need("loadings", method), rows)
        parts.append(extra.astype("float32"))
    return np.concatenate(parts, axis=1) if loadings else parts[0]
