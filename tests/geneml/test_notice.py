import numpy as np
import pytest

from geneml.cohort import Cohort
from geneml.notice import origin_notice


def _cohort(**more):
    return Cohort(genotypes=np.array([[0, 1], [2, -1]], dtype=np.int8), **more)


def test_a_stand_in_is_called_simulated_and_never_real():
    text = origin_notice(_cohort(origin="simulated stand-in for mice (no network)"), "mice").data
    assert "Simulated stand-in: mice" in text
    assert "Real data" not in text
    assert "2 individuals, 2 variants" in text


def test_real_data_are_called_real_with_their_origin():
    text = origin_notice(_cohort(origin="real: mice, sha256 12ab", is_real=True), "mice").data
    assert "Real data: mice" in text
    assert "sha256 12ab" in text
    assert "stand-in" not in text


def test_the_origin_cannot_smuggle_markup():
    assert "<script>" not in origin_notice(_cohort(origin="<script>alert(1)</script>")).data


def test_anything_but_a_cohort_is_refused():
    with pytest.raises(TypeError, match="expected a Cohort, received dict"):
        origin_notice({})
