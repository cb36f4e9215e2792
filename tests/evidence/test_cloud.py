"""Surfaces measured as points: their term, what is matched with what, fits to them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

import reference
import smplceres as sc
from checks import (
    Scene,
    State,
    check_term,
    random_arrays,
    seen_by,
    stage_with,
    standing_person,
    states_to_check,
)
from smplceres import Camera, Keypoints, PointCloud
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.keypoint_formats import FORMATS
from smplceres.keypoints.markers import vertex_normals

BODY_25 = FORMATS["openpose_body25"]
CAMERA = Camera(fx=262, fy=262, cx=159.5, cy=119.5, width=320, height=240)
PLACED = replace(
    CAMERA, rotation=reference.rodrigues([0.3, -0.7, 0.2]), translation=np.array([0.4, -0.3, 1.0])
)


@pytest.fixture(scope="module")
def model():
    return sc.load_body_model()


def rendered(camera: Camera, model, parameters) -> np.ndarray:
    """Depths, metres; infinity beside the body."""
    vertices = model(**parameters).vertices
    size = {"width": camera.width, "height": camera.height}
    return _core.rasterise(camera.core, vertices, model.faces, **size)[1]


def variables_of(model, parameters) -> _core.Variables:
    return _core.Variables(model._core, **parameters, log_zoom=[])


def turned(parameters, degrees: float, metres: float, rng) -> dict[str, np.ndarray]:
    """The body turned about a random axis and moved in a random direction."""
    axis, direction = rng.normal(size=(2, 3))
    turn = Rotation.from_rotvec(np.radians(degrees) * axis / np.linalg.norm(axis))
    root = turn * Rotation.from_rotvec(parameters["global_orient"])
    moved = parameters["transl"] + metres * direction / np.linalg.norm(direction)
    return {**parameters, "global_orient": root.as_rotvec(), "transl": moved}


# --- The term ---


@dataclass(frozen=True)
class HeldScene(Scene):
    """Matches made at one state and held, as during a solve."""

    cloud: _core.Cloud = field(kw_only=True)
    at: State = field(kw_only=True)

    def evaluate(self, stage, state):
        at = self.at
        objective = _core.Objective(
            make_scene([], self.model, self.prior, clouds=[self.cloud]),
            stage,
            _core.State(
                variables_of(self.model, parameters_of(at)),
                initial_transl=at.initial_transl,
                pixels_per_metre=[],
            ),
        )
        x = [state.root_chart, state.body_pose.ravel(), state.transl, state.betas]
        residuals, jacobian = objective.evaluate(np.concatenate(x), jacobian=True)
        # Of the scene's one zoom.
        jacobian = np.c_[jacobian, np.zeros(len(jacobian))]
        rows = {"rows": objective.rows, "residuals": residuals, "jacobian": jacobian}
        return {"evaluated": True, **rows}


def parameters_of(state: State) -> dict[str, np.ndarray]:
    names = ("global_orient", "body_pose", "betas", "transl")
    return {name: getattr(state, name) for name in names}


@pytest.mark.parametrize("robust", ["none", "huber", "geman_mcclure"])
def test_clouds_hold(robust, rng) -> None:
    """Against nearest neighbours and normals of the oracle's vertices where the term is made."""
    model = sc.BodyModel(random_arrays(rng))
    stage = stage_with(cloud=2.5)
    stage.cloud.robust, stage.cloud.gate, stage.cloud.width = robust, 0.5, 0.15
    sigma = 0.04
    for state in states_to_check(model, rng):
        at = replace(state, root_chart=np.zeros(3))
        vertices = at.posed(model)[0]
        on_faces = np.unique(model.faces)
        normals = vertex_normals(vertices, model.faces)
        points = vertices[rng.choice(on_faces, 30)] + rng.normal(0, 0.1, (30, 3))
        confidence = rng.uniform(0.2, 1.2, 30)
        nearest = on_faces[cKDTree(vertices[on_faces]).query(points)[1]]

        def energy(at, points=points, nearest=nearest, normals=normals, c=confidence) -> float:
            apart = points - at.posed(model)[0][nearest]
            error = c / sigma * np.einsum("ni,ni->n", normals[nearest], apart)
            return 2.5 * reference.rho(robust, 0.15 / sigma, error**2).sum()

        cloud = PointCloud(points, confidence=confidence, sigma=sigma).for_camera(None)
        nothing = Keypoints(np.zeros((25, 2)), np.zeros(25), BODY_25)
        scene = HeldScene(model, nothing, CAMERA, model.default_prior, cloud=cloud, at=at)
        check_term("cloud", scene, stage, [state], energy)


def test_the_robust_width_is_never_under_three_standard_deviations(model, rng) -> None:
    """Plain noise is no outlier, however narrow the stage asks for."""
    parameters = standing_person(model, rng)
    body = model(**parameters)
    chosen = rng.choice(len(body.vertices), 200, replace=False)
    points = body.vertices[chosen] + rng.normal(0, 0.02, (200, 3))
    cloud = PointCloud(points, sigma=0.02).for_camera(None)
    energies = []
    for width in (1e-3, 0.06):
        stage = stage_with(cloud=1.0)
        stage.cloud.width = width
        scene = make_scene([], model, model.default_prior, clouds=[cloud])
        objective = _core.Objective(scene, stage, variables_of(model, parameters))
        residuals, _ = objective.evaluate(objective.start)
        energies.append(residuals @ residuals)
    assert energies[0] == energies[1]


# --- What is matched ---


def matches(model, cloud: PointCloud, parameters, **options):
    chosen = _core.CloudOptions()
    for name, value in options.items():
        setattr(chosen, name, value)
    core = cloud.for_camera(None)
    return _core.match_cloud(model._core, core, chosen, variables_of(model, parameters))


def test_points_are_matched_with_the_nearest_vertex_within_the_gate(model, rng) -> None:
    parameters = standing_person(model, rng)
    vertices = model(**parameters).vertices
    points = vertices[rng.choice(len(vertices), 800)] + rng.normal(0, 0.05, (800, 3))
    numbers, matched, normals = matches(model, PointCloud(points), parameters, gate=0.06)
    distance, nearest = cKDTree(vertices).query(points)
    np.testing.assert_array_equal(numbers, np.flatnonzero(distance < 0.06))
    np.testing.assert_array_equal(matched, nearest[distance < 0.06])
    expected = vertex_normals(vertices, model.faces)[matched]
    np.testing.assert_allclose(normals, expected, atol=1e-9)
    assert 50 < len(numbers) < 750  # the gate took some


def test_matches_are_thinned_evenly(model, rng) -> None:
    parameters = standing_person(model, rng)
    vertices = model(**parameters).vertices
    numbers, _, _ = matches(model, PointCloud(vertices), parameters, max_points=300)
    assert len(numbers) == 300
    assert (np.diff(numbers) > 0).all()
    assert np.diff(numbers).max() <= len(vertices) / 300 + 2


def test_a_surface_that_the_sensor_does_not_see_is_not_matched(model, rng) -> None:
    """Points just behind the back of somebody who faces the camera: from all around they are on the
    back, from the camera on nothing within the gate."""
    parameters = {**standing_person(model, rng), "body_pose": np.zeros((23, 3))}
    body = model(**parameters)
    normals = vertex_normals(body.vertices, model.faces)
    away = np.flatnonzero(normals[:, 2] > 0.9)
    torso = np.abs(body.vertices[away] - body.joints[3]).max(axis=1) < 0.12
    points = body.vertices[away[torso]] + 0.01 * normals[away[torso]]
    assert len(points) > 50
    _, around, _ = matches(model, PointCloud(points), parameters, gate=0.05)
    assert len(around) == len(points)
    _, seen, _ = matches(model, PointCloud(points, sensor=CAMERA), parameters, gate=0.05)
    assert len(seen) == 0


def test_all_that_a_camera_measured_is_matched_with_what_it_sees(model, rng) -> None:
    """An arm before the chest hides it: no vertex that is matched stands behind the z-buffer."""
    parameters = standing_person(model, rng)
    parameters["body_pose"][[15, 17]] = [[0.0, -0.9, -0.6], [0.0, -1.3, 0.0]]
    cloud = PointCloud.from_depth(rendered(CAMERA, model, parameters), CAMERA)
    numbers, matched, normals = matches(model, cloud, parameters, max_points=100_000, gate=0.05)
    assert len(numbers) == len(cloud)
    vertices = model(**parameters).vertices
    assert (np.einsum("ni,ni->n", normals, vertices[matched]) < 0).all()
    fine = CAMERA.resize(4 * CAMERA.width, 4 * CAMERA.height)
    depth = rendered(fine, model, parameters)
    u, v = np.rint(fine.project(vertices[matched])).astype(int).T
    # Half an edge behind, or at an outline, where the pixel beside it is of another part.
    behind = vertices[matched][:, 2] - depth[v, u]
    assert (behind > 0.01).mean() < 0.02


def test_clouds_with_normals_are_matched_with_what_faces_the_same_way(model, rng) -> None:
    parameters = standing_person(model, rng)
    vertices = model(**parameters).vertices
    normals = vertex_normals(vertices, model.faces)
    points = vertices - 0.02 * normals  # inside, near the other side of thin parts
    cloud = PointCloud(points, 3.0 * normals)
    numbers, matched, _ = matches(model, cloud, parameters, max_turn=0.5, max_points=20_000)
    assert len(numbers) > 0.9 * len(points)
    assert (np.einsum("ni,ni->n", normals[matched], normals[numbers]) >= np.cos(0.5) - 1e-9).all()
    numbers, matched, _ = matches(model, PointCloud(points), parameters, max_points=20_000)
    assert (np.einsum("ni,ni->n", normals[matched], normals[numbers]) < 0).any()


# --- Fits ---


@pytest.mark.parametrize("camera", [CAMERA, PLACED], ids=["at the origin", "placed"])
def test_a_depth_image_takes_the_body_home(camera, model, rng) -> None:
    """15 degrees and 10 cm off, 10 mm of noise, another shape: within 10 mm (8 is the median of
    benchmarks/depth.py), and the image may have a wall and holes."""
    camera = camera.resize(640, 480)
    truth = standing_person(model, rng, depth=2.5)
    R = Rotation.from_matrix(camera.rotation)
    root = R.inv() * Rotation.from_rotvec(truth["global_orient"])
    pelvis = model.joints(betas=truth["betas"])[0]
    place = R.inv().apply(truth["transl"] + pelvis - camera.translation) - pelvis
    truth = {**truth, "global_orient": root.as_rotvec(), "transl": place}
    depth = rendered(camera, model, truth)
    depth[np.isinf(depth)] = 5.0
    depth += rng.normal(0, 0.01, depth.shape)
    depth[rng.random(depth.shape) < 0.2] = np.nan
    depth[rng.random(depth.shape) < 0.05] = 0.0
    start = turned({**truth, "betas": np.zeros(model.num_betas)}, 15, 0.1, rng)
    result = sc.fit(None, camera, depth=depth, initial=start, model=model)
    error = np.linalg.norm(result.vertices - model(**truth).vertices, axis=1)
    assert np.median(error) < 0.010
    assert result.energies["cloud"] > 0
    assert result.views == ()


def test_rounds_refresh_what_is_matched(model, rng) -> None:
    """With matches of the start alone the body stays off; made anew they bring it home."""
    truth = standing_person(model, rng, depth=2.5)
    depth = rendered(CAMERA, model, truth)
    start = turned(truth, 15, 0.1, rng)
    errors = []
    for rounds in (1, 20):
        stage = stage_with(cloud=1.0)
        stage.free_body_pose = stage.free_betas = False
        stage.cloud.gate, stage.cloud.width, stage.rounds = 0.3, 0.1, rounds
        result = sc.fit(None, CAMERA, depth=depth, initial=start, model=model, preset=[stage])
        apart = result.vertices - model(**truth).vertices
        errors.append(np.linalg.norm(apart, axis=1).mean())
    assert errors[1] < 0.003
    assert errors[0] > 3 * errors[1]


def test_depth_beside_keypoints_says_how_far_away_somebody_is(model, rng) -> None:
    truth = standing_person(model, rng, yaw=0.4, depth=2.5)
    keypoints = seen_by(CAMERA, model, truth)
    depth = rendered(CAMERA, model, truth)
    alone = sc.fit(keypoints, CAMERA, model=model)
    both = sc.fit(keypoints, CAMERA, depth=depth, model=model)
    joints = model.joints(**truth)

    def off(result) -> float:
        return float(np.linalg.norm(result.joints - joints, axis=1).mean())

    assert off(both) < 0.03
    assert off(both) < off(alone)
    assert "cloud" in both.energies
    assert "cloud" not in alone.energies


def test_a_scan_from_all_around_and_one_in_the_cameras_frame(model, rng) -> None:
    truth = standing_person(model, rng, depth=2.5)
    body = model(**truth)
    scan = body.vertices[rng.choice(len(body.vertices), 3000, replace=False)]
    start = turned(truth, 10, 0.05, rng)
    result = sc.fit(None, points=scan, initial=start, model=model)
    assert np.median(np.linalg.norm(result.vertices - body.vertices, axis=1)) < 0.006

    depth = rendered(CAMERA, model, truth)
    of_image = PointCloud.from_depth(depth, CAMERA)
    same = PointCloud(of_image.points, frame="camera")
    fits = [
        sc.fit(None, CAMERA, points=cloud, initial=start, model=model) for cloud in (of_image, same)
    ]
    np.testing.assert_allclose(fits[0].vertices, fits[1].vertices, atol=1e-9)


def test_a_covariance_knows_clouds_and_points_in_space(model, rng) -> None:
    truth = standing_person(model, rng, yaw=0.4, depth=2.5)
    keypoints, depth = seen_by(CAMERA, model, truth), rendered(CAMERA, model, truth)
    joints = model.joints(**truth)
    alone = sc.fit(keypoints, CAMERA, model=model).covariance(3.0)
    deep = sc.fit(keypoints, CAMERA, depth=depth, model=model).covariance(3.0)
    points = sc.Keypoints3D(joints, format="smpl24")
    spatial = sc.fit(keypoints, CAMERA, keypoints3d=points, model=model).covariance(3.0)
    assert deep.joint_std[0] < 0.2 * alone.joint_std[0]
    assert spatial.joint_std.max() < 0.02
    # 10 mm on each axis, and what the other joints say.
    assert (spatial.joint_std < np.sqrt(3) * 0.01).all()

    without_picture = sc.fit_joints3d(joints, model=model, keypoint_format="smpl24")
    covariance = without_picture.covariance()
    assert covariance.keypoints2d.shape == (0, 2, 2)
    assert (covariance.joint_std < np.sqrt(3) * 0.01 * 1.01).all()
    assert without_picture.outliers.shape == (0,)


def test_the_covariance_of_a_loaded_fit_says_that_its_points_are_gone(tmp_path, model, rng) -> None:
    truth = standing_person(model, rng, depth=2.5)
    result = sc.fit(None, CAMERA, depth=rendered(CAMERA, model, truth), initial=truth, model=model)
    assert result.covariance().joint_std.max() < 0.1
    result.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    with pytest.raises(ValueError, match=r"covariance: expected a fit with its points"):
        loaded.covariance(model=model)


# --- Bad input ---


def test_bad_depth_is_one_clear_error(model, rng) -> None:
    depth = np.full((240, 320), 2.0)
    for wrong, message in (
        (np.full((240, 320), np.nan), r"depth: expected some pixels measured, got none"),
        (np.zeros((240, 320)), r"depth: expected some pixels measured, got none"),
        (np.full((240, 320), np.inf), r"depth: expected some pixels measured, got none"),
        (depth[:200], r"depth: expected \[240, 320\], got \[200, 320\]"),
        (-depth, r"depth: expected metres >= 0, got -2"),
        ((1000 * depth).astype(np.uint16), r"depth: expected metres as floating point, got uint16"),
    ):
        with pytest.raises(ValueError, match=message):
            PointCloud.from_depth(wrong, CAMERA)
        with pytest.raises(ValueError, match=message):
            sc.fit(None, CAMERA, depth=wrong, initial=standing_person(model, rng), model=model)
    with pytest.raises(ValueError, match=r"mask: expected \[240, 320\], got \[2, 2\]"):
        PointCloud.from_depth(depth, CAMERA, mask=np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"depth: expected some pixels measured where the mask is"):
        PointCloud.from_depth(depth, CAMERA, mask=np.zeros((240, 320)))
    with pytest.raises(ValueError, match=r"stride: expected a whole number >= 1, got 0"):
        PointCloud.from_depth(depth, CAMERA, stride=0)
    with pytest.raises(TypeError, match=r"camera: expected a Camera with depth, got Weak"):
        PointCloud.from_depth(depth, sc.WeakPerspectiveCamera.guess(320, 240))


def test_bad_points_are_one_clear_error() -> None:
    points = np.array([[0, 0, 2.0], [0.1, 0, 2.0]])
    for arguments, message in (
        (
            {"points": np.zeros((0, 3))},
            r"points: expected at least one that was measured, got none",
        ),
        ({"points": points * np.nan}, r"points: expected at least one that was measured"),
        ({"points": points[:, :2]}, r"points: expected \[N, 3\], got \[2, 2\]"),
        ({"points": points, "normals": points[:1]}, r"normals: expected \[2, 3\], got \[1, 3\]"),
        ({"points": points, "normals": 0 * points}, r"normals: expected vectors of any length"),
        ({"points": points, "confidence": [1.0]}, r"confidence: expected \[2\], got \[1\]"),
        ({"points": points, "confidence": [1.0, -1]}, r"confidence: expected finite numbers >= 0"),
        ({"points": points, "sigma": 0.0}, r"sigma: expected metres > 0, at least 1e-06, got 0"),
        ({"points": points, "frame": "body"}, r"frame: expected one of world, camera"),
        ({"points": -points, "frame": "camera"}, r"points: expected points in front .*got 2 of 2"),
        ({"points": -points, "sensor": CAMERA}, r"points: expected points in front .*got 2 of 2"),
        ({"points": points, "sensor": [0, 1]}, r"sensor: expected a Camera or 3 finite metres"),
        ({"points": points, "frame": "camera", "sensor": CAMERA}, r"sensor: expected None"),
    ):
        with pytest.raises(ValueError, match=message):
            PointCloud(**arguments)


def test_a_fit_says_what_it_lacks(model, rng) -> None:
    start = standing_person(model, rng, depth=2.5)
    depth = rendered(CAMERA, model, start)
    with pytest.raises(ValueError, match=r"initial: expected global_orient and transl at least"):
        sc.fit(None, CAMERA, depth=depth, model=model)
    with pytest.raises(ValueError, match=r"initial: expected global_orient and transl at least"):
        sc.fit(None, CAMERA, depth=depth, initial={"transl": start["transl"]}, model=model)
    with pytest.raises(ValueError, match=r"camera: expected the one of the depth image, got None"):
        sc.fit(None, depth=depth, initial=start, model=model)
    with pytest.raises(ValueError, match=r"depth: expected one per camera, a list of 2, got no"):
        sc.fit(None, [CAMERA, PLACED], depth=depth, initial=start, model=model)
    elsewhere = {**start, "transl": start["transl"] + [3.0, 0, 0]}
    with pytest.raises(ValueError, match=r"points: expected a cloud near the body, got none"):
        sc.fit(None, CAMERA, depth=depth, initial=elsewhere, model=model)
    keypoints = seen_by(CAMERA, model, start)
    with pytest.raises(ValueError, match=r"estimate_focal: expected a known focal length"):
        sc.fit(keypoints, CAMERA, depth=depth, estimate_focal=True, model=model)


def test_bad_options_are_one_clear_error(model, rng) -> None:
    parameters = standing_person(model, rng)
    cloud = PointCloud(model(**parameters).vertices)
    for option, wrong in (("gate", 0.0), ("width", -1.0), ("max_turn", 4.0), ("max_points", 0)):
        with pytest.raises(ValueError, match=rf"cloud\.{option}: expected a number from"):
            matches(model, cloud, parameters, **{option: wrong})


def test_depth_images_are_read(tmp_path, rng) -> None:
    image = pytest.importorskip("PIL.Image")
    millimetres = rng.integers(0, 5000, (6, 8)).astype(np.uint16)
    image.fromarray(millimetres).save(tmp_path / "depth.png")
    np.save(tmp_path / "depth.npy", (millimetres / 1000).astype(np.float32))
    for name in ("depth.png", "depth.npy"):
        np.testing.assert_allclose(sc.read_depth(tmp_path / name), millimetres / 1000, atol=1e-6)
    with pytest.raises(FileNotFoundError, match=r"depth: expected a depth image, found no file"):
        sc.read_depth(tmp_path / "none.png")
    image.fromarray(millimetres.astype(np.uint8)).save(tmp_path / "grey.png")
    with pytest.raises(ValueError, match=r"depth: expected a .png of 16 bit, got mode L"):
        sc.read_depth(tmp_path / "grey.png")
    (tmp_path / "depth.tif").touch()
    with pytest.raises(ValueError, match=r"depth: expected a name ending in .npy or .png"):
        sc.read_depth(tmp_path / "depth.tif")
