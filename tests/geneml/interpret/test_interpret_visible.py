"""Nodes of a wired network: closed forms, completeness, and a planted gene."""

import numpy as np
import pytest

from geneml.interpret.visible import node_activations, node_importance
from geneml.models import dense, visible
from geneml.splits import random_split
from geneml.training import fit

GENES = {"a": [0, 1, 2], "b": [3, 4], "c": [5, 6, 7, 8], "d": [9]}
PATHWAYS = {"one": ["a", "b"], "two": ["c", "d"], "three": ["a", "d"]}


@pytest.fixture
def genotypes():
    return np.random.default_rng(0).integers(0, 3, (40, 10)).astype("int8")


def network(activation="tanh", **settings):
    model = visible(10, GENES, PATHWAYS, activation=activation, encoder=None, seed=3, **settings)
    return model


def test_activations_are_those_of_the_definition(genotypes):
    model = network()
    layer = model.get_layer("genes")
    kernel, bias = layer.get_weights()
    found = node_activations(model, genotypes, batch_size=7)
    assert found.names == ("a", "b", "c", "d")
    for place, markers in enumerate(GENES.values()):
        weights = kernel[layer.targets == place, 0, 0]
        expected = np.tanh(genotypes[:, markers] @ weights + bias[place, 0])
        np.testing.assert_allclose(found.values[:, place], expected, atol=1e-5)
    assert node_activations(network(gene_units=3), genotypes).values.shape == (40, 4, 3)


@pytest.mark.parametrize("method", ["ablation", "credit"])
def test_before_a_linear_head_importance_is_weight_times_deviation(genotypes, method):
    model = network(pathway_units=2)
    values = node_activations(model, genotypes, "pathways").values
    weights = model.get_layer("prediction").get_weights()[0].reshape(3, 2)
    expected = ((values - values.mean(axis=0)) * weights).sum(axis=2)
    found = node_importance(model, genotypes, "pathways", method=method, batch_size=16)
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    np.testing.assert_allclose(found.importance, np.abs(expected).mean(axis=0), atol=1e-5)
    assert found.sizes.tolist() == [2, 2, 2]


def test_ablation_of_genes_is_a_plain_loop(genotypes):
    model = network()
    values = node_activations(model, genotypes).values[..., None]
    y = np.asarray(model(genotypes))[:, 0] + np.random.default_rng(1).normal(size=40)
    found = node_importance(model, genotypes, y=y)
    for place in range(4):
        held = values.copy()
        held[:, place] = values[:, place].mean(axis=0)
        after = held
        for layer in model.layers[1:]:
            after = layer(after)
        predicted = np.asarray(model(genotypes))[:, 0]
        without = np.asarray(after)[:, 0]
        np.testing.assert_allclose(found.values[:, place], predicted - without, atol=1e-5)
        errors = ((y - without) ** 2).sum() - ((y - predicted) ** 2).sum()
        drop = errors / ((y - y.mean()) ** 2).sum()
        assert found.r2_drop[place] == pytest.approx(drop, abs=1e-4)


def test_credits_of_genes_sum_to_the_prediction(genotypes):
    found = node_importance(network(), genotypes, method="credit", steps=30)
    assert np.abs(found.additivity_gap).max() < 1e-5
    assert np.abs(found.values).max() > 1e-2
    assert found.r2_drop is None


@pytest.mark.parametrize("method", ["ablation", "credit"])
def test_a_fit_answers_in_the_unit_of_the_trait(genotypes, method):
    y = 500 + 30 * genotypes[:, 0].astype(float)
    model = visible(10, GENES, PATHWAYS, seed=1)
    trained = fit(model, genotypes, y, random_split(40, seed=1), epochs=2, baseline=False)
    own = node_importance(trained, genotypes, method=method).values
    plain = node_importance(trained.model, genotypes, method=method).values
    factor = trained.scaler.standard_deviation
    np.testing.assert_allclose(own, plain * factor, rtol=1e-3, atol=1e-4)


def test_the_causal_gene_comes_out_first():
    random = np.random.default_rng(2)
    x = random.integers(0, 3, (600, 30)).astype("int8")
    genes = {f"gene {k}": range(3 * k, 3 * k + 3) for k in range(10)}
    y = x[:, 12:15] @ np.array([1.0, -1.0, 0.7]) + random.normal(0, 0.5, 600)
    model = visible(30, genes, {"p": list(genes)[:5], "q": list(genes)[5:]}, seed=0)
    trained = fit(
        model, x, y, random_split(600, seed=0), epochs=25, learning_rate=1e-2, baseline=False
    )
    test = trained.parts["test"]
    for method in ("ablation", "credit"):
        table = node_importance(trained, x[test], method=method).table(2)
        assert table["node"][0] == "gene 4"
        assert table["importance"][0] > 5 * table["importance"][1]
    pathways = node_importance(trained, x[test], "pathways", y=y[test]).table()
    assert pathways["node"][0] == "p"
    assert pathways["r2_drop"][0] > 0.3
    assert pathways["inputs"].tolist() == [5, 5]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layer": "gene"}, "has genes, pathways; received 'gene'"),
        ({"layer": "prediction"}, "named nodes"),
        ({"method": "gradient"}, "method must be"),
        ({"output": 1}, "output must be"),
        ({"steps": 0}, "steps"),
        ({"y": np.zeros(3)}, "each of the 40"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_impossible_requests_are_refused(genotypes, settings, message):
    with pytest.raises(ValueError, match=message):
        node_importance(network(), genotypes, **settings)


def test_networks_without_named_nodes_are_refused(genotypes):
    with pytest.raises(ValueError, match="none .geneml.models.visible"):
        node_importance(dense(10), genotypes)
    with pytest.raises(TypeError, match="Keras network"):
        node_activations(lambda x: x.sum(axis=1), genotypes)
