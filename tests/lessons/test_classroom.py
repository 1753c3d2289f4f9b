"""A class: who handed in what, grades, reports."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lessons.grader.classroom import collect, grade_folder, write_grades, write_reports
from lessons.grader.lesson import Lesson
from lessons.grader.workspace import start_lesson


@pytest.fixture
def classroom(tmp_path: Path, small: Lesson, solution_text: str) -> Path:
    """Folder of a right, a half right, a hostile, an unstarted and two odd submissions."""
    folder = tmp_path / "class"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "small.py").write_text(solution_text)
    half = solution_text.replace("return 7 * x.sum() + 1", "return 7 * x.sum()")
    (folder / "grace_small.py").write_text(half)
    (folder / "mallory").mkdir()
    hostile = f"import os\nopen({str(tmp_path / 'grades.csv')!r}, 'w').write('mallory,5')\n"
    (folder / "mallory" / "small.py").write_text(hostile + "os._exit(0)\n")
    start_lesson(small, folder / "new")
    (folder / "zoe").mkdir()
    (folder / "zoe" / "small.py").symlink_to(small.solution)
    (folder / "yves.py").symlink_to(small.solution)
    (folder / ".hidden").mkdir()
    (folder / "ada" / ".ipynb_checkpoints").mkdir()
    (folder / "ada" / ".ipynb_checkpoints" / "small.ipynb").write_text("{}")
    return folder


def test_a_class_is_graded_and_the_table_written(
    classroom: Path, small: Lesson, tmp_path: Path
) -> None:
    result = grade_folder(classroom, [small], seed=7)
    out = tmp_path / "grades.csv"
    assert not out.exists()
    write_grades(result, out)
    with out.open(newline="") as file:
        rows = {row["learner"]: row for row in csv.DictReader(file)}
    assert {name: row["points"] for name, row in rows.items()} == {
        "ada": "5",
        "grace": "2",
        "mallory": "0",
        "new": "0",
        "yves": "0",
        "zoe": "0",
    }
    assert {row["possible"] for row in rows.values()} == {"5"}
    assert {row["seed"] for row in rows.values()} == {"7"}
    assert rows["mallory"]["small"] == "0"
    assert rows["zoe"]["small"] == ""
    for name in ("yves", "zoe"):
        assert "symbolic link" in rows[name]["notes"]


def test_the_same_seed_gives_the_same_reports(classroom: Path, small: Lesson) -> None:
    first = grade_folder(classroom, [small], seed=7)
    second = grade_folder(classroom, [small], seed=7)
    assert [one.reports for one in first.learners] == [one.reports for one in second.learners]


def test_each_learner_gets_a_report(classroom: Path, small: Lesson, tmp_path: Path) -> None:
    result = grade_folder(classroom, [small], seed=7)
    written = write_reports(result, tmp_path / "reports")
    assert [path.name for path in written] == [
        f"{name}.txt" for name in ("ada", "grace", "mallory", "new", "yves", "zoe")
    ]
    texts = {path.stem: path.read_text() for path in written}
    assert "You forgot to add one." in texts["grace"]
    assert "not handed in" in texts["zoe"]
    assert "Seed of the inputs: 7" in texts["ada"]


def test_files_are_told_apart_by_mark_name_or_exercises(
    tmp_path: Path, small: Lesson, solution_text: str
) -> None:
    start_lesson(small, tmp_path)
    (tmp_path / "small.ipynb").rename(tmp_path / "one.ipynb")
    (tmp_path / "two.py").write_text(solution_text)
    (tmp_path / "small-three.py").write_text("x = 1")
    (tmp_path / "four.py").write_text("x = 1")
    (tmp_path / "readme.txt").write_text("not work")
    found = {learner.name: set(learner.files) for learner in collect(tmp_path, [small])}
    assert found == {"one": {"small"}, "two": {"small"}, "three": {"small"}, "four": set()}


def test_of_two_files_the_one_named_after_the_lesson_is_graded(
    tmp_path: Path, small: Lesson, solution_text: str
) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "small.py").write_text(solution_text)
    (folder / "small_old.py").write_text("x = 1")
    (learner,) = collect(tmp_path, [small])
    assert learner.files["small"].name == "small.py"
    assert learner.notes == ["more than one file for small; small.py was graded"]


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x"])
def test_a_name_is_no_formula_in_the_table(
    tmp_path: Path, small: Lesson, name: str, solution_text: str
) -> None:
    folder = tmp_path / "class" / name
    folder.mkdir(parents=True)
    (folder / "notes.py").write_text("x = 1")
    result = grade_folder(tmp_path / "class", [small])
    write_grades(result, tmp_path / "grades.csv")
    assert (tmp_path / "grades.csv").read_text().splitlines()[1].startswith(f"'{name},0,5")


def test_names_that_make_the_same_file_name_get_two_reports(tmp_path: Path, small: Lesson) -> None:
    for name in ("a b", "a_b", "a.b"):
        (tmp_path / "class" / name).mkdir(parents=True)
    written = write_reports(grade_folder(tmp_path / "class", [small]), tmp_path / "reports")
    assert len(set(written)) == 3
    assert {path.parent for path in written} == {tmp_path / "reports"}


def test_a_folder_that_is_none_or_empty_is_a_clear_error(tmp_path: Path, small: Lesson) -> None:
    with pytest.raises(ValueError, match="must be a folder"):
        grade_folder(tmp_path / "absent", [small])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no submissions"):
        grade_folder(tmp_path / "empty", [small])


def test_a_learner_cannot_read_a_neighbours_work(
    tmp_path: Path, small: Lesson, solution_text: str
) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ada.py").write_text("# exercise: target\n" + solution_text)
    theft = f"text = open({str(folder / 'ada.py')!r}).read()\nexec(text)\n"
    (folder / "mallory.py").write_text("# exercise: target\n" + theft)
    result = grade_folder(folder, [small])
    assert {one.name: one.points for one in result.learners} == {"ada": 5, "mallory": 0}


def test_no_points_never_come_without_a_reason(tmp_path: Path, small: Lesson) -> None:
    (tmp_path / "absent").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "small.ipynb").write_text("{")
    result = grade_folder(tmp_path, [small], seed=1)
    notes = {learner.name: learner.notes for learner in result.learners}
    assert "no worksheet found" in notes["absent"][0]
    assert "damaged" in notes["broken"][0]
