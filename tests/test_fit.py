"""Fits: what comes back of what went in, whatever goes in, and how a fit behaves as a function."""

from __future__ import annotations

import copy
import os
import pickle
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import reference
from checks import seen_by, standing_person
from smplceres import (
    Camera,
    FitResult,
    KeypointFormat,
    Keypoints,
    Stage,
    WeakPerspectiveCamera,
    anatomical_prior,
    default_stages,
    fit,
    load_body_model,
    smplify_stages,
)
from smplceres.keypoint_formats import FORMATS
from smplceres.presets import PRESETS

BODY_25 = FORMATS["openpose_body25"]
INTRINSICS = {"fx": 1500.0, "fy": 1500.0, "cx": 640.0, "cy": 360.0, "width": 1280, "height": 720}
CAMERA = Camera(**INTRINSICS)
PARAMETERS = ("global_orient", "body_pose", "betas", "transl")


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def distance(a: FitResult, b: FitResult) -> float:
    """The largest difference of any parameter."""
    return max(np.abs(getattr(a, name) - getattr(b, name)).max() for name in PARAMETERS)


def assert_same(a: FitResult, b: FitResult) -> None:
    for name in (*PARAMETERS, "joints", "keypoints2d"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert a.energies == b.energies


def assert_finite(result: FitResult) -> None:
    """No NaN where there is a number to have."""
    for name in (*PARAMETERS, "joints"):
        assert np.isfinite(getattr(result, name)).all(), name
    on_body = [bool(keypoint.location) for keypoint in result.keypoints.format.keypoints]
    assert np.isfinite(result.keypoints2d[on_body]).all()
    assert np.isfinite(list(result.energies.values())).all()
    costs = [cost for stage in result.stages for cost in (stage.initial_cost, stage.final_cost)]
    assert np.isfinite(costs).all()
    assert (np.array(costs) >= 0).all()
    assert result.message


def assert_plausible(result: FitResult) -> None:
    """Finite, and every joint at a distance at which people are photographed."""
    assert_finite(result)
    depth = result.camera.to_camera(result.joints)[:, 2]
    assert 0.3 < depth.min() <= depth.max() < 100


def assert_meets_keypoints(result: FitResult) -> None:
    """Exact ones of a person some 600 px tall, to what the priors leave that pull at the pose."""
    assert result.reprojection_error() < 10
    assert np.nanmax(result.residuals) < 60


# --- Recovery ---


def weak_stages() -> list[Stage]:
    """Priors that fade until keypoints alone decide: they lead along the valley of what one picture
    does not tell, in which a single stage would creep."""
    stages = []
    for weight in (1.0, 1e-1, 1e-2, 1e-3, 1e-4):
        stage = Stage()
        stage.name = f"priors {weight:g}"
        stage.reprojection.robust = "none"
        stage.pose_prior.weight = stage.shape_prior.weight = weight
        stage.solver.max_iterations = 200
        stage.solver.function_tolerance = 1e-9
        stages.append(stage)
    return stages


RECOVERY_CAMERAS = {
    "plain": CAMERA,
    "distorted": Camera(**INTRINSICS, distortion=[-0.2, 0.05, 0.003, -0.002, 0.01]),
    "in a world": Camera(
        **INTRINSICS,
        rotation=reference.rodrigues([1.2, -0.7, 0.9]),
        translation=[0.4, -0.3, 1.0],
    ),
    "weak perspective": WeakPerspectiveCamera(
        scale=210.0, cx=640.0, cy=360.0, width=1280, height=720
    ),
    "weak perspective of unknown scale": WeakPerspectiveCamera.guess(1280, 720),
}


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


# --- Symmetries ---


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


# --- Unknown focal length ---


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


# --- Solvers ---


def test_jacobians_by_hand_and_by_autodiff_fit_the_same(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    by_hand, autodiff = (
        fit(keypoints, CAMERA, model=model, jacobian=name) for name in ("fast", "autodiff")
    )
    assert distance(by_hand, autodiff) < 1e-6


EXACT = (
    "DENSE_NORMAL_CHOLESKY",
    "DENSE_QR",
    "SPARSE_NORMAL_CHOLESKY",
    "DENSE_SCHUR",
    "SPARSE_SCHUR",
)
ITERATIVE = ("ITERATIVE_SCHUR", "CGNR")


def test_our_normal_equations_go_where_those_of_ceres_go(model, rng) -> None:
    """Step by step: the same costs until both stand still. Ceres does not count the step that tells
    it to stop."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    noisy = replace(keypoints, xy=keypoints.xy + rng.normal(0, 3, keypoints.xy.shape))
    start = fit(noisy, CAMERA, model=model, preset=default_stages()[:3])
    stages = default_stages()[3:]
    for stage in stages:
        stage.reference_noise = 0.0
        stage.solver.function_tolerance = 1e-12
    given = {"model": model, "preset": stages, "initial": start.parameters}
    ours = fit(noisy, CAMERA, **given)
    theirs = fit(noisy, CAMERA, linear_solver="DENSE_NORMAL_CHOLESKY", **given)
    assert distance(ours, theirs) < 1e-5  # a millionth of the cost's root is left to gain
    for stage, of_ceres in zip(ours.stages, theirs.stages, strict=True):
        assert stage.linear_solver == "NORMAL_EQUATIONS"
        assert stage.final_cost == pytest.approx(of_ceres.final_cost, rel=1e-9)
        (costs,), (costs_of_ceres,) = stage.costs, of_ceres.costs
        same = min(len(costs), len(costs_of_ceres))
        assert abs(len(costs) - len(costs_of_ceres)) <= 1
        np.testing.assert_allclose(costs[:same], costs_of_ceres[:same], rtol=1e-6)


@pytest.mark.parametrize("minimizer", ["lm", "dogleg", "lbfgs"])
@pytest.mark.parametrize("linear_solver", ["auto", *EXACT, *ITERATIVE])
def test_every_solver_fits_and_is_reported_or_says_why_not(
    linear_solver, minimizer, model, rng
) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    options = {"model": model, "linear_solver": linear_solver, "minimizer": minimizer}
    if minimizer == "dogleg" and linear_solver in ITERATIVE:
        with pytest.raises(ValueError, match="DOGLEG only supports exact factorization"):
            fit(keypoints, CAMERA, **options)
        return
    result = fit(keypoints, CAMERA, **options)
    assert_meets_keypoints(result)
    by_auto = "NORMAL_EQUATIONS" if minimizer == "lm" else "DENSE_NORMAL_CHOLESKY"
    used = by_auto if linear_solver == "auto" else linear_solver
    for stage in result.stages:
        assert stage.minimizer == minimizer
        assert stage.linear_solver == ("" if minimizer == "lbfgs" else used)


def test_what_each_stage_did_is_reported(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = fit(keypoints, CAMERA, model=model)
    assert [stage.name for stage in result.stages] == [stage.name for stage in default_stages()]
    for stage in result.stages:
        assert stage.iterations >= 1
        assert 0 <= stage.final_cost <= stage.initial_cost
        assert 0 < stage.time < result.solve_time
        assert stage.termination_type in ("CONVERGENCE", "NO_CONVERGENCE")
        assert stage.num_residuals >= 2 * 3
    everything = result.stages[-1]
    # Root, 23 joints, transl, 10 betas; keypoints, pose prior (a row more for the component's
    # weight), angle prior, joint limits, shape prior, depth prior; collisions by chains of limbs.
    assert everything.num_parameters == 3 + 69 + 3 + 10
    assert everything.num_residuals == 2 * 25 + 70 + 4 + 4 + 10 + 1 + 7
    np.testing.assert_allclose(sum(result.energies.values()), everything.final_cost, rtol=1e-9)
    assert result.converged == (everything.termination_type == "CONVERGENCE")
    assert everything.message in result.message


@pytest.mark.parametrize(
    ("option", "known"),
    [
        ("preset", "default, smplify"),
        ("jacobian", "fast, autodiff"),
        ("minimizer", "lm, dogleg, lbfgs"),
        ("linear_solver", "auto, DENSE_NORMAL_CHOLESKY, DENSE_QR, SPARSE_NORMAL_CHOLESKY"),
    ],
)
def test_an_unknown_option_is_an_error_that_lists_the_known(option, known, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    with pytest.raises(ValueError, match=rf"{option}: expected .*{known}.* got '?newton"):
        fit(keypoints, CAMERA, model=model, **{option: "newton"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"starts": 0}, "starts: expected a whole number >= 1 or 'auto', got 0"),
        ({"starts": 1.5}, "starts: expected a whole number >= 1 or 'auto', got 1.5"),
        ({"max_time": 0}, "max_time: expected seconds > 0 or None, got 0"),
        ({"max_time": float("nan")}, "max_time: expected seconds > 0 or None, got nan"),
        ({"preset": []}, "preset: expected at least one stage, got none"),
        ({"initial": {"pose": np.zeros(69)}}, "initial: expected global_orient, .*got pose"),
        ({"initial": {"betas": np.zeros(11)}}, r"betas: expected shape \(10,\), got \(11,\)"),
    ],
)
def test_an_option_out_of_range_is_an_error(options, message, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    with pytest.raises(ValueError, match=message):
        fit(keypoints, CAMERA, model=model, **options)


@pytest.mark.parametrize("pose_prior", [np.zeros(69), {"mean": np.zeros(69)}, 3])
def test_something_that_is_no_prior_is_a_clear_error(pose_prior, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    with pytest.raises(TypeError, match=r"pose_prior: expected .*, got (ndarray|dict|int)"):
        fit(keypoints, CAMERA, model=model, pose_prior=pose_prior)


def test_starts_may_be_an_integer_of_numpy(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    assert fit(keypoints, CAMERA, model=model, starts=np.int64(2)).num_starts == 2


@pytest.mark.parametrize("yaw", np.linspace(0, np.pi, 4))
def test_more_starts_are_never_worse_than_one(yaw, model, rng) -> None:
    """Where many local minima are: keypoints far off, as of a bad detector; by the weights that
    starts are compared by."""
    stages = default_stages()
    stages[-1].reference_noise = 0.0
    for _ in range(6):
        keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=yaw))
        noisy = replace(keypoints, xy=keypoints.xy + rng.normal(0, 40, keypoints.xy.shape))
        results = [
            fit(noisy, CAMERA, model=model, preset=stages, starts=starts)
            for starts in (1, 2, 3, 4, 5)
        ]
        costs = [sum(result.energies.values()) for result in results]
        assert max(costs) == costs[0]
        assert [result.num_starts for result in results[1:]] == [2, 3, 4, 5]


# --- A fit as a function ---


def test_the_same_input_gives_the_same_output_bit_for_bit(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    assert_same(*(fit(keypoints, CAMERA, model=model, starts=2) for _ in range(2)))


def test_two_threads_at_once_fit_as_one_after_the_other(model, rng) -> None:
    yaws = np.linspace(-3, 3, 8)
    people = [seen_by(CAMERA, model, standing_person(model, rng, yaw=yaw)) for yaw in yaws]

    def fit_one(keypoints: Keypoints) -> FitResult:
        return fit(keypoints, CAMERA, model=model, starts=4, jacobian="autodiff")

    one_by_one = [fit_one(keypoints) for keypoints in people]
    with ThreadPoolExecutor(2) as threads:
        at_once = list(threads.map(fit_one, people))
    for a, b in zip(one_by_one, at_once, strict=True):
        assert_same(a, b)


def long_fit(keypoints, model, **options) -> FitResult:
    """Minutes of stages from each of many starts, unless something stops it."""
    return fit(
        keypoints,
        CAMERA,
        model=model,
        jacobian="autodiff",
        preset=default_stages() * 500,
        starts=20,
        **options,
    )


def test_other_threads_run_while_a_fit_does(model, rng) -> None:
    """A fit of 0.3 s has room for some 250 naps of 1 ms; holding the GIL it has next to none."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    naps, done = 0, threading.Event()

    def nap() -> None:
        nonlocal naps
        while not done.wait(0.001):
            naps += 1

    thread = threading.Thread(target=nap)
    thread.start()
    before = naps
    result = long_fit(keypoints, model, max_time=0.3)
    during = naps - before
    done.set()
    thread.join()
    assert result.solve_time > 0.25
    assert during > 15


def test_max_time_stops_a_fit_near_the_limit(model, rng) -> None:
    """At the next iteration, a millisecond later; on a busy machine within the second."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    begin = time.perf_counter()
    result = long_fit(keypoints, model, max_time=0.2)
    assert 0.2 < time.perf_counter() - begin < 1.0
    assert_plausible(result)


@pytest.mark.parametrize("max_time", [1e-12, 1e-5, 3e-4])
def test_a_time_too_short_gives_the_state_so_far(max_time, model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = fit(keypoints, CAMERA, model=model, jacobian="autodiff", max_time=max_time)
    assert_plausible(result)
    assert not result.converged
    assert len(result.stages) < 5
    assert "time" in result.message


def test_ctrl_c_stops_a_fit_and_the_next_one_works(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    expected = fit(keypoints, CAMERA, model=model)
    interrupted = []

    def press_ctrl_c() -> None:
        interrupted.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, press_ctrl_c)
    try:
        timer.start()
        # Without a stop it would end after the 30 s of max_time, and fail this test.
        with pytest.raises(KeyboardInterrupt):
            long_fit(keypoints, model, max_time=30)
        # Signals are looked for every 20 ms; a busy machine may take its time.
        assert time.perf_counter() - interrupted[0] < 1.0
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, former)
    assert_same(fit(keypoints, CAMERA, model=model), expected)


def test_inputs_are_never_written_to(model, rng) -> None:
    person = standing_person(model, rng)
    rows = np.column_stack([seen_by(CAMERA, model, person).xy, np.ones(25)])
    rows[3, 2] = 0
    initial = {name: value + 0.05 for name, value in person.items()}
    stages = default_stages()
    stages[0].solver.minimizer = "dogleg"
    before = copy.deepcopy((rows, initial))
    fit(rows, CAMERA, model=model, initial=initial, preset=stages, minimizer="lbfgs")
    np.testing.assert_array_equal(rows, before[0])
    for name, value in initial.items():
        np.testing.assert_array_equal(value, before[1][name])
    assert [stage.solver.minimizer for stage in stages] == ["dogleg", "lm", "lm", "lm", "lm"]


def test_arrays_of_any_layout_and_lists_fit_the_same(model, rng) -> None:
    rows = np.column_stack([seen_by(CAMERA, model, standing_person(model, rng)).xy, np.ones(25)])
    rows = rows.astype(np.float32)  # so that all of them hold the same numbers
    expected = fit(rows.astype(float), CAMERA, model=model)
    spread_out = np.zeros((50, 6), np.float32)
    spread_out[::2, ::2] = rows
    for given in (rows, np.asfortranarray(rows), spread_out[::2, ::2], rows.tolist(), rows[:, :2]):
        assert_same(fit(given, CAMERA, model=model), expected)


def test_results_do_not_share_memory_with_inputs(model, rng) -> None:
    rows = np.column_stack([seen_by(CAMERA, model, standing_person(model, rng)).xy, np.ones(25)])
    result = fit(rows, CAMERA, model=model)
    before = rows.copy()
    rows[:] = -1
    np.testing.assert_array_equal(result.keypoints.xy, before[:, :2])


# --- Starts ---


def test_an_earlier_result_is_a_start(model, rng) -> None:
    """Where the first fit ended there is little left to do."""
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    first = fit(keypoints, CAMERA, model=model)
    last_stage = default_stages()[-1:]
    second = fit(keypoints, CAMERA, model=model, initial=first, preset=last_stage)
    assert second.num_starts == 1
    np.testing.assert_allclose(second.joints, first.joints, atol=0.05)


def test_an_earlier_result_of_unknown_scale_is_a_start(model, rng) -> None:
    camera = WeakPerspectiveCamera.guess(1280, 720)
    keypoints = seen_by(camera, model, standing_person(model, rng), zoom=210.0)
    first = fit(keypoints, camera, model=model)
    second = fit(keypoints, camera, model=model, initial=first, preset=default_stages()[-1:])
    np.testing.assert_allclose(second.camera.scale, first.camera.scale, rtol=0.02)
    np.testing.assert_allclose(second.joints, first.joints, atol=0.05)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_start_of_one_parameter_alone_is_completed(name, model, rng) -> None:
    """`initial` takes any of the four; what it leaves out is looked for as ever."""
    person = standing_person(model, rng)
    keypoints = seen_by(CAMERA, model, person)
    result = fit(keypoints, CAMERA, model=model, initial={name: person[name]})
    assert_plausible(result)
    assert_meets_keypoints(result)


def test_a_start_behind_the_camera_gains_nothing(model, rng) -> None:
    """It is refused, or costs at least as much as the fit in front of the camera does."""
    person = standing_person(model, rng)
    keypoints = seen_by(CAMERA, model, person)
    in_front = fit(keypoints, CAMERA, model=model, initial=person)
    behind = person | {"transl": person["transl"] * [1, 1, -1]}
    try:
        result = fit(keypoints, CAMERA, model=model, initial=behind)
    except ValueError as error:
        assert re.match("initial: expected .*in front of the camera", str(error))
    else:
        assert_finite(result)
        assert sum(result.energies.values()) >= 0.999 * sum(in_front.energies.values())


@pytest.mark.parametrize("preset", ["weak priors", "default", "smplify"])
def test_a_picture_that_only_a_body_behind_the_camera_explains_is_fitted_in_front(
    preset, model, rng
) -> None:
    """Projected through the pinhole from behind, its keypoints are met exactly only there."""
    person = standing_person(model, rng)
    mirrored = seen_by(CAMERA, model, person | {"transl": np.array([0.0, 0.0, -4.0])})
    stages = weak_stages() if preset == "weak priors" else preset
    for initial in (None, person):
        result = fit(mirrored, CAMERA, model=model, initial=initial, preset=stages)
        assert_finite(result)
        assert result.joints[:, 2].min() > 0


def test_poses_come_back_as_rotations_by_at_most_half_a_turn(model, rng) -> None:
    """Three quarters of a turn to the left are a quarter to the right."""
    person = standing_person(model, rng)
    keypoints = seen_by(CAMERA, model, person)
    stage = default_stages()[0]
    assert not stage.free_body_pose
    axes = rng.normal(size=(23, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    long_way = person | {"body_pose": 1.5 * np.pi * axes}
    result = fit(keypoints, CAMERA, model=model, initial=long_way, preset=[stage])
    np.testing.assert_allclose(result.body_pose, -0.5 * np.pi * axes, atol=1e-12)


# --- Whatever is seen ---

LEG = ("hip", "knee", "ankle", "heel", "big_toe")
PARTS = {
    "everything": BODY_25.names,
    "upper body": [name for name in BODY_25.names if not re.search("knee|ankle|toe|heel", name)],
    "above the hips": [
        name for name in BODY_25.names if not re.search("knee|ankle|toe|heel|hip", name)
    ],
    "one leg": [f"left_{name}" for name in LEG],
    "head": ["nose", "left_eye", "right_eye", "left_ear", "right_ear"],
    "feet": [name for name in BODY_25.names if re.search("toe|heel", name)],
    "three of an arm": ["right_shoulder", "right_elbow", "right_wrist"],
    "three of a face": ["nose", "left_eye", "right_eye"],
    "three of the midline": ["nose", "neck", "mid_hip"],
    "three far apart": ["left_ear", "right_wrist", "left_ankle"],
}


@pytest.mark.parametrize("preset", list(PRESETS))
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_person_gives_a_plausible_body(part, preset, model, rng) -> None:
    for yaw in (0.0, np.pi / 2, 2.5):
        keypoints = seen_by(CAMERA, model, standing_person(model, rng, yaw=yaw))
        seen = [name in PARTS[part] for name in BODY_25.names]
        result = fit(
            replace(keypoints, confidence=np.array(seen, float)), CAMERA, model=model, preset=preset
        )
        assert_plausible(result)
        # What is seen is met to about a twentieth of a person who is some 600 px tall.
        assert result.reprojection_error() < 30


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 6, endpoint=False))
def test_keypoints_on_one_line_give_a_plausible_body(angle, model, rng) -> None:
    along = rng.uniform(-250, 250, (25, 1)) * [np.cos(angle), np.sin(angle)]
    result = fit(np.array([640.0, 360.0]) + along, CAMERA, keypoint_format=BODY_25, model=model)
    assert_plausible(result)


def test_keypoints_that_are_one_point_of_the_body_are_one_clear_error(model) -> None:
    """A user's format may say so; no size can be told from it."""
    all_pelvis = KeypointFormat.from_mapping("own", dict.fromkeys("abc", "pelvis"))
    keypoints = Keypoints([[600, 300], [700, 300], [650, 400]], np.ones(3), all_pelvis)
    with pytest.raises(ValueError, match=r"^keypoints: expected"):
        fit(keypoints, CAMERA, model=model)


# Pixels (25, 2) and confidences (25,), drawn at random.
GARBAGE = {
    "noise": lambda g: (g.uniform(0, [1280, 720], (25, 2)), g.uniform(0, 1, 25)),
    "a megapixel wide": lambda g: (g.uniform(-1e6, 1e6, (25, 2)), g.uniform(0, 1, 25)),
    "a few a megapixel away": lambda g: (
        g.uniform(0, [1280, 720], (25, 2)) + 1e6 * (g.random((25, 1)) < 0.1),
        g.uniform(0, 1, 25),
    ),
    "all a megapixel away": lambda g: (g.uniform(0, 700, (25, 2)) + 1e6, np.ones(25)),
    "two pixels wide": lambda g: (g.uniform(300, 302, (25, 2)), np.ones(25)),
    "confidences of any size": lambda g: (
        g.uniform(0, [1280, 720], (25, 2)),
        10 ** g.uniform(-9, 3, 25),
    ),
    "three points": lambda g: (
        g.uniform(0, [1280, 720], (25, 2)),
        1.0 * (g.permutation(25) < 3),
    ),
}


@pytest.mark.parametrize("kind", ["plain", "distorted", "weak perspective of unknown scale"])
@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("preset", list(PRESETS))
def test_garbage_gives_a_finite_result_or_one_clear_error(
    preset, garbage, kind, model, rng
) -> None:
    camera = RECOVERY_CAMERAS[kind]
    for _ in range(20 if preset == "default" else 5):
        keypoints = Keypoints(*GARBAGE[garbage](rng), BODY_25)
        try:
            result = fit(keypoints, camera, model=model, preset=preset)
        except ValueError as error:
            assert str(error).startswith("keypoints: expected ")
        else:
            assert_finite(result)


@pytest.mark.parametrize("what", ["pixels", "confidences"])
@pytest.mark.parametrize("size", [1e20, 1e160, 1e300])
def test_numbers_near_the_end_of_float64_give_a_finite_result_or_one_clear_error(
    size, what, model, rng
) -> None:
    xy, confidence = GARBAGE["noise"](rng)
    if what == "pixels":
        xy[4] = size
    else:
        confidence[4] = size
    try:
        result = fit(Keypoints(xy, confidence, BODY_25), CAMERA, model=model)
    except ValueError as error:
        assert re.match("(keypoints|xy|confidence): expected ", str(error))
    else:
        assert_finite(result)


def test_nothing_is_printed(capfd, model, rng) -> None:
    for garbage in GARBAGE.values():
        keypoints = Keypoints(*garbage(rng), BODY_25)
        for minimizer in ("lm", "dogleg", "lbfgs"):
            fit(keypoints, CAMERA, model=model, minimizer=minimizer)
    person = standing_person(model, rng)
    behind = person | {"transl": person["transl"] * [1, 1, -1]}
    for linear_solver in ("CGNR", "SPARSE_SCHUR", "DENSE_QR"):
        fit(seen_by(CAMERA, model, person), CAMERA, model=model, linear_solver=linear_solver)
    for options in ({"linear_solver": "newton"}, {"initial": behind}, {"max_time": 1e-9}):
        try:
            fit(seen_by(CAMERA, model, person), CAMERA, model=model, **options)
        except ValueError:
            continue
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


# --- Presets ---


def roots(stages: list[Stage], term: str) -> list[float]:
    """Weights of residuals: the square roots of the energies'."""
    return [np.sqrt(getattr(stage, term).weight) for stage in stages]


def test_the_smplify_preset_has_the_published_numbers() -> None:
    """Bogo et al. 2016 and its code: weights of residuals, of the camera stage and four more."""
    stages = smplify_stages()
    assert len(stages) == 5
    camera, body = stages[0], stages[1:]
    np.testing.assert_allclose(roots(body, "pose_prior"), [404, 404, 57.4, 4.78])
    np.testing.assert_allclose(
        roots(body, "angle_prior"), np.multiply(3.17, [404, 404, 57.4, 4.78])
    )
    np.testing.assert_allclose(roots(body, "shape_prior"), [100, 50, 10, 5])
    np.testing.assert_allclose(roots(body, "reprojection"), 1)
    np.testing.assert_allclose(roots(body, "depth_prior"), 0)
    np.testing.assert_allclose(roots(body, "interpenetration"), 1e3)
    for stage in body:
        assert stage.interpenetration.overlap == "gaussian"
        assert stage.interpenetration.width == 0.3
        assert not stage.interpenetration.shape
    for stage in body:
        assert stage.reprojection.robust == "geman_mcclure"
        assert stage.reprojection.sigma == 100
        assert not stage.reprojection.per_point
        assert stage.reprojection.hip_weight == 0
        assert stage.free_global_orient
        assert stage.free_body_pose
        assert stage.free_betas
        assert not stage.free_transl

    np.testing.assert_allclose(roots([camera], "depth_prior"), 1e2)
    for term in ("pose_prior", "angle_prior", "shape_prior", "interpenetration"):
        assert getattr(camera, term).weight == 0
    assert camera.free_global_orient
    assert camera.free_transl
    assert not camera.free_body_pose
    assert not camera.free_betas
    assert camera.reprojection.limb_weight == camera.reprojection.head_weight == 0
    assert camera.reprojection.shoulder_weight == camera.reprojection.hip_weight == 1

    for stage in stages:
        assert stage.reprojection.pixels_per_metre == 0
        assert stage.reprojection.neck_weight == 0  # the 12 joints of LSP's limbs, and the crown
        assert stage.solver.minimizer == "dogleg"
        assert stage.solver.max_iterations == 100


def test_the_default_preset_ends_with_everything_free_and_its_priors_weakest() -> None:
    stages = default_stages()
    assert len(stages) == 5
    assert not stages[0].free_body_pose
    assert not stages[0].free_betas
    last = stages[-1]
    assert last.free_global_orient
    assert last.free_body_pose
    assert last.free_transl
    assert last.free_betas
    pose_weights = roots(stages[1:], "pose_prior")
    assert pose_weights == sorted(pose_weights, reverse=True)
    widths = [stage.reprojection.sigma for stage in stages]
    assert widths == sorted(widths, reverse=True)
    assert all(stage.reprojection.pixels_per_metre > 0 for stage in stages)


@pytest.mark.parametrize("preset", [default_stages, smplify_stages])
def test_a_preset_is_made_anew_each_time(preset) -> None:
    preset()[0].reprojection.weight = 77.0
    assert preset()[0].reprojection.weight != 77.0


def mixture_arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Eight components over 69 numbers, as SMPLify's file has."""
    roots = rng.normal(0, 0.05, (8, 69, 69)) + 0.2 * np.eye(69)
    return {
        "means": rng.normal(0, 0.2, (8, 69)),
        "covars": roots @ roots.transpose(0, 2, 1),
        "weights": rng.dirichlet(np.ones(8)),
    }


@pytest.mark.parametrize("ending", [".pkl", ".npz"])
def test_the_smplify_preset_takes_a_mixture_from_a_file(ending, tmp_path, model, rng) -> None:
    arrays = mixture_arrays(rng)
    path = tmp_path / f"gmm_08{ending}"
    if ending == ".npz":
        np.savez(path, **arrays)
    else:
        path.write_bytes(pickle.dumps(arrays, protocol=2))
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = fit(keypoints, CAMERA, model=model, preset="smplify", pose_prior=path)
    assert_plausible(result)
    # The last stage's weight and terms; the energy is the oracle's.
    expected = 4.78**2 * reference.mixture_prior(result.body_pose.ravel(), **arrays)
    np.testing.assert_allclose(result.energies["pose_prior"], expected, rtol=1e-6)
    # Hips and neck are left out; a mixture of 69 numbers has 70 rows.
    assert result.stages[-1].num_residuals == 2 * (25 - 4) + 70 + 4 + 10 + 7


def test_stages_tell_costs_of_every_iteration_and_energies_of_every_term(model, rng) -> None:
    keypoints = seen_by(CAMERA, model, standing_person(model, rng))
    result = fit(keypoints, CAMERA, model=model, starts=1)
    for stage in result.stages:
        assert len(stage.costs) >= 1
        for costs in stage.costs:
            assert (np.diff(costs) <= 0).all(), "the lowest so far"
        assert sum(len(costs) - 1 for costs in stage.costs) == stage.iterations
        assert stage.costs[-1][0] == pytest.approx(stage.initial_cost)
        assert stage.costs[-1][-1] == pytest.approx(stage.final_cost)
        assert sum(stage.initial_energies.values()) == pytest.approx(stage.initial_cost)
        assert sum(stage.energies.values()) == pytest.approx(stage.final_cost)
    assert result.stages[-1].energies == result.energies
    for name, value in result.stages[-1].parameters.items():
        np.testing.assert_array_equal(value, getattr(result, name))
    first = result.stages[0].parameters
    np.testing.assert_array_equal(first["body_pose"], result.start["body_pose"])  # camera alone
    assert not np.array_equal(first["transl"], result.start["transl"])
