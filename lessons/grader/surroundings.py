"""What of this machine the child gets to see: import paths, environment, readable folders."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from functools import lru_cache
from pathlib import Path

from lessons.grader.sandbox.access import within

_PASSED_ON = ("KERAS_BACKEND", "LD_LIBRARY_PATH", "SYSTEMROOT", "GENEML_DATA", "TZ")


def import_paths() -> list[str]:
    """Return the folders that the child imports from.

    Returns
    -------
    list of str
        This process's own, as far as they hold installed libraries: geneml and data_sim are
        handed over by name (`packages`), and a source tree is left out.
    """
    prefixes = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix)}
    kept = []
    for entry in sys.path:
        # A script's own folder, or the working folder, is nobody's library.
        place = os.path.realpath(entry or os.curdir)
        installed = os.path.basename(place) in ("site-packages", "dist-packages")
        if os.path.exists(place) and (installed or any(within(place, one) for one in prefixes)):
            kept.append(place)
    return kept


@lru_cache(maxsize=1)
def packages() -> dict[str, str]:
    """Return the folders of geneml and data_sim, found without importing them."""
    found = {}
    for name in ("geneml", "data_sim"):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            found[name] = str(Path(next(iter(spec.submodule_search_locations))).resolve())
    return found


def readable_paths() -> list[str]:
    """Return the folders that the child may read besides the system's libraries."""
    paths = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.executable)}
    paths.update(import_paths())
    paths.update(packages().values())
    if os.environ.get("GENEML_DATA"):
        paths.add(os.environ["GENEML_DATA"])
    return sorted(os.path.realpath(path) for path in paths if os.path.exists(path))


def hidden_paths() -> list[str]:
    """Return what the child must never read, even inside a readable folder."""
    lessons = Path(__file__).resolve().parents[1]
    return [str(lessons), str(lessons.parent / ".git")]


def environment(folder: str, marker: str) -> dict[str, str]:
    """Return the child's environment: nothing of the parent's but a few settings.

    Parameters
    ----------
    folder : str
        The child's own folder: home, temporary files and caches.
    marker : str
        Recognises the child's descendants.

    Returns
    -------
    dict of str to str
        The whole environment.
    """
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    single = ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "NUMEXPR", "NUMBA")
    _copy_font_list(folder)
    return {
        **kept,
        **{f"{name}_NUM_THREADS": "1" for name in single},
        "PATH": os.defpath,
        "HOME": folder,
        "USERPROFILE": folder,
        "TMPDIR": folder,
        "TEMP": folder,
        "TMP": folder,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": folder,
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "GENEML_CHECK_ID": marker,
    }


def _copy_font_list(folder: str) -> None:
    """Give the child Matplotlib's list of fonts, which takes seconds to make anew."""
    home = os.environ.get("MPLCONFIGDIR") or os.path.expanduser("~/.cache/matplotlib")
    for path in Path(home).glob("fontlist-*.json"):
        shutil.copy(path, folder)
