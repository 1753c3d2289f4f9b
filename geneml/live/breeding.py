"""Figures of chapter 14: a prior that shrinks, a heritability by hand, a Gibbs sampler."""

from __future__ import annotations

import numpy as np

from geneml.baselines.kernels import genomic_relationship
from geneml.live.arguments import between as _between
from geneml.live.arguments import one_of as _one_of
from geneml.live.arguments import seeded as _seeded
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure

_PRIORS = ("normal", "laplace", "spike")
_SIRES, _DAMS, _KNOWN, _CALVES = 8, 3, 3, 2  # dams a sire; progeny a dam with and without record
_MARKERS = 400


def shrinkage(
    prior: str = "normal",
    *,
    estimate: float = 1.2,
    error: float = 0.5,
    spread: float = 0.5,
    zeros: float = 0.9,
) -> LiveFigure:
    """What a prior makes of a least squares estimate: densities, and the whole shrinkage curve.

    The estimate is normal around the effect. All priors have the mean 0 and one standard
    deviation: normal, double exponential (its posterior mean as in Pericchi & Smith 1992, J. R.
    Stat. Soc. B 54:793) and spike and slab.

    Parameters
    ----------
    prior : "normal", "laplace" or "spike"
        The prior at the start.
    estimate : float
        Least squares estimate of the effect, -4 to 4.
    error : float
        Its standard error, 0.2 to 2.
    spread : float
        Standard deviation of the prior, 0.2 to 2.
    zeros : float
        Prior chance of an effect of exactly zero under the spike and slab, 0.05 to 0.99.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If a number is out of range, or the prior is unknown.
    TypeError
        If something is no number.
    """
    return figure(
        "shrinkage",
        {
            "prior": _one_of("prior", prior, _PRIORS),
            "estimate": _between("estimate", estimate, -4, 4),
            "error": _between("error", error, 0.2, 2),
            "spread": _between("spread", spread, 0.2, 2),
            "zeros": _between("zeros", zeros, 0.05, 0.99),
        },
        title="What does a prior do to an estimate?",
        description="Choose a prior and move the estimate of one marker. On the left how prior "
        "and data meet; on the right what becomes of every estimate.",
    )


def gblup(*, heritability: float = 0.4, assumed: float = 0.8, seed: int = 1) -> LiveFigure:
    """GBLUP of a small cohort of half sibs, at a heritability that the reader sets.

    72 animals with a record and 48 calves without one, from 8 sires with 3 dams each. Values,
    weights and the restricted likelihood are computed in the page from a genomic relationship
    matrix (VanRaden 2008, J. Dairy Sci. 91:4414), scaled so that the assumed heritability is
    the share of variance of :func:`geneml.baselines.fit_gblup`.

    Parameters
    ----------
    heritability : float
        Of the simulated trait at the start, 0.1 to 0.9.
    assumed : float
        Heritability that the prediction assumes at the start, 0.02 to 0.98.
    seed : int
        Of the animals and their records.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If something is no number.
    """
    seeds = _seeded(seed)
    heritability = _between("heritability", heritability, 0.1, 0.9)
    assumed = _between("assumed", assumed, 0.02, 0.98)
    rng = np.random.default_rng(seed)
    genotypes, known = _half_sibs(rng)
    rows = np.arange(known)
    related = genomic_relationship(genotypes, training=rows)
    block = related[:known, :known]
    related /= (np.trace(block) - block.sum() / known) / (known - 1)
    values = (genotypes - genotypes.mean(axis=0)) @ rng.normal(size=genotypes.shape[1])
    values = (values - values[:known].mean()) / values[:known].std()
    return figure(
        "gblup",
        {
            **seeds,
            "animals": len(genotypes),
            "known": known,
            "lower": related[np.tril_indices(len(related))].round(5),
            "values": values.round(5),
            "noise": rng.normal(size=len(values)).round(5),
            "heritability": heritability,
            "assumed": assumed,
        },
        title="A heritability by hand",
        description="Calves without a record are predicted from relatives with one. Move the "
        "heritability that the prediction assumes, and watch four things move together.",
    )


def gibbs(*, linkage: float = 0.6, people: int = 50, seed: int = 1) -> LiveFigure:
    """A Gibbs sampler on two markers in linkage, with its trace and autocorrelation.

    Genotypes have variance 1, as has the residual; both effects have a normal prior of variance
    1 and the true effects are 0.5 and 0. Draws of one effect are correlated by the square of
    the posterior correlation from pass to pass (Roberts & Sahu 1997, J. R. Stat. Soc. B 59:291).

    Parameters
    ----------
    linkage : float
        Correlation of the two genotypes at the start, 0 to 0.98.
    people : int
        At the start, 10 to 200.
    seed : int
        Of the draws.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If a number is out of range.
    TypeError
        If something is no number.
    """
    return figure(
        "gibbs",
        _seeded(
            seed,
            linkage=_between("linkage", linkage, 0, 0.98),
            people=_whole("people", people, 10, 200),
            prior=1.0,
            effects=[0.5, 0.0],
        ),
        title="How a Gibbs sampler walks",
        description="It redraws one effect while it holds the other. Let it run, then raise the "
        "linkage of the two markers.",
    )


def _half_sibs(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Genotypes, those with a record first, and how many these are."""
    frequency = rng.uniform(0.1, 0.9, _MARKERS)

    def founders(count: int) -> np.ndarray:
        return rng.random((count, 2, _MARKERS)) < frequency

    def gamete(parents: np.ndarray) -> np.ndarray:
        """One allele of each pair; markers are unlinked."""
        first = rng.random((len(parents), _MARKERS)) < 0.5
        return np.where(first, parents[:, 0], parents[:, 1])

    sires, dams = founders(_SIRES), founders(_SIRES * _DAMS)
    parts = []
    for litter in (_KNOWN, _CALVES):
        dam = np.repeat(np.arange(len(dams)), litter)
        parts.append(gamete(sires[dam // _DAMS]).astype("int8") + gamete(dams[dam]))
    return np.concatenate(parts), len(dams) * _KNOWN
