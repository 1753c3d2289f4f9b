"""Clean notebooks for readers: no outputs, plain Markdown, a first cell for Google Colab."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat

from builder.contents import Page, read_notebook
from builder.outputs import clear
from builder.plain import PlainMarkdown
from builder.repository import Publication
from builder.schedule import Executed, write
from builder.sources import citations, glued_numbers, labelled_sections

COLAB_NOTE = "# In Google Colab this installs the course's packages. Elsewhere it does nothing."

_GLUE_IMPORT = re.compile(r"^from myst_nb import glue$", re.MULTILINE)
_GLUE = '''\
def glue(name, value, display=False):
    """Stand in for what puts numbers into the text of the website."""'''
_HIDDEN = {"hide-input", "remove-input", "hide-cell", "remove-cell"}


def colab_cell(publication: Publication | None) -> nbformat.NotebookNode:
    """First cell of a notebook: installs the packages in Colab and nowhere else."""
    if publication:
        install = f'%pip install --quiet "{publication.install}"'
    else:
        # A bare name would ask the package index for whatever somebody has put there.
        install = (
            'raise RuntimeError("This copy of the course was built without saying where it is '
            'published. Install its packages from the folder that you have it from.")'
        )
    source = "\n".join(
        [
            COLAB_NOTE,
            "import sys",
            "",
            'if "google.colab" in sys.modules:',
            f"    {install}",
        ]
    )
    return nbformat.v4.new_code_cell(source)


def clean_notebook(
    page: Page,
    publication: Publication | None,
    rewrite: Callable[[str], str] | None = None,
) -> nbformat.NotebookNode:
    """The chapter as a notebook to run, without outputs.

    Parameters
    ----------
    page : Page
        The chapter.
    publication : Publication or None
        Where Colab can install the packages from.
    rewrite : callable
        From MyST Markdown to plain Markdown; one that knows no other page by default.

    Returns
    -------
    nbformat.NotebookNode
        Valid by its schema. The Colab cell stands first.
    """
    rewrite = rewrite or PlainMarkdown()
    notebook = read_notebook(page.path)
    clear(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = rewrite(cell.source)
        else:
            cell.source = _GLUE_IMPORT.sub(lambda match: _GLUE, cell.source)
            if _HIDDEN & set(cell.metadata.get("tags", [])):
                cell.metadata["jupyter"] = {"source_hidden": True}
    notebook.cells.insert(0, colab_cell(publication))
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    # Names that follow from the place, so that the same chapter is the same file.
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{page.stem.replace('_', '-')[:48]}-{number}"
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def write_notebooks(
    pages: list[Page],
    folder: Path,
    publication: Publication | None,
    executed: Iterable[Executed] = (),
) -> list[Path]:
    """Write the clean notebook of every chapter among `pages` to `folder`.

    Parameters
    ----------
    pages : list of Page
        All pages of the book, for the titles that chapters refer to.
    folder : Path
        Where the notebooks go.
    publication : Publication or None
        For the Colab cell.
    executed : iterable of Executed
        Chapters as they ran, for the numbers in their prose.

    Returns
    -------
    list of Path
        The files, in reading order.
    """
    titles = {page.stem: page.title for page in pages}
    for page in pages:
        titles |= labelled_sections(page.path.read_text(encoding="utf-8"))
    numbers = {one.page.stem: glued_numbers(one.notebook) for one in executed}
    works = citations(pages[0].path.parent / "references.bib") if pages else {}
    paths = []
    for page in pages:
        if page.is_notebook:
            path = Path(folder) / f"{page.stem}.ipynb"
            rewrite = PlainMarkdown(titles, works, numbers.get(page.stem))
            notebook = clean_notebook(page, publication, rewrite)
            write(path, nbformat.writes(notebook) + "\n")
            paths.append(path)
    return paths
