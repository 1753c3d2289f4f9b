"""How much the learner's code may use, and which protections stand around it."""

from __future__ import annotations

from dataclasses import dataclass

from lessons.grader.lesson import Lesson

MB = 2**20


@dataclass(frozen=True)
class Limits:
    """What the learner's code may use.

    Parameters
    ----------
    load_seconds : float
        Wall-clock time for all cells together.
    memory_bytes : int
        Resident memory of the child and its descendants.
    address_bytes : int
        Address space; 0 for no limit.
    cpu_seconds : int
        Processor time of the child in all.
    file_bytes : int
        Size of one file.
    folder_bytes : int
        Size of all files together.
    output_bytes : int
        Printed text; more than that ends the child.
    threads : int
        Threads of the child.
    """

    load_seconds: float = 20.0
    memory_bytes: int = 1024 * MB
    address_bytes: int = 8192 * MB
    cpu_seconds: int = 120
    file_bytes: int = 64 * MB
    folder_bytes: int = 128 * MB
    output_bytes: int = 4 * MB
    threads: int = 64

    @classmethod
    def for_lesson(cls, lesson: Lesson) -> Limits:
        """Return the limits for a lesson; one with Keras gets more time and memory."""
        seconds = sum(exercise.seconds for exercise in lesson.exercises)
        if lesson.needs_keras:
            # TensorFlow reserves far more address space than it uses: resident memory counts.
            return cls(
                load_seconds=120.0,
                memory_bytes=4096 * MB,
                address_bytes=0,
                cpu_seconds=int(4 * (seconds + 120)),
                threads=1024,
            )
        return cls(cpu_seconds=int(2 * (seconds + 20)))


@dataclass(frozen=True)
class Protections:
    """Which protections the child should put up, where the machine offers them.

    Parameters
    ----------
    landlock : bool
        File access through the Linux kernel's Landlock.
    seccomp : bool
        System calls through the Linux kernel's seccomp filter.
    audit : bool
        Python's audit hook, on every system.
    """

    landlock: bool = True
    seccomp: bool = True
    audit: bool = True
