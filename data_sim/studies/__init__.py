"""The cohorts that the chapters use, one function each, named after what they imitate.

Every function returns a `Study`: data in the shape that ``geneml.cohort.from_study`` reads, with
the truth beside them. The same seed gives the same study.
"""

from __future__ import annotations

from collections.abc import Callable

from data_sim.studies._alzheimer import alzheimer
from data_sim.studies._families import full_sib_families, half_sibs
from data_sim.studies._haplotypes import HaplotypePanel
from data_sim.studies._lactase import lct_like_haplotypes
from data_sim.studies._liability import LiabilityStudy
from data_sim.studies._mice import mice_like
from data_sim.studies._panels import rare_extremes, small_panel
from data_sim.studies._pigs import pigs_like
from data_sim.studies._pines import pines_like
from data_sim.studies._regulatory import MotifTruth, regulatory
from data_sim.studies._shifts import two_populations
from data_sim.studies._smoking import smoking, smoking_haplotypes
from data_sim.studies._study import Study
from data_sim.studies._thesis import thesis
from data_sim.studies._wheat import wheat_like

STUDIES: dict[str, Callable[..., Study]] = {
    function.__name__: function
    for function in (
        small_panel,
        mice_like,
        wheat_like,
        pines_like,
        pigs_like,
        thesis,
        regulatory,
        full_sib_families,
        half_sibs,
        two_populations,
        rare_extremes,
        smoking,
        alzheimer,
    )
}

__all__ = [
    "STUDIES",
    "HaplotypePanel",
    "LiabilityStudy",
    "MotifTruth",
    "Study",
    "lct_like_haplotypes",
    "smoking_haplotypes",
    *STUDIES,
]
