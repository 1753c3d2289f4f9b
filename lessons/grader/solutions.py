"""The reference answers, for the book and for those who have passed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lessons.grader.lesson import LESSONS_FOLDER, load_lesson
from lessons.grader.source import exercise_text, read_cells


@dataclass(frozen=True)
class SolutionDisplay:
    """A solution that renders as Markdown or text.

    Parameters
    ----------
    lesson, exercise : str
        Names.
    title : str
        Title of the exercise.
    code : str
        Python source with its commentary.
    """

    lesson: str
    exercise: str
    title: str
    code: str

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.code}\n```"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        # Markdown first: the book and JupyterLab colour a fenced block by themselves.
        return {"text/markdown": self._repr_markdown_(), "text/plain": self.code}

    def __str__(self) -> str:
        return self.code


def show_solution(lesson: str, exercise: str, root: Path = LESSONS_FOLDER) -> SolutionDisplay:
    """Return the reference answer of an exercise.

    Parameters
    ----------
    lesson, exercise : str
        Names.
    root : Path
        Folder that holds the lessons.

    Returns
    -------
    SolutionDisplay
        What a notebook and the book can show.

    Raises
    ------
    ValueError
        If there is no such lesson or exercise.
    """
    found = load_lesson(lesson, root)
    title = found.exercise(exercise).title
    code = exercise_text(read_cells(found.solution), exercise).strip()
    return SolutionDisplay(lesson, exercise, title, code)
