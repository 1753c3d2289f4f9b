"""Pines and pigs inside a larger pedigree: Mendel's rules, relationships, exact heritability."""

import numpy as np
import pandas as pd
import pytest

from data_sim import studies
from data_sim.studies import _pines, pigs_like, pines_like
from geneml.pedigree import inbreeding, relationship_matrix


@pytest.fixture(scope="module")
def pines():
    return pines_like(seed=1)


@pytest.fixture(scope="module")
def pigs():
    return pigs_like(400, 3_000, n_causal=100, seed=1)


@pytest.fixture(params=["pines", "pigs"])
def study(request):
    return request.getfixturevalue(request.param)


def test_relationships_are_those_of_the_whole_pedigree(study):
    table = study.pedigree
    expected = relationship_matrix(
        table["individual"], table["father"], table["mother"], of=study.samples
    )
    np.testing.assert_allclose(study.relationship, expected, atol=1e-12)
    assert set(study.samples) < set(table["individual"])


def test_markers_follow_the_pedigree(study):
    """Genomic relationships (VanRaden 2008) grow one for one with those of the pedigree, once
    both are measured from the cohort rather than from the founders."""
    counts = study.genotypes.astype(np.float32)
    known = counts >= 0
    frequency = np.where(known, counts, 0).sum(axis=0) / (2 * known.sum(axis=0))
    dosage = np.where(known, counts - 2 * frequency, 0)
    # A pair is compared where both are known; a missing genotype adds nothing to the sum.
    genomic = dosage @ dosage.T / (2 * np.sum(frequency * (1 - frequency)) * known.mean() ** 2)
    n = len(dosage)
    centre = np.eye(n) - 1 / n
    # Drift has used up half the mean relationship of the founders' heterozygosity.
    expected = centre @ study.relationship @ centre / (1 - study.relationship.mean() / 2)
    pairs = np.triu_indices(n, 1)
    slope, intercept = np.polyfit(expected[pairs], genomic[pairs], 1)
    assert slope == pytest.approx(1, abs=0.06)
    assert intercept == pytest.approx(0, abs=0.005)
    assert np.corrcoef(expected[pairs], genomic[pairs])[0, 1] > 0.85


def test_the_same_seed_gives_the_same_pedigree():
    for make in (lambda seed: pines_like(80, 60, n_causal=10, seed=seed), _few_pigs):
        one, two, other = make(5), make(5), make(6)
        pd.testing.assert_frame_equal(one.pedigree, two.pedigree)
        np.testing.assert_array_equal(one.genotypes, two.genotypes)
        assert not one.pedigree.equals(other.pedigree)


def _few_pigs(seed):
    return pigs_like(60, 200, n_causal=10, seed=seed)


# Pines ------------------------------------------------------------------------------------


def test_pines_have_the_shape_of_the_real_ones(pines):
    assert pines.genotypes.shape == (926, 4853)
    assert len(pines.pedigree) == 2034
    founders = (pines.pedigree["father"] == "0") & (pines.pedigree["mother"] == "0")
    assert founders.sum() == 42
    assert (pines.genotypes == -1).mean() == pytest.approx(0.038, abs=0.001)
    counts = np.ma.masked_less(pines.genotypes, 0)
    assert (np.ma.ptp(counts, axis=0) == 0).sum() == pytest.approx(24, abs=5)
    assert 60 <= len(np.unique(pines.family)) <= 75
    assert pines.traits["diameter"].count() == 861


def test_pines_are_crossed_in_a_circle(pines):
    """Every parent of trees stands in the circle, so has two crosses or more; and some tree is
    mother in one cross and father in another."""
    parents = pines.pedigree.set_index("individual")
    tested = parents[parents.groupby(["father", "mother"])["father"].transform("size") > 3]
    tested = tested[tested["father"] != "0"]
    crosses = tested.drop_duplicates().to_numpy()
    _, times = np.unique(crosses.ravel(), return_counts=True)
    assert times.min() >= 2
    assert set(tested["father"]) & set(tested["mother"])
    assert not set(parents.loc[pines.samples].to_numpy().ravel()) & set(pines.samples)


def test_heritability_of_pines_is_exact_before_diameters_are_hidden(pines):
    value = pines.genetic_values["root_number"]
    assert value.var(ddof=0) / pines.traits["root_number"].var(ddof=0) == pytest.approx(0.2)
    truth = pines.truth["diameter"]
    parts = truth.variance_components
    assert parts["additive"] / sum(parts.values()) == pytest.approx(0.43)
    measured = pines.traits["diameter"].notna()
    share = pines.genetic_values["diameter"][measured].var() / pines.traits["diameter"].var()
    assert share == pytest.approx(0.43, abs=0.04)


def test_sibs_share_chromosomes_rather_than_loci(pines):
    """Within families neighbours go together (linkage), and chromosomes do not."""
    counts = np.where(pines.genotypes < 0, 1, pines.genotypes)[:, ::3].astype(float)
    of = np.eye(pines.family.max() + 1)[pines.family]
    within = counts - of @ (of.T @ counts / of.sum(axis=0)[:, None])
    varies = within.std(axis=0) > 0.3
    chromosome = pines.variants["chromosome"].to_numpy()[::3][varies]
    r2 = np.corrcoef(within[:, varies].T) ** 2
    same = chromosome[:-1] == chromosome[1:]
    far = r2[chromosome[:, None] != chromosome].mean()
    assert far == pytest.approx(1 / len(counts), rel=0.5)  # as chance would have it
    assert np.diag(r2, 1)[same].mean() > 5 * far


# Pigs -------------------------------------------------------------------------------------


def test_parent_and_child_are_never_opposite_homozygotes(pigs):
    row = pd.Series(np.arange(len(pigs.samples)), index=pigs.samples)
    parents = pigs.pedigree.set_index("individual").loc[pigs.samples]
    both = 0
    for side in ("father", "mother"):
        known = parents[side].isin(row.index).to_numpy()
        child, parent = pigs.genotypes[known], pigs.genotypes[row[parents[side][known]]]
        both += known.sum()
        assert (np.abs(child - parent) < 2).all()
        # Among strangers of the same herd there are many.
        assert (np.abs(child - parent[::-1]) == 2).mean() > 0.01
    assert both > 100


def test_homozygous_parents_decide_the_child(pigs):
    row = pd.Series(np.arange(len(pigs.samples)), index=pigs.samples)
    parents = pigs.pedigree.set_index("individual").loc[pigs.samples]
    known = (parents.isin(row.index)).all(axis=1).to_numpy()
    assert known.sum() > 20
    father, mother = (pigs.genotypes[row[parents[s][known]]] for s in ("father", "mother"))
    child = pigs.genotypes[known]
    sure = (father != 1) & (mother != 1)
    np.testing.assert_array_equal(child[sure], ((father + mother) // 2)[sure])
    mixed = (father == 1) & (mother == 1)  # 1 : 2 : 1
    shares = np.bincount(child[mixed], minlength=3) / mixed.sum()
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.25], atol=0.03)


def test_generations_of_pigs_overlap(pigs):
    table = pigs.pedigree.set_index("individual")
    parents = table.loc[pigs.samples]
    batch = pigs.covariates["batch"]
    lag = pd.concat(
        [batch - batch.reindex(parents[side]).to_numpy() for side in ("father", "mother")]
    ).dropna()
    assert set(lag) == {1, 2, 3}
    assert batch.between(4, 9).all()
    # Few sires, more dams; nobody is both.
    assert parents["father"].nunique() < parents["mother"].nunique()
    assert not (set(table["father"]) & set(table["mother"])) - {"0"}
    assert inbreeding(pigs.pedigree["individual"], table["father"], table["mother"]).max() > 0


def test_heritabilities_of_pigs_are_the_published_ones(pigs):
    share = pigs.genetic_values.var() / pigs.traits.var()
    assert share.tolist() == pytest.approx([0.07, 0.16, 0.38, 0.58, 0.62])
    np.testing.assert_allclose(pigs.traits.mean(), 0, atol=1e-10)


def test_the_map_of_pigs_is_anonymised(pigs):
    """Linkage is there, but not between markers that stand side by side."""
    assert set(pigs.variants["chromosome"]) == {"0"}
    assert set(pigs.variants["position"]) == {0}
    varies = pigs.genotypes[:, pigs.genotypes.std(axis=0) > 0.3]
    r2 = np.corrcoef(varies.T) ** 2
    np.fill_diagonal(r2, 0)
    # By chance alone the largest of 3,000 values of r2 among 400 pigs is about 0.04.
    assert np.median(r2.max(axis=0)) > 0.3
    assert np.median(np.diag(r2, 1)) < 0.02


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("pines_like", {"n": 10}, "n must be 60 or more"),
        ("pines_like", {"n": 100, "heritability": (0.2, 1.2)}, r"two shares in \[0, 1\]"),
        ("pines_like", {"n": 100, "missing_rate": 1.0}, "missing_rate must lie in"),
        ("pigs_like", {"p": 10}, "p must be 200 or more"),
        ("pigs_like", {"n": 100, "n_pedigree": 150}, "n_pedigree must be 200 or more"),
        ("pigs_like", {"n": 100, "p": 200, "n_causal": 3}, r"n_causal must be 5 \(the traits\)"),
        ("pigs_like", {"n": 100, "heritability": ()}, "one or more shares"),
    ],
)
def test_bad_arguments_are_named(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(studies, name)(**options)


def test_pines_whose_founders_hold_too_few_loci(monkeypatch):
    monkeypatch.setattr(_pines, "_SPARE", 0.5)
    with pytest.raises(ValueError, match=r"n_causal is 20, but only \d+ loci that vary are left"):
        pines_like(100, 200, n_causal=20)
