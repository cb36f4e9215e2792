"""The whole body's file: SMPL-X's keys and order, the 24-joint body's people, a symmetric face and
symmetric hands, landmarks on the skin.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import smplceres
from smplceres import load_body_model
from smplceres.base.skeleton import SMPLX_JOINTS
from smplceres.body.model_files import read_body_model

DATA = Path(smplceres.__file__).parent / "data"
NUM_BETAS, NUM_EXPRESSIONS, NUM_COMPONENTS, NUM_BODY_JOINTS = 16, 20, 12, 22
JAW = SMPLX_JOINTS.index("jaw")
LEFT_HAND, RIGHT_HAND = slice(25, 40), slice(40, 55)


@pytest.fixture(scope="module")
def members() -> dict[str, np.ndarray]:
    with np.load(DATA / "body_whole.npz") as archive:
        return {key: archive[key] for key in archive.files}


@pytest.fixture(scope="module")
def mirror(members) -> np.ndarray:
    """(V,) the vertex on the other side."""
    places = members["v_template"].astype(np.float64)
    keys = np.round(places * [1, 1, 1] / 2e-5).astype(np.int64)
    index = {tuple(key): vertex for vertex, key in enumerate(keys)}
    found = []
    for x, y, z in keys * [-1, 1, 1]:
        near = [
            index[(x + i, y + j, z + k)]
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for k in (-1, 0, 1)
            if (x + i, y + j, z + k) in index
        ]
        found.append(near[0] if near else -1)
    return np.array(found)


def joints_of(members, vertices: np.ndarray) -> np.ndarray:
    weights = members["J_regressor"].astype(np.float64)
    return np.einsum("jn,jni->ji", weights, vertices[members["J_regressor_vertices"]])


def test_the_file_is_small_and_says_where_it_comes_from() -> None:
    assert (DATA / "body_whole.npz").stat().st_size <= 3e6
    notice = (DATA / "body_whole.NOTICE.txt").read_text()
    for source in ("MakeHuman", "CC0", "Godot XR Tools", "spoken-to-signed", "MIT"):
        assert source in notice


def test_joints_are_smplxs_in_its_tree(members) -> None:
    assert tuple(members["joint_names"]) == SMPLX_JOINTS
    parents, joints = members["kintree_table"]
    assert joints.tolist() == list(range(55))
    # As in SMPL-X's files: the body's, jaw and eyes at the head, fingers at the wrists.
    assert parents[JAW : JAW + 3].tolist() == [15, 15, 15]
    for first, wrist in ((25, 20), (40, 21)):
        expected = [
            wrist if segment == 0 else first + 3 * finger + segment - 1
            for finger in range(5)
            for segment in range(3)
        ]
        assert parents[first : first + 15].tolist() == expected


def test_shapes_are_those_of_smplxs_keys(members) -> None:
    num_vertices = len(members["v_template"])
    assert members["shapedirs"].shape == (num_vertices, 3, NUM_BETAS + NUM_EXPRESSIONS)
    assert int(members["num_betas"]) == NUM_BETAS
    assert int(members["num_expressions"]) == NUM_EXPRESSIONS
    assert members["weights"].shape == (num_vertices, 55)
    assert members["lmk_faces_idx"].shape == (51,)
    assert members["lmk_bary_coords"].shape == (51, 3)
    assert members["dynamic_lmk_faces_idx"].shape == (79, 17)
    assert members["dynamic_lmk_bary_coords"].shape == (79, 17, 3)
    for side in "lr":
        assert members[f"hands_mean{side}"].shape == (45,)
        assert members[f"hands_components{side}"].shape == (NUM_COMPONENTS, 45)
        assert members[f"hands_sd{side}"].shape == (NUM_COMPONENTS,)


def test_the_same_betas_are_the_same_person_as_on_the_24_joint_body(members) -> None:
    body = read_body_model(DATA / "body_neutral.npz", num_betas=NUM_BETAS)
    skin = len(body.v_template)
    np.testing.assert_array_equal(members["v_template"][:skin], body.v_template)
    np.testing.assert_array_equal(members["shapedirs"][:skin, :, :NUM_BETAS], body.shapedirs)
    betas = np.random.default_rng(0).normal(size=(5, NUM_BETAS))
    for each in betas:
        whole = members["v_template"] + members["shapedirs"][:, :, :NUM_BETAS] @ each
        other = body.J_regressor @ (body.v_template + body.shapedirs @ each)
        np.testing.assert_allclose(
            joints_of(members, whole)[:NUM_BODY_JOINTS], other[:NUM_BODY_JOINTS], atol=1e-6
        )


def test_the_existing_reader_takes_it() -> None:
    arrays = read_body_model(DATA / "body_whole.npz", num_betas=NUM_BETAS)
    assert arrays.shapedirs.shape[2] == NUM_BETAS
    model = load_body_model(DATA / "body_whole.npz")
    assert model.joint_names == SMPLX_JOINTS


def test_weights_sum_to_one_and_eyeballs_go_with_their_eyes(members) -> None:
    np.testing.assert_allclose(members["weights"].sum(axis=1), 1, atol=1e-6)
    assert (members["weights"] >= 0).all()
    for eye in (JAW + 1, JAW + 2):
        ball = members["weights"][:, eye] > 0.5
        assert ball.sum() > 50
        distance = np.linalg.norm(
            members["v_template"][ball] - joints_of(members, members["v_template"])[eye], axis=1
        )
        assert np.ptp(distance) < 0.001  # a ball about its joint


def test_the_jaw_moves_the_lower_lip_and_not_the_upper(members) -> None:
    jaw = members["weights"][:, JAW]
    faces, weights = members["f"][members["lmk_faces_idx"]], members["lmk_bary_coords"]
    moved = (jaw[faces] * weights).sum(axis=1)
    chin = members["f"][members["dynamic_lmk_faces_idx"][0, 8]]
    assert jaw[chin].min() > 0.8
    lower, upper = [55 - 17 + i for i in range(5)], [50 - 17 + i for i in range(3)]
    assert moved[[57 - 17, 66 - 17]].min() > 0.7, moved[lower]
    assert moved[upper].max() < 0.2
    assert moved[: 48 - 17].max() < 0.1  # brows, nose and eyes


def test_landmarks_mirror_each_other_and_are_ordered(members) -> None:
    corners = members["v_template"].astype(np.float64)[members["f"]]
    points = np.einsum("nk,nki->ni", members["lmk_bary_coords"], corners[members["lmk_faces_idx"]])
    np.testing.assert_allclose(members["lmk_bary_coords"].sum(axis=1), 1, atol=1e-5)
    assert members["lmk_bary_coords"].min() >= -1e-6
    pairs = [(17 + i, 26 - i) for i in range(5)]  # brows
    pairs += [(31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    pairs += [(48, 54), (49, 53), (50, 52), (59, 55), (58, 56), (60, 64), (61, 63), (67, 65)]
    for right, left in pairs:
        np.testing.assert_allclose(points[right - 17], points[left - 17] * [-1, 1, 1], atol=0.0015)
        assert points[right - 17, 0] < 0
    heights = points[:, 1]
    assert heights[:10].min() > heights[36 - 17 : 48 - 17].max()  # brows above eyes
    assert heights[36 - 17 : 48 - 17].min() > heights[30 - 17]  # eyes above the nose's tip
    assert heights[30 - 17] > heights[48 - 17 :].max()  # above the mouth


def test_the_outline_is_in_front_of_the_ears_and_slides_to_the_nose_on_the_hidden_side(
    members,
) -> None:
    corners = members["v_template"].astype(np.float64)[members["f"]]
    outline = np.einsum(
        "rnk,rnki->rni",
        members["dynamic_lmk_bary_coords"],
        corners[members["dynamic_lmk_faces_idx"]],
    )
    front, left, right = outline[0], outline[39], outline[78]
    np.testing.assert_allclose(front, front[::-1] * [-1, 1, 1], atol=0.001)
    np.testing.assert_allclose(left, right[::-1] * [-1, 1, 1], atol=0.001)
    # Turned to its left, the head hides its left cheek: those points are nearer to the nose.
    assert (left[9:, 0] <= front[9:, 0] + 1e-6).all()
    assert (left[12:, 0] < front[12:, 0] - 0.005).all()
    np.testing.assert_allclose(left[:8], front[:8], atol=0.02)


def test_hands_mirror_each_other(members) -> None:
    mirror = np.tile([1.0, -1.0, -1.0], 15)
    np.testing.assert_allclose(members["hands_meanr"], members["hands_meanl"] * mirror)
    np.testing.assert_allclose(members["hands_componentsr"], members["hands_componentsl"] * mirror)
    joints = joints_of(members, members["v_template"].astype(np.float64))
    np.testing.assert_allclose(joints[RIGHT_HAND], joints[LEFT_HAND] * [-1, 1, 1], atol=1e-4)


def test_components_are_orthonormal_and_the_mean_hand_is_half_closed(members) -> None:
    components = members["hands_componentsl"].astype(np.float64)
    np.testing.assert_allclose(components @ components.T, np.eye(NUM_COMPONENTS), atol=1e-5)
    assert (np.diff(members["hands_sdl"]) <= 0).all()
    # A left hand, palm down and fingers along +x, closes by turns about -z.
    bends = -members["hands_meanl"].reshape(5, 3, 3)[:4, :, 2]
    assert (bends > 0).all()
    assert (bends.sum(axis=1) < 3).all()


def test_limits_are_of_jaw_eyes_and_fingers_and_hold_the_mean_hand(members) -> None:
    lower, upper = members["joint_limits_lower"], members["joint_limits_upper"]
    assert np.isnan(lower[:NUM_BODY_JOINTS]).all()
    assert (lower[NUM_BODY_JOINTS:] < upper[NUM_BODY_JOINTS:]).all()
    axes = members["joint_limits_axes"][NUM_BODY_JOINTS:].astype(np.float64)
    np.testing.assert_allclose(
        axes @ np.swapaxes(axes, 1, 2), np.tile(np.eye(3), (33, 1, 1)), atol=1e-5
    )
    np.testing.assert_allclose(np.linalg.det(axes), 1, atol=1e-5)
    mean = members["hands_meanl"].reshape(15, 3)
    along = np.einsum("jai,ji->ja", members["joint_limits_axes"][LEFT_HAND], mean)
    bend = along[:12, 1]
    assert (bend >= lower[LEFT_HAND][:12, 1]).all()
    assert (bend <= upper[LEFT_HAND][:12, 1]).all()


def test_expressions_move_the_face_alone_and_are_symmetric_or_antisymmetric(
    members, mirror
) -> None:
    directions = members["shapedirs"][:, :, NUM_BETAS:].astype(np.float64)
    size = np.linalg.norm(directions, axis=1)
    head = members["v_template"][:, 1] > 0.15
    assert size[~head].max() == 0
    assert (np.diff((size**2).sum(axis=0)) <= 1e-6).all()
    paired = mirror >= 0
    assert paired.mean() > 0.99
    for number in range(NUM_EXPRESSIONS):
        one = directions[paired][:, :, number]
        other = directions[mirror[paired]][:, :, number] * [-1, 1, 1]
        same = np.linalg.norm(one - other)
        opposite = np.linalg.norm(one + other)
        assert min(same, opposite) < 0.02 * np.linalg.norm(one)


def test_hand_prior_is_the_bodys(members) -> None:
    with np.load(DATA / "hand_prior.npz") as prior:
        for key in prior.files:
            np.testing.assert_array_equal(prior[key], members[key])
