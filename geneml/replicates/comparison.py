"""Expectile networks with and without transfer on one split, beside what they have to beat.

The protocol of Lin, Zhang & Lu: fit the source trait, start the target network from it, compare
with a target network that starts from nothing. Their "keep the parameter from input layer to
hidden layer" can be read in two ways, so both are here, with L2-SP between them. Their tables
lack controls, so these are here too: a source trait that was shuffled, a hidden layer that was
never trained, a straight line, and no genotypes at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from geneml.baselines.expectile import expectile_ridge
from geneml.replicates.networks import Networks
from geneml.replicates.plan import Plan
from geneml.replicates.training import train
from geneml.scaling import PhenotypeScaler
from geneml.splits import Split

METHODS = {
    "intercept": "one number for everyone: the expectile of the training part",
    "linear": "expectile ridge regression on the inputs",
    "alone": "an expectile network without transfer",
    "copied": "all weights start from the source network and are trained on",
    "pulled": "L2-SP: as copied, with the hidden layer pulled towards the source",
    "frozen": "the source's hidden layer is kept, the output layer solved exactly",
    "frozen, shuffled source": "as frozen, from a source trait that was shuffled",
    "frozen, random layer": "as frozen, from a hidden layer that was never trained",
}
"""The methods of :func:`compare_transfer` in words."""


@dataclass(frozen=True, eq=False)
class TransferComparison:
    """Predictions of every method for everyone, and what was chosen on the validation part.

    Attributes
    ----------
    taus : float64 (t,)
        Levels.
    methods : tuple of str
        Keys of :data:`METHODS`.
    predictions : float32 (methods, t, n)
        Of the target trait in its own unit.
    penalty : float64 (methods, t)
        Chosen penalty; 0 for the intercept.
    hidden : int64 (methods, t)
        Hidden units; 0 for methods without.
    """

    taus: np.ndarray
    methods: tuple[str, ...]
    predictions: np.ndarray
    penalty: np.ndarray
    hidden: np.ndarray


def compare_transfer(
    x: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    split: Split,
    *,
    taus: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9),
    penalties: Sequence[float] = (0.0, 0.1, 1.0, 10.0, 100.0),
    hidden: Sequence[int] = tuple(range(3, 11)),
    tuned_penalties: Sequence[Sequence[float]] | None = None,
    epochs: int = 1_000,
    learning_rate: float = 0.01,
    activation: str = "relu",
    seed: int | np.random.Generator = 0,
) -> list[TransferComparison]:
    """Compare transfer from one trait to another with doing without, on one split.

    At each level, the source network and the network without transfer choose penalty and hidden
    size on the validation part, by the expectile loss of that level. What follows the source has
    its hidden size and chooses its own penalty. Both traits are standardised on the training
    part, and so are the columns of x; a penalty is weighed against the mean loss (equation 6).

    Parameters
    ----------
    x : array (n, p)
        Genotypes and covariates as numbers, without missing values.
    source, target : array (n,)
        The trait that is learned first, and the one that is wanted; finite in the split.
    split : Split
        Training, validation and test rows, the same for both traits.
    taus, penalties, hidden : sequence
        Levels; the grid of penalties and hidden sizes.
    tuned_penalties : sequence of sequences, optional
        Grids to choose from, each giving a comparison of its own: ``[penalties, [0.0]]`` also
        shows what becomes of all methods without a penalty. By default ``[penalties]``.
    epochs, learning_rate, activation
        As for :func:`~geneml.replicates.train`.
    seed : int or Generator
        Decides initial weights and the shuffling of the source.

    Returns
    -------
    list of TransferComparison
        One for each grid of ``tuned_penalties``.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; see :func:`~geneml.replicates.train`.
    """
    grids = [tuple(penalties)] if tuned_penalties is None else [tuple(g) for g in tuned_penalties]
    for grid in grids:
        if not grid or not set(grid) <= set(penalties):
            raise ValueError(
                f"tuned_penalties must be grids out of penalties {tuple(penalties)}, received "
                f"{grid}."
            )
    if not len(split.validation):
        raise ValueError("split needs a validation part, on which penalties are chosen.")
    random = np.random.default_rng(seed)
    levels = np.asarray(taus, dtype=float)
    settings: dict[str, Any] = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "activation": activation,
    }
    table = standardised(x, split.training)
    everything = Plan.grid(
        splits=1,
        taus=list(levels),
        penalties=penalties,
        hidden=hidden,
        seed=int(random.integers(2**31)),
    )
    from_source = train(table, source, [split], everything, **settings)
    alone = train(table, target, [split], everything, **settings)
    shuffled = np.array(source, dtype=float)
    rows = np.concatenate([split.training, split.validation, split.test])
    shuffled[rows] = shuffled[random.permutation(rows)]
    seeds = random.integers(2**31 - 1, size=len(levels))
    judge = _Judge(table, np.asarray(target, dtype=float), split, levels)
    comparisons = []
    for grid in grids:
        network = _best(from_source, levels, grid)
        plan = network.plan
        again = Plan(plan.split, plan.tau, plan.penalty, plan.hidden, seeds)
        wide = network.take(np.repeat(np.arange(len(levels)), len(grid)))
        tuning = Plan(
            wide.plan.split, wide.plan.tau, np.tile(grid, len(levels)), wide.plan.hidden, 0
        )
        copied = train(table, target, [split], tuning, start=wide, **settings)
        pulled = train(table, target, [split], tuning, start=wide, pull=True, **settings)
        permuted = train(table, shuffled, [split], again, **settings)
        untrained = train(table, target, [split], again, **(settings | {"epochs": 0}))
        results = {
            "intercept": judge.linear(np.zeros((len(table), 0)), (0.0,)),
            "linear": judge.linear(table, grid),
            "alone": judge.networks(_best(alone, levels, grid)),
            "copied": judge.networks(_best(copied, levels, grid)),
            "pulled": judge.networks(_best(pulled, levels, grid)),
            "frozen": judge.frozen(network, grid),
            "frozen, shuffled source": judge.frozen(permuted, grid),
            "frozen, random layer": judge.frozen(untrained, grid),
        }
        predictions, penalty, units = zip(*results.values(), strict=True)
        comparisons.append(
            TransferComparison(
                taus=levels,
                methods=tuple(results),
                predictions=np.stack(predictions).astype("float32"),
                penalty=np.stack(penalty),
                hidden=np.stack(units),
            )
        )
    return comparisons


def standardised(x: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and standard deviation 1 in the training rows, float64 (n, p).

    A column that is constant there becomes 0: nothing can be learned from it.
    """
    table = np.asarray(x, dtype=float)
    centred = table - table[training].mean(axis=0)
    deviation = table[training].std(axis=0)
    return np.where(deviation > 0, centred / np.where(deviation > 0, deviation, 1), 0.0)


def _best(networks: Networks, taus: np.ndarray, penalties: Sequence[float]) -> Networks:
    """The network of lowest validation loss at each level, among these penalties."""
    plan, rows = networks.plan, []
    for tau in taus:
        fits = (plan.tau == tau) & np.isin(plan.penalty, penalties)
        loss = np.where(
            fits & np.isfinite(networks.validation_loss), networks.validation_loss, np.inf
        )
        rows.append(int(np.argmin(loss)))
    return networks.take(rows)


@dataclass(frozen=True, eq=False)
class _Judge:
    """Predictions (t, n), chosen penalties (t,) and hidden sizes (t,) of a method."""

    x: np.ndarray
    target: np.ndarray
    split: Split
    taus: np.ndarray

    def networks(self, networks: Networks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        prediction = networks.predict(self.x).T
        return prediction, networks.plan.penalty, networks.plan.hidden[:, 0]

    def linear(
        self, features: np.ndarray, penalties: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._solved([features] * len(self.taus), penalties)

    def frozen(
        self, networks: Networks, penalties: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        units = networks.plan.hidden[:, 0]
        layer = networks.hidden(self.x)
        features = [layer[:, row, :size] for row, size in enumerate(units)]
        prediction, penalty, _ = self._solved(features, penalties)
        return prediction, penalty, units

    def _solved(
        self, features: Sequence[np.ndarray], penalties: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Expectile ridge regression at each level, its penalty chosen on the validation part."""
        training, validation = self.split.training, self.split.validation
        scaler = PhenotypeScaler.learn(self.target, training)
        scaled = (self.target - scaler.mean[0]) / scaler.standard_deviation[0]
        predictions = np.empty((len(self.taus), len(self.x)))
        chosen = np.zeros(len(self.taus))
        # Small matrices: several threads of the linear algebra would only wait for each other.
        with threadpool_limits(1, user_api="blas"):
            for row, (tau, table) in enumerate(zip(self.taus, features, strict=True)):
                table, lowest = np.asarray(table, dtype=float), np.inf
                for penalty in penalties:
                    intercept, slopes = expectile_ridge(
                        table[training], scaled[training], float(tau), float(penalty)
                    )
                    prediction = intercept + table @ slopes
                    error = scaled[validation] - prediction[validation]
                    loss = np.mean(np.where(error < 0, 1 - tau, tau) * error**2)
                    if loss < lowest:
                        lowest, predictions[row], chosen[row] = loss, prediction, penalty
        unscaled = predictions * scaler.standard_deviation[0] + scaler.mean[0]
        return unscaled, chosen, np.zeros(len(self.taus), dtype=int)
