"""Checking: what passes, what fails, and what the learner reads."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest

from lessons.grader import (
    NotPassed,
    exercise,
    require,
    require_array,
    require_close,
    require_equal,
    require_shape,
)
from lessons.grader.engine import check_cells, check_file, in_words, run_checks
from lessons.grader.isolation import PROTECTIONS, isolation_report
from lessons.grader.lesson import Lesson, load_lesson
from lessons.grader.source import parse_cells, read_cells
from lessons.grader.submission import InProcessSubmission


def check_text(lesson: Lesson, text: str, *, child: bool = False, seed: int = 1):
    cells = parse_cells(text, ".py")
    if child:
        return check_cells(lesson, cells, seed=seed)
    return run_checks(lesson, InProcessSubmission.from_cells(cells), seed=seed)


def test_the_solution_passes_in_both_processes(small: Lesson, solution_text: str) -> None:
    for child in (False, True):
        report = check_text(small, solution_text, child=child)
        assert report.passed
        assert report.earned == report.points == 5


def test_the_starter_is_not_started_and_no_error(small: Lesson) -> None:
    report = check_file(small, small.worksheet)
    assert [one.status for one in report.exercises] == ["not-started", "not-started"]
    assert report.notes == ()


@pytest.mark.parametrize("body", ["...", "pass", "'''Only this.'''", "return None", "return ..."])
def test_an_empty_function_is_not_started(small: Lesson, body: str) -> None:
    report = check_text(small, f"def target(x):\n    {body}\n")
    assert report["target"].status == "not-started"


def test_a_mistake_earns_its_hint_and_the_other_exercise_its_points(small: Lesson) -> None:
    text = "def target(x):\n    return 7 * x.sum()\ndef double(x):\n    return x + x\n"
    report = check_text(small, text, child=True)
    assert report["target"].hint == "plus-one"
    assert report["target"].hint_text == "You forgot to add one."
    assert (report["target"].earned, report["double"].earned) == (0, 2)


def test_an_error_names_the_learners_own_line(small: Lesson) -> None:
    text = "import numpy as np\n\ndef target(x):\n    y = 1\n    return np.linalg.inv(x)\n"
    for child in (False, True):
        outcome = check_text(small, text, child=child)["target"]
        assert outcome.status == "error"
        assert "LinAlgError" in outcome.message
        assert outcome.line == "cell 1, line 5: return np.linalg.inv(x)"


def test_a_syntax_error_is_shown_and_stops_only_its_own_cell(
    small: Lesson, solution_text: str
) -> None:
    text = solution_text.replace("return 7 * x.sum() + 1", "return 7 *")
    report = check_text(small, text, child=True)
    assert "SyntaxError" in report["target"].message
    assert report["target"].line == "exercise target, line 5: return 7 *"
    assert report["double"].passed


def test_a_library_that_lacks_something_is_not_a_placeholder(small: Lesson) -> None:
    text = "import numbers\ndef target(x):\n    return numbers.Complex.real.fget(1)\n"
    assert check_text(small, text)["target"].status == "error"


def test_a_renamed_function_is_asked_for_by_name(small: Lesson) -> None:
    outcome = check_text(small, "def tarrget(x):\n    return 1.0\n", child=True)["target"]
    assert "'target'" in outcome.message


def test_what_cannot_be_sent_is_named(small: Lesson) -> None:
    outcome = check_text(small, "def target(x):\n    return print\n", child=True)["target"]
    assert "builtin_function" in outcome.message


def test_the_same_seed_draws_the_same_inputs_and_another_does_not(small: Lesson) -> None:
    text = "def target(x):\n    raise ValueError(x.sum())\n"
    messages = [check_text(small, text, seed=s)["target"].message for s in (5, 5, 6)]
    assert messages[0] == messages[1] != messages[2]


def test_a_fresh_seed_is_drawn_and_kept(small: Lesson, solution_text: str) -> None:
    submission = InProcessSubmission.from_cells(parse_cells(solution_text, ".py"))
    seeds = {run_checks(small, submission).seed for _ in range(3)}
    assert len(seeds) == 3


def test_the_learners_function_cannot_change_the_checks_own_arrays(small: Lesson) -> None:
    text = "def target(x):\n    x[:] = 0\n    return 7 * x.sum() + 1\n"
    assert check_text(small, text)["target"].earned == 0


def test_an_unexpected_kind_of_answer_is_never_a_pass(small: Lesson) -> None:
    for value in ("'7'", "[1.0]", "{'a': 1}", "None or x", "True"):
        report = check_text(small, f"def double(x):\n    return {value}\n")
        assert report["double"].earned == 0


def test_magic_lines_and_display_do_not_stop_a_cell(small: Lesson, solution_text: str) -> None:
    text = "%matplotlib inline\n!pip list\ndisplay(3)\n" + solution_text
    assert check_text(small, text, child=True).passed


def test_geneml_and_data_sim_can_be_imported_in_the_child_and_lessons_cannot(
    small: Lesson, solution_text: str
) -> None:
    text = "import data_sim.sequences, geneml.encoding, geneml.splits\n" + solution_text
    report = check_text(small, text, child=True)
    assert report.passed
    assert report.notes == ()
    report = check_text(small, "import lessons\n", child=True)
    assert any("cannot be imported" in note for note in report.notes)


def test_dataclasses_of_the_package_travel_as_arguments(tmp_path: Path) -> None:
    folder = tmp_path / "root" / "records"
    folder.mkdir(parents=True)
    (folder / "checks.py").write_text(
        "import numpy as np\n"
        "from geneml.splits import random_split\n"
        "from lessons.grader import exercise, require\n"
        "@exercise('size', title='Size', points=1, ladder=['a'], hints={})\n"
        "def check_size(submission, rng):\n"
        "    split = random_split(50, seed=3)\n"
        "    require(submission.call('size', split) == len(split.training), 'no')\n"
        "    back = submission.call('again', split)\n"
        "    require(np.array_equal(back.test, split.test), 'no')\n"
    )
    text = "def size(split):\n    return split.training.size\ndef again(split):\n    return split\n"
    lesson = load_lesson("records", tmp_path / "root")
    assert check_cells(lesson, parse_cells(text, ".py")).passed


def test_one_exercise_can_be_checked_alone(small: Lesson) -> None:
    submission = InProcessSubmission.from_cells(read_cells(small.solution))
    report = run_checks(small, submission, exercise="double")
    assert [one.name for one in report.exercises] == ["double"]
    with pytest.raises(ValueError, match="exercise must be one of target, double"):
        run_checks(small, submission, exercise="absent")


def test_an_unreadable_file_earns_nothing_and_says_why(small: Lesson, tmp_path: Path) -> None:
    path = tmp_path / "small.ipynb"
    path.write_text("{broken")
    report = check_file(small, path)
    assert report.earned == 0
    assert all("damaged" in one.message for one in report.exercises)


def test_the_isolation_report_names_every_protection() -> None:
    report = isolation_report()
    assert [one.name for one in report] == list(PROTECTIONS)
    assert {one.name for one in report if one.active} >= {"own-session", "watched", "audit"}


@pytest.mark.parametrize(
    ("result", "expected", "same"),
    [
        (np.array([1.0, 2.0]), [1, 2], True),
        ([1.0, 2.0 + 1e-12], [1, 2], True),
        (np.array([1.0, np.nan]), [1, 2], False),
        (np.full((2, 2), np.nan), np.zeros((2, 2)), False),
        (np.array([1.0, np.nan]), [1, np.nan], True),
        (np.zeros(0), np.zeros(3), False),
        (1.0, np.ones(3), False),
        (np.ones(3), 1.0, False),
        ("a", [1.0], False),
        (None, 0.0, False),
        ([[1.0], [1.0, 2.0]], [1.0], False),
        (float("inf"), 1.0, False),
    ],
)
def test_close_means_shape_and_every_number(result: object, expected: object, same: bool) -> None:
    if same:
        require_close(result, expected)
    else:
        with pytest.raises(NotPassed):
            require_close(result, expected)


@pytest.mark.parametrize(
    ("result", "expected", "same"),
    [
        ("AC", "AC", True),
        (["AC"], ["AC"], True),
        (("AC",), ["AC"], False),
        (3, 3.0, True),
        (True, 1, False),
        (3, np.int64(3), True),
        (np.array([1, 2]), np.array([1, 2]), True),
        (np.array([1, 2]), np.array([1, 3]), False),
        (np.array(["a"]), ["a"], True),
        (None, np.array([1]), False),
        ([[1], [1, 2]], np.array([1]), False),
    ],
)
def test_equal_means_equal_value_and_kind(result: object, expected: object, same: bool) -> None:
    if same:
        require_equal(result, expected)
    else:
        with pytest.raises(NotPassed):
            require_equal(result, expected)


def test_shape_and_array_are_required_in_words() -> None:
    require_shape(np.zeros((2, 3)), (2, 3))
    with pytest.raises(NotPassed) as caught:
        require_shape(np.zeros((3, 2)), (2, 3), hint="turn")
    assert caught.value.hint == "turn"
    assert (caught.value.expected, caught.value.received) == ("shape (2, 3)", "shape (3, 2)")
    for other in ([1.0], np.array(["a"]), None):
        with pytest.raises(NotPassed):
            require_array(other)


def test_require_takes_one_truth_value() -> None:
    require(True)
    require(np.bool_(True))
    with pytest.raises(NotPassed):
        require(np.bool_(False), "no")
    for other in (np.array([True]), np.zeros(0), 1, None, "yes"):
        with pytest.raises(TypeError, match="condition must be True or False"):
            require(other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "two words"}, ValueError),
        ({"points": 0}, ValueError),
        ({"points": 1.5}, TypeError),
        ({"points": True}, TypeError),
        ({"ladder": "one string"}, TypeError),
        ({"ladder": [""]}, ValueError),
        ({"hints": {"a": " "}}, ValueError),
        ({"seconds": 0}, ValueError),
    ],
)
def test_an_exercise_is_described_properly(change: dict, error: type[Exception]) -> None:
    options = {"name": "x", "title": "X", "points": 1, "ladder": ["a"], "hints": {}, **change}
    with pytest.raises(error):
        exercise(options.pop("name"), **options)


def test_a_lesson_that_is_not_there_is_named_with_those_that_are(lessons_root: Path) -> None:
    with pytest.raises(ValueError, match="lesson must be one of small"):
        load_lesson("absent", lessons_root)


def test_values_are_shown_short() -> None:
    assert in_words(None) == ""
    assert in_words(np.zeros((200, 300))).startswith("float64 array of shape (200, 300)")
    assert len(in_words(list(range(10_000)))) <= 300
    assert in_words(np.float64(0.5)) == "0.5"


def test_the_child_imports_no_expected_value() -> None:
    """What runs beside the learner's code imports nothing of the grader but itself."""
    from lessons.grader import sandbox

    for path in Path(inspect.getfile(sandbox)).parent.glob("*.py"):
        text = path.read_text()
        assert "from lessons" not in text, path.name
        assert "import lessons" not in text, path.name


def test_a_missing_name_is_blamed_on_the_cell_that_defines_it(small: Lesson) -> None:
    text = "# %%\n1 / 0\n# %%\nopen('nothing.csv')\n# %%\ndef target(x)\n    return 1\n"
    for child in (False, True):
        outcome = check_text(small, text, child=child)["target"]
        assert "SyntaxError" in outcome.message
        assert "Keep the name" not in outcome.message
        assert outcome.line == "cell 3, line 6: def target(x)"


def test_a_misspelt_name_is_called_missing(small: Lesson) -> None:
    outcome = check_text(small, "# %%\n1 / 0\n# %%\ndef targets(x):\n    return 1\n", child=True)
    assert "Keep the name" in outcome["target"].message
    marked = "# exercise: target\ndef targets(x):\n    return 1\n"
    assert "defines 'targets'" in check_text(small, marked)["target"].message
    assert "ZeroDivisionError" in outcome["target"].message


def test_a_file_that_cannot_be_read_is_not_called_a_stopped_program(
    small: Lesson, tmp_path: Path
) -> None:
    (tmp_path / "small.ipynb").write_text('{"cells": [')
    report = check_file(small, tmp_path / "small.ipynb")
    assert {one.status for one in report.exercises} == {"refused"}
    assert "damaged" in report["target"].message


def test_a_file_name_in_capitals_is_read(small: Lesson, tmp_path: Path, solution_text: str) -> None:
    (tmp_path / "SMALL.PY").write_text(solution_text)
    assert check_file(small, tmp_path / "SMALL.PY").passed
