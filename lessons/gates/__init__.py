"""Lesson of chapter 15: gates and variable selection.

Four small functions: a gated residual block for one marker, sparsemax, a selection against
shuffled phenotypes, and the penalty that makes a network start at GBLUP.
"""
