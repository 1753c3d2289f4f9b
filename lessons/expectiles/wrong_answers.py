"""Typical slips in the lesson on expectiles, and the hint that each must earn."""

from lessons.grader import WrongAnswer

WRONG_ANSWERS = [
    WrongAnswer(
        exercise="expectile_loss",
        earns="symmetric",
        story="Writes the mean squared error.",
        code="""
def expectile_loss(y, prediction, tau):
    return np.mean((y - prediction) ** 2)
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="tau-everywhere",
        story="Multiplies everything by the level.",
        code="""
def expectile_loss(y, prediction, tau):
    return tau * np.mean((y - prediction) ** 2)
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="swapped",
        story="Gives the weight tau to those below.",
        code="""
def expectile_loss(y, prediction, tau):
    weight = np.where(y < prediction, tau, 1 - tau)
    return np.mean(weight * (y - prediction) ** 2)
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="swapped",
        story="Compares the wrong way round.",
        code="""
def expectile_loss(y, prediction, tau):
    return np.mean(np.abs(tau - (y > prediction)) * (y - prediction) ** 2)
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="pinball",
        story="Writes the loss of the quantile.",
        code="""
def expectile_loss(y, prediction, tau):
    error = y - prediction
    return np.mean(np.maximum(tau * error, (tau - 1) * error))
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="inside-square",
        story="Squares the weight together with the error.",
        code="""
def expectile_loss(y, prediction, tau):
    weight = np.where(y < prediction, 1 - tau, tau)
    return np.mean((weight * (y - prediction)) ** 2)
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="summed",
        story="Adds up instead of averaging.",
        code="""
def expectile_loss(y, prediction, tau):
    weight = np.where(y < prediction, 1 - tau, tau)
    return np.sum(weight * (y - prediction) ** 2)
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="weighted-mean",
        story="Divides by the sum of the weights.",
        code="""
def expectile_loss(y, prediction, tau):
    weight = np.where(y < prediction, 1 - tau, tau)
    return np.average((y - prediction) ** 2, weights=weight)
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="root",
        story="Takes a root, as for a standard deviation.",
        code="""
def expectile_loss(y, prediction, tau):
    weight = np.where(y < prediction, 1 - tau, tau)
    return np.sqrt(np.mean(weight * (y - prediction) ** 2))
""",
    ),
    WrongAnswer(
        exercise="expectile_loss",
        earns="each-side",
        story="Averages those above and those below by themselves.",
        code="""
def expectile_loss(y, prediction, tau):
    error = y - prediction
    above, below = error[error >= 0], error[error < 0]
    return tau * np.mean(above**2) + (1 - tau) * np.mean(below**2)
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="mean",
        story="Averages with equal weights.",
        code="""
def expectile(y, tau):
    return np.mean(y)
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="quantile",
        story="Takes the quantile for the expectile.",
        code="""
def expectile(y, tau):
    return np.quantile(y, tau)
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="quantile",
        story="Balances numbers of people instead of distances.",
        code="""
def expectile(y, tau):
    low, high = np.min(y), np.max(y)
    for _ in range(200):
        e = (low + high) / 2
        if tau * np.sum(y >= e) > (1 - tau) * np.sum(y < e):
            low = e
        else:
            high = e
    return np.sort(y)[np.argmin(np.abs(np.sort(y) - e))]
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="mirrored",
        story="Gives the weight tau to those below.",
        code="""
def expectile(y, tau):
    e = np.mean(y)
    for _ in range(500):
        e = np.average(y, weights=np.where(y < e, tau, 1 - tau))
    return e
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="one-round",
        story="Renews the weights once.",
        code="""
def expectile(y, tau):
    weight = np.where(y < np.mean(y), 1 - tau, tau)
    return np.sum(weight * y) / np.sum(weight)
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="not-converged",
        story="Looks along a coarse grid.",
        code="""
def expectile(y, tau):
    grid = np.linspace(np.min(y), np.max(y), 301)
    losses = [np.mean(np.where(y < e, 1 - tau, tau) * (y - e) ** 2) for e in grid]
    return grid[np.argmin(losses)]
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="means-not-sums",
        story="Mixes the means of both sides.",
        code="""
def expectile(y, tau):
    above = y >= np.mean(y)
    return tau * np.mean(y[above]) + (1 - tau) * np.mean(y[~above])
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="between-extremes",
        story="Goes a share tau of the way from the lowest to the highest.",
        code="""
def expectile(y, tau):
    return np.min(y) + tau * (np.max(y) - np.min(y))
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="squared-weights",
        story="Hands the weights to a fit that squares them.",
        code="""
def expectile(y, tau):
    y = np.asarray(y, dtype=float)
    e = y.mean()
    for _ in range(500):
        weight = np.where(y < e, 1 - tau, tau)
        e = np.polyfit(np.zeros(len(y)), y, 0, w=weight)[0]
    return e
""",
    ),
    WrongAnswer(
        exercise="expectile",
        earns="ties",
        story="Moves e from value to value, and divides by zero where all are equal.",
        code="""
def expectile(y, tau):
    y = np.unique(y)
    e = y.mean()
    for _ in range(500):
        e = np.average(y, weights=np.where(y < e, 1 - tau, tau))
    return e
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="least-squares",
        story="Fits the mean.",
        code="""
def expectile_line(x, y, tau):
    slope, intercept = np.polyfit(x, y, 1)
    return intercept, slope
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="one-round",
        story="Renews the weights once.",
        code="""
def expectile_line(x, y, tau):
    slope, intercept = np.polyfit(x, y, 1)
    weight = np.where(y < intercept + slope * x, 1 - tau, tau)
    slope, intercept = np.polyfit(x, y, 1, w=np.sqrt(weight))
    return intercept, slope
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="mirrored",
        story="Gives the weight tau to those below the line.",
        code="""
def expectile_line(x, y, tau):
    weight = np.ones(len(y))
    for _ in range(300):
        slope, intercept = np.polyfit(x, y, 1, w=np.sqrt(weight))
        weight = np.where(y < intercept + slope * x, tau, 1 - tau)
    return intercept, slope
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="squared-weights",
        story="Forgets that np.polyfit squares its weights.",
        code="""
def expectile_line(x, y, tau):
    weight = np.ones(len(y))
    for _ in range(300):
        slope, intercept = np.polyfit(x, y, 1, w=weight)
        weight = np.where(y < intercept + slope * x, 1 - tau, tau)
    return intercept, slope
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="order",
        story="Returns what np.polyfit returns.",
        code="""
def expectile_line(x, y, tau):
    weight = np.ones(len(y))
    for _ in range(300):
        line = np.polyfit(x, y, 1, w=np.sqrt(weight))
        weight = np.where(y < np.polyval(line, x), 1 - tau, tau)
    return line[0], line[1]
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="through-origin",
        story="Leaves the intercept out.",
        code="""
def expectile_line(x, y, tau):
    slope = 0.0
    for _ in range(300):
        weight = np.where(y < slope * x, 1 - tau, tau)
        slope = np.sum(weight * x * y) / np.sum(weight * x * x)
    return 0.0, slope
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="parallel",
        story="Moves the line of least squares up or down.",
        code="""
def expectile_line(x, y, tau):
    slope, _ = np.polyfit(x, y, 1)
    rest = y - slope * x
    e = rest.mean()
    for _ in range(300):
        e = np.average(rest, weights=np.where(rest < e, 1 - tau, tau))
    return e, slope
""",
    ),
    WrongAnswer(
        exercise="expectile_line",
        earns="not-converged",
        story="Stops after two rounds of a step that is cut short.",
        code="""
def expectile_line(x, y, tau):
    design = np.column_stack([np.ones(len(x)), x])
    line = np.linalg.lstsq(design, y, rcond=None)[0]
    for _ in range(8):
        w = np.where(y < design @ line, 1 - tau, tau)
        new = np.linalg.solve(design.T @ (w[:, None] * design), design.T @ (w * y))
        line = line + 0.5 * (new - line)
    return line[0], line[1]
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="mean-effect",
        story="Takes the largest effect on the mean.",
        code="""
def spread_snp(slopes, errors, taus):
    return int(np.argmax(np.abs(slopes[:, list(taus).index(0.5)])))
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="steepest",
        story="Takes the steepest line of all.",
        code="""
def spread_snp(slopes, errors, taus):
    return int(np.argmax(np.abs(slopes).max(axis=1)))
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="no-error",
        story="Forgets the standard errors.",
        code="""
def spread_snp(slopes, errors, taus):
    return int(np.argmax(np.abs(slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)])))
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="signed",
        story="Looks for a widening only.",
        code="""
def spread_snp(slopes, errors, taus):
    difference = slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)]
    return int(np.argmax(difference / errors))
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="wrong-columns",
        story="Takes the first and the last column.",
        code="""
def spread_snp(slopes, errors, taus):
    return int(np.argmax(np.abs(slopes[:, -1] - slopes[:, 0]) / errors))
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="counts-from-one",
        story="Counts rows from 1.",
        code="""
def spread_snp(slopes, errors, taus):
    difference = slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)]
    return int(np.argmax(np.abs(difference) / errors)) + 1
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="smallest",
        story="Takes the smallest of something like a p value.",
        code="""
def spread_snp(slopes, errors, taus):
    difference = slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)]
    return int(np.argmin(np.abs(difference) / errors))
""",
    ),
    WrongAnswer(
        exercise="spread_snp",
        earns="not-a-row",
        story="Returns the evidence instead of the row.",
        code="""
def spread_snp(slopes, errors, taus):
    difference = slopes[:, np.argmax(taus)] - slopes[:, np.argmin(taus)]
    return float(np.max(np.abs(difference) / errors))
""",
    ),
]
