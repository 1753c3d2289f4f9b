"""Messages between parent and child: two lengths, JSON, npy files.

Lengths are checked before anything of that length is read.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

from .wire import WireError

MAX_JSON = 8 * 2**20
MAX_BLOBS = 256 * 2**20
_HEADER = struct.Struct(">II")


def write_message(stream: BinaryIO, message: dict[str, Any], blobs: list[bytes]) -> None:
    """Write one message: two lengths, JSON, then the npy files.

    Parameters
    ----------
    stream : binary file
        Where to.
    message : dict
        What JSON can hold.
    blobs : list of bytes
        Files that the message refers to by position.

    Raises
    ------
    WireError
        If the message is larger than `MAX_JSON` or its files than `MAX_BLOBS`.
    """
    text = json.dumps({**message, "blobs": [len(blob) for blob in blobs]}).encode()
    total = sum(map(len, blobs))
    if len(text) > MAX_JSON or total > MAX_BLOBS:
        raise WireError(f"the value is too large to send ({(len(text) + total) / 2**20:.0f} MB)")
    stream.write(b"".join([_HEADER.pack(len(text), total), text, *blobs]))
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[dict[str, Any], list[bytes]] | None:
    """Read one message; None at the end of the stream.

    Parameters
    ----------
    stream : binary file
        Where from.

    Returns
    -------
    tuple of dict and list of bytes, or None
        The message and its files.

    Raises
    ------
    WireError
        If what arrives is no message of an acceptable size.
    """
    header = _read_exactly(stream, _HEADER.size)
    if header is None:
        return None
    length, total = _HEADER.unpack(header)
    if length > MAX_JSON or total > MAX_BLOBS:
        raise WireError("a message larger than is accepted")
    text = _read_exactly(stream, length)
    body = _read_exactly(stream, total)
    if text is None or body is None:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("a message that is not JSON") from error
    if not isinstance(message, dict):
        raise WireError("a message that is not an object")
    sizes = message.pop("blobs", None)
    if not isinstance(sizes, list) or not all(type(s) is int and s >= 0 for s in sizes):
        raise WireError("a message without sizes")
    if sum(sizes) != total:
        raise WireError("a message whose sizes do not add up")
    blobs, start = [], 0
    for size in sizes:
        blobs.append(body[start : start + size])
        start += size
    return message, blobs


def _read_exactly(stream: BinaryIO, count: int) -> bytes | None:
    parts: list[bytes] = []
    while count > 0:
        part = stream.read(min(count, 2**20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
