"""Layers that turn stored genotypes into numbers a network can use.

Genotypes are stored as ``int8`` counts of the counted allele, with -1 where a call is
missing: one byte a genotype, and a missing call can never be mistaken for a count. The
conversion to ``float32`` happens batch by batch inside the network, so that the wide
floating-point table never exists as a whole. Only ``keras.ops`` is used, so the layers run
on every Keras backend and are saved together with the network.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

_COLUMNS_AT_ONCE = 2_048


@keras.saving.register_keras_serializable(package="geneml")
class GenotypeEncoder(keras.layers.Layer):
    """Dosages with missing calls replaced by the mean of the training individuals.

    The means (and standard deviations) are learned by :meth:`adapt`, from the training
    individuals alone: learning them from everybody would let the test set speak during
    training. :func:`geneml.training.fit` calls :meth:`adapt` itself with the training part
    when that has not been done.

    Parameters
    ----------
    standardise : bool
        ``False``: dosages 0 to 2, missing calls at the training mean. ``True``: the same,
        minus the training mean and divided by the training standard deviation, so that a
        missing call is exactly zero. A variant that does not vary among the training
        individuals is divided by one.

    Notes
    -----
    Input ``(batch, p)`` of any integer or float type, values 0, 1, 2, or negative for a
    missing call (``NaN`` counts as missing too in a float input). Output ``(batch, p)``
    ``float32``.
    """

    def __init__(self, standardise: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.standardise = bool(standardise)
        # Stored integers must reach `call` unconverted: some backends cannot hold a
        # missing call any other way.
        self.autocast = False

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the tables of means, standard deviations and observed individuals."""
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                "GenotypeEncoder expects genotypes of shape (individuals, variants), "
                f"received an input of shape {tuple(input_shape)}."
            )
        width = (int(input_shape[-1]),)
        self.mean = self.add_weight(
            name="mean", shape=width, initializer="zeros", trainable=False, dtype="float32"
        )
        self.scale = self.add_weight(
            name="scale", shape=width, initializer="ones", trainable=False, dtype="float32"
        )
        self.individuals = self.add_weight(
            name="individuals", shape=(), initializer="zeros", trainable=False, dtype="float32"
        )
        self.built = True

    @property
    def is_adapted(self) -> bool:
        """Whether :meth:`adapt` has been called (kept when the network is saved)."""
        return bool(self.built and float(ops.convert_to_numpy(self.individuals)) > 0)

    def adapt(self, genotypes: np.ndarray) -> GenotypeEncoder:
        """Learn each variant's mean and standard deviation.

        Parameters
        ----------
        genotypes : array (n, p)
            Genotypes of the *training* individuals; negative or ``NaN`` is missing.

        Returns
        -------
        GenotypeEncoder
            The layer itself.

        Raises
        ------
        ValueError
            If the table is not two-dimensional or empty, if its width differs from the
            layer's, or if a variant has no observed call at all.
        """
        mean, scale = genotype_moments(genotypes)
        if not self.built:
            self.build((None, mean.size))
        if mean.shape != tuple(self.mean.shape):
            raise ValueError(
                f"genotypes has {mean.size} variants, but this encoder was built for "
                f"{self.mean.shape[0]}. Give the same variants in the same order."
            )
        self.mean.assign(mean.astype("float32"))
        self.scale.assign(scale.astype("float32"))
        self.individuals.assign(float(np.shape(genotypes)[0]))
        return self

    def call(self, genotypes: Any) -> Any:
        """Encode a batch of genotypes ``(batch, p)`` to ``float32`` ``(batch, p)``."""
        values = ops.cast(genotypes, "float32")
        observed = values >= 0  # False for NaN as well
        mean = ops.broadcast_to(self.mean, ops.shape(values))
        values = ops.where(observed, values, mean)
        if self.standardise:
            values = (values - self.mean) / self.scale
        return values

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the output: that of the input."""
        return tuple(input_shape)

    def compute_output_spec(self, genotypes: Any) -> Any:
        """Shape and type of the output, whatever the type of the input."""
        return keras.KerasTensor(genotypes.shape, dtype="float32")

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the layer can be made again."""
        return {**super().get_config(), "standardise": self.standardise}


@keras.saving.register_keras_serializable(package="geneml")
class OneHotGenotypes(keras.layers.Layer):
    """One column for each genotype 0, 1 and 2; a missing call is three zeros.

    Three columns let a network give the heterozygote its own value, which a single dosage
    cannot do without a hidden layer (dominance).

    Notes
    -----
    Input ``(batch, p)``, negative for a missing call. Output ``(batch, p, 3)`` ``float32``.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.autocast = False

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the shape; the layer has no weights."""
        if len(input_shape) != 2:
            raise ValueError(
                "OneHotGenotypes expects genotypes of shape (individuals, variants), "
                f"received an input of shape {tuple(input_shape)}."
            )
        self.built = True

    def call(self, genotypes: Any) -> Any:
        """Encode a batch of genotypes ``(batch, p)`` to ``float32`` ``(batch, p, 3)``."""
        values = ops.expand_dims(ops.cast(genotypes, "float32"), axis=-1)
        states = ops.convert_to_tensor(np.array([0.0, 1.0, 2.0], dtype="float32"))
        return ops.cast(ops.equal(values, states), "float32")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the output: three columns a variant."""
        return (*input_shape, 3)

    def compute_output_spec(self, genotypes: Any) -> Any:
        """Shape and type of the output, whatever the type of the input."""
        return keras.KerasTensor((*genotypes.shape, 3), dtype="float32")


def genotype_moments(genotypes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each variant over its observed calls.

    Parameters
    ----------
    genotypes : array (n, p)
        Negative or ``NaN`` is missing.

    Returns
    -------
    mean, scale : float64 arrays (p,)
        The standard deviation is taken after the missing calls were set to the mean, which
        is what the network sees; it is 1 where a variant does not vary.

    Raises
    ------
    ValueError
        If the table is not two-dimensional or is empty, or a variant was never observed.
    """
    genotypes = np.asarray(genotypes)
    if genotypes.ndim != 2 or genotypes.size == 0:
        raise ValueError(
            "genotypes must be a table (individuals, variants) with at least one of each, "
            f"received shape {genotypes.shape}."
        )
    n, p = genotypes.shape
    mean, scale = np.empty(p), np.empty(p)
    for start in range(0, p, _COLUMNS_AT_ONCE):  # a few columns at once: memory stays small
        part = slice(start, start + _COLUMNS_AT_ONCE)
        block = genotypes[:, part].astype("float64")
        observed = block >= 0
        count = observed.sum(axis=0)
        if (count == 0).any():
            column = start + int(np.flatnonzero(count == 0)[0])
            raise ValueError(
                f"variant {column} (counting from 0) has no observed genotype among the "
                f"{n} training individuals, so it has no mean. Leave such variants out."
            )
        block = np.where(observed, block, 0.0)
        mean[part] = block.sum(axis=0) / count
        deviation = np.where(observed, block - mean[part], 0.0)
        scale[part] = np.sqrt((deviation**2).sum(axis=0) / n)
    scale[scale < 1e-12] = 1.0
    return mean, scale


def adapt_encoders(model: keras.Model, genotypes: Any) -> list[str]:
    """Adapt every encoder of a network that has not been adapted yet.

    Parameters
    ----------
    model : keras.Model
        Encoders are looked for among its layers, nested models included.
    genotypes : array (n, p)
        The training individuals' genotypes.

    Returns
    -------
    list of str
        Names of the layers that were adapted.

    Raises
    ------
    TypeError
        If there is such an encoder and the network has more than one input, where it
        cannot be known which input is meant. Adapt it yourself in that case.
    """
    waiting = [encoder for encoder in genotype_encoders(model) if not encoder.is_adapted]
    if waiting and not hasattr(genotypes, "shape"):
        raise TypeError(
            f"the network has several inputs and its encoder {waiting[0].name!r} has not been "
            "adapted. Call encoder.adapt(genotypes[split.training]) before training."
        )
    for layer in waiting:
        layer.adapt(genotypes)
    return [layer.name for layer in waiting]


def genotype_encoders(model: keras.Model) -> list[GenotypeEncoder]:
    """Every :class:`GenotypeEncoder` of a network, those of nested networks included."""
    found = []
    for layer in model.layers:
        if isinstance(layer, GenotypeEncoder):
            found.append(layer)
        elif isinstance(layer, keras.Model):
            found += genotype_encoders(layer)
    return found
