"""The command ``python book/build.py``."""

import argparse
import os
import sys
import time
from pathlib import Path

from builder import BuildError
from builder.contents import Page, pages
from builder.downloads import write_notebooks
from builder.finishing import publish
from builder.layout import Layout
from builder.rendering import render
from builder.report import write_report
from builder.repository import find_publication
from builder.schedule import Cache, Executed, execute_all
from builder.serving import serve
from builder.staging import stage

BOOK = Path(__file__).resolve().parents[1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python book/build.py",
        description="Execute the chapters and write the website.",
        epilog="The links to Colab and Binder appear when GENEML_REPOSITORY=owner/name is set "
        "or the git remote 'origin' is on GitHub. Colab reads the notebooks from the branch "
        "gh-pages (GENEML_SITE_BRANCH), Binder the sources from main (GENEML_BRANCH).",
    )
    parser.add_argument("--only", metavar="CHAPTER", help="execute and show one chapter, quickly")
    parser.add_argument("--fresh", action="store_true", help="execute every chapter, cached or not")
    parser.add_argument(
        "--no-execute",
        action="store_true",
        help="show every chapter as it was last executed, for work on text and looks",
    )
    parser.add_argument("--execute-only", action="store_true", help="execute, and write no website")
    parser.add_argument(
        "--workers",
        type=int,
        default=max(1, min(os.cpu_count() or 1, 4)),
        help="chapters executed at a time (default: one for each core, four at most)",
    )
    parser.add_argument("--serve", action="store_true", help="serve the site that was built")
    parser.add_argument("--port", type=int, default=8000, help="port for --serve")
    parser.add_argument(
        "--notebooks", metavar="FOLDER", help="write clean notebooks to FOLDER, and do no more"
    )
    parser.add_argument("--book", type=Path, default=BOOK, help="folder of the book")
    parser.add_argument("--build", type=Path, help="folder to build in (default: BOOK/_build)")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status, 0 for success and 1 for a failure."""
    options = _parser().parse_args(arguments)
    layout = Layout.of(options.book, options.build)
    use_data_beside(layout.repository)
    try:
        if options.serve:
            only = _stem(options.only) if options.only else None
            serve(layout.site(only), options.port)
        elif options.notebooks:
            publication = find_publication(layout.repository)
            for path in write_notebooks(pages(layout.book), Path(options.notebooks), publication):
                print(path)
        else:
            build(layout, options)
    except BuildError as error:
        print(f"\nThe book was not built.\n\n{error}\n", file=sys.stderr)
        return 1
    return 0


def use_data_beside(repository: Path) -> None:
    """Let ``GENEML_DATA`` name the folder ``shared/data`` beside the checkout, if there is one.

    The tests do the same, so that chapters and tests see the same data.
    """
    beside = repository.parent / "shared" / "data"
    if "GENEML_DATA" not in os.environ and beside.is_dir():
        os.environ["GENEML_DATA"] = str(beside)


def _stem(name: str) -> str:
    """Stem of a chapter, however the user wrote it: 02_encoding, 02_encoding.md, a path."""
    return Path(name).stem


def _choose(every: list[Page], only: str | None) -> list[Page]:
    """Notebooks to execute: all, or the one asked for."""
    if only is None:
        return [page for page in every if page.is_notebook]
    chosen = [page for page in every if page.stem == only]
    if not chosen:
        known = ", ".join(page.stem for page in every)
        raise BuildError(f"There is no chapter {only!r}. There are: {known}.")
    return [page for page in chosen if page.is_notebook]


def build(layout: Layout, options: argparse.Namespace) -> None:
    """Execute, stage, render and publish the book, telling the user how it goes."""
    begin = time.perf_counter()
    only = _stem(options.only) if options.only else None
    every = pages(layout.book, missing="skip" if only else "error")
    chapters = _choose(every, only)
    publication = find_publication(layout.repository)
    cache = Cache(layout.executed)

    if options.no_execute:
        executed = [kept for page in chapters if (kept := cache.newest(page))]
    else:
        print(f"Executing {len(chapters)} chapter(s), {options.workers} at a time.", flush=True)
        executed = execute_all(
            chapters,
            layout,
            workers=options.workers,
            fresh=options.fresh,
            tell=lambda message: print(f"  {message}", flush=True),
        )
    if options.execute_only:
        return
    print("Writing the pages.", flush=True)
    shown = executed + (_as_last_executed(every, only, cache) if only else [])
    folder = stage(layout, every, shown, write_report(executed), publication, only=only)
    html = render(folder, strict_for=only)
    site = layout.site(only)
    publish(html, site, every, shown, publication, strict_for=only)
    _say_where(site, only, time.perf_counter() - begin)


def _as_last_executed(every: list[Page], only: str, cache: Cache) -> list[Executed]:
    """The other chapters as they were last executed, so that references to them resolve."""
    others = [page for page in every if page.is_notebook and page.stem != only]
    return [kept for page in others if (kept := cache.newest(page))]


def _say_where(site: Path, only: str | None, seconds: float) -> None:
    first = site / (f"{only}.html" if only else "index.html")
    chapter = f" --only {only}" if only else ""
    command = f"python book/build.py --serve{chapter}" if only else "make serve"
    print(
        f"\nThe book is built ({seconds:.0f} s).\n"
        f"  It is in        {site}\n"
        f"  Open it with    {command}\n"
        f"  or open         {first.as_uri()}"
    )
