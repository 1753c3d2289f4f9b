"""Two ways to run the figures' JavaScript: Node for the maths, Chromium for the page."""

import json
import shutil
import subprocess

import pytest

from geneml.intervals import Interval
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


def _gap(mean):
    gap = Interval(mean, mean - 0.02, mean + 0.02, 5, 0.95)
    return {"r": gap, "mse": Interval(-mean, -mean - 0.03, -mean + 0.03, 5, 0.95)} | {
        "folds_won": 3,
        "folds_lost": 2,
    }


def _scores(r, seconds):
    values = {"mse": 2 - r, "r": r, "r2": r**2, "distance_correlation": r, "seconds": seconds}
    values |= {"calibration_slope": 0.9 + r, "markers": 100.0, "loadings": 10 * r}
    return {"folds": 5} | {name: {"mean": one, "sd": 0.05} for name, one in values.items()}


@pytest.fixture(scope="session")
def contest_results():
    """Two small data sets in the form of a record of the comparison; the second is not printed."""
    inputs = ("markers", "markers and loadings")
    nothing = {"mean": None, "sd": None}
    mean = _scores(0.0, 0.01) | {"r": nothing, "distance_correlation": nothing}

    def trait(shift):
        scores = {
            one: {"GBLUP": _scores(0.3 + shift, 1.5), "GRVSNN": _scores(0.32 + shift, 60.0)}
            for one in inputs
        }
        scores["markers"] |= {"mean": mean | {"calibration_slope": nothing}}
        return {
            "scores": scores,
            "minus_gblup": {one: {"GRVSNN": _gap(0.05 + shift)} for one in inputs},
            "gain_of_loadings": {"GBLUP": _gap(0.01), "GRVSNN": _gap(-0.04 + shift)},
        }

    def data(name, protocols):
        facts = {"heritability": 0.25, "variance": 2.0}
        return {
            "data": name,
            "audit": {"body_length": facts},
            "protocols": {
                one: {"test_rows": 20, "body_length": trait(0.01 * i), "settings": {}}
                for i, one in enumerate(protocols)
            },
            "published": {
                "tables": {"mice": {"body_length": {"GRVSNN": {one: _PRINTED for one in inputs}}}},
                "minutes": {"mice": {one: {"GRVSNN": 8.0} for one in inputs}},
            },
        }

    return {
        "mice": data("mice", ("honest", "families", "authors")),
        "pigs": data("pigs", ["honest"]),
    }


_PRINTED = {"r": 0.7, "mse": 0.14, "distance_correlation": 0.73, "features": 64}
