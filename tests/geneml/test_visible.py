"""The wired network against a dense layer with a mask, and its random control."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geneml.layers import GroupedDense
from geneml.models import rewired, visible

GENES = {"a": [0, 1, 2], "b": [2, 5], "c": [4]}
PATHWAYS = {"one": ["a", "b"], "two": ["c", "a"]}


@pytest.fixture
def dosages():
    return np.random.default_rng(0).normal(size=(9, 7)).astype("float32")


def test_wired_layer_is_a_dense_layer_with_a_mask():
    random = np.random.default_rng(1)
    x = random.normal(size=(5, 7, 2)).astype("float32")
    mask = random.random((7, 4)) < 0.5
    mask[0] = True
    sources, targets = np.nonzero(mask)
    shuffled = random.permutation(len(sources))
    layer = GroupedDense(
        sources[shuffled], targets[shuffled], list("wxyz"), units=3, activation="tanh", seed=1
    )
    got = np.asarray(layer(x))
    kernel, bias = layer.get_weights()
    table = np.zeros((7, 4, 2, 3))
    table[layer.sources, layer.targets] = kernel
    expected = np.tanh(np.einsum("nic,igcu->ngu", x, table) + bias)
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert got.shape == layer.compute_output_shape(x.shape) == (5, 4, 3)


def test_weights_begin_alike_in_small_and_large_groups():
    sizes = [4, 4000]
    layer = GroupedDense(np.arange(4004), np.repeat([0, 1], sizes), ["small", "large"], units=200)
    layer.build((None, 4004))
    kernel = layer.get_weights()[0][:, 0]
    for group, size in enumerate(sizes):
        assert kernel[layer.targets == group].std() == pytest.approx(size**-0.5, rel=0.1)


def test_prediction_depends_on_markers_of_genes_alone(dosages):
    model = visible(7, GENES, PATHWAYS, encoder=None)
    before = np.asarray(model(dosages))
    for marker in range(7):
        changed = dosages.copy()
        changed[:, marker] += 1
        same = np.allclose(np.asarray(model(changed)), before, atol=1e-7)
        assert same == (marker in (3, 6))


def test_rest_collects_what_belongs_nowhere(dosages):
    model = visible(7, GENES, {"one": ["a"]}, encoder=None, keep_rest=True)
    assert model.get_layer("genes").names == ["a", "b", "c", "(rest)"]
    layer = model.get_layer("genes")
    assert layer.sources[layer.targets == 3].tolist() == [3, 6]
    pathways = model.get_layer("pathways")
    assert pathways.names == ["one", "(rest)"]
    assert pathways.sources[pathways.targets == 1].tolist() == [1, 2, 3]


def test_size_grows_with_edges_not_with_markers_times_genes():
    random = np.random.default_rng(0)
    genes = {f"g{k}": random.choice(50_000, 2, replace=False) for k in range(5_000)}
    model = visible(50_000, genes, encoder=None)
    assert model.count_params() == 2 * 5_000 + 5_000 + 5_000 + 1
    assert model(np.zeros((2, 50_000), dtype="float32")).shape == (2, 1)


@pytest.mark.parametrize("encoder", ["dosage", "one_hot"])
def test_stored_genotypes_go_in_and_saving_keeps_names_and_predictions(encoder, tmp_path):
    model = visible(7, GENES, PATHWAYS, encoder=encoder, gene_units=2, l1=0.01, outputs=2, seed=4)
    x = np.array([[0, 1, 2, -1, 0, 1, 2], [2, 2, 1, 0, -1, 0, 0]], dtype="int8")
    assert str(model.inputs[0].dtype) == "int8"
    model.save(tmp_path / "visible.keras")
    again = keras.saving.load_model(tmp_path / "visible.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(again(x)), np.asarray(model(x)))
    assert again.get_layer("pathways").names == ["one", "two"]
    assert float(sum(again.losses)) == pytest.approx(float(sum(model.losses)))


def test_gradient_reaches_the_wired_weights_alone(dosages):
    model = visible(7, GENES, PATHWAYS, encoder=None, seed=1)
    before = [weight.copy() for weight in model.get_weights()]
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    model.train_on_batch(dosages, np.ones((9, 1)))
    for old, new in zip(before, model.get_weights(), strict=True):
        assert not np.array_equal(old, new)
    assert len(before[0]) == 6


def test_one_seed_one_network():
    first, second, other = (visible(7, GENES, PATHWAYS, seed=s).get_weights() for s in (7, 7, 8))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@given(st.integers(0, 1000), st.lists(st.integers(1, 6), min_size=2, max_size=8))
def test_rewired_groups_keep_sizes_and_members(seed, sizes):
    ends = np.cumsum(sizes)
    groups = {f"g{end}": range(end - size, end) for end, size in zip(ends, sizes, strict=True)}
    dealt = rewired(groups, seed=seed)
    assert [len(dealt[name]) for name in groups] == sizes
    assert sorted(sum(dealt.values(), [])) == list(range(ends[-1]))
    assert dealt == rewired(groups, seed=seed)


def test_rewired_overlapping_groups_name_nobody_twice():
    random = np.random.default_rng(0)
    genes = [f"g{k}" for k in range(30)]
    pathways = {f"p{k}": list(random.choice(genes, 10, replace=False)) for k in range(12)}
    dealt = rewired(pathways, seed=3)
    assert all(len(set(members)) == 10 for members in dealt.values())
    assert sorted(sum(dealt.values(), [])) == sorted(sum(pathways.values(), []))
    assert dealt != pathways


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"genes": {}}, "genes is empty"),
        ({"genes": {"a": []}}, "at least one"),
        ({"genes": {"a": [0.5]}}, "column numbers"),
        ({"genes": {"a": [1, 7]}}, "there are 7 variants"),
        ({"genes": {"a": [1, 1]}}, "more than once"),
        ({"pathways": {"one": ["a", "z"]}}, "unknown: z"),
        ({"pathways": {"one": []}}, "pathway 'one'"),
        ({"gene_units": 0}, "hidden sizes"),
        ({"dropout": 1}, "dropout"),
        ({"l1": -1}, "l1"),
        ({"encoder": "counts"}, "encoder"),
    ],
)
def test_impossible_networks_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        visible(**{"n_variants": 7, "genes": GENES, "pathways": PATHWAYS, **settings})


def test_wrong_kinds_are_refused():
    with pytest.raises(TypeError, match="mapping"):
        visible(7, [[0, 1]])
    with pytest.raises(TypeError, match="mapping"):
        rewired(["a"], seed=0)
    with pytest.raises(ValueError, match="cannot be dealt out"):
        rewired({"a": [1, 2], "b": [1, 1, 1]}, seed=0)
    with pytest.raises(ValueError, match="sources and targets"):
        GroupedDense([0, 1], [0, 2], ["a", "b"])
    with pytest.raises(ValueError, match="wired to inputs up to number 9"):
        GroupedDense([9], [0], ["a"]).build((None, 5))
