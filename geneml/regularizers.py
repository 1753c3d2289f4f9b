"""Penalties on weights."""

from __future__ import annotations

import base64
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="geneml")
class GroupLasso(keras.regularizers.Regularizer):
    r"""Group lasso over positions: a position is used with all its weights, or hardly at all.

    The first dense layer after a one-hot input of shape (L, c) has a kernel with ``L * c``
    rows. Its ``c`` consecutive rows of one position form a group, and the penalty is

    .. math:: \lambda \sum_{l=1}^{L} \sqrt{\textstyle\sum_{k, u} w_{lku}^2 + \varepsilon}

    the sum of the groups' lengths (Yuan & Lin 2006, J. R. Stat. Soc. B 68:49, with equal
    group sizes, so that their size factor is part of lambda). Gradient descent makes unused
    groups small rather than exactly zero.

    Parameters
    ----------
    strength : float
        Lambda, at least 0.
    group_size : int
        Rows of the kernel in one group: 4 for bases, 3 for one-hot genotypes, 1 for dosages.

    Raises
    ------
    ValueError
        If ``strength`` is negative or ``group_size`` is below one; when called, if the rows
        of the kernel are not a multiple of ``group_size``.
    """

    _EPSILON = 1e-12  # keeps the square root's slope finite at exactly zero

    def __init__(self, strength: float = 1e-3, group_size: int = 4):
        if not strength >= 0:
            raise ValueError(f"strength must be at least 0, received {strength}.")
        if int(group_size) != group_size or group_size < 1:
            raise ValueError(f"group_size must be a whole number from 1, received {group_size}.")
        self.strength = float(strength)
        self.group_size = int(group_size)

    def __call__(self, kernel: Any) -> Any:
        """Penalty of a kernel of shape (positions * group_size, units)."""
        rows, units = int(kernel.shape[0]), int(kernel.shape[-1])
        if rows % self.group_size:
            raise ValueError(
                f"the kernel has {rows} rows, which is not a multiple of "
                f"group_size={self.group_size}."
            )
        groups = ops.reshape(kernel, (rows // self.group_size, self.group_size * units))
        lengths = ops.sqrt(ops.sum(ops.square(groups), axis=1) + self._EPSILON)
        return self.strength * ops.sum(lengths)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the penalty can be made again."""
        return {"strength": self.strength, "group_size": self.group_size}


@keras.saving.register_keras_serializable(package="geneml")
class FirstLayerPenalty(keras.regularizers.Regularizer):
    """Lasso, squared and group lasso penalties together, for the layer that meets the input.

    Parameters
    ----------
    l1, l2, group_lasso : float
        Strengths, at least 0: of the sum of absolute weights, of the sum of squared weights,
        and of :class:`GroupLasso`.
    group_size : int
        Rows of the kernel in one group.
    """

    def __init__(
        self, l1: float = 0.0, l2: float = 0.0, group_lasso: float = 0.0, group_size: int = 1
    ):
        self.l1, self.l2, self.group_lasso = float(l1), float(l2), float(group_lasso)
        self.group_size = int(group_size)
        self._elastic = keras.regularizers.L1L2(l1=self.l1, l2=self.l2)
        self._groups = GroupLasso(self.group_lasso, self.group_size)

    def __call__(self, kernel: Any) -> Any:
        """Penalty of a kernel of shape (positions * group_size, units)."""
        penalty = self._elastic(kernel)
        return penalty + self._groups(kernel) if self.group_lasso else penalty

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the penalty can be made again."""
        return {
            "l1": self.l1,
            "l2": self.l2,
            "group_lasso": self.group_lasso,
            "group_size": self.group_size,
        }


@keras.saving.register_keras_serializable(package="geneml")
class SourcePenalty(keras.regularizers.Regularizer):
    r"""A pull of weights towards those of another network, instead of towards zero.

    .. math:: \lambda \sum_i (w_i - w^{\text{source}}_i)^2

    The part of L2-SP that stands on the carried weights (Li, Grandvalet & Davoine 2018,
    Proc. Mach. Learn. Res. 80:2825, where lambda is written alpha / 2). With a
    source of zeros it is the plain squared penalty.

    Parameters
    ----------
    strength : float
        Lambda, at least 0.
    source : array
        The weights to stay near, of the shape of the weights that are penalised. Kept as
        ``float32``.

    Raises
    ------
    ValueError
        If ``strength`` is negative or not finite, or a weight of the source is not finite;
        when called, if the shapes differ.
    """

    def __init__(self, strength: float, source: Any):
        if not 0 <= strength < np.inf:
            raise ValueError(f"strength: expected a finite number from 0, received {strength}")
        if isinstance(source, dict):  # as it stands in a saved network
            values = np.frombuffer(base64.b64decode(source["float32"]), dtype="<f4")
            source = values.reshape(source["shape"])
        self.strength = float(strength)
        self.source = np.array(source, dtype="float32")
        if not np.isfinite(self.source).all():
            raise ValueError("source: expected finite weights, received some that are not")

    def __call__(self, weights: Any) -> Any:
        """Penalty of weights that have the shape of the source's."""
        if tuple(weights.shape) != self.source.shape:
            raise ValueError(
                f"weights: expected the source's shape {self.source.shape}, received "
                f"{tuple(weights.shape)}"
            )
        source = ops.convert_to_tensor(self.source, dtype=weights.dtype)
        return self.strength * ops.sum(ops.square(weights - source))

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the penalty can be made again, to the last bit."""
        # As bytes: written out as decimal numbers, the weights would take four times the space.
        packed = base64.b64encode(self.source.astype("<f4").tobytes()).decode("ascii")
        source = {"shape": list(self.source.shape), "float32": packed}
        return {"strength": self.strength, "source": source}
