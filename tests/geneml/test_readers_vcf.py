"""VCF: text written by hand, and another library."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geneml import readers
from geneml.cohort import Cohort

HEADER = (
    "##fileformat=VCFv4.2\n"
    "##contig=<ID=1>\n##contig=<ID=X>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tann\tbob\tcat\tdan\n"
)
BODY = (
    "1\t100\trs1\tA\tG\t.\tPASS\t.\tGT\t0/0\t0/1\t1/1\t./.\n"
    "1\t200\t.\tC\tT\t.\tPASS\t.\tGT\t0|1\t1|0\t1|1\t.|1\n"
    "1\t300\trs3\tG\tA,T\t.\tPASS\t.\tGT:DP\t0/1:9\t1/2:8\t2/2:7\t0/0:.\n"
    "1\t400\trs4\tTA\tT\t.\tPASS\t.\tGT:DP\t0/0:1\t0|1:2\t./.:.\t1/1:4\n"
    "X\t500\trs5\tA\tC\t.\tPASS\t.\tGT\t0\t1\t0/1\t.\n"
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "hand.vcf"
    path.write_text(HEADER + BODY)
    return path


def _small(genotypes, **parts):
    p = genotypes.shape[1]
    table = pd.DataFrame(
        {
            "id": [f"rs{i}" for i in range(p)],
            "chromosome": "1",
            "position": np.arange(p) + 1,
            "reference": "A",
            "alternative": "G",
        }
    )
    return Cohort(genotypes=genotypes, variants=table, **parts)


def test_text_written_by_hand(path):
    cohort = readers.read_vcf(path)
    assert cohort.samples.tolist() == ["ann", "bob", "cat", "dan"]
    expected = {
        "rs1": [0, 1, 2, -1],
        "1:200:C:T": [1, 1, 2, -1],  # phased; half a call is missing
        "rs3:A": [1, 1, 0, 0],  # one column for each alternative
        "rs3:T": [0, 1, 2, 0],
        "rs4": [0, 1, -1, 2],
        "rs5": [0, 2, 1, -1],  # haploid calls count twice
    }
    assert cohort.variants["id"].tolist() == list(expected)
    np.testing.assert_array_equal(cohort.genotypes.T, list(expected.values()))
    assert cohort.variants["alternative"].tolist() == ["G", "T", "A", "T", "T", "C"]
    assert cohort.variants["position"].tolist() == [100, 200, 300, 300, 400, 500]


def test_cyvcf2_reads_the_same(path):
    cyvcf2 = pytest.importorskip("cyvcf2", reason="cyvcf2 is not made for this platform")
    ours = readers.read_vcf(path)
    file = cyvcf2.VCF(str(path))
    assert file.samples == ours.samples.tolist()
    column = 0
    for record in file:
        alleles = record.genotype.array()[:, :-1]
        for number in range(1, len(record.ALT) + 1):
            copies = (alleles == number).sum(axis=1)
            haploid = (alleles == -2).any(axis=1)
            copies = np.where(haploid, 2 * copies, copies)
            copies[(alleles == -1).any(axis=1)] = -1
            np.testing.assert_array_equal(ours.genotypes[:, column], copies)
            assert ours.variants["position"][column] == record.POS
            column += 1
    assert column == ours.n_variants
    file.close()


@given(
    hnp.arrays(
        np.int8, st.tuples(st.integers(1, 9), st.integers(1, 6)), elements=st.integers(-1, 2)
    )
)
@settings(max_examples=25, deadline=None)
def test_cyvcf2_reads_what_is_written(tmp_path_factory, genotypes):
    cyvcf2 = pytest.importorskip("cyvcf2", reason="cyvcf2 is not made for this platform")
    path = tmp_path_factory.mktemp("vcf") / "x.vcf"
    readers.write_vcf(_small(genotypes), path)
    file = cyvcf2.VCF(str(path), gts012=True)
    values = np.array([record.gt_types.copy() for record in file], dtype=np.int8).T
    file.close()
    values[values == 3] = -1
    np.testing.assert_array_equal(values, genotypes)


@pytest.mark.parametrize("name", ["x.vcf", "x.vcf.gz"])
def test_a_cohort_comes_back(tmp_path, name):
    genotypes = np.random.default_rng(0).integers(-1, 3, (7, 5))
    cohort = _small(genotypes, samples=list("gfedcba"))
    readers.write_vcf(cohort, tmp_path / name)
    back = readers.read_vcf(tmp_path / name)
    np.testing.assert_array_equal(back.genotypes, genotypes)
    assert back.samples.tolist() == list("gfedcba")
    pd.testing.assert_frame_equal(back.variants, cohort.variants)


def test_a_packed_file_is_unpacked(tmp_path):
    path = tmp_path / "hand.vcf.gz"
    path.write_bytes(gzip.compress((HEADER + BODY).encode()))
    assert readers.read(path).n_variants == 6


def test_windows_line_ends_do_not_matter(tmp_path, path):
    other = tmp_path / "windows.vcf"
    other.write_bytes((HEADER + BODY).replace("\n", "\r\n").encode())
    first, second = readers.read_vcf(path), readers.read_vcf(other)
    np.testing.assert_array_equal(first.genotypes, second.genotypes)
    assert first.samples.tolist() == second.samples.tolist()


def test_a_site_without_alternative_has_no_copies(tmp_path):
    path = tmp_path / "x.vcf"
    path.write_text(HEADER + "1\t9\trs\tA\t.\t.\t.\t.\tGT\t0/0\t0/0\t./.\t0/0\n")
    np.testing.assert_array_equal(readers.read_vcf(path).genotypes[:, 0], [0, 0, -1, 0])


def test_ten_alternatives_are_told_apart(tmp_path):
    path = tmp_path / "x.vcf"
    alternatives = ",".join("A" * i for i in range(2, 13))
    path.write_text(HEADER + f"1\t9\trs\tA\t{alternatives}\t.\t.\t.\tGT\t10/11\t1/1\t0/10\t0/0\n")
    cohort = readers.read_vcf(path)
    assert cohort.n_variants == 11
    np.testing.assert_array_equal(cohort.genotypes[:, 9], [1, 0, 1, 0])
    np.testing.assert_array_equal(cohort.genotypes[:, 0], [0, 2, 0, 0])


def test_phenotypes_are_matched_by_identifier(path):
    table = pd.DataFrame({"t": [4.0, 3.0, 1.0, 2.0]}, index=["dan", "cat", "ann", "bob"])
    np.testing.assert_array_equal(readers.read_vcf(path, table).trait("t"), [1, 2, 3, 4])
