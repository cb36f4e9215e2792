"""The prior on poses given the keypoints: its energy, and the network behind it."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

import lifter_reference as reference
import smplceres as sc
from checks import Scene, check_term, random_arrays, random_state, stage_with, states_to_check
from smplceres import Camera, Keypoints, WeakPerspectiveCamera
from smplceres._native import _core
from smplceres.evidence.scene import make_scene
from smplceres.evidence.views import View
from smplceres.keypoints.formats import COCO17, OPENPOSE_BODY25

CAMERA = Camera(fx=1000, fy=1100, cx=400, cy=300, width=800, height=600)
SLOTS = tuple(sorted({"+".join(keypoint.location) for keypoint in OPENPOSE_BODY25.keypoints}))


@pytest.fixture
def model(rng) -> sc.BodyModel:
    return sc.BodyModel(random_arrays(rng))


@pytest.fixture
def lifter(rng):
    return reference.random_lifter(rng, SLOTS)


def random_keypoints(rng, keypoint_format=OPENPOSE_BODY25) -> Keypoints:
    K = keypoint_format.num_keypoints
    confidence = rng.uniform(0.2, 1.5, K) * (rng.random(K) < 0.8)
    return Keypoints(rng.uniform(100, 500, (K, 2)), confidence, keypoint_format)


def standing_straight() -> np.ndarray:
    """(25, 3) BODY_25's points on a person who faces a camera 4 m away, arms down."""
    model = sc.load_body_model()
    pose = np.zeros((23, 3))
    pose[15, 2], pose[16, 2] = -1.2, 1.2
    person = model.parameters(None, [np.pi, 0, 0], pose, [0, 0, 4])
    return model.keypoint_points(OPENPOSE_BODY25).points.evaluate(model._core, **person)


def lifting_of(lifter, keypoints, camera=CAMERA, *, sigma_px: float = 0.0, guessed: bool = False):
    model = sc.load_body_model()
    points, numbers, roles = model.keypoint_points(keypoints.format)
    view = _core.View(
        points=points,
        point_of_keypoint=numbers,
        roles=roles,
        keypoints=keypoints.xy,
        confidence=keypoints.confidence,
        camera=camera.guessed_core if guessed else camera.core,
    )
    return _core.Lifting(lifter.core, view, lifter.slots_of(keypoints.format), sigma_px)


def expected(lifter, keypoints, *, focal_known: bool = True, noise: float = 0.0):
    slots = lifter.slots_of(keypoints.format)
    xy = (keypoints.xy - [CAMERA.cx, CAMERA.cy]) / [CAMERA.fx, CAMERA.fy]
    rays = {
        slot: (xy[k], keypoints.confidence[k])
        for k, slot in enumerate(slots)
        if keypoints.confidence[k] > 0
    }
    x, rotation = reference.network_input(
        rays, len(lifter.slots), focal_known=focal_known, noise=noise
    )
    root, mean, precision = reference.evaluate(lifter, x)
    return rotation.T @ root, mean, precision


# --- The network ---


@pytest.mark.parametrize("guessed", [False, True])
@pytest.mark.parametrize("sigma_px", [0.0, 4.0])
def test_network_is_that_of_its_equations(guessed, sigma_px, lifter, rng) -> None:
    keypoints = random_keypoints(rng)
    lifting = lifting_of(lifter, keypoints, sigma_px=sigma_px, guessed=guessed)
    noise = sigma_px / np.sqrt(CAMERA.fx * CAMERA.fy)
    root, mean, precision = expected(lifter, keypoints, focal_known=not guessed, noise=noise)
    np.testing.assert_allclose(lifting.root, root, atol=1e-5)
    np.testing.assert_allclose(lifting.mean, mean, atol=1e-5)
    np.testing.assert_allclose(lifting.precision, precision, atol=1e-5 * np.abs(precision).max())
    assert lifting.degrees_of_freedom == 5.0


def test_prediction_turns_with_the_camera() -> None:
    """A camera that is rotated about its centre sees the same person: the same pose, and a root
    that turns with it; the size in the image does not matter if the focal length is unknown."""
    lifter, points = sc.load_lifter(), standing_straight()
    turn = sc.Camera(fx=900, fy=900, cx=400, cy=300, width=800, height=600).moved(
        [0.05, 0.2, 0], np.zeros(3)
    )
    cameras = [sc.Camera(fx=900, fy=900, cx=400, cy=300, width=800, height=600), turn]
    seen = [Keypoints(camera.project(points), np.ones(25), OPENPOSE_BODY25) for camera in cameras]
    first, second = (
        lifting_of(lifter, keypoints, camera)
        for keypoints, camera in zip(seen, cameras, strict=True)
    )
    # The axis of the input is the median of coordinates, which a rotation changes a little.
    np.testing.assert_allclose(first.mean, second.mean, atol=0.1)
    np.testing.assert_allclose(turn.rotation @ first.root, second.root, atol=0.1)


def test_prediction_of_a_standing_person() -> None:
    lifter, points = sc.load_lifter(), standing_straight()
    camera = sc.Camera(fx=900, fy=900, cx=400, cy=300, width=800, height=600)
    lifting = lifting_of(
        lifter, Keypoints(camera.project(points), np.ones(25), OPENPOSE_BODY25), camera
    )
    upright = np.diag([1.0, -1.0, -1.0])
    angle = np.degrees(np.arccos((np.trace(lifting.root.T @ upright) - 1) / 2))
    assert angle < 20
    legs = lifting.mean.reshape(-1, 3)[[0, 1, 3, 4]]
    assert np.degrees(np.linalg.norm(legs, axis=1)).max() < 30


def test_weak_perspective_is_a_distant_camera(lifter, rng) -> None:
    """Both predictions differ only by the focal length, which is unknown to the first."""
    keypoints = random_keypoints(rng)
    weak = WeakPerspectiveCamera(scale=300.0, cx=400, cy=300, width=800, height=600)
    distant = Camera(fx=3e6, fy=3e6, cx=400, cy=300, width=800, height=600)
    first = lifting_of(lifter, keypoints, weak)
    second = lifting_of(lifter, keypoints, distant, guessed=True)
    np.testing.assert_allclose(first.mean, second.mean, atol=2e-3)


def test_too_few_keypoints_have_no_prediction(lifter, rng) -> None:
    keypoints = random_keypoints(rng)
    few = Keypoints(keypoints.xy, np.r_[np.ones(3), np.zeros(22)], OPENPOSE_BODY25)
    lifting = lifting_of(lifter, few)
    assert lifting.root is None and lifting.mean is None and lifting.precision is None


def test_locations_that_the_network_does_not_know(lifter) -> None:
    slots = lifter.slots_of(COCO17)
    names = [keypoint.location for keypoint in COCO17.keypoints]
    assert all(
        (slot < 0) == (len(location) > 1) for slot, location in zip(slots, names, strict=True)
    )


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("input_weight", np.zeros((16, 4)), "input_weight: expected any x 79, got 16 x 4"),
        ("head_bias", np.zeros(7), "head_bias: expected 636 x 1, got 7 x 1"),
        ("mean", np.full(63, np.nan), "mean: expected finite numbers, got NaN or infinity"),
        ("scale", np.zeros(63), "scale, degrees_of_freedom: expected numbers > 0"),
        ("norm_weight", np.zeros((2, 2, 2)), "norm_weight: expected at most 2 dimensions"),
    ],
)
def test_wrong_arrays_are_refused(name, wrong, message, lifter) -> None:
    with pytest.raises(ValueError, match=message):
        _core.Lifter({**lifter.arrays, name: wrong}, list(lifter.slots))


def test_missing_array_is_refused(lifter) -> None:
    arrays = {name: array for name, array in lifter.arrays.items() if name != "block1_first_bias"}
    with pytest.raises(ValueError, match="block1_first_bias: expected 16 x 1, got none"):
        _core.Lifter(arrays, list(lifter.slots))


# --- The term ---


def test_conditional_prior_holds(lifter, model, rng) -> None:
    keypoints = random_keypoints(rng)
    scene = Scene(model, keypoints, CAMERA, model.default_prior, lifter=lifter)
    _, _, precision = expected(lifter, keypoints)
    lifting = lifting_of(lifter, keypoints)
    np.testing.assert_allclose(lifting.precision, precision, rtol=1e-3, atol=1e-5 * precision.max())

    def energy(state) -> float:
        """Of the prediction, with the location and precision that float32 gives."""
        away = state.body_pose.ravel()[:63] - lifting.mean
        return 3.0 * (5.0 + 63) / 2 * np.log1p(away @ lifting.precision @ away / 5.0)

    check_term(
        "conditional_prior",
        scene,
        stage_with(conditional_prior=3.0),
        states_to_check(model, rng),
        energy,
    )


def test_normal_equations_are_those_of_the_residuals(lifter, model, rng) -> None:
    """Both ways to the minimum of one energy end at the location."""
    keypoints = random_keypoints(rng)
    stage = stage_with(conditional_prior=1.0)
    stage.solver.function_tolerance, stage.solver.max_iterations = 1e-12, 100
    ends = []
    for linear_solver in ("auto", "DENSE_QR"):
        fitted = sc.fit(
            keypoints,
            CAMERA,
            model=model,
            lifter=lifter,
            preset=[stage],
            starts=1,
            linear_solver=linear_solver,
        )
        ends.append(fitted.body_pose.ravel()[:63])
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-4)


def test_several_images_have_no_prediction(lifter, rng) -> None:
    model = sc.load_body_model()
    views = [View(random_keypoints(rng), CAMERA) for _ in range(2)]
    blind = View(Keypoints(np.zeros((25, 2)), np.zeros(25), OPENPOSE_BODY25), CAMERA)
    stage = stage_with(conditional_prior=1.0)
    for seen, has_term in ((views, False), ([views[0], blind], True), ([blind, views[1]], True)):
        scene = make_scene(seen, model, model.default_prior, lifter=lifter)
        person = model.parameters(None, None, None, [0, 0, 5])
        variables = _core.Variables(model._core, **person, log_zoom=[0.0, 0.0])
        found = _core.evaluate(
            scene,
            stage,
            _core.State(variables, initial_transl=[0, 0, 5], pixels_per_metre=[200.0, 200.0]),
            root_chart=np.zeros(3),
        )
        assert bool(found["rows"]) == has_term


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_an_error(weight, lifter, model, rng) -> None:
    scene = Scene(model, random_keypoints(rng), CAMERA, model.default_prior, lifter=lifter)
    message = r"conditional_prior\.weight: expected a finite number >= 0, got"
    with pytest.raises(ValueError, match=message):
        scene.evaluate(stage_with(conditional_prior=weight), random_state(model, rng))


def test_priors_that_know_no_image_count_less_beside_a_prediction(model, rng) -> None:
    """As with weights times the factor; without a prediction the factor has no effect."""
    keypoints, state, factor = random_keypoints(rng), random_state(model, rng), 0.25
    lifter = reference.random_lifter(rng, SLOTS)
    limits = sc.load_body_model().default_joint_limits
    of_pose = ("pose_prior", "angle_prior", "joint_limits")
    stage = stage_with(conditional_prior=3.0, shape_prior=2.0, **dict.fromkeys(of_pose, 7.0))

    def energies(unconditional: float, lifter: sc.Lifter | None) -> dict[str, float]:
        stage.conditional_prior.unconditional = unconditional
        scene = Scene(
            *(model, keypoints, CAMERA, model.default_prior), joint_limits=limits, lifter=lifter
        )
        return {
            name: float(np.square(scene.rows_of(name, stage, state)[0]).sum())
            for name in (*of_pose, "shape_prior")
        }

    plain, beside = energies(1.0, lifter), energies(factor, lifter)
    assert plain == energies(factor, None)
    assert plain["shape_prior"] == beside["shape_prior"]
    for name in of_pose:
        assert beside[name] == pytest.approx(factor * plain[name], rel=1e-9)
        assert beside[name] > 0


@pytest.mark.parametrize("factor", [-1.0, float("nan"), float("inf")])
def test_a_factor_that_is_none_is_an_error(factor, lifter, model, rng) -> None:
    scene = Scene(model, random_keypoints(rng), CAMERA, model.default_prior, lifter=lifter)
    stage = stage_with(conditional_prior=1.0, pose_prior=1.0)
    stage.conditional_prior.unconditional = factor
    message = r"conditional_prior\.unconditional: expected a finite number >= 0, got"
    with pytest.raises(ValueError, match=message):
        scene.evaluate(stage, random_state(model, rng))


def test_a_body_of_another_tree_has_no_prediction(lifter, rng) -> None:
    """The scene decides it: the network predicts the rotations of SMPL's joints alone."""
    arrays = random_arrays(rng)
    parents = arrays.parents.copy()
    parents[21] = parents[20]
    model = sc.BodyModel(replace(arrays, parents=parents))
    scene = Scene(model, random_keypoints(rng), CAMERA, model.default_prior, lifter=lifter)
    evaluated = scene.evaluate(stage_with(conditional_prior=1.0), random_state(model, rng))
    assert evaluated["rows"] == []


def test_a_guessed_focal_length_is_unknown_to_the_network(lifter, rng) -> None:
    """Twice the focal length is twice the size in the image, of which nothing follows."""
    model, keypoints = sc.load_body_model(), random_keypoints(rng)
    stage = stage_with(conditional_prior=1.0)

    def energy(camera: Camera) -> float:
        scene = Scene(model, keypoints, camera, model.default_prior, lifter=lifter)
        state = random_state(model, np.random.default_rng(1))
        return float(np.square(scene.rows_of("conditional_prior", stage, state)[0]).sum())

    guess = Camera.guess(800, 600)
    known = replace(guess, guessed=False)
    assert guess.guessed and pickle.loads(pickle.dumps(guess)).guessed
    assert abs(energy(known.zoomed(2)) / energy(known) - 1) > 10 * abs(
        energy(guess.zoomed(2)) / energy(guess) - 1
    )


def test_what_measures_depth_needs_no_prediction(lifter, rng) -> None:
    model, stage = sc.load_body_model(), stage_with(conditional_prior=1.0)
    keypoints = random_keypoints(rng)
    mask = sc.Mask(np.ones((CAMERA.height, CAMERA.width), dtype=bool))
    points3d = sc.Keypoints3D.from_array(rng.normal(size=(25, 3)), OPENPOSE_BODY25)
    state = random_state(model, rng)
    for given, has_term in (
        ({}, True),
        ({"mask": mask}, False),
        ({"keypoints3d": points3d}, False),
    ):
        scene = Scene(model, keypoints, CAMERA, model.default_prior, lifter=lifter, **given)
        assert bool(scene.evaluate(stage, state)["rows"]) == has_term
