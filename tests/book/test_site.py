"""The built site in a real browser: alone, quiet, accessible, on a phone and by keyboard.

The site is the one in GENEML_SITE, by default the one that ``make book`` writes.
"""

import os
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag

import nbformat
import pytest
from bs4 import BeautifulSoup

SITE = Path(
    os.environ.get("GENEML_SITE") or Path(__file__).resolve().parents[2] / "book/_build/html"
).resolve()
PAGES = sorted(path.stem for path in SITE.glob("*.html"))
CHAPTERS = [stem for stem in PAGES if stem[:2].isdigit()]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESK = {"viewport": {"width": 1280, "height": 900}}
LOOKS = {
    "light": {**DESK, "color_scheme": "light"},
    "dark": {**DESK, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
}

pytestmark = pytest.mark.browser
every_page = pytest.mark.parametrize("stem", PAGES or ["no site"])
every_chapter = pytest.mark.parametrize("stem", CHAPTERS or ["no site"])
every_look = pytest.mark.parametrize("look", LOOKS)


@pytest.fixture(scope="session")
def site():
    """Folder of the built site; skips where there is none."""
    if not (SITE / "index.html").is_file():
        reason = f"no site in {SITE.name}: run `make book` first, or set GENEML_SITE"
        if os.environ.get("GENEML_REQUIRE_BROWSER") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return SITE


@pytest.fixture(scope="session")
def address(site):
    """Where the site is served on this machine."""
    from builder.serving import make_server

    server = make_server(site, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(browser):
    """Open a page; afterwards, fail if it complained or asked another host for anything."""
    contexts, complaints = [], []

    def go(url, **options):
        context = browser.new_context(**{**LOOKS["light"], "reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        own = url[: url.index("/", 8) + 1] if url.startswith("http") else "file:"

        def on_request(request):
            if not request.url.startswith((own, "data:", "blob:")):
                complaints.append(f"asked another host: {request.url}")

        def on_response(response):
            if response.status >= 400:
                complaints.append(f"{response.status}: {response.url}")

        def on_console(message):
            if message.type in ("error", "warning"):
                complaints.append(f"console {message.type}: {message.text}")

        page.on("request", on_request)
        page.on("response", on_response)
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
        page.goto(url, wait_until="load")
        settle(page)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


def settle(page):
    """Wait until formulas are set and live figures drawn."""
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.wait_for_function(
        "() => !document.querySelector('.geneml-live:not([data-gl-ready])')"
        " && !document.querySelector('.gl-finding[aria-busy]')"
    )
    # The script that makes scrolling boxes reachable waits a moment for the layout to rest.
    page.wait_for_timeout(450)


def open_everything(page):
    """Unfold what is folded, so that it is looked at too."""
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((box) => { box.open = true })"
    )
    page.wait_for_timeout(450)


# ---- Every page ----------------------------------------------------------------------------


@every_look
@every_page
def test_page_has_no_wcag_violation_and_no_sideways_scroll(visit, address, stem, look):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(f"{address}{stem}.html", **LOOKS[look])
    theme = page.evaluate("document.documentElement.dataset.theme")
    assert theme == LOOKS[look]["color_scheme"]
    open_everything(page)
    width, inside = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width <= inside, _too_wide(page)
    options = {
        "preload": False,
        # Of rules that pass, one place each is enough.
        "resultTypes": ["violations"],
        "runOnly": {"type": "tag", "values": WCAG},
    }
    found = Axe().run(page, options=options).response
    assert len(found["passes"]) > 10
    told = [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:200]}\n"
        f"    {(node['any'] + node['all'] + node['none'] + [{'message': ''}])[0]['message']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert not told, "\n".join(told)


def _too_wide(page):
    return page.evaluate(
        "() => [...document.querySelectorAll('body *')]"
        ".filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
        ".slice(0, 8).map((one) => `${one.tagName}.${one.className}`)"
    )


@every_page
def test_structure(visit, address, stem):
    page = visit(f"{address}{stem}.html")
    headings = page.evaluate(
        "() => [...document.querySelectorAll('main :is(h1, h2, h3, h4, h5, h6)')]"
        ".map((one) => [Number(one.tagName[1]), one.textContent.replace('#', '').trim()])"
    )
    levels = [level for level, _ in headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert all(text for _, text in headings)
    bare = "() => [...document.images].filter((one) => !one.hasAttribute('alt')).length"
    assert page.evaluate(bare) == 0
    twice = page.evaluate(
        "() => { const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);"
        " return ids.filter((id, place) => ids.indexOf(id) !== place); }"
    )
    assert twice == []
    assert page.title().strip()
    assert page.evaluate("document.documentElement.lang") == "en"


@every_page
def test_links_within_the_site_lead_somewhere(site, stem):
    parsed = {}

    def anchors(path):
        if path not in parsed:
            html = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            parsed[path] = {tag["id"] for tag in html.find_all(id=True)}
        return parsed[path]

    here = site / f"{stem}.html"
    page = BeautifulSoup(here.read_text(encoding="utf-8"), "html.parser")
    links = [tag["href"] for tag in page.find_all("a", href=True)]
    assert links
    broken = []
    for link in links:
        target, anchor = urldefrag(link)
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path = (here.parent / unquote(target.split("?")[0])).resolve() if target else here
        if (
            not path.is_file()
            or anchor
            and path.suffix == ".html"
            and unquote(anchor) not in anchors(path)
        ):
            broken.append(link)
    assert broken == []


# ---- Chapters ------------------------------------------------------------------------------


@every_chapter
def test_live_figures_answer_the_keyboard(visit, address, stem):
    page = visit(f"{address}{stem}.html")
    figures = page.locator(".geneml-live").all()
    assert len(figures) >= 2
    still = []
    for figure in figures:
        sliders = figure.locator("input[type=range]").all()
        controls = figure.locator("input, button, [tabindex='0']").count()
        assert controls > 0, figure.get_attribute("data-geneml-live")
        for slider in sliders:
            before = _drawn(figure)
            slider.focus()
            value = slider.input_value()
            key = "ArrowLeft" if value == slider.get_attribute("max") else "ArrowRight"
            for _ in range(3):
                page.keyboard.press(key)
            page.wait_for_function("() => !document.querySelector('.gl-finding[aria-busy]')")
            page.wait_for_timeout(60)
            if slider.input_value() == value or _drawn(figure) == before:
                name = figure.get_attribute("data-geneml-live")
                still.append(f"{name}: {slider.get_attribute('id')}")
    assert still == []


def _drawn(figure):
    """What a figure shows: its drawing and its words, without the controls."""
    return figure.evaluate(
        "(one) => [...one.querySelectorAll('svg, canvas, .gl-finding, output, table')]"
        ".map((part) => part.outerHTML).join('')"
    )


@every_chapter
def test_notebook_of_the_chapter_can_be_downloaded(visit, address, stem):
    page = visit(f"{address}{stem}.html")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download notebook").click()
    path = download.value.path()
    assert download.value.suggested_filename == f"{stem}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs for cell in code)
    assert 'if "google.colab" in sys.modules:' in code[0].source
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "```{" not in prose
    assert ":::{" not in prose


@every_chapter
def test_notebook_of_the_chapter_converts(site, stem):
    from nbconvert import HTMLExporter

    notebook = nbformat.read(site / "notebooks" / f"{stem}.ipynb", as_version=4)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    title = notebook.cells[1].source.splitlines()[0].removeprefix("# ")
    assert title in html


@every_chapter
def test_chapter_works_from_the_disk(visit, site, stem):
    """Opened as a file, without a server, its live figures still move."""
    page = visit((site / f"{stem}.html").as_uri())
    figure = page.locator(".geneml-live:has(input[type=range])").first
    before = _drawn(figure)
    slider = figure.locator("input[type=range]").first
    slider.focus()
    end = slider.input_value() == slider.get_attribute("max")
    for _ in range(3):
        page.keyboard.press("ArrowLeft" if end else "ArrowRight")
    page.wait_for_timeout(200)
    assert _drawn(figure) != before


# ---- The frame around the pages ------------------------------------------------------------


def focus(page):
    """Accessible description of what has the focus."""
    return page.evaluate(
        "() => { const one = document.activeElement;"
        " return (one.getAttribute('aria-label') || one.textContent || one.tagName).trim(); }"
    )


def test_first_tab_stop_skips_to_the_content(visit, address):
    page = visit(f"{address}index.html")
    page.keyboard.press("Tab")
    assert focus(page) == "Skip to main content"
    assert page.locator(".skip-link a").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_what_has_the_focus_is_visible(visit, address):
    page = visit(f"{address}00_how_to_use.html")
    unseen = []
    for _ in range(45):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "() => { const look = getComputedStyle(document.activeElement);"
            " const parent = getComputedStyle(document.activeElement.parentElement);"
            " return [look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0,"
            " look.boxShadow !== 'none', parent.boxShadow !== 'none'].some(Boolean); }"
        )
        if not seen:
            unseen.append(focus(page))
    assert unseen == []


def test_search_by_keyboard(visit, address):
    page = visit(f"{address}index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("heritability")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=heritability*")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() > 0


def test_dark_and_light_can_be_chosen_and_are_remembered(visit, address):
    page = visit(f"{address}index.html")
    switch = page.locator(".bd-header-article .theme-switch-button")
    themes = []
    for _ in range(3):
        switch.focus()
        page.keyboard.press("Enter")
        themes.append(page.evaluate("document.documentElement.dataset.theme"))
    assert set(themes) == {"light", "dark"}
    while page.evaluate("document.documentElement.dataset.mode") != "dark":
        switch.click()
    page.goto(f"{address}00_how_to_use.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_contents_open_and_close_by_keyboard_on_a_phone(visit, address):
    page = visit(f"{address}index.html", **LOOKS["phone"])
    chapter = page.get_by_role("link", name="How to use this course").first
    page.get_by_role("button", name="Table of contents").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] nav.bd-links")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    page.get_by_role("button", name="Table of contents").click()
    chapter = page.locator("dialog[open] nav.bd-links").get_by_role(
        "link", name="How to use this course"
    )
    chapter.click()
    page.wait_for_url("**/00_how_to_use.html")


def test_formulas_are_set_by_the_site_itself_and_can_be_heard(visit, address):
    stem = next((one for one in CHAPTERS if _has_formula(one)), None)
    if stem is None:
        pytest.skip("no chapter of this site has a formula")
    page = visit(f"{address}{stem}.html")
    assert page.locator("mjx-container").count() > 0
    assert (
        page.locator("mjx-container mjx-assistive-mml math").count()
        == page.locator("mjx-container").count()
    )


def _has_formula(stem):
    return 'class="math' in (SITE / f"{stem}.html").read_text(encoding="utf-8")
