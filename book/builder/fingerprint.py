"""The key of an executed chapter: it changes whenever the result might.

Jupyter's own execution cache looks at the text of a chapter alone. A chapter's
output also depends on the packages that it calls, on the versions in the lock
file, on the interpreter and on which real data sets are at hand, so all of
these are in the key.
"""

import hashlib
import os
import platform
from pathlib import Path

PACKAGES = ("geneml", "data_sim", "lessons")
_SUFFIXES = {".py", ".js", ".css", ".json", ".toml", ".md", ".html", ".svg"}


def hash_tree(folder: Path) -> str:
    """SHA-256 over names and contents of the source files below `folder`.

    Compiled files, caches and anything else that is not source is left out.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.suffix not in _SUFFIXES or "__pycache__" in path.parts:
            continue
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def data_inventory() -> str:
    """Names and sizes of the files in the folder ``GENEML_DATA``, or "none"."""
    folder = os.environ.get("GENEML_DATA")
    if not folder or not Path(folder).is_dir():
        return "none"
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return ";".join(f"{path.name}:{path.stat().st_size}" for path in files)


def environment_key(repository: Path) -> str:
    """Hash of everything but the chapter: packages, lock file, Python, data at hand.

    Parameters
    ----------
    repository : Path
        Folder that holds the packages and ``requirements.lock``.
    """
    digest = hashlib.sha256()
    for package in PACKAGES:
        digest.update(f"{package}:{hash_tree(repository / package)}\n".encode())
    lock = repository / "requirements.lock"
    digest.update(lock.read_bytes() if lock.is_file() else b"no lock file")
    digest.update(platform.python_version().encode())
    digest.update(data_inventory().encode())
    return digest.hexdigest()


def chapter_key(path: Path, environment: str) -> str:
    """Key (20 hexadecimal digits) of the chapter in file `path`."""
    digest = hashlib.sha256(environment.encode())
    digest.update(path.read_bytes())
    return digest.hexdigest()[:20]
