"""Pairs of loci: closed forms of simulated traits, plain loops, and what is no interaction."""

import keras
import numpy as np
import pytest

from data_sim import studies
from data_sim.architecture import Architecture
from geneml.interpret import interactions
from geneml.interpret.interactions import Interactions, choose_positions, epistasis
from geneml.models import attention, dense


@pytest.fixture(scope="module")
def panel():
    """Genotypes, the true genetic value as a function, and its pairs (k, k)."""
    architecture = Architecture(n_causal=12, additive=0.5, dominance=0.2, pairwise=0.3, n_pairs=6)
    study = studies.small_panel(300, 30, n_causal=12, architecture=architecture, seed=4)
    truth = study.truth["trait"]
    exact = np.zeros((30, 30))
    for (i, j), effect in zip(truth.function.pairs, truth.function.pair_effects, strict=True):
        exact[i, j] = exact[j, i] = effect
    return study.genotypes, truth.genetic_value, exact


@pytest.fixture(scope="module")
def sequences():
    """A study of sequences that carry a mutation or not, with its one-hot form."""
    from geneml.encoding import one_hot_sequences

    study = studies.thesis(400, 40, n_causal=8, seed=3)
    return study, one_hot_sequences(study.sequences)


def bilinear(alleles, length=6, seed=0):
    """A network that multiplies positions: linear in each, given the others."""
    inputs = keras.Input((length, alleles))
    flat = keras.layers.Flatten()(inputs)
    ones = [
        keras.layers.Dense(1, kernel_initializer=keras.initializers.RandomNormal(seed=seed + k))
        for k in range(length)
    ]
    parts = [
        one(keras.layers.Cropping1D((k, length - 1 - k))(inputs)) for k, one in enumerate(ones)
    ]
    product = keras.layers.Multiply()([parts[0], parts[3]])
    other = keras.layers.Multiply()([parts[1], parts[5]])
    added = keras.layers.Dense(1, name="additive")(flat)
    total = keras.layers.Add()([product, other, keras.layers.Reshape((1, 1))(added)])
    return keras.Model(inputs, keras.layers.Flatten()(total))


# ---------------------------------------------------------------- double mutants


def test_true_genetic_value_gives_the_true_pair_effects_on_every_background(panel):
    genotypes, value, exact = panel
    found = epistasis(value, genotypes[:5])
    np.testing.assert_allclose(found.scores, exact, atol=1e-9)
    np.testing.assert_allclose(found.sizes, np.abs(exact), atol=1e-9)
    assert found.n_samples == 5


def test_one_hot_genotypes_give_the_same(panel):
    from geneml.encoding import decode_genotypes, one_hot_genotypes

    genotypes, value, exact = panel
    chosen = np.flatnonzero(exact.any(axis=0))[:5]
    found = epistasis(
        lambda x: value(decode_genotypes(x)), one_hot_genotypes(genotypes[:3]), chosen
    )
    np.testing.assert_allclose(found.scores, exact[np.ix_(chosen, chosen)], atol=1e-9)


def test_mutants_of_sequences_give_the_true_pair_effects_whoever_carries_them(sequences):
    study, x = sequences
    truth = study.truth["trait"]
    reference = x.sum(axis=0).argmax(axis=1)
    ends = interactions.mutant_alleles(x)
    np.testing.assert_array_equal(ends[:, 0], reference)

    def value(one_hot):
        return truth.genetic_value((one_hot.argmax(axis=2) != reference).astype("int8"))

    chosen = truth.causal_loci
    exact = np.zeros((8, 8))
    for pair, effect in zip(truth.function.pairs, truth.function.pair_effects, strict=True):
        i, j = np.searchsorted(chosen, pair)
        exact[i, j] = exact[j, i] = effect
    for alleles in (ends, ends[chosen]):
        found = epistasis(value, x[:4], chosen, alleles=alleles)
        np.testing.assert_allclose(found.scores, exact, atol=1e-9)
    named = epistasis(value, x, chosen, alleles="mutant")
    np.testing.assert_allclose(named.scores, exact, atol=1e-9)


def test_all_substitutions_are_the_mean_of_a_plain_loop(sequences):
    _, x = sequences
    x = x[:3]
    weights = np.random.default_rng(2).normal(size=(40, 4))

    def model(one_hot):
        return np.tanh((one_hot * weights).sum(axis=(1, 2)))

    chosen = [3, 17, 30]
    found = epistasis(model, x, chosen)

    def changed(sample, *places):
        one = sample.copy()
        for position, base in places:
            one[position] = np.eye(4)[base]
        return model(one[None])[0]

    for i, j in ((0, 1), (0, 2), (1, 2)):
        cycles = np.array(
            [
                changed(s, (chosen[i], a), (chosen[j], b))
                - changed(s, (chosen[i], a))
                - changed(s, (chosen[j], b))
                + changed(s)
                for s in x
                for a in range(4)
                for b in range(4)
                if s[chosen[i], a] == 0 and s[chosen[j], b] == 0
            ]
        )
        assert len(cycles) == 27
        assert found.scores[i, j] == pytest.approx(cycles.mean(), abs=1e-9)
        assert found.sizes[i, j] == pytest.approx(np.abs(cycles).mean(), abs=1e-9)


def test_additive_functions_have_no_interactions(sequences):
    _, x = sequences
    weights = np.random.default_rng(2).normal(size=(40, 4))
    found = epistasis(lambda one: (one * weights).sum(axis=(1, 2)), x[:5], [1, 5, 9])
    np.testing.assert_allclose(found.sizes, 0, atol=1e-9)


def test_dominance_alone_is_no_additive_by_additive_interaction(panel):
    genotypes = panel[0]
    found = epistasis(lambda x: (x == 1).sum(axis=1) * 1.0, genotypes[:5], [0, 1, 2])
    np.testing.assert_allclose(found.scores, 0, atol=1e-12)


def test_haplotypes_coded_0_and_1_need_no_other_states():
    x = np.random.default_rng(0).integers(0, 2, (20, 4)).astype("int8")
    found = epistasis(lambda x: 3.0 * x[:, 0] * x[:, 2], x, alleles=(0, 1))
    assert found.scores[0, 2] == pytest.approx(3)


def test_a_fit_answers_in_the_unit_of_the_trait():
    from geneml.splits import random_split
    from geneml.training import fit

    random = np.random.default_rng(0)
    x = random.normal(size=(60, 5)).astype("float32")
    y = 500 + 40 * x[:, 0] * x[:, 1]
    trained = fit(dense(5, hidden=(4,)), x, y, random_split(60, seed=1), epochs=1, baseline=False)
    scaled = epistasis(trained, x[:4])
    plain = epistasis(trained.model, x[:4])
    factor = trained.scaler.standard_deviation
    np.testing.assert_allclose(scaled.scores, plain.scores * factor, rtol=1e-4, atol=1e-4)
    maps = interactions.feature_interaction_maps(trained, x[:4])
    plain_maps = interactions.feature_interaction_maps(trained.model, x[:4])
    np.testing.assert_allclose(maps.sizes, plain_maps.sizes * factor, rtol=1e-4, atol=1e-6)


# ---------------------------------------------------------------- gradients


@pytest.mark.parametrize("alleles", ["all", "mutant", (1, 3)])
def test_gradients_are_exact_where_the_model_is_linear_in_each_position(alleles):
    x = np.eye(4, dtype="float32")[np.random.default_rng(1).integers(0, 4, (7, 6))]
    model = bilinear(4)
    exact = epistasis(model, x, alleles=alleles)
    found = interactions.feature_interaction_maps(model, x, alleles=alleles, batch_size=11)
    np.testing.assert_allclose(found.scores, exact.scores, atol=1e-5)
    np.testing.assert_allclose(found.sizes, exact.sizes, atol=1e-5)
    assert exact.sizes[0, 3] > 1e-3
    assert exact.sizes[0, 1] < 1e-5


def test_gradients_by_dosages_are_exact_for_products_of_dosages():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Reshape((6, 1)), bilinear(1)])
    x = np.random.default_rng(1).integers(0, 3, (7, 6)).astype("float32")
    exact = epistasis(model, x)
    found = interactions.feature_interaction_maps(model, x)
    np.testing.assert_allclose(found.scores, exact.scores, atol=1e-5)
    assert np.abs(exact.scores[0, 3]) > 1e-3


@pytest.mark.parametrize("encoder", ["dosage", "one_hot"])
def test_gradients_pass_the_encoder_of_stored_genotypes(encoder):
    # The square of a sum has the interaction 2 w_i w_j between all pairs, exactly.
    model = keras.Sequential(
        [
            *dense(5, hidden=(), encoder=encoder, seed=1).layers,
            keras.layers.Lambda(lambda z: z**2, output_shape=(1,)),
        ]
    )
    x = np.random.default_rng(1).integers(0, 3, (9, 5)).astype("int8")
    model(x)
    if encoder == "dosage":
        model.layers[0].adapt(x)
    exact = epistasis(model, x)
    found = interactions.feature_interaction_maps(model, x)
    kernel = model.layers[-2].get_weights()[0][:, 0]
    if encoder == "one_hot":
        steps = kernel.reshape(5, 3)[:, 2] - kernel.reshape(5, 3)[:, 0]
    else:
        steps = 2 * kernel / np.asarray(model.layers[0].scale)
    expected = 2 * np.outer(steps, steps) / 4
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(found.scores, expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(exact.scores, expected, rtol=1e-3, atol=1e-4)


def test_relu_networks_have_interactions_though_their_second_derivatives_are_zero():
    # max(0, x1 + x2 - 1): a kink. The double mutant gives 1, each single one 0.
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, activation="relu", name="kink")]
    )
    model.get_layer("kink").set_weights([np.ones((2, 1)), np.array([-1.5])])
    x = np.zeros((1, 2), dtype="float32")
    assert epistasis(model, x, alleles=(0, 1)).scores[0, 1] == pytest.approx(0.5)
    # The tangent at (1, 0) is flat, and so is that at (0, 0): a step of 1 does not see the kink,
    # a step of 2 does.
    assert interactions.feature_interaction_maps(model, x, alleles=(0, 1)).sizes[0, 1] == 0
    assert interactions.feature_interaction_maps(model, x, alleles=(0, 2)).sizes[0, 1] > 0.4


# ---------------------------------------------------------------- attention


def test_attention_weights_are_those_of_the_definition():
    x = np.eye(4, dtype="float32")[np.random.default_rng(1).integers(0, 4, (5, 9))]
    model = attention((9, 4), dimension=6, heads=3, blocks=2, seed=2)
    vectors = np.einsum("nla,lad->nld", x, model.layers[0].get_weights()[0])
    vectors += model.layers[0].get_weights()[1]
    for block in (0, 1):
        query, key, value, output = model.get_layer(f"attention_{block + 1}").get_weights()
        got = interactions.attention_weights(model, x, block=block, batch_size=2)
        assert got.shape == (5, 3, 9, 9)
        answers = np.zeros_like(vectors)
        for sample in range(5):
            for head in range(3):
                z = vectors[sample]
                logits = (z @ query[head]) @ (z @ key[head]).T / np.sqrt(2)
                weights = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
                np.testing.assert_allclose(got[sample, head], weights, atol=1e-5)
                answers[sample] += weights @ (z @ value[head]) @ output[head].T
        np.testing.assert_allclose(got.sum(axis=-1), 1, atol=1e-5)
        vectors = vectors + answers


def test_attention_scores_are_symmetric_means_and_deviations():
    x = np.random.default_rng(1).integers(0, 3, (12, 7)).astype("float32")
    model = attention(7, seed=1)
    weights = interactions.attention_weights(model, x).astype("float64")
    for kind, table in (("mean", weights.mean(axis=0)), ("variation", weights.std(axis=0))):
        expected = table.mean(axis=0)
        expected = (expected + expected.T) / 2
        np.fill_diagonal(expected, 0)
        found = interactions.attention_interactions(model, x, kind=kind, batch_size=5)
        np.testing.assert_allclose(found.scores, expected, atol=1e-6)


# ---------------------------------------------------------------- results


def test_table_ranks_pairs_and_names_positions():
    scores = np.array([[0.0, 1, -5], [1, 0, 2], [-5, 2, 0]])
    found = Interactions(scores, np.abs(scores), np.array([30, 4, 11]), "hand", 1)
    table = found.table(2)
    assert table[["position", "other_position"]].to_numpy().tolist() == [[11, 30], [4, 11]]
    assert table["score"].tolist() == [-5, 2]
    whole = found.matrix(40, "score")
    assert whole[30, 11] == whole[11, 30] == -5
    assert np.count_nonzero(whole) == 6
    assert "11 and 30" in str(found)


def test_chosen_positions_are_the_highest_and_apart():
    importance = [0.1, 5, 4.9, 0.2, -3, 0.3]
    assert choose_positions(importance, 2).tolist() == [1, 2]
    assert choose_positions(importance, 2, spacing=2).tolist() == [1, 4]
    assert choose_positions(importance, 50).tolist() == [0, 1, 2, 3, 4, 5]


def test_alleles_that_do_not_vary_are_named():
    x = np.eye(4)[np.array([[0, 1], [0, 2], [0, 1]])]
    assert interactions.mutant_alleles(x).tolist() == [[0, -1], [1, 2]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"positions": [1]}, "at least two positions"),
        ({"positions": [1, 1]}, "each once"),
        ({"positions": [0, 40]}, "positions"),
        ({"alleles": "common"}, "alleles must be"),
        ({"alleles": (1, 1)}, "two different"),
        ({"alleles": (0, 4)}, "two different ones of 4"),
        ({"alleles": np.zeros((3, 2), dtype=int)}, "for each of 2 positions"),
    ],
)
@pytest.mark.parametrize("search", [epistasis, interactions.feature_interaction_maps])
def test_impossible_requests_are_refused(sequences, search, settings, message):
    x = sequences[1][:2]
    with pytest.raises(ValueError, match=message):
        search(dense((40, 4), hidden=()), x, **{"positions": [0, 1], **settings})


def test_refusals_of_one_kind_of_input(sequences, panel):
    x = sequences[1]
    with pytest.raises(ValueError, match="do not vary"):
        epistasis(lambda z: z.sum(axis=(1, 2)), x[:1], [0, 1], alleles="mutant")
    with pytest.raises(ValueError, match="is for one-hot"):
        epistasis(lambda z: z.sum(axis=1), panel[0][:2], [0, 1], alleles="all")
    with pytest.raises(ValueError, match="Choose some"):
        epistasis(lambda z: z.sum(axis=1), np.zeros((2, 200), dtype="int8"))
    with pytest.raises(TypeError, match="use epistasis"):
        interactions.feature_interaction_maps(lambda z: z.sum(axis=1), panel[0][:2])
    with pytest.raises(ValueError, match="no SelfAttention layer"):
        interactions.attention_weights(dense((40, 4)), x[:2])
    with pytest.raises(ValueError, match="block must be"):
        interactions.attention_weights(attention((40, 4)), x[:2], block=1)
    with pytest.raises(ValueError, match="kind must be"):
        interactions.attention_interactions(attention((40, 4)), x[:2], kind="max")
    with pytest.raises(ValueError, match="one finite number"):
        choose_positions([[1.0]])
    with pytest.raises(ValueError, match="spacing"):
        choose_positions([1.0], spacing=0)
