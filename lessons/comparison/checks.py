"""Checks of the lesson on honest comparisons. NumPy only: feedback comes at once."""

from functools import partial
from itertools import product

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, is_number, numbers

_close = partial(close, absolute=1e-7)


def _any_close(result, values) -> bool:
    return any(_close(result, value) for value in values)


@exercise(
    "corrected_interval",
    title="An interval over folds",
    points=3,
    ladder=[
        "Start with one difference a fold. Everything else is a mean, a variance and a root.",
        "The variance of the differences divides by one less: `ddof=1`. It is multiplied by "
        "`1 / k + n_test / n_training`, and `k` is the number of folds.",
        "`half = t * np.sqrt((1 / len(d) + n_test / n_training) * d.var(ddof=1))` with `d = a - b`",
    ],
    hints={
        "plain-t": "That is the ordinary t interval. It takes folds for independent replicates; "
        "they share training rows, and `n_test / n_training` is missing.",
        "unpaired": "You added the variances of both methods. An easy fold is easy for both: take "
        "the variance of the *differences*, which does not contain it.",
        "swapped": "The ratio of sizes is upside down: it is `n_test / n_training`. The more "
        "training rows a test row has beside it, the less is added.",
        "share-of-all": "You divided by all rows. The correction is `n_test / n_training`.",
        "reversed": "That is `b - a`. The sign has to say which one is better.",
        "absolute": "You took the size of the differences. Their sign says who was better in a "
        "fold, and it has to stay.",
        "biased": "The variance divides by one less than the number of folds: `ddof=1`.",
        "no-root": "The square root is missing: a half width has the units of the scores.",
        "no-quantile": "The quantile `t` is missing. One standard error covers about two thirds.",
        "only-ratio": "`1 / k` is missing: with few folds the mean is unsure for that reason, too.",
        "multiplied": "The two terms add up: `1 / k + n_test / n_training`, times the variance.",
        "half-width": "Return the ends, mean minus and mean plus the half width.",
        "order": "Return the mean first, then the lower end, then the upper end.",
    },
)
def check_corrected_interval(submission: Submission, rng: np.random.Generator):
    for k in (5, 10):
        n_test = int(rng.integers(20, 60))
        n_training = n_test * int(rng.integers(3, 6)) + 7
        t = float(rng.uniform(2.0, 3.0))
        easy = rng.normal(0.4, 0.15, k)
        a = easy + rng.normal(0.04, 0.03, k)
        b = easy + rng.normal(0, 0.03, k)
        b[0] = a[0] + 0.05  # one fold that the other method wins
        result = submission.call("corrected_interval", a, b, n_training, n_test, t)
        result = numbers(result, "corrected_interval", (3,))
        d, ratio = a - b, n_test / n_training
        variance = d.var(ddof=1)

        def ends(half, d=d, sign=1):
            mean = sign * d.mean()
            return np.array([mean, mean - half, mean + half])

        expected = ends(t * np.sqrt((1 / k + ratio) * variance))
        half = expected[2] - expected[0]
        require(not _close(result, ends(half, sign=-1)), hint="reversed")
        require(not _close(result, [d.mean(), half, half]), hint="half-width")
        wrong_order = np.sort(result)[[1, 0, 2]]
        require(_close(result, wrong_order) or not _close(wrong_order, expected), hint="order")
        plain = t * np.sqrt(variance / k), t * np.sqrt(d.var() / k)
        require(not _any_close(result, [ends(one) for one in plain]), hint="plain-t")
        both = a.var(ddof=1) + b.var(ddof=1)
        apart = [t * np.sqrt((1 / k + r) * v) for r in (ratio, 0) for v in (both, both / 2)]
        require(not _any_close(result, [ends(one) for one in apart]), hint="unpaired")
        sizes = np.abs(d)
        around = t * np.sqrt((1 / k + ratio) * sizes.var(ddof=1))
        even = [sizes.mean(), sizes.mean() - around, sizes.mean() + around]
        require(not _close(result, even), hint="absolute")
        slips = {
            "swapped": t * np.sqrt((1 / k + 1 / ratio) * variance),
            "share-of-all": t * np.sqrt((1 / k + n_test / (n_test + n_training)) * variance),
            "biased": t * np.sqrt((1 / k + ratio) * d.var()),
            "no-root": t * (1 / k + ratio) * variance,
            "no-quantile": np.sqrt((1 / k + ratio) * variance),
            "only-ratio": t * np.sqrt(ratio * variance),
            "multiplied": t * np.sqrt(ratio / k * variance),
        }
        for hint, value in slips.items():
            require(not _close(result, ends(value)), hint=hint)
        require(
            _close(result, expected),
            f"With {k} folds, a mean difference of {d.mean():.4f} and a variance of {variance:.6f} "
            f"the interval is {expected[1]:.4f} to {expected[2]:.4f}; you return "
            f"{np.round(result, 4).tolist()}.",
        )


def _pipeline(
    x, y, covariate, training, test, keep, penalty, *, slope_rows, scale_rows, choice_rows,
    fit_rows=None, signed=False, early=False, ddof=0, centre_rows=None, apart=False,
    uncorrected=False,
):  # fmt: skip
    """The pipeline with the rows that each step looks at; the rest are its other slips."""
    raw = y
    centre_rows = slope_rows if centre_rows is None else centre_rows
    centred = covariate - covariate[centre_rows].mean()
    along = centred[slope_rows]
    if not uncorrected:
        y = y - along @ y[slope_rows] / (along @ along) * centred
    if apart:
        scaled = np.empty(x.shape)
        for part in (training, test):
            scaled[part] = (x[part] - x[part].mean(axis=0)) / x[part].std(axis=0)
        x = scaled
    else:
        x = (x - x[scale_rows].mean(axis=0)) / x[scale_rows].std(axis=0, ddof=ddof)
    judged = raw if early else y
    sums = x[choice_rows].T @ (judged[choice_rows] - judged[choice_rows].mean())
    best = np.sort(np.argsort(-(sums if signed else np.abs(sums)))[:keep])
    rows = training if fit_rows is None else fit_rows
    a, mean = x[rows][:, best], y[rows].mean()
    effects = np.linalg.solve(a.T @ a + penalty * np.eye(keep), a.T @ (y[rows] - mean))
    return mean, x[:, best] @ effects


@exercise(
    "honest_pipeline",
    title="Which rows may a step see?",
    points=4,
    ladder=[
        "Go through his lines one by one. Whenever a number is learned (a mean, a deviation, a "
        "slope, a choice), ask from which rows.",
        "`covariate[training].mean()`, `x[training].std(axis=0)`, and a slope and correlations of "
        "the training rows. What is learned is then applied to all rows.",
        "`slope = centred[training] @ y[training] / (centred[training] @ centred[training])`, "
        "`x = (x - x[training].mean(axis=0)) / x[training].std(axis=0)`, and "
        "`correlation = np.abs(x[training].T @ (y[training] - y[training].mean()))`",
    ],
    hints={
        "unchanged": "That is his pipeline: all three steps still see the test rows.",
        "choice": "The markers are still chosen with the traits of the test rows in sight. This "
        "is the leak that lets a network predict noise.",
        "correction": "The slope on the covariate still uses the traits of the test rows. Learn "
        "mean and slope on the training rows, and apply them to everybody.",
        "no-correction": "The covariate is still in the trait: step 1 is missing.",
        "put-back": "You gave the covariate's influence back to the test rows. Like his pipeline, "
        "predict the corrected trait.",
        "covariate-mean": "The slope is learned on the training rows, and the mean of the "
        "covariate is still that of everybody.",
        "scaling": "The markers are still scaled by means and deviations of all rows. It does "
        "little harm, but a new animal that comes alone has no part in any mean.",
        "own-scale": "Each part is scaled by itself. Then the test rows are measured with another "
        "yardstick: use means and deviations of the training rows for all.",
        "fit": "The effects are fitted on all rows. Only training rows may teach.",
        "mean-not-added": "You predict deviations. Add the mean of the corrected training "
        "traits at the end.",
        "signed": "A marker may correlate downwards: choose by the absolute value.",
        "order": "The markers are chosen with the uncorrected trait. Keep his order: first the "
        "covariate, then scaling, then the choice.",
        "ddof": "His deviations divide by the number of rows, as `std` does by itself.",
        "all-rows": "You return a prediction for every row. Return those of the test rows, in the "
        "order of `test`.",
        "training-rows": "You return the training rows. It is the test rows that are asked for.",
        "test-order": "The right numbers in another order: keep the order of `test`.",
    },
)
def check_honest_pipeline(submission: Submission, rng: np.random.Generator):
    n, p, keep = 42, 60, 6
    covariate = 3 + rng.normal(size=n)
    x = rng.binomial(2, rng.uniform(0.3, 0.7, p), (n, p)).astype(float)
    x[:3] = np.array([[0.0], [1.0], [2.0]])  # no marker without variation
    rows = np.concatenate([rng.permutation(np.arange(3, n)), np.arange(3)])
    training, test = np.sort(rows[14:]), rows[:14]
    y = x[:, :8] @ rng.normal(size=8) + 2.0 * covariate + rng.normal(size=n)
    # In the test rows the covariate acts otherwise, and other markers go with the trait: a step
    # that looks there is found out.
    y[test] += 2.5 * (covariate[test] - 3) + x[test][:, 20:32] @ rng.normal(0, 3, 12) + 4
    covariate[test] += 1.0
    penalty = float(rng.uniform(3, 9))
    given = (x, y, covariate, training, test, keep, penalty)
    everyone = np.arange(n)
    result = submission.call("honest_pipeline", *given)
    honest = {"slope_rows": training, "scale_rows": training, "choice_rows": training}

    def predicted(**changes):
        mean, values = _pipeline(*given, **{**honest, **changes})
        return mean + values

    expected = predicted()
    size = np.shape(result) if result is not None else ()
    require(size != (n,), hint="all-rows")
    require(not (size == (len(training),) and size != (len(test),)), hint="training-rows")
    result = numbers(result, "honest_pipeline", (len(test),))
    if _close(result, expected[test]):
        return
    in_order = np.argsort(test)
    require(not _close(result, expected[test[in_order]]), hint="test-order")
    mean, values = _pipeline(*given, **honest)
    require(not _close(result, values[test]), hint="mean-not-added")
    centred = covariate - covariate[training].mean()
    along = centred[training]
    slope = along @ y[training] / (along @ along)
    require(not _close(result, (expected + slope * centred)[test]), hint="put-back")
    require(not _close(result, predicted(uncorrected=True)[test]), hint="no-correction")
    keys = ("slope_rows", "scale_rows", "choice_rows")
    for leaks in product((False, True), repeat=3):
        if not any(leaks):
            continue
        changes = {key: everyone for key, leak in zip(keys, leaks, strict=True) if leak}
        hint = "choice" if leaks[2] else "correction" if leaks[0] else "scaling"
        hint = "unchanged" if all(leaks) else hint
        require(not _close(result, predicted(**changes)[test]), hint=hint)
    slips = {
        "covariate-mean": {"centre_rows": everyone},
        "own-scale": {"apart": True},
        "fit": {"fit_rows": everyone},
        "signed": {"signed": True},
        "order": {"early": True},
        "ddof": {"ddof": 1},
    }
    for hint, changes in slips.items():
        require(not _close(result, predicted(**changes)[test]), hint=hint)
    require(
        False,
        f"The prediction of the first test row should be {expected[test[0]]:.4f}; you return "
        f"{result[0]:.4f}.",
    )


@exercise(
    "nested_score",
    title="A choice inside every fold",
    points=3,
    ladder=[
        "Go fold by fold: which column has the lowest validation error in this row? Then look up "
        "the test correlation in the same place.",
        "`np.nanargmin(validation_mse, axis=1)` gives one column a row and passes over `nan`.",
        "`chosen = np.nanargmin(validation_mse, axis=1); return chosen, "
        "test_r[np.arange(len(chosen)), chosen].mean()`",
    ],
    hints={
        "best-test": "You choose by the test correlation. That is the leak: the best of many looks "
        "at the test rows.",
        "one-for-all": "You choose one penalty by the mean over all folds. The validation rows of "
        "one fold are test rows of another: each fold has to choose by itself.",
        "largest": "You choose the largest validation *error*. Smaller is better.",
        "nan": "`argmin` takes `nan` for the smallest. A fit that failed cannot be chosen: "
        "`np.nanargmin`.",
        "axes": "Folds are the rows: choose along `axis=1`, one column for each fold.",
        "table": "You averaged a whole table or whole columns. Take one number a fold, in the "
        "chosen column: `test_r[np.arange(len(chosen)), chosen]`.",
        "validation-reported": "You report the validation error. The score is the mean test "
        "correlation of what was chosen.",
        "per-fold": "The second answer is one number, the mean over folds.",
        "swapped": "The columns come first, then the score.",
        "score-only": "Return both: the chosen columns, and the score.",
        "from-one": "Columns are counted from 0.",
    },
)
def check_nested_score(submission: Submission, rng: np.random.Generator):
    for _ in range(2):
        k, m = int(rng.integers(5, 8)), int(rng.integers(3, 5))
        mse = rng.uniform(0.8, 1.2, (k, m))
        mse[0, 1], mse[k - 1, m - 1] = np.nan, np.nan
        # Two folds disagree, and no column is best in all.
        mse[1, 0], mse[2, 1] = 0.5, 0.5
        test_r = rng.uniform(0.1, 0.6, (k, m))
        result = submission.call("nested_score", mse, test_r)
        require(result is not None, "nested_score gave back nothing. Is the `return` missing?")
        several = isinstance(result, list | tuple)
        require(several or not is_number(result), hint="score-only")
        require(
            several and len(result) == 2,
            "nested_score should return two things: the chosen columns, and the score.",
        )
        require(not (is_number(result[0]) and np.ndim(result[1]) == 1), hint="swapped")
        fold = np.arange(k)
        columns = np.nanargmin(mse, axis=1)
        expected = test_r[fold, columns].mean()
        chosen = np.asarray(result[0])
        choices = {
            "one-for-all": np.nanargmin(np.nanmean(mse, axis=0)),
            "best-test": np.argmax(test_r, axis=1),
            "largest": np.nanargmax(mse, axis=1),
            "nan": np.argmin(mse, axis=1),
            "axes": np.nanargmin(mse, axis=0),
            "from-one": columns + 1,
        }
        one = choices["one-for-all"]
        for name, value in choices.items():
            if np.array_equal(chosen, value) and not np.array_equal(value, columns):
                require(False, hint=name)
        require(not np.array_equal(chosen, np.full(k, one)), hint="one-for-all")
        plain = np.argmin(np.mean(mse, axis=0)), np.argmax(test_r.mean(axis=0))
        require(not (chosen.shape == () and chosen in (*plain, one)), hint="one-for-all")
        require(
            chosen.shape == (k,) and chosen.dtype.kind in "iuf" and (chosen == columns).all(),
            f"The columns with the lowest validation error are {columns.tolist()}; you chose "
            f"{chosen.tolist()}.",
        )
        score = numbers(result[1], "the score of nested_score", (), hint="per-fold")
        tables = (test_r.mean(), test_r[:, columns].mean())
        require(not _any_close(score, tables), hint="table")
        require(not _close(score, mse[fold, columns].mean()), hint="validation-reported")
        require(not _close(score, test_r.max(axis=1).mean()), hint="best-test")
        require(
            _close(score, expected),
            f"The mean test correlation of the chosen is {expected:.4f}; you return "
            f"{float(score):.4f}.",
        )


@exercise(
    "implied",
    title="What a correlation implies",
    points=3,
    ladder=[
        "One line each: a square root, a share of the variance, and a ratio.",
        "`np.sqrt(h2)` is the ceiling. The error that is left is the part of the variance that a "
        "correlation of r does not explain.",
        "`np.sqrt(h2), variance * (1 - r**2), r / np.sqrt(h2)`",
    ],
    hints={
        "h2-not-root": "The ceiling is the root of the heritability, not the heritability.",
        "r-not-squared": "A correlation explains its *square* of the variance: `1 - r**2`.",
        "no-variance": "The error is in units of the trait: multiply by the variance.",
        "explained": "That is the part that is explained. The error is what is left.",
        "deviation": "The squared error goes with the variance, not with the standard deviation.",
        "divided-by-h2": "Divide by the root of the heritability, not by the heritability.",
        "multiplied": "A predictive ability is accuracy times h. The other way it has to be "
        "divided.",
        "cut": "You cut a number off at 1. An accuracy above 1 is what tells you that the table "
        "cannot be right.",
        "order": "The order is ceiling, error, accuracy.",
    },
)
def check_implied(submission: Submission, rng: np.random.Generator):
    for high in (False, True):
        h2, variance = float(rng.uniform(0.1, 0.4)), float(rng.uniform(1.5, 4.0))
        h = np.sqrt(h2)
        r = float(h * (rng.uniform(1.1, 1.4) if high else rng.uniform(0.3, 0.9)))
        result = submission.call("implied", r, variance, h2)
        result = numbers(result, "implied", (3,))
        expected = np.array([h, variance * (1 - r**2), r / h])
        if _close(result, expected):
            continue
        require(not _close(np.sort(result), np.sort(expected)), hint="order")
        ceiling, error, accuracy = result
        require(not _close(ceiling, h2), hint="h2-not-root")
        errors = {
            "no-variance": (1 - r**2, 1 - r),
            "r-not-squared": (variance * (1 - r),),
            "explained": (variance * r**2, r**2),
            "deviation": (np.sqrt(variance) * (1 - r**2), np.sqrt(variance * (1 - r**2))),
        }
        for hint, values in errors.items():
            require(not _any_close(error, values), hint=hint)
        require(not _close(accuracy, r / h2), hint="divided-by-h2")
        require(not _any_close(accuracy, (r * h, r * h2)), hint="multiplied")
        require(not (high and _any_close(accuracy, (1.0,))), hint="cut")
        require(
            False,
            f"With r = {r:.3f}, variance {variance:.3f} and heritability {h2:.3f} the three are "
            f"{np.round(expected, 4).tolist()}; you return {np.round(result, 4).tolist()}.",
        )
