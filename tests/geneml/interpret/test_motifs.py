"""Filters and motifs: counting by hand, closed forms, planted motifs, scipy."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from geneml.encoding import one_hot_sequences
from geneml.interpret import motifs

MOTIF = "TGACGCAA"


@pytest.fixture
def one_hot():
    return np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (20, 40))]


@pytest.fixture
def matrix():
    return np.random.default_rng(3).dirichlet([0.4] * 4, 7)


def network(length=40, **settings):
    """One convolution of three filters and a linear head, weights drawn, not trained."""
    convolution = keras.layers.Conv1D(
        3,
        5,
        name="convolution",
        kernel_initializer=keras.initializers.RandomNormal(seed=1),
        bias_initializer=keras.initializers.RandomNormal(seed=2),
        **settings,
    )
    head = keras.layers.Dense(2, kernel_initializer=keras.initializers.RandomNormal(seed=3))
    return keras.Sequential(
        [keras.Input((length, 4)), convolution, keras.layers.Flatten(name="flatten"), head]
    )


def detector(motif=MOTIF, length=40):
    """A network whose one filter counts matching bases."""
    model = keras.Sequential(
        [
            keras.Input((length, 4)),
            keras.layers.Conv1D(1, len(motif), name="convolution"),
            keras.layers.GlobalMaxPooling1D(name="pool"),
            keras.layers.Dense(1, name="prediction"),
        ]
    )
    kernel = one_hot_sequences([motif])[0][:, :, None]
    model.get_layer("convolution").set_weights([kernel, np.zeros(1)])
    return model


# ---------------------------------------------------------------- matrices


def test_matrix_counts_columns_by_hand():
    got = motifs.position_weight_matrix(["AC", "AG", "AT"], pseudocount=0)
    np.testing.assert_allclose(got, [[1, 0, 0, 0], [0, 1 / 3, 1 / 3, 1 / 3]])
    one = motifs.position_weight_matrix(["AC"], pseudocount=2, background=[0.4, 0.1, 0.1, 0.4])
    np.testing.assert_allclose(3 * one, [[1.8, 0.2, 0.2, 0.8], [0.8, 1.2, 0.2, 0.8]])


def test_weighted_windows_count_as_often_as_they_weigh():
    windows = ["ACG", "TTG", "CCC"]
    repeated = motifs.position_weight_matrix(["ACG"] * 3 + ["TTG"] + ["CCC"] * 2)
    weighted = motifs.position_weight_matrix(windows, weights=[3, 1, 2])
    np.testing.assert_allclose(weighted, repeated)


def test_information_is_the_relative_entropy(matrix):
    background = np.array([0.3, 0.2, 0.2, 0.3])
    expected = [entropy(row, background, base=2) for row in matrix]
    np.testing.assert_allclose(
        motifs.information_content(matrix, background=background), expected, rtol=1e-10
    )
    assert motifs.information_content(np.eye(4)).tolist() == [2.0] * 4
    assert motifs.information_content(np.full((1, 4), 0.25)) == pytest.approx(0)


def test_small_sample_correction_takes_off_what_chance_gives():
    # Random bases carry no information. Without the correction few windows seem to carry some,
    # on average 3 / (2 n ln 2) bits (Schneider et al. 1986).
    random = np.random.default_rng(1)
    counts = random.multinomial(30, [0.25] * 4, size=4_000) / 30
    plain = motifs.information_content(counts).mean()
    assert plain == pytest.approx(3 / (2 * 30 * np.log(2)), rel=0.05)
    certain = np.eye(4)[:1]
    assert motifs.information_content(certain, n_windows=30)[0] == pytest.approx(
        2 - 3 / (60 * np.log(2))
    )


def test_letters_of_a_logo_stack_to_the_information(matrix):
    heights = motifs.logo_heights(matrix)
    np.testing.assert_allclose(heights.sum(axis=1), motifs.information_content(matrix))
    order = matrix.argsort(axis=1)
    assert (np.diff(np.take_along_axis(heights, order, axis=1), axis=1) >= 0).all()


def test_known_motif_and_consensus_are_inverse():
    assert motifs.consensus(motifs.motif_matrix(MOTIF)) == MOTIF
    two = motifs.motif_matrix("RN")
    np.testing.assert_allclose(two, [[0.485, 0.015, 0.485, 0.015], [0.25] * 4])
    assert motifs.consensus(two) == "NN"


@given(st.text(alphabet="ACGT", min_size=1, max_size=12))
def test_other_strand_of_the_other_strand(text):
    turned = motifs.reverse_complement(text)
    assert motifs.reverse_complement(turned) == text
    both = one_hot_sequences([text, turned])
    np.testing.assert_array_equal(motifs.reverse_complement(both[0]), both[1])


# ---------------------------------------------------------------- scan and match


def test_scan_is_the_log_likelihood_ratio_of_each_window(one_hot, matrix):
    background = np.array([0.3, 0.2, 0.2, 0.3])
    got = motifs.scan(one_hot, matrix, background=background)
    codes = one_hot.argmax(axis=2)
    assert got.shape == (20, 34)
    for sample, start in itertools.product((0, 7, 19), (0, 13, 33)):
        window = codes[sample, start : start + 7]
        expected = sum(np.log2(matrix[k, b] / background[b]) for k, b in enumerate(window))
        assert got[sample, start] == pytest.approx(expected)


def test_other_strand_is_scanned_as_the_turned_sequence(one_hot, matrix):
    both = motifs.scan(one_hot, matrix, both_strands=True)
    np.testing.assert_allclose(both[..., 0], motifs.scan(one_hot, matrix))
    turned = motifs.scan(motifs.reverse_complement(one_hot), matrix)
    np.testing.assert_allclose(both[..., 1], turned[:, ::-1])


def test_unknown_base_scores_nothing():
    x = one_hot_sequences(["ACGN"], unknown="zero")
    matrix = motifs.motif_matrix("TTTT")
    assert motifs.scan(x, matrix)[0, 0] == pytest.approx(motifs.scan(x[:, :3], matrix[:3])[0, 0])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (3, 0), (1, 4), (0, 2)])
def test_planted_motif_is_found_where_it_was_planted(reverse, before, after):
    core = motifs.motif_matrix(MOTIF)
    inside = motifs.reverse_complement(core) if reverse else core
    flat = np.full((1, 4), 0.25)
    padded = np.concatenate([np.repeat(flat, before, 0), inside, np.repeat(flat, after, 0)])
    found = motifs.match_motif(padded, MOTIF, seed=1)
    assert found.similarity == pytest.approx(1)
    assert (found.offset, found.reverse, found.overlap) == (before, reverse, 8)
    assert found.p_value < 0.005


def test_half_a_motif_counts_by_its_share():
    # Five of eight equally certain columns: products 5, lengths sqrt(5) and sqrt(8).
    found = motifs.match_motif(motifs.motif_matrix(MOTIF[3:]), MOTIF)
    assert found.similarity == pytest.approx(np.sqrt(5 / 8))
    assert (found.offset, found.overlap) == (-3, 5)


def test_similarity_is_symmetric_and_knows_no_strand(matrix):
    other = np.random.default_rng(5).dirichlet([0.4] * 4, 9)
    forward = motifs.match_motif(matrix, other, n_shuffles=0)
    swapped = motifs.match_motif(other, matrix, n_shuffles=0)
    turned = motifs.match_motif(motifs.reverse_complement(matrix), other, n_shuffles=0)
    assert forward.similarity == pytest.approx(swapped.similarity)
    assert forward.similarity == pytest.approx(turned.similarity)
    assert forward.reverse != turned.reverse
    assert np.isnan(forward.p_value)


def test_shuffles_of_a_random_matrix_do_as_well_as_the_motif():
    random = np.random.default_rng(0)
    p_values = [
        motifs.match_motif(random.dirichlet([0.4] * 4, 8), MOTIF, n_shuffles=99, seed=seed).p_value
        for seed in range(60)
    ]
    assert 0.3 < np.mean(p_values) < 0.7
    assert np.mean(np.array(p_values) <= 0.1) < 0.25


# ---------------------------------------------------------------- windows


def test_detector_collects_the_planted_sites(one_hot):
    x = one_hot.copy()
    site = one_hot_sequences([MOTIF])[0]
    planted = [(2, 0), (2, 20), (9, 32), (15, 11)]
    for sample, start in planted:
        x[sample, start : start + 8] = site
    (found,) = motifs.filter_windows(detector(), x, threshold=1.0)
    assert found.maximum == 8
    assert sorted(zip(found.samples.tolist(), found.starts.tolist(), strict=True)) == planted
    assert found.sequences == [MOTIF] * 4
    (best,) = motifs.filter_windows(detector(), x, threshold=1.0, one_per_sequence=True)
    assert sorted(best.samples.tolist()) == [2, 9, 15]


def test_windows_are_those_a_plain_loop_finds(one_hot):
    model = network(activation="relu")
    kernel, bias = model.get_layer("convolution").get_weights()
    for found in motifs.filter_windows(model, one_hot, threshold=0.4, batch_size=7):
        outputs = {
            (sample, start): (one_hot[sample, start : start + 5] * kernel[..., found.filter]).sum()
            + bias[found.filter]
            for sample in range(20)
            for start in range(36)
        }
        top = max(outputs.values())
        expected = {key for key, value in outputs.items() if value >= 0.4 * top}
        assert set(zip(found.samples.tolist(), found.starts.tolist(), strict=True)) == expected
        assert found.maximum == pytest.approx(top, rel=1e-5)
        assert (np.diff(found.activations) <= 0).all()
        for sample, start, window in zip(found.samples, found.starts, found.windows, strict=True):
            np.testing.assert_array_equal(window, one_hot[sample, start : start + 5])


@pytest.mark.parametrize(
    "layers",
    [
        [keras.layers.Conv1D(2, 4, dilation_rate=3, name="last")],
        [keras.layers.Conv1D(2, 5, strides=3, padding="same", name="last")],
        [keras.layers.Conv1D(2, 3, padding="causal", name="last")],
        [
            keras.layers.Conv1D(4, 3, padding="same"),
            keras.layers.BatchNormalization(),
            keras.layers.AveragePooling1D(2),
            keras.layers.Conv1D(2, 3, name="last"),
        ],
    ],
    ids=["dilated", "strided", "causal", "deep"],
)
def test_bases_outside_a_window_change_nothing_and_those_at_its_ends_do(layers):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((24, 4)), *layers])
    # No two windows of these numbers are alike, so that an output names its place.
    x = np.random.default_rng(0).normal(size=(2, 24, 4)).astype("float32")
    # From here on both filters are active everywhere.
    kernel, bias = model.get_layer("last").get_weights()
    model.get_layer("last").set_weights([kernel, bias + 100])
    found = motifs.filter_windows(model, x, "last", threshold=1e-3)[0]
    width = found.windows.shape[1]
    assert len(found) >= 2 * 5
    outputs = np.asarray(model(x))
    random = np.random.default_rng(1).normal(size=x.shape).astype("float32")
    places = {float(value): place for place, value in enumerate(outputs[0, :, 0])}
    for sample, start, value in zip(found.samples, found.starts, found.activations, strict=True):
        if sample:
            continue
        place = places[float(value)]
        inside = (np.arange(24) >= start) & (np.arange(24) < start + width)
        disturbed = np.where(inside[:, None], x, random)
        assert np.asarray(model(disturbed))[0, place, 0] == pytest.approx(value, rel=1e-6)
        for end in (start, start + width - 1):
            other = x.copy()
            other[0, end] = random[0, end]
            assert np.asarray(model(other))[0, place, 0] != pytest.approx(value, rel=1e-7)


def test_dead_filter_has_no_windows(one_hot):
    model = network(activation="relu")
    kernel, bias = model.get_layer("convolution").get_weights()
    model.get_layer("convolution").set_weights([kernel, bias - 100])
    found = motifs.filter_windows(model, one_hot)
    assert [len(one) for one in found] == [0, 0, 0]
    assert found[0].sequences == []
    with pytest.raises(ValueError, match="no window to count"):
        motifs.position_weight_matrix(found[0], pseudocount=0)


# ---------------------------------------------------------------- silencing


def test_silencing_in_a_linear_network_is_a_sum(one_hot):
    model = network()
    head = model.layers[-1].get_weights()[0].reshape(36, 3, 2)
    outputs = np.asarray(model.get_layer("convolution")(one_hot))
    got = motifs.silence_filters(model, one_hot, [0, 2], batch_size=6)
    apart = (outputs.mean(axis=0) - outputs)[..., [0, 2]]
    expected = np.einsum("nlf,lft->nt", apart, head[:, [0, 2]])
    np.testing.assert_allclose(got.change, expected, atol=1e-5)
    np.testing.assert_allclose(got.predictions, np.asarray(model(one_hot)), atol=1e-6)
    np.testing.assert_allclose(got.change.mean(axis=0), 0, atol=1e-5)
    assert got.r2 is None
    assert got.r2_drop is None


def test_silencing_each_is_the_table(one_hot):
    model = network(activation="relu")
    y = np.random.default_rng(4).normal(size=(20, 2))
    table = motifs.filter_importance(model, one_hot, y=y)
    for row in table.itertuples():
        one = motifs.silence_filters(model, one_hot, int(row.filter), y=y)
        assert row.mean_change == pytest.approx(np.abs(one.change).mean())
        assert row.r2_drop == pytest.approx(one.r2_drop)


def test_connection_past_the_layer_stays(one_hot):
    inputs = keras.Input((40, 4))
    inner = keras.layers.Conv1D(4, 3, padding="same", name="convolution")(inputs)
    joined = keras.layers.Flatten()(keras.layers.Add()([inputs, inner]))
    model = keras.Model(inputs, keras.layers.Dense(1, name="prediction")(joined))
    got = motifs.silence_filters(model, one_hot, [0, 1, 2, 3])
    weights, bias = model.get_layer("prediction").get_weights()
    values = np.asarray(keras.Model(inputs, inner)(one_hot)).mean(axis=0)
    expected = (one_hot + values).reshape(20, -1) @ weights + bias
    np.testing.assert_allclose(got.silenced, expected[:, 0], atol=1e-5)


def test_everything_silenced_predicts_one_value_and_explains_nothing(one_hot):
    model = detector()
    y = np.asarray(model(one_hot))[:, 0]
    got = motifs.silence_filters(model, one_hot, 0, "pool", y=y)
    assert np.ptp(got.silenced) == 0
    assert got.r2 == pytest.approx(1)
    assert got.r2_drop == pytest.approx(1, abs=1e-5)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: motifs.filter_windows(network(), x, "conv"), "no layer 'conv'; it has convol"),
        (lambda x: motifs.filter_windows(network(), x, "flatten"), "without places"),
        (lambda x: motifs.filter_windows(network(), x, threshold=0), "threshold must lie above 0"),
        (lambda x: motifs.filter_windows(network(), x, filters=[3]), "from 0 to 2"),
        (lambda x: motifs.filter_windows(network(), x[:, :30]), "but x has .20, 30, 4"),
        (lambda x: motifs.silence_filters(network(), x, []), "at least one filter"),
        (lambda x: motifs.silence_filters(network(), x, 7), "from 0 to 2"),
        (lambda x: motifs.silence_filters(network(), x, 0, y=np.zeros(3)), "each of the 20"),
        (lambda x: motifs.silence_filters(network(), x, 0, y=np.arange(20.0)), "1 trait"),
        (lambda x: motifs.scan(x, np.eye(4)), "pseudocount"),
        (lambda x: motifs.scan(x, np.ones((2, 4))), "summing to 1"),
        (lambda x: motifs.scan(x[:, :3], motifs.motif_matrix(MOTIF)), "8 columns"),
        (lambda x: motifs.scan(x[0], motifs.motif_matrix("AC")), "shape \\(n, L, 4\\)"),
        (lambda _: motifs.motif_matrix("TGAX"), "with X"),
        (lambda _: motifs.match_motif(np.full((3, 4), 0.25), "ACG"), "nothing to match"),
        (lambda _: motifs.match_motif(np.eye(4)[:2], "ACG", minimum_overlap=3), "between 1 and 2"),
        (lambda _: motifs.position_weight_matrix(["AC"], pseudocount=-1), "pseudocount"),
        (lambda _: motifs.position_weight_matrix(["AC"], weights=[-1]), "weights"),
        (lambda _: motifs.position_weight_matrix(["AC"], background=[1, 0, 0, 0]), "background"),
        (lambda _: motifs.consensus(np.eye(4), minimum=2), "minimum"),
    ],
)  # fmt: skip
def test_impossible_requests_are_refused(one_hot, call, message):
    with pytest.raises(ValueError, match=message):
        call(one_hot)


def test_models_without_layers_are_refused(one_hot):
    with pytest.raises(TypeError, match="Keras network or a Fit"):
        motifs.filter_windows(lambda x: x.sum(axis=(1, 2)), one_hot)
    with pytest.raises(TypeError, match="put it in a list"):
        motifs.scan("ACGT", motifs.motif_matrix("AC"))
