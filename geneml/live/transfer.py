"""The map of transfer: a long study's record, looked at cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geneml.intervals import Interval
from geneml.live.arguments import one_of as _one_of
from geneml.live.figure import LiveFigure, figure
from geneml.transfer import TransferDiagnosis

AXES = ("penalties", "tau", "people", "heritability", "genetic correlation")
METHODS = (
    "linear",
    "alone",
    "copied",
    "pulled",
    "frozen",
    "frozen, shuffled source",
    "frozen, random layer",
    "line carried",
    "both lines",
)
CONTROLS = ("frozen, shuffled source", "frozen, random layer")
RIVALS = (*CONTROLS, "linear", "line carried", "both lines")
_WITH_INTERVAL = (
    *(f"loss: {name}" for name in METHODS),
    *(f"gain: {name}" for name in ("copied", "pulled", "frozen", *CONTROLS)),
    *(f"frozen gains over: {name}" for name in RIVALS),
)
_PLAIN = (
    "cohorts",
    "pattern: frozen",
    "pattern: copied",
    "pattern: frozen, shuffled source",
    "accepted",
    "accepted and better, or declined and not",
)


def transfer_map(
    table: pd.DataFrame,
    *,
    genetic_correlation: float = 0.75,
    heritability: float = 0.1,
    people: int = 3_888,
    tau: float = 0.5,
    penalties: str = "tuned",
) -> LiveFigure:
    """Show what transfer did at each genetic correlation, heritability, size and level.

    The verdict is that of :class:`geneml.transfer.TransferDiagnosis`, from the intervals of the
    table: transfer helps where a frozen layer lowers the test loss against the network alone
    and against both controls.

    Parameters
    ----------
    table : DataFrame
        One row a cell, as ``benchmarks/transfer_map.py`` records it: the columns of `AXES`
        ("tuned" or "no penalty" under ``penalties``), every combination once; test losses
        (``"loss: METHOD"``) relative to the intercept's, gains over the network alone
        (``"gain: METHOD"``) and gains of the frozen layer over its rivals (``"frozen gains over:
        METHOD"``), in per cent of the intercept's test loss, each with the half width of its
        interval in the column of the same name with ``" ±"``.
    genetic_correlation, heritability, people, tau, penalties
        The cell to begin with; values that the table has.

    Returns
    -------
    LiveFigure

    Raises
    ------
    TypeError
        If `table` is no DataFrame.
    ValueError
        If a column is missing, a number is not finite, a combination is missing or there twice,
        or the table lacks the cell to begin with.
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table: expected a DataFrame, got {type(table).__name__}")
    columns = [*(part for name in _WITH_INTERVAL for part in (name, f"{name} ±")), *_PLAIN]
    if missing := [name for name in (*AXES, *columns) if name not in table]:
        raise ValueError(
            f"table: expected the columns of the recorded map, lacks {', '.join(missing[:4])}"
        )
    # "tuned" comes before "no penalty": it is what one would do.
    values = {axis: sorted(table[axis].unique(), reverse=axis == "penalties") for axis in AXES}
    index = pd.MultiIndex.from_product(list(values.values()), names=AXES)
    rows = table.set_index(list(AXES))
    if rows.index.has_duplicates or len(rows) != len(index):
        raise ValueError(
            f"table: expected every combination of {', '.join(AXES)} once, {len(index)} rows, "
            f"got {len(rows)} with {len(rows.index.unique())} different ones"
        )
    asked: dict[str, Any] = {
        "penalties": _one_of("penalties", penalties, values["penalties"]),
        "tau": tau,
        "people": people,
        "heritability": heritability,
        "genetic correlation": genetic_correlation,
    }
    for axis, value in asked.items():
        if value not in values[axis]:
            known = ", ".join(map(str, values[axis]))
            raise ValueError(f"{axis.replace(' ', '_')}: expected one of {known}, got {value!r}")
    return figure(
        "transfer_map",
        {
            "axes": list(AXES),
            "values": [[_plain(value) for value in values[axis]] for axis in AXES],
            "start": [values[axis].index(value) for axis, value in asked.items()],
            "columns": columns,
            "rows": rows.loc[index, columns].astype(float).round(2).to_numpy(),
        },
        title="Where does transfer help?",
        description="Choose two traits and a cohort. Each number is a mean over simulated "
        "cohorts; bars are 95 % intervals. Grey, blue, orange and green: no transfer, transfer, "
        "controls, straight lines.",
    )


def verdicts(table: pd.DataFrame) -> pd.Series:
    """Return :attr:`geneml.transfer.TransferDiagnosis.verdict` of each row of a recorded map.

    Parameters
    ----------
    table : DataFrame
        As for :func:`transfer_map`.

    Returns
    -------
    pandas.Series of str
        With the table's index.
    """
    return table.apply(lambda row: _diagnosis(row).verdict, axis=1)


def _diagnosis(row: pd.Series) -> TransferDiagnosis:
    """Diagnose a cell from its intervals; the losses behind them are not recorded."""

    def interval(name: str) -> Interval:
        mean, half = float(row[name]), float(row[f"{name} ±"])
        return Interval(mean, mean - half, mean + half, int(row["cohorts"]), 0.95)

    unknown = np.full(int(row["cohorts"]), np.nan)
    return TransferDiagnosis(
        with_transfer=unknown,
        without=unknown,
        controls=dict.fromkeys(CONTROLS, unknown),
        gain=interval("gain: frozen"),
        control_gains={name: interval(f"gain: {name}") for name in CONTROLS},
        over_controls={name: interval(f"frozen gains over: {name}") for name in CONTROLS},
    )


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
