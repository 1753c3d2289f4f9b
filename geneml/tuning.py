"""Choosing hyperparameters on the validation part, by the tree-structured Parzen estimator.

The estimator (Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for hyper-parameter
optimization") models where good settings lie and where the others do, and tries next what the
first model finds likely and the second does not. Here it is optuna's, loaded when first used.

Fan & Waldmann (2025) end their search by the test loss. Here the test part takes no part in it.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geneml._search import Range, Report, check_count, checked_space, run_search

if TYPE_CHECKING:  # the search itself needs no Keras, and does not wait for it
    import keras

    from geneml.result import Fit

__all__ = ["DEFAULT_SPACE", "Range", "Search", "Tuning", "search", "tune"]

FIT_SETTINGS = ("batch_size", "learning_rate")
"""Settings of a space that belong to :func:`geneml.training.fit`; the others build the network."""

DEFAULT_SPACE: Mapping[str, Range] = {
    "batch_size": Range(64, 512),
    "learning_rate": Range(1e-5, 1e-3, log=True),
    "dropout": Range(0.1, 0.5),
}
"""What Fan & Waldmann (2025) search; that the learning rate is searched by magnitude is ours."""


@dataclass(frozen=True)
class Search:
    """What was tried, and what was best.

    Attributes
    ----------
    settings : dict
        The best trial's settings.
    loss : float
        Its loss, the lowest of all.
    table : DataFrame
        One row a trial, in the order of the search: ``trial``, the settings, ``loss``,
        ``state`` and ``seconds`` (wall time). :func:`tune` says more about each. State is
        ``"complete"``, ``"diverged"`` (the loss was not finite) or ``"pruned"``.
    stopped : str
        ``"trials"``: all were made; ``"stop_after"``: no better one came for so many.
    """

    settings: dict[str, Any]
    loss: float
    table: pd.DataFrame
    stopped: str

    @property
    def n_trials(self) -> int:
        """Trials that were made; to give several methods the same budget, compare this."""
        return len(self.table)

    @property
    def best_trial(self) -> int:
        """Row of the best trial in the table."""
        return int(np.nanargmin(self.table["loss"].to_numpy()))


@dataclass(frozen=True)
class Tuning(Search):
    """A search over networks, and the best of them.

    Attributes
    ----------
    settings, loss, table, stopped
        As in :class:`Search`. The loss is the lowest validation loss of the trial, on the
        standardised phenotype. The table also has ``best_epoch`` and ``epochs`` (trained).
    fit : Fit
        The best trial's. Phenotypes outside training and validation were hidden from it, so
        its ``observed`` is ``NaN`` there; its ``predictions`` cover all individuals.
    """

    fit: Fit

    @property
    def model(self) -> keras.Model:
        """The best trial's network."""
        return self.fit.model


def search(
    objective: Callable[[dict[str, Any]], float],
    space: Mapping[str, Any],
    *,
    trials: int = 20,
    stop_after: int | None = 30,
    seed: int | np.random.Generator = 0,
) -> Search:
    """Look for the settings with the lowest loss.

    Parameters
    ----------
    objective : callable
        ``objective(settings)`` gives the loss of a dict of settings, a number. One that is
        not finite marks a failed trial, from which the search only learns to stay away.
    space : dict
        Name to a :class:`Range`, a tuple ``(low, high)``, which is a ``Range``, or a list of
        choices of any kind. Choices have no order.
    trials : int
        Most trials. The first 10 are random.
    stop_after : int or None
        Trials in a row without a new lowest loss after which the search ends.
    seed : int or Generator
        The same seed and objective give the same search.

    Returns
    -------
    Search

    Raises
    ------
    TypeError
        If the objective, the space or a loss is of the wrong kind.
    ValueError
        If the space is empty or impossible, or no trial had a finite loss.
    """
    if not callable(objective):
        raise TypeError(f"objective must be callable, received {type(objective).__name__}.")
    table, settings, stopped = run_search(
        lambda settings, report: {"loss": objective(settings)},
        checked_space(space),
        trials,
        stop_after,
        None,
        int(np.random.default_rng(seed).integers(2**31)),
    )
    return Search(settings, float(table["loss"].min()), table, stopped)


def tune(
    build: Callable[..., keras.Model],
    x: Any,
    y: Any,
    split: Any,
    *,
    space: Mapping[str, Any] | None = None,
    trials: int = 20,
    epochs: int = 200,
    patience: int | None = 25,
    stop_after: int | None = 30,
    prune_after: int | None = None,
    seed: int | np.random.Generator = 0,
    **fixed: Any,
) -> Tuning:
    """Choose a network's settings by its validation loss.

    Phenotypes of all other rows, the test part's included, are hidden before anything is
    trained. Score the choice on the test part, which played no part: the validation loss of
    the best of many trials is too low by what luck contributed to being the best.

    Parameters
    ----------
    build : callable
        ``build(**settings)`` returns a new network for :func:`geneml.training.fit`, not
        compiled: for instance ``lambda dropout: grvsnn(500, dropout=dropout)``. It receives
        the settings of the space other than ``batch_size`` and ``learning_rate``. With one
        seed inside it, all trials begin with the same weights.
    x, y, split
        As in :func:`geneml.training.fit`. The split's training and validation rows are used.
    space : dict, optional
        As in :func:`search`. By default that of Fan & Waldmann (2025): batch size 64 to 512,
        learning rate 1e-5 to 1e-3, dropout 0.1 to 0.5.
    trials, stop_after
        As in :func:`search`.
    epochs, patience
        Of each trial, as in ``fit``. 25 epochs and 30 trials are the paper's patience.
    prune_after : int or None
        After so many epochs a trial may be given up, when its lowest validation loss so far is
        above the median of what the trials before had at that epoch (the first 5 trials run
        to the end). It saves time and is unkind to slow learning rates: off by default.
    seed : int or Generator
        Decides the search and the order of the batches, which is the same in all trials.
    **fixed
        Further arguments of ``fit``, the same in all trials: ``loss``, ``warmup``, ...

    Returns
    -------
    Tuning
        The networks of the other trials are not kept.

    Raises
    ------
    TypeError, ValueError
        As :func:`search` and ``fit`` do; also if ``build`` cannot take the settings or
        returns something else than a network. Data are checked before the first trial.

    Notes
    -----
    On one thread the same seed gives the same search. On several, sums are added up in an order
    that may differ, and a later trial depends on the losses before.
    """
    from geneml.training import fit
    from geneml.training.loop import _check_settings, _checked_data, _checked_parts

    if not callable(build):
        raise TypeError(
            f"build must be a function that returns a network, received {type(build).__name__}."
        )
    ranges = checked_space(DEFAULT_SPACE if space is None else space)
    for name, lowest in (("batch_size", 1), ("learning_rate", 0)):
        values = ranges.get(name)
        if isinstance(values, Range) and values.low < lowest:
            raise ValueError(f"{name} must be from {lowest}, received {values.low}.")
        if isinstance(values, Range) and name == "batch_size" and not values.whole:
            raise ValueError("batch_size must be a range of whole numbers: write 64, not 64.0.")
    _check_settings(epochs=epochs, batch_size=1, patience=patience, warmup=1.0)
    if prune_after is not None:
        check_count("prune_after", prune_after)
    _check_fixed(fixed, ranges, fit)
    _check_build(build, [name for name in ranges if name not in FIT_SETTINGS])
    observed = np.asarray(y, dtype="float64")
    parts = _checked_parts(split, len(observed))
    known = np.concatenate([parts["training"], parts["validation"]])
    hidden = np.full(observed.shape, np.nan)
    hidden[known] = observed[known]
    seen = SimpleNamespace(training=parts["training"], validation=parts["validation"])
    _checked_data(x, hidden, seen, fixed.get("sample_weight"))

    generator = np.random.default_rng(seed)
    order = int(generator.integers(2**31))
    kept: list[Any] = [np.inf, None]

    def trial(settings: dict[str, Any], report: Report) -> dict[str, Any]:
        import keras

        gc.collect()  # a network is a ring of references: without this, each trial's stays
        model = build(**{k: v for k, v in settings.items() if k not in FIT_SETTINGS})
        if not isinstance(model, keras.Model):
            raise TypeError(f"build must return a keras.Model, received {type(model).__name__}.")
        run = fit(
            model,
            x,
            hidden,
            seen,
            epochs=epochs,
            patience=patience,
            seed=order,
            baseline=False,
            on_epoch=lambda epoch, training, validation: report(epoch, validation),
            **{k: v for k, v in settings.items() if k in FIT_SETTINGS},
            **fixed,
        )
        losses = run.history["validation_loss"]
        loss = float(losses.where(np.isfinite(losses)).min())
        if loss < kept[0]:
            kept[:] = loss, run
        return {
            "loss": loss,
            "best_epoch": run.best_epoch,
            "epochs": int(run.history["epoch"].iloc[-1]),
            "state": "diverged" if run.stopped == "diverged" else "complete",
        }

    table, settings, stopped = run_search(
        trial, ranges, trials, stop_after, prune_after, int(generator.integers(2**31))
    )
    gc.collect()
    return Tuning(settings, kept[0], table, stopped, kept[1])


def _check_fixed(fixed: Mapping[str, Any], space: Mapping[str, Any], fit: Callable) -> None:
    """Arguments for ``fit`` that it has and that nothing else decides."""
    known = set(inspect.signature(fit).parameters) - {
        "model",
        "baseline",
        "on_epoch",
        "restore_best",
    }
    if unknown := sorted(set(fixed) - known):
        raise TypeError(
            f"{unknown} are no arguments that tune passes on to fit; it takes "
            f"{sorted(known - {'x', 'y', 'split', 'seed', 'epochs', 'patience'})}."
        )
    if twice := sorted(set(fixed) & set(space)):
        raise ValueError(f"{twice} are fixed and in the space; leave them out of one.")


def _check_build(build: Callable, names: list[str]) -> None:
    try:
        inspect.signature(build).bind(**dict.fromkeys(names))
    except TypeError as error:
        raise TypeError(
            f"build must take the settings {names} of the space, as keywords, and nothing else "
            f"without a default: {error}. Change build, or pass a space of your own."
        ) from None
    except ValueError:  # a callable that does not tell its arguments
        return
