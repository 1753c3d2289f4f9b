"""Results of runs that a reader cannot repeat in passing, kept in the repository.

Two kinds: runs on real data, for places where these cannot be had and a chapter runs on a
simulated cohort instead; and long studies of simulated data, whose many networks take longer
than a chapter may. A record says when it was made, with which versions, on what machine, from
which data and by which command.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geneml._files import write_files
from geneml.cohort import Cohort
from geneml.intervals import Interval

_FOLDER = Path(__file__).parent / "recorded"
_PACKAGES = ("geneml", "numpy", "pandas", "scikit-learn", "keras", "tensorflow")
_INTERVAL = {"mean", "low", "high", "n", "confidence"}
# A list or dict of nothing but numbers, as json.dumps spreads it over lines.
_NUMBER = r"(?:\"\w+\": )?(?:-?\d[\d.eE+-]*|null)"
_FLAT = re.compile(rf"[\[{{]\n\s+{_NUMBER}(?:,\n\s+{_NUMBER})*\n\s+[\]}}]")


@dataclass(frozen=True)
class Record:
    """What a run gave.

    Attributes
    ----------
    results : dict
        Numbers, text, intervals and dictionaries of these, by name.
    date : str
        Day of the run, as year-month-day.
    versions : dict
        Version of Python and of each package.
    data_sha256 : str
        Checksum of the data file; empty where unknown.
    command : str
        What to run to make the record again.
    simulated : str
        What was simulated, in words; empty for real data.
    machine : dict
        ``processor`` (its model) and ``cores`` (those that the run could use); empty in records
        made before this was kept.
    """

    results: dict[str, Any]
    date: str
    versions: dict[str, str]
    data_sha256: str
    command: str
    simulated: str = ""
    machine: dict[str, Any] = field(default_factory=dict)

    @property
    def is_simulated(self) -> bool:
        """Whether the data were simulated."""
        return bool(self.simulated)

    @property
    def made(self) -> str:
        """When, by what and on what the record was made, for the text around it."""
        text = f"made on {self.date} by `{self.command}`"
        if not self.machine:
            return text
        cores = self.machine["cores"]
        return f"{text} on {self.machine['processor']}, {cores} core{'s' if cores != 1 else ''}"


def save(
    name: str,
    results: Mapping[str, Any],
    *,
    cohort: Cohort | None = None,
    simulated: Any = None,
    command: str = "GENEML_RECORD=1 make book",
) -> Path | None:
    """Keep the results of a run on real data or of a long simulated study, when asked to.

    Writes only if the environment variable ``GENEML_RECORD`` is 1, and either the cohort is
    real or ``simulated`` says what was simulated. So an ordinary run changes no file, and a
    simulated cohort never passes for a real one.

    Parameters
    ----------
    name : str
        Small letters, digits and underscores; the record is ``geneml/recorded/NAME.json``.
    results : mapping
        Numbers, text, :class:`~geneml.intervals.Interval`, lists, and mappings of these. A
        number that is not finite is kept as None.
    cohort : Cohort, optional
        The data of a run on real data; nothing is kept where they are a stand-in.
    simulated : str or study, optional
        What a simulated study simulated: a sentence, or an object with a ``description``.
        Instead of ``cohort``.
    command : str
        What makes the record again.

    Returns
    -------
    pathlib.Path or None
        The file, or None where nothing was kept.

    Raises
    ------
    TypeError
        When a result is of a kind that cannot be kept, or ``simulated`` is neither of these.
    ValueError
        When the name does not fit, or both ``cohort`` and ``simulated`` are given.
    """
    path = _path(name)
    if not isinstance(results, Mapping):
        raise TypeError(f"results: expected a dict, received {type(results).__name__}")
    plain = _plain(results, "results")
    description = _description(simulated)
    if description and cohort is not None:
        raise ValueError(
            "simulated: expected cohort for real data or simulated for a simulated study, "
            "received both"
        )
    kept = bool(description) or (cohort is not None and cohort.is_real)
    if os.environ.get("GENEML_RECORD") != "1" or not kept:
        return None
    found = None if cohort is None else re.search(r"sha256 ([0-9a-f]{64})", cohort.origin)
    record = {
        "results": plain,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": _versions(),
        "data_sha256": found.group(1) if found else "",
        "command": command,
        "simulated": description,
        "machine": machine(),
    }
    text = _FLAT.sub(_on_one_line, json.dumps(record, indent=2, allow_nan=False)) + "\n"
    write_files({path: lambda stream: stream.write(text.encode())})
    return path


def load(name: str) -> Record:
    """Return the record of this name.

    Raises
    ------
    FileNotFoundError
        When there is no such record.
    ValueError
        When the name does not fit, or the file is no record.
    """
    path = _path(name)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in _FOLDER.glob("*.json"))) or "none yet"
        raise FileNotFoundError(
            f"name: expected a record ({known}), received {name!r}; make it by a run on the real "
            "data, or of the simulated study, with GENEML_RECORD=1"
        )
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8"), object_hook=_revive))
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError(f"{path}: expected a record, received another file ({error})") from None


def comparison_table(live_results: Mapping[str, Any], record: Record) -> pd.DataFrame:
    """Return the results of this run beside those of the record.

    Parameters
    ----------
    live_results : mapping
        As for :func:`save`; nested names are joined by a point.
    record : Record
        From :func:`load`.

    Returns
    -------
    pandas.DataFrame
        One row a result; columns ``this run`` and ``real data, DATE`` (``simulated, DATE`` for a
        record of a simulated study). A result that one of the two lacks is None.
    """
    live, kept = dict(_flat(live_results)), dict(_flat(record.results))
    rows = list(dict.fromkeys([*live, *kept]))
    columns = {
        "this run": [live.get(row) for row in rows],
        f"{'simulated' if record.is_simulated else 'real data'}, {record.date}": [
            kept.get(row) for row in rows
        ],
    }
    return pd.DataFrame(columns, index=pd.Index(rows, name="result"), dtype=object)


def _on_one_line(found: re.Match[str]) -> str:
    return re.sub(r"\n\s+", " ", found.group()).replace("[ ", "[").replace(" ]", "]")


def _path(name: str) -> Path:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]+", name):
        raise ValueError(f"name: expected small letters, digits and underscores, received {name!r}")
    return _FOLDER / f"{name}.json"


def _description(simulated: Any) -> str:
    """What was simulated, in words."""
    if simulated is None:
        return ""
    text = simulated if isinstance(simulated, str) else getattr(simulated, "description", None)
    if not isinstance(text, str):
        raise TypeError(
            "simulated: expected a sentence or a study with a description, "
            f"received {type(simulated).__name__}"
        )
    if not text.strip():
        raise ValueError("simulated: expected words that say what was simulated, received none")
    return text.strip()


def _plain(value: Any, name: str) -> Any:
    """Return the value in terms of JSON; a number that is not finite becomes null."""
    if isinstance(value, Interval):
        return {key: _plain(getattr(value, key), name) for key in sorted(_INTERVAL)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item, f"{name}[{key!r}]") for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), name)
    if isinstance(value, list | tuple):
        return [_plain(item, name) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(
        f"{name}: expected numbers, text, intervals, lists or dicts, "
        f"received {type(value).__name__}"
    )


def _revive(value: dict[str, Any]) -> Any:
    return Interval(**value) if set(value) == _INTERVAL else value


def _flat(results: Mapping[str, Any], prefix: str = ""):
    for key, value in results.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def machine() -> dict[str, Any]:
    """Return what this runs on: the processor's model and how many of its cores may be used.

    Returns
    -------
    dict
        ``processor`` (text) and ``cores`` (int); nothing else.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = ""
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        model = found.group(1) if found else ""
    return {"processor": model or platform.machine() or "unknown", "cores": cores or 1}
