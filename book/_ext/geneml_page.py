"""Sphinx extension of this book: links to each chapter's notebook under its title."""

from html import escape

from sphinx.application import Sphinx


def notebook_links(stem: str, addresses: dict[str, str]) -> str:
    """HTML of the links of one chapter.

    Parameters
    ----------
    stem : str
        The chapter's file name without ending.
    addresses : dict
        Addresses under ``colab`` and ``binder``; an empty one is left out.
    """
    links = [f'<a href="notebooks/{escape(stem)}.ipynb" download>Download notebook</a>']
    for key, label in (("colab", "Open in Colab"), ("binder", "Open in Binder")):
        if addresses.get(key):
            links.append(f'<a href="{escape(addresses[key])}" rel="noopener">{label}</a>')
    items = "".join(f"<li>{link}</li>" for link in links)
    return f'<ul class="notebook-links" aria-label="This chapter as a notebook">{items}</ul>'


def add_notebook_links(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object
) -> None:
    """Put the links of a chapter behind its first heading."""
    if pagename in app.config.geneml_chapters and "body" in context:
        links = notebook_links(pagename, app.config.geneml_chapters[pagename])
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{links}", 1)


def setup(app: Sphinx) -> dict:
    """Register the extension with Sphinx."""
    app.add_config_value("geneml_chapters", {}, "html")
    app.add_config_value("geneml_theme", "", "env")
    # Jupyter Book sets this for an extension that this book does not load.
    app.add_config_value("comments_config", {}, "html")
    app.connect("html-page-context", add_notebook_links)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
