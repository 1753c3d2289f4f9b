"""The last step: from Jupyter Book's HTML to the site that readers open."""

import os
import shutil
from pathlib import Path

from builder import BuildError
from builder.contents import REPORT, Page, absent
from builder.downloads import write_notebooks
from builder.repairs import repair
from builder.repository import Publication
from builder.schedule import Executed

_LEFT_OUT = shutil.ignore_patterns(
    *("_sources", ".buildinfo", "objects.inv", "reports"),
    # MathJax comes in a dozen versions of a megabyte or two; the pages load tex-chtml.js.
    *("mml-*.js", "tex-mml-*.js", "tex-svg*.js", "tex-chtml-full*.js", "node-main.js"),
)


def publish(
    html: Path,
    site: Path,
    pages: list[Page],
    executed: list[Executed],
    publication: Publication | None,
    *,
    strict_for: str | None = None,
) -> None:
    """Copy the HTML to `site`, repaired, and add the notebooks for download.

    The old site is replaced only when the new one is complete.

    Parameters
    ----------
    html : Path
        Folder that Jupyter Book wrote.
    site : Path
        Folder of the finished site.
    pages : list of Page
        All pages; each notebook among them is offered for download.
    executed : list of Executed
        Chapters as they ran.
    publication : Publication or None
        For the first cell of the notebooks.
    strict_for : str, optional
        Stem of the one page whose complaints count; all count by default.

    Raises
    ------
    BuildError
        Where a page has a fault that only its author can mend.
    """
    fresh = site.with_name(f"{site.name}.new-{os.getpid()}")
    old = site.with_name(f"{site.name}.old-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(html, fresh, ignore=_LEFT_OUT)
    wanted = {page.stem for page in pages} | set(absent(pages[0].path.parent))
    _remove_strays(fresh, wanted | {REPORT, "search"})
    faults = _repair_pages(fresh, strict_for)
    if faults:
        shutil.rmtree(fresh)
        raise BuildError("Pages that not every reader can use:\n\n" + "\n".join(faults))
    write_notebooks(pages, fresh / "notebooks", publication, executed)
    if site.exists():
        os.replace(site, old)
    os.replace(fresh, site)
    shutil.rmtree(old, ignore_errors=True)


def _remove_strays(folder: Path, stems: set[str]) -> None:
    """Take out pages that an earlier build left behind."""
    for path in folder.glob("*.html"):
        if path.stem not in stems:
            path.unlink()


def _repair_pages(folder: Path, strict_for: str | None) -> list[str]:
    """Repair every page below `folder`; returns the faults that remain."""
    faults = []
    for path in sorted(folder.glob("*.html")):
        text, complaints = repair(path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        if strict_for in (None, path.stem):
            faults += [f"{path.stem}: {complaint}" for complaint in complaints]
    return faults
