"""Reading the files of the loblolly pines into the parts of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geneml._real import _read_r


def read_pines(genotypes: Path, pedigree: Path, diameters: Path, roots: Path) -> dict[str, Any]:
    """Return the clonally tested loblolly pines as two public repositories publish them.

    ``geno.pine926`` holds 0, 1 and 2, and -9 where a genotype is missing. At nearly every SNP
    the counted allele is the commoner one. The files name no alleles and no places: both are left
    unknown. ``ped.pine`` holds all of these trees and their ancestors. The pedigree of the
    cohort is the whole of it, and relationships are computed from the whole of it.

    ``Derregressed_BV`` (spelled so) is the deregressed breeding value for the number of roots
    (Garrick et al. 2009, Genet. Sel. Evol. 41:55). Within families it is the breeding value 8.5
    times enlarged, which undoes the shrinkage of what is the tree's own; the means of families
    are stretched by far less. So it is no count of roots, and most of it is error. ``DBH_Adj``
    is the adjusted diameter at breast height.
    """
    from geneml.pedigree import relationship_matrix

    table = _read_r(genotypes, ("geno.pine926",))["geno.pine926"]
    samples = table.coords["dim_0"].values.astype(str)
    counts = table.values

    trees = _read_r(pedigree, ("ped.pine",))["ped.pine"]
    parents = pd.DataFrame(
        {
            "individual": trees["Indiv"].astype(str).to_numpy(),
            "father": trees["Father"].astype(str).to_numpy(),
            "mother": trees["Mother"].astype(str).to_numpy(),
        }
    )
    own = parents.set_index("individual").loc[samples]
    # A pine is father in one cross and mother in another: a family is a pair of trees.
    couple = np.sort(own.to_numpy(dtype=str), axis=1)
    family = np.unique(couple, axis=0, return_inverse=True)[1].ravel()

    grown = _read_r(diameters, ("pheno.pine",))["pheno.pine"]
    diameter = grown.set_index(grown["Genotype"].astype(str))["DBH_Adj"]
    rooted = pd.read_csv(roots, dtype={"Genotype": str}).set_index("Genotype")
    return {
        "genotypes": np.where(counts < 0, -1, counts).astype(np.int8),
        "samples": samples,
        "variants": pd.DataFrame(
            {
                "id": table.coords["dim_1"].values.astype(str),
                "chromosome": "0",
                "position": 0,
                "reference": "0",
                "alternative": "0",
            }
        ),
        "traits": pd.DataFrame(
            {
                "root_number": rooted["Derregressed_BV"].reindex(samples).to_numpy(dtype=float),
                "diameter": diameter.reindex(samples).to_numpy(dtype=float),
            },
            index=samples,
        ),
        "covariates": pd.DataFrame({"family": family.astype(int)}, index=samples),
        "pedigree": parents,
        "relationship": relationship_matrix(
            parents["individual"], parents["father"], parents["mother"], of=samples
        ),
    }
