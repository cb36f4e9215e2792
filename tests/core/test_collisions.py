"""Collision spheres and patches, the interpenetration term, and self-intersections of meshes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import reference
from ball_bodies import CAMERA, RADIUS, ball_body, crossed_arms, stage_of
from checks import (
    Scene,
    check_term,
    random_arrays,
    random_state,
    seen_by,
    stage_with,
    standing_person,
)
from smplceres import BodyModel, FitResult, Keypoints, default_stages, fit, load_body_model
from smplceres._native import _core
from smplceres.base.skeleton import SMPL_JOINTS
from smplceres.keypoint_formats import FORMATS, KeypointFormat
from smplceres.priors.pose_prior import anatomical_prior
from smplceres.synthetic import make_body_model_arrays

OVERLAPS = ("gaussian", "depth", "patches")


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel(make_body_model_arrays(0))


@pytest.fixture(scope="module")
def spheres(model) -> _core.CollisionSpheres:
    return _core.CollisionSpheres(model._core)


def colliding_states(model: BodyModel, rng: np.random.Generator):
    """Crossed arms in random orientations; root at its anchor; a rotation by nearly pi."""
    states = []
    for inwards in (0.4, 0.5, 0.6):
        pose = crossed_arms(inwards)
        noise = rng.normal(
            0, 0.02, pose.shape
        )  # forearms are 0.1 rad thick, seen from the shoulder
        state = random_state(model, rng)
        states.append(replace(state, body_pose=pose + noise, betas=0.5 * state.betas))
    states[1] = replace(states[1], root_chart=np.zeros(3))
    axis = rng.normal(size=3)
    states[2].body_pose[3] = axis / np.linalg.norm(axis) * (np.pi - 1e-7)  # the left knee
    return states


def scene_of(model: BodyModel, rng: np.random.Generator) -> Scene:
    keypoints = Keypoints(rng.uniform(0, 700, (25, 2)), np.ones(25), FORMATS["openpose_body25"])
    return Scene(model, keypoints, CAMERA, model.default_prior)


def energy_of(model, spheres, options):
    patches = _core.SurfacePatches(model._core)

    def energy(state) -> float:
        root = reference.rodrigues(state.root_chart) @ reference.rodrigues(state.global_orient)
        if options.overlap == "patches":
            points = reference.patches(
                model, patches, betas=state.betas, root=root, body_pose=state.body_pose
            )
            radii = np.array(patches.radii)
            return reference.patch_interpenetration(options, points, radii, patches.pairs)
        centres, radii = reference.spheres(
            model, spheres, betas=state.betas, root=root, body_pose=state.body_pose
        )
        return reference.interpenetration(options, centres, radii, spheres.pairs)

    return energy


def test_smpl_has_20_limbs_alike_on_both_sides(model, spheres) -> None:
    """Within 1 mm, since a vertex with equal weights of both sides belongs to one of them."""
    names = [model.joint_names[limb] for limb in dict.fromkeys(spheres.limbs)]
    assert len(names) == 20
    assert set(SMPL_JOINTS) - set(names) == {"left_foot", "right_foot", "left_hand", "right_hand"}
    for name in names:
        if name.startswith("left_"):
            left, right = (
                np.sort(spheres.radii[np.array(spheres.limbs) == SMPL_JOINTS.index(side)])
                for side in (name, name.replace("left", "right"))
            )
            np.testing.assert_allclose(left, right, atol=1e-3)


def test_fingers_are_part_of_the_hand(spheres) -> None:
    """A tree that begins with SMPL's has SMPL's limbs, whatever further joints it has."""
    arrays = make_body_model_arrays(0)
    hand = SMPL_JOINTS.index("left_hand")
    weights = np.pad(arrays.lbs_weights, ((0, 0), (0, 1)))
    tips = arrays.v_template[:, 0] > 0.8
    weights[tips, -1], weights[tips, hand] = weights[tips, hand], 0
    fingers = replace(
        arrays,
        posedirs=np.pad(arrays.posedirs, ((0, 0), (0, 0), (0, 9))),
        J_regressor=np.vstack([arrays.J_regressor, arrays.J_regressor[hand]]),
        lbs_weights=weights,
        parents=np.append(arrays.parents, np.int32(hand)),
        joint_names=(*SMPL_JOINTS, "left_fingers"),
    )
    with_fingers = _core.CollisionSpheres(BodyModel(fingers)._core)
    assert with_fingers.limbs == spheres.limbs
    np.testing.assert_allclose(with_fingers.radii, spheres.radii, rtol=1e-9)
    assert len(SMPL_JOINTS) in with_fingers.joints, "tips of fingers must move with them"


def test_a_body_of_another_tree_has_limbs_of_its_own() -> None:
    model = ball_body([-1, 0, 0, 0])
    spheres = _core.CollisionSpheres(model._core)
    assert sorted(set(spheres.limbs)) == [0, 1, 2, 3]
    # The parts are balls: each sphere lies within one and fills most of it.
    radii = [max(spheres.radii[np.array(spheres.limbs) == ball]) for ball in range(4)]
    assert 0.6 * RADIUS < min(radii) <= max(radii) < RADIUS
    limbs = {tuple(sorted(spheres.limbs[i] for i in pair)) for pair in spheres.pairs}
    assert limbs == {(1, 2), (1, 3), (2, 3)}, "parents and children must not collide"


def test_spheres_of_arms_and_legs_are_inside_the_skin(model, spheres) -> None:
    """No sphere of a round limb protrudes by more than 5 mm, except at the ends, where spheres
    continue into the next limb."""
    part = np.argmax(model.lbs_weights, axis=1)
    for name in ("shoulder", "elbow", "knee"):
        joint = SMPL_JOINTS.index(f"left_{name}")
        skin = model.v_template[part == joint]
        of_limb = np.flatnonzero(np.array(spheres.limbs) == joint)[1:-1]
        for i in of_limb:
            nearest = np.linalg.norm(skin - spheres.centres[i], axis=1).min()
            assert nearest > spheres.radii[i] - 0.005
            assert nearest < spheres.radii[i] + 0.015


def test_radii_and_centres_are_linear_in_betas(model, rng) -> None:
    """Compared with spheres fitted to the shaped body, for arms and legs, whose axes are bones.
    They agree within 3 mm and 5 mm, since that fit moves its planes along a longer limb."""
    arrays = make_body_model_arrays(0)
    spheres = _core.CollisionSpheres(model._core)
    tried = 0
    for _ in range(4):
        betas = rng.normal(size=model.num_betas)
        shaped = BodyModel(replace(arrays, v_template=arrays.v_template + arrays.shapedirs @ betas))
        anew = _core.CollisionSpheres(shaped._core)
        for name in ("shoulder", "elbow", "hip", "knee"):
            joint = SMPL_JOINTS.index(f"left_{name}")
            linear, fitted = (np.array(s.limbs) == joint for s in (spheres, anew))
            if linear.sum() != fitted.sum():  # a longer limb may have one more sphere
                continue
            radii = (spheres.radii + spheres.radius_shapedirs @ betas)[linear]
            centres = (spheres.centres + spheres.shapedirs @ betas)[linear]
            np.testing.assert_allclose(anew.radii[fitted], radii, atol=0.003)
            np.testing.assert_allclose(anew.centres[fitted], centres, atol=0.005)
            assert np.abs(radii - spheres.radii[linear]).max() > 1e-4, "betas change nothing"
            tried += 1
    assert tried >= 8


def test_a_body_without_a_surface_has_no_spheres_and_no_term(rng) -> None:
    model = BodyModel(replace(random_arrays(rng), faces=np.zeros((0, 3), np.int32)))
    for proxies in (_core.CollisionSpheres, _core.SurfacePatches):
        with pytest.raises(ValueError, match="model: expected a body with a surface"):
            proxies(model._core)
    for overlap in OVERLAPS:
        stage = stage_with(interpenetration=1.0, shape_prior=1.0)
        stage.interpenetration.overlap = overlap
        rows = scene_of(model, rng).evaluate(stage, random_state(model, rng))["rows"]
        assert [term.name for term, _ in rows] == ["shape_prior"]


def test_patches_lie_on_the_skin(model) -> None:
    """The mean of a cell of curved skin is below the skin: by s^2 / (4 r), 5 mm if the limb is as
    thick as the cell is wide, and more on noses and fingertips, which a cell encloses."""
    patches = _core.SurfacePatches(model._core)
    middles, centres = patches.points[:, 0], patches.points[:, 1]
    normals = centres - middles
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    distances = np.linalg.norm(model.v_template[None] - centres[:, None], axis=2).min(axis=1)
    assert np.median(distances) < 0.01
    assert set(patches.limbs) == set(_core.CollisionSpheres(model._core).limbs)
    # Left and right limbs have equal numbers of patches, up to one.
    for side in ("shoulder", "elbow", "knee", "ankle"):
        left, right = (
            patches.limbs.count(SMPL_JOINTS.index(f"{which}_{side}")) for which in ("left", "right")
        )
        assert abs(left - right) <= 0.2 * left


def test_patches_of_balls_face_outwards_and_know_how_thick_they_are() -> None:
    """The slab of a ball below a disc is as thick as the ball and has the ball's centre, both
    within a quarter of RADIUS; it is thinner below a wide disc, whose other side is a cap."""
    patches = _core.SurfacePatches(ball_body([-1, 0, 0])._core)
    places = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]])[patches.limbs]
    middles, centres = patches.points[:, 0] - places, patches.points[:, 1] - places
    assert np.linalg.norm(middles, axis=1).max() < 0.25 * RADIUS
    radii = np.linalg.norm(centres, axis=1)
    assert 0.75 * RADIUS < radii.min() <= radii.max() < RADIUS
    outwards = np.sum(centres * (centres - middles), axis=1)
    assert (outwards > 0.9 * radii * np.linalg.norm(centres - middles, axis=1)).all()


def test_patches_follow_the_shape() -> None:
    """Their points are means of vertices, linear in betas: under a beta that makes all larger,
    centres are what they are at rest, exactly; a slab's far side is put on the normal, from within
    the disc, and so its middle from within half of that."""
    arrays = make_body_model_arrays(0)
    larger = BodyModel(replace(arrays, shapedirs=arrays.v_template[:, :, None]))
    patches = _core.SurfacePatches(larger._core)
    off = patches.shapedirs[..., 0] - patches.points
    np.testing.assert_allclose(off[:, 1], 0, atol=1e-12)
    assert (np.linalg.norm(off[:, 0], axis=1) < 0.6 * np.array(patches.radii)).all()


def test_pairs_of_balls_cost_what_they_are_deep(rng) -> None:
    """Two children of the root swing through each other: the energy is 0 while they are apart,
    grows with depth, is maximal where they coincide, and falls likewise on the other side."""
    model = ball_body([-1, 0, 0])
    scene, stage = scene_with_three_points(model), stage_of("patches", shape=True)
    state = replace(random_state(model, rng), betas=np.zeros(1), root_chart=np.zeros(3))
    energies = []
    for degrees in (60, 85, 90, 95, 120):
        pose = np.zeros((2, 3))
        pose[0, 1] = -np.radians(degrees)
        residuals, _ = scene.rows_of("interpenetration", stage, replace(state, body_pose=pose))
        energies.append(residuals @ residuals)
    assert energies[0] == energies[-1] == 0.0
    assert energies[2] > energies[1] > 0
    assert energies[2] > energies[3] > 0


@pytest.mark.parametrize("inflate", [1.0, 1.25])
@pytest.mark.parametrize("gender", ["neutral", "male", "female"])
def test_patches_of_a_body_at_rest_cost_nothing(gender, inflate, rng) -> None:
    model = load_body_model(gender=gender)
    state = random_state(model, rng)
    state = replace(
        state, body_pose=np.zeros_like(state.body_pose), betas=np.zeros(model.num_betas)
    )
    stage = stage_of("patches", shape=True)
    stage.interpenetration.inflate = inflate
    residuals, derivatives = scene_of(model, rng).rows_of("interpenetration", stage, state)
    assert not residuals.any()
    assert not derivatives.any()


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_interpenetration_holds(overlap, model, spheres, rng) -> None:
    stage = stage_of(overlap, shape=True)
    energy = energy_of(model, spheres, stage.interpenetration)
    states = colliding_states(model, rng)
    check_term("interpenetration", scene_of(model, rng), stage, states, energy)


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
@pytest.mark.parametrize("overlap", OVERLAPS)
def test_betas_feel_collisions_only_where_asked(overlap, jacobian, model, rng) -> None:
    scene = scene_of(model, rng)
    betas = slice(-1 - model.num_betas, -1)
    for state in colliding_states(model, rng):
        (with_shape, full), (pose_only, partial) = (
            scene.rows_of("interpenetration", stage, state)
            for stage in (stage_of(overlap, shape=shape) for shape in (True, False))
            if not setattr(stage.solver, "jacobian", jacobian)
        )
        np.testing.assert_allclose(pose_only, with_shape, rtol=1e-12)
        assert np.abs(full[:, betas]).max() > 0
        assert not partial[:, betas].any()
        full[:, betas] = 0
        np.testing.assert_allclose(partial, full, rtol=0, atol=1e-9 * np.abs(full).max())


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
@pytest.mark.parametrize("overlap", ["depth", "patches"])
def test_a_clear_pose_has_no_energy_and_finite_derivatives(overlap, jacobian, model, rng) -> None:
    state = replace(random_state(model, rng), body_pose=np.zeros((23, 3)), betas=np.zeros(10))
    stage = stage_of(overlap, shape=True)
    stage.solver.jacobian = jacobian
    residuals, derivatives = scene_of(model, rng).rows_of("interpenetration", stage, state)
    assert not residuals.any()
    assert not derivatives.any()


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
def test_gaussians_of_a_clear_pose_are_next_to_nothing(jacobian, model, rng) -> None:
    """The published Gaussians have no bound: clear poses have 1e-6 of the residual of coinciding
    limbs, which is 1 or more."""
    state = replace(random_state(model, rng), body_pose=np.zeros((23, 3)), betas=np.zeros(10))
    stage = stage_of("gaussian", shape=True)
    stage.solver.jacobian = jacobian
    residuals, derivatives = scene_of(model, rng).rows_of("interpenetration", stage, state)
    assert np.abs(residuals).max() < 1e-6
    assert np.isfinite(derivatives).all()


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_limbs_that_coincide_have_finite_derivatives(overlap, rng) -> None:
    """Two children of the root are rotated to the same position."""
    model = ball_body([-1, 0, 0])
    state = random_state(model, rng)
    pose = np.zeros((2, 3))
    pose[0, 1] = -np.pi / 2  # from +x to +z, where the other one is
    state = replace(state, body_pose=pose, betas=np.zeros(1), root_chart=np.zeros(3))
    for jacobian in ("fast", "autodiff"):
        stage = stage_of(overlap, shape=True)
        stage.solver.jacobian = jacobian
        residuals, derivatives = scene_with_three_points(model).rows_of(
            "interpenetration", stage, state
        )
        assert residuals.max() > 0
        assert np.isfinite(derivatives).all()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("weight", -1.0, r"interpenetration\.weight: expected a finite number >= 0, got -1"),
        ("weight", float("nan"), r"interpenetration\.weight: expected a finite number >= 0, got"),
        ("width", 0.0, r"interpenetration\.width: expected a number from 0\.001 to 10, got 0"),
        ("width", float("nan"), r"interpenetration\.width: expected a number from 0\.001 to 10"),
        ("inflate", -1.0, r"interpenetration\.inflate: expected a number from 0\.001 to 10"),
    ],
)
def test_an_option_out_of_range_is_an_error(option, value, message, model, rng) -> None:
    stage = stage_with(interpenetration=1.0)
    setattr(stage.interpenetration, option, value)
    with pytest.raises(ValueError, match=message):
        scene_of(model, rng).evaluate(stage, random_state(model, rng))


def test_an_unknown_overlap_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"overlap: expected one of .*, patches, got volume"):
        _core.Stage().interpenetration.overlap = "volume"


def fits_of_crossed_arms(model, rng, overlap: str) -> tuple[FitResult, FitResult]:
    """Fits without and with the term, for forearms that intersect."""
    person = standing_person(model, rng)
    person["body_pose"] = crossed_arms(0.45)
    keypoints = seen_by(CAMERA, model, person)
    without, with_term = default_stages(), default_stages()
    for stage in without:
        stage.interpenetration.weight = 0.0
    for stage in with_term:
        stage.interpenetration.overlap = overlap
    for stage in (*without, *with_term):  # a prediction of such arms would hold them where they are
        stage.conditional_prior.weight = 0.0
    results = [
        fit(keypoints, CAMERA, model=model, preset=preset, pose_prior=anatomical_prior(24))
        for preset in (without, with_term)
    ]
    return results[0], results[1]


def depth_of_forearms(result: FitResult) -> float:
    arms = {f"{side}_{joint}" for side in ("left", "right") for joint in ("elbow", "wrist", "hand")}
    pairs = [pair for pair in result.penetration.pairs if set(pair.parts) <= arms]
    return max((pair.max_depth for pair in pairs), default=0.0)


@pytest.mark.parametrize("overlap", ["depth", "patches"])
def test_crossed_arms_are_pushed_apart(overlap, model, rng) -> None:
    without, with_term = fits_of_crossed_arms(model, rng, overlap)
    assert depth_of_forearms(without) > 0.02
    assert depth_of_forearms(with_term) < 0.2 * depth_of_forearms(without)
    assert with_term.penetration.max_depth < 0.5 * without.penetration.max_depth
    assert with_term.reprojection_error() < without.reprojection_error() + 5.0
    assert "interpenetration" not in without.energies
    assert with_term.energies["interpenetration"] > 0


def test_jacobians_by_hand_and_by_autodiff_push_the_same(model, rng) -> None:
    person = standing_person(model, rng)
    person["body_pose"] = crossed_arms(0.45)
    keypoints = seen_by(CAMERA, model, person)
    fast, autodiff = (
        fit(keypoints, CAMERA, model=model, jacobian=jacobian) for jacobian in ("fast", "autodiff")
    )
    np.testing.assert_allclose(fast.joints, autodiff.joints, atol=1e-6)


def scene_with_three_points(model: BodyModel) -> Scene:
    names = {name: name for name in model.joint_names}
    keypoint_format = KeypointFormat.from_mapping("balls", names)
    keypoints = Keypoints(np.zeros((len(names), 2)), np.ones(len(names)), keypoint_format)
    return Scene(model, keypoints, CAMERA, model.default_prior)
