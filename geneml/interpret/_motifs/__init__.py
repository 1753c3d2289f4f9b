"""Filters of a convolution: windows, matrices, and what their silence costs."""
