"""Limits of the operating system on the child. Windows has none of these."""

from __future__ import annotations

from typing import Any


def apply(limits: dict[str, Any]) -> list[str]:
    """Set the limits, lowering hard and soft ones alike.

    Parameters
    ----------
    limits : dict
        ``address_bytes``, ``cpu_seconds``, ``file_bytes``; see `lessons.grader.process.Limits`.

    Returns
    -------
    list of str
        ``["resource-limits"]`` where the system has them.
    """
    try:
        import resource
    except ImportError:
        return []
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": limits["cpu_seconds"],
        "RLIMIT_FSIZE": limits["file_bytes"],
        "RLIMIT_NOFILE": 512,
        # Queues of messages outlive the process that made them.
        "RLIMIT_MSGQUEUE": 0,
    }
    if limits["address_bytes"]:
        wanted["RLIMIT_AS"] = limits["address_bytes"]
    done = False
    for name, value in wanted.items():
        if hasattr(resource, name):
            done |= _lower(resource, getattr(resource, name), value)
    return ["resource-limits"] if done else []


def _lower(resource: Any, which: int, value: int) -> bool:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(which, (value, value))
    except (OSError, ValueError):
        return False
    return True
