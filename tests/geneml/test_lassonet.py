"""LassoNet against numerical optimisation, scikit-learn's lasso, and its own constraint."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.linear_model import Lasso

from geneml.models import dense, lassonet
from geneml.training import fit_lassonet
from geneml.training._hierarchy import SLOPES, gradient, hierarchical_proximal

SPLIT = SimpleNamespace(training=np.arange(80), validation=np.arange(80, 120))


@pytest.fixture(scope="module")
def columns():
    x = np.random.default_rng(1).normal(size=(120, 15))
    x = (x - x[:80].mean(axis=0)) / x[:80].std(axis=0)
    y = 3 + x[:, 0] - x[:, 1] + 0.5 * np.random.default_rng(2).normal(size=120)
    return x.astype("float32"), y


def _best(v, u, penalty, hierarchy):
    """The constrained problem solved over the length of b, w being u clipped."""

    def value(length):
        direction = v / np.linalg.norm(v)
        b, w = direction * length, np.clip(u, -hierarchy * length, hierarchy * length)
        return ((v - b) ** 2).sum() / 2 + ((u - w) ** 2).sum() / 2 + penalty * length

    high = np.linalg.norm(v) + hierarchy * np.abs(u).sum() + 1
    found = minimize_scalar(value, bounds=(0, high), method="bounded", options={"xatol": 1e-10})
    return min(found.fun, value(0.0)), value


@pytest.mark.parametrize("traits", [1, 3])
@pytest.mark.parametrize("hierarchy", [0.0, 0.3, 1.0, 10.0])
def test_operator_solves_the_constrained_problem(traits, hierarchy):
    random = np.random.default_rng(3)
    v, u = random.normal(size=(60, traits)), random.normal(size=(60, 5))
    for penalty in (0.0, 0.7, 5.0):
        b, w = hierarchical_proximal(v, u, penalty, hierarchy)
        lengths = np.linalg.norm(b, axis=1)
        assert (np.abs(w).max(axis=1) <= hierarchy * lengths + 1e-12).all()
        for j in range(60):
            reached = ((v[j] - b[j]) ** 2).sum() / 2 + ((u[j] - w[j]) ** 2).sum() / 2
            lowest, _ = _best(v[j], u[j], penalty, hierarchy)
            assert reached + penalty * lengths[j] == pytest.approx(lowest, abs=1e-7)


def test_operator_is_no_worse_than_any_point_that_is_allowed():
    random = np.random.default_rng(4)
    for _ in range(40):
        v, u = random.normal(size=(1, 2)), random.normal(size=(1, 4))
        penalty, hierarchy = random.uniform(0, 3), random.uniform(0.1, 4)
        b, w = hierarchical_proximal(v, u, penalty, hierarchy)
        own = ((v - b) ** 2).sum() / 2 + ((u - w) ** 2).sum() / 2 + penalty * np.linalg.norm(b)
        others = random.normal(size=(500, 2)) * random.choice([0.01, 0.1, 1], (500, 1)) + b
        bound = hierarchy * np.linalg.norm(others, axis=1, keepdims=True)
        nets = np.clip(w + 0.1 * random.normal(size=(500, 4)), -bound, bound)
        value = ((v - others) ** 2).sum(axis=1) / 2 + ((u - nets) ** 2).sum(axis=1) / 2
        assert own <= (value + penalty * np.linalg.norm(others, axis=1)).min() + 1e-9


def test_a_feature_without_a_skip_weight_may_come_in_through_the_network():
    b, w = hierarchical_proximal(np.zeros((1, 1)), np.array([[2.0, 0.0]]), 1.0, 1.0)
    assert abs(b[0, 0]) == pytest.approx(0.5)  # minimises b^2/2 + (2 - b)^2/2 + b
    np.testing.assert_allclose(w, [[0.5, 0.0]])


@pytest.mark.parametrize("activation", SLOPES)
def test_slopes_are_those_of_finite_differences(activation, columns):
    random = np.random.default_rng(5)
    shapes = [(15, 2), (15, 4), (4,), (4, 3), (3,), (3, 2), (2,)]
    weights = [random.normal(0, 0.5, shape) for shape in shapes]
    x, y = columns[0].astype("float64"), random.normal(size=(120, 2))
    _, slopes = gradient(x, y, weights, activation)
    for number, slope in enumerate(slopes):
        place = np.unravel_index(random.integers(slope.size), slope.shape)
        values = []
        for shift in (1e-5, -1e-5):
            moved = [w.copy() for w in weights]
            moved[number][place] += shift
            values.append(gradient(x, y, moved, activation)[0])
        assert slope[place] == pytest.approx((values[0] - values[1]) / 2e-5, abs=1e-6)


def test_written_out_network_is_the_keras_model(columns):
    x, y = columns
    model = lassonet(15, hidden=(6, 4), activation="elu", encoder=None, seed=1)
    path = fit_lassonet(model, x, y, SPLIT, penalties=[0.3], epochs=2)
    z = (y - y[:80].mean()) / y[:80].std()
    output = np.asarray(path.model(x))[:, 0]
    for name, rows in (("training_loss", SPLIT.training), ("validation_loss", SPLIT.validation)):
        loss = ((output - z)[rows] ** 2).mean()
        assert loss == pytest.approx(path.table[name][path.best], rel=1e-4)
    np.testing.assert_allclose(path.predict(x)[:, 0], output * y[:80].std() + y[:80].mean())


@pytest.mark.parametrize("penalty", [0.03, 0.2])
def test_without_hierarchy_it_is_the_lasso(columns, penalty):
    x, y = columns
    path = fit_lassonet(
        lassonet(15, hidden=(4,), encoder=None, seed=1),
        x,
        y,
        SPLIT,
        hierarchy=0,
        penalties=[penalty],
        epochs=0,
        steps=300,
        patience=None,
    )
    z = (y[:80] - y[:80].mean()) / y[:80].std()
    peer = Lasso(alpha=penalty, tol=1e-12, max_iter=100_000).fit(x[:80].astype("float64"), z)
    assert path.best == 1
    skip = path.model.get_layer("skip").get_weights()[0][:, 0]
    np.testing.assert_allclose(skip, peer.coef_, atol=1e-4)
    assert not path.model.get_layer("hidden_1").get_weights()[0].any()


def test_beyond_the_largest_penalty_only_the_mean_is_left(columns):
    x, y = columns
    model = lassonet(15, traits=2, hidden=(4, 3), encoder=None, seed=1)
    table = np.column_stack([y, -y])
    path = fit_lassonet(model, x, table, SPLIT, penalties=[1e4], epochs=0, steps=400, patience=None)
    assert path.table["features"].tolist() == [15, 0]
    assert not path.last_penalty.any()
    # From untrained weights, the mean is the better of the two.
    assert path.best == 1
    assert not path.selected.any()
    expected = np.tile(table[:80].mean(axis=0), (120, 1))
    np.testing.assert_allclose(path.predict(x), expected, atol=0.02)


@pytest.mark.parametrize("traits", [1, 2])
def test_hierarchy_holds_for_every_feature(columns, traits):
    x, y = columns
    table = np.column_stack([y, x[:, 2] * x[:, 3]])[:, :traits]
    model = lassonet(15, traits=traits, hidden=(8, 4), encoder=None, seed=2)
    path = fit_lassonet(model, x, table, SPLIT, hierarchy=2.0, penalties=[0.5], epochs=0)
    assert path.best == 1
    skip = path.model.get_layer("skip").get_weights()[0]
    first = path.model.get_layer("hidden_1").get_weights()[0]
    norms = np.linalg.norm(skip, axis=1)
    assert (np.abs(first).max(axis=1) <= 2 * norms + 1e-6).all()
    np.testing.assert_array_equal(path.selected, norms > 0)
    assert 0 < path.selected.sum() == path.table["features"][path.best]


def test_causal_features_of_a_curved_trait_stay_longest_and_survive_saving(tmp_path):
    random = np.random.default_rng(6)
    genotypes = random.integers(0, 3, (400, 20)).astype("int8")
    y = 5 + 2 * (genotypes[:, 4] == 1) + 1.5 * (genotypes[:, 4] > 0) * (genotypes[:, 9] - 1)
    y = y + 0.4 * random.normal(size=400)
    genotypes[random.random((400, 20)) < 0.01] = -1
    split = SimpleNamespace(training=np.arange(280), validation=np.arange(280, 400))
    model = lassonet(20, hidden=(16, 8), seed=1)
    path = fit_lassonet(model, genotypes, y, split, learning_rate=1e-2, epochs=60)
    others = np.delete(path.last_penalty, [4, 9])
    assert path.last_penalty[[4, 9]].min() > others.max()
    assert path.table["features"].iloc[-1] <= 2
    held = split.validation
    lasso = Lasso(alpha=0.02).fit(genotypes[:280], y[:280]).predict(genotypes[held])
    error = ((path.predict(genotypes)[held, 0] - y[held]) ** 2).mean()
    assert error < 0.6 * ((lasso - y[held]) ** 2).mean()
    path.model.save(tmp_path / "lassonet.keras")
    again = keras.saving.load_model(tmp_path / "lassonet.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(again(genotypes)), np.asarray(model(genotypes)))


def test_loadings_are_features_as_well_and_the_seed_decides():
    random = np.random.default_rng(7)
    x = [random.normal(size=(120, size)).astype("float32") for size in (6, 3)]
    y = x[1][:, 1] + 0.2 * random.normal(size=120)
    paths = [
        fit_lassonet(
            lassonet(6, loadings=3, hidden=(4,), encoder=None, seed=1), x, y, SPLIT, epochs=20
        )
        for _ in range(2)
    ]
    assert paths[0].last_penalty.argmax() == 7
    np.testing.assert_array_equal(paths[0].predict(x), paths[1].predict(x))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": dense(15)}, "must come from"),
        ({"hierarchy": -1.0}, "hierarchy must"),
        ({"penalties": [0.0]}, "penalties must"),
        ({"steps": 0}, "steps must"),
        ({"patience": 0}, "patience must"),
        ({"y": np.zeros((120, 2))}, "constant"),
        ({"x": np.zeros((120, 3))}, "takes individuals of shape"),
    ],
)
def test_impossible_requests_are_refused(columns, changes, message):
    x, y = columns
    arguments = {"model": lassonet(15, encoder=None), "x": x, "y": y, "split": SPLIT, **changes}
    with pytest.raises(ValueError, match=message):
        fit_lassonet(**arguments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden": ()}, "one layer at least"),
        ({"activation": "gelu"}, "activation must"),
        ({"encoder": "one_hot"}, "encoder must"),
        ({"loadings": -1}, "loadings must"),
        ({"traits": 0}, "whole numbers from 1"),
    ],
)
def test_impossible_networks_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        lassonet(5, **changes)
