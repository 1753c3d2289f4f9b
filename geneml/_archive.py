"""The file a predictor is kept in.

A zip archive of the Keras model (or the arrays of a linear model), the training means of the
genotypes, and a JSON description with the variants, their alleles, and the trait's mean and
standard deviation. It holds data only: loading runs no code from the file (``safe_mode`` for the
model, ``allow_pickle=False`` for the arrays).
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geneml._files import existing, write_files
from geneml.baselines.linear import LinearFit
from geneml.preprocessing import VARIANT_COLUMNS, Preprocessing

FORMAT = "geneml predictor"
FORMAT_VERSION = 1
_SIMPLE = ("inputs", "trait", "mean", "standard_deviation", "length", "alphabet", "about")


def write_archive(path: Path | str, model: Any, preprocessing: Preprocessing) -> None:
    """Write a model and its preprocessing to one file, whole or not at all.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError
        If no file can be written there.
    """
    from geneml import __version__

    know = preprocessing
    linear = isinstance(model, LinearFit)
    description: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "geneml": __version__,
        "model": model.method if linear else "keras",
        **{name: getattr(know, name) for name in _SIMPLE},
        "variants": None
        if know.variants is None
        else {name: know.variants[name].tolist() for name in VARIANT_COLUMNS},
    }
    arrays = {} if know.dosage_means is None else {"dosage_means": know.dosage_means}
    if linear:
        description["intercept"] = model.intercept
        description["penalty"] = None if np.isinf(model.penalty) else model.penalty
        arrays |= {"coefficients": model.coefficients, "means": model.means}
    members = {"preprocessing.json": json.dumps(description, allow_nan=False).encode()}
    for name, values in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, values, allow_pickle=False)
        members[f"{name}.npy"] = buffer.getvalue()
    if not linear:
        members["model.keras"] = _model_bytes(model)

    def write(stream: Any) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    write_files({Path(path): write})


def read_archive(path: Path | str) -> tuple[Any, Preprocessing]:
    """Read a model and its preprocessing.

    Raises
    ------
    FileNotFoundError
        If the file is not there.
    ValueError
        If it is no such file, is damaged, or was written by a newer version.
    """
    path = existing(path, "a saved predictor")
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        description = json.loads(members["preprocessing.json"])
        if description["format"] != FORMAT:
            raise KeyError("format")
        version = int(description["format_version"])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError):
        raise ValueError(
            f"{path}: expected a predictor saved by geneml, received another or a damaged file"
        ) from None
    if version > FORMAT_VERSION:
        raise ValueError(
            f"{path}: written by geneml {description.get('geneml')} in format {version}; this "
            f"version reads up to {FORMAT_VERSION}; update geneml"
        )
    try:
        arrays = {
            name.removesuffix(".npy"): np.load(io.BytesIO(content), allow_pickle=False)
            for name, content in members.items()
            if name.endswith(".npy")
        }
        variants = description["variants"]
        preprocessing = Preprocessing(
            variants=None if variants is None else pd.DataFrame(variants),
            dosage_means=arrays.get("dosage_means"),
            **{name: description[name] for name in _SIMPLE},
        )
        if description["model"] == "keras":
            model = _model_from_bytes(members["model.keras"])
        else:
            penalty = description["penalty"]
            model = LinearFit(
                arrays["coefficients"],
                float(description["intercept"]),
                float("inf") if penalty is None else float(penalty),
                arrays["means"],
                {},
                description["model"],
            )
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"{path}: expected a complete predictor; {error}") from error
    return model, preprocessing


def holds_network(path: Path | str) -> bool:
    """Whether the file holds a Keras model, so that reading it needs Keras.

    ``False`` also for a file that is no predictor; :func:`read_archive` says what is wrong.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return "model.keras" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _model_bytes(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        model.save(file)
        return file.read_bytes()


def _model_from_bytes(content: bytes) -> Any:
    import keras

    import geneml._optimizers
    import geneml.layers
    import geneml.regularizers  # noqa: F401  (registers what a saved network may name)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        file.write_bytes(content)
        # Training state is not needed to predict; safe_mode refuses code inside the file.
        return keras.saving.load_model(file, compile=False, safe_mode=True)
