"""Results of the last run on real data, kept in the repository.

Where the real data cannot be had, a chapter runs on a simulated cohort and shows these
beside it. A record says when it was made, with which versions, from which file and by
which command.
"""

from __future__ import annotations

import json
import math
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Record:
    """What a run on real data gave.

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
    """

    results: dict[str, Any]
    date: str
    versions: dict[str, str]
    data_sha256: str
    command: str


def save(
    name: str,
    results: Mapping[str, Any],
    *,
    cohort: Cohort | None = None,
    command: str = "GENEML_RECORD=1 make book",
) -> Path | None:
    """Keep the results of a run on real data, when asked to.

    Writes only if the environment variable ``GENEML_RECORD`` is 1 and the cohort is real,
    so that an ordinary run changes no file and a simulated cohort never passes for a
    real one.

    Parameters
    ----------
    name : str
        Small letters, digits and underscores; the record is ``geneml/recorded/NAME.json``.
    results : mapping
        Numbers, text, :class:`~geneml.intervals.Interval`, lists, and mappings of these. A
        number that is not finite is kept as None.
    cohort : Cohort, optional
        The data; without a real one nothing is kept.
    command : str
        What makes the record again.

    Returns
    -------
    pathlib.Path or None
        The file, or None where nothing was kept.

    Raises
    ------
    TypeError
        When a result is of a kind that cannot be kept.
    ValueError
        When the name does not fit.
    """
    path = _path(name)
    if not isinstance(results, Mapping):
        raise TypeError(f"results: expected a dict, received {type(results).__name__}")
    plain = _plain(results, "results")
    if os.environ.get("GENEML_RECORD") != "1" or cohort is None or not cohort.is_real:
        return None
    found = re.search(r"sha256 ([0-9a-f]{64})", cohort.origin)
    record = {
        "results": plain,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": _versions(),
        "data_sha256": found.group(1) if found else "",
        "command": command,
    }
    text = json.dumps(record, indent=2, allow_nan=False) + "\n"
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
            "data with GENEML_RECORD=1"
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
        One row a result; columns ``this run`` and ``real data, DATE``. A result that one of
        the two lacks is None.
    """
    live, kept = dict(_flat(live_results)), dict(_flat(record.results))
    rows = list(dict.fromkeys([*live, *kept]))
    columns = {
        "this run": [live.get(row) for row in rows],
        f"real data, {record.date}": [kept.get(row) for row in rows],
    }
    return pd.DataFrame(columns, index=pd.Index(rows, name="result"), dtype=object)


def _path(name: str) -> Path:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]+", name):
        raise ValueError(f"name: expected small letters, digits and underscores, received {name!r}")
    return _FOLDER / f"{name}.json"


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
