"""A filter for system calls, as a small program of the kernel's packet filter.

The kernel runs it at every system call of the child (seccomp, mode 2). It allows
everything but a list of calls that reach other processes, the network, other programs or
the machine's settings. Numbers are those of the x86-64 and the generic (arm64) tables.
"""

from __future__ import annotations

import errno
import struct

_LOAD, _EQUAL, _AND_SET, _GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS
_NUMBER, _ARCHITECTURE = 0, 4
_CLONE_THREAD = 0x00010000

# name: (x86-64, arm64); None where a table lacks it.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "socketpair": (53, 199), "fork": (57, None), "vfork": (58, None),
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "tkill": (200, 130), "io_uring_setup": (425, 425),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "move_mount": (429, 429), "fsopen": (430, 430), "open_tree": (428, 428),
    "unshare": (272, 97), "setns": (308, 268), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "reboot": (169, 142), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, None), "fchown": (93, 55), "lchown": (94, None),
    "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5),
    "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "file_setattr": (469, 469), "setpgid": (109, 154),
    "setsid": (112, 157), "setrlimit": (160, 164), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262), "syslog": (103, 116), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "adjtimex": (159, 171), "sethostname": (170, 161),
    "setdomainname": (171, 162), "acct": (163, 89), "quotactl": (179, 60),
    "swapon": (167, 224), "swapoff": (168, 225), "mknod": (133, None), "mknodat": (259, 33),
}  # fmt: skip
_CLONE, _CLONE3, _KILL_CALL, _TGKILL, _PRLIMIT = (
    (56, 220), (435, 435), (62, 129), (234, 131), (302, 261),
)  # fmt: skip
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _argument(index: int) -> int:
    # struct seccomp_data: number, architecture, instruction pointer, then 64-bit arguments;
    # on these little-endian machines the low half comes first.
    return 16 + 8 * index


def _only_own(number: int, own: int, allowed_zero: bool) -> list[bytes]:
    """Refuse a call unless its first argument is this process."""
    steps = [_step(_LOAD, _argument(0)), _step(_EQUAL, own, 2 if allowed_zero else 1, 0)]
    if allowed_zero:
        steps.append(_step(_EQUAL, 0, 1, 0))
    steps.append(_step(_RETURN, _REFUSE))
    steps.append(_step(_RETURN, _ALLOW))
    return [_step(_EQUAL, number, 0, len(steps)), *steps]


def program(machine: str, own: int) -> bytes | None:
    """Return the filter for this machine, or None if its table of calls is not known here.

    Parameters
    ----------
    machine : str
        As in ``os.uname().machine``.
    own : int
        Process id of the child, the only one to which it may send signals.

    Returns
    -------
    bytes or None
        Instructions of eight bytes.
    """
    if machine not in _ARCHITECTURES:
        return None
    column, architecture = _ARCHITECTURES[machine]
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        # The x32 table would offer every call a second time under other numbers.
        steps += [_step(_GREATER_EQUAL, 0x40000000, 0, 1), _step(_RETURN, _KILL)]
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _REFUSE)]
    # The C library falls back to clone, whose flags a filter can read.
    steps += [_step(_EQUAL, _CLONE3[column], 0, 1), _step(_RETURN, _UNKNOWN)]
    steps += [
        _step(_EQUAL, _CLONE[column], 0, 4),
        _step(_LOAD, _argument(0)),
        _step(_AND_SET, _CLONE_THREAD, 1, 0),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]
    steps += _only_own(_KILL_CALL[column], own, allowed_zero=False)
    steps += _only_own(_TGKILL[column], own, allowed_zero=False)
    # Limits may be asked for, not set: the new limits are the third argument.
    steps += [
        _step(_EQUAL, _PRLIMIT[column], 0, 6),
        _step(_LOAD, _argument(2)),
        _step(_EQUAL, 0, 0, 2),
        _step(_LOAD, _argument(2) + 4),
        _step(_EQUAL, 0, 1, 0),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]
    steps.append(_step(_RETURN, _ALLOW))
    return b"".join(steps)
