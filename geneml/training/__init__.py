"""Training a network, beside the baselines it has to beat."""

from geneml.result import Fit
from geneml.scaling import PhenotypeScaler
from geneml.training.loop import fit

__all__ = ["Fit", "PhenotypeScaler", "fit"]
