"""The quick way through a network against one mutant at a time, in double precision."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from geneml import models
from geneml.interpret._mutants import incremental as _incremental
from geneml.interpret._mutants.incremental import engine as engine_module
from geneml.interpret.mutagenesis import (
    explain_method,
    in_silico_mutagenesis,
    pairwise_mutagenesis,
)
from geneml.layers import GenotypeEncoder

L = 20


def one_hot(n, length=L, alleles=4, seed=0):
    codes = np.random.default_rng(seed).integers(0, alleles, (n, length))
    return np.eye(alleles, dtype="float32")[codes]


def shaken(model, seed=0):
    """Weights that the seed alone decides: biases not zero, moving statistics that matter."""
    random = np.random.default_rng(seed)
    for variable in model.variables:
        if not str(variable.dtype).startswith("float"):
            continue
        value = np.asarray(variable)
        if "variance" in variable.path:
            variable.assign(np.exp(random.normal(0, 0.5, value.shape)))
        elif value.ndim > 1:  # a kernel: keeps the scale of what goes through it
            variable.assign(random.normal(0, np.prod(value.shape[:-1]) ** -0.5, value.shape))
        else:
            variable.assign(value + random.normal(0, 0.2, value.shape))
    return model


@pytest.fixture
def in_double():
    """Build a network again in double precision, with the same weights."""

    def convert(build, model):
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy("float64")
        try:
            double = build()
        finally:
            keras.config.set_dtype_policy(before)
        double.set_weights([np.asarray(value, "float64") for value in model.get_weights()])
        return double

    return convert


def loop(model, x, explained=0):
    """What a learner would write: each mutant by itself."""
    parts = list(x) if isinstance(x, list) else [x]
    array = parts[explained]
    ask = lambda row: np.concatenate(  # noqa: E731
        [np.asarray(out).ravel() for out in keras.tree.flatten(model.predict_on_batch(row))]
    )
    give = lambda rows: rows if isinstance(x, list) else rows[0]  # noqa: E731
    n, length, alleles = array.shape
    results = []
    for i in range(n):
        row = [part[i : i + 1] for part in parts]
        reference = ask(give(row))
        for position in range(length):
            for allele in range(alleles):
                mutant = row[explained].copy()
                if mutant[0, position, allele]:
                    results.append(np.zeros_like(reference))
                    continue
                mutant[0, position] = np.eye(alleles)[allele]
                changed = [*row[:explained], mutant, *row[explained + 1 :]]
                results.append(ask(give(changed)) - reference)
    return np.array(results).reshape(n, length, alleles, -1)


def chain(*others):
    return keras.Sequential([keras.Input((L, 4)), *others])


def dilated():
    return chain(
        layers.Conv1D(5, 3, dilation_rate=2, activation="relu"),
        layers.Conv1D(4, 3, dilation_rate=3, padding="causal", activation="gelu"),
        layers.Flatten(),
        layers.Dense(4, activation="silu"),
        layers.Dense(1),
    )


def strided():
    return chain(
        layers.Conv1D(5, 5, strides=2, padding="same", activation="elu"),
        layers.Conv1D(4, 3, strides=3, activation="relu"),
        layers.Flatten(),
        layers.Dense(1),
    )


def pooled():
    return chain(
        layers.Conv1D(5, 3, activation="relu"),
        layers.MaxPooling1D(3, 2, padding="same"),
        layers.AveragePooling1D(4, 3, padding="same"),
        layers.Flatten(),
        layers.Dense(2),
    )


def batch_normalised():
    return chain(
        layers.Conv1D(5, 5, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling1D(3),
        layers.Conv1D(5, 3, padding="same"),
        layers.BatchNormalization(),
        layers.Activation("gelu"),
        layers.MaxPooling1D(2, padding="same"),
        layers.Flatten(),
        layers.BatchNormalization(),
        layers.Dense(6),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.3),
        layers.Dense(1),
    )


def residual():
    inputs = keras.Input((L, 4))
    stem = layers.Conv1D(6, 5, padding="same", activation="relu")(inputs)
    branch = layers.Conv1D(6, 3, padding="same")(stem)
    branch = layers.ReLU()(layers.BatchNormalization()(branch))
    branch = layers.Conv1D(6, 3, padding="same", dilation_rate=2)(branch)
    joined = layers.MaxPooling1D(2)(layers.Add()([stem, branch]))
    hidden = layers.Dense(5, activation="gelu")(layers.Flatten()(joined))
    return keras.Model(inputs, layers.Dense(1)(hidden))


def branched_two_outputs():
    inputs = keras.Input((L, 4))
    branches = [
        layers.Conv1D(4, 3, padding="same", activation="relu")(inputs),
        layers.Conv1D(3, 6, padding="same", activation="tanh")(inputs),
        layers.MaxPooling1D(3, 1, padding="same")(inputs),
    ]
    joined = layers.AveragePooling1D(4)(layers.Concatenate()(branches))
    gate = layers.Conv1D(11, 1, activation="sigmoid")(joined)
    gated = layers.Multiply()([joined, gate])
    peak = layers.Maximum()([gated, layers.Conv1D(11, 2, padding="same")(gated)])
    mean = layers.Dense(2)(layers.GlobalAveragePooling1D()(peak))
    return keras.Model(inputs, [mean, layers.Dense(1)(layers.Flatten()(gated))])


def with_operators():
    inputs = keras.Input((L, 4))
    hidden = layers.Conv1D(5, 4, padding="same")(inputs)
    hidden = keras.ops.relu(hidden) + 0.5 * hidden
    hidden = hidden - layers.Conv1D(5, 1)(hidden)
    return keras.Model(inputs, layers.Dense(1)(layers.GlobalMaxPooling1D()(hidden)))


def nested():
    inner = chain(layers.Conv1D(5, 4, activation="softplus"), layers.MaxPooling1D(3))
    inputs = keras.Input((L, 4))
    hidden = layers.Flatten()(inner(inputs))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(3, activation="mish")(hidden)))


def normalised_by_layer():
    return chain(
        layers.Conv1D(5, 3),
        layers.LayerNormalization(),
        layers.LeakyReLU(negative_slope=0.1),
        layers.Conv1D(4, 3),
        layers.PReLU(),
        layers.GlobalAveragePooling1D(keepdims=True),
        layers.Flatten(),
        layers.LayerNormalization(),
        layers.Dense(1),
    )


def rearranged():
    return chain(
        layers.SeparableConv1D(6, 3, depth_multiplier=2, activation="selu"),
        layers.DepthwiseConv1D(3, strides=2, padding="same"),
        layers.ZeroPadding1D(2),
        layers.Cropping1D((3, 1)),
        layers.UpSampling1D(2),
        layers.Conv1D(4, 4, groups=2, strides=2),
        layers.Reshape((-1,)),
        layers.Rescaling(0.5, 1.0),
        layers.Dense(3, activation="softmax"),
    )


def by_position():
    return chain(
        layers.Dense(5, activation="tanh"),
        layers.Conv1D(4, 3, padding="same", activation="softsign"),
        layers.Softmax(),
        layers.Conv1D(1, 3),
    )


def read_twice():
    inputs = keras.Input((L, 4))
    shared = layers.Conv1D(4, 3, padding="same", activation="relu")
    hidden = layers.Concatenate()([shared(inputs), inputs])
    return keras.Model(inputs, layers.Dense(1)(layers.Flatten()(hidden)))


ARCHITECTURES = {
    "thesis network": lambda: models.thesis_network(L),
    "dense": lambda: models.dense((L, 4), outputs=2),
    "sequence motifs": lambda: models.cnn((L, 4), pool_size="global", filters=6),
    **{
        build.__name__: build
        for build in (
            dilated,
            strided,
            pooled,
            batch_normalised,
            residual,
            branched_two_outputs,
            with_operators,
            nested,
            normalised_by_layer,
            rearranged,
            by_position,
            read_twice,
        )
    },
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_quick_way_gives_what_one_mutant_at_a_time_gives(name, in_double):
    build, x = ARCHITECTURES[name], one_hot(2)
    model = shaken(build())
    double = in_double(build, model)
    expected = loop(double, x)
    largest = np.abs(expected).max()
    assert largest > 1e-3
    # The constants of some of Keras's activations have single precision in double networks.
    for network, precision in ((model, 1e-5), (double, 1e-7)):
        found = in_silico_mutagenesis(network, x, method="incremental")
        values = found.values.reshape(expected.shape)
        assert np.abs(values - expected).max() < precision * largest
        assert (values[x.astype(bool)] == 0).all()
    batched = in_silico_mutagenesis(double, x, method="batched").values.reshape(expected.shape)
    assert np.abs(batched - expected).max() < 1e-10 * largest


def test_other_inputs_are_held_fixed(in_double):
    def build():
        sequence, covariates = keras.Input((L, 4)), keras.Input((6, 3))
        hidden = layers.Flatten()(layers.Conv1D(4, 3, activation="softplus")(sequence))
        other = layers.GRU(3)(covariates)
        joined = layers.Concatenate()([layers.Dense(3)(hidden), other])
        return keras.Model([sequence, covariates], layers.Dense(1)(joined))

    model = shaken(build())
    x = [one_hot(2), one_hot(2, 6, 3, seed=1)]
    expected = loop(in_double(build, model), x)[..., 0]
    found = in_silico_mutagenesis(model, x, method="incremental")
    assert np.abs(found.values - expected).max() < 1e-5 * np.abs(expected).max()
    # The recurrent input can be explained as well, but by nothing quicker than batches.
    expected = loop(in_double(build, model), x, explained=1)[..., 0]
    found = in_silico_mutagenesis(model, x, explained=1)
    assert np.abs(found.values - expected).max() < 1e-5 * np.abs(expected).max()
    assert "GRU" in explain_method(model, explained=1)


@pytest.mark.parametrize("encoder", ["dosage", "one_hot"])
@pytest.mark.parametrize("build", [models.dense, models.cnn])
def test_stored_genotypes_with_missing_calls(build, encoder):
    genotypes = np.random.default_rng(3).integers(-1, 3, (4, 15)).astype("int8")
    assert (genotypes == -1).any()
    model = shaken(build(15, encoder=encoder, outputs=2))
    for layer in model.layers:
        if isinstance(layer, GenotypeEncoder):
            layer.adapt(genotypes)
    found = in_silico_mutagenesis(model, genotypes, method="incremental")
    assert found.shape == (4, 15, 3, 2)
    before = np.asarray(model(genotypes))
    for place in range(15):
        for state in range(3):
            changed = genotypes.copy()
            changed[:, place] = state
            difference = np.asarray(model(changed)) - before
            np.testing.assert_allclose(found.values[:, place, state], difference, atol=2e-6)
    floats = np.where(genotypes < 0, np.nan, genotypes).astype("float32")
    numbers = in_silico_mutagenesis(model, genotypes, method="batched")
    if encoder == "dosage":  # a network for floats: the encoder alone, then the same layers
        inputs = keras.Input((15,))
        hidden = inputs
        for layer in model.layers:
            hidden = layer(hidden)
        found = in_silico_mutagenesis(keras.Model(inputs, hidden), floats, method="incremental")
    np.testing.assert_allclose(found.values, numbers.values, atol=2e-6)


def test_a_network_wired_by_genes():
    genes = {"a": [0, 1, 4], "b": [1, 2, 3], "c": [5, 9]}
    model = shaken(models.visible(10, genes, {"p": ["a", "b"], "q": ["b", "c"]}, encoder=None))
    x = np.random.default_rng(0).integers(0, 3, (3, 10)).astype("float32")
    quick = in_silico_mutagenesis(model, x, method="incremental").values
    np.testing.assert_allclose(
        quick, in_silico_mutagenesis(model, x, method="batched").values, atol=1e-6
    )
    assert (quick[:, 6:9] == 0).all()  # markers of no gene


def test_unknown_bases_have_four_alternatives():
    model = shaken(batch_normalised())
    x = one_hot(2)
    x[0, 3] = 0
    quick = in_silico_mutagenesis(model, x, method="incremental").values
    plain = in_silico_mutagenesis(model, x, method="batched").values
    np.testing.assert_allclose(quick, plain, atol=1e-5 * np.abs(plain).max())
    assert (quick[0, 3] != 0).all()


def test_double_mutants_through_mutated_samples(in_double):
    model = shaken(residual())
    double = in_double(residual, model)
    x = one_hot(1)
    found = pairwise_mutagenesis(double, x, [12, 3, 4], method="incremental").values
    before = np.asarray(double(x))[0, 0]
    for first, second in ((0, 1), (0, 2), (1, 2), (2, 0)):
        for allele in range(4):
            for other in range(4):
                mutant = x.copy()
                mutant[0, [12, 3, 4][first]] = np.eye(4)[allele]
                mutant[0, [12, 3, 4][second]] = np.eye(4)[other]
                expected = np.asarray(double(mutant))[0, 0] - before
                assert found[0, first, allele, second, other] == pytest.approx(expected, abs=1e-7)


@st.composite
def chains(draw):
    """A random network: a few convolutions and poolings, then an end."""
    length, settings_of_layers, width = 16, [], 16
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["convolution", "max", "mean"]))
        padding = draw(st.sampled_from(["valid", "same"]))
        size = draw(st.integers(1, 4))
        stride = draw(st.integers(1, 3))
        dilation = draw(st.integers(1, 3)) if kind == "convolution" and stride == 1 else 1
        reach = (size - 1) * dilation + 1
        if reach > width:
            continue
        width = (width - reach) // stride + 1 if padding == "valid" else -(-width // stride)
        activation = draw(st.sampled_from([None, "relu", "gelu", "tanh"]))
        settings_of_layers.append((kind, size, stride, dilation, padding, activation))
    return length, settings_of_layers, draw(st.sampled_from(["flatten", "max", "mean"]))


@settings(max_examples=25, deadline=None)
@given(chains(), st.integers(0, 1_000))
def test_any_small_network(drawn, seed):
    length, chosen, end = drawn
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        parts = []
        for kind, size, stride, dilation, padding, activation in chosen:
            if kind == "convolution":
                settled = {"strides": stride, "dilation_rate": dilation, "padding": padding}
                parts.append(layers.Conv1D(3, size, activation=activation, **settled))
            else:
                pool = layers.MaxPooling1D if kind == "max" else layers.AveragePooling1D
                parts.append(pool(size, stride, padding=padding))
        ends = {
            "flatten": layers.Flatten,
            "max": layers.GlobalMaxPooling1D,
            "mean": layers.GlobalAveragePooling1D,
        }
        model = keras.Sequential(
            [keras.Input((length, 4)), *parts, ends[end](), layers.Dense(2, activation="elu")]
        )
    finally:
        keras.config.set_dtype_policy(before)
    shaken(model, seed)
    x = one_hot(2, length, seed=seed)
    quick = in_silico_mutagenesis(model, x, method="incremental").values
    plain = in_silico_mutagenesis(model, x, method="batched").values
    np.testing.assert_allclose(quick, plain, atol=1e-7)


def test_never_more_variants_at_once_than_asked_for(monkeypatch):
    seen = []
    original = _incremental.Plan.change

    def spy(self, windows, prepared):
        seen.append(int(np.prod(windows.delta.shape[:3])))
        return original(self, windows, prepared)

    monkeypatch.setattr(_incremental.Plan, "change", spy)
    monkeypatch.setattr(engine_module, "count_workers", lambda: 2)
    model, x = shaken(pooled()), one_hot(7)
    whole = in_silico_mutagenesis(model, x, method="incremental").values
    seen.clear()
    parts = in_silico_mutagenesis(model, x, method="incremental", batch_size=30).values
    assert max(seen) <= 15  # two workers
    assert sum(seen) == 7 * L * 3
    np.testing.assert_allclose(parts, whole, atol=1e-6 * np.abs(whole).max())


def test_workers_side_by_side_give_the_same_in_the_same_order(monkeypatch):
    model, x = shaken(residual()), one_hot(5)
    monkeypatch.setattr(engine_module, "_HEAVY", 0)
    results = []
    for workers in (1, 3):
        monkeypatch.setattr(engine_module, "count_workers", lambda workers=workers: workers)
        results.append(in_silico_mutagenesis(model, x, batch_size=60).values)
    np.testing.assert_allclose(*results, atol=1e-6)


class Doubled(layers.Layer):
    """A layer of one's own."""

    def call(self, inputs):
        """Twice the input."""
        return 2.0 * inputs


class OwnModel(keras.Model):
    """A model of its own class."""

    def __init__(self):
        super().__init__()
        self.inner = models.cnn((L, 4), filters=3)

    def call(self, inputs):
        """The inner model, doubled."""
        return 2.0 * self.inner(inputs)


FALLBACKS = {
    "recurrent": (
        lambda: chain(layers.Conv1D(3, 3), layers.LSTM(3), layers.Dense(1)),
        "LSTM",
    ),
    "own layer": (lambda: chain(layers.Conv1D(3, 3), Doubled(), layers.Flatten()), "Doubled"),
    "own activation": (
        lambda: chain(layers.Conv1D(3, 3, activation=lambda z: z - z[:, ::-1]), layers.Flatten()),
        "activation",
    ),
    "own model": (OwnModel, "own class"),
    "attention": (lambda: models.attention((L, 4)), "batched"),
    "own layer at the end": (
        lambda: chain(layers.Conv1D(3, 3), layers.Flatten(), layers.Dense(3), Doubled()),
        "incremental",
    ),
}


@pytest.mark.parametrize("name", FALLBACKS)
def test_what_is_not_understood_gives_the_same_numbers(name):
    build, reason = FALLBACKS[name]
    model, x = build(), one_hot(2)
    model(x)
    shaken(model)
    assert reason in explain_method(model, x)
    found = in_silico_mutagenesis(model, x)
    expected = loop(model, x)
    largest = np.abs(expected).max()
    np.testing.assert_allclose(
        found.values.reshape(expected.shape), expected, atol=5e-6 * max(largest, 1)
    )
    if reason != "incremental":
        with pytest.raises(ValueError, match="method='incremental' cannot be used"):
            in_silico_mutagenesis(model, x, method="incremental")


class Meddling(layers.Conv1D):
    """Named like a layer that is understood, but with another result."""

    def call(self, inputs):
        """Convolve the sequence backwards."""
        return super().call(inputs[:, ::-1])


def test_a_relative_of_a_known_layer_is_not_taken_for_it():
    model, x = shaken(chain(Meddling(4, 3), layers.Flatten(), layers.Dense(1))), one_hot(1)
    assert "Meddling" in explain_method(model)
    expected = loop(model, x)[..., 0]
    np.testing.assert_allclose(in_silico_mutagenesis(model, x).values, expected, atol=1e-5)


def test_a_network_that_does_not_do_what_its_layers_say_is_computed_in_batches(monkeypatch):
    model, x = shaken(dilated()), one_hot(2)
    expected = loop(model, x)[..., 0]
    original = _incremental.Plan.prepare

    def wrong(self, inputs):
        outputs, prepared = original(self, inputs)
        return outputs + 1.0, prepared

    monkeypatch.setattr(_incremental.Plan, "prepare", wrong)
    np.testing.assert_allclose(in_silico_mutagenesis(model, x).values, expected, atol=1e-5)
    with pytest.raises(ValueError, match="not what its layers say"):
        in_silico_mutagenesis(model, x, method="incremental")


def test_weights_are_read_anew_at_each_call():
    model, x = shaken(pooled()), one_hot(1)
    before = in_silico_mutagenesis(model, x, method="incremental").values
    shaken(model, seed=9)
    after = in_silico_mutagenesis(model, x, method="incremental").values
    assert np.abs(after - before).max() > 0.01
    expected = in_silico_mutagenesis(model, x, method="batched").values
    np.testing.assert_allclose(after, expected, atol=1e-5)
