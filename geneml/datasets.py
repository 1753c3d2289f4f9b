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
from dataclasses import replace
from pathlib import Path

from geneml import _downloads, _real
from geneml._haplotypes import Haplotypes, check_minimum, from_panel
from geneml._sources import SOURCES, File, Source
from geneml.cohort import Cohort, from_study

__all__ = [
    "SOURCES",
    "DatasetUnavailable",
    "File",
    "Haplotypes",
    "Source",
    "checksum",
    "find",
    "haplotypes",
    "load",
    "names",
]


class DatasetUnavailable(RuntimeError):
    """The data are nowhere to be found, and no stand-in was given."""


_HAPLOTYPES = {"lct": _real.read_lct_haplotypes}


def names() -> tuple[str, ...]:
    """Return the names that :func:`load` knows."""
    return tuple(SOURCES)


def load(name: str, *, stand_in: Callable[..., object] | None = None, seed: int = 0) -> Cohort:
    """Return a real cohort, or a simulated one of the same shape.

    Parameters
    ----------
    name : {"mice", "wheat", "lct", "pines"}
        ``mice``: 1,814 heterogeneous stock mice x 10,346 SNPs; traits ``body_length``
        and ``bmi``; covariates ``sex``, ``litter``, ``cage``, ``cage_density``,
        ``month`` and ``family``; pedigree relationships. ``wheat``: 599 CIMMYT lines x
        1,279 DArT markers; ``yield_1`` to ``yield_4``, grain yield in four environments.
        ``lct``: 2,504 people of the 1000 Genomes x 8,076 variants around the lactase gene;
        covariates ``sex``, ``population`` and ``super_population``; no trait. See
        :func:`haplotypes` for their chromosomes one by one. ``pines``: 926 loblolly pines x
        4,853 SNPs; traits ``root_number`` (deregressed breeding value of the number of roots)
        and ``diameter`` (of 861 trees); covariate ``family`` (full sibs); a pedigree of 2,034
        trees and the relationships from it.
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
        paths = [find(name, file.name) for file in source.files]
    except DatasetUnavailable as reason:
        if stand_in is None:
            raise
        cohort = from_study(_simulate(stand_in, seed))
        about = cohort.origin.removeprefix("simulated: ")
        return replace(cohort, origin=f"simulated stand-in for {name} ({reason}); {about}")
    return Cohort(**source.read(*paths), origin=_origin(name), is_real=True)


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
    files = "; ".join(f"{file.name}, sha256 {file.sha256}" for file in source.files)
    return f"real: {name}, {source.citation}; {files}"


def find(name: str, file: str | None = None) -> Path:
    """Return the path of a file of a real cohort, downloading it if need be.

    Parameters
    ----------
    name : str
        Of the cohort; see :func:`load`.
    file : str, optional
        Which of its files, where there are several; by default the first, which holds the
        genotypes.

    Raises
    ------
    ValueError
        When the cohort or the file is unknown, ``GENEML_DATA`` is no folder, or the file
        there does not have the expected checksum.
    DatasetUnavailable
        When it is neither there, nor in the cache, nor to be downloaded.
    """
    if name not in SOURCES:
        raise ValueError(f"name: expected one of {', '.join(SOURCES)}; received {name!r}")
    known = {each.name: each for each in SOURCES[name].files}
    if file is not None and file not in known:
        raise ValueError(f"file: expected one of {', '.join(known)}; received {file!r}")
    wanted = SOURCES[name].files[0] if file is None else known[file]
    folder = os.environ.get("GENEML_DATA", "")
    if folder:
        if not Path(folder).is_dir():
            raise ValueError(
                f"GENEML_DATA: expected an existing folder, received {folder!r}; "
                "correct or unset the environment variable"
            )
        path = Path(folder) / wanted.name
        if path.is_file():
            found = checksum(path)
            if found != wanted.sha256:
                raise ValueError(
                    f"{path}: expected sha256 {wanted.sha256}, received {found}; "
                    "the file is damaged or another version: remove it to download it anew"
                )
            return path
    cached = _downloads.cache_folder() / wanted.name
    if cached.is_file() and checksum(cached) == wanted.sha256:
        return cached
    where = f"{wanted.name} is not in GENEML_DATA" if folder else "GENEML_DATA is not set"
    if os.environ.get("GENEML_OFFLINE", "0") not in ("", "0"):
        raise DatasetUnavailable(f"{where} and GENEML_OFFLINE forbids the download")
    try:
        return _downloads.download(wanted.url, wanted.sha256, wanted.name)
    except _downloads.DownloadFailed as reason:
        raise DatasetUnavailable(f"{where} and the download failed: {reason}") from reason


def checksum(path: Path | str) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
