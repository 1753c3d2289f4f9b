"""An expectile neural network."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from geneml.models.dense import dense

ACTIVATIONS = ("relu", "sigmoid", "tanh")


def enn(
    input_shape: int | tuple[int, ...],
    *,
    hidden: Sequence[int] = (5,),
    activation: str = "relu",
    l2: float = 0.0,
    encoder: str | None = None,
    outputs: int = 1,
    seed: int | np.random.Generator | None = None,
) -> keras.Model:
    r"""Build an expectile neural network (Lin, Zhang & Lu, equations 1 to 3).

    Its layers are those of :func:`geneml.models.dense`. What makes it an expectile network
    is the loss it is trained with::

        model = enn(p, hidden=(5,), l2=0.1, seed=1)
        fit(model, x, y, split, loss=ExpectileLoss(0.9))

    and the objective is then
    :math:`\frac{1}{n} \sum_i |\tau - 1(y_i < f(x_i))| (y_i - f(x_i))^2 + \lambda \sum w^2`
    with :math:`\lambda` = ``l2`` and the sum over the weights of all layers. The paper's
    equation 6 prints the penalty as the square of a sum of squares; a plain L2 penalty
    (Hoerl & Kennard 1970, Technometrics 12:55) is taken to be meant. The output is linear
    (the identity, one of the paper's three choices).

    Parameters
    ----------
    input_shape : int or tuple
        Shape of one individual, as for :func:`geneml.models.dense`: ``p`` for dosages.
    hidden : sequence of int
        Units of each hidden layer; more than one makes the network deep. ``()`` gives
        expectile regression, which :func:`geneml.baselines.fit_expectile_regression` solves
        exactly.
    activation : "relu", "sigmoid" or "tanh"
        Activation of the hidden layers.
    l2 : float
        Penalty on the squared weights of every layer, at least 0; biases are free. It stands
        beside the mean loss on the standardised trait.
    encoder : None, "dosage" or "one_hot"
        As for :func:`geneml.models.dense`.
    outputs : int
        Columns predicted together: traits, or levels of one trait
        (:class:`geneml.losses.ExpectileLoss` takes one level a column).
    seed : int, Generator or None
        Decides the initial weights. ``None``: different every time.

    Returns
    -------
    keras.Model
        Input ``(batch, *input_shape)``, output ``(batch, outputs)``; layers ``hidden_1``,
        ``hidden_2``, ..., ``prediction``; neither compiled nor trained.

    Raises
    ------
    TypeError
        If ``input_shape`` is not a shape.
    ValueError
        If a size, the penalty or the activation is impossible.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"activation must be one of {ACTIVATIONS}, received {activation!r}. "
            "geneml.models.dense takes others and can be trained with the same loss."
        )
    model = dense(
        input_shape,
        hidden=hidden,
        activation=activation,
        l2=l2,
        outputs=outputs,
        encoder=encoder,
        seed=seed,
    )
    model.name = "enn"
    return model
