"""Checks of the lesson on mutagenesis. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, is_number, numbers, require_number
from lessons.grader.requirements import kind_of

LETTERS = np.array(list("ACGT"))
_close = partial(close, absolute=1e-7)


def _predict(sequences, network):
    """The worksheet's network."""
    flat = np.asarray(sequences, dtype=float).reshape(len(sequences), -1)
    return np.tanh(flat @ network["first"] + network["bias"]) @ network["last"]


def _sequence(rng: np.random.Generator, length: int) -> np.ndarray:
    """A random one-hot sequence that starts and ends with different letters."""
    bases = rng.integers(4, size=length)
    bases[-1] = (bases[0] + rng.integers(1, 4)) % 4
    return np.eye(4)[bases]


def _network(rng: np.random.Generator, length: int, hidden: int = 6) -> dict[str, np.ndarray]:
    return {
        "first": rng.normal(scale=0.5, size=(4 * length, hidden)),
        "bias": rng.normal(scale=0.3, size=hidden),
        "last": rng.uniform(0.5, 1.5, size=hidden) * rng.choice([-1, 1], size=hidden),
    }


def _mutants(x: np.ndarray) -> np.ndarray:
    """For every site and letter the sequence with that letter there: (L, 4, L, 4)."""
    length = len(x)
    mutants = np.tile(x, (length, 4, 1, 1))
    for site in range(length):
        mutants[site, :, site] = np.eye(4)
    return mutants


def _text(x: np.ndarray) -> str:
    return "".join(LETTERS[x.argmax(axis=1)])


def _table(result, name: str, shape: tuple[int, int]) -> np.ndarray:
    """An answer with a number for every site and letter."""
    array = None if isinstance(result, str) else result
    if array is not None and np.ndim(array) == 2:
        require(
            np.shape(array) != shape[::-1] or shape[0] == shape[1],
            "The table lies on its side: sites belong in the rows, letters in the columns.",
        )
    return numbers(result, name, shape)


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
        "in-place": "Your mutants still carry earlier mutations. Without a copy there is only one "
        "array, and every change stays in it. Start each mutant from `x.copy()`.",
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
        "double-mutants": "Some of your sequences differ from `x` at more than one site.",
    },
)
def check_single_mutants(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(6, 10))
    x = _sequence(rng, length)
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
    found = found.astype(float)
    require(bool(np.isin(found, (0, 1)).all()), "A one-hot table holds nothing but 0 and 1.")
    changed = (found != x).any(axis=2).sum(axis=1)
    alike = len(found) > 1 and bool((found == found[0]).all())
    require(not (alike or (changed > 1).any() and _piles_up(found, x)), hint="in-place")
    require(not (found.sum(axis=2) > 1).any(), hint="old-letter-kept")
    require(not (found.sum(axis=2) == 0).any(), hint="erased")
    require(not (changed > 1).any(), hint="double-mutants")
    require(not (changed == 0).any(), hint="unchanged-included")
    sites = (found != x).any(axis=2).argmax(axis=1)
    require(not (len(found) == length and len(set(sites)) == length), hint="one-letter")
    require(0 in sites and length - 1 in sites, hint="site-missing")
    wanted = _mutants(x)[x == 0]
    require(
        found.shape == wanted.shape,
        f"A sequence of {length} letters has {3 * length} single mutants; yours are {len(found)}.",
    )
    as_texts, wanted_texts = [_text(one) for one in found], [_text(one) for one in wanted]
    require(not (as_texts != wanted_texts and set(as_texts) == set(wanted_texts)), hint="order")
    for number, (one, expected) in enumerate(zip(as_texts, wanted_texts, strict=True)):
        require(
            one == expected,
            f"Mutant {number} (counting from 0) of {_text(x)} should be {expected}; yours is "
            f"{one}.",
        )


def _piles_up(found: np.ndarray, x: np.ndarray) -> bool:
    """True where changed sites grow in number from the first sequence to the last."""
    changed = (found != x).any(axis=2).sum(axis=1)
    return bool((np.diff(changed) >= 0).mean() > 0.8 and changed[-1] > len(x) // 2)


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
        "in-place": "From some cell on, your sequence carries earlier mutations too. Each mutant "
        "must start from a fresh copy of `x`.",
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
    },
)
def check_mutation_effects(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(6, 10))
    x, network = _sequence(rng, length), _network(rng, length)
    effects = _table(submission.call("mutation_effects", x, network), "mutation_effects", x.shape)
    reference = _predict(x[None], network)[0]
    predictions = _predict(_mutants(x).reshape(-1, length, 4), network).reshape(x.shape)
    expected = predictions - reference
    expected[x == 1] = 0.0
    erased = np.tile(x, (length, 1, 1))
    erased[np.arange(length), np.arange(length)] = 0
    without = _predict(erased, network)[:, None]
    nothing = _predict(np.zeros((1, length, 4)), network)[0]
    both = _predict(np.maximum(_mutants(x), x).reshape(-1, length, 4), network).reshape(x.shape)
    centred = expected - expected.mean(axis=1, keepdims=True)
    mean_of_others = expected - expected.sum(axis=1, keepdims=True) / 3
    slips = {
        "sign": (-expected,),
        "absolute": (np.abs(expected),),
        "not-a-change": (predictions, np.where(x == 1, 0, predictions)),
        "against-nothing": (predictions - nothing, np.where(x == 1, 0, predictions - nothing)),
        "against-erased": (predictions - without, np.where(x == 1, 0, predictions - without)),
        "centred": (centred, mean_of_others, np.where(x == 1, 0, centred)),
        "in-place": _accumulated(x, network),
        "old-letter-kept": (both - reference,),
        "scaled": (expected / reference, expected / abs(reference), predictions / reference),
    }
    for hint, values in slips.items():
        require(not any(_close(effects, value) for value in values), hint=hint)
    require(bool((np.abs(effects[x == 1]) < 1e-9).all()), hint="not-zero")
    for site, letter in np.argwhere(x == 0):
        require(
            _close(effects[site, letter], expected[site, letter]),
            f"{_text(x)} with {LETTERS[letter]} at site {site} (counting from 0): the prediction "
            f"goes from {reference:.4f} to {predictions[site, letter]:.4f}, so the effect is "
            f"{expected[site, letter]:.4f}; yours is {effects[site, letter]:.4f}.",
        )


def _accumulated(x: np.ndarray, network: dict[str, np.ndarray]) -> list[np.ndarray]:
    """What comes out when a mutation stays in place while the next ones are made."""
    reference = _predict(x[None], network)[0]
    tables = []
    for skips in ("nothing", "present", "original"):
        moving, table = x.copy(), np.zeros(x.shape)
        for site in range(len(x)):
            for letter in range(4):
                present = moving[site] if skips == "present" else x[site]
                if skips != "nothing" and present[letter] == 1:
                    continue
                moving[site] = np.eye(4)[letter]
                table[site, letter] = _predict(moving[None], network)[0] - reference
        tables += [table, np.where(x == 1, 0, table)]
    return tables


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
        "distance": "Your slopes are off by a factor of two. From x - step to x + step it is two "
        "steps.",
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
    x, network = _sequence(rng, length), _network(rng, length)
    step = float(rng.choice([1e-4, 2e-4]))
    result = _table(submission.call("saliency", x, network, step), "saliency", x.shape)
    bend = 1 - np.tanh(x.ravel() @ network["first"] + network["bias"]) ** 2
    gradient = ((network["first"] * bend) @ network["last"]).reshape(x.shape)
    largest = np.abs(gradient).max()

    def near(value: np.ndarray, size: float = 1.0) -> bool:
        return bool(np.abs(result - value).max() < 2e-3 * largest * size)

    # The piled-up slopes are larger, and so are the steps that they were measured with.
    piled = np.cumsum(gradient.ravel()).reshape(x.shape)
    mutants = _predict(_mutants(x).reshape(-1, length, 4), network).reshape(x.shape)
    both = _predict(np.maximum(_mutants(x), x).reshape(-1, length, 4), network).reshape(x.shape)
    reference = _predict(x[None], network)[0]
    require(not near(-gradient), hint="sign")
    require(not near(np.abs(gradient)), hint="absolute")
    tiny = any(near(factor * step * gradient, step) for factor in (1, 2))
    require(not tiny, hint="not-divided")
    require(not (near(2 * gradient) or near(gradient / 2)), hint="distance")
    heap = 10 * max(1.0, np.abs(piled).max() / largest)
    require(not (near(piled, heap) or near(piled / 2, heap)), hint="in-place")
    require(not any(near(v - reference) for v in (mutants, both)), hint="whole-step")
    require(not near(gradient * x), hint="observed-only")
    require(not near(gradient - gradient.mean(axis=1, keepdims=True)), hint="centred")
    for site, letter in np.ndindex(x.shape):
        require(
            bool(abs(result[site, letter] - gradient[site, letter]) < 2e-3 * largest),
            f"Site {site} (counting from 0), letter {LETTERS[letter]}: the slope is "
            f"{gradient[site, letter]:.4f}; yours is {result[site, letter]:.4f}.",
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
    x, gradient = _sequence(rng, length), rng.normal(size=(length, 4))
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
            f"Site {site} (counting from 0): {LETTERS[x[site].argmax()]}, with slope "
            f"{gone[site, 0]:.3f}, stands there. {LETTERS[letter]} has the slope "
            f"{gradient[site, letter]:.3f}. So the promise for {LETTERS[letter]} is "
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
    x = _sequence(rng, length)
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
        "not-averaged": "The precisions were added up. Divide by the number of causal sites.",
        "mean-rank": "This is a mean of ranks. It is lowest when all is well; the average "
        "precision is 1 then.",
        "outside": "An average precision lies between 0 and 1.",
    },
)
def check_average_precision(submission: Submission, rng: np.random.Generator):
    for length in (int(rng.integers(20, 30)), int(rng.integers(30, 40))):
        # Neither the first nor the last rank is causal, and never two causal ones in a row from
        # the start, so that every slip gives another number.
        ranks = np.sort(rng.choice(np.arange(2, length - 2), size=5, replace=False))
        order = rng.permutation(length)
        importance = np.empty(length)
        importance[order] = np.sort(rng.uniform(0.1, 3.0, size=length))[::-1]
        causal = order[ranks - 1]
        shuffled = rng.permutation(causal)
        result = submission.call("average_precision", importance, shuffled)
        require_number(result, "average_precision")
        value = float(result)
        met = np.arange(1, 6)
        expected = (met / ranks).mean()
        is_causal = np.isin(np.arange(1, length + 1), ranks)
        running = np.cumsum(is_causal) / np.arange(1, length + 1)
        upwards = np.sort(length + 1 - ranks)
        slips = {
            "lowest-first": ((met / upwards).mean(),),
            "all-ranks": (running.mean(),),
            "top-k": (running[4], is_causal[:5].mean()),
            "only-the-first": ((1 / ranks).mean(),),
            "ranks-from-zero": ((met / (ranks - 1)).mean(), ((met - 1) / ranks).mean()),
            "not-averaged": ((met / ranks).sum(),),
            "mean-rank": (ranks.mean(), (ranks - 1).mean()),
        }
        for hint, values in slips.items():
            # The right answer comes first, should a slip agree with it by chance.
            agrees = any(_close(value, slip) for slip in values) and not _close(value, expected)
            require(not agrees, hint=hint)
        require(is_number(value) and 0 <= value <= 1, hint="outside")
        require(
            _close(value, expected),
            f"{length} sites, the causal ones on ranks {ranks.tolist()}: the average precision is "
            f"{expected:.4f}; yours is {value:.4f}.",
        )
