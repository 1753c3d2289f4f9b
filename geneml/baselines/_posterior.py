"""What a Bayesian fit returns: summaries of the posterior, traces, and whether to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geneml.baselines._convergence import effective_size, r_hat
from geneml.baselines._table import times, training_rows

if TYPE_CHECKING:
    import pandas as pd

    from geneml.baselines._eigen_ridge import Draws

# Vehtari et al. 2021: no more R-hat than this, and as many independent draws a chain.
LARGEST_R_HAT = 1.01
FEWEST_DRAWS = 100


@dataclass(frozen=True)
class BayesFit:
    """A posterior distribution. With ``y`` of shape (n, t) shapes below get a last axis t.

    Attributes
    ----------
    coefficients : float64 array (p,)
        Posterior mean of each column's effect, in units of ``y`` for each of the column's.
    coefficient_deviation : float64 array (p,)
        Posterior standard deviation of each effect.
    sign_probability : float64 array (p,)
        Posterior probability of the likelier sign, 0 to 1. An interval with equal tails
        excludes zero where this is above one minus a tail.
    inclusion : float64 array (p,) or None
        BayesC-pi: posterior probability that the effect is not zero.
    intercept : float64 array ()
        Prediction where every column is zero.
    residual_variance, genetic_variance, heritability : float64 array ()
        Posterior means. The genetic variance is that of the genetic values ``Z b`` of the
        training rows, draw by draw; heritability is its part in the sum with the residual
        variance.
    predictions : float64 array (n,)
        Intercept plus genetic value of every row.
    traces : dict of float64 array (chains, draws)
        Draws after the burn-in: ``residual_variance``, ``genetic_variance``, ``heritability``,
        ``mean``, and the prior's own: ``effect_variance`` (ridge, BayesC-pi; with
        blocks ``effect_variance_0``, ...), ``penalty`` (lasso: lambda), ``pi`` (BayesC-pi:
        share of columns *without* an effect).
    convergence : pandas.DataFrame
        A row for each trait and trace: ``trait``, ``parameter``, ``mean``, ``deviation``,
        ``r_hat``, ``effective_size``.
    means : float64 array (p,)
        Training means of the columns, without a trait axis.
    prior : str
        Which.
    training : int array (m,)
        The training rows.
    """

    coefficients: np.ndarray
    coefficient_deviation: np.ndarray
    sign_probability: np.ndarray
    inclusion: np.ndarray | None
    intercept: np.ndarray
    residual_variance: np.ndarray
    genetic_variance: np.ndarray
    heritability: np.ndarray
    predictions: np.ndarray
    traces: dict[str, np.ndarray]
    convergence: pd.DataFrame
    means: np.ndarray
    prior: str
    training: np.ndarray

    @property
    def converged(self) -> bool:
        """Whether every R-hat is at most 1.01 and every effective size 100 a chain or more."""
        chains = next(iter(self.traces.values())).shape[0]
        return bool(
            (self.convergence["r_hat"] <= LARGEST_R_HAT).all()
            and (self.convergence["effective_size"] >= FEWEST_DRAWS * chains).all()
        )

    def selected(self, level: float = 0.95) -> np.ndarray:
        """Which effects have a credible interval that excludes zero.

        Parameters
        ----------
        level : float
            Probability inside the interval, which leaves equal tails; above 0, below 1.

        Returns
        -------
        bool array (p,) or (p, t)

        Raises
        ------
        ValueError
            If ``level`` is out of range.
        """
        if not 0 < level < 1:
            raise ValueError(f"level must lie above 0 and below 1, received {level}.")
        return np.asarray(self.sign_probability > (1 + level) / 2)

    def predict(self, x: Any) -> np.ndarray:
        """Predict phenotypes.

        Parameters
        ----------
        x : array (n, p)
            The same columns as in training; negative integers are missing genotypes.

        Returns
        -------
        float64 array (n,) or (n, t)

        Raises
        ------
        TypeError
            If ``x`` does not hold numbers.
        ValueError
            If the number of columns differs from that of the training table, or values are
            not finite.
        """
        table = training_rows(x, None)
        if table.shape[1] != len(self.means):
            raise ValueError(
                f"x has {table.shape[1]} columns, but this model was fitted on "
                f"{len(self.means)}. Give the same columns in the same order."
            )
        effects = self.coefficients.reshape(len(self.means), -1)
        values = self.intercept + self.means @ effects + times(table, self.means, effects)
        return values[:, 0] if self.coefficients.ndim == 1 else values


def assembled(
    results: list[tuple[Draws, np.ndarray]],
    whole: np.ndarray,
    means: np.ndarray,
    averages: np.ndarray,
    prior: str,
    rows: np.ndarray,
    one_trait: bool,
) -> BayesFit:
    """Put the traits side by side; of centred phenotypes with these training averages."""
    for (draws, _), average in zip(results, averages, strict=True):
        draws.traces["mean"] += average
        genetic = draws.traces["genetic_variance"]
        draws.traces["heritability"] = genetic / (genetic + draws.traces["residual_variance"])
    effects = np.column_stack([draws.mean for draws, _ in results])
    intercept = averages - means @ effects
    names = list(results[0][0].traces)
    traces = {name: np.stack([d.traces[name] for d, _ in results], axis=-1) for name in names}
    posterior = {name: values.mean(axis=(0, 1)) for name, values in traces.items()}
    arrays = {
        "coefficients": effects,
        "coefficient_deviation": np.sqrt(np.column_stack([d.variance for d, _ in results])),
        "sign_probability": np.column_stack([draws.sign for draws, _ in results]),
        "intercept": intercept,
        "residual_variance": posterior["residual_variance"],
        "genetic_variance": posterior["genetic_variance"],
        "heritability": posterior["heritability"],
        "predictions": averages + times(whole, means, effects),
    }
    if prior == "bayes_c_pi":
        arrays["inclusion"] = np.column_stack([inclusion for _, inclusion in results])
    table = _convergence(traces)
    if one_trait:
        arrays = {name: np.asarray(values[..., 0]) for name, values in arrays.items()}
        traces = {name: values[..., 0] for name, values in traces.items()}
    arrays.setdefault("inclusion", None)
    return BayesFit(
        **arrays, traces=traces, convergence=table, means=means, prior=prior, training=rows
    )


def _convergence(traces: dict[str, np.ndarray]) -> pd.DataFrame:
    import pandas as pd

    lines = [
        {
            "trait": trait,
            "parameter": name,
            "mean": float(values[..., trait].mean()),
            "deviation": float(values[..., trait].std(ddof=1)),
            "r_hat": r_hat(values[..., trait]),
            "effective_size": effective_size(values[..., trait]),
        }
        for trait in range(next(iter(traces.values())).shape[-1])
        for name, values in traces.items()
    ]
    return pd.DataFrame(lines)
