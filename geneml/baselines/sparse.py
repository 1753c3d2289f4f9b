"""The elastic net and the lasso: linear baselines that keep few markers.

scikit-learn's coordinate descent (Friedman, Hastie & Tibshirani 2010, J. Stat. Softw. 33:1)
solves each problem. With 10,000 markers most never enter, so it is only shown the columns that
may: those that pass the sequential strong rule (Tibshirani et al. 2012, J. R. Stat. Soc. B
74:245), and any other whose optimality condition fails afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml.baselines._table import column_means, project, times
from geneml.baselines.linear import LinearFit, _checked, _rows

DEFAULT_MIXING = (0.1, 0.5, 0.9, 1.0)
"""Shares of the absolute penalty that are tried when none are given."""

_PATH_LENGTH = 50
_PATIENCE = 10
_RATIO = 0.85  # longest step down the path: the strong rule needs neighbours
_SLACK = 1e-3  # share of the penalty by which a column left out may break its condition
_GAP = 1e-6  # duality gap, as a share of the sum of squares of y
_PASSES = 20_000


@dataclass(frozen=True)
class ElasticNetFit(LinearFit):
    """A fitted elastic net; attributes and prediction as :class:`LinearFit`.

    Attributes
    ----------
    tried : dict
        Validation mean squared error of each (mixing, penalty) that was tried; ``nan``
        without validation rows.
    mixing : float
        Share of the absolute penalty that was chosen; 1 is the lasso.
    selected : bool array (k,)
        Columns with a coefficient other than zero.
    """

    mixing: float = 1.0
    selected: np.ndarray = None  # type: ignore[assignment]


def fit_elastic_net(
    x: Any,
    y: Any,
    *,
    split: Any = None,
    training: Any = None,
    validation: Any = None,
    mixing: float | Sequence[float] = DEFAULT_MIXING,
    penalties: float | Sequence[float] | None = None,
) -> ElasticNetFit:
    r"""Fit the elastic net (Zou & Hastie 2005, J. R. Stat. Soc. B 67:301).

    Minimises :math:`\frac{1}{2n} \sum_i (y_i - b_0 - x_i^T b)^2 + \lambda \sum_j
    (\alpha |b_j| + \frac{1 - \alpha}{2} b_j^2)` over the n training rows; the intercept is
    free and columns are centred, not rescaled. The penalty :math:`\lambda` and the mixing
    :math:`\alpha` are those of the lowest squared error on the validation rows.

    Parameters
    ----------
    x : array (n, k) or (n, L, c)
        Dosages, stored genotypes (integers, negative missing) or one-hot input. Missing
        genotypes are set to the mean of the training rows.
    y : array (n,)
        Phenotypes; finite on the rows used.
    split : Split, optional
        Anything with attributes ``training`` and ``validation``; instead of the two below.
    training : array of int, optional
        Training rows; all rows by default.
    validation : array of int, optional
        Rows on which penalty and mixing are chosen; needed unless there is one of each.
    mixing : float or sequence
        Values of :math:`\alpha`, above 0 and at most 1 (the lasso).
    penalties : float or sequence, optional
        Values of :math:`\lambda`, above 0. By default up to 50 for each mixing, from the
        smallest that sets all coefficients to zero downwards, evenly in logarithm, to a
        hundredth of it where there are more columns than rows, else to a thousandth. A path
        ends early once the validation error has not fallen for ten penalties.

    Returns
    -------
    ElasticNetFit

    Raises
    ------
    TypeError
        If ``x`` does not hold numbers.
    ValueError
        If values are out of range, a choice is asked for without validation rows, rows
        overlap, sizes disagree, or the phenotype is constant or not finite.

    Notes
    -----
    With a mixing below 1 the unit of y matters: in a unit ten times smaller the absolute part
    of the penalty needs ten times the weight, the squared part the same. Standardise y first
    where traits are compared.

    Holds the centred training table in ``float32``, 4 bytes a genotype, and a square matrix
    of the columns that entered. The duality gap at the end is below a millionth of the sum
    of squares of y.
    """
    alphas = _numbers("mixing", mixing, highest=1.0)
    wanted = None if penalties is None else _numbers("penalties", penalties, highest=np.inf)
    training, validation = _rows(split, training, validation)
    table, y_train, held_out = _checked(x, y, training, validation)
    if held_out is None and not (alphas.size == 1 and wanted is not None and wanted.size == 1):
        raise ValueError(
            "validation rows are needed to choose the penalty and the mixing. Give split or "
            "validation, or one penalty and one mixing."
        )
    problem = _Problem(table, y_train)
    if not problem.steepest > 0:
        raise ValueError("no column of x goes with y among the training rows: nothing to fit.")
    tried: dict[tuple[float, float], float] = {}
    best: tuple[float, float, float, np.ndarray, np.ndarray] | None = None
    for alpha in alphas[::-1]:  # sparse first: the columns found then serve the others too
        since, lowest = 0, np.inf
        for penalty, columns, values in problem.path(alpha, wanted):
            error = np.nan
            if held_out is not None:
                part, means = held_out[0][:, columns], problem.means[columns]
                fitted = times(part, means, values[:, None])[:, 0] if columns.size else 0.0
                error = float(((held_out[1] - problem.centre - fitted) ** 2).mean())
            tried[float(alpha), penalty] = error
            if best is None or error < best[0]:
                best = (error, float(alpha), penalty, columns, values)
            since, lowest = (0, error) if error < lowest else (since + 1, lowest)
            if wanted is None and since >= _PATIENCE:
                break
    assert best is not None
    coefficients = np.zeros(table.shape[1])
    coefficients[best[3]] = best[4]
    return ElasticNetFit(
        coefficients=coefficients,
        intercept=float(problem.centre - problem.means @ coefficients),
        penalty=best[2],
        means=problem.means,
        tried=tried,
        method="elastic net",
        mixing=best[1],
        selected=coefficients != 0,
    )


class _Problem:
    """One table and phenotype, and the columns that have been needed so far."""

    def __init__(self, table: np.ndarray, y: np.ndarray):
        self.table, self.means, self.centre = table, column_means(table), float(y.mean())
        self.y = y - self.centre
        self.n, self.width = table.shape
        self.whole = np.empty(table.shape, dtype="float32", order="F")
        for start in range(0, self.width, 2_048):
            part = slice(start, start + 2_048)
            self.whole[:, part] = project(table, self.means, part)
        self.start = self.slopes(self.y)
        self.steepest = float(np.abs(self.start).max())
        self.columns = np.empty(0, dtype=int)
        self.block = np.empty((self.n, 0), order="F")
        self.gram = np.empty((0, 0))

    def slopes(self, residual: np.ndarray) -> np.ndarray:
        """Covariance of every column with a residual."""
        return (residual.astype("float32") @ self.whole).astype("float64") / self.n

    def add(self, new: np.ndarray) -> None:
        """Take columns in, and extend the matrix of their cross-products."""
        fresh = np.asfortranarray(project(self.table[:, new], self.means[new], slice(None)))
        cross = self.block.T @ fresh
        self.gram = np.block([[self.gram, cross], [cross.T, fresh.T @ fresh]])
        self.block = np.asfortranarray(np.concatenate([self.block, fresh], axis=1))
        self.columns = np.concatenate([self.columns, new])

    def path(
        self, alpha: float, wanted: np.ndarray | None
    ) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
        """Penalty, columns kept and their coefficients, from the largest penalty down."""
        largest = self.steepest / alpha
        if wanted is None:
            lowest = largest * (1e-2 if self.n < self.width else 1e-3)
            wanted = np.geomspace(largest, lowest, _PATH_LENGTH)
        values, slopes, previous = np.zeros(self.columns.size), self.start, largest
        for target in np.sort(wanted)[::-1]:
            for penalty in _steps(previous, float(target)):
                values, slopes = self._solve(alpha, penalty, previous, values, slopes)
                previous = penalty
            kept = np.flatnonzero(values)
            yield float(target), self.columns[kept], values[kept]

    def _solve(
        self, alpha: float, penalty: float, previous: float, values: np.ndarray, slopes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        limit = alpha * penalty
        if limit >= self.steepest:
            return np.zeros(self.columns.size), self.start
        needed = np.abs(slopes) > alpha * (2 * penalty - previous)
        while True:
            needed[self.columns] = False
            if needed.any():
                self.add(np.flatnonzero(needed))
            if not self.columns.size:
                return values, slopes
            values = np.pad(values, (0, self.columns.size - values.size))
            values = self._descend(alpha, penalty, values)
            slopes = self.slopes(self.y - self.block @ values)
            needed = np.abs(slopes) > limit * (1 + _SLACK)
            needed[self.columns] = False
            if not needed.any():
                return values, slopes

    def _descend(self, alpha: float, penalty: float, values: np.ndarray) -> np.ndarray:
        from sklearn.linear_model import enet_path

        _, coefficients, _ = enet_path(
            self.block,
            self.y,
            l1_ratio=alpha,
            alphas=[penalty],
            precompute=self.gram,
            Xy=self.block.T @ self.y,
            coef_init=values,
            check_input=False,
            tol=_GAP,
            max_iter=_PASSES,
        )
        return coefficients[:, 0]


def _steps(previous: float, target: float) -> np.ndarray:
    """Penalties from one down to another, no two far apart."""
    if target >= previous:
        return np.array([target])
    count = int(np.ceil(np.log(target / previous) / np.log(_RATIO) - 1e-9))
    return np.geomspace(previous, target, count + 1)[1:]


def _numbers(name: str, values: Any, highest: float) -> np.ndarray:
    numbers = np.unique(np.asarray(values, dtype="float64"))
    ok = np.isfinite(numbers) & (numbers > 0) & (numbers <= highest)
    if np.ndim(values) > 1 or numbers.size == 0 or not ok.all():
        most = " and at most 1" if highest == 1 else ""
        raise ValueError(f"{name} must be finite numbers above 0{most}, received {values!r}.")
    return numbers
