"""Python's audit hook: refuses what a check never needs, on every system.

A hook in Python can be got round by somebody determined, through memory that NumPy lets
them reach. Where the kernel helps (`kernel`), it is the second fence; elsewhere the only
one.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType
from typing import Any

from .access import within

_REFUSED = frozenset(
    {
        "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system",
        "os.startfile", "os.kill", "os.killpg", "os.chmod", "os.chown", "os.lchmod",
        "os.setxattr", "os.removexattr", "os.symlink", "os.link", "os.utime", "os.chflags",
        "subprocess.Popen", "pty.spawn", "signal.pthread_kill",
        "socket.__new__", "socket.connect", "socket.bind", "socket.sendto",
        "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
        "urllib.Request", "ftplib.connect", "smtplib.connect", "webbrowser.open",
        "resource.prlimit", "resource.setrlimit", "fcntl.flock", "fcntl.lockf",
        "syslog.openlog", "gc.get_objects", "gc.get_referrers", "gc.get_referents",
        "sys._current_frames", "winreg.ConnectRegistry", "winreg.CreateKey",
        "winreg.SetValue",
    }
)  # fmt: skip
_WRITES_ONE = frozenset(
    {
        "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree",
        "tempfile.mkdtemp", "tempfile.mkstemp",
    }
)  # fmt: skip
_WRITES_TWO = frozenset(
    {
        "os.rename", "shutil.move", "shutil.copyfile", "shutil.copytree",
        "shutil.make_archive",
    }
)  # fmt: skip
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


class Refused(PermissionError):
    """The learner's code asked for something that is not allowed while checking."""


class _OwnPackages(MetaPathFinder):
    """Finds geneml and data_sim by folder; hides everything about the lessons."""

    def __init__(self, packages: dict[str, str]) -> None:
        self._packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the spec of an own package."""
        if name.partition(".")[0] == "lessons":
            raise ModuleNotFoundError(
                "lessons cannot be imported while your work is being checked", name=name
            )
        folder = self._packages.get(name)
        if folder is None:
            return None
        return importlib.util.spec_from_file_location(
            name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
        )


def hand_over(packages: dict[str, str]) -> None:
    """Let geneml and data_sim be imported from their folders, and lessons not at all.

    Parameters
    ----------
    packages : dict of str to str
        Folder by name.
    """
    sys.meta_path.insert(0, _OwnPackages(packages))


def install(
    readable: tuple[str, ...], hidden: list[str], folder: str, channel: tuple[int, int]
) -> None:
    """Install the hook. It cannot be taken out again.

    Parameters
    ----------
    readable : tuple of str
        Files and folders that may be read.
    hidden : list of str
        Paths that may not, even where a readable one holds them.
    folder : str
        The child's own folder: may be written.
    channel : tuple of int
        Descriptors to the parent, which the learner's code must not open.
    """
    real, inside, getframe = os.path.realpath, within, sys._getframe
    prefixes = (os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix))
    known: dict[str, bool] = {}

    def may_read(path: Any) -> bool:
        if isinstance(path, int):
            return path not in channel
        place = real(os.fsdecode(path))
        answer = known.get(place)
        if answer is None:
            allowed = (*readable, folder)
            answer = any(inside(place, one) for one in allowed) and not any(
                inside(place, one) for one in hidden
            )
            # What is not there hides nothing, and libraries look for many such files.
            answer = answer or not os.path.lexists(place)
            known[place] = answer
        return answer

    def may_write(path: Any) -> bool:
        if isinstance(path, int):
            return path not in channel
        place = real(os.fsdecode(path))
        return inside(place, folder) or place == os.devnull

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if path is None:
                return
            writes = (isinstance(mode, str) and any(c in mode for c in "wax+")) or (
                isinstance(flags, int) and mode is None and bool(flags & _WRITE_FLAGS)
            )
            if not (may_write(path) if writes else may_read(path)):
                raise Refused(f"opening {path!r} is not allowed while your work is checked")
        elif event in _REFUSED:
            raise Refused(f"{event} is not allowed while your work is checked")
        elif event.startswith("ctypes."):
            if not _from_library(getframe(1), prefixes):
                raise Refused("ctypes is not allowed while your work is checked")
        elif event in _WRITES_ONE:
            if arguments[0] is not None and not may_write(arguments[0]):
                raise Refused(f"{event} is not allowed outside your own folder")
        elif event in _WRITES_TWO:
            if not all(may_write(path) for path in arguments[:2] if path is not None):
                raise Refused(f"{event} is not allowed outside your own folder")
        elif event in ("os.listdir", "os.scandir"):
            path = arguments[0]
            if path is not None and not may_read(path) and not _imports(getframe(1)):
                raise Refused(f"listing {path!r} is not allowed while your work is checked")

    sys.addaudithook(hook)


def _from_library(frame: FrameType | None, prefixes: tuple[str, ...]) -> bool:
    """Whether ctypes was called by an installed library rather than by the learner."""
    while frame is not None and "ctypes" in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None:
        return True
    filename = frame.f_code.co_filename
    return filename.startswith("<frozen") or any(within(filename, one) for one in prefixes)


def _imports(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith("<frozen importlib")
