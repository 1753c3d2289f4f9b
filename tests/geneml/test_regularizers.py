"""Group lasso against loops and against what a norm must satisfy."""

import math

import keras
import numpy as np
import pytest

from geneml.regularizers import FirstLayerPenalty, GroupLasso


def by_hand(kernel, size):
    total = 0.0
    for start in range(0, kernel.shape[0], size):
        total += math.sqrt(sum(float(w) ** 2 for w in kernel[start : start + size].ravel()))
    return total


@pytest.fixture
def kernel():
    return np.random.default_rng(3).normal(size=(24, 5)).astype("float32")


@pytest.mark.parametrize("size", [1, 3, 4])
def test_it_is_the_sum_of_the_groups_lengths(kernel, size):
    assert float(GroupLasso(0.7, size)(kernel)) == pytest.approx(
        0.7 * by_hand(kernel, size), rel=1e-5
    )


def test_it_is_a_norm(kernel):
    penalty, other = GroupLasso(1.0, 4), kernel[::-1].copy()
    assert float(penalty(3 * kernel)) == pytest.approx(3 * float(penalty(kernel)), rel=1e-5)
    assert float(penalty(kernel + other)) <= float(penalty(kernel)) + float(penalty(other))


def test_it_has_a_finite_slope_at_zero():
    import tensorflow as tf

    weights = tf.Variable(tf.zeros((8, 2)))
    with tf.GradientTape() as tape:
        value = GroupLasso(1.0, 4)(weights)
    assert np.isfinite(tape.gradient(value, weights).numpy()).all()


def test_the_three_penalties_add_up(kernel):
    value = float(FirstLayerPenalty(l1=0.1, l2=0.2, group_lasso=0.3, group_size=4)(kernel))
    expected = 0.1 * np.abs(kernel).sum() + 0.2 * (kernel**2).sum() + 0.3 * by_hand(kernel, 4)
    assert value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "penalty", [GroupLasso(0.2, 3), FirstLayerPenalty(0.1, 0.2, 0.3, group_size=4)]
)
def test_configuration_makes_the_same_penalty_again(penalty):
    again = keras.regularizers.deserialize(keras.regularizers.serialize(penalty))
    assert type(again) is type(penalty)
    assert again.get_config() == penalty.get_config()


@pytest.mark.parametrize(("strength", "size"), [(-1, 4), (float("nan"), 4), (1, 0), (1, 2.5)])
def test_impossible_settings_are_refused(strength, size):
    with pytest.raises(ValueError, match=r"strength|group_size"):
        GroupLasso(strength, size)


def test_a_kernel_that_does_not_divide_is_refused(kernel):
    with pytest.raises(ValueError, match="24 rows.*multiple of group_size=5"):
        GroupLasso(1.0, 5)(kernel)
