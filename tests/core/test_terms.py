"""Every energy term: the oracle, finite differences, Jets, linearity in its weight, and points
behind the camera."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace

import numpy as np
import pytest

import reference
from checks import (
    Scene,
    check_term,
    random_arrays,
    random_state,
    stage_with,
    states_to_check,
)
from smplceres import (
    BodyModel,
    Camera,
    Ground,
    Keypoints,
    Keypoints3D,
    Mask,
    Person,
    PointCloud,
    WeakPerspectiveCamera,
)
from smplceres._native import _core
from smplceres.base.skeleton import SMPLX_JOINTS
from smplceres.evidence.point_cloud import checked_clouds
from smplceres.keypoint_formats import FORMATS, KeypointFormat
from smplceres.keypoints.formats import KeypointRole
from smplceres.priors.joint_limits import JointLimits
from smplceres.priors.pose_prior import GaussianPosePrior, MixturePosePrior

# Terms between frames, of cameras with unknown poses and of bodies with hands have separate tests.
OF_OTHER_SCENES = {
    "camera_prior",
    "focal_prior",
    "acceleration",
    "rotation_walk",
    "conditional_prior",
    "hand_prior",
    "joint_prior",
}

# Upper necks are means of two joints, noses and toes means of vertices; the body lacks some of
# MediaPipe's keypoints.
BODY_25B, MEDIAPIPE = FORMATS["openpose_body25b"], FORMATS["mediapipe33"]
ROBUST = ("none", "huber", "geman_mcclure")
ROLE_WEIGHTS = {
    KeypointRole.SHOULDER: 0.5,
    KeypointRole.NECK: 0.8,
    KeypointRole.HIP: 0.0,
    KeypointRole.HEAD: 1.5,
    KeypointRole.LIMB: 1.0,
}


@pytest.fixture
def model(rng: np.random.Generator) -> BodyModel:
    return BodyModel(random_arrays(rng))


def camera_named(kind: str, rng: np.random.Generator) -> Camera | WeakPerspectiveCamera:
    common = {
        "cx": 640.0,
        "cy": 360.0,
        "width": 1280,
        "height": 720,
        "rotation": reference.rodrigues(rng.normal(0, 0.1, 3)),
        "translation": rng.normal(0, 0.2, 3),
    }
    if kind == "pinhole":
        distortion = [-0.2, 0.05, 0.003, -0.002, 0.01, 0.02, -0.01, 0.005]
        return Camera(fx=1200.0, fy=1250.0, distortion=distortion, **common)
    return WeakPerspectiveCamera(scale=210.0 if kind == "weak, scale known" else None, **common)


def observed(model, camera, state, keypoint_format: KeypointFormat, rng) -> Keypoints:
    """Keypoints about 60 px from the projections at the state, some of them not detected."""
    points = reference.keypoints(model, keypoint_format, *state.posed(model))
    pixels = np.nan_to_num(reference.project(camera, points, np.exp(state.log_zoom)))
    confidence = rng.uniform(0.2, 1.2, len(pixels)) * (rng.random(len(pixels)) < 0.8)
    return Keypoints(pixels + rng.normal(0, 60, pixels.shape), confidence, keypoint_format)


def reprojection_oracle(scene: Scene, stage, role_weights):
    options = stage.reprojection
    keypoints = scene.keypoints

    def energy(state) -> float:
        points = reference.keypoints(scene.model, keypoints.format, *state.posed(scene.model))
        pixels = reference.project(scene.camera, points, np.exp(state.log_zoom))
        seen = keypoints.visible & np.isfinite(points[:, 0])
        unit = options.pixels_per_metre / state.pixels_per_metre if options.pixels_per_metre else 1
        factor = keypoints.confidence * [role_weights[role] for role in keypoints.format.roles]
        error = unit * (pixels - keypoints.xy)
        return reference.reprojection(options, error[seen], factor[seen])

    return energy


@pytest.mark.parametrize("pixels_per_metre", [0.0, 300.0])
@pytest.mark.parametrize("camera", ["pinhole", "weak, scale known", "weak, scale unknown"])
@pytest.mark.parametrize(
    "penalty", [*itertools.product(ROBUST, ("by coordinate", "by point"))], ids=", ".join
)
def test_reprojection_holds(penalty, camera, pixels_per_metre, model, rng) -> None:
    robust, per_point = penalty[0], penalty[1] == "by point"
    stage = stage_with(reprojection=2.5)
    stage.reprojection.robust = robust
    stage.reprojection.sigma = 50.0  # within the errors, so that both of Huber's branches occur
    stage.reprojection.per_point = per_point
    stage.reprojection.pixels_per_metre = pixels_per_metre
    for role, weight in ROLE_WEIGHTS.items():
        setattr(stage.reprojection, f"{role.name.lower()}_weight", weight)
    camera = camera_named(camera, rng)
    keypoint_format = MEDIAPIPE if per_point else BODY_25B
    for state in states_to_check(model, rng):
        keypoints = observed(model, camera, state, keypoint_format, rng)
        scene = Scene(model, keypoints, camera, model.default_prior)
        energy = reprojection_oracle(scene, stage, ROLE_WEIGHTS)
        check_term("reprojection", scene, stage, [state], energy)


def test_reprojection_holds_where_errors_are_zero(model, rng) -> None:
    """Derivatives are finite and correct although robust functions divide by the error."""
    state = random_state(model, rng)
    camera = camera_named("pinhole", rng)
    points = reference.keypoints(model, BODY_25B, *state.posed(model))
    pixels = reference.project(camera, points, np.exp(state.log_zoom))
    pixels[0] += 5.0  # check_term requires a non-zero energy
    keypoints = Keypoints(pixels, np.ones(25), BODY_25B)
    scene = Scene(model, keypoints, camera, model.default_prior)
    for robust in ROBUST:
        for per_point in (False, True):
            stage = stage_with(reprojection=1.0)
            stage.reprojection.robust = robust
            stage.reprojection.per_point = per_point
            energy = reprojection_oracle(scene, stage, dict.fromkeys(KeypointRole, 1.0))
            check_term("reprojection", scene, stage, [state], energy)


def test_reprojection_holds_on_a_body_of_55_joints(rng) -> None:
    """As many as SMPL-X has, in a random tree."""
    model = BodyModel(random_arrays(rng, SMPLX_JOINTS))
    camera = camera_named("pinhole", rng)
    stage = stage_with(reprojection=1.0)
    # A random tree of 55 joints is larger than SMPL's, so it is farther from the camera.
    state = random_state(model, rng, depth=12.0)
    keypoints = observed(model, camera, state, BODY_25B, rng)
    scene = Scene(model, keypoints, camera, model.default_prior)
    energy = reprojection_oracle(scene, stage, dict.fromkeys(KeypointRole, 1.0))
    check_term("reprojection", scene, stage, [state], energy)


def test_fewer_than_three_weighted_keypoints_are_weighted_evenly_instead(model, rng) -> None:
    """A stage that uses only the torso uses all keypoints if no torso is visible."""
    camera, state = camera_named("pinhole", rng), random_state(model, rng)
    keypoints = observed(model, camera, state, BODY_25B, rng)
    hips = [BODY_25B.index("left_hip"), BODY_25B.index("right_hip")]
    confidence = keypoints.confidence.copy()
    confidence[hips] = 1.0
    stage = stage_with(reprojection=1.0)
    for role in ("shoulder", "neck", "head", "limb"):
        setattr(stage.reprojection, f"{role}_weight", 0.0)
    stage.reprojection.hip_weight = 0.7
    scene = Scene(model, replace(keypoints, confidence=confidence), camera, model.default_prior)
    residuals, _ = scene.rows_of("reprojection", stage, state)
    energy = reprojection_oracle(scene, stage, dict.fromkeys(KeypointRole, 1.0))(state)
    np.testing.assert_allclose(residuals @ residuals, energy, rtol=1e-9)


@pytest.mark.parametrize("robust", ROBUST)
def test_confidence_enters_the_energy_squared(robust, model, rng) -> None:
    camera, state = camera_named("pinhole", rng), random_state(model, rng)
    keypoints = observed(model, camera, state, BODY_25B, rng)
    stage = stage_with(reprojection=1.0)
    stage.reprojection.robust = robust
    energies = []
    for factor in (1.0, 3.0):
        scaled = replace(keypoints, confidence=factor * keypoints.confidence)
        scene = Scene(model, scaled, camera, model.default_prior)
        residuals, _ = scene.rows_of("reprojection", stage, state)
        energies.append(residuals @ residuals)
    np.testing.assert_allclose(energies[1], 9 * energies[0], rtol=1e-12)


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
@pytest.mark.parametrize("depth", [-6.0, 0.0], ids=["behind", "around"])
def test_a_point_behind_the_camera_has_no_energy_rather_than_none(
    depth, jacobian, model, rng
) -> None:
    """Zero residuals there would reward the body for leaving the image. Depth is that of the centre
    of its points."""
    camera = Camera.guess(1280, 720)
    in_front = random_state(model, rng)
    keypoints = observed(model, camera, in_front, BODY_25B, rng)
    scene = Scene(model, keypoints, camera, model.default_prior)
    stage = stage_with(reprojection=1.0)
    stage.solver.jacobian = jacobian
    assert scene.evaluate(stage, in_front)["evaluated"]
    points = reference.keypoints(model, BODY_25B, *in_front.posed(model))
    away = np.array([0.0, 0.0, depth - points[:, 2].mean()])
    there = replace(in_front, transl=in_front.transl + away)
    assert not scene.evaluate(stage, there)["evaluated"]


def random_gaussian(rng: np.random.Generator, size: int) -> GaussianPosePrior:
    """A covariance with correlations and standard deviations of about 0.3 rad."""
    root = rng.normal(0, 0.3 / np.sqrt(size), (size, size)) + 0.1 * np.eye(size)
    return GaussianPosePrior(rng.normal(0, 0.2, size), root @ root.T)


def random_mixture(rng: np.random.Generator, size: int) -> MixturePosePrior:
    components = [random_gaussian(rng, size) for _ in range(3)]
    return MixturePosePrior(
        rng.uniform(0.5, 2, 3),
        np.stack([component.mean for component in components]),
        np.stack([component.covariance for component in components]),
    )


def scene_of_prior(model, prior, rng) -> Scene:
    """Observations without keypoints, which priors do not use."""
    keypoints = Keypoints(rng.uniform(0, 700, (25, 2)), np.ones(25), BODY_25B)
    return Scene(model, keypoints, Camera.guess(1280, 720), prior)


# 63: the joints that SMPL shares with SMPL-H and SMPL-X.
@pytest.mark.parametrize("size", [69, 63])
def test_gaussian_prior_holds(size, model, rng) -> None:
    prior = random_gaussian(rng, size)
    stage = stage_with(pose_prior=404.0**2)

    def energy(state) -> float:
        x = state.body_pose.ravel()[:size]
        return 404.0**2 * reference.gaussian_prior(x, prior.mean, prior.covariance)

    scene = scene_of_prior(model, prior, rng)
    check_term("pose_prior", scene, stage, states_to_check(model, rng), energy)


@pytest.mark.parametrize("size", [69, 63])
def test_mixture_prior_holds(size, model, rng) -> None:
    prior = random_mixture(rng, size)
    stage = stage_with(pose_prior=4.78**2)
    winners = set()

    def energy(state) -> float:
        x = state.body_pose.ravel()[:size]
        moments = list(zip(prior.means, prior.covars, strict=True))
        winners.add(np.argmin([reference.gaussian_prior(x, *moment) for moment in moments]))
        return 4.78**2 * reference.mixture_prior(x, prior.weights, prior.means, prior.covars)

    states = states_to_check(model, rng)
    near_means = [
        replace(states[0], body_pose=np.pad(mean, (0, 69 - size)).reshape(-1, 3))
        for mean in prior.means
    ]
    scene = scene_of_prior(model, prior, rng)
    check_term("pose_prior", scene, stage, [*states, *near_means], energy)
    assert winners == {0, 1, 2}, "a component never won"


def test_a_mixture_from_zero_is_the_same_without_a_constant(model, rng) -> None:
    prior = random_mixture(rng, 69)
    scene, state = scene_of_prior(model, prior, rng), random_state(model, rng)
    stage, energies = stage_with(pose_prior=2.0), {}
    poses = [*rng.normal(0, 0.5, (2, 69)), *prior.means]
    for stage.pose_prior.from_zero in (False, True):
        states = [replace(state, body_pose=pose.reshape(-1, 3)) for pose in poses]
        rows = [scene.rows_of("pose_prior", stage, each)[0] for each in states]
        energies[stage.pose_prior.from_zero] = np.array([row @ row for row in rows])
    difference = energies[False] - energies[True]
    np.testing.assert_allclose(difference, difference[0], rtol=1e-9)
    np.testing.assert_allclose(energies[True].min(), 0, atol=1e-9)


def test_mixture_of_one_component_is_the_gaussian_and_a_constant(model, rng) -> None:
    """sqrt(weight / 2) L^T (x - mean), and the constant row of -log w = D / 2 log(2 pi)."""
    gaussian = random_gaussian(rng, 69)
    mixture = MixturePosePrior(np.ones(1), gaussian.mean[None], gaussian.covariance[None])
    stage, state = stage_with(pose_prior=2.0), random_state(model, rng)
    rows, _ = scene_of_prior(model, gaussian, rng).rows_of("pose_prior", stage, state)
    mixture_rows, _ = scene_of_prior(model, mixture, rng).rows_of("pose_prior", stage, state)
    np.testing.assert_allclose(mixture_rows[:-1], rows, rtol=1e-12)
    np.testing.assert_allclose(mixture_rows[-1] ** 2, 2.0 * 69 / 2 * np.log(2 * np.pi), rtol=1e-12)


def test_angle_prior_holds(model, rng) -> None:
    stage = stage_with(angle_prior=(3.17 * 4.78) ** 2)

    def energy(state) -> float:
        pose72 = np.concatenate([state.global_orient, state.body_pose.ravel()])
        return (3.17 * 4.78) ** 2 * reference.angle_prior(pose72)

    scene = scene_of_prior(model, model.default_prior, rng)
    check_term("angle_prior", scene, stage, states_to_check(model, rng), energy)


def random_limits(rng: np.random.Generator, joints: int) -> JointLimits:
    """Limits with axes of any direction and handedness, which many poses exceed."""
    axes = np.linalg.qr(rng.normal(size=(joints, 3, 3)))[0]
    middle = rng.normal(0, 0.3, (joints, 3))
    width = rng.uniform(0.05, 0.4, (joints, 3))
    return JointLimits(axes, middle - width, middle + width)


# With 3 joints none share a row; with 23 most share the last one.
@pytest.mark.parametrize("joints", [3, 23])
@pytest.mark.parametrize("softness", [0.1, 0.5])
def test_joint_limits_hold(softness, joints, model, rng) -> None:
    limits = random_limits(rng, joints)
    stage = stage_with(joint_limits=30.0**2)
    stage.joint_limits.softness = softness

    def energy(state) -> float:
        pose = state.body_pose[:joints]
        ranges = (limits.axes, limits.lower, limits.upper)
        return 30.0**2 * reference.joint_limits(pose, *ranges, softness)

    scene = replace(scene_of_prior(model, model.default_prior, rng), joint_limits=limits)
    states = states_to_check(model, rng)
    if joints < 16:
        states[-1].body_pose[1] = states[-1].body_pose[16]  # the rotation by nearly pi
    check_term("joint_limits", scene, stage, states, energy)


def test_limits_of_more_joints_than_the_body_has_are_an_error(model, rng) -> None:
    limits = random_limits(rng, 24)
    scene = replace(scene_of_prior(model, model.default_prior, rng), joint_limits=limits)
    with pytest.raises(ValueError, match="joint_limits: expected at most 23 joints, got 24"):
        scene.evaluate(stage_with(), random_state(model, rng))


@pytest.mark.parametrize("softness", [0.0, -1.0, float("nan"), float("inf")])
def test_a_softness_that_is_none_is_an_error(softness, model, rng) -> None:
    limits = random_limits(rng, 23)
    scene = replace(scene_of_prior(model, model.default_prior, rng), joint_limits=limits)
    stage = stage_with(joint_limits=1.0)
    stage.joint_limits.softness = softness
    with pytest.raises(ValueError, match=r"joint_limits\.softness: expected a finite number > 0"):
        scene.evaluate(stage, random_state(model, rng))


def test_without_limits_their_weight_means_nothing(model, rng) -> None:
    scene = scene_of_prior(model, model.default_prior, rng)
    assert scene.evaluate(stage_with(joint_limits=1.0), random_state(model, rng))["rows"] == []


def test_shape_prior_holds(model, rng) -> None:
    stage = stage_with(shape_prior=25.0)
    scene = scene_of_prior(model, model.default_prior, rng)
    check_term(
        "shape_prior", scene, stage, states_to_check(model, rng), lambda s: 25.0 * s.betas @ s.betas
    )


@pytest.mark.parametrize("camera", ["pinhole", "weak, scale unknown"])
def test_depth_prior_holds(camera, model, rng) -> None:
    stage = stage_with(depth_prior=1e4)
    camera = camera_named(camera, rng)
    scene = replace(scene_of_prior(model, model.default_prior, rng), camera=camera)

    def energy(state) -> float:
        return 1e4 * (camera.rotation @ (state.transl - state.initial_transl))[2] ** 2

    check_term("depth_prior", scene, stage, states_to_check(model, rng), energy)


def test_weak_perspective_has_a_depth_prior_in_every_stage(model, rng) -> None:
    """No other term constrains depth under weak perspective."""
    camera = camera_named("weak, scale unknown", rng)
    scene = replace(scene_of_prior(model, model.default_prior, rng), camera=camera)
    state = random_state(model, rng)
    rows, _ = scene.rows_of("depth_prior", stage_with(shape_prior=1.0), state)
    depth = (camera.rotation @ (state.transl - state.initial_transl))[2]
    np.testing.assert_allclose(rows @ rows, depth**2, rtol=1e-9)


def test_a_weight_of_zero_leaves_a_term_out(model, rng) -> None:
    scene = scene_of_prior(model, model.default_prior, rng)
    result = scene.evaluate(stage_with(shape_prior=1.0), random_state(model, rng))
    assert result["rows"] == [(_core.TERMS["shape_prior"], model.num_betas)]


def test_terms_of_a_stage_stand_one_after_the_other(model, rng) -> None:
    """The rows of all terms together are those of each term alone."""
    state = random_state(model, rng)
    camera = camera_named("pinhole", rng)
    keypoints = observed(model, camera, state, BODY_25B, rng)
    scene = Scene(model, keypoints, camera, random_mixture(rng, 69), random_limits(rng, 23))
    weights = {
        "reprojection": 1.0,
        "pose_prior": 2.0,
        "angle_prior": 3.0,
        "joint_limits": 3.5,
        "shape_prior": 4.0,
        "depth_prior": 5.0,
    }
    together = scene.evaluate(stage_with(**weights), state)
    alone = [scene.evaluate(stage_with(**{term: weights[term]}), state) for term in weights]
    assert together["rows"] == [result["rows"][0] for result in alone]
    for key in ("residuals", "jacobian"):
        np.testing.assert_array_equal(
            together[key], np.concatenate([result[key] for result in alone])
        )


# camera_prior needs cameras of unknown pose and is in test_camera_refinement.py.
@pytest.mark.parametrize("term", sorted(_core.TERMS.keys() - OF_OTHER_SCENES))
@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_an_error(term, weight, model, rng) -> None:
    scene = scene_of_prior(model, model.default_prior, rng)
    measured = Keypoints3D(np.zeros((25, 3)), format=BODY_25B)
    person = Person(height=1.7, limb_lengths={"left_shin": 0.4})
    ground = Ground((0, -1, 0), -1.5)
    scene = replace(scene, joint_limits=random_limits(rng, 23), keypoints3d=measured)
    size = (scene.camera.height, scene.camera.width)
    clouds = checked_clouds(PointCloud(np.eye(3)), None, scene.camera, scene.camera)
    scene = replace(scene, mask=Mask(np.ones(size, dtype=bool)), clouds=clouds)
    scene = replace(scene, person=person, ground=ground)
    with pytest.raises(ValueError, match=rf"{term}\.weight: expected a finite number >= 0, got"):
        scene.evaluate(stage_with(**{term: weight}), random_state(model, rng))


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("role", KeypointRole)
def test_a_keypoint_weight_that_is_none_is_an_error(role, weight, model, rng) -> None:
    scene = scene_of_prior(model, model.default_prior, rng)
    name, stage = f"{role.name.lower()}_weight", stage_with(reprojection=1.0)
    setattr(stage.reprojection, name, weight)
    with pytest.raises(ValueError, match=rf"{name}: expected a number from 0 to .*, got"):
        scene.evaluate(stage, random_state(model, rng))


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_pixels_per_metre_that_are_none_are_an_error(value, model, rng) -> None:
    scene = scene_of_prior(model, model.default_prior, rng)
    stage = stage_with(reprojection=1.0)
    stage.reprojection.pixels_per_metre = value
    with pytest.raises(ValueError, match=r"pixels_per_metre: expected a number from 0 to .*, got"):
        scene.evaluate(stage, random_state(model, rng))


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_a_robust_width_that_is_none_is_an_error(sigma, model, rng) -> None:
    scene = scene_of_prior(model, model.default_prior, rng)
    stage = stage_with(reprojection=1.0)
    stage.reprojection.sigma = sigma
    with pytest.raises(ValueError, match=r"sigma: expected a number from .*, got"):
        scene.evaluate(stage, random_state(model, rng))


@pytest.mark.parametrize(
    ("options", "name", "known"),
    [
        ("reprojection", "robust", "none, huber, geman_mcclure"),
        ("solver", "minimizer", "lm, dogleg, lbfgs"),
        ("solver", "jacobian", "fast, autodiff"),
    ],
)
def test_an_unknown_name_is_an_error_that_lists_the_known(options, name, known) -> None:
    stage = stage_with()
    with pytest.raises(ValueError, match=f"{name}: expected one of {known}, got cauchy"):
        setattr(getattr(stage, options), name, "cauchy")


def test_a_copied_stage_has_options_of_its_own() -> None:
    stage = stage_with(reprojection=1.0)
    copied = copy.copy(stage)
    copied.reprojection.weight = 7.0
    assert stage.reprojection.weight == 1.0
