"""All pairs of positions from differences of gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from geneml.interpret._pairs.contrasts import Contrast, contrast_of
from geneml.interpret._pairs.pairs import Interactions, checked_positions

_NUMBERS_AT_ONCE = 4_000_000


def feature_interaction_maps(
    model: Any,
    x: Any,
    positions: Any = None,
    *,
    alleles: Any = None,
    output: int = 0,
    explained: int = 0,
    batch_size: int = 512,
) -> Interactions:
    r"""Interaction of all pairs, from how a mutation at one place moves the slopes elsewhere.

    Mutate position i, and compare the gradient by every other position with the gradient
    before. Where the gradient by j has moved, the effect of j depends on i. One gradient gives
    a whole row of pairs, so the cost grows with the positions and not with their square
    (Greenside et al. 2018, Bioinformatics 34:i629, deep feature interaction maps; they compare
    importance scores, of which the gradient is one).

    The score is :math:`[\nabla_{jb} - \nabla_{jb_0}]f(a) - [\nabla_{jb} - \nabla_{jb_0}]f(0)`:
    the interaction score of :func:`epistasis` with the step at j taken along the tangent.
    The two are equal where the model is linear in each position given the others, as additive
    plus pairwise models are. In a network the tangent is an approximation. A ReLU network has
    second derivatives of zero almost everywhere, but its gradients still differ between
    mutant and reference, because the mutation is a step that crosses kinks: this method sees
    them, a Hessian would not. The two directions of a pair are averaged.

    Parameters
    ----------
    model : keras.Model or Fit
        A network: the gradient is needed.
    x : array, or list or tuple of arrays
        As in :func:`epistasis`.
    positions : array of int, optional
        All by default, up to 2,000.
    alleles : optional
        As in :func:`epistasis`.
    output : int
        Which output of the network.
    explained : int
        Which input, where there are several.
    batch_size : int
        Changed samples in one gradient.

    Returns
    -------
    Interactions
        In the unit of the prediction.

    Raises
    ------
    TypeError
        If the model is a plain function.
    ValueError
        As in :func:`epistasis`, or if the network has no derivative by its input.
    """
    from geneml.interpret._network.continuous import continuous
    from geneml.interpret._network.inputs import as_inputs, as_outputs, whole_number
    from geneml.interpret._network.model import as_model

    seen = as_model(model)
    if seen.keras_model is None:
        raise TypeError(
            "feature_interaction_maps needs the gradients of a Keras network; for a plain function "
            "use epistasis, which needs predictions alone."
        )
    size = whole_number("batch_size", batch_size)
    inputs = as_inputs(x, explained)
    seen.check_inputs(inputs.parts)
    (column,) = as_outputs(output, seen.n_outputs or 1)
    chosen = checked_positions(
        positions, inputs.x.shape[1], 2_000, "each with a gradient of its own"
    )
    contrast = contrast_of(inputs.x, chosen, alleles)
    smooth = continuous(seen.keras_model, inputs.parts, explained)
    derivative = smooth.derivative([column])
    mutants = _Mutants(smooth.x, chosen, contrast)
    each = len(chosen) * mutants.n_states
    at_once = max(1, _NUMBERS_AT_ONCE // (each * len(chosen) * mutants.width))
    scores, sizes = np.zeros((2, len(chosen), len(chosen)))
    for start in range(0, len(inputs), at_once):
        samples = np.arange(start, min(start + at_once, len(inputs)))
        slopes = []
        for first in range(0, len(samples) * each, size):
            rows = np.arange(first, min(first + size, len(samples) * each))
            owner, changed = mutants.make(samples, rows)
            parts = [part[owner] for part in smooth.inputs]
            parts[explained] = changed
            slopes.append(derivative(parts)[..., 0][:, chosen].astype("float64"))
        table = np.concatenate(slopes).reshape(len(samples), len(chosen), mutants.n_states, -1)
        plain = [part[samples] for part in smooth.inputs]
        reference = derivative(plain)[..., 0][:, chosen].astype("float64")
        signed, unsigned = mutants.scores(table, reference, samples)
        scores += signed.sum(axis=0)
        sizes += unsigned.sum(axis=0)
    scale = float(seen.scale[column if seen.scale.size > 1 else 0]) / len(inputs)
    scores, sizes = scores * scale, sizes * abs(scale)
    for values in (scores, sizes):
        np.fill_diagonal(values, 0.0)
    return Interactions(
        (scores + scores.T) / 2,
        (sizes + sizes.T) / 2,
        chosen,
        "feature interaction map",
        len(inputs),
    )


class _Mutants:
    """Single mutants of samples, numbered by sample, position and state."""

    def __init__(self, x: np.ndarray, positions: np.ndarray, contrast: Contrast):
        self.x, self.positions, self.contrast = x, positions, contrast
        self.one_hot = x.ndim == 3
        self.width = x.shape[2] if self.one_hot else 1
        self.n_states = self.width if contrast.ends is None else 2
        self.ends = np.zeros((len(positions), 2), dtype=int)
        if contrast.states is not None and self.one_hot:
            # Dosages that the network itself turns into one column a genotype.
            self.ends[:] = contrast.states
        elif contrast.ends is not None:
            self.ends = contrast.ends

    def make(self, samples: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which sample each row is of, and the changed rows of the explained input."""
        sample, place, state = np.unravel_index(
            rows, (len(samples), len(self.positions), self.n_states)
        )
        owner = samples[sample]
        changed = self.x[owner]
        here = np.arange(len(rows)), self.positions[place]
        if self.contrast.ends is None:
            changed[here] = np.eye(self.width, dtype=self.x.dtype)[state]
        elif self.one_hot:
            changed[here] = np.eye(self.width, dtype=self.x.dtype)[self.ends[place, state]]
        else:
            changed[here] = np.array(self.contrast.states, dtype=self.x.dtype)[state]
        return owner, changed

    def scores(
        self, table: np.ndarray, reference: np.ndarray, samples: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Signed and unsigned scores (n, k, k) from slopes (n, k, states, k * width)."""
        n, k = table.shape[:2]
        slopes = table.reshape(n, k, self.n_states, k, self.width)
        if self.contrast.ends is not None:
            moved = slopes[:, :, 1] - slopes[:, :, 0]
            if self.one_hot:
                column = np.arange(k)
                cycle = moved[..., column, self.ends[:, 1]] - moved[..., column, self.ends[:, 0]]
                cycle = cycle / self.contrast.distance**2
            else:  # the slope is per copy already
                cycle = moved[..., 0] / self.contrast.distance
            return cycle, np.abs(cycle)
        observed = self.x[samples][:, self.positions]
        moved = slopes - reference.reshape(n, 1, 1, k, self.width)
        # Where the observed base is known, the slope is measured from it, at both ends.
        from_here = (moved * observed[:, None, None]).sum(axis=-1, keepdims=True)
        changed = 1.0 - observed
        cycle = (moved - from_here) * changed[:, :, :, None, None] * changed[:, None, None]
        others = changed.sum(axis=-1)
        pairs = others[:, :, None] * others[:, None, :]
        return cycle.sum(axis=(2, 4)) / pairs, np.abs(cycle).sum(axis=(2, 4)) / pairs
