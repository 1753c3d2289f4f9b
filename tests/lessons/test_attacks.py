"""Hostile submissions: none earns a point, none leaves a process or a file behind.

Every theft ends in the right answer if it works, so a protection that fails shows as
points earned. A control run without protections shows that the thefts do work.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

import psutil
import pytest

from lessons.grader import lesson as lesson_module
from lessons.grader.engine import check_cells, check_file
from lessons.grader.lesson import Lesson
from lessons.grader.limits import Limits, Protections
from lessons.grader.report import LessonReport
from lessons.grader.source import parse_cells

_MB = 2**20
LIMITS = Limits(
    load_seconds=4,
    memory_bytes=300 * _MB,
    file_bytes=8 * _MB,
    folder_bytes=16 * _MB,
    output_bytes=_MB,
    threads=24,
)
EVERYTHING = Protections()
KERNEL_ONLY = Protections(audit=False)
PYTHON_ONLY = Protections(landlock=False, seccomp=False)
NOTHING = Protections(landlock=False, seccomp=False, audit=False)

# Each defines attempt(), which says whether it got what it wanted; then the answer is right.
THEFTS = {
    "import the solution": """
        def attempt():
            import lessons.encoding.solution
            return True
    """,
    "import the checks by path": """
        def attempt():
            import importlib.util
            spec = importlib.util.spec_from_file_location("stolen", "$SOLUTION")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return hasattr(module, "target")
    """,
    "read the solution": """
        def attempt():
            return "7 * x.sum()" in open("$SOLUTION").read()
    """,
    "read the solution by descriptor": """
        import os
        def attempt():
            return b"7 * x.sum()" in os.read(os.open("$SOLUTION", os.O_RDONLY), 5000)
    """,
    "read the solution with NumPy": """
        import numpy as np
        def attempt():
            return b"7 * x.sum()" in np.fromfile("$SOLUTION", dtype=np.uint8).tobytes()
    """,
    "find the lessons from sys.path": """
        import os, sys
        def attempt():
            for folder in [*sys.path, "$ROOT"]:
                for place in (folder, os.path.join(folder, "lessons")):
                    if os.path.isdir(place) and "syllabus.toml" in os.listdir(place):
                        return bool(open(os.path.join(place, "syllabus.toml")).read())
            return False
    """,
    "read through the parent's working folder": """
        import os
        def attempt():
            return "7 * x.sum()" in open(f"/proc/{os.getppid()}/root$SOLUTION").read()
    """,
    "read the parent's environment": """
        import os
        def attempt():
            return len(open(f"/proc/{os.getppid()}/environ", "rb").read()) > 0
    """,
    "read the parent's memory": """
        import os
        def attempt():
            with open(f"/proc/{os.getppid()}/mem", "rb"):
                return True
    """,
    "read the repository's objects": """
        import pathlib
        def attempt():
            return len(pathlib.Path("$GIT/HEAD").read_bytes()) > 0
    """,
    "link to the solution": """
        import os
        def attempt():
            os.symlink("$SOLUTION", "mine.txt")
            return "7 * x.sum()" in open("mine.txt").read()
    """,
    "link hard to the solution": """
        import os
        def attempt():
            os.link("$SOLUTION", "mine.txt")
            return "7 * x.sum()" in open("mine.txt").read()
    """,
    "ask another program": """
        import subprocess
        def attempt():
            shown = subprocess.run(["cat", "$SOLUTION"], capture_output=True).stdout
            return b"7 * x.sum()" in shown
    """,
    "ask a fork": """
        import os
        def attempt():
            child = os.fork()
            if child == 0:
                os._exit(7)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    """,
    "leave the session in a grandchild": """
        import os, time
        def attempt():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(60)
                os._exit(0)
            return True
    """,
    "ask the network": """
        import socket
        def attempt():
            with socket.create_connection(("127.0.0.1", $PORT), timeout=2) as line:
                line.sendall(b"help")
            return True
    """,
    "write into the teacher's folder": """
        def attempt():
            with open("$CANARY/grades.csv", "w") as file:
                file.write("learner,points\\nmallory,100\\n")
            return True
    """,
    "change the teacher's file": """
        import os
        def attempt():
            os.chmod("$CANARY/kept.txt", 0o777)
            os.truncate("$CANARY/kept.txt", 0)
            return True
    """,
    "delete the teacher's files": """
        import os
        def attempt():
            os.remove("$CANARY/kept.txt")
            return True
    """,
    "move the teacher's files": """
        import os
        def attempt():
            os.rename("$CANARY/kept.txt", "kept.txt")
            return True
    """,
    "leave a note for the next run": """
        def attempt():
            with open("$CANARY/../note.txt", "w") as file:
                file.write("the answer")
            return True
    """,
    "signal another process": """
        import os
        def attempt():
            os.kill($VICTIM, 9)
            return True
    """,
    "signal the parent": """
        import os, signal
        def attempt():
            os.kill(os.getppid(), signal.SIGUSR1)
            return True
    """,
}
# These go round Python's own hook, or need the kernel's help: tried where the kernel has any.
KERNEL_THEFTS = {
    "read memory by system call": """
        import ctypes, os
        class Piece(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        def attempt():
            libc = ctypes.CDLL(None, use_errno=True)
            start = int(open("/proc/self/maps").readline().split("-")[0], 16)
            buffer = ctypes.create_string_buffer(16)
            local, remote = Piece(ctypes.addressof(buffer), 16), Piece(start, 16)
            pieces = ctypes.byref(local), 1, ctypes.byref(remote), 1
            return libc.process_vm_readv($VICTIM, *pieces, 0) > 0 or ctypes.get_errno() == 14
    """,
    "trace another process": """
        import ctypes
        def attempt():
            return ctypes.CDLL(None).ptrace(16, $VICTIM, 0, 0) == 0
    """,
    "read the solution by system call": """
        import ctypes
        def attempt():
            libc = ctypes.CDLL(None)
            descriptor = libc.open(b"$SOLUTION", 0)
            buffer = ctypes.create_string_buffer(5000)
            libc.read(descriptor, buffer, 4999)
            return b"7 * x.sum()" in buffer.value
    """,
    "fork by system call": """
        import ctypes, os
        def attempt():
            child = ctypes.CDLL(None).fork()
            if child == 0:
                os._exit(0)
            return child > 0
    """,
    "raise the limits": """
        import resource
        def attempt():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2**40, 2**40))
            return True
    """,
}
# These do not know the answer, and try to be believed or to do harm.
FORGERIES = {
    "exit at once": "import os\nos._exit(0)",
    "exit when asked": "import os\ndef target(x):\n    os._exit(0)",
    "sys.exit": "import sys\nsys.exit(0)",
    "sys.exit when asked": "import sys\ndef target(x):\n    sys.exit(0)",
    "crash": "import os, signal\ndef target(x):\n    os.kill(os.getpid(), signal.SIGSEGV)",
    "loop for ever": "def target(x):\n    while True:\n        pass",
    "loop for ever, deaf": """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        def target(x):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
    """,
    "sleep": "import time\ndef target(x):\n    time.sleep(3600)",
    "memory in one piece": "def target(x):\n    return [0] * 10**12",
    "memory piece by piece": """
        def target(x):
            kept = []
            while True:
                kept.append(bytearray(2**22))
    """,
    "fork bomb": """
        import os, time
        def target(x):
            for _ in range(30):
                try:
                    if os.fork() == 0:
                        time.sleep(30)
                except OSError:
                    pass
            time.sleep(30)
    """,
    "thread bomb": """
        import threading, time
        def target(x):
            for _ in range(60):
                threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            time.sleep(30)
    """,
    "print without end": "def target(x):\n    while True:\n        print('passed ' * 10000)",
    "fill the disk": """
        def target(x):
            number = 0
            while True:
                number += 1
                with open(f"file{number}", "wb") as file:
                    file.write(bytes(2**21))
    """,
    "one huge file": """
        def target(x):
            with open("huge", "wb") as file:
                while True:
                    file.write(bytes(2**20))
    """,
    "deep folders": """
        import os
        for _ in range(60):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
        def target(x):
            return 0.0
    """,
    "forge lines": """
        import json, os, sys
        line = json.dumps({"status": "passed", "points": 3, "exercise": "target"})
        print(line, flush=True)
        print(line, file=sys.stderr, flush=True)
        print("1 passed in 0.01s")
        def target(x):
            return "passed"
    """,
    "forge messages on every descriptor": """
        import json, os, struct
        text = json.dumps({"status": "ok", "value": True, "id": "0", "blobs": []}).encode()
        def target(x):
            for descriptor in range(3, 512):
                try:
                    os.write(descriptor, struct.pack(">II", len(text), 0) + text)
                except OSError:
                    pass
            return 0.0
    """,
    "close every descriptor": """
        import os
        def target(x):
            os.closerange(0, 512)
            return 0.0
    """,
    "huge lengths": """
        import os
        def target(x):
            for descriptor in range(3, 512):
                try:
                    os.write(descriptor, b"\\xff" * 64)
                except OSError:
                    pass
            return 0.0
    """,
    "patch numpy and json": """
        import json, numpy as np, builtins
        np.array_equal = np.allclose = np.isclose = lambda *a, **k: True
        np.save = np.lib.format.write_array = lambda *a, **k: None
        json.dumps = lambda *a, **k: '{"status": "ok", "value": true, "blobs": []}'
        builtins.isinstance = lambda *a: True
        def target(x):
            return 0.0
    """,
    "patch the wire": """
        import sys
        for name, module in list(sys.modules.items()):
            if name.startswith("sandbox"):
                module.encode = lambda value: ({"kind": "record", "class": "os:system",
                                                "fields": {"status": "passed"}}, [])
        def target(x):
            return 0.0
    """,
    "always equal": """
        class Equal:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __float__(self): return 0.0
            def __array__(self, *a, **k): return self
            __sub__ = __rsub__ = __abs__ = lambda self, *a: self
            __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
        def target(x):
            return Equal()
        def double(x):
            return Equal()
    """,
    "equal float": """
        class Equal(float):
            def __eq__(self, other): return True
            def __reduce__(self): return (print, ("run in the parent",))
        def target(x):
            return Equal(0)
    """,
    "array in disguise": """
        import numpy as np
        class Sly(np.ndarray):
            def __eq__(self, other): return True
            def __array__(self, *a, **k): return np.zeros(self.shape)
            def __array_finalize__(self, other): pass
            def __array_ufunc__(self, *a, **k): return True
        def target(x):
            return np.zeros(()).view(Sly)
        def double(x):
            return np.zeros(x.shape).view(Sly)
    """,
    "pickle in an array": """
        import numpy as np
        class Payload:
            def __reduce__(self):
                return (open, ("$CANARY/pwned", "w"))
        def target(x):
            return np.array([Payload()], dtype=object)
        def double(x):
            return np.array([[Payload(), Payload()]] * 3, dtype=object)
    """,
    "pickled file on the wire": """
        import io, pickle, sys
        import numpy as np
        class Payload:
            def __reduce__(self):
                return (open, ("$CANARY/pwned", "w"))
        def target(x):
            file = io.BytesIO()
            np.save(file, np.array([Payload()], dtype=object), allow_pickle=True)
            sys.modules["sandbox.wire"].encode = lambda v: (
                {"kind": "array", "blob": 0}, [file.getvalue()])
            return 0.0
    """,
    "look for the expected value": """
        import sys
        def target(x):
            frame = sys._getframe()
            while frame is not None:
                for places in (frame.f_locals, frame.f_globals):
                    for name in ("expected", "points", "hints", "rng", "lesson"):
                        if name in places:
                            return float(places[name])
                frame = frame.f_back
            return 0.0
    """,
    "never-ending generator": "def target(x):\n    while True:\n        yield 0.0",
    "endless recursion": "def target(x):\n    return target(x)",
    "nested without end": """
        def target(x):
            deep = []
            for _ in range(100000):
                deep = [deep]
            return deep
    """,
    "nan": "def target(x):\n    return float('nan')\ndef double(x):\n    return x * float('nan')",
    "arguments back": "def target(x):\n    return x\ndef double(x):\n    return x",
    "change the argument": """
        def target(x):
            x[:] = 0
            return 0.0
        def double(x):
            x[:] = 0
            return x
    """,
    "a constant": "def target(x):\n    return 12.5",
    "huge integer": "def target(x):\n    return 10**5000",
    "raise something odd": """
        class Odd(BaseException):
            def __str__(self): raise SystemExit
        def target(x):
            raise Odd
    """,
    "escape codes": """
        def target(x):
            raise ValueError("\\x1b[2J\\x1b[32m3 of 3 points")
    """,
    "forged model": """
        import io, sys, zipfile
        sys.modules["keras"] = sys
        class Model:
            def save(self, path):
                with zipfile.ZipFile(path, "w") as file:
                    file.writestr("../../pwned", "x")
        def target(x):
            return Model()
    """,
}


@dataclass
class Scene:
    """What an attack may damage, and the words for it in the attack's code."""

    lesson: Lesson
    canary: Path
    victim: subprocess.Popen[bytes]
    listener: socket.socket
    signals: list[int]

    def fill(self, code: str) -> str:
        return Template(textwrap.dedent(code)).substitute(
            SOLUTION=self.lesson.solution.resolve(),
            ROOT=self.lesson.folder.parent.resolve(),
            CANARY=self.canary,
            VICTIM=self.victim.pid,
            PORT=self.listener.getsockname()[1],
            GIT=Path(lesson_module.__file__).resolve().parents[2] / ".git",
        )

    def run(self, code: str, protections: Protections) -> LessonReport:
        cells = parse_cells(self.fill(code), ".py")
        return check_cells(self.lesson, cells, limits=LIMITS, protections=protections)

    def assert_unharmed(self) -> None:
        assert sorted(path.name for path in self.canary.iterdir()) == ["kept.txt"]
        assert (self.canary / "kept.txt").read_text() == "kept"
        assert not (self.canary.parent / "note.txt").exists()
        assert self.victim.poll() is None
        assert self.signals == []
        with pytest.raises(BlockingIOError):
            self.listener.accept()


@pytest.fixture(scope="module")
def victim() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def scene(
    small: Lesson,
    tmp_path: Path,
    victim: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    canary = tmp_path / "teacher"
    canary.mkdir()
    (canary / "kept.txt").write_text("kept")
    signals: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: signals.append(number))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    yield Scene(small, canary, victim, listener, signals)
    listener.close()
    signal.signal(signal.SIGUSR1, before)
    assert list(temporary.iterdir()) == []
    left = [c for c in psutil.Process().children(recursive=True) if c.pid not in children]
    assert left == []
    for process in psutil.process_iter(["environ"]):
        home = (process.info["environ"] or {}).get("HOME", "")
        assert not home.startswith(str(temporary)), process


def _answering(theft: str) -> str:
    return textwrap.dedent(theft) + textwrap.dedent("""
        tried = []
        def target(x):
            if not tried:
                try:
                    tried.append(attempt())
                except BaseException:
                    tried.append(False)
            return 7 * float(x.sum()) + 1 if tried[0] else 0.0
    """)


def _kernel_helps(scene: Scene) -> bool:
    report = scene.run("", EVERYTHING)
    return {"landlock", "seccomp"} <= set(report.protections)


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="uses what only Linux has")


@LINUX
@pytest.mark.parametrize("theft", THEFTS)
def test_a_theft_fails_with_every_protection(scene: Scene, theft: str) -> None:
    report = scene.run(_answering(THEFTS[theft]), EVERYTHING)
    assert report.earned == 0, report
    scene.assert_unharmed()


@LINUX
@pytest.mark.parametrize("theft", THEFTS)
def test_a_theft_fails_where_only_python_helps(scene: Scene, theft: str) -> None:
    report = scene.run(_answering(THEFTS[theft]), PYTHON_ONLY)
    assert report.earned == 0, report
    scene.assert_unharmed()


@LINUX
@pytest.mark.parametrize("theft", {**THEFTS, **KERNEL_THEFTS})
def test_a_theft_fails_where_only_the_kernel_helps(scene: Scene, theft: str) -> None:
    if not _kernel_helps(scene):
        pytest.skip("this kernel has no Landlock or no seccomp")
    report = scene.run(_answering({**THEFTS, **KERNEL_THEFTS}[theft]), KERNEL_ONLY)
    assert report.earned == 0, report
    scene.assert_unharmed()


@LINUX
@pytest.mark.parametrize(
    "theft",
    [
        "read the solution",
        "read the solution by descriptor",
        "link to the solution",
        "import the checks by path",
        "find the lessons from sys.path",
        "link hard to the solution",
    ],
)
def test_the_same_theft_works_without_protections(scene: Scene, theft: str) -> None:
    report = scene.run(_answering(THEFTS[theft]), NOTHING)
    assert report["target"].earned == 3


@LINUX
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_earns_nothing_and_leaves_nothing(scene: Scene, forgery: str) -> None:
    report = scene.run(FORGERIES[forgery], EVERYTHING)
    assert report.earned == 0, report
    for outcome in report.exercises:
        assert "\x1b" not in outcome.message
    scene.assert_unharmed()


@LINUX
@pytest.mark.parametrize(
    "harm", ["fork bomb", "thread bomb", "memory piece by piece", "fill the disk", "sleep"]
)
def test_the_watch_from_outside_is_enough_by_itself(scene: Scene, harm: str) -> None:
    report = scene.run(FORGERIES[harm], NOTHING)
    assert report.earned == 0
    assert report["target"].status == "stopped", report
    scene.assert_unharmed()


@LINUX
def test_a_grandchild_that_left_the_session_is_found_without_the_kernel(scene: Scene) -> None:
    scene.run(_answering(THEFTS["leave the session in a grandchild"]), NOTHING)


def test_no_attack_of_one_exercise_takes_the_points_of_another(
    scene: Scene, solution_text: str
) -> None:
    for attack in ("exit when asked", "loop for ever", "memory in one piece", "crash"):
        code = solution_text + "\n" + textwrap.dedent(FORGERIES[attack])
        report = scene.run(code, EVERYTHING)
        assert report["target"].earned == 0
        assert report["double"].earned == 2, attack


def test_a_cell_that_kills_the_child_is_left_out_and_named(
    scene: Scene, solution_text: str
) -> None:
    head, _, tail = solution_text.partition("# exercise: target")
    target, _, double = tail.partition("# exercise: double")
    code = f"{head}# exercise: target\nimport os\nos._exit(3)\n# exercise: double{double}"
    report = scene.run(code, EVERYTHING)
    assert report["double"].earned == 2
    assert report["target"].earned == 0
    assert "exit code 3" in report["target"].message


def test_a_right_answer_stays_right_between_attacks(scene: Scene, solution_text: str) -> None:
    scene.run(FORGERIES["patch numpy and json"], EVERYTHING)
    assert scene.run(solution_text, EVERYTHING).passed
    scene.run(FORGERIES["exit at once"], EVERYTHING)
    assert scene.run(solution_text, EVERYTHING).passed


def test_a_constant_from_an_earlier_run_fails_in_the_next(scene: Scene) -> None:
    import numpy as np

    spy = "def target(x):\n    raise ValueError(repr(7 * x.sum() + 1))"
    seen = scene.run(spy, EVERYTHING)["target"].message.rpartition("(")[2].rstrip(")")
    copied = f"def target(x):\n    return {float(seen)!r}"
    assert np.isfinite(float(seen))
    assert scene.run(copied, EVERYTHING).earned == 0


def test_a_link_in_a_submission_is_not_followed(small: Lesson, tmp_path: Path) -> None:
    link = tmp_path / "work.py"
    link.symlink_to(small.solution)
    report = check_file(small, link)
    assert report.earned == 0
    assert "symbolic link" in report.exercises[0].message


def test_the_environment_is_scrubbed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHERS_TOKEN", "s3cret")
    code = "import os\ndef target(x):\n    raise ValueError(sorted(os.environ))"
    message = scene.run(code, EVERYTHING)["target"].message
    assert "HOME" in message
    assert "TEACHERS_TOKEN" not in message
    assert os.environ["TEACHERS_TOKEN"] == "s3cret"
