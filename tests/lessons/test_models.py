"""A model file is looked through before Keras sees it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lessons.grader.engine import check_cells
from lessons.grader.exercises import NotPassed
from lessons.grader.lesson import load_lesson
from lessons.grader.models import inspect_model, read_model
from lessons.grader.source import parse_cells

DENSE: dict[str, Any] = {
    "module": "keras.layers",
    "class_name": "Dense",
    "config": {"units": 3, "activation": "relu"},
    "registered_name": None,
}


def weights(change: str = "") -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"] = np.zeros((2, 3), dtype="f4")
        if change == "external link":
            group["1"] = h5py.ExternalLink("/etc/passwd", "/")
        if change == "soft link":
            group["1"] = h5py.SoftLink("/layers")
        if change == "external data":
            group.create_dataset("1", (4,), dtype="u1", external=[("/etc/passwd", 0, 4)])
        if change == "virtual data":
            layout = h5py.VirtualLayout((4,), dtype="u1")
            layout[:] = h5py.VirtualSource("/etc/other.h5", "x", (4,))
            group.create_virtual_dataset("1", layout)
    return stream.getvalue()


def archive(layers: list[Any], **members: bytes) -> bytes:
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "model", "layers": layers},
        "registered_name": None,
    }
    parts = {
        "metadata.json": b"{}",
        "config.json": json.dumps(config).encode(),
        "model.weights.h5": weights(),
    }
    parts.update({name.replace("__", "."): data for name, data in members.items()})
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return stream.getvalue()


def test_a_plain_model_has_nothing_to_complain_of() -> None:
    assert inspect_model(archive([DENSE])) == ""


def _layer(**change: Any) -> bytes:
    return archive([{**DENSE, **change}])


def _with_link() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name in ("metadata.json", "model.weights.h5"):
            file.writestr(name, b"{}")
        link = zipfile.ZipInfo("config.json")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    return stream.getvalue()


def _repeated() -> bytes:
    stream = io.BytesIO(archive([DENSE]))
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(stream, "a") as file,
    ):
        file.writestr("config.json", b"{}")
    return stream.getvalue()


def _deep() -> Any:
    deep: Any = DENSE
    for _ in range(100):
        deep = [deep]
    return deep


HOSTILE = {
    "no archive": (b"PK passed", "damaged"),
    "nothing": (b"", "damaged"),
    "a member outside": (archive([DENSE], **{"../../pwned": b"x"}), "other members"),
    "an absolute member": (archive([DENSE], **{"/tmp/pwned": b"x"}), "other members"),
    "an asset": (archive([DENSE], **{"assets/run__py": b"x"}), "other members"),
    "a link": (_with_link(), "no plain file"),
    "a bomb": (archive([DENSE], metadata__json=bytes(2**21)), "too large"),
    "a broken description": (archive([DENSE], config__json=b"{"), "damaged"),
    "weights that are none": (archive([DENSE], model__weights__h5=b"HDF"), "damaged"),
    "a lambda layer": (_layer(class_name="Lambda"), "can hold code"),
    "a registered lambda layer": (_layer(class_name="Custom>Lambda"), "can hold code"),
    "a foreign graph": (_layer(class_name="TFSMLayer"), "can hold code"),
    "a function by name": (
        _layer(module="builtins", class_name="function", registered_name="function"),
        "can hold code",
    ),
    "a class of the system": (_layer(module="subprocess", class_name="Popen"), "none of Keras"),
    "a class of builtins": (_layer(module="builtins", class_name="exec"), "none of Keras"),
    "a class without module": (_layer(module=None, class_name="Custom"), "none of Keras"),
    "a utility of Keras": (_layer(module="keras.utils", class_name="get_file"), "none of Keras"),
    "a module that starts alike": (_layer(module="keras.layersx", class_name="X"), "none of Keras"),
    "a hidden initialiser": (
        archive([{**DENSE, "config": {"a": [{"class_name": "Lambda", "module": "keras.layers"}]}}]),
        "can hold code",
    ),
    "a class that is no name": (_layer(class_name=["Dense"]), "malformed"),
    "a description without end": (archive([_deep()]), "nested"),
    **{
        change: (archive([DENSE], model__weights__h5=weights(change)), "weights refer")
        for change in ("external link", "soft link", "external data", "virtual data")
    },
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_is_refused_before_keras_is_imported(name: str) -> None:
    file, complaint = HOSTILE[name]
    assert complaint in inspect_model(file)
    with pytest.raises(NotPassed) as caught:
        read_model(file, "build")
    assert caught.value.status == "refused"


def test_a_member_that_comes_twice_is_refused() -> None:
    assert "other members" in inspect_model(_repeated())


CHECKS = """
import numpy as np
from lessons.grader import exercise, require

@exercise("build", title="Build", points=2, ladder=["a"], hints={}, seconds=60, keras=True)
def check_build(submission, rng):
    width = int(rng.integers(3, 9))
    model = submission.model("build", width)
    require(model.input_shape == (None, width), "width")
    require(model.count_params() == width * 3 + 3 + 4, "parameters")

@exercise("plain", title="Plain", points=1, ladder=["a"], hints={}, seconds=60, keras=True)
def check_plain(submission, rng):
    require(submission.call("plain", 3) == 4, "no")
"""

MODELS = """
# exercise: build
def build(width):
    import keras
    inputs = keras.Input((width,))
    hidden = keras.layers.Dense(3, activation="gelu", kernel_regularizer="l2")(inputs)
    hidden = keras.layers.Dropout(0.1)(hidden) * 2.0
    return keras.Model(inputs, keras.layers.Dense(1)(hidden))
# exercise: plain
def plain(x):
    return x + 1
"""


@pytest.mark.slow
def test_a_model_built_in_the_child_is_checked_in_the_parent(tmp_path: Path) -> None:
    folder = tmp_path / "networks"
    folder.mkdir()
    (folder / "checks.py").write_text(CHECKS)
    lesson = load_lesson("networks", tmp_path)
    report = check_cells(lesson, parse_cells(MODELS, ".py"))
    assert report.passed, report
    twisted = MODELS.replace("keras.layers.Dropout(0.1)", "keras.layers.Lambda(lambda z: z)")
    report = check_cells(lesson, parse_cells(twisted, ".py"))
    assert report["build"].status == "refused"
    assert report["plain"].passed
