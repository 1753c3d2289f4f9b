"""Tables of sequences, dosages and traits; matching of samples."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geneml import readers
from geneml.cohort import Cohort


@pytest.fixture
def cohort():
    rng = np.random.default_rng(0)
    samples = [f"id{i}" for i in range(6)]
    return Cohort(
        genotypes=rng.integers(-1, 3, (6, 4)),
        samples=samples,
        variants=pd.DataFrame(
            {
                "id": ["rs1", "rs2", "rs3", "rs4"],
                "chromosome": ["1", "1", "2", "X"],
                "position": [5, 9, 7, 1],
                "reference": ["A", "NA", "G", "T"],
                "alternative": ["C", "T", "A", "TA"],
            }
        ),
        traits=pd.DataFrame(
            {"height": rng.normal(size=6), "weight": [1.0, 2, np.nan, 4, 5, 6]}, index=samples
        ),
        covariates=pd.DataFrame({"sex": list("FMFMFM"), "cage": [1, 2, 1, 2, 1, 2]}, index=samples),
    )


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.csv.gz", "x.bed", "x.v2.csv"])
def test_a_cohort_comes_back_from_its_files(tmp_path, cohort, name):
    written = readers.write(cohort, tmp_path / name)
    assert all(path.is_file() for path in written)
    assert sorted(tmp_path.iterdir()) == sorted(written)
    stem = str(tmp_path / name).removesuffix(".gz").rsplit(".", 1)[0]
    back = readers.read(tmp_path / name, f"{stem}.phenotypes.csv", f"{stem}.covariates.csv")
    np.testing.assert_array_equal(back.genotypes, cohort.genotypes)
    pd.testing.assert_frame_equal(back.traits, cohort.traits)
    pd.testing.assert_frame_equal(back.variants, cohort.variants)
    assert back.covariates["sex"].tolist() == list("FMFMFM")
    assert back.covariates["cage"].tolist() == [1, 2, 1, 2, 1, 2]


@given(st.permutations(range(6)))
@settings(deadline=None, max_examples=20)
def test_a_shuffled_phenotype_table_gives_the_same_pairs(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("shuffled")
    samples = [f"id{i}" for i in range(6)]
    genotypes = np.arange(6)[:, None] % 3
    plain = pd.DataFrame({"sample": samples, "trait": np.arange(6) * 10.0})
    readers.write_csv(Cohort(genotypes=genotypes, samples=samples), folder / "x.csv")
    plain.iloc[list(order)].to_csv(folder / "p.csv", index=False)
    cohort = readers.read(folder / "x.csv", folder / "p.csv")
    pairs = dict(zip(cohort.samples.tolist(), cohort.trait("trait"), strict=True))
    assert pairs == {f"id{i}": 10.0 * i for i in range(6)}
    np.testing.assert_array_equal(cohort.genotypes, genotypes)


def test_shuffled_genotypes_keep_their_own_order(tmp_path):
    (tmp_path / "x.csv").write_text("sample,rs1\nb,1\na,0\nc,2\n")
    (tmp_path / "p.csv").write_text("sample,t\na,10\nb,11\nc,12\n")
    cohort = readers.read(tmp_path / "x.csv", tmp_path / "p.csv")
    assert cohort.samples.tolist() == ["b", "a", "c"]
    np.testing.assert_array_equal(cohort.trait("t"), [11, 10, 12])


def test_intersection_keeps_what_all_have(tmp_path):
    (tmp_path / "x.csv").write_text("sample,rs1\nb,1\na,0\nc,2\nd,1\n")
    phenotypes = pd.DataFrame({"t": [3.0, 2.0, 9.0, 1.0]}, index=["c", "b", "new", "d"])
    covariates = pd.DataFrame({"sex": ["F", "M", "F"]}, index=["a", "b", "c"])
    cohort = readers.read(tmp_path / "x.csv", phenotypes, covariates, samples="intersection")
    assert cohort.samples.tolist() == ["b", "c"]
    np.testing.assert_array_equal(cohort.trait("t"), [2, 3])
    assert cohort.covariates["sex"].tolist() == ["M", "F"]


def test_sequences_with_their_traits_in_one_table(tmp_path):
    (tmp_path / "x.csv").write_text("sequence,sample,t,u\nacgt,s1,1.5,\nTTNA,s2,2,7\n")
    cohort = readers.read(tmp_path / "x.csv")
    assert cohort.sequences == ("ACGT", "TTNA")
    assert cohort.samples.tolist() == ["s1", "s2"]
    np.testing.assert_array_equal(cohort.traits, [[1.5, np.nan], [2, 7]])
    other = readers.read(tmp_path / "x.csv", pd.DataFrame({"v": [1.0, 2.0]}, index=["s2", "s1"]))
    assert other.traits.to_dict("list") == {"v": [2.0, 1.0]}


def test_sequences_come_back(tmp_path):
    cohort = Cohort(sequences=("ACGT", "CCCC"), samples=["1", "2"])
    readers.write(cohort, tmp_path / "x.csv")
    back = readers.read(tmp_path / "x.csv")
    assert back.sequences == cohort.sequences
    assert back.samples.tolist() == ["1", "2"]


def test_all_words_for_missing_are_missing(tmp_path):
    (tmp_path / "x.csv").write_text("sample,a,b,c,d\ns1,,NA,-1,0\ns2,1,2.0,.,nan\n")
    np.testing.assert_array_equal(
        readers.read(tmp_path / "x.csv").genotypes, [[-1, -1, -1, 0], [1, 2, -1, -1]]
    )


def test_identifiers_stay_text(tmp_path):
    (tmp_path / "x.csv").write_text("sample,rs1\n001,1\n01,0\n")
    (tmp_path / "p.csv").write_text("sample,t\n01,5\n001,6\n")
    cohort = readers.read(tmp_path / "x.csv", tmp_path / "p.csv")
    assert cohort.samples.tolist() == ["001", "01"]
    np.testing.assert_array_equal(cohort.trait("t"), [6, 5])


def test_a_spreadsheet_mark_and_windows_ends_do_not_matter(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xef\xbb\xbfsample,rs1\r\na,1\r\nb,0\r\n")
    cohort = readers.read(tmp_path / "x.csv")
    assert cohort.samples.tolist() == ["a", "b"]
    assert cohort.variants["id"].tolist() == ["rs1"]


def test_the_first_column_holds_identifiers_where_none_is_called_sample(tmp_path):
    (tmp_path / "p.csv").write_text("mouse,t\nm1,1\nm2,2\n")
    assert readers.read_phenotypes(tmp_path / "p.csv").index.tolist() == ["m1", "m2"]


def test_the_table_of_variants_is_matched_by_identifier(tmp_path):
    (tmp_path / "x.csv").write_text("sample,rs1,rs2\na,0,2\nb,1,1\n")
    (tmp_path / "x.variants.csv").write_text(
        "id,chromosome,position,reference,alternative\nrs2,2,20,C,T\nrs1,1,10,A,G\n"
    )
    variants = readers.read(tmp_path / "x.csv").variants
    assert variants["position"].tolist() == [10, 20]
    assert variants["alternative"].tolist() == ["G", "T"]


def test_numbers_of_traits_survive_exactly(tmp_path):
    value = 0.1 + 0.2
    cohort = Cohort(
        genotypes=[[0], [1]],
        traits=pd.DataFrame({"t": [value, 1e-300]}, index=["sample1", "sample2"]),
    )
    readers.write_phenotypes(cohort, tmp_path / "p.csv")
    assert readers.read_phenotypes(tmp_path / "p.csv")["t"].tolist() == [value, 1e-300]


def test_an_existing_file_is_replaced_whole(tmp_path, cohort):
    (tmp_path / "x.csv").write_text("old " * 10_000)
    readers.write_csv(cohort, tmp_path / "x.csv")
    np.testing.assert_array_equal(readers.read(tmp_path / "x.csv").genotypes, cohort.genotypes)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.csv", "x.variants.csv"]
