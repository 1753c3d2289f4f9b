"""What must hold for every lesson there is, whoever wrote it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lessons import show_solution
from lessons.grader.engine import check_file, run_checks
from lessons.grader.exercises import NotPassed
from lessons.grader.lesson import Lesson, lesson_names, load_lesson, read_syllabus
from lessons.grader.source import read_cells, replace_exercise
from lessons.grader.submission import InProcessSubmission, Submission

NAMES = lesson_names()


def _wrong_answers() -> list[Any]:
    found = []
    for name in NAMES:
        for number, wrong in enumerate(load_lesson(name).wrong_answers):
            label = f"{name}-{wrong.exercise}-{wrong.earns}-{number}"
            found.append(pytest.param(name, wrong, id=label))
    return found


def _exercises() -> list[Any]:
    return [
        pytest.param(name, exercise.name, id=f"{name}-{exercise.name}")
        for name in NAMES
        for exercise in load_lesson(name).exercises
    ]


@pytest.fixture(params=NAMES)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return load_lesson(request.param)


def test_every_lesson_of_the_syllabus_is_there_and_no_other() -> None:
    assert sorted(NAMES) == sorted(read_syllabus())


def test_a_lesson_has_enough_exercises_hints_and_wrong_answers(lesson: Lesson) -> None:
    assert len(lesson.exercises) >= 3
    wrong = lesson.wrong_answers
    assert {one.exercise for one in wrong} == {one.name for one in lesson.exercises}
    for exercise in lesson.exercises:
        assert len(exercise.ladder) >= 3, exercise.name
        assert exercise.title.strip()
        earned = [one.earns for one in wrong if one.exercise == exercise.name]
        # Three misconceptions that the learner is told apart, not one told three times.
        assert len(set(earned)) >= 3, f"{exercise.name}: {earned}"
        assert set(earned) <= set(exercise.hints), exercise.name
        texts = list(exercise.hints.values())
        assert len(set(texts)) == len(texts), f"{exercise.name}: two hints say the same"
    assert all(one.story.strip() for one in wrong)


def test_the_syllabus_promises_the_points_that_the_checks_give(lesson: Lesson) -> None:
    assert lesson.points == sum(exercise.points for exercise in lesson.exercises)
    assert lesson.title != lesson.name
    assert lesson.minutes > 0
    assert lesson.chapter


def test_worksheet_solution_and_checks_name_the_same_exercises(lesson: Lesson) -> None:
    asked = [exercise.name for exercise in lesson.exercises]
    for path in (lesson.worksheet, lesson.solution):
        assert [cell.exercise for cell in read_cells(path) if cell.exercise] == asked, path.name


def test_the_solution_of_each_exercise_can_be_shown(lesson: Lesson) -> None:
    for exercise in lesson.exercises:
        shown = show_solution(lesson.name, exercise.name)
        assert shown._repr_markdown_().startswith("```python\n")
        compile(str(shown), exercise.name, "exec")


@pytest.mark.slow
def test_the_starter_fails_kindly(lesson: Lesson) -> None:
    report = check_file(lesson, lesson.worksheet)
    assert {one.name: one.status for one in report.exercises} == {
        exercise.name: "not-started" for exercise in lesson.exercises
    }, report
    assert report.earned == 0
    assert report.notes == ()
    assert not any(
        exercise.line or "Traceback" in exercise.message for exercise in report.exercises
    )


@pytest.mark.slow
def test_the_solution_passes_in_a_child_process(lesson: Lesson) -> None:
    report = check_file(lesson, lesson.solution)
    assert report.passed, report
    assert report.earned == lesson.points
    assert report.notes == ()


@pytest.mark.slow
def test_the_solution_passes_whatever_inputs_are_drawn(lesson: Lesson) -> None:
    submission = InProcessSubmission.from_cells(read_cells(lesson.solution))
    for seed in range(5):
        report = run_checks(lesson, submission, seed=seed)
        assert report.passed, report


@pytest.mark.slow
@pytest.mark.parametrize(("name", "wrong"), _wrong_answers())
def test_a_wrong_answer_earns_its_own_hint_and_no_points(name: str, wrong: Any) -> None:
    lesson = load_lesson(name)
    cells = replace_exercise(read_cells(lesson.solution), wrong.exercise, wrong.code)
    for seed in (1, 2):
        submission = InProcessSubmission.from_cells(cells)
        report = run_checks(lesson, submission, seed=seed, exercise=wrong.exercise)
        outcome = report[wrong.exercise]
        assert outcome.hint == wrong.earns, outcome
        assert outcome.earned == 0


class Mangled(Submission):
    """The solution, with every answer that a function gives changed on its way."""

    def __init__(self, inner: Submission, change: Callable[[Any, tuple[Any, ...]], Any]) -> None:
        super().__init__(inner.cells)
        self._inner = inner
        self._change = change
        self.changed = 0

    def call(self, name: str, /, *arguments: Any, **keywords: Any) -> Any:
        value = self._inner.call(name, *arguments, **keywords)
        new = self._change(value, (*arguments, *keywords.values()))
        self.changed += new is not value
        return new

    def value(self, name: str) -> Any:
        return self._inner.value(name)

    def model(self, name: str, /, *arguments: Any, **keywords: Any) -> Any:
        return self._inner.model(name, *arguments, **keywords)


def _nan(value: Any, arguments: tuple[Any, ...]) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return np.full(value.shape, np.nan)
    if isinstance(value, (int, float)):
        return float("nan")
    if isinstance(value, (list, tuple)) and value:
        return type(value)(_nan(part, arguments) for part in value)
    if isinstance(value, dict) and value:
        return {key: _nan(part, arguments) for key, part in value.items()}
    return None


CHANGES: dict[str, Callable[[Any, tuple[Any, ...]], Any]] = {
    "nan everywhere": _nan,
    "nothing": lambda value, arguments: None,
    "true": lambda value, arguments: True,
    "empty array": lambda value, arguments: np.zeros(0),
    "empty text": lambda value, arguments: "",
    "empty list": lambda value, arguments: [],
    "its first argument": lambda value, arguments: arguments[0] if arguments else None,
    "a list in a list": lambda value, arguments: [[value]],
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("name", "exercise"), _exercises())
def test_a_mangled_answer_earns_nothing(name: str, exercise: str, change: str) -> None:
    lesson = load_lesson(name)
    solution = InProcessSubmission.from_cells(read_cells(lesson.solution))
    mangled = Mangled(solution, CHANGES[change])
    with np.errstate(all="ignore"):
        report = run_checks(lesson, mangled, seed=11, exercise=exercise)
    if mangled.changed == 0:
        pytest.skip("this exercise asks for a variable or a model, not for a function's value")
    assert report.earned == 0, f"{change} passed"
    hint = report[exercise].hint
    assert hint is None or hint in lesson.exercise(exercise).hints


@pytest.mark.slow
@pytest.mark.parametrize(("name", "exercise"), _exercises())
def test_answers_copied_from_an_earlier_run_earn_nothing(name: str, exercise: str) -> None:
    lesson = load_lesson(name)
    solution = InProcessSubmission.from_cells(read_cells(lesson.solution))
    seen: list[Any] = []

    def record(value: Any, arguments: tuple[Any, ...]) -> Any:
        seen.append(value)
        return value

    def replay(value: Any, arguments: tuple[Any, ...]) -> Any:
        if not seen:
            raise NotPassed("asked more often than in the earlier run")
        return seen.pop(0)

    assert run_checks(lesson, Mangled(solution, record), seed=101, exercise=exercise).passed
    if not seen:
        pytest.skip("this exercise asks for a variable or a model, not for a function's value")
    report = run_checks(lesson, Mangled(solution, replay), seed=202, exercise=exercise)
    assert report.earned == 0


def test_checks_import_neither_keras_nor_the_solution(lesson: Lesson) -> None:
    for exercise in lesson.exercises:
        module = inspect.getmodule(exercise.check)
        assert module is not None
        text = inspect.getsource(module)
        assert not any(line.startswith(("import keras", "from keras")) for line in text.split("\n"))
        assert ".solution" not in text
