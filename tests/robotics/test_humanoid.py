"""The wire of SONIC, and frames for retargeting."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import smplceres as sc

CAMERA = sc.Camera(fx=900, fy=910, cx=631, cy=355, width=1280, height=720)


def unpacked(message: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """As the receiver reads it: topic, 1280 bytes of JSON, arrays one after the other."""
    assert message[:4] == b"pose"
    header = json.loads(message[4:1284].rstrip(b"\0"))
    at, arrays = 1284, {}
    for field in header["fields"]:
        dtype = np.dtype({"f32": "<f4", "i64": "<i8"}[field["dtype"]])
        count = int(np.prod(field["shape"]))
        arrays[field["name"]] = np.frombuffer(message, dtype, count, at).reshape(field["shape"])
        at += count * dtype.itemsize
    assert at == len(message)
    return header, arrays


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


@pytest.fixture(scope="module")
def tracked(model) -> list[sc.Tracked]:
    tracker = sc.Tracker(CAMERA, model=model, keypoint_format="smpl24")
    pose = np.zeros((23, 3))
    pose[17] = [0, -0.8, 0]
    every = []
    for frame in range(3):
        joints = model.joints(
            global_orient=[np.pi, 0.4, 0], body_pose=pose, transl=[0.02 * frame, 0, 4]
        )
        every.append(tracker.update(CAMERA.project(joints), 10 + frame / 50))
    return every


def test_a_message_of_sonic(tracked) -> None:
    header, arrays = unpacked(sc.robotics.sonic_message(tracked))
    assert (header["v"], header["endian"], header["count"]) == (3, "le", 1)
    shapes = {name: array.shape for name, array in arrays.items()}
    assert shapes == {
        **{"smpl_joints": (3, 24, 3), "smpl_pose": (3, 21, 3), "body_quat": (3, 4)},
        **{"frame_index": (3,), "joint_pos": (3, 29), "joint_vel": (3, 29)},
    }
    assert arrays["frame_index"].tolist() == [500, 501, 502]
    assert np.allclose(arrays["smpl_pose"], [each.body_pose[:21] for each in tracked], atol=1e-6)


def test_robotics_is_there_without_an_import_of_its_own() -> None:
    code = "import smplceres as sc; sc.robotics.sonic_message; sc.synthetic"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_joints_of_sonic_are_in_the_axes_of_the_root(tracked) -> None:
    """x forward, y left, z up; the quaternion takes them to a world with z up."""
    _, arrays = unpacked(sc.robotics.sonic_message(tracked[0], 7))
    [joints], [wxyz] = arrays["smpl_joints"], arrays["body_quat"]
    assert arrays["frame_index"].tolist() == [7]
    assert np.allclose(joints[0], 0) and joints[15, 2] > 0.4  # the head is above the pelvis
    assert joints[16, 1] > 0.05 > -0.05 > joints[17, 1]  # the left shoulder is left
    assert joints[10, 0] > joints[7, 0]  # the toes are before the ankle
    world = Rotation.from_quat(np.roll(wxyz, -1)).apply(joints)
    camera = tracked[0].joints - tracked[0].joints[0]
    expected = sc.convert_points(camera, "opencv", "ros")
    assert np.allclose(world, expected, atol=1e-5)


def test_a_frame_for_retargeting(tracked, model) -> None:
    frame = sc.robotics.retargeting_frame(tracked[0], translation=[0, 0, 1.2])
    assert tuple(frame) == model.joint_names
    places = np.array([place for place, _ in frame.values()])
    expected = sc.convert_points(tracked[0].joints, "opencv", "ros") + np.array([0, 0, 1.2])
    assert np.allclose(places, expected)
    # The orientation of a joint takes its rest offset to that of its child.
    rest = model.joints(betas=tracked[0].betas)
    turn = Rotation.from_quat(np.roll(frame["left_shoulder"][1], -1))
    bone = turn.apply(rest[18] - rest[16])
    assert np.allclose(bone, places[18] - places[16], atol=2e-3)


def test_wrong_arguments(tracked) -> None:
    with pytest.raises(ValueError, match="tracked: expected at least one update"):
        sc.robotics.sonic_message([])
    with pytest.raises(ValueError, match=r"joint_pos: expected \(1, 29\)"):
        sc.robotics.sonic_message(tracked[0], joint_pos=np.zeros(12))
    with pytest.raises(ValueError, match="world_from_camera: expected a rotation"):
        sc.robotics.sonic_message(tracked[0], world_from_camera=2 * np.eye(3))
    with pytest.raises(ValueError, match="world_from_camera: expected shape"):
        sc.robotics.retargeting_frame(tracked[0], world_from_camera=[1, 2])
