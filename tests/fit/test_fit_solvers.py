"""fit: solvers, options, and a fit as a function of its inputs."""

from __future__ import annotations

import copy
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from checks import seen_by, standing_person
from fit_checks import CAMERA, PARAMETERS, assert_meets_keypoints, assert_plausible, distance
from smplceres import FitResult, Keypoints, default_stages, fit, load_body_model


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def assert_same(a: FitResult, b: FitResult) -> None:
    for name in (*PARAMETERS, "joints", "keypoints2d"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert a.energies == b.energies


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
    result = fit(keypoints, CAMERA, model=model, starts=1)
    ran = [stage.name for stage in default_stages() if stage.conditional_prior.weight > 0]
    assert [stage.name for stage in result.stages] == ran
    for stage in result.stages:
        assert stage.iterations >= 1
        assert 0 <= stage.final_cost <= stage.initial_cost
        assert 0 < stage.time < result.solve_time
        assert stage.termination_type in ("CONVERGENCE", "NO_CONVERGENCE")
        assert stage.num_residuals >= 2 * 3
    everything = result.stages[-1]
    # Root, 23 joints, transl, 10 betas; keypoints, pose prior (a row more for the component's
    # weight), conditional prior, angle prior, joint limits, shape prior, depth prior; collisions by
    # chains of limbs.
    assert everything.num_parameters == 3 + 69 + 3 + 10
    assert everything.num_residuals == 2 * 25 + 70 + 63 + 4 + 4 + 10 + 1 + 7
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
    assert fit(keypoints, CAMERA, model=model, starts=np.int64(2)).num_starts == 3


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
        assert [result.num_starts for result in results] == [1, 3, 4, 5, 6]


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
