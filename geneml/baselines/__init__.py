"""What a network has to beat."""

from geneml.baselines.linear import LinearFit, fit_least_squares, fit_mean, fit_ridge

__all__ = ["LinearFit", "fit_least_squares", "fit_mean", "fit_ridge"]
