"""Cohorts: identifiers join what belongs together, and counting is right."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from geneml.cohort import Cohort, from_study


def _cohort(**changes):
    samples = ["a", "b", "c", "d"]
    parts = {
        "genotypes": np.array([[0, 1, -1], [2, 1, -1], [1, -1, -1], [0, 2, -1]]),
        "samples": samples,
        "traits": pd.DataFrame({"height": [1.0, 2.0, 3.0, 4.0]}, index=samples),
        "covariates": pd.DataFrame({"sex": ["F", "M", "F", "M"]}, index=samples),
        "relationship": np.arange(16.0).reshape(4, 4) + np.arange(16.0).reshape(4, 4).T,
    }
    return Cohort(**(parts | changes))


def test_tables_are_matched_by_identifier():
    shuffled = pd.DataFrame({"height": [4.0, 2.0, 1.0, 3.0]}, index=["d", "b", "a", "c"])
    cohort = _cohort(traits=shuffled)
    np.testing.assert_array_equal(cohort.trait("height"), [1, 2, 3, 4])
    assert list(cohort.traits.index) == ["a", "b", "c", "d"]


def test_genotypes_are_held_as_int8_and_nan_as_missing():
    cohort = Cohort(genotypes=[[0.0, np.nan], [2.0, 1.0]])
    assert cohort.genotypes.dtype == np.int8
    np.testing.assert_array_equal(cohort.genotypes, [[0, -1], [2, 1]])


def test_int8_genotypes_are_not_copied():
    genotypes = np.zeros((3, 2), dtype=np.int8)
    assert Cohort(genotypes=genotypes).genotypes is genotypes


def test_frequencies_count_observed_alleles_only():
    cohort = _cohort()
    # 3 of 8 alleles; 4 of 6; none observed.
    np.testing.assert_allclose(cohort.allele_frequency(), [3 / 8, 4 / 6, np.nan])
    np.testing.assert_allclose(cohort.missing_rate(), [0, 1 / 4, 1])


def test_frequencies_of_many_samples_do_not_overflow():
    cohort = Cohort(genotypes=np.full((1000, 1), 2, dtype=np.int8))
    assert cohort.allele_frequency() == 1


@pytest.mark.parametrize(
    "chosen", [["d", "b"], np.array([3, 1]), np.array(["d", "b"]), pd.Index(["d", "b"])]
)
def test_a_selection_carries_everything_along(chosen):
    cohort = _cohort(sequences=("AA", "CC", "GG", "TT"))
    part = cohort.select(chosen)
    assert part.samples.tolist() == ["d", "b"]
    assert part.sequences == ("TT", "CC")
    np.testing.assert_array_equal(part.genotypes, cohort.genotypes[[3, 1]])
    np.testing.assert_array_equal(part.trait("height"), [4, 2])
    assert part.covariates["sex"].tolist() == ["M", "M"]
    np.testing.assert_array_equal(part.relationship, cohort.relationship[[3, 1]][:, [3, 1]])


def test_a_mask_selects():
    assert _cohort().select(np.array([True, False, False, True])).samples.tolist() == ["a", "d"]


def test_measured_leaves_out_who_has_no_value():
    traits = pd.DataFrame({"height": [1.0, np.nan, 3.0, 4.0]}, index=["a", "b", "c", "d"])
    cohort = _cohort(traits=traits)
    with pytest.raises(ValueError, match=r"1 missing of 4 .*'b'.*cohort.measured\('height'\)"):
        cohort.trait("height")
    assert cohort.measured("height").samples.tolist() == ["a", "c", "d"]


def test_the_trait_is_a_copy():
    cohort = _cohort()
    cohort.trait("height")[:] = 0
    assert cohort.trait("height")[0] == 1


def test_variants_are_made_up_where_none_are_given():
    table = _cohort().variants
    assert table.columns.tolist() == ["id", "chromosome", "position", "reference", "alternative"]
    assert table["id"].tolist() == ["variant1", "variant2", "variant3"]


def test_pedigree_is_text_with_unknown_parents_as_zero():
    pedigree = pd.DataFrame({"individual": [5, 6, 7], "father": [-1, -1, 5], "mother": [-1, -1, 6]})
    table = _cohort(pedigree=pedigree).pedigree
    assert table["individual"].tolist() == ["5", "6", "7"]
    assert table["father"].tolist() == ["0", "0", "5"]


def test_cohort_says_what_it_is():
    text = repr(_cohort(origin="simulated: a test"))
    for word in ("4 samples", "3 variants", "height", "simulated: a test"):
        assert word in text


def test_a_study_becomes_a_cohort_without_its_truth():
    samples = np.array(["x", "y", "z"])
    study = SimpleNamespace(
        name="trio",
        description="three people",
        genotypes=np.zeros((3, 2), dtype=np.int8),
        sequences=None,
        samples=samples,
        traits=pd.DataFrame({"t": [3.0, 1.0, 2.0]}, index=["z", "x", "y"]),
        covariates=pd.DataFrame({"sex": ["M", "F", "F"]}, index=["y", "x", "z"]),
        family=np.array([7, 8, 9]),
        truth={"t": "secret"},
    )
    cohort = from_study(study)
    np.testing.assert_array_equal(cohort.trait("t"), [1, 2, 3])
    assert cohort.covariates.to_dict("list") == {"sex": ["F", "M", "F"], "family": [7, 8, 9]}
    assert not cohort.is_real
    assert cohort.origin == "simulated: trio: three people"
    assert not hasattr(cohort, "truth")
