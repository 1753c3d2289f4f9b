"""What a network has to beat."""

from geneml.baselines.association import Association, single_marker_regression
from geneml.baselines.expectile import (
    ExpectileFit,
    expectile_ridge,
    fit_expectile_regression,
)
from geneml.baselines.linear import LinearFit, fit_least_squares, fit_mean, fit_ridge

__all__ = [
    "Association",
    "ExpectileFit",
    "LinearFit",
    "expectile_ridge",
    "fit_expectile_regression",
    "fit_least_squares",
    "fit_mean",
    "fit_ridge",
    "single_marker_regression",
]
