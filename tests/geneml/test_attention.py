"""The attention network: its arithmetic, what it can express, saving, refusals."""

import keras
import numpy as np
import pytest

from geneml.interpret.interactions import epistasis
from geneml.layers import AlleleEmbedding, PositionSum, SelfAttention
from geneml.models import attention
from geneml.splits import random_split
from geneml.training import fit


@pytest.fixture
def one_hot():
    return np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (6, 12))]


def test_embedding_is_a_vector_for_each_allele_and_place(one_hot):
    layer = AlleleEmbedding(5, seed=1)
    got = np.asarray(layer(one_hot))
    alleles, places = layer.get_weights()
    for sample, position in ((0, 0), (3, 7), (5, 11)):
        base = one_hot[sample, position].argmax()
        expected = alleles[position, base] + places[position]
        np.testing.assert_allclose(got[sample, position], expected, atol=1e-6)


def test_equal_vectors_share_attention_equally():
    layer = SelfAttention(2, seed=0)
    x = np.repeat(np.random.default_rng(1).normal(size=(2, 1, 6)), 5, axis=1).astype("float32")
    answers = np.asarray(layer(x))
    np.testing.assert_allclose(answers[:, 0], answers[:, 4], atol=1e-6)
    np.testing.assert_allclose(np.asarray(layer.weights_of(x)), 1 / 5, atol=1e-6)


def test_attention_knows_no_order_but_the_embedding_does(one_hot):
    order = np.random.default_rng(2).permutation(12)
    layer = SelfAttention(2, seed=0)
    vectors = np.random.default_rng(1).normal(size=(3, 12, 8)).astype("float32")
    straight = np.asarray(layer(vectors))
    np.testing.assert_allclose(np.asarray(layer(vectors[:, order])), straight[:, order], atol=1e-5)
    model = attention((12, 4), seed=1)
    assert np.abs(np.asarray(model(one_hot[:, order])) - np.asarray(model(one_hot))).max() > 1e-3


def test_sum_keeps_the_size_of_independent_parts():
    parts = np.random.default_rng(0).normal(size=(500, 100, 1)).astype("float32")
    summed = np.asarray(PositionSum()(parts))
    assert summed.shape == (500, 1)
    assert summed.std() == pytest.approx(1, abs=0.1)


def test_without_hidden_layers_interactions_come_from_attention_alone():
    # Switch the answers off, and the network is a sum over positions: no pair is left.
    x = np.random.default_rng(1).integers(0, 3, (4, 6)).astype("float32")
    model = attention(6, hidden=(), seed=3)
    model.get_layer("embedding").set_weights(
        [4 * weights for weights in model.get_layer("embedding").get_weights()]
    )
    assert epistasis(model, x).sizes.max() > 1e-3
    layer = model.get_layer("attention_1")
    query, key, value, output = layer.get_weights()
    layer.set_weights([query, key, value, 0 * output])
    assert epistasis(model, x).sizes.max() < 1e-5


@pytest.mark.parametrize(
    ("shape", "encoder", "dtype"),
    [((12, 4), None, "float32"), ((12, 3), None, "float32"), (12, None, "float32"),
     (12, "dosage", "int8"), (12, "one_hot", "int8")],
)  # fmt: skip
def test_every_kind_of_input_goes_in_and_saving_keeps_predictions(shape, encoder, dtype, tmp_path):
    seed = np.random.default_rng(5)
    model = attention(shape, encoder=encoder, blocks=2, dropout=0.1, l2=0.01, outputs=2, seed=seed)
    x = np.random.default_rng(0).integers(-1, 3, (5, *model.input_shape[1:])).astype(dtype)
    predicted = np.asarray(model(x))
    assert predicted.shape == (5, 2)
    model.save(tmp_path / "attention.keras")
    again = keras.saving.load_model(tmp_path / "attention.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(again(x)), predicted)


def test_one_seed_one_network():
    first, second, other = (attention(9, seed=s).get_weights() for s in (7, 7, 8))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_it_learns_a_product_that_no_linear_model_can():
    random = np.random.default_rng(0)
    x = random.integers(0, 3, (500, 6)).astype("int8")
    y = (x[:, 1] - 1.0) * (x[:, 4] - 1.0) + random.normal(0, 0.2, 500)
    trained = fit(
        attention(6, encoder="dosage", seed=1),
        x,
        y,
        random_split(500, seed=1),
        epochs=40,
        learning_rate=1e-2,
    )
    assert trained.scores["test"]["r2"] > 0.6
    assert trained.baseline_scores["ridge"]["test"]["r2"] < 0.1
    best = epistasis(trained, x[:20]).table(1)
    assert best[["position", "other_position"]].to_numpy().tolist() == [[1, 4]]
    assert best["score"][0] == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dimension": 9, "heads": 2}, "multiple of heads"),
        ({"dimension": 0}, "dimension must be"),
        ({"heads": 1.5}, "heads must be"),
        ({"blocks": 0}, "blocks must be"),
        ({"hidden": (0,)}, "hidden sizes"),
        ({"input_shape": (2, 3, 4)}, "input_shape"),
        ({"encoder": "dosage"}, "input_shape must be"),
    ],
)
def test_impossible_networks_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        attention(**{"input_shape": (12, 4), **settings})


def test_layers_refuse_shapes_they_cannot_take():
    with pytest.raises(ValueError, match="multiple of heads"):
        SelfAttention(3).build((None, 5, 8))
    with pytest.raises(ValueError, match="AlleleEmbedding expects"):
        AlleleEmbedding(4).build((None, None, 4))
