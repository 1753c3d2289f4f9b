"""shap.DeepExplainer: mended layers add up, others are refused first, nothing stays behind."""

import threading

import keras
import numpy as np
import pytest
from keras import layers as kl

from geneml.interpret._credit import deep_shap as _deep_shap
from geneml.interpret._credit.deep_shap import mended_and_restored
from geneml.interpret.shapley import deep_shap, exact_shapley
from geneml.layers import GenotypeEncoder
from geneml.models import dense, visible

LENGTH = 6


@pytest.fixture(scope="module")
def sequences():
    return np.eye(4, dtype="float32")[np.random.default_rng(1).integers(0, 4, (9, LENGTH))]


def chain(*layers):
    head = [kl.Flatten(), kl.Dense(1)]
    return keras.Sequential([keras.Input((LENGTH, 4)), *layers, *head])


def graph(join):
    """Two branches of one convolution each, joined."""
    entry = keras.Input((LENGTH, 4))
    one = kl.Conv1D(4, 3, padding="same", activation="relu", name="one")(entry)
    two = kl.Conv1D(4, 3, padding="same", activation="tanh", name="two")(entry)
    return keras.Model(entry, kl.Dense(1)(kl.Flatten()(join(one, two))))


def conv(**settings):
    return kl.Conv1D(4, 3, padding="same", **settings)


def gated(one, two):
    """Squeeze and excitation: channels weighted by a small network of their means."""
    weights = kl.Dense(4, activation="sigmoid")(kl.GlobalAveragePooling1D()(two))
    return kl.Multiply()([one, kl.Reshape((1, 4))(weights)])


def two_heads():
    entry = keras.Input((LENGTH, 4))
    hidden = kl.Dense(3, activation="relu")(kl.Flatten()(entry))
    return keras.Model(entry, [kl.Dense(1)(hidden), kl.Dense(2)(hidden)])


class Written(keras.Model):
    """A subclassed network."""

    def __init__(self):
        super().__init__()
        self.first, self.flat, self.last = conv(activation="gelu"), kl.Flatten(), kl.Dense(1)

    def call(self, x):
        return self.last(self.flat(self.first(x)))


# Each position on its own: the credits of an additive network are known exactly.
ACTIVATIONS = [
    *["relu", "elu", "selu", "softplus", "tanh", "sigmoid", "mish", "gelu", "silu", "leaky_relu"],
    *["relu6", "softsign", "hard_sigmoid", "hard_silu", "hard_tanh", "exponential", "softmax"],
    *["log_sigmoid", "squareplus", "tanh_shrink"],
]
POSITIONWISE = {
    **{name: lambda name=name: kl.Activation(name) for name in ACTIVATIONS},
    "tanh gelu": lambda: kl.Activation(lambda z: keras.activations.gelu(z, approximate=True)),
    "LeakyReLU": lambda: kl.LeakyReLU(0.2),
    "PReLU": lambda: kl.PReLU(alpha_initializer=keras.initializers.RandomUniform(0.1, 0.5)),
    "capped ReLU": lambda: kl.ReLU(max_value=0.4, negative_slope=0.1),
    "LayerNormalization": lambda: kl.LayerNormalization(),
    "RMSNormalization": lambda: kl.RMSNormalization(),
    "UnitNormalization": lambda: kl.UnitNormalization(),
    "own formula": lambda: kl.Lambda(lambda z: z * keras.ops.square(z)),
}

MIXING = {
    "batch normalisation": lambda: chain(conv(), kl.BatchNormalization(), kl.ReLU()),
    "group normalisation": lambda: chain(conv(), kl.GroupNormalization(2), kl.ReLU()),
    "max pooling": lambda: chain(conv(activation="relu"), kl.MaxPooling1D(2)),
    "overlapping max pooling": lambda: chain(conv(), kl.MaxPooling1D(3, strides=2)),
    "average pooling": lambda: chain(conv(activation="relu"), kl.AveragePooling1D(2)),
    "global average": lambda: chain(conv(activation="relu"), kl.GlobalAveragePooling1D()),
    "global maximum": lambda: chain(conv(activation="relu"), kl.GlobalMaxPooling1D()),
    "einsum": lambda: chain(kl.EinsumDense("blc,cd->bld", (LENGTH, 3), activation="relu")),
    "stride": lambda: chain(kl.Conv1D(4, 3, strides=2, activation="relu")),
    "dilation": lambda: chain(conv(dilation_rate=2, activation="gelu")),
    "depthwise": lambda: chain(kl.DepthwiseConv1D(3, depth_multiplier=2, activation="relu")),
    "separable": lambda: chain(kl.SeparableConv1D(4, 3, activation="relu")),
    "transposed": lambda: chain(kl.Conv1DTranspose(4, 3, activation="relu")),
    "dropout and noise": lambda: chain(conv(activation="relu"), kl.Dropout(0.5)),
    "residual": lambda: graph(lambda a, b: kl.Add()([a, b])),
    "concatenation": lambda: graph(lambda a, b: kl.Concatenate()([a, b])),
    "product": lambda: graph(lambda a, b: kl.Multiply()([a, b])),
    "larger of two": lambda: graph(lambda a, b: kl.Maximum()([a, b])),
    "squeeze and excitation": lambda: graph(gated),
    "nested": lambda: chain(keras.Sequential([conv(activation="relu"), kl.Dense(3)])),
    "two heads": two_heads,
    "subclassed": Written,
}

REFUSED = {
    "LSTM": lambda: chain(kl.LSTM(3, name="guilty")),
    "GRU": lambda: chain(kl.GRU(3, name="guilty")),
    "Bidirectional": lambda: chain(kl.Bidirectional(kl.LSTM(2), name="guilty")),
    "MultiHeadAttention": lambda: graph(
        lambda a, b: kl.MultiHeadAttention(2, 3, name="guilty")(a, b)
    ),
    "Attention": lambda: graph(lambda a, b: kl.Attention(name="guilty")([a, b])),
    "Dot": lambda: graph(lambda a, b: kl.Dot((2, 2), name="guilty")([a, b])),
    "Embedding": lambda: chain(kl.Embedding(3, 2, name="guilty")),
    "Activation": lambda: chain(kl.Activation("hard_shrink", name="guilty")),
    "Lambda": lambda: chain(kl.Lambda(lambda z: keras.ops.cumsum(z, axis=1), name="guilty")),
}


def build(make):
    keras.utils.set_random_seed(3)
    return make()


def relative_gap(found):
    size = np.abs(found.predictions - found.base_values).max()
    return np.abs(found.additivity_gap).max() / size


@pytest.mark.parametrize("name", POSITIONWISE)
def test_an_additive_network_gets_its_exact_values(name, sequences):
    network = build(lambda: chain(kl.Conv1D(4, 1), POSITIONWISE[name]()))
    x, background = sequences[:3], sequences[3:]
    found = deep_shap(network, x, background)
    exact = exact_shapley(network, x, background).values
    scale = np.abs(exact).max()
    np.testing.assert_allclose(found.per_position() / scale, exact / scale, atol=1e-4)


@pytest.mark.parametrize("name", MIXING)
def test_the_credits_add_up(name, sequences):
    network = build(MIXING[name])
    if not network.built:
        network(sequences[:1])
    found = deep_shap(network, sequences[:3], sequences[3:])
    assert found.kind == "credit"
    assert relative_gap(found) < 1e-4
    assert found.values.std() > 0


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_rule_is_refused_by_name_before_it_runs(name, sequences, monkeypatch):
    network = build(REFUSED[name])

    def never(*_):
        raise AssertionError("the explainer was started")

    monkeypatch.setattr(_deep_shap, "as_network", never)
    with pytest.raises(ValueError, match=rf"layer 'guilty' \({name}\).*expected_gradients"):
        deep_shap(network, sequences[:1], sequences[3:])


def test_pairs_are_split_as_shapley_does(sequences):
    # A product of two branches that read one position each.
    entry = keras.Input((LENGTH, 4))
    halves = [kl.Dense(1)(kl.Flatten()(kl.Cropping1D(crop)(entry))) for crop in ((0, 5), (5, 0))]
    network = build(lambda: keras.Model(entry, kl.Multiply()(halves)))
    x, background = sequences[:3], sequences[3:]
    found = deep_shap(network, x, background)
    exact = exact_shapley(network, x, background).values
    np.testing.assert_allclose(found.per_position(), exact, atol=1e-5)


def test_outputs_can_be_chosen(sequences):
    network = build(two_heads)
    whole = deep_shap(network, sequences[:2], sequences[3:])
    assert whole.axes == ("sample", "position", "allele", "output")
    assert whole.shape == (2, LENGTH, 4, 3)
    one = deep_shap(network, sequences[:2], sequences[3:], output=2)
    np.testing.assert_allclose(one.values, whole.output(2).values, atol=1e-6)


@pytest.mark.parametrize("encoder", ["dosage", "one_hot"])
def test_stored_genotypes_are_explained_behind_their_encoder(encoder):
    random = np.random.default_rng(0)
    genotypes = random.integers(-1, 3, (30, 5)).astype("int8")
    network = dense(5, hidden=(), encoder=encoder, seed=1)
    for layer in network.layers:
        if isinstance(layer, GenotypeEncoder):
            layer.adapt(genotypes)
    found = deep_shap(network, genotypes[:4], genotypes[10:])
    exact = exact_shapley(network, genotypes[:4], genotypes[10:])
    np.testing.assert_allclose(found.per_position(), exact.values, atol=1e-5)


def test_a_network_wired_by_genes_and_pathways():
    random = np.random.default_rng(0)
    genotypes = random.integers(0, 3, (30, 6)).astype("int8")
    genes = {"a": [0, 1], "b": [2, 3], "c": [4, 5]}
    network = visible(6, genes, {"one": ["a", "b"], "two": ["c"]})
    network.layers[0].adapt(genotypes)
    found = deep_shap(network, genotypes[:3], genotypes[5:])
    assert relative_gap(found) < 1e-4
    exact = exact_shapley(network, genotypes[:3], genotypes[5:])
    assert np.corrcoef(found.per_position().ravel(), exact.values.ravel())[0, 1] > 0.95


# --- nothing stays behind ---------------------------------------------------------------


@pytest.fixture
def tensorflow_state():
    """What the library rewrites, as text that can be compared."""
    with mended_and_restored() as inside:
        deep_tf = inside

    def look():
        registry = deep_tf.tf_ops._gradient_registry._registry
        return (
            {name: repr(entry) for name, entry in registry.items() if "Custom" not in name},
            dict(deep_tf.op_handlers),
            deep_tf.tf_execute.record_gradient,
            deep_tf.tf.nn.silu,
        )

    return look


def one_layer(network):
    """As the library wants it: it calls with a list, and Keras warns of that."""
    return _deep_shap.as_network(lambda x: network(x), 1, (LENGTH, 4))


def trains(sequences):
    """Whether a network can be trained, which a process left rewritten cannot."""
    network = chain(conv(activation="gelu"))
    network.compile("adam", "mse")
    history = network.fit(sequences, np.arange(len(sequences)), epochs=1, verbose=0)
    return np.isfinite(history.history["loss"]).all()


def test_after_a_success_all_is_as_before(sequences, tensorflow_state):
    before = tensorflow_state()
    deep_shap(build(lambda: chain(conv(activation="silu"))), sequences[:2], sequences[3:])
    assert tensorflow_state() == before
    assert trains(sequences)


def test_after_a_failure_in_the_middle_all_is_as_before(sequences, tensorflow_state):
    before = tensorflow_state()
    import shap

    network = one_layer(build(lambda: chain(kl.LSTM(3))))
    # Past our own check, as the library would run by itself.
    with pytest.raises(Exception, match="shap_"), mended_and_restored() as deep_tf:
        shap.DeepExplainer(network, sequences[3:]).shap_values(sequences[:1])
    assert deep_tf.tf_execute.record_gradient is deep_tf.tf_backprop.record_gradient
    assert tensorflow_state() == before
    assert trains(sequences)


def test_without_the_restoring_a_failure_breaks_training(sequences):
    # The fault that is guarded against: if a new version of shap mends it, this says so.
    import shap

    network = one_layer(build(lambda: chain(kl.LSTM(3))))
    with mended_and_restored():  # puts back what the next lines break
        with pytest.raises(Exception, match="shap_"):
            shap.DeepExplainer(network, sequences[3:]).shap_values(sequences[:1])
        with pytest.raises(LookupError, match="shap_"):
            trains(sequences)
    assert trains(sequences)


def test_nested_use_keeps_the_rules_of_the_outer(sequences, tensorflow_state):
    before = tensorflow_state()
    with mended_and_restored() as deep_tf:
        with mended_and_restored():
            pass
        assert "Softsign" in deep_tf.op_handlers
        found = deep_shap(
            build(lambda: chain(conv(activation="softsign"))), sequences[:1], sequences
        )
        assert relative_gap(found) < 1e-4
    assert tensorflow_state() == before


def test_two_threads_wait_for_each_other(sequences, tensorflow_state):
    before = tensorflow_state()
    networks = [build(lambda a=a: chain(conv(activation=a))) for a in ("gelu", "softsign")]
    alone = [deep_shap(one, sequences[:2], sequences[3:]).values for one in networks]
    together = [None, None]

    def explain(place):
        together[place] = deep_shap(networks[place], sequences[:2], sequences[3:]).values

    threads = [threading.Thread(target=explain, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert tensorflow_state() == before


def test_the_network_is_left_alone(sequences):
    network = build(MIXING["residual"])
    nodes = [len(layer._inbound_nodes) for layer in network.layers]
    weights = [w.copy() for w in network.get_weights()]
    names = [layer.name for layer in network.layers]
    deep_shap(network, sequences[:1], sequences[3:])
    assert [len(layer._inbound_nodes) for layer in network.layers] == nodes
    assert [layer.name for layer in network.layers] == names
    for one, other in zip(weights, network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


# --- what cannot be ---------------------------------------------------------------------


def test_other_backends_are_refused(sequences, monkeypatch):
    network = build(lambda: chain(conv()))
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(NotImplementedError, match="TensorFlow; it runs on jax"):
        deep_shap(network, sequences[:1], sequences[3:])


def test_functions_and_several_inputs_are_refused(sequences):
    with pytest.raises(TypeError, match="needs derivatives"):
        deep_shap(lambda x: x.sum(axis=(1, 2)), sequences[:1], sequences[3:])
    entries = [keras.Input((LENGTH, 4)), keras.Input((1,))]
    joined = kl.Concatenate()([kl.Flatten()(entries[0]), entries[1]])
    network = keras.Model(entries, kl.Dense(1)(joined))
    with pytest.raises(TypeError, match="networks with one input; x holds 2"):
        deep_shap(network, [sequences[:2], np.zeros((2, 1), "float32")], sequences[3:])
