"""Reference answers of the lesson on Shapley values, with commentary."""

from itertools import permutations

import numpy as np


# exercise: contributions
# The height so far starts at the cow without any tall allele. The letters of a name stand in
# alphabetical order, so those who are present are sorted before looking them up.
def contributions(game, order):
    """Gain of each locus when the loci arrive in this order: {letter: gain}."""
    gains, present, height = {}, "", game[""]
    for letter in order:
        present = "".join(sorted(present + letter))
        gains[letter] = game[present] - height
        height = game[present]
    return gains


# exercise: shapley
# k loci have k! orders, and each counts the same. An average over the groups that a locus can
# join would need weights: the empty and the full group are met in more orders than the others.
def shapley(game):
    """Mean gain of each locus over all orders of arrival: {letter: credit}."""
    letters = max(game, key=len)
    orders = list(permutations(letters))
    total = dict.fromkeys(letters, 0.0)
    for order in orders:
        present, height = "", game[""]
        for letter in order:
            present = "".join(sorted(present + letter))
            total[letter] += game[present] - height
            height = game[present]
    return {letter: gain / len(orders) for letter, gain in total.items()}


# exercise: fill_in
# One row for each animal of the background. Their mean would be one row of genotypes such as
# 0.7, which no animal has and on which no model was trained.
def fill_in(x, background, present):
    """Rows in which only the present columns come from x."""
    rows = np.array(background)
    rows[:, present] = np.asarray(x)[present]
    return rows


# exercise: linear_credit
# The mean is that of the background, column by column: credit is always measured from somebody.
# An animal like the average of the background has nothing to explain.
def linear_credit(beta, x, background):
    """Shapley values (n, p) of a linear model."""
    return beta * (x - background.mean(axis=0))


# exercise: antithetic
# For two loci that help each other the helper is there in one direction and not in the other,
# so each gets half of what they do together. That is exact after a single pair of orders.
def antithetic(game, orders):
    """Mean gain of each locus over the orders, each forwards and backwards."""
    both = [way for order in orders for way in (order, order[::-1])]
    total = dict.fromkeys(orders[0], 0.0)
    for order in both:
        present, height = "", game[""]
        for letter in order:
            present = "".join(sorted(present + letter))
            total[letter] += game[present] - height
            height = game[present]
    return {letter: gain / len(both) for letter, gain in total.items()}


# exercise: additivity_gap
# The sum runs over the loci of each animal. The sign is kept: it says whether the credits
# explain too little or too much.
def additivity_gap(predictions, base_value, credits):
    """What base value and credits miss of each prediction, (n,)."""
    return predictions - base_value - credits.sum(axis=1)
