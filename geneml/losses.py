"""Losses for networks that predict more than the mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from geneml.expectiles import as_levels


@keras.saving.register_keras_serializable(package="geneml")
class ExpectileLoss(keras.losses.Loss):
    r"""Asymmetric squared loss, whose best prediction is an expectile.

    .. math:: |\tau - 1(y < f)| \, (y - f)^2

    averaged over outputs and individuals: weight :math:`\tau` where the observation lies at
    or above the prediction, :math:`1 - \tau` where it lies below (Newey & Powell 1987,
    Econometrica 55:819; equation 5 of Lin, Zhang & Lu, expectile networks with transfer).
    :math:`\tau = 0.5` gives half the mean squared error. :func:`geneml.metrics.expectile_loss`
    is the same quantity for arrays.

    Parameters
    ----------
    tau : float or sequence of float
        Level, strictly between 0 and 1: one for all outputs, or one for each output column.
        Above 0.5, predicting too low costs more than predicting too high.
    reduction, name, dtype
        As for every Keras loss. ``"sum_over_batch_size"`` is the mean over individuals.

    Raises
    ------
    TypeError
        If ``tau`` does not hold numbers.
    ValueError
        If a level is out of range; when called, if the observations do not have the shape of
        the predictions or there is not one level for each output. With several levels, one
        column of observations is compared with every output: one trait at all levels.
    """

    def __init__(
        self,
        tau: float | Sequence[float] = 0.5,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str = "expectile_loss",
        dtype: Any = None,
    ):
        levels = as_levels(tau).tolist()
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.tau: float | list[float] = levels if np.ndim(tau) else levels[0]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of each individual, shape (n,), the mean over its outputs."""
        y_pred = ops.convert_to_tensor(y_pred)
        y_true = ops.cast(y_true, y_pred.dtype)
        # Without this (n,) against (n, 1) would become every pair of individuals, (n, n).
        y_pred = ops.expand_dims(y_pred, 1) if len(y_pred.shape) == 1 else y_pred
        y_true = ops.expand_dims(y_true, 1) if len(y_true.shape) == 1 else y_true
        self._check_shapes(y_true.shape, y_pred.shape)
        tau = ops.cast(ops.convert_to_tensor(self.tau, dtype="float32"), y_pred.dtype)
        error = y_true - y_pred
        weight = ops.where(error < 0, 1 - tau, tau)
        return ops.mean(weight * ops.square(error), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the loss can be made again."""
        return {**super().get_config(), "tau": self.tau}

    def _check_shapes(self, observed: Any, predicted: Any) -> None:
        outputs = predicted[-1]
        levels = len(self.tau) if isinstance(self.tau, list) else 1
        if len(predicted) != 2 or (levels > 1 and outputs != levels):
            raise ValueError(
                f"tau: expected predictions of shape (n, {levels if levels > 1 else 't'}), one "
                f"output a level, received {tuple(predicted)}."
            )
        one_trait = levels > 1 and observed[-1] == 1
        if len(observed) != 2 or (observed[-1] != outputs and not one_trait):
            raise ValueError(
                f"y: expected observations of shape (n, {outputs}) as the predictions, received "
                f"{tuple(observed)}."
            )
