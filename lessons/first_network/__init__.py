"""Lesson of chapter 3: the parts of a network, written by hand in NumPy.

Six small functions: the baseline every network has to beat, the score, a dense layer, a
convolution, the gradient that passes back through a ReLU, and one step of gradient descent.
"""
