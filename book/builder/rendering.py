"""Jupyter Book itself, with execution off: from the staged folder to HTML."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from builder import BuildError
from builder.outputs import strip_ansi

_WARNING = re.compile(r"\b(WARNING|ERROR|CRITICAL|SEVERE)\b|Traceback|Exception occurred")


def render(stage: Path, *, strict_for: str | None = None) -> Path:
    """Run Jupyter Book over the staged folder.

    Parameters
    ----------
    stage : Path
        Folder with ``_toc.yml``, ``_config.yml`` and the pages.
    strict_for : str, optional
        Stem of the one page whose warnings count. All warnings count by default.

    Returns
    -------
    Path
        Folder of the HTML that was written.

    Raises
    ------
    BuildError
        Where there is a warning that counts, or Jupyter Book fails.
    """
    # Through this interpreter, not through whichever jupyter-book comes first on the path.
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(stage), "-n", "-q"]
    command += ["--keep-going"] + ([] if strict_for else ["-W"])
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        check=False,
    )
    output = strip_ansi(done.stdout)
    complaints = [line for line in output.splitlines() if _WARNING.search(line)]
    if done.returncode != 0 or complaints:
        # Sphinx does not read an unchanged page again, and so would not complain again.
        shutil.rmtree(stage / "_build" / ".doctrees", ignore_errors=True)
    if strict_for:
        complaints = [line for line in complaints if f"{strict_for}." in line]
    if complaints:
        told = _shorten(complaints, stage)
        raise BuildError(f"Jupyter Book found fault with the pages:\n\n{told}")
    if done.returncode != 0:
        raise BuildError(f"Jupyter Book failed:\n\n{output[-4000:]}")
    return stage / "_build" / "html"


def _shorten(lines: list[str], stage: Path) -> str:
    """Warnings, once each, with paths relative to the staged folder."""
    return "\n".join(dict.fromkeys(line.replace(f"{stage}{os.sep}", "") for line in lines))
