"""The figure in which every substitution of a sequence is tried on a trained network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from geneml.live.arguments import between
from geneml.live.figure import LiveFigure, figure
from geneml.live.mutate import sequence_data

_LONGEST = 400
_LARGEST = 4.0


def mutagenesis(
    model: Any,
    sequence: str,
    *,
    alphabet: str = "ACGT",
    output_mean: float | None = None,
    output_scale: float | None = None,
    phenotype: Callable[[list[str]], Any] | None = None,
    causal: Sequence[int] | None = None,
    unit: str = "",
    size_limit: float = 1.0,
) -> LiveFigure:
    """Let a reader make any substitution; prediction and the map of all others follow at once.

    The map holds the change of the prediction for every single substitution of the sequence as
    it stands, as :func:`geneml.interpret.mutagenesis.in_silico_mutagenesis` computes it. The
    weights of `model` travel inside the page as float32, and plain JavaScript runs them.

    Parameters
    ----------
    model : keras.Model or geneml.training.Fit
        Trained chain with input (L, A) and one output; see
        :func:`geneml.live.network_export.export_network`. A fit predicts in the unit of its
        phenotype.
    sequence : str
        The reference: L letters of `alphabet`, at most 400.
    alphabet : str
        Letters in the order of the model's input channels (A of them).
    output_mean, output_scale : float, optional
        The prediction shown is ``output_mean + output_scale * model output``; 0 and 1 unless
        given. Not with a fit, which knows its own.
    phenotype : callable, optional
        True genetic value of a list of sequences, shape (n,), for simulated data. It may depend
        on positions one by one and in pairs. The reader can then see the true effects beside.
    causal : sequence of int, optional
        Positions, counted from 0, to mark: those on which `phenotype` depends. Needed with it,
        and allowed alone.
    unit : str
        Unit of the phenotype.
    size_limit : float
        How many megabytes (10^6 bytes) of weights may go into the page, at most 4. The page
        grows by four thirds of the weights.

    Returns
    -------
    LiveFigure

    Raises
    ------
    TypeError, ValueError
        If the model, the sequence or the truth cannot be shown, or the weights are too many; the
        message says why.

    Examples
    --------
    >>> from geneml import live
    >>> live.mutagenesis(fit, sequences[0], causal=[12, 40])  # doctest: +SKIP
    """
    between("size_limit", size_limit, 0.001, _LARGEST)
    _check_size(getattr(model, "model", model), size_limit)
    data = sequence_data(
        model,
        sequence,
        alphabet=alphabet,
        output_mean=output_mean,
        output_scale=output_scale,
        phenotype=phenotype,
        causal=causal,
        longest=_LONGEST,
    )
    beside = " The true effects can be laid beside." if data["truth"] is not None else ""
    return figure(
        "mutagenesis",
        {**data, "unit": unit},
        title="Every substitution, tried on the trained network",
        description="Change any base. The prediction moves, and the effect of every other "
        f"substitution is computed anew by the network, which runs inside this page.{beside}",
    )


def _check_size(network: Any, limit: float) -> None:
    """Refuse weights that would make the page slow to load, before anything is written."""
    if not hasattr(network, "count_params"):
        return  # no Keras model, as the export will say
    megabytes = 4e-6 * network.count_params()
    if megabytes > limit:
        advice = (
            f"if a page that grows by {megabytes * 4 / 3:.1f} MB will do, say "
            f"size_limit={megabytes + 0.05:.1f}"
            if megabytes <= _LARGEST
            else f"no figure takes more than {_LARGEST:g} MB"
        )
        raise ValueError(
            f"model: its {network.count_params():,} weights are {megabytes:.2f} MB as float32 and "
            f"size_limit is {limit:g} MB; use a smaller network (a pooling layer or fewer filters "
            f"before the first dense layer), or {advice}"
        )
