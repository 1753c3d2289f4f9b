"""One attempt to download a file, given up quickly."""

from __future__ import annotations

import logging
import socket
import threading
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

_PATIENCE = 3.0  # seconds until a host that does not answer counts as out of reach
_TIMEOUT = 15.0  # seconds without a byte until a download is given up


class DownloadFailed(RuntimeError):
    """The host is out of reach, or what came is not the file."""


def cache_folder() -> Path:
    """Return the folder of downloaded files; it may not exist yet."""
    import pooch

    return Path(pooch.os_cache("geneml"))


def download(url: str, sha256: str, name: str) -> Path:
    """Download a file once into the cache and return its path.

    Parameters
    ----------
    url : str
        An https address.
    sha256 : str
        The expected checksum; a file that does not match it is not kept.
    name : str
        Name of the file in the cache.

    Raises
    ------
    DownloadFailed
        When the host does not answer within seconds, or the file is another one.
    """
    import pooch
    import requests

    host = urlsplit(url).hostname or ""
    # Behind a proxy only the proxy can tell whether the host is there.
    if not urllib.request.getproxies().get("https") and not _answers(host):
        raise DownloadFailed(f"{host} is out of reach")
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        path = pooch.retrieve(
            url,
            known_hash=f"sha256:{sha256}",
            fname=name,
            path=cache_folder(),
            downloader=pooch.HTTPDownloader(timeout=_TIMEOUT),
        )
    except (requests.RequestException, OSError, ValueError) as error:
        raise DownloadFailed(f"{type(error).__name__} from {host}") from error
    finally:
        logger.setLevel(level)
    return Path(path)


def _answers(host: str) -> bool:
    """Return whether the host accepts a connection, within a few seconds.

    In a thread of its own, because looking up a name has no time limit in Python and
    may hang for half a minute on a machine without network.
    """
    answered = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection((host, 443), timeout=_PATIENCE).close()
        except OSError:
            return
        answered.set()

    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(_PATIENCE)
    return answered.is_set()
