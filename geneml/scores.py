"""Scores of predictions on the parts of a split."""

from __future__ import annotations

import numpy as np

from geneml.metrics import calibration_slope, mean_squared_error, pearson_correlation, r_squared
from geneml.scaling import as_table

_MEASURES = {
    "mse": mean_squared_error,
    "r": pearson_correlation,
    "r2": r_squared,
    "calibration_slope": calibration_slope,
}


def score_parts(
    observed: np.ndarray, predictions: np.ndarray, parts: dict[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """Scores of predictions on each part of a split.

    Returns
    -------
    dict
        Part to measure to value; with several traits the mean over traits.
    """
    y, prediction = as_table(observed), as_table(predictions)
    return {
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
