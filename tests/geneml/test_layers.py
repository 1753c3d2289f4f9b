"""The encoder layers against numpy, through saving, and under another backend."""

import importlib.util
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geneml.encoding import one_hot_genotypes
from geneml.layers import (
    GenotypeEncoder,
    OneHotGenotypes,
    adapt_encoders,
    genotype_encoders,
    genotype_moments,
)


@pytest.fixture
def genotypes():
    random = np.random.default_rng(5)
    table = random.binomial(2, 0.3, (40, 7)).astype("int8")
    table[random.random(table.shape) < 0.2] = -1
    table[:, 3] = 1  # does not vary
    return table


def imputed_by_hand(table, training):
    """Loops over single genotypes: slow and plain."""
    result = np.zeros(table.shape)
    for column in range(table.shape[1]):
        observed = [int(g) for g in training[:, column] if g >= 0]
        mean = sum(observed) / len(observed)
        for row in range(table.shape[0]):
            result[row, column] = table[row, column] if table[row, column] >= 0 else mean
    return result


def test_missing_calls_become_the_training_mean(genotypes):
    training, others = genotypes[:25], genotypes[25:]
    encoder = GenotypeEncoder(standardise=False).adapt(training)
    expected = imputed_by_hand(others, training)
    np.testing.assert_allclose(np.asarray(encoder(others)), expected, atol=1e-6)


def test_standardised_columns_have_mean_zero_and_unit_variance(genotypes):
    encoded = np.asarray(GenotypeEncoder().adapt(genotypes)(genotypes))
    varies = np.arange(7) != 3
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(encoded[:, varies].std(axis=0), 1, atol=1e-5)
    assert (encoded[genotypes == -1] == 0).all()
    assert (encoded[:, 3] == 0).all()  # constant: divided by one, not by zero


@settings(max_examples=30, deadline=None)
@given(
    arrays(np.int8, st.tuples(st.integers(2, 12), st.integers(1, 5)), elements=st.integers(0, 2))
)
def test_moments_are_numpys_where_nothing_is_missing(table):
    mean, scale = genotype_moments(table)
    np.testing.assert_allclose(mean, table.mean(axis=0), atol=1e-12)
    deviation = table.std(axis=0)
    np.testing.assert_allclose(scale, np.where(deviation > 1e-9, deviation, 1), atol=1e-12)


def test_wide_tables_are_read_in_blocks_with_the_same_result(genotypes, monkeypatch):
    whole = genotype_moments(genotypes)
    monkeypatch.setattr("geneml.layers.genotypes._COLUMNS_AT_ONCE", 2)
    for one, other in zip(whole, genotype_moments(genotypes), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", ["int8", "int32", "float32"])
def test_the_stored_type_does_not_matter(genotypes, dtype):
    encoder = GenotypeEncoder().adapt(genotypes)
    values = genotypes.astype(dtype)
    if dtype == "float32":
        values[genotypes == -1] = np.nan
    np.testing.assert_allclose(np.asarray(encoder(values)), np.asarray(encoder(genotypes)))


def test_one_hot_layer_agrees_with_the_encoding(genotypes):
    np.testing.assert_array_equal(
        np.asarray(OneHotGenotypes()(genotypes)), one_hot_genotypes(genotypes)
    )


@pytest.mark.parametrize("layer", [GenotypeEncoder(standardise=False), OneHotGenotypes()])
def test_configuration_makes_the_same_layer_again(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_a_saved_network_keeps_its_encoder(genotypes, tmp_path):
    layers = [keras.Input((7,), dtype="int8"), GenotypeEncoder(), keras.layers.Dense(2)]
    network = keras.Sequential(layers)
    assert adapt_encoders(network, genotypes) == [network.layers[0].name]
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(again(genotypes)), np.asarray(network(genotypes)))
    assert again.layers[0].is_adapted
    assert adapt_encoders(again, genotypes) == []  # never a second time


def test_encoders_of_nested_networks_are_found(genotypes):
    inner = keras.Sequential([keras.Input((7,), dtype="int8"), GenotypeEncoder()])
    outer = keras.Sequential([keras.Input((7,), dtype="int8"), inner, keras.layers.Dense(1)])
    assert len(genotype_encoders(outer)) == 1
    with pytest.raises(TypeError, match="several inputs"):
        adapt_encoders(outer, [genotypes, genotypes])


def test_a_variant_nobody_has_is_refused(genotypes):
    genotypes[:, 4] = -1
    with pytest.raises(ValueError, match="variant 4 .*no observed genotype"):
        GenotypeEncoder().adapt(genotypes)


@pytest.mark.parametrize("table", [np.zeros(5, "int8"), np.zeros((0, 3), "int8")])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(ValueError, match="genotypes must be a table"):
        GenotypeEncoder().adapt(table)


def test_another_number_of_variants_is_refused(genotypes):
    encoder = GenotypeEncoder().adapt(genotypes)
    with pytest.raises(ValueError, match="6 variants, but this encoder was built for 7"):
        encoder.adapt(genotypes[:, :6])


@pytest.mark.parametrize("layer", [GenotypeEncoder, OneHotGenotypes])
def test_a_wrong_shape_is_refused(layer):
    with pytest.raises(ValueError, match="individuals, variants"):
        layer()(np.zeros((2, 3, 4), "int8"))


_PROGRAM = """
import numpy as np
from geneml.layers import GenotypeEncoder, OneHotGenotypes
from geneml.models import cnn, dense
from geneml.splits import random_split
from geneml.training import fit
import keras
table = np.array([[0, 1], [2, -1], [1, 0]], "int8")
encoder = GenotypeEncoder(standardise=False).adapt(table)
got = keras.ops.convert_to_numpy(encoder(table))
assert np.allclose(got, [[0, 1], [2, 0.5], [1, 0]]), got
assert keras.ops.convert_to_numpy(OneHotGenotypes()(table)).sum() == 5
random = np.random.default_rng(0)
x = random.integers(0, 3, (120, 6)).astype("int8")
y = x[:, 0] + random.normal(scale=0.1, size=120)
run = fit(dense(6, encoder="dosage"), x, y, random_split(120, seed=0), epochs=40)
assert run.scores["test"]["r2"] > 0.5, run.scores
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_everything_runs_on_another_backend(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed (it is not among the locked packages)")
    environment = {**os.environ, "KERAS_BACKEND": backend}
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr[-2000:]
