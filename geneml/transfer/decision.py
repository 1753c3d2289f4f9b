"""The rule that keeps or declines transfer, on validation data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geneml._checks import as_vector


@dataclass(frozen=True)
class TransferDecision:
    """Whether to keep a network with transfer. True or false where a condition is asked for.

    Attributes
    ----------
    accepted : bool
        Whether the gain is large enough.
    gain : float
        Mean over validation individuals of the loss without transfer minus with it.
    standard_error : float
        Of that mean.
    standard_errors : float
        How many of them the gain had to exceed.
    n : int
        Validation individuals.
    """

    accepted: bool
    gain: float
    standard_error: float
    standard_errors: float
    n: int

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def reason(self) -> str:
        """The decision in one sentence."""
        done = "Transfer is kept" if self.accepted else "Transfer is declined"
        than = "more than" if self.accepted else "not more than"
        return (
            f"{done}: on {self.n} validation individuals it lowers the mean loss by "
            f"{self.gain:.3g}, {than} {self.standard_errors:g} standard errors "
            f"(one is {self.standard_error:.3g})."
        )

    def __str__(self) -> str:
        return self.reason


def accept_transfer(
    validation_loss_with: Any, validation_loss_without: Any, *, standard_errors: float = 1.0
) -> TransferDecision:
    r"""Decide on validation individuals whether to keep a network with transfer.

    Transfer is kept only if the mean gain in loss exceeds some of its standard errors, and
    declined otherwise: the network without transfer is the default that needs no proof. With
    mean gain :math:`\delta`, standard deviation :math:`\sigma` of the gains of individuals,
    n individuals and c standard errors, it is kept with a probability of about
    :math:`\Phi(\sqrt n\, \delta / \sigma - c)`. At c = 1 useless transfer (:math:`\delta = 0`)
    is kept in 16 % of cases, at c = 1.64 in 5 %, at c = 0 in half of them; a larger c also
    declines more of the transfer that helps.

    Parameters
    ----------
    validation_loss_with, validation_loss_without : array_like, shape (n,)
        Loss of each validation individual, the same individuals in the same order.
    standard_errors : float
        c, at least 0. With 0, any gain is enough.

    Returns
    -------
    TransferDecision
        True or false in a condition; its ``reason`` is a sentence.

    Raises
    ------
    TypeError, ValueError
        When the losses are not finite numbers of at least two individuals, or
        ``standard_errors`` is negative or not finite.

    Notes
    -----
    Never give it test individuals. Choosing is part of training: whoever chooses by the test
    loss, and then reports the test loss of the chosen one, reports the smaller of two noisy
    numbers. It is too good on average, even where both networks are equally good.

    If the validation part also chose epochs and penalties, its losses are too low for both
    networks, the more so for the one with more settings tried: give both the same grid.
    Individuals are taken as independent; relatives make the standard error too small.
    """
    ours = as_vector(validation_loss_with, "validation_loss_with")
    theirs = as_vector(validation_loss_without, "validation_loss_without", len(ours))
    if len(ours) < 2:
        raise ValueError(
            "validation_loss_with: expected the losses of at least two individuals, received "
            f"{len(ours)}"
        )
    if not 0 <= standard_errors < np.inf:
        raise ValueError(
            f"standard_errors: expected a finite number from 0, received {standard_errors}"
        )
    gains = theirs - ours
    gain = float(gains.mean())
    error = float(gains.std(ddof=1) / np.sqrt(len(gains)))
    return TransferDecision(
        accepted=gain > standard_errors * error,
        gain=gain,
        standard_error=error,
        standard_errors=float(standard_errors),
        n=len(gains),
    )
