"""Reading text files with clear errors, and writing files whole or not at all."""

from __future__ import annotations

import gzip
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, cast

Writer = Callable[[IO[bytes]], Any]

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # bytes that text does not hold


def existing(path: Path | str, what: str) -> Path:
    """Return the path of a file that is there and not empty.

    Parameters
    ----------
    path : path or str
        The file.
    what : str
        What it should be, for the message: "a .bed file".

    Raises
    ------
    TypeError
        When `path` is no path.
    FileNotFoundError, IsADirectoryError
        When there is no such file.
    ValueError
        When it is empty.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path: expected the path of {what}, received {type(path).__name__}")
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: expected {what}, received a folder")
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: expected {what}, received the path of no existing file; check the spelling"
        )
    if path.stat().st_size == 0:
        raise ValueError(f"{path}: expected {what}, received an empty file")
    return path


def read_text(path: Path | str, what: str) -> str:
    """Return the text of a file, unpacked if its name ends in .gz.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        When there is no such file.
    ValueError
        When it is empty or holds no text.
    """
    path = existing(path, what)
    data = path.read_bytes()
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise ValueError(
                f"{path}: expected {what}, packed by gzip; received a file that does not unpack "
                f"({error}); it may be truncated"
            ) from None
    try:
        text = data.decode("utf-8-sig")  # spreadsheets put a mark before the first letter
    except UnicodeDecodeError:
        text = None
    if text is None or _CONTROL.search(data):
        raise ValueError(
            f"{path}: expected {what}, that is text; received binary data; were two files swapped?"
        )
    if not text.strip():
        raise ValueError(f"{path}: expected {what}, received an empty file")
    return text


def write_files(writers: Mapping[Path, Writer]) -> None:
    """Write several files, all of them or none.

    Each is written to a temporary name beside its place, and moved there when all are
    complete.

    Parameters
    ----------
    writers : mapping of path to function
        Each function writes the bytes of its file to the stream it is given. A name
        that ends in .gz is packed.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError
        When a file cannot be written there; raised before anything is written.
    """
    for path in writers:
        check_writable(path)
    made: dict[Path, Path] = {}
    try:
        for path, writer in writers.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            made[path] = Path(name)
            with os.fdopen(handle, "wb") as stream:
                if path.suffix == ".gz":
                    # No time stamp, so that the same content gives the same bytes.
                    with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                        writer(cast(IO[bytes], packed))
                else:
                    writer(stream)
            os.chmod(name, 0o666 & ~_umask())
        for path in list(made):
            os.replace(made.pop(path), path)
    finally:
        for leftover in made.values():
            leftover.unlink(missing_ok=True)


def check_writable(path: Path | str) -> None:
    """Raise unless a file can be written at this path.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError
        When the folder is not there, is no folder, may not be written to, or the path
        itself is a folder.
    """
    path = Path(path)
    folder = path.parent
    if path.is_dir():
        raise IsADirectoryError(f"{path}: expected the path of a file, received a folder")
    if not folder.exists():
        raise FileNotFoundError(
            f"{path}: expected a path in an existing folder, but {folder} does not exist; make it"
        )
    if not folder.is_dir():
        raise NotADirectoryError(f"{path}: expected a path in a folder, but {folder} is a file")
    if not os.access(folder, os.W_OK):
        raise PermissionError(
            f"{path}: expected a folder that may be written to, but {folder} may not"
        )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
