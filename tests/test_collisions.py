"""Collision spheres, the interpenetration term, and the report of what a mesh is inside of."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

import reference
from checks import (
    Scene,
    check_term,
    random_arrays,
    random_state,
    seen_by,
    stage_with,
    standing_person,
)
from smplceres import (
    BodyModel,
    Camera,
    FitResult,
    Keypoints,
    _core,
    default_stages,
    fit,
    load_body_model,
)
from smplceres.keypoint_formats import FORMATS, KeypointFormat
from smplceres.model_files import BodyModelArrays
from smplceres.pose_prior import anatomical_prior
from smplceres.skeleton import SMPL_JOINTS
from smplceres.synthetic import make_body_model_arrays

CAMERA = Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
OVERLAPS = ("gaussian", "depth", "patches")


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel(make_body_model_arrays(0))


@pytest.fixture(scope="module")
def spheres(model) -> _core.CollisionSpheres:
    return _core.CollisionSpheres(model._core)


def crossed_arms(inwards: float) -> np.ndarray:
    """Arms stretched forwards and turned inwards by an angle past parallel, radians."""
    pose = np.zeros((23, 3))
    pose[SMPL_JOINTS.index("left_shoulder") - 1, 1] = -(np.pi / 2 + inwards)
    pose[SMPL_JOINTS.index("right_shoulder") - 1, 1] = np.pi / 2 + inwards
    return pose


def colliding_states(model: BodyModel, rng: np.random.Generator):
    """Crossed arms among random turns; at rest in the root's chart; a joint near half a turn."""
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


def stage_of(overlap: str, *, shape: bool) -> _core.Stage:
    stage = stage_with(interpenetration=2.5)
    stage.interpenetration.overlap = overlap
    stage.interpenetration.shape = shape
    return stage


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


# --- Spheres ---


def test_smpl_has_20_limbs_alike_on_both_sides(model, spheres) -> None:
    """Within 1 mm: a vertex that two sides carry alike belongs to one of them."""
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
    """A tree that begins with SMPL's, as SMPL-H's does, has its limbs; more joints make no more."""
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
    # Balls: a sphere of any of them is within it, and most of it.
    radii = [max(spheres.radii[np.array(spheres.limbs) == ball]) for ball in range(4)]
    assert 0.6 * RADIUS < min(radii) <= max(radii) < RADIUS
    limbs = {tuple(sorted(spheres.limbs[i] for i in pair)) for pair in spheres.pairs}
    assert limbs == {(1, 2), (1, 3), (2, 3)}, "parents and children must not collide"


def test_spheres_of_arms_and_legs_are_inside_the_skin(model, spheres) -> None:
    """Where limbs are round and open at both ends: a sphere stands out of none by more than 5 mm.
    The ends of a limb, where spheres go on into the next one, are left out."""
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
    """Against spheres fitted to the shaped body anew. Arms and legs, whose axes are bones; within
    3 mm and 5 mm: the new fit moves its planes along the longer limb."""
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
            if linear.sum() != fitted.sum():  # a longer limb may have one more
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
        assert [name for name, _ in rows] == ["shape_prior"]


# --- Patches ---


def test_patches_lie_on_the_skin(model) -> None:
    """The mean of a cell of a curved skin is under it: by s^2 / (4 r) on a limb as thick as the
    cell is wide, 5 mm; on noses and fingertips a cell goes around."""
    patches = _core.SurfacePatches(model._core)
    middles, centres = patches.points[:, 0], patches.points[:, 1]
    normals = centres - middles
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    distances = np.linalg.norm(model.v_template[None] - centres[:, None], axis=2).min(axis=1)
    assert np.median(distances) < 0.01
    assert set(patches.limbs) == set(_core.CollisionSpheres(model._core).limbs)
    # Each half of a pair of limbs has as many as the other, give or take one.
    for side in ("shoulder", "elbow", "knee", "ankle"):
        left, right = (
            patches.limbs.count(SMPL_JOINTS.index(f"{which}_{side}")) for which in ("left", "right")
        )
        assert abs(left - right) <= 0.2 * left


def test_patches_of_balls_face_outwards_and_know_how_thick_they_are() -> None:
    """A slab of a ball of RADIUS under a disc: as thick as the ball, the middle at the ball's, both
    within a quarter of the radius; less under a wide disc, whose other side is a cap."""
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
    """Two children of the root swing towards each other: none while apart, more the deeper, most
    where they coincide; then on the other side the same way down."""
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


# --- The term ---


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
    """Published ones never quite end: 1e-6 of limbs that coincide, whose residual is 1 or more."""
    state = replace(random_state(model, rng), body_pose=np.zeros((23, 3)), betas=np.zeros(10))
    stage = stage_of("gaussian", shape=True)
    stage.solver.jacobian = jacobian
    residuals, derivatives = scene_of(model, rng).rows_of("interpenetration", stage, state)
    assert np.abs(residuals).max() < 1e-6
    assert np.isfinite(derivatives).all()


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_limbs_that_coincide_have_finite_derivatives(overlap, rng) -> None:
    """Two children of the root turned to the same place."""
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


# --- Fits ---


def fits_of_crossed_arms(model, rng, overlap: str) -> tuple[FitResult, FitResult]:
    """Without and with the term, of forearms that pass through each other."""
    person = standing_person(model, rng)
    person["body_pose"] = crossed_arms(0.45)
    keypoints = seen_by(CAMERA, model, person)
    without, with_term = default_stages(), default_stages()
    for stage in without:
        stage.interpenetration.weight = 0.0
    for stage in with_term:
        stage.interpenetration.overlap = overlap
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


# --- The report ---

RADIUS = 0.1


def ball() -> tuple[np.ndarray, np.ndarray]:
    """Vertices and outward faces of a ball of RADIUS: rings of 24 between two poles on x."""
    rings, columns = 23, 24
    polar = np.linspace(0, np.pi, rings + 2)[1:-1, None]
    around = np.arange(columns) * 2 * np.pi / columns
    ring = np.stack(
        np.broadcast_arrays(
            np.cos(polar), np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around)
        ),
        axis=-1,
    )
    vertices = np.concatenate([ring.reshape(-1, 3), [[1, 0, 0], [-1, 0, 0]]])
    number = np.arange(rings * columns).reshape(rings, columns)
    after = np.roll(number, -1, axis=1)
    first, last = np.full(columns, len(vertices) - 2), np.full(columns, len(vertices) - 1)
    faces = [
        np.stack([number[:-1], number[1:], after[1:]], axis=-1).reshape(-1, 3),
        np.stack([number[:-1], after[1:], after[:-1]], axis=-1).reshape(-1, 3),
        np.stack([first, number[0], after[0]], axis=-1),
        np.stack([last, after[-1], number[-1]], axis=-1),
    ]
    return RADIUS * vertices, np.concatenate(faces)


def ball_body(parents: list[int]) -> BodyModel:
    """A ball for each joint: the root's at the origin, others 1 m from it along x, z and -x, their
    joints at the origin too, so that they swing about it."""
    places = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1], [-1, 0, 0]], dtype=float)[: len(parents)]
    vertices, faces = ball()
    J, n = len(parents), len(vertices)
    J_regressor = np.zeros((J, J * n))
    J_regressor[:, :n] = 1 / n
    arrays = BodyModelArrays(
        name="balls",
        v_template=np.concatenate([vertices + place for place in places]),
        shapedirs=0.01 * np.tile(vertices, (J, 1))[:, :, None],
        posedirs=np.zeros((J * n, 3, 9 * (J - 1))),
        J_regressor=J_regressor,
        lbs_weights=np.repeat(np.eye(J), n, axis=0),
        parents=np.array(parents, np.int32),
        faces=np.concatenate([faces + i * n for i in range(J)]).astype(np.int32),
        joint_names=SMPL_JOINTS[:J],
        landmarks={},
    )
    return BodyModel(arrays)


def scene_with_three_points(model: BodyModel) -> Scene:
    names = {name: name for name in model.joint_names}
    keypoint_format = KeypointFormat.from_mapping("balls", names)
    keypoints = Keypoints(np.zeros((len(names), 2)), np.ones(len(names)), keypoint_format)
    return Scene(model, keypoints, CAMERA, model.default_prior)


def moved(model: BodyModel, ball_number: int, place: list[float]) -> np.ndarray:
    """The body at rest, one ball elsewhere."""
    vertices, (single, _) = model.v_template.copy(), ball()
    start = ball_number * len(single)
    vertices[start : start + len(single)] = single + place
    return vertices


@pytest.mark.parametrize("depth", [0.005, 0.03, 0.08])
def test_two_balls_are_as_deep_in_each_other_as_they_are(depth, rng) -> None:
    """Their nearest points are vertices, the poles on the x axis. Facets of 7.5 degrees lie within
    1 - cos(3.75 degrees) = 0.2 % of the radius of the ball, twice as far at corners."""
    model = ball_body([-1, 0, 0])
    found = model.penetration(moved(model, 2, [1 + 2 * RADIUS - depth, 0, 0]))
    assert found.max_depth == pytest.approx(depth, abs=0.006 * RADIUS)
    assert 0 < found.mean_depth <= found.max_depth
    (pair,) = found.pairs
    assert pair.parts == ("left_hip", "right_hip")
    assert pair.max_depth == found.max_depth
    assert pair.num_vertices == found.num_vertices
    # Of either ball, the vertices within the other: the cap of height depth / 2 and a bit beyond.
    single, _ = ball()
    inside = np.linalg.norm(single - [2 * RADIUS - depth, 0, 0], axis=1) < RADIUS
    assert 2 * inside.sum() == pytest.approx(found.num_vertices, abs=2 * 24)
    assert set(found.vertices) <= set(range(len(single), 3 * len(single)))


def test_a_body_clear_of_itself_has_no_penetration(model) -> None:
    found = model.penetration(model().vertices)
    assert (found.num_vertices, found.max_depth, found.mean_depth) == (0, 0.0, 0.0)
    assert found.pairs == ()


def test_a_joint_and_its_parent_do_not_count() -> None:
    model = ball_body([-1, 0, 0])
    assert model.penetration(moved(model, 1, [0.15, 0, 0])).pairs == ()
    chained = ball_body([-1, 0, 1])  # ball 2 and the root are two joints apart
    pairs = chained.penetration(moved(chained, 2, [0.15, 0, 0])).pairs
    assert [pair.parts for pair in pairs] == [("pelvis", "right_hip")]


def test_a_hanging_arm_lies_in_the_arm_pit(model) -> None:
    """Arms down: the upper arm's skin is within the chest's, and neither counts; the forearm in the
    hip does."""
    pose = np.zeros((23, 3))
    pose[SMPL_JOINTS.index("left_shoulder") - 1, 2] = -np.pi / 2 - 0.2
    found = model.penetration(model(body_pose=pose).vertices)
    assert found.max_depth > 0.01
    for pair in found.pairs:
        assert set(pair.parts) != {"left_shoulder", "spine3"}
        assert set(pair.parts) != {"left_shoulder", "spine2"}


def test_what_is_near_at_rest_does_not_count() -> None:
    """The same balls, touching at rest: only vertices that were 5 cm off count."""
    apart = ball_body([-1, 0, 0])
    v_template = moved(apart, 2, [1 + 2 * RADIUS, 0, 0])
    arrays = {
        name: getattr(apart, name)
        for name in ("shapedirs", "posedirs", "J_regressor", "lbs_weights", "parents", "faces")
    }
    touching = BodyModel(
        BodyModelArrays(
            name="touching",
            v_template=v_template,
            joint_names=apart.joint_names,
            landmarks={},
            **arrays,
        )
    )
    posed = moved(apart, 2, [1 + 2 * RADIUS - 0.04, 0, 0])
    assert apart.penetration(posed).num_vertices > 0
    assert touching.penetration(posed).num_vertices == 0


def test_the_report_does_not_depend_on_the_place(model, rng) -> None:
    pose = crossed_arms(0.45)
    here = model.penetration(model(body_pose=pose).vertices)
    there = model.penetration(
        model(body_pose=pose, global_orient=[1.0, -2.0, 0.5], transl=[3.0, 4.0, 5.0]).vertices
    )
    assert here.max_depth > 0.02
    np.testing.assert_array_equal(there.vertices, here.vertices)
    np.testing.assert_allclose(there.depths, here.depths, atol=1e-9)


@pytest.mark.parametrize(
    ("vertices", "message"),
    [
        (np.zeros((7, 3)), r"vertices: expected shape \(6890, 3\), got \(7, 3\)"),
        (np.full((6890, 3), np.nan), r"vertices: expected finite numbers, got NaN or infinity"),
    ],
    ids=["shape", "nan"],
)
def test_vertices_that_are_none_are_an_error(vertices, message, model) -> None:
    with pytest.raises(ValueError, match=message):
        model.penetration(vertices)


def test_a_result_from_a_file_says_whom_to_ask(model, tmp_path, rng) -> None:
    result = fit(seen_by(CAMERA, model, standing_person(model, rng)), CAMERA, model=model)
    result.save(tmp_path / "person.npz")
    loaded = FitResult.load(tmp_path / "person.npz")
    with pytest.raises(ValueError, match=r"penetration: expected a result that knows its body"):
        _ = loaded.penetration
    expected = result.penetration
    assert model.penetration(loaded.vertices).max_depth == expected.max_depth


def test_a_copied_stage_has_collision_options_of_its_own() -> None:
    stage = stage_of("depth", shape=True)
    copied = copy.copy(stage)
    copied.interpenetration.overlap = "gaussian"
    assert stage.interpenetration.overlap == "depth"
