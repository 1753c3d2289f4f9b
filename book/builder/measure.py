"""Time, processor time and peak memory of a kernel and its children."""

import threading
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Usage:
    """What a process used: CPU seconds and peak resident memory in bytes."""

    cpu_seconds: float
    peak_bytes: int


class Monitor:
    """Watches one process and its children from a thread.

    Memory is sampled every `interval` seconds as the sum over the process tree;
    on Linux the kernel's own high-water mark of the process is read as well, so
    that a short peak between two samples is not missed.
    """

    def __init__(self, pid: int, interval: float = 0.25):
        self._process = psutil.Process(pid)
        self._interval = interval
        self._stop = threading.Event()
        self._peak = 0
        self._cpu: dict[int, float] = {}
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        total = 0
        try:
            tree = [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return
        for process in tree:
            try:
                total += process.memory_info().rss
                times = process.cpu_times()
                self._cpu[process.pid] = times.user + times.system
            except psutil.Error:
                continue
        self._peak = max(self._peak, total, _high_water_mark(self._process.pid))

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            self._sample()

    def stop(self) -> Usage:
        """Take a last sample, while the process still lives, and end watching."""
        self._stop.set()
        self._thread.join()
        self._sample()
        return Usage(cpu_seconds=sum(self._cpu.values()), peak_bytes=self._peak)


def _high_water_mark(pid: int) -> int:
    """Peak resident memory in bytes as Linux counts it; 0 elsewhere."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
