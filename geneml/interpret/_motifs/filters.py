"""What excites the filters of a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geneml.encoding import decode_sequences, one_hot_sequences


@dataclass(frozen=True, eq=False)
class FilterWindows:
    """The stretches of sequence that excite one filter.

    Attributes
    ----------
    filter : int
        Which filter, counted from 0.
    windows : ndarray of float32, shape (m, k, A)
        The one-hot windows, the most exciting first.
    samples, starts : ndarray of int, shape (m,)
        In which sample each window lies, and at which position it begins.
    activations : ndarray of float, shape (m,)
        The filter's output there.
    maximum : float
        Its highest output anywhere in the given sequences.
    threshold : float
        The output from which a window counts.
    """

    filter: int
    windows: np.ndarray = field(repr=False)
    samples: np.ndarray = field(repr=False)
    starts: np.ndarray = field(repr=False)
    activations: np.ndarray = field(repr=False)
    maximum: float
    threshold: float

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def sequences(self) -> list[str]:
        """The windows as letters (four bases only)."""
        return decode_sequences(self.windows) if len(self) else []


def filter_windows(
    model: Any,
    x: Any,
    layer: str = "convolution",
    *,
    threshold: float = 0.5,
    filters: Sequence[int] | None = None,
    one_per_sequence: bool = False,
    batch_size: int = 1_024,
) -> list[FilterWindows]:
    """Collect the windows that excite each filter of a convolution.

    A window counts where the filter's output reaches a share of its highest output over all
    the sequences, half of it by default (Kelley et al. 2016, Genome Res. 26:990, Basset).
    With ``one_per_sequence`` only the best window of each sequence can count (Alipanahi et al.
    2015, Nat. Biotechnol. 33:831, DeepBind).

    Parameters
    ----------
    model : keras.Model or Fit
        Sequential or functional, with one input.
    x : array (n, L, A) or list of str
        One-hot sequences, or sequences. Use sequences that the network did not train on.
    layer : str
        Name of the convolution, or of a layer behind it in the same chain; then the windows are
        as wide as what that layer sees.
    threshold : float
        Share of the highest output, above 0 and at most 1.
    filters : sequence of int, optional
        Which filters; all by default.
    one_per_sequence : bool
        Whether to keep the best window of a sequence alone.
    batch_size : int
        Sequences at once: the memory needed is that of one batch and of the windows.

    Returns
    -------
    list of FilterWindows
        One a filter. A filter whose output never rises above 0 has no windows: it is dead, or
        silent on these sequences.

    Raises
    ------
    TypeError
        If the model has no layers to look into.
    ValueError
        If there is no such layer or filter, the layer is not reached by a chain of
        convolutions and pools, or a setting is out of range.
    """
    from geneml.interpret._network.halves import batches, halves, inputs_of, network_of
    from geneml.interpret._network.receptive import receptive_field

    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must lie above 0 and at most at 1; received {threshold}.")
    parts = inputs_of(model, encoded(x))
    if len(parts) != 1 or parts[0].ndim != 3:
        raise ValueError("x must be one array of one-hot sequences (n, L, letters).")
    cut = halves(model, layer)
    view = receptive_field(network_of(model).keras_model, layer)
    length = parts[0].shape[1]
    chosen = checked_filters(filters, int(cut.layer.output.shape[-1]))
    highest = np.full(len(chosen), -np.inf)
    for _, batch in batches(parts, batch_size):
        seen = view.inside(cut.values(batch)[..., chosen], length)
        highest = np.maximum(highest, seen.max(axis=(0, 1)))
    found: list[list[tuple]] = [[] for _ in chosen]
    for rows, batch in batches(parts, batch_size):
        outputs = view.inside(cut.values(batch)[..., chosen], length)
        for place, top in enumerate(highest):
            values = outputs[..., place]
            reached = (values >= threshold * top) & (top > 0)
            if one_per_sequence:
                best = values.argmax(axis=1)[:, None] == np.arange(values.shape[1])
                reached &= best
            samples, windows = np.nonzero(reached)
            found[place].append(
                (samples + rows.start, view.starts(length)[windows], values[samples, windows])
            )
    result = []
    for number, top, pieces in zip(chosen, highest, found, strict=True):
        samples, starts, values = (np.concatenate(part) for part in zip(*pieces, strict=True))
        order = np.argsort(-values, kind="stable")
        samples, starts, values = samples[order], starts[order], values[order]
        windows = parts[0][samples[:, None], starts[:, None] + np.arange(view.width)]
        result.append(
            FilterWindows(
                filter=int(number),
                windows=windows.astype("float32"),
                samples=samples,
                starts=starts,
                activations=values,
                maximum=float(top),
                threshold=float(threshold * top),
            )
        )
    return result


def checked_filters(filters: Sequence[int] | None, n_filters: int) -> np.ndarray:
    """Filter numbers; all where none were chosen."""
    if filters is None:
        return np.arange(n_filters)
    chosen = np.asarray(filters)
    whole = chosen.ndim == 1 and chosen.size > 0 and chosen.dtype.kind in "iu"
    if not whole or chosen.min() < 0 or chosen.max() >= n_filters:
        raise ValueError(
            f"filters must be whole numbers from 0 to {n_filters - 1}; received {filters!r}."
        )
    return chosen


def encoded(x: Any) -> Any:
    """Sequences as one-hot; anything else as it is."""
    is_text = isinstance(x, list | tuple) and len(x) > 0 and isinstance(x[0], str)
    return one_hot_sequences(x) if is_text else x
