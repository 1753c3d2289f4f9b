"""Lesson of chapter 8: finding interactions, and not being fooled by them.

Seven small functions: a table of genotype means, double mutants, the interaction score, a product
that owes nothing to its main effects, a threshold for all pairs, a score for a list of pairs, and
attention weights.
"""
