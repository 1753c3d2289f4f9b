"""Is everything here that the course needs? Versions, backend, machine, data, folders."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_PACKAGES = ("geneml", "keras", "tensorflow", "numpy", "pandas", "scipy", "scikit-learn", "msprime")
_OPTIONAL = ("jupyterlab", "jupyter-book", "shap", "playwright")
_LEAST_MEMORY = 4.0  # GiB; the largest chapter needs about half of it
_LEAST_DISK = 1.0
_GIB = 1024**3


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    name, value : str
        What was looked at and what was found.
    state : str
        ``"ok"``, ``"note"`` (something works less well) or ``"problem"``.
    advice : str
        What to do about it.
    """

    name: str
    value: str
    state: str = "ok"
    advice: str = ""


def examine(*, run_network: bool = False) -> list[Finding]:
    """Look at the installation; nothing is changed and nothing is downloaded.

    Parameters
    ----------
    run_network : bool
        Whether to import Keras and train a small network as well (some seconds).

    Returns
    -------
    list of Finding
    """
    findings = [_python(), *_packages(), _backend(), *_machine(), _writable(), _data()]
    return [*findings, _network()] if run_network else findings


def _python() -> Finding:
    version = platform.python_version()
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return Finding("Python", version)
    return Finding("Python", version, "problem", "use Python 3.11, 3.12 or 3.13")


def _packages() -> list[Finding]:
    found = []
    for name in (*_PACKAGES, *_OPTIONAL):
        try:
            found.append(Finding(name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            optional = name in _OPTIONAL
            advice = "needed for the book only" if optional else "install from requirements.lock"
            found.append(Finding(name, "not installed", "note" if optional else "problem", advice))
    return found


def configured_backend() -> str:
    """Name of the backend Keras will use, found without importing Keras.

    The environment variable ``KERAS_BACKEND`` comes first, then ``keras.json`` in
    ``KERAS_HOME`` (``~/.keras``), then TensorFlow.
    """
    if os.environ.get("KERAS_BACKEND"):
        return os.environ["KERAS_BACKEND"]
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    try:
        settings = json.loads((home / "keras.json").read_text(encoding="utf-8"))
        return str(settings.get("backend", "tensorflow"))
    except (OSError, ValueError, AttributeError):
        return "tensorflow"


def _backend() -> Finding:
    backend = configured_backend()
    package = {"jax": "jax", "torch": "torch", "tensorflow": "tensorflow"}.get(backend)
    if package is None:
        return Finding("Keras backend", backend, "problem", "set KERAS_BACKEND=tensorflow")
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        advice = f"{package} is not installed: set KERAS_BACKEND=tensorflow"
        return Finding("Keras backend", backend, "problem", advice)
    if backend != "tensorflow":
        return Finding("Keras backend", backend, "note", "works, but trains more slowly here")
    return Finding("Keras backend", backend)


def _machine() -> list[Finding]:
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory()
    total, free = memory.total / _GIB, memory.available / _GIB
    enough = total >= _LEAST_MEMORY
    advice = "" if enough else f"{_LEAST_MEMORY:.0f} GiB are recommended"
    return [
        Finding("System", f"{platform.system()} {platform.machine()}"),
        Finding("Processor cores", str(cores)),
        Finding("Memory", f"{total:.1f} GiB, {free:.1f} free", "ok" if enough else "note", advice),
    ]


def _writable() -> Finding:
    import psutil

    try:
        with tempfile.NamedTemporaryFile(dir=Path.cwd(), prefix=".geneml-doctor-") as file:
            file.write(b"written by geneml doctor")
            file.flush()
    except OSError as error:
        advice = "go to a folder of your own before `geneml start`"
        return Finding("This folder", f"cannot be written to ({error.strerror})", "problem", advice)
    free = psutil.disk_usage(str(Path.cwd())).free / _GIB
    if free < _LEAST_DISK:
        return Finding("This folder", f"{free:.1f} GiB free", "note", "nearly full")
    return Finding("This folder", f"can be written to, {free:.0f} GiB free")


def _data() -> Finding:
    from geneml.datasets import SOURCES

    folder = os.environ.get("GENEML_DATA")
    if not folder:
        return Finding(
            "Real data",
            "GENEML_DATA is not set",
            "note",
            "data are downloaded when needed; without a network, simulated stand-ins are used",
        )
    if not Path(folder).is_dir():
        return Finding(
            "Real data", "GENEML_DATA is no folder", "problem", "correct or unset GENEML_DATA"
        )
    known = {file.name for source in SOURCES.values() for file in source.files}
    files = [file for file in Path(folder).iterdir() if file.name in known]
    if not files:
        return Finding("Real data", "GENEML_DATA holds no data file", "note", "stand-ins are used")
    size = sum(file.stat().st_size for file in files) / 1024**2
    return Finding("Real data", f"{len(files)} files, {size:.0f} MiB")


def _network() -> Finding:
    import time

    import numpy as np

    started = time.perf_counter()
    try:
        from geneml._quiet import import_keras_quietly

        import_keras_quietly()
        from geneml.models import dense
        from geneml.splits import random_split
        from geneml.training import fit

        random = np.random.default_rng(0)
        genotypes = random.integers(0, 3, (200, 20), dtype="int8")
        trait = genotypes[:, 0] + random.normal(scale=0.1, size=200)
        network = dense(20, hidden=(8,), encoder="dosage")
        run = fit(network, genotypes, trait, random_split(200, seed=0), epochs=60, batch_size=16)
    except Exception as error:  # whatever is wrong is the finding
        advice = "reinstall from requirements.lock"
        return Finding("A small network", f"{type(error).__name__}: {error}", "problem", advice)
    seconds, r2 = time.perf_counter() - started, run.scores["test"]["r2"]
    learned = r2 > 0.5
    return Finding(
        "A small network",
        f"R2 {r2:.2f} in {seconds:.0f} s, TensorFlow's import included"
        if configured_backend() == "tensorflow"
        else f"R2 {r2:.2f} in {seconds:.0f} s",
        "ok" if learned else "problem",
        "" if learned else "it trained but learned nothing; reinstall from requirements.lock",
    )
