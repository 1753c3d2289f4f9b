"""Feedback in words: for a terminal, for a notebook, for a teacher."""

from __future__ import annotations

import html

from lessons.grader.report import ExerciseReport, LessonReport

_MARKS = {
    "passed": "✓",
    "wrong": "✗",
    "not-started": "○",
    "error": "✗",
    "stopped": "✗",
    "refused": "✗",
}
_HEADS = {
    "passed": "passed",
    "wrong": "not right yet",
    "not-started": "not started yet",
    "error": "your code stopped with an error",
    "stopped": "your code was stopped",
    "refused": "not accepted",
}


def exercise_lines(report: ExerciseReport) -> list[tuple[str, str]]:
    """Return the feedback on one exercise as labelled lines.

    Parameters
    ----------
    report : ExerciseReport
        Outcome.

    Returns
    -------
    list of (label, text)
        Labels are "", "Hint", "Expected", "Received", "Your line".
    """
    lines = []
    message = report.message
    if report.status == "not-started":
        message = "Replace the placeholder in the worksheet by your answer."
    if message:
        lines.append(("", message))
    if report.hint_text:
        lines.append(("Hint", report.hint_text))
    if report.expected:
        lines.append(("Expected", report.expected))
    if report.received:
        lines.append(("Received", report.received))
    if report.line:
        lines.append(("Your line", report.line))
    return lines


def heading(report: ExerciseReport) -> str:
    """Return one line: mark, title, outcome and points."""
    return (
        f"{_MARKS[report.status]} {report.title} ({report.name}): {_HEADS[report.status]}, "
        f"{report.earned} of {report.points} points"
    )


def next_step(report: LessonReport, following: str = "", *, alone: bool = False) -> str:
    """Say what to do next.

    Parameters
    ----------
    report : LessonReport
        Outcome of the lesson.
    following : str
        Name of the lesson after this one.
    alone : bool
        Whether one exercise was checked and not the whole lesson.

    Returns
    -------
    str
        One or two sentences.
    """
    open_ones = [exercise for exercise in report.exercises if not exercise.passed]
    if open_ones:
        first = open_ones[0]
        return f"Next: {first.title} ({first.name})."
    if alone:
        return f"Passed. The whole lesson: geneml check {report.lesson}"
    text = "All exercises passed."
    return f"{text} Next lesson: geneml start {following}" if following else text


def as_text(report: LessonReport, following: str = "") -> str:
    """Return the whole feedback as plain text.

    Parameters
    ----------
    report : LessonReport
        Outcome of the lesson.
    following : str
        Name of the lesson after this one.

    Returns
    -------
    str
        For a terminal without colours, a log or a teacher's file.
    """
    parts = [f"{report.title}: {report.earned} of {report.points} points"]
    for exercise in report.exercises:
        parts.append("")
        parts.append(heading(exercise))
        for label, text in exercise_lines(exercise):
            indented = text.replace("\n", "\n    ")
            parts.append(f"    {label + ': ' if label else ''}{indented}")
    parts += ["", next_step(report, following)]
    parts += [f"Note: {note}" for note in report.notes]
    return "\n".join(parts)


def as_html(report: LessonReport, following: str = "") -> str:
    """Return the whole feedback as HTML that suits light and dark pages.

    Parameters
    ----------
    report : LessonReport
        Outcome of the lesson.
    following : str
        Name of the lesson after this one.

    Returns
    -------
    str
        One ``div``; everything that came from the learner is escaped.
    """
    rows = []
    for exercise in report.exercises:
        details = "".join(
            f"<div><b>{label}:</b> {_block(text)}</div>" if label else f"<div>{_block(text)}</div>"
            for label, text in exercise_lines(exercise)
        )
        rows.append(
            f'<li class="geneml-{exercise.status}" style="margin:.6em 0">'
            f"<b>{html.escape(heading(exercise))}</b>"
            f'<div style="margin-left:1.4em">{details}</div></li>'
        )
    title = html.escape(f"{report.title}: {report.earned} of {report.points} points")
    return (
        f'<div class="geneml-check" role="status"><p><b>{title}</b></p>'
        f'<ul style="list-style:none;padding-left:0">{"".join(rows)}</ul>'
        f"<p>{html.escape(next_step(report, following))}</p></div>"
    )


def _block(text: str) -> str:
    escaped = html.escape(text)
    if "\n" not in text:
        return escaped
    return f'<pre style="margin:.2em 0;white-space:pre-wrap">{escaped}</pre>'
