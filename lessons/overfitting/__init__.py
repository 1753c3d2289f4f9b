"""Lesson of chapter 4: seeing overfitting, four ways to hold it back, and an honest report.

Five small functions: an honest split, early stopping, an L2 penalty, dropout, and choosing
among models without looking at the test set.
"""
