"""Join the JavaScript modules of a figure into one script that needs no other file.

Module files that are loaded by address do not run from a ``file://`` page, so a
figure carries its code inside the page. Each part is wrapped in a function of
its own: no name leaks to the page or to another figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_IMPORT = re.compile(r"^import\s[^;]*?;\n", flags=re.MULTILINE)
_PART = re.compile(r'^import\s[^;]*?from "\./(part_\w+\.js)";$', flags=re.MULTILINE)
_REEXPORT = re.compile(r'^export \* from "\./([\w.]+)";$', flags=re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class))\s+(\w+)", flags=re.MULTILINE)


def source(name: str) -> str:
    """Return the text of one file of this package, for instance ``"live.css"``."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def figure_names() -> list[str]:
    """Return the names of the figures that have a module here, in alphabetical order."""
    names = (entry.name for entry in files(__package__).iterdir())
    return sorted(
        name[: -len(".js")]
        for name in names
        if name.endswith(".js") and name != "kit.js" and not name.startswith(("kit_", "part_"))
    )


def plain(text: str) -> tuple[str, list[str]]:
    """Turn a module into plain statements.

    Parameters
    ----------
    text : str
        Source whose exports are all ``export function|const|class NAME``.

    Returns
    -------
    tuple of str and list of str
        The source without ``import`` and ``export``, and the exported names.
    """
    names = [match.group(2) for match in _EXPORT.finditer(text)]
    return _EXPORT.sub(r"\1 \2", _IMPORT.sub("", text)), names


def _closure(text: str, names: list[str]) -> str:
    return f"(() => {{\n{text}\nreturn Object.freeze({{ {', '.join(names)} }});\n}})()"


@cache
def toolbox() -> str:
    """Return an expression whose value is the kit that every figure is handed."""
    statements, names = [], []
    for part in _REEXPORT.findall(source("kit.js")):
        text, exported = plain(source(part))
        statements.append(text)
        names.extend(exported)
    return _closure("\n".join(statements), names)


def _parts(file: str) -> Iterator[str]:
    """Files that `file` imports, and those that they import, each after what it needs."""
    for part in _PART.findall(source(file)):
        yield from _parts(part)
        yield part


@cache
def figure_module(name: str) -> str:
    """Return an expression whose value holds the exports of the figure and of its parts."""
    whole = f"{name}.js"
    pieces = [plain(source(file)) for file in [*dict.fromkeys(_parts(whole)), whole]]
    return _closure(
        "\n".join(piece for piece, _ in pieces), [one for _, names in pieces for one in names]
    )
