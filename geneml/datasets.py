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
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geneml import _downloads, _real
from geneml._haplotypes import Haplotypes, check_minimum, from_panel
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
    "lct": Source(
        file="LCT.haplotypes.rda",
        url="https://raw.githubusercontent.com/genostats/Ravages/9e7919e/data/LCT.haplotypes.rda",
        sha256="b58a40d17d0764fae263051ba338cf5be3b162c6b6d380a6dcd9e0baa8a22a2b",
        citation="1000 Genomes Project Consortium 2015, Nature 526:68",
        read=_real.read_lct,
    ),
}

_HAPLOTYPES = {"lct": _real.read_lct_haplotypes}


def names() -> tuple[str, ...]:
    """Return the names that :func:`load` knows."""
    return tuple(SOURCES)


def load(name: str, *, stand_in: Callable[..., object] | None = None, seed: int = 0) -> Cohort:
    """Return a real cohort, or a simulated one of the same shape.

    Parameters
    ----------
    name : {"mice", "wheat", "lct"}
        ``mice``: 1,814 heterogeneous stock mice x 10,346 SNPs; traits ``body_length``
        and ``bmi``; covariates ``sex``, ``litter``, ``cage``, ``cage_density``,
        ``month`` and ``family``; pedigree relationships. ``wheat``: 599 CIMMYT lines x
        1,279 DArT markers; ``yield_1`` to ``yield_4``, grain yield in four environments.
        ``lct``: 2,504 people of the 1000 Genomes x 8,076 variants around the lactase gene;
        covariates ``sex``, ``population`` and ``super_population``; no trait. See
        :func:`haplotypes` for their chromosomes one by one.
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
    _check_stand_in(stand_in, "a study")
    source = SOURCES[name]
    try:
        path = find(name)
    except DatasetUnavailable as reason:
        if stand_in is None:
            raise
        cohort = from_study(_simulate(stand_in, seed))
        about = cohort.origin.removeprefix("simulated: ")
        return replace(cohort, origin=f"simulated stand-in for {name} ({reason}); {about}")
    return Cohort(**source.read(path), origin=_origin(name), is_real=True)


def haplotypes(
    name: str = "lct",
    *,
    super_populations: Iterable[str] | None = None,
    minimum_frequency: float = 0.0,
    stand_in: Callable[..., object] | None = None,
    seed: int = 0,
) -> Haplotypes:
    """Return real human haplotypes, or simulated ones.

    Parameters
    ----------
    name : {"lct"}
        5,008 haplotypes of the 1000 Genomes, phase 3, at 8,076 variants of chromosome 2,
        136.40 to 136.70 Mb (GRCh37), around the lactase gene LCT, where there has been
        strong selection in Europe. Super-populations AFR, AMR, EAS, EUR and SAS.
    super_populations : iterable of str, optional
        Keep these; all by default.
    minimum_frequency : float
        Of the rarer allele among the haplotypes kept, in [0, 0.5]; with 0 every variant
        is kept.
    stand_in : callable, optional
        Returns a simulated panel with ``haplotypes``, ``positions`` and ``ancestry``, such
        as ``data_sim.studies.lct_like_haplotypes``; called only where the real ones cannot
        be had, with ``seed`` if it takes one.
    seed : int
        For the stand-in.

    Returns
    -------
    Haplotypes
        ``is_real`` and ``origin`` say which of the two it is.

    Raises
    ------
    TypeError, ValueError
        When the name or a super-population is unknown, the frequency is out of range, or
        ``GENEML_DATA`` is wrong (see :func:`find`).
    DatasetUnavailable
        When the data cannot be had and no stand-in was given.
    """
    if name not in _HAPLOTYPES:
        raise ValueError(f"name: expected one of {', '.join(_HAPLOTYPES)}; received {name!r}")
    check_minimum(minimum_frequency)
    _check_stand_in(stand_in, "a panel of haplotypes")
    try:
        parts = _HAPLOTYPES[name](find(name))
        found = Haplotypes(**parts, origin=_origin(name), is_real=True)
    except DatasetUnavailable as reason:
        if stand_in is None:
            raise
        panel = _simulate(stand_in, seed)
        found = from_panel(panel, f"simulated stand-in for {name} ({reason})")
    return found.select(super_populations, minimum_frequency=minimum_frequency)


def _check_stand_in(stand_in: object, what: str) -> None:
    if stand_in is not None and not callable(stand_in):
        raise TypeError(
            f"stand_in: expected a function that returns {what}, received {type(stand_in).__name__}"
        )


def _simulate(stand_in: Callable[..., object], seed: int) -> object:
    takes_seed = "seed" in inspect.signature(stand_in).parameters
    return stand_in(seed=seed) if takes_seed else stand_in()


def _origin(name: str) -> str:
    source = SOURCES[name]
    return f"real: {name}, {source.citation}; {source.file}, sha256 {source.sha256}"


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
