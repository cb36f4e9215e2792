"""How sure a fit says it is."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import reference
from checks import random_arrays, seen_by, standing_person
from smplceres import (
    BodyModel,
    Camera,
    FitResult,
    GaussianPosePrior,
    Stage,
    WeakPerspectiveCamera,
    anatomical_prior,
    fit,
    load_body_model,
    smpl_joint_limits,
)
from smplceres._native import _core
from smplceres.keypoint_formats import FORMATS

INTRINSICS = {"fx": 1500.0, "fy": 1500.0, "cx": 640.0, "cy": 360.0, "width": 1280, "height": 720}
CAMERA = Camera(**INTRINSICS)
WORLD = Camera(
    **INTRINSICS,
    rotation=reference.rodrigues([1.2, -0.7, 0.9]),
    translation=[0.4, -0.3, 1.0],
)
BODY_25 = FORMATS["openpose_body25"]
SIGMA = 3.0
# A Gaussian, so that the posterior is one where the camera is nearly linear.
RANGES = anatomical_prior(24)


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def posterior_stage(sigma_px: float = SIGMA) -> Stage:
    """The negative log posterior: a Gaussian pose prior, unit betas, Gaussian noise."""
    stage = Stage()
    stage.reprojection.robust = "none"
    stage.reprojection.weight = 1 / (2 * sigma_px**2)
    stage.pose_prior.weight = 1.0
    stage.shape_prior.weight = 0.5
    stage.solver.max_iterations = 300
    stage.solver.function_tolerance = 1e-12
    return stage


def person_in(camera, model, rng):
    person = standing_person(model, rng, yaw=0.4)
    if camera is WORLD:
        turn = camera.rotation.T @ reference.rodrigues(person["global_orient"])
        pelvis = model.joints(betas=person["betas"])[0]
        place = camera.rotation.T @ (pelvis + person["transl"] - camera.translation) - pelvis
        person |= {"global_orient": Rotation.from_matrix(turn).as_rotvec(), "transl": place}
    return person


def mode(model, rng, camera=CAMERA, hidden: tuple[str, ...] = ()) -> FitResult:
    """The posterior's mode near the truth, of keypoints with the noise that it supposes."""
    person = person_in(camera, model, rng)
    exact = seen_by(camera, model, person)
    confidence = exact.confidence * [
        not any(part in name for part in hidden) for name in exact.format.names
    ]
    noisy = replace(
        exact, xy=exact.xy + rng.normal(0, SIGMA, exact.xy.shape), confidence=confidence
    )
    return fit(
        noisy, camera, model=model, initial=person, preset=[posterior_stage()], pose_prior=RANGES
    )


def linearized_posterior(model, keypoints, camera, parameters):
    """Jacobians by the oracle and central differences: of the posterior's residuals of unit
    variance (keypoints by sigma, pose by the prior, betas), of joints, of keypoints in pixels."""
    prior = RANGES
    whiten = np.linalg.inv(np.linalg.cholesky(prior.covariance))
    root = reference.rodrigues(parameters["global_orient"])
    pose = parameters["body_pose"].ravel()

    def observed(x):
        turn, body_pose, transl, betas = np.split(x, [3, 3 + pose.size, 6 + pose.size])
        posed = reference.smpl(
            model,
            betas=betas,
            root=reference.rodrigues(turn) @ root,
            body_pose=body_pose.reshape(-1, 3),
            transl=transl,
        )
        pixels = reference.project(camera, reference.keypoints(model, keypoints.format, *posed))
        return pixels.ravel(), posed[1].ravel(), body_pose, betas

    x = np.concatenate([np.zeros(3), pose, parameters["transl"], parameters["betas"]])
    ahead, behind = (
        [observed(x + sign * step) for step in 1e-5 * np.eye(len(x))] for sign in (1, -1)
    )
    pixels, joints, body_pose, betas = (
        np.stack([(a[i] - b[i]) / 2e-5 for a, b in zip(ahead, behind, strict=True)], axis=1)
        for i in range(4)
    )
    seen = np.repeat(keypoints.visible, 2)
    rows = np.concatenate([pixels[seen] / SIGMA, whiten @ body_pose, betas])
    return rows, joints, pixels


@pytest.mark.parametrize("camera", [CAMERA, WORLD], ids=["camera frame", "world frame"])
def test_it_is_the_inverse_hessian_of_the_stated_posterior(camera, model, rng) -> None:
    """By an independent restatement, to what central differences leave."""
    result = mode(model, rng, camera)
    covariance = result.covariance(SIGMA)
    rows, joints, pixels = linearized_posterior(model, result.keypoints, camera, result.parameters)
    expected = np.linalg.inv(rows.T @ rows)
    scale = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(
        covariance.matrix[:-1, :-1] / np.outer(scale, scale),
        expected / np.outer(scale, scale),
        rtol=0,
        atol=1e-5,
    )
    np.testing.assert_array_equal(covariance.matrix[-1], 0)  # no zoom
    of_joints = (joints @ expected @ joints.T).reshape(24, 3, 24, 3)
    for j in range(24):
        block = of_joints[j, :, j]
        np.testing.assert_allclose(covariance.joint(j), block, rtol=1e-5, atol=1e-5 * block.max())
    of_pixels = (pixels @ expected @ pixels.T).reshape(25, 2, 25, 2)
    for k in range(25):
        block = of_pixels[k, :, k]
        np.testing.assert_allclose(
            covariance.keypoints2d[k], block, rtol=1e-5, atol=1e-5 * block.max()
        )
    sizes = [len(part) for part in (covariance.pose, covariance.transl, covariance.betas)]
    assert sizes == [72, 3, 10]
    np.testing.assert_array_equal(covariance.transl, covariance.matrix[72:75, 72:75])
    assert covariance.names[72] == "transl x"
    np.testing.assert_allclose(
        covariance.joint_std**2, [np.trace(block) for block in covariance.joints]
    )


def test_weights_of_a_stage_scale_out(model, rng) -> None:
    """Energies times 7, and keypoints in another unit: the same posterior, the same covariance."""
    result = mode(model, rng)
    other = posterior_stage()
    other.reprojection.pixels_per_metre = 300.0
    other.reprojection.weight *= 7
    other.pose_prior.weight *= 7
    other.shape_prior.weight *= 7
    other.solver.max_iterations = 0
    again = fit(
        result.keypoints, CAMERA, model=model, initial=result, preset=[other], pose_prior=RANGES
    )
    np.testing.assert_allclose(
        again.covariance(SIGMA).matrix, result.covariance(SIGMA).matrix, rtol=1e-6, atol=1e-12
    )


def test_depth_is_less_sure_than_what_is_across(model, rng) -> None:
    """Of every joint, along its own ray and perpendicular to it."""
    result = mode(model, rng)
    for joint, covariance in zip(result.joints, result.covariance(SIGMA).joints, strict=True):
        ray = joint / np.linalg.norm(joint)
        along = ray @ covariance @ ray
        across = (np.trace(covariance) - along) / 2
        assert along > 4 * across


def test_a_hidden_arm_is_less_sure_than_a_seen_one(model, rng) -> None:
    covariance = mode(model, rng, hidden=("left_elbow", "left_wrist")).covariance(SIGMA)
    for name in ("elbow", "wrist", "hand"):
        left, right = (
            np.linalg.eigvalsh(covariance.joint(model.joint_names.index(f"{side}_{name}")))
            for side in ("left", "right")
        )
        assert (left[:2] > 2 * right[:2]).all()  # across the picture, where a seen arm is sure
    assert {"left_elbow z", "left_elbow y", "left_wrist x"} <= set(covariance.undetermined)
    assert "right_elbow y" not in covariance.undetermined
    assert "transl z" not in covariance.undetermined
    wrist = BODY_25.names.index("left_wrist")
    assert np.trace(covariance.keypoints2d[wrist]) > 50**2  # though nobody saw it


def test_what_the_prior_alone_tells_has_the_priors_spread(model, rng) -> None:
    covariance = mode(model, rng, hidden=("left_elbow", "left_wrist")).covariance(SIGMA)
    i = covariance.names.index("left_wrist y")
    spread = np.sqrt(np.diag(RANGES.covariance))[i - 3]
    np.testing.assert_allclose(covariance.prior_std[i], spread, rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(covariance.matrix[i, i]), spread, rtol=1e-6)
    assert np.isinf(covariance.prior_std[[0, 1, 2, 72, 73, 74]]).all()


def test_what_nothing_tells_is_infinite(model, rng) -> None:
    """Without priors, hands turn freely, and that moves the hands' tips alone."""
    stage = posterior_stage()
    stage.pose_prior.weight = stage.shape_prior.weight = 0.0
    stage.free_betas = False
    stage.solver.max_iterations = 0
    result = mode(model, rng)
    free = fit(result.keypoints, CAMERA, model=model, initial=result, preset=[stage])
    covariance = free.covariance(SIGMA)
    i = covariance.names.index("left_hand x")
    assert np.isinf(covariance.matrix[i, i])
    assert (np.delete(covariance.matrix[i], i) == 0).all()
    assert "left_hand x" in covariance.undetermined
    np.testing.assert_array_equal(covariance.betas, 0)  # held
    assert not any("betas" in name for name in covariance.undetermined)
    nose = covariance.keypoints2d[BODY_25.names.index("nose")]
    assert np.isfinite(nose).all()
    assert 0 < np.trace(nose) <= 2 * SIGMA**2 * (1 + 1e-6)
    assert not np.isnan(covariance.joints).any()


@pytest.mark.parametrize("known", [True, False], ids=["known scale", "unknown scale"])
def test_weak_perspective_tells_no_depth(known, model, rng) -> None:
    camera = WeakPerspectiveCamera(
        scale=210.0 if known else None, cx=640.0, cy=360.0, width=1280, height=720
    )
    person = standing_person(model, rng, yaw=0.4)
    keypoints = seen_by(camera, model, person, zoom=1.0 if known else 210.0)
    covariance = fit(keypoints, camera, model=model).covariance(SIGMA)
    depths = covariance.joints[:, 2]
    np.testing.assert_array_equal(depths[:, :2], 0)
    assert np.isinf(depths[:, 2]).all()
    assert np.isfinite(covariance.joints[:, :2, :2]).all()
    assert np.isfinite(covariance.keypoints2d[:, 0, 0]).all()
    assert "transl z" in covariance.undetermined
    assert (covariance.matrix[-1, -1] > 0) == (not known)


def test_a_world_that_is_turned_turns_the_covariances_with_it(model, rng) -> None:
    """Where the root points plays no part, near half a turn either: its chart starts there."""
    stage = posterior_stage()
    stage.solver.max_iterations = 0
    person = standing_person(model, rng, yaw=0.01)
    keypoints = seen_by(CAMERA, model, person)
    here = fit(keypoints, CAMERA, model=model, initial=person, preset=[stage])

    camera = Camera(**INTRINSICS, rotation=reference.rodrigues([0, 0, np.pi - 1e-6]))
    pelvis = model.joints(betas=person["betas"])[0]
    root = camera.rotation.T @ reference.rodrigues(person["global_orient"])
    turned = person | {
        "global_orient": Rotation.from_matrix(root).as_rotvec(),
        "transl": camera.rotation.T @ (pelvis + person["transl"]) - pelvis,
    }
    there = fit(keypoints, camera, model=model, initial=turned, preset=[stage])
    expected = camera.rotation.T @ here.covariance(SIGMA).joints @ camera.rotation
    scale = np.abs(expected).max()
    np.testing.assert_allclose(there.covariance(SIGMA).joints, expected, rtol=0, atol=1e-6 * scale)


@pytest.mark.parametrize("sigma", [2.0, 6.0])
def test_the_estimated_noise_is_near_the_true_one(sigma, model, rng) -> None:
    """Of 20 fits' the median, to 20 %: one estimate of 50 coordinates, of which a fit spends half,
    is off by 25 %, their median by 7 %."""
    estimates = []
    for _ in range(20):
        person = standing_person(model, rng, yaw=rng.uniform(-3, 3))
        exact = seen_by(CAMERA, model, person)
        noisy = replace(exact, xy=exact.xy + rng.normal(0, sigma, exact.xy.shape))
        stage = posterior_stage(sigma)
        result = fit(noisy, CAMERA, model=model, initial=person, preset=[stage])
        estimates.append(result.covariance().sigma_px)
    assert 0.8 < np.median(estimates) / sigma < 1.2


def test_exact_keypoints_leave_the_least_noise_and_not_none(model, rng) -> None:
    person = standing_person(model, rng)
    stage = posterior_stage(0.01)
    result = fit(
        seen_by(CAMERA, model, person), CAMERA, model=model, initial=person, preset=[stage]
    )
    covariance = result.covariance()
    assert covariance.sigma_px == 0.5
    assert (covariance.joint_std > 1e-3).all()


def test_outliers_are_what_is_off_by_more_than_sigma(model, rng) -> None:
    """300 px at 375 px/m are 80 cm, the last stage's sigma 20 cm."""
    person = standing_person(model, rng)
    exact = seen_by(CAMERA, model, person)
    xy = exact.xy + rng.normal(0, 2, exact.xy.shape)
    knee = BODY_25.names.index("right_knee")
    xy[knee] += 300
    confidence = exact.confidence.copy()
    confidence[0] = 0
    result = fit(replace(exact, xy=xy, confidence=confidence), CAMERA, model=model)
    np.testing.assert_array_equal(np.flatnonzero(result.outliers), [knee])


def test_an_outlier_tells_less_than_a_good_keypoint(model, rng) -> None:
    """Under a robust function the knee that is off is less sure in the picture."""
    person = standing_person(model, rng)
    exact = seen_by(CAMERA, model, person)
    knee = BODY_25.names.index("right_knee")
    off = exact.xy.copy()
    off[knee] += 300
    sure, unsure = (
        np.trace(
            fit(replace(exact, xy=xy), CAMERA, model=model).covariance(SIGMA).keypoints2d[knee]
        )
        for xy in (exact.xy, off)
    )
    assert unsure > 4 * sure


@pytest.mark.parametrize("robust", ["none", "huber"])
def test_outliers_of_the_other_robust_functions(robust, model, rng) -> None:
    person = standing_person(model, rng)
    exact = seen_by(CAMERA, model, person)
    stage = posterior_stage()
    stage.reprojection.robust, stage.reprojection.sigma = robust, 20.0
    stage.solver.max_iterations = 0
    result = fit(exact, CAMERA, model=model, initial=person, preset=[stage])
    xy = result.keypoints2d.copy()
    for k, error in enumerate((10, 30, 79, 81, 300)):
        xy[k, 0] += error
    (view,) = result.views
    moved = replace(result, views=(replace(view, keypoints=replace(exact, xy=xy)),))
    expected = [] if robust == "none" else [3, 4]
    np.testing.assert_array_equal(np.flatnonzero(moved.outliers), expected)


# --- Files and bad input ---


def own_prior(model) -> GaussianPosePrior:
    return GaussianPosePrior(RANGES.mean, 1.5 * RANGES.covariance)


@pytest.mark.parametrize("own", [False, True], ids=["default prior", "own prior and limits"])
def test_a_loaded_fit_with_its_body_is_as_sure_as_before(own, tmp_path, model, rng) -> None:
    given = {"pose_prior": own_prior(model), "joint_limits": smpl_joint_limits()} if own else {}
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = fit(keypoints, CAMERA, model=model, **given)
    expected = result.covariance()
    result.save(tmp_path / "person.npz")
    for again in (FitResult.load(tmp_path / "person.npz"), pickle.loads(pickle.dumps(result))):
        np.testing.assert_array_equal(again.outliers, result.outliers)
        covariance = again.covariance(model=model, **given)
        assert covariance.sigma_px == expected.sigma_px
        np.testing.assert_array_equal(covariance.matrix, expected.matrix)
        without = again.covariance(**given)  # the body is the package's
        np.testing.assert_array_equal(without.matrix, expected.matrix)
        if own:
            with pytest.raises(ValueError, match=r"pose_prior: expected that of the fit"):
                again.covariance(model=model)
            with pytest.raises(ValueError, match=r"joint_limits: expected those of the fit"):
                again.covariance(model=model, pose_prior=given["pose_prior"])


def test_bad_input_is_one_clear_error(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = fit(keypoints, CAMERA, model=model)
    for sigma in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"sigma_px: expected pixels > 0 or None, got"):
            result.covariance(sigma)
    with pytest.raises(ValueError, match=r"model: expected the body of the fit"):
        result.covariance(model=BodyModel(random_arrays(rng)))
    with pytest.raises(TypeError, match=r"model: expected a BodyModel, got str"):
        result.covariance(model="SMPL_NEUTRAL.pkl")
    stopped = fit(keypoints, CAMERA, model=model, max_time=1e-9)
    with pytest.raises(ValueError, match=r"covariance: expected a fit that ran a stage"):
        stopped.covariance()
    with pytest.raises(ValueError, match=r"outliers: expected a fit that ran a stage"):
        _ = stopped.outliers


# --- The core's Gaussian ---


def test_a_posterior_that_lacks_rank_has_the_limit_of_a_weak_prior(rng) -> None:
    """What H tells is as with a prior that fades; along its free directions that is infinite."""
    jacobian = rng.normal(size=(6, 5))
    jacobian[:, 4] = jacobian[:, 3]  # only their sum is told
    jacobian = np.c_[jacobian, np.zeros(6)]  # and of the last, nothing
    weights = rng.uniform(0.5, 2, 6)
    weights[0] = 0
    functions = np.array([[1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 0, 0]], dtype=float)
    posterior = _core.Posterior(jacobian, weights)
    covariance = posterior.covariances(functions[None])[0]
    same = _core.Posterior.of_hessian(jacobian.T @ (weights[:, None] * jacobian))
    np.testing.assert_allclose(same.covariances(functions[None])[0], covariance, rtol=1e-9)
    np.testing.assert_allclose(posterior.covariance(), posterior.covariances(np.eye(6)[None])[0])
    hessian = jacobian.T @ (weights[:, None] * jacobian) + 1e-7 * np.eye(6)
    limit = functions @ np.linalg.inv(hessian) @ functions.T
    np.testing.assert_allclose(covariance[:2, :2], limit[:2, :2], rtol=1e-4)
    assert np.isinf(covariance[2, 2])
    np.testing.assert_array_equal(covariance[2, :2], 0)


def test_a_posteriors_bad_input_is_one_clear_error(rng) -> None:
    jacobian = rng.normal(size=(6, 5))
    with pytest.raises(ValueError, match=r"weights: expected shape \(6,\), got \(5,\)"):
        _core.Posterior(jacobian, np.ones(5))
    with pytest.raises(ValueError, match=r"weights: expected numbers >= 0, got -1"):
        _core.Posterior(jacobian, -np.ones(6))
    with pytest.raises(ValueError, match=r"jacobian: expected finite numbers"):
        _core.Posterior(jacobian * np.nan, np.ones(6))
    with pytest.raises(ValueError, match=r"hessian: expected shape .*6.*, got \(6, 5\)"):
        _core.Posterior.of_hessian(jacobian)
    posterior = _core.Posterior(jacobian, np.ones(6))
    with pytest.raises(ValueError, match=r"jacobians: expected shape \(n, n, 5\), got \(1, 2, 4\)"):
        posterior.covariances(np.ones((1, 2, 4)))
