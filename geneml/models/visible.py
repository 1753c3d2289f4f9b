"""A network wired by what is known: markers to genes, genes to pathways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from geneml.layers import GroupedDense
from geneml.models._parts import check_numbers, checked_shape, input_layers, layer_seeds

REST = "(rest)"
"""Name of the node that collects what belongs to no group."""


def visible(
    n_variants: int,
    genes: Mapping[str, Iterable[int]],
    pathways: Mapping[str, Iterable[str]] | None = None,
    *,
    gene_units: int = 1,
    pathway_units: int = 1,
    activation: str | None = "tanh",
    keep_rest: bool = False,
    dropout: float = 0.0,
    l1: float = 0.0,
    l2: float = 0.0,
    outputs: int = 1,
    encoder: str | None = "dosage",
    seed: int | np.random.Generator | None = 0,
) -> keras.Model:
    """Build a network whose nodes are genes and pathways.

    A gene sees its own markers only, a pathway its own genes, and the prediction is a weighted
    sum of pathways (of genes, without pathways). A node can therefore be read:
    :func:`geneml.interpret.visible.node_importance`. The idea is that of DCell, wired by the
    gene ontology (Ma et al. 2018, Nat. Methods 15:290), of GenNet, from variants by genes to a
    trait (van Hilten et al. 2021, Commun. Biol. 4:1094), and of P-NET (Elmarakeby et al. 2021,
    Nature 598:348). This one is the smallest such network: no normalisation and no predictions
    at inner nodes.

    Names on nodes do not make a network right. Compare it with :func:`rewired` groups: where
    random wiring predicts as well, the prediction is no evidence for the biology.

    Parameters
    ----------
    n_variants : int
        Columns of the genotypes.
    genes : mapping of name to column numbers
        Markers of each gene; a marker may belong to several genes.
    pathways : mapping of name to gene names, optional
        Genes of each pathway; a gene may belong to several.
    gene_units, pathway_units : int
        Numbers a node computes. With one, a node is one sum through the activation.
    activation : str or None
        Of the nodes.
    keep_rest : bool
        Whether markers of no gene, and genes of no pathway, are collected in one node
        ``(rest)`` of that layer. By default they are left out.
    dropout : float
        Share of units switched off in each training step before the prediction.
    l1, l2 : float
        Penalties on the weights of the edges from markers to genes (GenNet uses l1), and on
        those between genes and pathways.
    outputs : int
        Traits predicted together.
    encoder : "dosage", "one_hot" or None
        As in :func:`geneml.models.dense`. ``None``: input ``(batch, n_variants)`` ``float32``.
    seed : int, Generator or None
        Decides the initial weights and the dropout masks. ``None``: different every time.

    Returns
    -------
    keras.Model
        Input ``(batch, n_variants)``, output ``(batch, outputs)``; not compiled, not trained.
        Layers ``genes``, ``pathways``, ``prediction``. Memory grows with the number of edges,
        not with markers times genes.

    Raises
    ------
    TypeError
        If ``genes`` or ``pathways`` is no mapping.
    ValueError
        If a group is empty, names a marker or gene that does not exist, repeats one, or a size
        or rate is impossible.
    """
    (width,) = checked_shape(int(n_variants), encoder)
    check_numbers(
        hidden=(gene_units, pathway_units), outputs=outputs, dropout=dropout, l1=l1, l2=l2
    )
    groups = _checked_genes(genes, width)
    seeds = layer_seeds(seed)
    penalty = {"kernel_regularizer": keras.regularizers.L1L2(l1, l2)} if l1 or l2 else {}
    layers = [
        *input_layers((width,), encoder),
        GroupedDense(
            *_edges(groups, width, keep_rest),
            units=int(gene_units),
            activation=activation,
            seed=next(seeds),
            name="genes",
            **penalty,
        ),
    ]
    if pathways is not None:
        numbers = _numbered(pathways, list(groups))
        layers.append(
            GroupedDense(
                *_edges(numbers, len(layers[-1].names), keep_rest),
                units=int(pathway_units),
                activation=activation,
                seed=next(seeds),
                name="pathways",
                **penalty,
            )
        )
    layers.append(keras.layers.Flatten(name="flatten"))
    if dropout:
        layers.append(keras.layers.Dropout(dropout, seed=next(seeds), name="drop"))
    layers.append(
        keras.layers.Dense(
            int(outputs),
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            name="prediction",
        )
    )
    return keras.Sequential(layers, name="visible")


def rewired(
    groups: Mapping[str, Iterable[Any]], *, seed: int | np.random.Generator
) -> dict[str, list[Any]]:
    """The same groups with their members dealt out at random: the control of a wired network.

    Names and sizes stay, and each member stays in as many groups as before; what it is grouped
    with is chance. Caranzano et al. 2025 (arXiv:2505.04300) put fifteen published networks to
    this test: random groups predicted as well as real ones.

    Parameters
    ----------
    groups : mapping of name to members
        Markers of genes, or genes of pathways.
    seed : int or Generator
        Decides the order.

    Returns
    -------
    dict
        Name to members.

    Raises
    ------
    TypeError
        If ``groups`` is no mapping.

    Notes
    -----
    Neighbouring markers of a gene are in linkage disequilibrium, and rewired ones are not. A
    difference between the two may come from that alone.
    """
    _check_mapping(groups, "groups")
    random = np.random.default_rng(seed)
    lists = [list(members) for members in groups.values()]
    dealt = [member for members in lists for member in members]
    dealt = [dealt[place] for place in random.permutation(len(dealt))]
    ends = np.cumsum([len(members) for members in lists])
    parts = [dealt[end - len(one) : end] for one, end in zip(lists, ends, strict=True)]
    # A member that is in several groups may have met itself: exchange it with another group's.
    return dict(zip(groups, _without_repeats(parts, random), strict=True))


def _without_repeats(parts: list[list[Any]], random: np.random.Generator) -> list[list[Any]]:
    for _ in range(100):
        clean = True
        for part in parts:
            for place, member in enumerate(part):
                if member in part[:place]:
                    clean = False
                    other = parts[random.integers(len(parts))]
                    there = random.integers(len(other)) if other else 0
                    if other:
                        part[place], other[there] = other[there], part[place]
        if clean:
            return parts
    raise ValueError(
        "the groups overlap so much that their members cannot be dealt out without repeats."
    )


def _check_mapping(groups: Any, name: str) -> None:
    if not isinstance(groups, Mapping):
        raise TypeError(
            f"{name} must be a mapping from names to members, received {type(groups).__name__}."
        )
    if not groups:
        raise ValueError(f"{name} is empty.")


def _checked_genes(genes: Any, n_variants: int) -> dict[str, np.ndarray]:
    _check_mapping(genes, "genes")
    checked = {}
    for name, markers in genes.items():
        columns = np.asarray(list(markers))
        if columns.ndim != 1 or columns.size == 0 or columns.dtype.kind not in "iu":
            raise ValueError(
                f"gene {name!r} must list its markers as column numbers, at least one; received "
                f"{columns.tolist()!r}. Leave genes without markers out."
            )
        if columns.min() < 0 or columns.max() >= n_variants:
            raise ValueError(
                f"gene {name!r} names columns {columns.min()} to {columns.max()}, but there are "
                f"{n_variants} variants, counted from 0."
            )
        if np.unique(columns).size < columns.size:
            raise ValueError(f"gene {name!r} names a marker more than once.")
        checked[str(name)] = columns
    return checked


def _numbered(pathways: Any, names: list[str]) -> dict[str, np.ndarray]:
    """Pathways with the numbers of their genes."""
    _check_mapping(pathways, "pathways")
    number = {name: place for place, name in enumerate(names)}
    numbered = {}
    for pathway, members in pathways.items():
        listed = [str(gene) for gene in members]
        unknown = [gene for gene in listed if gene not in number]
        if unknown or not listed or len(set(listed)) < len(listed):
            problem = f"unknown: {', '.join(unknown[:3])}" if unknown else "none, or one twice"
            raise ValueError(
                f"pathway {pathway!r} must list genes of the mapping genes, each once ({problem})."
            )
        numbered[str(pathway)] = np.array([number[gene] for gene in listed])
    return numbered


def _edges(
    groups: dict[str, np.ndarray], n_inputs: int, keep_rest: bool
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Sources, targets and names of the nodes."""
    groups = dict(groups)
    if keep_rest:
        rest = np.setdiff1d(np.arange(n_inputs), np.concatenate(list(groups.values())))
        if rest.size:
            groups[REST] = rest
    sizes = [len(members) for members in groups.values()]
    targets = np.repeat(np.arange(len(groups)), sizes)
    return np.concatenate(list(groups.values())), targets, list(groups)
