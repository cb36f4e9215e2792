"""The `smplify` preset against the published objective, restated in smplify_reference.py."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import reference
import smplify_reference as published
from checks import Scene, State, random_state
from smplceres import BodyModel, Camera, Keypoints, load_pose_prior
from smplceres._native import _core
from smplceres.base.skeleton import SMPL_JOINTS
from smplceres.fit.presets import smplify_stages
from smplceres.keypoint_formats import FORMATS
from smplceres.priors.joint_limits import smpl_joint_limits
from smplceres.priors.pose_prior import MixturePosePrior
from smplceres.synthetic import make_body_model_arrays

CAMERA = Camera(fx=1000, fy=1000, cx=499.5, cy=499.5, width=1000, height=1000)
LSP = FORMATS["lsp14"]
BODY_STAGES = range(1, 5)


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel(make_body_model_arrays(0))


@pytest.fixture(scope="module")
def spheres(model) -> _core.CollisionSpheres:
    return _core.CollisionSpheres(model._core)


def random_mixture(rng: np.random.Generator) -> MixturePosePrior:
    """Eight broad components near one another, so that any may be the likeliest."""
    roots = rng.normal(0, 0.3, (8, 69, 69))
    covars = roots @ roots.transpose(0, 2, 1) / 69 + 0.05 * np.eye(69)
    weights = rng.dirichlet(np.full(8, 3.0))
    return MixturePosePrior(weights, rng.normal(0, 0.1, (8, 69)), covars)


def states_of(model: BodyModel, rng: np.random.Generator) -> list[State]:
    """Random ones, and forearms that pass through each other: these meet in no random pose."""
    states = []
    for inwards in (None, 0.4, 0.6):
        state = random_state(model, rng)
        state = replace(state, log_zoom=0.0, root_chart=np.zeros(3))
        if inwards is not None:
            pose = rng.normal(0, 0.03, state.body_pose.shape)
            pose[SMPL_JOINTS.index("left_shoulder") - 1, 1] -= np.pi / 2 + inwards
            pose[SMPL_JOINTS.index("right_shoulder") - 1, 1] += np.pi / 2 + inwards
            state = replace(state, body_pose=pose, betas=0.5 * state.betas)
        states.append(state)
    return states


def scene_of(model: BodyModel, state: State, prior: MixturePosePrior, rng) -> Scene:
    """Keypoints as far from the body as the robust function is wide, of any confidence."""
    pixels = pixels_of(model, state)
    xy = pixels + rng.normal(0, 100, pixels.shape)
    keypoints = Keypoints(xy, rng.uniform(0.2, 1, len(xy)), LSP)
    return Scene(model, keypoints, CAMERA, prior, joint_limits=smpl_joint_limits())


def pixels_of(model: BodyModel, state: State) -> np.ndarray:
    points = reference.keypoints(model, LSP, *state.posed(model))
    assert np.isfinite(points).all()
    return reference.project(CAMERA, points)


def energies_of(scene: Scene, stage: _core.Stage, state: State) -> dict[str, float]:
    result = scene.evaluate(stage, state)
    assert result["evaluated"]
    ends = np.cumsum([count for _, count in result["rows"]])
    residuals = np.split(result["residuals"], ends[:-1])
    names = [term.name for term, _ in result["rows"]]
    return {name: float(rows @ rows) for name, rows in zip(names, residuals, strict=True)}


def published_body_energies(
    scene: Scene, spheres: _core.CollisionSpheres, number: int, state: State
) -> dict[str, float]:
    """Of body stage 0 to 3."""
    pose_weight = published.POSE_WEIGHTS[number]
    keypoints, prior = scene.keypoints, scene.prior
    assert isinstance(prior, MixturePosePrior)
    posed_spheres = reference.spheres(
        scene.model,
        spheres,
        betas=state.betas,
        root=reference.rodrigues(state.global_orient),
        body_pose=state.body_pose,
    )
    return {
        "reprojection": published.data(
            pixels_of(scene.model, state), keypoints.xy, keypoints.confidence
        ),
        "pose_prior": published.pose_prior(
            state.body_pose, prior.weights, prior.means, prior.covars, pose_weight
        ),
        "angle_prior": published.angle_prior(state.global_orient, state.body_pose, pose_weight),
        "shape_prior": published.shape_prior(state.betas, published.SHAPE_WEIGHTS[number]),
        "interpenetration": published.interpenetration(*posed_spheres, spheres.pairs),
    }


def assert_same(energies: dict[str, float], expected: dict[str, float]) -> None:
    assert set(energies) == set(expected)
    for name, energy in expected.items():
        np.testing.assert_allclose(energies[name], energy, rtol=1e-9, err_msg=name)


def test_the_camera_stage_has_the_published_energies(model, rng) -> None:
    """With one addition: confidences weight it too, as they do the body stages."""
    for state in states_of(model, rng):
        scene = scene_of(model, state, random_mixture(rng), rng)
        keypoints = scene.keypoints
        expected = {
            "reprojection": published.camera_data(
                pixels_of(model, state), keypoints.xy, keypoints.confidence
            ),
            "depth_prior": published.camera_depth(state.transl[2], state.initial_transl[2]),
        }
        assert_same(energies_of(scene, smplify_stages()[0], state), expected)


@pytest.mark.parametrize("prior", ["random", "the package's"])
@pytest.mark.parametrize("stage", BODY_STAGES)
def test_a_body_stage_has_the_published_energies(stage, prior, model, spheres, rng) -> None:
    for state in states_of(model, rng):
        mixture = random_mixture(rng) if prior == "random" else load_pose_prior()
        scene = scene_of(model, state, mixture, rng)
        expected = published_body_energies(scene, spheres, stage - 1, state)
        assert min(expected.values()) > 0
        assert_same(energies_of(scene, smplify_stages()[stage], state), expected)


def test_any_component_of_the_mixture_may_win(model, rng) -> None:
    """At the components' means: the likeliest is not always the same one."""
    prior = random_mixture(rng)
    winners = set()
    for mean in prior.means:
        state = replace(random_state(model, rng), body_pose=mean.reshape(-1, 3), log_zoom=0.0)
        state = replace(state, root_chart=np.zeros(3))
        scene = scene_of(model, state, prior, rng)
        energy = energies_of(scene, smplify_stages()[1], state)["pose_prior"]
        moments = (prior.weights, prior.means, prior.covars)
        np.testing.assert_allclose(
            energy, published.pose_prior(mean, *moments, published.POSE_WEIGHTS[0]), rtol=1e-9
        )
        alone = [
            published.pose_prior(mean, *(moment[k : k + 1] for moment in moments), 1.0)
            for k in range(8)
        ]
        winners.add(int(np.argmin(alone)))
    assert len(winners) > 1


def test_collisions_do_not_make_the_body_thin(model, rng) -> None:
    """As published, the derivative with respect to betas is left out; that to the pose is there."""
    state = states_of(model, rng)[1]
    scene = scene_of(model, state, load_pose_prior(), rng)
    for stage in smplify_stages()[1:]:
        _, jacobian = scene.rows_of("interpenetration", stage, state)
        betas = jacobian[:, -1 - model.num_betas : -1]
        assert not betas.any()
        assert jacobian.any()


def test_what_a_stage_moves_and_how_is_published() -> None:
    camera, *body = smplify_stages()
    assert camera.free_transl
    assert camera.free_global_orient
    assert not camera.free_body_pose
    assert not camera.free_betas
    assert len(body) == 4
    for stage in body:
        assert not stage.free_transl
        assert stage.free_global_orient
        assert stage.free_body_pose
        assert stage.free_betas
    for stage in (camera, *body):
        assert stage.solver.minimizer == "dogleg"
        assert stage.solver.max_iterations == 100
