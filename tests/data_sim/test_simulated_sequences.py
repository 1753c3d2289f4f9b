"""Mutated copies: rates, Jukes-Cantor substitutions, uniqueness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from data_sim.sequences import encode_bases, simulate_sequences


def test_mutations_come_at_the_rate_asked_for():
    n, length, rate = 2_000, 100, 0.07
    copies = simulate_sequences(n, length, mutation_rate=rate, seed=1)
    count = int(copies.is_mutant.sum())
    assert stats.binomtest(count, n * length, rate).pvalue > 0.001


def test_each_site_has_its_own_rate():
    rates = np.array([0.0, 0.1, 0.5, 1.0])
    copies = simulate_sequences(4_000, 4, site_rates=rates, seed=2)
    observed = copies.is_mutant.mean(axis=0)
    error = np.sqrt(rates * (1 - rates) / 4_000)
    assert np.all(np.abs(observed - rates) <= 4 * error)
    np.testing.assert_array_equal(copies.mutation_rates, rates)


def test_the_three_other_bases_are_equally_likely():
    copies = simulate_sequences(30_000, 4, mutation_rate=0.5, reference="ACGT", seed=3)
    for site in range(4):
        counts = np.bincount(copies.bases[:, site], minlength=4)
        assert stats.chisquare(np.delete(counts, site)).pvalue > 0.001


def test_sites_mutate_independently():
    mutant = simulate_sequences(20_000, 6, mutation_rate=0.3, seed=4).is_mutant
    correlation = np.corrcoef(mutant.T)[np.triu_indices(6, 1)]
    assert np.abs(correlation).max() < 4 / np.sqrt(20_000)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 30),
    length=st.integers(1, 40),
    rate=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_strings_and_codes_say_the_same(n, length, rate, seed):
    copies = simulate_sequences(n, length, mutation_rate=rate, seed=seed)
    assert len(copies.strings) == n
    assert {len(text) for text in copies.strings} == {length}
    for text, bases in zip(copies.strings, copies.bases, strict=True):
        np.testing.assert_array_equal(encode_bases(text), bases)
    differs = [[a != b for a, b in zip(s, copies.reference, strict=True)] for s in copies.strings]
    np.testing.assert_array_equal(copies.is_mutant, differs)


def test_unique_copies_are_all_different_and_without_it_they_are_not():
    plain = simulate_sequences(500, 40, mutation_rate=0.02, seed=5)
    assert len(set(plain.strings)) < 500
    unique = simulate_sequences(500, 40, mutation_rate=0.02, unique=True, seed=5)
    assert len(set(unique.strings)) == 500


def test_unique_can_use_every_possible_sequence():
    copies = simulate_sequences(16, 2, mutation_rate=0.75, unique=True, seed=6)
    assert len(set(copies.strings)) == 16


def test_the_seed_decides_everything():
    first = simulate_sequences(50, 30, seed=7)
    again = simulate_sequences(50, 30, seed=np.random.default_rng(7))
    other = simulate_sequences(50, 30, seed=8)
    assert first.reference == again.reference
    np.testing.assert_array_equal(first.bases, again.bases)
    assert not np.array_equal(first.bases, other.bases)


def test_a_given_reference_is_kept():
    copies = simulate_sequences(5, 4, mutation_rate=0.0, reference="GATC", seed=1)
    assert copies.reference == "GATC"
    assert copies.strings == ["GATC"] * 5


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be 1 or more"),
        ({"n": 2.5}, TypeError, "n must be a whole number"),
        ({"n": True}, TypeError, "n must be a whole number"),
        ({"length": -1}, ValueError, "length must be 1 or more"),
        ({"mutation_rate": 1.1}, ValueError, "mutation_rate must lie in"),
        ({"mutation_rate": float("nan")}, ValueError, "mutation_rate must lie in"),
        ({"mutation_rate": "often"}, TypeError, "mutation_rate must be a number"),
        ({"site_rates": [0.1] * 3}, ValueError, "site_rates must have one rate per site"),
        ({"site_rates": [2.0] * 10}, ValueError, "site_rates must be probabilities"),
        ({"reference": "ACGT"}, ValueError, "reference has 4 bases but length is 10"),
        ({"reference": "ACGTNACGTN"}, ValueError, "only the letters ACGT"),
        ({"reference": ""}, ValueError, "at least one base"),
        ({"reference": 7}, TypeError, "must be a string"),
        ({"unique": 1}, TypeError, "unique must be True or False"),
        ({"unique": True, "mutation_rate": 0.0}, ValueError, "allow only 1"),
        ({"unique": True, "n": 900, "mutation_rate": 1e-6}, ValueError, "hardly ever"),
        ({"seed": -1}, ValueError, "seed must be 0 or more"),
        ({"seed": 1.0}, TypeError, "seed must be a non-negative integer"),
        ({"seed": None}, TypeError, "seed must be a non-negative integer"),
    ],
)
def test_bad_arguments_are_explained(arguments, error, message):
    with pytest.raises(error, match=message):
        simulate_sequences(**({"n": 10, "length": 10, "seed": 1} | arguments))
