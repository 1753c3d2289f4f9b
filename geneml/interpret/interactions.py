"""Looking for pairs of loci that act together: double mutants, gradients, attention.

Two loci interact where the effect of one depends on the other. Three ways of asking a trained
network for its pairs stand here; each gives :class:`Interactions`, one score a pair, which
:func:`geneml.interpret.truth.pair_recovery` compares with pairs that are known:

* :func:`epistasis` asks for the double mutant, with no approximation;
* :func:`feature_interaction_maps` gets all pairs from differences of gradients, much quicker;
* :func:`attention_interactions` reads attention weights, which promise nothing of the kind.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml.interpret._pairs.attention import attention_interactions, attention_weights
from geneml.interpret._pairs.contrasts import contrast_of, mutant_alleles
from geneml.interpret._pairs.gradient_maps import feature_interaction_maps
from geneml.interpret._pairs.pairs import Interactions, checked_positions, choose_positions

__all__ = [
    "Interactions",
    "attention_interactions",
    "attention_weights",
    "choose_positions",
    "epistasis",
    "feature_interaction_maps",
    "mutant_alleles",
]

_MOST_POSITIONS = 100
_NUMBERS_AT_ONCE = 4_000_000


def epistasis(
    model: Any,
    x: Any,
    positions: Any = None,
    *,
    alleles: Any = None,
    output: int = 0,
    explained: int = 0,
    batch_size: int | None = None,
    progress: bool = False,
) -> Interactions:
    r"""Interaction of two positions: what the double mutant adds to the two single ones.

    .. math:: f(ab) - f(a) - f(b) + f(0)

    is zero where the effects add up. It is the double-mutant cycle of protein engineering
    (Carter et al. 1984, Cell 38:835; Horovitz & Fersht 1990, J. Mol. Biol. 214:613), asked of
    a model. For a model that is additive plus pairwise it is exactly the pair's coefficient,
    on every background; for other models it depends on the background, and the mean over the
    samples is given, of the score and of its size.

    Parameters
    ----------
    model : keras.Model, Fit, callable, or a list of them
        As in :func:`geneml.interpret.mutagenesis.pairwise_mutagenesis`, which does the work.
    x : array, or list or tuple of arrays
        The backgrounds: one-hot (n, L, 4) or (n, p, 3), or genotypes or dosages (n, p).
    positions : array of int, optional
        At least two; see :func:`choose_positions`. All, by default, up to 100.
    alleles : optional
        What is exchanged.

        * ``"all"``, the default for sequences: from the observed base to each other one, the
          mean over all of them. The score has the direction of the background: a sample that
          carries the mutant already looks back from there. Read the sizes.
        * ``"mutant"``: from the commonest to the second commonest base of ``x``, whichever of
          the two a sample carries. The sign has one meaning for all samples.
        * an array (k, 2) or (L, 2): from which to which allele, for each position, as
          :func:`mutant_alleles` of a whole population gives it.
        * a pair of copy numbers, for genotypes and dosages; (0, 2) by default. The contrast
          between the homozygotes, :math:`[f(22) - f(20) - f(02) + f(00)] / 4`, is the
          additive-by-additive effect per copy and copy, free of dominance (Cockerham 1954,
          Genetics 39:859). Two alleles coded 0 and 1 need (0, 1).
    output : int
        Which output of the model.
    explained : int
        Which input, where the model has several.
    batch_size : int, optional
        Changed samples at once.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Interactions
        In the unit of the prediction.

    Raises
    ------
    TypeError, ValueError
        If positions or alleles do not fit the input, more than 100 positions are meant without
        being named, or the model does not take the input.
    """
    from geneml.interpret._mutants.variants import Subject
    from geneml.interpret._network.model import input_arrays
    from geneml.interpret.mutagenesis import pairwise_mutagenesis

    subject = Subject.checked(x, explained, None)
    chosen = checked_positions(
        positions, subject.length, _MOST_POSITIONS, "each with several double mutants a sample"
    )
    contrast = contrast_of(subject.array, chosen, alleles)
    n_alleles = 2 if contrast.states is not None else subject.n_alleles
    at_once = max(1, _NUMBERS_AT_ONCE // (len(chosen) * n_alleles) ** 2)
    scores, sizes = np.zeros((2, len(chosen), len(chosen)))
    parts = input_arrays(x)
    for start in range(0, subject.n, at_once):
        rows = [np.asarray(part)[start : start + at_once] for part in parts]
        changes = pairwise_mutagenesis(
            model,
            rows if subject.several else rows[0],
            chosen,
            output=output,
            states=contrast.states,
            explained=explained,
            batch_size=batch_size,
            progress=progress,
        )
        observed = subject.observed[start : start + at_once][:, chosen]
        signed, unsigned = contrast.of_double_mutants(
            np.asarray(changes.values, dtype="float64"), observed
        )
        scores += signed.sum(axis=0)
        sizes += unsigned.sum(axis=0)
    for table in (scores, sizes):
        np.fill_diagonal(table, 0.0)
    return Interactions(scores / subject.n, sizes / subject.n, chosen, "double mutants", subject.n)
