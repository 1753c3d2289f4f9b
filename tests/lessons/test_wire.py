"""Values go there and back unchanged; what is malformed is refused before it is read."""

from __future__ import annotations

import io
import json
import math
import struct
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geneml.splits import Split
from lessons.grader.sandbox import messages, wire

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=12,
)


def round_trip(value: Any, *, trusted: bool = False) -> Any:
    stream = io.BytesIO()
    tree, blobs = wire.encode(value)
    messages.write_message(stream, {"value": tree}, blobs)
    stream.seek(0)
    received = messages.read_message(stream)
    assert received is not None
    message, blobs = received
    assert messages.read_message(stream) is None
    return wire.decode(message["value"], blobs, trusted=trusted)


@settings(max_examples=60, deadline=None)
@given(PLAIN)
def test_plain_values_come_back_with_their_kinds(value: Any) -> None:
    back = round_trip(value)
    assert back == value
    assert type(back) is type(value)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        dtype=st.sampled_from(["<f8", "<f4", "int8", "<i8", "?", "uint8", "<c16", "<U3"]),
        shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_arrays_come_back_with_dtype_and_shape(array: np.ndarray) -> None:
    back = round_trip(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)
    back[...] = back  # its own, writable memory


def test_fortran_order_and_views_come_back_equal() -> None:
    array = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(round_trip(array), array)
    np.testing.assert_array_equal(round_trip(array[::2, ::-1]), array[::2, ::-1])


def test_special_numbers_and_sets_come_back() -> None:
    back = round_trip([float("inf"), float("nan"), {1, 2}, np.float32(0.5), np.int8(3)])
    assert back[0] == math.inf
    assert math.isnan(back[1])
    assert back[2:] == [{1, 2}, 0.5, 3]
    assert round_trip(...) is ...


def test_tables_come_back_as_tables() -> None:
    frame = pd.DataFrame({"mass": [1.5, 2.5], "name": ["a", None]}, index=["s1", "s2"])
    back = round_trip(frame)
    assert list(back.columns) == ["mass", "name"]
    assert list(back.index) == ["s1", "s2"]
    np.testing.assert_array_equal(back["mass"], frame["mass"])
    assert back["name"].iloc[0] == "a"
    assert pd.isna(back["name"].iloc[1])
    series = round_trip(frame["mass"])
    assert series.name == "mass"
    np.testing.assert_array_equal(series, frame["mass"])


def test_text_arrays_of_objects_travel_as_text() -> None:
    back = round_trip(np.array([["a", "bcd"]], dtype=object))
    assert back.dtype.kind == "U"
    assert back.tolist() == [["a", "bcd"]]


def test_a_record_is_rebuilt_for_the_child_and_stays_a_namespace_for_the_parent() -> None:
    split = Split(np.arange(3), np.arange(3, 4), np.arange(4, 5), "by hand")
    assert isinstance(round_trip(split, trusted=True), Split)
    namespace = round_trip(split)
    assert type(namespace).__name__ == "SimpleNamespace"
    np.testing.assert_array_equal(namespace.training, [0, 1, 2])


def test_a_record_of_a_foreign_class_is_never_built() -> None:
    tree = {"kind": "record", "class": "subprocess:Popen", "fields": {"args": "true"}}
    for trusted in (False, True):
        assert type(wire.decode(tree, [], trusted=trusted)).__name__ == "SimpleNamespace"


@pytest.mark.parametrize(
    "value",
    [object(), lambda: 0, (n for n in "ab"), np.array([{}], dtype=object), b"bytes", 1 + 2j],
)
def test_other_kinds_are_not_sent(value: Any) -> None:
    with pytest.raises(wire.WireError):
        wire.encode(value)


def npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


def header(text: str, data: bytes = b"") -> bytes:
    padded = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + data


HOSTILE_ARRAYS = {
    "empty": b"",
    "no npy file": b"P" * 200,
    "objects": npy(np.array([1, "a"], dtype=object), allow_pickle=True),
    "too little data": npy(np.zeros(8))[:-1],
    "too much data": npy(np.zeros(8)) + b"\0",
    "a terabyte announced": header("{'descr':'<f8','fortran_order':False,'shape':(10**11,)}"),
    "huge shape": header("{'descr':'<f8','fortran_order':False,'shape':(100000000000,)}"),
    "negative shape": header("{'descr':'<f8','fortran_order':False,'shape':(-1,)}"),
    "many axes": header(f"{{'descr':'<f8','fortran_order':False,'shape':{(1,) * 20}}}", bytes(8)),
    "dates": npy(np.zeros(2, dtype="M8[s]")),
    "record dtype": npy(np.zeros(2, dtype=[("a", "<f8"), ("b", "<i4")])),
    "void": npy(np.zeros(2, dtype="V8")),
    "nothing wide": header("{'descr':'<U0','fortran_order':False,'shape':(1000000000000,)}"),
    "code in the header": header("__import__('os').abort()"),
}


@pytest.mark.parametrize("name", HOSTILE_ARRAYS)
def test_a_hostile_array_is_refused(name: str) -> None:
    with pytest.raises(wire.WireError):
        wire.read_array(HOSTILE_ARRAYS[name])


def message(text: bytes, body: bytes = b"", total: int | None = None) -> bytes:
    size = len(body) if total is None else total
    return struct.pack(">II", len(text), size) + text + body


HOSTILE_MESSAGES = {
    "longer than accepted": struct.pack(">II", 2**31, 0),
    "more blobs than accepted": struct.pack(">II", 2, 2**32 - 1),
    "no JSON": message(b"passed"),
    "no object": message(b"[1]"),
    "no sizes": message(b"{}"),
    "sizes that do not add up": message(b'{"blobs": [3]}', b"ab"),
    "negative sizes": message(b'{"blobs": [-2, 4]}', b"ab"),
    "sizes of another kind": message(b'{"blobs": [true]}', b"a"),
    "nested without end": message(b'{"blobs": [], "v": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "a number without end": message(b'{"blobs": [], "v": ' + b"9" * 100_000 + b"}"),
}


@pytest.mark.parametrize("name", HOSTILE_MESSAGES)
def test_a_hostile_message_is_refused(name: str) -> None:
    with pytest.raises(wire.WireError):
        messages.read_message(io.BytesIO(HOSTILE_MESSAGES[name]))


def test_a_message_cut_short_is_the_end() -> None:
    whole = message(b'{"blobs": []}')
    for length in range(len(whole)):
        assert messages.read_message(io.BytesIO(whole[:length])) is None


HOSTILE_TREES: dict[str, Any] = {
    "unknown kind": {"kind": "code", "text": "1"},
    "no kind": {},
    "missing array": {"kind": "array", "blob": 3},
    "negative array": {"kind": "array", "blob": -1},
    "array by name": {"kind": "array", "blob": "0"},
    "list as key": {"kind": "dict", "items": [[[1], 2]]},
    "pairs of three": {"kind": "dict", "items": [[1, 2, 3]]},
    "set of lists": {"kind": "set", "items": [[1]]},
    "fields that are none": {"kind": "record", "class": "a:b", "fields": 3},
    "frame without columns": {"kind": "frame", "index": [1]},
    "ragged frame": {"kind": "frame", "index": [1], "columns": [["a", [1, 2]]]},
}


@pytest.mark.parametrize("name", HOSTILE_TREES)
def test_a_hostile_tree_is_refused(name: str) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(HOSTILE_TREES[name], [])


def test_deep_nesting_is_refused_in_both_directions() -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(wire.WireError):
        wire.encode(deep)
    with pytest.raises(wire.WireError):
        wire.decode(deep, [])


def test_a_value_too_large_to_send_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_BLOBS", 1000)
    tree, blobs = wire.encode(np.zeros(1000))
    with pytest.raises(wire.WireError, match="too large"):
        messages.write_message(io.BytesIO(), {"value": tree}, blobs)


def test_json_of_a_message_is_what_json_says() -> None:
    stream = io.BytesIO()
    messages.write_message(stream, {"op": "call"}, [b"xyz"])
    raw = stream.getvalue()
    length, total = struct.unpack(">II", raw[:8])
    assert json.loads(raw[8 : 8 + length]) == {"op": "call", "blobs": [3]}
    assert raw[8 + length :] == b"xyz"
    assert total == 3
