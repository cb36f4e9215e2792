"""What disturbs a stream: it is said in one line, and the stream goes on."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from test_messages import CAMERA, by_topic, info_of, seen_at

import smplceres as sc
from smplceres.robotics import (
    BodyStream,
    PeopleSource,
    Stamp,
    keypoints_of_skeleton,
    people_of_json,
)

TRACKED = "/humans/bodies/tracked"


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def stream(model, lines) -> BodyStream:
    return BodyStream(lines.append, model=model)


def ids(messages) -> list[str]:
    return by_topic(messages)[TRACKED].fields["ids"]


def deleted(messages) -> set[tuple[str, int]]:
    markers = by_topic(messages)["/humans/bodies/ellipsoids"].fields["markers"]
    return {(each["ns"], each["id"]) for each in markers if each["action"] == 2}


def test_a_late_camera_info(stream, model, lines) -> None:
    for frame in range(3):
        assert stream.update(seen_at(model, frame / 30)) == []
    stream.camera_info(info_of(CAMERA))
    stream.camera_info(info_of(CAMERA))
    assert ids(stream.update(seen_at(model, 0.1))) == ["p1"]
    assert lines == [
        "waiting for a CameraInfo: keypoints are not used yet",
        "camera: 1280 x 720, fx 900.0",
    ]


def test_another_camera_info_gives_new_ids(stream, model, lines) -> None:
    stream.camera_info(info_of(CAMERA))
    assert ids(stream.update(seen_at(model, 0.0))) == ["p1"]
    stream.camera_info(info_of(CAMERA, k=[950.0, 0, 631, 0, 910, 355, 0, 0, 1]))
    sent = stream.update(seen_at(model, 0.1))
    assert ids(sent) == ["p2"]
    assert deleted(sent) == {("body_p1", joint) for joint in range(24)}
    assert lines[1:] == ["the camera changed: 1280 x 720, fx 950.0; people are followed anew"]


def test_a_camera_info_that_cannot_be_used_leaves_the_last(stream, model, lines) -> None:
    stream.camera_info(info_of(CAMERA))
    for _ in range(3):
        stream.camera_info(info_of(CAMERA, k=[0.0] * 9))
    assert ids(stream.update(seen_at(model, 0.0))) == ["p1"]
    assert len(lines) == 2 and lines[1].startswith("CameraInfo: expected K of a calibrated camera")


def test_time_that_jumps_back(stream, model, lines) -> None:
    stream.camera_info(info_of(CAMERA))
    for time in (10.0, 10.1, 10.2):
        stream.update(seen_at(model, time))
    sent = stream.update(seen_at(model, 0.5))
    assert ids(sent) == ["p2"] and len(deleted(sent)) == 24
    assert lines[1:] == ["time jumped back by 9.700 s; people are followed anew"]


def test_a_late_image_is_left_out(stream, model, lines) -> None:
    stream.camera_info(info_of(CAMERA))
    stream.update(seen_at(model, 1.0))
    assert stream.update(seen_at(model, 0.9)) == [] and stream.update(seen_at(model, 1.0)) == []
    assert ids(stream.update(seen_at(model, 1.1))) == ["p1"]
    assert lines[1:] == ["a frame that is not newer than the last is not used"]


def test_a_detector_that_is_killed_and_restarted(stream, model, lines) -> None:
    stream.camera_info(info_of(CAMERA))
    seen = seen_at(model, 0.0)
    stream.update(seen)
    later = Stamp(seen.stamp.sec, seen.stamp.nanosec + 500_000_000)
    assert stream.silence(later) == []
    gone = stream.silence(Stamp(seen.stamp.sec + 2, seen.stamp.nanosec))
    assert ids(gone) == [] and len(deleted(gone)) == 24
    assert stream.silence(Stamp(seen.stamp.sec + 3, 0)) == []
    assert ids(stream.update(seen_at(model, 4.0))) == ["p2"]
    assert lines[1:] == ["no keypoints for 2.0 s: p1 lost"]


def test_a_person_who_leaves(stream, model) -> None:
    stream.camera_info(info_of(CAMERA))
    two = ((-0.8, 0.1, 4.0), (0.8, 0.1, 4.5))
    assert ids(stream.update(seen_at(model, 0.0, two))) == ["p1", "p2"]
    for time in (0.1, 0.2, 0.3):
        assert ids(stream.update(seen_at(model, time, two[:1]))) == ["p1", "p2"]  # predicted
    sent = []
    for time in (0.6, 0.9, 1.2):
        sent = stream.update(seen_at(model, time, two[:1]))
        if ids(sent) == ["p1"]:
            break
    assert deleted(sent) == {("body_p2", joint) for joint in range(24)}
    sent = stream.update(seen_at(model, 1.5, two[:1]))
    assert deleted(sent) == set()


def test_people_who_cross_keep_their_ids(stream, model) -> None:
    """One behind the other, walking past each other."""
    stream.camera_info(info_of(CAMERA))
    for frame in range(60):
        x = -1.2 + 2.4 * frame / 59
        places = ((x - 0.2 * frame / 30, 0.1, 4.0), (-x - 0.2 * frame / 30, 0.1, 5.0))
        sent = stream.update(seen_at(model, frame / 30, places))
        assert ids(sent) == ["p1", "p2"]
        transforms = by_topic(sent)["/tf"].fields["transforms"]
        at = {each["child_frame_id"]: each["transform"]["translation"] for each in transforms}
        for person, place in zip(("p1", "p2"), (x, -x), strict=True):
            assert abs(at[f"body_{person}"]["x"] - place) < 0.3


def test_nothing_that_is_sent_is_infinite(model) -> None:
    """Also of somebody of whom three keypoints are seen, and who then is not."""
    stream = BodyStream(model=model, mesh_rate=30)
    stream.camera_info(info_of(CAMERA))
    for frame in range(12):
        seen = seen_at(model, frame / 30)
        few = np.isin(np.arange(24), [16, 17, 12, 1, 2]) & (frame < 6)
        person = sc.Keypoints(seen.people[0].xy, few.astype(float), "smpl24", (1280, 720))
        people = [person] if few.any() else []
        for message in stream.update(seen._replace(people=people)):
            assert numbers_are_finite(message.fields), message.topic


def numbers_are_finite(value) -> bool:
    if isinstance(value, dict):
        return all(map(numbers_are_finite, value.values()))
    if isinstance(value, str):
        return True
    if isinstance(value, list | tuple):
        return all(map(numbers_are_finite, value))
    return bool(np.isfinite(value).all())


def test_skeletons_of_one_image_are_gathered(stream) -> None:
    stream.camera_info(info_of(CAMERA))
    people = PeopleSource(stream, gather=True)

    def sent(nanosec: int, x: float) -> list[list[float]]:
        header = SimpleNamespace(frame_id="cam", stamp=SimpleNamespace(sec=1, nanosec=nanosec))
        points = [SimpleNamespace(x=x, y=0.5, c=0.9)] * 18
        message = SimpleNamespace(header=header, skeleton=points)
        return [starts(seen) for seen in people(message, "hri_msgs/msg/Skeleton2D")]

    def starts(seen) -> list[float]:
        return [round((person.xy[0, 0] + 0.5) / 1280, 3) for person in seen.people]

    assert sent(0, 0.1) == [] and sent(0, 0.2) == []
    assert sent(33, 0.3) == [[0.1, 0.2]]
    assert [starts(each) for each in people.rest()] == [[0.3]] and people.rest() == []


def test_skeleton2d_has_left_before_right_in_the_face() -> None:
    points = [SimpleNamespace(x=0.01 * k + 0.1, y=0.5, c=0.9) for k in range(18)]
    points[3] = SimpleNamespace(x=0.0, y=0.0, c=0.9)  # as detectors leave unset points
    points[4] = SimpleNamespace(x=np.nan, y=0.2, c=0.9)
    keypoints = keypoints_of_skeleton(SimpleNamespace(skeleton=points), 200, 100)
    assert keypoints.format.name == "hri18"
    assert keypoints.format.names[14:] == ("left_eye", "right_eye", "left_ear", "right_ear")
    assert np.allclose(keypoints.xy[14], [0.24 * 200 - 0.5, 49.5])
    assert not keypoints.visible[[3, 4]].any() and keypoints.visible.sum() == 16
    with pytest.raises(ValueError, match="Skeleton2D: expected 18 points, got 2"):
        keypoints_of_skeleton(SimpleNamespace(skeleton=points[:2]), 200, 100)


def test_json_of_people() -> None:
    rows = [[10.0, 20.0, 0.5]] * 17
    text = json.dumps({"stamp": [5, 7], "frame_id": "cam", "format": "coco17", "people": [rows]})
    seen = people_of_json(text)
    assert seen.stamp == (5, 7) and seen.frame_id == "cam"
    assert seen.people[0].format.name == "coco17"
    for wrong, message in (
        ("{", "expected JSON"),
        ("[]", "stamp and people"),
        ('{"stamp": [1], "people": []}', r"stamp: expected \[sec, nanosec\]"),
        ('{"stamp": [1, 2], "people": 3}', "people: expected a list"),
        ('{"stamp": [1, 2], "people": [[[1, 2]]]}', "keypoints: expected"),
    ):
        with pytest.raises(ValueError, match=message):
            people_of_json(wrong)


def test_wrong_settings_are_errors_at_once(model) -> None:
    with pytest.raises(ValueError, match="mesh_rate: expected"):
        BodyStream(model=model, mesh_rate=-1)
    with pytest.raises(ValueError, match="forget_after"):
        BodyStream(model=model, forget_after=0)
