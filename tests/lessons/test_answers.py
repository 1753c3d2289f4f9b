"""Reading a learner's answer: what passes as numbers, and what is said of the rest."""

import numpy as np
import pytest

from lessons.grader import answers
from lessons.grader.exercises import NotPassed


@pytest.mark.parametrize(
    ("result", "shape"),
    [([1, 2], (2,)), ((1.0, 2), (2,)), (np.float32([1, 2]), (2,)), (3, ()), (np.array(3.5), ())],
)
def test_numbers_take_what_a_learner_may_return(result, shape):
    read = answers.numbers(result, "share", shape)
    assert read.dtype == float
    np.testing.assert_array_equal(read, result)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "return statement"),
        (["1", "2"], "array of numbers"),
        ([[1], [2, 3]], "array of numbers"),
        ([1, 2, 3], "Yours has shape (3,)"),
    ],
)
def test_numbers_say_what_came_instead(result, words):
    with pytest.raises(NotPassed) as stopped:
        answers.numbers(result, "share", (2,))
    assert words in str(stopped.value)


def test_close_needs_the_shape_and_about_five_digits():
    assert answers.close([1.0, 2.0], np.array([1, 2.000001]))
    assert not answers.close([1.0, 2.0], [1.0, 2.001])
    assert not answers.close([[1.0, 2.0]], [1.0, 2.0])
    assert not answers.close(["1"], [1])
    assert answers.close([1e-7], [0.0], absolute=1e-6)
    assert not answers.close([1e-7], [0.0])


def test_the_first_difference_is_where_it_is():
    assert answers.first_difference([[0, 1], [2, 9]], [[0, 1], [2, 3]]) == (1, 1)
    assert answers.first_difference([np.nan, 1], [0, 1]) == (0,)


@pytest.mark.parametrize("value", [1, 2.5, np.float32(1), np.array(3)])
def test_one_number_may_come_as_an_array_without_axes(value):
    answers.require_number(value, "mean")


@pytest.mark.parametrize("value", [None, [1], "1", np.array([1])])
def test_anything_else_is_not_one_number(value):
    with pytest.raises(NotPassed, match="mean"):
        answers.require_number(value, "mean")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([True, False], "flatnonzero"),
        ([[1, 2]], "packed once more"),
        ([1.5], "whole numbers"),
        ([0, 5], "numbered from 0 to 4"),
        ([-1], "numbered from 0 to 4"),
    ],
)
def test_rows_are_whole_numbers_within_the_table(rows, words):
    with pytest.raises(NotPassed) as stopped:
        answers.row_numbers(rows, "copies", 5)
    assert words in str(stopped.value)
    np.testing.assert_array_equal(answers.row_numbers([4, 0], "copies", 5), [4, 0])


def test_a_ragged_answer_has_no_shape():
    assert answers.shape_of([[1], [2, 3]]) is None
    assert answers.shape_of([[1, 2]]) == (1, 2)
