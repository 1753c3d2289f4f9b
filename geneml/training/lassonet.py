"""The path of a LassoNet, from the dense network to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd

from geneml.layers import adapt_encoders
from geneml.models.lassonet import ACTIVATIONS
from geneml.scaling import PhenotypeScaler
from geneml.training._hierarchy import descend, forward, gradient, half_error
from geneml.training.loop import _check_outputs, _checked_data, fit

__all__ = ["LassoNetPath", "fit_lassonet"]

_AT_ONCE = 256
_BLOCK = 10  # steps between two looks at the validation part and at the features left out
_FACTOR = 1.2
_MOST_PENALTIES = 40


@dataclass(frozen=True)
class LassoNetPath:
    """What training a LassoNet gives.

    Attributes
    ----------
    model : keras.Model
        The network with the weights of the lowest validation loss.
    table : DataFrame
        One row a penalty, the dense network (penalty 0) first: ``penalty``, ``features`` (how
        many were kept), ``training_loss``, ``validation_loss`` (mean squared error of the
        standardised phenotypes), ``steps``.
    best : int
        Row of the table that the model belongs to.
    selected : bool array (p,)
        Features that the model keeps: markers, then loadings.
    last_penalty : float64 array (p,)
        Largest penalty of the path at which each feature was kept: the features' order.
    scaler : PhenotypeScaler
        Between the network's output and the phenotype's unit.
    """

    model: keras.Model
    table: pd.DataFrame
    best: int
    selected: np.ndarray
    last_penalty: np.ndarray
    scaler: PhenotypeScaler

    def predict(self, x: Any) -> np.ndarray:
        """Phenotypes in their own unit, ``(n, t)``; ``x`` as in training."""
        parts = list(x) if isinstance(x, list | tuple) else [x]
        found = [
            self.model([part[start : start + _AT_ONCE] for part in parts])
            if len(parts) > 1
            else self.model(parts[0][start : start + _AT_ONCE])
            for start in range(0, len(parts[0]), _AT_ONCE)
        ]
        return self.scaler.inverse(
            np.concatenate([keras.ops.convert_to_numpy(part) for part in found])
        )


def fit_lassonet(
    model: keras.Model,
    x: Any,
    y: Any,
    split: Any,
    *,
    hierarchy: float = 10.0,
    penalties: Sequence[float] | None = None,
    steps: int = 60,
    patience: int | None = 1,
    epochs: int = 100,
    dense_patience: int = 5,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int | np.random.Generator | None = 0,
) -> LassoNetPath:
    r"""Train a LassoNet along rising penalties (Lemhadri et al. 2021, Algorithm 1).

    Minimises half the squared error of the standardised phenotypes, summed over traits, mean
    over individuals, plus :math:`\lambda \sum_j \|\theta_j\|_2`, under :math:`\max_k |W_{jk}|
    \le M \|\theta_j\|_2` with :math:`\theta_j` the linear weights of feature j (one a trait)
    and :math:`W_j` its weights in the first hidden layer. With M = 0 this is the lasso, at
    the penalty of scikit-learn's ``Lasso``.

    The dense network is trained first, by :func:`geneml.training.fit`. Each penalty then
    starts from the weights of the one before, with proximal steps on all individuals.

    Parameters
    ----------
    model : keras.Model
        From :func:`geneml.models.lassonet`; trained in place.
    x : array (n, p), or (genotypes, loadings)
        Inputs.
    y : array (n,) or (n, t)
        Phenotypes in their own unit; finite in the parts of the split.
    split : Split
        Anything with integer arrays ``training`` and ``validation``.
    hierarchy : float
        M, at least 0. The larger, the less linear the model may be.
    penalties : sequence of float, optional
        Values of :math:`\lambda`, above 0; taken in rising order. By default from (1 + M) / 10
        of the largest covariance of a feature with the phenotypes, each 1.2 times the one
        before, until nothing is kept or 40 have been tried.
    steps : int
        Most proximal steps at one penalty.
    patience : int or None
        A penalty ends early when the validation loss plus penalty has not fallen for this
        many times ten steps. ``None``: all steps.
    epochs, dense_patience, batch_size, learning_rate
        For the dense network, as in :func:`geneml.training.fit`; ``epochs=0`` starts the
        path from the weights that the model has.
    seed : int, Generator or None
        Decides the order of the batches of the dense network.

    Returns
    -------
    LassoNetPath

    Raises
    ------
    TypeError
        If ``model`` is not a Keras model.
    ValueError
        If the model is no LassoNet, or sizes, phenotypes or settings are impossible.

    Notes
    -----
    Holds the encoded training and validation rows, 4 bytes a feature and individual. A penalty
    keeps the weights of its last step: those of an earlier one would belong to the penalty
    before. The model is chosen among the penalties and the dense network by validation loss.
    """
    _check(model, hierarchy, steps, patience)
    wanted = None if penalties is None else _rising(penalties)
    x, table, parts, _ = _checked_data(x, y, split, None)
    training, validation = parts["training"], parts["validation"]
    _check_outputs(model, x, training, table.shape[1])
    adapt_encoders(model, x[training] if isinstance(x, np.ndarray) else x)
    fit(
        model,
        x,
        table,
        split,
        epochs=epochs,
        patience=dense_patience,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
        baseline=False,
    )
    scaler = PhenotypeScaler.learn(table, training)
    state = _State(
        model,
        [_features(model, x, rows) for rows in (training, validation)],
        [scaler.transform(table[rows]).astype("float32") for rows in (training, validation)],
        float(hierarchy),
    )
    history = [(0.0, len(state.active), *state.losses(), 0)]
    best, best_weights = 0, state.whole()
    last = np.zeros(len(state.active))
    penalty = state.steepest * (1 + state.hierarchy) / 10 if wanted is None else wanted[0]
    for number in range(_MOST_PENALTIES if wanted is None else len(wanted)):
        penalty = penalty if wanted is None else wanted[number]
        taken = state.run(penalty, steps, patience)
        last[state.active] = penalty
        history.append((penalty, int(state.active.sum()), *state.losses(), taken))
        if history[-1][3] < history[best][3]:
            best, best_weights = len(history) - 1, state.whole()
        if wanted is None and not state.active.any():
            break
        penalty = penalty * _FACTOR
    _put(model, best_weights)
    columns = ["penalty", "features", "training_loss", "validation_loss", "steps"]
    return LassoNetPath(
        model=model,
        table=pd.DataFrame(history, columns=columns),
        best=best,
        selected=(best_weights[0] != 0).any(axis=1),
        last_penalty=last,
        scaler=scaler,
    )


class _State:
    """Weights along the path; only the features still in play are computed with."""

    def __init__(self, model: Any, features: list, targets: list, hierarchy: float):
        self.features, self.targets, self.hierarchy = features, targets, hierarchy
        self.weights = _layers(model)
        self.activation = model.get_layer("hidden_1").activation.__name__
        self.active = np.ones(features[0].shape[1], dtype=bool)
        centred = targets[0] - targets[0].mean(axis=0)
        slopes = features[0].T @ centred / np.float32(len(centred))
        self.steepest = float(np.sqrt((slopes**2).sum(axis=1)).max())
        self.curvature = 1.0
        self.seen = features

    def whole(self) -> list[np.ndarray]:
        """All weights, zeros for the features that are out."""
        wide = []
        for part in self.weights[:2]:
            full = np.zeros((len(self.active), part.shape[1]), dtype="float32")
            full[self.active] = part
            wide.append(full)
        return [*wide, *self.weights[2:]]

    def losses(self) -> tuple[float, float]:
        """Mean squared error on the training and the validation part."""
        width = self.targets[0].shape[1]
        outputs = [forward(part, self.weights, self.activation)[0] for part in self.seen]
        first, second = (
            2 * half_error(output, target) / width
            for output, target in zip(outputs, self.targets, strict=True)
        )
        return first, second

    def _keep(self, active: np.ndarray) -> None:
        whole = self.whole()
        if not (active == self.active).all():
            self.seen = [np.ascontiguousarray(part[:, active]) for part in self.features]
            self.active = active
        self.weights = [whole[0][active], whole[1][active], *whole[2:]]

    def _returning(self, penalty: float) -> np.ndarray:
        """Features that the next proximal step would take back in."""
        _, slopes = gradient(self.features[0], self.targets[0], self.whole(), self.activation)
        pull = np.sqrt((slopes[0] ** 2).sum(axis=1))
        pull += self.hierarchy * np.abs(slopes[1]).sum(axis=1)
        return ~self.active & (pull > penalty)

    def run(self, penalty: float, steps: int, patience: int | None) -> int:
        """Steps at one penalty; gives how many were taken."""
        lowest, since, taken = np.inf, 0, 0
        while taken < steps:
            self.weights, self.curvature = descend(
                self.seen[0],
                self.targets[0],
                self.weights,
                activation=self.activation,
                penalty=penalty,
                hierarchy=self.hierarchy,
                steps=min(_BLOCK, steps - taken),
                curvature=self.curvature,
            )
            taken += min(_BLOCK, steps - taken)
            kept = self.active.copy()
            kept[self.active] = (self.weights[0] != 0).any(axis=1)
            self._keep(kept)
            norms = np.sqrt((self.weights[0] ** 2).sum(axis=1)).sum(dtype="float64")
            value = self.losses()[1] * self.targets[0].shape[1] / 2 + penalty * norms
            lowest, since = (value, 0) if value < lowest * (1 - 1e-5) else (lowest, since + 1)
            back = self._returning(penalty)
            if patience is not None and since >= patience:
                break
            if taken < steps and back.any():
                self._keep(kept | back)
        return taken


def _layers(model: Any) -> list[np.ndarray]:
    found = list(model.get_layer("skip").get_weights())
    for layer in _dense(model):
        found += layer.get_weights()
    return found


def _dense(model: Any) -> list[Any]:
    hidden = [layer for layer in model.layers if layer.name.startswith("hidden_")]
    return [*hidden, model.get_layer("prediction")]


def _put(model: Any, weights: list[np.ndarray]) -> None:
    model.get_layer("skip").set_weights(weights[:1])
    for number, layer in enumerate(_dense(model)):
        layer.set_weights(weights[1 + 2 * number : 3 + 2 * number])


def _features(model: keras.Model, x: Any, rows: np.ndarray) -> np.ndarray:
    parts = list(x) if isinstance(x, list | tuple) else [x]
    entry = model.inputs if len(parts) > 1 else model.inputs[0]
    entering = keras.Model(entry, model.get_layer("skip").input)
    found = []
    for start in range(0, len(rows), _AT_ONCE):
        batch = [part[rows[start : start + _AT_ONCE]] for part in parts]
        found.append(keras.ops.convert_to_numpy(entering(batch if len(batch) > 1 else batch[0])))
    return np.concatenate(found).astype("float32")


def _check(model: Any, hierarchy: Any, steps: Any, patience: Any) -> None:
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a keras.Model, received {type(model).__name__}.")
    names = [layer.name for layer in model.layers]
    if not {"skip", "hidden_1", "prediction", "sum"} <= set(names):
        raise ValueError(
            f"model must come from geneml.models.lassonet, received one with the layers {names}."
        )
    activation = getattr(model.get_layer("hidden_1").activation, "__name__", "")
    if activation not in ACTIVATIONS:
        raise ValueError(f"hidden layers must have one of {ACTIVATIONS}, received {activation!r}.")
    if not 0 <= hierarchy < np.inf:
        raise ValueError(f"hierarchy must be a finite number of at least 0, received {hierarchy}.")
    if int(steps) != steps or steps < 1:
        raise ValueError(f"steps must be a whole number from 1, received {steps}.")
    if patience is not None and (int(patience) != patience or patience < 1):
        raise ValueError(f"patience must be None or a whole number from 1, received {patience}.")


def _rising(penalties: Any) -> list[float]:
    values = np.unique(np.asarray(penalties, dtype="float64"))
    if values.size == 0 or not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(f"penalties must be finite numbers above 0, received {penalties!r}.")
    return [float(value) for value in values]
