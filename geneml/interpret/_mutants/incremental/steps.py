"""What every step of a plan can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geneml.interpret._mutants.incremental.states import Form, State


class Step:
    """One operation of a network: forward for samples, and for the changes in them.

    Attributes
    ----------
    inputs : tuple of int
        Numbers of the tensors it takes.
    output : int
        Number of the tensor it gives.
    form : Form
        Of the output; set by :meth:`plan`.
    work : tuple of float
        Multiplications for one substitution, this way and computed in full.
    """

    inputs: tuple[int, ...]
    output: int
    form: Form
    work: tuple[float, float] = (0.0, 0.0)

    def plan(self, forms: Sequence[Form]) -> Form:
        """Form of the output, or NotUnderstood."""
        raise NotImplementedError

    def forward(self, references: Sequence[np.ndarray]) -> np.ndarray:
        """The output (n, ...) for unchanged inputs."""
        raise NotImplementedError

    def prepare(self, references: Sequence[np.ndarray], result: np.ndarray) -> Any:
        """What :meth:`change` needs of the unchanged tensors, made once for many positions."""
        return None

    def change(self, states: Sequence[State], prepared: Any) -> State:
        """Changes of the output from the changes of the inputs, of which one at least is."""
        raise NotImplementedError


def count_work(step: Step, form: Form, per_number: float) -> tuple[float, float]:
    """Work of a step that spends so many multiplications on a number of its output."""
    return per_number * form.changed_size, per_number * form.size
