"""The same work reads the same from a notebook, a MyST notebook and a Python file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lessons.grader.lesson import Lesson
from lessons.grader.source import (
    SubmissionError,
    exercise_text,
    parse_cells,
    read_cells,
    replace_exercise,
)
from lessons.grader.workspace import worksheet_notebook


def test_notebook_and_worksheet_read_the_same(small: Lesson) -> None:
    from_markdown = read_cells(small.worksheet)
    from_notebook = parse_cells(worksheet_notebook(small), ".ipynb")
    assert [cell.text.strip() for cell in from_markdown] == [
        cell.text.strip() for cell in from_notebook
    ]
    assert [cell.exercise for cell in from_markdown] == [None, "target", "double", None]
    assert [cell.explore for cell in from_notebook] == [False, False, False, True]
    assert [cell.explore for cell in from_markdown] == [False, False, False, True]


def test_a_worksheet_becomes_the_same_valid_notebook_every_time(small: Lesson) -> None:
    import nbformat

    text = worksheet_notebook(small)
    assert text == worksheet_notebook(small)
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert json.loads(text)["metadata"]["geneml"] == {"lesson": "small"}


def test_lines_of_markdown_and_python_are_counted_through_the_file(small: Lesson) -> None:
    for path in (small.worksheet, small.solution):
        lines = path.read_text().splitlines()
        for cell in read_cells(path):
            assert lines[cell.first_line - 1] == cell.text.splitlines()[0]


def test_a_python_file_without_marks_is_one_cell() -> None:
    (cell,) = parse_cells("x = 1\n\n\ny = 2\n", ".py")
    assert cell.text == "x = 1\n\n\ny = 2"
    assert cell.exercise is None


def test_a_marker_needs_a_line_of_its_own() -> None:
    (cell,) = parse_cells("x = 'a # exercise: target'\n", ".py")
    assert cell.exercise is None


def test_percent_cells_are_cut_and_tagged() -> None:
    cells = parse_cells('# %%\na = 1\n# %% tags=["explore"]\nb = 2\n', ".py")
    assert [cell.explore for cell in cells] == [False, True]


def test_one_exercise_is_replaced_and_the_others_stay(small: Lesson) -> None:
    cells = read_cells(small.solution)
    changed = replace_exercise(cells, "double", "def double(x):\n    return x")
    assert exercise_text(changed, "double") == "def double(x):\n    return x"
    assert exercise_text(changed, "target") == exercise_text(cells, "target")
    with pytest.raises(ValueError, match="exercise must be"):
        replace_exercise(cells, "absent", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"cells": 3}',
        '{"cells": [{"cell_type": "code"}]}',
        "[" * 10_000,
    ],
)
def test_a_damaged_notebook_is_a_clear_error(text: str) -> None:
    with pytest.raises(SubmissionError, match="damaged"):
        parse_cells(text, ".ipynb")


def test_files_that_are_no_work_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "work.txt").write_text("x = 1")
    (tmp_path / "latin.py").write_bytes(b"# \xe9\xff")
    (tmp_path / "large.py").write_bytes(b"#" * (11 * 2**20))
    (tmp_path / "link.py").symlink_to(tmp_path / "work.txt")
    for name, words in {
        "absent.py": "not there",
        "folder.py": "not there",
        "work.txt": "expected one of",
        "latin.py": "cannot be read",
        "large.py": "larger",
        "link.py": "symbolic link",
    }.items():
        with pytest.raises(SubmissionError, match=words):
            read_cells(tmp_path / name)
