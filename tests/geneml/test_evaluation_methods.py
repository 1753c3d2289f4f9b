"""Methods that are ready to be compared, against what they are made of."""

import warnings

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from geneml.baselines import fit_bayes, fit_elastic_net, fit_gblup
from geneml.evaluation import Inputs, compare, repeated_k_fold
from geneml.evaluation.kernels import columns, loadings_kernel, standardised_loadings, varying
from geneml.evaluation.methods import (
    Bayes,
    ElasticNet,
    Gblup,
    Grvsnn,
    LassoNet,
    Mean,
    Rkhs,
    StoppedOnTest,
)
from geneml.splits import Split


@pytest.fixture(scope="module")
def data():
    """Families whose loadings matter, and markers that matter too."""
    random = np.random.default_rng(3)
    n, p = 120, 60
    genotypes = random.binomial(2, random.uniform(0.1, 0.9, p), (n, p)).astype("int8")
    genotypes[random.random((n, p)) < 0.02] = -1
    family = np.repeat(np.arange(12), 10)
    loadings = (family[:, None] == np.arange(12)) * 1.0
    y = np.column_stack(
        [
            genotypes[:, :20] @ random.normal(size=20) / 4
            + random.normal(size=12)[family]
            + random.normal(size=n),
            5 + 3 * genotypes[:, :30] @ random.normal(size=30) / 4 + random.normal(size=n),
        ]
    )
    return Inputs(genotypes, loadings=loadings, relationship=loadings @ loadings.T + np.eye(n)), y


@pytest.fixture(scope="module")
def split(data):
    return repeated_k_fold(data[0].n, 4, repeats=1, seed=1)[0]


def _hidden(y, split):
    hidden = y.copy()
    hidden[split.test] = np.nan
    return hidden


def _rest(split):
    return np.sort(np.concatenate([split.training, split.validation]))


def _vanraden(genotypes, rows):
    """VanRaden's first method, written out."""
    table = genotypes.astype(float)
    table[table < 0] = np.nan
    p = np.nanmean(table[rows], axis=0) / 2
    z = np.nan_to_num(table - 2 * p)
    return z @ z.T / (2 * p * (1 - p)).sum()


def test_gblup_is_the_mixed_model_on_training_and_validation_rows(data, split):
    inputs, y = data
    rows = _rest(split)
    kernel = _vanraden(inputs.genotypes, rows)
    found = Gblup()(inputs, _hidden(y, split), split, 0)
    expected = fit_gblup(kernel, y, training=rows)
    np.testing.assert_allclose(found.values, expected.predictions, atol=1e-6)
    np.testing.assert_allclose(found.settings["heritability"], expected.heritability, atol=1e-6)
    assert (found.markers, found.loadings) == (60, 0)


def test_gblup_takes_loadings_and_pedigrees_as_further_kernels(data, split):
    inputs, y = data
    rows = _rest(split)
    part = inputs.loadings[rows]
    scaled = (inputs.loadings - part.mean(axis=0)) / part.std(axis=0)
    kernels = [_vanraden(inputs.genotypes, rows), scaled @ scaled.T, inputs.relationship]
    for chosen, flags in (
        ([0, 1], {"loadings": True}),
        ([2], {"relationship": True, "markers": False}),
        ([1], {"loadings": True, "markers": False}),
    ):
        found = Gblup(**flags)(inputs, _hidden(y, split), split, 0)
        expected = fit_gblup([kernels[number] for number in chosen], y, training=rows)
        np.testing.assert_allclose(found.values, expected.predictions, atol=1e-4)
        shares = [v for k, v in found.settings.items() if k.endswith("_share")]
        np.testing.assert_allclose(shares, expected.shares, atol=1e-4)
    assert found.markers == 0
    assert found.loadings == 12
    with pytest.raises(ValueError, match="expected markers, loadings or relationship"):
        Gblup(markers=False)
    with pytest.raises(ValueError, match="expected loadings for Gblup, received none"):
        Gblup(loadings=True)(Inputs(inputs.genotypes), y, split, 0)


def test_rkhs_takes_the_likeliest_bandwidth_of_each_trait(data, split):
    inputs, y = data
    rows = _rest(split)
    table = inputs.genotypes.astype(float)
    table[table < 0] = np.nan
    table = np.where(np.isnan(table), np.nanmean(table[rows], axis=0), table)
    distance = squareform(pdist(table, "sqeuclidean"))
    median = np.median(pdist(table[rows], "sqeuclidean"))
    bandwidths = (0.1, 1.0, 5.0)
    fits = [fit_gblup(np.exp(-h * distance / median), y, training=rows) for h in bandwidths]
    found = Rkhs(bandwidths)(inputs, _hidden(y, split), split, 0)
    best = np.argmax([one.log_likelihood for one in fits], axis=0)
    for trait, number in enumerate(best):
        assert found.settings["bandwidth"][trait] == bandwidths[number]
        np.testing.assert_allclose(
            found.values[:, trait], fits[number].predictions[:, trait], atol=1e-5
        )


def test_loadings_are_scaled_by_training_rows_alone():
    random = np.random.default_rng(0)
    loadings = random.normal(size=(30, 3))
    loadings[:, 2] = 0
    loadings[25:, 2] = 1  # a family that training does not have
    rows = np.arange(20)
    found = standardised_loadings(loadings, rows)
    np.testing.assert_allclose(found[rows].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found[rows, :2].std(axis=0), 1)
    assert (found[:, 2] == 0).all()
    kernel = loadings_kernel(loadings[:, :2], rows)
    assert np.trace(kernel[:20, :20]) == pytest.approx(20)


def test_families_that_training_does_not_have_get_predictions_of_a_sane_size():
    # Families of equal size have equal eigenvalues: each loading is a mixture of families, and one
    # that is mostly about a family outside the training rows is small, yet not zero, within them.
    random = np.random.default_rng(8)
    family = np.repeat(np.arange(30), 6)
    mixed = np.linalg.qr(random.normal(size=(30, 30)))[0]
    nearly = np.linalg.qr(np.eye(30) + 0.02 * random.normal(size=(30, 30)))[0]
    y = (random.normal(size=30)[family] + random.normal(size=180))[:, None]
    rows = np.flatnonzero(family >= 6)
    split = Split(rows[:-10], rows[-10:], np.flatnonzero(family < 6))
    genotypes = random.binomial(2, 0.5, (180, 40)).astype("int8")
    for mixture in (mixed, nearly):
        inputs = Inputs(genotypes, loadings=mixture[family])
        found = Gblup(loadings=True)(inputs, _hidden(y, split), split, 0)
        assert np.ptp(found.values[split.test]) < 2 * np.ptp(y)
    assert np.abs(standardised_loadings(nearly[family], rows)).max() < 1 / 0.3 * 6


def test_markers_that_vary_are_counted():
    genotypes = np.array([[0, 1, -1, 2], [0, 1, 1, 2], [0, 2, -1, 1], [1, 0, 0, 0]], dtype="int8")
    assert varying(Inputs(genotypes), np.array([0, 1, 2])) == 2


def test_no_method_changes_with_the_genotypes_of_a_stranger(data, split):
    # Frequencies and scales that saw the test rows would carry one of them to the others.
    inputs, y = data
    other = inputs.genotypes.copy()
    strangers, rest = split.test[:5], split.test[5:]
    other[strangers] = 2
    changed = Inputs(other, loadings=inputs.loadings)
    for method in (Gblup(), Gblup(loadings=True, scaling="vanraden2"), Rkhs((0.5, 2.0)), Mean()):
        a, b = (method(given, _hidden(y, split), split, 0).values for given in (inputs, changed))
        np.testing.assert_allclose(a[rest], b[rest], atol=1e-8)


def test_grvsnn_without_training_is_two_kernel_blup(data, split):
    inputs, y = data
    rows, y = _rest(split), y[:, :1]
    method = Grvsnn(loadings=True, selection=None, layer_norm=False, epochs=0)
    found = method(inputs, _hidden(y, split), split, 0)
    fitted = Gblup(loadings=True, scaling="vanraden2")(inputs, _hidden(y, split), split, 0)
    heritability = float(fitted.settings["heritability"][0])
    share = float(fitted.settings["loadings_share"][0]) / heritability
    assert found.settings["best_epoch"] == 0
    assert found.settings["heritability"] == pytest.approx(heritability, abs=1e-6)
    assert found.settings["loadings_share"] == pytest.approx(share, abs=1e-6)

    markers = inputs.genotypes.astype(float)
    markers[markers < 0] = np.nan
    markers = np.where(np.isnan(markers), np.nanmean(markers[rows], axis=0), markers)
    markers = (markers - markers[rows].mean(axis=0)) / markers[rows].std(axis=0)
    loadings = standardised_loadings(inputs.loadings, rows)
    kernel = (1 - share) * markers @ markers.T / 60 + share * loadings @ loadings.T / 12
    noise = (1 - heritability) / heritability * np.eye(len(rows))
    mean = y[rows].mean()
    blup = mean + kernel[:, rows] @ np.linalg.solve(
        kernel[np.ix_(rows, rows)] + noise, y[rows, 0] - mean
    )
    assert np.std(blup) > 0.3
    # Of markers with missing calls, the network takes the deviation of the observed ones.
    np.testing.assert_allclose(found.values[:, 0], blup, atol=0.03 * np.std(blup))
    assert (found.markers, found.loadings) == (60, 12)


def test_grvsnn_earns_dominance_that_blup_cannot_express():
    random = np.random.default_rng(0)
    genotypes = random.binomial(2, 0.5, (240, 5)).astype("int8")
    y = (genotypes[:, :1] == 1) + 0.5 * genotypes[:, 1:2] + random.normal(0, 0.3, (240, 1))
    (split, *_) = repeated_k_fold(240, 4, repeats=1, seed=0)
    inputs, hidden = Inputs(genotypes), _hidden(y, split)
    method = Grvsnn(epochs=60, patience=60, learning_rate=1e-2, batch_size=64, dropout=0.0)
    trained = method(inputs, hidden, split, 0)
    blup = Gblup()(inputs, hidden, split, 0)
    errors = [((one.values - y)[split.test] ** 2).mean() for one in (trained, blup)]
    assert trained.settings["best_epoch"] > 0
    assert errors[0] < 0.8 * errors[1]
    assert 0 < trained.markers < 5


def test_grvsnn_in_the_dense_layout_selects_units_and_no_markers(data, split):
    inputs, y = data
    method = Grvsnn("dense", start="random", loadings=True, units=8, epochs=1)
    found = method(inputs, _hidden(y, split), split, 0)
    assert np.isfinite(found.values).all()
    assert found.markers is None
    assert 0 < found.settings["selected_units"] < 8


def test_grvsnn_refits_on_the_validation_rows(data, split):
    inputs, y = data
    hidden = _hidden(y, split)
    parted, whole = (
        Grvsnn(epochs=0, refit=refit)(inputs, hidden, split, 0).values for refit in (False, True)
    )
    # As if there had been no validation part: the ridge start on all of them.
    assert not np.allclose(parted[split.test], whole[split.test])
    changed = hidden.copy()
    changed[split.validation] += np.random.default_rng(0).normal(size=(len(split.validation), 2))
    np.testing.assert_array_equal(
        Grvsnn(epochs=0, refit=False)(inputs, changed, split, 0).values, parted
    )
    assert not np.allclose(Grvsnn(epochs=0)(inputs, changed, split, 0).values, whole)


def test_grvsnn_refuses_impossible_settings(data, split):
    inputs, y = data
    with pytest.raises(ValueError, match="layout: expected"):
        Grvsnn("wide")
    with pytest.raises(ValueError, match="start: expected"):
        Grvsnn(start="zero")
    with pytest.raises(ValueError, match="no hidden layers"):
        Grvsnn(hidden=(8,))
    with pytest.raises(ValueError, match="expected a validation part"):
        Grvsnn()(inputs, y, Split(_rest(split), [], split.test), 0)


def test_a_leak_has_to_be_asked_for(data):
    inputs, y = data
    folds = repeated_k_fold(inputs.n, 3, repeats=1, seed=0)
    seen = []

    def watches(inputs, y, split, seed):
        seen.append((split.validation, len(split.test)))
        return np.zeros_like(y)

    with pytest.raises(ValueError, match="has to be asked for"):
        compare({"leaky": StoppedOnTest(watches)}, inputs, y, folds)
    compare({"leaky": StoppedOnTest(watches)}, inputs, y, folds, blind=False)
    for (validation, left), split in zip(seen, folds, strict=True):
        np.testing.assert_array_equal(validation, split.test)
        assert left == 0


@pytest.mark.parametrize("prior", ["ridge", "lasso", "bayes_c_pi"])
def test_bayes_is_the_sampler_on_training_and_validation_rows(data, split, prior):
    inputs, y = data
    rows = _rest(split)
    short = {"iterations": 300, "burn_in": 100}
    found = Bayes(prior, chains=1, **short)(inputs, _hidden(y, split), split, 4)
    expected = fit_bayes(inputs.genotypes, y, prior=prior, training=rows, chains=1, seed=4, **short)
    np.testing.assert_allclose(found.values, expected.predictions)
    if prior == "bayes_c_pi":
        np.testing.assert_allclose(found.markers, expected.inclusion.sum(axis=0))
    else:
        assert found.markers == 60
    assert np.all(found.loadings == 0)


def test_bayes_gives_loadings_the_variance_of_the_markers(data, split):
    inputs, y = data
    rows = _rest(split)
    short = {"iterations": 400, "burn_in": 100, "chains": 1}
    hidden = _hidden(y, split)
    markers = columns(inputs.genotypes, rows, standardise=False)
    extra = standardised_loadings(inputs.loadings, rows)
    extra = extra * np.sqrt(markers[rows].var(axis=0).sum() / extra[rows].var(axis=0).sum())
    found = Bayes("bayes_c_pi", loadings=True, **short)(inputs, hidden, split, 4)
    x = np.hstack([markers, extra]).astype("float32")
    expected = fit_bayes(x, y, prior="bayes_c_pi", training=rows, seed=4, **short)
    np.testing.assert_allclose(found.values, expected.predictions, atol=0.05)
    assert found.loadings.shape == found.markers.shape == (2,)
    ridge = Bayes("ridge", loadings=True, **short)(inputs, hidden, split, 4)
    # Two variances estimated in another way, of the same model.
    blup = Gblup(loadings=True)(inputs, hidden, split, 0).values
    assert np.corrcoef(ridge.values[:, 0], blup[:, 0])[0, 1] > 0.97
    assert ridge.loadings == 12


def test_elastic_net_chooses_on_validation_and_fits_on_both(data, split):
    inputs, y = data
    hidden, rest = _hidden(y, split), _rest(split)
    found = ElasticNet(mixing=(0.5, 1.0))(inputs, hidden, split, 0)
    x = columns(inputs.genotypes, split.training)
    both = columns(inputs.genotypes, rest)
    np.testing.assert_allclose(both[rest].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(both[rest].std(axis=0), 1, atol=1e-5)
    for trait in range(2):
        one = fit_elastic_net(
            x,
            hidden[:, trait],
            training=split.training,
            validation=split.validation,
            mixing=(0.5, 1.0),
        )
        assert found.settings["penalty"][trait] == one.penalty
        again = fit_elastic_net(
            both, hidden[:, trait], training=rest, mixing=one.mixing, penalties=one.penalty
        )
        np.testing.assert_allclose(found.values[:, trait], again.predict(both), atol=1e-6)
        assert found.markers[trait] == np.count_nonzero(again.coefficients)
    with_loadings = ElasticNet(loadings=True, mixing=0.5)(inputs, hidden, split, 0)
    assert 0 < with_loadings.loadings[0] <= 12


def test_lassonet_keeps_few_features_and_does_not_see_the_test_rows(data, split):
    inputs, y = data
    found = LassoNet(loadings=True, hidden=(4,))(inputs, _hidden(y, split), split, 0)
    assert found.values.shape == y.shape
    assert np.isfinite(found.values).all()
    assert 0 < found.markers + found.loadings <= 72
    error = ((found.values - y)[split.test] ** 2).mean(axis=0)
    mean = Mean()(inputs, y, split, 0).values
    assert (error < ((mean - y)[split.test] ** 2).mean(axis=0)).any()


def test_methods_are_compared_and_say_what_they_used(data):
    inputs, y = data
    folds = repeated_k_fold(inputs.n, 3, repeats=1, seed=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(
            {"mean": Mean(), "M": Gblup(), "ML": Gblup(loadings=True)}, inputs, y, folds
        )
    summary = found.summary("trait_1")
    assert list(summary["markers"]) == [0, 60, 60]
    assert list(summary["loadings"]) == [0, 0, 12]
    assert set(found.settings["setting"]) == {
        "heritability",
        "converged",
        "markers_share",
        "loadings_share",
    }
    # Families differ in the first trait: whoever knows them errs less.
    assert found.difference("ML", "mean", measure="mse", trait="trait_1").mean < 0
