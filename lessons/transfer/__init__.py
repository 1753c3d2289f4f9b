"""Lesson of chapter 12: carrying weights from one trait to another, and doubting the gain.

Four small functions: the output layer solved on a frozen hidden layer, the L2-SP penalty with
its gradient, the two controls, and the rule that keeps or declines transfer.
"""
