"""Coordinates by name: what goes where, and back."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from smplceres import BodyModel, convert_points, convert_pose, convert_rotations
from smplceres.base.coordinates import COORDINATES, UP, conversion
from smplceres.synthetic import make_body_model_arrays

PAIRS = list(itertools.product(COORDINATES, COORDINATES))


@pytest.fixture(scope="module")
def model():
    return BodyModel(make_body_model_arrays())


def test_right_down_and_forward_of_a_camera_are_where_each_convention_has_them() -> None:
    right, down, forward = np.eye(3)
    for directions, name, expected in (
        ((right, down, forward), "y-up", ([1, 0, 0], [0, -1, 0], [0, 0, -1])),
        ((right, down, forward), "ros", ([0, -1, 0], [0, 0, -1], [1, 0, 0])),
    ):
        np.testing.assert_array_equal(convert_points(directions, "opencv", name), expected)


@pytest.mark.parametrize("name", UP)
def test_up_is_up_in_all(name) -> None:
    np.testing.assert_array_equal(convert_points(UP["opencv"], "opencv", name), UP[name])


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_conversions_are_rotations_and_go_back(source, target, rng) -> None:
    change = conversion(source, target)
    np.testing.assert_array_equal(change @ change.T, np.eye(3))
    assert np.linalg.det(change) == 1
    points = rng.normal(size=(2, 5, 3))
    there = convert_points(points, source, target)
    np.testing.assert_array_equal(convert_points(there, target, source), points)
    through = convert_points(convert_points(points, source, "z-up"), "z-up", target)
    np.testing.assert_array_equal(through, there)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_converted_pose_has_the_converted_joints(source, target, model, rng) -> None:
    """Of a shape whose pelvis at rest is far from the origin, and back again."""
    betas, pose = rng.normal(size=model.num_betas), rng.normal(0, 0.3, (model.num_joints - 1, 3))
    orient, transl = rng.normal(size=(2, 4, 3))
    turned, moved = convert_pose(model, betas, orient, transl, source, target)
    back = convert_pose(model, betas, turned, moved, target, source)

    def joints(orients, places):
        return np.array(
            [
                model.joints(betas=betas, body_pose=pose, global_orient=orient, transl=transl)
                for orient, transl in zip(orients, places, strict=True)
            ]
        )

    before = joints(orient, transl)
    np.testing.assert_allclose(
        joints(turned, moved), convert_points(before, source, target), atol=1e-12
    )
    np.testing.assert_allclose(joints(*back), before, atol=1e-12)


def test_a_converted_rotation_turns_a_body_as_a_converted_pose_does(model, rng) -> None:
    orient = rng.normal(size=3)
    matrix = Rotation.from_rotvec(orient).as_matrix()
    turned, _ = convert_pose(model, np.zeros(model.num_betas), orient, np.zeros(3), "ros", "y-up")
    np.testing.assert_allclose(
        convert_rotations(matrix, "ros", "y-up"),
        Rotation.from_rotvec(turned).as_matrix(),
        atol=1e-12,
    )


def test_other_names_and_shapes_are_errors(model) -> None:
    with pytest.raises(ValueError, match=r"target: expected one of opencv, y-up, .*; got 'maya'"):
        convert_points(np.zeros(3), "opencv", "maya")
    with pytest.raises(ValueError, match=r"points: expected shape \(\.\.\., 3\), got \(4,\)"):
        convert_points(np.zeros(4), "opencv", "y-up")
    with pytest.raises(ValueError, match=r"rotations: expected shape \(\.\.\., 3, 3\), got \(3,\)"):
        convert_rotations(np.zeros(3), "opencv", "y-up")
    with pytest.raises(ValueError, match=r"betas: expected shape"):
        convert_pose(model, np.ones(11), np.zeros(3), np.zeros(3), "opencv", "y-up")
