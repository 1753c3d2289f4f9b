"""Matching variants by identifier and allele."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geneml.alignment import align_genotypes


def variants(p):
    return pd.DataFrame(
        {
            "id": [f"rs{i}" for i in range(p)],
            "reference": ["A", "C", "G"] * (p // 3),
            "alternative": ["G", "T", "A"] * (p // 3),
        }
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_order_and_counted_allele_of_the_file_do_not_matter(seed):
    random = np.random.default_rng(seed)
    wanted = variants(9)
    genotypes = random.integers(-1, 3, (5, 9)).astype("int8")
    order, turned = random.permutation(9), random.random(9) < 0.5
    theirs = wanted.iloc[order].reset_index(drop=True)
    table = genotypes[:, order].copy()
    for column in np.flatnonzero(turned):
        theirs.loc[column, ["reference", "alternative"]] = theirs.loc[
            column, ["alternative", "reference"]
        ].to_numpy()
        for row in range(5):
            if table[row, column] >= 0:
                table[row, column] = 2 - table[row, column]
    aligned = align_genotypes(table, theirs, wanted)
    np.testing.assert_array_equal(aligned.genotypes, genotypes)
    assert set(aligned.flipped) == set(theirs["id"][turned])


def test_absent_variants_are_missing_up_to_the_tolerance():
    wanted, genotypes = variants(9), np.ones((2, 8), "int8")
    aligned = align_genotypes(genotypes, wanted.drop(index=4), wanted, tolerance=0.2)
    assert aligned.absent == ("rs4",)
    assert (aligned.genotypes[:, 4] == -1).all()
    assert "8 of 9 variants matched" in str(aligned)
    with pytest.raises(ValueError, match="at least 95%.*absent: 'rs4'"):
        align_genotypes(genotypes, wanted.drop(index=4), wanted)


def test_unknown_alleles_match_by_identifier():
    wanted, theirs = variants(3), variants(3)
    theirs[["reference", "alternative"]] = "0"
    genotypes = np.array([[0, 1, 2]], "int8")
    np.testing.assert_array_equal(align_genotypes(genotypes, theirs, wanted).genotypes, genotypes)


def test_one_known_allele_says_which_way_round():
    wanted, theirs = variants(3), variants(3)
    # Everyone carries the model's counted allele: a file names no other, and counts that.
    theirs.loc[0, ["reference", "alternative"]] = ["G", "0"]
    aligned = align_genotypes(np.zeros((1, 3), "int8"), theirs, wanted)
    assert aligned.flipped == ("rs0",)
    assert aligned.genotypes[0].tolist() == [2, 0, 0]


def test_the_other_strand_is_named_and_not_guessed_at():
    wanted, theirs = variants(3), variants(3)
    theirs.loc[1, ["reference", "alternative"]] = ["G", "A"]  # C/T from the other strand
    genotypes = np.ones((2, 3), "int8")
    with pytest.raises(ValueError, match="'rs1' is C/T in the model and G/A.*other strand"):
        align_genotypes(genotypes, theirs, wanted)
    aligned = align_genotypes(genotypes, theirs, wanted, tolerance=0.5)
    assert aligned.mismatched == ("rs1",)
    assert (aligned.genotypes[:, 1] == -1).all()


def test_nothing_in_common_is_refused_at_any_tolerance():
    other = variants(3).assign(id=["x", "y", "z"])
    with pytest.raises(ValueError, match="0 of 3 variants matched"):
        align_genotypes(np.ones((2, 3), "int8"), other, variants(3), tolerance=1)


@pytest.mark.parametrize("tolerance", [-0.1, 1.5, float("nan")])
def test_an_impossible_tolerance_is_refused(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        align_genotypes(np.ones((2, 3), "int8"), variants(3), variants(3), tolerance=tolerance)
