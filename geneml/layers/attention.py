"""Layers of a small attention network, written out so that each step can be read."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="geneml")
class AlleleEmbedding(keras.layers.Layer):
    """One vector a position: what stands there, and where it is.

    Each allele at each position has a vector of its own, and each position has one whatever
    stands there. Positions of a panel are not words: the same base means something else at
    another locus, so the alleles' vectors are not shared between positions.

    Parameters
    ----------
    dimension : int
        Numbers in a vector.
    seed : int or None
        Decides the initial vectors.
    alleles_regularizer, places_regularizer : keras regularizer, optional
        Penalties on the vectors of the alleles and of the positions.

    Notes
    -----
    Input ``(batch, L, alleles)``, or ``(batch, p)`` for dosages, whose vector is multiplied by
    the dosage. Output ``(batch, L, dimension)``.
    """

    def __init__(
        self,
        dimension: int,
        seed: int | None = None,
        alleles_regularizer: Any = None,
        places_regularizer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.dimension = int(dimension)
        self.seed = seed
        self.alleles_regularizer = keras.regularizers.get(alleles_regularizer)
        self.places_regularizer = keras.regularizers.get(places_regularizer)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Create the vectors of the alleles and of the positions."""
        if len(input_shape) not in (2, 3) or None in input_shape[1:]:
            raise ValueError(
                "AlleleEmbedding expects one-hot input (individuals, length, alleles) or dosages "
                f"(individuals, variants), received an input of shape {tuple(input_shape)}."
            )
        length = int(input_shape[1])
        alleles = int(input_shape[2]) if len(input_shape) == 3 else 1
        self.alleles = self.add_weight(
            name="alleles",
            shape=(length, alleles, self.dimension),
            initializer=keras.initializers.RandomNormal(stddev=0.3, seed=self.seed),
            regularizer=self.alleles_regularizer,
        )
        self.places = self.add_weight(
            name="places",
            shape=(length, self.dimension),
            initializer=keras.initializers.RandomNormal(
                stddev=0.3, seed=None if self.seed is None else self.seed + 1
            ),
            regularizer=self.places_regularizer,
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Vectors ``(batch, L, dimension)``."""
        values = ops.expand_dims(inputs, -1) if len(inputs.shape) == 2 else inputs
        return ops.einsum("nla,lad->nld", values, self.alleles) + self.places

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One vector a position."""
        return (*input_shape[:2], self.dimension)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the layer can be made again."""
        return {
            **super().get_config(),
            "dimension": self.dimension,
            "seed": self.seed,
            "alleles_regularizer": keras.regularizers.serialize(self.alleles_regularizer),
            "places_regularizer": keras.regularizers.serialize(self.places_regularizer),
        }


@keras.saving.register_keras_serializable(package="geneml")
class SelfAttention(keras.layers.Layer):
    r"""Every position asks all positions, and adds what it is answered.

    In each head a position sends a query, every position offers a key and a value, and

    .. math:: \text{weight}_{ij} = \text{softmax}_j \frac{q_i \cdot k_j}{\sqrt{d}}, \qquad
        \text{output}_i = \text{input}_i + \sum_{\text{heads}} O \sum_j \text{weight}_{ij} v_j

    (Vaswani et al. 2017, Adv. Neural Inf. Process. Syst. 30; without their normalisation).
    Weights depend on what stands at both positions: this is where an interaction of two loci
    can be written down.

    Parameters
    ----------
    heads : int
        Attentions side by side; the size of the vectors must be a multiple.
    seed : int or None
        Decides the initial weights.
    query_regularizer, key_regularizer, value_regularizer, output_regularizer : \
            keras regularizer, optional
        Penalties on the four tables of weights.

    Notes
    -----
    Input and output ``(batch, L, dimension)``. The weights take ``heads * L**2`` numbers a
    sample.
    """

    _TABLES = ("query", "key", "value", "output")

    def __init__(
        self,
        heads: int = 2,
        seed: int | None = None,
        query_regularizer: Any = None,
        key_regularizer: Any = None,
        value_regularizer: Any = None,
        output_regularizer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.heads = int(heads)
        self.seed = seed
        self.query_regularizer = keras.regularizers.get(query_regularizer)
        self.key_regularizer = keras.regularizers.get(key_regularizer)
        self.value_regularizer = keras.regularizers.get(value_regularizer)
        self.output_regularizer = keras.regularizers.get(output_regularizer)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Create the four tables of weights."""
        dimension = int(input_shape[-1])
        if dimension % self.heads:
            raise ValueError(
                f"the vectors have {dimension} numbers, which is not a multiple of "
                f"heads={self.heads}."
            )
        each = dimension // self.heads
        for number, name in enumerate(self._TABLES):
            seed = None if self.seed is None else self.seed + number
            # As many in as out, seen flat, so that the sizes of the vectors are kept.
            bound = (3.0 / dimension) ** 0.5
            table = self.add_weight(
                name=name,
                shape=(self.heads, dimension, each),
                initializer=keras.initializers.RandomUniform(-bound, bound, seed=seed),
                regularizer=getattr(self, f"{name}_regularizer"),
            )
            setattr(self, name + "_table", table)
        self.built = True

    def weights_of(self, inputs: Any) -> Any:
        """Attention weights ``(batch, heads, L, L)``; each row sums to 1."""
        query = ops.einsum("nld,hdk->nhlk", inputs, self.query_table)
        key = ops.einsum("nld,hdk->nhlk", inputs, self.key_table)
        each = int(self.query_table.shape[-1])
        return ops.softmax(ops.einsum("nhik,nhjk->nhij", query, key) / each**0.5, axis=-1)

    def call(self, inputs: Any) -> Any:
        """Vectors ``(batch, L, dimension)`` with the answers added."""
        value = ops.einsum("nld,hdk->nhlk", inputs, self.value_table)
        answers = ops.einsum("nhij,nhjk->nhik", self.weights_of(inputs), value)
        return inputs + ops.einsum("nhik,hdk->nid", answers, self.output_table)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the output: that of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Configuration from which the layer can be made again."""
        penalties = {
            f"{name}_regularizer": keras.regularizers.serialize(
                getattr(self, f"{name}_regularizer")
            )
            for name in self._TABLES
        }
        return {**super().get_config(), "heads": self.heads, "seed": self.seed, **penalties}


@keras.saving.register_keras_serializable(package="geneml")
class PositionSum(keras.layers.Layer):
    """Sum over the positions, divided by the square root of their number.

    A mean would make the part of one locus the smaller, the longer the panel; the root keeps
    the size of a sum of independent parts.

    Notes
    -----
    Input ``(batch, L, dimension)``, output ``(batch, dimension)``.
    """

    def call(self, inputs: Any) -> Any:
        """One vector an individual."""
        return ops.sum(inputs, axis=1) / int(inputs.shape[1]) ** 0.5

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The positions are gone."""
        return (input_shape[0], input_shape[2])
