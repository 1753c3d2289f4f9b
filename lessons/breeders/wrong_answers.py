"""Typical slips in the lesson on what breeders use, and the hint that each must earn."""

from lessons.grader import WrongAnswer


def _wrong(exercise: str, earns: str, story: str, code: str) -> WrongAnswer:
    return WrongAnswer(exercise=exercise, earns=earns, story=story, code=code)


def _gblup(
    earns: str,
    story: str,
    *,
    ratio: str = "(1 - h2) / h2",
    centred: str = "y - mean",
    answer: str = "mean + relationship[:, training] @ weighted",
    block: str = "relationship[np.ix_(training, training)]",
) -> WrongAnswer:
    code = f"""
def gblup_by_hand(relationship, y, training, h2, mean):
    ratio = {ratio}
    block = {block}
    centred = {centred}
    weighted = np.linalg.solve(block + ratio * np.eye(len(block)), centred)
    return {answer}
"""
    return _wrong("gblup_by_hand", earns, story, code)


def _penalty(earns: str, story: str, body: str) -> WrongAnswer:
    code = f"\ndef penalty_of_heritability(genotypes, h2):\n    return {body}\n"
    return _wrong("penalty_of_heritability", earns, story, code)


def _gibbs(
    earns: str,
    story: str,
    *,
    own: str = "residual + z * effect",
    precision: str = "z @ z + noise / prior_variance",
    answer: str = "z @ own / precision, noise / precision",
) -> WrongAnswer:
    code = f"""
def gibbs_update(z, residual, effect, noise, prior_variance):
    own = {own}
    precision = {precision}
    return {answer}
"""
    return _wrong("gibbs_update", earns, story, code)


def _chains(earns: str, story: str, answer: str, *, setup: str = "") -> WrongAnswer:
    code = f"""
def r_hat(chains):
    n = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean()
    between = n * chains.mean(axis=1).var(ddof=1)
    {setup or "pass"}
    return {answer}
"""
    return _wrong("r_hat", earns, story, code)


_RIGHT = "np.sqrt(((n - 1) / n * within + between / n) / within)"

WRONG_ANSWERS = [
    _gblup("inverted", "Turns the ratio over.", ratio="h2 / (1 - h2)"),
    _gblup("h2-alone", "Adds the heritability.", ratio="h2"),
    _gblup("h2-alone", "Adds one minus it.", ratio="1 - h2"),
    _gblup(
        "mean-kept",
        "Does not take the mean off.",
        centred="y",
        answer="relationship[:, training] @ weighted",
    ),
    _gblup("mean-kept", "Adds a mean that was never taken off.", centred="y"),
    _gblup(
        "mean-not-added",
        "Forgets the mean at the end.",
        answer="relationship[:, training] @ weighted",
    ),
    _gblup(
        "own-mean",
        "Takes the mean of the records.",
        centred="y - y.mean()",
        answer="y.mean() + relationship[:, training] @ weighted",
    ),
    _gblup(
        "everywhere",
        "Adds the ratio to every entry.",
        answer="mean + relationship[:, training] @ np.linalg.solve(block + ratio, centred)",
    ),
    _gblup(
        "half-scaled",
        "Scales the block and not the way out.",
        answer="mean + relationship[:, training] @ "
        "np.linalg.solve(h2 * block + (1 - h2) * np.eye(len(block)), centred)",
    ),
    _gblup(
        "records-kept",
        "Keeps the records.",
        answer="np.where(np.isin(np.arange(len(relationship)), training), "
        "np.bincount(training, y, len(relationship)), "
        "mean + relationship[:, training] @ weighted)",
    ),
    _gblup("no-ratio", "Believes every record.", ratio="0.0"),
    _gblup(
        "everybody",
        "Solves for everybody, with zeros for those without a record.",
        block="relationship",
        centred="np.zeros(len(relationship)); centred[training] = y - mean",
        answer="mean + relationship @ weighted",
    ),
    _gblup("training-only", "Predicts those with a record.", answer="mean + block @ weighted"),
    _gblup(
        "others-only",
        "Predicts the calves alone.",
        answer="mean + np.delete(relationship[:, training], training, axis=0) @ weighted",
    ),
    _gblup(
        "no-solve",
        "Weights by relationship alone.",
        answer="mean + relationship[:, training] @ (y - mean)",
    ),
    _gblup(
        "marker-scale",
        "Multiplies by the number of animals.",
        ratio="(1 - h2) / h2 * len(training)",
    ),
    _gblup(
        "marker-scale",
        "Multiplies by the mean of the diagonal.",
        ratio="(1 - h2) / h2 * np.trace(relationship) / len(relationship)",
    ),
    _gblup(
        "column", "Keeps a column.", answer="(mean + relationship[:, training] @ weighted)[:, None]"
    ),
    _penalty("inverted", "Turns the odds over.", "h2 / (1 - h2) * genotypes.var(axis=0).sum()"),
    _penalty("no-variances", "Forgets the markers.", "(1 - h2) / h2"),
    _penalty("averaged", "Averages the variances.", "(1 - h2) / h2 * genotypes.var(axis=0).mean()"),
    _penalty("number-of-markers", "Counts markers.", "(1 - h2) / h2 * genotypes.shape[1]"),
    _penalty("h2-alone", "Divides by the heritability.", "genotypes.var(axis=0).sum() / h2"),
    _penalty("h2-alone", "Multiplies by the noise.", "(1 - h2) * genotypes.var(axis=0).sum()"),
    _penalty("not-centred", "Adds up squares.", "(1 - h2) / h2 * np.sum(genotypes**2)"),
    _penalty(
        "sum-of-squares",
        "Adds up over animals.",
        "(1 - h2) / h2 * np.sum((genotypes - genotypes.mean(axis=0)) ** 2)",
    ),
    _penalty("flattened", "Takes one variance.", "(1 - h2) / h2 * genotypes.var()"),
    _penalty("each", "Gives each marker its own.", "(1 - h2) / h2 * genotypes.var(axis=0)"),
    _penalty("rows", "Takes the wrong axis.", "(1 - h2) / h2 * genotypes.var(axis=1).sum()"),
    _penalty(
        "standard-deviations", "Adds up deviations.", "(1 - h2) / h2 * genotypes.std(axis=0).sum()"
    ),
    _penalty(
        "unbiased", "Divides by n - 1.", "(1 - h2) / h2 * genotypes.var(axis=0, ddof=1).sum()"
    ),
    _penalty(
        "hardy-weinberg",
        "Assumes random mating.",
        "(1 - h2) / h2 * np.sum(genotypes.mean(axis=0) * (1 - genotypes.mean(axis=0) / 2))",
    ),
    _gibbs("own-share", "Does not put the share back.", own="residual"),
    _gibbs("wrong-sign", "Takes it out again.", own="residual - z * effect"),
    _gibbs("no-prior", "Does least squares.", precision="z @ z"),
    _gibbs(
        "variance-no-prior",
        "Forgets the prior in the variance.",
        answer="z @ own / precision, noise / (z @ z)",
    ),
    _gibbs(
        "mean-no-prior",
        "Forgets the prior in the mean.",
        answer="z @ own / (z @ z), noise / precision",
    ),
    _gibbs(
        "deviation",
        "Returns the deviation.",
        answer="z @ own / precision, np.sqrt(noise / precision)",
    ),
    _gibbs(
        "no-noise", "Returns one over the precision.", answer="z @ own / precision, 1 / precision"
    ),
    _gibbs("ratio-inverted", "Turns the ratio over.", precision="z @ z + prior_variance / noise"),
    _gibbs(
        "prior-precision", "Adds the prior's precision.", precision="z @ z + 1 / prior_variance"
    ),
    _gibbs("averaged", "Averages.", own="(residual + z * effect) / len(z)"),
    _gibbs(
        "drawn",
        "Draws.",
        answer="np.random.normal(z @ own / precision, np.sqrt(noise / precision)), noise / precision",
    ),
    _gibbs("swapped", "Swaps the answers.", answer="noise / precision, z @ own / precision"),
    _gibbs("one-number", "Returns the mean.", answer="z @ own / precision"),
    _chains("within-only", "Forgets the chains' means.", "np.sqrt((n - 1) / n * within / within)"),
    _chains("pooled", "Uses one pot.", "np.sqrt(chains.var(ddof=1) / within)"),
    _chains(
        "not-times-n", "Loses the n.", _RIGHT, setup="between = chains.mean(axis=1).var(ddof=1)"
    ),
    _chains(
        "between-twice", "Adds all of B.", "np.sqrt(((n - 1) / n * within + between) / within)"
    ),
    _chains("no-factor", "Takes all of W.", "np.sqrt((within + between / n) / within)"),
    _chains(
        "other-form",
        "Uses the form with 1 + 1 / m.",
        "np.sqrt(((n - 1) / n * within + (1 + 1 / len(chains)) * between / n) / within)",
    ),
    _chains(
        "axes",
        "Swaps the axes.",
        _RIGHT,
        setup="within, between = chains.var(axis=0, ddof=1).mean(), n * chains.mean(axis=0).var(ddof=1)",
    ),
    _chains("number-of-chains", "Counts chains.", _RIGHT, setup="n = chains.shape[0]"),
    _chains("no-root", "Forgets the root.", "((n - 1) / n * within + between / n) / within"),
    _chains(
        "ratio-inverted", "Turns it over.", "np.sqrt(within / ((n - 1) / n * within + between / n))"
    ),
    _chains(
        "biased",
        "Leaves ddof out.",
        _RIGHT,
        setup="within, between = chains.var(axis=1).mean(), n * chains.mean(axis=1).var()",
    ),
    _chains("verdict", "Gives a verdict.", f"{_RIGHT} < 1.1"),
]
