"""Reading the files of the real cohorts into the parts of a cohort."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from geneml._checks import some

_LCT = ("LCT.hap", "LCT.sample", "LCT.snps")


def read_mice(path: Path) -> dict[str, Any]:
    """Return the heterogeneous stock mice as BGLR publishes them.

    ``mice.X`` counts the allele named at the end of each SNP's name, which is the second
    of ``alleles`` in ``mice.map``. The package calls that table a genetic map, and its column
    ``mbp`` ends at 118 on chromosome 1, which has 195 million base pairs: these are
    centimorgans. So ``position`` in base pairs is left unknown (0), and the column becomes
    ``centimorgan``.

    Families are the groups of full sibs of ``mice.A``, which holds only 0, 1/2 and 1.
    """
    data = _read_r(path, ("mice.X", "mice.A", "mice.pheno", "mice.map"))
    genotypes, related, snps = data["mice.X"], data["mice.A"], data["mice.map"]
    samples = genotypes.coords["dim_0"].values.astype(str)

    table = data["mice.pheno"]
    table.index = pd.Index(table["SUBJECT.NAME"].astype(str), name="sample")
    table = table.loc[samples]
    row = pd.Index(related.coords["dim_0"].values.astype(str)).get_indexer(samples)
    relationship = related.values[np.ix_(row, row)]

    snps = snps.set_index(snps["snp_id"].astype(str))
    snps = snps.loc[genotypes.coords["dim_1"].values.astype(str)]
    alleles = snps["alleles"].astype(str).str.split(";", expand=True)
    variants = pd.DataFrame(
        {
            "id": snps.index.to_numpy(),
            "chromosome": snps["chr"].astype(str).to_numpy(),
            "position": 0,
            "reference": alleles[0].to_numpy(),
            "alternative": alleles[1].to_numpy(),
            "centimorgan": snps["mbp"].to_numpy(dtype=float),
        }
    )
    traits = pd.DataFrame(
        {
            "body_length": table["Obesity.BodyLength"].astype(float),
            "bmi": table["Obesity.BMI"].astype(float),
        }
    )
    family = connected_components(relationship == 0.5, directed=False)[1]
    covariates = pd.DataFrame(
        {
            "sex": table["GENDER"].astype(str),
            "litter": table["Litter"].astype(int),
            "cage": table["cage"].astype(str),
            "cage_density": table["CageDensity"].astype(int),
            "month": pd.Categorical(table["Obesity.Date.Month"].astype(int)),
            "family": family.astype(int),
        },
        index=table.index,
    )
    return {
        "genotypes": genotypes.values.astype(np.int8),
        "samples": samples,
        "variants": variants,
        "traits": traits,
        "covariates": covariates,
        "relationship": relationship,
    }


def read_wheat(path: Path) -> dict[str, Any]:
    """Return the CIMMYT wheat lines as BGLR publishes them.

    ``wheat.X`` says whether a DArT fragment is present. The lines are inbred, so presence
    is stored as two copies and absence as none; alleles are named A (absent) and P
    (present). ``wheat.X`` has no row names: its rows are in the order of ``wheat.Y``, which
    the agreement of the markers with the pedigree relationships confirms (see the tests).
    """
    data = _read_r(path, ("wheat.X", "wheat.A", "wheat.Y"))
    present, related, trait = data["wheat.X"], data["wheat.A"], data["wheat.Y"]
    samples = trait.coords["dim_0"].values.astype(str)
    row = pd.Index(related.coords["dim_0"].values.astype(str)).get_indexer(samples)
    markers = present.coords["dim_1"].values.astype(str)
    return {
        "genotypes": (2 * present.values).astype(np.int8),
        "samples": samples,
        "variants": pd.DataFrame(
            {
                "id": markers,
                "chromosome": "0",
                "position": 0,
                "reference": "A",
                "alternative": "P",
            }
        ),
        "traits": pd.DataFrame(
            trait.values, index=samples, columns=[f"yield_{i + 1}" for i in range(4)]
        ),
        "relationship": related.values[np.ix_(row, row)],
    }


def read_lct(path: Path) -> dict[str, Any]:
    """Return the people of the 1000 Genomes at the region of LCT, as Ravages publishes them.

    ``LCT.hap`` holds two rows a person, 1 where the allele ``A2`` is there. Genotypes are
    their sums. The people have no trait.
    """
    data = _read_r(path, _LCT)
    parts = _lct_haplotypes(path, data)
    snps, people = data["LCT.snps"], data["LCT.sample"].iloc[::2]
    haplotypes = parts["haplotypes"]
    samples = people["sample"].astype(str).to_numpy()
    covariates = pd.DataFrame(
        {
            "sex": people["sex"].astype(str).to_numpy(),
            "population": parts["population"][::2],
            "super_population": parts["super_population"][::2],
        },
        index=samples,
    )
    return {
        "genotypes": haplotypes[0::2] + haplotypes[1::2],
        "samples": samples,
        "variants": pd.DataFrame(
            {
                "id": parts["ids"],
                "chromosome": snps["chr"].astype(str).to_numpy(),
                "position": parts["positions"],
                "reference": snps["A1"].astype(str).to_numpy(),
                "alternative": snps["A2"].astype(str).to_numpy(),
            }
        ),
        "covariates": covariates,
    }


def read_lct_haplotypes(path: Path) -> dict[str, Any]:
    """Return the parts of :class:`geneml.datasets.Haplotypes` of the region of LCT."""
    return _lct_haplotypes(path, _read_r(path, _LCT))


def _lct_haplotypes(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    haplotypes, people, snps = data["LCT.hap"], data["LCT.sample"], data["LCT.snps"]
    names = people["sample"].astype(str).to_numpy()
    rows = [f"{name}.{1 + i % 2}" for i, name in enumerate(names)]
    if rows != haplotypes.coords["dim_0"].values.astype(str).tolist():
        raise ValueError(f"{path}: expected two haplotypes a person, in the order of LCT.sample")
    return {
        "haplotypes": haplotypes.values.astype(np.int8),
        "positions": snps["pos"].to_numpy(dtype=np.int64),
        "ids": snps["id"].astype(str).to_numpy(dtype=str),
        "population": people["population"].astype(str).to_numpy(dtype=str),
        "super_population": people["super.population"].astype(str).to_numpy(dtype=str),
    }


def _read_r(path: Path, expected: tuple[str, ...]) -> dict[str, Any]:
    """Return the objects of an R data file."""
    import rdata

    with warnings.catch_warnings():
        # The file is older than R's note of the encoding; all of its text is ASCII.
        warnings.filterwarnings("ignore", message="Unknown encoding")
        data = rdata.read_rda(path)
    absent = [name for name in expected if name not in data]
    if absent:
        raise ValueError(
            f"{path}: expected the objects {', '.join(expected)}; received {some(data, 8)}, "
            f"without {some(absent)}"
        )
    return data
