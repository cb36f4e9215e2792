"""Frames of a sequence in the core: elimination, and the terms between frames."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse

from checks import random_arrays, random_state, seen_by, stage_with, standing_person
from clips import CAMERA, seen_frames, waving
from smplceres import BodyModel, fit, load_body_model, sequence_stages
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View
from smplceres.priors.pose_prior import anatomical_prior


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def solve_independent(model, seen, start, linear_solver, *, free_focal=False, held=0):
    stage = sequence_stages()[-1]
    stage.acceleration.weight = stage.rotation_walk.weight = 0.0
    stage.reprojection.sigma = 60.0  # so that no early step is rejected
    stage.solver.linear_solver = linear_solver
    stage.solver.function_tolerance = 1e-12
    scenes = [
        make_scene(
            (View(frame, CAMERA),),
            model,
            model.default_prior,
            model.default_joint_limits,
            estimate_focal=free_focal,
        )
        for frame in seen
    ]
    return _core.fit_sequence(
        scenes,
        [f / 10 for f in range(len(seen))],
        [stage],
        [start] * len(seen),
        held=held,
        shared=True,
        max_time=float("inf"),
    )


def compared_with_ceres(model, rng, **options):
    """Summaries of the normal equations' and of Ceres' solve; one frame is without keypoints."""
    seen = seen_frames(model, waving(model, rng, np.arange(5) / 10), rng)
    first = fit(seen[0], CAMERA, model=model)
    start = _core.Variables(model._core, **first.parameters, log_zoom=[0.0])
    seen[3] = replace(seen[3], confidence=np.zeros_like(seen[3].confidence))
    schur, ceres = (
        solve_independent(model, seen, start, solver, **options).stages[0].summary
        for solver in ("auto", "SPARSE_NORMAL_CHOLESKY")
    )
    assert schur.linear_solver == "NORMAL_EQUATIONS_SCHUR"
    assert ceres.linear_solver == "SPARSE_NORMAL_CHOLESKY"
    assert schur.num_parameters == ceres.num_parameters
    return schur, ceres


@pytest.mark.parametrize("held", [0, 2])
def test_frames_eliminated_one_by_one_go_where_ceres_goes(held, model, rng) -> None:
    """The costs agree step by step, until rounding at a kink of the objective makes them differ."""
    schur, ceres = compared_with_ceres(model, rng, held=held)
    (costs,), (ceres_costs,) = schur.costs, ceres.costs
    same = min(len(costs), len(ceres_costs))
    assert same > 5
    np.testing.assert_allclose(costs[:same], ceres_costs[:same], rtol=1e-6)


def test_frames_that_share_a_focal_length_take_the_first_steps_of_ceres(model, rng) -> None:
    """They agree until a step is rejected, where Ceres uses a line search because of the bounds."""
    schur, ceres = compared_with_ceres(model, rng, free_focal=True)
    np.testing.assert_allclose(schur.costs[0][:3], ceres.costs[0][:3], rtol=1e-9)
    assert schur.final_cost < schur.initial_cost


class Frames:
    """Three frames of a random body at uneven times, without observations."""

    def __init__(self, rng):
        self.model = BodyModel(random_arrays(rng))
        first = random_state(self.model, rng)
        self.states = [replace(first, root_chart=np.zeros(3))]
        for _ in range(2):
            step = 0.1 * rng.normal(size=3 * 24 + 3 + self.model.num_betas + 1)
            step[:3] = 0  # the root's chart, which is 0 in variables made from a state
            moved = self.states[-1].moved(step)
            self.states.append(replace(moved, betas=first.betas, log_zoom=first.log_zoom))
        self.times = [0.0, 0.03, 0.08]
        unseen = seen_by(CAMERA, self.model, standing_person(self.model, rng))
        unseen = replace(unseen, confidence=np.zeros(len(unseen)))
        self.scene = make_scene([View(unseen, CAMERA)], self.model, anatomical_prior(24))

    def evaluate(self, stage, states, times=None):
        variables = [
            _core.Variables(
                self.model._core,
                global_orient=state.global_orient,
                body_pose=state.body_pose,
                betas=states[0].betas,
                transl=state.transl,
                log_zoom=[0.0],
            )
            for state in states
        ]
        evaluated = _core.evaluate_sequence(
            [self.scene] * len(states),
            times or self.times,
            stage,
            variables,
        )
        assert evaluated["evaluated"]
        begin, columns, values = evaluated["jacobian"]
        width = 75 * len(states) + self.model.num_betas + 1
        shape = (len(evaluated["residuals"]), width)
        matrix = scipy.sparse.csr_matrix((values, columns, begin), shape=shape)
        return np.array(evaluated["residuals"]), matrix.toarray(), evaluated["energies"]

    def joints(self, state):
        return state.posed(self.model)[1]


def test_acceleration_holds(rng) -> None:
    """The value equals the formula, both Jacobians agree, and E is linear in the weight."""
    frames = Frames(rng)
    stage = stage_with()
    stage.acceleration.weight, stage.acceleration.sigma = 3.0, 0.7
    residuals, jacobian, energies = frames.evaluate(stage, frames.states)
    a, b, c = (frames.joints(state)[:22] for state in frames.states)
    dt, after = 0.03, 0.05
    change = (c - b) / after - (b - a) / dt
    expected = 3.0 * (change**2).sum() / (0.7**2 * (dt + after) / 2)
    assert residuals @ residuals == pytest.approx(expected, rel=1e-9)
    assert energies["acceleration"] == pytest.approx(expected, rel=1e-9)

    autodiff = copy.copy(stage)
    autodiff.solver.jacobian = "autodiff"
    jets, jets_jacobian, _ = frames.evaluate(autodiff, frames.states)
    np.testing.assert_allclose(jets, residuals, atol=1e-9 * np.abs(residuals).max())
    largest = np.abs(jacobian).max()
    np.testing.assert_allclose(jets_jacobian, jacobian, atol=1e-9 * largest)

    double = copy.copy(stage)
    double.acceleration.weight *= 2
    doubled, _, _ = frames.evaluate(double, frames.states)
    assert doubled @ doubled == pytest.approx(2 * expected, rel=1e-12)


def test_acceleration_has_the_derivative_of_its_differences(rng) -> None:
    """Compared with central differences over each frame's body_pose and transl, and betas."""
    frames = Frames(rng)
    stage = stage_with()
    stage.acceleration.weight = 2.0
    _, jacobian, _ = frames.evaluate(stage, frames.states)
    h, largest = 1e-5, np.abs(jacobian).max()
    B = frames.model.num_betas
    for column in [
        *range(3, 75, 7),
        *range(78, 150, 11),
        *range(153, 225, 13),
        *range(225, 225 + B),
    ]:
        sides = []
        for sign in (1, -1):
            states = list(frames.states)
            step = np.zeros(75 + B + 1)
            step[75 + column - 225 if column >= 225 else column % 75] = sign * h
            moved = range(3) if column >= 225 else [column // 75]
            for frame in moved:
                states[frame] = states[frame].moved(step)
            sides.append(frames.evaluate(stage, states)[0])
        difference = (sides[0] - sides[1]) / (2 * h)
        np.testing.assert_allclose(difference, jacobian[:, column], atol=1e-6 * largest)


def test_steady_motion_has_no_acceleration(rng) -> None:
    """For any time steps."""
    frames = Frames(rng)
    still = replace(frames.states[0], root_chart=np.zeros(3))
    states = [replace(still, transl=still.transl + np.array([1.3 * t, 0, 0])) for t in frames.times]
    stage = stage_with()
    stage.acceleration.weight = 1.0
    residuals, _, _ = frames.evaluate(stage, states)
    assert np.abs(residuals).max() < 1e-9


def test_rotation_walk_holds(rng) -> None:
    frames = Frames(rng)
    stage = stage_with()
    stage.rotation_walk.weight, stage.rotation_walk.sigma = 3.0, 0.7
    residuals, jacobian, energies = frames.evaluate(stage, frames.states)
    poses = np.array([state.body_pose.ravel() for state in frames.states])
    steps = np.diff(poses, axis=0) / (0.7 * np.sqrt(np.diff(frames.times)))[:, None]
    np.testing.assert_allclose(residuals, np.sqrt(3.0) * steps.ravel(), rtol=1e-12)
    assert energies["rotation_walk"] == pytest.approx(3 * (steps**2).sum(), rel=1e-12)
    expected = np.zeros((69, 75))
    expected[:, 3:72] = np.sqrt(3.0) / (0.7 * np.sqrt(0.03)) * np.eye(69)
    np.testing.assert_allclose(jacobian[:69, 75:150], expected, rtol=1e-12)
    np.testing.assert_allclose(jacobian[:69, :75], -expected, rtol=1e-12)


def test_what_frames_share_counts_once(rng) -> None:
    frames = Frames(rng)
    stage = stage_with(shape_prior=2.0, pose_prior=1.0)
    _, jacobian, three = frames.evaluate(stage, frames.states)
    _, _, one = frames.evaluate(stage, frames.states[:1], [0.0])
    assert three["shape_prior"] == pytest.approx(one["shape_prior"], rel=1e-12)
    assert three["pose_prior"] > one["pose_prior"]
    assert np.count_nonzero(jacobian[:, 225:-1]) == frames.model.num_betas
