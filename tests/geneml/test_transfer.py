"""Transfer: what is carried, frozen and pulled, against closed forms and for every network."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from geneml.intervals import paired_interval
from geneml.layers import genotype_encoders
from geneml.losses import ExpectileLoss
from geneml.models import attention, cnn, dense, enn, visible
from geneml.regularizers import SourcePenalty
from geneml.splits import random_split
from geneml.training import fit, transfer

pytestmark = pytest.mark.slow

P = 12
GENES = {"A": [0, 1, 2], "B": [3, 4, 5, 6], "C": [6, 7, 8, 9]}
PATHWAYS = {"up": ["A", "B"], "down": ["C"]}
NETWORKS = {
    "dense": lambda seed, l2=0.0: dense(P, hidden=(6, 4), encoder="dosage", l2=l2, seed=seed),
    "enn": lambda seed, l2=0.0: enn(P, hidden=(5,), encoder="dosage", l2=l2, seed=seed),
    "cnn": lambda seed, l2=0.0: cnn(
        P, filters=3, kernel_size=4, hidden=(5,), encoder="one_hot", dropout=0.1, l2=l2, seed=seed
    ),
    "attention": lambda seed, l2=0.0: attention(
        P, dimension=4, hidden=(5,), encoder="dosage", l2=l2, seed=seed
    ),
    "visible": lambda seed, l2=0.0: visible(
        P, GENES, PATHWAYS, encoder="dosage", l2=l2, dropout=0.2, seed=seed
    ),
    "functional": lambda seed, l2=0.0: functional(seed, l2),
}


def functional(seed, l2):
    """A network inside a network, with two paths."""
    penalty = keras.regularizers.L2(l2) if l2 else None
    draw = keras.initializers.GlorotUniform(seed=seed)
    inner_input = keras.Input((4,))
    part = keras.layers.Dense(3, kernel_initializer=draw, kernel_regularizer=penalty, name="inner")
    inner = keras.Model(inner_input, part(inner_input), name="block")
    entry = keras.Input((P,))
    first = keras.layers.Dense(4, "tanh", kernel_initializer=draw, name="first")(entry)
    joined = keras.layers.Concatenate(name="joined")([first, inner(first)])
    output = keras.layers.Dense(1, kernel_initializer=draw, name="prediction")(joined)
    return keras.Model(entry, output, name="functional")


def cohort(n=120, *, seed=0):
    random = np.random.default_rng(seed)
    x = random.binomial(2, random.uniform(0.2, 0.6, P), (n, P)).astype("int8")
    y = x[:, :3] @ np.array([1.0, -0.7, 0.5]) + random.normal(scale=0.5, size=n)
    return x, 20 + 3 * y


def inputs(name, x):
    return x.astype("float32") if name == "functional" else x


def trained(network, name="dense", *, seed=1, epochs=3, **settings):
    x, y = cohort(seed=seed)
    settings = {"learning_rate": 0.05, "patience": None, "restore_best": False, **settings}
    split = random_split(len(y), seed=seed)
    return fit(network, inputs(name, x), y, split, epochs=epochs, baseline=False, **settings)


@pytest.fixture(scope="module", params=NETWORKS)
def pair(request):
    """Name, a trained source with a penalty, an untrained target with a penalty."""
    source = trained(NETWORKS[request.param](1, 0.01), request.param).model
    return request.param, source, NETWORKS[request.param](2, 0.03)


def weights(model, *names):
    return {
        layer.name: layer.get_weights()
        for layer in model.layers
        if layer.weights and (not names or layer.name in names)
    }


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name in first:
        for a, b in zip(first[name], second[name], strict=True):
            np.testing.assert_array_equal(a, b)


def moved(first, second):
    return {
        name: max(
            (float(np.abs(a - b).max()) for a, b in zip(first[name], second[name], strict=True)),
            default=0.0,
        )
        for name in first
    }


def penalties(model):
    return float(sum(float(loss) for loss in model.losses))


# --- What is carried -----------------------------------------------------------------


def test_all_but_the_output_layer_is_carried_and_both_networks_are_left_alone(pair):
    _, source, target = pair
    before = weights(source), weights(target)
    losses = penalties(source), penalties(target)
    network = transfer(source, target, freeze=True)
    carried = [name for name in weights(target) if name != "prediction"]
    assert_same(weights(network, *carried), weights(source, *carried))
    assert_same(weights(network, "prediction"), weights(target, "prediction"))
    assert_same(weights(source), before[0])
    assert_same(weights(target), before[1])
    assert (penalties(source), penalties(target)) == losses
    assert all(layer.trainable for layer in (*source.layers, *target.layers))
    assert network.name == target.name


def test_training_the_copy_does_not_move_source_or_target(pair):
    name, source, target = pair
    before = weights(source), weights(target)
    trained(transfer(source, target, pull=0.1), name, seed=2)
    assert_same(weights(source), before[0])
    assert_same(weights(target), before[1])


def test_with_the_output_layer_the_copy_predicts_as_the_source(pair):
    name, source, target = pair
    network = transfer(source, target, layers=list(weights(target)))
    x = inputs(name, cohort(seed=7)[0])
    expected = source.predict(x, verbose=0)
    np.testing.assert_array_equal(network.predict(x, verbose=0), expected)


def test_named_layers_only_are_carried():
    source, target = NETWORKS["dense"](1), NETWORKS["dense"](2)
    network = transfer(source, target, layers=["hidden_2"])
    assert_same(weights(network, "hidden_2"), weights(source, "hidden_2"))
    assert_same(weights(network, "hidden_1"), weights(target, "hidden_1"))


def test_without_a_pull_a_copy_learns_as_a_network_begun_with_these_weights():
    source = trained(NETWORKS["dense"](1)).model
    copied = transfer(source, NETWORKS["dense"](2, 0.03))
    begun = NETWORKS["dense"](2, 0.03)
    for name in ("encoder", "hidden_1", "hidden_2"):
        begun.get_layer(name).set_weights(source.get_layer(name).get_weights())
    runs = [trained(network, seed=3) for network in (copied, begun)]
    assert_same(weights(runs[0].model), weights(runs[1].model))


# --- Frozen --------------------------------------------------------------------------


def test_frozen_layers_do_not_move_and_others_do(pair):
    name, source, target = pair
    network = transfer(source, target, freeze=True)
    before = weights(network)
    after = moved(before, weights(trained(network, name, seed=2).model))
    assert after.pop("prediction") > 0.01
    assert set(after.values()) == {0.0}


def test_layers_can_be_frozen_by_name():
    network = transfer(NETWORKS["dense"](1), NETWORKS["dense"](2), freeze=["hidden_1"])
    change = moved(weights(network), weights(trained(network, seed=2).model))
    assert change["hidden_1"] == 0 < min(change["hidden_2"], change["prediction"])


def test_the_adapted_encoder_stays_that_of_the_source():
    source = trained(NETWORKS["dense"](1)).model
    network = trained(transfer(source, NETWORKS["dense"](2)), seed=2).model
    assert_same(weights(network, "encoder"), weights(source, "encoder"))
    assert moved(weights(source, "hidden_1"), weights(network, "hidden_1"))["hidden_1"] > 0


@pytest.mark.parametrize("layers", [None, ["hidden_1", "hidden_2"]])
def test_an_encoder_that_knows_nothing_or_is_not_named_is_adapted_to_the_target(layers):
    source = NETWORKS["dense"](1) if layers is None else trained(NETWORKS["dense"](1)).model
    network = transfer(source, NETWORKS["dense"](2), layers=layers)
    x, y = cohort(seed=2)
    rows = random_split(len(y), seed=2).training
    trained(network, seed=2)
    (encoder,) = genotype_encoders(network)
    np.testing.assert_allclose(encoder.mean, x[rows].mean(axis=0), rtol=1e-6)


# --- Pulled --------------------------------------------------------------------------


def test_the_penalty_is_the_squared_distance_and_new_layers_keep_theirs():
    source = trained(NETWORKS["dense"](1)).model
    network = transfer(source, NETWORKS["dense"](2, 0.03), pull=0.4)
    new = 0.03 * float((network.get_layer("prediction").get_weights()[0] ** 2).sum())
    assert penalties(network) == pytest.approx(new, rel=1e-5)
    shift = np.random.default_rng(0).normal(size=6).astype("float32")
    layer = network.get_layer("hidden_1")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel + shift, bias - shift])
    expected = 0.4 * P * float((shift**2).sum()) + new  # the bias is free
    assert penalties(network) == pytest.approx(expected, rel=1e-4)


def test_without_a_pull_the_plain_penalties_stay():
    source, target = trained(NETWORKS["dense"](1)).model, NETWORKS["dense"](2, 0.03)
    network = transfer(source, target)
    kernels = [w for one in weights(network).values() for w in one if w.ndim == 2]
    assert len(kernels) == 3
    expected = 0.03 * float(sum((kernel**2).sum() for kernel in kernels))
    assert penalties(network) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("pull", [0.05, 0.5, 50.0])
def test_a_pulled_line_is_ridge_regression_towards_the_source(pull):
    x, y = cohort(150)
    x, split = x.astype("float32"), random_split(150, seed=0)
    source = dense(P, hidden=(), seed=1)
    network = transfer(source, dense(P, hidden=(), seed=2), layers=["prediction"], pull=pull)
    # Squared error has the curvature 2 (X'X / n + pull): steps below its inverse are stable.
    rate = 0.5 / (30 + pull)
    settings = {"optimizer": keras.optimizers.SGD(rate, momentum=0.9), "epochs": 4_000}
    run = fit(
        network, x, y, split, batch_size=150, patience=None, restore_best=False, baseline=False,
        **settings,
    )  # fmt: skip
    rows = split.training
    table = np.column_stack([x[rows], np.ones(len(rows))])
    scaled = (y[rows] - y[rows].mean()) / y[rows].std()
    kernel, bias = (one.astype("float64") for one in source.get_layer("prediction").get_weights())
    start = np.append(kernel[:, 0], bias)
    # Minimum of the mean squared error + pull |b - start|^2, the intercept free: slope zero.
    free = np.diag(np.append(np.ones(P), 0))
    left = table.T @ table / len(rows) + pull * free
    expected = np.linalg.solve(left, table.T @ scaled / len(rows) + pull * free @ start)
    kernel, bias = run.model.get_layer("prediction").get_weights()
    np.testing.assert_allclose(np.append(kernel[:, 0], bias), expected, atol=2e-3)
    if pull == 50.0:
        assert np.abs(expected - start)[:P].max() < 0.1 < np.abs(start)[:P].max()


def test_the_stronger_the_pull_the_nearer_the_source(pair):
    name, source, target = pair
    distance = []
    for pull in (0.0, 0.3, 1e3):
        network = transfer(source, target, pull=pull)
        carried = [one for one in weights(network) if one != "prediction"]
        optimizer = keras.optimizers.SGD(0.2 / (1 + pull))
        before = weights(network, *carried)
        run = trained(network, name, seed=2, epochs=60, optimizer=optimizer, batch_size=120)
        assert run.stopped == "epochs"
        after = weights(run.model, *carried)
        for one in (before, after):
            one.update({key: [w for w in one[key] if w.ndim > 1] for key in one})  # no biases
        distance.append(max(moved(before, after).values()))
    assert distance[0] > distance[1] > 10 * distance[2]
    assert distance[2] < 0.005


# --- Worth something where biology is shared ------------------------------------------


def test_a_shared_hidden_layer_helps_a_small_cohort_and_that_of_a_shuffled_trait_does_not():
    def people(n, random):
        x = random.binomial(2, 0.5, (n, P)).astype("int8")
        hidden = np.tanh((x - 1.0) @ shared)  # two pathways, the same for both traits
        return x, hidden @ random.choice([-1, 1], 2) + random.normal(scale=0.3, size=n)

    def learn(network, x, y, split):
        settings = {"epochs": 150, "patience": 15, "learning_rate": 0.02, "batch_size": 32}
        return fit(network, x, y, split, loss=ExpectileLoss(0.5), baseline=False, **settings)

    losses = {"without": [], "transfer": [], "shuffled": []}
    for replicate in range(6):
        random = np.random.default_rng(replicate)
        shared = random.normal(size=(P, 2))
        x, y = people(1_500, random)
        split = random_split(len(y), seed=replicate)
        sources = {}
        for name, trait in (("transfer", y), ("shuffled", random.permutation(y))):
            start = enn(P, hidden=(8,), activation="tanh", encoder="dosage", seed=replicate)
            sources[name] = learn(start, x, trait, split).model
        x, y = people(1_060, random)
        rows = np.split(np.arange(1_060), [30, 60])
        split = SimpleNamespace(**dict(zip(("training", "validation", "test"), rows, strict=True)))
        for name in losses:
            target = enn(P, hidden=(8,), activation="tanh", encoder="dosage", seed=99)
            network = transfer(sources[name], target, freeze=True) if name in sources else target
            losses[name].append(learn(network, x, y, split).scores["test"]["expectile_loss"])
    assert paired_interval(losses["without"], losses["transfer"]).low > 0
    assert paired_interval(losses["shuffled"], losses["transfer"]).low > 0


# --- Saved ---------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"pull": 0.4}, {"freeze": True}])
def test_a_saved_network_is_frozen_and_pulled_as_before(pair, how, tmp_path):
    name, source, target = pair
    network = transfer(source, target, **how)
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    assert_same(weights(again), weights(network))
    assert [a.trainable for a in again.layers] == [a.trainable for a in network.layers]
    assert len(again.trainable_weights) == len(network.trainable_weights)
    for model in (network, again):  # away from the source, so that a pull is seen
        model.set_weights([weight + 0.1 for weight in model.get_weights()])
    assert penalties(again) == pytest.approx(penalties(network), rel=1e-6)
    if "pull" in how:
        carried = [one for one in network.layers if one.name != "prediction"]
        pulled = [w for one in carried for w in one.trainable_weights if w.name != "bias"]
        count = sum(int(np.prod(w.shape)) for w in pulled)
        assert penalties(network) > 0.4 * 0.1**2 * count * 0.99
    runs = [trained(model, name, seed=2, epochs=2) for model in (network, again)]
    if name in ("dense", "visible"):
        np.testing.assert_allclose(runs[0].predictions, runs[1].predictions, rtol=1e-4)


def test_the_penalty_is_kept_to_the_last_bit():
    source = np.random.default_rng(1).normal(size=(3, 2)).astype("float32")
    penalty = SourcePenalty(0.7, source)
    again = keras.regularizers.deserialize(keras.regularizers.serialize(penalty))
    np.testing.assert_array_equal(again.source, source)
    other = source[::-1].copy()
    expected = 0.7 * float(((other - source) ** 2).sum())
    assert float(again(other)) == pytest.approx(expected, rel=1e-6)
    zeros = SourcePenalty(0.7, np.zeros((3, 2)))
    assert float(zeros(source)) == pytest.approx(float(keras.regularizers.L2(0.7)(source)))


# --- Refused -------------------------------------------------------------------------


def _wired(**changes):
    return visible(P, {**GENES, **changes}, encoder="dosage")


@pytest.mark.parametrize(
    ("target", "settings", "fragments"),
    [
        (dense(P, hidden=(7, 4), encoder="dosage"), {}, ["'hidden_1'", "(12, 6)", "(12, 7)"]),
        (dense(P, hidden=(6,), encoder="dosage"), {}, ["source ['encoder', 'hidden_1', 'hidden_2']",
                                                       "target ['encoder', 'hidden_1']"]),
        (dense(P, hidden=(6, 4)), {}, ["target ['hidden_1', 'hidden_2']"]),
        (dense(P, hidden=(6, 4), activation="relu", encoder="dosage"), {},
         ["'hidden_1'", "activation", "'gelu'", "'relu'"]),
        (NETWORKS["dense"](2), {"layers": ["hidden_3"]}, ["of the source", "'hidden_3'"]),
        (dense(P, hidden=(6,), encoder="dosage"), {"layers": ["hidden_2"]}, ["of the target"]),
        (NETWORKS["dense"](2), {"layers": []}, ["layers", "none"]),
        (NETWORKS["dense"](2), {"freeze": ["drop_1"]}, ["freeze", "'drop_1'"]),
        (NETWORKS["dense"](2), {"freeze": ["hidden_1", "hidden_2", "prediction"]},
         ["left to train"]),
        (NETWORKS["dense"](2), {"pull": -1.0}, ["pull", "-1.0"]),
        (NETWORKS["dense"](2), {"pull": float("inf")}, ["pull", "inf"]),
        (NETWORKS["dense"](2), {"pull": 1.0, "freeze": True}, ["pull", "frozen"]),
        (keras.Sequential([keras.layers.Dense(1)]), {}, ["target", "built"]),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_refused(target, settings, fragments):
    source = NETWORKS["dense"](1)
    before = weights(source), weights(target)
    with pytest.raises(ValueError, match="expected .* received") as caught:
        transfer(source, target, **settings)
    for fragment in fragments:
        assert fragment in str(caught.value)
    assert_same(weights(source), before[0])
    assert_same(weights(target), before[1])


def test_other_edges_with_the_same_shapes_are_refused():
    with pytest.raises(ValueError, match="'genes'.*sources"):
        transfer(_wired(), _wired(A=[0, 1, 11]))


def test_a_network_without_hidden_layers_has_nothing_to_carry_by_default():
    networks = [dense(P, hidden=(), encoder="dosage", seed=seed) for seed in (1, 2)]
    with pytest.raises(ValueError, match="name the output layer"):
        transfer(*networks)
    network = transfer(*networks, layers=["encoder", "prediction"])
    assert_same(weights(network, "prediction"), weights(networks[0], "prediction"))


@keras.saving.register_keras_serializable(package="geneml_tests")
class Scale(keras.layers.Layer):
    """A layer whose weight has no place for a penalty."""

    def build(self, shape):
        self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="ones")

    def call(self, values):
        return values * self.factor


def test_a_layer_without_a_place_for_a_penalty_is_copied_and_frozen_but_not_pulled():
    def network():
        return keras.Sequential([keras.Input((3,)), Scale(name="scale"), keras.layers.Dense(1)])

    transfer(network(), network(), layers=["scale"], freeze=True)
    with pytest.raises(ValueError, match=r"factor_regularizer.*'scale' \(Scale\)"):
        transfer(network(), network(), layers=["scale"], pull=1.0)


def test_a_model_of_ones_own_class_is_refused_as_target():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.one = keras.layers.Dense(2, name="one")
            self.two = keras.layers.Dense(1, name="two")

        def call(self, values):
            return self.two(self.one(values))

    networks = [Own(), Own()]
    for network in networks:
        network(np.zeros((1, 3), "float32"))
    with pytest.raises(ValueError, match="target: expected a sequential or functional model"):
        transfer(*networks)


def test_wrong_kinds_are_refused():
    run, network = trained(NETWORKS["dense"](1), epochs=1), NETWORKS["dense"](2)
    with pytest.raises(TypeError, match=r"source: .* received Fit; give its \.model"):
        transfer(run, network)
    with pytest.raises(TypeError, match="target"):
        transfer(network, "dense")
    with pytest.raises(TypeError, match="layers.*'hidden_1'"):
        transfer(run.model, network, layers="hidden_1")
    with pytest.raises(TypeError, match="freeze"):
        transfer(run.model, network, freeze=1)
