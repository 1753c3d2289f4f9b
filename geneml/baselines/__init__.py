"""What a network has to beat."""

from geneml.baselines.association import Association, single_marker_regression
from geneml.baselines.bayes import BayesFit, fit_bayes
from geneml.baselines.expectile import (
    ExpectileFit,
    expectile_ridge,
    fit_expectile_regression,
)
from geneml.baselines.gblup import GblupFit, fit_gblup
from geneml.baselines.kernels import gaussian_kernel, genomic_relationship
from geneml.baselines.likelihood import restricted_likelihood
from geneml.baselines.linear import LinearFit, fit_least_squares, fit_mean, fit_ridge
from geneml.baselines.shrinkage import Shrunk, prior_density, shrink
from geneml.baselines.sparse import ElasticNetFit, fit_elastic_net

__all__ = [
    "Association",
    "BayesFit",
    "ElasticNetFit",
    "ExpectileFit",
    "GblupFit",
    "LinearFit",
    "Shrunk",
    "expectile_ridge",
    "fit_elastic_net",
    "fit_expectile_regression",
    "fit_bayes",
    "fit_gblup",
    "fit_least_squares",
    "fit_mean",
    "fit_ridge",
    "gaussian_kernel",
    "genomic_relationship",
    "prior_density",
    "restricted_likelihood",
    "shrink",
    "single_marker_regression",
]
