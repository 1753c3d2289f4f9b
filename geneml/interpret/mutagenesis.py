"""In-silico mutagenesis: what the prediction would be, had one allele been another.

Every allele of every position is replaced by every other one, and the model is asked again.
The change of its prediction is what the model believes the substitution does, with no
approximation. A network's structure makes this much cheaper than it sounds: a convolution
has to be computed anew only where the substitution reaches (Nair et al. 2022, Bioinformatics
38:2397, for convolutions in general), and a first dense layer only for the inputs that
changed. Where that is not possible the changed samples go through the model in large
batches, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from geneml.interpret._mutants.choice import choose, make_engine, pays
from geneml.interpret._mutants.engines import Engine
from geneml.interpret._mutants.ensemble import Ensemble
from geneml.interpret._mutants.variants import Subject
from geneml.interpret._network.bar import counting_bar
from geneml.interpret._network.inputs import as_outputs
from geneml.interpret._network.model import Explained, as_model, input_arrays
from geneml.interpret.attribution import Attribution

__all__ = ["explain_method", "in_silico_mutagenesis", "pairwise_mutagenesis"]

_METHODS = ("auto", "incremental", "batched")
_NAME = "in-silico mutagenesis"


def in_silico_mutagenesis(
    model: Any,
    x: Any,
    *,
    positions: Any = None,
    output: int | None = None,
    states: Sequence[float] | None = None,
    explained: int = 0,
    batch_size: int | None = None,
    method: str = "auto",
    progress: bool = False,
) -> Attribution:
    """Change of the prediction for every single substitution.

    Parameters
    ----------
    model : keras.Model, geneml.training.Fit, callable, or a list of them
        See :func:`geneml.interpret._network.model.as_model`. Of a list, the mean over the models is
        returned, and their standard deviation as ``spread``.
    x : array, or a list or tuple of arrays
        The samples: one-hot sequences (n, L, 4), one-hot genotypes (n, p, 3) or genotypes or
        dosages (n, p). For a model with several inputs, all of them in the model's order.
    positions : array of int, or mask, optional
        Positions to change; all by default.
    output : int, optional
        Which output of the model; all by default.
    states : sequence of numbers, optional
        What can stand at a position of genotypes (n, p); 0, 1 and 2 by default.
    explained : int
        Which input is changed, where there are several. The others are held fixed.
    batch_size : int, optional
        Most changed samples computed at once (but at least those of one position): it bounds
        the memory. Default: as many as keep the widest layer of a batch near 64 MB; the
        incremental way takes blocks of a few MB, which stay in the processor's cache.
    method : {"auto", "incremental", "batched"}
        ``"incremental"`` recomputes only what a substitution reaches, ``"batched"`` everything;
        both give the same numbers. ``"auto"`` takes the quicker one that the model allows:
        :func:`explain_method` tells which and why. The incremental way is computed by the
        processor's cores; on a graphics card ``"batched"`` may be quicker.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Attribution
        Kind ``change``, axes ``sample, position, allele`` and, where the model has several
        outputs and none was chosen, ``output``. In the unit of the model's prediction; exactly
        zero for the allele that was there. Where no allele was known (a missing genotype, an
        unknown base) each allele is compared with not knowing.

    Raises
    ------
    TypeError
        If ``model`` or ``x`` is nothing that can be explained.
    ValueError
        If shapes, positions, outputs or settings do not fit, or ``method="incremental"`` is
        asked of a model that does not allow it. Nothing has been computed then.
    """
    subject, places, models = _prepared(model, x, positions, explained, states, output, method)
    shape = (subject.n, len(places), subject.n_alleles)
    total = subject.n * len(places) * len(models)
    collected = Ensemble()
    with counting_bar(total, _NAME, shown=progress) as advance:
        for one in models:
            engine = make_engine(one, subject, method, batch_size)
            reference = _checked_outputs(engine, subject, output)
            changes = _singles(engine, subject, places, reference, shape, advance)
            collected.add(changes, reference, one)
    return collected.attribution(subject, places, ("sample", "position", "allele"), output, _NAME)


def pairwise_mutagenesis(
    model: Any,
    x: Any,
    positions: Any,
    *,
    output: int | None = None,
    states: Sequence[float] | None = None,
    explained: int = 0,
    batch_size: int | None = None,
    method: str = "auto",
    progress: bool = False,
) -> Attribution:
    """Change of the prediction for every double substitution at the chosen positions.

    Parameters
    ----------
    model, x, output, states, explained, batch_size, method, progress
        As in :func:`in_silico_mutagenesis`.
    positions : array of int, or mask
        Two or more positions, of which every pair is changed. The work grows with the square
        of their number: 20 positions of one sequence have 1,710 double mutants.

    Returns
    -------
    Attribution
        Kind ``change``, axes ``sample, position, allele, other_position, other_allele`` (and
        ``output``), symmetric in the two places: the change from the unchanged sample to the
        one with both alleles. With the observed allele at one place it is the other's single
        change. At one and the same place, one allele is its single change, and two different
        alleles, which cannot both stand there, are ``NaN``.

    Raises
    ------
    TypeError, ValueError
        As in :func:`in_silico_mutagenesis`, and if fewer than two positions are given.
    """
    subject, places, models = _prepared(model, x, positions, explained, states, output, method)
    if len(places) < 2:
        raise ValueError(f"positions: expected at least two, received {len(places)}.")
    shape = (subject.n, len(places), subject.n_alleles)
    total = subject.n * len(places) * len(models)
    collected = Ensemble()
    name = "pairwise in-silico mutagenesis"
    with counting_bar(total, name, shown=progress) as advance:
        for one in models:
            engine = make_engine(one, subject, method, batch_size)
            reference = _checked_outputs(engine, subject, output)
            single = _singles(engine, subject, places, reference, shape, lambda done: None)
            double = _doubles(engine, subject, places, reference, single, advance)
            collected.add(double, reference, one)
    axes = ("sample", "position", "allele", "other_position", "other_allele")
    return collected.attribution(subject, places, axes, output, name)


def explain_method(model: Any, x: Any = None, *, explained: int = 0) -> str:
    """Which way mutagenesis takes for a model, and why.

    Parameters
    ----------
    model : keras.Model, geneml.training.Fit or callable
        As in :func:`in_silico_mutagenesis`.
    x : array, or a list or tuple of arrays, optional
        Samples, where the network does not say itself what it takes.
    explained : int
        Which input is changed.

    Returns
    -------
    str
    """
    one = as_model(model)
    given = None if x is None else [np.shape(part)[1:] for part in input_arrays(x)]
    shapes = one.input_shapes() if given is None else given
    if not 0 <= explained < len(shapes):
        raise ValueError(
            f"explained: expected a number from 0 to {len(shapes) - 1}, received {explained!r}."
        )
    choice = choose(one, shapes, explained)
    if choice.plan is None:
        return f"{one.name}: batched, because {choice.reason}."
    if not pays(choice.plan):
        return f"{one.name}: batched, because {choice.reason}, which would not pay."
    return f"{one.name}: incremental; {choice.reason}."


def _prepared(
    model: Any,
    x: Any,
    positions: Any,
    explained: int,
    states: Sequence[float] | None,
    output: int | None,
    method: str,
) -> tuple[Subject, np.ndarray, list[Explained]]:
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(_METHODS)}; received {method!r}.")
    models = [as_model(one) for one in (model if isinstance(model, list | tuple) else [model])]
    if not models:
        raise ValueError("model: expected at least one model, received an empty list.")
    for one in models:
        one.check_inputs(x)
        if output is not None and one.n_outputs is not None:
            as_outputs(output, one.n_outputs)
    subject = Subject.checked(x, explained, states)
    return subject, subject.checked_positions(positions), models


def _checked_outputs(engine: Engine, subject: Subject, output: int | None) -> np.ndarray:
    reference = engine.predict(subject)
    if output is not None:
        as_outputs(output, reference.shape[1])
    return reference


def _singles(
    engine: Engine,
    subject: Subject,
    places: np.ndarray,
    reference: np.ndarray,
    shape: tuple[int, ...],
    advance: Callable[[int], None],
) -> np.ndarray:
    """Changes (n, places, alleles, outputs); zero for what was there."""
    values = np.zeros((*shape, reference.shape[1]), dtype=reference.dtype)
    where = np.full(subject.length, -1)
    where[places] = np.arange(len(places))
    for rows, changes in engine.run(subject, places, reference):
        index = where[rows.position][:, None]
        values[rows.sample[:, None], index, rows.alternatives] = changes
        advance(len(rows))
    return values


def _doubles(
    engine: Engine,
    subject: Subject,
    places: np.ndarray,
    reference: np.ndarray,
    single: np.ndarray,
    advance: Callable[[int], None],
) -> np.ndarray:
    """Changes (n, places, alleles, places, alleles, outputs).

    The samples with one substitution are samples themselves, whose substitutions at the
    later places are the double mutants.
    """
    n, k, alleles, outputs = single.shape
    double = single[:, :, :, None, None] + single[:, None, None]
    for u in range(k):
        same = np.full((n, alleles, alleles, outputs), np.nan, dtype=single.dtype)
        same[:, np.arange(alleles), np.arange(alleles)] = single[:, u]
        double[:, u, :, u] = same
    for u in range(k - 1):
        rows = subject.rows(np.arange(n), places[u : u + 1])
        mutants = _mutated(subject, subject.changed(rows))
        sample = np.repeat(rows.sample, rows.alternatives.shape[1])
        allele = rows.alternatives.ravel()
        start = reference[sample] + single[sample, u, allele]
        later = places[u + 1 :]
        shape = (mutants.n, len(later), alleles)
        more = _singles(engine, mutants, later, start, shape, lambda done: None)
        total = more + single[sample, u, allele][:, None, None]
        double[sample, u, allele, u + 1 :] = total
        for v in range(k - u - 1):
            double[sample, u + 1 + v, :, u, allele] = total[:, v]
        advance(n)
    advance(n)
    return double


def _mutated(subject: Subject, x: Any) -> Subject:
    inputs = tuple(x) if subject.several else (x,)
    return replace(subject, inputs=inputs)
