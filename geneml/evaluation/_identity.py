"""A short text that stands for everything that a study depends on."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import types
from typing import Any

import numpy as np
import pandas as pd


def digest(thing: Any) -> str:
    """Return a text that changes with any setting or value inside a thing."""
    found = hashlib.sha256()
    _feed(found, thing)
    return found.hexdigest()[:32]


def _feed(found: Any, thing: Any) -> None:
    found.update(f"<{type(thing).__module__}.{type(thing).__qualname__}>".encode())
    if isinstance(thing, np.ndarray):
        found.update(f"{thing.dtype}{thing.shape}".encode())
        if thing.dtype.hasobject:
            _feed(found, thing.tolist())
        else:
            found.update(np.ascontiguousarray(thing).tobytes())
    elif isinstance(thing, pd.DataFrame):
        for name in thing:
            _feed(found, [str(name), thing[name].to_numpy()])
    elif isinstance(thing, dict):
        for key, value in thing.items():
            _feed(found, key)
            _feed(found, value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            _feed(found, value)
    elif isinstance(thing, functools.partial):
        _feed(found, [thing.func, thing.args, thing.keywords])
    elif isinstance(thing, types.FunctionType):
        # What it does, not where it lies: an edited function is another method.
        code, cells = thing.__code__, thing.__closure__ or ()
        constants = [c for c in code.co_consts if not isinstance(c, types.CodeType)]
        named = (thing.__module__, thing.__qualname__, code.co_code, code.co_names)
        _feed(found, [*named, constants, [cell.cell_contents for cell in cells]])
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for field in dataclasses.fields(thing):
            _feed(found, [field.name, getattr(thing, field.name)])
    elif isinstance(thing, str | bytes | int | float | complex | bool | np.generic | None):
        found.update(repr(thing).encode())
    elif isinstance(thing, type | types.BuiltinFunctionType | types.ModuleType):
        found.update(getattr(thing, "__qualname__", thing.__name__).encode())
    elif hasattr(thing, "__dict__"):
        _feed(found, dict(vars(thing)))
