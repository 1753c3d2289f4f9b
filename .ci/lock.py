"""Resolve the versions into requirements.lock and mirror them in environment.yml.

``python .ci/lock.py`` resolves anew (needs ``uv``); ``python .ci/lock.py --mirror``
only rewrites environment.yml from the lock file that is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
ENVIRONMENT = ROOT / "environment.yml"

HEADER = """\
# For conda users: the same versions as requirements.lock, which is the source.
# Written by `make lock`; a test keeps the two in agreement.
name: geneml
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def resolve() -> None:
    """Write requirements.lock for Python 3.11 to 3.13, with hashes, naming no index."""
    temporary = LOCK.with_suffix(".lock.part")
    command = ["uv", "pip", "compile", "pyproject.toml", "--universal", "--all-extras"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-header"]
    command += [
        "--no-annotate",
        "--quiet",
        "--constraint",
        ".ci/constraints.txt",
        "-o",
        str(temporary),
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    os.replace(temporary, LOCK)


def pins(lock_text: str) -> list[str]:
    """Give the ``name==version ; marker`` lines of a lock file, without hashes."""
    lines = [line.rstrip("\\").strip() for line in lock_text.splitlines()]
    return [line for line in lines if "==" in line and not line.startswith(("#", "--"))]


def environment(lock_text: str) -> str:
    """Give the text of environment.yml that goes with a lock file."""
    # A line with a marker holds quotes and a semicolon: YAML reads it plainly only in quotes.
    body = "".join(f'      - "{pin}"\n' for pin in pins(lock_text))
    return HEADER + body + '      - "--editable ."\n'


def main() -> None:
    """Resolve unless told only to mirror, then write environment.yml."""
    if "--mirror" not in sys.argv[1:]:
        resolve()
    temporary = ENVIRONMENT.with_suffix(".yml.part")
    temporary.write_text(environment(LOCK.read_text()), encoding="utf-8")
    os.replace(temporary, ENVIRONMENT)


if __name__ == "__main__":
    main()
