"""Values as JSON and npy, in both directions, and never as pickles.

The parent takes everything that arrives here for hostile: sizes are checked before
anything is read, an array's header before its data, and no class is ever built from a
name that the child sent.
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import math
from types import SimpleNamespace
from typing import Any

import numpy as np

MAX_DEPTH = 40
# Booleans, integers, floats, complex numbers, fixed-width text. Object arrays have no place.
DTYPE_KINDS = "biufcSU"
TRUSTED_PACKAGES = ("geneml", "data_sim")


class WireError(Exception):
    """Something that cannot be sent, or that arrived broken."""


class Opaque:
    """Stands for a part of a record that cannot travel, such as a trained model."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}, not sent>"


def encode(value: Any) -> tuple[Any, list[bytes]]:
    """Turn a value into a JSON tree and the npy files it refers to.

    Parameters
    ----------
    value : any
        None, truth value, number, text, list, tuple, set, dict, NumPy array, pandas table,
        dataclass, or these nested.

    Returns
    -------
    tree : any
        What JSON can hold.
    blobs : list of bytes
        One npy file per array.

    Raises
    ------
    WireError
        If the value holds anything else.
    """
    blobs: list[bytes] = []
    return _encode(value, blobs, 0), blobs


def _encode(value: Any, blobs: list[bytes], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"values are nested more than {MAX_DEPTH} deep")
    if value is None or value is True or value is False:
        return value
    if value is Ellipsis:
        return {"kind": "ellipsis"}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, np.ndarray):
        return _encode_array(value, blobs)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [_encode(item, blobs, depth + 1) for item in value]
        if isinstance(value, list):
            return items
        return {"kind": "tuple" if isinstance(value, tuple) else "set", "items": items}
    if isinstance(value, dict):
        pairs = [
            [_encode(key, blobs, depth + 1), _encode(item, blobs, depth + 1)]
            for key, item in value.items()
        ]
        return {"kind": "dict", "items": pairs}
    return _encode_foreign(value, blobs, depth)


def _encode_foreign(value: Any, blobs: list[bytes], depth: int) -> Any:
    package = type(value).__module__.partition(".")[0]
    kind = type(value).__name__
    if package == "pandas":
        if kind == "DataFrame":
            columns = [
                [_encode(name, blobs, depth + 1), _column(value.iloc[:, i], blobs, depth)]
                for i, name in enumerate(value.columns)
            ]
            return {
                "kind": "frame",
                "columns": columns,
                "index": _column(value.index, blobs, depth),
            }
        if kind == "Series":
            return {
                "kind": "series",
                "name": _encode(value.name, blobs, depth + 1),
                "values": _column(value, blobs, depth),
                "index": _column(value.index, blobs, depth),
            }
        if kind.endswith("Index"):
            return _column(value, blobs, depth)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {}
        for item in dataclasses.fields(value):
            part = getattr(value, item.name)
            try:
                fields[item.name] = _encode(part, blobs, depth + 1)
            except WireError:
                fields[item.name] = {"kind": "opaque", "type": type(part).__name__}
        return {
            "kind": "record",
            "class": f"{type(value).__module__}:{type(value).__qualname__}",
            "fields": fields,
        }
    if package in ("tensorflow", "jax", "jaxlib", "torch", "keras") and hasattr(value, "__array__"):
        return _encode_array(np.asarray(value), blobs)
    raise WireError(kind)


def _column(values: Any, blobs: list[bytes], depth: int) -> Any:
    array = np.asarray(values)
    if array.dtype.kind in DTYPE_KINDS:
        return _encode_array(array, blobs)
    # Text columns of a table are object arrays in NumPy; as a list they are plain JSON.
    # Missing text is NaN in pandas: None says the same in either direction.
    items = [None if isinstance(v, float) and math.isnan(v) else v for v in array.tolist()]
    return [_encode(item, blobs, depth + 1) for item in items]


def _encode_array(array: np.ndarray, blobs: list[bytes]) -> Any:
    array = np.array(array, copy=None, subok=False)
    if array.dtype.kind == "O":
        flat = array.ravel().tolist()
        if not flat or not all(isinstance(item, str) for item in flat):
            raise WireError("array of Python objects")
        array = np.array(flat, dtype=str).reshape(array.shape)
    if array.dtype.kind not in DTYPE_KINDS:
        raise WireError(f"array of dtype {array.dtype}")
    buffer = io.BytesIO()
    np.lib.format.write_array(
        buffer, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False
    )
    blobs.append(buffer.getvalue())
    return {"kind": "array", "blob": len(blobs) - 1}


def decode(tree: Any, blobs: list[bytes], *, trusted: bool = False) -> Any:
    """Rebuild a value from a JSON tree and its npy files.

    Parameters
    ----------
    tree : any
        As made by `encode`.
    blobs : list of bytes
        The npy files.
    trusted : bool
        Whether records may become dataclasses of geneml and data_sim again. Only the child
        trusts, because its parent sent them; in the parent a record is a bare namespace.

    Returns
    -------
    any
        The value.

    Raises
    ------
    WireError
        If the tree or a file is malformed.
    """
    return _decode(tree, blobs, trusted, 0)


def _decode(tree: Any, blobs: list[bytes], trusted: bool, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"values are nested more than {MAX_DEPTH} deep")
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree

    def inner(part: Any) -> Any:
        return _decode(part, blobs, trusted, depth + 1)

    if isinstance(tree, list):
        return [inner(item) for item in tree]
    kind = tree.get("kind")
    try:
        if kind == "array":
            return read_array(blobs[_index(tree["blob"], len(blobs))])
        if kind == "tuple":
            return tuple(inner(item) for item in tree["items"])
        if kind == "set":
            return {inner(item) for item in tree["items"]}
        if kind == "dict":
            return {inner(key): inner(item) for key, item in tree["items"]}
        if kind == "ellipsis":
            return Ellipsis
        if kind == "opaque":
            return Opaque(str(tree["type"])[:80])
        if kind == "record":
            fields = {str(name): inner(part) for name, part in tree["fields"].items()}
            return _rebuild(tree["class"], fields) if trusted else SimpleNamespace(**fields)
        if kind in ("frame", "series"):
            return _decode_table(tree, inner)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise WireError(f"malformed {kind}") from error
    raise WireError(f"unknown kind {str(kind)[:40]!r}")


def _decode_table(tree: Any, inner: Any) -> Any:
    import pandas as pd

    index = pd.Index(inner(tree["index"]))
    if tree["kind"] == "series":
        return pd.Series(inner(tree["values"]), index=index, name=inner(tree["name"]))
    columns = [(inner(name), inner(values)) for name, values in tree["columns"]]
    data = dict(enumerate(values for _, values in columns))
    frame = pd.DataFrame(data, index=index)
    frame.columns = pd.Index([name for name, _ in columns])
    return frame


def _rebuild(name: str, fields: dict[str, Any]) -> Any:
    module, _, qualname = name.partition(":")
    if module.partition(".")[0] not in TRUSTED_PACKAGES:
        return SimpleNamespace(**fields)
    made: Any = importlib.import_module(module)
    for part in qualname.split("."):
        made = getattr(made, part)
    return made(**{item.name: fields[item.name] for item in dataclasses.fields(made) if item.init})


def _index(value: Any, length: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < length:
        raise WireError("reference to a missing array")
    return value


def read_array(blob: bytes) -> np.ndarray:
    """Read an npy file after checking its header.

    Parameters
    ----------
    blob : bytes
        The file.

    Returns
    -------
    numpy.ndarray
        Own, writable memory; never of objects.

    Raises
    ------
    WireError
        If the header is malformed, the dtype is not one of numbers, truth values or text, or
        the size announced is not the size that came.
    """
    stream = io.BytesIO(blob)
    try:
        version = np.lib.format.read_magic(stream)
        readers = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        shape, fortran, dtype = readers[version](stream, max_header_size=4096)
    except Exception as error:
        raise WireError("malformed array header") from error
    if dtype.kind not in DTYPE_KINDS or dtype.hasobject or dtype.subdtype or dtype.itemsize == 0:
        raise WireError("array of a kind that is not accepted")
    if len(shape) > 8 or any(size < 0 for size in shape):
        raise WireError("array of a shape that is not accepted")
    count = math.prod(shape)
    if count * dtype.itemsize != len(blob) - stream.tell():
        raise WireError("array header and data disagree in size")
    flat = np.frombuffer(blob, dtype=dtype, count=count, offset=stream.tell()).copy()
    return flat.reshape(shape, order="F" if fortran else "C")
