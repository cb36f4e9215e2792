"""fit: bodies are recovered, and symmetries of the input are those of the result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import reference
from checks import seen_by, standing_person
from fit_checks import (
    CAMERA,
    INTRINSICS,
    RECOVERY_CAMERAS,
    assert_finite,
    assert_meets_keypoints,
    distance,
    weak_stages,
)
from smplceres import (
    Camera,
    WeakPerspectiveCamera,
    anatomical_prior,
    default_stages,
    fit,
    load_body_model,
)


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def person_before(camera, model, rng) -> dict[str, np.ndarray]:
    """Somebody who stands before a camera anywhere in the world."""
    person = standing_person(model, rng, yaw=rng.uniform(-np.pi, np.pi))
    turn = camera.rotation.T @ reference.rodrigues(person["global_orient"])
    pelvis = model.joints(betas=person["betas"])[0]
    place = camera.rotation.T @ (pelvis + person["transl"] - camera.translation) - pelvis
    return person | {"global_orient": Rotation.from_matrix(turn).as_rotvec(), "transl": place}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", RECOVERY_CAMERAS)
def test_exact_keypoints_are_met_to_a_tenth_of_a_pixel(kind, seed, model, rng) -> None:
    camera = RECOVERY_CAMERAS[kind]
    person = person_before(camera, model, rng)
    zoom = 210.0 if kind == "weak perspective of unknown scale" else 1.0
    keypoints = seen_by(camera, model, person, zoom=zoom)
    perturbed = {name: value + rng.normal(0, 0.1, value.shape) for name, value in person.items()}
    result = fit(keypoints, camera, model=model, initial=perturbed, preset=weak_stages())
    assert np.sqrt(np.mean(result.residuals**2)) < 0.1
    assert_finite(result)


@pytest.mark.parametrize("yaw", [0.0, np.pi / 2, np.pi], ids=["front", "side", "back"])
def test_the_default_fit_finds_a_person_without_a_start(yaw, model, rng) -> None:
    """In the right direction, at the right distance."""
    person = standing_person(model, rng, yaw=yaw)
    result = fit(seen_by(CAMERA, model, person), CAMERA, model=model)
    assert result.converged
    assert_meets_keypoints(result)
    facing = [reference.rodrigues(w)[:, 2] for w in (result.global_orient, person["global_orient"])]
    assert facing[0] @ facing[1] > np.cos(np.radians(45))
    # Distance is seen by size alone, of which a standard deviation of the first beta is 4 %.
    np.testing.assert_allclose(result.joints[0, 2], model.joints(**person)[0, 2], rtol=0.2)


@pytest.mark.parametrize("yaw", [0.0, 0.5, np.pi / 2, 3.1])
def test_weak_perspective_recovers_the_scale_of_an_average_person(yaw, model, rng) -> None:
    """To 5 %: a body that leans by 18 degrees looks as much smaller."""
    person = standing_person(model, rng, yaw=yaw)
    person["betas"] = np.zeros(model.num_betas)
    person["body_pose"] = anatomical_prior(24).mean.reshape(-1, 3)
    camera = WeakPerspectiveCamera.guess(1280, 720)
    result = fit(seen_by(camera, model, person, zoom=210.0), camera, model=model)
    np.testing.assert_allclose(result.camera.scale, 210.0, rtol=0.05)
    assert_meets_keypoints(result)


@pytest.mark.parametrize("factor", [0.25, 2.0, 7.3])
def test_the_default_fit_does_not_depend_on_the_resolution(factor, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.4))
    noisy = replace(keypoints, xy=keypoints.xy + rng.normal(0, 5, keypoints.xy.shape))
    scaled_intrinsics = {name: type(value)(factor * value) for name, value in INTRINSICS.items()}
    result = fit(noisy, CAMERA, model=model)
    scaled = fit(replace(noisy, xy=factor * noisy.xy), Camera(**scaled_intrinsics), model=model)
    assert distance(result, scaled) < 1e-6


def test_a_camera_placed_in_a_world_gives_the_body_there(model, rng) -> None:
    """The same body as in the camera's own frame. Solved to the end, and without collisions, whose
    kinks stop the solver at many places: the paths there differ."""
    stages = default_stages()
    for stage in stages:
        stage.interpenetration.weight = 0.0
        stage.solver.function_tolerance, stage.solver.max_iterations = 1e-12, 500
    keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.4))
    rotation = reference.rodrigues(rng.normal(0, 1, 3))
    placed = Camera(**INTRINSICS, rotation=rotation, translation=rng.normal(0, 2, 3))
    in_camera, in_world = (
        fit(keypoints, camera, model=model, preset=stages) for camera in (CAMERA, placed)
    )
    np.testing.assert_allclose(placed.to_camera(in_world.joints), in_camera.joints, atol=1e-3)
    np.testing.assert_allclose(placed.to_camera(in_world.vertices), in_camera.vertices, atol=1e-3)


@pytest.mark.parametrize("kind", RECOVERY_CAMERAS)
def test_what_a_result_says_of_its_body_is_so(kind, model, rng) -> None:
    """Its parameters give its joints and vertices, and these the keypoints, through its camera."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.4))
    result = fit(keypoints, RECOVERY_CAMERAS[kind], model=model)
    body = model(**result.parameters)
    np.testing.assert_allclose(result.joints, body.joints, rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.vertices, body.vertices, rtol=0, atol=1e-12)
    seen = seen_by(result.camera, model, result.parameters)
    np.testing.assert_allclose(result.keypoints2d, seen.xy, rtol=0, atol=1e-6)


def test_a_fit_on_a_part_of_a_picture_is_the_fit_on_the_whole(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.4))
    whole = fit(keypoints, CAMERA, model=model)
    moved = replace(keypoints, xy=keypoints.xy - [300, 40], image_size=(700, 650))
    part = fit(moved, CAMERA.crop(300, 40, 700, 650), model=model)
    assert distance(part, whole) < 1e-6


def test_rounds_of_a_stage_are_solves_from_where_the_last_one_ended(model, rng) -> None:
    """Two rounds are the stage twice in a row, reported as one."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.4))
    stages = default_stages()
    for stage in stages:  # a prediction would start with a later stage
        stage.conditional_prior.weight = 0.0
    stages[2].solver.max_iterations = 3
    twice = fit(keypoints, CAMERA, model=model, preset=[*stages[:3], stages[2], *stages[3:]])
    stages[2].rounds = 2
    rounds = fit(keypoints, CAMERA, model=model, preset=stages)
    np.testing.assert_array_equal(rounds.joints, twice.joints)
    assert rounds.stages[2].iterations == sum(stage.iterations for stage in twice.stages[2:4])
    assert rounds.stages[2].initial_cost == twice.stages[2].initial_cost
    assert rounds.stages[2].final_cost == twice.stages[3].final_cost


@pytest.mark.parametrize("rounds", [0, 1001])
def test_rounds_out_of_range_are_refused(rounds, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    stage = default_stages()[0]
    stage.rounds = rounds
    with pytest.raises(
        ValueError, match=f"rounds: expected 1 to 1000 in stage camera, got {rounds}"
    ):
        fit(keypoints, CAMERA, model=model, preset=[stage])


@pytest.mark.parametrize("factor", [0.6, 1.6])
def test_an_unknown_focal_length_comes_nearer_to_the_truth(factor, model, rng) -> None:
    """Off by `factor` at first. From 2 m perspective tells, against the prior on guess and pose."""
    person = standing_person(model, rng, yaw=0.4, depth=2.0)
    keypoints = seen_by(CAMERA, model, person)
    guess = CAMERA.zoomed(factor)
    kept, found = (
        fit(keypoints, guess, model=model, estimate_focal=estimate) for estimate in (False, True)
    )
    assert kept.camera.fx == guess.fx
    assert abs(np.log(found.camera.fx / CAMERA.fx)) < 0.85 * abs(np.log(factor))
    assert found.camera.fx / found.camera.fy == pytest.approx(CAMERA.fx / CAMERA.fy)
    weight = found._last_stage.stage.focal_prior.weight
    assert found.energies["focal_prior"] == pytest.approx(
        weight * (np.log(found.camera.fx / guess.fx) / 0.5) ** 2
    )
    np.testing.assert_allclose(
        found.keypoints2d, seen_by(found.camera, model, found.parameters).xy, atol=1e-6
    )


def test_a_focal_length_stays_within_a_factor_of_five(model, rng) -> None:
    stages = default_stages()
    for stage in stages:
        stage.focal_prior.weight = 0.0
    for factor in (1 / 60, 60):
        keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.4, depth=3.0))
        guess = CAMERA.zoomed(factor)
        result = fit(keypoints, guess, model=model, preset=stages, estimate_focal=True)
        assert 1 / 5 - 1e-9 <= result.camera.fx / guess.fx <= 5 + 1e-9


def test_jacobians_of_an_unknown_focal_length_agree(model, rng) -> None:
    """Without collisions: at the kinks of their energy rounding decides which way a step goes."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    stages = default_stages()
    for stage in stages:
        stage.interpenetration.weight = 0.0
    given = {"model": model, "estimate_focal": True, "preset": stages}
    fast, autodiff = (
        fit(keypoints, CAMERA.zoomed(1.3), jacobian=name, **given) for name in ("fast", "autodiff")
    )
    assert distance(fast, autodiff) < 1e-6
    assert fast.camera.fx == pytest.approx(autodiff.camera.fx, rel=1e-6)


def test_weak_perspective_has_no_focal_length_to_estimate(model, rng) -> None:
    camera = WeakPerspectiveCamera.guess(1280, 720)
    keypoints = seen_by(camera, model, standing_person(model, rng), zoom=200.0)
    with pytest.raises(ValueError, match="estimate_focal: expected a Camera"):
        fit(keypoints, camera, model=model, estimate_focal=True)
