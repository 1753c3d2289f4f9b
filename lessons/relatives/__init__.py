"""Lesson for chapter 13: relationship matrices, inbreeding, and loadings of a pedigree."""
