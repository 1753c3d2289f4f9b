"""Lesson of chapter 10: expectiles, from the lopsided loss to reading a fan of lines.

Four small functions: the asymmetric squared loss, the expectile of a sample, an expectile line
by reweighting, and the SNP that changes the spread rather than the mean.
"""
