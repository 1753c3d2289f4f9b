"""Run a learner's cells and functions, and describe what happened as plain data."""

from __future__ import annotations

import linecache
import os
import re
import sys
import tempfile
import warnings
from types import TracebackType
from typing import Any

from . import wire

_MAGIC = re.compile(r"^(\s*)[%!]")
_LONGEST_TEXT = 600


class Missing(Exception):
    """A name that the worksheet should define and does not."""


class Worksheet:
    """The learner's variables, and the cells that made them.

    Parameters
    ----------
    namespace : dict
        Where cells are run and names are looked up.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self._sources: dict[str, list[str]] = {}

    def run(self, text: str, label: str, first_line: int = 1) -> None:
        """Run one cell.

        Parameters
        ----------
        text : str
            Python source; lines of notebook magic are left out.
        label : str
            How messages call the cell.
        first_line : int
            Line number of its first line.

        Raises
        ------
        BaseException
            Whatever the cell raises.
        """
        filename = f"<{label}>"
        lines = text.split("\n")
        self._sources[filename] = [""] * (first_line - 1) + lines
        shown = [line + "\n" for line in self._sources[filename]]
        # inspect.getsource and tracebacks find the learner's lines here.
        linecache.cache[filename] = (len(text), None, shown, filename)
        if lines[0].startswith("%%"):
            return
        plain = "\n".join(_MAGIC.sub(r"\1pass  # ", line) for line in lines)
        code = compile("\n" * (first_line - 1) + plain, filename, "exec", dont_inherit=True)
        exec(code, self.namespace)

    def find(self, name: str) -> Any:
        """Return the value of a name.

        Raises
        ------
        Missing
            If the worksheet does not define it.
        """
        try:
            return self.namespace[name]
        except KeyError:
            raise Missing(name) from None

    def answer(
        self, message: dict[str, Any], blobs: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Do what the message asks and describe the outcome.

        Parameters
        ----------
        message : dict
            ``op`` is "cell", "call", "value" or "model"; the rest belongs to it.
        blobs : list of bytes
            npy files of the arguments.

        Returns
        -------
        reply : dict
            ``status`` is "ok", "missing", "not-started", "error" or "unsendable".
        blobs : list of bytes
            npy files of the value, or the one model file.
        """
        try:
            # The learner's warnings are no verdict, whatever this process does with its own.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self._answer(message, blobs)
        except Missing as error:
            return {"status": "missing", "name": str(error)}, []
        except NotImplementedError as error:
            # Only the worksheet's own placeholder counts; a library may raise the same kind.
            if self._raised_here(error):
                return {"status": "not-started"}, []
            return {"status": "error", "error": self.describe(error)}, []
        except wire.WireError as error:
            return {"status": "unsendable", "what": _short(error)}, []
        except BaseException as error:
            return {"status": "error", "error": self.describe(error)}, []

    def _answer(
        self, message: dict[str, Any], blobs: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        operation = message["op"]
        if operation == "cell":
            self.run(message["text"], message["label"], message["first_line"])
            return {"status": "ok"}, []
        value = self.find(message["name"])
        if operation in ("call", "model"):
            arguments, keywords = wire.decode(message["arguments"], blobs, trusted=True)
            if not callable(value):
                raise TypeError(f"{message['name']} is no function, but {type(value).__name__}")
            value = value(*arguments, **keywords)
            if value is None and _is_empty(self.find(message["name"])):
                value = Ellipsis
        if value is Ellipsis:
            return {"status": "not-started"}, []
        if operation == "model":
            return {"status": "ok"}, [_save_model(value)]
        tree, made = wire.encode(value)
        return {"status": "ok", "value": tree}, made

    def describe(self, error: BaseException) -> dict[str, Any]:
        """Describe an exception by its kind, its message and the learner's own line.

        Parameters
        ----------
        error : BaseException
            What was raised.

        Returns
        -------
        dict
            ``type``, ``message``, ``label``, ``number`` (line, counted from 1) and ``line``.
        """
        label, number, line = self._place(error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename in self._sources:
            label, number = str(error.filename), int(error.lineno or 1)
            lines = self._sources[label]
            line = lines[number - 1] if 0 < number <= len(lines) else ""
        return {
            "type": type(error).__name__,
            "message": _short(error.msg if isinstance(error, SyntaxError) else error),
            "label": label.strip("<>"),
            "number": number,
            "line": line.strip()[:200],
        }

    def _place(self, trace: TracebackType | None) -> tuple[str, int, str]:
        """Return cell, line number and line of the deepest frame that is the learner's own."""
        place = ("", 0, "")
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_globals is self.namespace:
                filename, number = frame.f_code.co_filename, trace.tb_lineno
                label = filename if filename in self._sources else "your cell"
                place = (label, number, linecache.getline(filename, number))
            trace = trace.tb_next
        return place

    def _raised_here(self, error: BaseException) -> bool:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        return trace is not None and trace.tb_frame.f_globals is self.namespace


def _short(error: object) -> str:
    # An exception may come with a __str__ that itself misbehaves.
    try:
        return str(error)[:_LONGEST_TEXT]
    except BaseException:
        return ""


def _is_empty(function: Any) -> bool:
    """Whether a function's body is nothing but a docstring, ``...`` or ``pass``."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_names:
        return False
    return all(constant is None or isinstance(constant, str) for constant in code.co_consts)


def _save_model(model: Any) -> bytes:
    if (
        not any(base.__name__ == "Model" for base in type(model).__mro__)
        or "keras" not in sys.modules
    ):
        raise wire.WireError(f"{type(model).__name__} where a Keras model is expected")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        with open(path, "rb") as file:
            return file.read()
