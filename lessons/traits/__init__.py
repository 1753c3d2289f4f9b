"""Lesson for chapter 1: allele counts, Hardy-Weinberg, heritability and the ceiling on accuracy."""
