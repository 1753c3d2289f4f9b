"""Simulated genotypes, pedigrees and traits, always with the truth attached."""
