"""What tests of all rooms share: real data, from GENEML_DATA or beside the checkout; a browser."""

import os
import shutil
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
if "GENEML_DATA" not in os.environ and _BESIDE.is_dir():
    os.environ["GENEML_DATA"] = str(_BESIDE)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets; the test is skipped where there is none."""
    folder = os.environ.get("GENEML_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("real data not here: set GENEML_DATA to a folder that holds it")
    return Path(folder)


CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def without_browser(reason: str) -> None:
    """Skip the test, or fail it where GENEML_REQUIRE_BROWSER=1 says that it has to run."""
    if os.environ.get("GENEML_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason} (GENEML_REQUIRE_BROWSER=1)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium: GENEML_CHROMIUM, the one on the path, or Playwright's own.

    One for the whole session, because Playwright runs once in a thread.
    """
    try:
        from playwright import sync_api
    except ImportError:
        without_browser("Playwright is not installed: pip install playwright")
    on_path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    executable = os.environ.get("GENEML_CHROMIUM") or on_path
    with sync_api.sync_playwright() as engine:
        try:
            started = engine.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        except sync_api.Error as error:
            without_browser(f"Chromium is not here: {error.message.splitlines()[0]}")
        yield started
        started.close()
