"""Which way mutagenesis takes: incremental where a network allows it and it pays."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakSet

import numpy as np

from geneml.interpret._mutants.engines import BatchedEngine, Changes, Engine
from geneml.interpret._mutants.incremental import (
    IncrementalEngine,
    NotUnderstood,
    Plan,
    make_plan,
)
from geneml.interpret._mutants.variants import Subject
from geneml.interpret._network.model import Explained

_WORTH = 0.5  # share of the full arithmetic above which following changes does not pay
_LITTLE = 50_000  # multiplications of a prediction below which the calls cost more than they
_TOLERANCE = 1e-3

# Networks whose layers have been seen to say what they do. It is a matter of their classes, not
# of their weights, which are read at each call; so it is asked once.
_AGREED: WeakSet = WeakSet()


@dataclass(frozen=True)
class Choice:
    """A way and its reason.

    Attributes
    ----------
    plan : Plan or None
        ``None`` for the batched way.
    reason : str
        A sentence.
    possible : bool
        Whether the incremental way exists.
    """

    plan: Plan | None
    reason: str
    possible: bool


def choose(model: Explained, shapes: list[tuple[int, ...]], explained: int) -> Choice:
    """Plan the incremental way and judge whether it pays.

    Parameters
    ----------
    model : Explained
        The model.
    shapes : list of tuple
        Of one sample of each input.
    explained : int
        Which input is changed.
    """
    if model.keras_model is None:
        return Choice(None, "it is a plain function, whose inside cannot be read", False)
    try:
        plan = make_plan(model.keras_model, shapes, explained)
    except NotUnderstood as reason:
        return Choice(None, str(reason), False)
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        # Keras's record of how layers are connected is not part of its public interface.
        return Choice(None, f"its layers could not be read ({type(error).__name__})", False)
    own, full = plan.work
    share = own / max(full, 1.0)
    text = f"a substitution takes {share:.2g} of the multiplications of a whole prediction"
    return Choice(plan, text, True)


def make_engine(model: Explained, subject: Subject, method: str, batch_size: int | None) -> Engine:
    """Make the engine for a method.

    Raises
    ------
    ValueError
        If ``method="incremental"`` and the model does not allow it, or the batch size is
        impossible.
    """
    model.batch_size(batch_size)  # raises for an impossible size
    batched = BatchedEngine(model, batch_size)
    if method == "batched":
        return batched
    shapes = [part.shape[1:] for part in subject.inputs]
    choice = choose(model, shapes, subject.explained)
    if choice.plan is None:
        if method == "incremental":
            raise ValueError(
                f"method='incremental' cannot be used for the model {model.name!r}: "
                f"{choice.reason}. Leave method out."
            )
        return batched
    if method == "auto" and not pays(choice.plan):
        return batched
    quick = IncrementalEngine(model, choice.plan, batch_size)
    return _Checked(quick, batched, model, required=method == "incremental")


def pays(plan: Plan) -> bool:
    """Whether following changes is less work than computing everything in a batch."""
    own, full = plan.work
    return own < _WORTH * full or full < _LITTLE


class _Checked:
    """The incremental way, if it agrees with the network about the samples as they are."""

    def __init__(self, quick: Engine, plain: Engine, model: Explained, *, required: bool):
        self._engine, self._plain = quick, plain
        self._model, self._required = model, required

    def predict(self, subject: Subject) -> np.ndarray:
        """See :class:`geneml.interpret._mutants.engines.Engine`."""
        outputs = self._engine.predict(subject)
        if self._engine is self._plain or self._model.keras_model in _AGREED:
            return outputs
        expected = self._plain.predict(subject)
        margin = _TOLERANCE * max(float(np.abs(expected).max()), 1e-3)
        if np.allclose(outputs, expected, rtol=_TOLERANCE, atol=margin):
            _AGREED.add(self._model.keras_model)
            return outputs
        if self._required:
            raise ValueError(
                f"method='incremental' cannot be used for the model {self._model.name!r}: its "
                "predictions are not what its layers say. Leave method out."
            )
        self._engine = self._plain
        return expected

    def run(self, subject: Subject, positions: np.ndarray, reference: np.ndarray) -> Changes:
        """See :class:`geneml.interpret._mutants.engines.Engine`."""
        return self._engine.run(subject, positions, reference)
