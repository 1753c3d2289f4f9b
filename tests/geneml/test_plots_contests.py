"""Plots of comparisons: what is drawn where, and what is said of it."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from geneml import plots
from geneml.intervals import Interval


def interval(mean, half=0.1):
    return Interval(mean, mean - half, mean + half, 5, 0.95)


def test_scores_stand_beside_published_ones():
    figure = plots.method_scores(
        {"GBLUP": (0.3, 0.05), "network": interval(0.32, 0.02)},
        published={"network": 0.7},
        reference="GBLUP",
    )
    axes = figure.axes[0]
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    np.testing.assert_allclose(bars[:2], [[0.25, 0.35], [0.30, 0.34]])
    np.testing.assert_allclose(bars[2], [0.3, 0.3])  # the line to beat
    rings = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    assert (rings[0].get_xdata()[0], rings[0].get_ydata()[0]) == (0.7, 1)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["GBLUP", "network"]
    assert axes.yaxis_inverted()
    assert "network 0.32 (published 0.7)" in figure.alt_text


def test_without_published_values_there_is_no_key():
    figure = plots.method_scores({"GBLUP": (0.3, 0.05)})
    assert figure.axes[0].get_legend() is None


def test_the_best_of_every_row_is_framed_and_bold():
    table = pd.DataFrame(
        [[interval(0.9), 0.8, 0.7], [0.1, 0.2, 0.6]],
        index=["many small", "pairs"],
        columns=["A", "B", "C"],
    )
    figure = plots.who_wins_where(table, measure="share")
    axes = figure.axes[0]
    frames = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    centres = {(round(one.get_x() + 0.47), round(one.get_y() + 0.46)) for one in frames}
    assert centres == {(0, 0), (2, 1)}
    bold = [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]
    assert bold == ["0.90", "0.60"]
    # The colour is the distance to the best of the row.
    np.testing.assert_allclose(
        axes.images[0].get_array(), -np.array([[0, 0.1, 0.2], [0.5, 0.4, 0]])
    )
    assert "pairs: A 0.10, B 0.20, C 0.60" in figure.alt_text


def test_gain_stands_against_time():
    figure = plots.gain_and_time({"network": interval(0.02, 0.01)}, {"GBLUP": 2.0, "network": 60.0})
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    star = next(line for line in axes.lines if line.get_marker() == "*")
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2.0, 0)
    bar = next(line for line in axes.lines if list(line.get_xdata()) == [60.0, 60.0])
    np.testing.assert_allclose(bar.get_ydata(), [0.01, 0.03])
    assert "network 0.020 [0.010, 0.030] in 60 s" in figure.alt_text


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: plots.method_scores({}), "at least one method"),
        (lambda: plots.method_scores({"a": (np.nan, 1)}), "finite numbers for 'a'"),
        (lambda: plots.method_scores({"a": (0, 1)}, published={"b": 1}), "received 'b'"),
        (lambda: plots.method_scores({"a": (0, 1)}, published={"a": np.inf}), "published"),
        (lambda: plots.who_wins_where(pd.DataFrame()), "DataFrame"),
        (lambda: plots.who_wins_where(pd.DataFrame([[np.nan]])), "finite"),
        (lambda: plots.gain_and_time({"a": interval(0)}, {"GBLUP": 1}), "time above 0 of 'a'"),
    ],
)
def test_bad_input_is_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()
