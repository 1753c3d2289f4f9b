"""A whole epoch as one compiled TensorFlow call.

The table stays in memory as it is stored (one byte a genotype). A permutation of the training
rows goes in; batches are gathered, converted and used inside the compiled loop. Measured on
two cores, a small dense network on 1,200 x 500 genotypes takes some 20 ms an epoch this way,
evaluation of both parts included.

Beside :mod:`geneml.interpret._network.gradients` this is the one module of the package that names a
backend; everything it does is done by :class:`geneml._engines.KerasEngine` as well, only more
slowly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from geneml._engines import chunks, rows_at_once


def full_batch_steps(model: keras.Model) -> Callable[..., None]:
    """Steps on all individuals at once, any number of them in one compiled call.

    Returns ``steps(x, rows, y, count)``, as :func:`geneml._engines.make_steps` explains.
    """
    variables = model.trainable_variables
    model.optimizer.build(variables)
    signature = [
        tf.TensorSpec([None, *model.input_shape[1:]], tf.float32),
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([None, None], tf.float32),
        tf.TensorSpec([], tf.int32),
    ]

    @tf.function(autograph=False, input_signature=signature)
    def steps(x, rows, y, count):
        def step(done):
            with tf.GradientTape() as tape:
                prediction = tf.gather(model(x, training=True), rows)
                loss = model.compute_loss(x=x, y=y, y_pred=prediction)
            model.optimizer.apply(tape.gradient(loss, variables), variables)
            return done + 1

        tf.while_loop(lambda done: done < count, step, [0])

    return steps


class TensorFlowEngine:
    """An epoch as one compiled TensorFlow function."""

    def __init__(
        self,
        model: keras.Model,
        x: Any,
        y: np.ndarray,
        weights: np.ndarray | None,
        batch_size: int,
    ):
        table = keras.tree.map_structure(tf.convert_to_tensor, x)
        targets, size = tf.convert_to_tensor(y), int(batch_size)
        importance = None if weights is None else tf.convert_to_tensor(weights)
        variables = model.trainable_variables
        model.optimizer.build(variables)

        def take(rows):
            return keras.tree.map_structure(lambda part: tf.gather(part, rows), table)

        def step(start, order):
            rows = order[start : start + size]
            inputs, outputs = take(rows), tf.gather(targets, rows)
            weight = None if importance is None else tf.gather(importance, rows)
            with tf.GradientTape() as tape:
                loss = model.compute_loss(
                    x=inputs,
                    y=outputs,
                    y_pred=model(inputs, training=True),
                    sample_weight=weight,
                )
            model.optimizer.apply(tape.gradient(loss, variables), variables)
            return start + size, order

        # The loop is spelled out: TensorFlow's rewriting of Python loops reads source code,
        # and fails where there is none or where Python warns about the way it does so.
        @tf.function(autograph=False, input_signature=[tf.TensorSpec([None], tf.int32)])
        def epoch(order):
            tf.while_loop(lambda start, order: start < tf.size(order), step, [0, order])

        @tf.function(autograph=False, input_signature=[tf.TensorSpec([None], tf.int32)])
        def forward(rows):
            return model(take(rows), training=False)

        self._epoch, self._forward = epoch, forward
        self._at_once = rows_at_once(x, size)

    def epoch(self, order: np.ndarray) -> None:
        """One pass over the rows in this order, updating the weights."""
        self._epoch(tf.constant(order, dtype="int32"))

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Outputs (rows, t) ``float32`` without dropout."""
        return np.concatenate(
            [
                self._forward(tf.constant(part, dtype="int32")).numpy()
                for part in chunks(rows, self._at_once)
            ]
        )
