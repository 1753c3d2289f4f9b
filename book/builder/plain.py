"""Plain Markdown for downloaded notebooks.

A chapter is written in MyST Markdown, which Sphinx understands. Google Colab and
a bare Jupyter do not: there, a box would show as a block of code and a reference
as its source. This module rewrites what the chapters use.
"""

import re
from collections.abc import Mapping

_FENCE = re.compile(
    r"^(?P<indent>\s*)(?P<fence>`{3,}|:{3,})\{(?P<name>[\w:.-]+)\}\s*(?P<argument>.*)$"
)
_OPTION = re.compile(r"^\s*:([\w-]+):\s*(.*)$")
_LABEL = re.compile(r"^\([\w.:-]+\)=\s*$")
_MATH_LABEL = re.compile(r"^\$\$\s*\([\w.:-]+\)\s*$")
_ROLE = re.compile(r"\{(?P<name>[\w:.-]+)\}`(?P<text>[^`]+)`")
_NAMED = re.compile(r"^(?P<title>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)

_BOXES = {
    "admonition": "",
    "attention": "Attention",
    "caution": "Caution",
    "danger": "Danger",
    "error": "Error",
    "hint": "Hint",
    "important": "Important",
    "note": "Note",
    "seealso": "See also",
    "tip": "Tip",
    "warning": "Warning",
    "exercise": "Exercise",
    "exercise-start": "Exercise",
    "margin": "Aside",
    "sidebar": "Aside",
    "topic": "",
}


class PlainMarkdown:
    """Rewrites MyST Markdown as Markdown that any notebook shows.

    Parameters
    ----------
    titles : mapping of str to str
        Title of each page, by stem, and of each labelled section, by label. A reference to a
        page becomes a link to its notebook.
    citations : mapping of str to str
        Text of each citation key, such as "Kingma and Ba (2015)".
    numbers : mapping of str to str
        Text of each number that a chapter glues into its prose, as the site's run had it.
    """

    def __init__(
        self,
        titles: Mapping[str, str] | None = None,
        citations: Mapping[str, str] | None = None,
        numbers: Mapping[str, str] | None = None,
    ):
        self._titles = titles or {}
        self._citations = citations or {}
        self._numbers = numbers or {}

    def __call__(self, text: str) -> str:
        """Plain Markdown of a cell's MyST Markdown."""
        plain = "\n".join(self._blocks(text.splitlines())).strip("\n")
        return re.sub(r"\n{3,}", "\n\n", plain)

    def _blocks(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        position = 0
        while position < len(lines):
            line = lines[position]
            match = _FENCE.match(line)
            if match:
                end = _closing(lines, position, match["fence"])
                out += ["", *self._directive(match, lines[position + 1 : end]), ""]
                position = end + 1
                continue
            plain_fence = re.match(r"^\s*(`{3,}|~{3,})", line)
            if plain_fence:
                end = _closing(lines, position, plain_fence[1])
                out += lines[position : end + 1]
                position = end + 1
                continue
            position += 1
            if _LABEL.match(line):
                continue
            out.append("$$" if _MATH_LABEL.match(line) else self._roles(line))
        return out

    def _directive(self, match: re.Match[str], body: list[str]) -> list[str]:
        name, argument = match["name"], match["argument"].strip()
        options, body = _options(body)
        if name in ("math", "dollarmath"):
            return ["$$", *([argument] if argument else []), *body, "$$"]
        if name in ("code-block", "code", "code-cell", "sourcecode"):
            return [f"```{argument}", *body, "```"]
        if name in ("image", "figure"):
            return self._picture(options, body)
        inner = self._blocks(body)
        title = self._roles(argument)
        if name in _BOXES:
            heading = " ".join(part for part in (_BOXES[name], title) if part)
            return _quote([f"**{heading}**", "", *inner] if heading else inner)
        if name == "dropdown":
            return [f"<details><summary>{title}</summary>", "", *inner, "", "</details>"]
        if name in ("tab-item", "grid-item-card", "card", "list-table", "table") and title:
            return [f"**{title}**", "", *inner]
        if name.startswith("glue"):
            return self._numbers.get(argument, "").splitlines()
        if name in ("bibliography", "contents", "tableofcontents"):
            return []
        return inner

    def _picture(self, options: dict[str, str], body: list[str]) -> list[str]:
        """Words of a picture that is on the site and not in the notebook."""
        caption = self._blocks(body)
        return _quote([f"*Picture on the website:* {options.get('alt', '')}".rstrip(), *caption])

    def _roles(self, line: str) -> str:
        """Replace the roles outside of inline code and formulas."""
        return _ROLE.sub(self._role, line)

    def _role(self, match: re.Match[str]) -> str:
        name, text = match["name"], match["text"]
        named = _NAMED.match(text)
        title, target = (named["title"], named["target"]) if named else ("", text)
        if name == "doc":
            stem = target.removesuffix(".md").rsplit("/", 1)[-1]
            return f"[{title or self._titles.get(stem, stem)}]({stem}.ipynb)"
        if name.startswith("cite"):
            return self._citation(name, text)
        if name.startswith("glue"):
            return self._number(text)
        if name in ("ref", "numref"):
            return title or self._titles.get(target, target.replace("-", " "))
        if name == "eq":
            return f"({target})"
        if name == "math":
            return f"${text}$"
        if name in ("code", "command", "program", "file", "func", "class", "meth", "mod"):
            return f"`{title or target}`"
        return title or target

    def _citation(self, name: str, text: str) -> str:
        known = [self._citations.get(key.strip(), key.strip()) for key in text.split(",")]
        if name in ("cite:t", "cite:ct"):
            return " and ".join(known)
        return "(" + "; ".join(re.sub(r" \((\d{4}\w?)\)$", r", \1", one) for one in known) + ")"

    def _number(self, text: str) -> str:
        name, _, spec = text.partition(":")
        value = self._numbers.get(name.strip())
        if value is None:
            return f"*{name}*"
        try:
            return format(float(value), spec) if spec else value
        except ValueError:
            return value


def _closing(lines: list[str], start: int, fence: str) -> int:
    """Index of the line that closes the fence opened at `start`; the end where none does."""
    pattern = re.compile(rf"^\s*{re.escape(fence[0])}{{{len(fence)},}}\s*$")
    for index in range(start + 1, len(lines)):
        if pattern.match(lines[index]):
            return index
    return len(lines)


def _options(body: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options at the head of a directive (``:name: value``), and the rest."""
    options: dict[str, str] = {}
    position = 0
    while position < len(body) and (match := _OPTION.match(body[position])):
        options[match[1]] = match[2]
        position += 1
    while position < len(body) and not body[position].strip():
        position += 1
    return options, body[position:]


def _quote(lines: list[str]) -> list[str]:
    """Lines as a block quotation."""
    return [f"> {line}".rstrip() for line in lines]
