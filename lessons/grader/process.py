"""A disposable child process: started, fed, watched, and taken away with all it left.

The parent keeps the checks, the expected values and the score. The child gets cells and
arguments and sends values. Whatever it sends is read as hostile data, and a child that
sends nothing earns nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, cast

from lessons.grader import cleanup, surroundings
from lessons.grader.limits import MB, Limits, Protections
from lessons.grader.sandbox import messages, wire

_KEPT_OUTPUT = 4096
_BOOT = """
import json, sys
grader, paths = sys.argv[1], json.loads(sys.argv[2])
sys.argv = [""]
sys.path[:] = [grader, *paths]
from sandbox.runner import main
sys.path.remove(grader)
main()
"""


class Stopped(Exception):
    """The child ended or was ended before it answered; the text says why."""


class Child:
    """One child process.

    Parameters
    ----------
    limits : Limits
        What it may use.
    protections : Protections
        What it should put up.
    hidden : tuple of Path
        Folders that it must not read.
    """

    def __init__(self, limits: Limits, protections: Protections, hidden: tuple[Path, ...]) -> None:
        self._limits = limits
        self._protections = protections
        self._hidden = hidden
        self._marker = secrets.token_hex(16)
        self._reason: str | None = None
        self._replies: queue.Queue[Any] = queue.Queue()
        self._printed = 0
        self.output = b""
        self._closed = threading.Event()
        self._folder: str = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._descendants: set[int] = set()
        self._can_fork = True

    def start(self) -> list[str]:
        """Start the process and put up its protections.

        Returns
        -------
        list of str
            Names of the protections that are active.

        Raises
        ------
        Stopped
            If it does not come up.
        """
        self._folder = os.path.realpath(tempfile.mkdtemp(prefix="geneml-check-"))
        cleanup.adopt_orphans()
        try:
            return self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> list[str]:
        grader = str(Path(__file__).resolve().parent)
        flags = ["-I", "-B", "-X", "utf8"]
        paths = json.dumps(surroundings.import_paths())
        self._process = subprocess.Popen(
            [sys.executable, *flags, "-c", _BOOT, grader, paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env=surroundings.environment(self._folder, self._marker),
            start_new_session=True,
            close_fds=True,
        )
        for work in (self._read_replies, self._drain_output, self._watch):
            threading.Thread(target=work, daemon=True).start()
        start = {
            "op": "start",
            "folder": self._folder,
            "limits": asdict(self._limits),
            "protections": asdict(self._protections),
            "packages": surroundings.packages(),
            "readable": surroundings.readable_paths(),
            "hidden": [str(path) for path in (*self._hidden, *surroundings.hidden_paths())],
        }
        reply, _, _ = self.ask(start, [], 60.0)
        active = reply.get("active")
        if not isinstance(active, list):
            raise Stopped("The checking process did not start.")
        names = [str(name)[:40] for name in active]
        self._can_fork = "seccomp" not in names
        return ["own-session", "watched", *names]

    def ask(
        self, message: dict[str, Any], blobs: list[bytes], seconds: float
    ) -> tuple[dict[str, Any], list[bytes], float]:
        """Send a message and wait for its answer.

        Parameters
        ----------
        message : dict
            ``op`` and what belongs to it.
        blobs : list of bytes
            Arrays of the message.
        seconds : float
            How long to wait.

        Returns
        -------
        reply : dict
            From the child: hostile data.
        blobs : list of bytes
            Its arrays.
        seconds : float
            How long it took.

        Raises
        ------
        Stopped
            If no proper answer comes in time. The child is then dead.
        """
        assert self._process is not None
        stdin = cast(BinaryIO, self._process.stdin)
        number = secrets.token_hex(8)
        began = time.monotonic()
        # A child that does not read must not hold the parent: killing it ends the write.
        alarm = threading.Timer(seconds, self._kill, ["time"])
        alarm.daemon = True
        alarm.start()
        try:
            messages.write_message(stdin, {**message, "id": number}, blobs)
            answer = self._replies.get(timeout=seconds + 5)
        except queue.Empty:
            answer = None
        except OSError:
            answer = None
        finally:
            alarm.cancel()
        if answer is None or isinstance(answer, wire.WireError):
            self._kill("broken" if answer is not None else "ended")
            raise Stopped(self._why(seconds))
        reply, received = answer
        if reply.get("id") != number:
            self._kill("forged")
            raise Stopped(self._why(seconds))
        return reply, received, time.monotonic() - began

    def _why(self, seconds: float) -> str:
        assert self._process is not None
        code = self._process.wait(timeout=10)
        texts = {
            "time": f"Your code ran longer than {seconds:.3g} s and was stopped. "
            "Is there a loop that never ends?",
            "memory": "Your code used more than "
            f"{self._limits.memory_bytes // MB} MB of memory and was stopped.",
            "output": "Your code printed too much and was stopped.",
            "files": "Your code wrote too much to disk and was stopped.",
            "threads": "Your code started too many threads and was stopped.",
            "processes": "Your code started another process, which is not allowed here.",
            "broken": "Your code disturbed the checking process, which was stopped.",
            "forged": "Your code disturbed the checking process, which was stopped.",
        }
        if self._reason in texts:
            return texts[self._reason]
        by_signal = {"SIGXCPU": texts["time"], "SIGXFSZ": texts["files"]}
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            return by_signal.get(name, f"Your code crashed the Python process ({name}).")
        return f"Your code ended the Python process (exit code {code}) before it answered."

    def _read_replies(self) -> None:
        assert self._process is not None
        stdout = cast(BinaryIO, self._process.stdout)
        try:
            while (message := messages.read_message(stdout)) is not None:
                self._replies.put(message)
            self._replies.put(None)
        except (wire.WireError, OSError, ValueError, MemoryError) as error:
            self._replies.put(error if isinstance(error, wire.WireError) else None)

    def _drain_output(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        try:
            while part := os.read(self._process.stderr.fileno(), 65536):
                self._printed += len(part)
                self.output = (self.output + part)[-_KEPT_OUTPUT:]
                if self._printed > self._limits.output_bytes:
                    self._kill("output")
                    return
        except (OSError, ValueError):
            return

    def _watch(self) -> None:
        """Look at memory, threads, files and descendants until the child is gone."""
        import psutil

        assert self._process is not None
        try:
            process = psutil.Process(self._process.pid)
            turn = 0
            while not self._closed.wait(0.05) and self._process.poll() is None:
                turn += 1
                memory = process.memory_info().rss
                if self._can_fork and turn % 2 == 0:
                    found = process.children(recursive=True)
                    self._descendants.update(child.pid for child in found)
                    if found:
                        self._kill("processes")
                if memory > self._limits.memory_bytes:
                    self._kill("memory")
                if process.num_threads() > self._limits.threads:
                    self._kill("threads")
                if turn % 10 == 0:
                    size = cleanup.folder_size(self._folder, self._limits.folder_bytes)
                    if size > self._limits.folder_bytes:
                        self._kill("files")
        except psutil.Error:
            return

    def _kill(self, reason: str) -> None:
        if self._reason is None:
            self._reason = reason
        if self._process is not None:
            cleanup.kill_session(self._process, self._marker, self._descendants, self._can_fork)

    def close(self) -> None:
        """End the child and everything it started, and remove its folder."""
        self._closed.set()
        if self._process is not None:
            self._kill("closed")
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError, ValueError):
                        stream.close()
            self._process.wait(timeout=10)
        if self._folder:
            cleanup.remove_tree(self._folder)
        cleanup.release_orphans()
