"""Shapley values: sharing a prediction out among positions.

Positions join the sample's coalition one after another; a position's credit is what its
joining changes, averaged over all orders of joining (Shapley 1953). Those that have not
joined are filled in from real background samples, and the values averaged over them
(Strumbelj & Kononenko 2014, doi:10.1007/s10115-013-0679-x; Lundberg & Lee 2017,
arXiv:1705.07874; the interventional form of Janzing et al. 2020, arXiv:1910.13413). So the
credits of a sample sum to its prediction minus the mean prediction of the background, and
what an explainer misses of that stands in ``additivity_gap``, always.

Take 50 to 100 real samples of the training part as background. A mean genotype is nobody's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from geneml.interpret._credit.expected_gradients import expected_gradients
from geneml.interpret._credit.games import Solution, enumeration, orderings, solve
from geneml.interpret._credit.library_shap import ALGORITHMS, deep_shap, library_shap
from geneml.interpret._credit.players import Players, as_players
from geneml.interpret._network.inputs import as_background, as_inputs, whole_number
from geneml.interpret._network.request import BATCH_SIZE, Request, make_request
from geneml.interpret.attribution import Attribution

__all__ = [
    "EXPLAINERS",
    "SampledAttribution",
    "deep_shap",
    "exact_shapley",
    "expected_gradients",
    "library_shap",
    "permutation_shapley",
    "shapley_values",
]


@dataclass(frozen=True, eq=False)
class SampledAttribution(Attribution):
    """An attribution that was estimated by sampling.

    Attributes
    ----------
    standard_error : ndarray or None
        Monte Carlo standard error of ``values``, the same shape: how far they would move with
        another seed. It knows nothing of the luck of another background or another training
        run. ``None`` where there was only one draw, so that it cannot be estimated.
    """

    standard_error: np.ndarray | None = None

    def output(self, index: int) -> Self:
        """The part for one output of the model; see :meth:`Attribution.output`."""
        part = super().output(index)
        error = self.standard_error
        return replace(part, standard_error=None if error is None else error[..., index])


def exact_shapley(
    model: Any,
    x: Any,
    background: Any,
    *,
    players: Any = None,
    output: int | None = None,
    explained: int = 0,
    batch_size: int = BATCH_SIZE,
    progress: bool = False,
) -> Attribution:
    """Shapley values by asking for every coalition.

    Parameters
    ----------
    model : keras.Model, Fit, or callable
        A function takes an array like ``x`` and returns (n,) or (n, t) numbers; what it
        computes in ``float64`` stays so.
    x : array (n, L, alleles) or (n, p), or a list of inputs
        Samples to explain.
    background : array (b, ...)
        Real samples that stand in for positions that have not joined.
    players : None, sequence of int, or sequence of sequences of int
        Who shares the credit. ``None``: every position. Positions ``[3, 8]``: only these;
        all other positions keep the sample's own alleles throughout, so the base value is
        each sample's own. Groups ``[[0, 1, 2], [3, 4]]``: the positions of a group join
        together, as the SNPs of a gene.
    output : int, optional
        Which output; all by default.
    explained : int
        Which input plays when there are several; the others stay as they are in the sample.
    batch_size : int
        Rows predicted at once.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    Attribution
        Kind ``credit``, axes (sample, position[, output]), or (sample, player[, output])
        with groups.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If shapes do not fit, or more than 16 players differ between a sample and a
        background row: the message says how many predictions that would take.

    Notes
    -----
    Only players that differ from a background row can earn anything in the game against it,
    so 2 to the power of their number predictions are made for each row, not of all players.
    """
    request, rows, group = _prepare(
        model, x, background, players, output=output, explained=explained, batch_size=batch_size
    )
    plan = enumeration(request, rows, group)
    solution = solve(request, rows, group, plan, progress=progress)
    return _credits(request, rows, group, solution, "exact Shapley values")


def permutation_shapley(
    model: Any,
    x: Any,
    background: Any,
    *,
    n_permutations: int = 2,
    players: Any = None,
    output: int | None = None,
    explained: int = 0,
    batch_size: int = BATCH_SIZE,
    seed: int | np.random.Generator | None = 0,
    progress: bool = False,
) -> SampledAttribution:
    """Shapley values along random orderings, each walked forwards and backwards.

    Parameters
    ----------
    model, x, background, players, output, explained, batch_size, progress
        See :func:`exact_shapley`.
    n_permutations : int
        Orderings for each background row; each is used in both directions (antithetic
        sampling, Mitchell et al. 2022, J. Mach. Learn. Res. 23(43)). A single one is exact
        where no more than two positions interact; from two on the standard error is known.
    seed : int, Generator or None
        Decides the orderings.

    Returns
    -------
    SampledAttribution
        As of :func:`exact_shapley`, with the Monte Carlo ``standard_error``. The gap is zero
        up to rounding whatever the number of orderings: a small gap does not say that the
        credits are right.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or shapes do not fit.
    """
    count = whole_number("n_permutations", n_permutations)
    request, rows, group = _prepare(
        model, x, background, players, output=output, explained=explained, batch_size=batch_size
    )
    plan = orderings(count, np.random.default_rng(seed))
    solution = solve(request, rows, group, plan, progress=progress)
    found = _credits(request, rows, group, solution, "permutation Shapley values")
    variance = solution.variance
    error = None if variance is None else request.without_lone_output(np.sqrt(variance))
    fields = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return SampledAttribution(**fields, standard_error=error)


def shapley_values(
    model: Any, x: Any, background: Any, *, explainer: str = "permutation", **settings: Any
) -> Attribution:
    """Share predictions out among positions, by the explainer of that name.

    Parameters
    ----------
    model : keras.Model, Fit, or callable
        What is explained; ``expected_gradients``, ``deep`` and ``shap_gradient`` need a Keras
        network.
    x : array (n, L, alleles) or (n, p)
        Samples to explain.
    background : array (b, ...)
        Real samples to compare with, for instance 50 to 100 of the training part.
    explainer : str
        ``exact`` (:func:`exact_shapley`), ``permutation`` (:func:`permutation_shapley`),
        ``expected_gradients`` (:func:`expected_gradients`), ``deep`` (:func:`deep_shap`), or
        ``shap_permutation``, ``shap_exact``, ``shap_sampling``, ``shap_kernel``,
        ``shap_gradient`` (:func:`library_shap`).
    **settings
        Those of the function named above.

    Returns
    -------
    Attribution
        Kind ``credit``, whatever the explainer; ``additivity_gap`` says what the credits miss
        of the prediction minus the base value.

    Raises
    ------
    TypeError
        If the explainer has no such setting.
    ValueError
        If there is no such explainer.
    """
    if explainer not in EXPLAINERS:
        raise ValueError(
            f"explainer must be one of {', '.join(EXPLAINERS)}; received {explainer!r}."
        )
    function, fixed = EXPLAINERS[explainer]
    allowed = [name for name in inspect.signature(function).parameters if name not in fixed][3:]
    unknown = [name for name in settings if name not in allowed]
    if unknown:
        raise TypeError(
            f"explainer {explainer!r} has no setting {unknown[0]!r}; it has {', '.join(allowed)}."
        )
    return function(model, x, background, **fixed, **settings)


EXPLAINERS: dict[str, tuple[Callable[..., Attribution], dict[str, str]]] = {
    "exact": (exact_shapley, {}),
    "permutation": (permutation_shapley, {}),
    "expected_gradients": (expected_gradients, {}),
    "deep": (deep_shap, {}),
    **{f"shap_{name}": (library_shap, {"algorithm": name}) for name in ALGORITHMS},
}
"""Explainers by name: the function, and settings that the name stands for."""


def _prepare(
    model: Any,
    x: Any,
    background: Any,
    players: Any,
    *,
    output: int | None,
    explained: int,
    batch_size: int,
) -> tuple[Request, np.ndarray, Players]:
    inputs = as_inputs(x, explained)
    rows = as_background(background, inputs.x)
    group = as_players(players, inputs.x.shape[1])
    # Rows of a coalition mix the two, so both need one type that holds either.
    common = np.result_type(inputs.x, rows)
    parts = list(inputs.parts)
    parts[explained] = inputs.x.astype(common, copy=False)
    given = parts[0] if len(parts) == 1 else parts
    request = make_request(model, given, output=output, explained=explained, batch_size=batch_size)
    return request, rows.astype(common, copy=False), group


def _credits(
    request: Request, rows: np.ndarray, players: Players, solution: Solution, name: str
) -> Attribution:
    return request.result(
        solution.credits,
        kind="credit",
        explainer=name,
        observed=request.inputs.x,
        base=solution.base,
        background=rows,
        groups=players.positions is None,
        positions=players.positions,
    )
