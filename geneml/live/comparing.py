"""Figures of chapter 16: a recorded comparison, the best of many looks, what a trait allows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from geneml.intervals import Interval
from geneml.live.arguments import between as _between
from geneml.live.arguments import seeded as _seeded
from geneml.live.arguments import whole as _whole
from geneml.live.figure import LiveFigure, figure

_INPUTS = ("markers", "markers and loadings")
_MEASURES = ("r", "mse", "distance_correlation", "calibration_slope", "seconds")


def contest(results: Mapping[str, Mapping[str, Any]]) -> LiveFigure:
    """A recorded comparison of methods, trait by trait, beside what was published.

    Parameters
    ----------
    results : mapping of str to mapping
        By the name of the data what ``benchmarks/paper_grvsnn.py`` records: ``"protocols"``
        with the scores of every method and differences with intervals, and ``"published"``.

    Returns
    -------
    LiveFigure

    Raises
    ------
    ValueError
        If there is no result, or one lacks a part.
    """
    sets = []
    for name, found in _checked(results).items():
        tables = found["published"]["tables"].get(name, {})
        minutes = found["published"].get("minutes", {}).get(name, {})
        for trait in _traits(found):
            protocols = {
                protocol: {
                    inputs: {method: _row(row) for method, row in table.items()}
                    for inputs, table in part[trait]["scores"].items()
                }
                for protocol, part in found["protocols"].items()
            }
            sets.append(
                {
                    "label": f"{name}, {_words(trait)}",
                    "protocols": protocols,
                    "differences": {
                        protocol: {
                            "minus_gblup": {
                                inputs: {method: _gap(gap) for method, gap in gaps.items()}
                                for inputs, gaps in part[trait]["minus_gblup"].items()
                            },
                            "gain_of_loadings": {
                                method: _gap(gap)
                                for method, gap in part[trait]["gain_of_loadings"].items()
                            },
                        }
                        for protocol, part in found["protocols"].items()
                    },
                    "published": {
                        inputs: {
                            method: _printed(row[inputs], minutes.get(inputs, {}).get(method))
                            for method, row in tables.get(trait, {}).items()
                        }
                        for inputs in _INPUTS
                    },
                }
            )
    return figure(
        "contest",
        {"sets": sets},
        title="The comparison, table by table",
        description="Choose a trait, the folds, the inputs and a measure. Dots are our means over "
        "folds, rings what the paper printed. Below, differences with intervals that respect "
        "that folds share their training rows.",
    )


def ceiling(
    results: Mapping[str, Mapping[str, Any]],
    *,
    accuracy: float = 0.7,
    printed_variance: Mapping[str, float] | None = None,
) -> LiveFigure:
    """What a heritability allows, and what a correlation asks of the other measures.

    Parameters
    ----------
    results : mapping of str to mapping
        As for :func:`contest`; traits without a published table are left out.
    accuracy : float
        Correlation of prediction and genetic value at the start, 0 to 1.
    printed_variance : mapping of str to float, optional
        By the name of the data the variance of the trait on the scale of the published squared
        errors, above 0; 1 where nothing is said. Ours are of traits with variance 1.

    Returns
    -------
    LiveFigure

    Raises
    ------
    TypeError, ValueError
        If a number is none or out of range; if no trait has a published table.
    """
    accuracy = _between("accuracy", accuracy, 0, 1)
    variances = {
        name: _between(f"printed_variance[{name!r}]", value, 1e-9, math.inf)
        for name, value in (printed_variance or {}).items()
    }
    traits = []
    for name, found in _checked(results).items():
        for trait in _traits(found):
            printed = found["published"]["tables"].get(name, {}).get(trait)
            if printed is None or name == "pigs":  # those pigs are not ours
                continue
            facts, scores = found["audit"][trait], found["protocols"]["honest"][trait]["scores"]
            ours = [
                _point(row["r"]["mean"], row["mse"]["mean"], row["distance_correlation"]["mean"])
                for table in scores.values()
                for row in table.values()
                if row["r"]["mean"] is not None
            ]
            published = [
                _point(row[inputs]["r"], row[inputs]["mse"], row[inputs]["distance_correlation"])
                for row in printed.values()
                for inputs in _INPUTS
            ]
            for point in published:
                point["mse"] /= variances.get(name, 1.0)
            traits.append(
                {
                    "label": f"{name}, {_words(trait)}",
                    "heritability": min(max(facts["heritability"], 0.02), 0.98),
                    "ours": ours,
                    "published": published,
                }
            )
    if not traits:
        raise ValueError("results: expected a trait with a published table, received none")
    return figure(
        "ceiling",
        {"traits": traits, "accuracy": accuracy},
        title="What a heritability allows",
        description="Move the heritability and the accuracy. The four measures move together: no "
        "prediction can have one of them without the others.",
    )


def peeking(
    *, looks: int = 20, test_size: int = 100, alike: float = 0.0, seed: int = 1
) -> LiveFigure:
    """The best of many looks at a scored fold, on a trait that nothing predicts.

    Predictions are drawn in the page, exactly; the expected best of independent looks is that
    of :func:`geneml.evaluation.implied.expected_best`.

    Parameters
    ----------
    looks : int
        At the start, 1 to 200.
    test_size : int
        Individuals in the fold at the start, 20 to 1,000.
    alike : float
        Correlation of one prediction with the next, 0 to 0.95.
    seed : int
        Of the draws.

    Returns
    -------
    LiveFigure

    Raises
    ------
    TypeError, ValueError
        If a number is of the wrong kind or out of range.
    """
    return figure(
        "peeking",
        _seeded(
            seed,
            looks=_whole("looks", looks, 1, 200),
            test_size=_whole("test_size", test_size, 20, 1000),
            alike=_between("alike", alike, 0, 0.95),
        ),
        title="The best of many looks",
        description="A network is scored on the same fold after every epoch, and the best score "
        "is reported. The trait is pure noise. Move the number of looks and the size of the fold.",
    )


def _checked(results: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    if not results:
        raise ValueError("results: expected at least one record, received none")
    for name, found in results.items():
        lacking = [part for part in ("protocols", "published", "audit") if part not in found]
        if lacking or "honest" not in found["protocols"]:
            raise ValueError(
                f"results: expected protocols (with honest), published and audit in {name!r}, "
                f"which lacks {', '.join(lacking) or 'honest'}"
            )
    return results


def _traits(found: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, part in found["protocols"]["honest"].items()
        if isinstance(part, Mapping) and "scores" in part
    ]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {"folds": row["folds"]}
    for name in _MEASURES:
        if _known(row[name]["mean"]):
            known[name] = [round(row[name]["mean"], 5), _rounded(row[name]["sd"])]
    counts = [row[name]["mean"] for name in ("markers", "loadings")]
    if all(_known(count) for count in counts):
        known["features"] = [round(sum(counts), 1), None]
    return known


def _printed(row: Mapping[str, Any], minutes: float | None) -> dict[str, Any]:
    kept = {name: row.get(name) for name in ("r", "mse", "distance_correlation", "features")}
    return kept | {"seconds": None if minutes is None else 60 * minutes}


def _gap(gap: Mapping[str, Any]) -> dict[str, Any]:
    def pair(one: Interval) -> list[float]:
        return [round(one.mean, 5), round((one.high - one.low) / 2, 5)]

    return {
        "r": pair(gap["r"]),
        "mse": pair(gap["mse"]),
        "won": gap["folds_won"],
        "lost": gap["folds_lost"],
    }


def _point(r: float, mse: float, dependence: float) -> dict[str, float]:
    return {"r": round(r, 4), "mse": mse, "dependence": round(dependence, 4)}


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _rounded(value: float | None) -> float | None:
    return round(value, 5) if value is not None and math.isfinite(value) else None


def _words(trait: str) -> str:
    named = {"bmi": "body mass index", "root_number": "roots"}
    return named.get(trait, trait.replace("_", " "))
