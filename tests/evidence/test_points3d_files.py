"""Files of points in space: TRC, C3D, Panoptic, Kinect, MediaPipe's world landmarks, tables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from smplceres import (
    FORMATS,
    InputWarning,
    KeypointFileError,
    Keypoints3D,
    fit_joints3d,
    load_body_model,
    read_keypoints3d,
)

NAMES = ("CHip", "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "Neck")
SMPL24 = FORMATS["smpl24"].names


@pytest.fixture
def joints():
    return load_body_model().joints(transl=[0.1, 1.0, 0.2])


def trc(rows, names, units="m"):
    """F frames [F, K, 3] as Pose2Sim writes them."""
    head = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate"
    values = f"60\t60\t{len(rows)}\t{len(names)}\t{units}\t60"
    lines = ["PathFileType\t4\t(X/Y/Z)\ta.trc", head, values]
    lines.append("Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t")
    lines.append("\t\t" + "\t".join(f"X{k}\tY{k}\tZ{k}" for k in range(1, len(names) + 1)))
    for f, frame in enumerate(rows):
        cells = ("" if np.isnan(value) else repr(float(value)) for value in frame.ravel())
        lines.append("\t".join([str(f + 1), str(f / 60), *cells]))
    return "\n".join(lines) + "\n"


def write(folder, name, content):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("units", "scale"), [("m", 1), ("mm", 1000), ("Meters", 1), ("millimeters", 1000)]
)
def test_trc_is_placed_by_its_names_in_its_unit(tmp_path, joints, units, scale) -> None:
    rows = np.stack([joints[:8], joints[:8] + 0.1]) * scale
    rows[1, 2] = np.nan
    frames = read_keypoints3d(write(tmp_path, "a.trc", trc(rows, NAMES, units)))
    assert [len(people) for people in frames] == [1, 1]
    first, second = (people[0] for people in frames)
    np.testing.assert_allclose(first.xyz, joints[:8])
    assert np.flatnonzero(~second.visible).tolist() == [2]
    assert first.format.keypoints[0].location == ("pelvis",)


def test_points_of_a_file_are_fitted(tmp_path, joints) -> None:
    path = write(tmp_path, "a.trc", trc(joints[None] * 1000, SMPL24, "mm"))
    ((person,),) = read_keypoints3d(path)
    assert person.format is FORMATS["smpl24"]
    assert fit_joints3d(person).residuals3d.max() < 1e-3


def test_c3d_has_labels_units_and_missing_points(tmp_path, joints) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    content = ezc3d.c3d()
    content["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    content["parameters"]["POINT"]["RATE"]["value"] = [100]
    content["parameters"]["POINT"]["LABELS"]["value"] = [f"Anna:{name}" for name in SMPL24]
    points = np.ones((4, 24, 2))
    points[:3] = joints.T[:, :, None] * 1000
    points[:3, 5, 1] = np.nan
    content["data"]["points"] = points
    content.write(str(tmp_path / "a.c3d"))
    frames = read_keypoints3d(tmp_path / "a.c3d")
    np.testing.assert_allclose(frames[0][0].xyz, joints, atol=1e-5)
    assert np.flatnonzero(~frames[1][0].visible).tolist() == [5]


def test_panoptic_is_in_centimetres_with_missing_points_of_minus_one(tmp_path) -> None:
    rows = np.random.default_rng(1).uniform(-90, 90, (19, 4))
    rows[:, 3] = 0.7
    rows[4] = -1
    content = {"version": 0.7, "bodies": [{"id": 3, "joints19": rows.ravel().tolist()}]}
    ((person,),) = read_keypoints3d(write(tmp_path, "a.json", content))
    np.testing.assert_allclose(person.xyz[0], rows[0, :3] / 100)
    assert np.flatnonzero(~person.visible).tolist() == [4]
    assert person.format.names[2] == "pelvis" and person.confidence[0] == 0.7


def test_kinects_joints_are_placed_by_their_names(tmp_path) -> None:
    names = ["PELVIS", "SPINE_NAVEL", "SPINE_CHEST", "NECK", "CLAVICLE_LEFT", "SHOULDER_LEFT"]
    names += ["HIP_LEFT", "KNEE_LEFT", "HIP_RIGHT", "THUMB_LEFT"]
    rows = np.random.default_rng(2).uniform(-900, 900, (10, 3))
    body = {"body_id": 1, "joint_positions": rows.tolist()}
    content = {"joint_names": names, "frames": [{"bodies": [body, body]}, {"bodies": []}]}
    frames = read_keypoints3d(write(tmp_path, "a.json", content))
    assert [len(people) for people in frames] == [2, 0]
    person = frames[0][1]
    np.testing.assert_allclose(person.xyz, rows / 1000)
    places = {each.name: each.location for each in person.format.keypoints}
    assert places["CLAVICLE_LEFT"] == ("left_collar",) and places["HIP_LEFT"] == ("left_hip",)
    assert places["THUMB_LEFT"] == () and places["KNEE_LEFT"] == ("left_knee",)


def test_mediapipes_world_landmarks(tmp_path) -> None:
    world = [{"x": 0.01 * k, "y": -0.5, "z": 0.1, "visibility": 0.8} for k in range(33)]
    image = [{"x": 0.5, "y": 0.5, "z": 0.1, "visibility": 0.8} for _ in range(33)]
    for content in ({"pose_landmarks": [image], "pose_world_landmarks": [world]}, world):
        ((person,),) = read_keypoints3d(write(tmp_path, "a.json", content))
        assert person.format is FORMATS["mediapipe33"]
        np.testing.assert_allclose(person.xyz[7], [0.07, -0.5, 0.1])


def test_columns_of_a_table_in_millimetres_are_said(tmp_path, joints) -> None:
    header = ",".join(f"{name}_{axis}" for name in SMPL24 for axis in "xyz")
    text = header + "\n" + ",".join(map(str, (1000 * joints).ravel())) + "\n"
    path = write(tmp_path, "a.csv", text)
    with pytest.warns(InputWarning, match='likely unit="mm"'):
        read_keypoints3d(path)
    ((person,),) = read_keypoints3d(path, unit="mm")
    np.testing.assert_allclose(person.xyz, joints)


@pytest.mark.parametrize("shape", [(24, 3), (2, 24, 3), (2, 1, 24, 3), (2, 24, 4)])
def test_arrays_are_persons_by_frame(tmp_path, joints, shape) -> None:
    rows = np.concatenate([joints, np.ones((24, 1))], axis=1)[:, : shape[-1]]
    np.save(tmp_path / "a.npy", np.broadcast_to(rows, shape))
    frames = read_keypoints3d(tmp_path / "a.npy", "smpl24")
    assert [len(people) for people in frames] == [1] * (1 if len(shape) == 2 else 2)
    np.testing.assert_allclose(frames[-1][0].xyz, joints)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.trc", "x", "begins with PathFileType"),
        ("a.trc", trc(np.ones((1, 3, 3)), ("a", "b", "c")), "expected names of places"),
        ("a.trc", trc(np.ones((1, 8, 3)), NAMES, "ft"), "unit of the file: expected one of m"),
        ("a.json", '{"bodies": [{"id": 1}]}', "expected 'joints19'"),
        ("a.json", '{"bodies": [{"joints19": [1, 2, 3, 4]}]}', "expected 19 points, got 1"),
        ("a.json", '{"a": 1}', "expected CMU Panoptic"),
        ("a.csv", "x,y\n1,2\n", "expected columns such as"),
        ("a.npy", "x", "expected an array as NumPy writes it"),
        ("a.txt", "x", "expected a file ending in"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path, name, text, said) -> None:
    with pytest.raises(KeypointFileError, match=rf"{name}: .*{said}"):
        read_keypoints3d(write(tmp_path, name, text))


def test_arrays_in_millimetres_and_nan(joints) -> None:
    rows = 1000 * joints
    with pytest.warns(InputWarning, match='points are .* m apart.*likely unit="mm"'):
        Keypoints3D.from_array(rows, "smpl24")
    rows[3, 1] = np.nan
    person = Keypoints3D.from_array(rows[None], "smpl24", unit="mm")
    assert np.flatnonzero(~person.visible).tolist() == [3]
    np.testing.assert_allclose(person.xyz[4], joints[4])
    assert fit_joints3d(rows, keypoint_format="smpl24", unit="mm").residuals3d[4] < 0.01


def test_world_landmarks_with_names_are_placed_by_them(tmp_path) -> None:
    names = FORMATS["mediapipe33"].names
    places = np.random.default_rng(0).uniform(-0.5, 0.5, (33, 3))
    person = [
        {"name": name, **dict(zip("xyz", place, strict=True)), "visibility": 1.0}
        for name, place in zip(names, places.tolist(), strict=True)
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"poseWorldLandmarks": [person[::-1]]}))
    ((read,),) = read_keypoints3d(path)
    assert read.format is FORMATS["mediapipe33"]
    np.testing.assert_allclose(read.xyz, places)


def test_labels_may_begin_with_the_subject(tmp_path, joints) -> None:
    rows = joints[None, :8]
    ((plain,),) = read_keypoints3d(write(tmp_path, "a.trc", trc(rows, NAMES)))
    path = write(tmp_path, "b.trc", trc(rows, [f"Subject 1:{name}" for name in NAMES]))
    ((read,),) = read_keypoints3d(path)
    assert read.format.names == plain.format.names
    np.testing.assert_array_equal(read.xyz, plain.xyz)
