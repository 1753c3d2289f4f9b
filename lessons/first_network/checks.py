"""Checks of the lesson on a first network. NumPy only: feedback comes at once."""

from functools import partial

import numpy as np

from lessons.grader import Submission, exercise, require
from lessons.grader.answers import close, first_difference, is_number, require_number, table
from lessons.grader.requirements import kind_of

_close = partial(close, absolute=1e-6)
_first_difference = partial(first_difference, absolute=1e-6)


@exercise(
    "mean_baseline",
    title="The baseline: guess the mean",
    points=1,
    ladder=[
        "There are two steps: make one prediction, then measure how far off it is on the test "
        "beans.",
        "The prediction is one number, the mean of `y_training`. It is the same for every test "
        "bean.",
        "Subtract that number from `y_test`, square, and take the mean: "
        "`np.mean((y_test - guess) ** 2)`.",
    ],
    hints={
        "test-mean": "You predicted the mean of the test beans. Nobody has weighed those yet when "
        "the prediction is made. Use the mean of `y_training`.",
        "training-error": "This is the error over the training beans. A prediction is judged on "
        "beans it has not seen: measure it on `y_test`.",
        "square-root": "You took a square root. The root of the mean squared error is a fine "
        "measure, but here the mean squared error itself is asked for.",
        "sum": "You added the squared errors up. Divide by the number of test beans, so that the "
        "error doesn't grow with their number.",
        "not-squared": "The errors are not squared. Without squaring, errors above and below the "
        "mean cancel out, or large errors count too little.",
    },
)
def check_mean_baseline(submission: Submission, rng: np.random.Generator):
    training = rng.normal(20.0, 2.0, size=int(rng.integers(30, 50)))
    test = rng.normal(23.0, 3.0, size=int(rng.integers(10, 20)))
    result = submission.call("mean_baseline", training, test)
    require_number(result, "mean_baseline")
    deviation = test - training.mean()
    expected = np.mean(deviation**2)
    require(not _close(result, np.mean((test - test.mean()) ** 2)), hint="test-mean")
    require(not _close(result, np.mean((training - training.mean()) ** 2)), hint="training-error")
    require(not _close(result, np.sqrt(expected)), hint="square-root")
    require(not _close(result, np.sum(deviation**2)), hint="sum")
    wrong_powers = (np.mean(deviation), -np.mean(deviation), np.mean(np.abs(deviation)))
    require(not any(_close(result, value) for value in wrong_powers), hint="not-squared")
    require(
        _close(result, expected),
        f"On a fresh example the mean squared error is {expected:.4f}; "
        f"yours is {float(result):.4f}.",
    )


@exercise(
    "r_squared",
    title="The score: R²",
    points=2,
    ladder=[
        "R² compares two sums of squares: one for the predictions, one for guessing the mean.",
        "Above the line: `np.sum((y - prediction) ** 2)`. Below the line: the same with the mean "
        "of `y` in place of the prediction.",
        "Return 1 minus the first divided by the second. Do not clip the result.",
    ],
    hints={
        "squared-correlation": "This is the squared correlation. It gives full marks to "
        "predictions that are all 2 grams too heavy. R² compares the errors themselves with those "
        "of guessing the mean.",
        "clipped": "Your score never falls below 0. But a network can be worse than guessing the "
        "mean, and a negative R² is how you find out. Don't clip it.",
        "unexplained": "This is the share that is *not* accounted for. Take it away from 1.",
        "prediction-variance": "You divided by the spread of the predictions. Divide by the "
        "spread of the observations: the deviations of `y` from its own mean.",
        "correlation": "This is the correlation. It doesn't ask whether the predictions have the "
        "right level and the right spread. R² compares the errors themselves with those of "
        "guessing the mean.",
        "explained": "You compared the spread of the predictions with the spread of the "
        "observations. That never asks whether the predictions are right. Use the errors, "
        "`y - prediction`.",
        "standard-deviation": "You divided by a standard deviation. Below the line belongs its "
        "square, the variance: squares are compared with squares.",
        "level-ignored": "Your errors were centred: `np.var` of the errors forgives predictions "
        "that are all too high. Use the squared errors as they are.",
        "mean-of-predictions": "You measured the deviations of `y` from the mean of the "
        "*predictions*. Take the mean of `y`.",
        "not-centred": "You divided by the sum of `y` squared. Take the mean of `y` away first: "
        "the deviations are what guessing the mean gets wrong.",
        "mixed-denominators": "Nearly. One of your two averages divides by n, the other by n - 1. "
        "Use sums in both places and the question doesn't arise.",
    },
)
def check_r_squared(submission: Submission, rng: np.random.Generator):
    n = int(rng.integers(12, 25))
    deviation = rng.normal(size=n)
    deviation = (deviation - deviation.mean()) / deviation.std()
    # Correlated, but shrunken and shifted: R2 and the squared correlation differ. The standard
    # deviation is not 1, so that it can be told from the variance.
    scale = float(rng.uniform(1.5, 2.5))
    prediction = 5.0 + scale * (0.6 * deviation + 0.2 * rng.uniform(-1, 1, size=n) + 0.4)
    y = 5.0 + scale * deviation
    result = submission.call("r_squared", y, prediction)
    require_number(result, "r_squared")
    errors = np.sum((y - prediction) ** 2)
    total = np.sum((y - y.mean()) ** 2)
    correlation = np.corrcoef(y, prediction)[0, 1]
    require(not _close(result, correlation**2), hint="squared-correlation")
    require(not _close(result, errors / total), hint="unexplained")
    spread = np.sum((prediction - prediction.mean()) ** 2)
    require(not _close(result, 1 - errors / spread), hint="prediction-variance")
    require(not _close(result, correlation), hint="correlation")
    from_mean = np.sum((prediction - y.mean()) ** 2)
    ratios = (from_mean / total, spread / total)
    require(not any(_close(result, value) for value in ratios), hint="explained")
    require(not _close(result, 1 - errors / n / y.std()), hint="standard-deviation")
    require(not _close(result, 1 - np.var(y - prediction) / y.var()), hint="level-ignored")
    wrong_mean = np.sum((y - prediction.mean()) ** 2)
    require(not _close(result, 1 - errors / wrong_mean), hint="mean-of-predictions")
    require(not _close(result, 1 - errors / np.sum(y**2)), hint="not-centred")
    mixed = (1 - errors / n / y.var(ddof=1), 1 - errors / (n - 1) / y.var())
    require(not any(_close(result, value) for value in mixed), hint="mixed-denominators")
    require(
        _close(result, 1 - errors / total),
        f"On a fresh example R² is {1 - errors / total:.4f}; yours is {float(result):.4f}.",
    )
    bad = 11.0 - y
    result = submission.call("r_squared", y, bad)
    expected = 1 - np.sum((y - bad) ** 2) / total
    require(not (is_number(result) and result >= 0), hint="clipped")
    require(_close(result, expected), f"For predictions this bad R² should be {expected:.4f}.")


@exercise(
    "dense_layer",
    title="A dense layer",
    points=3,
    ladder=[
        "Three things happen, in this order: weighted sums, bias, activation.",
        "`x @ weights` gives all weighted sums at once, with shape `(n, h)`. NumPy adds the bias "
        "to every row by itself.",
        "Finish with the ReLU: `np.maximum(sums, 0)`.",
    ],
    hints={
        "no-activation": "Some of your outputs are negative: the activation is missing. Without "
        "it, a stack of layers is no more than one linear rule.",
        "activation-first": "The bias is added after the ReLU. A neuron adds its bias first: the "
        "bias shifts the point where it wakes up.",
        "no-bias": "The bias has no effect on your result. Add `bias` to the weighted sums before "
        "the ReLU.",
        "shape": "The result should have one row per plant and one column per neuron, shape "
        "(n, h). Look at the axes of your product and of any sum.",
        "absolute-value": "Negative sums come out positive. The ReLU silences them: it makes them "
        "0, it doesn't flip their sign.",
    },
)
def check_dense_layer(submission: Submission, rng: np.random.Generator):
    n, p, h = (int(value) for value in rng.choice(np.arange(4, 10), size=3, replace=False))
    x = rng.integers(0, 3, size=(n, p)).astype(float)
    weights = rng.normal(size=(p, h))
    bias = rng.normal(size=h)
    # One neuron clearly silent and one clearly awake, so that every slip shows.
    weights[:, 0], bias[0] = -np.abs(weights[:, 0]) - 0.1, -1.0
    weights[:, 1], bias[1] = np.abs(weights[:, 1]) + 0.1, 2.0
    result = submission.call("dense_layer", x, weights, bias)
    result = table(result, (n, h), "", hint="shape")
    sums = x @ weights
    require(not _close(result, sums + bias), hint="no-activation")
    require(not _close(result, np.maximum(sums, 0) + bias), hint="activation-first")
    require(not _close(result, np.maximum(sums, 0)), hint="no-bias")
    require(not _close(result, np.abs(sums + bias)), hint="absolute-value")
    expected = np.maximum(sums + bias, 0)
    if not _close(result, expected):
        i, j = _first_difference(result, expected)
        require(
            False,
            f"Plant {i}, neuron {j} (counting from 0): the weighted sum is {sums[i, j]:.4f} and "
            f"the bias {bias[j]:.4f}, so the output should be {expected[i, j]:.4f}. "
            f"Yours is {result[i, j]:.4f}.",
        )


@exercise(
    "scan",
    title="A filter scans a sequence",
    points=3,
    ladder=[
        "At each place, cut out as many rows of the sequence as the filter has, multiply number "
        "by number, and add everything up.",
        "The window that starts at `start` is `one_hot[start : start + k]`. There are `L - k + 1` "
        "places to start.",
        "Collect `np.sum(window * filter_weights) + bias` for every place, and finish with "
        "`np.maximum(..., 0)`.",
    ],
    hints={
        "no-activation": "The sums are right, but the activation is missing: some of them are "
        "still negative. A convolution without activation is a linear rule. (The published "
        "example that this course grew from has this very slip.)",
        "last-window": "Your map is one number short. Of 7 letters and a filter of 2 there are 6 "
        "places: the last one ends at the last letter.",
        "padded": "Your map is as long as the sequence. The filter must fit entirely on the "
        "sequence; don't add letters at the ends.",
        "flipped": "Your filter is turned round, as in the mathematical convolution. Here row 0 "
        "of the filter meets the first letter of the window.",
        "not-summed": "There should be one number per place. Add up over the positions *and* over "
        "the four letters.",
        "bias-per-letter": "The bias was added to every number of the window and so counts many "
        "times. Add up first, then add the bias once.",
        "no-bias": "The bias has no effect on your map, or comes after the ReLU. Add it to every "
        "sum, then apply the ReLU.",
    },
)
def check_scan(submission: Submission, rng: np.random.Generator):
    length = int(rng.integers(14, 22))
    width = int(rng.choice([3, 5]))  # never 4, which is the number of letters
    one_hot = np.eye(4)[rng.integers(0, 4, size=length)]
    filter_weights = rng.normal(size=(width, 4))
    windows = np.lib.stride_tricks.sliding_window_view(one_hot, width, axis=0)

    def sums_with(filter_rows):
        return np.einsum("slw,wl->s", windows, filter_rows)

    # Sums of both signs before the bias and after it, so that every slip shows.
    filter_weights += (0.6 - np.median(sums_with(filter_weights))) / width
    bias = -0.5
    sums = sums_with(filter_weights)
    places = length - width + 1
    result = submission.call("scan", one_hot, filter_weights, bias)
    require(result is not None, "`scan` gave back nothing. Is the `return` missing?")
    result = np.asarray(result)
    require(result.ndim == 1 and result.dtype.kind in "biuf", hint="not-summed")
    require(len(result) != places - 1, hint="last-window")
    require(len(result) != length, hint="padded")
    require(
        len(result) == places,
        f"{length} letters and a filter of {width} leave {places} "
        f"places; your map has {len(result)} numbers.",
    )
    require(not _close(result, sums + bias), hint="no-activation")
    flipped = sums_with(filter_weights[::-1])
    fully_flipped = sums_with(filter_weights[::-1, ::-1])
    for turned in (flipped, fully_flipped):
        require(not _close(result, np.maximum(turned + bias, 0)), hint="flipped")
    without_bias = (np.maximum(sums, 0), np.maximum(sums, 0) + bias)
    require(not any(_close(result, value) for value in without_bias), hint="no-bias")
    require(not _close(result, np.maximum(sums + 4 * width * bias, 0)), hint="bias-per-letter")
    expected = np.maximum(sums + bias, 0)
    if not _close(result, expected):
        (place,) = _first_difference(result, expected)
        require(
            False,
            f"Look at the window that starts at {place} (counting from 0): its sum is "
            f"{sums[place]:.4f} and the bias {bias}, so the map should hold "
            f"{expected[place]:.4f} there. Yours holds {result[place]:.4f}.",
        )


@exercise(
    "relu_backward",
    title="Backwards through a ReLU",
    points=2,
    ladder=[
        "Each neuron is a gate. It is open or shut. Which of the two arrays decides?",
        "The gate is open where `sums > 0`.",
        "Multiply the upstream gradient by the gate: `upstream * (sums > 0)`.",
    ],
    hints={
        "no-gate": "Everything passes. But a neuron with a negative sum was silent: a nudge of "
        "its sum changes nothing, so its gradient is 0.",
        "gate-on-upstream": "You shut the gate where the *upstream* gradient is negative. The gate "
        "is set on the way forwards, by `sums`. Negative gradients may pass.",
        "slope-is-value": "You multiplied by the output of the ReLU. Multiply by its *slope*: 1 "
        "where the sum is positive, 0 where it is negative.",
        "inverted": "Your gate is open where it should be shut: gradients pass where the sum is "
        "*positive*.",
        "sign": "You turned signs round: where the gate is shut the gradient is 0, not minus the "
        "upstream, and where it is open the upstream passes as it is.",
        "gate-only": "You return the gates themselves. Multiply them by `upstream`: that is the "
        "chain rule.",
    },
)
def check_relu_backward(submission: Submission, rng: np.random.Generator):
    shape = (int(rng.integers(4, 8)), int(rng.integers(5, 9)))
    magnitude = rng.uniform(0.2, 2.0, size=shape)
    sign = rng.permutation(np.resize([-1.0, 1.0], magnitude.size)).reshape(shape)
    sums = magnitude * sign
    upstream = rng.normal(size=shape)
    upstream.flat[0], sums.flat[0] = -1.5, 0.7
    upstream.flat[1], sums.flat[1] = 1.5, -0.7
    result = submission.call("relu_backward", upstream, sums)
    result = table(result, shape, "The result should have the shape of `sums`.")
    gate = (sums > 0).astype(float)
    require(not _close(result, upstream), hint="no-gate")
    on_upstream = (np.maximum(upstream, 0), np.maximum(upstream, 0) * gate)
    require(not any(_close(result, value) for value in on_upstream), hint="gate-on-upstream")
    require(not _close(result, upstream * np.maximum(sums, 0)), hint="slope-is-value")
    require(not _close(result, upstream * (1 - gate)), hint="inverted")
    require(not _close(result, gate), hint="gate-only")
    turned = (upstream * np.sign(sums), -upstream * gate)
    require(not any(_close(result, value) for value in turned), hint="sign")
    expected = upstream * gate
    if not _close(result, expected):
        i, j = _first_difference(result, expected)
        require(
            False,
            f"At row {i}, column {j} (counting from 0) the sum is {sums[i, j]:.3f} and the "
            f"upstream gradient {upstream[i, j]:.3f}. The gradient should be "
            f"{expected[i, j]:.3f}, yours is {result[i, j]:.3f}.",
        )


@exercise(
    "gradient_step",
    title="One step down the hill",
    points=3,
    ladder=[
        "Four lines do it: the errors, the gradient of the weights, the gradient of the bias, and "
        "the two moves.",
        "With `error = x @ weights + bias - y`, the gradients are `2 / n * x.T @ error` and "
        "`2 / n * error.sum()`.",
        "Return `(weights - learning_rate * weights_gradient, bias - learning_rate * "
        "bias_gradient)`.",
    ],
    hints={
        "uphill": "Your step goes uphill: the loss grows. The gradient points up; step against it.",
        "sum-not-mean": "Your step is as many times too long as there are plants. The loss is a "
        "*mean*: divide by n.",
        "missing-two": "Your step is half as long as it should be. The derivative of a square "
        "brings a factor 2.",
        "bias-late": "The weights are right. For the bias you used a prediction made with the "
        "*new* weights. Work out both gradients first, then move both.",
        "bias-forgotten": "The bias has not moved. It is a parameter like the weights and has its "
        "own gradient.",
        "two-values": "Return two things: `(new_weights, new_bias)`.",
        "bias-not-predicted": "Your predictions leave the bias out. The prediction is "
        "`x @ weights + bias`.",
        "no-learning-rate": "You took the whole gradient for a step. Multiply it by the learning "
        "rate.",
        "gradients": "You return the gradients. Return the weights and the bias after the step.",
    },
)
def check_gradient_step(submission: Submission, rng: np.random.Generator):
    n, p = int(rng.integers(15, 30)), int(rng.integers(3, 6))
    # Inputs away from 0 tie the bias to the weights, so that a late bias shows.
    x = rng.normal(size=(n, p)) + 1.0
    y = x @ rng.normal(size=p) + 2.0 + rng.normal(size=n)
    weights, bias = rng.normal(size=p), float(rng.normal())
    rate = float(rng.uniform(0.01, 0.03))
    result = submission.call("gradient_step", x, y, weights, bias, rate)
    require(isinstance(result, (tuple, list)) and len(result) == 2, hint="two-values")
    new_weights = table(result[0], (p,), "The new weights have another shape.")
    new_bias = np.asarray(result[1])
    one = new_bias.size == 1 and new_bias.dtype.kind in "biuf"
    require(one, "The new bias should be one number.", received=kind_of(result[1]))
    new_bias = float(new_bias.reshape(()))

    error = x @ weights + bias - y
    gradient, bias_gradient = 2 / n * x.T @ error, 2 / n * error.sum()
    expected = weights - rate * gradient
    require(not _close(new_weights, gradient), hint="gradients")
    require(not _close(new_weights, weights + rate * gradient), hint="uphill")
    require(not _close(new_weights, weights - rate * n * gradient), hint="sum-not-mean")
    require(not _close(new_weights, weights - rate / 2 * gradient), hint="missing-two")
    without_bias = weights - rate * 2 / n * x.T @ (x @ weights - y)
    require(not _close(new_weights, without_bias), hint="bias-not-predicted")
    require(not _close(new_weights, weights - gradient), hint="no-learning-rate")
    require(
        _close(new_weights, expected),
        f"The first new weight should be {expected[0]:.5f}, yours is {new_weights[0]:.5f}. Check "
        "yourself by finite differences: nudge one weight by 1e-6 and see how the loss changes.",
    )
    right_bias = bias - rate * bias_gradient
    if _close(new_bias, right_bias):
        return  # before the slips are looked for: one may give the same number by chance
    late = 2 / n * (x @ expected + bias - y).sum()
    require(not _close(new_bias, bias), hint="bias-forgotten")
    require(not _close(new_bias, bias - rate * late), hint="bias-late")
    require(
        False,
        f"The weights are right, the bias is not: it should be {right_bias:.5f}, "
        f"yours is {new_bias:.5f}.",
    )
