"""The paired comparison of losses with and without transfer, and with controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geneml._checks import as_vector
from geneml.intervals import Interval, fold_interval

HELPS = "transfer helps"
HURTS = "transfer hurts"
UNDECIDED = "undecided"
NO_MORE = "no more than a control"


@dataclass(frozen=True, eq=False)
class TransferDiagnosis:
    """Test losses with and without transfer over the same splits, and what they say.

    Attributes
    ----------
    with_transfer, without : float64 arrays (k,)
        Test loss in each split.
    controls : dict of name to float64 array (k,)
        Test losses of the controls.
    gain : Interval
        Mean loss without transfer minus with it, in the loss's unit. Above zero transfer is
        better.
    control_gains : dict of name to Interval
        The same for each control: loss without transfer minus the control's.
    over_controls : dict of name to Interval
        What transfer gains beyond each control: the control's loss minus that with transfer.
    """

    with_transfer: np.ndarray
    without: np.ndarray
    controls: dict[str, np.ndarray]
    gain: Interval
    control_gains: dict[str, Interval]
    over_controls: dict[str, Interval]

    @property
    def verdict(self) -> str:
        """What the intervals allow to say.

        ``"transfer hurts"`` (negative transfer)
            The interval of :attr:`gain` lies below zero.
        ``"transfer helps"``
            It lies above zero, and so does that of every control in :attr:`over_controls`.
            All of them must, so testing several makes the verdict harder to reach, not easier.
        ``"no more than a control"``
            The loss falls, but it falls with a control too, and transfer is not shown to gain
            more. What transfer shares with the control, a smaller model, explains it as well.
        ``"undecided"``
            Everything else: too little data, or too small a difference.
        """
        if self._change != HELPS:
            return self._change
        if all(over.low > 0 for over in self.over_controls.values()):
            return HELPS
        return NO_MORE if self.control_gains[self._rival].low > 0 else UNDECIDED

    def share(self, control: str) -> float:
        """How much of the mean gain a control has: 0 none of it, 1 all of it.

        ``NaN`` where transfer has no gain on average.

        Raises
        ------
        ValueError
            If there is no such control.
        """
        if control not in self.control_gains:
            raise ValueError(
                f"control: expected one of {sorted(self.controls)}, received {control!r}"
            )
        gain = self.gain.mean
        return self.control_gains[control].mean / gain if gain > 0 else float("nan")

    def __str__(self) -> str:
        """Say in plain sentences what was found."""
        gain, change = self.gain, self._change
        if change == HURTS:
            gain = replace(gain, mean=-gain.mean, low=-gain.high, high=-gain.low)
        sentences = [
            f"{_FIRST[change]} by {gain} ({gain.confidence:.0%} interval over {gain.n} splits)."
        ]
        if change == HELPS and not self.controls:
            sentences.append(_NO_CONTROL)
        elif change == HELPS:
            name = self._rival
            sentences.append(
                f"The control {name!r} lowers it by {self.control_gains[name]}, which is "
                f"{self.share(name):.0%} of the gain; transfer gains {self.over_controls[name]} "
                "more."
            )
            sentences.append(_LAST[self.verdict])
        return " ".join(sentences)

    @property
    def _change(self) -> str:
        """What the gain alone says, whatever the controls do."""
        return HELPS if self.gain.low > 0 else HURTS if self.gain.high < 0 else UNDECIDED

    @property
    def _rival(self) -> str:
        """The control that the verdict rests on.

        Of those that transfer does not clearly beat the one that gains most surely; else the
        one that transfer beats least surely.
        """
        close = [name for name, over in self.over_controls.items() if over.low <= 0]
        if close:
            return max(close, key=lambda name: self.control_gains[name].low)
        return min(self.over_controls, key=lambda name: self.over_controls[name].low)


_FIRST = {
    HELPS: "The test loss is lower with transfer,",
    HURTS: "Transfer hurts (negative transfer): it raises the test loss",
    UNDECIDED: "Undecided: with transfer the test loss is lower",
}
_LAST = {
    HELPS: "Transfer helps, beyond what the controls do.",
    NO_MORE: (
        "That is not shown to be transfer: the control cannot know the source's trait, so a "
        "smaller model explains the gain as well."
    ),
    UNDECIDED: "How much of the gain is transfer, and how much a smaller model, is undecided.",
}

_NO_CONTROL = (
    "Without a control it is not known how much of that is transfer and how much a smaller model."
)


def diagnose_transfer(
    with_transfer: Any,
    without: Any,
    *,
    training_size: int,
    test_size: int,
    controls: Mapping[str, Any] | None = None,
    confidence: float = 0.95,
) -> TransferDiagnosis:
    """Compare test losses with and without transfer over the same splits.

    Split by split, because a split that is hard for one network is hard for the other. The
    interval is the corrected one for splits that share individuals, of Nadeau & Bengio 2003
    (:func:`geneml.intervals.fold_interval`); an ordinary one would be too narrow.

    A gain alone does not show that anything was transferred. With a frozen layer there are
    fewer weights to train, and less to overfit, whatever stands in that layer. So compare
    with controls that know nothing of the source's trait: a layer frozen after training on a
    shuffled trait ("permuted source"), or never trained ("random layer"). And tune the network
    without transfer as carefully: against one that overfits, everything helps.

    Parameters
    ----------
    with_transfer, without : array_like, shape (k,)
        Test loss in each of the same k splits, in the same order; lower is better. The loss
        that the networks were trained for: at an expectile's level tau other than 0.5, the
        expectile loss and not the squared error.
    training_size, test_size : int
        Individuals in the training and in the test part of a split.
    controls : mapping of name to array_like (k,), optional
        Test losses of the controls in the same splits.
    confidence : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    TransferDiagnosis
        ``str()`` of it says the finding in plain sentences.

    Raises
    ------
    TypeError, ValueError
        When the losses are not finite numbers, one for each of at least two splits, or a size
        or the confidence is out of range.
    """
    ours = as_vector(with_transfer, "with_transfer")
    if len(ours) < 2:
        raise ValueError(
            f"with_transfer: expected the losses of at least two splits, received {len(ours)}"
        )
    theirs = as_vector(without, "without", len(ours))
    if controls is not None and not isinstance(controls, Mapping):
        raise TypeError(
            f"controls: expected a mapping from names to losses, received {type(controls).__name__}"
        )
    checked = {
        str(name): as_vector(losses, f"controls[{str(name)!r}]", len(ours))
        for name, losses in (controls or {}).items()
    }

    def lower(worse: np.ndarray, better: np.ndarray) -> Interval:
        return fold_interval(worse, better, training_size, test_size, confidence=confidence)

    return TransferDiagnosis(
        with_transfer=ours,
        without=theirs,
        controls=checked,
        gain=lower(theirs, ours),
        control_gains={name: lower(theirs, losses) for name, losses in checked.items()},
        over_controls={name: lower(losses, ours) for name, losses in checked.items()},
    )
