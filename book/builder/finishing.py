"""The last step: from Jupyter Book's HTML to the site that readers open."""

import os
import shutil
from pathlib import Path

from builder.contents import Page
from builder.downloads import write_notebooks
from builder.repository import Publication

_LEFT_OUT = shutil.ignore_patterns("_sources", ".buildinfo", "objects.inv", "reports")


def publish(html: Path, site: Path, pages: list[Page], publication: Publication | None) -> None:
    """Copy the HTML to `site` and add the notebooks for download.

    The old site is replaced only when the new one is complete.
    """
    fresh = site.with_name(f"{site.name}.new-{os.getpid()}")
    old = site.with_name(f"{site.name}.old-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(html, fresh, ignore=_LEFT_OUT)
    chapters = [page for page in pages if page.is_notebook]
    write_notebooks(chapters, fresh / "notebooks", publication)
    if site.exists():
        os.replace(site, old)
    os.replace(fresh, site)
    shutil.rmtree(old, ignore_errors=True)
