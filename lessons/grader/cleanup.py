"""Leave nothing behind: no process, no file."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import subprocess
import sys
import threading

_PR_SET_CHILD_SUBREAPER = 36
_MOST_FILES = 20_000
_lock = threading.Lock()
_adopting = 0


def adopt_orphans() -> None:
    """On Linux, have orphaned descendants come back to this process, so that it can end them."""
    _subreaper(+1)


def release_orphans() -> None:
    """Undo one `adopt_orphans`."""
    _subreaper(-1)


def _subreaper(step: int) -> None:
    global _adopting
    if sys.platform != "linux":
        return
    with _lock:
        _adopting = max(_adopting + step, 0)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1 if _adopting else 0, 0, 0, 0)


def kill_session(
    process: subprocess.Popen[bytes], marker: str, descendants: set[int], thorough: bool
) -> None:
    """Kill a child, its session, and descendants that left the session.

    Parameters
    ----------
    process : subprocess.Popen
        The child, leader of its session.
    marker : str
        Value of an environment variable that the child's descendants inherit.
    descendants : set of int
        Process ids seen below the child while it lived.
    thorough : bool
        Whether to look through all processes for the marker. Not needed where the kernel
        kept the child from starting any.
    """
    import psutil

    found: list[psutil.Process] = []
    if process.poll() is None:
        try:
            found = psutil.Process(process.pid).children(recursive=True) if thorough else []
        except psutil.Error:
            found = []
        _kill_group(process.pid)
        process.kill()
    if not thorough:
        return
    # A fork bomb makes new ones while the old are killed: look until none is left.
    for _ in range(50):
        found += [one for one in psutil.process_iter() if _belongs(one, marker, descendants)]
        if not found:
            break
        for one in found:
            _kill_quietly(one)
        psutil.wait_procs(found, timeout=1)
        found = []
    _reap_session(process.pid)


def _reap_session(session: int) -> None:
    """Collect dead processes of the child's session that came back before anyone saw them."""
    import psutil

    for one in psutil.Process().children():
        try:
            # Only that session: other dead children are waited for by whoever started them.
            if one.pid != session and os.getsid(one.pid) == session:
                os.waitpid(one.pid, os.WNOHANG)
        except (AttributeError, OSError, psutil.Error):
            continue


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):
        return


def _belongs(process: object, marker: str, descendants: set[int]) -> bool:
    import psutil

    assert isinstance(process, psutil.Process)
    if process.pid == os.getpid():
        return False
    try:
        if process.pid in descendants:
            # The number may have been given to somebody else since: only what came back to
            # this process, or still carries the mark, is ours to end.
            return process.ppid() == os.getpid() or _marked(process, marker)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return _marked(process, marker)
    except (psutil.NoSuchProcess, OSError):
        return False


def _marked(process: object, marker: str) -> bool:
    """Whether a process carries the child's mark, or hides it after coming back as an orphan."""
    import psutil

    assert isinstance(process, psutil.Process)
    try:
        return process.environ().get("GENEML_CHECK_ID") == marker
    except psutil.AccessDenied:
        # A descendant of the child is closed to being looked into, as the child was. An own
        # child of this process in a session that is not its own is nothing else.
        return (
            _adopting == 1
            and process.ppid() == os.getpid()
            and os.getsid(process.pid) not in (os.getsid(0), process.ppid())
        )
    except psutil.Error:
        return False


def _kill_quietly(process: object) -> None:
    import psutil

    assert isinstance(process, psutil.Process)
    try:
        process.kill()
    except psutil.Error:
        return


def folder_size(folder: str, enough: int) -> int:
    """Return the bytes in a folder, or more than `enough` as soon as that is certain.

    Parameters
    ----------
    folder : str
        The folder; links are not followed.
    enough : int
        When to stop counting. Very many files count as too much as well.

    Returns
    -------
    int
        Bytes.
    """
    total = count = 0
    waiting = [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            count += 1
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
            except OSError:
                continue
            if total > enough or count > _MOST_FILES:
                return enough + 1
    return total


def remove_tree(folder: str) -> None:
    """Remove a folder, however deep it is nested and whatever its permissions.

    Parameters
    ----------
    folder : str
        The folder. Nobody may be writing to it any more.

    Notes
    -----
    A hostile tree can be too deep for recursion and its paths too long for the system. Sub-
    folders are therefore moved up to the top before they are emptied, so that no path is
    ever longer than two steps. Links are removed, not followed.
    """
    waiting = [folder]
    while waiting:
        current = waiting[-1]
        try:
            os.chmod(current, 0o700)
            entries = list(os.scandir(current))
        except OSError:
            return
        below = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if current == folder:
                        below.append(entry.path)
                    else:
                        up = os.path.join(folder, secrets.token_hex(8))
                        os.chmod(entry.path, 0o700)
                        os.rename(entry.path, up)
                        waiting.insert(1, up)
                else:
                    os.unlink(entry.path)
            except OSError:
                continue
        if below and len(waiting) == 1:
            waiting.extend(below)
            continue
        waiting.pop()
        try:
            os.rmdir(current)
        except OSError:
            continue
