"""The explainers of the ``shap`` library, with positions as players.

The library sees a table of allele codes, one column a position, and the model behind it
turns the codes back into one-hot input. So what it mixes of a sample and a background row is
always a sequence: given the flattened one-hot table itself, its model-free explainers would
ask about positions with two bases or none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from geneml.interpret._credit.deep_shap import as_network, deep_values
from geneml.interpret._credit.library import import_shap
from geneml.interpret._network.continuous import Continuous, continuous
from geneml.interpret._network.inputs import as_background, as_inputs, whole_number
from geneml.interpret._network.request import BATCH_SIZE, Request, make_request
from geneml.interpret.attribution import Attribution

ALGORITHMS = ("permutation", "exact", "sampling", "kernel", "gradient")


def deep_shap(
    model: Any,
    x: Any,
    background: Any,
    *,
    output: int | None = None,
    batch_size: int = BATCH_SIZE,
) -> Attribution:
    """Credits by ``shap.DeepExplainer``: differences passed back through the network.

    The network's operations are looked at first. Those that the library has no rule for but
    that follow one of its rules (exact GELU, SiLU, leaky ReLU, layer normalisation, dilated and
    depthwise convolutions, global max pooling and others) are given it; a network with any
    other is refused before anything runs. What the library rewrites in TensorFlow meanwhile
    is put back whatever happens. No network should be trained in another thread meanwhile.

    Parameters
    ----------
    model : keras.Model or Fit
        With one input, under TensorFlow.
    x : array (n, L, alleles) or (n, p)
        Samples to explain.
    background : array (b, ...)
        Real samples. All of them are used for each sample, in one batch.
    output : int, optional
        Which output; all by default.
    batch_size : int
        Rows predicted at once for the predictions and base values.

    Returns
    -------
    Attribution
        Kind ``credit``, axes (sample, position[, allele][, output]). The credits add up, but
        they are not Shapley values where positions interact: the rule is applied layer by
        layer.

    Raises
    ------
    TypeError
        If the model is a plain function or has several inputs.
    ValueError
        If shapes do not fit, or the network has a layer that cannot be explained: the error
        names it and what to use instead.
    NotImplementedError
        If Keras does not run on TensorFlow.

    References
    ----------
    Lundberg & Lee 2017, arXiv:1705.07874; Shrikumar, Greenside & Kundaje 2017,
    arXiv:1704.02685.
    """
    request, rows, view, observed = _network_request(model, x, background, output, batch_size)
    found = deep_values(
        view.forward(request.outputs),
        len(request.outputs),
        view.x,
        view.encode(rows),
        layers=view.all_layers(),
    )
    return _result(request, found * request.scale, rows, observed, "shap.DeepExplainer")


def library_shap(
    model: Any,
    x: Any,
    background: Any,
    *,
    algorithm: str = "permutation",
    evaluations: int | None = None,
    output: int | None = None,
    explained: int = 0,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
) -> Attribution:
    """Shapley values by one of the ``shap`` library's own explainers.

    They give what :func:`exact_shapley` and :func:`permutation_shapley` give, more slowly; they
    are here to be compared with, and for what the field uses.

    Parameters
    ----------
    model, x, background, output, explained, batch_size
        See :func:`geneml.interpret.shapley.exact_shapley`. One-hot input has to be one-hot:
        a single 1 at each position, or none.
    algorithm : {"permutation", "exact", "sampling", "kernel", "gradient"}
        ``PermutationExplainer``, ``ExactExplainer``, ``SamplingExplainer``,
        ``KernelExplainer`` (without its default selection of ten features), or
        ``GradientExplainer`` (expected gradients at random points; Keras on TensorFlow).
    evaluations : int, optional
        For each sample: coalitions asked for (permutation, at least 2 L + 1; kernel;
        sampling), or random points (gradient). By default what the library chooses, for
        permutations ten antithetic orderings. ``exact`` always asks for all 2^L.
    seed : int
        Of the library's random numbers. Numpy's global state is left as it was.

    Returns
    -------
    Attribution
        Kind ``credit``, axes (sample, position[, output]); with ``gradient``
        (sample, position[, allele][, output]).

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, shapes do not fit, or there are more than 16
        positions for ``exact``.
    """
    if algorithm not in ALGORITHMS:
        raise ValueError(
            f"algorithm must be one of {', '.join(ALGORITHMS)}; received {algorithm!r}."
        )
    count = None if evaluations is None else whole_number("evaluations", evaluations)
    if algorithm == "gradient":
        return _gradient(model, x, background, output, batch_size, count or 200, seed)
    inputs = as_inputs(x, explained)
    rows = as_background(background, inputs.x)
    length = inputs.x.shape[1]
    if algorithm == "exact" and length > 16:
        raise ValueError(
            f"algorithm 'exact' asks for all 2^{length} coalitions of {length} positions; at most "
            "16 are possible. Use exact_shapley with players, or permutation_shapley."
        )
    if algorithm == "permutation" and count is not None and count < 2 * length + 1:
        raise ValueError(
            f"evaluations must be at least {2 * length + 1} for {length} positions, one ordering "
            f"and its reverse; received {count}."
        )
    codes, decode = _codes(inputs.x, rows)
    request = make_request(model, x, output=output, explained=explained, batch_size=batch_size)
    with _random_state(seed):
        found = np.stack(
            [  # one sample at a time, because the other inputs are those of the sample
                _run(
                    algorithm,
                    lambda table, row=row: request.predict(decode(table), np.full(len(table), row)),
                    codes(inputs.x[row : row + 1]),
                    codes(rows),
                    count,
                    seed,
                )
                for row in range(len(inputs))
            ]
        )
    found = found.reshape(len(inputs), length, len(request.outputs))
    name = f"shap.{algorithm.capitalize()}Explainer"
    return _result(request, found, rows, inputs.x, name)


def _run(
    algorithm: str, predict: Callable, x: np.ndarray, rows: np.ndarray, count: int | None, seed: int
) -> np.ndarray:
    """Credits (positions, outputs) of one sample."""
    shap = import_shap()

    if algorithm in ("sampling", "kernel"):
        kind = shap.SamplingExplainer if algorithm == "sampling" else shap.KernelExplainer
        selection = {"l1_reg": False} if algorithm == "kernel" else {}
        explainer = kind(predict, rows)
        asked = "auto" if count is None else count
        return np.asarray(explainer.shap_values(x, nsamples=asked, silent=True, **selection))[0]
    masker = shap.maskers.Independent(rows, max_samples=len(rows))
    if algorithm == "exact":
        return shap.ExactExplainer(predict, masker)(x).values[0]
    explainer = shap.PermutationExplainer(predict, masker, seed=seed)
    asked = 10 * (2 * x.shape[1] + 1) if count is None else count
    return explainer(x, max_evals=asked, silent=True).values[0]


def _gradient(
    model: Any,
    x: Any,
    background: Any,
    output: int | None,
    batch_size: int,
    points: int,
    seed: int,
) -> Attribution:
    request, rows, view, observed = _network_request(model, x, background, output, batch_size)
    network = as_network(view.forward(request.outputs), len(request.outputs), view.x.shape[1:])
    shap = import_shap()

    with _random_state(seed):
        explainer = shap.GradientExplainer(network, view.encode(rows), batch_size=batch_size)
        found = explainer.shap_values(view.x, nsamples=points, rseed=seed)
    return _result(request, found * request.scale, rows, observed, "shap.GradientExplainer")


def _network_request(
    model: Any, x: Any, background: Any, output: int | None, batch_size: int
) -> tuple[Request, np.ndarray, Continuous, np.ndarray]:
    inputs = as_inputs(x)
    rows = as_background(background, inputs.x)
    request = make_request(model, x, output=output, explained=0, batch_size=batch_size)
    if not inputs.single:
        raise TypeError(
            "this explainer takes networks with one input; x holds "
            f"{len(inputs.parts)}. Use expected_gradients or permutation_shapley with explained=."
        )
    observed = request.continuous().x
    view = continuous(request.network.keras_model, inputs.parts, 0, behind_encoder=True)
    return request, rows, view, observed


def _codes(x: np.ndarray, rows: np.ndarray) -> tuple[Callable, Callable]:
    """Functions from samples to a table (n, positions) and back."""
    kind = np.result_type(x, rows)
    if x.ndim == 2:
        return lambda samples: samples.astype("float64"), lambda table: table.astype(kind)
    for name, samples in (("x", x), ("background", rows)):
        if not np.isin(samples, (0, 1)).all() or (samples.sum(axis=2) > 1).any():
            raise ValueError(
                f"{name} must be one-hot, with a single 1 at each position, for this explainer."
            )
    # One more row for a position without a base.
    alleles = np.concatenate([np.eye(x.shape[2]), np.zeros((1, x.shape[2]))]).astype(kind)

    def encode(samples: np.ndarray) -> np.ndarray:
        known = samples.max(axis=2) > 0
        return np.where(known, samples.argmax(axis=2), x.shape[2]).astype("float64")

    return encode, lambda table: alleles[table.astype(int)]


@contextlib.contextmanager
def _random_state(seed: int) -> Iterator[None]:
    """The library draws from numpy's global generator: seed it, and put it back."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _result(
    request: Request, found: np.ndarray, rows: np.ndarray, observed: np.ndarray, name: str
) -> Attribution:
    return request.result(
        np.asarray(found, dtype="float64"),
        kind="credit",
        explainer=name,
        observed=observed,
        base=request.base(rows),
        background=rows,
    )
