"""OpenPose's arrays of hands and face beside those of the body."""

from __future__ import annotations

import json

import numpy as np
import pytest

import smplceres as sc

PARTS = (("hand_left", 21), ("hand_right", 21), ("face", 70))


def person(rng, **changed) -> dict[str, list[float]]:
    rows = {"pose_keypoints_2d": 25, **{f"{part}_keypoints_2d": n for part, n in PARTS}}
    content = {}
    for key, count in rows.items():
        array = np.column_stack([rng.uniform(0, 1000, (count, 2)), rng.uniform(0.3, 1, count)])
        content[key] = array.ravel().round(3).tolist()
    return content | changed


def read(tmp_path, content, **arguments) -> sc.Keypoints:
    path = tmp_path / "frame_keypoints.json"
    path.write_text(json.dumps({"people": [content]}))
    [keypoints] = sc.read_keypoints(path, **arguments)
    return keypoints


def test_hands_and_face_follow_the_body(rng, tmp_path) -> None:
    content = person(rng)
    keypoints = read(tmp_path, content)
    assert keypoints.format.name == "openpose_whole137"
    assert keypoints.has_details
    rows = np.concatenate([np.reshape(content[key], (-1, 3)) for key in content])
    np.testing.assert_allclose(keypoints.xy, rows[:, :2])
    np.testing.assert_allclose(keypoints.confidence, rows[:, 2])


def test_the_body_alone_on_request(rng, tmp_path) -> None:
    keypoints = read(tmp_path, person(rng), format="openpose_body25")
    assert keypoints.format.name == "openpose_body25"


@pytest.mark.parametrize("without", [[], [0.0] * 63])
def test_a_hand_that_is_missing(without, rng, tmp_path) -> None:
    keypoints = read(tmp_path, person(rng, hand_left_keypoints_2d=without))
    assert keypoints.format.name == "openpose_whole137"
    assert (keypoints.confidence[25:46] == 0).all() and (keypoints.confidence[46:67] > 0).all()


def test_without_hands_and_face_it_is_the_body(rng, tmp_path) -> None:
    """Arrays of zeros keep the format, so that all frames of a clip have the same."""
    zeros = {f"{part}_keypoints_2d": [0.0] * (3 * n) for part, n in PARTS}
    keypoints = read(tmp_path, person(rng, **zeros))
    assert keypoints.format.name == "openpose_whole137"
    assert not keypoints.has_details
    empty = {key: [] for key in zeros}
    assert read(tmp_path, person(rng, **empty)).format.name == "openpose_body25"


def test_a_hand_of_another_length_is_an_error(rng, tmp_path) -> None:
    with pytest.raises(ValueError, match="hand_left_keypoints_2d: expected 21 points, got 20"):
        read(tmp_path, person(rng, hand_left_keypoints_2d=[1.0] * 60))
