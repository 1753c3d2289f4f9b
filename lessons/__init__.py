"""Graded lessons: worksheets, the checks that mark them, and the grader.

In a notebook::

    from lessons import check
    check("encoding")

On the command line: ``geneml start``, ``geneml check``, ``geneml progress`` and, for a
class, ``geneml grade``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lessons.grader.notebook import Feedback
    from lessons.grader.solutions import SolutionDisplay

__all__ = ["check", "show_solution"]


def check(lesson: str, namespace: dict[str, Any] | None = None, **options: Any) -> Feedback:
    """Check the exercises of a lesson in this notebook and show the feedback.

    Parameters
    ----------
    lesson : str
        Name of the lesson, for instance ``"encoding"``.
    namespace : dict, optional
        Where the answers live. The variables of the calling cell by default.
    **options
        ``exercise``, ``seed`` and ``widgets``, see `lessons.grader.notebook.check`.

    Returns
    -------
    Feedback
        Shown by the notebook; ``.report`` holds points and messages.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    import sys

    from lessons.grader.notebook import check as check_in_notebook

    if namespace is None:
        namespace = sys._getframe(1).f_globals
    return check_in_notebook(lesson, namespace, **options)


def show_solution(lesson: str, exercise: str) -> SolutionDisplay:
    """Return the reference answer of an exercise as a Markdown display object.

    Parameters
    ----------
    lesson, exercise : str
        Names, for instance ``"encoding"`` and ``"one_hot"``.

    Returns
    -------
    SolutionDisplay
        Renders as commentary with a Python code block in Jupyter and in the book.

    Raises
    ------
    ValueError
        If there is no such lesson or exercise.
    """
    from lessons.grader.solutions import show_solution as show

    return show(lesson, exercise)
