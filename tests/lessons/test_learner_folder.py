"""The learner's folder: worksheets are never overwritten, and what was reached is remembered."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from lessons.grader import commands, doors
from lessons.grader.lesson import Lesson, lesson_names, load_lesson
from lessons.grader.report import ExerciseReport, LessonReport
from lessons.grader.state import FILE_NAME, Progress, write_atomically
from lessons.grader.workspace import find_work, learner_folder, start_lesson


@pytest.fixture
def here(tmp_path: Path, lessons_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in which the only lesson there is is the small one."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(doors, "load_lesson", lambda name: load_lesson(name, lessons_root))
    monkeypatch.setattr(doors, "lesson_names", lambda: lesson_names(lessons_root))
    monkeypatch.setattr(doors, "following_lesson", lambda lesson: "")
    return folder


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer(pretty_exceptions_enable=False)
    commands.register(app)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def report(*passed: str) -> LessonReport:
    names = ("target", "double")
    exercises = tuple(
        ExerciseReport(name, name, 2, "passed" if name in passed else "wrong") for name in names
    )
    return LessonReport("small", "Small", 1, exercises)


def test_a_started_worksheet_is_never_overwritten(small: Lesson, tmp_path: Path) -> None:
    path, backup = start_lesson(small, tmp_path / "mine")
    assert backup is None
    path.write_text("my work")
    with pytest.raises(FileExistsError, match="left as it is"):
        start_lesson(small, tmp_path / "mine")
    assert path.read_text() == "my work"


def test_a_reset_keeps_the_old_work_every_time(small: Lesson, tmp_path: Path) -> None:
    path, _ = start_lesson(small, tmp_path)
    kept = []
    for number in range(3):
        path.write_text(f"work {number}")
        _, backup = start_lesson(small, tmp_path, reset=True)
        assert backup is not None
        kept.append(backup)
        assert "exercise: target" in path.read_text()
    assert [one.read_text() for one in kept] == ["work 0", "work 1", "work 2"]


def test_a_reset_that_fails_leaves_the_work(
    small: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = start_lesson(small, tmp_path)
    path.write_text("my work")
    small.worksheet.unlink()
    with pytest.raises(FileNotFoundError):
        start_lesson(small, tmp_path, reset=True)
    assert path.read_text() == "my work"


def test_the_newest_of_several_files_is_checked(small: Lesson, tmp_path: Path) -> None:
    assert find_work(small, tmp_path) is None
    for number, suffix in enumerate((".py", ".md", ".ipynb")):
        path = tmp_path / f"small{suffix}"
        path.write_text("")
        os.utime(path, (1000 + number, 1000 + number))
    assert find_work(small, tmp_path) == tmp_path / "small.ipynb"
    os.utime(tmp_path / "small.py", (5000, 5000))
    assert find_work(small, tmp_path) == tmp_path / "small.py"


def test_the_learners_folder_is_here_once_it_remembers(here: Path) -> None:
    assert learner_folder() == Path("geneml-lessons")
    (here / FILE_NAME).write_text('{"version": 1, "lessons": {}}')
    assert learner_folder() == Path()
    assert learner_folder(Path("other")) == Path("other")


def test_progress_is_remembered_and_never_taken_back(tmp_path: Path) -> None:
    Progress(tmp_path).record(report("target"))
    Progress(tmp_path).record(report())
    again = Progress(tmp_path)
    assert again.passed("small", "target")
    assert not again.passed("small", "double")
    again.forget("small")
    assert not Progress(tmp_path).passed("small", "target")


def test_nothing_is_written_before_there_is_something(tmp_path: Path) -> None:
    Progress(tmp_path).record(report())
    assert list(tmp_path.iterdir()) == []


def test_hints_are_taken_one_at_a_time_and_the_last_stays(tmp_path: Path) -> None:
    ladder = ("a", "b", "c")
    taken = [Progress(tmp_path).take_hint("small", "target", ladder) for _ in range(4)]
    assert taken == [(1, "a"), (2, "b"), (3, "c"), (3, "c")]
    assert Progress(tmp_path).hints_taken("small", "target") == 3


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"lessons": 3}', '{"lessons": {"small": []}}', '{"version": 1}']
)
def test_a_damaged_memory_is_kept_beside_and_started_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    progress = Progress(tmp_path)
    progress.record(report("target"))
    assert Progress(tmp_path).passed("small", "target")
    (kept,) = tmp_path.glob(".geneml-progress.damaged-*.json")
    assert kept.read_text() == text


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.txt"
    write_atomically(path, "first")

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, "second")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_from_start_to_passed_on_the_command_line(here: Path, solution_text: str) -> None:
    status, said = run("start", "small")
    assert status == 0
    assert (here / "geneml-lessons" / "small.ipynb").is_file()

    status, said = run("start", "small")
    assert status == 1
    assert "left as it is" in said

    status, said = run("check", "small")
    assert status == 1
    assert said.count("not started yet") == 2
    assert "Traceback" not in said
    assert "A hint (3 left)" in said

    status, said = run("check", "small", "--hint")
    assert "hint 1 of 3" in said
    assert "Look at the sum." in said
    assert "hint 2 of 3" in run("check", "small", "--hint")[1]
    assert "hint 1 of 3" in run("check", "small", "--hint", "--exercise", "double")[1]

    status, said = run("check", "small", "--solution")
    assert status == 1
    assert "once its exercise has passed" in said

    path = here / "geneml-lessons" / "small.ipynb"
    notebook = json.loads(path.read_text())
    answers = iter(solution_text.split("# exercise:")[1:])
    for cell in notebook["cells"]:
        if "exercise" in cell["metadata"].get("tags", []):
            cell["source"] = "# exercise:" + next(answers)
    path.write_text(json.dumps(notebook))
    status, said = run("check", "small", "--seed", "4")
    assert status == 0, said
    assert "5 of 5 points" in said
    assert "Seed of this check: 4" in said

    status, said = run("check", "small", "--exercise", "target")
    assert "The whole lesson: geneml check small" in said
    assert "All exercises passed" not in said

    status, said = run("check", "small", "--solution")
    assert status == 0
    assert "7 * x.sum() + 1" in said

    assert "All exercises passed" in run("check", "small", "--hint")[1]

    status, said = run("progress")
    assert "5 of 5 points" in said
    assert "done" in said

    status, said = run("check", "small", "--reset")
    assert status == 0
    assert "earlier work" in said
    assert "0 of 5 points" in run("progress")[1]


def test_a_lesson_that_was_not_started_is_a_clear_error(here: Path) -> None:
    with pytest.raises(ValueError, match="start it with: geneml start small"):
        run("check", "small")
    with pytest.raises(ValueError, match="lesson must be one of small"):
        run("check", "smal")
    with pytest.raises(ValueError, match="name one lesson, or --all"):
        run("start")


def test_all_lessons_start_at_once_and_again_without_harm(here: Path) -> None:
    assert run("start", "--all", "--folder", "course")[0] == 0
    (here / "course" / "small.ipynb").write_text("my work")
    assert run("start", "--all", "--folder", "course")[0] == 0
    assert (here / "course" / "small.ipynb").read_text() == "my work"


def test_watching_checks_again_after_each_save_of_that_file(
    here: Path, monkeypatch: pytest.MonkeyPatch, solution_text: str
) -> None:
    import watchfiles

    folder = here / "geneml-lessons"
    folder.mkdir()
    work = folder / "small.py"
    work.write_text("")

    def saves(*_: object, **__: object):
        yield {(watchfiles.Change.modified, str(folder / "another.txt"))}
        work.write_text(solution_text)
        yield {(watchfiles.Change.modified, str(work))}
        raise KeyboardInterrupt

    monkeypatch.setattr(watchfiles, "watch", saves)
    status, said = run("check", "small", "--watch")
    assert status == 0
    assert said.count("A small lesson: ") == 2
    assert "5 of 5 points" in said


def test_the_checks_of_a_lesson_without_networks_import_no_heavy_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from lessons.grader import commands, doors\n"
        "from lessons.grader.lesson import load_lesson\n"
        "load_lesson('encoding').exercises\n"
        "print([m for m in ('keras', 'tensorflow', 'pandas', 'pytest', 'jupytext', 'sklearn',"
        " 'matplotlib', 'IPython') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
