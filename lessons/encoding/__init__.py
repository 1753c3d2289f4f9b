"""Lesson for chapter 2: turning sequences and genotypes into numbers, and back."""
