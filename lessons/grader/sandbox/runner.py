"""The child: close the doors, then run cells and functions as the parent asks."""

from __future__ import annotations

import os
import random
import sys
import types
from typing import Any, BinaryIO

from . import access, audit, kernel, limits, messages, wire
from .learner import Worksheet


def main() -> None:
    """Serve the parent until it closes the channel, then end at once."""
    receive, send = _private_channel()
    first = messages.read_message(receive)
    if first is None:
        os._exit(0)
    message, _ = first
    active = _close_doors(message, (receive.fileno(), send.fileno()))
    messages.write_message(send, {"id": message["id"], "active": active}, [])
    worksheet = Worksheet(_fresh_main())
    while (received := messages.read_message(receive)) is not None:
        message, blobs = received
        reply, made = worksheet.answer(message, blobs)
        try:
            messages.write_message(send, {**reply, "id": message["id"]}, made)
        except wire.WireError as error:
            reply = {"status": "unsendable", "what": str(error), "id": message["id"]}
            messages.write_message(send, reply, [])
    os._exit(0)


def _private_channel() -> tuple[BinaryIO, BinaryIO]:
    """Move the channel away from standard input and output, which belong to the learner."""
    receive, send = _moved(0), _moved(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(receive, "rb"), os.fdopen(send, "wb")


def _moved(descriptor: int) -> int:
    try:
        import fcntl
    except ImportError:
        return os.dup(descriptor)
    # Any free number from a random one upwards: forging a report is no use, finding the
    # channel by its number need not be easy either.
    return int(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, random.randint(40, 200)))


def _close_doors(message: dict[str, Any], channel: tuple[int, int]) -> list[str]:
    """Put up what the machine offers, strongest last, and return its names."""
    wanted = message["protections"]
    hidden = [os.path.realpath(path) for path in message["hidden"]]
    folder = message["folder"]
    readable = access.readable(message["readable"], hidden)
    # The doors take a few modules that later code would fetch by itself.
    for name in ("pickle", "tempfile", "traceback", "ast", "random", "inspect", "zipfile"):
        __import__(name)
    audit.hand_over(message["packages"])
    active = limits.apply(message["limits"])
    active += kernel.give_up_privileges()
    if wanted["landlock"] and kernel.landlock(readable, access.listable(hidden), folder):
        active.append("landlock")
    if wanted["seccomp"] and kernel.seccomp():
        active.append("seccomp")
    if wanted["audit"]:
        audit.install(readable, hidden, folder, channel)
        active.append("audit")
    return active


def _fresh_main() -> dict[str, Any]:
    """Return the namespace of a new ``__main__``, with what a notebook offers."""
    module = types.ModuleType("__main__")
    module.__dict__.update(display=lambda *things, **options: None, get_ipython=lambda: None)
    sys.modules["__main__"] = module
    return module.__dict__
