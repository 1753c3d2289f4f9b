"""Real cohorts against the numbers published with them, and what happens without them."""

import http.server
import os
import re
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from geneml import _downloads, _real, datasets


@pytest.fixture
def nothing(monkeypatch, tmp_path):
    """No folder of data, an empty cache, and no network."""
    monkeypatch.delenv("GENEML_DATA", raising=False)
    monkeypatch.delenv("GENEML_OFFLINE", raising=False)
    monkeypatch.setattr(_downloads, "cache_folder", lambda: tmp_path / "cache")

    def refuse(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(_downloads.socket, "create_connection", refuse)
    monkeypatch.setattr(_downloads.urllib.request, "getproxies", dict)
    return tmp_path


def _study(seed=0):
    samples = np.array(["a", "b"])
    return SimpleNamespace(
        name="mice_like",
        description="two mice",
        genotypes=np.random.default_rng(seed).integers(0, 3, (2, 50)),
        sequences=None,
        samples=samples,
        traits=pd.DataFrame({"bmi": [1.0, 2.0]}, index=samples),
    )


def _load(name):
    """The real cohort, read once for this file."""
    folder = os.environ.get("GENEML_DATA", "")
    for file in datasets.SOURCES[name].files:
        if not (Path(folder) / file.name).is_file():
            pytest.skip(f"no {name} here: set GENEML_DATA to a folder with {file.name}")
    return datasets.load(name)


@pytest.fixture(scope="module")
def mice():
    return _load("mice")


@pytest.fixture(scope="module")
def wheat():
    return _load("wheat")


def test_mice_are_as_many_as_published(mice):
    assert mice.genotypes.shape == (1814, 10346)
    assert mice.is_real
    assert mice.traits.columns.tolist() == ["body_length", "bmi"]
    assert (mice.variants["chromosome"] == "X").sum() == 272
    assert set(np.unique(mice.genotypes)) == {0, 1, 2}
    assert datasets.SOURCES["mice"].files[0].sha256 in mice.origin


def test_mice_have_the_published_body_mass_index(mice):
    bmi = mice.trait("bmi")
    assert bmi.mean() == pytest.approx(-0.457, abs=5e-4)
    assert bmi.std(ddof=1) == pytest.approx(0.060, abs=5e-4)
    assert mice.trait("body_length").min() > 5  # centimetres


def test_the_x_chromosome_tells_the_sex_of_mice(mice):
    on_x = (mice.variants["chromosome"] == "X").to_numpy()
    het = (mice.genotypes[:, on_x] == 1).mean(axis=1)
    by_sex = pd.Series(het).groupby(mice.covariates["sex"].to_numpy()).mean()
    assert by_sex["M"] == pytest.approx(0.07, abs=0.005)
    assert by_sex["F"] == pytest.approx(0.35, abs=0.005)


def test_mice_have_169_families_of_full_sibs(mice):
    assert set(np.unique(mice.relationship)) == {0, 0.5, 1}
    family = mice.covariates["family"].to_numpy()
    assert len(np.unique(family)) == 169
    # Every pair of one family is related by a half, and no other pair is.
    expected = np.where(family[:, None] == family, 0.5, 0.0)
    np.fill_diagonal(expected, 1)
    np.testing.assert_array_equal(mice.relationship, expected)


def test_sibs_look_alike_in_their_markers(mice):
    """The markers follow the pedigree: rows of the two belong to the same animals."""
    z = mice.genotypes[:, ::10].astype(np.float32)
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    alike = z @ z.T / z.shape[1]
    assert alike[mice.relationship == 0.5].mean() == pytest.approx(0.5, abs=0.05)
    assert alike[mice.relationship == 0].mean() == pytest.approx(0, abs=0.05)


def test_mice_are_matched_by_identifier(mice, monkeypatch):
    """Every table of the file in another order gives the same cohort."""
    read = _real._read_r

    def shuffled(path, expected):
        data, rng = dict(read(path, expected)), np.random.default_rng(0)
        for name in ("mice.pheno", "mice.map"):
            data[name] = data[name].iloc[rng.permutation(len(data[name]))]
        order = rng.permutation(1814)
        data["mice.A"] = data["mice.A"][order, order]
        return data

    monkeypatch.setattr(_real, "_read_r", shuffled)
    again = datasets.load("mice")
    pd.testing.assert_frame_equal(again.traits, mice.traits)
    pd.testing.assert_frame_equal(again.covariates, mice.covariates)
    pd.testing.assert_frame_equal(again.variants, mice.variants)
    np.testing.assert_array_equal(again.relationship, mice.relationship)


def test_snp_names_end_in_the_counted_allele(mice):
    table = mice.variants
    assert table["alternative"].tolist() == [name[-1] for name in table["id"]]
    assert (table["reference"] != table["alternative"]).all()
    # Genetic, not physical, positions: no mouse chromosome is so short in megabases.
    assert table.groupby("chromosome")["centimorgan"].max().max() < 130


def test_covariates_of_mice_can_be_adjusted_for(mice):
    from geneml.adjust import adjust

    columns = mice.covariates[["sex", "litter", "cage_density", "month"]]
    residual = adjust(mice.trait("body_length"), columns)
    assert residual.var() < 0.9 * mice.trait("body_length").var()
    by_month = pd.Series(residual).groupby(columns["month"].to_numpy(), observed=True).mean()
    np.testing.assert_allclose(by_month, 0, atol=1e-10)


def test_wheat_is_as_published(wheat):
    assert wheat.genotypes.shape == (599, 1279)
    assert set(np.unique(wheat.genotypes)) == {0, 2}  # inbred lines
    assert wheat.traits.columns.tolist() == ["yield_1", "yield_2", "yield_3", "yield_4"]
    np.testing.assert_allclose(wheat.traits.mean(), 0, atol=1e-10)
    np.testing.assert_allclose(wheat.traits.std(), 1, atol=1e-3)
    # Markers have no names of lines: that their order is that of the pedigree shows in
    # the agreement of the two relationships, which any other order destroys.
    z = wheat.genotypes / 2.0
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    alike, pairs = z @ z.T, np.triu_indices(599, 1)
    shuffled = np.random.default_rng(0).permutation(599)
    related = wheat.relationship[pairs]
    assert np.corrcoef(alike[pairs], related)[0, 1] > 0.2
    assert abs(np.corrcoef(alike[np.ix_(shuffled, shuffled)][pairs], related)[0, 1]) < 0.05


@pytest.fixture(scope="module")
def pines():
    return _load("pines")


def test_pines_are_as_published(pines):
    """Resende et al. 2012: 4,853 SNPs. The 926 trees, the 24 SNPs that do not vary and the 3.8 %
    of missing genotypes are as the files' publisher describes them."""
    assert pines.genotypes.shape == (926, 4853)
    assert set(np.unique(pines.genotypes)) == {-1, 0, 1, 2}
    assert (pines.genotypes == -1).mean() == pytest.approx(0.038, abs=5e-4)
    frequency = pines.allele_frequency()
    assert ((frequency == 0) | (frequency == 1)).sum() == 24
    assert (frequency > 0.5).sum() > 4800  # the commoner allele is counted
    assert pines.is_real
    for file in datasets.SOURCES["pines"].files:
        assert file.sha256 in pines.origin


def test_pines_are_joined_by_identifier(pines, real_data):
    """The file of diameters repeats the parents; both files of traits name their trees."""
    import rdata

    table = rdata.read_rda(real_data / "pheno_pine.rda")["pheno.pine"].set_index("Genotype")
    own = pines.pedigree.set_index("individual").loc[table.index.astype(str)]
    assert own["mother"].tolist() == table["Mother"].astype(str).tolist()
    assert own["father"].tolist() == table["Father"].astype(str).tolist()
    measured = pines.traits["diameter"].dropna()
    assert len(measured) == 861
    np.testing.assert_array_equal(table["DBH_Adj"].loc[measured.index.astype(int)], measured)

    lines = (real_data / "DATA_rootnum_age10_rootnum.csv").read_text().splitlines()[1:]
    rows = [line.replace('"', "").split(",") for line in lines]
    roots = {row[0]: float(row[3]) for row in rows if row[3] not in ("", "NA")}
    assert pines.traits["root_number"].dropna().to_dict() == pytest.approx(roots)
    assert len(roots) == 925


def test_root_number_of_pines_is_the_deregressed_breeding_value(pines, real_data):
    """Within families the breeding value much enlarged; between them by far less."""
    table = pd.read_csv(real_data / "DATA_rootnum_age10_rootnum.csv", index_col=0)
    bred = table["BV"].loc[pines.samples.astype(int)].to_numpy()
    frame = pd.DataFrame({"bred": bred, "roots": pines.traits["root_number"].to_numpy()})
    known = frame.notna().all(axis=1)
    frame = frame[known]
    groups = frame.groupby(pines.covariates["family"].to_numpy()[known])
    within = frame - groups.transform("mean")
    means = groups.mean()[groups.size() >= 10]
    assert within.corr().iloc[0, 1] > 0.99
    assert np.polyfit(within["bred"], within["roots"], 1)[0] == pytest.approx(8.5, abs=0.5)
    assert np.polyfit(means["bred"], means["roots"], 1)[0] < 2


def test_families_of_pines_are_their_parents(pines):
    own = pines.pedigree.set_index("individual").loc[pines.samples]
    couple = [frozenset(pair) for pair in zip(own["father"], own["mother"], strict=True)]
    family = pines.covariates["family"]
    assert len(set(couple)) == family.nunique() == len(set(zip(couple, family, strict=True)))
    assert family.nunique() == 71
    assert (own != "0").all().all()
    assert not set(own.to_numpy().ravel()) & set(pines.samples)  # no parent is genotyped


def test_markers_of_pines_follow_the_pedigree(pines):
    """What two trees share in their markers grows with their expected relationship."""
    counts = pines.genotypes.astype(np.float32)
    z = np.where(counts < 0, 0, counts - 2 * pines.allele_frequency()).astype(np.float32)
    alike = z @ z.T / np.sum(z.var(axis=0))
    pairs = np.triu_indices(926, 1)
    expected, found = pines.relationship[pairs], alike[pairs]
    assert np.corrcoef(expected, found)[0, 1] > 0.9
    assert np.polyfit(expected, found, 1)[0] == pytest.approx(1, abs=0.2)
    assert len(pines.pedigree) == 2034


def test_a_file_of_several_is_asked_for_by_name(pines):
    assert datasets.find("pines").name == "geno_pine926.rda"
    assert datasets.find("pines", "ped_pine.rda").name == "ped_pine.rda"
    with pytest.raises(ValueError, match="expected one of geno_pine926.rda, .*'mice.RData'"):
        datasets.find("pines", "mice.RData")


def test_one_file_of_several_that_is_absent_is_named(pines, real_data, tmp_path, monkeypatch):
    for file in datasets.SOURCES["pines"].files[:3]:
        (tmp_path / file.name).symlink_to(real_data / file.name)
    monkeypatch.setenv("GENEML_DATA", str(tmp_path))
    monkeypatch.setenv("GENEML_OFFLINE", "1")
    monkeypatch.setattr(_downloads, "cache_folder", lambda: tmp_path / "cache")
    with pytest.raises(datasets.DatasetUnavailable, match="DATA_rootnum_age10_rootnum.csv is not"):
        datasets.load("pines")


@pytest.fixture(scope="module")
def lct():
    file = datasets.SOURCES["lct"].files[0].name
    if not (Path(os.environ.get("GENEML_DATA", "")) / file).is_file():
        pytest.skip(f"no lct here: set GENEML_DATA to a folder with {file}")
    return datasets.haplotypes("lct")


def test_lct_holds_the_people_of_the_1000_genomes(lct):
    """1000 Genomes Project Consortium 2015: 2,504 people of 26 populations."""
    assert lct.haplotypes.shape == (5008, 8076)
    assert lct.haplotypes.dtype == np.int8
    assert set(np.unique(lct.haplotypes)) == {0, 1}
    assert lct.is_real
    assert datasets.SOURCES["lct"].files[0].sha256 in lct.origin
    groups, counts = np.unique(lct.super_population, return_counts=True)
    # Twice 661, 347, 504, 503 and 489 people.
    assert dict(zip(groups, counts.tolist(), strict=True)) == {
        "AFR": 1322,
        "AMR": 694,
        "EAS": 1008,
        "EUR": 1006,
        "SAS": 978,
    }
    assert np.unique(lct.population).size == 26
    assert np.all(np.diff(lct.positions) >= 0)
    assert lct.positions[0] >= 136_400_000
    assert lct.positions[-1] <= 136_700_000
    frequency = lct.frequency()
    assert (np.minimum(frequency, 1 - frequency) > 0.01).sum() == 1261  # stated with the file


def test_lactase_persistence_is_common_in_the_north_of_europe_alone(lct):
    """The allele -13910*T (rs4988235, here A): about 0.7 in Britain, rare in Tuscany, absent
    among Yoruba. Bersaglieri et al. (2004, Am. J. Hum. Genet. 74:1111) find 0.77 in people of
    northern European descent."""
    (place,) = np.flatnonzero(lct.ids == "rs4988235")
    assert lct.positions[place] == 136_608_646
    carried = lct.haplotypes[:, place]
    assert carried[lct.population == "GBR"].mean() == pytest.approx(0.72, abs=0.03)
    assert carried[lct.population == "TSI"].mean() < 0.15
    assert carried[lct.population == "YRI"].mean() == 0


def test_haplotypes_are_chosen_by_population_and_frequency(lct):
    chosen = datasets.haplotypes(super_populations=("AFR", "EUR"), minimum_frequency=0.05)
    rows = np.isin(lct.super_population, ["AFR", "EUR"])
    assert len(chosen.haplotypes) == 2328 == rows.sum()
    frequency = lct.haplotypes[rows].mean(axis=0)
    kept = (frequency >= 0.05) & (frequency <= 0.95)
    np.testing.assert_array_equal(chosen.haplotypes, lct.haplotypes[rows][:, kept])
    np.testing.assert_array_equal(chosen.positions, lct.positions[kept])
    np.testing.assert_array_equal(chosen.ids, lct.ids[kept])
    np.testing.assert_array_equal(chosen.population, lct.population[rows])


def test_the_people_of_lct_are_a_cohort_too(lct):
    cohort = datasets.load("lct")
    assert cohort.genotypes.shape == (2504, 8076)
    np.testing.assert_array_equal(cohort.genotypes.sum(axis=0), lct.haplotypes.sum(axis=0))
    np.testing.assert_allclose(cohort.allele_frequency(), lct.frequency())
    assert list(cohort.covariates) == ["sex", "population", "super_population"]
    assert cohort.covariates["sex"].isin(["male", "female"]).all()
    assert cohort.covariates.loc["HG00096", "population"] == "GBR"


def test_bad_requests_for_haplotypes_are_refused(lct):
    with pytest.raises(ValueError, match="expected one of lct"):
        datasets.haplotypes("mice")
    with pytest.raises(ValueError, match=r"expected a share in \[0, 0.5\]"):
        datasets.haplotypes(minimum_frequency=0.7)
    with pytest.raises(TypeError, match="expected a number"):
        datasets.haplotypes(minimum_frequency="rare")
    with pytest.raises(TypeError, match="expected a function"):
        datasets.haplotypes(stand_in=3)
    with pytest.raises(TypeError, match=r"write \('AFR',\)"):
        lct.select("AFR")
    with pytest.raises(ValueError, match="received 'XYZ'"):
        lct.select(("AFR", "XYZ"))
    with pytest.raises(ValueError, match="received none"):
        lct.select(())


def test_without_real_haplotypes_a_panel_stands_in(nothing):
    from data_sim.studies import lct_like_haplotypes

    found = datasets.haplotypes(
        super_populations=("AFR", "EUR"),
        minimum_frequency=0.05,
        stand_in=lct_like_haplotypes,
        seed=2,
    )
    assert not found.is_real
    assert found.origin.startswith("simulated stand-in for lct (GENEML_DATA is not set")
    panel = lct_like_haplotypes(seed=2)
    rows = np.repeat(panel.ancestry != "EAS", 2)
    frequency = panel.haplotypes[rows].mean(axis=0)
    kept = (frequency >= 0.05) & (frequency <= 0.95)
    np.testing.assert_array_equal(found.haplotypes, panel.haplotypes[rows][:, kept])
    assert found.super_population.tolist() == np.repeat(panel.ancestry, 2)[rows].tolist()
    with pytest.raises(datasets.DatasetUnavailable):
        datasets.haplotypes()
    with pytest.raises(TypeError, match="without 'haplotypes'"):
        datasets.haplotypes(stand_in=_study)


def test_without_data_the_stand_in_is_simulated_and_says_so(nothing):
    cohort = datasets.load("mice", stand_in=_study, seed=3)
    assert not cohort.is_real
    assert cohort.origin.startswith("simulated stand-in for mice (GENEML_DATA is not set")
    assert "out of reach" in cohort.origin
    assert "two mice" in cohort.origin
    np.testing.assert_array_equal(cohort.genotypes, _study(seed=3).genotypes)


def test_a_stand_in_needs_no_seed(nothing):
    assert datasets.load("wheat", stand_in=lambda: _study()).n_samples == 2


@pytest.mark.parametrize("name", ["mice", "wheat", "pines"])
def test_the_simulators_stand_in_has_the_shape_of_the_real_cohort(request, monkeypatch, name):
    """A chapter runs unchanged on either: same shapes, columns and kinds."""
    from data_sim import studies

    real = request.getfixturevalue(name)
    monkeypatch.setattr(datasets, "find", _nowhere)
    stand_in = {
        "mice": studies.mice_like,
        "wheat": studies.wheat_like,
        "pines": studies.pines_like,
    }[name]
    simulated = datasets.load(name, stand_in=stand_in)
    assert (real.is_real, simulated.is_real) == (True, False)
    assert simulated.genotypes.shape == real.genotypes.shape
    assert set(np.unique(simulated.genotypes)) == set(np.unique(real.genotypes))
    assert simulated.traits.columns.tolist() == real.traits.columns.tolist()
    kinds = [cohort.covariates.dtypes.map(lambda kind: kind.kind) for cohort in (real, simulated)]
    assert kinds[0].to_dict() == kinds[1].to_dict()
    assert (simulated.relationship is None) == (real.relationship is None)
    if real.pedigree is not None:
        assert len(simulated.pedigree) == len(real.pedigree)
    for trait in real.traits:  # as many are measured, but for one
        assert simulated.traits[trait].count() == pytest.approx(real.traits[trait].count(), abs=1)


def _nowhere(name, file):
    raise datasets.DatasetUnavailable("not here")


def test_without_data_or_stand_in_there_is_an_error(nothing):
    with pytest.raises(datasets.DatasetUnavailable, match="download failed: raw.githubusercontent"):
        datasets.load("mice")


def test_a_folder_without_the_file_is_named(nothing, monkeypatch):
    monkeypatch.setenv("GENEML_DATA", str(nothing))
    with pytest.raises(datasets.DatasetUnavailable, match="wheat.RData is not in GENEML_DATA"):
        datasets.load("wheat")


def test_offline_never_asks_the_network(nothing, monkeypatch):
    monkeypatch.setenv("GENEML_OFFLINE", "1")
    monkeypatch.setattr(_downloads, "download", pytest.fail)
    cohort = datasets.load("mice", stand_in=_study)
    assert "GENEML_OFFLINE" in cohort.origin


def test_a_host_that_never_answers_is_given_up(monkeypatch):
    never = threading.Event()

    def hang(*args, **kwargs):
        never.wait(5)
        raise OSError("no such host")

    monkeypatch.setattr(_downloads, "_PATIENCE", 0.02)
    monkeypatch.setattr(_downloads.socket, "create_connection", hang)
    assert not _downloads._answers("example.org")
    never.set()


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A host that has one file."""
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "file.bin").write_bytes(b"ACGT")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(_downloads, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(_downloads, "_answers", lambda name: name == "127.0.0.1")
    monkeypatch.setattr(_downloads.urllib.request, "getproxies", dict)
    yield f"http://127.0.0.1:{host.server_port}/"
    host.shutdown()
    thread.join()
    host.server_close()


def test_a_download_is_kept_if_its_checksum_is_right(server, tmp_path):
    (tmp_path / "copy").write_bytes(b"ACGT")
    right = datasets.checksum(tmp_path / "copy")
    path = _downloads.download(server + "file.bin", right, "kept.bin")
    assert path == tmp_path / "cache" / "kept.bin"
    assert path.read_bytes() == b"ACGT"


@pytest.mark.parametrize("name", ["file.bin", "absent.bin"])
def test_another_file_is_not_kept(server, tmp_path, name):
    with pytest.raises(_downloads.DownloadFailed):
        _downloads.download(server + name, "0" * 64, "kept.bin")
    assert list((tmp_path / "cache").glob("*")) == []


def test_the_cache_is_used_before_the_network(nothing, monkeypatch):
    (nothing / "cache").mkdir()
    kept = nothing / "cache" / "wheat.RData"
    kept.write_bytes(b"wheat")
    source = datasets.SOURCES["wheat"]
    known = replace(source.files[0], sha256=datasets.checksum(kept))
    monkeypatch.setitem(datasets.SOURCES, "wheat", replace(source, files=(known,)))
    assert datasets.find("wheat") == kept


def test_checksum_is_sha256(tmp_path):
    # The digest of "abc" in FIPS 180-2, appendix B.1.
    (tmp_path / "abc").write_bytes(b"abc")
    assert datasets.checksum(tmp_path / "abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_addresses_are_of_fixed_versions():
    for file in (file for source in datasets.SOURCES.values() for file in source.files):
        assert file.url.startswith("https://raw.githubusercontent.com/")
        assert re.search(r"/[0-9a-f]{7}/(img/)?data/[^/]+$", file.url)  # a commit, no branch
        assert len(file.sha256) == 64
