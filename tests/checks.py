"""What tests share: a random body, a person before a camera, and check_term, which holds an energy
term to everything that must hold of every term."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

import numpy as np

import reference
from smplceres import BodyModel, Ground, Keypoints, Keypoints3D, Mask, Person, load_body_model
from smplceres._native import _core
from smplceres.base.skeleton import SMPL_JOINTS
from smplceres.body.model_arrays import BodyModelArrays
from smplceres.cameras.camera import AnyCamera
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View
from smplceres.keypoint_formats import FORMATS, KeypointFormat
from smplceres.keypoints.formats import SURFACE_LANDMARKS
from smplceres.priors.joint_limits import JointLimits
from smplceres.priors.lifter import Lifter
from smplceres.priors.pose_prior import PosePrior, anatomical_prior


def random_arrays(rng: np.random.Generator, joint_names: tuple[str, ...] = SMPL_JOINTS):
    """No body, but all that one can have: joints over a cloud of vertices about 1 m across.

    Small enough for thousands of evaluations; landmarks are sums over several vertices, and some
    joints have no pose blend shapes. The tree is SMPL's, or a random one for other joints.
    """
    J, V, B = len(joint_names), 50, 4
    parents = np.array([-1, *(rng.integers(j) for j in range(1, J))], dtype=np.int32)
    posedirs = rng.normal(0, 0.01, (V, 3, J - 1, 9)) * (rng.random((V, 1, J - 1, 1)) < 0.3)
    lbs_weights = rng.random((V, J)) * (rng.random((V, J)) < 0.15)
    lbs_weights[np.arange(V), rng.integers(J, size=V)] += 0.1
    J_regressor = rng.dirichlet(np.full(V, 0.1), size=J)
    return BodyModelArrays(
        name="random",
        v_template=rng.normal(0, 0.3, (V, 3)),
        shapedirs=rng.normal(0, 0.02, (V, 3, B)),
        posedirs=posedirs.reshape(V, 3, -1),
        J_regressor=J_regressor,
        lbs_weights=lbs_weights / lbs_weights.sum(axis=1, keepdims=True),
        parents=load_body_model().parents if joint_names == SMPL_JOINTS else parents,
        faces=rng.integers(V, size=(V, 3), dtype=np.int32),
        joint_names=joint_names,
        landmarks={
            name: (rng.choice(V, 3, replace=False).astype(np.int32), rng.dirichlet(np.ones(3)))
            for name in SURFACE_LANDMARKS
        },
    )


def standing_person(
    model: BodyModel, rng: np.random.Generator, *, yaw: float = 0.0, depth: float = 4.0
) -> dict[str, np.ndarray]:
    """Parameters of somebody who stands upright before a camera at the origin.

    yaw: 0 facing the camera, pi the back, pi / 2 a side; radians.
    """
    upright = reference.rodrigues([np.pi, 0, 0]) @ reference.rodrigues([0, yaw, 0])
    # A half turn about an axis in the plane of y and z by half the yaw.
    global_orient = np.pi * np.array([np.cos(yaw / 2), 0.0, np.sin(yaw / 2)])
    np.testing.assert_allclose(reference.rodrigues(global_orient), upright, atol=1e-12)
    mean = anatomical_prior(model.num_joints).mean.reshape(-1, 3)
    return {
        "betas": rng.normal(0, 1, model.num_betas),
        "global_orient": global_orient,
        "body_pose": mean + rng.normal(0, 0.2, mean.shape),
        "transl": np.array([0, 0, depth]) + rng.normal(0, 0.2, 3),
    }


def seen_by(
    camera: AnyCamera,
    model: BodyModel,
    parameters: dict[str, np.ndarray],
    keypoint_format: KeypointFormat = FORMATS["openpose_body25"],
    zoom: float = 1.0,
) -> Keypoints:
    """The exact keypoints of a body, by the oracle; zoom as in `reference.project`."""
    others = {name: value for name, value in parameters.items() if name != "global_orient"}
    root = reference.rodrigues(parameters["global_orient"])
    posed = reference.smpl(model, root=root, **others)
    pixels = reference.project(camera, reference.keypoints(model, keypoint_format, *posed), zoom)
    on_body = np.isfinite(pixels[:, 0])
    return Keypoints(pixels, on_body.astype(float), keypoint_format)


def projected(
    camera: AnyCamera,
    model: BodyModel,
    parameters: dict[str, np.ndarray],
    keypoint_format: KeypointFormat,
) -> Keypoints:
    """The exact keypoints of a body by the core, further slices included, which the oracle of
    `seen_by` does not have."""
    points, numbers, _ = model.keypoint_points(keypoint_format)
    places = points.evaluate(model._core, **parameters)
    on_body = np.array(numbers) >= 0
    xy = np.zeros((len(numbers), 2))
    xy[on_body] = camera.project(places[np.array(numbers)[on_body]])
    return Keypoints(xy, on_body.astype(float), keypoint_format)


@dataclass(frozen=True)
class State:
    """Where terms are evaluated: parameters, and what a fit knows of its start."""

    global_orient: np.ndarray
    body_pose: np.ndarray
    betas: np.ndarray
    transl: np.ndarray
    initial_transl: np.ndarray
    root_chart: np.ndarray  # w: the root is at exp(w) exp(global_orient)
    log_zoom: float
    pixels_per_metre: float
    layout: _core.FrameLayout
    slices: dict[str, np.ndarray] = field(default_factory=dict)

    def moved(self, step: np.ndarray) -> State:
        """By a step in the Jacobian's columns."""
        frame, betas, zoom = np.split(step, [self.layout.size, self.layout.size + self.betas.size])
        steps = {name: frame[begin : begin + size] for name, begin, size in self.layout.slices}
        body_pose = self.body_pose.copy()
        body_pose[: self.layout.num_free_joints - 1] += steps["body_pose"].reshape(-1, 3)
        for name, first_joint, mean, directions in self.layout.components:
            body_pose[first_joint - 1 : first_joint - 1 + len(mean)] += directions @ steps[name]
        return replace(
            self,
            root_chart=self.root_chart + steps["global_orient"],
            body_pose=body_pose,
            transl=self.transl + steps["transl"],
            betas=self.betas + betas,
            log_zoom=self.log_zoom + zoom[0],
            slices={name: value + steps[name] for name, value in self.slices.items()},
        )

    def posed(self, model: BodyModel):
        """Vertices and joints by the oracle."""
        root = reference.rodrigues(self.root_chart) @ reference.rodrigues(self.global_orient)
        return reference.smpl(
            model, betas=self.betas, root=root, body_pose=self.body_pose, transl=self.transl
        )


def random_state(model: BodyModel, rng: np.random.Generator, *, depth: float = 6.0) -> State:
    """Anywhere about the axis of a camera at the origin, in any orientation, in a random pose."""
    transl = np.array([0, 0, depth]) + rng.normal(0, 0.2, 3)
    return State(
        global_orient=rng.normal(0, 1.5, 3),
        body_pose=rng.normal(0, 0.35, (model.num_joints - 1, 3)),
        betas=rng.normal(0, 1, model.num_betas),
        transl=transl,
        initial_transl=transl + rng.normal(0, 0.3, 3),
        root_chart=rng.normal(0, 0.3, 3),
        log_zoom=rng.normal(0, 0.1),
        pixels_per_metre=rng.uniform(100, 300),
        layout=model.layout,
        slices={name: rng.normal(0, 1, size) for name, size in model.layout.further},
    )


def states_to_check(model: BodyModel, rng: np.random.Generator) -> list[State]:
    """Random ones, and those where derivatives of rotations are most easily wrong: at zero, where
    a series stands in for the formula, and near half a turn."""
    still = replace(random_state(model, rng), root_chart=np.zeros(3))
    unposed = replace(still, body_pose=np.zeros_like(still.body_pose))
    hardly_posed = replace(still, body_pose=rng.normal(0, 3e-3, still.body_pose.shape))
    half_turn = random_state(model, rng)
    axis = rng.normal(size=3)
    half_turn.body_pose[16] = axis / np.linalg.norm(axis) * (np.pi - 1e-7)  # the right shoulder
    return [random_state(model, rng), still, unposed, hardly_posed, half_turn]


@dataclass(frozen=True)
class Scene:
    """What a term is a function of besides its state and its stage's options."""

    model: BodyModel
    keypoints: Keypoints
    camera: AnyCamera
    prior: PosePrior
    joint_limits: JointLimits | None = None
    keypoints3d: Keypoints3D | None = None
    person: Person | None = None
    ground: Ground | None = None
    mask: Mask | None = None
    clouds: tuple[_core.Cloud, ...] = ()
    lifter: Lifter | None = None

    def evaluate(self, stage: _core.Stage, state: State):
        variables = _core.Variables(
            self.model._core,
            global_orient=state.global_orient,
            body_pose=state.body_pose,
            betas=state.betas,
            transl=state.transl,
            log_zoom=[state.log_zoom],
            slices=state.slices,
        )
        scene = make_scene(
            [View(self.keypoints, self.camera, mask=self.mask)],
            self.model,
            self.prior,
            self.joint_limits,
            points3d=self.keypoints3d,
            person=self.person,
            ground=self.ground,
            clouds=self.clouds,
            lifter=self.lifter,
        )
        at = _core.State(
            variables,
            initial_transl=state.initial_transl,
            pixels_per_metre=[state.pixels_per_metre],
        )
        return _core.evaluate(scene, stage, at, root_chart=state.root_chart)

    def rows_of(self, term: str, stage: _core.Stage, state: State):
        """Residuals and Jacobian of one of the stage's terms."""
        result = self.evaluate(stage, state)
        assert result["evaluated"]
        terms = [each for each, count in result["rows"] for _ in range(count)]
        assert len(terms) == len(result["residuals"]) == len(result["jacobian"])
        rows = np.array([each is _core.TERMS[term] for each in terms], dtype=bool)
        assert rows.any(), f"no rows of {term}, only of {terms}"
        return result["residuals"][rows], result["jacobian"][rows]


def stage_with(**weights: float) -> _core.Stage:
    """A stage of these terms alone."""
    stage = _core.Stage()
    for term, weight in weights.items():
        getattr(stage, term).weight = weight
    return stage


def check_term(term: str, scene: Scene, stage: _core.Stage, states: list[State], energy) -> None:
    """Holds a term to everything that must hold of every term, at each of `states`.

    energy(state) is the oracle. The core fills residuals and Jacobian with NaN before a term
    writes them. Central differences of step h = 1e-5 leave a rounding error of eps |r| / h and a
    truncation of h^2 |r'''| / 6, about 1e-10 of the largest derivative where no robust function
    has flattened that one: 1e-6 of it is asked.
    """
    double = copy.copy(stage)
    getattr(double, term).weight *= 2
    autodiff = copy.copy(stage)
    autodiff.solver.jacobian = "autodiff"

    for state in states:
        residuals, jacobian = scene.rows_of(term, stage, state)
        assert np.isfinite(residuals).all(), "a residual was not written"
        assert np.isfinite(jacobian).all(), "a derivative was not written"
        value = residuals @ residuals
        assert value > 0
        np.testing.assert_allclose(value, energy(state), rtol=1e-9)

        doubled, _ = scene.rows_of(term, double, state)
        np.testing.assert_allclose(doubled @ doubled, 2 * value, rtol=1e-12)

        largest = np.abs(jacobian).max()
        assert largest > 0
        jets, jets_jacobian = scene.rows_of(term, autodiff, state)
        np.testing.assert_allclose(jets, residuals, rtol=1e-9, atol=1e-9 * np.abs(residuals).max())
        np.testing.assert_allclose(jets_jacobian, jacobian, rtol=0, atol=1e-9 * largest)

        h = 1e-5
        for column, step in enumerate(h * np.eye(jacobian.shape[1])):
            ahead, _ = scene.rows_of(term, stage, state.moved(step))
            behind, _ = scene.rows_of(term, stage, state.moved(-step))
            difference = (ahead - behind) / (2 * h)
            np.testing.assert_allclose(
                difference, jacobian[:, column], rtol=0, atol=1e-6 * largest, err_msg=f"{column=}"
            )
