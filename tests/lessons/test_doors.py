"""The other doors: a notebook cell, pytest, the solutions for the book."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lessons.grader import notebook
from lessons.grader.lesson import Lesson, lesson_names, load_lesson
from lessons.grader.render import as_html, as_text
from lessons.grader.report import ExerciseReport, LessonReport
from lessons.grader.solutions import show_solution

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def answers(solution_text: str) -> dict[str, object]:
    """A notebook's variables: one answer right, one wrong."""
    namespace: dict[str, object] = {}
    exec(solution_text.replace("return 2 * x", "return x"), namespace)
    return namespace


def test_a_notebook_checks_its_own_variables(
    lessons_root: Path, answers: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    feedback = notebook.check("small", answers, root=lessons_root)
    assert feedback.report["target"].passed
    assert feedback.report["double"].hint == "same"
    assert "Unchanged." in feedback._repr_html_()
    assert "3 of 5 points" in repr(feedback)
    assert not list(tmp_path.glob(".geneml*")), "only a learner's folder remembers"


def test_the_package_finds_the_callers_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    import lessons

    seen: list[dict[str, object]] = []
    monkeypatch.setattr(notebook, "check", lambda lesson, names, **_: seen.append(names))
    lessons.check("encoding")
    assert seen[0] is globals()


def test_hints_in_a_notebook_come_one_by_one(
    lessons_root: Path, answers: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.ipynb").write_text("{}")
    feedback = notebook.check("small", answers, root=lessons_root)
    assert feedback.next_hint().startswith("Double an array, hint 1 of 3")
    again = notebook.check("small", answers, root=lessons_root)
    assert again.next_hint().startswith("Double an array, hint 2 of 3")
    assert again.next_hint("target").startswith("Hit the target, hint 1 of 3")


def test_the_hint_button_shows_the_next_hint_when_pressed(
    lessons_root: Path, answers: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    box = notebook.check("small", answers, root=lessons_root).hint_button()
    button, shown = box.children
    assert shown.value == ""
    button.click()
    assert "hint 1 of 3: Look at the sum." in shown.value
    button.click()
    assert "hint 2 of 3" in shown.value


def test_outside_a_kernel_there_is_no_button(
    lessons_root: Path, answers: dict, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not notebook._widgets_usable()
    feedback = notebook.check("small", answers, root=lessons_root, widgets=False)
    feedback._ipython_display_()
    assert "3 of 5 points" in capsys.readouterr().out


def test_everything_from_the_learner_is_escaped() -> None:
    nasty = "<script>alert(1)</script>"
    outcome = ExerciseReport(
        "x", "X", 1, "error", nasty, None, "", nasty, nasty + "\n" + nasty, nasty
    )
    html = as_html(LessonReport("small", "Small", 1, (outcome,)))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_feedback_says_expected_and_received_and_what_is_next() -> None:
    wrong = ExerciseReport("x", "X", 2, "wrong", "No.", "h", "Try it.", "1", "2", "cell 1, line 2")
    right = ExerciseReport("y", "Y", 3, "passed")
    text = as_text(LessonReport("small", "Small", 1, (wrong, right)))
    for part in ("3 of 5 points", "Hint: Try it.", "Expected: 1", "Received: 2", "Next: X (x)."):
        assert part in text
    assert "geneml start more" in as_text(LessonReport("small", "Small", 1, (right,)), "more")


def test_the_solution_of_an_exercise_is_markdown(lessons_root: Path) -> None:
    shown = show_solution("small", "target", lessons_root)
    assert shown._repr_mimebundle_()["text/markdown"] == (
        "```python\ndef target(x):\n    return 7 * x.sum() + 1\n```"
    )
    with pytest.raises(ValueError, match="exercise must be one of target, double"):
        show_solution("small", "absent", lessons_root)


def _pytest_lessons(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_pytest_checks_the_solutions_of_a_lesson() -> None:
    done = _pytest_lessons("lessons/encoding")
    count = len(load_lesson("encoding").exercises)
    assert done.returncode == 0, done.stdout
    assert f"{count} passed" in done.stdout


def test_pytest_checks_a_learners_folder_and_shows_feedback(tmp_path: Path) -> None:
    lesson: Lesson = load_lesson("encoding")
    (tmp_path / "encoding.md").write_text(lesson.worksheet.read_text())
    done = _pytest_lessons("lessons", "--work", str(tmp_path))
    assert done.returncode == 1
    assert f"{len(lesson.exercises)} failed" in done.stdout
    assert "not started yet" in done.stdout
    others = sum(len(load_lesson(n).exercises) for n in lesson_names() if n != "encoding")
    assert f"{others} skipped" in done.stdout
