"""Training a network beside the baselines it has to beat.

What is learned from data before training (the phenotype's mean and standard deviation, the
genotypes' means) is learned from the training part alone. Every call is reproducible by its
seed without touching any global random state: initial weights and dropout come from the
seed the network was built with, the order of the batches from the seed given here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd

from geneml._engines import make_engine
from geneml._optimizers import make_optimizer
from geneml._progress import progress_bar
from geneml.baselines.linear import fit_mean, fit_ridge
from geneml.layers import adapt_encoders
from geneml.losses import ExpectileLoss
from geneml.result import Fit
from geneml.scaling import PhenotypeScaler, as_table
from geneml.scores import score_parts

__all__ = ["fit"]


def fit(
    model: keras.Model,
    x: Any,
    y: Any,
    split: Any,
    *,
    epochs: int = 200,
    batch_size: int = 64,
    learning_rate: Any = 1e-3,
    warmup: float = 1.0,
    patience: int | None = 20,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    loss: Any = "mean_squared_error",
    sample_weight: Any = None,
    restore_best: bool = True,
    seed: int | np.random.Generator | None = 0,
    progress: bool = False,
    baseline: bool = True,
    on_epoch: Callable[[int, float, float], None] | None = None,
) -> Fit:
    """Train a network with early stopping and compare it with linear baselines.

    Parameters
    ----------
    model : keras.Model
        Network with an output ``(batch, t)``, built and not necessarily compiled. It is
        trained in place, from the weights it has: build a new one for every fit. An encoder
        in it (:class:`geneml.layers.GenotypeEncoder`) that has not been adapted is adapted
        to the training rows.
    x : array (n, ...), or a tuple, list or dict of such arrays
        Inputs: one-hot, dosages, or stored ``int8`` genotypes for a network with an encoder.
    y : array (n,) or (n, t)
        Phenotypes in their own unit. Rows outside the split may be missing (``NaN``).
    split : Split
        Anything with integer arrays ``training``, ``validation`` and (optional, may be
        empty) ``test``.
    epochs : int
        Most passes over the training part.
    batch_size : int
        Individuals in one step.
    learning_rate : float or keras schedule
        Step size; ignored when ``optimizer`` is an object.
    warmup : float
        Epochs over which a learning rate given as a number grows from nothing to its value.
        Without it the first steps can silence all ReLU units of a layer for good where
        individuals are nearly alike, as mutated copies of one sequence are.
    patience : int or None
        Epochs without a new lowest validation loss after which training stops; ``None``
        trains for all epochs.
    optimizer : str or keras.optimizers.Optimizer
        Adam by default (Kingma & Ba 2015, arXiv:1412.6980).
    loss : str or keras loss
        Measured on the standardised phenotype: for the mean squared error, 1 is what
        predicting the training mean scores on the training part. With
        :class:`geneml.losses.ExpectileLoss` the scores include the expectile loss; the
        baselines still predict the mean.
    sample_weight : array (n,), optional
        Weight of each individual in the training loss. Validation is never weighted.
    restore_best : bool
        Whether to end with the weights of the lowest validation loss (else the last).
    seed : int, Generator or None
        Decides the order of the batches.
    progress : bool
        Whether to show a progress bar.
    baseline : bool
        Whether to fit the mean and ridge regression to the same rows. Ridge chooses its
        penalty on the same validation part. ``sample_weight`` does not reach them.
    on_epoch : callable, optional
        Called as ``on_epoch(epoch, training_loss, validation_loss)`` after each epoch.

    Returns
    -------
    Fit
        The trained network, the learning curve and all scores.

    Raises
    ------
    TypeError
        If ``model`` is not a Keras model, or a row of the split is not a whole number.
    ValueError
        If sizes disagree, parts of the split overlap or are empty, phenotypes are not finite
        or constant, or a setting is impossible. Nothing has been trained then.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a keras.Model, received {type(model).__name__}.")
    _check_settings(epochs=epochs, batch_size=batch_size, patience=patience, warmup=warmup)
    x, table, parts, weight = _checked_data(x, y, split, sample_weight)
    training, validation = parts["training"], parts["validation"]
    scaler = PhenotypeScaler.learn(table, training)
    target = np.nan_to_num(scaler.transform(table)).astype("float32")
    _check_outputs(model, x, training, target.shape[1])
    adapt_encoders(model, x[training] if isinstance(x, np.ndarray) else x)
    warmup_steps = warmup * np.ceil(len(training) / batch_size)
    model.compile(optimizer=make_optimizer(optimizer, learning_rate, warmup_steps), loss=loss)
    engine = make_engine(model, x, target, weight, batch_size)
    measure = keras.losses.get(loss)
    tau = measure.tau if isinstance(measure, ExpectileLoss) else None

    def loss_on(rows: np.ndarray) -> float:
        # Without penalties and dropout: the same quantity for both parts and any network.
        values = keras.ops.convert_to_numpy(measure(target[rows], engine.predict(rows)))
        return float(np.mean(values, dtype="float64"))

    started = time.perf_counter()
    random = np.random.default_rng(seed)
    history = [(0, loss_on(training), loss_on(validation))]
    best_epoch, best_loss, best_weights = 0, history[0][2], model.get_weights()
    stopped = "epochs"
    with progress_bar(epochs, shown=progress) as advance:
        for epoch in range(1, epochs + 1):
            engine.epoch(random.permutation(training))
            row = (epoch, loss_on(training), loss_on(validation))
            history.append(row)
            advance(*row[1:])
            if on_epoch is not None:
                on_epoch(*row)
            if not np.isfinite(row[1:]).all():
                stopped = "diverged"
                break
            if row[2] < best_loss:
                best_epoch, best_loss, best_weights = epoch, row[2], model.get_weights()
            elif patience is not None and epoch - best_epoch >= patience:
                stopped = "patience"
                break
    if restore_best or stopped == "diverged":
        model.set_weights(best_weights)
    seconds = time.perf_counter() - started

    shape = np.shape(y)
    predictions = scaler.inverse(engine.predict(np.arange(len(table)))).reshape(shape)
    baselines = _baselines(x, table, training, validation) if baseline else {}
    baseline_predictions = {
        name: np.stack([one.predict(_single(x)) for one in fits], axis=1).reshape(shape)
        for name, fits in baselines.items()
    }
    observed = np.asarray(y, dtype="float64")
    return Fit(
        model=model,
        history=pd.DataFrame(history, columns=["epoch", "training_loss", "validation_loss"]),
        best_epoch=best_epoch,
        stopped=stopped,
        seconds=seconds,
        scaler=scaler,
        observed=observed,
        predictions=predictions,
        parts=parts,
        scores=score_parts(observed, predictions, parts, tau),
        baselines={name: fits[0] if len(fits) == 1 else fits for name, fits in baselines.items()},
        baseline_predictions=baseline_predictions,
        baseline_scores={
            name: score_parts(observed, values, parts, tau)
            for name, values in baseline_predictions.items()
        },
        loss=getattr(measure, "name", getattr(measure, "__name__", type(measure).__name__)),
        tau=tau,
    )


def _baselines(x: Any, table: np.ndarray, training: np.ndarray, validation: np.ndarray) -> dict:
    inputs = _single(x)
    return {
        "mean": [fit_mean(inputs, trait, training=training) for trait in table.T],
        "ridge": [
            fit_ridge(inputs, trait, training=training, validation=validation) for trait in table.T
        ],
    }


def _single(x: Any) -> np.ndarray:
    """One table for the linear baselines: several inputs laid side by side."""
    if isinstance(x, np.ndarray):
        return x
    flat = keras.tree.flatten(x)
    return np.concatenate([part.reshape(len(part), -1) for part in flat], axis=1)


def _check_settings(*, epochs: int, batch_size: int, patience: int | None, warmup: float) -> None:
    if not 0 <= warmup < np.inf:
        raise ValueError(f"warmup must be a number of epochs from 0, received {warmup}.")
    for name, value, lowest in (("epochs", epochs, 0), ("batch_size", batch_size, 1)):
        if int(value) != value or value < lowest:
            raise ValueError(f"{name} must be a whole number from {lowest}, received {value}.")
    if patience is not None and (int(patience) != patience or patience < 1):
        raise ValueError(f"patience must be None or a whole number from 1, received {patience}.")


def _checked_data(x: Any, y: Any, split: Any, sample_weight: Any) -> tuple:
    x = keras.tree.map_structure(np.asarray, x)
    lengths = {len(part) for part in keras.tree.flatten(x)}
    table = as_table(y)
    if lengths != {len(table)}:
        raise ValueError(
            f"x and y must hold the same individuals: x has {sorted(lengths)} rows, "
            f"y has {len(table)}."
        )
    parts = _checked_parts(split, len(table))
    for name, rows in parts.items():
        if not np.isfinite(table[rows]).all():
            raise ValueError(
                f"{int((~np.isfinite(table[rows])).any(axis=1).sum())} individuals of the {name} "
                "part have a phenotype that is not finite. Leave them out of the split."
            )
        if (np.ptp(table[rows], axis=0) == 0).any():
            raise ValueError(
                f"a phenotype is constant in the {name} part ({len(rows)} individuals), so nothing "
                "can be learned or scored there. Make the part larger, or look at the phenotype."
            )
    if sample_weight is None:
        return x, table, parts, None
    weight = np.asarray(sample_weight, dtype="float32")
    if weight.shape != (len(table),) or not (np.isfinite(weight) & (weight >= 0)).all():
        raise ValueError(
            f"sample_weight must hold {len(table)} finite numbers from 0, received shape "
            f"{weight.shape}."
        )
    return x, table, parts, weight


def _checked_parts(split: Any, n: int) -> dict[str, np.ndarray]:
    parts = {}
    for name in ("training", "validation", "test"):
        rows = np.asarray(getattr(split, name, np.empty(0, dtype=int)))
        if rows.size and rows.dtype.kind not in "iu":
            raise TypeError(f"split.{name} must hold row numbers, received {rows.dtype}.")
        if rows.size and (rows.min() < 0 or rows.max() >= n):
            raise ValueError(f"split.{name} has rows outside 0 to {n - 1}: was it made for this x?")
        parts[name] = rows.astype(int)
    for name in ("training", "validation"):
        if parts[name].size < 2:
            raise ValueError(f"split.{name} needs at least two individuals.")
    everyone = np.concatenate([np.unique(rows) for rows in parts.values()])
    if len(np.unique(everyone)) < len(everyone):
        raise ValueError("the parts of the split share individuals; they must be apart.")
    return {name: rows for name, rows in parts.items() if rows.size}


def _check_outputs(model: keras.Model, x: Any, training: np.ndarray, traits: int) -> None:
    if not model.built:
        model(keras.tree.map_structure(lambda part: part[training[:1]], x))
    expected = keras.tree.map_structure(lambda part: (None, *part.shape[1:]), x)
    if isinstance(x, np.ndarray) and tuple(model.input_shape) != expected:
        raise ValueError(
            f"the network takes individuals of shape {tuple(model.input_shape[1:])}, but x holds "
            f"individuals of shape {x.shape[1:]}."
        )
    if tuple(model.output_shape) != (None, traits):
        raise ValueError(
            f"y holds {traits} trait(s), but the network's output has shape "
            f"{tuple(model.output_shape)}. Build it with outputs={traits}."
        )
