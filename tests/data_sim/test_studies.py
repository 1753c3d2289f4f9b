"""The chapters' cohorts: whole, truthful, repeatable, and able to teach what they are for."""

import inspect
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from data_sim import studies
from data_sim.sequences import encode_bases
from data_sim.studies import STUDIES

QUICK = {
    "small_panel": {"n": 120, "p": 60},
    "mice_like": {"n": 150, "p": 400, "n_causal": 50},
    "wheat_like": {"n": 80, "p": 120, "n_causal": 30},
    "pines_like": {"n": 120, "p": 200, "n_causal": 30},
    "pigs_like": {"n": 100, "p": 200, "n_causal": 30},
    "thesis": {"n": 600, "length": 60},
    "regulatory": {"n": 150, "length": 60},
    "full_sib_families": {"n_families": 12, "family_size": 5, "p": 200},
    "half_sibs": {"n_sires": 8, "dams_per_sire": 6, "p": 200},
    "two_populations": {"n": 120, "p": 150, "n_causal": 20, "length": 1_000_000},
    "rare_extremes": {"n": 400, "p": 40},
    "smoking": {"n": 200, "n_loci": 60},
    "alzheimer": {"n": 150, "n_loci": 60},
}


def read_by_the_truth(study):
    """The matrix or sequences that the truth of a study reads."""
    if study.name == "regulatory":
        return study.sequences
    if study.sequences is not None:
        return study.mutations
    return study.genotypes if study.causal_genotypes is None else study.causal_genotypes


@pytest.fixture(scope="module", params=STUDIES)
def study(request):
    return STUDIES[request.param](seed=3, **QUICK[request.param])


def test_every_table_has_the_samples_in_order(study):
    n = len(study.samples)
    assert len(set(study.samples)) == n
    for table in (study.traits, study.genetic_values, study.covariates):
        assert table.index.tolist() == study.samples.tolist()
        # Some of the pines' diameters are not measured.
        assert not table.drop(columns="diameter", errors="ignore").isna().any().any()
    assert list(study.traits) == list(study.genetic_values) == list(study.truth)
    assert study.description.endswith(".")
    if study.genotypes is not None:
        assert study.genotypes.dtype == np.int8
        assert study.genotypes.shape == (n, len(study.variants))
        assert study.variants["id"].is_unique
        assert (study.variants["reference"] != study.variants["alternative"]).all()
        assert {"id", "chromosome", "position"} <= set(study.variants)
        for _, chromosome in study.variants.groupby("chromosome", sort=False):
            assert chromosome["position"].is_monotonic_increasing
    else:
        assert len(study.sequences) == n
        assert len(set(map(len, study.sequences))) == 1


def test_the_truth_gives_the_genetic_values(study):
    for name, truth in study.truth.items():
        value = truth.genetic_value(read_by_the_truth(study))
        np.testing.assert_allclose(
            value - value.mean(), study.genetic_values[name], atol=1e-10, err_msg=name
        )


def test_variance_components_are_exact_and_add_up(study):
    for name, truth in study.truth.items():
        genetic = study.genetic_values[name].to_numpy()
        # Where a trait is seen through a transformation, variances add up in its liability.
        seen = study.liabilities if isinstance(study, studies.LiabilityStudy) else study.traits
        rest = seen[name].to_numpy() - genetic
        parts = dict(truth.variance_components)
        shift = parts.pop("shift", 0.0)
        total = sum(parts.values())
        assert genetic.var() == pytest.approx(truth.heritability * total, rel=1e-9)
        if study.name not in ("two_populations", "mice_like", "alzheimer") and name != "diameter":
            assert abs(np.cov(genetic, rest)[0, 1]) < 1e-10
            assert (genetic + rest).var() == pytest.approx(total + shift, rel=1e-9)


def test_the_seed_decides_everything(study):
    function, options = STUDIES[study.name], QUICK[study.name]
    again, other = function(seed=3, **options), function(seed=4, **options)
    pd.testing.assert_frame_equal(study.traits, again.traits)
    pd.testing.assert_frame_equal(study.covariates, again.covariates)
    if study.genotypes is None:
        assert study.sequences == again.sequences
        assert study.sequences != other.sequences
    else:
        np.testing.assert_array_equal(study.genotypes, again.genotypes)
        assert not np.array_equal(study.genotypes[:50, :20], other.genotypes[:50, :20])


def test_relatives_agree_with_pedigree_and_family(study):
    if study.pedigree is None:
        assert study.family is None
        return
    known = set(study.pedigree["individual"]) | {"0"}
    assert set(study.pedigree["father"]) | set(study.pedigree["mother"]) <= known
    if study.name in ("pines_like", "pigs_like"):
        return  # relatives of many kinds: see test_studies_relatives.py
    parents = study.pedigree.set_index("individual").loc[study.samples]
    shared = (
        (parents["father"].to_numpy()[:, None] == parents["father"].to_numpy()).astype(float)
        + (parents["mother"].to_numpy()[:, None] == parents["mother"].to_numpy())
    ) / 4
    np.fill_diagonal(shared, 1.0)
    np.testing.assert_array_equal(study.relationship, shared)
    same = study.family[:, None] == study.family
    np.testing.assert_array_equal(same, study.relationship > 0)


def test_studies_have_the_size_of_what_they_imitate():
    sizes = {
        name: [inspect.signature(f).parameters[argument].default for argument in arguments]
        for name, arguments, f in (
            ("mice_like", ("n", "p"), studies.mice_like),
            ("wheat_like", ("n", "p"), studies.wheat_like),
            ("pines_like", ("n", "p"), studies.pines_like),
            ("pigs_like", ("n", "p"), studies.pigs_like),
            ("thesis", ("n", "length", "n_causal"), studies.thesis),
        )
    }
    assert sizes == {
        "mice_like": [1814, 10346],
        "wheat_like": [599, 1279],
        "pines_like": [926, 4853],
        "pigs_like": [2314, 52843],
        "thesis": [9000, 200, 16],
    }


# Mice -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mice():
    return studies.mice_like(seed=1)


def linkage(genotypes, centimorgan):
    """Mean r^2 of pairs of loci of one chromosome, by distance in centimorgan."""
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = np.corrcoef(genotypes.T.astype(np.float32)) ** 2
    distance = np.abs(centimorgan[:, None] - centimorgan)
    edges = ((0, 0.5), (0.5, 1), (1, 2), (2, 5), (5, 10))
    return np.array([np.nanmean(r2[(distance > low) & (distance <= high)]) for low, high in edges])


def test_mice_have_families_cages_and_sexes_like_the_real_ones(mice):
    assert mice.genotypes.shape == (1814, 10346)
    assert np.unique(mice.family).size == 169
    # Eigenvalues of full-sib relationships: (size + 1) / 2 once a family, else 1/2.
    sizes = np.bincount(mice.family)
    eigenvalues = np.linalg.eigvalsh(mice.relationship)
    expected = np.sort(np.concatenate([(sizes + 1) / 2, np.full(1814 - 169, 0.5)]))
    np.testing.assert_allclose(eigenvalues, expected, atol=1e-8)
    male = (mice.covariates["sex"] == "M").to_numpy()
    on_x = (mice.variants["chromosome"] == "X").to_numpy()
    assert on_x.sum() == 272
    heterozygous = (mice.genotypes[:, on_x] == 1).mean(axis=1)
    assert np.all(heterozygous[male] == 0)
    assert heterozygous[~male].mean() > 0.2
    for trait in mice.traits:
        assert mice.traits[trait][male].mean() > mice.traits[trait][~male].mean()
    cages = mice.covariates.groupby("cage")
    assert (cages["sex"].nunique() == 1).all()
    assert (cages["cage_density"].nunique() == 1).all()
    assert (cages.size() <= cages["cage_density"].first()).all()


def test_sibs_of_the_mice_share_half_their_genes(mice):
    autosomal = (mice.variants["chromosome"] != "X").to_numpy()
    dosage = mice.genotypes[:, autosomal].astype(np.float32)
    frequency = dosage.mean(axis=0) / 2
    centred = dosage - 2 * frequency
    relationship = centred @ centred.T / (2 * frequency * (1 - frequency)).sum()
    sibs = np.triu(mice.family[:, None] == mice.family, 1)
    strangers = np.triu(mice.family[:, None] != mice.family, 1)
    # VanRaden (2008) relationships are relative to the average of the cohort.
    assert relationship[sibs].mean() - relationship[strangers].mean() == pytest.approx(
        0.5, abs=0.05
    )


def test_mice_resemble_the_real_mice(mice, real_data):
    from geneml.datasets import load

    real = load("mice")
    assert real.genotypes.shape == mice.genotypes.shape
    assert list(real.traits) == list(mice.traits)
    assert set(mice.covariates) <= set(real.covariates)
    for trait in real.traits:
        assert mice.traits[trait].mean() == pytest.approx(real.traits[trait].mean(), rel=0.05)
        assert mice.traits[trait].std() == pytest.approx(real.traits[trait].std(), rel=0.2)
    curves = []
    for cohort in (real, mice):
        first = (cohort.variants["chromosome"].astype(str) == "1").to_numpy()
        curves.append(
            linkage(cohort.genotypes[:, first], cohort.variants["centimorgan"].to_numpy()[first])
        )
    np.testing.assert_allclose(curves[1], curves[0], atol=0.1)


# What the others are for ------------------------------------------------------------------


def ridge_correlation(genotypes, y, training, test, penalty=1.0):
    """Correlation of a ridge prediction with the trait of the test rows."""
    x = genotypes.astype(float)
    x = x - x[training].mean(axis=0)
    kernel = x @ x.T
    kernel /= np.trace(kernel) / len(kernel)
    inner = kernel[np.ix_(training, training)] + penalty * np.eye(len(training))
    weight = np.linalg.solve(inner, y[training] - y[training].mean())
    return np.corrcoef(kernel[np.ix_(test, training)] @ weight, y[test])[0, 1]


def test_relatives_on_both_sides_flatter_a_model():
    difference = []
    for seed in range(8):
        study = studies.full_sib_families(30, 10, 400, seed=seed)
        y = study.traits["trait"].to_numpy()
        order = np.random.default_rng(seed).permutation(300)
        apart = np.isin(study.family, np.random.default_rng(seed).permutation(30)[:6])
        scores = [
            ridge_correlation(study.genotypes, y, order[60:], order[:60]),
            ridge_correlation(study.genotypes, y, np.flatnonzero(~apart), np.flatnonzero(apart)),
        ]
        difference.append(scores[0] - scores[1])
    assert np.mean(difference) > 3 * np.std(difference, ddof=1) / np.sqrt(8)


def test_a_model_of_one_population_does_worse_in_the_other():
    difference = []
    for seed in range(6):
        study = studies.two_populations(600, 400, share_b=0.5, hide_causal=True, seed=seed)
        assert study.causal_genotypes.shape == (600, 40)
        y = study.traits["trait"].to_numpy()
        in_a = np.flatnonzero(study.covariates["population"] == "A")
        in_b = np.flatnonzero(study.covariates["population"] == "B")
        train, test = in_a[:200], in_a[200:]
        difference.append(
            ridge_correlation(study.genotypes, y, train, test)
            - ridge_correlation(study.genotypes, y, train, in_b)
        )
    assert np.mean(difference) > 2 * np.std(difference, ddof=1) / np.sqrt(6)


def test_the_shift_of_the_environment_is_what_was_asked_for():
    study = studies.two_populations(200, 100, environment_shift=3.0, n_causal=20, seed=2)
    still = studies.two_populations(200, 100, environment_shift=0.0, n_causal=20, seed=2)
    difference = study.traits["trait"] - still.traits["trait"]
    in_b = (study.covariates["population"] == "B").to_numpy()
    np.testing.assert_allclose(difference, np.where(in_b, 3.0, 0.0), atol=1e-12)


def test_hotspots_give_the_causal_sites_away_and_uniform_mutations_do_not():
    found = {}
    for mutations in ("uniform", "hotspots"):
        study = studies.thesis(3_000, mutations=mutations, seed=5)
        top = np.argsort(-study.mutations.mean(axis=0))[:16]
        found[mutations] = np.isin(top, study.truth["trait"].causal_loci).sum()
    assert found["hotspots"] == 16
    assert found["uniform"] < 8


def test_thesis_keeps_its_interactions_and_uniqueness():
    study = studies.thesis(2_000, unique=True, seed=6)
    truth = study.truth["trait"]
    assert truth.causal_loci.size == 16
    assert truth.pairs.shape == (6, 2)
    assert truth.heritability == 0.986
    assert len(set(study.sequences)) == 2_000
    repeated = studies.thesis(2_000, mutations="hotspots", seed=6)
    assert len(set(repeated.sequences)) < 2_000


def test_a_motif_acts_wherever_it_stands():
    study = studies.regulatory(400, 80, seed=7)
    truth = study.truth["trait"]
    background = "A" * 40
    values = [background[:start] + truth.motif + background[start:] for start in (0, 11, 25, 40)]
    value = truth.genetic_value(values)
    nothing = truth.genetic_value(["A" * 48])
    np.testing.assert_allclose(value - nothing, truth.scale, rtol=0.02)
    counts = np.array([len(starts) for starts in truth.starts])
    assert np.corrcoef(counts, study.genetic_values["trait"])[0, 1] > 0.5
    for sequence, starts in zip(study.sequences, truth.starts, strict=True):
        assert np.all(np.diff(starts) >= 8)
        for start in starts:
            window = sequence[start : start + 8]
            assert sum(a != b for a, b in zip(window, truth.motif, strict=True)) <= 2


def test_mutating_a_motif_by_brute_force():
    study = studies.regulatory(50, 60, seed=8)
    truth, sequence = study.truth["trait"], study.sequences[0]
    effects = truth.mutation_effects(sequence)
    before = truth.genetic_value([sequence])[0]
    for site in range(60):
        for code, letter in enumerate("ACGT"):
            mutant = sequence[:site] + letter + sequence[site + 1 :]
            assert effects[site, code] == pytest.approx(
                truth.genetic_value([mutant])[0] - before, abs=1e-12
            )
    assert np.all(effects[np.arange(60), encode_bases(sequence)] == 0)


def test_no_single_site_tells_of_a_motif():
    study = studies.regulatory(2_000, 60, seed=9)
    y = study.traits["trait"].to_numpy()
    codes = np.array([encode_bases(sequence) for sequence in study.sequences])
    one_hot = (codes[:, :, None] == np.arange(4)).reshape(2_000, -1)
    assert ridge_correlation(one_hot, y, np.arange(1_500), np.arange(1_500, 2_000)) < 0.3


def test_rare_extremes_are_rare_and_extreme():
    study = studies.rare_extremes(8_000, extreme_fraction=0.03, seed=10)
    extreme = study.covariates["extreme"].to_numpy()
    assert extreme.mean() == pytest.approx(0.03, abs=0.006)
    y = study.traits["trait"].to_numpy()
    assert y[extreme].mean() - y[~extreme].mean() > 2 * y[~extreme].std()
    i, j = study.truth["trait"].pairs[0]
    np.testing.assert_array_equal(
        extreme, (study.genotypes[:, i] > 0) & (study.genotypes[:, j] > 0)
    )


def test_missing_genotypes_hide_nothing_from_the_trait():
    whole = studies.small_panel(200, 50, seed=11)
    holes = studies.small_panel(200, 50, missing_rate=0.2, seed=11)
    assert (holes.genotypes == -1).mean() == pytest.approx(0.2, abs=0.02)
    assert holes.traits["trait"].var(ddof=0) == pytest.approx(1)
    assert (whole.genotypes >= 0).all()


def test_wheat_lines_are_inbred_and_their_environments_related():
    study = studies.wheat_like(seed=12)
    assert set(np.unique(study.genotypes)) == {0, 2}
    assert np.all(np.ptp(study.genotypes, axis=0) == 2)
    np.testing.assert_array_equal(np.diag(study.relationship), 2.0)
    assert np.linalg.eigvalsh(study.relationship).min() > 0
    correlation = study.traits.corr()
    assert list(study.traits) == ["yield_1", "yield_2", "yield_3", "yield_4"]
    assert correlation.loc["yield_2", "yield_3"] == pytest.approx(0.65)
    assert correlation.loc["yield_1", "yield_3"] == pytest.approx(-0.175)


def test_relationships_of_wheat_agree_with_their_markers():
    study = studies.wheat_like(150, 1_279, seed=13)
    dosage = study.genotypes - study.genotypes.mean(axis=0)
    markers = dosage @ dosage.T
    upper = np.triu_indices(150, 1)
    assert np.corrcoef(markers[upper], study.relationship[upper])[0, 1] > 0.6


# Bad arguments ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        ("small_panel", {"n_causal": 500}, ValueError, "ask for fewer"),
        ("small_panel", {"heritability": 2}, ValueError, "heritability must lie in"),
        ("small_panel", {"architecture": 3}, TypeError, "must be an Architecture"),
        ("rare_extremes", {"extreme_fraction": 0.9}, ValueError, "extreme_fraction must lie"),
        ("rare_extremes", {"p": 10}, ValueError, "p must be 22 or more"),
        ("rare_extremes", {"n": 10, "extreme_fraction": 1e-6}, ValueError, "no individual"),
        ("full_sib_families", {"n_families": 2}, ValueError, "n_families must be 4"),
        ("full_sib_families", {"family_size": 1}, ValueError, "family_size must be 2"),
        ("full_sib_families", {"heritability": 0.9}, ValueError, "sum to at most 1"),
        ("full_sib_families", {"n_causal": 5_000}, ValueError, "n_causal is 5000"),
        ("half_sibs", {"dams_per_sire": 1}, ValueError, "dams_per_sire must be 2"),
        ("two_populations", {"share_b": 1}, ValueError, "share_b must lie in"),
        ("two_populations", {"hide_causal": "no"}, TypeError, "hide_causal must be True"),
        ("two_populations", {"p": 10}, ValueError, "n_causal is 40"),
        ("thesis", {"mutations": "none"}, ValueError, "mutations must be one of"),
        ("thesis", {"length": 10}, ValueError, "do not fit in 10 bases"),
        ("thesis", {"mutations": "hotspots", "mutation_rate": 0.2}, ValueError, "mutation_rate"),
        ("thesis", {"n": 20, "mutation_rate": 0.001}, ValueError, "mutated in none"),
        ("thesis", {"architecture": "simple"}, TypeError, "must be an Architecture"),
        ("regulatory", {"motif": "TGANTCA"}, ValueError, "only the letters"),
        ("regulatory", {"motif": "TG"}, ValueError, "at least 3 bases"),
        ("regulatory", {"length": 20}, ValueError, "need a length of at least 48"),
        ("regulatory", {"max_mismatches": 8}, ValueError, "max_mismatches must be below 8"),
        ("regulatory", {"strength": 1}, ValueError, "strength must lie in"),
        ("mice_like", {"n": 10}, ValueError, "n must be 40 or more"),
        ("mice_like", {"heritability": 0.5}, ValueError, "heritability must be two shares"),
        ("mice_like", {"cage_environment": (0.9, 0.9)}, ValueError, "sum to at most 1"),
        ("mice_like", {"n_causal": 10**6}, ValueError, "n_causal is 1000000"),
        ("wheat_like", {"n_causal": 1_000}, ValueError, "at most half"),
        ("wheat_like", {"n": 5}, ValueError, "n must be 20 or more"),
        ("small_panel", {"seed": "x"}, TypeError, "seed must be"),
    ],
)
def test_bad_arguments_are_explained(name, arguments, error, message):
    with pytest.raises(error, match=message):
        STUDIES[name](**arguments)


def test_a_motif_truth_explains_bad_sequences():
    truth = studies.regulatory(20, 60, seed=1).truth["trait"]
    with pytest.raises(TypeError, match="list of strings"):
        truth.genetic_value("ACGT")
    with pytest.raises(ValueError, match="one length"):
        truth.genetic_value(["ACGT", "ACG"])
    with pytest.raises(ValueError, match="fewer than the 8"):
        truth.genetic_value(["ACGT"])


def test_only_mutated_copies_have_mutations():
    with pytest.raises(ValueError, match="no reference sequence"):
        studies.small_panel(20, 30, seed=1).mutations  # noqa: B018


def test_importing_the_simulators_loads_nothing_heavy():
    code = (
        "import sys, data_sim, data_sim.studies\n"
        "heavy = {'keras', 'tensorflow', 'geneml', 'lessons', 'msprime', 'sklearn', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
