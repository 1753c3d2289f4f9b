"""A stand-in for the haplotypes of the 1000 Genomes around the lactase gene."""

from __future__ import annotations

import numpy as np

from data_sim._human import human_haplotypes
from data_sim._random import Seed, as_generator
from data_sim.studies._haplotypes import HaplotypePanel

_CHROMOSOME, _START, _LENGTH = "2", 136_400_000, 300_000
# People of these super-populations in the third phase of the project; South Asians and admixed
# Americans are left out, as the demography has none.
_PEOPLE = {"AFR": 661, "EAS": 504, "EUR": 503}


def lct_like_haplotypes(*, seed: Seed = 0) -> HaplotypePanel:
    """Simulate haplotypes like those of the 1000 Genomes around LCT: people, labels, length.

    A stand-in for ``geneml.datasets.haplotypes("lct")``: 661 Africans, 504 East Asians and 503
    Europeans (the real file has 978 South Asian and 694 American haplotypes besides), 300 kb,
    every locus that varies. Demography of Gravel et al. (2011) without selection, so that it
    lacks what makes the real region special: the long European haplotype of lactase
    persistence.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        The same seed gives the same haplotypes (with the same version of msprime).

    Returns
    -------
    HaplotypePanel
        In the order AFR, EAS, EUR.

    Raises
    ------
    TypeError, ValueError
        If the seed is no seed.
    """
    generator = as_generator(seed)
    people = {"AFR": _PEOPLE["AFR"], "ASN": _PEOPLE["EAS"], "EUR": _PEOPLE["EUR"]}
    haplotypes, places = human_haplotypes(
        people, _LENGTH, None, generator, minimum_allele_frequency=0.0
    )
    return HaplotypePanel(
        haplotypes=haplotypes.reshape(-1, places.size),
        ancestry=np.repeat(list(_PEOPLE), list(_PEOPLE.values())),
        positions=_START + places,
        genes=np.full(places.size, "region"),
        chromosome=_CHROMOSOME,
    )
