"""Training a network beside the baselines it has to beat, and carrying over what it learned."""

from geneml.result import Fit
from geneml.scaling import PhenotypeScaler
from geneml.training.loop import fit
from geneml.training.transfer import transfer

__all__ = ["Fit", "PhenotypeScaler", "fit", "transfer"]
