"""Which files the child may read: one list for the kernel and for the audit hook."""

from __future__ import annotations

import os
import sys

_SYSTEM = {
    "linux": (
        "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo",
        "/etc/ld.so.cache", "/etc/localtime", "/etc/ssl/openssl.cnf", "/dev/null", "/dev/zero",
        "/dev/random", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo",
        "/proc/sys/vm/overcommit_memory", "/proc/filesystems", "/sys/devices/system/cpu",
        "/sys/devices/system/node", "/proc/self/cmdline",
    ),
    "darwin": (
        "/usr/lib", "/usr/share", "/System", "/Library/Frameworks",
        "/private/var/db/timezone", "/dev/null", "/dev/random", "/dev/urandom",
    ),
    "win32": (os.environ.get("SYSTEMROOT", r"C:\Windows"),),
}  # fmt: skip
# A folder that holds something hidden is given out entry by entry, but not without end.
_MOST_ENTRIES = 5000


def readable(wanted: list[str], hidden: list[str]) -> tuple[str, ...]:
    """Return files and folders that may be read, none of which holds a hidden one.

    Parameters
    ----------
    wanted : list of str
        Real paths of folders.
    hidden : list of str
        Real paths that must stay out of reach.

    Returns
    -------
    tuple of str
        A folder that holds a hidden one is replaced by its other entries.
    """
    found: list[str] = []
    for path in (*wanted, *_SYSTEM.get(sys.platform, ())):
        found.extend(_without(os.path.realpath(path), hidden))
    return tuple(dict.fromkeys(found))


def _without(path: str, hidden: list[str]) -> list[str]:
    if any(within(path, secret) for secret in hidden):
        return []
    if not any(within(secret, path) for secret in hidden):
        return [path] if os.path.exists(path) else []
    try:
        entries = sorted(entry.path for entry in os.scandir(path) if not entry.is_symlink())
    except OSError:
        return []
    kept: list[str] = []
    for entry in entries[:_MOST_ENTRIES]:
        kept.extend(_without(entry, hidden))
    return kept


def listable(hidden: list[str]) -> tuple[str, ...]:
    """Return import folders that were given out entry by entry, so must still be listed."""
    return tuple(
        os.path.realpath(path)
        for path in sys.path
        if any(within(secret, os.path.realpath(path)) for secret in hidden)
    )


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it; both are real paths."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
