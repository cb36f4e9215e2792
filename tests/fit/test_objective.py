"""The objective as a function that other solvers call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

import reference
from checks import seen_by, standing_person
from smplceres import (
    Camera,
    Stage,
    WeakPerspectiveCamera,
    default_stages,
    fit,
    load_body_model,
    objective,
)
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View

CAMERA = Camera(fx=1500, fy=1500, cx=640, cy=360, width=1280, height=720)


@pytest.fixture(scope="module")
def model():
    return load_body_model()


@pytest.fixture
def keypoints(model, rng):
    exact = seen_by(CAMERA, model, standing_person(model, rng, yaw=0.4))
    return replace(exact, xy=exact.xy + rng.normal(0, 3, exact.xy.shape))


def narrow_stage() -> Stage:
    """The default preset's last one in its own weights, run until it stands still."""
    stage = default_stages()[-1]
    stage.reference_noise = 0.0
    stage.solver.function_tolerance = 1e-12
    stage.solver.max_iterations = 500
    return stage


def test_the_gradient_is_that_of_central_differences(model, keypoints, rng) -> None:
    """To 1e-6 of the largest derivative, as in `check_term`."""
    f = objective(keypoints, CAMERA, model=model)
    x = f.x0 + rng.normal(0, 0.05, f.x0.shape)
    gradient, jacobian = f.gradient(x), f.jacobian(x)
    for i, step in enumerate(1e-5 * np.eye(len(x))):
        difference = (f(x + step) - f(x - step)) / 2e-5
        np.testing.assert_allclose(
            difference, gradient[i], rtol=0, atol=1e-6 * np.abs(gradient).max()
        )
        difference = (f.residuals(x + step) - f.residuals(x - step)) / 2e-5
        np.testing.assert_allclose(
            difference, jacobian[:, i], rtol=0, atol=1e-6 * np.abs(jacobian).max()
        )
    np.testing.assert_allclose(f.hessian(x), 2 * jacobian.T @ jacobian)
    assert f(x) == pytest.approx((f.residuals(x) ** 2).sum())


def test_at_a_fits_end_it_is_the_fits_energy(model, keypoints) -> None:
    """Started where the fit was: residual unit and depth prior refer to that place. The noise that
    is the reference leaves the weights as the preset has them."""
    stages = default_stages()
    stages[-1].reference_noise = 0.0
    for stage in stages:  # a prediction would place the body elsewhere at first
        stage.conditional_prior.weight = 0.0
    result = fit(keypoints, CAMERA, model=model, preset=stages)
    f = objective(keypoints, CAMERA, model=model, preset=stages)
    x = f.pack(**result.parameters)
    assert f(x) == pytest.approx(sum(result.energies.values()), rel=1e-6)
    rows = np.concatenate([[term] * count for term, count in f.rows])
    for term, energy in result.energies.items():
        residuals = f.residuals(x)[rows == term]
        assert residuals @ residuals == pytest.approx(energy, rel=1e-6)


def test_scipys_least_squares_from_the_same_start_gets_no_higher_nor_lower(
    model, keypoints
) -> None:
    """Both to rounding, from a start near enough that one valley leads down; without collisions,
    at the kinks of whose energy both creep."""
    start = fit(keypoints, CAMERA, model=model).parameters
    stage = narrow_stage()
    stage.interpenetration.weight = 0.0
    given = {"model": model, "initial": start, "preset": [stage]}
    ours = sum(fit(keypoints, CAMERA, **given).energies.values())
    f = objective(keypoints, CAMERA, **given)
    found = scipy.optimize.least_squares(
        f.residuals, f.x0, jac=f.jacobian, ftol=1e-12, xtol=1e-12, gtol=1e-12
    )
    assert 2 * found.cost == pytest.approx(ours, rel=1e-5)
    assert f(f.x0) > ours * (1 + 1e-4)  # there was a way to go


def test_scipys_least_squares_finds_the_body_from_far(model, keypoints) -> None:
    """From the start that a fit takes; one stage alone may end higher than five, not by much."""
    f = objective(keypoints, CAMERA, model=model)
    found = scipy.optimize.least_squares(f.residuals, f.x0, jac=f.jacobian, x_scale="jac")
    ours = sum(fit(keypoints, CAMERA, model=model).energies.values())
    assert 2 * found.cost < 1.2 * ours < 0.1 * f(f.x0)
    body = model(**f.unpack(found.x))
    assert np.isfinite(body.vertices).all()


@pytest.mark.parametrize("method", ["L-BFGS-B", "trust-exact"])
def test_scipys_minimisers_drive_it_too(method, model, keypoints) -> None:
    start = fit(keypoints, CAMERA, model=model).parameters
    given = {"model": model, "initial": start, "preset": [narrow_stage()]}
    ours = sum(fit(keypoints, CAMERA, **given).energies.values())
    f = objective(keypoints, CAMERA, **given)
    hessian = {"hess": f.hessian} if method == "trust-exact" else {}
    options = {"maxiter": 5000, "maxfun": 20000} if method == "L-BFGS-B" else {}
    found = scipy.optimize.minimize(
        f, f.x0, jac=f.gradient, method=method, options=options, **hessian
    )
    assert found.fun == pytest.approx(ours, rel=1e-3)


def test_pack_and_unpack_are_inverse(model, keypoints, rng) -> None:
    f = objective(keypoints, CAMERA, model=model)
    x = f.x0 + rng.normal(0, 0.1, f.x0.shape)
    np.testing.assert_allclose(f.pack(**f.unpack(x)), x, atol=1e-9)
    np.testing.assert_allclose(f.pack(), f.x0, atol=1e-9)
    assert len(x) == 72 + 3 + 10
    turned = reference.rodrigues(f.unpack(x)["global_orient"])
    start = reference.rodrigues(f.unpack(f.x0)["global_orient"])
    np.testing.assert_allclose(turned, reference.rodrigues(x[:3]) @ start, atol=1e-9)


def test_x_holds_what_the_stage_leaves_free(model, keypoints) -> None:
    f = objective(keypoints, CAMERA, model=model, stage=0)  # the camera: root and place
    assert len(f.x0) == 6
    moved = f.unpack(f.x0 + 0.1)
    start = f.unpack(f.x0)
    np.testing.assert_array_equal(moved["body_pose"], start["body_pose"])
    np.testing.assert_allclose(moved["transl"], start["transl"] + 0.1)
    weak = WeakPerspectiveCamera.guess(1280, 720)
    assert len(objective(keypoints, weak, model=model, stage=0).x0) == 7


def test_behind_the_camera_nothing_is_gained(model, keypoints) -> None:
    f = objective(keypoints, CAMERA, model=model)
    x = f.x0.copy()
    x[74] = -5
    assert f(x) == float("inf")
    assert (f.residuals(x) == np.inf).all()
    assert np.isnan(f.gradient(x)).all()
    assert np.isnan(f.hessian(x)).all()


def test_bad_input_is_one_clear_error(model, keypoints) -> None:
    f = objective(keypoints, CAMERA, model=model)
    calls = (f, f.residuals, f.jacobian, f.gradient, f.hessian, f.unpack)
    for call in calls:
        with pytest.raises(ValueError, match=r"x: expected shape \(85,\), got \(84,\)"):
            call(f.x0[:-1])
        with pytest.raises(ValueError, match=r"x: expected shape \(85,\), got \(1, 85\)"):
            call(f.x0[None])
        for wrong in (np.nan, np.inf):
            x = f.x0.copy()
            x[3] = wrong
            with pytest.raises(ValueError, match=r"x: expected finite numbers"):
                call(x)
    with pytest.raises(ValueError, match=r"body_pose: expected shape"):
        f.pack(body_pose=np.zeros(3))
    for stage in (5, -6, "everything"):
        with pytest.raises(ValueError, match=r"stage: expected one of the preset's 5 stages, got"):
            objective(keypoints, CAMERA, model=model, stage=stage)
    with pytest.raises(ValueError, match=r"initial: expected a body in front of the camera"):
        objective(keypoints, CAMERA, model=model, initial={"transl": [0, 0, -5]})


def test_a_state_has_one_scale_for_each_view(model, keypoints) -> None:
    f = objective(keypoints, CAMERA, model=model)
    variables = _core.Variables(model._core, **f.unpack(f.x0), log_zoom=[0.0])
    with pytest.raises(ValueError, match=r"pixels_per_metre: expected 1 numbers, got shape \(2,\)"):
        _core.State(variables, initial_transl=np.zeros(3), pixels_per_metre=[300.0, 300.0])


def test_the_cores_objective_wants_a_state_of_its_views(model, keypoints) -> None:
    f = objective(keypoints, CAMERA, model=model)
    variables = _core.Variables(model._core, **f.unpack(f.x0), log_zoom=[0.0, 0.0])
    state = _core.State(variables, initial_transl=np.zeros(3), pixels_per_metre=[300.0, 300.0])
    scene = make_scene([View(keypoints, CAMERA)], model, model.default_prior)
    with pytest.raises(ValueError, match="log_zoom: expected one per view, 1, got 2"):
        _core.Objective(scene, Stage(), state)
