"""The arithmetic of tools/build_whole_body.py and tools/build_hand_prior.py, without the packages
that their people and signs come from.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import smplceres

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from body_model.expressions import (
    expression_space,
    measured_moments,
    mirrored_units,
    mixed_moments,
    moments_of,
    random_activations,
    symmetric_units,
)
from body_model.face_landmarks import MIRRORED_68, face_landmarks, read_face_points
from body_model.jaw import OPEN, jaw_blend_shape, jaw_weights
from body_model.posed import WholeBody
from body_model.surface import Surface
from body_model.tpose import LEFT, axis_angle
from body_model.whole_joints import MIRRORED, PARENTS
from hand_prior.godot import bone_names, poses_on, read_pose
from hand_prior.hand import NUM_ANGLES, POINTS, hinge_limits, left_hand
from hand_prior.refit import refit

DATA = Path(smplceres.__file__).parent / "data"
NAMES = ("browInnerUp", "mouthSmileLeft", "mouthSmileRight", "noseSneerLeft", "noseSneerRight")


@pytest.fixture(scope="module")
def body() -> WholeBody:
    return WholeBody(DATA / "body_whole.npz")


@pytest.fixture(scope="module")
def hand(body):
    with np.load(DATA / "hand_prior.npz") as prior:
        return left_hand(body, prior["thumb_bend_axes"].astype(np.float64))


def test_a_jaw_that_only_turns_has_its_weights_and_no_blend_shape(rng) -> None:
    vertices, pivot = rng.normal(0, 0.1, (40, 3)), np.array([0, 0.05, -0.05])
    weights = rng.uniform(0, 1, 40)
    opened = weights[:, None] * ((vertices - pivot) @ (axis_angle(OPEN * LEFT) - np.eye(3)).T)
    found = jaw_weights(vertices, opened, pivot)
    np.testing.assert_allclose(found, weights, atol=1e-9)
    assert np.abs(jaw_blend_shape(vertices, opened, pivot, found)).max() < 1e-9


def test_a_jaws_blend_shape_makes_up_what_turning_misses(rng) -> None:
    vertices, pivot = rng.normal(0, 0.1, (40, 3)), np.zeros(3)
    opened = rng.normal(0, 0.01, (40, 3))
    weights = jaw_weights(vertices, opened, pivot)
    directions = jaw_blend_shape(vertices, opened, pivot, weights)
    turn = axis_angle(OPEN * LEFT)
    moved = vertices + directions @ (turn - np.eye(3)).ravel()
    blended = np.eye(3) + weights[:, None, None] * (turn - np.eye(3))
    placed = np.einsum("vij,vj->vi", blended, moved - pivot) + pivot
    np.testing.assert_allclose(placed - vertices, opened, atol=1e-9)


def test_expressions_of_symmetric_faces_are_symmetric_or_opposite(rng) -> None:
    mirror = np.concatenate([np.arange(30, 60), np.arange(30)])
    units = symmetric_units(rng.normal(0, 0.002, (len(NAMES), 60, 3)), NAMES, mirror)
    activations = random_activations(500, NAMES, rng)
    space = expression_space(units, moments_of(activations, NAMES), len(NAMES))
    assert space.explained.sum() == pytest.approx(1)
    for number in range(len(NAMES)):
        direction = space.directions[:, :, number]
        other = direction[mirror] * [-1, 1, 1]
        assert min(np.abs(direction - other).max(), np.abs(direction + other).max()) < 1e-9
    # All of them together reproduce every face, with coefficients of unit mean square.
    both = np.concatenate([activations, activations[:, mirrored_units(NAMES)]])
    faces = np.einsum("nu,uvi->nvi", both, units)
    coefficients = both @ space.projection.T
    rebuilt = np.einsum("ne,vie->nvi", coefficients, space.directions)
    np.testing.assert_allclose(rebuilt, faces, atol=1e-9)
    np.testing.assert_allclose((coefficients**2).mean(axis=0), 1)


def test_measured_faces_count_as_much_as_invented_ones(rng) -> None:
    names = ("mouthSmileLeft", "mouthSmileRight", "browInnerUp")
    measured = measured_moments(names)
    np.testing.assert_allclose(measured, measured.T)
    np.testing.assert_allclose(measured[0, 0], measured[1, 1], rtol=1e-3)
    units = rng.normal(0, 0.002, (3, 20, 3))
    products = units.reshape(3, -1) @ units.reshape(3, -1).T
    mixed = mixed_moments(units, measured, np.eye(3))
    assert np.trace(mixed @ products) == pytest.approx(np.trace(products))


def test_the_tree_mirrors_itself() -> None:
    for joint, parent in enumerate(PARENTS):
        expected = -1 if parent < 0 else MIRRORED[parent]
        assert PARENTS[MIRRORED[joint]] == expected


def test_a_ray_finds_the_nearer_triangle_and_a_point_its_nearest_place() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=np.float64)
    surface = Surface(
        np.concatenate([corners, corners + np.array([0, 0, 1])]), np.array([[0, 1, 2], [3, 4, 5]])
    )
    face, weights = surface.first_hit(np.array([0.2, 0.3, 0]), np.eye(3))
    assert face == 1
    np.testing.assert_allclose(weights, [0.5, 0.2, 0.3])
    assert surface.first_hit(np.array([2.0, 0, 0]), np.eye(3)) is None
    for place, expected in (
        ((0.2, 0.3, 0.1), (0, [0.5, 0.2, 0.3])),
        ((-1, 0.25, 0), (0, [0.75, 0, 0.25])),
        ((3, -1, 1), (1, [0, 1, 0])),
    ):
        face, weights = surface.nearest(np.array(place, dtype=np.float64))
        assert face == expected[0]
        np.testing.assert_allclose(weights, expected[1], atol=1e-9)


def test_the_files_landmarks_are_those_that_the_tool_finds(body) -> None:
    static, weights, _, _ = face_landmarks(body, rows=1)
    corners = body.template[body.faces]
    again = np.einsum("nk,nki->ni", weights, corners[static])
    kept = np.einsum(
        "nk,nki->ni", body.arrays["lmk_bary_coords"], corners[body.arrays["lmk_faces_idx"]]
    )
    # Rounding decides on which side of the midline a landmark is found that lies on it.
    for places in (again, kept):
        on_midline = np.abs(places[:, 0]) < 1e-4
        places[on_midline, 0] = np.abs(places[on_midline, 0])
    np.testing.assert_allclose(again, kept, atol=1e-5)
    assert sorted(MIRRORED_68) == list(range(68))
    assert np.isfinite(read_face_points(body)).all(axis=1).sum() > 450


def test_hinges_give_back_the_angles_of_a_hand_that_is_turned_scaled_and_moved(hand, rng) -> None:
    least, most = hinge_limits().T
    angles = rng.uniform(0.1, 0.6, (8, NUM_ANGLES)) * (most - least) + least
    angles[:, 1:16:4] = rng.uniform(-0.1, 0.1, (8, 4))
    angles[:, 16:19] = rng.uniform(-0.2, 0.2, (8, 3))
    angles[:, 20] = 0
    points = hand.points(hand.pose(angles))
    turn = axis_angle(np.array([0.3, -0.8, 0.4]))
    seen = 900 * (points @ turn.T)[:, POINTS] + [30, 40, 50]
    found = refit(hand, seen, np.zeros(3))
    missed = np.linalg.norm(hand.points(found.pose) - points, axis=2)
    assert np.median(missed) < 0.004  # the angles' usual values pull a little
    assert np.percentile(missed, 95) < 0.012


def test_points_of_a_hand_at_rest_are_the_bodys(body, hand) -> None:
    first = body.names.index("left_index1")
    points = hand.points(np.zeros((1, 15, 3)))[0] + body.joints[body.names.index("left_wrist")]
    np.testing.assert_allclose(points[1:16], body.joints[first : first + 15], atol=1e-9)


def test_the_pose_of_a_hand_moves_the_bodys_joints_alike(body, hand, rng) -> None:
    pose = rng.normal(0, 0.3, (15, 3))
    first, wrist = body.names.index("left_index1"), body.names.index("left_wrist")
    whole = np.zeros((55, 3))
    whole[first : first + 15] = pose
    _, joints = body(whole)
    np.testing.assert_allclose(
        hand.points(pose[None])[0, 1:16], joints[first : first + 15] - joints[wrist], atol=1e-9
    )


def test_godots_poses_close_fingers_about_their_hinges(hand, data_folder) -> None:
    folder = data_folder / "whole_body" / "godot_xr_hands"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    assert set(read_pose(folder / "left" / "Peace.res")) == {
        *bone_names("L"),
        *(f"{finger}_Metacarpal_L" for finger in ("Index", "Middle", "Ring", "Little")),
    }
    names, poses = poses_on(hand.rest, folder)
    peace = poses[names.index("Peace L")]
    bends = -peace[:12, 2].reshape(4, 3).sum(axis=1)  # index, middle, little, ring
    assert (bends[:2] < 0.6).all()
    assert (bends[2:] > 2.5).all()
    np.testing.assert_allclose(peace, poses[names.index("Peace R")], atol=0.05)
