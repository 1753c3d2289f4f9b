"""What the commands do: find the work, check it, say it, remember it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from lessons.grader import render
from lessons.grader.engine import check_file
from lessons.grader.lesson import Lesson, following_lesson, lesson_names, load_lesson
from lessons.grader.report import LessonReport
from lessons.grader.state import Progress
from lessons.grader.workspace import find_work, learner_folder, start_lesson

_COLOURS = {"passed": "green", "not-started": "dim"}


def plain_console() -> Console:
    """Return a terminal that takes text as it is and wraps nothing itself."""
    return Console(highlight=False, soft_wrap=True)


def start_lessons(name: str | None, *, every: bool, folder: Path | None, reset: bool) -> int:
    """Copy one worksheet or all of them; see ``geneml start``.

    Parameters
    ----------
    name : str or None
        The lesson.
    every : bool
        All lessons instead.
    folder : Path or None
        The learner's folder.
    reset : bool
        Replace what is there, keeping a copy.

    Returns
    -------
    int
        Exit status.
    """
    if (name is None) == (not every):
        known = ", ".join(lesson_names())
        raise ValueError(f"name one lesson, or --all. Lessons: {known}")
    console, place = plain_console(), learner_folder(folder)
    chosen = lesson_names() if every else [str(name)]
    lessons = [load_lesson(one) for one in chosen]
    status = 0
    for lesson in lessons:
        try:
            path, backup = start_lesson(lesson, place, reset=reset)
        except FileExistsError as error:
            console.print(str(error), markup=False)
            status = 0 if every else 1
            continue
        if reset:
            Progress(place).forget(lesson.name)
        console.print(f"{path}  {lesson.title}, about {lesson.minutes} minutes", markup=False)
        if backup is not None:
            console.print(f"  your earlier work: {backup}", markup=False)
    if status == 0:
        console.print(f"Open it with: jupyter lab {place}", markup=False)
        console.print(f"Check it with: geneml check {lessons[0].name}", markup=False)
    return status


def check_lesson(
    name: str, *, folder: Path | None, file: Path | None, exercise: str | None, seed: int | None
) -> int:
    """Check the learner's file once; see ``geneml check``.

    Parameters
    ----------
    name : str
        The lesson.
    folder, file : Path or None
        Where the work is.
    exercise : str or None
        Check this exercise alone.
    seed : int or None
        Draws the inputs.

    Returns
    -------
    int
        0 if everything passed, 1 otherwise.
    """
    lesson, place, path = _find(name, folder, file)
    report = check_file(lesson, path, seed=seed, exercise=exercise)
    _say(lesson, place, report)
    return 0 if report.passed else 1


def _find(name: str, folder: Path | None, file: Path | None) -> tuple[Lesson, Path, Path]:
    lesson = load_lesson(name)
    place = learner_folder(folder)
    path = file or find_work(lesson, place) or find_work(lesson, Path())
    if path is None:
        raise ValueError(
            f"there is no {lesson.name}.ipynb, .md or .py in {place}; "
            f"start it with: geneml start {lesson.name}"
        )
    return lesson, place if file is None and place.is_dir() else path.parent, path


def _say(lesson: Lesson, place: Path, report: LessonReport) -> None:
    console = plain_console()
    console.print(f"\n[bold]{report.title}[/]: {report.earned} of {report.points} points")
    for outcome in report.exercises:
        colour = _COLOURS.get(outcome.status, "red")
        console.print(Text("\n" + render.heading(outcome), style=colour))
        for label, text in render.exercise_lines(outcome):
            line = Text("    ")
            if label:
                line.append(f"{label}: ", style="bold")
            console.print(line.append(text.replace("\n", "\n    ")))
    progress = Progress(place)
    progress.record(report)
    alone = len(report.exercises) < len(lesson.exercises)
    following = following_lesson(lesson)
    console.print(Text("\n" + render.next_step(report, following, alone=alone)))
    open_ones = [one for one in report.exercises if not one.passed]
    if open_ones:
        first = lesson.exercise(open_ones[0].name)
        left = len(first.ladder) - progress.hints_taken(lesson.name, first.name)
        if left:
            console.print(f"A hint ({left} left): geneml check {lesson.name} --hint", markup=False)
    if any(one.passed for one in report.exercises):
        command = f"geneml check {lesson.name} --solution"
        console.print(f"Compare with our solution: {command}", markup=False)
    for note in report.notes:
        console.print(Text(f"Note: a cell did not run. {note}", style="yellow"))
    console.print(Text(f"Seed of this check: {report.seed}", style="dim"))


def watch_lesson(
    name: str, *, folder: Path | None, file: Path | None, exercise: str | None, seed: int | None
) -> int:
    """Check now and after every save, until interrupted.

    Parameters
    ----------
    name, folder, file, exercise, seed
        As for `check_lesson`.

    Returns
    -------
    int
        Exit status of the last check.
    """
    from watchfiles import watch

    _, _, path = _find(name, folder, file)
    status = check_lesson(name, folder=folder, file=file, exercise=exercise, seed=seed)
    plain_console().print(f"\nWatching {path}. Ctrl-C ends it.", markup=False)
    wanted = path.resolve()
    try:
        # Editors replace a file when they save it, so its folder is what must be watched.
        for changes in watch(wanted.parent, debounce=200, step=50, recursive=False):
            if any(Path(changed).resolve() == wanted for _, changed in changes) and path.exists():
                status = check_lesson(name, folder=folder, file=file, exercise=exercise, seed=seed)
    except KeyboardInterrupt:
        pass
    return status


def give_hint(name: str, *, folder: Path | None, file: Path | None, exercise: str | None) -> int:
    """Show the next hint for an exercise, by default the first that has not passed.

    Parameters
    ----------
    name, folder, file, exercise
        As for `check_lesson`.

    Returns
    -------
    int
        Exit status.
    """
    lesson = load_lesson(name)
    place = file.parent if file is not None else learner_folder(folder)
    if not place.is_dir():
        raise ValueError(f"there is no folder {place}; start with: geneml start {lesson.name}")
    progress = Progress(place)
    if exercise is None:
        open_ones = [one for one in lesson.exercises if not progress.passed(name, one.name)]
        if not open_ones:
            plain_console().print("All exercises passed. A hint for one of them: --exercise NAME")
            return 0
        chosen = open_ones[0]
    else:
        chosen = lesson.exercise(exercise)
    number, text = progress.take_hint(name, chosen.name, chosen.ladder)
    console = plain_console()
    console.print(f"{chosen.title} ({chosen.name}), hint {number} of {len(chosen.ladder)}:")
    console.print(Text("    " + text))
    return 0


def give_solutions(name: str, *, folder: Path | None, exercise: str | None) -> int:
    """Show our solutions of the exercises that have passed.

    Parameters
    ----------
    name, folder, exercise
        As for `check_lesson`.

    Returns
    -------
    int
        0 if there is anything to show.
    """
    from rich.syntax import Syntax

    from lessons.grader.solutions import show_solution

    lesson, progress = load_lesson(name), Progress(learner_folder(folder))
    console = plain_console()
    chosen = [lesson.exercise(exercise)] if exercise else list(lesson.exercises)
    shown = [one for one in chosen if progress.passed(name, one.name)]
    for one in shown:
        console.print(f"\n[bold]{one.title}[/] ({one.name})")
        console.print(
            Syntax(
                str(show_solution(name, one.name, lesson.folder.parent)),
                "python",
                background_color="default",
            )
        )
    if not shown:
        console.print("A solution is shown once its exercise has passed; try --hint.")
    return 0 if shown else 1


def show_progress(folder: Path | None) -> int:
    """Show points and hints by lesson.

    Parameters
    ----------
    folder : Path or None
        The learner's folder.

    Returns
    -------
    int
        Exit status.
    """
    from rich.table import Table

    place = learner_folder(folder)
    progress = Progress(place)
    table = Table(title=f"Progress in {place.resolve().name}", title_justify="left")
    for column in ("lesson", "exercises", "points", "hints", "state"):
        table.add_column(column, justify="right" if column in ("points", "hints") else "left")
    earned = possible = 0
    for name in lesson_names():
        lesson = load_lesson(name)
        passed = [one for one in lesson.exercises if progress.passed(name, one.name)]
        points = sum(one.points for one in passed)
        hints = sum(progress.hints_taken(name, one.name) for one in lesson.exercises)
        started = find_work(lesson, place) is not None
        state = "done" if len(passed) == len(lesson.exercises) else "open" if started else "-"
        marks = " ".join("✓" if one in passed else "·" for one in lesson.exercises)
        table.add_row(name, marks, f"{points} of {lesson.points}", str(hints or ""), state)
        earned, possible = earned + points, possible + lesson.points
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{earned} of {possible} points")
    return 0
