"""Optimizers with a learning rate that starts gently."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="geneml")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that grows linearly to its value and stays there.

    Adam's first steps are as long as its later ones, whatever the size of the gradient, and all
    point the same way. Where individuals are nearly alike they carry every unit of a layer to the
    same side of zero. Short first steps avoid that (Ma & Yarats 2021, AAAI 35:8828, on why
    Adam needs a warm-up).

    Parameters
    ----------
    rate : float
        The learning rate reached.
    steps : float
        Steps until it is reached; at most 1 means at once.
    """

    def __init__(self, rate: float, steps: float):
        self.rate, self.steps = float(rate), float(steps)

    def __call__(self, step: Any) -> Any:
        """Learning rate of a step, counted from 0."""
        done = ops.cast(step, "float32") + 1.0
        return self.rate * ops.minimum(1.0, done / max(self.steps, 1.0))

    def get_config(self) -> dict[str, float]:
        """Configuration from which the schedule can be made again."""
        return {"rate": self.rate, "steps": self.steps}


def make_optimizer(
    optimizer: str | keras.optimizers.Optimizer, learning_rate: Any, warmup_steps: float
) -> keras.optimizers.Optimizer:
    """Make an optimizer from its name, or give back the one that is one already."""
    if not isinstance(optimizer, str):
        return optimizer
    if isinstance(learning_rate, int | float) and warmup_steps > 1:
        learning_rate = WarmUp(learning_rate, warmup_steps)
    return type(keras.optimizers.get(optimizer))(learning_rate=learning_rate)
