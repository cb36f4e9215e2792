"""The synthetic body: SMPL's layout, a human's measures, and a skin that bends without tearing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from smplceres.base.skeleton import SMPL_JOINTS, SMPL_LANDMARKS
from smplceres.body.model_arrays import BodyModelArrays, check_arrays
from smplceres.body.model_files import read_body_model, write_body_model
from smplceres.synthetic import make_body_model_arrays

Floats = NDArray[np.float64]

MIRROR = np.array([-1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def body() -> BodyModelArrays:
    return make_body_model_arrays()


def rotation(axis_angle: Floats) -> Floats:
    """R = I + sin(t) K + (1 - cos(t)) K^2, Rodrigues' formula."""
    angle = np.linalg.norm(axis_angle)
    x, y, z = axis_angle / angle if angle > 0 else axis_angle
    K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K


def posed(body: BodyModelArrays, **joints: tuple[float, float, float]) -> tuple[Floats, Floats]:
    """Vertices [V, 3] and joints [J, 3] with some joints turned, plainly after the SMPL paper."""
    rest = body.J_regressor @ body.v_template
    turns = np.array([rotation(np.array(joints.get(name, (0, 0, 0)))) for name in SMPL_JOINTS])
    vertices = body.v_template + body.posedirs @ (turns[1:] - np.eye(3)).ravel()
    world = np.zeros((len(rest), 4, 4))
    for joint, parent in enumerate(body.parents):
        local = np.eye(4)
        local[:3, :3] = turns[joint]
        local[:3, 3] = rest[joint] - (rest[parent] if parent >= 0 else 0)
        world[joint] = local if parent < 0 else world[parent] @ local
    rotations, places = world[:, :3, :3], world[:, :3, 3]
    offsets = places - np.einsum("jab,jb->ja", rotations, rest)
    blended = np.einsum("vj,jab->vab", body.lbs_weights, rotations)
    return np.einsum("vab,vb->va", blended, vertices) + body.lbs_weights @ offsets, places


def edges_of(body: BodyModelArrays) -> NDArray[np.int32]:
    """[3F, 2] directed edges."""
    return np.concatenate([body.faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])


def winding_numbers(points: Floats, vertices: Floats, faces: NDArray[np.int32]) -> Floats:
    """How often the surface surrounds each point: solid angles / 4 pi (van Oosterom 1983)."""
    a, b, c = (vertices[faces[:, k]] - points[:, None] for k in range(3))
    la, lb, lc = (np.linalg.norm(corner, axis=-1) for corner in (a, b, c))
    determinant = np.einsum("pfi,pfi->pf", a, np.cross(b, c))
    below = la * lb * lc + (a * b).sum(-1) * lc + (b * c).sum(-1) * la + (c * a).sum(-1) * lb
    return np.asarray(2 * np.arctan2(determinant, below).sum(axis=1) / (4 * np.pi))


def landmark(body: BodyModelArrays, name: str) -> Floats:
    vertices, weights = body.landmarks[name]
    return np.asarray(weights @ body.v_template[vertices])


# --- Layout ---


def test_layout_is_smpls(body: BodyModelArrays) -> None:
    assert body.v_template.shape == (6890, 3)
    assert body.shapedirs.shape == (6890, 3, 10)
    assert body.posedirs.shape == (6890, 3, 207)
    assert body.joint_names == SMPL_JOINTS
    assert body.parents.tolist() == [
        *(-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
    ]
    assert {name: v.tolist() for name, (v, _) in body.landmarks.items()} == {
        name: [vertex] for name, vertex in SMPL_LANDMARKS.items()
    }


def test_same_seed_gives_the_same_body(body: BodyModelArrays) -> None:
    again = make_body_model_arrays(0)
    for name in ("v_template", "shapedirs", "posedirs", "J_regressor", "lbs_weights", "faces"):
        np.testing.assert_array_equal(getattr(again, name), getattr(body, name))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_give_other_shapes_of_the_same_mesh(body: BodyModelArrays, seed: int) -> None:
    other = make_body_model_arrays(seed)
    check_arrays(other)
    np.testing.assert_array_equal(other.faces, body.faces)
    np.testing.assert_array_equal(other.lbs_weights, body.lbs_weights)
    change = np.linalg.norm(other.v_template - body.v_template, axis=1)
    assert 0.002 < change.mean() < 0.1  # metres


def test_body_is_written_and_read_back(body: BodyModelArrays, tmp_path: Path) -> None:
    write_body_model(tmp_path / "synthetic.npz", body)
    read = read_body_model(tmp_path / "synthetic.npz")
    assert read.name == body.name
    np.testing.assert_array_equal(read.posedirs, body.posedirs)
    np.testing.assert_array_equal(read.shapedirs, body.shapedirs)


def test_body_is_made_in_well_under_a_second() -> None:
    def seconds() -> float:
        start = time.perf_counter()
        make_body_model_arrays()
        return time.perf_counter() - start

    assert min(seconds() for _ in range(3)) < 0.6  # 0.13 s on two shared cores


# --- Surface ---


def test_surface_is_closed_and_faces_outwards(body: BodyModelArrays) -> None:
    edges = edges_of(body)
    forward, backward = (edges[:, a] * 10_000 + edges[:, b] for a, b in ((0, 1), (1, 0)))
    assert len(np.unique(forward)) == len(forward)
    np.testing.assert_array_equal(np.sort(forward), np.sort(backward))
    far, inside = np.array([[0.0, 5.0, 0.0]]), np.array([[0.0, -0.1, 0.0]])
    windings = winding_numbers(np.concatenate([far, inside]), body.v_template, body.faces)
    np.testing.assert_allclose(windings, [0, 1], atol=1e-9)


def test_every_vertex_is_used_and_no_face_is_degenerate(body: BodyModelArrays) -> None:
    assert len(np.unique(body.faces)) == 6890
    a, b, c = (body.v_template[body.faces[:, k]] for k in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    assert areas.min() > 1e-6  # m^2: a square millimetre


def test_left_and_right_mirror_each_other(body: BodyModelArrays) -> None:
    def in_order(points: Floats) -> Floats:
        return points[np.lexsort(points.round(9).T)]

    mirrored = in_order(body.v_template * MIRROR)
    np.testing.assert_allclose(in_order(body.v_template), mirrored, atol=1e-9)
    joints = dict(zip(SMPL_JOINTS, body.J_regressor @ body.v_template, strict=True))
    for name, place in joints.items():
        other = name.replace("left_", "right_")
        np.testing.assert_allclose(joints[other] * MIRROR if other != name else place, place)
        if not name.startswith(("left_", "right_")):
            assert abs(place[0]) < 1e-9


# --- Measures ---


def test_average_person_stands_in_a_t_pose(body: BodyModelArrays) -> None:
    extent = np.ptp(body.v_template, axis=0)
    assert extent[1] == pytest.approx(1.70, abs=0.01)
    assert extent[0] / extent[1] == pytest.approx(1.04, abs=0.04)  # span / stature
    joints = dict(zip(SMPL_JOINTS, body.J_regressor @ body.v_template, strict=True))
    assert joints["pelvis"][1] == pytest.approx(-0.24, abs=0.005)
    assert joints["left_wrist"][0] > joints["left_elbow"][0] > joints["left_shoulder"][0] > 0.1
    assert joints["left_wrist"][1] == pytest.approx(joints["left_shoulder"][1], abs=0.02)
    assert joints["left_ankle"][1] < joints["left_knee"][1] < joints["left_hip"][1]
    assert joints["left_foot"][2] > joints["left_ankle"][2] + 0.08


def test_segments_have_human_lengths(body: BodyModelArrays) -> None:
    joints = dict(zip(SMPL_JOINTS, body.J_regressor @ body.v_template, strict=True))
    # Fractions of stature; Drillis and Contini for the leg, de Leva for the arm.
    for start, end, fraction in [
        ("left_hip", "left_knee", 0.245),
        ("left_knee", "left_ankle", 0.246),
        ("left_shoulder", "left_elbow", 0.162),
        ("left_elbow", "left_wrist", 0.154),
    ]:
        length = np.linalg.norm(joints[start] - joints[end])
        assert length / 1.70 == pytest.approx(fraction, abs=0.003)


def test_landmarks_lie_where_their_names_say(body: BodyModelArrays) -> None:
    v = body.v_template
    head = v[v[:, 1] > landmark(body, "nose")[1] - 0.02]
    foot = v[(v[:, 0] > 0) & (v[:, 1] < v[:, 1].min() + 0.04)]
    assert landmark(body, "head_top")[1] == v[:, 1].max()
    assert landmark(body, "nose")[2] == head[:, 2].max()
    assert landmark(body, "left_ear")[0] == pytest.approx(head[:, 0].max(), abs=0.002)
    assert landmark(body, "left_heel")[2] == pytest.approx(foot[:, 2].min(), abs=0.005)
    assert landmark(body, "left_big_toe")[2] == pytest.approx(foot[:, 2].max(), abs=0.02)
    eye, nose = landmark(body, "left_eye"), landmark(body, "nose")
    assert 0.02 < eye[0] < 0.045
    assert 0.03 < eye[1] - nose[1] < 0.07
    assert eye[2] > 0.07
    assert landmark(body, "left_small_toe")[0] > landmark(body, "left_big_toe")[0] + 0.04
    for name in ("eye", "ear", "big_toe", "small_toe", "heel"):
        mirrored = landmark(body, f"right_{name}") * MIRROR
        np.testing.assert_allclose(landmark(body, f"left_{name}"), mirrored, atol=1e-9)


def stature(v: Floats, joints: dict[str, Floats]) -> float:
    return float(np.ptp(v[:, 1]))


def between(start: str, end: str, axis: int) -> Callable[[Floats, dict[str, Floats]], float]:
    return lambda v, joints: float(joints[end][axis] - joints[start][axis])


def breadth(height: float, axis: int, reach: float) -> Callable[[Floats, dict[str, Floats]], float]:
    """Extent along an axis of what lies within 2 cm of a height and `reach` of the midline."""
    return lambda v, joints: float(
        np.ptp(v[(np.abs(v[:, 1] - height) < 0.02) & (np.abs(v[:, 0]) < reach), axis])
    )


def upper_arm(v: Floats, joints: dict[str, Floats]) -> float:
    middle = (joints["left_shoulder"][0] + joints["left_elbow"][0]) / 2
    return float(np.ptp(v[np.abs(v[:, 0] - middle) < 0.04, 1]))


def foot(v: Floats, joints: dict[str, Floats]) -> float:
    return float(np.ptp(v[v[:, 1] < v[:, 1].min() + 0.03, 2]))


def head(v: Floats, joints: dict[str, Floats]) -> float:
    return float(v[:, 1].max() - joints["neck"][1])


# Beta, what it changes, by how much a unit (metres), within which tolerance.
MEANINGS = {
    "stature": (0, stature, 0.070, 0.002),
    "weight_widens_the_waist": (1, breadth(-0.12, 0, 0.4), 0.025, 0.003),
    "limbs_lengthen_the_arm": (2, between("left_shoulder", "left_wrist", 0), 0.0134, 0.001),
    "limbs_lengthen_the_leg": (2, between("left_ankle", "left_hip", 1), 0.021, 0.001),
    "shoulders": (3, between("right_shoulder", "left_shoulder", 0), 0.020, 0.001),
    "hips": (4, breadth(-0.26, 0, 0.4), 0.018, 0.003),
    "legs_lengthen": (5, between("left_ankle", "left_hip", 1), 0.021, 0.001),
    "torso_shortens_as_much": (5, stature, 0.0, 0.001),
    "head": (6, head, 0.0077, 0.001),
    "arm_girth": (7, upper_arm, 0.0075, 0.0015),
    "belly": (8, breadth(-0.10, 2, 0.2), 0.022, 0.003),
    "feet": (9, foot, 0.010, 0.002),
}


@pytest.mark.parametrize("case", MEANINGS)
def test_beta_changes_what_it_is_said_to(body: BodyModelArrays, case: str) -> None:
    beta, measure, per_unit, tolerance = MEANINGS[case]

    def measured(coefficient: float) -> float:
        vertices = body.v_template + coefficient * body.shapedirs[:, :, beta]
        joints = dict(zip(SMPL_JOINTS, body.J_regressor @ vertices, strict=True))
        return measure(vertices, joints)

    assert measured(1.0) - measured(0.0) == pytest.approx(per_unit, abs=tolerance)


def test_joints_stay_inside_the_body_for_any_betas(body: BodyModelArrays) -> None:
    rng = np.random.default_rng(5)
    for betas in rng.normal(scale=1.5, size=(8, 10)):
        vertices = body.v_template + body.shapedirs @ betas
        inside = winding_numbers(body.J_regressor @ vertices, vertices, body.faces)
        assert inside.min() > 0.99


def test_joint_regressor_is_a_sparse_average(body: BodyModelArrays) -> None:
    assert body.J_regressor.min() >= 0
    np.testing.assert_allclose(body.J_regressor.sum(axis=1), 1, atol=1e-12)
    assert (body.J_regressor > 0).sum(axis=1).max() < 50


# --- Skin ---


def test_skinning_weights_are_few_smooth_and_sum_to_one(body: BodyModelArrays) -> None:
    weights = body.lbs_weights
    assert weights.min() >= 0
    assert (weights > 0).sum(axis=1).max() <= 4
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-14)
    assert np.all(weights.max(axis=0) > 0.5)
    first, second = edges_of(body).T
    assert np.abs(weights[first] - weights[second]).max() < 0.6


def test_every_pose_feature_moves_the_skin_by_millimetres(body: BodyModelArrays) -> None:
    largest = np.abs(body.posedirs).max(axis=(0, 1))
    assert largest.min() > 1e-3
    assert largest.max() < 3e-3
    rng = np.random.default_rng(6)
    for pose in rng.normal(scale=0.6, size=(20, 23, 3)):  # radians
        features = np.array([rotation(joint) - np.eye(3) for joint in pose]).ravel()
        assert np.linalg.norm(body.posedirs @ features, axis=1).max() < 0.008


def test_pose_blend_shapes_are_local_to_their_joint(body: BodyModelArrays) -> None:
    joints = body.J_regressor @ body.v_template
    for joint in range(1, 24):
        size = np.abs(body.posedirs[:, :, 9 * joint - 9 : 9 * joint]).max(axis=(1, 2))
        distance = np.linalg.norm(body.v_template - joints[joint], axis=1)
        assert size[distance > 0.4].max() < 1e-4
        assert distance[np.argmax(size)] < 0.15


def test_mirrored_pose_gives_the_mirrored_body(body: BodyModelArrays) -> None:
    left, left_joints = posed(body, left_elbow=(0.2, -1.2, 0.3), left_knee=(1.0, 0.1, 0.2))
    right, right_joints = posed(body, right_elbow=(0.2, 1.2, -0.3), right_knee=(1.0, -0.1, -0.2))
    elbow, wrist = (SMPL_JOINTS.index(f"right_{name}") for name in ("elbow", "wrist"))
    np.testing.assert_allclose(left_joints[elbow - 1] * MIRROR, right_joints[elbow], atol=1e-9)
    np.testing.assert_allclose(left_joints[wrist - 1] * MIRROR, right_joints[wrist], atol=1e-9)
    mirrored = left * MIRROR
    for axis in range(3):
        np.testing.assert_allclose(np.sort(mirrored[:, axis]), np.sort(right[:, axis]), atol=1e-9)


@pytest.mark.parametrize(
    "joint",
    ["left_elbow", "right_knee", "left_shoulder", "right_hip", "spine1", "neck", "left_wrist"],
)
def test_bent_joint_tears_nothing(body: BodyModelArrays, joint: str) -> None:
    first, second = edges_of(body).T
    rest = np.linalg.norm(body.v_template[first] - body.v_template[second], axis=1)
    angle = np.pi / 2 if joint not in ("spine1", "neck") else 0.6
    for axis in np.eye(3):
        vertices, _ = posed(body, **{joint: tuple(angle * axis)})
        stretched = np.linalg.norm(vertices[first] - vertices[second], axis=1)
        # Skinning stretches the outside of a bend; a tear would be an edge many times as long.
        assert (stretched / np.maximum(rest, 0.004)).max() < 3


def test_bent_elbow_brings_the_hand_to_the_front(body: BodyModelArrays) -> None:
    vertices, joints = posed(body, left_elbow=(0, -np.pi / 2, 0))
    elbow, wrist = (joints[SMPL_JOINTS.index(f"left_{name}")] for name in ("elbow", "wrist"))
    np.testing.assert_allclose(wrist - elbow, [0, 0, 0.262], atol=0.015)
    hand = body.lbs_weights[:, SMPL_JOINTS.index("left_hand")] > 0.9
    assert vertices[hand, 2].min() > elbow[2] + 0.25


def test_bent_knee_takes_the_foot_to_the_back(body: BodyModelArrays) -> None:
    _, joints = posed(body, left_knee=(np.pi / 2, 0, 0))
    knee, ankle = (joints[SMPL_JOINTS.index(f"left_{name}")] for name in ("knee", "ankle"))
    assert knee[2] - ankle[2] == pytest.approx(0.418, abs=0.01)
    assert abs(knee[1] - ankle[1]) < 0.03
