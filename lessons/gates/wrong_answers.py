"""Typical slips in the lesson on gates and selection, and the hint that each must earn."""

from lessons.grader import WrongAnswer


def _wrong(exercise: str, earns: str, story: str, code: str) -> WrongAnswer:
    return WrongAnswer(exercise=exercise, earns=earns, story=story, code=code)


def _block(
    earns: str,
    story: str,
    *,
    elu: str = "np.where(before > 0, before, np.expm1(np.minimum(before, 0)))",
    h: str = "units @ w2 + b2",
    a: str = "units @ w3 + b3",
    hard_gate: str = "np.clip(0.2 * a + 0.5, 0, 1)",
    soft_gate: str = "1 / (1 + np.exp(-a))",
    answer: str = "g * h + (1 - g) * x",
) -> WrongAnswer:
    code = f"""
def gated_residual(x, w1, b1, w2, b2, w3, b3, hard=False):
    before = x[:, None] * w1 + b1
    units = {elu}
    h = {h}
    a = {a}
    g = {hard_gate} if hard else {soft_gate}
    return {answer}
"""
    return _wrong("gated_residual", earns, story, code)


def _sparse(earns: str, story: str, body: str) -> WrongAnswer:
    code = f"""
def sparsemax(scores):
    P = len(scores)
    ordered = np.sort(scores)[::-1]
    tau = (np.cumsum(ordered) - 1) / np.arange(1, P + 1)
    last = np.flatnonzero(ordered > tau)[-1]
    soft = np.exp(scores - scores.max())
    soft = soft / soft.sum()
    {body}
"""
    return _wrong("sparsemax", earns, story, code)


def _selected(earns: str, story: str, body: str) -> WrongAnswer:
    code = f"""
def selected_markers(features, head, null):
    contribution = np.abs(head) * features.std(axis=0)
    return {body}
"""
    return _wrong("selected_markers", earns, story, code)


def _penalty(earns: str, story: str, body: str, *, clip: str = "np.clip(h2, 0.01, 0.99)"):
    code = f"""
def penalty_from_heritability(h2, n, normalised=True):
    h2 = {clip}
    penalty = (1 - h2) / (h2 * n * len(h2))
    return {body}
"""
    return _wrong("penalty_from_heritability", earns, story, code)


_QUARTER = "if normalised else"

WRONG_ANSWERS = [
    _block("swapped", "Puts the gate on the marker.", answer="(1 - g) * h + g * x"),
    _block("no-residual", "Forgets the marker.", answer="g * h"),
    _block("no-residual", "Returns the proposal.", answer="h"),
    _block("plain-sum", "Adds the whole marker.", answer="g * h + x"),
    _block("plain-sum", "Adds everything.", answer="h + x"),
    _block("keras-slope", "Takes slope 1/6.", hard_gate="np.clip(a / 6 + 0.5, 0, 1)"),
    _block("not-clipped", "Does not cut.", hard_gate="0.2 * a + 0.5"),
    _block("hard-ignored", "Ignores the switch.", hard_gate="1 / (1 + np.exp(-a))"),
    _block("always-hard", "Is always hard.", soft_gate="np.clip(0.2 * a + 0.5, 0, 1)"),
    _block("sigmoid-on-h", "Squeezes h.", h="1 / (1 + np.exp(-(units @ w2 + b2)))"),
    _block("no-elu", "Does not bend.", elu="before"),
    _block("relu", "Uses ReLU.", elu="np.maximum(before, 0)"),
    _block("elu-shift", "Forgets the 1.", elu="np.where(before > 0, before, np.exp(before))"),
    _block("no-gate-sigmoid", "Leaves the gate raw.", hard_gate="a", soft_gate="a"),
    _block("gate-from-x", "Gates by the marker.", a="x * w3.sum() + b3"),
    _block("no-gate-bias", "Forgets b3.", a="units @ w3"),
    _block("no-proposal-bias", "Forgets b2.", h="units @ w2"),
    _block("column", "Keeps a column.", answer="(g * h + (1 - g) * x)[:, None]"),
    _sparse("softmax", "Returns softmax.", "return soft"),
    _sparse("softmax-cut", "Cuts softmax.", "return np.where(soft > 1 / P, soft, 0)"),
    _sparse(
        "softmax-cut",
        "Cuts softmax and divides.",
        "cut = np.where(soft >= 0.05, soft, 0); return cut / cut.sum()",
    ),
    _sparse(
        "clipped",
        "Cuts and divides.",
        "s = scores - scores.min(); return s / s.sum()",
    ),
    _sparse("all-stay", "Lets all stay.", "return scores - (scores.sum() - 1) / P"),
    _sparse(
        "all-stay",
        "Lets all stay and cuts.",
        "return np.maximum(scores - (scores.sum() - 1) / P, 0)",
    ),
    _sparse(
        "k-too-small",
        "Takes one too few.",
        "return np.maximum(scores - tau[last - 1], 0)",
    ),
    _sparse(
        "k-too-large",
        "Takes one too many.",
        "return np.maximum(scores - tau[last + 1], 0)",
    ),
    _sparse("only-the-best", "Takes the best.", "return (scores == scores.max()) * 1.0"),
    _sparse("sorted", "Returns them sorted.", "return np.maximum(ordered - tau[last], 0)"),
    _sparse("negative", "Does not cut.", "return scores - tau[last]"),
    _sparse("sum", "Forgets the 1.", "return np.maximum(scores - ordered[last], 0)"),
    _selected(
        "paper-rule",
        "Takes 0.05.",
        "np.flatnonzero((features * head).mean(axis=0) >= 0.05)",
    ),
    _selected("paper-rule", "Takes 0.05.", "np.flatnonzero(contribution >= 0.05)"),
    _selected("head-only", "Reads the head.", "np.flatnonzero(np.abs(head) > null.max())"),
    _selected("spread-only", "Reads spreads.", "np.flatnonzero(features.std(axis=0) > null.max())"),
    _selected(
        "sign-lost", "Keeps signs.", "np.flatnonzero(head * features.std(axis=0) > null.max())"
    ),
    _selected(
        "mean-size",
        "Takes mean sizes.",
        "np.flatnonzero(np.abs(features * head).mean(axis=0) > null.max())",
    ),
    _selected(
        "variance",
        "Takes variances.",
        "np.flatnonzero(np.abs(head) * features.var(axis=0) > null.max())",
    ),
    _selected("own-null", "One line a marker.", "np.flatnonzero(contribution > null.max(axis=0))"),
    _selected(
        "middle-of-null", "Takes the median.", "np.flatnonzero(contribution > np.median(null))"
    ),
    _selected("first-fit", "Takes one fit.", "np.flatnonzero(contribution > null[0].max())"),
    _selected(
        "share-of-largest",
        "Takes 5 %.",
        "np.flatnonzero(contribution > 0.05 * contribution.max())",
    ),
    _selected("mask", "Returns a mask.", "contribution > null.max()"),
    _selected("below", "Turns the sign.", "np.flatnonzero(contribution <= null.max())"),
    _selected(
        "order",
        "Sorts by size.",
        "np.array([j for j in np.argsort(-contribution) if contribution[j] > null.max()])",
    ),
    _penalty(
        "inverted",
        "Turns the ratio.",
        f"h2 / ((1 - h2) * n * len(h2)) / (1 {_QUARTER} 4)",
    ),
    _penalty("no-n", "Forgets n.", f"penalty * n / (1 {_QUARTER} 4)"),
    _penalty("no-traits", "Forgets T.", f"penalty * len(h2) / (1 {_QUARTER} 4)"),
    _penalty("no-clip", "Does not clip.", f"penalty / (1 {_QUARTER} 4)", clip="h2"),
    _penalty("no-quarter", "Forgets the quarter.", "penalty"),
    _penalty("half", "Takes a half.", f"penalty / (1 {_QUARTER} 2)"),
    _penalty("times-four", "Takes four times.", f"penalty * (1 {_QUARTER} 4)"),
    _penalty("always-quarter", "Always takes a quarter.", "penalty / 4"),
    _penalty("simple-ratio", "Forgets h2.", "(1 - h2) / (n * len(h2)) / (1 if normalised else 4)"),
    _penalty("averaged", "Averages.", f"np.full(len(h2), penalty.mean()) / (1 {_QUARTER} 4)"),
]
