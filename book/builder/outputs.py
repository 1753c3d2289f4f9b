"""What becomes of a cell's outputs on their way to the page."""

import re

import nbformat

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def strip_ansi(text: str) -> str:
    """Text without terminal colour codes."""
    return _ANSI.sub("", text)


def remove_stderr(notebook: nbformat.NotebookNode) -> None:
    """Drop what libraries wrote to standard error, in place.

    TensorFlow logs there even at its quietest level. Failures do not depend on
    it: an exception is an output of its own kind and ends the build.
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = [
            output
            for output in cell.outputs
            if not (output.output_type == "stream" and output.name == "stderr")
        ]


def remove_timing(notebook: nbformat.NotebookNode) -> None:
    """Drop time stamps of cells, in place, so that the same result is the same file."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def clear(notebook: nbformat.NotebookNode) -> None:
    """Drop all outputs and execution counts, in place."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
