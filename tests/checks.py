"""check_term: what must hold for every energy term, in one place."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

from smplceres import _core
from smplceres.fitting import observations
from tests import reference

TERMS = ("reprojection", "pose_prior", "angle_prior", "shape_prior", "depth_prior")


@dataclass
class State:
    """Where an objective is evaluated: parameters, and what the fit would know of the start."""

    global_orient: np.ndarray
    body_pose: np.ndarray
    betas: np.ndarray
    transl: np.ndarray
    root_chart: np.ndarray  # moves the root by exp(w) before global_orient
    initial_transl: np.ndarray
    log_zoom: float = 0.0
    pixels_per_metre: float = 240.0

    def moved(self, step):
        """By a step in the Jacobian's columns: root chart, body_pose, transl, betas, log zoom."""
        other = copy.deepcopy(self)
        n = self.body_pose.size
        other.root_chart = self.root_chart + step[:3]
        other.body_pose = self.body_pose + step[3 : 3 + n].reshape(-1, 3)
        other.transl = self.transl + step[3 + n : 6 + n]
        other.betas = self.betas + step[6 + n : -1]
        other.log_zoom = self.log_zoom + step[-1]
        return other

    def posed(self, model):
        """Vertices and joints by the oracle; the root at exp(chart) exp(global_orient)."""
        moved = copy.copy(model_arrays(model))
        root = reference.rodrigues(self.root_chart) @ reference.rodrigues(self.global_orient)
        return posed_with_root(moved, self, root)


@dataclass
class Arrays:
    v_template: np.ndarray
    shapedirs: np.ndarray
    posedirs: np.ndarray
    J_regressor: np.ndarray
    lbs_weights: np.ndarray
    parents: np.ndarray


def model_arrays(model):
    return Arrays(*(getattr(model, name) for name in Arrays.__annotations__))


def posed_with_root(arrays, state, root):
    """As reference.smpl, for a root given as a matrix: poses unrotated, then turns about the pelvis."""
    vertices, joints = reference.smpl(
        arrays, state.betas, np.zeros(3), state.body_pose, np.zeros(3)
    )
    pelvis = joints[0]
    return tuple((p - pelvis) @ root.T + pelvis + state.transl for p in (vertices, joints))


def random_state(model, rng, *, depth=4.0):
    """A body in front of a camera at the origin, in a random pose, facing it or not."""
    upright = reference.rodrigues([np.pi, 0, 0]) @ reference.rodrigues([0, rng.uniform(-3, 3), 0])
    transl = np.array([rng.normal(0, 0.2), rng.normal(0, 0.2), depth])
    return State(
        global_orient=log(upright),
        body_pose=rng.normal(0, 0.35, (model.num_joints - 1, 3)),
        betas=rng.normal(0, 1, model.num_betas),
        transl=transl,
        root_chart=rng.normal(0, 0.3, 3),
        initial_transl=transl + rng.normal(0, 0.3, 3),
    )


def log(rotation):
    """Axis-angle of a rotation, by its eigenvector: the oracle's own way."""
    values, vectors = np.linalg.eig(rotation)
    axis = np.real(vectors[:, np.argmin(abs(values - 1))])
    cosine = (np.trace(rotation) - 1) / 2
    angle = np.arccos(np.clip(cosine, -1, 1))
    candidates = [axis * angle, -axis * angle]
    return min(candidates, key=lambda w: abs(reference.rodrigues(w) - rotation).max())


def evaluate(model, keypoints, camera, prior, stage, state):
    """The core's residuals, Jacobian and rows of a stage at a state."""
    variables = _core.Variables(
        model._core,
        global_orient=state.global_orient,
        body_pose=state.body_pose,
        betas=state.betas,
        transl=state.transl,
        log_zoom=state.log_zoom,
    )
    return _core.evaluate(
        observations(keypoints, camera, model),
        prior.core,
        stage,
        variables,
        initial_transl=state.initial_transl,
        pixels_per_metre=state.pixels_per_metre,
        root_chart=state.root_chart,
    )


def only(term, stage):
    """A copy of the stage with this term alone."""
    alone = copy.copy(stage)
    for other in TERMS:
        if other != term:
            getattr(alone, other).weight = 0.0
    return alone


def check_term(term, energy, *, model, keypoints, camera, prior, stage, states):
    """Holds a term, alone in a copy of `stage`, to everything that must hold at each of `states`.

    energy(state) -> float is the oracle. Central differences of step h in the residuals are exact to
    about h^2 of the third derivative plus eps / h of the value: 1e-5 relative to the largest entry at
    h = 1e-5 is 100 times that.
    """
    stage = only(term, stage)
    double = copy.copy(stage)
    getattr(double, term).weight = 2 * getattr(stage, term).weight
    autodiff = copy.copy(stage)
    autodiff.solver.jacobian = "autodiff"

    def at(some_stage, state):
        return evaluate(model, keypoints, camera, prior, some_stage, state)

    for state in states:
        result = at(stage, state)
        residuals, jacobian = result["residuals"], result["jacobian"]
        assert result["evaluated"]
        assert [name for name, _ in result["rows"]] == [term]
        assert np.isfinite(residuals).all(), "a residual was not written"
        assert np.isfinite(jacobian).all(), "a derivative was not written"

        value = residuals @ residuals
        np.testing.assert_allclose(value, energy(state), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(
            np.sum(at(double, state)["residuals"] ** 2), 2 * value, rtol=1e-12
        )

        jets = at(autodiff, state)
        scale = max(np.abs(jacobian).max(), 1e-300)
        np.testing.assert_allclose(jets["residuals"], residuals, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(jets["jacobian"] / scale, jacobian / scale, atol=1e-9)

        h = 1e-5
        differences = np.empty_like(jacobian)
        for column in range(jacobian.shape[1]):
            step = np.zeros(jacobian.shape[1])
            step[column] = h
            ahead, behind = (at(stage, state.moved(s * step))["residuals"] for s in (1, -1))
            differences[:, column] = (ahead - behind) / (2 * h)
        np.testing.assert_allclose(differences / scale, jacobian / scale, atol=1e-5)
