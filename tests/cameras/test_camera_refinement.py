"""Cameras that are found with the body: their motion, its derivative, their prior, and the fits."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from camera_ring import RING, camera_about
from checks import random_arrays, random_state, seen_by, stage_with, standing_person
from clips import joints_of, root_aligned, seen_frames, waving
from smplceres import (
    BodyModel,
    CameraRefinement,
    SequenceResult,
    WeakPerspectiveCamera,
    default_stages,
    fit,
    fit_sequence,
    load_body_model,
)
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View
from smplceres.priors.pose_prior import anatomical_prior


@pytest.fixture(scope="module")
def model():
    return load_body_model()


# --- The motion of a camera ---

HELD = CameraRefinement(held=0)


class Moving:
    """A random body before three cameras, of which the first is held."""

    def __init__(self, rng):
        self.model = BodyModel(random_arrays(rng))
        self.cameras = [camera_about(a, distortion=[0.05, -0.02]) for a in (0.0, 0.9, -0.7)]
        self.state = random_state(self.model, rng, depth=4.0)
        seen = seen_by(self.cameras[0], self.model, standing_person(self.model, rng))
        self.views = [View(seen, camera) for camera in self.cameras]
        self.motions = rng.normal(0, 0.1, (3, 6))
        self.motions[0] = 0
        self.zooms = [0.03, -0.02, 0.05]

    def objective(self, stage, motions, views=None, refinement=HELD):
        at = self.state
        variables = _core.Variables(
            self.model._core,
            global_orient=at.global_orient,
            body_pose=at.body_pose,
            betas=at.betas,
            transl=at.transl,
            log_zoom=self.zooms,
            camera_motion=motions,
        )
        scene = make_scene(
            views or self.views, self.model, anatomical_prior(24), refinement=refinement
        )
        return _core.Objective(scene, stage, variables)


def reprojection_stage():
    stage = stage_with(reprojection=2.0)
    stage.reprojection.sigma = 300.0
    return stage


def test_a_motion_is_that_of_the_camera(rng) -> None:
    """Residuals with motions are those of `Camera.moved` cameras without."""
    moving = Moving(rng)
    stage = reprojection_stage()
    with_motion = moving.objective(stage, moving.motions)
    moved = [
        View(view.keypoints, view.camera.moved(motion[:3], motion[3:]))
        for view, motion in zip(moving.views, moving.motions, strict=True)
    ]
    without = moving.objective(stage, np.zeros((3, 6)), moved)
    residuals = [each.evaluate(each.start)[0] for each in (with_motion, without)]
    np.testing.assert_allclose(residuals[0], residuals[1], rtol=1e-9, atol=1e-9)
    centres = [view.camera.centre for view in moved]
    given = [camera.centre for camera in moving.cameras] + moving.motions[:, 3:]
    np.testing.assert_allclose(centres, given, atol=1e-12)


def test_the_term_has_the_derivative_of_its_differences(rng) -> None:
    """By motions, zooms and the body, both Jacobians; central differences as in check_term."""
    moving = Moving(rng)
    stage = reprojection_stage()
    stage.camera_prior.weight = 3.0
    objective = moving.objective(stage, moving.motions)
    residuals, jacobian = objective.evaluate(objective.start, jacobian=True)
    assert np.isfinite(jacobian).all()
    autodiff = copy.copy(stage)
    autodiff.solver.jacobian = "autodiff"
    jets = moving.objective(autodiff, moving.motions)
    jets_residuals, jets_jacobian = jets.evaluate(jets.start, jacobian=True)
    largest = np.abs(jacobian).max()
    np.testing.assert_allclose(jets_residuals, residuals, atol=1e-9 * np.abs(residuals).max())
    np.testing.assert_allclose(jets_jacobian, jacobian, atol=1e-9 * largest)
    h = 1e-5
    for column in range(0, jacobian.shape[1]):
        step = np.zeros(jacobian.shape[1])
        step[column] = h
        ahead, behind = (objective.evaluate(objective.start + sign * step)[0] for sign in (1, -1))
        difference = (ahead - behind) / (2 * h)
        np.testing.assert_allclose(
            difference, jacobian[:, column], atol=1e-6 * largest, err_msg=f"{column=}"
        )
    free = np.array(objective.free)[-18:].reshape(3, 6)
    assert not free[0].any() and free[1:].all()


def test_camera_prior_holds(rng) -> None:
    """Value by the formula, of the cameras that move; linear in the weight."""
    moving = Moving(rng)
    stage = stage_with()
    refinement = CameraRefinement(held=0, rotation_sigma=0.1, centre_sigma=0.3)
    energies = []
    for weight in (3.0, 6.0):
        stage.camera_prior.weight = weight
        objective = moving.objective(stage, moving.motions, refinement=refinement)
        residuals, _ = objective.evaluate(objective.start)
        energies.append(residuals @ residuals)
    turn, shift = moving.motions[1:, :3] / 0.1, moving.motions[1:, 3:] / 0.3
    assert energies[0] == pytest.approx(3 * ((turn**2).sum() + (shift**2).sum()), rel=1e-12)
    assert energies[1] == pytest.approx(2 * energies[0], rel=1e-12)
    for weight in (-1.0, float("nan")):
        stage.camera_prior.weight = weight
        with pytest.raises(ValueError, match=r"camera_prior\.weight: expected a finite"):
            moving.objective(stage, moving.motions)


# --- Fits ---


def perturbed(cameras, rng):
    """A few degrees, some cm and 3 % of the focal length off, but for the first one's pose."""
    zoomed = [camera.zoomed(np.exp(rng.normal(0, 0.03))) for camera in cameras]
    return zoomed[:1] + [
        camera.moved(rng.normal(0, np.radians(2), 3), rng.normal(0, 0.04, 3))
        for camera in zoomed[1:]
    ]


def off(cameras, truth):
    """Of each camera: degrees, metres, part of the focal length."""
    turns = [c.rotation @ t.rotation.T for c, t in zip(cameras, truth, strict=True)]
    return np.array(
        [
            [
                np.degrees(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))),
                np.linalg.norm(camera.centre - true.centre),
                abs(np.log(camera.fx / true.fx)),
            ]
            for turn, camera, true in zip(turns, cameras, truth, strict=True)
        ]
    )


def test_a_clip_finds_its_cameras_and_its_motion(model, rng) -> None:
    """Of four cameras. Rotations come back to a third of a degree, and the motion to nearly what
    the true cameras give; the scale, which nothing tells but where cameras were said to be and what
    people are like, stays within what that is worth."""
    motion = waving(model, rng, np.arange(20) / 30)
    clips = [seen_frames(model, motion, rng, camera=camera) for camera in RING]
    clips[2][0] = None
    given, truth = perturbed(RING, rng), joints_of(model, motion)
    fits = [
        fit_sequence(clips, cameras, fps=30, model=model, refine_cameras=refine)
        for cameras, refine in ((given, False), (given, True), (RING, False))
    ]
    kept, refined, true = fits
    before, after = off(given, RING), off(refined.cameras, RING)
    assert after[:, 0].max() < 0.35 * before[:, 0].max()
    # Weakly: of five seeds, focal lengths are off by 0.4 to 2.0 of what they were.
    assert after[:, 2].mean() < before[:, 2].mean()
    assert after[:, 1].mean() < 1.1 * before[:, 1].mean()
    np.testing.assert_array_equal(refined.cameras[0].rotation, given[0].rotation)
    np.testing.assert_array_equal(refined.cameras[0].translation, given[0].translation)
    errors = [root_aligned(each.joints, truth) for each in fits]
    assert errors[1] < 0.6 * errors[0] and errors[1] < errors[2] + 0.008
    in_world = [np.linalg.norm(each.joints - truth, axis=-1).mean() for each in fits]
    assert in_world[1] < 0.6 * in_world[0]
    assert refined.reprojection_error() < 1.5 * true.reprojection_error()
    assert refined.energies["camera_prior"] > 0 and "camera_prior" not in kept.energies
    assert np.all(np.isclose(refined[3].views[1].camera.fx, refined.cameras[1].fx))


def test_windows_share_the_cameras_found(model, rng, tmp_path) -> None:
    """And a saved sequence has them."""
    motion = waving(model, rng, np.arange(66) / 30)
    clips = [seen_frames(model, motion, rng, camera=camera) for camera in RING[:3]]
    given = perturbed(RING[:3], rng)
    result = fit_sequence(clips, given, fps=30, model=model, refine_cameras=True, window=60)
    assert len(result.stages) == 2
    assert off(result.cameras, RING[:3])[:, 0].max() < 0.5 * off(given, RING[:3])[:, 0].max()
    result.save(tmp_path / "clip.npz")
    loaded = SequenceResult.load(tmp_path / "clip.npz", model)
    np.testing.assert_allclose(loaded.cameras[1].rotation, result.cameras[1].rotation, atol=1e-12)


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
def test_pictures_taken_at_once_find_their_cameras(jacobian, model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    keypoints = [seen_by(camera, model, person) for camera in RING]
    given = perturbed(RING, rng)
    stages = default_stages()
    if jacobian == "autodiff":
        for stage in stages:
            stage.interpenetration.weight = 0.0
    kept = fit(keypoints, given, model=model, preset=stages, jacobian=jacobian)
    refined = fit(
        keypoints, given, model=model, preset=stages, jacobian=jacobian, refine_cameras=True
    )
    cameras = [view.camera for view in refined.views]
    assert off(cameras, RING)[:, 0].mean() < 0.5 * off(given, RING)[:, 0].mean()
    assert refined.reprojection_error() < 0.3 * kept.reprojection_error()
    assert refined.covariance(model=model).joints.shape == (24, 3, 3)


def test_the_camera_that_is_held_can_be_chosen(model, rng) -> None:
    person = standing_person(model, rng, yaw=0.4)
    keypoints = [seen_by(camera, model, person) for camera in RING[:3]]
    refinement = CameraRefinement(held=1, focal_sigma=0.0)
    given = perturbed(RING[:3], rng)
    result = fit(keypoints, given, model=model, refine_cameras=refinement)
    found = [view.camera for view in result.views]
    np.testing.assert_array_equal(found[1].rotation, given[1].rotation)
    assert (found[0].rotation != given[0].rotation).any()
    assert [camera.fx for camera in found] == [camera.fx for camera in given]


# --- Bad input ---


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cameras": RING[:1]}, r"at least two cameras that see the person, got 1 of 1"),
        ({"unseen": [1]}, r"at least two cameras that see the person, got 1 of 2"),
        ({"cameras": [RING[0], RING[0]]}, r"calibrated cameras .*, got 0 and 1 with the same pose"),
        (
            {"cameras": [RING[0], WeakPerspectiveCamera(cx=5, cy=5, width=9, height=9)]},
            "expected Cameras to go with it, got a WeakPerspectiveCamera",
        ),
        ({"refine": CameraRefinement(held=2)}, r"held: expected the number of one of 2 .* got 2"),
        ({"refine": "yes"}, "refine_cameras: expected a bool or a CameraRefinement, got str"),
    ],
)
def test_cameras_that_cannot_be_refined_are_refused(changed, message, model, rng) -> None:
    cameras = changed.get("cameras", RING[:2])
    seen = [seen_by(RING[0], model, standing_person(model, rng)) for _ in cameras]
    for number in changed.get("unseen", []):
        seen[number] = None
    refine = changed.get("refine", True)
    with pytest.raises((ValueError, TypeError), match=message):
        fit(seen, cameras, model=model, refine_cameras=refine)
    with pytest.raises((ValueError, TypeError), match=message):
        fit_sequence([[each] for each in seen], cameras, fps=30, model=model, refine_cameras=refine)


@pytest.mark.parametrize("name", ["rotation_sigma", "centre_sigma", "focal_sigma"])
def test_sigmas_out_of_range_are_refused(name) -> None:
    with pytest.raises(ValueError, match=f"{name}: expected a number"):
        CameraRefinement(**{name: -1.0})
