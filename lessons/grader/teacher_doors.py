"""What the teacher's commands do: grade a class, show how it is protected."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from lessons.grader.classroom import grade_folder, write_grades, write_reports
from lessons.grader.doors import plain_console
from lessons.grader.isolation import isolation_report
from lessons.grader.lesson import lesson_names, load_lesson
from lessons.grader.sandbox.kernel import close_to_others


def grade_class(
    submissions: Path, out: Path, names: list[str] | None, report: Path | None, seed: int | None
) -> int:
    """Grade a class; see ``geneml grade``.

    Parameters
    ----------
    submissions, out, report : Path
        Where the work is, and where the table and the reports go.
    names : list of str or None
        Lessons; all by default.
    seed : int or None
        Draws the inputs.

    Returns
    -------
    int
        Exit status.
    """
    close_to_others()
    console = plain_console()
    lessons = [load_lesson(name) for name in (names or lesson_names())]
    result = grade_folder(
        submissions, lessons, seed=seed, said=lambda text: console.print(Text(text))
    )
    write_grades(result, out)
    if report is not None:
        write_reports(result, report)
    console.print(f"{len(result.learners)} learners graded: {out}", markup=False)
    console.print(f"Seed {result.seed}; --seed {result.seed} draws the same inputs.", markup=False)
    missing = sorted(set(result.missing_protections))
    if missing:
        console.print(Text(f"Not available on this machine: {', '.join(missing)}", style="yellow"))
    return 0


def show_isolation() -> int:
    """Show which protections stand around learners' code on this machine.

    Returns
    -------
    int
        0 if all of them do.
    """
    console = plain_console()
    report = isolation_report()
    for one in report:
        style = "green" if one.active else "yellow"
        console.print(Text(f"{'✓' if one.active else '✗'} {one.name}: {one.meaning}", style=style))
    if not all(one.active for one in report):
        console.print("Grade strangers' work in a virtual machine or a container here.")
    return 0 if all(one.active for one in report) else 1
