"""What the Linux kernel can take away from a process for good, through ctypes.

Landlock: https://docs.kernel.org/userspace-api/landlock.html. Everything here returns
whether it worked and never raises, because other systems and older kernels lack it.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from . import seccomp_filter

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522

# Rights on files, from linux/landlock.h.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_BITS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


def _libc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None


def give_up_privileges() -> list[str]:
    """Give up what a process can: new privileges, capabilities, being looked into.

    Returns
    -------
    list of str
        ``["no-new-privileges"]`` on Linux.
    """
    libc = _libc()
    if libc is None:
        return []
    # Dies with its parent, is closed to ptrace of equals, and can gain nothing.
    libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
    close_to_others()
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    number = _CAPSET.get(os.uname().machine)
    if number is not None:
        header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
        libc.syscall(number, header, bytes(24))
    done = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    return ["no-new-privileges"] if done else []


def close_to_others() -> bool:
    """Close this process to being looked into by others of the same user.

    Returns
    -------
    bool
        Whether it is closed; False on systems other than Linux.
    """
    libc = _libc()
    return libc is not None and libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0


def landlock_version() -> int:
    """Return the version of Landlock that the kernel offers; 0 if none."""
    libc = _libc()
    if libc is None:
        return 0
    return max(int(libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)), 0)


def landlock(readable: tuple[str, ...], listable: tuple[str, ...], folder: str) -> bool:
    """Allow reading some paths and writing one folder; forbid every other file.

    Parameters
    ----------
    readable : tuple of str
        Files and folders that may be read.
    listable : tuple of str
        Folders of which the names may be listed.
    folder : str
        The child's own folder.

    Returns
    -------
    bool
        Whether it holds. From version 4 on TCP is closed too, from version 6 on signals to
        others and abstract sockets.
    """
    libc, version = _libc(), landlock_version()
    if libc is None or version < 1:
        return False
    handled = (1 << _BITS_BY_VERSION.get(version, 16)) - 1
    network, scoped = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    attributes = struct.pack("=QQQ", handled, network, scoped)
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    read = _EXECUTE | _READ_FILE | _READ_DIR
    write = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
    rules = [(path, read) for path in readable]
    rules += [(path, _READ_DIR) for path in listable]
    rules += [(folder, read | write), (os.devnull, _READ_FILE | _WRITE_FILE | _TRUNCATE)]
    try:
        for path, rights in rules:
            _add_rule(libc, ruleset, path, rights & handled)
        return int(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0)) == 0
    finally:
        os.close(ruleset)


def _add_rule(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _EXECUTE | _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, descriptor)
        libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0)
    finally:
        # A file of /proc is made anew when nobody holds it, and the rule is about the old one.
        if not path.startswith("/proc/"):
            os.close(descriptor)


def seccomp() -> bool:
    """Refuse system calls that a check never needs; see `seccomp_filter`.

    Returns
    -------
    bool
        Whether the filter holds.
    """
    libc = _libc()
    if libc is None:
        return False
    program = seccomp_filter.program(os.uname().machine, os.getpid())
    if program is None:
        return False
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: number of instructions, then a pointer, with its alignment.
    fprog = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    done = libc.prctl(_PR_SET_SECCOMP, 2, ctypes.c_char_p(fprog), 0, 0)
    return int(done) == 0
