"""PLINK 1 files: bytes written by hand, and another library."""

import numpy as np
import pandas as pd
import pytest
from bed_reader import open_bed, to_bed
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geneml import readers
from geneml.cohort import Cohort

BIM = "1\trs1\t0\t100\tG\tA\n1\trs2\t0.5\t200\tT\tC\nX\trs3\t0\t300\tA\tG\n"
FAM = (
    "f1 dad 0 0 1 1.5\nf1 mum 0 0 2 -9\nf1 kid dad mum 1 2.5\nf2 one 0 0 0 NA\nf2 two 0 0 2 0.25\n"
)


@pytest.fixture
def prefix(tmp_path):
    """Five samples and three variants, byte by byte from the description of the format."""
    (tmp_path / "hand.bim").write_text(BIM)
    (tmp_path / "hand.fam").write_text(FAM)
    # Lowest two bits first: 00 two copies of allele 1, 01 missing, 10 one copy, 11 none.
    genotypes = [
        0b11_10_01_00, 0b00_00_00_11,  # 2, missing, 1, 0; 0
        0b00_00_00_00, 0b00_00_00_00,  # 2, 2, 2, 2; 2
        0b10_10_10_10, 0b00_00_00_01,  # 1, 1, 1, 1; missing
    ]  # fmt: skip
    (tmp_path / "hand.bed").write_bytes(bytes([0x6C, 0x1B, 0x01, *genotypes]))
    return tmp_path / "hand"


def test_bytes_written_by_hand(prefix):
    cohort = readers.read_plink(prefix)
    np.testing.assert_array_equal(
        cohort.genotypes, [[2, 2, 1], [-1, 2, 1], [1, 2, 1], [0, 2, 1], [0, 2, -1]]
    )
    assert cohort.samples.tolist() == ["dad", "mum", "kid", "one", "two"]
    variants = cohort.variants
    assert variants["id"].tolist() == ["rs1", "rs2", "rs3"]
    assert variants["chromosome"].tolist() == ["1", "1", "X"]
    assert variants["position"].tolist() == [100, 200, 300]
    assert variants["alternative"].tolist() == ["G", "T", "A"]  # the counted allele 1
    assert variants["reference"].tolist() == ["A", "C", "G"]
    assert variants["centimorgan"].tolist() == [0, 0.5, 0]


def test_what_fam_knows(prefix):
    cohort = readers.read_plink(prefix)
    np.testing.assert_array_equal(cohort.traits["phenotype"], [1.5, np.nan, 2.5, np.nan, 0.25])
    assert cohort.covariates["sex"].tolist() == ["M", "F", "M", "unknown", "F"]
    assert cohort.covariates["family"].tolist() == ["f1", "f1", "f1", "f2", "f2"]
    kid = cohort.pedigree.set_index("individual").loc["kid"]
    assert (kid["father"], kid["mother"]) == ("dad", "mum")


@pytest.mark.parametrize("ending", [".bed", ".bim", ".fam"])
def test_any_of_the_three_files_names_the_cohort(prefix, ending):
    assert readers.read(f"{prefix}{ending}").n_samples == 5


def test_a_prefix_with_a_point_is_kept(prefix, tmp_path):
    cohort = readers.read_plink(prefix)
    readers.write_plink(cohort, tmp_path / "cohort.v1")
    assert sorted(p.name for p in tmp_path.glob("cohort*")) == [
        "cohort.v1.bed",
        "cohort.v1.bim",
        "cohort.v1.fam",
    ]
    assert readers.read(tmp_path / "cohort.v1").n_samples == 5


def test_writing_gives_the_same_bytes_back(prefix, tmp_path):
    readers.write_plink(readers.read_plink(prefix), tmp_path / "copy")
    assert (tmp_path / "copy.bed").read_bytes() == prefix.with_suffix(".bed").read_bytes()
    assert (tmp_path / "copy.bim").read_text() == BIM
    fam = FAM.replace(" ", "\t").replace("NA", "-9")
    assert (tmp_path / "copy.fam").read_text() == fam


def test_people_of_one_name_are_told_apart_by_family(prefix):
    path = prefix.with_suffix(".fam")
    path.write_text(FAM.replace("f2 one", "f2 dad"))
    cohort = readers.read_plink(prefix)
    assert cohort.samples.tolist() == ["f1:dad", "f1:mum", "f1:kid", "f2:dad", "f2:two"]
    kid = cohort.pedigree.set_index("individual").loc["f1:kid"]
    assert kid["father"] == "f1:dad"


def test_cases_and_controls_have_zero_as_missing(prefix):
    path = prefix.with_suffix(".fam")
    path.write_text("".join(f"0 s{i} 0 0 0 {v}\n" for i, v in enumerate([1, 2, 0, -9, 2])))
    values = readers.read_plink(prefix).traits["phenotype"]
    np.testing.assert_array_equal(values, [1, 2, np.nan, np.nan, 2])


def test_a_fam_without_phenotypes_has_no_trait(prefix):
    path = prefix.with_suffix(".fam")
    path.write_text("".join(f"0 s{i} 0 0 0 -9\n" for i in range(5)))
    cohort = readers.read_plink(prefix)
    assert cohort.traits.columns.tolist() == []
    assert cohort.covariates.columns.tolist() == []
    assert cohort.pedigree is None


genotype_arrays = hnp.arrays(
    np.int8, st.tuples(st.integers(1, 11), st.integers(1, 6)), elements=st.integers(-1, 2)
)


@given(genotype_arrays)
@settings(max_examples=40, deadline=None)
def test_bed_reader_reads_what_is_written(tmp_path_factory, genotypes):
    prefix = tmp_path_factory.mktemp("write") / "x"
    readers.write_plink(Cohort(genotypes=genotypes), prefix)
    with open_bed(f"{prefix}.bed") as bed:
        values = bed.read(dtype="int8")
        assert bed.iid.tolist() == [f"sample{i + 1}" for i in range(len(genotypes))]
    values[values == -127] = -1
    np.testing.assert_array_equal(values, genotypes)


@given(genotype_arrays)
@settings(max_examples=40, deadline=None)
def test_what_bed_reader_writes_is_read(tmp_path_factory, genotypes):
    path = tmp_path_factory.mktemp("read") / "x.bed"
    values = genotypes.copy()
    values[values == -1] = -127
    to_bed(path, values)
    np.testing.assert_array_equal(readers.read_plink(path).genotypes, genotypes)


def test_more_variants_than_are_decoded_at_once(tmp_path):
    genotypes = np.random.default_rng(0).integers(-1, 3, (6, 2500)).astype(np.int8)
    readers.write_plink(Cohort(genotypes=genotypes), tmp_path / "x")
    np.testing.assert_array_equal(readers.read_plink(tmp_path / "x").genotypes, genotypes)
    with open_bed(tmp_path / "x.bed") as bed:
        assert (bed.iid_count, bed.sid_count) == (6, 2500)
        np.testing.assert_array_equal(
            np.nan_to_num(bed.read()[:, 2400:], nan=-1), genotypes[:, 2400:]
        )


def test_phenotypes_are_matched_by_identifier(prefix, tmp_path):
    table = pd.DataFrame(
        {"sample": ["two", "kid", "mum", "one", "dad"], "height": [5.0, 3.0, 2.0, 4.0, 1.0]}
    )
    cohort = readers.read_plink(prefix, phenotypes=table)
    np.testing.assert_array_equal(cohort.trait("height"), [1, 2, 3, 4, 5])
    assert cohort.traits.columns.tolist() == ["height"]


def test_a_gap_at_the_end_of_the_last_byte_is_ignored(prefix):
    path = prefix.with_suffix(".bed")
    data = bytearray(path.read_bytes())
    expected = readers.read_plink(prefix).genotypes
    data[4] |= 0b11_11_11_00  # bits beyond the fifth sample
    path.write_bytes(bytes(data))
    np.testing.assert_array_equal(readers.read_plink(prefix).genotypes, expected)
