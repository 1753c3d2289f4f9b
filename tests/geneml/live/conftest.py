"""Two ways to run the figures' JavaScript: Node for the maths, Chromium for the page."""

import json
import shutil
import subprocess

import pytest

from geneml.live.bundle import figure_module, toolbox


@pytest.fixture(scope="session")
def javascript():
    """Evaluate an expression that sees `kit`, the figure's exports `m` and the values `v`."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node not here: install Node.js to check the figures' arithmetic")

    def run(name, expression, **values):
        program = (
            f"const kit = {toolbox()};\nconst m = {figure_module(name)};\n"
            'const v = JSON.parse(require("fs").readFileSync(0, "utf8"));\n'
            f"const result = (() => {{ return {expression}; }})();\n"
            "process.stdout.write(JSON.stringify(result, (key, value) =>"
            " ArrayBuffer.isView(value) ? Array.from(value) : value));"
        )
        done = subprocess.run(
            [node, "--input-type=commonjs", "-e", program],
            input=json.dumps(values),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run


@pytest.fixture
def visit(browser, tmp_path):
    """Open HTML from a file; return the page, and fail if it complained or asked for more."""
    contexts = []
    complaints = []

    def go(html, *, ready=True, **options):
        options = {"viewport": {"width": 900, "height": 700}, **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "console",
            lambda line: line.type in ("error", "warning") and complaints.append(line.text),
        )
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("file:", "data:"))
                or complaints.append(f"asked for {request.url}")
            ),
        )
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        page.goto(path.as_uri())
        if ready:
            page.wait_for_function(
                "() => document.querySelectorAll('.geneml-live').length > 0 &&"
                " document.querySelectorAll('.geneml-live:not([data-gl-ready])').length === 0"
            )
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []
