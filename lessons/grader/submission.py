"""How a check talks to somebody's work, in this process or in a child."""

from __future__ import annotations

import re
import sys
from typing import Any

from lessons.grader.exercises import Exercise, NotPassed
from lessons.grader.sandbox import wire
from lessons.grader.sandbox.learner import Worksheet
from lessons.grader.source import Cell, exercise_text


class Submission:
    """Somebody's answers to a lesson.

    Parameters
    ----------
    cells : list of Cell
        The code of the work.

    Notes
    -----
    Arguments and values travel as JSON and npy, also where everything happens in one
    process. So a function gets copies of its arguments, and what comes back is made of
    plain kinds only: None, truth values, numbers, text, lists, tuples, sets, dicts, NumPy
    arrays and pandas tables. A dataclass comes back as a namespace with the same fields.
    """

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = cells

    def call(self, name: str, /, *arguments: Any, **keywords: Any) -> Any:
        """Call one of the learner's functions and return what it returns.

        Parameters
        ----------
        name : str
            Name of the function.
        *arguments, **keywords
            None, truth values, numbers, text, lists, tuples, dicts, NumPy arrays, pandas
            tables, or dataclasses of geneml and data_sim.

        Returns
        -------
        any
            The value, of plain kinds.

        Raises
        ------
        NotPassed
            If the function is missing, not started, raises, takes too long, or returns
            something that cannot be sent.
        """
        tree, blobs = wire.encode((arguments, keywords))
        message = {"op": "call", "name": name, "arguments": tree}
        return self._value(name, *self._ask(message, blobs))

    def value(self, name: str) -> Any:
        """Return the value of one of the learner's variables.

        Parameters
        ----------
        name : str
            Name of the variable.

        Returns
        -------
        any
            The value, of plain kinds.

        Raises
        ------
        NotPassed
            If it is missing, still ``...``, or cannot be sent.
        """
        return self._value(name, *self._ask({"op": "value", "name": name}, []))

    def model(self, name: str, /, *arguments: Any, **keywords: Any) -> Any:
        """Call a function that builds a Keras model, and return the model.

        Parameters
        ----------
        name : str
            Name of the function.
        *arguments, **keywords
            As for `call`.

        Returns
        -------
        keras.Model
            Read from a .keras file with ``safe_mode=True`` after an inspection of it.

        Raises
        ------
        NotPassed
            As for `call`, and if the file holds anything but Keras's and geneml's layers.
        """
        from lessons.grader.models import read_model

        tree, blobs = wire.encode((arguments, keywords))
        message = {"op": "model", "name": name, "arguments": tree}
        reply, received = self._ask(message, blobs)
        self._raise_unless_ok(name, reply)
        if len(received) != 1:
            raise NotPassed(f"{name} returned no model.", status="wrong")
        return read_model(received[0], name)

    def begin(self, exercise: Exercise) -> None:
        """Prepare for the next exercise; a child gives each its own time."""

    def source(self, exercise: str) -> str:
        """Return the learner's text of one exercise; empty if there is none."""
        return exercise_text(self.cells, exercise)

    def _ask(
        self, message: dict[str, Any], blobs: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        raise NotImplementedError("a submission is an InProcessSubmission or a ChildSubmission")

    def _value(self, name: str, reply: dict[str, Any], blobs: list[bytes]) -> Any:
        self._raise_unless_ok(name, reply)
        try:
            value = wire.decode(reply.get("value"), blobs)
        except (wire.WireError, RecursionError, MemoryError) as error:
            raise NotPassed(
                f"What {name} gave back could not be read.", status="refused"
            ) from error
        if value is Ellipsis or (
            isinstance(value, (tuple, list)) and any(part is Ellipsis for part in value)
        ):
            raise NotPassed("Not started yet.", status="not-started")
        return value

    def _raise_unless_ok(self, name: str, reply: dict[str, Any]) -> None:
        status = reply.get("status")
        if status == "ok":
            return
        if status == "not-started":
            raise NotPassed("Not started yet.", status="not-started")
        if status == "missing":
            raise self._missing(name)
        if status == "unsendable":
            raise NotPassed(
                f"{name} gave back something that I cannot read: {plain(reply.get('what'))}. "
                "Return numbers, text, lists or NumPy arrays.",
                status="wrong",
            )
        error = reply.get("error")
        raise error_to_feedback(error if isinstance(error, dict) else {})

    def _missing(self, name: str) -> NotPassed:
        """Say why a name is missing; an error in the cell that defines it comes first."""
        defines = re.compile(
            rf"^[ \t]*(def[ \t]+{re.escape(name)}\b|{re.escape(name)}[ \t]*=)", re.M
        )
        for cell, failure in self._failed_cells():
            if cell.exercise == name or defines.search(cell.text):
                return NotPassed(
                    f"The cell with {plain(name)} did not run. {failure.message}",
                    status=failure.status,
                    line=failure.line,
                )
        text = f"I found no {plain(name)!r}. Keep the name that the worksheet gave it."
        others = re.findall(r"^def[ \t]+(\w+)", exercise_text(self.cells, name), re.M)
        if others:
            text += f" Its cell defines {plain(others[-1], 60)!r}."
        for _, failure in self._failed_cells():
            text += f" A cell did not run: {failure.message} ({failure.line or 'no line'})"
            break
        return NotPassed(text, status="error")

    def _failed_cells(self) -> list[tuple[Cell, NotPassed]]:
        """Return the cells that did not run, and why."""
        return []


def error_to_feedback(error: dict[str, Any]) -> NotPassed:
    """Turn the description of an exception into feedback.

    Parameters
    ----------
    error : dict
        As made by `Worksheet.describe`; nothing in it is trusted.

    Returns
    -------
    NotPassed
        With the learner's own line.
    """
    kind, message = plain(error.get("type")), plain(error.get("message"))
    text = f"Your code stopped with {kind}: {message}" if message else f"Your code raised {kind}."
    label, number, line = plain(error.get("label")), error.get("number"), plain(error.get("line"))
    where = f"{label}, line {number}: {line}" if label and type(number) is int else None
    return NotPassed(text, status="error", line=where)


def plain(text: Any, longest: int = 600) -> str:
    """Return text without control characters, which could forge a terminal's output."""
    shown = str(text if text is not None else "")[:longest]
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in shown)


class InProcessSubmission(Submission):
    """Answers that live in this very process: the learner's own notebook, or our own solution.

    Parameters
    ----------
    namespace : dict
        The variables.
    cells : list of Cell
        The source, where it is known.
    """

    def __init__(self, namespace: dict[str, Any], cells: list[Cell] | None = None) -> None:
        super().__init__(cells or [])
        self._worksheet = Worksheet(namespace)
        self._failures: list[tuple[Cell, NotPassed]] = []

    @classmethod
    def from_cells(cls, cells: list[Cell]) -> InProcessSubmission:
        """Run trusted cells here and return them as a submission.

        Parameters
        ----------
        cells : list of Cell
            Code that is safe to run: a lesson's solution, never a learner's file.

        Returns
        -------
        InProcessSubmission
            Cells that failed are mentioned when a name is missing.
        """
        made = cls({"__name__": "worksheet"}, cells)
        # Dataclasses look their module up by name.
        sys.modules.setdefault("worksheet", type(sys)("worksheet"))
        for cell in cells:
            if not cell.explore:
                message = {
                    "op": "cell",
                    "text": cell.text,
                    "label": cell.label,
                    "first_line": cell.first_line,
                }
                reply, _ = made._worksheet.answer(message, [])
                if reply["status"] == "error":
                    made._failures.append((cell, error_to_feedback(reply["error"])))
        return made

    def _ask(
        self, message: dict[str, Any], blobs: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        reply, made = self._worksheet.answer(message, blobs)
        if reply.get("status") == "error" and reply["error"]["type"] == "KeyboardInterrupt":
            raise KeyboardInterrupt
        return reply, made

    def _failed_cells(self) -> list[tuple[Cell, NotPassed]]:
        return self._failures
