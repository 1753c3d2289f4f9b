"""Typical slips in the lesson on honest comparisons, and the hint that each must earn."""

from lessons.grader import WrongAnswer


def _wrong(exercise: str, earns: str, story: str, code: str) -> WrongAnswer:
    return WrongAnswer(exercise=exercise, earns=earns, story=story, code=code)


def _interval(
    earns: str,
    story: str,
    *,
    difference: str = "a - b",
    factor: str = "1 / len(d) + n_test / n_training",
    variance: str = "d.var(ddof=1)",
    half: str = "t * np.sqrt((FACTOR) * variance)",
    answer: str = "d.mean(), d.mean() - half, d.mean() + half",
) -> WrongAnswer:
    code = f"""
def corrected_interval(a, b, n_training, n_test, t):
    d = {difference}
    variance = {variance}
    half = {half.replace("FACTOR", factor)}
    return {answer}
"""
    return _wrong("corrected_interval", earns, story, code)


def _pipeline(
    earns: str,
    story: str,
    *,
    centre: str = "covariate[training].mean()",
    slope: str = "centred[training] @ y[training] / (centred[training] @ centred[training])",
    scaled: str = "(x - x[training].mean(axis=0)) / x[training].std(axis=0)",
    chosen: str = "np.abs(x[training].T @ (y[training] - mean))",
    fitted: str = "training",
    answer: str = "mean + x[test][:, best] @ effects",
    first: str = "pass",
) -> WrongAnswer:
    code = f"""
def honest_pipeline(x, y, covariate, training, test, keep, penalty):
    raw = y
    {first}
    centred = covariate - {centre}
    slope = {slope}
    y = y - slope * centred
    x = {scaled}
    rows = {fitted}
    mean = y[rows].mean()
    correlation = {chosen}
    best = np.sort(np.argsort(-correlation)[:keep])
    a = x[rows][:, best]
    effects = np.linalg.solve(a.T @ a + penalty * np.eye(keep), a.T @ (y[rows] - mean))
    return {answer}
"""
    return _wrong("honest_pipeline", earns, story, code)


def _nested(earns: str, story: str, body: str) -> WrongAnswer:
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    code = f"\ndef nested_score(validation_mse, test_r):\n{lines}\n"
    return _wrong("nested_score", earns, story, code)


def _implied(earns: str, story: str, answer: str) -> WrongAnswer:
    code = f"\ndef implied(r, variance, h2):\n    return {answer}\n"
    return _wrong("implied", earns, story, code)


_ALL_SLOPE = "centred @ y / (centred @ centred)"
_ALL_SCALE = "(x - x.mean(axis=0)) / x.std(axis=0)"
_ALL_CHOICE = "np.abs(x.T @ (y - y.mean()))"
_APART = (
    "np.vstack([(x[i] - (x[training] if i in set(training) else x[test]).mean(axis=0)) / "
    "(x[training] if i in set(training) else x[test]).std(axis=0) for i in range(len(x))])"
)
_LOOKED_UP = "test_r[np.arange(len(chosen)), chosen].mean()"

WRONG_ANSWERS = [
    _interval("plain-t", "Takes folds for replicates.", factor="1 / len(d)"),
    _interval("unpaired", "Adds both variances.", variance="a.var(ddof=1) + b.var(ddof=1)"),
    _interval("swapped", "Turns the ratio over.", factor="1 / len(d) + n_training / n_test"),
    _interval(
        "share-of-all",
        "Divides by all rows.",
        factor="1 / len(d) + n_test / (n_test + n_training)",
    ),
    _interval("reversed", "Takes b minus a.", difference="b - a"),
    _interval("absolute", "Takes sizes.", difference="np.abs(a - b)"),
    _interval("biased", "Leaves ddof out.", variance="d.var()"),
    _interval("no-root", "Forgets the root.", half="t * (FACTOR) * variance"),
    _interval("no-quantile", "Forgets t.", half="np.sqrt((FACTOR) * variance)"),
    _interval("only-ratio", "Forgets the number of folds.", factor="n_test / n_training"),
    _interval("multiplied", "Multiplies the terms.", factor="1 / len(d) * n_test / n_training"),
    _interval("half-width", "Returns the half width.", answer="d.mean(), half, half"),
    _interval(
        "order", "Returns the ends first.", answer="d.mean() - half, d.mean(), d.mean() + half"
    ),
    _pipeline(
        "unchanged",
        "Copies his steps.",
        centre="covariate.mean()",
        slope=_ALL_SLOPE,
        scaled=_ALL_SCALE,
        chosen=_ALL_CHOICE,
    ),
    _pipeline("choice", "Chooses markers on all rows.", chosen=_ALL_CHOICE),
    _pipeline("correction", "Corrects on all rows.", centre="covariate.mean()", slope=_ALL_SLOPE),
    _pipeline("covariate-mean", "Centres the covariate on all rows.", centre="covariate.mean()"),
    _pipeline("no-correction", "Leaves the covariate in.", slope="0.0"),
    _pipeline(
        "put-back",
        "Adds the covariate again.",
        answer="slope * centred[test] + mean + x[test][:, best] @ effects",
    ),
    _pipeline("scaling", "Scales on all rows.", scaled=_ALL_SCALE),
    _pipeline("own-scale", "Scales each part by itself.", scaled=_APART),
    _pipeline(
        "fit",
        "Fits on all rows.",
        chosen="np.abs(x[training].T @ (y[training] - y[training].mean()))",
        fitted="np.arange(len(y))",
    ),
    _pipeline("mean-not-added", "Forgets the mean.", answer="x[test][:, best] @ effects"),
    _pipeline(
        "signed",
        "Chooses by the signed correlation.",
        chosen="x[training].T @ (y[training] - mean)",
    ),
    _pipeline(
        "order",
        "Chooses with the uncorrected trait.",
        chosen="np.abs(x[training].T @ (raw[training] - raw[training].mean()))",
    ),
    _pipeline(
        "ddof",
        "Divides by n - 1.",
        scaled="(x - x[training].mean(axis=0)) / x[training].std(axis=0, ddof=1)",
    ),
    _pipeline("all-rows", "Predicts everybody.", answer="mean + x[:, best] @ effects"),
    _pipeline(
        "training-rows",
        "Predicts the training rows.",
        answer="mean + x[training][:, best] @ effects",
    ),
    _pipeline(
        "test-order", "Sorts the test rows.", answer="mean + x[np.sort(test)][:, best] @ effects"
    ),
    _nested(
        "best-test",
        "Chooses by the test.",
        f"chosen = test_r.argmax(axis=1)\nreturn chosen, {_LOOKED_UP}",
    ),
    _nested(
        "one-for-all",
        "Chooses one for all folds.",
        "best = np.nanargmin(np.nanmean(validation_mse, axis=0))\n"
        f"chosen = np.full(len(test_r), best)\nreturn chosen, {_LOOKED_UP}",
    ),
    _nested(
        "largest",
        "Takes the largest error.",
        f"chosen = np.nanargmax(validation_mse, axis=1)\nreturn chosen, {_LOOKED_UP}",
    ),
    _nested(
        "nan",
        "Chooses what failed.",
        f"chosen = np.argmin(validation_mse, axis=1)\nreturn chosen, {_LOOKED_UP}",
    ),
    _nested(
        "axes",
        "Swaps the axes.",
        "chosen = np.nanargmin(validation_mse, axis=0)\nreturn chosen, test_r[chosen, np.arange(len(chosen))].mean()",
    ),
    _nested(
        "table",
        "Averages whole columns.",
        "chosen = np.nanargmin(validation_mse, axis=1)\nreturn chosen, test_r[:, chosen].mean()",
    ),
    _nested(
        "validation-reported",
        "Reports the error.",
        "chosen = np.nanargmin(validation_mse, axis=1)\nreturn chosen, np.nanmin(validation_mse, axis=1).mean()",
    ),
    _nested(
        "per-fold",
        "Does not average.",
        "chosen = np.nanargmin(validation_mse, axis=1)\nreturn chosen, test_r[np.arange(len(chosen)), chosen]",
    ),
    _nested(
        "swapped",
        "Returns the score first.",
        f"chosen = np.nanargmin(validation_mse, axis=1)\nreturn {_LOOKED_UP}, chosen",
    ),
    _nested(
        "score-only",
        "Returns the score.",
        f"chosen = np.nanargmin(validation_mse, axis=1)\nreturn {_LOOKED_UP}",
    ),
    _nested(
        "from-one",
        "Counts from one.",
        f"chosen = np.nanargmin(validation_mse, axis=1)\nreturn chosen + 1, {_LOOKED_UP}",
    ),
    _implied("h2-not-root", "Forgets the root.", "h2, variance * (1 - r**2), r / np.sqrt(h2)"),
    _implied(
        "r-not-squared", "Forgets the square.", "np.sqrt(h2), variance * (1 - r), r / np.sqrt(h2)"
    ),
    _implied("no-variance", "Forgets the variance.", "np.sqrt(h2), 1 - r**2, r / np.sqrt(h2)"),
    _implied(
        "explained", "Returns what is explained.", "np.sqrt(h2), variance * r**2, r / np.sqrt(h2)"
    ),
    _implied(
        "deviation",
        "Uses the deviation.",
        "np.sqrt(h2), np.sqrt(variance) * (1 - r**2), r / np.sqrt(h2)",
    ),
    _implied("divided-by-h2", "Divides by h2.", "np.sqrt(h2), variance * (1 - r**2), r / h2"),
    _implied(
        "multiplied", "Multiplies by h.", "np.sqrt(h2), variance * (1 - r**2), r * np.sqrt(h2)"
    ),
    _implied(
        "cut", "Cuts at one.", "np.sqrt(h2), variance * (1 - r**2), min(r / np.sqrt(h2), 1.0)"
    ),
    _implied("order", "Another order.", "variance * (1 - r**2), np.sqrt(h2), r / np.sqrt(h2)"),
]
