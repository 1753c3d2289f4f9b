"""Training a network beside the baselines it has to beat, and carrying over what it learned."""

from geneml.result import Fit
from geneml.scaling import PhenotypeScaler
from geneml.training.lassonet import LassoNetPath, fit_lassonet
from geneml.training.loop import fit
from geneml.training.transfer import transfer

__all__ = ["Fit", "LassoNetPath", "PhenotypeScaler", "fit", "fit_lassonet", "transfer"]
