"""Lesson of chapter 7: sharing the credit for a prediction among the loci that made it.

Six small functions: the gains in one order of arrival, their mean over all orders, the rows
that stand for absent loci, the closed form of a linear model, orders drawn in pairs, and the
gap between the credits and the prediction.
"""
