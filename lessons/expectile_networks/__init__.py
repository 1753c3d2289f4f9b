"""Lesson of chapter 11: expectile networks, from one prediction by hand to many at once.

Four small functions: the forward pass, the penalised risk as it is meant, an honest choice of
penalty and hidden size, and one matrix product for many networks.
"""
