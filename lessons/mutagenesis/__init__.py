"""Lesson of chapter 6: what a network expects of every single mutation.

Six small functions: all single mutants, the change of the prediction for each of them, a
gradient by finite differences, the effects that the gradient promises, what a site contributes
in a population, and how well a ranking finds the causal sites.
"""
