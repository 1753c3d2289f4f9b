"""Explanations that follow derivatives: gradient, gradient times input, integrated gradients.

A derivative says how the prediction would move for a very small change of the input. No base
and no genotype changes by a very small amount, so a gradient answers a question that nobody
asked; it is also the cheapest explanation there is. Integrated gradients repair half of this:
they follow the derivative all the way from a reference to the sample, and their parts sum to
the difference of the two predictions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml.interpret._credit.paths import path_credits, quadrature
from geneml.interpret._network.continuous import Continuous
from geneml.interpret._network.inputs import as_background, as_inputs
from geneml.interpret._network.request import BATCH_SIZE, Request, make_request
from geneml.interpret.attribution import Attribution


def gradient(
    model: Any,
    x: Any,
    *,
    output: int | None = None,
    explained: int = 0,
    batch_size: int = BATCH_SIZE,
) -> Attribution:
    """Derivative of the prediction by each entry of the input.

    Parameters
    ----------
    model : keras.Model or Fit
        Any network of one-hot sequences, genotypes or dosages.
    x : array (n, L, alleles) or (n, p), or a list of inputs
        Samples to explain. Stored genotypes (-1 missing) are taken as dosages with missing
        calls at the encoder's training mean; where the network's encoder makes one column a
        genotype, the derivative is by these columns.
    output : int, optional
        Which output; all by default.
    explained : int
        Which input is explained when there are several.
    batch_size : int
        Samples differentiated at once.

    Returns
    -------
    Attribution
        Kind ``slope``, axes (sample, position[, allele][, output]). Its ``per_position()``
        compares the observed allele with the others, because the derivatives by the columns
        of a one-hot position mean something only as differences: adding a number to all of
        them changes no prediction of a real sequence.

    Raises
    ------
    TypeError
        If the model is not a network of Keras.
    ValueError
        If the input is impossible, or the network has no derivative by it.

    References
    ----------
    Simonyan, Vedaldi & Zisserman 2014, arXiv:1312.6034.
    """
    request = make_request(model, x, output=output, explained=explained, batch_size=batch_size)
    view = request.continuous()
    return request.result(
        _slopes(request, view), kind="slope", explainer="gradient", observed=view.x
    )


def gradient_times_input(
    model: Any,
    x: Any,
    *,
    output: int | None = None,
    explained: int = 0,
    batch_size: int = BATCH_SIZE,
) -> Attribution:
    """Derivative times input: of one-hot input, the derivative by the observed allele.

    It is integrated gradients from zero with a single step, at the sample itself. Its sum
    is the prediction minus that of an empty input only where the network is linear between
    the two, and ``additivity_gap`` says by how much it is not.

    Parameters
    ----------
    model, x, output, explained, batch_size
        See :func:`gradient`.

    Returns
    -------
    Attribution
        Kind ``credit``, axes (sample, position[, allele][, output]); ``base_values`` are the
        predictions for an input of zeros.

    Raises
    ------
    TypeError, ValueError
        See :func:`gradient`.

    References
    ----------
    Shrikumar, Greenside, Shcherbina & Kundaje 2016, arXiv:1605.01713.
    """
    request = make_request(model, x, output=output, explained=explained, batch_size=batch_size)
    view = request.continuous()
    return request.result(
        _slopes(request, view) * view.x[..., np.newaxis],
        kind="credit",
        explainer="gradient x input",
        observed=view.x,
        base=_zero_base(request, view),
    )


def integrated_gradients(
    model: Any,
    x: Any,
    *,
    baseline: Any = None,
    steps: int = 50,
    rule: str = "gauss_legendre",
    output: int | None = None,
    explained: int = 0,
    batch_size: int = BATCH_SIZE,
) -> Attribution:
    """Derivatives along the straight path from a baseline to the sample, times its length.

    ``credit_i = (x_i - b_i) * integral_0^1 df/dx_i (b + a (x - b)) da``. The parts sum to
    ``f(x) - f(b)`` (completeness); what the finite number of steps misses of it stands in
    ``additivity_gap``.

    Parameters
    ----------
    model, x, output, explained, batch_size
        See :func:`gradient`.
    baseline : array, optional
        Where the paths start. ``None``: zeros, an input that is no sequence. One sample
        (shape of one row of ``x``), or several (b, ...): the credits are averaged over them,
        which is expected gradients with every background row
        (:func:`geneml.interpret.shapley.expected_gradients`).
    steps : int
        Points on each path.
    rule : {"gauss_legendre", "trapezoid", "midpoint"}
        How the points are placed and weighted. Gauss and Legendre's rule is exact for
        polynomials of degree up to ``2 steps - 1``.

    Returns
    -------
    Attribution
        Kind ``credit``, axes (sample, position[, allele][, output]), with ``base_values``
        and ``background``.

    Raises
    ------
    TypeError, ValueError
        See :func:`gradient`; also if the baseline does not fit ``x``.

    References
    ----------
    Sundararajan, Taly & Yan 2017, Proc. Mach. Learn. Res. 70:3319 (arXiv:1703.01365).
    """
    nodes, weights = quadrature(steps, rule)
    if baseline is not None:
        baseline = as_background(baseline, as_inputs(x, explained).x, "baseline")
    request = make_request(model, x, output=output, explained=explained, batch_size=batch_size)
    view = request.continuous()
    if baseline is None:
        starts, base = np.zeros_like(view.x[:1]), _zero_base(request, view)
    else:
        starts, base = view.encode(baseline), request.base(baseline)
    credits_ = path_credits(
        view, starts, nodes, weights, request.outputs, batch_size=request.batch_size
    )
    return request.result(
        credits_ * request.scale,
        kind="credit",
        explainer="integrated gradients",
        observed=view.x,
        base=base,
        background=baseline,
    )


def _zero_base(request: Request, view: Continuous) -> np.ndarray:
    """Predictions (n, outputs) for an explained input of zeros, other inputs as they are."""
    # To an encoder of genotypes as columns, a missing call is what gives zeros everywhere.
    return request.base(np.full_like(request.inputs.x[:1], -1 if view.skipped else 0))


def _slopes(request: Request, view: Continuous) -> np.ndarray:
    """Derivatives (n, positions[, alleles], outputs) in units of the trait."""
    derivative, size = view.derivative(request.outputs), request.batch_size
    found = [
        derivative([part[start : start + size] for part in view.inputs])
        for start in range(0, len(view.x), size)
    ]
    return np.concatenate(found).astype("float64") * request.scale
