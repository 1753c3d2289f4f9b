"""Reference answers of the lesson on a first network, with commentary."""

import numpy as np


# exercise: mean_baseline
# The mean comes from the training beans. The test beans are new: at the moment of predicting,
# nobody has weighed them, so their own mean cannot be used.
def mean_baseline(y_training, y_test):
    """Mean squared error, over y_test, of always predicting the mean of y_training."""
    return np.mean((np.asarray(y_test) - np.mean(y_training)) ** 2)


# exercise: r_squared
# The denominator is the error of guessing the mean. Nothing is clipped: a negative value is a
# message. The squared correlation is another measure; it forgives a wrong level or scale.
def r_squared(y, prediction):
    """R2 of the predictions, against the mean of y."""
    squared_errors = np.sum((y - prediction) ** 2)
    squared_deviations = np.sum((y - np.mean(y)) ** 2)
    return 1.0 - squared_errors / squared_deviations


# exercise: dense_layer
# One matrix product makes the weighted sums of all plants and all neurons at once. The bias is
# added to every row. The ReLU comes last: it acts on the finished sum.
def dense_layer(x, weights, bias):
    """Output of a dense layer with ReLU, shape (n, h)."""
    return np.maximum(x @ weights + bias, 0.0)


# exercise: scan
# L letters and a filter of k rows leave L - k + 1 places where the filter fits: the + 1 counts
# the first place. Deep-learning libraries do not turn the filter round, though mathematicians,
# who coined the word, do.
def scan(one_hot, filter_weights, bias):
    """Activation map of one filter along one sequence, after ReLU."""
    width = len(filter_weights)
    places = len(one_hot) - width + 1
    sums = [np.sum(one_hot[start : start + width] * filter_weights) for start in range(places)]
    return np.maximum(np.array(sums) + bias, 0.0)


# exercise: relu_backward
# The gate depends on what went forwards (the sums), and it acts on what comes back (upstream).
# A negative upstream gradient passes an open gate unchanged.
def relu_backward(upstream, sums):
    """Gradient of the loss with respect to the sums that entered the ReLU."""
    return upstream * (sums > 0)


# exercise: gradient_step
# Both gradients use the same prediction, made before anything moves. The minus sign goes
# downhill. The division by n makes the step independent of how many plants there are.
def gradient_step(x, y, weights, bias, learning_rate):
    """Weights and bias after one step of gradient descent on the mean squared error."""
    error = x @ weights + bias - y
    weights_gradient = 2.0 / len(y) * x.T @ error
    bias_gradient = 2.0 / len(y) * np.sum(error)
    return weights - learning_rate * weights_gradient, bias - learning_rate * bias_gradient
