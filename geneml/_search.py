"""The search behind :mod:`geneml.tuning`: spaces of settings, and the loop over trials."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

STARTUP = 10
"""Trials drawn at random before the estimator has anything to learn from."""

COLUMNS = ("trial", "loss", "best_epoch", "epochs", "state", "seconds")
"""Names of the table that no setting may have."""

_quiet = threading.Lock()


@dataclass(frozen=True)
class Range:
    """An interval of a setting, both ends included.

    Attributes
    ----------
    low, high : int or float
        Two whole numbers: the setting is a whole number.
    log : bool
        Whether the orders of magnitude are equally likely at first, as for a learning rate,
        instead of the values. Needs ``low`` above 0.

    Raises
    ------
    TypeError
        If an end is not a number.
    ValueError
        If the ends are not finite, not in order, or not positive for ``log=True``.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        for name, value in (("low", self.low), ("high", self.high)):
            if isinstance(value, bool) or not isinstance(value, Real):
                raise TypeError(f"{name} of a Range must be a number, received {value!r}.")
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ValueError(
                f"a Range goes from a finite number to a larger one, received {self.low} to "
                f"{self.high}. To hold a setting fixed, leave it out of the space."
            )
        if self.log and self.low <= 0:
            raise ValueError(f"a Range with log=True begins above 0, received {self.low}.")

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, Integral) and isinstance(self.high, Integral)


def checked_space(space: Any) -> dict[str, Range | list]:
    """The space with every interval as a :class:`Range`, or an error in words."""
    if not isinstance(space, Mapping):
        raise TypeError(f"space must be a dict of settings, received {type(space).__name__}.")
    if not space:
        raise ValueError("space is empty; name at least one setting to search.")
    checked: dict[str, Range | list] = {}
    for name, values in space.items():
        if not isinstance(name, str):
            raise TypeError(f"settings have names, received {name!r} of {type(name).__name__}.")
        if name in COLUMNS:
            raise ValueError(f"{name!r} is a column of the table; give the setting another name.")
        if isinstance(values, tuple) and len(values) == 2:
            checked[name] = Range(*values)
        elif isinstance(values, Range) or (isinstance(values, list) and values):
            checked[name] = values
        else:
            raise TypeError(
                f"setting {name!r} must be a Range, a tuple (low, high) or a list of choices, "
                f"received {values!r}."
            )
    return checked


def check_count(name: str, value: Any) -> None:
    """Raise unless the value is a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, received {value!r}.")
    if value < 1:
        raise ValueError(f"{name} must be from 1, received {value}.")


Report = Callable[[int, float], None]


class _Pruned(Exception):
    """A trial that is not worth going on with."""


def run_search(
    trial: Callable[[dict[str, Any], Report], dict[str, Any]],
    space: Mapping[str, Range | list],
    trials: int,
    stop_after: int | None,
    prune_after: int | None,
    seed: int,
) -> tuple[pd.DataFrame, dict[str, Any], str]:
    """Try settings, each trial knowing the losses of those before.

    Parameters
    ----------
    trial : callable
        ``trial(settings, report)`` returns columns of the table, ``loss`` among them. It may
        call ``report(epoch, loss)``, which leaves it where it is pruned.
    space, trials, stop_after, prune_after
        Checked, as :func:`geneml.tuning.tune` explains them.
    seed : int
        Of the sampler.

    Returns
    -------
    table : DataFrame
    settings : dict
        Of the best trial.
    stopped : str
    """
    check_count("trials", trials)
    if stop_after is not None:
        check_count("stop_after", stop_after)
    import optuna

    study = _new_study(optuna, prune_after, seed)
    distributions = {name: _distribution(optuna, values) for name, values in space.items()}
    rows: list[dict[str, Any]] = []
    best, best_loss, best_row, stopped = {}, np.inf, -1, "trials"
    for number in range(trials):
        asked = study.ask(distributions)
        settings = {
            name: values[asked.params[name]] if isinstance(values, list) else asked.params[name]
            for name, values in space.items()
        }
        started = time.perf_counter()
        found = _one(trial, dict(settings), asked, prune_after)
        loss, state = found["loss"], found["state"]
        if state == "pruned":
            study.tell(asked, state=optuna.trial.TrialState.PRUNED)
        elif np.isfinite(loss):
            study.tell(asked, loss)
        else:
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
        seconds = time.perf_counter() - started
        rows.append({"trial": number, **settings, **found, "seconds": seconds})
        if loss < best_loss and state != "pruned":
            best, best_loss, best_row = settings, loss, number
        elif stop_after is not None and number - best_row >= stop_after:
            stopped = "stop_after"
            break
    if best_row < 0:
        raise ValueError(
            f"none of {len(rows)} trials had a finite loss. Try one setting of the space by hand; "
            "a lower learning rate may help."
        )
    return pd.DataFrame(rows), best, stopped


def _one(trial: Any, settings: dict[str, Any], asked: Any, prune_after: int | None) -> dict:
    """The columns of one trial."""
    reports: list[tuple[float, int]] = []

    def report(epoch: int, loss: float) -> None:
        if prune_after is None or not np.isfinite(loss):
            return
        reports.append((loss, epoch))
        asked.report(loss, epoch)
        if asked.should_prune():
            raise _Pruned

    try:
        found = trial(settings, report)
    except _Pruned:
        loss, best_epoch = min(reports)
        last = reports[-1][1]
        return {"loss": loss, "best_epoch": best_epoch, "epochs": last, "state": "pruned"}
    if isinstance(found["loss"], bool) or not isinstance(found["loss"], Real):
        raise TypeError(f"the loss must be a number, received {found['loss']!r}.")
    loss = float(found["loss"])
    state = "complete" if np.isfinite(loss) else "diverged"
    return {"state": state, **found, "loss": loss}


def _new_study(optuna: Any, prune_after: int | None, seed: int) -> Any:
    """A study in memory, made without optuna's line on the terminal."""
    sampler = optuna.samplers.TPESampler(n_startup_trials=STARTUP, multivariate=False, seed=seed)
    pruner = (
        optuna.pruners.NopPruner()
        if prune_after is None
        else optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=prune_after)
    )
    # Only making a study writes a line. The level is put back at once, one thread at a time.
    with _quiet:
        logger = logging.getLogger("optuna")
        level = logger.level
        logger.setLevel(logging.WARNING)
        try:
            return optuna.create_study(sampler=sampler, pruner=pruner, direction="minimize")
        finally:
            logger.setLevel(level)


def _distribution(optuna: Any, values: Range | list) -> Any:
    if isinstance(values, list):  # by position: a choice may be anything, a tuple of layers too
        return optuna.distributions.CategoricalDistribution(range(len(values)))
    if values.whole:
        return optuna.distributions.IntDistribution(
            int(values.low), int(values.high), log=values.log
        )
    return optuna.distributions.FloatDistribution(
        float(values.low), float(values.high), log=values.log
    )
