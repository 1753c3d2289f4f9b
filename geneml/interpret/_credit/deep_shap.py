"""``shap.DeepExplainer`` with what it lacks, and with a promise to leave the process as it was.

The library explains a network by rewriting TensorFlow's derivatives while it runs: each
operation passes on its share of the difference from the reference instead of its slope
(DeepLIFT's rescale rule, Shrikumar et al. 2017, arXiv:1704.02685; averaged over references
by Lundberg & Lee 2017). Three things stand in the way of using it as it is:

* many layers use operations it has no rule for; most of them follow a rule it has already,
  and get it here;
* without a rule it fails half way, or, worse, gives values that do not add up; here the
  operations of the network are listed first, and a network with one that has no rule is
  refused before anything is rewritten;
* after a failure the rewritten derivatives stay, and every later training in the process
  fails; here everything is put back whatever happens.

TensorFlow is reached through the library's own module, because its internals are what is put
back.
"""

from __future__ import annotations

import importlib
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from geneml.interpret._credit.library import import_shap

_ALONE = threading.RLock()
_NOT_TRUSTED = {"ResourceGather", "Switch", "Merge"}
"""Operations for which the library has a rule that was not verified here."""
_FIRST_INPUT_ONLY = {"Pow", "GatherV2", "UnsortedSegmentSum"}
_ONE_INPUT_ONLY = {"MatMul", "BatchMatMulV2", "Einsum"}
"""Those that are right only while nothing but the first input, or but one of the inputs,
depends on what is explained."""
_MEAN_WITHIN_VARIANCE = "moments/StopGradient"
"""TensorFlow takes the mean in a variance for a constant. The share that is lost this way sums
to zero over the values the mean is of: layer and group normalisation stay right."""


@contextmanager
def mended_and_restored() -> Iterator[Any]:
    """Give shap's TensorFlow module with more rules; put the process back afterwards.

    Only one thread at a time is let in. Other threads may predict meanwhile, but should not
    train: the rewriting is seen by the whole process.

    Yields
    ------
    module
        ``shap.explainers._deep.deep_tf``.
    """
    import_shap()
    deep_tf = importlib.import_module("shap.explainers._deep.deep_tf")
    with _ALONE, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s).*TensorFlow version is newer than 2.4.*")
        registry = deep_tf.tf_ops._gradient_registry._registry
        entries = {name: dict(entry) for name, entry in registry.items()}
        rules = dict(deep_tf.op_handlers)
        silu, gradients = deep_tf.tf.nn.silu, deep_tf.tf_gradients_impl
        checks = getattr(gradients, "_IsBackpropagatable", None)
        try:
            deep_tf.op_handlers.update(_more_rules(deep_tf))
            # TensorFlow's own has a hand-written derivative, which hides its parts.
            deep_tf.tf.nn.silu = lambda features, beta=1.0: (
                features * deep_tf.tf.sigmoid(beta * features)
            )
            yield deep_tf
        finally:
            deep_tf.tf_execute.record_gradient = deep_tf.tf_backprop.record_gradient
            deep_tf.tf.nn.silu = silu
            deep_tf.op_handlers.clear()
            deep_tf.op_handlers.update(rules)
            for name in [name for name in registry if name.startswith("shap_")]:
                del registry[name]
            for name, entry in entries.items():
                if not name.startswith("shap_"):
                    registry[name] = entry
            if checks is not None:
                gradients._IsBackpropagatable = checks


def _more_rules(deep_tf: Any) -> dict[str, Callable]:
    """Rules for operations that the library does not know, or knows wrongly."""
    bent, straight = deep_tf.nonlinearity_1d(0), deep_tf.linearity_1d(0)
    curves = ("Erf", "Erfc", "LeakyRelu", "Relu6", "Softsign", "Sqrt", "Pow")
    shuffles = ("SpaceToBatchND", "BatchToSpaceND", "DepthwiseConv2dNative")
    return {
        **{name: bent for name in curves},
        **{name: straight for name in shuffles},
        # The library's rule for looking up rows forgets one of the inputs.
        "GatherV2": straight,
        "UnsortedSegmentSum": straight,
        "Einsum": deep_tf.passthrough,
        "BatchMatMulV2": deep_tf.passthrough,
        "Neg": deep_tf.passthrough,
        "Conv2DBackpropInput": deep_tf.linearity_1d(2),  # a transposed convolution
        "Max": _largest_of_many(deep_tf),
    }


def _largest_of_many(deep_tf: Any) -> Callable:
    """The library's rule for pooling by the largest, for a maximum over a whole axis."""

    def rule(explainer: Any, op: Any, *grads: Any) -> list[Any]:
        tf = deep_tf.tf
        x_in, reference_in = tf.split(op.inputs[0], 2)
        x_out, reference_out = tf.split(op.outputs[0], 2)
        difference = x_in - reference_in
        larger = tf.maximum(x_out, reference_out)
        shares = tf.concat([larger - reference_out, x_out - larger], 0)
        if op.type.startswith("shap_"):
            op.type = op.type[5:]
        sent = explainer.orig_grads[op.type](op, grads[0] * shares)[0]
        sent_x, sent_reference = tf.split(sent, 2)
        share = tf.where(
            tf.abs(difference) < 1e-7,
            tf.zeros_like(difference),
            (sent_x + sent_reference) / difference,
        )
        return [tf.concat([share, share], 0), None]

    return rule


class _Network(keras.layers.Layer):
    """Any network as one layer, without entering it into the network's own book-keeping."""

    def __init__(self, forward: Callable, outputs: int):
        super().__init__(trainable=False)
        self._forward, self._outputs = forward, outputs

    def call(self, x: Any) -> Any:
        return self._forward(x)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], self._outputs)


def as_network(forward: Callable, outputs: int, shape: tuple[int, ...]) -> keras.Model:
    """A function as the functional network of one layer that the library asks for.

    Parameters
    ----------
    forward : callable
        From a tensor (batch, *shape) to predictions (batch, outputs), in Keras.
    outputs : int
    shape : tuple of int
        Of one sample.
    """
    entry = keras.Input(shape, dtype="float32")
    # The library calls it with a list.
    return keras.Model([entry], _Network(forward, outputs)(entry))


def deep_values(
    forward: Callable,
    outputs: int,
    x: np.ndarray,
    background: np.ndarray,
    *,
    layers: list[Any],
) -> np.ndarray:
    """Credits by ``shap.DeepExplainer``.

    Parameters
    ----------
    forward : callable
        From a tensor like ``x`` to predictions (batch, outputs), in Keras.
    outputs : int
        Number of predictions.
    x, background : float32 arrays (n, ...) and (b, ...)
    layers : list of keras layers
        Of the network, for naming the one that cannot be explained.

    Returns
    -------
    float64 array (n, ..., outputs)

    Raises
    ------
    NotImplementedError
        If Keras does not run on TensorFlow.
    ValueError
        If the network uses an operation without a rule.
    """
    if keras.backend.backend() != "tensorflow":
        raise NotImplementedError(
            f"shap.DeepExplainer needs Keras on TensorFlow; it runs on {keras.backend.backend()}. "
            "Use expected_gradients or permutation_shapley."
        )
    with mended_and_restored() as deep_tf:
        _refuse_unknown(deep_tf, forward, x, layers)
        shap = import_shap()

        network = as_network(forward, outputs, x.shape[1:])
        explainer = shap.DeepExplainer(network, background)
        found = explainer.shap_values(x, check_additivity=False)
    return np.asarray(found, dtype="float64")


def _refuse_unknown(deep_tf: Any, forward: Callable, x: np.ndarray, layers: list[Any]) -> None:
    """Raise ValueError for the first operation on the way that has no rule."""
    tf = deep_tf.tf
    signature = tf.TensorSpec([None, *x.shape[1:]], "float32")
    traced = tf.function(forward, autograph=False, input_signature=[signature])
    graph = traced.get_concrete_function().graph
    entry, exits = graph.inputs[0], [graph.outputs[0].op]
    breakers = [k for k, rule in deep_tf.op_handlers.items() if rule is deep_tf.break_dependence]
    behind = deep_tf.backward_walk_ops(exits, [], breakers)
    on_the_way = deep_tf.forward_walk_ops(entry.consumers(), [], breakers, within_ops=behind)
    varying = {entry.name} | {tensor.name for op in on_the_way for tensor in op.outputs}
    passed = {op.name for op in on_the_way}
    for op in graph.get_operations():  # in the order of the network
        if op.name not in passed:
            continue
        depends = [tensor.name in varying for tensor in op.inputs]
        known = op.type in deep_tf.op_handlers and op.type not in _NOT_TRUSTED
        harmless = (
            known
            and not (op.type in _FIRST_INPUT_ONLY and any(depends[1:]))
            and not (op.type in _ONE_INPUT_ONLY and sum(depends) > 1)
        )
        if not harmless and not op.name.endswith(_MEAN_WITHIN_VARIANCE):
            raise ValueError(_refusal(op, layers))


def _refusal(op: Any, layers: list[Any]) -> str:
    by_name = {layer.name: type(layer).__name__ for layer in layers}
    # Keras opens a layer's scope twice, so TensorFlow adds a number to the name.
    parts = [(re.sub(r"_\d+$", "", part), part) for part in op.name.split("/")]
    within = [next(n for n in pair if n in by_name) for pair in parts if by_name.keys() & pair]
    where = f"layer {within[-1]!r} ({by_name[within[-1]]})" if within else f"step {op.name!r}"
    return (
        f"shap.DeepExplainer has no rule for the {where} of this network: it computes "
        f"{op.type}, and the values would be wrong or the run would fail. Use "
        "expected_gradients, which takes any network with derivatives, or permutation_shapley, "
        "which takes any model. Nothing has been run."
    )
