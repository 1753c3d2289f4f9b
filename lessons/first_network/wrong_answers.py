"""Typical slips in the lesson on a first network, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="mean_baseline",
        earns="test-mean",
        story="Takes the mean of the beans that are to be predicted.",
        code="""
def mean_baseline(y_training, y_test):
    return np.mean((y_test - np.mean(y_test)) ** 2)
""",
    ),
    WrongAnswer(
        exercise="mean_baseline",
        earns="training-error",
        story="Measures the error on the beans that gave the mean.",
        code="""
def mean_baseline(y_training, y_test):
    return np.var(y_training)
""",
    ),
    WrongAnswer(
        exercise="mean_baseline",
        earns="square-root",
        story="Returns the root mean squared error.",
        code="""
def mean_baseline(y_training, y_test):
    return np.sqrt(np.mean((y_test - np.mean(y_training)) ** 2))
""",
    ),
    WrongAnswer(
        exercise="mean_baseline",
        earns="sum",
        story="Adds the squared errors up without dividing.",
        code="""
def mean_baseline(y_training, y_test):
    return np.sum((y_test - np.mean(y_training)) ** 2)
""",
    ),
    WrongAnswer(
        exercise="mean_baseline",
        earns="not-squared",
        story="Averages the absolute errors.",
        code="""
def mean_baseline(y_training, y_test):
    return np.mean(np.abs(y_test - np.mean(y_training)))
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="squared-correlation",
        story="Squares Pearson's correlation, which forgives a wrong level.",
        code="""
def r_squared(y, prediction):
    return np.corrcoef(y, prediction)[0, 1] ** 2
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="clipped",
        story="Thinks that a square can't be negative and clips at 0.",
        code="""
def r_squared(y, prediction):
    return max(0.0, 1 - np.sum((y - prediction) ** 2) / np.sum((y - np.mean(y)) ** 2))
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="unexplained",
        story="Forgets to subtract from 1.",
        code="""
def r_squared(y, prediction):
    return np.sum((y - prediction) ** 2) / np.sum((y - np.mean(y)) ** 2)
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="prediction-variance",
        story="Puts the spread of the predictions below the line.",
        code="""
def r_squared(y, prediction):
    return 1 - np.sum((y - prediction) ** 2) / np.sum((prediction - np.mean(prediction)) ** 2)
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="mixed-denominators",
        story="Mixes a mean over n with a variance over n - 1.",
        code="""
def r_squared(y, prediction):
    return 1 - np.mean((y - prediction) ** 2) / np.var(y, ddof=1)
""",
    ),
    WrongAnswer(
        exercise="dense_layer",
        earns="no-activation",
        story="Stops at the weighted sum plus bias.",
        code="""
def dense_layer(x, weights, bias):
    return x @ weights + bias
""",
    ),
    WrongAnswer(
        exercise="dense_layer",
        earns="activation-first",
        story="Applies the ReLU before the bias.",
        code="""
def dense_layer(x, weights, bias):
    return np.maximum(x @ weights, 0) + bias
""",
    ),
    WrongAnswer(
        exercise="dense_layer",
        earns="no-bias",
        story="Leaves the bias out.",
        code="""
def dense_layer(x, weights, bias):
    return np.maximum(x @ weights, 0)
""",
    ),
    WrongAnswer(
        exercise="dense_layer",
        earns="shape",
        story="Returns neurons by plants.",
        code="""
def dense_layer(x, weights, bias):
    return np.maximum(weights.T @ x.T + bias[:, None], 0)
""",
    ),
    WrongAnswer(
        exercise="dense_layer",
        earns="absolute-value",
        story="Takes the ReLU for the absolute value.",
        code="""
def dense_layer(x, weights, bias):
    return np.abs(x @ weights + bias)
""",
    ),
    WrongAnswer(
        exercise="scan",
        earns="no-activation",
        story="A convolution without activation, as in the published example.",
        code="""
def scan(one_hot, filter_weights, bias):
    k = len(filter_weights)
    return np.array([
        np.sum(one_hot[i : i + k] * filter_weights) + bias for i in range(len(one_hot) - k + 1)
    ])
""",
    ),
    WrongAnswer(
        exercise="scan",
        earns="last-window",
        story="Off by one: forgets the last place.",
        code="""
def scan(one_hot, filter_weights, bias):
    k = len(filter_weights)
    sums = [np.sum(one_hot[i : i + k] * filter_weights) for i in range(len(one_hot) - k)]
    return np.maximum(np.array(sums) + bias, 0)
""",
    ),
    WrongAnswer(
        exercise="scan",
        earns="padded",
        story="Pads with zeros so that the map is as long as the sequence.",
        code="""
def scan(one_hot, filter_weights, bias):
    k = len(filter_weights)
    padded = np.vstack([one_hot, np.zeros((k - 1, 4))])
    sums = [np.sum(padded[i : i + k] * filter_weights) for i in range(len(one_hot))]
    return np.maximum(np.array(sums) + bias, 0)
""",
    ),
    WrongAnswer(
        exercise="scan",
        earns="flipped",
        story="Uses np.convolve, which turns the filter round.",
        code="""
def scan(one_hot, filter_weights, bias):
    columns = [
        np.convolve(one_hot[:, letter], filter_weights[:, letter], mode="valid")
        for letter in range(4)
    ]
    return np.maximum(np.sum(columns, axis=0) + bias, 0)
""",
    ),
    WrongAnswer(
        exercise="scan",
        earns="not-summed",
        story="Adds up over the positions only and keeps four columns.",
        code="""
def scan(one_hot, filter_weights, bias):
    k = len(filter_weights)
    sums = [
        np.sum(one_hot[i : i + k] * filter_weights, axis=0) for i in range(len(one_hot) - k + 1)
    ]
    return np.maximum(np.array(sums) + bias, 0)
""",
    ),
    WrongAnswer(
        exercise="scan",
        earns="no-bias",
        story="Adds the bias after the ReLU.",
        code="""
def scan(one_hot, filter_weights, bias):
    k = len(filter_weights)
    sums = [np.sum(one_hot[i : i + k] * filter_weights) for i in range(len(one_hot) - k + 1)]
    return np.maximum(np.array(sums), 0) + bias
""",
    ),
    WrongAnswer(
        exercise="relu_backward",
        earns="no-gate",
        story="Passes every gradient.",
        code="""
def relu_backward(upstream, sums):
    return np.array(upstream)
""",
    ),
    WrongAnswer(
        exercise="relu_backward",
        earns="gate-on-upstream",
        story="Applies the ReLU to the gradient itself.",
        code="""
def relu_backward(upstream, sums):
    return np.maximum(upstream, 0)
""",
    ),
    WrongAnswer(
        exercise="relu_backward",
        earns="slope-is-value",
        story="Multiplies by the output of the ReLU instead of its slope.",
        code="""
def relu_backward(upstream, sums):
    return upstream * np.maximum(sums, 0)
""",
    ),
    WrongAnswer(
        exercise="relu_backward",
        earns="inverted",
        story="Zeroes the wrong half.",
        code="""
def relu_backward(upstream, sums):
    gradient = np.array(upstream)
    gradient[sums > 0] = 0
    return gradient
""",
    ),
    WrongAnswer(
        exercise="relu_backward",
        earns="gate-only",
        story="Returns the slope of the ReLU and forgets the chain rule.",
        code="""
def relu_backward(upstream, sums):
    return np.where(sums > 0, 1.0, 0.0)
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="uphill",
        story="Adds the gradient.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights + bias - y
    return (
        weights + learning_rate * 2 / len(y) * x.T @ error,
        bias + learning_rate * 2 / len(y) * np.sum(error),
    )
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="sum-not-mean",
        story="Differentiates the sum of squares.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights + bias - y
    return weights - learning_rate * 2 * x.T @ error, bias - learning_rate * 2 * np.sum(error)
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="missing-two",
        story="Loses the factor 2 of the square.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights + bias - y
    return weights - learning_rate * x.T @ error / len(y), bias - learning_rate * np.mean(error)
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="bias-late",
        story="Moves the weights, predicts again, then moves the bias.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    weights = weights - learning_rate * 2 / len(y) * x.T @ (x @ weights + bias - y)
    bias = bias - learning_rate * 2 / len(y) * np.sum(x @ weights + bias - y)
    return weights, bias
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="bias-forgotten",
        story="Moves the weights only.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights + bias - y
    return weights - learning_rate * 2 / len(y) * x.T @ error, bias
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="gradients",
        story="Returns the gradients instead of the moved parameters.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights + bias - y
    return 2 / len(y) * x.T @ error, 2 / len(y) * np.sum(error)
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="two-values",
        story="Returns the weights alone.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights + bias - y
    return weights - learning_rate * 2 / len(y) * x.T @ error
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="correlation",
        story="Takes r for R2.",
        code="""
def r_squared(y, prediction):
    return np.corrcoef(y, prediction)[0, 1]
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="explained",
        story="Divides the variance of the predictions by that of the observations.",
        code="""
def r_squared(y, prediction):
    return np.sum((prediction - y.mean()) ** 2) / np.sum((y - y.mean()) ** 2)
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="standard-deviation",
        story="Divides by the standard deviation.",
        code="""
def r_squared(y, prediction):
    return 1 - np.mean((y - prediction) ** 2) / np.std(y)
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="level-ignored",
        story="Takes the variance of the errors.",
        code="""
def r_squared(y, prediction):
    return 1 - np.var(y - prediction) / np.var(y)
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="mean-of-predictions",
        story="Takes the wrong mean.",
        code="""
def r_squared(y, prediction):
    return 1 - np.sum((y - prediction) ** 2) / np.sum((y - prediction.mean()) ** 2)
""",
    ),
    WrongAnswer(
        exercise="r_squared",
        earns="not-centred",
        story="Forgets to take the mean away.",
        code="""
def r_squared(y, prediction):
    return 1 - np.sum((y - prediction) ** 2) / np.sum(y**2)
""",
    ),
    WrongAnswer(
        exercise="scan",
        earns="bias-per-letter",
        story="Adds the bias before adding up.",
        code="""
def scan(one_hot, filter_weights, bias):
    k = len(filter_weights)
    places = range(len(one_hot) - k + 1)
    return np.array([max(0.0, (one_hot[i : i + k] * filter_weights + bias).sum()) for i in places])
""",
    ),
    WrongAnswer(
        exercise="relu_backward",
        earns="sign",
        story="Multiplies by the sign of the sums.",
        code="""
def relu_backward(upstream, sums):
    return upstream * np.sign(sums)
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="bias-not-predicted",
        story="Forgets the bias in the prediction.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights - y
    weights_gradient = 2 / len(y) * x.T @ error
    return weights - learning_rate * weights_gradient, bias - learning_rate * 2 * error.mean()
""",
    ),
    WrongAnswer(
        exercise="gradient_step",
        earns="no-learning-rate",
        story="Jumps by the whole gradient.",
        code="""
def gradient_step(x, y, weights, bias, learning_rate):
    error = x @ weights + bias - y
    return weights - 2 / len(y) * x.T @ error, bias - 2 * error.mean()
""",
    ),
]
