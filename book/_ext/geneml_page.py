"""Sphinx extension of this book: links to each chapter's notebook."""

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict:
    """Register the extension with Sphinx."""
    app.add_config_value("geneml_chapters", {}, "html")
    app.add_config_value("geneml_theme", "", "env")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
