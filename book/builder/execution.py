"""One chapter in one kernel: its outputs, its time, its memory."""

import asyncio
import os
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from builder import BuildError
from builder.contents import Page, read_notebook
from builder.measure import Monitor, Usage
from builder.outputs import remove_stderr, remove_timing, strip_ansi

CELL_TIMEOUT = 300
"""Seconds after which a cell counts as hanging."""


@dataclass(frozen=True)
class Measurement:
    """What executing a chapter took.

    Parameters
    ----------
    stem, title : str
        The chapter.
    wall_seconds, cpu_seconds : float
        From the start of its kernel to its last cell; CPU time of the kernel.
    peak_bytes : int
        Peak resident memory of the kernel and its children.
    cells : int
        Number of code cells.
    slowest_cell : int
        Its number among the code cells, from 1; 0 where there is none.
    slowest_seconds : float
        Time of that cell.
    slowest_source : str
        First line of that cell that is not a comment.
    from_cache : bool
        Whether these numbers are from an earlier build.
    """

    stem: str
    title: str
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    cells: int
    slowest_cell: int
    slowest_seconds: float
    slowest_source: str
    from_cache: bool = False

    def as_dict(self) -> dict:
        """All fields, ready for JSON."""
        return asdict(self)


class CellFailed(BuildError):
    """A cell of a chapter raised, hung or killed its kernel."""

    def __init__(self, message: str, notebook: nbformat.NotebookNode):
        super().__init__(message)
        self.notebook = notebook


@dataclass
class _Progress:
    """Which cell runs, and how long the finished ones took."""

    current: int = 0
    started: float = 0.0
    seconds: dict[int, float] = field(default_factory=dict)

    def start(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        self.current, self.started = cell_index, time.perf_counter()

    def end(self, cell: nbformat.NotebookNode, cell_index: int, **_: object) -> None:
        self.seconds[cell_index] = time.perf_counter() - self.started


def kernel_environment(repository: Path, threads: int) -> dict[str, str]:
    """Environment variables of a chapter's kernel.

    Parameters
    ----------
    repository : Path
        Its packages are imported, whatever else is installed.
    threads : int
        Threads that numerical libraries may use, so that chapters that run side
        by side do not crowd each other out.
    """
    environment = dict(os.environ)
    path = [str(repository), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(part for part in path if part)
    environment["PYTHONHASHSEED"] = "0"
    environment.setdefault("KERAS_BACKEND", "tensorflow")
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A backend from the builder's own shell must not decide how figures are shown.
    environment.pop("MPLBACKEND", None)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        environment.setdefault(name, str(threads))
    return environment


def execute(
    page: Page, repository: Path, *, threads: int = 1, cell_timeout: float = CELL_TIMEOUT
) -> tuple[nbformat.NotebookNode, Measurement]:
    """Execute a chapter in a fresh kernel and an empty working folder.

    Parameters
    ----------
    page : Page
        The chapter.
    repository : Path
        Folder that holds the packages that it imports.
    threads : int
        Threads for numerical libraries.
    cell_timeout : float
        Seconds that one cell may take.

    Returns
    -------
    notebook : nbformat.NotebookNode
        With outputs, without standard error.
    measurement : Measurement

    Raises
    ------
    CellFailed
        Where a cell raises, hangs or ends the kernel: names chapter, line, cell, error.
    """
    notebook = read_notebook(page.path)
    progress = _Progress()
    environment = kernel_environment(repository, threads)
    with (
        tempfile.TemporaryDirectory(prefix="chapter-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as messages,
    ):
        client = NotebookClient(
            notebook,
            timeout=cell_timeout,
            kernel_name="python3",
            extra_arguments=["--IPKernelApp.log_level=40"],
            resources={"metadata": {"path": folder}},
            on_cell_execute=progress.start,
            on_cell_executed=progress.end,
        )
        begin = time.perf_counter()
        try:
            # A loop of its own, which is closed again: chapters run in threads.
            usage = asyncio.run(_run_cells(client, environment, messages))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            message = describe_failure(page, notebook, progress.current, error, cell_timeout)
            if isinstance(error, DeadKernelError):
                message += "\n\n" + _last_words(messages)
            raise CellFailed(message.rstrip(), notebook) from error
        wall = time.perf_counter() - begin
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    remove_stderr(notebook)
    remove_timing(notebook)
    return notebook, _measurement(page, notebook, progress.seconds, wall, usage)


async def _run_cells(
    client: NotebookClient, environment: dict[str, str], messages: BinaryIO
) -> Usage:
    """Run every cell in a fresh kernel; returns what the kernel used.

    What compiled libraries write past Python, to the process's own output, goes to `messages`.
    """
    async with client.async_setup_kernel(env=environment, stdout=messages, stderr=messages):
        monitor = Monitor(client.km.provisioner.process.pid)
        try:
            for index, cell in enumerate(client.nb.cells):
                await client.async_execute_cell(cell, index)
        finally:
            usage = monitor.stop()
    return usage


def _measurement(
    page: Page,
    notebook: nbformat.NotebookNode,
    seconds: dict[int, float],
    wall: float,
    usage: Usage,
) -> Measurement:
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    slowest = max(seconds, key=seconds.__getitem__, default=None)
    return Measurement(
        stem=page.stem,
        title=page.title,
        wall_seconds=round(wall, 2),
        cpu_seconds=round(usage.cpu_seconds, 2),
        peak_bytes=usage.peak_bytes,
        cells=len(code),
        slowest_cell=code.index(slowest) + 1 if slowest is not None else 0,
        slowest_seconds=round(seconds[slowest], 2) if slowest is not None else 0.0,
        slowest_source=_first_line(notebook.cells[slowest].source) if slowest is not None else "",
    )


def _first_line(source: str) -> str:
    """First line of a cell that says something."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("#", ":", "import ", "from "))]
    return (told or lines or [""])[0]


def describe_failure(
    page: Page, notebook: nbformat.NotebookNode, index: int, error: Exception, limit: float
) -> str:
    """Readable account of a failed cell: chapter, line, cell, its source and the error."""
    source = notebook.cells[index].source
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    text = page.path.read_text(encoding="utf-8")
    position = text.find(source)
    line = f", line {text.count(chr(10), 0, position) + 1}" if position >= 0 else ""
    if isinstance(error, CellTimeoutError):
        reason = f"The cell ran longer than {limit:g} s and was stopped."
    elif isinstance(error, DeadKernelError):
        reason = "The kernel died while the cell ran, most often for want of memory."
    else:
        reason = f"{error.ename}: {error.evalue}\n\n{_last_frames(error.traceback)}"
    shown = "\n".join(f"    {row}" for row in source.splitlines()[:12])
    return f"{page.path.name}{line}: code cell {number} failed.\n\n{shown}\n\n{reason}".rstrip()


def _last_words(messages: BinaryIO, limit: int = 10) -> str:
    """The end of what a kernel wrote to its own output before it died."""
    messages.seek(0)
    lines = strip_ansi(messages.read().decode(errors="replace")).strip().splitlines()
    return "\n".join(f"    {line}" for line in lines[-limit:])


def _last_frames(traceback: str, limit: int = 25) -> str:
    """The end of a traceback, where the error is, without colours."""
    lines = strip_ansi(traceback).strip().splitlines()
    return "\n".join(f"    {line}" for line in lines[-limit:])
