"""What a chunk of networks is trained on and judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geneml.replicates._network import Side
from geneml.replicates.plan import Plan
from geneml.scaling import PhenotypeScaler
from geneml.splits import Split

PARTS = ("training", "validation", "test")


@dataclass(frozen=True, eq=False)
class ChunkData:
    """Who is trained on, and which network of a chunk weighs whom how."""

    x: np.ndarray
    of: np.ndarray
    training_x: np.ndarray
    training_of: np.ndarray
    packed: np.ndarray
    targets: np.ndarray
    importance: dict[str, np.ndarray]
    tau: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def gathered(
        cls, x: np.ndarray, of: np.ndarray, y: np.ndarray, splits: Sequence[Split], plan: Plan
    ) -> ChunkData:
        r, n = len(plan), len(of)
        mean, scale = np.empty(r), np.empty(r)
        importance = {part: np.zeros((n, r), "float32") for part in PARTS}
        for number in np.unique(plan.split):
            own, split = np.flatnonzero(plan.split == number), splits[number]
            scaler = PhenotypeScaler.learn(y, split.training)
            mean[own], scale[own] = scaler.mean[0], scaler.standard_deviation[0]
            for part in PARTS:
                rows = getattr(split, part)
                importance[part][np.ix_(rows, own)] = 1 / max(len(rows), 1)
        # A phenotype may be missing outside the splits; it is weighed with zero there.
        targets = ((np.nan_to_num(y)[:, None] - mean) / scale).astype("float32")
        people = np.flatnonzero(importance["training"].any(axis=1))
        used, training_of = np.unique(of[people], return_inverse=True)
        tau = plan.tau.astype("float32")
        weight = importance["training"][people]
        packed = np.concatenate([targets[people], (1 - tau) * weight, tau * weight], axis=1)
        return cls(
            x=x,
            of=of,
            training_x=x[used],
            training_of=training_of.astype("int32"),
            packed=packed,
            targets=targets,
            importance=importance,
            tau=tau,
            mean=mean,
            scale=scale,
        )

    def steps(self, side: Side, count: int) -> None:
        """Train for some epochs."""
        side.steps(self.training_x, self.training_of, self.packed, count)

    def predict(self, side: Side) -> np.ndarray:
        """Standardised predictions (n, R) for everyone."""
        return side.predict(self.x)[self.of]

    def loss(self, part: str, prediction: np.ndarray) -> np.ndarray:
        """Mean expectile loss (R,) of a part from standardised predictions of everyone."""
        error = self.targets - prediction
        weight = np.where(error < 0, 1 - self.tau, self.tau) * self.importance[part]
        total = np.einsum("nr,nr->r", weight, np.square(error))
        return np.where(self.importance[part].any(axis=0), total, np.nan)

    def losses_of_parts(self, prediction: np.ndarray) -> dict[str, np.ndarray]:
        """Loss of each part, by the names of :class:`Networks`."""
        return {f"{part}_loss": self.loss(part, prediction) for part in PARTS}
