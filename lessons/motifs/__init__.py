"""Lesson of chapter 9: from a filter to a motif, and what the motif is worth.

Six small functions: the windows that excite a filter, their matrix, its information content,
a search on both strands, silencing filters, and a p-value for a gene.
"""
