"""Where the tests find real data: GENEML_DATA, or a folder beside the checkout."""

import os
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
