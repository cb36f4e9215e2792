"""Bodies called as those of the `smplx` package."""

from __future__ import annotations

import numpy as np
import pytest

import smplceres as sc
from smplceres.base.rotations import rotation_matrix


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.fixture
def pose(model, rng):
    return rng.normal(0, 0.3, (model.num_joints, 3))


def test_betas_may_be_positional_fewer_or_followed_by_zeros(model, rng) -> None:
    betas = rng.normal(size=5)
    expected = model(betas=np.r_[betas, np.zeros(5)]).vertices
    np.testing.assert_array_equal(model(betas).vertices, expected)
    np.testing.assert_array_equal(model(np.r_[betas, np.zeros(295)]).vertices, expected)
    np.testing.assert_array_equal(model.joints(betas=betas), model(betas).joints)
    with pytest.raises(ValueError, match=r"num_betas=300\) keeps more"):
        model(np.ones(300))


def test_rotation_matrices_pose_as_their_axis_angles(model, pose) -> None:
    expected = model(global_orient=pose[0], body_pose=pose[1:]).vertices
    matrices = rotation_matrix(pose)
    for root in (matrices[0], matrices[:1]):
        posed = model(global_orient=root, body_pose=matrices[1:], pose2rot=False)
        np.testing.assert_allclose(posed.vertices, expected, atol=1e-12)
    batch = model(global_orient=matrices[None, :1], body_pose=matrices[None, 1:], pose2rot=False)
    np.testing.assert_allclose(batch.vertices, expected[None], atol=1e-12)


def test_the_full_pose_is_that_of_root_and_joints(model, pose) -> None:
    expected = model(global_orient=pose[0], body_pose=pose[1:]).vertices
    np.testing.assert_array_equal(model(full_pose=pose).vertices, expected)
    np.testing.assert_array_equal(model(full_pose=pose.ravel()).vertices, expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"full_pose": np.zeros((23, 3))}, r"full_pose: expected shape \(..., 24, 3\), got"),
        (
            {"full_pose": np.zeros(72), "body_pose": np.zeros(69)},
            "body_pose: expected None with full_pose, got both",
        ),
        (
            {"body_pose": np.zeros((23, 3)), "pose2rot": False},
            r"body_pose: expected matrices \(..., 23, 3, 3\) with pose2rot=False, got \(23, 3\)",
        ),
        (
            {"global_orient": np.zeros((3, 3)), "pose2rot": False},
            "global_orient: expected rotation matrices, got others",
        ),
    ],
)
def test_other_arguments_are_one_clear_error(arguments, message, model) -> None:
    with pytest.raises(ValueError, match=message):
        model(**arguments)


def test_joint_transforms_move_the_joints_frames(model, pose, rng) -> None:
    parameters = model.parameters(rng.normal(size=10), pose[0], pose[1:], [1, 2, 3])
    transforms = model.joint_transforms(parameters)
    joints = model.joints(**parameters)
    np.testing.assert_allclose(transforms[:, :3, 3], joints, atol=1e-12)
    np.testing.assert_array_equal(transforms[:, 3], np.tile([0, 0, 0, 1], (24, 1)))
    np.testing.assert_allclose(transforms[0, :3, :3], rotation_matrix(pose[0]), atol=1e-12)
    for joint, parent in list(enumerate(model.parents))[1:]:
        np.testing.assert_allclose(
            transforms[joint, :3, :3],
            transforms[parent, :3, :3] @ rotation_matrix(pose[joint]),
            atol=1e-12,
        )


def test_a_calibration_matrix_makes_a_camera() -> None:
    K = [[1000, 0, 640], [0, 990, 360], [0, 0, 1]]
    camera = sc.Camera.from_matrix(
        K, (1280, 720), [[-0.1, 0.02, 0, 0, 0]], translation=[[1], [2], [3]]
    )
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (1000, 990, 640, 360)
    assert (camera.width, camera.height) == (1280, 720)
    np.testing.assert_array_equal(camera.distortion, [-0.1, 0.02, 0, 0, 0])
    np.testing.assert_array_equal(camera.translation, [1, 2, 3])
    with pytest.raises(ValueError, match=r"K: expected .* without skew"):
        sc.Camera.from_matrix([[1000, 2, 640], [0, 990, 360], [0, 0, 1]], (1280, 720))
    with pytest.raises(ValueError, match=r"size: expected \(width, height\)"):
        sc.Camera.from_matrix(K, 1280)
    with pytest.raises(ValueError, match=r"K: expected shape \(3, 3\)"):
        sc.Camera.from_matrix(np.eye(4), (1280, 720))
