"""Scores of pairs of loci: contrasts, gradients, attention."""
