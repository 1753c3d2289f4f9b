"""Transfer: what a network learned from one trait or cohort, carried into another network.

A hidden layer turns genotypes into a few numbers. Where two traits share their biology, the
numbers that serve one may serve the other, and a small cohort need not find them again. What
is carried can be a start for training, can be held fixed, or can be pulled back to where it
came from. Whether it helped is another question: :mod:`geneml.transfer`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from geneml._checks import some
from geneml.layers import GenotypeEncoder
from geneml.regularizers import SourcePenalty

__all__ = ["transfer"]


def transfer(
    source: keras.Model,
    target: keras.Model,
    *,
    layers: Sequence[str] | None = None,
    freeze: bool | Sequence[str] = False,
    pull: float = 0.0,
) -> keras.Model:
    """Copy a network with the weights of another one in chosen layers.

    Three ways to transfer, from free to fixed:

    - as it stands, the source's weights are where training begins, and nothing holds them:
      long training may forget them;
    - ``pull`` keeps them near the source, the more so the larger it is;
    - ``freeze`` keeps them as they are, and only the other layers learn.

    Parameters
    ----------
    source : keras.Model
        The network that knows something, usually trained. An untrained one gives the control
        "random layer"; one trained on a shuffled phenotype gives "permuted source".
    target : keras.Model
        The network for the new task, usually untrained. Its weights stay where nothing is
        carried.
    layers : sequence of str, optional
        Names of the layers to carry. ``None``: every layer that has weights except the last
        one, the output layer, whose task is another. Name the output layer as well to start
        from everything that the source learned.
    freeze : bool or sequence of str
        Which layers are not trained: none, all that are carried, or those named.
    pull : float
        Strength of the L2-SP penalty, pull * sum of (weight - source's weight)^2 over the
        trained weights of the carried layers (Li, Grandvalet & Davoine 2018, Proc. Mach.
        Learn. Res. 80:2825; their alpha is 2 * pull). Biases are free, as under ``l2``. It
        takes the place of any penalty on these weights; other layers keep theirs, their beta
        being twice that ``l2``. With 0 nothing is pulled and all keep theirs.
        Its scale is that of ``l2`` in :mod:`geneml.models`: it is added to the mean loss on
        the standardised phenotype. Once it is far above the loss's own curvature, take
        smaller steps or ``freeze``: weights then jump about the source by a step's length.

    Returns
    -------
    keras.Model
        A new network of the target's kind and name, not compiled, for
        :func:`geneml.training.fit`. Source and target are left as they are. It can be saved
        and, once this module is imported, loaded, what is frozen and the pull included.

    Raises
    ------
    TypeError
        If ``source`` or ``target`` is no Keras model, or names are given as one string.
    ValueError
        If a network has not been built, or Keras cannot copy the target (it can where that
        is sequential or functional); if a layer is missing in one of the two, has other
        shapes, or computes something else with the same shapes (another activation, other
        edges); if nothing would be carried, or nothing be left to train; if ``pull`` is
        negative, stands on frozen layers only, or on a layer with no place for a penalty.

    Notes
    -----
    The weights of a layer mean something only behind the encoder that they were learned
    with. An adapted :class:`geneml.layers.GenotypeEncoder` is therefore carried with its
    means and standard deviations, those of the source's training individuals, and
    :func:`geneml.training.fit` leaves them alone. They are no trainable weights: no penalty
    stands on them. In a cohort with other allele frequencies this is wanted, since the same
    genotype then gives the same number; a missing call is set to the source's mean, though.
    To learn them anew from the target's training part, list ``layers`` without the encoder.
    An encoder of the source that was never adapted is passed over.

    If source and target are two traits of one cohort, train the source without the target's
    test individuals: their genotypes and their other trait would speak through the weights.
    """
    for name, model in (("source", source), ("target", target)):
        _check_model(model, name)
    names = _carried(source, target, layers)
    for name in names:
        _check_agreement(source.get_layer(name), target.get_layer(name))
    frozen = _frozen(target, names, freeze)
    _check_pull(pull, names, frozen)

    network = _copy(target)
    for name in names:
        _carry(source.get_layer(name), network.get_layer(name))
    for name in frozen:
        network.get_layer(name).trainable = False
    if not network.trainable_weights:
        raise ValueError(
            "freeze: expected some layer to be left to train, received "
            f"{some(frozen)}, which are all; leave the output layer out"
        )
    if pull > 0:
        for name in names:
            _pull(network.get_layer(name), float(pull))
    return network


def _check_model(model: Any, name: str) -> None:
    if not isinstance(model, keras.Model):
        hint = "; give its .model" if isinstance(getattr(model, "model", None), keras.Model) else ""
        raise TypeError(f"{name}: expected a keras.Model, received {type(model).__name__}{hint}")
    if not model.built:
        raise ValueError(
            f"{name}: expected a network that has its weights, received one that has not been "
            "built; begin it with keras.Input or call it once"
        )


def _weighted(model: keras.Model) -> list[str]:
    """Names of the layers that have weights, from input to output."""
    return [layer.name for layer in model.layers if layer.weights]


def _carried(source: keras.Model, target: keras.Model, layers: Any) -> list[str]:
    theirs, ours = _weighted(source), _weighted(target)
    if layers is not None:
        names = _names(layers, "layers")
        for known, owner in ((theirs, "source"), (ours, "target")):
            _check_known(names, known, "layers", owner)
        return names
    if theirs[:-1] != ours[:-1]:
        raise ValueError(
            "layers: expected source and target to have the same layers up to the output layer, "
            f"received source {theirs[:-1]} and target {ours[:-1]}; name those to carry"
        )
    names = ours[:-1]
    if all(isinstance(target.get_layer(name), GenotypeEncoder) for name in names):
        raise ValueError(
            "layers: expected a layer with weights before the output layer, received networks "
            f"with {ours} only; name the output layer if it is to be carried"
        )
    return names


def _names(values: Any, argument: str) -> list[str]:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise TypeError(
            f"{argument}: expected a sequence of layer names, received {values!r}; "
            "put one name into a list"
        )
    names = list(dict.fromkeys(values))
    if not names:
        raise ValueError(f"{argument}: expected at least one layer name, received none")
    return names


def _check_known(names: list[str], known: list[str], argument: str, owner: str) -> None:
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(
            f"{argument}: expected layers with weights of the {owner}, which are {known}; "
            f"received {some(missing)}"
        )


def _check_agreement(theirs: keras.layers.Layer, ours: keras.layers.Layer) -> None:
    """Raise ValueError unless the weights of one layer mean the same in the other."""
    shapes = [[tuple(weight.shape) for weight in layer.weights] for layer in (theirs, ours)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"layer {ours.name!r}: expected the same shapes in source and target, received "
            f"{shapes[0]} in the source and {shapes[1]} in the target; build the target with the "
            "source's sizes, or leave this layer out of layers"
        )
    parts = [[part for part in _leaves(layer) if part.weights] for layer in (theirs, ours)]
    kinds = [", ".join(type(part).__name__ for part in one) for one in parts]
    if kinds[0] != kinds[1]:
        raise ValueError(
            f"layer {ours.name!r}: expected the same kind of layer in source and target, received "
            f"{kinds[0]} and {kinds[1]}"
        )
    for first, second in zip(map(_meaning, parts[0]), map(_meaning, parts[1]), strict=True):
        for key in sorted(set(first) | set(second)):
            if first.get(key) != second.get(key):
                raise ValueError(
                    f"layer {ours.name!r}: expected the same {key} in source and target, received "
                    f"{_short(first.get(key))} and {_short(second.get(key))}; with another {key} "
                    "the same weights compute something else"
                )


# How a layer begins, learns and is called; the rest of its configuration is what it computes.
_NOT_COMPUTED = ("_initializer", "_regularizer", "_constraint")
_LABELS = {"name", "names", "trainable", "dtype", "seed", "quantization_config"}


def _meaning(layer: keras.layers.Layer) -> dict[str, Any]:
    return {
        key: value
        for key, value in layer.get_config().items()
        if key not in _LABELS and not key.endswith(_NOT_COMPUTED)
    }


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _frozen(target: keras.Model, names: list[str], freeze: Any) -> list[str]:
    if isinstance(freeze, bool | np.bool_):
        return list(names) if freeze else []
    if not isinstance(freeze, Sequence):
        raise TypeError(
            f"freeze: expected True, False or a sequence of layer names, received {freeze!r}"
        )
    frozen = _names(freeze, "freeze")
    _check_known(frozen, _weighted(target), "freeze", "target")
    return frozen


def _check_pull(pull: Any, names: list[str], frozen: list[str]) -> None:
    if not 0 <= pull < np.inf:
        raise ValueError(f"pull: expected a finite number from 0, received {pull}")
    if pull > 0 and set(names) <= set(frozen):
        raise ValueError(
            f"pull: expected 0 where all carried layers are frozen, received {pull}; a frozen "
            "weight does not move, so choose one of the two"
        )


def _copy(model: keras.Model) -> keras.Model:
    try:
        network = keras.models.clone_model(model)
        network.set_weights(model.get_weights())
    except (TypeError, ValueError, NotImplementedError) as error:
        raise ValueError(
            "target: expected a sequential or functional model, or one that can be made again "
            f"from its get_config, received {type(model).__name__}, which Keras cannot copy"
        ) from error
    return network


def _carry(theirs: keras.layers.Layer, ours: keras.layers.Layer) -> None:
    if isinstance(theirs, GenotypeEncoder) and not theirs.is_adapted:
        return
    ours.set_weights(theirs.get_weights())


def _leaves(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """The layer, or those of a network that stands in place of one."""
    if isinstance(layer, keras.Model):
        for part in layer.layers:
            yield from _leaves(part)
    else:
        yield layer


def _pull(carried: keras.layers.Layer, strength: float) -> None:
    for layer in _leaves(carried):
        for weight in layer.trainable_weights:
            if weight.name == "bias":
                continue
            place = f"{weight.name}_regularizer"
            # Only what stands in the layer's configuration is saved with the network.
            if place not in layer.get_config():
                raise ValueError(
                    f"pull: expected layers with a {place}, received layer {layer.name!r} "
                    f"({type(layer).__name__}), which has none; freeze this layer, or leave it "
                    "out of layers"
                )
            penalty = SourcePenalty(strength, keras.ops.convert_to_numpy(weight.value))
            setattr(layer, place, penalty)
            weight.regularizer = penalty
