"""Plots of relatives: what is drawn where, and what is said of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geneml import plots
from geneml.pedigree import loadings, relationship_matrix

# A sire, two dams, two half sibs and their inbred offspring, the youngest first.
ANIMALS = (list("XPQABS"), list("QSS000"), list("PAB000"))


def boxes(figure):
    return {text.get_text(): text.get_position() for text in figure.axes[0].texts}


def test_a_pedigree_is_drawn_from_old_to_young_with_solid_and_dashed_lines():
    figure = plots.pedigree(*ANIMALS)
    where = boxes(figure)
    assert set(where) == {*"PQABS", "X\nF 0.125"}
    for child, *parents in zip(*ANIMALS, strict=True):
        for parent in parents:
            if parent != "0":
                name = next(one for one in where if one.startswith(child))
                assert where[parent][1] < where[name][1]
    assert len({tuple(np.round(place, 6)) for place in where.values()}) == 6
    lines = [line.get_linestyle() for line in figure.axes[0].lines]
    assert (lines.count("-"), lines.count("--")) == (3, 3)
    assert "X from Q and P, F 0.125" in figure.alt_text
    assert "S founder" in figure.alt_text


def test_a_selfed_plant_has_two_lines_that_do_not_hide_each_other():
    figure = plots.pedigree(["a", "b"], ["0", "a"], ["0", "a"])
    one, other = (line.get_xdata() for line in figure.axes[0].lines)
    assert np.abs(np.asarray(one) - np.asarray(other)).min() > 0.01
    assert "F 0.5" in figure.alt_text


def test_numbers_with_gaps_are_names_too():
    figure = plots.pedigree([1, 2, 12], [np.nan, np.nan, 1.0], [np.nan, np.nan, 2.0])
    assert "12 from 1 and 2" in figure.alt_text
    assert len(figure.axes[0].lines) == 2


def test_a_spouse_from_outside_stands_beside_the_mate():
    figure = plots.pedigree(list("abcde"), list("00a0c"), list("00b0d"))
    where = boxes(figure)
    assert where["d"][1] == where["c"][1]


def test_few_relationships_are_written_into_their_cells_and_readable():
    matrix = relationship_matrix(*ANIMALS)
    figure = plots.relationship_map(matrix, names=ANIMALS[0])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert_allclose(np.array(texts, dtype=float).reshape(6, 6), matrix, atol=5e-5)
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ANIMALS[0]
    assert_allclose(figure.axes[0].images[0].get_array(), matrix)
    assert "the diagonal from 1 to 1.125." in figure.alt_text


def test_a_large_map_has_a_scale_instead_of_numbers():
    figure = plots.relationship_map(np.kron(np.eye(10), np.full((3, 3), 0.5)) + np.eye(30) / 2)
    assert not list(figure.axes[0].texts)
    assert "93% of all pairs at 0" in figure.alt_text  # 405 of 435


def test_a_scree_plot_marks_where_rules_stop():
    figure = plots.scree([5.0, 3.0, 1.0, 0.5], ranks={"ours": 2, "theirs": 3}, shown=3)
    dots, *rules = figure.axes[0].lines
    assert_allclose(dots.get_ydata(), [5, 3, 1])
    assert [rule.get_xdata()[0] for rule in rules] == [2.5, 3.5]
    assert "ours keeps 2. theirs keeps 3." in figure.alt_text
    assert "first 3 of 4" in figure.alt_text


def test_a_rank_beyond_what_is_shown_is_said_and_not_drawn():
    figure = plots.scree([5.0, 3.0, 1.0, 0.5], ranks={"theirs": 4}, shown=2)
    axes = figure.axes[0]
    assert axes.get_xlim()[1] < 3
    assert axes.get_legend().get_texts()[0].get_text() == "theirs: 4, further right"
    assert "theirs keeps 4." in figure.alt_text


def test_loadings_are_coloured_by_sign_around_zero():
    found = loadings(relationship_matrix(*ANIMALS), rank=4).loadings
    figure = plots.loadings_map(found, edges=[2, 4])
    image = figure.axes[0].images[0]
    assert_allclose(image.get_array(), found)
    assert image.norm.vmin == -image.norm.vmax
    assert [line.get_ydata()[0] for line in figure.axes[0].lines] == [1.5, 3.5]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.pedigree(["a", "b"], ["b", "0"], ["0", "a"]), "among its own ancestors"),
        (lambda: plots.pedigree(range(1, 62), [0] * 61, [0] * 61), "at most 60"),
        (lambda: plots.relationship_map(np.ones((2, 3))), "must be square"),
        (lambda: plots.relationship_map([[1.0, np.nan], [np.nan, 1.0]]), "not finite"),
        (lambda: plots.relationship_map(np.eye(2), names=["a"]), "names: expected 2"),
        (lambda: plots.scree([1.0, 2.0]), "must descend"),
        (lambda: plots.scree([2.0, 1.0], ranks={"chord": 3}), "chord: expected 1 to 2"),
        (lambda: plots.scree([2.0, 1.0], shown=0), "shown: expected 1 to 2"),
        (lambda: plots.loadings_map([1.0, 2.0]), r"\(n, m\)"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
