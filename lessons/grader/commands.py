"""The lessons' part of the ``geneml`` command: start, check, progress, grade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Your folder. By default geneml-lessons, or this folder."),
]
_Lesson = Annotated[str, typer.Argument(help="Name of a lesson, for instance encoding.")]


def register(app: typer.Typer) -> None:
    """Add the commands to an application.

    Parameters
    ----------
    app : typer.Typer
        The ``geneml`` command.
    """
    for command in (start, check, progress, grade, isolation):
        app.command()(command)


def start(
    lesson: Annotated[str | None, typer.Argument(help="Name of a lesson.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Start every lesson.")] = False,
    folder: _Folder = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Start anew; the old notebook is kept beside.")
    ] = False,
) -> None:
    """Copy a worksheet into your own folder, where no update overwrites it."""
    from lessons.grader.doors import start_lessons

    raise typer.Exit(start_lessons(lesson, every=every, folder=folder, reset=reset))


def check(
    lesson: _Lesson,
    folder: _Folder = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Check this file instead of your folder's.")
    ] = None,
    exercise: Annotated[str | None, typer.Option("--exercise", help="Only this exercise.")] = None,
    hint: Annotated[
        bool, typer.Option("--hint", help="Show the next hint for the first open exercise.")
    ] = False,
    solution: Annotated[
        bool, typer.Option("--solution", help="Show the solutions of what you have passed.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever you save. Ctrl-C ends it.")
    ] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="Start the lesson anew; the old notebook is kept.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Draw the inputs of an earlier run again.")
    ] = None,
) -> None:
    """Check your answers to a lesson."""
    from lessons.grader import doors

    if reset:
        raise typer.Exit(doors.start_lessons(lesson, every=False, folder=folder, reset=True))
    if hint:
        raise typer.Exit(doors.give_hint(lesson, folder=folder, file=file, exercise=exercise))
    if solution:
        raise typer.Exit(doors.give_solutions(lesson, folder=folder, exercise=exercise))
    run = doors.watch_lesson if watch else doors.check_lesson
    raise typer.Exit(run(lesson, folder=folder, file=file, exercise=exercise, seed=seed))


def progress(folder: _Folder = None) -> None:
    """Show which exercises you have passed."""
    from lessons.grader.doors import show_progress

    raise typer.Exit(show_progress(folder))


def grade(
    submissions: Annotated[
        Path, typer.Argument(help="Folder with one sub-folder or one file a learner.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Table to write.")] = Path("grades.csv"),
    lesson: Annotated[
        list[str] | None, typer.Option("--lesson", help="Only this lesson; may be repeated.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder for one report a learner.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Draw the inputs of an earlier run again.")
    ] = None,
) -> None:
    """Grade a class. Each learner's code runs in a disposable process of its own."""
    from lessons.grader.teacher_doors import grade_class

    raise typer.Exit(grade_class(submissions, out, lesson or None, report, seed))


def isolation() -> None:
    """Show which protections this machine gives when it runs learners' code."""
    from lessons.grader.teacher_doors import show_isolation

    raise typer.Exit(show_isolation())
