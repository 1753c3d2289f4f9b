"""Which protections this machine gives to the child, found out by starting one."""

from __future__ import annotations

from dataclasses import dataclass

from lessons.grader.limits import Limits, Protections
from lessons.grader.process import Child, Stopped

PROTECTIONS: dict[str, str] = {
    "own-session": "a process of its own, with an empty environment and a folder of its own",
    "watched": "time, memory, threads, printed text and files are watched from outside",
    "resource-limits": "the system limits processor time, memory and the size of a file",
    "no-new-privileges": "no capabilities, no new privileges, closed to other processes",
    "landlock": "the kernel closes every file but the libraries', and TCP",
    "seccomp": "the kernel refuses new processes, sockets, signals and tracing",
    "audit": "Python refuses the same; a determined program can get round this one",
}


@dataclass(frozen=True)
class Protection:
    """One protection.

    Parameters
    ----------
    name : str
        Short name.
    active : bool
        Whether it holds on this machine.
    meaning : str
        What it does.
    """

    name: str
    active: bool
    meaning: str


def isolation_report() -> list[Protection]:
    """Start a child, ask what it put up, and end it.

    Returns
    -------
    list of Protection
        All of them, whether active or not; none is active if no child starts.
    """
    child = Child(Limits(), Protections(), ())
    try:
        active = set(child.start())
    except (Stopped, OSError):
        active = set()
    finally:
        child.close()
    return [Protection(name, name in active, text) for name, text in PROTECTIONS.items()]
