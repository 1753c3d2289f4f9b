"""The folder that Jupyter Book reads: executed chapters, other pages, configuration."""

import shutil
from pathlib import Path

import nbformat
import yaml

from builder.contents import REPORT, Page, absent, read_notebook
from builder.fingerprint import hash_tree
from builder.layout import Layout
from builder.repository import Publication
from builder.schedule import Executed, write

EXTRAS = ("_assets", "_ext", "_templates")


def write_changed(path: Path, text: str) -> None:
    """Write a file only where its content differs.

    Sphinx reads a page again when its time stamp is new, so a page that has not
    changed must keep its own.
    """
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write(path, text)


def stage(
    layout: Layout,
    pages: list[Page],
    executed: list[Executed],
    report: str,
    publication: Publication | None,
    *,
    only: str | None = None,
) -> Path:
    """Bring everything that Jupyter Book needs into one folder.

    Parameters
    ----------
    layout : Layout
        Where the book is and where the folder goes.
    pages : list of Page
        All pages to be shown.
    executed : list of Executed
        Chapters with outputs; a notebook among `pages` without one is shown
        without outputs.
    report : str
        Text of the build report, MyST Markdown.
    publication : Publication or None
        For the links to Colab and Binder.
    only : str, optional
        Stem of the one chapter that is built by itself.

    Returns
    -------
    Path
        The folder.
    """
    folder = layout.stage(only)
    folder.mkdir(parents=True, exist_ok=True)
    outputs = {one.page.stem: one.notebook for one in executed}
    texts = {f"{REPORT}.md": report}
    for page in pages:
        if page.is_notebook:
            notebook = outputs.get(page.stem) or read_notebook(page.path)
            texts[f"{page.stem}.ipynb"] = nbformat.writes(notebook)
        else:
            texts[page.path.name] = page.path.read_text(encoding="utf-8")
    # Only a chapter built by itself gets here with others missing: it may refer to them.
    for stem in absent(layout.book):
        texts[f"{stem}.md"] = f"# {stem}\n\nThis page is not written yet.\n"
    for name, text in texts.items():
        write_changed(folder / name, text)
    for path in [*folder.glob("*.ipynb"), *folder.glob("*.md")]:
        if path.name not in texts:
            path.unlink()
    for extra in EXTRAS:
        _mirror(layout.book / extra, folder / extra)
    bibliography = layout.book / "references.bib"
    if bibliography.is_file():
        write_changed(folder / bibliography.name, bibliography.read_text(encoding="utf-8"))
    write_changed(folder / "_toc.yml", (layout.book / "_toc.yml").read_text(encoding="utf-8"))
    _stage_configuration(layout.book, folder, pages, publication)
    return folder


def _mirror(source: Path, target: Path) -> None:
    """Copy a folder; what is no longer in `source` goes from `target`."""
    if target.is_dir():
        for path in sorted(target.rglob("*"), reverse=True):
            if path.is_file() and not (source / path.relative_to(target)).is_file():
                path.unlink()
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)


def _stage_configuration(
    book: Path, folder: Path, pages: list[Page], publication: Publication | None
) -> None:
    configuration = yaml.safe_load((book / "_config.yml").read_text(encoding="utf-8")) or {}
    options = configuration.setdefault("sphinx", {}).setdefault("config", {})
    if "geneml_page" in (options.get("extensions") or []):
        options["geneml_chapters"] = {
            page.stem: {
                "colab": publication.colab(page.stem) if publication else "",
                "binder": publication.binder(page.stem) if publication else "",
            }
            for page in pages
            if page.is_notebook
        }
        # A change in the extension or the theme makes Sphinx write every page again.
        options["geneml_theme"] = "".join(
            hash_tree(book / extra)[:16] for extra in EXTRAS if (book / extra).is_dir()
        )
    write_changed(folder / "_config.yml", yaml.safe_dump(configuration, sort_keys=False))
