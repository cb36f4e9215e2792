"""Keypoint files of recorded data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smplceres.keypoints.files.reading import read_keypoints
from smplceres.keypoints.formats import OPENPOSE_BODY25
from smplceres.keypoints.keypoints import Keypoints


def test_all_of_openpose_video_is_one_person_a_frame_in_body25(data_folder: Path) -> None:
    files = sorted((data_folder / "openpose_video").rglob("*.json"))
    people = [read_keypoints(path) for path in files]
    assert len(files) == 81 + 350
    assert {len(frame) for frame in people} == {1}
    assert {frame[0].format for frame in people} == {OPENPOSE_BODY25}


def pose2sim_people(data_folder: Path, format: str) -> dict[str, list[Keypoints]]:
    """The clearest person of each frame, by trial and camera."""
    people: dict[str, list[Keypoints]] = {}
    for path in sorted((data_folder / "pose2sim").rglob("pose/*/*.json")):
        view = f"{path.parents[2].name}/{path.parent.name}"
        frame = read_keypoints(path, format)
        people.setdefault(view, []).append(max(frame, key=lambda one: one.confidence.sum()))
    return people


def offsets(people: list[Keypoints], start: str, end: str) -> NDArray[np.float64]:
    """[frames, 2] from one keypoint to another in heights of the person, where both are seen."""
    a, b = (people[0].format.index(name) for name in (start, end))
    seen = [person for person in people if min(person.confidence[[a, b]]) > 0.2]
    return np.array([(person.xy[b] - person.xy[a]) / person.height_px for person in seen])


def distance(people: list[Keypoints], start: str, end: str) -> float:
    """The mean over the frames that show both, in heights of the person."""
    return float(np.linalg.norm(offsets(people, start, end), axis=1).mean())


def test_all_of_pose2sim_is_read(data_folder: Path) -> None:
    files = list((data_folder / "pose2sim").rglob("*.json"))
    assert len(files) == 896
    assert {len(person) for path in files for person in read_keypoints(path, "body_25b")} == {25}


def test_body25b_puts_a_standing_persons_keypoints_where_they_are(data_folder: Path) -> None:
    views = pose2sim_people(data_folder, "openpose_body25b")
    assert len(views) == 8
    for people in views.values():
        for side in ("left", "right"):
            # Down the body; a walker's steps shorten a lower leg to a tenth of the height.
            for upper, lower in (("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle")):
                assert offsets(people, f"{side}_{upper}", f"{side}_{lower}")[:, 1].mean() > 0.1
            assert distance(people, f"{side}_heel", f"{side}_ankle") < 0.06
            to_small_toe = distance(people, f"{side}_big_toe", f"{side}_small_toe")
            assert to_small_toe < distance(people, f"{side}_big_toe", f"{side}_heel")
        assert offsets(people, "upper_neck", "left_hip")[:, 1].mean() > 0.2


def test_body25b_gives_a_walker_the_foot_of_the_same_leg(data_folder: Path) -> None:
    for view, people in pose2sim_people(data_folder, "openpose_body25b").items():
        for side, other in (("left", "right"), ("right", "left")):
            if "BalancingTrial" in view:
                for part in ("heel", "big_toe", "small_toe"):
                    same_leg = distance(people, f"{side}_{part}", f"{side}_ankle")
                    assert same_leg < distance(people, f"{side}_{part}", f"{other}_ankle")


def test_body25b_faces_a_camera_in_front_with_nose_between_the_eyes(data_folder: Path) -> None:
    views = pose2sim_people(data_folder, "openpose_body25b")
    people = views["S00_P00_T01_BalancingTrial/cam02_json"]
    across = offsets(people, "right_eye", "left_eye").mean(axis=0)
    to_nose = offsets(people, "right_eye", "nose").mean(axis=0)
    assert 0.2 < to_nose @ across / (across @ across) < 0.8
    # Seen from in front, the person's left is on the right of the image.
    for part in ("eye", "ear", "shoulder", "hip"):
        assert offsets(people, f"right_{part}", f"left_{part}")[:, 0].mean() > 0
    assert offsets(people, "head_top", "nose")[:, 1].mean() > 0.05
    assert offsets(people, "nose", "upper_neck")[:, 1].mean() > 0


def test_body25b_read_as_body25_puts_heels_far_from_ankles(data_folder: Path) -> None:
    for people in pose2sim_people(data_folder, "openpose_body25").values():
        for side in ("left", "right"):
            assert distance(people, f"{side}_ankle", f"{side}_heel") > 0.1
