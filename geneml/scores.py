"""Scores of predictions on the parts of a split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geneml.metrics import (
    calibration_slope,
    expectile_loss,
    mean_squared_error,
    pearson_correlation,
    r_squared,
)
from geneml.scaling import as_table

_MEASURES = {
    "mse": mean_squared_error,
    "r": pearson_correlation,
    "r2": r_squared,
    "calibration_slope": calibration_slope,
}


def score_parts(
    observed: np.ndarray,
    predictions: np.ndarray,
    parts: dict[str, np.ndarray],
    tau: float | Sequence[float] | None = None,
) -> dict[str, dict[str, float]]:
    """Scores of predictions on each part of a split.

    Parameters
    ----------
    observed, predictions : arrays (n,) or (n, t)
        Phenotypes and predictions in the trait's unit.
    parts : dict of name to row numbers
    tau : float or sequence of float, optional
        Level of the expectile that was predicted, one for all columns or one a column. With it
        ``expectile_loss`` is among the measures.

    Returns
    -------
    dict
        Part to measure to value; with several traits the mean over traits.
    """
    y, prediction = as_table(observed), as_table(predictions)
    scores = {
        name: {
            measure: float(
                np.mean(
                    [function(a[rows], b[rows]) for a, b in zip(y.T, prediction.T, strict=True)]
                )
            )
            for measure, function in _MEASURES.items()
        }
        for name, rows in parts.items()
    }
    if tau is not None:
        levels = np.broadcast_to(tau, y.shape[1])
        for name, rows in parts.items():
            columns = zip(y[rows].T, prediction[rows].T, levels, strict=True)
            scores[name]["expectile_loss"] = float(
                np.mean([expectile_loss(a, b, float(level)) for a, b, level in columns])
            )
    return scores
