"""Checks of the lesson on mutagenesis. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, is_number, numbers, require_number
from lessons.grader.exercises import NotPassed
from lessons.grader.requirements import kind_of
from lessons.mutagenesis import promoter

_close = partial(close, absolute=1e-7)

ONE_SEQUENCE = (
    "`predict` wants a stack of sequences, (n, L, 4). `x[None]` is a stack of one, and "
    "`predict(x[None], network)[0]` is its number."
)


def _table(result, name: str, shape: tuple[int, int]) -> np.ndarray:
    """An answer with a number for every site and letter."""
    array = None if isinstance(result, str) else result
    if array is not None and np.ndim(array) == 2:
        require(
            np.shape(array) != shape[::-1] or shape[0] == shape[1],
            "The table lies on its side: sites belong in the rows, letters in the columns.",
        )
    return numbers(result, name, shape)


def _ask(submission: Submission, name: str, x: np.ndarray, *arguments) -> np.ndarray:
    """Call a function that asks the network, and return its table."""
    try:
        result = submission.call(name, x, *arguments)
    except NotPassed as stopped:
        if stopped.status == "error" and "matmul" in str(stopped.message):
            stopped.hint = "one-sequence"
        raise
    return _table(result, name, x.shape)


@exercise(
    "single_mutants",
    title="All single mutants",
    points=3,
    ladder=[
        "Two loops: over the sites, and over the four letters. Skip the letter that is there.",
        "Every mutant starts from a copy of `x`: `mutant = x.copy()`.",
        "`mutant[site] = 0`, then `mutant[site, letter] = 1`, then append it to a list. At the "
        "end return `np.array(mutants)`.",
    ],
    hints={
        "in-place": "Your mutants still carry earlier mutations: each was made from the one "
        "before. Start every single mutant from a fresh `x.copy()`, inside the loops.",
        "old-letter-kept": "At the mutated site two letters stand at once: the new one was set "
        "and the old one not cleared. Set the whole row to 0 first.",
        "erased": "The old letter is gone, but no new one has come: a row is all zeros. That is "
        "a deletion of information, not a mutation.",
        "unchanged-included": "Some of your sequences are `x` itself. Putting the letter there "
        "that is there already makes no mutant: skip it.",
        "one-letter": "There is one mutant a site. There are three other letters, so there are "
        "three mutants a site.",
        "site-missing": "One end of the sequence is never mutated. Sites are counted from 0 to "
        "L - 1: `range(len(x))`.",
        "order": "All mutants are there, in another order. Go site by site, and at each site "
        "through A, C, G, T: the outer loop is the one over the sites.",
        "column": "You changed a whole column. A column is one letter at all sites, a row is one "
        "site with its four letters: `mutant[site]`.",
        "several-letters": "At some site several letters stand at once. Each row holds a single 1.",
        "one-site": "Only one site is mutated. Does `return` stand inside the loop?",
        "double-mutants": "Some of your sequences differ from `x` at more than one site.",
    },
)
def check_single_mutants(submission: Submission, rng: np.random.Generator):
    # Two lengths, neither that of the worksheet's sequence.
    for length in (int(rng.integers(5, 7)), int(rng.integers(8, 11))):
        x = promoter.draw_sequence(rng, length)
        result = submission.call("single_mutants", x)
        require(result is not None, "Your function gave back nothing. Is the `return` missing?")
        try:
            found = np.asarray(result)
        except ValueError:
            found = np.zeros(0)
        require(
            found.ndim == 3
            and found.shape[1:] == x.shape
            and len(found) > 0
            and found.dtype.kind in "biuf",
            "Return one array of numbers, a table like `x` for each mutant.",
            expected=f"shape (3L, L, 4), here {(3 * length, *x.shape)}",
            received=kind_of(result),
        )
        _require_mutants(found.astype(float), x)


def _require_mutants(found: np.ndarray, x: np.ndarray) -> None:
    """Require all single mutants of `x`, in order."""
    length, differs = len(x), found != x
    require(bool(np.isin(found, (0, 1)).all()), "A one-hot table holds nothing but 0 and 1.")
    changed = differs.any(axis=2).sum(axis=1)
    alike = len(found) > 1 and bool((found == found[0]).all() and changed[0] > 0)
    require(not (alike or promoter.piles_up(found, x)), hint="in-place")
    one_column = bool((differs.any(axis=1).sum(axis=1) == 1).all())
    require(not (one_column and (changed > 1).any()), hint="column")
    crowded = found.sum(axis=2) > 1
    kept = bool((found * x).sum(axis=2)[crowded].all())
    require(not (crowded.any() and kept), hint="old-letter-kept")
    require(not crowded.any(), hint="several-letters")
    require(not (found.sum(axis=2) == 0).any(), hint="erased")
    require(not (changed > 1).any(), hint="double-mutants")
    require(not (changed == 0).any(), hint="unchanged-included")
    sites = differs.any(axis=2).argmax(axis=1)
    require(not (len(found) == length and len(set(sites)) == length), hint="one-letter")
    require(len(set(sites)) > 1, hint="one-site")
    require(0 in sites and length - 1 in sites, hint="site-missing")
    wanted = promoter.all_letters(x)[x == 0]
    require(
        found.shape == wanted.shape,
        f"A sequence of {length} letters has {3 * length} single mutants; yours are {len(found)}.",
    )
    texts, wanted_texts = ([promoter.text(one) for one in many] for many in (found, wanted))
    require(not (texts != wanted_texts and set(texts) == set(wanted_texts)), hint="order")
    for number, (one, expected) in enumerate(zip(texts, wanted_texts, strict=True)):
        require(
            one == expected,
            f"Mutant {number} (counting from 0) of {promoter.text(x)} should be {expected}; "
            f"yours is {one}.",
        )


@exercise(
    "mutation_effects",
    title="What the network expects of each",
    points=3,
    ladder=[
        "Predict `x` once. Then fill a table of zeros: for each site and each other letter, make "
        "the mutant and predict it.",
        "`predict` takes a batch: `predict(mutant[None], network)[0]` is the number for one "
        "mutant.",
        "`effects[site, letter] = predict(mutant[None], network)[0] - reference`, where "
        "`mutant = x.copy()`, its row set to 0 and its new letter to 1.",
    ],
    hints={
        "sign": "All signs are turned round. An effect is *mutant minus wild type*: positive if "
        "the mutation raises the prediction.",
        "absolute": "The signs are lost. A mutation that breaks a site and one that strengthens "
        "it are not the same: return the change, not its size.",
        "not-a-change": "These are the predictions of the mutants. Subtract the prediction of "
        "`x`: then the letter that is there already has 0.",
        "in-place": "Your mutants still carry earlier mutations. Each of them must start from a "
        "fresh copy of `x`.",
        "against-nothing": "You compare with a sequence of zeros. No such sequence exists. The "
        "question is what a mutation does to *this* sequence: compare with `x`.",
        "against-erased": "You compare with `x` where the site was erased. A row of zeros is no "
        "letter, and the network has never seen one. Compare with `x` itself.",
        "centred": "You took the mean of each row away, so that the letter that is there no "
        "longer has 0. Here every change is measured from `x`.",
        "old-letter-kept": "In your mutants the old letter is still there, beside the new one. "
        "Set the row to 0 before you set the 1.",
        "scaled": "You divided by the prediction of `x`. Asked for is the difference: a ratio "
        "runs wild where the prediction is near zero.",
        "not-zero": "The letter that stands there already changes nothing: its effect is 0. Yours "
        "is something else.",
        "one-sequence": ONE_SEQUENCE,
    },
)
def check_mutation_effects(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(6, 10))
    x, network = promoter.draw_sequence(rng, length), promoter.draw_network(rng, length)
    effects = _ask(submission, "mutation_effects", x, network)
    reference = promoter.predict(x[None], network)[0]
    predictions = promoter.predict(promoter.all_letters(x).reshape(-1, length, 4), network).reshape(
        x.shape
    )
    expected = predictions - reference
    expected[x == 1] = 0.0
    erased = np.tile(x, (length, 1, 1))
    erased[np.arange(length), np.arange(length)] = 0
    without = promoter.predict(erased, network)[:, None]
    nothing = promoter.predict(np.zeros((1, length, 4)), network)[0]
    both = promoter.predict(
        np.maximum(promoter.all_letters(x), x).reshape(-1, length, 4), network
    ).reshape(x.shape)
    centred = expected - expected.mean(axis=1, keepdims=True)
    mean_of_others = expected - expected.sum(axis=1, keepdims=True) / 3
    slips = {
        "sign": (-expected,),
        "absolute": (np.abs(expected),),
        "not-a-change": (predictions, np.where(x == 1, 0, predictions)),
        "against-nothing": (predictions - nothing, np.where(x == 1, 0, predictions - nothing)),
        "against-erased": (predictions - without, np.where(x == 1, 0, predictions - without)),
        "centred": (centred, mean_of_others, np.where(x == 1, 0, centred)),
        "in-place": promoter.accumulated(x, network),
        "old-letter-kept": (both - reference,),
        "scaled": (expected / reference, expected / abs(reference), predictions / reference),
    }
    for hint, values in slips.items():
        require(not any(_close(effects, value) for value in values), hint=hint)
    require(bool((np.abs(effects[x == 1]) < 1e-9).all()), hint="not-zero")
    for site, letter in np.argwhere(x == 0):
        require(
            _close(effects[site, letter], expected[site, letter]),
            f"{promoter.text(x)} with {promoter.LETTERS[letter]} at site {site} (counting from 0): "
            f"the prediction goes from {reference:.4f} to {predictions[site, letter]:.4f}, so the "
            f"effect is {expected[site, letter]:.4f}; yours is {effects[site, letter]:.4f}.",
        )


@exercise(
    "saliency",
    title="The slope",
    points=2,
    ladder=[
        "Go through all 4L numbers. For each, predict two tables: one with that number a little "
        "higher, one with it a little lower.",
        "`up = x.copy(); up[site, letter] += step`, and the same for `down` with `-=`.",
        "`gradient[site, letter] = (predict(up[None], network)[0] - predict(down[None], "
        "network)[0]) / (2 * step)`",
    ],
    hints={
        "not-divided": "You returned the difference itself. A slope is the difference divided by "
        "the distance between the two places.",
        "distance": "Your slopes are twice too large. From x - step to x + step it is two steps.",
        "half-way": "Your slopes are half as large as they should be: one of the two predictions "
        "was made at `x` itself. Take both steps from `x`, each in a copy of its own.",
        "one-sided": "You stepped to one side only. Where the network bends, that is less exact: "
        "step up and down.",
        "parentheses": "Python goes from left to right: `/ 2 * step` divides by 2 and then "
        "multiplies by step. Write `/ (2 * step)`.",
        "one-sequence": ONE_SEQUENCE,
        "whole-row": "You nudged all four letters of a site at once. Nudge one number: "
        "`up[site, letter] += step`.",
        "sign": "All slopes point the wrong way: up minus down.",
        "absolute": "The signs are lost. A slope may be negative: more of this letter, less "
        "activity.",
        "in-place": "The nudges stay where they are, so that each slope contains all earlier "
        "ones. Start from a copy, or take the nudge back.",
        "whole-step": "You put a whole letter there. That is a mutation. A slope is asked for: "
        "what a *small* step does, while the old letter stays.",
        "observed-only": "Only the letters that are there have a slope in your table. The other "
        "letters have one, too: it says what a little of them would do.",
        "centred": "You took the mean of each row away. That is sometimes done later; here the "
        "slope itself is asked for.",
    },
)
def check_saliency(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(5, 8))
    x, network = promoter.draw_sequence(rng, length), promoter.draw_network(rng, length)
    step = float(rng.choice([0.04, 0.05, 0.06]))  # so large that one-sided slopes show
    slopes = promoter.slope(x, network)
    result = _ask(submission, "saliency", x, network, step)
    for hint, wrong in promoter.slips_of_slope(x, network, step):
        require(not _close(result, wrong), hint=hint)
    asked = promoter.central_slope(x, network, step)
    # The exact gradient passes, too.
    enough = 2e-3 * np.abs(slopes).max()
    if _close(result, asked) or bool(np.abs(result - slopes).max() < enough):
        return
    for site, letter in np.ndindex(x.shape):
        require(
            bool(abs(result[site, letter] - asked[site, letter]) < enough),
            f"Site {site} (counting from 0), letter {promoter.LETTERS[letter]}: the slope is "
            f"{asked[site, letter]:.4f}; yours is {result[site, letter]:.4f}.",
        )


@exercise(
    "effects_from_slopes",
    title="From slopes to effects",
    points=2,
    ladder=[
        "Think of one site. The letter that goes falls from 1 to 0: that changes the prediction "
        "by minus its slope. The letter that comes adds its own slope.",
        "`(gradient * x).sum(axis=1, keepdims=True)` is the slope of the letter that is there, "
        "one for each site.",
        "Return `gradient` minus that.",
    ],
    hints={
        "new-letter-only": "You count what the new letter brings, and forget that the old one "
        "goes. Subtract the slope of the letter that is there.",
        "old-letter-only": "You count what the old letter takes along, and forget what the new "
        "one brings. Add the slope of the letter that comes.",
        "times-input": "Gradient times input says something about the letters that *are* there. "
        "All others become 0, and a mutation leads to the others.",
        "sign": "All signs are turned round: slope of the letter that comes minus slope of the "
        "letter that goes.",
        "absolute": "The signs are lost. Return the promised change, not its size.",
        "row-mean": "You subtracted the mean of the row. Subtract the slope of the letter that "
        "is there.",
        "added": "You added the two slopes. The old letter *loses* its 1: its slope counts with "
        "a minus.",
    },
)
def check_effects_from_slopes(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(6, 10))
    x, gradient = promoter.draw_sequence(rng, length), rng.normal(size=(length, 4))
    result = _table(
        submission.call("effects_from_slopes", gradient, x), "effects_from_slopes", x.shape
    )
    gone = (gradient * x).sum(axis=1, keepdims=True)
    expected = gradient - gone
    centred = gradient - gradient.mean(axis=1, keepdims=True)
    slips = {
        "new-letter-only": (gradient, gradient * (1 - x)),
        "old-letter-only": (np.tile(-gone, 4), -gone * (1 - x), np.tile(gone, 4), gone * (1 - x)),
        "times-input": (gradient * x, -gradient * x),
        "sign": (-expected,),
        "absolute": (np.abs(expected),),
        "row-mean": (centred, centred * (1 - x)),
        "added": (gradient + gone, (gradient + gone) * (1 - x)),
    }
    for hint, values in slips.items():
        require(not any(_close(result, value) for value in values), hint=hint)
    for site, letter in np.ndindex(x.shape):
        require(
            _close(result[site, letter], expected[site, letter]),
            f"Site {site} (counting from 0): {promoter.LETTERS[x[site].argmax()]}, with slope "
            f"{gone[site, 0]:.3f}, stands there. {promoter.LETTERS[letter]} has the slope "
            f"{gradient[site, letter]:.3f}. So the promise for {promoter.LETTERS[letter]} is "
            f"{expected[site, letter]:.3f}; yours is {result[site, letter]:.3f}.",
        )


@exercise(
    "contributions",
    title="What a site contributes in a population",
    points=2,
    ladder=[
        "Take one site. With which chance does a random member have an A there, and what would "
        "an A do to this strain?",
        "Effect times frequency, summed over the four letters, is the average change *from* the "
        "strain *to* a random member.",
        "Asked for is the other direction: `-(frequency * effects).sum(axis=1)`.",
    ],
    hints={
        "sign": "The direction is reversed. `effects` lead away from the strain's letter; asked "
        "for is what the strain has *ahead* of the others. Turn the sign.",
        "uniform": "All letters count the same in your average. Then a mutation that nobody has "
        "counts as much as the letter that nearly everybody has. Weigh by `frequency`.",
        "own-letter-left-out": "You divided by the frequency of the other letters. But a random "
        "member may well have the same letter as the strain; then there is no difference, and "
        "that belongs in the average.",
        "absolute": "The sizes were added without their signs. A letter that is better than the "
        "others has a positive contribution, one that is worse a negative one.",
        "not-summed": "Sum over the four letters: one number for each site.",
        "sites-summed": "You summed over the sites. Sum over the letters: axis 1.",
        "commonest-only": "You compare with the commonest letter only. Every letter takes part, "
        "as often as it occurs.",
    },
)
def check_contributions(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(6, 10))
    x = promoter.draw_sequence(rng, length)
    effects = rng.normal(size=(length, 4)) * (1 - x)
    # One site is better than the others in every respect and one is worse: signs matter.
    effects[0], effects[1] = -np.abs(effects[0]), np.abs(effects[1])
    frequency = rng.dirichlet([0.6] * 4, size=length) * 0.9 + 0.025
    result = submission.call("contributions", effects, frequency)
    weighted = -(frequency * effects)
    summed = weighted.sum(axis=1)
    table_like = np.shape(result) == (length, 4) if not isinstance(result, str) else False
    require(not (table_like and length != 4), hint="not-summed")
    require(not (np.ndim(result) == 1 and np.shape(result) == (4,)), hint="sites-summed")
    found = numbers(result, "contributions", (length,))
    others = (frequency * (1 - x)).sum(axis=1)
    commonest = -effects[np.arange(length), frequency.argmax(axis=1)]
    plain = effects.sum(axis=1)
    slips = {
        "sign": (-summed,),
        "uniform": (-plain / 3, -plain / 4, plain / 3, plain / 4, -plain, plain),
        "own-letter-left-out": (summed / others, -summed / others),
        "absolute": (np.abs(summed), np.abs(weighted).sum(axis=1), -np.abs(weighted).sum(axis=1)),
        "commonest-only": (commonest, -commonest),
    }
    for hint, values in slips.items():
        require(not any(_close(found, value) for value in values), hint=hint)
    for site in range(length):
        require(
            _close(found[site], summed[site]),
            f"Site {site} (counting from 0): the effects are {effects[site].round(3)} and the "
            f"frequencies {frequency[site].round(3)}. The contribution is {summed[site]:.4f}; "
            f"yours is {found[site]:.4f}.",
        )


@exercise(
    "average_precision",
    title="Were the right sites found?",
    points=3,
    ladder=[
        "`np.argsort(-importance)` lists the sites from the most important to the least. Walk "
        "down that list and count the causal ones.",
        "`np.isin(order, causal)` is True at the ranks of the causal sites; its cumulative sum "
        "counts how many were met so far.",
        "The precision at rank r is that count divided by r, with ranks from 1. Average it over "
        "the ranks of the causal sites only.",
    ],
    hints={
        "lowest-first": "Your list begins with the least important site. `np.argsort` sorts "
        "upwards: sort `-importance`.",
        "all-ranks": "You averaged the precision over all ranks. Only the ranks at which a causal "
        "site stands count.",
        "top-k": "This is the share of causal sites among the first few. It does not care on "
        "which of those ranks they stand, nor how late the others come.",
        "only-the-first": "This is one divided by rank, averaged. At the second causal site *two* "
        "have been met: count them up.",
        "ranks-from-zero": "The first rank is 1, not 0: one site has been seen there.",
        "noted-before": "You noted the share before you counted the causal site itself. Count it "
        "first: this one is included.",
        "not-averaged": "The mean is taken over the causal sites: divide the sum of your notes by "
        "their number.",
        "returned-early": "You stopped at the first causal site. Does `return` stand inside the "
        "loop?",
        "places": "`np.argsort` lists the sites, the first rank first. It does not say on which "
        "rank a given site stands: go through the list, or look for the site in it.",
        "listed-order": "You took the causal sites in the order in which they were listed. Go by "
        "rank: the one of best rank is the first that is met.",
        "rounded-down": "All your notes are 0: `//` rounds down. Divide with `/`.",
        "share-of-causal": "You divided by the number of causal sites. Divide by how many sites "
        "have been seen so far.",
        "mean-rank": "This is a mean of ranks. It is lowest when all is well; the average "
        "precision is 1 then.",
        "outside": "An average precision lies between 0 and 1.",
    },
)
def check_average_precision(submission: Submission, rng: np.random.Generator):
    for length in (int(rng.integers(20, 30)), int(rng.integers(30, 40))):
        importance, causal, expected, slips = _ranking(rng, length)
        result = submission.call("average_precision", importance, causal)
        require_number(result, "average_precision")
        value = float(result)
        if _close(value, expected):
            continue
        for hint, values in slips.items():
            require(not any(_close(value, slip) for slip in values), hint=hint)
        require(is_number(value) and 0 <= value <= 1, hint="outside")
        ranks = np.sort((importance[:, None] >= importance[causal]).sum(axis=0))
        require(
            False,
            f"{length} sites, the causal ones on ranks {ranks.tolist()}: the average precision is "
            f"{expected:.4f}; yours is {value:.4f}.",
        )


def _ranking(rng: np.random.Generator, length: int):
    """Importances, causal sites, the right number, and those of slips: no two are alike."""
    while True:
        # The first rank is not causal: who counts ranks from 0 would stop there.
        ranks = rng.choice(np.arange(2, length - 2), size=5, replace=False)
        order = rng.permutation(length)
        importance = np.empty(length)
        importance[order] = np.sort(rng.uniform(0.1, 3.0, size=length))[::-1]
        places = np.sort(order[order[ranks - 1]]) + 1  # who takes the list of sites for ranks
        met = np.arange(1, 6)
        expected = float((met / np.sort(ranks)).mean())
        slips = promoter.slips_of_ranking(np.sort(ranks), length, ranks)
        slips["places"] = [(met / places).mean()]
        numbers_of = [expected, *(value for values in slips.values() for value in values)]
        if np.diff(np.sort(numbers_of)).min() > 1e-3:
            return importance, order[ranks - 1], expected, slips
