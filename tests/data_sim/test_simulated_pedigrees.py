"""Pedigrees and gene dropping against kinship, inbreeding and Haldane's map function."""

import numpy as np
import pytest
from scipy import stats

from data_sim.pedigrees import (
    Pedigree,
    drop_genes,
    recombination_fractions,
    relationship_matrix,
    simulate_pedigree,
)


def labelled(pedigree, p):
    """Founder haplotypes that each carry a label of their own at every locus."""
    founders = pedigree.founders.size
    labels = np.arange(2 * founders, dtype=np.int16).reshape(founders, 2, 1)
    return np.broadcast_to(labels, (founders, 2, p)).copy()


def realised_kinship(haplotypes):
    """Share of loci at which one random allele of each is the same founder's, all pairs."""
    n = len(haplotypes)
    kinship = np.zeros((n, n))
    for one in range(2):
        for two in range(2):
            for i in range(n):
                same = haplotypes[i, one] == haplotypes[:, two]
                kinship[i] += same.mean(axis=1) / 4
    return kinship


def unlinked(p):
    """Positions half a genome apart: loci that are inherited independently."""
    return np.arange(1, p + 1) * 10**10


@pytest.mark.parametrize(
    ("design", "options", "expected"),
    [("full_sib", {"family_size": 4}, 0.25), ("half_sib", {"dams_per_sire": 3}, 0.125)],
)
def test_sibs_share_genes_as_their_kinship_says(design, options, expected):
    pedigree = simulate_pedigree(24, mating=design, seed=1, **options)
    p = 1_500
    kinship = realised_kinship(drop_genes(pedigree, labelled(pedigree, p), unlinked(p), seed=2))
    young = pedigree.generation == 1
    same_father = pedigree.father[:, None] == pedigree.father
    pairs = np.triu(same_father & young[:, None] & young, 1)
    assert pairs.sum() >= 9
    assert kinship[pairs].mean() == pytest.approx(expected, abs=0.004)
    strangers = np.triu(~same_father & young[:, None] & young, 1)
    assert np.all(kinship[strangers] == 0)


def test_every_pair_of_a_tangled_pedigree_agrees_with_the_tabular_method():
    pedigree = simulate_pedigree(8, 4, n_offspring=12, seed=3)
    p = 4_000
    kinship = realised_kinship(drop_genes(pedigree, labelled(pedigree, p), unlinked(p), seed=4))
    expected = relationship_matrix(pedigree) / 2
    # The kinship of one locus is at most 1, so its standard deviation is at most 1/2.
    assert np.abs(kinship - expected).max() < 5 * 0.5 / np.sqrt(p)
    assert expected[np.triu_indices(len(expected), 1)].max() > 0.3


def test_relationships_of_first_and_second_degree_by_hand():
    # 0 and 1 are founders; 2 and 3 full sibs; 4 half sib of them through 0; 5 child of 2 and 3.
    pedigree = Pedigree(
        individual=np.arange(7),
        father=np.array([-1, -1, -1, 0, 0, 0, 3]),
        mother=np.array([-1, -1, -1, 1, 1, 2, 4]),
        generation=np.array([0, 0, 0, 1, 1, 1, 2]),
        sex=np.array([1, 2, 2, 1, 2, 1, 1]),
    )
    a = relationship_matrix(pedigree)
    assert a[0, 1] == 0
    assert a[0, 3] == 0.5  # parent and child
    assert a[3, 4] == 0.5  # full sibs
    assert a[3, 5] == 0.25  # half sibs
    assert a[6, 6] == 1.25  # child of full sibs: inbred by a quarter
    assert a[0, 6] == 0.5  # grandchild through both parents
    np.testing.assert_array_equal(a, a.T)
    np.testing.assert_array_equal(pedigree.family, [-1, -1, -1, 0, 0, 1, 2])


def test_one_unknown_parent():
    pedigree = Pedigree(
        individual=np.arange(3),
        father=np.array([-1, 0, 0]),
        mother=np.array([-1, -1, 1]),
        generation=np.array([0, 1, 2]),
        sex=np.array([1, 2, 1]),
    )
    a = relationship_matrix(pedigree)
    np.testing.assert_array_equal(a, [[1, 0.5, 0.75], [0.5, 1, 0.75], [0.75, 0.75, 1.25]])


def inbreeding_by_generation(pedigree):
    diagonal = np.diag(relationship_matrix(pedigree)) - 1
    return [diagonal[pedigree.generation == g].mean() for g in np.unique(pedigree.generation)]


def test_selfing_halves_heterozygosity_every_generation():
    pedigree = simulate_pedigree(3, 6, mating="selfing", seed=5)
    expected = [1 - 0.5**g for g in range(7)]
    np.testing.assert_allclose(inbreeding_by_generation(pedigree), expected)
    p = 2_000
    haplotypes = drop_genes(pedigree, labelled(pedigree, p), unlinked(p), seed=6)
    last = haplotypes[pedigree.generation == 6]
    assert (last[:, 0] == last[:, 1]).mean() == pytest.approx(1 - 0.5**6, abs=0.01)


def test_brother_sister_mating_follows_the_fibonacci_ratios():
    # F_t = (1 + 2 F_(t-1) + F_(t-2)) / 4 (Wright 1921).
    pedigree = simulate_pedigree(4, 7, mating="sib_mating", seed=7)
    expected = [0.0, 0.0]
    for _ in range(6):
        expected.append((1 + 2 * expected[-1] + expected[-2]) / 4)
    np.testing.assert_allclose(inbreeding_by_generation(pedigree), expected)


@pytest.mark.parametrize("morgans", [0.01, 0.1, 0.5, 2.0])
def test_recombination_follows_haldane(morgans):
    pedigree = simulate_pedigree(2, mating="full_sib", family_size=20_000, seed=8)
    positions = np.array([1, 1 + round(morgans * 1e8)])
    haplotypes = drop_genes(pedigree, labelled(pedigree, 2), positions, seed=9)
    gametes = haplotypes[2:].reshape(-1, 2)
    recombined = int((gametes[:, 0] != gametes[:, 1]).sum())
    expected = (1 - np.exp(-2 * morgans)) / 2
    assert stats.binomtest(recombined, len(gametes), expected).pvalue > 0.001


def test_crossovers_of_neighbouring_intervals_do_not_interfere():
    pedigree = simulate_pedigree(2, mating="full_sib", family_size=20_000, seed=10)
    haplotypes = drop_genes(
        pedigree, labelled(pedigree, 3), np.array([1, 2e7 + 1, 4e7 + 1]), seed=11
    )
    gametes = haplotypes[2:].reshape(-1, 3)
    first, second = gametes[:, 0] != gametes[:, 1], gametes[:, 1] != gametes[:, 2]
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(len(gametes))


def test_chromosomes_are_inherited_independently_and_start_anew():
    switch = recombination_fractions([5, 10, 5, 10], chromosomes=["1", "1", "2", "2"])
    assert switch[0] == 0.5
    assert switch[2] == 0.5
    assert switch[1] == switch[3] == pytest.approx(5e-8)


def test_blocks_of_offspring_join_without_seams(monkeypatch):
    pedigree = simulate_pedigree(6, 2, n_offspring=40, seed=12)
    monkeypatch.setattr("data_sim.gene_dropping._BLOCK", 100)
    haplotypes = drop_genes(pedigree, labelled(pedigree, 30), unlinked(30), seed=13)
    for child in pedigree.individual[pedigree.generation > 0]:
        for side, parent in enumerate((pedigree.father[child], pedigree.mother[child])):
            inherited = haplotypes[child, side] == haplotypes[parent]
            assert inherited.any(axis=0).all()


@pytest.mark.parametrize("design", ["random", "full_sib", "half_sib", "sib_mating", "selfing"])
def test_parents_are_older_and_of_the_right_sex(design):
    pedigree = simulate_pedigree(
        40, 2, mating=design, family_size=6 if design.endswith("f_sib") else None, seed=14
    )
    young = pedigree.generation > 0
    for parents, sex in ((pedigree.father, 1), (pedigree.mother, 2)):
        assert np.all(parents[young] < pedigree.individual[young])
        assert np.all(pedigree.generation[parents[young]] == pedigree.generation[young] - 1)
        allowed = {0} if design == "selfing" else {sex}
        assert set(pedigree.sex[parents[young]].tolist()) <= allowed
    frame = pedigree.to_frame()
    assert list(frame) == ["individual", "father", "mother", "generation", "sex"]
    again = simulate_pedigree(
        40, 2, mating=design, family_size=6 if design.endswith("f_sib") else None, seed=14
    )
    np.testing.assert_array_equal(again.father, pedigree.father)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_founders": 1}, ValueError, "n_founders must be 2 or more"),
        ({"n_generations": 0}, ValueError, "n_generations must be 1 or more"),
        ({"mating": "sibs"}, ValueError, "mating must be one of"),
        ({"mating": 3}, TypeError, "mating must be a string"),
        ({"mating": "selfing", "n_offspring": 4}, ValueError, "n_offspring belongs to"),
        ({"mating": "random", "family_size": 4}, ValueError, "family_size belongs to"),
        ({"mating": "sib_mating", "n_founders": 5}, ValueError, "even number of founders"),
        ({"mating": "half_sib", "dams_per_sire": 20}, ValueError, "half_sib needs"),
        ({"dams_per_sire": 0}, ValueError, "dams_per_sire must be 1 or more"),
        (
            {"mating": "full_sib", "family_size": 1, "n_founders": 2, "n_generations": 2},
            ValueError,
            "full_sib needs a male and a female",
        ),
    ],
)
def test_bad_designs_are_explained(arguments, error, message):
    with pytest.raises(error, match=message):
        simulate_pedigree(**({"n_founders": 10, "seed": 1} | arguments))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"pedigree": "none"}, TypeError, "pedigree must be a Pedigree"),
        ({"founder_haplotypes": np.zeros((4, 2, 3))}, TypeError, "whole numbers"),
        ({"founder_haplotypes": np.zeros((3, 2, 3), int)}, ValueError, r"shape \(4, 2, p\)"),
        ({"founder_haplotypes": np.zeros((4, 2, 5), int)}, ValueError, "positions has 3 loci"),
        ({"positions": [3, 2, 1]}, ValueError, "must not descend"),
        ({"positions": []}, ValueError, "positions must be a list"),
        ({"chromosomes": ["1"]}, ValueError, "chromosomes must name"),
        ({"chromosomes": ["1", "2", "1"]}, ValueError, "must stand together"),
        ({"recombination_rate": -1.0}, ValueError, "recombination_rate must lie in"),
    ],
)
def test_bad_arguments_of_gene_dropping(change, error, message):
    arguments = {
        "pedigree": simulate_pedigree(4, seed=1),
        "founder_haplotypes": np.zeros((4, 2, 3), dtype=np.int8),
        "positions": [1, 2, 3],
        "seed": 1,
    } | change
    with pytest.raises(error, match=message):
        drop_genes(**arguments)


def test_relationships_need_a_pedigree():
    with pytest.raises(TypeError, match="must be a Pedigree"):
        relationship_matrix([1, 2])
