"""The figure in which a reader mutates a sequence and a trained network predicts at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geneml.live.figure import LiveFigure, figure
from geneml.live.network_export import export_network

_LONGEST = 240


def mutate(
    model: Any,
    sequence: str,
    *,
    alphabet: str = "ACGT",
    output_mean: float | None = None,
    output_scale: float | None = None,
    phenotype: Callable[[list[str]], Any] | None = None,
    causal: Sequence[int] | None = None,
    unit: str = "",
) -> LiveFigure:
    """Let a reader change the bases of a sequence and see encoding, prediction and truth.

    The weights of `model` travel inside the page as float32, and plain JavaScript runs them.

    Parameters
    ----------
    model : keras.Model or geneml.training.Fit
        Trained chain with input (L, A) and one output; see
        :func:`geneml.live.network_export.export_network`. A fit predicts in the unit of its
        phenotype.
    sequence : str
        Where the reader starts: L letters of `alphabet`, at most 240.
    alphabet : str
        Letters in the order of the model's input channels (A of them).
    output_mean, output_scale : float
        The prediction shown is ``output_mean + output_scale * model output``; give the mean and
        standard deviation with which the phenotype was standardised (0 and 1 otherwise), but not
        with a fit.
    phenotype : callable, optional
        True genetic value of a list of sequences, shape (n,), for simulated data. It may depend
        on positions one by one and in pairs.
    causal : sequence of int, optional
        Positions, counted from 0, on which `phenotype` depends. Needed with it.
    unit : str
        Unit of the phenotype, for the axis.

    Returns
    -------
    LiveFigure

    Raises
    ------
    TypeError, ValueError
        If the model, the sequence or the truth cannot be shown; the message says why. Nothing is
        written then.
    """
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
    if (phenotype is None) != (causal is None):
        raise ValueError("phenotype, causal: expected both or neither")
    known = data["truth"] is not None
    words = "the network's prediction and the true value" if known else "the network's prediction"
    return figure(
        "mutate",
        {**data, "unit": unit},
        title="Change a base, watch the prediction",
        description=f"Choose a base to change it. The encoding and {words} follow; the network "
        "runs inside this page.",
    )


def sequence_data(
    model: Any,
    sequence: str,
    *,
    alphabet: str,
    output_mean: float | None,
    output_scale: float | None,
    phenotype: Callable[[list[str]], Any] | None,
    causal: Sequence[int] | None,
    longest: int,
) -> dict[str, Any]:
    """Check a network, its sequence and its truth, and write them as a figure's data."""
    letters = _check_sequence(sequence, alphabet, longest)
    network, mean, scale = _in_own_unit(model, output_mean, output_scale)
    if phenotype is not None and causal is None:
        raise ValueError("phenotype, causal: expected both or neither")
    layers = export_network(network)
    if tuple(network.input_shape[1:]) != (len(letters), len(alphabet)):
        raise ValueError(
            f"sequence: the model expects (length, letters) {tuple(network.input_shape[1:])}, got "
            f"a sequence of {len(letters)} and an alphabet of {len(alphabet)}"
        )
    if np.prod(network.output_shape[1:]) != 1:
        raise ValueError(f"model: expected one output, got shape {network.output_shape[1:]}")
    places = None if causal is None else _check_causal(causal, len(letters))
    truth = None
    if phenotype is not None and places is not None:
        truth = _truth_tables(phenotype, letters, alphabet, places)
    return {
        "layers": layers,
        "sequence": letters,
        "alphabet": alphabet,
        "mean": mean,
        "scale": scale,
        "truth": truth,
        "causal": places,
    }


def _in_own_unit(
    model: Any, output_mean: float | None, output_scale: float | None
) -> tuple[Any, float, float]:
    """Return the network and how its output becomes the phenotype; a Fit knows that itself."""
    if hasattr(model, "scaler") and hasattr(model, "model"):
        if output_mean is not None or output_scale is not None:
            raise ValueError(
                "output_mean, output_scale: the fit knows its own; give them with a bare model"
            )
        scales = np.ravel(model.scaler.mean), np.ravel(model.scaler.standard_deviation)
        if any(len(one) != 1 for one in scales):
            raise ValueError(f"model: expected a fit of one trait, got {len(scales[0])} traits")
        return model.model, float(scales[0][0]), float(scales[1][0])
    mean = 0.0 if output_mean is None else output_mean
    scale = 1.0 if output_scale is None else output_scale
    if not (np.isfinite(mean) and np.isfinite(scale) and scale > 0):
        raise ValueError(
            "output_mean, output_scale: expected finite numbers and a scale above 0, got "
            f"{mean} and {scale}"
        )
    return model, float(mean), float(scale)


def _check_sequence(sequence: str, alphabet: str, longest: int) -> str:
    for name, text in (("sequence", sequence), ("alphabet", alphabet)):
        if not isinstance(text, str):
            raise TypeError(f"{name}: expected a str, got {type(text).__name__}")
    if not 2 <= len(alphabet) <= 6 or len(set(alphabet)) != len(alphabet):
        raise ValueError(f"alphabet: expected 2 to 6 different letters, got {alphabet!r}")
    if not 1 <= len(sequence) <= longest:
        raise ValueError(f"sequence: expected 1 to {longest} letters, got {len(sequence)}")
    strange = sorted(set(sequence) - set(alphabet))
    if strange:
        raise ValueError(f"sequence: expected letters of {alphabet}, got {', '.join(strange)}")
    return sequence


def _check_causal(causal: Sequence[int], length: int) -> list[int]:
    places = sorted({int(place) for place in causal})
    if not places or places[0] < 0 or places[-1] >= length or len(places) > 40:
        raise ValueError(
            f"causal: expected 1 to 40 positions from 0 to {length - 1}, got {list(causal)}"
        )
    return places


def _truth_tables(
    phenotype: Callable[[list[str]], Any], sequence: str, alphabet: str, places: list[int]
) -> dict[str, Any]:
    """Tabulate a function of single positions and pairs, anchored at the starting sequence.

    With ``f0`` the value at the start, a change has the effect ``f(change) - f0`` and two
    changes together add ``f(both) - f(one) - f(other) + f0``; for a function of singles and
    pairs these sums are exact, which fresh sequences confirm.
    """

    def value(*changes: tuple[int, str]) -> str:
        bases = list(sequence)
        for place, letter in changes:
            bases[place] = letter
        return "".join(bases)

    def evaluate(sequences: list[str]) -> np.ndarray:
        result = np.asarray(phenotype(sequences), dtype="float64").reshape(-1)
        if result.shape != (len(sequences),) or not np.isfinite(result).all():
            raise ValueError(
                f"phenotype: expected {len(sequences)} finite values, got {result.size}"
            )
        return result

    singles = [(p, b) for p in places for b in alphabet if b != sequence[p]]
    pairs = [(s, t) for s, t in itertools.combinations(singles, 2) if s[0] != t[0]]
    start = float(evaluate([sequence])[0])
    effects = dict(zip(singles, evaluate([value(s) for s in singles]) - start, strict=True))
    both = evaluate([value(s, t) for s, t in pairs]) - start if pairs else np.zeros(0)
    extra = [
        (s, t, float(total - effects[s] - effects[t]))
        for (s, t), total in zip(pairs, both, strict=True)
    ]
    size = max(1.0, float(np.abs(both).max(initial=0)), *(abs(e) for e in effects.values()))
    extra = [(s, t, e) for s, t, e in extra if abs(e) > 1e-9 * size]

    rng = np.random.default_rng(0)
    fresh = ["".join(rng.choice(list(alphabet), size=len(sequence))) for _ in range(500)]
    expected = [
        start
        + sum(e for (p, b), e in effects.items() if letters[p] == b)
        + sum(e for (p, b), (q, c), e in extra if letters[p] == b and letters[q] == c)
        for letters in fresh
    ]
    if not np.allclose(evaluate(fresh), expected, rtol=1e-6, atol=1e-6 * size):
        raise ValueError(
            "phenotype: it depends on positions that `causal` does not list, or on three or more "
            "at once; the figure can show single positions and pairs"
        )
    return {
        "start": start,
        "causal": places,
        "singles": [[p, b, float(e)] for (p, b), e in effects.items()],
        "pairs": [[p, b, q, c, e] for (p, b), (q, c), e in extra],
    }
