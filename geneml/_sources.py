"""Where the real cohorts are published, and who reads their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geneml import _real, _real_pines


@dataclass(frozen=True)
class File:
    """A public file.

    Attributes
    ----------
    url : str
        Where it is downloaded from: a fixed commit of a public repository.
    sha256 : str
        Checksum of the file.
    """

    url: str
    sha256: str

    @property
    def name(self) -> str:
        """Its name, in ``GENEML_DATA`` and in the cache."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Source:
    """Where a real data set comes from.

    Attributes
    ----------
    files : tuple of File
        One or more.
    citation : str
        What to cite.
    read : callable
        Turns the paths of the files, in that order, into the parts of a cohort.
    """

    files: tuple[File, ...]
    citation: str
    read: Callable[..., dict[str, Any]]


_PUBLIC = "https://raw.githubusercontent.com/"
_BGLR = _PUBLIC + "gdlc/BGLR-R/f66f9bc/data/"
_ASR = _PUBLIC + "asrtools/asrdata/e752386/data/"

SOURCES: dict[str, Source] = {
    "mice": Source(
        files=(
            File(
                _BGLR + "mice.RData",
                "5aec95f7736460cbc98f90fbf02dc12693786d24353bea054768c0da8ae9e3a5",
            ),
        ),
        citation=(
            "Valdar et al. 2006, Nat. Genet. 38:879; Legarra et al. 2008, Genetics 180:611; "
            "Perez & de los Campos 2014, Genetics 198:483"
        ),
        read=_real.read_mice,
    ),
    "wheat": Source(
        files=(
            File(
                _BGLR + "wheat.RData",
                "8710523389007dd8b7c88a5deb74ee16aea0bae158496bc11f0626fb43b5ea21",
            ),
        ),
        citation="Crossa et al. 2010, Genetics 186:713; Perez & de los Campos 2014",
        read=_real.read_wheat,
    ),
    "lct": Source(
        files=(
            File(
                "https://raw.githubusercontent.com/genostats/Ravages/9e7919e/data/LCT.haplotypes.rda",
                "b58a40d17d0764fae263051ba338cf5be3b162c6b6d380a6dcd9e0baa8a22a2b",
            ),
        ),
        citation="1000 Genomes Project Consortium 2015, Nature 526:68",
        read=_real.read_lct,
    ),
    "pines": Source(
        files=(
            File(
                _ASR + "geno_pine926.rda",
                "c4dabbf86d7563cbd279a912054f0c5e5cb2296e351707d7adbe1c3925b1d361",
            ),
            File(
                _ASR + "ped_pine.rda",
                "0cad31543e0fbaa9264df8c7b315306e0d3150c9f403570dd8ac25ac56255935",
            ),
            File(
                _ASR + "pheno_pine.rda",
                "8beaec54416db092b4448e55f963c0a99a51aefc8296b1f3e3ac6ea370d382b7",
            ),
            File(
                _PUBLIC + "jyanglab/jyanglab.github.io/8f8ece0/img/data/"
                "DATA_rootnum_age10_rootnum.csv",
                "9a1c8d121939e980201bae807a620e8c0772a93ea9478274081b55593b0e7d2a",
            ),
        ),
        citation="Resende et al. 2012, Genetics 190:1503",
        read=_real_pines.read_pines,
    ),
}
