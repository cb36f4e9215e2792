"""Axis-angles: the shortest way between two, and the nearest of those that are the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from smplceres._native import _core
from smplceres.base.rotations import axis_angle, compose, quaternion, rotation_matrix


@pytest.mark.parametrize("angle", [0.0, 1e-9, 0.7, np.pi - 1e-6, np.pi])
def test_quaternions_are_scipys(angle, rng) -> None:
    axis = rng.normal(size=3)
    vector = angle * axis / np.linalg.norm(axis)
    ours, x_first = quaternion(vector), Rotation.from_rotvec(vector).as_quat()
    np.testing.assert_allclose(ours, x_first[[3, 0, 1, 2]], atol=1e-12)
    np.testing.assert_allclose(axis_angle(3 * ours), vector, atol=1e-9)
    np.testing.assert_allclose(axis_angle(-ours), vector, atol=1e-9)


def test_interpolated_rotations_lie_on_the_shortest_turn() -> None:
    """Equal parts of the turn that takes one to the other, where their vectors are far apart."""
    first, second = 3.0 * np.array([0, 1, 0]), -3.0 * np.array([0, 1, 0.1])
    a, b = Rotation.from_rotvec(first), Rotation.from_rotvec(second)
    whole = (b * a.inv()).magnitude()
    assert whole < 0.5
    for fraction in (0.0, 0.25, 1.0):
        between = Rotation.from_rotvec(_core.interpolate_rotation(first, second, fraction))
        assert (between * a.inv()).magnitude() == pytest.approx(fraction * whole, abs=1e-9)
        assert (b * between.inv()).magnitude() == pytest.approx((1 - fraction) * whole, abs=1e-9)


def test_a_turn_through_pi_does_not_jump() -> None:
    axis = np.array([0.6, 0.0, 0.8])
    angles = np.linspace(0, 4 * np.pi, 60)
    nearest = np.zeros(3)
    for angle in angles:
        wrapped = ((angle + np.pi) % (2 * np.pi) - np.pi) * axis
        nearest = _core.nearest_axis_angle(wrapped, nearest)
        np.testing.assert_allclose(nearest, angle * axis, atol=1e-9)
    np.testing.assert_array_equal(_core.nearest_axis_angle(np.zeros(3), np.zeros(3)), 0)


def test_matrices_and_products_are_scipys(rng) -> None:
    first, second = rng.normal(size=(2, 7, 5, 3))
    first[0, 0] = 0
    a, b = (Rotation.from_rotvec(vectors.reshape(-1, 3)) for vectors in (first, second))
    matrices = rotation_matrix(first)
    np.testing.assert_allclose(matrices.reshape(-1, 3, 3), a.as_matrix(), atol=1e-14)
    product = compose(first, second)
    assert (np.linalg.norm(product, axis=-1) <= np.pi).all()
    np.testing.assert_allclose(product.reshape(-1, 3), (a * b).as_rotvec(), atol=1e-12)
