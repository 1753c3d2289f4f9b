"""Notebooks for download: valid, clean, plain Markdown, and installing in Colab alone."""

import sys
import types

import nbformat
import pytest
from builder.contents import pages
from builder.downloads import clean_notebook, colab_cell, write_notebooks
from builder.execution import execute
from builder.plain import PlainMarkdown
from builder.repository import Publication
from builder.schedule import Executed
from builder.sources import citations
from IPython.core.interactiveshell import InteractiveShell
from nbconvert import HTMLExporter

PUBLICATION = Publication("someone/course")


def installs(publication, monkeypatch, *, in_colab):
    """What the first cell asks pip for, run as Jupyter would run it."""
    asked = []
    shell = InteractiveShell()
    monkeypatch.setattr(shell, "run_line_magic", lambda *call, **_: asked.append(call))
    if in_colab:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    else:
        monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    program = shell.transform_cell(colab_cell(publication).source)
    exec(compile(program, "cell", "exec"), {"get_ipython": lambda: shell})
    return asked


def test_colab_cell_installs_in_colab(monkeypatch):
    asked = installs(PUBLICATION, monkeypatch, in_colab=True)
    wanted = "geneml @ git+https://github.com/someone/course@main"
    assert asked == [("pip", f'install --quiet "{wanted}"')]


def test_colab_cell_without_a_known_repository(monkeypatch):
    # A package index may hold anything under the course's name: nothing is installed from it.
    with pytest.raises(RuntimeError, match="where it is published"):
        installs(None, monkeypatch, in_colab=True)
    assert installs(None, monkeypatch, in_colab=False) == []


def test_colab_cell_does_nothing_elsewhere(monkeypatch):
    assert installs(PUBLICATION, monkeypatch, in_colab=False) == []


def test_notebook_is_valid_clean_and_converts(toy):
    toy.chapter("01_first", "1 + 1", text="```{note}\nMind this.\n```")
    toy.contents("01_first")
    (page,) = toy.notebooks()
    notebook = clean_notebook(page, PUBLICATION)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code[1:]] == ["1 + 1"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "Mind this." in html
    assert "{note}" not in html


def test_numbers_of_the_run_stand_in_the_prose(toy):
    (toy.book / "references.bib").write_text(
        "@article{Fisher1918, author={Fisher, Ronald A.}, title={T}, year={1918}}\n",
        encoding="utf-8",
    )
    toy.chapter(
        "01_first",
        "from myst_nb import glue\nglue('share', 0.456, display=False)\n"
        "glue('words', '0.31 [0.28, 0.34]', display=False)\n"
        "from IPython.display import Markdown\n"
        "glue('answer', Markdown('```python\\nx = 1\\n```'), display=False)",
        text="""
            ````{dropdown} Solution
            ```{glue} answer
            ```
            ````

            It is {glue:text}`share:.1f`, or {glue:text}`words` {cite:p}`Fisher1918`.
        """,
    )
    toy.contents("01_first")
    (page,) = toy.notebooks()
    notebook, measurement = execute(page, toy.repository)
    run = Executed(page, notebook, measurement)
    (path,) = write_notebooks(pages(toy.book), toy.repository / "out", None, [run])
    written = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in written.cells)
    assert "It is 0.5, or 0.31 [0.28, 0.34] (Fisher, 1918)." in text
    assert "<summary>Solution</summary>\n\n```python\nx = 1\n```\n\n</details>" in text
    # Its code runs where the book's own tools are not installed.
    assert "myst_nb" not in text
    names = {}
    exec("\n".join(cell.source for cell in written.cells[2:]), names)
    assert names["glue"]("share", 1) is None


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("See {doc}`02_encoding`.", "See [Encoding](02_encoding.ipynb)."),
        ("See {doc}`the next <02_encoding>`.", "See [the next](02_encoding.ipynb)."),
        ("As {cite:t}`A1` say.", "As Ann (2001) say."),
        ("So they say {cite:p}`A1,B2`.", "So they say (Ann, 2001; Bo et al., 2002)."),
        ("Press {kbd}`Tab`.", "Press Tab."),
        ("(label)=\n## Title", "## Title"),
        ("$$\nx\n$$ (eq-one)", "$$\nx\n$$"),
        ("```{math}\n:label: eq\nx\n```", "$$\nx\n$$"),
        ("```{note}\nA\n\nB\n```", "> **Note**\n>\n> A\n>\n> B"),
        (":::{admonition} Box\n:class: tip\nA\n:::", "> **Box**\n>\n> A"),
        (
            "````{dropdown} Solution\n```python\nx = {cite}`a`\n```\n````",
            "<details><summary>Solution</summary>\n\n```python\nx = {cite}`a`\n```\n\n</details>",
        ),
        (
            "::::{tab-set}\n:::{tab-item} One\nA\n:::\n:::{tab-item} Two\nB\n:::\n::::",
            "**One**\n\nA\n\n**Two**\n\nB",
        ),
        ("```{figure} a.png\n:alt: A curve\nCaption\n```", "> *Picture on the website:* A curve"),
        ("```python\n{doc}`kept`\n```", "```python\n{doc}`kept`\n```"),
        ("Unknown {glue:text}`x:.2f`.", "Unknown *x*."),
    ],
)
def test_plain_markdown(myst, plain):
    works = {"A1": "Ann (2001)", "B2": "Bo et al. (2002)"}
    rewritten = PlainMarkdown({"02_encoding": "Encoding"}, works)(myst)
    assert rewritten.startswith(plain)
    assert "{" not in rewritten.replace("{doc}`kept`", "").replace("{cite}`a`", "")


def test_plain_text_is_left_alone():
    text = (
        "# Title\n\nA *word*, `code`, $x_{ij}$ and [a link](https://example.org).\n\n- one\n- two"
    )
    assert PlainMarkdown()(text) == text


def test_references_to_sections_get_their_headings(toy):
    toy.chapter("01_first", "1", text="(here)=\n## The place\n\nSee {ref}`here`.")
    toy.contents("01_first")
    (path,) = write_notebooks(pages(toy.book), toy.repository / "out", None)
    assert "See The place." in path.read_text(encoding="utf-8")


def test_citations_by_number_of_authors(tmp_path):
    path = tmp_path / "r.bib"
    path.write_text(
        "@book{a, author={Falconer, D. S. and Mackay, T. F. C.}, title={T}, year={1996}}\n"
        "@article{b, author={Yang, J. and B, C. and D, E.}, title={T}, year={2010}}\n"
        "@article{c, author={van der Berg, A.}, title={T}, year={2011}}\n",
        encoding="utf-8",
    )
    assert citations(path) == {
        "a": "Falconer and Mackay (1996)",
        "b": "Yang et al. (2010)",
        "c": "van der Berg (2011)",
    }
    assert citations(tmp_path / "none.bib") == {}
