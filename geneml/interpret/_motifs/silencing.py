"""What is lost when filters, or other units of a layer, fall silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from geneml.interpret._motifs.filters import checked_filters, encoded
from geneml.interpret._network.halves import (
    Halves,
    Held,
    checked_phenotypes,
    halves,
    hold_at_mean,
    inputs_of,
    mean_r_squared,
)


@dataclass(frozen=True, eq=False)
class Silenced:
    """What a network predicts without some of its units.

    Attributes
    ----------
    units : tuple of int
        The filters (or other units) that were held at their mean.
    layer : str
        Where.
    predictions, silenced : ndarray (n,) or (n, t)
        Of the whole network, and of the network with the units held.
    r2, r2_silenced : float or None
        R² of both, the mean over traits, where phenotypes were given.
    """

    units: tuple[int, ...]
    layer: str
    predictions: np.ndarray = field(repr=False)
    silenced: np.ndarray = field(repr=False)
    r2: float | None
    r2_silenced: float | None

    @property
    def change(self) -> np.ndarray:
        """Prediction without the units minus prediction with them, (n,) or (n, t)."""
        return self.silenced - self.predictions

    @property
    def r2_drop(self) -> float | None:
        """How much R² falls without them; None without phenotypes."""
        if self.r2 is None or self.r2_silenced is None:
            return None
        return self.r2 - self.r2_silenced


def silence_filters(
    model: Any,
    x: Any,
    filters: int | Sequence[int],
    layer: str = "convolution",
    *,
    y: Any = None,
    batch_size: int = 1_024,
) -> Silenced:
    """Hold filters at their mean and see what the network has lost.

    The output of each filter, at each place, is replaced by its mean over the samples at that
    place: the filter then says the same of everybody. Held at zero instead, it would say
    something it may never have said in training. What stays alike is the mean output of the
    layer. Where global maximum pooling follows, the maximum of means is far below the mean of
    maxima, and the prediction shifts for everybody: then silence the pool (``layer="pool"``),
    whose output has one number a filter.

    Parameters
    ----------
    model : keras.Model or Fit
        Sequential or functional. With a Fit, predictions are in the trait's unit.
    x : array, list of str, or list of arrays
        Samples; means are taken over these.
    filters : int or sequence of int
        Filters held together. Two filters that stand in for each other cost little one by one
        and much together.
    layer : str
        Name of the layer; units are counted along its last axis.
    y : array (n,) or (n, t), optional
        Phenotypes in the unit of the predictions, for R².
    batch_size : int
        Samples at once.

    Returns
    -------
    Silenced

    Raises
    ------
    TypeError
        If the model has no layers to look into.
    ValueError
        If there is no such layer or filter, or ``y`` does not fit ``x``.
    """
    cut = halves(model, layer)
    chosen = [filters] if isinstance(filters, int | np.integer) else list(filters)
    if not chosen:
        raise ValueError("filters is empty: name at least one filter to silence.")
    units = checked_filters(chosen, int(cut.layer.output.shape[-1])).tolist()
    held, observed = _hold(model, cut, x, [units], y, batch_size)
    return Silenced(
        units=tuple(units),
        layer=layer,
        predictions=_narrow(held.predictions),
        silenced=_narrow(held.held[0]),
        r2=None if observed is None else mean_r_squared(observed, held.predictions),
        r2_silenced=None if observed is None else mean_r_squared(observed, held.held[0]),
    )


def filter_importance(
    model: Any, x: Any, layer: str = "convolution", *, y: Any = None, batch_size: int = 1_024
) -> pd.DataFrame:
    """Silence each filter alone (:func:`silence_filters`).

    Parameters
    ----------
    model, x, layer, y, batch_size
        As in :func:`silence_filters`.

    Returns
    -------
    DataFrame
        ``filter``, ``mean_change`` (mean size of the change of the prediction over samples and
        traits) and, where phenotypes were given, ``r2_drop``. In the order of the filters.

    Raises
    ------
    TypeError, ValueError
        As :func:`silence_filters`.
    """
    cut = halves(model, layer)
    units = range(int(cut.layer.output.shape[-1]))
    held, observed = _hold(model, cut, x, [[unit] for unit in units], y, batch_size)
    table = pd.DataFrame(
        {
            "filter": list(units),
            "mean_change": np.abs(held.held - held.predictions).mean(axis=(1, 2)),
        }
    )
    if observed is not None:
        whole = mean_r_squared(observed, held.predictions)
        table["r2_drop"] = [whole - mean_r_squared(observed, one) for one in held.held]
    return table


def _hold(
    model: Any, cut: Halves, x: Any, groups: list, y: Any, batch_size: int
) -> tuple[Held, np.ndarray | None]:
    parts = inputs_of(model, encoded(x))
    observed = checked_phenotypes(y, len(parts[0]))
    return hold_at_mean(cut, parts, groups, axis=-1, batch_size=batch_size), observed


def _narrow(table: np.ndarray) -> np.ndarray:
    return table[:, 0] if table.shape[1] == 1 else table
