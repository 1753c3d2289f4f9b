"""Typical slips in the lesson on mutagenesis, and the hint that each must earn."""

from lessons.grader import WrongAnswer
from lessons.mutagenesis.wrong_mutants import WRONG_MUTANTS


def _slope(formula: str, up: str = "up[place] += step", down: str = "down[place] -= step") -> str:
    return f"""
def saliency(x, network, step=1e-4):
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        {up}
        {down}
        here, high, low = predict(np.stack([x, up, down]), network)
        slopes[place] = {formula}
    return slopes
"""


def _walk(rank: str, note: str = "met / rank", late: str = "pass") -> str:
    return f"""
def average_precision(importance, causal):
    met, notes = 0, []
    for rank, site in {rank}:
        if site in causal:
            met += 1
            notes.append({note})
            {late}
    return sum(notes) / len(notes)
"""


_RANKS = "enumerate(np.argsort(-importance), start=1)"

WRONG_ANSWERS = [
    *WRONG_MUTANTS,
    *(
        WrongAnswer(exercise="saliency", earns=earns, story=story, code=code)
        for earns, story, code in (
            ("half-way", "Comes back to x only.", _slope("(high - here) / (2 * step)")),
            ("one-sided", "Steps up only.", _slope("(high - here) / step")),
            ("parentheses", "Trusts the order of writing.", _slope("(high - low) / 2 * step")),
            (
                "whole-row",
                "Nudges a whole site.",
                _slope(
                    "(high - low) / (2 * step)", "up[place[0]] += step", "down[place[0]] -= step"
                ),
            ),
        )
    ),
    *(
        WrongAnswer(exercise="average_precision", earns=earns, story=story, code=code)
        for earns, story, code in (
            ("noted-before", "Notes first.", _walk(_RANKS, "(met - 1) / rank")),
            ("rounded-down", "Divides whole numbers.", _walk(_RANKS, "met // rank")),
            ("share-of-causal", "Notes the recall.", _walk(_RANKS, "met / len(causal)")),
            ("returned-early", "Returns too soon.", _walk(_RANKS, late="return notes[0]")),
            (
                "listed-order",
                "Goes through the causal sites as listed.",
                _walk("((1 + np.sum(importance > importance[c]), c) for c in causal)"),
            ),
            (
                "places",
                "Takes the list of sites for a list of ranks.",
                _walk("sorted((np.argsort(-importance)[c] + 1, c) for c in causal)"),
            ),
        )
    ),
    WrongAnswer(
        exercise="saliency",
        earns="not-divided",
        story="Returns the rise, not the rise a step.",
        code="""
def saliency(x, network, step=1e-4):
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = predict(up[None], network)[0] - predict(down[None], network)[0]
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="distance",
        story="Goes two steps and divides by one.",
        code="""
def saliency(x, network, step=1e-4):
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = (predict(up[None], network)[0] - predict(down[None], network)[0]) / step
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="sign",
        story="Down minus up.",
        code="""
def saliency(x, network, step=1e-4):
    nudges = step * np.eye(x.size).reshape(x.size, *x.shape)
    fall = predict(x - nudges, network) - predict(x + nudges, network)
    return (fall / (2 * step)).reshape(x.shape)
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="absolute",
        story="Returns the size of the slope, as many saliency maps show it.",
        code="""
def saliency(x, network, step=1e-4):
    nudges = step * np.eye(x.size).reshape(x.size, *x.shape)
    rise = predict(x + nudges, network) - predict(x - nudges, network)
    return np.abs(rise / (2 * step)).reshape(x.shape)
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="in-place",
        story="Nudges the same table again and again.",
        code="""
def saliency(x, network, step=1e-4):
    slopes, start = np.zeros(x.shape), predict(x[None], network)[0]
    moving = x.copy()
    for place in np.ndindex(x.shape):
        moving[place] += step
        slopes[place] = (predict(moving[None], network)[0] - start) / step
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="whole-step",
        story="Puts the whole letter there and calls it a slope.",
        code="""
def saliency(x, network, step=1e-4):
    slopes, start = np.zeros(x.shape), predict(x[None], network)[0]
    for site, letter in np.ndindex(x.shape):
        mutant = x.copy()
        mutant[site] = np.eye(4)[letter]
        slopes[site, letter] = predict(mutant[None], network)[0] - start
    return slopes
""",
    ),
    WrongAnswer(
        exercise="saliency",
        earns="observed-only",
        story="Nudges only the letters that are there.",
        code="""
def saliency(x, network, step=1e-4):
    slopes = np.zeros(x.shape)
    for site, letter in np.argwhere(x == 1):
        up, down = x.copy(), x.copy()
        up[site, letter] += step
        down[site, letter] -= step
        rise = predict(up[None], network)[0] - predict(down[None], network)[0]
        slopes[site, letter] = rise / (2 * step)
    return slopes
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="new-letter-only",
        story="Takes the gradient for the effect.",
        code="""
def effects_from_slopes(gradient, x):
    return gradient * (1 - x)
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="old-letter-only",
        story="Counts only what the old letter takes along.",
        code="""
def effects_from_slopes(gradient, x):
    return -(gradient * x).sum(axis=1, keepdims=True) * (1 - x)
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="times-input",
        story="Gradient times input.",
        code="""
def effects_from_slopes(gradient, x):
    return gradient * x
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="sign",
        story="Old minus new.",
        code="""
def effects_from_slopes(gradient, x):
    return (gradient * x).sum(axis=1, keepdims=True) - gradient
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="row-mean",
        story="Subtracts the mean of the four slopes.",
        code="""
def effects_from_slopes(gradient, x):
    return gradient - gradient.mean(axis=1, keepdims=True)
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="absolute",
        story="Loses the direction.",
        code="""
def effects_from_slopes(gradient, x):
    return np.abs(gradient - (gradient * x).sum(axis=1, keepdims=True))
""",
    ),
    WrongAnswer(
        exercise="effects_from_slopes",
        earns="added",
        story="Adds both slopes.",
        code="""
def effects_from_slopes(gradient, x):
    return (gradient + (gradient * x).sum(axis=1, keepdims=True)) * (1 - x)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="sign",
        story="The average change, not turned round.",
        code="""
def contributions(effects, frequency):
    return (frequency * effects).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="uniform",
        story="All three other letters count the same.",
        code="""
def contributions(effects, frequency):
    return -effects.sum(axis=1) / 3
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="own-letter-left-out",
        story="Leaves the strain's own letter out of the population.",
        code="""
def contributions(effects, frequency):
    others = np.where(effects == 0, 0, frequency)
    return -(others * effects).sum(axis=1) / others.sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="absolute",
        story="Adds up sizes.",
        code="""
def contributions(effects, frequency):
    return (frequency * np.abs(effects)).sum(axis=1)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="not-summed",
        story="Keeps the four letters apart.",
        code="""
def contributions(effects, frequency):
    return -frequency * effects
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="sites-summed",
        story="Sums over the wrong axis.",
        code="""
def contributions(effects, frequency):
    return -(frequency * effects).sum(axis=0)
""",
    ),
    WrongAnswer(
        exercise="contributions",
        earns="commonest-only",
        story="Compares with the commonest letter.",
        code="""
def contributions(effects, frequency):
    return -effects[np.arange(len(effects)), frequency.argmax(axis=1)]
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="lowest-first",
        story="argsort sorts upwards.",
        code="""
def average_precision(importance, causal):
    found = np.isin(np.argsort(importance), causal)
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return precision[found].mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="all-ranks",
        story="Averages the precision over the whole list.",
        code="""
def average_precision(importance, causal):
    found = np.isin(np.argsort(-importance), causal)
    return (np.cumsum(found) / np.arange(1, len(found) + 1)).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="top-k",
        story="Share of causal sites among the first k.",
        code="""
def average_precision(importance, causal):
    return np.isin(np.argsort(-importance)[: len(causal)], causal).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="only-the-first",
        story="Averages one over the rank.",
        code="""
def average_precision(importance, causal):
    ranks = np.flatnonzero(np.isin(np.argsort(-importance), causal)) + 1
    return (1 / ranks).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="ranks-from-zero",
        story="Counts ranks from 0.",
        code="""
def average_precision(importance, causal):
    ranks = np.flatnonzero(np.isin(np.argsort(-importance), causal))
    return (np.arange(1, len(ranks) + 1) / ranks).mean()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="not-averaged",
        story="Adds the precisions up.",
        code="""
def average_precision(importance, causal):
    found = np.isin(np.argsort(-importance), causal)
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return precision[found].sum()
""",
    ),
    WrongAnswer(
        exercise="average_precision",
        earns="mean-rank",
        story="Returns the mean rank of the causal sites.",
        code="""
def average_precision(importance, causal):
    ranks = np.flatnonzero(np.isin(np.argsort(-importance), causal)) + 1
    return ranks.mean()
""",
    ),
]
