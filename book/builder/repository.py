"""Where the course is published, and the links that follow from it."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from builder import BuildError

_NAME = re.compile(r"^[\w.-]+/[\w.-]+$")
_REMOTE = re.compile(r"github\.com[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?$")


@dataclass(frozen=True)
class Publication:
    """A GitHub repository that holds the course.

    Parameters
    ----------
    name : str
        ``owner/name``.
    branch : str
        Branch with the sources, for Binder.
    site_branch : str
        Branch with the finished site and its notebooks, for Colab.
    """

    name: str
    branch: str = "main"
    site_branch: str = "gh-pages"

    @property
    def install(self) -> str:
        """What pip installs to have the packages."""
        return f"geneml @ git+https://github.com/{self.name}@{self.branch}"

    def colab(self, stem: str) -> str:
        """Address that opens a chapter's notebook in Google Colab."""
        return (
            "https://colab.research.google.com/github/"
            f"{self.name}/blob/{self.site_branch}/notebooks/{stem}.ipynb"
        )

    def binder(self, stem: str) -> str:
        """Address that opens a chapter's notebook in Binder."""
        return (
            f"https://mybinder.org/v2/gh/{self.name}/{self.branch}"
            f"?urlpath=lab/tree/notebooks/{stem}.ipynb"
        )


def find_publication(repository: Path) -> Publication | None:
    """Where the course in folder `repository` is published, as far as is known.

    ``GENEML_REPOSITORY`` (``owner/name``) is asked first, then the address of the
    git remote ``origin``. ``GENEML_BRANCH`` and ``GENEML_SITE_BRANCH`` name other
    branches than ``main`` and ``gh-pages``.

    Returns
    -------
    Publication or None
        None where neither is known: the pages then offer the download alone.

    Raises
    ------
    BuildError
        Where ``GENEML_REPOSITORY`` is not of the form ``owner/name``.
    """
    name = os.environ.get("GENEML_REPOSITORY", "").strip()
    if name and not _NAME.match(name):
        raise BuildError(f"GENEML_REPOSITORY should be 'owner/name', but it is {name!r}.")
    name = name or _remote_name(repository)
    if not name:
        return None
    return Publication(
        name=name,
        branch=os.environ.get("GENEML_BRANCH", "main"),
        site_branch=os.environ.get("GENEML_SITE_BRANCH", "gh-pages"),
    )


def _remote_name(repository: Path) -> str:
    """``owner/name`` of the remote ``origin`` if it is on GitHub, else an empty string."""
    command = ["git", "-C", str(repository), "remote", "get-url", "origin"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = _REMOTE.search(answer.stdout.strip())
    return match["name"] if match else ""
