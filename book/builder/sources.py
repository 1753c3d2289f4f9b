"""What the prose of a chapter refers to: glued numbers, cited works, labelled sections."""

import re
from pathlib import Path

import nbformat
from pybtex.database import Person, parse_file

_LABELLED = re.compile(r"^\(([\w.:-]+)\)=\s*\n+#+ +(.+)$", re.MULTILINE)
_GLUED = "application/papermill.record/"


def glued_numbers(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Text of every value that an executed notebook glues, by name.

    Markdown where the value has it; strings lose the quotation marks of their representation.
    """
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            data = output.get("data", {})
            markdown, plain = (data.get(f"{_GLUED}text/{kind}") for kind in ("markdown", "plain"))
            if name and markdown is not None:
                found[name] = "".join(markdown)
            elif name and plain is not None:
                found[name] = _unquoted("".join(plain))
    return found


def _unquoted(text: str) -> str:
    for mark in ("'", '"'):
        if len(text) > 1 and text.startswith(mark) and text.endswith(mark):
            return text[1:-1]
    return text


def citations(bibliography: Path) -> dict[str, str]:
    """Author and year of every work in a BibTeX file, by key; empty where there is no file."""
    if not bibliography.is_file():
        return {}
    found = {}
    for key, entry in parse_file(str(bibliography)).entries.items():
        names = [_surname(person) for person in entry.persons.get("author", [])]
        found[key] = f"{_joined(names) or key} ({entry.fields.get('year', 'n.d.')})"
    return found


def _surname(person: Person) -> str:
    words = [*person.prelast_names, *person.last_names]
    return " ".join(words).replace("{", "").replace("}", "")


def _joined(names: list[str]) -> str:
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)


def labelled_sections(text: str) -> dict[str, str]:
    """Headings of a MyST Markdown text that carry a label, by label."""
    return {label: heading.strip() for label, heading in _LABELLED.findall(text)}
