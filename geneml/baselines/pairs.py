"""The scan of all pairs: is the product of two markers worth a term of its own?

What an interaction found by a network has to beat. Least squares, one product at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from geneml._checks import as_rows, as_vector
from geneml.baselines._table import column_means, project, training_rows

MAIN_EFFECTS = ("all", "pair", "none")
# What is left of a product, as a share of its square, below which it is nothing but rounding.
_NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class PairScan:
    """Effects and tests of all pairs of markers.

    Every table has shape (p, p) and is symmetric. Its diagonal, and pairs whose product says
    nothing that the main effects do not say (it never varies, for example), hold effect 0,
    statistic 0 and p-value 1.

    Attributes
    ----------
    effects : float64 array (p, p)
        Change of the trait for each unit of the product of two dosages, in the trait's unit.
    statistics : float64 array (p, p)
        Student's t of each effect.
    p_values : float64 array (p, p)
        Two-sided.
    main_effects : {"all", "pair", "none"}
        Which single markers stood beside the product.
    """

    effects: np.ndarray
    statistics: np.ndarray
    p_values: np.ndarray
    main_effects: str

    @property
    def n_tests(self) -> int:
        """Number of pairs, p (p - 1) / 2."""
        p = len(self.effects)
        return p * (p - 1) // 2

    @property
    def scores(self) -> np.ndarray:
        """How strongly each pair stands out: the size of its t, (p, p)."""
        return np.abs(self.statistics)

    def significant(self, alpha: float = 0.05) -> np.ndarray:
        """Pairs below the Bonferroni threshold ``alpha / n_tests``, the clearest first.

        Parameters
        ----------
        alpha : float
            Chance of one false pair or more in the whole scan, in (0, 1).

        Returns
        -------
        int64 array (m, 2)
            Columns of the genotype matrix, the smaller first.

        Raises
        ------
        ValueError
            If ``alpha`` is out of range.
        """
        if not 0 < alpha < 1:
            raise ValueError(f"alpha must lie above 0 and below 1, received {alpha!r}.")
        above = np.triu(self.p_values < alpha / self.n_tests, 1)
        pairs = np.argwhere(above)
        return pairs[np.argsort(-self.scores[above], kind="stable")]


def scan_pairs(x: Any, y: Any, *, training: Any = None, main_effects: str = "all") -> PairScan:
    r"""Test the product of every two markers by least squares.

    For the pair (i, j) the model is

    .. math:: y = b_0 + \text{main effects} + b_{ij} x_i x_j + e

    and :math:`b_{ij}` is tested by Student's t. The products are never fitted together, so
    that p may be large; by the theorem of Frisch, Waugh and Lovell the same :math:`b_{ij}`
    comes from the product with its main effects taken out. Beside its main effects, a product
    of centred dosages gives the same test as a raw one.

    Parameters
    ----------
    x : array (n, p)
        Stored genotypes (integers, negative missing: set to the mean) or dosages.
    y : array (n,)
        The trait.
    training : array of int or mask, optional
        Rows to use; all by default.
    main_effects : {"all", "pair", "none"}
        ``"all"``: all p markers stand beside each product (needs more rows than p + 2), which
        takes the other loci out of the noise. ``"pair"``: only the two markers of the pair, the
        usual scan (Cordell 2002, Hum. Mol. Genet. 11:2463). ``"none"``: the raw product alone.
        That is a mistake, and offered to show it: the product then stands for the main effects.

    Returns
    -------
    PairScan

    Raises
    ------
    TypeError
        If ``x`` or ``y`` does not hold numbers.
    ValueError
        If sizes disagree, there are too few markers or rows, values are not finite, or the
        trait is constant.
    """
    if main_effects not in MAIN_EFFECTS:
        raise ValueError(
            f"main_effects must be one of {', '.join(MAIN_EFFECTS)}; received {main_effects!r}."
        )
    if np.ndim(x) != 2:
        raise ValueError(f"x must have shape (individuals, markers), received {np.shape(x)}.")
    rows = None if training is None else as_rows(training, len(x))
    trait = np.asarray(y)
    if trait.shape != (len(x),):
        raise ValueError(
            f"y must hold one value for each of the {len(x)} rows of x, received {trait.shape}."
        )
    trait = as_vector(trait if rows is None else trait[rows], "y")
    table = training_rows(x, rows)
    n, p = table.shape
    if p < 2:
        raise ValueError(f"a pair needs two markers, but x has {p}.")
    fitted = {"all": p, "pair": 2, "none": 0}[main_effects] + 2
    if n <= fitted:
        raise ValueError(
            f"{n} rows are too few: this model has {fitted} terms. "
            + ("Use main_effects='pair' or fewer markers." if main_effects == "all" else "")
        )
    if np.ptp(trait) == 0:
        raise ValueError(f"y is constant ({trait[0]}): nothing to test.")
    means = column_means(table)
    centred = project(table, means, slice(None))
    values = centred + means if main_effects == "none" else centred

    # Whatever all pairs share is taken out once: the mean, and the main effects of "all".
    shared = _basis(centred) if main_effects == "all" else np.full((n, 1), n**-0.5)
    rest = trait - shared @ (shared.T @ trait)
    effects, statistics, p_values = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p))
    for i in range(p - 1):
        product = values[:, i, None] * values[:, i + 1 :]
        size = (product**2).sum(axis=0)
        # Of the product only its length outside the main effects is needed, and what it shares
        # with a trait from which they have been taken out.
        left = size - ((shared.T @ product) ** 2).sum(axis=0)
        own = rest[:, None]
        freedom = n - shared.shape[1] - 1
        if main_effects == "pair":
            first = _unit(centred[:, i, None])
            others = centred[:, i + 1 :]
            second = _unit(others - first * (first * others).sum(axis=0))
            for direction in (first, second):
                left -= (direction * product).sum(axis=0) ** 2
                own = own - direction * (direction * own).sum(axis=0)
            # A marker that is constant, or a copy of the other one, takes no freedom.
            freedom = freedom - first.any() - second.any(axis=0)
        testable = left > _NOTHING * size
        left = np.where(testable, left, 1.0)
        effect = np.where(testable, (product * own).sum(axis=0) / left, 0.0)
        residual = np.maximum((own**2).sum(axis=0) - effect**2 * left, np.finfo(float).tiny)
        effects[i, i + 1 :] = effect
        statistics[i, i + 1 :] = effect / np.sqrt(residual / freedom / left)
        p_values[i, i + 1 :] = 2 * stats.t.sf(np.abs(statistics[i, i + 1 :]), freedom)
    return PairScan(
        effects + effects.T,
        statistics + statistics.T,
        p_values + p_values.T + np.eye(p),
        main_effects,
    )


def _basis(centred: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span a constant and all markers, copies of markers once."""
    n = len(centred)
    left, strength, _ = np.linalg.svd(centred, full_matrices=False)
    kept = left[:, strength > strength[0] * max(centred.shape) * np.finfo(float).eps]
    return np.column_stack([np.full(n, n**-0.5), kept])


def _unit(columns: np.ndarray) -> np.ndarray:
    """Columns of length 1; those that are nothing but rounding become zero."""
    length = np.sqrt((columns**2).sum(axis=0))
    something = length > 1e-7 * max(float(length.max()), 1.0)
    return np.where(something, columns, 0.0) / np.where(something, length, 1.0)
