"""Bad input: a clear error before any work, and nothing half written.

Each case prepares a folder and returns what must fail. The message has to name what was
wrong, say what was expected and what was received; the folder is left as it was.
"""

import gzip
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from geneml import datasets, metrics, readers, records, splits
from geneml.adjust import adjust
from geneml.cohort import Cohort, from_study
from geneml.encoding import (
    decode_genotypes,
    decode_sequences,
    impute_mean,
    one_hot_genotypes,
    one_hot_sequences,
)
from geneml.expectiles import crossing_rate, expectile
from geneml.intervals import fold_interval, mean_interval, paired_interval
from geneml.transfer import accept_transfer, diagnose_transfer

CASES = []


def case(error, *fragments):
    """Register a case: the error and what its message must hold."""

    def register(function):
        name = function.__name__.strip("_")
        CASES.append(pytest.param(function, error, fragments, id=name))
        return function

    return register


def _snapshot(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder): path.read_bytes() for path in files}


@pytest.mark.parametrize(("prepare", "error", "fragments"), CASES)
def test_bad_input(prepare, error, fragments, tmp_path, monkeypatch):
    act = prepare(tmp_path, monkeypatch) if prepare in _PATCHING else prepare(tmp_path)
    before = _snapshot(tmp_path)
    with pytest.raises(error) as caught:
        act()
    assert type(caught.value) is error
    message = str(caught.value)
    for fragment in (*fragments, "expected", "received"):
        if fragment == "received" and issubclass(error, OSError):
            continue  # of a path, the message names what is wrong with it
        assert fragment in message, message
    assert _snapshot(tmp_path) == before


def test_there_are_enough_cases():
    assert len(CASES) >= 45


# --- Helpers -------------------------------------------------------------------------

GENOTYPES = np.array([[0, 1], [1, 2], [2, 0]], dtype=np.int8)
SAMPLES = ["a", "b", "c"]


def _cohort(**changes):
    parts = {
        "genotypes": GENOTYPES,
        "samples": SAMPLES,
        "variants": _variants(),
        "traits": _traits([1.0, 2.0, 3.0]),
    }
    return Cohort(**(parts | changes))


def _traits(values, index=SAMPLES):
    return pd.DataFrame({"height": values}, index=list(index))


def _variants(**changes):
    columns = {
        "id": ["rs1", "rs2"],
        "chromosome": "1",
        "position": [10, 20],
        "reference": "A",
        "alternative": "G",
    }
    return pd.DataFrame(columns | changes)


def _plink(folder):
    readers.write_plink(_cohort(), folder / "x")
    return folder / "x"


def _file(folder, text, name="x.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _vcf(folder, *lines, samples="a\tb"):
    fixed = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
    text = "\n".join(["##fileformat=VCFv4.2", f"{fixed}\t{samples}", *lines, ""])
    return _file(folder, text, "x.vcf")


def _record(calls="0/0\t0/1", name="rs1", layout="GT", position="5"):
    return f"1\t{position}\t{name}\tA\tG\t.\t.\t.\t{layout}\t{calls}"


# --- Sequences and genotypes ---------------------------------------------------------


@case(ValueError, "sequences", "'X'", "sequence 1, position 2", "ACGT")
def _letter_outside_the_alphabet(folder):
    return lambda: one_hot_sequences(["ACGT", "ACXT"])


@case(ValueError, "sequences", "'é'")
def _letter_outside_ascii(folder):
    return lambda: one_hot_sequences(["ACé"])


@case(ValueError, "sequences", "expected 4 letters", "3 in sequence 1")
def _ragged_sequences(folder):
    return lambda: one_hot_sequences(["ACGT", "ACG"])


@case(ValueError, "sequences", "none")
def _no_sequences(folder):
    return lambda: one_hot_sequences([])


@case(ValueError, "sequences", "empty")
def _empty_sequences(folder):
    return lambda: one_hot_sequences(["", ""])


@case(TypeError, "sequences", "one string", "[sequence]")
def _one_string_for_many(folder):
    return lambda: one_hot_sequences("ACGT")


@case(TypeError, "sequences", "int", "sequence 1")
def _a_number_among_the_sequences(folder):
    return lambda: one_hot_sequences(["ACGT", 7])


@case(ValueError, "alphabet", "'AACGT'")
def _alphabet_with_a_letter_twice(folder):
    return lambda: one_hot_sequences(["ACGT"], alphabet="AACGT")


@case(ValueError, "unknown", "'skip'")
def _unknown_choice_for_unknown_letters(folder):
    return lambda: one_hot_sequences(["ACGT"], unknown="skip")


@case(ValueError, "one_hot", "(n, L, 4)", "(1, 2, 3)")
def _decoding_three_columns(folder):
    return lambda: decode_sequences(np.zeros((1, 2, 3)))


@case(ValueError, "one_hot", "[0.5, 0.5, 0.0]")
def _decoding_probabilities(folder):
    return lambda: decode_genotypes([[[0.5, 0.5, 0.0]]])


@case(ValueError, "genotypes", "3", "sample 1, variant 0")
def _dosage_of_three(folder):
    return lambda: one_hot_genotypes([[0, 1], [3, 2]])


@case(ValueError, "genotypes", "0.5", "whole")
def _dosage_of_a_half(folder):
    return lambda: impute_mean([[0.5, 1.0]])


@case(TypeError, "genotypes", "numbers", "<U3")
def _letters_as_genotypes(folder):
    return lambda: one_hot_genotypes([["A/G", "A/A"]])


@case(ValueError, "genotypes", "two dimensions", "(3,)")
def _one_row_of_genotypes(folder):
    return lambda: one_hot_genotypes([0, 1, 2])


@case(ValueError, "training", "0 to 2", "3")
def _training_row_outside(folder):
    return lambda: impute_mean(GENOTYPES, training=[0, 3])


@case(TypeError, "training", "float64")
def _training_rows_as_fractions(folder):
    return lambda: impute_mean(GENOTYPES, training=[0.0, 1.0])


# --- Cohorts -------------------------------------------------------------------------


@case(ValueError, "samples", "expected 3", "2")
def _too_few_samples(folder):
    return lambda: _cohort(samples=["a", "b"], traits=None)


@case(ValueError, "samples", "'a'", "more than once")
def _duplicated_samples(folder):
    return lambda: _cohort(samples=["a", "b", "a"], traits=None)


@case(ValueError, "samples", "blank at position 1")
def _blank_sample(folder):
    return lambda: _cohort(samples=["a", " ", "c"], traits=None)


@case(ValueError, "sequences", "expected 3", "2")
def _more_genotypes_than_sequences(folder):
    return lambda: _cohort(sequences=("ACGT", "ACGT"))


@case(ValueError, "cohort", "neither")
def _cohort_of_nothing(folder):
    return lambda: Cohort(samples=SAMPLES)


@case(ValueError, "variants", "expected 2 rows", "3")
def _too_many_variants(folder):
    table = _variants(id=["rs1", "rs2"])
    return lambda: _cohort(variants=pd.concat([table, table.iloc[:1]]))


@case(ValueError, "variants['id']", "'rs1'")
def _duplicated_variants(folder):
    return lambda: _cohort(variants=_variants(id=["rs1", "rs1"]))


@case(ValueError, "variants", "'position'")
def _variants_without_position(folder):
    return lambda: _cohort(variants=_variants().drop(columns="position"))


@case(ValueError, "variants['position']", "-4", "'rs2'")
def _negative_position(folder):
    return lambda: _cohort(variants=_variants(position=[1, -4]))


@case(TypeError, "traits", "DataFrame", "list")
def _traits_as_a_list(folder):
    return lambda: _cohort(traits=[1.0, 2.0, 3.0])


@case(ValueError, "traits", "without 'c'", "unknown 'z'")
def _traits_of_other_samples(folder):
    return lambda: _cohort(traits=_traits([1.0, 2.0, 3.0], "abz"))


@case(ValueError, "traits", "'height'", "'tall'", "covariates")
def _trait_in_words(folder):
    return lambda: _cohort(traits=_traits(["tall", "small", "tall"]))


@case(ValueError, "traits", "'height'", "infinite", "'b'")
def _infinite_trait(folder):
    return lambda: _cohort(traits=_traits([1.0, np.inf, 2.0]))


@case(ValueError, "height", "1 missing of 3", "measured")
def _trait_with_a_gap(folder):
    return lambda: _cohort(traits=_traits([1.0, np.nan, 2.0])).trait("height")


@case(ValueError, "height", "differ", "2 for all 3")
def _constant_trait(folder):
    return lambda: _cohort(traits=_traits([2.0, 2.0, 2.0])).trait("height")


@case(ValueError, "trait", "'height'", "'weight'")
def _unknown_trait(folder):
    return lambda: _cohort().trait("weight")


@case(ValueError, "relationship", "(3, 3)", "(2, 2)")
def _relationship_of_other_samples(folder):
    return lambda: _cohort(relationship=np.eye(2))


@case(ValueError, "relationship", "symmetric")
def _relationship_in_one_direction(folder):
    return lambda: _cohort(relationship=np.triu(np.ones((3, 3))))


@case(ValueError, "pedigree", "'a'", "own parent")
def _own_father(folder):
    table = pd.DataFrame({"individual": ["a"], "father": ["a"], "mother": ["0"]})
    return lambda: _cohort(pedigree=table)


@case(ValueError, "samples", "'z'")
def _selecting_a_stranger(folder):
    return lambda: _cohort().select(["a", "z"])


@case(TypeError, "samples", "one string")
def _selecting_by_one_string(folder):
    return lambda: _cohort().select("abc")


@case(TypeError, "study", "SimpleNamespace")
def _study_of_nothing(folder):
    return lambda: from_study(SimpleNamespace())


# --- PLINK ---------------------------------------------------------------------------


@case(ValueError, "x.bed", "expected 5 bytes", "4", "truncated")
def _truncated_bed(folder):
    prefix = _plink(folder)
    data = (folder / "x.bed").read_bytes()
    (folder / "x.bed").write_bytes(data[:-1])
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bed", "6", "longer")
def _bed_that_is_too_long(folder):
    prefix = _plink(folder)
    (folder / "x.bed").write_bytes((folder / "x.bed").read_bytes() + b"\0")
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bed", "6c 1b", "50 4b")
def _wrong_magic(folder):
    prefix = _plink(folder)
    (folder / "x.bed").write_bytes(b"PK" + (folder / "x.bed").read_bytes()[2:])
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bed", "variant by variant", "00", "plink")
def _bed_sample_by_sample(folder):
    prefix = _plink(folder)
    data = bytearray((folder / "x.bed").read_bytes())
    data[2] = 0
    (folder / "x.bed").write_bytes(bytes(data))
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bed", "empty")
def _empty_bed(folder):
    prefix = _plink(folder)
    (folder / "x.bed").write_bytes(b"")
    return lambda: readers.read_plink(prefix)


@case(FileNotFoundError, "x.fam", "spelling")
def _missing_fam(folder):
    prefix = _plink(folder)
    (folder / "x.fam").unlink()
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.fam", "sex", "'G'", ".bim")
def _bim_as_fam(folder):
    prefix = _plink(folder)
    (folder / "x.fam").write_bytes((folder / "x.bim").read_bytes())
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bim", "alleles", "'1.0'", ".fam")
def _fam_as_bim(folder):
    prefix = _plink(folder)
    (folder / "x.bim").write_bytes((folder / "x.fam").read_bytes())
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.fam", "text", "binary", "swapped")
def _bed_as_fam(folder):
    prefix = _plink(folder)
    (folder / "x.fam").write_bytes((folder / "x.bed").read_bytes())
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bim", "6 columns", "5 on line 2")
def _bim_without_a_column(folder):
    prefix = _plink(folder)
    _file(folder, "1\trs1\t0\t10\tG\tA\n1\trs2\t0\t20\tG\n", "x.bim")
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bim", "position", "'ten'", "line 1")
def _bim_with_a_position_in_words(folder):
    prefix = _plink(folder)
    _file(folder, "1\trs1\t0\tten\tG\tA\n1\trs2\t0\t20\tG\tA\n", "x.bim")
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.fam", "phenotype", "'tall'")
def _fam_with_a_phenotype_in_words(folder):
    prefix = _plink(folder)
    _file(folder, "0 a 0 0 0 tall\n0 b 0 0 0 1\n0 c 0 0 0 1\n", "x.fam")
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.fam", "once", "'0:a'")
def _fam_with_a_sample_twice(folder):
    prefix = _plink(folder)
    _file(folder, "0 a 0 0 0 2\n0 a 0 0 0 1\n0 c 0 0 0 1\n", "x.fam")
    return lambda: readers.read_plink(prefix)


@case(ValueError, "x.bed", "4 samples", "belongs to another")
def _fam_of_another_cohort(folder):
    prefix = _plink(folder)
    _file(folder, "".join(f"0 s{i} 0 0 0 1\n" for i in range(4)), "x.fam")
    (folder / "x.bim").write_text((folder / "x.bim").read_text() * 2)
    return lambda: readers.read_plink(prefix)


@case(ValueError, "cohort", "sequences only")
def _plink_of_sequences(folder):
    return lambda: readers.write_plink(Cohort(sequences=("AC",)), folder / "x")


@case(ValueError, "sample", "white space", "'a b'")
def _plink_of_a_name_with_a_space(folder):
    cohort = _cohort(samples=["a b", "b", "c"], traits=None)
    return lambda: readers.write_plink(cohort, folder / "x")


# --- VCF -----------------------------------------------------------------------------


@case(ValueError, "x.vcf", "##fileformat=VCF", "sample,rs1")
def _table_as_vcf(folder):
    path = _file(folder, "sample,rs1\na,0\n", "x.vcf")
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "#CHROM", "none")
def _vcf_without_header(folder):
    path = _file(folder, "##fileformat=VCFv4.2\n", "x.vcf")
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "at least one variant", "none")
def _vcf_without_variants(folder):
    path = _vcf(folder)
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "line 3", "2 genotypes", "1", "truncated")
def _truncated_vcf(folder):
    path = _vcf(folder, _record(calls="0/0"))
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "line 3", "11 columns", "4", "truncated")
def _vcf_cut_within_a_line(folder):
    path = _vcf(folder, "1\t5\trs1\tA")
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "line 3", "'0/x'")
def _vcf_with_a_strange_call(folder):
    path = _vcf(folder, _record(calls="0/x\t0/0"))
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "alleles 0 to 1", "2")
def _vcf_with_an_allele_that_is_not_there(folder):
    path = _vcf(folder, _record(calls="0/2\t0/0"))
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "0/1", "'0/1/1'")
def _vcf_of_triploids(folder):
    path = _vcf(folder, _record(calls="0/1/1\t0/0"))
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "GT", "'DP'")
def _vcf_without_genotypes(folder):
    path = _vcf(folder, _record(layout="DP", calls="9\t8"))
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "position", "'x5'")
def _vcf_with_a_position_in_letters(folder):
    path = _vcf(folder, _record(position="x5"))
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf", "once", "'rs1'")
def _vcf_with_a_variant_twice(folder):
    path = _vcf(folder, _record(), _record())
    return lambda: readers.read_vcf(path)


@case(ValueError, "samples", "'a'")
def _vcf_with_a_sample_twice(folder):
    path = _vcf(folder, _record(), samples="a\ta")
    return lambda: readers.read_vcf(path)


@case(ValueError, "x.vcf.gz", "gzip", "truncated")
def _truncated_gzip(folder):
    packed = gzip.compress(b"##fileformat=VCFv4.2\n" * 100)
    path = _file(folder, packed[: len(packed) // 2], "x.vcf.gz")
    return lambda: readers.read_vcf(path)


@case(ValueError, "reference", "DNA letters", "'0'")
def _vcf_of_unknown_alleles(folder):
    return lambda: readers.write_vcf(_cohort(variants=None), folder / "x.vcf")


# --- Tables --------------------------------------------------------------------------


@case(ValueError, "x.csv", "empty")
def _empty_table(folder):
    path = _file(folder, "")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "header without rows")
def _table_without_rows(folder):
    path = _file(folder, "sample,rs1\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "3 columns", "2 on line 3", "truncated")
def _ragged_table(folder):
    path = _file(folder, "sample,rs1,rs2\na,0,1\nb,0\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "'rs1'", "more than once")
def _table_with_a_column_twice(folder):
    path = _file(folder, "sample,rs1,rs1\na,0,1\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "numbers", "'A/G'", "'b'", "'rs2'")
def _dosages_in_letters(folder):
    path = _file(folder, "sample,rs1,rs2\na,0,1\nb,0,A/G\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "3", "'b'", "'rs2'")
def _table_with_a_dosage_of_three(folder):
    path = _file(folder, "sample,rs1,rs2\na,0,1\nb,0,3\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "17.5", "'a'", "'height'", "phenotypes")
def _phenotypes_as_genotypes(folder):
    path = _file(folder, "sample,height\na,17.5\nb,18\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "'a'", "more than once")
def _table_with_a_sample_twice(folder):
    path = _file(folder, "sample,rs1\na,0\na,1\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "sample and sequence", "'id'")
def _sequences_without_samples(folder):
    path = _file(folder, "id,sequence\na,ACGT\n")
    return lambda: readers.read_sequences_csv(path)


@case(ValueError, "x.csv", "expected 4 letters", "2 in sequence 1")
def _table_of_ragged_sequences(folder):
    path = _file(folder, "sample,sequence\na,ACGT\nb,AC\n")
    return lambda: readers.read(path)


@case(ValueError, "x.csv", "'U'", "sequence 0, position 3")
def _table_of_rna(folder):
    path = _file(folder, "sample,sequence\na,ACGU\n")
    return lambda: readers.read(path)


@case(ValueError, "phenotypes", "1 without a row: 'c'", "1 unknown: 'd'", "intersection", "2 in")
def _phenotypes_of_other_samples(folder):
    path = _file(folder, "sample,rs1\na,0\nb,1\nc,2\n")
    return lambda: readers.read(path, _traits([1.0, 2.0, 3.0], "abd"))


@case(ValueError, "samples", "none in common", "'a'", "'x'")
def _phenotypes_of_strangers(folder):
    path = _file(folder, "sample,rs1\na,0\nb,1\n")
    table = _traits([1.0, 2.0], "xy")
    return lambda: readers.read(path, table, samples="intersection")


@case(ValueError, "samples", "'first'")
def _unknown_choice_for_samples(folder):
    path = _file(folder, "sample,rs1\na,0\nb,1\n")
    return lambda: readers.read(path, samples="first")


@case(ValueError, "p.csv", "'height'", "'tall'", "'b'")
def _phenotypes_in_words(folder):
    path = _file(folder, "sample,height\na,1\nb,tall\n", "p.csv")
    return lambda: readers.read_phenotypes(path)


@case(ValueError, "p.csv", "finite", "'inf'", "'b'")
def _infinite_phenotype_in_a_table(folder):
    path = _file(folder, "sample,height\na,1\nb,inf\n", "p.csv")
    return lambda: readers.read_phenotypes(path)


@case(ValueError, "p.csv", "besides the identifiers", "none")
def _phenotypes_without_a_trait(folder):
    path = _file(folder, "sample\na\nb\n", "p.csv")
    return lambda: readers.read_phenotypes(path)


@case(ValueError, "p.csv", "'a'", "more than once")
def _phenotypes_with_a_sample_twice(folder):
    path = _file(folder, "sample,height\na,1\na,2\n", "p.csv")
    return lambda: readers.read_phenotypes(path)


@case(ValueError, "x.bed", "text", "binary", "swapped")
def _genotypes_as_phenotypes(folder):
    _plink(folder)
    return lambda: readers.read_phenotypes(folder / "x.bed")


@case(ValueError, "x.variants.csv", "'alternative'")
def _variants_without_alleles(folder):
    path = _file(folder, "sample,rs1\na,0\nb,1\n")
    _file(folder, "id,chromosome,position,reference\nrs1,1,5,A\n", "x.variants.csv")
    return lambda: readers.read(path)


@case(ValueError, "x.variants.csv", "1 variants of", "other identifiers")
def _variants_of_another_table(folder):
    path = _file(folder, "sample,rs1\na,0\nb,1\n")
    table = _variants(id=["rs8", "rs9"]).iloc[:1]
    table.to_csv(folder / "x.variants.csv", index=False)
    return lambda: readers.read(path)


@case(ValueError, "path", ".bed", "x.xlsx")
def _unknown_ending(folder):
    path = _file(folder, "text", "x.xlsx")
    return lambda: readers.read(path)


@case(FileNotFoundError, "none.csv", "spelling")
def _no_such_file(folder):
    return lambda: readers.read(folder / "none.csv")


@case(IsADirectoryError, "folder")
def _folder_as_file(folder):
    (folder / "x.csv").mkdir()
    return lambda: readers.read(folder / "x.csv")


# --- Writing -------------------------------------------------------------------------


@case(FileNotFoundError, "nowhere", "does not exist")
def _folder_that_is_not_there(folder):
    return lambda: readers.write(_cohort(), folder / "nowhere" / "x.bed")


@case(NotADirectoryError, "file.txt", "is a file")
def _file_as_folder(folder):
    _file(folder, "kept", "file.txt")
    return lambda: readers.write(_cohort(), folder / "file.txt" / "x.csv")


@case(IsADirectoryError, "x.vcf", "folder")
def _folder_in_place_of_a_file(folder):
    (folder / "x.vcf").mkdir()
    return lambda: readers.write(_cohort(), folder / "x.vcf")


@case(IsADirectoryError, "x.fam", "folder")
def _one_of_three_files_cannot_be_written(folder):
    (folder / "x.fam").mkdir()
    return lambda: readers.write_plink(_cohort(), folder / "x")


@case(ValueError, "path", "x.docx")
def _writing_an_unknown_ending(folder):
    return lambda: readers.write(_cohort(), folder / "x.docx")


@case(ValueError, "content", "sequences")
def _writing_sequences_that_are_not_there(folder):
    return lambda: readers.write_csv(_cohort(), folder / "x.csv", content="sequences")


@case(ValueError, "samples", "separators", "'a,b'")
def _writing_a_name_with_a_comma(folder):
    cohort = _cohort(samples=["a,b", "b", "c"], traits=None)
    return lambda: readers.write_csv(cohort, folder / "x.csv")


@case(ValueError, "cohort", "trait", "none")
def _writing_no_traits(folder):
    return lambda: readers.write_phenotypes(_cohort(traits=None), folder / "p.csv")


# --- Splits, metrics, intervals, adjustment ------------------------------------------


@case(ValueError, "ratio", "2 samples", "validation would be empty")
def _too_few_samples_to_split(folder):
    return lambda: splits.random_split(2, seed=0)


@case(ValueError, "ratio", "three numbers", "(4, 1)")
def _ratio_of_two(folder):
    return lambda: splits.random_split(10, (4, 1), seed=0)


@case(TypeError, "n", "whole number", "float")
def _half_a_sample(folder):
    return lambda: splits.random_split(10.5, seed=0)


@case(ValueError, "trait", "finite", "1 that are NaN")
def _stratifying_by_a_gap(folder):
    return lambda: splits.stratified_split([1.0, np.nan, 2.0], seed=0)


@case(ValueError, "groups", "at least 3 groups", "2")
def _two_groups_for_three_parts(folder):
    return lambda: splits.grouped_split([0, 0, 1, 1], seed=0)


@case(ValueError, "k", "2 to 4 folds", "9")
def _more_folds_than_samples(folder):
    return lambda: splits.k_fold(4, 9, seed=0)


@case(ValueError, "groups", "203 values", "(5,)")
def _groups_of_other_samples(folder):
    return lambda: splits.k_fold(203, groups=np.arange(5), seed=0)


@case(ValueError, "split", "row 1 more than once", "one part only")
def _row_in_two_parts(folder):
    return lambda: splits.Split([0, 1], [1], [2])


@case(ValueError, "prediction", "expected 3 values", "2")
def _prediction_of_another_length(folder):
    return lambda: metrics.score([1, 2, 3], [1, 2])


@case(ValueError, "prediction", "finite", "position 1")
def _prediction_that_is_not_finite(folder):
    return lambda: metrics.mean_squared_error([1, 2, 3], [1, np.inf, 3])


@case(ValueError, "y", "constant", "R2")
def _r_squared_of_a_constant(folder):
    return lambda: metrics.r_squared([1, 1, 1], [1, 2, 3])


@case(TypeError, "y", "numbers", "<U4")
def _metric_of_words(folder):
    return lambda: metrics.score(["tall", "tiny"], [1, 2])


@case(TypeError, "y", "numbers", "<U1")
def _metric_of_digits_as_text(folder):
    return lambda: metrics.score(["1", "2"], [1, 2])


@case(ValueError, "tau", "strictly between 0 and 1", "1.5")
def _tau_outside(folder):
    return lambda: metrics.expectile_loss([1, 2], [1, 2], 1.5)


@case(ValueError, "tau", "strictly between 0 and 1", "[0.5, 1]")
def _expectile_of_an_impossible_level(folder):
    return lambda: expectile([1, 2], [0.5, 1])


@case(TypeError, "tau", "numbers", "'0.5'")
def _expectile_of_a_level_as_text(folder):
    return lambda: expectile([1, 2], "0.5")


@case(ValueError, "tau", "a row of numbers", "[]")
def _expectile_of_no_level(folder):
    return lambda: expectile([1, 2], [])


@case(ValueError, "y", "finite", "position 1")
def _expectile_of_a_gap(folder):
    return lambda: expectile([1, np.nan], 0.5)


@case(ValueError, "weights", "expected 2 values", "3")
def _expectile_weights_of_another_length(folder):
    return lambda: expectile([1, 2], 0.5, weights=[1, 1, 1])


@case(ValueError, "weights", "at least 0", "-1")
def _expectile_of_a_negative_weight(folder):
    return lambda: expectile([1, 2], 0.5, weights=[1, -1])


@case(ValueError, "weights", "not all 0")
def _expectile_of_no_weight(folder):
    return lambda: expectile([1, 2], 0.5, weights=[0, 0])


@case(ValueError, "taus", "rise", "[0.9, 0.1]")
def _crossings_of_falling_levels(folder):
    return lambda: crossing_rate([[1, 2]], [0.9, 0.1])


@case(ValueError, "taus", "at least two levels", "1")
def _crossings_of_one_level(folder):
    return lambda: crossing_rate([[1], [2]], 0.5)


@case(ValueError, "predictions", "(individuals, 2)", "(2, 3)")
def _crossings_of_other_columns(folder):
    return lambda: crossing_rate(np.ones((2, 3)), [0.1, 0.9])


@case(ValueError, "predictions", "finite", "1")
def _crossings_of_a_gap(folder):
    return lambda: crossing_rate([[1, np.nan]], [0.1, 0.9])


@case(TypeError, "predictions", "numbers", "<U1")
def _crossings_of_text(folder):
    return lambda: crossing_rate([["a", "b"]], [0.1, 0.9])


@case(ValueError, "values", "at least two", "1")
def _interval_of_one_value(folder):
    return lambda: mean_interval([0.3])


@case(ValueError, "b", "expected 3 values", "2")
def _pairs_of_unequal_length(folder):
    return lambda: paired_interval([1, 2, 3], [1, 2])


@case(ValueError, "training_size", "positive", "0")
def _folds_without_training(folder):
    return lambda: fold_interval([1, 2], None, 0, 20)


@case(ValueError, "confidence", "(0, 1)", "95")
def _confidence_in_percent(folder):
    return lambda: mean_interval([1, 2, 3], confidence=95)


@case(ValueError, "covariates", "3 rows", "2")
def _covariates_of_other_samples(folder):
    return lambda: adjust([1.0, 2.0, 3.0], pd.DataFrame({"sex": ["F", "M"]}))


@case(ValueError, "covariates", "1 in 'sex'")
def _covariate_with_a_gap(folder):
    return lambda: adjust([1.0, 2.0], pd.DataFrame({"sex": ["F", None]}))


@case(ValueError, "categorical", "'month'", "'sex'")
def _category_that_is_no_column(folder):
    table = pd.DataFrame({"sex": ["F", "M"]})
    return lambda: adjust([1.0, 2.0], table, categorical=["month"])


@case(ValueError, "without", "3 values", "2")
def _transfer_over_other_splits(folder):
    losses = [1.0, 2.0, 3.0], [1.0, 2.0]
    return lambda: diagnose_transfer(*losses, training_size=80, test_size=20)


@case(ValueError, "controls['random layer']", "finite", "position 0")
def _transfer_with_a_gap_in_a_control(folder):
    controls = {"random layer": [np.nan, 1.0]}
    sizes = {"training_size": 80, "test_size": 20}
    return lambda: diagnose_transfer([1.0, 2.0], [1.0, 2.0], controls=controls, **sizes)


@case(TypeError, "controls", "mapping", "list")
def _transfer_with_nameless_controls(folder):
    sizes = {"training_size": 80, "test_size": 20}
    return lambda: diagnose_transfer([1.0, 2.0], [1.0, 2.0], controls=[[1.0, 2.0]], **sizes)


@case(ValueError, "standard_errors", "from 0", "-1")
def _transfer_accepted_with_a_loss(folder):
    return lambda: accept_transfer([1.0, 2.0], [1.0, 2.0], standard_errors=-1)


# --- Data sets and records -----------------------------------------------------------


@case(ValueError, "name", "mice", "'rats'")
def _unknown_data_set(folder):
    return lambda: datasets.load("rats")


@case(TypeError, "stand_in", "function", "int")
def _stand_in_that_is_no_function(folder):
    return lambda: datasets.load("mice", stand_in=3)


@case(ValueError, "GENEML_DATA", "existing folder", "no_such_folder")
def _data_folder_that_is_not_there(folder, monkeypatch):
    monkeypatch.setenv("GENEML_DATA", str(folder / "no_such_folder"))
    return lambda: datasets.load("mice")


@case(ValueError, "mice.RData", "sha256", "damaged")
def _damaged_data_file(folder, monkeypatch):
    _file(folder, b"not mice", "mice.RData")
    monkeypatch.setenv("GENEML_DATA", str(folder))
    return lambda: datasets.load("mice")


@case(ValueError, "name", "small letters", "'../chapter'")
def _record_outside_its_folder(folder):
    return lambda: records.save("../chapter", {})


@case(TypeError, "results['model']", "object")
def _record_of_an_object(folder, monkeypatch):
    monkeypatch.setattr(records, "_FOLDER", folder)
    monkeypatch.setenv("GENEML_RECORD", "1")
    cohort = _cohort(is_real=True, origin="real")
    return lambda: records.save("x", {"r": 0.5, "model": object()}, cohort=cohort)


@case(FileNotFoundError, "name", "'nothing_here'", "GENEML_RECORD")
def _record_that_is_not_there(folder):
    return lambda: records.load("nothing_here")


@case(ValueError, "x.json", "record", "another file")
def _record_that_is_no_record(folder, monkeypatch):
    monkeypatch.setattr(records, "_FOLDER", folder)
    _file(folder, '{"something": 1}', "x.json")
    return lambda: records.load("x")


_PATCHING = {
    _data_folder_that_is_not_there,
    _damaged_data_file,
    _record_of_an_object,
    _record_that_is_no_record,
}


# --- Failures in the middle of writing -----------------------------------------------


@pytest.mark.parametrize("name", ["x.bed", "x.vcf", "x.csv"])
def test_a_failure_halfway_leaves_the_old_files(tmp_path, monkeypatch, name):
    readers.write(_cohort(), tmp_path / name)
    before = _snapshot(tmp_path)
    cohort = _cohort(genotypes=2 - GENOTYPES)

    class Broken(np.ndarray):
        def __iter__(self):
            raise OSError("disk full")

        def __getitem__(self, key):
            raise OSError("disk full")

    object.__setattr__(cohort, "genotypes", cohort.genotypes.view(Broken))
    with pytest.raises(OSError, match="disk full"):
        readers.write(cohort, tmp_path / name)
    assert _snapshot(tmp_path) == before


def test_a_folder_without_permission_is_named(tmp_path, monkeypatch):
    # Root may write anywhere: the system's answer is replaced, not the folder's mode.
    monkeypatch.setattr("geneml._files.os.access", lambda *args: False)
    with pytest.raises(PermissionError, match="may be written to"):
        readers.write(_cohort(), tmp_path / "x.bed")
    assert list(tmp_path.iterdir()) == []
