"""The map of all substitutions: exact against Keras one mutant at a time, and the true effects."""

import keras
import numpy as np
import pytest
from keras import layers
from numpy.testing import assert_allclose

from geneml import live

LENGTH = 24


def chain(*parts, length=LENGTH):
    keras.utils.set_random_seed(11)
    return keras.Sequential([keras.Input((length, 4)), *parts])


def one_hot(sequences):
    return np.array([[[b == a for a in "ACGT"] for b in s] for s in sequences], dtype="float32")


def loop(model, sequence):
    """Changes of the prediction, one mutant after the other (L, 4)."""
    mutants = [
        sequence[:place] + letter + sequence[place + 1 :]
        for place in range(len(sequence))
        for letter in "ACGT"
    ]
    predictions = model.predict(one_hot([sequence, *mutants]), verbose=0)[:, 0]
    return (predictions[1:] - predictions[0]).reshape(len(sequence), 4)


def normalisation():
    return layers.BatchNormalization(
        gamma_initializer=keras.initializers.RandomUniform(0.5, 2, seed=1),
        beta_initializer=keras.initializers.RandomUniform(-1, 1, seed=2),
        moving_mean_initializer=keras.initializers.RandomUniform(-1, 1, seed=3),
        moving_variance_initializer=keras.initializers.RandomUniform(0.5, 2, seed=4),
    )


ARCHITECTURES = {
    "linear": lambda: chain(layers.Flatten(), layers.Dense(1)),
    "dense": lambda: chain(
        layers.Flatten(), layers.Dense(20, "gelu"), layers.Dense(9, "gelu"), layers.Dense(1)
    ),
    "convolution without pooling": lambda: chain(
        layers.Conv1D(8, 5, activation="relu"), layers.Flatten(), layers.Dense(6), layers.Dense(1)
    ),
    "thesis": lambda: chain(
        layers.Conv1D(32, 3),
        layers.MaxPooling1D(4),
        layers.Flatten(),
        layers.Dense(32, "relu"),
        layers.Dense(8, "relu"),
        layers.Dense(32, "relu"),
        layers.Dense(1),
    ),
    "two convolutions, pools that overlap": lambda: chain(
        layers.Conv1D(6, 4, padding="same", activation="elu"),
        layers.AveragePooling1D(3, strides=2, padding="same"),
        layers.Conv1D(5, 3, padding="causal", activation="silu"),
        layers.MaxPooling1D(2, strides=1),
        layers.Flatten(),
        layers.Dense(4, "tanh"),
        layers.Dense(1),
    ),
    "strides that skip bases": lambda: chain(
        layers.Conv1D(6, 2, strides=5), layers.Flatten(), layers.Dense(1)
    ),
    "dilated": lambda: chain(
        layers.Conv1D(5, 3, dilation_rate=3, padding="same", activation="softplus"),
        layers.Conv1D(4, 3, dilation_rate=4, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1),
    ),
    "global average": lambda: chain(
        layers.Conv1D(7, 6, activation="sigmoid"), layers.GlobalAveragePooling1D(), layers.Dense(1)
    ),
    "normalised after flattening": lambda: chain(
        layers.Rescaling(1.3, offset=-0.2),
        layers.Conv1D(5, 3),
        normalisation(),
        layers.ReLU(),
        layers.Flatten(),
        normalisation(),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(7, "relu"),
        normalisation(),
        layers.Dense(1),
    ),
    "softmax in every row": lambda: chain(
        layers.Conv1D(4, 3), layers.Softmax(), layers.Dense(3), layers.Flatten(), layers.Dense(1)
    ),
    "softmax in one row": lambda: chain(
        layers.Flatten(), layers.Softmax(), layers.Dense(6), layers.Softmax(), layers.Dense(1)
    ),
    "position by position": lambda: chain(
        layers.Dense(6, "relu"), layers.Dense(3), layers.Flatten(), layers.Dense(1, "exponential")
    ),
}


def in_the_page(javascript, figure, letters):
    return javascript(
        "mutagenesis", "m.sequenceModel(v.data).mutate(v.letters)",
        data=figure.data, letters=list(letters),
    )  # fmt: skip


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_map_equals_one_mutant_at_a_time_in_keras(javascript, name):
    model = ARCHITECTURES[name]()
    rng = np.random.default_rng(3)
    start, other = ("".join(rng.choice(list("ACGT"), LENGTH)) for _ in range(2))
    found = in_the_page(javascript, live.mutagenesis(model, start), other)
    expected = loop(model, other)
    assert np.abs(expected).max() > 1e-3, "a constant model would agree with anything"
    scale = max(np.abs(expected).max(), 0.1)
    assert_allclose(
        found["prediction"], model.predict(one_hot([other]), verbose=0)[0, 0], rtol=1e-5, atol=1e-6
    )
    assert_allclose(np.reshape(found["changes"], (LENGTH, 4)), expected, atol=1e-5 * scale)
    there = [LENGTH * 0 + 4 * i + "ACGT".index(letter) for i, letter in enumerate(other)]
    assert np.array(found["changes"])[there].tolist() == [0.0] * LENGTH


def epistatic(sequences):
    return [
        10.0 + 2 * (s[3] != "T") - 1.5 * (s[9] == "G") + 3.0 * (s[3] == "A") * (s[20] == "C")
        for s in sequences
    ]


def test_true_changes_are_those_of_the_function_at_the_sequence_as_it_stands(javascript):
    figure = live.mutagenesis(
        ARCHITECTURES["linear"](), "ACGT" * 6, phenotype=epistatic, causal=[3, 9, 20]
    )
    for letters in ("ACGT" * 6, "ACGA" * 6, "CCCC" * 6):
        found = javascript(
            "mutagenesis", 'm.trueChanges(v.truth, v.letters, "ACGT")',
            truth=figure.data["truth"], letters=list(letters),
        )  # fmt: skip
        mutants = [letters[:p] + b + letters[p + 1 :] for p in range(LENGTH) for b in "ACGT"]
        expected = np.array(epistatic(mutants)) - epistatic([letters])[0]
        assert_allclose(found, expected, atol=1e-9)


def test_a_fit_predicts_in_the_unit_of_its_phenotype(javascript):
    class Scaler:
        mean, standard_deviation = np.array([170.0]), np.array([6.5])

    class Fit:
        model, scaler = ARCHITECTURES["dense"](), Scaler()

    sequence = "GATC" * 6
    for make in (live.mutagenesis, live.mutate):
        figure = make(Fit(), sequence)
        assert (figure.data["mean"], figure.data["scale"]) == (170.0, 6.5)
    found = in_the_page(javascript, live.mutagenesis(Fit(), sequence), sequence)
    expected = 6.5 * loop(Fit.model, sequence)
    assert_allclose(np.reshape(found["changes"], (LENGTH, 4)), expected, atol=6.5e-6)
    with pytest.raises(ValueError, match="the fit knows its own"):
        live.mutagenesis(Fit(), sequence, output_mean=1.0)
    Scaler.mean = Scaler.standard_deviation = np.ones(2)
    with pytest.raises(ValueError, match="one trait, got 2"):
        live.mutagenesis(Fit(), sequence)


def test_too_many_weights_are_refused_with_their_size_and_a_way_out():
    model = chain(layers.Flatten(), layers.Dense(3000), layers.Dense(1))
    with pytest.raises(ValueError, match=r"294,001 weights are 1.18 MB .* size_limit=1.2"):
        live.mutagenesis(model, "ACGT" * 6)
    figure = live.mutagenesis(model, "ACGT" * 6, size_limit=1.2)
    assert len(figure._repr_html_()) < 1.3e6 * 4 / 3 + 1e5
    larger = chain(layers.Flatten(), layers.Dense(11_000), layers.Dense(1))
    with pytest.raises(ValueError, match="no figure takes more than 4 MB"):
        live.mutagenesis(larger, "ACGT" * 6)
    with pytest.raises(ValueError, match="size_limit: expected a number from 0.001 to 4"):
        live.mutagenesis(model, "ACGT" * 6, size_limit=5)


def test_causal_positions_may_be_marked_without_a_truth_but_not_the_reverse():
    model = ARCHITECTURES["linear"]()
    assert live.mutagenesis(model, "ACGT" * 6, causal=[5, 2]).data["causal"] == [2, 5]
    with pytest.raises(ValueError, match="both or neither"):
        live.mutagenesis(model, "ACGT" * 6, phenotype=epistatic)
    with pytest.raises(ValueError, match="positions from 0 to 23"):
        live.mutagenesis(model, "ACGT" * 6, causal=[24])
    with pytest.raises(TypeError, match="Keras model"):
        live.mutagenesis("model.keras", "ACGT" * 6)


def test_the_scan_of_a_keras_kernel_is_the_output_of_its_layer(javascript):
    model = chain(layers.Conv1D(3, 7, use_bias=False))
    sequences = ["ACGGT" * 4 + "ACGT", "TTGCA" * 4 + "GATC"]
    figure = live.motif_scan(sequences, model.layers[0].kernel, names=["a", "b", "c"])
    expected = model.predict(one_hot(sequences), verbose=0)
    found = javascript(
        "motif_scan", "v.f.map((k) => v.s.map((s) => m.scanOne(m.baseCodes(s), k)))",
        f=figure.data["filters"], s=sequences,
    )  # fmt: skip
    assert_allclose(np.moveaxis(found, 0, 2), expected, atol=1e-5)
