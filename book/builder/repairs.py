"""Repairs on finished pages that neither a style sheet nor a template can make.

Each function takes a parsed page and changes it in place. What it puts right is
a failure of WCAG 2.2 level A or AA, or of plain good practice for readers who
hear the page or use a keyboard.
"""

from bs4 import BeautifulSoup, Tag


def repair(html: str) -> tuple[str, list[str]]:
    """Repair one page.

    Parameters
    ----------
    html : str
        The page as Jupyter Book wrote it.

    Returns
    -------
    html : str
        The repaired page.
    complaints : list of str
        What only the author can put right, such as a picture without alternative text.
    """
    page = BeautifulSoup(html, "html.parser")
    wrap_tables(page)
    label_header_cells(page)
    label_checkboxes(page)
    hide_icons(page)
    remove_empty_headings(page)
    plain_bibliography(page)
    return page.decode(formatter="minimal"), complaints(page)


def _article(page: BeautifulSoup) -> Tag:
    return page.find("article") or page


def wrap_tables(page: BeautifulSoup) -> None:
    """Put every table of the article into a box of its own that can scroll sideways.

    Tables of live figures have such a box already.
    """
    for table in _article(page).find_all("table"):
        inside = table.find_parent(class_="table-scroll") or table.find_parent(class_="geneml-live")
        if inside is None:
            old = table.parent
            box = table.wrap(page.new_tag("div", attrs={"class": "table-scroll"}))
            if "pst-scrollable-table-container" in (old.get("class") or []):
                old["class"] = [name for name in old["class"] if not name.startswith("pst-")]
            box["data-columns"] = str(_columns(table))
        del table["border"]


def _columns(table: Tag) -> int:
    row = table.find("tr")
    return len(row.find_all(["th", "td"])) if row else 0


def label_header_cells(page: BeautifulSoup) -> None:
    """Say of each header cell whether it heads a column or a row; empty ones head neither."""
    for cell in _article(page).find_all("th"):
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell.name = "td"
            continue
        if not cell.get("scope"):
            cell["scope"] = "col" if cell.find_parent("thead") else "row"


def label_checkboxes(page: BeautifulSoup) -> None:
    """Name the boxes of task lists, which show a state that cannot be changed."""
    for box in page.select("input.task-list-item-checkbox"):
        box["aria-label"] = "done" if box.has_attr("checked") else "to do"


def hide_icons(page: BeautifulSoup) -> None:
    """Keep icons that stand beside a text, or in a labelled button, from being announced."""
    for icon in page.select("i[class*='fa-'], span[class*='fa-']"):
        icon["aria-hidden"] = "true"


def remove_empty_headings(page: BeautifulSoup) -> None:
    """Drop headings that hold nothing but the link to themselves."""
    for heading in _article(page).find_all(["h1", "h2", "h3", "h4", "h5", "h6"]):
        links = "".join(link.get_text() for link in heading.select("a.headerlink"))
        if heading.get_text(strip=True) == links.strip() and not heading.find("img"):
            heading.decompose()


def plain_bibliography(page: BeautifulSoup) -> None:
    """Take roles off the list of works: one is deprecated, and the list holds more than items."""
    for tag in page.select(".citation-list[role], .citation[role='doc-biblioentry']"):
        del tag["role"]


def complaints(page: BeautifulSoup) -> list[str]:
    """What is left for the author: pictures without alternative text, skipped heading levels."""
    found = []
    for image in _article(page).find_all("img"):
        if not (image.get("alt") or "").strip() and image.get("role") != "presentation":
            source = str(image.get("src", ""))[:60]
            found.append(f"a picture has no alternative text: {source}")
    level = 0
    for heading in _article(page).find_all(["h1", "h2", "h3", "h4", "h5", "h6"]):
        own = int(heading.name[1])
        if own > level + 1:
            text = heading.get_text(" ", strip=True).rstrip("#").strip()
            found.append(f"the heading {text!r} skips a level ({level} to {own})")
        level = own
    return found
