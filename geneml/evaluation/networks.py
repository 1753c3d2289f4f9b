"""The gated residual variable selection network as a method to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geneml.baselines import fit_gblup, genomic_relationship
from geneml.evaluation.folds import non_test_rows
from geneml.evaluation.inputs import Inputs, Predicted
from geneml.evaluation.kernels import same_length, standardised_loadings, varying
from geneml.scaling import PhenotypeScaler
from geneml.splits import Split

if TYPE_CHECKING:
    import keras

_EMPTY = np.empty(0, dtype=int)
# Variances of exactly zero would ask for a penalty without end.
_HERITABILITY = (0.01, 0.99)
_SHARE = (0.01, 0.99)
# The gate lets half of an input through at the start; the normalisation takes that back.
_HALF_OPEN = 0.5


@dataclass(frozen=True)
class Variances:
    """What two-kernel GBLUP says about the traits, as a network needs it.

    Attributes
    ----------
    heritability : float64 array (t,)
        Sum of the shares of variance, within 0.01 to 0.99.
    loadings_share : float
        Part of the loadings in it, mean over traits, within 0.01 to 0.99.
    """

    heritability: np.ndarray
    loadings_share: float


@dataclass(frozen=True)
class Grvsnn:
    """GRVSNN, from the solution of GBLUP and what training adds to it.

    In each fold: variance components by restricted likelihood on the training rows set the
    penalty and the share of the loadings; the head starts at the ridge regression with these
    (:func:`geneml.models.ridge_start`); training stops early on the validation rows. With
    ``refit`` all this is done once more on training and validation rows together, for the
    number of epochs that was best: as the other methods, it then has learned from all but the
    test rows. If training added nothing, the best number is 0, and what is left is
    BLUP on the network's inputs.

    Attributes
    ----------
    layout : "per_feature" or "dense"
        As in :func:`geneml.models.grvsnn`. ``"dense"`` is that of the authors' code, where the
        selection is among hidden units: markers and loadings are then not counted, and the
        number of units above the average weight is a setting, ``selected_units``.
    loadings : bool
        Whether the loadings are a second input.
    start : "ridge" or "random"
        Where the head starts.
    units, selection, score, hidden, dropout
        As in :func:`geneml.models.grvsnn`.
    layer_norm : bool
        As there; for the dense layout always as it comes.
    block_l2 : float
        Penalty on the blocks, as there.
    l2 : float or None
        Penalty on the head; ``None``: from the heritability, (1 - h2) / (h2 n t), mean over
        the traits in training, trait by trait in the ridge start.
    loadings_share : float or None
        ``None``: from the variance components, mean over the traits.
    epochs, patience, batch_size, learning_rate
        As in :func:`geneml.training.fit`.
    refit : bool
        Whether to learn from the validation rows in the end.

    Notes
    -----
    A marker or loading counts as used where its selection weight is above the average of its
    block; all count while the weights are alike.
    """

    layout: str = "per_feature"
    loadings: bool = False
    start: str = "ridge"
    units: int | None = None
    selection: str | None = "softmax"
    score: str = "affine"
    hidden: tuple[int, ...] = ()
    dropout: float = 0.1
    layer_norm: bool = True
    block_l2: float = 0.0
    l2: float | None = None
    loadings_share: float | None = None
    epochs: int = 100
    patience: int = 10
    batch_size: int = 128
    learning_rate: float = 3e-4
    refit: bool = True

    def __post_init__(self) -> None:
        if self.layout not in ("per_feature", "dense"):
            raise ValueError(f"layout: expected 'per_feature' or 'dense', received {self.layout!r}")
        if self.start not in ("ridge", "random"):
            raise ValueError(f"start: expected 'ridge' or 'random', received {self.start!r}")
        if self.start == "ridge" and self.hidden:
            raise ValueError(
                "start='ridge': expected no hidden layers, for the solution is that of a linear "
                f"head on the features; received hidden={self.hidden}. Give start='random'."
            )

    def prepare(self) -> None:
        """Load Keras, which takes seconds."""
        import geneml.models
        import geneml.training  # noqa: F401

    def __call__(self, inputs: Inputs, y: np.ndarray, split: Split, seed: int) -> Predicted:
        """Fit on the training rows, stop on the validation rows, refit on both."""
        from geneml.training import fit

        if len(split.validation) < 2:
            raise ValueError(
                "Grvsnn: expected a validation part to stop on, received a split without; give "
                "repeated_k_fold(..., validation_fraction=0.2)"
            )
        settings: dict[str, Any] = {
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "baseline": False,
        }
        rows = split.training
        model, x, found = self._started(inputs, y, rows, seed)
        parts = Split(rows, split.validation, _EMPTY)
        stopped = fit(
            model, x, y, parts, epochs=self.epochs, patience=self.patience, seed=seed, **settings
        )
        best, values = stopped.best_epoch, stopped.predictions
        if self.refit:
            rows = non_test_rows(split)
            if best == 0:
                model, x, found = self._started(inputs, y, rows, seed)
                output = model.predict(x, batch_size=256, verbose=0)
                values = PhenotypeScaler.learn(y, rows).inverse(output)
            else:
                # `fit` measures a validation loss even where nobody asks for it, so two
                # individuals stay out of training; their loss decides nothing.
                rows, aside = rows[:-2], rows[-2:]
                model, x, found = self._started(inputs, y, rows, seed)
                parts = Split(rows, aside, _EMPTY)
                again: dict[str, Any] = {"epochs": best, "patience": None, "restore_best": False}
                values = fit(model, x, y, parts, seed=seed, **again, **settings).predictions
        counts = self._counts(model, x, rows, inputs)
        return Predicted(
            values,
            markers=counts.get("markers"),
            loadings=counts.get("loadings"),
            settings={
                "best_epoch": best,
                "epochs": len(stopped.history) - 1,
                "heritability": found.heritability,
                "loadings_share": found.loadings_share,
            }
            | ({"selected_units": counts["units"]} if "units" in counts else {}),
        )

    def _started(
        self, inputs: Inputs, y: np.ndarray, rows: np.ndarray, seed: int
    ) -> tuple[keras.Model, Any, Variances]:
        """A network for these training rows, at its start, with its inputs."""
        from geneml.models import grvsnn, ridge_start

        found = self.variances(inputs, y, rows)
        traits, columns = y.shape[1], 0
        x: Any = inputs.genotypes
        if self.loadings:
            table = standardised_loadings(inputs.need("loadings", "Grvsnn"), rows)
            columns, x = table.shape[1], [x, table.astype("float32")]
        penalties = (1 - found.heritability) / (found.heritability * len(rows) * traits)
        if not self.layer_norm and self.layout == "per_feature":
            penalties = penalties * _HALF_OPEN**2
        if self.l2 is not None:
            penalties = np.full(traits, self.l2)
        layout: dict[str, Any] = {}
        if self.layout == "per_feature":
            layout = {"score": self.score, "layer_norm": self.layer_norm}
            layout["loadings_share"] = found.loadings_share
        model = grvsnn(
            inputs.genotypes.shape[1],
            loadings=columns,
            traits=traits,
            layout=self.layout,
            units=self.units,
            selection=self.selection,
            hidden=self.hidden,
            dropout=self.dropout,
            l2=float(penalties.mean()),
            block_l2=self.block_l2,
            seed=seed,
            **layout,
        )
        model.get_layer("encoder").adapt(inputs.genotypes[rows])
        if self.start == "ridge":
            ridge_start(model, x, y, rows=rows, l2=penalties)
        return model, x, found

    def variances(self, inputs: Inputs, y: np.ndarray, rows: np.ndarray) -> Variances:
        """Variance components on these rows, by restricted likelihood.

        Of the kernels that the untrained network makes of its inputs.

        Parameters
        ----------
        inputs : Inputs
            Genotypes, and loadings if the network has them.
        y : array (n, t)
            Traits.
        rows : int array
            Training rows.

        Returns
        -------
        Variances
        """
        # What the untrained blocks hand to the head. Method 2 divides a marker by its deviation,
        # as the encoder does; the normalisation gives everybody the same length.
        markers = genomic_relationship(inputs.genotypes[rows], method="vanraden2")
        normalised = self.layer_norm or self.layout == "dense"
        kernels = [same_length(markers) if normalised else markers]
        if self.loadings:
            table = standardised_loadings(inputs.need("loadings", "Grvsnn"), rows)[rows]
            if normalised:
                table -= table.mean(axis=1, keepdims=True)
            kernel = table @ table.T / table.shape[1]
            kernels.append(same_length(kernel) if normalised else kernel)
        fitted = fit_gblup(kernels, y[rows])
        heritability = np.clip(fitted.heritability, *_HERITABILITY)
        share = 0.5
        if self.loadings_share is not None:
            share = self.loadings_share
        elif self.loadings:
            total = fitted.shares.sum(axis=0)
            each = np.where(total > 0, fitted.shares[1] / np.where(total > 0, total, 1), 0.5)
            share = float(np.clip(each.mean(), *_SHARE))
        return Variances(np.atleast_1d(heritability), share)

    def _counts(self, model: Any, x: Any, rows: np.ndarray, inputs: Inputs) -> dict[str, int]:
        from geneml.interpret.selection import selected_features, selection_weights

        everything = {"markers": varying(inputs, rows), "loadings": 0}
        if self.loadings:
            everything["loadings"] = inputs.need("loadings", "Grvsnn").shape[1]
        if self.selection is None:
            return everything if self.layout == "per_feature" else {}
        parts = x if isinstance(x, list) else [x]
        seen = [part[rows] for part in parts]
        found = selection_weights(model, seen if len(seen) > 1 else seen[0])
        if self.layout == "dense":
            weights = next(iter(found.values()))
            return {"units": len(selected_features(weights, threshold=float(weights.mean())))}
        counts = {"loadings": 0}
        for name, weights in found.items():
            block = name.removesuffix("_selection")
            alike = np.ptp(weights) < 1e-4
            counts[block] = everything[block] if alike else len(selected_features(weights))
        return counts
