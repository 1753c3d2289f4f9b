"""Read a Keras model that came from the learner's code, after an inspection.

A .keras file is a zip archive of two JSON files and one HDF5 file. Keras's own safe mode
refuses Lambda layers. The inspection goes further: it accepts only the parts of a plain
model, before Keras sees any of it.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from typing import Any

from lessons.grader.exercises import NotPassed

MAX_BYTES = 128 * 2**20
_MEMBERS = {"metadata.json": 2**20, "config.json": 8 * 2**20, "model.weights.h5": MAX_BYTES}
_MODULES = (
    "keras.activations",
    "keras.constraints",
    "keras.dtype_policies",
    "keras.initializers",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.models",
    "keras.optimizers",
    "keras.random",
    "keras.regularizers",
    "keras.src.losses",
    "keras.src.metrics",
    "keras.src.models.functional",
    "keras.src.models.sequential",
    "keras.src.ops",
    "keras.src.optimizers",
    "geneml.layers",
    "geneml.losses",
    "geneml.regularizers",
)
_REFUSED_CLASSES = (
    "Lambda",
    "TFSMLayer",
    "JaxLayer",
    "FlaxLayer",
    "TorchModuleWrapper",
    "function",
)


def read_model(file: bytes, name: str) -> Any:
    """Load a model from the bytes of a .keras file.

    Parameters
    ----------
    file : bytes
        The file, hostile until inspected.
    name : str
        Function that built the model, for messages.

    Returns
    -------
    keras.Model
        The model.

    Raises
    ------
    NotPassed
        If the file is no model of Keras's and geneml's own parts.
    """
    complaint = inspect_model(file)
    if complaint:
        raise NotPassed(f"The model of {name} was not accepted: {complaint}", status="refused")
    import keras

    import geneml.layers
    import geneml.regularizers  # noqa: F401  (registers its class)

    with tempfile.TemporaryDirectory(prefix="geneml-model-") as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as stream:
            stream.write(file)
        try:
            return keras.models.load_model(path, safe_mode=True, compile=False)
        except Exception as error:
            message = f"The model of {name} could not be read back ({type(error).__name__})."
            raise NotPassed(message, status="refused") from error


def inspect_model(file: bytes) -> str:
    """Look for anything in a .keras file that a plain model does not have.

    Parameters
    ----------
    file : bytes
        The file.

    Returns
    -------
    str
        The complaint; empty if there is none.
    """
    if len(file) > MAX_BYTES:
        return f"it is larger than {MAX_BYTES // 2**20} MB"
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            complaint = _inspect_members(archive)
            if complaint:
                return complaint
            config = json.loads(archive.read("config.json"))
            weights = archive.read("model.weights.h5")
        return _inspect_config(config, 0) or _inspect_weights(weights)
    except (
        zipfile.BadZipFile,
        ValueError,
        KeyError,
        OSError,
        RecursionError,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ):
        return "the file is damaged"


def _inspect_members(archive: zipfile.ZipFile) -> str:
    members = archive.infolist()
    if sorted(member.filename for member in members) != sorted(_MEMBERS):
        return "the file holds other members than a model's three"
    for member in members:
        if member.file_size > _MEMBERS[member.filename]:
            return f"{member.filename} is too large"
        # The kind of a Unix file is in the high bits; a link there would point elsewhere.
        if (member.external_attr >> 16) & 0o170000 not in (0, 0o100000):
            return f"{member.filename} is no plain file"
    return ""


def _inspect_config(part: Any, depth: int) -> str:
    if depth > 60:
        return "its description is nested too deeply"
    if isinstance(part, list):
        return next((c for item in part if (c := _inspect_config(item, depth + 1))), "")
    if not isinstance(part, dict):
        return ""
    kind = part.get("class_name")
    if isinstance(kind, str):
        module = part.get("module")
        if kind.rpartition(">")[2] in _REFUSED_CLASSES:
            return f"{kind} can hold code; build the model from Keras's own layers"
        # How Keras writes down tensors between layers, tuples and slices.
        plain = kind in ("__keras_tensor__", "__tuple__", "slice")
        known = isinstance(module, str) and (
            module == "keras" or any(module == m or module.startswith(m + ".") for m in _MODULES)
        )
        if not (known or plain):
            return f"{kind} of {module} is none of Keras's or geneml's own parts"
    elif "class_name" in part:
        return "its description is malformed"
    return next((c for item in part.values() if (c := _inspect_config(item, depth + 1))), "")


def _inspect_weights(weights: bytes) -> str:
    """Refuse an HDF5 file that refers to other files."""
    import h5py

    complaints: list[str] = []

    def visit(group: Any, depth: int) -> None:
        for name in group:
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                complaints.append("its weights refer to another place")
                return
            item = group[name]
            if isinstance(item, h5py.Group):
                if depth > 30:
                    complaints.append("its weights are nested too deeply")
                    return
                visit(item, depth + 1)
            elif item.external or item.is_virtual or item.dtype.kind not in "biufSO":
                complaints.append("its weights refer to another file")

    with h5py.File(io.BytesIO(weights), "r") as file:
        visit(file, 0)
    return complaints[0] if complaints else ""
