"""Taking known influences, such as sex and cage, out of a trait.

The correction is a model too, so it is fitted on training rows only and then applied
to everyone; a correction fitted on all rows carries the test set into the training
set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geneml._checks import as_rows, as_vector, some


def adjust(
    trait: np.ndarray,
    covariates: pd.DataFrame,
    *,
    training: np.ndarray | None = None,
    categorical: Sequence[str] = (),
) -> np.ndarray:
    """Return what the covariates leave unexplained of a trait.

    An ordinary least-squares regression of the trait on the covariates, with an
    intercept. A numeric covariate enters as a straight line; text, categories and
    truth values enter as one effect a level. A level that no training row has is given
    the average effect.

    Parameters
    ----------
    trait : array_like, shape (n,)
        The trait, in its own units.
    covariates : pandas.DataFrame, n rows
        One column a covariate, rows in the order of the trait.
    training : array_like of int or bool, optional
        The rows that set the coefficients. Default: all of them.
    categorical : sequence of str
        Numeric columns to treat as categories all the same, such as a month.

    Returns
    -------
    numpy.ndarray
        float64, shape (n,), in the units of the trait; mean zero over the training rows.

    Raises
    ------
    TypeError
        When `covariates` is not a DataFrame.
    ValueError
        When lengths differ, a value is missing or a named column is absent.
    """
    if not isinstance(covariates, pd.DataFrame):
        raise TypeError(
            f"covariates: expected a pandas DataFrame, received {type(covariates).__name__}"
        )
    y = as_vector(trait, "trait")
    if len(covariates) != len(y):
        raise ValueError(
            f"covariates: expected {len(y)} rows, one for each value of the trait, "
            f"received {len(covariates)}"
        )
    absent = [name for name in categorical if name not in covariates]
    if absent:
        raise ValueError(
            f"categorical: expected columns of the covariates ({some(covariates.columns, 8)}), "
            f"received {some(absent)}"
        )
    rows = np.arange(len(y)) if training is None else as_rows(training, len(y))

    design = [np.zeros((len(y), 0))]
    for name in covariates:
        column = covariates[name]
        if column.isna().any():
            raise ValueError(
                f"covariates: expected no missing values, received {int(column.isna().sum())} in "
                f"{name!r}; drop these samples or fill them in"
            )
        numeric = pd.api.types.is_numeric_dtype(column) and column.dtype != bool
        if numeric and name not in categorical:
            design.append(as_vector(column.to_numpy(), f"covariates[{name!r}]")[:, None])
        else:
            labels = column.astype(str).to_numpy()
            levels = np.unique(labels[rows])
            indicators = (labels[:, None] == levels).astype(float)
            # An unseen level points at the centre, that is at the average effect.
            unseen = ~indicators.any(axis=1)
            indicators[unseen] = indicators[rows].mean(axis=0)
            design.append(indicators)
    x = np.concatenate(design, axis=1)
    x = x - x[rows].mean(axis=0)
    scale = x[rows].std(axis=0)
    x = x[:, scale > 0] / scale[scale > 0]
    centre = y[rows].mean()
    # The minimum-norm solution copes with levels that sum to one.
    coefficients = np.linalg.lstsq(x[rows], y[rows] - centre, rcond=None)[0]
    return y - centre - x @ coefficients
