"""Training many small networks at once, each as if it were alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml._checks import as_vector
from geneml._quiet import without_retracing_advice
from geneml.replicates._data import PARTS, ChunkData
from geneml.replicates._network import Side, initial_weights, side_by_side
from geneml.replicates.networks import ACTIVATIONS, Networks
from geneml.replicates.plan import Plan, in_chunks
from geneml.scaling import PhenotypeScaler
from geneml.splits import Split


def train(
    x: np.ndarray,
    y: np.ndarray,
    splits: Sequence[Split] | Split,
    plan: Plan,
    *,
    start: Networks | None = None,
    pull: bool = False,
    activation: str = "relu",
    epochs: int = 1_000,
    learning_rate: float = 0.01,
    history: bool = False,
    activations: int = 1_000_000,
) -> Networks:
    """Train every network of a plan, many at a time.

    All see the same table of inputs, which is shared and not copied. A chunk of R networks is one
    network with a replicate axis; since its loss is the sum of theirs and Adam moves every
    weight by itself, each takes the steps it would take alone, up to the rounding of
    ``float32``. One epoch is one step of Adam on all training rows.

    Each network minimises, on the training rows of its split and with the trait standardised
    there, the mean expectile loss plus ``penalty`` times the sum of its squared weights (biases
    are free): equations 4 to 6 of Lin, Zhang & Lu, with the plain L2 penalty that is meant there.

    Parameters
    ----------
    x : array (n, p)
        Inputs: finite numbers, used as they are.
    y : array (n,)
        The trait in its own unit; finite on the rows of the splits.
    splits : sequence of Split, or Split
        The plan's column ``split`` counts in them.
    plan : Plan
        One row a network.
    start : Networks, optional
        Networks to begin with, one for each row of the plan and of the same hidden sizes:
        transfer by copying. By default initial weights are drawn from the plan's seeds.
    pull : bool
        Whether the penalty of the hidden layers pulls towards the weights of ``start`` and not
        to zero (L2-SP, Li, Grandvalet & Davoine 2018, ICML 80:2825). The output layer keeps the
        plain penalty, as the task is another.
    activation : {"relu", "tanh", "sigmoid"}
        Of the hidden layers.
    epochs : int
        Steps at most; a network with ``patience`` may stop before.
    learning_rate : float
        Of Adam.
    history : bool
        Whether to keep the losses after every epoch; this makes training slower, as patience does.
    activations : int
        Size of a chunk: most rows x networks x units.

    Returns
    -------
    Networks
        In the order of the plan.

    Raises
    ------
    TypeError, ValueError
        If sizes disagree, a value is out of range, or a trait is constant or not finite in a
        training part. Nothing has been trained then.
    """
    task = _Task.checked(x, y, splits, plan, start, pull, activation, epochs, learning_rate)
    chunks = in_chunks(plan, [len(split.training) for split in task.splits], activations)
    with without_retracing_advice():
        parts = [task.train(rows, history) for rows in chunks]
    return _joined(plan, activation, chunks, parts)


@dataclass(frozen=True, eq=False)
class _Task:
    """What all chunks share.

    People with the same genotypes share a row of ``x``: in a gene region many do, and a network
    computes each row once. Person i has row ``of[i]``.
    """

    x: np.ndarray
    of: np.ndarray
    y: np.ndarray
    splits: Sequence[Split]
    plan: Plan
    start: Networks | None
    pull: bool
    activation: str
    epochs: int
    learning_rate: float

    @classmethod
    def checked(
        cls, x: Any, y: Any, splits: Any, plan: Any, start: Any, pull: Any, *settings: Any
    ) -> _Task:
        activation, epochs, learning_rate = settings
        if not isinstance(plan, Plan):
            raise TypeError(f"plan must be a Plan, received {type(plan).__name__}.")
        table = np.asarray(x)
        if table.ndim != 2 or table.size == 0 or table.dtype.kind not in "iufb":
            raise ValueError(
                f"x must be a table of numbers (n, p), received {table.dtype} {table.shape}."
            )
        table = table.astype("float32")
        if not np.isfinite(table).all():
            raise ValueError("x holds values that are not finite; fill missing genotypes first.")
        splits = [splits] if isinstance(splits, Split) else list(splits)
        if plan.split.max() >= len(splits):
            raise ValueError(
                f"the plan uses split {plan.split.max()}, but there are {len(splits)} splits "
                "(they are counted from 0)."
            )
        trait = np.asarray(y, dtype="float64")
        if trait.shape != (len(table),):
            raise ValueError(f"y must have shape ({len(table)},) as x, received {trait.shape}.")
        for number in np.unique(plan.split):
            rows = np.concatenate([getattr(splits[number], part) for part in PARTS])
            if rows.max() >= len(table):
                raise ValueError(f"split {number} has rows beyond the {len(table)} of x.")
            as_vector(trait[rows], f"y in split {number}")
            PhenotypeScaler.learn(trait, splits[number].training)
            if (plan.patience[plan.split == number] > 0).any() and not len(
                splits[number].validation
            ):
                raise ValueError(f"patience needs a validation part; split {number} has none.")
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation must be one of {tuple(ACTIVATIONS)}, received {activation!r}."
            )
        if isinstance(epochs, bool) or int(epochs) != epochs or epochs < 0:
            raise ValueError(f"epochs must be a whole number from 0, received {epochs!r}.")
        if not 0 < learning_rate < np.inf:
            raise ValueError(f"learning_rate must be above 0, received {learning_rate!r}.")
        if pull and start is None:
            raise ValueError("pull=True needs networks to pull towards: give start.")
        if start is not None and not (
            isinstance(start, Networks)
            and np.array_equal(start.plan.hidden, plan.hidden)
            and start.weights[0][0].shape[0] == table.shape[1]
            and start.activation == activation
        ):
            raise ValueError(
                "start must hold one network for each row of the plan, with the same inputs, "
                "hidden sizes and activation; see Networks.take."
            )
        table, of = np.unique(table, axis=0, return_inverse=True)
        return cls(
            x=table,
            of=of.reshape(-1),
            y=trait,
            splits=splits,
            plan=plan,
            start=start,
            pull=bool(pull),
            activation=activation,
            epochs=int(epochs),
            learning_rate=float(learning_rate),
        )

    def train(self, rows: np.ndarray, history: bool) -> dict[str, Any]:
        """Train the networks of one chunk; results in the order of ``rows``."""
        plan, r = self.plan.take(rows), len(rows)
        widest = tuple(int(units) for units in plan.hidden.max(axis=0))
        if self.start is None:
            weights = initial_weights(self.x.shape[1], plan.hidden, plan.seed)
        else:
            weights = _narrowed(self.start.take(rows).weights, widest)
        side = side_by_side(self.x.shape[1], r, widest, self.activation, self.learning_rate)
        side.begin(weights, plan.hidden, plan.penalty, np.full(r, self.pull))
        data = ChunkData.gathered(self.x, self.of, self.y, self.splits, plan)
        if history or plan.patience.any():
            kept, best, losses = _watched(side, data, plan.patience, self.epochs)
        else:
            data.steps(side, self.epochs)
            kept, best, losses = side.weights(), np.full(r, self.epochs), None
        result = {"weights": kept, "epochs": best, "mean": data.mean, "scale": data.scale}
        if losses is not None:
            side.set_weights(kept)
            result["history"] = losses if history else None
        return result | data.losses_of_parts(data.predict(side))


def _watched(side: Side, data: ChunkData, patience: np.ndarray, epochs: int) -> tuple:
    """Train an epoch at a time; keep each network's best weights if it has patience.

    A network that has stopped keeps being computed with the others of its chunk, but what is
    kept of it no longer changes.
    """
    r, waits = len(patience), patience > 0

    def losses() -> np.ndarray:
        prediction = data.predict(side)
        return np.stack([data.loss("training", prediction), data.loss("validation", prediction)])

    now = losses()
    history = [now]
    kept, best, lowest = side.weights(), np.zeros(r, dtype=int), now[1].copy()
    going = np.ones(r, dtype=bool)
    for epoch in range(1, epochs + 1):
        data.steps(side, 1)
        now = np.where(going, losses(), history[-1])
        history.append(now)
        better = going & (~waits | (now[1] < lowest))
        if better.any():
            current = side.weights()
            for number, (kernel, bias) in enumerate(kept):
                if number == 0:
                    kernel[:, better] = current[number][0][:, better]
                else:
                    kernel[better] = current[number][0][better]
                bias[better] = current[number][1][better]
            best[better], lowest[better] = epoch, now[1][better]
        going &= ~(waits & (epoch - best >= patience))
        if not going.any():
            break
    missing = epochs + 1 - len(history)
    history += [history[-1]] * missing
    return kept, best, np.stack(history).transpose(0, 2, 1).astype("float32")


def _narrowed(weights: tuple, widest: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights of a chunk without the padding that only wider networks elsewhere need."""
    sizes = [weights[0][0].shape[0], *widest, 1]
    pairs = []
    for number, (kernel, bias) in enumerate(weights):
        inputs, units = sizes[number], sizes[number + 1]
        own = kernel[:, :, :units] if number == 0 else kernel[:, :inputs, :units]
        pairs.append((own, bias[:, :units]))
    return pairs


def _joined(plan: Plan, activation: str, chunks: list, parts: list[dict[str, Any]]) -> Networks:
    """Put the chunks together in the order of the plan, padded to the widest network."""
    r, order = len(plan), np.concatenate(chunks)
    widest = [int(units) for units in plan.hidden.max(axis=0)]
    p = parts[0]["weights"][0][0].shape[0]
    weights = []
    for number, (inputs, units) in enumerate(zip([p, *widest], [*widest, 1], strict=True)):
        kernel = np.zeros((inputs, r, units) if number == 0 else (r, inputs, units), "float32")
        bias = np.zeros((r, units), "float32")
        for rows, part in zip(chunks, parts, strict=True):
            own_kernel, own_bias = part["weights"][number]
            bias[rows, : own_bias.shape[1]] = own_bias
            if number == 0:
                kernel[:, rows, : own_kernel.shape[2]] = own_kernel
            else:
                kernel[rows, : own_kernel.shape[1], : own_kernel.shape[2]] = own_kernel
        weights.append((kernel, bias))

    def vector(name: str) -> np.ndarray:
        values = np.concatenate([part[name] for part in parts])
        return values[np.argsort(order)]

    names = ("mean", "scale", "epochs", "training_loss", "validation_loss", "test_loss")
    history = None
    if parts[0].get("history") is not None:
        history = np.concatenate([part["history"] for part in parts], axis=1)[:, np.argsort(order)]
    return Networks(
        plan, tuple(weights), activation, **{name: vector(name) for name in names}, history=history
    )
