"""Points measured in space: their term, their frames, fits to them alone and beside a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import reference
import smplceres as sc
from checks import (
    Scene,
    check_term,
    random_arrays,
    seen_by,
    stage_with,
    standing_person,
    states_to_check,
)
from smplceres import Camera, FitResult, Keypoints, Keypoints3D
from smplceres._native import _core
from smplceres.body.motion_files import read_motions
from smplceres.keypoint_formats import FORMATS
from smplceres.keypoints.markers import MarkerFormat, vertex_normals

BODY_25B, SMPL24 = FORMATS["openpose_body25b"], FORMATS["smpl24"]
PLACED = {
    "rotation": reference.rodrigues([1.2, -0.7, 0.9]),
    "translation": np.array([0.4, -0.3, 1.0]),
}
CAMERA = Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720, **PLACED)


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


def covariances(rng, count: int, deviation: float = 0.05) -> np.ndarray:
    """(count, 3, 3), correlated, of standard deviations about `deviation`."""
    root = deviation * (rng.normal(0, 0.6, (count, 3, 3)) + 0.3 * np.eye(3))
    return root @ root.transpose(0, 2, 1)


def person(model, rng) -> dict[str, np.ndarray]:
    """In any orientation, at any place."""
    return standing_person(model, rng) | {
        "global_orient": rng.normal(0, 1.2, 3),
        "transl": rng.normal(0, 2, 3),
    }


# --- The term ---


@pytest.mark.parametrize("robust", ["none", "huber", "geman_mcclure"])
@pytest.mark.parametrize("kind", ["keypoints", "markers"])
def test_points3d_hold(kind, robust, rng) -> None:
    model = sc.BodyModel(random_arrays(rng))
    vertices, offsets = rng.choice(50, 12, replace=False), rng.normal(0, 0.05, 12)
    point_format = MarkerFormat(vertices, offsets) if kind == "markers" else BODY_25B
    stage = stage_with(points3d=2.5)
    stage.points3d.robust, stage.points3d.sigma = robust, 2.0
    for state in states_to_check(model, rng):
        xyz = places(model, point_format, state) + rng.normal(0, 0.1, (len(point_format.names), 3))
        confidence = rng.uniform(0.2, 1.2, len(xyz)) * (rng.random(len(xyz)) < 0.8)
        measured = Keypoints3D(xyz, confidence, point_format, covariances(rng, len(xyz)))

        def energy(at, measured=measured) -> float:
            error = places(model, measured.format, at) - measured.xyz
            precision = np.linalg.inv(measured.covariance)
            squared = measured.confidence**2 * np.einsum("ki,kij,kj->k", error, precision, error)
            return 2.5 * reference.rho(robust, 2.0, squared).sum()

        keypoints = Keypoints(np.zeros((25, 2)), np.zeros(25), BODY_25B)
        scene = Scene(model, keypoints, Camera.guess(1280, 720), model.default_prior)
        check_term("points3d", replace(scene, keypoints3d=measured), stage, [state], energy)


def places(model, point_format, state) -> np.ndarray:
    """By the oracle; a marker's is that of its vertex on a body whose skin is moved at rest."""
    if not isinstance(point_format, MarkerFormat):
        return reference.keypoints(model, point_format, *state.posed(model))
    moved, numbers = Moved(model), list(point_format.vertices)
    normals = vertex_normals(model.v_template, model.faces)[numbers]
    moved.added[numbers] = np.array(point_format.offsets)[:, None] * normals
    return state.posed(moved)[0][numbers]


class Moved:
    """A body of other vertices at rest, but the same joints."""

    def __init__(self, model) -> None:
        self.model, self.added = model, np.zeros_like(model.v_template)

    def __getattr__(self, name: str):
        return getattr(self.model, name)

    @property
    def v_template(self) -> np.ndarray:
        return self.model.v_template + self.added

    @property
    def J_regressor(self):
        return _Regressor(self.model.J_regressor, self.added)


class _Regressor:
    """Takes what was added to the vertices away again."""

    def __init__(self, matrix, added) -> None:
        self.matrix, self.added = matrix, added

    def __matmul__(self, vertices: np.ndarray) -> np.ndarray:
        return self.matrix @ (vertices - self.added)


def test_whitening_is_the_root_of_the_inverse_covariance_times_confidence(model, rng) -> None:
    covariance, confidence = covariances(rng, 24), rng.uniform(0, 2, 24)
    confidence[3] = 0
    points, point_of, roles = model.keypoint_points(SMPL24)
    whitening = _core.Points3d(
        model=model._core,
        points=points,
        point_of=point_of,
        roles=roles,
        xyz=np.zeros((24, 3)),
        covariance=covariance,
        confidence=confidence,
    ).whitening
    expected = confidence[:, None, None] ** 2 * np.linalg.inv(covariance)
    np.testing.assert_allclose(whitening.transpose(0, 2, 1) @ whitening, expected, rtol=1e-8)
    np.testing.assert_array_equal(np.tril(whitening, -1), 0)


# --- Fits ---


def test_exact_joints_of_recorded_poses_are_met_to_a_millimetre(model, rng, data_folder) -> None:
    clips = read_motions(data_folder / "mocap" / "val.npz")
    poses = np.concatenate([clip.poses for clip in clips])
    for pose in poses[rng.choice(len(poses), 20, replace=False)]:
        joints = model.joints(
            betas=rng.normal(size=model.num_betas),
            global_orient=pose[0],
            body_pose=pose[1:],
            transl=rng.normal(0, 2, 3),
        )
        result = sc.fit_joints3d(joints, model=model, keypoint_format="smpl24")
        assert result.converged
        assert np.linalg.norm(result.joints - joints, axis=1).mean() < 1e-3


def test_normals_point_outwards(model) -> None:
    """A skin moved along them holds more."""

    def volume(vertices: np.ndarray) -> float:
        a, b, c = (vertices[model.faces[:, i]] for i in range(3))
        return np.einsum("fi,fi->", a, np.cross(b, c)) / 6

    normals = vertex_normals(model.v_template, model.faces)
    assert volume(model.v_template + 0.005 * normals) > 1.02 * volume(model.v_template) > 0


def test_markers_over_the_skin_are_met(model, rng) -> None:
    vertices = rng.choice(model.num_vertices, 60, replace=False)
    truth = person(model, rng)
    normals = vertex_normals(model.v_template, model.faces)[vertices]
    points = _core.SkinnedPoints(model._core)
    for vertex, normal in zip(vertices, normals, strict=True):
        points.add(model._core, vertices=[(vertex, 1.0)], offset=0.0095 * normal)
    xyz = points.evaluate(model._core, **truth)
    skin = model(**truth).vertices[vertices]
    np.testing.assert_allclose(np.linalg.norm(xyz - skin, axis=1), 0.0095, atol=1e-3)
    result = sc.fit_joints3d(Keypoints3D.from_markers(model, vertices, xyz), model=model)
    assert np.median(result.residuals3d) < 2e-3
    assert np.linalg.norm(result.joints - model.joints(**truth), axis=1).mean() < 0.01


def test_camera_and_world_frame_give_the_same_body(model, rng) -> None:
    """Beside a picture whose camera stands somewhere in the world."""
    upright = standing_person(model, rng)
    turn = CAMERA.rotation.T @ reference.rodrigues(upright["global_orient"])
    pelvis = model.joints(betas=upright["betas"])[0]
    place = CAMERA.rotation.T @ (pelvis + upright["transl"] - CAMERA.translation) - pelvis
    truth = upright | {"global_orient": _axis_angle(turn), "transl": place}
    joints = model.joints(**truth)
    keypoints = seen_by(CAMERA, model, truth)
    covariance = covariances(rng, 24, 0.02)
    in_world = Keypoints3D(joints, None, "smpl24", covariance)
    R = CAMERA.rotation
    in_camera = Keypoints3D(
        CAMERA.to_camera(joints), None, "smpl24", R @ covariance @ R.T, frame="camera"
    )
    results = [
        sc.fit(keypoints, CAMERA, model=model, keypoints3d=measured)
        for measured in (in_world, in_camera)
    ]
    np.testing.assert_allclose(results[0].joints, results[1].joints, atol=1e-6)
    assert results[0].energies["points3d"] > 0
    assert np.linalg.norm(results[0].joints - joints, axis=1).mean() < 0.02
    alone = sc.fit(keypoints, CAMERA, model=model)
    assert "points3d" not in alone.energies
    errors = [np.linalg.norm(r.joints - joints, axis=1).mean() for r in (results[0], alone)]
    assert errors[0] < errors[1]


def _axis_angle(rotation: np.ndarray) -> np.ndarray:
    return Rotation.from_matrix(rotation).as_rotvec()


def test_points_fix_the_depth_of_a_weak_perspective_picture(model, rng) -> None:
    camera = sc.WeakPerspectiveCamera(scale=210.0, cx=640, cy=360, width=1280, height=720)
    truth = standing_person(model, rng)
    result = sc.fit(
        seen_by(camera, model, truth), camera, model=model, keypoints3d=model.joints(**truth)
    )
    assert abs(result.transl[2] - truth["transl"][2]) < 0.02
    assert "depth_prior" in result.energies  # the default preset's own


def test_a_result_without_camera_is_saved_and_loaded(model, rng, tmp_path) -> None:
    rows = np.column_stack([model.joints(**person(model, rng)), np.ones(24)])
    rows[4] = [np.nan, 0, 0, 0]
    result = sc.fit_joints3d(rows, model=model, keypoint_format="smpl24")
    assert result.camera is result.keypoints is result.keypoints2d is None
    assert len(result.residuals) == 0
    assert np.isnan(result.reprojection_error())
    np.testing.assert_array_equal(np.isfinite(result.residuals3d), rows[:, 3] > 0)
    assert set(result.energies) >= {"points3d", "pose_prior", "shape_prior"}
    assert "reprojection" not in result.energies
    result.save(tmp_path / "person.npz")
    result.save(tmp_path / "person.json")
    loaded = FitResult.load(tmp_path / "person.npz")
    for name in ("joints", "vertices", "keypoints3d", "residuals3d"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(result, name))
    assert loaded.camera is loaded.keypoints is loaded.keypoints2d is None
    assert loaded.measured3d.to_dict() == result.measured3d.to_dict()


# --- Bad input ---


def joints_of(model) -> np.ndarray:
    return np.array(model.joints())


def test_points_that_are_none_are_an_error(model) -> None:
    joints = joints_of(model)
    with pytest.raises(ValueError, match=r"keypoints3d: expected \[K, 3\] or .*, got \[24, 2"):
        sc.fit_joints3d(joints[:, :2], model=model)
    with pytest.raises(ValueError, match=r"xyz: expected \[24, 3\] \(smpl24\), got \[23, 3\]"):
        sc.fit_joints3d(joints[:23], model=model, keypoint_format="smpl24")
    joints[5, 1] = np.inf
    with pytest.raises(ValueError, match=r"xyz: expected finite metres.*'right_knee'"):
        sc.fit_joints3d(joints, model=model)


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_confidences_that_are_none_are_an_error(value, model) -> None:
    rows = np.column_stack([joints_of(model), np.full(24, value)])
    with pytest.raises(ValueError, match="confidence: expected finite values >= 0, got"):
        sc.fit_joints3d(rows, model=model)


@pytest.mark.parametrize(
    "matrix",
    [np.zeros((3, 3)), -np.eye(3), np.diag([1, 1, np.nan]), np.eye(3) + np.eye(3, k=1)],
    ids=["zero", "negative", "NaN", "not symmetric"],
)
def test_a_covariance_that_is_none_is_an_error(matrix, model) -> None:
    with pytest.raises(ValueError, match="covariance: expected finite, symmetric, positive def"):
        Keypoints3D(joints_of(model), None, "smpl24", matrix)
    points, point_of, roles = model.keypoint_points(SMPL24)
    with pytest.raises(ValueError, match=r"covariance: expected .* positive definite .* point 0"):
        _core.Points3d(
            model=model._core,
            points=points,
            point_of=point_of,
            roles=roles,
            xyz=joints_of(model),
            covariance=np.tile(matrix, (24, 1, 1)),
            confidence=np.ones(24),
        )


def test_fewer_points_than_fix_a_place_are_an_error(model) -> None:
    rows = np.column_stack([joints_of(model), np.zeros(24)])
    rows[[1, 2], 3] = 1
    with pytest.raises(ValueError, match=r"keypoints3d: expected at least 3 measured points.*2"):
        sc.fit_joints3d(rows, model=model)
    rows[:, :3] = np.linspace(0, 1, 24)[:, None]
    rows[:, 3] = 1
    with pytest.raises(ValueError, match="keypoints3d: expected measured points that are not on"):
        sc.fit_joints3d(rows, model=model)


def test_other_bad_arguments_are_an_error(model) -> None:
    with pytest.raises(ValueError, match="frame: expected one of world, camera, got 'body'"):
        Keypoints3D(joints_of(model), None, "smpl24", None, "body")
    with pytest.raises(ValueError, match="sigma: expected metres > 0, at least 1e-06, got 0"):
        sc.fit_joints3d(joints_of(model), model=model, sigma=0)
    with pytest.raises(ValueError, match="vertices: expected numbers below 12214"):
        Keypoints3D.from_markers(model, [0, 12214], np.zeros((2, 3)))
    stage = stage_with(points3d=1.0)
    stage.points3d.sigma = 0.0
    with pytest.raises(ValueError, match=r"points3d\.sigma: expected a number from"):
        sc.fit_joints3d(joints_of(model), model=model, stages=[stage])


def test_an_offset_of_a_joint_is_an_error(model) -> None:
    points = _core.SkinnedPoints(model._core)
    with pytest.raises(ValueError, match="offset: expected of a point of vertices alone"):
        points.add(model._core, joints=[(0, 1.0)], offset=[0, 0, 0.01])
