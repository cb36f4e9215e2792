"""Components that drive the last joints of a body: fitted, saved, given a covariance, tracked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import smplceres as sc
from checks import (
    Scene,
    check_term,
    projected,
    random_arrays,
    random_state,
    stage_with,
    standing_person,
)
from smplceres._native import _core
from smplceres.base.skeleton import SMPLX_JOINTS
from smplceres.body.model_arrays import PoseComponents
from smplceres.keypoints.formats import FORMATS
from smplceres.keypoints.markers import MarkerFormat

CAMERA = sc.Camera(fx=1000, fy=1000, cx=500, cy=500, width=1000, height=1000)
FIRST, COUNT, SIZE = {"left_hand": 25, "right_hand": 40}, 15, 4


def hand(name: str, rng: np.random.Generator) -> PoseComponents:
    return PoseComponents(
        name, FIRST[name], rng.normal(0, 0.1, (COUNT, 3)), rng.normal(0, 0.15, (COUNT, 3, SIZE))
    )


def arrays_with_hands(rng: np.random.Generator):
    arrays = random_arrays(rng, SMPLX_JOINTS)
    return replace(arrays, pose_components=tuple(hand(name, rng) for name in FIRST))


@pytest.fixture
def model(rng) -> sc.BodyModel:
    return sc.BodyModel(arrays_with_hands(rng))


def reached(model: sc.BodyModel, components: dict[str, np.ndarray]) -> np.ndarray:
    """(J-1, 3) a pose of zeros with these components."""
    pose = np.zeros((model.num_joints - 1, 3))
    for name, first_joint, mean, directions in model.layout.components:
        rows = slice(first_joint - 1, first_joint - 1 + len(mean))
        pose[rows] = mean + directions @ components[name]
    return pose


def scene_of(model: sc.BodyModel, rng: np.random.Generator) -> Scene:
    pixels, confidence = rng.uniform(0, 1000, (25, 2)), rng.uniform(0.3, 1, 25)
    keypoints = sc.Keypoints(pixels, confidence, FORMATS["openpose_body25"])
    return Scene(model, keypoints, CAMERA, model.default_prior)


def state_of(model: sc.BodyModel, rng: np.random.Generator):
    state = random_state(model, rng)
    components = {name: rng.normal(size=SIZE) for name in FIRST}
    pose = reached(model, components)
    pose[:24] = state.body_pose[:24]
    return replace(state, body_pose=pose), components


def test_the_layout_has_components_in_place_of_the_joints(model) -> None:
    layout = model.layout
    assert layout.num_free_joints == 25
    assert [(name, size) for name, _, size in layout.slices] == [
        ("global_orient", 3),
        ("body_pose", 72),
        ("transl", 3),
        ("left_hand", SIZE),
        ("right_hand", SIZE),
    ]
    assert layout.names(model.joint_names)[-1] == "right_hand 3"
    assert layout.further == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda left, right: (left,), "each of the last joints once"),
        (
            lambda left, right: (left, replace(right, first_joint=39)),
            "each of the last joints once",
        ),
        (lambda left, right: (left, replace(right, name="left_hand")), "different names"),
        (
            lambda left, right: (left, replace(right, directions=np.ones((COUNT, 3, 2)))),
            "independent directions of right_hand",
        ),
    ],
)
def test_components_that_do_not_fit_are_an_error(changed, message, rng) -> None:
    arrays = arrays_with_hands(rng)
    with pytest.raises(ValueError, match=message):
        sc.BodyModel(replace(arrays, pose_components=changed(*arrays.pose_components)))


def test_points_have_derivatives_with_respect_to_components(model, rng) -> None:
    """Fast ones equal automatic ones, and differences."""
    scene = scene_of(model, rng)
    state, _ = state_of(model, rng)
    stage = stage_with(reprojection=1.0)
    residuals, jacobian = scene.rows_of("reprojection", stage, state)
    stage.solver.jacobian = "autodiff"
    same, expected = scene.rows_of("reprojection", stage, state)
    np.testing.assert_allclose(residuals, same, rtol=1e-12)
    np.testing.assert_allclose(jacobian, expected, atol=1e-9 * np.abs(expected).max())
    begin = {name: begin for name, begin, _ in model.layout.slices}["left_hand"]
    columns = slice(begin, begin + 2 * SIZE)
    assert np.abs(jacobian[:, columns]).max() > 0, "some keypoint moves with the fingers"
    h = 1e-5
    for column in range(jacobian.shape[1]):
        step = h * np.eye(jacobian.shape[1])[column]
        ahead, _ = scene.rows_of("reprojection", stage, state.moved(step))
        behind, _ = scene.rows_of("reprojection", stage, state.moved(-step))
        np.testing.assert_allclose(
            (ahead - behind) / (2 * h), jacobian[:, column], atol=1e-6 * np.abs(jacobian).max()
        )


def test_the_hand_prior_is_the_energy_of_components(model, rng) -> None:
    state, components = state_of(model, rng)
    stage = stage_with(hand_prior=2.5)

    def energy(state):
        pose, total = state.body_pose, 0.0
        for _, first_joint, mean, directions in model.layout.components:
            rows = slice(first_joint - 1, first_joint - 1 + len(mean))
            flat = directions.reshape(-1, SIZE)
            found = np.linalg.lstsq(flat, (pose[rows] - mean).ravel(), rcond=None)[0]
            total += found @ found
        return 2.5 * total

    check_term("hand_prior", scene_of(model, rng), stage, [state], energy)
    expected = sum(each @ each for each in components.values())
    np.testing.assert_allclose(energy(state), 2.5 * expected, rtol=1e-9)


def test_the_joint_prior_is_the_energy_of_jaw_and_eyes(model, rng) -> None:
    state, _ = state_of(model, rng)
    stage = stage_with(joint_prior=1.5)
    assert [model.joint_names[joint] for joint, _, _ in model.joint_prior] == [
        *("jaw", "left_eye_smplhf", "right_eye_smplhf")
    ]

    def energy(state):
        return 1.5 * sum(
            np.sum(((state.body_pose[joint - 1] - mean) / np.array(sigma)) ** 2)
            for joint, mean, sigma in model.joint_prior
        )

    check_term("joint_prior", scene_of(model, rng), stage, [state], energy)


@pytest.fixture
def measured(model, rng):
    """A state of the body, and exact positions of all its vertices."""
    _, components = state_of(model, rng)
    pose = reached(model, components)
    pose[:24] = rng.normal(0, 0.1, (24, 3))
    truth = standing_person(model, rng) | {"body_pose": pose}
    markers = MarkerFormat(range(model.num_vertices))
    places = model(**truth).vertices[list(markers.vertices)]
    return truth, components, sc.Keypoints3D(places, format=markers)


def fitted(model, measured, **changed) -> sc.FitResult:
    truth, _, points = measured
    start = {name: truth[name] for name in ("global_orient", "transl")}
    start |= {"body_pose": truth["body_pose"] + 0.03, "betas": np.zeros(model.num_betas)}
    stage = stage_with(points3d=1.0)
    stage.points3d.robust = "none"
    stage.solver.max_iterations = 100
    stage.solver.function_tolerance = 1e-14
    for name, value in changed.items():
        setattr(stage, name, value)
    return sc.fit(
        seen(model, truth), CAMERA, model=model, keypoints3d=points, initial=start, preset=[stage]
    )


def seen(model, parameters) -> sc.Keypoints:
    return projected(CAMERA, model, parameters, FORMATS["openpose_body25b"])


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
def test_components_are_fitted(model, measured, jacobian) -> None:
    solver = _core.SolverOptions()
    solver.jacobian, solver.max_iterations, solver.function_tolerance = jacobian, 100, 1e-14
    result = fitted(model, measured, solver=solver)
    np.testing.assert_allclose(result.vertices, measured[2].xyz, atol=1e-6)
    np.testing.assert_allclose(result.body_pose[24:], measured[0]["body_pose"][24:], atol=1e-4)


def test_components_stay_where_a_stage_holds_them(model, measured) -> None:
    truth, _, _ = measured
    held = fitted(model, measured, held_slices=["left_hand"])
    free = fitted(model, measured)
    np.testing.assert_allclose(free.left_hand_pose, truth["body_pose"][24:39], atol=1e-4)
    assert np.abs(held.left_hand_pose - truth["body_pose"][24:39]).max() > 1e-3


def test_a_fit_is_saved_and_has_a_covariance(model, measured, tmp_path) -> None:
    result = fitted(model, measured)
    covariance = result.covariance()
    assert np.isfinite(covariance.joint_std).all()
    assert covariance.of("right_hand").shape == (SIZE, SIZE)
    result.save(tmp_path / "fit.npz")
    loaded = sc.FitResult.load(tmp_path / "fit.npz")
    np.testing.assert_array_equal(loaded.body_pose, result.body_pose)
    np.testing.assert_allclose(
        loaded.covariance(model=model).matrix, covariance.matrix, rtol=1e-6, atol=1e-12
    )


def test_components_are_tracked_and_fitted_in_sequences(model, measured, tmp_path) -> None:
    truth, components, _ = measured
    tracker = sc.Tracker(CAMERA, model=model, rate=30.0)
    for frame in range(10):
        tracked = tracker.update(seen(model, truth), frame / 30.0)
    assert tracked.status == "tracked"
    assert len(tracked.velocity) == model.layout.size
    assert np.linalg.eigvalsh(tracked.covariance).min() > 0, "the window is eliminated"
    frames = []
    for factor in (-1.0, -0.5, 0.5, 1.0):
        pose = reached(model, {name: factor * each for name, each in components.items()})
        frames.append(seen(model, truth | {"body_pose": pose}))
    settings = {"fps": 30.0, "model": model, "checkpoint": tmp_path / "clip"}
    result = sc.fit_sequence(frames, CAMERA, **settings)
    again = sc.fit_sequence(frames, CAMERA, **settings)
    np.testing.assert_array_equal(again.body_pose, result.body_pose)
    assert np.isfinite(result.body_pose).all()
