"""What a training run gives back, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pandas as pd

from geneml._quiet import without_retracing_advice
from geneml.intervals import Interval, paired_interval
from geneml.scaling import PhenotypeScaler, as_table

_STOPPED = {
    "patience": "stopped early: no lower validation loss for the given patience",
    "epochs": "ran all its epochs",
    "diverged": "DIVERGED (the loss was no longer finite); a lower learning rate may help",
}


@dataclass(frozen=True)
class Fit:
    """A trained network, its learning curve, and the scores of its rivals.

    Attributes
    ----------
    model : keras.Model
        The trained network; its output is the standardised phenotype.
    history : DataFrame
        ``epoch`` (0 is the untrained network), ``training_loss`` and ``validation_loss``:
        both on the standardised phenotype, without penalties and dropout, measured after
        the epoch.
    best_epoch : int
        Epoch of the lowest validation loss, whose weights the network has.
    stopped : str
        ``"patience"``, ``"epochs"`` or ``"diverged"``.
    seconds : float
        Wall time of the training, without the baselines.
    scaler : PhenotypeScaler
        Mean and standard deviation of the training phenotypes.
    observed, predictions : float64 arrays (n,) or (n, t)
        Phenotypes and the network's predictions for every row of ``x``, in the trait's unit.
    parts : dict
        Row numbers of ``training``, ``validation`` and, where there is one, ``test``.
    scores : dict
        Part to measure to value: ``mse`` (squared units of the trait), ``r``, ``r2``,
        ``calibration_slope``, all four about the mean; after training with
        :class:`geneml.losses.ExpectileLoss` also ``expectile_loss`` (squared units), which is
        then what to judge by. With several traits, means over the traits.
    baselines : dict
        ``"mean"`` and ``"ridge"``: a :class:`geneml.baselines.LinearFit` (a list of them with
        several traits). Empty when not asked for.
    baseline_predictions, baseline_scores : dict
        The same as ``predictions`` and ``scores`` for each baseline.
    loss : str
        Name of the loss that was trained for.
    tau : float, list of float or None
        Level of the expectile that the network predicts, or one for each output; ``None``
        after training with another loss.
    """

    model: keras.Model
    history: pd.DataFrame
    best_epoch: int
    stopped: str
    seconds: float
    scaler: PhenotypeScaler
    observed: np.ndarray
    predictions: np.ndarray
    parts: dict[str, np.ndarray]
    scores: dict[str, dict[str, float]]
    baselines: dict[str, Any] = field(default_factory=dict)
    baseline_predictions: dict[str, np.ndarray] = field(default_factory=dict)
    baseline_scores: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    loss: str = "mean_squared_error"
    tau: float | list[float] | None = None

    def predict(self, x: Any, *, batch_size: int = 1_024) -> np.ndarray:
        """Predict phenotypes in the trait's own unit.

        Parameters
        ----------
        x : array (m, ...)
            New individuals, encoded as in training.
        batch_size : int
            Individuals computed at once.

        Returns
        -------
        float64 array (m,), or (m, t) if trained on several traits
        """
        scaled = predict_in_batches(self.model, x, batch_size=batch_size)
        values = self.scaler.inverse(scaled)
        return values[:, 0] if self.observed.ndim == 1 else values

    @property
    def judged_on(self) -> str:
        """The part on which models are compared: test, or validation where there is no test."""
        return "test" if "test" in self.parts else "validation"

    def gain_over(self, baseline: str = "ridge", part: str | None = None) -> Interval:
        """How much smaller the network's squared error is than a baseline's.

        Parameters
        ----------
        baseline : str
            ``"ridge"`` or ``"mean"``.
        part : str, optional
            Default: :attr:`judged_on`.

        Returns
        -------
        Interval
            Mean over individuals of the baseline's squared error minus the network's, in
            variances of the training phenotype, with its 95 % interval over individuals.
            Above zero the network is better. It holds for this network and this split; it
            does not cover the luck of another seed or another split. It takes individuals as
            independent, so relatives within the part make it too short. It is about the mean,
            which a network of an expectile other than 0.5 does not aim at.

        Raises
        ------
        ValueError
            If there is no such baseline or part.
        """
        part = self.judged_on if part is None else part
        for name, known in ((baseline, self.baseline_predictions), (part, self.parts)):
            if name not in known:
                raise ValueError(f"there is no {name!r} here; known are {sorted(known)}.")
        rows = self.parts[part]
        return paired_interval(
            self._squared_error(self.baseline_predictions[baseline])[rows],
            self._squared_error(self.predictions)[rows],
        )

    @property
    def beats_ridge(self) -> bool:
        """Whether the network's squared error is smaller than ridge's beyond chance (95 %)."""
        return self.gain_over("ridge").low > 0

    def scores_table(self) -> pd.DataFrame:
        """Scores of the network and the baselines: one row a model and part."""
        models = {"network": self.scores, **self.baseline_scores}
        return pd.DataFrame(
            [
                {"model": name, "part": part, **values}
                for name, scores in models.items()
                for part, values in scores.items()
            ]
        )

    def summary(self) -> str:
        """Say in plain words how the training went and what it was worth."""
        part = self.judged_on
        lines = [
            f"Network {self.model.name!r}: {self.model.count_params():,} weights, "
            f"{len(self.history) - 1} epochs in {self.seconds:.1f} s, {_STOPPED[self.stopped]}.",
            f"Lowest validation loss {self.history['validation_loss'].min():.3f} at epoch "
            f"{self.best_epoch} ({self._scale_of_loss()}).",
            f"On the {part} part ({len(self.parts[part])} individuals):",
        ]
        for name, scores in {"network": self.scores, **self.baseline_scores}.items():
            values = scores[part]
            line = f"  {name:<8} R2 {values['r2']:6.3f}   r {values['r']:6.3f}"
            if "expectile_loss" in values:
                line += f"   expectile loss {values['expectile_loss']:.4g}"
            lines.append(line)
        if "ridge" in self.baseline_predictions:
            lines.append(self.verdict())
        if part == "validation":
            lines.append(
                "There is no test part: these scores chose the epoch and the penalty, so they "
                "are too kind."
            )
        return "\n".join(lines)

    def verdict(self) -> str:
        """One or two sentences: does the network beat ridge regression, and the mean?"""
        if self._aims_beside_the_mean:
            return (
                f"The network predicts expectiles (tau = {self.tau}), ridge regression and R2 are "
                "about the mean: they do not judge it. Compare its expectile loss with that of "
                "geneml.baselines.fit_expectile_regression."
            )
        gain = self.gain_over("ridge")
        detail = f"(gain {gain:.3f} of the trait's variance, 95 % interval over individuals)"
        if gain.low > 0:
            text = f"The network beats ridge regression {detail}."
        elif gain.high < 0:
            text = f"The network does not beat ridge regression: it is worse {detail}. Use ridge."
        else:
            text = (
                "The network does not beat ridge regression: the two cannot be told apart "
                f"{detail}. Prefer ridge, which is simpler."
            )
        if not self.gain_over("mean").low > 0:
            text += " It does not clearly beat predicting the mean for everybody either."
        return text

    @property
    def _aims_beside_the_mean(self) -> bool:
        return self.tau is not None and bool(np.any(np.asarray(self.tau) != 0.5))

    def _scale_of_loss(self) -> str:
        if self.loss == "mean_squared_error":
            return "1 is about what predicting the mean scores"
        return f"{self.loss} of the standardised phenotype"

    def _squared_error(self, predictions: np.ndarray) -> np.ndarray:
        error = (as_table(predictions) - as_table(self.observed)) / self.scaler.standard_deviation
        return (error**2).mean(axis=1)


def predict_in_batches(model: keras.Model, x: Any, *, batch_size: int = 1_024) -> np.ndarray:
    """Outputs of a network without dropout, as a ``float32`` array (m, t).

    Batches keep memory small: stored genotypes become four times as wide inside the network.
    """
    x = keras.tree.map_structure(np.asarray, x)
    n = len(keras.tree.flatten(x)[0])
    if n == 0:
        raise ValueError("x holds no individuals.")
    with without_retracing_advice():
        return np.concatenate(
            [
                keras.ops.convert_to_numpy(
                    model.predict_on_batch(
                        keras.tree.map_structure(
                            lambda part, start=start: part[start : start + batch_size], x
                        )
                    )
                )
                for start in range(0, n, batch_size)
            ]
        )
