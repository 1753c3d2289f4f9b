"""Real cohorts by name, and a simulated stand-in where they cannot be had.

A file is looked for in the folder named by the environment variable ``GENEML_DATA``,
then in the download cache, then on the network, always with its checksum. Where it is
nowhere, the caller's stand-in is simulated, and the cohort says so in ``origin`` and
``is_real``.

Set ``GENEML_OFFLINE=1`` to skip the network.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geneml import _downloads, _real
from geneml.cohort import Cohort, from_study


class DatasetUnavailable(RuntimeError):
    """The data are nowhere to be found, and no stand-in was given."""


@dataclass(frozen=True)
class Source:
    """Where a real data set comes from.

    Attributes
    ----------
    file : str
        Name of the file, in ``GENEML_DATA`` and in the cache.
    url : str
        Where it is downloaded from: a fixed commit of a public repository.
    sha256 : str
        Checksum of the file.
    citation : str
        What to cite.
    read : callable
        Turns the path of the file into the parts of a cohort.
    """

    file: str
    url: str
    sha256: str
    citation: str
    read: Callable[[Path], dict[str, Any]]


_BGLR = "https://raw.githubusercontent.com/gdlc/BGLR-R/f66f9bc/data/"

SOURCES: dict[str, Source] = {
    "mice": Source(
        file="mice.RData",
        url=_BGLR + "mice.RData",
        sha256="5aec95f7736460cbc98f90fbf02dc12693786d24353bea054768c0da8ae9e3a5",
        citation=(
            "Valdar et al. 2006, Nat. Genet. 38:879; Legarra et al. 2008, Genetics 180:611; "
            "Perez & de los Campos 2014, Genetics 198:483"
        ),
        read=_real.read_mice,
    ),
    "wheat": Source(
        file="wheat.RData",
        url=_BGLR + "wheat.RData",
        sha256="8710523389007dd8b7c88a5deb74ee16aea0bae158496bc11f0626fb43b5ea21",
        citation="Crossa et al. 2010, Genetics 186:713; Perez & de los Campos 2014",
        read=_real.read_wheat,
    ),
}


def names() -> tuple[str, ...]:
    """Return the names that :func:`load` knows."""
    return tuple(SOURCES)


def load(name: str, *, stand_in: Callable[..., object] | None = None, seed: int = 0) -> Cohort:
    """Return a real cohort, or a simulated one of the same shape.

    Parameters
    ----------
    name : {"mice", "wheat"}
        ``mice``: 1,814 heterogeneous stock mice x 10,346 SNPs; traits ``body_length``
        and ``bmi``; covariates ``sex``, ``litter``, ``cage``, ``cage_density``,
        ``month`` and ``family``; pedigree relationships. ``wheat``: 599 CIMMYT lines x
        1,279 DArT markers; ``yield_1`` to ``yield_4``, grain yield in four environments.
    stand_in : callable, optional
        Returns a simulated study, such as ``data_sim.studies.mice_like``; called only
        where the real data cannot be had, with ``seed`` if it takes one.
    seed : int
        For the stand-in.

    Returns
    -------
    Cohort
        ``is_real`` and ``origin`` say which of the two it is.

    Raises
    ------
    ValueError
        When the name is unknown, ``GENEML_DATA`` is no folder, or a file there does
        not have the expected checksum.
    DatasetUnavailable
        When the data cannot be had and no stand-in was given.
    """
    if name not in SOURCES:
        raise ValueError(f"name: expected one of {', '.join(SOURCES)}; received {name!r}")
    if stand_in is not None and not callable(stand_in):
        raise TypeError(
            f"stand_in: expected a function that returns a study, received "
            f"{type(stand_in).__name__}"
        )
    source = SOURCES[name]
    try:
        path = find(name)
    except DatasetUnavailable as reason:
        if stand_in is None:
            raise
        takes_seed = "seed" in inspect.signature(stand_in).parameters
        cohort = from_study(stand_in(seed=seed) if takes_seed else stand_in())
        about = cohort.origin.removeprefix("simulated: ")
        return replace(cohort, origin=f"simulated stand-in for {name} ({reason}); {about}")
    origin = f"real: {name}, {source.citation}; {source.file}, sha256 {source.sha256}"
    return Cohort(**source.read(path), origin=origin, is_real=True)


def find(name: str) -> Path:
    """Return the path of the file of a real cohort, downloading it if need be.

    Raises
    ------
    ValueError
        When the name is unknown, ``GENEML_DATA`` is no folder, or the file there does
        not have the expected checksum.
    DatasetUnavailable
        When it is neither there, nor in the cache, nor to be downloaded.
    """
    if name not in SOURCES:
        raise ValueError(f"name: expected one of {', '.join(SOURCES)}; received {name!r}")
    source = SOURCES[name]
    folder = os.environ.get("GENEML_DATA", "")
    if folder:
        if not Path(folder).is_dir():
            raise ValueError(
                f"GENEML_DATA: expected an existing folder, received {folder!r}; "
                "correct or unset the environment variable"
            )
        path = Path(folder) / source.file
        if path.is_file():
            found = checksum(path)
            if found != source.sha256:
                raise ValueError(
                    f"{path}: expected sha256 {source.sha256}, received {found}; "
                    "the file is damaged or another version: remove it to download it anew"
                )
            return path
    cached = _downloads.cache_folder() / source.file
    if cached.is_file() and checksum(cached) == source.sha256:
        return cached
    where = f"{source.file} is not in GENEML_DATA" if folder else "GENEML_DATA is not set"
    if os.environ.get("GENEML_OFFLINE", "0") not in ("", "0"):
        raise DatasetUnavailable(f"{where} and GENEML_OFFLINE forbids the download")
    try:
        return _downloads.download(source.url, source.sha256, source.file)
    except _downloads.DownloadFailed as reason:
        raise DatasetUnavailable(f"{where} and the download failed: {reason}") from reason


def checksum(path: Path | str) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
