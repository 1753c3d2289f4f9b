"""Relationships against published matrices, closed forms, path counting and dropped genes."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import rdata
from hypothesis import given, settings
from hypothesis import strategies as st

import data_sim.pedigrees
from data_sim.studies import half_sibs
from geneml.cohort import Cohort, from_study
from geneml.pedigree import (
    elbow,
    from_cohort,
    inbreeding,
    inverse_relationship,
    loadings,
    relationship_matrix,
    relationships,
    scree,
)

# Henderson 1976, table 1; example 2.1 of Mrode 2005, Linear Models for the Prediction of Animal
# Breeding Values, which prints A and, accounting for inbreeding, its inverse.
HENDERSON = (["3", "4", "5", "6"], ["1", "1", "4", "5"], ["2", "0", "3", "2"])
IN_ORDER = [str(i) for i in range(1, 7)]
HENDERSON_A = [
    [1, 0, 0.5, 0.5, 0.5, 0.25],
    [0, 1, 0.5, 0, 0.25, 0.625],
    [0.5, 0.5, 1, 0.25, 0.625, 0.5625],
    [0.5, 0, 0.25, 1, 0.625, 0.3125],
    [0.5, 0.25, 0.625, 0.625, 1.125, 0.6875],
    [0.25, 0.625, 0.5625, 0.3125, 0.6875, 1.125],
]
HENDERSON_INVERSE = [
    [1.833, 0.5, -1, -0.667, 0, 0],
    [0.5, 2.033, -1, 0, 0.533, -1.067],
    [-1, -1, 2.5, 0.5, -1, 0],
    [-0.667, 0, 0.5, 1.833, -1, 0],
    [0, 0.533, -1, -1, 2.533, -1.067],
    [0, -1.067, 0, 0, -1.067, 2.133],
]


def _counted_from_one(pedigree):
    return pedigree.individual + 1, pedigree.father + 1, pedigree.mother + 1


def _kinship(father, mother):
    """A by the recursion of kinship, pair by pair; parents (or -1) before offspring."""

    @cache
    def kinship(a, b):
        if a < 0 or b < 0:
            return 0.0
        if a == b:
            return 0.5 * (1 + kinship(father[a], mother[a]))
        young, old = max(a, b), min(a, b)
        return 0.5 * (kinship(father[young], old) + kinship(mother[young], old))

    animals = range(len(father))
    return 2 * np.array([[kinship(a, b) for b in animals] for a in animals])


def _meuwissen_luo(father, mother):
    """F animal by animal, every path to an ancestor traced (Meuwissen & Luo 1992)."""
    coefficients = np.append(np.zeros(len(father)), -1.0)
    variance = np.zeros(len(father))
    for i, (f, m) in enumerate(zip(father, mother, strict=True)):
        variance[i] = 0.5 - 0.25 * (coefficients[f] + coefficients[m])
        share, total = {i: 1.0}, 0.0
        while share:
            youngest = max(share)
            gone = share.pop(youngest)
            total += gone**2 * variance[youngest]
            for parent in (father[youngest], mother[youngest]):
                if parent >= 0:
                    share[parent] = share.get(parent, 0) + gone / 2
        coefficients[i] = total - 1
    return coefficients[:-1]


@st.composite
def pedigrees(draw, largest=12):
    """Parents (or -1) before offspring, selfing allowed, and an order to hide that."""
    n = draw(st.integers(1, largest))
    father, mother = (
        [draw(st.integers(-1, i - 1)) if draw(st.booleans()) else -1 for i in range(n)]
        for _ in range(2)
    )
    return father, mother, draw(st.permutations(range(n)))


def _shuffled(father, mother, order):
    def name(i):
        return f"animal {i}" if i >= 0 else None

    return (
        [name(i) for i in order],
        [name(father[i]) for i in order],
        [name(mother[i]) for i in order],
    )


def test_hendersons_example():
    np.testing.assert_array_equal(relationship_matrix(*HENDERSON, of=IN_ORDER), HENDERSON_A)
    np.testing.assert_array_equal(relationship_matrix(*HENDERSON), np.array(HENDERSON_A)[2:, 2:])
    np.testing.assert_array_equal(inbreeding(*HENDERSON), [0, 0, 0.125, 0.125])


def test_hendersons_inverse():
    inverse, animals = inverse_relationship(*HENDERSON)
    assert animals.tolist() == ["3", "4", "5", "6", "1", "2"]
    order = np.argsort(animals)
    np.testing.assert_allclose(
        inverse.toarray()[np.ix_(order, order)], HENDERSON_INVERSE, atol=5e-4
    )


def test_relatives_of_textbooks():
    rows = pd.DataFrame(
        [
            ("child", "father", "mother"),
            ("sib", "father", "mother"),
            ("half", "father", "another"),
            ("grandchild", "child", "stranger"),
            ("cousin", "sib", "other stranger"),
            ("self", "father", "father"),
            ("lone", "", np.nan),
        ],
        columns=["individual", "father", "mother"],
    )
    everyone = pd.unique(rows.to_numpy().ravel())
    of = [name for name in everyone if isinstance(name, str) and name]
    related = pd.DataFrame(
        relationship_matrix(rows["individual"], rows["father"], rows["mother"], of=of), of, of
    )
    assert related.loc["child", "father"] == 0.5
    assert related.loc["child", "sib"] == 0.5
    assert related.loc["child", "half"] == 0.25
    assert related.loc["grandchild", "father"] == 0.25
    assert related.loc["grandchild", "sib"] == 0.25
    assert related.loc["grandchild", "cousin"] == 0.125
    assert related.loc["self", "self"] == 1.5
    assert related.loc["self", "father"] == 1
    assert related.loc["lone"].sum() == 1


def test_inbreeding_of_repeated_sib_mating_and_selfing():
    sibs = data_sim.pedigrees.simulate_pedigree(2, 5, mating="sib_mating", seed=1)
    np.testing.assert_array_equal(
        inbreeding(*_counted_from_one(sibs))[::2], [0, 0, 0.25, 0.375, 0.5, 0.59375]
    )
    selfed = data_sim.pedigrees.simulate_pedigree(1, 5, mating="selfing", seed=1)
    np.testing.assert_array_equal(inbreeding(*_counted_from_one(selfed)), 1 - 0.5 ** np.arange(6.0))


@settings(max_examples=60, deadline=None)
@given(pedigrees())
def test_any_pedigree_in_any_order(pedigree):
    father, mother, order = pedigree
    rows = _shuffled(father, mother, order)
    expected = _kinship(tuple(father), tuple(mother))[np.ix_(order, order)]
    related = relationship_matrix(*rows)
    np.testing.assert_allclose(related, expected, atol=1e-12)
    np.testing.assert_array_equal(related, related.T)
    assert np.linalg.eigvalsh(related)[0] > -1e-12
    np.testing.assert_allclose(inbreeding(*rows), expected.diagonal() - 1, atol=1e-12)
    np.testing.assert_allclose(
        inbreeding(*rows), _meuwissen_luo(father, mother)[list(order)], atol=1e-12
    )
    inverse, animals = inverse_relationship(*rows)
    assert animals.tolist() == rows[0]
    np.testing.assert_allclose(inverse @ related, np.eye(len(order)), atol=1e-9)


@pytest.mark.parametrize("design", ["random", "half_sib"])
def test_simulated_generations(design):
    options = {"family_size": 2} if design == "half_sib" else {}
    pedigree = data_sim.pedigrees.simulate_pedigree(60, 4, mating=design, seed=3, **options)
    rows = _counted_from_one(pedigree)
    expected = data_sim.pedigrees.relationship_matrix(pedigree)
    related = relationship_matrix(*rows, separate_sexes=True)
    np.testing.assert_allclose(related, expected, atol=1e-12)
    np.testing.assert_allclose(inbreeding(*rows), expected.diagonal() - 1, atol=1e-12)
    np.testing.assert_allclose(
        inbreeding(*rows), _meuwissen_luo(pedigree.father, pedigree.mother), atol=1e-12
    )
    inverse = inverse_relationship(*rows)[0]
    np.testing.assert_allclose(inverse @ related, np.eye(len(expected)), atol=1e-9)
    # Henderson's rules touch each animal, its parents, and the couples: nothing else.
    assert inverse.nnz <= 9 * len(expected)


def test_genes_dropped_down_the_pedigree():
    pedigree = data_sim.pedigrees.simulate_pedigree(8, 3, seed=5)
    loci = 20_000
    labels = np.repeat(np.arange(16, dtype=np.int8).reshape(8, 2, 1), loci, axis=2)
    genes = data_sim.pedigrees.drop_genes(
        pedigree, labels, np.zeros(loci), chromosomes=np.arange(loci), seed=6
    )
    carried = np.stack([(genes == label).sum(axis=1) for label in range(16)], axis=2)
    flat = carried.reshape(len(genes), -1).astype(float)
    shared = flat @ flat.T / (2 * loci)
    # At one locus the shared count is at most 2, so that a mean's error is below 1/sqrt(loci).
    np.testing.assert_allclose(
        relationship_matrix(*_counted_from_one(pedigree)), shared, atol=5 / np.sqrt(loci)
    )


def test_few_animals_of_a_large_pedigree(monkeypatch):
    pedigree = data_sim.pedigrees.simulate_pedigree(60, 6, seed=7)
    rows = _counted_from_one(pedigree)
    of = np.random.default_rng(8).choice(rows[0], 50, replace=False)
    expected = data_sim.pedigrees.relationship_matrix(pedigree)[np.ix_(of - 1, of - 1)]
    np.testing.assert_allclose(relationship_matrix(*rows, of=of), expected, atol=1e-12)

    def never(pedigree):
        raise AssertionError("the full matrix was built")

    monkeypatch.setattr(relationships, "_SMALL", 0)
    monkeypatch.setattr(relationships, "_NUMBERS", 2_000)  # a few columns at a time
    monkeypatch.setattr(relationships, "_tabular", never)
    indirect = relationship_matrix(*rows, of=of)
    np.testing.assert_allclose(indirect, expected, atol=1e-12)
    np.testing.assert_array_equal(indirect, indirect.T)
    np.testing.assert_allclose(1 + inbreeding(*rows)[of - 1], expected.diagonal(), atol=1e-12)


def test_more_animals_of_one_level_than_a_block(monkeypatch):
    pedigree = data_sim.pedigrees.simulate_pedigree(20, 2, n_offspring=50, seed=9)
    monkeypatch.setattr(relationships, "_BLOCK", 7)
    np.testing.assert_array_equal(
        relationship_matrix(*_counted_from_one(pedigree)),
        data_sim.pedigrees.relationship_matrix(pedigree),
    )


@pytest.mark.parametrize("unknown", ["0", "", None, np.nan, 0, -1, pd.NA, " "])
def test_unknown_parents(unknown):
    related = relationship_matrix(["a", "b"], ["f", "f"], [unknown, unknown])
    np.testing.assert_array_equal(related, [[1, 0.25], [0.25, 1]])


def test_numbers_with_a_gap_are_the_same_animals():
    # As pandas reads a column of numbers in which some are missing.
    table = pd.DataFrame({"i": [3, 1, 2], "f": [1.0, np.nan, np.nan], "m": [2.0, np.nan, np.nan]})
    related = relationship_matrix(table["i"], table["f"], table["m"], of=["1", "2", "3"])
    np.testing.assert_array_equal(related, [[1, 0, 0.5], [0, 1, 0.5], [0.5, 0.5, 1]])


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ((["a"], ["a"], ["0"]), {}, "'a' as its own parent"),
        (
            (["x", "a", "b", "c"], ["a", "b", "c", "a"], ["0"] * 4),
            {},
            "circle 'a' -> 'b' -> 'c' -> 'a'",
        ),
        (
            ([f"a{i}" for i in range(50)], [f"a{(i + 1) % 50}" for i in range(50)], ["0"] * 50),
            {},
            "'a0' -> .* -> 'a7' -> 42 more -> 'a0'",
        ),
        ((["a", "a"], ["f", "g"], ["m", "0"]), {}, "parents f x m and g x unknown"),
        ((["a", "a"], ["f", "f"], ["m", "m"]), {}, "drop the repeated row"),
        ((["a", "b"], ["f", "m"], ["m", "0"]), {"separate_sexes": True}, "received 'm' as both"),
        ((["a", "0"], ["f", "f"], ["m", "m"]), {}, "at position 1"),
        ((["a", "b"], ["f"], ["m", "m"]), {}, "father: expected 2 values"),
        (([], [], []), {}, "individual: expected at least one"),
        ((np.ones((2, 2)), ["f"], ["m"]), {}, r"received shape \(2, 2\)"),
    ],
)
@pytest.mark.parametrize("function", [relationship_matrix, inbreeding, inverse_relationship])
def test_wrong_pedigrees(function, rows, options, message):
    with pytest.raises(ValueError, match=message):
        function(*rows, **options)


def test_wrong_questions():
    with pytest.raises(ValueError, match="received 'z'"):
        relationship_matrix(*HENDERSON, of=["1", "z"])
    with pytest.raises(ValueError, match="received '1' more than once"):
        relationship_matrix(*HENDERSON, of=["1", "1"])
    with pytest.raises(TypeError, match="individual: expected a sequence"):
        relationship_matrix("abc", ["f"], ["m"])
    with pytest.raises(TypeError, match="of: expected a sequence"):
        relationship_matrix(*HENDERSON, of=3)
    with pytest.raises(TypeError, match="of: expected a sequence of identifiers, received set"):
        relationship_matrix(*HENDERSON, of={"1", "2"})


def test_selfing_until_nothing_varies_has_no_inverse():
    pedigree = data_sim.pedigrees.simulate_pedigree(1, 60, mating="selfing", seed=1)
    with pytest.raises(ValueError, match="exact copy of fully inbred parents"):
        inverse_relationship(*_counted_from_one(pedigree))


def test_relationships_of_a_cohort():
    table = pd.DataFrame(dict(zip(("individual", "father", "mother"), HENDERSON, strict=True)))
    genotypes = np.array([[0, 1], [1, 2], [2, 0]])
    samples = np.array(["6", "1", "4"])
    cohort = Cohort(genotypes=genotypes, samples=samples, pedigree=table)
    expected = np.array([[1.125, 0.25, 0.3125], [0.25, 1, 0.5], [0.3125, 0.5, 1]])
    np.testing.assert_array_equal(from_cohort(cohort), expected)
    published = Cohort(genotypes=genotypes, samples=samples, relationship=expected)
    np.testing.assert_array_equal(from_cohort(published), expected)
    with pytest.raises(ValueError, match="expected one with a pedigree or a relationship"):
        from_cohort(Cohort(genotypes=genotypes, samples=samples))


def test_relationships_of_a_simulated_study():
    study = half_sibs(p=20, n_causal=5, seed=1)
    np.testing.assert_allclose(from_cohort(from_study(study)), study.relationship, atol=1e-12)


def _families(sizes):
    family = np.repeat(np.arange(len(sizes)), sizes)
    return np.where(family[:, None] == family, 0.5, 0) + 0.5 * np.eye(len(family))


def _eigenvalues_of_families(sizes):
    """(n + 1) / 2 once for each family of n full sibs, and 1/2 for every other sib."""
    sizes = np.asarray(sizes)
    return np.concatenate([np.sort((sizes + 1) / 2)[::-1], np.full(sizes.sum() - len(sizes), 0.5)])


@pytest.mark.parametrize("rule", scree.RULES)
def test_rank_of_full_sib_families(rule):
    sizes = [9, 7, 6, 5, 4]
    found = loadings(_families(sizes), rule=rule)
    np.testing.assert_allclose(found.eigenvalues, _eigenvalues_of_families(sizes), atol=1e-12)
    assert (found.rank, found.rule, found.loadings.shape) == (5, rule, (31, 5))


def test_loadings_give_the_matrix_back():
    related = np.array(HENDERSON_A)
    every = loadings(related, rank=6)
    assert every.rule == "given"
    np.testing.assert_allclose(every.loadings @ every.loadings.T, related, atol=1e-12)
    # Eckart & Young 1936: what a lower rank leaves out is the sum of the squares it drops.
    two = loadings(related, rank=2)
    np.testing.assert_array_equal(two.loadings, every.loadings[:, :2])
    left = related - two.loadings @ two.loadings.T
    assert np.sum(left**2) == pytest.approx(np.sum(two.eigenvalues[2:] ** 2))
    largest = np.abs(every.loadings).argmax(axis=0)
    assert (every.loadings[largest, np.arange(6)] > 0).all()


def test_elbow_by_hand():
    # Farthest below the line from 10 to 0 is the third value, so two are kept.
    found = loadings(np.diag([2.0, 10, 0, 7, 0, 0.5]))
    np.testing.assert_array_equal(found.eigenvalues, [10, 7, 2, 0.5, 0, 0])
    below = np.linspace(10, 0, 6) - found.eigenvalues
    np.testing.assert_allclose(below, [0, 1, 4, 3.5, 2, 0])
    assert found.rank == 2
    assert loadings(np.diag([10.0, 7, 2, 0.5, 0, 0]), rule="ratio").rank == 3
    assert loadings(np.diag([10.0, 7, 2, 0.5, 0, 0]), rule="eigenvalue").rank == 3


@pytest.mark.parametrize("rule", scree.RULES)
def test_elbow_of_eigenvalues_is_that_of_their_matrix(rule):
    values = [10, 7, 2, 0.5, 0, 0]
    assert elbow(values, rule=rule) == loadings(np.diag(values), rule=rule).rank


@pytest.mark.parametrize(
    ("values", "rule", "error", "message"),
    [
        ([1.0, 2.0], "chord", ValueError, "descending order"),
        ([1.0, -1.0], "chord", ValueError, "at least 0"),
        ([[2.0, 1.0]], "chord", ValueError, "row of finite numbers"),
        ([np.inf, 1.0], "chord", ValueError, "finite"),
        (["a"], "chord", TypeError, "expected numbers"),
        ([2.0, 1.0], "knee", ValueError, "one of chord"),
        ([1.0, 1.0], "chord", ValueError, "all the same"),
    ],
)
def test_wrong_eigenvalues(values, rule, error, message):
    with pytest.raises(error, match=message):
        elbow(values, rule=rule)


@pytest.mark.parametrize(
    ("matrix", "options", "error", "message"),
    [
        (np.eye(3)[:2], {}, ValueError, "expected a square matrix"),
        (np.array([[1, 2], [0, 1]]), {}, ValueError, "symmetric"),
        (np.array([[1, np.nan], [np.nan, 1]]), {}, ValueError, "finite"),
        (np.array([["a"]]), {}, TypeError, "expected numbers"),
        (np.array([[1, 2], [2, 1]]), {}, ValueError, "no eigenvalue below 0, received -1"),
        (np.eye(3), {}, ValueError, "all the same, as of unrelated animals"),
        (np.eye(3), {"rule": "ratio"}, ValueError, "give rank"),
        (np.eye(3), {"rule": "knee"}, ValueError, "one of chord, eigenvalue, ratio"),
        (np.eye(3), {"rank": 4}, ValueError, "expected 1 to 3"),
        (np.eye(3), {"rank": 0}, ValueError, "expected 1 to 3"),
        (np.eye(3), {"rank": 2.0}, TypeError, "whole number"),
    ],
)
def test_wrong_loadings(matrix, options, error, message):
    with pytest.raises(error, match=message):
        loadings(matrix, **options)


def test_real_mice_are_169_families(real_data):
    related = rdata.read_rda(real_data / "mice.RData")["mice.A"].values
    sizes = np.unique(np.argmax(related > 0, axis=1), return_counts=True)[1]
    found = loadings(related)
    assert (len(sizes), found.rank) == (169, 169)
    np.testing.assert_allclose(found.eigenvalues, _eigenvalues_of_families(sizes), atol=1e-8)
    assert {rule: scree._rank(found.eigenvalues, rule) for rule in scree.RULES} == dict.fromkeys(
        scree.RULES, 169
    )
    # The loadings tell families apart and nothing else: sibs have the same.
    assert len(np.unique(found.loadings.round(6), axis=0)) == 169


def test_real_pines(real_data):
    table = rdata.read_rda(real_data / "ped_pine.rda")["ped.pine"]
    table = table.iloc[::-1]  # offspring before their parents
    rows = (table["Indiv"], table["Father"], table["Mother"])
    related = relationship_matrix(*rows)
    assert related.shape == (2034, 2034)
    inverse = inverse_relationship(*rows)[0]
    np.testing.assert_allclose(inverse @ related, np.eye(2034), atol=1e-9)
    found = loadings(related)
    # The elbow is the 51st eigenvalue, the first of a long row of 1/2.
    np.testing.assert_allclose(found.eigenvalues[50:60], 0.5, atol=1e-9)
    assert {rule: scree._rank(found.eigenvalues, rule) for rule in scree.RULES} == {
        "chord": 50,
        "eigenvalue": 47,
        "ratio": 32,
    }
    trees = table["Indiv"].astype(str).to_numpy()[:900]
    np.testing.assert_allclose(relationship_matrix(*rows, of=trees), related[:900, :900])
