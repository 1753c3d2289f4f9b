"""Encodings: written out by hand, round trips, and the naive loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geneml.encoding import (
    decode_genotypes,
    decode_sequences,
    impute_mean,
    one_hot_genotypes,
    one_hot_sequences,
)


def _sequences(letters="ACGT"):
    return st.integers(1, 12).flatmap(
        lambda length: st.lists(
            st.text(alphabet=letters, min_size=length, max_size=length), min_size=1, max_size=8
        )
    )


def _genotypes(lowest=-1):
    shape = hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)
    return hnp.arrays(np.int8, shape, elements=st.integers(lowest, 2))


def test_columns_are_in_the_order_of_the_alphabet():
    expected = np.array([[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]])
    result = one_hot_sequences(["ACGT"])
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(
        one_hot_sequences(["ACGT"], alphabet="TGCA"), expected[:, :, ::-1]
    )


@settings(deadline=None)
@given(_sequences())
def test_sequences_come_back(sequences):
    assert decode_sequences(one_hot_sequences(sequences)) == sequences


@settings(deadline=None)
@given(_sequences("ACGTNacgtn"))
def test_unknown_letters_are_zero_and_case_does_not_matter(sequences):
    encoded = one_hot_sequences(sequences, unknown="zero")
    upper = [sequence.upper() for sequence in sequences]
    assert decode_sequences(encoded) == upper
    known = np.array([[letter != "N" for letter in sequence] for sequence in upper])
    np.testing.assert_array_equal(encoded.sum(axis=-1), known)


@settings(deadline=None)
@given(_sequences("ACGTN"))
def test_the_table_agrees_with_a_loop_over_letters(sequences):
    loop = np.zeros((len(sequences), len(sequences[0]), 4), dtype=np.float32)
    for i, sequence in enumerate(sequences):
        for j, letter in enumerate(sequence):
            if letter in "ACGT":
                loop[i, j, "ACGT".index(letter)] = 1
    np.testing.assert_array_equal(one_hot_sequences(sequences, unknown="zero"), loop)


def test_equal_letters_get_equal_codes_in_every_sequence():
    # An encoder fitted to each sequence by itself gives AACC and GGTT the same code.
    first, second = one_hot_sequences(["AACC", "GGTT"])
    assert not np.array_equal(first, second)


def test_an_array_of_text_is_a_list_of_sequences():
    np.testing.assert_array_equal(
        one_hot_sequences(np.array(["AC", "GT"])), one_hot_sequences(["AC", "GT"])
    )


@settings(deadline=None)
@given(_genotypes())
def test_genotypes_come_back(genotypes):
    encoded = one_hot_genotypes(genotypes)
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(decode_genotypes(encoded), genotypes)
    np.testing.assert_array_equal(encoded.sum(axis=-1), genotypes >= 0)


@settings(deadline=None)
@given(_genotypes(lowest=0))
def test_the_classes_weighted_by_their_copies_are_the_dosage(genotypes):
    np.testing.assert_array_equal(one_hot_genotypes(genotypes) @ np.arange(3), genotypes)


def test_nan_is_a_missing_genotype():
    np.testing.assert_array_equal(one_hot_genotypes([[np.nan, 2.0]]), [[[0, 0, 0], [0, 0, 1]]])


@settings(deadline=None)
@given(_genotypes())
def test_imputed_means_are_those_of_a_masked_array(genotypes):
    masked = np.ma.masked_equal(genotypes, -1)
    dosages, means = impute_mean(genotypes)
    np.testing.assert_allclose(means, masked.mean(axis=0).filled(0), rtol=1e-6)
    np.testing.assert_allclose(dosages, np.where(genotypes == -1, means, genotypes), rtol=1e-6)


def test_only_training_rows_set_the_means():
    genotypes = np.array([[0, -1], [1, 2], [2, 2], [-1, 0], [2, -1]], dtype=np.int8)
    dosages, means = impute_mean(genotypes, training=[0, 1])
    np.testing.assert_allclose(means, [0.5, 2.0])
    np.testing.assert_allclose(dosages[3:], [[0.5, 0], [2, 2]])
    mask = np.array([True, True, False, False, False])
    np.testing.assert_array_equal(impute_mean(genotypes, training=mask)[0], dosages)


def test_input_is_left_alone():
    genotypes = np.array([[0, -1], [1, 2]], dtype=np.int8)
    before = genotypes.copy()
    impute_mean(genotypes)
    one_hot_genotypes(genotypes)
    np.testing.assert_array_equal(genotypes, before)


@pytest.mark.parametrize("value", [np.full((1, 1, 4), 0.25), np.ones((1, 2, 4))])
def test_what_is_not_one_hot_is_not_decoded(value):
    with pytest.raises(ValueError, match="one_hot: expected one 1 or only zeros"):
        decode_sequences(value)
