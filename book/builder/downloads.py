"""Clean notebooks for readers: no outputs, and a first cell for Google Colab."""

from pathlib import Path

import nbformat

from builder.contents import Page, read_notebook
from builder.outputs import clear
from builder.repository import Publication
from builder.schedule import write

COLAB_NOTE = "# In Google Colab this installs the course's packages. Elsewhere it does nothing."


def colab_cell(publication: Publication | None) -> nbformat.NotebookNode:
    """First cell of a notebook: installs the packages in Colab and nowhere else."""
    target = publication.install if publication else "geneml"
    source = "\n".join(
        [
            COLAB_NOTE,
            "import sys",
            "",
            'if "google.colab" in sys.modules:',
            f'    %pip install --quiet "{target}"',
        ]
    )
    return nbformat.v4.new_code_cell(source, id="install", metadata={"tags": ["remove-cell"]})


def clean_notebook(page: Page, publication: Publication | None) -> nbformat.NotebookNode:
    """The chapter as a notebook to run: without outputs, with the Colab cell in front.

    The cell comes after the title, so that the notebook still opens with it.
    """
    notebook = read_notebook(page.path)
    clear(notebook)
    title_first = bool(notebook.cells) and notebook.cells[0].cell_type == "markdown"
    notebook.cells.insert(1 if title_first else 0, colab_cell(publication))
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{page.stem.replace('_', '-')[:48]}-{number}"
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def write_notebooks(pages: list[Page], folder: Path, publication: Publication | None) -> list[Path]:
    """Write the clean notebook of every chapter to `folder`; returns their paths."""
    paths = []
    for page in pages:
        path = Path(folder) / f"{page.stem}.ipynb"
        write(path, nbformat.writes(clean_notebook(page, publication)) + "\n")
        paths.append(path)
    return paths
